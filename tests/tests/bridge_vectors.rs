//! Test vectors for the contracts: `contracts/test/vectors/` has what the real runtime computes, and what
//! Solidity does is checked here. Its `README.md` says what is in them.
//!
//! `OPENLEDGER_WRITE_VECTORS=1 cargo test … --test bridge_vectors` writes them anew.

use binary_merkle_tree::merkle_root;
use codec::{Decode, Encode};
use frame_support::assert_ok;
use openledger_primitives::units::OPEN;
use openledger_runtime::{
	genesis::SUPPLY, BeefyMmr, BlockNumber, Hash, Mmr, Runtime, RuntimeOrigin,
};
use openledger_settlement::sample::Random;
use openledger_tests::{
	ethereum::{withdraw, Ethereum, VAULT},
	Chain, Leaf,
};
use pallet_beefy_mmr::{BeefyAuthorities, BeefyEcdsaToEthereum};
use pallet_ethereum_bridge::{messages, Moved, Vault, Withdrawals};
use serde_json::{json, Value};
use sp_consensus_beefy::{
	ecdsa_crypto::{AuthorityId, Pair, Signature},
	known_payloads::MMR_ROOT_ID,
	mmr::BeefyAuthoritySet,
	test_utils::Keyring,
	BeefyAuthorityId, Commitment, OnNewValidatorSet, Payload, ValidatorSet,
};
use sp_core::{bytes, Pair as _, H160, H256};
use sp_io::hashing::keccak_256;
use sp_keyring::Sr25519Keyring as Account;
use sp_runtime::traits::{Convert, Dispatchable, Keccak256};
use std::{fs, path::Path};

/// Compares a file with what it must be, or writes it.
fn same(name: &str, value: Value) {
	if std::env::var_os("OPENLEDGER_WRITE_VECTORS").is_some() {
		let text = serde_json::to_string_pretty(&value).expect("JSON is written");
		fs::write(path(name), text + "\n").expect("the folder can be written to");
	}
	assert!(read(name) == value, "{name} is not what this runtime computes");
}

fn read(name: &str) -> Value {
	let text = fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
	serde_json::from_str(&text).expect("vectors are JSON")
}

fn path(name: &str) -> std::path::PathBuf {
	// Tests run in the crate's folder; one that is compiled in may be that of another checkout.
	Path::new("../contracts/test/vectors").join(name)
}

fn hex(value: impl AsRef<[u8]>) -> String {
	bytes::to_hex(value.as_ref(), false)
}

/// A number that JSON's readers may not hold.
fn digits(number: impl ToString) -> Value {
	Value::String(number.to_string())
}

fn hashes(of: &[H256]) -> Value {
	of.iter().map(hex).collect()
}

// --- What is in the files

fn address(validator: &AuthorityId) -> Vec<u8> {
	BeefyEcdsaToEthereum::convert(validator.clone())
}

fn set_json(validators: &[AuthorityId], set: &BeefyAuthoritySet<Hash>) -> Value {
	assert_eq!(set.len as usize, validators.len());
	json!({
		"id": digits(set.id),
		"validators": validators.iter().map(address).map(hex).collect::<Value>(),
		"root": hex(set.keyset_commitment),
	})
}

fn leaf_json(leaf: &Leaf) -> Value {
	let (parent, parent_hash) = leaf.parent_number_and_hash;
	let encoded = leaf.encode();
	json!({
		"version": encoded[0],
		"parentNumber": parent,
		"parentHash": hex(parent_hash),
		"nextSetId": digits(leaf.beefy_next_authority_set.id),
		"nextSetLength": leaf.beefy_next_authority_set.len,
		"nextSetRoot": hex(leaf.beefy_next_authority_set.keyset_commitment),
		"extra": hex(leaf.leaf_extra),
		"encoded": hex(&encoded),
		"hash": hex(keccak_256(&encoded)),
	})
}

fn domain_json(vault: &Vault, genesis: H256) -> Value {
	json!({
		"l1ChainId": digits(vault.chain_id),
		"vault": hex(vault.address),
		"genesisHash": hex(genesis),
		"domain": hex(messages::domain(vault, genesis)),
	})
}

