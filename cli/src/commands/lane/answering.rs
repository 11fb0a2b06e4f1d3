//! `batch answer`: opens what is drawn or demanded.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{anyhow, bail, Context as _, Error, Result};
use frame_support::BoundedVec;
use openledger_primitives::records::{BatchNumber, ModelId};
use openledger_runtime::{lanes::BatchInfo, AccountId, BlockNumber, Runtime};
use openledger_settlement::{build::Batch, receipt::Receipt, STEP};
use pallet_attribution::{Batch as Record, Call, Disclosure, Status, MAX_DISCLOSURES};
use serde_json::json;

use super::{
	building::{execute, not_built},
	calls, done, info,
	past::{at_hand, AtHand, Source},
	record, Session,
};
use crate::{
	cli::lane::{Sold, Which},
	metadata::Refused,
	sales::{Sale, Sales, Shown},
	sending::Included,
	talk::Answer,
};

/// A step that somebody wants to see, and which of its receipts.
#[derive(Debug, PartialEq)]
struct Asked {
	until: BlockNumber,
	step: u32,
	receipts: Vec<u8>,
}

/// What is drawn or demanded and not answered, the most urgent first; all of it, or of one step.
fn asked(info: &BatchInfo, only: Option<u32>) -> Vec<Asked> {
	let draws = info.draws.iter().flat_map(|draws| {
		let open = draws.steps.iter().filter(|draw| !draw.answered);
		open.map(|draw| (draw.step, draw.receipt, draws.until))
	});
	let demands = info
		.demands
		.iter()
		.map(|demand| (demand.receipt / STEP, demand.receipt % STEP, demand.until));
	let mut steps = BTreeMap::<u32, (BlockNumber, BTreeSet<u8>)>::new();
	for (step, place, until) in draws.chain(demands) {
		if only.is_some_and(|only| only != step) {
			continue;
		}
		let (earliest, places) = steps.entry(step).or_insert((until, BTreeSet::new()));
		*earliest = until.min(*earliest);
		places.insert(place as u8);
	}
	let asked = steps.into_iter().map(|(step, (until, places))| Asked {
		until,
		step,
		receipts: places.into_iter().collect(),
	});
	let mut asked: Vec<_> = asked.collect();
	asked.sort_by_key(|asked| asked.until);
	asked
}

/// What is disclosed, opening by opening: private receipts are shown by every one.
fn disclosed(asked: &Asked, receipts: &[Receipt]) -> Vec<Vec<u8>> {
	let is_private =
		|place: u8| receipts.get(usize::from(place)).is_some_and(|receipt| receipt.core.private);
	let public: Vec<_> =
		asked.receipts.iter().copied().filter(|place| !is_private(*place)).collect();
	if public.is_empty() {
		return vec![Vec::new()];
	}
	public.chunks(MAX_DISCLOSURES as usize).map(<[u8]>::to_vec).collect()
}

/// A batch built again, with what can be shown of it.
struct Again {
	batch: Batch,
	shown: Shown,
	top: u8,
}

impl Again {
	async fn build(
		source: Source<'_>,
		record: &Record<AccountId>,
		session: &Session<'_>,
	) -> Result<Self> {
		let AtHand { context, top, sales, before } =
			at_hand(source, record, session, |_, _, _| {}).await?;
		let Sales { payers, receipts, shown } = sales;
		let other = format!(
			"{} is not the file of batch {} of model {}",
			source.path.display(),
			source.batch,
			source.model,
		);
		let batch = execute(context, before, receipts, session.talk)
			.map_err(|why| anyhow!("{other}. {}", not_built(why, &payers)))?;
		if batch.trace() != record.trace {
			bail!("{other}: it gives another trace.");
		}
		Ok(Self { batch, shown, top })
	}

	/// The calls that answer for a step.
	fn answers(
		&self,
		model: ModelId,
		batch: BatchNumber,
		asked: &Asked,
	) -> Result<Vec<Call<Runtime>>> {
		let step = asked.step;
		let opening =
			self.batch.open(step).with_context(|| format!("The batch has no step {step}."))?;
		let openings = disclosed(asked, &opening.receipts).into_iter().map(|places| {
			let disclosures = places
				.into_iter()
				.map(|place| self.disclosure(step, place, &opening.receipts))
				.collect::<Result<Vec<_>>>()?;
			Ok(Call::<Runtime>::open {
				model,
				batch,
				opening: Box::new(opening.clone()),
				disclosures: BoundedVec::truncate_from(disclosures),
			})
		});
		openings.collect()
	}

	fn disclosure(&self, step: u32, place: u8, receipts: &[Receipt]) -> Result<Disclosure> {
		let nth = step.saturating_mul(STEP).saturating_add(place.into());
		let receipt = receipts.get(usize::from(place)).cloned();
		let receipt = receipt.with_context(|| format!("There is no receipt {nth}."))?;
		let (output, citations) = self.shown.of(nth)?;
		let sale = Sale { receipt, output, citations };
		if let Some(why) = sale.unshowable(self.top) {
			bail!("Receipt {nth} is asked for and cannot be shown: {why}.");
		}
		let Sale { output, citations, .. } = sale;
		Ok(Disclosure { receipt: place, output, citations })
	}
}

