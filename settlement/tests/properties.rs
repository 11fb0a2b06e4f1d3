//! What is true of every batch: nothing is lost, the result is the same for everybody, nobody gains by
//! taking several names, and another implementation comes to the same.

#![allow(
	missing_docs,
	clippy::arithmetic_side_effects,
	clippy::indexing_slicing,
	clippy::panic,
	clippy::unwrap_used
)]

use codec::{Decode, Encode};
use openledger_primitives::{
	content::ContentId,
	records::{ContributionRef, Snapshot},
};
use openledger_settlement::{
	build::{Batch, NotBuilt},
	chain::{Chain, Head},
	diff::{commit, ends},
	execute::{execute, Context, Failure, Wrong},
	opening::{check, Verdict},
	price::{fee, Price},
	receipt::{Core, Credit, Credits, Receipt},
	sample::{context, receipts, Random, Shape},
	split::{payout, split, split_model, Terms},
	state::{Earned, InTrie, Layout, State, Tables, Totals},
	trace::{hash_of, Leaf},
	voucher::Bought,
	Nano, LIMIT, MAX_CREDITS, MAX_PAYEES, MAX_PAYERS, STEP, WEIGHT_LIMIT,
};
use sp_core::H256;
use sp_runtime::{traits::BlakeTwo256, Permill};
use sp_trie::{MemoryDB, TrieDBMutBuilder, TrieMut};
use std::collections::BTreeMap;

fn shape(receipts: u32) -> Shape {
	Shape { receipts, payers: 6, contributions: 40, credits: 5, private: 4 }
}

fn payers(count: usize) -> Vec<Bought> {
	vec![Bought::default(); count]
}

/// Mostly small numbers, sometimes all sizes, never above the limit given.
fn amount(random: &mut Random, limit: Nano) -> Nano {
	let number = random.next() >> random.below(64);
	number % limit
}

fn random_terms(random: &mut Random) -> Terms {
	// Parts of more than the whole are nothing that governance may set; the rule refuses them.
	let most = if random.below(8) == 0 { 1_000_001 } else { 450_001 };
	Terms {
		platform_fee: amount(random, 1 << 30),
		stakers: Permill::from_parts(random.below(most)),
		model: Permill::from_parts(random.below(most)),
		operator: Permill::from_parts(random.below(1_000_001)),
	}
}

fn random_context(random: &mut Random) -> Context {
	let limit = if random.below(6) == 0 { LIMIT } else { 1 << 40 };
	Context {
		version: random.below(3),
		epoch: random.below(3),
		price: Price { rate_in: amount(random, limit), rate_out: amount(random, limit) },
		terms: random_terms(random),
		snapshots: [1, 4, 5].map(|datanet| Snapshot { datanet, length: random.below(9) }).to_vec(),
	}
}

