//! Proofs out of a small beacon chain that a server in this process speaks for, verified as the chain verifies them.

use std::{
	collections::BTreeMap,
	sync::{Arc, LazyLock},
};

use alloy::{
	hex,
	primitives::{Address, Bytes, U256},
	rpc::types::TransactionReceipt,
};
use serde_json::{json, Value};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{TcpListener, TcpStream},
};

use super::*;
use crate::{
	chain_types::{tests::forks, ExecutionHeader, SyncCommittee},
	ethereum::http,
	multiproof::{branch, descriptor},
	ssz::{hash, root_of_committee, KEY},
};

/// Electra has begun, and a period ends soon after.
pub const START: u64 = PERIOD - 200;

/// What the first validators were.
pub const VALIDATORS: Hash = [3; 32];

/// What a node says instead, at a place of its answers to some paths; null in place of all is no answer.
pub struct Lie {
	pub to: &'static str,
	pub at: String,
	pub says: Value,
}

struct Tree {
	root: B256,
	below: Option<Box<(Tree, Tree)>>,
}

impl Tree {
	fn leaf(root: impl Into<B256>) -> Self {
		Self { root: root.into(), below: None }
	}

	/// Over as many subtrees as a power of two.
	fn over(mut layer: Vec<Tree>) -> Self {
		while layer.len() > 1 {
			let mut nodes = layer.into_iter();
			let mut up = Vec::new();
			while let (Some(left), Some(right)) = (nodes.next(), nodes.next()) {
				let root = hash(left.root, right.root);
				up.push(Tree { root, below: Some(Box::new((left, right))) });
			}
			layer = up;
		}
		layer.pop().unwrap()
	}

	/// Over leaves of which most are zero.
	fn sparse(leaves: &BTreeMap<u64, B256>, from: u64, width: u64) -> Self {
		if width == 1 {
			return Tree::leaf(leaves.get(&from).copied().unwrap_or_default());
		}
		if leaves.range(from..from + width).next().is_none() {
			let zero = (1..width.ilog2()).fold(B256::ZERO, |node, _| hash(node, node));
			return Tree::leaf(hash(zero, zero));
		}
		let half = width / 2;
		Tree::over(vec![Self::sparse(leaves, from, half), Self::sparse(leaves, from + half, half)])
	}

	/// The leaves that a descriptor asks for.
	fn prove(&self, bits: &mut impl Iterator<Item = bool>, leaves: &mut Vec<B256>) {
		if bits.next().unwrap() {
			leaves.push(self.root);
		} else {
			let (left, right) = &**self.below.as_ref().unwrap();
			left.prove(bits, leaves);
			right.prove(bits, leaves);
		}
	}
}

fn bits(bytes: &[u8]) -> impl Iterator<Item = bool> + '_ {
	bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1))
}

fn number(value: u64) -> Tree {
	Tree::leaf(B256::right_padding_from(&value.to_le_bytes()))
}

pub struct Known {
	pub header: BeaconHeader,
	pub root: B256,
	execution: ExecutionHeader,
	signers: usize,
	block: Tree,
	state: Tree,
	block_roots_root: Hash,
}

impl Known {
	fn anchor(&self) -> Anchor {
		Anchor {
			slot: self.header.slot,
			root: self.root.0,
			block_roots_root: self.block_roots_root,
		}
	}
}

#[derive(Default)]
pub struct World {
	pub blocks: BTreeMap<u64, Known>,
	pub lie: Option<Lie>,
	receipts: Value,
	receipts_root: Hash,
}

static COMMITTEE_ROOT: LazyLock<B256> = LazyLock::new(|| root_of_committee(&committee()).unwrap());

fn committee() -> SyncCommittee {
	let pubkeys = (0..COMMITTEE).map(|at| vec![(at % 251) as u8; KEY]).collect();
	SyncCommittee { pubkeys, aggregate_pubkey: vec![251; KEY] }
}

fn message(header: &BeaconHeader) -> Value {
	json!({
		"slot": header.slot.to_string(), "proposer_index": "1", "parent_root": B256::from(header.parent_root),
		"state_root": B256::from(header.state_root), "body_root": B256::from(header.body_root),
	})
}

