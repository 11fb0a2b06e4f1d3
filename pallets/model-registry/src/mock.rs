//! A chain with balances and this pallet alone. Its datanets are a table and its clock is a number:
//! the real ones meet the pallet in the tests of the runtime.

#![allow(clippy::arithmetic_side_effects)]

use crate as pallet_model_registry;
use crate::*;
use alloc::collections::BTreeMap;
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{fungible::InspectHold, tokens::imbalance::ResolveTo, ConstU128, ConstU32},
};
use openledger_primitives::records::{Licence, Snapshot};
use sp_core::H256;
use sp_runtime::{BuildStorage, TokenError};

/// The least an account may hold.
pub const EXISTENTIAL_DEPOSIT: Balance = 5;
/// What registering costs.
pub const FEE: Balance = 10;
/// Held for a model.
pub const MODEL_DEPOSIT: Balance = 100;
/// What a version costs.
pub const VERSION_FEE: Balance = 7;
/// The least that an operator bonds.
pub const MIN_BOND: Balance = 1_000;
/// Blocks for which a bond outlasts the operation.
pub const UNBONDING: BlockNumber = 40;
/// Blocks between a price's announcement and its beginning.
pub const DELAY: BlockNumber = 10;
/// Blocks for which a price may be used after its end.
pub const GRACE: BlockNumber = 15;

/// Owns models.
pub const OWNER: u64 = 1;
/// Owns models too.
pub const OTHER: u64 = 2;
/// Operates models.
pub const OPERATOR: u64 = 3;
/// Operates models after the operator.
pub const SUCCESSOR: u64 = 4;
/// Has nothing to do with anything.
pub const STRANGER: u64 = 5;
/// The accounts that have [`ENDOWMENT`] in the beginning: those above, and some more.
pub const ACCOUNTS: core::ops::RangeInclusive<u64> = 1..=10;
/// Has nothing at all.
pub const NOBODY: u64 = 50;
/// Collects the fees.
pub const TREASURY: u64 = 100;
/// What each of [`ACCOUNTS`] has in the beginning.
pub const ENDOWMENT: Balance = 1_000_000;

/// The licences with a name. The datanet with the number of a licence collects under it.
pub const STANDARD: [Licence; 6] = [
	Licence::PublicDomain,
	Licence::CcBy,
	Licence::CcBySa,
	Licence::CcByNc,
	Licence::CcByNcSa,
	Licence::Permissive,
];
/// A datanet of works in the public domain.
pub const PUBLIC_DOMAIN: DatanetId = 0;
/// A datanet of works under CC-BY.
pub const CC_BY: DatanetId = 1;
/// How many contributions a datanet has in the beginning.
pub const LENGTH: u32 = 100;

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
	pub type Registry = pallet_model_registry;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
}

parameter_types! {
	/// The clock of deadlines.
	pub static Now: BlockNumber = 1;
	/// The datanets: licence and length of each.
	pub static Table: BTreeMap<DatanetId, (Licence, u32)> = BTreeMap::new();
	/// Which of them are references.
	pub static References: Vec<DatanetId> = Vec::new();
	/// The largest royalty.
	pub static MaxRoyalty: Permill = Permill::from_percent(30);
	/// Whose batches are open.
	pub static OpenBatches: Vec<(ModelId, u64)> = Vec::new();
	/// The platform's part of a fee, in nano-OPEN.
	pub static PlatformFee: Nano = 5;
	/// See [`TREASURY`].
	pub const Treasury: u64 = TREASURY;
}

/// See [`Now`].
pub struct Clock;

impl BlockNumberProvider for Clock {
	type BlockNumber = BlockNumber;

	fn current_block_number() -> BlockNumber {
		Now::get()
	}
}

/// See [`Table`].
pub struct Datanets;

impl InspectDatanets for Datanets {
	fn licence(snapshot: Snapshot) -> Option<Licence> {
		let (licence, length) = Table::mutate(|table| table.get(&snapshot.datanet).copied())?;
		(snapshot.length <= length).then_some(licence)
	}

	fn references() -> Vec<Snapshot> {
		let table = Table::get();
		let snapshot = |datanet| Some(Snapshot { datanet, length: table.get(&datanet)?.1 });
		References::get().into_iter().filter_map(snapshot).collect()
	}
}

/// See [`OpenBatches`].
pub struct Batches;

impl Answerable<u64> for Batches {
	fn answers(model: ModelId, operator: &u64) -> bool {
		OpenBatches::get().contains(&(model, *operator))
	}
}

