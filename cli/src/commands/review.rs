//! What waits in a datanet: `review`, `accept` and `contribution withdraw`.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use openledger_primitives::records::{DatanetId, Precedence};
use openledger_runtime::{AccountId, BlockNumber, Runtime, RuntimeEvent};
use pallet_datanets::{
	Call, Event, Pending, PendingContributions, ReviewerState, Reviewers, SeatId, SeatOf, Uris,
	Vote,
};
use serde_json::{json, Value};

use super::{datanet, done, text, Session};
use crate::{
	args::{show_account, show_contribution, show_hash, show_licence, word, KINDS, REASONS},
	batch::bounded,
	cli::contribution::{Review, Waiting},
	sending::Included,
	state::State,
	talk::Answer,
};

/// What waits in a datanet, with what decides about it.
struct Queue {
	/// What waits, in its order.
	entries: Vec<(Precedence, Pending<AccountId>)>,
	active: BTreeSet<SeatId>,
	clock: BlockNumber,
	reveal_period: BlockNumber,
}

/// How far a contribution is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
	/// Reviewers vote.
	Votes,
	/// The time to vote is over, without enough approvals.
	Lapsed,
	/// Enough approvals; an earlier commitment could still come for so many blocks.
	Ripens(BlockNumber),
	/// It can be accepted.
	Ready,
}

/// How many blocks it takes until every earlier commitment to the same content is known.
pub fn blocks_to_maturity(
	pending: &Pending<AccountId>,
	reveal_period: BlockNumber,
	clock: BlockNumber,
) -> BlockNumber {
	let known = pending.committed.saturating_add(reveal_period);
	known.saturating_add(1).saturating_sub(clock)
}

impl Queue {
	/// Reads it.
	async fn read(state: &State<'_>, id: DatanetId, reveal_period: BlockNumber) -> Result<Self> {
		datanet(state, id).await?;
		let seats = state.all_of::<Reviewers<Runtime>, _, _, _>(id).await?;
		let active = seats.into_iter().filter(|(_, seat)| seat.state == ReviewerState::Active);
		Ok(Self {
			entries: state.all_of::<PendingContributions<Runtime>, _, _, _>(id).await?,
			active: active.map(|(seat, _)| seat).collect(),
			clock: state.clock().await?,
			reveal_period,
		})
	}

	/// How many of these votes count: those of reviewers who have left do not.
	fn votes(&self, seats: &[SeatId]) -> usize {
		seats.iter().filter(|seat| self.active.contains(seat)).count()
	}

	/// How far something is.
	fn stage(&self, pending: &Pending<AccountId>) -> Stage {
		if self.votes(&pending.approvals) < usize::from(pending.quorum) {
			return if self.clock > pending.review_ends { Stage::Lapsed } else { Stage::Votes };
		}
		match blocks_to_maturity(pending, self.reveal_period, self.clock) {
			0 => Stage::Ready,
			blocks => Stage::Ripens(blocks),
		}
	}

	/// The precedences of what passes a test.
	fn those(&self, test: impl Fn(&Pending<AccountId>) -> bool) -> Vec<Precedence> {
		self.entries.iter().filter(|(_, one)| test(one)).map(|(at, _)| *at).collect()
	}

	/// What a reviewer may still vote on.
	fn votable(&self, who: &AccountId, seat: Option<SeatId>) -> Vec<Precedence> {
		let voted = |pending: &Pending<AccountId>| {
			let mut votes = pending.approvals.iter().chain(&pending.rejections);
			votes.any(|vote| Some(*vote) == seat)
		};
		self.those(|pending| {
			self.stage(pending) == Stage::Votes && pending.contributor != *who && !voted(pending)
		})
	}
}

impl Session<'_> {
	/// What waits now.
	async fn queue(&self, datanet: DatanetId) -> Result<Queue> {
		let reveal_period = self.chain.datanets("RevealPeriod")?;
		Queue::read(&self.chain.best().await?, datanet, reveal_period).await
	}
}

/// Does what was asked of a reviewer.
pub async fn run(command: &Review, session: &Session<'_>) -> Result<Answer> {
	match command {
		Review::List { datanet, mine } => list(*datanet, *mine, session).await,
		Review::Approve(waiting) => vote(waiting, Vote::Approve, session).await,
		Review::Reject { waiting, reason } => vote(waiting, Vote::Reject(*reason), session).await,
	}
}

