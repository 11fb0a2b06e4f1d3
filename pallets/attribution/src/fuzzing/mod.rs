//! What fuzzers call: a function for each target, which takes any bytes and panics when something is
//! not as it must be. `fuzz/` gives them to a fuzzer; the corpus found there is a test of this crate.
//!
//! A panic while a block is executed is worse than a wrong result: the extrinsic cannot be put into
//! any block, so who could bring a batch down would be kept from it.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::panic,
	clippy::unwrap_used
)]

mod answer;
mod call;
mod execute;
mod input;
mod opening;
mod retrieval;
mod scene;
mod submission;

pub use answer::answer;
pub use call::call;
pub use execute::execute;
pub use opening::opening;
pub use retrieval::retrieval;
pub use submission::submission;

/// A target.
pub type Target = fn(&[u8]);

/// All of them, by the names that they have in `fuzz/`.
pub const TARGETS: [(&str, Target); 6] = [
	("answer", answer),
	("call", call),
	("execute", execute),
	("opening", opening),
	("retrieval", retrieval),
	("submission", submission),
];
