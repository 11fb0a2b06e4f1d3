//! A batch that is on chain, to be executed again. It takes what payers had bought before it, of which
//! the chain keeps only what they have bought by now.

use std::path::Path;

use anyhow::{bail, Context as _, Result};
use openledger_primitives::records::{BatchNumber, ModelId};
use openledger_runtime::{AccountId, BlockNumber, Hash, Runtime, RuntimeEvent};
use openledger_settlement::{execute::Context, state, voucher::Bought};
use pallet_attribution::{Batch as Record, Costs, Event, Lane, Lanes};
use pallet_rewards::Event as Paid;

use super::{
	context::{self, bought, entries},
	Session,
};
use crate::{
	chain::Chain,
	cli::lane::{Sold, Which},
	rpc::Refusal,
	sales::{before_path, read_beside, Before, Sale, Sales},
	state::State,
};

/// A batch, and the file that it is said to be built from.
#[derive(Clone, Copy)]
pub struct Source<'a> {
	/// The model.
	pub model: ModelId,
	/// The batch.
	pub batch: BatchNumber,
	/// The sales file.
	pub path: &'a Path,
	/// The block in which it was submitted, if it is known.
	pub block: Option<Hash>,
}

impl<'a> From<&'a Sold> for Source<'a> {
	fn from(sold: &'a Sold) -> Self {
		let Sold { which: Which { model, batch }, sales, block } = sold;
		Self { model: *model, batch: *batch, path: sales, block: *block }
	}
}

/// A batch that is on chain, with all that is needed to execute it again.
pub struct AtHand {
	/// What its receipts are executed under.
	pub context: Context,
	/// The most chunks that its method cites.
	pub top: u8,
	/// What was sold.
	pub sales: Sales,
	/// What payers had bought before.
	pub before: Vec<Bought>,
}

/// Reads all of it; `look` sees every sale once, and the most chunks that the method cites.
pub async fn at_hand(
	source: Source<'_>,
	record: &Record<AccountId>,
	session: &Session<'_>,
	mut look: impl FnMut(u8, u32, &Sale),
) -> Result<AtHand> {
	let Source { model, batch, path, .. } = source;
	let best = session.chain.best().await?;
	let (context, top) = context::of_batch(&best, model, record).await?;
	let sales = Sales::read(path, session.talk, |nth, sale| {
		look(top, nth, sale);
		Ok(())
	})?;
	let payers = payers(&best, model, batch).await?;
	if sales.payers != payers {
		bail!(
			"{} is not the file of batch {batch} of model {model}: it has {} payers, and the batch {} or \
			 other ones.",
			path.display(),
			sales.payers.len(),
			payers.len(),
		);
	}
	if sales.receipts.len() as u64 != record.trace.receipts {
		bail!(
			"{} has {} receipts, and batch {batch} of model {model} has {}: it is not its file, or some are \
			 kept back, which `batch demand` brings to light.",
			path.display(),
			sales.receipts.len(),
			record.trace.receipts,
		);
	}
	let before = before(source, &payers, record, session).await?;
	Ok(AtHand { context, top, sales, before })
}

/// The payers of a batch, by position.
async fn payers(state: &State<'_>, model: ModelId, batch: BatchNumber) -> Result<Vec<AccountId>> {
	let costs = state.double::<Costs<Runtime>, _, _, _>(model, batch).await?.unwrap_or_default();
	Ok(costs.into_iter().map(|(payer, _)| payer).collect())
}

/// What each payer of a batch had bought before it, by position: from the file beside the sales if it
/// fits, else from the chain's past.
async fn before(
	source: Source<'_>,
	payers: &[AccountId],
	record: &Record<AccountId>,
	session: &Session<'_>,
) -> Result<Vec<Bought>> {
	let Source { model, batch, path, block } = source;
	let begins = |payers: &[Bought]| state::root(payers, [], None) == record.trace.first;
	if block.is_none() {
		let kept: Option<Before> = read_beside(&before_path(path))?;
		if let Some(kept) = kept.filter(|kept| begins(&kept.payers)) {
			return Ok(kept.payers);
		}
	}
	let chain = session.chain;
	let spinner = session.talk.spinner("Looking for the block in which the batch was submitted");
	let block = match block {
		Some(hash) => chain.at(hash).await?,
		None => submitted_in(chain, model, batch).await?,
	};
	spinner.set_message(format!("Reading what payers had bought before block {}", block.number));
	let past = from_block(&block, model, batch, payers).await?;
	spinner.finish_and_clear();
	if !begins(&past) {
		bail!(
			"What payers had bought before block {} is not what the batch begins with: is it that block?",
			block.number,
		);
	}
	Ok(past)
}

