//! The real client pallet follows the kit's chain, verifies its events, and refuses what is not so.

mod mock;

use beacon_kit::{
	block::gindex, payload, period, receipts, BeaconChain, ExecutionPayloadHeader, Signing, Update,
	SLOTS_PER_PERIOD, VALIDATORS_ROOT,
};
use frame_support::{assert_noop, assert_ok};
use mock::{latest, run, submit, Client, RuntimeOrigin, Test};
use snowbridge_beacon_primitives::{BlsError, VersionedExecutionPayloadHeader};
use snowbridge_core::BasicOperatingMode;
use snowbridge_pallet_ethereum_client as client;
use snowbridge_pallet_ethereum_client_fixtures as fixtures;
use snowbridge_verification_primitives::{EventProof, VerificationError, Verifier};
use sp_core::{H160, H256};

type ClientError = client::Error<Test>;

const LOG_SLOT: u64 = 65;

fn start(chain: &BeaconChain) {
	assert_ok!(Client::force_checkpoint(RuntimeOrigin::root(), Box::new(chain.checkpoint())));
}

fn finality(chain: &BeaconChain, attested: u64) -> Update {
	chain.finality_update(attested, &Signing::default()).unwrap()
}

/// Two transactions, the second of which wrote two logs.
fn logs() -> Vec<receipts::ReceiptEnvelope> {
	let log = |byte| {
		let topics = vec![H256::repeat_byte(byte), H256::repeat_byte(byte + 1)];
		receipts::log(H160::repeat_byte(byte), topics, vec![byte; 96])
	};
	receipts::block(&[vec![log(1)], vec![log(2), log(3)]])
}

/// A chain with logs at slot 65, slot 96 final and known to the client.
fn chain_with_logs() -> BeaconChain {
	let mut chain = BeaconChain::new(64);
	start(&chain);
	chain.append(LOG_SLOT, receipts::payload(1, &logs())).unwrap();
	chain.append(96, receipts::payload(2, &logs())).unwrap();
	assert_ok!(submit(chain.settle().unwrap()));
	assert_eq!(latest(), chain.at(96).unwrap().root);
	chain
}

fn verify(proven: &EventProof) -> Result<(), VerificationError> {
	Client::verify(&proven.event_log, &proven.proof)
}

/// What the client says of a signature that is not the committee's.
fn not_signed() -> ClientError {
	ClientError::BLSVerificationFailed(BlsError::SignatureVerificationFailed)
}

fn refused(why: &'static str) -> Result<(), VerificationError> {
	Err(VerificationError::InvalidExecutionProof(why))
}

#[test]
fn a_checkpoint_starts_the_client() {
	run(|| {
		let chain = BeaconChain::new(64);
		start(&chain);
		assert_eq!(latest(), chain.head().root);
		assert_eq!(Client::validators_root(), VALIDATORS_ROOT);
	});
}

#[test]
fn a_checkpoint_may_be_at_any_block() {
	run(|| {
		let mut chain = BeaconChain::new(64);
		chain.append(9000, payload()).unwrap();
		let checkpoint = Box::new(chain.checkpoint_at(9000).unwrap());
		assert_ok!(Client::force_checkpoint(RuntimeOrigin::root(), checkpoint));
		assert_ok!(submit(chain.settle().unwrap()));
	});
}

#[test]
fn tampered_checkpoints_are_refused() {
	run(|| {
		let chain = BeaconChain::new(64);
		let force =
			|checkpoint| Client::force_checkpoint(RuntimeOrigin::root(), Box::new(checkpoint));
		let mut tampered = chain.checkpoint();
		tampered.current_sync_committee.pubkeys.swap(0, 511);
		assert_ne!(tampered, chain.checkpoint());
		assert_noop!(force(tampered), ClientError::InvalidSyncCommitteeMerkleProof);
		let mut tampered = chain.checkpoint();
		tampered.current_sync_committee_branch[5].0[0] ^= 1;
		assert_noop!(force(tampered), ClientError::InvalidSyncCommitteeMerkleProof);
		let mut tampered = chain.checkpoint();
		tampered.block_roots_root.0[0] ^= 1;
		assert_noop!(force(tampered), ClientError::InvalidBlockRootsRootMerkleProof);
		let mut tampered = chain.checkpoint();
		tampered.header.state_root.0[0] ^= 1;
		assert_noop!(force(tampered), ClientError::InvalidSyncCommitteeMerkleProof);
	});
}

