//! A chain with balances and this pallet alone. Its models and contributions are tables: the real ones
//! meet the pallet in the tests of the runtime.

#![allow(clippy::arithmetic_side_effects)]

use crate as pallet_rewards;
use crate::*;
use alloc::{collections::BTreeMap, vec, vec::Vec};
use frame_support::{assert_ok, derive_impl, parameter_types, traits::ConstU32};
use openledger_primitives::{
	accounts::{
		account, PotId, COMMONS, COMMUNITY_POOL, EARNINGS, ESCROW, PAYERS, STAKERS_POT, TREASURY,
	},
	records::ContributionRef,
	Signature,
};
use openledger_settlement::{chain::Head, parties::Lineage, voucher};
use sp_core::{ecdsa, ed25519, sr25519, Pair, H256};
use sp_runtime::{
	traits::{IdentifyAccount, Verify},
	BuildStorage, Permill,
};

/// The least an account may hold: no whole number of nano-OPEN, so that rounding would be seen.
pub const EXISTENTIAL_DEPOSIT: Balance = 1_000 * UNITS_PER_NANO + 7;
/// What the accounts that are rich have in the beginning, in nano-OPEN.
pub const ENDOWMENT: Nano = 1_000_000_000;
/// What opening an entry costs.
pub const FEE: Balance = 100_000 * UNITS_PER_NANO;
/// Blocks between a withdrawal and its payment.
pub const DELAY: BlockNumber = 20;
/// Blocks for which terms may be named after their end.
pub const GRACE: BlockNumber = 10;
/// Blocks between two moves of the stream.
pub const PERIOD: BlockNumber = 5;
/// What the community pool has to stream.
pub const POOL: Balance = 1_000_003;

/// Owns models.
pub const OWNER: AccountId = AccountId::new([1; 32]);
/// Owns what they were made from.
pub const PARENT: AccountId = AccountId::new([2; 32]);
/// Owns what that was made from.
pub const GRANDPARENT: AccountId = AccountId::new([3; 32]);
/// Operates models.
pub const OPERATOR: AccountId = AccountId::new([4; 32]);
/// Contributes.
pub const ALICE: AccountId = AccountId::new([5; 32]);
/// Contributes too.
pub const BOB: AccountId = AccountId::new([6; 32]);
/// Has nothing to do with it, and calls what anyone may.
pub const ANYONE: AccountId = AccountId::new([7; 32]);
/// Has nothing at all.
pub const NOBODY: AccountId = AccountId::new([50; 32]);
/// Review what others contribute.
pub const REVIEWERS: [AccountId; 3] =
	[AccountId::new([11; 32]), AccountId::new([12; 32]), AccountId::new([13; 32])];

/// A model that descends from two others.
pub const MODEL: ModelId = 7;
/// A model of its own.
pub const OTHER_MODEL: ModelId = 8;

/// All the pots.
pub const POTS: [PotId; 7] =
	[PAYERS, ESCROW, EARNINGS, TREASURY, STAKERS_POT, COMMONS, COMMUNITY_POOL];

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
	pub type Rewards = pallet_rewards;
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

/// A contribution, as the pallet sees it.
#[derive(Clone, Debug)]
pub struct Work {
	/// What is taken off.
	pub shares: Shares,
	/// Who is paid.
	pub payee: AccountId,
	/// Who accepted it.
	pub curators: Vec<AccountId>,
}

/// The terms in the beginning.
pub const TERMS: Terms = Terms {
	platform_fee: 10,
	stakers: Permill::from_percent(10),
	model: Permill::from_percent(30),
	operator: Permill::from_percent(50),
};

parameter_types! {
	pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
	pub const OpeningFee: Balance = FEE;
	pub PayersPot: AccountId = account(PAYERS);
	pub EscrowPot: AccountId = account(ESCROW);
	pub EarningsPot: AccountId = account(EARNINGS);
	pub Treasury: AccountId = account(TREASURY);
	pub StakersPot: AccountId = account(STAKERS_POT);
	pub Commons: AccountId = account(COMMONS);
	pub CommunityPool: AccountId = account(COMMUNITY_POOL);
	/// The terms that governance has set.
	pub static TermsSet: Terms = TERMS;
	/// What the stream moves.
	pub static StreamAmount: Balance = 0;
	/// How many blocks the chain was paused for.
	pub static PausedBlocks: BlockNumber = 0;
	/// The models.
	pub static Lineages: BTreeMap<ModelId, Lineage<AccountId>> = BTreeMap::new();
	/// The contributions.
	pub static Works: BTreeMap<ContributionRef, Work> = BTreeMap::new();
	/// What people have sent to the payers' and the earnings pot for no reason.
	pub static Donated: Balance = 0;
}

