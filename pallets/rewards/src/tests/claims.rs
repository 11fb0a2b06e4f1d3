//! Claims: carried out by anyone, in any order, for whoever is to be paid.

use super::*;
use frame_support::storage::with_transaction;
use sp_runtime::TransactionOutcome;

const NOTHING: Permill = Permill::zero();

#[test]
fn anyone_claims_and_the_payee_is_paid() {
	build_and_execute(|| {
		let one = at(3, 4);
		plain(one, ALICE);
		earn(one, 1_234);
		assert_ok!(claim([one]));
		happened(Event::Claimed { contribution: one, payee: ALICE, amount: 1_234 });
		assert_eq!((gain(&ALICE), gain(&ANYONE), in_pot(EARNINGS)), (1_234, 0, 0));
		assert_eq!(Earnings::<Test>::iter().count(), 0);
		assert_noop!(claim([one]), Error::NothingToClaim);
	});
}

#[test]
fn a_payee_of_many_is_paid_by_one_transfer() {
	build_and_execute(|| {
		let works: Vec<_> = (0..20).map(|nth| at(nth % 3, nth)).collect();
		for (nth, work) in works.iter().enumerate() {
			plain(*work, if nth % 4 == 0 { BOB } else { ALICE });
			earn(*work, 100 + nth as Nano);
		}
		System::reset_events();
		// Naming one twice changes nothing.
		assert_ok!(claim(works.iter().chain(&works[..5]).copied()));
		assert_eq!(transfers(), 2);
		let bobs = (0..20).filter(|nth| nth % 4 == 0).map(|nth| 100 + nth).sum();
		assert_eq!((gain(&BOB), gain(&ALICE)), (bobs, 20 * 100 + 190 - bobs));
		assert_eq!(in_pot(EARNINGS), 0);
	});
}

#[test]
fn the_payee_is_that_of_the_claim() {
	build_and_execute(|| {
		let one = at(0, 0);
		plain(one, ALICE);
		earn(one, 500);
		Works::mutate(|table| table.get_mut(&one).unwrap().payee = BOB);
		assert_ok!(claim([one]));
		assert_eq!((gain(&ALICE), gain(&BOB)), (0, 500));
	});
}

#[test]
fn what_is_flagged_is_withheld_until_it_is_cleared() {
	build_and_execute(|| {
		let [one, two] = [at(0, 0), at(0, 1)];
		for work in [one, two] {
			contribute(work, ALICE, Permill::from_percent(10), NOTHING, &REVIEWERS);
			earn(work, 1_000);
		}
		stand(one, Standing::Flagged);
		assert_eq!(Rewards::claimable_for(one), Owed::default());
		assert_noop!(claim([one]), Error::NothingToClaim);
		assert_noop!(claim_curation([one]), Error::NothingToClaim);
		assert_ok!(claim([one, two]));
		assert_ok!(claim_curation([one, two]));
		assert_eq!((owed(one), owed(two)), ((900, 100), (0, 0)));
		// Cleared, it is paid with all it has earned meanwhile.
		earn(one, 1_000);
		stand(one, Standing::Valid);
		assert_eq!(Rewards::claimable_for(one), Owed { earner: 1_800, curators: 200 });
		assert_ok!(claim([one]));
		assert_eq!(gain(&ALICE), 2_700);
	});
}

#[test]
fn what_is_voided_before_it_was_claimed_is_the_commons() {
	build_and_execute(|| {
		let [one, gone] = [at(0, 0), at(0, 1)];
		for work in [one, gone] {
			contribute(work, ALICE, Permill::from_percent(10), NOTHING, &REVIEWERS);
			earn(work, 1_000);
		}
		stand(one, Standing::Voided);
		Works::mutate(|table| table.remove(&gone));
		assert_eq!(Rewards::claimable_for(one), Owed::default());
		assert_ok!(claim([one, gone]));
		happened(Event::Claimed { contribution: one, payee: Commons::get(), amount: 900 });
		assert_eq!((gain(&ALICE), in_pot(COMMONS)), (0, 1_800));
		assert_ok!(claim_curation([one, gone]));
		happened(Event::CurationClaimed { contribution: one, each: 0, commons: 100 });
		assert_eq!((gain(&REVIEWERS[0]), in_pot(COMMONS)), (0, 2_000));
	});
}

