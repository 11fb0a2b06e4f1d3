//! Operators who cheat and recompute everything downstream are found out; openings of an honest batch
//! never show it to be wrong, whatever is done to them.

#![allow(
	missing_docs,
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::panic,
	clippy::unwrap_used
)]

use codec::{Decode, Encode};
use openledger_primitives::{
	records::ContributionRef,
	tree::{Proof, Tree},
};
use openledger_settlement::{
	build::{self, Batch, Rule, TheRule},
	chain::{Chain, Head},
	diff::{self, commit, ends, Diff, Unsound},
	execute::{execute, Context, Failure, Wrong},
	opening::{check, Malformed, Opening, ProvenLeaf, Verdict},
	receipt::{Credit, Receipt},
	sample::{context, receipts, Random, Shape},
	split::{payout, split, Split},
	state::{Earned, InTrie, Layout, State, Tables, Totals},
	trace::{hash_of, leaf_hash, Leaf, Submitted, Trace},
	voucher::Bought,
	Nano, LIMIT, STEP,
};
use sp_core::H256;
use sp_runtime::traits::BlakeTwo256;
use sp_trie::{CompactProof, MemoryDB, Recorder, StorageProof, TrieDBMutBuilder};
use std::collections::{BTreeMap, BTreeSet};

const PAYERS: u16 = 5;

fn shape() -> Shape {
	Shape { receipts: 130, payers: PAYERS, contributions: 30, credits: 4, private: 3 }
}

fn sample(seed: u64) -> (Context, Vec<Receipt>) {
	let context = context(&shape());
	let receipts = receipts(&shape(), &context, &mut Random(seed));
	(context, receipts)
}

fn payers() -> Vec<Bought> {
	vec![Bought::default(); PAYERS.into()]
}

/// What an operator may do otherwise than the rule says.
trait Cheat: Sync {
	/// The receipts that are executed; those that are hashed stay.
	fn executed(&self, receipts: &[Receipt]) -> Vec<Receipt> {
		receipts.to_vec()
	}
	fn split(&self, _: &Receipt, split: Split) -> Split {
		split
	}
	fn pay(&self, credit: &Credit, payout: Nano) -> (ContributionRef, Nano) {
		(credit.contribution(), payout)
	}
	fn private(&self, receipt: &Receipt) -> bool {
		receipt.core.private
	}
	fn charge(&self, _: &Receipt, bought: Bought) -> Bought {
		bought
	}
	/// After a step of which this is the first receipt.
	fn totals(&self, _: &Receipt, totals: Totals) -> Totals {
		totals
	}
}

/// Executes receipts as the cheat wants it and checks nothing.
struct Operator<C>(C);

impl<C: Cheat> Rule for Operator<C> {
	fn execute<S: State>(
		&self,
		context: &Context,
		chain: &Chain,
		state: &mut S,
		receipts: &[Receipt],
	) -> Result<(), Failure<S::Error>> {
		let mut totals = state.totals()?;
		for receipt in &self.0.executed(receipts) {
			let fee = receipt.core.fee;
			if let Some(bought) = state.bought(receipt.payer)? {
				let after = Bought {
					count: bought.count + 1,
					cumulative: bought.cumulative + fee,
					head: chain.link(bought.head, &receipt.core),
				};
				state.set_bought(receipt.payer, self.0.charge(receipt, after))?;
			}
			let split = self.0.split(receipt, split(fee, &context.terms).unwrap());
			let weights = receipt.credits.iter().map(|credit| credit.weight);
			let weight = weights.fold(receipt.rest, |sum, weight| sum + weight);
			let mut commons = split.contributors;
			for credit in &receipt.credits {
				let payout = payout(split.contributors, credit, weight);
				commons -= payout;
				let (contribution, payout) = self.0.pay(credit, payout);
				let mut earned = state.earned(contribution)?;
				match self.0.private(receipt) {
					true => earned.private += payout,
					false => earned.disclosed += payout,
				}
				state.set_earned(contribution, earned)?;
			}
			totals = Totals {
				receipts: totals.receipts + 1,
				fees: totals.fees + fee,
				platform: totals.platform + split.platform,
				stakers: totals.stakers + split.stakers,
				model: totals.model + split.model,
				commons: totals.commons + commons,
			};
		}
		if let Some(first) = receipts.first() {
			totals = self.0.totals(first, totals);
		}
		Ok(state.set_totals(totals)?)
	}
}

fn submit<R: Rule>(batch: &Batch<R>) -> Result<Option<Trace>, Unsound> {
	let totals = batch.totals();
	let ends = ends(&batch.purchases(), &batch.diff(), &totals)?;
	Ok(commit(ends, &totals, &batch.submitted().unwrap()))
}

/// The operator's trace around a step, with a proof of the state before it by whoever executes the
/// receipts honestly up to there.
fn challenge<R: Rule>(batch: &Batch<R>, opening: Opening) -> Opening {
	let mut tables = Tables::new(batch.purchases().iter().map(|one| one.before).collect());
	let before = opening.step as usize * STEP as usize;
	for receipts in batch.receipts()[..before].chunks(STEP as usize) {
		execute(batch.context(), &Chain::default(), &mut tables, receipts).unwrap();
	}
	let nodes = prove(&tables, batch.context(), &opening.receipts, |_, _| true);
	Opening { nodes, ..opening }
}

