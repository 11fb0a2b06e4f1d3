//! Submissions: any, and honest ones with changes that payers and the operator agree to.

use super::{
	input::Input,
	scene::{dispatch, person, Scene},
};
use crate::{mock::*, *};
use codec::Encode;
use core::cell::RefCell;
use openledger_primitives::{
	tree::{leaf, root, Proof},
	AccountId,
};
use openledger_settlement::{
	diff::{ends, Purchase},
	split::sum,
	trace::{Leaf, Submitted, Trace},
};

thread_local! {
	static SCENE: RefCell<Scene> = RefCell::new(Scene::sold());
}

/// A submission is refused without a trace, or taken. What was taken falls when nobody answers for it,
/// and its payers are whole.
pub fn submission(data: &[u8]) {
	SCENE.with_borrow_mut(|scene| {
		let mut input = Input(data);
		let flags = input.byte();
		let chosen = |bit: u8| flags >> bit & 1 == 1;
		let submission = match chosen(0) {
			true => input.changed(&scene.submission),
			false => input.decode(),
		};
		let Some(mut submission) = submission else { return };
		scene.play(|people| {
			if chosen(1) {
				balance(&mut submission);
			}
			if chosen(2) {
				sign(&mut submission);
			}
			if chosen(3) {
				commit(&mut submission);
			}
			let who = if chosen(4) { person(people, flags >> 4) } else { signed("operator") };
			let model = if chosen(5) { ANCESTOR } else { MODEL };
			submitted(model, submission, who);
		});
	});
}

fn submitted(model: ModelId, submission: Submission<AccountId>, who: RuntimeOrigin) {
	let whole = spendable();
	let Lane { next, open } = Attribution::lane(model);
	let submission = Box::new(submission);
	let call = RuntimeCall::Attribution(Call::submit_batch { model, submission });
	if !dispatch(call, who) {
		return;
	}
	assert_eq!(Attribution::lane(model), Lane { next: next + 1, open: open + 1 });
	check();
	draw();
	let (draws, until) = Attribution::draws(model, next).unwrap();
	assert!(!draws.is_empty());
	pass(until + 1 - Now::get());
	let call = RuntimeCall::Attribution(Call::expire_draws { model, batch: next });
	assert!(dispatch(call, signed("challenger")));
	assert_eq!(Attribution::lane(model), Lane { next: next + 1, open });
	assert_eq!(spendable(), whole);
	check();
}

/// What all payers have to spend.
fn spendable() -> Vec<Nano> {
	let entries = payers(PAYERS);
	let entry = |name: &String| pallet_rewards::Payers::<Test>::get(MODEL, account(name)).unwrap();
	entries.iter().map(|name| entry(name).balance).collect()
}

fn purchases(submission: &Submission<AccountId>) -> Vec<Purchase> {
	let purchase = |voucher: &openledger_settlement::parties::Voucher<AccountId>| {
		let entry = pallet_rewards::Payers::<Test>::get(MODEL, &voucher.payer)?;
		Some(Purchase { before: entry.bought, after: voucher.bought })
	};
	submission.vouchers.iter().filter_map(purchase).collect()
}

/// Makes the totals fit what is bought and earned, as far as they can.
fn balance(submission: &mut Submission<AccountId>) {
	let purchases = purchases(submission);
	let counts =
		purchases.iter().map(|Purchase { before, after }| after.count.saturating_sub(before.count));
	let fees = sum(purchases.iter().filter_map(Purchase::cost)).unwrap_or_default();
	let earned = submission
		.diff
		.iter()
		.flat_map(|increase| [increase.earned.disclosed, increase.earned.private]);
	let totals = &mut submission.totals;
	let parts = sum(earned.chain([totals.platform, totals.stakers, totals.model]));
	totals.receipts = counts.fold(0, u64::saturating_add);
	totals.fees = fees;
	totals.commons = fees.saturating_sub(parts.unwrap_or_default());
}

/// Has all payers sign whatever the vouchers say.
fn sign(submission: &mut Submission<AccountId>) {
	let names = payers(PAYERS);
	for signed in submission.vouchers.iter_mut() {
		if let Some(name) = names.iter().find(|name| account(name) == signed.payer) {
			*signed = voucher(name, signed.bought);
		}
	}
}

/// Has the trace end where the submission does, whatever stands before.
fn commit(submission: &mut Submission<AccountId>) {
	let Ok(ends) = ends(&purchases(submission), &submission.diff, &submission.totals) else {
		return;
	};
	let receipts = submission.totals.receipts;
	let trace = Trace { first: ends.first, root: H256::zero(), receipts };
	let last_receipts = submission.trace.last_receipts;
	let item = Leaf { receipts: last_receipts, state: ends.last }.encode();
	let steps = trace.steps();
	let (root, proof) = (0..32)
		.map(|length| Proof(vec![H256::zero(); length]))
		.find_map(|proof| Some((root(&item, steps - 1, steps.into(), &proof)?, proof)))
		.unwrap_or_else(|| (leaf(0, &item), Proof(vec![])));
	submission.trace = Submitted { root, last_receipts, proof };
}
