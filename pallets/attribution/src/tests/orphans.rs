//! What happens to the other batches of an operator who was slashed.

use super::*;
use frame_support::{assert_noop, assert_ok};
use openledger_settlement::build::Batch as Built;

/// Two batches, of which the first has fallen.
fn one_of_two_has_fallen() -> (Sales, Built) {
	let mut wrong = sell(100, false, 1);
	wrong.receipts[40].credits[0].weight += 1;
	let first = build(&wrong);
	let number = submit(&first);
	let sales = sell(100, false, 2);
	let second = build(&sales);
	submit(&second);
	assert_ok!(open("challenger", number, &first, &wrong, 1, 8));
	check();
	(sales, second)
}

#[test]
fn the_next_operator_adopts_and_finishes_them() {
	build_and_execute(|| {
		let (sales, batch) = one_of_two_has_fallen();
		draw();
		answer_draws(1, &batch, &sales);
		pass(WINDOW);
		let finalise = || Attribution::finalise(signed("stranger"), MODEL, 1, 100);
		assert_noop!(finalise(), Error::<Test>::IsOrphan);
		let adopt = |who| Attribution::adopt(signed(who), MODEL, 1);
		assert_noop!(adopt("successor"), Error::<Test>::NotOperator);
		operate("successor");
		assert_noop!(adopt("stranger"), Error::<Test>::NotOperator);
		assert_ok!(adopt("successor"));
		check();
		assert_noop!(adopt("successor"), Error::<Test>::NotOrphan);
		assert_ok!(finalise());
	});
}

#[test]
fn nobody_adopts_them_and_payers_are_whole() {
	build_and_execute(|| {
		let whole = balances();
		one_of_two_has_fallen();
		let expire = || Attribution::expire_orphan(signed("stranger"), MODEL, 1);
		pass(ADOPT_TIME);
		assert_noop!(expire(), Error::<Test>::NotOverdue);
		pass(1);
		assert_ok!(expire());
		assert_eq!(last_void(), Some((Fault::Orphaned, 0, 0)));
		assert_eq!(balances(), whole);
		assert_noop!(expire(), Error::<Test>::NoSuchBatch);
	});
}

#[test]
fn a_slashed_operator_submits_nothing_until_its_orphans_are_gone() {
	build_and_execute(|| {
		one_of_two_has_fallen();
		operate("operator");
		let batch = build(&sell(100, false, 3));
		let call =
			|| Attribution::submit_batch(signed("operator"), MODEL, Box::new(submission(&batch)));
		assert_noop!(call(), Error::<Test>::OperatorSlashed);
		pass(ADOPT_TIME + 1);
		assert_ok!(Attribution::expire_orphan(signed("stranger"), MODEL, 1));
		assert_ok!(call());
	});
}

#[test]
fn what_is_in_force_is_no_orphan() {
	build_and_execute(|| {
		submit(&build(&sell(100, false, 1)));
		let expire = Attribution::expire_orphan(signed("stranger"), MODEL, 0);
		assert_noop!(expire, Error::<Test>::NotOrphan);
	});
}
