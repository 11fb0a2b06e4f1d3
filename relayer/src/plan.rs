//! What to do next, from what both sides are: no clock, no network, no memory. So a relayer may stop at any point,
//! start anew or run beside others, and every decision can be tested.

pub mod beacon;
pub mod beefy;
pub mod deposits;
pub mod withdrawals;