/// A proof of what the receipts read and write, of whose parts `keep` wants the nth of so many.
fn prove(
	tables: &Tables,
	context: &Context,
	receipts: &[Receipt],
	keep: impl Fn(usize, usize) -> bool,
) -> Vec<Vec<u8>> {
	let (mut nodes, mut root) = (MemoryDB::<BlakeTwo256>::default(), H256::default());
	{
		let mut state = InTrie(TrieDBMutBuilder::<Layout>::new(&mut nodes, &mut root).build());
		for (at, bought) in (0..).zip(&tables.payers) {
			state.set_bought(at, *bought).unwrap();
		}
		for (at, earned) in &tables.earned {
			state.set_earned(*at, *earned).unwrap();
		}
		if let Some(totals) = tables.totals {
			state.set_totals(totals).unwrap();
		}
	}
	let (mut recorder, before) = (Recorder::<Layout>::new(), root);
	{
		let trie = TrieDBMutBuilder::from_existing(&mut nodes, &mut root);
		let mut state = InTrie(trie.with_recorder(&mut recorder).build());
		let _ = execute(context, &Chain::default(), &mut state, receipts);
	}
	// What is read often is recorded often.
	let records: BTreeSet<_> = recorder.drain().into_iter().map(|record| record.data).collect();
	let count = records.len();
	let kept = records.into_iter().enumerate().filter(|(at, _)| keep(*at, count));
	let kept = kept.map(|(_, record)| record);
	let proof = StorageProof::new(kept).into_compact_proof::<BlakeTwo256>(before);
	proof.map(|proof| proof.encoded_nodes).unwrap_or_default()
}

/// The batch can be submitted, all steps before the one at fault hold, and that one is found out,
/// even if the operator shows it in another light.
fn found_out<R: Rule>(batch: &Batch<R>, step: u32, wrong: Wrong) {
	let trace = submit(batch).unwrap().expect("it can be submitted");
	let (context, chain) = (batch.context(), Chain::default());
	for step in 0..step {
		let opening = challenge(batch, batch.open(step).unwrap());
		assert_eq!(check(&opening, &trace, context, &chain), Ok(Verdict::Holds), "step {step}");
	}
	let operators = batch.open(step).unwrap();
	assert_ne!(check(&operators, &trace, context, &chain), Ok(Verdict::Holds));
	let opening = challenge(batch, operators);
	assert_eq!(check(&opening, &trace, context, &chain), Ok(Verdict::Wrong(wrong)));
	let watcher = build::challenge(context, payers(), batch.receipts(), batch.leaves()).unwrap();
	assert_eq!(watcher.step, step);
	assert_eq!(check(&watcher, &trace, context, &chain), Ok(Verdict::Wrong(wrong)));
}

fn operate<C: Cheat>(cheat: C, context: &Context, receipts: Vec<Receipt>) -> Batch<Operator<C>> {
	Batch::build_by(Operator(cheat), context.clone(), payers(), receipts).unwrap()
}

/// Cheats from this receipt's step on, or with this receipt alone.
fn at(receipts: &[Receipt], nth: usize) -> H256 {
	receipts[nth].core.output.0
}

struct Nothing;
impl Cheat for Nothing {}

#[test]
fn an_operator_who_does_not_cheat_is_not_found_out() {
	let (context, receipts) = sample(1);
	let honest = Batch::build(context.clone(), payers(), receipts.clone()).unwrap();
	let batch = operate(Nothing, &context, receipts);
	assert_eq!(submit(&batch), Ok(Some(honest.trace())));
	assert_eq!(build::challenge(&context, payers(), batch.receipts(), batch.leaves()), None);
}

/// Nobody executes these receipts otherwise: they are wrong themselves.
#[test]
fn receipts_that_break_the_rule() {
	let wrong = |change: fn(&mut Receipt), wrong| {
		let (context, mut receipts) = sample(2);
		// The last of the third step, so that there are steps before and after it.
		change(&mut receipts[95]);
		let refused = Batch::build(context.clone(), payers(), receipts.clone()).err();
		assert!(refused.is_some(), "{wrong:?}");
		found_out(&operate(Nothing, &context, receipts), 2, wrong);
	};
	wrong(|receipt| receipt.core.fee += 1, Wrong::Fee);
	wrong(|receipt| receipt.core.fee -= 1, Wrong::Fee);
	wrong(|receipt| receipt.core.tokens_out += 1, Wrong::Fee);
	wrong(|receipt| receipt.core.version += 1, Wrong::Version);
	wrong(|receipt| receipt.core.epoch -= 1, Wrong::Epoch);
	wrong(|receipt| receipt.credits.last_mut().unwrap().index = 15, Wrong::OutsideSnapshots);
	wrong(|receipt| receipt.credits.last_mut().unwrap().datanet = 8, Wrong::OutsideSnapshots);
	wrong(|receipt| receipt.credits[0].weight = 0, Wrong::Credits);
	wrong(|receipt| receipt.credits[..].swap(0, 1), Wrong::Credits);
	wrong(|receipt| receipt.credits[1] = receipt.credits[0], Wrong::Credits);
	wrong(|receipt| receipt.rest = (1 << 20) - 1, Wrong::Credits);
}

#[test]
fn a_payer_who_is_none_of_the_batch() {
	struct Strangers;
	impl Cheat for Strangers {
		fn executed(&self, receipts: &[Receipt]) -> Vec<Receipt> {
			let known = |receipt: &&Receipt| receipt.payer < PAYERS;
			receipts.iter().filter(known).cloned().collect()
		}
		fn totals(&self, _: &Receipt, totals: Totals) -> Totals {
			totals
		}
	}
	let (context, mut receipts) = sample(3);
	receipts[40].payer = PAYERS;
	// A receipt that nobody pays is executed for nothing: there is one more than payers bought.
	let batch = operate(Strangers, &context, receipts.clone());
	let trace = submit(&batch).unwrap().unwrap();
	assert_eq!(trace.receipts, 129);
	let chain = Chain::default();
	let opening = challenge(&batch, batch.open(1).unwrap());
	assert_eq!(check(&opening, &trace, &context, &chain), Ok(Verdict::Wrong(Wrong::Payer)));
	let last = batch.open(4).unwrap();
	assert_eq!(check(&last, &trace, &context, &chain), Ok(Verdict::Wrong(Wrong::Count)));
}

