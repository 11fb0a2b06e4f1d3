//! What the Beacon API answers: the standard's encodings, and Lodestar's for proofs.

use alloy_primitives::hex;
use beacon_kit::{
	period, tree::Node, Block, ExecutionPayloadHeader, Signing, SyncAggregate, SyncCommittee,
	Update, SLOTS_PER_EPOCH, SLOTS_PER_HISTORICAL_ROOT, VALIDATORS_ROOT,
};
use serde_json::{json, Map, Value};
use snowbridge_beacon_primitives::BeaconHeader;
use sp_core::H256;

use crate::kit::{Kit, Stall};

/// The most that a request may ask of `updates`, as the specification has it.
const MAX_UPDATES: u64 = 128;

/// The longest descriptor that Lodestar takes.
const MAX_DESCRIPTOR: usize = 1024;

/// A body, and the fork of what is in it.
pub struct Answer {
	pub body: Value,
	pub version: Option<&'static str>,
}

/// An HTTP status and why.
pub type Refusal = (u16, String);

type Answered = Result<Answer, Refusal>;

/// Answers a GET.
pub fn get(kit: &Kit, path: &str, query: &str) -> Answered {
	let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
	match parts[..] {
		["kit", "status"] => plain(status(kit)),
		["eth", "v1", "node", "syncing"] => plain(syncing(kit)),
		["eth", "v1", "config", "spec"] => plain(spec(kit)),
		["eth", "v1", "beacon", "genesis"] => plain(genesis(kit)),
		["eth", "v1", "beacon", "headers", id] => plain(header(kit, block(kit, id)?)),
		["eth", "v1", "beacon", "blocks", id, "root"] => plain(root(kit, block(kit, id)?)),
		["eth", "v1", "beacon", "blinded_blocks", id] => blinded_block(kit, block(kit, id)?),
		["eth", "v1", "beacon", "light_client", "finality_update"] => finality_update(kit),
		["eth", "v1", "beacon", "light_client", "updates"] => updates(kit, query),
		["eth", "v1", "beacon", "light_client", "bootstrap", root] => bootstrap(kit, root),
		["eth", "v0", "beacon", "proof", "state", id] => {
			let block = state(kit, id)?;
			proof(kit, block, &block.state, query)
		}
		["eth", "v0", "beacon", "proof", "block", id] => {
			let block = block(kit, id)?;
			proof(kit, block, &block.tree, query)
		}
		_ => Err((404, format!("Route GET /{} not found", parts.join("/")))),
	}
}

/// Where the kit is.
pub fn status(kit: &Kit) -> Value {
	let (head, finalized) = (kit.chain.head(), kit.chain.finalized());
	let stalled = match kit.stall {
		Stall::None => "none",
		Stall::Head => "head",
		Stall::Finality => "finality",
	};
	json!({
		"head_slot": head.header.slot.to_string(),
		"head_root": head.root,
		"finalized_slot": finalized.header.slot.to_string(),
		"finalized_root": finalized.root,
		"period": period(head.header.slot).to_string(),
		"execution_block": head.payload.block_number.to_string(),
		"stalled": stalled,
		"error": kit.problem,
	})
}

fn syncing(kit: &Kit) -> Value {
	json!({ "data": {
		"head_slot": kit.chain.head().header.slot.to_string(),
		"sync_distance": "0",
		"is_syncing": false,
		"is_optimistic": false,
		"el_offline": !kit.online,
	} })
}

fn genesis(kit: &Kit) -> Value {
	let config = kit.chain.config();
	json!({ "data": {
		"genesis_time": config.genesis_time.to_string(),
		"genesis_validators_root": VALIDATORS_ROOT,
		"genesis_fork_version": hex::encode_prefixed(config.forks.genesis.version),
	} })
}

