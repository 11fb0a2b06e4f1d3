//! `contribute`: a folder becomes contributions.
//!
//! Every file is named, committed to and revealed; the journal is written before anything is sent, and
//! what the chain shows decides what is done next, so the same command continues after any break.

mod folder;
mod journal;
mod live;
mod plan;
mod report;
mod steps;

use std::collections::BTreeMap;

use anyhow::{bail, Context, Result};
use indicatif::{BinaryBytes, HumanCount, HumanDuration};
use openledger_primitives::records::Precedence;
use openledger_runtime::{record::Registered, Balance, BlockNumber, Runtime, RuntimeCall};
use pallet_datanets::{Admission, Call, Metadatas, PendingContributions, Policy};

use crate::{
	args::show_licence,
	batch::{bounded, most},
	cli::contribution::Contribute,
	commands::{
		contribution, datanet, datanet::show_policy, review::blocks_to_maturity, text, Session,
	},
	talk::Answer,
};
use folder::Folder;
use journal::{default_path, Entry, Journal, Purpose};
use live::{Live, Manner};
use plan::Plan;
use report::{by_reason, reason, report};
use steps::{drive, End, Ledger, Rules, Step, Tally};

/// Contributes a folder.
pub async fn run(command: &Contribute, session: &Session<'_>) -> Result<Answer> {
	let chain = session.chain;
	let actor = session.actor()?;
	let datanet = command.datanet;
	let policy = admissible(command, session).await?;
	let path = match &command.state {
		Some(path) => path.clone(),
		None => default_path(&command.folder, datanet)?,
	};
	let account = actor.account().clone();
	let purpose = Purpose { genesis: chain.genesis, datanet, account: account.clone() };
	let mut journal = Journal::open(&path, purpose, policy)?;
	let uri_prefix = command.uri_prefix.as_deref();
	let folder = Folder::read(&command.folder, &path, uri_prefix, session.talk)?;
	let entries = journal.entries_of(&folder.files)?;

	let rules = Rules { account, datanet, reveal_period: chain.datanets("RevealPeriod")? };
	let manner = Manner {
		datanet,
		policy,
		kind: command.kind,
		licence: command.licence,
		uri_prefix: command.uri_prefix.clone(),
		subject: command.subject,
	};
	let mut live = Live::new(actor, manner);
	let mut tally = Tally::default();
	if prepare(command, &mut live, &rules, &mut journal, &folder, &entries).await? {
		let sent = send(command, &live, &rules, &entries).await;
		tally = sent.context("It has stopped, and nothing is lost: say the same again to go on")?;
	}
	if command.accept {
		accept(&live, &rules, &entries).await?;
	}
	tally.ends = ends(&live, &rules, &entries).await?;
	if !command.no_wait {
		let ended = entries.iter().zip(&tally.ends);
		let ours = ended.filter_map(|(entry, end)| match end {
			Some(End::Ours(place)) => Some((entry.content, place.precedence)),
			_ => None,
		});
		let ours: BTreeMap<_, _> = ours.collect();
		if !ours.is_empty() {
			journal.note_revealed(&ours);
			journal.save()?;
		}
	}
	Ok(report(&live, path.display().to_string(), &folder, &entries, &tally))
}

/// Whether the datanet takes such contributions, before anything is read or sent; and its policy.
async fn admissible(command: &Contribute, session: &Session<'_>) -> Result<Policy> {
	let best = session.chain.best().await?;
	let id = command.datanet;
	let record = datanet(&best, id).await?;
	if record.reference {
		bail!("Datanet {id} is a reference: only governance adds to it.");
	}
	if !record.open {
		bail!("Datanet {id} is closed: it takes no contributions any more.");
	}
	if !command.licence.allows(&record.licence) {
		bail!(
			"The licence {} does not allow what the datanet's {} does: a contribution must allow at least as \
			 much.",
			show_licence(&command.licence),
			show_licence(&record.licence),
		);
	}
	if command.accept && record.policy.admission != Admission::Open {
		bail!(
			"Datanet {id} has reviewers: contribute without --accept, and say `accept {id} --all` once they \
			 have approved."
		);
	}
	if let Some(subject) = command.subject {
		contribution(&best, subject).await?;
	}
	let metadata = best.map::<Metadatas<Runtime>, _, _>(id).await?.unwrap_or_default();
	session.talk.say(format!("Datanet {id} \"{}\" asks for:", text(&metadata.name)));
	session.talk.say(format!("  {}", show_policy(&record.policy)));
	if command.uri_prefix.is_none() && metadata.uri.is_empty() {
		session
			.talk
			.say("  Nobody says where the contents lie: with --uri-prefix others find them.");
	}
	Ok(record.policy)
}

