//! OpenGov: referenda on tracks decide, the technical committee can hurry them up but not decide.
//!
//! - [`tracks`]: the one table of tracks, the same in every build;
//! - [`origins`]: what a passed referendum may act as;
//! - [`emergency`]: safe mode in the hands of the technical committee.

pub mod emergency;
pub mod origins;
pub mod tracks;

use crate::{
	configs::system::RuntimeBlockWeights, AccountId, Balance, Balances, Bounties, ChildBounties,
	OriginCaller, Preimage, Referenda, Runtime, RuntimeCall, RuntimeEvent, RuntimeHoldReason,
	RuntimeOrigin, Scheduler, System, Treasury,
};
use frame_support::{
	parameter_types,
	traits::{
		fungible::HoldConsideration,
		tokens::{PayFromAccount, UnityAssetBalanceConversion},
		ConstU128, ConstU32, EitherOf, EitherOfDiverse, LinearStoragePrice, PrivilegeCmp,
	},
	weights::Weight,
	PalletId,
};
use frame_system::{EnsureRoot, EnsureSigned, EnsureWithSuccess};
use openledger_primitives::{
	accounts,
	time::{prod_or_fast, DAYS},
	units::{deposit, OPEN},
};
use origins::{
	EnsureRootOr, GeneralAdmin, ReferendumCanceller, ReferendumKiller, Spender, Treasurer,
	WhitelistedCaller,
};
use sp_runtime::{traits::IdentityLookup, Perbill, Permill};

/// The technical committee of the collective pallet.
pub type TechnicalCollective = pallet_collective::Instance1;

/// More than half of the technical committee.
pub type TechnicalMajority =
	pallet_collective::EnsureProportionMoreThan<AccountId, TechnicalCollective, 1, 2>;

/// A third of the technical committee.
pub type TechnicalThird =
	pallet_collective::EnsureProportionAtLeast<AccountId, TechnicalCollective, 1, 3>;

/// Two thirds of the technical committee.
pub type TechnicalTwoThirds =
	pallet_collective::EnsureProportionAtLeast<AccountId, TechnicalCollective, 2, 3>;

parameter_types! {
	/// The most that a scheduled call may use of a block.
	pub MaxScheduledWeight: Weight = Perbill::from_percent(80) * RuntimeBlockWeights::get().max_block;
	/// The most that a motion of the committee may use of a block.
	pub MaxMotionWeight: Weight = Perbill::from_percent(50) * RuntimeBlockWeights::get().max_block;
	/// Unspent OPEN of the treasury is kept, never burned.
	pub const TreasuryBurn: Permill = Permill::zero();
	/// The treasury's account derives from it.
	pub const TreasuryPalletId: PalletId = accounts::TREASURY;
	/// The treasury's account.
	pub TreasuryAccount: AccountId = accounts::account(accounts::TREASURY);
	/// The treasury may be emptied by root and the treasurer.
	pub const MaxBalance: Balance = Balance::MAX;
	/// A curator puts up half of the bounty's fee.
	pub const CuratorDepositMultiplier: Permill = Permill::from_percent(50);
	/// At least this much,
	pub const CuratorDepositMin: Option<Balance> = Some(10 * OPEN);
	/// at most this much.
	pub const CuratorDepositMax: Option<Balance> = Some(1_000 * OPEN);
	/// A preimage costs its item
	pub const PreimageDepositBase: Balance = deposit(2, 64);
	/// and its bytes.
	pub const PreimageDepositPerByte: Balance = deposit(0, 1);
	/// Names the hold on a preimage's deposit.
	pub const PreimageHoldReason: RuntimeHoldReason =
		RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
}

impl pallet_conviction_voting::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_conviction_voting::weights::SubstrateWeight<Runtime>;
	type Currency = Balances;
	type Polls = Referenda;
	type MaxTurnout =
		frame_support::traits::tokens::currency::ActiveIssuanceOf<Balances, AccountId>;
	type MaxVotes = ConstU32<512>;
	type VoteLockingPeriod = ConstU32<{ prod_or_fast(7 * DAYS, 10) }>;
	type BlockNumberProvider = System;
	type VotingHooks = ();
}

impl pallet_referenda::Config for Runtime {
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_referenda::weights::SubstrateWeight<Runtime>;
	type Scheduler = Scheduler;
	type Currency = Balances;
	type SubmitOrigin = EnsureSigned<AccountId>;
	type CancelOrigin = EnsureRootOr<ReferendumCanceller>;
	type KillOrigin = EnsureRootOr<ReferendumKiller>;
	type Slash = Treasury;
	type Votes = Balance;
	type Tally = pallet_conviction_voting::TallyOf<Runtime>;
	type SubmissionDeposit = ConstU128<OPEN>;
	type MaxQueued = ConstU32<100>;
	type UndecidingTimeout = ConstU32<{ prod_or_fast(14 * DAYS, 200) }>;
	type AlarmInterval = ConstU32<1>;
	type Tracks = tracks::Tracks;
	type Preimages = Preimage;
	type BlockNumberProvider = System;
}

impl origins::pallet::Config for Runtime {}

