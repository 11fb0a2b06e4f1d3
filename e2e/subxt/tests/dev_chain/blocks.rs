//! Every block, to the end of the chain, decodes to the bytes it is.

use std::collections::BTreeSet;

use anyhow::{ensure, Context, Result};
use subxt::{dynamic::Value, ext::scale_encode::EncodeAsType};

use crate::chain::{Block, Chain};

/// What the other parts of this test have caused.
const EXPECTED: [&str; 9] = [
	"Balances.Transfer",
	"Staking.Bonded",
	"NominationPools.Created",
	"NominationPools.Bonded",
	"Proxy.ProxyAdded",
	"Proxy.ProxyExecuted",
	"Multisig.NewMultisig",
	"Multisig.MultisigExecuted",
	"System.ExtrinsicFailed",
];

pub async fn every_event_decodes(chain: &Chain) -> Result<()> {
	println!("- every event of every block decodes to the bytes it is");
	let head = chain.head().await?.block_number();
	let mut kinds = BTreeSet::new();
	for height in 1..=head {
		let block = chain.block(height).await?;
		let of_block = kinds_of(&block).await.with_context(|| format!("block {height}"))?;
		// Every block sets the time, and that is an extrinsic that succeeds.
		ensure!(of_block.contains("System.ExtrinsicSuccess"), "Block {height} sets no time.");
		kinds.extend(of_block);
	}
	println!("  {head} blocks, {} kinds of events", kinds.len());
	for kind in EXPECTED {
		ensure!(kinds.contains(kind), "No block has the event {kind}.");
	}
	Ok(())
}

/// Decodes the events of a block, and returns which there were.
async fn kinds_of(block: &Block) -> Result<BTreeSet<String>> {
	let events = block.events().fetch().await?;
	let metadata = block.metadata_ref();
	let (event_type, types) = (metadata.outer_enums().event_enum_ty(), metadata.types());
	let mut kinds = BTreeSet::new();
	let mut count = 0;
	for event in events.iter() {
		let event = event?;
		let kind = format!("{}.{}", event.pallet_name(), event.event_name());
		let bytes = [&[event.pallet_index(), event.event_index()], event.field_bytes()].concat();
		let encoded = event.decode_as::<Value>()?.encode_as_type(event_type, types)?;
		ensure!(encoded == bytes, "{kind} decodes to something else.");
		kinds.insert(kind);
		count += 1;
	}
	ensure!(count == events.len(), "{count} of {} events were found.", events.len());
	Ok(kinds)
}
