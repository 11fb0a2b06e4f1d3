//! # Datanets
//!
//! The record of who contributed what: data networks with a policy of their own, and in them
//! content-addressed contributions whose order is fixed before anybody sees them.
//!
//! ## Terms
//!
//! - *content*: bytes off chain, named by a tree over their chunks ([`openledger_primitives::content`]).
//! - *commitment*: a hash of a content, a salt and its owner. Its block and position are the
//!   *precedence* of the contribution, over all datanets.
//! - *reveal*: says what was committed, within [`Config::RevealPeriod`].
//! - *mature*: the reveal period of the contribution's own commitment is over, so every earlier
//!   commitment to the same content is known.
//! - *accepted*: mature, approved where the datanet has reviewers, and numbered: the *index* is
//!   dense, and a *snapshot* is a number of contributions from the first on.
//! - *standing*: valid, flagged (earnings are withheld), or voided (they go to the commons).
//! - *earner*: who has the right to earn. The *contributor* is who made it; history and penalties
//!   stay there.
//! - *reference datanet*: set by governance; it precedes all others and earns for the commons.
//!
//! ## The way of a contribution
//!
//! ```text
//! commit ─ reveal ─┬─ (reviewers vote) ─ mature ─ accept ─┬─ bond released
//!                  ├─ displaced by an earlier commitment  ├─ flag ─ judged ─ appeal ─ concluded
//!                  ├─ rejected, or its review ran out     └─ right to earn transferred
//!                  └─ withdrawn
//! ```
//!
//! ## Invariants, checked by `try_state`
//!
//! 1. A content is registered once; where it is registered, it is.
//! 2. Indices of a datanet are dense; its counters are right.
//! 3. An accepted contribution precedes every other of the same content that can still come.
//! 4. What accounts hold for this pallet is the sum of what its records say, reason by reason.
//! 5. A contribution is flagged exactly as long as it has a flag; acceptors count their open cases.
//!
//! ## What cheats earn
//!
//! A copier comes later in precedence whatever they pay, and what is equal is refused. A reporter
//! gets at most a tenth of the bond, and every acceptor loses a fifth of it: who votes something in
//! to flag it with another account loses. A flag that nobody upholds costs its deposit, each time.
//! Many accounts save no bonds; they do start with a clean record each, which is why nothing but
//! penalties may depend on a record.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod contributing;
mod earning;
mod errors;
mod events;
mod flags;
mod holds;
mod reviewers;
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

pub use contributing::commitment_hash;
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

use alloc::vec::Vec;
use frame_support::{
	pallet_macros::import_section,
	pallet_prelude::*,
	traits::{
		fungible::{hold, Balanced, Credit, Inspect},
		OnUnbalanced,
	},
};
use frame_system::pallet_prelude::*;
use openledger_primitives::{
	content::{verify_chunk, ChunkProof, ContentId},
	holds::Holds,
	records::{
		ContributionIndex, ContributionRef, DatanetId, InspectDatanets, Licence, Precedence,
		Snapshot, ID_LIMIT,
	},
	Balance, BlockNumber,
};
use sp_core::H256;
use sp_runtime::{
	traits::{BlockNumberProvider, SaturatedConversion, Zero},
	Permill,
};

/// A batch of the pallet's calls.
pub type BatchOf<T, Item> = BoundedVec<Item, <T as Config>::MaxBatch>;

