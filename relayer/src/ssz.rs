//! What of SSZ is needed: Merkle branches over SHA-256 and the roots of the two headers that are sent to the chain.

use alloy::primitives::{B256, U256};
use sha2::{Digest, Sha256};

use crate::chain_types::{BeaconHeader, ExecutionHeader, SyncCommittee};

/// Slots of a sync committee period, and how far back a state names the roots of blocks.
pub const PERIOD: u64 = 8192;

/// Slots of an epoch.
pub const EPOCH: u64 = 32;

/// Members of a sync committee.
pub const COMMITTEE: usize = 512;

/// Bytes of a validator's public key.
pub const KEY: usize = 48;

/// The depth of `block_roots` below its own root.
pub const BLOCK_ROOTS_DEPTH: usize = 13;

/// The execution payload in a block's body.
pub const PAYLOAD_IN_BODY: u64 = 25;

/// The execution payload in a block: the body is its field 4.
pub const PAYLOAD_IN_BLOCK: u64 = 12 * 16 + 9;

/// Where a beacon state keeps what is proved. Electra widened it and moved everything.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Places {
	pub validators_root: u64,
	pub block_roots: u64,
	pub finalized_root: u64,
	pub current_committee: u64,
}

impl Places {
	/// Of Altair, Bellatrix, Capella and Deneb.
	const ALTAIR: Self =
		Self { validators_root: 33, block_roots: 37, finalized_root: 105, current_committee: 54 };
	/// Of Electra and Fulu.
	const ELECTRA: Self =
		Self { validators_root: 65, block_roots: 69, finalized_root: 169, current_committee: 86 };

	/// Of a state in the given epoch, when Electra began in the other one.
	pub fn at(epoch: u64, electra: u64) -> Self {
		if epoch >= electra {
			Self::ELECTRA
		} else {
			Self::ALTAIR
		}
	}

	/// The root of the block at a slot, among the last 8,192.
	pub fn block_root(&self, slot: u64) -> u64 {
		self.block_roots * PERIOD + slot % PERIOD
	}
}

/// The sync committee period of a slot.
pub fn period(slot: u64) -> u64 {
	slot / PERIOD
}

/// The epoch of a slot.
pub fn epoch(slot: u64) -> u64 {
	slot / EPOCH
}

/// How many members signed, out of the bits of an aggregate.
pub fn signers(bits: &[u8]) -> u32 {
	bits.iter().map(|byte| byte.count_ones()).sum()
}

/// The hash of two nodes.
pub fn hash(left: B256, right: B256) -> B256 {
	let mut hasher = Sha256::new();
	hasher.update(left);
	hasher.update(right);
	B256::from_slice(&hasher.finalize())
}

/// The root that a leaf and its branch, siblings from the bottom up, lead to.
pub fn root_of_branch(leaf: B256, branch: &[B256], gindex: u64) -> B256 {
	let step = |(node, at): (B256, u64), sibling: &B256| match at % 2 {
		0 => (hash(node, *sibling), at / 2),
		_ => (hash(*sibling, node), at / 2),
	};
	branch.iter().fold((leaf, gindex), step).0
}

/// The root of leaves, filled up with zeros.
fn merkleize(mut nodes: Vec<B256>) -> B256 {
	nodes.resize(nodes.len().next_power_of_two(), B256::ZERO);
	while nodes.len() > 1 {
		let up = |pair: &[B256]| match pair {
			[left, right] => hash(*left, *right),
			_ => B256::ZERO,
		};
		nodes = nodes.chunks_exact(2).map(up).collect();
	}
	nodes.first().copied().unwrap_or_default()
}

fn number(value: u64) -> B256 {
	padded(&value.to_le_bytes())
}

/// A chunk that begins with the bytes, of which there are at most 32.
fn padded(bytes: &[u8]) -> B256 {
	B256::right_padding_from(bytes)
}

