//! The binary on top of a make-believe execution node: a client follows it by its Beacon API alone.

mod mock;

use std::{
	io::{BufRead, BufReader, Write},
	net::{TcpListener, TcpStream},
	process::{Child, Command, Stdio},
	sync::{Arc, Mutex},
	thread,
	time::{Duration, Instant},
};

use alloy_primitives::hex;
use beacon_kit::{
	receipts, CheckpointUpdate, ExecutionPayloadHeader, SyncAggregate, SyncCommittee, Update,
	SLOTS_PER_PERIOD,
};
use codec::Decode;
use frame_support::assert_ok;
use mock::{latest, run, submit, Client, RuntimeOrigin};
use serde_json::{json, Value};
use snowbridge_beacon_primitives::{
	AncestryProof, BeaconHeader, ExecutionProof, NextSyncCommitteeUpdate, PublicKey, Signature,
	VersionedExecutionPayloadHeader,
};
use snowbridge_verification_primitives::{Log, Proof, Verifier};
use sp_core::{H160, H256};

const GENESIS: u64 = 1_000_000;
const PATIENCE: Duration = Duration::from_secs(30);

/// The descriptors that a relayer needs, as Lodestar computes them.
const BLOCK_ROOTS: &str = "0x09f8";
const EXECUTION_PAYLOAD: &str = "0x447e";

/// An execution node that knows a few methods.
#[derive(Clone)]
struct Node {
	blocks: Arc<Mutex<Vec<Value>>>,
	port: u16,
}

impl Node {
	fn start() -> Self {
		let listener = TcpListener::bind("127.0.0.1:0").unwrap();
		let port = listener.local_addr().unwrap().port();
		let node = Self { blocks: Arc::default(), port };
		let serving = node.clone();
		thread::spawn(move || {
			listener.incoming().for_each(|stream| serving.serve(stream.unwrap()))
		});
		node
	}

	fn serve(&self, mut stream: TcpStream) {
		let (_, body) = read_message(&mut BufReader::new(&stream));
		let request: Value = serde_json::from_slice(&body).unwrap();
		let params = &request["params"];
		let result = match request["method"].as_str().unwrap() {
			"eth_getBlockByNumber" => {
				let number = params[0].as_str().unwrap().strip_prefix("0x").unwrap();
				let number = usize::from_str_radix(number, 16).unwrap();
				self.blocks.lock().unwrap().get(number).cloned().unwrap_or_default()
			}
			"evm_mine" => {
				let slot = params[0].as_u64().map(|time| (time - GENESIS) / 12);
				self.mine(slot.unwrap_or_else(|| self.last_slot() + 1), H256::zero(), 0);
				json!("0x0")
			}
			"anvil_setBlockTimestampInterval" => Value::Null,
			other => panic!("{other}"),
		};
		let answer = json!({ "jsonrpc": "2.0", "id": 1, "result": result }).to_string();
		let length = answer.len();
		write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{answer}").unwrap();
	}

	fn last_slot(&self) -> u64 {
		let blocks = self.blocks.lock().unwrap();
		let time = blocks.last().unwrap()["timestamp"].as_str().unwrap();
		(u64::from_str_radix(&time[2..], 16).unwrap() - GENESIS) / 12
	}

	/// Appends a block at a slot.
	fn mine(&self, slot: u64, receipts_root: H256, branch: u8) {
		let mut blocks = self.blocks.lock().unwrap();
		let number = blocks.len() as u64;
		let mut hash = H256::from_low_u64_be(number + 1);
		hash.0[0] = branch;
		let zero = H256::zero();
		let parent = blocks.last().map_or(json!(zero), |parent| parent["hash"].clone());
		blocks.push(json!({
			"hash": hash, "parentHash": parent,
			"number": format!("{number:#x}"), "timestamp": format!("{:#x}", GENESIS + slot * 12),
			"receiptsRoot": receipts_root, "logsBloom": format!("0x{}", "00".repeat(256)),
			"miner": H160::zero(), "stateRoot": zero, "transactionsRoot": zero, "mixHash": zero,
			"withdrawalsRoot": zero, "gasLimit": "0x1", "gasUsed": "0x0", "extraData": "0x",
			"baseFeePerGas": "0x7", "blobGasUsed": "0x0", "excessBlobGas": "0x0",
		}));
	}
}

