//! Openings of an honest batch, and of what a cheat could commit to.

use super::input::Input;
use codec::Encode;
use openledger_primitives::tree::Proof;
use openledger_settlement::{
	build::Batch,
	chain::Chain,
	execute::Context,
	opening::{check, Malformed, Opening, Verdict},
	sample::{context, receipts, Random, Shape},
	trace::{hash_of, leaf_hash, Leaf, Trace},
	voucher::Bought,
};
use sp_core::H256;
use sp_runtime::traits::BlakeTwo256;
use sp_trie::{CompactProof, CompactProofError};

/// An honest batch and all its openings.
struct Honest {
	context: Context,
	trace: Trace,
	openings: Vec<Opening>,
	chain: Chain,
}

impl Honest {
	fn new() -> Self {
		let shape = Shape { receipts: 70, payers: 6, contributions: 40, credits: 5, private: 4 };
		let context = context(&shape);
		let receipts = receipts(&shape, &context, &mut Random(1));
		let payers = vec![Bought::default(); shape.payers.into()];
		let batch = Batch::build(context.clone(), payers, receipts).unwrap();
		let trace = batch.trace();
		let openings = (0..trace.steps()).map(|step| batch.open(step).unwrap()).collect();
		Self { context, trace, openings, chain: Chain::default() }
	}

	fn check(&self, opening: &Opening, trace: &Trace) -> Result<Verdict, Malformed> {
		check(opening, trace, &self.context, &self.chain)
	}
}

thread_local! {
	static HONEST: Honest = Honest::new();
}

/// An opening from anywhere, or an honest one with changes, never shows an honest batch to be wrong.
/// The same parts, if an operator had committed to them, are judged without a panic.
pub fn opening(data: &[u8]) {
	HONEST.with(|honest| {
		let Some(opening) = read(&mut Input(data), &honest.openings) else { return };
		match honest.check(&opening, &honest.trace) {
			Ok(Verdict::Wrong(wrong)) => panic!("an honest step is called {wrong:?}"),
			Ok(Verdict::Holds) => {
				let right = &honest.openings[opening.step as usize];
				assert_eq!(opening.receipts, right.receipts);
				assert_eq!(opening.state, right.state);
			}
			Err(_) => {}
		}
		committed(honest, opening);
	});
}

fn read(input: &mut Input, honest: &[Opening]) -> Option<Opening> {
	let Some(which) = input.byte().checked_sub(1) else { return input.decode() };
	let mut opening = honest[usize::from(which) % honest.len()].clone();
	// Changes inside nodes leave the lengths before them right.
	for _ in 0..input.byte() % 8 {
		let node = input.below(opening.nodes.len());
		input.change(&mut opening.nodes[node]);
	}
	input.changed(&opening)
}

/// The opening as that of the only step of a batch that begins with the state its nodes are of.
fn committed(honest: &Honest, opening: Opening) {
	let proof = CompactProof { encoded_nodes: opening.nodes.clone() };
	let first = match proof.to_memory_db::<BlakeTwo256>(&H256::zero()) {
		Err(CompactProofError::RootMismatch(root, _)) => root,
		_ => return,
	};
	let leaf = Leaf { receipts: hash_of(&opening.receipts), state: opening.state };
	let receipts = opening.receipts.len() as u64;
	let trace = Trace { first, root: leaf_hash(0, leaf), receipts };
	let opening = Opening { step: 0, proof: Proof(vec![]), before: None, ..opening };
	match honest.check(&opening, &trace) {
		Ok(_) | Err(Malformed::BadProof) => {}
		Err(Malformed::NoSuchStep) => assert_eq!(receipts, 0),
		Err(malformed) => panic!("{malformed:?}: 0x{}", hex(&opening.encode())),
	}
}

fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