#[test]
fn the_client_follows_finality() {
	run(|| {
		let mut chain = BeaconChain::new(64);
		start(&chain);
		for slot in [96, 128, 160, 1000] {
			chain.append(slot, payload()).unwrap();
			assert_ok!(submit(chain.settle().unwrap()));
			assert_eq!(latest(), chain.at(slot).unwrap().root);
		}
	});
}

#[test]
fn the_client_follows_three_periods() {
	run(|| {
		let first = 40 * SLOTS_PER_PERIOD;
		let mut chain = BeaconChain::new(first);
		start(&chain);
		for step in 0..4 {
			let slot = first + step * SLOTS_PER_PERIOD + 7;
			chain.append(slot, payload()).unwrap();
			chain.finalise(slot).unwrap();
			chain.append(slot + 1, payload()).unwrap();
			chain.append(slot + 2, payload()).unwrap();
			let without = finality(&chain, slot + 1);
			if step > 0 {
				assert_noop!(submit(without), ClientError::SyncCommitteeUpdateRequired);
			}
			let update = chain.committee_update(period(slot), &Signing::default()).unwrap();
			assert_ok!(submit(update));
			chain.append(slot + 100, payload()).unwrap();
			assert_ok!(submit(chain.settle().unwrap()));
		}
	});
}

#[test]
fn a_bridge_over_periods_can_be_followed() {
	run(|| {
		let mut chain = BeaconChain::new(64);
		start(&chain);
		let end = 3 * SLOTS_PER_PERIOD + 5000;
		chain.bridge_gap(end).unwrap();
		chain.append(end, payload()).unwrap();
		let news = chain
			.blocks()
			.filter(|block| block.finalized.is_some_and(|(_, slot)| slot + 1 == block.header.slot));
		for block in news {
			let attested = block.header.slot;
			let update = chain.update_with_committee(attested, &Signing::default()).unwrap();
			assert_ok!(submit(update));
		}
		assert_ok!(submit(chain.settle().unwrap()));
		assert_eq!(latest(), chain.at(end).unwrap().root);
	});
}

#[test]
fn a_missed_period_is_refused() {
	run(|| {
		let mut chain = BeaconChain::new(64);
		start(&chain);
		chain.append(SLOTS_PER_PERIOD, payload()).unwrap();
		let skipped = chain.settle().unwrap();
		assert_noop!(submit(skipped), ClientError::SkippedSyncCommitteePeriod);
	});
}

#[test]
fn a_gap_of_more_than_8192_slots_is_refused() {
	run(|| {
		let mut chain = BeaconChain::new(64);
		start(&chain);
		chain.append(65, payload()).unwrap();
		chain.append(66, payload()).unwrap();
		assert_ok!(submit(chain.committee_update(0, &Signing::default()).unwrap()));
		chain.append(64 + 8192 + 1, payload()).unwrap();
		chain.settle().unwrap();
		let attested = chain.head().header.slot;
		let far = chain.update_with_committee(attested, &Signing::default()).unwrap();
		assert_noop!(submit(far), ClientError::InvalidFinalizedHeaderGap);
	});
}

