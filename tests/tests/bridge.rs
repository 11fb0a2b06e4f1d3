//! What Ethereum tells the real runtime: what starts the light client, what it accepts, and how OPEN
//! comes in by its proofs.

use beacon_kit::{Signing, Update, VALIDATORS_ROOT};
use codec::Encode;
use frame_support::{assert_ok, traits::fungible::Inspect};
use openledger_primitives::{
	units::{MILLI_OPEN, OPEN},
	AccountId, Balance,
};
use openledger_runtime::{
	bridge::{BridgeState, DepositStatus, VaultInfo},
	configs::bridge::{BeaconCheckpoint, Forks, InitialLimits, PUBLIC_KEYS},
	genesis::SUPPLY,
	governance::origins::Origin,
	Balances, EthereumBeaconClient, Runtime, RuntimeEvent,
};
use openledger_tests::{
	ethereum::{
		bridge_state, bridged, recipient, submit, submit_deposit, withdraw, Ethereum, CAROL,
		RELAYER, VAULT,
	},
	stranger, Chain,
};
use pallet_ethereum_bridge::{messages, EventProof, Vault, VerificationError, Verifier};
use serde_json::json;
use snowbridge_beacon_primitives::{BlsError, Signature, VersionedExecutionPayloadHeader};
use snowbridge_pallet_ethereum_client_fixtures::{
	make_checkpoint, make_finalized_header_update, make_inbound_fixture, make_sync_committee_update,
};
use sp_core::{Bytes, H256};
use sp_keyring::Sr25519Keyring as Account;
use sp_runtime::DispatchError;

type Bridge = pallet_ethereum_bridge::Error<Runtime>;
type Call = pallet_ethereum_bridge::Call<Runtime>;
type Client = snowbridge_pallet_ethereum_client::Error<Runtime>;
type Event = pallet_ethereum_bridge::Event<Runtime>;

/// A hash of nothing.
const JUNK: H256 = H256::repeat_byte(0x5a);

fn balance(chain: &mut Chain, who: &AccountId) -> Balance {
	chain.state(|| Balances::total_balance(who))
}

fn status(chain: &mut Chain, nonce: u64) -> DepositStatus {
	chain.call("EthereumBridgeApi_deposit_status", nonce)
}

// --- What the light client starts from

#[test]
fn a_chain_spec_starts_the_client_and_names_the_vault() {
	let (mut chain, ethereum) = bridged("development");
	let head = ethereum.beacon.head();
	chain.state(|| {
		assert_eq!(EthereumBeaconClient::validators_root(), VALIDATORS_ROOT);
		assert_eq!(EthereumBeaconClient::initial_checkpoint_root(), head.root);
		let known = EthereumBeaconClient::finalized_beacon_state(head.root).expect("it is stored");
		assert_eq!(known.slot, head.header.slot);
	});
	let vault = VaultInfo { chain_id: VAULT.chain_id, address: VAULT.address, token: VAULT.token };
	let domain = messages::domain(&VAULT, chain.genesis_hash());
	let limits = InitialLimits::get();
	assert_eq!(
		bridge_state(&mut chain),
		BridgeState {
			vault: Some(vault),
			domain: Some(domain),
			inbound_halted: false,
			outbound_halted: false,
			genesis_issuance: SUPPLY,
			pre_locked: 0,
			minted: 0,
			burned: 0,
			parked: 0,
			withdrawals: 0,
			mintable: limits.deposit_capacity,
			withdrawable: 0,
			min_withdrawal: limits.min_withdrawal,
			max_withdrawal: limits.max_withdrawal,
		}
	);
	chain.try_state();
}