/// A receipt that follows the rule, if there is one under this context, and its faults are few.
fn random_receipt(random: &mut Random, context: &Context, payers: u16) -> Receipt {
	let (tokens_in, tokens_out) = (random.below(5_000), random.below(5_000));
	let must = fee(context.price, tokens_in, tokens_out, context.terms.platform_fee);
	let core = Core {
		version: context.version,
		epoch: context.epoch,
		tokens_in,
		tokens_out,
		fee: must.unwrap_or_default(),
		output: ContentId(random.hash()),
		private: random.below(3) == 0,
	};
	let known: Vec<_> = context
		.snapshots
		.iter()
		.flat_map(|Snapshot { datanet, length }| (0..*length).map(move |index| (*datanet, index)))
		.collect();
	let wanted = random.below(MAX_CREDITS + 1);
	let mut credits: Vec<_> = known
		.into_iter()
		.filter_map(|(datanet, index)| {
			let weight = 1 + random.below(60_000);
			(weight & 1 == 0).then_some(Credit { datanet, index, weight })
		})
		.take(wanted as usize)
		.collect();
	let mut receipt = Receipt {
		payer: random.below(payers.into()) as u16,
		core,
		credits: Credits::default(),
		rest: random.below(60_000),
		matches: random.hash(),
	};
	// One of forty has a fault, or what may be one.
	let place = random.below(credits.len().max(1) as u32) as usize;
	match random.below(400) {
		0 => receipt.payer = payers + random.below(3) as u16,
		1 => receipt.core.version = random.below(3),
		2 => receipt.core.epoch = random.below(3),
		3 => receipt.core.fee = receipt.core.fee.wrapping_add(random.next() % 3).wrapping_sub(1),
		4 => receipt.core.tokens_in += random.below(2),
		5 => receipt.rest = WEIGHT_LIMIT - 1 - random.below(4),
		6 => receipt.rest = u32::MAX - random.below(4),
		7 if !credits.is_empty() => {
			// The sum is just below the limit, or at it.
			let sum = credits.iter().map(|credit| credit.weight).sum::<u32>() + receipt.rest;
			credits[place].weight += WEIGHT_LIMIT.saturating_sub(sum + random.below(2));
		}
		8 if !credits.is_empty() => credits[place].weight = random.below(2),
		9 if !credits.is_empty() => credits.swap(0, place),
		10 if !credits.is_empty() => credits[place].index += random.below(9),
		11 if !credits.is_empty() => credits[place].datanet = random.below(7),
		12 if credits.len() < 16 => {
			credits.insert(place, Credit { datanet: 1, index: 0, weight: 1 })
		}
		13 => receipt.core.fee = random.next(),
		_ => {}
	}
	receipt.credits = credits.try_into().unwrap();
	receipt
}

/// The rule once more: receipt by receipt over plain lists, in numbers that cannot overflow, with the
/// checks at the end of each sum.
#[derive(Clone, Debug)]
struct Oracle {
	payers: Vec<(u128, u128, Head)>,
	/// Datanet, index, whether private, amount.
	earned: Vec<(u32, u32, bool, u128)>,
	/// Receipts, fees, platform, stakers, model, commons.
	totals: [u128; 6],
}

const MOST: u128 = 1 << 60;

impl Oracle {
	fn of(tables: &Tables) -> Self {
		let bought = |one: &Bought| (one.count.into(), one.cumulative.into(), one.head);
		let totals = tables.totals.unwrap_or_default();
		Self {
			payers: tables.payers.iter().map(bought).collect(),
			earned: tables
				.earned
				.iter()
				.flat_map(|(at, earned)| {
					[(false, earned.disclosed), (true, earned.private)].map(|(private, amount)| {
						(at.datanet, at.index, private, u128::from(amount))
					})
				})
				.collect(),
			totals: [
				totals.receipts,
				totals.fees,
				totals.platform,
				totals.stakers,
				totals.model,
				totals.commons,
			]
			.map(u128::from),
		}
	}

	fn earned(&mut self, datanet: u32, index: u32, private: bool) -> &mut u128 {
		let is = |one: &(u32, u32, bool, u128)| (one.0, one.1, one.2) == (datanet, index, private);
		let at = self.earned.iter().position(is).unwrap_or_else(|| {
			self.earned.push((datanet, index, private, 0));
			self.earned.len() - 1
		});
		&mut self.earned[at].3
	}

