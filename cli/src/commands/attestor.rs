//! `attestor`: whose stake answers for batches they sign.

use anyhow::{Context, Result};
use openledger_runtime::{AccountId, Balance, Runtime};
use pallet_attribution::{Attestor as Record, Attestors, Call, TotalStake};
use serde_json::{json, Value};

use super::{
	done,
	lane::{checking, past::Source, record},
	Session,
};
use crate::{
	args::{show_account, show_amount},
	cli::lane::{Attestor, Which},
	sending::Cost,
	talk::Answer,
};

/// Does what was asked.
pub async fn run(command: &Attestor, session: &Session<'_>) -> Result<Answer> {
	let mut costs = Vec::new();
	let (call, said, whose) = match command {
		Attestor::Show { attestor } => return show(attestor.as_ref(), session).await,
		Attestor::Attest { which: Which { model, batch }, sales, block } => {
			let (model, batch) = (*model, *batch);
			let actor = session.actor()?;
			record(&session.chain.best().await?, model, batch).await?;
			match sales {
				Some(sales) => {
					let source = Source { model, batch, path: sales, block: *block };
					checking::ensure_right(source, session).await?;
					session.talk.say("It is right: its receipts give exactly its trace.");
				}
				None => session.talk.say("It is not checked here: you have executed it yourself."),
			}
			session.talk.say("Your stake answers for it until it is closed.");
			let call = Call::<Runtime>::attest { model, batch };
			let included = actor.perform(call, Vec::new()).await?;
			let json = json!({ "model": model, "batch": batch, "checked": sales.is_some() });
			let text = format!("You have signed for batch {batch} of model {model}");
			return Ok(done(text, &[included], json));
		}
		Attestor::Stake { amount } => {
			let what = "as a stake, until a while after leaving";
			costs.push(Cost::new(*amount, what));
			(Call::stake { amount: *amount }, "You attest".into(), None)
		}
		Attestor::Leave => {
			(Call::leave {}, "You attest no longer; the stake stays a while".into(), None)
		}
		Attestor::Release { attestor } => {
			let attestor = session.account(attestor.as_ref())?;
			let said = format!("The stake of {} is released", show_account(&attestor));
			(Call::release_attestor { attestor: attestor.clone() }, said, Some(attestor))
		}
	};
	let actor = session.actor()?;
	let included = actor.perform(call, costs).await?;
	let whose = whose.unwrap_or_else(|| actor.account().clone());
	let after = session.chain.at(included.hash).await?;
	let record = after.map::<Attestors<Runtime>, _, _>(&whose).await?;
	Ok(done(said, &[included], attestor_json(&whose, record.as_ref())))
}

fn attestor_json(account: &AccountId, record: Option<&Record>) -> Value {
	json!({
		"attestor": show_account(account),
		"stake": record.map(|record| show_amount(record.stake)),
		"signed": record.map(|record| record.signed),
		"leaving": record.and_then(|record| record.leaving),
	})
}

fn line(account: &AccountId, record: &Record) -> String {
	let Record { stake, signed, leaving } = record;
	let leaving = leaving.map(|until| format!(", leaving after block {until}")).unwrap_or_default();
	format!(
		"{}  {} OPEN, answers for {signed} open batches{leaving}",
		show_account(account),
		show_amount(*stake),
	)
}

async fn show(attestor: Option<&AccountId>, session: &Session<'_>) -> Result<Answer> {
	let best = session.chain.best().await?;
	if let Some(account) = attestor {
		let record = best.map::<Attestors<Runtime>, _, _>(account).await?;
		let record =
			record.with_context(|| format!("{} is no attestor.", show_account(account)))?;
		let json = attestor_json(account, Some(&record));
		return Ok(Answer { text: line(account, &record), json });
	}
	let all = best.all::<Attestors<Runtime>, _, _>().await?;
	let total: Option<Balance> = best.one(TotalStake::<Runtime>::hashed_key().to_vec()).await?;
	let total = show_amount(total.unwrap_or_default());
	let mut lines: Vec<_> = all.iter().map(|(account, record)| line(account, record)).collect();
	lines.push(format!("Those who are not leaving have {total} OPEN at stake together."));
	let attestors = all.iter().map(|(account, record)| attestor_json(account, Some(record)));
	let json = json!({ "totalStake": total, "attestors": attestors.collect::<Vec<_>>() });
	Ok(Answer { text: lines.join("\n"), json })
}
