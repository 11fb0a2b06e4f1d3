//! The invariants of the pallet, checked over its whole state.

use super::*;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks everything that the documentation of the pallet promises.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let deposit = T::Currency::minimum_balance();
		for pot in [T::PayersPot::get(), T::EscrowPot::get(), T::EarningsPot::get()] {
			ensure!(T::Currency::balance(&pot) >= deposit, "a pot lost its existential deposit");
		}
		let held = Self::check_entries()?;
		ensure!(
			Self::in_pot(&T::PayersPot::get()) >= held,
			"the payers' pot holds less than their entries say"
		);
		let owed = Self::check_earnings()?;
		ensure!(
			Self::in_pot(&T::EarningsPot::get()) >= owed,
			"the earnings pot holds less than can be claimed"
		);
		Self::check_terms()
	}

	/// What all entries hold, in the smallest unit.
	pub(crate) fn check_entries() -> Result<Balance, TryRuntimeError> {
		let mut held: Balance = 0;
		for (_, _, entry) in Payers::<T>::iter() {
			ensure!(
				entry.leaving.is_none_or(|leaving| leaving.amount > 0),
				"nothing leaves, and it waits"
			);
			ensure!(entry.bought.cumulative < LIMIT, "more was bought than there is");
			ensure!(entry.bought.head.is_canonical(), "a head that is no possible one");
			held = held.saturating_add(money::units(entry.held()));
		}
		Ok(held)
	}

	/// What all can claim, in the smallest unit.
	pub(crate) fn check_earnings() -> Result<Balance, TryRuntimeError> {
		let mut owed: Balance = 0;
		for (_, _, Owed { earner, curators }) in Earnings::<T>::iter() {
			ensure!(earner > 0 || curators > 0, "a contribution that is owed nothing");
			owed = owed.saturating_add(money::units(earner));
			owed = owed.saturating_add(money::units(curators));
		}
		for (_, claimable) in Claimable::<T>::iter() {
			ensure!(claimable > 0, "an account that can claim nothing");
			owed = owed.saturating_add(money::units(claimable));
		}
		Ok(owed)
	}

	/// Invariant 4.
	fn check_terms() -> Result<(), TryRuntimeError> {
		let history = TermsHistory::<T>::get();
		ensure!(history.last().is_none_or(|last| last.ended.is_none()), "no terms are in force");
		for (former, next) in history.iter().zip(history.iter().skip(1)) {
			ensure!(next.number == former.number.saturating_add(1), "a hole among the terms");
			ensure!(former.ended.is_some(), "two terms in force");
			ensure!(
				next.ended.is_none_or(|ended| Some(ended) >= former.ended),
				"terms out of order"
			);
		}
		Ok(())
	}
}
