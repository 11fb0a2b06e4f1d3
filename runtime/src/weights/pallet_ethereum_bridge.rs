//! Weights of `pallet_ethereum_bridge`.
//!
//! Not measured yet: computing time is estimated several times too high, accesses are counted. `scripts/weights.sh pallets pallet_ethereum_bridge` replaces this file.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weight functions for `pallet_ethereum_bridge`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_ethereum_bridge::WeightInfo for WeightInfo<T> {
	fn submit_deposit(b: u32) -> Weight {
		Weight::from_parts(1_000_000_000, 0)
			.saturating_add(Weight::from_parts(40_000, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads_writes(13, 7))
	}
	fn claim_parked() -> Weight {
		Weight::from_parts(200_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(7, 5))
	}
	fn withdraw() -> Weight {
		Weight::from_parts(200_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(10, 7))
	}
	fn halt() -> Weight {
		Weight::from_parts(50_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(3, 1))
	}
	fn resume() -> Weight {
		Weight::from_parts(50_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(3, 1))
	}
	fn set_vault() -> Weight {
		Weight::from_parts(50_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(3, 1))
	}
	fn set_limits() -> Weight {
		Weight::from_parts(50_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(3, 1))
	}
	fn commit(n: u32) -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(Weight::from_parts(20_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads_writes(3, 3))
	}
}
