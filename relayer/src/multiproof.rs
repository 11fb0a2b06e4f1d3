//! Compact multiproofs, as Lodestar's proof endpoints speak them: a walk through the tree, depth first and left before
//! right, in which a 0 goes down and a 1 takes the next leaf.

use alloy::primitives::B256;
use anyhow::{ensure, Context, Result};

use crate::ssz::root_of_branch;

/// A node of a tree with its siblings, from the bottom up.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
	pub leaf: B256,
	pub siblings: Vec<B256>,
}

/// The bits of a node's place below the root, top first: whether it goes right.
fn turns(gindex: u64) -> impl Iterator<Item = bool> {
	(0..gindex.ilog2()).rev().map(move |bit| gindex >> bit & 1 == 1)
}

/// What to ask for to get one node and its branch.
pub fn descriptor(gindex: u64) -> Vec<u8> {
	let turns: Vec<bool> = turns(gindex).collect();
	// Down to the node: a turn to the right passes a sibling first. Behind it, those on the right follow.
	let mut bits = Vec::with_capacity(2 * turns.len() + 1);
	for right in &turns {
		bits.push(false);
		bits.extend(right.then_some(true));
	}
	bits.push(true);
	bits.extend(turns.iter().filter(|right| !**right).map(|_| true));
	let byte = |bits: &[bool]| {
		bits.iter().enumerate().fold(0, |byte, (at, bit)| byte | u8::from(*bit) << (7 - at))
	};
	bits.chunks(8).map(byte).collect()
}

/// Takes the branch of the one node that was asked for out of an answer.
pub fn branch(gindex: u64, leaves: &[B256]) -> Result<Branch> {
	let depth = gindex.ilog2() as usize;
	ensure!(
		leaves.len() == depth + 1,
		"The proof has {} leaves instead of {}.",
		leaves.len(),
		depth + 1,
	);
	let (mut front, mut back) = (leaves.iter(), 0);
	let mut siblings = Vec::with_capacity(depth);
	for right in turns(gindex) {
		let sibling = if right {
			front.next()
		} else {
			back += 1;
			leaves.get(leaves.len() - back)
		};
		siblings.push(*sibling.context("The proof has too few leaves.")?);
	}
	siblings.reverse();
	let leaf = *front.next().context("The proof has no leaf.")?;
	Ok(Branch { leaf, siblings })
}

impl Branch {
	/// Fails unless it belongs to the tree with this root.
	pub fn check(&self, gindex: u64, root: [u8; 32], of: &str) -> Result<()> {
		let depth = gindex.ilog2() as usize;
		// The places of one field in two forks differ by nothing but the length of their branches.
		ensure!(
			self.siblings.len() == depth,
			"The beacon node's proof of {of} has {} hashes instead of {depth}: it is of another fork's \
			 tree.",
			self.siblings.len(),
		);
		let found = root_of_branch(self.leaf, &self.siblings, gindex);
		ensure!(
			found == root,
			"The beacon node's proof of {of} leads to {found} and not to {}: another chain, or a \
			 reorganisation since.",
			B256::from(root),
		);
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use alloy::hex;

	use super::*;
	use crate::ssz::hash;

	// Of the sources that define the format, and what their algorithm gives for the nodes that are asked for here.
	#[test]
	fn descriptors_are_those_of_the_format() {
		for (gindex, expected) in [
			(42, "25e0"),
			(69, "09f8"),
			(86, "2578"),
			(87, "2578"),
			(169, "247e"),
			(201, "447e"),
			(565_248, "090007fffe"),
			(565_248 + 5_000, "0945423ffe"),
			(565_248 + 8_191, "095555557e"),
		] {
			assert_eq!(hex::encode(descriptor(gindex)), expected, "{gindex}");
		}
	}

	/// The leaves of an answer, found by walking a whole tree as the descriptor says.
	fn answer(descriptor: &[u8], nodes: &[B256]) -> Vec<B256> {
		let mut bits =
			descriptor.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
		let (mut stack, mut leaves) = (vec![1], Vec::new());
		while let Some(at) = stack.pop() {
			if bits.next().unwrap() == 1 {
				leaves.push(nodes[at]);
			} else {
				stack.extend([2 * at + 1, 2 * at]);
			}
		}
		leaves
	}

	#[test]
	fn every_node_of_a_tree_is_proved_and_nothing_else() {
		let mut nodes = vec![B256::ZERO; 64];
		for at in (1..64).rev() {
			nodes[at] = match at {
				32.. => B256::with_last_byte(at as u8),
				_ => hash(nodes[2 * at], nodes[2 * at + 1]),
			};
		}
		for gindex in 1..64_u64 {
			let leaves = answer(&descriptor(gindex), &nodes);
			let found = branch(gindex, &leaves).unwrap();
			assert_eq!(found.leaf, nodes[gindex as usize]);
			found.check(gindex, nodes[1].0, "a node").unwrap();
			let one_field_more_deeply = gindex + (1 << gindex.ilog2());
			assert!(found.check(one_field_more_deeply, nodes[1].0, "a node").is_err());
			if gindex > 1 {
				assert!(found.check(gindex ^ 1, nodes[1].0, "a node").is_err());
				assert!(branch(gindex, &leaves[1..]).is_err());
			}
		}
	}
}
