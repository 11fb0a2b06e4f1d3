//! What a passed referendum may act as, one origin per track.

use crate::{AccountId, Balance, RuntimeOrigin};
use frame_support::traits::{EitherOfDiverse, EnsureOrigin};
use frame_system::EnsureRoot;
use openledger_primitives::units::OPEN;
pub use pallet::*;

/// Root, or the given origin.
pub type EnsureRootOr<Other> = EitherOfDiverse<EnsureRoot<AccountId>, Other>;

/// Declares the origins to the runtime; nothing else.
// The pallet macro expands to `expect`; our own are looked for by the lint suite.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
	use frame_support::pallet_prelude::*;

	/// The pallet.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// Nothing to configure.
	#[pallet::config]
	pub trait Config: frame_system::Config {}

	/// An origin that a track of referenda gives.
	#[derive(
		PartialEq, Eq, Clone, MaxEncodedLen, Encode, Decode, DecodeWithMemTracking, TypeInfo, Debug,
	)]
	#[pallet::origin]
	pub enum Origin {
		/// Dispatches as root what the technical committee has whitelisted.
		#[codec(index = 1)]
		WhitelistedCaller,
		/// Staking, elections, pools and the flow of OPEN to stakers.
		#[codec(index = 10)]
		StakingAdmin,
		/// The whole treasury.
		#[codec(index = 11)]
		Treasurer,
		/// Lanes, attribution and its parameters.
		#[codec(index = 12)]
		AttributionAdmin,
		/// The bridge: its vault, its limits, resuming what was halted.
		#[codec(index = 13)]
		BridgeAdmin,
		/// Identities' registrars, the technical committee's members.
		#[codec(index = 14)]
		GeneralAdmin,
		/// Cancels referenda; deposits are refunded.
		#[codec(index = 20)]
		ReferendumCanceller,
		/// Kills malicious referenda; deposits are slashed.
		#[codec(index = 21)]
		ReferendumKiller,
		/// Spends up to 10 OPEN.
		#[codec(index = 30)]
		SmallTipper,
		/// Spends up to 100 OPEN.
		#[codec(index = 31)]
		BigTipper,
		/// Spends up to 1,000 OPEN.
		#[codec(index = 32)]
		SmallSpender,
		/// Spends up to 10,000 OPEN.
		#[codec(index = 33)]
		MediumSpender,
		/// Spends up to 100,000 OPEN.
		#[codec(index = 34)]
		BigSpender,
	}
}

/// A type per origin, for the configuration of pallets.
macro_rules! ensure_origins {
	($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
		$(#[$doc])*
		pub struct $name;

		impl EnsureOrigin<RuntimeOrigin> for $name {
			type Success = ();

			fn try_origin(origin: RuntimeOrigin) -> Result<(), RuntimeOrigin> {
				let origin: Result<Origin, RuntimeOrigin> = origin.into();
				match origin? {
					Origin::$name => Ok(()),
					other => Err(other.into()),
				}
			}

			#[cfg(feature = "runtime-benchmarks")]
			fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
				Ok(Origin::$name.into())
			}
		}
	)*};
}

ensure_origins! {
	/// Ensures [`Origin::WhitelistedCaller`].
	WhitelistedCaller,
	/// Ensures [`Origin::StakingAdmin`].
	StakingAdmin,
	/// Ensures [`Origin::Treasurer`].
	Treasurer,
	/// Ensures [`Origin::AttributionAdmin`].
	AttributionAdmin,
	/// Ensures [`Origin::BridgeAdmin`].
	BridgeAdmin,
	/// Ensures [`Origin::GeneralAdmin`].
	GeneralAdmin,
	/// Ensures [`Origin::ReferendumCanceller`].
	ReferendumCanceller,
	/// Ensures [`Origin::ReferendumKiller`].
	ReferendumKiller,
}

/// Ensures one of the spending origins; its success is the most it may spend.
pub struct Spender;

impl EnsureOrigin<RuntimeOrigin> for Spender {
	type Success = Balance;

	fn try_origin(origin: RuntimeOrigin) -> Result<Balance, RuntimeOrigin> {
		let origin: Result<Origin, RuntimeOrigin> = origin.into();
		match origin? {
			Origin::SmallTipper => Ok(10 * OPEN),
			Origin::BigTipper => Ok(100 * OPEN),
			Origin::SmallSpender => Ok(1_000 * OPEN),
			Origin::MediumSpender => Ok(10_000 * OPEN),
			Origin::BigSpender => Ok(100_000 * OPEN),
			other => Err(other.into()),
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
		Ok(Origin::BigSpender.into())
	}
}
