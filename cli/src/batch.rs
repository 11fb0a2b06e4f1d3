//! Batches: how many items fit into a transaction, and how many transactions into a block.

use anyhow::{bail, Result};
use codec::Encode;
use frame_support::{dispatch::DispatchClass, traits::Get, weights::Weight};
use frame_system::limits::{BlockLength, BlockWeights};
use openledger_runtime::{Balance, Runtime, RuntimeCall};
use pallet_datanets::{BatchOf, Config};

use crate::{chain::Chain, sending::Actor};

/// The bytes around a call: signature, nonce and the like, with room to spare.
const AROUND: usize = 1_024;

/// What a block takes of what accounts send.
pub struct Block {
	/// The heaviest transaction.
	heaviest: Weight,
	/// The longest one.
	longest: usize,
	/// Everything together.
	total: Weight,
	/// What each weighs beside its call.
	base: Weight,
}

/// A size of batches that fits.
#[derive(Clone, Copy, Debug)]
pub struct Fit {
	/// Items in a transaction.
	pub size: usize,
	/// What such a transaction weighs.
	pub weight: Weight,
	/// What it costs.
	pub fee: Balance,
}

impl Block {
	/// As the node's runtime says.
	pub fn read(chain: &Chain) -> Result<Self> {
		let weights: BlockWeights = chain.constant("System", "BlockWeights")?;
		let length: BlockLength = chain.constant("System", "BlockLength")?;
		let normal = weights.get(DispatchClass::Normal);
		let total = normal.max_total.unwrap_or(weights.max_block);
		Ok(Self {
			heaviest: normal.max_extrinsic.unwrap_or(total),
			longest: *length.max.get(DispatchClass::Normal) as usize,
			total,
			base: normal.base_extrinsic,
		})
	}

	/// Whether a call fits.
	fn takes(&self, weight: Weight, call: &RuntimeCall) -> bool {
		let length = call.encoded_size().saturating_add(AROUND);
		weight.all_lte(self.heaviest) && length <= self.longest
	}

	/// How many transactions of this weight fit.
	pub fn holds(&self, weight: Weight) -> u64 {
		let each = weight.saturating_add(self.base);
		self.total.checked_div_per_component(&each).unwrap_or(1).max(1)
	}
}

/// The most items that a call takes.
pub fn most(chain: &Chain) -> Result<usize> {
	let here = <Runtime as Config>::MaxBatch::get();
	Ok(chain.datanets::<u32>("MaxBatch")?.min(here).max(1) as usize)
}

/// Items of a call; they were cut to size before.
pub fn bounded<T: Clone>(items: &[T]) -> BatchOf<Runtime, T> {
	BatchOf::<Runtime, T>::truncate_from(items.to_vec())
}

impl Actor<'_> {
	/// The largest batches that fit, at most of `most` items.
	pub async fn fit<T>(
		&self,
		items: &[T],
		most: usize,
		call: impl Fn(&[T]) -> RuntimeCall,
	) -> Result<Fit> {
		let block = Block::read(self.chain)?;
		let mut size = items.len().min(most);
		loop {
			let Some(first) = items.get(..size).filter(|first| !first.is_empty()) else {
				bail!("There is nothing to do that for.");
			};
			let call = call(first);
			let quote = self.quote(&call).await?;
			if block.takes(quote.weight, &call) {
				return Ok(Fit { size, weight: quote.weight, fee: quote.partial_fee });
			}
			if size == 1 {
				bail!("Even one of these does not fit into a block.");
			}
			size /= 2;
		}
	}

	/// A call for each batch.
	pub async fn in_batches<T>(
		&self,
		items: &[T],
		call: impl Fn(&[T]) -> RuntimeCall,
	) -> Result<Vec<RuntimeCall>> {
		let Fit { size, .. } = self.fit(items, most(self.chain)?, &call).await?;
		Ok(items.chunks(size).map(call).collect())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn block() -> Block {
		Block { heaviest: weight(1_000), longest: 10_000, total: weight(1_200), base: weight(10) }
	}

	fn weight(time: u64) -> Weight {
		Weight::from_parts(time, 0)
	}

	#[test]
	fn a_batch_that_is_too_heavy_or_too_long_does_not_fit() {
		let call = |bytes: usize| -> RuntimeCall {
			frame_system::Call::<Runtime>::remark { remark: vec![0; bytes] }.into()
		};
		assert!(block().takes(weight(1_000), &call(8_000)));
		assert!(!block().takes(weight(1_001), &call(8_000)));
		assert!(!block().takes(weight(1_000), &call(9_000)));
	}

	#[test]
	fn a_block_holds_what_its_weight_allows() {
		assert_eq!(block().holds(weight(390)), 3);
		assert_eq!(block().holds(weight(391)), 2);
		assert_eq!(block().holds(weight(5_000)), 1);
	}
}
