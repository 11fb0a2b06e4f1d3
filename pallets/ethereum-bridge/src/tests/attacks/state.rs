//! States that no call makes: `try_state` notices each of them, and says what is wrong.

use super::*;

/// One thing is broken in a state in which there is one of everything.
fn noticed(complaint: &'static str, damage: fn()) {
	new_test_ext().execute_with(|| {
		pre_lock(1);
		submit(2, &ALICE, LIMITS.deposit_capacity);
		submit(3, &ALICE, 1_000);
		for _ in 0..3 {
			assert_ok!(Bridge::withdraw(signed(ALICE), CAROL, 1_000));
		}
		blocks(1);
		assert_ok!(Bridge::withdraw(signed(BOB), CAROL, 1_000));
		Bridge::on_finalize(System::block_number());
		assert_eq!(Bridge::do_try_state(), Ok(()));
		damage();
		assert_eq!(Bridge::do_try_state(), Err(complaint.into()));
	});
}

fn moved(change: fn(&mut Totals)) {
	Moved::<Test>::mutate(change);
}

#[test]
fn issuance_that_is_not_backed() {
	noticed("more is issued than is backed", || {
		assert_ok!(Balances::mint_into(&BOB, 1));
	});
	noticed("more is issued than is backed", || moved(|moved| moved.minted -= 1));
	noticed("more is issued than is backed", || moved(|moved| moved.burned = u128::MAX));
	noticed("burned before genesis was pre-locked", || moved(|moved| moved.pre_locked -= 1));
}

#[test]
fn parked_deposits_that_are_none() {
	noticed("a deposit is parked that was not executed", || {
		let deposit = ParkedDeposits::<Test>::take(3).expect("it is parked");
		ParkedDeposits::<Test>::insert(4, deposit);
	});
	noticed("nothing of a deposit waits", || {
		ParkedDeposits::<Test>::insert(2, Parked { recipient: ALICE, amount: 0 });
	});
	noticed("the sum of what is parked is wrong", || moved(|moved| moved.parked += 1));
	noticed("the sum of what is parked is wrong", || ParkedDeposits::<Test>::remove(3));
}

#[test]
fn withdrawals_that_cannot_be_proven() {
	noticed("a withdrawal's block has no messages", || Commitments::<Test>::remove(1));
	let not_among = "a withdrawal is not among its block's messages";
	noticed(not_among, || Commitments::<Test>::insert(1, Committed { first: 2, count: 3 }));
	noticed(not_among, || Commitments::<Test>::insert(1, Committed { first: 1, count: 2 }));
	noticed("a withdrawal is missing", || Withdrawals::<Test>::remove(2));
	noticed("a withdrawal is missing", || WithdrawalCount::<Test>::put(5));
	noticed("a withdrawal is missing", || {
		Commitments::<Test>::insert(9, Committed { first: 5, count: 1 });
	});
	noticed("the sum of what was burned is wrong", || moved(|moved| moved.burned -= 1));
}

#[test]
fn a_root_that_is_not_the_messages() {
	noticed("messages were left uncommitted", || {
		assert_ok!(Queue::<Test>::try_append(H256::zero()));
	});
	noticed("a message is missing", TheVault::<Test>::kill);
	let wrong = "the next leaf would carry a wrong root";
	noticed(wrong, MessagesRoot::<Test>::kill);
	noticed(wrong, || MessagesRoot::<Test>::put(H256::repeat_byte(1)));
	// A root stays after the block of its messages.
	noticed(wrong, || System::set_block_number(System::block_number() + 1));
}

#[test]
fn limits_that_contradict_each_other() {
	noticed("limits out of their bounds", || {
		CurrentLimits::<Test>::put(Limits { min_withdrawal: 0, ..LIMITS });
	});
}
