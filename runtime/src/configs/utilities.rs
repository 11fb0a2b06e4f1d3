//! Batches, multisigs, proxies, identities: tools for accounts. The deposits follow one rule,
//! [`deposit`]: an item and the bytes it occupies.

use crate::{
	configs::record::MIN_CONTRIBUTION_BOND,
	governance::origins::{EnsureRootOr, GeneralAdmin},
	Balance, Balances, OriginCaller, Runtime, RuntimeCall, RuntimeEvent, Signature, System,
	Treasury,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	parameter_types,
	traits::{ConstU32, InstanceFilter},
};
use openledger_primitives::{time::DAYS, units::deposit};
use scale_info::TypeInfo;
use sp_runtime::traits::{BlakeTwo256, Verify};

impl pallet_utility::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PalletsOrigin = OriginCaller;
	type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	/// A multisig operation: hash, height, depositor and threshold.
	pub const MultisigDepositBase: Balance = deposit(1, 88);
	/// Each approval is an account.
	pub const MultisigDepositFactor: Balance = deposit(0, 32);
	/// The map entry of a proxied account.
	pub const ProxyDepositBase: Balance = deposit(1, 8);
	/// Each proxy: account, type and delay.
	pub const ProxyDepositFactor: Balance = deposit(0, 37);
	/// The map entry of a proxy's announcements.
	pub const AnnouncementDepositBase: Balance = deposit(1, 8);
	/// Each announcement: account, hash and height.
	pub const AnnouncementDepositFactor: Balance = deposit(0, 68);
	/// The map entry of an identity.
	pub const IdentityDepositBase: Balance = deposit(1, 17);
	/// Each byte of an identity.
	pub const IdentityDepositPerByte: Balance = deposit(0, 1);
	/// A username and the two map entries behind it.
	pub const UsernameDeposit: Balance = deposit(2, 64);
	/// A sub-account: its account and name.
	pub const SubAccountDeposit: Balance = deposit(1, 53);
}

impl pallet_multisig::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type DepositBase = MultisigDepositBase;
	type DepositFactor = MultisigDepositFactor;
	type MaxSignatories = ConstU32<100>;
	type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
	type BlockNumberProvider = System;
}

/// What a proxy may do for the account behind it.
#[derive(
	Copy,
	Clone,
	Eq,
	PartialEq,
	Ord,
	PartialOrd,
	Encode,
	Decode,
	DecodeWithMemTracking,
	Debug,
	Default,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum ProxyType {
	/// Everything.
	#[default]
	#[codec(index = 0)]
	Any,
	/// Everything that moves no OPEN to another account.
	#[codec(index = 1)]
	NonTransfer,
	/// Votes, referenda, the treasury and the collective.
	#[codec(index = 2)]
	Governance,
	/// Stakes, validates, nominates, sets session keys.
	#[codec(index = 3)]
	Staking,
	/// Joins and runs nomination pools.
	#[codec(index = 4)]
	NominationPools,
	/// Rejects announced calls of other proxies.
	#[codec(index = 5)]
	CancelProxy,
	/// Contributes and reviews; gives away neither datanets nor the right to earn.
	#[codec(index = 6)]
	Contribution,
	/// Runs the account's models and operations; gives away none.
	#[codec(index = 7)]
	Models,
	/// Submits batches, answers, attests, finalises and claims: the key of an operator's or an
	/// attestor's daemon. What it does wrong costs the account its bond or its stake.
	#[codec(index = 8)]
	Lanes,
}

/// The largest bond of a contribution to which a proxy may agree: a tenth of it may go to who reports
/// the contribution, and that could be a friend of the proxy.
const MAX_BOND_BY_PROXY: Balance = 10 * MIN_CONTRIBUTION_BOND;

/// Calls about datanets that give nothing of value away. A flag could: its deposit may end with whom
/// it is raised against.
fn contributes(call: &RuntimeCall) -> bool {
	use pallet_datanets::Call::{flag, reveal, set_payee, transfer_datanet, transfer_right};
	let RuntimeCall::Datanets(call) = call else { return false };
	match call {
		flag { .. } | set_payee { .. } | transfer_datanet { .. } | transfer_right { .. } => false,
		reveal { agreed, .. } => agreed.bond <= MAX_BOND_BY_PROXY,
		_ => true,
	}
}

/// Calls about models that give nothing of value away.
fn runs_models(call: &RuntimeCall) -> bool {
	use pallet_model_registry::Call::transfer_model;
	matches!(call, RuntimeCall::ModelRegistry(call) if !matches!(call, transfer_model { .. }))
}

/// Calls of operators, attestors and watchers that pay nobody else. A demand could: its deposit may end
/// with the operator.
fn runs_lanes(call: &RuntimeCall) -> bool {
	use pallet_attribution::Call::{demand, leave, stake};
	use pallet_rewards::Call::{claim, claim_account, claim_curation, take_withdrawn};
	match call {
		RuntimeCall::Attribution(call) => {
			!matches!(call, demand { .. } | leave { .. } | stake { .. })
		}
		RuntimeCall::Rewards(call) => matches!(
			call,
			claim { .. } | claim_account { .. } | claim_curation { .. } | take_withdrawn { .. }
		),
		_ => false,
	}
}

