//! Which steps of a batch the chain itself opens.
//!
//! The seed is random and known only after the batch was submitted. Each draw hashes it with the batch
//! and a counter; the first eight bytes, little-endian, choose a step, the ninth a receipt of it. A
//! step that was drawn before is drawn again, with the next counter. A batch of at most [`DRAWS`]
//! steps has all of them drawn.

use crate::trace::Trace;
use alloc::vec::Vec;
use codec::Encode;
use openledger_primitives::records::{BatchNumber, ModelId};
use sp_core::H256;
use sp_runtime::traits::{BlakeTwo256, Hash};

/// How many steps of a batch are drawn.
pub const DRAWS: u32 = 8;

/// A drawn step, and the receipt of it whose output and matches are to be published.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Draw {
	/// The step.
	pub step: u32,
	/// The place of the receipt in it.
	pub receipt: u32,
}

/// The draws of a batch, in their order.
pub fn draws(seed: H256, model: ModelId, batch: BatchNumber, trace: &Trace) -> Vec<Draw> {
	let steps = trace.steps();
	let mut draws = Vec::<Draw>::new();
	// Of nine steps or more, a step that was not drawn comes with at least one chance in nine: that
	// this many hashes do not find eight of them happens never.
	for counter in 0_u32..1_024 {
		if draws.len() as u32 >= steps.min(DRAWS) {
			break;
		}
		let hash = BlakeTwo256::hash(&(seed, model, batch, counter).encode());
		let (eight, rest) = hash.0.split_at(8);
		let number = eight.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
		let all = u64::from(steps);
		// With few steps each is drawn by its turn, so that none is left out.
		let number = if steps > DRAWS { number } else { counter.into() };
		let step = number.checked_rem(all).unwrap_or_default() as u32;
		let pick = u32::from(rest.first().copied().unwrap_or_default());
		let receipt = pick.checked_rem(trace.receipts_in(step)).unwrap_or_default();
		if !draws.iter().any(|draw| draw.step == step) {
			draws.push(Draw { step, receipt });
		}
	}
	draws
}
