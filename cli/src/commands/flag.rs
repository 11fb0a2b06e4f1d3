//! `flag`: flags on accepted contributions.

use anyhow::{Context, Result};
use openledger_primitives::records::ContributionRef;
use openledger_runtime::Runtime;
use pallet_datanets::{Appeal, Call, Flags, Stage};
use serde_json::json;

use super::{contribution, done, Session};
use crate::{
	args::{show_account, show_amount, show_contribution, word, GROUNDS, VERDICTS},
	cli::contribution::Flag,
	sending::Cost,
	talk::Answer,
};

/// Does what was asked.
pub async fn run(command: &Flag, session: &Session<'_>) -> Result<Answer> {
	let deposit = || session.chain.datanets("FlagDeposit");
	let mut costs = Vec::new();
	let (call, said, at) = match command {
		Flag::Show { contribution } => return show(*contribution, session).await,
		Flag::Raise { contribution, ground } => {
			costs.push(Cost::new(deposit()?, "as a deposit, lost if the flag is rejected"));
			let said = format!("is flagged as {}", word(GROUNDS, ground));
			(
				Call::<Runtime>::flag { contribution: *contribution, ground: *ground },
				said,
				contribution,
			)
		}
		Flag::Judge { contribution, verdict } => {
			let said = format!("is judged: {}", word(VERDICTS, verdict));
			(Call::judge { contribution: *contribution, upheld: *verdict }, said, contribution)
		}
		Flag::Appeal { contribution } => {
			let what = "as a deposit, lost if governance decides like the reviewers";
			costs.push(Cost::new(deposit()?, what));
			let said = "is before governance".to_string();
			(Call::appeal { contribution: *contribution }, said, contribution)
		}
		Flag::Advance { contribution } => {
			let said = "has its flag taken on".to_string();
			(Call::advance_flag { contribution: *contribution }, said, contribution)
		}
	};
	let at = show_contribution(*at);
	let included = session.actor()?.perform(call, costs).await?;
	Ok(done(format!("The contribution {at} {said}"), &[included], json!({ "contribution": at })))
}

async fn show(at: ContributionRef, session: &Session<'_>) -> Result<Answer> {
	let best = session.chain.best().await?;
	contribution(&best, at).await?;
	let flag = best.double::<Flags<Runtime>, _, _, _>(at.datanet, at.index).await?;
	let place = show_contribution(at);
	let flag = flag.with_context(|| format!("The contribution {place} has no open flag."))?;
	let (stage, until, says) = match &flag.stage {
		Stage::Review { until, upheld, rejected } => (
			"review",
			until,
			format!(
				"reviewers judge, {} uphold it and {} reject it, {} decide",
				upheld.len(),
				rejected.len(),
				flag.quorum,
			),
		),
		Stage::Appealable { until, upheld } => (
			"appealable",
			until,
			format!("it was {}, an appeal is possible", word(VERDICTS, upheld)),
		),
		Stage::Governance { until, appeal: None } => {
			("governance", until, "governance rules, for reviewers did not decide".into())
		}
		Stage::Governance { until, appeal: Some(Appeal { by, upheld, .. }) } => (
			"governance",
			until,
			format!(
				"governance rules on the appeal of {} against: {}",
				show_account(by),
				word(VERDICTS, upheld),
			),
		),
	};
	let ground = word(GROUNDS, &flag.ground);
	let text = format!(
		"The contribution {place} is flagged as {ground} by {} (deposit {} OPEN): {says}, until block {until}.",
		show_account(&flag.reporter),
		show_amount(flag.deposit),
	);
	let json = json!({
		"contribution": place,
		"ground": ground,
		"reporter": show_account(&flag.reporter),
		"deposit": show_amount(flag.deposit),
		"stage": stage,
		"until": until,
	});
	Ok(Answer { text, json })
}
