//! Justifications and leaves, written down by hand and as the runtime computes them.

use alloy::{hex, signers::k256::ecdsa::SigningKey};
use serde_json::Value;

use super::*;

const SET: u64 = 12;
const BLOCK: u32 = 900;

fn keys(count: u8) -> Vec<SigningKey> {
	(1..=count).map(|seed| SigningKey::from_slice(&[seed; 32]).unwrap()).collect()
}

fn validators(keys: &[SigningKey]) -> Validators {
	let public = |key: &SigningKey| {
		<[u8; 33]>::try_from(key.verifying_key().to_encoded_point(true).as_bytes()).unwrap()
	};
	Validators::new(&keys.iter().map(public).collect::<Vec<_>>(), SET).unwrap()
}

/// A commitment, written down by hand.
fn commitment() -> Vec<u8> {
	let mut bytes = vec![4, b'm', b'h', 0x80];
	bytes.extend([7; 32]);
	bytes.extend(BLOCK.to_le_bytes());
	bytes.extend(SET.to_le_bytes());
	bytes
}

fn sign(key: &SigningKey) -> [u8; 65] {
	let (signature, recovery) =
		key.sign_prehash_recoverable(keccak256(commitment()).as_slice()).unwrap();
	let mut bytes = [0; 65];
	bytes[..64].copy_from_slice(&signature.to_bytes());
	bytes[64] = recovery.to_byte();
	bytes
}

/// A justification, as the node encodes it, in which some have signed.
fn justification(signatures: &[Option<[u8; 65]>]) -> Vec<u8> {
	justification_of(&commitment(), signatures)
}

fn justification_of(commitment: &[u8], signatures: &[Option<[u8; 65]>]) -> Vec<u8> {
	let mut bits = vec![0; signatures.len() / 8 + 1];
	for (at, signature) in signatures.iter().enumerate() {
		bits[at / 8] |= u8::from(signature.is_some()) << (7 - at % 8);
	}
	let present: Vec<[u8; 65]> = signatures.iter().flatten().copied().collect();
	[
		vec![1],
		commitment.to_vec(),
		bits.encode(),
		(signatures.len() as u32).encode(),
		present.encode(),
	]
	.concat()
}

fn all_signed(keys: &[SigningKey]) -> Vec<Option<[u8; 65]>> {
	keys.iter().map(|key| Some(sign(key))).collect()
}

#[test]
fn a_justification_is_read_as_the_node_writes_it() {
	let keys = keys(9);
	let mut signatures = all_signed(&keys);
	signatures[1] = None;
	signatures[8] = None;
	let read = Justification::decode(&justification(&signatures)).unwrap();
	assert_eq!((read.block, read.set, read.mmr_root), (BLOCK, SET, B256::repeat_byte(7)));
	assert_eq!(read.digest, keccak256(commitment()));
	assert_eq!(read.signatures, signatures);
}

#[test]
fn what_l1_could_not_be_shown_is_refused() {
	let good = justification(&all_signed(&keys(4)));
	assert!(Justification::decode(&good).is_ok());
	let mut two_roots = good.clone();
	two_roots.splice(1..2, [8, b'm', b'h', 0]);
	let mut another_name = good.clone();
	another_name[2] = b'x';
	let mut another_version = good.clone();
	another_version[0] = 2;
	for wrong in
		[two_roots, another_name, another_version, good[1..].to_vec(), [&good[..], &[0]].concat()]
	{
		assert!(Justification::decode(&wrong).is_err());
	}
}

