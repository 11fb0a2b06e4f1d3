//! What is refused at once.

use super::*;
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::AccountId;
use openledger_settlement::{diff::Diff, state::Earned, voucher::Bought};
use pallet_rewards::Error as LedgerError;
use sp_core::Pair;
use sp_runtime::{DispatchError, MultiSignature};

/// An honest submission, changed, is refused.
fn refused(error: impl Into<DispatchError>, change: impl FnOnce(&mut Submission<AccountId>)) {
	build_and_execute(|| {
		let batch = build(&sell(100, true, 1));
		let mut submission = submission(&batch);
		change(&mut submission);
		let call = Attribution::submit_batch(signed("operator"), MODEL, Box::new(submission));
		assert_noop!(call, error.into());
		// WHEN nothing is changed, THEN it is accepted.
		submit(&batch);
	});
}

#[test]
fn a_version_that_is_not_there() {
	refused(Error::<Test>::NoSuchVersion, |submission| submission.version = 1);
}

#[test]
fn a_price_that_is_not_in_force() {
	refused(Error::<Test>::PriceNotInForce, |submission| submission.epoch = 1);
}

#[test]
fn terms_that_are_not_in_force() {
	refused(Error::<Test>::TermsNotInForce, |submission| submission.terms = 1);
}

#[test]
fn payers_out_of_order() {
	refused(Error::<Test>::PayersNotSorted, |submission| {
		let mut vouchers = core::mem::take(&mut submission.vouchers).into_inner();
		vouchers.swap(0, 1);
		submission.vouchers = vouchers.try_into().unwrap();
	});
}

#[test]
fn a_payer_twice() {
	refused(Error::<Test>::PayersNotSorted, |submission| {
		let first = submission.vouchers[0].clone();
		submission.vouchers.try_insert(0, first).unwrap();
	});
}

#[test]
fn a_forged_signature() {
	refused(LedgerError::<Test>::BadSignature, |submission| {
		let signature = key("operator").sign(b"what the payer never saw");
		submission.vouchers[0].signature = MultiSignature::Sr25519(signature);
	});
}

#[test]
fn a_voucher_over_less_than_is_charged() {
	refused(LedgerError::<Test>::BadSignature, |submission| {
		submission.vouchers[0].bought.cumulative += 1;
	});
}

/// The first payer signs for something else than it bought.
fn first_signs(submission: &mut Submission<AccountId>, change: impl Fn(&mut Bought)) {
	let mut bought = submission.vouchers[0].bought;
	change(&mut bought);
	submission.vouchers[0] = voucher(&payers(PAYERS)[0], bought);
}

#[test]
fn a_payer_who_pays_more_than_is_paid_out() {
	refused(Error::<Test>::DoesNotAddUp, |submission| {
		first_signs(submission, |bought| bought.cumulative += 1);
	});
}

#[test]
fn a_payer_who_has_bought_one_more() {
	refused(Error::<Test>::BadCount, |submission| {
		first_signs(submission, |bought| bought.count += 1);
	});
}

#[test]
fn a_payer_whose_chain_ends_elsewhere() {
	refused(Error::<Test>::TraceEndsElsewhere, |submission| {
		first_signs(submission, |bought| bought.head.0[0] ^= 1);
	});
}

fn change_diff(submission: &mut Submission<AccountId>, change: impl FnOnce(&mut Diff)) {
	change(&mut submission.diff);
}

#[test]
fn somebody_who_earns_more() {
	refused(Error::<Test>::DoesNotAddUp, |submission| {
		change_diff(submission, |diff| diff[0].earned.disclosed += 1);
	});
}

#[test]
fn somebody_who_earns_what_another_did() {
	refused(Error::<Test>::TraceEndsElsewhere, |submission| {
		change_diff(submission, |diff| {
			diff[0].earned.disclosed += 1;
			diff[1].earned.disclosed -= 1;
		});
	});
}