#[test]
fn without_a_checkpoint_and_a_vault_nothing_moves() {
	let mut chain = Chain::development();
	let answer = bridge_state(&mut chain);
	assert_eq!((answer.vault, answer.domain, answer.withdrawable), (None, None, 0));
	let mut ethereum = Ethereum::new();
	let nonces = ethereum.lock(&[(recipient(stranger(1)), OPEN)]);
	let update = ethereum.finalise();
	chain.must_fail(RELAYER, submit(update), Client::NotBootstrapped);
	let deposit = submit_deposit(ethereum.proof(nonces[0]));
	chain.must_fail(RELAYER, deposit.clone(), Bridge::VaultNotSet);
	chain.must_fail(Account::Alice, withdraw(CAROL, 10 * OPEN), Bridge::VaultNotSet);
	// A vault alone does not make anybody believe what it says.
	let Vault { chain_id, address, token } = VAULT;
	let name = Call::set_vault { chain_id, vault: address, token };
	assert_ok!(chain.dispatch(Origin::BridgeAdmin, name));
	let refused = Bridge::Verification(VerificationError::InvalidExecutionProof(""));
	chain.must_fail(RELAYER, deposit, refused);
	chain.try_state();
}

#[test]
#[should_panic(expected = "checkpoint of the chain spec: it is no checkpoint of a beacon chain")]
fn bytes_that_are_no_checkpoint_stop_the_genesis() {
	Chain::patched("development", json!({ "ethereumBridge": { "checkpoint": "0x0102" } }));
}

#[test]
#[should_panic(expected = "its sync committee or its block roots are not proven by its header")]
fn a_checkpoint_with_another_committee_stops_the_genesis() {
	let mut checkpoint = Ethereum::new().beacon.checkpoint();
	let keys = &mut checkpoint.current_sync_committee.pubkeys;
	let other = keys.iter().position(|key| *key != keys[0]).expect("there are eight keys");
	keys.swap(0, other);
	let checkpoint = Bytes(checkpoint.encode());
	Chain::patched("development", json!({ "ethereumBridge": { "checkpoint": checkpoint } }));
}

#[test]
fn a_production_chain_refuses_keys_that_everybody_knows() {
	let fixture = make_checkpoint().validators_root;
	assert_eq!(PUBLIC_KEYS, [fixture, VALIDATORS_ROOT]);
	for root in PUBLIC_KEYS {
		assert!(BeaconCheckpoint::trustworthy(root, false).is_err());
		assert_eq!(BeaconCheckpoint::trustworthy(root, true), Ok(()));
	}
	// Ethereum's own.
	let mainnet = "4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95";
	let mainnet = mainnet.parse().expect("it is a hash");
	assert_eq!(BeaconCheckpoint::trustworthy(mainnet, false), Ok(()));
}

#[test]
fn a_fast_runtime_knows_the_forks_of_the_kit() {
	// Those of Ethereum are compiled into production runtimes alone.
	assert_eq!(Forks::get(), beacon_kit::Config::default().forks);
}

// --- What it accepts

/// A chain that starts from the checkpoint of the client's own fixtures.
fn fixture_chain() -> Chain {
	let checkpoint = Bytes(make_checkpoint().encode());
	let patch = json!({ "ethereumBridge": { "checkpoint": checkpoint } });
	let mut chain = Chain::patched("development", patch);
	chain.blocks(1);
	chain
}

