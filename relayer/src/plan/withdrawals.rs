//! What to do with each withdrawal that L1 has not unlocked.

use std::fmt;

use alloy::primitives::U256;

/// A withdrawal that was not unlocked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Withdrawal {
	pub amount: u128,
	/// The block of the chain that has it.
	pub block: u32,
	/// When a failed attempt may be repeated, in seconds.
	pub not_before: u64,
}

impl Withdrawal {
	/// The first block whose root proves it: a leaf tells of the block before.
	pub fn root_from(&self) -> u32 {
		self.block.saturating_add(1)
	}
}

/// What L1 is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vault {
	pub halted_until: u64,
	/// The newest block whose root the client knows.
	pub root: Option<u32>,
	/// What may leave now.
	pub available: U256,
	pub now: u64,
}

/// What to do with a withdrawal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
	/// Have it unlocked.
	Unlock,
	/// Wait until L1 knows a root of this block or a later one.
	WaitForRoot { block: u32 },
	/// The vault is halted.
	Halted { until: u64 },
	/// More than may leave now.
	AboveLimit { amount: u128, available: U256 },
	/// An attempt failed lately.
	WaitAfterFailure { until: u64 },
}

impl fmt::Display for Step {
	fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Unlock => write!(to, "can be unlocked"),
			Self::WaitForRoot { block } => {
				write!(to, "waits until L1 knows a root of block {block} or later")
			}
			Self::Halted { until } => write!(
				to,
				"waits because the guardians have halted the vault until {until} (seconds since 1970)"
			),
			Self::AboveLimit { amount, available } => write!(
				to,
				"waits for the vault's daily limit: it takes {amount} and {available} may leave now (units of \
				 10^-18 OPEN)"
			),
			Self::WaitAfterFailure { .. } => {
				write!(to, "failed lately and is tried again in a while")
			}
		}
	}
}

/// Decides about one withdrawal.
pub fn next(withdrawal: &Withdrawal, vault: &Vault) -> Step {
	let block = withdrawal.root_from();
	if vault.root.is_none_or(|root| root < block) {
		return Step::WaitForRoot { block };
	}
	if vault.halted_until > vault.now {
		return Step::Halted { until: vault.halted_until };
	}
	if U256::from(withdrawal.amount) > vault.available {
		return Step::AboveLimit { amount: withdrawal.amount, available: vault.available };
	}
	if vault.now < withdrawal.not_before {
		return Step::WaitAfterFailure { until: withdrawal.not_before };
	}
	Step::Unlock
}

#[cfg(test)]
mod tests {
	use super::*;

	const VAULT: Vault = Vault {
		halted_until: 10,
		root: Some(500),
		available: U256::from_limbs([100, 0, 0, 0]),
		now: 50,
	};

	fn withdrawal(block: u32, amount: u128) -> Withdrawal {
		Withdrawal { amount, block, not_before: 0 }
	}

	#[test]
	fn a_withdrawal_needs_a_root_of_a_later_block() {
		assert_eq!(next(&withdrawal(499, 100), &VAULT), Step::Unlock);
		assert_eq!(next(&withdrawal(500, 100), &VAULT), Step::WaitForRoot { block: 501 });
		let rootless = Vault { root: None, ..VAULT };
		assert_eq!(next(&withdrawal(1, 1), &rootless), Step::WaitForRoot { block: 2 });
	}

	#[test]
	fn limits_and_halts_are_waited_for() {
		let above = Step::AboveLimit { amount: 101, available: VAULT.available };
		assert_eq!(next(&withdrawal(1, 101), &VAULT), above);
		let halted = Vault { halted_until: 51, available: U256::ZERO, ..VAULT };
		assert_eq!(next(&withdrawal(1, 1), &halted), Step::Halted { until: 51 });
		assert_eq!(
			next(&withdrawal(1, 1), &Vault { now: 51, ..halted }),
			Step::AboveLimit { amount: 1, available: U256::ZERO }
		);
	}

	#[test]
	fn a_large_one_does_not_hold_up_a_small_one() {
		let steps = [withdrawal(1, 1_000), withdrawal(2, 10)].map(|one| next(&one, &VAULT));
		assert!(matches!(steps, [Step::AboveLimit { .. }, Step::Unlock]));
	}

	#[test]
	fn a_failure_is_repeated_later() {
		let failed = Withdrawal { not_before: 51, ..withdrawal(1, 1) };
		assert_eq!(next(&failed, &VAULT), Step::WaitAfterFailure { until: 51 });
		assert_eq!(next(&failed, &Vault { now: 51, ..VAULT }), Step::Unlock);
	}
}
