//! No inflation: stakers are paid from the pot, for as long as they may claim, and total issuance
//! stays where genesis put it. The harness asserts issuance after every block of every test.

use frame_support::{
	assert_ok,
	traits::{fungible::Inspect, KeyOwnerProofSystem, UnfilteredDispatchable},
};
use openledger_primitives::{
	accounts::{account, COMMUNITY_POOL, ERA_PAYABLE, STAKERS_POT, TREASURY},
	time::{HISTORY_ERAS, SLASH_DEFER_ERAS},
	units::OPEN,
	AccountId, Balance,
};
use openledger_runtime::{
	configs::parameters::{
		dynamic_params::issuance::{Parameters, StreamAmount},
		effective, RuntimeParameters,
	},
	genesis,
	governance::origins::Origin,
	issuance::unclaimed_of,
	Balances, Historical, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, Staking,
};
use openledger_tests::{deposit, stranger, Chain};
use pallet_staking::RewardDestination;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring as Account};
use sp_runtime::{DispatchError, MultiAddress};

fn balance(who: &AccountId) -> Balance {
	Balances::total_balance(who)
}

/// Stops the stream from the community pool, so that eras alone change the pot.
fn stop_stream(chain: &mut Chain) {
	let key_value = RuntimeParameters::Issuance(Parameters::StreamAmount(StreamAmount, Some(0)));
	let call = pallet_parameters::Call::<Runtime>::set_parameter { key_value };
	chain.block(|| {
		assert_ok!(call.dispatch_bypass_filter(Origin::StakingAdmin.into()));
	});
}

fn payout(validator: Account, era: u32) -> RuntimeCall {
	pallet_staking::Call::payout_stakers { validator_stash: validator.to_account_id(), era }.into()
}

fn set_payee(payee: RewardDestination<AccountId>) -> RuntimeCall {
	pallet_staking::Call::set_payee { payee }.into()
}

fn earned(era: u32) -> Balance {
	pallet_staking::ErasValidatorReward::<Runtime>::get(era).unwrap_or_default()
}

#[test]
fn every_preset_issues_the_supply_and_holds_the_invariants() {
	for preset in genesis::preset_names() {
		let mut chain = Chain::new(&preset);
		chain.state(|| {
			assert_eq!(Balances::total_issuance(), genesis::SUPPLY, "{preset}");
			assert_eq!(balance(&account(COMMUNITY_POOL)), genesis::SUPPLY / 2, "{preset}");
			assert_eq!(balance(&account(STAKERS_POT)), 1_000_000 * OPEN, "{preset}");
			for pot in genesis::EMPTY_POTS {
				assert_eq!(balance(&account(pot)), deposit(), "{preset}");
			}
		});
		chain.blocks(3);
		chain.try_state();
	}
}

#[test]
fn an_era_pays_a_thirtieth_of_the_pot() {
	let mut chain = Chain::local();
	stop_stream(&mut chain);
	let pot = chain.state(|| balance(&account(STAKERS_POT)));
	let era = chain.next_era() - 1;
	chain.state(|| {
		let share = effective::era_payout_share().mul_floor(pot - deposit());
		assert_eq!(earned(era), share);
		assert!(share > 33_000 * OPEN && share < 34_000 * OPEN, "{share}");
		let moved = pot - balance(&account(STAKERS_POT));
		assert_eq!(balance(&account(ERA_PAYABLE)), deposit() + moved);
		assert!(moved >= share && moved - share <= 100_000, "only the rounding reserve on top");
	});
	chain.try_state();
}

