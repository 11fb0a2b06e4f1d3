//! A Merkle tree over a list, in which every item has exactly one proof.
//!
//! ```text
//! leaf = H(0x00 ‖ index as u32 LE ‖ item)
//! node = H(0x01 ‖ left ‖ right)          a lone node at the end of a level moves up unchanged
//! ```
//!
//! H is Blake2-256. Leaves and nodes are hashed from different forms, so none can pass for another;
//! the index is inside the leaf and the length of a proof follows from index and width, so no proof
//! shows an item at another place.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::traits::{BlakeTwo256, Hash as _};

/// The hashes beside the way from an item to the root, from the bottom up.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Proof(pub Vec<H256>);

/// The hash of an item at its place.
pub fn leaf(index: u32, item: &[u8]) -> H256 {
	let mut preimage = Vec::with_capacity(item.len().saturating_add(5));
	preimage.push(0);
	preimage.extend_from_slice(&index.to_le_bytes());
	preimage.extend_from_slice(item);
	BlakeTwo256::hash(&preimage)
}

/// The hash of two nodes.
pub(crate) fn node(left: H256, right: H256) -> H256 {
	let mut preimage = [1; 65];
	for (byte, hashed) in preimage.iter_mut().skip(1).zip(left.0.iter().chain(right.0.iter())) {
		*byte = *hashed;
	}
	BlakeTwo256::hash(&preimage)
}

/// The root of a tree of `width` items of which `item` is the one at `index`; none if the proof has
/// another length than that place asks for.
pub fn root(item: &[u8], index: u32, width: u64, proof: &Proof) -> Option<H256> {
	let mut position = u64::from(index);
	if position >= width {
		return None;
	}
	let mut width = width;
	let mut siblings = proof.0.iter();
	let mut hash = leaf(index, item);
	while width > 1 {
		let lone = position.saturating_add(1) == width && position & 1 == 0;
		if !lone {
			let sibling = siblings.next()?;
			hash = if position & 1 == 0 { node(hash, *sibling) } else { node(*sibling, hash) };
		}
		position >>= 1;
		width = width.div_ceil(2);
	}
	siblings.next().is_none().then_some(hash)
}

/// A tree whose items are at hand.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tree {
	/// All levels, leaves first; the last has one node.
	levels: Vec<Vec<H256>>,
}

impl Tree {
	/// Over these leaves; none if there are none.
	pub fn new(leaves: Vec<H256>) -> Option<Self> {
		let mut level = leaves;
		if level.is_empty() {
			return None;
		}
		let mut levels = Vec::new();
		while level.len() > 1 {
			let above = level
				.chunks(2)
				.filter_map(|pair| match pair {
					[left, right] => Some(node(*left, *right)),
					[lone] => Some(*lone),
					_ => None,
				})
				.collect();
			levels.push(core::mem::replace(&mut level, above));
		}
		levels.push(level);
		Some(Self { levels })
	}

	/// Its root.
	pub fn root(&self) -> H256 {
		self.levels.last().and_then(|level| level.first()).copied().unwrap_or_default()
	}

	/// The proof of an item; none if there is no such item.
	pub fn prove(&self, index: u32) -> Option<Proof> {
		let mut position = usize::try_from(index).ok()?;
		self.levels.first()?.get(position)?;
		let mut proof = Vec::new();
		for level in &self.levels {
			if let Some(sibling) = level.get(position ^ 1) {
				proof.push(*sibling);
			}
			position >>= 1;
		}
		Some(Proof(proof))
	}
}
