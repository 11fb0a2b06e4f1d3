//! Cheats before the real light client, on a beacon chain whose keys everybody has. Each of them is
//! valid but for one thing; its honest twin succeeds in the same test.
//!
//! | cheat | test | what stops it |
//! |---|---|---|
//! | a proof again | `replay`: `the_same_proof_executes_once` | `AlreadyProcessed` |
//! | another proof of the same event | `replay`: `another_proof_of_an_event_executes_nothing` | the same |
//! | an event twice in a receipt, or in a block | `replay`: `equal_events_are_one_deposit` | the same |
//! | a nonce again, with more | `replay`: `a_nonce_is_worth_one_deposit` | the same |
//! | an execution block in two beacon blocks | `replay`: `a_block_seen_twice_executes_once` | the same |
//! | what was parked, again | `replay`: `what_was_parked_was_executed` | the same |
//! | a pre-lock again | `replay`: `a_pre_lock_counts_once` | the same |
//! | a deposit in another vault, a token's own event | `event`: `others_have_no_deposits` | `WrongEmitter` |
//! | another event of the vault | `event`: `other_events_are_no_deposits` | `WrongTopic`, `InvalidLog` |
//! | another recipient, amount, nonce, sender, emitter | `event`: `a_bent_event_never_happened` | client: `LogNotFound` |
//! | another transaction | `event`: `an_event_belongs_to_its_transaction` | client: `InvalidProof`, `LogNotFound` |
//! | a failed transaction | `event`: `a_failed_transaction_has_no_events` | Ethereum: it has no logs; client: `LogNotFound` |
//! | a proof of absence, with a forged receipt behind it | `receipt`: `absence_proves_nothing` | client: `InvalidProof` |
//! | receipts of another block, or of none | `receipt`: `receipts_belong_to_their_block` | client: `InvalidProof` |
//! | a proof cut, doubled, bent, reversed, too long | `receipt`: `a_tampered_proof_proves_nothing` | client: `InvalidProof` |
//! | millions of empty nodes | `receipt`: `nodes_without_content_count_too`, `all_of_a_proof_has_its_weight` | `ProofTooLarge`, weight |
//! | a block that is not final | `block`: `what_is_not_final_did_not_happen` | client: `HeaderNotFinalized` |
//! | a block that was reorganised away | `block`: `a_block_of_another_fork_did_not_happen` | client: `ExpectedFinalizedHeaderNotStored`, `InvalidAncestryMerkleProof` |
//! | a bent header | `block`: `a_bent_header_is_another_block` | the same |
//! | the way to another final block, or to itself | `block`: `a_way_leads_to_one_block` | client: `InvalidAncestryMerkleProof`, `HeaderNotFinalized` |
//! | a branch cut or too long | `block`: `branches_have_one_length` | client: `InvalidAncestryMerkleProof`, `InvalidExecutionHeaderProof` |
//! | an execution block of another beacon block, or a forged one | `block`: `an_execution_block_belongs_to_its_beacon_block` | client: `InvalidExecutionHeaderProof` |
//! | a final block that the ring forgot | `block`: `what_the_ring_forgot_needs_another_way` | client: `ExpectedFinalizedHeaderNotStored` |
//! | a block older than the roots of a state | `block`: `a_place_is_taken_by_the_next_round` | client: `InvalidAncestryMerkleProof` |
//! | a signature for another fork or chain, of another committee | `consensus`: `only_the_committee_signs_and_only_for_this_chain` | client: `BLSVerificationFailed` |
//! | too few signatures, or fewer than it says | `consensus`: `two_thirds_sign` | client: `SyncCommitteeParticipantsNotSupermajority`, `BLSVerificationFailed` |
//! | the next committee too early | `consensus`: `a_committee_has_its_period` | client: `SkippedSyncCommitteePeriod`, `BLSVerificationFailed` |
//! | a committee that nobody chose | `consensus`: `a_committee_is_chosen_by_the_chain` | client: `InvalidSyncCommitteeMerkleProof`, `InvalidSyncCommitteeUpdate` |
//! | a final block that nobody attested | `consensus`: `what_is_final_is_in_the_attested_state` | client: `InvalidHeaderMerkleProof`, `InvalidBlockRootsRootMerkleProof` |
//! | an old update, one that is signed before it is made | `consensus`: `updates_go_forward` | client: `IrrelevantUpdate`, `InvalidUpdateSlot` |
//! | a checkpoint of one's own | `consensus`: `nobody_starts_the_client_anew` | client: `BadOrigin` |
//! | a checkpoint of public keys | the runtime's tests | `Checkpoint::install` |
//! | more than 128 bits, more than there is, nothing | `amount`: `amounts_that_cannot_be_are_refused` | `AmountOverflow` |
//! | nobody | `amount`: `nobody_gets_nothing` | `InvalidRecipient` |
//! | dust for who does not exist | `amount`: `dust_waits_for_its_account` | parked |
//! | another chain's pre-lock | `amount`: `another_chains_genesis_hash_is_an_account` | it backs nothing |
//! | somebody else's parked deposit | `amount`: `whoever_claims_the_recipient_gets_it` | `do_claim_parked` |
//! | more than limits let through | `amount`: `a_limit_holds_to_the_unit_in_every_block` | parked, `RateLimited` |
//! | a proof while the bridge, or the client, is halted | `halt`: all | `Halted`, client: `Halted` |
//! | a withdrawal before the last unit is pre-locked | `outbound`: `the_last_unit_opens_the_way_out` | `InsufficientBacking` |
//! | OPEN that came from nowhere | `outbound`: `what_has_no_backing_cannot_leave` | `InsufficientBacking` |
//! | OPEN that vests or votes | `outbound`: `what_is_locked_stays` | `FundsUnavailable` |
//! | a withdrawal's message for another vault, chain, genesis | `outbound`: `a_message_is_for_one_vault_and_one_chain` | `domain` |
//! | another nonce, recipient, amount, block | `outbound`: `a_message_says_one_thing` | `leaf`, `root` |
//! | an inner node as a message | `outbound`: `an_inner_node_is_no_message` | `leaf`: hashed twice |
//! | a message that is none | `outbound`: `a_message_that_is_none_has_no_proof` | `prove_withdrawal` |
//! | any bytes near a proof or an update | `bytes`: all | all of it |
//! | a state that no call makes | `state`: all | `try_state` |
//!
//! What other cheats earn is in `earnings`: who races for tips, the tip and nothing else; who splits
//! deposits or makes dust, nothing; who fills the limit, a delay for others. Session changes are for
//! the runtime's tests, what the contracts do with messages for theirs.

