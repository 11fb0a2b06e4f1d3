//! The way of each content: what the chain shows decides the next step, so that a break at any point
//! costs nothing but time.

use std::collections::VecDeque;

use anyhow::Result;
use openledger_primitives::records::DatanetId;
use openledger_runtime::{record::Registered, AccountId, BlockNumber};
use pallet_datanets::Commitment;

use super::journal::Entry;
use crate::metadata::Refused;

/// A reveal that is sent this many blocks before the end might come too late.
const LAST_CALL: BlockNumber = 2;

/// What the chain knows of a content.
#[derive(Clone, Debug, Default)]
pub struct Seen {
	/// The commitment to it.
	pub commitment: Option<Commitment>,
	/// Where it is registered.
	pub place: Option<Registered>,
}

/// What is done next with a content.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
	/// Commit to it.
	Commit,
	/// Reveal it.
	Reveal(Commitment),
	/// Give its commitment up: it has expired, or somebody else was first.
	Forget,
	/// Nothing.
	End(End),
}

/// How it ends for a content.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
	/// It is registered for the contributor.
	Ours(Registered),
	/// It is registered for somebody else, or elsewhere.
	Taken(Registered),
	/// It was registered, and is no longer: rejected, or taken back.
	Gone,
}

/// What the steps depend on, beside the content.
pub struct Rules {
	/// Who contributes.
	pub account: AccountId,
	/// To which datanet.
	pub datanet: DatanetId,
	/// How long a commitment can be revealed.
	pub reveal_period: BlockNumber,
}

impl Rules {
	/// What is done next.
	pub fn step(&self, entry: &Entry, seen: &Seen, clock: BlockNumber) -> Step {
		let ends = |commitment: &Commitment| commitment.at.saturating_add(self.reveal_period);
		let alive = |commitment: &Commitment| clock.saturating_add(LAST_CALL) <= ends(commitment);
		match (&seen.place, &seen.commitment) {
			(Some(place), _)
				if place.contributor == self.account && place.datanet == self.datanet =>
			{
				Step::End(End::Ours(place.clone()))
			}
			// Whoever waits under a later commitment gives way.
			(Some(place), Some(commitment))
				if place.index.is_none()
					&& place.contributor != self.account
					&& commitment.precedence < place.precedence
					&& alive(commitment) =>
			{
				Step::Reveal(commitment.clone())
			}
			(Some(_), Some(_)) => Step::Forget,
			(Some(place), None) => Step::End(End::Taken(place.clone())),
			(None, Some(commitment)) if alive(commitment) => Step::Reveal(commitment.clone()),
			(None, Some(_)) => Step::Forget,
			(None, None) if entry.revealed.is_some() => Step::End(End::Gone),
			(None, None) => Step::Commit,
		}
	}
}

/// What the way needs of a chain.
pub trait Ledger {
	/// What the chain knows of these contents, with the clock of deadlines.
	async fn look(&self, entries: &[&Entry]) -> Result<(BlockNumber, Vec<Seen>)>;

	/// Waits until a block is final, but not past `latest` by the clock of deadlines. Whether there was
	/// nothing to wait for.
	async fn settled(&self, block: BlockNumber, latest: BlockNumber) -> Result<bool>;

	/// Commits to contents.
	async fn commit(&self, entries: &[&Entry]) -> Result<()>;

	/// Reveals contents; a batch that is refused is the chain's last word about it for now.
	async fn reveal(&self, entries: &[&Entry]) -> Result<Option<Refused>>;

	/// Gives commitments up.
	async fn forget(&self, entries: &[&Entry]) -> Result<()>;
}

/// What was done, and how it ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
	/// Commitments made.
	pub committed: usize,
	/// Contents registered.
	pub revealed: usize,
	/// Commitments given up.
	pub forgotten: usize,
	/// How it ended for each content.
	pub ends: Vec<Option<End>>,
}

