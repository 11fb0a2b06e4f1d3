//! What is read from the chain and sent to it. Values are encoded and decoded by the names of their fields in the
//! metadata that the node serves, so a runtime that means something else refuses them.

use serde::Deserialize;
use subxt::ext::{scale_decode::DecodeAsType, scale_encode::EncodeAsType};

use crate::{
	json::{bytes, decimal, list, wide},
	ssz::COMMITTEE,
};

/// 32 bytes.
pub type Hash = [u8; 32];

/// A beacon block header.
#[derive(Clone, Debug, Default, PartialEq, EncodeAsType, Deserialize)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub struct BeaconHeader {
	#[serde(deserialize_with = "decimal")]
	pub slot: u64,
	#[serde(deserialize_with = "decimal")]
	pub proposer_index: u64,
	#[serde(deserialize_with = "bytes")]
	pub parent_root: Hash,
	#[serde(deserialize_with = "bytes")]
	pub state_root: Hash,
	#[serde(deserialize_with = "bytes")]
	pub body_root: Hash,
}

/// The header of an execution payload, as it has been since Deneb.
#[derive(Clone, Debug, Default, PartialEq, EncodeAsType, Deserialize)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub struct ExecutionHeader {
	#[serde(deserialize_with = "bytes")]
	pub parent_hash: Hash,
	#[serde(deserialize_with = "bytes")]
	pub fee_recipient: [u8; 20],
	#[serde(deserialize_with = "bytes")]
	pub state_root: Hash,
	#[serde(deserialize_with = "bytes")]
	pub receipts_root: Hash,
	#[serde(deserialize_with = "bytes")]
	pub logs_bloom: Vec<u8>,
	#[serde(deserialize_with = "bytes")]
	pub prev_randao: Hash,
	#[serde(deserialize_with = "decimal")]
	pub block_number: u64,
	#[serde(deserialize_with = "decimal")]
	pub gas_limit: u64,
	#[serde(deserialize_with = "decimal")]
	pub gas_used: u64,
	#[serde(deserialize_with = "decimal")]
	pub timestamp: u64,
	#[serde(deserialize_with = "bytes")]
	pub extra_data: Vec<u8>,
	/// Lowest limb first.
	#[serde(deserialize_with = "wide")]
	pub base_fee_per_gas: [u64; 4],
	#[serde(deserialize_with = "bytes")]
	pub block_hash: Hash,
	#[serde(deserialize_with = "bytes")]
	pub transactions_root: Hash,
	#[serde(deserialize_with = "bytes")]
	pub withdrawals_root: Hash,
	#[serde(deserialize_with = "decimal")]
	pub blob_gas_used: u64,
	#[serde(deserialize_with = "decimal")]
	pub excess_blob_gas: u64,
}

/// The same, with the fork that shaped it.
#[derive(Clone, Debug, PartialEq, EncodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub enum VersionedExecutionHeader {
	Deneb(ExecutionHeader),
}

/// Who signed, and the signature of all of them.
#[derive(Clone, Debug, PartialEq, EncodeAsType, Deserialize)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub struct SyncAggregate {
	#[serde(deserialize_with = "bytes")]
	pub sync_committee_bits: Vec<u8>,
	#[serde(deserialize_with = "bytes")]
	pub sync_committee_signature: Vec<u8>,
}

/// A sync committee.
#[derive(Clone, Debug, PartialEq, EncodeAsType, Deserialize)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub struct SyncCommittee {
	#[serde(deserialize_with = "list")]
	pub pubkeys: Vec<Vec<u8>>,
	#[serde(deserialize_with = "bytes")]
	pub aggregate_pubkey: Vec<u8>,
}

/// The committee after the one that signs.
#[derive(Clone, Debug, PartialEq, EncodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub struct NextCommittee {
	pub next_sync_committee: SyncCommittee,
	pub next_sync_committee_branch: Vec<Hash>,
}