	fn receipt(&mut self, context: &Context, receipt: &Receipt) -> Result<(), Wrong> {
		let (core, terms) = (&receipt.core, &context.terms);
		let payer = self.payers.get_mut(usize::from(receipt.payer)).ok_or(Wrong::Payer)?;
		if core.version != context.version {
			return Err(Wrong::Version);
		}
		if core.epoch != context.epoch {
			return Err(Wrong::Epoch);
		}
		let [tokens_in, tokens_out] = [core.tokens_in, core.tokens_out].map(u128::from);
		let [rate_in, rate_out] = [context.price.rate_in, context.price.rate_out].map(u128::from);
		let platform = u128::from(terms.platform_fee);
		let fee = u128::from(core.fee);
		if fee >= MOST
			|| tokens_in * rate_in / 1_000 + tokens_out * rate_out / 1_000 + platform != fee
		{
			return Err(Wrong::Fee);
		}
		let net = fee - platform;
		let parts = [terms.stakers, terms.model].map(|part| u128::from(part.deconstruct()));
		let [stakers, model] = parts.map(|part| net * part / 1_000_000);
		if stakers + model > net {
			return Err(Wrong::Overflow);
		}
		let contributors = net - stakers - model;
		payer.0 += 1;
		payer.1 += fee;
		payer.2 = Chain::default().link(payer.2, core);
		if payer.0 > u64::MAX.into() || payer.1 >= MOST {
			return Err(Wrong::Overflow);
		}

		let weight = receipt.credits.iter().map(|credit| u128::from(credit.weight)).sum::<u128>()
			+ u128::from(receipt.rest);
		let mut last = None;
		for credit in &receipt.credits {
			let place = u64::from(credit.datanet) << 32 | u64::from(credit.index);
			if last.is_some_and(|last| last >= place) || credit.weight == 0 {
				return Err(Wrong::Credits);
			}
			last = Some(place);
		}
		if weight >= 1 << 20 {
			return Err(Wrong::Credits);
		}
		let mut commons = contributors;
		for credit in &receipt.credits {
			let length = context.snapshots.iter().find(|one| one.datanet == credit.datanet);
			if length.is_none_or(|one| one.length <= credit.index) {
				return Err(Wrong::OutsideSnapshots);
			}
			let payout = contributors * u128::from(credit.weight) / weight;
			commons -= payout;
			let earned = self.earned(credit.datanet, credit.index, core.private);
			*earned += payout;
			// What earns nothing is not written, so it cannot be too much either.
			if payout > 0 && *earned >= MOST {
				return Err(Wrong::Overflow);
			}
		}
		for (total, more) in self.totals.iter_mut().zip([1, fee, platform, stakers, model, commons])
		{
			*total += more;
		}
		if self.totals[0] > u64::MAX.into() || self.totals[1..].iter().any(|total| *total >= MOST) {
			return Err(Wrong::Overflow);
		}
		Ok(())
	}

	/// In an order that does not depend on who earned first, without those who earn nothing.
	fn sorted(mut self) -> Self {
		self.earned.retain(|one| one.3 > 0);
		self.earned.sort();
		self
	}
}

fn random_tables(random: &mut Random, context: &Context) -> Tables {
	let edge = |random: &mut Random| match random.below(60) {
		0 => LIMIT - 1 - amount(random, 1 << 30),
		_ => amount(random, 1 << 50),
	};
	let payers = (0..1 + random.below(5))
		.map(|_| Bought {
			count: if random.below(80) == 0 { u64::MAX - 1 } else { amount(random, 1 << 40) },
			cumulative: edge(random),
			head: Head::default(),
		})
		.collect();
	let mut tables = Tables::new(payers);
	for snapshot in &context.snapshots {
		for index in 0..snapshot.length {
			let at = ContributionRef { datanet: snapshot.datanet, index };
			if random.below(3) == 0 {
				let earned = Earned { disclosed: 1 + edge(random), private: edge(random) };
				tables.earned.insert(at, earned);
			}
		}
	}
	if random.below(3) > 0 {
		tables.totals = Some(Totals {
			receipts: amount(random, 1 << 30),
			fees: edge(random),
			platform: edge(random),
			stakers: edge(random),
			model: edge(random),
			commons: edge(random),
		});
	}
	tables
}

