//! Merkle trees as SSZ hashes containers and vectors. Nodes are shared, so a chain can keep all its states.

use std::{
	fmt,
	ops::Range,
	sync::{Arc, LazyLock},
};

use sp_core::H256;
use sp_io::hashing::sha2_256;

/// Deeper than any list of a beacon block.
const MAX_DEPTH: u32 = 32;

static ZEROS: LazyLock<Vec<Node>> =
	LazyLock::new(|| repeated(Node::leaf(H256::zero()), MAX_DEPTH as usize + 1));

/// A node with what is below it; cloning copies a pointer.
#[derive(Clone)]
pub struct Node(Arc<Inner>);

struct Inner {
	root: H256,
	children: Option<[Node; 2]>,
}

/// Why a proof cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofError {
	/// The descriptor is not the walk of a tree.
	Descriptor,
	/// The proof goes below what this tree knows.
	TooDeep,
}

impl fmt::Display for ProofError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Descriptor => "Invalid descriptor: it does not describe a tree",
			Self::TooDeep => "The proof goes into a field of which the kit knows the root only",
		})
	}
}

impl std::error::Error for ProofError {}

impl fmt::Debug for Node {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "Node({:?})", self.root())
	}
}

impl Node {
	/// A node of which only the root is known, or a chunk.
	pub fn leaf(root: H256) -> Self {
		Self(Arc::new(Inner { root, children: None }))
	}

	/// A number as a chunk.
	pub fn number(value: u64) -> Self {
		let mut chunk = [0; 32];
		chunk[..8].copy_from_slice(&value.to_le_bytes());
		Self::leaf(chunk.into())
	}

	/// The parent of two nodes.
	pub fn pair(left: Self, right: Self) -> Self {
		let root = hash(left.root(), right.root());
		Self(Arc::new(Inner { root, children: Some([left, right]) }))
	}

	/// An empty subtree.
	pub fn zero(depth: u32) -> Self {
		ZEROS[depth as usize].clone()
	}

	/// At most `2^depth` nodes side by side, the rest of the row empty.
	pub fn row(mut nodes: Vec<Self>, depth: u32) -> Self {
		for level in 0..depth {
			if nodes.len() % 2 == 1 {
				nodes.push(Self::zero(level));
			}
			let pairs = nodes.chunks_exact(2);
			nodes = pairs.map(|pair| Self::pair(pair[0].clone(), pair[1].clone())).collect();
		}
		debug_assert!(nodes.len() <= 1, "the row is too long for its depth");
		nodes.pop().unwrap_or_else(|| Self::zero(depth))
	}

	/// The fields of a container.
	pub fn container(fields: Vec<Self>) -> Self {
		let depth = fields.len().next_power_of_two().ilog2();
		Self::row(fields, depth)
	}

	/// A byte vector.
	pub fn bytes(bytes: &[u8]) -> Self {
		let chunks = bytes.chunks(32).map(|part| {
			let mut chunk = [0; 32];
			chunk[..part.len()].copy_from_slice(part);
			Self::leaf(chunk.into())
		});
		Self::container(chunks.collect())
	}

	/// A list without elements that may have `2^depth` chunks.
	pub fn empty_list(depth: u32) -> Self {
		Self::pair(Self::zero(depth), Self::number(0))
	}

	/// This row of `2^depth` leaves with those in `range` replaced by `leaf`.
	pub fn fill(&self, depth: u32, range: Range<u64>, leaf: H256) -> Self {
		let length = range.end.saturating_sub(range.start);
		let levels = length.checked_ilog2().map_or(0, |level| level as usize + 1);
		self.put(depth, 0, &range, &repeated(Self::leaf(leaf), levels))
	}

	fn put(&self, depth: u32, start: u64, range: &Range<u64>, filled: &[Self]) -> Self {
		let end = start + (1 << depth);
		if range.start >= end || range.end <= start {
			return self.clone();
		}
		if range.start <= start && end <= range.end {
			return filled[depth as usize].clone();
		}
		let [left, right] = self.0.children.as_ref().expect("a row is known down to its leaves");
		let middle = start + (1 << (depth - 1));
		Self::pair(
			left.put(depth - 1, start, range, filled),
			right.put(depth - 1, middle, range, filled),
		)
	}

	/// The hash of all below.
	pub fn root(&self) -> H256 {
		self.0.root
	}

	/// The node at a generalised index, unless it is below what is known.
	pub fn at(&self, gindex: u64) -> Option<&Self> {
		let mut node = self;
		for bit in path(gindex) {
			node = &node.0.children.as_ref()?[bit];
		}
		Some(node)
	}

	/// The siblings on the way from a generalised index to the root, the lowest first.
	pub fn branch(&self, gindex: u64) -> Option<Vec<H256>> {
		let mut node = self;
		let mut siblings = Vec::new();
		for bit in path(gindex) {
			let children = node.0.children.as_ref()?;
			siblings.push(children[1 - bit].root());
			node = &children[bit];
		}
		siblings.reverse();
		Some(siblings)
	}

	/// The leaves of Lodestar's compact multiproof. The descriptor walks the tree from the left, a node
	/// before what is below it: 1 stands for a leaf of the proof, 0 for going down.
	pub fn compact_proof(&self, descriptor: &[u8]) -> Result<Vec<H256>, ProofError> {
		let mut leaves = Vec::new();
		let mut bits = (0..descriptor.len() * 8).map(|i| descriptor[i / 8] >> (7 - i % 8) & 1 == 1);
		self.walk(&mut bits, &mut leaves)?;
		let padding: Vec<bool> = bits.collect();
		let exact = padding.len() < 8 && !padding.contains(&true);
		exact.then_some(leaves).ok_or(ProofError::Descriptor)
	}

