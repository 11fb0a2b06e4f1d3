//! What governance may tune without an upgrade, and the compiled clamps it stays within.
//!
//! Two lines of defence, because `pallet-parameters` checks who sets a value but never the value:
//! a value out of its clamps is refused when set ([`within_clamps`], asked by the call filter), and
//! whoever reads a parameter reads it through [`effective`], which clamps once more.
//!
//! To add a parameter: a `static` below, its clamp in [`clamps`], an arm in [`within_clamps`], its
//! track in `Admin`, and a reader in [`effective`].

use crate::{
	governance::origins::{AttributionAdmin, StakingAdmin},
	Runtime, RuntimeEvent, RuntimeOrigin,
};
use core::ops::RangeInclusive;
use frame_support::{
	dynamic_params::{dynamic_pallet_params, dynamic_params},
	traits::{EnsureOrigin, EnsureOriginWithArg, Get},
};
use openledger_settlement::Nano;
use sp_runtime::Perbill;

/// The ranges that no vote can leave.
pub mod clamps {
	use super::*;

	/// Between a two-hundredth and a tenth of the pot per era.
	pub const ERA_PAYOUT_SHARE: RangeInclusive<Perbill> =
		Perbill::from_perthousand(5)..=Perbill::from_percent(10);

	/// Stakers and treasury both keep a real part of the fees.
	pub const STAKERS_FEE_SHARE: RangeInclusive<Perbill> =
		Perbill::from_percent(50)..=Perbill::from_percent(90);

	/// From nothing to 0.01 OPEN.
	pub const PLATFORM_FEE: RangeInclusive<Nano> = 0..=10_000_000;
}

/// The parameters and their values at genesis.
#[dynamic_params(RuntimeParameters, pallet_parameters::Parameters::<Runtime>)]
pub mod dynamic_params {
	use super::*;

	/// How OPEN flows to stakers.
	#[dynamic_pallet_params]
	#[codec(index = 0)]
	pub mod issuance {
		/// The part of the stakers' pot that an era pays out.
		#[codec(index = 0)]
		pub static EraPayoutShare: Perbill = Perbill::from_rational(1u32, 30u32);

		/// The part of transaction fees that goes to the stakers' pot; the treasury gets the rest.
		#[codec(index = 1)]
		pub static StakersFeeShare: Perbill = Perbill::from_percent(80);
	}

	/// What an inference costs beside its tokens.
	#[dynamic_pallet_params]
	#[codec(index = 1)]
	pub mod inference {
		/// The platform's part of every fee, in nano-OPEN: 0.0001 OPEN.
		#[codec(index = 0)]
		pub static PlatformFee: Nano = 100_000;
	}
}

/// Whether the value, if one is set, lies within its clamps. Removing a value is always fine.
pub fn within_clamps(parameter: &RuntimeParameters) -> bool {
	use dynamic_params::{
		inference::Parameters::PlatformFee,
		issuance::Parameters::{EraPayoutShare, StakersFeeShare},
	};
	use RuntimeParameters::{Inference, Issuance};

	match parameter {
		Issuance(EraPayoutShare(_, value)) => {
			value.is_none_or(|v| clamps::ERA_PAYOUT_SHARE.contains(&v))
		}
		Issuance(StakersFeeShare(_, value)) => {
			value.is_none_or(|v| clamps::STAKERS_FEE_SHARE.contains(&v))
		}
		Inference(PlatformFee(_, value)) => value.is_none_or(|v| clamps::PLATFORM_FEE.contains(&v)),
	}
}

/// The parameters as they take effect.
pub mod effective {
	use super::*;

	fn clamp<T: Copy + Ord>(value: T, range: RangeInclusive<T>) -> T {
		value.clamp(*range.start(), *range.end())
	}

	/// The part of the stakers' pot that an era pays out.
	pub fn era_payout_share() -> Perbill {
		clamp(dynamic_params::issuance::EraPayoutShare::get(), clamps::ERA_PAYOUT_SHARE)
	}

	/// The part of transaction fees that goes to the stakers' pot.
	pub fn stakers_fee_share() -> Perbill {
		clamp(dynamic_params::issuance::StakersFeeShare::get(), clamps::STAKERS_FEE_SHARE)
	}

	/// The platform's part of every fee.
	pub fn platform_fee() -> Nano {
		clamp(dynamic_params::inference::PlatformFee::get(), clamps::PLATFORM_FEE)
	}
}

/// Who may set which parameter. Root may not: its calls pass no filter, so a mistake would go
/// unchecked. Root can still write any value in other ways; [`effective`] then clamps it.
pub struct Admin;

impl EnsureOriginWithArg<RuntimeOrigin, RuntimeParametersKey> for Admin {
	type Success = ();

	fn try_origin(
		origin: RuntimeOrigin,
		key: &RuntimeParametersKey,
	) -> Result<Self::Success, RuntimeOrigin> {
		match key {
			RuntimeParametersKey::Issuance(_) => StakingAdmin::try_origin(origin),
			RuntimeParametersKey::Inference(_) => AttributionAdmin::try_origin(origin),
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin(key: &RuntimeParametersKey) -> Result<RuntimeOrigin, ()> {
		match key {
			RuntimeParametersKey::Issuance(_) => StakingAdmin::try_successful_origin(),
			RuntimeParametersKey::Inference(_) => AttributionAdmin::try_successful_origin(),
		}
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl Default for RuntimeParameters {
	fn default() -> Self {
		RuntimeParameters::Issuance(dynamic_params::issuance::Parameters::StakersFeeShare(
			dynamic_params::issuance::StakersFeeShare,
			Some(Perbill::from_percent(70)),
		))
	}
}

impl pallet_parameters::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeParameters = RuntimeParameters;
	type AdminOrigin = Admin;
	// The SDK exports no other: this one counts database accesses at RocksDB's cost.
	type WeightInfo = ();
}
