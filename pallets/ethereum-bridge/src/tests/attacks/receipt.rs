//! Proofs of receipts, in a block with as many as blocks have.

use super::*;
use beacon_kit::ExecutionPayloadHeader;
use snowbridge_beacon_primitives::VersionedExecutionPayloadHeader;

const COUNT: u64 = 200;

/// A block of many transactions; each logs something, one of them a deposit.
fn crowded(place: u64) -> Vec<Vec<Log>> {
	let noise = |number| log_of(CAROL, &locked(number, &BOB, 1));
	let mut transactions: Vec<_> = (0..COUNT).map(|number| vec![noise(number)]).collect();
	transactions[place as usize].push(lock(1, &ALICE, 1_000));
	transactions
}

fn crowd(place: u64, test: impl FnOnce(EventProof)) {
	bridge(|ethereum| {
		let slot = ethereum.mine(crowded(place));
		ethereum.follow();
		test(ethereum.prove(slot, place, 1));
	});
}

/// The receipt in the last node of its proof: a list of a path, and of this text.
fn text_of(leaf: &[u8]) -> Vec<u8> {
	let ends = |at: &usize| {
		let length = [leaf[at + 1], leaf[at + 2]].map(usize::from);
		leaf[*at] == 0xb9 && at + 3 + length[0] * 256 + length[1] == leaf.len()
	};
	let at = (0..leaf.len() - 3).find(ends).expect("a receipt is longer than 255 bytes");
	leaf[at + 3..].to_vec()
}

#[test]
fn a_tampered_proof_proves_nothing() {
	// Places of all lengths of a path.
	for place in [0, 1, 127, 128, COUNT - 1] {
		crowd(place, |honest| {
			let nodes = &honest.proof.receipt_proof;
			assert!(nodes.len() > 1);
			let try_with = |nodes: Vec<Vec<u8>>| {
				disbelieved(
					&with(&honest, |proof| proof.proof.receipt_proof = nodes),
					InvalidProof,
				);
			};
			for cut in 0..nodes.len() {
				// A cut proof ends with the hash of the next node, which is no receipt.
				try_with(nodes[..cut].to_vec());
				try_with(nodes[cut + 1..].to_vec());
				let mut doubled = nodes.clone();
				doubled.insert(cut, nodes[cut].clone());
				try_with(doubled);
				for byte in [0, nodes[cut].len() / 2, nodes[cut].len() - 1] {
					let mut bent = nodes.clone();
					bent[cut][byte] ^= 1;
					try_with(bent);
				}
			}
			try_with(nodes.iter().rev().cloned().collect());
			for more in [vec![], vec![0x80], nodes[0].clone(), text_of(&nodes[nodes.len() - 1])] {
				try_with([nodes.clone(), vec![more]].concat());
			}
			executed(&honest);
		});
	}
}

#[test]
fn absence_proves_nothing() {
	bridge(|ethereum| {
		let slot = ethereum.mine(crowded(7));
		ethereum.follow();
		let honest = ethereum.prove(slot, 7, 1);
		let receipts = receipts_of(&ethereum.blocks[&slot]);
		let mut forged = crowded(7);
		forged.push(vec![lock(2, &BOB, 40_000)]);
		let forged = receipts_of(&forged);
		let leaf = receipts::proof(&forged, COUNT).pop().expect("it has nodes");
		let text = text_of(&leaf);
		for index in (COUNT..=256).chain([1 << 16, 1 << 32, u64::MAX]) {
			let absent = EventProof {
				event_log: Log { tx_index: index, ..lock(2, &BOB, 40_000) },
				proof: Proof {
					receipt_proof: receipts::proof(&receipts, index),
					..honest.proof.clone()
				},
			};
			disbelieved(&absent, InvalidProof);
			// What stands behind the last node might be taken for what was found.
			for more in [&leaf, &text] {
				let more = with(&absent, |proof| proof.proof.receipt_proof.push(more.clone()));
				disbelieved(&more, InvalidProof);
			}
		}
		executed(&honest);
	});
}

#[test]
fn receipts_belong_to_their_block() {
	bridge(|ethereum| {
		let slot = ethereum.mine(crowded(7));
		let empty = ethereum.mine(vec![]);
		ethereum.follow();
		let honest = ethereum.prove(slot, 7, 1);
		// Receipts of a block that was never made.
		let mut forged = crowded(7);
		forged[7] = vec![lock(1, &BOB, 40_000)];
		let forged = with(&honest, |proof| {
			proof.event_log = Log { tx_index: 7, ..forged[7][0].clone() };
			proof.proof.receipt_proof = receipts::proof(&receipts_of(&forged), 7);
		});
		disbelieved(&forged, InvalidProof);
		// Those of this block, under the header of another one.
		let execution_proof = ethereum.beacon.execution_proof(empty).expect("it is final");
		let elsewhere = with(&honest, |proof| proof.proof.execution_proof = execution_proof);
		disbelieved(&elsewhere, InvalidProof);
		executed(&honest);
	});
}

/// Each of them takes memory, and no node of a trie is shorter than the hash that would name it.
#[test]
fn nodes_without_content_count_too() {
	bridge(|ethereum| {
		let honest = ethereum.proven(1, &ALICE, 1_000);
		let nodes = 100_000 / 32;
		let much: [fn(&mut EventProof, usize); 2] = [
			|proof, nodes| proof.proof.receipt_proof.extend(vec![vec![]; nodes]),
			|proof, nodes| header(proof).extra_data = vec![0; 32 * nodes],
		];
		for enlarge in much {
			let large = with(&honest, |proof| enlarge(proof, nodes));
			assert_noop!(submit_proof(&large), ProofTooLarge::<Test>);
		}
		executed(&honest);
	});
}

#[test]
fn all_of_a_proof_has_its_weight() {
	bridge(|ethereum| {
		let slot = ethereum.lock(1, &ALICE, 1_000);
		ethereum.mine(vec![]);
		ethereum.follow();
		let honest = ethereum.prove(slot, 0, 0);
		type Change = fn(&mut EventProof);
		let more: [(u32, Change); 8] = [
			(1, |proof| proof.event_log.data.push(0)),
			(32, |proof| proof.event_log.topics.push(H256::zero())),
			(32, |proof| proof.proof.receipt_proof.push(vec![])),
			(40, |proof| proof.proof.receipt_proof.push(vec![0; 40])),
			(32, |proof| proof.proof.execution_proof.execution_branch.push(H256::zero())),
			(32, |proof| {
				let way = proof.proof.execution_proof.ancestry_proof.as_mut();
				way.expect("it is the ancestor of a final block").header_branch.push(H256::zero());
			}),
			(1, |proof| header(proof).extra_data.push(0)),
			(1, |proof| header(proof).logs_bloom.push(0)),
		];
		for (bytes, enlarge) in more {
			assert_eq!(Bridge::size(&with(&honest, enlarge)), Bridge::size(&honest) + bytes);
		}
	});
}

fn header(proof: &mut EventProof) -> &mut ExecutionPayloadHeader {
	match &mut proof.proof.execution_proof.execution_header {
		VersionedExecutionPayloadHeader::Deneb(header) => header,
		VersionedExecutionPayloadHeader::Capella(_) => unreachable!("the kit makes none"),
	}
}