#[test]
fn ninety_eras_of_claims_at_every_destination() {
	let mut chain = Chain::local();
	let outsider = stranger(7);
	let nobody = account(STAKERS_POT);

	// GIVEN validators with each destination there is, a nominator and a pool behind them.
	chain.must(Account::Alice, set_payee(RewardDestination::Staked));
	chain.must(Account::Bob, set_payee(RewardDestination::Stash));
	chain.must(Account::Charlie, set_payee(RewardDestination::Account(outsider.clone())));
	// Dave wants nothing: paying nobody is refused, paying the pot is how it is done.
	let refused = frame_system::Error::<Runtime>::CallFiltered;
	chain.must_fail(Account::Dave, set_payee(RewardDestination::None), refused);
	chain.must(Account::Dave, set_payee(RewardDestination::Account(nobody.clone())));
	chain.must(
		Account::Eve,
		pallet_staking::Call::bond { value: 500_000 * OPEN, payee: RewardDestination::Staked },
	);
	let all_four: Vec<_> = [Account::Alice, Account::Bob, Account::Charlie, Account::Dave]
		.iter()
		.map(|v| MultiAddress::Id(v.to_account_id()))
		.collect();
	chain.must(Account::Eve, pallet_staking::Call::nominate { targets: all_four });
	let ferdie = MultiAddress::Id(Account::Ferdie.to_account_id());
	chain.must(
		Account::Ferdie,
		pallet_nomination_pools::Call::create {
			amount: 100_000 * OPEN,
			root: ferdie.clone(),
			nominator: ferdie.clone(),
			bouncer: ferdie,
		},
	);
	chain.must(
		Account::Ferdie,
		pallet_nomination_pools::Call::nominate {
			pool_id: 1,
			validators: vec![Account::Alice.to_account_id(), Account::Bob.to_account_id()],
		},
	);
	// A member holds no stake of its own.
	chain.must(
		Account::Ferdie,
		pallet_balances::Call::transfer_keep_alive {
			dest: MultiAddress::Id(Account::One.to_account_id()),
			value: 2_000 * OPEN,
		},
	);
	chain.must(
		Account::One,
		pallet_nomination_pools::Call::join { amount: 1_000 * OPEN, pool_id: 1 },
	);

	// WHEN two eras have passed, stake of nominator and pool counts.
	chain.next_era();
	chain.next_era();
	let first = chain.next_era() - 1;
	assert_eq!(first, 2);

	// THEN claims of that era pay each destination, and a second claim pays nothing.
	let before = chain.state(|| {
		(
			Staking::ledger(Account::Alice.to_account_id().into()).map(|l| l.active).unwrap_or(0),
			Balances::total_balance(&Account::Bob.to_account_id()),
			balance(&outsider),
			Staking::ledger(Account::Eve.to_account_id().into()).map(|l| l.active).unwrap_or(0),
		)
	});
	let pot = chain.state(|| balance(&nobody));
	chain.must(Account::Ferdie, payout(Account::Alice, first));
	chain.must(Account::Ferdie, payout(Account::Bob, first));
	chain.must(Account::Ferdie, payout(Account::Charlie, first));
	chain.state(|| {
		let alice = Staking::ledger(Account::Alice.to_account_id().into()).map(|l| l.active);
		assert!(alice.unwrap_or(0) > before.0, "Staked adds to the stake");
		assert!(balance(&Account::Bob.to_account_id()) > before.1, "Stash is paid");
		assert!(balance(&outsider) > before.2 && before.2 == 0, "Account is created and paid");
		let eve = Staking::ledger(Account::Eve.to_account_id().into()).map(|l| l.active);
		assert!(eve.unwrap_or(0) > before.3, "the nominator is paid too");
		let pool = pallet_nomination_pools::Pallet::<Runtime>::api_pending_rewards(
			Account::Ferdie.to_account_id(),
		);
		assert!(pool.unwrap_or(0) > 0, "the pool has rewards to claim");
	});
	let fees = chain.state(|| balance(&nobody)) - pot;
	chain.must(Account::Ferdie, payout(Account::Dave, first));
	chain.state(|| {
		let back = balance(&nobody) - pot - fees;
		assert!(back > 1_000 * OPEN, "who wants nothing leaves it to the pot: {back}");
	});
	chain.must_fail(
		Account::Ferdie,
		payout(Account::Alice, first),
		pallet_staking::Error::<Runtime>::AlreadyClaimed,
	);
	chain.must(Account::One, pallet_nomination_pools::Call::claim_payout {});

	// AND an era can be claimed as long as it is in the history, not later.
	let late = first + 1;
	let too_late = first + 2;
	while chain.next_era() < late + HISTORY_ERAS - 1 {}
	// The next era is planned in the last session, so the planned one may already be one ahead.
	let age = chain.state(|| Staking::current_era().unwrap_or(0)) - late;
	assert!((83..=84).contains(&age), "{age}");
	let bob = chain.state(|| balance(&Account::Bob.to_account_id()));
	chain.must(Account::Ferdie, payout(Account::Bob, late));
	assert!(chain.state(|| balance(&Account::Bob.to_account_id())) > bob);
	chain.try_state();

	let unclaimed = chain.state(|| unclaimed_of(too_late));
	assert!(unclaimed > OPEN, "nobody claimed era {too_late}");
	while chain.state(|| Staking::current_era().unwrap_or(0)) < too_late + HISTORY_ERAS {
		chain.blocks(1);
	}
	assert_eq!(chain.state(|| unclaimed_of(too_late)), unclaimed, "still claimable at 84");
	let (pot, payable) =
		chain.state(|| (balance(&account(STAKERS_POT)), balance(&account(ERA_PAYABLE))));
	let mut moved = 0;
	while chain.state(|| Staking::current_era().unwrap_or(0)) == too_late + HISTORY_ERAS {
		let payable_before = chain.state(|| balance(&account(ERA_PAYABLE)));
		chain.blocks(1);
		let payable_after = chain.state(|| balance(&account(ERA_PAYABLE)));
		// An era may end on the way and move its earnings in the other direction.
		if payable_after < payable_before {
			moved = payable_before - payable_after;
		}
	}
	assert_eq!(moved, unclaimed, "all that nobody claimed, {pot} {payable}");
	chain.must_fail(
		Account::Ferdie,
		payout(Account::Bob, too_late),
		pallet_staking::Error::<Runtime>::InvalidEraToReward,
	);
	assert!(
		chain.state(|| pallet_staking::ActiveEra::<Runtime>::get().map_or(0, |e| e.index)) >= 88
	);
	chain.try_state();
}

