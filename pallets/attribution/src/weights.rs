//! What the calls weigh. The runtime uses measured files (`runtime/src/weights/`); the unit type is
//! for tests, in which sizes stand for weights.

use frame_support::weights::Weight;

/// The weight of each call of the attribution pallet.
pub trait WeightInfo {
	/// Of `submit_batch` with so many payers and contributions.
	fn submit_batch(payers: u32, contributions: u32) -> Weight;
	/// Of `demand`.
	fn demand() -> Weight;
	/// Of `open` of a step with `r` receipts of all credits that discloses `k` KiB, if it holds.
	fn open(r: u32, k: u32) -> Weight;
	/// Of `wrong_credit`, with the void that follows.
	fn wrong_credit() -> Weight;
	/// Of letting a batch with so many payers fall.
	fn void(payers: u32) -> Weight;
	/// Of `release_demand`.
	fn release_demand() -> Weight;
	/// Of `finalise` with `n` contributions paid.
	fn finalise(n: u32) -> Weight;
	/// Of `close`.
	fn close() -> Weight;
	/// Of `adopt`.
	fn adopt() -> Weight;
	/// Of `stake`.
	fn stake() -> Weight;
	/// Of `attest`.
	fn attest() -> Weight;
	/// Of `leave`.
	fn leave() -> Weight;
	/// Of `release_attestor`.
	fn release_attestor() -> Weight;
}

impl WeightInfo for () {
	fn submit_batch(payers: u32, contributions: u32) -> Weight {
		Weight::from_parts(payers.into(), contributions.into())
	}
	fn demand() -> Weight {
		Weight::zero()
	}
	fn open(r: u32, k: u32) -> Weight {
		Weight::from_parts(r.into(), k.into())
	}
	fn wrong_credit() -> Weight {
		Weight::zero()
	}
	fn void(payers: u32) -> Weight {
		Weight::from_parts(payers.into(), 0)
	}
	fn release_demand() -> Weight {
		Weight::zero()
	}
	fn finalise(n: u32) -> Weight {
		Weight::from_parts(n.into(), 0)
	}
	fn close() -> Weight {
		Weight::zero()
	}
	fn adopt() -> Weight {
		Weight::zero()
	}
	fn stake() -> Weight {
		Weight::zero()
	}
	fn attest() -> Weight {
		Weight::zero()
	}
	fn leave() -> Weight {
		Weight::zero()
	}
	fn release_attestor() -> Weight {
		Weight::zero()
	}
}
