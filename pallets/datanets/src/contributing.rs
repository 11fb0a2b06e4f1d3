//! Datanets and the way of a contribution: commit, reveal, accept, and what comes after.

use super::*;
use openledger_primitives::content::MAX_SIZE;
use sp_io::hashing::blake2_256;

/// The hash that commits an account to a content.
pub fn commitment_hash<AccountId: Encode>(
	content: ContentId,
	salt: H256,
	owner: &AccountId,
) -> H256 {
	blake2_256(&(content, salt, owner).encode()).into()
}

impl<T: Config> Pallet<T> {
	/// Now, by the clock of deadlines.
	pub(crate) fn now() -> BlockNumber {
		T::Clock::current_block_number()
	}

	pub(crate) fn text<const N: u32>(text: Vec<u8>) -> Result<Text<N>, Error<T>> {
		text.try_into().map_err(|_| Error::<T>::TextTooLong)
	}

	pub(crate) fn metadata(
		name: Vec<u8>,
		description: Vec<u8>,
		tags: Vec<Vec<u8>>,
		uri: Vec<u8>,
	) -> Result<Metadata, Error<T>> {
		ensure!(!name.is_empty(), Error::<T>::NoName);
		ensure!(tags.len() <= MAX_TAGS as usize, Error::<T>::TooManyTags);
		let tags = tags.into_iter().map(Self::text).collect::<Result<Vec<_>, _>>()?;
		Ok(Metadata {
			name: Self::text(name)?,
			description: Self::text(description)?,
			tags: tags.try_into().map_err(|_| Error::<T>::TooManyTags)?,
			uri: Self::text(uri)?,
		})
	}

	pub(crate) fn check_policy(policy: &Policy) -> DispatchResult {
		ensure!(policy.bond >= T::MinContributionBond::get(), Error::<T>::BondTooSmall);
		let most = match policy.admission {
			Admission::Open => Permill::zero(),
			Admission::Reviewed { quorum, period } => {
				ensure!(quorum > 0 && u32::from(quorum) <= MAX_QUORUM, Error::<T>::BadQuorum);
				ensure!(
					period >= T::MinReviewPeriod::get() && period <= T::MaxReviewPeriod::get(),
					Error::<T>::BadReviewPeriod
				);
				T::MaxCuratorShare::get()
			}
		};
		ensure!(policy.curator_share <= most, Error::<T>::BadCuratorShare);
		Ok(())
	}

	/// A datanet that `who` owns.
	pub(crate) fn owned(
		datanet: DatanetId,
		who: &T::AccountId,
	) -> Result<Datanet<T::AccountId>, Error<T>> {
		let record = Datanets::<T>::get(datanet).ok_or(Error::<T>::NoSuchDatanet)?;
		ensure!(!record.reference, Error::<T>::IsReference);
		ensure!(record.owner == *who, Error::<T>::NotOwner);
		Ok(record)
	}

	pub(crate) fn contribution_or_error(
		at: ContributionRef,
	) -> Result<Contribution<T::AccountId>, Error<T>> {
		Contributions::<T>::get(at.datanet, at.index).ok_or(Error::<T>::NoSuchContribution)
	}

	pub(crate) fn put_uri(content: ContentId, uri: Text<MAX_URI>) {
		if uri.is_empty() {
			Uris::<T>::remove(content);
		} else {
			Uris::<T>::insert(content, uri);
		}
	}

	pub(crate) fn do_create(
		owner: T::AccountId,
		licence: Licence,
		policy: Policy,
		metadata: Metadata,
		deposit: Balance,
		reference: bool,
	) -> DispatchResult {
		let datanet = NextDatanet::<T>::get();
		ensure!(datanet < ID_LIMIT, Error::<T>::NoMoreIds);
		Self::hold(HoldReason::Datanet, &owner, deposit)?;
		NextDatanet::<T>::put(datanet.saturating_add(1));
		Metadatas::<T>::insert(datanet, metadata);
		Datanets::<T>::insert(
			datanet,
			Datanet {
				owner: owner.clone(),
				licence,
				policy,
				length: 0,
				pending: 0,
				reviewers: 0,
				next_seat: 0,
				deposit,
				open: true,
				reference,
			},
		);
		Self::deposit_event(Event::DatanetCreated { datanet, owner, reference });
		Ok(())
	}

