//! The execution node, by JSON-RPC over HTTP.

use std::{fmt::Display, str::FromStr, time::Duration};

use alloy_primitives::hex;
use anyhow::{anyhow, bail, ensure, Context, Error, Result};
use beacon_kit::ExecutionPayloadHeader;
use http_body_util::{BodyExt, Full};
use hyper::{
	body::Bytes,
	client::conn::http1,
	header::{CONTENT_TYPE, HOST},
	Request, Uri,
};
use hyper_util::rt::TokioIo;
use serde_json::{json, Value};
use sp_core::U256;
use tokio::net::TcpStream;

const TIMEOUT: Duration = Duration::from_secs(10);

/// Where the node is.
#[derive(Clone)]
pub struct Execution {
	address: String,
	path: String,
}

impl FromStr for Execution {
	type Err = Error;

	fn from_str(url: &str) -> Result<Self> {
		let uri: Uri = url.parse()?;
		ensure!(uri.scheme_str() == Some("http"), "only http://HOST:PORT is spoken");
		let host = uri.host().context("there is no host in it")?;
		let path = uri.path_and_query().map_or("/", |path| path.as_str());
		let address = format!("{host}:{}", uri.port_u16().unwrap_or(80));
		Ok(Self { address, path: path.to_owned() })
	}
}

impl Execution {
	/// The block with a number, if there is one.
	pub async fn block(&self, number: u64) -> Result<Option<ExecutionPayloadHeader>> {
		let block =
			self.call("eth_getBlockByNumber", json!([format!("{number:#x}"), false])).await?;
		if block.is_null() {
			return Ok(None);
		}
		payload(&block).map(Some).with_context(|| format!("Execution block {number}"))
	}

	/// Lets the clock of anvil run `seconds` from block to block.
	pub async fn set_interval(&self, seconds: u64) -> Result<()> {
		self.call("anvil_setBlockTimestampInterval", json!([seconds])).await.map(drop)
	}

	/// Mines a block, at a time or when its clock says. Test nodes do.
	pub async fn mine(&self, time: Option<u64>) -> Result<()> {
		let params = time.map_or(json!([]), |time| json!([time]));
		self.call("evm_mine", params).await.map(drop)
	}

	async fn call(&self, method: &str, params: Value) -> Result<Value> {
		let asked = tokio::time::timeout(TIMEOUT, self.ask(method, params)).await;
		let answer = asked.map_err(|_| anyhow!("no answer in {} s", TIMEOUT.as_secs())).flatten();
		let context =
			|| format!("{method} of the execution node http://{}{}", self.address, self.path);
		let mut answer = answer.with_context(context)?;
		if let Some(error) = answer.get("error") {
			return Err(anyhow!("{error}")).with_context(context);
		}
		Ok(answer["result"].take())
	}

	async fn ask(&self, method: &str, params: Value) -> Result<Value> {
		let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
		let stream = TcpStream::connect(&self.address).await?;
		let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
		tokio::spawn(connection);
		let request = Request::post(&self.path)
			.header(HOST, &self.address)
			.header(CONTENT_TYPE, "application/json")
			.body(Full::new(Bytes::from(body.to_string())))?;
		let response = sender.send_request(request).await?;
		let status = response.status();
		let body = response.into_body().collect().await?.to_bytes();
		if !status.is_success() {
			bail!("HTTP status {status}");
		}
		Ok(serde_json::from_slice(&body)?)
	}
}

/// A block as a beacon block carries it. The roots of transactions and withdrawals are the execution
/// header's instead of SSZ ones, which nobody can check without the whole lists.
fn payload(block: &Value) -> Result<ExecutionPayloadHeader> {
	Ok(ExecutionPayloadHeader {
		parent_hash: parsed(block, "parentHash")?,
		fee_recipient: parsed(block, "miner")?,
		state_root: parsed(block, "stateRoot")?,
		receipts_root: parsed(block, "receiptsRoot")?,
		logs_bloom: hex::decode(text(block, "logsBloom")?)?,
		prev_randao: parsed(block, "mixHash")?,
		block_number: number(block, "number")?,
		gas_limit: number(block, "gasLimit")?,
		gas_used: number(block, "gasUsed")?,
		timestamp: number(block, "timestamp")?,
		extra_data: hex::decode(text(block, "extraData")?)?,
		base_fee_per_gas: quantity(block, "baseFeePerGas")?,
		block_hash: parsed(block, "hash")?,
		transactions_root: parsed(block, "transactionsRoot")?,
		withdrawals_root: parsed(block, "withdrawalsRoot")?,
		blob_gas_used: number(block, "blobGasUsed")?,
		excess_blob_gas: number(block, "excessBlobGas")?,
	})
}

fn text<'a>(block: &'a Value, field: &str) -> Result<&'a str> {
	block[field]
		.as_str()
		.with_context(|| format!("There is no {field}; a node since Cancun has it"))
}

fn parsed<T: FromStr<Err: Display>>(block: &Value, field: &str) -> Result<T> {
	text(block, field)?.parse().map_err(|error| anyhow!("{field}: {error}"))
}

fn quantity(block: &Value, field: &str) -> Result<U256> {
	let digits = text(block, field)?;
	let digits = digits.strip_prefix("0x").unwrap_or(digits);
	U256::from_str_radix(digits, 16).map_err(|error| anyhow!("{field}: {error}"))
}

fn number(block: &Value, field: &str) -> Result<u64> {
	let value = quantity(block, field)?;
	value.try_into().map_err(|error| anyhow!("{field}: {error}"))
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_core::{H160, H256};

	#[test]
	fn blocks_are_read() {
		let hash = |byte: u8| format!("0x{}", hex::encode([byte; 32]));
		let mut block = json!({
			"hash": hash(1), "parentHash": hash(2), "miner": format!("0x{}", "Ab".repeat(20)),
			"stateRoot": hash(3), "transactionsRoot": hash(4), "receiptsRoot": hash(5),
			"logsBloom": format!("0x{}", "00".repeat(256)), "number": "0x8", "gasLimit": "0x1c9c380",
			"gasUsed": "0x0", "timestamp": "0x6b49f296", "extraData": "0x", "mixHash": hash(6),
			"baseFeePerGas": "0x17681061", "withdrawalsRoot": hash(7), "blobGasUsed": "0x20000",
			"excessBlobGas": "0x0", "uncles": [],
		});
		let read = payload(&block).unwrap();
		assert_eq!(read.block_number, 8);
		assert_eq!(read.timestamp, 1_800_008_342);
		assert_eq!(read.base_fee_per_gas, 0x1768_1061.into());
		assert_eq!(read.fee_recipient, H160::repeat_byte(0xab));
		assert_eq!(read.withdrawals_root, H256::repeat_byte(7));
		assert_eq!((read.blob_gas_used, read.extra_data), (131_072, vec![]));
		block["gasUsed"] = json!("0x10000000000000000");
		assert!(payload(&block).unwrap_err().to_string().starts_with("gasUsed"));
		block["gasUsed"] = json!(null);
		assert!(payload(&block).unwrap_err().to_string().contains("no gasUsed"));
	}

	#[test]
	fn addresses_are_read() {
		let read = |url: &str| url.parse::<Execution>().map(|node| (node.address, node.path));
		let local = ("127.0.0.1:8545".to_owned(), "/".to_owned());
		assert_eq!(read("http://127.0.0.1:8545").unwrap(), local);
		assert_eq!(read("http://node/a?b").unwrap(), ("node:80".to_owned(), "/a?b".to_owned()));
		assert!(read("https://node").is_err() && read("node").is_err());
	}
}
