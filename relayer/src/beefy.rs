//! BEEFY as it leaves the node: justifications, lists of validators, leaves of the MMR and their proofs, all SCALE; and
//! what the contract on L1 takes instead.

use alloy::{
	primitives::{keccak256, Address, Bytes, Signature, B256, U256},
	signers::k256::ecdsa::VerifyingKey,
};
use anyhow::{bail, ensure, Context, Result};
use subxt::ext::codec::{Decode, DecodeAll, Encode};

use crate::contracts::{MmrLeaf, Update};

/// How BEEFY marks what is its own in headers and blocks.
pub const ENGINE: [u8; 4] = *b"BEEF";

/// The payload item that is an MMR root.
const MMR_ROOT: [u8; 2] = *b"mh";

/// A signed statement of validators: this is the MMR root at this block.
#[derive(Clone, Debug, PartialEq)]
pub struct Justification {
	pub block: u32,
	pub set: u64,
	pub mmr_root: B256,
	/// What was signed.
	pub digest: B256,
	/// In the order of validators.
	pub signatures: Vec<Option<[u8; 65]>>,
}

#[derive(Encode, Decode)]
#[codec(crate = subxt::ext::codec)]
struct Commitment {
	payload: Vec<([u8; 2], Vec<u8>)>,
	block: u32,
	set: u64,
}

#[derive(Encode, Decode)]
#[codec(crate = subxt::ext::codec)]
struct Signed {
	commitment: Commitment,
	/// A bit for each validator, the highest bit of a byte first.
	signed_by: Vec<u8>,
	validators: u32,
	signatures: Vec<[u8; 65]>,
}

#[derive(Encode, Decode)]
#[codec(crate = subxt::ext::codec)]
enum Versioned {
	#[codec(index = 1)]
	V1(Signed),
}

impl Justification {
	/// Reads what the node stores beside a block.
	pub fn decode(bytes: &[u8]) -> Result<Self> {
		let Versioned::V1(signed) = Versioned::decode_all(&mut &*bytes)
			.context("A BEEFY justification is encoded in an unknown way.")?;
		let Signed { commitment, signed_by, validators, signatures } = signed;
		// The contract on L1 encodes a commitment with this one item, so no other can be shown to it.
		let [(MMR_ROOT, root)] = commitment.payload.as_slice() else {
			bail!("A BEEFY commitment has other items than one MMR root.");
		};
		let mmr_root = B256::try_from(root.as_slice()).context("An MMR root is no hash.")?;
		let mut rest = signatures.into_iter();
		let bit =
			|at: usize| signed_by.get(at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1);
		let in_order: Vec<_> =
			(0..validators as usize).map(|at| if bit(at) { rest.next() } else { None }).collect();
		ensure!(rest.next().is_none(), "A BEEFY justification has more signatures than signers.");
		Ok(Self {
			block: commitment.block,
			set: commitment.set,
			mmr_root,
			digest: keccak256(commitment.encode()),
			signatures: in_order,
		})
	}
}

/// The validators of a session, as Ethereum knows them.
#[derive(Clone, Debug, PartialEq)]
pub struct Validators {
	pub set: u64,
	pub addresses: Vec<Address>,
}

/// The item of a digest that names the validators of a session, among others that do not matter here.
const AUTHORITIES: u8 = 1;

impl Validators {
	/// Reads the list out of an item of a header, if it is one: the first block of every session has it.
	pub fn from_digest(item: &[u8]) -> Result<Option<Self>> {
		let Some((&AUTHORITIES, mut list)) = item.split_first() else { return Ok(None) };
		let (keys, set) = <(Vec<[u8; 33]>, u64)>::decode_all(&mut list)
			.context("A list of BEEFY validators is encoded in an unknown way.")?;
		Self::new(&keys, set).map(Some)
	}

	/// From their keys.
	pub fn new(keys: &[[u8; 33]], set: u64) -> Result<Self> {
		let address = |key: &[u8; 33]| {
			let key = VerifyingKey::from_sec1_bytes(key).context("A BEEFY key is no point.")?;
			Ok(Address::from_public_key(&key))
		};
		Ok(Self { set, addresses: keys.iter().map(address).collect::<Result<_>>()? })
	}

