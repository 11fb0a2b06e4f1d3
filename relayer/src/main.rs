//! `openledger-relayer`: carries proofs between OpenLedger and Ethereum.

mod beacon;
mod beefy;
mod chain;
mod chain_types;
mod checkpoint;
mod cli;
mod contracts;
mod ethereum;
mod gas;
mod inbound;
mod json;
mod keys;
mod metrics;
mod multiproof;
mod node;
mod outbound;
mod plan;
mod proofs;
mod receipts;
mod relay;
mod run;
mod says;
mod sender;
mod sessions;
mod ssz;
mod status;
mod trouble;

use std::{io::Write, process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use clap::Parser;
use serde_json::json;
use tracing_subscriber::EnvFilter;

use beacon::Beacon;
use cli::{Cli, Command, Global};
use ethereum::Ethereum;
use gas::GWEI;
use node::Node;
use relay::{Named, Relay};
use sender::{Sender, Terms};

fn main() -> ExitCode {
	let cli = Cli::parse();
	speak(cli.global.verbose);
	let as_json = matches!(
		cli.command,
		Command::Status { json: true } | Command::Checkpoint { json: true, .. }
	);
	match execute(cli) {
		Ok(answer) => {
			// Who reads only the beginning has closed the rest.
			let _ = writeln!(std::io::stdout(), "{answer}");
			ExitCode::SUCCESS
		}
		Err(error) if as_json => {
			eprintln!("{}", json!({ "error": format!("{error:#}") }));
			ExitCode::FAILURE
		}
		Err(error) => {
			eprintln!("Error: {error:#}");
			ExitCode::FAILURE
		}
	}
}

/// What happens is told on the error output; RUST_LOG may choose.
fn speak(verbose: bool) {
	let level =
		if verbose { "openledger_relayer=debug,warn" } else { "openledger_relayer=info,error" };
	let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
	tracing_subscriber::fmt()
		.with_env_filter(filter)
		.with_target(false)
		.with_writer(std::io::stderr)
		.init();
}

fn execute(cli: Cli) -> Result<String> {
	let runtime =
		tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
	let runtime = runtime.context("The system gives no threads")?;
	runtime.block_on(command(cli))
}

async fn command(Cli { global, command }: Cli) -> Result<String> {
	// Whoever wants one thing done now does not wait for others to do it.
	let stagger = match &command {
		Command::Run(options) => options.stagger,
		_ => Duration::ZERO,
	};
	let relay = connect(&global, stagger)?;
	match command {
		Command::Run(options) => {
			run::run(Arc::new(relay), options, global.poll).await?;
			Ok("Stopped.".into())
		}
		Command::Status { json } => status::status(&relay, json).await,
		Command::Deposit { nonce } => inbound::deliver(&relay, nonce, global.poll).await,
		Command::Unlock { nonce } => outbound::redeem(&relay, nonce, global.poll).await,
		Command::UpdateBeacon => inbound::update(&relay, global.poll).await,
		Command::UpdateBeefy => outbound::update(&relay).await,
		Command::Checkpoint { block, json } => {
			checkpoint::checkpoint(&relay.beacon, block, json).await
		}
	}
}

fn connect(global: &Global, stagger: Duration) -> Result<Relay> {
	let http = ethereum::http()?;
	let payer = keys::ethereum(global.ethereum_key_file.as_ref())?;
	let terms = Terms {
		cap: u128::from(global.max_fee_gwei).saturating_mul(GWEI),
		patience: global.replace_after,
	};
	let named = Named {
		vault: global.vault,
		client: global.client,
		from_block: global.from_block,
		stagger,
	};
	Ok(Relay::new(
		Node::new(&global.node),
		Ethereum::new(http.clone(), global.ethereum.clone(), payer),
		Beacon::new(http, global.beacon.clone()),
		Sender::new(terms),
		keys::substrate(global.substrate_key_file.as_ref())?,
		named,
	))
}
