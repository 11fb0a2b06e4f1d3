//! Ways to cheat, and what they cost: every story counts the money of everybody in it.

use super::*;
use frame_support::traits::{LockableCurrency, WithdrawReasons};

/// What a reporter gets of a bond, and what an acceptor loses.
const REWARD: Balance = BOND / 10;
const LOSS: Balance = BOND / 5;

fn flag_deposit() -> Balance {
	<Test as Config>::FlagDeposit::get()
}

#[test]
fn shares_are_as_these_stories_tell() {
	assert_eq!(<Test as Config>::ReporterShare::get().mul_floor(BOND), REWARD);
	assert_eq!(<Test as Config>::AcceptorShare::get().mul_floor(BOND), LOSS);
}

#[test]
fn identical_content_is_registered_once_whoever_names_it_whatever() {
	build_and_execute(|| {
		let (here, there) = (open_datanet(), open_datanet());
		let at = accepted(ALICE, here, 1);
		commit(COPIER, 1);
		for datanet in [here, there] {
			let renamed = Reveal {
				kind: ContributionKind::Evaluation,
				uri: b"ipfs://mine".to_vec(),
				size: 9,
				..revealing(1)
			};
			assert_noop!(
				Datanets::reveal(signed(COPIER), datanet, agreed(datanet), one(renamed)),
				Error::AlreadyRegistered
			);
		}
		// Voided, it keeps its place: it cannot be brought in again by another account.
		assert_ok!(flag(REPORTER, at, Ground::Adversarial));
		assert_ok!(Datanets::rule(root(), at, true));
		assert_noop!(reveal(COPIER, there, 1), Error::AlreadyRegistered);
	});
}

#[test]
fn a_squatter_on_a_reference_text_gets_the_bond_back_and_no_more() {
	build_and_execute(|| {
		let references = reference_datanet();
		let datanet = open_datanet();
		let squatted = accepted(COPIER, datanet, 1);
		let uri = || b"ipfs://squatter".to_vec();
		assert_ok!(Datanets::set_uri(signed(COPIER), squatted, uri()));
		assert_ok!(Datanets::transfer_right(signed(COPIER), one(squatted), BOB));
		let waiting = contribute(COPIER, datanet, 2);
		commit(COPIER, 3);

		let texts = batch([1, 2, 3].map(referring));
		assert_ok!(Datanets::add_references(root(), references, texts));
		// What was accepted keeps its index and earns for the commons; what waited is gone.
		assert_eq!(standing(squatted), Standing::Voided);
		happened(Event::Voided { contribution: squatted });
		happened(Event::Displaced { datanet, precedence: waiting, content: content(2) });
		for index in 0..3 {
			let at = ContributionRef { datanet: references, index };
			assert_eq!(place(1 + u64::from(index)), Some(Place::Accepted(at)));
			assert_eq!(*contribution(at).earner(), COMMONS);
			assert!(contribution(at).precedence < contribution(squatted).precedence);
		}
		assert_eq!(datanet_of(datanet).length, 1);
		// Copying is no offence.
		assert_eq!((held(COPIER, HoldReason::ContributionBond), gain(COPIER)), (0, 0));
		assert_eq!(reputation(COPIER).points, 0);
		assert_noop!(reveal(COPIER, datanet, 3), Error::AlreadyRegistered);
		// The squatter does not say where the reference lies.
		assert_eq!(Uris::<Test>::get(content(1)), None);
		assert_noop!(Datanets::set_uri(signed(COPIER), squatted, uri()), Error::NotValid);
		// Nor is there anything left to flag or release.
		assert_noop!(flag(REPORTER, squatted, Ground::Redundant), Error::NotValid);
		let release = Datanets::release_bonds(signed(COPIER), one(squatted));
		assert_noop!(release, Error::NoBond);
	});
}

