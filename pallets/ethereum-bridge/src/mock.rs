//! A chain with balances, the real light client and this pallet. Tests of the pallet's own rules say
//! which deposits the light client believes; tests of attacks let it judge for itself.

#![allow(clippy::arithmetic_side_effects)]

use crate as pallet_ethereum_bridge;
use crate::{messages::Locked, *};
use frame_support::{derive_impl, parameter_types};
use frame_system::{EnsureRoot, EnsureSignedBy};
use snowbridge_beacon_primitives::{
	types::VersionedExecutionPayloadHeader, BeaconHeader, ExecutionProof, Fork, ForkVersions,
};
use sp_core::U256;
use sp_runtime::BuildStorage;

/// The least an account may hold.
pub const EXISTENTIAL_DEPOSIT: Balance = 10;
/// What is issued at genesis.
pub const GENESIS: Balance = 3 * ENDOWMENT;
/// What each of those has that exist.
pub const ENDOWMENT: Balance = 100_000;
/// Blocks in which a capacity becomes free.
pub const PERIOD: BlockNumber = 100;
/// Withdrawals in a block.
pub const MESSAGES: u32 = 5;
/// All there is on Ethereum.
pub const SUPPLY: Balance = 10_000_000;

/// What may move in the beginning.
pub const LIMITS: Limits = Limits {
	deposit_capacity: 50_000,
	withdrawal_capacity: 40_000,
	min_withdrawal: 100,
	max_withdrawal: 20_000,
	supply_cap: 1_000_000,
	tip: 50,
};

/// Has OPEN.
pub const ALICE: AccountId = AccountId::new([1; 32]);
/// Has OPEN too.
pub const BOB: AccountId = AccountId::new([2; 32]);
/// Submits what others have locked.
pub const RELAYER: AccountId = AccountId::new([3; 32]);
/// Has nothing.
pub const NOBODY: AccountId = AccountId::new([4; 32]);
/// Can halt.
pub const GUARD: AccountId = AccountId::new([5; 32]);

/// This chain, to others.
pub const CHAIN: H256 = H256::repeat_byte(0xc4);
/// The vault.
pub const VAULT: Vault =
	Vault { chain_id: 31_337, address: H160::repeat_byte(0xaa), token: H160::repeat_byte(0xbb) };
/// Somebody on Ethereum.
pub const CAROL: H160 = H160::repeat_byte(0x0c);

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
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type BeaconClient = snowbridge_pallet_ethereum_client;
	#[runtime::pallet_index(3)]
	pub type Bridge = pallet_ethereum_bridge;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlockU32<Test>;
	type AccountId = AccountId;
	type Lookup = sp_runtime::traits::IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = Balance;
	type ExistentialDeposit = ExistentialDeposit;
}

const fn fork(number: u8, epoch: u64) -> Fork {
	Fork { version: [number, 0, 0, 0], epoch }
}

parameter_types! {
	pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
	pub const IssuedAtGenesis: Balance = GENESIS;
	pub const InitialLimits: Limits = LIMITS;
	pub const Guard: AccountId = GUARD;
	pub const Forks: ForkVersions = ForkVersions {
		genesis: fork(0, 0),
		altair: fork(1, 0),
		bellatrix: fork(2, 0),
		capella: fork(3, 0),
		deneb: fork(4, 0),
		electra: fork(5, 0),
		fulu: fork(6, u64::MAX),
	};
	/// Whether the light client judges; if not, it believes what `Believed` says.
	pub static RealVerifier: bool = false;
	/// What it says of proofs.
	pub static Believed: bool = true;
	/// How often it was asked.
	pub static Asked: u32 = 0;
	/// The size of the last checkpoint.
	pub static Installed: Option<usize> = None;
}

impl snowbridge_pallet_ethereum_client::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type ForkVersions = Forks;
	type FreeHeadersInterval = frame_support::traits::ConstU32<32>;
	type WeightInfo = ();
}

/// The light client, or a table.
pub struct TestVerifier;

