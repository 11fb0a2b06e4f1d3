//! What to bid for gas: the first bid, and the next one for a transaction that hangs.

use std::fmt;

/// A gwei.
pub const GWEI: u128 = 1_000_000_000;

/// What gas costs now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Market {
	pub base: u128,
	pub tip: u128,
}

/// A bid of EIP-1559.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bid {
	pub max: u128,
	pub tip: u128,
}

/// Nothing can be sent below the cap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TooDear {
	pub needed: u128,
	pub cap: u128,
}

impl fmt::Display for TooDear {
	fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(
			to,
			"A bid of {} gwei is needed and {} are allowed: waiting until gas is cheaper (or raise \
			 --max-fee-gwei)",
			gwei(self.needed),
			gwei(self.cap),
		)
	}
}

impl std::error::Error for TooDear {}

/// An amount of wei in gwei, rounded up to a hundredth.
pub fn gwei(wei: u128) -> String {
	let hundredths = wei.div_ceil(GWEI / 100);
	format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// An eighth more, which is what nodes ask of a replacement and a little above it.
fn raised(price: u128) -> u128 {
	price.saturating_add(price.div_ceil(8)).max(1)
}

impl Bid {
	/// The first bid: it survives a doubling of the base fee, as far as the cap allows.
	pub fn first(market: Market, cap: u128) -> Result<Self, TooDear> {
		let needed = market.base.saturating_add(market.tip);
		if needed > cap {
			return Err(TooDear { needed, cap });
		}
		let max = market.base.saturating_mul(2).saturating_add(market.tip).min(cap);
		Ok(Self { max, tip: market.tip.min(max) })
	}

	/// A bid that replaces an earlier one: an eighth above it, and not below what gas costs now.
	pub fn above(last: Self, market: Market, cap: u128) -> Result<Self, TooDear> {
		let now = Self::first(market, cap)?;
		let (max, tip) = (raised(last.max).max(now.max), raised(last.tip).max(now.tip));
		if max > cap {
			return Err(TooDear { needed: max, cap });
		}
		Ok(Self { max, tip: tip.min(max) })
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const CALM: Market = Market { base: 10 * GWEI, tip: GWEI };
	const CAP: u128 = 100 * GWEI;

	#[test]
	fn the_first_bid_survives_a_doubled_base_fee_below_the_cap() {
		assert_eq!(Bid::first(CALM, CAP), Ok(Bid { max: 21 * GWEI, tip: GWEI }));
		assert_eq!(Bid::first(CALM, 15 * GWEI), Ok(Bid { max: 15 * GWEI, tip: GWEI }));
		assert_eq!(Bid::first(CALM, 11 * GWEI), Ok(Bid { max: 11 * GWEI, tip: GWEI }));
		let dear = TooDear { needed: 11 * GWEI, cap: 10 * GWEI };
		assert_eq!(Bid::first(CALM, 10 * GWEI), Err(dear));
	}

	#[test]
	fn a_replacement_is_an_eighth_above_the_last_and_follows_the_market() {
		let last = Bid { max: 21 * GWEI, tip: GWEI };
		let next = Bid::above(last, CALM, CAP).unwrap();
		assert_eq!(next, Bid { max: 23_625_000_000, tip: 1_125_000_000 });
		let jumped = Market { base: 40 * GWEI, tip: 3 * GWEI };
		assert_eq!(Bid::above(last, jumped, CAP), Ok(Bid { max: 83 * GWEI, tip: 3 * GWEI }));
		// Prices so low that an eighth of them is nothing still rise.
		let dust = Bid::above(Bid { max: 1, tip: 0 }, Market { base: 0, tip: 0 }, CAP).unwrap();
		assert_eq!(dust, Bid { max: 2, tip: 1 });
	}

	#[test]
	fn every_replacement_satisfies_a_node_that_asks_for_a_tenth_more() {
		let mut bid = Bid::first(CALM, u128::MAX).unwrap();
		for _ in 0..40 {
			let next = Bid::above(bid, CALM, u128::MAX).unwrap();
			assert!(next.max * 10 >= bid.max * 11 && next.tip * 10 >= bid.tip * 11);
			assert!(next.tip <= next.max);
			bid = next;
		}
	}

	#[test]
	fn a_replacement_above_the_cap_is_not_made() {
		let last = Bid { max: 95 * GWEI, tip: GWEI };
		let dear = Bid::above(last, CALM, CAP).unwrap_err();
		assert_eq!(dear, TooDear { needed: 106_875_000_000, cap: CAP });
		assert!(dear.to_string().contains("106.88 gwei") && dear.to_string().contains("100.00"));
	}
}