/// The binary while it serves.
struct Kit {
	process: Child,
	address: String,
}

impl Kit {
	fn start(node: &Node) -> Self {
		let mut process = Command::new(env!("CARGO_BIN_EXE_beacon-kit"))
			.args([
				"serve",
				"--listen",
				"127.0.0.1:0",
				"--poll-ms",
				"10",
				"--seconds-per-slot",
				"12",
			])
			.args(["--genesis-time", &GENESIS.to_string()])
			.args(["--execution", &format!("http://127.0.0.1:{}", node.port)])
			.stdout(Stdio::piped())
			.stderr(Stdio::null())
			.spawn()
			.unwrap();
		let mut line = String::new();
		BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
		let address = line.trim().rsplit_once("http://").unwrap().1.to_owned();
		Self { process, address }
	}

	fn request(&self, method: &str, url: &str, body: &str) -> (u16, String, Value) {
		let mut stream = TcpStream::connect(&self.address).unwrap();
		let length = body.len();
		let host = &self.address;
		let request = format!(
			"{method} {url} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\n\r\n{body}"
		);
		stream.write_all(request.as_bytes()).unwrap();
		let (head, body) = read_message(&mut BufReader::new(&stream));
		let status = head.split(' ').nth(1).unwrap().parse().unwrap();
		(status, head, serde_json::from_slice(&body).unwrap())
	}

	fn get(&self, url: &str) -> Value {
		let (status, _, body) = self.request("GET", url, "");
		assert_eq!(status, 200, "{url}: {body}");
		body
	}

	fn post(&self, url: &str, body: Value) -> (u16, Value) {
		let (status, _, body) = self.request("POST", url, &body.to_string());
		(status, body)
	}

	/// Waits until the status has a value.
	fn wait(&self, field: &str, value: impl Into<Value>) {
		let (value, start) = (value.into(), Instant::now());
		loop {
			let status = self.get("/kit/status");
			if status[field] == value {
				return;
			}
			assert!(start.elapsed() < PATIENCE, "{field} is not {value}: {status}");
			thread::sleep(Duration::from_millis(10));
		}
	}

	/// The leaf and the siblings, from the lowest, of a proof of one generalised index.
	fn proof(&self, tree: &str, id: u64, gindex: u64, descriptor: &str) -> (H256, Vec<H256>) {
		let body = self.get(&format!("/eth/v0/beacon/proof/{tree}/{id}?format={descriptor}"));
		let mut leaves: Vec<H256> = hashes(&body["data"]["leaves"]);
		let depth = gindex.ilog2();
		let mut siblings = Vec::new();
		for level in (0..depth).rev() {
			let from_left = gindex >> level & 1 == 1;
			siblings.push(if from_left { leaves.remove(0) } else { leaves.pop().unwrap() });
		}
		siblings.reverse();
		let [leaf] = leaves[..] else { panic!("one leaf is left") };
		(leaf, siblings)
	}

	/// An update as a relayer makes it of the API's: it adds the block roots.
	fn update(&self, data: &Value) -> Update {
		let finalized_header = header(&data["finalized_header"]["beacon"]);
		let (block_roots_root, block_roots_branch) =
			self.proof("state", finalized_header.slot, 69, BLOCK_ROOTS);
		let next = data.get("next_sync_committee").map(|next| NextSyncCommitteeUpdate {
			next_sync_committee: committee(next),
			next_sync_committee_branch: hashes(&data["next_sync_committee_branch"]),
		});
		Update {
			attested_header: header(&data["attested_header"]["beacon"]),
			sync_aggregate: SyncAggregate {
				sync_committee_bits: bytes(&data["sync_aggregate"]["sync_committee_bits"]),
				sync_committee_signature: Signature(bytes(
					&data["sync_aggregate"]["sync_committee_signature"],
				)),
			},
			signature_slot: number(&data["signature_slot"]),
			next_sync_committee_update: next,
			finalized_header,
			finality_branch: hashes(&data["finality_branch"]),
			block_roots_root,
			block_roots_branch,
		}
	}

	fn finality_update(&self) -> Update {
		self.update(&self.get("/eth/v1/beacon/light_client/finality_update")["data"])
	}

	fn committee_update(&self, period: u64) -> Update {
		let url = format!("/eth/v1/beacon/light_client/updates?start_period={period}&count=1");
		self.update(&self.get(&url)[0]["data"])
	}

