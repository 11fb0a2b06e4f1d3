//! The node of the chain: a connection that is made again when it breaks, reading, and sending.

use std::{
	sync::{Arc, OnceLock},
	time::Duration,
};

use alloy::primitives::hex;
use anyhow::{anyhow, ensure, Context, Error, Result};
use serde::Deserialize;
use subxt::{
	backend::LegacyBackend,
	client::OnlineClientAtBlock,
	config::{substrate::SubstrateHeader, RpcConfigFor, SubstrateExtrinsicParamsBuilder},
	dynamic::{self, Value},
	error::DispatchError,
	ext::{scale_decode::DecodeAsType, scale_value::ValueDef},
	rpcs::{methods::LegacyRpcMethods, rpc_params, RpcClient},
	tx::{Payload, TransactionStatus},
	utils::{AccountId32, H256},
	OnlineClient, SubstrateConfig,
};
use subxt_signer::sr25519::Keypair;
use tokio::{sync::Mutex, time::timeout};

use crate::{beefy, trouble::Trouble};

/// The state at a block.
pub type At = OnlineClientAtBlock<SubstrateConfig>;

/// A header of the chain.
pub type Header = SubstrateHeader<H256>;

/// How long a node may take to answer at all.
const ANSWER: Duration = Duration::from_secs(20);

/// How many blocks a transaction may wait.
const MORTALITY: u64 = 32;

/// How long it is waited for: as many blocks, and a little more.
const INCLUSION: Duration = Duration::from_secs(240);

/// A node, connected or not.
pub struct Node {
	url: String,
	config: SubstrateConfig,
	genesis: OnceLock<H256>,
	connection: Mutex<Option<Connection>>,
}

/// A connection to a node.
#[derive(Clone)]
pub struct Connection {
	rpc: RpcClient,
	legacy: LegacyRpcMethods<RpcConfigFor<SubstrateConfig>>,
	client: OnlineClient<SubstrateConfig>,
}

/// The chain does not carry out a call, and calls the reason by this name.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
	pub name: String,
}

impl std::fmt::Display for Refused {
	fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		to.write_str(&self.name)
	}
}

impl std::error::Error for Refused {}

impl Refused {
	fn error(name: impl Into<String>) -> Error {
		Error::new(Self { name: name.into() }).context(Trouble::Refused)
	}

	/// The name by which the chain refused, if it did.
	pub fn name_in(error: &Error) -> Option<&str> {
		error.downcast_ref::<Self>().map(|refused| refused.name.as_str())
	}
}

impl Node {
	/// A node at an address; it is connected when it is needed.
	pub fn new(url: &str) -> Self {
		Self {
			url: url.into(),
			config: SubstrateConfig::new(),
			genesis: OnceLock::new(),
			connection: Mutex::new(None),
		}
	}

	/// A connection that answers.
	pub async fn connection(&self) -> Result<Connection> {
		let mut kept = self.connection.lock().await;
		if let Some(connection) = &*kept {
			let alive = timeout(ANSWER, connection.legacy.chain_get_finalized_head()).await;
			if matches!(alive, Ok(Ok(_))) {
				return Ok(connection.clone());
			}
			*kept = None;
		}
		let connection = timeout(ANSWER, self.connect())
			.await
			.map_err(|_| anyhow!("It does not answer"))
			.and_then(|connected| connected)
			// Libraries wrap the reason in their names; people want the reason.
			.map_err(|error| {
				let text = error.root_cause().to_string();
				anyhow!("{}", text.rsplit("client error: ").next().unwrap_or_default())
			})
			.with_context(|| format!("{} cannot be reached; is the node running?", self.url))
			.context(Trouble::Node)?;
		*kept = Some(connection.clone());
		Ok(connection)
	}

	async fn connect(&self) -> Result<Connection> {
		let rpc = RpcClient::from_insecure_url(&self.url).await?;
		let backend: LegacyBackend<SubstrateConfig> = LegacyBackend::builder().build(rpc.clone());
		let config = self.config.clone();
		let client = OnlineClient::from_backend_with_config(config, Arc::new(backend)).await?;
		let genesis = *self.genesis.get_or_init(|| client.genesis_hash());
		ensure!(
			client.genesis_hash() == genesis,
			"It serves another chain than before: its first block is {:?} and was {genesis:?}",
			client.genesis_hash(),
		);
		Ok(Connection { legacy: LegacyRpcMethods::new(rpc.clone()), rpc, client })
	}
}

/// An answer of `mmr_generateProof`.
#[derive(Deserialize)]
struct LeavesProof {
	leaves: String,
	proof: String,
}

impl Connection {
	/// The best block.
	pub async fn best(&self) -> Result<At> {
		let hash = self.legacy.chain_get_block_hash(None).await.context(Trouble::Node)?;
		self.at(hash.context("It has no best block").context(Trouble::Node)?).await
	}

