use super::*;

#[test]
fn a_deposit_is_minted_once_and_its_submitter_gets_the_tip_and_the_fee_back() {
	chain(|| {
		let paid = Bridge::submit_deposit(signed(RELAYER), deposit(7, &ALICE, 20_000))
			.expect("the deposit is executed");
		assert_eq!(paid.pays_fee, Pays::No);
		assert_eq!(balance(&ALICE), ENDOWMENT + 19_950);
		assert_eq!(balance(&RELAYER), ENDOWMENT + 50);
		assert_eq!(issued(), GENESIS + 20_000);
		assert_eq!(
			last_event(),
			Event::DepositMinted {
				nonce: 7,
				recipient: ALICE,
				amount: 20_000,
				tip: 50,
				submitter: RELAYER
			}
		);
		assert_noop!(
			Bridge::submit_deposit(signed(BOB), deposit(7, &ALICE, 20_000)),
			Error::<Test>::AlreadyProcessed
		);
		// Nonces come in any order.
		submit(3, &ALICE, 1_000);
		assert_eq!(issued(), GENESIS + 21_000);
	});
}

#[test]
fn a_tip_is_at_most_a_hundredth_and_stays_with_who_submits_for_himself() {
	chain(|| {
		submit(1, &NOBODY, 1_000);
		assert_eq!(balance(&NOBODY), 990);
		assert_eq!(balance(&RELAYER), ENDOWMENT + 10);
		submit(2, &RELAYER, 1_000);
		assert_eq!(balance(&RELAYER), ENDOWMENT + 1_010);
		// Less than a hundred units have no hundredth.
		submit(3, &ALICE, 99);
		assert_eq!(balance(&ALICE), ENDOWMENT + 99);
	});
}

#[test]
fn what_is_locked_for_the_chain_itself_mints_nothing() {
	chain(|| {
		submit(1, &CHAIN.0.into(), 123);
		assert_eq!(last_event(), Event::PreLocked { nonce: 1, amount: 123 });
		pre_lock(2);
		assert_eq!(issued(), GENESIS);
		assert_eq!(Moved::<Test>::get().pre_locked, GENESIS + 123);
		assert_noop!(
			Bridge::submit_deposit(signed(RELAYER), deposit(2, &CHAIN.0.into(), GENESIS)),
			Error::<Test>::AlreadyProcessed
		);
	});
}

#[test]
fn less_than_an_account_may_hold_waits_until_the_account_exists() {
	chain(|| {
		let dust = EXISTENTIAL_DEPOSIT - 1;
		submit(1, &NOBODY, dust);
		assert_eq!(
			last_event(),
			Event::DepositParked {
				nonce: 1,
				recipient: NOBODY,
				amount: dust,
				reason: ParkReason::Refused
			}
		);
		assert_eq!((issued(), balance(&NOBODY)), (GENESIS, 0));
		// The submitter did the work, and what failed to be minted left no tip.
		assert_eq!(balance(&RELAYER), ENDOWMENT);
		assert!(Bridge::claim_parked(signed(BOB), 1).is_err());
		blocks(1);

		submit(2, &NOBODY, 1_000);
		assert_ok!(Bridge::claim_parked(signed(BOB), 1));
		assert_eq!(
			last_event(),
			Event::ParkedClaimed { nonce: 1, recipient: NOBODY, amount: dust, left: 0 }
		);
		assert_eq!(balance(&NOBODY), 990 + dust);
		assert_noop!(Bridge::claim_parked(signed(BOB), 1), Error::<Test>::NothingParked);
	});
}

#[test]
fn more_than_the_limit_waits_and_is_minted_in_parts() {
	chain(|| {
		submit(1, &ALICE, 120_000);
		assert_eq!(
			last_event(),
			Event::DepositParked {
				nonce: 1,
				recipient: ALICE,
				amount: 120_000,
				reason: ParkReason::RateLimited
			}
		);
		let mut minted = 0;
		for (blocks_later, part) in [(0, 50_000), (50, 25_000), (1, 500), (PERIOD, 44_500)] {
			blocks(blocks_later.max(1));
			// The block that has passed frees its part too.
			let part = if blocks_later == 0 { 50_000 } else { part };
			assert_ok!(Bridge::claim_parked(signed(BOB), 1));
			minted += part;
			assert_eq!(balance(&ALICE), ENDOWMENT + minted);
			if minted < 120_000 {
				assert_noop!(Bridge::claim_parked(signed(BOB), 1), Error::<Test>::RateLimited);
			}
		}
		assert_eq!(ParkedDeposits::<Test>::iter().count(), 0);
	});
}

