//! `payer`, `batch`, `attestor` and `claim`: selling inferences and being paid.

use std::{ops::RangeInclusive, path::PathBuf};

use clap::{Args, Subcommand};
use openledger_primitives::{
	records::{BatchNumber, ContributionIndex, DatanetId, ModelId, VersionNumber},
	units::Nano,
	AccountId, Balance, Hash,
};
use openledger_settlement::parties::TermsNumber;

use crate::args;

/// What a payer does with a model.
#[derive(Debug, Subcommand)]
pub enum Payer {
	/// Open an entry with a model and pay an amount into it; a fee is paid, and the entry stays for ever
	#[command(after_help = "\
Examples:
  openledger-cli --key me.txt payer open 0 100
  openledger-cli --key me.txt payer open 0 100 --signer ADDRESS     # a key of its own signs vouchers")]
	Open {
		/// The model
		model: ModelId,

		/// How much, in OPEN
		#[arg(value_name = "OPEN", value_parser = args::nano)]
		amount: Nano,

		/// Who signs vouchers; the account itself if nobody is named
		#[arg(long, value_name = "ADDRESS", value_parser = args::account)]
		signer: Option<AccountId>,
	},

	/// Pay more into an entry
	#[command(after_help = "Example: openledger-cli --key me.txt payer top-up 0 12.5")]
	TopUp {
		/// The model
		model: ModelId,

		/// How much, in OPEN
		#[arg(value_name = "OPEN", value_parser = args::nano)]
		amount: Nano,

		/// Whose entry; the account's own if nobody is named
		#[arg(long, value_name = "ADDRESS", value_parser = args::account)]
		payer: Option<AccountId>,
	},

	/// Have another key sign vouchers; what the former one has signed counts for a while
	SetSigner {
		/// The model
		model: ModelId,

		/// Who signs from now on
		#[arg(value_name = "ADDRESS", value_parser = args::account)]
		signer: AccountId,
	},

	/// Withdraw an amount: it is out of the balance at once, and can be taken after a delay
	#[command(after_help = "\
Examples:
  openledger-cli --key me.txt payer withdraw 0 50
  openledger-cli --key me.txt payer take 0                          # after the delay")]
	Withdraw {
		/// The model
		model: ModelId,

		/// How much, in OPEN
		#[arg(value_name = "OPEN", value_parser = args::nano)]
		amount: Nano,
	},

	/// Have paid out what was withdrawn, after the delay; anyone may
	Take {
		/// The model
		model: ModelId,

		/// Whose; the account's own if nobody is named
		#[arg(long, value_name = "ADDRESS", value_parser = args::account)]
		payer: Option<AccountId>,
	},

	/// Show an entry: what is left, what was bought, who signs
	Show {
		/// The model
		model: ModelId,

		/// Whose; that of --key if nobody is named
		#[arg(long, value_name = "ADDRESS", value_parser = args::account)]
		payer: Option<AccountId>,
	},

	/// Sign for what was bought, after checking it: a voucher over all of it
	#[command(after_long_help = SIGN)]
	Sign(Sign),
}

/// What a payer signs for.
#[derive(Debug, Args)]
pub struct Sign {
	/// The model
	pub model: ModelId,

	/// The sales file of the operator, with what was bought
	pub sales: PathBuf,

	/// Who has bought; the account of --key if nobody is named
	#[arg(long, value_name = "ADDRESS", value_parser = args::account)]
	pub payer: Option<AccountId>,

	/// The terms that fees were paid under; those in force if none are named
	#[arg(long, value_name = "N")]
	pub terms: Option<TermsNumber>,

	/// A vouchers file to add it to; to the output if it is not given
	#[arg(long, value_name = "FILE")]
	pub out: Option<PathBuf>,
}

const SIGN: &str = "\
Example:
  openledger-cli --key me.txt payer sign 0 may.sales --out may.vouchers

It is checked that each receipt in your name costs what its tokens cost, is of a version of the model,
names the output that is in the file, and that all of them continue from what you have bought so far.
That you have asked for them, only you can know: look at the count. Nothing is sent to the chain.";

/// What is sold under.
#[derive(Debug, Args)]
pub struct Under {
	/// The version that answered; the active one if none is named
	#[arg(long, value_name = "N")]
	pub model_version: Option<VersionNumber>,