#[test]
fn l1_is_shown_a_quorum_in_order_and_no_more() {
	let keys = keys(7);
	let set = validators(&keys);
	assert_eq!(set.quorum(), 5);
	let mut signatures = all_signed(&keys);
	signatures[2] = None;
	let read = Justification::decode(&justification(&signatures)).unwrap();
	let update = set.update(&read, None).unwrap();
	assert_eq!(update.signers, U256::from(0b0011_1011));
	assert_eq!(update.signatures.len(), 5 * 65);
	assert_eq!(update.validators, set.addresses);
	let shown: Vec<usize> = (0..7).filter(|at| update.signers.bit(*at)).collect();
	for (raw, at) in update.signatures.chunks(65).zip(shown) {
		assert!(matches!(raw[64], 27 | 28));
		let signer =
			Signature::from_raw(raw).unwrap().recover_address_from_prehash(&read.digest).unwrap();
		assert_eq!(signer, set.addresses[at]);
	}
}

#[test]
fn bad_signatures_are_left_out_and_high_ones_turned() {
	let keys = keys(4);
	let set = validators(&keys);
	let mut signatures = all_signed(&keys);
	signatures[0] = signatures[1];
	let read = Justification::decode(&justification(&signatures)).unwrap();
	assert_eq!(set.update(&read, None).unwrap().signers, U256::from(0b1110));

	let low = Signature::from_raw(&signatures[1].unwrap()).unwrap();
	let order = U256::from_str_radix(
		"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
		16,
	);
	let high = Signature::new(low.r(), order.unwrap() - low.s(), !low.v());
	signatures[1] = Some(high.as_rsy());
	let read = Justification::decode(&justification(&signatures)).unwrap();
	let update = set.update(&read, None).unwrap();
	assert_eq!(update.signatures[..65], low.as_bytes());

	signatures[2] = None;
	let read = Justification::decode(&justification(&signatures)).unwrap();
	assert!(set.update(&read, None).unwrap_err().to_string().contains("2 signatures"));
}

#[test]
fn another_set_is_noticed() {
	let keys = keys(4);
	let read = Justification::decode(&justification(&all_signed(&keys))).unwrap();
	let other = Validators { set: SET + 1, ..validators(&keys) };
	assert!(other.update(&read, None).is_err());
	assert!(validators(&keys[..3]).update(&read, None).is_err());
}

#[test]
fn the_root_of_a_set_keeps_its_order_and_lets_a_lone_node_up() {
	let set = validators(&keys(5));
	let leaves: Vec<B256> = set.addresses.iter().map(keccak256).collect();
	let pair = |left: B256, right: B256| keccak256([left.0, right.0].concat());
	let four = pair(pair(leaves[0], leaves[1]), pair(leaves[2], leaves[3]));
	assert_eq!(set.root(), pair(four, leaves[4]));
	let one = Validators { set: 1, addresses: set.addresses[..1].to_vec() };
	assert_eq!(one.root(), leaves[0]);
}

#[test]
fn validators_are_read_from_the_digest_of_a_session() {
	let keys = keys(3);
	let public: Vec<[u8; 33]> = keys
		.iter()
		.map(|key| key.verifying_key().to_encoded_point(true).as_bytes().try_into().unwrap())
		.collect();
	let item = [vec![1], public.encode(), SET.encode()].concat();
	assert_eq!(Validators::from_digest(&item).unwrap(), Some(validators(&keys)));
	assert_eq!(Validators::from_digest(&[vec![3], vec![9; 32]].concat()).unwrap(), None);
	assert!(Validators::from_digest(&item[..40]).is_err());
}

#[test]
fn a_leaf_and_its_proof_are_read_as_the_node_writes_them() {
	let mut leaf = vec![0];
	leaf.extend(41_u32.to_le_bytes());
	leaf.extend([1; 32]);
	leaf.extend(13_u64.to_le_bytes());
	leaf.extend(4_u32.to_le_bytes());
	leaf.extend([2; 32]);
	leaf.extend([3; 32]);
	assert_eq!(leaf.len(), 113);
	let proof = (vec![41_u64], 50_u64, vec![[5_u8; 32], [6; 32]]).encode();
	let read = LeafProof::decode(&vec![leaf.clone()].encode(), &proof).unwrap();
	assert_eq!((read.leaf.parentNumber, read.leaf.nextSetId, read.leaf.nextSetLength), (41, 13, 4));
	assert_eq!(
		(read.leaf.nextSetRoot, read.leaf.extra),
		(B256::repeat_byte(2), B256::repeat_byte(3))
	);
	assert_eq!((read.index, read.count), (41, 50));
	assert_eq!(read.items, [B256::repeat_byte(5), B256::repeat_byte(6)]);
	assert!(LeafProof::decode(&vec![leaf.clone(), leaf.clone()].encode(), &proof).is_err());
	assert!(LeafProof::decode(&vec![leaf[..112].to_vec()].encode(), &proof).is_err());
}