#[test]
fn who_cannot_be_paid_keeps_nobody_waiting() {
	build_and_execute(|| {
		let works = [at(0, 0), at(0, 1), at(0, 2)];
		plain(works[0], NOBODY);
		plain(works[1], ALICE);
		plain(works[2], NOBODY);
		earn(works[0], 600);
		earn(works[1], 600);
		assert_noop!(claim([works[0]]), Error::NothingToClaim);
		assert_ok!(claim(works));
		assert_eq!((gain(&NOBODY), gain(&ALICE)), (0, 600));
		assert_eq!(owed(works[0]), (600, 0));
		// Two that together make an account do.
		earn(works[2], 400);
		assert_noop!(claim([works[0], works[2]]), Error::NothingToClaim);
		earn(works[2], 1);
		assert_ok!(claim([works[0], works[2]]));
		assert_eq!((gain(&NOBODY), in_pot(EARNINGS)), (1_001, 0));
	});
}

#[test]
fn curators_share_alike_and_the_commons_gets_the_rest() {
	build_and_execute(|| {
		let [one, two, nobodys] = [at(0, 0), at(0, 1), at(0, 2)];
		let tenth = Permill::from_percent(10);
		contribute(one, ALICE, tenth, NOTHING, &REVIEWERS);
		contribute(two, ALICE, tenth, NOTHING, &REVIEWERS[..2]);
		contribute(nobodys, ALICE, tenth, NOTHING, &[]);
		earn(one, 1_010);
		earn(two, 1_010);
		earn(nobodys, 50);
		System::reset_events();
		assert_ok!(claim_curation([one, two, nobodys, one]));
		happened(Event::CurationClaimed { contribution: one, each: 33, commons: 2 });
		happened(Event::CurationClaimed { contribution: two, each: 50, commons: 1 });
		happened(Event::CurationClaimed { contribution: nobodys, each: 0, commons: 5 });
		assert_eq!(REVIEWERS.map(|who| gain(&who)), [83, 83, 33]);
		assert_eq!((in_pot(COMMONS), transfers()), (8, 4));
		assert_eq!([one, two, nobodys].map(owed), [(909, 0), (909, 0), (45, 0)]);
		assert_noop!(claim_curation([one, two, nobodys]), Error::NothingToClaim);
		assert_ok!(claim([one, two, nobodys]));
		assert_eq!(Earnings::<Test>::iter().count(), 0);
	});
}

#[test]
fn more_curators_than_there_is_for_them() {
	build_and_execute(|| {
		let one = at(0, 0);
		contribute(one, ALICE, Permill::from_percent(10), NOTHING, &REVIEWERS);
		earn(one, 20);
		assert_ok!(claim_curation([one]));
		happened(Event::CurationClaimed { contribution: one, each: 0, commons: 2 });
		assert_eq!(in_pot(COMMONS), 2);
	});
}

#[test]
fn a_curator_who_cannot_be_paid_can_claim_it_later() {
	build_and_execute(|| {
		let one = at(0, 0);
		let tenth = Permill::from_percent(10);
		contribute(one, ALICE, tenth, NOTHING, &[NOBODY, BOB]);
		earn(one, 12_000);
		assert_ok!(claim_curation([one]));
		assert_eq!((gain(&BOB), gain(&NOBODY)), (600, 0));
		happened(Event::Credited { account: NOBODY, amount: 600 });
		assert_noop!(claim_account([NOBODY]), Error::NothingToClaim);
		earn(one, 12_000);
		assert_ok!(claim_curation([one]));
		assert_eq!(Rewards::claimable(NOBODY), 1_200);
		assert_ok!(claim_account([NOBODY]));
		assert_eq!((gain(&BOB), gain(&NOBODY)), (1_200, 1_200));
	});
}