impl Verifier for TestVerifier {
	fn verify(log: &Log, proof: &Proof) -> Result<(), VerificationError> {
		Asked::mutate(|asked| *asked += 1);
		if RealVerifier::get() {
			return BeaconClient::verify(log, proof);
		}
		Believed::get().then_some(()).ok_or(VerificationError::InvalidProof)
	}
}

/// Takes any bytes but none.
pub struct TestCheckpoint;

impl Checkpoint for TestCheckpoint {
	fn install(bytes: &[u8]) -> Result<(), &'static str> {
		Installed::set(Some(bytes.len()));
		(!bytes.is_empty()).then_some(()).ok_or("it is empty")
	}
}

impl pallet_ethereum_bridge::Config for Test {
	type Currency = Balances;
	type Verifier = TestVerifier;
	type Checkpoint = TestCheckpoint;
	type HaltOrigin = EnsureSignedBy<frame_support::traits::IsInVec<Guards>, AccountId>;
	type AdminOrigin = EnsureRoot<AccountId>;
	type GenesisIssuance = IssuedAtGenesis;
	type InitialLimits = InitialLimits;
	type MaxSupply = frame_support::traits::ConstU128<SUPPLY>;
	type LimitPeriod = frame_support::traits::ConstU32<PERIOD>;
	type MaxMessages = frame_support::traits::ConstU32<MESSAGES>;
	type MaxReceiptProof = frame_support::traits::ConstU32<100_000>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = TestBenchmarks;
}

parameter_types! {
	pub static Guards: Vec<AccountId> = alloc::vec![GUARD];
}

/// A proof that the table believes.
#[cfg(feature = "runtime-benchmarks")]
pub struct TestBenchmarks;

#[cfg(feature = "runtime-benchmarks")]
impl BenchmarkHelper for TestBenchmarks {
	fn deposit(vault: H160, locked: Locked, _: u32) -> EventProof {
		EventProof { event_log: log_of(vault, &locked), proof: no_proof() }
	}
}

/// The log that the vault emits for a deposit.
pub fn log_of(vault: H160, locked: &Locked) -> Log {
	let (topics, data) = locked.write();
	Log { address: vault, topics, data, tx_index: 0 }
}

/// A proof that only the table believes.
pub fn no_proof() -> Proof {
	Proof {
		receipt_proof: Vec::new(),
		execution_proof: ExecutionProof {
			header: BeaconHeader::default(),
			ancestry_proof: None,
			execution_header: VersionedExecutionPayloadHeader::Capella(Default::default()),
			execution_branch: Vec::new(),
		},
	}
}

/// A deposit, as its event says.
pub fn locked(nonce: u64, recipient: &AccountId, amount: Balance) -> Locked {
	Locked {
		nonce,
		from: CAROL,
		recipient: H256(recipient.clone().into()),
		amount: U256::from(amount),
	}
}

/// A deposit with a proof that the table believes.
pub fn deposit(nonce: u64, recipient: &AccountId, amount: Balance) -> Box<EventProof> {
	let event_log = log_of(VAULT.address, &locked(nonce, recipient, amount));
	Box::new(EventProof { event_log, proof: no_proof() })
}

/// A chain with a vault, before its first block.
pub fn new_test_ext() -> sp_io::TestExternalities {
	RealVerifier::set(false);
	Believed::set(true);
	Asked::set(0);
	let Vault { chain_id, address, token } = VAULT;
	let mut ext: sp_io::TestExternalities = RuntimeGenesisConfig {
		balances: BalancesConfig {
			balances: [ALICE, BOB, RELAYER].map(|who| (who, ENDOWMENT)).to_vec(),
			..Default::default()
		},
		bridge: BridgeConfig {
			checkpoint: None,
			vault: Some(GenesisVault { chain_id, address, token }),
			..Default::default()
		},
		..Default::default()
	}
	.build_storage()
	.expect("genesis builds")
	.into();
	ext.execute_with(|| {
		frame_system::BlockHash::<Test>::insert(0, CHAIN);
		System::set_block_number(1);
	});
	ext
}