#[test]
fn two_thirds_must_sign() {
	run(|| {
		let mut chain = BeaconChain::new(64);
		start(&chain);
		chain.append(96, payload()).unwrap();
		chain.finalise(96).unwrap();
		chain.append(97, payload()).unwrap();
		let signed = |signers| {
			let signing = Signing { signers: Some(signers), ..Signing::default() };
			chain.finality_update(97, &signing).unwrap()
		};
		let too_few = ClientError::SyncCommitteeParticipantsNotSupermajority;
		assert_noop!(submit(signed(341)), too_few);
		let mut claimed = signed(341);
		claimed.sync_aggregate.sync_committee_bits = [0xff; 64];
		assert_noop!(submit(claimed), not_signed());
		assert_ok!(submit(signed(342)));
	});
}

#[test]
fn blocks_are_signed_by_as_many_as_the_chain_says() {
	run(|| {
		let mut chain = BeaconChain::new(64);
		start(&chain);
		chain.set_signers(400);
		chain.append(65, payload()).unwrap();
		chain.append(66, payload()).unwrap();
		let update = finality(&chain, 65);
		let set: u32 =
			update.sync_aggregate.sync_committee_bits.iter().map(|b| b.count_ones()).sum();
		assert_eq!(set, 400);
		assert_ok!(submit(update));
	});
}

#[test]
fn only_the_right_signature_counts() {
	run(|| {
		let mut chain = BeaconChain::new(64);
		start(&chain);
		chain.append(96, payload()).unwrap();
		chain.finalise(96).unwrap();
		chain.append(97, payload()).unwrap();
		for signing in [
			Signing { version: Some([4, 0, 0, 0]), ..Signing::default() },
			Signing { version: Some([6, 0, 0, 0]), ..Signing::default() },
			Signing { committee: Some(1), ..Signing::default() },
			Signing { validators_root: Some(H256::zero()), ..Signing::default() },
		] {
			let foreign = chain.finality_update(97, &signing).unwrap();
			assert_noop!(submit(foreign), not_signed());
		}
		let mut other_header = finality(&chain, 97);
		other_header.attested_header.proposer_index += 1;
		assert_noop!(submit(other_header), not_signed());
		assert_ok!(submit(finality(&chain, 97)));
	});
}

#[test]
fn a_signature_is_of_the_period_of_its_slot() {
	run(|| {
		let last = SLOTS_PER_PERIOD - 1;
		let mut chain = BeaconChain::new(last - 10);
		start(&chain);
		chain.append(last - 5, payload()).unwrap();
		chain.append(last - 4, payload()).unwrap();
		assert_ok!(submit(chain.committee_update(0, &Signing::default()).unwrap()));
		chain.append(last, payload()).unwrap();
		let signed = |committee| {
			let signing = Signing { slot: Some(last + 1), committee, ..Signing::default() };
			chain.finality_update(last, &signing).unwrap()
		};
		assert_noop!(submit(signed(Some(0))), not_signed());
		assert_ok!(submit(signed(None)));
	});
}

#[test]
fn tampered_updates_are_refused() {
	run(|| {
		let mut chain = BeaconChain::new(64);
		start(&chain);
		chain.append(96, payload()).unwrap();
		chain.finalise(96).unwrap();
		chain.append(97, payload()).unwrap();
		chain.append(98, payload()).unwrap();
		let update = || chain.update_with_committee(97, &Signing::default()).unwrap();

		let mut tampered = update();
		tampered.finality_branch[0].0[0] ^= 1;
		assert_noop!(submit(tampered), ClientError::InvalidHeaderMerkleProof);
		let mut tampered = update();
		tampered.finalized_header = chain.at(64).unwrap().header;
		assert_noop!(submit(tampered), ClientError::InvalidHeaderMerkleProof);
		let mut tampered = update();
		tampered.block_roots_root.0[31] ^= 1;
		assert_noop!(submit(tampered), ClientError::InvalidBlockRootsRootMerkleProof);
		let mut tampered = update();
		tampered.signature_slot = tampered.attested_header.slot;
		assert_noop!(submit(tampered), ClientError::InvalidUpdateSlot);
		let mut tampered = update();
		let next = tampered.next_sync_committee_update.as_mut().unwrap();
		next.next_sync_committee = chain.checkpoint().current_sync_committee;
		assert_noop!(submit(tampered), ClientError::InvalidSyncCommitteeMerkleProof);
		let mut tampered = update();
		tampered.sync_aggregate.sync_committee_signature.0[95] ^= 1;
		assert!(submit(tampered).is_err());

		assert_ok!(submit(update()));
		assert_noop!(submit(finality(&chain, 96)), ClientError::IrrelevantUpdate);
	});
}

