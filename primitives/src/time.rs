//! Time: slots, sessions and eras, and how periods shrink in a fast runtime.
//!
//! `fast-runtime` shortens every period so that a development chain or a test lives through eras
//! and referenda in minutes. It also changes the runtime's `spec_name`, so that no production
//! chain can take such a runtime by mistake.

use crate::BlockNumber;

/// Picks the production value, or the short one in a fast runtime.
pub const fn prod_or_fast(production: BlockNumber, fast: BlockNumber) -> BlockNumber {
	if cfg!(feature = "fast-runtime") {
		fast
	} else {
		production
	}
}

/// The length of a slot in milliseconds.
pub const SLOT_MILLIS: u64 = prod_or_fast(6_000, 2_000) as u64;

/// Blocks in a minute.
pub const MINUTES: BlockNumber = 60_000 / (SLOT_MILLIS as BlockNumber);

/// Blocks in an hour.
pub const HOURS: BlockNumber = 60 * MINUTES;

/// Blocks in a day.
pub const DAYS: BlockNumber = 24 * HOURS;

/// Blocks in a session, which is also a BABE epoch: 4 hours.
pub const SESSION: BlockNumber = prod_or_fast(4 * HOURS, 10);

/// Sessions in an era: a day.
pub const SESSIONS_PER_ERA: u32 = prod_or_fast(6, 3);

/// Eras for which unbonded stake stays slashable.
pub const BONDING_ERAS: u32 = prod_or_fast(28, 3);

/// Eras between an offence and its slash, in which governance may cancel it.
pub const SLASH_DEFER_ERAS: u32 = prod_or_fast(7, 1);

/// Eras for which a reward can be claimed.
pub const HISTORY_ERAS: u32 = 84;

/// The probability that a slot has a primary author: 1 in 4, as on Polkadot.
pub const PRIMARY_PROBABILITY: (u64, u64) = (1, 4);
