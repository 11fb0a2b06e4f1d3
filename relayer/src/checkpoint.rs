//! What the chain's beacon client starts from: a final block of Ethereum, the committee that signs in its period, and the
//! blocks before it. All of it is proven by the root of the block; the root itself has to be believed.

use alloy::{hex, primitives::B256};
use anyhow::{anyhow, ensure, Context, Result};
use serde_json::json;
use subxt::ext::codec::Encode;
use tracing::info;

use crate::{
	beacon::{Beacon, Bootstrap, Start},
	chain_types::{BeaconHeader, ForkVersions, Hash, SyncCommittee},
	multiproof::Branch,
	proofs::{hashes, places},
	ssz::{epoch, period, root_of_committee, root_of_header, Places, PERIOD},
	trouble::Trouble,
};

/// What the genesis of the chain and `EthereumBeaconClient.force_checkpoint` take, in the order of its fields.
#[derive(Clone, Debug, PartialEq)]
struct Checkpoint {
	header: BeaconHeader,
	current_sync_committee: SyncCommittee,
	current_sync_committee_branch: Vec<Hash>,
	validators_root: Hash,
	block_roots_root: Hash,
	block_roots_branch: Vec<Hash>,
}

impl Checkpoint {
	/// Fails unless it is of this block, and the chain's client would take it.
	fn check(&self, block: B256, places: Places) -> Result<()> {
		let Self { header, .. } = self;
		let found = root_of_header(header);
		ensure!(found == block, "The beacon node gives the header of block {found} for {block}.");
		let proven = |leaf, branch: &[Hash], gindex, of| {
			let siblings = branch.iter().map(B256::from).collect();
			Branch { leaf, siblings }.check(gindex, header.state_root, of)
		};
		let committee = root_of_committee(&self.current_sync_committee)
			.context("The beacon node gives a sync committee of another size than Ethereum's.")?;
		let branch = &self.current_sync_committee_branch;
		proven(committee, branch, places.current_committee, "the sync committee")?;
		let root = self.block_roots_root.into();
		proven(root, &self.block_roots_branch, places.block_roots, "the blocks before")
	}

	/// In SCALE. What has a fixed length has no length before it: keys are arrays, and so are committees.
	fn encode(&self) -> Vec<u8> {
		let BeaconHeader { slot, proposer_index, parent_root, state_root, body_root } =
			&self.header;
		let SyncCommittee { pubkeys, aggregate_pubkey } = &self.current_sync_committee;
		let rest = (
			&self.current_sync_committee_branch,
			self.validators_root,
			self.block_roots_root,
			&self.block_roots_branch,
		);
		[
			(slot, proposer_index, parent_root, state_root, body_root).encode(),
			pubkeys.concat(),
			aggregate_pubkey.clone(),
			rest.encode(),
		]
		.concat()
	}
}

/// Makes one of a final block, the last one unless another one is named, and says it as it is to be printed.
pub async fn checkpoint(beacon: &Beacon, block: Option<B256>, as_json: bool) -> Result<String> {
	beacon.must_have_caught_up().await?;
	let start = beacon.start().await?;
	// There may be no chain yet whose runtime could be asked; it will check the same branches by its own schedule.
	let forks = ForkVersions::scheduled(&start.forks);
	let (root, header) = final_block(beacon, block).await?;
	let (slot, fork) = (header.slot, forks.name_at(epoch(header.slot)));
	info!(
		"block {root} of slot {slot}, period {}, at {} seconds since 1970; the fork is {fork}",
		period(slot),
		start.clock.time_of(slot),
	);
	let made = make(beacon, &start, &forks, root, header).await?;
	info!(
		"its header, its sync committee, the blocks before it and what the first validators were are proven by its \
		 root. Compare that root with other people's beacon nodes: the chain will believe it"
	);
	info!(
		"relayers go on from here with headers up to slot {}, 27 hours later; for what comes after that, they need a \
		 beacon node that still has headers between",
		slot.saturating_add(PERIOD),
	);
	let scale = hex::encode_prefixed(made.encode());
	if !as_json {
		return Ok(scale);
	}
	let said = json!({
		"slot": slot,
		"block": root,
		"validatorsRoot": B256::from(made.validators_root),
		"genesisTime": start.clock.genesis,
		"fork": fork,
		"checkpoint": scale,
	});
	Ok(said.to_string())
}

/// The header of the last final block, or of another one that is final.
async fn final_block(beacon: &Beacon, named: Option<B256>) -> Result<(B256, BeaconHeader)> {
	let last = beacon.header("finalized").await?;
	let (root, last) = last.context("It has no final block yet").context(Trouble::Beacon)?;
	let Some(named) = named else { return Ok((root.into(), last)) };
	let found = beacon.header(&named.to_string()).await?;
	let (root, header) = found
		.with_context(|| {
			format!(
				"It has no block {named} on its chain: a mistake in the root, a block of another Ethereum, or one that \
				 a reorganisation has removed"
			)
		})
		.context(Trouble::Beacon)?;
	ensure!(
		named == root,
		anyhow!("The beacon node gives block {} for {named}.", B256::from(root))
			.context(Trouble::Mismatch)
	);
	ensure!(
		header.slot <= last.slot,
		anyhow!(
			"Block {named} of slot {} is not final yet, the last final one is of slot {}: wait a quarter of an hour, \
			 or leave out --block",
			header.slot,
			last.slot,
		)
		.context(Trouble::Beacon)
	);
	Ok((named, header))
}

async fn make(
	beacon: &Beacon,
	start: &Start,
	forks: &ForkVersions,
	root: B256,
	header: BeaconHeader,
) -> Result<Checkpoint> {
	let slot = header.slot;
	let bootstrap = beacon.bootstrap(root.0, forks).await?;
	let Bootstrap { header: light, current_sync_committee, current_sync_committee_branch } =
		bootstrap
			.with_context(|| {
				format!(
					"It has no light-client bootstrap of block {root}, slot {slot}. It takes a node that serves light \
					 clients, and a block at the border of two epochs: leave out --block, or ask another node"
				)
			})
			.context(Trouble::Beacon)?;
	let places = places(forks, slot);
	let validators = beacon.prove_state(&header, places.validators_root).await?;
	ensure!(
		validators.leaf == B256::from(start.validators_root),
		anyhow!(
			"Block {root} is of the beacon chain {}, but the beacon node says that it follows {}. Use another one.",
			validators.leaf,
			B256::from(start.validators_root),
		)
		.context(Trouble::Mismatch)
	);
	let roots = beacon.prove_state(&header, places.block_roots).await?;
	let made = Checkpoint {
		header: light.beacon,
		current_sync_committee,
		current_sync_committee_branch,
		validators_root: start.validators_root,
		block_roots_root: roots.leaf.0,
		block_roots_branch: hashes(&roots.siblings),
	};
	made.check(root, places).context(Trouble::Mismatch)?;
	Ok(made)
}

#[cfg(test)]
mod tests;
