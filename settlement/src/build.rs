//! Building a batch: execute its receipts, keep the trace, open any step later.
//!
//! The receipts are executed once in tables, which is quick, and the tables are kept every now and
//! then. From there the roots of all steps are computed side by side, and any step is opened without
//! starting from the beginning.

use crate::{
	chain::Chain,
	diff::{self, Diff, Purchase},
	execute::{execute, Context, Failure, Wrong},
	opening::{Opening, ProvenLeaf},
	receipt::Receipt,
	state::{
		contribution_key, contribution_value, payer_key, payer_value, totals_value, Earned, InTrie,
		Incomplete, Layout, State, Tables, Totals, TOTALS_KEY,
	},
	trace::{hash_of, leaf_hash, Leaf, Submitted, Trace},
	voucher::Bought,
	MAX_PAYEES, MAX_PAYERS, MAX_RECEIPTS, STEP,
};
use alloc::vec::Vec;
use core::{convert::Infallible, fmt};
use openledger_primitives::{records::ContributionRef, tree::Tree};
use sp_core::H256;
use sp_runtime::traits::BlakeTwo256;
use sp_trie::{MemoryDB, RandomState, Recorder, StorageProof, TrieDBMutBuilder, TrieMut};

/// After how many steps the tables are kept.
const KEEP: usize = 256;

/// Carries a working state on. There is one rule; others exist to show that they are found out.
pub trait Rule: Sync {
	/// Executes the receipts of a step.
	fn execute<S: State>(
		&self,
		context: &Context,
		chain: &Chain,
		state: &mut S,
		receipts: &[Receipt],
	) -> Result<(), Failure<S::Error>>;
}

/// The rule.
#[derive(Clone, Copy, Debug, Default)]
pub struct TheRule;

impl Rule for TheRule {
	fn execute<S: State>(
		&self,
		context: &Context,
		chain: &Chain,
		state: &mut S,
		receipts: &[Receipt],
	) -> Result<(), Failure<S::Error>> {
		execute(context, chain, state, receipts)
	}
}

/// Why a batch was not built.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NotBuilt {
	/// There are no receipts, or more than a batch may have.
	Receipts,
	/// There are more payers than a batch may have.
	Payers,
	/// A payer buys nothing: the chain takes no such batch.
	Idle {
		/// Its position.
		payer: u16,
	},
	/// More contributions earn than a batch may pay: split it.
	Payees,
	/// A receipt of this step breaks the rule.
	Wrong {
		/// The step.
		step: u32,
		/// How it breaks it.
		wrong: Wrong,
	},
}

impl fmt::Display for NotBuilt {
	fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
		match self {
			Self::Receipts => {
				write!(formatter, "a batch has between 1 and {MAX_RECEIPTS} receipts")
			}
			Self::Payers => write!(formatter, "a batch has at most {MAX_PAYERS} payers"),
			Self::Idle { payer } => write!(formatter, "payer {payer} buys nothing: leave it out"),
			Self::Payees => write!(formatter, "a batch pays at most {MAX_PAYEES} contributions"),
			Self::Wrong { step, wrong } => {
				write!(formatter, "a receipt of step {step} breaks the rule: {wrong:?}")
			}
		}
	}
}

impl core::error::Error for NotBuilt {}

/// A batch with everything that is needed to submit it and to open any of its steps.
pub struct Batch<R = TheRule> {
	rule: R,
	context: Context,
	chain: Chain,
	receipts: Vec<Receipt>,
	/// The state before every [`KEEP`]th step.
	kept: Vec<Tables>,
	end: Tables,
	leaves: Vec<Leaf>,
	tree: Tree,
	first: H256,
}

impl Batch {
	/// Builds a batch of these receipts; `payers` is what the chain knows of its payers, by position.
	pub fn build(
		context: Context,
		payers: Vec<Bought>,
		receipts: Vec<Receipt>,
	) -> Result<Self, NotBuilt> {
		Self::build_by(TheRule, context, payers, receipts)
	}
}

