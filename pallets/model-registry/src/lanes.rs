//! What lanes ask about models and their operators, and the slash of a bond.

use super::*;
use frame_support::{
	defensive,
	traits::{fungible::hold::Balanced as _, Imbalance},
};
use openledger_settlement::parties::{self, Trained};

impl<T: Config> Pallet<T> {
	/// Whether somebody operates the model under a bond.
	fn bonded(model: ModelId) -> Option<Operator<T::AccountId>> {
		Operators::<T>::get(model).filter(|operator| operator.bond > 0)
	}
}

impl<T: Config> parties::Models<T::AccountId> for Pallet<T> {
	fn trained(model: ModelId, version: VersionNumber) -> Option<Trained> {
		let Version { snapshots, references, method, .. } = Versions::<T>::get(model, version)?;
		// No version names a reference, so each datanet is there once.
		let mut snapshots: Vec<_> = snapshots.into_iter().chain(references).collect();
		snapshots.sort_unstable_by_key(|snapshot| snapshot.datanet);
		let retrieval = match method {
			Method::Retrieval { top, .. } => Some(top),
			Method::Spans { .. } | Method::Sketch { .. } => None,
		};
		Some(Trained { snapshots, retrieval })
	}

	fn price(model: ModelId, epoch: Epoch) -> Option<Price> {
		let PriceEpoch { price, from } = Prices::<T>::get(model, epoch)?;
		let now = Self::now();
		let ended = epoch
			.checked_add(1)
			.and_then(|next| Prices::<T>::get(model, next))
			.map(|next| next.from)
			.filter(|ended| *ended <= now);
		let usable = match ended {
			// One that the next has overtaken was never in force.
			Some(ended) => from < ended && now < ended.saturating_add(T::PriceGrace::get()),
			None => from <= now,
		};
		usable.then_some(price)
	}

	fn lineage(model: ModelId) -> Option<parties::Lineage<T::AccountId>> {
		let Model { owner, lineage, .. } = Models::<T>::get(model)?;
		let ancestors = lineage.into_iter().map(|Ancestor { model, royalty, of }| {
			Models::<T>::get(model).map(|ancestor| (ancestor.owner, royalty, of))
		});
		Some(parties::Lineage { owner, ancestors: ancestors.collect::<Option<_>>()? })
	}
}

impl<T: Config> parties::Operators<T::AccountId> for Pallet<T> {
	type Slashed = Credit<T::AccountId, T::Currency>;

	fn operator(model: ModelId) -> Option<T::AccountId> {
		Self::bonded(model).map(|operator| operator.account)
	}

	fn bond(model: ModelId, operator: &T::AccountId) -> Balance {
		match Self::bonded(model) {
			Some(current) if current.account == *operator => current.bond,
			_ => RetiredOperators::<T>::get(model, operator).map_or(0, |retired| retired.bond),
		}
	}

	fn slash(model: ModelId, operator: &T::AccountId) -> Self::Slashed {
		let bond = <Self as parties::Operators<_>>::bond(model, operator);
		if bond == 0 {
			return Credit::<T::AccountId, T::Currency>::zero();
		}
		// One of the two: who is retired operates again only when that bond was released.
		RetiredOperators::<T>::remove(model, operator);
		if Self::bonded(model).is_some_and(|current| current.account == *operator) {
			Operators::<T>::remove(model);
		}
		let (slashed, missing) =
			T::Currency::slash(&HoldReason::OperatorBond.into(), operator, bond);
		if missing > 0 {
			defensive!("what records say is held, can be slashed");
		}
		let operator = operator.clone();
		Self::deposit_event(Event::OperatorSlashed { model, operator, bond });
		slashed
	}
}
