//! The way of contents on a real chain.

use std::cell::{Cell, RefCell};

use anyhow::{Context, Result};
use openledger_primitives::records::{
	ContributionKind, ContributionRef, DatanetId, Licence, Precedence,
};
use openledger_runtime::{
	record::Registered, AccountId, Balance, BlockNumber, Runtime, RuntimeCall,
};
use pallet_datanets::{
	commitment_hash, Call, Commitments, Contents, Contributions, PendingContributions, Place,
	Policy, Reveal,
};
use serde_json::Value;
use sp_core::H256;

use super::{
	journal::Entry,
	steps::{Ledger, Seen},
};
use crate::{
	args::{show_account, show_amount},
	batch::bounded,
	files,
	metadata::Refused,
	sending::{Actor, PIPELINE},
	state::State,
};

/// What all contents of a contribution have in common.
pub struct Manner {
	/// The datanet.
	pub datanet: DatanetId,
	/// The policy that is agreed to.
	pub policy: Policy,
	/// What they are.
	pub kind: ContributionKind,
	/// Their licence.
	pub licence: Licence,
	/// Where they lie.
	pub uri_prefix: Option<String>,
	/// What they speak about.
	pub subject: Option<ContributionRef>,
}

impl Manner {
	/// What is said of a content.
	pub fn reveal(&self, entry: &Entry) -> Reveal {
		let uri = self.uri_prefix.as_ref().map(|prefix| files::uri(prefix, &entry.name));
		Reveal {
			content: entry.content,
			salt: entry.salt,
			size: entry.size,
			kind: self.kind,
			licence: self.licence,
			uri: uri.unwrap_or_default().into(),
			subject: self.subject,
		}
	}
}

/// A chain, and who contributes to it.
pub struct Live<'a> {
	/// Who acts.
	pub actor: Actor<'a>,
	/// How.
	pub manner: Manner,
	/// How many contents go into a transaction.
	pub batch: usize,
	/// How many are on their way at once.
	pub wave: usize,
	/// What all transactions have cost so far.
	pub fees: Cell<Balance>,
	/// The transactions, for programs.
	pub transactions: RefCell<Vec<Value>>,
}

impl<'a> Live<'a> {
	/// Nothing is sent yet.
	pub fn new(actor: Actor<'a>, manner: Manner) -> Self {
		Self {
			actor,
			manner,
			batch: 1,
			wave: 1,
			fees: Cell::default(),
			transactions: RefCell::default(),
		}
	}

	/// The call that commits to contents.
	pub fn commit_call(&self, entries: &[&Entry]) -> RuntimeCall {
		let commitments: Vec<_> = entries.iter().map(|entry| self.commitment(entry)).collect();
		Call::<Runtime>::commit { commitments: bounded(&commitments) }.into()
	}

	/// The call that reveals contents.
	pub fn reveal_call(&self, entries: &[&Entry]) -> RuntimeCall {
		let Manner { datanet, policy, .. } = self.manner;
		let reveals: Vec<_> = entries.iter().map(|entry| self.manner.reveal(entry)).collect();
		Call::<Runtime>::reveal { datanet, agreed: policy, reveals: bounded(&reveals) }.into()
	}

	fn commitment(&self, entry: &Entry) -> H256 {
		commitment_hash(entry.content, entry.salt, self.actor.account())
	}

	/// Sends a call for each batch, and returns the first refusal.
	pub async fn send<T>(
		&self,
		items: &[T],
		batch: usize,
		call: impl Fn(&[T]) -> RuntimeCall,
	) -> Result<Option<Refused>> {
		let calls: Vec<_> = items.chunks(batch.max(1)).map(call).collect();
		let mut refused = None;
		for calls in calls.chunks(PIPELINE) {
			for outcome in self.actor.send(calls, false).await? {
				match outcome {
					Ok(included) => {
						self.fees.set(self.fees.get().saturating_add(included.fee()));
						self.transactions.borrow_mut().push(included.json());
					}
					Err(refusal) => refused = refused.or(Some(refusal)),
				}
			}
		}
		Ok(refused)
	}

	/// Waits until all that has happened is final.
	pub async fn all_final(&self) -> Result<()> {
		let best = self.actor.chain.best().await?.number;
		self.settled(best, BlockNumber::MAX).await.map(drop)
	}

	/// The chain's best state, once nothing of the account waits in the pool: what waits there could
	/// be taken for something that was never sent.
	async fn quiet(&self) -> Result<State<'a>> {
		let chain = self.actor.chain;
		let account = self.actor.account();
		loop {
			let nonce = chain.next_nonce(&show_account(account)).await?;
			let best = chain.best().await?;
			let known = best.map::<frame_system::Account<Runtime>, _, _>(account).await?;
			if known.map_or(0, |known| known.nonce) >= nonce {
				return Ok(best);
			}
			chain.pause().await?;
		}
	}
}

