//! Sync committees of eight public keys that everybody can sign with.

use std::{
	collections::HashMap,
	sync::{Arc, LazyLock, Mutex, PoisonError},
};

use hex_literal::hex;
use snowbridge_beacon_primitives::{ForkData, ForkVersion, PublicKey, Signature, SigningData};
use snowbridge_milagro_bls as bls;
use sp_core::{H256, U256, U512};
use sp_io::hashing::sha2_256;

use crate::{tree::Node, SyncAggregate, SyncCommittee, COMMITTEE_BITS_SIZE, COMMITTEE_SIZE};

/// The order of the groups of BLS12-381.
const ORDER: [u8; 32] = hex!("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001");

/// What a sync committee signs for.
const DOMAIN: [u8; 4] = [7, 0, 0, 0];

/// The signature of nobody.
const INFINITY: u8 = 0xc0;

/// The interop keys 0 to 7, whose secrets are hashes of their numbers.
static KEYS: LazyLock<[Key; 8]> = LazyLock::new(|| std::array::from_fn(Key::interop));

static COMMITTEES: LazyLock<Mutex<HashMap<u64, Arc<Committee>>>> = LazyLock::new(Mutex::default);

struct Key {
	secret: U256,
	public: PublicKey,
}

impl Key {
	fn interop(number: usize) -> Self {
		let mut chunk = [0; 32];
		chunk[0] = number as u8;
		let secret = U256::from_little_endian(&sha2_256(&chunk)) % U256::from_big_endian(&ORDER);
		Self { secret, public: public_key(&secret_key(secret.into())) }
	}
}

/// The committee of a period.
pub(crate) struct Committee {
	/// As the client wants it.
	pub committee: SyncCommittee,
	/// Its field in a state.
	pub node: Node,
	/// Which key each member has.
	members: [usize; COMMITTEE_SIZE],
}

impl Committee {
	/// The committee of a period.
	pub fn of(period: u64) -> Arc<Self> {
		let mut committees = COMMITTEES.lock().unwrap_or_else(PoisonError::into_inner);
		committees.entry(period).or_insert_with(|| Arc::new(Self::new(period))).clone()
	}

	fn new(period: u64) -> Self {
		let members = members(period);
		let aggregate_pubkey = public_key(&secret_key(sum(&members)));
		let keys: Vec<Node> = KEYS.iter().map(|key| Node::bytes(&key.public.0)).collect();
		let node = Node::container(vec![
			Node::container(members.iter().map(|key| keys[*key].clone()).collect()),
			Node::bytes(&aggregate_pubkey.0),
		]);
		let pubkeys = members.map(|key| KEYS[key].public);
		Self { committee: SyncCommittee { pubkeys, aggregate_pubkey }, node, members }
	}

	/// The signature of the first `signers` members under `message`.
	pub fn sign(&self, message: H256, signers: usize) -> SyncAggregate {
		let signers = signers.min(COMMITTEE_SIZE);
		let mut bits = [0; COMMITTEE_BITS_SIZE];
		(0..signers).for_each(|member| bits[member / 8] |= 1 << (member % 8));
		let mut signature = [0; 96];
		signature[0] = INFINITY;
		if signers > 0 {
			// One signature by the sum of the secrets is the sum of all signatures.
			let secret = secret_key(sum(&self.members[..signers]));
			signature = bls::Signature::new(message.as_bytes(), &secret).as_bytes();
		}
		SyncAggregate { sync_committee_bits: bits, sync_committee_signature: Signature(signature) }
	}
}

/// What a committee signs when it attests to a block.
pub(crate) fn signing_root(block: H256, version: ForkVersion, validators_root: H256) -> H256 {
	let fork = ForkData { current_version: version, genesis_validators_root: validators_root.0 };
	let mut domain = fork.hash_tree_root().expect("its fields have fixed sizes").0;
	domain.rotate_right(DOMAIN.len());
	domain[..DOMAIN.len()].copy_from_slice(&DOMAIN);
	let data = SigningData { object_root: block, domain: domain.into() };
	data.hash_tree_root().expect("its fields have fixed sizes")
}

/// Draws the members of a period. How often each key is among them differs from period to period, so
/// the signature of one whole committee is not that of another.
fn members(period: u64) -> [usize; COMMITTEE_SIZE] {
	let draws: Vec<u8> = (0..COMMITTEE_SIZE / 32)
		.flat_map(|part| sha2_256(format!("sync committee {period}.{part}").as_bytes()))
		.collect();
	std::array::from_fn(|member| draws[member] as usize % KEYS.len())
}

fn sum(members: &[usize]) -> U512 {
	members.iter().fold(U512::zero(), |sum, key| sum + U512::from(KEYS[*key].secret))
}

