//! What the pallet stores and what its calls take.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{traits::ConstU32, BoundedVec};
use openledger_primitives::{
	records::{BatchNumber, Epoch, VersionNumber},
	stored, Balance, BlockNumber,
};
use openledger_settlement::{
	diff::Diff,
	execute::Wrong,
	parties::{TermsNumber, Voucher},
	price::Price,
	retrieval::{Citations, Evidence},
	split::Terms,
	state::Totals,
	trace::{Submitted, Trace},
	Nano, MAX_PAYERS,
};
use scale_info::TypeInfo;
use sp_core::H256;

/// The most attestors that sign a batch. One with a larger stake takes the place of the smallest.
pub const MAX_SIGNERS: u32 = 64;

/// The most receipts that an opening discloses.
pub const MAX_DISCLOSURES: u32 = 4;

/// The longest output that is published. A longer one is sold in parts, or as private.
pub const MAX_OUTPUT: usize = 64 * 1_024;

/// The most bytes of an opening's trie proof: more than a step of the most credits over the most
/// payees needs.
pub const MAX_PROOF: usize = 192 * 1_024;

/// A batch as it is submitted.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub struct Submission<AccountId> {
	/// The version that answered.
	pub version: VersionNumber,
	/// The price epoch of its receipts.
	pub epoch: Epoch,
	/// The terms by which their fees are split.
	pub terms: TermsNumber,
	/// What its payers have signed, by ascending payer.
	pub vouchers: BoundedVec<Voucher<AccountId>, ConstU32<MAX_PAYERS>>,
	/// What contributions earn, ascending.
	pub diff: Diff,
	/// What it adds up to.
	pub totals: Totals,
	/// Its trace.
	pub trace: Submitted,
}

stored! {
	/// A model's sequence of batches.
	#[derive(Copy, Default)]
	pub struct Lane {
		/// The number of the next batch.
		pub next: BatchNumber,
		/// How many have been submitted and are neither closed nor void.
		pub open: u32,
	}
}

stored! {
	/// A batch that is not closed.
	pub struct Batch<AccountId> {
		/// Whose bond answers for it.
		pub operator: AccountId,
		/// The version that answered.
		pub version: VersionNumber,
		/// The price epoch of its receipts.
		pub epoch: Epoch,
		/// That epoch's price, which stays with the batch.
		pub price: Price,
		/// The terms by which fees are split, which stay with it too.
		pub terms: Terms,
		/// What it adds up to.
		pub totals: Totals,
		/// What it is known by.
		pub trace: Trace,
		/// How many changes of seeds there had been: it is drawn by the seed of the second after that.
		pub seeds: u32,
		/// The first block in which it may be final by time.
		pub deadline: BlockNumber,
		/// Which of its draws are answered: a bit each.
		pub drawn: u8,
		/// Demands that are not answered.
		pub demands: u32,
		/// All demands so far: each gives a little more time for the draws.
		pub asked: u32,
		/// When the last opening was published.
		pub answered: BlockNumber,
		/// The attestors who signed for it.
		pub signers: BoundedVec<AccountId, ConstU32<MAX_SIGNERS>>,
		/// How far it is.
		pub status: Status,
	}
}

stored! {
	/// How far a batch is.
	#[derive(Copy)]
	pub enum Status {
		/// It waits to be final.
		#[codec(index = 0)]
		Pending,
		/// It is final, and is being paid.
		#[codec(index = 1)]
		Paying {
			/// How many contributions were paid.
			paid: u32,
			/// Whether attestors with two thirds of the stake had signed: what was earned from private
			/// receipts is paid.
			attested: bool,
			/// Whether it was final before its deadline: until it is closed it can still fall.
			early: bool,
		},
		/// It was final early and is paid; its attestors answer for it until it is closed, which may be
		/// from its deadline on.
		#[codec(index = 2)]
		Paid,
	}
}

stored! {
	/// What an operator's bond for a model answers for.
	#[derive(Copy, Default)]
	pub struct Exposure {
		/// The fees of its batches that are not final.
		pub pending: Nano,
		/// The steps of its batches that are not closed.
		pub steps: u32,
		/// Its batches that are not closed.
		pub batches: u32,
		/// When its bond was slashed. Its pending batches must be adopted by another operator.
		pub slashed: Option<BlockNumber>,
	}
}

stored! {
	/// Somebody wants to see a receipt, and the step it is in executed again.
	pub struct Demand<AccountId> {
		/// Who.
		pub by: AccountId,
		/// What they have deposited.
		pub deposit: Balance,
		/// The last block for the answer.
		pub until: BlockNumber,
	}
}

stored! {
	/// Randomness that was not known two changes before.
	#[derive(Copy)]
	pub struct Seed {
		/// The randomness.
		pub randomness: H256,
		/// When it became known, by the clock of deadlines.
		pub at: BlockNumber,
	}
}

stored! {
	/// A step that is drawn.
	#[derive(Copy)]
	pub struct DrawnStep {
		/// The step.
		pub step: u32,
		/// The place in it of the receipt to disclose.
		pub receipt: u32,
		/// Whether it was answered.
		pub answered: bool,
	}
}

stored! {
	/// Somebody whose stake answers for the batches they sign.
	#[derive(Copy)]
	pub struct Attestor {
		/// What is staked.
		pub stake: Balance,
		/// Signed batches that are not closed.
		pub signed: u32,
		/// The last block before the stake may leave; none while they attest.
		pub leaving: Option<BlockNumber>,
	}
}

/// What an opening publishes of a receipt.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub struct Disclosure {
	/// The receipt's place in the step.
	pub receipt: u8,
	/// The output.
	pub output: Vec<u8>,
	/// The matches from which its credits follow.
	pub citations: Citations,
}

/// What shows that a receipt of an opened step has wrong credits.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub struct CreditChallenge {
	/// The receipt's place in the step.
	pub receipt: u8,
	/// Its matches.
	pub citations: Citations,
	/// What is wrong with them, or with the credits.
	pub evidence: Evidence,
}

stored! {
	/// Why a batch is void.
	#[derive(Copy)]
	pub enum Fault {
		/// A step breaks the rule.
		#[codec(index = 0)]
		Wrong {
			/// The step.
			step: u32,
			/// How.
			wrong: Wrong,
		},
		/// A demand was not answered.
		#[codec(index = 1)]
		NoAnswer {
			/// The receipt.
			receipt: u32,
		},
		/// The draws were not all answered.
		#[codec(index = 2)]
		NoDraws,
		/// Its operator was slashed for another batch, and nobody adopted it.
		#[codec(index = 3)]
		Orphaned,
	}
}
