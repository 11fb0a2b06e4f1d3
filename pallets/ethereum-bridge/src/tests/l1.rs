//! The vault on Ethereum, as far as it matters here: what it holds, and which messages it believes.

use super::*;
use crate::messages::{domain, leaf, Locked};
use std::collections::{BTreeMap, BTreeSet};

/// The parent of two nodes, as OpenZeppelin's `MerkleProof` hashes them.
pub fn node(one: H256, other: H256) -> H256 {
	let pair = [one.min(other).0, one.max(other).0].concat();
	sp_io::hashing::keccak_256(&pair).into()
}

/// Where a proof leads from a leaf.
pub fn climb(leaf: H256, proof: &[H256]) -> H256 {
	proof.iter().fold(leaf, |below, sibling| node(below, *sibling))
}

/// The root over leaves; who has no neighbour is moved up. Zero if there are none.
pub fn root_of(mut row: Vec<H256>) -> H256 {
	while row.len() > 1 {
		let parents = row.chunks(2).map(|pair| match pair {
			[one, other] => node(*one, *other),
			lone => lone[0],
		});
		row = parents.collect();
	}
	row.pop().unwrap_or_default()
}

/// The vault, and what it knows of this chain: the root of each block's messages.
#[derive(Default)]
pub struct L1 {
	/// What it holds.
	pub locked: Balance,
	/// What was ever locked in it; the first has nonce 1.
	pub deposits: Vec<Locked>,
	/// The withdrawals that it has paid.
	pub unlocked: BTreeSet<u64>,
	/// What leaves have carried to it.
	pub roots: BTreeMap<BlockNumber, H256>,
}

impl L1 {
	/// Locks an amount, if as much is left on Ethereum.
	pub fn lock(&mut self, recipient: H256, amount: Balance) -> Option<Locked> {
		if amount == 0 || amount > SUPPLY - self.locked {
			return None;
		}
		self.locked += amount;
		let nonce = self.deposits.len() as u64 + 1;
		let deposit = Locked { nonce, from: CAROL, recipient, amount: amount.into() };
		self.deposits.push(deposit.clone());
		Some(deposit)
	}

	/// Pays a withdrawal, if its message is proven and was not paid.
	pub fn unlock(&mut self, nonce: u64, withdrawal: &Withdrawal, proof: &[H256]) -> bool {
		let Withdrawal { recipient, amount, block } = *withdrawal;
		let message = leaf(domain(&VAULT, CHAIN), nonce, recipient, amount);
		let Some(root) = self.roots.get(&block).filter(|root| !root.is_zero()) else {
			return false;
		};
		if climb(message, proof) != *root || !self.unlocked.insert(nonce) {
			return false;
		}
		self.locked -= amount;
		true
	}
}
