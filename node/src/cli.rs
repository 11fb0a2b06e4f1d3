//! The command line: what can be asked of the binary, and how it explains itself.

use std::ffi::OsString;

use clap::{
	error::{ContextKind, ContextValue, ErrorKind},
	Parser,
};
use sc_cli::SubstrateCli;

const EXAMPLES: &str = "\
Examples:
  A development chain of one validator, forgotten at the end:
    openledger --dev

  A development chain that keeps its state:
    openledger --chain dev --validator --alice --force-authoring --base-path ./data \\
      --unsafe-force-node-key-generation

  A full node that joins a network quickly, and keeps the state of the last 1000 blocks:
    openledger --chain network.json --sync warp --state-pruning 1000

  A validator: make its network key once, then start it and rotate its session keys over RPC:
    openledger key generate-node-key --chain network.json --base-path /var/lib/openledger
    openledger --chain network.json --base-path /var/lib/openledger --validator --name my-validator

Chains built into the binary: dev, local (four validators: Alice, Bob, Charlie, Dave) and staging.
Everything else is a JSON file, given as --chain FILE.
The database is ParityDB. RPC listens on 9944, Prometheus on 9615, peers connect to 30333.";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(after_long_help = EXAMPLES)]
pub struct Cli {
	/// What to do instead of running a node.
	#[command(subcommand)]
	pub subcommand: Option<Subcommand>,

	/// How to run a node.
	#[command(flatten)]
	pub run: RunArgs,
}

/// Options of a running node.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
	/// What every Substrate node takes.
	#[command(flatten)]
	pub base: sc_cli::RunCmd,

	/// Do not measure the processor, the memory and the disk at start.
	///
	/// The measurement takes a few seconds and is only printed: compare it with the hardware that
	/// the validators' guide asks for.
	#[arg(long)]
	pub no_hardware_benchmarks: bool,

	/// When to stop before the disk is full.
	#[command(flatten)]
	pub storage_monitor: sc_storage_monitor::StorageMonitorParams,
}

/// What the binary does besides running a node.
#[derive(Debug, clap::Subcommand)]
// Parsed once in the life of a process: a smaller enum would buy nothing.
#[allow(clippy::large_enum_variant)]
pub enum Subcommand {
	/// Make, inspect and store keys: accounts, session keys, the node's network key
	#[command(subcommand)]
	Key(sc_cli::KeySubcommand),

	/// Sign a message with a secret key
	Sign(sc_cli::SignCmd),

	/// Check the signature of a message
	Verify(sc_cli::VerifyCmd),

	/// Search for an account whose address contains a given pattern
	Vanity(sc_cli::VanityCmd),

	/// Print a chain specification, with this machine as its boot node
	///
	/// `export-chain-spec` is the newer command: it adds no boot node.
	BuildSpec(sc_cli::BuildSpecCmd),

	/// Write a chain specification as JSON, readable or raw
	///
	/// Publish the raw form: it fixes the first block for every build of the node.
	ExportChainSpec(sc_cli::ExportChainSpecCmd),

	/// Execute a block of the database again and check that it is valid
	CheckBlock(sc_cli::CheckBlockCmd),

	/// Write blocks of the database to a file
	ExportBlocks(sc_cli::ExportBlocksCmd),

	/// Write the state at a block as a raw chain specification
	ExportState(sc_cli::ExportStateCmd),

	/// Read blocks from a file, check them and add them to the database
	ImportBlocks(sc_cli::ImportBlocksCmd),

	/// Take blocks that are not final off the end of the chain
	Revert(sc_cli::RevertCmd),

	/// Delete the database of a chain; keys stay
	PurgeChain(sc_cli::PurgeChainCmd),

	/// Print the best, the final and the first block of the database as JSON
	ChainInfo(sc_cli::ChainInfoCmd),

	/// Measure weights: pallets, block and extrinsic overhead, storage, this machine
	#[cfg(feature = "runtime-benchmarks")]
	#[command(subcommand)]
	Benchmark(frame_benchmarking_cli::BenchmarkCmd),
}

impl Cli {
	/// Parses the arguments; like every clap program it prints usage errors and help itself.
	pub fn parse_arguments(arguments: impl Iterator<Item = OsString>) -> sc_cli::Result<Self> {
		<Self as SubstrateCli>::try_from_iter(arguments).map_err(|error| {
			if asks_for_rocksdb(&error) {
				return "This node stores its data in ParityDB only, RocksDB is not built in: \
					leave `--database` out, or use `--database paritydb`."
					.into();
			}
			error.exit()
		})
	}
}

/// Whether the only fault is `--database rocksdb`, which other Substrate nodes accept.
fn asks_for_rocksdb(error: &clap::Error) -> bool {
	let is = |kind, test: fn(&str) -> bool| match error.get(kind) {
		Some(ContextValue::String(value)) => test(value),
		_ => false,
	};
	error.kind() == ErrorKind::InvalidValue
		&& is(ContextKind::InvalidArg, |argument| argument.starts_with("--database"))
		&& is(ContextKind::InvalidValue, |value| value.eq_ignore_ascii_case("rocksdb"))
}

impl SubstrateCli for Cli {
	fn impl_name() -> String {
		"OpenLedger Node".into()
	}

	fn impl_version() -> String {
		env!("OPENLEDGER_VERSION").into()
	}

	// Fixed, because it names the default data folder: a renamed binary must find its data again.
	fn executable_name() -> String {
		"openledger".into()
	}

	fn description() -> String {
		"Runs a node of the OpenLedger chain: it follows the chain, serves wallets and dApps over \
		 JSON-RPC and, with --validator, takes part in consensus. Without a subcommand a node is \
		 started."
			.into()
	}

	fn author() -> String {
		env!("CARGO_PKG_AUTHORS").into()
	}

	fn support_url() -> String {
		"https://github.com/openledger-chain/openledger/issues".into()
	}

	fn copyright_start_year() -> i32 {
		2026
	}

	fn load_spec(&self, id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
		crate::chain_spec::load(id)
	}
}
