//! The Ethereum node: blocks, logs, receipts, and what the contracts say.

use std::time::Duration;

use alloy::{
	consensus::{SignableTransaction, TxEip1559},
	eips::eip2718::Encodable2718,
	network::TxSignerSync,
	primitives::{Address, Bytes, TxKind, B256, U256, U64},
	rpc::{
		client::RpcClient,
		json_rpc::{RpcRecv, RpcSend},
		types::{Filter, Log, TransactionReceipt},
	},
	signers::local::PrivateKeySigner,
	sol_types::{SolCall, SolEvent},
	transports::{RpcError, TransportError},
};
use anyhow::{anyhow, Context, Error, Result};
use serde::Deserialize;
use serde_json::{json, Value};
use tracing::debug;

use crate::{
	contracts::{name_of_error, OpenVault},
	gas::{Bid, Market, GWEI},
	trouble::Trouble,
};

/// How many blocks are searched at once, as long as the node does not find that too many.
const SEARCH: u64 = 10_000;

/// How many calls go into one request.
const BATCH: usize = 100;

/// The tip where the node recommends none.
const DEFAULT_TIP: u128 = GWEI;

/// An Ethereum node, and the account that pays there.
pub struct Ethereum {
	client: RpcClient,
	key: Option<PrivateKeySigner>,
}

/// What is needed of a block.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Block {
	number: U64,
	pub hash: B256,
	timestamp: U64,
	base_fee_per_gas: Option<U256>,
}

impl Block {
	/// Its height.
	pub fn number(&self) -> u64 {
		self.number.to()
	}

	/// Its time, in seconds since 1970.
	pub fn timestamp(&self) -> u64 {
		self.timestamp.to()
	}
}

/// Where a deposit's log is.
#[derive(Clone, Debug, PartialEq)]
pub struct Deposit {
	pub nonce: u64,
	pub block: u64,
	pub block_hash: B256,
	pub transaction: u64,
	pub address: Address,
	pub topics: Vec<B256>,
	pub data: Bytes,
}

/// A contract would revert, or did.
#[derive(Clone, Debug)]
pub struct Reverted {
	pub name: String,
}

impl std::fmt::Display for Reverted {
	fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		to.write_str(&self.name)
	}
}

impl std::error::Error for Reverted {}

impl Reverted {
	/// The name of the error that a contract reverted with, if it did.
	pub fn name_in(error: &Error) -> Option<&str> {
		error.downcast_ref::<Self>().map(|reverted| reverted.name.as_str())
	}
}

fn failed(error: TransportError) -> Error {
	let RpcError::ErrorResp(answer) = &error else {
		return Error::new(error).context("it cannot be reached").context(Trouble::Ethereum);
	};
	if !answer.message.contains("revert") {
		return Error::new(error).context(Trouble::Ethereum);
	}
	let data = answer.as_revert_data();
	let name =
		data.and_then(|data| name_of_error(&data)).unwrap_or_else(|| answer.message.to_string());
	Error::new(Reverted { name }).context(Trouble::Reverted)
}

impl Ethereum {
	/// A node at an address.
	pub fn new(http: reqwest::Client, url: reqwest::Url, key: Option<PrivateKeySigner>) -> Self {
		Self { client: RpcClient::new_http_with_client(http, url), key }
	}

	async fn ask<Answer: RpcRecv>(
		&self,
		method: &'static str,
		arguments: impl RpcSend,
	) -> Result<Answer> {
		self.client.request(method, arguments).await.map_err(failed)
	}

	/// The account that pays.
	pub fn account(&self) -> Option<Address> {
		self.key.as_ref().map(PrivateKeySigner::address)
	}

	fn key(&self) -> Result<&PrivateKeySigner> {
		self.key.as_ref().context(
			"This needs an account on Ethereum that pays the gas: name the file with its key with \
			 --ethereum-key-file (or OPENLEDGER_RELAYER_ETHEREUM_KEY_FILE).",
		)
	}

	/// The id of the chain.
	pub async fn chain_id(&self) -> Result<u64> {
		Ok(self.ask::<U64>("eth_chainId", ()).await?.to())
	}

	/// The newest block.
	pub async fn latest(&self) -> Result<Block> {
		let found: Option<Block> = self.ask("eth_getBlockByNumber", ("latest", false)).await?;
		found.context("It has no newest block").context(Trouble::Ethereum)
	}

	/// The block at a height, if there is one.
	pub async fn block(&self, number: u64) -> Result<Option<Block>> {
		self.ask("eth_getBlockByNumber", (U64::from(number), false)).await
	}

