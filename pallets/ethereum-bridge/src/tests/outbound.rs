use super::*;
use crate::messages::{domain, leaf, Locked};
use hex_literal::hex;
use snowbridge_merkle_tree::verify_proof;
use sp_core::U256;
use sp_runtime::traits::Keccak256;

fn withdraw(who: AccountId, amount: Balance) {
	assert_ok!(Bridge::withdraw(signed(who), CAROL, amount));
}

#[test]
fn nothing_leaves_before_everything_issued_at_genesis_is_locked() {
	chain(|| {
		submit(1, &ALICE, 40_000);
		submit(2, &CHAIN.0.into(), GENESIS - 1);
		assert_noop!(
			Bridge::withdraw(signed(ALICE), CAROL, 1_000),
			Error::<Test>::InsufficientBacking
		);
		assert_eq!(Bridge::withdrawable(), 0);
		submit(3, &CHAIN.0.into(), 1);
		withdraw(ALICE, 1_000);
	});
}

#[test]
fn a_withdrawal_burns_and_becomes_a_message_of_its_block() {
	chain(|| {
		pre_lock(1);
		withdraw(ALICE, 1_000);
		assert_eq!(
			last_event(),
			Event::WithdrawalQueued { nonce: 1, who: ALICE, recipient: CAROL, amount: 1_000 }
		);
		assert_eq!(balance(&ALICE), ENDOWMENT - 1_000);
		assert_eq!(issued(), GENESIS - 1_000);
		assert_eq!(Bridge::prove_withdrawal(1), None, "the block is not complete");
		withdraw(BOB, 2_000);
		withdraw(ALICE, 3_000);
		blocks(1);

		let root = MessagesRoot::<Test>::get();
		assert_eq!(last_event(), Event::MessagesCommitted { root, first: 1, count: 3 });
		// The next block has none, and one later has one.
		blocks(1);
		assert_eq!(MessagesRoot::<Test>::get(), H256::zero());
		withdraw(ALICE, 4_000);
		blocks(1);

		// All can be proven for ever.
		let leaf_of = |nonce, amount| leaf(domain(&VAULT, CHAIN), nonce, CAROL, amount);
		for (nonce, amount, block, index, of) in
			[(1, 1_000, 1, 0, 3), (2, 2_000, 1, 1, 3), (3, 3_000, 1, 2, 3), (4, 4_000, 3, 0, 1)]
		{
			let (withdrawal, root, proof) =
				Bridge::prove_withdrawal(nonce).expect("it can be proven");
			assert_eq!(withdrawal, Withdrawal { recipient: CAROL, amount, block });
			let leaf = leaf_of(nonce, amount);
			assert!(verify_proof::<Keccak256, _, _>(&root, proof.clone(), of, index, leaf));
			let other = leaf_of(nonce, amount + 1);
			assert!(!verify_proof::<Keccak256, _, _>(&root, proof, of, index, other));
		}
		assert_eq!(Bridge::prove_withdrawal(5), None);
		assert_eq!(Bridge::prove_withdrawal(0), None);
	});
}

#[test]
fn limits_hold_to_the_unit() {
	chain(|| {
		pre_lock(1);
		let withdraw_of = |amount| Bridge::withdraw(signed(ALICE), CAROL, amount);
		assert_noop!(withdraw_of(99), Error::<Test>::BelowMinimum);
		assert_noop!(withdraw_of(20_001), Error::<Test>::AboveMaximum);
		assert_ok!(withdraw_of(100));
		assert_ok!(withdraw_of(20_000));
		assert_noop!(withdraw_of(19_901), Error::<Test>::RateLimited);
		assert_ok!(withdraw_of(19_900));
		assert_noop!(withdraw_of(100), Error::<Test>::RateLimited);
		blocks(1);
		// A hundredth of 40,000 is free again.
		assert_noop!(withdraw_of(401), Error::<Test>::RateLimited);
		assert_ok!(withdraw_of(400));
	});
}

#[test]
fn a_block_has_room_for_so_many_withdrawals() {
	chain(|| {
		pre_lock(1);
		for _ in 0..MESSAGES {
			withdraw(ALICE, 100);
		}
		assert_noop!(Bridge::withdraw(signed(ALICE), CAROL, 100), Error::<Test>::QueueFull);
		blocks(1);
		withdraw(ALICE, 100);
		assert_eq!(WithdrawalCount::<Test>::get(), u64::from(MESSAGES) + 1);
	});
}

#[test]
fn an_account_can_leave_with_all_it_has_and_with_no_more() {
	chain(|| {
		pre_lock(1);
		submit(2, &NOBODY, 5_000);
		assert!(Bridge::withdraw(signed(NOBODY), CAROL, 4_951).is_err());
		withdraw(NOBODY, 4_950);
		assert!(!System::account_exists(&NOBODY));
	});
}

