//! Every way that a flag can go, and where all deposits and bonds are in the end.

use super::*;

const JUDGE: BlockNumber = 8;
const APPEAL: BlockNumber = 6;
const RULE: BlockNumber = 12;
const DEPOSIT: i128 = 200;
const VOTER: AccountId = REVIEWERS[0];
const JUDGING: AccountId = REVIEWERS[1];

/// What everybody has gained, and what is known of the contribution and its contributor.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Outcome {
	contributor: i128,
	reporter: i128,
	acceptor: i128,
	treasury: i128,
	standing: Standing,
	points: u32,
	ground_spent: bool,
}

/// The bond is lost: a tenth of it to the reporter. The acceptor loses a fifth of it.
const UPHELD: Outcome = Outcome {
	contributor: -500,
	reporter: 50,
	acceptor: -100,
	treasury: 450 + 100,
	standing: Standing::Voided,
	points: 1,
	ground_spent: false,
};

/// The deposit is the contributor's.
const REJECTED: Outcome = Outcome {
	contributor: DEPOSIT,
	reporter: -DEPOSIT,
	acceptor: 0,
	treasury: 0,
	standing: Standing::Valid,
	points: 0,
	ground_spent: true,
};

/// Nobody decided: the deposit is the contributor's, and the ground stays open.
const LAPSED: Outcome = Outcome { ground_spent: false, ..REJECTED };

/// A contribution that one of two reviewers accepted is flagged, and the story goes on from there.
fn ends(policy: Policy, story: impl FnOnce(ContributionRef)) -> Outcome {
	let mut outcome = LAPSED;
	build_and_execute(|| {
		let datanet = reviewed_datanet(1, &[VOTER, JUDGING]);
		let at = accepted_by(&[VOTER], ALICE, datanet, 1);
		assert_ok!(Datanets::set_policy(signed(OWNER), datanet, policy));
		assert_ok!(flag(REPORTER, at, Ground::Biased));
		assert_eq!(standing(at), Standing::Flagged);
		assert_eq!(held(REPORTER, HoldReason::Flag) as i128, DEPOSIT);
		assert_eq!(reviewer(datanet, 0).unwrap().cases, 1);
		happened(Event::Flagged { contribution: at, reporter: REPORTER, ground: Ground::Biased });
		story(at);

		assert_eq!(Flags::<Test>::iter().count(), 0);
		for who in [ALICE, REPORTER] {
			assert_eq!(held(who, HoldReason::Flag), 0);
		}
		assert_eq!((reviewer(datanet, 0).unwrap().cases, gain(JUDGING)), (0, 0));
		let upheld = standing(at) == Standing::Voided;
		let slashed = if upheld { BOND } else { 0 };
		happened(Event::Concluded { contribution: at, upheld, slashed });
		outcome = Outcome {
			contributor: gain(ALICE),
			reporter: gain(REPORTER),
			acceptor: gain(VOTER),
			treasury: gain(TREASURY),
			standing: standing(at),
			points: reputation(ALICE).points,
			ground_spent: contribution(at).judged.contains(Ground::Biased),
		};
	});
	outcome
}

fn judged_by_reviewers(story: impl FnOnce(ContributionRef)) -> Outcome {
	ends(reviewed(1), story)
}

/// A quorum that nobody is left for: the flag is governance's from the start.
fn ruled_by_governance(story: impl FnOnce(ContributionRef)) -> Outcome {
	ends(reviewed(2), story)
}

fn appeal(who: AccountId, at: ContributionRef) {
	let before = held(who, HoldReason::Flag) as i128;
	assert_ok!(Datanets::appeal(signed(who), at));
	happened(Event::Escalated { contribution: at, appellant: Some(who) });
	assert_eq!(held(who, HoldReason::Flag) as i128, before + DEPOSIT);
}

fn rule(at: ContributionRef, upheld: bool) {
	assert_ok!(Datanets::rule(root(), at, upheld));
}

fn wait_and_advance(at: ContributionRef, blocks: BlockNumber) {
	pass(blocks);
	assert_noop!(advance(at), Error::TooEarly);
	pass(1);
	assert_ok!(advance(at));
}

#[test]
fn periods_and_deposits_are_as_these_stories_tell() {
	assert_eq!(<Test as Config>::JudgePeriod::get(), JUDGE);
	assert_eq!(<Test as Config>::AppealPeriod::get(), APPEAL);
	assert_eq!(<Test as Config>::RulePeriod::get(), RULE);
	assert_eq!(<Test as Config>::FlagDeposit::get() as i128, DEPOSIT);
}

