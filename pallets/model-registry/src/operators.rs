//! Operators: appointed by a model's owner, bonded for their batches.

use super::*;
use frame_support::traits::fungible::hold::Mutate as _;

impl<T: Config> Pallet<T> {
	/// Nobody operates the model; somebody may be appointed.
	pub(crate) fn ensure_idle(model: ModelId) -> Result<(), Error<T>> {
		let busy = Operators::<T>::get(model).is_some_and(|operator| operator.bond > 0);
		ensure!(!busy, Error::<T>::HasOperator);
		Ok(())
	}

	pub(crate) fn do_appoint(model: ModelId, account: T::AccountId) -> DispatchResult {
		Self::ensure_idle(model)?;
		ensure!(!RetiredOperators::<T>::contains_key(model, &account), Error::<T>::ReleaseFirst);
		Operators::<T>::insert(model, Operator { account: account.clone(), bond: 0 });
		Self::deposit_event(Event::OperatorAppointed { model, operator: account });
		Ok(())
	}

	pub(crate) fn do_accept(who: T::AccountId, model: ModelId, bond: Balance) -> DispatchResult {
		let appointed = Operators::<T>::get(model).ok_or(Error::<T>::NotAppointed)?;
		ensure!(appointed.account == who && appointed.bond == 0, Error::<T>::NotAppointed);
		ensure!(bond >= T::MinOperatorBond::get(), Error::<T>::BondTooSmall);
		Self::bond(who, model, 0, bond)
	}

	pub(crate) fn do_raise(who: T::AccountId, model: ModelId, amount: Balance) -> DispatchResult {
		let operator = Operators::<T>::get(model).ok_or(Error::<T>::NoOperator)?;
		ensure!(operator.account == who && operator.bond > 0, Error::<T>::NotOperator);
		ensure!(amount > 0, Error::<T>::BondTooSmall);
		Self::bond(who, model, operator.bond, amount)
	}

	fn bond(
		operator: T::AccountId,
		model: ModelId,
		before: Balance,
		amount: Balance,
	) -> DispatchResult {
		T::Currency::hold(&HoldReason::OperatorBond.into(), &operator, amount)?;
		let bond = before.saturating_add(amount);
		Operators::<T>::insert(model, Operator { account: operator.clone(), bond });
		Self::deposit_event(Event::OperatorBonded { model, operator, bond });
		Ok(())
	}

	pub(crate) fn do_end(who: T::AccountId, model: ModelId) -> DispatchResult {
		let record = Models::<T>::get(model).ok_or(Error::<T>::NoSuchModel)?;
		let Operator { account, bond } =
			Operators::<T>::get(model).ok_or(Error::<T>::NoOperator)?;
		ensure!(who == account || who == record.owner, Error::<T>::NotOperator);
		let until = if bond > 0 {
			let until = Self::now().saturating_add(T::OperatorUnbonding::get());
			RetiredOperators::<T>::insert(model, &account, Retired { bond, until });
			until
		} else {
			Self::now()
		};
		Operators::<T>::remove(model);
		Self::deposit_event(Event::OperationEnded { model, operator: account, until });
		Ok(())
	}

	pub(crate) fn do_release(model: ModelId, operator: T::AccountId) -> DispatchResult {
		let Retired { bond, until } =
			RetiredOperators::<T>::get(model, &operator).ok_or(Error::<T>::NotRetired)?;
		let answers = T::Answerable::answers(model, &operator);
		ensure!(Self::now() > until && !answers, Error::<T>::StillAnswerable);
		RetiredOperators::<T>::remove(model, &operator);
		T::Currency::give_back(HoldReason::OperatorBond, &operator, bond);
		Self::deposit_event(Event::OperatorReleased { model, operator, bond });
		Ok(())
	}
}
