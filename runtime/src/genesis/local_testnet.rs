//! Four validators, enough to lose one and still finalise, on one machine.

use super::{evenly, well_known_accounts, well_known_validator, ACCOUNTS_SHARE};
use openledger_primitives::units::OPEN;

pub(super) fn genesis() -> serde_json::Value {
	let accounts = well_known_accounts();
	super::genesis(
		["Alice", "Bob", "Charlie", "Dave"]
			.iter()
			.map(|name| well_known_validator(name, 1_000_000 * OPEN))
			.collect(),
		accounts.iter().take(3).cloned().collect(),
		evenly(ACCOUNTS_SHARE, accounts),
	)
}
