//! The way out: what has no backing stays, and a message is worth one withdrawal in one place.

use super::*;
use crate::messages::{domain, leaf};

type Case = (u64, Withdrawal, H256, Vec<H256>);

#[test]
fn the_last_unit_opens_the_way_out() {
	bridge(|ethereum| {
		let withdraw = || Bridge::withdraw(signed(ALICE), CAROL, LIMITS.min_withdrawal);
		assert_noop!(withdraw(), InsufficientBacking::<Test>);
		executed(&ethereum.proven(1, &CHAIN.0.into(), GENESIS - 1));
		// What was minted since does not stand in for it.
		executed(&ethereum.proven(2, &ALICE, 40_000));
		assert_noop!(withdraw(), InsufficientBacking::<Test>);
		executed(&ethereum.proven(3, &CHAIN.0.into(), 1));
		assert_ok!(withdraw());
	});
}

/// Should something else ever issue OPEN, what the vault holds for this chain leaves, and no more.
#[test]
fn what_has_no_backing_cannot_leave() {
	new_test_ext().execute_with(|| {
		pre_lock(1);
		// What waits is not there for others.
		submit(2, &NOBODY, LIMITS.deposit_capacity + 1);
		let wide = Limits { withdrawal_capacity: SUPPLY, max_withdrawal: SUPPLY, ..LIMITS };
		assert_ok!(Bridge::set_limits(RuntimeOrigin::root(), wide));
		for who in [BOB, RELAYER] {
			assert_ok!(Balances::transfer_allow_death(signed(who), ALICE, ENDOWMENT));
		}
		assert_ok!(Balances::mint_into(&ALICE, 1_000));
		let unbacked: sp_runtime::TryRuntimeError = "more is issued than is backed".into();
		assert_eq!(Bridge::do_try_state(), Err(unbacked));
		let withdraw = |amount| Bridge::withdraw(signed(ALICE), CAROL, amount);
		assert_noop!(withdraw(GENESIS + 1), InsufficientBacking::<Test>);
		assert_ok!(withdraw(GENESIS));
		assert_eq!(balance(&ALICE), 1_000);
		assert_noop!(withdraw(1_000), InsufficientBacking::<Test>);
		assert_eq!(Bridge::withdrawable(), 0);
	});
}

/// As of what vests, or votes.
#[test]
fn what_is_locked_stays() {
	use frame_support::traits::{LockableCurrency, WithdrawReasons};
	chain(|| {
		pre_lock(1);
		Balances::set_lock(*b"vesting_", &ALICE, ENDOWMENT - 500, WithdrawReasons::all());
		assert_noop!(
			Bridge::withdraw(signed(ALICE), CAROL, 501),
			sp_runtime::TokenError::FundsUnavailable
		);
		assert_ok!(Bridge::withdraw(signed(ALICE), CAROL, 500));
	});
}

/// Two blocks of withdrawals, equal ones among them, and the proof of each.
fn withdrawn(check: impl Fn(Vec<Case>)) {
	chain(|| {
		pre_lock(1);
		for _ in 0..2 {
			for amount in [1_000, 1_000, 2_000, 3_000, 4_000] {
				assert_ok!(Bridge::withdraw(signed(ALICE), CAROL, amount));
			}
			blocks(1);
		}
		let cases = (1..=10).map(|nonce| {
			let (withdrawal, root, proof) =
				Bridge::prove_withdrawal(nonce).expect("its block is complete");
			(nonce, withdrawal, root, proof)
		});
		check(cases.collect());
	});
}

/// Where the proof leads from the message as it should be.
fn honest((nonce, withdrawal, _, proof): &Case, domain: H256) -> H256 {
	climb(leaf(domain, *nonce, withdrawal.recipient, withdrawal.amount), proof)
}

#[test]
fn a_message_is_for_one_vault_and_one_chain() {
	withdrawn(|cases| {
		let here = domain(&VAULT, CHAIN);
		assert_eq!(Bridge::domain(), Some(here));
		let elsewhere = [
			domain(&Vault { chain_id: VAULT.chain_id + 1, ..VAULT }, CHAIN),
			domain(&Vault { address: H160::repeat_byte(0xa9), ..VAULT }, CHAIN),
			domain(&VAULT, H256::repeat_byte(0xc5)),
		];
		for case in &cases {
			assert_eq!(honest(case, here), case.2);
			for domain in elsewhere {
				assert_ne!(honest(case, domain), case.2);
			}
		}
	});
}

#[test]
fn a_message_says_one_thing() {
	withdrawn(|cases| {
		let domain = domain(&VAULT, CHAIN);
		for (nonce, withdrawal, root, proof) in &cases {
			let Withdrawal { recipient, amount, .. } = *withdrawal;
			let leads = |leaf| climb(leaf, proof) == *root;
			assert!(leads(leaf(domain, *nonce, recipient, amount)));
			for other in (0..=12).filter(|other| other != nonce) {
				assert!(!leads(leaf(domain, other, recipient, amount)));
			}
			assert!(!leads(leaf(domain, *nonce, H160::repeat_byte(0xee), amount)));
			for other in [0, amount - 1, amount + 1, u128::MAX] {
				assert!(!leads(leaf(domain, *nonce, recipient, other)));
			}
			// A proof cut, or too long; another block's root; no message at all.
			let own = leaf(domain, *nonce, recipient, amount);
			assert_ne!(climb(own, &proof[1..]), *root);
			assert_ne!(climb(own, &proof[..proof.len() - 1]), *root);
			assert_ne!(climb(own, &[proof.as_slice(), &[H256::zero()]].concat()), *root);
			let others = cases.iter().filter(|(_, other, ..)| other.block != withdrawal.block);
			assert!(others.map(|case| case.2).all(|other| other != *root));
			assert!(!leads(H256::zero()));
		}
		assert_eq!(MessagesRoot::<Test>::get(), cases[9].2);
		blocks(1);
		assert_eq!(MessagesRoot::<Test>::get(), H256::zero());
	});
}

/// It leads to the root, so nothing that somebody can say may be hashed to it: a message is hashed
/// twice, so its hash is of 32 bytes, and that of an inner node is of 64.
#[test]
fn an_inner_node_is_no_message() {
	withdrawn(|cases| {
		let keccak = sp_io::hashing::keccak_256;
		let domain = domain(&VAULT, CHAIN);
		for (nonce, withdrawal, root, proof) in &cases {
			let Withdrawal { recipient, amount, .. } = *withdrawal;
			let own = leaf(domain, *nonce, recipient, amount);
			let above = climb(own, &proof[..1]);
			assert_eq!(climb(above, &proof[1..]), *root);
			let words = [
				domain.0,
				U256::from(*nonce).to_big_endian(),
				H256::from(recipient).0,
				U256::from(amount).to_big_endian(),
			];
			assert_eq!(own.0, keccak(&keccak(&words.concat())));
			assert_ne!(own.0, keccak(&words.concat()));
		}
	});
}

#[test]
fn a_message_that_is_none_has_no_proof() {
	assert_eq!(messages::proof(vec![], 0), None);
	let leaves = vec![H256::repeat_byte(1), H256::repeat_byte(2)];
	assert!(messages::proof(leaves.clone(), 1).is_some());
	assert_eq!(messages::proof(leaves, 2), None);
	withdrawn(|cases| {
		let next = cases.len() as u64 + 1;
		assert_eq!([0, next, u64::MAX].map(Bridge::prove_withdrawal), [None, None, None]);
	});
}
