//! The OpenLedger runtime.
//!
//! This file is the table of contents: the types, the transaction extensions and the pallets with
//! their indices. How each pallet is wired stands in [`configs`] and [`governance`]; the money
//! rules that hold across pallets in [`issuance`]; what tools ask about contributions and models in
//! [`record`], and about inferences sold in [`lanes`]; the first block in [`genesis`].
//!
//! Invariants of the whole, each with a test in `tests/`:
//! - no account can act as root but through a referendum: there is no sudo, in any network;
//! - staking pays from the stakers' pot and never moves total issuance;
//! - every pallet with benchmarks is listed in [`benchmarks`] and uses its benchmarked weights;
//! - what safe mode stops is stopped, and blocks, elections, votes and proofs go on.

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "256"]
// The SDK's macros generate public items without documentation.
#![allow(missing_docs)]

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

extern crate alloc;

mod answers;
pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarks;
pub mod bridge;
pub mod configs;
pub mod genesis;
pub mod governance;
pub mod issuance;
pub mod lanes;
pub mod migrations;
pub mod record;
mod voter_bags;
pub mod weights;

#[cfg(feature = "std")]
pub use apis::RuntimeApi;
pub use openledger_primitives::{
	AccountId, Address, Balance, BlockNumber, Hash, Header, Nonce, Signature,
};

use alloc::{borrow::Cow, vec::Vec};
use sp_runtime::{generic, impl_opaque_keys};
use sp_version::RuntimeVersion;

/// What the node sees: blocks whose extrinsics stay undecoded, and the session keys.
pub mod opaque {
	use super::*;

	/// A block of opaque extrinsics.
	pub type Block = openledger_primitives::OpaqueBlock;

	/// The identifier of a block.
	pub type BlockId = generic::BlockId<Block>;

	impl_opaque_keys! {
		/// The four keys of a validator, in the order in which `session.setKeys` takes them.
		pub struct SessionKeys {
			/// Authors blocks.
			pub babe: Babe,
			/// Votes on finality.
			pub grandpa: Grandpa,
			/// Signs what Ethereum verifies.
			pub beefy: Beefy,
			/// Publishes the validator's network address.
			pub authority_discovery: AuthorityDiscovery,
		}
	}
}

/// Declares the version. The attribute wants literals, hence the macro.
macro_rules! runtime_version {
	($spec_name:tt, $spec_version:tt) => {
		/// The version of this runtime. `spec_version` is that of the next release: it rises with the
		/// first change after one. `transaction_version` rises only when an existing extrinsic would
		/// decode to something else.
		#[sp_version::runtime_version]
		pub const VERSION: RuntimeVersion = RuntimeVersion {
			spec_name: Cow::Borrowed($spec_name),
			impl_name: Cow::Borrowed("openledger"),
			authoring_version: 1,
			spec_version: $spec_version,
			impl_version: 1,
			apis: apis::RUNTIME_API_VERSIONS,
			transaction_version: 1,
			system_version: 3,
		};
	};
}

// A fast runtime has a name of its own, so that a production chain refuses it as an upgrade.
#[cfg(not(feature = "fast-runtime"))]
runtime_version!("openledger", 2);
#[cfg(all(feature = "fast-runtime", not(feature = "upgrade-rehearsal")))]
runtime_version!("openledger-fast", 2);
// What a running test network is upgraded to: see `migrations::rehearsal`.
#[cfg(all(feature = "fast-runtime", feature = "upgrade-rehearsal"))]
runtime_version!("openledger-fast", 3);

/// What every extrinsic is checked against and charged by, in this order.
pub type TxExtension = (
	frame_system::AuthorizeCall<Runtime>,
	frame_system::CheckNonZeroSender<Runtime>,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckEra<Runtime>,
	frame_system::CheckNonce<Runtime>,
	frame_system::CheckWeight<Runtime>,
	pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
	frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
	frame_system::WeightReclaim<Runtime>,
);

/// An extrinsic of this runtime.
pub type UncheckedExtrinsic =
	generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;

/// What an extrinsic's signature covers.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// A block of this runtime.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// Executes blocks. The hooks of pallets run in the order of their indices.
pub type Executive = frame_executive::Executive<
	Runtime,
	Block,
	frame_system::ChainContext<Runtime>,
	Runtime,
	AllPalletsWithSystem,
>;

