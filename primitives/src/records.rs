//! The record by which pallets meet: who contributed what, and under which licence.

#[cfg(feature = "std")]
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::{fmt, str::FromStr};

use sp_core::H256;
use sp_runtime::Permill;

use crate::{content::ContentId, stored, BlockNumber};

/// Identifies a datanet.
pub type DatanetId = u32;

/// The place of an accepted contribution in its datanet: dense, from zero, never reused.
pub type ContributionIndex = u32;

/// Identifies a model.
pub type ModelId = u32;

/// Numbers the versions of a model, from zero.
pub type VersionNumber = u32;

/// Numbers the price epochs of a model, from zero.
pub type Epoch = u32;

/// Numbers the batches of a model's lane, from zero.
pub type BatchNumber = u32;

/// Ids stay below this, so that each is one element of the field that receipts are hashed over.
pub const ID_LIMIT: u32 = 1 << 30;

/// The most reference datanets.
pub const MAX_REFERENCES: u32 = 16;

/// Derives for small records, which clients read as JSON.
macro_rules! record {
	($($item:tt)*) => {
		stored! {
			#[derive(Copy, Ord, PartialOrd)]
			#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
			$($item)*
		}
	};
}

record! {
	/// Names an accepted contribution.
	pub struct ContributionRef {
		/// Its datanet.
		pub datanet: DatanetId,
		/// Its place there.
		pub index: ContributionIndex,
	}
}

stored! {
	/// The order of contributions over all datanets: that of their commitments. The smaller precedes.
	/// People and JSON read it as `block-position`, such as `123-7`.
	#[derive(Copy, Default, Hash, Ord, PartialOrd)]
	#[cfg_attr(
		feature = "std",
		derive(serde::Serialize, serde::Deserialize),
		serde(into = "String", try_from = "String")
	)]
	pub struct Precedence(pub u64);
}

impl Precedence {
	/// That of the commitment at this position of a block.
	pub const fn new(block: BlockNumber, position: u32) -> Self {
		Self(((block as u64) << 32) | position as u64)
	}

	/// The block of the commitment.
	pub const fn block(self) -> BlockNumber {
		(self.0 >> 32) as u32
	}

	/// The position in that block.
	pub const fn position(self) -> u32 {
		self.0 as u32
	}
}

impl fmt::Display for Precedence {
	fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
		write!(formatter, "{}-{}", self.block(), self.position())
	}
}

impl FromStr for Precedence {
	type Err = &'static str;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		text.split_once('-')
			.and_then(|(block, position)| {
				Some(Self::new(block.parse().ok()?, position.parse().ok()?))
			})
			.ok_or("A precedence is a block and a position in it, such as 123-7.")
	}
}

#[cfg(feature = "std")]
impl From<Precedence> for String {
	fn from(precedence: Precedence) -> Self {
		precedence.to_string()
	}
}

#[cfg(feature = "std")]
impl TryFrom<String> for Precedence {
	type Error = &'static str;

	fn try_from(text: String) -> Result<Self, Self::Error> {
		text.parse()
	}
}

record! {
	/// A datanet as it was when it had `length` accepted contributions: what a model is trained on.
	/// Membership is a comparison of indices.
	pub struct Snapshot {
		/// The datanet.
		pub datanet: DatanetId,
		/// How many of its contributions, from the first on.
		pub length: u32,
	}
}

impl Snapshot {
	/// Whether the snapshot holds this contribution.
	pub fn contains(&self, contribution: ContributionRef) -> bool {
		self.datanet == contribution.datanet && contribution.index < self.length
	}
}

record! {
	/// What a contribution is.
	pub enum ContributionKind {
		/// Something to learn from.
		#[codec(index = 0)]
		Data,
		/// Says what another contribution is.
		#[codec(index = 1)]
		Label,
		/// Says what another contribution should have been.
		#[codec(index = 2)]
		Correction,
		/// Says how good a model's answer was.
		#[codec(index = 3)]
		Feedback,
		/// A question or an instruction.
		#[codec(index = 4)]
		Prompt,
		/// Measures models.
		#[codec(index = 5)]
		Evaluation,
	}
}

record! {
	/// Where an accepted contribution stands.
	pub enum Standing {
		/// It earns.
		#[codec(index = 0)]
		Valid,
		/// It was flagged: what it earns is withheld.
		#[codec(index = 1)]
		Flagged,
		/// It was judged unfit, or is a reference's: its place stays, it earns for the commons.
		#[codec(index = 2)]
		Voided,
	}
}