fn spec(kit: &Kit) -> Value {
	let seconds = kit.settings.seconds_per_slot;
	let forks = &kit.chain.config().forks;
	let mut spec = Map::new();
	for (name, value) in [
		("SECONDS_PER_SLOT", seconds),
		("SLOT_DURATION_MS", seconds * 1000),
		("SLOTS_PER_EPOCH", SLOTS_PER_EPOCH),
		("EPOCHS_PER_SYNC_COMMITTEE_PERIOD", beacon_kit::SLOTS_PER_PERIOD / SLOTS_PER_EPOCH),
		("SLOTS_PER_HISTORICAL_ROOT", SLOTS_PER_HISTORICAL_ROOT),
		("SYNC_COMMITTEE_SIZE", beacon_kit::COMMITTEE_SIZE as u64),
	] {
		spec.insert(name.to_owned(), value.to_string().into());
	}
	let genesis = hex::encode_prefixed(forks.genesis.version);
	spec.insert("GENESIS_FORK_VERSION".to_owned(), genesis.into());
	for (name, fork) in [
		("ALTAIR", &forks.altair),
		("BELLATRIX", &forks.bellatrix),
		("CAPELLA", &forks.capella),
		("DENEB", &forks.deneb),
		("ELECTRA", &forks.electra),
		("FULU", &forks.fulu),
	] {
		let version = hex::encode_prefixed(fork.version);
		spec.insert(format!("{name}_FORK_VERSION"), version.into());
		spec.insert(format!("{name}_FORK_EPOCH"), fork.epoch.to_string().into());
	}
	json!({ "data": spec })
}

fn header(kit: &Kit, block: &Block) -> Value {
	json!({
		"execution_optimistic": false,
		"finalized": is_final(kit, block),
		"data": {
			"root": block.root,
			"canonical": kit.chain.is_canonical(block),
			"header": { "message": beacon_header(&block.header), "signature": no_signature() },
		},
	})
}

fn root(kit: &Kit, block: &Block) -> Value {
	json!({
		"execution_optimistic": false,
		"finalized": is_final(kit, block),
		"data": { "root": block.root },
	})
}

fn blinded_block(kit: &Kit, block: &Block) -> Answered {
	let header = &block.header;
	let zero = H256::zero();
	let body = json!({
		"randao_reveal": no_signature(),
		"eth1_data": { "deposit_root": zero, "deposit_count": "0", "block_hash": zero },
		"graffiti": block.graffiti,
		"proposer_slashings": [],
		"attester_slashings": [],
		"attestations": [],
		"deposits": [],
		"voluntary_exits": [],
		"sync_aggregate": sync_aggregate(&block.sync_aggregate),
		"execution_payload_header": execution_payload_header(&block.payload),
		"bls_to_execution_changes": [],
		"blob_kzg_commitments": [],
		"execution_requests": { "deposits": [], "withdrawals": [], "consolidations": [] },
	});
	let message = json!({
		"slot": header.slot.to_string(),
		"proposer_index": header.proposer_index.to_string(),
		"parent_root": header.parent_root,
		"state_root": header.state_root,
		"body": body,
	});
	versioned(kit, block, |version| {
		json!({
			"version": version,
			"execution_optimistic": false,
			"finalized": is_final(kit, block),
			"data": { "message": message, "signature": no_signature() },
		})
	})
}

fn finality_update(kit: &Kit) -> Answered {
	let none = || (404, "LC finality update unavailable".to_owned());
	let attested = kit.chain.by_root(kit.chain.head().header.parent_root).ok_or_else(none)?;
	let slot = attested.header.slot;
	let update = kit.chain.finality_update(slot, &Signing::default()).map_err(|_| none())?;
	let data = light_client_update(kit, &update)?;
	versioned(kit, attested, |version| json!({ "version": version, "data": data }))
}

fn updates(kit: &Kit, query: &str) -> Answered {
	let start: u64 = number(query, "start_period")?;
	let count: u64 = number(query, "count")?.min(MAX_UPDATES);
	let end = start.saturating_add(count).min(period(kit.chain.head().header.slot) + 1);
	let mut found = Vec::new();
	for period in start..end {
		let Ok(update) = kit.chain.committee_update(period, &Signing::default()) else { continue };
		let version = fork(kit, update.attested_header.slot);
		let data = light_client_update(kit, &update)?;
		found.push(json!({ "version": version, "data": data }));
	}
	plain(Value::Array(found))
}

