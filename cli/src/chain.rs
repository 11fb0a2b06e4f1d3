//! A chain, as a node serves it: its blocks, and the transactions that get into them.

use std::time::Duration;

use anyhow::{anyhow, bail, Context, Result};
use codec::Decode;
use frame_support::storage::storage_prefix;
use frame_system::{EventRecord, Phase};
use openledger_runtime::{BlockNumber, Hash, RuntimeEvent, VERSION};
use serde::Deserialize;
use serde_json::{json, Value};
use sp_core::Bytes;
use sp_runtime::DispatchError;

use crate::{
	metadata::{Metadata, Refused},
	rpc::Rpc,
	state::State,
};

/// How often to look at the chain in the time of a block.
const LOOKS: u32 = 4;

/// A connection to a node.
pub struct Chain {
	/// The connection itself.
	pub rpc: Rpc,
	metadata: Metadata,
	/// The runtime's version.
	pub version: Version,
	/// The first block's hash, which names the chain.
	pub genesis: Hash,
}

/// The version of a runtime.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Version {
	spec_name: String,
	/// It rises with every release that changes behaviour.
	pub spec_version: u32,
	/// It rises when transactions change.
	pub transaction_version: u32,
}

/// How far a transaction is.
#[derive(Debug, PartialEq)]
pub enum Status {
	/// It waits for a block, or for another one.
	Waits,
	/// It is in a block.
	InBlock(Hash),
	/// It is in a final block.
	Final(Hash),
	/// The node has given it up, for this reason.
	GivenUp(String),
}

impl Status {
	/// As the node says it: a word, or a word with what belongs to it.
	fn read(news: Value) -> Result<Self> {
		let (word, value) = match news {
			Value::String(word) => (word, Value::Null),
			Value::Object(fields) => fields.into_iter().next().context("The node says nothing.")?,
			other => bail!("The node says {other} of a transaction."),
		};
		Ok(match word.as_str() {
			"future" | "ready" | "broadcast" | "retracted" => Self::Waits,
			"inBlock" => Self::InBlock(serde_json::from_value(value)?),
			"finalized" => Self::Final(serde_json::from_value(value)?),
			_ => Self::GivenUp(word),
		})
	}
}

/// A transaction that is watched.
pub struct Watched(Value);

/// What happened in a block.
pub struct Block {
	/// Its height.
	pub number: BlockNumber,
	extrinsics: Vec<Bytes>,
	events: Vec<EventRecord<RuntimeEvent, Hash>>,
}

impl Block {
	/// Everything that has happened in it, in that order.
	pub fn events(&self) -> impl Iterator<Item = &RuntimeEvent> {
		self.events.iter().map(|record| &record.event)
	}

	/// What a transaction has caused.
	pub fn events_of(&self, transaction: &[u8]) -> Result<Vec<RuntimeEvent>> {
		let at = self.extrinsics.iter().position(|extrinsic| extrinsic.0 == transaction);
		let at = at.context("The node names a block without the transaction.")?;
		let phase = Phase::ApplyExtrinsic(at as u32);
		let events = self.events.iter().filter(|record| record.phase == phase);
		Ok(events.map(|record| record.event.clone()).collect())
	}
}

impl Chain {
	/// Connects to a node, if it runs the chain that this program was built for.
	pub async fn connect(url: &str) -> Result<Self> {
		let rpc = Rpc::connect(url).await.map_err(|error| {
			anyhow!("No node answers at {url} ({error}): start one, or name another with --url.")
		})?;
		let version: Version = rpc.request("state_getRuntimeVersion", json!([])).await?;
		check(&version).with_context(|| format!("The node at {url} cannot be used"))?;
		let metadata: Bytes = rpc.request("state_getMetadata", json!([])).await?;
		let metadata = Metadata::read(&metadata)?;
		let genesis = rpc.request("chain_getBlockHash", json!([0])).await?;
		Ok(Self { rpc, metadata, version, genesis })
	}

	/// A constant of the node's runtime: a test network has shorter periods than others.
	pub fn constant<T: Decode>(&self, pallet: &str, name: &str) -> Result<T> {
		self.metadata.constant(pallet, name)
	}

	/// What an error means.
	pub fn refused(&self, error: DispatchError) -> Refused {
		self.metadata.refused(error)
	}

	/// A constant of the datanets.
	pub fn datanets<T: Decode>(&self, name: &str) -> Result<T> {
		self.constant("Datanets", name)
	}

	/// A constant of the model registry.
	pub fn models<T: Decode>(&self, name: &str) -> Result<T> {
		self.constant("ModelRegistry", name)
	}

	/// A constant of the lanes.
	pub fn attribution<T: Decode>(&self, name: &str) -> Result<T> {
		self.constant("Attribution", name)
	}

	/// A constant of their money.
	pub fn rewards<T: Decode>(&self, name: &str) -> Result<T> {
		self.constant("Rewards", name)
	}

	/// How long that many blocks take.
	pub fn time_of(&self, blocks: BlockNumber) -> Result<Duration> {
		let millis: u64 = self.constant("Babe", "ExpectedBlockTime")?;
		Ok(Duration::from_millis(millis.saturating_mul(blocks.into())))
	}

