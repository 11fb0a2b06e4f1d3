//! # Rewards
//!
//! The money of lanes: what payers deposit, what their vouchers spend, how fees are split when a
//! batch is final, and what everybody can claim of it.
//!
//! ## Terms
//!
//! - *nano-OPEN*: 10⁻⁹ OPEN. All amounts of this pallet count in it, calls, events and views
//!   included, but for the opening fee and the stream, which are in the smallest unit.
//! - *entry*: what a payer has with a model: a balance, what it has bought so far, and a *signer*,
//!   which may be a key of its own.
//! - *voucher*: the signer's signature over everything bought so far ([`openledger_settlement::voucher`]).
//! - *escrow*: what was spent in batches that are not final.
//! - *terms*: how fees are split. Governance changes them, each change gets a number, and batches
//!   may name those that ended less than [`Config::TermsGrace`] ago.
//! - *owed*: what a contribution has earned and nobody has claimed, apart for its earner and its
//!   curators. *Claimable*: the same of accounts that earn by models.
//!
//! ## The way of money
//!
//! ```text
//! payer ── open, top up ──▶ payers' pot ── voucher ──▶ escrow ──┬─ final ──▶ treasury, stakers, commons
//!   ▲                        │      ▲                           ├─ final ──▶ earnings ── claim ──▶ payees
//!   └── withdraw, after a ◀──┘      └──── void: given back ◀────┘
//!       delay
//! community pool ── stream ──▶ stakers' pot
//! ```
//!
//! ## Invariants, checked by `try_state`
//!
//! 1. The payers' pot holds its existential deposit and the sum of all entries, leaving or not.
//! 2. The earnings pot holds its existential deposit and all that is owed or claimable. Whatever
//!    anybody else sends to a pot comes on top.
//! 3. Escrow holds its existential deposit, and [`Pallet::escrowed`] beyond it: the sum of open
//!    batches and of what is kept for their payers, which their pallet knows.
//! 4. Terms are numbered without a hole, and the last are in force.
//! 5. Total issuance is not moved by anything here.
//!
//! ## Why
//!
//! - *An entry is never removed.* Its count, cumulative cost and head stay for ever, and with them
//!   the worthlessness of every voucher that was cashed. So opening one costs a fee and no deposit.
//!   The fee also covers the one inference that a payer may have had without signing for it.
//! - *Withdrawing takes a while*, in which vouchers can still draw on what leaves, and so can those
//!   of a former signer: no voucher that was given is worthless before its holder could cash it. The
//!   other side of it: a stolen signer's key can spend for that while.
//! - *Claims are anyone's*, and pay whoever is to be paid then. What is flagged is withheld, what is
//!   voided goes to the commons, who cannot be paid keeps nobody else waiting.
//! - *What curators' equal parts leave over goes to the commons*: less than a nano-OPEN for each of
//!   them and claim, which costs whoever makes it a hundred thousand times that.
//!
//! ## What cheats earn
//!
//! Who plays payer, operator and contributor at once gets back what it has paid, less the platform
//! fee and the stakers' part: it can direct its own contributors' part anywhere, and nobody else's.
//! What it claims to have earned from private receipts goes to the commons unless attestors sign.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod claims;
mod entries;
mod ledger;
mod money;
mod paying;
mod terms;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;
pub mod types;
mod vouchers;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use openledger_settlement::parties::Ledger;
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

use alloc::collections::BTreeSet;
use frame_support::{
	pallet_prelude::*,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::Preservation,
	},
};
use frame_system::pallet_prelude::*;
use openledger_primitives::{
	records::{
		ContributionIndex, ContributionRef, DatanetId, InspectContributions, ModelId, Shares,
		Standing, VersionNumber,
	},
	AccountId, Balance, BlockNumber, Hash,
};
use openledger_settlement::{
	diff::{Increase, Purchase},
	parties::{Models, TermsNumber, Voucher},
	split::{self, split_earned, split_model, EarnedSplit, Terms},
	state::{Earned, Totals},
	voucher::Bought,
	Nano, LIMIT, UNITS_PER_NANO,
};
use sp_runtime::{
	traits::{BlockNumberProvider, SaturatedConversion, Zero},
	ArithmeticError,
};

