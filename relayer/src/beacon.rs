//! The beacon node: the standard Beacon API, and Lodestar's proofs of what its states hold.

use std::time::Duration;

use alloy::{hex, primitives::B256};
use anyhow::{anyhow, ensure, Context, Result};
use reqwest::{Client, StatusCode, Url};
use serde::{de::DeserializeOwned, Deserialize};
use serde_json::{Map, Value};
use tracing::debug;

use crate::{
	chain_types::{
		BeaconHeader, ExecutionHeader, ForkVersions, Hash, SyncAggregate, SyncCommittee,
	},
	json::{bytes, decimal, list},
	multiproof::{branch, descriptor, Branch},
	ssz::{epoch, root_of_header, signers},
	trouble::Trouble,
};

/// A real node may have to compute a state that it has not stored.
const PATIENCE: Duration = Duration::from_secs(180);

/// A beacon node.
pub struct Beacon {
	client: Client,
	base: Url,
}

#[derive(Deserialize)]
struct Data<T> {
	data: T,
}

/// An answer whose shape depends on the fork.
#[derive(Deserialize)]
pub struct Versioned {
	version: String,
	data: Value,
}

/// When the beacon chain began, and how long its slots are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
	pub genesis: u64,
	pub slot_millis: u64,
}

impl Clock {
	/// The slot of a time, in seconds since 1970.
	pub fn slot_at(&self, time: u64) -> Option<u64> {
		let since = time.checked_sub(self.genesis)?.checked_mul(1000)?;
		since.checked_div(self.slot_millis)
	}

	/// When a slot begins.
	pub fn time_of(&self, slot: u64) -> u64 {
		self.genesis.saturating_add(slot.saturating_mul(self.slot_millis) / 1000)
	}
}

/// What a beacon chain is.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
	pub clock: Clock,
	/// What its first validators were.
	pub validators_root: Hash,
	/// The forks that its nodes know, and the epochs in which they begin.
	pub forks: Vec<(String, u64)>,
}

impl Start {
	fn read(genesis: Genesis, spec: &Map<String, Value>) -> Result<Self> {
		let number = |value: &Value| value.as_str().and_then(|text| text.parse::<u64>().ok());
		let named = |key: &str| spec.get(key).and_then(number);
		let slot_millis = named("SLOT_DURATION_MS")
			.or_else(|| Some(named("SECONDS_PER_SLOT")?.saturating_mul(1000)))
			.filter(|millis| *millis > 0)
			.context("Its spec does not say how long a slot is")?;
		let fork = |(key, value): (&String, &Value)| {
			Some((key.strip_suffix("_FORK_EPOCH")?.to_lowercase(), number(value)?))
		};
		Ok(Self {
			clock: Clock { genesis: genesis.genesis_time, slot_millis },
			validators_root: genesis.genesis_validators_root,
			forks: spec.iter().filter_map(fork).collect(),
		})
	}
}

/// Whether the node has caught up.
#[derive(Clone, Debug, Deserialize)]
pub struct Syncing {
	pub is_syncing: bool,
	#[serde(default)]
	pub is_optimistic: bool,
	#[serde(default)]
	pub el_offline: bool,
}

/// A beacon block header by the light-client protocol, with its payload.
#[derive(Clone, Debug, Deserialize)]
pub struct LightHeader {
	pub beacon: BeaconHeader,
	pub execution: Option<ExecutionHeader>,
}

/// What a light client is shown.
#[derive(Clone, Debug, Deserialize)]
pub struct LightUpdate {
	pub attested_header: LightHeader,
	pub finalized_header: LightHeader,
	#[serde(deserialize_with = "list")]
	pub finality_branch: Vec<Hash>,
	pub sync_aggregate: SyncAggregate,
	#[serde(deserialize_with = "decimal")]
	pub signature_slot: u64,
	pub next_sync_committee: Option<SyncCommittee>,
	#[serde(default, deserialize_with = "list")]
	pub next_sync_committee_branch: Vec<Hash>,
}

impl LightUpdate {
	/// How many signed.
	pub fn signers(&self) -> u32 {
		signers(&self.sync_aggregate.sync_committee_bits)
	}
}

/// What a light client is told to start from.
#[derive(Clone, Debug, Deserialize)]
pub struct Bootstrap {
	pub header: LightHeader,
	pub current_sync_committee: SyncCommittee,
	#[serde(deserialize_with = "list")]
	pub current_sync_committee_branch: Vec<Hash>,
}

