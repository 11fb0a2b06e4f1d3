//! `datanet` and `reviewer`.

use clap::{Args, Subcommand};
use openledger_primitives::{
	records::{DatanetId, Licence},
	AccountId, Balance, BlockNumber,
};
use pallet_datanets::SeatId;
use sp_runtime::Permill;

use crate::args;

/// What can be done with datanets.
#[derive(Debug, Subcommand)]
pub enum Datanet {
	/// Create a datanet; its deposit comes back when it is closed
	#[command(after_long_help = CREATE)]
	Create {
		/// Its name
		#[arg(long)]
		name: String,

		/// The licence that contributions must allow; it can never be changed
		#[arg(long, value_parser = args::licence)]
		licence: Licence,

		/// What people read about it.
		#[command(flatten)]
		description: Description,

		/// What it asks of contributions.
		#[command(flatten)]
		policy: PolicyArgs,
	},

	/// Show a datanet: policy, length, what waits, who reviews
	Show {
		/// The datanet
		datanet: DatanetId,
	},

	/// List all datanets
	List,

	/// Ask something else of contributions from now on; what is not named stays
	#[command(after_help = "\
Examples:
  openledger-cli --key owner.txt datanet set-policy 0 --bond 0.5
  openledger-cli --key owner.txt datanet set-policy 0 --open")]
	SetPolicy {
		/// The datanet
		datanet: DatanetId,

		/// What it asks of contributions.
		#[command(flatten)]
		policy: PolicyArgs,
	},

	/// Describe a datanet anew; what is not named stays
	#[command(after_help = "\
Example: openledger-cli --key owner.txt datanet set-metadata 0 --uri https://example.org/poems/")]
	SetMetadata {
		/// The datanet
		datanet: DatanetId,

		/// Its name
		#[arg(long)]
		name: Option<String>,

		/// What people read about it.
		#[command(flatten)]
		description: Description,
	},

	/// Give a datanet, with its deposit, to another account
	Transfer {
		/// The datanet
		datanet: DatanetId,

		/// The new owner
		#[arg(value_parser = args::account)]
		account: AccountId,
	},

	/// Close a datanet for good: no more reveals, the deposit comes back
	Close {
		/// The datanet
		datanet: DatanetId,
	},

	/// Print the longest snapshot, as `model version --snapshot` takes it
	Snapshot {
		/// The datanet
		datanet: DatanetId,
	},
}

const CREATE: &str = "\
Examples:
  Open: contributions come in by themselves, once every earlier commitment is known.
    openledger-cli --key owner.txt datanet create --name Poems --licence cc-by \\
      --uri https://example.org/poems/

  Reviewed: two of the reviewers must approve within 14,400 blocks (a day), and get a tenth of what
  the contribution earns.
    openledger-cli --key owner.txt datanet create --name Poems --licence cc-by \\
      --quorum 2 --review-blocks 14400 --curator-share 10%";

/// What people read about a datanet, beside its name.
#[derive(Debug, Args)]
pub struct Description {
	/// What it collects, and how it should be
	#[arg(long, value_name = "TEXT")]
	pub description: Option<String>,

	/// A word to find it by; may be given several times, and replaces all there were
	#[arg(long = "tag", value_name = "WORD")]
	pub tags: Vec<String>,

	/// The folder of contents without a URI of their own: it is followed by the content id
	#[arg(long)]
	pub uri: Option<String>,
}

/// What a datanet asks of contributions.
#[derive(Debug, Args)]
pub struct PolicyArgs {
	/// What a contributor bonds for each contribution, for 90 days; the least if it is not given
	#[arg(long, value_name = "OPEN", value_parser = args::amount)]
	pub bond: Option<Balance>,

	/// How many reviewers must approve, or reject; without reviewers contributions come in by themselves
	#[arg(long, value_name = "N")]
	pub quorum: Option<u8>,

	/// For how many blocks after the reveal they may vote; the least if it is not given
	#[arg(long, value_name = "BLOCKS")]
	pub review_blocks: Option<BlockNumber>,

	/// The part of a contribution's earnings that its reviewers get
	#[arg(long, value_name = "PERCENT", value_parser = args::share)]
	pub curator_share: Option<Permill>,

	/// Without reviewers
	#[arg(long, conflicts_with_all = ["quorum", "review_blocks", "curator_share"])]
	pub open: bool,
}

/// Who reviews a datanet.
#[derive(Debug, Subcommand)]
pub enum Reviewer {
	/// Invite a reviewer, as the datanet's owner
	Invite {
		/// The datanet
		datanet: DatanetId,

		/// Who is invited
		#[arg(value_parser = args::account)]
		account: AccountId,
	},

	/// Take the seat one was invited to, with a bond
	Join {
		/// The datanet
		datanet: DatanetId,
	},

	/// Leave, or have a reviewer leave as the datanet's owner; the bond answers for past votes a while
	Leave {
		/// The datanet
		datanet: DatanetId,

		/// Who leaves; the account that acts if it is not given
		#[arg(value_parser = args::account)]
		account: Option<AccountId>,
	},

	/// Release the bond of a reviewer who left; anyone may
	Release {
		/// The datanet
		datanet: DatanetId,

		/// The seat, as `reviewer list` shows it
		seat: SeatId,
	},

	/// List the reviewers of a datanet, those invited and those leaving included
	List {
		/// The datanet
		datanet: DatanetId,
	},
}
