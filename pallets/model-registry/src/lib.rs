//! # Model registry
//!
//! The record of which model was made from what: models with their lineage, immutable versions with
//! the snapshots they were trained on, prices, and who runs them under which bond.
//!
//! ## Terms
//!
//! - *model*: a base model, a fine-tune, an adapter or an agent. A fine-tune and an adapter have one
//!   parent, from whose weights they are made; an agent has the models it calls and no weights of
//!   its own; a base model has none.
//! - *lineage*: all ancestors, at most [`MAX_ANCESTORS`], with the royalties that were asked when the
//!   model was registered: never more than its owner agreed to. Royalties nest: a parent takes its
//!   part of the model's share, a grandparent its part of *that*.
//! - *version*: hashes of weights, config and training log, snapshots, method; it never changes and
//!   stays for ever, which is why it costs a fee and no deposit. One is active.
//! - *price epoch*: a price and the block from which it holds.
//! - *operator*: runs inference and attribution, under a bond that answers for its batches.
//!
//! ## Invariants, checked by `try_state`
//!
//! 1. Lineage has no loops: every ancestor is an older model, and takes from one before it. Parents
//!    take no more than the whole, and those of what has weights have some too.
//! 2. A version's snapshots exist, hold something, ascend by datanet, and those of a fine-tune or
//!    adapter include its parent's.
//! 3. A version's licence is allowed by the datanets it was made from, and that of a fine-tune or
//!    adapter by its parent's. An agent is exempt here and in 2, for it has no weights: what it
//!    calls is paid by receipts of its own, and nothing is trained from an agent.
//! 4. For each datanet, every model that uses it is listed, with the last version that does.
//! 5. Only a model in force has an operator, whose former bond there has been released.
//! 6. What accounts hold for this pallet is the sum of what its records say, reason by reason.
//!
//! ## What is not proven here
//!
//! That weights come from the snapshots, and that a model has no other ancestors than it says:
//! undeclared lineage cannot be proven. A licence on chain is a promise, not a lock.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod lanes;
mod models;
mod operators;
mod prices;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;
pub mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

use alloc::vec::Vec;
use frame_support::{
	pallet_prelude::*,
	traits::{
		fungible::{hold, Balanced, Credit, Inspect},
		OnUnbalanced,
	},
};
use frame_system::pallet_prelude::*;
use openledger_primitives::{
	holds::Holds,
	records::{DatanetId, InspectDatanets, ModelId, VersionNumber, ID_LIMIT},
	Balance, BlockNumber,
};
use openledger_settlement::{
	parties::Answerable,
	price::{fee, Price},
	Nano, UNITS_PER_NANO,
};
use sp_runtime::{
	traits::{BlockNumberProvider, SaturatedConversion, Zero},
	Permill,
};

/// The parents of a new model, at most [`MAX_ANCESTORS`].
pub type Parents = BoundedVec<Parent, ConstU32<MAX_ANCESTORS>>;

