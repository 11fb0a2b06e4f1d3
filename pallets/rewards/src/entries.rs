//! Payers' entries: what is paid in, what is withdrawn, who signs.

use super::*;

impl<T: Config> Pallet<T> {
	pub(crate) fn entry_or_error(model: ModelId, payer: &AccountId) -> Result<Entry, Error<T>> {
		Payers::<T>::get(model, payer).ok_or(Error::<T>::NoSuchEntry)
	}

	/// With this much more in the balance, if that is a possible amount.
	fn with_more(entry: Entry, amount: Nano) -> Result<Entry, Error<T>> {
		ensure!(amount > 0, Error::<T>::NoAmount);
		let fits = entry.held().checked_add(amount).is_some_and(|held| held < LIMIT);
		ensure!(fits, Error::<T>::AmountTooLarge);
		let balance = entry.balance.saturating_add(amount);
		Ok(Entry { balance, ..entry })
	}

	pub(crate) fn do_open(
		payer: AccountId,
		model: ModelId,
		amount: Nano,
		signer: Option<AccountId>,
	) -> DispatchResult {
		ensure!(T::Models::lineage(model).is_some(), Error::<T>::NoSuchModel);
		ensure!(!Payers::<T>::contains_key(model, &payer), Error::<T>::AlreadyOpen);
		let signer = signer.unwrap_or_else(|| payer.clone());
		let empty = Entry {
			balance: 0,
			leaving: None,
			bought: Bought::default(),
			signer: signer.clone(),
			former_signer: None,
		};
		let entry = Self::with_more(empty, amount)?;
		let (treasury, fee) = (T::Treasury::get(), T::OpeningFee::get());
		T::Currency::transfer(&payer, &treasury, fee, Preservation::Preserve)?;
		Self::transfer(&payer, &T::PayersPot::get(), amount)?;
		Payers::<T>::insert(model, &payer, entry);
		Self::deposit_event(Event::EntryOpened { model, payer, amount, signer });
		Ok(())
	}

	pub(crate) fn do_top_up(
		by: AccountId,
		model: ModelId,
		payer: AccountId,
		amount: Nano,
	) -> DispatchResult {
		let entry = Self::with_more(Self::entry_or_error(model, &payer)?, amount)?;
		Self::transfer(&by, &T::PayersPot::get(), amount)?;
		Payers::<T>::insert(model, &payer, entry);
		Self::deposit_event(Event::ToppedUp { model, payer, by, amount });
		Ok(())
	}

	pub(crate) fn do_set_signer(
		payer: AccountId,
		model: ModelId,
		signer: AccountId,
	) -> DispatchResult {
		let mut entry = Self::entry_or_error(model, &payer)?;
		ensure!(entry.signer != signer, Error::<T>::SameSigner);
		// Of two former signers one would have to be forgotten, with the vouchers they gave.
		ensure!(Self::former_signer(&entry).is_none(), Error::<T>::FormerSignerCounts);
		let until = Self::now().saturating_add(T::WithdrawalDelay::get());
		let account = core::mem::replace(&mut entry.signer, signer.clone());
		entry.former_signer = Some(FormerSigner { account, until });
		Payers::<T>::insert(model, &payer, entry);
		Self::deposit_event(Event::SignerSet { model, payer, signer, until });
		Ok(())
	}

	/// Who signed before, as long as their vouchers count.
	pub(crate) fn former_signer(entry: &Entry) -> Option<&AccountId> {
		let former = entry.former_signer.as_ref()?;
		(Self::now() <= former.until).then_some(&former.account)
	}

	pub(crate) fn do_withdraw(payer: AccountId, model: ModelId, amount: Nano) -> DispatchResult {
		let mut entry = Self::entry_or_error(model, &payer)?;
		ensure!(amount > 0, Error::<T>::NoAmount);
		entry.balance = entry.balance.checked_sub(amount).ok_or(Error::<T>::BalanceTooLow)?;
		let before = entry.leaving.map_or(0, |leaving| leaving.amount);
		let leaving = before.saturating_add(amount);
		let at = Self::now().saturating_add(T::WithdrawalDelay::get());
		entry.leaving = Some(Leaving { amount: leaving, at });
		Payers::<T>::insert(model, &payer, entry);
		Self::deposit_event(Event::WithdrawalBegun { model, payer, amount, leaving, at });
		Ok(())
	}

	pub(crate) fn do_take_withdrawn(model: ModelId, payer: AccountId) -> DispatchResult {
		let mut entry = Self::entry_or_error(model, &payer)?;
		let Leaving { amount, at } = entry.leaving.take().ok_or(Error::<T>::NothingLeaving)?;
		ensure!(Self::now() >= at, Error::<T>::TooEarly);
		Self::transfer(&T::PayersPot::get(), &payer, amount)?;
		Payers::<T>::insert(model, &payer, entry);
		Self::deposit_event(Event::Withdrawn { model, payer, amount });
		Ok(())
	}
}
