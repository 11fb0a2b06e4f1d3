//! Carries out what the command line asks for.

mod attestor;
mod claim;
mod content;
mod contribution;
pub mod datanet;
mod flag;
mod lane;
mod model;
mod payer;
mod provenance;
pub mod review;

use anyhow::{Context, Result};
use openledger_primitives::records::{ContributionRef, DatanetId};
use openledger_runtime::{AccountId, Runtime, RuntimeCall, RuntimeEvent};
use pallet_datanets::{Contribution, Contributions, Datanet, Datanets};
use serde_json::{json, Value};

use crate::{
	args::{show_account, show_amount, show_contribution, show_share},
	chain::Chain,
	cli::{Cli, Command, Global},
	contribute,
	sending::{Actor, Included, Signer},
	state::State,
	talk::{Answer, Talk},
};

/// What a command works with.
pub struct Session<'a> {
	/// The chain.
	pub chain: &'a Chain,
	/// Whom to talk to.
	pub talk: &'a Talk,
	global: &'a Global,
}

impl Session<'_> {
	/// The account that acts.
	pub fn actor(&self) -> Result<Actor<'_>> {
		Ok(Actor {
			chain: self.chain,
			talk: self.talk,
			signer: Signer::load(self.global)?,
			in_block: self.global.in_block,
		})
	}

	/// The account that is named, or else the one that acts.
	pub fn account(&self, named: Option<&AccountId>) -> Result<AccountId> {
		match named {
			Some(named) => Ok(named.clone()),
			None => Ok(Signer::load(self.global)?.account),
		}
	}

	/// Has a call carried out for each batch of items.
	pub async fn for_each<T>(
		&self,
		items: &[T],
		call: impl Fn(&[T]) -> RuntimeCall,
	) -> Result<Vec<Included>> {
		let actor = self.actor()?;
		actor.perform_all(actor.in_batches(items, call).await?, Vec::new()).await
	}
}

/// Does what was asked.
pub async fn run(cli: &Cli, talk: &Talk) -> Result<Answer> {
	let Cli { global, command } = cli;
	if let Command::Content(command) = command {
		return content::run(command, global).await;
	}
	let chain = Chain::connect(&global.url()).await?;
	let session = Session { chain: &chain, talk, global };
	match command {
		Command::Content(command) => content::run(command, global).await,
		Command::Datanet(command) => datanet::run(command, &session).await,
		Command::Reviewer(command) => datanet::reviewers(command, &session).await,
		Command::Contribute(command) => contribute::run(command, &session).await,
		Command::Accept(command) => review::accept(command, &session).await,
		Command::Review(command) => review::run(command, &session).await,
		Command::Contribution(command) => contribution::run(command, &session).await,
		Command::Flag(command) => flag::run(command, &session).await,
		Command::Record { account } => record(account, &session).await,
		Command::Model(command) => model::run(command, &session).await,
		Command::Provenance { model, version, contributors } => {
			provenance::run(*model, *version, *contributors, &session).await
		}
		Command::Payer(command) => payer::run(command, &session).await,
		Command::Batch(command) => lane::run(command, &session).await,
		Command::Attestor(command) => attestor::run(command, &session).await,
		Command::Claim(command) => claim::run(command, &session).await,
	}
}

/// The answer of a command that has sent something.
pub fn done(text: impl Into<String>, included: &[Included], mut json: Value) -> Answer {
	let fee = included.iter().fold(0u128, |sum, included| sum.saturating_add(included.fee()));
	let block = included.last().map(|last| format!(", block {}", last.number)).unwrap_or_default();
	if let Value::Object(fields) = &mut json {
		let transactions = included.iter().map(Included::json).collect();
		fields.insert("transactions".into(), Value::Array(transactions));
	}
	Answer { text: format!("{} (fee {} OPEN{block})", text.into(), show_amount(fee)), json }
}

/// What an event says about the call that caused it.
pub fn said<T>(included: &Included, says: impl Fn(&RuntimeEvent) -> Option<T>) -> Result<T> {
	included.events.iter().find_map(says).context("The call has not caused the event it should.")
}

/// A datanet that must be there.
pub async fn datanet(state: &State<'_>, id: DatanetId) -> Result<Datanet<AccountId>> {
	let record = state.map::<Datanets<Runtime>, _, _>(id).await?;
	record
		.with_context(|| format!("There is no datanet {id}: `datanet list` shows those there are."))
}

/// An accepted contribution that must be there.
pub async fn contribution(
	state: &State<'_>,
	at: ContributionRef,
) -> Result<Contribution<AccountId>> {
	let record = state.double::<Contributions<Runtime>, _, _, _>(at.datanet, at.index).await?;
	record.with_context(|| format!("There is no accepted contribution {}.", show_contribution(at)))
}

/// Text of the chain.
pub fn text(bytes: &[u8]) -> String {
	String::from_utf8_lossy(bytes).into_owned()
}

async fn record(account: &AccountId, session: &Session<'_>) -> Result<Answer> {
	let best = session.chain.best().await?;
	let key = pallet_datanets::Reputations::<Runtime>::hashed_key_for(account);
	let (known, penalty) = best
		.run(vec![key], || pallet_datanets::Pallet::<Runtime>::record_of(account.clone()))
		.await?;
	let text = format!(
		"{} accepted, {} rejected, {} flags upheld: {} penalty points, which take {} of the earnings.",
		known.accepted,
		known.rejected,
		known.upheld,
		known.points,
		show_share(penalty),
	);
	let json = json!({
		"account": show_account(account),
		"accepted": known.accepted,
		"rejected": known.rejected,
		"upheld": known.upheld,
		"points": known.points,
		"penaltyShare": show_share(penalty),
	});
	Ok(Answer { text, json })
}