	/// The last block that is final.
	pub async fn finalized(&self) -> Result<At> {
		self.at(self.legacy.chain_get_finalized_head().await.context(Trouble::Node)?).await
	}

	async fn at(&self, hash: H256) -> Result<At> {
		self.client.at_block(hash).await.context(Trouble::Node)
	}

	/// The header at a height of the best chain.
	pub async fn header(&self, height: u32) -> Result<(H256, Header)> {
		let hash =
			self.legacy.chain_get_block_hash(Some(height.into())).await.context(Trouble::Node)?;
		let hash =
			hash.with_context(|| format!("It has no block {height}")).context(Trouble::Node)?;
		Ok((hash, self.header_of(hash).await?))
	}

	async fn header_of(&self, hash: H256) -> Result<Header> {
		let header = self.legacy.chain_get_header(Some(hash)).await.context(Trouble::Node)?;
		header.with_context(|| format!("It has no header of {hash:?}")).context(Trouble::Node)
	}

	/// The last block that BEEFY has made final.
	pub async fn beefy_head(&self) -> Result<u32> {
		let hash = self.rpc.request::<H256>("beefy_getFinalizedHead", rpc_params![]).await;
		let hash = hash
			.context("It knows no block that BEEFY has made final; a node that was just started needs a moment")
			.context(Trouble::Node)?;
		u32::try_from(self.header_of(hash).await?.number).context("The chain is too long.")
	}

	/// The BEEFY justification stored with a block.
	pub async fn justification(&self, hash: H256) -> Result<Option<Vec<u8>>> {
		let block = self.legacy.chain_get_block(Some(hash)).await.context(Trouble::Node)?;
		let found = block.and_then(|block| block.justifications).unwrap_or_default();
		Ok(found.into_iter().find(|(engine, _)| *engine == beefy::ENGINE).map(|(_, bytes)| bytes))
	}

	/// The leaf that a block added to the MMR, and its proof under the root at another block.
	pub async fn leaf_proof(&self, block: u32, at: u32) -> Result<beefy::LeafProof> {
		let asked = rpc_params![[block], at];
		let answer: LeavesProof =
			self.rpc.request("mmr_generateProof", asked).await.context(Trouble::Node)?;
		let (leaves, proof) = (hex::decode(answer.leaves)?, hex::decode(answer.proof)?);
		beefy::LeafProof::decode(&leaves, &proof).context(Trouble::Node)
	}

	/// Whether a value is stored, without fetching it.
	pub async fn stores(&self, at: &At, pallet: &str, entry: &str) -> Result<bool> {
		let address = dynamic::storage::<Vec<Value>, Value>(pallet, entry);
		let key = at.storage().entry(address).and_then(|entry| entry.fetch_key(Vec::new()));
		let asked = rpc_params![hex::encode_prefixed(key.context(Trouble::Node)?), at.block_hash()];
		let hash = self.rpc.request::<Option<String>>("state_getStorageHash", asked).await;
		Ok(hash.context(Trouble::Node)?.is_some())
	}

	/// Has a call carried out: tries it without sending it, then sends it and waits until it is in a block.
	pub async fn perform<Call: Payload>(&self, key: &Keypair, call: &Call) -> Result<()> {
		let account = AccountId32(key.public_key().0);
		let best = self.best().await?;
		let mut transactions = best.tx();
		let nonce = transactions.account_nonce(&account).await.context(Trouble::Node)?;
		let next = self.legacy.system_account_next_index(&account).await.context(Trouble::Node)?;
		// What this account wanted before a restart may be the same as now.
		ensure!(
			next <= nonce,
			anyhow!(
				"a transaction of {account} still waits in its pool; waiting for it to end. An account should serve \
				 one relayer only"
			)
			.context(Trouble::Pool)
		);
		// A state does not know the hash of its own block, so the trial could not find a birth there.
		let birth = best.block_header().await.context(Trouble::Node)?.parent_hash;
		let parameters = SubstrateExtrinsicParamsBuilder::new()
			.mortal_from_unchecked(MORTALITY, best.block_number().saturating_sub(1), birth)
			.nonce(nonce)
			.build();
		let signed = transactions
			.create_signed(call, key, parameters)
			.await
			.with_context(|| {
				format!(
					"{}.{} is not what this relayer was built for; is there a newer one?",
					call.pallet_name(),
					call.call_name(),
				)
			})
			.context(Trouble::Node)?;
		let outcome = best
			.runtime_apis()
			.call_raw("BlockBuilder_apply_extrinsic", Some(signed.encoded()))
			.await;
		must_succeed(&outcome.context(Trouble::Node)?, &best)?;

		let progress = signed.submit_and_watch().await.context(Trouble::Pool)?;
		let landed = async {
			let mut progress = progress;
			while let Some(status) = progress.next().await {
				match status.context(Trouble::Node)? {
					TransactionStatus::InBestBlock(block)
					| TransactionStatus::InFinalizedBlock(block) => return Ok(block),
					TransactionStatus::Error { message }
					| TransactionStatus::Invalid { message }
					| TransactionStatus::Dropped { message } => {
						return Err(
							anyhow!("It gave up a transaction: {message}").context(Trouble::Pool)
						)
					}
					_ => {}
				}
			}
			Err(anyhow!("It no longer says what becomes of a transaction").context(Trouble::Node))
		};
		let block = timeout(INCLUSION, landed).await.map_err(|_| {
			anyhow!("It has put a transaction into no block for {INCLUSION:?}")
				.context(Trouble::Pool)
		})??;
		match block.wait_for_success().await {
			Ok(_) => Ok(()),
			Err(subxt::error::TransactionEventsError::ExtrinsicFailed(error)) => {
				Err(Refused::error(name_of(&error)))
			}
			Err(error) => Err(Error::new(error).context(Trouble::Node)),
		}
	}