// The pallet macro expands to `expect`; our own are looked for by the lint suite.
#[allow(clippy::expect_used)]
#[import_section(events::events)]
#[import_section(errors::errors)]
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

		/// Where slashes go.
		type Slashed: OnUnbalanced<Credit<Self::AccountId, Self::Currency>>;

		/// Sets reference datanets and rules on flags.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Owns the reference datanets and earns what they earn.
		#[pallet::constant]
		type Commons: Get<Self::AccountId>;

		/// The clock of deadlines; it stands still while the chain is paused.
		type Clock: BlockNumberProvider<BlockNumber = BlockNumber>;

		/// Blocks within which a commitment must be revealed.
		#[pallet::constant]
		type RevealPeriod: Get<BlockNumber>;

		/// The shortest time that a policy may give reviewers to vote.
		#[pallet::constant]
		type MinReviewPeriod: Get<BlockNumber>;

		/// The longest one.
		#[pallet::constant]
		type MaxReviewPeriod: Get<BlockNumber>;

		/// For how long bonds of contributions, and of reviewers who leave, stay.
		#[pallet::constant]
		type BondPeriod: Get<BlockNumber>;

		/// How long reviewers have to judge a flag.
		#[pallet::constant]
		type JudgePeriod: Get<BlockNumber>;

		/// How long who lost before the reviewers may appeal.
		#[pallet::constant]
		type AppealPeriod: Get<BlockNumber>;

		/// How long governance has to rule.
		#[pallet::constant]
		type RulePeriod: Get<BlockNumber>;

		/// Held for a datanet until it is closed.
		#[pallet::constant]
		type DatanetDeposit: Get<Balance>;

		/// Held for a commitment until it is revealed or forgotten.
		#[pallet::constant]
		type CommitmentDeposit: Get<Balance>;

		/// The least bond of a contribution.
		#[pallet::constant]
		type MinContributionBond: Get<Balance>;

		/// What a reviewer bonds.
		#[pallet::constant]
		type ReviewerBond: Get<Balance>;

		/// Held for a flag, and for an appeal.
		#[pallet::constant]
		type FlagDeposit: Get<Balance>;

		/// Held for a payout account.
		#[pallet::constant]
		type PayeeDeposit: Get<Balance>;

		/// The largest part of earnings that a policy may give reviewers.
		#[pallet::constant]
		type MaxCuratorShare: Get<Permill>;

		/// The part of a slashed bond that the reporter gets.
		#[pallet::constant]
		type ReporterShare: Get<Permill>;

		/// The part of a slashed bond that every acceptor loses as well.
		#[pallet::constant]
		type AcceptorShare: Get<Permill>;

		/// The most items of a batch.
		#[pallet::constant]
		type MaxBatch: Get<u32>;

		/// What the calls weigh.
		type WeightInfo: WeightInfo;

		/// Makes what benchmarks need outside this pallet.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;
	}

	/// What OPEN is held for.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// A commitment that is not revealed.
		#[codec(index = 0)]
		Commitment,
		/// A contribution.
		#[codec(index = 1)]
		ContributionBond,
		/// A datanet.
		#[codec(index = 2)]
		Datanet,
		/// A reviewer's votes.
		#[codec(index = 3)]
		ReviewerBond,
		/// A flag or an appeal.
		#[codec(index = 4)]
		Flag,
		/// A payout account.
		#[codec(index = 5)]
		Payee,
	}

	/// The id of the next datanet.
	#[pallet::storage]
	pub type NextDatanet<T> = StorageValue<_, DatanetId, ValueQuery>;

	/// The datanets.
	#[pallet::storage]
	pub type Datanets<T: Config> = StorageMap<_, Twox64Concat, DatanetId, Datanet<T::AccountId>>;

	/// What people read about them.
	#[pallet::storage]
	pub type Metadatas<T> = StorageMap<_, Twox64Concat, DatanetId, Metadata>;

	/// The reference datanets.
	#[pallet::storage]
	pub type References<T> =
		StorageValue<_, BoundedVec<DatanetId, ConstU32<MAX_REFERENCES>>, ValueQuery>;

	/// How many contributions the reference datanets have together: their precedence.
	#[pallet::storage]
	pub type ReferencesMade<T> = StorageValue<_, u32, ValueQuery>;

	/// The last block with commitments, and how many it has.
	#[pallet::storage]
	pub type LastCommitments<T> = StorageValue<_, (BlockNumber, u32), ValueQuery>;

	/// Commitments by their owner, so that nobody can take another's by repeating it.
	#[pallet::storage]
	pub type Commitments<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Blake2_128Concat, H256, Commitment>;

	/// Where a content is registered.
	#[pallet::storage]
	pub type Contents<T> = StorageMap<_, Blake2_128Concat, ContentId, Place>;

	/// Contributions that wait.
	#[pallet::storage]
	pub type PendingContributions<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		DatanetId,
		Twox64Concat,
		Precedence,
		Pending<T::AccountId>,
	>;

	/// Accepted contributions.
	#[pallet::storage]
	pub type Contributions<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		DatanetId,
		Twox64Concat,
		ContributionIndex,
		Contribution<T::AccountId>,
	>;

	/// Where contents lie that do not lie where their datanet says.
	#[pallet::storage]
	pub type Uris<T> = StorageMap<_, Blake2_128Concat, ContentId, Text<MAX_URI>>;

	/// The reviewers of a datanet.
	#[pallet::storage]
	pub type Reviewers<T: Config> =
		StorageDoubleMap<_, Twox64Concat, DatanetId, Twox64Concat, SeatId, Reviewer<T::AccountId>>;

	/// The seat of a reviewer who is invited or active.
	#[pallet::storage]
	pub type SeatOf<T: Config> =
		StorageDoubleMap<_, Twox64Concat, DatanetId, Blake2_128Concat, T::AccountId, SeatId>;

	/// Whose seats were whose bonds are released: what they accepted pays them all the same.
	#[pallet::storage]
	pub type FormerReviewers<T: Config> =
		StorageDoubleMap<_, Twox64Concat, DatanetId, Twox64Concat, SeatId, T::AccountId>;

	/// Open flags.
	#[pallet::storage]
	pub type Flags<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		DatanetId,
		Twox64Concat,
		ContributionIndex,
		Flag<T::AccountId>,
	>;

	/// What is known of contributors.
	#[pallet::storage]
	pub type Reputations<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, Reputation, ValueQuery>;

	/// Where earners want to be paid, if not on their own account.
	#[pallet::storage]
	pub type Payees<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, T::AccountId>;

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(
				T::AcceptorShare::get() > T::ReporterShare::get(),
				"who accepts something to flag it with another account must lose"
			);
			assert!(
				T::BondPeriod::get() > T::RevealPeriod::get(),
				"bonds answer for longer than copies can displace"
			);
			assert!(T::MinReviewPeriod::get() <= T::MaxReviewPeriod::get());
			assert!(!T::MinContributionBond::get().is_zero() && !T::ReviewerBond::get().is_zero());
			assert!(T::MaxBatch::get() > 0);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Creates a datanet; the caller owns it and deposits [`Config::DatanetDeposit`].
		///
		/// The licence cannot be changed later: contributions come in under it.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::create_datanet())]
		pub fn create_datanet(
			origin: OriginFor<T>,
			licence: Licence,
			policy: Policy,
			name: Vec<u8>,
			description: Vec<u8>,
			tags: Vec<Vec<u8>>,
			uri: Vec<u8>,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::check_policy(&policy)?;
			let metadata = Self::metadata(name, description, tags, uri)?;
			Self::do_create(owner, licence, policy, metadata, T::DatanetDeposit::get(), false)
		}

		/// Describes a datanet anew.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::set_metadata())]
		pub fn set_metadata(
			origin: OriginFor<T>,
			datanet: DatanetId,
			name: Vec<u8>,
			description: Vec<u8>,
			tags: Vec<Vec<u8>>,
			uri: Vec<u8>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::owned(datanet, &who)?;
			Metadatas::<T>::insert(datanet, Self::metadata(name, description, tags, uri)?);
			Self::deposit_event(Event::MetadataSet { datanet });
			Ok(())
		}

		/// Asks something else of contributions that are revealed from now on.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::set_policy())]
		pub fn set_policy(
			origin: OriginFor<T>,
			datanet: DatanetId,
			policy: Policy,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let mut record = Self::owned(datanet, &who)?;
			Self::check_policy(&policy)?;
			record.policy = policy;
			Datanets::<T>::insert(datanet, record);
			Self::deposit_event(Event::PolicySet { datanet, policy });
			Ok(())
		}

		/// Gives a datanet to another account, which takes over its deposit.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::transfer_datanet())]
		pub fn transfer_datanet(
			origin: OriginFor<T>,
			datanet: DatanetId,
			owner: T::AccountId,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let mut record = Self::owned(datanet, &who)?;
			T::Currency::move_hold(HoldReason::Datanet, &who, &owner, record.deposit)?;
			record.owner = owner.clone();
			Datanets::<T>::insert(datanet, record);
			Self::deposit_event(Event::DatanetTransferred { datanet, owner });
			Ok(())
		}

		/// Closes a datanet for good and returns its deposit. What waits can still be accepted.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::close_datanet())]
		pub fn close_datanet(origin: OriginFor<T>, datanet: DatanetId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let mut record = Self::owned(datanet, &who)?;
			ensure!(record.open, Error::<T>::DatanetClosed);
			T::Currency::give_back(HoldReason::Datanet, &who, record.deposit);
			record.deposit = 0;
			record.open = false;
			Datanets::<T>::insert(datanet, record);
			Self::deposit_event(Event::DatanetClosed { datanet });
			Ok(())
		}

		/// Invites a reviewer.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::invite_reviewer())]
		pub fn invite_reviewer(
			origin: OriginFor<T>,
			datanet: DatanetId,
			reviewer: T::AccountId,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let record = Self::owned(datanet, &who)?;
			Self::do_invite(datanet, record, reviewer)
		}

		/// Takes the seat one was invited to, with a bond of [`Config::ReviewerBond`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::join_reviewers())]
		pub fn join_reviewers(origin: OriginFor<T>, datanet: DatanetId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_join(datanet, who)
		}

		/// Ends a reviewer's seat, by the reviewer or by the datanet's owner. The bond answers for
		/// past votes for [`Config::BondPeriod`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::remove_reviewer())]
		pub fn remove_reviewer(
			origin: OriginFor<T>,
			datanet: DatanetId,
			reviewer: T::AccountId,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let record = Datanets::<T>::get(datanet).ok_or(Error::<T>::NoSuchDatanet)?;
			ensure!(who == reviewer || who == record.owner, Error::<T>::NotOwner);
			Self::do_remove(datanet, record, reviewer)
		}

		/// Releases the bond of a reviewer who left, by anyone.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::release_reviewer())]
		pub fn release_reviewer(
			origin: OriginFor<T>,
			datanet: DatanetId,
			seat: SeatId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_release_reviewer(datanet, seat)
		}

		/// Commits to contents: each hash is `H(content ‖ salt ‖ owner)`, and their order here is
		/// their order for ever.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::commit(commitments.len() as u32))]
		pub fn commit(origin: OriginFor<T>, commitments: BatchOf<T, H256>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_commit(who, commitments)
		}

		/// Forgets commitments that were not revealed and returns their deposit; anyone may, once
		/// they have expired.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::forget(commitments.len() as u32))]
		pub fn forget(
			origin: OriginFor<T>,
			owner: T::AccountId,
			commitments: BatchOf<T, H256>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_forget(who, owner, commitments)
		}

		/// Says what was committed, into a datanet, and bonds what its policy asks, if that is still the
		/// policy that the caller agreed to: the owner could raise the bond just before.
		///
		/// A content that waits under a later commitment gives way; one that is accepted, or waits
		/// under an earlier commitment, stays, and the batch is refused.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::reveal(reveals.len() as u32))]
		pub fn reveal(
			origin: OriginFor<T>,
			datanet: DatanetId,
			agreed: Policy,
			reveals: BatchOf<T, Reveal>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_reveal(who, datanet, agreed, reveals)
		}

		/// Votes on contributions, as a reviewer.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::vote(votes.len() as u32))]
		pub fn vote(
			origin: OriginFor<T>,
			datanet: DatanetId,
			votes: BatchOf<T, (Precedence, Vote)>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_vote(who, datanet, votes)
		}

		/// Accepts mature contributions, in this order; by anyone.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::accept(contributions.len() as u32))]
		pub fn accept(
			origin: OriginFor<T>,
			datanet: DatanetId,
			contributions: BatchOf<T, Precedence>,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_accept(datanet, contributions)
		}

		/// Takes back contributions that wait, with their bonds; anyone may, once their review has
		/// ended without enough votes.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::withdraw(contributions.len() as u32))]
		pub fn withdraw(
			origin: OriginFor<T>,
			datanet: DatanetId,
			contributions: BatchOf<T, Precedence>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(who, datanet, contributions)
		}

		/// Says where an accepted content lies now; the content itself cannot change. Governance says it
		/// of references.
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::set_uri())]
		pub fn set_uri(
			origin: OriginFor<T>,
			contribution: ContributionRef,
			uri: Vec<u8>,
		) -> DispatchResult {
			let who = match T::AdminOrigin::try_origin(origin) {
				// Who owns the references has no key.
				Ok(_) => T::Commons::get(),
				Err(origin) => ensure_signed(origin)?,
			};
			let record = Self::contribution_or_error(contribution)?;
			ensure!(who == record.contributor, Error::<T>::NotContributor);
			// Of what a reference has superseded, the URI is the reference's.
			ensure!(record.standing != Standing::Voided, Error::<T>::NotValid);
			Self::put_uri(record.work.content, Self::text(uri)?);
			Self::deposit_event(Event::UriSet { contribution });
			Ok(())
		}

		/// Transfers the right to earn. History, penalties and the bond stay with the contributor.
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::transfer_right(contributions.len() as u32))]
		pub fn transfer_right(
			origin: OriginFor<T>,
			contributions: BatchOf<T, ContributionRef>,
			earner: T::AccountId,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_transfer_right(who, contributions, earner)
		}

		/// Has everything that the caller earns paid on another account, or no longer.
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::set_payee())]
		pub fn set_payee(origin: OriginFor<T>, payee: Option<T::AccountId>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_payee(who, payee)
		}

		/// Releases the bonds of contributions that were accepted [`Config::BondPeriod`] ago and
		/// stand; by anyone.
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::release_bonds(contributions.len() as u32))]
		pub fn release_bonds(
			origin: OriginFor<T>,
			contributions: BatchOf<T, ContributionRef>,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_release_bonds(contributions)
		}

		/// Flags an accepted contribution, with a deposit of [`Config::FlagDeposit`].
		#[pallet::call_index(19)]
		#[pallet::weight(T::WeightInfo::flag())]
		pub fn flag(
			origin: OriginFor<T>,
			contribution: ContributionRef,
			ground: Ground,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_flag(who, contribution, ground)
		}

		/// Judges a flag, as a reviewer who did not accept what is flagged.
		#[pallet::call_index(20)]
		#[pallet::weight(T::WeightInfo::judge())]
		pub fn judge(
			origin: OriginFor<T>,
			contribution: ContributionRef,
			upheld: bool,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_judge(who, contribution, upheld)
		}

		/// Appeals to governance against what reviewers decided, with a deposit of
		/// [`Config::FlagDeposit`], which is lost if governance decides alike.
		#[pallet::call_index(21)]
		#[pallet::weight(T::WeightInfo::appeal())]
		pub fn appeal(origin: OriginFor<T>, contribution: ContributionRef) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_appeal(who, contribution)
		}

		/// Rules on a flag, as governance.
		#[pallet::call_index(22)]
		#[pallet::weight(T::WeightInfo::rule())]
		pub fn rule(
			origin: OriginFor<T>,
			contribution: ContributionRef,
			upheld: bool,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_rule(contribution, upheld)
		}

		/// Takes a flag on when the time of its stage is over; by anyone.
		#[pallet::call_index(23)]
		#[pallet::weight(T::WeightInfo::advance_flag())]
		pub fn advance_flag(origin: OriginFor<T>, contribution: ContributionRef) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_advance(contribution)
		}

		/// Creates a reference datanet, as governance.
		#[pallet::call_index(24)]
		#[pallet::weight(T::WeightInfo::create_reference())]
		pub fn create_reference(
			origin: OriginFor<T>,
			licence: Licence,
			name: Vec<u8>,
			description: Vec<u8>,
			tags: Vec<Vec<u8>>,
			uri: Vec<u8>,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			let metadata = Self::metadata(name, description, tags, uri)?;
			let datanet = NextDatanet::<T>::get();
			References::<T>::try_append(datanet).map_err(|()| Error::<T>::TooManyReferences)?;
			let policy =
				Policy { admission: Admission::Open, bond: 0, curator_share: Permill::zero() };
			Self::do_create(T::Commons::get(), licence, policy, metadata, 0, true)
		}

		/// Adds contents to a reference datanet, as governance. They precede all that is not a
		/// reference: an equal content that waits gives way, one that was accepted is voided.
		#[pallet::call_index(25)]
		#[pallet::weight(T::WeightInfo::add_references(contents.len() as u32))]
		pub fn add_references(
			origin: OriginFor<T>,
			datanet: DatanetId,
			contents: BatchOf<T, Reference>,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_add_references(datanet, contents)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Where a content is registered, and who contributed it.
		pub fn owner_of(content: ContentId) -> Option<(Place, T::AccountId)> {
			let place = Contents::<T>::get(content)?;
			let contributor = match place {
				Place::Pending { datanet, precedence } => {
					PendingContributions::<T>::get(datanet, precedence)?.contributor
				}
				Place::Accepted(at) => Contributions::<T>::get(at.datanet, at.index)?.contributor,
			};
			Some((place, contributor))
		}

		/// What is known of a contributor, and the part of their earnings that penalties take.
		pub fn record_of(contributor: T::AccountId) -> (Reputation, Permill) {
			(Reputations::<T>::get(&contributor), Self::penalty_share(&contributor))
		}

		/// What committing and then revealing this many contents would hold: deposits until the
		/// reveal, bonds after it.
		pub fn quote(datanet: DatanetId, contents: u32) -> Option<(Balance, Balance)> {
			let contents = Balance::from(contents);
			let bond = Datanets::<T>::get(datanet)?.policy.bond;
			Some((
				T::CommitmentDeposit::get().saturating_mul(contents),
				bond.saturating_mul(contents),
			))
		}

		/// The longest snapshot of a datanet.
		pub fn snapshot(datanet: DatanetId) -> Option<Snapshot> {
			Some(Snapshot { datanet, length: Datanets::<T>::get(datanet)?.length })
		}

		/// Whether a chunk is in an accepted contribution's content, at this index.
		pub fn holds_chunk(
			contribution: ContributionRef,
			index: u32,
			chunk: Vec<u8>,
			proof: ChunkProof,
		) -> bool {
			Contributions::<T>::get(contribution.datanet, contribution.index).is_some_and(
				|record| {
					let Work { content, size, .. } = record.work;
					verify_chunk(content, size, index, &chunk, &proof)
				},
			)
		}
	}
}

/// Makes what benchmarks need outside this pallet.
#[cfg(feature = "runtime-benchmarks")]
pub trait BenchmarkHelper<AccountId> {
	/// Gives an account enough OPEN for everything here.
	fn fund(account: &AccountId);
	/// Sets the clock of deadlines.
	fn set_clock(now: BlockNumber);
}