	/// The terms of splitting, if others than those in force: they count for a while after their end
	#[arg(long, value_name = "N")]
	pub terms: Option<TermsNumber>,
}

/// Which batch.
#[derive(Debug, Args)]
pub struct Which {
	/// The model
	pub model: ModelId,

	/// The batch
	pub batch: BatchNumber,
}

/// A batch and the file of its sales.
#[derive(Debug, Args)]
pub struct Sold {
	/// Which batch.
	#[command(flatten)]
	pub which: Which,

	/// The sales file it was built from
	pub sales: PathBuf,

	/// The block in which it was submitted; it is looked for if it is not named
	#[arg(long, value_name = "HASH", value_parser = args::hash)]
	pub block: Option<Hash>,
}

/// What is done with batches.
#[derive(Debug, Subcommand)]
pub enum Batch {
	/// Build a batch and say what its payers have to sign; nothing is sent
	#[command(after_long_help = BUILD)]
	Build {
		/// The model
		model: ModelId,

		/// The sales file
		sales: PathBuf,

		/// What it was sold under.
		#[command(flatten)]
		under: Under,
	},

	/// Build a batch, check it against vouchers and bond, and submit it, as the operator
	#[command(after_help = "\
Example: openledger-cli --key operator.txt batch submit 0 may.sales may.vouchers")]
	Submit {
		/// The model
		model: ModelId,

		/// The sales file
		sales: PathBuf,

		/// The vouchers file: one of each payer
		vouchers: PathBuf,

		/// What it was sold under.
		#[command(flatten)]
		under: Under,
	},

	/// Show a lane, or one of its batches with what is drawn and demanded of it
	#[command(after_help = "\
Examples:
  openledger-cli batch show 0
  openledger-cli batch show 0 3")]
	Show {
		/// The model
		model: ModelId,

		/// The batch; all that are open if none is named
		batch: Option<BatchNumber>,
	},

	/// Open what is drawn or demanded and not answered; anyone with the sales file may
	#[command(after_help = "\
Examples:
  openledger-cli --key operator.txt --yes batch answer 0 3 may.sales --wait
  openledger-cli --key operator.txt batch answer 0 3 may.sales --step 17

Outputs and citations of the receipts that are asked for become public, but for private ones.
With --wait it stays until the draws are known, and they and all demands until then are answered.")]
	Answer {
		/// Which batch, and its sales.
		#[command(flatten)]
		sold: Sold,

		/// Only this step
		#[arg(long, value_name = "N", conflicts_with = "wait")]
		step: Option<u32>,

		/// Stay until the draws are known and answered
		#[arg(long)]
		wait: bool,
	},

	/// Make a batch final if it may be, and pay everybody; anyone may
	Finalise {
		/// Which batch.
		#[command(flatten)]
		which: Which,
	},

	/// Close a batch that was final early, after its deadline; anyone may
	Close {
		/// Which batch.
		#[command(flatten)]
		which: Which,
	},

	/// Take over a batch of a slashed operator, as the model's operator: your bond answers for it
	Adopt {
		/// Which batch.
		#[command(flatten)]
		which: Which,
	},

	/// Let a batch fall that was not answered or adopted in time, or free the demands of one that fell
	#[command(after_help = "\
Example: openledger-cli --key me.txt batch expire 0 3

Which of it applies is found out: an overdue demand, overdue draws, an orphan that nobody adopted;
and of a batch that is gone, the deposits of its demands. Anyone may.")]
	Expire {
		/// Which batch.
		#[command(flatten)]
		which: Which,
	},

	/// Execute a batch again and say whether it is right; exit code 1 if it is not
	#[command(after_long_help = CHECK)]
	Check {
		/// Which batch, and its sales.
		#[command(flatten)]
		sold: Sold,

		/// Show the chain what is wrong: the batch falls, and you get a part of what its operator loses
		#[arg(long)]
		challenge: bool,
	},

	/// Have a receipt shown and its step executed by the chain, for a deposit that pays for the answer
	#[command(after_help = "Example: openledger-cli --key me.txt batch demand 0 3 1280")]
	Demand {
		/// Which batch.
		#[command(flatten)]
		which: Which,

		/// The receipt's place in the batch, from 0; 32 of them are a step
		receipt: u32,
	},
}

