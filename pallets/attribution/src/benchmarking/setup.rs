//! What the benchmarks begin with.

use super::*;
use alloc::{format, vec};
use openledger_primitives::{
	content::{chunks, ContentId, ContentTree, CHUNK, MAX_SIZE},
	records::ContributionRef,
	tree::{self, Proof},
	Signature,
};
use openledger_settlement::{
	build::Batch as Built,
	chain::Head,
	diff::{ends, Increase, Purchase},
	execute::Context,
	opening::ProvenLeaf,
	parties::Voucher,
	price::fee,
	receipt::{Core, Receipt},
	retrieval::{credits, matches, Citation, Citations, Evidence, MAX_CITATIONS},
	state::Earned,
	trace::{hash_of, leaf_hash, Leaf, Submitted, Trace},
	voucher::{message, wrapped, Bought},
	MAX_CREDITS, MAX_RECEIPTS, STEP,
};
use sp_core::{crypto::KeyTypeId, sr25519};
use sp_io::crypto::{sr25519_generate, sr25519_sign};
use sp_runtime::traits::Zero;

/// What an opening discloses.
type Disclosures = BoundedVec<Disclosure, ConstU32<MAX_DISCLOSURES>>;

/// Of keys that exist for these benchmarks only.
const KEYS: KeyTypeId = KeyTypeId(*b"payr");

/// What the largest batch costs each payer: enough for everybody who earns, whoever pays alone.
const COST: Nano = 1_000_000_000_000;

/// What the model gets of it: enough for all ancestors.
const MODEL_SHARE: Nano = 1_000_000_000;

/// What each contribution earns.
const EARNED: Earned = Earned { disclosed: 1_000, private: 1_000 };

/// Tokens of a question or an answer.
const TOKENS: u32 = 1_000;

/// The steps of the largest batch.
const STEPS: u32 = (MAX_RECEIPTS / STEP as u64) as u32;

/// Stands where nobody looks.
const ANY: H256 = H256::repeat_byte(1);

/// The contribution in whose content another chunk stands than is cited: the last that the first
/// receipt of a step cites.
const CONTESTED: u32 = MAX_CITATIONS - 1;

pub fn funded<T: Config>(name: &'static str, nth: u32) -> T::AccountId {
	let account = account(name, nth, 0);
	T::BenchmarkHelper::fund(&account);
	account
}

pub fn caller<T: Config>() -> T::AccountId {
	let caller = whitelisted_caller();
	T::BenchmarkHelper::fund(&caller);
	caller
}

/// Lets time pass, so that a period of this many blocks is over.
pub fn pass<T: Config>(period: BlockNumber) {
	T::BenchmarkHelper::set_clock(Pallet::<T>::now().saturating_add(period).saturating_add(1));
}

/// Who submits batches.
pub fn operator<T: Config>() -> T::AccountId {
	account("operator", 0, 0)
}

fn stop<T>(value: Option<T>, missing: &'static str) -> Result<T, BenchmarkError> {
	value.ok_or(BenchmarkError::Stop(missing))
}

/// Accounts that pay, as a batch names them.
pub fn accounts<T: Config>(count: u32) -> Vec<T::AccountId> {
	(0..count).map(|nth| account("payer", nth, 0)).collect()
}

/// A key, always the same: the keystore shall not grow with every run.
fn key(nth: u32) -> sr25519::Public {
	sr25519_generate(KEYS, Some(format!("0x{nth:064x}").into_bytes()))
}

fn account_of<T: Config>(key: sr25519::Public) -> Result<T::AccountId, BenchmarkError> {
	stop(T::AccountId::decode(&mut &key.0[..]).ok(), "accounts are keys")
}

/// Payers who can pay for the largest batch, ascending. They have changed their signer: who signs for
/// them now has a key as well, so that it takes a whole verification to find that it did not sign.
pub fn payers<T: Config>(model: ModelId, count: u32) -> Result<Vec<T::AccountId>, BenchmarkError> {
	let signer = account_of::<T>(key(count))?;
	let mut payers =
		(0..count).map(|nth| account_of::<T>(key(nth))).collect::<Result<Vec<_>, _>>()?;
	payers.iter().for_each(|payer| T::BenchmarkHelper::open_entry(model, payer, &signer, COST));
	payers.sort();
	Ok(payers)
}

/// Signed by the payer's own key, which is a former signer's, and wrapped.
fn voucher<T: Config>(
	model: ModelId,
	payer: T::AccountId,
	bought: Bought,
) -> Result<Voucher<T::AccountId>, BenchmarkError> {
	let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
	let message = message(H256::from_slice(genesis.as_ref()), model, &payer, &bought);
	let key = payer.using_encoded(|mut bytes| sr25519::Public::decode(&mut bytes).ok());
	let signature = key.and_then(|key| sr25519_sign(KEYS, &key, &wrapped(&message)));
	let signature = Signature::Sr25519(stop(signature, "the key is in the keystore")?);
	Ok(Voucher { payer, bought, signature })
}

