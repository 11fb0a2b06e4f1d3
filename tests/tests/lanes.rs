//! Lanes in the real runtime: an inference is sold, proven, paid and claimed; what governance may set;
//! and that the largest batch and the largest answer fit into a block.

use codec::Encode;
use frame_support::{
	assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::{
		fungible::Mutate, tokens::Preservation, Get, OnRuntimeUpgrade, UnfilteredDispatchable,
	},
};
use openledger_primitives::{
	accounts::{self, COMMUNITY_POOL, STAKERS_POT},
	content::ContentTree,
	records::{ContributionKind, ContributionRef, Licence, ModelKind, Precedence, Snapshot},
	tree,
	units::{Nano, EXISTENTIAL_DEPOSIT, OPEN, UNITS_PER_NANO},
};
use openledger_runtime::{
	configs::{
		lanes::{DemandDeposit, LARGEST_ANSWER},
		parameters::{
			clamps, dynamic_params::inference, effective, within_clamps, RuntimeParameters,
		},
	},
	genesis::EMPTY_POTS,
	governance::origins::Origin,
	lanes::{batch, claimable, lane, payer, revenue, Stage},
	migrations::OpenPots,
	Attribution, Balances, ModelRegistry, Rewards, Runtime, RuntimeCall, System,
};
use openledger_settlement::{
	build::Batch,
	execute::Context,
	parties::{Ledger, Models, Voucher},
	price::{fee, Price},
	receipt::{Core, Receipt},
	retrieval::{credits, matches, Citation, Citations},
	voucher::{message, Bought},
	STEP,
};
use openledger_tests::Chain;
use pallet_attribution::{Disclosure, DrawnStep, Submission, MAX_DISCLOSURES};
use pallet_datanets::{commitment_hash, Admission, Commitments, Policy, Reveal};
use pallet_model_registry::{DerivativeTerms, Method, NewVersion};
use sp_core::{Pair, H256};
use sp_keyring::Sr25519Keyring as Account;
use sp_runtime::{MultiSignature, Permill};

type Call = pallet_attribution::Call<Runtime>;

const PRICE: Price = Price { rate_in: 1_000_000_000, rate_out: 3_000_000_000 };
const TOP: u8 = 4;
const TEXTS: [&str; 3] = ["first", "second", "third"];
const RECEIPTS: u32 = 2 * STEP + 1;

fn get<T: Get<u32>>() -> u32 {
	T::get()
}

/// A datanet of Bob's texts, a model of Charlie's that Dave operates, and two payers.
fn open_lane(chain: &mut Chain) {
	let policy = Policy { admission: Admission::Open, bond: OPEN, curator_share: Permill::zero() };
	let licence = Licence::CcBy;
	chain.must(
		Account::Alice,
		pallet_datanets::Call::create_datanet {
			licence,
			policy,
			name: b"texts".to_vec(),
			description: vec![],
			tags: vec![],
			uri: vec![],
		},
	);
	let bob = Account::Bob.to_account_id();
	let ids = TEXTS.map(|text| ContentTree::of(text.as_bytes()).id().expect("it is not empty"));
	let hashes = ids.map(|id| commitment_hash(id, H256::zero(), &bob)).to_vec();
	chain.must(
		Account::Bob,
		pallet_datanets::Call::commit { commitments: hashes.clone().try_into().expect("few") },
	);
	let waiting: Vec<Precedence> = chain.state(|| {
		let of = |hash| Commitments::<Runtime>::get(&bob, hash).expect("committed").precedence;
		hashes.iter().map(of).collect()
	});
	let reveals: Vec<_> = ids
		.iter()
		.zip(TEXTS)
		.map(|(content, text)| Reveal {
			content: *content,
			salt: H256::zero(),
			size: text.len() as u64,
			kind: ContributionKind::Data,
			licence,
			uri: vec![],
			subject: None,
		})
		.collect();
	let reveals = reveals.try_into().expect("few");
	chain.must(Account::Bob, pallet_datanets::Call::reveal { datanet: 0, agreed: policy, reveals });
	chain.blocks(get::<<Runtime as pallet_datanets::Config>::RevealPeriod>() + 1);
	let contributions = waiting.try_into().expect("few");
	chain.must(Account::Bob, pallet_datanets::Call::accept { datanet: 0, contributions });

	chain.must(
		Account::Charlie,
		pallet_model_registry::Call::register {
			kind: ModelKind::Base,
			parents: Default::default(),
			terms: DerivativeTerms { allowed: true, royalty: Permill::zero() },
			price: PRICE,
			name: b"model".to_vec(),
			description: vec![],
			uri: vec![],
		},
	);
	let version = NewVersion {
		weights: H256::zero(),
		config: H256::zero(),
		training_log: H256::zero(),
		licence,
		snapshots: vec![Snapshot { datanet: 0, length: TEXTS.len() as u32 }],
		parents: vec![],
		method: Method::Retrieval { table: H256::zero(), top: TOP },
		uri: vec![],
	};
	chain.must(Account::Charlie, pallet_model_registry::Call::add_version { model: 0, version });
	let operator = Account::Dave.to_account_id();
	chain.must(
		Account::Charlie,
		pallet_model_registry::Call::appoint_operator { model: 0, operator },
	);
	chain.must(
		Account::Dave,
		pallet_model_registry::Call::accept_operation { model: 0, bond: 20_000 * OPEN },
	);
	for who in [Account::Eve, Account::Ferdie] {
		chain.must(
			who,
			pallet_rewards::Call::open_entry { model: 0, amount: 1_000_000_000_000, signer: None },
		);
	}
}