#[test]
fn a_squatter_does_not_hide_under_a_flag() {
	build_and_execute(|| {
		let references = reference_datanet();
		let squatted = accepted(COPIER, open_datanet(), 1);
		assert_ok!(flag(REPORTER, squatted, Ground::Redundant));
		assert_ok!(Datanets::add_references(root(), references, one(referring(1))));
		let at = ContributionRef { datanet: references, index: 0 };
		assert_eq!(place(1), Some(Place::Accepted(at)));
		assert_eq!(contribution(squatted).standing, Standing::Voided);
		// What it was flagged for does not matter any more: everybody has their own again.
		assert_noop!(Datanets::rule(root(), squatted, true), Error::NoFlag);
		assert_eq!((gain(COPIER), gain(REPORTER)), (0, 0));
	});
}

#[test]
fn a_friend_does_not_flag_to_use_up_the_grounds() {
	build_and_execute(|| {
		let [voter, judging, ..] = REVIEWERS;
		let datanet = reviewed_datanet(1, &[voter, judging]);
		let at = accepted_by(&[voter], ALICE, datanet, 1);
		// GIVEN a flag by a friend, which a reviewer of theirs rejects,
		assert_ok!(flag(REPORTER, at, Ground::Adversarial));
		assert_ok!(judge(judging, at, false));
		// WHEN somebody else appeals, because it is deserved,
		assert_noop!(Datanets::appeal(signed(ALICE), at), Error::MayNotAppeal);
		assert_ok!(Datanets::appeal(signed(ANYONE), at));
		// THEN governance decides.
		assert_ok!(Datanets::rule(root(), at, true));
		assert_eq!(contribution(at).standing, Standing::Voided);
		assert_eq!((gain(ANYONE), gain(ALICE)), (0, -(BOND as i128)));
	});
}

#[test]
fn votes_leave_with_their_reviewers() {
	build_and_execute(|| {
		let [leaving, staying, ..] = REVIEWERS;
		let datanet = reviewed_datanet(2, &[leaving, staying]);
		let precedence = contribute(ALICE, datanet, 1);
		assert_ok!(vote(leaving, datanet, precedence, Vote::Approve));
		// Who leaves and comes again has another seat, and still one vote.
		assert_ok!(Datanets::remove_reviewer(signed(leaving), datanet, leaving));
		assert_ok!(Datanets::invite_reviewer(signed(OWNER), datanet, leaving));
		assert_ok!(Datanets::join_reviewers(signed(leaving), datanet));
		assert_ok!(vote(leaving, datanet, precedence, Vote::Approve));
		assert_eq!(pending(datanet, precedence).unwrap().approvals.len(), 1);
		// Nobody lets in what no bond would answer for.
		assert_ok!(vote(staying, datanet, precedence, Vote::Approve));
		assert_ok!(Datanets::remove_reviewer(signed(leaving), datanet, leaving));
		mature();
		assert_noop!(accept(datanet, precedence), Error::NotApproved);
	});
}

#[test]
fn an_owner_does_not_raise_the_bond_under_a_contributors_hands() {
	build_and_execute(|| {
		let datanet = open_datanet();
		commit(ALICE, 1);
		let agreed = agreed(datanet);
		let dear = Policy { bond: 100 * BOND, ..agreed };
		assert_ok!(Datanets::set_policy(signed(OWNER), datanet, dear));
		let reveal = Datanets::reveal(signed(ALICE), datanet, agreed, one(revealing(1)));
		assert_noop!(reveal, Error::PolicyChanged);
	});
}

