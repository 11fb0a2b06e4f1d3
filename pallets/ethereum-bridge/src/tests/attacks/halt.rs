//! While something stands still, nothing moves, and nothing is lost.

use super::*;
use snowbridge_core::BasicOperatingMode;
use snowbridge_pallet_ethereum_client::LatestFinalizedBlockRoot;

#[test]
fn no_proof_moves_anything_while_the_bridge_is_halted() {
	bridge(|ethereum| {
		executed(&ethereum.proven(1, &ALICE, LIMITS.deposit_capacity + 1));
		let proof = ethereum.proven(2, &ALICE, 1_000);
		assert_ok!(Bridge::halt(signed(GUARD), Direction::Inbound));
		refused(&proof, Error::Halted);
		assert_noop!(Bridge::claim_parked(signed(ALICE), 1), Error::<Test>::Halted);
		for who in [ALICE, GUARD, RELAYER] {
			assert_noop!(Bridge::resume(signed(who), Direction::Inbound), DispatchError::BadOrigin);
		}
		// The client follows meanwhile.
		let later = ethereum.proven(3, &ALICE, 1_000);
		assert_ok!(Bridge::resume(RuntimeOrigin::root(), Direction::Inbound));
		executed(&proof);
		executed(&later);
	});
}

#[test]
fn no_proof_moves_anything_while_the_client_is_halted() {
	bridge(|ethereum| {
		let proof = ethereum.proven(1, &ALICE, 1_000);
		let mode = |mode| BeaconClient::set_operating_mode(RuntimeOrigin::root(), mode);
		assert_ok!(mode(BasicOperatingMode::Halted));
		disbelieved(&proof, VerificationError::Halted);
		ethereum.mine(vec![]);
		let update = ethereum.settle();
		assert_noop!(update_by(&update), ClientError::Halted);
		assert_ok!(mode(BasicOperatingMode::Normal));
		assert_ok!(update_by(&update));
		executed(&proof);
	});
}

#[test]
fn a_client_that_never_started_believes_nothing() {
	bridge(|ethereum| {
		let proof = ethereum.proven(1, &ALICE, 1_000);
		let root = BeaconClient::latest_finalized_block_root();
		LatestFinalizedBlockRoot::<Test>::kill();
		no_such_block(&proof, "NotBootstrapped");
		LatestFinalizedBlockRoot::<Test>::put(root);
		executed(&proof);
	});
}

#[test]
fn nothing_leaves_while_the_way_out_is_halted() {
	bridge(|ethereum| {
		executed(&ethereum.proven(1, &CHAIN.0.into(), GENESIS));
		assert_ok!(Bridge::halt(signed(GUARD), Direction::Outbound));
		assert_noop!(Bridge::withdraw(signed(ALICE), CAROL, 1_000), Error::<Test>::Halted);
		executed(&ethereum.proven(2, &ALICE, 1_000));
		assert_ok!(Bridge::resume(RuntimeOrigin::root(), Direction::Outbound));
		assert_ok!(Bridge::withdraw(signed(ALICE), CAROL, 1_000));
	});
}
