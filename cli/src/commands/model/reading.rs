//! `model show`, `model list` and `model fee`.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use openledger_primitives::records::{DatanetId, ModelId, VersionNumber};
use openledger_runtime::{AccountId, Balance, Runtime};
use pallet_model_registry::{
	Metadata, Metadatas, Model as Record, Models, Operator, Operators, Pallet, Prices, Retired,
	RetiredOperators, Users, Version, Versions,
};
use serde_json::{json, Value};

use super::record;
use crate::{
	args::{
		show_account, show_amount, show_hash, show_licence, show_method, show_nano, show_share,
		word, MODEL_KINDS,
	},
	commands::{text, Session},
	talk::Answer,
};

fn model_json(id: ModelId, record: &Record<AccountId>, metadata: &Metadata) -> Value {
	let ancestors = record.lineage.iter().map(|ancestor| {
		json!({ "model": ancestor.model, "royalty": show_share(ancestor.royalty), "of": ancestor.of })
	});
	json!({
		"model": id,
		"name": text(&metadata.name),
		"description": text(&metadata.description),
		"uri": text(&metadata.uri),
		"kind": word(MODEL_KINDS, &record.kind),
		"owner": show_account(&record.owner),
		"derivatives": record.terms.allowed,
		"royalty": show_share(record.terms.royalty),
		"lineage": ancestors.collect::<Vec<_>>(),
		"versions": record.versions,
		"active": record.active,
		"deposit": show_amount(record.deposit),
		"deprecated": record.deprecated,
	})
}

fn version_json(number: VersionNumber, version: &Version) -> Value {
	json!({
		"version": number,
		"weights": show_hash(version.weights),
		"config": show_hash(version.config),
		"trainingLog": show_hash(version.training_log),
		"licence": show_licence(&version.licence),
		"snapshots": version.snapshots.to_vec(),
		"references": version.references.to_vec(),
		"parents": version.parents.to_vec(),
		"method": show_method(&version.method),
		"added": version.added,
		"uri": text(&version.uri),
	})
}

/// Who operates a model, for programs.
pub fn operator_json(operator: &Operator<AccountId>) -> Value {
	json!({ "account": show_account(&operator.account), "bond": show_amount(operator.bond) })
}

/// Who operated a model, for programs.
pub fn retired_json((account, retired): &(AccountId, Retired)) -> Value {
	json!({
		"account": show_account(account),
		"bond": show_amount(retired.bond),
		"until": retired.until,
	})
}

/// Shows a model.
pub async fn show(id: ModelId, session: &Session<'_>) -> Result<Answer> {
	let best = session.chain.best().await?;
	let model = record(&best, id).await?;
	let metadata = best.map::<Metadatas<Runtime>, _, _>(id).await?.unwrap_or_default();
	let versions = best.all_of::<Versions<Runtime>, _, _, _>(id).await?;
	let prices = best.all_of::<Prices<Runtime>, _, _, _>(id).await?;
	let operator = best.map::<Operators<Runtime>, _, _>(id).await?;
	let retired = best.all_of::<RetiredOperators<Runtime>, _, _, _>(id).await?;
	let clock = best.clock().await?;
	let mut keys = vec![Models::<Runtime>::hashed_key_for(id)];
	keys.extend(prices.iter().map(|(epoch, _)| Prices::<Runtime>::hashed_key_for(id, epoch)));
	let now = best.run(keys, || Pallet::<Runtime>::price_at(id, clock)).await?;
	let now = now.map(|(epoch, _)| epoch);

	let mut lines = vec![
		format!("Model {id}: {}", text(&metadata.name)),
		text(&metadata.description),
		format!("  kind         {}", word(MODEL_KINDS, &model.kind)),
		format!("  owner        {}", show_account(&model.owner)),
		match model.terms.allowed {
			true => {
				format!("  derivatives  owe {} of their share", show_share(model.terms.royalty))
			}
			false => "  derivatives  are not allowed".into(),
		},
	];
	if !metadata.uri.is_empty() {
		lines.push(format!("  more at      {}", text(&metadata.uri)));
	}
	for ancestor in &model.lineage {
		let of = match ancestor.of {
			0 => "this model's share".into(),
			nth => format!("what ancestor {nth} takes"),
		};
		let (model, royalty) = (ancestor.model, show_share(ancestor.royalty));
		lines.push(format!("  ancestor     model {model} takes {royalty} of {of}"));
	}
	for (epoch, price) in &prices {
		lines.push(format!(
			"  price        {} OPEN in, {} OPEN out for 1000 tokens, from block {} on{}",
			show_nano(price.price.rate_in),
			show_nano(price.price.rate_out),
			price.from,
			if Some(*epoch) == now { ": in force" } else { "" },
		));
	}
	lines.push(match &operator {
		None => "  operator     none".into(),
		Some(Operator { account, bond: 0 }) => {
			format!("  operator     {} is appointed", show_account(account))
		}
		Some(Operator { account, bond }) => {
			format!("  operator     {}, bond {} OPEN", show_account(account), show_amount(*bond))
		}
	});
	for (account, Retired { bond, until }) in &retired {
		let (account, bond) = (show_account(account), show_amount(*bond));
		lines.push(format!("  formerly     {account}, bond {bond} OPEN until block {until}"));
	}
	for (number, version) in &versions {
		let serves = if model.active == Some(*number) { ", serves" } else { "" };
		lines.push(format!("  version      {number}, of block {}{serves}", version.added));
	}
	if model.deprecated {
		lines.push("  it has come to its end".into());
	}

	let mut json = model_json(id, &model, &metadata);
	if let Value::Object(fields) = &mut json {
		let prices = prices.iter().map(|(epoch, price)| {
			json!({
				"epoch": epoch,
				"in": show_nano(price.price.rate_in),
				"out": show_nano(price.price.rate_out),
				"from": price.from,
				"inForce": Some(*epoch) == now,
			})
		});
		let versions = versions.iter().map(|(number, version)| version_json(*number, version));
		fields.insert("prices".into(), prices.collect());
		fields.insert("operator".into(), operator.as_ref().map(operator_json).into());
		fields.insert("retired".into(), retired.iter().map(retired_json).collect());
		fields.insert("allVersions".into(), versions.collect());
	}
	lines.retain(|line| !line.is_empty());
	Ok(Answer { text: lines.join("\n"), json })
}