	/// What an account has.
	pub async fn balance(&self, account: Address) -> Result<U256> {
		self.ask("eth_getBalance", (account, "latest")).await
	}

	/// What a contract answers.
	pub async fn view<Call: SolCall>(&self, contract: Address, call: Call) -> Result<Call::Return> {
		let asked = json!({ "to": contract, "data": Bytes::from(call.abi_encode()) });
		let answer: Bytes = self.ask("eth_call", (asked, "latest")).await?;
		understood::<Call>(contract, &answer)
	}

	/// What a contract answers to many questions of a kind.
	pub async fn views<Call: SolCall>(
		&self,
		contract: Address,
		calls: impl IntoIterator<Item = Call>,
	) -> Result<Vec<Call::Return>> {
		let calls: Vec<Value> = calls
			.into_iter()
			.map(
				|call| json!([{ "to": contract, "data": Bytes::from(call.abi_encode()) }, "latest"]),
			)
			.collect();
		let mut answers = Vec::with_capacity(calls.len());
		for some in calls.chunks(BATCH) {
			let mut batch = self.client.new_batch();
			let waiting: Result<Vec<_>, _> =
				some.iter().map(|call| batch.add_call::<_, Bytes>("eth_call", call)).collect();
			let waiting = waiting.map_err(failed)?;
			batch.send().await.map_err(failed)?;
			for answer in waiting {
				answers.push(understood::<Call>(contract, &answer.await.map_err(failed)?)?);
			}
		}
		Ok(answers)
	}

	/// The logs of an event between two blocks, both included. Fewer at once where the node asks for that.
	async fn logs(&self, filter: &Filter, from: u64, to: u64) -> Result<Vec<Log>> {
		let mut found = Vec::new();
		let (mut start, mut length) = (from, SEARCH);
		while start <= to {
			let end = to.min(start.saturating_add(length - 1));
			let filter = filter.clone().from_block(start).to_block(end);
			match self.ask::<Vec<Log>>("eth_getLogs", (filter,)).await {
				Ok(logs) => {
					found.extend(logs);
					start = end.saturating_add(1);
				}
				Err(error)
					if length > 1
						&& error
							.downcast_ref::<TransportError>()
							.is_some_and(RpcError::is_error_resp) =>
				{
					debug!("{error:#}; searching fewer blocks at once");
					length = (length / 4).max(1);
				}
				Err(error) => return Err(error),
			}
		}
		Ok(found)
	}

	/// Finds deposits between two blocks.
	pub async fn deposits(
		&self,
		vault: Address,
		nonces: &[u64],
		from: u64,
		to: u64,
	) -> Result<Vec<Deposit>> {
		let nonces: Vec<B256> = nonces.iter().map(|nonce| B256::from(U256::from(*nonce))).collect();
		let filter = Filter::new()
			.address(vault)
			.event_signature(OpenVault::Locked::SIGNATURE_HASH)
			.topic1(nonces);
		let logs = self.logs(&filter, from, to).await?;
		logs.iter()
			.map(deposit)
			.collect::<Option<_>>()
			.context("Its logs are incomplete")
			.context(Trouble::Ethereum)
	}

	/// The events of a kind that a contract emitted from a block on.
	pub async fn events<Event: SolEvent>(
		&self,
		contract: Address,
		from: u64,
		to: u64,
	) -> Result<Vec<Event>> {
		let filter = Filter::new().address(contract).event_signature(Event::SIGNATURE_HASH);
		let logs = self.logs(&filter, from, to).await?;
		let event = |log: &Log| Event::decode_log(&log.inner).map(|log| log.data);
		logs.iter().map(event).collect::<Result<_, _>>().context(Trouble::Ethereum)
	}

	/// The receipts of a block.
	pub async fn receipts(&self, block: B256) -> Result<Vec<TransactionReceipt>> {
		let found: Option<Vec<TransactionReceipt>> =
			self.ask("eth_getBlockReceipts", (block,)).await?;
		found
			.with_context(|| format!("It has no receipts of block {block}"))
			.context(Trouble::Ethereum)
	}

	/// What gas costs now.
	pub async fn market(&self) -> Result<Market> {
		let base = self.latest().await?.base_fee_per_gas.unwrap_or_default().saturating_to();
		let tip = self.ask::<U256>("eth_maxPriorityFeePerGas", ()).await;
		Ok(Market { base, tip: tip.map_or(DEFAULT_TIP, |tip| tip.saturating_to()) })
	}