#[test]
fn a_payout_that_goes_to_another() {
	struct Friend(ContributionRef, ContributionRef);
	impl Cheat for Friend {
		fn pay(&self, credit: &Credit, payout: Nano) -> (ContributionRef, Nano) {
			let at = credit.contribution();
			(if at == self.0 { self.1 } else { at }, payout)
		}
	}
	let (context, receipts) = sample(4);
	let victim = ContributionRef { datanet: 7, index: 14 };
	let credited = |one: &Receipt| one.credits.iter().any(|credit| credit.contribution() == victim);
	let step = receipts.iter().position(credited).unwrap() as u32 / STEP;
	let friend = ContributionRef { datanet: 0, index: 0 };
	found_out(&operate(Friend(victim, friend), &context, receipts.clone()), step, Wrong::Root);
	// Outside of the snapshots, too: credits are right, what is paid is not.
	let outside = ContributionRef { datanet: 3, index: 3 };
	found_out(&operate(Friend(victim, outside), &context, receipts), step, Wrong::Root);
}

#[test]
fn a_split_that_is_another() {
	struct Changed(H256, fn(&mut Split));
	impl Cheat for Changed {
		fn split(&self, receipt: &Receipt, mut split: Split) -> Split {
			if receipt.core.output.0 == self.0 {
				(self.1)(&mut split);
			}
			split
		}
	}
	let changes: [fn(&mut Split); 4] = [
		|split| (split.stakers, split.model) = (split.stakers - 1, split.model + 1),
		|split| (split.contributors, split.model) = (0, split.model + split.contributors),
		|split| (split.platform, split.contributors) = (0, split.contributors + split.platform),
		|split| std::mem::swap(&mut split.stakers, &mut split.model),
	];
	let (context, receipts) = sample(5);
	for change in changes {
		let cheat = Changed(at(&receipts, 70), change);
		found_out(&operate(cheat, &context, receipts.clone()), 2, Wrong::Root);
	}
}

#[test]
fn private_earnings_that_are_called_disclosed() {
	struct Disclosed(H256);
	impl Cheat for Disclosed {
		fn private(&self, receipt: &Receipt) -> bool {
			receipt.core.private ^ (receipt.core.output.0 == self.0)
		}
	}
	let (context, receipts) = sample(6);
	for nth in [99, 100, 101] {
		let cheat = Disclosed(at(&receipts, nth));
		found_out(&operate(cheat, &context, receipts.clone()), 3, Wrong::Root);
	}
}

/// Changes what the payer of one receipt has bought, and totals with it.
struct Charge {
	receipt: H256,
	change: fn(&mut Bought),
	totals: fn(&mut Totals),
	step: H256,
}

impl Cheat for Charge {
	fn charge(&self, receipt: &Receipt, mut bought: Bought) -> Bought {
		if receipt.core.output.0 == self.receipt {
			(self.change)(&mut bought);
		}
		bought
	}
	fn totals(&self, first: &Receipt, mut totals: Totals) -> Totals {
		if first.core.output.0 == self.step {
			(self.totals)(&mut totals);
		}
		totals
	}
}

#[test]
fn a_payer_who_pays_another_price() {
	let (context, receipts) = sample(7);
	let cheat = |change, totals| Charge {
		receipt: at(&receipts, 33),
		change,
		totals,
		step: at(&receipts, 32),
	};
	let operate = |cheat| operate(cheat, &context, receipts.clone());

	// Nobody gets what was paid too much, or pays what was paid too little.
	let more = operate(cheat(|bought| bought.cumulative += 1, |_| {}));
	assert_eq!(submit(&more), Err(Unsound::Sum));
	let less = operate(cheat(|bought| bought.cumulative -= 1, |_| {}));
	assert_eq!(submit(&less), Err(Unsound::Sum));

	let more = cheat(
		|bought| bought.cumulative += 5,
		|totals| (totals.fees, totals.model) = (totals.fees + 5, totals.model + 5),
	);
	found_out(&operate(more), 1, Wrong::Root);
	let less = cheat(
		|bought| bought.cumulative -= 5,
		|totals| (totals.fees, totals.model) = (totals.fees - 5, totals.model - 5),
	);
	found_out(&operate(less), 1, Wrong::Root);
	found_out(&operate(cheat(|bought| bought.head.0[9] ^= 1, |_| {})), 1, Wrong::Root);
	found_out(&operate(cheat(|bought| bought.head = Head([255; 32]), |_| {})), 1, Wrong::Root);
}

#[test]
fn one_payer_charged_for_another() {
	struct Swapped;
	impl Cheat for Swapped {
		fn executed(&self, receipts: &[Receipt]) -> Vec<Receipt> {
			let mut receipts = receipts.to_vec();
			for receipt in &mut receipts {
				if receipt.payer == 0 && receipt.core.tokens_in > 3_500 {
					receipt.payer = 1;
				}
			}
			receipts
		}
	}
	let (context, receipts) = sample(8);
	let dear = |one: &Receipt| one.payer == 0 && one.core.tokens_in > 3_500;
	let step = receipts.iter().position(dear).unwrap() as u32 / STEP;
	found_out(&operate(Swapped, &context, receipts), step, Wrong::Root);
}

