//! `batch build` and `batch submit`.

use std::path::Path;

use anyhow::{anyhow, bail, Context as _, Result};
use frame_support::BoundedVec;
use openledger_primitives::{
	records::{Epoch, ModelId},
	Balance,
};
use openledger_runtime::{AccountId, Hash, ModelRegistry, Runtime, RuntimeEvent};
use openledger_settlement::{
	build::{Batch, NotBuilt},
	diff::Purchase,
	execute::Context,
	parties::{self, TermsNumber, Voucher},
	receipt::Receipt,
	voucher::Bought,
	MAX_PAYEES, STEP,
};
use pallet_attribution::{
	Call, DemandDepositViewFunction, Event, Exposures, FreeBondViewFunction, Submission,
};
use pallet_model_registry::{Operators, RetiredOperators};
use pallet_rewards::Entry;
use serde_json::{json, Value};
use sp_core::H256;

use super::{
	context::{self, bought, entries},
	done, totals_json, totals_said, units, wrong_said, Session,
};
use crate::{
	args::{show_account, show_amount, show_hash, show_nano},
	cli::lane::Under,
	commands::said,
	sales::{before_path, leaves_path, write_beside, Before, Sales},
	state::State,
	talk::{Answer, Talk},
	vouchers::{is_signed, signers, Vouchers},
};

/// A batch that was built of a sales file.
struct Built {
	batch: Batch,
	payers: Vec<AccountId>,
	entries: Vec<Entry>,
	terms: TermsNumber,
}

/// The price epoch that receipts are of: all of a batch are of one.
fn epoch_of(receipts: &[Receipt]) -> Result<Epoch> {
	let first = receipts.first().context("There are no receipts in the sales file.")?;
	Ok(first.core.epoch)
}

/// Executes receipts, with a sign of life.
pub fn execute(
	context: Context,
	before: Vec<Bought>,
	receipts: Vec<Receipt>,
	talk: &Talk,
) -> Result<Batch, NotBuilt> {
	let spinner = talk.spinner(format!("Executing {} receipts", receipts.len()));
	let built = Batch::build(context, before, receipts);
	spinner.finish_and_clear();
	built
}

/// Why no batch was built, in words.
pub fn not_built(why: NotBuilt, payers: &[AccountId]) -> String {
	match why {
		NotBuilt::Idle { payer } => {
			let payer = payers.get(usize::from(payer)).map(show_account).unwrap_or_default();
			format!("{payer} is among the payers and buys nothing: leave it out of the file.")
		}
		NotBuilt::Payees => {
			format!(
				"More than {MAX_PAYEES} contributions earn: split the sales over several batches."
			)
		}
		NotBuilt::Wrong { step, wrong } => {
			let first = u64::from(step).saturating_mul(STEP.into());
			let last = first.saturating_add(u64::from(STEP).saturating_sub(1));
			format!(
				"Receipts {first} to {last} (step {step}) break the rule: {}.",
				wrong_said(wrong)
			)
		}
		other => format!("It makes no batch: {other}."),
	}
}

async fn built(
	best: &State<'_>,
	model: ModelId,
	path: &Path,
	under: &Under,
	talk: &Talk,
) -> Result<Built> {
	let trained = context::trained(best, model, under.model_version).await?;
	let sales = Sales::read(path, talk, |_, sale| match sale.unshowable(trained.top) {
		Some(why) => Err(anyhow!("cannot be shown when it is asked for: {why}")),
		None => Ok(()),
	})?;
	let Sales { payers, receipts, .. } = sales;
	let epoch = epoch_of(&receipts)?;
	let (context, terms) = context::context(best, model, &trained, epoch, under).await?;
	let entries = entries(best, model, &payers).await?;
	let batch = execute(context, bought(&entries), receipts, talk)
		.map_err(|why| anyhow!(not_built(why, &payers)))?;
	Ok(Built { batch, payers, entries, terms })
}

