//! What the pallet does, one file per behaviour.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

mod fraud;
mod lifecycle;
