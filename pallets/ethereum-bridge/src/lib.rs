//! # Ethereum bridge
//!
//! OPEN lives on Ethereum; here it is mirrored. What a vault contract has locked there is minted
//! here, what is burned here is unlocked there. Each side verifies the other with a light client:
//! nobody's key, signature or word counts.
//!
//! ## Terms
//!
//! - *vault*: the contract that holds OPEN on Ethereum. It is named once.
//! - *deposit*: OPEN locked in the vault for an account of this chain. Each has a *nonce*.
//! - *parked*: of a deposit that cannot be minted now. Anyone may *claim* it for its recipient later.
//! - *withdrawal*: OPEN burned here for an address on Ethereum. Its *message* is a leaf in the tree
//!   of its block, whose root is part of the next leaf that BEEFY signs.
//! - *pre-locked*: OPEN that was locked for what this chain issued at genesis: deposits whose
//!   recipient is the chain's genesis hash.
//!
//! ## The ways of OPEN
//!
//! ```text
//! Ethereum                                this chain
//! lock ── Locked event ── proof of its receipt ──▶ submit_deposit ──┬──▶ minted
//!                                                                   ├──▶ parked ── claim_parked ──▶ minted
//!                                                                   └──▶ pre-locked
//! unlock ◀── proof of its message ── BEEFY ◀── root of the block ◀── withdraw: burned
//! ```
//!
//! ## Invariants, checked by `try_state`
//!
//! 1. Total issuance is at most what was issued at genesis, and minted, less what was burned.
//! 2. Nothing was burned before everything issued at genesis was pre-locked. With 1: issuance never
//!    exceeds what the vault holds, and the same is true of what leaves.
//! 3. Each deposit was executed once, and all of it was minted, parked or pre-locked.
//! 4. Each withdrawal is the message of its block, its nonce was given once, and together they are
//!    what was burned.
//! 5. The root that the next leaf carries is that of the last block's messages.
//!
//! ## Why
//!
//! - *A log has no place in its receipt*: two equal events in one transaction have equal proofs. So a
//!   deposit is told apart by the nonce that the vault gave it, and by nothing else.
//! - *A deposit is never refused for what it is*: its OPEN is locked, and a proof that failed here
//!   would fail for ever. What cannot be minted is parked, and is minted in parts if limits say so.
//! - *Cheap checks come first*: a proof costs a hundred times what reading its nonce does.
//! - *Halting is quick, resuming is slow*: a third of the technical committee can stop a direction,
//!   only a referendum of the bridge's track lets it go on. Deposits that are made meanwhile wait.
//! - *Withdrawals are kept for ever*, a hundred bytes each, paid by their fee: whoever comes back
//!   after a year still gets the proof from any node.
//!
//! ## What cheats earn
//!
//! Nothing that the light clients do not give them. Who breaks one can move what the limits let
//! through until a third of the committee has noticed. `src/tests/attacks.rs` has the whole table.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod deposits;
pub mod limits;
pub mod messages;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;
pub mod types;
pub mod weights;
mod withdrawals;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use snowbridge_verification_primitives::{EventProof, Log, Proof, VerificationError, Verifier};
pub use types::*;
pub use weights::WeightInfo;

use alloc::{boxed::Box, vec::Vec};
use frame_support::{
	pallet_prelude::*,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{Fortitude, Precision, Preservation},
	},
};
use frame_system::pallet_prelude::*;
use limits::Bucket;
use openledger_primitives::{AccountId, Balance, BlockNumber, Hash};
use snowbridge_core::sparse_bitmap::{SparseBitmap, SparseBitmapImpl};
use sp_core::{H160, H256};
use sp_runtime::{traits::SaturatedConversion, Permill};

/// What a light client starts from, in the encoding of its chain spec.
pub trait Checkpoint {
	/// Starts from these bytes; if it cannot, says why.
	fn install(bytes: &[u8]) -> Result<(), &'static str>;
}

/// The most that a tip may be of a deposit.
pub const MAX_TIP: Permill = Permill::from_percent(1);

