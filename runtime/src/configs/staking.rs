//! Nominated proof of stake: staking, elections, the bags list and nomination pools.
//!
//! Elections are solved off chain by validators (unsigned phase) and checked on chain; if nobody
//! submits, a smaller election is solved on chain. There is no signed phase: its rewards would
//! be minted.

use crate::{
	configs::{
		consensus::MAX_VALIDATORS,
		system::{RuntimeBlockLength, RuntimeBlockWeights},
	},
	governance::origins::{EnsureRootOr, StakingAdmin},
	issuance::{FromEraPayable, FromStakersPot, ToTreasury},
	voter_bags, AccountId, Balance, Balances, DelegatedStaking, NominationPools, Runtime,
	RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason, Session, Staking, System, Timestamp,
	TransactionPayment, Treasury, VoterList,
};
use alloc::vec;
use frame_election_provider_support::{
	bounds::{ElectionBounds, ElectionBoundsBuilder},
	onchain, BalancingConfig, ElectionDataProvider, SequentialPhragmen, VoteWeight,
};
use frame_support::{
	dispatch::DispatchClass,
	parameter_types,
	traits::{ConstBool, ConstU128, ConstU32, ConstU8, Nothing},
	weights::Weight,
	PalletId,
};
use openledger_primitives::{
	accounts,
	time::{
		prod_or_fast, BONDING_ERAS, HISTORY_ERAS, MINUTES, SESSION, SESSIONS_PER_ERA,
		SLASH_DEFER_ERAS,
	},
	BlockNumber,
};
use sp_runtime::{
	traits::Convert, transaction_validity::TransactionPriority, FixedU128, PerU16, Perbill,
	SaturatedConversion,
};

/// How many validators a nominator may name.
pub const MAX_NOMINATIONS: u32 =
	<NposSolution16 as frame_election_provider_support::NposSolution>::LIMIT as u32;

/// Voters in the snapshot that off-chain solvers work on.
const MAX_ELECTING_VOTERS: u32 = 12_500;

/// Candidates in that snapshot.
const MAX_ELECTABLE_TARGETS: u32 = 1_000;

/// Voters when the election must be solved on chain, within one block.
const MAX_ON_CHAIN_VOTERS: u32 = 1_250;

/// Candidates when the election must be solved on chain.
const MAX_ON_CHAIN_TARGETS: u32 = 250;

/// The last quarter of a session is for off-chain solutions.
const UNSIGNED_PHASE: BlockNumber = prod_or_fast(SESSION / 4, SESSION / 2);

parameter_types! {
	/// Bounds of the snapshot.
	pub SnapshotBounds: ElectionBounds = ElectionBoundsBuilder::default()
		.voters_count(MAX_ELECTING_VOTERS.into())
		.targets_count(MAX_ELECTABLE_TARGETS.into())
		.build();
	/// Bounds of an election solved on chain.
	pub OnChainBounds: ElectionBounds = ElectionBoundsBuilder::default()
		.voters_count(MAX_ON_CHAIN_VOTERS.into())
		.targets_count(MAX_ON_CHAIN_TARGETS.into())
		.build();
	/// A solution must fit a block beside the base extrinsic.
	pub MaxSolutionWeight: Weight = RuntimeBlockWeights::get()
		.get(DispatchClass::Normal)
		.max_extrinsic
		.unwrap_or_else(|| RuntimeBlockWeights::get().max_block)
		.saturating_sub(RuntimeBlockWeights::get().get(DispatchClass::Normal).base_extrinsic);
	/// A solution's encoding must fit the normal part of a block with room to spare.
	pub MaxSolutionLength: u32 =
		Perbill::from_percent(90) * *RuntimeBlockLength::get().max.get(DispatchClass::Normal);
	/// How much better a later unsigned solution must be.
	pub BetterUnsignedThreshold: Perbill = Perbill::from_rational(5u32, 10_000u32);
	/// Solutions go before ordinary extrinsics: the validator set depends on them.
	pub const SolutionPriority: TransactionPriority = TransactionPriority::MAX / 2;
	/// How often a validator retries to submit a solution.
	pub const SolutionRetry: BlockNumber = prod_or_fast(5 * MINUTES, 5);
	/// The bags by which voters are roughly sorted.
	pub const BagThresholds: &'static [u64] = &voter_bags::THRESHOLDS;
	/// Pools' accounts derive from it.
	pub const PoolsPalletId: PalletId = accounts::NOMINATION_POOLS;
	/// Delegation's proxy accounts derive from it.
	pub const DelegationPalletId: PalletId = accounts::DELEGATED_STAKING;
	/// Delegated stake is slashed without a bounty for whoever applies it.
	pub const SlashRewardFraction: Perbill = Perbill::zero();
	/// How long the solver balances a solution.
	pub const Balancing: Option<BalancingConfig> =
		Some(BalancingConfig { iterations: 10, tolerance: 0 });
}

