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

	/// Pays what is held to another account, by force: a lock on it, for votes say, keeps nothing.
	pub(crate) fn pay_hold(
		reason: HoldReason,
		from: &T::AccountId,
		to: &T::AccountId,
		amount: Balance,
	) {
		if from == to {
			return T::Currency::give_back(reason, from, amount);
		}
		let (restriction, force) = (Restriction::Free, Fortitude::Force);
		let (held, precision) = (reason.into(), Precision::Exact);
		let paid =
			T::Currency::transfer_on_hold(&held, from, to, amount, precision, restriction, force);
		if paid.is_err() {
			// An account that is gone and too small a sum to make it again.
			Self::slash(reason, from, amount, None);
		}
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