impl<R: Rule> Batch<R> {
	/// The same by another rule.
	pub fn build_by(
		rule: R,
		context: Context,
		payers: Vec<Bought>,
		receipts: Vec<Receipt>,
	) -> Result<Self, NotBuilt> {
		if payers.len() > MAX_PAYERS as usize {
			return Err(NotBuilt::Payers);
		}
		if receipts.len() as u64 > MAX_RECEIPTS {
			return Err(NotBuilt::Receipts);
		}
		let chain = Chain::default();
		let mut tables = Tables::new(payers);
		let first = tables.root();
		let mut kept = Vec::new();
		for (step, receipts) in receipts.chunks(STEP as usize).enumerate() {
			if step % KEEP == 0 {
				kept.push(tables.clone());
			}
			rule.execute(&context, &chain, &mut tables, receipts)
				.map_err(|failure| wrong(failure, step as u32))?;
			if tables.earned.len() > MAX_PAYEES as usize {
				return Err(NotBuilt::Payees);
			}
		}
		let before = kept.iter().take(1).flat_map(|tables| &tables.payers);
		let pairs = before.zip(&tables.payers);
		if let Some((payer, _)) =
			(0..).zip(pairs).find(|(_, (before, after))| before.count >= after.count)
		{
			return Err(NotBuilt::Idle { payer });
		}
		let leaves = leaves(&rule, &context, &kept, &receipts)?;
		let hashes = (0..).zip(&leaves).map(|(step, leaf)| leaf_hash(step, *leaf)).collect();
		let tree = Tree::new(hashes).ok_or(NotBuilt::Receipts)?;
		Ok(Self { rule, context, chain, receipts, kept, end: tables, leaves, tree, first })
	}

	/// What it is executed under.
	pub fn context(&self) -> &Context {
		&self.context
	}

	/// Its receipts.
	pub fn receipts(&self) -> &[Receipt] {
		&self.receipts
	}

	/// What each payer had bought before, and has bought after it.
	pub fn purchases(&self) -> Vec<Purchase> {
		let before = self.kept.iter().take(1).flat_map(|tables| &tables.payers);
		let pairs = before.zip(&self.end.payers);
		pairs.map(|(before, after)| Purchase { before: *before, after: *after }).collect()
	}

	/// What contributions earn.
	pub fn diff(&self) -> Diff {
		// As many as fit, by how it was built.
		diff::of(self.end.earned.clone()).unwrap_or_default()
	}

	/// What it adds up to.
	pub fn totals(&self) -> Totals {
		self.end.totals.unwrap_or_default()
	}

	/// What the trace says of each step: published with the receipts, for who watches.
	pub fn leaves(&self) -> &[Leaf] {
		&self.leaves
	}

	/// What is submitted of its trace.
	pub fn submitted(&self) -> Option<Submitted> {
		let last = self.leaves.len().checked_sub(1)?;
		Some(Submitted {
			root: self.tree.root(),
			last_receipts: self.leaves.get(last)?.receipts,
			proof: self.tree.prove(last as u32)?,
		})
	}

	/// What it is known by.
	pub fn trace(&self) -> Trace {
		Trace { first: self.first, root: self.tree.root(), receipts: self.receipts.len() as u64 }
	}

	/// Opens a step; none if there is no such step.
	pub fn open(&self, step: u32) -> Option<Opening> {
		let at = step as usize;
		let receipts = self.receipts.chunks(STEP as usize).nth(at)?;
		let kept = at.checked_div(KEEP)?;
		let mut tables = self.kept.get(kept)?.clone();
		let since = kept.saturating_mul(KEEP);
		let between = self.receipts.chunks(STEP as usize).take(at).skip(since);
		for receipts in between {
			self.rule.execute(&self.context, &self.chain, &mut tables, receipts).ok()?;
		}
		let nodes = prove(&self.rule, &self.context, &self.chain, &tables, receipts)?;
		opening(step, receipts, &self.leaves, &self.tree, nodes)
	}
}

fn wrong(failure: Failure<Infallible>, step: u32) -> NotBuilt {
	match failure {
		Failure::Wrong(wrong) => NotBuilt::Wrong { step, wrong },
		Failure::State(impossible) => match impossible {},
	}
}

