//! `batch`: what was sold, from the file of sales until everybody is paid.

mod answering;
mod building;
pub mod checking;
pub mod context;
mod ending;
pub mod past;
mod reading;

use anyhow::{bail, Context, Result};
use openledger_primitives::{
	records::{BatchNumber, ModelId},
	units::{Nano, UNITS_PER_NANO},
	Balance,
};
use openledger_runtime::{
	lanes::{BatchInfo, LaneInfo},
	AccountId, Runtime, RuntimeCall,
};
use openledger_settlement::{execute::Wrong, state::Totals};
use pallet_attribution::{Batch as Record, Batches, Call, DemandDepositViewFunction};
use serde_json::{json, Value};

use super::{done, Session};
use crate::{
	args::show_nano,
	cli::lane::{Batch, Which},
	sending::Cost,
	state::State,
	talk::Answer,
};

/// Does what was asked.
pub async fn run(command: &Batch, session: &Session<'_>) -> Result<Answer> {
	match command {
		Batch::Build { model, sales, under } => {
			building::build(*model, sales, under, session).await
		}
		Batch::Submit { model, sales, vouchers, under } => {
			building::submit(*model, sales, vouchers, under, session).await
		}
		Batch::Show { model, batch: None } => reading::lane(*model, session).await,
		Batch::Show { model, batch: Some(batch) } => reading::batch(*model, *batch, session).await,
		Batch::Answer { sold, step, wait } => answering::run(sold, *step, *wait, session).await,
		Batch::Finalise { which } => ending::finalise(which, session).await,
		Batch::Close { which: Which { model, batch } } => {
			let call = Call::close { model: *model, batch: *batch };
			simply(call, *model, *batch, "is closed", session).await
		}
		Batch::Adopt { which: Which { model, batch } } => {
			let call = Call::adopt { model: *model, batch: *batch };
			simply(call, *model, *batch, "has your bond behind it", session).await
		}
		Batch::Expire { which } => ending::expire(which, session).await,
		Batch::Check { sold, challenge } => checking::run(sold, *challenge, session).await,
		Batch::Demand { which, receipt } => demand(which, *receipt, session).await,
	}
}

/// Has a call about a batch carried out that costs nothing but its fee.
async fn simply(
	call: Call<Runtime>,
	model: ModelId,
	batch: BatchNumber,
	said: &str,
	session: &Session<'_>,
) -> Result<Answer> {
	record(&session.chain.best().await?, model, batch).await?;
	let included = session.actor()?.perform(call, Vec::new()).await?;
	let json = json!({ "model": model, "batch": batch });
	Ok(done(format!("Batch {batch} of model {model} {said}"), &[included], json))
}

async fn demand(which: &Which, receipt: u32, session: &Session<'_>) -> Result<Answer> {
	let Which { model, batch } = *which;
	let best = session.chain.best().await?;
	let receipts = record(&best, model, batch).await?.trace.receipts;
	if u64::from(receipt) >= receipts {
		bail!(
			"Batch {batch} has {receipts} receipts, counted from 0: there is no receipt {receipt}."
		);
	}
	let deposit: Balance = best.view(DemandDepositViewFunction::<Runtime>::new()).await?;
	let what = "as a deposit, paid for the answer; it comes back if the batch falls";
	let call = Call::<Runtime>::demand { model, batch, receipt };
	let included = session.actor()?.perform(call, vec![Cost::new(deposit, what)]).await?;
	let after = info(&session.chain.at(included.hash).await?, model, batch).await?;
	let until = after.demands.iter().find(|one| one.receipt == receipt).map(|one| one.until);
	let until_said = until.map(|until| format!(" until block {until}")).unwrap_or_default();
	let text = format!("Receipt {receipt} of batch {batch} is to be shown{until_said}");
	let json = json!({ "model": model, "batch": batch, "receipt": receipt, "until": until });
	Ok(done(text, &[included], json))
}

