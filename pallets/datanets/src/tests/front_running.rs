//! Who sees a reveal in the pool and hurries: precedence is that of commitments, and nothing is
//! accepted before every earlier commitment is known.

use super::*;

const PERIOD: BlockNumber = 10;

#[test]
fn periods_are_as_these_stories_tell() {
	assert_eq!(<Test as Config>::RevealPeriod::get(), PERIOD);
}

#[test]
fn a_copier_who_changes_a_byte_and_pays_more_comes_later() {
	build_and_execute(|| {
		let slow = reviewed_datanet(1, &REVIEWERS[..1]);
		let fast = open_datanet();
		let original = commit(ALICE, 1);
		pass(1);
		// The reveal of text 1 is in the pool. The copier's text 2 is the same but for a byte, its
		// tip puts it before Alice in the block, and no reviewer holds it up.
		let copy = contribute(COPIER, fast, 2);
		assert_ok!(reveal(ALICE, slow, 1));
		pass(PERIOD + 1);
		assert_ok!(accept(fast, copy));
		assert_ok!(vote(REVIEWERS[0], slow, original, Vote::Approve));
		assert_ok!(accept(slow, original));

		let (copied, made) = (
			contribution(ContributionRef { datanet: fast, index: 0 }),
			contribution(ContributionRef { datanet: slow, index: 0 }),
		);
		assert!(made.precedence < copied.precedence);
		assert_eq!((made.contributor, copied.contributor), (ALICE, COPIER));
	});
}

#[test]
fn in_one_block_the_order_is_that_of_commitments_too() {
	build_and_execute(|| {
		let datanet = open_datanet();
		let original = commit(ALICE, 1);
		// Both reveal in the block of the commitments, the copier first.
		let copy = contribute(COPIER, datanet, 2);
		assert_ok!(reveal(ALICE, datanet, 1));
		assert_eq!(original.block(), copy.block());
		assert!(original < copy);
	});
}

#[test]
fn an_equal_copy_gives_way_to_the_earlier_commitment() {
	build_and_execute(|| {
		let datanet = open_datanet();
		let original = commit(ALICE, 1);
		let copy = contribute(COPIER, datanet, 1);
		assert_eq!(gain(COPIER), 0);
		assert_ok!(reveal(ALICE, datanet, 1));
		happened(Event::Displaced { datanet, precedence: copy, content: content(1) });
		assert_eq!(pending(datanet, copy), None);
		assert_eq!(place(1), Some(Place::Pending { datanet, precedence: original }));
		assert_eq!(datanet_of(datanet).pending, 1);
		// Copying is no offence: the bond is back, and it is all that the copier had from it.
		assert_eq!((held(COPIER, HoldReason::ContributionBond), gain(COPIER)), (0, 0));
		assert_eq!(reputation(COPIER), Reputation::default());
	});
}

#[test]
fn a_late_reveal_in_time_displaces_across_datanets_and_votes_are_gone() {
	build_and_execute(|| {
		let theirs = reviewed_datanet(2, &REVIEWERS[..3]);
		let mine = open_datanet();
		let original = commit(ALICE, 1);
		let copy = contribute(COPIER, theirs, 1);
		assert_ok!(vote(REVIEWERS[0], theirs, copy, Vote::Approve));
		assert_ok!(vote(REVIEWERS[1], theirs, copy, Vote::Approve));

		pass(PERIOD);
		// Approved, but not mature: in this block Alice can still come, and does.
		assert_noop!(accept(theirs, copy), Error::NotMature);
		assert_ok!(reveal(ALICE, mine, 1));
		assert_eq!((datanet_of(theirs).pending, datanet_of(mine).pending), (0, 1));
		assert_eq!(held(COPIER, HoldReason::ContributionBond), 0);
		pass(1);
		assert_noop!(accept(theirs, copy), Error::NotPending);
		assert_ok!(accept(mine, original));

		// Revealed into the datanet with reviewers, it would have had to be voted in anew.
		let second = commit(BOB, 2);
		let copy = contribute(COPIER, theirs, 2);
		assert_ok!(vote(REVIEWERS[0], theirs, copy, Vote::Approve));
		assert_ok!(reveal(BOB, theirs, 2));
		assert!(pending(theirs, second).unwrap().approvals.is_empty());
		assert_ok!(vote(REVIEWERS[0], theirs, second, Vote::Approve));
	});
}