/// What is needed of a block.
#[derive(Clone, Debug)]
pub struct Block {
	pub header: BeaconHeader,
	pub execution: ExecutionHeader,
	pub sync_aggregate: SyncAggregate,
}

#[derive(Deserialize)]
struct HeaderAnswer {
	#[serde(deserialize_with = "bytes")]
	root: Hash,
	canonical: bool,
	header: Message<BeaconHeader>,
}

#[derive(Deserialize)]
struct Message<T> {
	message: T,
}

#[derive(Deserialize)]
struct BlindedBlock {
	body: BlindedBody,
}

#[derive(Deserialize)]
struct BlindedBody {
	sync_aggregate: SyncAggregate,
	execution_payload_header: ExecutionHeader,
}

#[derive(Deserialize)]
struct MultiProof {
	#[serde(deserialize_with = "list")]
	leaves: Vec<Hash>,
	#[serde(deserialize_with = "bytes")]
	descriptor: Vec<u8>,
}

#[derive(Deserialize)]
struct Genesis {
	#[serde(deserialize_with = "decimal")]
	genesis_time: u64,
	#[serde(deserialize_with = "bytes")]
	genesis_validators_root: Hash,
}

impl Versioned {
	/// Reads it, if the runtime knows the fork and lets it begin when Ethereum does.
	fn read<T: DeserializeOwned>(
		self,
		forks: &ForkVersions,
		slot: impl Fn(&T) -> u64,
	) -> Result<T> {
		let version = &self.version;
		if !forks.knows(version) {
			return Err(anyhow!(
				"Ethereum is in the fork \"{version}\", which the runtime does not know. Nothing can be \
				 verified until a runtime upgrade brings that fork; deposits made meanwhile are safe and \
				 wait. Is this node's runtime the newest?"
			)
			.context(Trouble::Fork));
		}
		let read: T = serde_json::from_value(self.data).context(Trouble::Beacon)?;
		let believed = forks.name_at(epoch(slot(&read)));
		if believed != version {
			return Err(anyhow!(
				"At slot {} Ethereum is in the fork \"{version}\", but the runtime (for a checkpoint: the beacon \
				 node's own spec) believes it to be in \"{believed}\": its schedule of forks is not that of this \
				 Ethereum, so nothing would verify. A runtime upgrade (or another beacon node) must correct it.",
				slot(&read),
			)
			.context(Trouble::Fork));
		}
		Ok(read)
	}
}

impl Beacon {
	/// A beacon node at an address.
	pub fn new(client: Client, base: Url) -> Self {
		Self { client, base }
	}

	/// Asks for something; nothing if the node does not have it.
	async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>> {
		self.try_get(path).await.context(Trouble::Beacon)
	}

	async fn try_get<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>> {
		let url = format!("{}{path}", self.base.as_str().trim_end_matches('/'));
		let request = self.client.get(&url).header("accept", "application/json").timeout(PATIENCE);
		let answer = request.send().await.with_context(|| format!("{url} cannot be reached"))?;
		let status = answer.status();
		let body = answer.bytes().await.with_context(|| format!("{url} broke off"))?;
		match status {
			StatusCode::OK => {}
			StatusCode::SERVICE_UNAVAILABLE => {
				return Err(anyhow!("It is still syncing; wait until it has caught up."))
			}
			// Lodestar answers 500 where others answer 404.
			_ => {
				debug!("{url}: {status} {}", String::from_utf8_lossy(&body));
				return Ok(None);
			}
		}
		let read = serde_json::from_slice(&body);
		read.map(Some).with_context(|| format!("The answer of {url} cannot be read"))
	}

	async fn need<T: DeserializeOwned>(&self, path: &str, what: &str) -> Result<T> {
		let found = self.get(path).await?;
		found.with_context(|| format!("It has no {what} now")).context(Trouble::Beacon)
	}

	/// Fails unless the node follows Ethereum.
	pub async fn must_have_caught_up(&self) -> Result<()> {
		let Data { data }: Data<Syncing> =
			self.need("/eth/v1/node/syncing", "state of synchronisation").await?;
		let trouble = match data {
			Syncing { el_offline: true, .. } => "It has lost its execution node; look there.",
			Syncing { is_syncing: true, .. } | Syncing { is_optimistic: true, .. } => {
				"It is still syncing; wait until it has caught up."
			}
			_ => return Ok(()),
		};
		Err(anyhow!("{trouble}").context(Trouble::Beacon))
	}