/// The payers, by ascending account.
fn payers() -> [Account; 2] {
	let mut payers = [Account::Eve, Account::Ferdie];
	payers.sort_by_key(|payer| payer.to_account_id());
	payers
}

/// What was sold, and the answers.
fn sold(context: &Context) -> Vec<(Receipt, String, Citations)> {
	(0..RECEIPTS)
		.map(|nth| {
			let output = format!("answer {nth}");
			let cited = nth % TEXTS.len() as u32;
			let citation = Citation {
				datanet: 0,
				index: cited,
				chunk: 0,
				leaf: tree::leaf(0, TEXTS[cited as usize].as_bytes()),
				score: 10,
			};
			let citations = Citations::truncate_from(vec![citation]);
			let (credits, rest) = credits(&citations, TOP).expect("few");
			let (tokens_in, tokens_out) = (10 + nth, 20);
			let fee = fee(PRICE, tokens_in, tokens_out, context.terms.platform_fee);
			let core = Core {
				version: 0,
				epoch: 0,
				tokens_in,
				tokens_out,
				fee: fee.expect("small"),
				output: ContentTree::of(output.as_bytes()).id().expect("it is not empty"),
				private: false,
			};
			let matches = matches(&citations);
			let payer = (nth % 2) as u16;
			(Receipt { payer, core, credits, rest, matches }, output, citations)
		})
		.collect()
}

