//! What the pallet stores and what its calls take.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{traits::ConstU32, BoundedVec};
use openledger_primitives::{
	content::ContentId,
	records::{ContributionKind, ContributionRef, DatanetId, Licence, Precedence},
	stored, Balance, BlockNumber,
};
pub use openledger_primitives::{
	records::{Standing, MAX_REFERENCES},
	storage::{Text, MAX_DESCRIPTION, MAX_NAME, MAX_URI},
};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::Permill;

/// The most bytes of a tag.
pub const MAX_TAG: u32 = 32;
/// The most tags of a datanet.
pub const MAX_TAGS: u32 = 8;
/// The most reviewers of a datanet, those invited included.
pub const MAX_REVIEWERS: u32 = 32;
/// The most reviewers that a decision may ask for.
pub const MAX_QUORUM: u32 = 8;

/// A reviewer's seat in a datanet. Never given to another, so that a vote stays one's own.
pub type SeatId = u16;

/// The seats on one side of a decision.
pub type Seats = BoundedVec<SeatId, ConstU32<MAX_QUORUM>>;

stored! {
	/// How contributions come in.
	#[derive(Copy)]
	pub enum Admission {
		/// By themselves, once every earlier commitment is known.
		#[codec(index = 0)]
		Open,
		/// By reviewers.
		#[codec(index = 1)]
		Reviewed {
			/// How many must approve, or reject.
			quorum: u8,
			/// For how many blocks after the reveal they may vote.
			period: BlockNumber,
		},
	}
}

stored! {
	/// What a datanet asks of contributions that come in from now on.
	#[derive(Copy)]
	pub struct Policy {
		/// How they come in.
		pub admission: Admission,
		/// What a contributor bonds for each.
		pub bond: Balance,
		/// The part of a contribution's earnings that its reviewers get.
		pub curator_share: Permill,
	}
}

stored! {
	/// A datanet.
	pub struct Datanet<AccountId> {
		/// Who sets the policy and invites reviewers.
		pub owner: AccountId,
		/// The licence that its contributions allow at least.
		pub licence: Licence,
		/// What it asks of contributions.
		pub policy: Policy,
		/// Accepted contributions: the length of its longest snapshot.
		pub length: u32,
		/// Contributions that wait.
		pub pending: u32,
		/// Reviewers, those invited included.
		pub reviewers: u16,
		/// The seat that the next reviewer gets.
		pub next_seat: SeatId,
		/// What the owner has deposited; nothing once it is closed.
		pub deposit: Balance,
		/// Whether contributions may be revealed into it.
		pub open: bool,
		/// Whether it is a reference: set by governance, precedes all others, earns for the commons.
		pub reference: bool,
	}
}

stored! {
	/// What people read about a datanet.
	#[derive(Default)]
	pub struct Metadata {
		/// Its name.
		pub name: Text<MAX_NAME>,
		/// What it collects, and how it should be.
		pub description: Text<MAX_DESCRIPTION>,
		/// Words to find it by.
		pub tags: BoundedVec<Text<MAX_TAG>, ConstU32<MAX_TAGS>>,
		/// Where contents lie that have no URI of their own: it is followed by the content's name.
		pub uri: Text<MAX_URI>,
	}
}

stored! {
	/// A commitment: that somebody has something, without saying what.
	pub struct Commitment {
		/// The order it gives to what is revealed.
		pub precedence: Precedence,
		/// When it was made, by the clock of deadlines.
		pub at: BlockNumber,
	}
}

/// What a reveal says about a content.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub struct Reveal {
	/// The content's name.
	pub content: ContentId,
	/// The random bytes of the commitment.
	pub salt: H256,
	/// Its bytes.
	pub size: u64,
	/// What it is.
	pub kind: ContributionKind,
	/// The contributor's licence.
	pub licence: Licence,
	/// Where it lies, if not where the datanet says.
	pub uri: Vec<u8>,
	/// What it labels, corrects or speaks about.
	pub subject: Option<ContributionRef>,
}