	/// How many must sign.
	pub fn quorum(&self) -> usize {
		let all = self.addresses.len();
		all - all.saturating_sub(1) / 3
	}

	/// The root under which leaves of the MMR name the set.
	pub fn root(&self) -> B256 {
		let mut layer: Vec<B256> = self.addresses.iter().map(keccak256).collect();
		while layer.len() > 1 {
			let up = |pair: &[B256]| match pair {
				[left, right] => keccak256([left.0, right.0].concat()),
				// A node without a neighbour goes up as it is.
				_ => pair.first().copied().unwrap_or_default(),
			};
			layer = layer.chunks(2).map(up).collect();
		}
		layer.first().copied().unwrap_or_default()
	}

	/// What L1 is shown: only as many signatures as it counts, and only good ones.
	pub fn update(
		&self,
		justification: &Justification,
		handover: Option<LeafProof>,
	) -> Result<Update> {
		ensure!(
			justification.set == self.set && justification.signatures.len() == self.addresses.len(),
			"The justification of block {} is signed by set {} of {} validators, not by set {} of {}.",
			justification.block,
			justification.set,
			justification.signatures.len(),
			self.set,
			self.addresses.len(),
		);
		let (mut signers, mut signatures, mut count) = (U256::ZERO, Vec::new(), 0);
		for (at, (address, signature)) in
			self.addresses.iter().zip(&justification.signatures).enumerate()
		{
			let Some(signature) =
				signature.as_ref().and_then(|raw| accepted(raw, justification.digest, address))
			else {
				continue;
			};
			if count == self.quorum() {
				break;
			}
			count += 1;
			signers.set_bit(at, true);
			signatures.extend(signature);
		}
		ensure!(
			count == self.quorum(),
			"Only {count} signatures of block {} are good, {} are needed.",
			justification.block,
			self.quorum(),
		);
		let LeafProof { leaf, items, .. } = handover.unwrap_or_default();
		Ok(Update {
			mmrRoot: justification.mmr_root,
			blockNumber: justification.block,
			setId: justification.set,
			validators: self.addresses.clone(),
			signers,
			signatures: Bytes::from(signatures),
			leaf,
			leafProof: items,
		})
	}
}

/// The signature in L1's form, low in s, if it is that of the address.
fn accepted(raw: &[u8; 65], digest: B256, address: &Address) -> Option<[u8; 65]> {
	let signature = Signature::from_raw_array(raw).ok()?.normalized_s();
	let signer = signature.recover_address_from_prehash(&digest).ok()?;
	(signer == *address).then(|| signature.as_bytes())
}

/// A leaf of the MMR and the way from it to a root.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeafProof {
	pub leaf: MmrLeaf,
	pub index: u64,
	pub count: u64,
	pub items: Vec<B256>,
}

/// The leaf's bytes: 113, without any lengths in them.
type LeafScale = (u8, u32, [u8; 32], u64, u32, [u8; 32], [u8; 32]);

impl LeafProof {
	/// Reads the answer of `mmr_generateProof` for one block.
	pub fn decode(leaves: &[u8], proof: &[u8]) -> Result<Self> {
		let leaves =
			Vec::<Vec<u8>>::decode_all(&mut &*leaves).context("MMR leaves cannot be read.")?;
		let [leaf] = leaves.as_slice() else {
			bail!("The node proves {} leaves instead of one.", leaves.len());
		};
		let (version, parent, parent_hash, set, length, root, extra) =
			LeafScale::decode_all(&mut leaf.as_slice()).context("An MMR leaf cannot be read.")?;
		let (indices, count, items) = <(Vec<u64>, u64, Vec<[u8; 32]>)>::decode_all(&mut &*proof)
			.context("An MMR proof cannot be read.")?;
		let [index] = indices.as_slice() else { bail!("An MMR proof is for several leaves.") };
		let leaf = MmrLeaf {
			version,
			parentNumber: parent,
			parentHash: parent_hash.into(),
			nextSetId: set,
			nextSetLength: length,
			nextSetRoot: root.into(),
			extra: extra.into(),
		};
		let items = items.into_iter().map(B256::from).collect();
		Ok(Self { leaf, index: *index, count, items })
	}
}

#[cfg(test)]
mod tests;
