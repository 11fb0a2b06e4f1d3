//! What is held, and how it leaves.

use super::*;
use frame_support::{
	defensive,
	traits::{
		fungible::{hold::Balanced, hold::Mutate as _, Balanced as _},
		tokens::{Fortitude, Precision, Restriction},
		Imbalance,
	},
};

impl<T: Config> Pallet<T> {
	pub(crate) fn hold(reason: HoldReason, who: &T::AccountId, amount: Balance) -> DispatchResult {
		T::Currency::hold(&reason.into(), who, amount)
	}

	/// Releases what this pallet's records say is held: it cannot fail.
	pub(crate) fn release(reason: HoldReason, who: &T::AccountId, amount: Balance) {
		if T::Currency::release(&reason.into(), who, amount, Precision::Exact).is_err() {
			defensive!("what records say is held, is held");
		}
	}

	/// Moves a hold to another account, under the same reason.
	pub(crate) fn move_hold(
		reason: HoldReason,
		from: &T::AccountId,
		to: &T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		Self::transfer_hold(reason, from, to, amount, Restriction::OnHold, Fortitude::Polite)
	}

	/// Pays what is held to another account, by force: a lock on it, for votes say, keeps nothing.
	pub(crate) fn pay_hold(
		reason: HoldReason,
		from: &T::AccountId,
		to: &T::AccountId,
		amount: Balance,
	) {
		let (restriction, force) = (Restriction::Free, Fortitude::Force);
		if Self::transfer_hold(reason, from, to, amount, restriction, force).is_err() {
			// An account that is gone and too small a sum to make it again.
			Self::slash(reason, from, amount, None);
		}
	}

	fn transfer_hold(
		reason: HoldReason,
		from: &T::AccountId,
		to: &T::AccountId,
		amount: Balance,
		restriction: Restriction,
		force: Fortitude,
	) -> DispatchResult {
		if from == to && restriction == Restriction::OnHold {
			return Ok(());
		}
		if from == to {
			Self::release(reason, from, amount);
			return Ok(());
		}
		T::Currency::transfer_on_hold(
			&reason.into(),
			from,
			to,
			amount,
			Precision::Exact,
			restriction,
			force,
		)
		.map(drop)
	}

	/// Slashes what is held, gives a part to a rewarded account and the rest to [`Config::Slashed`].
	pub(crate) fn slash(
		reason: HoldReason,
		who: &T::AccountId,
		amount: Balance,
		reward: Option<(&T::AccountId, Balance)>,
	) {
		let (mut slashed, missing) = T::Currency::slash(&reason.into(), who, amount);
		if missing > 0 {
			defensive!("what records say is held, can be slashed");
		}
		if let Some((rewarded, reward)) = reward {
			let (part, rest) = slashed.split(reward);
			slashed = match T::Currency::resolve(rewarded, part) {
				Ok(()) => rest,
				Err(part) => rest.merge(part),
			};
		}
		T::Slashed::on_unbalanced(slashed);
	}
}
