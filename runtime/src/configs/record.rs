//! The record: datanets and the model registry.

use crate::{
	configs::parameters::effective,
	governance::{
		emergency::ActiveBlocks,
		origins::{AttributionAdmin, EnsureRootOr},
	},
	issuance::ToTreasury,
	weights, AccountId, Attribution, Balance, Balances, BlockNumber, Datanets, Runtime,
	RuntimeHoldReason,
};
use frame_support::{
	parameter_types,
	traits::{ConstU128, ConstU32, Get},
};
use openledger_primitives::{
	accounts::{self, COMMONS},
	time::{prod_or_fast, DAYS, HOURS},
	units::{deposit, MILLI_OPEN, OPEN},
};
use openledger_settlement::Nano;
use sp_runtime::Permill;

/// Blocks within which a commitment must be revealed: an hour.
pub const REVEAL_PERIOD: BlockNumber = prod_or_fast(600, 10);

/// The least bond of a contribution.
pub const MIN_CONTRIBUTION_BOND: Balance = 100 * MILLI_OPEN;

/// How long governance has to rule on a flag: longer than a referendum of the attribution admin takes.
pub const RULE_PERIOD: BlockNumber = prod_or_fast(35 * DAYS, 120);

parameter_types! {
	/// The account of the commons.
	pub CommonsAccount: AccountId = accounts::account(COMMONS);
	/// A fifth of what a contribution earns, at most, pays its reviewers.
	pub const MaxCuratorShare: Permill = Permill::from_percent(20);
	/// A reporter gets a tenth of a slashed bond,
	pub const ReporterShare: Permill = Permill::from_percent(10);
	/// and every acceptor loses a fifth of it.
	pub const AcceptorShare: Permill = Permill::from_percent(20);
	/// The largest royalty.
	pub const MaxRoyalty: Permill = Permill::from_percent(30);
}

impl pallet_datanets::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Slashed = ToTreasury;
	type AdminOrigin = EnsureRootOr<AttributionAdmin>;
	type Commons = CommonsAccount;
	type Clock = ActiveBlocks;
	type RevealPeriod = ConstU32<REVEAL_PERIOD>;
	type MinReviewPeriod = ConstU32<{ prod_or_fast(DAYS, 10) }>;
	type MaxReviewPeriod = ConstU32<{ prod_or_fast(30 * DAYS, 1_000) }>;
	type BondPeriod = ConstU32<{ prod_or_fast(90 * DAYS, 60) }>;
	type JudgePeriod = ConstU32<{ prod_or_fast(7 * DAYS, 20) }>;
	type AppealPeriod = ConstU32<{ prod_or_fast(7 * DAYS, 20) }>;
	type RulePeriod = ConstU32<RULE_PERIOD>;
	type DatanetDeposit = ConstU128<{ 10 * OPEN }>;
	// The map entry of a commitment: two keys with their hashes, precedence and time.
	type CommitmentDeposit = ConstU128<{ deposit(1, 140) }>;
	type MinContributionBond = ConstU128<MIN_CONTRIBUTION_BOND>;
	type ReviewerBond = ConstU128<{ 100 * OPEN }>;
	type FlagDeposit = ConstU128<{ 10 * OPEN }>;
	// The map entry of a payout account: two accounts and hashes.
	type PayeeDeposit = ConstU128<{ deposit(1, 112) }>;
	type MaxCuratorShare = MaxCuratorShare;
	type ReporterShare = ReporterShare;
	type AcceptorShare = AcceptorShare;
	// A block of a fast runtime has a third of the time.
	type MaxBatch = ConstU32<{ prod_or_fast(1_000, 500) }>;
	type WeightInfo = weights::pallet_datanets::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Benchmarks;
}

/// What an inference pays the platform, as governance has set it.
pub struct PlatformFee;

impl Get<Nano> for PlatformFee {
	fn get() -> Nano {
		effective::platform_fee()
	}
}

impl pallet_model_registry::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Datanets = Datanets;
	type Answerable = Attribution;
	type Fees = ToTreasury;
	type Clock = ActiveBlocks;
	type RegistrationFee = ConstU128<{ 10 * OPEN }>;
	type ModelDeposit = ConstU128<{ 10 * OPEN }>;
	// A version stays for ever, so it costs what holding its bytes would: at most 80 snapshots of eight.
	type VersionFee = ConstU128<{ deposit(1, 1_000) }>;
	type MinOperatorBond = ConstU128<{ 10_000 * OPEN }>;
	type OperatorUnbonding = ConstU32<{ prod_or_fast(14 * DAYS, 120) }>;
	type PriceDelay = ConstU32<{ prod_or_fast(DAYS, 10) }>;
	type PriceGrace = ConstU32<{ prod_or_fast(24 * HOURS, 30) }>;
	type MaxRoyalty = MaxRoyalty;
	type PlatformFee = PlatformFee;
	type WeightInfo = weights::pallet_model_registry::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Benchmarks;
}

/// Makes what benchmarks of one pallet need of the others.
#[cfg(feature = "runtime-benchmarks")]
pub struct Benchmarks;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarks {
	use super::*;
	use crate::System;
	use frame_support::{traits::fungible::Mutate, BoundedVec};
	use openledger_primitives::records::{DatanetId, Licence, MAX_REFERENCES};
	use pallet_datanets::{Admission, Datanet, Policy, References};

	fn fund(account: &AccountId) {
		Balances::set_balance(account, 1_000_000 * OPEN);
	}

	fn set_clock(now: BlockNumber) {
		System::set_block_number(now);
	}

	/// A datanet that says it has a contribution.
	fn datanet(id: DatanetId, reference: bool) {
		let record = Datanet {
			owner: CommonsAccount::get(),
			licence: Licence::PublicDomain,
			policy: Policy { admission: Admission::Open, bond: 0, curator_share: Permill::zero() },
			length: 1,
			pending: 0,
			reviewers: 0,
			next_seat: 0,
			deposit: 0,
			open: true,
			reference,
		};
		pallet_datanets::Datanets::<Runtime>::insert(id, record);
	}

	impl pallet_datanets::BenchmarkHelper<AccountId> for Benchmarks {
		fn fund(account: &AccountId) {
			fund(account);
		}

		fn set_clock(now: BlockNumber) {
			set_clock(now);
		}
	}

	impl pallet_model_registry::BenchmarkHelper<AccountId> for Benchmarks {
		fn fund(account: &AccountId) {
			fund(account);
		}

		fn datanet(nth: u32) -> DatanetId {
			datanet(nth, false);
			nth
		}

		fn references() {
			let ids = 1_000..1_000_u32.saturating_add(MAX_REFERENCES);
			ids.clone().for_each(|id| datanet(id, true));
			References::<Runtime>::put(BoundedVec::truncate_from(ids.collect()));
		}

		fn set_clock(now: BlockNumber) {
			set_clock(now);
		}
	}
}
