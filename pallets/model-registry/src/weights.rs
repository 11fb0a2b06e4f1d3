//! What the calls weigh. The runtime uses measured files (`runtime/src/weights/`); the unit type is
//! for tests, where weight does not matter.

use frame_support::weights::Weight;

/// The weight of each call of the model registry.
pub trait WeightInfo {
	/// Of `register` with `n` parents.
	fn register(n: u32) -> Weight;
	/// Of `set_terms`.
	fn set_terms() -> Weight;
	/// Of `set_metadata`.
	fn set_metadata() -> Weight;
	/// Of `add_version` with `n` snapshots.
	fn add_version(n: u32) -> Weight;
	/// Of `activate_version`.
	fn activate_version() -> Weight;
	/// Of `set_price`.
	fn set_price() -> Weight;
	/// Of `appoint_operator`.
	fn appoint_operator() -> Weight;
	/// Of `accept_operation`.
	fn accept_operation() -> Weight;
	/// Of `raise_bond`.
	fn raise_bond() -> Weight;
	/// Of `end_operation`.
	fn end_operation() -> Weight;
	/// Of `release_operator`.
	fn release_operator() -> Weight;
	/// Of `transfer_model`.
	fn transfer_model() -> Weight;
	/// Of `deprecate`.
	fn deprecate() -> Weight;
}

impl WeightInfo for () {
	fn register(_: u32) -> Weight {
		Weight::zero()
	}
	fn set_terms() -> Weight {
		Weight::zero()
	}
	fn set_metadata() -> Weight {
		Weight::zero()
	}
	fn add_version(_: u32) -> Weight {
		Weight::zero()
	}
	fn activate_version() -> Weight {
		Weight::zero()
	}
	fn set_price() -> Weight {
		Weight::zero()
	}
	fn appoint_operator() -> Weight {
		Weight::zero()
	}
	fn accept_operation() -> Weight {
		Weight::zero()
	}
	fn raise_bond() -> Weight {
		Weight::zero()
	}
	fn end_operation() -> Weight {
		Weight::zero()
	}
	fn release_operator() -> Weight {
		Weight::zero()
	}
	fn transfer_model() -> Weight {
		Weight::zero()
	}
	fn deprecate() -> Weight {
		Weight::zero()
	}
}
