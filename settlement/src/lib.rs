//! The rule that turns inferences into payments. It is the only place where credit is computed:
//! pallets, operators and provers all execute this code.
//!
//! Money inside the rule counts in nano-OPEN, 10⁻⁹ OPEN, and stays below [`LIMIT`].

#![cfg_attr(not(feature = "std"), no_std)]

pub mod price;

/// An amount in nano-OPEN.
pub type Nano = u64;

/// The smallest units of OPEN in a nano-OPEN.
pub const UNITS_PER_NANO: u128 = 1_000_000_000;

/// Amounts are below this, so that sums of them do not overflow.
pub const LIMIT: Nano = 1 << 60;