/// A hundred texts, all of which are bad, by as many accounts as the list has. Returns what they
/// bonded and lost together, and their points.
fn hundred_bad_texts(accounts: &[AccountId]) -> (Balance, i128, u32) {
	let mut result = (0, 0, 0);
	build_and_execute(|| {
		let datanet = open_datanet();
		let before = accounts.iter().map(|who| wealth_of(*who)).sum::<i128>();
		let texts = (0..100).map(|text| (accounts[text as usize % accounts.len()], text));
		let precedences =
			texts.map(|(who, text)| contribute(who, datanet, text)).collect::<Vec<_>>();
		let bonded =
			accounts.iter().map(|who| held(*who, HoldReason::ContributionBond)).sum::<Balance>();
		mature();
		for precedence in precedences {
			assert_ok!(accept(datanet, precedence));
		}
		for index in 0..100 {
			let at = ContributionRef { datanet, index };
			assert_ok!(flag(REPORTER, at, Ground::LowQuality));
			assert_ok!(Datanets::rule(root(), at, true));
		}
		let after = accounts.iter().map(|who| wealth_of(*who)).sum::<i128>();
		let points = accounts.iter().map(|who| reputation(*who).points).sum();
		result = (bonded, before - after, points);
		assert_eq!(gain(REPORTER), 100 * REWARD as i128);
		assert_eq!(gain(TREASURY), 100 * (BOND - REWARD) as i128);
	});
	result
}

/// What an account has, and is given if it is poor.
fn wealth_of(who: AccountId) -> i128 {
	if who >= crate::mock::FIRST_POOR && Balances::total_balance(&who) == 0 {
		fund(who);
	}
	Balances::total_balance(&who) as i128
}

#[test]
fn a_contributor_split_in_a_hundred_accounts_gains_nothing() {
	let split = (1_000..1_100).collect::<Vec<_>>();
	let (whole, parts) = (hundred_bad_texts(&[ALICE]), hundred_bad_texts(&split));
	// The same bonds are held, the same bonds are lost, and as many points are given.
	assert_eq!(whole, (100 * BOND, 100 * BOND as i128, 100));
	assert_eq!(whole, parts);
}

#[test]
fn points_take_a_share_of_what_an_account_still_earns() {
	build_and_execute(|| {
		let datanet = open_datanet();
		let shares = (0..9).map(|text| {
			let at = accepted(ALICE, datanet, text);
			assert_ok!(flag(REPORTER, at, Ground::LowQuality));
			assert_ok!(Datanets::rule(root(), at, true));
			Datanets::penalty_share(&ALICE).deconstruct() / 10_000
		});
		// Two points are free, each further one takes a tenth, at the most a half.
		assert_eq!(shares.collect::<Vec<_>>(), [0, 0, 10, 20, 30, 40, 50, 50, 50]);
		// What splitting avoids is this share and nothing else: another account has none.
		assert_eq!(Datanets::penalty_share(&BOB), Permill::zero());
	});
}

/// Reviewers of one hand vote a text of another's in and report it: what the hand gains.
fn vote_in_then_report(quorum: u8) -> i128 {
	let mut gained = 0;
	build_and_execute(|| {
		let voters = &REVIEWERS[..usize::from(quorum)];
		let datanet = reviewed_datanet(quorum, voters);
		let at = accepted_by(voters, ALICE, datanet, 1);
		assert_ok!(flag(REPORTER, at, Ground::LowQuality));
		// All who could judge have voted it in, so governance rules.
		assert_noop!(judge(voters[0], at, true), Error::NotInReview);
		assert_ok!(Datanets::rule(root(), at, true));
		assert_eq!(gain(ALICE), -(BOND as i128));
		gained = gain(REPORTER) + voters.iter().map(|voter| gain(*voter)).sum::<i128>();
		assert_eq!(gain(TREASURY), BOND as i128 - gained);
		// And they review no longer.
		assert_eq!(datanet_of(datanet).reviewers, 0);
	});
	gained
}

#[test]
fn reviewers_who_vote_in_and_then_flag_lose() {
	// A reward of 50, and every voter loses 100.
	assert_eq!(vote_in_then_report(1), 50 - 100);
	assert_eq!(vote_in_then_report(2), 50 - 200);
	assert_eq!(vote_in_then_report(8), 50 - 800);
}

