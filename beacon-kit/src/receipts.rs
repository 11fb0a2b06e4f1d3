//! Receipts of execution blocks, and proofs of the events in them.

pub use alloy_consensus::ReceiptEnvelope;
pub use alloy_primitives::Log as ReceiptLog;

use alloy_consensus::{Eip658Value, Receipt};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, Bloom, B256};
use alloy_trie::{proof::ProofRetainer, HashBuilder, Nibbles};
use snowbridge_verification_primitives::{EventProof, Log, Proof};
use sp_core::{H160, H256};

use crate::{BeaconChain, Error, ExecutionPayloadHeader};

/// Gas that a transaction is said to have used.
const GAS: u64 = 21_000;

/// A log as contracts write it.
pub fn log(address: H160, topics: Vec<H256>, data: Vec<u8>) -> ReceiptLog {
	let topics = topics.into_iter().map(|topic| B256::from(topic.0)).collect();
	ReceiptLog::new_unchecked(Address::from(address.0), topics, data.into())
}

/// The receipts of a block whose transactions succeeded with these logs.
pub fn block(transactions: &[Vec<ReceiptLog>]) -> Vec<ReceiptEnvelope> {
	let receipts = transactions.iter().zip(1..).map(|(logs, count)| {
		let receipt = Receipt {
			status: Eip658Value::Eip658(true),
			cumulative_gas_used: GAS * count,
			logs: logs.clone(),
		};
		ReceiptEnvelope::Eip1559(receipt.with_bloom())
	});
	receipts.collect()
}

/// An execution block with these receipts.
pub fn payload(number: u64, receipts: &[ReceiptEnvelope]) -> ExecutionPayloadHeader {
	let bloom = receipts.iter().fold(Bloom::ZERO, |all, receipt| all | *receipt.logs_bloom());
	ExecutionPayloadHeader {
		receipts_root: root(receipts),
		logs_bloom: bloom.0.to_vec(),
		block_number: number,
		gas_used: GAS * receipts.len() as u64,
		..crate::payload()
	}
}

/// The root of the receipts' trie.
pub fn root(receipts: &[ReceiptEnvelope]) -> H256 {
	trie(receipts, None).root().0.into()
}

/// The nodes of the trie from its root to a receipt, or to where it would be.
pub fn proof(receipts: &[ReceiptEnvelope], index: u64) -> Vec<Vec<u8>> {
	let mut trie = trie(receipts, Some(index));
	trie.root();
	let nodes = trie.take_proof_nodes().into_nodes_sorted();
	nodes.into_iter().map(|(_, node)| node.to_vec()).collect()
}

/// Proves that the block at `slot` has the log `log_index` of the transaction `tx_index`, as
/// [`BeaconChain::execution_proof`] does.
pub fn event_proof(
	chain: &BeaconChain,
	slot: u64,
	receipts: &[ReceiptEnvelope],
	tx_index: u64,
	log_index: usize,
) -> Result<EventProof, Error> {
	let execution_proof = chain.execution_proof(slot)?;
	if execution_proof.execution_header.receipts_root() != root(receipts) {
		return Err(Error::Receipt(format!("The block of slot {slot} has other receipts")));
	}
	let found = receipts.get(tx_index as usize).and_then(|receipt| receipt.logs().get(log_index));
	let found = found.ok_or_else(|| {
		Error::Receipt(format!("Transaction {tx_index} has no receipt with a log {log_index}"))
	})?;
	let event_log = Log {
		address: H160(found.address.into_array()),
		topics: found.topics().iter().map(|topic| H256(topic.0)).collect(),
		data: found.data.data.to_vec(),
		tx_index,
	};
	let receipt_proof = proof(receipts, tx_index);
	Ok(EventProof { event_log, proof: Proof { receipt_proof, execution_proof } })
}

