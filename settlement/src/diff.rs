//! What is submitted of a batch: who bought, who earns, totals. It must add up by itself, and it gives
//! the first and the last root of the batch's working state.

use crate::{
	plus,
	split::sum,
	state::{root, Earned, Totals},
	trace::Trace,
	voucher::Bought,
	Nano, MAX_PAYEES, MAX_PAYERS, MAX_RECEIPTS,
};
use alloc::vec::Vec;
use openledger_primitives::{
	records::{ContributionIndex, ContributionRef, DatanetId},
	stored,
};
use sp_core::{bounded::BoundedVec, ConstU32, H256};

stored! {
	/// What a contribution has earned in a batch.
	#[derive(Copy)]
	pub struct Increase {
		/// Its datanet.
		#[codec(compact)]
		pub datanet: DatanetId,
		/// Its place there.
		#[codec(compact)]
		pub index: ContributionIndex,
		/// How much.
		pub earned: Earned,
	}
}

impl Increase {
	/// Which contribution it is.
	pub fn contribution(&self) -> ContributionRef {
		ContributionRef { datanet: self.datanet, index: self.index }
	}
}

/// What all contributions have earned in a batch, ascending.
pub type Diff = BoundedVec<Increase, ConstU32<MAX_PAYEES>>;

/// What a payer had bought before a batch, and has bought after it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Purchase {
	/// Before.
	pub before: Bought,
	/// After.
	pub after: Bought,
}

impl Purchase {
	/// What it cost; none if it is no purchase.
	pub fn cost(&self) -> Option<Nano> {
		(self.after.count > self.before.count).then_some(())?;
		self.after.cumulative.checked_sub(self.before.cumulative)
	}
}

/// Why what was submitted does not add up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unsound {
	/// A payer has bought nothing, or for less than nothing.
	Purchase,
	/// The diff does not ascend, or somebody earns nothing in it.
	Diff,
	/// What payers spend is not what the totals say, or not what is paid out.
	Sum,
	/// The counts of receipts differ, or there are more of them or of payers than there may be.
	Count,
}

/// The first and the last root of the working state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ends {
	/// Before the first step.
	pub first: H256,
	/// After the last step.
	pub last: H256,
}

/// Checks that everything spent is somewhere, and computes both ends.
///
/// ```text
/// fees = Σ costs = platform + stakers + model + commons + Σ earned      receipts = Σ bought
/// ```
pub fn ends(purchases: &[Purchase], diff: &Diff, totals: &Totals) -> Result<Ends, Unsound> {
	let mut costs = 0;
	let mut bought: u64 = 0;
	for purchase in purchases {
		costs = purchase.cost().and_then(|cost| plus(costs, cost)).ok_or(Unsound::Purchase)?;
		let count = purchase.after.count.saturating_sub(purchase.before.count);
		bought = bought.saturating_add(count);
	}
	let many = bought > MAX_RECEIPTS || purchases.len() > MAX_PAYERS as usize;
	if bought != totals.receipts || bought == 0 || many {
		return Err(Unsound::Count);
	}

	let ascending = diff.is_sorted_by(|a, b| a.contribution() < b.contribution());
	let positive = diff.iter().all(|increase| increase.earned != Earned::default());
	if !ascending || !positive {
		return Err(Unsound::Diff);
	}
	let earned = diff.iter().flat_map(|Increase { earned, .. }| [earned.disclosed, earned.private]);
	let Totals { platform, stakers, model, commons, .. } = *totals;
	let spent = sum(earned.chain([platform, stakers, model, commons]));
	if spent != Some(totals.fees) || costs != totals.fees {
		return Err(Unsound::Sum);
	}

	let earned = diff.iter().map(|increase| (increase.contribution(), increase.earned));
	Ok(Ends {
		first: root(purchases.iter().map(|purchase| &purchase.before), [], None),
		last: root(purchases.iter().map(|purchase| &purchase.after), earned, Some(totals)),
	})
}

/// What a batch, submitted with this trace, is known by from then on; none if the trace does not end
/// where the submission does.
pub fn commit(ends: Ends, totals: &Totals, submitted: &crate::trace::Submitted) -> Option<Trace> {
	let trace = Trace { first: ends.first, root: submitted.root, receipts: totals.receipts };
	let last = crate::trace::Leaf { receipts: submitted.last_receipts, state: ends.last };
	trace.holds(trace.steps().checked_sub(1)?, last, &submitted.proof).then_some(trace)
}

/// The diff of a final state, as it is submitted; none if it pays too many.
pub fn of(earned: impl IntoIterator<Item = (ContributionRef, Earned)>) -> Option<Diff> {
	let increases: Vec<_> = earned
		.into_iter()
		.map(|(ContributionRef { datanet, index }, earned)| Increase { datanet, index, earned })
		.filter(|increase| increase.earned != Earned::default())
		.collect();
	increases.try_into().ok()
}