impl InstanceFilter<RuntimeCall> for ProxyType {
	fn filter(&self, call: &RuntimeCall) -> bool {
		match self {
			ProxyType::Any => true,
			ProxyType::NonTransfer => {
				contributes(call)
					|| runs_models(call)
					|| matches!(
						call,
						RuntimeCall::System(..)
							| RuntimeCall::Session(..)
							| RuntimeCall::Staking(..)
							| RuntimeCall::VoterList(..)
							| RuntimeCall::Referenda(..)
							| RuntimeCall::ConvictionVoting(..)
							| RuntimeCall::TechnicalCommittee(..)
							| RuntimeCall::Whitelist(..)
							| RuntimeCall::Treasury(..)
							| RuntimeCall::Bounties(..)
							| RuntimeCall::ChildBounties(..)
							| RuntimeCall::Preimage(..)
							| RuntimeCall::Utility(..)
							| RuntimeCall::Multisig(..)
							| RuntimeCall::Proxy(..)
							| RuntimeCall::Vesting(
								pallet_vesting::Call::vest { .. }
									| pallet_vesting::Call::vest_other { .. }
							) | RuntimeCall::Identity(..)
					)
			}
			ProxyType::Governance => matches!(
				call,
				RuntimeCall::Referenda(..)
					| RuntimeCall::ConvictionVoting(..)
					| RuntimeCall::TechnicalCommittee(..)
					| RuntimeCall::Whitelist(..)
					| RuntimeCall::Treasury(..)
					| RuntimeCall::Bounties(..)
					| RuntimeCall::ChildBounties(..)
					| RuntimeCall::Preimage(..)
					| RuntimeCall::Utility(..)
			),
			ProxyType::Staking => matches!(
				call,
				RuntimeCall::Staking(..)
					| RuntimeCall::Session(..)
					| RuntimeCall::VoterList(..)
					| RuntimeCall::Utility(..)
			),
			ProxyType::NominationPools => {
				matches!(call, RuntimeCall::NominationPools(..) | RuntimeCall::Utility(..))
			}
			ProxyType::CancelProxy => matches!(
				call,
				RuntimeCall::Proxy(pallet_proxy::Call::reject_announcement { .. })
					| RuntimeCall::Utility(..)
					| RuntimeCall::Multisig(..)
			),
			ProxyType::Contribution => {
				contributes(call) || matches!(call, RuntimeCall::Utility(..))
			}
			ProxyType::Models => runs_models(call) || matches!(call, RuntimeCall::Utility(..)),
			ProxyType::Lanes => runs_lanes(call) || matches!(call, RuntimeCall::Utility(..)),
		}
	}

	fn is_superset(&self, other: &Self) -> bool {
		match (self, other) {
			(a, b) if a == b => true,
			(ProxyType::Any, _) => true,
			(_, ProxyType::Any) => false,
			// Pools move OPEN out of the account and lanes put it at stake, so NonTransfer covers neither.
			(ProxyType::NonTransfer, other) => {
				!matches!(other, ProxyType::NominationPools | ProxyType::Lanes)
			}
			_ => false,
		}
	}
}

impl pallet_proxy::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type ProxyType = ProxyType;
	type ProxyDepositBase = ProxyDepositBase;
	type ProxyDepositFactor = ProxyDepositFactor;
	type MaxProxies = ConstU32<32>;
	type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
	type MaxPending = ConstU32<32>;
	type CallHasher = BlakeTwo256;
	type AnnouncementDepositBase = AnnouncementDepositBase;
	type AnnouncementDepositFactor = AnnouncementDepositFactor;
	type BlockNumberProvider = System;
}

impl pallet_identity::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type BasicDeposit = IdentityDepositBase;
	type ByteDeposit = IdentityDepositPerByte;
	type UsernameDeposit = UsernameDeposit;
	type SubAccountDeposit = SubAccountDeposit;
	type MaxSubAccounts = ConstU32<100>;
	type IdentityInformation = pallet_identity::legacy::IdentityInfo<ConstU32<100>>;
	type MaxRegistrars = ConstU32<20>;
	type Slashed = Treasury;
	type ForceOrigin = EnsureRootOr<GeneralAdmin>;
	type RegistrarOrigin = EnsureRootOr<GeneralAdmin>;
	type OffchainSignature = Signature;
	type SigningPublicKey = <Signature as Verify>::Signer;
	type UsernameAuthorityOrigin = EnsureRootOr<GeneralAdmin>;
	type PendingUsernameExpiration = ConstU32<{ 7 * DAYS }>;
	type UsernameGracePeriod = ConstU32<{ 30 * DAYS }>;
	type MaxSuffixLength = ConstU32<7>;
	type MaxUsernameLength = ConstU32<32>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
	type WeightInfo = pallet_identity::weights::SubstrateWeight<Runtime>;
}
