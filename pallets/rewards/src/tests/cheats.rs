//! Ways to cheat, and what they cost: every story counts the money of everybody in it.

use super::*;
use openledger_settlement::split::split;

/// What these people have gained together.
fn gains<'a>(people: impl IntoIterator<Item = &'a AccountId>) -> i64 {
	people.into_iter().map(gain).sum()
}

/// Pays a batch of one receipt, by the rule: its contributors' part is one contribution's.
fn settle(model: ModelId, fee: Nano, credited: ContributionRef, private: bool, attested: bool) {
	let parts = split(fee, &TERMS).unwrap();
	let totals = Totals {
		receipts: 1,
		fees: fee,
		platform: parts.platform,
		stakers: parts.stakers,
		model: parts.model,
		commons: 0,
	};
	assert_ok!(pay_totals(model, &totals));
	let (disclosed, hidden) =
		if private { (0, parts.contributors) } else { (parts.contributors, 0) };
	assert_ok!(pay_contributions(&[increase(credited, disclosed, hidden)], attested));
}

#[test]
fn who_buys_from_oneself_pays_the_platform_and_the_stakers() {
	build_and_execute(|| {
		// GIVEN one person who is payer, operator, owner and contributor, and an honest contributor,
		let key = payer();
		let cartel = [key.account(), OPERATOR, ALICE, BOB];
		let (own, honest) = (at(0, 0), at(0, 1));
		plain(own, BOB);
		plain(honest, PARENT);
		earn(honest, 5_000);
		let before = gains(&cartel);
		// WHEN they buy from themselves, and credit their own work alone,
		let fee = 100_010;
		open(&key, OTHER_MODEL, 10 * fee);
		for _ in 0..10 {
			buy(&key, OTHER_MODEL, fee);
			settle(OTHER_MODEL, fee, own, false, false);
		}
		assert_ok!(claim([own]));
		assert_ok!(claim_account([OPERATOR, ALICE]));
		// THEN they have lost the platform's and the stakers' part of each, and the opening fee,
		let parts = split(fee, &TERMS).unwrap();
		let lost = 10 * (parts.platform + parts.stakers) as i64;
		assert_eq!(gains(&cartel) - before, -lost - OPENING);
		// and nobody else has lost anything.
		assert_eq!(owed(honest), (5_000, 0));
	});
}

#[test]
fn who_buys_from_oneself_in_private_loses_the_contributors_part_too() {
	build_and_execute(|| {
		let key = payer();
		let cartel = [key.account(), OPERATOR, ALICE, BOB];
		let own = at(0, 0);
		plain(own, BOB);
		let fee = 100_010;
		open(&key, OTHER_MODEL, 2 * fee);
		for attested in [false, true] {
			buy(&key, OTHER_MODEL, fee);
			settle(OTHER_MODEL, fee, own, true, attested);
		}
		assert_ok!(claim_account([OPERATOR, ALICE]));
		assert_ok!(claim([own]));
		let parts = split(fee, &TERMS).unwrap();
		let lost = 2 * (parts.platform + parts.stakers) + parts.contributors;
		assert_eq!(gains(&cartel), -(lost as i64) - OPENING);
		assert_eq!(in_pot(COMMONS), parts.contributors as i64);
	});
}

#[test]
fn who_runs_away_has_paid_for_what_was_had() {
	build_and_execute(|| {
		// GIVEN a payer who has signed for ten inferences and had eleven,
		let (key, price) = (payer(), 5_000);
		open(&key, MODEL, 20 * price);
		let voucher = key.voucher(MODEL, key.account(), bought(10, 10 * price));
		// WHEN it withdraws all and signs with another key, which signs nothing more,
		assert_ok!(Rewards::withdraw(signed(key.account()), MODEL, 20 * price));
		assert_ok!(Rewards::set_signer(signed(key.account()), MODEL, BOB));
		pass(DELAY - 1);
		assert_ok!(take(MODEL, &voucher));
		pass(1);
		assert_ok!(Rewards::take_withdrawn(signed(ANYONE), MODEL, key.account()));
		// THEN the eleventh has cost the opening fee, which is more.
		assert_eq!(gain(&key.account()), -(10 * price as i64) - OPENING);
		assert!(OPENING > price as i64);
	});
}

#[test]
fn free_inferences_cost_a_fee_each() {
	build_and_execute(|| {
		// Whoever opens entries only to have one inference each unsigned,
		let keys: Vec<_> = (1..=10).map(Key::new).collect();
		for key in &keys {
			open(key, MODEL, 1);
			assert_ok!(Rewards::withdraw(signed(key.account()), MODEL, 1));
		}
		pass(DELAY);
		for key in &keys {
			assert_ok!(Rewards::take_withdrawn(signed(ANYONE), MODEL, key.account()));
			assert_eq!(gain(&key.account()), -OPENING);
		}
		// pays each of them to the treasury.
		assert_eq!(in_pot(TREASURY), 10 * OPENING);
		// An entry is good for one: it is not to be had anew.
		for key in &keys {
			let again = || Rewards::open_entry(signed(key.account()), MODEL, 1, None);
			assert_noop!(again(), Error::AlreadyOpen);
		}
	});
}

