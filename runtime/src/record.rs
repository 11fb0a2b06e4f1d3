//! What nodes and tools ask about the record: answers that join what several pallets store. Every
//! answer is bounded, so that no question stalls a node.

use crate::{answers::answer, AccountId, Balance, Datanets, Runtime};
use alloc::{collections::BTreeMap, vec::Vec};
use openledger_primitives::{
	content::ContentId,
	records::{
		ContributionIndex, ContributionKind, ContributionRef, DatanetId, Licence, ModelId,
		ModelKind, Precedence, Snapshot, Standing, VersionNumber,
	},
};
use pallet_datanets::{Contributions, Metadatas, Payees, Place, Uris};
use pallet_model_registry::{
	Ancestor, Metadatas as ModelMetadatas, Model, Models, Version, Versions,
};
use sp_runtime::Permill;

/// The most contributions in a page of [`RecordApi::contributions`].
pub const PAGE: u32 = 500;

answer! {
	/// A model and the version of it that went into what was asked for.
	pub struct Ingredient {
		/// The model.
		pub model: ModelId,
		/// Its version.
		pub version: VersionNumber,
		/// What it is.
		pub kind: ModelKind,
		/// Its name, as UTF-8.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_text"))]
		pub name: Vec<u8>,
		/// Who owns it.
		pub owner: AccountId,
		/// The version's licence.
		pub licence: Licence,
		/// Which of the answer's ingredients was made from it, by its place there, and the part of that
		/// one's share that it takes. None for what was asked for.
		pub used_by: Option<UsedBy>,
		/// What it was trained on; a fine-tune or an adapter repeats what its parent was trained on.
		pub snapshots: Vec<Snapshot>,
		/// The reference datanets as they were then.
		pub references: Vec<Snapshot>,
	}
}

answer! {
	/// That one model was made from another, or calls it.
	#[derive(Copy)]
	pub struct UsedBy {
		/// The place of that model in the list.
		pub ingredient: u32,
		/// The part of its share that goes to the parent.
		pub royalty: Permill,
	}
}

answer! {
	/// An accepted contribution, with all that is stored about it.
	pub struct ContributionInfo {
		/// Its place.
		pub contribution: ContributionRef,
		/// Its order among all.
		pub precedence: Precedence,
		/// The content's name.
		pub content: ContentId,
		/// Its bytes.
		pub size: u64,
		/// What it is.
		pub kind: ContributionKind,
		/// Its licence.
		pub licence: Licence,
		/// What it labels, corrects or speaks about.
		pub subject: Option<ContributionRef>,
		/// Where it lies, as UTF-8.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_text"))]
		pub uri: Vec<u8>,
		/// Who made it.
		pub contributor: AccountId,
		/// Who has the right to earn.
		pub earner: AccountId,
		/// Where that is paid.
		pub payee: AccountId,
		/// Where it stands.
		pub standing: Standing,
	}
}

answer! {
	/// Where a content is registered.
	pub struct Registered {
		/// The datanet.
		pub datanet: DatanetId,
		/// Its place there, if it was accepted.
		pub index: Option<ContributionIndex>,
		/// Its order among all.
		pub precedence: Precedence,
		/// Who made it.
		pub contributor: AccountId,
	}
}

sp_api::decl_runtime_apis! {
	/// Reads the record.
	pub trait RecordApi {
		/// What went into a version, the active one if none is named: first itself, then its parents
		/// and theirs. None if there is no such version.
		fn provenance(model: ModelId, version: Option<VersionNumber>) -> Option<Vec<Ingredient>>;

		/// The contributions of a snapshot from this place on, at most [`PAGE`] of them.
		fn contributions(snapshot: Snapshot, from: ContributionIndex) -> Vec<ContributionInfo>;

		/// Where a content is registered, and who contributed it.
		fn registered(content: ContentId) -> Option<Registered>;

		/// The models that use a datanet, with the last version that does: a page of them, from the one
		/// after `after` on.
		fn users_of(datanet: DatanetId, after: Option<ModelId>) -> Vec<(ModelId, VersionNumber)>;

		/// What an inference would cost now.
		fn fee_quote(model: ModelId, tokens_in: u32, tokens_out: u32) -> Option<Balance>;
	}
}

