//! Tests of the pallet's rules, from its calls.

#![allow(clippy::arithmetic_side_effects)]

mod attacks;
mod genesis;
mod inbound;
mod l1;
mod limits;
mod outbound;
mod random;
mod refusals;

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, traits::Hooks};
use sp_runtime::DispatchError;

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// Ends this block, checks what must always hold, and begins another so many later.
fn blocks(count: u32) {
	Bridge::on_finalize(System::block_number());
	Bridge::do_try_state().expect("invariants hold");
	System::set_block_number(System::block_number() + count);
	Bridge::on_initialize(System::block_number());
}

/// Runs in the first block; invariants must hold after it.
fn chain(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		blocks(1);
	});
}

/// Proves a deposit, as the relayer does.
fn submit(nonce: u64, recipient: &AccountId, amount: Balance) {
	assert_ok!(Bridge::submit_deposit(signed(RELAYER), deposit(nonce, recipient, amount)));
}

/// Locks on L1 what was issued at genesis, with this nonce.
fn pre_lock(nonce: u64) {
	submit(nonce, &CHAIN.0.into(), GENESIS);
}

fn balance(who: &AccountId) -> Balance {
	Balances::free_balance(who)
}

fn issued() -> Balance {
	Balances::total_issuance()
}

fn last_event() -> Event<Test> {
	events().pop().expect("something happened")
}

fn events() -> Vec<Event<Test>> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Bridge(event) => Some(event),
			_ => None,
		})
		.collect()
}
