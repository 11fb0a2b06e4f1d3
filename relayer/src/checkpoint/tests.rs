//! The kit's checkpoint, made anew and altered; and one of the small beacon chain that a server in this process speaks for.

use std::mem::swap;

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::*;
use crate::{
	json::{bytes, list},
	proofs::tests::{chain, serve, Lie, START, VALIDATORS},
	ssz::COMMITTEE,
};

/// What `beacon-kit checkpoint` prints, in parts: `committee` has a digit for each member's key.
#[derive(Deserialize)]
struct Recorded {
	#[serde(deserialize_with = "bytes")]
	block: Hash,
	header: BeaconHeader,
	#[serde(deserialize_with = "list")]
	keys: Vec<Vec<u8>>,
	committee: String,
	#[serde(deserialize_with = "bytes")]
	aggregate_pubkey: Vec<u8>,
	#[serde(deserialize_with = "list")]
	committee_branch: Vec<Hash>,
	#[serde(deserialize_with = "bytes")]
	validators_root: Hash,
	#[serde(deserialize_with = "bytes")]
	block_roots_root: Hash,
	#[serde(deserialize_with = "list")]
	block_roots_branch: Vec<Hash>,
	#[serde(deserialize_with = "bytes")]
	scale_sha256: Hash,
}

/// The kit's first block, its checkpoint, and the hash of that in SCALE.
fn recorded() -> (B256, Checkpoint, Hash) {
	let of: Recorded = serde_json::from_str(include_str!("../../vectors/checkpoint.json")).unwrap();
	let key = |digit: char| of.keys[digit.to_digit(10).unwrap() as usize].clone();
	let checkpoint = Checkpoint {
		header: of.header,
		current_sync_committee: SyncCommittee {
			pubkeys: of.committee.chars().map(key).collect(),
			aggregate_pubkey: of.aggregate_pubkey,
		},
		current_sync_committee_branch: of.committee_branch,
		validators_root: of.validators_root,
		block_roots_root: of.block_roots_root,
		block_roots_branch: of.block_roots_branch,
	};
	(of.block.into(), checkpoint, of.scale_sha256)
}

fn electra() -> Places {
	Places::at(0, 0)
}

#[test]
fn it_is_written_as_the_kit_writes_it_by_the_types_of_the_client() {
	let (block, checkpoint, expected) = recorded();
	checkpoint.check(block, electra()).unwrap();
	assert_eq!(<Hash>::from(Sha256::digest(checkpoint.encode())), expected);
}

#[test]
fn whatever_is_altered_is_refused() {
	type Change = fn(&mut Checkpoint);
	let changes: [Change; 18] = [
		|it| it.header.slot += 1,
		|it| it.header.proposer_index += 1,
		|it| it.header.parent_root[0] ^= 1,
		|it| it.header.state_root[0] ^= 1,
		|it| it.header.body_root[0] ^= 1,
		|it| it.current_sync_committee.pubkeys[COMMITTEE - 1][47] ^= 1,
		|it| it.current_sync_committee.pubkeys[0].push(0),
		|it| it.current_sync_committee.pubkeys.truncate(COMMITTEE / 2),
		|it| it.current_sync_committee.pubkeys.push(vec![0; 48]),
		|it| it.current_sync_committee.pubkeys.reverse(),
		|it| it.current_sync_committee.aggregate_pubkey[0] ^= 1,
		|it| it.current_sync_committee_branch[5][31] ^= 1,
		|it| it.current_sync_committee_branch.truncate(5),
		|it| it.current_sync_committee_branch.push([0; 32]),
		|it| it.block_roots_root[0] ^= 1,
		|it| it.block_roots_branch[0][0] ^= 1,
		|it| it.block_roots_branch.clear(),
		|it| swap(&mut it.block_roots_branch, &mut it.current_sync_committee_branch),
	];
	let (block, good, _) = recorded();
	for (number, change) in changes.into_iter().enumerate() {
		let mut altered = good.clone();
		change(&mut altered);
		assert_ne!(altered, good, "change {number} changes nothing");
		assert!(altered.check(block, electra()).is_err(), "change {number}");
	}
	assert!(good.check(B256::repeat_byte(1), electra()).is_err(), "another block");
	assert!(good.check(block, Places::at(0, 1)).is_err(), "another fork's places");
}

