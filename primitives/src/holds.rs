//! Holds that records of pallets speak of.

use crate::Balance;
use frame_support::{
	defensive,
	dispatch::DispatchResult,
	traits::{
		fungible::hold,
		tokens::{Fortitude, Precision, Restriction},
	},
};

/// What pallets do with holds beyond what a currency offers.
pub trait Holds<AccountId: Eq>: hold::Mutate<AccountId, Balance = Balance> {
	/// Releases what records say is held: it cannot fail.
	fn give_back(reason: impl Into<Self::Reason>, who: &AccountId, amount: Balance) {
		if Self::release(&reason.into(), who, amount, Precision::Exact).is_err() {
			defensive!("what records say is held, is held");
		}
	}

	/// Moves a hold to another account, under the same reason.
	fn move_hold(
		reason: impl Into<Self::Reason>,
		from: &AccountId,
		to: &AccountId,
		amount: Balance,
	) -> DispatchResult {
		if from == to {
			return Ok(());
		}
		let (restriction, force) = (Restriction::OnHold, Fortitude::Polite);
		let reason = reason.into();
		Self::transfer_on_hold(&reason, from, to, amount, Precision::Exact, restriction, force)
			.map(drop)
	}
}

impl<AccountId: Eq, C: hold::Mutate<AccountId, Balance = Balance>> Holds<AccountId> for C {}