#[test]
fn somebody_who_earns_nothing() {
	refused(Error::<Test>::BadDiff, |submission| {
		change_diff(submission, |diff| {
			let Earned { disclosed, private } = diff[0].earned;
			diff[0].earned = Earned::default();
			diff[1].earned.disclosed += disclosed;
			diff[1].earned.private += private;
		});
	});
}

#[test]
fn contributions_out_of_order() {
	refused(Error::<Test>::BadDiff, |submission| {
		change_diff(submission, |diff| {
			let mut swapped = core::mem::take(diff).into_inner();
			swapped.swap(0, 1);
			*diff = swapped.try_into().unwrap();
		});
	});
}

#[test]
fn totals_that_do_not_add_up() {
	refused(Error::<Test>::DoesNotAddUp, |submission| submission.totals.model += 1);
}

#[test]
fn totals_that_add_up_otherwise() {
	refused(Error::<Test>::TraceEndsElsewhere, |submission| {
		submission.totals.model += 1;
		submission.totals.stakers -= 1;
	});
}

#[test]
fn a_trace_that_does_not_end_there() {
	refused(Error::<Test>::TraceEndsElsewhere, |submission| {
		submission.trace.last_receipts = H256::zero();
	});
}

#[test]
fn a_batch_submitted_again() {
	build_and_execute(|| {
		let batch = build(&sell(100, true, 1));
		submit(&batch);
		let again =
			Attribution::submit_batch(signed("operator"), MODEL, Box::new(submission(&batch)));
		assert_noop!(again, LedgerError::<Test>::StaleVoucher);
	});
}

#[test]
fn a_batch_of_nothing() {
	refused(Error::<Test>::BadCount, |submission| {
		submission.vouchers = Default::default();
		submission.diff = Default::default();
		submission.totals = Default::default();
	});
}

#[test]
fn who_does_not_operate() {
	build_and_execute(|| {
		let batch = build(&sell(100, true, 1));
		let call =
			Attribution::submit_batch(signed("stranger"), MODEL, Box::new(submission(&batch)));
		assert_noop!(call, Error::<Test>::NotOperator);
	});
}

#[test]
fn more_than_the_bond_covers() {
	build_and_execute(|| {
		// Fees are about 2 OPEN each.
		let mut batches = 0;
		let refused = loop {
			let batch = build(&sell(1_000, false, batches));
			let submission = Box::new(submission(&batch));
			match Attribution::submit_batch(signed("operator"), MODEL, submission) {
				Ok(()) => batches += 1,
				Err(error) => break error,
			}
		};
		assert_eq!(refused, Error::<Test>::ExceedsBond.into());
		assert!(batches >= 2);
		assert!(Attribution::free_bond(MODEL, account("operator")) < 4_000 * OPEN_UNIT);
	});
}

#[test]
fn more_steps_than_the_bond_could_pay_demands_for() {
	build_and_execute(|| {
		// Three steps could be demanded for less than the bond; a batch has two, the next one more.
		DemandSet::set(BOND / 3);
		submit(&build(&sell(64, false, 1)));
		let batch = build(&sell(64, false, 2));
		let call =
			|| Attribution::submit_batch(signed("operator"), MODEL, Box::new(submission(&batch)));
		assert_noop!(call(), Error::<Test>::TooManySteps);
		DemandSet::set(BOND / 4);
		assert_ok!(call());
	});
}

const OPEN_UNIT: Balance = openledger_primitives::units::OPEN;

#[test]
fn a_retired_operator_settles_what_it_has_served() {
	build_and_execute(|| {
		let batch = build(&sell(100, true, 1));
		assert_ok!(Registry::end_operation(signed("operator"), MODEL));
		let number = submit(&batch);
		pass(201);
		let release = || Registry::release_operator(signed("stranger"), MODEL, account("operator"));
		assert_noop!(release(), pallet_model_registry::Error::<Test>::StillAnswerable);
		// Nobody answered the draws: the bond was there to be slashed.
		draw();
		pass(ANSWER_TIME + 1);
		assert_ok!(Attribution::expire_draws(signed("challenger"), MODEL, number));
		assert_eq!(last_void(), Some((Fault::NoDraws, BOND, 50 * DEMAND)));
	});
}