#[tokio::test]
async fn it_is_made_of_the_last_final_block_or_of_one_before() {
	let world = chain(START, START + 60, 512);
	let last = world.find("finalized").unwrap().root;
	let before = world.blocks[&(START + 9)].root;
	let (beacon, _) = serve(world).await;
	for (named, block) in [(None, last), (Some(last), last), (Some(before), before)] {
		let plain = checkpoint(&beacon, named, false).await.unwrap();
		let said: Value =
			serde_json::from_str(&checkpoint(&beacon, named, true).await.unwrap()).unwrap();
		assert_eq!(said["block"], block.to_string());
		assert_eq!(said["validatorsRoot"], B256::from(VALIDATORS).to_string());
		assert_eq!(said["genesisTime"], 5);
		assert_eq!(said["fork"], "electra");
		assert_eq!(said["checkpoint"], plain);
		// It begins with the slot.
		let slot = said["slot"].as_u64().unwrap();
		assert_eq!(hex::decode(&plain).unwrap()[..8], slot.to_le_bytes());
	}
}

/// What is said of a block, the last final one unless another is named, that cannot be used.
async fn refused(slot: Option<u64>, lie: Option<Lie>) -> String {
	let mut world = chain(START, START + 60, 512);
	world.lie = lie;
	let named = slot.map(|slot| world.blocks[&slot].root);
	let (beacon, _) = serve(world).await;
	format!("{:#}", checkpoint(&beacon, named, false).await.unwrap_err())
}

#[tokio::test]
async fn what_a_node_says_must_hang_on_the_block() {
	let hash = json!(B256::repeat_byte(4));
	let slot = json!((START + 1).to_string());
	let (key, committee) = (json!(hex::encode_prefixed([7; 48])), "/data/current_sync_committee");
	for (to, at, says, expected) in [
		("syncing", "/data/is_syncing", json!(true), "still syncing"),
		("headers", "/data/canonical", json!(false), "no final block yet"),
		("headers", "/data/root", hash.clone(), "as the root of"),
		("genesis", "/data/genesis_validators_root", hash.clone(), "of the beacon chain 0x0303"),
		("spec", "/data/ELECTRA_FORK_EPOCH", json!("999999"), "the beacon node's own spec"),
		("bootstrap", "/version", json!("gloas"), "the fork \"gloas\""),
		("bootstrap", "", Value::Null, "no light-client bootstrap"),
		("bootstrap", "/data/header/beacon/slot", slot, "gives the header of block"),
		("bootstrap", &format!("{committee}/pubkeys/8"), key, "the sync committee leads to"),
		("bootstrap", &format!("{committee}/pubkeys"), json!([]), "of another size"),
		("bootstrap", &format!("{committee}_branch"), json!([]), "0 hashes instead of 6"),
		("proof/state", "/data/leaves/0", hash, "proof of a state leads to"),
		("proof/state", "", Value::Null, "--serveHistoricalState"),
	] {
		let said = refused(None, Some(Lie { to, at: at.to_string(), says })).await;
		assert!(said.contains(expected), "{said:?} does not say {expected:?}");
	}
}

#[tokio::test]
async fn a_block_that_is_named_must_be_that_one_and_final() {
	let other = chain(START, START + 60, 512).get(&format!("/eth/v1/beacon/headers/{START}"));
	for (slot, lie, expected) in [
		(START + 57, None, "is not final yet"),
		(START + 9, Some(Value::Null), "has no block"),
		(START + 9, other, "The beacon node gives block"),
	] {
		let lie = lie.map(|says| Lie { to: "headers/0x", at: String::new(), says });
		let said = refused(Some(slot), lie).await;
		assert!(said.contains(expected), "{said:?} does not say {expected:?}");
	}
}
