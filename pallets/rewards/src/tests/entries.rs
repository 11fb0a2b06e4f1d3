//! The life of a payer's entry.

use super::*;

#[test]
fn an_entry_is_opened_for_a_fee_that_does_not_come_back() {
	build_and_execute(|| {
		let key = payer();
		open(&key, MODEL, 500);
		assert_eq!(gain(&key.account()), -500 - OPENING);
		assert_eq!((in_pot(PAYERS), in_pot(TREASURY)), (500, OPENING));
		let expected = Entry {
			balance: 500,
			leaving: None,
			bought: Bought::default(),
			signer: key.account(),
			former_signer: None,
		};
		assert_eq!(Rewards::entry(MODEL, key.account()), Some(expected));
		assert_eq!(Rewards::left(MODEL, key.account()), 500);
		let (payer, signer) = (key.account(), key.account());
		happened(Event::EntryOpened { model: MODEL, payer, amount: 500, signer });

		// Entries with other models, and of others, are other entries.
		open(&key, OTHER_MODEL, 3);
		open(&Key::new(2), MODEL, 4);
		assert_eq!(in_pot(PAYERS), 507);
		assert_eq!(Rewards::left(MODEL, key.account()), 500);
		assert_eq!(Rewards::entry(OTHER_MODEL, Key::new(2).account()), None);
		assert_eq!(Rewards::left(OTHER_MODEL, Key::new(2).account()), 0);
	});
}

#[test]
fn an_account_without_a_key_has_another_sign() {
	build_and_execute(|| {
		let hot = payer();
		assert_ok!(Rewards::open_entry(signed(BOB), MODEL, 500, Some(hot.account())));
		assert_ok!(take(MODEL, &hot.voucher(MODEL, BOB, bought(1, 100))));
		assert_eq!(Rewards::left(MODEL, BOB), 400);
		// The signer's own entry is another.
		open(&hot, MODEL, 9);
		assert_eq!((Rewards::left(MODEL, BOB), in_pot(PAYERS)), (400, 409));
	});
}

#[test]
fn anyone_pays_in_for_a_payer() {
	build_and_execute(|| {
		let key = payer();
		open(&key, MODEL, 500);
		for by in [key.account(), ANYONE] {
			assert_ok!(Rewards::top_up(signed(by.clone()), MODEL, key.account(), 7));
			let payer = key.account();
			happened(Event::ToppedUp { model: MODEL, payer, by, amount: 7 });
		}
		assert_eq!(gain(&ANYONE), -7);
		assert_eq!((Rewards::left(MODEL, key.account()), in_pot(PAYERS)), (514, 514));
	});
}

#[test]
fn a_withdrawal_leaves_the_balance_at_once_and_is_paid_later_by_anyone() {
	build_and_execute(|| {
		let key = payer();
		open(&key, MODEL, 500);
		assert_ok!(Rewards::withdraw(signed(key.account()), MODEL, 200));
		let at = System::block_number() + DELAY;
		assert_eq!(Rewards::left(MODEL, key.account()), 300);
		assert_eq!(entry(&key, MODEL).leaving, Some(Leaving { amount: 200, at }));
		let (model, payer) = (MODEL, key.account());
		happened(Event::WithdrawalBegun { model, payer, amount: 200, leaving: 200, at });
		assert_eq!((gain(&key.account()), in_pot(PAYERS)), (-500 - OPENING, 500));

		let taken = || Rewards::take_withdrawn(signed(ANYONE), MODEL, key.account());
		pass(DELAY - 1);
		assert_noop!(taken(), Error::TooEarly);
		pass(1);
		assert_ok!(taken());
		happened(Event::Withdrawn { model: MODEL, payer: key.account(), amount: 200 });
		assert_eq!((gain(&key.account()), in_pot(PAYERS)), (-300 - OPENING, 300));
		assert_noop!(taken(), Error::NothingLeaving);
	});
}

#[test]
fn a_second_withdrawal_adds_to_the_first_and_makes_it_wait_anew() {
	build_and_execute(|| {
		let key = payer();
		open(&key, MODEL, 500);
		assert_ok!(Rewards::withdraw(signed(key.account()), MODEL, 200));
		pass(DELAY - 1);
		assert_ok!(Rewards::withdraw(signed(key.account()), MODEL, 1));
		let at = System::block_number() + DELAY;
		assert_eq!(entry(&key, MODEL).leaving, Some(Leaving { amount: 201, at }));
		let taken = || Rewards::take_withdrawn(signed(ANYONE), MODEL, key.account());
		pass(DELAY - 1);
		assert_noop!(taken(), Error::TooEarly);
		pass(1);
		assert_ok!(taken());
		assert_eq!(in_pot(PAYERS), 299);
	});
}

