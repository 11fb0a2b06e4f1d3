//! Calls that nobody may make, however they are wrapped: the filter is asked again for every call
//! inside a batch, a proxy or a multisig.

use crate::{configs::parameters::within_clamps, AccountId, RuntimeCall};
use frame_support::traits::Contains;
use pallet_staking::RewardDestination;

/// Lets through what keeps the chain's promises.
pub struct RefusedCalls;

impl Contains<RuntimeCall> for RefusedCalls {
	fn contains(call: &RuntimeCall) -> bool {
		match call {
			// Burning here would leave its OPEN locked on L1 for ever, owned by nobody.
			RuntimeCall::Balances(pallet_balances::Call::burn { .. }) => false,
			RuntimeCall::Parameters(pallet_parameters::Call::set_parameter { key_value }) => {
				within_clamps(key_value)
			}
			// A reward paid to nobody would stay in the era's account: whoever wants none names
			// the stakers' pot as the account to pay.
			RuntimeCall::Staking(
				pallet_staking::Call::bond { payee, .. }
				| pallet_staking::Call::set_payee { payee, .. },
			) => *payee != RewardDestination::<AccountId>::None,
			_ => true,
		}
	}
}
