//! `model`: the life of a model.

mod reading;
mod version;

use anyhow::{anyhow, Context, Result};
use frame_support::BoundedVec;
use openledger_primitives::records::ModelId;
use openledger_runtime::{AccountId, Runtime, RuntimeEvent};
use openledger_settlement::price::Price;
use pallet_model_registry::{
	Call, DerivativeTerms, Event, Metadatas, Model as Record, Models, Operators, Parent,
	RetiredOperators, MAX_ANCESTORS,
};
use serde_json::json;
use sp_runtime::Permill;

use super::{done, said, Session};
use crate::{
	args::{show_account, show_amount, show_share, ParentArg},
	cli::model::{Model, Operator, PriceArgs, Register, TermsArgs},
	sending::Cost,
	state::State,
	talk::Answer,
};

/// Does what was asked.
pub async fn run(command: &Model, session: &Session<'_>) -> Result<Answer> {
	let (call, said, model) = match command {
		Model::Register(command) => return register(command, session).await,
		Model::Version(command) => return version::add(command, session).await,
		Model::Show { model } => return reading::show(*model, session).await,
		Model::List { uses } => return reading::list(*uses, session).await,
		Model::Fee { model, tokens_in, tokens_out } => {
			return reading::fee(*model, *tokens_in, *tokens_out, session).await;
		}
		Model::Operator(command) => return operator(command, session).await,
		Model::Activate { model, version } => (
			Call::<Runtime>::activate_version { model: *model, version: *version },
			format!("Version {version} of model {model} serves"),
			model,
		),
		Model::Price { model, price } => (
			Call::set_price { model: *model, price: price_of(price) },
			price_said(*model, session)?,
			model,
		),
		Model::Terms { model, terms } => (
			Call::set_terms { model: *model, terms: terms_of(terms) },
			format!("Models made from model {model} come under new terms"),
			model,
		),
		Model::Metadata { model, name, description, uri } => {
			let now = session.chain.best().await?.map::<Metadatas<Runtime>, _, _>(model).await?;
			let now = now.with_context(|| no_model(*model))?;
			let or = |given: &Option<String>, now: Vec<u8>| {
				given.as_ref().map_or(now, |given| given.clone().into())
			};
			let call = Call::set_metadata {
				model: *model,
				name: or(name, now.name.into()),
				description: or(description, now.description.into()),
				uri: or(uri, now.uri.into()),
			};
			(call, format!("Model {model} is described anew"), model)
		}
		Model::Transfer { model, account } => (
			Call::transfer_model { model: *model, owner: account.clone() },
			format!("Model {model} belongs to {}", show_account(account)),
			model,
		),
		Model::Deprecate { model } => {
			let back = record(&session.chain.best().await?, *model).await?.deposit;
			let said = format!(
				"Model {model} has come to its end, {} OPEN have come back",
				show_amount(back)
			);
			(Call::deprecate { model: *model }, said, model)
		}
	};
	let included = session.actor()?.perform(call, Vec::new()).await?;
	Ok(done(said, &[included], json!({ "model": model })))
}

fn no_model(model: ModelId) -> String {
	format!("There is no model {model}: `model list` shows those there are.")
}

/// A model that must be there.
async fn record(state: &State<'_>, model: ModelId) -> Result<Record<AccountId>> {
	state.map::<Models<Runtime>, _, _>(model).await?.with_context(|| no_model(model))
}

async fn register(command: &Register, session: &Session<'_>) -> Result<Answer> {
	let Register { kind, name, description, uri, parents, terms, price } = command;
	let best = session.chain.best().await?;
	let mut named = Vec::new();
	for ParentArg { model, at_most } in parents {
		let asks = record(&best, *model).await?.terms.royalty;
		let agreed = at_most.unwrap_or(asks);
		session.talk.say(format!(
			"Model {model} asks {} of this one's share; agreed is at most {}.",
			show_share(asks),
			show_share(agreed),
		));
		named.push(Parent { model: *model, at_most: agreed });
	}
	let call = Call::<Runtime>::register {
		kind: *kind,
		parents: BoundedVec::try_from(named)
			.map_err(|_| anyhow!("A model has at most {MAX_ANCESTORS} ancestors."))?,
		terms: terms_of(terms),
		price: price_of(price),
		name: name.clone().into(),
		description: description.clone().into(),
		uri: uri.clone().into(),
	};
	let costs = vec![
		Cost::new(session.chain.models("RegistrationFee")?, "for the registration"),
		Cost::new(session.chain.models("ModelDeposit")?, "as a deposit, until it is deprecated"),
	];
	let included = session.actor()?.perform(call, costs).await?;
	let model = said(&included, |event| match event {
		RuntimeEvent::ModelRegistry(Event::Registered { model, .. }) => Some(*model),
		_ => None,
	})?;
	let text = format!("Model {model} is registered; `model version {model}` adds what serves");
	Ok(done(text, &[included], json!({ "model": model })))
}

fn terms_of(terms: &TermsArgs) -> DerivativeTerms {
	let royalty = if terms.no_derivatives { Permill::zero() } else { terms.royalty };
	DerivativeTerms { allowed: !terms.no_derivatives, royalty }
}

fn price_of(price: &PriceArgs) -> Price {
	Price { rate_in: price.price_in, rate_out: price.price_out }
}

fn price_said(model: ModelId, session: &Session<'_>) -> Result<String> {
	let delay: u32 = session.chain.models("PriceDelay")?;
	Ok(format!("The price of model {model} is announced and holds in {delay} blocks"))
}

async fn operator(command: &Operator, session: &Session<'_>) -> Result<Answer> {
	let actor = session.actor()?;
	let bonded = "as a bond, until a while after the operation";
	let mut costs = Vec::new();
	let (call, said, model) = match command {
		Operator::Appoint { model, account } => (
			Call::<Runtime>::appoint_operator { model: *model, operator: account.clone() },
			format!("{} is appointed to run model {model}", show_account(account)),
			model,
		),
		Operator::Accept { model, bond } => {
			costs.push(Cost::new(*bond, bonded));
			let said = format!("{} runs model {model}", show_account(actor.account()));
			(Call::accept_operation { model: *model, bond: *bond }, said, model)
		}
		Operator::Raise { model, amount } => {
			costs.push(Cost::new(*amount, bonded));
			let said = format!("The bond of model {model}'s operator is raised");
			(Call::raise_bond { model: *model, amount: *amount }, said, model)
		}
		Operator::End { model } => {
			(Call::end_operation { model: *model }, format!("Nobody runs model {model}"), model)
		}
		Operator::Release { model, account } => (
			Call::release_operator { model: *model, operator: account.clone() },
			format!("The bond of {} for model {model} is released", show_account(account)),
			model,
		),
	};
	let included = actor.perform(call, costs).await?;
	let after = session.chain.at(included.hash).await?;
	let now = after.map::<Operators<Runtime>, _, _>(model).await?;
	let retired = after.all_of::<RetiredOperators<Runtime>, _, _, _>(model).await?;
	let json = json!({
		"model": model,
		"operator": now.map(|operator| reading::operator_json(&operator)),
		"retired": retired.iter().map(reading::retired_json).collect::<Vec<_>>(),
	});
	Ok(done(said, &[included], json))
}
