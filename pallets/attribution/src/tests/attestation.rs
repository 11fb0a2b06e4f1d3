//! Attestors: what their word is worth, and what it costs them when it is wrong.

use super::*;
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::units::OPEN;

fn stake(who: &str, open: Balance) {
	assert_ok!(Attribution::stake(signed(who), open * OPEN));
}

fn attest(who: &str, number: BatchNumber) {
	assert_ok!(Attribution::attest(signed(who), MODEL, number));
}

fn finalise(number: BatchNumber) -> DispatchResult {
	Attribution::finalise(signed("stranger"), MODEL, number, 100)
}

/// A batch with its draws answered.
fn drawn(sales: &Sales) -> (BatchNumber, openledger_settlement::build::Batch) {
	let batch = build(sales);
	let number = submit(&batch);
	draw();
	answer_draws(number, &batch, sales);
	(number, batch)
}

#[test]
fn two_thirds_of_the_stake_make_a_batch_final_early() {
	build_and_execute(|| {
		stake("attestor-1", 40_000);
		stake("attestor-2", 39_000);
		stake("attestor-3", 41_000);
		let sales = sell(100, true, 1);
		let (number, batch) = drawn(&sales);
		let private: Nano = batch.diff().iter().map(|i| i.earned.private).sum();
		let commons = in_pot(106);
		attest("attestor-1", number);
		assert_noop!(finalise(number), Error::<Test>::TooEarly);
		attest("attestor-2", number);
		assert_noop!(finalise(number), Error::<Test>::TooEarly);
		attest("attestor-3", number);
		assert_ok!(finalise(number));
		// What was earned from private receipts is paid.
		assert!(private > 0);
		assert_eq!(in_pot(106) - commons, units(batch.totals().commons));
		check();
		// It stays until its deadline, and then closes.
		let close = || Attribution::close(signed("stranger"), MODEL, number);
		assert_noop!(close(), Error::<Test>::TooEarly);
		assert_noop!(finalise(number), Error::<Test>::NotPending);
		pass(WINDOW);
		assert_ok!(close());
		assert_eq!(EarlyFinal::<Test>::get(), 0);
	});
}

#[test]
fn attestors_answer_for_twice_what_they_let_through() {
	build_and_execute(|| {
		// A hundred receipts cost about 200 OPEN: a stake of 1,000 lets two of them through.
		stake("attestor-1", 1_000);
		let mut passed = 0;
		for seed in 0..4 {
			let (number, _) = drawn(&sell(100, false, seed));
			attest("attestor-1", number);
			match finalise(number) {
				Ok(()) => passed += 1,
				Err(error) => assert_eq!(error, Error::<Test>::TooEarly.into()),
			}
			check();
		}
		assert_eq!(passed, 2);
	});
}

#[test]
fn a_wrong_batch_that_was_final_early_is_paid_back_by_its_attestors() {
	build_and_execute(|| {
		stake("attestor-1", 5_000);
		let whole = balances();
		let honest = sell(100, false, 1);
		let mut sales = honest.clone();
		sales.receipts[40].credits[0].weight += 1;
		let batch = build(&sales);
		let number = submit(&batch);
		draw();
		answer_draws(number, &batch, &honest);
		attest("attestor-1", number);
		assert_ok!(finalise(number));
		let (treasury, attestor) = (in_pot(104), wealth("attestor-1"));
		assert_ok!(open("challenger", number, &batch, &sales, 1, 8));
		assert_eq!(balances(), whole);
		assert_eq!(attestor - wealth("attestor-1"), 5_000 * OPEN);
		let slashed = BOND + 5_000 * OPEN;
		let missing = units(batch.totals().fees);
		assert_eq!(in_pot(104) - treasury, slashed - missing - 50 * DEMAND);
		assert_eq!(TotalStake::<Test>::get(), 0);
	});
}

#[test]
fn the_first_to_fall_leaves_enough_for_the_second() {
	build_and_execute(|| {
		stake("attestor-1", 2_000);
		let whole = balances();
		let mut wrong = Vec::new();
		for seed in 1..=2 {
			let honest = sell(100, false, seed);
			let mut sales = honest.clone();
			sales.receipts[40].credits[0].weight += 1;
			let batch = build(&sales);
			let number = submit(&batch);
			draw();
			answer_draws(number, &batch, &honest);
			attest("attestor-1", number);
			assert_ok!(finalise(number));
			wrong.push((number, batch, sales));
		}
		for (number, batch, sales) in &wrong {
			assert_ok!(open("challenger", *number, batch, sales, 1, 8));
			check();
		}
		assert_eq!(balances(), whole);
		assert_eq!((Reserve::<Test>::get(), EarlyFinal::<Test>::get()), (0, 0));
		assert_eq!(in_pot(102), 0);
	});
}