#[test]
fn voting_much_in_and_then_flagging_it_loses_even_when_the_bond_is_used_up() {
	build_and_execute(|| {
		let [voter, ..] = REVIEWERS;
		let datanet = reviewed_datanet(1, &[voter]);
		let texts = (0..30).map(|text| accepted_by(&[voter], ALICE, datanet, text));
		for at in texts.collect::<Vec<_>>() {
			assert_ok!(flag(REPORTER, at, Ground::LowQuality));
			assert_ok!(Datanets::rule(root(), at, true));
		}
		// Ten texts use up the bond of 1000. From there on a report earns nothing.
		assert_eq!(gain(voter), -1_000);
		assert_eq!(gain(REPORTER), 10 * REWARD as i128);
		assert_eq!(gain(ALICE), -30 * BOND as i128);
	});
}

#[test]
fn a_bond_larger_than_reviewers_can_answer_for_rewards_no_more_than_half_of_what_they_lose() {
	build_and_execute(|| {
		let [voter, ..] = REVIEWERS;
		let datanet = reviewed_datanet(1, &[voter]);
		let dear = Policy { bond: 100_000, ..reviewed(1) };
		assert_ok!(Datanets::set_policy(signed(OWNER), datanet, dear));
		let at = accepted_by(&[voter], ALICE, datanet, 1);
		assert_ok!(flag(REPORTER, at, Ground::LowQuality));
		assert_ok!(Datanets::rule(root(), at, true));
		// A tenth would be 10000, ten times what the reviewer can lose.
		assert_eq!((gain(REPORTER), gain(voter)), (500, -1_000));
		assert_eq!(gain(TREASURY), 100_000 - 500 + 1_000);
	});
}

#[test]
fn an_owner_whose_friends_report_and_judge_what_came_in_by_itself_gains_nothing() {
	build_and_execute(|| {
		// GIVEN a datanet without reviewers that asked a large bond.
		let [friend, ..] = REVIEWERS;
		let datanet = create(Policy { bond: 100_000, ..open() });
		let at = accepted(ALICE, datanet, 1);
		// WHEN its owner has a friend judge what another friend flags,
		assert_ok!(Datanets::set_policy(signed(OWNER), datanet, reviewed(1)));
		invite_and_join(datanet, friend);
		assert_ok!(flag(REPORTER, at, Ground::LowQuality));
		assert_ok!(judge(friend, at, true));
		pass(<Test as Config>::AppealPeriod::get() + 1);
		assert_ok!(advance(at));
		// THEN the bond is lost, and none of it is theirs: a tenth would be 10000.
		assert_eq!((gain(ALICE), gain(TREASURY)), (-100_000, 100_000));
		assert_eq!((gain(REPORTER), gain(friend), gain(OWNER)), (0, 0, 0));
	});
}

#[test]
fn a_flood_of_flags_pays_the_contributor() {
	build_and_execute(|| {
		let at = accepted(ALICE, open_datanet(), 1);
		for (count, ground) in (1..).zip(Ground::ALL) {
			assert_ok!(flag(REPORTER, at, ground));
			// One at a time, on whatever ground.
			assert_noop!(flag(BOB, at, Ground::Biased), Error::NotValid);
			assert_ok!(Datanets::rule(root(), at, false));
			assert_eq!(gain(ALICE), count * flag_deposit() as i128);
			assert_eq!(gain(REPORTER), -count * flag_deposit() as i128);
		}
		// No ground twice: five flags are the most that a contribution ever meets.
		for ground in Ground::ALL {
			assert_noop!(flag(BOB, at, ground), Error::AlreadyJudged);
		}
		assert_eq!((gain(TREASURY), standing(at)), (0, Standing::Valid));
	});
}

#[test]
fn a_lock_does_not_keep_a_reporters_deposit() {
	build_and_execute(|| {
		let at = accepted(ALICE, open_datanet(), 1);
		assert_ok!(flag(REPORTER, at, Ground::Biased));
		// Everything locked, for a vote say.
		Balances::set_lock(*b"pyconvot", &REPORTER, WEALTH, WithdrawReasons::all());
		assert_ok!(Datanets::rule(root(), at, false));
		assert_eq!(gain(ALICE), flag_deposit() as i128);
		assert_eq!((held(REPORTER, HoldReason::Flag), gain(TREASURY)), (0, 0));
	});
}