#[test]
fn claiming_everything_never_empties_era_payable() {
	let mut chain = Chain::local();
	chain.next_era();
	for _ in 0..5 {
		let era = chain.next_era() - 1;
		for validator in [Account::Alice, Account::Bob, Account::Charlie, Account::Dave] {
			chain.must(Account::Ferdie, payout(validator, era));
		}
		chain.state(|| assert!(unclaimed_of(era) < OPEN / 1_000, "only what shares round off"));
	}
	chain.try_state();
	chain.state(|| {
		let rest = balance(&account(ERA_PAYABLE)) - deposit();
		// Era 0 was never claimed; of the others only dust is left.
		assert!(rest - unclaimed_of(0) < OPEN / 1_000, "{rest}");
	});
}

#[test]
fn the_cap_on_staked_rewards_leaves_the_rest_in_the_pot() {
	use pallet_staking::ConfigOp::{Noop, Set};
	let mut chain = Chain::local();
	stop_stream(&mut chain);
	chain.next_era();
	chain.block(|| {
		assert_ok!(Staking::set_staking_configs(
			RuntimeOrigin::root(),
			Noop,
			Noop,
			Noop,
			Noop,
			Noop,
			Noop,
			Set(sp_runtime::Percent::from_percent(40)),
		));
	});
	let pot = chain.state(|| balance(&account(STAKERS_POT)));
	let era = chain.next_era() - 1;
	chain.state(|| {
		let whole = effective::era_payout_share().mul_floor(pot - deposit());
		assert_eq!(earned(era), sp_runtime::Percent::from_percent(40) * whole);
		let moved = pot - balance(&account(STAKERS_POT));
		assert!(moved - earned(era) <= 100_000, "what is not earned does not leave the pot");
	});
	chain.try_state();
}