#[test]
fn fixtures_move_the_client_and_whatever_was_changed_in_them_does_not() {
	type Change = fn(&mut Update);
	let chain = &mut fixture_chain();
	let signature = |error| Client::BLSVerificationFailed(error);
	let changes: [(Change, Client); 13] = [
		(
			|update| update.sync_aggregate.sync_committee_bits = [0x0f; 64],
			Client::SyncCommitteeParticipantsNotSupermajority,
		),
		(
			|update| update.sync_aggregate.sync_committee_bits[0] = 0xfe,
			signature(BlsError::SignatureVerificationFailed),
		),
		(
			|update| {
				update.sync_aggregate.sync_committee_signature =
					make_finalized_header_update().sync_aggregate.sync_committee_signature
			},
			signature(BlsError::SignatureVerificationFailed),
		),
		(
			|update| update.sync_aggregate.sync_committee_signature = Signature([0; 96]),
			signature(BlsError::InvalidSignature),
		),
		(
			|update| update.attested_header.proposer_index += 1,
			signature(BlsError::SignatureVerificationFailed),
		),
		(|update| update.signature_slot = update.attested_header.slot, Client::InvalidUpdateSlot),
		(|update| update.signature_slot += 8_192, Client::SkippedSyncCommitteePeriod),
		(|update| update.finality_branch[0] = JUNK, Client::InvalidHeaderMerkleProof),
		(|update| update.finalized_header.body_root = JUNK, Client::InvalidHeaderMerkleProof),
		(|update| update.block_roots_branch[0] = JUNK, Client::InvalidBlockRootsRootMerkleProof),
		(|update| update.block_roots_root = JUNK, Client::InvalidBlockRootsRootMerkleProof),
		(
			|update| {
				let committee = update.next_sync_committee_update.as_mut().expect("it has one");
				committee.next_sync_committee_branch[0] = JUNK;
			},
			Client::InvalidSyncCommitteeMerkleProof,
		),
		(
			|update| {
				let committee = update.next_sync_committee_update.as_mut().expect("it has one");
				committee.next_sync_committee.aggregate_pubkey =
					committee.next_sync_committee.pubkeys[0];
			},
			Client::InvalidSyncCommitteeMerkleProof,
		),
	];
	for (change, error) in changes {
		let mut update = make_sync_committee_update();
		change(&mut update);
		chain.must_fail(RELAYER, submit(update), error);
	}
	let before = balance(chain, &RELAYER.to_account_id());
	chain.must(RELAYER, submit(make_sync_committee_update()));
	chain.must(RELAYER, submit(make_finalized_header_update()));
	assert_eq!(balance(chain, &RELAYER.to_account_id()), before, "both have brought something");
	let header = make_finalized_header_update().finalized_header;
	let root = header.hash_tree_root().expect("it hashes");
	assert_eq!(chain.state(EthereumBeaconClient::latest_finalized_block_root), root);
	let old = submit(make_sync_committee_update());
	chain.must_fail(RELAYER, old, Client::IrrelevantUpdate);
}

#[test]
fn an_event_of_the_fixtures_is_believed_once_its_block_is_final_and_only_as_it_was() {
	use VerificationError::{InvalidExecutionProof, InvalidProof, LogNotFound};
	type Change = fn(&mut EventProof);
	let chain = &mut fixture_chain();
	let verify = |chain: &mut Chain, event: &EventProof| {
		chain.state(|| EthereumBeaconClient::verify(&event.event_log, &event.proof))
	};
	let event = make_inbound_fixture().event;
	assert_eq!(verify(chain, &event), Err(InvalidExecutionProof("HeaderNotFinalized")));
	chain.must(RELAYER, submit(make_finalized_header_update()));
	assert_eq!(verify(chain, &event), Ok(()));

	fn ancestry(event: &mut EventProof) -> &mut snowbridge_beacon_primitives::AncestryProof {
		event.proof.execution_proof.ancestry_proof.as_mut().expect("it has one")
	}
	let changes: [(Change, VerificationError); 15] = [
		(|event| event.event_log.address = CAROL, LogNotFound),
		(|event| event.event_log.topics[0] = JUNK, LogNotFound),
		(|event| event.event_log.topics.clear(), LogNotFound),
		(|event| event.event_log.topics.push(JUNK), LogNotFound),
		(|event| event.event_log.data[31] ^= 1, LogNotFound),
		(|event| event.event_log.data.push(0), LogNotFound),
		(|event| event.event_log.tx_index = 1, InvalidProof),
		(|event| event.proof.receipt_proof[1][40] ^= 1, InvalidProof),
		(|event| event.proof.receipt_proof.clear(), InvalidProof),
		(
			|event| event.proof.execution_proof.header.slot = 801,
			InvalidExecutionProof("HeaderNotFinalized"),
		),
		(
			|event| event.proof.execution_proof.header.slot += 1,
			InvalidExecutionProof("InvalidAncestryMerkleProof"),
		),
		(
			|event| ancestry(event).header_branch[0] = JUNK,
			InvalidExecutionProof("InvalidAncestryMerkleProof"),
		),
		(
			|event| ancestry(event).finalized_block_root = JUNK,
			InvalidExecutionProof("ExpectedFinalizedHeaderNotStored"),
		),
		(
			|event| event.proof.execution_proof.ancestry_proof = None,
			InvalidExecutionProof("ExpectedFinalizedHeaderNotStored"),
		),
		(
			|event| match &mut event.proof.execution_proof.execution_header {
				VersionedExecutionPayloadHeader::Deneb(header) => header.receipts_root = JUNK,
				VersionedExecutionPayloadHeader::Capella(_) => unreachable!("it is of Deneb"),
			},
			InvalidExecutionProof("InvalidExecutionHeaderProof"),
		),
	];
	for (nth, (change, error)) in changes.into_iter().enumerate() {
		let mut event = event.clone();
		change(&mut event);
		assert_eq!(verify(chain, &event), Err(error), "change {nth}");
	}
}

