//! What others ask about accepted contributions: what is taken off their earnings, and whose the rest
//! is.

use super::*;
use openledger_primitives::records::{InspectContributions, Shares};

impl<T: Config> Pallet<T> {
	/// Where a contribution stands for who pays it: references earn for the commons.
	fn earning_standing(record: &Contribution<T::AccountId>) -> Standing {
		// Nothing else has a precedence in block zero.
		if record.precedence.block() == 0 {
			Standing::Voided
		} else {
			record.standing
		}
	}

	/// Who sits on a seat, or sat there until the bond was released.
	fn reviewer_on(datanet: DatanetId, seat: SeatId) -> Option<T::AccountId> {
		Reviewers::<T>::get(datanet, seat)
			.map(|reviewer| reviewer.account)
			.or_else(|| FormerReviewers::<T>::get(datanet, seat))
	}
}

impl<T: Config> InspectContributions<T::AccountId> for Pallet<T> {
	fn content(at: ContributionRef) -> Option<(ContentId, u64)> {
		let work = Contributions::<T>::get(at.datanet, at.index)?.work;
		Some((work.content, work.size))
	}

	fn shares(at: ContributionRef) -> Option<Shares> {
		let record = Contributions::<T>::get(at.datanet, at.index)?;
		Some(Shares {
			standing: Self::earning_standing(&record),
			curators: record.curator_share,
			// Whoever earns now: penalties stay with the work.
			penalty: Self::penalty_share(&record.contributor),
		})
	}

	fn payee(at: ContributionRef) -> Option<(Standing, T::AccountId)> {
		let record = Contributions::<T>::get(at.datanet, at.index)?;
		let earner = record.earner();
		let payee = Payees::<T>::get(earner).unwrap_or_else(|| earner.clone());
		Some((Self::earning_standing(&record), payee))
	}

	fn curators(at: ContributionRef) -> Vec<T::AccountId> {
		let acceptors = Contributions::<T>::get(at.datanet, at.index)
			.map(|record| record.acceptors)
			.unwrap_or_default();
		acceptors.into_iter().filter_map(|seat| Self::reviewer_on(at.datanet, seat)).collect()
	}
}