#[test]
fn an_inference_is_sold_proven_paid_and_claimed() {
	// GIVEN a lane,
	let chain = &mut Chain::development();
	open_lane(chain);
	let opened = chain.state(|| lane(0)).expect("the model exists");
	assert_eq!((opened.next, opened.epoch), (0, Some(0)));
	assert_eq!(opened.operator, Some(Account::Dave.to_account_id()));
	assert_eq!((opened.bond, opened.free_bond), (20_000 * OPEN, 20_000 * OPEN));
	assert_eq!(chain.state(|| lane(1)), None);

	// WHEN the operator submits what two payers have signed,
	let context = chain.state(|| Context {
		version: 0,
		epoch: 0,
		price: PRICE,
		terms: Rewards::terms(0).expect("in force"),
		snapshots: ModelRegistry::trained(0, 0).expect("it exists").snapshots,
	});
	let sales = sold(&context);
	let receipts = sales.iter().map(|(receipt, ..)| receipt.clone()).collect();
	let built = Batch::build(context, vec![Bought::default(); 2], receipts).expect("it is right");
	let genesis = chain.state(|| System::block_hash(0));
	let vouchers: Vec<_> = payers()
		.into_iter()
		.zip(built.purchases())
		.map(|(payer, purchase)| {
			let account = payer.to_account_id();
			let bytes = message(genesis, 0, &account, &purchase.after);
			let signature = MultiSignature::Sr25519(payer.pair().sign(&bytes));
			Voucher { payer: account, bought: purchase.after, signature }
		})
		.collect();
	let submission = Submission {
		version: 0,
		epoch: 0,
		terms: 0,
		vouchers: vouchers.try_into().expect("two"),
		diff: built.diff(),
		totals: built.totals(),
		trace: built.submitted().expect("there are steps"),
	};
	let submission = Box::new(submission);
	chain.must(Account::Dave, Call::submit_batch { model: 0, submission });
	let totals = built.totals();
	let pending = chain.state(|| batch(0, 0)).expect("it was submitted");
	assert_eq!((pending.receipts, pending.fees), (RECEIPTS.into(), totals.fees));
	assert_eq!((pending.stage, pending.draws.is_none()), (Stage::Pending, true));
	let free = chain.state(|| lane(0)).expect("it exists").free_bond;
	assert_eq!(free, 20_000 * OPEN - u128::from(totals.fees) * UNITS_PER_NANO);

	// AND answers what BABE's randomness draws, for no fee,
	let mut draws = None;
	while draws.is_none() {
		chain.blocks(1);
		draws = chain.state(|| Attribution::draws(0, 0));
	}
	let (draws, _) = draws.expect("just looked");
	assert_eq!(draws.len(), 3, "as many as there are steps");
	for DrawnStep { step, receipt, .. } in draws {
		let (_, output, citations) = &sales[(step * STEP + receipt) as usize];
		let disclosure = Disclosure {
			receipt: receipt as u8,
			output: output.clone().into_bytes(),
			citations: citations.clone(),
		};
		let opening = Box::new(built.open(step).expect("it exists"));
		let disclosures = vec![disclosure].try_into().expect("one");
		let before = chain.state(|| Balances::free_balance(Account::Dave.to_account_id()));
		chain.must(Account::Dave, Call::open { model: 0, batch: 0, opening, disclosures });
		let after = chain.state(|| Balances::free_balance(Account::Dave.to_account_id()));
		assert_eq!(before, after);
	}

	// THEN it is final after its window, and not before,
	let finalise = || Call::finalise { model: 0, batch: 0, most: 100 };
	let early = pallet_attribution::Error::<Runtime>::TooEarly;
	chain.must_fail(Account::Alice, finalise(), early);
	while chain.state(|| batch(0, 0)).is_some_and(|info| info.now < info.deadline) {
		chain.blocks(1);
	}
	chain.must(Account::Alice, finalise());
	assert_eq!(chain.state(|| batch(0, 0)), None);

	// AND everybody can claim what is theirs.
	let sum = totals.platform + totals.stakers + totals.model + totals.commons;
	let earned: Nano = built.diff().iter().map(|increase| increase.earned.disclosed).sum();
	assert_eq!(sum + earned, totals.fees);
	let of = |chain: &mut Chain, who: Account| chain.state(|| claimable(who.to_account_id(), None));
	let (operator, owner) = (of(chain, Account::Dave), of(chain, Account::Charlie));
	assert_eq!(operator.account + owner.account, totals.model);
	assert!(operator.account.abs_diff(owner.account) <= 1, "half of it each");
	let bob = of(chain, Account::Bob);
	assert_eq!(bob.contributions.iter().map(|claim| claim.earner).sum::<Nano>(), earned);
	let sold = chain.state(|| revenue(0, 0));
	assert_eq!((sold.receipts, sold.fees), (RECEIPTS.into(), totals.fees.into()));
	let left: Nano = payers()
		.map(|payer_| chain.state(|| payer(0, payer_.to_account_id())).expect("it is open").balance)
		.iter()
		.sum();
	assert_eq!(left, 2_000_000_000_000 - totals.fees);

	let before = chain.state(|| Balances::free_balance(Account::Bob.to_account_id()));
	let contributions =
		(0..3).map(|index| ContributionRef { datanet: 0, index }).collect::<Vec<_>>();
	let contributions = contributions.try_into().expect("few");
	chain.must(Account::Alice, pallet_rewards::Call::claim { contributions });
	let accounts = vec![Account::Dave.to_account_id(), Account::Charlie.to_account_id()];
	let accounts = accounts.try_into().expect("two");
	chain.must(Account::Alice, pallet_rewards::Call::claim_account { accounts });
	let after = chain.state(|| Balances::free_balance(Account::Bob.to_account_id()));
	assert_eq!(after - before, u128::from(earned) * UNITS_PER_NANO);
	assert_eq!(of(chain, Account::Bob).contributions, vec![]);
	assert_eq!(of(chain, Account::Dave).account, 0);
	chain.try_state();
}

#[test]
fn the_registry_asks_attribution_what_a_bond_answers_for() {
	let chain = &mut Chain::development();
	open_lane(chain);
	let answers = |chain: &mut Chain| {
		use openledger_settlement::parties::Answerable;
		chain.state(|| {
			<Runtime as pallet_model_registry::Config>::Answerable::answers(
				0,
				&Account::Dave.to_account_id(),
			)
		})
	};
	assert!(!answers(chain));
	chain.state(|| {
		pallet_attribution::Exposures::<Runtime>::mutate(
			0,
			Account::Dave.to_account_id(),
			|exposure| exposure.batches = 1,
		)
	});
	assert!(answers(chain), "the registry asks attribution");
}

