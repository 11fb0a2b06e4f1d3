//! A synthetic Ethereum beacon chain for tests.
//!
//! [`BeaconChain`] is a chain in memory whose blocks, states and signatures are those of Ethereum as
//! far as a light client looks, so that Snowbridge's `snowbridge-pallet-ethereum-client` follows it and
//! verifies the events of its execution blocks. The secret keys of its sync committees are public:
//! whoever trusts a checkpoint of such a chain trusts everybody.
//!
//! ```
//! use beacon_kit::{receipts, BeaconChain, Signing};
//!
//! let log = receipts::log([7; 20].into(), vec![[1; 32].into()], vec![2; 32]);
//! let receipts = receipts::block(&[vec![], vec![log]]);
//!
//! let mut chain = BeaconChain::new(64);
//! let _genesis = chain.checkpoint(); // for `force_checkpoint`
//! chain.append(65, receipts::payload(1, &receipts)).unwrap();
//! chain.append(96, receipts::payload(2, &[])).unwrap();
//! chain.finalise(96).unwrap();
//! chain.append(97, receipts::payload(3, &[])).unwrap(); // its state says that 96 is final
//! let _update = chain.finality_update(97, &Signing::default()).unwrap(); // for `submit`
//! let _proof = receipts::event_proof(&chain, 65, &receipts, 1, 0).unwrap(); // for `Verifier::verify`
//! ```

pub mod block;
mod chain;
mod committee;
pub mod receipts;
pub mod tree;

pub use block::Block;
pub use chain::{BeaconChain, Config, Error, Signing};

use hex_literal::hex;
use snowbridge_beacon_primitives::types::deneb;
use sp_core::H256;

/// The execution block in a beacon block.
pub type ExecutionPayloadHeader = deneb::ExecutionPayloadHeader;
/// A starting point for a light client.
pub type CheckpointUpdate = snowbridge_beacon_primitives::CheckpointUpdate<COMMITTEE_SIZE>;
/// What a light client follows the chain by.
pub type Update = snowbridge_beacon_primitives::Update<COMMITTEE_SIZE, COMMITTEE_BITS_SIZE>;
/// The keys of a sync committee.
pub type SyncCommittee = snowbridge_beacon_primitives::SyncCommittee<COMMITTEE_SIZE>;
/// The signature of a sync committee.
pub type SyncAggregate =
	snowbridge_beacon_primitives::SyncAggregate<COMMITTEE_SIZE, COMMITTEE_BITS_SIZE>;

/// Members of a sync committee.
pub const COMMITTEE_SIZE: usize = 512;
/// Bytes of their bit field.
pub const COMMITTEE_BITS_SIZE: usize = COMMITTEE_SIZE / 8;
/// Slots of an epoch.
pub const SLOTS_PER_EPOCH: u64 = 32;
/// Slots for which a sync committee serves.
pub const SLOTS_PER_PERIOD: u64 = 256 * SLOTS_PER_EPOCH;
/// Block roots that a state holds.
pub const SLOTS_PER_HISTORICAL_ROOT: u64 = 8192;

/// By this the kit's chains are known, and refused by runtimes that hold value: the SHA-256 of
/// `openledger beacon kit: its keys are public`.
pub const VALIDATORS_ROOT: H256 =
	H256(hex!("e6e7edbc0a2390302a6e674d759819944c85d1b0fd1e8ffa606e057cafb381e9"));

/// The period of a slot, each of which has its own sync committee.
pub const fn period(slot: u64) -> u64 {
	slot / SLOTS_PER_PERIOD
}

/// An execution block without anything in it.
pub fn payload() -> ExecutionPayloadHeader {
	ExecutionPayloadHeader { logs_bloom: vec![0; 256], ..Default::default() }
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_validators_root_says_what_it_is() {
		let text = b"openledger beacon kit: its keys are public";
		assert_eq!(VALIDATORS_ROOT.0, sp_io::hashing::sha2_256(text));
	}
}