impl Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Datanets = Datanets;
	type Answerable = Batches;
	type Fees = ResolveTo<Treasury, Balances>;
	type Clock = Clock;
	type RegistrationFee = ConstU128<FEE>;
	type ModelDeposit = ConstU128<MODEL_DEPOSIT>;
	type VersionFee = ConstU128<VERSION_FEE>;
	type MinOperatorBond = ConstU128<MIN_BOND>;
	type OperatorUnbonding = ConstU32<UNBONDING>;
	type PriceDelay = ConstU32<DELAY>;
	type PriceGrace = ConstU32<GRACE>;
	type MaxRoyalty = MaxRoyalty;
	type PlatformFee = PlatformFee;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Benchmarks;
}

/// Makes what benchmarks need.
#[cfg(feature = "runtime-benchmarks")]
pub struct Benchmarks;

#[cfg(feature = "runtime-benchmarks")]
impl BenchmarkHelper<u64> for Benchmarks {
	fn fund(account: &u64) {
		use frame_support::traits::fungible::Mutate;
		Balances::set_balance(account, ENDOWMENT);
	}

	fn datanet(nth: u32) -> DatanetId {
		datanet(nth, Licence::PublicDomain, LENGTH);
		nth
	}

	fn references() {
		let ids = 1_000..1_000 + MAX_REFERENCES;
		ids.clone().for_each(|id| datanet(id, Licence::PublicDomain, LENGTH));
		References::set(ids.collect());
	}

	fn set_clock(now: BlockNumber) {
		Now::set(now);
	}
}

/// The chain in its first block.
pub fn new_chain() -> sp_io::TestExternalities {
	Now::set(1);
	References::set(Vec::new());
	OpenBatches::set(Vec::new());
	MaxRoyalty::set(Permill::from_percent(30));
	PlatformFee::set(5);
	Table::set((0..).zip(STANDARD.map(|licence| (licence, LENGTH))).collect());
	let mut balances: Vec<_> = ACCOUNTS.map(|account| (account, ENDOWMENT)).collect();
	balances.push((TREASURY, EXISTENTIAL_DEPOSIT));
	let genesis = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
		..Default::default()
	};
	let mut chain: sp_io::TestExternalities =
		genesis.build_storage().expect("the genesis is well formed").into();
	chain.execute_with(|| System::set_block_number(1));
	chain
}

/// Runs a test, and checks every invariant after it.
pub fn build_and_execute(test: impl FnOnce()) {
	new_chain().execute_with(|| {
		test();
		assert_ok!(Registry::do_try_state());
	});
}

/// Lets blocks pass.
pub fn pass(blocks: BlockNumber) {
	Now::mutate(|now| *now += blocks);
	pause(blocks);
}

/// Lets blocks pass that count towards no deadline.
pub fn pause(blocks: BlockNumber) {
	System::set_block_number(System::block_number() + u64::from(blocks));
}

/// Makes a datanet, or changes it.
pub fn datanet(id: DatanetId, licence: Licence, length: u32) {
	Table::mutate(|table| table.insert(id, (licence, length)));
}

/// A snapshot.
pub fn snapshot(datanet: DatanetId, length: u32) -> Snapshot {
	Snapshot { datanet, length }
}

/// Terms that allow derivatives for this percentage.
pub fn royalty(percent: u32) -> DerivativeTerms {
	DerivativeTerms { allowed: true, royalty: Permill::from_percent(percent) }
}

/// A price.
pub fn price(rate_in: Nano, rate_out: Nano) -> Price {
	Price { rate_in, rate_out }
}

/// What a model asks now of those that are made from it; nothing if there is no such model.
pub fn asked(model: ModelId) -> Permill {
	Models::<Test>::get(model).map(|record| record.terms.royalty).unwrap_or_default()
}

/// Parents, and the most that each may ask.
pub fn parents(agreed: impl IntoIterator<Item = (ModelId, Permill)>) -> Parents {
	let named = agreed.into_iter().map(|(model, at_most)| Parent { model, at_most });
	named.collect::<Vec<_>>().try_into().expect("few enough parents")
}

/// The call that registers a model, at what its parents ask now.
pub fn registration(kind: ModelKind, models: &[ModelId], terms: DerivativeTerms) -> Call<Test> {
	registration_at(kind, parents(models.iter().map(|model| (*model, asked(*model)))), terms)
}

