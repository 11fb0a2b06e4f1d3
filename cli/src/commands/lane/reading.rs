//! `batch show`.

use anyhow::Result;
use openledger_primitives::records::{BatchNumber, ModelId};
use openledger_runtime::lanes::{BatchInfo, DemandInfo, DrawInfo, DrawsInfo, LaneInfo, Stage};
use pallet_attribution::Status;
use serde_json::{json, Value};

use super::{info, lane_info, record, totals_json, totals_said, Session};
use crate::{
	args::{show_account, show_amount, show_hash, show_nano, show_share, word, Words},
	talk::Answer,
};

/// How far a batch is.
const STAGES: Words<Stage> =
	&[("pending", Stage::Pending), ("paying", Stage::Paying), ("paid", Stage::Paid)];

/// Shows a lane.
pub async fn lane(model: ModelId, session: &Session<'_>) -> Result<Answer> {
	let best = session.chain.best().await?;
	let lane = lane_info(&best, model).await?;
	let LaneInfo { next, open, operator, bond, free_bond, epoch, rate_in, rate_out, terms } = &lane;
	let mut lines = vec![
		format!("The lane of model {model}: {next} batches submitted, {} open", open.len()),
		match operator {
			None => "  operator  none".into(),
			Some(operator) => format!(
				"  operator  {}, bond {} OPEN, {} OPEN of it free",
				show_account(operator),
				show_amount(*bond),
				show_amount(*free_bond),
			),
		},
		match epoch {
			None => "  price     none in force".into(),
			Some(epoch) => format!(
				"  price     {} OPEN in, {} OPEN out for 1000 tokens, epoch {epoch}",
				show_nano(*rate_in),
				show_nano(*rate_out),
			),
		},
		format!(
			"  terms     {}: {} OPEN for the platform; of the rest {} for stakers, {} for the model, of \
			 which {} for the operator; what is left for contributors",
			terms.number,
			show_nano(terms.platform_fee),
			show_share(terms.stakers),
			show_share(terms.model),
			show_share(terms.operator),
		),
	];
	let mut batches = Vec::new();
	for number in open {
		let batch = info(&best, model, *number).await?;
		lines.push(format!(
			"  batch     {number}: {}, {} receipts for {} OPEN, deadline block {}, {} demands{}",
			word(STAGES, &batch.stage),
			batch.receipts,
			show_nano(batch.fees),
			batch.deadline,
			batch.demands.len(),
			if batch.orphan { ", an orphan" } else { "" },
		));
		batches.push(json!({
			"batch": number,
			"stage": word(STAGES, &batch.stage),
			"receipts": batch.receipts,
			"fees": show_nano(batch.fees),
			"deadline": batch.deadline,
			"orphan": batch.orphan,
		}));
	}
	let json = json!({
		"model": model,
		"next": next,
		"operator": operator.as_ref().map(show_account),
		"bond": show_amount(*bond),
		"freeBond": show_amount(*free_bond),
		"epoch": epoch,
		"in": show_nano(*rate_in),
		"out": show_nano(*rate_out),
		"terms": {
			"number": terms.number,
			"platformFee": show_nano(terms.platform_fee),
			"stakers": show_share(terms.stakers),
			"model": show_share(terms.model),
			"operator": show_share(terms.operator),
		},
		"batches": batches,
	});
	Ok(Answer { text: lines.join("\n"), json })
}

fn draws_json(draws: &DrawsInfo) -> Value {
	let step = |draw: &DrawInfo| json!({ "step": draw.step, "receipt": draw.receipt, "answered": draw.answered });
	json!({ "steps": draws.steps.iter().map(step).collect::<Vec<_>>(), "until": draws.until })
}

fn demand_json(demand: &DemandInfo) -> Value {
	json!({
		"receipt": demand.receipt,
		"by": show_account(&demand.by),
		"deposit": show_amount(demand.deposit),
		"until": demand.until,
	})
}

/// Shows a batch.
pub async fn batch(model: ModelId, number: BatchNumber, session: &Session<'_>) -> Result<Answer> {
	let best = session.chain.best().await?;
	let record = record(&best, model, number).await?;
	let info = info(&best, model, number).await?;
	let BatchInfo { operator, version, epoch, deadline, signers, draws, demands, now, .. } = &info;
	let mut lines = vec![
		format!("Batch {number} of model {model}: {}", stage_said(&info, record.status)),
		format!("  {}", totals_said(&record.totals)),
		format!("  operator  {}", show_account(operator)),
		format!("  under     version {version}, price epoch {epoch}"),
		format!("  trace     {} over {} steps", show_hash(info.trace), record.trace.steps()),
		format!("  deadline  block {deadline}, now {now}; last answer block {}", info.answered),
	];
	lines.extend(signers.iter().map(|signer| format!("  signed    {}", show_account(signer))));
	match draws {
		None => lines.push("  draws     not known yet".into()),
		Some(draws) => {
			for DrawInfo { step, receipt, answered } in &draws.steps {
				let answered = match answered {
					true => "answered".into(),
					false => format!("to be answered until block {}", draws.until),
				};
				lines.push(format!("  draw      step {step}, its receipt {receipt}: {answered}"));
			}
		}
	}
	lines.extend(demands.iter().map(|demand| {
		format!(
			"  demand    receipt {} by {}, deposit {} OPEN, until block {}",
			demand.receipt,
			show_account(&demand.by),
			show_amount(demand.deposit),
			demand.until,
		)
	}));
	let paid = match record.status {
		Status::Paying { paid, .. } => Some(paid),
		Status::Pending | Status::Paid => None,
	};
	let json = json!({
		"model": model,
		"batch": number,
		"stage": word(STAGES, &info.stage),
		"paid": paid,
		"orphan": info.orphan,
		"operator": show_account(operator),
		"version": version,
		"epoch": epoch,
		"root": show_hash(info.trace),
		"steps": record.trace.steps(),
		"totals": totals_json(&record.totals),
		"deadline": deadline,
		"answered": info.answered,
		"now": now,
		"signers": signers.iter().map(show_account).collect::<Vec<_>>(),
		"draws": draws.as_ref().map(draws_json),
		"demands": demands.iter().map(demand_json).collect::<Vec<_>>(),
	});
	Ok(Answer { text: lines.join("\n"), json })
}

fn stage_said(info: &BatchInfo, status: Status) -> String {
	match status {
		Status::Pending if info.orphan => "an orphan, its operator was slashed".into(),
		Status::Pending => "pending".into(),
		Status::Paying { paid, early, .. } => {
			format!("final{}, {paid} contributions paid", if early { " early" } else { "" })
		}
		Status::Paid => "final early and paid, and can still fall".into(),
	}
}
