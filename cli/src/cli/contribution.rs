//! `contribute`, `accept`, `review`, `contribution` and `flag`.

use std::path::PathBuf;

use clap::{ArgAction, Args, Subcommand};
use openledger_primitives::{
	records::{ContributionKind, ContributionRef, DatanetId, Licence, Precedence},
	AccountId,
};
use pallet_datanets::{Ground, Reason};
use sp_core::H256;

use crate::args::{self, Named, Range};

/// Contributes a folder.
#[derive(Debug, Args)]
#[command(after_long_help = CONTRIBUTE)]
pub struct Contribute {
	/// The datanet
	pub datanet: DatanetId,

	/// The folder: all regular files in it and below, except hidden and empty ones
	pub folder: PathBuf,

	/// What the files are
	#[arg(long, value_parser = args::one_of(args::KINDS))]
	pub kind: ContributionKind,

	/// The licence they are given under: it must allow what the datanet's does
	#[arg(long, value_parser = args::licence)]
	pub licence: Licence,

	/// Where the files lie: each gets this and its path in the folder as its URI; without it they must
	/// lie where the datanet says, under their content id
	#[arg(long, value_name = "URI")]
	pub uri_prefix: Option<String>,

	/// The contribution that all of these label, correct or speak about
	#[arg(long, value_name = "DATANET/INDEX", value_parser = args::contribution)]
	pub subject: Option<ContributionRef>,

	/// How many files go into one transaction; as many as fit if it is not given
	#[arg(long, value_name = "N")]
	pub batch: Option<u32>,

	/// The journal, which holds the salts until everything is revealed [default: beside the folder, as
	/// .NAME.openledger-DATANET.json]
	#[arg(long, value_name = "FILE")]
	pub state: Option<PathBuf>,

	/// Wait until the contributions are mature (an hour) and accept them; for datanets without reviewers
	#[arg(long)]
	pub accept: bool,

	/// Return when the reveals are in a block, without waiting until that block is final
	#[arg(long, conflicts_with = "accept")]
	pub no_wait: bool,
}

const CONTRIBUTE: &str = "\
Examples:
  openledger-cli --key me.txt contribute 0 ./poems --kind data --licence cc-by
  openledger-cli --key me.txt contribute 0 ./poems --kind data --licence cc-by \\
    --uri-prefix https://example.org/poems/ --accept

What happens: every file is hashed; what is registered already is left out. The plan and its cost
are shown before anything is sent. Then the files are committed to (nobody learns what they are,
but their place in the order of all contributions is fixed) and, once that is final, revealed.

After a break, say the same again: the journal knows what was committed and how to reveal it. Keep
it until the end: a commitment whose salt is lost cannot be revealed, its deposit comes back with
`contribution forget` only.";

/// Contributions that wait, by their precedence.
#[derive(Debug, Args)]
pub struct Waiting {
	/// The datanet
	pub datanet: DatanetId,

	/// Which of what waits there, as BLOCK-POSITION
	#[arg(value_name = "PRECEDENCE", required_unless_present = "all", conflicts_with = "all")]
	pub precedences: Vec<Precedence>,

	/// Everything that waits there and for which it is possible now
	#[arg(long)]
	pub all: bool,
}

/// Voting on what waits.
#[derive(Debug, Subcommand)]
pub enum Review {
	/// List what waits in a datanet, and how the votes stand
	List {
		/// The datanet
		datanet: DatanetId,

		/// Only what the acting account may still vote on
		#[arg(long)]
		mine: bool,
	},

	/// Vote to let contributions in
	#[command(after_help = "Example: openledger-cli --key me.txt review approve 0 123-7 123-8")]
	Approve(Waiting),

	/// Vote to keep contributions out
	#[command(after_help = "\
Example: openledger-cli --key me.txt review reject 0 123-7 --reason off-topic")]
	Reject {
		/// Which.
		#[command(flatten)]
		waiting: Waiting,

		/// Why
		#[arg(long, value_parser = args::one_of(args::REASONS))]
		reason: Reason,
	},
}

