//! The real runtime, driven block by block as a node would: headers with BABE digests, the
//! timestamp inherent, signed extrinsics, finalisation. After every block total issuance is checked:
//! it moves by what the bridge says it has minted and burned, and by nothing else.

#![cfg(all(feature = "fast-runtime", feature = "try-runtime"))]

pub mod ethereum;

use codec::Encode;
use frame_support::{
	genesis_builder_helper::{build_state, get_preset},
	traits::{Get, TryState, TryStateSelect},
};
use openledger_primitives::time::{SESSION, SLOT_MILLIS};
use openledger_runtime::{
	apis::api, configs::system::tx_extension, genesis, AccountId, AllPalletsWithSystem, Balance,
	Balances, BlockNumber, Executive, Hash, Header, Mmr, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeGenesisConfig, RuntimeOrigin, Session, SignedPayload, System, UncheckedExtrinsic,
	VERSION,
};
use pallet_ethereum_bridge::{Moved, Totals};
use serde_json::json;
use sp_consensus_babe::{
	digests::{PreDigest, SecondaryPlainPreDigest},
	AuthorityIndex, Slot, BABE_ENGINE_ID,
};
use sp_consensus_beefy::mmr::MmrLeaf;
use sp_core::offchain::{testing::TestOffchainExt, OffchainDbExt};
use sp_keyring::Sr25519Keyring;
use sp_mmr_primitives::LeafProof;
use sp_runtime::{
	generic::{Digest, DigestItem, Era},
	traits::{BlakeTwo256, Dispatchable, Hash as _, Header as _},
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	ApplyExtrinsicResult, DispatchError, DispatchResult, StateVersion,
};

/// The slot of the first block; any time after the epoch does.
const FIRST_SLOT: u64 = 1_000_000_000;

/// A chain in memory.
pub struct Chain {
	ext: sp_io::TestExternalities,
	slot: u64,
	parent: Hash,
	number: BlockNumber,
	/// At the end of the last block.
	supply: Supply,
	/// What blocks are called, if not by their hashes.
	names: Option<fn(BlockNumber) -> Hash>,
	/// Validators, by index in the current set, that author nothing.
	pub offline: Vec<AuthorityIndex>,
}

/// All the OPEN there is, and what the bridge has moved since genesis.
#[derive(Clone, Copy)]
struct Supply {
	issuance: Balance,
	minted: Balance,
	burned: Balance,
}

impl Supply {
	fn now() -> Self {
		let Totals { minted, burned, .. } = Moved::<Runtime>::get();
		Self { issuance: Balances::total_issuance(), minted, burned }
	}
}

/// What a block adds to the MMR.
pub type Leaf = MmrLeaf<BlockNumber, Hash, Hash, Hash>;

impl Chain {
	/// The chain that a preset describes, before its first block.
	pub fn new(preset: &str) -> Self {
		Self::patched(preset, json!({}))
	}

	/// The chain of a preset with what a chain spec adds to it, before its first block.
	pub fn patched(preset: &str, patch: serde_json::Value) -> Self {
		let mut ext = sp_io::TestExternalities::default();
		// Where MMR proofs are made from, as a node keeps it.
		let (offchain, _) = TestOffchainExt::with_offchain_db(ext.offchain_db());
		ext.register_extension(OffchainDbExt::new(offchain));
		let (supply, parent) = ext.execute_with(|| {
			let json = genesis_json(preset, patch);
			build_state::<RuntimeGenesisConfig>(json).expect("the genesis builds");
			(Supply::now(), genesis_header().hash())
		});
		ext.commit_all().expect("genesis commits");
		Self { ext, slot: FIRST_SLOT, parent, number: 0, supply, names: None, offline: vec![] }
	}

	/// Calls blocks by other hashes than their own, which change with whatever is stored: test vectors
	/// must not. For a chain before its first block.
	pub fn named(self, names: fn(BlockNumber) -> Hash) -> Self {
		assert_eq!(self.number, 0, "the first block has no name yet");
		Self { parent: names(0), names: Some(names), ..self }
	}

	/// The development chain after its first block.
	pub fn development() -> Self {
		let mut chain = Self::new("development");
		chain.blocks(1);
		chain
	}

	/// Four validators, after the first block.
	pub fn local() -> Self {
		let mut chain = Self::new("local_testnet");
		chain.blocks(1);
		chain
	}

	/// Reads state; what the closure writes is kept, as if a test could cheat.
	pub fn state<R>(&mut self, f: impl FnOnce() -> R) -> R {
		self.ext.execute_with(f)
	}