/// What is to be done, before anything is.
#[derive(Default)]
struct Todo<'a> {
	commit: Vec<&'a Entry>,
	reveal: Vec<&'a Entry>,
	/// Commitments that are only given up.
	forget: usize,
	/// Why nothing is to be done for others.
	reasons: Vec<(String, &'a str)>,
}

/// Shows the plan, asks, and writes the journal. Whether there is anything to send.
async fn prepare(
	command: &Contribute,
	live: &mut Live<'_>,
	rules: &Rules,
	journal: &mut Journal,
	folder: &Folder,
	entries: &[Entry],
) -> Result<bool> {
	let (chain, talk) = (live.actor.chain, live.actor.talk);
	let Todo { commit, reveal, forget, reasons } = todo(live, rules, entries).await?;
	talk.say(format!(
		"{}: {} contents, {}",
		command.folder.display(),
		HumanCount(entries.len() as u64),
		BinaryBytes(folder.bytes),
	));
	let skipped = folder.skipped.iter().map(|one| (one.reason.clone(), one.name.as_str()));
	by_reason(reasons.into_iter().chain(skipped)).into_iter().for_each(|line| talk.say(line));
	let orphans = journal.orphans(entries);
	if orphans > 0 {
		talk.say(format!(
			"  {orphans} of the journal are no longer in the folder: what was committed comes back with \
			 `contribution forget` when it has expired"
		));
	}
	if commit.is_empty() && reveal.is_empty() && forget == 0 {
		return Ok(false);
	}
	let plan = Plan::make(live, &commit, &reveal, command.batch).await?;
	let (commits, reveals) = (commit.len(), reveal.len());
	if forget > 0 {
		talk.say(format!(
			"  {forget} commitments came too late: they are given up, their deposits come back"
		));
	}
	talk.say(format!(
		"  to do: {} commitments, then {} reveals, {} in a transaction",
		HumanCount(commits as u64),
		HumanCount(commits.saturating_add(reveals) as u64),
		plan.batch,
	));
	let policy = live.manner.policy;
	if let Some(before) = journal.policy().filter(|before| *before != policy) {
		talk.say(format!("  The policy has changed. Agreed to was: {}", show_policy(&before)));
	}
	let bond_time = HumanDuration(chain.time_of(chain.datanets("BondPeriod")?)?).to_string();
	let deposit: Balance = chain.datanets("CommitmentDeposit")?;
	let (costs, needed) = plan.costs((commits, reveals), deposit, policy.bond, &bond_time);
	live.actor.agree(&costs, needed).await?;
	(live.batch, live.wave) = (plan.batch, plan.wave);
	journal.agree(policy);
	journal.save()?;
	talk.say(format!("The journal is {}: keep it until the end.", journal.path().display()));
	Ok(true)
}

/// What the chain shows is to be done.
async fn todo<'a>(live: &Live<'_>, rules: &Rules, entries: &'a [Entry]) -> Result<Todo<'a>> {
	let mut todo = Todo::default();
	let all: Vec<_> = entries.iter().collect();
	let (clock, seen) = live.look(&all).await?;
	for (entry, seen) in entries.iter().zip(&seen) {
		match rules.step(entry, seen, clock) {
			Step::Commit => todo.commit.push(entry),
			Step::Reveal(_) => todo.reveal.push(entry),
			Step::Forget if seen.place.is_some() => todo.forget = todo.forget.saturating_add(1),
			// It has expired, and is made anew.
			Step::Forget => todo.commit.push(entry),
			Step::End(end) => todo.reasons.push((reason(&end), &entry.name)),
		}
	}
	Ok(todo)
}

