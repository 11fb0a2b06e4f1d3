//! Claims: anyone carries them out, the money goes where it belongs.

use super::*;
use alloc::{collections::BTreeMap, vec::Vec};

impl<T: Config> Pallet<T> {
	/// Changes what a contribution is owed.
	fn settle(contribution: ContributionRef, change: impl FnOnce(&mut Owed)) {
		let ContributionRef { datanet, index } = contribution;
		Earnings::<T>::mutate_exists(datanet, index, |owed| {
			let mut left = owed.take().unwrap_or_default();
			change(&mut left);
			*owed = (left != Owed::default()).then_some(left);
		});
	}

	/// Where the earner's part is paid now; none while it is withheld.
	fn payee(contribution: ContributionRef) -> Option<AccountId> {
		match T::Contributions::payee(contribution) {
			Some((Standing::Flagged, _)) => None,
			Some((Standing::Valid, payee)) => Some(payee),
			Some((Standing::Voided, _)) | None => Some(T::Commons::get()),
		}
	}

	pub(crate) fn do_claim(contributions: ClaimsOf<T, ContributionRef>) -> DispatchResult {
		let mut due = BTreeMap::<AccountId, BTreeMap<ContributionRef, Nano>>::new();
		for contribution in contributions {
			let owed = Earnings::<T>::get(contribution.datanet, contribution.index);
			if owed.earner == 0 {
				continue;
			}
			if let Some(payee) = Self::payee(contribution) {
				due.entry(payee).or_default().insert(contribution, owed.earner);
			}
		}
		let mut paid = false;
		for (payee, amounts) in due {
			let sum = amounts.values().fold(0, |sum: Nano, amount| sum.saturating_add(*amount));
			// An account that is not there, and too little to make it: it stays owed.
			if Self::transfer(&T::EarningsPot::get(), &payee, sum).is_err() {
				continue;
			}
			paid = true;
			for (contribution, amount) in amounts {
				Self::settle(contribution, |owed| owed.earner = 0);
				let payee = payee.clone();
				Self::deposit_event(Event::Claimed { contribution, payee, amount });
			}
		}
		ensure!(paid, Error::<T>::NothingToClaim);
		Ok(())
	}

	/// Who shares the curators' part now; none while it is withheld.
	fn curators(contribution: ContributionRef) -> Option<Vec<AccountId>> {
		match T::Contributions::payee(contribution) {
			Some((Standing::Flagged, _)) => None,
			Some((Standing::Valid, _)) => Some(T::Contributions::curators(contribution)),
			Some((Standing::Voided, _)) | None => Some(Vec::new()),
		}
	}

	pub(crate) fn do_claim_curation(contributions: ClaimsOf<T, ContributionRef>) -> DispatchResult {
		let mut due = BTreeMap::<AccountId, Nano>::new();
		let (mut paid, mut to_commons): (bool, Nano) = (false, 0);
		for contribution in contributions {
			let part = Earnings::<T>::get(contribution.datanet, contribution.index).curators;
			if part == 0 {
				continue;
			}
			let Some(curators) = Self::curators(contribution) else { continue };
			let each = part.checked_div(curators.len() as Nano).unwrap_or_default();
			let commons = part.saturating_sub(each.saturating_mul(curators.len() as Nano));
			for curator in curators {
				let sum = due.entry(curator).or_default();
				*sum = sum.saturating_add(each);
			}
			to_commons = to_commons.saturating_add(commons);
			paid = true;
			Self::settle(contribution, |owed| owed.curators = 0);
			Self::deposit_event(Event::CurationClaimed { contribution, each, commons });
		}
		ensure!(paid, Error::<T>::NothingToClaim);
		let earnings = T::EarningsPot::get();
		for (curator, amount) in due {
			// One who cannot be paid keeps nobody else waiting.
			if Self::transfer(&earnings, &curator, amount).is_err() {
				Self::credit(curator, amount)?;
			}
		}
		Self::transfer(&earnings, &T::Commons::get(), to_commons)
	}

	pub(crate) fn do_claim_account(accounts: ClaimsOf<T, AccountId>) -> DispatchResult {
		let mut paid = false;
		for account in accounts {
			let amount = Claimable::<T>::get(&account);
			let owed = amount > 0;
			if owed && Self::transfer(&T::EarningsPot::get(), &account, amount).is_ok() {
				paid = true;
				Claimable::<T>::remove(&account);
				Self::deposit_event(Event::AccountClaimed { account, amount });
			}
		}
		ensure!(paid, Error::<T>::NothingToClaim);
		Ok(())
	}

	/// What a claim would pay to the earner and the curators of a contribution now.
	pub(crate) fn claimable_now(contribution: ContributionRef) -> Owed {
		match T::Contributions::payee(contribution) {
			Some((Standing::Valid, _)) => {
				Earnings::<T>::get(contribution.datanet, contribution.index)
			}
			_ => Owed::default(),
		}
	}
}