impl pallet_collective::Config<TechnicalCollective> for Runtime {
	type RuntimeOrigin = RuntimeOrigin;
	type Proposal = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type MotionDuration = ConstU32<{ prod_or_fast(7 * DAYS, 100) }>;
	type MaxProposals = ConstU32<20>;
	type MaxMembers = ConstU32<7>;
	type DefaultVote = pallet_collective::MoreThanMajorityThenPrimeDefaultVote;
	type WeightInfo = pallet_collective::weights::SubstrateWeight<Runtime>;
	type SetMembersOrigin = EnsureRootOr<GeneralAdmin>;
	type MaxProposalWeight = MaxMotionWeight;
	type DisapproveOrigin = EnsureRootOr<GeneralAdmin>;
	type KillOrigin = EnsureRootOr<GeneralAdmin>;
	// Members are elected by governance: their motions need no deposit.
	type Consideration = ();
}

impl pallet_whitelist::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type WhitelistOrigin = EitherOfDiverse<EnsureRoot<AccountId>, TechnicalTwoThirds>;
	type DispatchWhitelistedOrigin = EnsureRootOr<WhitelistedCaller>;
	type Preimages = Preimage;
	type DeferredDispatchExpiration = ConstU32<{ prod_or_fast(14 * DAYS, 200) }>;
	type BlockNumberProvider = System;
	type WeightInfo = pallet_whitelist::weights::SubstrateWeight<Runtime>;
}

impl pallet_treasury::Config for Runtime {
	type Currency = Balances;
	type RejectOrigin = EnsureRootOr<Treasurer>;
	type RuntimeEvent = RuntimeEvent;
	type SpendPeriod = ConstU32<{ prod_or_fast(24 * DAYS, 20) }>;
	type Burn = TreasuryBurn;
	type PalletId = TreasuryPalletId;
	type BurnDestination = ();
	type WeightInfo = pallet_treasury::weights::SubstrateWeight<Runtime>;
	type SpendFunds = Bounties;
	type MaxApprovals = ConstU32<100>;
	type SpendOrigin =
		EitherOf<EnsureWithSuccess<EnsureRootOr<Treasurer>, AccountId, MaxBalance>, Spender>;
	type AssetKind = ();
	type Beneficiary = AccountId;
	type BeneficiaryLookup = IdentityLookup<AccountId>;
	type Paymaster = PayFromAccount<Balances, TreasuryAccount>;
	type BalanceConverter = UnityAssetBalanceConversion;
	type PayoutPeriod = ConstU32<{ prod_or_fast(30 * DAYS, 100) }>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = benchmarking::TreasuryArguments;
	type BlockNumberProvider = System;
}

impl pallet_bounties::Config for Runtime {
	type BountyDepositBase = ConstU128<OPEN>;
	type BountyDepositPayoutDelay = ConstU32<{ prod_or_fast(4 * DAYS, 4) }>;
	type BountyUpdatePeriod = ConstU32<{ prod_or_fast(90 * DAYS, 100) }>;
	type CuratorDepositMultiplier = CuratorDepositMultiplier;
	type CuratorDepositMax = CuratorDepositMax;
	type CuratorDepositMin = CuratorDepositMin;
	type BountyValueMinimum = ConstU128<{ 10 * OPEN }>;
	type DataDepositPerByte = PreimageDepositPerByte;
	type RuntimeEvent = RuntimeEvent;
	type MaximumReasonLength = ConstU32<16_384>;
	type WeightInfo = pallet_bounties::weights::SubstrateWeight<Runtime>;
	type ChildBountyManager = ChildBounties;
	type OnSlash = Treasury;
	type TransferAllAssets = ();
}

impl pallet_child_bounties::Config for Runtime {
	type MaxActiveChildBountyCount = ConstU32<100>;
	type ChildBountyValueMinimum = ConstU128<OPEN>;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_child_bounties::weights::SubstrateWeight<Runtime>;
}

impl pallet_preimage::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_preimage::weights::SubstrateWeight<Runtime>;
	type Currency = Balances;
	type ManagerOrigin = EnsureRoot<AccountId>;
	type Consideration = HoldConsideration<
		AccountId,
		Balances,
		PreimageHoldReason,
		LinearStoragePrice<PreimageDepositBase, PreimageDepositPerByte, Balance>,
	>;
}

/// Lets the committee cancel nothing: only root ranks above other origins.
pub struct RootOutranks;

impl PrivilegeCmp<OriginCaller> for RootOutranks {
	fn cmp_privilege(left: &OriginCaller, right: &OriginCaller) -> Option<core::cmp::Ordering> {
		use core::cmp::Ordering;
		let root = OriginCaller::system(frame_system::RawOrigin::Root);
		match (left == &root, right == &root) {
			_ if left == right => Some(Ordering::Equal),
			(true, _) => Some(Ordering::Greater),
			(_, true) => Some(Ordering::Less),
			_ => None,
		}
	}
}

impl pallet_scheduler::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	type PalletsOrigin = OriginCaller;
	type RuntimeCall = RuntimeCall;
	type MaximumWeight = MaxScheduledWeight;
	type ScheduleOrigin = EnsureRoot<AccountId>;
	type OriginPrivilegeCmp = RootOutranks;
	type MaxScheduledPerBlock = ConstU32<50>;
	type WeightInfo = pallet_scheduler::weights::SubstrateWeight<Runtime>;
	type Preimages = Preimage;
	type BlockNumberProvider = System;
}

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking {
	use super::*;

	/// A spend for the treasury's benchmarks.
	pub struct TreasuryArguments;

	impl pallet_treasury::ArgumentsFactory<(), AccountId> for TreasuryArguments {
		fn create_asset_kind(_: u32) {}
		fn create_beneficiary(seed: [u8; 32]) -> AccountId {
			AccountId::from(seed)
		}
	}
}