/// Commits and reveals, until all of that is final.
async fn send(
	command: &Contribute,
	live: &Live<'_>,
	rules: &Rules,
	entries: &[Entry],
) -> Result<Tally> {
	let template = "{msg} revealed {human_pos} of {human_len} {wide_bar} {eta}";
	let bar = live.actor.talk.bar(entries.len() as u64, template);
	let progress = |tally: &Tally| {
		bar.set_position(tally.ends.iter().flatten().count() as u64);
		bar.set_message(format!("committed {},", HumanCount(tally.committed as u64)));
	};
	let mut tally = drive(live, rules, entries, live.wave, progress).await?;
	// What the chain forgets in favour of another branch is done again.
	let mut settled = command.no_wait;
	while !settled {
		live.all_final().await?;
		let again = drive(live, rules, entries, live.wave, progress).await?;
		settled = again.is_idle();
		tally.add(&again);
	}
	bar.finish_and_clear();
	Ok(tally)
}

/// Waits until what is ours is mature, and accepts it, in its order.
async fn accept(live: &Live<'_>, rules: &Rules, entries: &[Entry]) -> Result<()> {
	let call = |batch: &[Precedence]| -> RuntimeCall {
		Call::<Runtime>::accept { datanet: rules.datanet, contributions: bounded(batch) }.into()
	};
	let mut refused = None;
	loop {
		let ends = ends(live, rules, entries).await?;
		let waiting = ends.iter().flatten().filter_map(|end| match end {
			End::Ours(Registered { index: None, precedence, .. }) => Some(*precedence),
			_ => None,
		});
		let mut waiting: Vec<_> = waiting.collect();
		waiting.sort();
		if waiting.is_empty() {
			return Ok(());
		}
		if let Some((_, refused)) = refused.take().filter(|(before, _)| *before == waiting) {
			return Err(anyhow::Error::from(refused));
		}
		mature(live, rules, &waiting).await?;
		let batch = live.actor.fit(&waiting, most(live.actor.chain)?, call).await?.size;
		let refusal = live.send(&waiting, batch, call).await?;
		refused = refusal.map(|refusal| (waiting, refusal));
		live.all_final().await?;
	}
}

/// Waits until all of these are mature.
async fn mature(live: &Live<'_>, rules: &Rules, waiting: &[Precedence]) -> Result<()> {
	let chain = live.actor.chain;
	let best = chain.best().await?;
	let keys = waiting.iter().map(|precedence| (rules.datanet, *precedence));
	let pending = best.doubles::<PendingContributions<Runtime>, _, _, _>(keys).await?;
	let spinner = live.actor.talk.spinner("");
	loop {
		let clock = chain.best().await?.clock().await?;
		let blocks = pending.iter().flatten();
		let blocks = blocks.map(|one| blocks_to_maturity(one, rules.reveal_period, clock));
		let Some(left) = blocks.max().filter(|left: &BlockNumber| *left > 0) else {
			spinner.finish_and_clear();
			return Ok(());
		};
		let time = HumanDuration(chain.time_of(left)?);
		spinner
			.set_message(format!("Mature in {left} blocks, about {time}; then they are accepted"));
		chain.pause().await?;
	}
}

/// How it stands with each content; none where something is still to be done.
async fn ends(live: &Live<'_>, rules: &Rules, entries: &[Entry]) -> Result<Vec<Option<End>>> {
	let all: Vec<_> = entries.iter().collect();
	let (clock, seen) = live.look(&all).await?;
	let end = |(entry, seen)| match rules.step(entry, seen, clock) {
		Step::End(end) => Some(end),
		_ => None,
	};
	Ok(entries.iter().zip(&seen).map(end).collect())
}
