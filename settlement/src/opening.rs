//! An opening: everything that one step needs to be executed again, by whoever doubts it.
//!
//! It proves itself: what it says of the trace is proven by the trace's root, the state before the
//! step by the leaf before it, the receipts by their hash. So anybody may bring it, and no opening can
//! show an honest step to be wrong: what is missing or forged makes it malformed, never wrong.

use crate::{
	chain::Chain,
	execute::{execute, Context, Failure, Wrong},
	receipt::Receipts,
	state::{InTrie, Layout},
	trace::{hash_of, Leaf, Trace},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use openledger_primitives::tree::Proof;
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::traits::BlakeTwo256;
use sp_trie::{CompactProof, TrieDBMutBuilder, TrieMut};

/// A leaf of the trace, with its proof.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub struct ProvenLeaf {
	/// The leaf.
	pub leaf: Leaf,
	/// That the trace has it.
	pub proof: Proof,
}

/// One step, opened.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub struct Opening {
	/// Which step.
	#[codec(compact)]
	pub step: u32,
	/// Its receipts.
	pub receipts: Receipts,
	/// The root of the state behind it, as its leaf says.
	pub state: H256,
	/// That the trace has this leaf.
	pub proof: Proof,
	/// The leaf before it; none for the first step.
	pub before: Option<ProvenLeaf>,
	/// The parts of the state before the step that it reads and writes: a compact trie proof.
	pub nodes: Vec<Vec<u8>>,
}

impl Opening {
	/// The bytes of its trie proof.
	pub fn proof_size(&self) -> usize {
		self.nodes.iter().fold(0, |sum, node| sum.saturating_add(node.len()))
	}
}

/// Why an opening shows nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Malformed {
	/// The batch has no such step.
	NoSuchStep,
	/// The trace has no such leaf there.
	NotInTrace,
	/// The trace has no such leaf before it.
	NotBefore,
	/// The trie proof is not one of the state before the step, or lacks something.
	BadProof,
}

/// What an opening shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
	/// The step follows the rule.
	Holds,
	/// It does not: the batch is wrong.
	Wrong(Wrong),
}

/// Executes the opened step again.
pub fn check(
	opening: &Opening,
	trace: &Trace,
	context: &Context,
	chain: &Chain,
) -> Result<Verdict, Malformed> {
	let before = authenticate(opening, trace)?;
	if opening.receipts.len() as u64 != u64::from(trace.receipts_in(opening.step)) {
		return Ok(Verdict::Wrong(Wrong::Count));
	}
	let proof = CompactProof { encoded_nodes: opening.nodes.clone() };
	let (mut nodes, mut root) =
		proof.to_memory_db::<BlakeTwo256>(&before).map_err(|_| Malformed::BadProof)?;
	let mut state =
		InTrie(TrieDBMutBuilder::<Layout>::from_existing(&mut nodes, &mut root).build());
	match execute(context, chain, &mut state, &opening.receipts) {
		Ok(()) if *state.0.root() == opening.state => Ok(Verdict::Holds),
		Ok(()) => Ok(Verdict::Wrong(Wrong::Root)),
		Err(Failure::Wrong(wrong)) => Ok(Verdict::Wrong(wrong)),
		Err(Failure::State(_)) => Err(Malformed::BadProof),
	}
}

/// Checks that the receipts are those of the step, and returns the root of the state before it.
pub fn authenticate(opening: &Opening, trace: &Trace) -> Result<H256, Malformed> {
	let Opening { step, receipts, state, proof, before, .. } = opening;
	if *step >= trace.steps() {
		return Err(Malformed::NoSuchStep);
	}
	let leaf = Leaf { receipts: hash_of(receipts), state: *state };
	if !trace.holds(*step, leaf, proof) {
		return Err(Malformed::NotInTrace);
	}
	match (step.checked_sub(1), before) {
		(None, None) => Ok(trace.first),
		(Some(previous), Some(before)) if trace.holds(previous, before.leaf, &before.proof) => {
			Ok(before.leaf.state)
		}
		_ => Err(Malformed::NotBefore),
	}
}
