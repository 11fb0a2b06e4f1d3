//! The pallet's tests, one file per behaviour. Every one ends with a check of all invariants.

#![allow(clippy::arithmetic_side_effects)]

mod cheats;
mod lanes;
mod lifecycle;
mod lineage;
mod prices;
mod random;
mod refusals;
mod versions;

use crate::{mock::*, types::*, *};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec,
};
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::records::{Licence, Terms};
use scale_info::{TypeDef, TypeInfo};
use sp_core::H256;

/// The origin of an account.
fn signed(who: u64) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// The variants of an enum of the pallet, by their index; without the one that has no meaning.
fn variants<T: TypeInfo + 'static>() -> BTreeMap<u8, &'static str> {
	let TypeDef::Variant(all) = T::type_info().type_def else { return BTreeMap::new() };
	all.variants
		.into_iter()
		.filter(|variant| variant.name != "__Ignore")
		.map(|variant| (variant.index, variant.name))
		.collect()
}