#[test]
fn another_implementation_comes_to_the_same() {
	let mut random = Random(1);
	let chain = Chain::default();
	let mut seen = BTreeMap::new();
	for _ in 0..3_000 {
		let context = random_context(&mut random);
		let mut tables = random_tables(&mut random, &context);
		let mut oracle = Oracle::of(&tables);
		let count = tables.payers.len() as u16;
		let receipts: Vec<_> = (0..1 + random.below(8))
			.map(|_| random_receipt(&mut random, &context, count))
			.collect();
		let expected = receipts.iter().try_for_each(|receipt| oracle.receipt(&context, receipt));
		let result = execute(&context, &chain, &mut tables, &receipts);
		match (result, expected) {
			(Ok(()), Ok(())) => {
				let (got, expected) = (Oracle::of(&tables).sorted(), oracle.sorted());
				assert_eq!(got.payers, expected.payers);
				assert_eq!(got.earned, expected.earned);
				assert_eq!(got.totals, expected.totals);
			}
			(Err(Failure::Wrong(wrong)), Err(expected)) => assert_eq!(wrong, expected),
			(result, expected) => panic!("{result:?} is not {expected:?}: {receipts:?}"),
		}
		*seen.entry(format!("{expected:?}")).or_insert(0) += 1;
	}
	assert!(seen["Ok(())"] > 1_000, "{seen:?}");
	let wrong = ["Payer", "Version", "Epoch", "Fee", "Credits", "OutsideSnapshots", "Overflow"];
	for wrong in wrong {
		assert!(seen.get(&format!("Err({wrong})")).is_some_and(|seen| *seen > 10), "{seen:?}");
	}
}

/// A state in tables and the same in a trie do not come apart.
#[test]
fn tables_and_tries_are_the_same() {
	let mut random = Random(2);
	let chain = Chain::default();
	let mut executed = 0;
	for _ in 0..300 {
		let context = random_context(&mut random);
		let mut tables = random_tables(&mut random, &context);
		let (mut nodes, mut root) = (MemoryDB::<BlakeTwo256>::default(), H256::default());
		let trie = TrieDBMutBuilder::<Layout>::new(&mut nodes, &mut root).build();
		let mut state = InTrie(trie);
		for (at, bought) in (0..).zip(&tables.payers) {
			state.set_bought(at, *bought).unwrap();
		}
		for (at, earned) in &tables.earned {
			state.set_earned(*at, *earned).unwrap();
		}
		if let Some(totals) = tables.totals {
			state.set_totals(totals).unwrap();
		}
		assert_eq!(*state.0.root(), tables.root());
		let count = tables.payers.len() as u16;
		for _ in 0..4 {
			let receipts: Vec<_> = (0..1 + random.below(4))
				.map(|_| random_receipt(&mut random, &context, count))
				.collect();
			let in_tables = execute(&context, &chain, &mut tables, &receipts).ok();
			let in_trie = execute(&context, &chain, &mut state, &receipts).ok();
			assert_eq!(in_tables, in_trie);
			if in_tables.is_none() {
				break;
			}
			executed += 1;
			assert_eq!(*state.0.root(), tables.root());
		}
	}
	assert!(executed > 300, "{executed}");
}

fn paid_out(tables: &Tables) -> u128 {
	let totals = tables.totals.unwrap_or_default();
	let earned = tables.earned.values().flat_map(|one| [one.disclosed, one.private]);
	let others = [totals.platform, totals.stakers, totals.model, totals.commons];
	earned.chain(others).map(u128::from).sum()
}

#[test]
fn every_nano_is_somewhere() {
	let mut random = Random(3);
	let chain = Chain::default();
	let mut executed = 0;
	for _ in 0..1_500 {
		let context = random_context(&mut random);
		let mut tables = Tables::new(payers(3));
		for _ in 0..4 {
			let receipt = random_receipt(&mut random, &context, 3);
			let before = tables.clone();
			if execute(&context, &chain, &mut tables, std::slice::from_ref(&receipt)).is_err() {
				tables = before;
				continue;
			}
			executed += 1;
			assert_eq!(paid_out(&tables) - paid_out(&before), u128::from(receipt.core.fee));
		}
		let spent: u128 = tables.payers.iter().map(|one| u128::from(one.cumulative)).sum();
		assert_eq!(spent, paid_out(&tables));
		assert_eq!(spent, u128::from(tables.totals.unwrap_or_default().fees));
		let bought: u64 = tables.payers.iter().map(|one| one.count).sum();
		assert_eq!(bought, tables.totals.unwrap_or_default().receipts);
		assert!(tables.earned.values().all(|earned| *earned != Earned::default()));
	}
	assert!(executed > 2_000, "{executed}");
}