	pub(crate) fn do_commit(owner: T::AccountId, commitments: BatchOf<T, H256>) -> DispatchResult {
		ensure!(!commitments.is_empty(), Error::<T>::EmptyBatch);
		let deposits = T::CommitmentDeposit::get().saturating_mul(commitments.len() as Balance);
		Self::hold(HoldReason::Commitment, &owner, deposits)?;
		let block = frame_system::Pallet::<T>::block_number().saturated_into::<BlockNumber>();
		let (last_block, last_position) = LastCommitments::<T>::get();
		let mut position = if last_block == block { last_position } else { 0 };
		let at = Self::now();
		for commitment in commitments {
			ensure!(
				!Commitments::<T>::contains_key(&owner, commitment),
				Error::<T>::AlreadyCommitted
			);
			let precedence = Precedence::new(block, position);
			position = position.checked_add(1).ok_or(Error::<T>::NoMoreIds)?;
			Commitments::<T>::insert(&owner, commitment, Commitment { precedence, at });
			Self::deposit_event(Event::Committed { owner: owner.clone(), commitment, precedence });
		}
		LastCommitments::<T>::put((block, position));
		Ok(())
	}

	/// Whether a commitment can still be revealed.
	fn is_alive(commitment: &Commitment) -> bool {
		Self::now() <= commitment.at.saturating_add(T::RevealPeriod::get())
	}

	pub(crate) fn do_forget(
		who: T::AccountId,
		owner: T::AccountId,
		commitments: BatchOf<T, H256>,
	) -> DispatchResult {
		ensure!(!commitments.is_empty(), Error::<T>::EmptyBatch);
		let deposits = T::CommitmentDeposit::get().saturating_mul(commitments.len() as Balance);
		for commitment in commitments {
			let record =
				Commitments::<T>::take(&owner, commitment).ok_or(Error::<T>::NoSuchCommitment)?;
			ensure!(who == owner || !Self::is_alive(&record), Error::<T>::CommitmentAlive);
			Self::deposit_event(Event::Forgotten { owner: owner.clone(), commitment });
		}
		T::Currency::give_back(HoldReason::Commitment, &owner, deposits);
		Ok(())
	}

	pub(crate) fn do_reveal(
		who: T::AccountId,
		datanet: DatanetId,
		agreed: Policy,
		reveals: BatchOf<T, Reveal>,
	) -> DispatchResult {
		ensure!(!reveals.is_empty(), Error::<T>::EmptyBatch);
		let mut record = Datanets::<T>::get(datanet).ok_or(Error::<T>::NoSuchDatanet)?;
		ensure!(!record.reference, Error::<T>::IsReference);
		ensure!(record.open, Error::<T>::DatanetClosed);
		ensure!(record.policy == agreed, Error::<T>::PolicyChanged);
		let count = reveals.len() as u32;
		let Policy { admission, bond, curator_share } = agreed;
		let (quorum, period) = match admission {
			Admission::Open => (0, 0),
			Admission::Reviewed { quorum, period } => (quorum, period),
		};
		let review_ends = Self::now().saturating_add(period);
		let commitments = reveals
			.iter()
			.map(|reveal| Self::redeem(&who, reveal))
			.collect::<Result<Vec<_>, _>>()?;
		let deposits = T::CommitmentDeposit::get().saturating_mul(Balance::from(count));
		T::Currency::give_back(HoldReason::Commitment, &who, deposits);
		// Before the loop: a later item may displace an earlier one, whose bond then goes back.
		Self::hold(HoldReason::ContributionBond, &who, bond.saturating_mul(Balance::from(count)))?;
		for (reveal, commitment) in reveals.into_iter().zip(commitments) {
			let work = Self::check_work(&reveal, &record.licence)?;
			let uri = Self::text(reveal.uri)?;
			let precedence = commitment.precedence;
			// In the order of the batch, so that an equal content in it is found here as well.
			Self::make_way(work.content, precedence, datanet, &mut record)?;
			Contents::<T>::insert(work.content, Place::Pending { datanet, precedence });
			Self::put_uri(work.content, uri);
			PendingContributions::<T>::insert(
				datanet,
				precedence,
				Pending {
					contributor: who.clone(),
					work,
					bond,
					curator_share,
					committed: commitment.at,
					review_ends,
					quorum,
					approvals: Seats::default(),
					rejections: Seats::default(),
				},
			);
			record.pending = record.pending.saturating_add(1);
			Self::deposit_event(Event::Revealed {
				datanet,
				precedence,
				contributor: who.clone(),
				content: work.content,
			});
		}
		Datanets::<T>::insert(datanet, record);
		Ok(())
	}