#[test]
fn what_reviewers_decide_stands_when_nobody_appeals() {
	for (upheld, outcome) in [(true, UPHELD), (false, REJECTED)] {
		let ended = judged_by_reviewers(|at| {
			assert_ok!(judge(JUDGING, at, upheld));
			happened(Event::Judged { contribution: at, seat: 1, upheld });
			happened(Event::Decided { contribution: at, upheld });
			wait_and_advance(at, APPEAL);
		});
		assert_eq!(ended, outcome);
	}
}

#[test]
fn an_appeal_against_an_upheld_flag_is_lost_or_won() {
	let appealed = |ruling| {
		judged_by_reviewers(|at| {
			assert_ok!(judge(JUDGING, at, true));
			appeal(ALICE, at);
			rule(at, ruling);
		})
	};
	let lost = Outcome {
		contributor: UPHELD.contributor - DEPOSIT,
		treasury: UPHELD.treasury + DEPOSIT,
		..UPHELD
	};
	assert_eq!(appealed(true), lost);
	assert_eq!(appealed(false), REJECTED);
}

#[test]
fn an_appeal_against_a_rejected_flag_is_lost_or_won() {
	let appealed = |ruling| {
		judged_by_reviewers(|at| {
			assert_ok!(judge(JUDGING, at, false));
			appeal(REPORTER, at);
			rule(at, ruling);
		})
	};
	let lost = Outcome {
		reporter: REJECTED.reporter - DEPOSIT,
		treasury: REJECTED.treasury + DEPOSIT,
		..REJECTED
	};
	assert_eq!(appealed(false), lost);
	assert_eq!(appealed(true), UPHELD);
}

#[test]
fn an_appeal_that_nobody_hears_costs_nothing_and_changes_nothing() {
	for (upheld, loser, outcome) in [(true, ALICE, UPHELD), (false, REPORTER, REJECTED)] {
		let ended = judged_by_reviewers(|at| {
			assert_ok!(judge(JUDGING, at, upheld));
			appeal(loser, at);
			wait_and_advance(at, RULE);
		});
		assert_eq!(ended, outcome);
	}
}

#[test]
fn what_reviewers_do_not_judge_goes_to_governance() {
	let escalated = |then: &dyn Fn(ContributionRef)| {
		judged_by_reviewers(|at| {
			assert_noop!(Datanets::rule(root(), at, true), Error::NotInGovernance);
			wait_and_advance(at, JUDGE);
			happened(Event::Escalated { contribution: at, appellant: None });
			then(at);
		})
	};
	assert_eq!(escalated(&|at| rule(at, true)), UPHELD);
	assert_eq!(escalated(&|at| rule(at, false)), REJECTED);
	assert_eq!(escalated(&|at| wait_and_advance(at, RULE)), LAPSED);
}

#[test]
fn a_flag_that_too_few_could_judge_is_governances_at_once() {
	for policy in [reviewed(2), open()] {
		assert_eq!(ends(policy, |at| rule(at, true)), UPHELD);
		assert_eq!(ends(policy, |at| rule(at, false)), REJECTED);
		assert_eq!(ends(policy, |at| wait_and_advance(at, RULE)), LAPSED);
	}
}

#[test]
fn governance_may_rule_late_as_long_as_nobody_ended_it() {
	let late = ruled_by_governance(|at| {
		pass(RULE + 1);
		rule(at, true);
	});
	assert_eq!(late, UPHELD);
}

#[test]
fn every_stage_ends_with_its_last_block() {
	judged_by_reviewers(|at| {
		pass(JUDGE);
		assert_ok!(judge(JUDGING, at, true));
		pass(APPEAL);
		appeal(ALICE, at);
		pass(RULE);
		rule(at, true);
	});
	judged_by_reviewers(|at| {
		pass(JUDGE + 1);
		assert_noop!(judge(JUDGING, at, true), Error::NotInReview);
		assert_ok!(advance(at));
		assert_noop!(Datanets::appeal(signed(REPORTER), at), Error::NotAppealable);
		rule(at, true);
		assert_noop!(Datanets::rule(root(), at, true), Error::NoFlag);
	});
	judged_by_reviewers(|at| {
		assert_noop!(Datanets::appeal(signed(ALICE), at), Error::NotAppealable);
		assert_ok!(judge(JUDGING, at, true));
		assert_noop!(Datanets::rule(root(), at, true), Error::NotInGovernance);
		pass(APPEAL + 1);
		assert_noop!(Datanets::appeal(signed(ALICE), at), Error::NotAppealable);
		assert_ok!(advance(at));
		assert_noop!(advance(at), Error::NoFlag);
	});
}

