//! Updates that would make the client believe in blocks that are not final.

use super::*;
use beacon_kit::block::gindex::CURRENT_SYNC_COMMITTEE;
use snowbridge_beacon_primitives::BlsError::SignatureVerificationFailed;
use snowbridge_core::BasicOperatingMode;
use snowbridge_pallet_ethereum_client::Error::{
	BLSVerificationFailed, InvalidBlockRootsRootMerkleProof, InvalidHeaderMerkleProof,
	InvalidSyncCommitteeMerkleProof, InvalidSyncCommitteeUpdate, InvalidUpdateSlot,
	IrrelevantUpdate, SkippedSyncCommitteePeriod, SyncCommitteeParticipantsNotSupermajority,
};

/// The first slot of the next period.
const NEXT: u64 = 8_192;

fn rejected(update: &Update, error: ClientError) {
	assert_noop!(update_by(update), error);
}

fn not_signed(update: &Update) {
	rejected(update, BLSVerificationFailed(SignatureVerificationFailed));
}

fn changed(update: &Update, change: impl FnOnce(&mut Update)) -> Update {
	let mut changed = update.clone();
	change(&mut changed);
	assert_ne!(changed, *update);
	changed
}

#[test]
fn only_the_committee_signs_and_only_for_this_chain() {
	bridge(|ethereum| {
		let slot = ethereum.lock(1, &ALICE, 1_000);
		let honest = ethereum.settle();
		let plain = Signing::default();
		let forgeries = [
			Signing { version: Some([4, 0, 0, 0]), ..plain.clone() },
			Signing { version: Some([6, 0, 0, 0]), ..plain.clone() },
			Signing { validators_root: Some(H256::repeat_byte(1)), ..plain.clone() },
			Signing { committee: Some(1), ..plain.clone() },
			Signing { committee: Some(99), ..plain },
		];
		for signing in forgeries {
			let update = ethereum.signed(signing);
			not_signed(&update);
			let sync_aggregate = honest.sync_aggregate.clone();
			assert_eq!(Update { sync_aggregate, ..update }, honest);
		}
		// The committee's own signature, under another block.
		let other = ethereum.clone().settle();
		assert_ne!(other.attested_header, honest.attested_header);
		not_signed(&changed(&honest, |update| update.sync_aggregate = other.sync_aggregate));

		let proof = ethereum.prove(slot, 0, 0);
		no_such_block(&proof, "HeaderNotFinalized");
		assert_ok!(update_by(&honest));
		executed(&proof);
	});
}

#[test]
fn two_thirds_sign() {
	bridge(|ethereum| {
		let slot = ethereum.lock(1, &ALICE, 1_000);
		ethereum.settle();
		let by =
			|signers| ethereum.signed(Signing { signers: Some(signers), ..Default::default() });
		for signers in [0, 1, 256, 341] {
			rejected(&by(signers), SyncCommitteeParticipantsNotSupermajority);
			// Said to be signed by one more, and by all.
			not_signed(&changed(&by(signers), |update| {
				let bits = &mut update.sync_aggregate.sync_committee_bits;
				bits.fill(0);
				(0..=signers.max(341)).for_each(|member| bits[member / 8] |= 1 << (member % 8));
			}));
			not_signed(&changed(&by(signers), |update| {
				update.sync_aggregate.sync_committee_bits.fill(0xff);
			}));
		}
		let proof = ethereum.prove(slot, 0, 0);
		no_such_block(&proof, "HeaderNotFinalized");
		assert_ok!(update_by(&by(342)));
		executed(&proof);
	});
}

#[test]
fn a_committee_has_its_period() {
	bridge(|ethereum| {
		let first = ethereum.lock(1, &ALICE, 1_000);
		ethereum.settle();
		let at = |slot| Signing { slot: Some(slot), ..Signing::default() };
		let by = |committee, signing| Signing { committee: Some(committee), ..signing };
		// The client does not know the next committee.
		rejected(&ethereum.signed(at(NEXT)), SkippedSyncCommitteePeriod);
		not_signed(&ethereum.signed(by(1, Signing::default())));
		assert_ok!(update_by(&ethereum.with_committee()));
		executed(&ethereum.prove(first, 0, 0));

		// It knows it: as the next one, and no other.
		let second = ethereum.lock(2, &ALICE, 1_000);
		ethereum.settle();
		not_signed(&ethereum.signed(by(1, Signing::default())));
		not_signed(&ethereum.signed(by(0, at(NEXT))));
		rejected(&ethereum.signed(at(2 * NEXT)), SkippedSyncCommitteePeriod);
		rejected(&ethereum.signed(by(1, at(2 * NEXT))), SkippedSyncCommitteePeriod);
		let proof = ethereum.prove(second, 0, 0);
		no_such_block(&proof, "HeaderNotFinalized");
		assert_ok!(update_by(&ethereum.signed(at(NEXT))));
		executed(&proof);
	});
}

