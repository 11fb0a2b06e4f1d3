//! What the pallet stores and what its calls take.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{traits::ConstU32, BoundedVec};
pub use openledger_primitives::{
	records::{Epoch, ModelKind, MAX_REFERENCES},
	storage::{Text, MAX_DESCRIPTION, MAX_NAME, MAX_URI},
};
use openledger_primitives::{
	records::{Licence, ModelId, Snapshot, VersionNumber},
	stored, Balance, BlockNumber,
};
use openledger_settlement::price::Price;
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::Permill;

/// The most models that a model descends from, over all generations.
pub const MAX_ANCESTORS: u32 = 8;
/// The most datanets that a version names.
pub const MAX_SNAPSHOTS: u32 = 64;
/// The shortest window of the method `Spans`, in bytes: shorter ones match by chance.
pub const MIN_WINDOW: u16 = 16;
/// The most price epochs that are kept: those in force lately, and those to come.
pub const MAX_EPOCHS: u32 = 8;

stored! {
	/// What a model asks of those that are made from it. What they agreed to at their registration
	/// stays as it was.
	#[derive(Copy)]
	pub struct DerivativeTerms {
		/// Whether models may be made from it.
		pub allowed: bool,
		/// The part of such a model's share that goes to this one.
		pub royalty: Permill,
	}
}

stored! {
	/// A parent, as it is named when a model is registered.
	#[derive(Copy)]
	pub struct Parent {
		/// The model.
		pub model: ModelId,
		/// The most royalty that is agreed to: the parent's owner could ask more meanwhile.
		pub at_most: Permill,
	}
}

stored! {
	/// A model that another descends from.
	#[derive(Copy)]
	pub struct Ancestor {
		/// The model.
		pub model: ModelId,
		/// The part it takes, of whose share `of` says.
		pub royalty: Permill,
		/// Zero: of the model's own share. `k`: of what the `k`-th ancestor of this list takes.
		pub of: u8,
	}
}

/// The models that a model descends from; each comes after the one it takes from.
pub type Lineage = BoundedVec<Ancestor, ConstU32<MAX_ANCESTORS>>;

stored! {
	/// A model.
	pub struct Model<AccountId> {
		/// Who decides about it and earns what is left of its share.
		pub owner: AccountId,
		/// What it is.
		pub kind: ModelKind,
		/// What it asks of models made from it.
		pub terms: DerivativeTerms,
		/// What it descends from, fixed at registration.
		pub lineage: Lineage,
		/// How many versions it has.
		pub versions: u32,
		/// The version that serves.
		pub active: Option<VersionNumber>,
		/// How many price epochs it has had.
		pub epochs: u32,
		/// What the owner has deposited; nothing once it is deprecated.
		pub deposit: Balance,
		/// Whether it has come to its end.
		pub deprecated: bool,
	}
}

impl<AccountId> Model<AccountId> {
	/// The models it was made from, or calls.
	pub fn parents(&self) -> impl Iterator<Item = &Ancestor> {
		self.lineage.iter().filter(|ancestor| ancestor.of == 0)
	}
}

stored! {
	/// What people read about a model.
	#[derive(Default)]
	pub struct Metadata {
		/// Its name.
		pub name: Text<MAX_NAME>,
		/// What it does.
		pub description: Text<MAX_DESCRIPTION>,
		/// Where more is to be read.
		pub uri: Text<MAX_URI>,
	}
}

stored! {
	/// How influence is calculated, with everything that the calculation depends on.
	#[derive(Copy)]
	pub enum Method {
		/// Spans of the output that stand in a contribution.
		#[codec(index = 0)]
		Spans {
			/// The bytes of a window.
			window: u16,
		},
		/// One inner product per contribution.
		#[codec(index = 1)]
		Sketch {
			/// The root over the contributions' sketches.
			sketches: H256,
			/// Numbers in a sketch.
			dimensions: u16,
			/// The most that one row counts.
			clip: u32,
		},
		/// The chunks that were retrieved for the answer.
		#[codec(index = 2)]
		Retrieval {
			/// The root of the table of scores.
			table: H256,
			/// How many chunks are retrieved.
			top: u8,
		},
	}
}

impl Method {
	/// Whether something can be calculated with these parameters.
	pub fn works(&self) -> bool {
		match *self {
			Self::Spans { window } => window >= MIN_WINDOW,
			Self::Sketch { dimensions, clip, .. } => dimensions > 0 && clip > 0,
			Self::Retrieval { top, .. } => top > 0,
		}
	}
}

/// What is said of a version when it is added.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub struct NewVersion {
	/// The hash of its weights; zero for an agent.
	pub weights: H256,
	/// The hash of its configuration.
	pub config: H256,
	/// The hash of the log of its training.
	pub training_log: H256,
	/// Its licence.
	pub licence: Licence,
	/// What it was trained on, by ascending datanet, each at most once and never empty.
	pub snapshots: Vec<Snapshot>,
	/// The version of each parent that it was made from, in the order of the parents.
	pub parents: Vec<VersionNumber>,
	/// How influence is calculated.
	pub method: Method,
	/// Where it is to be had.
	pub uri: Vec<u8>,
}

stored! {
	/// A version: it never changes.
	pub struct Version {
		/// The hash of its weights; zero for an agent.
		pub weights: H256,
		/// The hash of its configuration.
		pub config: H256,
		/// The hash of the log of its training.
		pub training_log: H256,
		/// Its licence.
		pub licence: Licence,
		/// What it was trained on, by ascending datanet.
		pub snapshots: BoundedVec<Snapshot, ConstU32<MAX_SNAPSHOTS>>,
		/// The reference datanets as they were then: they precede all others.
		pub references: BoundedVec<Snapshot, ConstU32<MAX_REFERENCES>>,
		/// The version of each parent that it was made from, in the order of the parents.
		pub parents: BoundedVec<VersionNumber, ConstU32<MAX_ANCESTORS>>,
		/// How influence is calculated.
		pub method: Method,
		/// The block in which it was added.
		pub added: BlockNumber,
		/// Where it is to be had.
		pub uri: Text<MAX_URI>,
	}
}

stored! {
	/// A price and when it begins; it ends when the next begins.
	#[derive(Copy)]
	pub struct PriceEpoch {
		/// What tokens cost.
		pub price: Price,
		/// The first block of it.
		pub from: BlockNumber,
	}
}

stored! {
	/// Who runs inference and attribution for a model.
	pub struct Operator<AccountId> {
		/// Who it is.
		pub account: AccountId,
		/// What is bonded; zero until the appointment is accepted.
		pub bond: Balance,
	}
}

stored! {
	/// The bond of an operator who runs the model no longer.
	#[derive(Copy)]
	pub struct Retired {
		/// What is bonded.
		pub bond: Balance,
		/// The last block in which it answers for past batches.
		pub until: BlockNumber,
	}
}
