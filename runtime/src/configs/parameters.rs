//! What governance may tune without an upgrade, and the compiled clamps it stays within.
//!
//! Two lines of defence, because `pallet-parameters` checks who sets a value but never the value:
//! a value out of its clamps is refused when set ([`within_clamps`], asked by the call filter), and
//! whoever reads a parameter reads it through [`effective`], which clamps once more.
//!
//! To add a parameter: a `static` below, its clamp in [`clamps`], an arm in [`within_clamps`], its
//! track in `Admin`, and a reader in [`effective`].

use crate::{
	configs::lanes::{MAX_WINDOW, MIN_WINDOW},
	governance::origins::{AttributionAdmin, StakingAdmin},
	Balance, BlockNumber, Runtime, RuntimeEvent, RuntimeOrigin,
};
use core::ops::RangeInclusive;
use frame_support::{
	dynamic_params::{dynamic_pallet_params, dynamic_params},
	traits::{EnsureOrigin, EnsureOriginWithArg, Get},
};
use openledger_primitives::{
	time::{prod_or_fast, DAYS},
	units::OPEN,
};
use openledger_settlement::{split::Terms, Nano};
use sp_runtime::{Perbill, Permill};

/// The ranges that no vote can leave.
pub mod clamps {
	use super::*;

	/// Between a two-hundredth and a tenth of the pot per era.
	pub const ERA_PAYOUT_SHARE: RangeInclusive<Perbill> =
		Perbill::from_perthousand(5)..=Perbill::from_percent(10);

	/// Stakers and treasury both keep a real part of the fees.
	pub const STAKERS_FEE_SHARE: RangeInclusive<Perbill> =
		Perbill::from_percent(50)..=Perbill::from_percent(90);

	/// In a period: from nothing to a thousandth of what the community pool has at genesis.
	pub const STREAM_AMOUNT: RangeInclusive<Balance> = 0..=50_000 * OPEN;

	/// From nothing to 0.01 OPEN.
	pub const PLATFORM_FEE: RangeInclusive<Nano> = 0..=10_000_000;

	/// Who pays itself through a model of its own loses at least this.
	pub const STAKERS_SHARE: RangeInclusive<Permill> =
		Permill::from_percent(1)..=Permill::from_percent(30);

	/// With the most for stakers, a tenth is left for contributors.
	pub const MODEL_SHARE: RangeInclusive<Permill> =
		Permill::from_percent(10)..=Permill::from_percent(60);

	/// Operator and owner both keep a real part of the model's share.
	pub const OPERATOR_PART: RangeInclusive<Permill> =
		Permill::from_percent(20)..=Permill::from_percent(80);

	/// From the least in which draws can be answered and looked at to two weeks.
	pub const CHALLENGE_WINDOW: RangeInclusive<BlockNumber> = MIN_WINDOW..=MAX_WINDOW;
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

		/// What the community pool pays into the stakers' pot a day: the pool lasts for 13 years.
		#[codec(index = 2)]
		pub static StreamAmount: Balance = 10_000 * OPEN;
	}

	/// How the fee of an inference is split, and for how long its batch can be challenged.
	#[dynamic_pallet_params]
	#[codec(index = 1)]
	pub mod inference {
		/// The platform's part of every fee, in nano-OPEN: 0.0001 OPEN.
		#[codec(index = 0)]
		pub static PlatformFee: Nano = 100_000;

		/// The stakers' part of what is left.
		#[codec(index = 1)]
		pub static StakersShare: Permill = Permill::from_percent(10);

		/// The model's part of what is left; contributors get the rest.
		#[codec(index = 2)]
		pub static ModelShare: Permill = Permill::from_percent(30);

		/// The operator's part of the model's.
		#[codec(index = 3)]
		pub static OperatorPart: Permill = Permill::from_percent(50);

		/// Blocks in which a batch can be challenged.
		#[codec(index = 4)]
		pub static ChallengeWindow: BlockNumber = prod_or_fast(3 * DAYS, 45);
	}
}

/// Whether the value, if one is set, lies within its clamps. Removing a value is always fine.
pub fn within_clamps(parameter: &RuntimeParameters) -> bool {
	use dynamic_params::{
		inference::Parameters::{
			ChallengeWindow, ModelShare, OperatorPart, PlatformFee, StakersShare,
		},
		issuance::Parameters::{EraPayoutShare, StakersFeeShare, StreamAmount},
	};
	use RuntimeParameters::{Inference, Issuance};

	fn within<T: PartialOrd>(value: &Option<T>, range: RangeInclusive<T>) -> bool {
		value.as_ref().is_none_or(|value| range.contains(value))
	}

	match parameter {
		Issuance(EraPayoutShare(_, value)) => within(value, clamps::ERA_PAYOUT_SHARE),
		Issuance(StakersFeeShare(_, value)) => within(value, clamps::STAKERS_FEE_SHARE),
		Issuance(StreamAmount(_, value)) => within(value, clamps::STREAM_AMOUNT),
		Inference(PlatformFee(_, value)) => within(value, clamps::PLATFORM_FEE),
		Inference(StakersShare(_, value)) => within(value, clamps::STAKERS_SHARE),
		Inference(ModelShare(_, value)) => within(value, clamps::MODEL_SHARE),
		Inference(OperatorPart(_, value)) => within(value, clamps::OPERATOR_PART),
		Inference(ChallengeWindow(_, value)) => within(value, clamps::CHALLENGE_WINDOW),
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

	/// What the community pool pays into the stakers' pot in a period.
	pub fn stream_amount() -> Balance {
		clamp(dynamic_params::issuance::StreamAmount::get(), clamps::STREAM_AMOUNT)
	}

	/// The platform's part of every fee.
	pub fn platform_fee() -> Nano {
		clamp(dynamic_params::inference::PlatformFee::get(), clamps::PLATFORM_FEE)
	}

	/// How the fee of an inference is split.
	pub fn terms() -> Terms {
		use dynamic_params::inference::{ModelShare, OperatorPart, StakersShare};

		Terms {
			platform_fee: platform_fee(),
			stakers: clamp(StakersShare::get(), clamps::STAKERS_SHARE),
			model: clamp(ModelShare::get(), clamps::MODEL_SHARE),
			operator: clamp(OperatorPart::get(), clamps::OPERATOR_PART),
		}
	}

	/// Blocks in which a batch can be challenged.
	pub fn challenge_window() -> BlockNumber {
		clamp(dynamic_params::inference::ChallengeWindow::get(), clamps::CHALLENGE_WINDOW)
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