	/// Takes the commitment that a reveal is about.
	fn redeem(who: &T::AccountId, reveal: &Reveal) -> Result<Commitment, Error<T>> {
		let hash = commitment_hash(reveal.content, reveal.salt, who);
		let commitment = Commitments::<T>::take(who, hash).ok_or(Error::<T>::NoSuchCommitment)?;
		ensure!(Self::is_alive(&commitment), Error::<T>::CommitmentExpired);
		Ok(commitment)
	}

	fn check_work(reveal: &Reveal, licence: &Licence) -> Result<Work, Error<T>> {
		ensure!(reveal.size > 0 && reveal.size <= MAX_SIZE, Error::<T>::BadSize);
		ensure!(reveal.licence.allows(licence), Error::<T>::LicenceMismatch);
		if let Some(subject) = reveal.subject {
			ensure!(
				Contributions::<T>::contains_key(subject.datanet, subject.index),
				Error::<T>::NoSuchSubject
			);
		}
		Ok(Work {
			content: reveal.content,
			size: reveal.size,
			kind: reveal.kind,
			licence: reveal.licence,
			subject: reveal.subject,
		})
	}

	/// Makes sure that a content is free, or becomes so because who waits came later.
	///
	/// `current` is the record of the datanet being worked on, which is not in storage meanwhile.
	fn make_way(
		content: ContentId,
		precedence: Precedence,
		current_id: DatanetId,
		current: &mut Datanet<T::AccountId>,
	) -> DispatchResult {
		match Contents::<T>::get(content) {
			None => Ok(()),
			Some(Place::Pending { datanet, precedence: later }) if precedence < later => {
				if datanet == current_id {
					Self::drop_pending(datanet, later, current)?;
				} else {
					Datanets::<T>::try_mutate(datanet, |other| {
						let other = other.as_mut().ok_or(Error::<T>::NoSuchDatanet)?;
						Self::drop_pending(datanet, later, other)
					})?;
				}
				Self::deposit_event(Event::Displaced { datanet, precedence: later, content });
				Ok(())
			}
			Some(_) => Err(Error::<T>::AlreadyRegistered.into()),
		}
	}

	/// Removes what waits, and returns its bond.
	fn drop_pending(
		datanet: DatanetId,
		precedence: Precedence,
		record: &mut Datanet<T::AccountId>,
	) -> DispatchResult {
		let pending =
			PendingContributions::<T>::take(datanet, precedence).ok_or(Error::<T>::NotPending)?;
		record.pending = record.pending.saturating_sub(1);
		Contents::<T>::remove(pending.work.content);
		Uris::<T>::remove(pending.work.content);
		T::Currency::give_back(HoldReason::ContributionBond, &pending.contributor, pending.bond);
		Ok(())
	}

	pub(crate) fn do_vote(
		who: T::AccountId,
		datanet: DatanetId,
		votes: BatchOf<T, (Precedence, Vote)>,
	) -> DispatchResult {
		ensure!(!votes.is_empty(), Error::<T>::EmptyBatch);
		let seat = Self::active_seat(datanet, &who)?;
		let mut record = Datanets::<T>::get(datanet).ok_or(Error::<T>::NoSuchDatanet)?;
		for (precedence, vote) in votes {
			let mut pending = PendingContributions::<T>::get(datanet, precedence)
				.ok_or(Error::<T>::NotPending)?;
			ensure!(pending.contributor != who, Error::<T>::OwnWork);
			Self::drop_lapsed_votes(datanet, &mut pending);
			ensure!(
				pending.needs_votes() && Self::now() <= pending.review_ends,
				Error::<T>::ReviewOver
			);
			ensure!(
				!pending.approvals.contains(&seat) && !pending.rejections.contains(&seat),
				Error::<T>::AlreadyVoted
			);
			let side = match vote {
				Vote::Approve => &mut pending.approvals,
				Vote::Reject(_) => &mut pending.rejections,
			};
			side.try_push(seat).map_err(|_| Error::<T>::ReviewOver)?;
			Self::deposit_event(Event::Voted { datanet, precedence, seat, vote });
			if pending.rejections.len() >= usize::from(pending.quorum) {
				let content = pending.work.content;
				Self::drop_pending(datanet, precedence, &mut record)?;
				Reputations::<T>::mutate(&pending.contributor, |reputation| {
					reputation.rejected = reputation.rejected.saturating_add(1);
				});
				Self::deposit_event(Event::Rejected { datanet, precedence, content });
			} else {
				PendingContributions::<T>::insert(datanet, precedence, pending);
			}
		}
		Datanets::<T>::insert(datanet, record);
		Ok(())
	}