impl Built {
	/// Writes what others and later answers need beside the sales.
	fn keep(&self, path: &Path, model: ModelId, genesis: Hash) -> Result<()> {
		let Context { version, epoch, .. } = *self.batch.context();
		let (payers, terms) = (bought(&self.entries), self.terms);
		let before = Before { model, genesis, payers, version, epoch, terms };
		write_beside(path, &before, self.batch.leaves())
	}

	/// The payers, with what they have bought before and after.
	fn purchases(&self) -> impl Iterator<Item = (&AccountId, Purchase)> {
		self.payers.iter().zip(self.batch.purchases())
	}

	fn payers_json(&self) -> Vec<Value> {
		let json = |(payer, Purchase { after, .. })| {
			json!({
				"payer": show_account(payer),
				"count": after.count,
				"cumulative": after.cumulative.to_string(),
				"head": show_hash(H256(after.head.0)),
			})
		};
		self.purchases().map(json).collect()
	}

	fn json(&self, model: ModelId) -> Value {
		let (context, trace) = (self.batch.context(), self.batch.trace());
		json!({
			"model": model,
			"version": context.version,
			"epoch": context.epoch,
			"terms": self.terms,
			"steps": trace.steps(),
			"root": show_hash(trace.root),
			"contributions": self.batch.diff().len(),
			"totals": totals_json(&self.batch.totals()),
			"payers": self.payers_json(),
		})
	}

	fn text(&self) -> String {
		let context = self.batch.context();
		format!(
			"{}.\n  version {}, price epoch {}, terms {}; {} steps, {} contributions earn, trace {}",
			totals_said(&self.batch.totals()),
			context.version,
			context.epoch,
			self.terms,
			self.batch.trace().steps(),
			self.batch.diff().len(),
			show_hash(self.batch.trace().root),
		)
	}
}

/// Builds a batch and says what is to be signed.
pub async fn build(
	model: ModelId,
	path: &Path,
	under: &Under,
	session: &Session<'_>,
) -> Result<Answer> {
	let best = session.chain.best().await?;
	let built = built(&best, model, path, under, session.talk).await?;
	let mut lines = vec![built.text(), "Its payers sign, after it:".into()];
	for (payer, Purchase { before, after }) in built.purchases() {
		lines.push(format!(
			"  {}  {} in all (+{}) for {} OPEN in all (+{}), head {}",
			show_account(payer),
			after.count,
			after.count.saturating_sub(before.count),
			show_nano(after.cumulative),
			show_nano(after.cumulative.saturating_sub(before.cumulative)),
			show_hash(H256(after.head.0)),
		));
	}
	// Those of a batch that was submitted must not be lost by building it again.
	if !before_path(path).exists() && !leaves_path(path).exists() {
		built.keep(path, model, session.chain.genesis)?;
		let leaves = leaves_path(path);
		lines.push(format!("The trace is in {}: publish it with the sales.", leaves.display()));
	}
	Ok(Answer { text: lines.join("\n"), json: built.json(model) })
}

/// Builds a batch and submits it.
pub async fn submit(
	model: ModelId,
	path: &Path,
	vouchers: &Path,
	under: &Under,
	session: &Session<'_>,
) -> Result<Answer> {
	let actor = session.actor()?;
	let vouchers = Vouchers::read(vouchers)?;
	let best = session.chain.best().await?;
	let built = built(&best, model, path, under, session.talk).await?;
	let joined = joined(&built, &vouchers, model, &best).await?;
	covered(&built, model, actor.account(), &best).await?;
	session.talk.say(built.text());
	built.keep(path, model, session.chain.genesis)?;
	let submission = Submission {
		version: built.batch.context().version,
		epoch: built.batch.context().epoch,
		terms: built.terms,
		vouchers: BoundedVec::try_from(joined)
			.map_err(|_| anyhow!(not_built(NotBuilt::Payers, &built.payers)))?,
		diff: built.batch.diff(),
		totals: built.batch.totals(),
		trace: built.batch.submitted().context("There is no step.")?,
	};
	let call = Call::<Runtime>::submit_batch { model, submission: Box::new(submission) };
	let included = actor.perform(call, Vec::new()).await?;
	let (batch, deadline) = said(&included, |event| match event {
		RuntimeEvent::Attribution(Event::BatchSubmitted { batch, deadline, .. }) => {
			Some((*batch, *deadline))
		}
		_ => None,
	})?;
	let mut json = built.json(model);
	if let Value::Object(fields) = &mut json {
		fields.insert("batch".into(), batch.into());
		fields.insert("deadline".into(), deadline.into());
	}
	let text = format!(
		"Batch {batch} of model {model} is submitted and can be challenged until block {deadline}. Keep {} \
		 and what lies beside it: `batch answer {model} {batch} {} --wait` answers for it",
		path.display(),
		path.display(),
	);
	Ok(done(text, &[included], json))
}

