//! The whole rule: what a receipt does to the working state.

use crate::{
	chain::Chain,
	plus,
	price::{fee, Price},
	receipt::{total_weight, Receipt},
	split::{payout, split, Split, Terms},
	state::{Earned, State, Totals},
	voucher::Bought,
};
use alloc::{collections::BTreeMap, vec::Vec};
use openledger_primitives::{
	records::{ContributionRef, Epoch, Snapshot, VersionNumber},
	stored,
};

/// What receipts of a batch are executed under; it is the same for all of them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Context {
	/// The version that answered.
	pub version: VersionNumber,
	/// The price epoch.
	pub epoch: Epoch,
	/// Its price.
	pub price: Price,
	/// How fees are split.
	pub terms: Terms,
	/// What may be credited: the version's snapshots and references, by ascending datanet, each once.
	pub snapshots: Vec<Snapshot>,
}

impl Context {
	/// Whether the version was trained on this contribution.
	pub fn contains(&self, contribution: ContributionRef) -> bool {
		self.snapshots
			.binary_search_by_key(&contribution.datanet, |snapshot| snapshot.datanet)
			.ok()
			.and_then(|at| self.snapshots.get(at))
			.is_some_and(|snapshot| snapshot.contains(contribution))
	}
}

stored! {
	/// What is wrong with a receipt: no honest batch has one like that.
	#[derive(Copy)]
	pub enum Wrong {
		/// Its payer is none of the batch's.
		#[codec(index = 0)]
		Payer,
		/// Another version than the batch's.
		#[codec(index = 1)]
		Version,
		/// Another price epoch than the batch's.
		#[codec(index = 2)]
		Epoch,
		/// Its fee is not what its tokens cost.
		#[codec(index = 3)]
		Fee,
		/// Its credits do not ascend, one has no weight, or their weights add up to too much.
		#[codec(index = 4)]
		Credits,
		/// It credits what the version was not trained on.
		#[codec(index = 5)]
		OutsideSnapshots,
		/// A sum is no possible amount.
		#[codec(index = 6)]
		Overflow,
		/// The step has more or fewer receipts than it must have.
		#[codec(index = 7)]
		Count,
		/// The state behind the step is another than its leaf says.
		#[codec(index = 8)]
		Root,
		/// Its credits do not follow from its matches.
		#[codec(index = 9)]
		Sum,
		/// What it matched does not stand in the contribution it credits.
		#[codec(index = 10)]
		Match,
	}
}

/// Why receipts were not executed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Failure<E> {
	/// The receipts break the rule.
	Wrong(Wrong),
	/// The state could not be read or written.
	State(E),
}

impl<E> From<E> for Failure<E> {
	fn from(error: E) -> Self {
		Self::State(error)
	}
}

/// Executes the receipts of a step, in their order. When it fails, the state may have been written
/// in part: it is of no further use.
pub fn execute<S: State>(
	context: &Context,
	chain: &Chain,
	state: &mut S,
	receipts: &[Receipt],
) -> Result<(), Failure<S::Error>> {
	// What many receipts touch is read and written once: hashing is what costs.
	let mut payers = BTreeMap::new();
	let mut earned = BTreeMap::new();
	let mut totals = state.totals()?;
	for receipt in receipts {
		let bought = match payers.get(&receipt.payer) {
			Some(bought) => *bought,
			None => state.bought(receipt.payer)?.ok_or(Failure::Wrong(Wrong::Payer))?,
		};
		let (bought, split) = buy(context, chain, bought, receipt).map_err(Failure::Wrong)?;
		payers.insert(receipt.payer, bought);

		let mut left = split.contributors;
		let weight =
			total_weight(&receipt.credits, receipt.rest).ok_or(Failure::Wrong(Wrong::Credits))?;
		for credit in &receipt.credits {
			let contribution = credit.contribution();
			if !context.contains(contribution) {
				return Err(Failure::Wrong(Wrong::OutsideSnapshots));
			}
			let payout = payout(split.contributors, credit, weight);
			if payout == 0 {
				// A diff has no place for who earns nothing, so the state must have none either.
				continue;
			}
			left = left.checked_sub(payout).ok_or(Failure::Wrong(Wrong::Overflow))?;
			let before = match earned.get(&contribution) {
				Some(earned) => *earned,
				None => state.earned(contribution)?,
			};
			let after = add_payout(before, payout, receipt.core.private)
				.ok_or(Failure::Wrong(Wrong::Overflow))?;
			earned.insert(contribution, after);
		}
		totals = add_split(totals, receipt.core.fee, split, left)
			.ok_or(Failure::Wrong(Wrong::Overflow))?;
	}
	for (position, bought) in payers {
		state.set_bought(position, bought)?;
	}
	for (contribution, earned) in earned {
		state.set_earned(contribution, earned)?;
	}
	state.set_totals(totals)?;
	Ok(())
}

/// The payer's side of a receipt: it costs what it must, and is the next link of the payer's chain.
fn buy(
	context: &Context,
	chain: &Chain,
	before: Bought,
	receipt: &Receipt,
) -> Result<(Bought, Split), Wrong> {
	let core = &receipt.core;
	if core.version != context.version {
		return Err(Wrong::Version);
	}
	if core.epoch != context.epoch {
		return Err(Wrong::Epoch);
	}
	let must = fee(context.price, core.tokens_in, core.tokens_out, context.terms.platform_fee);
	if must != Some(core.fee) {
		return Err(Wrong::Fee);
	}
	let split = split(core.fee, &context.terms).ok_or(Wrong::Overflow)?;
	let after = Bought {
		count: before.count.checked_add(1).ok_or(Wrong::Overflow)?,
		cumulative: plus(before.cumulative, core.fee).ok_or(Wrong::Overflow)?,
		head: chain.link(before.head, core),
	};
	Ok((after, split))
}

fn add_payout(earned: Earned, payout: crate::Nano, private: bool) -> Option<Earned> {
	let Earned { disclosed, private: hidden } = earned;
	Some(if private {
		Earned { disclosed, private: plus(hidden, payout)? }
	} else {
		Earned { disclosed: plus(disclosed, payout)?, private: hidden }
	})
}

fn add_split(
	totals: Totals,
	fee: crate::Nano,
	split: Split,
	commons: crate::Nano,
) -> Option<Totals> {
	Some(Totals {
		receipts: totals.receipts.checked_add(1)?,
		fees: plus(totals.fees, fee)?,
		platform: plus(totals.platform, split.platform)?,
		stakers: plus(totals.stakers, split.stakers)?,
		model: plus(totals.model, split.model)?,
		commons: plus(totals.commons, commons)?,
	})
}
