//! The way of datanets, reviewers and contributions when everybody does what they should.

use super::*;
use crate::mock::PausedBlocks;

#[test]
fn a_datanet_is_created_with_a_deposit() {
	build_and_execute(|| {
		let first = open_datanet();
		let second = create(reviewed(2));
		assert_eq!((first, second), (0, 1));
		assert_eq!(held(OWNER, HoldReason::Datanet), 2 * <Test as Config>::DatanetDeposit::get());
		assert_eq!(
			datanet_of(second),
			Datanet {
				owner: OWNER,
				licence: Licence::CcBy,
				policy: reviewed(2),
				length: 0,
				pending: 0,
				reviewers: 0,
				next_seat: 0,
				deposit: <Test as Config>::DatanetDeposit::get(),
				open: true,
				reference: false,
			}
		);
		assert_eq!(Metadatas::<Test>::get(first).unwrap().name.to_vec(), b"Sentences");
		happened(Event::DatanetCreated { datanet: 1, owner: OWNER, reference: false });
	});
}

#[test]
fn the_owner_describes_it_anew_and_sets_another_policy() {
	build_and_execute(|| {
		let datanet = open_datanet();
		assert_ok!(Datanets::set_metadata(
			signed(OWNER),
			datanet,
			b"Words".to_vec(),
			vec![],
			vec![b"a".to_vec(), b"b".to_vec()],
			vec![],
		));
		let metadata = Metadatas::<Test>::get(datanet).unwrap();
		assert_eq!(metadata.name.to_vec(), b"Words");
		assert_eq!(metadata.tags.len(), 2);
		happened(Event::MetadataSet { datanet });

		assert_ok!(Datanets::set_policy(signed(OWNER), datanet, reviewed(3)));
		assert_eq!(datanet_of(datanet).policy, reviewed(3));
		happened(Event::PolicySet { datanet, policy: reviewed(3) });
	});
}

#[test]
fn what_waits_keeps_what_was_agreed_at_its_reveal() {
	build_and_execute(|| {
		let datanet = reviewed_datanet(1, &REVIEWERS[..2]);
		let precedence = contribute(ALICE, datanet, 1);
		let dearer = Policy {
			admission: Admission::Reviewed { quorum: 2, period: REVIEW },
			bond: 2 * BOND,
			curator_share: Permill::from_percent(20),
		};
		assert_ok!(Datanets::set_policy(signed(OWNER), datanet, dearer));
		assert_ok!(vote(REVIEWERS[0], datanet, precedence, Vote::Approve));
		mature();
		assert_ok!(accept(datanet, precedence));
		let record = contribution(ContributionRef { datanet, index: 0 });
		assert_eq!((record.bond, record.acceptors.len()), (BOND, 1));
		assert_eq!(record.curator_share, CURATORS);

		// Nothing changes with the policy any more.
		assert_ok!(Datanets::set_policy(signed(OWNER), datanet, reviewed(1)));
		assert_eq!(contribution(ContributionRef { datanet, index: 0 }), record);
		let next = contribute(ALICE, datanet, 2);
		assert_eq!(pending(datanet, next).unwrap().bond, BOND);
		assert_eq!(held(ALICE, HoldReason::ContributionBond), 2 * BOND);
	});
}

#[test]
fn nobody_curates_what_came_in_without_reviewers() {
	build_and_execute(|| {
		let datanet = open_datanet();
		let precedence = contribute(ALICE, datanet, 1);
		assert_ok!(Datanets::set_policy(signed(OWNER), datanet, reviewed(1)));
		mature();
		assert_ok!(accept(datanet, precedence));
		let record = contribution(ContributionRef { datanet, index: 0 });
		assert_eq!(record.curator_share, Permill::zero());
	});
}

