//! What the chain knows of Ethereum and of the bridge.

use anyhow::{Context, Result};
use subxt::dynamic::{self, Value};

use crate::{
	chain_types::{
		BridgeState, CompactBeaconState, DepositStatus, EventProof, ForkVersions, Hash,
		OperatingMode, Update, WithdrawalProof,
	},
	node::{ask, constant, read, At, Connection},
	plan::beacon::Client,
	proofs::Anchor,
	ssz::PERIOD,
	trouble::Trouble,
};

const CLIENT: &str = "EthereumBeaconClient";
const BRIDGE: &str = "EthereumBridge";
const API: &str = "EthereumBridgeApi";

/// How many finalised headers the client keeps.
const RING: u32 = 5_120;

/// The chain's beacon client.
#[derive(Clone, Debug)]
pub struct ClientState {
	pub client: Client,
	/// Its last finalised header.
	pub anchor: Anchor,
	pub forks: ForkVersions,
	/// What the first validators of its Ethereum were.
	pub validators_root: Hash,
}

/// Reads where the beacon client is.
pub async fn client(connection: &Connection, at: &At) -> Result<ClientState> {
	let root: Option<Hash> = read(at, CLIENT, "LatestFinalizedBlockRoot", Vec::new()).await?;
	let root = root.unwrap_or_default();
	let anchor = stored(at, root)
		.await?
		.context(
			"Its beacon client has no header to start from. Governance, or the chain's genesis, must give it a \
			 checkpoint",
		)
		.context(Trouble::Node)?;
	let mode: Option<OperatingMode> = read(at, CLIENT, "OperatingMode", Vec::new()).await?;
	let validators_root: Option<Hash> = read(at, CLIENT, "ValidatorsRoot", Vec::new()).await?;
	Ok(ClientState {
		client: Client {
			slot: anchor.slot,
			next_known: connection.stores(at, CLIENT, "NextSyncCommittee").await?,
			halted: mode == Some(OperatingMode::Halted),
			interval: u64::from(constant::<u32>(at, CLIENT, "FreeHeadersInterval")?),
		},
		anchor,
		forks: constant(at, CLIENT, "ForkVersions")?,
		validators_root: validators_root.unwrap_or_default(),
	})
}

async fn stored(at: &At, root: Hash) -> Result<Option<Anchor>> {
	let key = vec![Value::from_bytes(root)];
	let state: Option<CompactBeaconState> = read(at, CLIENT, "FinalizedBeaconState", key).await?;
	Ok(state.map(|CompactBeaconState { slot, block_roots_root }| Anchor {
		slot,
		root,
		block_roots_root,
	}))
}

/// The place in the ring of the header that is so much older than the last one.
fn place(newest: u32, age: u32) -> u32 {
	(newest + RING - age % RING) % RING
}

/// The headers that the client has stored, by age.
pub struct Ring<'a> {
	at: &'a At,
	newest: u32,
	length: u32,
}

impl<'a> Ring<'a> {
	/// Looks at the ring.
	pub async fn new(at: &'a At) -> Result<Self> {
		let newest: Option<u32> = read(at, CLIENT, "FinalizedBeaconStateIndex", Vec::new()).await?;
		let mut ring = Self { at, newest: newest.unwrap_or_default(), length: RING };
		// It begins to fill at 1.
		if ring.root(RING - 1).await?.is_none() {
			ring.length = ring.newest;
		}
		Ok(ring)
	}

	async fn root(&self, age: u32) -> Result<Option<Hash>> {
		let key = vec![Value::u128(place(self.newest, age).into())];
		let root: Option<Hash> = read(self.at, CLIENT, "FinalizedBeaconStateMapping", key).await?;
		Ok(root.filter(|root| *root != Hash::default()))
	}

	async fn header(&self, age: u32) -> Result<Option<Anchor>> {
		match self.root(age).await? {
			Some(root) => stored(self.at, root).await,
			None => Ok(None),
		}
	}

	/// The lowest slot that can still be proven.
	pub async fn oldest_slot(&self) -> Result<u64> {
		let oldest = self.header(self.length.saturating_sub(1)).await?;
		Ok(oldest.map_or(0, |anchor| anchor.slot.saturating_sub(PERIOD)))
	}

	/// The newest header whose state still names the block of a slot.
	pub async fn anchor_of(&self, slot: u64) -> Result<Option<Anchor>> {
		// Older headers have lower slots.
		let (mut from, mut to) = (0, self.length);
		while from < to {
			let middle = from + (to - from) / 2;
			match self.header(middle).await? {
				Some(anchor) if anchor.slot > slot.saturating_add(PERIOD) => from = middle + 1,
				_ => to = middle,
			}
		}
		Ok(self.header(from).await?.filter(|anchor| anchor.slot >= slot))
	}
}

/// Fails unless the runtime takes both calls as they are made here.
pub fn understands(at: &At) -> Result<()> {
	let update = dynamic::tx(CLIENT, "submit", (Update::blank(),));
	let deposit = dynamic::tx(BRIDGE, "submit_deposit", (EventProof::blank(),));
	let encoded = at.tx().call_data(&update).and_then(|_| at.tx().call_data(&deposit));
	encoded
		.map(drop)
		.context("Its runtime takes other calls than this relayer makes; is there a newer one?")
		.context(Trouble::Node)
}

/// Reads what the bridge is.
pub async fn bridge(at: &At) -> Result<BridgeState> {
	ask(at, API, "bridge_state", Vec::new()).await
}

/// A word of the bitmap of executed deposits.
pub async fn executed(at: &At, word: u64) -> Result<u128> {
	let key = vec![Value::u128(word.into())];
	Ok(read::<u128>(at, BRIDGE, "Executed", key).await?.unwrap_or_default())
}

/// What became of a deposit.
pub async fn deposit_status(at: &At, nonce: u64) -> Result<DepositStatus> {
	ask(at, API, "deposit_status", vec![Value::u128(nonce.into())]).await
}

/// The proof of a withdrawal.
pub async fn withdrawal(at: &At, nonce: u64) -> Result<Option<WithdrawalProof>> {
	ask(at, API, "prove_withdrawal", vec![Value::u128(nonce.into())]).await
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn places_of_the_ring_wrap() {
		assert_eq!(place(7, 0), 7);
		assert_eq!(place(7, 7), 0);
		assert_eq!(place(7, 8), RING - 1);
		assert_eq!(place(7, RING - 1), 8);
	}
}