	/// Makes a block with what the body does in it.
	pub fn block<R>(&mut self, body: impl FnOnce() -> R) -> R {
		let (authorities, disabled) = self.ext.execute_with(|| {
			(
				pallet_babe::Authorities::<Runtime>::get().len() as u64,
				Session::disabled_validators(),
			)
		});
		let authority_index = loop {
			self.slot += 1;
			let candidate = (self.slot % authorities) as AuthorityIndex;
			if !self.offline.contains(&candidate) && !disabled.contains(&candidate) {
				break candidate;
			}
		};
		self.number += 1;
		let digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
			authority_index,
			slot: Slot::from(self.slot),
		});
		let header = Header::new(
			self.number,
			Default::default(),
			Default::default(),
			self.parent,
			Digest { logs: vec![DigestItem::PreRuntime(BABE_ENGINE_ID, digest.encode())] },
		);
		let millis = self.slot * SLOT_MILLIS;
		let before = self.supply;
		let (result, header, after) = self.ext.execute_with(|| {
			Executive::initialize_block(&header);
			let timestamp = RuntimeCall::Timestamp(pallet_timestamp::Call::set { now: millis });
			Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(timestamp))
				.expect("the timestamp is valid")
				.expect("the timestamp is set");
			let result = body();
			let header = Executive::finalize_block();
			(result, header, Supply::now())
		});
		assert_eq!(
			after.issuance + (after.burned - before.burned),
			before.issuance + (after.minted - before.minted),
			"issuance moved in block {}, and not by the bridge",
			self.number
		);
		self.supply = after;
		self.parent = self.names.map_or_else(|| header.hash(), |names| names(self.number));
		self.ext.persist_offchain_overlay();
		self.ext.commit_all().expect("the block commits");
		result
	}

	/// Makes empty blocks.
	pub fn blocks(&mut self, count: BlockNumber) {
		for _ in 0..count {
			self.block(|| ());
		}
	}

	/// Makes blocks until the active era is the next one, and returns its index.
	pub fn next_era(&mut self) -> u32 {
		let active = |chain: &mut Self| {
			chain.state(|| pallet_staking::ActiveEra::<Runtime>::get().map_or(0, |era| era.index))
		};
		let before = active(self);
		// An era and two sessions is more than any era takes.
		for _ in 0..(SESSION * 5) {
			self.blocks(1);
			if active(self) > before {
				return before + 1;
			}
		}
		panic!("era {before} does not end");
	}

	/// Puts a signed extrinsic into a block of its own.
	pub fn submit(
		&mut self,
		who: Sr25519Keyring,
		call: impl Into<RuntimeCall>,
	) -> ApplyExtrinsicResult {
		self.submit_with_tip(who, call, 0)
	}

	/// The same, with a tip.
	pub fn submit_with_tip(
		&mut self,
		who: Sr25519Keyring,
		call: impl Into<RuntimeCall>,
		tip: Balance,
	) -> ApplyExtrinsicResult {
		let call = call.into();
		let apply = || Executive::apply_extrinsic(signed(who, call.clone(), tip));
		let result = self.block(apply);
		// The block in which a session turns has no room; a pool would keep the extrinsic.
		match result {
			Err(TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources)) => {
				self.block(apply)
			}
			result => result,
		}
	}

	/// Puts a signed extrinsic into a block and expects it to succeed.
	pub fn must(&mut self, who: Sr25519Keyring, call: impl Into<RuntimeCall>) {
		self.submit(who, call).expect("the extrinsic is valid").expect("the call succeeds");
	}

	/// Puts a signed extrinsic into a block and expects its call to fail, for that reason.
	pub fn must_fail(
		&mut self,
		who: Sr25519Keyring,
		call: impl Into<RuntimeCall>,
		error: impl Into<DispatchError>,
	) {
		let result = self.submit(who, call).expect("the extrinsic is valid");
		let error = error.into();
		assert_eq!(result.map_err(strip), Err(strip(error)));
	}

	/// Dispatches a call in a block, as an origin that a referendum or a motion gives.
	pub fn dispatch(
		&mut self,
		origin: impl Into<RuntimeOrigin>,
		call: impl Into<RuntimeCall>,
	) -> DispatchResult {
		let (origin, call) = (origin.into(), call.into());
		self.block(|| call.dispatch(origin).map(|_| ()).map_err(|refused| strip(refused.error)))
	}

	/// Checks the invariants of all pallets.
	pub fn try_state(&mut self) {
		let number = self.number;
		self.ext.execute_with(|| {
			AllPalletsWithSystem::try_state(number, TryStateSelect::All).expect("invariants hold");
		});
	}

	/// The events of the last block.
	pub fn events(&mut self) -> Vec<RuntimeEvent> {
		self.state(|| System::events().into_iter().map(|record| record.event).collect())
	}

	/// The hash of the first block's parent, by which the chain is told from others.
	pub fn genesis_hash(&mut self) -> Hash {
		assert!(self.number > 0, "the first block notes it");
		self.state(|| System::block_hash(0))
	}

	/// The leaf that a block has added to the MMR, and its proof for the root of another.
	pub fn leaf(&mut self, block: BlockNumber, at: BlockNumber) -> (Leaf, LeafProof<Hash>) {
		let (mut leaves, proof) =
			self.state(|| Mmr::generate_proof(vec![block], Some(at))).expect("the leaf is there");
		(leaves.pop().expect("one was asked for"), proof)
	}

	/// What the node's `state_call` answers; panics if the runtime has no such function.
	pub fn call<R: codec::Decode>(&mut self, function: &str, arguments: impl Encode) -> R {
		let answer = self.state(|| api::dispatch(function, &arguments.encode()));
		R::decode(&mut &answer.expect("the runtime has this function")[..])
			.expect("it fits its type")
	}

	/// The index of a validator in the current set.
	pub fn authority_index(&mut self, validator: Sr25519Keyring) -> AuthorityIndex {
		let validators = self.state(pallet_session::Validators::<Runtime>::get);
		let index = validators.iter().position(|v| *v == validator.to_account_id());
		index.expect("it is in the set") as AuthorityIndex
	}

	/// The height of the chain.
	pub fn height(&self) -> BlockNumber {
		self.number
	}
}