#[test]
fn a_datanet_goes_to_another_owner_with_its_deposit() {
	build_and_execute(|| {
		let datanet = open_datanet();
		let deposit = <Test as Config>::DatanetDeposit::get();
		assert_ok!(Datanets::transfer_datanet(signed(OWNER), datanet, BOB));
		assert_eq!((held(OWNER, HoldReason::Datanet), gain(OWNER)), (0, -(deposit as i128)));
		assert_eq!((held(BOB, HoldReason::Datanet), gain(BOB)), (deposit, deposit as i128));
		happened(Event::DatanetTransferred { datanet, owner: BOB });

		// To oneself, nothing moves.
		assert_ok!(Datanets::transfer_datanet(signed(BOB), datanet, BOB));
		assert_eq!(held(BOB, HoldReason::Datanet), deposit);
		assert_noop!(Datanets::close_datanet(signed(OWNER), datanet), Error::NotOwner);
	});
}

#[test]
fn a_closed_datanet_returns_its_deposit_and_finishes_what_waits() {
	build_and_execute(|| {
		let datanet = open_datanet();
		let precedence = contribute(ALICE, datanet, 1);
		commit(ALICE, 2);
		assert_ok!(Datanets::close_datanet(signed(OWNER), datanet));
		assert_eq!((held(OWNER, HoldReason::Datanet), gain(OWNER)), (0, 0));
		happened(Event::DatanetClosed { datanet });

		assert_noop!(reveal(ALICE, datanet, 2), Error::DatanetClosed);
		assert_ok!(reveal(ALICE, open_datanet(), 2));
		mature();
		assert_ok!(accept(datanet, precedence));
		// Without a deposit it can still be transferred.
		assert_ok!(Datanets::transfer_datanet(signed(OWNER), datanet, BOB));
		assert_eq!(datanet_of(datanet).owner, BOB);
	});
}

#[test]
fn reviewers_are_invited_join_leave_and_are_released() {
	build_and_execute(|| {
		let datanet = create(reviewed(1));
		let [reviewer_a, reviewer_b, reviewer_c, ..] = REVIEWERS;
		for who in [reviewer_a, reviewer_b, reviewer_c] {
			assert_ok!(Datanets::invite_reviewer(signed(OWNER), datanet, who));
		}
		happened(Event::ReviewerInvited { datanet, seat: 1, reviewer: reviewer_b });
		assert_ok!(Datanets::join_reviewers(signed(reviewer_a), datanet));
		assert_ok!(Datanets::join_reviewers(signed(reviewer_b), datanet));
		happened(Event::ReviewerJoined { datanet, seat: 1 });
		let bond = <Test as Config>::ReviewerBond::get();
		assert_eq!(held(reviewer_a, HoldReason::ReviewerBond), bond);
		assert_eq!(datanet_of(datanet).reviewers, 3);

		// By oneself, by the owner, and before joining.
		assert_ok!(Datanets::remove_reviewer(signed(reviewer_a), datanet, reviewer_a));
		assert_ok!(Datanets::remove_reviewer(signed(OWNER), datanet, reviewer_b));
		assert_ok!(Datanets::remove_reviewer(signed(reviewer_c), datanet, reviewer_c));
		assert_eq!(datanet_of(datanet).reviewers, 0);
		assert_eq!(reviewer(datanet, 2), None);
		happened(Event::ReviewerLeft { datanet, seat: 0 });

		let period = <Test as Config>::BondPeriod::get();
		pass(period);
		assert_noop!(
			Datanets::release_reviewer(signed(ANYONE), datanet, 0),
			Error::StillAnswerable
		);
		pass(1);
		assert_ok!(Datanets::release_reviewer(signed(ANYONE), datanet, 0));
		assert_ok!(Datanets::release_reviewer(signed(ANYONE), datanet, 1));
		happened(Event::ReviewerReleased { datanet, seat: 1 });
		assert_eq!((held(reviewer_a, HoldReason::ReviewerBond), gain(reviewer_a)), (0, 0));

		// A seat is never given again.
		assert_ok!(Datanets::invite_reviewer(signed(OWNER), datanet, reviewer_a));
		assert_eq!(seat(datanet, reviewer_a), 3);
	});
}