	fn walk(
		&self,
		bits: &mut impl Iterator<Item = bool>,
		leaves: &mut Vec<H256>,
	) -> Result<(), ProofError> {
		if bits.next().ok_or(ProofError::Descriptor)? {
			leaves.push(self.root());
			return Ok(());
		}
		let children = self.0.children.as_ref().ok_or(ProofError::TooDeep)?;
		children.iter().try_for_each(|child| child.walk(bits, leaves))
	}
}

/// The hash of a parent.
pub fn hash(left: H256, right: H256) -> H256 {
	let mut both = [0; 64];
	both[..32].copy_from_slice(left.as_bytes());
	both[32..].copy_from_slice(right.as_bytes());
	sha2_256(&both).into()
}

/// The turns from the root down to a generalised index.
fn path(gindex: u64) -> impl Iterator<Item = usize> {
	let depth = gindex.checked_ilog2().expect("a generalised index is not zero");
	(0..depth).rev().map(move |level| (gindex >> level & 1) as usize)
}

/// `levels` subtrees of equal leaves, each twice as long as the one before.
fn repeated(leaf: Node, levels: usize) -> Vec<Node> {
	std::iter::successors(Some(leaf), |node| Some(Node::pair(node.clone(), node.clone())))
		.take(levels)
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use snowbridge_beacon_primitives::{
		merkle_proof::{generalized_index_length, subtree_index},
		verify_merkle_branch,
	};

	fn chunk(value: u64) -> H256 {
		Node::number(value).root()
	}

	fn row(depth: u32) -> Node {
		Node::row((0..1 << depth).map(Node::number).collect(), depth)
	}

	/// The bits of a descriptor for one generalised index, derived by Lodestar's recipe: every node of
	/// the proof in the order of the walk, as many zeros as its index has at its end, then a one.
	fn descriptor(gindex: u64) -> Vec<u8> {
		let depth = gindex.ilog2();
		let mut nodes: Vec<u64> = (0..depth).map(|level| (gindex >> level) ^ 1).collect();
		nodes.push(gindex);
		nodes.sort_by_key(|node| node << (depth - node.ilog2()));
		let bits: Vec<u8> = nodes
			.iter()
			.flat_map(|node| std::iter::repeat_n(0, node.trailing_zeros() as usize).chain([1]))
			.collect();
		bits.chunks(8)
			.map(|byte| byte.iter().enumerate().fold(0, |sum, (i, bit)| sum | bit << (7 - i)))
			.collect()
	}

	#[test]
	fn branches_verify_for_the_client_and_only_at_their_place() {
		let tree = row(5);
		for gindex in 2..64_u64 {
			let leaf = tree.at(gindex).unwrap().root();
			let branch = tree.branch(gindex).unwrap();
			let index = gindex as usize;
			let verify = |leaf, branch: &[H256], at: usize| {
				let length = generalized_index_length(index);
				verify_merkle_branch(leaf, branch, subtree_index(at), length, tree.root())
			};
			assert!(verify(leaf, &branch, index));
			assert!(!verify(leaf, &branch, index ^ 1));
			assert!(!verify(chunk(77), &branch, index));
			assert!(!verify(leaf, &branch[1..], index));
		}
		assert!(tree.at(64).is_none() && tree.branch(64).is_none());
	}

	#[test]
	fn filling_equals_building() {
		let depth = 6;
		let mut leaves: Vec<u64> = (0..64).collect();
		let mut filled = row(depth);
		for (from, to) in [(0, 1), (63, 64), (5, 23), (16, 32), (1, 63), (9, 9), (0, 64)] {
			filled = filled.fill(depth, from..to, chunk(1000 + from));
			leaves[from as usize..to as usize].fill(1000 + from);
			let built = Node::row(leaves.iter().copied().map(Node::number).collect(), depth);
			assert_eq!(filled.root(), built.root(), "{from}..{to}");
		}
	}

	#[test]
	fn short_rows_are_padded_with_zero_chunks() {
		let padded: Vec<Node> =
			(0..8).map(|i| Node::number(if i < 5 { i + 1 } else { 0 })).collect();
		let short = Node::container((1..=5).map(Node::number).collect());
		assert_eq!(short.root(), Node::row(padded, 3).root());
		assert_eq!(Node::row(Vec::new(), 3).root(), Node::zero(3).root());
	}

	#[test]
	fn descriptors_are_those_of_lodestar() {
		// The vector of ChainSafe's own tests.
		assert_eq!(descriptor(42), [0x25, 0xe0]);
		let tree = row(5);
		let leaves = tree.compact_proof(&descriptor(42)).unwrap();
		let walked = [4, 20, 42, 43, 11, 3];
		let expected: Vec<H256> =
			walked.into_iter().map(|gindex| tree.at(gindex).unwrap().root()).collect();
		assert_eq!(leaves, expected);
		assert_eq!(tree.compact_proof(&[0b1000_0000]), Ok(vec![tree.root()]));
	}

	#[test]
	fn malformed_descriptors_are_refused() {
		let tree = row(5);
		for wrong in [&[][..], &[0b1000_0000, 0], &[0b1100_0000], &[0x25, 0xe1], &[0x25]] {
			assert_eq!(tree.compact_proof(wrong), Err(ProofError::Descriptor), "{wrong:?}");
		}
		assert_eq!(tree.compact_proof(&descriptor(64)), Err(ProofError::TooDeep));
	}
}
