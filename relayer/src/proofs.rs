//! Proofs for the chain, put together from what both Ethereum nodes say, and checked before they are sent.

use alloy::primitives::B256;
use anyhow::{anyhow, ensure, Context, Result};
use tracing::debug;

use crate::{
	beacon::{Beacon, Block, LightUpdate},
	chain_types::{
		AncestryProof, BeaconHeader, EventProof, ExecutionProof, ForkVersions, Hash, Log,
		NextCommittee, Proof, SyncAggregate, Update, VersionedExecutionHeader,
	},
	ethereum::{Deposit, Ethereum},
	receipts,
	ssz::{
		epoch, period, root_of_branch, root_of_header, root_of_payload, signers, Places,
		BLOCK_ROOTS_DEPTH, COMMITTEE, EPOCH, PAYLOAD_IN_BLOCK, PAYLOAD_IN_BODY, PERIOD,
	},
	trouble::Trouble,
};

/// How far behind a block the last one lies that its state knows to be final, at most, while Ethereum finalises.
const FINALITY_LAG: u64 = 3 * EPOCH;

/// How many slots in a row may lack a block before a search is given up.
const GAP: u64 = EPOCH;

/// A finalised header that the chain has stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Anchor {
	pub slot: u64,
	pub root: Hash,
	pub block_roots_root: Hash,
}

pub fn places(forks: &ForkVersions, slot: u64) -> Places {
	Places::at(epoch(slot), forks.electra.epoch)
}

pub fn hashes(nodes: &[B256]) -> Vec<Hash> {
	nodes.iter().map(|node| node.0).collect()
}

/// Completes what a light client is shown by the proof of the blocks before the finalised one.
pub async fn update(
	beacon: &Beacon,
	forks: &ForkVersions,
	light: &LightUpdate,
	with_committee: bool,
) -> Result<Update> {
	let committee = light.next_sync_committee.clone().filter(|_| with_committee);
	ensure!(
		committee.is_some() == with_committee,
		"The beacon node's update of period {} names no committee.",
		period(light.attested_header.beacon.slot),
	);
	complete(
		beacon,
		forks,
		Update {
			attested_header: light.attested_header.beacon.clone(),
			sync_aggregate: light.sync_aggregate.clone(),
			signature_slot: light.signature_slot,
			next_sync_committee_update: committee.map(|next_sync_committee| NextCommittee {
				next_sync_committee,
				next_sync_committee_branch: light.next_sync_committee_branch.clone(),
			}),
			finalized_header: light.finalized_header.beacon.clone(),
			finality_branch: light.finality_branch.clone(),
			block_roots_root: Hash::default(),
			block_roots_branch: Vec::new(),
		},
	)
	.await
}

async fn complete(beacon: &Beacon, forks: &ForkVersions, update: Update) -> Result<Update> {
	let finalized = &update.finalized_header;
	let roots = beacon.prove_state(finalized, places(forks, finalized.slot).block_roots).await?;
	Ok(Update {
		block_roots_root: roots.leaf.0,
		block_roots_branch: hashes(&roots.siblings),
		..update
	})
}

/// Makes an update that no node offers: one whose finalised header is the last within these slots.
pub async fn between(
	beacon: &Beacon,
	forks: &ForkVersions,
	from: u64,
	to: u64,
	head: u64,
) -> Result<Update> {
	let mut slot = to.saturating_add(FINALITY_LAG).min(head);
	while slot >= from {
		let Some(attested) = beacon.block(slot, forks).await? else {
			slot = slot.saturating_sub(1);
			continue;
		};
		let place = places(forks, slot).finalized_root;
		let finality = beacon.prove_state(&attested.header, place).await?;
		let finalized = match finality.leaf {
			B256::ZERO => None,
			root => beacon.header(&root.to_string()).await?,
		};
		let (_, finalized) = finalized
			.with_context(|| format!("It does not have the block that is final at slot {slot}"))
			.context(Trouble::Beacon)?;
		debug!("slot {slot} finalises slot {}", finalized.slot);
		if finalized.slot < from {
			break;
		}
		if finalized.slot > to {
			slot = slot.saturating_sub((finalized.slot - to).max(1));
			continue;
		}
		if let Some((signature_slot, sync_aggregate)) =
			signature_of(beacon, forks, &attested).await?
		{
			let update = Update {
				attested_header: attested.header,
				sync_aggregate,
				signature_slot,
				next_sync_committee_update: None,
				finalized_header: finalized,
				finality_branch: hashes(&finality.siblings),
				block_roots_root: Hash::default(),
				block_roots_branch: Vec::new(),
			};
			return complete(beacon, forks, update).await;
		}
		slot = slot.saturating_sub(1);
	}
	Err(anyhow!(
		"No block makes one final between slots {from} and {to}, signed by two thirds of the committee. Use \
		 another beacon node, one that keeps old blocks and states; if none helps, governance must set a new \
		 checkpoint."
	)
	.context(Trouble::Beacon))
}