fn diff<T: Config>(count: u32) -> Diff {
	let increase = |nth| {
		let ContributionRef { datanet, index } = T::BenchmarkHelper::contribution(nth);
		Increase { datanet, index, earned: EARNED }
	};
	Diff::truncate_from((0..count).map(increase).collect())
}

fn totals(payers: usize, contributions: u32) -> Totals {
	let fees = COST.saturating_mul(payers as Nano);
	let earned = EARNED.disclosed.saturating_add(EARNED.private);
	let spent = earned.saturating_mul(contributions.into()).saturating_add(MODEL_SHARE);
	let commons = fees.saturating_sub(spent).saturating_sub(2);
	Totals { receipts: MAX_RECEIPTS, fees, platform: 1, stakers: 1, model: MODEL_SHARE, commons }
}

/// What receipts of the model are executed under.
fn context<T: Config>(model: ModelId) -> Result<Context, BenchmarkError> {
	let trained = stop(T::Models::trained(model, 0), "the model has a version")?;
	Ok(Context {
		version: 0,
		epoch: 0,
		price: stop(T::Models::price(model, 0), "the first price is in force")?,
		terms: stop(T::Ledger::terms(0), "the first terms are in force")?,
		snapshots: trained.snapshots,
	})
}

/// The root of the largest trace, and the proofs of its last two leaves: what else it has, nobody asks.
fn end_of_trace(before: Leaf, last: Leaf) -> Option<(H256, Proof, Proof)> {
	let step = STEPS.saturating_sub(1);
	let proof = |beside| {
		let mut proof = vec![ANY; STEPS.ilog2() as usize];
		proof.first_mut().map(|sibling| *sibling = beside)?;
		Some(Proof(proof))
	};
	let of_before = proof(leaf_hash(step, last))?;
	let of_last = proof(leaf_hash(step.saturating_sub(1), before))?;
	let root = tree::root(&last.encode(), step, STEPS.into(), &of_last)?;
	Some((root, of_before, of_last))
}

/// The largest batch of these payers, in which so many contributions earn.
pub fn submission<T: Config>(
	model: ModelId,
	payers: Vec<T::AccountId>,
	contributions: u32,
) -> Result<Submission<T::AccountId>, BenchmarkError> {
	// The first buys what the others leave over.
	let first = MAX_RECEIPTS.saturating_sub(payers.len() as u64).saturating_add(1);
	let counts = core::iter::once(first).chain(core::iter::repeat(1)).take(payers.len());
	let purchases: Vec<_> = counts
		.map(|count| Purchase {
			before: Bought::default(),
			after: Bought { count, cumulative: COST, head: Head([1; 32]) },
		})
		.collect();
	let diff = diff::<T>(contributions);
	let totals = totals(payers.len(), contributions);
	let ends = stop(ends(&purchases, &diff, &totals).ok(), "the batch adds up")?;
	let before = Leaf { receipts: ANY, state: ANY };
	let last = Leaf { receipts: ANY, state: ends.last };
	let (root, _, proof) = stop(end_of_trace(before, last), "the trace ends there")?;
	let vouchers = payers
		.into_iter()
		.zip(purchases)
		.map(|(payer, Purchase { after, .. })| voucher::<T>(model, payer, after))
		.collect::<Result<Vec<_>, _>>()?;
	Ok(Submission {
		version: 0,
		epoch: 0,
		terms: 0,
		vouchers: BoundedVec::truncate_from(vouchers),
		diff,
		totals,
		trace: Submitted { root, last_receipts: last.receipts, proof },
	})
}