	/// What the beacon chain is.
	pub async fn start(&self) -> Result<Start> {
		let Data { data: genesis }: Data<Genesis> =
			self.need("/eth/v1/beacon/genesis", "genesis").await?;
		let Data { data: spec }: Data<Map<String, Value>> =
			self.need("/eth/v1/config/spec", "spec").await?;
		Start::read(genesis, &spec).context(Trouble::Beacon)
	}

	/// The newest finality that the sync committee has signed.
	pub async fn finality_update(&self, forks: &ForkVersions) -> Result<Option<LightUpdate>> {
		let found: Option<Versioned> =
			self.get("/eth/v1/beacon/light_client/finality_update").await?;
		found
			.map(|found| found.read(forks, |it: &LightUpdate| it.attested_header.beacon.slot))
			.transpose()
	}

	/// The update of a period that names the committee after it.
	pub async fn committee_update(
		&self,
		period: u64,
		forks: &ForkVersions,
	) -> Result<Option<LightUpdate>> {
		let path = format!("/eth/v1/beacon/light_client/updates?start_period={period}&count=1");
		let found: Option<Vec<Versioned>> = self.get(&path).await?;
		let Some(found) = found.and_then(|found| found.into_iter().next()) else {
			return Ok(None);
		};
		let update: LightUpdate =
			found.read(forks, |it: &LightUpdate| it.attested_header.beacon.slot)?;
		// Without finality there is no header to go on from.
		Ok((update.finalized_header.beacon.slot > 0).then_some(update))
	}

	/// What a light client can start from at a block.
	pub async fn bootstrap(&self, root: Hash, forks: &ForkVersions) -> Result<Option<Bootstrap>> {
		let path = format!("/eth/v1/beacon/light_client/bootstrap/{}", hex::encode_prefixed(root));
		let found: Option<Versioned> = self.get(&path).await?;
		found.map(|found| found.read(forks, |it: &Bootstrap| it.header.beacon.slot)).transpose()
	}

	/// The header of a canonical block, by slot, root or name, and its root.
	pub async fn header(&self, id: &str) -> Result<Option<(Hash, BeaconHeader)>> {
		let found: Option<Data<HeaderAnswer>> =
			self.get(&format!("/eth/v1/beacon/headers/{id}")).await?;
		let Some(Data { data: HeaderAnswer { root, canonical: true, header } }) = found else {
			return Ok(None);
		};
		let header = header.message;
		let computed = root_of_header(&header);
		ensure!(
			computed == root,
			"The beacon node gives {} as the root of {computed}.",
			B256::from(root)
		);
		Ok(Some((root, header)))
	}

	/// The block at a slot, if it has one.
	pub async fn block(&self, slot: u64, forks: &ForkVersions) -> Result<Option<Block>> {
		let Some((_, header)) = self.header(&slot.to_string()).await? else { return Ok(None) };
		let found: Option<Versioned> =
			self.get(&format!("/eth/v1/beacon/blinded_blocks/{slot}")).await?;
		let Some(found) = found else { return Ok(None) };
		let Message { message } = found.read(forks, |_: &Message<BlindedBlock>| slot)?;
		let BlindedBody { sync_aggregate, execution_payload_header } = message.body;
		Ok(Some(Block { header, execution: execution_payload_header, sync_aggregate }))
	}

	async fn prove(&self, tree: &str, id: &str, gindex: u64) -> Result<Option<Branch>> {
		let wanted = descriptor(gindex);
		let path =
			format!("/eth/v0/beacon/proof/{tree}/{id}?format={}", hex::encode_prefixed(&wanted));
		let Some(Data { data }) = self.get::<Data<MultiProof>>(&path).await? else {
			return Ok(None);
		};
		ensure!(
			data.descriptor == wanted,
			"The beacon node answers another question than it was asked."
		);
		let leaves: Vec<B256> = data.leaves.into_iter().map(B256::from).collect();
		branch(gindex, &leaves).map(Some).context(Trouble::Beacon)
	}