#[test]
fn the_limit_is_of_all_deposits_together_and_exact() {
	chain(|| {
		submit(1, &ALICE, 50_000);
		assert_eq!(issued(), GENESIS + 50_000);
		submit(2, &BOB, 1);
		assert_eq!(ParkedDeposits::<Test>::get(2), Some(Parked { recipient: BOB, amount: 1 }));
		blocks(1);
		// A hundredth of the capacity is free again.
		submit(3, &BOB, 501);
		assert!(ParkedDeposits::<Test>::contains_key(3));
		submit(4, &BOB, 500);
		assert!(!ParkedDeposits::<Test>::contains_key(4));
	});
}

#[test]
fn issuance_stops_at_its_cap() {
	chain(|| {
		let limits = Limits { supply_cap: GENESIS + 1_500, ..LIMITS };
		assert_ok!(Bridge::set_limits(RuntimeOrigin::root(), limits));
		submit(1, &ALICE, 1_000);
		submit(2, &ALICE, 1_000);
		assert_eq!(
			last_event(),
			Event::DepositParked {
				nonce: 2,
				recipient: ALICE,
				amount: 1_000,
				reason: ParkReason::SupplyCapReached
			}
		);
		assert_ok!(Bridge::claim_parked(signed(BOB), 2));
		assert_eq!(issued(), GENESIS + 1_500);
		assert_noop!(Bridge::claim_parked(signed(BOB), 2), Error::<Test>::SupplyCapExceeded);
		// What leaves makes room.
		pre_lock(3);
		assert_ok!(Bridge::withdraw(signed(BOB), CAROL, 700));
		assert_ok!(Bridge::claim_parked(signed(BOB), 2));
		assert_eq!(issued(), GENESIS + 1_300);
	});
}

#[test]
fn a_halt_stops_proofs_and_claims_and_nothing_is_lost() {
	chain(|| {
		submit(1, &NOBODY, 5);
		assert_ok!(Bridge::halt(signed(GUARD), Direction::Inbound));
		assert_eq!(last_event(), Event::DirectionHalted { direction: Direction::Inbound });
		let asked = Asked::get();
		assert_noop!(
			Bridge::submit_deposit(signed(RELAYER), deposit(2, &ALICE, 1_000)),
			Error::<Test>::Halted
		);
		assert_eq!(Asked::get(), asked, "no proof is looked at");
		assert_noop!(Bridge::claim_parked(signed(BOB), 1), Error::<Test>::Halted);
		// The other direction goes on.
		assert_eq!(Halted::<Test>::get(), Halts { inbound: true, outbound: false });

		assert_noop!(Bridge::resume(signed(GUARD), Direction::Inbound), DispatchError::BadOrigin);
		assert_ok!(Bridge::resume(RuntimeOrigin::root(), Direction::Inbound));
		submit(2, &ALICE, 1_000);
		assert_eq!(balance(&ALICE), ENDOWMENT + 990);
	});
}

#[test]
fn cheap_checks_come_before_the_proof() {
	chain(|| {
		submit(1, &ALICE, 1_000);
		let asked = Asked::get();
		let mut wrong = deposit(2, &ALICE, 1_000);
		wrong.event_log.address = VAULT.token;
		assert!(Bridge::submit_deposit(signed(RELAYER), wrong).is_err());
		assert!(Bridge::submit_deposit(signed(RELAYER), deposit(1, &ALICE, 1_000)).is_err());
		assert!(Bridge::submit_deposit(signed(RELAYER), deposit(2, &ALICE, 0)).is_err());
		assert_eq!(Asked::get(), asked);
	});
}

#[test]
fn a_proof_that_is_not_believed_leaves_the_nonce_free() {
	chain(|| {
		Believed::set(false);
		assert_noop!(
			Bridge::submit_deposit(signed(RELAYER), deposit(1, &ALICE, 1_000)),
			Error::<Test>::Verification(VerificationError::InvalidProof)
		);
		Believed::set(true);
		submit(1, &ALICE, 1_000);
	});
}
