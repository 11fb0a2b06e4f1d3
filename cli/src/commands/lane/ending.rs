//! `batch finalise` and `batch expire`.

use anyhow::{bail, Result};
use frame_support::{storage::generator::StorageNMap as _, Twox64Concat};
use openledger_primitives::records::{BatchNumber, ModelId};
use openledger_runtime::{lanes::BatchInfo, AccountId, BlockNumber, Runtime, RuntimeCall};
use openledger_settlement::{diff::Diff, MAX_PAYEES};
use pallet_attribution::{Batches, Call, Demand, Demands, Diffs, Exposures, Status};
use serde_json::json;

use super::{calls, done, info, record, Session};
use crate::{
	cli::lane::Which,
	sending::{Cost, Included},
	state::State,
	talk::Answer,
};

/// How many contributions are not paid yet; none if nothing is left to do but to wait.
async fn unpaid(state: &State<'_>, model: ModelId, batch: BatchNumber) -> Result<Option<u32>> {
	let Some(record) = state.double::<Batches<Runtime>, _, _, _>(model, batch).await? else {
		return Ok(None);
	};
	let paid = match record.status {
		Status::Pending => 0,
		Status::Paying { paid, .. } => paid,
		Status::Paid => return Ok(None),
	};
	let diff: Option<Diff> = state.double::<Diffs<Runtime>, _, _, _>(model, batch).await?;
	let all = diff.unwrap_or_default().len() as u32;
	Ok(Some(all.saturating_sub(paid)))
}

fn finalise_call(model: ModelId, batch: BatchNumber, most: u32) -> RuntimeCall {
	Call::<Runtime>::finalise { model, batch, most: most.max(1) }.into()
}

/// Makes a batch final and pays all of it.
pub async fn finalise(which: &Which, session: &Session<'_>) -> Result<Answer> {
	let Which { model, batch } = *which;
	let actor = session.actor()?;
	let best = session.chain.best().await?;
	let record = record(&best, model, batch).await?;
	if record.status == Status::Pending {
		ready(&info(&best, model, batch).await?)?;
	}
	let Some(left) = unpaid(&best, model, batch).await? else {
		bail!(
			"Batch {batch} of model {model} is paid: `batch close {model} {batch}` ends it from block {} on.",
			record.deadline,
		);
	};
	let items = vec![(); left.max(1) as usize];
	let most = MAX_PAYEES as usize;
	let call = |items: &[()]| finalise_call(model, batch, items.len() as u32);
	let fit = actor.fit(&items, most, call).await?;
	let pages = items.len().div_ceil(fit.size);
	let fees = fit.fee.saturating_mul(pages as u128);
	let cost = Cost::new(fees, format!("for the fees of {pages} transactions, at most"));
	actor.agree(&[cost], fees).await?;
	let bar = session.talk.bar(left.into(), "Paid {pos} of {len} contributions {wide_bar} {eta}");
	let mut included = Vec::<Included>::new();
	let mut todo = Some(left);
	while let Some(left) = todo {
		let most = left.min(fit.size as u32);
		included.push(actor.carry_out(finalise_call(model, batch, most)).await?);
		bar.inc(most.into());
		let Some(last) = included.last() else { break };
		todo = unpaid(&session.chain.at(last.hash).await?, model, batch).await?;
	}
	bar.finish_and_clear();
	let after = match included.last() {
		Some(last) => session.chain.at(last.hash).await?,
		None => best,
	};
	let closed = after.double::<Batches<Runtime>, _, _, _>(model, batch).await?.is_none();
	let how = match closed {
		true => "final, paid and closed".into(),
		false => format!(
			"final early and paid; `batch close {model} {batch}` ends it from block {} on",
			record.deadline,
		),
	};
	let json = json!({ "model": model, "batch": batch, "contributions": left, "closed": closed });
	Ok(done(format!("Batch {batch} of model {model} is {how}"), &included, json))
}

/// Nothing is asked of a pending batch, as far as can be said before the chain is asked.
fn ready(info: &BatchInfo) -> Result<()> {
	if info.orphan {
		bail!("Its operator was slashed: another must adopt it first, or it falls.");
	}
	if !info.demands.is_empty() {
		bail!("{} demands are not answered: `batch show` has them.", info.demands.len());
	}
	match &info.draws {
		None => {
			bail!("Its draws are not known yet: that is after the second change of the session.")
		}
		Some(draws) if draws.steps.iter().any(|step| !step.answered) => {
			bail!("Its draws are not all answered: they are to be until block {}.", draws.until)
		}
		Some(_) if info.now < info.deadline && info.signers.is_empty() => bail!(
			"It is final from block {} on, now is {}: no attestor has signed for it.",
			info.deadline,
			info.now,
		),
		Some(_) => Ok(()),
	}
}

/// Why a batch can be made to fall now.
#[derive(Debug, PartialEq)]
enum Overdue {
	/// A demand was not answered.
	Demand { receipt: u32 },
	/// Draws were not.
	Draws,
	/// Nobody adopted it.
	Orphan,
}

/// Finds it; `adopt_until` is the last block in which an orphan may be adopted.
fn overdue(info: &BatchInfo, adopt_until: Option<BlockNumber>) -> Option<Overdue> {
	let demand = info.demands.iter().find(|demand| info.now > demand.until);
	let draws = info.draws.as_ref().is_some_and(|draws| {
		info.now > draws.until && draws.steps.iter().any(|draw| !draw.answered)
	});
	demand
		.map(|demand| Overdue::Demand { receipt: demand.receipt })
		.or(draws.then_some(Overdue::Draws))
		.or(adopt_until.filter(|until| info.now > *until).map(|_| Overdue::Orphan))
}

