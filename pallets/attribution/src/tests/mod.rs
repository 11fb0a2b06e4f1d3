//! What the pallet does, one file per behaviour.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

mod attestation;
mod challenges;
mod conservation;
mod corpus;
mod earnings;
mod fraud;
mod lifecycle;
mod market;
mod orphans;
mod random;
mod refusals;
mod submission;

use crate::{mock::*, *};
use openledger_primitives::AccountId;
use scale_info::{TypeDef, TypeInfo};
use sp_runtime::traits::Dispatchable;
use std::collections::{BTreeMap, BTreeSet};

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

/// What a call does when this account signs it.
fn dispatch_by(who: AccountId, call: impl Into<RuntimeCall>) -> DispatchResult {
	let done = call.into().dispatch(RuntimeOrigin::signed(who));
	done.map(drop).map_err(|error| error.error)
}

/// What a call does when somebody signs it.
fn dispatch(name: &str, call: impl Into<RuntimeCall>) -> DispatchResult {
	dispatch_by(market::who(name), call)
}

/// The names of the variants of an enumeration, by their index.
fn variants<Enumeration: TypeInfo + 'static>() -> BTreeMap<u8, &'static str> {
	let TypeDef::Variant(all) = Enumeration::type_info().type_def else { return BTreeMap::new() };
	let named = all.variants.into_iter().filter(|variant| variant.name != "__Ignore");
	named.map(|variant| (variant.index, variant.name)).collect()
}

/// What has happened since this was asked last.
fn take_events() -> Vec<RuntimeEvent> {
	let events = System::events().into_iter().map(|record| record.event).collect();
	System::reset_events();
	events
}