/// Whether the chain refuses an answer because there was one.
fn was_answered(error: &Error) -> bool {
	error.downcast_ref::<Refused>().is_some_and(|refused| refused.name == "Attribution.NotAsked")
}

/// Answers what is asked.
pub async fn run(
	sold: &Sold,
	only: Option<u32>,
	wait: bool,
	session: &Session<'_>,
) -> Result<Answer> {
	let Which { model, batch } = sold.which;
	let actor = session.actor()?;
	let chain = session.chain;
	let before = record(&chain.best().await?, model, batch).await?;
	if matches!(before.status, Status::Paying { early: false, .. }) {
		bail!(
			"Batch {batch} of model {model} is final: nobody can ask for anything of it any more."
		);
	}
	let again = Again::build(sold.into(), &before, session).await?;
	let (mut included, mut opened) = (Vec::<Included>::new(), Vec::new());
	let spinner = session.talk.spinner("Looking at what is asked for");
	let seen = loop {
		let seen = info(&chain.best().await?, model, batch).await?;
		let todo = asked(&seen, only);
		let enough = seen.draws.is_some() || !wait;
		if todo.is_empty() && enough {
			break seen;
		}
		if todo.is_empty() {
			spinner.set_message("The draws are known after the second change of the session");
			chain.pause().await?;
			continue;
		}
		let mut answers = Vec::new();
		for asked in &todo {
			let places = asked.receipts.len();
			session.talk.say(format!(
				"Step {} is to be opened until block {}: {places} of its receipts are asked for.",
				asked.step, asked.until,
			));
			answers.extend(again.answers(model, batch, asked)?);
		}
		session.talk.say("What answers a draw gets its fee back at once.");
		match actor.perform_all(calls(answers), Vec::new()).await {
			Ok(done) => included.extend(done),
			// An attestor may answer in the operator's place, or the other way round.
			Err(error) if was_answered(&error) => {
				session.talk.say("Somebody else has answered meanwhile.");
				continue;
			}
			Err(error) => return Err(error),
		}
		opened.extend(todo.iter().map(|asked| asked.step));
	};
	spinner.finish_and_clear();
	let draws = if seen.draws.is_none() { "; its draws are not known yet" } else { "" };
	let text = match opened.as_slice() {
		[] => format!("Nothing more is asked of batch {batch} of model {model}{draws}"),
		steps => format!(
			"Of batch {batch} of model {model} these steps are opened: {}{draws}",
			steps.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
		),
	};
	let json = json!({
		"model": model,
		"batch": batch,
		"opened": opened,
		"drawn": seen.draws.is_some(),
	});
	Ok(done(text, &included, json))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::commands::lane::tests::pending;
	use crate::sales::tests::sales;
	use openledger_runtime::lanes::{DemandInfo, DrawInfo, DrawsInfo};

	fn info(draws: Option<&[(u32, u32, bool)]>, demands: &[(u32, BlockNumber)]) -> BatchInfo {
		let account = AccountId::new([1; 32]);
		let steps = draws.map(|draws| {
			let info = |(step, receipt, answered): &(u32, u32, bool)| DrawInfo {
				step: *step,
				receipt: *receipt,
				answered: *answered,
			};
			DrawsInfo { steps: draws.iter().map(info).collect(), until: 50 }
		});
		let demands = demands.iter().map(|(receipt, until)| DemandInfo {
			receipt: *receipt,
			by: account.clone(),
			deposit: 1,
			until: *until,
		});
		BatchInfo { draws: steps, demands: demands.collect(), ..pending() }
	}

	fn of(until: BlockNumber, step: u32, receipts: &[u8]) -> Asked {
		Asked { until, step, receipts: receipts.to_vec() }
	}

	#[test]
	fn what_is_asked_is_taken_together_by_step_and_urgency() {
		let nothing = info(None, &[]);
		assert_eq!(asked(&nothing, None), []);
		let both = info(
			Some(&[(1, 7, false), (2, 0, true), (9, 31, false)]),
			&[(32 + 3, 60), (32 + 7, 40), (5 * 32, 45), (5 * 32 + 31, 70)],
		);
		let all = [of(40, 1, &[3, 7]), of(45, 5, &[0, 31]), of(50, 9, &[31])];
		assert_eq!(asked(&both, None), all);
		assert_eq!(asked(&both, Some(5)), [of(45, 5, &[0, 31])]);
		assert_eq!(asked(&both, Some(2)), []);
	}

	#[test]
	fn four_are_disclosed_at_a_time_and_private_ones_not() {
		// Every fifth is private.
		let receipts: Vec<_> = sales(32, 1).1.into_iter().map(|sale| sale.receipt).collect();
		let shown = |places: &[u8]| disclosed(&of(1, 0, places), &receipts);
		assert_eq!(shown(&[1]), [[1]]);
		assert_eq!(shown(&[0, 5]), [Vec::<u8>::new()]);
		assert_eq!(shown(&[0, 1, 2]), [[1, 2]]);
		assert_eq!(shown(&[1, 2, 3, 4, 5, 6]), [vec![1, 2, 3, 4], vec![6]]);
	}
}
