//! The rule, over receipts that mostly follow it and states that no honest batch needs to have.

use super::input::Input;
use openledger_primitives::{
	content::ContentId,
	records::{ContributionRef, Snapshot},
	tree::Tree,
};
use openledger_settlement::{
	build::{challenge, Batch, NotBuilt},
	chain::{Chain, Head},
	diff::{commit, ends},
	execute::{execute as by_the_rule, Context, Failure, Wrong},
	opening::{check, Verdict},
	price::{fee, Price},
	receipt::{Core, Credit, Receipt},
	split::Terms,
	state::{Earned, InTrie, Layout, State, Tables, Totals},
	trace::{hash_of, leaf_hash, Leaf, Trace},
	voucher::Bought,
	LIMIT, MAX_CREDITS, STEP, WEIGHT_LIMIT,
};
use sp_core::H256;
use sp_runtime::{traits::BlakeTwo256, Permill};
use sp_trie::{MemoryDB, RandomState, TrieDBMutBuilder, TrieMut};

thread_local! {
	static CHAIN: Chain = Chain::default();
}

/// Tables and a trie come to the same, and nothing is lost. A batch of these receipts is built, or not;
/// in either case openings say the same as the tables.
pub fn execute(data: &[u8]) {
	let mut input = Input(data);
	let context = context(&mut input);
	let before = tables(&mut input, &context);
	let count = 1 + input.below(40);
	let receipts: Vec<_> =
		(0..count).map(|_| receipt(&mut input, &context, before.payers.len())).collect();
	CHAIN.with(|chain| {
		let mut after = before.clone();
		let result = match by_the_rule(&context, chain, &mut after, &receipts) {
			Ok(()) => Ok(()),
			Err(Failure::Wrong(wrong)) => Err(wrong),
			Err(Failure::State(impossible)) => match impossible {},
		};
		if result.is_ok() {
			assert_eq!(spent(&after) - spent(&before), paid_out(&after) - paid_out(&before));
		}
		let root = result.map(|()| after.root());
		assert_eq!(in_a_trie(&context, chain, &before, &receipts), root);
		opened(&context, chain, before.payers, receipts);
	});
}

fn context(input: &mut Input) -> Context {
	let limit = if input.once_in(6) { LIMIT } else { 1 << 40 };
	// Mostly at most the whole; the rule refuses terms of more.
	let most = if input.once_in(8) { 1_000_001 } else { 450_001 };
	let mut part = || Permill::from_parts(input.number() as u32 % most);
	let (stakers, model, operator) = (part(), part(), part());
	Context {
		version: input.byte().into(),
		epoch: input.byte().into(),
		price: Price { rate_in: input.amount(limit), rate_out: input.amount(limit) },
		terms: Terms { platform_fee: input.amount(1 << 30), stakers, model, operator },
		snapshots: [1, 4, 5]
			.map(|datanet| Snapshot { datanet, length: input.below(9) as u32 })
			.to_vec(),
	}
}

fn tables(input: &mut Input, context: &Context) -> Tables {
	let edge = |input: &mut Input| match input.once_in(30) {
		true => LIMIT - 1 - input.amount(1 << 30),
		false => input.amount(1 << 50),
	};
	let payers = 1 + input.below(5);
	let payers = (0..payers)
		.map(|_| Bought {
			count: if input.once_in(40) { u64::MAX - 1 } else { input.amount(1 << 40) },
			cumulative: edge(input),
			// Not canonical, if the fuzzer likes.
			head: Head([input.byte(); 32]),
		})
		.collect();
	let mut tables = Tables::new(payers);
	if input.once_in(3) {
		return tables;
	}
	for Snapshot { datanet, length } in &context.snapshots {
		for index in 0..*length {
			if input.once_in(3) {
				let at = ContributionRef { datanet: *datanet, index };
				let earned = Earned { disclosed: 1 + edge(input), private: edge(input) };
				tables.earned.insert(at, earned);
			}
		}
	}
	tables.totals = Some(Totals {
		receipts: input.amount(u64::MAX),
		fees: edge(input),
		platform: edge(input),
		stakers: edge(input),
		model: edge(input),
		commons: edge(input),
	});
	tables
}

