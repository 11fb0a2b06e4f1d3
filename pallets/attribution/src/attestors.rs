//! Attestors: their stake answers for what they sign.

use super::*;
use frame_support::traits::fungible::hold::Mutate as _;

impl<T: Config> Pallet<T> {
	/// An attestor who is not leaving.
	fn attesting(who: &T::AccountId) -> Result<Attestor, Error<T>> {
		Attestors::<T>::get(who)
			.filter(|attestor| attestor.leaving.is_none())
			.ok_or(Error::<T>::NotAttestor)
	}

	pub(crate) fn do_stake(who: T::AccountId, amount: Balance) -> DispatchResult {
		let mut record = match Attestors::<T>::contains_key(&who) {
			true => Self::attesting(&who)?,
			false => Attestor { stake: 0, signed: 0, leaving: None },
		};
		record.stake = record.stake.saturating_add(amount);
		ensure!(
			amount > 0 && record.stake >= T::MinAttestorStake::get(),
			Error::<T>::StakeTooSmall
		);
		T::Currency::hold(&HoldReason::AttestorStake.into(), &who, amount)?;
		TotalStake::<T>::mutate(|total| *total = total.saturating_add(amount));
		Attestors::<T>::insert(&who, record);
		Self::deposit_event(Event::Staked { attestor: who, stake: record.stake });
		Ok(())
	}

	pub(crate) fn do_attest(
		who: T::AccountId,
		model: ModelId,
		batch: BatchNumber,
	) -> DispatchResult {
		let mut attestor = Self::attesting(&who)?;
		let mut record = Self::existing(model, batch)?;
		ensure!(record.status == Status::Pending, Error::<T>::NotPending);
		ensure!(!record.signers.contains(&who), Error::<T>::AlreadyAttested);
		if record.signers.is_full() {
			Self::displace(&mut record, attestor.stake)?;
		}
		record.signers.try_push(who.clone()).map_err(|_| Error::<T>::TooManySigners)?;
		attestor.signed = attestor.signed.saturating_add(1);
		Attestors::<T>::insert(&who, attestor);
		Batches::<T>::insert(model, batch, record);
		Self::deposit_event(Event::Attested { model, batch, attestor: who });
		Ok(())
	}

	/// Makes room for an attestor with this stake: else many small ones could keep large ones out.
	fn displace(record: &mut Batch<T::AccountId>, stake: Balance) -> DispatchResult {
		let stake_of = |signer: &T::AccountId| Attestors::<T>::get(signer).map_or(0, |a| a.stake);
		let (at, smallest) = record
			.signers
			.iter()
			.map(stake_of)
			.enumerate()
			.min_by_key(|(_, stake)| *stake)
			.ok_or(Error::<T>::TooManySigners)?;
		ensure!(smallest < stake, Error::<T>::TooManySigners);
		Self::sign_off(&record.signers.remove(at));
		Ok(())
	}

	/// An attestor answers for one batch less.
	fn sign_off(attestor: &T::AccountId) {
		Attestors::<T>::mutate_extant(attestor, |record| {
			record.signed = record.signed.saturating_sub(1);
		});
	}

	/// Its signers do not answer for a batch any more.
	pub(crate) fn unsign(record: &Batch<T::AccountId>) {
		record.signers.iter().for_each(Self::sign_off);
	}

	pub(crate) fn do_leave(who: T::AccountId) -> DispatchResult {
		let mut record = Self::attesting(&who)?;
		let time = T::AttestorUnbonding::get().max(T::Window::get());
		let until = Self::now().saturating_add(time);
		record.leaving = Some(until);
		TotalStake::<T>::mutate(|total| *total = total.saturating_sub(record.stake));
		Attestors::<T>::insert(&who, record);
		Self::deposit_event(Event::AttestorLeaving { attestor: who, until });
		Ok(())
	}

	pub(crate) fn do_release_attestor(attestor: T::AccountId) -> DispatchResult {
		let record = Attestors::<T>::get(&attestor).ok_or(Error::<T>::NotAttestor)?;
		let over = record.leaving.is_some_and(|until| Self::now() > until);
		ensure!(over && record.signed == 0, Error::<T>::StillAnswerable);
		Attestors::<T>::remove(&attestor);
		T::Currency::give_back(HoldReason::AttestorStake, &attestor, record.stake);
		Self::deposit_event(Event::AttestorReleased { attestor, stake: record.stake });
		Ok(())
	}
}
