//! The trie of a block's receipts, built again from what `eth_getBlockReceipts` says, and a proof out of it.

use alloy::{
	eips::eip2718::Encodable2718,
	primitives::B256,
	rlp,
	rpc::types::TransactionReceipt,
	trie::{proof::ProofRetainer, root::adjust_index_for_rlp, HashBuilder, Nibbles},
};
use anyhow::{ensure, Context, Result};

/// The bytes of each receipt, as the trie has them.
pub fn encoded(receipts: &[TransactionReceipt]) -> Result<Vec<Vec<u8>>> {
	let in_order = |(at, receipt): (usize, &TransactionReceipt)| {
		ensure!(
			receipt.transaction_index == Some(at as u64),
			"The Ethereum node names receipt {:?} at place {at}.",
			receipt.transaction_index,
		);
		Ok(receipt.inner.clone().into_primitives_receipt().encoded_2718())
	};
	receipts.iter().enumerate().map(in_order).collect()
}

fn key(index: usize) -> Nibbles {
	Nibbles::unpack(rlp::encode_fixed_size(&index))
}

/// The root of the trie, and the nodes from it down to one receipt.
pub fn root_and_proof(receipts: &[Vec<u8>], index: usize) -> Result<(B256, Vec<Vec<u8>>)> {
	ensure!(index < receipts.len(), "The block has no receipt {index}.");
	let mut trie = HashBuilder::default().with_proof_retainer(ProofRetainer::new(vec![key(index)]));
	for place in 0..receipts.len() {
		// The trie takes its keys in the order of their encodings, in which 0 comes after 127.
		let at = adjust_index_for_rlp(place, receipts.len());
		trie.add_leaf(key(at), receipts.get(at).context("A receipt is missing.")?);
	}
	let root = trie.root();
	let nodes = trie.take_proof_nodes().into_nodes_sorted();
	Ok((root, nodes.into_iter().map(|(_, node)| node.to_vec()).collect()))
}

#[cfg(test)]
mod tests {
	use alloy::{
		primitives::Bytes,
		trie::{
			proof::{verify_proof, ProofVerificationError},
			root::ordered_trie_root_encoded,
		},
	};
	use serde::Deserialize;

	use super::*;

	/// A block of an Ethereum node: transactions of three types, one with logs, one that failed.
	#[derive(Deserialize)]
	#[serde(rename_all = "camelCase")]
	struct Recorded {
		receipts_root: B256,
		receipts: Vec<TransactionReceipt>,
	}

	fn recorded() -> Recorded {
		serde_json::from_str(include_str!("../vectors/receipts.json")).unwrap()
	}

	/// What a proof holds at an index, found as the chain finds it.
	fn proven(root: B256, index: usize, proof: &[Vec<u8>]) -> Option<Vec<u8>> {
		let nodes: Vec<Bytes> = proof.iter().cloned().map(Bytes::from).collect();
		match verify_proof(root, key(index), None, nodes.iter()) {
			Err(ProofVerificationError::ValueMismatch { path, got: Some(value), .. })
				if path == key(index) =>
			{
				Some(value.to_vec())
			}
			_ => None,
		}
	}

	#[test]
	fn the_root_is_that_of_the_block_and_every_receipt_is_proven() {
		let Recorded { receipts_root, receipts } = recorded();
		let receipts = encoded(&receipts).unwrap();
		for index in 0..receipts.len() {
			let (root, proof) = root_and_proof(&receipts, index).unwrap();
			assert_eq!(root, receipts_root);
			assert_eq!(proven(root, index, &proof).as_ref(), Some(&receipts[index]));
			assert_eq!(proven(B256::ZERO, index, &proof), None);
		}
		assert!(root_and_proof(&receipts, receipts.len()).is_err());
	}

	#[test]
	fn blocks_of_every_length_around_the_order_of_keys_are_proven() {
		for length in [1, 2, 127, 128, 129, 256, 257] {
			let receipts: Vec<Vec<u8>> = (0..length)
				.map(|at: usize| [vec![2], at.to_be_bytes().repeat(5)].concat())
				.collect();
			let expected = ordered_trie_root_encoded(&receipts);
			for index in [0, 1, 126, 127, 128, length - 1] {
				if index < length {
					let (root, proof) = root_and_proof(&receipts, index).unwrap();
					assert_eq!(root, expected);
					assert_eq!(proven(root, index, &proof).as_ref(), Some(&receipts[index]));
				}
			}
		}
	}

	#[test]
	fn what_a_node_leaves_out_or_changes_is_noticed() {
		let Recorded { receipts_root, mut receipts } = recorded();
		receipts.remove(1);
		assert!(encoded(&receipts).is_err());
		let mut receipts = encoded(&recorded().receipts).unwrap();
		receipts[2].pop();
		assert_ne!(root_and_proof(&receipts, 2).unwrap().0, receipts_root);
	}
}