frame_election_provider_support::generate_solution_type!(
	#[compact]
	pub struct NposSolution16::<
		VoterIndex = u32,
		TargetIndex = u16,
		Accuracy = PerU16,
		MaxVoters = ConstU32<MAX_ELECTING_VOTERS>,
	>(16)
);

/// The sizes that benchmarks of the election use.
pub struct ElectionBenchmarks;

impl pallet_election_provider_multi_phase::BenchmarkingConfig for ElectionBenchmarks {
	const VOTERS: [u32; 2] = [1_000, 2_000];
	const TARGETS: [u32; 2] = [500, 1_000];
	const ACTIVE_VOTERS: [u32; 2] = [500, 800];
	const DESIRED_TARGETS: [u32; 2] = [50, 100];
	const SNAPSHOT_MAXIMUM_VOTERS: u32 = 1_000;
	const MINER_MAXIMUM_VOTERS: u32 = 1_000;
	const MAXIMUM_TARGETS: u32 = 300;
}

/// The sizes that benchmarks of staking use.
pub struct StakingBenchmarks;

impl pallet_staking::BenchmarkingConfig for StakingBenchmarks {
	type MaxValidators = ConstU32<1_000>;
	type MaxNominators = ConstU32<1_000>;
}

/// An election solved on chain, when no off-chain solution came.
pub struct OnChainElection;

impl onchain::Config for OnChainElection {
	type Sort = ConstBool<true>;
	type System = Runtime;
	type Solver = SequentialPhragmen<AccountId, Perbill>;
	type MaxBackersPerWinner = ConstU32<MAX_ELECTING_VOTERS>;
	type MaxWinnersPerPage = ConstU32<MAX_VALIDATORS>;
	type DataProvider = Staking;
	type WeightInfo = frame_election_provider_support::weights::SubstrateWeight<Runtime>;
	type Bounds = OnChainBounds;
}

impl pallet_election_provider_multi_phase::MinerConfig for Runtime {
	type AccountId = AccountId;
	type Solution = NposSolution16;
	type MaxVotesPerVoter = <Staking as ElectionDataProvider>::MaxVotesPerVoter;
	type MaxLength = MaxSolutionLength;
	type MaxWeight = MaxSolutionWeight;
	type MaxWinners = ConstU32<MAX_VALIDATORS>;
	type MaxBackersPerWinner = ConstU32<MAX_ELECTING_VOTERS>;

	fn solution_weight(voters: u32, targets: u32, active_voters: u32, degree: u32) -> Weight {
		<<Runtime as pallet_election_provider_multi_phase::Config>::WeightInfo as pallet_election_provider_multi_phase::WeightInfo>::submit_unsigned(
			voters,
			targets,
			active_voters,
			degree,
		)
	}
}

/// Signed submissions do not exist, so their deposit is never asked for.
pub struct NoSignedDeposit;

impl Convert<usize, Balance> for NoSignedDeposit {
	fn convert(_: usize) -> Balance {
		Balance::MAX
	}
}

impl pallet_election_provider_multi_phase::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type EstimateCallFee = TransactionPayment;
	type SignedPhase = ConstU32<0>;
	type UnsignedPhase = ConstU32<UNSIGNED_PHASE>;
	type BetterSignedThreshold = BetterUnsignedThreshold;
	type OffchainRepeat = SolutionRetry;
	type MinerTxPriority = SolutionPriority;
	type MinerConfig = Self;
	type SignedMaxSubmissions = ConstU32<0>;
	type SignedMaxWeight = MaxSolutionWeight;
	type SignedMaxRefunds = ConstU32<0>;
	type SignedRewardBase = ConstU128<0>;
	type SignedDepositByte = ConstU128<0>;
	type SignedDepositWeight = ConstU128<0>;
	type SignedDepositBase = NoSignedDeposit;
	type MaxWinners = ConstU32<MAX_VALIDATORS>;
	type MaxBackersPerWinner = ConstU32<MAX_ELECTING_VOTERS>;
	type ElectionBounds = SnapshotBounds;
	type SlashHandler = Treasury;
	type RewardHandler = ();
	type DataProvider = Staking;
	type Fallback = onchain::OnChainExecution<OnChainElection>;
	type GovernanceFallback = onchain::OnChainExecution<OnChainElection>;
	type Solver = SequentialPhragmen<
		AccountId,
		pallet_election_provider_multi_phase::SolutionAccuracyOf<Self>,
		Balancing,
	>;
	type ForceOrigin = EnsureRootOr<StakingAdmin>;
	type BenchmarkingConfig = ElectionBenchmarks;
	type WeightInfo = pallet_election_provider_multi_phase::weights::SubstrateWeight<Runtime>;
}