	pub(crate) fn do_accept(
		datanet: DatanetId,
		contributions: BatchOf<T, Precedence>,
	) -> DispatchResult {
		ensure!(!contributions.is_empty(), Error::<T>::EmptyBatch);
		let mut record = Datanets::<T>::get(datanet).ok_or(Error::<T>::NoSuchDatanet)?;
		let now = Self::now();
		for precedence in contributions {
			let mut pending = PendingContributions::<T>::take(datanet, precedence)
				.ok_or(Error::<T>::NotPending)?;
			// Later than the last block in which an earlier commitment can be revealed.
			let known = pending.committed.saturating_add(T::RevealPeriod::get());
			ensure!(now > known, Error::<T>::NotMature);
			Self::drop_lapsed_votes(datanet, &mut pending);
			ensure!(!pending.needs_votes(), Error::<T>::NotApproved);
			record.pending = record.pending.saturating_sub(1);
			let Pending { contributor, work, bond, curator_share, approvals, .. } = pending;
			Reputations::<T>::mutate(&contributor, |reputation| {
				reputation.accepted = reputation.accepted.saturating_add(1);
			});
			Self::append(
				datanet,
				&mut record,
				Contribution {
					contributor,
					earner: None,
					work,
					precedence,
					accepted: now,
					bond,
					curator_share,
					acceptors: approvals,
					judged: Grounds::default(),
					standing: Standing::Valid,
				},
			)?;
		}
		Datanets::<T>::insert(datanet, record);
		Ok(())
	}

	/// Gives an accepted contribution the next index of its datanet.
	fn append(
		datanet: DatanetId,
		record: &mut Datanet<T::AccountId>,
		contribution: Contribution<T::AccountId>,
	) -> DispatchResult {
		let index = record.length;
		ensure!(index < ID_LIMIT, Error::<T>::NoMoreIds);
		record.length = index.saturating_add(1);
		let at = ContributionRef { datanet, index };
		let (content, precedence) = (contribution.work.content, contribution.precedence);
		Contents::<T>::insert(content, Place::Accepted(at));
		Contributions::<T>::insert(datanet, index, contribution);
		Self::deposit_event(Event::Accepted { contribution: at, precedence, content });
		Ok(())
	}

	pub(crate) fn do_withdraw(
		who: T::AccountId,
		datanet: DatanetId,
		contributions: BatchOf<T, Precedence>,
	) -> DispatchResult {
		ensure!(!contributions.is_empty(), Error::<T>::EmptyBatch);
		let mut record = Datanets::<T>::get(datanet).ok_or(Error::<T>::NoSuchDatanet)?;
		for precedence in contributions {
			let mut pending = PendingContributions::<T>::get(datanet, precedence)
				.ok_or(Error::<T>::NotPending)?;
			Self::drop_lapsed_votes(datanet, &mut pending);
			let lapsed = pending.needs_votes() && Self::now() > pending.review_ends;
			ensure!(who == pending.contributor || lapsed, Error::<T>::NotContributor);
			Self::drop_pending(datanet, precedence, &mut record)?;
			let content = pending.work.content;
			Self::deposit_event(Event::Withdrawn { datanet, precedence, content });
		}
		Datanets::<T>::insert(datanet, record);
		Ok(())
	}

	pub(crate) fn do_transfer_right(
		who: T::AccountId,
		contributions: BatchOf<T, ContributionRef>,
		earner: T::AccountId,
	) -> DispatchResult {
		ensure!(!contributions.is_empty(), Error::<T>::EmptyBatch);
		for contribution in contributions {
			let mut record = Self::contribution_or_error(contribution)?;
			ensure!(*record.earner() == who, Error::<T>::NotEarner);
			record.earner = (earner != record.contributor).then(|| earner.clone());
			Contributions::<T>::insert(contribution.datanet, contribution.index, record);
			let earner = earner.clone();
			Self::deposit_event(Event::RightTransferred { contribution, earner });
		}
		Ok(())
	}

