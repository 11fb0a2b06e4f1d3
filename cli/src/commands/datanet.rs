//! `datanet` and `reviewer`.

use anyhow::{bail, Context, Result};
use openledger_primitives::records::DatanetId;
use openledger_runtime::{AccountId, Runtime, RuntimeEvent};
use pallet_datanets::{
	Admission, Call, Datanet as Record, Datanets, Event, Metadata, Metadatas, Policy,
	Reviewer as Seat, ReviewerState, Reviewers, SeatId,
};
use serde_json::{json, Value};
use sp_runtime::Permill;

use super::{datanet, done, said, text, Session};
use crate::{
	args::{show_account, show_amount, show_licence, show_share},
	chain::Chain,
	cli::datanet::{Datanet, Description, PolicyArgs, Reviewer},
	sending::Cost,
	state::State,
	talk::Answer,
};

/// Does what was asked of a datanet.
pub async fn run(command: &Datanet, session: &Session<'_>) -> Result<Answer> {
	let chain = session.chain;
	let best = chain.best().await?;
	let (call, said, json) = match command {
		Datanet::Create { name, licence, description, policy } => {
			let call = Call::<Runtime>::create_datanet {
				licence: *licence,
				policy: policy_of(chain, policy, None)?,
				name: name.clone().into(),
				description: description.description.clone().unwrap_or_default().into(),
				tags: tags(&description.tags),
				uri: description.uri.clone().unwrap_or_default().into(),
			};
			return create(call, session).await;
		}
		Datanet::Show { datanet } => return show(&best, *datanet).await,
		Datanet::List => return list(&best).await,
		Datanet::Snapshot { datanet: id } => {
			let length = datanet(&best, *id).await?.length;
			let json = json!({ "datanet": id, "length": length });
			return Ok(Answer { text: format!("{id}:{length}"), json });
		}
		Datanet::SetPolicy { datanet: id, policy } => {
			let now = datanet(&best, *id).await?.policy;
			let policy = policy_of(chain, policy, Some(now))?;
			let said = format!("Datanet {id} asks for: {}", show_policy(&policy));
			(Call::set_policy { datanet: *id, policy }, said, policy_json(&policy))
		}
		Datanet::SetMetadata { datanet: id, name, description } => {
			let now = best.map::<Metadatas<Runtime>, _, _>(id).await?;
			let now = now.with_context(|| format!("There is no datanet {id}."))?;
			let call = redescribed(*id, now, name.as_deref(), description);
			(call, format!("Datanet {id} is described anew"), json!({ "datanet": id }))
		}
		Datanet::Transfer { datanet: id, account } => {
			let said = format!("Datanet {id} belongs to {}", show_account(account));
			let json = json!({ "datanet": id, "owner": show_account(account) });
			(Call::transfer_datanet { datanet: *id, owner: account.clone() }, said, json)
		}
		Datanet::Close { datanet: id } => {
			let back = datanet(&best, *id).await?.deposit;
			let said = format!("Datanet {id} is closed, {} OPEN have come back", show_amount(back));
			(Call::close_datanet { datanet: *id }, said, json!({ "datanet": id }))
		}
	};
	let included = session.actor()?.perform(call, Vec::new()).await?;
	Ok(done(said, &[included], json))
}

async fn create(call: Call<Runtime>, session: &Session<'_>) -> Result<Answer> {
	let deposit = session.chain.datanets("DatanetDeposit")?;
	let deposit = Cost::new(deposit, "as a deposit, until the datanet is closed");
	let included = session.actor()?.perform(call, vec![deposit]).await?;
	let id = said(&included, |event| match event {
		RuntimeEvent::Datanets(Event::DatanetCreated { datanet, .. }) => Some(*datanet),
		_ => None,
	})?;
	Ok(done(format!("Datanet {id} is created"), &[included], json!({ "datanet": id })))
}

fn tags(words: &[String]) -> Vec<Vec<u8>> {
	words.iter().filter(|word| !word.is_empty()).map(|word| word.clone().into()).collect()
}

fn redescribed(
	datanet: DatanetId,
	now: Metadata,
	name: Option<&str>,
	new: &Description,
) -> Call<Runtime> {
	let or = |given: Option<&str>, now: Vec<u8>| given.map_or(now, |given| given.into());
	Call::set_metadata {
		datanet,
		name: or(name, now.name.into()),
		description: or(new.description.as_deref(), now.description.into()),
		tags: if new.tags.is_empty() {
			now.tags.into_iter().map(Into::into).collect()
		} else {
			tags(&new.tags)
		},
		uri: or(new.uri.as_deref(), now.uri.into()),
	}
}

