//! Sessions of the chain as BEEFY sees them, found in what every node keeps: leaves of the MMR and headers. So states of
//! long ago are not needed.

use anyhow::{anyhow, Context, Result};
use subxt::{config::substrate::DigestItem, ext::scale_decode::DecodeAsType, utils::H256};

use crate::{
	beefy::{Justification, LeafProof, Validators, ENGINE},
	contracts::Update,
	node::{ask, Connection},
	plan::beefy::Chain,
	trouble::Trouble,
};

/// A session.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
	/// Its first block.
	pub first: u32,
	hash: H256,
	pub validators: Validators,
	/// The leaf that its first block added: it names the next set.
	pub leaf: LeafProof,
}

/// What BEEFY has made final, and which set signed it.
pub async fn head(connection: &Connection) -> Result<Chain> {
	let block = connection.beefy_head().await?;
	let leaf = connection.leaf_proof(block, block).await?.leaf;
	Ok(Chain { block, set: leaf.nextSetId.saturating_sub(1) })
}

/// Finds the session of a set that is in office at the head, or was before it.
pub async fn session(connection: &Connection, set: u64, head: u32) -> Result<Session> {
	let (mut from, mut to) = (1, head);
	while from < to {
		let middle = from + (to - from) / 2;
		if connection.leaf_proof(middle, head).await?.leaf.nextSetId > set {
			to = middle;
		} else {
			from = middle + 1;
		}
	}
	let leaf = connection.leaf_proof(from, head).await?;
	let (hash, header) = connection.header(from).await?;
	let mut validators = None;
	for item in &header.digest.logs {
		if let DigestItem::Consensus(ENGINE, item) = item {
			validators = validators.or(Validators::from_digest(item)?);
		}
	}
	let validators = match validators {
		Some(validators) => validators,
		// The set of genesis was never announced.
		None => in_office(connection).await?,
	};
	if validators.set != set || leaf.leaf.nextSetId != set + 1 {
		return Err(anyhow!(
			"Block {from} should be the first of validator set {set}, but its header names set {}",
			validators.set,
		)
		.context(Trouble::Node));
	}
	Ok(Session { first: from, hash, validators, leaf })
}

async fn in_office(connection: &Connection) -> Result<Validators> {
	#[derive(DecodeAsType)]
	#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
	struct ValidatorSet {
		validators: Vec<[u8; 33]>,
		id: u64,
	}
	let at = connection.finalized().await?;
	let set: Option<ValidatorSet> = ask(&at, "BeefyApi", "validator_set", Vec::new()).await?;
	let ValidatorSet { validators, id } =
		set.context("BEEFY is not active on the chain").context(Trouble::Node)?;
	Validators::new(&validators, id)
}

impl Session {
	/// The update that shows that this set took office.
	pub async fn handover(&self, connection: &Connection, chain: Chain) -> Result<Update> {
		if self.validators.set == chain.set {
			// The head proves more than the first block, and is signed by the same set.
			let leaf = connection.leaf_proof(chain.block, chain.block).await?;
			let (hash, _) = connection.header(chain.block).await?;
			return self.update(connection, hash, chain.block, Some(leaf)).await;
		}
		let leaf = connection.leaf_proof(self.first, self.first).await?;
		self.update(connection, self.hash, self.first, Some(leaf)).await
	}

	/// The update that shows the newest root.
	pub async fn newest(&self, connection: &Connection, chain: Chain) -> Result<Update> {
		let (hash, _) = connection.header(chain.block).await?;
		self.update(connection, hash, chain.block, None).await
	}

	async fn update(
		&self,
		connection: &Connection,
		hash: H256,
		block: u32,
		leaf: Option<LeafProof>,
	) -> Result<Update> {
		let bytes = connection.justification(hash).await?;
		let bytes = bytes
			.with_context(|| {
				format!(
					"It has no BEEFY justification of block {block}. A node that was synced by warp has none of the blocks \
					 before: use one that was there, or an archive node"
				)
			})
			.context(Trouble::Node)?;
		self.validators.update(&Justification::decode(&bytes)?, leaf)
	}
}
