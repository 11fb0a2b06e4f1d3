//! Flags on accepted contributions: reviewers who did not accept them judge, governance hears
//! appeals and whatever reviewers cannot or did not decide.

use super::*;

/// Penalty points that cost nothing.
const FREE_POINTS: u32 = 2;
/// What every further point takes of a contributor's earnings, in percent.
const PERCENT_PER_POINT: u32 = 10;
/// The most that points take, in percent.
const MOST_PERCENT: u32 = 50;

/// How a flag ends.
#[derive(Clone, Copy, PartialEq)]
enum Verdict {
	/// The contribution is voided: by governance, or by the reviewers of its datanet.
	Upheld {
		/// Whether governance ruled.
		by_governance: bool,
	},
	/// The deposit is the contributor's, and the ground is used up.
	Rejected,
	/// Nobody decided. The deposit is the contributor's too, or anyone could have earnings withheld
	/// for ever and for nothing; the ground stays open, or a friend could use it up.
	Lapsed,
	/// A reference took the place of what was flagged: everything is returned.
	Dropped,
}

impl Verdict {
	const fn of(upheld: bool, by_governance: bool) -> Self {
		if upheld {
			Self::Upheld { by_governance }
		} else {
			Self::Rejected
		}
	}
}

impl<T: Config> Pallet<T> {
	/// The part of a contributor's earnings that goes to the commons for their penalty points.
	pub fn penalty_share(contributor: &T::AccountId) -> Permill {
		let points = Reputations::<T>::get(contributor).points;
		let percent = points.saturating_sub(FREE_POINTS).saturating_mul(PERCENT_PER_POINT);
		Permill::from_percent(percent.min(MOST_PERCENT))
	}

	fn open_flag(at: ContributionRef) -> Result<Flag<T::AccountId>, Error<T>> {
		Flags::<T>::get(at.datanet, at.index).ok_or(Error::<T>::NoFlag)
	}

	pub(crate) fn do_flag(
		who: T::AccountId,
		contribution: ContributionRef,
		ground: Ground,
	) -> DispatchResult {
		let ContributionRef { datanet, index } = contribution;
		let mut record = Self::contribution_or_error(contribution)?;
		let network = Datanets::<T>::get(datanet).ok_or(Error::<T>::NoSuchDatanet)?;
		ensure!(!network.reference, Error::<T>::IsReference);
		ensure!(record.standing == Standing::Valid, Error::<T>::NotValid);
		ensure!(!record.judged.contains(ground), Error::<T>::AlreadyJudged);
		let accepted_it = Self::has_sat(datanet, &record.acceptors, &who);
		ensure!(who != record.contributor && !accepted_it, Error::<T>::MayNotFlag);

		let deposit = T::FlagDeposit::get();
		Self::hold(HoldReason::Flag, &who, deposit)?;
		let quorum = match network.policy.admission {
			Admission::Reviewed { quorum, .. } => quorum,
			Admission::Open => 0,
		};
		let others = usize::from(network.reviewers).saturating_sub(record.acceptors.len());
		let stage = if quorum > 0 && others >= usize::from(quorum) {
			let until = Self::now().saturating_add(T::JudgePeriod::get());
			Stage::Review { until, upheld: Seats::default(), rejected: Seats::default() }
		} else {
			Self::for_governance(contribution, None)
		};
		Flags::<T>::insert(
			datanet,
			index,
			Flag {
				reporter: who.clone(),
				ground,
				deposit,
				quorum,
				first_late_seat: network.next_seat,
				stage,
			},
		);
		Self::count_cases(datanet, &record.acceptors, true);
		record.standing = Standing::Flagged;
		Contributions::<T>::insert(datanet, index, record);
		Self::deposit_event(Event::Flagged { contribution, reporter: who, ground });
		Ok(())
	}