/// Lists models.
pub async fn list(uses: Option<DatanetId>, session: &Session<'_>) -> Result<Answer> {
	let best = session.chain.best().await?;
	let used: Option<BTreeMap<ModelId, VersionNumber>> = match uses {
		Some(datanet) => {
			Some(best.all_of::<Users<Runtime>, _, _, _>(datanet).await?.into_iter().collect())
		}
		None => None,
	};
	let mut models = best.all::<Models<Runtime>, _, _>().await?;
	if let Some(used) = &used {
		models.retain(|(id, _)| used.contains_key(id));
	}
	let metadatas = best.maps::<Metadatas<Runtime>, _, _>(models.iter().map(|(id, _)| *id)).await?;
	let (mut lines, mut json) = (Vec::new(), Vec::new());
	for ((id, model), metadata) in models.iter().zip(metadatas) {
		let metadata = metadata.unwrap_or_default();
		let last_user = used.as_ref().and_then(|used| used.get(id));
		lines.push(format!(
			"{id:>6}  {:<32}  {:<9}  {} versions{}{}",
			text(&metadata.name),
			word(MODEL_KINDS, &model.kind),
			model.versions,
			last_user
				.map(|last| format!(", version {last} is the last that uses it"))
				.unwrap_or_default(),
			if model.deprecated { ", deprecated" } else { "" },
		));
		let mut model = model_json(*id, model, &metadata);
		if let (Value::Object(fields), Some(last)) = (&mut model, last_user) {
			fields.insert("lastVersionThatUses".into(), (*last).into());
		}
		json.push(model);
	}
	if lines.is_empty() {
		lines.push("There are no such models.".into());
	}
	Ok(Answer { text: lines.join("\n"), json: Value::Array(json) })
}

/// What an inference costs.
pub async fn fee(
	model: ModelId,
	tokens_in: u32,
	tokens_out: u32,
	session: &Session<'_>,
) -> Result<Answer> {
	let best = session.chain.best().await?;
	let quote: Option<Balance> =
		best.ask("RecordApi_fee_quote", (model, tokens_in, tokens_out)).await?;
	let fee = quote.map(show_amount).with_context(|| {
		format!("Model {model} serves nothing: it has no active version, or has come to its end.")
	})?;
	let text = format!(
		"{tokens_in} tokens in and {tokens_out} out cost {fee} OPEN with model {model} now."
	);
	let json =
		json!({ "model": model, "tokensIn": tokens_in, "tokensOut": tokens_out, "fee": fee });
	Ok(Answer { text, json })
}