/// The messages of a block, numbered from `first` on.
fn block_json(domain: H256, first: u64, content: &[(H160, u128)]) -> Value {
	let leaves: Vec<H256> = (first..)
		.zip(content)
		.map(|(nonce, (recipient, amount))| messages::leaf(domain, nonce, *recipient, *amount))
		.collect();
	let root = messages::root(leaves.iter().copied());
	let messages = (0..).zip(content).map(|(index, (recipient, amount))| {
		let (its_root, proof) =
			messages::proof(leaves.clone(), index).expect("there is such a leaf");
		assert_eq!(its_root, root);
		json!({
			"nonce": digits(first + u64::from(index)),
			"recipient": hex(recipient),
			"amount": digits(amount),
			"leaf": hex(leaves[index as usize]),
			"proof": hashes(&proof),
		})
	});
	json!({ "domain": hex(domain), "root": hex(root), "messages": messages.collect::<Value>() })
}

fn commitment(root: Hash, block_number: BlockNumber, set: u64) -> Commitment<BlockNumber> {
	let payload = Payload::from_single_entry(MMR_ROOT_ID, root.encode());
	Commitment { payload, block_number, validator_set_id: set }
}

// --- Sets and messages

#[test]
fn sets() {
	let mut random = Random(1);
	let keys: Vec<AuthorityId> =
		(0..100).map(|_| Pair::from_seed(&random.hash().0).public()).collect();
	let mut chain = Chain::development();
	let sizes = (1..=9).chain([13, 16, 17, 21, 31, 32, 33, 50, 64, 65, 99, 100]);
	let sets = sizes.map(|size| {
		let validators = &keys[100 - size..];
		let id = if size == 100 { u64::MAX - 1 } else { size as u64 };
		let of = |id| ValidatorSet::new(validators.to_vec(), id).expect("it is not empty");
		let set = chain.state(|| {
			BeefyMmr::on_new_validator_set(&of(id), &of(id + 1));
			BeefyAuthorities::<Runtime>::get()
		});
		set_json(validators, &set)
	});
	same("sets.json", json!({ "sets": sets.collect::<Value>() }));
}

#[test]
fn messages() {
	let mut random = Random(2);
	let vaults = [1, 31_337, 11_155_111, u64::MAX].map(|chain_id| {
		let [address, token] = [(); 2].map(|()| H160::from(random.hash()));
		(Vault { chain_id, address, token }, random.hash())
	});
	let sizes = (1..=9).chain([17, 33, 100]);
	let firsts = [1, (1 << 53) + 1, u64::MAX - 100];
	let blocks = sizes.enumerate().map(|(nth, size)| {
		let (vault, genesis) = vaults[nth % vaults.len()];
		let mut content: Vec<_> = (0..size)
			.map(|_| (H160::from(random.hash()), u128::from(random.next()) << random.below(65)))
			.collect();
		content[0].1 = [1, u128::MAX][nth % 2];
		block_json(messages::domain(&vault, genesis), firsts[nth % firsts.len()], &content)
	});
	let blocks = blocks.collect::<Value>();
	let domains = vaults.iter().map(|(vault, genesis)| domain_json(vault, *genesis));
	same("messages.json", json!({ "domains": domains.collect::<Value>(), "blocks": blocks }));
}

// --- A life of the chain

/// Blocks of that life; a session has ten.
const BLOCKS: BlockNumber = 48;

/// Blocks are called by their numbers: their own hashes change with everything that is stored.
fn name(number: BlockNumber) -> Hash {
	keccak_256(format!("openledger block {number}").as_bytes()).into()
}

/// Where the chain stands after a block.
struct After {
	root: Hash,
	/// The set in office, which signs for this block, and the next one.
	validators: ValidatorSet<AuthorityId>,
	current: BeefyAuthoritySet<Hash>,
	next: BeefyAuthoritySet<Hash>,
}

struct Life {
	chain: Chain,
	/// From the first block on.
	after: Vec<After>,
}

impl Life {
	/// Four validators, and somebody leaves in most blocks.
	fn new() -> Self {
		let mut chain = Chain::patched("local_testnet", Ethereum::new().genesis()).named(name);
		// As if all that was issued at genesis had been locked.
		chain.state(|| Moved::<Runtime>::mutate(|moved| moved.pre_locked = SUPPLY));
		let mut random = Random(3);
		let after = (1..=BLOCKS)
			.map(|number| {
				chain.block(|| {
					for nth in 0..u128::from(number % 4) {
						let leaver = RuntimeOrigin::signed(Account::Alice.to_account_id());
						let recipient = H160::from(random.hash());
						let call = withdraw(recipient, (10 + nth) * OPEN + u128::from(number));
						assert_ok!(call.dispatch(leaver));
					}
				});
				let root = chain.state(Mmr::mmr_root);
				let validators = chain.call::<Option<_>>("BeefyApi_validator_set", ());
				After {
					root,
					validators: validators.expect("there is one"),
					current: chain.call("BeefyMmrApi_authority_set_proof", ()),
					next: chain.call("BeefyMmrApi_next_authority_set_proof", ()),
				}
			})
			.collect();
		Self { chain, after }
	}