	/// The end of the best chain: what is there can still be replaced.
	pub async fn best(&self) -> Result<State<'_>> {
		self.at(self.rpc.request("chain_getBlockHash", json!([])).await?).await
	}

	/// The last final block.
	pub async fn finalized(&self) -> Result<State<'_>> {
		self.at(self.rpc.request("chain_getFinalizedHead", json!([])).await?).await
	}

	/// The block at a height.
	pub async fn at_height(&self, number: BlockNumber) -> Result<State<'_>> {
		let hash: Option<Hash> = self.rpc.request("chain_getBlockHash", json!([number])).await?;
		let hash = hash.with_context(|| format!("The node has no block {number}."))?;
		Ok(State { hash, number, chain: self })
	}

	/// A block.
	pub async fn at(&self, hash: Hash) -> Result<State<'_>> {
		#[derive(Deserialize)]
		struct Header {
			number: String,
		}
		let header: Header = self.rpc.request("chain_getHeader", json!([hash])).await?;
		let number = BlockNumber::from_str_radix(header.number.trim_start_matches("0x"), 16)?;
		Ok(State { hash, number, chain: self })
	}

	/// How many transactions the account has signed, those in the pool included.
	pub async fn next_nonce(&self, address: &str) -> Result<u32> {
		self.rpc.request("system_accountNextIndex", json!([address])).await
	}

	/// Sends a transaction.
	pub async fn submit(&self, transaction: &[u8]) -> Result<Watched> {
		let params = json!([Bytes(transaction.to_vec())]);
		let subscription = self.rpc.request("author_submitAndWatchExtrinsic", params).await;
		subscription.map(Watched).context("The node did not take the transaction")
	}

	/// What becomes of a transaction next.
	pub async fn status(&self, watched: &Watched) -> Result<Status> {
		Status::read(self.rpc.news(&watched.0).await?)
	}

	/// Looks away from a transaction.
	pub async fn unwatch(&self, watched: Watched) -> Result<()> {
		self.rpc.request("author_unwatchExtrinsic", json!([watched.0])).await.map(|_: Value| ())
	}

	/// What happened in a block.
	pub async fn block(&self, hash: Hash) -> Result<Block> {
		#[derive(Deserialize)]
		struct Signed {
			block: Body,
		}
		#[derive(Deserialize)]
		struct Body {
			extrinsics: Vec<Bytes>,
		}
		let signed: Signed = self.rpc.request("chain_getBlock", json!([hash])).await?;
		let state = self.at(hash).await?;
		let events = state.one(storage_prefix(b"System", b"Events").to_vec()).await?;
		let (number, extrinsics) = (state.number, signed.block.extrinsics);
		Ok(Block { number, extrinsics, events: events.unwrap_or_default() })
	}

	/// Waits a little for the chain to go on.
	pub async fn pause(&self) -> Result<()> {
		tokio::time::sleep(self.time_of(1)? / LOOKS).await;
		Ok(())
	}
}

/// Whether calls and storage of that runtime are those this program knows.
fn check(node: &Version) -> Result<()> {
	if !node.spec_name.starts_with("openledger") {
		bail!(
			"it runs the chain `{}`, this program is for OpenLedger. Name another with --url.",
			node.spec_name
		);
	}
	if node.transaction_version != VERSION.transaction_version {
		bail!(
			"its runtime {} understands transactions of version {}, this program makes version {}: get the \
			 openledger-cli of the same release as that runtime.",
			node.spec_version,
			node.transaction_version,
			VERSION.transaction_version,
		);
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	fn version(spec_name: &str, transaction_version: u32) -> Version {
		Version { spec_name: spec_name.into(), spec_version: 7, transaction_version }
	}

	#[test]
	fn only_a_runtime_that_understands_our_transactions_is_used() {
		let ours = VERSION.transaction_version;
		assert!(check(&version("openledger", ours)).is_ok());
		assert!(check(&version("openledger-fast", ours)).is_ok());
		let other = check(&version("westend", ours)).unwrap_err().to_string();
		assert!(other.contains("westend") && other.contains("--url"), "{other}");
		let newer = check(&version("openledger", ours + 1)).unwrap_err().to_string();
		assert!(newer.contains("runtime 7") && newer.contains("same release"), "{newer}");
	}

	#[test]
	fn what_a_node_says_of_a_transaction_is_understood() {
		let hash = Hash::repeat_byte(7);
		for (news, status) in [
			(json!("ready"), Status::Waits),
			(json!({ "broadcast": ["12D3"] }), Status::Waits),
			(json!({ "retracted": hash }), Status::Waits),
			(json!({ "inBlock": hash }), Status::InBlock(hash)),
			(json!({ "finalized": hash }), Status::Final(hash)),
			(json!({ "usurped": hash }), Status::GivenUp("usurped".into())),
			(json!("invalid"), Status::GivenUp("invalid".into())),
		] {
			assert_eq!(Status::read(news).unwrap(), status);
		}
		assert!(Status::read(json!(7)).is_err() && Status::read(json!({})).is_err());
	}
}