/// What `EthereumBeaconClient.submit` takes.
#[derive(Clone, Debug, PartialEq, EncodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub struct Update {
	pub attested_header: BeaconHeader,
	pub sync_aggregate: SyncAggregate,
	pub signature_slot: u64,
	pub next_sync_committee_update: Option<NextCommittee>,
	pub finalized_header: BeaconHeader,
	pub finality_branch: Vec<Hash>,
	pub block_roots_root: Hash,
	pub block_roots_branch: Vec<Hash>,
}

/// That a block is an ancestor of a finalised one the chain knows.
#[derive(Clone, Debug, PartialEq, EncodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub struct AncestryProof {
	pub header_branch: Vec<Hash>,
	pub finalized_block_root: Hash,
}

/// That Ethereum has an execution block.
#[derive(Clone, Debug, PartialEq, EncodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub struct ExecutionProof {
	pub header: BeaconHeader,
	pub ancestry_proof: Option<AncestryProof>,
	pub execution_header: VersionedExecutionHeader,
	pub execution_branch: Vec<Hash>,
}

/// A log of Ethereum.
#[derive(Clone, Debug, PartialEq, EncodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub struct Log {
	pub address: [u8; 20],
	pub topics: Vec<Hash>,
	pub data: Vec<u8>,
	pub tx_index: u64,
}

/// That a block has a receipt.
#[derive(Clone, Debug, PartialEq, EncodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub struct Proof {
	pub receipt_proof: Vec<Vec<u8>>,
	pub execution_proof: ExecutionProof,
}

/// What `EthereumBridge.submit_deposit` takes.
#[derive(Clone, Debug, PartialEq, EncodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub struct EventProof {
	pub event_log: Log,
	pub proof: Proof,
}

/// A fork of Ethereum's consensus layer.
#[derive(Clone, Debug, PartialEq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Fork {
	pub epoch: u64,
}

/// The forks that the runtime knows.
#[derive(Clone, Debug, PartialEq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct ForkVersions {
	pub genesis: Fork,
	pub altair: Fork,
	pub bellatrix: Fork,
	pub capella: Fork,
	pub deneb: Fork,
	pub electra: Fork,
	pub fulu: Fork,
}

/// A finalised beacon block that the chain has stored.
#[derive(Clone, Debug, PartialEq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct CompactBeaconState {
	pub slot: u64,
	pub block_roots_root: Hash,
}

/// Whether the beacon client works.
#[derive(Clone, Copy, Debug, PartialEq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub enum OperatingMode {
	Normal,
	Halted,
}

/// Where the vault of the bridge is.
#[derive(Clone, Debug, PartialEq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct VaultInfo {
	pub chain_id: u64,
	pub address: [u8; 20],
	pub token: [u8; 20],
}

/// What the bridge is, at a block.
#[derive(Clone, Debug, PartialEq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct BridgeState {
	pub vault: Option<VaultInfo>,
	pub domain: Option<Hash>,
	pub inbound_halted: bool,
	pub outbound_halted: bool,
	pub genesis_issuance: u128,
	pub pre_locked: u128,
	pub minted: u128,
	pub burned: u128,
	pub parked: u128,
	/// The nonce of the last one.
	pub withdrawals: u64,
	pub mintable: u128,
	pub withdrawable: u128,
}

/// What became of a deposit.
#[derive(Clone, Debug, PartialEq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub enum DepositStatus {
	Unknown,
	Executed,
	Parked { recipient: Hash, amount: u128 },
}

/// That a withdrawal is among the messages of a block.
#[derive(Clone, Debug, PartialEq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct WithdrawalProof {
	pub nonce: u64,
	pub recipient: [u8; 20],
	pub amount: u128,
	pub block: u32,
	pub root: Hash,
	pub proof: Vec<Hash>,
}