	fn after(&self, block: BlockNumber) -> &After {
		&self.after[block as usize - 1]
	}

	/// The leaf about a block, and its proof for the root after another one.
	fn prove(&mut self, block: BlockNumber, at: BlockNumber) -> (Leaf, Vec<Hash>) {
		let (leaf, proof) = self.chain.leaf(block + 1, at);
		assert_eq!(leaf.parent_number_and_hash, (block, name(block)));
		assert_eq!((proof.leaf_count, &proof.leaf_indices[..]), (at.into(), &[block.into()][..]));
		(leaf, proof.items)
	}

	/// What the set in office after `block` signs for it, those of its validators that `signers` says, and
	/// a leaf that a block of its session has added.
	fn update(
		&mut self,
		block: BlockNumber,
		leaf: BlockNumber,
		signers: u8,
		handover: bool,
	) -> Value {
		let After { root, validators, current, .. } = self.after(block);
		let (root, set, validators) = (*root, current.id, validators.validators().to_vec());
		assert_eq!(self.after(block).validators.id(), set);
		let commitment = commitment(root, block, set).encode();
		let mut signatures = Vec::new();
		for (_, validator) in (0..).zip(&validators).filter(|(bit, _)| signers >> bit & 1 == 1) {
			let key = Keyring::from_public(validator).expect("it is of development");
			let signature: Signature = key.sign(&commitment);
			assert!(BeefyAuthorityId::verify(validator, &signature, &commitment));
			let mut signature = signature.encode();
			// Ethereum counts recovery ids from 27 on.
			*signature.last_mut().expect("it has 65 bytes") += 27;
			signatures.extend(signature);
		}
		let (leaf, proof) = self.prove(leaf - 1, block);
		assert_eq!(leaf.beefy_next_authority_set.id, set + 1, "it was added in this set's session");
		json!({
			"handover": handover,
			"mmrRoot": hex(root),
			"blockNumber": block,
			"setId": digits(set),
			"validators": validators.iter().map(address).map(hex).collect::<Value>(),
			"signers": signers,
			"signatures": hex(signatures),
			"commitment": hex(commitment),
			"leaf": leaf_json(&leaf),
			"leafProof": hashes(&proof),
		})
	}

	/// The proof of a withdrawal for the root after a block.
	fn withdrawal(&mut self, nonce: u64, at: BlockNumber) -> Value {
		let (withdrawal, root, proof) = self
			.chain
			.state(|| pallet_ethereum_bridge::Pallet::<Runtime>::prove_withdrawal(nonce))
			.expect("its block is complete");
		let (leaf, leaf_proof) = self.prove(withdrawal.block, at);
		assert_eq!(leaf.leaf_extra, root);
		json!({
			"nonce": digits(nonce),
			"recipient": hex(withdrawal.recipient),
			"amount": digits(withdrawal.amount),
			"proof": hashes(&proof),
			"leaf": leaf_json(&leaf),
			"blockNumber": at,
			"leafProof": hashes(&leaf_proof),
		})
	}
}

#[test]
fn mmr() {
	let mut life = Life::new();
	let roots: Vec<Hash> = life.after.iter().map(|after| after.root).collect();
	let leaves = (0..BLOCKS).map(|block| leaf_json(&life.prove(block, BLOCKS).0));
	let leaves = leaves.collect::<Value>();
	let mut proofs = Vec::new();
	for at in [1, 2, 3, 4, 5, 7, 8, 11, 15, 16, 17, 31, 32, 33, 47, 48] {
		for block in 0..at {
			let (_, items) = life.prove(block, at);
			proofs.push(json!({
				"blockNumber": at, "leafIndex": block, "items": hashes(&items),
			}));
		}
	}
	same("mmr.json", json!({ "leaves": leaves, "roots": hashes(&roots), "proofs": proofs }));
}

