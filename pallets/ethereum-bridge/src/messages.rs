//! What Ethereum is told, and what it tells: the encodings that the vault shares with this pallet.

use super::*;
use snowbridge_merkle_tree::{merkle_proof, merkle_root};
use sp_core::U256;
use sp_runtime::traits::Keccak256;

/// Ethereum's ABI writes every value of fixed size into a word.
type Word = [u8; 32];

fn keccak(bytes: &[u8]) -> H256 {
	sp_io::hashing::keccak_256(bytes).into()
}

/// The hash of what `abi.encode` makes of these words.
fn keccak_of_words(words: &[Word]) -> H256 {
	keccak(&words.concat())
}

fn number(value: impl Into<U256>) -> Word {
	value.into().to_big_endian()
}

fn address(value: H160) -> Word {
	H256::from(value).0
}

/// `Locked(uint64 indexed nonce, address indexed from, bytes32 indexed recipient, uint256 amount)`
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Locked {
	/// Which deposit it is.
	pub nonce: u64,
	/// Who made it.
	pub from: H160,
	/// For which account, or the chain's genesis hash.
	pub recipient: H256,
	/// Of how much.
	pub amount: U256,
}

impl Locked {
	/// The first topic of the event.
	pub fn signature() -> H256 {
		keccak(b"Locked(uint64,address,bytes32,uint256)")
	}

	/// Reads the event; none if these are not its topics and data, exactly.
	pub fn read(topics: &[H256], data: &[u8]) -> Option<Self> {
		let [signature, nonce, from, recipient] = topics else { return None };
		let amount: Word = data.try_into().ok()?;
		let from_address = H160::from(*from);
		if *signature != Self::signature() || H256::from(from_address) != *from {
			return None;
		}
		Some(Self {
			nonce: U256::from_big_endian(nonce.as_bytes()).try_into().ok()?,
			from: from_address,
			recipient: *recipient,
			amount: U256::from_big_endian(&amount),
		})
	}

	/// The topics and the data of the event.
	pub fn write(&self) -> (Vec<H256>, Vec<u8>) {
		let topics = alloc::vec![
			Self::signature(),
			H256(number(self.nonce)),
			H256(address(self.from)),
			self.recipient,
		];
		(topics, number(self.amount).to_vec())
	}
}

/// What keeps a message for one vault and one chain from being worth anything to another.
pub fn domain(vault: &Vault, genesis: H256) -> H256 {
	keccak_of_words(&[
		keccak(b"openledger/bridge/1").0,
		number(vault.chain_id),
		address(vault.address),
		genesis.0,
	])
}

/// The leaf of a withdrawal. Hashed twice, so that no inner node can be taken for one.
pub fn leaf(domain: H256, nonce: u64, recipient: H160, amount: Balance) -> H256 {
	let words = [domain.0, number(nonce), address(recipient), number(amount)];
	keccak(keccak_of_words(&words).as_bytes())
}

/// The root of a block's messages; zero if there are none.
pub fn root(leaves: impl Iterator<Item = H256>) -> H256 {
	merkle_root::<Keccak256, _>(leaves)
}

/// The way from a leaf to the root; none if there is no such leaf.
pub fn proof(leaves: Vec<H256>, index: u32) -> Option<(H256, Vec<H256>)> {
	// The library panics where this returns.
	leaves.get(index as usize)?;
	let proof = merkle_proof::<Keccak256, _>(leaves.into_iter(), index.into());
	Some((proof.root, proof.proof))
}