#[test]
fn an_open_datanet_accepts_what_is_mature() {
	build_and_execute(|| {
		let datanet = open_datanet();
		let precedence = commit(ALICE, 1);
		let deposit = <Test as Config>::CommitmentDeposit::get();
		assert_eq!(held(ALICE, HoldReason::Commitment), deposit);
		happened(Event::Committed { owner: ALICE, commitment: hash(ALICE, 1), precedence });

		assert_ok!(reveal(ALICE, datanet, 1));
		assert_eq!(held(ALICE, HoldReason::Commitment), 0);
		assert_eq!(held(ALICE, HoldReason::ContributionBond), BOND);
		assert_eq!(place(1), Some(Place::Pending { datanet, precedence }));
		happened(Event::Revealed { datanet, precedence, contributor: ALICE, content: content(1) });

		pass(<Test as Config>::RevealPeriod::get());
		assert_noop!(accept(datanet, precedence), Error::NotMature);
		pass(1);
		assert_ok!(accept(datanet, precedence));
		let at = ContributionRef { datanet, index: 0 };
		assert_eq!(place(1), Some(Place::Accepted(at)));
		happened(Event::Accepted { contribution: at, precedence, content: content(1) });
		let record = contribution(at);
		assert_eq!((record.contributor, *record.earner()), (ALICE, ALICE));
		assert_eq!((record.precedence, record.accepted), (precedence, System::block_number()));
		assert_eq!(record.standing, Standing::Valid);
		assert_eq!(reputation(ALICE), Reputation { accepted: 1, ..Default::default() });
		assert_eq!(held(ALICE, HoldReason::ContributionBond), BOND);
	});
}

#[test]
fn reviewers_let_a_contribution_in() {
	build_and_execute(|| {
		let datanet = reviewed_datanet(2, &REVIEWERS[..3]);
		let precedence = contribute(ALICE, datanet, 1);
		assert_ok!(vote(REVIEWERS[0], datanet, precedence, Vote::Approve));
		assert_ok!(vote(REVIEWERS[1], datanet, precedence, NO));
		happened(Event::Voted { datanet, precedence, seat: 1, vote: NO });
		mature();
		assert_noop!(accept(datanet, precedence), Error::NotApproved);
		assert_ok!(vote(REVIEWERS[2], datanet, precedence, Vote::Approve));
		assert_ok!(accept(datanet, precedence));
		let record = contribution(ContributionRef { datanet, index: 0 });
		assert_eq!(record.acceptors.to_vec(), [0, 2]);
		assert_eq!(record.curator_share, CURATORS);
	});
}

#[test]
fn reviewers_keep_a_contribution_out() {
	build_and_execute(|| {
		let datanet = reviewed_datanet(2, &REVIEWERS[..3]);
		let precedence = contribute(ALICE, datanet, 1);
		assert_ok!(vote(REVIEWERS[0], datanet, precedence, NO));
		assert_ok!(vote(REVIEWERS[1], datanet, precedence, Vote::Approve));
		assert_ok!(vote(REVIEWERS[2], datanet, precedence, Vote::Reject(Reason::OffTopic)));
		happened(Event::Rejected { datanet, precedence, content: content(1) });
		assert_eq!(reputation(ALICE), Reputation { rejected: 1, ..Default::default() });
		assert_eq!((held(ALICE, HoldReason::ContributionBond), gain(ALICE)), (0, 0));
		assert_eq!((place(1), datanet_of(datanet).pending), (None, 0));

		// The content is free again.
		contribute(BOB, datanet, 1);
	});
}

#[test]
fn anyone_clears_what_reviewers_left_lying() {
	build_and_execute(|| {
		let datanet = reviewed_datanet(1, &REVIEWERS[..1]);
		let precedence = contribute(ALICE, datanet, 1);
		pass(REVIEW);
		assert_noop!(withdraw(ANYONE, datanet, precedence), Error::NotContributor);
		pass(1);
		assert_noop!(vote(REVIEWERS[0], datanet, precedence, Vote::Approve), Error::ReviewOver);
		assert_ok!(withdraw(ANYONE, datanet, precedence));
		happened(Event::Withdrawn { datanet, precedence, content: content(1) });
		assert_eq!((held(ALICE, HoldReason::ContributionBond), place(1)), (0, None));
		assert_eq!(reputation(ALICE), Reputation::default());
	});
}