/// The policy that is asked for: what is not named is as it was, or the least.
fn policy_of(chain: &Chain, asked: &PolicyArgs, now: Option<Policy>) -> Result<Policy> {
	let least_bond = chain.datanets("MinContributionBond")?;
	let least_period = chain.datanets("MinReviewPeriod")?;
	let before = now.map(|policy| policy.admission);
	let (quorum, period) = match before {
		Some(Admission::Reviewed { quorum, period }) => (Some(quorum), period),
		_ => (None, least_period),
	};
	let quorum = asked.quorum.or(quorum).filter(|_| !asked.open);
	let admission = match quorum {
		Some(quorum) => {
			Admission::Reviewed { quorum, period: asked.review_blocks.unwrap_or(period) }
		}
		None if asked.review_blocks.is_some() || asked.curator_share.is_some() => {
			bail!("Without reviewers there is nobody to vote or to get a share: name a --quorum.")
		}
		None => Admission::Open,
	};
	let share = now.map_or(Permill::zero(), |policy| policy.curator_share);
	Ok(Policy {
		admission,
		bond: asked.bond.or(now.map(|policy| policy.bond)).unwrap_or(least_bond),
		curator_share: match admission {
			Admission::Open => Permill::zero(),
			Admission::Reviewed { .. } => asked.curator_share.unwrap_or(share),
		},
	})
}

/// A policy in words.
pub fn show_policy(policy: &Policy) -> String {
	let bond = format!("a bond of {} OPEN for each contribution", show_amount(policy.bond));
	match policy.admission {
		Admission::Open => format!("{bond}, no reviewers"),
		Admission::Reviewed { quorum, period } => format!(
			"{bond}, {quorum} of its reviewers within {period} blocks, who get {} of the earnings",
			show_share(policy.curator_share),
		),
	}
}

/// A policy for programs.
fn policy_json(policy: &Policy) -> Value {
	let (quorum, blocks) = match policy.admission {
		Admission::Open => (0, 0),
		Admission::Reviewed { quorum, period } => (quorum, period),
	};
	json!({
		"bond": show_amount(policy.bond),
		"quorum": quorum,
		"reviewBlocks": blocks,
		"curatorShare": show_share(policy.curator_share),
	})
}

fn datanet_json(id: DatanetId, record: &Record<AccountId>, metadata: &Metadata) -> Value {
	json!({
		"datanet": id,
		"name": text(&metadata.name),
		"description": text(&metadata.description),
		"tags": metadata.tags.iter().map(|tag| text(tag)).collect::<Vec<_>>(),
		"uri": text(&metadata.uri),
		"owner": show_account(&record.owner),
		"licence": show_licence(&record.licence),
		"policy": policy_json(&record.policy),
		"length": record.length,
		"pending": record.pending,
		"reviewers": record.reviewers,
		"deposit": show_amount(record.deposit),
		"open": record.open,
		"reference": record.reference,
	})
}

async fn show(best: &State<'_>, id: DatanetId) -> Result<Answer> {
	let record = datanet(best, id).await?;
	let metadata = best.map::<Metadatas<Runtime>, _, _>(id).await?.unwrap_or_default();
	let state = match (record.reference, record.open) {
		(true, _) => "a reference, set by governance",
		(_, true) => "open for contributions",
		(_, false) => "closed",
	};
	let tags = metadata.tags.iter().map(|tag| text(tag)).collect::<Vec<_>>().join(", ");
	let facts = [
		("owner", show_account(&record.owner)),
		("licence", show_licence(&record.licence)),
		("contents at", text(&metadata.uri)),
		("tags", tags),
		("asks for", show_policy(&record.policy)),
		("accepted", record.length.to_string()),
		("waiting", record.pending.to_string()),
		("reviewers", record.reviewers.to_string()),
		("it is", state.into()),
	];
	let mut lines =
		vec![format!("Datanet {id}: {}", text(&metadata.name)), text(&metadata.description)];
	lines.extend(
		facts
			.iter()
			.filter(|(_, fact)| !fact.is_empty())
			.map(|(name, fact)| format!("  {name:<11}  {fact}")),
	);
	lines.retain(|line| !line.is_empty());
	let text = lines.join("\n");
	Ok(Answer { text, json: datanet_json(id, &record, &metadata) })
}

