//! Lanes and their money: attribution and rewards.

#[cfg(feature = "runtime-benchmarks")]
use crate::configs::lane_benchmarks::LaneBenchmarks;
use crate::{
	configs::{
		monetary::{FEE_PER_BYTE, FEE_PER_PICOSECOND},
		parameters::effective,
		record::CommonsAccount,
	},
	governance::emergency::ActiveBlocks,
	issuance::ToTreasury,
	weights, AccountId, Balance, Balances, BlockNumber, Datanets, ModelRegistry, Rewards, Runtime,
	RuntimeHoldReason,
};
use frame_support::{
	parameter_types,
	traits::{tokens::imbalance::ResolveTo, ConstU128, ConstU32, Get},
};
use openledger_primitives::{
	accounts::{self, COMMUNITY_POOL, EARNINGS, ESCROW, PAYERS, STAKERS_POT, TREASURY},
	time::{prod_or_fast, DAYS, HOURS, MINUTES, SESSION},
	units::{MILLI_OPEN, OPEN},
};
use openledger_settlement::split::Terms;
use pallet_attribution::{WeightInfo as _, MAX_OUTPUT, MAX_PROOF};
use sp_core::H256;
use sp_runtime::Permill;

/// How long an operator has for an answer.
pub const ANSWER_TIME: BlockNumber = prod_or_fast(24 * HOURS, 15);

/// For how long nothing may have been published when a batch becomes final.
pub const QUIET_TIME: BlockNumber = prod_or_fast(12 * HOURS, 10);

/// The least time in which a batch can be challenged, whatever governance sets.
pub const MIN_WINDOW: BlockNumber = prod_or_fast(2 * DAYS, 45);

/// The most.
pub const MAX_WINDOW: BlockNumber = prod_or_fast(14 * DAYS, 450);

// Draws are known two sessions after the batch, and must be answered and looked at within the window.
const _: () = assert!(MIN_WINDOW >= 2 * SESSION + ANSWER_TIME + QUIET_TIME);

/// Bytes of the largest answer to one demand: its proof, an output, and 16 KiB for receipts, matches
/// and the proofs of leaves.
pub const LARGEST_ANSWER: usize = MAX_PROOF + MAX_OUTPUT + 16 * 1_024;

/// The step and the disclosure of the largest answer, as its weight counts them.
const LARGEST_RECEIPTS: u32 = (MAX_PROOF / 2_048) as u32;
const LARGEST_DISCLOSURE: u32 = (MAX_OUTPUT / 1_024) as u32;

parameter_types! {
	/// What payers have deposited and not spent.
	pub PayersPot: AccountId = accounts::account(PAYERS);
	/// What they have spent in batches that are not final.
	pub EscrowPot: AccountId = accounts::account(ESCROW);
	/// What was earned and not claimed.
	pub EarningsPot: AccountId = accounts::account(EARNINGS);
	/// The treasury.
	pub TreasuryAccount: AccountId = accounts::account(TREASURY);
	/// What stakers are going to earn.
	pub StakersPot: AccountId = accounts::account(STAKERS_POT);
	/// What is streamed to them.
	pub CommunityPool: AccountId = accounts::account(COMMUNITY_POOL);
	/// The most that a challenger gets of what is slashed.
	pub const ChallengerShare: Permill = Permill::from_percent(10);
}

/// How fees are split, as governance has set it.
pub struct EffectiveTerms;

impl Get<Terms> for EffectiveTerms {
	fn get() -> Terms {
		effective::terms()
	}
}

/// How long batches can be challenged, as governance has set it.
pub struct Window;

impl Get<BlockNumber> for Window {
	fn get() -> BlockNumber {
		effective::challenge_window()
	}
}

/// What the community pool pays stakers in each period, as governance has set it.
pub struct StreamAmount;

impl Get<Balance> for StreamAmount {
	fn get() -> Balance {
		effective::stream_amount()
	}
}

/// Twice the fee of the largest answer: whoever answers a demand has gained by it.
pub struct DemandDeposit;

impl Get<Balance> for DemandDeposit {
	fn get() -> Balance {
		type Weights = <Runtime as pallet_attribution::Config>::WeightInfo;
		let time = Weights::open(LARGEST_RECEIPTS, LARGEST_DISCLOSURE).ref_time();
		let by_time = FEE_PER_PICOSECOND.saturating_mul(time.into());
		let by_length = FEE_PER_BYTE.saturating_mul(LARGEST_ANSWER as Balance);
		by_time.saturating_add(by_length).saturating_mul(2)
	}
}

impl pallet_rewards::Config for Runtime {
	type Currency = Balances;
	type Models = ModelRegistry;
	type Contributions = Datanets;
	type Terms = EffectiveTerms;
	type Clock = ActiveBlocks;
	type PayersPot = PayersPot;
	type EscrowPot = EscrowPot;
	type EarningsPot = EarningsPot;
	type Treasury = TreasuryAccount;
	type StakersPot = StakersPot;
	type Commons = CommonsAccount;
	type CommunityPool = CommunityPool;
	type OpeningFee = ConstU128<{ 100 * MILLI_OPEN }>;
	type WithdrawalDelay = ConstU32<{ prod_or_fast(2 * DAYS, 45) }>;
	type TermsGrace = ConstU32<{ prod_or_fast(24 * HOURS, 30) }>;
	type StreamPeriod = ConstU32<{ prod_or_fast(DAYS, 30) }>;
	type StreamAmount = StreamAmount;
	// A block of a fast runtime has a third of the time.
	type MaxClaims = ConstU32<{ prod_or_fast(500, 300) }>;
	type WeightInfo = weights::pallet_rewards::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = LaneBenchmarks;
}

/// BABE's randomness: made of what validators revealed in the epoch before.
pub struct BabeRandomness;

impl pallet_attribution::Randomness for BabeRandomness {
	fn epoch() -> u64 {
		pallet_babe::EpochIndex::<Runtime>::get()
	}

	fn next() -> H256 {
		pallet_babe::NextRandomness::<Runtime>::get().into()
	}
}

impl pallet_attribution::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = ModelRegistry;
	type Operators = ModelRegistry;
	type Ledger = Rewards;
	type Contributions = Datanets;
	type Slashed = ToTreasury;
	type Escrow = ResolveTo<EscrowPot, Balances>;
	type Randomness = BabeRandomness;
	type Clock = ActiveBlocks;
	type Window = Window;
	type AnswerTime = ConstU32<ANSWER_TIME>;
	type AnswerTimePerDemand = ConstU32<{ prod_or_fast(MINUTES, 1) }>;
	type QuietTime = ConstU32<QUIET_TIME>;
	type AdoptTime = ConstU32<{ prod_or_fast(3 * DAYS, 15) }>;
	type AttestorUnbonding = ConstU32<{ prod_or_fast(14 * DAYS, 45) }>;
	type MinAttestorStake = ConstU128<{ 1_000 * OPEN }>;
	type DemandDeposit = DemandDeposit;
	type ChallengerShare = ChallengerShare;
	type WeightInfo = weights::pallet_attribution::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = LaneBenchmarks;
}