/// Counts the blocks in which the chain was not paused.
pub struct ActiveBlocks;

impl BlockNumberProvider for ActiveBlocks {
	type BlockNumber = BlockNumber;

	fn current_block_number() -> BlockNumber {
		System::block_number().saturating_sub(PausedBlocks::get())
	}
}

/// See [`Lineages`].
pub struct ModelTable;

impl Models<AccountId> for ModelTable {
	fn trained(_: ModelId, _: VersionNumber) -> Option<openledger_settlement::parties::Trained> {
		None
	}

	fn price(
		_: ModelId,
		_: openledger_primitives::records::Epoch,
	) -> Option<openledger_settlement::price::Price> {
		None
	}

	fn lineage(model: ModelId) -> Option<Lineage<AccountId>> {
		Lineages::mutate(|table| table.get(&model).cloned())
	}
}

/// See [`Works`].
pub struct WorkTable;

impl InspectContributions<AccountId> for WorkTable {
	fn content(_: ContributionRef) -> Option<(openledger_primitives::content::ContentId, u64)> {
		None
	}

	fn shares(at: ContributionRef) -> Option<Shares> {
		Works::mutate(|table| table.get(&at).map(|work| work.shares))
	}

	fn payee(at: ContributionRef) -> Option<(Standing, AccountId)> {
		Works::mutate(|table| table.get(&at).map(|work| (work.shares.standing, work.payee.clone())))
	}

	fn curators(at: ContributionRef) -> Vec<AccountId> {
		Works::mutate(|table| table.get(&at).map(|work| work.curators.clone()).unwrap_or_default())
	}
}

impl Config for Test {
	type Currency = Balances;
	type Models = ModelTable;
	type Contributions = WorkTable;
	type Terms = TermsSet;
	type Clock = ActiveBlocks;
	type PayersPot = PayersPot;
	type EscrowPot = EscrowPot;
	type EarningsPot = EarningsPot;
	type Treasury = Treasury;
	type StakersPot = StakersPot;
	type Commons = Commons;
	type CommunityPool = CommunityPool;
	type OpeningFee = OpeningFee;
	type WithdrawalDelay = ConstU32<DELAY>;
	type TermsGrace = ConstU32<GRACE>;
	type StreamPeriod = ConstU32<PERIOD>;
	type StreamAmount = StreamAmount;
	type MaxClaims = ConstU32<100>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Benchmarks;
}

/// Makes what benchmarks need.
#[cfg(feature = "runtime-benchmarks")]
pub struct Benchmarks;

#[cfg(feature = "runtime-benchmarks")]
impl BenchmarkHelper for Benchmarks {
	fn fund(account: &AccountId) {
		Balances::set_balance(account, money::units(ENDOWMENT));
	}

	fn set_clock(now: BlockNumber) {
		System::set_block_number(now);
	}

	fn model() -> ModelId {
		let owner = |nth| AccountId::new([100 + nth; 32]);
		let ancestors = (0..8).map(|nth| (owner(nth), Permill::from_percent(30), nth)).collect();
		Lineages::mutate(|table| table.insert(MODEL, Lineage { owner: owner(8), ancestors }));
		MODEL
	}

	fn contribution(nth: u32) -> ContributionRef {
		let account = |role: u32| {
			let mut bytes = [9; 32];
			bytes[..4].copy_from_slice(&nth.to_le_bytes());
			bytes[4..8].copy_from_slice(&role.to_le_bytes());
			AccountId::new(bytes)
		};
		let at = ContributionRef { datanet: nth, index: nth };
		let shares = Shares {
			standing: Standing::Valid,
			curators: Permill::from_percent(20),
			penalty: Permill::from_percent(50),
		};
		let work = Work { shares, payee: account(0), curators: (1..9).map(account).collect() };
		Works::mutate(|table| table.insert(at, work));
		at
	}

	fn change_terms() {
		TermsSet::mutate(|terms| terms.platform_fee += 1);
	}

	fn start_stream() {
		StreamAmount::set(POOL);
	}
}

/// A key of any kind.
#[allow(clippy::large_enum_variant)]
pub enum Key {
	/// The kind of most accounts.
	Sr25519(sr25519::Pair),
	/// The quickest to sign with.
	Ed25519(ed25519::Pair),
	/// That of Bitcoin.
	Ecdsa(ecdsa::Pair),
	/// That of Ethereum.
	Eth(ecdsa::KeccakPair),
}

impl Key {
	/// The key of this number, of the quickest kind.
	pub fn new(number: u8) -> Self {
		Self::Ed25519(ed25519::Pair::from_seed(&[number; 32]))
	}