record! {
	/// What a model is.
	pub enum ModelKind {
		/// Trained from nothing.
		#[codec(index = 0)]
		Base,
		/// All weights of another, trained on.
		#[codec(index = 1)]
		FineTune,
		/// Few weights beside those of another.
		#[codec(index = 2)]
		Adapter,
		/// Calls other models; they are its ancestors. It has no weights of its own.
		#[codec(index = 3)]
		Agent,
	}
}

impl ModelKind {
	/// Whether it has weights. If so, it keeps the licence and the data of what they were made from;
	/// an agent need not, because what it calls is paid by receipts of its own.
	pub fn has_weights(self) -> bool {
		self != Self::Agent
	}
}

record! {
	/// What a licence asks of who uses a work, as far as rules on chain can compare it.
	#[derive(Default)]
	pub struct Terms {
		/// Whether it may be used for money.
		pub commercial: bool,
		/// Whether what is made from it must be under the same terms.
		pub share_alike: bool,
		/// Whether its authors must be named.
		pub attribution: bool,
	}
}

record! {
	/// The licence of a contribution, a datanet or a model version. Every one allows training:
	/// what may not be trained on has no place in a datanet.
	pub enum Licence {
		/// Nobody's any more: CC0-1.0 and works without copyright.
		#[codec(index = 0)]
		PublicDomain,
		/// CC-BY-4.0.
		#[codec(index = 1)]
		CcBy,
		/// CC-BY-SA-4.0.
		#[codec(index = 2)]
		CcBySa,
		/// CC-BY-NC-4.0.
		#[codec(index = 3)]
		CcByNc,
		/// CC-BY-NC-SA-4.0.
		#[codec(index = 4)]
		CcByNcSa,
		/// Apache-2.0, MIT and the like.
		#[codec(index = 5)]
		Permissive,
		/// Another text, by its Blake2-256 hash, and what it asks.
		#[codec(index = 6)]
		Custom {
			/// The hash of the text.
			text: H256,
			/// What the text asks, in the words of who chose it.
			terms: Terms,
		},
	}
}

impl Licence {
	/// What it asks.
	pub const fn terms(&self) -> Terms {
		let (commercial, share_alike, attribution) = match self {
			Self::PublicDomain => (true, false, false),
			Self::CcBy | Self::Permissive => (true, false, true),
			Self::CcBySa => (true, true, true),
			Self::CcByNc => (false, false, true),
			Self::CcByNcSa => (false, true, true),
			Self::Custom { terms, .. } => return *terms,
		};
		Terms { commercial, share_alike, attribution }
	}

	/// Whether a work under this licence may go into one under `other`: a datanet that collects it,
	/// or a model that is made from it.
	pub fn allows(&self, other: &Licence) -> bool {
		let (mine, theirs) = (self.terms(), other.terms());
		// Where works must stay under the same terms, similar terms are not enough.
		(!mine.share_alike || self == other)
			&& (mine.commercial || !theirs.commercial)
			&& (!mine.attribution || theirs.attribution)
	}
}

/// What others ask of the datanets.
pub trait InspectDatanets {
	/// The licence under which a snapshot's contributions may be used; none if there is no such
	/// datanet, or it never had that many contributions.
	fn licence(snapshot: Snapshot) -> Option<Licence>;

	/// The reference datanets as they are now: they precede all others in every model.
	fn references() -> Vec<Snapshot>;
}

/// What is taken off what a contribution earns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shares {
	/// Where it stands.
	pub standing: Standing,
	/// The part of its reviewers.
	pub curators: Permill,
	/// The part that its contributor's penalties take.
	pub penalty: Permill,
}

/// What others ask of accepted contributions.
pub trait InspectContributions<AccountId> {
	/// The name and the size of its content.
	fn content(contribution: ContributionRef) -> Option<(ContentId, u64)>;

	/// What is taken off what it earns.
	fn shares(contribution: ContributionRef) -> Option<Shares>;

	/// Where it stands, and where what it earns is paid.
	fn payee(contribution: ContributionRef) -> Option<(Standing, AccountId)>;

	/// The reviewers who accepted it.
	fn curators(contribution: ContributionRef) -> Vec<AccountId>;
}

#[cfg(test)]
mod tests;
