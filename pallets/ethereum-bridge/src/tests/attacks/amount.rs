//! Deposits that the client believes: how much, to whom, when.

use super::*;

/// A deposit of an amount that no `Balance` can have.
fn proven_of(ethereum: &mut Ethereum, nonce: u64, recipient: H256, amount: U256) -> EventProof {
	let event = Locked { nonce, from: CAROL, recipient, amount };
	let slot = ethereum.mine(vec![vec![log_of(VAULT.address, &event)]]);
	ethereum.follow();
	ethereum.prove(slot, 0, 0)
}

#[test]
fn amounts_that_cannot_be_are_refused() {
	bridge(|ethereum| {
		let alice = H256(ALICE.into());
		let two_to_128 = U256::one() << 128;
		let absurd =
			[two_to_128, two_to_128 + 1_000, U256::MAX, U256::from(SUPPLY) + 1, U256::zero()];
		for amount in absurd {
			refused(&proven_of(ethereum, 1, alice, amount), AmountOverflow);
		}
		executed(&proven_of(ethereum, 1, alice, U256::one()));
		executed(&proven_of(ethereum, 2, alice, U256::from(SUPPLY)));
		assert_eq!(
			Moved::<Test>::get(),
			Totals { minted: 1, parked: SUPPLY, ..Default::default() }
		);
	});
}

#[test]
fn nobody_gets_nothing() {
	bridge(|ethereum| {
		let amount = U256::from(1_000);
		refused(&proven_of(ethereum, 1, H256::zero(), amount), InvalidRecipient);
		executed(&proven_of(ethereum, 1, H256(ALICE.into()), amount));
	});
}

#[test]
fn dust_waits_for_its_account() {
	bridge(|ethereum| {
		let dust = EXISTENTIAL_DEPOSIT - 1;
		executed(&ethereum.proven(1, &NOBODY, dust));
		assert_eq!((balance(&NOBODY), issued()), (0, GENESIS));
		assert_noop!(Bridge::claim_parked(signed(BOB), 1), sp_runtime::TokenError::BelowMinimum);
		executed(&ethereum.proven(2, &NOBODY, EXISTENTIAL_DEPOSIT));
		assert_ok!(Bridge::claim_parked(signed(BOB), 1));
		assert_eq!(balance(&NOBODY), EXISTENTIAL_DEPOSIT + dust);
	});
}

#[test]
fn another_chains_genesis_hash_is_an_account() {
	bridge(|ethereum| {
		let other = AccountId::new([0xc5; 32]);
		executed(&ethereum.proven(1, &other, 40_000));
		assert_eq!(balance(&other), 40_000 - LIMITS.tip);
		assert_eq!(Moved::<Test>::get().pre_locked, 0);
		assert_noop!(Bridge::withdraw(signed(ALICE), CAROL, 1_000), InsufficientBacking::<Test>);
		executed(&ethereum.proven(2, &CHAIN.0.into(), GENESIS));
		assert_eq!(balance(&CHAIN.0.into()), 0);
		assert_ok!(Bridge::withdraw(signed(ALICE), CAROL, 1_000));
	});
}

#[test]
fn whoever_claims_the_recipient_gets_it() {
	bridge(|ethereum| {
		let amount = LIMITS.deposit_capacity + 500;
		executed(&ethereum.proven(1, &ALICE, amount));
		assert_ok!(Bridge::claim_parked(signed(BOB), 1));
		blocks(1);
		assert_ok!(Bridge::claim_parked(signed(BOB), 1));
		assert_eq!(balance(&ALICE), ENDOWMENT + amount);
		assert_eq!([BOB, RELAYER].map(|who| balance(&who)), [ENDOWMENT; 2]);
	});
}

#[test]
fn a_limit_holds_to_the_unit_in_every_block() {
	bridge(|ethereum| {
		let a_block = LIMITS.deposit_capacity / u128::from(PERIOD);
		executed(&ethereum.proven(1, &ALICE, LIMITS.deposit_capacity));
		for nonce in [2, 5, 8, 11] {
			// Not one unit more in this block, by a deposit or by a claim.
			executed(&ethereum.proven(nonce, &BOB, 1));
			assert_noop!(Bridge::claim_parked(signed(BOB), nonce), RateLimited::<Test>);
			let before = issued();
			blocks(1);
			executed(&ethereum.proven(nonce + 1, &ALICE, a_block + 1));
			assert_eq!(issued(), before);
			executed(&ethereum.proven(nonce + 2, &ALICE, a_block));
			assert_eq!(issued(), before + a_block);
		}
		assert_eq!(Moved::<Test>::get().parked, 4 * (a_block + 2));
	});
}
