//! The terms of splitting over time, and the stream.

use super::*;

fn terms(number: TermsNumber) -> Option<Terms> {
	<Rewards as Ledger<AccountId>>::terms(number)
}

/// Terms that differ by this.
fn with_fee(platform_fee: Nano) -> Terms {
	Terms { platform_fee, ..TERMS }
}

#[test]
fn the_first_terms_have_the_number_zero() {
	build_and_execute(|| {
		assert_eq!(terms(0), Some(TERMS));
		assert_eq!(terms(1), None);
		assert_eq!(Rewards::terms_in_force(), (0, TERMS));
		pass(100);
		assert_eq!((terms(0), TermsHistory::<Test>::get().len()), (Some(TERMS), 1));
		// The same before the pallet's first block.
		TermsHistory::<Test>::kill();
		assert_eq!((terms(0), terms(1)), (Some(TERMS), None));
		assert_eq!(Rewards::terms_in_force(), (0, TERMS));
	});
}

#[test]
fn a_change_gets_the_next_number_with_the_next_block() {
	build_and_execute(|| {
		TermsSet::set(with_fee(11));
		assert_eq!(Rewards::terms_in_force(), (0, TERMS), "not within a block");
		assert_eq!(terms(1), None);
		pass(1);
		assert_eq!(Rewards::terms_in_force(), (1, with_fee(11)));
		happened(Event::TermsSet { number: 1, terms: with_fee(11) });
		assert_eq!((terms(0), terms(1)), (Some(TERMS), Some(with_fee(11))));
		// What comes back is new.
		TermsSet::set(TERMS);
		pass(1);
		assert_eq!(Rewards::terms_in_force(), (2, TERMS));
	});
}

#[test]
fn former_terms_may_be_named_for_a_while() {
	build_and_execute(|| {
		TermsSet::set(with_fee(11));
		pass(1);
		for _ in 0..GRACE {
			assert_eq!(terms(0), Some(TERMS));
			// A pause does not count.
			pause(3);
			pass(1);
		}
		assert_eq!((terms(0), terms(1)), (None, Some(with_fee(11))));
		pass(100);
		assert_eq!((terms(0), terms(1)), (None, Some(with_fee(11))));
	});
}

#[test]
fn a_change_waits_while_it_would_forget_what_batches_may_name() {
	build_and_execute(|| {
		for fee in 1..Nano::from(MAX_TERMS) {
			TermsSet::set(with_fee(100 + fee));
			pass(1);
		}
		let full = System::block_number();
		assert_eq!(Rewards::terms_in_force().0, MAX_TERMS - 1);
		// The first have ended when the second came into force.
		TermsSet::set(with_fee(999));
		let ended = TermsHistory::<Test>::get()[0].ended.unwrap();
		while System::block_number() + 1 < ended + GRACE {
			pass(1);
			assert_eq!(terms(0), Some(TERMS));
			assert_eq!(Rewards::terms_in_force(), (MAX_TERMS - 1, with_fee(107)));
		}
		assert!(System::block_number() > full);
		pass(1);
		assert_eq!(Rewards::terms_in_force(), (MAX_TERMS, with_fee(999)));
		assert_eq!((terms(0), terms(1)), (None, Some(with_fee(101))));
		assert_eq!(TermsHistory::<Test>::get().len() as u32, MAX_TERMS);
	});
}

#[test]
fn a_change_that_is_taken_back_while_it_waits_was_none() {
	build_and_execute(|| {
		for fee in 1..Nano::from(MAX_TERMS) {
			TermsSet::set(with_fee(100 + fee));
			pass(1);
		}
		TermsSet::set(with_fee(999));
		pass(1);
		TermsSet::set(with_fee(107));
		pass(5 * GRACE);
		assert_eq!(Rewards::terms_in_force(), (MAX_TERMS - 1, with_fee(107)));
	});
}

#[test]
fn whatever_governance_does_terms_are_named_as_long_as_they_may_be() {
	build_and_execute(|| {
		let mut random = Random(5);
		// All that were ever in force: the oracle.
		let mut all = vec![(TERMS, None)];
		for _ in 0..2_000 {
			if random.chance(40) {
				TermsSet::set(with_fee(Nano::from(random.below(30))));
			}
			if random.chance(10) {
				pause(1);
			} else {
				pass(1);
			}
			let now = Rewards::now();
			let (number, current) = Rewards::terms_in_force();
			if number as usize == all.len() {
				all.last_mut().unwrap().1 = Some(now);
				all.push((current, None));
			}
			assert_eq!(all.len(), number as usize + 1);
			for (number, (terms_then, ended)) in (0..).zip(&all) {
				let named = ended.is_none_or(|ended| now < ended + GRACE);
				assert_eq!(terms(number), named.then_some(*terms_then));
			}
			assert_ok!(Rewards::do_try_state());
		}
		assert!(all.len() > 500, "{}", all.len());
		pass(GRACE * 2);
		assert_eq!(Rewards::terms_in_force().1, TermsSet::get(), "it waits no longer than that");
	});
}

#[test]
fn the_stream_moves_once_a_period_until_the_pool_is_empty() {
	build_and_execute(|| {
		let pool = account(COMMUNITY_POOL);
		let stakers = account(STAKERS_POT);
		let state = || [&pool, &stakers].map(Rewards::in_pot);
		pass(3 * PERIOD);
		assert_eq!(state(), [POOL, 0], "nothing until governance says so");
		let amount = POOL / 3;
		StreamAmount::set(amount);
		let start = System::block_number() / PERIOD;
		for _ in 0..2 * PERIOD {
			pass(1);
			let moved = Balance::from(System::block_number() / PERIOD - start) * amount;
			assert_eq!(state(), [POOL - moved, moved]);
		}
		happened(Event::Streamed { amount });
		System::reset_events();
		pass(PERIOD);
		let rest = POOL - 3 * amount;
		assert!(rest > 0 && rest < amount);
		pass(PERIOD);
		happened(Event::Streamed { amount: rest });
		assert_eq!(state(), [0, POOL]);
		System::reset_events();
		pass(3 * PERIOD);
		assert_eq!(System::read_events_for_pallet::<Event>().len(), 0);
	});
}

#[test]
fn a_paused_chain_streams_no_faster() {
	build_and_execute(|| {
		StreamAmount::set(1);
		pause(10 * PERIOD);
		assert_eq!(Rewards::in_pot(&account(STAKERS_POT)), 10);
	});
}