/// Lets the operator of a model have submitted the largest batch of these payers, in which so many
/// contributions earn, and as many attestors as may have signed it, each with another stake.
pub fn submitted<T: Config>(
	payers: Vec<T::AccountId>,
	contributions: u32,
) -> Result<(ModelId, BatchNumber), BenchmarkError> {
	let model = T::BenchmarkHelper::model();
	let batch = Lanes::<T>::get(model).next;
	let operator = operator::<T>();
	T::BenchmarkHelper::fund(&operator);
	T::BenchmarkHelper::operate(model, &operator);
	let Context { version, epoch, price, terms, .. } = context::<T>(model)?;
	let totals = totals(payers.len(), contributions);
	let trace = Trace { first: ANY, root: ANY, receipts: MAX_RECEIPTS };
	let exposure =
		Exposure { pending: totals.fees, steps: trace.steps(), batches: 1, slashed: None };
	let costs = payers.into_iter().map(|payer| (payer, COST)).collect();
	let now = Pallet::<T>::now();
	let record = Batch {
		operator: operator.clone(),
		version,
		epoch,
		price,
		terms,
		totals,
		trace,
		seeds: 0,
		deadline: now.saturating_add(T::Window::get()),
		drawn: 0,
		demands: 0,
		asked: 0,
		answered: now,
		signers: BoundedVec::new(),
		status: Status::Pending,
	};
	Lanes::<T>::insert(model, Lane { next: batch.saturating_add(1), open: 1 });
	Exposures::<T>::insert(model, operator, exposure);
	Costs::<T>::insert(model, batch, BoundedVec::truncate_from(costs));
	Diffs::<T>::insert(model, batch, diff::<T>(contributions));
	Batches::<T>::insert(model, batch, record);
	for nth in 0..MAX_SIGNERS {
		let attestor = funded::<T>("attestor", nth);
		let stake = T::MinAttestorStake::get().saturating_add(nth.into());
		Pallet::<T>::do_stake(attestor.clone(), stake)?;
		Pallet::<T>::do_attest(attestor, model, batch)?;
	}
	Ok((model, batch))
}

/// A batch with as many payers and contributions as there may be; its payers have no entries.
pub fn largest<T: Config>() -> Result<(ModelId, BatchNumber), BenchmarkError> {
	submitted::<T>(accounts::<T>(MAX_PAYERS), MAX_PAYEES)
}

/// A batch that was final early, with its totals paid. Nothing else was final early, so when it cannot
/// fall any more, or has, what is in reserve goes to the treasury.
pub fn final_early<T: Config>(count: u32) -> Result<(ModelId, BatchNumber), BenchmarkError> {
	let model = T::BenchmarkHelper::model();
	let (model, batch) = submitted::<T>(payers::<T>(model, count)?, MAX_PAYEES)?;
	amend::<T>(model, batch, |record| {
		record.status = Status::Paying { paid: 0, attested: true, early: true };
		EarlyFinal::<T>::put(record.totals.fees);
		Reserve::<T>::put(COST);
	});
	Ok((model, batch))
}

pub fn amend<T: Config>(
	model: ModelId,
	batch: BatchNumber,
	change: impl FnOnce(&mut Batch<T::AccountId>),
) {
	Batches::<T>::mutate(model, batch, |record| record.as_mut().map(change));
}

/// Lets the seed be known of what was submitted before the first.
pub fn know_seed<T: Config>() {
	let change = 2;
	SeedChanges::<T>::put(change);
	Seeds::<T>::insert(change, Seed { randomness: ANY, at: Pallet::<T>::now() });
}

/// Of a chunk that only the largest content has; nobody looks, but for [`CONTESTED`].
fn citation(contribution: ContributionRef, score: u32) -> Citation {
	let ContributionRef { datanet, index } = contribution;
	Citation { datanet, index, chunk: u32::MAX, leaf: ANY, score }
}

/// As many citations as there may be, from the `nth` receipt's first contribution on. Of half of them,
/// every eighth is credited: so the receipts of a step, with as many credits as they may have, touch
/// all ends of the state.
fn citations(contributions: &[ContributionRef], nth: u32) -> Citations {
	let stretch = MAX_CREDITS.saturating_mul(8);
	let mut citations: Vec<_> = contributions
		.iter()
		.cycle()
		.skip(nth.saturating_mul(stretch) as usize)
		.zip(0..MAX_CITATIONS)
		.map(|(contribution, place)| {
			let credited = place < stretch && place & 7 == 0;
			citation(*contribution, if credited { 2 } else { 1 })
		})
		.collect();
	citations.sort();
	Citations::truncate_from(citations)
}

/// A private receipt of this payer, whose credits follow from the citations.
fn receipt(
	context: &Context,
	payer: u32,
	output: ContentId,
	citations: &Citations,
) -> Option<Receipt> {
	let core = Core {
		version: context.version,
		epoch: context.epoch,
		tokens_in: TOKENS,
		tokens_out: TOKENS,
		fee: fee(context.price, TOKENS, TOKENS, context.terms.platform_fee)?,
		output,
		private: true,
	};
	let (credits, rest) = credits(citations, u8::MAX)?;
	Some(Receipt { payer: payer as u16, core, credits, rest, matches: matches(citations) })
}

/// So many receipts of different payers with all credits, each of another contribution.
fn full_receipts(
	context: &Context,
	contributions: &[ContributionRef],
	count: u32,
	output: ContentId,
) -> Option<Vec<Receipt>> {
	(0..count)
		.map(|nth| {
			receipt(context, nth.saturating_mul(STEP), output, &citations(contributions, nth))
		})
		.collect()
}