/// The vouchers of all payers, in their order, each over exactly what was built.
async fn joined(
	built: &Built,
	vouchers: &Vouchers,
	model: ModelId,
	best: &State<'_>,
) -> Result<Vec<Voucher<AccountId>>> {
	let clock = best.clock().await?;
	let genesis = best.chain.genesis;
	let mut joined = Vec::new();
	for ((payer, purchase), entry) in built.purchases().zip(&built.entries) {
		let address = show_account(payer);
		let voucher = vouchers.of(payer).with_context(|| {
			format!("{address} has signed no voucher: `payer sign {model}` makes one.")
		})?;
		signed_for(&address, &voucher.bought, &purchase)?;
		if !is_signed(voucher, genesis, model, signers(entry, clock)) {
			bail!(
				"The voucher of {address} is not signed by {}, or not for model {model} of this chain.",
				show_account(&entry.signer),
			);
		}
		let (cost, held) = (purchase.cost().unwrap_or_default(), entry.held());
		if cost > held {
			bail!(
				"{address} has {} OPEN with model {model}, and this costs {}: `payer top-up`.",
				show_nano(held),
				show_nano(cost),
			);
		}
		joined.push(voucher.clone());
	}
	Ok(joined)
}

/// A voucher is over what its payer has bought after the batch.
fn signed_for(address: &str, signed: &Bought, purchase: &Purchase) -> Result<()> {
	let after = &purchase.after;
	if signed == after {
		return Ok(());
	}
	if signed.count <= purchase.before.count {
		bail!("The voucher of {address} was cashed already: it has to sign again.");
	}
	if (signed.count, signed.cumulative) != (after.count, after.cumulative) {
		bail!(
			"{address} has signed for {} inferences and {} OPEN in all; with these sales it is {} and {}.",
			signed.count,
			show_nano(signed.cumulative),
			after.count,
			show_nano(after.cumulative),
		);
	}
	bail!(
		"{address} has signed for as many inferences as there are, but for other ones: the head of its \
		 voucher is {}, that of these sales {}.",
		show_hash(H256(signed.head.0)),
		show_hash(H256(after.head.0)),
	)
}

/// The operator's bond covers the batch.
async fn covered(
	built: &Built,
	model: ModelId,
	operator: &AccountId,
	best: &State<'_>,
) -> Result<()> {
	let address = show_account(operator);
	let keys = vec![
		Operators::<Runtime>::hashed_key_for(model),
		RetiredOperators::<Runtime>::hashed_key_for(model, operator),
	];
	let bond = || <ModelRegistry as parties::Operators<AccountId>>::bond(model, operator);
	let bond: Balance = best.run(keys, bond).await?;
	if bond == 0 {
		bail!(
			"{address} has no bond as operator of model {model}: `model operator accept {model}`."
		);
	}
	let exposure = best.double::<Exposures<Runtime>, _, _, _>(model, operator).await?;
	let exposure = exposure.unwrap_or_default();
	if exposure.slashed.is_some() {
		bail!(
			"{address} was slashed: its batches must be over or adopted before it submits another."
		);
	}
	let free: Balance =
		best.view(FreeBondViewFunction::<Runtime>::new(model, operator.clone())).await?;
	let fees = units(built.batch.totals().fees);
	if fees > free {
		bail!(
			"The fees of the batch are {} OPEN, and {} OPEN of the bond are free: raise the bond (`model \
			 operator raise {model}`), wait until batches are final, or submit fewer receipts.",
			show_amount(fees),
			show_amount(free),
		);
	}
	let deposit: Balance = best.view(DemandDepositViewFunction::<Runtime>::new()).await?;
	enough_for_steps(bond, deposit, exposure.steps, built.batch.trace().steps())
}

