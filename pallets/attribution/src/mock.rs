//! A chain with balances and all of OpenLedger's pallets: what meets this one is real. Time and
//! randomness are numbers that tests set.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

use crate::*;
use core::cell::RefCell;
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{tokens::imbalance::ResolveTo, ConstU128, ConstU32},
};
use frame_system::EnsureRoot;
use openledger_primitives::{
	content::ContentTree,
	records::{ContributionKind, DatanetId, Epoch, Licence, ModelKind, Snapshot},
	units::{MILLI_OPEN, OPEN},
	AccountId,
};
use openledger_settlement::{
	build::{Batch as Built, Rule, TheRule},
	execute::Context,
	parties::Voucher,
	price::{fee, Price},
	receipt::{Core, Receipt},
	retrieval::{credits, matches, Citation, Citations},
	sample::Random,
	split::Terms,
	voucher::{message, Bought},
};
use pallet_datanets::{Admission, Policy, Reveal};
use pallet_model_registry::{DerivativeTerms, Method, NewVersion, Parent};
use sp_core::{sr25519, ByteArray, Pair as _};
use sp_runtime::{BuildStorage, MultiSignature};
use std::collections::BTreeMap;

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
	pub type Datanets = pallet_datanets;
	#[runtime::pallet_index(3)]
	pub type Registry = pallet_model_registry;
	#[runtime::pallet_index(4)]
	pub type Rewards = pallet_rewards;
	#[runtime::pallet_index(5)]
	pub type Attribution = crate;
}

/// The least an account may hold.
pub const EXISTENTIAL_DEPOSIT: Balance = 10 * MILLI_OPEN;
/// What everybody has in the beginning.
pub const ENDOWMENT: Balance = 1_000_000 * OPEN;
/// What the operator bonds.
pub const BOND: Balance = 10_000 * OPEN;
/// How long batches can be challenged.
pub const WINDOW: BlockNumber = 100;
/// How long answers may take.
pub const ANSWER_TIME: BlockNumber = 20;
/// How long nothing may have been published.
pub const QUIET: BlockNumber = 10;
/// How long orphans wait.
pub const ADOPT_TIME: BlockNumber = 30;
/// Held for a demand.
pub const DEMAND: Balance = OPEN;
/// The least that an attestor stakes.
pub const MIN_STAKE: Balance = 1_000 * OPEN;
/// How many contributions the version was trained on.
pub const LENGTH: u32 = 40;
/// How many chunks are cited for an answer, at most.
pub const TOP: u8 = 20;

/// The key of somebody. It takes a millisecond to make, so it is kept.
pub fn key(name: &str) -> sr25519::Pair {
	thread_local! {
		static KEYS: RefCell<BTreeMap<String, sr25519::Pair>> = RefCell::default();
	}
	let make = || sr25519::Pair::from_string(&format!("//{name}"), None).unwrap();
	KEYS.with_borrow_mut(|keys| keys.entry(name.into()).or_insert_with(make).clone())
}

/// The account of somebody.
pub fn account(name: &str) -> AccountId {
	AccountId::from_slice(key(name).public().as_slice()).unwrap()
}

/// Who has [`ENDOWMENT`] in the beginning, beside payers.
pub const PEOPLE: [&str; 12] = [
	"owner",
	"ancestor",
	"operator",
	"successor",
	"contributor",
	"challenger",
	"watcher",
	"stranger",
	"attestor-1",
	"attestor-2",
	"attestor-3",
	"datanet-owner",
];
/// Accounts without a key, by the number that their bytes repeat.
pub const POTS: [u8; 7] = [101, 102, 103, 104, 105, 106, 107];

/// The names of so many payers, by ascending account.
pub fn payers(count: usize) -> Vec<String> {
	let mut names: Vec<_> = (0..count).map(|nth| format!("payer-{nth}")).collect();
	names.sort_by_key(|name| account(name));
	names
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountId = AccountId;
	type Lookup = sp_runtime::traits::IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
}

/// A pot's account.
pub fn pot(number: u8) -> AccountId {
	AccountId::new([number; 32])
}

