//! # Settlement: the rule that turns receipts into payouts
//!
//! This crate is a specification that runs. It is the only place where credit is computed: the
//! pallets, whoever builds batches, whoever checks them and later the provers all execute this code.
//! `vectors/` holds its results as JSON, for implementations in other languages.
//!
//! ## Terms, in the order in which money meets them
//!
//! 1. An inference costs a fee ([`price`]), which is split between the platform, stakers, the model
//!    and contributors ([`split`]).
//! 2. Its *receipt* ([`receipt`]) has a *core*, what the payer buys, and *credits*, whose the answer
//!    is. The payer signs a *voucher* ([`voucher`]) over everything it has bought so far from the
//!    model: the head of the hash [`chain`] of receipt cores.
//! 3. Receipts settle in *batches*. A batch has a *working state* ([`state`]): what each payer has
//!    bought, what each contribution has earned, totals. It starts from what the chain knows of the
//!    payers, and [`execute`] is the whole rule that carries it on.
//! 4. Receipts are executed in *steps* of [`STEP`]. Each leaves a leaf in the *trace* ([`trace`]): the
//!    hash of its receipts and the root of the state behind it. The chain computes the first and the
//!    last root itself from what was submitted ([`diff`]), so the payouts cannot lie apart from the
//!    trace.
//! 5. An *opening* ([`opening`]) of one step, small enough for one extrinsic, shows whether the
//!    trace follows the rule there.
//!
//! ## Numbers
//!
//! Money counts in nano-OPEN, 10⁻⁹ OPEN, as u64 below [`LIMIT`]. All divisions round down. Every
//! operation is on integers and checked: the result is the same on every machine, or there is none.
//! Encodings are SCALE; hashes are Blake2-256, but for the chain of cores (see [`chain`]).

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod build;
pub mod chain;
pub mod diff;
pub mod draws;
pub mod execute;
pub mod opening;
pub mod parties;
pub mod price;
pub mod receipt;
pub mod retrieval;
#[cfg(any(feature = "std", feature = "runtime-benchmarks"))]
pub mod sample;
pub mod split;
pub mod state;
pub mod trace;
pub mod voucher;

pub use openledger_primitives::units::{Nano, UNITS_PER_NANO};

/// Amounts are below this, so that sums of them do not overflow.
pub const LIMIT: Nano = 1 << 60;

/// How many receipts a step has; the last one of a batch may have fewer.
pub const STEP: u32 = 32;

/// The most credits of a receipt.
pub const MAX_CREDITS: u32 = 16;

/// The weights of a receipt add up to less than this.
pub const WEIGHT_LIMIT: u32 = 1 << 20;

/// The most contributions that a batch pays.
pub const MAX_PAYEES: u32 = 4_096;

/// The most payers of a batch.
pub const MAX_PAYERS: u32 = 1_024;

/// The most receipts of a batch: 32 bits of steps would be more than anybody executes.
pub const MAX_RECEIPTS: u64 = 1 << 30;

/// The sum, if it is a possible amount.
pub(crate) fn plus(a: Nano, b: Nano) -> Option<Nano> {
	a.checked_add(b).filter(|sum| *sum < LIMIT)
}