mod amount;
mod block;
mod bytes;
mod consensus;
mod earnings;
mod event;
mod halt;
mod outbound;
mod receipt;
mod replay;
mod state;

use super::{l1::climb, *};
use crate::messages::Locked;
use beacon_kit::{
	receipts::{self, ReceiptEnvelope},
	BeaconChain, Signing, Update,
};
use frame_support::dispatch::DispatchResultWithPostInfo;
use sp_core::U256;
use std::collections::BTreeMap;
use Error::{
	AlreadyProcessed, AmountOverflow, InsufficientBacking, InvalidLog, InvalidRecipient,
	NothingParked, ProofTooLarge, RateLimited, Verification, WrongEmitter, WrongTopic,
};
use VerificationError::{InvalidExecutionProof, InvalidProof, LogNotFound};

/// The light client's own errors.
type ClientError = snowbridge_pallet_ethereum_client::Error<Test>;

/// A development Ethereum.
#[derive(Clone)]
struct Ethereum {
	beacon: BeaconChain,
	/// The logs of each transaction of each block, by slot.
	blocks: BTreeMap<u64, Vec<Vec<Log>>>,
}

impl Ethereum {
	/// Makes a block of these transactions, and returns its slot.
	fn mine(&mut self, transactions: Vec<Vec<Log>>) -> u64 {
		self.mine_at(self.beacon.head().header.slot + 1, transactions)
	}

	fn mine_at(&mut self, slot: u64, transactions: Vec<Vec<Log>>) -> u64 {
		let payload = receipts::payload(slot, &receipts_of(&transactions));
		self.beacon.append(slot, payload).expect("slots ascend");
		self.blocks.insert(slot, transactions);
		slot
	}

	/// A block with nothing but this deposit.
	fn lock(&mut self, nonce: u64, recipient: &AccountId, amount: Balance) -> u64 {
		self.mine(vec![vec![lock(nonce, recipient, amount)]])
	}

	/// The head becomes final.
	fn settle(&mut self) -> Update {
		self.beacon.settle().expect("the head is not final yet")
	}

	/// The head becomes final, and the light client knows.
	fn follow(&mut self) {
		let update = self.settle();
		assert_ok!(update_by(&update));
	}