#[test]
fn withholding_earnings_again_and_again_costs_a_deposit_each_time() {
	build_and_execute(|| {
		let at = accepted(ALICE, open_datanet(), 1);
		for times in 1..=3 {
			assert_ok!(flag(REPORTER, at, Ground::Biased));
			wait_and_advance(at, RULE);
			assert_eq!((gain(REPORTER), gain(ALICE)), (-times * DEPOSIT, times * DEPOSIT));
		}
		// No friend has used up the ground by it.
		assert_ok!(flag(REPORTER, at, Ground::Biased));
		rule(at, false);
		assert_noop!(flag(REPORTER, at, Ground::Biased), Error::AlreadyJudged);
		assert_ok!(flag(REPORTER, at, Ground::LowQuality));
	});
}

#[test]
fn a_quorum_judges_and_all_acceptors_answer() {
	build_and_execute(|| {
		let datanet = reviewed_datanet(3, &REVIEWERS[..7]);
		let (acceptors, judges) = REVIEWERS[..7].split_at(3);
		let at = accepted_by(acceptors, ALICE, datanet, 1);
		// One of them has left already; the bond still answers.
		assert_ok!(Datanets::remove_reviewer(signed(OWNER), datanet, acceptors[0]));
		assert_ok!(flag(REPORTER, at, Ground::Adversarial));
		// The flag keeps its quorum.
		assert_ok!(Datanets::set_policy(signed(OWNER), datanet, reviewed(1)));
		assert_ok!(judge(judges[0], at, true));
		assert_ok!(judge(judges[1], at, false));
		assert_noop!(judge(judges[0], at, true), Error::AlreadyVoted);
		assert_noop!(judge(judges[1], at, true), Error::AlreadyVoted);
		assert_ok!(judge(judges[2], at, true));
		assert_ok!(judge(judges[3], at, true));
		wait_and_advance(at, APPEAL);

		for (seat, acceptor) in (0..).zip(acceptors) {
			assert_eq!(gain(*acceptor), -100);
			assert_eq!(reviewer(datanet, seat).unwrap().bond, 900);
			assert_eq!(SeatOf::<Test>::get(datanet, acceptor), None);
			assert_noop!(judge(*acceptor, at, true), Error::NotReviewer);
		}
		assert_eq!(datanet_of(datanet).reviewers, 4);
		assert_eq!((gain(ALICE), gain(REPORTER), gain(TREASURY)), (-500, 50, 750));
		assert_eq!(reputation(ALICE).points, 5);
		answer_for_bonds();
		for seat in 0..3 {
			assert_ok!(Datanets::release_reviewer(signed(ANYONE), datanet, seat));
		}
		assert_eq!(held(acceptors[1], HoldReason::ReviewerBond), 0);
	});
}

#[test]
fn an_acceptor_of_many_answers_for_each() {
	build_and_execute(|| {
		let datanet = reviewed_datanet(1, &[VOTER, JUDGING]);
		let all = [1, 2, 3].map(|text| accepted_by(&[VOTER], ALICE, datanet, text));
		for at in all {
			assert_ok!(flag(REPORTER, at, Ground::LowQuality));
		}
		assert_eq!(reviewer(datanet, 0).unwrap().cases, 3);
		for (at, upheld) in all.into_iter().zip([true, false, true]) {
			assert_ok!(judge(JUDGING, at, upheld));
		}
		pass(APPEAL + 1);
		for at in all {
			assert_ok!(advance(at));
		}
		assert_eq!((reviewer(datanet, 0).unwrap().cases, gain(VOTER)), (0, -200));
		assert_eq!(gain(ALICE), 200 - 2 * 500);
	});
}

#[test]
fn grounds_weigh_differently() {
	let points = Ground::ALL.map(|ground| {
		let mut points = 0;
		build_and_execute(|| {
			let at = accepted(ALICE, open_datanet(), 1);
			assert_ok!(flag(REPORTER, at, ground));
			rule(at, true);
			points = reputation(ALICE).points;
			assert_eq!(reputation(ALICE).upheld, 1);
		});
		points
	});
	assert_eq!(points, [1, 1, 2, 5, 1]);
}
