//! The invariants of the pallet, checked over its whole state.

use super::*;
use alloc::collections::BTreeMap;
use frame_support::traits::fungible::InspectHold;
use openledger_primitives::records::Snapshot;
use sp_runtime::{traits::CheckedSub, TryRuntimeError};

impl<T: Config> Pallet<T> {
	/// Checks everything that the documentation of the pallet promises. Invariants 4 and 5 are here.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		for (model, record) in Models::<T>::iter() {
			Self::check_model(model, &record)?;
		}
		for (model, number, version) in Versions::<T>::iter() {
			let record = Models::<T>::get(model).ok_or("a version of no model")?;
			ensure!(number < record.versions, "a version beyond the count");
			Self::check_stored(&record, &version)?;
			for Snapshot { datanet, .. } in version.snapshots {
				let last = Users::<T>::get(datanet, model).ok_or("a user that is not listed")?;
				ensure!(number <= last, "a user that is listed with an earlier version");
			}
		}
		for (datanet, model, number) in Users::<T>::iter() {
			let version = Versions::<T>::get(model, number).ok_or("a user without a version")?;
			let uses = version.snapshots.iter().any(|snapshot| snapshot.datanet == datanet);
			ensure!(uses, "a user that is none");
		}
		for (model, operator) in Operators::<T>::iter() {
			let record = Models::<T>::get(model).ok_or("an operator of no model")?;
			ensure!(!record.deprecated, "an operator of what has ended");
			let former = RetiredOperators::<T>::contains_key(model, operator.account);
			ensure!(!former, "a former operator who was not released");
		}
		Self::check_holds()
	}

	/// Invariant 1, and that counters are right.
	fn check_model(model: ModelId, record: &Model<T::AccountId>) -> Result<(), TryRuntimeError> {
		ensure!(model < NextModel::<T>::get(), "a model without an id of its own");
		ensure!(Metadatas::<T>::contains_key(model), "a model without metadata");
		for (nth, ancestor) in record.lineage.iter().enumerate() {
			ensure!(ancestor.model < model, "an ancestor that is not older");
			ensure!(usize::from(ancestor.of) <= nth, "an ancestor that takes from a later one");
		}
		let mut left = Permill::one();
		for parent in record.parents() {
			left =
				left.checked_sub(&parent.royalty).ok_or("parents that take more than the whole")?;
			let kind = Models::<T>::get(parent.model).ok_or("a parent that is no model")?.kind;
			ensure!(kind.has_weights() || !record.kind.has_weights(), "weights made from none");
		}
		ensure!(
			Versions::<T>::iter_key_prefix(model).count() as u64 == u64::from(record.versions),
			"a wrong count of versions"
		);
		ensure!(
			record.active.is_none_or(|active| active < record.versions),
			"an active version that is none"
		);
		let kept = record.epochs.min(MAX_EPOCHS);
		ensure!(
			Prices::<T>::iter_key_prefix(model).count() as u64 == u64::from(kept),
			"prices that are needed are gone, or others are not"
		);
		ensure!(!record.deprecated || record.deposit == 0, "a deposit for what has ended");
		Ok(())
	}

	/// Invariants 2 and 3.
	fn check_stored(
		record: &Model<T::AccountId>,
		version: &Version,
	) -> Result<(), TryRuntimeError> {
		let has_weights = record.kind.has_weights();
		ensure!(has_weights || version.weights.is_zero(), "an agent with weights");
		ensure!(version.method.works(), "a method that does not work");
		let mut last = None;
		for snapshot in &version.snapshots {
			ensure!(last < Some(snapshot.datanet), "snapshots do not ascend");
			last = Some(snapshot.datanet);
			ensure!(snapshot.length > 0, "an empty snapshot");
			let of_datanet = T::Datanets::licence(*snapshot).ok_or("a snapshot that is none")?;
			ensure!(of_datanet.allows(&version.licence), "a licence that a datanet does not allow");
		}
		ensure!(
			version.parents.len() == record.parents().count(),
			"a parent whose version is not named"
		);
		for (ancestor, number) in record.parents().zip(&version.parents) {
			let parent =
				Versions::<T>::get(ancestor.model, number).ok_or("a parent that is no version")?;
			ensure!(
				!has_weights || parent.licence.allows(&version.licence),
				"a licence that a parent does not allow"
			);
			let included = parent.snapshots.iter().all(|theirs| {
				version
					.snapshots
					.iter()
					.any(|ours| ours.datanet == theirs.datanet && ours.length >= theirs.length)
			});
			ensure!(!has_weights || included, "a parent's snapshot is missing");
		}
		Ok(())
	}

	/// Invariant 6.
	fn check_holds() -> Result<(), TryRuntimeError> {
		let mut deposits = BTreeMap::<T::AccountId, Balance>::new();
		let mut bonds = BTreeMap::<T::AccountId, Balance>::new();
		let add = |sums: &mut BTreeMap<_, Balance>, who, amount| {
			let sum = sums.entry(who).or_default();
			*sum = sum.saturating_add(amount);
		};
		for (_, record) in Models::<T>::iter() {
			add(&mut deposits, record.owner, record.deposit);
		}
		for (_, operator) in Operators::<T>::iter() {
			add(&mut bonds, operator.account, operator.bond);
		}
		for (_, account, retired) in RetiredOperators::<T>::iter() {
			add(&mut bonds, account, retired.bond);
		}
		for who in frame_system::Account::<T>::iter_keys() {
			for (reason, sums) in
				[(HoldReason::Model, &mut deposits), (HoldReason::OperatorBond, &mut bonds)]
			{
				let recorded = sums.remove(&who).unwrap_or_default();
				let held = T::Currency::balance_on_hold(&reason.into(), &who);
				ensure!(held == recorded, "an account holds other than its records say");
			}
		}
		ensure!(
			deposits.values().chain(bonds.values()).all(Zero::is_zero),
			"an account that is gone holds something"
		);
		Ok(())
	}
}
