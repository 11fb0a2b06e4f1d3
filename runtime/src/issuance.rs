//! No inflation: where OPEN for stakers and the treasury comes from, and that none is invented.
//!
//! # Terms
//! - *stakers' pot*: collects the stakers' part of fees and, later, of every inference.
//! - *era payable*: holds what ended eras have earned for stakers until they claim it.
//!
//! # How stakers are paid
//! 1. An era ends: [`FromStakersPot`] moves a share of the pot, 1/30, to era payable.
//! 2. Somebody claims for a validator, up to 84 eras later: staking mints, and [`FromEraPayable`]
//!    settles that mint with OPEN from era payable in the same call. Issuance does not move.
//! 3. The era leaves the history: [`ReturnUnclaimed`] moves the unclaimed rest back to the pot.
//!
//! # Invariants, checked by `try_state`
//! - total issuance never exceeds what it was at genesis and what the bridge has mirrored since: the
//!   bridge checks it;
//! - era payable holds at least all that can still be claimed;
//! - the pots hold their existential deposit and count as inactive in votes.

use crate::{
	configs::{
		consensus::MAX_VALIDATORS,
		parameters::effective::{era_payout_share, stakers_fee_share},
	},
	AccountId, Authorship, Balance, Balances, Runtime,
};
use alloc::vec::Vec;
use frame_support::{
	defensive,
	traits::{
		fungible::{Balanced, Credit, Debt, Inspect, Mutate, Unbalanced},
		tokens::{Fortitude, Preservation},
		Get, Imbalance, OnUnbalanced,
	},
};
use openledger_primitives::{
	accounts::{
		account, COMMONS, COMMUNITY_POOL, EARNINGS, ERA_PAYABLE, ESCROW, PAYERS, STAKERS_POT,
		TREASURY,
	},
	time::HISTORY_ERAS,
};
use pallet_session::historical;
use pallet_staking::{
	ClaimedRewards, CurrentEra, ErasRewardPoints, ErasStakersOverview, ErasStakersPaged,
	ErasValidatorReward, MaxStakedRewards,
};
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, Perbill, Rounding};
use sp_staking::{EraIndex, SessionIndex};

/// Staking rounds each payment to the nearest unit, so an era can pay out some units more than it
/// earned. This much moves along with every era to cover it: 10⁻¹³ OPEN.
const ROUNDING_RESERVE: Balance = 100_000;

/// Pots whose OPEN nobody can vote with and so must not count in the turnout of votes. The treasury
/// takes care of its own.
fn inactive_pots() -> [AccountId; 7] {
	[STAKERS_POT, ERA_PAYABLE, COMMUNITY_POOL, COMMONS, PAYERS, ESCROW, EARNINGS].map(account)
}

/// Puts credit into a pot. Pots hold their existential deposit from genesis, so it fits.
fn pay_in(pot: AccountId, credit: Credit<AccountId, Balances>) {
	if Balances::resolve(&pot, credit).is_err() {
		defensive!("a pot holds its existential deposit from genesis, so it accepts any amount");
	}
}

/// Sends slashes and dust to the treasury.
pub struct ToTreasury;

impl OnUnbalanced<Credit<AccountId, Balances>> for ToTreasury {
	fn on_nonzero_unbalanced(credit: Credit<AccountId, Balances>) {
		pay_in(account(TREASURY), credit);
	}
}

/// Splits transaction fees between the stakers' pot and the treasury; the tip is the author's.
pub struct FeeSplit;

impl OnUnbalanced<Credit<AccountId, Balances>> for FeeSplit {
	fn on_unbalanceds(mut fee_then_tip: impl Iterator<Item = Credit<AccountId, Balances>>) {
		if let Some(fee) = fee_then_tip.next() {
			let for_stakers = stakers_fee_share().mul_floor(fee.peek());
			let (for_stakers, for_treasury) = fee.split(for_stakers);
			pay_in(account(STAKERS_POT), for_stakers);
			pay_in(account(TREASURY), for_treasury);
		}
		if let Some(tip) = fee_then_tip.next() {
			let unpaid = match Authorship::author() {
				Some(author) => Balances::resolve(&author, tip).err(),
				None => Some(tip),
			};
			// No author, or one whose account does not exist and a tip too small to make it.
			if let Some(tip) = unpaid {
				pay_in(account(TREASURY), tip);
			}
		}
	}
}