/// Who registered the contents that are somewhere.
async fn registered(
	state: &State<'_>,
	places: Vec<Option<Place>>,
) -> Result<Vec<Option<Registered>>> {
	let pending = places.iter().flatten().filter_map(|place| match place {
		Place::Pending { datanet, precedence } => Some((*datanet, *precedence)),
		Place::Accepted(_) => None,
	});
	let pending: Vec<(DatanetId, Precedence)> = pending.collect();
	let accepted = places.iter().flatten().filter_map(|place| match place {
		Place::Accepted(at) => Some((at.datanet, at.index)),
		Place::Pending { .. } => None,
	});
	let accepted: Vec<(DatanetId, u32)> = accepted.collect();
	let mut waiting =
		state.doubles::<PendingContributions<Runtime>, _, _, _>(pending).await?.into_iter();
	let mut numbered =
		state.doubles::<Contributions<Runtime>, _, _, _>(accepted).await?.into_iter();
	let mut of = |place: Place| -> Option<Registered> {
		match place {
			Place::Pending { datanet, precedence } => {
				let contributor = waiting.next()??.contributor;
				Some(Registered { datanet, index: None, precedence, contributor })
			}
			Place::Accepted(ContributionRef { datanet, index }) => {
				let record = numbered.next()??;
				let (precedence, contributor) = (record.precedence, record.contributor);
				Some(Registered { datanet, index: Some(index), precedence, contributor })
			}
		}
	};
	let found = |place: Option<Place>| match place {
		Some(place) => {
			of(place).map(Some).context("The node contradicts itself: say the same again.")
		}
		None => Ok(None),
	};
	places.into_iter().map(found).collect()
}

impl Ledger for Live<'_> {
	async fn look(&self, entries: &[&Entry]) -> Result<(BlockNumber, Vec<Seen>)> {
		let state = self.quiet().await?;
		let account: &AccountId = self.actor.account();
		let keys = entries.iter().map(|entry| (account, self.commitment(entry)));
		let commitments = state.doubles::<Commitments<Runtime>, _, _, _>(keys).await?;
		let contents = entries.iter().map(|entry| entry.content);
		let places = state.maps::<Contents<Runtime>, _, _>(contents).await?;
		let places = registered(&state, places).await?;
		let seen = commitments.into_iter().zip(places);
		let seen = seen.map(|(commitment, place)| Seen { commitment, place });
		Ok((state.clock().await?, seen.collect()))
	}

	async fn settled(&self, block: BlockNumber, latest: BlockNumber) -> Result<bool> {
		let chain = self.actor.chain;
		if chain.finalized().await?.number >= block {
			return Ok(true);
		}
		let spinner = self.actor.talk.spinner(format!("Waiting until block {block} is final"));
		loop {
			if chain.best().await?.clock().await? >= latest {
				self.actor.talk.say(format!(
					"Block {block} is not final yet, but the time to reveal runs out: going on without."
				));
				return Ok(true);
			}
			chain.pause().await?;
			if chain.finalized().await?.number >= block {
				spinner.finish_and_clear();
				return Ok(false);
			}
		}
	}

	async fn commit(&self, entries: &[&Entry]) -> Result<()> {
		let refused = self.send(entries, self.batch, |batch| self.commit_call(batch)).await?;
		refused.map_or(Ok(()), |refused| Err(refused.into()))
	}

	async fn reveal(&self, entries: &[&Entry]) -> Result<Option<Refused>> {
		let refused = self.send(entries, self.batch, |batch| self.reveal_call(batch)).await?;
		if let Some(refused) = &refused {
			self.actor.talk.say(format!("A batch was refused, looking for the reason: {refused}"));
		}
		Ok(refused)
	}

	async fn forget(&self, entries: &[&Entry]) -> Result<()> {
		let owner = self.actor.account();
		let deposit: Balance = self.actor.chain.datanets("CommitmentDeposit")?;
		let back = deposit.saturating_mul(entries.len() as Balance);
		self.actor.talk.say(format!(
			"{} commitments have expired or came too late: they are forgotten, {} OPEN come back.",
			entries.len(),
			show_amount(back),
		));
		let call = |batch: &[&Entry]| {
			let commitments: Vec<_> = batch.iter().map(|entry| self.commitment(entry)).collect();
			Call::<Runtime>::forget { owner: owner.clone(), commitments: bounded(&commitments) }
				.into()
		};
		let refused = self.send(entries, self.batch, call).await?;
		refused.map_or(Ok(()), |refused| Err(refused.into()))
	}
}