#[test]
fn only_two_thirds_of_the_right_committee_of_the_right_chain_move_the_client() {
	let (mut chain, mut ethereum) = bridged("development");
	ethereum.lock(&[]);
	ethereum.finalise();
	let attested = ethereum.beacon.head().header.slot;
	let with = |signing| {
		let update = ethereum.beacon.finality_update(attested, &signing);
		submit(Box::new(update.expect("it attests to something final")))
	};
	let signature = Client::BLSVerificationFailed(BlsError::SignatureVerificationFailed);
	let signature = DispatchError::from(signature);
	let fixture = make_checkpoint().validators_root;
	for (signing, error) in [
		(
			Signing { signers: Some(341), ..Default::default() },
			Client::SyncCommitteeParticipantsNotSupermajority.into(),
		),
		(Signing { committee: Some(1), ..Default::default() }, signature),
		(Signing { version: Some([4, 0, 0, 0]), ..Default::default() }, signature),
		(Signing { version: Some([6, 0, 0, 0]), ..Default::default() }, signature),
		(Signing { validators_root: Some(fixture), ..Default::default() }, signature),
	] {
		chain.must_fail(RELAYER, with(signing), error);
	}
	chain.must(RELAYER, with(Signing { signers: Some(342), ..Default::default() }));
}

#[test]
fn the_client_follows_from_committee_to_committee_for_free() {
	let (mut chain, ethereum) = bridged("development");
	let mut beacon = ethereum.beacon;
	beacon.bridge_gap(3 * 8_192 + 100).expect("the slot is ahead");
	let before = balance(&mut chain, &RELAYER.to_account_id());
	let without =
		|update: &Update| Box::new(Update { next_sync_committee_update: None, ..update.clone() });
	for period in 0..3 {
		let update = beacon.committee_update(period, &Signing::default()).expect("it has one");
		if period > 0 {
			// The committee of this period is known; without the next one there is no way on.
			let required = Client::SyncCommitteeUpdateRequired;
			chain.must_fail(RELAYER, submit(without(&update)), required);
			// Nor is there with the committee of another one.
			let signing = Signing { committee: Some(period - 1), ..Default::default() };
			let update = beacon.committee_update(period, &signing).expect("it has one");
			let refused = Client::BLSVerificationFailed(BlsError::SignatureVerificationFailed);
			chain.must_fail(RELAYER, submit(Box::new(update)), refused);
		}
		let now = balance(&mut chain, &RELAYER.to_account_id());
		chain.must(RELAYER, submit(Box::new(update)));
		assert_eq!(balance(&mut chain, &RELAYER.to_account_id()), now, "period {period}");
	}
	assert!(balance(&mut chain, &RELAYER.to_account_id()) < before, "refusals were paid for");
	let root = chain.state(EthereumBeaconClient::latest_finalized_block_root);
	let known = beacon.by_root(root).expect("it is a block of this chain");
	assert_eq!(beacon_kit::period(known.header.slot), 2);
}