#[test]
fn events_of_a_final_block_are_verified() {
	run(|| {
		let chain = chain_with_logs();
		for (tx_index, log_index) in [(0, 0), (1, 0), (1, 1)] {
			let direct = receipts::event_proof(&chain, 96, &logs(), tx_index, log_index).unwrap();
			assert!(direct.proof.execution_proof.ancestry_proof.is_none());
			assert_eq!(verify(&direct), Ok(()));
			let older =
				receipts::event_proof(&chain, LOG_SLOT, &logs(), tx_index, log_index).unwrap();
			assert!(older.proof.execution_proof.ancestry_proof.is_some());
			assert_eq!(verify(&older), Ok(()));
		}
	});
}

#[test]
fn events_are_verified_across_a_period() {
	run(|| {
		let mut chain = chain_with_logs();
		chain.bridge_gap(LOG_SLOT + 8192).unwrap();
		for attested in [98, 4097] {
			let update = chain.update_with_committee(attested, &Signing::default()).unwrap();
			assert_ok!(submit(update));
		}
		chain.append(LOG_SLOT + 8192, payload()).unwrap();
		chain.settle().unwrap();
		let head = chain.head().header.slot;
		assert_ok!(submit(chain.update_with_committee(head, &Signing::default()).unwrap()));
		let proven = receipts::event_proof(&chain, LOG_SLOT, &logs(), 1, 1).unwrap();
		assert_eq!(verify(&proven), Ok(()));
	});
}

#[test]
fn forged_events_are_refused() {
	run(|| {
		let chain = chain_with_logs();
		let proven = receipts::event_proof(&chain, LOG_SLOT, &logs(), 1, 1).unwrap();
		let with = |change: fn(&mut EventProof)| {
			let mut forged = proven.clone();
			change(&mut forged);
			verify(&forged)
		};
		let not_found = Err(VerificationError::LogNotFound);
		let invalid = Err(VerificationError::InvalidProof);
		assert_eq!(with(|forged| forged.event_log.address.0[0] ^= 1), not_found);
		assert_eq!(with(|forged| forged.event_log.topics[1].0[0] ^= 1), not_found);
		assert_eq!(with(|forged| forged.event_log.topics.truncate(1)), not_found);
		assert_eq!(with(|forged| forged.event_log.data[0] ^= 1), not_found);
		assert_eq!(with(|forged| forged.event_log.tx_index = 0), invalid);
		assert_eq!(with(|forged| forged.event_log.tx_index = 2), invalid);
		assert_eq!(with(|forged| forged.proof.receipt_proof.clear()), invalid);
		assert_eq!(with(|forged| forged.proof.receipt_proof.truncate(1)), invalid);
		assert_eq!(
			with(|forged| forged.proof.execution_proof.execution_branch[0].0[0] ^= 1),
			refused("InvalidExecutionHeaderProof")
		);
		assert_eq!(
			with(|forged| forged.proof.execution_proof.header.body_root.0[0] ^= 1),
			refused("InvalidAncestryMerkleProof")
		);
		assert_eq!(
			with(|forged| forged.proof.execution_proof.header.slot += 1),
			refused("InvalidAncestryMerkleProof")
		);
		assert_eq!(
			with(|forged| forged.proof.execution_proof.ancestry_proof = None),
			refused("ExpectedFinalizedHeaderNotStored")
		);
		assert_eq!(verify(&proven), Ok(()));
	});
}