/// The call that registers a model, at what was agreed to.
pub fn registration_at(kind: ModelKind, parents: Parents, terms: DerivativeTerms) -> Call<Test> {
	Call::register {
		kind,
		parents,
		terms,
		price: price(1_000, 2_000),
		name: b"a model".to_vec(),
		description: Vec::new(),
		uri: Vec::new(),
	}
}

/// What a call does when `who` signs it.
pub fn call(who: u64, call: Call<Test>) -> DispatchResult {
	call_as(RuntimeOrigin::signed(who), call)
}

/// What a call does for this origin.
pub fn call_as(origin: RuntimeOrigin, call: Call<Test>) -> DispatchResult {
	use sp_runtime::traits::Dispatchable;
	RuntimeCall::from(call).dispatch(origin).map(|_| ()).map_err(|refused| refused.error)
}

/// Registers a model that asks no royalty.
pub fn register(owner: u64, kind: ModelKind, parents: &[ModelId]) -> ModelId {
	register_for(owner, kind, parents, royalty(0))
}

/// Registers a model.
pub fn register_for(
	owner: u64,
	kind: ModelKind,
	parents: &[ModelId],
	terms: DerivativeTerms,
) -> ModelId {
	let model = NextModel::<Test>::get();
	assert_ok!(call(owner, registration(kind, parents, terms)));
	model
}

/// A version under a licence, of these snapshots, from these versions of the parents.
pub fn version(
	licence: Licence,
	snapshots: &[(DatanetId, u32)],
	parents: &[VersionNumber],
) -> NewVersion {
	NewVersion {
		weights: H256::repeat_byte(1),
		config: H256::repeat_byte(2),
		training_log: H256::repeat_byte(3),
		licence,
		snapshots: snapshots.iter().map(|(datanet, length)| snapshot(*datanet, *length)).collect(),
		parents: parents.to_vec(),
		method: Method::Spans { window: 32 },
		uri: b"ipfs://weights".to_vec(),
	}
}

/// A version of an agent, which has no weights.
pub fn agent_version(
	licence: Licence,
	snapshots: &[(DatanetId, u32)],
	parents: &[VersionNumber],
) -> NewVersion {
	NewVersion { weights: H256::zero(), ..version(licence, snapshots, parents) }
}

/// A version that needs nothing.
pub fn plain_version() -> NewVersion {
	version(Licence::Permissive, &[(PUBLIC_DOMAIN, 10)], &[])
}

/// Adds a version as the model's owner.
pub fn add_version(model: ModelId, version: NewVersion) -> DispatchResult {
	let owner = Models::<Test>::get(model).expect("the model exists").owner;
	Registry::add_version(RuntimeOrigin::signed(owner), model, version)
}

/// Lets somebody operate a model.
pub fn operate(model: ModelId, operator: u64, bond: Balance) {
	let owner = Models::<Test>::get(model).expect("the model exists").owner;
	assert_ok!(Registry::appoint_operator(RuntimeOrigin::signed(owner), model, operator));
	assert_ok!(Registry::accept_operation(RuntimeOrigin::signed(operator), model, bond));
}

/// What an account can spend.
pub fn free(who: u64) -> Balance {
	Balances::free_balance(who)
}

/// What is held of an account for models.
pub fn deposited(who: u64) -> Balance {
	Balances::balance_on_hold(&HoldReason::Model.into(), &who)
}

/// What is held of an account for operations.
pub fn bonded(who: u64) -> Balance {
	Balances::balance_on_hold(&HoldReason::OperatorBond.into(), &who)
}

/// Checks what the last call reported.
pub fn reported(event: Event<Test>) {
	System::assert_last_event(event.into());
}

/// The refusal of one who has too little.
pub fn too_poor() -> DispatchError {
	TokenError::FundsUnavailable.into()
}

/// Numbers that look random and are the same in every run: SplitMix64.
pub struct Random(pub u64);

impl Random {
	/// The next number.
	pub fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut mixed = self.0;
		mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		mixed ^ (mixed >> 31)
	}

	/// A number below `bound`.
	pub fn below(&mut self, bound: u32) -> u32 {
		(self.next() % u64::from(bound.max(1))) as u32
	}

	/// True so many times of a hundred.
	pub fn chance(&mut self, percent: u32) -> bool {
		self.below(100) < percent
	}

	/// One of several.
	pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
		from[self.below(from.len() as u32) as usize].clone()
	}
}