impl World {
	fn new() -> Self {
		let recorded: Value =
			serde_json::from_str(include_str!("../../vectors/receipts.json")).unwrap();
		let root: B256 = recorded["receiptsRoot"].as_str().unwrap().parse().unwrap();
		Self { receipts: recorded["receipts"].clone(), receipts_root: root.0, ..Self::default() }
	}

	/// Adds a block, in whose state another slot is final.
	fn add(&mut self, slot: u64, finalized: u64, signers: usize) {
		let last =
			|before: u64| self.blocks.range(..before).next_back().map(|(_, known)| known.root);
		let parent = last(slot).unwrap_or_default();
		let first = self.blocks.keys().next().copied().unwrap_or(slot);
		let block_roots: BTreeMap<u64, B256> =
			(first..slot).filter_map(|of| Some((of % PERIOD, last(of + 1)?))).collect();
		let roots = Tree::sparse(&block_roots, 0, PERIOD);
		let block_roots_root = roots.root.0;
		let finalized = self.blocks.get(&finalized).map_or(B256::ZERO, |known| known.root);
		let mut fields: Vec<Tree> =
			(0..64).map(|at| Tree::leaf(B256::with_last_byte(at))).collect();
		fields[1] = Tree::leaf(VALIDATORS);
		fields[5] = roots;
		fields[22] = Tree::leaf(*COMMITTEE_ROOT);
		fields[20] = Tree::over(vec![number(9), Tree::leaf(finalized)]);
		let state = Tree::over(fields);

		let execution = ExecutionHeader {
			block_number: slot - START,
			block_hash: B256::from(U256::from(slot)).0,
			receipts_root: self.receipts_root,
			logs_bloom: vec![0; 256],
			timestamp: slot * 12,
			..Default::default()
		};
		let mut body: Vec<Tree> =
			(0..16).map(|at| Tree::leaf(B256::with_last_byte(at + 100))).collect();
		body[9] = Tree::leaf(root_of_payload(&execution));
		let body = Tree::over(body);
		let header = BeaconHeader {
			slot,
			proposer_index: 1,
			parent_root: parent.0,
			state_root: state.root.0,
			body_root: body.root.0,
		};
		let block = Tree::over(vec![
			number(slot),
			number(1),
			Tree::leaf(parent),
			Tree::leaf(state.root),
			body,
			Tree::leaf(B256::ZERO),
			Tree::leaf(B256::ZERO),
			Tree::leaf(B256::ZERO),
		]);
		let root = block.root;
		assert_eq!(root, root_of_header(&header));
		let known = Known { header, root, execution, signers, block, state, block_roots_root };
		self.blocks.insert(slot, known);
	}

	/// By slot, by the block's root or the state's, or the last final one.
	pub fn find(&self, id: &str) -> Option<&Known> {
		match id.parse::<u64>() {
			Ok(slot) => self.blocks.get(&slot),
			// As `chain` has it.
			Err(_) if id == "finalized" => self.blocks.values().nth_back(3),
			Err(_) => self.blocks.values().find(|known| {
				[known.root, known.header.state_root.into()]
					.iter()
					.any(|root| root.to_string() == id)
			}),
		}
	}

