//! Receipts: what was bought, and whose it was.

use crate::{Nano, MAX_CREDITS, STEP, WEIGHT_LIMIT};
use openledger_primitives::{
	content::ContentId,
	records::{ContributionIndex, ContributionRef, DatanetId, Epoch, VersionNumber},
	stored,
};
use sp_core::{bounded::BoundedVec, ConstU32, H256};

stored! {
	/// What a payer buys with one inference. Its hash is a link of the payer's [chain](crate::chain).
	#[derive(Copy)]
	pub struct Core {
		/// The version that answered.
		#[codec(compact)]
		pub version: VersionNumber,
		/// The price epoch that the fee is from.
		#[codec(compact)]
		pub epoch: Epoch,
		/// Tokens of the question.
		#[codec(compact)]
		pub tokens_in: u32,
		/// Tokens of the answer.
		#[codec(compact)]
		pub tokens_out: u32,
		/// What it costs.
		#[codec(compact)]
		pub fee: Nano,
		/// The answer, by the name of its content.
		pub output: ContentId,
		/// Whether the payer keeps the answer to itself: then it need not be published when its step is
		/// drawn, and what contributors get of it needs attestation.
		pub private: bool,
	}
}

stored! {
	/// That a contribution went into an answer.
	#[derive(Copy)]
	pub struct Credit {
		/// Its datanet.
		#[codec(compact)]
		pub datanet: DatanetId,
		/// Its place there.
		#[codec(compact)]
		pub index: ContributionIndex,
		/// How much, beside the other credits.
		#[codec(compact)]
		pub weight: u32,
	}
}

impl Credit {
	/// Which contribution it is.
	pub fn contribution(&self) -> ContributionRef {
		ContributionRef { datanet: self.datanet, index: self.index }
	}
}

/// The credits of a receipt, by ascending contribution.
pub type Credits = BoundedVec<Credit, ConstU32<MAX_CREDITS>>;

stored! {
	/// One inference.
	pub struct Receipt {
		/// Who bought it, by the place among the batch's payers.
		#[codec(compact)]
		pub payer: u16,
		/// What was bought.
		pub core: Core,
		/// Whose it was: at most the [`MAX_CREDITS`] largest weights.
		pub credits: Credits,
		/// The weight of what has no place among the credits; it goes to the commons.
		#[codec(compact)]
		pub rest: u32,
		/// The hash of the list of matches from which the method computes the credits.
		pub matches: H256,
	}
}

/// The receipts of a step.
pub type Receipts = BoundedVec<Receipt, ConstU32<STEP>>;

/// The weight of all of it, if credits are as they must be: ascending, each positive, with the rest
/// below [`WEIGHT_LIMIT`].
pub fn total_weight(credits: &[Credit], rest: u32) -> Option<u32> {
	let ascending = credits.is_sorted_by(|a, b| a.contribution() < b.contribution());
	let positive = credits.iter().all(|credit| credit.weight > 0);
	let total = credits.iter().try_fold(rest, |sum, credit| sum.checked_add(credit.weight))?;
	(ascending && positive && total < WEIGHT_LIMIT).then_some(total)
}