/// The pallets. Index ranges: 0–9 system, 10–19 money and nominated stake,
/// 20–29 validators and consensus, 30–49 governance, 50–59 utilities, 60–69 OpenLedger's own, 70 and up the bridge.
#[frame_support::runtime]
mod runtime {
	/// The runtime.
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
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Babe = pallet_babe;
	#[runtime::pallet_index(2)]
	pub type Timestamp = pallet_timestamp;

	#[runtime::pallet_index(10)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(11)]
	pub type TransactionPayment = pallet_transaction_payment;
	#[runtime::pallet_index(12)]
	pub type Vesting = pallet_vesting;
	#[runtime::pallet_index(13)]
	pub type Issuance = crate::issuance::pallet;
	#[runtime::pallet_index(14)]
	pub type ElectionProviderMultiPhase = pallet_election_provider_multi_phase;
	#[runtime::pallet_index(15)]
	pub type VoterList = pallet_bags_list<Instance1>;
	#[runtime::pallet_index(16)]
	pub type DelegatedStaking = pallet_delegated_staking;
	#[runtime::pallet_index(17)]
	pub type NominationPools = pallet_nomination_pools;

	// Authorship before Session: its author must be known while the old validator set stands.
	#[runtime::pallet_index(20)]
	pub type Authorship = pallet_authorship;
	#[runtime::pallet_index(21)]
	pub type Staking = pallet_staking;
	#[runtime::pallet_index(22)]
	pub type Offences = pallet_offences;
	#[runtime::pallet_index(23)]
	pub type Historical = pallet_session::historical;
	#[runtime::pallet_index(24)]
	pub type Session = pallet_session;
	#[runtime::pallet_index(25)]
	pub type Grandpa = pallet_grandpa;
	// Beefy after Session and before Mmr: a leaf commits to the next BEEFY set.
	#[runtime::pallet_index(26)]
	pub type Beefy = pallet_beefy;
	#[runtime::pallet_index(27)]
	pub type Mmr = pallet_mmr;
	#[runtime::pallet_index(28)]
	pub type BeefyMmr = pallet_beefy_mmr;
	#[runtime::pallet_index(29)]
	pub type AuthorityDiscovery = pallet_authority_discovery;

	#[runtime::pallet_index(30)]
	pub type Referenda = pallet_referenda;
	#[runtime::pallet_index(31)]
	pub type ConvictionVoting = pallet_conviction_voting;
	#[runtime::pallet_index(32)]
	pub type Origins = crate::governance::origins::pallet;
	#[runtime::pallet_index(33)]
	pub type TechnicalCommittee = pallet_collective<Instance1>;
	#[runtime::pallet_index(34)]
	pub type Whitelist = pallet_whitelist;
	#[runtime::pallet_index(35)]
	pub type Treasury = pallet_treasury;
	#[runtime::pallet_index(36)]
	pub type Bounties = pallet_bounties;
	#[runtime::pallet_index(37)]
	pub type ChildBounties = pallet_child_bounties;
	#[runtime::pallet_index(38)]
	pub type Preimage = pallet_preimage;
	#[runtime::pallet_index(39)]
	pub type Scheduler = pallet_scheduler;
	#[runtime::pallet_index(40)]
	pub type Parameters = pallet_parameters;
	#[runtime::pallet_index(41)]
	pub type SafeMode = pallet_safe_mode;
	#[runtime::pallet_index(42)]
	pub type Emergency = crate::governance::emergency::pallet;

	#[runtime::pallet_index(50)]
	pub type Utility = pallet_utility;
	#[runtime::pallet_index(51)]
	pub type Multisig = pallet_multisig;
	#[runtime::pallet_index(52)]
	pub type Proxy = pallet_proxy;
	#[runtime::pallet_index(53)]
	pub type Identity = pallet_identity;
	#[runtime::pallet_index(54)]
	pub type MultiBlockMigrations = pallet_migrations;

	#[runtime::pallet_index(60)]
	pub type Datanets = pallet_datanets;
	#[runtime::pallet_index(61)]
	pub type ModelRegistry = pallet_model_registry;
	// Rewards before Attribution: terms are noted before batches name them.
	#[runtime::pallet_index(62)]
	pub type Rewards = pallet_rewards;
	#[runtime::pallet_index(63)]
	pub type Attribution = pallet_attribution;

	#[runtime::pallet_index(70)]
	pub type EthereumBeaconClient = snowbridge_pallet_ethereum_client;
	// After Mmr: the leaf carries the root that the block before has left.
	#[runtime::pallet_index(71)]
	pub type EthereumBridge = pallet_ethereum_bridge;
}