#[test]
fn what_governance_sets_stays_within_its_clamps() {
	use inference::Parameters as P;
	use RuntimeParameters::Inference;

	let share = |percent| Some(Permill::from_percent(percent));
	let window = *clamps::CHALLENGE_WINDOW.start();
	for (parameter, may) in [
		(Inference(P::StakersShare(inference::StakersShare, share(30))), true),
		(Inference(P::StakersShare(inference::StakersShare, share(31))), false),
		(Inference(P::StakersShare(inference::StakersShare, share(0))), false),
		(Inference(P::ModelShare(inference::ModelShare, share(60))), true),
		(Inference(P::ModelShare(inference::ModelShare, share(61))), false),
		(Inference(P::OperatorPart(inference::OperatorPart, share(80))), true),
		(Inference(P::OperatorPart(inference::OperatorPart, share(81))), false),
		(Inference(P::ChallengeWindow(inference::ChallengeWindow, Some(window))), true),
		(Inference(P::ChallengeWindow(inference::ChallengeWindow, Some(window - 1))), false),
	] {
		assert_eq!(within_clamps(&parameter), may, "{parameter:?}");
		// Stored past the filter, it takes effect clamped: contributors keep a tenth.
		Chain::development().state(|| {
			let call = pallet_parameters::Call::<Runtime>::set_parameter { key_value: parameter };
			assert_ok!(call.dispatch_bypass_filter(Origin::AttributionAdmin.into()));
			let terms = effective::terms();
			assert!(terms.stakers + terms.model <= Permill::from_percent(90));
			assert!(clamps::STAKERS_SHARE.contains(&terms.stakers));
			assert!(clamps::MODEL_SHARE.contains(&terms.model));
			assert!(clamps::OPERATOR_PART.contains(&terms.operator));
			assert!(clamps::CHALLENGE_WINDOW.contains(&effective::challenge_window()));
		});
	}
	let most = *clamps::STAKERS_SHARE.end() + *clamps::MODEL_SHARE.end();
	assert!(most <= Permill::from_percent(90));
}

#[test]
fn terms_that_governance_sets_count_from_the_next_block_on() {
	let chain = &mut Chain::development();
	let before = chain.state(Rewards::terms_in_force);
	assert_eq!(before.0, 0);
	chain.block(|| {
		let share = Some(Permill::from_percent(20));
		let key_value = RuntimeParameters::Inference(inference::Parameters::StakersShare(
			inference::StakersShare,
			share,
		));
		let call = pallet_parameters::Call::<Runtime>::set_parameter { key_value };
		assert_ok!(call.dispatch_bypass_filter(Origin::AttributionAdmin.into()));
	});
	chain.blocks(1);
	let (number, terms) = chain.state(Rewards::terms_in_force);
	assert_eq!((number, terms.stakers), (1, Permill::from_percent(20)));
	assert_eq!(chain.state(|| Rewards::terms(0)), Some(before.1), "batches may still name them");
}

#[test]
fn the_community_pool_streams_to_stakers() {
	let chain = &mut Chain::development();
	let of =
		|chain: &mut Chain, pot| chain.state(|| Balances::free_balance(accounts::account(pot)));
	let (pool, stakers) = (of(chain, COMMUNITY_POOL), of(chain, STAKERS_POT));
	let period = get::<<Runtime as pallet_rewards::Config>::StreamPeriod>();
	chain.blocks(period - chain.height());
	assert_eq!(of(chain, COMMUNITY_POOL), pool - 10_000 * OPEN);
	assert!(of(chain, STAKERS_POT) > stakers);
}

#[test]
fn an_older_chain_gets_its_pots_by_the_upgrade() {
	let chain = &mut Chain::development();
	let balance = |pot| Balances::free_balance(accounts::account(pot));
	chain.block(|| {
		// As if they had not been there at genesis.
		for pot in EMPTY_POTS {
			assert_eq!(balance(pot), EXISTENTIAL_DEPOSIT);
			let treasury = accounts::account(accounts::TREASURY);
			assert_ok!(Balances::transfer(
				&accounts::account(pot),
				&treasury,
				EXISTENTIAL_DEPOSIT,
				Preservation::Expendable,
			));
		}
		OpenPots::on_runtime_upgrade();
		assert!(EMPTY_POTS.into_iter().all(|pot| balance(pot) == EXISTENTIAL_DEPOSIT));
		// And once more does nothing.
		OpenPots::on_runtime_upgrade();
		assert!(EMPTY_POTS.into_iter().all(|pot| balance(pot) == EXISTENTIAL_DEPOSIT));
	});
	chain.try_state();
}