/// What contributors do with what they contributed.
#[derive(Debug, Subcommand)]
pub enum Contribution {
	/// Show a contribution, by its place or by its content id
	#[command(after_help = "\
Examples:
  openledger-cli contribution show 0/17
  openledger-cli contribution show 0x…64 hex digits…")]
	Show {
		/// DATANET/INDEX, or a content id
		#[arg(value_name = "CONTRIBUTION", value_parser = args::named)]
		which: Named,
	},

	/// Take back what waits, with its bond; anyone may, once its review has ended without enough votes
	#[command(after_help = "\
With --all, everything of the account that acts.
Example: openledger-cli --key me.txt contribution withdraw 0 123-7")]
	Withdraw(Waiting),

	/// Say where an accepted content lies now; an empty URI means where the datanet says
	SetUri {
		/// The contribution
		#[arg(value_name = "DATANET/INDEX", value_parser = args::contribution)]
		contribution: ContributionRef,

		/// Where it lies
		uri: String,
	},

	/// Transfer the right to earn; history and penalties stay with the contributor
	#[command(
		after_help = "Example: openledger-cli --key me.txt contribution transfer-right ADDRESS 0/17 0/20-99"
	)]
	TransferRight {
		/// Who earns from now on
		#[arg(value_parser = args::account)]
		account: AccountId,

		/// The contributions, one by one or as ranges with both ends
		#[arg(required = true, value_name = "DATANET/INDEX", value_parser = args::range)]
		contributions: Vec<Range>,
	},

	/// Have all one earns paid on another account
	SetPayee {
		/// That account
		#[arg(
			value_parser = args::account,
			required_unless_present = "none",
			conflicts_with = "none"
		)]
		account: Option<AccountId>,

		/// On one's own account again; the deposit comes back
		#[arg(long)]
		none: bool,
	},

	/// Release the bonds of contributions that were accepted 90 days ago and stand; anyone may
	#[command(
		after_help = "Example: openledger-cli --key me.txt contribution release-bonds 0/0-999"
	)]
	ReleaseBonds {
		/// The contributions, one by one or as ranges with both ends
		#[arg(required = true, value_name = "DATANET/INDEX", value_parser = args::range)]
		contributions: Vec<Range>,
	},

	/// Give up commitments that were not revealed, and get their deposit back
	#[command(after_help = "\
Without a commitment, those of the account that have expired. Commitments that can still be revealed
are given up only by name: their place in the order is lost.")]
	Forget {
		/// The commitments, as 0x and 64 hex digits
		#[arg(value_name = "COMMITMENT", value_parser = args::hash)]
		commitments: Vec<H256>,

		/// Whose they are; the account that acts if it is not given
		#[arg(long, value_name = "ACCOUNT", value_parser = args::account)]
		owner: Option<AccountId>,
	},
}

/// Flags on accepted contributions.
#[derive(Debug, Subcommand)]
pub enum Flag {
	/// Flag a contribution, with a deposit that is lost if the flag is rejected
	#[command(
		after_help = "Example: openledger-cli --key me.txt flag raise 0/17 --ground unavailable"
	)]
	Raise {
		/// The contribution
		#[arg(value_name = "DATANET/INDEX", value_parser = args::contribution)]
		contribution: ContributionRef,

		/// Why
		#[arg(long, value_parser = args::one_of(args::GROUNDS))]
		ground: Ground,
	},

	/// Judge a flag, as a reviewer who did not accept what is flagged
	Judge {
		/// The contribution
		#[arg(value_name = "DATANET/INDEX", value_parser = args::contribution)]
		contribution: ContributionRef,

		/// Whether the flag is right
		#[arg(action = ArgAction::Set, value_parser = args::one_of(args::VERDICTS))]
		verdict: bool,
	},

	/// Appeal to governance against what the reviewers decided, with a deposit
	Appeal {
		/// The contribution
		#[arg(value_name = "DATANET/INDEX", value_parser = args::contribution)]
		contribution: ContributionRef,
	},

	/// Take a flag on when the time of its stage is over; anyone may
	Advance {
		/// The contribution
		#[arg(value_name = "DATANET/INDEX", value_parser = args::contribution)]
		contribution: ContributionRef,
	},

	/// Show the open flag of a contribution
	Show {
		/// The contribution
		#[arg(value_name = "DATANET/INDEX", value_parser = args::contribution)]
		contribution: ContributionRef,
	},
}