#[test]
fn a_contributor_takes_back_what_waits() {
	build_and_execute(|| {
		let datanet = reviewed_datanet(1, &REVIEWERS[..1]);
		let uri = b"ipfs://somewhere".to_vec();
		let precedence = commit(ALICE, 1);
		let revealed = Reveal { uri, ..revealing(1) };
		assert_ok!(Datanets::reveal(signed(ALICE), datanet, agreed(datanet), one(revealed)));
		assert_ok!(vote(REVIEWERS[0], datanet, precedence, Vote::Approve));
		// What is approved is nobody else's to take away, however long it waits.
		pass(2 * REVIEW);
		assert_noop!(withdraw(ANYONE, datanet, precedence), Error::NotContributor);
		assert_ok!(withdraw(ALICE, datanet, precedence));
		assert_eq!((held(ALICE, HoldReason::ContributionBond), gain(ALICE)), (0, 0));
		assert_eq!(Uris::<Test>::get(content(1)), None);
		assert_noop!(accept(datanet, precedence), Error::NotPending);
	});
}

#[test]
fn a_commitment_is_forgotten_by_its_owner_or_when_it_has_expired() {
	build_and_execute(|| {
		commit(ALICE, 1);
		commit(ALICE, 2);
		let forget = |who, text| Datanets::forget(signed(who), ALICE, one(hash(ALICE, text)));
		assert_ok!(forget(ALICE, 1));
		happened(Event::Forgotten { owner: ALICE, commitment: hash(ALICE, 1) });
		pass(<Test as Config>::RevealPeriod::get());
		assert_noop!(forget(ANYONE, 2), Error::CommitmentAlive);
		pass(1);
		assert_ok!(forget(ANYONE, 2));
		assert_eq!((held(ALICE, HoldReason::Commitment), gain(ALICE)), (0, 0));
	});
}

#[test]
fn the_uri_changes_and_the_content_does_not() {
	build_and_execute(|| {
		let at = accepted(ALICE, open_datanet(), 1);
		let before = contribution(at);
		let set = |uri: &[u8]| Datanets::set_uri(signed(ALICE), at, uri.to_vec());
		let uri = || Uris::<Test>::get(content(1)).map(BoundedVec::into_inner);
		assert_eq!(uri(), None);
		assert_ok!(set(b"ipfs://a"));
		assert_eq!(uri(), Some(b"ipfs://a".to_vec()));
		happened(Event::UriSet { contribution: at });
		// Who is told that it cannot be had may say where it can.
		assert_ok!(flag(REPORTER, at, Ground::Unavailable));
		assert_ok!(set(b"ipfs://b"));
		assert_ok!(set(b""));
		assert_eq!(uri(), None);
		assert_eq!(contribution(at).work, before.work);
	});
}

#[test]
fn the_right_to_earn_is_transferred_and_comes_back() {
	build_and_execute(|| {
		let datanet = open_datanet();
		let (first, second) = (accepted(ALICE, datanet, 1), accepted(ALICE, datanet, 2));
		let both = || batch([first, second]);
		assert_ok!(Datanets::transfer_right(signed(ALICE), both(), BOB));
		happened(Event::RightTransferred { contribution: second, earner: BOB });
		assert_eq!(*contribution(first).earner(), BOB);
		assert_eq!(contribution(first).contributor, ALICE);
		assert_noop!(Datanets::transfer_right(signed(ALICE), both(), BOB), Error::NotEarner);
		assert_ok!(Datanets::transfer_right(signed(BOB), both(), ALICE));
		assert_eq!(contribution(first).earner, None);
	});
}

