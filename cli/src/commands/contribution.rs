//! `contribution`: reading contributions, and what their contributors do with them.

use anyhow::{bail, Context, Result};
use openledger_primitives::{
	content::ContentId,
	records::{ContributionIndex, ContributionRef, Snapshot},
};
use openledger_runtime::{
	record::{ContributionInfo, Registered},
	AccountId, Runtime,
};
use pallet_datanets::{Call, Commitments, Contributions, Payees};
use serde_json::{json, Value};
use sp_core::H256;

use super::{contribution, done, review, text, Session};
use crate::{
	args::{
		show_account, show_amount, show_contribution, show_hash, show_licence, word, Named, Range,
		KINDS, STANDINGS,
	},
	batch::bounded,
	cli::contribution::Contribution,
	sending::Cost,
	state::State,
	talk::Answer,
};

/// Does what was asked.
pub async fn run(command: &Contribution, session: &Session<'_>) -> Result<Answer> {
	match command {
		Contribution::Show { which } => show(which, session).await,
		Contribution::Withdraw(waiting) => review::withdraw(waiting, session).await,
		Contribution::SetUri { contribution, uri } => set_uri(*contribution, uri, session).await,
		Contribution::TransferRight { account, contributions } => {
			transfer_right(account, contributions, session).await
		}
		Contribution::SetPayee { account, .. } => set_payee(account.as_ref(), session).await,
		Contribution::ReleaseBonds { contributions } => release_bonds(contributions, session).await,
		Contribution::Forget { commitments, owner } => {
			forget(commitments, owner.as_ref(), session).await
		}
	}
}

/// A page of accepted contributions.
pub async fn page(
	state: &State<'_>,
	snapshot: Snapshot,
	from: ContributionIndex,
) -> Result<Vec<ContributionInfo>> {
	state.ask("RecordApi_contributions", (snapshot, from)).await
}

fn info_json(info: &ContributionInfo) -> Value {
	json!({
		"contribution": show_contribution(info.contribution),
		"precedence": info.precedence,
		"content": show_hash(info.content.0),
		"size": info.size,
		"kind": word(KINDS, &info.kind),
		"licence": show_licence(&info.licence),
		"subject": info.subject.map(show_contribution),
		"uri": text(&info.uri),
		"contributor": show_account(&info.contributor),
		"earner": show_account(&info.earner),
		"payee": show_account(&info.payee),
		"standing": word(STANDINGS, &info.standing),
	})
}

async fn show(which: &Named, session: &Session<'_>) -> Result<Answer> {
	let best = session.chain.best().await?;
	let at = match which {
		Named::Place(at) => *at,
		Named::Content(content) => {
			let registered: Option<Registered> = best.ask("RecordApi_registered", content).await?;
			let hash = show_hash(content.0);
			let registered = registered
				.with_context(|| format!("The content {hash} is not registered in any datanet."))?;
			match registered.index {
				Some(index) => ContributionRef { datanet: registered.datanet, index },
				None => return Ok(waits(*content, &registered)),
			}
		}
	};
	let record = contribution(&best, at).await?;
	let snapshot = Snapshot { datanet: at.datanet, length: at.index.saturating_add(1) };
	let info = page(&best, snapshot, at.index).await?.into_iter().next();
	let info = info.context("The node has no answer about the contribution.")?;
	let mut text = format!(
		"Contribution {}: {}\n  content      {}\n  size         {} bytes\n  kind         {}\n  licence      \
		 {}\n  lies at      {}\n  precedence   {}\n  contributor  {}\n  earner       {}, paid to {}\n  \
		 bond         {} OPEN, accepted in block {}",
		show_contribution(at),
		word(STANDINGS, &info.standing),
		show_hash(info.content.0),
		info.size,
		word(KINDS, &info.kind),
		show_licence(&info.licence),
		text(&info.uri),
		info.precedence,
		show_account(&info.contributor),
		show_account(&info.earner),
		show_account(&info.payee),
		show_amount(record.bond),
		record.accepted,
	);
	if let Some(subject) = info.subject {
		text = format!("{text}\n  about        {}", show_contribution(subject));
	}
	let mut json = info_json(&info);
	if let Value::Object(fields) = &mut json {
		fields.insert("state".into(), "accepted".into());
		fields.insert("bond".into(), show_amount(record.bond).into());
		fields.insert("accepted".into(), record.accepted.into());
	}
	Ok(Answer { text, json })
}

fn waits(content: ContentId, registered: &Registered) -> Answer {
	let Registered { datanet, precedence, contributor, .. } = registered;
	let contributor = show_account(contributor);
	let text = format!(
		"It waits in datanet {datanet} at {precedence}, by {contributor}: `review list {datanet}` shows how \
		 far it is."
	);
	let json = json!({
		"state": "waiting",
		"datanet": datanet,
		"precedence": precedence,
		"contributor": contributor,
		"content": show_hash(content.0),
	});
	Answer { text, json }
}