/// What the real runtime computes, and the contracts are tested with.
fn vectors(name: &str) -> Value {
	let path = format!("{}/../contracts/test/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
	serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap()
}

fn list(of: &Value) -> &[Value] {
	of.as_array().unwrap()
}

fn bytes(of: &Value) -> Vec<u8> {
	hex::decode(of.as_str().unwrap()).unwrap()
}

fn hash(of: &Value) -> B256 {
	of.as_str().unwrap().parse().unwrap()
}

fn set_of(id: &Value, validators: &Value) -> Validators {
	Validators {
		set: id.as_str().unwrap().parse().unwrap(),
		addresses: list(validators)
			.iter()
			.map(|one| one.as_str().unwrap().parse().unwrap())
			.collect(),
	}
}

#[test]
fn sets_have_the_roots_that_the_runtime_gives_them() {
	let vectors = vectors("sets");
	for set in list(&vectors["sets"]) {
		assert_eq!(set_of(&set["id"], &set["validators"]).root(), hash(&set["root"]));
	}
	assert!(list(&vectors["sets"]).len() > 3);
}

#[test]
fn leaves_are_those_that_the_runtime_makes() {
	let vectors = vectors("mmr");
	let proof = (vec![0_u64], 1_u64, Vec::<[u8; 32]>::new()).encode();
	for leaf in list(&vectors["leaves"]) {
		let read = LeafProof::decode(&vec![bytes(&leaf["encoded"])].encode(), &proof).unwrap().leaf;
		assert_eq!(u64::from(read.parentNumber), leaf["parentNumber"].as_u64().unwrap());
		assert_eq!(read.nextSetId.to_string(), leaf["nextSetId"].as_str().unwrap());
		assert_eq!(u64::from(read.nextSetLength), leaf["nextSetLength"].as_u64().unwrap());
		assert_eq!(
			(read.parentHash, read.nextSetRoot),
			(hash(&leaf["parentHash"]), hash(&leaf["nextSetRoot"]))
		);
		assert_eq!(read.extra, hash(&leaf["extra"]));
	}
	assert!(list(&vectors["leaves"]).len() > 10);
}

#[test]
fn updates_are_those_that_the_contracts_take() {
	let vectors = vectors("chain");
	for expected in list(&vectors["updates"]) {
		let set = set_of(&expected["setId"], &expected["validators"]);
		let signers = expected["signers"].as_u64().unwrap();
		let signatures = bytes(&expected["signatures"]);
		let mut given = signatures.chunks(65).map(|raw| {
			let mut raw: [u8; 65] = raw.try_into().unwrap();
			raw[64] -= 27;
			raw
		});
		let all: Vec<_> = (0..set.addresses.len())
			.map(|at| (signers >> at & 1 == 1).then(|| given.next().unwrap()))
			.collect();
		let encoded = justification_of(&bytes(&expected["commitment"]), &all);
		let update = set.update(&Justification::decode(&encoded).unwrap(), None).unwrap();
		assert_eq!(update.mmrRoot, hash(&expected["mmrRoot"]));
		assert_eq!(u64::from(update.blockNumber), expected["blockNumber"].as_u64().unwrap());
		// Of those who signed, as many as count.
		let shown = set.quorum() * 65;
		assert_eq!(update.signatures, signatures[..shown]);
		assert_eq!(update.signers & U256::from(signers), update.signers);
	}
	assert!(list(&vectors["updates"]).len() > 3);
}