/// The signature of a block, which its child carries.
async fn signature_of(
	beacon: &Beacon,
	forks: &ForkVersions,
	block: &Block,
) -> Result<Option<(u64, SyncAggregate)>> {
	let root = root_of_header(&block.header);
	for slot in block.header.slot.saturating_add(1)..=block.header.slot.saturating_add(GAP) {
		let Some(child) = beacon.block(slot, forks).await? else { continue };
		let is_child = root == child.header.parent_root;
		let enough =
			signers(&child.sync_aggregate.sync_committee_bits) as usize * 3 >= COMMITTEE * 2;
		return Ok((is_child && enough).then_some((slot, child.sync_aggregate)));
	}
	Ok(None)
}

/// Proves a deposit under a header that the chain has stored.
pub async fn deposit(
	beacon: &Beacon,
	ethereum: &Ethereum,
	forks: &ForkVersions,
	deposit: &Deposit,
	slot: u64,
	anchor: Anchor,
) -> Result<EventProof> {
	let block = beacon.block(slot, forks).await?;
	let Some(block) = block.filter(|block| block.execution.block_hash == deposit.block_hash) else {
		return Err(anyhow!(
			"Block {} of the Ethereum node ({}) is not the one of the beacon node at slot {slot}: a reorganisation, \
			 or nodes of different chains",
			deposit.block,
			deposit.block_hash,
		)
		.context(Trouble::Mismatch));
	};
	let receipts = receipts::encoded(&ethereum.receipts(deposit.block_hash).await?)?;
	let index =
		usize::try_from(deposit.transaction).context("A block has too many transactions.")?;
	let (root, receipt_proof) = receipts::root_and_proof(&receipts, index)?;
	ensure!(
		root == block.execution.receipts_root,
		anyhow!(
			"The receipts of block {} hash to {root}, but the block has {}. The Ethereum node gives them \
			 incompletely or in a form this relayer does not know; is there a newer one?",
			deposit.block,
			B256::from(block.execution.receipts_root),
		)
		.context(Trouble::Mismatch)
	);
	Ok(EventProof {
		event_log: Log {
			address: deposit.address.into(),
			topics: hashes(&deposit.topics),
			data: deposit.data.to_vec(),
			tx_index: deposit.transaction,
		},
		proof: Proof {
			receipt_proof,
			execution_proof: execution(beacon, forks, block, anchor).await?,
		},
	})
}

/// Proves that a block's payload is Ethereum's.
async fn execution(
	beacon: &Beacon,
	forks: &ForkVersions,
	block: Block,
	anchor: Anchor,
) -> Result<ExecutionProof> {
	let Block { header, execution, .. } = block;
	let root = root_of_header(&header);
	let payload = beacon.prove_block(root.0, PAYLOAD_IN_BLOCK).await?;
	let depth = PAYLOAD_IN_BODY.ilog2() as usize;
	let branch = payload.siblings.get(..depth).unwrap_or_default();
	ensure!(
		payload.leaf == root_of_payload(&execution)
			&& root_of_branch(payload.leaf, branch, PAYLOAD_IN_BODY) == header.body_root,
		anyhow!(
			"The payload of slot {} does not hash to what its block holds: the beacon node speaks of a fork whose \
			 payloads have other fields; is there a newer relayer?",
			header.slot,
		)
		.context(Trouble::Mismatch)
	);
	let ancestry_proof = if anchor.slot == header.slot {
		None
	} else {
		Some(ancestry(beacon, forks, &header, root, anchor).await?)
	};
	Ok(ExecutionProof {
		header,
		ancestry_proof,
		execution_header: VersionedExecutionHeader::Deneb(execution),
		execution_branch: hashes(branch),
	})
}

/// Proves that a block is an ancestor of a stored one.
async fn ancestry(
	beacon: &Beacon,
	forks: &ForkVersions,
	header: &BeaconHeader,
	root: B256,
	anchor: Anchor,
) -> Result<AncestryProof> {
	let found = beacon.header(&B256::from(anchor.root).to_string()).await?;
	let (_, stored) = found
		.with_context(|| {
			format!(
				"It does not have the block at slot {} that the chain knows; is it of the same Ethereum?",
				anchor.slot,
			)
		})
		.context(Trouble::Beacon)?;
	let place = places(forks, stored.slot).block_root(header.slot);
	let proof = beacon.prove_state(&stored, place).await?;
	let branch = proof.siblings.get(..BLOCK_ROOTS_DEPTH).unwrap_or_default();
	let reached = root_of_branch(proof.leaf, branch, PERIOD + header.slot % PERIOD);
	ensure!(
		proof.leaf == root && reached == anchor.block_roots_root,
		anyhow!(
			"Slot {} is no ancestor of slot {}, which the chain knows: a reorganisation of what was final, or nodes \
			 of different chains",
			header.slot,
			anchor.slot,
		)
		.context(Trouble::Mismatch)
	);
	Ok(AncestryProof { header_branch: hashes(branch), finalized_block_root: anchor.root })
}

#[cfg(test)]
pub mod tests;
