//! `batch check`: a watcher executes a batch again and shows what is wrong.

use anyhow::{bail, Context as _, Result};
use frame_support::BoundedVec;
use openledger_primitives::{
	records::{BatchNumber, ModelId},
	tree::Tree,
};
use openledger_runtime::{AccountId, Runtime, RuntimeCall, RuntimeEvent};
use openledger_settlement::{
	build::{challenge, NotBuilt},
	chain::Chain,
	execute::{Context, Wrong},
	opening::{check, Opening, Verdict},
	receipt::Receipt,
	retrieval::{Citations, Evidence},
	trace::{hash_of, leaf_hash, Leaf, Trace},
	voucher::Bought,
	STEP,
};
use pallet_attribution::{Batch as Record, Call, CreditChallenge, Diffs, Event};
use serde_json::{json, Value};

use super::{
	building::{execute, not_built},
	done,
	past::{at_hand, AtHand, Source},
	record, totals_said, wrong_said, Session,
};
use crate::{
	args::show_amount,
	cli::lane::{Sold, Which},
	commands::said,
	sales::{leaves_path, read_beside, Sales},
	sending::Actor,
	state::State,
	talk::{Answer, Talk},
};

/// What was found.
#[derive(Debug)]
enum Found {
	/// The batch is what its receipts give.
	Right,
	/// A step does not follow the rule, as the chain can see for itself.
	Wrong(Proof),
	/// It is not what these receipts give, and nothing here shows the chain where.
	Differs(Differs),
}

/// What shows the chain that a batch is wrong.
#[derive(Debug)]
enum Proof {
	/// A step that does not follow the rule.
	Step(Box<Opening>, Wrong),
	/// A receipt whose credits do not follow from its citations.
	Credits(Box<Opening>, CreditChallenge),
}

/// Why nothing can be shown.
#[derive(Debug)]
struct Differs {
	why: String,
	/// The receipt to be demanded.
	demand: u32,
}

impl Proof {
	fn step(&self) -> u32 {
		match self {
			Self::Step(opening, _) | Self::Credits(opening, _) => opening.step,
		}
	}

	fn wrong(&self) -> Wrong {
		match self {
			Self::Step(_, wrong) => *wrong,
			Self::Credits(..) => Wrong::Sum,
		}
	}

	fn call(self, model: ModelId, batch: BatchNumber) -> RuntimeCall {
		match self {
			Self::Step(opening, _) => {
				Call::<Runtime>::open { model, batch, opening, disclosures: BoundedVec::new() }
			}
			Self::Credits(opening, challenge) => {
				Call::wrong_credit { model, batch, opening, challenge: Box::new(challenge) }
			}
		}
		.into()
	}
}

/// A receipt whose credits do not follow, with its citations.
type BadCredits = Option<(u32, Citations)>;

/// Executes receipts and compares what comes out with the trace of a batch.
fn compare(
	context: Context,
	before: Vec<Bought>,
	(receipts, payers): (Vec<Receipt>, &[AccountId]),
	leaves: Option<Vec<Leaf>>,
	trace: &Trace,
	bad: BadCredits,
	talk: &Talk,
) -> Result<Found> {
	if let Some(leaves) = leaves.filter(|leaves| are_of(leaves, trace, talk)) {
		let found = by_leaves(&context, before.clone(), &receipts, &leaves, trace, talk)?;
		if let Some(found) = found.or(bad.is_none().then_some(Found::Right)) {
			return Ok(found);
		}
	}
	let differs = |why, demand| Ok(Found::Differs(Differs { why, demand }));
	match execute(context, before, receipts, talk) {
		Ok(built) if built.trace() == *trace => {
			let Some((receipt, citations)) = bad else { return Ok(Found::Right) };
			// The chain knows the receipts by their leaf, so nothing of the state is needed.
			let opening = built.open(receipt / STEP).context("There is no such step.")?;
			let opening = Box::new(Opening { nodes: Vec::new(), ..opening });
			let (receipt, evidence) = ((receipt % STEP) as u8, Evidence::Sum);
			let challenge = CreditChallenge { receipt, citations, evidence };
			Ok(Found::Wrong(Proof::Credits(opening, challenge)))
		}
		Ok(_) => differs("These receipts give another trace.".into(), 0),
		Err(why) => {
			let step = match why {
				NotBuilt::Wrong { step, .. } => step,
				_ => 0,
			};
			differs(not_built(why, payers), step.saturating_mul(STEP))
		}
	}
}

