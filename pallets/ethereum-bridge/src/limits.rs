//! A bucket that leaks evenly: what was used becomes free again within a period.

use openledger_primitives::{stored, Balance, BlockNumber};
use sp_core::U256;

stored! {
	/// How full a bucket was, and when.
	#[derive(Copy, Default)]
	pub struct Bucket {
		/// What was used and was not free again.
		pub used: Balance,
		/// The block in which that was so.
		pub at: BlockNumber,
	}
}

impl Bucket {
	/// What is still used in this block: a whole capacity becomes free in a period.
	pub fn used_at(&self, capacity: Balance, period: BlockNumber, now: BlockNumber) -> Balance {
		let passed = now.saturating_sub(self.at);
		if passed >= period {
			return 0;
		}
		let freed = U256::from(capacity)
			.saturating_mul(passed.into())
			.checked_div(period.into())
			.unwrap_or_default();
		// No more than the capacity, because less than a period has passed.
		self.used.saturating_sub(freed.low_u128())
	}

	/// What can be used in this block.
	pub fn free_at(&self, capacity: Balance, period: BlockNumber, now: BlockNumber) -> Balance {
		capacity.saturating_sub(self.used_at(capacity, period, now))
	}

	/// The bucket after using this much; none if there is not as much free.
	pub fn using(
		&self,
		amount: Balance,
		capacity: Balance,
		period: BlockNumber,
		now: BlockNumber,
	) -> Option<Self> {
		let used = self.used_at(capacity, period, now).checked_add(amount)?;
		(used <= capacity).then_some(Self { used, at: now })
	}
}