#[test]
fn totals_that_are_inflated() {
	let (context, receipts) = sample(9);
	let batch = |totals| {
		let none = H256::zero();
		let cheat = Charge { receipt: none, change: |_| {}, totals, step: at(&receipts, 128) };
		operate(cheat, &context, receipts.clone())
	};
	let unsound = |totals, unsound| assert_eq!(submit(&batch(totals)), Err(unsound));
	unsound(|totals| totals.model += 1, Unsound::Sum);
	unsound(|totals| totals.fees += 1, Unsound::Sum);
	unsound(|totals| (totals.fees, totals.commons) = (0, 0), Unsound::Sum);
	unsound(
		|totals| (totals.fees, totals.model) = (totals.fees + 1, totals.model + 1),
		Unsound::Sum,
	);
	unsound(|totals| (totals.platform, totals.stakers) = (LIMIT, LIMIT), Unsound::Sum);
	unsound(|totals| totals.platform = u64::MAX, Unsound::Sum);
	unsound(|totals| totals.receipts += 1, Unsound::Count);
	unsound(|totals| totals.receipts -= 1, Unsound::Count);
	unsound(|totals| totals.receipts = 0, Unsound::Count);
	// What only moves between totals adds up.
	let moved = batch(|totals| {
		(totals.stakers, totals.model) = (0, totals.model + totals.stakers);
	});
	found_out(&moved, 4, Wrong::Root);
}

/// Executes some receipts twice, and others not at all.
struct Again {
	skipped: Vec<H256>,
	doubled: Vec<H256>,
}

impl Cheat for Again {
	fn executed(&self, receipts: &[Receipt]) -> Vec<Receipt> {
		let is = |receipt: &Receipt, list: &[H256]| list.contains(&receipt.core.output.0);
		let kept = receipts.iter().filter(|receipt| !is(receipt, &self.skipped));
		kept.flat_map(|receipt| {
			let times = if is(receipt, &self.doubled) { 2 } else { 1 };
			vec![receipt.clone(); times]
		})
		.collect()
	}
}

#[test]
fn receipts_that_are_skipped_or_doubled() {
	let (context, receipts) = sample(10);
	let list = |list: &[usize]| list.iter().map(|nth| at(&receipts, *nth)).collect();
	let operate = |skipped: &[usize], doubled: &[usize]| {
		let cheat = Again { skipped: list(skipped), doubled: list(doubled) };
		operate(cheat, &context, receipts.clone())
	};
	// As many as there are.
	found_out(&operate(&[50], &[51]), 1, Wrong::Root);
	found_out(&operate(&[50], &[100]), 1, Wrong::Root);
	found_out(&operate(&[100], &[50]), 1, Wrong::Root);

	// One less or one more: the last step has another number than there must be, too.
	for batch in [operate(&[50], &[]), operate(&[], &[50])] {
		let trace = submit(&batch).unwrap().unwrap();
		let verdict = |opening| check(&opening, &trace, &context, &Chain::default());
		let fault = verdict(challenge(&batch, batch.open(1).unwrap()));
		assert_eq!(fault, Ok(Verdict::Wrong(Wrong::Root)));
		assert_eq!(verdict(batch.open(4).unwrap()), Ok(Verdict::Wrong(Wrong::Count)));
	}

	// So many that there is a step more or less: the trace has another width.
	assert_eq!(submit(&operate(&[0, 1], &[])).unwrap(), None);
	let doubled: Vec<_> = (0..31).collect();
	assert_eq!(submit(&operate(&[], &doubled)).unwrap(), None);
}

/// A batch whose steps have the numbers of receipts that its operator likes.
struct Chunked {
	leaves: Vec<Leaf>,
	steps: Vec<Vec<Receipt>>,
	before: Vec<Tables>,
	tree: Tree,
	trace: Option<Trace>,
}

fn chunked(context: &Context, receipts: &[Receipt], lengths: &[usize]) -> Chunked {
	let mut tables = Tables::new(payers());
	let (mut leaves, mut steps, mut before) = (Vec::new(), Vec::new(), Vec::new());
	let mut rest = receipts;
	for length in lengths {
		let (step, after) = rest.split_at(*length);
		rest = after;
		before.push(tables.clone());
		execute(context, &Chain::default(), &mut tables, step).unwrap();
		leaves.push(Leaf { receipts: hash_of(step), state: tables.root() });
		steps.push(step.to_vec());
	}
	let tree = tree_of(&leaves);
	let last = leaves.len() - 1;
	let submitted = Submitted {
		root: tree.root(),
		last_receipts: leaves[last].receipts,
		proof: tree.prove(last as u32).unwrap(),
	};
	let purchases: Vec<_> = before[0]
		.payers
		.iter()
		.zip(&tables.payers)
		.map(|(before, after)| diff::Purchase { before: *before, after: *after })
		.collect();
	let (diff, totals) = (diff::of(tables.earned.clone()).unwrap(), tables.totals.unwrap());
	let trace = commit(ends(&purchases, &diff, &totals).unwrap(), &totals, &submitted);
	Chunked { leaves, steps, before, tree, trace }
}

fn tree_of(leaves: &[Leaf]) -> Tree {
	Tree::new((0..).zip(leaves).map(|(step, leaf)| leaf_hash(step, *leaf)).collect()).unwrap()
}