	/// The proof of the execution block at a slot, to a client that knows the block at `anchor`.
	fn execution_proof(&self, slot: u64, anchor: u64) -> ExecutionProof {
		let block = self.get(&format!("/eth/v1/beacon/blinded_blocks/{slot}"));
		let payload = &block["data"]["message"]["body"]["execution_payload_header"];
		let (_, mut execution_branch) = self.proof("block", slot, 201, EXECUTION_PAYLOAD);
		execution_branch.truncate(4);
		let place = (69 << 13) + slot % 8192;
		let (root, mut header_branch) = self.proof("state", anchor, place, &descriptor(place));
		header_branch.truncate(13);
		let found = self.get(&format!("/eth/v1/beacon/headers/{slot}"));
		assert_eq!(found["data"]["root"], json!(root));
		let anchor = self.get(&format!("/eth/v1/beacon/headers/{anchor}"));
		let finalized_block_root = serde_json::from_value(anchor["data"]["root"].clone()).unwrap();
		ExecutionProof {
			header: header(&found["data"]["header"]["message"]),
			ancestry_proof: Some(AncestryProof { header_branch, finalized_block_root }),
			execution_header: VersionedExecutionPayloadHeader::Deneb(execution_payload(payload)),
			execution_branch,
		}
	}
}

impl Drop for Kit {
	fn drop(&mut self) {
		let _ = self.process.kill();
		let _ = self.process.wait();
	}
}

fn read_message(stream: &mut impl BufRead) -> (String, Vec<u8>) {
	let mut head = String::new();
	while !head.ends_with("\r\n\r\n") {
		assert_ne!(stream.read_line(&mut head).unwrap(), 0, "cut short: {head}");
	}
	let lower = head.to_lowercase();
	let length = lower.split_once("content-length: ").unwrap().1.split("\r\n").next().unwrap();
	let mut body = vec![0; length.parse().unwrap()];
	stream.read_exact(&mut body).unwrap();
	(head, body)
}

fn number(value: &Value) -> u64 {
	value.as_str().unwrap().parse().unwrap()
}

fn hashes(value: &Value) -> Vec<H256> {
	serde_json::from_value(value.clone()).unwrap()
}

fn bytes<const N: usize>(value: &Value) -> [u8; N] {
	hex::decode_to_array(value.as_str().unwrap()).unwrap()
}

fn header(value: &Value) -> BeaconHeader {
	BeaconHeader {
		slot: number(&value["slot"]),
		proposer_index: number(&value["proposer_index"]),
		parent_root: H256(bytes(&value["parent_root"])),
		state_root: H256(bytes(&value["state_root"])),
		body_root: H256(bytes(&value["body_root"])),
	}
}

fn committee(value: &Value) -> SyncCommittee {
	let pubkeys = value["pubkeys"].as_array().unwrap();
	let pubkeys: Vec<PublicKey> = pubkeys.iter().map(|key| PublicKey(bytes(key))).collect();
	SyncCommittee {
		pubkeys: pubkeys.try_into().unwrap(),
		aggregate_pubkey: PublicKey(bytes(&value["aggregate_pubkey"])),
	}
}

fn execution_payload(value: &Value) -> ExecutionPayloadHeader {
	ExecutionPayloadHeader {
		parent_hash: H256(bytes(&value["parent_hash"])),
		fee_recipient: H160(bytes(&value["fee_recipient"])),
		state_root: H256(bytes(&value["state_root"])),
		receipts_root: H256(bytes(&value["receipts_root"])),
		logs_bloom: bytes::<256>(&value["logs_bloom"]).to_vec(),
		prev_randao: H256(bytes(&value["prev_randao"])),
		block_number: number(&value["block_number"]),
		gas_limit: number(&value["gas_limit"]),
		gas_used: number(&value["gas_used"]),
		timestamp: number(&value["timestamp"]),
		extra_data: hex::decode(value["extra_data"].as_str().unwrap()).unwrap(),
		base_fee_per_gas: value["base_fee_per_gas"]
			.as_str()
			.unwrap()
			.parse::<u64>()
			.unwrap()
			.into(),
		block_hash: H256(bytes(&value["block_hash"])),
		transactions_root: H256(bytes(&value["transactions_root"])),
		withdrawals_root: H256(bytes(&value["withdrawals_root"])),
		blob_gas_used: number(&value["blob_gas_used"]),
		excess_blob_gas: number(&value["excess_blob_gas"]),
	}
}