fn secret_key(secret: U512) -> bls::SecretKey {
	let reduced = secret % U512::from(U256::from_big_endian(&ORDER));
	bls::SecretKey::from_bytes(&reduced.to_big_endian()[32..])
		.expect("sums of these few secrets are no multiple of the order")
}

fn public_key(secret: &bls::SecretKey) -> PublicKey {
	PublicKey(bls::PublicKey::from_secret_key(secret).as_bytes())
}

#[cfg(test)]
mod tests {
	use super::*;
	use snowbridge_beacon_primitives::{
		bls::prepare_milagro_pubkey, fast_aggregate_verify, prepare_g1_pubkeys, BlsError,
	};
	use snowbridge_pallet_ethereum_client_fixtures::make_checkpoint;

	fn verify(
		committee: &Committee,
		signers: usize,
		message: H256,
		aggregate: &SyncAggregate,
	) -> Result<(), BlsError> {
		let absent = prepare_g1_pubkeys(&committee.committee.pubkeys[signers..]).unwrap();
		let all = prepare_milagro_pubkey(&committee.committee.aggregate_pubkey).unwrap();
		fast_aggregate_verify(&all, &absent, message, &aggregate.sync_committee_signature)
	}

	#[test]
	fn the_keys_are_the_interop_keys_of_the_fixtures() {
		let fixture = make_checkpoint().current_sync_committee;
		let mut theirs: Vec<[u8; 48]> = fixture.pubkeys.iter().map(|key| key.0).collect();
		theirs.sort_unstable();
		theirs.dedup();
		let mut ours: Vec<[u8; 48]> = KEYS.iter().map(|key| key.public.0).collect();
		ours.sort_unstable();
		assert_eq!(ours, theirs);
	}

	#[test]
	fn committees_hash_as_the_client_hashes_them() {
		for period in [0, 1, 99] {
			let committee = Committee::of(period);
			assert_eq!(committee.node.root(), committee.committee.hash_tree_root().unwrap());
		}
	}

	#[test]
	fn the_aggregate_key_is_the_sum_of_all_keys() {
		let committee = Committee::of(3);
		let keys = prepare_g1_pubkeys(&committee.committee.pubkeys).unwrap();
		let sum = bls::AggregatePublicKey::into_aggregate(&keys).unwrap();
		let sum = bls::PublicKey { point: sum.point };
		assert_eq!(sum.as_bytes(), committee.committee.aggregate_pubkey.0);
	}

	#[test]
	fn no_two_committees_can_sign_for_each_other() {
		let periods = 0..1000;
		let mut seen = std::collections::HashSet::new();
		for period in periods.clone() {
			let mut counts = [0; 8];
			members(period).iter().for_each(|key| counts[*key] += 1);
			seen.insert(counts);
		}
		assert_eq!(seen.len(), periods.count());
	}

	#[test]
	fn signatures_verify_for_their_signers_message_and_committee_only() {
		let committee = Committee::of(7);
		let message = H256::repeat_byte(5);
		for signers in [512, 342] {
			let aggregate = committee.sign(message, signers);
			let set: u32 = aggregate.sync_committee_bits.iter().map(|byte| byte.count_ones()).sum();
			assert_eq!(set as usize, signers);
			let refused = Err(BlsError::SignatureVerificationFailed);
			assert_eq!(verify(&committee, signers, message, &aggregate), Ok(()));
			assert_eq!(verify(&committee, signers - 1, message, &aggregate), refused);
			let other = H256::repeat_byte(6);
			assert_eq!(verify(&committee, signers, other, &aggregate), refused);
			assert_eq!(verify(&Committee::of(8), signers, message, &aggregate), refused);
		}
	}

	#[test]
	fn nobody_signs_with_the_point_at_infinity() {
		let nobody = Committee::of(0).sign(H256::zero(), 0);
		assert_eq!(nobody.sync_committee_bits, [0; COMMITTEE_BITS_SIZE]);
		let parsed = bls::Signature::from_bytes(&nobody.sync_committee_signature.0).unwrap();
		assert_eq!(parsed.as_bytes(), nobody.sync_committee_signature.0);
	}

	#[test]
	fn signing_roots_are_those_of_the_client() {
		// Its own test vectors of domain and signing root, put together.
		let root = signing_root(
			H256::repeat_byte(1),
			hex!("01000000"),
			hex!("4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95").into(),
		);
		let domain = hex!("07000000afcaaba0efab1ca832a15152469bb09bb84641c405171dfa2d3fb45f");
		assert_eq!(root, crate::tree::hash(H256::repeat_byte(1), domain.into()));
	}
}
