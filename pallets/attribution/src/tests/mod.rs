//! What the pallet does, one file per behaviour.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

mod attestation;
mod challenges;
mod fraud;
mod lifecycle;
mod orphans;
mod submission;

use crate::{mock::*, *};

/// What is in a pot beyond its existential deposit.
fn in_pot(number: u8) -> Balance {
	Balances::free_balance(pot(number)) - EXISTENTIAL_DEPOSIT
}

fn units(nano: Nano) -> Balance {
	Balance::from(nano) * UNITS_PER_NANO
}

/// What somebody has, free or held.
fn wealth(name: &str) -> Balance {
	use frame_support::traits::fungible::Inspect;
	Balances::total_balance(&account(name))
}

/// How the last batch fell: why, what was slashed, what the challenger got.
fn last_void() -> Option<(Fault, Balance, Balance)> {
	System::events().into_iter().rev().find_map(|record| match record.event {
		RuntimeEvent::Attribution(Event::Voided { fault, slashed, reward, .. }) => {
			Some((fault, slashed, reward))
		}
		_ => None,
	})
}

/// What all payers have to spend, in nano-OPEN.
fn balances() -> Vec<Nano> {
	let entry = |name: &String| pallet_rewards::Payers::<Test>::get(MODEL, account(name)).unwrap();
	payers(PAYERS).iter().map(|name| entry(name).balance).collect()
}
