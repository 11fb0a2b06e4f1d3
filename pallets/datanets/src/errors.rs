//! Why the pallet refuses.

use frame_support::pallet_macros::pallet_section;

/// Imported by the pallet.
#[pallet_section]
mod errors {
	/// Why a call was refused.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no datanet with this id.
		NoSuchDatanet,
		/// There are no more ids, or no more indices in this datanet.
		NoMoreIds,
		/// Only the datanet's owner may do this.
		NotOwner,
		/// The datanet takes no more reveals.
		DatanetClosed,
		/// Reference datanets are governance's.
		IsReference,
		/// The datanet is no reference.
		NotReference,
		/// There are as many reference datanets as there may be.
		TooManyReferences,
		/// A text is longer than it may be.
		TextTooLong,
		/// The name is empty.
		NoName,
		/// There are more tags than there may be.
		TooManyTags,
		/// The quorum is zero or larger than it may be.
		BadQuorum,
		/// The time to vote is shorter or longer than it may be.
		BadReviewPeriod,
		/// The bond is smaller than it may be.
		BondTooSmall,
		/// The curator share is larger than it may be, or there are no reviewers to get it.
		BadCuratorShare,
		/// The batch is empty.
		EmptyBatch,
		/// This account has made this commitment already.
		AlreadyCommitted,
		/// There is no such commitment of this account; the salt, content or account differ.
		NoSuchCommitment,
		/// The commitment was not revealed in time.
		CommitmentExpired,
		/// The commitment can still be revealed, so only its owner may forget it.
		CommitmentAlive,
		/// The content is registered already; `Contents` says where.
		AlreadyRegistered,
		/// The content is empty or larger than it may be.
		BadSize,
		/// The datanet's policy is not the one that was agreed to.
		PolicyChanged,
		/// The contribution's licence does not allow what the datanet's does.
		LicenceMismatch,
		/// There is no such accepted contribution to speak about.
		NoSuchSubject,
		/// No contribution waits there.
		NotPending,
		/// An earlier commitment to the same content could still come.
		NotMature,
		/// Not enough reviewers have approved it.
		NotApproved,
		/// Only its contributor may take it back while it can be accepted.
		NotContributor,
		/// The account is no active reviewer of this datanet.
		NotReviewer,
		/// There are as many reviewers as there may be.
		TooManyReviewers,
		/// The account has a seat already.
		AlreadyReviewer,
		/// The account was not invited, or has joined already.
		NotInvited,
		/// There is no such seat.
		NoSuchSeat,
		/// The bond still answers for past votes, or for an open flag.
		StillAnswerable,
		/// Nobody reviews or judges their own work.
		OwnWork,
		/// The reviewer has voted already.
		AlreadyVoted,
		/// The vote is over.
		ReviewOver,
		/// There is no contribution with this index.
		NoSuchContribution,
		/// Only who has the right to earn may do this.
		NotEarner,
		/// The contribution is flagged or voided.
		NotValid,
		/// The bond was released or slashed already.
		NoBond,
		/// The bond is not due yet.
		BondNotDue,
		/// It was judged on this ground already.
		AlreadyJudged,
		/// The reporter accepted this contribution, or made it.
		MayNotFlag,
		/// There is no open flag.
		NoFlag,
		/// It is not for reviewers to judge any more.
		NotInReview,
		/// The reviewer accepted this contribution, raised the flag, or came after it.
		MayNotJudge,
		/// There is nothing to appeal against, or the time for it is over.
		NotAppealable,
		/// Against a flag that was upheld only the contributor appeals, against a rejection everyone else.
		MayNotAppeal,
		/// It is not governance's to rule on yet.
		NotInGovernance,
		/// The stage of this flag has not ended.
		TooEarly,
		/// There is no payout account to forget.
		NoPayee,
	}
}
