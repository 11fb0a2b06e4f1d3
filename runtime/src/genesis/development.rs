//! One validator, Alice, and accounts that everybody has the keys of.

use super::{evenly, well_known_accounts, well_known_validator, ACCOUNTS_SHARE};
use alloc::vec;
use openledger_primitives::{units::OPEN, Balance};

/// Accounts `//Sender//0` and on, from which load tests send.
const SENDERS: u32 = 1_000;

/// What each of them has.
const SENDER_BALANCE: Balance = 1_000 * OPEN;

pub(super) fn genesis() -> serde_json::Value {
	let accounts = well_known_accounts();
	super::genesis(
		vec![well_known_validator("Alice", 1_000_000 * OPEN)],
		accounts.iter().take(3).cloned().collect(),
		evenly(ACCOUNTS_SHARE - SENDER_BALANCE * Balance::from(SENDERS), accounts),
		Some((SENDERS, SENDER_BALANCE, None)),
	)
}