#[test]
fn an_update_is_free_if_it_advances_the_client_by_an_epoch() {
	let (mut chain, mut ethereum) = bridged("development");
	ethereum.lock(&[]);
	let update = ethereum.finalise();
	let relayer = RELAYER.to_account_id();
	let fee = |chain: &mut Chain, update: &Update| {
		let before = balance(chain, &relayer);
		chain.must(RELAYER, submit(Box::new(update.clone())));
		before - balance(chain, &relayer)
	};
	assert_eq!(fee(&mut chain, &update), 0);
	assert!(fee(&mut chain, &update) > 0, "it brings nothing");
	let next = ethereum.finalise();
	assert_eq!(next.finalized_header.slot, update.finalized_header.slot + 1);
	assert!(fee(&mut chain, &next) > 0, "it is too near");
	// The block that says what is final comes a slot after it, so this is 33 slots on.
	ethereum.lock(&[]);
	let next = ethereum.finalise();
	assert_eq!(fee(&mut chain, &next), 0);
}

// --- What comes in

#[test]
fn a_deposit_is_minted_and_costs_its_submitter_nothing() {
	let (mut chain, mut ethereum) = bridged("development");
	let (relayer, nobody) = (RELAYER.to_account_id(), stranger(9));
	let amount = 1_000 * OPEN;
	let nonces = ethereum.lock(&[(recipient(nobody.clone()), amount)]);
	let update = ethereum.finalise();
	let deposit = submit_deposit(ethereum.proof(nonces[0]));
	assert_eq!(status(&mut chain, 1), DepositStatus::Unknown);

	// GIVEN a client that does not know yet that the block is final,
	let refused = Bridge::Verification(VerificationError::InvalidExecutionProof(""));
	chain.must_fail(RELAYER, deposit.clone(), refused);
	chain.must(RELAYER, submit(update));

	// WHEN it does, the relayer gets the tip and pays no fee,
	let before = balance(&mut chain, &relayer);
	chain.must(RELAYER, deposit.clone());
	let tip = 100 * MILLI_OPEN;
	assert_eq!(balance(&mut chain, &relayer), before + tip);
	assert_eq!(balance(&mut chain, &nobody), amount - tip);
	let minted = Event::DepositMinted {
		nonce: 1,
		recipient: nobody.clone(),
		amount,
		tip,
		submitter: relayer.clone(),
	};
	assert!(chain.events().contains(&RuntimeEvent::EthereumBridge(minted)));
	assert_eq!(status(&mut chain, 1), DepositStatus::Executed);
	let answer = bridge_state(&mut chain);
	assert_eq!((answer.minted, answer.pre_locked, answer.parked), (amount, 0, 0));
	assert_eq!(chain.state(Balances::total_issuance), SUPPLY + amount);

	// AND only once, which costs a fee.
	let before = balance(&mut chain, &relayer);
	chain.must_fail(RELAYER, deposit, Bridge::AlreadyProcessed);
	assert!(balance(&mut chain, &relayer) < before);
	chain.try_state();
}

