//! `beacon-kit`: serves a synthetic beacon chain on top of an execution node, for tests.

mod answers;
mod execution;
mod http;
mod kit;

use std::{net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use alloy_primitives::hex;
use anyhow::{Context, Result};
use beacon_kit::{BeaconChain, Config};
use clap::{Args, Parser, Subcommand};
use codec::Encode;

use execution::Execution;
use kit::{Kit, Settings, Shared};

/// A synthetic Ethereum beacon chain. Its keys are public: never trust it with anything of value.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
	#[command(subcommand)]
	command: Command,
}

#[derive(Subcommand)]
enum Command {
	/// Prints the checkpoint of the chain, SCALE-encoded, for `ethereumBridge.checkpoint` of a genesis.
	Checkpoint(Start),
	/// Follows an execution node and serves the Beacon API of the chain.
	Serve(Serve),
}

/// Where the chain starts. Checkpoint and server must be given the same.
#[derive(Args)]
struct Start {
	/// Time of slot 0, in seconds since 1970.
	#[arg(long, default_value_t = Config::default().genesis_time)]
	genesis_time: u64,
	/// Slot of the first block.
	#[arg(long, default_value_t = 64)]
	start_slot: u64,
}

#[derive(Args)]
struct Serve {
	#[command(flatten)]
	start: Start,
	/// The execution node's JSON-RPC.
	#[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8545")]
	execution: Execution,
	/// Where to serve.
	#[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5052")]
	listen: SocketAddr,
	/// Length of a slot: blocks get the slot of their time.
	#[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
	seconds_per_slot: u64,
	/// Slots from one execution block to the next: anvil is told so. 0 leaves its clock alone.
	#[arg(long, value_name = "SLOTS", default_value_t = 1)]
	slots_per_block: u64,
	/// Blocks on top of a block that make it final.
	#[arg(long, value_name = "BLOCKS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..))]
	finality_lag: u64,
	/// Leave gaps of periods open, so that light clients cannot follow over them.
	#[arg(long)]
	no_fill: bool,
	/// How often to ask the execution node for news.
	#[arg(long, value_name = "MILLISECONDS", default_value_t = 200)]
	poll_ms: u64,
}

impl Start {
	fn chain(&self) -> BeaconChain {
		let config = Config { genesis_time: self.genesis_time, ..Config::default() };
		BeaconChain::with_config(self.start_slot, config)
	}
}

fn main() -> ExitCode {
	let result = match Cli::parse().command {
		Command::Checkpoint(start) => {
			println!("{}", hex::encode_prefixed(start.chain().checkpoint().encode()));
			Ok(())
		}
		Command::Serve(options) => serve(options),
	};
	match result {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("Error: {error:#}");
			ExitCode::FAILURE
		}
	}
}

fn serve(options: Serve) -> Result<()> {
	let settings = Settings {
		seconds_per_slot: options.seconds_per_slot,
		slots_per_block: options.slots_per_block,
		finality_lag: options.finality_lag,
		fill: !options.no_fill,
	};
	let kit = Kit::new(options.start.chain(), settings);
	let shared = Arc::new(Shared::new(kit, options.execution));
	let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
	runtime.context("The system gives no threads")?.block_on(async {
		let listener = tokio::net::TcpListener::bind(options.listen).await;
		let listener = listener.with_context(|| format!("Cannot listen on {}", options.listen))?;
		println!("Serving the beacon chain on http://{}", listener.local_addr()?);
		tokio::spawn(kit::follow(shared.clone(), Duration::from_millis(options.poll_ms)));
		http::serve(listener, shared).await
	})
}
