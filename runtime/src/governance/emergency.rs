//! Safe mode: the technical committee can pause ordinary calls for up to a day.
//!
//! # Rules
//! - Two thirds of the committee enter, for [`PAUSE`]; it ends by itself, or earlier by a majority.
//! - The committee cannot extend it, and cannot enter again for [`COOLDOWN`] after it ended: it can
//!   stop an attack, it cannot stop the chain. A root referendum can do both.
//! - Nobody enters by paying a deposit.
//! - Blocks, elections, equivocation reports, session keys and every call of governance go on, also
//!   through proxies, multisigs and batches: [`WhileSafe`].
//! - Deadlines of the record and of money count by [`ActiveBlocks`], which stand still meanwhile.

use super::{TechnicalMajority, TechnicalTwoThirds};
use crate::{
	AccountId, Balances, BlockNumber, Runtime, RuntimeCall, RuntimeEvent, RuntimeHoldReason,
	RuntimeOrigin, System,
};
use frame_support::{
	parameter_types,
	traits::{ConstU32, Contains, EitherOf, EitherOfDiverse, EnsureOrigin, SafeModeNotify},
};
use frame_system::{EnsureRoot, EnsureRootWithSuccess};
use openledger_primitives::{
	time::{prod_or_fast, HOURS},
	Balance,
};
use sp_runtime::traits::BlockNumberProvider;

/// How long safe mode lasts.
pub const PAUSE: BlockNumber = prod_or_fast(24 * HOURS, 15);

/// How long the committee must wait after safe mode has ended.
pub const COOLDOWN: BlockNumber = prod_or_fast(72 * HOURS, 30);

parameter_types! {
	/// No deposit enters or extends safe mode.
	pub const NoDeposit: Option<Balance> = None;
	/// No deposit, so none to release.
	pub const NoRelease: Option<BlockNumber> = None;
}

impl pallet_safe_mode::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WhitelistedCalls = WhileSafe;
	type EnterDuration = ConstU32<PAUSE>;
	type ExtendDuration = ConstU32<PAUSE>;
	type EnterDepositAmount = NoDeposit;
	type ExtendDepositAmount = NoDeposit;
	type ForceEnterOrigin =
		EitherOf<EnsureRootWithSuccess<AccountId, ConstU32<PAUSE>>, CommitteeAfterCooldown>;
	type ForceExtendOrigin = EnsureRootWithSuccess<AccountId, ConstU32<PAUSE>>;
	type ForceExitOrigin = EitherOfDiverse<EnsureRoot<AccountId>, TechnicalMajority>;
	type ForceDepositOrigin = EnsureRoot<AccountId>;
	type Notify = NotePauses;
	type ReleaseDelay = NoRelease;
	type WeightInfo = pallet_safe_mode::weights::SubstrateWeight<Runtime>;
}

/// The calls that safe mode lets through.
pub struct WhileSafe;