/// Lets a batch fall, or frees the demands of one that is gone.
pub async fn expire(which: &Which, session: &Session<'_>) -> Result<Answer> {
	let Which { model, batch } = *which;
	let best = session.chain.best().await?;
	if best.double::<Batches<Runtime>, _, _, _>(model, batch).await?.is_none() {
		return release(&best, model, batch, session).await;
	}
	let info = info(&best, model, batch).await?;
	let time: BlockNumber = session.chain.attribution("AdoptTime")?;
	let exposure = best.double::<Exposures<Runtime>, _, _, _>(model, &info.operator).await?;
	let slashed = exposure.and_then(|exposure| exposure.slashed).filter(|_| info.orphan);
	let Some(why) = overdue(&info, slashed.map(|since| since.saturating_add(time))) else {
		bail!(
			"Nothing of batch {batch} of model {model} is overdue at block {}: `batch show {model} {batch}` \
			 says what is asked of it and until when.",
			info.now,
		);
	};
	let (call, said, name) = match why {
		Overdue::Demand { receipt } => (
			Call::<Runtime>::expire_demand { model, batch, receipt },
			format!("receipt {receipt} was not shown in time"),
			"demand",
		),
		Overdue::Draws => (
			Call::expire_draws { model, batch },
			"its draws were not all answered in time".into(),
			"draws",
		),
		Overdue::Orphan => {
			(Call::expire_orphan { model, batch }, "nobody has adopted it in time".into(), "orphan")
		}
	};
	let included = session.actor()?.perform(call, Vec::new()).await?;
	let json = json!({ "model": model, "batch": batch, "overdue": name });
	Ok(done(format!("Batch {batch} of model {model} has fallen: {said}"), &[included], json))
}

async fn release(
	best: &State<'_>,
	model: ModelId,
	batch: BatchNumber,
	session: &Session<'_>,
) -> Result<Answer> {
	let prefix = Demands::<Runtime>::storage_n_map_partial_key((model, batch));
	let demands: Vec<(u32, Demand<AccountId>)> = best.under::<Twox64Concat, _, _>(prefix).await?;
	if demands.is_empty() {
		bail!("{} No demand of it is left.", super::no_batch(model, batch));
	}
	let each = |(receipt, _): &(u32, _)| Call::release_demand { model, batch, receipt: *receipt };
	let releases = demands.iter().map(each).collect();
	let included = session.actor()?.perform_all(calls(releases), Vec::new()).await?;
	let receipts: Vec<_> = demands.iter().map(|(receipt, _)| *receipt).collect();
	let text = format!(
		"Batch {batch} of model {model} is gone, and the deposits of {} demands are back",
		receipts.len(),
	);
	let json = json!({ "model": model, "batch": batch, "overdue": null, "released": receipts });
	Ok(done(text, &included, json))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::commands::lane::tests::pending;
	use openledger_runtime::lanes::{DemandInfo, DrawInfo, DrawsInfo};

	fn info(now: BlockNumber) -> BatchInfo {
		let account = AccountId::new([1; 32]);
		let demand =
			|receipt, until| DemandInfo { receipt, by: account.clone(), deposit: 1, until };
		BatchInfo {
			draws: Some(DrawsInfo {
				steps: vec![DrawInfo { step: 1, receipt: 2, answered: false }],
				until: 20,
			}),
			demands: vec![demand(5, 40), demand(6, 30)],
			now,
			..pending()
		}
	}

	#[test]
	fn what_is_overdue_is_found() {
		assert_eq!(overdue(&info(20), None), None);
		assert_eq!(overdue(&info(21), None), Some(Overdue::Draws));
		assert_eq!(overdue(&info(31), None), Some(Overdue::Demand { receipt: 6 }));
		assert_eq!(overdue(&info(41), None), Some(Overdue::Demand { receipt: 5 }));
		assert_eq!(overdue(&info(15), Some(15)), None);
		assert_eq!(overdue(&info(15), Some(14)), Some(Overdue::Orphan));
		let mut answered = info(50);
		answered.demands.clear();
		answered.draws.as_mut().unwrap().steps[0].answered = true;
		assert_eq!(overdue(&answered, None), None);
	}

	#[test]
	fn what_keeps_a_batch_from_being_final_is_said() {
		let says = |info: &BatchInfo| ready(info).unwrap_err().to_string();
		let mut batch = info(1);
		assert!(says(&batch).contains("2 demands"));
		batch.demands.clear();
		assert!(says(&batch).contains("until block 20"));
		batch.draws = None;
		assert!(says(&batch).contains("not known yet"));
		batch.orphan = true;
		assert!(says(&batch).contains("adopt"));
		batch.orphan = false;
		batch.draws = Some(DrawsInfo { steps: Vec::new(), until: 20 });
		assert!(says(&batch).contains("from block 100 on"));
		batch.signers.push(batch.operator.clone());
		assert!(ready(&batch).is_ok());
		let late = BatchInfo { now: 100, signers: Vec::new(), ..batch };
		assert!(ready(&late).is_ok());
	}
}