#[test]
fn an_attestor_leaves_when_nothing_it_signed_is_open() {
	build_and_execute(|| {
		stake("attestor-1", 1_000);
		let (number, _) = drawn(&sell(100, false, 1));
		attest("attestor-1", number);
		let again = Attribution::attest(signed("attestor-1"), MODEL, number);
		assert_noop!(again, Error::<Test>::AlreadyAttested);
		assert_ok!(Attribution::leave(signed("attestor-1")));
		assert_noop!(Attribution::leave(signed("attestor-1")), Error::<Test>::NotAttestor);
		let more = Attribution::stake(signed("attestor-1"), OPEN);
		assert_noop!(more, Error::<Test>::NotAttestor);
		let release = || Attribution::release_attestor(signed("stranger"), account("attestor-1"));
		pass(WINDOW + 1);
		assert_noop!(release(), Error::<Test>::StillAnswerable);
		assert_ok!(finalise(number));
		assert_ok!(release());
		assert_eq!(wealth("attestor-1"), ENDOWMENT);
		assert_noop!(release(), Error::<Test>::NotAttestor);
	});
}

#[test]
fn a_stake_has_a_least_size() {
	build_and_execute(|| {
		let stake = |amount| Attribution::stake(signed("attestor-1"), amount);
		assert_noop!(stake(MIN_STAKE - 1), Error::<Test>::StakeTooSmall);
		assert_ok!(stake(MIN_STAKE));
		assert_noop!(stake(0), Error::<Test>::StakeTooSmall);
		assert_ok!(stake(1));
	});
}

#[test]
fn small_attestors_do_not_keep_large_ones_out() {
	build_and_execute(|| {
		use frame_support::traits::fungible::Mutate;
		let number = submit(&build(&sell(100, false, 1)));
		for nth in 0..MAX_SIGNERS {
			let name = format!("small-{nth}");
			Balances::transfer(
				&account("stranger"),
				&account(&name),
				1_100 * OPEN,
				frame_support::traits::tokens::Preservation::Preserve,
			)
			.unwrap();
			stake(&name, 1_000);
			attest(&name, number);
		}
		stake("attestor-1", 1_000);
		let call = Attribution::attest(signed("attestor-1"), MODEL, number);
		assert_noop!(call, Error::<Test>::TooManySigners);
		stake("attestor-1", 1);
		attest("attestor-1", number);
		check();
	});
}

#[test]
fn who_is_no_attestor_signs_nothing() {
	build_and_execute(|| {
		let number = submit(&build(&sell(100, false, 1)));
		let call = Attribution::attest(signed("stranger"), MODEL, number);
		assert_noop!(call, Error::<Test>::NotAttestor);
		stake("attestor-1", 1_000);
		let call = Attribution::attest(signed("attestor-1"), MODEL, number + 1);
		assert_noop!(call, Error::<Test>::NoSuchBatch);
	});
}

#[test]
fn an_operators_silence_costs_its_attestors_nothing_before_the_batch_is_final() {
	build_and_execute(|| {
		stake("attestor-1", 1_000);
		let number = submit(&build(&sell(100, false, 1)));
		attest("attestor-1", number);
		draw();
		pass(ANSWER_TIME + 1);
		assert_ok!(Attribution::expire_draws(signed("challenger"), MODEL, number));
		assert_eq!(last_void(), Some((Fault::NoDraws, BOND, 50 * DEMAND)));
		assert_eq!(Attestors::<Test>::get(account("attestor-1")).unwrap().signed, 0);
		assert_eq!(wealth("attestor-1"), ENDOWMENT);
	});
}

#[test]
fn after_that_they_answer_for_a_silent_operator_or_for_its_payers() {
	build_and_execute(|| {
		stake("attestor-1", 1_000);
		let whole = balances();
		let sales = sell(100, false, 1);
		let (number, _) = drawn(&sales);
		attest("attestor-1", number);
		assert_ok!(finalise(number));
		assert_ok!(Attribution::demand(signed("challenger"), MODEL, number, 40));
		pass(ANSWER_TIME + 2);
		assert_ok!(Attribution::expire_demand(signed("stranger"), MODEL, number, 40));
		let slashed = BOND + 1_000 * OPEN;
		assert_eq!(last_void(), Some((Fault::NoAnswer { receipt: 40 }, slashed, 50 * DEMAND)));
		assert_eq!(balances(), whole);
	});
}