/// A content that governance adds to a reference datanet.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub struct Reference {
	/// The content's name.
	pub content: ContentId,
	/// Its bytes.
	pub size: u64,
	/// What it is.
	pub kind: ContributionKind,
	/// Where it lies, if not where the datanet says.
	pub uri: Vec<u8>,
}

stored! {
	/// The facts of a content, from its reveal on.
	#[derive(Copy)]
	pub struct Work {
		/// The content's name.
		pub content: ContentId,
		/// Its bytes.
		pub size: u64,
		/// What it is.
		pub kind: ContributionKind,
		/// The contributor's licence.
		pub licence: Licence,
		/// What it labels, corrects or speaks about.
		pub subject: Option<ContributionRef>,
	}
}

stored! {
	/// A contribution that waits to be accepted.
	pub struct Pending<AccountId> {
		/// Who made it.
		pub contributor: AccountId,
		/// What it is.
		pub work: Work,
		/// What is bonded for it.
		pub bond: Balance,
		/// The part of its earnings that its reviewers will get.
		pub curator_share: Permill,
		/// When it was committed, by the clock of deadlines.
		pub committed: BlockNumber,
		/// The last block in which reviewers vote.
		pub review_ends: BlockNumber,
		/// How many votes decide; none are needed where it is zero.
		pub quorum: u8,
		/// Who approved it.
		pub approvals: Seats,
		/// Who rejected it.
		pub rejections: Seats,
	}
}

stored! {
	/// An accepted contribution.
	pub struct Contribution<AccountId> {
		/// Who made it: history and penalties stay with them.
		pub contributor: AccountId,
		/// Who has the right to earn, if it was transferred.
		pub earner: Option<AccountId>,
		/// What it is.
		pub work: Work,
		/// Its place in the order of all contributions.
		pub precedence: Precedence,
		/// When it was accepted, by the clock of deadlines.
		pub accepted: BlockNumber,
		/// What is bonded for it; nothing once it was released or slashed.
		pub bond: Balance,
		/// The part of its earnings that its reviewers get.
		pub curator_share: Permill,
		/// The reviewers who accepted it.
		pub acceptors: Seats,
		/// The grounds on which it was judged before.
		pub judged: Grounds,
		/// Where it stands.
		pub standing: Standing,
	}
}

impl<AccountId> Contribution<AccountId> {
	/// Who has the right to earn.
	pub fn earner(&self) -> &AccountId {
		self.earner.as_ref().unwrap_or(&self.contributor)
	}
}

stored! {
	/// Where a content is registered.
	#[derive(Copy)]
	pub enum Place {
		/// It waits in a datanet.
		#[codec(index = 0)]
		Pending {
			/// The datanet.
			datanet: DatanetId,
			/// By which it is found there.
			precedence: Precedence,
		},
		/// It was accepted.
		#[codec(index = 1)]
		Accepted(ContributionRef),
	}
}

stored! {
	/// A reviewer.
	pub struct Reviewer<AccountId> {
		/// Who it is.
		pub account: AccountId,
		/// What is bonded.
		pub bond: Balance,
		/// Flags that are open on what they accepted: their bond answers for it.
		pub cases: u32,
		/// Since when, or until when.
		pub state: ReviewerState,
	}
}

stored! {
	/// Where a reviewer stands.
	#[derive(Copy)]
	pub enum ReviewerState {
		/// Invited by the owner, not bonded.
		#[codec(index = 0)]
		Invited,
		/// Votes and judges.
		#[codec(index = 1)]
		Active,
		/// Does no longer; the bond answers for past votes until this block.
		#[codec(index = 2)]
		Leaving {
			/// The last block of it.
			until: BlockNumber,
		},
	}
}

stored! {
	/// A reviewer's vote on a contribution.
	#[derive(Copy)]
	pub enum Vote {
		/// Let it in.
		#[codec(index = 0)]
		Approve,
		/// Keep it out, and why.
		#[codec(index = 1)]
		Reject(Reason),
	}
}