/// The trie, which remembers the way to one receipt.
fn trie(receipts: &[ReceiptEnvelope], target: Option<u64>) -> HashBuilder {
	let mut leaves: Vec<(Nibbles, Vec<u8>)> =
		(0..).map(key).zip(receipts.iter().map(Encodable2718::encoded_2718)).collect();
	leaves.sort_unstable();
	let retainer = ProofRetainer::from_iter(target.map(key));
	let mut trie = HashBuilder::default().with_proof_retainer(retainer);
	leaves.iter().for_each(|(key, receipt)| trie.add_leaf(*key, receipt));
	trie
}

fn key(index: u64) -> Nibbles {
	Nibbles::unpack(alloy_rlp::encode(index))
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloy_consensus::proofs::calculate_receipt_root;
	use snowbridge_verification_primitives::receipt::verify_receipt_proof;

	fn receipts(count: u8) -> Vec<ReceiptEnvelope> {
		let transactions: Vec<Vec<ReceiptLog>> = (0..count)
			.map(|i| vec![log(H160::repeat_byte(i), vec![H256::repeat_byte(i)], vec![i; 40])])
			.collect();
		block(&transactions)
	}

	#[test]
	fn roots_are_those_of_ethereum() {
		for count in [0, 1, 2, 127, 128, 129, 200] {
			let receipts = receipts(count);
			assert_eq!(root(&receipts).0, calculate_receipt_root(&receipts).0, "{count}");
		}
	}

	#[test]
	fn proofs_verify_for_the_client_and_only_at_their_index() {
		for count in [1, 2, 17, 128, 200] {
			let receipts = receipts(count);
			let root = root(&receipts);
			for index in [0, 1, 15, 16, 127, 128, 199] {
				let proof = proof(&receipts, index);
				let verified = verify_receipt_proof(root, index, &proof);
				assert_eq!(verified.as_ref(), receipts.get(index as usize), "{index} of {count}");
				assert!(verify_receipt_proof(root, index + 1, &proof).is_none());
				assert!(verify_receipt_proof(H256::zero(), index, &proof).is_none());
				assert!(verify_receipt_proof(root, index, &proof[1..]).is_none());
				let mut tampered = proof;
				let byte = tampered.last_mut().and_then(|node| node.last_mut()).unwrap();
				*byte ^= 1;
				assert!(verify_receipt_proof(root, index, &tampered).is_none());
			}
		}
	}

	#[test]
	fn every_kind_of_receipt_can_be_proven() {
		let logs = vec![log(H160::zero(), vec![], vec![1])];
		let receipt = Receipt { status: true.into(), cumulative_gas_used: 1, logs }.with_bloom();
		let receipts = [
			ReceiptEnvelope::Legacy(receipt.clone()),
			ReceiptEnvelope::Eip2930(receipt.clone()),
			ReceiptEnvelope::Eip1559(receipt.clone()),
			ReceiptEnvelope::Eip4844(receipt.clone()),
			ReceiptEnvelope::Eip7702(receipt),
		];
		for (index, receipt) in (0..).zip(&receipts) {
			let proof = proof(&receipts, index);
			let verified = verify_receipt_proof(root(&receipts), index, &proof);
			assert_eq!(verified.as_ref(), Some(receipt));
		}
	}

	#[test]
	fn an_event_is_proven_of_a_block_that_has_it() {
		let ours = receipts(3);
		let mut chain = BeaconChain::new(64);
		chain.append(65, payload(1, &ours)).unwrap();
		let early = Error::NotFinal { slot: 65, finalized: 64 };
		assert_eq!(event_proof(&chain, 65, &ours, 2, 0).unwrap_err(), early);
		chain.finalise(65).unwrap();
		let proven = event_proof(&chain, 65, &ours, 2, 0).unwrap();
		assert_eq!(proven.event_log.data, vec![2; 40]);
		assert_eq!(proven.event_log.tx_index, 2);
		for (receipts, index, log) in
			[(receipts(4), 2, 0), (receipts(3), 3, 0), (receipts(3), 2, 1)]
		{
			let refused = event_proof(&chain, 65, &receipts, index, log).unwrap_err();
			assert!(matches!(refused, Error::Receipt(_)), "{refused}");
		}
	}
}
