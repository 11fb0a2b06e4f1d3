//! The command line: what can be asked, and how it explains itself.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use alloy::primitives::{Address, B256};
use clap::{Args, Parser, Subcommand};
use reqwest::Url;

const EXAMPLES: &str = "\
Examples:
  See where both sides are and what is missing; this needs no key:
    openledger-relayer status --node ws://127.0.0.1:9944 --ethereum http://127.0.0.1:8545

  Relay for everybody, and unlock withdrawals, too:
    openledger-relayer run --unlock --substrate-key-file chain.key --ethereum-key-file l1.key \\
      --metrics 127.0.0.1:9620

  Relay for yourself, because nobody else does:
    openledger-relayer deposit --nonce 17 --substrate-key-file chain.key
    openledger-relayer unlock --nonce 4 --ethereum-key-file l1.key

  Make what the chain's beacon client starts from, for a chain spec or a referendum:
    openledger-relayer checkpoint --beacon http://127.0.0.1:9596

Nobody has to trust a relayer, and it has no right that others lack: it brings each side proofs of
the other one. It keeps nothing; stop it, start it anew, or run several at once.

On the chain, what succeeds is free, but for a beacon header that a deposit cannot wait for; the
account must hold the fee until then, so give it an OPEN or two. On Ethereum it pays gas: a handover
in every session of the chain, a root when a withdrawal waits, and with --unlock each unlocking.

Exit codes: 0 done, 1 refused or failed, 2 the command line is wrong.";

const CHECKPOINT: &str = "\
Examples:
  The last final block, for a chain spec (ethereumBridge.checkpoint):
    openledger-relayer checkpoint --beacon http://127.0.0.1:9596

  The same block as somebody else, to compare:
    openledger-relayer checkpoint --json \\
      --block 0x7d42595818709e805dd2fa710a2d2c1f62576ef1ab7273941ac9130fb94b91f7

For a referendum, put 0x4600 in place of the 0x: that makes it ethereumBeaconClient.forceCheckpoint,
and polkadot.js Apps reads it under Developer > Extrinsics > Decode.

The root of the block is what the chain will believe. All the rest follows from it and is proven
here before it is printed, so one block gives the same checkpoint whichever node is asked.
Compare the root with beacon nodes and block explorers of other people before anybody votes on
it.

The block must be final, and the node must have a light-client bootstrap of it: nodes keep those
of blocks at the border of two epochs, such as the last final one. Proofs of its state take
Lodestar 1.30 or later with --serveHistoricalState. Choose it young: relayers go on from there.

It takes no other option: no node of the chain, none of Ethereum's, and no key.";

/// Carries proofs between OpenLedger and Ethereum: what is locked there is minted here, what is
/// burned here is unlocked there.
#[derive(Debug, Parser)]
#[command(name = "openledger-relayer", version, after_long_help = EXAMPLES)]
pub struct Cli {
	/// What every command takes.
	#[command(flatten)]
	pub global: Global,

	/// What to do.
	#[command(subcommand)]
	pub command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub struct Global {
	/// The node of the chain, ws:// or wss://
	#[arg(
		long,
		global = true,
		value_name = "URL",
		env = "OPENLEDGER_RELAYER_NODE",
		default_value = "ws://127.0.0.1:9944"
	)]
	pub node: String,

	/// The Ethereum node's JSON-RPC
	#[arg(
		long,
		global = true,
		value_name = "URL",
		env = "OPENLEDGER_RELAYER_ETHEREUM",
		default_value = "http://127.0.0.1:8545",
		hide_env_values = true
	)]
	pub ethereum: Url,

	/// The beacon node's API: Lodestar 1.30 or later with --serveHistoricalState, for deposits, beacon updates and
	/// checkpoints
	#[arg(
		long,
		global = true,
		value_name = "URL",
		env = "OPENLEDGER_RELAYER_BEACON",
		default_value = "http://127.0.0.1:9596",
		hide_env_values = true
	)]
	pub beacon: Url,

	/// The vault on Ethereum; the chain knows it once governance has named it, and this must be the same then
	#[arg(long, global = true, value_name = "ADDRESS", env = "OPENLEDGER_RELAYER_VAULT")]
	pub vault: Option<Address>,

	/// The client of the chain on Ethereum; the vault knows it, and this must be the same
	#[arg(long, global = true, value_name = "ADDRESS", env = "OPENLEDGER_RELAYER_CLIENT")]
	pub client: Option<Address>,

	/// A file with the secret of an account of the chain: a phrase, or a secret URI; or the secret itself in the
	/// variable OPENLEDGER_RELAYER_SUBSTRATE_KEY
	#[arg(long, global = true, value_name = "FILE", env = "OPENLEDGER_RELAYER_SUBSTRATE_KEY_FILE")]
	pub substrate_key_file: Option<PathBuf>,

	/// A file with the secret of an account on Ethereum: 64 hex digits; or the secret itself in the variable
	/// OPENLEDGER_RELAYER_ETHEREUM_KEY
	#[arg(long, global = true, value_name = "FILE", env = "OPENLEDGER_RELAYER_ETHEREUM_KEY_FILE")]
	pub ethereum_key_file: Option<PathBuf>,

	/// The most that is bid for a unit of gas; while it costs more, what goes to Ethereum waits
	#[arg(long, global = true, value_name = "GWEI", default_value_t = 200)]
	pub max_fee_gwei: u64,

	/// After how many seconds a transaction on Ethereum that is in no block is replaced by one that bids an eighth more
	#[arg(long, global = true, value_name = "SECONDS", default_value = "60", value_parser = some_seconds)]
	pub replace_after: Duration,

	/// How long to wait before looking again
	#[arg(long, global = true, value_name = "SECONDS", default_value = "6", value_parser = some_seconds)]
	pub poll: Duration,

	/// The first block on Ethereum that is searched for deposits; by default, the last 250,000 are
	#[arg(long, global = true, value_name = "BLOCK")]
	pub from_block: Option<u64>,

	/// Say more
	#[arg(long, short, global = true)]
	pub verbose: bool,
}

