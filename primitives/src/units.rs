//! Money: the units of OPEN and what state costs.

use crate::Balance;

/// The token's symbol, as wallets show it and as the metadata hash commits to it.
pub const SYMBOL: &str = "OPEN";

/// The decimals of OPEN, equal to those of the ERC-20 on Ethereum.
pub const DECIMALS: u8 = 18;

/// One OPEN.
pub const OPEN: Balance = 1_000_000_000_000_000_000;

/// A thousandth of an OPEN.
pub const MILLI_OPEN: Balance = OPEN / 1_000;

/// A millionth of an OPEN.
pub const MICRO_OPEN: Balance = OPEN / 1_000_000;

/// An amount in nano-OPEN, 10⁻⁹ OPEN: how money counts where receipts are.
pub type Nano = u64;

/// The smallest units of OPEN in a nano-OPEN.
pub const UNITS_PER_NANO: Balance = 1_000_000_000;

/// The least an account may hold; below it the account is reaped.
pub const EXISTENTIAL_DEPOSIT: Balance = 10 * MILLI_OPEN;

/// The deposit for occupying state: 0.1 OPEN per item and 10⁻⁴ OPEN per byte.
pub const fn deposit(items: u32, bytes: u32) -> Balance {
	(items as Balance)
		.saturating_mul(100 * MILLI_OPEN)
		.saturating_add((bytes as Balance).saturating_mul(100 * MICRO_OPEN))
}