#[test]
fn earnings_are_paid_where_the_earner_says() {
	build_and_execute(|| {
		let deposit = <Test as Config>::PayeeDeposit::get();
		assert_ok!(Datanets::set_payee(signed(ALICE), Some(BOB)));
		assert_ok!(Datanets::set_payee(signed(ALICE), Some(ANYONE)));
		assert_eq!(Payees::<Test>::get(ALICE), Some(ANYONE));
		assert_eq!(held(ALICE, HoldReason::Payee), deposit);
		happened(Event::PayeeSet { earner: ALICE, payee: Some(ANYONE) });
		assert_ok!(Datanets::set_payee(signed(ALICE), None));
		assert_eq!((Payees::<Test>::get(ALICE), held(ALICE, HoldReason::Payee)), (None, 0));
	});
}

#[test]
fn bonds_of_what_stands_are_released() {
	build_and_execute(|| {
		let datanet = open_datanet();
		let at = accepted(ALICE, datanet, 1);
		let release = || Datanets::release_bonds(signed(ANYONE), one(at));
		pass(<Test as Config>::BondPeriod::get() - 1);
		assert_noop!(release(), Error::BondNotDue);
		pass(1);
		assert_ok!(flag(REPORTER, at, Ground::Biased));
		assert_noop!(release(), Error::NotValid);
		assert_ok!(Datanets::rule(root(), at, false));
		assert_ok!(release());
		happened(Event::BondReleased { contribution: at });
		assert_eq!(held(ALICE, HoldReason::ContributionBond), 0);
		assert_noop!(release(), Error::NoBond);
	});
}

#[test]
fn a_label_names_what_it_is_about() {
	build_and_execute(|| {
		let datanet = open_datanet();
		let about = accepted(ALICE, datanet, 1);
		commit(BOB, 2);
		let label = Reveal { kind: ContributionKind::Label, subject: Some(about), ..revealing(2) };
		assert_ok!(Datanets::reveal(
			signed(BOB),
			open_datanet(),
			agreed(open_datanet()),
			one(label)
		));
		let waiting = PendingContributions::<Test>::iter_values().next().unwrap();
		assert_eq!(waiting.work.subject, Some(about));
		assert_eq!(waiting.work.kind, ContributionKind::Label);
	});
}

#[test]
fn references_are_governances_and_precede_all() {
	build_and_execute(|| {
		let datanet = reference_datanet();
		happened(Event::DatanetCreated { datanet, owner: COMMONS, reference: true });
		assert_eq!(held(COMMONS, HoldReason::Datanet), 0);
		let earliest = commit(ALICE, 1);
		assert_ok!(Datanets::add_references(root(), datanet, batch([2, 3].map(referring)),));
		let record = contribution(ContributionRef { datanet, index: 1 });
		assert_eq!(record.precedence, Precedence::new(0, 1));
		assert!(record.precedence < earliest);
		assert_eq!((record.contributor, *record.earner(), record.bond), (COMMONS, COMMONS, 0));
		assert_eq!(record.work.licence, Licence::PublicDomain);

		let other = reference_datanet();
		assert_ok!(Datanets::add_references(root(), other, one(referring(4))));
		let record = contribution(ContributionRef { datanet: other, index: 0 });
		assert_eq!(record.precedence, Precedence::new(0, 2));
		assert_eq!(
			<Datanets as InspectDatanets>::references(),
			[Snapshot { datanet, length: 2 }, Snapshot { datanet: other, length: 1 }]
		);
	});
}