impl Chunked {
	/// None if the step has so many receipts that no opening holds them.
	fn open(&self, step: u32, context: &Context) -> Option<Opening> {
		let at = step as usize;
		let receipts = &self.steps[at];
		Some(Opening {
			step,
			receipts: receipts.clone().try_into().ok()?,
			state: self.leaves[at].state,
			proof: self.tree.prove(step).unwrap(),
			before: step.checked_sub(1).map(|previous| ProvenLeaf {
				leaf: self.leaves[previous as usize],
				proof: self.tree.prove(previous).unwrap(),
			}),
			nodes: prove(&self.before[at], context, receipts, |_, _| true),
		})
	}
}

#[test]
fn steps_of_another_length() {
	let (context, receipts) = sample(11);
	let verdicts = |lengths: &[usize]| {
		let batch = chunked(&context, &receipts, lengths);
		let trace = batch.trace?;
		let steps = 0..lengths.len() as u32;
		let verdict = |step| {
			let opening = batch.open(step, &context)?;
			Some(check(&opening, &trace, &context, &Chain::default()).unwrap())
		};
		Some(steps.map(verdict).collect::<Vec<_>>())
	};
	let holds = Some(Verdict::Holds);
	let count = Some(Verdict::Wrong(Wrong::Count));
	// The whole batch as it must be, and what the other ways of cutting it look like. A step with too
	// many cannot be opened: it stays unanswered.
	assert_eq!(verdicts(&[32, 32, 32, 32, 2]), Some(vec![holds; 5]));
	assert_eq!(verdicts(&[31, 32, 32, 32, 3]), Some(vec![count, holds, holds, holds, count]));
	assert_eq!(verdicts(&[32, 33, 31, 32, 2]), Some(vec![holds, None, count, holds, holds]));
	assert_eq!(verdicts(&[33, 32, 32, 32, 1]), Some(vec![None, holds, holds, holds, count]));
	assert_eq!(verdicts(&[32, 32, 32, 33, 1]), Some(vec![holds, holds, holds, None, count]));
	assert_eq!(verdicts(&[32, 32, 32, 34, 0]), Some(vec![holds, holds, holds, None, count]));
	// Another number of steps.
	assert_eq!(verdicts(&[32, 32, 32, 34]), None);
	assert_eq!(verdicts(&[32, 32, 32, 32, 1, 1]), None);
	assert_eq!(verdicts(&[130]), None);
}

#[test]
fn a_submission_that_ends_elsewhere_than_its_trace() {
	let (context, receipts) = sample(12);
	let batch = Batch::build(context, payers(), receipts).unwrap();
	let (purchases, diff, totals) = (batch.purchases(), batch.diff(), batch.totals());
	let submitted = batch.submitted().unwrap();
	let honest = ends(&purchases, &diff, &totals).unwrap();
	assert_eq!(commit(honest, &totals, &submitted), Some(batch.trace()));

	// All of these add up.
	let refused = |purchases: &[diff::Purchase], diff: &Diff, totals: &Totals| {
		let ends = ends(purchases, diff, totals).unwrap();
		assert_eq!(commit(ends, totals, &submitted), None);
	};
	let mut moved = diff.clone();
	moved[3].earned.disclosed -= 1;
	moved[4].earned.disclosed += 1;
	refused(&purchases, &moved, &totals);
	let mut flipped = diff.clone();
	let Earned { disclosed, private } = flipped[3].earned;
	flipped[3].earned = Earned { disclosed: disclosed + private, private: 0 };
	refused(&purchases, &flipped, &totals);
	let mut other = purchases.clone();
	other.swap(0, 1);
	refused(&other, &diff, &totals);
	let mut other = purchases.clone();
	other[0].after.head.0[0] ^= 1;
	refused(&other, &diff, &totals);
	let richer = Totals { model: totals.model + 1, commons: totals.commons - 1, ..totals };
	refused(&purchases, &diff, &richer);

	// The same ends, but not this trace.
	let mut other = submitted.clone();
	other.root.0[0] ^= 1;
	assert_eq!(commit(honest, &totals, &other), None);
	let mut other = submitted.clone();
	other.last_receipts.0[0] ^= 1;
	assert_eq!(commit(honest, &totals, &other), None);
	let mut other = submitted.clone();
	other.proof.0.pop();
	assert_eq!(commit(honest, &totals, &other), None);
	let mut other = submitted.clone();
	other.proof.0.push(H256::zero());
	assert_eq!(commit(honest, &totals, &other), None);
	let fewer = Totals { receipts: 128, ..totals };
	assert_eq!(commit(honest, &fewer, &submitted), None, "another number of steps");
}

