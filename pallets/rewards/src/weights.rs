//! What the calls weigh. The runtime uses measured files (`runtime/src/weights/`); the unit type is
//! for tests, where weight does not matter.

use frame_support::weights::Weight;

/// The weight of each call of the rewards, and of its hooks.
pub trait WeightInfo {
	/// Of `open_entry`.
	fn open_entry() -> Weight;
	/// Of `top_up`.
	fn top_up() -> Weight;
	/// Of `set_signer`.
	fn set_signer() -> Weight;
	/// Of `withdraw`.
	fn withdraw() -> Weight;
	/// Of `take_withdrawn`.
	fn take_withdrawn() -> Weight;
	/// Of `claim` with `n` contributions.
	fn claim(n: u32) -> Weight;
	/// Of `claim_curation` with `n` contributions.
	fn claim_curation(n: u32) -> Weight;
	/// Of `claim_account` with `n` accounts.
	fn claim_account(n: u32) -> Weight;
	/// Of the terms, in each block.
	fn note_terms() -> Weight;
	/// Of the stream, in each block that has it.
	fn stream() -> Weight;
}

impl WeightInfo for () {
	fn open_entry() -> Weight {
		Weight::zero()
	}
	fn top_up() -> Weight {
		Weight::zero()
	}
	fn set_signer() -> Weight {
		Weight::zero()
	}
	fn withdraw() -> Weight {
		Weight::zero()
	}
	fn take_withdrawn() -> Weight {
		Weight::zero()
	}
	fn claim(_: u32) -> Weight {
		Weight::zero()
	}
	fn claim_curation(_: u32) -> Weight {
		Weight::zero()
	}
	fn claim_account(_: u32) -> Weight {
		Weight::zero()
	}
	fn note_terms() -> Weight {
		Weight::zero()
	}
	fn stream() -> Weight {
		Weight::zero()
	}
}
