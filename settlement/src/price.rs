//! What an inference costs.

use crate::{Nano, LIMIT};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// What a thousand tokens cost.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Default,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub struct Price {
	/// Those of the question.
	pub rate_in: Nano,
	/// Those of the answer.
	pub rate_out: Nano,
}

/// The fee of an inference: each of its terms is floored by itself. None if it is not a possible
/// amount.
///
/// ```text
/// fee = ⌊tokens_in · rate_in / 1000⌋ + ⌊tokens_out · rate_out / 1000⌋ + platform_fee
/// ```
pub fn fee(price: Price, tokens_in: u32, tokens_out: u32, platform_fee: Nano) -> Option<Nano> {
	let term = |tokens: u32, rate: Nano| {
		u128::from(tokens).checked_mul(u128::from(rate))?.checked_div(1_000)
	};
	let fee = term(tokens_in, price.rate_in)?
		.checked_add(term(tokens_out, price.rate_out)?)?
		.checked_add(u128::from(platform_fee))?;
	Nano::try_from(fee).ok().filter(|fee| *fee < LIMIT)
}