parameter_types! {
	/// The clock of deadlines.
	pub static Now: BlockNumber = 1;
	/// The epoch of consensus.
	pub static ConsensusEpoch: u64 = 0;
	/// How fees are split.
	pub static TermsSet: Terms = default_terms();
	/// Held for a demand.
	pub static DemandSet: Balance = DEMAND;
	/// How long batches can be challenged.
	pub static WindowSet: BlockNumber = WINDOW;
	pub PayersPot: AccountId = pot(101);
	pub EscrowPot: AccountId = pot(102);
	pub EarningsPot: AccountId = pot(103);
	pub Treasury: AccountId = pot(104);
	pub StakersPot: AccountId = pot(105);
	pub Commons: AccountId = pot(106);
	pub CommunityPool: AccountId = pot(107);
	pub const Fifth: Permill = Permill::from_percent(20);
	pub const Tenth: Permill = Permill::from_percent(10);
	pub const MaxRoyalty: Permill = Permill::from_percent(30);
	pub const PlatformFee: Nano = 100_000;
}

/// γ 10 %, β 30 %, half of it for the operator.
pub fn default_terms() -> Terms {
	Terms {
		platform_fee: 100_000,
		stakers: Permill::from_percent(10),
		model: Permill::from_percent(30),
		operator: Permill::from_percent(50),
	}
}

/// See [`Now`].
pub struct Clock;

impl BlockNumberProvider for Clock {
	type BlockNumber = BlockNumber;

	fn current_block_number() -> BlockNumber {
		Now::get()
	}
}

impl pallet_datanets::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Slashed = ResolveTo<Treasury, Balances>;
	type AdminOrigin = EnsureRoot<AccountId>;
	type Commons = Commons;
	type Clock = Clock;
	type RevealPeriod = ConstU32<2>;
	type MinReviewPeriod = ConstU32<5>;
	type MaxReviewPeriod = ConstU32<30>;
	type BondPeriod = ConstU32<40>;
	type JudgePeriod = ConstU32<8>;
	type AppealPeriod = ConstU32<6>;
	type RulePeriod = ConstU32<12>;
	type DatanetDeposit = ConstU128<OPEN>;
	type CommitmentDeposit = ConstU128<MILLI_OPEN>;
	type MinContributionBond = ConstU128<{ 100 * MILLI_OPEN }>;
	type ReviewerBond = ConstU128<{ 100 * OPEN }>;
	type FlagDeposit = ConstU128<{ 10 * OPEN }>;
	type PayeeDeposit = ConstU128<MILLI_OPEN>;
	type MaxCuratorShare = Fifth;
	type ReporterShare = Tenth;
	type AcceptorShare = Fifth;
	type MaxBatch = ConstU32<100>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Benchmarks;
}

impl pallet_model_registry::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Datanets = Datanets;
	type Fees = ResolveTo<Treasury, Balances>;
	type Clock = Clock;
	type RegistrationFee = ConstU128<OPEN>;
	type ModelDeposit = ConstU128<OPEN>;
	type VersionFee = ConstU128<OPEN>;
	type MinOperatorBond = ConstU128<BOND>;
	type OperatorUnbonding = ConstU32<200>;
	type PriceDelay = ConstU32<10>;
	type PriceGrace = ConstU32<15>;
	type MaxRoyalty = MaxRoyalty;
	type PlatformFee = PlatformFee;
	type Answerable = Attribution;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Benchmarks;
}

impl pallet_rewards::Config for Test {
	type Currency = Balances;
	type Models = Registry;
	type Contributions = Datanets;
	type Terms = TermsSet;
	type Clock = Clock;
	type PayersPot = PayersPot;
	type EscrowPot = EscrowPot;
	type EarningsPot = EarningsPot;
	type Treasury = Treasury;
	type StakersPot = StakersPot;
	type Commons = Commons;
	type CommunityPool = CommunityPool;
	type OpeningFee = ConstU128<{ 100 * MILLI_OPEN }>;
	type WithdrawalDelay = ConstU32<50>;
	type TermsGrace = ConstU32<15>;
	type StreamPeriod = ConstU32<1_000>;
	type StreamAmount = ConstU128<OPEN>;
	type MaxClaims = ConstU32<100>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Benchmarks;
}

/// The randomness of an epoch.
pub fn randomness(epoch: u64) -> H256 {
	H256::repeat_byte(epoch as u8 + 1)
}

impl Randomness for Test {
	fn epoch() -> u64 {
		ConsensusEpoch::get()
	}

	fn next() -> H256 {
		randomness(ConsensusEpoch::get())
	}
}