stored! {
	/// Why a reviewer keeps a contribution out.
	#[derive(Copy)]
	pub enum Reason {
		/// Not what the datanet collects.
		#[codec(index = 0)]
		OffTopic,
		/// Not good enough.
		#[codec(index = 1)]
		LowQuality,
		/// It only repeats what is there.
		#[codec(index = 2)]
		Redundant,
		/// Its contributor may not license it.
		#[codec(index = 3)]
		Rights,
		/// Made to do harm.
		#[codec(index = 4)]
		Harmful,
		/// It cannot be had at its URI.
		#[codec(index = 5)]
		Unavailable,
	}
}

stored! {
	/// Why an accepted contribution is flagged.
	#[derive(Copy)]
	pub enum Ground {
		/// Worthless.
		#[codec(index = 0)]
		LowQuality,
		/// Systematically one-sided.
		#[codec(index = 1)]
		Biased,
		/// Part of a bulk registration of what was there before. One equal chunk is none.
		#[codec(index = 2)]
		Redundant,
		/// Made to mislead models.
		#[codec(index = 3)]
		Adversarial,
		/// It cannot be had at its URI.
		#[codec(index = 4)]
		Unavailable,
	}
}

impl Ground {
	/// All grounds.
	pub const ALL: [Self; 5] =
		[Self::LowQuality, Self::Biased, Self::Redundant, Self::Adversarial, Self::Unavailable];

	/// The penalty points that the contributor gets when it is upheld.
	pub const fn points(self) -> u32 {
		match self {
			Self::LowQuality | Self::Biased | Self::Unavailable => 1,
			Self::Redundant => 2,
			Self::Adversarial => 5,
		}
	}

	const fn bit(self) -> u8 {
		1 << self as u8
	}
}

stored! {
	/// A set of grounds.
	#[derive(Copy, Default)]
	pub struct Grounds(u8);
}

impl Grounds {
	/// Whether the ground is in it.
	pub const fn contains(self, ground: Ground) -> bool {
		self.0 & ground.bit() != 0
	}

	/// With this ground in it.
	pub const fn with(self, ground: Ground) -> Self {
		Self(self.0 | ground.bit())
	}
}

stored! {
	/// A flag on an accepted contribution, until it is concluded.
	pub struct Flag<AccountId> {
		/// Who raised it.
		pub reporter: AccountId,
		/// Why.
		pub ground: Ground,
		/// What the reporter has deposited.
		pub deposit: Balance,
		/// How many reviewers decide.
		pub quorum: u8,
		/// Reviewers with this seat or a later one came after the flag, and do not judge.
		pub first_late_seat: SeatId,
		/// How far it is.
		pub stage: Stage<AccountId>,
	}
}

stored! {
	/// How far a flag is.
	pub enum Stage<AccountId> {
		/// Reviewers judge.
		#[codec(index = 0)]
		Review {
			/// The last block in which they do; then it is governance's.
			until: BlockNumber,
			/// Who would uphold it.
			upheld: Seats,
			/// Who would reject it.
			rejected: Seats,
		},
		/// Reviewers have decided; who lost may appeal.
		#[codec(index = 1)]
		Appealable {
			/// The last block for an appeal.
			until: BlockNumber,
			/// What they decided.
			upheld: bool,
		},
		/// Governance rules.
		#[codec(index = 2)]
		Governance {
			/// From the next block on anyone may end it, if it has not ruled: what reviewers decided
			/// stands, and what they did not decide has lapsed.
			until: BlockNumber,
			/// Who appealed against what; none if reviewers did not decide.
			appeal: Option<Appeal<AccountId>>,
		},
	}
}

stored! {
	/// An appeal.
	pub struct Appeal<AccountId> {
		/// Who appealed.
		pub by: AccountId,
		/// What they have deposited.
		pub deposit: Balance,
		/// What the reviewers decided.
		pub upheld: bool,
	}
}

stored! {
	/// What is publicly known of a contributor. Rules depend on the points only.
	#[derive(Copy, Default)]
	pub struct Reputation {
		/// Contributions accepted.
		pub accepted: u32,
		/// Contributions rejected by reviewers.
		pub rejected: u32,
		/// Flags upheld on their contributions.
		pub upheld: u32,
		/// Penalty points.
		pub points: u32,
	}
}