#[test]
fn offline_validators_earn_nothing_and_are_not_slashed() {
	let mut chain = Chain::local();
	chain.next_era();
	chain.offline = vec![chain.authority_index(Account::Dave)];
	chain.next_era();
	let era = chain.next_era() - 1;
	let (points, bonded) = chain.state(|| {
		(
			pallet_staking::ErasRewardPoints::<Runtime>::get(era).individual,
			Staking::ledger(Account::Dave.to_account_id().into()).map(|l| l.total).ok(),
		)
	});
	assert_eq!(points.get(&Account::Dave.to_account_id()), None, "no block, no points");
	assert!(points.len() == 3 && points.values().all(|p| *p > 0));
	assert_eq!(bonded, Some(1_000_000 * OPEN));
	let before = chain.state(|| balance(&Account::Dave.to_account_id()));
	chain.must(Account::Ferdie, payout(Account::Dave, era));
	assert_eq!(chain.state(|| balance(&Account::Dave.to_account_id())), before);
}

#[test]
fn a_slash_goes_to_the_treasury() {
	use sp_consensus_grandpa::{self as grandpa, AuthorityId, Equivocation, EquivocationProof};

	let mut chain = Chain::local();
	chain.next_era();
	// He does not author the block that disables him: that block would be invalid.
	chain.offline = vec![chain.authority_index(Account::Dave)];

	// GIVEN Dave, who signs two different blocks at the same round and height.
	let (proof, key_owner_proof) = chain.state(|| {
		let set_id = pallet_grandpa::CurrentSetId::<Runtime>::get();
		let id: AuthorityId = Ed25519Keyring::Dave.public().into();
		let vote = |hash: u8| {
			let prevote = finality_grandpa::Prevote {
				target_hash: sp_core::H256::repeat_byte(hash),
				target_number: 1,
			};
			let message = finality_grandpa::Message::Prevote(prevote.clone());
			let payload = grandpa::localized_payload(1, set_id, &message);
			(prevote, Ed25519Keyring::Dave.sign(&payload).into())
		};
		let equivocation = finality_grandpa::Equivocation {
			round_number: 1,
			identity: id.clone(),
			first: vote(1),
			second: vote(2),
		};
		(
			EquivocationProof::new(set_id, Equivocation::Prevote(equivocation)),
			Historical::prove((grandpa::KEY_TYPE, id)).expect("Dave is in the set"),
		)
	});

	// WHEN it is reported by a signed extrinsic,
	let report = RuntimeCall::Grandpa(pallet_grandpa::Call::report_equivocation {
		equivocation_proof: Box::new(proof),
		key_owner_proof,
	});
	chain.must(Account::Ferdie, report.clone());

	// THEN Dave loses stake after the deferral, the treasury and the reporter get it,
	for _ in 0..=SLASH_DEFER_ERAS {
		chain.next_era();
	}
	chain.next_era();
	let left = chain.state(|| {
		Staking::ledger(Account::Dave.to_account_id().into()).map(|l| l.total).unwrap_or(0)
	});
	assert!(left < 1_000_000 * OPEN, "slashed: {left}");
	let treasury = chain.state(|| balance(&account(TREASURY)));
	assert!(treasury > 1_000_000 * OPEN, "the treasury has it: {treasury}");

	// AND the same report counts only once.
	let again = chain.submit(Account::Ferdie, report).expect("the extrinsic is valid");
	assert!(again.is_err(), "{again:?}");
	chain.try_state();
}

#[test]
fn dust_goes_to_the_treasury() {
	let mut chain = Chain::development();
	let dusty = Account::One;
	chain.must(
		Account::Alice,
		pallet_balances::Call::transfer_keep_alive {
			dest: MultiAddress::Id(dusty.to_account_id()),
			value: OPEN,
		},
	);
	let before = chain.state(|| balance(&account(TREASURY)));
	let kept = chain.state(|| {
		// Leave less than the existential deposit, and nothing for fees: dispatched directly.
		let leave = deposit() / 2;
		chain_transfer(dusty.to_account_id(), OPEN - leave);
		leave
	});
	chain.state(|| {
		assert_eq!(balance(&dusty.to_account_id()), 0, "the account is gone");
		assert_eq!(balance(&account(TREASURY)) - before, kept);
		assert_eq!(Balances::total_issuance(), genesis::SUPPLY);
	});
}

