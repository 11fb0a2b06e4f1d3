//! Where nano-OPEN become OPEN, and the stream to stakers.

use super::*;
use frame_support::{defensive, traits::tokens::Fortitude};

/// An amount in the smallest units of OPEN.
pub(crate) fn units(amount: Nano) -> Balance {
	Balance::from(amount).saturating_mul(UNITS_PER_NANO)
}

impl<T: Config> Pallet<T> {
	/// Now, by the clock of deadlines.
	pub(crate) fn now() -> BlockNumber {
		T::Clock::current_block_number()
	}

	/// Moves OPEN, and leaves its existential deposit to where it comes from.
	pub(crate) fn transfer(from: &AccountId, to: &AccountId, amount: Nano) -> DispatchResult {
		if amount > 0 {
			T::Currency::transfer(from, to, units(amount), Preservation::Preserve)?;
		}
		Ok(())
	}

	/// What is in a pot beyond its existential deposit.
	pub(crate) fn in_pot(pot: &AccountId) -> Balance {
		T::Currency::balance(pot).saturating_sub(T::Currency::minimum_balance())
	}

	/// What is in escrow: it belongs to the batches that are not final.
	pub fn escrowed() -> Nano {
		let nano = Self::in_pot(&T::EscrowPot::get()).checked_div(UNITS_PER_NANO);
		nano.unwrap_or_default().saturated_into()
	}

	/// Moves what is due from the community pool to the stakers' pot, as far as the pool has it.
	pub(crate) fn do_stream() {
		let pool = T::CommunityPool::get();
		let left = T::Currency::reducible_balance(&pool, Preservation::Preserve, Fortitude::Polite);
		let amount = T::StreamAmount::get().min(left);
		if amount == 0 {
			return;
		}
		let to = T::StakersPot::get();
		if T::Currency::transfer(&pool, &to, amount, Preservation::Preserve).is_err() {
			defensive!("the stakers' pot has its existential deposit from genesis");
			return;
		}
		Self::deposit_event(Event::Streamed { amount });
	}
}