	/// It knows the next committee too.
	fn follow_with_committee(&mut self) {
		self.settle();
		assert_ok!(update_by(&self.with_committee()));
	}

	/// What the head says of finality, and of the next committee.
	fn with_committee(&self) -> Update {
		let head = self.beacon.head().header.slot;
		let signing = Signing::default();
		self.beacon.update_with_committee(head, &signing).expect("its state has both")
	}

	/// What the head says of finality, signed like this.
	fn signed(&self, signing: Signing) -> Update {
		let head = self.beacon.head().header.slot;
		self.beacon.finality_update(head, &signing).expect("its state says so")
	}

	/// Proves a log of a final block.
	fn prove(&self, slot: u64, transaction: u64, log: usize) -> EventProof {
		let receipts = receipts_of(&self.blocks[&slot]);
		receipts::event_proof(&self.beacon, slot, &receipts, transaction, log)
			.expect("the block is final, and has it")
	}

	/// Locks this, lets it become final and proves it.
	fn proven(&mut self, nonce: u64, recipient: &AccountId, amount: Balance) -> EventProof {
		let slot = self.lock(nonce, recipient, amount);
		self.follow();
		self.prove(slot, 0, 0)
	}

	/// The same chain up to a slot; what comes after it has other roots.
	fn fork_at(&self, slot: u64) -> Self {
		let mut fork = self.clone();
		fork.beacon = self.beacon.fork_at(slot).expect("there is such a block");
		fork.blocks.retain(|mined, _| *mined <= slot);
		let last = fork.beacon.head().header.slot;
		let payload = beacon_kit::payload();
		fork.beacon.append_with(last + 1, payload, H256::repeat_byte(0xf)).expect("slots ascend");
		fork
	}
}

/// A chain whose light client has followed an Ethereum to its beginning.
fn bridge(test: impl FnOnce(&mut Ethereum)) {
	chain(|| {
		RealVerifier::set(true);
		let beacon = BeaconChain::new(64);
		let checkpoint = Box::new(beacon.checkpoint());
		assert_ok!(BeaconClient::force_checkpoint(RuntimeOrigin::root(), checkpoint));
		test(&mut Ethereum { beacon, blocks: BTreeMap::new() });
	});
}

/// The receipts of a block whose transactions have these logs.
fn receipts_of(transactions: &[Vec<Log>]) -> Vec<ReceiptEnvelope> {
	let written = |log: &Log| receipts::log(log.address, log.topics.clone(), log.data.clone());
	let logs = transactions.iter().map(|logs| logs.iter().map(written).collect::<Vec<_>>());
	receipts::block(&logs.collect::<Vec<_>>())
}

/// What the vault logs when this is locked.
fn lock(nonce: u64, recipient: &AccountId, amount: Balance) -> Log {
	log_of(VAULT.address, &locked(nonce, recipient, amount))
}

fn update_by(update: &Update) -> DispatchResultWithPostInfo {
	BeaconClient::submit(signed(RELAYER), Box::new(update.clone()))
}

fn submit_proof(proof: &EventProof) -> DispatchResultWithPostInfo {
	Bridge::submit_deposit(signed(RELAYER), Box::new(proof.clone()))
}

/// The honest twin: it is believed and executed.
fn executed(proof: &EventProof) {
	assert_ok!(submit_proof(proof));
}

/// It has happened on Ethereum, and the bridge refuses it.
fn refused(proof: &EventProof, error: Error<Test>) {
	assert_eq!(BeaconClient::verify(&proof.event_log, &proof.proof), Ok(()));
	assert_noop!(submit_proof(proof), error);
}

/// The light client refuses it, for this. Its answer is asked for too: the reason is not part of an
/// error's encoding.
fn disbelieved(proof: &EventProof, reason: VerificationError) {
	let answer = BeaconClient::verify(&proof.event_log, &proof.proof);
	assert_eq!(answer, Err(reason.clone()));
	assert_noop!(submit_proof(proof), Verification::<Test>(reason));
}

/// The light client does not accept the block, for this.
fn no_such_block(proof: &EventProof, reason: &'static str) {
	disbelieved(proof, InvalidExecutionProof(reason));
}

/// This proof with one thing changed.
fn with(proof: &EventProof, change: impl FnOnce(&mut EventProof)) -> EventProof {
	let mut changed = proof.clone();
	change(&mut changed);
	assert_ne!(changed, *proof);
	changed
}