	pub fn get(&self, path: &str) -> Option<Value> {
		let (path, query) = path.split_once('?').unwrap_or((path, ""));
		let parts: Vec<&str> = path.split('/').skip(4).collect();
		let proof = |tree: &Tree| {
			let asked = hex::decode(query.strip_prefix("format=").unwrap()).unwrap();
			let mut leaves = Vec::new();
			tree.prove(&mut bits(&asked), &mut leaves);
			json!({ "version": "electra", "data": { "leaves": leaves, "descriptor": hex::encode_prefixed(&asked) } })
		};
		match parts.as_slice() {
			["syncing"] => Some(json!({ "data": { "is_syncing": false } })),
			["genesis"] => Some(
				json!({ "data": { "genesis_time": "5", "genesis_validators_root": B256::from(VALIDATORS) } }),
			),
			["spec"] => Some(json!({ "data": {
				"SECONDS_PER_SLOT": "12", "ALTAIR_FORK_EPOCH": "10", "BELLATRIX_FORK_EPOCH": "20",
				"CAPELLA_FORK_EPOCH": "30", "DENEB_FORK_EPOCH": "40", "ELECTRA_FORK_EPOCH": "50",
			} })),
			["headers", id] => {
				let Known { header, root, .. } = self.find(id)?;
				let header = json!({ "message": message(header) });
				Some(json!({ "data": { "root": root, "canonical": true, "header": header } }))
			}
			["light_client", "bootstrap", id] => {
				let Known { header, state, .. } = self.find(id)?;
				let SyncCommittee { pubkeys, aggregate_pubkey } = committee();
				let mut leaves = Vec::new();
				state.prove(&mut bits(&descriptor(86)), &mut leaves);
				let data = json!({
					"header": { "beacon": message(header) },
					"current_sync_committee": {
						"pubkeys": pubkeys.iter().map(hex::encode_prefixed).collect::<Vec<_>>(),
						"aggregate_pubkey": hex::encode_prefixed(aggregate_pubkey),
					},
					"current_sync_committee_branch": branch(86, &leaves).unwrap().siblings,
				});
				Some(json!({ "version": "electra", "data": data }))
			}
			["blinded_blocks", id] => {
				let known = self.find(id)?;
				let mut bits = [0_u8; 64];
				for at in 0..known.signers {
					bits[at / 8] |= 1 << (at % 8);
				}
				let body = json!({
					"sync_aggregate": {
						"sync_committee_bits": hex::encode_prefixed(bits),
						"sync_committee_signature": hex::encode_prefixed([5; 96]),
					},
					"execution_payload_header": payload(&known.execution),
				});
				Some(json!({ "version": "electra", "data": { "message": { "body": body } } }))
			}
			["proof", "block", id] => Some(proof(&self.find(id)?.block)),
			["proof", "state", id] => Some(proof(&self.find(id)?.state)),
			_ => None,
		}
	}
}

fn payload(header: &ExecutionHeader) -> Value {
	let zero = B256::ZERO;
	json!({
		"parent_hash": zero, "fee_recipient": Address::ZERO, "state_root": zero,
		"receipts_root": B256::from(header.receipts_root), "logs_bloom": Bytes::from(header.logs_bloom.clone()),
		"prev_randao": zero, "block_number": header.block_number.to_string(), "gas_limit": "0", "gas_used": "0",
		"timestamp": header.timestamp.to_string(), "extra_data": "0x", "base_fee_per_gas": "0",
		"block_hash": B256::from(header.block_hash), "transactions_root": zero, "withdrawals_root": zero,
		"blob_gas_used": "0", "excess_blob_gas": "0",
	})
}

/// Speaks for both nodes.
pub async fn serve(world: World) -> (Beacon, Ethereum) {
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let url: reqwest::Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
	let world = Arc::new(world);
	tokio::spawn(async move {
		while let Ok((stream, _)) = listener.accept().await {
			tokio::spawn(answer(stream, world.clone()));
		}
	});
	(Beacon::new(http().unwrap(), url.clone()), Ethereum::new(http().unwrap(), url, None))
}