#[test]
fn a_committee_is_chosen_by_the_chain() {
	bridge(|ethereum| {
		let slot = ethereum.lock(1, &ALICE, 1_000);
		ethereum.settle();
		let honest = ethereum.with_committee();
		let next = |update: &Update| update.next_sync_committee_update.clone().expect("it has one");
		let foreign = BeaconChain::new(99 * NEXT).checkpoint().current_sync_committee;
		let with_foreign = |update: &Update| {
			let mut chosen = next(update);
			chosen.next_sync_committee = foreign.clone();
			Update { next_sync_committee_update: Some(chosen), ..update.clone() }
		};
		rejected(&with_foreign(&honest), InvalidSyncCommitteeMerkleProof);
		// The present committee once more, with the proof that it is the present one.
		let state = &ethereum.beacon.head().state;
		let mut present = next(&honest);
		present.next_sync_committee = ethereum.beacon.checkpoint().current_sync_committee;
		present.next_sync_committee_branch =
			state.branch(CURRENT_SYNC_COMMITTEE).expect("states have this field");
		let present = changed(&honest, |update| update.next_sync_committee_update = Some(present));
		rejected(&present, InvalidSyncCommitteeMerkleProof);
		for cut in [0, 5] {
			let mut short = next(&honest);
			short.next_sync_committee_branch.remove(cut);
			let short = changed(&honest, |update| update.next_sync_committee_update = Some(short));
			rejected(&short, InvalidSyncCommitteeMerkleProof);
		}
		assert_ok!(update_by(&honest));
		executed(&ethereum.prove(slot, 0, 0));

		// A second one for the same period.
		let slot = ethereum.lock(2, &ALICE, 1_000);
		ethereum.settle();
		let honest = ethereum.with_committee();
		rejected(&with_foreign(&honest), InvalidSyncCommitteeUpdate);
		assert_ok!(update_by(&honest));
		executed(&ethereum.prove(slot, 0, 0));
	});
}

#[test]
fn what_is_final_is_in_the_attested_state() {
	bridge(|ethereum| {
		let common = ethereum.mine(vec![]);
		let mut fork = ethereum.fork_at(common);
		let forged = fork.lock(1, &BOB, 40_000);
		let of_the_fork = fork.settle();
		let slot = ethereum.lock(1, &ALICE, 1_000);
		ethereum.mine(vec![]);
		let honest = ethereum.settle();

		// The committee has signed all but what is said to be final.
		let forgery = Update {
			finalized_header: of_the_fork.finalized_header,
			finality_branch: of_the_fork.finality_branch,
			block_roots_root: of_the_fork.block_roots_root,
			block_roots_branch: of_the_fork.block_roots_branch,
			..honest.clone()
		};
		rejected(&forgery, InvalidHeaderMerkleProof);
		rejected(
			&changed(&honest, |update| update.finalized_header = update.attested_header),
			InvalidHeaderMerkleProof,
		);
		rejected(
			&changed(&honest, |update| {
				update.finality_branch.pop();
			}),
			InvalidHeaderMerkleProof,
		);
		// Roots with the fork's blocks among them.
		rejected(
			&changed(&honest, |update| update.block_roots_root = H256::repeat_byte(1)),
			InvalidBlockRootsRootMerkleProof,
		);
		rejected(
			&changed(&honest, |update| {
				update.block_roots_branch.remove(0);
			}),
			InvalidBlockRootsRootMerkleProof,
		);
		no_such_block(&fork.prove(forged, 0, 0), "HeaderNotFinalized");
		assert_ok!(update_by(&honest));
		no_such_block(&fork.prove(forged, 0, 0), "ExpectedFinalizedHeaderNotStored");
		executed(&ethereum.prove(slot, 0, 0));
	});
}

#[test]
fn updates_go_forward() {
	bridge(|ethereum| {
		let slot = ethereum.lock(1, &ALICE, 1_000);
		let old = ethereum.settle();
		ethereum.mine(vec![]);
		let honest = ethereum.settle();
		let early = Signing { slot: Some(honest.attested_header.slot), ..Signing::default() };
		rejected(&ethereum.signed(early), InvalidUpdateSlot);
		let swapped = changed(&honest, |update| {
			core::mem::swap(&mut update.attested_header, &mut update.finalized_header);
		});
		rejected(&swapped, InvalidUpdateSlot);
		assert_ok!(update_by(&honest));
		let latest = BeaconClient::latest_finalized_block_root();
		rejected(&old, IrrelevantUpdate);
		// The last one again is no harm, and costs its fee.
		let again = update_by(&honest).expect("it is as true as before");
		assert_eq!(again.pays_fee, Pays::Yes);
		assert_eq!(BeaconClient::latest_finalized_block_root(), latest);
		executed(&ethereum.prove(slot, 0, 0));
	});
}

#[test]
fn nobody_starts_the_client_anew() {
	bridge(|ethereum| {
		let mut own = ethereum.fork_at(64);
		let forged = own.lock(1, &BOB, 40_000);
		own.settle();
		let checkpoint = Box::new(own.beacon.checkpoint_at(forged).expect("it is the cheat's own"));
		for who in [BOB, GUARD] {
			assert_noop!(
				BeaconClient::force_checkpoint(signed(who.clone()), checkpoint.clone()),
				DispatchError::BadOrigin
			);
			assert_noop!(
				BeaconClient::set_operating_mode(signed(who), BasicOperatingMode::Halted),
				DispatchError::BadOrigin
			);
		}
		no_such_block(&own.prove(forged, 0, 0), "HeaderNotFinalized");
		executed(&ethereum.proven(1, &ALICE, 1_000));
	});
}
