//! What a final batch pays, to the unit.

use super::*;
use openledger_settlement::{
	build::Batch as Built,
	diff::ends,
	sample::{self, Shape},
};

const UNATTESTED: bool = false;
const ATTESTED: bool = true;

fn totals(platform: Nano, stakers: Nano, model: Nano, commons: Nano) -> Totals {
	let fees = platform + stakers + model + commons;
	Totals { receipts: 3, fees, platform, stakers, model, commons }
}

fn claimable(who: AccountId) -> Nano {
	Rewards::claimable(who)
}

#[test]
fn totals_go_where_they_belong_and_royalties_nest() {
	build_and_execute(|| {
		let totals = totals(30, 105, 1_001, 7);
		fill_escrow(totals.fees + 500);
		System::reset_events();
		let fees = in_pot(TREASURY);
		assert_ok!(pay_totals(MODEL, &totals));
		let pots = [TREASURY, STAKERS_POT, COMMONS, EARNINGS].map(in_pot);
		assert_eq!(pots, [fees + 30, 105, 7, 1_001]);
		assert_eq!(Rewards::escrowed(), 500, "what contributions earn");
		// ⌊1001/2⌋ to the operator; of the other 501, ⌊20 %⌋ to the parent, who gives ⌊30 %⌋ of that on.
		let parts = [OPERATOR, PARENT, GRANDPARENT, OWNER].map(claimable);
		assert_eq!(parts, [500, 70, 30, 401]);
		happened(Event::TotalsPaid { model: MODEL, version: 0, totals });
		for (account, amount) in [(OPERATOR, 500), (PARENT, 70), (GRANDPARENT, 30), (OWNER, 401)] {
			happened(Event::Credited { account, amount });
		}
	});
}

#[test]
fn whoever_is_several_of_them_gets_one_sum() {
	build_and_execute(|| {
		let ancestors =
			vec![(OPERATOR, Permill::from_percent(20), 0), (OWNER, Permill::from_percent(30), 1)];
		Lineages::mutate(|table| table.insert(MODEL, Lineage { owner: OWNER, ancestors }));
		fill_escrow(1_001);
		System::reset_events();
		assert_ok!(pay_totals(MODEL, &totals(0, 0, 1_001, 0)));
		assert_eq!([OPERATOR, OWNER].map(claimable), [570, 431]);
		let credits = System::read_events_for_pallet::<Event>();
		let credits = credits.iter().filter(|event| matches!(event, Event::Credited { .. }));
		assert_eq!(credits.count(), 2);
		assert_eq!(transfers(), 1, "nothing else is paid");
	});
}

#[test]
fn what_versions_sell_is_counted() {
	build_and_execute(|| {
		fill_escrow(1_000);
		let pay = |version, fees| {
			let totals = totals(fees, 0, 0, 0);
			let terms = TERMS;
			assert_ok!(<Rewards as Ledger<_>>::pay_totals(
				MODEL, version, &OPERATOR, &terms, &totals
			));
		};
		pay(0, 100);
		pay(1, 30);
		pay(0, 50);
		assert_eq!(Rewards::revenue(MODEL, 0), Sold { receipts: 6, fees: 150 });
		assert_eq!(Rewards::revenue(MODEL, 1), Sold { receipts: 3, fees: 30 });
		assert_eq!(Rewards::revenue(MODEL, 2), Sold::default());
		assert_eq!(Rewards::revenue(OTHER_MODEL, 0), Sold::default());
	});
}

#[test]
fn terms_are_those_of_the_batch() {
	build_and_execute(|| {
		fill_escrow(1_000);
		TermsSet::set(Terms { operator: Permill::zero(), ..TERMS });
		pass(GRACE + 5);
		assert_ok!(pay_totals(OTHER_MODEL, &totals(0, 0, 1_000, 0)));
		assert_eq!([OPERATOR, ALICE].map(claimable), [500, 500]);
	});
}

