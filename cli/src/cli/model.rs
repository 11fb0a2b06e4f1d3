//! `model`.

use clap::{Args, Subcommand};
use openledger_primitives::{
	records::{DatanetId, Licence, ModelId, ModelKind, VersionNumber},
	units::Nano,
	AccountId, Balance,
};
use pallet_model_registry::Method;
use sp_runtime::Permill;

use crate::args::{self, HashOf, ParentArg, SnapshotArg};

/// The life of a model.
#[derive(Debug, Subcommand)]
pub enum Model {
	/// Register a model, for a fee and a deposit that comes back when it is deprecated
	Register(Register),

	/// Add a version, for a fee; it never changes and is active at once if it is the first
	Version(NewVersion),

	/// Let a version serve
	Activate {
		/// The model
		model: ModelId,

		/// The version
		version: VersionNumber,
	},

	/// Announce a price, which holds after a delay
	Price {
		/// The model
		model: ModelId,

		/// What tokens cost.
		#[command(flatten)]
		price: PriceArgs,
	},

	/// Ask something else of models that will be made from this one
	Terms {
		/// The model
		model: ModelId,

		/// What they owe.
		#[command(flatten)]
		terms: TermsArgs,
	},

	/// Describe a model anew; what is not named stays
	Metadata {
		/// The model
		model: ModelId,

		/// Its name
		#[arg(long)]
		name: Option<String>,

		/// What it does
		#[arg(long, value_name = "TEXT")]
		description: Option<String>,

		/// Where more is to be read
		#[arg(long)]
		uri: Option<String>,
	},

	/// Who runs a model: appoint, accept, raise the bond, end, release it
	#[command(subcommand)]
	Operator(Operator),

	/// Give a model, with its deposit, to another account
	Transfer {
		/// The model
		model: ModelId,

		/// The new owner
		#[arg(value_parser = args::account)]
		account: AccountId,
	},

	/// Bring a model to its end: no new versions, prices or models made from it; the deposit comes back
	Deprecate {
		/// The model
		model: ModelId,
	},

	/// Show a model: versions, price, terms, operator
	Show {
		/// The model
		model: ModelId,
	},

	/// List all models, or those that use a datanet
	List {
		/// Only models with a version that was trained on this datanet
		#[arg(long, value_name = "DATANET")]
		uses: Option<DatanetId>,
	},

	/// What an inference costs now
	#[command(after_help = "Example: openledger-cli model fee 3 1000 500")]
	Fee {
		/// The model
		model: ModelId,

		/// Tokens of the question
		tokens_in: u32,

		/// Tokens of the answer
		tokens_out: u32,
	},
}

/// A model that is registered.
#[derive(Debug, Args)]
#[command(after_long_help = REGISTER)]
pub struct Register {
	/// What it is
	#[arg(long, value_parser = args::one_of(args::MODEL_KINDS))]
	pub kind: ModelKind,

	/// Its name
	#[arg(long)]
	pub name: String,

	/// What it does
	#[arg(long, value_name = "TEXT", default_value = "")]
	pub description: String,

	/// Where more is to be read
	#[arg(long, default_value = "")]
	pub uri: String,

	/// A model it is made from or, for an agent, calls; with the most royalty that is agreed to
	/// (MODEL:5%), else what the parent asks now. May be given several times
	#[arg(long = "parent", value_name = "MODEL[:PERCENT]", value_parser = args::parent)]
	pub parents: Vec<ParentArg>,

	/// What models made from it owe.
	#[command(flatten)]
	pub terms: TermsArgs,

	/// What tokens cost.
	#[command(flatten)]
	pub price: PriceArgs,
}

/// A version that is added.
#[derive(Debug, Args)]
#[command(after_long_help = VERSION)]
pub struct NewVersion {
	/// The model
	pub model: ModelId,

	/// The weights: a file, or 0x and 64 hex digits; none for an agent
	#[arg(long, value_name = "FILE|HASH", value_parser = args::hash_of)]
	pub weights: Option<HashOf>,

	/// The configuration: a file, or 0x and 64 hex digits
	#[arg(long, value_name = "FILE|HASH", value_parser = args::hash_of)]
	pub config: HashOf,

