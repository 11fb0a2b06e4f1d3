//! What the calls weigh. The runtime uses measured files (`runtime/src/weights/`); the unit type is
//! for tests, where weight does not matter.

use frame_support::weights::Weight;

/// The weight of each call of the bridge, and of what it does at the end of a block.
pub trait WeightInfo {
	/// Of `submit_deposit` with a proof of `b` bytes.
	fn submit_deposit(b: u32) -> Weight;
	/// Of `claim_parked`.
	fn claim_parked() -> Weight;
	/// Of `withdraw`, without its part of the commitment.
	fn withdraw() -> Weight;
	/// Of `halt`.
	fn halt() -> Weight;
	/// Of `resume`.
	fn resume() -> Weight;
	/// Of `set_vault`.
	fn set_vault() -> Weight;
	/// Of `set_limits`.
	fn set_limits() -> Weight;
	/// Of committing to the `n` withdrawals of a block.
	fn commit(n: u32) -> Weight;
}

impl WeightInfo for () {
	fn submit_deposit(_: u32) -> Weight {
		Weight::zero()
	}
	fn claim_parked() -> Weight {
		Weight::zero()
	}
	fn withdraw() -> Weight {
		Weight::zero()
	}
	fn halt() -> Weight {
		Weight::zero()
	}
	fn resume() -> Weight {
		Weight::zero()
	}
	fn set_vault() -> Weight {
		Weight::zero()
	}
	fn set_limits() -> Weight {
		Weight::zero()
	}
	fn commit(_: u32) -> Weight {
		Weight::zero()
	}
}
