//! # Attribution
//!
//! Proof of Attribution: millions of inferences settle as batches, every payout can be disproved by
//! one small proof, and what is not disproved in time is paid.
//!
//! ## Terms
//!
//! - *lane*: a model's sequence of *batches*. What a batch is and when it is right is the rule of
//!   [`openledger_settlement`]; this pallet says who may submit one, and when it is final.
//! - *opening*: a step of a batch with all that is needed to execute it again. It proves itself, so
//!   anybody may bring it. It *holds*, or it shows the batch to be wrong.
//! - *demand*: somebody wants a step opened, for a deposit that pays for the answer.
//! - *draw*: the chain wants a step opened. Which ones is known only after the batch was submitted.
//! - *attestor*: stakes OPEN, executes batches and signs for them.
//! - *void*: the batch falls; its payers get back what it cost them, what they bought stays bought.
//!
//! ## The way of a batch
//!
//! ```text
//! submit ─ draws and demands answered ─┬─ deadline, quiet ───────── final ─ paid ─ closed
//!                                      ├─ attested ─ early final ─ paid ─ deadline ─ closed
//!                                      ├─ wrong, or not answered ──────── void, slashed
//!                                      └─ operator slashed elsewhere ─┬─ adopted by the next
//!                                                                     └─ void, nobody slashed
//! ```
//!
//! ## Invariants, checked by `try_state`
//!
//! 1. The fees of an operator's batches that are not final are at most its bond, unless it was slashed;
//!    then the batches wait to be adopted.
//! 2. In escrow is at least what batches have not paid, and the reserve.
//! 3. A batch has exactly as many demands as it says; an attestor has signed as many open batches.
//! 4. What accounts hold for this pallet is the sum of what its records say, reason by reason.
//! 5. What was final early and can still fall is what [`EarlyFinal`] says.
//!
//! ## What cheats earn
//!
//! Whoever submits a wrong batch loses the whole bond as soon as one wrong step is opened, by anybody,
//! while the most it could gain is the batch, which is at most the bond. A challenger gets at most
//! a tenth, so challenging oneself loses nine tenths. Demands pay for the answer, twice. Openings,
//! demands and challenges are operational, so full blocks keep none out. Attestors who sign what is
//! wrong lose their stake, which is at least twice what was paid early on their word; an operator's
//! silence costs them nothing before that. An operator's open batches have no more steps than its bond
//! could pay demands for, so that withholding does not pay better than cheating costs.
//!
//! ## What is not proven here
//!
//! Private outputs are as honest as their payer or the attestors. An operator who is its own payer
//! can direct its own contributors' share anywhere; it loses the stakers' share and the platform fee.
//! Of the method `Retrieval`, evidence shows which chunks exist and that credits follow from scores;
//! that a score is right, or no better chunk was left out, cannot be shown before its engine exists.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod attestors;
mod batches;
mod finality;
#[cfg(any(feature = "fuzzing", test))]
pub mod fuzzing;
mod openings;
mod seeds;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;
pub mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(any(feature = "fuzzing", test))]
#[cfg_attr(not(test), allow(dead_code))]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use seeds::Randomness;
pub use types::*;
pub use weights::WeightInfo;

use alloc::vec::Vec;
use frame_support::{
	dispatch::DispatchResultWithPostInfo,
	pallet_prelude::*,
	traits::{
		fungible::{hold, Balanced, Credit, Inspect},
		OnUnbalanced,
	},
};
use frame_system::pallet_prelude::*;
use openledger_primitives::{
	holds::Holds,
	records::{BatchNumber, InspectContributions, ModelId, VersionNumber},
	Balance, BlockNumber,
};
use openledger_settlement::{
	diff::Diff,
	draws::Draw,
	opening::Opening,
	parties::{Answerable, Ledger, Models, Operators, TermsNumber},
	state::Totals,
	Nano, MAX_PAYEES, MAX_PAYERS, UNITS_PER_NANO,
};
use sp_core::H256;
use sp_runtime::{traits::BlockNumberProvider, Permill};

