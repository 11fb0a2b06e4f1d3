//! The command line: what can be asked, and how it explains itself.

pub mod content;
pub mod contribution;
pub mod datanet;
pub mod lane;
pub mod model;

use std::{env, path::PathBuf};

use clap::{Args, Parser, Subcommand};
use openledger_primitives::{
	records::{ModelId, VersionNumber},
	AccountId,
};

use crate::args;

const EXAMPLES: &str = "\
Examples:
  Name a file as the chain would, without a node:
    openledger-cli content id poem.txt

  Create an open datanet and contribute a folder to it (after a break: the same command again):
    openledger-cli --key secret.txt datanet create --name Poems --licence cc-by --bond 0.1
    openledger-cli --key secret.txt contribute 0 ./poems --kind data --licence cc-by --accept

  Read the record: no key is needed, and --json gives every answer to a program:
    openledger-cli datanet show 0
    openledger-cli provenance 3
    openledger-cli --json contribution show 0/17

  Buy inferences, sell them, be paid for what went into them:
    openledger-cli --key payer.txt payer sign 3 may.sales --out may.vouchers
    openledger-cli --key operator.txt batch submit 3 may.sales may.vouchers
    openledger-cli --key me.txt claim contributions 0 0..99

Amounts are OPEN (12.5), shares are percentages (20%), contributions are DATANET/INDEX (0/17) and
waiting ones BLOCK-POSITION (123-7). Accounts are SS58 addresses or 0x and 64 hex digits.
Exit codes: 0 done, 1 refused or failed, 2 the command line is wrong.";

/// The record of who contributed what, from a terminal: contents, datanets, contributions, reviews,
/// models and where they come from; and the inferences they sell: payers, batches, claims.
#[derive(Debug, Parser)]
#[command(name = "openledger-cli", version, after_long_help = EXAMPLES)]
pub struct Cli {
	/// What every command takes.
	#[command(flatten)]
	pub global: Global,

	/// What to do.
	#[command(subcommand)]
	pub command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub struct Global {
	/// The node to talk to, ws:// or wss:// [env: OPENLEDGER_URL] [default: ws://127.0.0.1:9944]
	#[arg(long, global = true, value_name = "URL")]
	pub url: Option<String>,

	/// Print one JSON object (or array) and nothing else
	#[arg(long, global = true)]
	pub json: bool,

	/// Do what costs something without asking
	#[arg(long, short, global = true)]
	pub yes: bool,

	/// Return when a transaction is in a block, without waiting until that block is final
	#[arg(long, global = true)]
	pub in_block: bool,

	/// A file with the secret of the account that acts: a phrase, or a secret URI [env: OPENLEDGER_KEY]
	#[arg(long, global = true, value_name = "FILE")]
	pub key: Option<PathBuf>,

	/// The secret itself instead, for development (such as //Alice): others on the machine can see it
	#[arg(long, global = true, value_name = "URI")]
	pub suri: Option<String>,
}

impl Global {
	/// The node to talk to.
	pub fn url(&self) -> String {
		let named = self.url.clone().or_else(|| env::var("OPENLEDGER_URL").ok());
		named.unwrap_or_else(|| "ws://127.0.0.1:9944".into())
	}
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
	/// Name files by their chunks, prove a chunk, verify a proof
	#[command(subcommand)]
	Content(content::Content),

	/// Create, read and change datanets
	#[command(subcommand)]
	Datanet(datanet::Datanet),

	/// Who reviews a datanet: invite, join, leave, get the bond back
	#[command(subcommand)]
	Reviewer(datanet::Reviewer),

	/// Contribute a folder: commit to every file, then reveal it; resumes after a break
	Contribute(contribution::Contribute),

	/// Accept contributions that are mature and, where the datanet has reviewers, approved
	#[command(after_help = "\
Examples:
  openledger-cli --key me.txt accept 0 123-7 123-8
  openledger-cli --key me.txt accept 0 --all")]
	Accept(contribution::Waiting),

	/// Vote on what waits in a datanet, as a reviewer
	#[command(subcommand)]
	Review(contribution::Review),

	/// Read contributions, and what their contributors do with them
	#[command(subcommand)]
	Contribution(contribution::Contribution),

	/// Flag a contribution, judge a flag, appeal
	#[command(subcommand)]
	Flag(contribution::Flag),

	/// What is publicly known of a contributor
	Record {
		/// The contributor
		#[arg(value_parser = args::account)]
		account: AccountId,
	},

	/// The life of a model: register, add versions, price, operator, deprecate
	#[command(subcommand)]
	Model(model::Model),

	/// Show what a model was made from, as a tree down to the contributors
	#[command(after_long_help = PROVENANCE)]
	Provenance {
		/// The model
		model: ModelId,

		/// Its version; the active one if none is named
		#[arg(long, value_name = "N")]
		version: Option<VersionNumber>,

		/// How many contributors to name for each datanet; --json names all of them
		#[arg(long, value_name = "N", default_value_t = 10)]
		contributors: usize,
	},

	/// What a payer has with a model: open, top up, sign for what was bought, withdraw
	#[command(subcommand)]
	Payer(lane::Payer),

	/// Batches of inferences sold: build, submit, answer, finalise; check and challenge those of others
	#[command(subcommand)]
	Batch(lane::Batch),

	/// Stake, and sign for batches
	#[command(subcommand)]
	Attestor(lane::Attestor),

	/// Have paid out what contributions and models have earned
	#[command(subcommand)]
	Claim(lane::Claim),
}

const PROVENANCE: &str = "\
Examples:
  openledger-cli provenance 3
  openledger-cli provenance 3 --version 0 --contributors 0
  openledger-cli --json provenance 3

A fine-tune and an adapter repeat what their parent was trained on. Contributions count for who made
them, whoever has the right to earn now.";