#[test]
fn a_deposit_goes_to_a_contributor_who_has_nothing_left() {
	build_and_execute(|| {
		fund(60);
		let at = accepted(60, open_datanet(), 1);
		answer_for_bonds();
		assert_ok!(Datanets::release_bonds(signed(ANYONE), one(at)));
		assert_ok!(Balances::transfer_all(signed(60), BOB, false));
		assert!(!System::account_exists(&60));
		assert_ok!(flag(REPORTER, at, Ground::Biased));
		assert_ok!(Datanets::rule(root(), at, false));
		assert_eq!(free(60), flag_deposit());
		// Upheld, there is no bond left to slash, and points are given all the same.
		assert_ok!(flag(REPORTER, at, Ground::Redundant));
		assert_ok!(Datanets::rule(root(), at, true));
		happened(Event::Concluded { contribution: at, upheld: true, slashed: 0 });
		assert_eq!((gain(REPORTER), reputation(60).points), (-(flag_deposit() as i128), 2));
	});
}

#[test]
fn selling_the_right_before_a_penalty_does_not_sell_the_penalty() {
	build_and_execute(|| {
		let at = accepted(ALICE, open_datanet(), 1);
		assert_ok!(Datanets::transfer_right(signed(ALICE), one(at), BOB));
		assert_ok!(flag(REPORTER, at, Ground::Adversarial));
		// Nor afterwards, while it is flagged.
		assert_ok!(Datanets::transfer_right(signed(BOB), one(at), ANYONE));
		assert_ok!(Datanets::rule(root(), at, true));
		assert_eq!(gain(ALICE), -(BOND as i128));
		assert_eq!(
			reputation(ALICE),
			Reputation { accepted: 1, upheld: 1, points: 5, rejected: 0 }
		);
		assert_eq!(Datanets::penalty_share(&ALICE), Permill::from_percent(30));
		for buyer in [BOB, ANYONE] {
			assert_eq!((gain(buyer), reputation(buyer)), (0, Reputation::default()));
		}
		assert_eq!(gain(REPORTER), REWARD as i128);
		assert_eq!(gain(TREASURY), (BOND - REWARD) as i128);
	});
}

#[test]
fn a_contributor_does_not_appeal_through_the_buyer() {
	build_and_execute(|| {
		let [voter, judging, ..] = REVIEWERS;
		let datanet = reviewed_datanet(1, &[voter, judging]);
		let at = accepted_by(&[voter], ALICE, datanet, 1);
		assert_ok!(Datanets::transfer_right(signed(ALICE), one(at), BOB));
		assert_ok!(flag(REPORTER, at, Ground::Biased));
		assert_ok!(judge(judging, at, true));
		assert_noop!(Datanets::appeal(signed(BOB), at), Error::MayNotAppeal);
		assert_ok!(Datanets::appeal(signed(ALICE), at));
	});
}

#[test]
fn reviewers_do_not_vote_for_or_judge_their_own() {
	build_and_execute(|| {
		let [reviewer_a, reviewer_b, ..] = REVIEWERS;
		let datanet = reviewed_datanet(1, &[reviewer_a, reviewer_b, REVIEWERS[2]]);
		let precedence = contribute(reviewer_a, datanet, 1);
		assert_noop!(vote(reviewer_a, datanet, precedence, Vote::Approve), Error::OwnWork);
		assert_ok!(vote(reviewer_b, datanet, precedence, Vote::Approve));
		mature();
		assert_ok!(accept(datanet, precedence));
		let at = ContributionRef { datanet, index: 0 };
		// To have the deposit of a flag of one's own, or to keep others from flagging.
		assert_noop!(flag(reviewer_a, at, Ground::LowQuality), Error::MayNotFlag);
		assert_noop!(flag(reviewer_b, at, Ground::LowQuality), Error::MayNotFlag);
		assert_ok!(flag(REPORTER, at, Ground::LowQuality));
		assert_noop!(judge(reviewer_a, at, false), Error::OwnWork);
		assert_noop!(judge(reviewer_b, at, false), Error::MayNotJudge);
		assert_ok!(judge(REVIEWERS[2], at, true));
	});
}