impl Tally {
	/// Adds what was done afterwards.
	pub fn add(&mut self, later: &Self) {
		self.committed = self.committed.saturating_add(later.committed);
		self.revealed = self.revealed.saturating_add(later.revealed);
		self.forgotten = self.forgotten.saturating_add(later.forgotten);
	}

	/// Whether nothing had to be done.
	pub fn is_idle(&self) -> bool {
		self.committed == 0 && self.revealed == 0 && self.forgotten == 0
	}
}

/// Takes every content to its end, at most `wave` of them at a time: so many that all are revealed in
/// time.
pub async fn drive(
	ledger: &impl Ledger,
	rules: &Rules,
	entries: &[Entry],
	wave: usize,
	mut progress: impl FnMut(&Tally),
) -> Result<Tally> {
	let mut tally = Tally { ends: vec![None; entries.len()], ..Default::default() };
	let mut active: Vec<(usize, &Entry)> = entries.iter().enumerate().collect();
	let mut waiting = VecDeque::new();
	let mut stuck: Option<(Vec<usize>, Refused)> = None;
	let mut first = true;
	loop {
		if active.is_empty() {
			active.extend(waiting.drain(..wave.min(waiting.len())));
		}
		if active.is_empty() {
			return Ok(tally);
		}
		let looked_at: Vec<_> = active.iter().map(|(_, entry)| *entry).collect();
		let (clock, seen) = ledger.look(&looked_at).await?;
		let (mut commit, mut reveal, mut forget) = (Vec::new(), Vec::new(), Vec::new());
		for ((at, entry), seen) in active.drain(..).zip(seen) {
			match rules.step(entry, &seen, clock) {
				Step::Commit => commit.push((at, entry)),
				Step::Reveal(commitment) => reveal.push((commitment, (at, entry))),
				Step::Forget => forget.push((at, entry)),
				Step::End(end) => {
					let ours = matches!(end, End::Ours(_)) && !first;
					tally.revealed = tally.revealed.saturating_add(usize::from(ours));
					if let Some(place) = tally.ends.get_mut(at) {
						*place = Some(end);
					}
				}
			}
		}
		progress(&tally);
		if first {
			waiting.extend(commit.drain(..));
			first = false;
		}
		// What is at hand is revealed before anything else: the time for it runs.
		reveal.sort_by_key(|(commitment, _)| commitment.precedence);
		active.extend(reveal.iter().map(|(_, entry)| *entry));
		active.extend(forget.iter().chain(&commit));
		reveal.truncate(wave);
		if let (Some((earliest, _)), Some((last, _))) = (reveal.first(), reveal.last()) {
			let latest = earliest.at.saturating_add(rules.reveal_period / 2);
			if !ledger.settled(last.precedence.block(), latest).await? {
				continue;
			}
			let chosen: Vec<_> = reveal.iter().map(|(_, entry)| *entry).collect();
			let places: Vec<_> = chosen.iter().map(|(at, _)| *at).collect();
			if let Some((_, refused)) = stuck.take().filter(|(refused, _)| *refused == places) {
				// The chain shows no reason against any of these: the refusal is about all of them.
				return Err(refused.into());
			}
			let refused = ledger.reveal(&entries_of(&chosen)).await?;
			stuck = refused.map(|refused| (places, refused));
		} else if !forget.is_empty() {
			forget.truncate(wave);
			ledger.forget(&entries_of(&forget)).await?;
			tally.forgotten = tally.forgotten.saturating_add(forget.len());
		} else if !commit.is_empty() {
			ledger.commit(&entries_of(&commit)).await?;
			tally.committed = tally.committed.saturating_add(commit.len());
		}
		progress(&tally);
	}
}

fn entries_of<'a>(chosen: &[(usize, &'a Entry)]) -> Vec<&'a Entry> {
	chosen.iter().map(|(_, entry)| *entry).collect()
}

#[cfg(test)]
mod tests;