#[test]
fn chain() {
	let mut life = Life::new();
	// In every session the first block is the one that must be signed, by the set that begins there.
	let turns: Vec<BlockNumber> = (2..=BLOCKS)
		.filter(|block| life.after(*block).current.id != life.after(block - 1).current.id)
		.collect();
	assert_eq!(turns, [11, 21, 31, 41]);

	let start = 12;
	let After { validators, current, next, .. } = life.after(start);
	let following = life.after(21);
	assert_eq!(next, &following.current, "the next set is what it was said to be");
	let (deployed, after) = (
		set_json(validators.validators(), current),
		set_json(following.validators.validators(), next),
	);
	let updates = vec![
		life.update(15, 15, 0b0111, false),
		life.update(21, 21, 0b1111, true),
		life.update(25, 22, 0b1110, false),
		life.update(31, 31, 0b1011, true),
		// A handover by a block in the middle of its session, and the leaf of an earlier one.
		life.update(45, 42, 0b1101, true),
		life.update(47, 47, 0b0111, false),
	];
	let nonces = life.chain.state(|| {
		let mut nonces: Vec<_> = Withdrawals::<Runtime>::iter()
			.map(|(nonce, withdrawal)| (nonce, withdrawal.block))
			.filter(|(_, block)| *block < 47)
			.collect();
		nonces.sort_unstable();
		nonces
	});
	// Before the client was there, at the end and the beginning of sessions, alone and in company.
	let blocks = [1, 2, 10, 11, 22, 31, 42, 46];
	let wanted = nonces.into_iter().filter(|(_, block)| blocks.contains(block));
	let withdrawals: Vec<_> = wanted
		.map(|(nonce, block)| life.withdrawal(nonce, if block < 22 { 25 } else { 47 }))
		.collect();
	assert!(withdrawals.len() > blocks.len());
	let genesis = life.chain.genesis_hash();
	assert_eq!(genesis, name(0));
	let mut value = json!({
		"token": hex(VAULT.token),
		"current": deployed,
		"next": after,
		"blockNumber": start,
		"updates": updates,
		"withdrawals": withdrawals,
	});
	let Value::Object(domain) = domain_json(&VAULT, genesis) else { panic!("it is an object") };
	value.as_object_mut().expect("it is an object").extend(domain);
	same("chain.json", value);
}

// --- What Solidity computes

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
	let list = value[key].as_array().unwrap_or_else(|| panic!("{key} is a list"));
	assert!(!list.is_empty(), "{key} has something in it");
	list
}

fn unhex(value: &Value) -> Vec<u8> {
	bytes::from_hex(value.as_str().expect("it is text")).expect("it is hexadecimal")
}

fn hash(value: &Value) -> H256 {
	H256::from_slice(&unhex(value))
}

fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(value: &Value) -> T {
	let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
	text.parse().expect("it is a number")
}

#[test]
fn solidity() {
	let theirs = read("solidity.json");
	for set in list(&theirs, "sets") {
		let validators: Vec<_> = list(set, "validators").iter().map(unhex).collect();
		assert_eq!(hash(&set["root"]), merkle_root::<Keccak256, _>(validators));
	}
	for domain in list(&theirs, "domains") {
		let vault = Vault {
			chain_id: number(&domain["l1ChainId"]),
			address: H160::from_slice(&unhex(&domain["vault"])),
			token: H160::zero(),
		};
		assert_eq!(*domain, domain_json(&vault, hash(&domain["genesisHash"])));
	}
	for block in list(&theirs, "blocks") {
		let content: Vec<_> = list(block, "messages")
			.iter()
			.map(|message| {
				let recipient = H160::from_slice(&unhex(&message["recipient"]));
				(recipient, number(&message["amount"]))
			})
			.collect();
		let first = number(&block["messages"][0]["nonce"]);
		assert_eq!(*block, block_json(hash(&block["domain"]), first, &content));
	}
	for leaf in list(&theirs, "leaves") {
		let encoded = unhex(&leaf["encoded"]);
		let decoded = Leaf::decode(&mut &encoded[..]).expect("it is a leaf");
		assert_eq!(*leaf, leaf_json(&decoded));
	}
	for signed in list(&theirs, "commitments") {
		let (root, block) = (hash(&signed["mmrRoot"]), number(&signed["blockNumber"]));
		let ours = commitment(root, block, number(&signed["setId"])).encode();
		assert_eq!(unhex(&signed["encoded"]), ours);
		assert_eq!(hash(&signed["hash"]).0, keccak_256(&ours));
	}
}