#[test]
fn a_share_of_the_model_is_somewhere() {
	let mut random = Random(4);
	let mut given = 0;
	for _ in 0..20_000 {
		let share = amount(&mut random, LIMIT);
		let operator = Permill::from_parts(random.below(1_000_001));
		let royalties: Vec<_> = (0..random.below(9))
			.map(|at| {
				let royalty = Permill::from_parts(random.below(600_001));
				// Sometimes of what is not before it.
				let beyond = u32::from(random.below(50) == 0);
				(royalty, random.below(at + 1 + beyond) as u8)
			})
			.collect();
		let Some(split) = split_model(share, operator, &royalties) else { continue };
		given += 1;
		assert_eq!(split.ancestors.len(), royalties.len());
		let ancestors: u128 = split.ancestors.iter().copied().map(u128::from).sum();
		let all = u128::from(split.operator) + ancestors + u128::from(split.owner);
		assert_eq!(all, share.into());
	}
	assert!(given > 5_000, "{given}");
	// Royalties as the chain allows them, at most 30 %, one of another: there is always a split.
	for _ in 0..5_000 {
		let royalties: Vec<_> =
			(0..8).map(|at| (Permill::from_parts(random.below(300_001)), at)).collect();
		let share = amount(&mut random, LIMIT);
		assert!(split_model(share, Permill::from_percent(50), &royalties).is_some());
	}
}

fn build(receipts: Vec<Receipt>) -> Batch {
	Batch::build(context(&shape(0)), payers(6), receipts).unwrap()
}

#[test]
fn the_same_receipts_are_the_same_batch() {
	let all = receipts(&shape(100), &context(&shape(0)), &mut Random(5));
	let (one, other) = (build(all.clone()), build(all.clone()));
	assert_eq!(one.trace(), other.trace());
	assert_eq!(one.submitted(), other.submitted());
	assert_eq!(one.diff(), other.diff());
	for step in 0..4 {
		assert_eq!(one.open(step), other.open(step));
	}

	// In other steps the trace is another, what they add up to is not.
	let context = context(&shape(0));
	for length in [1, 7, 31, 33, 100] {
		let mut tables = Tables::new(payers(6));
		for receipts in all.chunks(length) {
			execute(&context, &Chain::default(), &mut tables, receipts).unwrap();
		}
		let ends = ends(&one.purchases(), &one.diff(), &one.totals()).unwrap();
		assert_eq!(tables.root(), ends.last, "steps of {length}");
	}
}

/// Roots are computed side by side from every 256th step on: here, from two places.
#[test]
fn threads_do_not_matter() {
	let shape = Shape { receipts: 8_400, payers: 3, contributions: 4, credits: 1, private: 2 };
	let context = context(&shape);
	let receipts = receipts(&shape, &context, &mut Random(6));
	let batch = Batch::build(context.clone(), payers(3), receipts.clone()).unwrap();
	let trace = batch.trace();
	let ends = ends(&batch.purchases(), &batch.diff(), &batch.totals()).unwrap();
	assert_eq!(commit(ends, &batch.totals(), &batch.submitted().unwrap()), Some(trace));

	let chain = Chain::default();
	let mut tables = Tables::new(payers(3));
	for (step, receipts) in (0..).zip(receipts.chunks(STEP as usize)) {
		execute(&context, &chain, &mut tables, receipts).unwrap();
		// Opening takes long in the middle of a stretch: look at its ends.
		if [0, 1, 255, 256, 257, 262].contains(&step) {
			let opening = batch.open(step).unwrap();
			let leaf = Leaf { receipts: hash_of(receipts), state: tables.root() };
			assert!(trace.holds(step, leaf, &opening.proof), "step {step}");
			assert_eq!(check(&opening, &trace, &context, &chain), Ok(Verdict::Holds));
		}
	}
}

