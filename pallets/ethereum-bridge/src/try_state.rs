//! The invariants of the pallet, checked over its whole state.

use super::*;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks everything that the documentation of the pallet promises.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_issuance()?;
		Self::check_parked()?;
		Self::check_withdrawals()?;
		Self::check_root()?;
		ensure!(
			Self::check_limits(&CurrentLimits::<T>::get()).is_ok(),
			"limits out of their bounds"
		);
		Ok(())
	}

	/// Invariants 1 and 2.
	fn check_issuance() -> Result<(), TryRuntimeError> {
		let genesis = T::GenesisIssuance::get();
		let Totals { pre_locked, minted, burned, .. } = Moved::<T>::get();
		let mirrored = genesis.saturating_add(minted).checked_sub(burned);
		ensure!(
			mirrored.is_some_and(|mirrored| T::Currency::total_issuance() <= mirrored),
			"more is issued than is backed"
		);
		ensure!(burned == 0 || pre_locked >= genesis, "burned before genesis was pre-locked");
		Ok(())
	}

	/// Invariant 3, as far as state tells.
	fn check_parked() -> Result<(), TryRuntimeError> {
		let mut parked: Balance = 0;
		for (nonce, deposit) in ParkedDeposits::<T>::iter() {
			ensure!(Self::is_executed(nonce), "a deposit is parked that was not executed");
			ensure!(deposit.amount > 0, "nothing of a deposit waits");
			parked = parked.saturating_add(deposit.amount);
		}
		ensure!(parked == Moved::<T>::get().parked, "the sum of what is parked is wrong");
		Ok(())
	}

	/// Invariant 4.
	fn check_withdrawals() -> Result<(), TryRuntimeError> {
		let mut burned: Balance = 0;
		let mut seen: u64 = 0;
		let mut messages: u64 = 0;
		for (nonce, withdrawal) in Withdrawals::<T>::iter() {
			let committed = Commitments::<T>::get(withdrawal.block)
				.ok_or("a withdrawal's block has no messages")?;
			let place = nonce.checked_sub(committed.first);
			ensure!(
				place.is_some_and(|place| place < committed.count.into()),
				"a withdrawal is not among its block's messages"
			);
			burned = burned.saturating_add(withdrawal.amount);
			seen = seen.saturating_add(1);
		}
		for (_, committed) in Commitments::<T>::iter() {
			messages = messages.saturating_add(committed.count.into());
		}
		let count = WithdrawalCount::<T>::get();
		ensure!(seen == count && messages == count, "a withdrawal is missing");
		ensure!(burned == Moved::<T>::get().burned, "the sum of what was burned is wrong");
		Ok(())
	}

	/// Invariant 5.
	fn check_root() -> Result<(), TryRuntimeError> {
		ensure!(Queue::<T>::get().is_empty(), "messages were left uncommitted");
		let root = match Commitments::<T>::get(Self::now()) {
			Some(committed) => {
				let leaves = Self::leaves(committed).ok_or("a message is missing")?;
				messages::root(leaves.into_iter())
			}
			None => H256::zero(),
		};
		ensure!(root == MessagesRoot::<T>::get(), "the next leaf would carry a wrong root");
		Ok(())
	}
}