/// What can be done.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
	/// Relay until stopped, in both directions
	Run(Run),

	/// Show where both sides are, what waits, and what would be done next
	Status {
		/// Print one JSON object and nothing else
		#[arg(long)]
		json: bool,
	},

	/// Bring one deposit to the chain, with the beacon updates that it needs, and wait until it is there
	Deposit {
		/// The nonce in the vault's event Locked
		#[arg(long, value_name = "N")]
		nonce: u64,
	},

	/// Have one withdrawal unlocked, with the roots that it needs, and wait until it is
	Unlock {
		/// The nonce in the chain's event WithdrawalQueued
		#[arg(long, value_name = "N")]
		nonce: u64,
	},

	/// Bring the chain's beacon client up to what Ethereum has finalised
	UpdateBeacon,

	/// Bring the client on Ethereum up to what BEEFY has made final
	UpdateBeefy,

	/// Print what the chain's beacon client starts from: a final block of Ethereum, with its sync committee
	#[command(after_long_help = CHECKPOINT)]
	Checkpoint {
		/// The root of a final block; by default, the last one's
		#[arg(long, value_name = "ROOT")]
		block: Option<B256>,

		/// Print one JSON object: the checkpoint, and by what it can be compared
		#[arg(long)]
		json: bool,
	},
}

/// How to relay.
#[derive(Clone, Debug, Args)]
pub struct Run {
	/// Unlock withdrawals of others, too, and pay the gas
	#[arg(long)]
	pub unlock: bool,

	/// Show Ethereum handovers alone: withdrawals wait for the next one, at most a session
	#[arg(long, conflicts_with = "unlock")]
	pub handovers_only: bool,

	/// Show Ethereum a root after this many blocks of the chain, even if nobody waits for one
	#[arg(long, value_name = "BLOCKS")]
	pub beefy_every: Option<u32>,

	/// Wait up to this long before doing something, each account another time, so that several relayers seldom pay
	/// for the same work
	#[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
	pub stagger: Duration,

	/// Serve numbers for Prometheus at http://ADDRESS/metrics
	#[arg(long, value_name = "ADDRESS")]
	pub metrics: Option<SocketAddr>,
}

fn seconds(given: &str) -> Result<Duration, String> {
	let whole = given.parse().map_err(|_| "This is no number of seconds.".to_string())?;
	Ok(Duration::from_secs(whole))
}

fn some_seconds(given: &str) -> Result<Duration, String> {
	match seconds(given)? {
		Duration::ZERO => Err("It takes at least a second.".into()),
		some => Ok(some),
	}
}

#[cfg(test)]
mod tests {
	use clap::CommandFactory;

	use super::*;

	#[test]
	fn the_command_line_is_sound_and_its_examples_can_be_parsed() {
		Cli::command().debug_assert();
		let joined = [EXAMPLES, CHECKPOINT].concat().replace("\\\n", "");
		let mut seen = 0;
		for line in
			joined.lines().map(str::trim).filter(|line| line.starts_with("openledger-relayer "))
		{
			Cli::try_parse_from(line.split_whitespace()).unwrap();
			seen += 1;
		}
		assert_eq!(seen, 7);
	}

	#[test]
	fn options_may_stand_behind_the_command() {
		let line = "openledger-relayer deposit --nonce 3 --node ws://other:1 --poll 5";
		let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
		assert_eq!(
			(cli.global.node.as_str(), cli.global.poll),
			("ws://other:1", Duration::from_secs(5))
		);
		assert!(matches!(cli.command, Command::Deposit { nonce: 3 }));
	}

	#[test]
	fn without_any_pause_nothing_would_be_waited_for() {
		for option in ["--poll", "--replace-after"] {
			for (value, good) in [("0", false), ("x", false), ("1", true)] {
				let line = ["openledger-relayer", "status", option, value];
				assert_eq!(Cli::try_parse_from(line).is_ok(), good, "{option} {value}");
			}
		}
	}

	#[test]
	fn handovers_alone_do_not_unlock() {
		let line = "openledger-relayer run --unlock --handovers-only";
		assert!(Cli::try_parse_from(line.split_whitespace()).is_err());
	}
}
