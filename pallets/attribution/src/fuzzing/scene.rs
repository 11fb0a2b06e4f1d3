//! A chain on which something was sold, the same before every input.

use crate::{mock::*, *};
use frame_support::{
	assert_ok,
	dispatch::GetDispatchInfo,
	storage::{with_transaction_unchecked, TransactionOutcome},
};
use openledger_primitives::AccountId;
use openledger_settlement::build::Batch as Built;
use sp_runtime::{traits::Dispatchable, StateVersion};

/// How many receipts were sold.
const SOLD: u32 = 100;
/// The receipts that are demanded: the second of them is private.
const DEMANDED: [u32; 3] = [3, 33, 98];

/// The chain, and what is known of the sales off chain.
pub struct Scene {
	chain: sp_io::TestExternalities,
	now: BlockNumber,
	epoch: u64,
	/// [`PEOPLE`], then all payers.
	pub people: Vec<AccountId>,
	/// What was sold.
	pub sales: Sales,
	/// All steps of the honest batch of it, opened.
	pub openings: Vec<Opening>,
	/// That batch as it is submitted.
	pub submission: Submission<AccountId>,
}

impl Scene {
	/// Inferences were sold, and nothing is submitted.
	pub fn sold() -> Self {
		Self::after(|_| {})
	}

	/// The batch is submitted, some of its receipts are demanded, its draws are known.
	pub fn asked() -> Self {
		Self::after(|batch| {
			let number = submit(batch);
			draw();
			for receipt in DEMANDED {
				assert_ok!(Attribution::demand(signed("watcher"), MODEL, number, receipt));
			}
		})
	}

	fn after(act: impl FnOnce(&Built)) -> Self {
		let mut chain = chain();
		let (sales, openings, submission) = chain.execute_with(|| {
			let sales = sell(SOLD, true, 1);
			let batch = build(&sales);
			let openings = (0..batch.trace().steps()).map(|step| batch.open(step).unwrap());
			let (openings, submission) = (openings.collect(), submission(&batch));
			act(&batch);
			check();
			(sales, openings, submission)
		});
		// Else every root would be computed from the beginning.
		chain.commit_all().unwrap();
		let people = PEOPLE.map(String::from).into_iter().chain(payers(PAYERS));
		let people = people.map(|name| account(&name)).collect();
		let (now, epoch) = (Now::get(), ConsensusEpoch::get());
		Self { chain, now, epoch, people, sales, openings, submission }
	}

	/// Lets something happen there, and undoes it.
	pub fn play(&mut self, act: impl FnOnce(&[AccountId])) {
		let Self { chain, now, epoch, people, .. } = self;
		Now::set(*now);
		ConsensusEpoch::set(*epoch);
		chain.execute_with(|| {
			with_transaction_unchecked(|| {
				act(people);
				TransactionOutcome::Rollback(())
			})
		});
	}
}

/// Somebody, by a byte.
pub fn person(people: &[AccountId], byte: u8) -> RuntimeOrigin {
	RuntimeOrigin::signed(people[usize::from(byte) % people.len()].clone())
}

/// Calls as the chain does: what a call weighs is not more than it declares, and a call that is
/// refused leaves no trace. Whether it was accepted.
pub fn dispatch(call: RuntimeCall, origin: RuntimeOrigin) -> bool {
	let declared = call.get_dispatch_info().call_weight;
	let root = || sp_io::storage::root(StateVersion::V1);
	let before = root();
	let result = call.dispatch(origin);
	let info = match &result {
		Ok(info) => info,
		Err(refused) => &refused.post_info,
	};
	assert!(info.actual_weight.is_none_or(|actual| actual.all_lte(declared)), "{info:?}");
	if result.is_err() {
		assert_eq!(root(), before, "{result:?}");
	}
	result.is_ok()
}
