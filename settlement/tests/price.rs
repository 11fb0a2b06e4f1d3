//! The price of an inference, against a calculation by hand and against its own bounds.

#![allow(clippy::arithmetic_side_effects)]

use openledger_settlement::{
	price::{fee, Price},
	Nano, LIMIT,
};

/// One term, calculated another way: whole thousands first, then the rest.
fn term(tokens: u32, rate: Nano) -> u128 {
	let (tokens, rate) = (u128::from(tokens), u128::from(rate));
	let (thousands, rest) = (tokens / 1_000, tokens % 1_000);
	thousands * rate + rest * (rate / 1_000) + rest * (rate % 1_000) / 1_000
}

/// Numbers that look random and are the same in every run: SplitMix64, of a random length.
fn random(state: &mut u64) -> u64 {
	*state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
	let mut mixed = *state;
	mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
	mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
	mixed ^= mixed >> 31;
	mixed >> (mixed % 64)
}

#[test]
fn a_fee_is_what_its_formula_says() {
	let price = Price { rate_in: 300_000, rate_out: 1_200_000 };
	// 2,000 · 300 + 500 · 1,200 + 100,000
	assert_eq!(fee(price, 2_000, 500, 100_000), Some(1_300_000));
	assert_eq!(fee(price, 0, 0, 100_000), Some(100_000));
	assert_eq!(fee(price, 1, 1, 0), Some(1_500));
	assert_eq!(fee(Price::default(), u32::MAX, u32::MAX, 7), Some(7));
}

#[test]
fn each_term_is_floored_by_itself() {
	let price = Price { rate_in: 999, rate_out: 999 };
	assert_eq!(fee(price, 1, 1, 0), Some(0), "two parts of 0.999 do not make one");
	assert_eq!(fee(price, 1, 0, 1), Some(1));
	assert_eq!(fee(price, 1_000, 1, 0), Some(999));
	assert_eq!(fee(price, 1_001, 1_001, 0), Some(1_998));
}

#[test]
fn a_fee_stays_below_the_limit() {
	let free = Price::default();
	assert_eq!(fee(free, 0, 0, LIMIT - 1), Some(LIMIT - 1));
	assert_eq!(fee(free, 0, 0, LIMIT), None);
	let dear = Price { rate_in: LIMIT - 1, rate_out: 0 };
	assert_eq!(fee(dear, 1_000, 0, 0), Some(LIMIT - 1));
	assert_eq!(fee(dear, 1_000, 0, 1), None, "the platform's part counts too");
	let both = Price { rate_in: LIMIT / 2, rate_out: LIMIT / 2 };
	assert_eq!(fee(both, 1_000, 999, 0), Some(LIMIT / 2 + term(999, LIMIT / 2) as Nano));
	assert_eq!(fee(both, 1_000, 1_000, 0), None);
}

#[test]
fn the_largest_numbers_are_refused_and_do_not_overflow() {
	let largest = Price { rate_in: Nano::MAX, rate_out: Nano::MAX };
	assert_eq!(fee(largest, u32::MAX, u32::MAX, Nano::MAX), None);
	assert_eq!(fee(largest, 0, 0, 0), Some(0));
	assert_eq!(fee(largest, 1, 0, 0), Some(Nano::MAX / 1_000));
}

#[test]
fn random_fees_agree_with_another_calculation() {
	let mut state = 3;
	let (mut given, mut refused) = (0, 0);
	for _ in 0..100_000 {
		let price = Price { rate_in: random(&mut state), rate_out: random(&mut state) };
		let [tokens_in, tokens_out] = [random(&mut state) as u32, random(&mut state) as u32];
		let platform_fee = random(&mut state);
		let exact = term(tokens_in, price.rate_in)
			+ term(tokens_out, price.rate_out)
			+ u128::from(platform_fee);
		let expected = (exact < u128::from(LIMIT)).then_some(exact as Nano);
		assert_eq!(fee(price, tokens_in, tokens_out, platform_fee), expected);
		match expected {
			Some(_) => given += 1,
			None => refused += 1,
		}
	}
	assert!(given > 10_000 && refused > 10_000, "both happen: {given} and {refused}");
}

#[test]
fn more_tokens_never_cost_less() {
	let mut state = 4;
	for _ in 0..10_000 {
		let price = Price { rate_in: random(&mut state) >> 24, rate_out: random(&mut state) >> 24 };
		let [tokens_in, tokens_out] =
			[random(&mut state) as u32 >> 8, random(&mut state) as u32 >> 8];
		let less = fee(price, tokens_in, tokens_out, 0);
		let more = fee(price, tokens_in + 1, tokens_out + 1, 0);
		assert!(less.is_some() && less <= more);
	}
}
