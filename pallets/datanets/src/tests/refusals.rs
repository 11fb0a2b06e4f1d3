//! What is refused, with which error, and that nothing changes by it.

use super::*;
use openledger_primitives::content::MAX_SIZE;
use sp_runtime::TokenError;

const NOWHERE: DatanetId = 99;
const NOTHING: ContributionRef = ContributionRef { datanet: NOWHERE, index: 0 };
const NEVER: Precedence = Precedence::new(9, 9);

fn text(length: usize) -> Vec<u8> {
	vec![b'a'; length]
}

fn creating(policy: Policy) -> Call {
	let (name, description, tags, uri) = (text(1), vec![], vec![], vec![]);
	Call::create_datanet { licence: Licence::CcBy, policy, name, description, tags, uri }
}

fn describing(
	datanet: DatanetId,
	name: Vec<u8>,
	description: Vec<u8>,
	tags: Vec<Vec<u8>>,
	uri: Vec<u8>,
) -> Call {
	Call::set_metadata { datanet, name, description, tags, uri }
}

/// Every call, about what does not exist, and the error that this makes.
fn about_nothing() -> Vec<(Call, Option<Error>)> {
	let datanet = NOWHERE;
	let contribution = NOTHING;
	let commitments = || one(H256::zero());
	let precedences = || one(NEVER);
	let contributions = || one(NOTHING);
	let no_datanet = || Some(Error::NoSuchDatanet);
	let no_contribution = || Some(Error::NoSuchContribution);
	let (name, description, tags, uri) = (text(1), vec![], vec![], vec![]);
	vec![
		(creating(open()), None),
		(describing(datanet, text(1), vec![], vec![], vec![]), no_datanet()),
		(Call::set_policy { datanet, policy: open() }, no_datanet()),
		(Call::transfer_datanet { datanet, owner: BOB }, no_datanet()),
		(Call::close_datanet { datanet }, no_datanet()),
		(Call::invite_reviewer { datanet, reviewer: BOB }, no_datanet()),
		(Call::join_reviewers { datanet }, Some(Error::NotInvited)),
		(Call::remove_reviewer { datanet, reviewer: ALICE }, no_datanet()),
		(Call::release_reviewer { datanet, seat: 0 }, Some(Error::NoSuchSeat)),
		(Call::commit { commitments: commitments() }, None),
		(Call::forget { owner: ALICE, commitments: one(SALT) }, Some(Error::NoSuchCommitment)),
		(
			Call::reveal { datanet, agreed: agreed(datanet), reveals: one(revealing(1)) },
			no_datanet(),
		),
		(Call::vote { datanet, votes: one((NEVER, Vote::Approve)) }, Some(Error::NotReviewer)),
		(Call::accept { datanet, contributions: precedences() }, no_datanet()),
		(Call::withdraw { datanet, contributions: precedences() }, no_datanet()),
		(Call::set_uri { contribution, uri: vec![] }, no_contribution()),
		(Call::transfer_right { contributions: contributions(), earner: BOB }, no_contribution()),
		(Call::set_payee { payee: None }, Some(Error::NoPayee)),
		(Call::release_bonds { contributions: contributions() }, no_contribution()),
		(Call::flag { contribution, ground: Ground::Biased }, no_contribution()),
		(Call::judge { contribution, upheld: true }, Some(Error::NotReviewer)),
		(Call::appeal { contribution }, Some(Error::NoFlag)),
		(Call::rule { contribution, upheld: true }, Some(Error::NoFlag)),
		(Call::advance_flag { contribution }, Some(Error::NoFlag)),
		(Call::create_reference { licence: Licence::CcBy, name, description, tags, uri }, None),
		(Call::add_references { datanet, contents: one(referring(1)) }, no_datanet()),
	]
}

fn is_governances(call: &Call) -> bool {
	matches!(call, Call::rule { .. } | Call::create_reference { .. } | Call::add_references { .. })
}