/// What a slash takes.
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

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
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// OPEN.
		type Currency: Inspect<Self::AccountId, Balance = Balance>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ hold::Balanced<Self::AccountId>
			+ Balanced<Self::AccountId>;

		/// Names what is held.
		type RuntimeHoldReason: From<HoldReason>;

		/// The models.
		type Models: Models<Self::AccountId>;

		/// Their operators, and the bonds of these.
		type Operators: Operators<Self::AccountId, Slashed = CreditOf<Self>>;

		/// The money of lanes.
		type Ledger: Ledger<Self::AccountId>;

		/// The contributions.
		type Contributions: InspectContributions<Self::AccountId>;

		/// Where slashes go.
		type Slashed: OnUnbalanced<CreditOf<Self>>;

		/// Where slashes go that make payers whole: into escrow, from which they are given back.
		type Escrow: OnUnbalanced<CreditOf<Self>>;

		/// Randomness that nobody knows two changes before.
		type Randomness: Randomness;

		/// The clock of deadlines; it stands still while the chain is paused.
		type Clock: BlockNumberProvider<BlockNumber = BlockNumber>;

		/// How long a batch can be challenged, as governance has set it.
		type Window: Get<BlockNumber>;

		/// How long an operator has to answer a demand or a draw.
		#[pallet::constant]
		type AnswerTime: Get<BlockNumber>;

		/// How much longer for every open demand of the batch, at most twice as long in all.
		#[pallet::constant]
		type AnswerTimePerDemand: Get<BlockNumber>;

		/// For how long nothing may have been published when a batch becomes final: the last answer is
		/// looked at by others, too.
		#[pallet::constant]
		type QuietTime: Get<BlockNumber>;

		/// For how long the batches of a slashed operator wait for another to adopt them.
		#[pallet::constant]
		type AdoptTime: Get<BlockNumber>;

		/// For how long the stake of an attestor stays.
		#[pallet::constant]
		type AttestorUnbonding: Get<BlockNumber>;

		/// The least that an attestor stakes.
		#[pallet::constant]
		type MinAttestorStake: Get<Balance>;

		/// Held for a demand: twice what the largest answer costs.
		type DemandDeposit: Get<Balance>;

		/// The most that a challenger gets of what is slashed; also at most fifty demand deposits.
		#[pallet::constant]
		type ChallengerShare: Get<Permill>;

		/// What the calls weigh.
		type WeightInfo: WeightInfo;

		/// Makes what benchmarks need outside this pallet.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;
	}

	/// What OPEN is held for.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// A demand.
		#[codec(index = 0)]
		Demand,
		/// What an attestor signs.
		#[codec(index = 1)]
		AttestorStake,
	}

	/// The lanes.
	#[pallet::storage]
	pub type Lanes<T> = StorageMap<_, Twox64Concat, ModelId, Lane, ValueQuery>;

	/// Batches that are not closed.
	#[pallet::storage]
	pub type Batches<T: Config> =
		StorageDoubleMap<_, Twox64Concat, ModelId, Twox64Concat, BatchNumber, Batch<T::AccountId>>;

	/// What a batch cost each of its payers, as long as it can fall.
	#[pallet::storage]
	pub type Costs<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		ModelId,
		Twox64Concat,
		BatchNumber,
		BoundedVec<(T::AccountId, Nano), ConstU32<MAX_PAYERS>>,
		ValueQuery,
	>;

	/// What contributions earn of a batch, until it is paid.
	#[pallet::storage]
	pub type Diffs<T> =
		StorageDoubleMap<_, Twox64Concat, ModelId, Twox64Concat, BatchNumber, Diff, ValueQuery>;

	/// What operators' bonds answer for.
	#[pallet::storage]
	pub type Exposures<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		ModelId,
		Blake2_128Concat,
		T::AccountId,
		Exposure,
		ValueQuery,
	>;

	/// Demands that are not answered, by the receipt's place in the batch. They do not keep each other
	/// out: who demands the same receipt wants the same.
	#[pallet::storage]
	pub type Demands<T: Config> = StorageNMap<
		_,
		(
			NMapKey<Twox64Concat, ModelId>,
			NMapKey<Twox64Concat, BatchNumber>,
			NMapKey<Twox64Concat, u32>,
		),
		Demand<T::AccountId>,
	>;

	/// How often the seed has changed.
	#[pallet::storage]
	pub type SeedChanges<T> = StorageValue<_, u32, ValueQuery>;

	/// The epoch of consensus in which it last did.
	#[pallet::storage]
	pub type SeedEpoch<T> = StorageValue<_, u64, ValueQuery>;

	/// The seeds of late, by the number of their change.
	#[pallet::storage]
	pub type Seeds<T> = StorageMap<_, Twox64Concat, u32, Seed>;

	/// The attestors.
	#[pallet::storage]
	pub type Attestors<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Attestor>;

	/// What all attestors who are not leaving have staked.
	#[pallet::storage]
	pub type TotalStake<T> = StorageValue<_, Balance, ValueQuery>;

	/// The fees of batches that were final early and can still fall.
	#[pallet::storage]
	pub type EarlyFinal<T> = StorageValue<_, Nano, ValueQuery>;

	/// What was slashed and is kept in escrow for payers of batches that were final early: who signed
	/// them has lost the stake that answered for them.
	#[pallet::storage]
	pub type Reserve<T> = StorageValue<_, Nano, ValueQuery>;

	/// What happened. Fields have the names of what the pallet's terms call them.
	#[allow(missing_docs)]
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A batch was submitted. What it pays stands in the block's body.
		BatchSubmitted {
			model: ModelId,
			batch: BatchNumber,
			operator: T::AccountId,
			version: VersionNumber,
			terms: TermsNumber,
			totals: Totals,
			trace: H256,
			deadline: BlockNumber,
		},
		/// There is another seed: batches submitted two changes ago are drawn by it.
		SeedChanged { change: u32, randomness: H256 },
		/// Somebody wants to see a receipt.
		Demanded {
			model: ModelId,
			batch: BatchNumber,
			receipt: u32,
			by: T::AccountId,
			until: BlockNumber,
		},
		/// A step was opened, and holds. It answers so many demands, and a draw or none.
		Opened { model: ModelId, batch: BatchNumber, step: u32, demands: u32, drawn: bool },
		/// The deposit of a demand was returned, because its batch is void.
		DemandReleased { model: ModelId, batch: BatchNumber, receipt: u32 },
		/// An attestor signed for a batch.
		Attested { model: ModelId, batch: BatchNumber, attestor: T::AccountId },
		/// A batch is final.
		Final { model: ModelId, batch: BatchNumber, attested: bool, early: bool },
		/// Some contributions of a batch were paid: so many in all.
		ContributionsPaid { model: ModelId, batch: BatchNumber, paid: u32 },
		/// A batch is paid and cannot fall any more.
		Closed { model: ModelId, batch: BatchNumber },
		/// A batch fell.
		Voided {
			model: ModelId,
			batch: BatchNumber,
			fault: Fault,
			slashed: Balance,
			challenger: Option<T::AccountId>,
			reward: Balance,
		},
		/// The bond of another operator answers for a batch.
		Adopted { model: ModelId, batch: BatchNumber, operator: T::AccountId },
		/// An attestor has this much at stake.
		Staked { attestor: T::AccountId, stake: Balance },
		/// An attestor attests no longer; the stake stays until this block.
		AttestorLeaving { attestor: T::AccountId, until: BlockNumber },
		/// The stake of an attestor was released.
		AttestorReleased { attestor: T::AccountId, stake: Balance },
		/// The stake of an attestor was taken.
		AttestorSlashed { attestor: T::AccountId, stake: Balance },
	}

	/// Why a call was refused.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no such version of this model.
		NoSuchVersion,
		/// The version's method has no evidence yet, so its batches could not be challenged.
		MethodWithoutEvidence,
		/// The price epoch is not in force, and was not lately.
		PriceNotInForce,
		/// The terms of splitting are not in force, and were not lately.
		TermsNotInForce,
		/// The account has no bond there.
		NotOperator,
		/// The operator was slashed; its batches must be over or adopted first.
		OperatorSlashed,
		/// The fees of batches that are not final would be more than the bond.
		ExceedsBond,
		/// There are no more numbers for batches.
		NoMoreIds,
		/// Payers do not ascend.
		PayersNotSorted,
		/// A payer buys nothing, or for less than nothing.
		BadPurchase,
		/// Contributions do not ascend, or one earns nothing.
		BadDiff,
		/// What payers spend is not what is paid out.
		DoesNotAddUp,
		/// There are more or fewer receipts than payers have bought, or more than a batch may have.
		BadCount,
		/// To demand every step of the operator's open batches would cost more than the bond: submit fewer
		/// receipts, wait, or bond more.
		TooManySteps,
		/// The trace does not end where payers, contributions and totals do.
		TraceEndsElsewhere,
		/// There is no such batch: it was never submitted, is closed, or void.
		NoSuchBatch,
		/// The batch has no such step.
		NoSuchStep,
		/// The batch or the step has no such receipt.
		NoSuchReceipt,
		/// The time for demands is over.
		TooLate,
		/// The receipt was demanded already.
		AlreadyDemanded,
		/// Nobody wants to see this step, or not what of it was disclosed.
		NotAsked,
		/// There is no such demand.
		NoSuchDemand,
		/// The batch is not void, so the demand stands.
		BatchStands,
		/// The receipts or the state are not those of the batch's trace.
		NotInTrace,
		/// The leaf before is not that of the batch's trace.
		NotBefore,
		/// The trie proof is too large, not of this state, or lacks something.
		BadProof,
		/// An output is too long, or not the receipt's.
		BadOutput,
		/// The matches are not the receipt's.
		BadMatches,
		/// The evidence shows nothing.
		ShowsNothing,
		/// There is time left to answer.
		NotOverdue,
		/// The batch is not pending, or not paid.
		NotPending,
		/// The batch is final, and cannot fall any more.
		AlreadyFinal,
		/// A demand or a draw is not answered, or its seed is not known.
		Unanswered,
		/// The deadline or the quiet time is not over, and attestors do not stand for it.
		TooEarly,
		/// Its operator was slashed: it must be adopted first.
		IsOrphan,
		/// Its operator answers for it.
		NotOrphan,
		/// No contributions are to be paid at a time.
		NothingToPay,
		/// The stake is smaller than it may be.
		StakeTooSmall,
		/// The account is no attestor, or is leaving.
		NotAttestor,
		/// The attestor has signed for it.
		AlreadyAttested,
		/// As many attestors with more stake have signed for it.
		TooManySigners,
		/// The attestor is not leaving, its time is not over, or a batch it signed is not closed.
		StillAnswerable,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::notice_epoch()
		}

		fn integrity_test() {
			assert!(
				T::ChallengerShare::get() <= Permill::from_percent(10),
				"who challenges itself must lose"
			);
			assert!(
				T::AttestorUnbonding::get() >= T::Window::get(),
				"stakes answer for as long as batches can fall"
			);
			assert!(
				T::Window::get() > T::AnswerTime::get().saturating_add(T::QuietTime::get()),
				"a demand in the beginning is answered and looked at within the window"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Submits a batch, as the model's operator or one of late. Payers' money moves into escrow.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::submit_batch(
			submission.vouchers.len() as u32,
			submission.diff.len() as u32,
		))]
		pub fn submit_batch(
			origin: OriginFor<T>,
			model: ModelId,
			submission: alloc::boxed::Box<Submission<T::AccountId>>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_submit(who, model, *submission)
		}

		/// Wants the step of a receipt opened, and the receipt's output and matches published unless it is
		/// private. The deposit goes to the operator if the answer holds, or to whoever answers in its place
		/// in the second half of the time; it comes back if the batch falls.
		#[pallet::call_index(1)]
		#[pallet::weight((T::WeightInfo::demand(), DispatchClass::Operational))]
		pub fn demand(
			origin: OriginFor<T>,
			model: ModelId,
			batch: BatchNumber,
			receipt: u32,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_demand(who, model, batch, receipt)
		}

		/// Opens a step; by anyone. If it holds, it answers a demand or a draw, and a draw costs no fee.
		/// If not, the batch falls, and the caller has challenged it.
		#[pallet::call_index(2)]
		#[pallet::weight((
			Pallet::<T>::holding(opening, disclosures)
				.saturating_add(T::WeightInfo::void(MAX_PAYERS)),
			DispatchClass::Operational,
		))]
		pub fn open(
			origin: OriginFor<T>,
			model: ModelId,
			batch: BatchNumber,
			opening: alloc::boxed::Box<Opening>,
			disclosures: BoundedVec<Disclosure, ConstU32<MAX_DISCLOSURES>>,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_open(who, model, batch, *opening, disclosures.into())
		}

		/// Shows that the credits of a receipt do not follow the version's method; by anyone. The opening
		/// needs no trie proof.
		#[pallet::call_index(3)]
		#[pallet::weight((T::WeightInfo::wrong_credit(), DispatchClass::Operational))]
		pub fn wrong_credit(
			origin: OriginFor<T>,
			model: ModelId,
			batch: BatchNumber,
			opening: alloc::boxed::Box<Opening>,
			challenge: alloc::boxed::Box<CreditChallenge>,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_wrong_credit(who, model, batch, *opening, *challenge)
		}

		/// Lets a batch fall because a demand was not answered; by anyone, for who demanded it.
		#[pallet::call_index(4)]
		#[pallet::weight((T::WeightInfo::void(MAX_PAYERS), DispatchClass::Operational))]
		pub fn expire_demand(
			origin: OriginFor<T>,
			model: ModelId,
			batch: BatchNumber,
			receipt: u32,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_expire_demand(model, batch, receipt)
		}

		/// Lets a batch fall because its draws were not all answered.
		#[pallet::call_index(5)]
		#[pallet::weight((T::WeightInfo::void(MAX_PAYERS), DispatchClass::Operational))]
		pub fn expire_draws(
			origin: OriginFor<T>,
			model: ModelId,
			batch: BatchNumber,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_expire_draws(who, model, batch)
		}

		/// Returns the deposit of a demand whose batch is void; by anyone.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::release_demand())]
		pub fn release_demand(
			origin: OriginFor<T>,
			model: ModelId,
			batch: BatchNumber,
			receipt: u32,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_release_demand(model, batch, receipt)
		}

		/// Makes a batch final if it may be, and pays its next contributions, at most so many; by anyone.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::finalise((*most).min(MAX_PAYEES)))]
		pub fn finalise(
			origin: OriginFor<T>,
			model: ModelId,
			batch: BatchNumber,
			most: u32,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_finalise(model, batch, most)
		}

		/// Closes a batch that was final early, after its deadline; by anyone.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::close())]
		pub fn close(origin: OriginFor<T>, model: ModelId, batch: BatchNumber) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_close(model, batch)
		}

		/// Takes over a batch of an operator who was slashed, as the model's operator: the caller's bond
		/// answers for it, so look at it first.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::adopt())]
		pub fn adopt(origin: OriginFor<T>, model: ModelId, batch: BatchNumber) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_adopt(who, model, batch)
		}

		/// Lets a batch fall that nobody adopted in time; by anyone. Nobody is slashed for it.
		#[pallet::call_index(10)]
		#[pallet::weight((T::WeightInfo::void(MAX_PAYERS), DispatchClass::Operational))]
		pub fn expire_orphan(
			origin: OriginFor<T>,
			model: ModelId,
			batch: BatchNumber,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_expire_orphan(model, batch)
		}

		/// Stakes OPEN to attest, or more of it.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::stake())]
		pub fn stake(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_stake(who, amount)
		}

		/// Signs for a batch: the caller has executed it and found it right.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::attest())]
		pub fn attest(origin: OriginFor<T>, model: ModelId, batch: BatchNumber) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_attest(who, model, batch)
		}

		/// Attests no longer. The stake answers for what was signed.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::leave())]
		pub fn leave(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_leave(who)
		}

		/// Releases the stake of an attestor who left; by anyone.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::release_attestor())]
		pub fn release_attestor(origin: OriginFor<T>, attestor: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_release_attestor(attestor)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A lane.
		pub fn lane(model: ModelId) -> Lane {
			Lanes::<T>::get(model)
		}

		/// A batch that is not closed.
		pub fn batch(model: ModelId, batch: BatchNumber) -> Option<Batch<T::AccountId>> {
			Batches::<T>::get(model, batch)
		}

		/// The steps of a batch that are drawn, and the last block for the answers; none while their seed is
		/// not known.
		pub fn draws(model: ModelId, batch: BatchNumber) -> Option<(Vec<DrawnStep>, BlockNumber)> {
			let record = Batches::<T>::get(model, batch)?;
			let (draws, until) = Self::draws_of(model, batch, &record)?;
			let drawn = draws.into_iter().enumerate().map(|(nth, Draw { step, receipt })| {
				DrawnStep { step, receipt, answered: record.drawn >> nth & 1 == 1 }
			});
			Some((drawn.collect(), until))
		}

		/// What a demand costs now.
		pub fn demand_deposit() -> Balance {
			T::DemandDeposit::get()
		}

		/// How much an operator's bond for a model still covers, in the smallest unit.
		pub fn free_bond(model: ModelId, operator: T::AccountId) -> Balance {
			let pending = Exposures::<T>::get(model, &operator).pending;
			T::Operators::bond(model, &operator)
				.saturating_sub(Balance::from(pending).saturating_mul(UNITS_PER_NANO))
		}
	}
}