#[test]
fn the_largest_batch_and_the_largest_answer_fit_into_a_block() {
	use openledger_settlement::{MAX_PAYEES, MAX_PAYERS};
	use pallet_attribution::WeightInfo as _;
	use pallet_rewards::WeightInfo as _;

	type Lanes = <Runtime as pallet_attribution::Config>::WeightInfo;
	type Money = <Runtime as pallet_rewards::Config>::WeightInfo;
	let limits = <Runtime as frame_system::Config>::BlockWeights::get();
	let most = |class| limits.get(class).max_extrinsic.unwrap_or(limits.max_block).ref_time();
	let normal = most(DispatchClass::Normal);
	let operational = most(DispatchClass::Operational);
	let claims = get::<<Runtime as pallet_rewards::Config>::MaxClaims>();
	for (name, weight, limit) in [
		("submit_batch", Lanes::submit_batch(MAX_PAYERS, MAX_PAYEES), normal),
		("finalise", Lanes::finalise(MAX_PAYEES), normal),
		("claim", Money::claim(claims), normal),
		("claim_curation", Money::claim_curation(claims), normal),
		("claim_account", Money::claim_account(claims), normal),
		("open", largest_open(), operational / 2),
		("wrong_credit", Lanes::wrong_credit(), operational / 2),
		("void", Lanes::void(MAX_PAYERS), operational / 2),
	] {
		println!("{name}: {} us of {} us", weight.ref_time() / 1_000_000, limit / 1_000_000);
		assert!(weight.ref_time() <= limit, "{name}: {} ps of {limit}", weight.ref_time());
	}
	// In bytes: an answer takes less than a tenth of a block.
	let block = <Runtime as frame_system::Config>::BlockLength::get();
	let length = *block.max.get(DispatchClass::Operational) as usize;
	assert!(LARGEST_ANSWER * 10 < length, "{LARGEST_ANSWER} of {length}");
	let disclosed = MAX_DISCLOSURES as usize * pallet_attribution::MAX_OUTPUT;
	assert!((pallet_attribution::MAX_PROOF + disclosed) * 5 < length);
}

/// The weight of the largest answer, and of the void that follows if it is wrong.
fn largest_open() -> frame_support::weights::Weight {
	use openledger_settlement::MAX_PAYERS;
	use pallet_attribution::WeightInfo as _;

	type Lanes = <Runtime as pallet_attribution::Config>::WeightInfo;
	let receipts = pallet_attribution::MAX_PROOF as u32 / 2_048;
	let disclosed = MAX_DISCLOSURES * pallet_attribution::MAX_OUTPUT as u32 / 1_024;
	Lanes::open(receipts, disclosed).saturating_add(Lanes::void(MAX_PAYERS))
}

#[test]
fn a_demand_pays_for_its_answer_twice() {
	let deposit = DemandDeposit::get();
	assert!(deposit > OPEN / 2 && deposit < 5 * OPEN, "{deposit}");
	// The fee of an answer as large as it may be, at the price of an idle chain.
	let chain = &mut Chain::development();
	chain.state(|| {
		let call = RuntimeCall::from(Call::open {
			model: 0,
			batch: 0,
			opening: Box::new(openledger_settlement::opening::Opening {
				step: 0,
				receipts: Default::default(),
				state: H256::zero(),
				proof: tree::Proof(Default::default()),
				before: None,
				nodes: vec![vec![0; pallet_attribution::MAX_PROOF]],
			}),
			disclosures: vec![Disclosure {
				receipt: 0,
				output: vec![0; pallet_attribution::MAX_OUTPUT],
				citations: Default::default(),
			}]
			.try_into()
			.expect("one"),
		});
		let info = call.get_dispatch_info();
		let length = call.encoded_size() as u32;
		assert!(length as usize <= LARGEST_ANSWER);
		// What holds is charged without the void that did not follow.
		let RuntimeCall::Attribution(Call::open { opening, disclosures, .. }) = &call else {
			unreachable!()
		};
		let holding = Attribution::holding(opening, disclosures);
		assert!(holding.ref_time() <= info.call_weight.ref_time());
		let actual = frame_support::dispatch::DispatchInfo { call_weight: holding, ..info };
		let fee = pallet_transaction_payment::Pallet::<Runtime>::compute_fee(length, &actual, 0);
		assert!(fee * 2 <= deposit + OPEN / 100, "{fee} of {deposit}");
	});
}