fn chain_transfer(from: AccountId, value: Balance) {
	assert_ok!(Balances::transfer_allow_death(
		RuntimeOrigin::signed(from),
		MultiAddress::Id(Account::Bob.to_account_id()),
		value,
	));
}

#[test]
fn fees_are_split_and_the_tip_is_the_authors() {
	let mut chain = Chain::development();
	let author = Account::Alice.to_account_id();
	let tip = 5 * OPEN;
	let before = chain
		.state(|| (balance(&account(STAKERS_POT)), balance(&account(TREASURY)), balance(&author)));
	let transfer = pallet_balances::Call::transfer_keep_alive {
		dest: MultiAddress::Id(Account::Charlie.to_account_id()),
		value: OPEN,
	};
	assert_ok!(chain.submit_with_tip(Account::Bob, transfer, tip).expect("valid"));
	let fee = chain
		.events()
		.into_iter()
		.find_map(|event| match event {
			RuntimeEvent::TransactionPayment(
				pallet_transaction_payment::Event::TransactionFeePaid { actual_fee, .. },
			) => Some(actual_fee - tip),
			_ => None,
		})
		.expect("a fee was paid");
	chain.state(|| {
		let stakers = balance(&account(STAKERS_POT)) - before.0;
		let treasury = balance(&account(TREASURY)) - before.1;
		assert_eq!(stakers, effective::stakers_fee_share().mul_floor(fee));
		assert_eq!(stakers + treasury, fee, "nothing is lost");
		assert_eq!(stakers / treasury, 4, "80 to 20");
		assert_eq!(balance(&author) - before.2, tip);
	});
	let milli = OPEN / 1_000;
	assert!(fee > milli / 2 && fee < 2 * milli, "a transfer costs about 0.001 OPEN: {fee}");
}

#[test]
fn a_tip_that_would_not_make_an_account_goes_to_the_treasury() {
	let mut chain = Chain::development();
	// GIVEN an author whose account is empty,
	chain.state(|| {
		let everything = Balances::total_balance(&Account::Alice.to_account_id());
		assert!(everything > 0);
		pallet_session::Validators::<Runtime>::put(vec![stranger(9)]);
	});
	let before = chain.state(|| balance(&account(TREASURY)));
	// WHEN a tip below the existential deposit is paid,
	let transfer = pallet_balances::Call::transfer_keep_alive {
		dest: MultiAddress::Id(Account::Charlie.to_account_id()),
		value: OPEN,
	};
	let tip = deposit() - 1;
	assert_ok!(chain.submit_with_tip(Account::Bob, transfer, tip).expect("valid"));
	// THEN it is not lost.
	let gained = chain.state(|| balance(&account(TREASURY))) - before;
	assert!(gained > tip, "the tip and a fifth of the fee: {gained}");
}

#[test]
fn nobody_burns_open() {
	let mut chain = Chain::development();
	let burn = || RuntimeCall::from(pallet_balances::Call::burn { value: OPEN, keep_alive: true });
	let filtered = || DispatchError::from(frame_system::Error::<Runtime>::CallFiltered);
	chain.must_fail(Account::Alice, burn(), filtered());
	// Wrapping does not help: the filter is asked again.
	chain.must_fail(
		Account::Alice,
		pallet_utility::Call::batch_all { calls: vec![burn()] },
		filtered(),
	);
	chain.must_fail(
		Account::Alice,
		pallet_utility::Call::as_derivative { index: 0, call: Box::new(burn()) },
		filtered(),
	);
}

#[test]
fn pots_do_not_count_in_votes() {
	let mut chain = Chain::development();
	chain.blocks(1);
	chain.state(|| {
		let others = [STAKERS_POT, COMMUNITY_POOL, TREASURY];
		let pots = genesis::EMPTY_POTS.into_iter().chain(others);
		let pots: Balance = pots.map(|pot| balance(&account(pot))).sum();
		let active = Balances::active_issuance();
		// The treasury keeps its existential deposit out of what it can spend.
		assert!(genesis::SUPPLY - pots <= active && active <= genesis::SUPPLY - pots + OPEN);
	});
}
