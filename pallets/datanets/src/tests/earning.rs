//! What others are told about earnings: whose they are, and what is taken off them.

use super::*;
use openledger_primitives::records::{InspectContributions, Shares};

fn shares(at: ContributionRef) -> Option<Shares> {
	<Datanets as InspectContributions<AccountId>>::shares(at)
}

fn payee(at: ContributionRef) -> Option<(Standing, AccountId)> {
	<Datanets as InspectContributions<AccountId>>::payee(at)
}

fn curators(at: ContributionRef) -> Vec<AccountId> {
	<Datanets as InspectContributions<AccountId>>::curators(at)
}

#[test]
fn of_what_is_not_there_nothing_is_said() {
	build_and_execute(|| {
		let datanet = open_datanet();
		contribute(ALICE, datanet, 1);
		for at in [(datanet, 0), (datanet + 1, 0), (u32::MAX, u32::MAX)] {
			let at = ContributionRef { datanet: at.0, index: at.1 };
			assert_eq!(<Datanets as InspectContributions<AccountId>>::content(at), None);
			assert_eq!((shares(at), payee(at), curators(at)), (None, None, Vec::new()));
		}
	});
}

#[test]
fn a_contribution_earns_for_who_made_it_less_what_its_reviewers_get() {
	build_and_execute(|| {
		let [one, two, ..] = REVIEWERS;
		let datanet = reviewed_datanet(2, &REVIEWERS);
		let at = accepted_by(&[two, one], ALICE, datanet, 1);
		let named = <Datanets as InspectContributions<AccountId>>::content(at);
		assert_eq!(named, Some((content(1), 8)));
		let (standing, penalty) = (Standing::Valid, Permill::zero());
		assert_eq!(shares(at), Some(Shares { standing, curators: CURATORS, penalty }));
		assert_eq!(payee(at), Some((Standing::Valid, ALICE)));
		assert_eq!(curators(at), vec![two, one]);

		let open = accepted(ALICE, open_datanet(), 2);
		let nothing = Permill::zero();
		assert_eq!(shares(open), Some(Shares { standing, curators: nothing, penalty }));
		assert!(curators(open).is_empty());
	});
}

#[test]
fn the_payee_is_the_earners_choice_whoever_that_is() {
	build_and_execute(|| {
		let at = accepted(ALICE, open_datanet(), 1);
		assert_ok!(Datanets::set_payee(signed(ALICE), Some(OWNER)));
		assert_eq!(payee(at), Some((Standing::Valid, OWNER)));
		assert_ok!(Datanets::transfer_right(signed(ALICE), one(at), BOB));
		assert_eq!(payee(at), Some((Standing::Valid, BOB)));
		assert_ok!(Datanets::set_payee(signed(BOB), Some(ANYONE)));
		assert_eq!(payee(at), Some((Standing::Valid, ANYONE)));
		assert_ok!(Datanets::set_payee(signed(BOB), None));
		assert_eq!(payee(at), Some((Standing::Valid, BOB)));
	});
}

#[test]
fn a_flag_and_a_verdict_are_told() {
	build_and_execute(|| {
		let datanet = open_datanet();
		let (at, other) = (accepted(ALICE, datanet, 1), accepted(ALICE, datanet, 2));
		assert_ok!(flag(REPORTER, at, Ground::Adversarial));
		assert_eq!(payee(at), Some((Standing::Flagged, ALICE)));
		assert_eq!(shares(at).unwrap().standing, Standing::Flagged);
		assert_ok!(Datanets::rule(root(), at, true));
		assert_eq!(payee(at), Some((Standing::Voided, ALICE)));
		// Five points, two of them free: the contributor's other work earns less, whoever earns by it.
		let expected = Permill::from_percent(30);
		assert_eq!(shares(other).unwrap().penalty, expected);
		assert_ok!(Datanets::transfer_right(signed(ALICE), one(other), BOB));
		assert_eq!(shares(other).unwrap().penalty, expected);
		assert_eq!(payee(other), Some((Standing::Valid, BOB)));
	});
}

#[test]
fn references_and_what_they_took_the_place_of_earn_for_the_commons() {
	build_and_execute(|| {
		let references = reference_datanet();
		let squatted = accepted(COPIER, open_datanet(), 1);
		assert_ok!(Datanets::add_references(root(), references, batch([1, 2].map(referring))));
		assert_eq!(payee(squatted), Some((Standing::Voided, COPIER)));
		for index in 0..2 {
			let at = ContributionRef { datanet: references, index };
			assert_eq!(standing(at), Standing::Valid, "in the record");
			assert_eq!(payee(at), Some((Standing::Voided, COMMONS)));
			assert_eq!(shares(at).unwrap().standing, Standing::Voided);
			assert!(curators(at).is_empty());
		}
	});
}

#[test]
fn an_owner_gains_nothing_by_removing_reviewers() {
	build_and_execute(|| {
		let [honest, friend, newcomer, ..] = REVIEWERS;
		let datanet = reviewed_datanet(2, &[honest, friend]);
		let at = accepted_by(&[honest, friend], ALICE, datanet, 1);
		// GIVEN that one who accepted it was removed,
		assert_ok!(Datanets::remove_reviewer(signed(OWNER), datanet, honest));
		assert_eq!(curators(at), vec![honest, friend]);
		// WHEN the bond is released and somebody else takes the place,
		answer_for_bonds();
		assert_ok!(Datanets::release_reviewer(signed(ANYONE), datanet, 0));
		assert_eq!(held(honest, HoldReason::ReviewerBond), 0);
		invite_and_join(datanet, newcomer);
		// THEN the curators' part is shared as before.
		assert_eq!(curators(at), vec![honest, friend]);
		assert_eq!(FormerReviewers::<Test>::get(datanet, 0), Some(honest));
		// Who was released may sit again, and is one person all the same.
		invite_and_join(datanet, honest);
		assert_eq!(seat(datanet, honest), 3);
		assert_eq!(curators(at), vec![honest, friend]);
	});
}

#[test]
fn an_invitation_that_was_never_taken_leaves_nothing() {
	build_and_execute(|| {
		let [honest, ..] = REVIEWERS;
		let datanet = create(reviewed(1));
		assert_ok!(Datanets::invite_reviewer(signed(OWNER), datanet, honest));
		assert_ok!(Datanets::remove_reviewer(signed(OWNER), datanet, honest));
		assert_eq!(FormerReviewers::<Test>::iter().count(), 0);
	});
}