/// Whether leaves are those of a trace; others are as good as none.
fn are_of(leaves: &[Leaf], trace: &Trace, talk: &Talk) -> bool {
	let hashes = (0..).zip(leaves).map(|(step, leaf)| leaf_hash(step, *leaf)).collect();
	let root = Tree::new(hashes).map(|tree| tree.root());
	let are = leaves.len() == trace.steps() as usize && root == Some(trace.root);
	if !are {
		talk.say("The leaves beside the sales are not those of this batch: they are left out.");
	}
	are
}

/// Compares step by step with the leaves of the trace; none if all of them follow.
fn by_leaves(
	context: &Context,
	before: Vec<Bought>,
	receipts: &[Receipt],
	leaves: &[Leaf],
	trace: &Trace,
	talk: &Talk,
) -> Result<Option<Found>> {
	let steps = receipts.chunks(STEP as usize).zip(leaves);
	let other = (0_u32..).zip(steps).find(|(_, (step, leaf))| hash_of(step) != leaf.receipts);
	if let Some((step, _)) = other {
		let why =
			format!("The receipts of step {step} are other ones in the batch than in this file.");
		return Ok(Some(Found::Differs(Differs { why, demand: step.saturating_mul(STEP) })));
	}
	let spinner = talk.spinner(format!("Executing {} receipts", receipts.len()));
	let opening = challenge(context, before, receipts, leaves);
	spinner.finish_and_clear();
	let Some(opening) = opening else { return Ok(None) };
	match check(&opening, trace, context, &Chain::default()) {
		Ok(Verdict::Wrong(wrong)) => Ok(Some(Found::Wrong(Proof::Step(Box::new(opening), wrong)))),
		other => bail!("Step {} was thought to be wrong and is not ({other:?}).", opening.step),
	}
}

/// Executes a batch that is on chain.
async fn find(
	source: Source<'_>,
	record: &Record<AccountId>,
	session: &Session<'_>,
) -> Result<Found> {
	let mut bad: BadCredits = None;
	let at_hand = at_hand(source, record, session, |top, nth, sale| {
		if bad.is_none() && sale.has_wrong_credits(top) {
			bad = Some((nth, sale.citations.clone()));
		}
	});
	let AtHand { context, sales, before, .. } = at_hand.await?;
	let leaves = read_beside(&leaves_path(source.path))?;
	let Sales { payers, receipts, .. } = sales;
	compare(context, before, (receipts, &payers), leaves, &record.trace, bad, session.talk)
}

/// Makes sure that a batch is right, before somebody signs for it.
pub async fn ensure_right(source: Source<'_>, session: &Session<'_>) -> Result<()> {
	let record = record(&session.chain.best().await?, source.model, source.batch).await?;
	match find(source, &record, session).await? {
		Found::Right => Ok(()),
		Found::Wrong(proof) => bail!(
			"Step {} of the batch is wrong: {}. Nothing was signed; `batch check --challenge` shows it to the \
			 chain.",
			proof.step(),
			wrong_said(proof.wrong()),
		),
		Found::Differs(Differs { why, .. }) => bail!("{why} Nothing was signed."),
	}
}