/// Lodestar's descriptor of one generalised index: down to it, and the siblings on the way.
fn descriptor(gindex: u64) -> String {
	let mut bits = String::new();
	let mut right = 0;
	for level in (0..gindex.ilog2()).rev() {
		if gindex >> level & 1 == 1 {
			bits.push_str("01");
		} else {
			bits.push('0');
			right += 1;
		}
	}
	bits.push('1');
	bits.push_str(&"1".repeat(right));
	let bytes = bits
		.as_bytes()
		.chunks(8)
		.map(|byte| byte.iter().enumerate().fold(0_u8, |sum, (i, bit)| sum | (bit & 1) << (7 - i)));
	hex::encode_prefixed(bytes.collect::<Vec<u8>>())
}

fn printed_checkpoint(genesis_time: u64) -> String {
	let printed = Command::new(env!("CARGO_BIN_EXE_beacon-kit"))
		.args(["checkpoint", "--genesis-time", &genesis_time.to_string()])
		.output()
		.unwrap();
	String::from_utf8(printed.stdout).unwrap().trim().to_string()
}

fn start_client(genesis_time: u64) {
	let encoded = hex::decode(printed_checkpoint(genesis_time)).unwrap();
	let checkpoint = CheckpointUpdate::decode(&mut encoded.as_slice()).unwrap();
	assert_ok!(Client::force_checkpoint(RuntimeOrigin::root(), Box::new(checkpoint)));
}

/// Production nodes are shown it, and must refuse it.
#[test]
fn the_recorded_checkpoint_is_the_one_of_this_chain() {
	let recorded = include_str!("../vectors/checkpoint.hex").trim();
	assert_eq!(recorded, printed_checkpoint(0));
}

#[test]
fn descriptors_are_those_of_lodestar() {
	assert_eq!(descriptor(42), "0x25e0");
	assert_eq!((&*descriptor(69), &*descriptor(201)), (BLOCK_ROOTS, EXECUTION_PAYLOAD));
}

#[test]
fn a_client_follows_and_verifies_by_the_api_alone() {
	let node = Node::start();
	let log = receipts::log(H160::repeat_byte(1), vec![H256::repeat_byte(2)], vec![3; 32]);
	let block = receipts::block(&[vec![], vec![log]]);
	for slot in 70..76 {
		let root = if slot == 71 { receipts::root(&block) } else { H256::zero() };
		node.mine(slot, root, 0);
	}
	let kit = Kit::start(&node);
	kit.wait("head_slot", "75");
	run(|| {
		start_client(GENESIS);
		assert_ok!(submit(kit.committee_update(0)));
		assert_ok!(submit(kit.finality_update()));
		let anchor = kit.get("/eth/v1/beacon/light_client/finality_update");
		let anchor = number(&anchor["data"]["finalized_header"]["beacon"]["slot"]);
		assert_eq!(anchor, 72);
		let event = Log {
			address: H160::repeat_byte(1),
			topics: vec![H256::repeat_byte(2)],
			data: vec![3; 32],
			tx_index: 1,
		};
		let mut proof = Proof {
			receipt_proof: receipts::proof(&block, 1),
			execution_proof: kit.execution_proof(71, anchor),
		};
		assert_eq!(Client::verify(&event, &proof), Ok(()));
		proof.execution_proof = kit.execution_proof(70, anchor);
		assert!(Client::verify(&event, &proof).is_err());
	});
}

#[test]
fn a_client_follows_a_jump_over_periods() {
	let node = Node::start();
	(70..76).for_each(|slot| node.mine(slot, H256::zero(), 0));
	let kit = Kit::start(&node);
	kit.wait("head_slot", "75");
	let (status, body) = kit.post("/kit/jump", json!({ "periods": 3 }));
	assert_eq!((status, &body["period"]), (200, &json!("3")), "{body}");
	run(|| {
		start_client(GENESIS);
		for period in 0..4 {
			assert_ok!(submit(kit.committee_update(period)));
		}
		let update = kit.finality_update();
		assert_eq!(update.finalized_header.slot, 3 * SLOTS_PER_PERIOD);
		assert_ok!(submit(update.clone()));
		assert_eq!(latest(), update.finalized_header.hash_tree_root().unwrap());
	});
}