const BUILD: &str = "\
Examples:
  openledger-cli batch build 0 may.sales
  openledger-cli --json batch build 0 may.sales --model-version 2

Every receipt is executed as the chain would. Each payer then signs its count, cumulative cost and
head (`payer sign`). Two files are written beside the sales, unless they are there: with
may.sales.before, `batch answer` goes on without asking the chain for its past; may.sales.leaves is
the trace, to be published with the sales: with it, others can show which step is wrong.";

const CHECK: &str = "\
Examples:
  openledger-cli batch check 0 3 may.sales
  openledger-cli --key me.txt batch check 0 3 may.sales --challenge

The receipts are executed, and what comes out is compared with what the chain knows the batch by.
What payers had bought before is read from the block before the submission, which a node has that
keeps old state (--state-pruning archive), or as long as it is recent. If the batch differs, only
the operator's trace (may.sales.leaves) tells which step is wrong; without it, demand a receipt.";

/// What attestors do.
#[derive(Debug, Subcommand)]
pub enum Attestor {
	/// Stake OPEN to attest, or more of it
	#[command(after_help = "Example: openledger-cli --key me.txt attestor stake 1000")]
	Stake {
		/// How much, in OPEN
		#[arg(value_name = "OPEN", value_parser = args::amount)]
		amount: Balance,
	},

	/// Sign for a batch: the stake answers for it
	#[command(after_help = "\
Examples:
  openledger-cli --key me.txt attestor attest 0 3 may.sales         # executes it before it signs
  openledger-cli --key me.txt attestor attest 0 3                   # you have executed it yourself

Keep the sales until the batch is closed: should its operator fall silent after it was final early,
you have to answer in its place, or lose the stake.")]
	Attest {
		/// Which batch.
		#[command(flatten)]
		which: Which,

		/// Its sales file: the batch is checked before it is signed
		sales: Option<PathBuf>,

		/// The block in which it was submitted; it is looked for if it is not named
		#[arg(long, value_name = "HASH", value_parser = args::hash, requires = "sales")]
		block: Option<Hash>,
	},

	/// Attest no longer; the stake stays a while, and until what was signed is closed
	Leave,

	/// Release the stake of an attestor who left; anyone may
	Release {
		/// Whose; that of --key if nobody is named
		#[arg(value_name = "ADDRESS", value_parser = args::account)]
		attestor: Option<AccountId>,
	},

	/// Show an attestor, or all of them
	Show {
		/// Who; everybody if nobody is named
		#[arg(value_name = "ADDRESS", value_parser = args::account)]
		attestor: Option<AccountId>,
	},
}

/// What was earned.
#[derive(Debug, Subcommand)]
pub enum Claim {
	/// Have paid out what contributions of a datanet have earned, to whom it belongs; anyone may
	#[command(after_help = "\
Examples:
  openledger-cli --key me.txt claim contributions 0 17
  openledger-cli --key me.txt claim contributions 0 0..999
  openledger-cli --key me.txt claim contributions 0 0..999 --curation

Those that have earned nothing or are flagged are left out.")]
	Contributions {
		/// The datanet
		datanet: DatanetId,

		/// Their places there, both ends included
		#[arg(value_name = "FROM..TO", value_parser = args::places)]
		places: RangeInclusive<ContributionIndex>,

		/// The part of the reviewers who accepted them, instead of the earners'
		#[arg(long)]
		curation: bool,
	},

	/// Have paid out what accounts have earned by models, as operators and owners; anyone may
	#[command(after_help = "Example: openledger-cli --key me.txt claim account")]
	Account {
		/// Whose; that of --key if nobody is named
		#[arg(value_name = "ADDRESS", value_parser = args::account)]
		accounts: Vec<AccountId>,
	},

	/// Show what an account can claim, by models and by contributions
	#[command(after_help = "Example: openledger-cli claim show ADDRESS")]
	Show {
		/// Whose; that of --key if nobody is named
		#[arg(value_name = "ADDRESS", value_parser = args::account)]
		account: Option<AccountId>,
	},
}