/// Checks a batch, and challenges it if that is wanted.
pub async fn run(sold: &Sold, challenges: bool, session: &Session<'_>) -> Result<Answer> {
	let Which { model, batch } = sold.which;
	let challenger = challenges.then(|| session.actor()).transpose()?;
	let best = session.chain.best().await?;
	let record = record(&best, model, batch).await?;
	let json = |found: &str, step: Option<u32>, why: &str| json!({ "model": model, "batch": batch, "found": found, "step": step, "why": why });
	match find(sold.into(), &record, session).await? {
		Found::Right => {
			let receipts = record.trace.receipts;
			let text = format!(
				"Batch {batch} of model {model} is right: its {receipts} receipts give exactly its trace."
			);
			Ok(Answer { text, json: json("right", None, "") })
		}
		Found::Wrong(proof) => {
			let (step, why) = (proof.step(), wrong_said(proof.wrong()));
			let text = format!("Batch {batch} of model {model} is wrong: in step {step}, {why}");
			let json = json("wrong", Some(step), why);
			let Some(challenger) = challenger else {
				let text = format!("{text}. `--challenge` shows it to the chain.");
				return Err(Answer { text, json }.into());
			};
			session.talk.say(format!("{text}."));
			Err(challenged(proof.call(model, batch), &text, json, &challenger).await?.into())
		}
		Found::Differs(Differs { why, demand }) => {
			let text = format!(
				"Batch {batch} of model {model} is not what these sales give. {why}\n{}\nOnly the operator's \
				 leaves ({}) say which step is wrong. Without them, have the chain look at one: `batch demand \
				 {model} {batch} {demand}`.",
				on_chain(&best, model, batch, &record).await?,
				leaves_path(&sold.sales).display(),
			);
			let mut json = json("differs", None, &why);
			if let Value::Object(fields) = &mut json {
				fields.insert("demand".into(), demand.into());
			}
			Err(Answer { text, json }.into())
		}
	}
}

/// What the chain says that the batch pays, for who compares it.
async fn on_chain(
	best: &State<'_>,
	model: ModelId,
	batch: BatchNumber,
	record: &Record<AccountId>,
) -> Result<String> {
	let diff = best.double::<Diffs<Runtime>, _, _, _>(model, batch).await?;
	let earning = diff.map_or(0, |diff| diff.len());
	Ok(format!("On chain: {}; {earning} contributions earn.", totals_said(&record.totals)))
}