#[test]
fn a_batch_that_was_voided_is_not_paid_by_another() {
	build_and_execute(|| {
		let (key, one) = (payer(), at(0, 0));
		plain(one, OPERATOR);
		open(&key, MODEL, 1_000);
		let vouchers = [100, 200, 300]
			.map(|cumulative| key.voucher(MODEL, key.account(), bought(cumulative, cumulative)));
		// GIVEN a batch that was voided,
		assert_ok!(take(MODEL, &vouchers[1]));
		assert_ok!(give_back(MODEL, &key.account(), 200));
		// WHEN its operator, or the next, tries the same voucher, or an earlier one,
		for voucher in &vouchers[..2] {
			assert_noop!(take(MODEL, voucher), Error::StaleVoucher);
		}
		// THEN only what was bought since can be had.
		assert_ok!(take(MODEL, &vouchers[2]));
		assert_eq!((Rewards::left(MODEL, key.account()), Rewards::escrowed()), (900, 100));
		// More than that cannot be paid to anyone.
		let not_expendable = DispatchError::from(sp_runtime::TokenError::NotExpendable);
		let too_much = [increase(one, 101, 0)];
		assert_noop!(pay_contributions(&too_much, true), not_expendable);
		assert_ok!(pay_contributions(&[increase(one, 100, 0)], true));
	});
}

#[test]
fn a_stolen_signers_key_spends_what_is_there_and_for_a_while() {
	build_and_execute(|| {
		let (key, hot) = (payer(), Key::new(2));
		let signer = Some(hot.account());
		assert_ok!(Rewards::open_entry(signed(key.account()), MODEL, 1_000, signer));
		let steal = |count, cumulative| {
			take(MODEL, &hot.voucher(MODEL, key.account(), bought(count, cumulative)))
		};
		assert_ok!(steal(1, 400));
		// The payer notices, and has another key sign.
		assert_ok!(Rewards::set_signer(signed(key.account()), MODEL, key.account()));
		assert_ok!(Rewards::withdraw(signed(key.account()), MODEL, 600));
		assert_ok!(steal(2, 1_000));
		assert_noop!(steal(3, 1_001), Error::NotCovered);
		pass(DELAY + 1);
		assert_ok!(Rewards::top_up(signed(ANYONE), MODEL, key.account(), 500));
		assert_noop!(steal(3, 1_001), Error::BadSignature);
		// It decides nothing, and takes nothing out.
		assert_noop!(Rewards::withdraw(signed(hot.account()), MODEL, 1), Error::NoSuchEntry);
		assert_eq!(gain(&hot.account()), 0);
	});
}

#[test]
fn who_claims_after_every_batch_costs_curators_next_to_nothing() {
	let curators_get = |often: bool| {
		let mut gained = 0;
		build_and_execute(|| {
			let one = at(0, 0);
			contribute(one, ALICE, Permill::from_percent(10), Permill::zero(), &REVIEWERS);
			for nth in 0..100 {
				earn(one, 1_000 + 10 * nth);
				if often {
					assert_ok!(claim_curation([one]));
				}
			}
			let _ = claim_curation([one]);
			gained = gains(&REVIEWERS);
			assert_eq!(gained + in_pot(COMMONS), (100..200).sum::<i64>());
		});
		gained
	};
	let (once, often) = (curators_get(false), curators_get(true));
	assert!(once >= often);
	// At most two nano-OPEN of three curators and a claim; a transaction costs about a million.
	assert!(once - often <= 100 * 2, "{once} or {often}");
}

#[test]
fn splitting_a_work_saves_less_than_two_nano_for_each_part() {
	build_and_execute(|| {
		// Shares are rounded down, so parts that earn little pay less of them.
		let (curators, penalty) = (Permill::from_percent(20), Permill::from_percent(50));
		let whole = split_earned(10_000, curators, penalty);
		for parts in [2, 7, 100, 1_000, 10_000] {
			let each = split_earned(10_000 / parts, curators, penalty).earner * parts;
			assert!(each < whole.earner + 2 * parts, "{parts}");
		}
		// A part more costs a bond of 10⁸ nano-OPEN and the fees of committing and revealing it.
	});
}

#[test]
fn nobody_holds_up_the_claims_of_others() {
	build_and_execute(|| {
		// GIVEN works whose payee has no account, or that are flagged or gone, among others,
		let works: Vec<_> = (0..40).map(|nth| at(0, nth)).collect();
		for (nth, work) in works.iter().enumerate() {
			let (payee, reviewer) = if nth % 2 == 0 { (NOBODY, NOBODY) } else { (ALICE, BOB) };
			contribute(*work, payee, Permill::from_percent(10), Permill::zero(), &[reviewer]);
			earn(*work, 20);
		}
		stand(works[0], Standing::Flagged);
		stand(works[2], Standing::Voided);
		Works::mutate(|table| table.remove(&works[4]));
		// WHEN anyone claims them all,
		assert_ok!(claim(works.clone()));
		assert_ok!(claim_curation(works));
		// THEN who can be paid is.
		assert_eq!((gain(&ALICE), gain(&BOB)), (20 * 18, 20 * 2));
	});
}