#[test]
fn reviewers_do_not_judge_what_they_reported_or_came_to_judge() {
	build_and_execute(|| {
		let [voter, reporter, ..] = REVIEWERS;
		let datanet = reviewed_datanet(1, &[voter, reporter, REVIEWERS[2]]);
		let at = accepted_by(&[voter], ALICE, datanet, 1);
		assert_ok!(flag(reporter, at, Ground::LowQuality));
		assert_noop!(judge(reporter, at, true), Error::MayNotJudge);
		// Invited by the owner to judge this one.
		invite_and_join(datanet, REVIEWERS[3]);
		assert_noop!(judge(REVIEWERS[3], at, false), Error::MayNotJudge);
	});
}

#[test]
fn a_new_seat_does_not_make_a_reviewer_another() {
	build_and_execute(|| {
		let [voter, ..] = REVIEWERS;
		let datanet = reviewed_datanet(1, &REVIEWERS[..3]);
		let first = accepted_by(&[voter], ALICE, datanet, 1);
		let second = accepted_by(&[voter], ALICE, datanet, 2);
		assert_ok!(Datanets::remove_reviewer(signed(voter), datanet, voter));
		assert_noop!(flag(voter, first, Ground::LowQuality), Error::MayNotFlag);
		invite_and_join(datanet, voter);
		assert_noop!(flag(voter, first, Ground::LowQuality), Error::MayNotFlag);
		assert_ok!(flag(REPORTER, second, Ground::LowQuality));
		assert_noop!(judge(voter, second, false), Error::MayNotJudge);
	});
}

#[test]
fn a_reviewer_does_not_leave_before_answering() {
	build_and_execute(|| {
		let [voter, ..] = REVIEWERS;
		let datanet = reviewed_datanet(1, &[voter]);
		let at = accepted_by(&[voter], ALICE, datanet, 1);
		assert_ok!(Datanets::remove_reviewer(signed(voter), datanet, voter));
		let release = || Datanets::release_reviewer(signed(voter), datanet, 0);
		pass(<Test as Config>::BondPeriod::get());
		assert_noop!(release(), Error::StillAnswerable);
		// Flagged in the last block: the bond waits for the end of it, and is taken.
		assert_ok!(flag(REPORTER, at, Ground::LowQuality));
		assert_eq!(reviewer(datanet, 0).unwrap().cases, 1);
		pass(<Test as Config>::RulePeriod::get());
		assert_noop!(release(), Error::StillAnswerable);
		assert_ok!(Datanets::rule(root(), at, true));
		assert_ok!(release());
		assert_eq!(gain(voter), -(LOSS as i128));
		assert_eq!(held(voter, HoldReason::ReviewerBond), 0);
	});
}

#[test]
fn an_owner_who_removes_the_judges_only_hands_the_flag_to_governance() {
	build_and_execute(|| {
		let datanet = reviewed_datanet(1, &REVIEWERS[..2]);
		let at = accepted_by(&REVIEWERS[..1], ALICE, datanet, 1);
		assert_ok!(flag(REPORTER, at, Ground::LowQuality));
		assert_ok!(Datanets::remove_reviewer(signed(OWNER), datanet, REVIEWERS[1]));
		assert_noop!(judge(REVIEWERS[1], at, true), Error::NotReviewer);
		pass(<Test as Config>::JudgePeriod::get() + 1);
		assert_ok!(advance(at));
		assert_ok!(Datanets::rule(root(), at, true));
		assert_eq!(standing(at), Standing::Voided);
	});
}
