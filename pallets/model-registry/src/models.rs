//! Models, their lineage and their versions.

use super::*;
use frame_support::traits::{
	fungible::hold::Mutate as _,
	tokens::{Fortitude, Precision, Preservation},
};
use sp_runtime::traits::CheckedSub;

impl<T: Config> Pallet<T> {
	/// Now, by the clock of deadlines.
	pub(crate) fn now() -> BlockNumber {
		T::Clock::current_block_number()
	}

	fn text<const N: u32>(text: Vec<u8>) -> Result<Text<N>, Error<T>> {
		text.try_into().map_err(|_| Error::<T>::TextTooLong)
	}

	pub(crate) fn metadata(
		name: Vec<u8>,
		description: Vec<u8>,
		uri: Vec<u8>,
	) -> Result<Metadata, Error<T>> {
		ensure!(!name.is_empty(), Error::<T>::NoName);
		Ok(Metadata {
			name: Self::text(name)?,
			description: Self::text(description)?,
			uri: Self::text(uri)?,
		})
	}

	pub(crate) fn check_terms(terms: &DerivativeTerms) -> DispatchResult {
		ensure!(terms.royalty <= T::MaxRoyalty::get(), Error::<T>::RoyaltyTooLarge);
		Ok(())
	}

	/// A model in force that `who` owns.
	pub(crate) fn owned(
		model: ModelId,
		who: &T::AccountId,
	) -> Result<Model<T::AccountId>, Error<T>> {
		let record = Models::<T>::get(model).ok_or(Error::<T>::NoSuchModel)?;
		ensure!(record.owner == *who, Error::<T>::NotOwner);
		ensure!(!record.deprecated, Error::<T>::Deprecated);
		Ok(record)
	}

	fn charge(who: &T::AccountId, fee: Balance) -> DispatchResult {
		let (precision, preservation) = (Precision::Exact, Preservation::Preserve);
		let fee = T::Currency::withdraw(who, fee, precision, preservation, Fortitude::Polite)?;
		T::Fees::on_unbalanced(fee);
		Ok(())
	}

	pub(crate) fn do_register(
		owner: T::AccountId,
		kind: ModelKind,
		parents: Parents,
		terms: DerivativeTerms,
		price: Price,
		metadata: Metadata,
	) -> DispatchResult {
		Self::check_terms(&terms)?;
		let lineage = Self::lineage(kind, &parents)?;
		let model = NextModel::<T>::get();
		ensure!(model < ID_LIMIT, Error::<T>::NoMoreIds);
		Self::charge(&owner, T::RegistrationFee::get())?;
		let deposit = T::ModelDeposit::get();
		T::Currency::hold(&HoldReason::Model.into(), &owner, deposit)?;
		NextModel::<T>::put(model.saturating_add(1));
		Metadatas::<T>::insert(model, metadata);
		Self::deposit_event(Event::Registered {
			model,
			owner: owner.clone(),
			kind,
			lineage: lineage.clone(),
		});
		let record = Model {
			owner,
			kind,
			terms,
			lineage,
			versions: 0,
			active: None,
			epochs: 0,
			deposit,
			deprecated: false,
		};
		Self::announce(model, record, price, 0)
	}

	/// All ancestors, at the terms of now.
	fn lineage(kind: ModelKind, parents: &Parents) -> Result<Lineage, Error<T>> {
		let right = match kind {
			ModelKind::Base => parents.is_empty(),
			ModelKind::FineTune | ModelKind::Adapter => parents.len() == 1,
			ModelKind::Agent => !parents.is_empty(),
		};
		ensure!(right, Error::<T>::WrongParents);
		let push = |lineage: &mut Lineage, ancestor| {
			lineage.try_push(ancestor).map_err(|_| Error::<T>::TooManyAncestors)
		};
		let mut lineage = Lineage::default();
		let mut left = Permill::one();
		for (nth, Parent { model, at_most }) in parents.iter().enumerate() {
			ensure!(
				!parents.iter().take(nth).any(|other| other.model == *model),
				Error::<T>::DuplicateParent
			);
			let record = Models::<T>::get(model).ok_or(Error::<T>::NoSuchModel)?;
			ensure!(!record.deprecated, Error::<T>::Deprecated);
			// Else an agent without snapshots would wash off what the models it calls owe.
			ensure!(!kind.has_weights() || record.kind.has_weights(), Error::<T>::WrongParents);
			let DerivativeTerms { allowed, royalty } = record.terms;
			ensure!(allowed, Error::<T>::DerivativesForbidden);
			ensure!(royalty <= *at_most, Error::<T>::RoyaltyNotAgreed);
			left = left.checked_sub(&royalty).ok_or(Error::<T>::RoyaltiesExceedShare)?;
			push(&mut lineage, Ancestor { model: *model, royalty, of: 0 })?;
			let the_parent = lineage.len() as u8;
			for ancestor in record.lineage {
				// The parent's own share is what the parent takes of ours.
				let of = the_parent.saturating_add(ancestor.of);
				push(&mut lineage, Ancestor { of, ..ancestor })?;
			}
		}
		Ok(lineage)
	}