#[test]
fn totals_of_no_model_or_beyond_escrow_leave_no_trace() {
	build_and_execute(|| {
		fill_escrow(1_000);
		let some = totals(10, 20, 30, 40);
		assert_noop!(pay_totals(99, &some), Error::NoSuchModel);
		let unavailable = DispatchError::from(sp_runtime::TokenError::FundsUnavailable);
		for dear in [totals(10_000, 0, 0, 0), totals(1, 2, 10_000, 3), totals(1, 2, 3, 10_000)] {
			assert_noop!(pay_totals(MODEL, &dear), unavailable);
		}
		// From an ancestor that is not before it.
		let ancestors = vec![(PARENT, Permill::from_percent(20), 1)];
		Lineages::mutate(|table| table.insert(MODEL, Lineage { owner: OWNER, ancestors }));
		assert_noop!(pay_totals(MODEL, &some), Error::BadLineage);
		assert_eq!(Rewards::escrowed(), 1_000);
	});
}

#[test]
fn an_earner_gets_what_curators_and_penalties_leave() {
	build_and_execute(|| {
		let (one, two, three) = (at(0, 0), at(0, 1), at(5, 0));
		let percent = Permill::from_percent;
		contribute(one, ALICE, percent(20), percent(0), &REVIEWERS);
		contribute(two, BOB, percent(15), percent(30), &REVIEWERS);
		plain(three, BOB);
		fill_escrow(3_000);
		System::reset_events();
		let increases = [increase(one, 1_003, 0), increase(two, 999, 0), increase(three, 998, 0)];
		assert_ok!(pay_contributions(&increases, UNATTESTED));
		// Of 999: ⌊15 %⌋ is 149, ⌊30 %⌋ of the other 850 is 255.
		assert_eq!([one, two, three].map(owed), [(803, 200), (595, 149), (998, 0)]);
		assert_eq!((in_pot(EARNINGS), in_pot(COMMONS), Rewards::escrowed()), (2_745, 255, 0));
		let earned = [(one, 803, 200, 0), (two, 595, 149, 255), (three, 998, 0, 0)];
		for (contribution, earner, curators, commons) in earned {
			happened(Event::Earned { contribution, earner, curators, commons });
		}
		happened(Event::ContributionsPaid { contributions: 3, earned: 2_745, commons: 255 });
		assert_eq!(transfers(), 2, "two in all");
	});
}

#[test]
fn earnings_add_up_over_batches() {
	build_and_execute(|| {
		let one = at(0, 0);
		contribute(one, ALICE, Permill::from_percent(10), Permill::zero(), &REVIEWERS);
		earn(one, 99);
		earn(one, 1);
		earn(one, 100);
		assert_eq!(owed(one), (90 + 1 + 90, 9 + 10));
		let owed = Rewards::claimable_for(one);
		assert_eq!(owed, Owed { earner: 181, curators: 19 });
	});
}

#[test]
fn what_is_voided_or_unknown_earns_for_the_commons() {
	build_and_execute(|| {
		let (flagged, voided, unknown) = (at(0, 0), at(0, 1), at(9, 9));
		let percent = Permill::from_percent;
		for work in [flagged, voided] {
			contribute(work, ALICE, percent(20), percent(10), &REVIEWERS);
		}
		stand(flagged, Standing::Flagged);
		stand(voided, Standing::Voided);
		fill_escrow(300);
		let increases = [flagged, voided, unknown].map(|work| increase(work, 60, 40));
		assert_ok!(pay_contributions(&increases, ATTESTED));
		assert_eq!([flagged, voided, unknown].map(owed), [(72, 20), (0, 0), (0, 0)]);
		assert_eq!((in_pot(EARNINGS), in_pot(COMMONS)), (92, 208));
		assert_eq!(Earnings::<Test>::iter().count(), 1);
	});
}

#[test]
fn private_receipts_earn_for_the_commons_unless_they_are_attested() {
	build_and_execute(|| {
		let (one, two) = (at(0, 0), at(0, 1));
		let half = Permill::from_percent(50);
		contribute(one, ALICE, Permill::from_percent(20), half, &REVIEWERS);
		plain(two, BOB);
		let increases = [increase(one, 100, 50), increase(two, 0, 30)];
		fill_escrow(180);
		assert_ok!(pay_contributions(&increases, UNATTESTED));
		assert_eq!([one, two].map(owed), [(40, 20), (0, 0)]);
		assert_eq!(in_pot(COMMONS), 40 + 50 + 30);
		happened(Event::Earned { contribution: two, earner: 0, curators: 0, commons: 30 });

		fill_escrow(180);
		assert_ok!(pay_contributions(&increases, ATTESTED));
		assert_eq!([one, two].map(owed), [(40 + 60, 20 + 30), (30, 0)]);
		assert_eq!(in_pot(COMMONS), 120 + 60);
	});
}