impl Update {
	/// One of the right shape, which says nothing.
	pub fn blank() -> Self {
		Self {
			attested_header: BeaconHeader::default(),
			sync_aggregate: SyncAggregate {
				sync_committee_bits: vec![0; COMMITTEE / 8],
				sync_committee_signature: vec![0; 96],
			},
			signature_slot: 0,
			next_sync_committee_update: Some(NextCommittee {
				next_sync_committee: SyncCommittee {
					pubkeys: vec![vec![0; 48]; COMMITTEE],
					aggregate_pubkey: vec![0; 48],
				},
				next_sync_committee_branch: vec![Hash::default()],
			}),
			finalized_header: BeaconHeader::default(),
			finality_branch: vec![Hash::default()],
			block_roots_root: Hash::default(),
			block_roots_branch: vec![Hash::default()],
		}
	}
}

impl EventProof {
	/// One of the right shape, which proves nothing.
	pub fn blank() -> Self {
		let ancestry = AncestryProof {
			header_branch: vec![Hash::default()],
			finalized_block_root: Hash::default(),
		};
		Self {
			event_log: Log {
				address: [0; 20],
				topics: vec![Hash::default()],
				data: vec![0],
				tx_index: 0,
			},
			proof: Proof {
				receipt_proof: vec![vec![0]],
				execution_proof: ExecutionProof {
					header: BeaconHeader::default(),
					ancestry_proof: Some(ancestry),
					execution_header: VersionedExecutionHeader::Deneb(ExecutionHeader::default()),
					execution_branch: vec![Hash::default()],
				},
			},
		}
	}
}

impl ForkVersions {
	/// The same forks as a beacon chain has them, by their names; one that it does not name never begins.
	pub fn scheduled(named: &[(String, u64)]) -> Self {
		let fork = |name: &str| {
			let found = named.iter().find(|(known, _)| known == name);
			Fork { epoch: found.map_or(u64::MAX, |(_, epoch)| *epoch) }
		};
		Self {
			genesis: Fork { epoch: 0 },
			altair: fork("altair"),
			bellatrix: fork("bellatrix"),
			capella: fork("capella"),
			deneb: fork("deneb"),
			electra: fork("electra"),
			fulu: fork("fulu"),
		}
	}

	/// The forks by name, newest first.
	fn newest_first(&self) -> [(&'static str, &Fork); 7] {
		[
			("fulu", &self.fulu),
			("electra", &self.electra),
			("deneb", &self.deneb),
			("capella", &self.capella),
			("bellatrix", &self.bellatrix),
			("altair", &self.altair),
			("phase0", &self.genesis),
		]
	}

	/// The fork that the runtime believes to hold in an epoch, as the Beacon API names it.
	pub fn name_at(&self, epoch: u64) -> &'static str {
		let began = self.newest_first().into_iter().find(|(_, fork)| fork.epoch <= epoch);
		began.map_or("phase0", |(name, _)| name)
	}

	/// Whether the runtime has heard of a fork.
	pub fn knows(&self, name: &str) -> bool {
		self.newest_first().iter().any(|(known, _)| *known == name)
	}
}

#[cfg(test)]
pub mod tests {
	use super::*;

	/// Forks that follow each other every ten epochs, but for the last one.
	pub fn forks() -> ForkVersions {
		let fork = |epoch| Fork { epoch };
		ForkVersions {
			genesis: fork(0),
			altair: fork(10),
			bellatrix: fork(20),
			capella: fork(30),
			deneb: fork(40),
			electra: fork(50),
			fulu: fork(u64::MAX),
		}
	}

	#[test]
	fn a_beacon_chain_has_the_forks_that_it_names() {
		let names = ["altair", "gloas", "bellatrix", "capella", "deneb", "electra"];
		let epochs = [10, 99, 20, 30, 40, 50];
		let named: Vec<(String, u64)> = names.map(String::from).into_iter().zip(epochs).collect();
		assert_eq!(ForkVersions::scheduled(&named), forks());
	}

	#[test]
	fn the_fork_of_an_epoch_is_the_last_one_that_began() {
		let names = [0, 9, 10, 39, 40, 50, 1_000_000].map(|epoch| forks().name_at(epoch));
		assert_eq!(names, ["phase0", "phase0", "altair", "capella", "deneb", "electra", "electra"]);
		assert!(forks().knows("fulu") && !forks().knows("gloas"));
	}
}