impl pallet_staking::Config for Runtime {
	type OldCurrency = Balances;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type CurrencyBalance = Balance;
	type UnixTime = Timestamp;
	type CurrencyToVote = sp_staking::currency_to_vote::U128CurrencyToVote;
	type ElectionProvider = crate::ElectionProviderMultiPhase;
	type GenesisElectionProvider = onchain::OnChainExecution<OnChainElection>;
	type NominationsQuota = pallet_staking::FixedNominationsQuota<MAX_NOMINATIONS>;
	type HistoryDepth = ConstU32<HISTORY_ERAS>;
	type RewardRemainder = ();
	type RuntimeEvent = RuntimeEvent;
	type Slash = ToTreasury;
	type Reward = FromEraPayable;
	type SessionsPerEra = ConstU32<SESSIONS_PER_ERA>;
	type BondingDuration = ConstU32<BONDING_ERAS>;
	type SlashDeferDuration = ConstU32<SLASH_DEFER_ERAS>;
	type AdminOrigin = EnsureRootOr<StakingAdmin>;
	type SessionInterface = Self;
	type EraPayout = FromStakersPot;
	type NextNewSession = Session;
	type MaxExposurePageSize = ConstU32<64>;
	type MaxValidatorSet = ConstU32<MAX_VALIDATORS>;
	type VoterList = VoterList;
	type TargetList = pallet_staking::UseValidatorsMap<Self>;
	type MaxUnlockingChunks = ConstU32<32>;
	type MaxControllersInDeprecationBatch = ConstU32<0>;
	type EventListeners = (NominationPools, DelegatedStaking);
	// Pool members delegate; they are no stakers of their own.
	type Filter = Nothing;
	type BenchmarkingConfig = StakingBenchmarks;
	type WeightInfo = pallet_staking::weights::SubstrateWeight<Runtime>;
}

impl pallet_bags_list::Config<pallet_bags_list::Instance1> for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_bags_list::weights::SubstrateWeight<Runtime>;
	type ScoreProvider = Staking;
	type BagThresholds = BagThresholds;
	type MaxAutoRebagPerBlock = ConstU32<5>;
	type Score = VoteWeight;
}

impl pallet_delegated_staking::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type PalletId = DelegationPalletId;
	type Currency = Balances;
	type OnSlash = ToTreasury;
	type SlashRewardFraction = SlashRewardFraction;
	type RuntimeHoldReason = RuntimeHoldReason;
	type CoreStaking = Staking;
}

/// Balances to 256 bits and back, for the pools' points.
pub struct Wide;

impl Convert<Balance, sp_core::U256> for Wide {
	fn convert(balance: Balance) -> sp_core::U256 {
		sp_core::U256::from(balance)
	}
}

impl Convert<sp_core::U256, Balance> for Wide {
	fn convert(wide: sp_core::U256) -> Balance {
		wide.saturated_into()
	}
}

impl pallet_nomination_pools::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_nomination_pools::weights::SubstrateWeight<Runtime>;
	type Currency = Balances;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type RewardCounter = FixedU128;
	type PalletId = PoolsPalletId;
	type MaxPointsToBalance = ConstU8<10>;
	type MaxUnbonding = ConstU32<8>;
	type BalanceToU256 = Wide;
	type U256ToBalance = Wide;
	type StakeAdapter =
		pallet_nomination_pools::adapter::DelegateStake<Self, Staking, DelegatedStaking>;
	type MaxUnbondingPools = ConstU32<4>;
	type MaxMetadataLen = ConstU32<256>;
	type AdminOrigin = EnsureRootOr<StakingAdmin>;
	type BlockNumberProvider = System;
	type Filter = pallet_staking::AllStakers<Runtime>;
}