/// What one call claims.
pub type ClaimsOf<T, Item> = BoundedVec<Item, <T as Config>::MaxClaims>;

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

	/// What the runtime decides. Vouchers are signed for accounts and chains of these types.
	#[pallet::config]
	pub trait Config:
		frame_system::Config<AccountId = AccountId, Hash = Hash, RuntimeEvent: From<Event<Self>>>
	{
		/// OPEN.
		type Currency: Inspect<AccountId, Balance = Balance> + Mutate<AccountId>;

		/// Who gets the models' share.
		type Models: Models<AccountId>;

		/// Who gets what contributions earn.
		type Contributions: InspectContributions<AccountId>;

		/// How fees are split, as governance has set it.
		type Terms: Get<Terms>;

		/// The clock of deadlines; it stands still while the chain is paused.
		type Clock: BlockNumberProvider<BlockNumber = BlockNumber>;

		/// What payers have deposited and not spent.
		#[pallet::constant]
		type PayersPot: Get<AccountId>;

		/// What was spent in batches that are not final.
		#[pallet::constant]
		type EscrowPot: Get<AccountId>;

		/// What was earned and not claimed.
		#[pallet::constant]
		type EarningsPot: Get<AccountId>;

		/// Gets the platform's part, and opening fees.
		#[pallet::constant]
		type Treasury: Get<AccountId>;

		/// Gets the stakers' part, and the stream.
		#[pallet::constant]
		type StakersPot: Get<AccountId>;

		/// Gets what belongs to nobody in particular.
		#[pallet::constant]
		type Commons: Get<AccountId>;

		/// What is streamed to stakers over the years.
		#[pallet::constant]
		type CommunityPool: Get<AccountId>;

		/// What opening an entry costs: it stays for ever, so this is no deposit.
		#[pallet::constant]
		type OpeningFee: Get<Balance>;

		/// Blocks between a withdrawal and its payment, and for which a former signer's vouchers count.
		#[pallet::constant]
		type WithdrawalDelay: Get<BlockNumber>;

		/// For how long a batch may still name terms after their end.
		#[pallet::constant]
		type TermsGrace: Get<BlockNumber>;

		/// The stream moves once in this many blocks.
		#[pallet::constant]
		type StreamPeriod: Get<BlockNumber>;

		/// What it moves then, as governance has set it.
		type StreamAmount: Get<Balance>;

		/// The most that one call claims.
		#[pallet::constant]
		type MaxClaims: Get<u32>;

		/// What the calls weigh.
		type WeightInfo: WeightInfo;

		/// Makes what benchmarks need outside this pallet.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper;
	}

	/// Payers' entries. They are never removed.
	#[pallet::storage]
	pub type Payers<T> =
		StorageDoubleMap<_, Twox64Concat, ModelId, Blake2_128Concat, AccountId, Entry>;

	/// The terms in force, and those before them.
	#[pallet::storage]
	pub type TermsHistory<T> =
		StorageValue<_, BoundedVec<TermsPeriod, ConstU32<MAX_TERMS>>, ValueQuery>;

	/// What contributions are owed.
	#[pallet::storage]
	pub type Earnings<T> = StorageDoubleMap<
		_,
		Twox64Concat,
		DatanetId,
		Twox64Concat,
		ContributionIndex,
		Owed,
		ValueQuery,
	>;

	/// What accounts can claim that earn by models.
	#[pallet::storage]
	pub type Claimable<T> = StorageMap<_, Blake2_128Concat, AccountId, Nano, ValueQuery>;

	/// What versions have sold.
	#[pallet::storage]
	pub type Revenue<T> =
		StorageDoubleMap<_, Twox64Concat, ModelId, Twox64Concat, VersionNumber, Sold, ValueQuery>;

	/// What happened. Fields have the names of what the pallet's terms call them.
	#[allow(missing_docs)]
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A payer has an entry.
		EntryOpened { model: ModelId, payer: AccountId, amount: Nano, signer: AccountId },
		/// A payer has more to spend.
		ToppedUp { model: ModelId, payer: AccountId, by: AccountId, amount: Nano },
		/// Somebody else signs for a payer; vouchers of who did before count until this block.
		SignerSet { model: ModelId, payer: AccountId, signer: AccountId, until: BlockNumber },
		/// A payer withdraws; all that leaves can be taken from this block on.
		WithdrawalBegun {
			model: ModelId,
			payer: AccountId,
			amount: Nano,
			leaving: Nano,
			at: BlockNumber,
		},
		/// What has left was paid to the payer.
		Withdrawn { model: ModelId, payer: AccountId, amount: Nano },
		/// A voucher was cashed: its cost is in escrow.
		Spent { model: ModelId, payer: AccountId, bought: Bought, cost: Nano },
		/// What a batch had cost is the payer's again.
		GivenBack { model: ModelId, payer: AccountId, amount: Nano },
		/// Fees are split otherwise from now on.
		TermsSet { number: TermsNumber, terms: Terms },
		/// A batch's totals were paid.
		TotalsPaid { model: ModelId, version: VersionNumber, totals: Totals },
		/// An account can claim this much more.
		Credited { account: AccountId, amount: Nano },
		/// What a contribution has earned in a batch was split.
		Earned { contribution: ContributionRef, earner: Nano, curators: Nano, commons: Nano },
		/// All that contributions have earned in a batch was paid.
		ContributionsPaid { contributions: u32, earned: Nano, commons: Nano },
		/// An earner's part was paid.
		Claimed { contribution: ContributionRef, payee: AccountId, amount: Nano },
		/// The curators' part was paid: this much to each, the rest to the commons.
		CurationClaimed { contribution: ContributionRef, each: Nano, commons: Nano },
		/// An account's part of models' shares was paid.
		AccountClaimed { account: AccountId, amount: Nano },
		/// The community pool has paid stakers.
		Streamed { amount: Balance },
	}

	/// Why a call was refused.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no model with this id.
		NoSuchModel,
		/// The payer has an entry with this model already.
		AlreadyOpen,
		/// The payer has no entry with this model.
		NoSuchEntry,
		/// The amount is zero.
		NoAmount,
		/// The sum is no possible amount.
		AmountTooLarge,
		/// The balance is less than what is to be withdrawn.
		BalanceTooLow,
		/// Nothing is being withdrawn.
		NothingLeaving,
		/// What leaves cannot be taken yet.
		TooEarly,
		/// This account signs already.
		SameSigner,
		/// Vouchers of a former signer still count.
		FormerSignerCounts,
		/// The voucher is not for more than what was bought already.
		StaleVoucher,
		/// The voucher's head is no possible one.
		BadHead,
		/// The voucher is not signed by who may, for this model and chain.
		BadSignature,
		/// The entry has less than the voucher costs.
		NotCovered,
		/// The model's lineage makes no sense.
		BadLineage,
		/// There is nothing to claim, or only what is withheld or cannot be paid.
		NothingToClaim,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(block: BlockNumberFor<T>) -> Weight {
			Self::note_terms();
			let weight = T::WeightInfo::note_terms();
			let block: BlockNumber = block.saturated_into();
			if block.checked_rem(T::StreamPeriod::get()) != Some(0) {
				return weight;
			}
			Self::do_stream();
			weight.saturating_add(T::WeightInfo::stream())
		}

		fn integrity_test() {
			let pots = BTreeSet::from([
				T::PayersPot::get(),
				T::EscrowPot::get(),
				T::EarningsPot::get(),
				T::Treasury::get(),
				T::StakersPot::get(),
				T::Commons::get(),
				T::CommunityPool::get(),
			]);
			assert_eq!(pots.len(), 7, "what is in one pot must not be owed by another");
			assert!(T::OpeningFee::get() > 0, "else every entry is a free inference");
			assert!(
				T::WithdrawalDelay::get() >= T::TermsGrace::get(),
				"a voucher can be cashed for as long as the terms it was given under"
			);
			assert!(T::TermsGrace::get() > 0 && T::StreamPeriod::get() > 0);
			assert!(T::MaxClaims::get() > 0);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Opens an entry with a model for the caller, pays an amount into it, and
		/// [`Config::OpeningFee`] to the treasury. Vouchers are signed by `signer`, or by the caller.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::open_entry())]
		pub fn open_entry(
			origin: OriginFor<T>,
			model: ModelId,
			amount: Nano,
			signer: Option<AccountId>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_open(who, model, amount, signer)
		}

		/// Pays an amount into a payer's entry; by anyone.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::top_up())]
		pub fn top_up(
			origin: OriginFor<T>,
			model: ModelId,
			payer: AccountId,
			amount: Nano,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_top_up(who, model, payer, amount)
		}

		/// Has another account sign vouchers. Those of who did before count for
		/// [`Config::WithdrawalDelay`] more.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::set_signer())]
		pub fn set_signer(
			origin: OriginFor<T>,
			model: ModelId,
			signer: AccountId,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_signer(who, model, signer)
		}

		/// Withdraws an amount: it is out of the balance at once, and can be taken after
		/// [`Config::WithdrawalDelay`], if no voucher has drawn on it. What leaves already waits anew.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(origin: OriginFor<T>, model: ModelId, amount: Nano) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(who, model, amount)
		}

		/// Pays a payer what it has withdrawn; by anyone.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::take_withdrawn())]
		pub fn take_withdrawn(
			origin: OriginFor<T>,
			model: ModelId,
			payer: AccountId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_take_withdrawn(model, payer)
		}

		/// Pays what contributions have earned to whoever has it paid; by anyone. Flagged ones are
		/// passed over, and so are payees whom it would not make an account for.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::claim(contributions.len() as u32))]
		pub fn claim(
			origin: OriginFor<T>,
			contributions: ClaimsOf<T, ContributionRef>,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim(contributions)
		}

		/// Pays the curators' part of contributions, in equal parts; by anyone. Flagged ones are passed
		/// over. What a curator cannot be paid is theirs to claim as an account.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::claim_curation(contributions.len() as u32))]
		pub fn claim_curation(
			origin: OriginFor<T>,
			contributions: ClaimsOf<T, ContributionRef>,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim_curation(contributions)
		}

		/// Pays accounts what they have earned by models; by anyone. Those that cannot be paid are
		/// passed over.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::claim_account(accounts.len() as u32))]
		pub fn claim_account(
			origin: OriginFor<T>,
			accounts: ClaimsOf<T, AccountId>,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim_account(accounts)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What a payer has left to spend with a model: what leaves does not count.
		pub fn left(model: ModelId, payer: AccountId) -> Nano {
			Payers::<T>::get(model, payer).map_or(0, |entry| entry.balance)
		}

		/// A payer's entry with a model.
		pub fn entry(model: ModelId, payer: AccountId) -> Option<Entry> {
			Payers::<T>::get(model, payer)
		}

		/// What an account can claim by `claim_account`.
		pub fn claimable(account: AccountId) -> Nano {
			Claimable::<T>::get(account)
		}

		/// What can be claimed for a contribution now: nothing while it is flagged, and nothing once it
		/// is voided, for then it is the commons'.
		pub fn claimable_for(contribution: ContributionRef) -> Owed {
			Self::claimable_now(contribution)
		}

		/// What a version of a model has sold.
		pub fn revenue(model: ModelId, version: VersionNumber) -> Sold {
			Revenue::<T>::get(model, version)
		}

		/// The terms in force, with their number.
		pub fn terms_in_force() -> (TermsNumber, Terms) {
			Self::latest_terms()
		}
	}
}

/// Makes what benchmarks need outside this pallet.
#[cfg(feature = "runtime-benchmarks")]
pub trait BenchmarkHelper {
	/// Gives an account enough OPEN for everything here.
	fn fund(account: &AccountId);
	/// Sets the clock of deadlines.
	fn set_clock(now: BlockNumber);
	/// Makes a model with as many ancestors as there may be, each of another owner.
	fn model() -> ModelId;
	/// Makes an accepted contribution with a payee of its own, a penalty, and as many curators as
	/// there may be, who are no other contribution's.
	fn contribution(nth: u32) -> ContributionRef;
	/// Makes governance set other terms.
	fn change_terms();
	/// Makes the stream move something.
	fn start_stream();
}
