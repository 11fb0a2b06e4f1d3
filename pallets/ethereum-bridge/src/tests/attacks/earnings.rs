//! What cheats earn who break nothing.
//!
//! - Who copies a relayer's proof out of the pool gets its tip, a hundredth at most. He does its work:
//!   the recipient has as much as before. The relayer pays for a call that comes too late.
//! - Who splits his deposits, or proves them himself, has what he had.
//! - Who makes dust pays Ethereum's gas for each, and must lock what the vault wants at least. It is
//!   minted, or is an entry of some sixty bytes until its account exists.
//! - Who fills the limit, by a deposit or by claims of his own, delays others; they lose nothing, and
//!   save the tip. His capital is bound as long as that, and comes back less fees.
//! - Who claims for others pays the fee.

use super::*;

#[test]
fn who_copies_a_relayers_proof_gets_its_tip_and_nothing_else() {
	bridge(|ethereum| {
		let proof = Box::new(ethereum.proven(1, &ALICE, 1_000));
		let cheat = Bridge::submit_deposit(signed(BOB), proof.clone()).expect("it is executed");
		assert_eq!(cheat.pays_fee, Pays::No);
		let late = Bridge::submit_deposit(signed(RELAYER), proof).expect_err("it was executed");
		assert_eq!(late.error, DispatchError::from(AlreadyProcessed::<Test>));
		assert_eq!(late.post_info.pays_fee, Pays::Yes);
		let have = [ALICE, BOB, RELAYER].map(|who| balance(&who) - ENDOWMENT);
		assert_eq!(have, [990, 10, 0]);
	});
}

#[test]
fn a_tip_is_a_hundredth_at_most_and_comes_out_of_the_deposit() {
	for (amount, tip) in
		[(1, 0), (99, 0), (100, 1), (199, 1), (4_999, 49), (5_000, 50), (50_000, 50)]
	{
		chain(|| {
			submit(1, &ALICE, amount);
			assert_eq!(balance(&ALICE) - ENDOWMENT, amount - tip);
			assert_eq!(balance(&RELAYER) - ENDOWMENT, tip);
		});
	}
}

#[test]
fn splitting_earns_nothing() {
	for parts in [1, 10, 100, 1_000] {
		chain(|| {
			for nonce in 1..=parts {
				let part = deposit(nonce, &ALICE, 10_000 / u128::from(parts));
				assert_ok!(Bridge::submit_deposit(signed(ALICE), part));
			}
			assert_eq!(balance(&ALICE), ENDOWMENT + 10_000);
			assert_eq!(issued(), GENESIS + 10_000);
		});
	}
}

#[test]
fn dust_earns_nothing_and_is_not_lost() {
	chain(|| {
		(1..=100).for_each(|nonce| submit(nonce, &NOBODY, 1));
		assert_eq!(ParkedDeposits::<Test>::iter().count(), 100);
		submit(101, &NOBODY, EXISTENTIAL_DEPOSIT);
		for nonce in 1..=100 {
			assert_ok!(Bridge::claim_parked(signed(BOB), nonce));
		}
		assert_eq!(balance(&NOBODY), 100 + EXISTENTIAL_DEPOSIT);
		assert_eq!([BOB, RELAYER].map(|who| balance(&who)), [ENDOWMENT; 2]);
		assert_eq!(ParkedDeposits::<Test>::iter().count(), 0);
	});
}

#[test]
fn who_fills_the_limit_delays_others_and_earns_nothing() {
	chain(|| {
		pre_lock(1);
		// In and out again, as often as limits allow.
		let in_and_out = |nonce| {
			submit(nonce, &BOB, 20_000);
			assert_ok!(Bridge::withdraw(signed(BOB), CAROL, 20_000 - LIMITS.tip));
		};
		in_and_out(2);
		in_and_out(3);
		submit(4, &BOB, 10_000);
		submit(5, &ALICE, 1_000);
		assert_noop!(Bridge::claim_parked(signed(ALICE), 5), RateLimited::<Test>);
		blocks(2);
		assert_ok!(Bridge::claim_parked(signed(ALICE), 5));
		assert_eq!(balance(&ALICE), ENDOWMENT + 1_000);
		assert_eq!(balance(&BOB), ENDOWMENT + 10_000 - LIMITS.tip);
	});
}

/// Who claims first in a block has its room.
#[test]
fn who_claims_first_delays_others_and_takes_nothing_of_theirs() {
	chain(|| {
		submit(1, &BOB, LIMITS.deposit_capacity + 1_000);
		submit(2, &RELAYER, LIMITS.deposit_capacity);
		submit(3, &ALICE, 700);
		for _ in 0..2 {
			assert_noop!(Bridge::claim_parked(signed(ALICE), 3), RateLimited::<Test>);
			blocks(1);
			assert_ok!(Bridge::claim_parked(signed(BOB), 1));
		}
		blocks(2);
		assert_ok!(Bridge::claim_parked(signed(ALICE), 3));
		assert_eq!(balance(&ALICE), ENDOWMENT + 700);
	});
}

/// An origin needs no account: that of a derivative, or of a multisig, has none.
#[test]
fn a_submitter_who_cannot_take_the_tip_delays_nobody() {
	bridge(|ethereum| {
		let proof = Box::new(ethereum.proven(1, &ALICE, 900));
		assert_ok!(Bridge::submit_deposit(signed(NOBODY), proof));
		assert_eq!(balance(&ALICE), ENDOWMENT + 900);
		assert_eq!(balance(&NOBODY), 0);
		executed(&ethereum.proven(2, &ALICE, 900));
		assert_eq!(balance(&ALICE), ENDOWMENT + 900 + 891);
	});
}