impl Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = Registry;
	type Operators = Registry;
	type Ledger = Rewards;
	type Contributions = Datanets;
	type Slashed = ResolveTo<Treasury, Balances>;
	type Escrow = ResolveTo<EscrowPot, Balances>;
	type Randomness = Test;
	type Clock = Clock;
	type Window = WindowSet;
	type AnswerTime = ConstU32<ANSWER_TIME>;
	type AnswerTimePerDemand = ConstU32<1>;
	type QuietTime = ConstU32<QUIET>;
	type AdoptTime = ConstU32<ADOPT_TIME>;
	type AttestorUnbonding = ConstU32<WINDOW>;
	type MinAttestorStake = ConstU128<MIN_STAKE>;
	type DemandDeposit = DemandSet;
	type ChallengerShare = Tenth;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Benchmarks;
}

/// Makes what benchmarks need: only those of this pallet are run here.
#[cfg(feature = "runtime-benchmarks")]
pub struct Benchmarks;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarks {
	use super::*;
	use frame_support::traits::fungible::{Mutate, MutateHold};
	use openledger_primitives::{
		content::ContentId,
		records::{ContributionRef, Precedence, Standing},
	};
	use pallet_datanets::{Contribution, Contributions, Grounds, Reputation, Reputations, Work};
	use pallet_model_registry::{HoldReason, Operator, Operators, Versions};
	use pallet_rewards::{Entry, FormerSigner, Leaving, Payers};

	fn fund(account: &AccountId) {
		Balances::set_balance(account, 10_000 * ENDOWMENT);
	}

	impl BenchmarkHelper<AccountId> for Benchmarks {
		fn fund(account: &AccountId) {
			fund(account);
		}

		fn set_clock(now: BlockNumber) {
			Now::set(now);
		}

		fn model() -> ModelId {
			Versions::<Test>::mutate(MODEL, 0, |version| {
				let version = version.as_mut().unwrap();
				let snapshot = Snapshot { datanet: DATANET, length: MAX_PAYEES };
				version.snapshots = vec![snapshot].try_into().unwrap();
				version.method = Method::Retrieval { table: H256::zero(), top: u8::MAX };
			});
			[PayersPot::get(), EscrowPot::get()].iter().for_each(fund);
			MODEL
		}

		fn operate(model: ModelId, operator: &AccountId) {
			let bond = 1_000 * ENDOWMENT;
			let reason = RuntimeHoldReason::Registry(HoldReason::OperatorBond);
			Balances::hold(&reason, operator, bond).unwrap();
			Operators::<Test>::insert(model, Operator { account: operator.clone(), bond });
		}

		fn contribution(nth: u32) -> ContributionRef {
			ContributionRef { datanet: DATANET, index: nth }
		}

		fn accept(nth: u32, content: ContentId, size: u64) {
			let contributor = frame_benchmarking::account::<AccountId>("contributor", nth, 0);
			Reputations::<Test>::insert(
				&contributor,
				Reputation { points: 5, ..Reputation::default() },
			);
			let contribution = Contribution {
				contributor,
				earner: None,
				work: Work {
					content,
					size,
					kind: ContributionKind::Data,
					licence: Licence::PublicDomain,
					subject: None,
				},
				precedence: Precedence::new(1, nth),
				accepted: 1,
				bond: 0,
				curator_share: Fifth::get(),
				acceptors: Default::default(),
				judged: Grounds::default(),
				standing: Standing::Valid,
			};
			Contributions::<Test>::insert(DATANET, nth, contribution);
		}

		fn open_entry(model: ModelId, payer: &AccountId, signer: &AccountId, amount: Nano) {
			let former = FormerSigner { account: payer.clone(), until: BlockNumber::MAX };
			let entry = Entry {
				balance: 1,
				leaving: Some(Leaving { amount, at: BlockNumber::MAX }),
				bought: Bought::default(),
				signer: signer.clone(),
				former_signer: Some(former),
			};
			Payers::<Test>::insert(model, payer, entry);
		}
	}

	impl pallet_datanets::BenchmarkHelper<AccountId> for Benchmarks {
		fn fund(account: &AccountId) {
			fund(account);
		}

		fn set_clock(now: BlockNumber) {
			Now::set(now);
		}
	}

	impl pallet_model_registry::BenchmarkHelper<AccountId> for Benchmarks {
		fn fund(account: &AccountId) {
			fund(account);
		}