/// Moves an era's earnings out of the stakers' pot.
pub struct FromStakersPot;

impl pallet_staking::EraPayout<Balance> for FromStakersPot {
	fn era_payout(_staked: Balance, _issuance: Balance, _millis: u64) -> (Balance, Balance) {
		let available = Balances::reducible_balance(
			&account(STAKERS_POT),
			Preservation::Preserve,
			Fortitude::Polite,
		);
		let earned = era_payout_share().mul_floor(available);
		// Staking applies this cap to the sum that we return: the rest it would drop stays here.
		let for_stakers = MaxStakedRewards::<Runtime>::get().map_or(earned, |cap| cap * earned);
		let moved = for_stakers.saturating_add(ROUNDING_RESERVE).min(available);
		let transferred = Balances::transfer(
			&account(STAKERS_POT),
			&account(ERA_PAYABLE),
			moved,
			Preservation::Preserve,
		);
		match transferred {
			Ok(_) if moved > ROUNDING_RESERVE => (for_stakers, earned.saturating_sub(for_stakers)),
			_ => (0, 0),
		}
	}
}

/// Settles what staking mints for a claim with OPEN that already exists.
pub struct FromEraPayable;

impl OnUnbalanced<Debt<AccountId, Balances>> for FromEraPayable {
	fn on_nonzero_unbalanced(minted: Debt<AccountId, Balances>) {
		let settle = |debt, pot| Balances::settle(&account(pot), debt, Preservation::Preserve);
		// Era payable has it: the others are there so that a mistake costs a pot, not issuance.
		let settled = settle(minted, ERA_PAYABLE)
			.or_else(|debt| {
				defensive!("era payable holds all that can be claimed");
				settle(debt, STAKERS_POT)
			})
			.or_else(|debt| settle(debt, TREASURY));
		if settled.is_err() {
			defensive!("no pot could settle a staking reward: issuance has grown");
		}
	}
}

/// Returns an era's unclaimed rest to the stakers' pot when the era leaves the history.
///
/// Wraps staking as session manager, because planning a new era is what ends the claims of the
/// oldest one and wipes its records, within the same call.
pub struct ReturnUnclaimed<Inner>(core::marker::PhantomData<Inner>);

impl<Inner> ReturnUnclaimed<Inner> {
	fn around<R>(plan_session: impl FnOnce() -> R) -> R {
		let planned = CurrentEra::<Runtime>::get();
		let unclaimed = planned
			.and_then(|era| era.checked_sub(HISTORY_ERAS))
			.map(unclaimed_of)
			.unwrap_or_default();
		let result = plan_session();
		if unclaimed > 0 && CurrentEra::<Runtime>::get() != planned {
			let returned = Balances::transfer(
				&account(ERA_PAYABLE),
				&account(STAKERS_POT),
				unclaimed,
				Preservation::Preserve,
			);
			if returned.is_err() {
				defensive!("era payable holds all that was not claimed");
			}
		}
		// The records of at most MAX_VALIDATORS validators, a few pages each.
		frame_system::Pallet::<Runtime>::register_extra_weight_unchecked(
			<Runtime as frame_system::Config>::DbWeight::get()
				.reads(u64::from(MAX_VALIDATORS).saturating_mul(4)),
			frame_support::dispatch::DispatchClass::Mandatory,
		);
		result
	}
}

impl<Inner: pallet_session::SessionManager<AccountId>> pallet_session::SessionManager<AccountId>
	for ReturnUnclaimed<Inner>
{
	fn new_session(index: SessionIndex) -> Option<Vec<AccountId>> {
		Self::around(|| Inner::new_session(index))
	}
	fn new_session_genesis(index: SessionIndex) -> Option<Vec<AccountId>> {
		Inner::new_session_genesis(index)
	}
	fn start_session(index: SessionIndex) {
		Inner::start_session(index)
	}
	fn end_session(index: SessionIndex) {
		Inner::end_session(index)
	}
}

impl<Inner: historical::SessionManager<AccountId, ()>> historical::SessionManager<AccountId, ()>
	for ReturnUnclaimed<Inner>
{
	fn new_session(index: SessionIndex) -> Option<Vec<(AccountId, ())>> {
		Self::around(|| <Inner as historical::SessionManager<_, _>>::new_session(index))
	}
	fn new_session_genesis(index: SessionIndex) -> Option<Vec<(AccountId, ())>> {
		<Inner as historical::SessionManager<_, _>>::new_session_genesis(index)
	}
	fn start_session(index: SessionIndex) {
		<Inner as historical::SessionManager<_, _>>::start_session(index)
	}
	fn end_session(index: SessionIndex) {
		<Inner as historical::SessionManager<_, _>>::end_session(index)
	}
}