	/// Proves a node of a block. The root is the block's.
	pub async fn prove_block(&self, root: Hash, gindex: u64) -> Result<Branch> {
		let found = self.prove("block", &hex::encode_prefixed(root), gindex).await?;
		let found = found.context("It cannot prove what is in a block").context(Trouble::Beacon)?;
		found.check(gindex, root, "a block").context(Trouble::Mismatch)?;
		Ok(found)
	}

	/// Proves a node of the state behind a block.
	pub async fn prove_state(&self, header: &BeaconHeader, gindex: u64) -> Result<Branch> {
		// Finalised states are found by slot alone, those of other branches by root alone.
		let by_slot = self.prove("state", &header.slot.to_string(), gindex).await?;
		if let Some(found) = by_slot {
			if found.check(gindex, header.state_root, "a state").is_ok() {
				return Ok(found);
			}
		}
		let by_root = self.prove("state", &hex::encode_prefixed(header.state_root), gindex).await?;
		let found = by_root
			.with_context(|| {
				format!(
					"It cannot prove what is in the state of slot {}. It takes Lodestar 1.30 or later with \
					 --serveHistoricalState",
					header.slot,
				)
			})
			.context(Trouble::Beacon)?;
		found.check(gindex, header.state_root, "a state").context(Trouble::Mismatch)?;
		Ok(found)
	}
}

#[cfg(test)]
mod tests {
	use serde_json::json;

	use super::*;
	use crate::{chain_types::tests::forks, ssz::EPOCH};

	fn versioned(version: &str, slot: u64) -> Versioned {
		let hash = hex::encode_prefixed([7; 32]);
		let data = json!({
			"slot": slot.to_string(), "proposer_index": "1", "parent_root": hash, "state_root": hash, "body_root": hash,
			"a_field_of_the_future": [],
		});
		serde_json::from_value(json!({ "version": version, "data": data, "finalized": true }))
			.unwrap()
	}

	fn read(version: &str, slot: u64) -> Result<BeaconHeader> {
		versioned(version, slot).read(&forks(), |header: &BeaconHeader| header.slot)
	}

	#[test]
	fn what_a_known_fork_says_is_read() {
		assert_eq!(read("electra", 50 * EPOCH).unwrap().slot, 50 * EPOCH);
		assert_eq!(read("deneb", 50 * EPOCH - 1).unwrap().parent_root, [7; 32]);
	}

	#[test]
	fn a_fork_that_the_runtime_does_not_know_stops_everything_and_is_named() {
		let error = read("gloas", 60 * EPOCH).unwrap_err();
		assert_eq!(Trouble::of(&error), Trouble::Fork);
		assert!(format!("{error:#}").contains("\"gloas\""));
	}

	#[test]
	fn a_fork_at_another_time_than_the_runtime_believes_is_named() {
		for (version, slot) in
			[("fulu", 60 * EPOCH), ("electra", 50 * EPOCH - 1), ("deneb", 50 * EPOCH)]
		{
			let error = read(version, slot).unwrap_err();
			assert_eq!(Trouble::of(&error), Trouble::Fork, "{version} at {slot}");
		}
	}

	#[test]
	fn a_spec_is_read_whatever_else_it_holds() {
		let genesis = || Genesis { genesis_time: 5, genesis_validators_root: [1; 32] };
		let read = |spec: Value| Start::read(genesis(), spec.as_object().unwrap());
		let spec = json!({
			"SECONDS_PER_SLOT": "12", "SLOT_DURATION_MS": "6000", "GLOAS_FORK_EPOCH": "77", "BLOB_SCHEDULE": [],
		});
		let start = read(spec).unwrap();
		assert_eq!(start.clock, Clock { genesis: 5, slot_millis: 6_000 });
		assert_eq!(start.forks, [("gloas".to_string(), 77)]);
		assert_eq!(read(json!({ "SECONDS_PER_SLOT": "12" })).unwrap().clock.slot_millis, 12_000);
		assert!(read(json!({ "SECONDS_PER_SLOT": "0" })).is_err());
	}

	#[test]
	fn slots_have_their_times() {
		let clock = Clock { genesis: 1_000, slot_millis: 12_000 };
		assert_eq!(clock.slot_at(1_000), Some(0));
		assert_eq!(clock.slot_at(1_023), Some(1));
		assert_eq!(clock.slot_at(999), None);
		assert_eq!(clock.time_of(2), 1_024);
	}
}