	/// The log of the training: a file, or 0x and 64 hex digits
	#[arg(long, value_name = "FILE|HASH", value_parser = args::hash_of)]
	pub training_log: HashOf,

	/// Its licence
	#[arg(long, value_parser = args::licence)]
	pub licence: Licence,

	/// A datanet it was trained on, with how many of its contributions (DATANET:LENGTH), else all
	/// there are now. May be given several times; those of a parent with weights are added by
	/// themselves
	#[arg(long = "snapshot", value_name = "DATANET[:LENGTH]", value_parser = args::snapshot)]
	pub snapshots: Vec<SnapshotArg>,

	/// The version of each parent, in the order of the parents; the active ones if none is named
	#[arg(long = "parent-version", value_name = "N")]
	pub parent_versions: Vec<VersionNumber>,

	/// How influence is calculated
	#[arg(long, value_name = "METHOD", default_value = "spans:32", value_parser = args::method)]
	pub method: Method,

	/// Where it is to be had
	#[arg(long, default_value = "")]
	pub uri: String,
}

const REGISTER: &str = "\
Examples:
  openledger-cli --key me.txt model register --kind base --name Poet --price-in 0.001 --price-out 0.002
  openledger-cli --key me.txt model register --kind adapter --name Haiku --parent 0:10% \\
    --royalty 5% --price-in 0.001 --price-out 0.002
  openledger-cli --key me.txt model register --kind agent --name Salon --parent 0 --parent 1 \\
    --price-in 0.001 --price-out 0.002";

const VERSION: &str = "\
Examples:
  openledger-cli --key me.txt model version 0 --weights poet.safetensors --config config.json \\
    --training-log train.jsonl --licence cc-by --snapshot 0 --snapshot 4:1000
  openledger-cli --key me.txt model version 2 --config agent.json --training-log none.txt --licence cc-by

A file is named by its content id (`content id`), so that each chunk of it can be proven later.

Methods:
  spans:WINDOW                      spans of the output that stand in a contribution (spans:32)
  sketch:ROOT:DIMENSIONS:CLIP       inner products with sketches under a root
  retrieval:TABLE:TOP               chunks that were retrieved for the answer, scored by a table";

/// What tokens cost.
#[derive(Debug, Args)]
pub struct PriceArgs {
	/// OPEN for a thousand tokens of the question
	#[arg(long, value_name = "OPEN", value_parser = args::nano)]
	pub price_in: Nano,

	/// OPEN for a thousand tokens of the answer
	#[arg(long, value_name = "OPEN", value_parser = args::nano)]
	pub price_out: Nano,
}

/// What models made from this one owe.
#[derive(Debug, Args)]
pub struct TermsArgs {
	/// The part of their share that goes to this one
	#[arg(long, value_name = "PERCENT", value_parser = args::share, default_value = "0%")]
	pub royalty: Permill,

	/// None may be made from it
	#[arg(long, conflicts_with = "royalty")]
	pub no_derivatives: bool,
}

/// Who runs a model.
#[derive(Debug, Subcommand)]
pub enum Operator {
	/// Appoint an operator, as the model's owner
	Appoint {
		/// The model
		model: ModelId,

		/// Who shall run it
		#[arg(value_parser = args::account)]
		account: AccountId,
	},

	/// Accept the appointment, with a bond
	Accept {
		/// The model
		model: ModelId,

		/// The bond, in OPEN
		#[arg(value_name = "OPEN", value_parser = args::amount)]
		bond: Balance,
	},

	/// Add to the bond
	Raise {
		/// The model
		model: ModelId,

		/// How much, in OPEN
		#[arg(value_name = "OPEN", value_parser = args::amount)]
		amount: Balance,
	},

	/// End the operation, as operator or owner; the bond answers for past batches a while
	End {
		/// The model
		model: ModelId,
	},

	/// Release the bond of a former operator; anyone may
	Release {
		/// The model
		model: ModelId,

		/// Who ran it
		#[arg(value_parser = args::account)]
		account: AccountId,
	},
}