		fn datanet(_: u32) -> DatanetId {
			DATANET
		}

		fn references() {}

		fn set_clock(now: BlockNumber) {
			Now::set(now);
		}
	}

	impl pallet_rewards::BenchmarkHelper for Benchmarks {
		fn fund(account: &AccountId) {
			fund(account);
		}

		fn set_clock(now: BlockNumber) {
			Now::set(now);
		}

		fn model() -> ModelId {
			MODEL
		}

		fn contribution(nth: u32) -> ContributionRef {
			ContributionRef { datanet: DATANET, index: nth }
		}

		fn change_terms() {
			TermsSet::mutate(|terms| terms.platform_fee += 1);
		}

		fn start_stream() {}
	}
}

/// The chain, with a keystore: benchmarks sign. What is there stays after each of their runs.
#[cfg(all(feature = "runtime-benchmarks", test))]
pub fn new_chain() -> sp_io::TestExternalities {
	let mut chain = chain();
	chain.commit_all().unwrap();
	chain.register_extension(sp_keystore::KeystoreExt::new(
		sp_keystore::testing::MemoryKeystore::new(),
	));
	chain
}

/// Somebody who signs.
pub fn signed(name: &str) -> RuntimeOrigin {
	RuntimeOrigin::signed(account(name))
}

/// Lets so many blocks pass.
pub fn pass(blocks: BlockNumber) {
	for _ in 0..blocks {
		let now = Now::get() + 1;
		Now::set(now);
		System::set_block_number(now.into());
		Rewards::on_initialize(now.into());
		Attribution::on_initialize(now.into());
	}
}

/// Changes the epoch of consensus, and passes a block.
pub fn change_epoch() {
	ConsensusEpoch::mutate(|epoch| *epoch += 1);
	pass(1);
}

/// A chain with a model that can be sold, and payers.
pub fn chain() -> sp_io::TestExternalities {
	Now::set(1);
	ConsensusEpoch::set(0);
	TermsSet::set(default_terms());
	WindowSet::set(WINDOW);
	DemandSet::set(DEMAND);
	let people = PEOPLE.map(String::from).into_iter().chain(payers(PAYERS));
	let balances = people
		.map(|name| (account(&name), ENDOWMENT))
		.chain(POTS.map(|number| (pot(number), EXISTENTIAL_DEPOSIT)))
		.collect();
	let genesis = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
		..Default::default()
	};
	let mut chain: sp_io::TestExternalities = genesis.build_storage().unwrap().into();
	chain.execute_with(|| {
		System::set_block_number(1);
		let issued = Balances::total_issuance();
		contribute();
		publish();
		pass(1);
		assert_eq!(Balances::total_issuance(), issued);
	});
	chain
}

/// Runs a test on such a chain; then every invariant holds and no money was made or lost.
pub fn build_and_execute(test: impl FnOnce()) {
	chain().execute_with(|| {
		let issued = Balances::total_issuance();
		test();
		check();
		assert_eq!(Balances::total_issuance(), issued);
	});
}

/// Every invariant of every pallet holds.
pub fn check() {
	Datanets::do_try_state().unwrap();
	Registry::do_try_state().unwrap();
	Rewards::do_try_state().unwrap();
	Attribution::do_try_state().unwrap();
}

/// How many payers there are.
pub const PAYERS: usize = 5;
/// The datanet that the version was trained on.
pub const DATANET: DatanetId = 0;
/// The model that is sold: made from another, [`ANCESTOR`].
pub const MODEL: ModelId = 1;
/// The model that it was made from.
pub const ANCESTOR: ModelId = 0;
/// What tokens cost.
pub const PRICE: Price = Price { rate_in: 1_000_000_000, rate_out: 3_000_000_000 };

/// The content of a contribution: two chunks.
pub fn content(index: u32) -> Vec<u8> {
	format!("contribution {index} ").repeat(100).into_bytes()
}

