//! A cheat commits to receipts and executes something else, recomputes everything downstream, and
//! has payers who sign whatever it wants. One opening brings each of them down.

use super::*;
use frame_support::assert_ok;
use openledger_settlement::{
	build::{challenge, Batch as Built, Rule},
	chain::Chain,
	execute::{execute, Context, Failure, Wrong},
	opening::Opening,
	receipt::Receipt,
	state::State,
};

/// Executes other receipts than those it commits to.
struct Instead<F>(F);

impl<F: Fn(&mut Vec<Receipt>) + Sync> Rule for Instead<F> {
	fn execute<S: State>(
		&self,
		context: &Context,
		chain: &Chain,
		state: &mut S,
		receipts: &[Receipt],
	) -> Result<(), Failure<S::Error>> {
		let mut receipts = receipts.to_vec();
		(self.0)(&mut receipts);
		execute(context, chain, state, &receipts)
	}
}

/// Executes under another context than the batch's.
struct Under<F>(F);

impl<F: Fn(&mut Context) + Sync> Rule for Under<F> {
	fn execute<S: State>(
		&self,
		context: &Context,
		chain: &Chain,
		state: &mut S,
		receipts: &[Receipt],
	) -> Result<(), Failure<S::Error>> {
		let mut context = context.clone();
		(self.0)(&mut context);
		execute(&context, chain, state, receipts)
	}
}

/// Executes the rule, and bends the totals.
struct Bend<F>(F);

impl<F: Fn(&mut Totals) + Sync> Rule for Bend<F> {
	fn execute<S: State>(
		&self,
		context: &Context,
		chain: &Chain,
		state: &mut S,
		receipts: &[Receipt],
	) -> Result<(), Failure<S::Error>> {
		execute(context, chain, state, receipts)?;
		let mut totals = state.totals()?;
		(self.0)(&mut totals);
		state.set_totals(totals)?;
		Ok(())
	}
}

/// The batch falls by opening this step, as this wrong: its payers are whole, its operator has lost
/// the bond, the challenger has its part, and a batch that was honest is not missed.
fn falls<R: Rule>(batch: &Built<R>, step: u32, wrong: Wrong) {
	falls_by(batch, batch.open(step).unwrap(), wrong);
}

fn falls_by<R: Rule>(batch: &Built<R>, opening: Opening, wrong: Wrong) {
	let step = opening.step;
	let whole = balances();
	let bought = bought();
	let number = submit(batch);
	let (challenger, treasury) = (wealth("challenger"), in_pot(104));
	assert_ok!(Attribution::open(
		signed("challenger"),
		MODEL,
		number,
		Box::new(opening),
		Default::default(),
	));
	assert_eq!(last_void(), Some((Fault::Wrong { step, wrong }, BOND, 50 * DEMAND)));
	assert_eq!(wealth("challenger") - challenger, 50 * DEMAND);
	assert_eq!(in_pot(104) - treasury, BOND - 50 * DEMAND);
	assert_eq!(in_pot(102), 0);
	assert_eq!(balances(), whole);
	// What they bought stays bought: the vouchers are good for nothing more.
	assert_ne!(super::super::mock::bought(), bought);
	check();
}

/// Commits to receipts with this in one of them, executes what it was before.
fn committed(step: u32, wrong: Wrong, change: impl Fn(&mut Receipt) + Sync) {
	build_and_execute(|| {
		let honest = sell(100, false, 1);
		let at = (step * openledger_settlement::STEP) as usize + 3;
		let mut sales = honest.clone();
		change(&mut sales.receipts[at]);
		let (before, after) = (honest.receipts[at].clone(), sales.receipts[at].clone());
		let rule = Instead(move |receipts: &mut Vec<Receipt>| {
			receipts.iter_mut().filter(|receipt| **receipt == after).for_each(|receipt| {
				*receipt = before.clone();
			});
		});
		falls(&build_by(rule, &sales), step, wrong);
	});
}