fn bootstrap(kit: &Kit, root: &str) -> Answered {
	let wrong = || (400, format!("Invalid block root '{root}'"));
	let root: H256 =
		root.strip_prefix("0x").and_then(|root| root.parse().ok()).ok_or_else(wrong)?;
	let none = || (404, "LC bootstrap unavailable".to_owned());
	let block = kit.chain.by_root(root).filter(|block| kit.chain.is_canonical(block));
	let block = block.ok_or_else(none)?;
	let checkpoint = kit.chain.checkpoint_at(block.header.slot).map_err(|_| none())?;
	let data = json!({
		"header": light_client_header(block),
		"current_sync_committee": sync_committee(&checkpoint.current_sync_committee),
		"current_sync_committee_branch": checkpoint.current_sync_committee_branch,
	});
	versioned(kit, block, |version| json!({ "version": version, "data": data }))
}

fn proof(kit: &Kit, block: &Block, tree: &Node, query: &str) -> Answered {
	let format = parameter(query, "format")?;
	let wrong =
		|error: &dyn std::fmt::Display| (400, format!("Invalid format '{format}': {error}"));
	let descriptor = hex::decode(format).map_err(|error| wrong(&error))?;
	if descriptor.len() > MAX_DESCRIPTOR {
		return Err((400, "Requested proof is too large.".to_owned()));
	}
	let leaves = tree.compact_proof(&descriptor).map_err(|error| wrong(&error))?;
	let data = json!({ "leaves": leaves, "descriptor": hex::encode_prefixed(descriptor) });
	versioned(kit, block, |version| json!({ "data": data, "version": version }))
}

/// The block that an id of the standard means.
fn block<'a>(kit: &'a Kit, id: &str) -> Result<&'a Block, Refusal> {
	let found = match word(kit, id) {
		Some(block) => Some(block),
		None => match hash(id) {
			Some(root) => kit.chain.by_root(root),
			None => kit.chain.at(slot(id)?),
		},
	};
	found.ok_or_else(|| (404, format!("No block found for id '{id}'")))
}

/// The block after which the state is that an id of the standard means.
fn state<'a>(kit: &'a Kit, id: &str) -> Result<&'a Block, Refusal> {
	let found = match word(kit, id) {
		Some(block) => Some(block),
		None => match hash(id) {
			Some(root) => kit.chain.known().find(|block| block.header.state_root == root),
			None => kit.chain.at(slot(id)?),
		},
	};
	found.ok_or_else(|| (404, format!("No state found for id '{id}'")))
}

fn word<'a>(kit: &'a Kit, id: &str) -> Option<&'a Block> {
	match id {
		"head" => Some(kit.chain.head()),
		"finalized" | "justified" => Some(kit.chain.finalized()),
		"genesis" => kit.chain.blocks().next(),
		_ => None,
	}
}

fn hash(id: &str) -> Option<H256> {
	id.strip_prefix("0x")?.parse().ok()
}

fn slot(id: &str) -> Result<u64, Refusal> {
	id.parse().map_err(|_| (400, format!("Invalid block id '{id}'")))
}

fn parameter<'a>(query: &'a str, name: &str) -> Result<&'a str, Refusal> {
	let values = query.split('&').filter_map(|pair| pair.split_once('='));
	let mut values = values.filter(|(key, _)| *key == name).map(|(_, value)| value);
	values.next().ok_or_else(|| (400, format!("Missing `{name}` value")))
}

fn number(query: &str, name: &str) -> Result<u64, Refusal> {
	let value = parameter(query, name)?;
	value.parse().map_err(|_| (400, format!("Invalid `{name}` value '{value}'")))
}

fn plain(body: Value) -> Answered {
	Ok(Answer { body, version: None })
}

fn versioned(kit: &Kit, block: &Block, body: impl FnOnce(&str) -> Value) -> Answered {
	let version = fork(kit, block.header.slot);
	Ok(Answer { body: body(version), version: Some(version) })
}

fn fork(kit: &Kit, slot: u64) -> &'static str {
	let fulu = slot / SLOTS_PER_EPOCH >= kit.chain.config().forks.fulu.epoch;
	if fulu {
		"fulu"
	} else {
		"electra"
	}
}

