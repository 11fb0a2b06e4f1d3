//! Weights of `snowbridge_pallet_ethereum_client`.
//!
//! Not measured yet: rounded up from what Snowbridge measured in 2022. `scripts/weights.sh pallets snowbridge_pallet_ethereum_client` replaces this file.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weight functions for `snowbridge_pallet_ethereum_client`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> snowbridge_pallet_ethereum_client::WeightInfo for WeightInfo<T> {
	fn force_checkpoint() -> Weight {
		Weight::from_parts(150_000_000_000, 0)
			.saturating_add(T::DbWeight::get().reads_writes(3, 10))
	}
	fn submit() -> Weight {
		Weight::from_parts(50_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(9, 5))
	}
	fn submit_with_sync_committee() -> Weight {
		Weight::from_parts(200_000_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(8, 7))
	}
}
