//! The invariants of the pallet, checked over its whole state.

use super::*;
use alloc::collections::BTreeMap;
use frame_support::traits::fungible::InspectHold;
use sp_runtime::TryRuntimeError;

/// Holds by account and reason, added up from records.
type Holds<T> = BTreeMap<(<T as frame_system::Config>::AccountId, u8), Balance>;

impl<T: Config> Pallet<T> {
	/// Checks everything that the documentation of the pallet promises.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut holds = Holds::<T>::new();
		let mut add = |who: &T::AccountId, reason: HoldReason, amount: Balance| {
			let sum = holds.entry((who.clone(), reason as u8)).or_default();
			*sum = sum.saturating_add(amount);
		};
		for (owner, _, _) in Commitments::<T>::iter() {
			add(&owner, HoldReason::Commitment, T::CommitmentDeposit::get());
		}
		for earner in Payees::<T>::iter_keys() {
			add(&earner, HoldReason::Payee, T::PayeeDeposit::get());
		}
		for (_, _, flag) in Flags::<T>::iter() {
			add(&flag.reporter, HoldReason::Flag, flag.deposit);
			if let Stage::Governance { appeal: Some(appeal), .. } = flag.stage {
				add(&appeal.by, HoldReason::Flag, appeal.deposit);
			}
		}
		for (_, _, reviewer) in Reviewers::<T>::iter() {
			add(&reviewer.account, HoldReason::ReviewerBond, reviewer.bond);
		}
		for (_, _, pending) in PendingContributions::<T>::iter() {
			add(&pending.contributor, HoldReason::ContributionBond, pending.bond);
		}
		for (_, _, contribution) in Contributions::<T>::iter() {
			add(&contribution.contributor, HoldReason::ContributionBond, contribution.bond);
		}
		for (_, record) in Datanets::<T>::iter() {
			add(&record.owner, HoldReason::Datanet, record.deposit);
		}
		Self::check_holds(&holds)?;
		Self::check_contents()?;
		Self::check_datanets()?;
		Self::check_cases()
	}

	/// Invariant 4. Accounts without a record are compared as well.
	fn check_holds(holds: &Holds<T>) -> Result<(), TryRuntimeError> {
		let reasons = [
			HoldReason::Commitment,
			HoldReason::ContributionBond,
			HoldReason::Datanet,
			HoldReason::ReviewerBond,
			HoldReason::Flag,
			HoldReason::Payee,
		];
		for who in frame_system::Account::<T>::iter_keys() {
			for reason in reasons {
				let recorded = holds.get(&(who.clone(), reason as u8)).copied().unwrap_or_default();
				let held = T::Currency::balance_on_hold(&reason.into(), &who);
				ensure!(held == recorded, "an account holds other than its records say");
			}
		}
		ensure!(
			holds
				.iter()
				.all(|((who, _), sum)| *sum == 0 || frame_system::Account::<T>::contains_key(who)),
			"an account that is gone holds something"
		);
		Ok(())
	}

	/// Invariant 1, and what follows from invariant 3: nothing accepted waits.
	fn check_contents() -> Result<(), TryRuntimeError> {
		let mut registered = 0_u64;
		for (content, place) in Contents::<T>::iter() {
			registered = registered.saturating_add(1);
			let there = match place {
				Place::Pending { datanet, precedence } => {
					PendingContributions::<T>::get(datanet, precedence).map(|pending| pending.work)
				}
				Place::Accepted(at) => {
					Contributions::<T>::get(at.datanet, at.index).map(|record| record.work)
				}
			};
			ensure!(
				there.is_some_and(|work| work.content == content),
				"a content is not where it is registered"
			);
		}
		let waiting = PendingContributions::<T>::iter().count() as u64;
		// What a reference superseded has left its registration to it.
		let accepted = Contributions::<T>::iter()
			.filter(|(datanet, index, record)| {
				let at = ContributionRef { datanet: *datanet, index: *index };
				record.standing != Standing::Voided
					|| Contents::<T>::get(record.work.content) == Some(Place::Accepted(at))
			})
			.count() as u64;
		ensure!(
			registered == waiting.saturating_add(accepted),
			"a contribution is not registered, or twice"
		);
		ensure!(Uris::<T>::iter_keys().all(Contents::<T>::contains_key), "a URI of nothing");
		Ok(())
	}

	/// Invariant 2.
	fn check_datanets() -> Result<(), TryRuntimeError> {
		for (datanet, record) in Datanets::<T>::iter() {
			ensure!(datanet < NextDatanet::<T>::get(), "a datanet without an id of its own");
			ensure!(Metadatas::<T>::contains_key(datanet), "a datanet without metadata");
			let accepted = Contributions::<T>::iter_key_prefix(datanet).collect::<Vec<_>>();
			ensure!(
				accepted.len() as u64 == u64::from(record.length)
					&& accepted.iter().all(|index| *index < record.length),
				"indices are not dense"
			);
			let waiting = PendingContributions::<T>::iter_key_prefix(datanet).count() as u64;
			ensure!(waiting == u64::from(record.pending), "a wrong count of what waits");
			let seated = SeatOf::<T>::iter_prefix(datanet).collect::<Vec<_>>();
			ensure!(
				seated.len() as u64 == u64::from(record.reviewers),
				"a wrong count of reviewers"
			);
			for (account, seat) in seated {
				let reviewer = Reviewers::<T>::get(datanet, seat).ok_or("a seat of nobody")?;
				ensure!(reviewer.account == account, "a seat of another");
				ensure!(
					!matches!(reviewer.state, ReviewerState::Leaving { .. }),
					"who leaves has no seat"
				);
			}
			for seat in FormerReviewers::<T>::iter_key_prefix(datanet) {
				let sits = Reviewers::<T>::contains_key(datanet, seat);
				ensure!(
					seat < record.next_seat && !sits,
					"a seat that is a former one's and another's"
				);
			}
			ensure!(
				record.reference == References::<T>::get().contains(&datanet),
				"a reference that is none"
			);
		}
		ensure!(
			Contributions::<T>::iter().all(|(datanet, ..)| Datanets::<T>::contains_key(datanet))
				&& PendingContributions::<T>::iter()
					.all(|(datanet, ..)| Datanets::<T>::contains_key(datanet)),
			"a contribution to no datanet"
		);
		Ok(())
	}

	/// Invariant 5.
	fn check_cases() -> Result<(), TryRuntimeError> {
		for (datanet, index, record) in Contributions::<T>::iter() {
			ensure!(
				(record.standing == Standing::Flagged) == Flags::<T>::contains_key(datanet, index),
				"flagged without a flag, or the other way round"
			);
		}
		let mut cases = BTreeMap::<(DatanetId, SeatId), u32>::new();
		for (datanet, index, _) in Flags::<T>::iter() {
			let record = Contributions::<T>::get(datanet, index).ok_or("a flag on nothing")?;
			for seat in record.acceptors {
				let open = cases.entry((datanet, seat)).or_default();
				*open = open.saturating_add(1);
			}
		}
		for (datanet, seat, reviewer) in Reviewers::<T>::iter() {
			let open = cases.get(&(datanet, seat)).copied().unwrap_or_default();
			ensure!(reviewer.cases == open, "a wrong count of a reviewer's open cases");
		}
		Ok(())
	}
}
