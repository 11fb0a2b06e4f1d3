//! Changes to stored data that an upgrade brings along.
//!
//! A migration is named after the version that ships it, is guarded by a storage version, and is
//! removed once every network has run it. What does not fit into one block goes to
//! [`MultiBlock`].

#[cfg(feature = "upgrade-rehearsal")]
pub mod rehearsal;

/// Migrations that run within the block of the upgrade.
#[cfg(not(feature = "upgrade-rehearsal"))]
pub type SingleBlock = ();

/// Migrations that run in steps over many blocks, while no other extrinsics are accepted.
#[cfg(not(any(feature = "runtime-benchmarks", feature = "upgrade-rehearsal")))]
pub type MultiBlock = ();

#[cfg(feature = "upgrade-rehearsal")]
pub use rehearsal::{MultiBlock, SingleBlock};