#[test]
fn submissions_that_do_not_add_up() {
	let (context, receipts) = sample(13);
	let batch = Batch::build(context, payers(), receipts).unwrap();
	let (purchases, diff, totals) = (batch.purchases(), batch.diff(), batch.totals());
	let with = |change: &dyn Fn(&mut Vec<diff::Purchase>, &mut Diff)| {
		let (mut purchases, mut diff) = (purchases.clone(), diff.clone());
		change(&mut purchases, &mut diff);
		ends(&purchases, &diff, &totals).err()
	};
	assert_eq!(with(&|_, _| {}), None);
	assert_eq!(with(&|bought, _| bought[0].after = bought[0].before), Some(Unsound::Purchase));
	assert_eq!(
		with(&|bought, _| bought[0].before.cumulative = bought[0].after.cumulative + 1),
		Some(Unsound::Purchase)
	);
	assert_eq!(
		with(&|bought, _| bought[0].after.cumulative = u64::MAX),
		Some(Unsound::Purchase),
		"too much"
	);
	assert_eq!(with(&|bought, _| bought[0].after.count += 1), Some(Unsound::Count));
	assert_eq!(with(&|bought, _| bought[0].after.count = u64::MAX), Some(Unsound::Count));
	assert_eq!(with(&|bought, _| bought.clear()), Some(Unsound::Count));
	let crowd = |bought: &mut Vec<diff::Purchase>| bought.resize(1_025, bought[0]);
	assert_eq!(with(&|bought, _| crowd(bought)), Some(Unsound::Count));
	assert_eq!(with(&|_, diff| diff[..].swap(0, 1)), Some(Unsound::Diff));
	assert_eq!(with(&|_, diff| diff[1] = diff[0]), Some(Unsound::Diff));
	assert_eq!(with(&|_, diff| diff[1].earned = Earned::default()), Some(Unsound::Diff));
	assert_eq!(with(&|_, diff| diff[1].earned.disclosed += 1), Some(Unsound::Sum));
	assert_eq!(with(&|_, diff| diff[1].earned.disclosed = u64::MAX), Some(Unsound::Sum));
	assert_eq!(with(&|_, diff| diff.truncate(diff.len() - 1)), Some(Unsound::Sum));
	assert_eq!(with(&|bought, _| bought[0].after.cumulative += 1), Some(Unsound::Sum));
}

#[test]
fn a_payer_beyond_every_amount() {
	let (context, receipts) = sample(14);
	let mut before = payers();
	let payer = receipts[1].payer;
	before[usize::from(payer)].cumulative = LIMIT - 10_000_000;
	let operator = Operator(Nothing);
	let batch = Batch::build_by(operator, context.clone(), before.clone(), receipts).unwrap();
	let trace = submit(&batch).unwrap().unwrap();
	let mut tables = Tables::new(before);
	for (step, receipts) in (0..).zip(batch.receipts().chunks(STEP as usize)) {
		let nodes = prove(&tables, &context, receipts, |_, _| true);
		let opening = Opening { nodes, ..batch.open(step).unwrap() };
		let verdict = check(&opening, &trace, &context, &Chain::default());
		if execute(&context, &Chain::default(), &mut tables, receipts).is_err() {
			assert_eq!(verdict, Ok(Verdict::Wrong(Wrong::Overflow)));
			return;
		}
		assert_eq!(verdict, Ok(Verdict::Holds));
	}
	panic!("it does not overflow");
}

/// A leaf that leads nowhere: the step is wrong, and those behind it cannot be opened by anybody.
#[test]
fn a_state_that_does_not_exist() {
	let (context, receipts) = sample(15);
	let mut batch = chunked(&context, &receipts, &[32, 32, 32, 32, 2]);
	let mut trace = batch.trace.unwrap();
	batch.leaves[1].state = H256::repeat_byte(1);
	batch.tree = tree_of(&batch.leaves);
	trace.root = batch.tree.root();
	let verdict =
		|step| check(&batch.open(step, &context).unwrap(), &trace, &context, &Chain::default());
	assert_eq!(verdict(0), Ok(Verdict::Holds));
	assert_eq!(verdict(1), Ok(Verdict::Wrong(Wrong::Root)));
	assert_eq!(verdict(2), Err(Malformed::BadProof));
	assert_eq!(verdict(3), Ok(Verdict::Holds));
}

/// An honest batch and all its openings.
struct Honest {
	context: Context,
	trace: Trace,
	openings: Vec<Opening>,
	chain: Chain,
}

impl Honest {
	fn new(shape: &Shape, payers: Vec<Bought>, seed: u64) -> Self {
		let context = context(shape);
		let receipts = receipts(shape, &context, &mut Random(seed));
		Self::of(context, payers, receipts)
	}

	fn of(context: Context, payers: Vec<Bought>, receipts: Vec<Receipt>) -> Self {
		let batch = Batch::build(context.clone(), payers, receipts).unwrap();
		let trace = submit(&batch).unwrap().unwrap();
		let openings = (0..trace.steps()).map(|step| batch.open(step).unwrap()).collect();
		let honest = Self { context, trace, openings, chain: Chain::default() };
		for opening in &honest.openings {
			assert_eq!(honest.check(opening), Ok(Verdict::Holds));
		}
		honest
	}

	fn check(&self, opening: &Opening) -> Result<Verdict, Malformed> {
		check(opening, &self.trace, &self.context, &self.chain)
	}

	/// The one thing that must never happen. Whether it holds still.
	fn never_wrong(&self, opening: &Opening) -> bool {
		match self.check(opening) {
			Ok(Verdict::Wrong(wrong)) => {
				panic!("an honest step is called {wrong:?} by 0x{}", hex(&opening.encode()))
			}
			Ok(Verdict::Holds) => true,
			Err(_) => false,
		}
	}

	fn malformed(&self, opening: &Opening, malformed: Malformed) {
		assert_eq!(self.check(opening), Err(malformed));
	}
}

fn shorten<T>(list: &mut Vec<T>) {
	list.pop();
}

fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn honest() -> Honest {
	Honest::new(&shape(), payers(), 20)
}

/// Small enough to try every byte: keys of one payer and a handful of contributions.
fn tiny() -> Honest {
	let shape = Shape { receipts: 35, payers: 2, contributions: 6, credits: 2, private: 2 };
	Honest::new(&shape, vec![Bought::default(); 2], 21)
}