/// Opens the first step of a published trace that does not follow the rule; none if all of them do, or
/// if the receipts are not those of the trace, which must then be demanded.
///
/// It is for who watches: `payers`, `receipts` and `leaves` are what the chain and the operator say.
/// The proof is of the state as the rule has it, which the trace agrees with until that step: what an
/// operator proves of a false step may lack what the rule reads.
pub fn challenge(
	context: &Context,
	payers: Vec<Bought>,
	receipts: &[Receipt],
	leaves: &[Leaf],
) -> Option<Opening> {
	let chain = Chain::default();
	let mut tables = Tables::new(payers);
	let (mut nodes, mut root) = whole(&tables);
	for (step, receipts) in (0..).zip(receipts.chunks(STEP as usize)) {
		let theirs = leaves.get(step as usize)?;
		if hash_of(receipts) != theirs.receipts {
			return None;
		}
		let before = tables.clone();
		let mut state = Mirrored { tables: &mut tables, changes: Vec::new() };
		let follows = execute(context, &chain, &mut state, receipts).is_ok();
		let changes = state.changes;
		root = write(&mut nodes, root, changes);
		if follows && root == theirs.state {
			continue;
		}
		let hashes = (0..).zip(leaves).map(|(step, leaf)| leaf_hash(step, *leaf)).collect();
		let tree = Tree::new(hashes)?;
		let nodes = prove(&TheRule, context, &chain, &before, receipts)?;
		return opening(step, receipts, leaves, &tree, nodes);
	}
	None
}

/// What opens a step, with these parts of the state before it.
fn opening(
	step: u32,
	receipts: &[Receipt],
	leaves: &[Leaf],
	tree: &Tree,
	nodes: Vec<Vec<u8>>,
) -> Option<Opening> {
	let before = match step.checked_sub(1) {
		Some(previous) => {
			Some(ProvenLeaf { leaf: *leaves.get(previous as usize)?, proof: tree.prove(previous)? })
		}
		None => None,
	};
	Some(Opening {
		step,
		receipts: receipts.to_vec().try_into().ok()?,
		state: leaves.get(step as usize)?.state,
		proof: tree.prove(step)?,
		before,
		nodes,
	})
}

/// The parts of a state that executing these receipts reads and writes.
fn prove<R: Rule>(
	rule: &R,
	context: &Context,
	chain: &Chain,
	tables: &Tables,
	receipts: &[Receipt],
) -> Option<Vec<Vec<u8>>> {
	let (mut nodes, root) = whole(tables);
	let mut recorder = Recorder::<Layout>::new();
	let mut moving = root;
	let trie = TrieDBMutBuilder::from_existing(&mut nodes, &mut moving)
		.with_recorder(&mut recorder)
		.build();
	let mut state = InTrie(trie);
	// A step that breaks the rule fails here: what it touched until then is its proof.
	let _ = rule.execute(context, chain, &mut state, receipts);
	let _ = state.0.root();
	drop(state);
	let proof = StorageProof::new(recorder.drain().into_iter().map(|record| record.data));
	Some(proof.into_compact_proof::<BlakeTwo256>(root).ok()?.encoded_nodes)
}

/// Writes changes to a trie in memory, which lacks nothing, and returns its new root.
fn write(
	nodes: &mut MemoryDB<BlakeTwo256>,
	mut root: H256,
	changes: Vec<(Vec<u8>, Vec<u8>)>,
) -> H256 {
	let mut trie = TrieDBMutBuilder::<Layout>::from_existing(nodes, &mut root).build();
	for (key, value) in changes {
		let _ = trie.insert(&key, &value);
	}
	trie.commit();
	drop(trie);
	nodes.purge();
	root
}

/// A whole state as a trie, with its root.
fn whole(tables: &Tables) -> (MemoryDB<BlakeTwo256>, H256) {
	let mut nodes = MemoryDB::<BlakeTwo256>::with_hasher(RandomState::default());
	let mut root = H256::default();
	let mut state = InTrie(TrieDBMutBuilder::<Layout>::new(&mut nodes, &mut root).build());
	// A trie in memory lacks nothing.
	let _ = mirror(tables, &mut state);
	let _ = state.0.root();
	drop(state);
	(nodes, root)
}

