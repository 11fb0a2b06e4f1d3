//! Events that are no deposits, and deposits that are no events.

use super::*;

/// Logs of one transaction, a deposit the last of them.
fn beside_a_deposit(logs: Vec<Log>, check: impl Fn(usize, &EventProof)) {
	bridge(|ethereum| {
		let count = logs.len();
		let slot = ethereum.mine(vec![[logs, vec![lock(1, &ALICE, 1_000)]].concat()]);
		ethereum.follow();
		(0..count).for_each(|place| check(place, &ethereum.prove(slot, 0, place)));
		executed(&ethereum.prove(slot, 0, count));
	});
}

#[test]
fn others_have_no_deposits() {
	// A vault of another chain, a contract of the cheat's own, the token.
	let emitters = [H160::repeat_byte(0xa9), CAROL, VAULT.token];
	let event = locked(1, &BOB, 40_000);
	let logs = emitters.map(|emitter| log_of(emitter, &event)).to_vec();
	beside_a_deposit(logs, |_, proof| {
		refused(proof, WrongEmitter);
		// Said to be the vault's.
		let bent = with(proof, |proof| proof.event_log.address = VAULT.address);
		disbelieved(&bent, LogNotFound);
	});
}

#[test]
fn other_events_are_no_deposits() {
	let deposit = lock(1, &BOB, 40_000);
	let changed = |change: fn(&mut Log)| {
		let mut log = deposit.clone();
		change(&mut log);
		log
	};
	let two_to_64 = |log: &mut Log| log.topics[1] = H256(U256::from(1u128 << 64).to_big_endian());
	type Expected = fn() -> Error<Test>;
	let cases: [(Log, Expected); 10] = [
		(changed(|log| log.topics[0] = H256::repeat_byte(7)), || WrongTopic),
		(changed(|log| log.topics.clear()), || WrongTopic),
		// A solidity contract without indexed arguments would do so.
		(changed(|log| log.topics.truncate(1)), || InvalidLog),
		(changed(|log| log.topics.truncate(3)), || InvalidLog),
		(changed(two_to_64), || InvalidLog),
		(changed(|log| log.topics[2].0[0] = 1), || InvalidLog),
		(changed(|log| log.data.clear()), || InvalidLog),
		(
			changed(|log| {
				log.data.remove(0);
			}),
			|| InvalidLog,
		),
		(changed(|log| log.data.push(0)), || InvalidLog),
		(changed(|log| log.data.extend([0; 32])), || InvalidLog),
	];
	let logs = cases.iter().map(|(log, _)| log.clone()).collect();
	beside_a_deposit(logs, |place, proof| {
		refused(proof, cases[place].1());
		// Said to be a deposit.
		let event_log = Log { tx_index: proof.event_log.tx_index, ..deposit.clone() };
		disbelieved(&EventProof { event_log, ..proof.clone() }, LogNotFound);
	});
}

#[test]
fn a_bent_event_never_happened() {
	bridge(|ethereum| {
		let proof = ethereum.proven(1, &ALICE, 1_000);
		let bends: [fn(&mut Log); 5] = [
			|log| log.topics[1].0[31] = 2,
			|log| log.topics[2].0[31] ^= 1,
			|log| log.topics[3] = H256(BOB.into()),
			|log| log.topics[3] = CHAIN,
			|log| log.data[30] += 1,
		];
		for bend in bends {
			disbelieved(&with(&proof, |proof| bend(&mut proof.event_log)), LogNotFound);
		}
		executed(&proof);
	});
}

#[test]
fn an_event_belongs_to_its_transaction() {
	bridge(|ethereum| {
		let other = lock(2, &BOB, 2_000);
		let slot = ethereum.mine(vec![vec![lock(1, &ALICE, 1_000)], vec![other], vec![]]);
		ethereum.follow();
		let [proof, other] = [0, 1].map(|transaction| ethereum.prove(slot, transaction, 0));
		for index in [1, 2, 3, 0x80, u64::MAX] {
			let moved = with(&proof, |proof| proof.event_log.tx_index = index);
			disbelieved(&moved, InvalidProof);
		}
		// With the other receipt too, it is proven to have another event.
		let receipt_proof = other.proof.receipt_proof.clone();
		let moved = with(&proof, |proof| {
			proof.event_log.tx_index = 1;
			proof.proof.receipt_proof = receipt_proof;
		});
		disbelieved(&moved, LogNotFound);
		executed(&proof);
		executed(&other);
	});
}

/// Ethereum takes back what a failed transaction logged, so its receipt has no logs, and the client
/// need not look at its status.
#[test]
fn a_failed_transaction_has_no_events() {
	bridge(|ethereum| {
		let transactions = vec![vec![], vec![lock(1, &ALICE, 1_000)]];
		let mut receipts = receipts_of(&transactions);
		let failed = receipts[0].as_receipt_with_bloom_mut().expect("every receipt has one");
		failed.receipt.status = false.into();
		let slot = ethereum.beacon.head().header.slot + 1;
		let payload = receipts::payload(1, &receipts);
		ethereum.beacon.append(slot, payload).expect("slots ascend");
		ethereum.follow();
		let honest = receipts::event_proof(&ethereum.beacon, slot, &receipts, 1, 0)
			.expect("the block has it");
		let cheat = with(&honest, |proof| {
			proof.event_log.tx_index = 0;
			proof.proof.receipt_proof = receipts::proof(&receipts, 0);
		});
		disbelieved(&cheat, LogNotFound);
		executed(&honest);
	});
}