	pub(crate) fn do_add_version(
		who: T::AccountId,
		model: ModelId,
		new: NewVersion,
	) -> DispatchResult {
		let mut record = Self::owned(model, &who)?;
		let number = record.versions;
		ensure!(number < ID_LIMIT, Error::<T>::NoMoreIds);
		let version = Self::check_version(&record, new)?;
		Self::charge(&who, T::VersionFee::get())?;
		record.versions = number.saturating_add(1);
		for snapshot in &version.snapshots {
			Users::<T>::insert(snapshot.datanet, model, number);
		}
		Versions::<T>::insert(model, number, version);
		Self::deposit_event(Event::VersionAdded { model, version: number });
		if record.active.is_none() {
			record.active = Some(number);
			Self::deposit_event(Event::VersionActivated { model, version: number });
		}
		Models::<T>::insert(model, record);
		Ok(())
	}

	fn check_version(
		record: &Model<T::AccountId>,
		new: NewVersion,
	) -> Result<Version, DispatchError> {
		ensure!(new.method.works(), Error::<T>::BadMethod);
		ensure!(record.kind.has_weights() || new.weights.is_zero(), Error::<T>::AgentHasWeights);
		let version = Version {
			weights: new.weights,
			config: new.config,
			training_log: new.training_log,
			licence: new.licence,
			snapshots: new.snapshots.try_into().map_err(|_| Error::<T>::TooManySnapshots)?,
			references: T::Datanets::references()
				.try_into()
				.map_err(|_| Error::<T>::TooManySnapshots)?,
			parents: new.parents.try_into().map_err(|_| Error::<T>::BadParentVersion)?,
			method: new.method,
			added: frame_system::Pallet::<T>::block_number().saturated_into(),
			uri: Self::text(new.uri)?,
		};
		Self::check_snapshots(&version)?;
		Self::check_parents(record, &version)?;
		Ok(version)
	}

	fn check_snapshots(version: &Version) -> DispatchResult {
		let Version { snapshots, references, licence, .. } = version;
		ensure!(
			snapshots.is_sorted_by(|a, b| a.datanet < b.datanet),
			Error::<T>::SnapshotsNotSorted
		);
		for snapshot in snapshots {
			ensure!(
				!references.iter().any(|reference| reference.datanet == snapshot.datanet),
				Error::<T>::NamesReference
			);
			// An empty one would list the model as a user of what it does not use.
			ensure!(snapshot.length > 0, Error::<T>::NoSuchSnapshot);
			let of_datanet = T::Datanets::licence(*snapshot).ok_or(Error::<T>::NoSuchSnapshot)?;
			ensure!(of_datanet.allows(licence), Error::<T>::LicenceMismatch);
		}
		Ok(())
	}

	fn check_parents(record: &Model<T::AccountId>, version: &Version) -> DispatchResult {
		let Version { snapshots, parents, licence, .. } = version;
		ensure!(parents.len() == record.parents().count(), Error::<T>::BadParentVersion);
		for (ancestor, number) in record.parents().zip(parents) {
			let parent =
				Versions::<T>::get(ancestor.model, number).ok_or(Error::<T>::BadParentVersion)?;
			if !record.kind.has_weights() {
				continue;
			}
			ensure!(parent.licence.allows(licence), Error::<T>::LicenceMismatch);
			let included = parent.snapshots.iter().all(|theirs| {
				snapshots
					.binary_search_by_key(&theirs.datanet, |ours| ours.datanet)
					.ok()
					.and_then(|at| snapshots.get(at))
					.is_some_and(|ours| ours.length >= theirs.length)
			});
			ensure!(included, Error::<T>::LacksParentSnapshot);
		}
		Ok(())
	}

	pub(crate) fn do_transfer(
		who: T::AccountId,
		model: ModelId,
		owner: T::AccountId,
	) -> DispatchResult {
		let mut record = Self::owned(model, &who)?;
		T::Currency::move_hold(HoldReason::Model, &who, &owner, record.deposit)?;
		record.owner = owner.clone();
		Models::<T>::insert(model, record);
		Self::deposit_event(Event::ModelTransferred { model, owner });
		Ok(())
	}

	pub(crate) fn do_deprecate(who: T::AccountId, model: ModelId) -> DispatchResult {
		let mut record = Self::owned(model, &who)?;
		Self::ensure_idle(model)?;
		Operators::<T>::remove(model);
		let deposit = core::mem::take(&mut record.deposit);
		T::Currency::give_back(HoldReason::Model, &who, deposit);
		record.deprecated = true;
		Models::<T>::insert(model, record);
		Self::deposit_event(Event::Deprecated { model });
		Ok(())
	}
}
