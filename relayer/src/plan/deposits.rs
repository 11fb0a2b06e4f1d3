//! What to do with each deposit that the chain has not executed. None waits for another: a deposit that cannot be proven
//! holds up nobody.

use std::fmt;

/// A deposit that was not executed, with what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Deposit {
	/// Where its log is; none if it was not found, or a reorganisation has moved it.
	pub place: Option<Place>,
	/// When a failed attempt may be repeated, in seconds.
	pub not_before: u64,
}

/// Where a log is.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
	/// The block.
	pub block: u64,
	/// The beacon slot of that block.
	pub slot: u64,
}

/// What both sides are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sides {
	/// Whether the chain takes deposits.
	pub halted: bool,
	/// Whether it knows a vault.
	pub vault_set: bool,
	/// The last block that Ethereum has finalised.
	pub final_block: u64,
	/// The slot of the chain's last finalised header.
	pub client_slot: u64,
	/// The lowest slot that the chain can still verify.
	pub oldest_slot: u64,
	pub now: u64,
}

/// What to do with a deposit.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
	/// Prove it.
	Prove,
	/// Look for its log.
	Find,
	/// Wait until Ethereum has finalised its block.
	WaitForFinality { block: u64 },
	/// Wait until the chain's beacon client has this slot.
	WaitForClient { slot: u64 },
	/// An attempt failed lately.
	WaitAfterFailure { until: u64 },
	/// The direction is halted, or there is no vault.
	Stopped,
	/// The chain has forgotten the headers around it.
	TooOld { slot: u64 },
}

impl fmt::Display for Step {
	fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Prove => write!(to, "can be proven"),
			Self::Find => write!(to, "waits until its log is found"),
			Self::WaitForFinality { block } => {
				write!(to, "waits until Ethereum has finalised block {block}")
			}
			Self::WaitForClient { slot } => {
				write!(to, "waits until the chain's beacon client is at slot {slot}")
			}
			Self::WaitAfterFailure { .. } => {
				write!(to, "failed lately and is tried again in a while")
			}
			Self::Stopped => write!(to, "waits because the chain takes no deposits now"),
			Self::TooOld { slot } => write!(
				to,
				"cannot be proven any more: the chain has forgotten the headers after slot {slot}. Governance \
				 can bring them back with a checkpoint"
			),
		}
	}
}

/// Decides about one deposit.
pub fn next(deposit: &Deposit, sides: &Sides) -> Step {
	if sides.halted || !sides.vault_set {
		return Step::Stopped;
	}
	let Some(place) = &deposit.place else { return Step::Find };
	if place.block > sides.final_block {
		return Step::WaitForFinality { block: place.block };
	}
	if place.slot > sides.client_slot {
		return Step::WaitForClient { slot: place.slot };
	}
	if place.slot < sides.oldest_slot {
		return Step::TooOld { slot: place.slot };
	}
	if sides.now < deposit.not_before {
		return Step::WaitAfterFailure { until: deposit.not_before };
	}
	Step::Prove
}

/// The lowest slot that a deposit waits for, of those that are final on Ethereum.
pub fn wanted_slot<'a>(steps: impl IntoIterator<Item = &'a Step>) -> Option<u64> {
	let slot = |step: &Step| match step {
		Step::WaitForClient { slot } => Some(*slot),
		_ => None,
	};
	steps.into_iter().filter_map(slot).min()
}

/// The nonces that a word of the chain's bitmap does not have yet, out of 1 to `last`.
pub fn missing(word: u64, bits: u128, last: u64) -> impl Iterator<Item = u64> {
	let first = word * 128;
	let lacks = move |bit: &u64| bits >> bit & 1 == 0;
	(0..128)
		.filter(lacks)
		.map(move |bit| first + bit)
		.filter(move |nonce| (1..=last).contains(nonce))
}

#[cfg(test)]
mod tests {
	use super::*;

	const SIDES: Sides = Sides {
		halted: false,
		vault_set: true,
		final_block: 1_000,
		client_slot: 5_000,
		oldest_slot: 100,
		now: 50,
	};

	fn deposit(block: u64, slot: u64) -> Deposit {
		Deposit { place: Some(Place { block, slot }), not_before: 0 }
	}

	#[test]
	fn a_deposit_is_proven_once_both_sides_have_its_block() {
		assert_eq!(next(&deposit(1_000, 5_000), &SIDES), Step::Prove);
		let early = next(&deposit(1_001, 4_990), &SIDES);
		assert_eq!(early, Step::WaitForFinality { block: 1_001 });
		assert_eq!(next(&deposit(1_000, 5_001), &SIDES), Step::WaitForClient { slot: 5_001 });
	}

	#[test]
	fn a_log_that_a_reorganisation_moved_waits_anew() {
		let lost = Deposit { place: None, ..deposit(900, 4_000) };
		assert_eq!(next(&lost, &SIDES), Step::Find);
		// Found again in a later block, it needs that block to be final.
		assert_eq!(next(&deposit(1_003, 5_003), &SIDES), Step::WaitForFinality { block: 1_003 });
	}

	#[test]
	fn nothing_is_sent_while_deposits_are_halted_or_no_vault_is_set() {
		let good = deposit(900, 4_000);
		assert_eq!(next(&good, &Sides { halted: true, ..SIDES }), Step::Stopped);
		assert_eq!(next(&good, &Sides { vault_set: false, ..SIDES }), Step::Stopped);
	}

	#[test]
	fn what_the_chain_has_forgotten_is_named_and_holds_up_nobody() {
		let all = [deposit(10, 99), deposit(900, 4_000)];
		let steps: Vec<_> = all.iter().map(|one| next(one, &SIDES)).collect();
		assert_eq!(steps, [Step::TooOld { slot: 99 }, Step::Prove]);
	}

	#[test]
	fn a_failure_is_repeated_later() {
		let failed = Deposit { not_before: 51, ..deposit(900, 4_000) };
		assert_eq!(next(&failed, &SIDES), Step::WaitAfterFailure { until: 51 });
		assert_eq!(next(&failed, &Sides { now: 51, ..SIDES }), Step::Prove);
	}

	#[test]
	fn the_client_is_asked_for_the_lowest_slot_that_helps_somebody() {
		let steps = [
			Step::Prove,
			Step::WaitForClient { slot: 7_000 },
			Step::WaitForFinality { block: 3 },
			Step::WaitForClient { slot: 6_000 },
		];
		assert_eq!(wanted_slot(&steps), Some(6_000));
		assert_eq!(wanted_slot([&Step::Find]), None);
	}

	#[test]
	fn missing_nonces_are_read_from_the_bitmap() {
		let all = |word, bits, last| missing(word, bits, last).collect::<Vec<_>>();
		// Nonce 0 does not exist.
		assert_eq!(all(0, 0b1010, 4), [2, 4]);
		assert_eq!(all(1, !0 ^ (1 << 3), 1_000), [131]);
		assert!(all(0, !0, 1_000).is_empty() && all(2, 0, 255).is_empty());
		assert_eq!(all(1, 0, 129), [128, 129]);
	}
}