// The pallet macro expands to `expect`; our own are looked for by the lint suite.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the runtime decides.
	#[pallet::config]
	pub trait Config:
		frame_system::Config<AccountId = AccountId, Hash = Hash, RuntimeEvent: From<Event<Self>>>
	{
		/// OPEN.
		type Currency: Inspect<AccountId, Balance = Balance> + Mutate<AccountId>;

		/// The light client of Ethereum.
		type Verifier: Verifier;

		/// Where that light client starts from.
		type Checkpoint: Checkpoint;

		/// Halts a direction: quick to come by.
		type HaltOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Resumes it, names the vault and sets limits: slow.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// What was issued at genesis: it must be pre-locked before anything can leave.
		type GenesisIssuance: Get<Balance>;

		/// What limits are in the beginning.
		type InitialLimits: Get<Limits>;

		/// All the OPEN there is on Ethereum: no limit may be above it.
		#[pallet::constant]
		type MaxSupply: Get<Balance>;

		/// Blocks in which a whole capacity becomes free again.
		#[pallet::constant]
		type LimitPeriod: Get<BlockNumber>;

		/// Withdrawals in a block.
		#[pallet::constant]
		type MaxMessages: Get<u32>;

		/// Bytes of a receipt's proof. No transaction may emit so much that its receipt does not fit.
		#[pallet::constant]
		type MaxReceiptProof: Get<u32>;

		/// What the calls weigh.
		type WeightInfo: WeightInfo;

		/// Makes what benchmarks need outside this pallet.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper;
	}

	/// The contract on Ethereum; once it is named, it stays.
	#[pallet::storage]
	pub type TheVault<T> = StorageValue<_, Vault>;

	/// What stands still.
	#[pallet::storage]
	pub type Halted<T> = StorageValue<_, Halts, ValueQuery>;

	/// What may move.
	#[pallet::storage]
	pub type CurrentLimits<T: Config> = StorageValue<_, Limits, ValueQuery, T::InitialLimits>;

	/// What was minted lately.
	#[pallet::storage]
	pub type MintedLately<T> = StorageValue<_, Bucket, ValueQuery>;

	/// What was withdrawn lately.
	#[pallet::storage]
	pub type WithdrawnLately<T> = StorageValue<_, Bucket, ValueQuery>;

	/// What has moved.
	#[pallet::storage]
	pub type Moved<T> = StorageValue<_, Totals, ValueQuery>;

	/// Which deposits were executed: a bit for each nonce.
	#[pallet::storage]
	pub type Executed<T> = StorageMap<_, Twox64Concat, u64, u128, ValueQuery>;

	/// Deposits that wait.
	#[pallet::storage]
	pub type ParkedDeposits<T> = StorageMap<_, Twox64Concat, u64, Parked>;

	/// How many withdrawals there were: their nonces are 1 to this.
	#[pallet::storage]
	pub type WithdrawalCount<T> = StorageValue<_, u64, ValueQuery>;

	/// All withdrawals.
	#[pallet::storage]
	pub type Withdrawals<T> = StorageMap<_, Twox64Concat, u64, Withdrawal>;

	/// Which withdrawals a block had.
	#[pallet::storage]
	pub type Commitments<T> = StorageMap<_, Twox64Concat, BlockNumber, Committed>;

	/// The leaves of this block's messages; empty between blocks.
	#[pallet::storage]
	pub type Queue<T: Config> = StorageValue<_, BoundedVec<H256, T::MaxMessages>, ValueQuery>;

	/// The root of the last block's messages, which the next MMR leaf carries; zero if it had none.
	#[pallet::storage]
	pub type MessagesRoot<T> = StorageValue<_, H256, ValueQuery>;

	/// What happened. Fields have the names of what the pallet's terms call them.
	#[allow(missing_docs)]
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A deposit was minted; its submitter got the tip of it.
		DepositMinted {
			nonce: u64,
			recipient: AccountId,
			amount: Balance,
			tip: Balance,
			submitter: AccountId,
		},
		/// OPEN was locked for what was issued at genesis.
		PreLocked { nonce: u64, amount: Balance },
		/// A deposit waits.
		DepositParked { nonce: u64, recipient: AccountId, amount: Balance, reason: ParkReason },
		/// A deposit that waited was minted, but for what is left.
		ParkedClaimed { nonce: u64, recipient: AccountId, amount: Balance, left: Balance },
		/// OPEN was burned; Ethereum will be told.
		WithdrawalQueued { nonce: u64, who: AccountId, recipient: H160, amount: Balance },
		/// The withdrawals of this block have a root.
		MessagesCommitted { root: H256, first: u64, count: u32 },
		/// A direction stands still.
		DirectionHalted { direction: Direction },
		/// It goes on.
		DirectionResumed { direction: Direction },
		/// The vault was named.
		VaultSet { vault: Vault },
		/// Other limits hold.
		LimitsSet { limits: Limits },
	}

	/// Why a call was refused.
	#[pallet::error]
	pub enum Error<T> {
		/// This direction stands still.
		Halted,
		/// The light client does not accept the proof.
		Verification(VerificationError),
		/// The log was not emitted by the vault.
		WrongEmitter,
		/// The log is no deposit.
		WrongTopic,
		/// The log is not encoded as the vault does it.
		InvalidLog,
		/// This deposit was executed before.
		AlreadyProcessed,
		/// The proof is longer than any receipt's can be.
		ProofTooLarge,
		/// The amount is more than there is.
		AmountOverflow,
		/// The amount is less than may be withdrawn.
		BelowMinimum,
		/// The amount is more than may be withdrawn at once.
		AboveMaximum,
		/// Issuance would pass its cap.
		SupplyCapExceeded,
		/// As much may not move now; some of it becomes free with every block.
		RateLimited,
		/// The vault does not hold as much for this chain.
		InsufficientBacking,
		/// Nobody could use OPEN there.
		InvalidRecipient,
		/// The block has all the withdrawals it can have; the next one takes more.
		QueueFull,
		/// No deposit of this nonce waits.
		NothingParked,
		/// The vault was not named yet.
		VaultNotSet,
		/// The vault was named before.
		VaultAlreadySet,
		/// That can be no vault.
		InvalidVault,
		/// The limits are out of their bounds, or contradict each other.
		LimitsOutOfRange,
	}

	/// What the bridge starts from.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// What the light client starts from, in SCALE and hexadecimal.
		pub checkpoint: Option<sp_core::Bytes>,
		/// The vault, if its address is known beforehand.
		pub vault: Option<GenesisVault>,
		/// Nothing.
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		// A chain spec that cannot be used must stop whoever uses it.
		#[allow(clippy::panic)]
		fn build(&self) {
			if let Some(bytes) = &self.checkpoint {
				if let Err(reason) = T::Checkpoint::install(bytes) {
					panic!("ethereumBridge.checkpoint of the chain spec: {reason}");
				}
			}
			if let Some(GenesisVault { chain_id, address, token }) = self.vault {
				let vault = Vault { chain_id, address, token };
				if Pallet::<T>::name_vault(vault).is_err() {
					panic!("ethereumBridge.vault of the chain spec: {vault:?} can be no vault");
				}
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// What committing takes in a block without withdrawals; each of them pays for its own part.
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			T::WeightInfo::commit(0)
		}

		fn on_finalize(_: BlockNumberFor<T>) {
			Self::commit();
		}

		fn integrity_test() {
			assert!(T::LimitPeriod::get() > 0, "limits become free within a period");
			assert!(T::MaxMessages::get() > 0, "a block can have withdrawals");
			assert!(
				Self::check_limits(&T::InitialLimits::get()).is_ok(),
				"the first limits are within their bounds"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Executes a deposit, which the proof shows to be locked on Ethereum. Free if it is; anyone
		/// may do it, and gets the tip.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::submit_deposit(Pallet::<T>::size(proof)))]
		pub fn submit_deposit(
			origin: OriginFor<T>,
			proof: Box<EventProof>,
		) -> DispatchResultWithPostInfo {
			let submitter = ensure_signed(origin)?;
			Self::do_submit_deposit(submitter, &proof)?;
			Ok(Pays::No.into())
		}

		/// Mints what is parked of a deposit to its recipient, as much as limits allow. Anyone may.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::claim_parked())]
		pub fn claim_parked(origin: OriginFor<T>, nonce: u64) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim_parked(nonce)
		}

		/// Burns OPEN, for which the vault will pay the recipient on Ethereum as much.
		#[pallet::call_index(2)]
		#[pallet::weight(Pallet::<T>::withdrawal_weight())]
		pub fn withdraw(origin: OriginFor<T>, recipient: H160, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(who, recipient, amount)
		}

		/// Stops a direction at once.
		#[pallet::call_index(3)]
		#[pallet::weight((T::WeightInfo::halt(), DispatchClass::Operational))]
		pub fn halt(origin: OriginFor<T>, direction: Direction) -> DispatchResult {
			T::HaltOrigin::ensure_origin(origin)?;
			Halted::<T>::mutate(|halts| *halts.of_mut(direction) = true);
			Self::deposit_event(Event::DirectionHalted { direction });
			Ok(())
		}

		/// Lets a direction go on.
		#[pallet::call_index(4)]
		#[pallet::weight((T::WeightInfo::resume(), DispatchClass::Operational))]
		pub fn resume(origin: OriginFor<T>, direction: Direction) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Halted::<T>::mutate(|halts| *halts.of_mut(direction) = false);
			Self::deposit_event(Event::DirectionResumed { direction });
			Ok(())
		}

		/// Names the vault, once.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_vault())]
		pub fn set_vault(
			origin: OriginFor<T>,
			chain_id: u64,
			vault: H160,
			token: H160,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			let vault = Vault { chain_id, address: vault, token };
			Self::name_vault(vault)?;
			Self::deposit_event(Event::VaultSet { vault });
			Ok(())
		}

		/// Changes what may move.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::set_limits())]
		pub fn set_limits(origin: OriginFor<T>, limits: Limits) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::check_limits(&limits)?;
			CurrentLimits::<T>::put(limits);
			Self::deposit_event(Event::LimitsSet { limits });
			Ok(())
		}
	}

	impl<T: Config> Pallet<T> {
		pub(crate) fn name_vault(vault: Vault) -> DispatchResult {
			ensure!(!TheVault::<T>::exists(), Error::<T>::VaultAlreadySet);
			let Vault { chain_id, address, token } = vault;
			ensure!(
				chain_id != 0 && !address.is_zero() && !token.is_zero() && address != token,
				Error::<T>::InvalidVault
			);
			TheVault::<T>::put(vault);
			Ok(())
		}

		pub(crate) fn check_limits(limits: &Limits) -> DispatchResult {
			let Limits {
				deposit_capacity,
				withdrawal_capacity,
				min_withdrawal,
				max_withdrawal,
				supply_cap,
				tip,
			} = *limits;
			let ordered = [
				T::Currency::minimum_balance(),
				min_withdrawal,
				max_withdrawal,
				withdrawal_capacity,
				T::MaxSupply::get(),
			];
			ensure!(
				ordered.is_sorted()
					&& deposit_capacity >= min_withdrawal
					&& deposit_capacity <= T::MaxSupply::get()
					&& supply_cap <= T::MaxSupply::get()
					&& tip <= min_withdrawal,
				Error::<T>::LimitsOutOfRange
			);
			Ok(())
		}

		/// The block that is being made.
		pub(crate) fn now() -> BlockNumber {
			frame_system::Pallet::<T>::block_number().saturated_into()
		}

		/// The hash by which this chain is told from others.
		pub fn genesis_hash() -> Hash {
			frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::default())
		}
	}
}

/// Makes what benchmarks need outside this pallet.
#[cfg(feature = "runtime-benchmarks")]
pub trait BenchmarkHelper {
	/// A deposit of this many units from this vault, its proof of at least as many bytes, after making
	/// the light client accept it.
	fn deposit(vault: H160, locked: messages::Locked, bytes: u32) -> EventProof;
}