/// What an era has earned and nobody has claimed: its reward less the most that the claimed pages
/// can have paid.
pub fn unclaimed_of(era: EraIndex) -> Balance {
	let reward = ErasValidatorReward::<Runtime>::get(era).unwrap_or_default();
	if reward == 0 {
		return 0;
	}
	let points = ErasRewardPoints::<Runtime>::get(era);
	let claimed = ErasStakersOverview::<Runtime>::iter_prefix(era)
		.map(|(stash, overview)| {
			let earned = points.individual.get(&stash).copied().unwrap_or_default();
			let payout = Perbill::from_rational(earned, points.total) * reward;
			let pages = ClaimedRewards::<Runtime>::get(era, &stash);
			let stake = pages.iter().fold(0, |stake: Balance, page| {
				let own = if *page == 0 { overview.own } else { 0 };
				let others = ErasStakersPaged::<Runtime>::get((era, &stash, *page))
					.map_or(0, |exposure| exposure.page_total);
				stake.saturating_add(own).saturating_add(others)
			});
			if stake == 0 || payout == 0 {
				return 0;
			}
			multiply_by_rational_with_rounding(payout, stake, overview.total, Rounding::Up)
				.unwrap_or(payout)
		})
		.fold(0, Balance::saturating_add);
	reward.saturating_sub(claimed)
}

impl pallet::Config for Runtime {}

/// Keeps the pots out of votes and watches over total issuance.
// The pallet macro expands to `expect`; our own are looked for by the lint suite.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;

	/// The pallet.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// Nothing to configure: the rules above are the runtime's own.
	#[pallet::config]
	pub trait Config: frame_system::Config {}

	/// Total issuance at genesis: OPEN that counts as locked on L1 before the bridge opens.
	#[pallet::storage]
	pub type GenesisIssuance<T> = StorageValue<_, Balance, ValueQuery>;

	/// The balance of the pots that votes ignore, as last told to the balances pallet.
	#[pallet::storage]
	pub type Deactivated<T> = StorageValue<_, Balance, ValueQuery>;

	/// Takes down total issuance. Balances come before this pallet, so it is complete.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// No fields.
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			GenesisIssuance::<T>::put(Balances::total_issuance());
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			let before = Deactivated::<T>::get();
			let now = inactive_pots()
				.iter()
				.map(Balances::total_balance)
				.fold(0, Balance::saturating_add);
			if now == before {
				return T::DbWeight::get().reads(8);
			}
			Balances::reactivate(before);
			Balances::deactivate(now);
			Deactivated::<T>::put(now);
			T::DbWeight::get().reads_writes(9, 2)
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	/// What a user interface asks about the flow of OPEN to stakers.
	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The part of the stakers' pot that an era pays out, as it takes effect.
		pub fn era_payout_share() -> Perbill {
			super::era_payout_share()
		}

		/// The part of transaction fees that goes to stakers, as it takes effect.
		pub fn stakers_fee_share() -> Perbill {
			super::stakers_fee_share()
		}
	}

	impl<T: Config> Pallet<T> {
		/// Checks the invariants at the head of this file.
		#[cfg(any(feature = "try-runtime", test))]
		pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
			let planned = CurrentEra::<Runtime>::get().unwrap_or_default();
			let claimable = (planned.saturating_sub(HISTORY_ERAS)..=planned)
				.map(unclaimed_of)
				.fold(0, Balance::saturating_add);
			let payable = Balances::reducible_balance(
				&account(ERA_PAYABLE),
				Preservation::Preserve,
				Fortitude::Polite,
			);
			ensure!(payable >= claimable, "era payable holds less than can be claimed");

			let deposit = <Balances as Inspect<AccountId>>::minimum_balance();
			for pot in inactive_pots().iter().chain([&account(TREASURY)]) {
				ensure!(
					Balances::total_balance(pot) >= deposit,
					"a pot lost its existential deposit"
				);
			}
			ensure!(
				Balances::inactive_issuance() >= Deactivated::<T>::get(),
				"the pots count as active in votes"
			);
			Ok(())
		}
	}
}
