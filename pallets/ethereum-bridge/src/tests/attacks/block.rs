//! Blocks that are not what they are said to be.

use super::*;
use beacon_kit::block::gindex::BLOCK_ROOTS;
use snowbridge_beacon_primitives::{
	types::VersionedExecutionPayloadHeader::{Capella, Deneb},
	AncestryProof, BeaconHeader, ExecutionPayloadHeader, ExecutionProof,
};

/// How many final blocks the client remembers.
const RING: u64 = 5_120;
/// How many roots a state has.
const ROOTS: u64 = 8_192;

fn block(proof: &mut EventProof) -> &mut ExecutionProof {
	&mut proof.proof.execution_proof
}

fn way(proof: &mut EventProof) -> &mut AncestryProof {
	block(proof).ancestry_proof.as_mut().expect("it is the ancestor of a final block")
}

fn root_at(ethereum: &Ethereum, slot: u64) -> H256 {
	ethereum.beacon.at(slot).expect("there is such a block").root
}

#[test]
fn what_is_not_final_did_not_happen() {
	bridge(|ethereum| {
		let slot = ethereum.lock(1, &ALICE, 1_000);
		// It is final on Ethereum, but the client has not heard of it.
		let update = ethereum.settle();
		let own = ethereum.prove(slot, 0, 0);
		no_such_block(&own, "HeaderNotFinalized");
		ethereum.mine(vec![]);
		ethereum.settle();
		let by_a_later_one = ethereum.prove(slot, 0, 0);
		no_such_block(&by_a_later_one, "HeaderNotFinalized");
		assert_ok!(update_by(&update));
		no_such_block(&by_a_later_one, "ExpectedFinalizedHeaderNotStored");
		executed(&own);
	});
}

#[test]
fn a_block_of_another_fork_did_not_happen() {
	bridge(|ethereum| {
		let common = ethereum.mine(vec![]);
		let mut fork = ethereum.fork_at(common);
		let forged = fork.lock(1, &BOB, 40_000);
		let slot = ethereum.lock(1, &ALICE, 1_000);
		for _ in 0..3 {
			ethereum.mine(vec![]);
		}
		ethereum.follow();

		fork.settle();
		no_such_block(&fork.prove(forged, 0, 0), "ExpectedFinalizedHeaderNotStored");
		fork.mine(vec![]);
		fork.settle();
		let cheat = fork.prove(forged, 0, 0);
		no_such_block(&cheat, "ExpectedFinalizedHeaderNotStored");
		// By the way of the block that has its slot.
		let borrowed =
			ethereum.beacon.execution_proof(forged).expect("there is one").ancestry_proof;
		let cheat = with(&cheat, |proof| block(proof).ancestry_proof = borrowed);
		no_such_block(&cheat, "InvalidAncestryMerkleProof");
		executed(&ethereum.prove(slot, 0, 0));
	});
}

#[test]
fn a_bent_header_is_another_block() {
	bridge(|ethereum| {
		let slot = ethereum.lock(1, &ALICE, 1_000);
		ethereum.follow();
		let own = ethereum.prove(slot, 0, 0);
		ethereum.mine(vec![]);
		ethereum.follow();
		let ancestor = ethereum.prove(slot, 0, 0);
		let bends: [fn(&mut BeaconHeader); 5] = [
			|header| header.slot -= 1,
			|header| header.proposer_index += 1,
			|header| header.parent_root.0[0] ^= 1,
			|header| header.state_root.0[0] ^= 1,
			|header| header.body_root.0[0] ^= 1,
		];
		for bend in bends {
			let bent = |proof| with(proof, |proof| bend(&mut block(proof).header));
			no_such_block(&bent(&own), "ExpectedFinalizedHeaderNotStored");
			no_such_block(&bent(&ancestor), "InvalidAncestryMerkleProof");
		}
		executed(&ancestor);
	});
}

#[test]
fn a_way_leads_to_one_block() {
	bridge(|ethereum| {
		let slot = ethereum.lock(1, &ALICE, 1_000);
		let finals = [0, 1].map(|_| {
			let last = ethereum.mine(vec![]);
			ethereum.follow();
			last
		});
		let last = ethereum.lock(2, &ALICE, 1_000);
		ethereum.follow();
		let [one, other] = finals.map(|anchor| {
			let mut proof = ethereum.prove(slot, 0, 0);
			*block(&mut proof) =
				ethereum.beacon.execution_proof_at(slot, Some(anchor)).expect("it reaches back");
			proof
		});
		let root = root_at(ethereum, finals[1]);
		let crossed = with(&one, |proof| way(proof).finalized_block_root = root);
		no_such_block(&crossed, "InvalidAncestryMerkleProof");
		// Nothing is its own ancestor, or that of what was before it.
		let own = ethereum.prove(last, 0, 0);
		for descendant in [last, finals[1]] {
			let finalized_block_root = root_at(ethereum, descendant);
			let header_branch = way(&mut other.clone()).header_branch.clone();
			let way = AncestryProof { header_branch, finalized_block_root };
			let cheat = with(&own, |proof| block(proof).ancestry_proof = Some(way));
			no_such_block(&cheat, "HeaderNotFinalized");
		}
		executed(&one);
		refused(&other, AlreadyProcessed);
		executed(&own);
	});
}