	/// What an account can spend.
	pub async fn balance(&self, at: &At, key: &Keypair) -> Result<u128> {
		#[derive(DecodeAsType)]
		#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
		struct Account {
			data: Data,
		}
		#[derive(DecodeAsType)]
		#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
		struct Data {
			free: u128,
		}
		let id = Value::from_bytes(key.public_key().0);
		let account: Option<Account> = read(at, "System", "Account", vec![id]).await?;
		Ok(account.map_or(0, |account| account.data.free))
	}
}

/// Reads a value of storage.
pub async fn read<T: DecodeAsType>(
	at: &At,
	pallet: &str,
	entry: &str,
	keys: Vec<Value>,
) -> Result<Option<T>> {
	let address = dynamic::storage::<Vec<Value>, T>(pallet, entry);
	let value = at.storage().try_fetch(address, keys).await;
	let value =
		value.with_context(|| format!("{pallet}.{entry} cannot be read")).context(Trouble::Node)?;
	let decoded = value.map(|value| value.decode()).transpose();
	decoded.with_context(|| format!("{pallet}.{entry} cannot be understood")).context(Trouble::Node)
}

/// Reads a constant of the runtime.
pub fn constant<T: DecodeAsType>(at: &At, pallet: &str, name: &str) -> Result<T> {
	let value = at.constants().entry(dynamic::constant::<T>(pallet, name));
	value.with_context(|| format!("{pallet} has no constant {name}")).context(Trouble::Node)
}

/// Asks a runtime API.
pub async fn ask<T: DecodeAsType>(
	at: &At,
	api: &str,
	method: &str,
	arguments: Vec<Value>,
) -> Result<T> {
	let call = dynamic::runtime_api_call::<Vec<Value>, T>(api, method, arguments);
	let answer = at.runtime_apis().call(call).await;
	answer.with_context(|| format!("{api}.{method} gives no answer")).context(Trouble::Node)
}

/// Reads the outcome of a transaction that was tried.
fn must_succeed(outcome: &[u8], at: &At) -> Result<()> {
	match outcome {
		[0, 0, ..] => Ok(()),
		[0, 1, error @ ..] => {
			let error = DispatchError::decode_from(error, at.metadata()).context(Trouble::Node)?;
			Err(Refused::error(name_of(&error)))
		}
		// The weight of the block before counts in a trial; the next block has room again.
		[1, 0, 6, ..] => Ok(()),
		[1, 0, 1, ..] => Err(anyhow!(
			"The account that signs cannot pay the fee that is held until a call has succeeded. Fund it."
		)
		.context(Trouble::Funds)),
		[1, rest @ ..] => Err(Refused::error(format!("Invalid transaction {rest:?}"))),
		_ => Err(anyhow!("A trial has an unknown outcome: {outcome:?}").context(Trouble::Node)),
	}
}

/// The name of an error, down to its innermost variant, such as `EthereumBridge.Verification.LogNotFound`.
fn name_of(error: &DispatchError) -> String {
	let DispatchError::Module(error) = error else { return format!("{error:?}") };
	let Ok(value) = error.as_root_error::<Value>() else { return error.details_string() };
	names(value).join(".")
}

fn names(value: Value) -> Vec<String> {
	let ValueDef::Variant(variant) = value.value else { return Vec::new() };
	let inner = variant.values.into_values().next().map(names).unwrap_or_default();
	[vec![variant.name], inner].concat()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_error_is_called_by_its_innermost_name() {
		let log = Value::unnamed_variant("LogNotFound", []);
		let verification = Value::unnamed_variant("Verification", [log]);
		let error = Value::unnamed_variant("EthereumBridge", [verification]);
		assert_eq!(names(error).join("."), "EthereumBridge.Verification.LogNotFound");
	}

	#[test]
	fn a_refusal_keeps_its_name_below_other_words() {
		let error = Refused::error("EthereumBridge.Halted").context("Deposit 7");
		assert_eq!(Refused::name_in(&error), Some("EthereumBridge.Halted"));
		assert_eq!(Trouble::of(&error), Trouble::Refused);
	}
}
