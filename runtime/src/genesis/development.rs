//! One validator, Alice, and accounts that everybody has the keys of.

use super::{evenly, well_known_accounts, well_known_validator, ACCOUNTS_SHARE};
use alloc::vec;
use openledger_primitives::units::OPEN;

pub(super) fn genesis() -> serde_json::Value {
	let accounts = well_known_accounts();
	super::genesis(
		vec![well_known_validator("Alice", 1_000_000 * OPEN)],
		accounts.iter().take(3).cloned().collect(),
		evenly(ACCOUNTS_SHARE, accounts),
	)
}