#[test]
fn a_pause_counts_towards_no_delay() {
	build_and_execute(|| {
		let key = payer();
		open(&key, MODEL, 500);
		assert_ok!(Rewards::withdraw(signed(key.account()), MODEL, 500));
		let hot = Key::new(2).account();
		assert_ok!(Rewards::set_signer(signed(key.account()), MODEL, hot));
		pass(DELAY - 1);
		pause(10 * DELAY);
		let taken = || Rewards::take_withdrawn(signed(ANYONE), MODEL, key.account());
		assert_noop!(taken(), Error::TooEarly);
		buy(&key, MODEL, 1);
		pass(1);
		assert_ok!(taken());
		assert_eq!(in_pot(PAYERS), 0);
	});
}

#[test]
fn an_entry_outlives_what_was_in_it() {
	build_and_execute(|| {
		let key = payer();
		open(&key, MODEL, 500);
		let first = key.voucher(MODEL, key.account(), bought(1, 100));
		assert_ok!(take(MODEL, &first));
		assert_ok!(Rewards::withdraw(signed(key.account()), MODEL, 400));
		pass(DELAY);
		assert_ok!(Rewards::take_withdrawn(signed(ANYONE), MODEL, key.account()));
		let left = entry(&key, MODEL);
		assert_eq!((left.held(), left.bought), (0, bought(1, 100)));
		// It cannot be opened anew, which would make the old voucher good again.
		let again = Rewards::open_entry(signed(key.account()), MODEL, 500, None);
		assert_noop!(again, Error::AlreadyOpen);
		assert_ok!(Rewards::top_up(signed(ANYONE), MODEL, key.account(), 500));
		assert_noop!(take(MODEL, &first), Error::StaleVoucher);
		assert_ok!(take(MODEL, &key.voucher(MODEL, key.account(), bought(2, 101))));
		assert_eq!(Rewards::left(MODEL, key.account()), 499);
	});
}

#[test]
fn amounts_end_where_sums_would_overflow() {
	build_and_execute(|| {
		let key = payer();
		for amount in [LIMIT, LIMIT + 1, Nano::MAX] {
			let opened = Rewards::open_entry(signed(key.account()), MODEL, amount, None);
			assert_noop!(opened, Error::AmountTooLarge);
		}
		open(&key, MODEL, 500);
		assert_ok!(Rewards::withdraw(signed(key.account()), MODEL, 200));
		for amount in [LIMIT - 500, LIMIT, Nano::MAX] {
			let more = Rewards::top_up(signed(ANYONE), MODEL, key.account(), amount);
			assert_noop!(more, Error::AmountTooLarge);
		}
		// As a number it would be possible; there is not that much.
		let more = Rewards::top_up(signed(ANYONE), MODEL, key.account(), LIMIT - 501);
		assert_noop!(more, DispatchError::from(ArithmeticError::Underflow));
	});
}

#[test]
fn a_payer_keeps_the_existential_deposit() {
	build_and_execute(|| {
		let key = payer();
		let all = Balances::free_balance(key.account()) - EXISTENTIAL_DEPOSIT - FEE;
		let most = (all / UNITS_PER_NANO) as Nano;
		let opened = |amount| Rewards::open_entry(signed(key.account()), MODEL, amount, None);
		assert_noop!(opened(most + 1), DispatchError::from(sp_runtime::TokenError::NotExpendable));
		assert_ok!(opened(most));
		assert!(Balances::free_balance(key.account()) >= EXISTENTIAL_DEPOSIT);
	});
}

#[test]
fn whoever_sends_open_to_a_pot_gives_it_away() {
	build_and_execute(|| {
		let key = payer();
		open(&key, MODEL, 500);
		let amount = 5 * UNITS_PER_NANO + 3;
		for pot in [PAYERS, EARNINGS, ESCROW] {
			let to = account(pot);
			assert_ok!(Balances::transfer_allow_death(signed(ANYONE), to, amount));
		}
		Donated::set(2 * amount);
		assert_eq!(Rewards::left(MODEL, key.account()), 500);
		assert_eq!(
			Rewards::escrowed(),
			5,
			"what nobody spent is nobody's, so this is no sum of batches"
		);
		buy(&key, MODEL, 200);
		assert_eq!(Rewards::escrowed(), 205);
	});
}