/// A receipt that follows the rule, if there is one under this context, but for what the last choice
/// changes.
fn receipt(input: &mut Input, context: &Context, payers: usize) -> Receipt {
	let (tokens_in, tokens_out) = (input.amount(1 << 32) as u32, input.word().into());
	let must = fee(context.price, tokens_in, tokens_out, context.terms.platform_fee);
	let core = Core {
		version: context.version,
		epoch: context.epoch,
		tokens_in,
		tokens_out,
		fee: must.unwrap_or_default(),
		output: ContentId(H256::repeat_byte(input.byte())),
		private: input.once_in(3),
	};
	let mut credits = vec![];
	for Snapshot { datanet, length } in &context.snapshots {
		for index in 0..*length {
			if input.once_in(2) && credits.len() < MAX_CREDITS as usize {
				credits.push(Credit { datanet: *datanet, index, weight: 1 + input.word() as u32 });
			}
		}
	}
	let payer = input.below(payers) as u16;
	let rest = input.word().into();
	let matches = H256::repeat_byte(input.byte());
	let mut receipt = Receipt { payer, core, credits: Default::default(), rest, matches };
	let place = input.below(credits.len());
	match input.byte() {
		200 => receipt.payer = input.word(),
		201 => receipt.core.version = input.byte().into(),
		202 => receipt.core.epoch = input.byte().into(),
		203 => receipt.core.fee ^= 1 << (input.byte() % 64),
		204 => receipt.core.tokens_in ^= 1 << (input.byte() % 32),
		205 => receipt.rest = WEIGHT_LIMIT - u32::from(input.byte()),
		206 => receipt.rest = u32::MAX - u32::from(input.byte()),
		207 if !credits.is_empty() => {
			// The sum is just below the limit, or at it.
			let sum = credits.iter().map(|credit| credit.weight).sum::<u32>() + rest;
			credits[place].weight += WEIGHT_LIMIT.saturating_sub(sum + u32::from(input.byte() % 3));
		}
		208 if !credits.is_empty() => credits[place].weight = input.number() as u32,
		209 if !credits.is_empty() => credits.swap(0, place),
		210 if !credits.is_empty() => credits[place].index = input.number() as u32,
		211 if !credits.is_empty() => credits[place].datanet = input.number() as u32,
		212 if credits.len() < MAX_CREDITS as usize => {
			credits.insert(place, Credit { datanet: 1, index: 0, weight: 1 })
		}
		213 => receipt.core.fee = input.number(),
		_ => {}
	}
	receipt.credits = credits.try_into().unwrap();
	receipt
}

/// What all payers have spent.
fn spent(tables: &Tables) -> i128 {
	tables.payers.iter().map(|bought| i128::from(bought.cumulative)).sum()
}

/// What all others have got of it.
fn paid_out(tables: &Tables) -> i128 {
	let Totals { platform, stakers, model, commons, .. } = tables.totals.unwrap_or_default();
	let earned = tables.earned.values().flat_map(|earned| [earned.disclosed, earned.private]);
	earned.chain([platform, stakers, model, commons]).map(i128::from).sum()
}

/// Executes the receipts over a trie with the same entries: the root behind them.
fn in_a_trie(
	context: &Context,
	chain: &Chain,
	before: &Tables,
	receipts: &[Receipt],
) -> Result<H256, Wrong> {
	let mut nodes = MemoryDB::<BlakeTwo256>::with_hasher(RandomState::default());
	let mut root = H256::default();
	let mut state = InTrie(TrieDBMutBuilder::<Layout>::new(&mut nodes, &mut root).build());
	for (position, bought) in (0..).zip(&before.payers) {
		state.set_bought(position, *bought).unwrap();
	}
	for (contribution, earned) in &before.earned {
		state.set_earned(*contribution, *earned).unwrap();
	}
	if let Some(totals) = before.totals {
		state.set_totals(totals).unwrap();
	}
	assert_eq!(*state.0.root(), before.root());
	match by_the_rule(context, chain, &mut state, receipts) {
		Ok(()) => Ok(*state.0.root()),
		Err(Failure::Wrong(wrong)) => Err(wrong),
		Err(Failure::State(incomplete)) => panic!("a whole trie is {incomplete:?}"),
	}
}

/// A batch of these receipts: every step of a right one holds, the first wrong step of any other is
/// shown to be as wrong as it is.
fn opened(context: &Context, chain: &Chain, payers: Vec<Bought>, receipts: Vec<Receipt>) {
	match Batch::build(context.clone(), payers.clone(), receipts.clone()) {
		Ok(batch) => {
			let trace = batch.trace();
			for step in 0..trace.steps() {
				let opening = batch.open(step).unwrap();
				assert_eq!(check(&opening, &trace, context, chain), Ok(Verdict::Holds));
			}
			let ends = ends(&batch.purchases(), &batch.diff(), &batch.totals()).unwrap();
			let submitted = batch.submitted().unwrap();
			assert_eq!(commit(ends, &batch.totals(), &submitted), Some(trace));
		}
		Err(NotBuilt::Wrong { step, wrong }) => {
			let mut state = Tables::new(payers.clone());
			let first = state.root();
			let leaf = |receipts: &[Receipt]| {
				// Behind the wrong step, and in it, stands what a cheat likes.
				let right = by_the_rule(context, chain, &mut state, receipts).is_ok();
				let state = if right { state.root() } else { H256::zero() };
				Leaf { receipts: hash_of(receipts), state }
			};
			let leaves: Vec<_> = receipts.chunks(STEP as usize).map(leaf).collect();
			let hashes = (0..).zip(&leaves).map(|(step, leaf)| leaf_hash(step, *leaf)).collect();
			let root = Tree::new(hashes).unwrap().root();
			let trace = Trace { first, root, receipts: receipts.len() as u64 };
			let opening = challenge(context, payers, &receipts, &leaves).unwrap();
			assert_eq!(opening.step, step);
			assert_eq!(check(&opening, &trace, context, chain), Ok(Verdict::Wrong(wrong)));
		}
		// Of these, a payer who buys nothing is the only one that can be.
		Err(not_built) => assert!(matches!(not_built, NotBuilt::Idle { .. }), "{not_built}"),
	}
}
