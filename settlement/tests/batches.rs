//! Batches: what is built holds, step by step.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use openledger_settlement::{
	build::Batch,
	chain::Chain,
	diff::{commit, ends},
	opening::{check, Verdict},
	sample::{context, receipts, Random, Shape},
	voucher::Bought,
	Nano,
};

#[test]
fn every_step_of_an_honest_batch_holds() {
	let shape = Shape { receipts: 1_000, payers: 7, contributions: 200, credits: 8, private: 3 };
	let context = context(&shape);
	let receipts = receipts(&shape, &context, &mut Random(1));
	let batch = Batch::build(context.clone(), vec![Bought::default(); 7], receipts).unwrap();

	let (diff, totals) = (batch.diff(), batch.totals());
	let ends = ends(&batch.purchases(), &diff, &totals).unwrap();
	let trace = commit(ends, &totals, &batch.submitted().unwrap()).unwrap();
	assert_eq!(trace, batch.trace());
	let chain = Chain::default();
	for step in 0..trace.steps() {
		let opening = batch.open(step).unwrap();
		assert_eq!(check(&opening, &trace, &context, &chain), Ok(Verdict::Holds), "step {step}");
	}
	assert!(batch.open(trace.steps()).is_none());
	let earned: Nano = diff.iter().map(|i| i.earned.disclosed + i.earned.private).sum();
	assert!(earned > 0 && earned < totals.fees);
}

#[test]
fn who_earns_nothing_is_not_in_the_state() {
	let shape = Shape { receipts: 40, payers: 1, contributions: 4, credits: 2, private: 0 };
	let context = context(&shape);
	let mut receipts = receipts(&shape, &context, &mut Random(2));
	for receipt in &mut receipts {
		// Only the platform is paid: contributors share nothing.
		receipt.core.tokens_in = 0;
		receipt.core.tokens_out = 0;
		receipt.core.fee = context.terms.platform_fee;
	}
	let batch = Batch::build(context.clone(), vec![Bought::default()], receipts).unwrap();
	assert!(batch.diff().is_empty());
	let ends = ends(&batch.purchases(), &batch.diff(), &batch.totals()).unwrap();
	let trace = commit(ends, &batch.totals(), &batch.submitted().unwrap());
	assert_eq!(trace, Some(batch.trace()), "it can be submitted");
}