#[test]
fn whoever_reveals_too_late_has_lost_the_order_and_nothing_else() {
	build_and_execute(|| {
		let datanet = open_datanet();
		commit(ALICE, 1);
		pass(1);
		let copy = contribute(COPIER, datanet, 1);
		pass(PERIOD);
		assert_noop!(reveal(ALICE, datanet, 1), Error::CommitmentExpired);
		assert_noop!(accept(datanet, copy), Error::NotMature);
		pass(1);
		assert_ok!(accept(datanet, copy));
		assert_ok!(Datanets::forget(signed(ALICE), ALICE, one(hash(ALICE, 1))));
		assert_eq!(gain(ALICE), 0);
	});
}

#[test]
fn nothing_is_accepted_while_an_earlier_commitment_can_be_revealed() {
	for late in 0..=PERIOD {
		build_and_execute(|| {
			let datanet = open_datanet();
			let original = commit(ALICE, 1);
			// The copier commits in the same block, so the two periods end together.
			let copy = contribute(COPIER, datanet, 1);
			pass(late);
			assert_noop!(accept(datanet, copy), Error::NotMature);
			assert_ok!(reveal(ALICE, datanet, 1));
			pass(PERIOD + 1 - late);
			assert_ok!(accept(datanet, original));
		});
	}
}

#[test]
fn who_comes_later_is_refused_and_told_where_the_content_is() {
	build_and_execute(|| {
		let datanet = open_datanet();
		let original = contribute(ALICE, datanet, 1);
		commit(COPIER, 1);
		assert_noop!(reveal(COPIER, datanet, 1), Error::AlreadyRegistered);
		assert_eq!(
			Datanets::owner_of(content(1)),
			Some((Place::Pending { datanet, precedence: original }, ALICE))
		);
		mature();
		assert_ok!(accept(datanet, original));
		commit(BOB, 1);
		assert_noop!(reveal(BOB, datanet, 1), Error::AlreadyRegistered);
	});
}

#[test]
fn repeating_anothers_commitment_blocks_nobody() {
	build_and_execute(|| {
		let datanet = open_datanet();
		let seen = hash(ALICE, 1);
		// Out of the pool, before Alice's own is in a block.
		assert_ok!(Datanets::commit(signed(COPIER), one(seen)));
		let original = commit(ALICE, 1);
		// Opening it takes Alice's account: the copier can make nothing of it.
		assert_noop!(reveal(COPIER, datanet, 1), Error::NoSuchCommitment);
		assert_ok!(reveal(ALICE, datanet, 1));
		assert_noop!(reveal(COPIER, datanet, 1), Error::NoSuchCommitment);
		mature();
		assert_ok!(accept(datanet, original));
		assert_ok!(Datanets::forget(signed(COPIER), COPIER, one(seen)));
	});
}

#[test]
fn who_committed_twice_displaces_their_own_even_in_one_batch() {
	build_and_execute(|| {
		let datanet = open_datanet();
		let other = H256::repeat_byte(8);
		let first = commit(ALICE, 1);
		let again = commitment_hash(content(1), other, &ALICE);
		assert_ok!(Datanets::commit(signed(ALICE), one(again)));
		let second = Reveal { salt: other, ..revealing(1) };
		let reveals = batch([second.clone(), revealing(1)]);
		assert_ok!(Datanets::reveal(signed(ALICE), datanet, agreed(datanet), reveals));
		assert_eq!(place(1), Some(Place::Pending { datanet, precedence: first }));
		assert_eq!(datanet_of(datanet).pending, 1);
		assert_eq!(held(ALICE, HoldReason::ContributionBond), BOND);
		assert_eq!(held(ALICE, HoldReason::Commitment), 0);

		// The other way round, the second is refused, and the whole batch with it.
		assert_ok!(Datanets::commit(signed(BOB), batch([hash(BOB, 2), hash(BOB, 3)])));
		let again = commitment_hash(content(2), other, &BOB);
		assert_ok!(Datanets::commit(signed(BOB), one(again)));
		let second = Reveal { salt: other, ..revealing(2) };
		let reveals = batch([revealing(3), revealing(2), second]);
		assert_noop!(
			Datanets::reveal(signed(BOB), datanet, agreed(datanet), reveals),
			Error::AlreadyRegistered
		);
	});
}