fn contribute() {
	let policy = Policy {
		admission: Admission::Open,
		bond: 100 * MILLI_OPEN,
		curator_share: Permill::zero(),
	};
	let licence = Licence::PublicDomain;
	assert_ok!(Datanets::create_datanet(
		signed("datanet-owner"),
		licence,
		policy,
		b"words".to_vec(),
		vec![],
		vec![],
		vec![],
	));
	let salt = H256::zero();
	let owner = account("contributor");
	let trees: Vec<_> = (0..LENGTH).map(|index| ContentTree::of(&content(index))).collect();
	let commitments = trees
		.iter()
		.map(|tree| pallet_datanets::commitment_hash(tree.id().unwrap(), salt, &owner))
		.collect::<Vec<_>>();
	let at = System::block_number() as BlockNumber;
	assert_ok!(Datanets::commit(signed("contributor"), commitments.try_into().unwrap()));
	let reveals = trees
		.iter()
		.map(|tree| Reveal {
			content: tree.id().unwrap(),
			salt,
			size: tree.size(),
			kind: ContributionKind::Data,
			licence,
			uri: vec![],
			subject: None,
		})
		.collect::<Vec<_>>();
	assert_ok!(Datanets::reveal(
		signed("contributor"),
		DATANET,
		policy,
		reveals.try_into().unwrap()
	));
	pass(5);
	let precedences = (0..LENGTH)
		.map(|position| openledger_primitives::records::Precedence::new(at, position))
		.collect::<Vec<_>>();
	assert_ok!(Datanets::accept(signed("contributor"), DATANET, precedences.try_into().unwrap()));
}

/// A version that was trained on everything.
pub fn version(parents: Vec<VersionNumber>) -> NewVersion {
	NewVersion {
		weights: H256::repeat_byte(1),
		config: H256::repeat_byte(2),
		training_log: H256::repeat_byte(3),
		licence: Licence::PublicDomain,
		snapshots: vec![Snapshot { datanet: DATANET, length: LENGTH }],
		parents,
		method: Method::Retrieval { table: H256::repeat_byte(4), top: TOP },
		uri: vec![],
	}
}

fn publish() {
	let royalty = Permill::from_percent(20);
	let terms = DerivativeTerms { allowed: true, royalty };
	let register = |who, kind, parents: Vec<Parent>| {
		let parents = parents.try_into().unwrap();
		let name = b"model".to_vec();
		Registry::register(signed(who), kind, parents, terms, PRICE, name, vec![], vec![])
	};
	assert_ok!(register("ancestor", ModelKind::Base, vec![]));
	assert_ok!(Registry::add_version(signed("ancestor"), ANCESTOR, version(vec![])));
	let parent = Parent { model: ANCESTOR, at_most: royalty };
	assert_ok!(register("owner", ModelKind::FineTune, vec![parent]));
	assert_ok!(Registry::add_version(signed("owner"), MODEL, version(vec![0])));
	operate("operator");
	for name in payers(PAYERS) {
		assert_ok!(Rewards::open_entry(signed(&name), MODEL, nano(20_000), None));
	}
}

/// Appoints an operator, who bonds.
pub fn operate(who: &str) {
	assert_ok!(Registry::appoint_operator(signed("owner"), MODEL, account(who)));
	assert_ok!(Registry::accept_operation(signed(who), MODEL, BOND));
}

/// So many OPEN, in nano-OPEN.
pub fn nano(open: u64) -> Nano {
	open * 1_000_000_000
}

/// What receipts are executed under now.
pub fn context() -> Context {
	let epoch: Epoch = 0;
	Context {
		version: 0,
		epoch,
		price: PRICE,
		terms: Rewards::terms(0).unwrap(),
		snapshots: Registry::trained(MODEL, 0).unwrap().snapshots,
	}
}

/// Inferences that were sold, with what stays off chain.
#[derive(Clone)]
pub struct Sales {
	/// The receipts.
	pub receipts: Vec<Receipt>,
	/// Their outputs.
	pub outputs: Vec<Vec<u8>>,
	/// Their matches.
	pub citations: Vec<Citations>,
}