#[test]
fn the_order_of_receipts_counts() {
	let all = receipts(&shape(90), &context(&shape(0)), &mut Random(7));
	let batch = build(all.clone());
	let of = |payer: u16| {
		let all = all.iter().enumerate();
		all.filter(move |(_, one)| one.payer == payer).map(|(at, _)| at).collect::<Vec<_>>()
	};
	let swapped = |one: usize, other: usize| {
		let mut all = all.clone();
		all.swap(one, other);
		build(all)
	};
	let heads =
		|batch: &Batch| batch.purchases().iter().map(|one| one.after.head).collect::<Vec<_>>();

	// Of one payer: it has signed another order.
	let same = swapped(of(2)[0], of(2)[3]);
	assert_eq!((same.totals(), same.diff()), (batch.totals(), batch.diff()));
	let differ: Vec<_> = heads(&batch).iter().zip(heads(&same)).map(|(a, b)| *a != b).collect();
	assert_eq!(differ, [false, false, true, false, false, false]);
	assert_ne!(same.trace(), batch.trace());

	// Of two payers, neighbours, so that each payer's own order stays.
	let neighbours = (0..89).find(|at| all[*at].payer != all[at + 1].payer).unwrap();
	let other = swapped(neighbours, neighbours + 1);
	assert_eq!((other.totals(), other.diff()), (batch.totals(), batch.diff()));
	assert_eq!(other.purchases(), batch.purchases());
	assert_ne!(other.trace().root, batch.trace().root);
	assert_eq!(other.trace().first, batch.trace().first);
}

#[test]
fn a_weight_over_two_names_is_worth_no_more() {
	let mut random = Random(8);
	for _ in 0..50_000 {
		let contributors = amount(&mut random, LIMIT);
		let total = 2 + random.below(WEIGHT_LIMIT - 2);
		let whole = 2 + random.below(total - 1);
		let part = 1 + random.below(whole - 1);
		let worth = |weight| payout(contributors, &Credit { datanet: 0, index: 0, weight }, total);
		let (one, two) = (worth(whole), worth(part) + worth(whole - part));
		assert!(two <= one && one - two <= 1, "only dust is lost");
		assert!(one <= contributors);
	}
}

/// Whoever buys in two parts what it could buy at once pays the platform twice; of the rest, at most
/// three nanos more go to contributors, by the floors of the price and of others' parts.
#[test]
fn a_receipt_in_two_parts_is_worth_no_more() {
	let mut random = Random(9);
	let mut compared = 0;
	for _ in 0..50_000 {
		let terms = random_terms(&mut random);
		let price = Price { rate_in: amount(&mut random, 1 << 40), rate_out: 0 };
		let (first, second) = (random.below(100_000), random.below(100_000));
		let [whole, one, two] = [first + second, first, second]
			.map(|tokens| fee(price, tokens, 0, terms.platform_fee).unwrap());
		assert!(one + two + 1 >= whole + terms.platform_fee);
		let split = |fee| split(fee, &terms);
		let (Some(whole), Some(one), Some(two)) = (split(whole), split(one), split(two)) else {
			continue;
		};
		compared += 1;
		assert!(one.contributors + two.contributors <= whole.contributors + 3);
		let total = 1 + random.below(WEIGHT_LIMIT - 1);
		let credit = Credit { datanet: 0, index: 0, weight: 1 + random.below(total) };
		let worth = |contributors| payout(contributors, &credit, total);
		let parts = worth(one.contributors) + worth(two.contributors);
		assert!(parts <= worth(whole.contributors) + 3);
	}
	assert!(compared > 30_000, "{compared}");
}

fn receipt(core: Core, payer: u16, credits: Vec<Credit>, rest: u32) -> Receipt {
	Receipt { payer, core, credits: credits.try_into().unwrap(), rest, matches: H256::zero() }
}

/// A context in which an inference of a thousand tokens costs this much, all for contributors.
fn costing(fee: Nano) -> (Context, Core) {
	let context = Context {
		version: 0,
		epoch: 0,
		price: Price { rate_in: fee, rate_out: 0 },
		terms: Terms {
			platform_fee: 0,
			stakers: Permill::zero(),
			model: Permill::zero(),
			operator: Permill::zero(),
		},
		snapshots: vec![Snapshot { datanet: 0, length: MAX_PAYEES + 1 }],
	};
	let core = Core {
		version: 0,
		epoch: 0,
		tokens_in: 1_000,
		tokens_out: 0,
		fee,
		output: ContentId::default(),
		private: false,
	};
	(context, core)
}