#[test]
fn branches_have_one_length() {
	bridge(|ethereum| {
		let slot = ethereum.lock(1, &ALICE, 1_000);
		ethereum.mine(vec![]);
		ethereum.follow();
		let honest = ethereum.prove(slot, 0, 0);
		let changes: [fn(&mut Vec<H256>); 6] = [
			|branch| branch.clear(),
			|branch| {
				branch.remove(0);
			},
			|branch| {
				branch.pop();
			},
			|branch| branch.push(H256::zero()),
			|branch| branch.insert(0, H256::zero()),
			|branch| branch.reverse(),
		];
		for change in changes {
			let bent = with(&honest, |proof| change(&mut way(proof).header_branch));
			no_such_block(&bent, "InvalidAncestryMerkleProof");
			let bent = with(&honest, |proof| change(&mut block(proof).execution_branch));
			no_such_block(&bent, "InvalidExecutionHeaderProof");
		}
		executed(&honest);
	});
}

#[test]
fn an_execution_block_belongs_to_its_beacon_block() {
	bridge(|ethereum| {
		let slot = ethereum.lock(1, &ALICE, 1_000);
		let twin = ethereum.lock(1, &ALICE, 1_000);
		ethereum.mine(vec![]);
		ethereum.follow();
		let honest = ethereum.prove(slot, 0, 0);
		let of_the_twin = ethereum.prove(twin, 0, 0).proof.execution_proof;
		assert_eq!(
			of_the_twin.execution_header.receipts_root(),
			honest.proof.execution_proof.execution_header.receipts_root(),
		);
		let others: [fn(&mut EventProof, &ExecutionProof); 2] = [
			|proof, twin| block(proof).execution_header = twin.execution_header.clone(),
			|proof, twin| block(proof).header = twin.header,
		];
		let reasons = ["InvalidExecutionHeaderProof", "InvalidAncestryMerkleProof"];
		for (other, reason) in others.into_iter().zip(reasons) {
			no_such_block(&with(&honest, |proof| other(proof, &of_the_twin)), reason);
		}

		// Receipts of one's own, and a header that has their root.
		let forged = [vec![lock(1, &BOB, 40_000)]];
		let receipts = receipts_of(&forged);
		let Deneb(mut header) = honest.proof.execution_proof.execution_header.clone() else {
			unreachable!("the kit makes no other");
		};
		header.receipts_root = receipts::root(&receipts);
		let forged = with(&honest, |proof| {
			proof.event_log = forged[0][0].clone();
			proof.proof.receipt_proof = receipts::proof(&receipts, 0);
			block(proof).execution_header = Deneb(header.clone());
		});
		no_such_block(&forged, "InvalidExecutionHeaderProof");

		// Read as a block of another fork.
		let capella = with(&honest, |proof| {
			let Deneb(header) = &block(proof).execution_header else { return };
			block(proof).execution_header = Capella(ExecutionPayloadHeader {
				parent_hash: header.parent_hash,
				fee_recipient: header.fee_recipient,
				state_root: header.state_root,
				receipts_root: header.receipts_root,
				logs_bloom: header.logs_bloom.clone(),
				prev_randao: header.prev_randao,
				block_number: header.block_number,
				gas_limit: header.gas_limit,
				gas_used: header.gas_used,
				timestamp: header.timestamp,
				extra_data: header.extra_data.clone(),
				base_fee_per_gas: header.base_fee_per_gas,
				block_hash: header.block_hash,
				transactions_root: header.transactions_root,
				withdrawals_root: header.withdrawals_root,
			});
		});
		no_such_block(&capella, "InvalidExecutionHeaderProof");

		// More than SSZ can hold.
		header.extra_data = vec![0; 33];
		let odd = with(&honest, |proof| block(proof).execution_header = Deneb(header));
		no_such_block(&odd, "BlockBodyHashTreeRootFailed");
		executed(&honest);
	});
}

#[test]
fn what_the_ring_forgot_needs_another_way() {
	bridge(|ethereum| {
		let slot = ethereum.lock(1, &ALICE, 1_000);
		ethereum.follow();
		let own = ethereum.prove(slot, 0, 0);
		let store = |proposer_index| {
			let header = BeaconHeader { slot, proposer_index, ..Default::default() };
			assert_ok!(BeaconClient::store_finalized_header(header, H256::zero()));
		};
		(1..RING).for_each(store);
		assert_eq!(BeaconClient::verify(&own.event_log, &own.proof), Ok(()));
		store(RING);
		no_such_block(&own, "ExpectedFinalizedHeaderNotStored");
		// A later block is its descendant.
		ethereum.mine(vec![]);
		ethereum.follow();
		executed(&ethereum.prove(slot, 0, 0));
	});
}

#[test]
fn a_place_is_taken_by_the_next_round() {
	bridge(|ethereum| {
		let slot = ethereum.lock(1, &ALICE, 1_000);
		ethereum.mine(vec![]);
		ethereum.follow_with_committee();
		ethereum.mine_at(slot + ROOTS, vec![]);
		ethereum.follow_with_committee();
		let near = ethereum.prove(slot, 0, 0);
		let far = ethereum.mine_at(slot + ROOTS + 10, vec![]);
		ethereum.follow();
		// The way to the place that was its own.
		let state = &ethereum.beacon.at(far).expect("it was just made").state;
		let roots = state.at(BLOCK_ROOTS).expect("states have these roots");
		let header_branch = roots.branch(ROOTS + slot % ROOTS).expect("they are known");
		let finalized_block_root = root_at(ethereum, far);
		let way = AncestryProof { header_branch, finalized_block_root };
		let cheat = with(&near, |proof| block(proof).ancestry_proof = Some(way));
		no_such_block(&cheat, "InvalidAncestryMerkleProof");
		executed(&near);
	});
}
