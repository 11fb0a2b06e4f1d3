//! `model version`: what a version was made from.

use std::collections::BTreeMap;

use anyhow::{bail, Context, Result};
use openledger_primitives::records::{DatanetId, ModelId, Snapshot, VersionNumber};
use openledger_runtime::{AccountId, Runtime, RuntimeEvent};
use pallet_model_registry::{Call, Event, Model as Record, NewVersion, Version, Versions};
use serde_json::json;
use sp_core::H256;

use super::record;
use crate::{
	args::{show_hash, HashOf, SnapshotArg},
	cli::model::NewVersion as Asked,
	commands::{datanet, done, said, Session},
	files,
	sending::Cost,
	state::State,
	talk::Answer,
};

/// Adds a version.
pub async fn add(command: &Asked, session: &Session<'_>) -> Result<Answer> {
	let Asked { model, weights, licence, .. } = command;
	let best = session.chain.best().await?;
	let made_from = record(&best, *model).await?;
	let parents = parents(&best, &made_from, &command.parent_versions).await?;
	let numbers = parents.iter().map(|(number, _)| *number).collect();
	let inherited = parents.iter().filter(|_| made_from.kind.has_weights());
	let inherited = inherited.flat_map(|(_, version)| version.snapshots.iter().copied());
	let snapshots = merge(inherited, named(&best, &command.snapshots).await?);
	let weights = weights.as_ref().map(hash).transpose()?;
	if weights.is_none() && made_from.kind.has_weights() {
		bail!(
			"Only an agent has no weights of its own: name those of model {model} with --weights."
		);
	}
	for Snapshot { datanet, length } in &snapshots {
		session
			.talk
			.say(format!("Trained on datanet {datanet}, the first {length} contributions."));
	}
	let version = NewVersion {
		weights: weights.unwrap_or_default(),
		config: hash(&command.config)?,
		training_log: hash(&command.training_log)?,
		licence: *licence,
		snapshots: snapshots.clone(),
		parents: numbers,
		method: command.method,
		uri: command.uri.clone().into(),
	};
	let json = json!({
		"model": model,
		"weights": show_hash(version.weights),
		"config": show_hash(version.config),
		"trainingLog": show_hash(version.training_log),
		"snapshots": snapshots,
		"parents": version.parents,
	});
	let fee =
		Cost::new(session.chain.models("VersionFee")?, "for the version, which stays for ever");
	let call = Call::<Runtime>::add_version { model: *model, version };
	let included = session.actor()?.perform(call, vec![fee]).await?;
	let number = said(&included, |event| match event {
		RuntimeEvent::ModelRegistry(Event::VersionAdded { version, .. }) => Some(*version),
		_ => None,
	})?;
	let mut answer = done(format!("Version {number} of model {model} is added"), &[included], json);
	if let Some(fields) = answer.json.as_object_mut() {
		fields.insert("version".into(), number.into());
	}
	Ok(answer)
}

/// The hash that is recorded for a file is its content id: so each chunk of it can be proven.
fn hash(of: &HashOf) -> Result<H256> {
	match of {
		HashOf::Hash(hash) => Ok(*hash),
		HashOf::File(path) => Ok(files::name(path, drop)?.0 .0),
	}
}

/// The version of each parent that is meant: the named ones, or those that serve.
async fn parents(
	state: &State<'_>,
	model: &Record<AccountId>,
	given: &[VersionNumber],
) -> Result<Vec<(VersionNumber, Version)>> {
	let ids: Vec<ModelId> = model.parents().map(|parent| parent.model).collect();
	if !given.is_empty() && given.len() != ids.len() {
		bail!("The model has {} parents: name a --parent-version for each, or none.", ids.len());
	}
	let mut parents = Vec::new();
	for (nth, id) in ids.into_iter().enumerate() {
		let number = match given.get(nth) {
			Some(number) => *number,
			None => record(state, id).await?.active.with_context(|| {
				format!("No version of model {id} serves yet: it must have one first.")
			})?,
		};
		let version = state.double::<Versions<Runtime>, _, _, _>(id, number).await?;
		let version =
			version.with_context(|| format!("There is no version {number} of model {id}."))?;
		parents.push((number, version));
	}
	Ok(parents)
}

/// What the command line names, at its full length where it names none.
async fn named(state: &State<'_>, given: &[SnapshotArg]) -> Result<Vec<Snapshot>> {
	let mut snapshots = Vec::new();
	for SnapshotArg { datanet: id, length } in given {
		let length = match length {
			Some(length) => *length,
			None => datanet(state, *id).await?.length,
		};
		snapshots.push(Snapshot { datanet: *id, length });
	}
	Ok(snapshots)
}

/// Inherited snapshots and named ones, by datanet; what is trained on more than its parent was, is
/// trained on the longer one.
fn merge(inherited: impl Iterator<Item = Snapshot>, named: Vec<Snapshot>) -> Vec<Snapshot> {
	let mut lengths = BTreeMap::<DatanetId, u32>::new();
	for Snapshot { datanet, length } in inherited.chain(named) {
		let longest = lengths.entry(datanet).or_default();
		*longest = length.max(*longest);
	}
	lengths.into_iter().map(|(datanet, length)| Snapshot { datanet, length }).collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn snapshots_of_a_parent_are_included_and_may_be_longer() {
		let of = |pairs: &[(u32, u32)]| {
			let snapshot =
				|(datanet, length): &(u32, u32)| Snapshot { datanet: *datanet, length: *length };
			pairs.iter().map(snapshot).collect::<Vec<_>>()
		};
		let inherited = of(&[(1, 10), (4, 20)]);
		let merged = merge(inherited.into_iter(), of(&[(4, 30), (2, 5), (1, 3)]));
		assert_eq!(merged, of(&[(1, 10), (2, 5), (4, 30)]));
	}
}