async fn set_uri(at: ContributionRef, uri: &str, session: &Session<'_>) -> Result<Answer> {
	let call = Call::<Runtime>::set_uri { contribution: at, uri: uri.into() };
	let included = session.actor()?.perform(call, Vec::new()).await?;
	let place = show_contribution(at);
	let text = format!("The contribution {place} lies at {uri}");
	Ok(done(text, &[included], json!({ "contribution": place, "uri": uri })))
}

fn each(ranges: &[Range]) -> Vec<ContributionRef> {
	ranges.iter().flat_map(Range::contributions).collect()
}

fn shown(contributions: &[ContributionRef]) -> Vec<String> {
	contributions.iter().map(|at| show_contribution(*at)).collect()
}

async fn transfer_right(
	account: &AccountId,
	ranges: &[Range],
	session: &Session<'_>,
) -> Result<Answer> {
	let contributions = each(ranges);
	let included = session
		.for_each(&contributions, |batch| {
			let contributions = bounded(batch);
			Call::<Runtime>::transfer_right { contributions, earner: account.clone() }.into()
		})
		.await?;
	let earner = show_account(account);
	let text = format!("{earner} earns from {} contributions", contributions.len());
	let json = json!({ "earner": earner, "contributions": shown(&contributions) });
	Ok(done(text, &included, json))
}

async fn set_payee(payee: Option<&AccountId>, session: &Session<'_>) -> Result<Answer> {
	let actor = session.actor()?;
	let best = session.chain.best().await?;
	let had = best.map::<Payees<Runtime>, _, _>(actor.account()).await?.is_some();
	let mut costs = Vec::new();
	if payee.is_some() && !had {
		let deposit = session.chain.datanets("PayeeDeposit")?;
		costs.push(Cost::new(deposit, "as a deposit, until it is `set-payee --none`"));
	}
	let call = Call::<Runtime>::set_payee { payee: payee.cloned() };
	let included = actor.perform(call, costs).await?;
	let earner = show_account(actor.account());
	let paid = show_account(payee.unwrap_or(actor.account()));
	let text = format!("What {earner} earns is paid to {paid}");
	let json = json!({ "earner": earner, "payee": payee.map(show_account) });
	Ok(done(text, &[included], json))
}

async fn release_bonds(ranges: &[Range], session: &Session<'_>) -> Result<Answer> {
	let contributions = each(ranges);
	let best = session.chain.best().await?;
	let keys = contributions.iter().map(|at| (at.datanet, at.index));
	let records = best.doubles::<Contributions<Runtime>, _, _, _>(keys).await?;
	let bonds = records.iter().flatten().fold(0u128, |sum, one| sum.saturating_add(one.bond));
	let included = session
		.for_each(&contributions, |batch| {
			Call::<Runtime>::release_bonds { contributions: bounded(batch) }.into()
		})
		.await?;
	let text = format!(
		"The bonds of {} contributions are released, {} OPEN together",
		contributions.len(),
		show_amount(bonds),
	);
	let json = json!({ "released": show_amount(bonds), "contributions": shown(&contributions) });
	Ok(done(text, &included, json))
}

async fn forget(
	named: &[H256],
	owner: Option<&AccountId>,
	session: &Session<'_>,
) -> Result<Answer> {
	let actor = session.actor()?;
	let owner = owner.unwrap_or(actor.account());
	let mut commitments = named.to_vec();
	if commitments.is_empty() {
		let best = session.chain.best().await?;
		let clock = best.clock().await?;
		let period: u32 = session.chain.datanets("RevealPeriod")?;
		let all = best.all_of::<Commitments<Runtime>, _, _, _>(owner).await?;
		let expired = all.iter().filter(|(_, one)| clock > one.at.saturating_add(period));
		commitments = expired.map(|(hash, _)| *hash).collect();
		if commitments.is_empty() {
			bail!(
				"{} has {} commitments, and none of them has expired.",
				show_account(owner),
				all.len(),
			);
		}
	}
	let included = session
		.for_each(&commitments, |batch| {
			Call::<Runtime>::forget { owner: owner.clone(), commitments: bounded(batch) }.into()
		})
		.await?;
	let text = format!("{} commitments are forgotten, their deposits returned", commitments.len());
	let json = json!({
		"owner": show_account(owner),
		"forgotten": commitments.iter().map(|hash| show_hash(*hash)).collect::<Vec<_>>(),
	});
	Ok(done(text, &included, json))
}