#[test]
fn a_reorganisation_of_the_execution_node_is_followed() {
	let node = Node::start();
	(70..76).for_each(|slot| node.mine(slot, H256::zero(), 0));
	let kit = Kit::start(&node);
	kit.wait("execution_block", "5");
	let before = kit.get("/eth/v1/beacon/headers/head")["data"]["root"].clone();
	node.blocks.lock().unwrap().truncate(4);
	node.mine(74, H256::zero(), 1);
	node.mine(76, H256::zero(), 1);
	kit.wait("head_slot", "76");
	let dropped = kit.get(&format!("/eth/v1/beacon/headers/{}", before.as_str().unwrap()));
	assert_eq!(dropped["data"]["canonical"], false);
	assert_eq!(kit.get("/kit/status")["error"], Value::Null);
	// Slot 73 is final: to drop that is no longer followed.
	node.blocks.lock().unwrap().truncate(3);
	node.mine(80, H256::zero(), 2);
	let start = Instant::now();
	while kit.get("/kit/status")["error"].is_null() {
		assert!(start.elapsed() < PATIENCE);
		thread::sleep(Duration::from_millis(10));
	}
	assert_eq!(kit.get("/kit/status")["head_slot"], "76");
	let error = kit.get("/kit/status")["error"].as_str().unwrap().to_owned();
	assert!(error.contains("final"), "{error}");
}

#[test]
fn tests_can_stall_reorganise_and_silence_the_chain() {
	let node = Node::start();
	(70..76).for_each(|slot| node.mine(slot, H256::zero(), 0));
	let kit = Kit::start(&node);
	kit.wait("head_slot", "75");
	assert_eq!(kit.post("/kit/stall", json!({ "what": "head" })).1["stalled"], "head");
	node.mine(76, H256::zero(), 0);
	assert_eq!(kit.post("/kit/jump", json!({ "periods": 1 })).0, 400);
	assert_eq!(kit.get("/kit/status")["head_slot"], "75");
	kit.post("/kit/participation", json!({ "signers": 341 }));
	kit.post("/kit/stall", json!({ "what": "none" }));
	kit.wait("head_slot", "76");
	let few = kit.finality_update().sync_aggregate.sync_committee_bits;
	assert_eq!(few.iter().map(|byte| byte.count_ones()).sum::<u32>(), 341);
	let root = kit.get("/eth/v1/beacon/headers/head")["data"]["root"].clone();
	let (status, body) = kit.post("/kit/reorg", json!({ "depth": 1 }));
	assert_eq!(status, 200);
	assert_ne!(body["head_root"], root);
	assert_eq!(body["head_slot"], "76");
	let (status, body) = kit.post("/kit/skip", json!({ "slots": 2 * SLOTS_PER_PERIOD }));
	assert_eq!((status, &body["period"]), (200, &json!("2")), "{body}");
	let missing = kit.get("/eth/v1/beacon/light_client/updates?start_period=1&count=1");
	assert_eq!(missing, json!([]));
	for (url, order) in [
		("/kit/reorg", json!({ "depth": 50 })),
		("/kit/reorg", json!({})),
		("/kit/jump", json!({ "periods": 0 })),
		("/kit/stall", json!({ "what": "time" })),
		("/kit/participation", json!({ "signers": 513 })),
	] {
		let (status, body) = kit.post(url, order);
		assert_eq!((status, &body["code"]), (400, &json!(400)), "{url}: {body}");
	}
	assert_eq!(kit.post("/kit/other", json!({})).0, 404);
	let (status, _, _) = kit.request("PUT", "/kit/status", "");
	assert_eq!(status, 405);
}

#[test]
fn the_head_names_its_fork() {
	let kit = Kit::start(&Node::start());
	let (_, head, _) = kit.request("GET", "/eth/v1/beacon/blinded_blocks/head", "");
	assert!(head.to_lowercase().contains("eth-consensus-version: electra"), "{head}");
	let (status, head, body) = kit.request("GET", "/eth/v1/beacon/headers/65", "");
	assert_eq!(
		(status, body),
		(404, json!({ "code": 404, "message": "No block found for id '65'" }))
	);
	assert!(head.to_lowercase().contains("content-type: application/json"), "{head}");
}