#[test]
fn a_batch_keeps_its_order_from_commitment_to_index() {
	build_and_execute(|| {
		let datanet = reviewed_datanet(1, &REVIEWERS[..1]);
		let most = u64::from(<Test as Config>::MaxBatch::get());
		let texts = 0..most;
		let hashes = batch(texts.clone().map(|text| hash(ALICE, text)));
		assert_ok!(Datanets::commit(signed(ALICE), hashes.clone()));
		let precedences = hashes
			.iter()
			.map(|hash| Commitments::<Test>::get(ALICE, hash).unwrap().precedence)
			.collect::<Vec<_>>();
		assert!(precedences.is_sorted());
		// A second batch in the block continues the first.
		assert!(commit(BOB, 99) > precedences[19]);

		assert_ok!(Datanets::reveal(
			signed(ALICE),
			datanet,
			agreed(datanet),
			batch(texts.map(revealing))
		));
		assert_eq!(held(ALICE, HoldReason::ContributionBond), Balance::from(most) * BOND);
		let votes = precedences.iter().map(|precedence| (*precedence, Vote::Approve));
		assert_ok!(Datanets::vote(signed(REVIEWERS[0]), datanet, batch(votes)));
		mature();
		let (back, kept) = precedences.split_at(5);
		assert_ok!(Datanets::withdraw(signed(ALICE), datanet, batch(back.to_vec())));
		assert_ok!(Datanets::accept(signed(ANYONE), datanet, batch(kept.to_vec())));
		let at = |index| ContributionRef { datanet, index };
		for (index, precedence) in kept.iter().enumerate() {
			assert_eq!(contribution(at(index as u32)).precedence, *precedence);
		}
		answer_for_bonds();
		assert_ok!(Datanets::release_bonds(signed(ANYONE), batch((0..15).map(at))));
		assert_eq!((held(ALICE, HoldReason::ContributionBond), gain(ALICE)), (0, 0));
	});
}

#[test]
fn positions_start_anew_in_every_block() {
	build_and_execute(|| {
		assert_eq!(commit(ALICE, 1), Precedence::new(1, 0));
		assert_eq!(commit(BOB, 1), Precedence::new(1, 1));
		pass(1);
		assert_eq!(commit(ALICE, 2), Precedence::new(2, 0));
	});
}

#[test]
fn deadlines_stand_still_while_the_chain_is_paused() {
	build_and_execute(|| {
		let datanet = open_datanet();
		commit(ALICE, 1);
		pass(100);
		PausedBlocks::set(95);
		// A hundred blocks later, five of which count.
		let copy = contribute(COPIER, datanet, 1);
		assert_ok!(reveal(ALICE, datanet, 1));
		assert_eq!(pending(datanet, copy), None);
		let later = contribute(BOB, datanet, 2);
		pass(<Test as Config>::RevealPeriod::get());
		assert_noop!(accept(datanet, later), Error::NotMature);
		pass(1);
		assert_ok!(accept(datanet, later));
	});
}

#[test]
fn people_can_ask_what_the_record_says() {
	build_and_execute(|| {
		let datanet = open_datanet();
		assert_eq!(Datanets::owner_of(content(1)), None);
		let precedence = contribute(ALICE, datanet, 1);
		let waiting = Place::Pending { datanet, precedence };
		assert_eq!(Datanets::owner_of(content(1)), Some((waiting, ALICE)));
		mature();
		assert_ok!(accept(datanet, precedence));
		let at = ContributionRef { datanet, index: 0 };
		assert_eq!(Datanets::owner_of(content(1)), Some((Place::Accepted(at), ALICE)));

		let known = Reputation { accepted: 1, ..Default::default() };
		assert_eq!(Datanets::record_of(ALICE), (known, Permill::zero()));
		assert_eq!(Datanets::quote(datanet, 3), Some((30, 3 * BOND)));
		assert_eq!(Datanets::quote(9, 3), None);
		assert_eq!(Datanets::snapshot(datanet), Some(Snapshot { datanet, length: 1 }));
		assert_eq!(Datanets::snapshot(9), None);
		let licence =
			|datanet, length| <Datanets as InspectDatanets>::licence(Snapshot { datanet, length });
		assert_eq!(licence(datanet, 1), Some(Licence::CcBy));
		assert_eq!((licence(datanet, 2), licence(9, 0)), (None, None));

		let proof = ContentTree::of(&bytes(1)).prove(0).unwrap();
		assert!(Datanets::holds_chunk(at, 0, bytes(1).to_vec(), proof.clone()));
		assert!(!Datanets::holds_chunk(at, 0, bytes(2).to_vec(), proof.clone()));
		let none = ContributionRef { datanet, index: 1 };
		assert!(!Datanets::holds_chunk(none, 0, bytes(1).to_vec(), proof));
	});
}
