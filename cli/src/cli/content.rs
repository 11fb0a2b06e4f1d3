//! `content`: files and their chunks, without a node.

use std::path::PathBuf;

use clap::Subcommand;
use openledger_primitives::records::ContributionRef;

use crate::args;

/// What can be done with contents.
#[derive(Debug, Subcommand)]
pub enum Content {
	/// Name files: the content id, the size and the number of chunks of each
	#[command(after_help = "Example: openledger-cli content id poems/*.txt")]
	Id {
		/// The files
		#[arg(required = true, value_name = "FILE")]
		files: Vec<PathBuf>,
	},

	/// Prove that a chunk of 1 KiB is in a file, to whoever knows the content id
	#[command(after_help = "Example: openledger-cli content prove poem.txt 0 --out proof.json")]
	Prove {
		/// The file
		file: PathBuf,

		/// The chunk, counted from 0
		chunk: u32,

		/// Where to write the proof; to the output if it is not given
		#[arg(long, value_name = "FILE")]
		out: Option<PathBuf>,
	},

	/// Verify a proof; with --contribution also that the chain has registered that content there
	#[command(after_help = "\
Examples:
  openledger-cli content verify proof.json
  openledger-cli content verify proof.json --contribution 0/17")]
	Verify {
		/// A proof that `content prove` has written
		proof: PathBuf,

		/// The accepted contribution whose content the chunk must be in
		#[arg(long, value_name = "DATANET/INDEX", value_parser = args::contribution)]
		contribution: Option<ContributionRef>,
	},
}
