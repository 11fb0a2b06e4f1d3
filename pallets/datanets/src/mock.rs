//! A chain with nothing but balances and datanets.

use crate as pallet_datanets;
use frame_support::{derive_impl, parameter_types, traits::tokens::imbalance::ResolveTo};
use frame_system::EnsureRoot;
use openledger_primitives::{Balance, BlockNumber};
use sp_io::TestExternalities;
use sp_runtime::{traits::BlockNumberProvider, BuildStorage, Permill};

/// Accounts are numbers here.
pub type AccountId = u64;

/// Earns what nobody in particular earns.
pub const COMMONS: AccountId = 100;
/// Gets what is slashed.
pub const TREASURY: AccountId = 101;
/// Accounts below this one are rich from the first block.
pub const FIRST_POOR: AccountId = 20;
/// What they have.
pub const WEALTH: Balance = 1_000_000;
/// The least an account may have.
pub const EXISTENTIAL_DEPOSIT: Balance = 10;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances::Pallet<Test>;
	#[runtime::pallet_index(2)]
	pub type Datanets = pallet_datanets::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlockU32<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = Balance;
	type ExistentialDeposit = ExistentialDeposit;
}

parameter_types! {
	pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
	pub const Commons: AccountId = COMMONS;
	pub const Treasury: AccountId = TREASURY;
	pub const RevealPeriod: BlockNumber = 10;
	pub const MinReviewPeriod: BlockNumber = 5;
	pub const MaxReviewPeriod: BlockNumber = 30;
	pub const BondPeriod: BlockNumber = 40;
	pub const JudgePeriod: BlockNumber = 8;
	pub const AppealPeriod: BlockNumber = 6;
	pub const RulePeriod: BlockNumber = 12;
	pub const DatanetDeposit: Balance = 1_000;
	pub const CommitmentDeposit: Balance = 10;
	pub const MinContributionBond: Balance = 100;
	pub const ReviewerBond: Balance = 1_000;
	pub const FlagDeposit: Balance = 200;
	pub const PayeeDeposit: Balance = 50;
	pub const MaxCuratorShare: Permill = Permill::from_percent(20);
	pub const ReporterShare: Permill = Permill::from_percent(10);
	pub const AcceptorShare: Permill = Permill::from_percent(20);
	pub const MaxBatch: u32 = 20;
	/// How many blocks the chain was paused for.
	pub static PausedBlocks: BlockNumber = 0;
}

/// Counts the blocks in which the chain was not paused.
pub struct ActiveBlocks;

impl BlockNumberProvider for ActiveBlocks {
	type BlockNumber = BlockNumber;

	fn current_block_number() -> BlockNumber {
		System::block_number().saturating_sub(PausedBlocks::get())
	}
}

impl pallet_datanets::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Slashed = ResolveTo<Treasury, Balances>;
	type AdminOrigin = EnsureRoot<AccountId>;
	type Commons = Commons;
	type Clock = ActiveBlocks;
	type RevealPeriod = RevealPeriod;
	type MinReviewPeriod = MinReviewPeriod;
	type MaxReviewPeriod = MaxReviewPeriod;
	type BondPeriod = BondPeriod;
	type JudgePeriod = JudgePeriod;
	type AppealPeriod = AppealPeriod;
	type RulePeriod = RulePeriod;
	type DatanetDeposit = DatanetDeposit;
	type CommitmentDeposit = CommitmentDeposit;
	type MinContributionBond = MinContributionBond;
	type ReviewerBond = ReviewerBond;
	type FlagDeposit = FlagDeposit;
	type PayeeDeposit = PayeeDeposit;
	type MaxCuratorShare = MaxCuratorShare;
	type ReporterShare = ReporterShare;
	type AcceptorShare = AcceptorShare;
	type MaxBatch = MaxBatch;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Self;
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_datanets::BenchmarkHelper<AccountId> for Test {
	fn fund(account: &AccountId) {
		use frame_support::traits::fungible::Mutate;
		Balances::set_balance(account, 1_000_000 * WEALTH);
	}

	fn set_clock(now: BlockNumber) {
		System::set_block_number(now);
	}
}

/// The chain before its first block.
pub fn new_test_ext() -> TestExternalities {
	PausedBlocks::set(0);
	let balances = (1..FIRST_POOR)
		.map(|who| (who, WEALTH))
		.chain([(COMMONS, EXISTENTIAL_DEPOSIT), (TREASURY, EXISTENTIAL_DEPOSIT)])
		.collect();
	let genesis = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
		..Default::default()
	};
	genesis.build_storage().unwrap().into()
}

/// Runs a test from the first block on; then every invariant holds and no money was made or lost.
pub fn build_and_execute(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		System::set_block_number(1);
		let issued = Balances::total_issuance();
		test();
		Datanets::do_try_state().unwrap();
		assert_eq!(Balances::total_issuance(), issued);
	});
}