	fn for_governance(
		contribution: ContributionRef,
		appeal: Option<Appeal<T::AccountId>>,
	) -> Stage<T::AccountId> {
		let appellant = appeal.as_ref().map(|appeal| appeal.by.clone());
		Self::deposit_event(Event::Escalated { contribution, appellant });
		Stage::Governance { until: Self::now().saturating_add(T::RulePeriod::get()), appeal }
	}

	pub(crate) fn do_judge(
		who: T::AccountId,
		contribution: ContributionRef,
		uphold: bool,
	) -> DispatchResult {
		let seat = Self::active_seat(contribution.datanet, &who)?;
		let mut flag = Self::open_flag(contribution)?;
		let record = Self::contribution_or_error(contribution)?;
		let Stage::Review { until, upheld, rejected } = &mut flag.stage else {
			return Err(Error::<T>::NotInReview.into());
		};
		ensure!(Self::now() <= *until, Error::<T>::NotInReview);
		ensure!(who != record.contributor, Error::<T>::OwnWork);
		ensure!(
			seat < flag.first_late_seat
				&& who != flag.reporter
				&& !Self::has_sat(contribution.datanet, &record.acceptors, &who),
			Error::<T>::MayNotJudge
		);
		ensure!(!upheld.contains(&seat) && !rejected.contains(&seat), Error::<T>::AlreadyVoted);
		let side = if uphold { upheld } else { rejected };
		side.try_push(seat).map_err(|_| Error::<T>::NotInReview)?;
		let decided = side.len() >= usize::from(flag.quorum);
		Self::deposit_event(Event::Judged { contribution, seat, upheld: uphold });
		if decided {
			let until = Self::now().saturating_add(T::AppealPeriod::get());
			flag.stage = Stage::Appealable { until, upheld: uphold };
			Self::deposit_event(Event::Decided { contribution, upheld: uphold });
		}
		Flags::<T>::insert(contribution.datanet, contribution.index, flag);
		Ok(())
	}

	pub(crate) fn do_appeal(who: T::AccountId, contribution: ContributionRef) -> DispatchResult {
		let mut flag = Self::open_flag(contribution)?;
		let Stage::Appealable { until, upheld } = flag.stage else {
			return Err(Error::<T>::NotAppealable.into());
		};
		ensure!(Self::now() <= until, Error::<T>::NotAppealable);
		// Against a rejection anyone may appeal: the reporter could be the contributor's friend, who
		// raised the flag so that nobody can raise it again.
		let contributor = Self::contribution_or_error(contribution)?.contributor;
		ensure!((who == contributor) == upheld, Error::<T>::MayNotAppeal);
		let deposit = T::FlagDeposit::get();
		Self::hold(HoldReason::Flag, &who, deposit)?;
		let appeal = Appeal { by: who, deposit, upheld };
		flag.stage = Self::for_governance(contribution, Some(appeal));
		Flags::<T>::insert(contribution.datanet, contribution.index, flag);
		Ok(())
	}

	pub(crate) fn do_rule(contribution: ContributionRef, uphold: bool) -> DispatchResult {
		let flag = Self::open_flag(contribution)?;
		let Stage::Governance { appeal, .. } = &flag.stage else {
			return Err(Error::<T>::NotInGovernance.into());
		};
		if let Some(Appeal { by, deposit, upheld }) = appeal {
			if *upheld == uphold {
				Self::slash(HoldReason::Flag, by, *deposit, None);
			} else {
				T::Currency::give_back(HoldReason::Flag, by, *deposit);
			}
		}
		Self::conclude(contribution, flag, Verdict::of(uphold, true))
	}

