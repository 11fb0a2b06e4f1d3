//! The OpenLedger node: it follows the chain, serves wallets and dApps, and validates.

mod chain_spec;
mod cli;
mod command;
mod consensus;
mod database;
mod equivocation;
mod errors;
mod lanes_rpc;
mod network;
mod ports;
mod questions;
mod record_rpc;
mod rpc;
mod service;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;

use std::process::ExitCode;

fn main() -> ExitCode {
	match command::run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("Error: {}", errors::explain(&error));
			ExitCode::FAILURE
		}
	}
}
