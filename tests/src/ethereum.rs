//! Ethereum as these tests need it: a beacon chain whose keys everybody knows, and a vault that exists
//! in its receipts alone.

use crate::Chain;
use beacon_kit::{receipts, BeaconChain, Update};
use codec::Encode;
use openledger_runtime::{bridge::BridgeState, genesis::SUPPLY, AccountId, Balance, RuntimeCall};
use pallet_ethereum_bridge::{messages::Locked, EventProof, Log, Proof, Vault};
use serde_json::{json, Value};
use sp_core::{Bytes, H160, H256, U256};
use sp_keyring::Sr25519Keyring;

/// The vault.
pub const VAULT: Vault =
	Vault { chain_id: 31_337, address: H160::repeat_byte(0xaa), token: H160::repeat_byte(0xbb) };

/// Somebody on Ethereum.
pub const CAROL: H160 = H160::repeat_byte(0x0c);

/// Who carries updates and proofs over.
pub const RELAYER: Sr25519Keyring = Sr25519Keyring::Ferdie;

/// Where the beacon chain begins.
const FIRST_SLOT: u64 = 64;

/// From one block to the next, so that the update to each is free.
const STEP: u64 = 32;

/// Ethereum.
#[derive(Clone)]
pub struct Ethereum {
	/// Its beacon chain.
	pub beacon: BeaconChain,
	/// What was locked; the nonces are 1 to their count.
	deposits: Vec<Deposit>,
}

/// A deposit in its receipt.
#[derive(Clone)]
struct Deposit {
	slot: u64,
	event_log: Log,
	receipt_proof: Vec<Vec<u8>>,
}

impl Ethereum {
	/// Its first block.
	#[allow(clippy::new_without_default)]
	pub fn new() -> Self {
		Self { beacon: BeaconChain::new(FIRST_SLOT), deposits: Vec::new() }
	}

	/// What a chain spec says about it.
	pub fn genesis(&self) -> Value {
		let Vault { chain_id, address, token } = VAULT;
		json!({ "ethereumBridge": {
			"checkpoint": Bytes(self.beacon.checkpoint().encode()),
			"vault": { "chainId": chain_id, "address": address, "token": token },
		} })
	}

	/// Makes a block in which somebody locks these amounts for these recipients, each in a transaction
	/// of its own. Returns the nonces.
	pub fn lock(&mut self, deposits: &[(H256, Balance)]) -> Vec<u64> {
		let nonces: Vec<u64> = (self.deposits.len() as u64 + 1..).take(deposits.len()).collect();
		let events: Vec<_> = nonces
			.iter()
			.zip(deposits)
			.map(|(nonce, (recipient, amount))| locked(*nonce, *recipient, *amount).write())
			.collect();
		let logs: Vec<_> = events
			.iter()
			.map(|(topics, data)| vec![receipts::log(VAULT.address, topics.clone(), data.clone())])
			.collect();
		let receipts = receipts::block(&logs);
		let slot = self.beacon.head().header.slot + STEP;
		let appended = self.beacon.append(slot, receipts::payload(slot, &receipts));
		appended.expect("it comes after the head");
		self.deposits.extend((0..).zip(events).map(|(tx_index, (topics, data))| Deposit {
			slot,
			event_log: Log { address: VAULT.address, topics, data, tx_index },
			receipt_proof: receipts::proof(&receipts, tx_index),
		}));
		nonces
	}

	/// Makes everything so far final, and returns the update that says so.
	pub fn finalise(&mut self) -> Box<Update> {
		Box::new(self.beacon.settle().expect("a block can follow"))
	}

	/// Proves a deposit to who knows the last final block.
	pub fn proof(&self, nonce: u64) -> Box<EventProof> {
		let deposit = self.deposits[nonce as usize - 1].clone();
		let Deposit { slot, event_log, receipt_proof } = deposit;
		let execution_proof = self.beacon.execution_proof(slot).expect("it is final");
		Box::new(EventProof { event_log, proof: Proof { receipt_proof, execution_proof } })
	}

	/// Locks, finalises, and lets the relayer carry it all over. Returns the nonces.
	pub fn bring(&mut self, chain: &mut Chain, deposits: &[(H256, Balance)]) -> Vec<u64> {
		let nonces = self.lock(deposits);
		let update = self.finalise();
		chain.must(RELAYER, submit(update));
		for nonce in &nonces {
			chain.must(RELAYER, submit_deposit(self.proof(*nonce)));
		}
		nonces
	}

	/// Locks what the chain issued at genesis, so that OPEN can leave it.
	pub fn pre_lock(&mut self, chain: &mut Chain) {
		let genesis = chain.genesis_hash();
		self.bring(chain, &[(genesis, SUPPLY)]);
	}
}

/// A preset's chain that follows an Ethereum with a vault, after its first block.
pub fn bridged(preset: &str) -> (Chain, Ethereum) {
	let ethereum = Ethereum::new();
	let mut chain = Chain::patched(preset, ethereum.genesis());
	chain.blocks(1);
	(chain, ethereum)
}

/// Where the bridge stands, as the runtime answers.
pub fn bridge_state(chain: &mut Chain) -> BridgeState {
	chain.call("EthereumBridgeApi_bridge_state", ())
}

/// An account as the vault names recipients.
pub fn recipient(account: AccountId) -> H256 {
	H256(account.into())
}

/// The call that tells the light client.
pub fn submit(update: Box<Update>) -> RuntimeCall {
	RuntimeCall::EthereumBeaconClient(snowbridge_pallet_ethereum_client::Call::submit { update })
}

/// The call that executes a deposit.
pub fn submit_deposit(proof: Box<EventProof>) -> RuntimeCall {
	pallet_ethereum_bridge::Call::submit_deposit { proof }.into()
}

/// The call that takes OPEN out.
pub fn withdraw(recipient: H160, amount: Balance) -> RuntimeCall {
	pallet_ethereum_bridge::Call::withdraw { recipient, amount }.into()
}

/// A deposit, as the vault says it.
pub fn locked(nonce: u64, recipient: H256, amount: Balance) -> Locked {
	Locked { nonce, from: CAROL, recipient, amount: U256::from(amount) }
}
