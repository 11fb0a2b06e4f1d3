//! Bytes at random, near those of honest proofs and updates: nothing panics, whatever decodes is
//! refused and changes nothing, or says what the honest one says.

use super::*;
use crate::tests::random::Random;
use codec::{Decode, Encode};
use frame_support::{
	assert_storage_noop,
	storage::{with_transaction, TransactionOutcome::Rollback},
};
use snowbridge_pallet_ethereum_client::LatestFinalizedBlockRoot;
use sp_core::hexdisplay::HexDisplay;

const PROOFS: u32 = 20_000;
/// Each may be a pairing.
const UPDATES: u32 = 1_000;

/// These bytes with a few changes.
fn bent(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
	let mut bent = bytes.to_vec();
	for _ in 0..random.between(1, 3) {
		let at = random.below(bent.len() as u128) as usize;
		let byte = random.next() as u8;
		match random.below(8) {
			0 => drop(bent.remove(at)),
			1 => bent.insert(at, byte),
			2 => bent[at] = byte,
			_ => bent[at] ^= 1 << (byte % 8),
		}
	}
	bent
}

/// Tries as many values near an honest one; of those that are accepted, `same` must hold. Returns how
/// many could be decoded.
fn bend<Value: Encode + Decode>(
	honest: &Value,
	tries: u32,
	act: impl Fn(&Value) -> DispatchResultWithPostInfo,
	same: impl Fn() -> bool,
) -> u32 {
	let (mut random, bytes) = (Random(7), honest.encode());
	let mut decoded = 0;
	for _ in 0..tries {
		let Ok(value) = Value::decode(&mut bent(&mut random, &bytes).as_slice()) else {
			continue;
		};
		decoded += 1;
		match with_transaction(|| Rollback(act(&value).map(|_| same()))) {
			Ok(same) => assert!(same, "{}", HexDisplay::from(&value.encode())),
			Err(_) => {
				assert_storage_noop!(assert!(act(&value).is_err()));
			}
		}
	}
	decoded
}

#[test]
fn bytes_near_a_proof_prove_its_deposit_or_nothing() {
	bridge(|ethereum| {
		let slot = ethereum.mine(vec![vec![lock(1, &ALICE, 1_000)], vec![lock(2, &BOB, 5)]]);
		ethereum.follow();
		let honest = ethereum.prove(slot, 0, 0);
		let before = (issued(), balance(&BOB));
		let decoded = bend(&honest, PROOFS, submit_proof, || {
			Bridge::is_executed(1)
				&& !Bridge::is_executed(2)
				&& (issued(), balance(&BOB)) == (before.0 + 1_000, before.1)
		});
		assert!(decoded > PROOFS / 2, "only {decoded} were proofs");
		executed(&honest);
	});
}

#[test]
fn bytes_near_an_update_say_what_it_says_or_nothing() {
	bridge(|ethereum| {
		ethereum.lock(1, &ALICE, 1_000);
		let honest = ethereum.settle();
		let root = honest.finalized_header.hash_tree_root().expect("it is a header");
		let decoded =
			bend(&honest, UPDATES, update_by, || LatestFinalizedBlockRoot::<Test>::get() == root);
		assert!(decoded > UPDATES / 2, "only {decoded} were updates");
		assert_ok!(update_by(&honest));
	});
}
