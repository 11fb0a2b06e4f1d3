//! Vouchers: a payer's signature over everything it has bought so far from a model.
//!
//! What is signed names every core, through the head of their chain: a voucher over a mere total
//! would let the operator swap what was bought. It names the chain and the model, so that it is good
//! nowhere else.

use crate::{chain::Head, Nano};
use alloc::vec::Vec;
use codec::Encode;
use openledger_primitives::{records::ModelId, stored};
use sp_core::H256;

/// What every voucher begins with.
pub const TAG: &[u8] = b"openledger/voucher/1";

stored! {
	/// What a payer has bought so far from a model.
	#[derive(Copy, Default)]
	pub struct Bought {
		/// How many inferences.
		pub count: u64,
		/// What they cost together.
		pub cumulative: Nano,
		/// The head of the chain of their cores.
		pub head: Head,
	}
}

/// The bytes that a payer signs: the tag, then the SCALE encoding of the rest.
pub fn message<AccountId: Encode>(
	genesis: H256,
	model: ModelId,
	payer: &AccountId,
	bought: &Bought,
) -> Vec<u8> {
	let mut message = TAG.to_vec();
	(genesis, model, payer, bought.count, bought.cumulative, bought.head).encode_to(&mut message);
	message
}

/// The same as browser wallets sign it, which never sign bare bytes.
pub fn wrapped(message: &[u8]) -> Vec<u8> {
	[b"<Bytes>", message, b"</Bytes>"].concat()
}