fn mirror(tables: &Tables, state: &mut InTrie) -> Result<(), Incomplete> {
	for (position, bought) in (0..).zip(&tables.payers) {
		state.set_bought(position, *bought)?;
	}
	for (contribution, earned) in &tables.earned {
		state.set_earned(*contribution, *earned)?;
	}
	tables.totals.map_or(Ok(()), |totals| state.set_totals(totals))
}

/// The leaves of all steps.
#[cfg(not(feature = "std"))]
fn leaves<R: Rule>(
	rule: &R,
	context: &Context,
	kept: &[Tables],
	receipts: &[Receipt],
) -> Result<Vec<Leaf>, NotBuilt> {
	leaves_of_stretch(rule, context, kept, receipts, 0)
}

/// The leaves of all steps, computed side by side from where tables were kept.
#[cfg(feature = "std")]
fn leaves<R: Rule>(
	rule: &R,
	context: &Context,
	kept: &[Tables],
	receipts: &[Receipt],
) -> Result<Vec<Leaf>, NotBuilt> {
	let threads = std::thread::available_parallelism().map_or(1, usize::from);
	let stretch = kept.len().div_ceil(threads).max(1);
	let of_stretch = stretch.saturating_mul(KEEP).saturating_mul(STEP as usize);
	std::thread::scope(|scope| {
		let running: Vec<_> = kept
			.chunks(stretch)
			.zip(receipts.chunks(of_stretch))
			.enumerate()
			.map(|(nth, (kept, receipts))| {
				let first = nth.saturating_mul(stretch).saturating_mul(KEEP) as u32;
				scope.spawn(move || leaves_of_stretch(rule, context, kept, receipts, first))
			})
			.collect();
		let mut leaves = Vec::new();
		for thread in running {
			// A rule that panics there panics here.
			leaves.extend(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
		}
		Ok(leaves)
	})
}

fn leaves_of_stretch<R: Rule>(
	rule: &R,
	context: &Context,
	kept: &[Tables],
	receipts: &[Receipt],
	first: u32,
) -> Result<Vec<Leaf>, NotBuilt> {
	let Some(tables) = kept.first() else { return Ok(Vec::new()) };
	let chain = Chain::default();
	let (mut nodes, mut root) = whole(tables);
	let mut tables = tables.clone();
	(first..)
		.zip(receipts.chunks(STEP as usize))
		.map(|(step, receipts)| {
			let mut state = Mirrored { tables: &mut tables, changes: Vec::new() };
			rule.execute(context, &chain, &mut state, receipts)
				.map_err(|failure| wrong(failure, step))?;
			let changes = state.changes;
			root = write(&mut nodes, root, changes);
			Ok(Leaf { receipts: hash_of(receipts), state: root })
		})
		.collect()
}

/// Tables that take down what is written to them.
struct Mirrored<'a> {
	tables: &'a mut Tables,
	changes: Vec<(Vec<u8>, Vec<u8>)>,
}

impl State for Mirrored<'_> {
	type Error = Infallible;

	fn bought(&self, position: u16) -> Result<Option<Bought>, Infallible> {
		self.tables.bought(position)
	}

	fn set_bought(&mut self, position: u16, bought: Bought) -> Result<(), Infallible> {
		self.changes.push((payer_key(position), payer_value(&bought)));
		self.tables.set_bought(position, bought)
	}

	fn earned(&self, contribution: ContributionRef) -> Result<Earned, Infallible> {
		self.tables.earned(contribution)
	}

	fn set_earned(
		&mut self,
		contribution: ContributionRef,
		earned: Earned,
	) -> Result<(), Infallible> {
		self.changes.push((contribution_key(contribution), contribution_value(&earned)));
		self.tables.set_earned(contribution, earned)
	}

	fn totals(&self) -> Result<Totals, Infallible> {
		self.tables.totals()
	}

	fn set_totals(&mut self, totals: Totals) -> Result<(), Infallible> {
		self.changes.push((TOTALS_KEY.to_vec(), totals_value(&totals)));
		self.tables.set_totals(totals)
	}
}