	pub(crate) fn do_set_payee(
		earner: T::AccountId,
		payee: Option<T::AccountId>,
	) -> DispatchResult {
		let had = Payees::<T>::contains_key(&earner);
		match &payee {
			Some(payee) => {
				if !had {
					Self::hold(HoldReason::Payee, &earner, T::PayeeDeposit::get())?;
				}
				Payees::<T>::insert(&earner, payee);
			}
			None => {
				ensure!(had, Error::<T>::NoPayee);
				Payees::<T>::remove(&earner);
				T::Currency::give_back(HoldReason::Payee, &earner, T::PayeeDeposit::get());
			}
		}
		Self::deposit_event(Event::PayeeSet { earner, payee });
		Ok(())
	}

	pub(crate) fn do_release_bonds(contributions: BatchOf<T, ContributionRef>) -> DispatchResult {
		ensure!(!contributions.is_empty(), Error::<T>::EmptyBatch);
		for contribution in contributions {
			let mut record = Self::contribution_or_error(contribution)?;
			ensure!(record.bond > 0, Error::<T>::NoBond);
			ensure!(record.standing == Standing::Valid, Error::<T>::NotValid);
			let due = record.accepted.saturating_add(T::BondPeriod::get());
			ensure!(Self::now() >= due, Error::<T>::BondNotDue);
			let bond = core::mem::take(&mut record.bond);
			T::Currency::give_back(HoldReason::ContributionBond, &record.contributor, bond);
			Contributions::<T>::insert(contribution.datanet, contribution.index, record);
			Self::deposit_event(Event::BondReleased { contribution });
		}
		Ok(())
	}

	pub(crate) fn do_add_references(
		datanet: DatanetId,
		contents: BatchOf<T, Reference>,
	) -> DispatchResult {
		ensure!(!contents.is_empty(), Error::<T>::EmptyBatch);
		let mut record = Datanets::<T>::get(datanet).ok_or(Error::<T>::NoSuchDatanet)?;
		ensure!(record.reference, Error::<T>::NotReference);
		let now = Self::now();
		let mut made = ReferencesMade::<T>::get();
		for Reference { content, size, kind, uri } in contents {
			ensure!(size > 0 && size <= MAX_SIZE, Error::<T>::BadSize);
			let uri = Self::text(uri)?;
			// Nothing is committed in block zero, so these precede everything.
			let precedence = Precedence::new(0, made);
			made = made.checked_add(1).ok_or(Error::<T>::NoMoreIds)?;
			match Contents::<T>::get(content) {
				Some(Place::Accepted(at)) => Self::supersede(at)?,
				_ => Self::make_way(content, precedence, datanet, &mut record)?,
			}
			Self::put_uri(content, uri);
			let work = Work { content, size, kind, licence: record.licence, subject: None };
			Self::append(
				datanet,
				&mut record,
				Contribution {
					contributor: T::Commons::get(),
					earner: None,
					work,
					precedence,
					accepted: now,
					bond: 0,
					curator_share: Permill::zero(),
					acceptors: Seats::default(),
					judged: Grounds::default(),
					standing: Standing::Valid,
				},
			)?;
		}
		ReferencesMade::<T>::put(made);
		Datanets::<T>::insert(datanet, record);
		Ok(())
	}

	/// Voids an accepted contribution in favour of a reference. Copying is no offence: the bond
	/// goes back.
	fn supersede(at: ContributionRef) -> DispatchResult {
		let mut record = Self::contribution_or_error(at)?;
		ensure!(record.precedence.block() > 0, Error::<T>::AlreadyRegistered);
		if record.standing == Standing::Flagged {
			// Whatever it was flagged for does not matter any more.
			Self::drop_flag(at)?;
		}
		let bond = core::mem::take(&mut record.bond);
		T::Currency::give_back(HoldReason::ContributionBond, &record.contributor, bond);
		record.standing = Standing::Voided;
		Contributions::<T>::insert(at.datanet, at.index, record);
		Self::deposit_event(Event::Voided { contribution: at });
		Ok(())
	}
}

impl<AccountId> Pending<AccountId> {
	/// Whether it cannot be accepted yet for lack of approvals.
	pub(crate) fn needs_votes(&self) -> bool {
		self.approvals.len() < usize::from(self.quorum)
	}
}

impl<T: Config> InspectDatanets for Pallet<T> {
	fn licence(snapshot: Snapshot) -> Option<Licence> {
		let record = Datanets::<T>::get(snapshot.datanet)?;
		(snapshot.length <= record.length).then_some(record.licence)
	}

	fn references() -> Vec<Snapshot> {
		References::<T>::get().into_iter().filter_map(Self::snapshot).collect()
	}
}