/// Reads it where the batch was submitted.
async fn from_block(
	block: &State<'_>,
	model: ModelId,
	batch: BatchNumber,
	payers: &[AccountId],
) -> Result<Vec<Bought>> {
	let chain = block.chain;
	let happened = chain.block(block.hash).await.map_err(|error| gone(error, block.number))?;
	let until = happened.events().position(|event| is_submission(event, model, batch));
	let until = until.with_context(|| {
		format!("Batch {batch} of model {model} was not submitted in block {}.", block.number)
	})?;
	let parent = chain.at_height(block.number.saturating_sub(1)).await?;
	let entries = entries(&parent, model, payers).await;
	let parent = bought(&entries.map_err(|error| gone(error, parent.number))?);
	let events: Vec<_> = happened.events().take(until).collect();
	let before = payers.iter().zip(parent);
	Ok(before.map(|(payer, parent)| bought_before(&events, model, payer, parent)).collect())
}

fn is_submission(event: &RuntimeEvent, model: ModelId, batch: BatchNumber) -> bool {
	matches!(
		event,
		RuntimeEvent::Attribution(Event::BatchSubmitted { model: of, batch: number, .. })
			if (*of, *number) == (model, batch)
	)
}

/// What a payer had bought before the last of these events in which it spends: what an earlier one of
/// the same block says, or else the block before.
fn bought_before(
	events: &[&RuntimeEvent],
	model: ModelId,
	payer: &AccountId,
	parent: Bought,
) -> Bought {
	let mut spent = events.iter().rev().filter_map(|event| match event {
		RuntimeEvent::Rewards(Paid::Spent { model: of, payer: by, bought, .. })
			if *of == model && by == payer =>
		{
			Some(*bought)
		}
		_ => None,
	});
	spent.nth(1).unwrap_or(parent)
}

/// The block in which a batch was submitted. What the node does not keep any more counts as before it.
async fn submitted_in<'a>(
	chain: &'a Chain,
	model: ModelId,
	batch: BatchNumber,
) -> Result<State<'a>> {
	let (mut before, mut since) = (0, chain.best().await?);
	while before < since.number.saturating_sub(1) {
		let middle = before.midpoint(since.number);
		let state = chain.at_height(middle).await?;
		match state.map::<Lanes<Runtime>, _, _>(model).await {
			Ok(Some(Lane { next, .. })) if batch < next => since = state,
			Ok(_) => before = middle,
			Err(error) if error.is::<Refusal>() => before = middle,
			Err(error) => return Err(error),
		}
	}
	Ok(since)
}

/// A node that has not kept an old state says that it is discarded.
fn gone(error: anyhow::Error, block: BlockNumber) -> anyhow::Error {
	if !error.is::<Refusal>() {
		return error;
	}
	error.context(format!(
		"The node keeps no state of block {block}: name one that does with --url (--state-pruning \
		 archive), or have the file .before of whoever built the batch"
	))
}

#[cfg(test)]
mod tests {
	use super::*;
	use openledger_settlement::chain::Head;

	fn payer(byte: u8) -> AccountId {
		AccountId::new([byte; 32])
	}

	fn bought(count: u64) -> Bought {
		Bought { count, cumulative: count, head: Head::default() }
	}

	fn spent(model: ModelId, by: u8, count: u64) -> RuntimeEvent {
		let (payer, bought) = (payer(by), bought(count));
		RuntimeEvent::Rewards(Paid::Spent { model, payer, bought, cost: 1 })
	}

	#[test]
	fn what_was_bought_earlier_in_the_block_counts() {
		// Two batches of the model, and one of another, in one block.
		let events = [spent(3, 1, 5), spent(4, 1, 90), spent(3, 1, 7), spent(3, 2, 1)];
		let events: Vec<_> = events.iter().collect();
		let before = |by, parent| bought_before(&events, 3, &payer(by), bought(parent)).count;
		assert_eq!(before(1, 2), 5);
		assert_eq!(before(2, 0), 0);
		assert_eq!(before(9, 4), 4);
	}

	#[test]
	fn a_node_that_has_forgotten_is_told_from_other_errors() {
		let refusal = Refusal { message: "State already discarded".into(), data: None };
		let said = format!("{:#}", gone(refusal.into(), 7));
		assert!(said.contains("no state of block 7") && said.contains("discarded"), "{said}");
		assert_eq!(gone(anyhow::anyhow!("other"), 7).to_string(), "other");
	}
}