	/// Keys of all kinds.
	pub fn of_all_kinds(number: u8) -> [Self; 4] {
		let seed = [number; 32];
		[
			Self::Sr25519(sr25519::Pair::from_seed(&seed)),
			Self::new(number),
			Self::Ecdsa(ecdsa::Pair::from_seed(&seed)),
			Self::Eth(ecdsa::KeccakPair::from_seed(&seed)),
		]
	}

	/// The account of the key.
	pub fn account(&self) -> AccountId {
		type Signer = <Signature as Verify>::Signer;
		match self {
			Self::Sr25519(pair) => Signer::from(pair.public()),
			Self::Ed25519(pair) => Signer::from(pair.public()),
			Self::Ecdsa(pair) => Signer::from(pair.public()),
			Self::Eth(pair) => Signer::Eth(pair.public()),
		}
		.into_account()
	}

	/// A signature over any bytes.
	pub fn sign(&self, message: &[u8]) -> Signature {
		match self {
			Self::Sr25519(pair) => pair.sign(message).into(),
			Self::Ed25519(pair) => pair.sign(message).into(),
			Self::Ecdsa(pair) => pair.sign(message).into(),
			Self::Eth(pair) => Signature::Eth(pair.sign(message)),
		}
	}

	/// A voucher of this payer.
	pub fn voucher(&self, model: ModelId, payer: AccountId, bought: Bought) -> Voucher<AccountId> {
		let message = voucher::message(System::block_hash(0), model, &payer, &bought);
		Voucher { payer, bought, signature: self.sign(&message) }
	}
}

/// A possible head.
pub fn head(number: u8) -> Head {
	Head([number & 0x7f, 1, 2, 3].repeat(8).try_into().unwrap())
}

/// What was bought so far.
pub fn bought(count: u64, cumulative: Nano) -> Bought {
	Bought { count, cumulative, head: head(count as u8) }
}

/// The chain in its first block.
pub fn new_chain() -> sp_io::TestExternalities {
	TermsSet::set(TERMS);
	StreamAmount::set(0);
	PausedBlocks::set(0);
	Works::set(BTreeMap::new());
	Donated::set(0);
	let ancestors =
		vec![(PARENT, Permill::from_percent(20), 0), (GRANDPARENT, Permill::from_percent(30), 1)];
	Lineages::set(BTreeMap::from([
		(MODEL, Lineage { owner: OWNER, ancestors }),
		(OTHER_MODEL, Lineage { owner: ALICE, ancestors: vec![] }),
	]));

	let people = [OWNER, PARENT, GRANDPARENT, OPERATOR, ALICE, BOB, ANYONE];
	let payers = (1..=10).map(|number| Key::new(number).account());
	let rich = people.into_iter().chain(REVIEWERS).chain(payers);
	let mut balances: Vec<_> = rich.map(|who| (who, money::units(ENDOWMENT))).collect();
	for pot in POTS {
		let more = if pot == COMMUNITY_POOL { POOL } else { 0 };
		balances.push((account(pot), EXISTENTIAL_DEPOSIT + more));
	}
	let genesis = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
		..Default::default()
	};
	let mut chain: sp_io::TestExternalities =
		genesis.build_storage().expect("the genesis is well formed").into();
	chain.execute_with(|| System::run_to_block::<AllPalletsWithSystem>(1));
	chain
}

/// Every invariant, and that the pots hold no more than they must.
pub fn check() {
	assert_ok!(Rewards::do_try_state());
	let held = Rewards::check_entries().unwrap();
	let owed = Rewards::check_earnings().unwrap();
	let there = Rewards::in_pot(&PayersPot::get()) + Rewards::in_pot(&EarningsPot::get());
	assert_eq!(there, held + owed + Donated::get(), "a pot holds what is nobody's");
}

/// Runs a test, and checks every invariant after it, and that no money was made or lost.
pub fn build_and_execute(test: impl FnOnce()) {
	new_chain().execute_with(|| {
		let issued = Balances::total_issuance();
		test();
		check();
		assert_eq!(Balances::total_issuance(), issued);
	});
}

/// Lets blocks pass.
pub fn pass(blocks: BlockNumber) {
	System::run_to_block::<AllPalletsWithSystem>(System::block_number() + blocks);
}

/// Lets blocks pass that count towards no deadline.
pub fn pause(blocks: BlockNumber) {
	for _ in 0..blocks {
		PausedBlocks::mutate(|paused| *paused += 1);
		pass(1);
	}
}

/// Another chain.
pub fn foreign() -> H256 {
	H256::repeat_byte(1)
}
