//! The content tree: what verifies, and what must not.

#![allow(clippy::arithmetic_side_effects)]

use super::*;

/// SplitMix64.
struct Random(u64);

impl Random {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		mixed ^ (mixed >> 31)
	}

	fn below(&mut self, limit: usize) -> usize {
		(self.next() % limit as u64) as usize
	}

	fn bytes(&mut self, size: usize) -> Vec<u8> {
		(0..size).map(|_| self.next() as u8).collect()
	}
}

/// A content that is at hand, in one piece.
struct File {
	bytes: Vec<u8>,
	tree: ContentTree,
	id: ContentId,
}

impl File {
	fn new(bytes: Vec<u8>) -> Self {
		let tree = ContentTree::of(&bytes);
		let Some(id) = tree.id() else { panic!("an empty content") };
		Self { bytes, tree, id }
	}

	fn random(size: usize) -> Self {
		Self::new(Random(size as u64).bytes(size))
	}

	fn size(&self) -> u64 {
		self.bytes.len() as u64
	}

	fn chunk(&self, index: u32) -> &[u8] {
		self.bytes.chunks(CHUNK).nth(index as usize).unwrap_or_default()
	}

	fn count(&self) -> u32 {
		self.bytes.len().div_ceil(CHUNK) as u32
	}

	fn proof(&self, index: u32) -> ChunkProof {
		let Some(proof) = self.tree.prove(index) else { panic!("no chunk {index}") };
		proof
	}

	fn verifies(&self, index: u32, chunk: &[u8], proof: &ChunkProof) -> bool {
		verify_chunk(self.id, self.size(), index, chunk, proof)
	}
}

/// Around the edges of chunks, and numbers of chunks that are no power of two.
const SIZES: [usize; 13] = [
	1,
	2,
	1_023,
	1_024,
	1_025,
	2_047,
	2_048,
	2_049,
	3 * CHUNK,
	5 * CHUNK,
	6 * CHUNK + 1,
	7 * CHUNK - 1,
	11 * CHUNK,
];

#[test]
fn hashes_are_as_the_documentation_says() {
	let bytes = Random(1).bytes(2 * CHUNK + 1);
	let leaf = |index: u32| {
		let chunk = bytes.chunks(CHUNK).nth(index as usize).unwrap_or_default();
		BlakeTwo256::hash(&[&[0], &index.to_le_bytes()[..], chunk].concat())
	};
	let node = |left: H256, right: H256| {
		BlakeTwo256::hash(&[&[1], left.as_bytes(), right.as_bytes()].concat())
	};
	let root = node(node(leaf(0), leaf(1)), leaf(2));
	let size = (bytes.len() as u64).to_le_bytes();
	let id = BlakeTwo256::hash(&[&size[..], root.as_bytes()].concat());
	let tree = ContentTree::of(&bytes);
	assert_eq!(tree.id(), Some(ContentId(id)));
	// The lone chunk at the end has the other two as its only sibling.
	assert_eq!(tree.prove(2), Some(ChunkProof([node(leaf(0), leaf(1))].to_vec())));
	assert_eq!(tree.prove(0), Some(ChunkProof([leaf(1), leaf(2)].to_vec())));
}

#[test]
fn nothing_has_no_name_and_no_chunks() {
	let tree = ContentTree::default();
	assert_eq!((tree.size(), tree.id(), tree.prove(0)), (0, None, None));
	assert_eq!(chunks(0), 0);
	let proof = ChunkProof(Vec::new());
	let root = leaf(0, &[]);
	assert!(!verify_chunk(ContentId::new(0, root), 0, 0, &[], &proof));
}

#[test]
fn every_chunk_verifies_at_its_place_and_nowhere_else() {
	for size in SIZES {
		let file = File::random(size);
		assert_eq!(chunks(file.size()), u64::from(file.count()));
		assert_eq!(file.tree.prove(file.count()), None);
		for index in 0..file.count() {
			let (chunk, proof) = (file.chunk(index), file.proof(index));
			for other in 0..file.count() + 3 {
				assert_eq!(file.verifies(other, chunk, &proof), other == index);
			}
			assert!(!file.verifies(u32::MAX, chunk, &proof));
		}
	}
}

#[test]
fn chunks_and_proofs_of_random_contents_verify_at_one_place_only() {
	let mut random = Random(7);
	for _ in 0..20 {
		let size = 1 + random.below(12 * CHUNK);
		let file = File::new(random.bytes(size));
		let proofs = (0..file.count()).map(|index| file.proof(index)).collect::<Vec<_>>();
		// Every chunk with every proof at every index.
		for chunk in 0..file.count() {
			for (proven, proof) in (0..).zip(&proofs) {
				for index in 0..file.count() {
					let right = chunk == proven && proven == index;
					assert_eq!(file.verifies(index, file.chunk(chunk), proof), right);
				}
			}
		}
	}
}

#[test]
fn proofs_have_exactly_one_length() {
	for size in SIZES {
		let file = File::random(size);
		for index in 0..file.count() {
			let (chunk, proof) = (file.chunk(index), file.proof(index));
			let mut longer = proof.clone();
			longer.0.push(H256::zero());
			assert!(!file.verifies(index, chunk, &longer));
			if let Some(last) = proof.0.last() {
				longer.0.pop();
				longer.0.push(*last);
				longer.0.push(*last);
				assert!(!file.verifies(index, chunk, &longer));
			}
			let mut shorter = proof.clone();
			while shorter.0.pop().is_some() {
				assert!(!file.verifies(index, chunk, &shorter));
			}
		}
	}
}