#[test]
fn contributions_beyond_escrow_leave_no_trace() {
	build_and_execute(|| {
		let one = at(0, 0);
		plain(one, ALICE);
		fill_escrow(100);
		let unavailable = DispatchError::from(sp_runtime::TokenError::FundsUnavailable);
		let not_expendable = DispatchError::from(sp_runtime::TokenError::NotExpendable);
		for (amount, error) in [(101, not_expendable), (10_000, unavailable)] {
			assert_noop!(pay_contributions(&[increase(one, amount, 0)], UNATTESTED), error);
		}
		let overflow = DispatchError::from(ArithmeticError::Overflow);
		for much in [(LIMIT, 0), (LIMIT - 1, 1), (Nano::MAX, Nano::MAX)] {
			let increases = [increase(one, 1, 0), increase(one, much.0, much.1)];
			assert_noop!(pay_contributions(&increases, ATTESTED), overflow);
		}
		assert_ok!(pay_contributions(&[], UNATTESTED));
		assert_ok!(pay_contributions(&[increase(one, 100, 0)], UNATTESTED));
	});
}

/// A batch of receipts that follow the rule, with what its payers had bought before.
fn built(seed: u64, before: Vec<Bought>) -> Built {
	let shape = Shape { receipts: 200, payers: 5, contributions: 40, credits: 7, private: 3 };
	let context = sample::context(&shape);
	let receipts = sample::receipts(&shape, &context, &mut sample::Random(seed));
	Built::build(context, before, receipts).unwrap()
}

#[test]
fn real_batches_settle_from_vouchers_to_claims() {
	build_and_execute(|| {
		let keys: Vec<_> = (1..=5).map(Key::new).collect();
		for key in &keys {
			open(key, MODEL, 900_000_000);
		}
		let percent = Permill::from_percent;
		for nth in 0..20 {
			for datanet in [0, 7] {
				let payee = if nth % 2 == 0 { ALICE } else { BOB };
				let (curators, penalty) = (percent(nth % 21), percent(10 * (nth % 4)));
				contribute(at(datanet, nth), payee, curators, penalty, &REVIEWERS);
			}
		}
		let mut before = vec![Bought::default(); 5];
		for (seed, attested) in [(1, UNATTESTED), (2, ATTESTED), (3, UNATTESTED)] {
			let batch = built(seed, before.clone());
			// The pallet says of each voucher what the batch was built on.
			let purchases: Vec<_> = keys
				.iter()
				.zip(batch.purchases())
				.map(|(key, purchase)| {
					let voucher = key.voucher(MODEL, key.account(), purchase.after);
					assert_eq!(take(MODEL, &voucher), Ok(purchase));
					purchase
				})
				.collect();
			assert_ok!(ends(&purchases, &batch.diff(), &batch.totals()).map_err(|_| "unsound"));
			assert_eq!(Rewards::escrowed(), batch.totals().fees);
			let terms = batch.context().terms;
			assert_ok!(<Rewards as Ledger<_>>::pay_totals(
				MODEL,
				0,
				&OPERATOR,
				&terms,
				&batch.totals()
			));
			let diff: Diff = batch.diff();
			assert_ok!(pay_contributions(&diff, attested));
			assert_eq!(Rewards::escrowed(), 0, "everything spent is somewhere");
			check();
			before = purchases.iter().map(|purchase| purchase.after).collect();
		}
		let all = Earnings::<Test>::iter().map(|(datanet, index, _)| at(datanet, index));
		let all: Vec<_> = all.collect();
		assert_ok!(claim(all.clone()));
		assert_ok!(claim_curation(all));
		assert_ok!(claim_account([OPERATOR, OWNER, PARENT, GRANDPARENT]));
		assert_eq!(in_pot(EARNINGS), 0);
		let spent: i64 = keys.iter().map(|key| entry(key, MODEL).bought.cumulative as i64).sum();
		let people =
			[OPERATOR, OWNER, PARENT, GRANDPARENT, ALICE, BOB].into_iter().chain(REVIEWERS);
		let earned: i64 = people.map(|who| gain(&who)).sum();
		let pots: i64 = [TREASURY, STAKERS_POT, COMMONS].map(in_pot).iter().sum();
		assert_eq!(spent, earned + pots - 5 * OPENING);
	});
}