async fn answer(mut stream: TcpStream, world: Arc<World>) {
	let mut request = Vec::new();
	let body = loop {
		let mut some = [0; 65_536];
		let read = stream.read(&mut some).await.unwrap();
		if read == 0 {
			return;
		}
		request.extend(&some[..read]);
		let text = String::from_utf8_lossy(&request).to_lowercase();
		let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
		let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
		let length = length.map_or(0, |length| length.parse().unwrap());
		if body.len() >= length {
			break body.to_string();
		}
	};
	let head = String::from_utf8_lossy(&request).to_string();
	let path = head.split(' ').nth(1).unwrap();
	let found = if head.starts_with("POST") {
		let asked: Value = serde_json::from_str(&body).unwrap();
		assert_eq!(asked["method"], "eth_getblockreceipts");
		Some(json!({ "jsonrpc": "2.0", "id": asked["id"], "result": world.receipts }))
	} else {
		let mut found = world.get(path);
		if let (Some(Lie { to, at, says }), Some(found)) = (&world.lie, &mut found) {
			if path.contains(to) {
				*found.pointer_mut(at).unwrap() = says.clone();
			}
		}
		found.filter(|found| !found.is_null())
	};
	let (status, body) = match found {
		Some(body) => ("200 OK", body.to_string()),
		None => ("404 Not Found", json!({ "code": 404, "message": "none" }).to_string()),
	};
	let head = format!(
		"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
		body.len()
	);
	stream.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice()).await.unwrap();
}

/// Blocks in every third slot, of which the third last is final.
pub fn chain(from: u64, to: u64, signers: usize) -> World {
	let mut world = World::new();
	for slot in (from..to).step_by(3) {
		world.add(slot, slot.saturating_sub(9), signers);
	}
	world
}

fn deposit_in(world: &World, slot: u64) -> Deposit {
	let receipts: Vec<TransactionReceipt> = serde_json::from_value(world.receipts.clone()).unwrap();
	let log = receipts[2].inner.logs()[0].inner.clone();
	Deposit {
		nonce: 1,
		block: slot - START,
		block_hash: world.blocks[&slot].execution.block_hash.into(),
		transaction: 2,
		address: log.address,
		topics: log.topics().to_vec(),
		data: log.data.data.clone(),
	}
}

/// What the chain computes of an execution proof, and compares with what it has stored.
fn verified(proof: &ExecutionProof, anchor: Anchor) -> bool {
	let nodes = |branch: &[Hash]| branch.iter().map(|node| B256::from(*node)).collect::<Vec<_>>();
	let root = root_of_header(&proof.header);
	let known = match &proof.ancestry_proof {
		None => root == B256::from(anchor.root),
		Some(ancestry) => {
			let index = PERIOD + proof.header.slot % PERIOD;
			ancestry.finalized_block_root == anchor.root
				&& ancestry.header_branch.len() == BLOCK_ROOTS_DEPTH
				&& root_of_branch(root, &nodes(&ancestry.header_branch), index)
					== B256::from(anchor.block_roots_root)
		}
	};
	let VersionedExecutionHeader::Deneb(execution) = &proof.execution_header;
	let branch = nodes(&proof.execution_branch);
	let body = root_of_branch(root_of_payload(execution), &branch, PAYLOAD_IN_BODY);
	known && branch.len() == 4 && body == B256::from(proof.header.body_root)
}

#[tokio::test]
async fn a_deposit_is_proven_under_a_later_header_and_under_its_own() {
	let world = chain(START, START + 60, 512);
	let slot = START + 6;
	let deposit = deposit_in(&world, slot);
	let anchors = [world.blocks[&(START + 30)].anchor(), world.blocks[&slot].anchor()];
	let (beacon, ethereum) = serve(world).await;
	for anchor in anchors {
		let proof =
			super::deposit(&beacon, &ethereum, &forks(), &deposit, slot, anchor).await.unwrap();
		assert!(verified(&proof.proof.execution_proof, anchor));
		assert_eq!(proof.proof.execution_proof.ancestry_proof.is_none(), anchor.slot == slot);
		assert_eq!((proof.event_log.tx_index, proof.event_log.topics.len()), (2, 2));
		assert!(!proof.proof.receipt_proof.is_empty());
	}
}