#[test]
fn a_changed_bit_anywhere_does_not_verify() {
	let mut random = Random(9);
	for size in SIZES {
		let file = File::random(size);
		for index in 0..file.count() {
			let (mut chunk, mut proof) = (file.chunk(index).to_vec(), file.proof(index));
			let place = random.below(chunk.len());
			chunk[place] ^= 1;
			assert!(!file.verifies(index, &chunk, &proof));
			chunk[place] ^= 1;
			for sibling in 0..proof.0.len() {
				proof.0[sibling].0[random.below(32)] ^= 1;
				assert!(!file.verifies(index, &chunk, &proof));
				proof = file.proof(index);
			}
			assert!(file.verifies(index, &chunk, &proof));
		}
	}
}

#[test]
fn chunks_have_exactly_one_length() {
	for size in SIZES {
		let file = File::random(size);
		for index in 0..file.count() {
			let (chunk, proof) = (file.chunk(index), file.proof(index));
			assert!(!file.verifies(index, &chunk[1..], &proof));
			assert!(!file.verifies(index, &chunk[..chunk.len() - 1], &proof));
			assert!(!file.verifies(index, &[chunk, &[0]].concat(), &proof));
		}
	}
}

#[test]
fn a_name_is_of_one_size() {
	let file = File::random(3 * CHUNK);
	let (chunk, proof) = (file.chunk(0), file.proof(0));
	for size in [0, 1, file.size() - 1, file.size() + 1, 4 * CHUNK as u64, MAX_SIZE, u64::MAX] {
		assert!(!verify_chunk(file.id, size, 0, chunk, &proof));
	}
	// Zeros at the end make another content.
	let longer = File::new([&file.bytes[..], &[0]].concat());
	assert_ne!(file.id, longer.id);
}

#[test]
fn a_file_shaped_like_a_tree_node_is_no_node() {
	let file = File::random(2 * CHUNK);
	let hashes = [leaf(0, file.chunk(0)), leaf(1, file.chunk(1))];
	let node = hashes.map(|hash| hash.0).concat();
	let shapes = [node.clone(), [&[1], &node[..]].concat(), [&[0; 5], &node[..]].concat()];
	for shape in shapes {
		let shaped = File::new(shape);
		assert_ne!(shaped.id, file.id);
		// Neither is its only chunk the root of the other, nor are the two chunks in this one.
		let none = ChunkProof(Vec::new());
		assert!(shaped.verifies(0, &shaped.bytes, &none));
		assert!(!verify_chunk(file.id, file.size(), 0, &shaped.bytes, &none));
		assert!(!verify_chunk(file.id, shaped.size(), 0, &shaped.bytes, &none));
		for index in 0..2 {
			let (chunk, proof) = (file.chunk(index), file.proof(index));
			assert!(!verify_chunk(shaped.id, file.size(), index, chunk, &proof));
			assert!(!verify_chunk(shaped.id, shaped.size(), index, chunk, &proof));
		}
	}
	// Nor is a name that is made of the same root for a file of one chunk.
	let root = crate::tree::node(hashes[0], hashes[1]);
	assert_eq!(ContentId::new(file.size(), root), file.id);
	assert_ne!(ContentId::new(64, root), file.id);
}

#[test]
fn equal_chunks_are_told_apart_by_their_index() {
	let file = File::new([7; 4 * CHUNK].to_vec());
	for index in 0..4 {
		for other in 0..4 {
			let verified = file.verifies(other, file.chunk(index), &file.proof(index));
			assert_eq!(verified, index == other);
		}
	}
}

#[test]
fn feeding_in_pieces_is_feeding_at_once() {
	let mut random = Random(11);
	for size in SIZES {
		let file = File::random(size);
		for most in [1, 7, 1_023, 1_024, 1_025, 3_000] {
			let mut tree = ContentTree::default();
			let mut rest = &file.bytes[..];
			while !rest.is_empty() {
				let (piece, later) = rest.split_at((1 + random.below(most)).min(rest.len()));
				tree.feed(piece);
				tree.feed(&[]);
				rest = later;
			}
			assert_eq!((tree.size(), tree.id()), (file.size(), Some(file.id)));
			for index in 0..file.count() {
				assert_eq!(tree.prove(index), Some(file.proof(index)));
			}
		}
	}
}

#[test]
fn the_largest_content_has_as_many_chunks_as_there_are_indices() {
	assert_eq!(chunks(MAX_SIZE), 1 << 32);
	assert_eq!(chunk_len(MAX_SIZE, u32::MAX), Some(CHUNK));
	assert_eq!(chunk_len(MAX_SIZE - 1, u32::MAX), Some(CHUNK - 1));
	assert_eq!(chunk_len(MAX_SIZE + 1, 0), None);
	let tree =
		ContentTree { size: MAX_SIZE + 1, leaves: [leaf(0, &[0])].to_vec(), ..Default::default() };
	assert_eq!((tree.id(), tree.prove(0)), (None, None));
	// The last of so many takes a proof of 32 hashes.
	let chunk = [3; CHUNK];
	let siblings = (0..32).map(H256::from_low_u64_be).collect::<Vec<_>>();
	let root =
		siblings.iter().fold(leaf(u32::MAX, &chunk), |hash, left| crate::tree::node(*left, hash));
	let id = ContentId::new(MAX_SIZE, root);
	let proof = ChunkProof(siblings);
	assert!(verify_chunk(id, MAX_SIZE, u32::MAX, &chunk, &proof));
	assert!(!verify_chunk(id, MAX_SIZE, u32::MAX - 1, &chunk, &proof));
}
