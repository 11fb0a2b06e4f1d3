//! The bridge: Ethereum's light client, and OPEN mirrored by what it verifies.

#[cfg(feature = "runtime-benchmarks")]
use crate::configs::bridge_benchmarks::BridgeBenchmarks;
use crate::{
	genesis::SUPPLY,
	governance::{
		origins::{BridgeAdmin, EnsureRootOr},
		TechnicalThird,
	},
	issuance::pallet::GenesisIssuance,
	weights, Balance, Balances, EthereumBeaconClient, Runtime, RuntimeEvent, RuntimeOrigin,
};
use alloc::boxed::Box;
use codec::DecodeAll;
use frame_support::{
	parameter_types,
	traits::{ConstU128, ConstU32, EitherOfDiverse, Get},
};
use hex_literal::hex;
use openledger_primitives::{
	time::{prod_or_fast, DAYS},
	units::{MILLI_OPEN, OPEN},
};
use pallet_ethereum_bridge::{Checkpoint, Limits};
use snowbridge_beacon_primitives::{Fork, ForkVersions};
use snowbridge_pallet_ethereum_client::types::CheckpointUpdate;
use sp_consensus_beefy::mmr::BeefyDataProvider;
use sp_core::H256;

/// All the OPEN there is on Ethereum.
pub const ETHEREUM_SUPPLY: Balance = 1_000_000_000 * OPEN;

/// Beacon chains whose validators' keys everybody knows: of Snowbridge's test fixtures, and of our
/// beacon kit. Whoever starts from one of their checkpoints can be told anything.
pub const PUBLIC_KEYS: [H256; 2] = [
	H256(hex!("270d43e74ce340de4bca2b1936beca0f4f5408d9e78aec4850920baf659d5b69")),
	H256(hex!("e6e7edbc0a2390302a6e674d759819944c85d1b0fd1e8ffa606e057cafb381e9")),
];

/// What may move before governance says otherwise: little, as long as the bridge is young.
const INITIAL_LIMITS: Limits = Limits {
	deposit_capacity: 1_000_000 * OPEN,
	withdrawal_capacity: 1_000_000 * OPEN,
	// Less is not worth its gas on Ethereum, and every withdrawal is kept for ever.
	min_withdrawal: 10 * OPEN,
	// No vault may be deployed that cannot pay this at once.
	max_withdrawal: 100_000 * OPEN,
	supply_cap: SUPPLY + SUPPLY / 10,
	tip: 100 * MILLI_OPEN,
};

/// A fork of Ethereum's.
const fn fork(version: [u8; 4], epoch: u64) -> Fork {
	Fork { version, epoch }
}

parameter_types! {
	/// What may move before governance says otherwise.
	pub const InitialLimits: Limits = INITIAL_LIMITS;
	/// Mainnet's forks; a development chain follows a chain that has Electra from the beginning, and so
	/// do the fixtures that the client is measured with. After the next fork the client stands still
	/// until this list, and the client, know it.
	pub const Forks: ForkVersions = if cfg!(any(feature = "fast-runtime", feature = "runtime-benchmarks")) {
		ForkVersions {
			genesis: fork([0, 0, 0, 0], 0),
			altair: fork([1, 0, 0, 0], 0),
			bellatrix: fork([2, 0, 0, 0], 0),
			capella: fork([3, 0, 0, 0], 0),
			deneb: fork([4, 0, 0, 0], 0),
			electra: fork([5, 0, 0, 0], 0),
			fulu: fork([6, 0, 0, 0], u64::MAX),
		}
	} else {
		ForkVersions {
			genesis: fork([0, 0, 0, 0], 0),
			altair: fork([1, 0, 0, 0], 74_240),
			bellatrix: fork([2, 0, 0, 0], 144_896),
			capella: fork([3, 0, 0, 0], 194_048),
			deneb: fork([4, 0, 0, 0], 269_568),
			electra: fork([5, 0, 0, 0], 364_032),
			fulu: fork([6, 0, 0, 0], 411_392),
		}
	};
}

impl snowbridge_pallet_ethereum_client::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type ForkVersions = Forks;
	// One header per epoch of 32 slots is free: what a relayer needs, and the ring remembers for 22 days.
	type FreeHeadersInterval = ConstU32<32>;
	type WeightInfo = weights::snowbridge_pallet_ethereum_client::WeightInfo<Runtime>;
}

/// What was issued at genesis.
pub struct IssuedAtGenesis;

impl Get<Balance> for IssuedAtGenesis {
	fn get() -> Balance {
		GenesisIssuance::<Runtime>::get()
	}
}

/// Starts the light client.
pub struct BeaconCheckpoint;

impl BeaconCheckpoint {
	/// Refuses a chain whose keys are public, unless this is a development runtime.
	pub fn trustworthy(validators_root: H256, development: bool) -> Result<(), &'static str> {
		if !development && PUBLIC_KEYS.contains(&validators_root) {
			return Err("it is of a beacon chain whose validators' keys everybody knows");
		}
		Ok(())
	}
}

impl Checkpoint for BeaconCheckpoint {
	fn install(bytes: &[u8]) -> Result<(), &'static str> {
		let update = Box::<CheckpointUpdate>::decode_all(&mut &*bytes)
			.map_err(|_| "it is no checkpoint of a beacon chain, in SCALE")?;
		Self::trustworthy(update.validators_root, cfg!(feature = "fast-runtime"))?;
		EthereumBeaconClient::force_checkpoint(RuntimeOrigin::root(), update)
			.map_err(|_| "its sync committee or its block roots are not proven by its header")
	}
}

impl pallet_ethereum_bridge::Config for Runtime {
	type Currency = Balances;
	type Verifier = EthereumBeaconClient;
	type Checkpoint = BeaconCheckpoint;
	type HaltOrigin = EitherOfDiverse<EnsureRootOr<BridgeAdmin>, TechnicalThird>;
	type AdminOrigin = EnsureRootOr<BridgeAdmin>;
	type GenesisIssuance = IssuedAtGenesis;
	type InitialLimits = InitialLimits;
	type MaxSupply = ConstU128<ETHEREUM_SUPPLY>;
	type LimitPeriod = ConstU32<{ prod_or_fast(DAYS, 100) }>;
	type MaxMessages = ConstU32<128>;
	// A transaction may use 2²⁴ gas, and a byte of a log costs 8: no receipt is larger than 2 MiB.
	type MaxReceiptProof = ConstU32<{ 5 * 512 * 1_024 }>;
	type WeightInfo = weights::pallet_ethereum_bridge::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = BridgeBenchmarks;
}

/// What a leaf carries for L1 besides the parent block and the next BEEFY set: the root of the
/// parent's messages to Ethereum. A leaf is made before anything else in a block, so it can only
/// carry what the block before has left.
pub struct OutboundMessages;

impl BeefyDataProvider<H256> for OutboundMessages {
	fn extra_data() -> H256 {
		pallet_ethereum_bridge::MessagesRoot::<Runtime>::get()
	}
}