// The pallet macro expands to `expect`; our own are looked for by the lint suite. It also makes a
// function of each call, with as many arguments.
#[allow(clippy::expect_used, clippy::too_many_arguments)]
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
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// OPEN.
		type Currency: Inspect<Self::AccountId, Balance = Balance>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ hold::Balanced<Self::AccountId>
			+ Balanced<Self::AccountId>;

		/// Names what is held.
		type RuntimeHoldReason: From<HoldReason>;

		/// The datanets.
		type Datanets: InspectDatanets;

		/// Says whether batches of an operator are open, which the bond answers for.
		type Answerable: Answerable<Self::AccountId>;

		/// Where registration fees go.
		type Fees: OnUnbalanced<Credit<Self::AccountId, Self::Currency>>;

		/// The clock of deadlines; it stands still while the chain is paused.
		type Clock: BlockNumberProvider<BlockNumber = BlockNumber>;

		/// What registering a model costs.
		#[pallet::constant]
		type RegistrationFee: Get<Balance>;

		/// Held for a model until it is deprecated.
		#[pallet::constant]
		type ModelDeposit: Get<Balance>;

		/// What adding a version costs: it stays for ever, so this is no deposit.
		#[pallet::constant]
		type VersionFee: Get<Balance>;

		/// The least that an operator bonds.
		#[pallet::constant]
		type MinOperatorBond: Get<Balance>;

		/// For how long the bond of an operator stays after its operation.
		#[pallet::constant]
		type OperatorUnbonding: Get<BlockNumber>;

		/// Blocks between the announcement of a price and its beginning.
		#[pallet::constant]
		type PriceDelay: Get<BlockNumber>;

		/// For how long a batch may still use a price after its end.
		#[pallet::constant]
		type PriceGrace: Get<BlockNumber>;

		/// The largest royalty that a model may ask.
		#[pallet::constant]
		type MaxRoyalty: Get<Permill>;

		/// The platform's part of every fee.
		type PlatformFee: Get<Nano>;

		/// What the calls weigh.
		type WeightInfo: WeightInfo;

		/// Makes what benchmarks need outside this pallet.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;
	}

	/// What OPEN is held for.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// A model.
		#[codec(index = 0)]
		Model,
		/// The operation of a model.
		#[codec(index = 1)]
		OperatorBond,
	}

	/// The id of the next model.
	#[pallet::storage]
	pub type NextModel<T> = StorageValue<_, ModelId, ValueQuery>;

	/// The models.
	#[pallet::storage]
	pub type Models<T: Config> = StorageMap<_, Twox64Concat, ModelId, Model<T::AccountId>>;

	/// What people read about them.
	#[pallet::storage]
	pub type Metadatas<T> = StorageMap<_, Twox64Concat, ModelId, Metadata>;

	/// Their versions.
	#[pallet::storage]
	pub type Versions<T> =
		StorageDoubleMap<_, Twox64Concat, ModelId, Twox64Concat, VersionNumber, Version>;

	/// The models that use a datanet, with the last version that does.
	#[pallet::storage]
	pub type Users<T> =
		StorageDoubleMap<_, Twox64Concat, DatanetId, Twox64Concat, ModelId, VersionNumber>;

	/// Prices: those in force lately, and those to come.
	#[pallet::storage]
	pub type Prices<T> =
		StorageDoubleMap<_, Twox64Concat, ModelId, Twox64Concat, Epoch, PriceEpoch>;

	/// Who operates a model, or is appointed to.
	#[pallet::storage]
	pub type Operators<T: Config> = StorageMap<_, Twox64Concat, ModelId, Operator<T::AccountId>>;

	/// Bonds of operators who operate no longer.
	#[pallet::storage]
	pub type RetiredOperators<T: Config> =
		StorageDoubleMap<_, Twox64Concat, ModelId, Blake2_128Concat, T::AccountId, Retired>;

	/// What happened. Fields have the names of what the pallet's terms call them.
	#[allow(missing_docs)]
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A model was registered.
		Registered { model: ModelId, owner: T::AccountId, kind: ModelKind, lineage: Lineage },
		/// A model asks something else of those that will be made from it.
		TermsSet { model: ModelId, terms: DerivativeTerms },
		/// A model is described anew.
		MetadataSet { model: ModelId },
		/// A version was added.
		VersionAdded { model: ModelId, version: VersionNumber },
		/// A version serves from now on.
		VersionActivated { model: ModelId, version: VersionNumber },
		/// A price was announced.
		PriceAnnounced { model: ModelId, epoch: Epoch, price: Price, from: BlockNumber },
		/// An operator was appointed.
		OperatorAppointed { model: ModelId, operator: T::AccountId },
		/// The operator has bonded this much in all.
		OperatorBonded { model: ModelId, operator: T::AccountId, bond: Balance },
		/// An operation has ended; its bond stays until this block.
		OperationEnded { model: ModelId, operator: T::AccountId, until: BlockNumber },
		/// The bond of a former operator was released.
		OperatorReleased { model: ModelId, operator: T::AccountId, bond: Balance },
		/// A bond was slashed, and with it an operation has ended that had not yet.
		OperatorSlashed { model: ModelId, operator: T::AccountId, bond: Balance },
		/// A model has another owner.
		ModelTransferred { model: ModelId, owner: T::AccountId },
		/// A model has come to its end.
		Deprecated { model: ModelId },
	}

	/// Why a call was refused.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no model with this id.
		NoSuchModel,
		/// There is no such version of this model.
		NoSuchVersion,
		/// There are no more ids.
		NoMoreIds,
		/// Only the model's owner may do this.
		NotOwner,
		/// The model has come to its end.
		Deprecated,
		/// A text is longer than it may be.
		TextTooLong,
		/// The name is empty.
		NoName,
		/// The royalty is larger than it may be.
		RoyaltyTooLarge,
		/// A base model has no parent, a fine-tune or adapter one with weights, an agent at least one.
		WrongParents,
		/// The same parent twice.
		DuplicateParent,
		/// A parent allows no models made from it.
		DerivativesForbidden,
		/// A parent asks a larger royalty than was agreed to.
		RoyaltyNotAgreed,
		/// Royalties of the parents add up to more than the whole.
		RoyaltiesExceedShare,
		/// The model would have more ancestors than it may have.
		TooManyAncestors,
		/// A rate is no possible amount.
		BadPrice,
		/// There are too many prices that are still needed.
		TooManyPrices,
		/// Snapshots do not ascend by datanet.
		SnapshotsNotSorted,
		/// There are more snapshots than there may be.
		TooManySnapshots,
		/// There is no such snapshot: no such datanet, or it is not that long, or nothing is in it.
		NoSuchSnapshot,
		/// A reference datanet is named; references are included by themselves.
		NamesReference,
		/// A snapshot of a parent is missing, or shorter than the parent's.
		LacksParentSnapshot,
		/// The version of each parent must be named, and exist.
		BadParentVersion,
		/// The version's licence is not one that a datanet or the parent allows.
		LicenceMismatch,
		/// A parameter of the method is zero, or a window shorter than it may be.
		BadMethod,
		/// An agent has no weights of its own; what has some is a fine-tune or an adapter.
		AgentHasWeights,
		/// The bond is smaller than it may be.
		BondTooSmall,
		/// The account was not appointed, or has accepted already.
		NotAppointed,
		/// The model has an operator who must leave first.
		HasOperator,
		/// The model has no operator.
		NoOperator,
		/// Only the operator may do this.
		NotOperator,
		/// There is no such former operator.
		NotRetired,
		/// The bond still answers for past batches.
		StillAnswerable,
		/// The former operation of this account must be released first.
		ReleaseFirst,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(
				!T::MinOperatorBond::get().is_zero(),
				"without a bond, an operator is one who was appointed"
			);
			assert!(
				T::PriceDelay::get() > 0,
				"a price in force may not change under a payer's hands"
			);
			assert!(
				T::OperatorUnbonding::get() > T::PriceGrace::get(),
				"bonds answer for batches that come late"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Registers a model: the caller owns it, pays [`Config::RegistrationFee`] and deposits
		/// [`Config::ModelDeposit`]. The terms of its parents hold for it as they are now; each is
		/// named with the most royalty that the caller agrees to.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register(parents.len() as u32))]
		pub fn register(
			origin: OriginFor<T>,
			kind: ModelKind,
			parents: Parents,
			terms: DerivativeTerms,
			price: Price,
			name: Vec<u8>,
			description: Vec<u8>,
			uri: Vec<u8>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let metadata = Self::metadata(name, description, uri)?;
			Self::do_register(who, kind, parents, terms, price, metadata)
		}

		/// Asks something else of models that will be made from this one.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::set_terms())]
		pub fn set_terms(
			origin: OriginFor<T>,
			model: ModelId,
			terms: DerivativeTerms,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let mut record = Self::owned(model, &who)?;
			Self::check_terms(&terms)?;
			record.terms = terms;
			Models::<T>::insert(model, record);
			Self::deposit_event(Event::TermsSet { model, terms });
			Ok(())
		}

		/// Describes a model anew.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::set_metadata())]
		pub fn set_metadata(
			origin: OriginFor<T>,
			model: ModelId,
			name: Vec<u8>,
			description: Vec<u8>,
			uri: Vec<u8>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::owned(model, &who)?;
			Metadatas::<T>::insert(model, Self::metadata(name, description, uri)?);
			Self::deposit_event(Event::MetadataSet { model });
			Ok(())
		}

		/// Adds a version, for [`Config::VersionFee`]. It never changes, and is active at once if it is
		/// the first.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::add_version(version.snapshots.len() as u32))]
		pub fn add_version(
			origin: OriginFor<T>,
			model: ModelId,
			version: NewVersion,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_add_version(who, model, version)
		}

		/// Lets a version serve.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::activate_version())]
		pub fn activate_version(
			origin: OriginFor<T>,
			model: ModelId,
			version: VersionNumber,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let mut record = Self::owned(model, &who)?;
			ensure!(version < record.versions, Error::<T>::NoSuchVersion);
			record.active = Some(version);
			Models::<T>::insert(model, record);
			Self::deposit_event(Event::VersionActivated { model, version });
			Ok(())
		}

		/// Announces a price, which holds from [`Config::PriceDelay`] on.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_price())]
		pub fn set_price(origin: OriginFor<T>, model: ModelId, price: Price) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let record = Self::owned(model, &who)?;
			Self::announce(model, record, price, T::PriceDelay::get())
		}

		/// Appoints an operator, who accepts with a bond. One who has not accepted is replaced.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::appoint_operator())]
		pub fn appoint_operator(
			origin: OriginFor<T>,
			model: ModelId,
			operator: T::AccountId,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::owned(model, &who)?;
			Self::do_appoint(model, operator)
		}

		/// Accepts the appointment, with a bond.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::accept_operation())]
		pub fn accept_operation(
			origin: OriginFor<T>,
			model: ModelId,
			bond: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_accept(who, model, bond)
		}

		/// Adds to the operator's bond.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::raise_bond())]
		pub fn raise_bond(origin: OriginFor<T>, model: ModelId, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_raise(who, model, amount)
		}

		/// Ends an operation, by the operator or by the model's owner. The bond answers for past
		/// batches for [`Config::OperatorUnbonding`].
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::end_operation())]
		pub fn end_operation(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_end(who, model)
		}

		/// Releases the bond of a former operator, none of whose batches is open; by anyone.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::release_operator())]
		pub fn release_operator(
			origin: OriginFor<T>,
			model: ModelId,
			operator: T::AccountId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_release(model, operator)
		}

		/// Gives a model to another account, which takes over its deposit.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::transfer_model())]
		pub fn transfer_model(
			origin: OriginFor<T>,
			model: ModelId,
			owner: T::AccountId,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_transfer(who, model, owner)
		}

		/// Brings a model to its end and returns its deposit: no new versions, prices or models made
		/// from it. Its operator must have left. The record stays.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::deprecate())]
		pub fn deprecate(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_deprecate(who, model)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What an inference would cost now, in the smallest unit; none if no version serves, or the
		/// model has come to its end.
		pub fn fee_quote(model: ModelId, tokens_in: u32, tokens_out: u32) -> Option<Balance> {
			Models::<T>::get(model)
				.filter(|record| !record.deprecated && record.active.is_some())?;
			let (_, epoch) = Self::price_at(model, Self::now())?;
			let fee = fee(epoch.price, tokens_in, tokens_out, T::PlatformFee::get())?;
			Some(Balance::from(fee).saturating_mul(UNITS_PER_NANO))
		}

		/// The models that use a datanet, with the last version that does: at most 100 of them, from
		/// the one after `after` on.
		pub fn users_of(
			datanet: DatanetId,
			after: Option<ModelId>,
		) -> Vec<(ModelId, VersionNumber)> {
			const PAGE: usize = 100;
			match after {
				Some(model) => {
					let key = Users::<T>::hashed_key_for(datanet, model);
					Users::<T>::iter_prefix_from(datanet, key).take(PAGE).collect()
				}
				None => Users::<T>::iter_prefix(datanet).take(PAGE).collect(),
			}
		}
	}
}

/// Makes what benchmarks need outside this pallet.
#[cfg(feature = "runtime-benchmarks")]
pub trait BenchmarkHelper<AccountId> {
	/// Gives an account enough OPEN for everything here.
	fn fund(account: &AccountId);
	/// Makes a datanet with a contribution, under a licence that allows every other, or returns one
	/// that is there.
	fn datanet(nth: u32) -> DatanetId;
	/// Makes as many reference datanets as there may be.
	fn references();
	/// Sets the clock of deadlines.
	fn set_clock(now: BlockNumber);
}