/// A bond is at least what demanding every open step would cost.
fn enough_for_steps(bond: Balance, deposit: Balance, open: u32, more: u32) -> Result<()> {
	let steps = open.saturating_add(more);
	let needed = deposit.saturating_mul(steps.into());
	if needed > bond {
		bail!(
			"With this batch {steps} steps are open, and to demand all of them costs {} OPEN, which is more \
			 than the bond of {} OPEN: raise the bond, wait until batches are closed, or submit fewer \
			 receipts.",
			show_amount(needed),
			show_amount(bond),
		);
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::sales::tests::{payers, sales};
	use openledger_settlement::{chain::Head, execute::Wrong};

	fn bought(count: u64, cumulative: u64, head: u8) -> Bought {
		Bought { count, cumulative, head: Head([head; 32]) }
	}

	#[test]
	fn a_voucher_is_over_exactly_what_was_built() {
		let purchase = Purchase { before: bought(3, 30, 1), after: bought(5, 50, 2) };
		let says = |signed: Bought| signed_for("5Grw", &signed, &purchase).unwrap_err().to_string();
		assert!(signed_for("5Grw", &purchase.after, &purchase).is_ok());
		assert!(says(bought(3, 30, 1)).contains("cashed already"));
		let fewer = says(bought(4, 40, 3));
		assert!(fewer.contains("signed for 4") && fewer.contains("0.00000005"), "{fewer}");
		assert!(says(bought(5, 51, 2)).contains("it is 5 and"));
		assert!(says(bought(5, 50, 3)).contains("other ones"));
	}

	#[test]
	fn a_bond_covers_demands_for_all_open_steps() {
		assert!(enough_for_steps(100, 10, 4, 6).is_ok());
		let error = enough_for_steps(100, 10, 5, 6).unwrap_err().to_string();
		assert!(error.contains("11 steps"), "{error}");
		assert!(enough_for_steps(Balance::MAX, Balance::MAX, u32::MAX, u32::MAX).is_ok());
	}

	#[test]
	fn what_makes_no_batch_is_said_in_words() {
		let payers = payers(2);
		let said = |why| not_built(why, &payers);
		assert!(said(NotBuilt::Idle { payer: 1 }).starts_with(&show_account(&payers[1])));
		assert!(said(NotBuilt::Payees).contains("4096"));
		let wrong = said(NotBuilt::Wrong { step: 2, wrong: Wrong::Fee });
		assert!(wrong.contains("64 to 95") && wrong.contains("tokens cost"), "{wrong}");
		assert!(said(NotBuilt::Receipts).contains("between 1 and"));
		assert!(epoch_of(&[]).unwrap_err().to_string().contains("no receipts"));
	}

	#[test]
	fn sales_are_built_as_the_rule_says() {
		let (context, sales) = sales(100, 2);
		let receipts: Vec<_> = sales.into_iter().map(|sale| sale.receipt).collect();
		assert_eq!(epoch_of(&receipts).unwrap(), context.epoch);
		let talk = Talk::new(true, true);
		let before = vec![Bought::default(); 2];
		let batch = execute(context.clone(), before, receipts.clone(), &talk).unwrap();
		let built = Built { batch, payers: payers(2), entries: Vec::new(), terms: 0 };
		let json = built.json(3);
		assert_eq!((&json["steps"], &json["totals"]["receipts"]), (&4.into(), &100.into()));
		let counts: Vec<_> = built.payers_json().iter().map(|one| one["count"].as_u64()).collect();
		assert_eq!(counts.iter().flatten().sum::<u64>(), 100);
		assert!(built.text().contains("4 steps"));

		let before = vec![Bought::default(); 3];
		let idle = execute(context, before, receipts, &talk).err();
		assert_eq!(idle, Some(NotBuilt::Idle { payer: 2 }));
	}
}
