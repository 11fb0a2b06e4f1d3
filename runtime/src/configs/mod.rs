//! How each pallet is wired, one file per subject. Governance has a folder of its own.

pub mod bridge;
#[cfg(feature = "runtime-benchmarks")]
pub mod bridge_benchmarks;
pub mod consensus;
#[cfg(feature = "runtime-benchmarks")]
pub mod lane_benchmarks;
pub mod lanes;
pub mod monetary;
pub mod parameters;
pub mod record;
pub mod refused_calls;
pub mod staking;
pub mod system;
pub mod utilities;