#[test]
fn amounts_end_at_the_limit() {
	let run = |context: &Context, tables: &mut Tables, receipt: &Receipt| match execute(
		context,
		&Chain::default(),
		tables,
		std::slice::from_ref(receipt),
	) {
		Ok(()) => None,
		Err(Failure::Wrong(wrong)) => Some(wrong),
		Err(Failure::State(impossible)) => match impossible {},
	};
	let all = vec![Credit { datanet: 0, index: 0, weight: 1 }];

	// A fee.
	let (context, core) = costing(LIMIT - 1);
	let most = receipt(core, 0, all.clone(), 0);
	let mut tables = Tables::new(payers(2));
	assert_eq!(run(&context, &mut tables, &most), None);
	assert_eq!(tables.earned.values().next().unwrap().disclosed, LIMIT - 1);
	let (beyond, core) = costing(LIMIT);
	assert_eq!(
		run(&beyond, &mut Tables::new(payers(1)), &receipt(core, 0, all.clone(), 0)),
		Some(Wrong::Fee)
	);

	// What a payer has bought, what a contribution has earned, what all have spent.
	let (context, core) = costing(1);
	let last = |payer, credits: &[Credit]| receipt(core, payer, credits.to_vec(), 1);
	assert_eq!(run(&context, &mut tables.clone(), &last(0, &[])), Some(Wrong::Overflow));
	assert_eq!(run(&context, &mut tables.clone(), &last(1, &[])), Some(Wrong::Overflow));
	let mut fresh = Tables::new(payers(1));
	fresh.payers[0].count = u64::MAX;
	assert_eq!(run(&context, &mut fresh, &last(0, &[])), Some(Wrong::Overflow));
	let mut fresh = Tables::new(payers(1));
	let earned = Earned { disclosed: LIMIT - 1, private: LIMIT - 1 };
	fresh.earned.insert(ContributionRef { datanet: 0, index: 0 }, earned);
	let only = receipt(core, 0, all, 0);
	assert_eq!(run(&context, &mut fresh.clone(), &only), Some(Wrong::Overflow));
	// Half of a nano is none.
	assert_eq!(run(&context, &mut fresh, &last(0, &only.credits)), None);
}

#[test]
fn weights_end_at_the_limit() {
	let (context, core) = costing(1_000);
	let run = |weight, rest| {
		let credits = vec![Credit { datanet: 0, index: 0, weight }];
		let receipt = receipt(core, 0, credits, rest);
		let mut tables = Tables::new(payers(1));
		let result = execute(&context, &Chain::default(), &mut tables, &[receipt]);
		result.map(|()| tables.totals.unwrap().commons)
	};
	let refused = Err(Failure::Wrong(Wrong::Credits));
	assert_eq!(run(WEIGHT_LIMIT - 1, 0), Ok(0));
	assert_eq!(run(WEIGHT_LIMIT - 2, 1), Ok(1));
	assert_eq!(run(1, WEIGHT_LIMIT - 2), Ok(1_000));
	assert_eq!(run(WEIGHT_LIMIT, 0), refused);
	assert_eq!(run(1, WEIGHT_LIMIT - 1), refused);
	assert_eq!(run(u32::MAX, 1), refused);
	assert_eq!(run(u32::MAX, u32::MAX), refused);
	assert_eq!(run(0, 1), refused);
}

#[test]
fn a_receipt_has_sixteen_credits_at_most() {
	let (context, core) = costing(1_600);
	let credits: Vec<_> = (0..17).map(|index| Credit { datanet: 0, index, weight: 1 }).collect();
	assert!(Credits::try_from(credits.clone()).is_err());
	assert!(Credits::decode(&mut &credits.encode()[..]).is_err());
	let receipt = receipt(core, 0, credits[..16].to_vec(), 0);
	let mut tables = Tables::new(payers(1));
	execute(&context, &Chain::default(), &mut tables, &[receipt]).unwrap();
	assert!(tables.earned.values().all(|earned| earned.disclosed == 100));
	assert_eq!(tables.earned.len(), 16);
}