async fn list(best: &State<'_>) -> Result<Answer> {
	let records = best.all::<Datanets<Runtime>, _, _>().await?;
	let ids = records.iter().map(|(id, _)| *id);
	let metadatas = best.maps::<Metadatas<Runtime>, _, _>(ids).await?;
	let (mut lines, mut json) = (Vec::new(), Vec::new());
	for ((id, record), metadata) in records.iter().zip(metadatas) {
		let metadata = metadata.unwrap_or_default();
		lines.push(format!(
			"{id:>6}  {:<32}  {:<14}  {} accepted, {} waiting{}",
			text(&metadata.name),
			show_licence(&record.licence),
			record.length,
			record.pending,
			if record.open { "" } else { ", closed" },
		));
		json.push(datanet_json(*id, record, &metadata));
	}
	if lines.is_empty() {
		lines.push("There are no datanets yet.".into());
	}
	Ok(Answer { text: lines.join("\n"), json: Value::Array(json) })
}

/// Does what was asked of reviewers.
pub async fn reviewers(command: &Reviewer, session: &Session<'_>) -> Result<Answer> {
	let mut costs = Vec::new();
	let (call, said, json) = match command {
		Reviewer::List { datanet } => return list_reviewers(*datanet, session).await,
		Reviewer::Invite { datanet, account } => return invite(*datanet, account, session).await,
		Reviewer::Join { datanet } => {
			let bond = session.chain.datanets("ReviewerBond")?;
			costs.push(Cost::new(bond, "as a bond, until a while after leaving"));
			(
				Call::<Runtime>::join_reviewers { datanet: *datanet },
				format!("You review datanet {datanet}"),
				json!({ "datanet": datanet, "bond": show_amount(bond) }),
			)
		}
		Reviewer::Leave { datanet, account } => {
			let actor = session.actor()?;
			let reviewer = account.as_ref().unwrap_or(actor.account()).clone();
			let address = show_account(&reviewer);
			(
				Call::remove_reviewer { datanet: *datanet, reviewer },
				format!("{address} reviews datanet {datanet} no longer"),
				json!({ "datanet": datanet, "reviewer": address }),
			)
		}
		Reviewer::Release { datanet, seat } => (
			Call::release_reviewer { datanet: *datanet, seat: *seat },
			format!("The bond of seat {seat} of datanet {datanet} is released"),
			json!({ "datanet": datanet, "seat": seat }),
		),
	};
	let included = session.actor()?.perform(call, costs).await?;
	Ok(done(said, &[included], json))
}

async fn invite(datanet: DatanetId, account: &AccountId, session: &Session<'_>) -> Result<Answer> {
	let call = Call::<Runtime>::invite_reviewer { datanet, reviewer: account.clone() };
	let included = session.actor()?.perform(call, Vec::new()).await?;
	let seat = said(&included, |event| match event {
		RuntimeEvent::Datanets(Event::ReviewerInvited { seat, .. }) => Some(*seat),
		_ => None,
	})?;
	let address = show_account(account);
	let json = json!({ "datanet": datanet, "seat": seat, "reviewer": address });
	Ok(done(format!("{address} is invited to seat {seat} of datanet {datanet}"), &[included], json))
}

async fn list_reviewers(id: DatanetId, session: &Session<'_>) -> Result<Answer> {
	let best = session.chain.best().await?;
	datanet(&best, id).await?;
	let seats = best.all_of::<Reviewers<Runtime>, _, _, _>(id).await?;
	let lines = seats.iter().map(|(seat, reviewer)| {
		let Seat { account, bond, cases, state } = reviewer;
		let (account, bond) = (show_account(account), show_amount(*bond));
		match state {
			ReviewerState::Invited => format!("{seat:>5}  {account}  invited"),
			ReviewerState::Active => {
				format!("{seat:>5}  {account}  active, bond {bond} OPEN, open cases {cases}")
			}
			ReviewerState::Leaving { until } => format!(
				"{seat:>5}  {account}  leaving, bond {bond} OPEN answers until block {until}, open cases \
				 {cases}"
			),
		}
	});
	let mut lines: Vec<_> = lines.collect();
	if lines.is_empty() {
		lines.push(format!("Datanet {id} has no reviewers."));
	}
	let json = seats.iter().map(|(seat, reviewer)| seat_json(*seat, reviewer)).collect();
	Ok(Answer { text: lines.join("\n"), json: Value::Array(json) })
}

fn seat_json(seat: SeatId, reviewer: &Seat<AccountId>) -> Value {
	let (state, until) = match reviewer.state {
		ReviewerState::Invited => ("invited", None),
		ReviewerState::Active => ("active", None),
		ReviewerState::Leaving { until } => ("leaving", Some(until)),
	};
	json!({
		"seat": seat,
		"account": show_account(&reviewer.account),
		"state": state,
		"until": until,
		"bond": show_amount(reviewer.bond),
		"cases": reviewer.cases,
	})
}
