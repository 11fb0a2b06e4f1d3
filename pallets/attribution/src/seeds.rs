//! Seeds: randomness for draws that nobody knew when the batches were submitted.
//!
//! Consensus makes the randomness of an epoch out of what validators revealed in the one before. Here
//! it is copied at every change of epoch, and a batch is drawn by the copy of the second change after
//! it was submitted: a draw by what was known, or could be ground, in the same epoch could be waited
//! for.

use super::*;
use openledger_settlement::draws::{draws, DRAWS};

/// The randomness of consensus.
pub trait Randomness {
	/// The epoch of now.
	fn epoch() -> u64;
	/// What the next epoch's randomness will be, as far as it is decided.
	fn next() -> H256;
}

/// How many seeds are kept: longer than anybody has time to answer a draw.
const KEEP: u32 = 256;

/// After how many changes a batch is drawn.
const CHANGES: u32 = 2;

impl<T: Config> Pallet<T> {
	/// Copies the randomness when the epoch has changed.
	pub(crate) fn notice_epoch() -> Weight {
		let epoch = T::Randomness::epoch();
		let weight = T::DbWeight::get().reads(2);
		if epoch == SeedEpoch::<T>::get() {
			return weight;
		}
		let change = SeedChanges::<T>::get().saturating_add(1);
		let seed = Seed { randomness: T::Randomness::next(), at: Self::now() };
		SeedEpoch::<T>::put(epoch);
		SeedChanges::<T>::put(change);
		Seeds::<T>::insert(change, seed);
		Seeds::<T>::remove(change.saturating_sub(KEEP));
		Self::deposit_event(Event::SeedChanged { change, randomness: seed.randomness });
		weight.saturating_add(T::DbWeight::get().reads_writes(3, 4))
	}

	/// The draws of a batch and the last block for their answers; none while the seed is not known.
	pub(crate) fn draws_of(
		model: ModelId,
		batch: BatchNumber,
		record: &Batch<T::AccountId>,
	) -> Option<(Vec<Draw>, BlockNumber)> {
		let change = record.seeds.saturating_add(CHANGES);
		if SeedChanges::<T>::get() < change {
			return None;
		}
		match Seeds::<T>::get(change) {
			Some(Seed { randomness, at }) => {
				let draws = draws(randomness, model, batch, &record.trace);
				Some((draws, at.saturating_add(Self::time_to_answer(record.asked))))
			}
			// Forgotten: the time for answers was over long before.
			None => Some((Vec::new(), 0)),
		}
	}

	/// Whether all draws of a batch were answered: it is drawn as often as it has steps, up to a limit.
	pub(crate) fn all_drawn(record: &Batch<T::AccountId>) -> bool {
		record.drawn.count_ones() >= record.trace.steps().min(DRAWS)
	}

	/// How long an answer may take beside this many demands.
	pub(crate) fn time_to_answer(demands: u32) -> BlockNumber {
		let time = T::AnswerTime::get();
		let more = T::AnswerTimePerDemand::get().saturating_mul(demands);
		time.saturating_add(more.min(time))
	}
}