#[test]
fn an_execution_block_of_another_beacon_block_is_refused() {
	run(|| {
		let chain = chain_with_logs();
		let mut mixed = chain.execution_proof(LOG_SLOT).unwrap();
		let other = chain.execution_proof(96).unwrap();
		mixed.execution_header = other.execution_header;
		let mut proven = receipts::event_proof(&chain, LOG_SLOT, &logs(), 0, 0).unwrap();
		proven.proof.execution_proof = mixed;
		assert_eq!(verify(&proven), refused("InvalidExecutionHeaderProof"));
	});
}

#[test]
fn events_that_are_not_final_are_refused() {
	run(|| {
		let mut chain = chain_with_logs();
		chain.append(128, receipts::payload(3, &logs())).unwrap();
		let mut proven = receipts::event_proof(&chain, 96, &logs(), 0, 0).unwrap();
		proven.proof.execution_proof = chain.execution_proof_at(128, None).unwrap();
		assert_eq!(verify(&proven), refused("HeaderNotFinalized"));
		// Final on the chain, but the client has not been told.
		chain.append(160, payload()).unwrap();
		let update = chain.settle().unwrap();
		let proven = receipts::event_proof(&chain, 128, &logs(), 0, 0).unwrap();
		assert_eq!(verify(&proven), refused("HeaderNotFinalized"));
		assert_ok!(submit(update));
		assert_eq!(verify(&proven), Ok(()));
	});
}

#[test]
fn events_of_a_fork_are_refused() {
	run(|| {
		let chain = chain_with_logs();
		let mut fork = chain.fork_at(64).unwrap();
		let forged = receipts::block(&[vec![receipts::log(H160::zero(), vec![], vec![9])]]);
		fork.append(LOG_SLOT, receipts::payload(1, &forged)).unwrap();
		fork.append(96, payload()).unwrap();
		fork.settle().unwrap();
		let mut proven = receipts::event_proof(&fork, LOG_SLOT, &forged, 0, 0).unwrap();
		assert_eq!(verify(&proven), refused("ExpectedFinalizedHeaderNotStored"));
		// The same slot under the anchor that the client knows.
		let honest = chain.execution_proof(LOG_SLOT).unwrap();
		proven.proof.execution_proof.ancestry_proof = honest.ancestry_proof;
		assert_eq!(verify(&proven), refused("InvalidAncestryMerkleProof"));
	});
}

#[test]
fn an_ancestor_is_proven_at_its_own_slot() {
	run(|| {
		let mut chain = chain_with_logs();
		let anchor = chain.head().header.slot + 3;
		chain.append(anchor, payload()).unwrap();
		assert_ok!(submit(chain.settle().unwrap()));
		let mut proven = receipts::event_proof(&chain, LOG_SLOT, &logs(), 0, 0).unwrap();
		assert_eq!(verify(&proven), Ok(()));
		// Slot 66 has no block and repeats the root of 65; the header still says 65.
		let roots = chain.at(anchor).unwrap().state.at(gindex::BLOCK_ROOTS).unwrap();
		let branch = roots.branch((1 << 13) + LOG_SLOT + 1).unwrap();
		proven.proof.execution_proof.ancestry_proof.as_mut().unwrap().header_branch = branch;
		assert_eq!(verify(&proven), refused("InvalidAncestryMerkleProof"));
	});
}

#[test]
fn a_halted_client_verifies_nothing() {
	run(|| {
		let mut chain = chain_with_logs();
		let proven = receipts::event_proof(&chain, 96, &logs(), 0, 0).unwrap();
		let halted = BasicOperatingMode::Halted;
		assert_ok!(Client::set_operating_mode(RuntimeOrigin::root(), halted));
		assert_eq!(verify(&proven), Err(VerificationError::Halted));
		chain.append(128, payload()).unwrap();
		assert_noop!(submit(chain.settle().unwrap()), ClientError::Halted);
	});
}