/// Commits to honest receipts, executes others. Who watches opens the first step of them.
fn executed(instead: impl Fn(&mut Vec<Receipt>) + Sync) {
	build_and_execute(|| {
		let batch = build_by(Instead(instead), &sell(100, true, 1));
		let opening =
			challenge(batch.context(), bought(), batch.receipts(), batch.leaves()).unwrap();
		assert_eq!(opening.step, 0);
		falls_by(&batch, opening, Wrong::Root);
	});
}

#[test]
fn another_fee_than_the_tokens_cost_falls() {
	committed(1, Wrong::Fee, |receipt| receipt.core.fee += 1);
}

#[test]
fn tokens_that_nobody_bought_fall() {
	committed(2, Wrong::Fee, |receipt| receipt.core.tokens_out += 1);
}

#[test]
fn another_version_falls() {
	committed(0, Wrong::Version, |receipt| receipt.core.version = 1);
}

#[test]
fn another_price_epoch_falls() {
	committed(0, Wrong::Epoch, |receipt| receipt.core.epoch = 1);
}

#[test]
fn a_payer_who_is_none_falls() {
	committed(1, Wrong::Payer, |receipt| receipt.payer = PAYERS as u16);
}

#[test]
fn a_contribution_outside_the_snapshot_falls() {
	committed(1, Wrong::OutsideSnapshots, |receipt| {
		let last = receipt.credits.len() - 1;
		receipt.credits[last].index = LENGTH;
	});
}

#[test]
fn credits_out_of_order_fall() {
	committed(1, Wrong::Credits, |receipt| {
		let first = receipt.credits[0];
		let _ = receipt.credits.try_insert(0, first);
	});
}

#[test]
fn another_output_than_was_executed_falls() {
	committed(1, Wrong::Root, |receipt| receipt.core.output = Default::default());
}

#[test]
fn a_credit_moved_to_a_friend_falls() {
	executed(|receipts| {
		for receipt in receipts.iter_mut() {
			receipt.credits[0].index = 0;
			receipt.credits.truncate(1);
		}
	});
}

#[test]
fn a_payer_charged_for_another_falls() {
	executed(|receipts| {
		for receipt in receipts {
			receipt.payer = (receipt.payer + 1) % PAYERS as u16;
		}
	});
}

#[test]
fn private_receipts_passed_off_as_disclosed_fall() {
	executed(|receipts| receipts.iter_mut().for_each(|receipt| receipt.core.private = false));
}

#[test]
fn another_order_falls() {
	executed(|receipts| receipts.reverse());
}

#[test]
fn a_receipt_left_out_falls() {
	build_and_execute(|| {
		let rule = Instead(|receipts: &mut Vec<Receipt>| {
			if receipts.len() == 32 {
				receipts.pop();
			}
		});
		// Three receipts less: the last step is said to have one receipt, and has four.
		falls(&build_by(rule, &sell(100, false, 1)), 3, Wrong::Count);
	});
}

#[test]
fn a_receipt_paid_twice_falls() {
	build_and_execute(|| {
		let rule = Instead(|receipts: &mut Vec<Receipt>| {
			if receipts.len() == 4 {
				let last = receipts[3].clone();
				receipts.push(last);
			}
		});
		falls(&build_by(rule, &sell(100, false, 1)), 3, Wrong::Count);
	});
}

#[test]
fn another_split_falls() {
	build_and_execute(|| {
		let rule = Under(|context: &mut Context| context.terms.stakers = Permill::zero());
		falls(&build_by(rule, &sell(100, false, 1)), 2, Wrong::Root);
	});
}

#[test]
fn the_commons_robbed_for_the_model_fall() {
	build_and_execute(|| {
		let rule = Bend(|totals: &mut Totals| {
			if totals.commons > 0 {
				totals.commons -= 1;
				totals.model += 1;
			}
		});
		falls(&build_by(rule, &sell(100, false, 1)), 1, Wrong::Root);
	});
}

#[test]
fn who_challenges_itself_loses() {
	build_and_execute(|| {
		let rule = Under(|context: &mut Context| context.terms.stakers = Permill::zero());
		let batch = build_by(rule, &sell(100, false, 1));
		let before = wealth("operator") + wealth("challenger");
		falls(&batch, 0, Wrong::Root);
		assert_eq!(before - wealth("operator") - wealth("challenger"), BOND - 50 * DEMAND);
	});
}