	/// How many transactions of an account are in blocks, and how many with those that wait.
	pub async fn nonces(&self, account: Address) -> Result<(u64, u64)> {
		let mined: U64 = self.ask("eth_getTransactionCount", (account, "latest")).await?;
		let pending: U64 = self.ask("eth_getTransactionCount", (account, "pending")).await?;
		Ok((mined.to(), pending.to()))
	}

	/// The gas that a call takes; fails as the call would.
	pub async fn estimate(&self, contract: Address, data: &Bytes) -> Result<u64> {
		let from = self.key()?.address();
		let asked = json!({ "from": from, "to": contract, "data": data });
		// Trying it tells more of why it fails than an estimate does.
		let _: Bytes = self.ask("eth_call", (&asked, "latest")).await?;
		Ok(self.ask::<U64>("eth_estimateGas", (asked,)).await?.to())
	}

	/// A signed transaction and its hash.
	pub fn sign(
		&self,
		chain_id: u64,
		nonce: u64,
		contract: Address,
		data: Bytes,
		gas_limit: u64,
		bid: Bid,
	) -> Result<(B256, Bytes)> {
		let mut transaction = TxEip1559 {
			chain_id,
			nonce,
			gas_limit,
			max_fee_per_gas: bid.max,
			max_priority_fee_per_gas: bid.tip,
			to: TxKind::Call(contract),
			input: data,
			..Default::default()
		};
		let signature = self.key()?.sign_transaction_sync(&mut transaction)?;
		let signed = transaction.into_signed(signature);
		Ok((*signed.hash(), Bytes::from(signed.encoded_2718())))
	}

	/// Sends a signed transaction.
	pub async fn send(&self, transaction: &Bytes) -> Result<B256> {
		self.ask("eth_sendRawTransaction", (transaction,)).await
	}

	/// The receipt of a transaction that is in a block.
	pub async fn receipt(&self, hash: B256) -> Result<Option<TransactionReceipt>> {
		self.ask("eth_getTransactionReceipt", (hash,)).await
	}
}

fn understood<Call: SolCall>(contract: Address, answer: &Bytes) -> Result<Call::Return> {
	let name = Call::SIGNATURE;
	Call::abi_decode_returns(answer)
		.map_err(|_| anyhow!("{contract} does not answer {name}: it is no contract of this bridge"))
		.context(Trouble::Ethereum)
}

fn deposit(log: &Log) -> Option<Deposit> {
	let topics = log.inner.topics().to_vec();
	Some(Deposit {
		nonce: U256::from_be_bytes(topics.get(1)?.0).saturating_to(),
		block: log.block_number?,
		block_hash: log.block_hash?,
		transaction: log.transaction_index?,
		address: log.inner.address,
		topics,
		data: log.inner.data.data.clone(),
	})
}

/// The HTTP client for both Ethereum nodes.
pub fn http() -> Result<reqwest::Client> {
	// Two libraries of the tree could do it; whichever is meant must be said once.
	let _ = rustls::crypto::ring::default_provider().install_default();
	let client = reqwest::Client::builder().connect_timeout(Duration::from_secs(10));
	client.timeout(Duration::from_secs(60)).build().context("HTTP is not available.")
}

#[cfg(test)]
mod tests {
	use alloy::{
		consensus::{Transaction, TxEnvelope},
		eips::eip2718::Decodable2718,
		primitives::keccak256,
	};

	use super::*;

	#[test]
	fn a_transaction_is_signed_for_its_chain_and_nonce() {
		let key: PrivateKeySigner =
			"ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80".parse().unwrap();
		let account = key.address();
		let ethereum =
			Ethereum::new(http().unwrap(), "http://127.0.0.1:1".parse().unwrap(), Some(key));
		let bid = Bid { max: 30 * GWEI, tip: GWEI };
		let sign =
			|nonce| ethereum.sign(31_337, nonce, Address::ZERO, Bytes::new(), 21_000, bid).unwrap();
		let (hash, raw) = sign(7);
		assert_eq!(keccak256(&raw), hash);
		let decoded = TxEnvelope::decode_2718(&mut raw.as_ref()).unwrap();
		let signed = decoded.as_eip1559().unwrap();
		let signer =
			signed.signature().recover_address_from_prehash(&signed.signature_hash()).unwrap();
		assert_eq!(signer, account);
		assert_eq!((decoded.nonce(), decoded.chain_id()), (7, Some(31_337)));
		assert_ne!(sign(8).0, hash);
	}
}
