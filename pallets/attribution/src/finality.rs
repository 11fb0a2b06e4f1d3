//! Finality: by time, or early on the word of attestors; then everybody is paid.

use super::*;
use crate::batches::units;
use openledger_settlement::split::sum;

/// The part of the attestation stake whose signature counts as attestation.
const ATTESTED: (Balance, Balance) = (2, 3);

impl<T: Config> Pallet<T> {
	pub(crate) fn do_finalise(model: ModelId, batch: BatchNumber, most: u32) -> DispatchResult {
		ensure!(most > 0, Error::<T>::NothingToPay);
		let mut record = Self::existing(model, batch)?;
		let (paid, attested, early) = match record.status {
			Status::Pending => Self::become_final(model, batch, &record)?,
			Status::Paying { paid, attested, early } => (paid, attested, early),
			Status::Paid => return Err(Error::<T>::NotPending.into()),
		};
		let diff = Diffs::<T>::get(model, batch);
		let next = paid.saturating_add(most).min(diff.len() as u32);
		let page = diff.get(paid as usize..next as usize).unwrap_or_default();
		T::Ledger::pay_contributions(page, attested)?;
		Self::deposit_event(Event::ContributionsPaid { model, batch, paid: next });
		let done = next as usize == diff.len();
		record.status = match (done, early) {
			(true, true) => Status::Paid,
			_ => Status::Paying { paid: next, attested, early },
		};
		if done && !early {
			Self::over(model, batch, &record);
		} else {
			Batches::<T>::insert(model, batch, record);
		}
		Ok(())
	}

	/// Makes a pending batch final, and pays everything but contributions.
	fn become_final(
		model: ModelId,
		batch: BatchNumber,
		record: &Batch<T::AccountId>,
	) -> Result<(u32, bool, bool), DispatchError> {
		ensure!(Self::orphaned(model, record).is_none(), Error::<T>::IsOrphan);
		let answered = record.demands == 0 && Self::all_drawn(record);
		ensure!(answered, Error::<T>::Unanswered);
		let now = Self::now();
		let quiet = now >= record.answered.saturating_add(T::QuietTime::get());
		let by_time = now >= record.deadline && quiet;
		let stake = Self::stake_of(record);
		let attested = Self::attests(stake);
		let fees = record.totals.fees;
		if !by_time {
			// At least twice what is out on attestors' word, so that they answer for all of it.
			let out = units(EarlyFinal::<T>::get().saturating_add(fees));
			ensure!(attested && stake >= out.saturating_mul(2), Error::<T>::TooEarly);
			EarlyFinal::<T>::mutate(|sum| *sum = sum.saturating_add(fees));
		}
		Self::less_pending(model, &record.operator, fees);
		T::Ledger::pay_totals(
			model,
			record.version,
			&record.operator,
			&record.terms,
			&record.totals,
		)?;
		Self::deposit_event(Event::Final { model, batch, attested, early: !by_time });
		Ok((0, attested, !by_time))
	}

	/// What the signers of a batch have at stake.
	fn stake_of(record: &Batch<T::AccountId>) -> Balance {
		record
			.signers
			.iter()
			.filter_map(Attestors::<T>::get)
			.filter(|attestor| attestor.leaving.is_none())
			.fold(0, |sum: Balance, attestor| sum.saturating_add(attestor.stake))
	}

	/// Whether this stake is enough to attest.
	fn attests(stake: Balance) -> bool {
		let (most, all) = ATTESTED;
		stake > 0 && stake.saturating_mul(all) >= TotalStake::<T>::get().saturating_mul(most)
	}

	pub(crate) fn do_close(model: ModelId, batch: BatchNumber) -> DispatchResult {
		let record = Self::existing(model, batch)?;
		ensure!(record.status == Status::Paid, Error::<T>::NotPending);
		ensure!(record.demands == 0, Error::<T>::Unanswered);
		let now = Self::now();
		let quiet = now >= record.answered.saturating_add(T::QuietTime::get());
		ensure!(now >= record.deadline && quiet, Error::<T>::TooEarly);
		Self::less_early(record.totals.fees);
		Self::over(model, batch, &record);
		Ok(())
	}

	/// A batch is paid and cannot fall any more.
	fn over(model: ModelId, batch: BatchNumber, record: &Batch<T::AccountId>) {
		Self::unsign(record);
		Self::unexpose(model, record);
		Self::forget(model, batch);
		Self::deposit_event(Event::Closed { model, batch });
	}

	/// What has been paid of a batch that is final.
	pub(crate) fn paid_of(
		model: ModelId,
		batch: BatchNumber,
		record: &Batch<T::AccountId>,
	) -> Nano {
		let fees = record.totals.fees;
		let Status::Paying { paid, .. } = record.status else { return fees };
		let diff = Diffs::<T>::get(model, batch);
		let unpaid = diff
			.iter()
			.skip(paid as usize)
			.flat_map(|increase| [increase.earned.disclosed, increase.earned.private]);
		fees.saturating_sub(sum(unpaid).unwrap_or(fees))
	}
}
