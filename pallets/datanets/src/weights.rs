//! What the calls weigh. The runtime uses measured files (`runtime/src/weights/`); the unit type is
//! for tests, where weight does not matter.

use frame_support::weights::Weight;

/// The weight of each call of the datanets.
pub trait WeightInfo {
	/// Of `create_datanet`.
	fn create_datanet() -> Weight;
	/// Of `set_metadata`.
	fn set_metadata() -> Weight;
	/// Of `set_policy`.
	fn set_policy() -> Weight;
	/// Of `transfer_datanet`.
	fn transfer_datanet() -> Weight;
	/// Of `close_datanet`.
	fn close_datanet() -> Weight;
	/// Of `invite_reviewer`.
	fn invite_reviewer() -> Weight;
	/// Of `join_reviewers`.
	fn join_reviewers() -> Weight;
	/// Of `remove_reviewer`.
	fn remove_reviewer() -> Weight;
	/// Of `release_reviewer`.
	fn release_reviewer() -> Weight;
	/// Of `commit` with `n` items.
	fn commit(n: u32) -> Weight;
	/// Of `forget` with `n` items.
	fn forget(n: u32) -> Weight;
	/// Of `reveal` with `n` items.
	fn reveal(n: u32) -> Weight;
	/// Of `vote` with `n` items.
	fn vote(n: u32) -> Weight;
	/// Of `accept` with `n` items.
	fn accept(n: u32) -> Weight;
	/// Of `withdraw` with `n` items.
	fn withdraw(n: u32) -> Weight;
	/// Of `set_uri`.
	fn set_uri() -> Weight;
	/// Of `transfer_right` with `n` items.
	fn transfer_right(n: u32) -> Weight;
	/// Of `set_payee`.
	fn set_payee() -> Weight;
	/// Of `release_bonds` with `n` items.
	fn release_bonds(n: u32) -> Weight;
	/// Of `flag`.
	fn flag() -> Weight;
	/// Of `judge`.
	fn judge() -> Weight;
	/// Of `appeal`.
	fn appeal() -> Weight;
	/// Of `rule`.
	fn rule() -> Weight;
	/// Of `advance_flag`.
	fn advance_flag() -> Weight;
	/// Of `create_reference`.
	fn create_reference() -> Weight;
	/// Of `add_references` with `n` items.
	fn add_references(n: u32) -> Weight;
}

impl WeightInfo for () {
	fn create_datanet() -> Weight {
		Weight::zero()
	}
	fn set_metadata() -> Weight {
		Weight::zero()
	}
	fn set_policy() -> Weight {
		Weight::zero()
	}
	fn transfer_datanet() -> Weight {
		Weight::zero()
	}
	fn close_datanet() -> Weight {
		Weight::zero()
	}
	fn invite_reviewer() -> Weight {
		Weight::zero()
	}
	fn join_reviewers() -> Weight {
		Weight::zero()
	}
	fn remove_reviewer() -> Weight {
		Weight::zero()
	}
	fn release_reviewer() -> Weight {
		Weight::zero()
	}
	fn commit(_: u32) -> Weight {
		Weight::zero()
	}
	fn forget(_: u32) -> Weight {
		Weight::zero()
	}
	fn reveal(_: u32) -> Weight {
		Weight::zero()
	}
	fn vote(_: u32) -> Weight {
		Weight::zero()
	}
	fn accept(_: u32) -> Weight {
		Weight::zero()
	}
	fn withdraw(_: u32) -> Weight {
		Weight::zero()
	}
	fn set_uri() -> Weight {
		Weight::zero()
	}
	fn transfer_right(_: u32) -> Weight {
		Weight::zero()
	}
	fn set_payee() -> Weight {
		Weight::zero()
	}
	fn release_bonds(_: u32) -> Weight {
		Weight::zero()
	}
	fn flag() -> Weight {
		Weight::zero()
	}
	fn judge() -> Weight {
		Weight::zero()
	}
	fn appeal() -> Weight {
		Weight::zero()
	}
	fn rule() -> Weight {
		Weight::zero()
	}
	fn advance_flag() -> Weight {
		Weight::zero()
	}
	fn create_reference() -> Weight {
		Weight::zero()
	}
	fn add_references(_: u32) -> Weight {
		Weight::zero()
	}
}