#[test]
fn an_honest_step_shown_with_other_parts() {
	let honest = honest();
	let mut random = Random(22);
	for opening in &honest.openings {
		let with = |change: &dyn Fn(&mut Opening)| {
			let mut changed = opening.clone();
			change(&mut changed);
			changed
		};
		let step = opening.step as usize;
		let not = |change: &dyn Fn(&mut Opening), malformed| {
			honest.malformed(&with(change), malformed);
		};

		for other in (0..8).chain([u32::MAX]).filter(|other| *other != opening.step) {
			let malformed = if other < honest.trace.steps() {
				Malformed::NotInTrace
			} else {
				Malformed::NoSuchStep
			};
			not(&|opening| opening.step = other, malformed);
		}
		not(&|opening| opening.state.0[31] ^= 1, Malformed::NotInTrace);
		not(&|opening| opening.state = honest.trace.first, Malformed::NotInTrace);
		not(&|opening| shorten(&mut opening.proof.0), Malformed::NotInTrace);
		not(&|opening| opening.proof.0.push(honest.trace.root), Malformed::NotInTrace);
		not(&|opening| opening.proof = Proof(Vec::new()), Malformed::NotInTrace);
		not(&|opening| opening.receipts = Default::default(), Malformed::NotInTrace);
		not(
			&|opening| opening.receipts.truncate(opening.receipts.len() - 1),
			Malformed::NotInTrace,
		);
		not(&|opening| opening.receipts[..].reverse(), Malformed::NotInTrace);
		not(&|opening| opening.receipts[0].core.fee += 1, Malformed::NotInTrace);
		not(&|opening| opening.receipts[0].payer ^= 1, Malformed::NotInTrace);
		not(&|opening| opening.receipts[1].rest += 1, Malformed::NotInTrace);

		// What stands before it.
		for other in &honest.openings {
			let leaf = Leaf { receipts: hash_of(&other.receipts), state: other.state };
			let proven = ProvenLeaf { leaf, proof: other.proof.clone() };
			let changed = with(&|opening| opening.before = Some(proven.clone()));
			let right = other.step + 1 == opening.step;
			assert_eq!(honest.never_wrong(&changed), right);
		}
		let other = match &opening.before {
			None => Some(ProvenLeaf {
				leaf: Leaf { receipts: H256::zero(), state: honest.trace.first },
				proof: opening.proof.clone(),
			}),
			Some(_) => None,
		};
		not(&|opening| opening.before = other.clone(), Malformed::NotBefore);
		if let Some(before) = &opening.before {
			let shown = |change: &dyn Fn(&mut ProvenLeaf)| {
				let mut before = before.clone();
				change(&mut before);
				not(&|opening| opening.before = Some(before.clone()), Malformed::NotBefore);
			};
			shown(&|before| before.leaf.state = honest.trace.first);
			shown(&|before| before.leaf.state.0[0] ^= 1);
			shown(&|before| before.leaf.receipts.0[0] ^= 1);
			shown(&|before| shorten(&mut before.proof.0));
			shown(&|before| before.proof.0.push(H256::zero()));
		}

		// The nodes.
		let nodes = opening.nodes.len();
		for at in 0..nodes {
			not(&|opening| drop(opening.nodes.remove(at)), Malformed::BadProof);
			not(&|opening| opening.nodes[at].clear(), Malformed::BadProof);
			honest.never_wrong(&with(&|opening| opening.nodes.truncate(at)));
			honest.never_wrong(&with(&|opening| opening.nodes.insert(at, vec![])));
			honest
				.never_wrong(&with(&|opening| opening.nodes.insert(at, opening.nodes[at].clone())));
			let other = random.below(nodes as u32) as usize;
			honest.never_wrong(&with(&|opening| opening.nodes.swap(at, other)));
			honest.never_wrong(&with(&|opening| opening.nodes[at] = opening.nodes[other].clone()));
		}
		not(&|opening| opening.nodes.clear(), Malformed::BadProof);
		not(&|opening| opening.nodes.reverse(), Malformed::BadProof);
		for other in honest.openings.iter().filter(|other| other.step as usize != step) {
			not(&|opening| opening.nodes = other.nodes.clone(), Malformed::BadProof);
			honest.never_wrong(&with(&|opening| opening.nodes.extend(other.nodes.clone())));
		}
	}
}

#[test]
fn an_honest_step_with_a_byte_of_its_nodes_changed() {
	let honest = tiny();
	let mut random = Random(23);
	let mut held = 0;
	for opening in &honest.openings {
		for node in 0..opening.nodes.len() {
			for byte in 0..opening.nodes[node].len() {
				let mut changed = opening.clone();
				changed.nodes[node][byte] ^= random.below(255) as u8 + 1;
				held += u32::from(honest.never_wrong(&changed));
			}
		}
	}
	assert_eq!(held, 0, "every byte of a proof is needed");
}

/// Any change of an opening's bytes that is an opening still.
#[test]
fn an_honest_opening_with_its_bytes_changed() {
	let mut random = Random(24);
	for honest in [tiny(), honest()] {
		let (mut decoded, mut held) = (0, 0);
		for nth in 0..6_000 {
			let opening = &honest.openings[nth % honest.openings.len()];
			let mut bytes = opening.encode();
			// Half of the time near the beginning or the end, where counts and lengths are.
			let length = bytes.len() as u32;
			let at = match random.below(4) {
				0 => random.below(8.min(length)),
				1 => length - 1 - random.below(64.min(length)),
				_ => random.below(length),
			} as usize;
			match random.below(6) {
				0 => drop(bytes.remove(at)),
				1 => bytes.insert(at, random.below(256) as u8),
				2 => {
					let end = bytes.len().min(at + random.below(40) as usize);
					bytes.drain(at..end);
				}
				3 => {
					let from = random.below(length) as usize;
					let end = bytes.len().min(from + random.below(40) as usize);
					let copied = bytes[from..end].to_vec();
					bytes.splice(at..at, copied);
				}
				_ => bytes[at] ^= random.below(255) as u8 + 1,
			}
			let Ok(changed) = Opening::decode(&mut &bytes[..]) else { continue };
			decoded += 1;
			if honest.never_wrong(&changed) {
				held += 1;
				// Where an opening holds, what it says of the step is the same.
				assert_eq!(changed.receipts, opening.receipts);
				assert_eq!(changed.state, opening.state);
			}
		}
		assert!(decoded > 1_000, "{decoded} of the openings are some, {held} hold");
	}
}

