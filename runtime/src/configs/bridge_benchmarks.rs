//! What the bridge's benchmarks need of the light client: a deposit that it accepts, in a receipt as
//! slow to read as its size allows.

use crate::Runtime;
use alloc::{boxed::Box, vec, vec::Vec};
use pallet_ethereum_bridge::{messages::Locked, BenchmarkHelper, EventProof, Log, Proof};
use snowbridge_beacon_primitives::{
	merkle_proof::{generalized_index_length, subtree_index},
	types::deneb,
	AncestryProof, BeaconHeader, CompactBeaconState, ExecutionProof,
	VersionedExecutionPayloadHeader,
};
use snowbridge_pallet_ethereum_client::{
	config::BLOCK_ROOT_AT_INDEX_DEPTH, FinalizedBeaconState, LatestFinalizedBlockRoot,
	Pallet as EthereumClient, SLOTS_PER_HISTORICAL_ROOT,
};
use sp_core::{H160, H256};
use sp_io::hashing::{keccak_256, sha2_256};

/// The slot of the block with the deposit; the client has finalised a later one.
const SLOT: u64 = 100;
/// Everything around the logs: hashes of the proof, the header's and the receipt's blooms, lengths.
const AROUND_LOGS: usize = 2_048;
/// The smallest log: an address, no topics, no data. Its encoding has this many bytes.
const SMALLEST_LOG: usize = 24;

/// Makes it.
pub struct BridgeBenchmarks;

impl BenchmarkHelper for BridgeBenchmarks {
	fn deposit(vault: H160, locked: Locked, bytes: u32) -> EventProof {
		let (topics, data) = locked.write();
		let receipt = receipt(vault, &topics, &data, bytes as usize);
		// A trie of one receipt is a leaf, whose path is the rest of the key: the number 0 is 0x80.
		let node = list(&[string(&[0x20, 0x80]), string(&receipt)]);
		let execution_header =
			VersionedExecutionPayloadHeader::Deneb(deneb::ExecutionPayloadHeader {
				receipts_root: keccak_256(&node).into(),
				logs_bloom: vec![0; 256],
				extra_data: vec![0; 32],
				..Default::default()
			});
		EventProof {
			event_log: Log { address: vault, topics, data, tx_index: 0 },
			proof: Proof {
				receipt_proof: vec![node],
				execution_proof: execution_proof(execution_header),
			},
		}
	}
}

/// An encoded receipt with the deposit as its last log, after as many small ones as fit.
fn receipt(vault: H160, topics: &[H256], data: &[u8], bytes: usize) -> Vec<u8> {
	let topics: Vec<_> = topics.iter().map(|topic| string(topic.as_bytes())).collect();
	let deposit = list(&[string(vault.as_bytes()), list(&topics), string(data)]);
	let other = list(&[string(H160::repeat_byte(7).as_bytes()), list(&[]), string(&[])]);
	let fixed = deposit.len().saturating_add(AROUND_LOGS);
	let count = bytes.saturating_sub(fixed).checked_div(SMALLEST_LOG).unwrap_or_default();
	let mut logs = vec![other; count];
	logs.push(deposit);
	list(&[string(&[1]), string(&[1]), string(&[0; 256]), list(&logs)])
}

/// The proof that the client has finalised a block after the one with this header, by the longest
/// way there is.
fn execution_proof(execution_header: VersionedExecutionPayloadHeader) -> ExecutionProof {
	let root = |root: Result<H256, _>| root.unwrap_or_default();
	let index = EthereumClient::<Runtime>::execution_header_gindex();
	let execution_branch = vec![H256::repeat_byte(1); generalized_index_length(index)];
	let header = BeaconHeader {
		slot: SLOT,
		body_root: branch_root(
			root(execution_header.hash_tree_root()),
			&execution_branch,
			subtree_index(index),
		),
		..Default::default()
	};
	let header_branch = vec![H256::repeat_byte(2); BLOCK_ROOT_AT_INDEX_DEPTH];
	let place = SLOTS_PER_HISTORICAL_ROOT.saturating_add(SLOT as usize);
	let block_roots_root = branch_root(root(header.hash_tree_root()), &header_branch, place);
	let finalized_block_root = H256::repeat_byte(3);
	FinalizedBeaconState::<Runtime>::insert(
		finalized_block_root,
		CompactBeaconState { slot: SLOT.saturating_add(1), block_roots_root },
	);
	LatestFinalizedBlockRoot::<Runtime>::put(finalized_block_root);
	ExecutionProof {
		header,
		ancestry_proof: Some(AncestryProof { header_branch, finalized_block_root }),
		execution_header,
		execution_branch,
	}
}

/// The root of an SSZ tree, from a leaf and its siblings.
fn branch_root(leaf: H256, branch: &[H256], index: usize) -> H256 {
	branch.iter().enumerate().fold(leaf, |node, (height, sibling)| {
		let right = index.checked_shr(height as u32).unwrap_or_default() & 1 == 1;
		let (left, right) = if right { (sibling, &node) } else { (&node, sibling) };
		sha2_256(&[left.as_bytes(), right.as_bytes()].concat()).into()
	})
}

/// RLP of a string.
fn string(bytes: &[u8]) -> Vec<u8> {
	match bytes {
		[byte] if *byte < 0x80 => vec![*byte],
		_ => with_length(0x80, bytes),
	}
}

/// RLP of a list of encoded items.
fn list(items: &[Vec<u8>]) -> Vec<u8> {
	with_length(0xc0, &items.concat())
}

fn with_length(tag: u8, payload: &[u8]) -> Vec<u8> {
	let mut encoded = Vec::with_capacity(payload.len().saturating_add(9));
	if payload.len() < 56 {
		encoded.push(tag.saturating_add(payload.len() as u8));
	} else {
		let length: Box<[u8]> =
			payload.len().to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
		encoded.push(tag.saturating_add(55).saturating_add(length.len() as u8));
		encoded.extend_from_slice(&length);
	}
	encoded.extend_from_slice(payload);
	encoded
}
