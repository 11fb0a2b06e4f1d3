//! What a final batch pays, out of escrow.

use super::*;
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::storage::with_storage_layer;

impl<T: Config> Pallet<T> {
	/// Adds to what an account can claim; the money is in the earnings pot.
	pub(crate) fn credit(account: AccountId, amount: Nano) -> DispatchResult {
		if amount == 0 {
			return Ok(());
		}
		Claimable::<T>::try_mutate(&account, |claimable| {
			*claimable = claimable.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
			Ok::<_, DispatchError>(())
		})?;
		Self::deposit_event(Event::Credited { account, amount });
		Ok(())
	}

	pub(crate) fn do_pay_totals(
		model: ModelId,
		version: VersionNumber,
		operator: &AccountId,
		terms: &Terms,
		totals: &Totals,
	) -> DispatchResult {
		let lineage = T::Models::lineage(model).ok_or(Error::<T>::NoSuchModel)?;
		let royalties = lineage.ancestors.iter().map(|(_, royalty, of)| (*royalty, *of));
		let split = split_model(totals.model, terms.operator, &royalties.collect::<Vec<_>>())
			.ok_or(Error::<T>::BadLineage)?;
		let ancestors = lineage.ancestors.into_iter().map(|(owner, ..)| owner);
		let parts = ancestors
			.zip(split.ancestors)
			.chain([(operator.clone(), split.operator), (lineage.owner, split.owner)]);
		// Whoever is several of them gets one sum.
		let mut sums = BTreeMap::<AccountId, Nano>::new();
		for (account, part) in parts {
			let sum = sums.entry(account).or_default();
			*sum = sum.checked_add(part).ok_or(ArithmeticError::Overflow)?;
		}
		let escrow = T::EscrowPot::get();
		let pots = [
			(T::Treasury::get(), totals.platform),
			(T::StakersPot::get(), totals.stakers),
			(T::Commons::get(), totals.commons),
			(T::EarningsPot::get(), totals.model),
		];
		with_storage_layer(|| {
			for (pot, amount) in pots {
				Self::transfer(&escrow, &pot, amount)?;
			}
			Revenue::<T>::mutate(model, version, |revenue| {
				revenue.receipts = revenue.receipts.saturating_add(totals.receipts);
				revenue.fees = revenue.fees.saturating_add(totals.fees.into());
			});
			let totals = *totals;
			Self::deposit_event(Event::TotalsPaid { model, version, totals });
			sums.into_iter().try_for_each(|(account, sum)| Self::credit(account, sum))
		})
	}

	pub(crate) fn do_pay_contributions(increases: &[Increase], attested: bool) -> DispatchResult {
		with_storage_layer(|| {
			let (mut earned, mut commons): (Nano, Nano) = (0, 0);
			for increase in increases {
				let split = Self::earn(increase, attested)?;
				earned = sum([earned, split.earner, split.curators])?;
				commons = sum([commons, split.commons])?;
			}
			let escrow = T::EscrowPot::get();
			Self::transfer(&escrow, &T::EarningsPot::get(), earned)?;
			Self::transfer(&escrow, &T::Commons::get(), commons)?;
			let contributions = increases.len() as u32;
			Self::deposit_event(Event::ContributionsPaid { contributions, earned, commons });
			Ok(())
		})
	}

	/// Splits what a contribution has earned, and writes down what it is owed.
	fn earn(increase: &Increase, attested: bool) -> Result<EarnedSplit, DispatchError> {
		let contribution = increase.contribution();
		let Earned { disclosed, private } = increase.earned;
		let unattested = if attested { 0 } else { private };
		let amount = sum([disclosed, private])?.saturating_sub(unattested);
		let split = match T::Contributions::shares(contribution) {
			Some(Shares { standing: Standing::Valid | Standing::Flagged, curators, penalty }) => {
				split_earned(amount, curators, penalty)
			}
			Some(Shares { standing: Standing::Voided, .. }) | None => {
				EarnedSplit { earner: 0, curators: 0, commons: amount }
			}
		};
		let EarnedSplit { earner, curators, .. } = split;
		let commons = sum([split.commons, unattested])?;
		if earner > 0 || curators > 0 {
			Earnings::<T>::try_mutate(contribution.datanet, contribution.index, |owed| {
				owed.earner = sum([owed.earner, earner])?;
				owed.curators = sum([owed.curators, curators])?;
				Ok::<_, DispatchError>(())
			})?;
		}
		Self::deposit_event(Event::Earned { contribution, earner, curators, commons });
		Ok(EarnedSplit { commons, ..split })
	}
}

fn sum<const N: usize>(amounts: [Nano; N]) -> Result<Nano, DispatchError> {
	split::sum(amounts).ok_or(ArithmeticError::Overflow.into())
}