/// A proof of a part of what the step needs: nodes that are right, but too few.
#[test]
fn an_honest_step_with_a_true_proof_of_too_little() {
	let mut random = Random(25);
	let (context, receipts) = sample(26);
	let honest = Honest::of(context.clone(), payers(), receipts);
	let mut tables = Tables::new(payers());
	let (mut held, mut lacking) = (0, 0);
	for opening in &honest.openings {
		for round in 0..60 {
			let lost: Vec<_> = (0..1 + round % 4).map(|_| random.next() as usize).collect();
			let nodes = prove(&tables, &context, &opening.receipts, |at, of| {
				!lost.iter().any(|lost| lost % of == at)
			});
			match honest.never_wrong(&Opening { nodes, ..opening.clone() }) {
				true => held += 1,
				false => lacking += 1,
			}
		}
		execute(&context, &Chain::default(), &mut tables, &opening.receipts).unwrap();
	}
	assert!(lacking > 200, "{held} hold, {lacking} lack something");
}

/// Nodes and values that are equal in several places are in a proof once only.
#[test]
fn many_equal_payers() {
	let shape = Shape { receipts: 1_024, payers: 1_024, contributions: 2, credits: 1, private: 0 };
	let context = context(&shape);
	let mut all = receipts(&shape, &context, &mut Random(27));
	let first = all[0].clone();
	for receipt in &mut all {
		*receipt = Receipt { payer: receipt.payer, ..first.clone() };
	}
	// In both orders: by position, and so that each step touches all parts of the trie.
	for stride in [1, 33] {
		let receipts = (0..1_024).map(|nth| all[nth * stride % 1_024].clone()).collect();
		let honest = Honest::of(context.clone(), vec![Bought::default(); 1_024], receipts);
		for opening in honest.openings.iter().step_by(7) {
			for at in 0..opening.nodes.len() {
				let mut changed = opening.clone();
				changed.nodes.remove(at);
				assert!(!honest.never_wrong(&changed));
				// The same again where it stands already.
				let mut changed = opening.clone();
				changed.nodes.insert(at, changed.nodes[at].clone());
				honest.never_wrong(&changed);
			}
		}
	}
}

/// A trie that no honest batch has, though its root is in the trace: whatever it is made of, looking at
/// it must not panic, or nobody could put the opening into a block.
#[test]
fn a_state_of_rubbish() {
	let (context, receipts) = sample(30);
	let mut batch = chunked(&context, &receipts[..35], &[32, 3]);
	let honest = batch.open(1, &context).unwrap();
	let mut random = Random(31);
	let mut outcomes = BTreeMap::<String, u32>::new();
	for _ in 0..3_000 {
		let mut nodes = honest.nodes.clone();
		for _ in 0..1 + random.below(3) {
			let node = random.below(nodes.len() as u32) as usize;
			if nodes[node].is_empty() {
				continue;
			}
			let length = nodes[node].len() as u32;
			let at = match random.below(3) {
				0 => random.below(length),
				// Where the header, the length of the key and the bitmap are.
				_ => random.below(length.min(4)),
			} as usize;
			match random.below(6) {
				0 => drop(nodes[node].remove(at)),
				1 => nodes[node].insert(at, random.below(256) as u8),
				2 => nodes[node] = nodes[random.below(nodes.len() as u32) as usize].clone(),
				3 => nodes[node].truncate(at),
				4 => nodes[node][at] ^= 1 << random.below(8),
				_ => nodes[node][at] = random.below(256) as u8,
			}
		}
		// Its root, as far as it has one.
		let proof = CompactProof { encoded_nodes: nodes.clone() };
		let root = match proof.to_memory_db::<BlakeTwo256>(&H256::zero()) {
			Err(sp_trie::CompactProofError::RootMismatch(root, _)) => root,
			_ => continue,
		};
		batch.leaves[0].state = root;
		batch.tree = tree_of(&batch.leaves);
		let trace = Trace { root: batch.tree.root(), ..batch.trace.unwrap() };
		let opening = Opening { nodes, ..batch.open(1, &context).unwrap() };
		let outcome = check(&opening, &trace, &context, &Chain::default());
		*outcomes.entry(format!("{outcome:?}")).or_default() += 1;
		let changed = root != honest.before.as_ref().unwrap().leaf.state;
		assert!(!changed || outcome != Ok(Verdict::Holds), "two states become the same");
	}
	// Both happen: rubbish, and states in which only amounts differ.
	assert!(outcomes["Ok(Wrong(Root))"] > 100, "{outcomes:?}");
	assert!(outcomes["Err(BadProof)"] > 100, "{outcomes:?}");
}

/// The rule itself needs no more than an opening has.
#[test]
fn an_opening_by_the_rule_is_that_of_the_batch() {
	let (context, receipts) = sample(29);
	let batch = Batch::build_by(TheRule, context, payers(), receipts).unwrap();
	for step in 0..batch.trace().steps() {
		let opening = batch.open(step).unwrap();
		assert_eq!(challenge(&batch, opening.clone()), opening);
	}
}