fn is_final(kit: &Kit, block: &Block) -> bool {
	let final_slot = kit.chain.finalized().header.slot;
	block.header.slot <= final_slot && kit.chain.is_canonical(block)
}

fn beacon_header(header: &BeaconHeader) -> Value {
	json!({
		"slot": header.slot.to_string(),
		"proposer_index": header.proposer_index.to_string(),
		"parent_root": header.parent_root,
		"state_root": header.state_root,
		"body_root": header.body_root,
	})
}

fn light_client_header(block: &Block) -> Value {
	json!({
		"beacon": beacon_header(&block.header),
		"execution": execution_payload_header(&block.payload),
		"execution_branch": block.execution_branch(),
	})
}

/// A finality update, and with a committee the other kind.
fn light_client_update(kit: &Kit, update: &Update) -> Result<Value, Refusal> {
	let header = |header: &BeaconHeader| {
		let block = kit.chain.at(header.slot).map(light_client_header);
		block.ok_or_else(|| (500, format!("The block of slot {} is gone", header.slot)))
	};
	let mut data = json!({
		"attested_header": header(&update.attested_header)?,
		"finalized_header": header(&update.finalized_header)?,
		"finality_branch": update.finality_branch,
		"sync_aggregate": sync_aggregate(&update.sync_aggregate),
		"signature_slot": update.signature_slot.to_string(),
	});
	if let Some(next) = &update.next_sync_committee_update {
		data["next_sync_committee"] = sync_committee(&next.next_sync_committee);
		data["next_sync_committee_branch"] = json!(next.next_sync_committee_branch);
	}
	Ok(data)
}

fn sync_committee(committee: &SyncCommittee) -> Value {
	let pubkeys = committee.pubkeys.iter().map(|key| hex::encode_prefixed(key.0));
	json!({
		"pubkeys": pubkeys.collect::<Vec<_>>(),
		"aggregate_pubkey": hex::encode_prefixed(committee.aggregate_pubkey.0),
	})
}

fn sync_aggregate(aggregate: &SyncAggregate) -> Value {
	json!({
		"sync_committee_bits": hex::encode_prefixed(aggregate.sync_committee_bits),
		"sync_committee_signature": hex::encode_prefixed(aggregate.sync_committee_signature.0),
	})
}

fn execution_payload_header(payload: &ExecutionPayloadHeader) -> Value {
	json!({
		"parent_hash": payload.parent_hash,
		"fee_recipient": payload.fee_recipient,
		"state_root": payload.state_root,
		"receipts_root": payload.receipts_root,
		"logs_bloom": hex::encode_prefixed(&payload.logs_bloom),
		"prev_randao": payload.prev_randao,
		"block_number": payload.block_number.to_string(),
		"gas_limit": payload.gas_limit.to_string(),
		"gas_used": payload.gas_used.to_string(),
		"timestamp": payload.timestamp.to_string(),
		"extra_data": hex::encode_prefixed(&payload.extra_data),
		"base_fee_per_gas": payload.base_fee_per_gas.to_string(),
		"block_hash": payload.block_hash,
		"transactions_root": payload.transactions_root,
		"withdrawals_root": payload.withdrawals_root,
		"blob_gas_used": payload.blob_gas_used.to_string(),
		"excess_blob_gas": payload.excess_blob_gas.to_string(),
	})
}

