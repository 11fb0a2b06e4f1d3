//! What the pallet tells the world.

use frame_support::pallet_macros::pallet_section;

/// Imported by the pallet.
#[pallet_section]
mod events {
	/// What happened. Fields have the names of what the pallet's terms call them.
	#[allow(missing_docs)]
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A datanet was created.
		DatanetCreated { datanet: DatanetId, owner: T::AccountId, reference: bool },
		/// A datanet is described anew.
		MetadataSet { datanet: DatanetId },
		/// A datanet asks something else of new contributions.
		PolicySet { datanet: DatanetId, policy: Policy },
		/// A datanet has another owner.
		DatanetTransferred { datanet: DatanetId, owner: T::AccountId },
		/// A datanet takes no more reveals.
		DatanetClosed { datanet: DatanetId },
		/// A reviewer was invited.
		ReviewerInvited { datanet: DatanetId, seat: SeatId, reviewer: T::AccountId },
		/// A reviewer has bonded and votes from now on.
		ReviewerJoined { datanet: DatanetId, seat: SeatId },
		/// A reviewer votes no longer.
		ReviewerLeft { datanet: DatanetId, seat: SeatId },
		/// A reviewer's bond was released.
		ReviewerReleased { datanet: DatanetId, seat: SeatId },
		/// Something was committed.
		Committed { owner: T::AccountId, commitment: H256, precedence: Precedence },
		/// A commitment was forgotten, unrevealed.
		Forgotten { owner: T::AccountId, commitment: H256 },
		/// A content was revealed and waits.
		Revealed {
			datanet: DatanetId,
			precedence: Precedence,
			contributor: T::AccountId,
			content: ContentId,
		},
		/// A waiting content gave way to an earlier commitment to the same.
		Displaced { datanet: DatanetId, precedence: Precedence, content: ContentId },
		/// A reviewer voted.
		Voted { datanet: DatanetId, precedence: Precedence, seat: SeatId, vote: Vote },
		/// Reviewers kept a contribution out.
		Rejected { datanet: DatanetId, precedence: Precedence, content: ContentId },
		/// A waiting contribution was taken back.
		Withdrawn { datanet: DatanetId, precedence: Precedence, content: ContentId },
		/// A contribution was accepted.
		Accepted { contribution: ContributionRef, precedence: Precedence, content: ContentId },
		/// A content lies elsewhere.
		UriSet { contribution: ContributionRef },
		/// The right to earn was transferred.
		RightTransferred { contribution: ContributionRef, earner: T::AccountId },
		/// An earner is paid on another account.
		PayeeSet { earner: T::AccountId, payee: Option<T::AccountId> },
		/// A contribution's bond was released.
		BondReleased { contribution: ContributionRef },
		/// A contribution was flagged.
		Flagged { contribution: ContributionRef, reporter: T::AccountId, ground: Ground },
		/// A reviewer judged a flag.
		Judged { contribution: ContributionRef, seat: SeatId, upheld: bool },
		/// Enough reviewers judged a flag alike.
		Decided { contribution: ContributionRef, upheld: bool },
		/// A flag is governance's to rule on.
		Escalated { contribution: ContributionRef, appellant: Option<T::AccountId> },
		/// A flag is concluded.
		Concluded { contribution: ContributionRef, upheld: bool, slashed: Balance },
		/// A contribution earns for the commons from now on.
		Voided { contribution: ContributionRef },
	}
}