	pub(crate) fn do_advance(contribution: ContributionRef) -> DispatchResult {
		let mut flag = Self::open_flag(contribution)?;
		let now = Self::now();
		match &flag.stage {
			Stage::Review { until, .. } => {
				ensure!(now > *until, Error::<T>::TooEarly);
				flag.stage = Self::for_governance(contribution, None);
				Flags::<T>::insert(contribution.datanet, contribution.index, flag);
				Ok(())
			}
			Stage::Appealable { until, upheld } => {
				ensure!(now > *until, Error::<T>::TooEarly);
				let verdict = Verdict::of(*upheld, false);
				Self::conclude(contribution, flag, verdict)
			}
			Stage::Governance { until, appeal } => {
				ensure!(now > *until, Error::<T>::TooEarly);
				let verdict = match appeal {
					Some(Appeal { by, deposit, upheld }) => {
						T::Currency::give_back(HoldReason::Flag, by, *deposit);
						Verdict::of(*upheld, false)
					}
					None => Verdict::Lapsed,
				};
				Self::conclude(contribution, flag, verdict)
			}
		}
	}

	/// Drops a flag with all deposits returned.
	pub(crate) fn drop_flag(contribution: ContributionRef) -> DispatchResult {
		let flag = Self::open_flag(contribution)?;
		if let Stage::Governance { appeal: Some(Appeal { by, deposit, .. }), .. } = &flag.stage {
			T::Currency::give_back(HoldReason::Flag, by, *deposit);
		}
		Self::conclude(contribution, flag, Verdict::Dropped)
	}

	/// Ends a flag.
	fn conclude(
		contribution: ContributionRef,
		flag: Flag<T::AccountId>,
		verdict: Verdict,
	) -> DispatchResult {
		let ContributionRef { datanet, index } = contribution;
		let mut record = Self::contribution_or_error(contribution)?;
		Flags::<T>::remove(datanet, index);
		Self::count_cases(datanet, &record.acceptors, false);
		let slashed = match verdict {
			Verdict::Upheld { by_governance } => {
				Self::penalise(datanet, &mut record, &flag, by_governance)
			}
			Verdict::Rejected | Verdict::Lapsed => {
				record.standing = Standing::Valid;
				if verdict == Verdict::Rejected {
					record.judged = record.judged.with(flag.ground);
				}
				let (reporter, contributor) = (&flag.reporter, &record.contributor);
				Self::pay_hold(HoldReason::Flag, reporter, contributor, flag.deposit);
				0
			}
			Verdict::Dropped => {
				record.standing = Standing::Valid;
				T::Currency::give_back(HoldReason::Flag, &flag.reporter, flag.deposit);
				0
			}
		};
		Contributions::<T>::insert(datanet, index, record);
		let upheld = matches!(verdict, Verdict::Upheld { .. });
		Self::deposit_event(Event::Concluded { contribution, upheld, slashed });
		Ok(())
	}

	/// Voids a contribution for what it is. Returns what its contributor lost.
	fn penalise(
		datanet: DatanetId,
		record: &mut Contribution<T::AccountId>,
		flag: &Flag<T::AccountId>,
		by_governance: bool,
	) -> Balance {
		let bond = core::mem::take(&mut record.bond);
		record.standing = Standing::Voided;
		T::Currency::give_back(HoldReason::Flag, &flag.reporter, flag.deposit);
		let loss = T::AcceptorShare::get().mul_floor(bond);
		let lost = Self::slash_acceptors(datanet, &record.acceptors, loss);
		let share = T::ReporterShare::get().mul_floor(bond);
		// Bonds of reviewers have an end: where it is reached, the reward shrinks with their loss,
		// lest one accept things to report them with another account.
		let answered_for = share.min(lost / 2);
		// Where none accepted, the owner could let friends report and judge what came in by itself:
		// only governance rewards that.
		let alone = record.acceptors.is_empty() && by_governance;
		let reward = if alone { share } else { answered_for };
		let reward = Some((&flag.reporter, reward));
		Self::slash(HoldReason::ContributionBond, &record.contributor, bond, reward);
		Reputations::<T>::mutate(&record.contributor, |reputation| {
			reputation.upheld = reputation.upheld.saturating_add(1);
			reputation.points = reputation.points.saturating_add(flag.ground.points());
		});
		bond
	}
}