#[test]
fn a_deposit_that_is_not_what_was_locked_is_refused_for_its_fee() {
	use VerificationError::{InvalidProof, LogNotFound};
	type Change = fn(&mut EventProof);
	let (mut chain, mut ethereum) = bridged("development");
	let relayer = RELAYER.to_account_id();
	let mine = recipient(Account::Bob.to_account_id());
	let nonces = ethereum.lock(&[(mine, OPEN), (mine, 2 * OPEN)]);
	let update = ethereum.finalise();
	chain.must(RELAYER, submit(update));
	let verification = |error| Bridge::Verification(error);
	let changes: [(Change, Bridge); 9] = [
		(|deposit| deposit.event_log.address = VAULT.token, Bridge::WrongEmitter),
		(|deposit| deposit.event_log.topics[0] = JUNK, Bridge::WrongTopic),
		(|deposit| deposit.event_log.topics[1].0[31] += 1, verification(LogNotFound)),
		(|deposit| deposit.event_log.topics[2] = H256::zero(), verification(LogNotFound)),
		(|deposit| deposit.event_log.topics[3] = JUNK, verification(LogNotFound)),
		(|deposit| deposit.event_log.data[20] += 1, verification(LogNotFound)),
		(|deposit| deposit.event_log.tx_index = 1, verification(InvalidProof)),
		(|deposit| deposit.event_log.tx_index = 2, verification(InvalidProof)),
		(
			|deposit| {
				let last = deposit.proof.receipt_proof.last_mut().expect("it has nodes");
				*last.last_mut().expect("it has bytes") ^= 1;
			},
			verification(InvalidProof),
		),
	];
	for (change, error) in changes {
		let mut deposit = ethereum.proof(nonces[0]);
		change(&mut deposit);
		let before = balance(&mut chain, &relayer);
		chain.must_fail(RELAYER, submit_deposit(deposit), error);
		assert!(balance(&mut chain, &relayer) < before, "work that came to nothing is paid for");
		assert_eq!(status(&mut chain, 1), DepositStatus::Unknown);
	}
	for nonce in nonces {
		chain.must(RELAYER, submit_deposit(ethereum.proof(nonce)));
	}
	assert_eq!(bridge_state(&mut chain).minted, 3 * OPEN);
}

#[test]
fn what_was_locked_on_a_fork_that_ethereum_left_is_not_minted() {
	let (mut chain, mut ethereum) = bridged("development");
	let thief = recipient(stranger(6));
	// GIVEN two blocks of one slot, one of which becomes final,
	let mut fork = ethereum.clone();
	let [ours] = ethereum.lock(&[(thief, OPEN)])[..] else { panic!("one deposit") };
	fork.lock(&[(thief, 1_000 * OPEN)]);
	let update = ethereum.finalise();
	fork.finalise();
	chain.must(RELAYER, submit(update));

	// THEN the other one is not believed, whatever is said of where it stands.
	let unproven = Bridge::Verification(VerificationError::InvalidExecutionProof(""));
	let unproven = DispatchError::from(unproven);
	let stolen = fork.proof(ours);
	chain.must_fail(RELAYER, submit_deposit(stolen.clone()), unproven);
	let mut stolen = stolen;
	stolen.proof.execution_proof.ancestry_proof =
		ethereum.proof(ours).proof.execution_proof.ancestry_proof;
	chain.must_fail(RELAYER, submit_deposit(stolen), unproven);
	chain.must(RELAYER, submit_deposit(ethereum.proof(ours)));
	assert_eq!(bridge_state(&mut chain).minted, OPEN);
}

#[test]
fn a_deposit_over_the_limit_waits_and_is_claimed_in_parts() {
	let (mut chain, mut ethereum) = bridged("development");
	let capacity = InitialLimits::get().deposit_capacity;
	let who = stranger(3);
	ethereum.bring(&mut chain, &[(recipient(who.clone()), capacity + OPEN)]);
	let waiting = |amount| DepositStatus::Parked { recipient: who.clone(), amount };
	assert_eq!(status(&mut chain, 1), waiting(capacity + OPEN));
	assert_eq!(bridge_state(&mut chain).parked, capacity + OPEN);
	let claim = Call::claim_parked { nonce: 1 };
	chain.must(Account::Bob, claim.clone());
	assert_eq!(balance(&mut chain, &who), capacity);
	assert_eq!(status(&mut chain, 1), waiting(OPEN));
	chain.must(Account::Bob, claim.clone());
	assert_eq!(balance(&mut chain, &who), capacity + OPEN, "a hundredth is free again");
	assert_eq!(status(&mut chain, 1), DepositStatus::Executed);
	chain.must_fail(Account::Bob, claim, Bridge::NothingParked);
	chain.try_state();
}
