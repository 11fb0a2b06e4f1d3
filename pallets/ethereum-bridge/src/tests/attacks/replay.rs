//! What was executed, again.

use super::*;

#[test]
fn the_same_proof_executes_once() {
	bridge(|ethereum| {
		let proof = ethereum.proven(1, &ALICE, 1_000);
		executed(&proof);
		for _ in 0..3 {
			refused(&proof, AlreadyProcessed);
			blocks(1);
		}
		assert_eq!(issued(), GENESIS + 1_000);
	});
}

#[test]
fn another_proof_of_an_event_executes_nothing() {
	bridge(|ethereum| {
		let slot = ethereum.lock(1, &ALICE, 1_000);
		ethereum.follow();
		let own = ethereum.prove(slot, 0, 0);
		let others = [0, 1].map(|_| {
			ethereum.mine(vec![]);
			ethereum.follow();
			ethereum.prove(slot, 0, 0)
		});
		assert_ne!(own.proof.execution_proof, others[0].proof.execution_proof);
		assert_ne!(others[0].proof.execution_proof, others[1].proof.execution_proof);
		executed(&others[0]);
		refused(&own, AlreadyProcessed);
		refused(&others[1], AlreadyProcessed);
		assert_eq!(issued(), GENESIS + 1_000);
	});
}

/// The client does not say which of the logs of a receipt it has found.
#[test]
fn equal_events_are_one_deposit() {
	bridge(|ethereum| {
		let [one, other] = [1, 2].map(|nonce| lock(nonce, &ALICE, 1_000));
		let slot = ethereum.mine(vec![vec![one.clone(), one.clone(), other], vec![one.clone()]]);
		ethereum.follow();
		let first = ethereum.prove(slot, 0, 0);
		assert_eq!(ethereum.prove(slot, 0, 1), first);
		executed(&first);
		refused(&ethereum.prove(slot, 0, 1), AlreadyProcessed);
		refused(&ethereum.prove(slot, 1, 0), AlreadyProcessed);
		executed(&ethereum.prove(slot, 0, 2));
		assert_eq!(issued(), GENESIS + 2_000);
	});
}

#[test]
fn a_nonce_is_worth_one_deposit() {
	bridge(|ethereum| {
		let proof = ethereum.proven(1, &ALICE, 1_000);
		let more = ethereum.proven(1, &BOB, 9_000);
		executed(&proof);
		refused(&more, AlreadyProcessed);
		executed(&ethereum.proven(2, &BOB, 9_000));
	});
}

#[test]
fn a_block_seen_twice_executes_once() {
	bridge(|ethereum| {
		let transactions = vec![vec![], vec![lock(1, &ALICE, 1_000)]];
		let slot = ethereum.mine(transactions.clone());
		let payload = ethereum.beacon.head().payload.clone();
		ethereum.beacon.append(slot + 3, payload).expect("slots ascend");
		ethereum.blocks.insert(slot + 3, transactions);
		ethereum.follow();
		let [proof, again] = [slot, slot + 3].map(|slot| ethereum.prove(slot, 1, 0));
		assert_ne!(proof.proof.execution_proof.header, again.proof.execution_proof.header);
		executed(&again);
		refused(&proof, AlreadyProcessed);
	});
}

#[test]
fn what_was_parked_was_executed() {
	bridge(|ethereum| {
		let proof = ethereum.proven(1, &ALICE, LIMITS.deposit_capacity + 1);
		executed(&proof);
		refused(&proof, AlreadyProcessed);
		assert_ok!(Bridge::claim_parked(signed(BOB), 1));
		blocks(1);
		refused(&proof, AlreadyProcessed);
		assert_ok!(Bridge::claim_parked(signed(BOB), 1));
		assert_noop!(Bridge::claim_parked(signed(BOB), 1), NothingParked::<Test>);
		refused(&proof, AlreadyProcessed);
		assert_eq!(issued(), GENESIS + LIMITS.deposit_capacity + 1);
	});
}

#[test]
fn a_pre_lock_counts_once() {
	bridge(|ethereum| {
		let half = ethereum.proven(1, &CHAIN.0.into(), GENESIS / 2);
		executed(&half);
		refused(&half, AlreadyProcessed);
		assert_eq!(Moved::<Test>::get().pre_locked, GENESIS / 2);
		executed(&ethereum.proven(2, &CHAIN.0.into(), GENESIS / 2));
		assert_eq!(Moved::<Test>::get().pre_locked, GENESIS);
	});
}