/// The root of a beacon block header, which is the root of its block.
pub fn root_of_header(header: &BeaconHeader) -> B256 {
	merkleize(vec![
		number(header.slot),
		number(header.proposer_index),
		header.parent_root.into(),
		header.state_root.into(),
		header.body_root.into(),
	])
}

/// The root of a sync committee, if it has as many keys as a committee has, and all of a key's length.
pub fn root_of_committee(committee: &SyncCommittee) -> Option<B256> {
	let SyncCommittee { pubkeys, aggregate_pubkey } = committee;
	let mut keys = pubkeys.iter().chain([aggregate_pubkey]);
	if pubkeys.len() != COMMITTEE || keys.any(|key| key.len() != KEY) {
		return None;
	}
	let root = |key: &Vec<u8>| merkleize(key.chunks(32).map(padded).collect());
	Some(hash(merkleize(pubkeys.iter().map(root).collect()), root(aggregate_pubkey)))
}

/// The root of an execution payload, by its header.
pub fn root_of_payload(header: &ExecutionHeader) -> B256 {
	let bloom = header.logs_bloom.chunks(32).map(padded).collect();
	let extra = hash(padded(&header.extra_data), number(header.extra_data.len() as u64));
	merkleize(vec![
		header.parent_hash.into(),
		padded(&header.fee_recipient),
		header.state_root.into(),
		header.receipts_root.into(),
		merkleize(bloom),
		header.prev_randao.into(),
		number(header.block_number),
		number(header.gas_limit),
		number(header.gas_used),
		number(header.timestamp),
		extra,
		B256::from(U256::from_limbs(header.base_fee_per_gas).to_le_bytes::<32>()),
		header.block_hash.into(),
		header.transactions_root.into(),
		header.withdrawals_root.into(),
		number(header.blob_gas_used),
		number(header.excess_blob_gas),
	])
}

#[cfg(test)]
mod tests {
	use alloy::primitives::b256;

	use super::*;

	// The two headers and their roots are those of the consensus layer that Snowbridge's primitives test with.
	#[test]
	fn roots_of_headers_are_those_of_the_consensus_layer() {
		let header = BeaconHeader {
			slot: 3,
			proposer_index: 2,
			parent_root: b256!("796ea53efb534eab7777809cc5ee2d84e7f25024b9d0c4d7e5bcaab657e4bdbd")
				.0,
			state_root: b256!("ba3ff080912be5c9c158b2e962c1b39a91bc0615762ba6fa2ecacafa94e9ae0a").0,
			body_root: b256!("a18d7fcefbb74a177c959160e0ee89c23546482154e6831237710414465dcae5").0,
		};
		let root = b256!("7d42595818709e805dd2fa710a2d2c1f62576ef1ab7273941ac9130fb94b91f7");
		assert_eq!(root_of_header(&header), root);
		assert_ne!(root_of_header(&BeaconHeader { slot: 4, ..header }), root);
	}

	#[test]
	fn a_branch_leads_to_the_root_of_its_tree_only_at_its_place() {
		let leaves: Vec<B256> = (0..8).map(B256::with_last_byte).collect();
		let pairs: Vec<B256> = leaves.chunks(2).map(|pair| hash(pair[0], pair[1])).collect();
		let root = merkleize(leaves.clone());
		let branch = [leaves[4], pairs[3], hash(pairs[0], pairs[1])];
		assert_eq!(root_of_branch(leaves[5], &branch, 8 + 5), root);
		assert_ne!(root_of_branch(leaves[5], &branch, 8 + 4), root);
	}

	#[test]
	fn places_follow_the_fork_of_the_state() {
		assert_eq!(Places::at(9, 10).finalized_root, 105);
		let electra = Places::at(10, 10);
		assert_eq!((electra.finalized_root, electra.block_root(8192 + 5)), (169, 69 * 8192 + 5));
	}

	#[test]
	fn periods_and_signers_are_counted() {
		assert_eq!((period(8191), period(8192), epoch(63)), (0, 1, 1));
		assert_eq!(signers(&[0xff, 0x01, 0x00]), 9);
	}
}