#[test]
fn payload_fields_are_bound_by_the_proof() {
	run(|| {
		let chain = chain_with_logs();
		let proven = receipts::event_proof(&chain, 96, &logs(), 0, 0).unwrap();
		let changes: [fn(&mut ExecutionPayloadHeader); 6] = [
			|payload| payload.block_number += 1,
			|payload| payload.timestamp += 1,
			|payload| payload.block_hash.0[0] ^= 1,
			|payload| payload.extra_data.push(1),
			|payload| payload.excess_blob_gas += 1,
			|payload| payload.base_fee_per_gas += 1.into(),
		];
		for change in changes {
			let mut forged = proven.clone();
			let mut header = chain.at(96).unwrap().payload.clone();
			change(&mut header);
			forged.proof.execution_proof.execution_header =
				VersionedExecutionPayloadHeader::Deneb(header);
			assert_eq!(verify(&forged), refused("InvalidExecutionHeaderProof"));
		}
	});
}

mod upstream {
	//! What Snowbridge recorded from a network of real clients, in the same runtime.
	use super::*;

	#[test]
	fn updates_are_accepted() {
		run(|| {
			let checkpoint = fixtures::make_checkpoint();
			assert_ok!(Client::force_checkpoint(RuntimeOrigin::root(), checkpoint));
			assert_ok!(submit(*fixtures::make_sync_committee_update()));
			let update = *fixtures::make_finalized_header_update();
			let header = update.finalized_header;
			assert_ok!(submit(update));
			assert_eq!(latest(), header.hash_tree_root().unwrap());
		});
	}

	#[test]
	fn tampered_updates_are_refused() {
		run(|| {
			let checkpoint = fixtures::make_checkpoint();
			assert_ok!(Client::force_checkpoint(RuntimeOrigin::root(), checkpoint));
			let mut tampered = *fixtures::make_sync_committee_update();
			let next = tampered.next_sync_committee_update.as_mut().unwrap();
			next.next_sync_committee.pubkeys[0] = next.next_sync_committee.aggregate_pubkey;
			assert_noop!(submit(tampered), ClientError::InvalidSyncCommitteeMerkleProof);
			let mut tampered = *fixtures::make_finalized_header_update();
			tampered.attested_header.body_root.0[0] ^= 1;
			assert_noop!(submit(tampered), not_signed());
			let mut tampered = *fixtures::make_finalized_header_update();
			tampered.finalized_header.slot += 1;
			assert_noop!(submit(tampered), ClientError::InvalidHeaderMerkleProof);
		});
	}

	#[test]
	fn the_kit_does_not_sign_for_their_chain() {
		run(|| {
			let checkpoint = fixtures::make_checkpoint();
			assert_ok!(Client::force_checkpoint(RuntimeOrigin::root(), checkpoint));
			let mut chain = BeaconChain::new(64);
			chain.append(96, payload()).unwrap();
			assert_noop!(submit(chain.settle().unwrap()), not_signed());
		});
	}

	#[test]
	fn events_are_verified_and_forged_ones_refused() {
		run(|| {
			let fixture = fixtures::make_inbound_fixture();
			let (header, roots) = (fixture.finalized_header, fixture.block_roots_root);
			assert_eq!(verify(&fixture.event), refused("NotBootstrapped"));
			assert_ok!(Client::store_finalized_header(header, roots));
			assert_eq!(verify(&fixture.event), Ok(()));
			let mut forged = fixture.event.clone();
			forged.event_log.data[0] ^= 1;
			assert_eq!(verify(&forged), Err(VerificationError::LogNotFound));
			let mut forged = fixture.event.clone();
			forged.proof.receipt_proof[0][5] ^= 1;
			assert_eq!(verify(&forged), Err(VerificationError::InvalidProof));
			let mut forged = fixture.event;
			forged.proof.execution_proof.execution_branch[3].0[0] ^= 1;
			assert_eq!(verify(&forged), refused("InvalidExecutionHeaderProof"));
		});
	}
}