#[test]
fn every_call_has_its_origin() {
	build_and_execute(|| {
		let calls = about_nothing();
		assert_eq!(calls.len(), variants::<Call>().len());
		for (call, _) in calls {
			let wrong = if is_governances(&call) { signed(ALICE) } else { root() };
			// Where references lie is governance's to say.
			if !matches!(call, Call::set_uri { .. }) {
				assert_noop!(dispatch(wrong, call.clone()), DispatchError::BadOrigin);
			}
			assert_noop!(dispatch(RuntimeOrigin::none(), call), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn every_call_refuses_what_does_not_exist() {
	build_and_execute(|| {
		for (call, error) in about_nothing() {
			let right = if is_governances(&call) { root() } else { signed(ALICE) };
			match error {
				Some(error) => {
					assert_noop!(dispatch(right, call), error);
				}
				None => {
					assert_ok!(dispatch(right, call));
				}
			}
		}
	});
}

#[test]
fn what_is_absent_in_a_datanet_that_exists_is_refused_too() {
	build_and_execute(|| {
		let datanet = reviewed_datanet(1, &REVIEWERS[..1]);
		let at = ContributionRef { datanet, index: 0 };
		let [reviewer, ..] = REVIEWERS;
		assert_noop!(vote(reviewer, datanet, NEVER, Vote::Approve), Error::NotPending);
		assert_noop!(accept(datanet, NEVER), Error::NotPending);
		assert_noop!(withdraw(ALICE, datanet, NEVER), Error::NotPending);
		assert_noop!(flag(ALICE, at, Ground::Biased), Error::NoSuchContribution);
		assert_noop!(judge(reviewer, at, true), Error::NoFlag);
		assert_noop!(Datanets::remove_reviewer(signed(OWNER), datanet, BOB), Error::NoSuchSeat);
		let release = Datanets::release_reviewer(signed(ANYONE), datanet, SeatId::MAX);
		assert_noop!(release, Error::NoSuchSeat);
		commit(ALICE, 1);
		for subject in [at, NOTHING, ContributionRef { datanet, index: u32::MAX }] {
			let about = Reveal { subject: Some(subject), ..revealing(1) };
			assert_noop!(
				Datanets::reveal(signed(ALICE), datanet, agreed(datanet), one(about)),
				Error::NoSuchSubject
			);
		}
	});
}

#[test]
fn texts_have_their_limits() {
	build_and_execute(|| {
		let datanet = open_datanet();
		let references = reference_datanet();
		let at = accepted(ALICE, datanet, 1);
		commit(ALICE, 2);
		let too_long = [
			(text(65), vec![], vec![], vec![]),
			(text(1), text(513), vec![], vec![]),
			(text(1), vec![], vec![text(33)], vec![]),
			(text(1), vec![], vec![], text(129)),
		];
		let too_many = (text(1), vec![], vec![text(1); 9], vec![]);
		let nameless = (vec![], vec![], vec![], vec![]);
		let refused = too_long
			.into_iter()
			.map(|metadata| (metadata, Error::TextTooLong))
			.chain([(too_many, Error::TooManyTags), (nameless, Error::NoName)]);
		for ((name, description, tags, uri), error) in refused {
			let error = DispatchError::from(error);
			let set =
				describing(datanet, name.clone(), description.clone(), tags.clone(), uri.clone());
			assert_noop!(dispatch(signed(OWNER), set), error);
			let licence = Licence::CcBy;
			let create = Call::create_datanet {
				licence,
				policy: open(),
				name: name.clone(),
				description: description.clone(),
				tags: tags.clone(),
				uri: uri.clone(),
			};
			assert_noop!(dispatch(signed(OWNER), create), error);
			let create = Call::create_reference { licence, name, description, tags, uri };
			assert_noop!(dispatch(root(), create), error);
		}

		let long = || text(129);
		assert_noop!(Datanets::set_uri(signed(ALICE), at, long()), Error::TextTooLong);
		let revealed = Reveal { uri: long(), ..revealing(2) };
		assert_noop!(
			Datanets::reveal(signed(ALICE), datanet, agreed(datanet), one(revealed)),
			Error::TextTooLong
		);
		let added = Reference { uri: long(), ..referring(3) };
		assert_noop!(Datanets::add_references(root(), references, one(added)), Error::TextTooLong);

		// The limits themselves are allowed.
		let most = describing(datanet, text(64), text(512), vec![text(32); 8], text(128));
		assert_ok!(dispatch(signed(OWNER), most));
		assert_ok!(Datanets::set_uri(signed(ALICE), at, text(128)));
	});
}

#[test]
fn policies_have_their_limits() {
	build_and_execute(|| {
		let datanet = open_datanet();
		let reviewed_with = |quorum, period| Policy {
			admission: Admission::Reviewed { quorum, period },
			..reviewed(1)
		};
		let share = Permill::from_parts;
		let refused = [
			(Policy { bond: 0, ..open() }, Error::BondTooSmall),
			(Policy { bond: 99, ..reviewed(1) }, Error::BondTooSmall),
			(reviewed_with(0, REVIEW), Error::BadQuorum),
			(reviewed_with(9, REVIEW), Error::BadQuorum),
			(reviewed_with(u8::MAX, REVIEW), Error::BadQuorum),
			(reviewed_with(1, 0), Error::BadReviewPeriod),
			(reviewed_with(1, 4), Error::BadReviewPeriod),
			(reviewed_with(1, 31), Error::BadReviewPeriod),
			(reviewed_with(1, BlockNumber::MAX), Error::BadReviewPeriod),
			(Policy { curator_share: share(200_001), ..reviewed(1) }, Error::BadCuratorShare),
			(Policy { curator_share: Permill::one(), ..reviewed(1) }, Error::BadCuratorShare),
			(Policy { curator_share: share(1), ..open() }, Error::BadCuratorShare),
		];
		for (policy, error) in refused {
			let error = DispatchError::from(error);
			assert_noop!(dispatch(signed(OWNER), creating(policy)), error);
			assert_noop!(Datanets::set_policy(signed(OWNER), datanet, policy), error);
		}
		let allowed = [
			reviewed_with(1, 5),
			reviewed_with(8, 30),
			Policy { curator_share: share(200_000), ..reviewed(1) },
			Policy { bond: 100, ..open() },
			Policy { bond: Balance::MAX, ..open() },
		];
		for policy in allowed {
			assert_ok!(Datanets::set_policy(signed(OWNER), datanet, policy));
		}
		// Nobody has the largest bond, once or twice.
		assert_ok!(Datanets::commit(signed(ALICE), batch([1, 2].map(|text| hash(ALICE, text)))));
		assert_noop!(reveal(ALICE, datanet, 1), TokenError::FundsUnavailable);
		assert_noop!(
			Datanets::reveal(signed(ALICE), datanet, agreed(datanet), batch([1, 2].map(revealing))),
			TokenError::FundsUnavailable
		);
		assert_eq!(Datanets::quote(datanet, u32::MAX).unwrap().1, Balance::MAX);
	});
}

#[test]
fn every_batch_has_something_in_it_and_not_too_much() {
	build_and_execute(|| {
		let datanet = reviewed_datanet(1, &REVIEWERS[..1]);
		let references = reference_datanet();
		let [reviewer, ..] = REVIEWERS;
		let refused = [
			(ALICE, Call::commit { commitments: batch([]) }),
			(ALICE, Call::forget { owner: ALICE, commitments: batch([]) }),
			(ALICE, Call::reveal { datanet, agreed: agreed(datanet), reveals: batch([]) }),
			(reviewer, Call::vote { datanet, votes: batch([]) }),
			(ALICE, Call::accept { datanet, contributions: batch([]) }),
			(ALICE, Call::withdraw { datanet, contributions: batch([]) }),
			(ALICE, Call::transfer_right { contributions: batch([]), earner: BOB }),
			(ALICE, Call::release_bonds { contributions: batch([]) }),
		];
		for (who, call) in refused {
			assert_noop!(dispatch(signed(who), call), Error::EmptyBatch);
		}
		let nothing = Call::add_references { datanet: references, contents: batch([]) };
		assert_noop!(dispatch(root(), nothing), Error::EmptyBatch);

		let most = <Test as Config>::MaxBatch::get() as usize;
		let decoded = |count| Batch::<H256>::decode(&mut &vec![H256::zero(); count].encode()[..]);
		assert!(decoded(most).is_ok());
		assert!(decoded(most + 1).is_err());
	});
}

#[test]
fn one_bad_item_undoes_the_batch() {
	build_and_execute(|| {
		let datanet = reviewed_datanet(1, &REVIEWERS[..1]);
		let references = reference_datanet();
		let mine = accepted_by(&REVIEWERS[..1], ALICE, datanet, 1);
		answer_for_bonds();
		let bobs = accepted_by(&REVIEWERS[..1], BOB, datanet, 2);
		let waiting = contribute(ALICE, datanet, 3);
		commit(ALICE, 4);
		let twice = batch([5, 5].map(|text| hash(ALICE, text)));
		assert_noop!(Datanets::commit(signed(ALICE), twice), Error::AlreadyCommitted);
		let hashes = batch([4, 5].map(|text| hash(ALICE, text)));
		assert_noop!(Datanets::forget(signed(ALICE), ALICE, hashes), Error::NoSuchCommitment);
		let reveals = batch([4, 4].map(revealing));
		assert_noop!(
			Datanets::reveal(signed(ALICE), datanet, agreed(datanet), reveals),
			Error::NoSuchCommitment
		);
		let votes = batch([(waiting, Vote::Approve), (NEVER, Vote::Approve)]);
		assert_noop!(Datanets::vote(signed(REVIEWERS[0]), datanet, votes), Error::NotPending);
		let both = || batch([waiting, waiting]);
		assert_noop!(Datanets::withdraw(signed(ALICE), datanet, both()), Error::NotPending);
		assert_ok!(vote(REVIEWERS[0], datanet, waiting, Vote::Approve));
		mature();
		assert_noop!(Datanets::accept(signed(ALICE), datanet, both()), Error::NotPending);
		let both = || batch([mine, bobs]);
		assert_noop!(Datanets::transfer_right(signed(ALICE), both(), COPIER), Error::NotEarner);
		assert_noop!(Datanets::release_bonds(signed(ALICE), both()), Error::BondNotDue);
		let texts = batch([9, 9].map(referring));
		assert_noop!(Datanets::add_references(root(), references, texts), Error::AlreadyRegistered);
	});
}

#[test]
fn sizes_and_licences_are_checked() {
	build_and_execute(|| {
		let datanet = open_datanet();
		let references = reference_datanet();
		commit(ALICE, 1);
		let say = |reveal| Datanets::reveal(signed(ALICE), datanet, agreed(datanet), one(reveal));
		for size in [0, MAX_SIZE + 1, u64::MAX] {
			assert_noop!(say(Reveal { size, ..revealing(1) }), Error::BadSize);
			let added = Reference { size, ..referring(1) };
			assert_noop!(Datanets::add_references(root(), references, one(added)), Error::BadSize);
		}
		for licence in [Licence::CcBySa, Licence::CcByNc, Licence::CcByNcSa] {
			assert_noop!(say(Reveal { licence, ..revealing(1) }), Error::LicenceMismatch);
		}
		let licence = Licence::PublicDomain;
		assert_ok!(say(Reveal { size: MAX_SIZE, licence, ..revealing(1) }));
	});
}

#[test]
fn a_commitment_opens_with_what_was_committed_only() {
	build_and_execute(|| {
		let datanet = open_datanet();
		assert_noop!(reveal(ALICE, datanet, 1), Error::NoSuchCommitment);
		commit(ALICE, 1);
		assert_noop!(Datanets::commit(signed(ALICE), one(hash(ALICE, 1))), Error::AlreadyCommitted);
		let salted = Reveal { salt: H256::zero(), ..revealing(1) };
		for (who, reveal) in [(ALICE, salted), (ALICE, revealing(2)), (BOB, revealing(1))] {
			assert_noop!(
				Datanets::reveal(signed(who), datanet, agreed(datanet), one(reveal)),
				Error::NoSuchCommitment
			);
		}
		assert_ok!(reveal(ALICE, datanet, 1));
		assert_noop!(reveal(ALICE, datanet, 1), Error::NoSuchCommitment);
		commit(ALICE, 2);
		pass(<Test as Config>::RevealPeriod::get() + 1);
		assert_noop!(reveal(ALICE, datanet, 2), Error::CommitmentExpired);
		let forget = || Datanets::forget(signed(ANYONE), ALICE, one(hash(ALICE, 2)));
		assert_ok!(forget());
		assert_noop!(forget(), Error::NoSuchCommitment);
	});
}

#[test]
fn what_is_the_owners_is_nobody_elses() {
	build_and_execute(|| {
		let datanet = reviewed_datanet(1, &REVIEWERS[..1]);
		let calls = || {
			[
				describing(datanet, text(1), vec![], vec![], vec![]),
				Call::set_policy { datanet, policy: open() },
				Call::transfer_datanet { datanet, owner: ALICE },
				Call::close_datanet { datanet },
				Call::invite_reviewer { datanet, reviewer: ALICE },
				Call::remove_reviewer { datanet, reviewer: REVIEWERS[0] },
			]
		};
		for call in calls() {
			assert_noop!(dispatch(signed(ALICE), call), Error::NotOwner);
		}
		// An owner that was.
		assert_ok!(Datanets::transfer_datanet(signed(OWNER), datanet, BOB));
		for call in calls() {
			assert_noop!(dispatch(signed(OWNER), call), Error::NotOwner);
		}
		assert_ok!(Datanets::close_datanet(signed(BOB), datanet));
		assert_noop!(Datanets::close_datanet(signed(BOB), datanet), Error::DatanetClosed);
	});
}

#[test]
fn what_is_the_contributors_or_the_earners_is_nobody_elses() {
	build_and_execute(|| {
		let datanet = open_datanet();
		let at = accepted(ALICE, datanet, 1);
		let waiting = contribute(ALICE, datanet, 2);
		assert_ok!(Datanets::transfer_right(signed(ALICE), one(at), BOB));
		for who in [BOB, OWNER] {
			assert_noop!(Datanets::set_uri(signed(who), at, vec![]), Error::NotContributor);
			assert_noop!(withdraw(who, datanet, waiting), Error::NotContributor);
		}
		for who in [ALICE, OWNER] {
			assert_noop!(Datanets::transfer_right(signed(who), one(at), who), Error::NotEarner);
		}
	});
}

#[test]
fn references_are_not_for_owners_contributors_or_reporters() {
	build_and_execute(|| {
		let datanet = open_datanet();
		let references = reference_datanet();
		assert_ok!(Datanets::add_references(root(), references, one(referring(1))));
		let at = ContributionRef { datanet: references, index: 0 };
		let commons = || signed(COMMONS);
		let calls = [
			describing(references, text(1), vec![], vec![], vec![]),
			Call::set_policy { datanet: references, policy: open() },
			Call::transfer_datanet { datanet: references, owner: ALICE },
			Call::close_datanet { datanet: references },
			Call::invite_reviewer { datanet: references, reviewer: ALICE },
		];
		for call in calls {
			assert_noop!(dispatch(commons(), call), Error::IsReference);
		}
		commit(ALICE, 2);
		assert_noop!(reveal(ALICE, references, 2), Error::IsReference);
		assert_noop!(flag(ALICE, at, Ground::Redundant), Error::IsReference);
		assert_noop!(
			Datanets::add_references(root(), datanet, one(referring(2))),
			Error::NotReference
		);
		// What is a reference already is no other's.
		let others = reference_datanet();
		for reference in [references, others] {
			assert_noop!(
				Datanets::add_references(root(), reference, one(referring(1))),
				Error::AlreadyRegistered
			);
		}
	});
}

#[test]
fn reviewers_have_an_order_of_things() {
	build_and_execute(|| {
		let datanet = create(reviewed(1));
		let [who, other, ..] = REVIEWERS;
		let precedence = contribute(ALICE, datanet, 1);
		let join = || Datanets::join_reviewers(signed(who), datanet);
		let invite = || Datanets::invite_reviewer(signed(OWNER), datanet, who);
		let remove = || Datanets::remove_reviewer(signed(who), datanet, who);
		let release = || Datanets::release_reviewer(signed(who), datanet, 0);
		let approve = || vote(who, datanet, precedence, Vote::Approve);
		assert_noop!(join(), Error::NotInvited);
		assert_noop!(approve(), Error::NotReviewer);
		assert_ok!(invite());
		assert_noop!(invite(), Error::AlreadyReviewer);
		assert_noop!(approve(), Error::NotReviewer);
		assert_noop!(release(), Error::StillAnswerable);
		assert_ok!(join());
		assert_noop!(join(), Error::NotInvited);
		assert_noop!(invite(), Error::AlreadyReviewer);
		assert_noop!(release(), Error::StillAnswerable);
		assert_ok!(approve());
		assert_noop!(approve(), Error::ReviewOver);
		assert_ok!(remove());
		assert_noop!(remove(), Error::NoSuchSeat);
		assert_noop!(approve(), Error::NotReviewer);
		assert_noop!(release(), Error::StillAnswerable);
		mature();
		// The vote has left with the reviewer.
		assert_noop!(accept(datanet, precedence), Error::NotApproved);
		assert_ok!(withdraw(ALICE, datanet, precedence));
		assert_noop!(accept(datanet, precedence), Error::NotPending);
		assert_noop!(withdraw(ALICE, datanet, precedence), Error::NotPending);
		answer_for_bonds();
		assert_ok!(release());
		assert_noop!(release(), Error::NoSuchSeat);

		// Where no votes are needed, none are taken.
		assert_ok!(Datanets::set_policy(signed(OWNER), datanet, open()));
		let free = contribute(ALICE, datanet, 2);
		invite_and_join(datanet, other);
		assert_noop!(vote(other, datanet, free, NO), Error::ReviewOver);
	});
}

#[test]
fn acceptance_waits_for_time_and_votes() {
	build_and_execute(|| {
		let datanet = reviewed_datanet(2, &REVIEWERS[..2]);
		let precedence = contribute(ALICE, datanet, 1);
		assert_ok!(vote(REVIEWERS[0], datanet, precedence, Vote::Approve));
		for again in [Vote::Approve, NO] {
			assert_noop!(vote(REVIEWERS[0], datanet, precedence, again), Error::AlreadyVoted);
		}
		assert_noop!(accept(datanet, precedence), Error::NotMature);
		mature();
		assert_noop!(accept(datanet, precedence), Error::NotApproved);
		pass(REVIEW);
		assert_noop!(accept(datanet, precedence), Error::NotApproved);
		assert_noop!(vote(REVIEWERS[1], datanet, precedence, Vote::Approve), Error::ReviewOver);
	});
}

#[test]
fn flags_have_an_order_of_things() {
	build_and_execute(|| {
		let [voter, judging, invited, ..] = REVIEWERS;
		let datanet = reviewed_datanet(1, &[voter, judging]);
		assert_ok!(Datanets::invite_reviewer(signed(OWNER), datanet, invited));
		let at = accepted_by(&[voter], ALICE, datanet, 1);
		let rule = || Datanets::rule(root(), at, true);
		assert_noop!(judge(judging, at, true), Error::NoFlag);
		assert_noop!(flag(ALICE, at, Ground::Biased), Error::MayNotFlag);
		assert_noop!(flag(voter, at, Ground::Biased), Error::MayNotFlag);
		assert_ok!(flag(REPORTER, at, Ground::Biased));
		assert_noop!(flag(REPORTER, at, Ground::Redundant), Error::NotValid);
		assert_noop!(judge(ANYONE, at, true), Error::NotReviewer);
		assert_noop!(judge(invited, at, true), Error::NotReviewer);
		assert_noop!(judge(voter, at, true), Error::MayNotJudge);
		assert_noop!(rule(), Error::NotInGovernance);
		assert_noop!(advance(at), Error::TooEarly);
		assert_noop!(Datanets::appeal(signed(ALICE), at), Error::NotAppealable);
		assert_ok!(judge(judging, at, true));
		assert_noop!(judge(judging, at, true), Error::NotInReview);
		for who in [REPORTER, ANYONE, OWNER] {
			assert_noop!(Datanets::appeal(signed(who), at), Error::MayNotAppeal);
		}
		assert_noop!(rule(), Error::NotInGovernance);
		assert_noop!(advance(at), Error::TooEarly);
		assert_ok!(Datanets::appeal(signed(ALICE), at));
		assert_noop!(Datanets::appeal(signed(ALICE), at), Error::NotAppealable);
		assert_noop!(advance(at), Error::TooEarly);
		assert_ok!(rule());
		assert_noop!(rule(), Error::NoFlag);
		assert_noop!(flag(REPORTER, at, Ground::Biased), Error::NotValid);
		assert_noop!(Datanets::set_uri(signed(ALICE), at, vec![]), Error::NotValid);
		assert_noop!(Datanets::release_bonds(signed(ALICE), one(at)), Error::NoBond);
	});
}

#[test]
fn who_cannot_pay_is_refused() {
	build_and_execute(|| {
		const POOR: AccountId = 70;
		assert_ok!(<Balances as Mutate<_>>::mint_into(&POOR, EXISTENTIAL_DEPOSIT));
		let [voter, judging, ..] = REVIEWERS;
		let datanet = reviewed_datanet(1, &[voter, judging]);
		let at = accepted_by(&[voter], ALICE, datanet, 1);
		assert_ok!(Datanets::invite_reviewer(signed(OWNER), datanet, POOR));
		let calls = [
			creating(open()),
			Call::join_reviewers { datanet },
			Call::commit { commitments: one(hash(POOR, 2)) },
			Call::set_payee { payee: Some(ALICE) },
			Call::flag { contribution: at, ground: Ground::Biased },
		];
		for call in calls {
			assert_noop!(dispatch(signed(POOR), call), TokenError::FundsUnavailable);
		}
		// For the commitment, and not for the bond or for an appeal.
		assert_ok!(<Balances as Mutate<_>>::mint_into(&POOR, 10));
		commit(POOR, 2);
		assert_noop!(reveal(POOR, datanet, 2), TokenError::FundsUnavailable);
		assert_ok!(flag(REPORTER, at, Ground::Biased));
		assert_ok!(judge(judging, at, true));
		let rest = free(ALICE) - EXISTENTIAL_DEPOSIT;
		assert_ok!(<Balances as Mutate<_>>::burn_from(
			&ALICE,
			rest,
			frame_support::traits::tokens::Preservation::Preserve,
			frame_support::traits::tokens::Precision::Exact,
			frame_support::traits::tokens::Fortitude::Polite,
		));
		assert_noop!(Datanets::appeal(signed(ALICE), at), TokenError::FundsUnavailable);
		// Nobody can be given a deposit who has no account.
		assert_noop!(
			Datanets::transfer_datanet(signed(OWNER), datanet, 71),
			TokenError::CannotCreateHold
		);
		assert_ok!(<Balances as Mutate<_>>::mint_into(&ALICE, rest - EXISTENTIAL_DEPOSIT - 10));
	});
}

#[test]
fn there_is_an_end_to_ids_indices_and_seats() {
	build_and_execute(|| {
		let datanet = reviewed_datanet(1, &REVIEWERS[..1]);
		let references = reference_datanet();
		let precedence = contribute(ALICE, datanet, 1);
		assert_ok!(vote(REVIEWERS[0], datanet, precedence, Vote::Approve));
		mature();
		let record = datanet_of(datanet);
		let full = Datanet { length: ID_LIMIT, next_seat: SeatId::MAX, ..record.clone() };
		crate::Datanets::<Test>::insert(datanet, full);
		assert_noop!(accept(datanet, precedence), Error::NoMoreIds);
		assert_noop!(Datanets::invite_reviewer(signed(OWNER), datanet, BOB), Error::NoMoreIds);
		crate::Datanets::<Test>::insert(datanet, record);

		LastCommitments::<Test>::put((System::block_number(), u32::MAX));
		assert_noop!(Datanets::commit(signed(ALICE), one(hash(ALICE, 2))), Error::NoMoreIds);
		ReferencesMade::<Test>::put(u32::MAX);
		let add = || Datanets::add_references(root(), references, one(referring(2)));
		assert_noop!(add(), Error::NoMoreIds);
		ReferencesMade::<Test>::put(0);
		assert_ok!(add());

		NextDatanet::<Test>::put(ID_LIMIT);
		assert_noop!(dispatch(signed(OWNER), creating(open())), Error::NoMoreIds);
		let licence = Licence::CcBy;
		let create = Datanets::create_reference(root(), licence, text(1), vec![], vec![], vec![]);
		assert_noop!(create, Error::NoMoreIds);
	});
}

#[test]
fn there_is_an_end_to_references_and_reviewers() {
	build_and_execute(|| {
		let datanet = open_datanet();
		for _ in 0..MAX_REFERENCES {
			reference_datanet();
		}
		let licence = Licence::CcBy;
		let create = Datanets::create_reference(root(), licence, text(1), vec![], vec![], vec![]);
		assert_noop!(create, Error::TooManyReferences);

		let invite = |who| Datanets::invite_reviewer(signed(OWNER), datanet, who);
		for who in 0..u64::from(MAX_REVIEWERS) {
			assert_ok!(invite(who));
		}
		assert_noop!(invite(99), Error::TooManyReviewers);
		// Who leaves makes room.
		assert_ok!(Datanets::remove_reviewer(signed(0), datanet, 0));
		assert_ok!(invite(99));
	});
}

#[test]
fn every_error_is_expected_by_a_story() {
	let stories = [
		include_str!("cheats.rs"),
		include_str!("flags.rs"),
		include_str!("front_running.rs"),
		include_str!("lifecycle.rs"),
		include_str!("refusals.rs"),
	]
	.concat();
	let expected = stories
		.split("Error::")
		.skip(1)
		.filter_map(|after| after.split(|letter: char| !letter.is_alphanumeric()).next())
		.collect::<alloc::collections::BTreeSet<_>>();
	let missing = variants::<Error>()
		.into_values()
		.filter(|error| !expected.contains(error))
		.collect::<Vec<_>>();
	assert!(missing.is_empty(), "no story expects {missing:?}");
}