#[test]
fn accounts_claim_what_models_have_earned_for_them() {
	build_and_execute(|| {
		fill_escrow(1_000);
		let totals = Totals { receipts: 1, fees: 1_000, model: 1_000, ..Totals::default() };
		let none = vec![(NOBODY, Permill::from_percent(10), 0)];
		Lineages::mutate(|table| table.insert(MODEL, Lineage { owner: OWNER, ancestors: none }));
		assert_ok!(pay_totals(MODEL, &totals));
		System::reset_events();
		// Who is to get nothing, or cannot be paid, is passed over.
		assert_ok!(claim_account([NOBODY, OPERATOR, ALICE, OWNER, OPERATOR]));
		happened(Event::AccountClaimed { account: OPERATOR, amount: 500 });
		assert_eq!([OPERATOR, OWNER, ALICE].map(|who| gain(&who)), [500, 450, 0]);
		assert_eq!((Rewards::claimable(NOBODY), Rewards::claimable(OPERATOR)), (50, 0));
		assert_eq!(transfers(), 2);
		let again = claim_account([NOBODY, OPERATOR, ALICE, OWNER]);
		assert_noop!(again, Error::NothingToClaim);
	});
}

#[test]
fn more_than_one_call_may_claim_does_not_even_decode() {
	let works = |count| (0..count).map(|nth| at(0, nth)).collect::<Vec<_>>().encode();
	assert!(Batch::<ContributionRef>::decode(&mut works(100).as_slice()).is_ok());
	assert!(Batch::<ContributionRef>::decode(&mut works(101).as_slice()).is_err());
}

/// One way to claim everything: the calls of a claim, cut and shuffled.
fn claim_all(random: &mut Random, works: &[ContributionRef], accounts: &[AccountId]) {
	let mut calls = Vec::new();
	for curation in [false, true] {
		let mut works = works.to_vec();
		random.shuffle(&mut works);
		while !works.is_empty() {
			let cut = works.len() - 1 - random.below(works.len() as u32) as usize;
			let contributions = batch(works.drain(cut..));
			calls.push(if curation {
				Call::claim_curation { contributions }
			} else {
				Call::claim { contributions }
			});
		}
	}
	for account in accounts {
		calls.push(Call::claim_account { accounts: batch([account.clone()]) });
	}
	random.shuffle(&mut calls);
	for each in calls {
		// Some find that others have claimed what they would.
		let _ = call(ANYONE, each);
	}
}

#[test]
fn claims_in_any_order_are_equal() {
	build_and_execute(|| {
		let mut random = Random(3);
		let people = [ALICE, BOB, OWNER, OPERATOR];
		let works: Vec<_> = (0..30).map(|nth| at(nth % 4, nth)).collect();
		for work in &works {
			let payee = random.pick(&people).unwrap();
			let percent = |limit, random: &mut Random| Permill::from_percent(random.below(limit));
			let (curators, penalty) = (percent(21, &mut random), percent(51, &mut random));
			let reviewers = random.below(4) as usize;
			contribute(*work, payee, curators, penalty, &REVIEWERS[..reviewers]);
			earn(*work, 1 + Nano::from(random.below(5_000)));
			if random.chance(20) {
				let standing = random.pick(&[Standing::Flagged, Standing::Voided]);
				stand(*work, standing.unwrap());
			}
		}
		fill_escrow(777);
		let totals = Totals { receipts: 1, fees: 777, model: 777, ..Totals::default() };
		assert_ok!(pay_totals(MODEL, &totals));

		let accounts = [ALICE, BOB, OWNER, OPERATOR, PARENT, GRANDPARENT];
		let mut results = BTreeSet::new();
		for seed in 0..50 {
			let result = with_transaction(|| {
				claim_all(&mut Random(seed), &works, &accounts);
				check();
				let paid: Vec<_> =
					accounts.iter().chain(&REVIEWERS).map(gain).chain([in_pot(COMMONS)]).collect();
				let left: Vec<_> = works.iter().map(|work| owed(*work)).collect();
				TransactionOutcome::Rollback(Ok::<_, DispatchError>((paid, left)))
			});
			results.insert(result.unwrap());
		}
		assert_eq!(results.len(), 1);
		let (_, left) = results.pop_first().unwrap();
		let withheld = works.iter().zip(left).filter(|(_, left)| *left != (0, 0));
		assert!(withheld.clone().count() > 0);
		assert!(withheld
			.clone()
			.all(|(work, _)| { Works::get()[work].shares.standing == Standing::Flagged }));
	});
}