/// See [`RecordApi::provenance`].
pub fn provenance(model: ModelId, version: Option<VersionNumber>) -> Option<Vec<Ingredient>> {
	let record = Models::<Runtime>::get(model)?;
	let version = version.or(record.active)?;
	let made = Versions::<Runtime>::get(model, version)?;
	let mut versions = alloc::vec![made.clone()];
	let mut list = alloc::vec![ingredient(model, version, &record, made, None)];
	// How many parents of each ingredient came already: versions name parents in that order.
	let mut seen = BTreeMap::<u8, usize>::new();
	for Ancestor { model, royalty, of } in record.lineage {
		let nth = seen.entry(of).or_default();
		// An ancestor comes after what it takes from, so that is in the list.
		let version = *versions.get(usize::from(of))?.parents.get(*nth)?;
		*nth = nth.saturating_add(1);
		let record = Models::<Runtime>::get(model)?;
		let made = Versions::<Runtime>::get(model, version)?;
		versions.push(made.clone());
		let used_by = UsedBy { ingredient: of.into(), royalty };
		list.push(ingredient(model, version, &record, made, Some(used_by)));
	}
	Some(list)
}

fn ingredient(
	model: ModelId,
	version: VersionNumber,
	record: &Model<AccountId>,
	made: Version,
	used_by: Option<UsedBy>,
) -> Ingredient {
	Ingredient {
		model,
		version,
		kind: record.kind,
		name: ModelMetadatas::<Runtime>::get(model).unwrap_or_default().name.into(),
		owner: record.owner.clone(),
		licence: made.licence,
		used_by,
		snapshots: made.snapshots.into(),
		references: made.references.into(),
	}
}

/// See [`RecordApi::contributions`].
pub fn contributions(snapshot: Snapshot, from: ContributionIndex) -> Vec<ContributionInfo> {
	let folder = Metadatas::<Runtime>::get(snapshot.datanet).unwrap_or_default().uri;
	let end = snapshot.length.min(from.saturating_add(PAGE));
	(from..end)
		.map_while(|index| {
			contribution(ContributionRef { datanet: snapshot.datanet, index }, &folder)
		})
		.collect()
}

fn contribution(at: ContributionRef, folder: &[u8]) -> Option<ContributionInfo> {
	let record = Contributions::<Runtime>::get(at.datanet, at.index)?;
	let earner = record.earner().clone();
	let work = record.work;
	Some(ContributionInfo {
		contribution: at,
		precedence: record.precedence,
		content: work.content,
		size: work.size,
		kind: work.kind,
		licence: work.licence,
		subject: work.subject,
		uri: Uris::<Runtime>::get(work.content)
			.map_or_else(|| default_uri(folder, work.content), Into::into),
		contributor: record.contributor,
		payee: Payees::<Runtime>::get(&earner).unwrap_or_else(|| earner.clone()),
		earner,
		standing: record.standing,
	})
}

/// Where a content lies that has no URI of its own: its name in the datanet's folder, if it has one.
fn default_uri(folder: &[u8], content: ContentId) -> Vec<u8> {
	if folder.is_empty() {
		return Vec::new();
	}
	let digit = |nibble: u8| char::from_digit(nibble.into(), 16).map(|digit| digit as u8);
	let name = content.0 .0.iter().flat_map(|byte| [byte >> 4, byte & 0xf]).filter_map(digit);
	folder.iter().copied().chain(name).collect()
}

/// See [`RecordApi::registered`].
pub fn registered(content: ContentId) -> Option<Registered> {
	let (place, contributor) = Datanets::owner_of(content)?;
	let (datanet, index, precedence) = match place {
		Place::Pending { datanet, precedence } => (datanet, None, precedence),
		Place::Accepted(ContributionRef { datanet, index }) => {
			(datanet, Some(index), Contributions::<Runtime>::get(datanet, index)?.precedence)
		}
	};
	Some(Registered { datanet, index, precedence, contributor })
}