#[tokio::test]
async fn what_two_nodes_say_of_one_block_must_agree() {
	let world = chain(START, START + 60, 512);
	let slot = START + 6;
	let (good, anchor) = (deposit_in(&world, slot), world.blocks[&(START + 30)].anchor());
	// Another block at that slot, an anchor of another chain, a slot without a block, receipts of another block.
	let moved = Deposit { block_hash: B256::repeat_byte(9), ..good.clone() };
	let elsewhere = Anchor { block_roots_root: [9; 32], ..anchor };
	let mut other_receipts = chain(START, START + 60, 512);
	other_receipts.receipts.as_array_mut().unwrap().pop();
	let (beacon, ethereum) = serve(world).await;
	let (_, lying) = serve(other_receipts).await;
	for (ethereum, deposit, slot, anchor) in [
		(&ethereum, &moved, slot, anchor),
		(&ethereum, &good, slot, elsewhere),
		(&ethereum, &good, slot + 1, anchor),
		(&lying, &good, slot, anchor),
	] {
		let refused = super::deposit(&beacon, ethereum, &forks(), deposit, slot, anchor).await;
		assert_eq!(Trouble::of(&refused.unwrap_err()), Trouble::Mismatch);
	}
	let unknown = Anchor { root: [9; 32], ..anchor };
	let refused = super::deposit(&beacon, &ethereum, &forks(), &good, slot, unknown).await;
	assert_eq!(Trouble::of(&refused.unwrap_err()), Trouble::Beacon);
}

/// What the chain computes of an update.
fn follows(update: &Update) -> bool {
	let nodes = |branch: &[Hash]| branch.iter().map(|node| B256::from(*node)).collect::<Vec<_>>();
	let finalized = root_of_header(&update.finalized_header);
	let finality = root_of_branch(finalized, &nodes(&update.finality_branch), 169);
	let roots =
		root_of_branch(update.block_roots_root.into(), &nodes(&update.block_roots_branch), 69);
	finality == B256::from(update.attested_header.state_root)
		&& roots == B256::from(update.finalized_header.state_root)
		&& update.signature_slot > update.attested_header.slot
}

#[tokio::test]
async fn an_update_that_nobody_offers_is_made_from_blocks() {
	let end = PERIOD - 1;
	let world = chain(START, PERIOD + 150, 342);
	let last = *world.blocks.range(..=end).next_back().unwrap().0;
	let head = *world.blocks.keys().next_back().unwrap();
	let (beacon, _) = serve(world).await;
	let update = between(&beacon, &forks(), START + 12, end, head).await.unwrap();
	assert!(follows(&update));
	// The last one of the period, and signed by the block after the attested one.
	assert_eq!(update.finalized_header.slot, last);
	assert_eq!(update.signature_slot, update.attested_header.slot + 3);
	assert!(update.next_sync_committee_update.is_none());
}

#[tokio::test]
async fn an_update_that_too_few_have_signed_is_not_made() {
	let world = chain(START, PERIOD + 150, 341);
	let head = *world.blocks.keys().next_back().unwrap();
	let (beacon, _) = serve(world).await;
	let error = between(&beacon, &forks(), PERIOD - 30, PERIOD - 1, head).await.unwrap_err();
	assert!(
		error.to_string().contains("The beacon node")
			&& format!("{error:#}").contains("another beacon node")
	);
}

#[tokio::test]
async fn what_is_offered_is_completed_by_a_proof_of_the_blocks_before() {
	let world = chain(START, START + 60, 512);
	let light = |slot: u64| crate::beacon::LightHeader {
		beacon: world.blocks[&slot].header.clone(),
		execution: None,
	};
	let aggregate =
		SyncAggregate { sync_committee_bits: vec![255; 64], sync_committee_signature: vec![0; 96] };
	let mut offered = LightUpdate {
		attested_header: light(START + 30),
		finalized_header: light(START + 21),
		finality_branch: Vec::new(),
		sync_aggregate: aggregate,
		signature_slot: START + 33,
		next_sync_committee: None,
		next_sync_committee_branch: Vec::new(),
	};
	let (beacon, _) = serve(chain(START, START + 60, 512)).await;
	offered.finality_branch =
		hashes(&beacon.prove_state(&offered.attested_header.beacon, 169).await.unwrap().siblings);
	let update = super::update(&beacon, &forks(), &offered, false).await.unwrap();
	assert!(follows(&update));
	assert!(
		super::update(&beacon, &forks(), &offered, true).await.is_err(),
		"there is no committee"
	);
}