/// Accepts what is ready.
pub async fn accept(waiting: &Waiting, session: &Session<'_>) -> Result<Answer> {
	let Waiting { datanet, precedences, all } = waiting;
	let mut chosen = precedences.clone();
	if *all {
		let queue = session.queue(*datanet).await?;
		chosen = queue.those(|pending| queue.stage(pending) == Stage::Ready);
		if chosen.is_empty() {
			return Ok(nothing(*datanet, "mature and approved", "accepted"));
		}
	}
	let included = session
		.for_each(&chosen, |batch| {
			Call::<Runtime>::accept { datanet: *datanet, contributions: bounded(batch) }.into()
		})
		.await?;
	let accepted: Vec<_> = accepted(&included).collect();
	let text = format!("{} contributions of datanet {datanet} are accepted", accepted.len());
	Ok(done(text, &included, json!({ "datanet": datanet, "accepted": accepted })))
}

/// What was accepted, for programs.
fn accepted(included: &[Included]) -> impl Iterator<Item = Value> + '_ {
	included.iter().flat_map(|included| &included.events).filter_map(|event| match event {
		RuntimeEvent::Datanets(Event::Accepted { contribution, precedence, content }) => {
			Some(json!({
				"contribution": show_contribution(*contribution),
				"precedence": precedence,
				"content": show_hash(content.0),
			}))
		}
		_ => None,
	})
}

/// Takes back what waits.
pub async fn withdraw(waiting: &Waiting, session: &Session<'_>) -> Result<Answer> {
	let Waiting { datanet, precedences, all } = waiting;
	let mut chosen = precedences.clone();
	if *all {
		let account = session.actor()?.signer.account;
		let queue = session.queue(*datanet).await?;
		chosen = queue.those(|pending| pending.contributor == account);
		if chosen.is_empty() {
			return Ok(nothing(*datanet, "of this account", "withdrawn"));
		}
	}
	let included = session
		.for_each(&chosen, |batch| {
			Call::<Runtime>::withdraw { datanet: *datanet, contributions: bounded(batch) }.into()
		})
		.await?;
	let text = format!("{} contributions of datanet {datanet} are taken back", chosen.len());
	Ok(done(text, &included, json!({ "datanet": datanet, "withdrawn": chosen })))
}

async fn vote(waiting: &Waiting, vote: Vote, session: &Session<'_>) -> Result<Answer> {
	let Waiting { datanet, precedences, all } = waiting;
	let mut chosen = precedences.clone();
	if *all {
		let account = session.actor()?.signer.account;
		let best = session.chain.best().await?;
		let seat = best.double::<SeatOf<Runtime>, _, _, _>(datanet, &account).await?;
		let seat = seat.with_context(|| {
			format!(
				"{} has no seat among the reviewers of datanet {datanet}.",
				show_account(&account)
			)
		})?;
		chosen = session.queue(*datanet).await?.votable(&account, Some(seat));
		if chosen.is_empty() {
			return Ok(nothing(*datanet, "to be voted on by this account", "voted"));
		}
	}
	let votes: Vec<_> = chosen.iter().map(|precedence| (*precedence, vote)).collect();
	let included = session
		.for_each(&votes, |batch| {
			Call::<Runtime>::vote { datanet: *datanet, votes: bounded(batch) }.into()
		})
		.await?;
	let (said, reason) = match &vote {
		Vote::Approve => ("approve", None),
		Vote::Reject(reason) => ("reject", Some(word(REASONS, reason))),
	};
	let text = format!("{} votes to {said} in datanet {datanet}", chosen.len());
	let json = json!({
		"datanet": datanet,
		"vote": said,
		"reason": reason,
		"voted": chosen,
	});
	Ok(done(text, &included, json))
}

/// The answer where `--all` chooses nothing.
fn nothing(datanet: DatanetId, which: &str, field: &str) -> Answer {
	let text = format!("Nothing that waits in datanet {datanet} is {which} now.");
	let nothing: [Value; 0] = [];
	Answer { text, json: json!({ "datanet": datanet, field: nothing, "transactions": nothing }) }
}