/// Shows the chain what is wrong.
async fn challenged(
	call: RuntimeCall,
	text: &str,
	mut json: Value,
	challenger: &Actor<'_>,
) -> Result<Answer> {
	challenger.talk.say("The fee comes back as the batch falls.");
	let included = challenger.perform(call, Vec::new()).await?;
	let reward = said(&included, |event| match event {
		RuntimeEvent::Attribution(Event::Voided { reward, .. }) => Some(*reward),
		_ => None,
	})?;
	if let Value::Object(fields) = &mut json {
		fields.insert("reward".into(), show_amount(reward).into());
	}
	let text = format!("{text}. It has fallen, the reward is {} OPEN", show_amount(reward));
	Ok(done(text, &[included], json))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::sales::tests::{payers, sales};
	use openledger_runtime::Hash;
	use openledger_settlement::build::Batch;

	fn talk() -> Talk {
		Talk::new(true, true)
	}

	/// A batch of 100 receipts of two payers.
	fn honest() -> (Context, Vec<Receipt>, Batch) {
		let (context, sales) = sales(100, 2);
		let receipts: Vec<_> = sales.into_iter().map(|sale| sale.receipt).collect();
		let before = vec![Bought::default(); 2];
		let built = Batch::build(context.clone(), before, receipts.clone()).unwrap();
		(context, receipts, built)
	}

	fn found(
		(context, receipts): (Context, Vec<Receipt>),
		leaves: Option<Vec<Leaf>>,
		trace: &Trace,
		bad: BadCredits,
	) -> Result<Found> {
		let (before, payers) = (vec![Bought::default(); 2], payers(2));
		compare(context, before, (receipts, &payers), leaves, trace, bad, &talk())
	}

	/// The trace of other leaves.
	fn trace_of(leaves: &[Leaf], honest: &Batch) -> Trace {
		let hashes = (0..).zip(leaves).map(|(step, leaf)| leaf_hash(step, *leaf)).collect();
		Trace { root: Tree::new(hashes).unwrap().root(), ..honest.trace() }
	}

	#[test]
	fn what_is_right_is_right_with_and_without_leaves() {
		let (context, receipts, built) = honest();
		for leaves in [None, Some(built.leaves().to_vec())] {
			let of = (context.clone(), receipts.clone());
			assert!(matches!(found(of, leaves, &built.trace(), None).unwrap(), Found::Right));
		}
	}

	#[test]
	fn a_wrong_step_is_opened_if_leaves_say_where() {
		let (context, receipts, built) = honest();
		let mut leaves = built.leaves().to_vec();
		leaves[2].state = Hash::repeat_byte(9);
		let trace = trace_of(&leaves, &built);
		let of = || (context.clone(), receipts.clone());
		let Found::Wrong(proof) = found(of(), Some(leaves), &trace, None).unwrap() else {
			panic!("it is wrong")
		};
		assert_eq!((proof.step(), proof.wrong()), (2, Wrong::Root));
		let Found::Differs(differs) = found(of(), None, &trace, None).unwrap() else {
			panic!("nobody can say where")
		};
		assert_eq!(differs.demand, 0);
		assert!(differs.why.contains("another trace"), "{}", differs.why);
		// Those of another batch say no more than none.
		let foreign = found(of(), Some(built.leaves().to_vec()), &trace, None).unwrap();
		assert!(matches!(foreign, Found::Differs(Differs { demand: 0, .. })));
	}

	#[test]
	fn receipts_that_break_the_rule_are_found() {
		let (context, mut receipts, built) = honest();
		receipts[70].core.fee += 1;
		let mut leaves = built.leaves().to_vec();
		leaves[2].receipts = hash_of(&receipts[64..96]);
		let trace = trace_of(&leaves, &built);
		let of = || (context.clone(), receipts.clone());
		let Found::Wrong(proof) = found(of(), Some(leaves), &trace, None).unwrap() else {
			panic!("it is wrong")
		};
		assert_eq!((proof.step(), proof.wrong()), (2, Wrong::Fee));
		let Found::Differs(differs) = found(of(), None, &trace, None).unwrap() else {
			panic!("without leaves it cannot be opened")
		};
		assert_eq!(differs.demand, 64);
		assert!(differs.why.contains("tokens cost"), "{}", differs.why);
	}

	#[test]
	fn other_receipts_than_those_of_the_batch_are_to_be_demanded() {
		let (context, mut receipts, built) = honest();
		receipts[40].matches = Hash::repeat_byte(3);
		let leaves = Some(built.leaves().to_vec());
		let Found::Differs(differs) =
			found((context, receipts), leaves, &built.trace(), None).unwrap()
		else {
			panic!("they are others")
		};
		assert_eq!(differs.demand, 32);
		assert!(differs.why.contains("step 1"), "{}", differs.why);
	}

	#[test]
	fn wrong_credits_of_a_right_trace_are_shown_by_their_citations() {
		let (context, receipts, built) = honest();
		let bad = Some((37, Citations::default()));
		for leaves in [None, Some(built.leaves().to_vec())] {
			let of = (context.clone(), receipts.clone());
			let found = found(of, leaves, &built.trace(), bad.clone()).unwrap();
			let Found::Wrong(Proof::Credits(opening, challenge)) = found else {
				panic!("the credits are wrong")
			};
			assert_eq!((opening.step, challenge.receipt), (1, 5));
			assert!(opening.nodes.is_empty());
		}
	}
}