/// Lets an opening be that of the largest batch's last step, where proofs are longest.
fn at_the_end<T: Config>(model: ModelId, batch: BatchNumber, opening: &mut Opening) -> Option<()> {
	let last = Leaf { receipts: hash_of(&opening.receipts), state: opening.state };
	let before = opening.before.as_mut()?;
	let (root, of_before, of_last) = end_of_trace(before.leaf, last)?;
	before.proof = of_before;
	opening.proof = of_last;
	opening.step = STEPS.saturating_sub(1);
	let full = MAX_RECEIPTS.saturating_sub(STEP.into());
	let receipts = full.saturating_add(opening.receipts.len() as u64);
	amend::<T>(model, batch, |record| record.trace = Trace { first: ANY, root, receipts });
	Some(())
}

/// Opens a last step of so many receipts, over a state in which as many payers have bought and as many
/// contributions have earned as may, and discloses so many kibibytes of outputs.
pub fn last_step<T: Config>(
	model: ModelId,
	batch: BatchNumber,
	receipts: u32,
	kib: u32,
) -> Result<(Opening, Disclosures), BenchmarkError> {
	let context = context::<T>(model)?;
	let contributions: Vec<_> = (0..MAX_PAYEES).map(T::BenchmarkHelper::contribution).collect();
	let bytes = kib.saturating_mul(1_024 / MAX_DISCLOSURES).max(1);
	let output = vec![1; bytes as usize];
	let name = stop(ContentTree::of(&output).id(), "no output is empty")?;

	let mut credited = contributions.chunks(MAX_CREDITS as usize);
	let all = (0..MAX_PAYERS).map(|payer| {
		let credited = credited.next().unwrap_or_default().iter();
		let citations = credited.map(|contribution| citation(*contribution, 1)).collect();
		receipt(&context, payer, name, &Citations::truncate_from(citations))
	});
	let all = all.collect::<Option<Vec<_>>>().and_then(|mut all| {
		all.extend(full_receipts(&context, &contributions, receipts, name)?);
		Some(all)
	});
	let all = stop(all, "the citations are possible")?;
	let payers = vec![Bought::default(); MAX_PAYERS as usize];
	let built = stop(Built::build(context, payers, all).ok(), "the receipts follow the rule")?;
	let opening = built.open(MAX_PAYERS.div_ceil(STEP)).and_then(|mut opening| {
		at_the_end::<T>(model, batch, &mut opening)?;
		Some(opening)
	});

	let disclosures = (0..MAX_DISCLOSURES)
		.map(|nth| {
			let place = nth.checked_rem(receipts).unwrap_or_default();
			let citations = citations(&contributions, place);
			Disclosure { receipt: place as u8, output: output.clone(), citations }
		})
		.collect();
	Ok((stop(opening, "the step is there")?, BoundedVec::truncate_from(disclosures)))
}

/// Opens a full step in which a receipt cites a chunk that does not stand in the largest content.
pub fn wrong_step<T: Config>(
	model: ModelId,
	batch: BatchNumber,
) -> Result<(Opening, CreditChallenge), BenchmarkError> {
	let context = context::<T>(model)?;
	let contributions: Vec<_> = (0..MAX_PAYEES).map(T::BenchmarkHelper::contribution).collect();
	let chunk = vec![1; CHUNK];
	let levels = chunks(MAX_SIZE).ilog2();
	let proof = Proof(vec![ANY; levels as usize]);
	let root = tree::root(&chunk, u32::MAX, chunks(MAX_SIZE), &proof);
	let content = ContentId::new(MAX_SIZE, stop(root, "the proof is as long as it must be")?);
	T::BenchmarkHelper::accept(CONTESTED, content, MAX_SIZE);

	let receipts = full_receipts(&context, &contributions, STEP, ContentId::default());
	let receipts = stop(receipts, "the citations are possible")?;
	let no_proof = Proof(Vec::new());
	let leaf = Leaf { receipts: ANY, state: ANY };
	let mut opening = Opening {
		step: 0,
		receipts: BoundedVec::truncate_from(receipts),
		state: ANY,
		proof: no_proof.clone(),
		before: Some(ProvenLeaf { leaf, proof: no_proof }),
		nodes: Vec::new(),
	};
	stop(at_the_end::<T>(model, batch, &mut opening), "the trace ends there")?;
	let challenge = CreditChallenge {
		receipt: 0,
		citations: citations(&contributions, 0),
		evidence: Evidence::Differs { citation: CONTESTED, chunk, proof },
	};
	Ok((opening, challenge))
}