async fn list(id: DatanetId, mine: bool, session: &Session<'_>) -> Result<Answer> {
	let best = session.chain.best().await?;
	let mut queue = session.queue(id).await?;
	if mine {
		let account = session.actor()?.signer.account;
		let seat = best.double::<SeatOf<Runtime>, _, _, _>(id, &account).await?;
		let votable = queue.votable(&account, seat);
		queue.entries.retain(|(at, _)| votable.binary_search(at).is_ok());
	}
	let contents = queue.entries.iter().map(|(_, pending)| pending.work.content);
	let uris = best.maps::<Uris<Runtime>, _, _>(contents).await?;
	let (mut lines, mut json) = (Vec::new(), Vec::new());
	for ((precedence, pending), uri) in queue.entries.iter().zip(uris) {
		let (work, uri) = (&pending.work, uri.map(|uri| text(&uri)));
		let (stage, said) = match queue.stage(pending) {
			Stage::Votes => ("votes", format!("votes until block {}", pending.review_ends)),
			Stage::Lapsed => ("lapsed", "its review has ended without enough votes".into()),
			Stage::Ripens(blocks) => ("ripens", format!("mature in {blocks} blocks")),
			Stage::Ready => ("ready", "can be accepted".into()),
		};
		let approvals = queue.votes(&pending.approvals);
		let rejections = queue.votes(&pending.rejections);
		lines.push(format!(
			"{:<14}  {}  {} of {} bytes by {}  {approvals} for, {rejections} against, {} decide: {said}",
			precedence.to_string(),
			show_hash(work.content.0),
			word(KINDS, &work.kind),
			work.size,
			show_account(&pending.contributor),
			pending.quorum,
		));
		json.push(json!({
			"precedence": precedence,
			"contributor": show_account(&pending.contributor),
			"content": show_hash(work.content.0),
			"size": work.size,
			"kind": word(KINDS, &work.kind),
			"licence": show_licence(&work.licence),
			"subject": work.subject.map(show_contribution),
			"uri": uri,
			"approvals": approvals,
			"rejections": rejections,
			"quorum": pending.quorum,
			"reviewEnds": pending.review_ends,
			"stage": stage,
		}));
	}
	if lines.is_empty() {
		lines.push(format!("Nothing waits in datanet {id}."));
	}
	Ok(Answer { text: lines.join("\n"), json: Value::Array(json) })
}

#[cfg(test)]
mod tests {
	use super::*;
	use openledger_primitives::{
		content::ContentId,
		records::{ContributionKind, Licence},
	};
	use pallet_datanets::{Seats, Work};
	use sp_core::H256;
	use sp_runtime::Permill;

	fn pending(contributor: u8, quorum: u8, approvals: &[SeatId]) -> Pending<AccountId> {
		Pending {
			contributor: AccountId::new([contributor; 32]),
			work: Work {
				content: ContentId(H256::zero()),
				size: 1,
				kind: ContributionKind::Data,
				licence: Licence::CcBy,
				subject: None,
			},
			bond: 1,
			curator_share: Permill::zero(),
			committed: 100,
			review_ends: 130,
			quorum,
			approvals: Seats::truncate_from(approvals.to_vec()),
			rejections: Seats::default(),
		}
	}

	fn queue(clock: BlockNumber, entries: Vec<Pending<AccountId>>) -> Queue {
		let entries = (0..).map(|at| Precedence::new(100, at)).zip(entries).collect();
		Queue { entries, active: BTreeSet::from([1, 2]), clock, reveal_period: 10 }
	}

	#[test]
	fn what_is_open_is_ready_after_the_reveal_period() {
		for (clock, stage) in
			[(101, Stage::Ripens(10)), (110, Stage::Ripens(1)), (111, Stage::Ready)]
		{
			assert_eq!(queue(clock, Vec::new()).stage(&pending(9, 0, &[])), stage);
		}
	}

	#[test]
	fn votes_count_while_their_reviewers_are_there() {
		let queue = |clock| queue(clock, Vec::new());
		assert_eq!(queue(120).stage(&pending(9, 2, &[1])), Stage::Votes);
		assert_eq!(queue(120).stage(&pending(9, 2, &[1, 3])), Stage::Votes);
		assert_eq!(queue(131).stage(&pending(9, 2, &[1, 3])), Stage::Lapsed);
		assert_eq!(queue(131).stage(&pending(9, 2, &[1, 2])), Stage::Ready);
		assert_eq!(queue(110).stage(&pending(9, 2, &[1, 2])), Stage::Ripens(1));
	}

	#[test]
	fn reviewers_vote_once_and_not_on_their_own() {
		let queue = queue(
			120,
			vec![pending(9, 2, &[]), pending(9, 2, &[1]), pending(7, 2, &[]), pending(9, 0, &[])],
		);
		let votable = queue.votable(&AccountId::new([7; 32]), Some(1));
		assert_eq!(votable, [Precedence::new(100, 0)]);
	}
}
