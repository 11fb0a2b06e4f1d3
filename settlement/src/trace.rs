//! The trace of a batch: what the working state was behind each step.
//!
//! It is a [tree](openledger_primitives::tree) with a leaf per step: the hash of the step's receipts
//! and the root of the state behind them. A batch commits to its root; one step then stands for
//! itself.

use crate::{receipt::Receipt, MAX_RECEIPTS, STEP};
use codec::Encode;
use openledger_primitives::{
	stored,
	tree::{self, Proof},
};
use sp_core::H256;
use sp_runtime::traits::{BlakeTwo256, Hash};

stored! {
	/// What the trace says of a step.
	#[derive(Copy)]
	pub struct Leaf {
		/// The hash of its receipts.
		pub receipts: H256,
		/// The root of the state behind it.
		pub state: H256,
	}
}

stored! {
	/// What a batch is known by.
	#[derive(Copy)]
	pub struct Trace {
		/// The root of the state before the first step.
		pub first: H256,
		/// The root of the tree of leaves.
		pub root: H256,
		/// How many receipts the batch has.
		#[codec(compact)]
		pub receipts: u64,
	}
}

/// What is submitted of the trace. The state behind the last step is not: it is computed.
#[derive(
	Clone,
	Debug,
	codec::Decode,
	codec::DecodeWithMemTracking,
	Encode,
	Eq,
	PartialEq,
	scale_info::TypeInfo,
)]
pub struct Submitted {
	/// The root of the tree of leaves.
	pub root: H256,
	/// The hash of the last step's receipts.
	pub last_receipts: H256,
	/// The proof of the last leaf.
	pub proof: Proof,
}

impl Trace {
	/// How many steps the batch has.
	pub fn steps(&self) -> u32 {
		self.receipts.min(MAX_RECEIPTS).div_ceil(STEP.into()) as u32
	}

	/// How many receipts a step must have.
	pub fn receipts_in(&self, step: u32) -> u32 {
		let before = u64::from(step).saturating_mul(STEP.into());
		self.receipts.saturating_sub(before).min(STEP.into()) as u32
	}

	/// Whether the trace has this leaf at this step.
	pub fn holds(&self, step: u32, leaf: Leaf, proof: &Proof) -> bool {
		tree::root(&leaf.encode(), step, self.steps().into(), proof) == Some(self.root)
	}
}

/// The hash of a step's receipts: that of their SCALE encoding.
pub fn hash_of(receipts: &[Receipt]) -> H256 {
	BlakeTwo256::hash_of(&receipts)
}

/// The hash of a leaf in the tree.
pub fn leaf_hash(step: u32, leaf: Leaf) -> H256 {
	tree::leaf(step, &leaf.encode())
}