/// Sells so many inferences, one of three private if asked.
pub fn sell(count: u32, private: bool, seed: u64) -> Sales {
	let mut random = Random(seed);
	let context = context();
	let mut sales = Sales { receipts: vec![], outputs: vec![], citations: vec![] };
	for nth in 0..count {
		let output = format!("answer {nth} of {seed}").into_bytes();
		let (tokens_in, tokens_out) = (random.below(1_000), random.below(1_000));
		let mut citations: Vec<_> = (0..1 + random.below(TOP.into()))
			.map(|_| {
				let index = random.below(LENGTH);
				let content = content(index);
				let chunk = random.below(2);
				let bytes = content.chunks(1_024).nth(chunk as usize).unwrap();
				let leaf = openledger_primitives::tree::leaf(chunk, bytes);
				Citation { datanet: DATANET, index, chunk, leaf, score: 1 + random.below(1_000) }
			})
			.collect();
		citations.sort();
		citations.dedup_by_key(|citation| (citation.index, citation.chunk));
		let citations = Citations::truncate_from(citations);
		let (credits, rest) = credits(&citations, TOP).unwrap();
		let core = Core {
			version: 0,
			epoch: 0,
			tokens_in,
			tokens_out,
			fee: fee(PRICE, tokens_in, tokens_out, context.terms.platform_fee).unwrap(),
			output: ContentTree::of(&output).id().unwrap(),
			private: private && nth % 3 == 0,
		};
		// Everybody buys something.
		let payer = if nth < PAYERS as u32 { nth } else { random.below(PAYERS as u32) } as u16;
		let matches = matches(&citations);
		sales.receipts.push(Receipt { payer, core, credits, rest, matches });
		sales.outputs.push(output);
		sales.citations.push(citations);
	}
	sales
}

/// What the chain knows of the payers, by ascending account.
pub fn bought() -> Vec<Bought> {
	let entry = |name: &String| pallet_rewards::Payers::<Test>::get(MODEL, account(name));
	payers(PAYERS).iter().map(|name| entry(name).unwrap().bought).collect()
}

/// Builds a batch by the rule.
pub fn build(sales: &Sales) -> Built {
	build_by(TheRule, sales)
}

/// Builds a batch by another rule.
pub fn build_by<R: Rule>(rule: R, sales: &Sales) -> Built<R> {
	Built::build_by(rule, context(), bought(), sales.receipts.clone()).unwrap()
}

/// A payer's voucher.
pub fn voucher(name: &str, bought: Bought) -> Voucher<AccountId> {
	let payer = account(name);
	let message = message(System::block_hash(0), MODEL, &payer, &bought);
	Voucher { payer, bought, signature: MultiSignature::Sr25519(key(name).sign(&message)) }
}

/// What is submitted of a batch, signed by all payers.
pub fn submission<R: Rule>(batch: &Built<R>) -> Submission<AccountId> {
	let vouchers = payers(PAYERS)
		.iter()
		.zip(batch.purchases())
		.map(|(name, purchase)| voucher(name, purchase.after))
		.collect::<Vec<_>>();
	Submission {
		version: 0,
		epoch: 0,
		terms: 0,
		vouchers: vouchers.try_into().unwrap(),
		diff: batch.diff(),
		totals: batch.totals(),
		trace: batch.submitted().unwrap(),
	}
}

/// Submits a batch as the operator, and returns its number.
pub fn submit<R: Rule>(batch: &Built<R>) -> BatchNumber {
	let number = Lanes::<Test>::get(MODEL).next;
	assert_ok!(Attribution::submit_batch(signed("operator"), MODEL, Box::new(submission(batch))));
	number
}

/// What is published of a receipt.
pub fn disclosure(sales: &Sales, receipt: u32) -> Disclosure {
	let at = receipt as usize;
	Disclosure {
		receipt: (receipt % openledger_settlement::STEP) as u8,
		output: sales.outputs[at].clone(),
		citations: sales.citations[at].clone(),
	}
}

/// Opens a step and discloses one receipt of it.
pub fn open<R: Rule>(
	who: &str,
	number: BatchNumber,
	batch: &Built<R>,
	sales: &Sales,
	step: u32,
	receipt: u32,
) -> DispatchResultWithPostInfo {
	let at = step * openledger_settlement::STEP + receipt;
	Attribution::open(
		signed(who),
		MODEL,
		number,
		Box::new(batch.open(step).unwrap()),
		vec![disclosure(sales, at)].try_into().unwrap(),
	)
}

/// Lets the seed of a batch become known.
pub fn draw() {
	change_epoch();
	change_epoch();
}

/// Answers all draws of a batch.
pub fn answer_draws<R: Rule>(number: BatchNumber, batch: &Built<R>, sales: &Sales) {
	let (draws, _) = Attribution::draws(MODEL, number).unwrap();
	for DrawnStep { step, receipt, .. } in draws {
		assert_ok!(open("operator", number, batch, sales, step, receipt));
	}
}
