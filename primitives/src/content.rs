//! Content: how bytes that stay off chain are named, and how one chunk of them is proven.
//!
//! A file is cut into chunks of 1 KiB, the last one shorter; there is no empty content.
//!
//! ```text
//! content = H(size as u64 LE ‖ root of the tree of chunks)        H is Blake2-256
//! ```
//!
//! A chunk has exactly one proof, and no proof shows a chunk at another place: see [`crate::tree`].
//! The size is inside the name, so a file cannot pass for the nodes of another's tree.

use crate::{
	stored,
	tree::{self, leaf, Tree},
};
use alloc::vec::Vec;
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

pub use crate::tree::Proof as ChunkProof;

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
	tree::root(chunk, index, chunks(size), proof)
		.is_some_and(|root| ContentId::new(size, root) == content)
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
		Some(ContentId::new(self.size, self.tree()?.root()))
	}

	/// The proof of a chunk; none if there is no such chunk.
	pub fn prove(&self, index: u32) -> Option<ChunkProof> {
		self.tree()?.prove(index)
	}

	fn tree(&self) -> Option<Tree> {
		let mut leaves = self.leaves.clone();
		if !self.unfinished.is_empty() {
			leaves.push(leaf(leaves.len() as u32, &self.unfinished));
		}
		Tree::new(leaves).filter(|_| self.size <= MAX_SIZE)
	}
}

#[cfg(test)]
mod tests;
