//! Content: how bytes that stay off chain are named, and how one chunk of them is proven.
//!
//! A file is cut into chunks of 1 KiB, the last one shorter; there is no empty content.
//!
//! ```text
//! leaf    = H(0x00 ‖ index as u32 LE ‖ chunk)
//! node    = H(0x01 ‖ left ‖ right)          a lone node at the end of a level moves up unchanged
//! content = H(size as u64 LE ‖ root)        H is Blake2-256
//! ```
//!
//! Leaves, nodes and contents are hashed from different forms, so none can pass for another; the
//! index is inside the leaf and the length of a proof follows from size and index, so a chunk has
//! exactly one proof, and no proof shows a chunk at another place.

use crate::stored;
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::traits::{BlakeTwo256, Hash as _};

/// The bytes of a chunk; only the last chunk of a content may be shorter.
pub const CHUNK: usize = 1_024;

/// The largest content, so that every chunk has an index: 4 TiB.
pub const MAX_SIZE: u64 = (CHUNK as u64) << 32;

stored! {
	/// The name of a content, which commits to its size and to every chunk.
	#[derive(Copy, Default, Hash, Ord, PartialOrd)]
	#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
	pub struct ContentId(pub H256);
}

impl ContentId {
	/// Names the content of this size whose chunks hash to `root`.
	pub fn new(size: u64, root: H256) -> Self {
		let mut preimage = [0; 40];
		let (head, tail) = preimage.split_at_mut(8);
		head.copy_from_slice(&size.to_le_bytes());
		tail.copy_from_slice(root.as_bytes());
		Self(BlakeTwo256::hash(&preimage))
	}
}

/// The hashes beside the way from a chunk to the root, from the bottom up.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ChunkProof(pub Vec<H256>);

/// Whether `chunk` is the one at `index` of the content.
pub fn verify_chunk(
	content: ContentId,
	size: u64,
	index: u32,
	chunk: &[u8],
	proof: &ChunkProof,
) -> bool {
	if chunk_len(size, index) != Some(chunk.len()) {
		return false;
	}
	let mut siblings = proof.0.iter();
	let mut hash = leaf(index, chunk);
	let mut position = u64::from(index);
	let mut width = chunks(size);
	while width > 1 {
		let lone = position.saturating_add(1) == width && position & 1 == 0;
		if !lone {
			let Some(sibling) = siblings.next() else { return false };
			hash = if position & 1 == 0 { node(hash, *sibling) } else { node(*sibling, hash) };
		}
		position >>= 1;
		width = width.div_ceil(2);
	}
	siblings.next().is_none() && ContentId::new(size, hash) == content
}

/// How many chunks a content of this size has.
pub fn chunks(size: u64) -> u64 {
	size.div_ceil(CHUNK as u64)
}

/// How many bytes the chunk at `index` has; none if there is no such chunk.
fn chunk_len(size: u64, index: u32) -> Option<usize> {
	if size > MAX_SIZE {
		return None;
	}
	let start = u64::from(index).checked_mul(CHUNK as u64)?;
	let rest = size.checked_sub(start).filter(|rest| *rest > 0)?;
	usize::try_from(rest.min(CHUNK as u64)).ok()
}

fn leaf(index: u32, chunk: &[u8]) -> H256 {
	let mut preimage = Vec::with_capacity(CHUNK.saturating_add(5));
	preimage.push(0);
	preimage.extend_from_slice(&index.to_le_bytes());
	preimage.extend_from_slice(chunk);
	BlakeTwo256::hash(&preimage)
}

fn node(left: H256, right: H256) -> H256 {
	let mut preimage = [1; 65];
	for (byte, hashed) in preimage.iter_mut().skip(1).zip(left.0.iter().chain(right.0.iter())) {
		*byte = *hashed;
	}
	BlakeTwo256::hash(&preimage)
}

/// The tree of a content that is at hand: names it, and proves its chunks.
///
/// It is fed in pieces of any length, so that a file need not fit into memory; what it keeps is
/// 64 bytes per chunk.
#[derive(Clone, Debug, Default)]
pub struct ContentTree {
	size: u64,
	unfinished: Vec<u8>,
	leaves: Vec<H256>,
}

impl ContentTree {
	/// Reads a whole content.
	pub fn of(bytes: &[u8]) -> Self {
		let mut tree = Self::default();
		tree.feed(bytes);
		tree
	}

	/// Reads the next bytes.
	pub fn feed(&mut self, mut bytes: &[u8]) {
		self.size = self.size.saturating_add(bytes.len() as u64);
		while !bytes.is_empty() {
			let room = CHUNK.saturating_sub(self.unfinished.len());
			let (now, later) = bytes.split_at(room.min(bytes.len()));
			self.unfinished.extend_from_slice(now);
			bytes = later;
			if self.unfinished.len() == CHUNK {
				self.leaves.push(leaf(self.leaves.len() as u32, &self.unfinished));
				self.unfinished.clear();
			}
		}
	}

	/// How many bytes were read.
	pub fn size(&self) -> u64 {
		self.size
	}

	/// The content's name; none when nothing was read, or more than the largest content.
	pub fn id(&self) -> Option<ContentId> {
		let root = self.levels()?.pop()?.first().copied()?;
		Some(ContentId::new(self.size, root))
	}

	/// The proof of a chunk; none if there is no such chunk.
	pub fn prove(&self, index: u32) -> Option<ChunkProof> {
		let mut position = usize::try_from(index).ok()?;
		let mut proof = Vec::new();
		let levels = self.levels()?;
		levels.first()?.get(position)?;
		for level in levels {
			if let Some(sibling) = level.get(position ^ 1) {
				proof.push(*sibling);
			}
			position >>= 1;
		}
		Some(ChunkProof(proof))
	}

	/// All levels of the tree, leaves first.
	fn levels(&self) -> Option<Vec<Vec<H256>>> {
		let mut level = self.leaves.clone();
		if !self.unfinished.is_empty() {
			level.push(leaf(level.len() as u32, &self.unfinished));
		}
		if level.is_empty() || self.size > MAX_SIZE {
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
		Some(levels)
	}
}

#[cfg(test)]
mod tests;
