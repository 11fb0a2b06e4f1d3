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