/// An error without its message, which does not survive encoding.
fn strip(error: DispatchError) -> DispatchError {
	use codec::Decode;
	DispatchError::decode(&mut &error.encode()[..]).expect("an encoded error decodes")
}

/// A signed extrinsic, valid in the current block.
pub fn signed(who: Sr25519Keyring, call: RuntimeCall, tip: Balance) -> UncheckedExtrinsic {
	let nonce = System::account_nonce(who.to_account_id());
	let extension = tx_extension(Era::Immortal, nonce, tip);
	let genesis = System::block_hash(0);
	let implicit = (
		(),
		(),
		VERSION.spec_version,
		VERSION.transaction_version,
		genesis,
		genesis,
		(),
		(),
		(),
		None,
		(),
	);
	let payload = SignedPayload::from_raw(call.clone(), extension.clone(), implicit);
	let signature = payload.using_encoded(|bytes| who.sign(bytes));
	UncheckedExtrinsic::new_signed(call, who.to_account_id().into(), signature.into(), extension)
}

/// The header of a genesis with the state that is there, as the node makes it.
fn genesis_header() -> Header {
	let state_root = Hash::from_slice(&sp_io::storage::root(StateVersion::V1));
	let extrinsics_root = BlakeTwo256::ordered_trie_root(vec![], StateVersion::V1);
	Header::new(0, extrinsics_root, state_root, Hash::zero(), Digest::default())
}

/// A preset and a patch merged into the default genesis, as the node's chain spec does it.
fn genesis_json(preset: &str, and: serde_json::Value) -> Vec<u8> {
	let parse = |json: Vec<u8>| serde_json::from_slice(&json).expect("presets are JSON");
	let mut genesis: serde_json::Value =
		parse(get_preset::<RuntimeGenesisConfig>(&None, |_| None).expect("there is a default"));
	let patch = parse(genesis::get_preset(&preset.into()).expect("the preset exists"));
	merge(&mut genesis, patch);
	merge(&mut genesis, and);
	serde_json::to_vec(&genesis).expect("JSON serialises")
}

fn merge(into: &mut serde_json::Value, patch: serde_json::Value) {
	match (into, patch) {
		(serde_json::Value::Object(into), serde_json::Value::Object(patch)) => {
			for (key, value) in patch {
				merge(into.entry(key).or_insert(serde_json::Value::Null), value);
			}
		}
		(into, patch) => *into = patch,
	}
}

/// An account that no test funds at genesis.
pub fn stranger(seed: u8) -> AccountId {
	AccountId::from([seed; 32])
}

/// The existential deposit.
pub fn deposit() -> Balance {
	<Runtime as pallet_balances::Config>::ExistentialDeposit::get()
}