/// Proposers' signatures: no light client looks at them.
fn no_signature() -> String {
	hex::encode_prefixed([0; 96])
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::kit::tests::{block as execution_block, kit};

	/// Slots 70 to 75, of which 73 is final and the head says so.
	fn six_blocks() -> Kit {
		let mut kit = kit();
		(0..6).for_each(|n| kit.append(execution_block(n, 70 + n, 0)).unwrap());
		kit
	}

	fn answer(kit: &Kit, url: &str) -> Value {
		let (path, query) = url.split_once('?').unwrap_or((url, ""));
		get(kit, path, query).unwrap_or_else(|refusal| panic!("{url}: {refusal:?}")).body
	}

	fn refused(kit: &Kit, url: &str) -> u16 {
		let (path, query) = url.split_once('?').unwrap_or((url, ""));
		get(kit, path, query).map(|answer| answer.body).unwrap_err().0
	}

	#[test]
	fn blocks_are_found_by_every_name() {
		let kit = six_blocks();
		let slot = |id: &str| {
			let body = answer(&kit, &format!("/eth/v1/beacon/headers/{id}"));
			let slot = body["data"]["header"]["message"]["slot"].as_str().unwrap().to_owned();
			(slot, body["finalized"].as_bool().unwrap())
		};
		let root = format!("{:?}", kit.chain.at(71).unwrap().root);
		assert_eq!(slot("head"), ("75".to_owned(), false));
		assert_eq!(slot("finalized"), ("73".to_owned(), true));
		assert_eq!(slot("justified"), ("73".to_owned(), true));
		assert_eq!(slot("genesis"), ("64".to_owned(), true));
		assert_eq!(slot("74"), ("74".to_owned(), false));
		assert_eq!(slot(&root), ("71".to_owned(), true));
		let body = answer(&kit, &format!("/eth/v1/beacon/blocks/{root}/root"));
		assert_eq!(body["data"]["root"], root);
		assert_eq!(refused(&kit, "/eth/v1/beacon/headers/65"), 404);
		assert_eq!(refused(&kit, "/eth/v1/beacon/headers/current"), 400);
		assert_eq!(refused(&kit, "/eth/v1/beacon/headers"), 404);
	}

	#[test]
	fn dropped_blocks_are_not_canonical() {
		let mut kit = six_blocks();
		let dropped = format!("{:?}", kit.chain.head().root);
		kit.reorganise(1).unwrap();
		let body = answer(&kit, &format!("/eth/v1/beacon/headers/{dropped}"));
		assert_eq!(body["data"]["canonical"], false);
		assert_eq!(refused(&kit, &format!("/eth/v1/beacon/light_client/bootstrap/{dropped}")), 404);
	}

	#[test]
	fn headers_are_those_of_the_standard() {
		let kit = six_blocks();
		let block = kit.chain.at(72).unwrap();
		let root = |hash: H256| format!("{hash:?}");
		let body = answer(&kit, "/eth/v1/beacon/headers/72");
		let expected = json!({
			"execution_optimistic": false,
			"finalized": true,
			"data": {
				"root": root(block.root),
				"canonical": true,
				"header": {
					"message": {
						"slot": "72",
						"proposer_index": "0",
						"parent_root": root(kit.chain.at(71).unwrap().root),
						"state_root": root(block.header.state_root),
						"body_root": root(block.header.body_root),
					},
					"signature": format!("0x{}", "00".repeat(96)),
				},
			},
		});
		assert_eq!(body, expected);
	}

	#[test]
	fn a_blinded_block_has_the_execution_block_and_the_signature_of_its_parent() {
		let kit = six_blocks();
		let answered = get(&kit, "/eth/v1/beacon/blinded_blocks/75", "").unwrap();
		assert_eq!(answered.version, Some("electra"));
		let message = &answered.body["data"]["message"];
		let payload = &message["body"]["execution_payload_header"];
		assert_eq!(payload["block_number"], "5");
		assert_eq!(payload["timestamp"], (1000 + 75 * 12).to_string());
		assert_eq!(payload["base_fee_per_gas"], "0");
		assert_eq!(payload["extra_data"], "0x");
		let finality = answer(&kit, "/eth/v1/beacon/light_client/finality_update");
		assert_eq!(message["body"]["sync_aggregate"], finality["data"]["sync_aggregate"]);
		assert_eq!(finality["data"]["signature_slot"], "75");
		assert_eq!(finality["data"]["attested_header"]["beacon"]["slot"], "74");
		assert_eq!(finality["data"]["finalized_header"]["beacon"]["slot"], "72");
	}

	#[test]
	fn updates_are_an_array_of_the_periods_that_have_one() {
		let mut kit = six_blocks();
		let updates = |kit: &Kit, query: &str| {
			answer(kit, &format!("/eth/v1/beacon/light_client/updates?{query}"))
		};
		let one = updates(&kit, "start_period=0&count=1");
		assert_eq!(one.as_array().unwrap().len(), 1);
		assert_eq!(one[0]["version"], "electra");
		let data = &one[0]["data"];
		assert_eq!(data["next_sync_committee"]["pubkeys"].as_array().unwrap().len(), 512);
		for (branch, length) in [("next_sync_committee_branch", 6), ("finality_branch", 7)] {
			assert_eq!(data[branch].as_array().unwrap().len(), length);
		}
		assert_eq!(data["finalized_header"]["execution_branch"].as_array().unwrap().len(), 4);
		assert_eq!(updates(&kit, "start_period=1&count=99"), json!([]));
		kit.append(execution_block(6, 2 * 8192 + 5, 0)).unwrap();
		let three = updates(&kit, "count=18446744073709551615&start_period=0");
		assert_eq!(three.as_array().unwrap().len(), 3);
		assert_eq!(refused(&kit, "/eth/v1/beacon/light_client/updates?start_period=0"), 400);
		assert_eq!(
			refused(&kit, "/eth/v1/beacon/light_client/updates?start_period=x&count=1"),
			400
		);
	}

	#[test]
	fn there_is_no_finality_update_before_finality() {
		let kit = kit();
		assert_eq!(refused(&kit, "/eth/v1/beacon/light_client/finality_update"), 404);
		assert_eq!(
			answer(&kit, "/eth/v1/beacon/light_client/updates?start_period=0&count=1"),
			json!([])
		);
	}

	#[test]
	fn states_are_found_by_slot_state_root_and_word() {
		let kit = six_blocks();
		let block = kit.chain.at(73).unwrap();
		let leaves = |id: &str| {
			// The whole tree as one leaf.
			let body = answer(&kit, &format!("/eth/v0/beacon/proof/state/{id}?format=0x80"));
			assert_eq!(body["data"]["descriptor"], "0x80");
			body["data"]["leaves"].clone()
		};
		let root = json!([block.header.state_root]);
		assert_eq!(leaves("73"), root);
		assert_eq!(leaves("finalized"), root);
		assert_eq!(leaves(&format!("{:?}", block.header.state_root)), root);
		let by_block_root = format!("/eth/v0/beacon/proof/state/{:?}?format=0x80", block.root);
		assert_eq!(refused(&kit, &by_block_root), 404);
		let body = answer(&kit, "/eth/v0/beacon/proof/block/73?format=80");
		assert_eq!(body["data"]["leaves"], json!([block.root]));
	}

	#[test]
	fn bad_proof_requests_are_refused() {
		let kit = six_blocks();
		let url = |format: &str| format!("/eth/v0/beacon/proof/state/73{format}");
		let long = format!("?format=0x{}", "00".repeat(1025));
		for format in ["", "?format=", "?format=0xzz", "?format=0xc0", "?format=0x00", &long] {
			assert_eq!(refused(&kit, &url(format)), 400, "{format}");
		}
	}

	#[test]
	fn the_chain_is_described() {
		let kit = kit();
		let genesis = answer(&kit, "/eth/v1/beacon/genesis");
		assert_eq!(genesis["data"]["genesis_time"], "1000");
		assert_eq!(genesis["data"]["genesis_fork_version"], "0x00000000");
		assert_eq!(genesis["data"]["genesis_validators_root"], json!(VALIDATORS_ROOT));
		let spec = answer(&kit, "/eth/v1/config/spec");
		assert_eq!(spec["data"]["SECONDS_PER_SLOT"], "12");
		assert_eq!(spec["data"]["SLOT_DURATION_MS"], "12000");
		assert_eq!(spec["data"]["EPOCHS_PER_SYNC_COMMITTEE_PERIOD"], "256");
		assert_eq!(spec["data"]["ELECTRA_FORK_VERSION"], "0x05000000");
		assert_eq!(spec["data"]["FULU_FORK_EPOCH"], "18446744073709551615");
		assert_eq!(answer(&kit, "/eth/v1/node/syncing")["data"]["el_offline"], true);
		assert_eq!(answer(&kit, "/kit/status")["stalled"], "none");
		assert_eq!(refused(&kit, "/eth/v2/debug/beacon/states/head"), 404);
	}
}