fn no_batch(model: ModelId, batch: BatchNumber) -> String {
	format!(
		"There is no open batch {batch} of model {model}: it was never submitted, is closed, or fell. \
		 `batch show {model}` shows those there are."
	)
}

/// A batch that must be there.
pub async fn record(
	state: &State<'_>,
	model: ModelId,
	batch: BatchNumber,
) -> Result<Record<AccountId>> {
	let record = state.double::<Batches<Runtime>, _, _, _>(model, batch).await?;
	record.with_context(|| no_batch(model, batch))
}

/// A batch that must be there, with what is drawn and demanded of it.
async fn info(state: &State<'_>, model: ModelId, batch: BatchNumber) -> Result<BatchInfo> {
	let info: Option<BatchInfo> = state.ask("LanesApi_batch", (model, batch)).await?;
	info.with_context(|| no_batch(model, batch))
}

/// The lane of a model that must be there.
async fn lane_info(state: &State<'_>, model: ModelId) -> Result<LaneInfo> {
	let info: Option<LaneInfo> = state.ask("LanesApi_lane", model).await?;
	info.with_context(|| format!("There is no model {model}: `model list` shows those there are."))
}

/// An amount in the smallest unit.
pub fn units(nano: Nano) -> Balance {
	Balance::from(nano).saturating_mul(UNITS_PER_NANO)
}

/// What contributors get.
fn contributors(totals: &Totals) -> Nano {
	[totals.platform, totals.stakers, totals.model, totals.commons]
		.into_iter()
		.fold(totals.fees, Nano::saturating_sub)
}

/// Totals for programs.
fn totals_json(totals: &Totals) -> Value {
	json!({
		"receipts": totals.receipts,
		"fees": show_nano(totals.fees),
		"platform": show_nano(totals.platform),
		"stakers": show_nano(totals.stakers),
		"model": show_nano(totals.model),
		"contributors": show_nano(contributors(totals)),
		"commons": show_nano(totals.commons),
	})
}

/// Totals in a sentence.
fn totals_said(totals: &Totals) -> String {
	format!(
		"{} receipts for {} OPEN: {} for contributors, {} for the model, {} for stakers, {} for the \
		 platform, {} for the commons",
		totals.receipts,
		show_nano(totals.fees),
		show_nano(contributors(totals)),
		show_nano(totals.model),
		show_nano(totals.stakers),
		show_nano(totals.platform),
		show_nano(totals.commons),
	)
}

/// What is wrong, in words.
fn wrong_said(wrong: Wrong) -> &'static str {
	match wrong {
		Wrong::Payer => "a receipt is of none of the batch's payers",
		Wrong::Version => "a receipt is of another version than the batch",
		Wrong::Epoch => "a receipt is of another price epoch than the batch",
		Wrong::Fee => "a fee is not what its tokens cost",
		Wrong::Credits => "credits do not ascend, have no weight, or weigh too much",
		Wrong::OutsideSnapshots => "something is credited that the version was not trained on",
		Wrong::Overflow => "a sum is no possible amount",
		Wrong::Count => "it has too few receipts",
		Wrong::Root => "what it leads to is not what the trace says",
		Wrong::Sum => "credits do not follow from citations",
		Wrong::Match => "a cited chunk is not the contribution's",
	}
}

/// Several calls at once.
fn calls(calls: Vec<Call<Runtime>>) -> Vec<RuntimeCall> {
	calls.into_iter().map(Into::into).collect()
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;
	use openledger_runtime::lanes::Stage;

	/// A batch of which nothing is drawn or demanded yet.
	pub(crate) fn pending() -> BatchInfo {
		BatchInfo {
			operator: AccountId::new([1; 32]),
			version: 0,
			epoch: 0,
			receipts: 1_000,
			fees: 1,
			trace: Default::default(),
			stage: Stage::Pending,
			orphan: false,
			deadline: 100,
			answered: 0,
			signers: Vec::new(),
			draws: None,
			demands: Vec::new(),
			now: 1,
		}
	}
}
