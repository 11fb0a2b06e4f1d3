//! The plan: how many contents are on their way at once, and what all of it costs.

use anyhow::Result;
use openledger_runtime::{Balance, BlockNumber};

use super::{journal::Entry, live::Live};
use crate::{
	batch::{most, Block, Fit},
	sending::{Cost, PIPELINE},
};

/// A wave is revealed within this part of the reveal period; the rest is for finality and full blocks.
const WAVE_PART: BlockNumber = 5;

/// How many contents are sent together, and what that costs.
#[derive(Debug, PartialEq)]
pub struct Plan {
	/// Contents in a transaction.
	pub batch: usize,
	/// Contents on their way at once.
	pub wave: usize,
	/// Fees of all transactions.
	pub fees: Balance,
}

impl Plan {
	/// Asks the node what batches of these contents weigh and cost.
	pub async fn make(
		live: &Live<'_>,
		commit: &[&Entry],
		reveal: &[&Entry],
		asked: Option<u32>,
	) -> Result<Self> {
		let actor = &live.actor;
		let all: Vec<_> = reveal.iter().chain(commit).copied().collect();
		let asked = asked.map_or(usize::MAX, |asked| asked.max(1) as usize);
		let most = most(actor.chain)?.min(asked);
		if all.is_empty() {
			return Ok(Self { batch: most, wave: most, fees: 0 });
		}
		let Fit { size: batch, weight, fee: reveal_fee } =
			actor.fit(&all, most, |batch| live.reveal_call(batch)).await?;
		let commit_fee = match commit.get(..batch.min(commit.len())) {
			Some(some) if !some.is_empty() => {
				actor.quote(&live.commit_call(some)).await?.partial_fee
			}
			_ => 0,
		};
		let transactions = |contents: usize| contents.div_ceil(batch) as Balance;
		let fees = commit_fee
			.saturating_mul(transactions(commit.len()))
			.saturating_add(reveal_fee.saturating_mul(transactions(all.len())));
		let in_a_block = Block::read(actor.chain)?.holds(weight);
		let reveal_period = actor.chain.datanets("RevealPeriod")?;
		let wave = batch.saturating_mul(transactions_of_a_wave(in_a_block, reveal_period));
		Ok(Self { batch, wave, fees })
	}

	/// What is paid and held, and how much of it is needed at once. A deposit comes back before the bond
	/// for the same content is held.
	pub fn costs(
		&self,
		(commit, reveal): (usize, usize),
		deposit: Balance,
		bond: Balance,
		bond_time: &str,
	) -> (Vec<Cost>, Balance) {
		let together =
			|amount: Balance, contents: usize| amount.saturating_mul(contents as Balance);
		let at_once = commit.min(self.wave);
		let bonds = together(bond, commit.saturating_add(reveal));
		let costs = vec![
			Cost::new(self.fees, "for fees, estimated"),
			Cost::new(
				together(deposit, at_once),
				"at most at a time as deposits of commitments, until their reveal",
			),
			Cost::new(bonds, format!("as bonds, for {bond_time} after acceptance")),
		];
		let beyond = together(deposit.saturating_sub(bond), at_once);
		(costs, self.fees.saturating_add(bonds).saturating_add(beyond))
	}
}

/// How many transactions are sent together, so that all are in a block in time.
fn transactions_of_a_wave(in_a_block: u64, reveal_period: BlockNumber) -> usize {
	let blocks = u64::from(reveal_period / WAVE_PART).max(1);
	let transactions = in_a_block.saturating_mul(blocks);
	usize::try_from(transactions).unwrap_or(PIPELINE).min(PIPELINE)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_wave_fits_into_a_part_of_the_reveal_period() {
		assert_eq!(transactions_of_a_wave(3, 10), 6);
		assert_eq!(transactions_of_a_wave(1, 4), 1);
		assert_eq!(transactions_of_a_wave(5, 600), PIPELINE);
	}

	#[test]
	fn deposits_are_needed_only_beyond_the_bonds_that_follow_them() {
		let plan = Plan { batch: 10, wave: 30, fees: 7 };
		let (costs, needed) = plan.costs((100, 20), 5, 3, "90 days");
		let amounts: Vec<_> = costs.iter().map(|cost| cost.amount).collect();
		assert_eq!(amounts, [7, 150, 360]);
		assert_eq!(needed, 7 + 360 + 30 * 2);
		let (_, needed) = plan.costs((4, 0), 5, 9, "90 days");
		assert_eq!(needed, 7 + 4 * 9);
	}
}
