//! Reviewers: invited by a datanet's owner, bonded for what they let in.

use super::*;

impl<T: Config> Pallet<T> {
	/// The seat of an active reviewer.
	pub(crate) fn active_seat(datanet: DatanetId, who: &T::AccountId) -> Result<SeatId, Error<T>> {
		let seat = SeatOf::<T>::get(datanet, who).ok_or(Error::<T>::NotReviewer)?;
		let reviewer = Reviewers::<T>::get(datanet, seat).ok_or(Error::<T>::NotReviewer)?;
		ensure!(reviewer.state == ReviewerState::Active, Error::<T>::NotReviewer);
		Ok(seat)
	}

	/// Whether one of these seats is the account's, or was and its bond still answers for it.
	pub(crate) fn has_sat(datanet: DatanetId, seats: &Seats, who: &T::AccountId) -> bool {
		seats.iter().any(|seat| {
			Reviewers::<T>::get(datanet, seat).is_some_and(|reviewer| reviewer.account == *who)
		})
	}

	/// Forgets votes of reviewers who have left since: no bond would answer for what they let in.
	pub(crate) fn drop_lapsed_votes(datanet: DatanetId, pending: &mut Pending<T::AccountId>) {
		let active = |seat: &SeatId| {
			Reviewers::<T>::get(datanet, seat)
				.is_some_and(|reviewer| reviewer.state == ReviewerState::Active)
		};
		pending.approvals.retain(active);
		pending.rejections.retain(active);
	}

	pub(crate) fn do_invite(
		datanet: DatanetId,
		mut record: Datanet<T::AccountId>,
		account: T::AccountId,
	) -> DispatchResult {
		ensure!(u32::from(record.reviewers) < MAX_REVIEWERS, Error::<T>::TooManyReviewers);
		ensure!(!SeatOf::<T>::contains_key(datanet, &account), Error::<T>::AlreadyReviewer);
		let seat = record.next_seat;
		record.next_seat = seat.checked_add(1).ok_or(Error::<T>::NoMoreIds)?;
		record.reviewers = record.reviewers.saturating_add(1);
		Datanets::<T>::insert(datanet, record);
		SeatOf::<T>::insert(datanet, &account, seat);
		let reviewer = account.clone();
		Reviewers::<T>::insert(
			datanet,
			seat,
			Reviewer { account, bond: 0, cases: 0, state: ReviewerState::Invited },
		);
		Self::deposit_event(Event::ReviewerInvited { datanet, seat, reviewer });
		Ok(())
	}

	pub(crate) fn do_join(datanet: DatanetId, who: T::AccountId) -> DispatchResult {
		let seat = SeatOf::<T>::get(datanet, &who).ok_or(Error::<T>::NotInvited)?;
		let mut reviewer = Reviewers::<T>::get(datanet, seat).ok_or(Error::<T>::NotInvited)?;
		ensure!(reviewer.state == ReviewerState::Invited, Error::<T>::NotInvited);
		let bond = T::ReviewerBond::get();
		Self::hold(HoldReason::ReviewerBond, &who, bond)?;
		reviewer.bond = bond;
		reviewer.state = ReviewerState::Active;
		Reviewers::<T>::insert(datanet, seat, reviewer);
		Self::deposit_event(Event::ReviewerJoined { datanet, seat });
		Ok(())
	}

	pub(crate) fn do_remove(
		datanet: DatanetId,
		mut record: Datanet<T::AccountId>,
		account: T::AccountId,
	) -> DispatchResult {
		let seat = SeatOf::<T>::get(datanet, &account).ok_or(Error::<T>::NoSuchSeat)?;
		let reviewer = Reviewers::<T>::get(datanet, seat).ok_or(Error::<T>::NoSuchSeat)?;
		Self::end_seat(datanet, &mut record, seat, reviewer);
		Datanets::<T>::insert(datanet, record);
		Ok(())
	}

	/// Frees the seat's place among the reviewers; a bond stays for what it answers for.
	pub(crate) fn end_seat(
		datanet: DatanetId,
		record: &mut Datanet<T::AccountId>,
		seat: SeatId,
		mut reviewer: Reviewer<T::AccountId>,
	) {
		SeatOf::<T>::remove(datanet, &reviewer.account);
		record.reviewers = record.reviewers.saturating_sub(1);
		if reviewer.state == ReviewerState::Invited {
			Reviewers::<T>::remove(datanet, seat);
		} else {
			let until = Self::now().saturating_add(T::BondPeriod::get());
			reviewer.state = ReviewerState::Leaving { until };
			Reviewers::<T>::insert(datanet, seat, reviewer);
		}
		Self::deposit_event(Event::ReviewerLeft { datanet, seat });
	}

	pub(crate) fn do_release_reviewer(datanet: DatanetId, seat: SeatId) -> DispatchResult {
		let reviewer = Reviewers::<T>::get(datanet, seat).ok_or(Error::<T>::NoSuchSeat)?;
		let ReviewerState::Leaving { until } = reviewer.state else {
			return Err(Error::<T>::StillAnswerable.into());
		};
		ensure!(Self::now() > until && reviewer.cases == 0, Error::<T>::StillAnswerable);
		Reviewers::<T>::remove(datanet, seat);
		T::Currency::give_back(HoldReason::ReviewerBond, &reviewer.account, reviewer.bond);
		FormerReviewers::<T>::insert(datanet, seat, reviewer.account);
		Self::deposit_event(Event::ReviewerReleased { datanet, seat });
		Ok(())
	}

	/// Counts a flag on what these reviewers accepted as opened, or as concluded.
	pub(crate) fn count_cases(datanet: DatanetId, acceptors: &Seats, opened: bool) {
		for seat in acceptors {
			Reviewers::<T>::mutate_exists(datanet, seat, |reviewer| {
				let Some(reviewer) = reviewer else { return };
				reviewer.cases = if opened {
					reviewer.cases.saturating_add(1)
				} else {
					reviewer.cases.saturating_sub(1)
				};
			});
		}
	}

	/// Takes a part of a bad contribution's bond from everyone who let it in, and returns what that
	/// makes together. Who has no full bond left afterwards reviews no longer.
	pub(crate) fn slash_acceptors(datanet: DatanetId, acceptors: &Seats, loss: Balance) -> Balance {
		let mut total: Balance = 0;
		let Some(mut record) = Datanets::<T>::get(datanet) else { return total };
		for seat in acceptors {
			let Some(mut reviewer) = Reviewers::<T>::get(datanet, seat) else { continue };
			let lost = loss.min(reviewer.bond);
			reviewer.bond = reviewer.bond.saturating_sub(lost);
			total = total.saturating_add(lost);
			Self::slash(HoldReason::ReviewerBond, &reviewer.account, lost, None);
			if lost > 0 && reviewer.state == ReviewerState::Active {
				Self::end_seat(datanet, &mut record, *seat, reviewer);
			} else {
				Reviewers::<T>::insert(datanet, seat, reviewer);
			}
		}
		Datanets::<T>::insert(datanet, record);
		total
	}
}