impl Contains<RuntimeCall> for WhileSafe {
	fn contains(call: &RuntimeCall) -> bool {
		matches!(
			call,
			// Inherents: without them no block is valid.
			RuntimeCall::Timestamp(..) |
				// Elections and the keys of those elected.
				RuntimeCall::ElectionProviderMultiPhase(..) |
				RuntimeCall::Session(..) |
				// Reports of equivocations: these engines have no other calls for accounts.
				RuntimeCall::Babe(..) |
				RuntimeCall::Grandpa(..) |
				RuntimeCall::Beefy(..) |
				// Governance, which must be able to end what safe mode began.
				RuntimeCall::Referenda(..) |
				RuntimeCall::ConvictionVoting(..) |
				RuntimeCall::TechnicalCommittee(..) |
				RuntimeCall::Whitelist(..) |
				RuntimeCall::Treasury(..) |
				RuntimeCall::Bounties(..) |
				RuntimeCall::ChildBounties(..) |
				RuntimeCall::Preimage(..) |
				RuntimeCall::Scheduler(..) |
				RuntimeCall::Parameters(..) |
				RuntimeCall::Datanets(
					pallet_datanets::Call::rule { .. }
						| pallet_datanets::Call::create_reference { .. }
						| pallet_datanets::Call::add_references { .. }
				) |
				// Demands, answers and challenges: a pause must not cover what is wrong.
				RuntimeCall::Attribution(
					pallet_attribution::Call::demand { .. }
						| pallet_attribution::Call::open { .. }
						| pallet_attribution::Call::wrong_credit { .. }
						| pallet_attribution::Call::expire_demand { .. }
						| pallet_attribution::Call::expire_draws { .. }
						| pallet_attribution::Call::expire_orphan { .. }
				) |
				// Ethereum goes on: a client that does not follow it could never catch up. The bridge itself
				// can be halted, and its governance goes on as well.
				RuntimeCall::EthereumBeaconClient(
					snowbridge_pallet_ethereum_client::Call::submit { .. }
				) |
				RuntimeCall::EthereumBridge(
					pallet_ethereum_bridge::Call::halt { .. }
						| pallet_ethereum_bridge::Call::resume { .. }
						| pallet_ethereum_bridge::Call::set_limits { .. }
						| pallet_ethereum_bridge::Call::set_vault { .. }
				) |
				// What root authorised before; root itself passes no filter.
				RuntimeCall::System(frame_system::Call::apply_authorized_upgrade { .. }) |
				// Wrappers: what they carry is asked for again.
				RuntimeCall::Utility(..) |
				RuntimeCall::Multisig(..) |
				RuntimeCall::Proxy(..)
		)
	}
}

/// Two thirds of the technical committee, once the cooldown is over. Success is the duration.
pub struct CommitteeAfterCooldown;

impl EnsureOrigin<RuntimeOrigin> for CommitteeAfterCooldown {
	type Success = BlockNumber;

	fn try_origin(origin: RuntimeOrigin) -> Result<BlockNumber, RuntimeOrigin> {
		if System::block_number() < pallet::CooldownUntil::<Runtime>::get() {
			return Err(origin);
		}
		TechnicalTwoThirds::try_origin(origin).map(|_| PAUSE)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
		TechnicalTwoThirds::try_successful_origin()
	}
}

/// Stops the clock of deadlines while safe mode lasts, and starts the cooldown when it ends.
pub struct NotePauses;

impl SafeModeNotify for NotePauses {
	fn entered() {
		pallet::PausedSince::<Runtime>::put(System::block_number());
	}

	fn exited() {
		let now = System::block_number();
		pallet::CooldownUntil::<Runtime>::put(now.saturating_add(COOLDOWN));
		if let Some(since) = pallet::PausedSince::<Runtime>::take() {
			pallet::PausedBlocks::<Runtime>::mutate(|paused| {
				*paused = paused.saturating_add(now.saturating_sub(since));
			});
		}
	}
}

/// Counts the blocks outside safe mode: while calls are stopped, nobody can meet a deadline.
pub struct ActiveBlocks;

impl BlockNumberProvider for ActiveBlocks {
	type BlockNumber = BlockNumber;

	fn current_block_number() -> BlockNumber {
		pallet::PausedSince::<Runtime>::get()
			.unwrap_or_else(System::block_number)
			.saturating_sub(pallet::PausedBlocks::<Runtime>::get())
	}
}

impl pallet::Config for Runtime {}

/// Remembers the cooldown and the pauses, which the safe mode pallet does not know.
// The pallet macro expands to `expect`; our own are looked for by the lint suite.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;

	/// Raised by the upgrade that tests rehearse.
	const STORAGE_VERSION: StorageVersion =
		StorageVersion::new(if cfg!(feature = "upgrade-rehearsal") { 1 } else { 0 });

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// Nothing to configure.
	#[pallet::config]
	pub trait Config: frame_system::Config {}

	/// The committee may not enter safe mode before this block.
	#[pallet::storage]
	pub type CooldownUntil<T: Config> = StorageValue<_, BlockNumberFor<T>, ValueQuery>;

	/// Since when safe mode lasts.
	#[pallet::storage]
	pub type PausedSince<T: Config> = StorageValue<_, BlockNumberFor<T>>;

	/// How many blocks it has lasted, every time together.
	#[pallet::storage]
	pub type PausedBlocks<T: Config> = StorageValue<_, BlockNumberFor<T>, ValueQuery>;
}