impl<T: Config> Answerable<T::AccountId> for Pallet<T> {
	fn answers(model: ModelId, operator: &T::AccountId) -> bool {
		Exposures::<T>::get(model, operator).batches > 0
	}
}

/// Makes what benchmarks need outside this pallet.
#[cfg(feature = "runtime-benchmarks")]
pub trait BenchmarkHelper<AccountId> {
	/// Gives an account enough OPEN for everything here.
	fn fund(account: &AccountId);
	/// Sets the clock of deadlines.
	fn set_clock(now: BlockNumber);
	/// Makes a model with as many ancestors as there may be, each of another owner. Its first version
	/// retrieves as many chunks as may be cited, and was trained on as many datanets as may be, with at
	/// least [`MAX_PAYEES`] contributions. Its first price is in force, and pots hold enough for all.
	fn model() -> ModelId;
	/// Makes an account the model's operator, with a bond for the largest batch.
	fn operate(model: ModelId, operator: &AccountId);
	/// The `nth` contribution that the version was trained on: they ascend.
	fn contribution(nth: u32) -> openledger_primitives::records::ContributionRef;
	/// Has it accepted, with this content, and with a contributor of its own who has penalties.
	fn accept(nth: u32, content: openledger_primitives::content::ContentId, size: u64);
	/// Opens an entry for a payer, who withdraws most of this amount and has changed the signer: its own
	/// vouchers still count.
	fn open_entry(model: ModelId, payer: &AccountId, signer: &AccountId, amount: Nano);
}