#[test]
fn a_batch_has_limits() {
	let (context, core) = costing(16_000);
	let paying = |count: u32| -> Vec<Receipt> {
		let credits = (0..count).map(|index| Credit { datanet: 0, index, weight: 1 });
		let credits: Vec<_> = credits.collect();
		credits.chunks(16).map(|credits| receipt(core, 0, credits.to_vec(), 0)).collect()
	};
	let build = |payers, receipts| Batch::build(context.clone(), payers, receipts);

	let batch = build(payers(1), paying(MAX_PAYEES)).unwrap();
	assert_eq!(batch.diff().len() as u32, MAX_PAYEES);
	let ends = ends(&batch.purchases(), &batch.diff(), &batch.totals()).unwrap();
	let trace = commit(ends, &batch.totals(), &batch.submitted().unwrap()).unwrap();
	let last = batch.open(trace.steps() - 1).unwrap();
	assert_eq!(check(&last, &trace, &context, &Chain::default()), Ok(Verdict::Holds));
	let refused = |payers, receipts| build(payers, receipts).err();
	assert_eq!(refused(payers(1), paying(MAX_PAYEES + 1)), Some(NotBuilt::Payees));

	let buying = |count: u32| -> Vec<Receipt> {
		(0..count).map(|payer| receipt(core, payer as u16, vec![], 1)).collect()
	};
	let (most, more) = (MAX_PAYERS as usize, MAX_PAYERS as usize + 1);
	assert!(build(payers(most), buying(MAX_PAYERS)).is_ok());
	assert_eq!(refused(payers(more), buying(MAX_PAYERS + 1)), Some(NotBuilt::Payers));

	assert_eq!(refused(payers(1), vec![]), Some(NotBuilt::Receipts));
	assert_eq!(refused(payers(0), vec![]), Some(NotBuilt::Receipts));
	assert_eq!(refused(payers(3), buying(2)), Some(NotBuilt::Idle { payer: 2 }));
	assert_eq!(
		refused(payers(1), buying(2)),
		Some(NotBuilt::Wrong { step: 0, wrong: Wrong::Payer })
	);
	let mut third = vec![buying(1)[0].clone(); 70];
	third[69].core.fee -= 1;
	assert_eq!(refused(payers(1), third), Some(NotBuilt::Wrong { step: 2, wrong: Wrong::Fee }));
}

/// What an opening takes at most: all that can be in a state, scattered so that little is shared, and a
/// step that touches as much of it as it can.
#[test]
fn the_largest_opening() {
	let mut random = Random(10);
	let (mut context, core) = costing(1 << 40);
	let mut all: Vec<_> = (0..MAX_PAYEES)
		.map(|_| ContributionRef { datanet: random.below(1 << 30), index: random.below(1 << 30) })
		.collect();
	all.sort();
	let snapshots = all.iter().map(|at| Snapshot { datanet: at.datanet, length: 1 << 30 });
	context.snapshots = snapshots.collect();
	// Each receipt takes credits from everywhere; all contributions are in the state before the last step.
	let receipts = (0..1_024 + STEP).map(|nth| {
		let credits = (0..MAX_CREDITS).map(|at| {
			let ContributionRef { datanet, index } = all[(at * 256 + nth * 37 % 256) as usize];
			Credit { datanet, index, weight: WEIGHT_LIMIT / 32 }
		});
		receipt(core, (nth * 33 % 1_024) as u16, credits.collect(), 1)
	});
	let batch = Batch::build(context.clone(), payers(1_024), receipts.collect()).unwrap();
	let opening = batch.open(STEP).unwrap();
	assert_eq!(check(&opening, &batch.trace(), &context, &Chain::default()), Ok(Verdict::Holds));
	// Measured: 75 kB, of which the proof takes 65.
	assert!(opening.proof_size() < 80_000 && opening.encoded_size() < 100_000);
}