#[test]
fn halts_and_limits_of_one_direction_leave_the_other_alone() {
	chain(|| {
		pre_lock(1);
		assert_ok!(Bridge::halt(signed(GUARD), Direction::Outbound));
		assert_noop!(Bridge::withdraw(signed(ALICE), CAROL, 1_000), Error::<Test>::Halted);
		submit(2, &ALICE, 1_000);
		assert_noop!(Bridge::halt(signed(ALICE), Direction::Inbound), DispatchError::BadOrigin);
		assert_noop!(Bridge::resume(signed(GUARD), Direction::Outbound), DispatchError::BadOrigin);
		assert_ok!(Bridge::resume(RuntimeOrigin::root(), Direction::Outbound));
		assert_eq!(last_event(), Event::DirectionResumed { direction: Direction::Outbound });
		withdraw(ALICE, 1_000);
	});
}

#[test]
fn the_vault_is_named_once() {
	chain(|| {
		let Vault { chain_id, address, token } = VAULT;
		let name = |chain_id, address, token| {
			Bridge::set_vault(RuntimeOrigin::root(), chain_id, address, token)
		};
		assert_noop!(name(chain_id, address, token), Error::<Test>::VaultAlreadySet);
		TheVault::<Test>::kill();
		for (chain_id, address, token) in [
			(0, address, token),
			(chain_id, H160::zero(), token),
			(chain_id, address, H160::zero()),
			(chain_id, token, token),
		] {
			assert_noop!(name(chain_id, address, token), Error::<Test>::InvalidVault);
		}
		assert_noop!(
			Bridge::set_vault(signed(ALICE), chain_id, address, token),
			DispatchError::BadOrigin
		);
		assert_ok!(name(chain_id, address, token));
		assert_eq!(last_event(), Event::VaultSet { vault: VAULT });
	});
}

#[test]
fn limits_stay_within_their_bounds() {
	chain(|| {
		let bad = [
			Limits { min_withdrawal: EXISTENTIAL_DEPOSIT - 1, ..LIMITS },
			Limits { min_withdrawal: LIMITS.max_withdrawal + 1, ..LIMITS },
			Limits { max_withdrawal: LIMITS.withdrawal_capacity + 1, ..LIMITS },
			Limits { withdrawal_capacity: SUPPLY + 1, ..LIMITS },
			Limits { deposit_capacity: SUPPLY + 1, ..LIMITS },
			Limits { deposit_capacity: LIMITS.min_withdrawal - 1, ..LIMITS },
			Limits { supply_cap: SUPPLY + 1, ..LIMITS },
			Limits { tip: LIMITS.min_withdrawal + 1, ..LIMITS },
		];
		for limits in bad {
			assert_noop!(
				Bridge::set_limits(RuntimeOrigin::root(), limits),
				Error::<Test>::LimitsOutOfRange
			);
		}
		assert_noop!(Bridge::set_limits(signed(GUARD), LIMITS), DispatchError::BadOrigin);
		let limits = Limits { tip: 0, ..LIMITS };
		assert_ok!(Bridge::set_limits(RuntimeOrigin::root(), limits));
		assert_eq!(last_event(), Event::LimitsSet { limits });
	});
}

#[test]
fn encodings_are_those_of_solidity() {
	// Computed by viem.
	assert_eq!(
		Locked::signature(),
		H256(hex!("d6179a46eaea624faae145bb233045ea6bb393bbab61947a722e96570070834c"))
	);
	let domain = domain(&VAULT, CHAIN);
	assert_eq!(
		domain,
		H256(hex!("9ca18c698b7701f16dfcaa5872092c4375f544727b63fac808a7414d4dc05816"))
	);
	assert_eq!(
		leaf(domain, 1, CAROL, 1_000),
		H256(hex!("18ea736154390741462fd39ebdc45c4c230f6f217982b59ce06528a18f92df83"))
	);
}

#[test]
fn an_event_is_read_exactly() {
	let event = Locked { nonce: u64::MAX, from: CAROL, recipient: CHAIN, amount: U256::MAX };
	let (topics, data) = event.write();
	assert_eq!(Locked::read(&topics, &data), Some(event));
	let with = |place: usize, value: H256| {
		let mut topics = topics.clone();
		topics[place] = value;
		topics
	};
	let two_to_64 = H256(U256::from(1u128 << 64).to_big_endian());
	let bad: [(Vec<H256>, Vec<u8>); 7] = [
		(with(0, H256::zero()), data.clone()),
		(with(1, two_to_64), data.clone()),
		(with(2, H256::repeat_byte(1)), data.clone()),
		(topics[..3].to_vec(), data.clone()),
		([topics.as_slice(), &[H256::zero()]].concat(), data.clone()),
		(topics.clone(), data[1..].to_vec()),
		(topics.clone(), [data.as_slice(), &[0]].concat()),
	];
	for (topics, data) in bad {
		assert_eq!(Locked::read(&topics, &data), None);
	}
}
