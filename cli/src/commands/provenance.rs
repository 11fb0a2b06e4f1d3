//! `provenance`: what a model was made from, down to the contributors.

use std::{cmp::Reverse, collections::BTreeMap};

use anyhow::{Context, Result};
use openledger_primitives::records::{DatanetId, ModelId, Snapshot, VersionNumber};
use openledger_runtime::{
	record::{Ingredient, UsedBy},
	AccountId, Runtime,
};
use pallet_datanets::Metadatas;
use serde_json::{json, Value};

use super::{contribution::page, text, Session};
use crate::{
	args::{show_account, show_licence, show_share, word, MODEL_KINDS},
	state::State,
	talk::Answer,
};

/// What is known of a datanet that something was trained on.
#[derive(Default)]
struct Trained {
	name: String,
	/// Who made each contribution, in their order.
	contributors: Vec<AccountId>,
}

impl Trained {
	/// The contributors of a snapshot, with how many contributions each has; those with most first.
	fn counts(&self, length: u32) -> Vec<(&AccountId, usize)> {
		let mut counts = BTreeMap::<&AccountId, usize>::new();
		for contributor in self.contributors.iter().take(length as usize) {
			let count = counts.entry(contributor).or_default();
			*count = count.saturating_add(1);
		}
		let mut counts: Vec<_> = counts.into_iter().collect();
		counts.sort_by_key(|(_, count)| Reverse(*count));
		counts
	}
}

/// A line with lines below it.
struct Node {
	line: String,
	below: Vec<Node>,
}

impl Node {
	fn leaf(line: String) -> Self {
		Self { line, below: Vec::new() }
	}

	fn render(&self) -> String {
		let mut lines = vec![self.line.clone()];
		self.render_below("", &mut lines);
		lines.join("\n")
	}

	fn render_below(&self, indent: &str, lines: &mut Vec<String>) {
		let last = self.below.len().saturating_sub(1);
		for (nth, node) in self.below.iter().enumerate() {
			let (branch, space) =
				if nth == last { ("└── ", "    ") } else { ("├── ", "│   ") };
			lines.push(format!("{indent}{branch}{}", node.line));
			node.render_below(&format!("{indent}{space}"), lines);
		}
	}
}

/// Shows where a model comes from.
pub async fn run(
	model: ModelId,
	version: Option<VersionNumber>,
	shown: usize,
	session: &Session<'_>,
) -> Result<Answer> {
	let best = session.chain.best().await?;
	let ingredients: Option<Vec<Ingredient>> =
		best.ask("RecordApi_provenance", (model, version)).await?;
	let ingredients = ingredients.with_context(|| match version {
		Some(version) => format!("There is no version {version} of model {model}."),
		None => format!("There is no model {model}, or no version of it serves: name a --version."),
	})?;
	let named = session.talk.json || shown > 0;
	let datanets = datanets(&best, &ingredients, named, session).await?;
	let tree = tree(&ingredients, 0, &datanets, shown);
	let json = json!({
		"model": model,
		"version": ingredients.first().map(|first| first.version),
		"ingredients": ingredients.iter().map(|one| ingredient_json(one, &datanets)).collect::<Vec<_>>(),
	});
	Ok(Answer { text: tree.map(|tree| tree.render()).unwrap_or_default(), json })
}

/// Reads every datanet once, at the greatest length that something was trained on.
async fn datanets(
	best: &State<'_>,
	ingredients: &[Ingredient],
	with_contributors: bool,
	session: &Session<'_>,
) -> Result<BTreeMap<DatanetId, Trained>> {
	let mut lengths = BTreeMap::<DatanetId, u32>::new();
	for snapshot in ingredients.iter().flat_map(|one| one.snapshots.iter().chain(&one.references)) {
		let longest = lengths.entry(snapshot.datanet).or_default();
		*longest = snapshot.length.max(*longest);
	}
	let total = lengths.values().map(|length| u64::from(*length)).sum();
	let bar = session.talk.bar(total, "Reading contributions {pos} of {len} {wide_bar}");
	let metadatas = best.maps::<Metadatas<Runtime>, _, _>(lengths.keys()).await?;
	let mut datanets = BTreeMap::new();
	for ((datanet, length), metadata) in lengths.into_iter().zip(metadatas) {
		let name = text(&metadata.unwrap_or_default().name);
		let mut trained = Trained { name, ..Default::default() };
		while with_contributors && trained.contributors.len() < length as usize {
			let from = trained.contributors.len() as u32;
			let page = page(best, Snapshot { datanet, length }, from).await?;
			if page.is_empty() {
				break;
			}
			bar.inc(page.len() as u64);
			trained.contributors.extend(page.into_iter().map(|info| info.contributor));
		}
		datanets.insert(datanet, trained);
	}
	bar.finish_and_clear();
	Ok(datanets)
}

/// The tree of the ingredient at a place of the list.
fn tree(
	ingredients: &[Ingredient],
	at: u32,
	datanets: &BTreeMap<DatanetId, Trained>,
	shown: usize,
) -> Option<Node> {
	let one = ingredients.get(at as usize)?;
	let royalty = one.used_by.map_or(String::new(), |UsedBy { ingredient, royalty }| {
		let of = if ingredient == 0 { "of its share" } else { "of that" };
		format!(", takes {} {of}", show_share(royalty))
	});
	let line = format!(
		"{} (model {}, version {}, {}){royalty}: {}, by {}",
		text(&one.name),
		one.model,
		one.version,
		word(MODEL_KINDS, &one.kind),
		show_licence(&one.licence),
		show_account(&one.owner),
	);
	let snapshots = one.snapshots.iter().map(|snapshot| (snapshot, "datanet"));
	let references = one.references.iter().map(|snapshot| (snapshot, "reference datanet"));
	let mut below: Vec<_> = snapshots
		.chain(references)
		.filter_map(|(snapshot, what)| branch(snapshot, what, datanets, shown))
		.collect();
	let parents = (0..)
		.zip(ingredients)
		.filter(|(_, other)| other.used_by.is_some_and(|used_by| used_by.ingredient == at));
	below.extend(parents.filter_map(|(place, _)| tree(ingredients, place, datanets, shown)));
	Some(Node { line, below })
}

fn branch(
	snapshot: &Snapshot,
	what: &str,
	datanets: &BTreeMap<DatanetId, Trained>,
	shown: usize,
) -> Option<Node> {
	let Snapshot { datanet, length } = *snapshot;
	let trained = datanets.get(&datanet)?;
	let counts = trained.counts(length);
	let mut below: Vec<_> = counts
		.iter()
		.take(shown)
		.map(|(account, count)| Node::leaf(format!("{}: {count}", show_account(account))))
		.collect();
	if shown > 0 && counts.len() > shown {
		below.push(Node::leaf(format!(
			"and {} more contributors",
			counts.len().saturating_sub(shown)
		)));
	}
	let line = format!("{what} {datanet} \"{}\", its first {length} contributions", trained.name);
	Some(Node { line, below })
}

fn ingredient_json(one: &Ingredient, datanets: &BTreeMap<DatanetId, Trained>) -> Value {
	let snapshots = |snapshots: &[Snapshot]| -> Value {
		let snapshots = snapshots.iter().filter_map(|snapshot| {
			let trained = datanets.get(&snapshot.datanet)?;
			let counts = trained.counts(snapshot.length);
			let counts = counts.into_iter().map(
				|(account, count)| json!({ "contributor": show_account(account), "contributions": count }),
			);
			Some(json!({
				"datanet": snapshot.datanet,
				"name": trained.name,
				"length": snapshot.length,
				"contributors": counts.collect::<Vec<_>>(),
			}))
		});
		snapshots.collect()
	};
	json!({
		"model": one.model,
		"version": one.version,
		"kind": word(MODEL_KINDS, &one.kind),
		"name": text(&one.name),
		"owner": show_account(&one.owner),
		"licence": show_licence(&one.licence),
		"usedBy": one.used_by.map(|UsedBy { ingredient, royalty }| {
			json!({ "ingredient": ingredient, "royalty": show_share(royalty) })
		}),
		"snapshots": snapshots(&one.snapshots),
		"references": snapshots(&one.references),
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use openledger_primitives::records::{Licence, ModelKind};
	use sp_runtime::Permill;

	fn account(id: u8) -> AccountId {
		AccountId::new([id; 32])
	}

	fn ingredient(name: &str, kind: ModelKind, used_by: Option<(u32, u32)>) -> Ingredient {
		Ingredient {
			model: name.len() as u32,
			version: 1,
			kind,
			name: name.into(),
			owner: account(1),
			licence: Licence::CcBy,
			used_by: used_by.map(|(ingredient, percent)| UsedBy {
				ingredient,
				royalty: Permill::from_percent(percent),
			}),
			snapshots: vec![],
			references: vec![],
		}
	}

	/// An agent that calls an adapter of a base, and the base itself.
	fn agent() -> Vec<Ingredient> {
		let mut list = vec![
			ingredient("agent", ModelKind::Agent, None),
			ingredient("adapter", ModelKind::Adapter, Some((0, 10))),
			ingredient("base", ModelKind::Base, Some((1, 5))),
			ingredient("base", ModelKind::Base, Some((0, 20))),
		];
		for base in [1, 2, 3] {
			list[base].snapshots = vec![Snapshot { datanet: 7, length: 4 }];
		}
		list[2].references = vec![Snapshot { datanet: 8, length: 1 }];
		list
	}

	fn datanets() -> BTreeMap<DatanetId, Trained> {
		let poems = Trained {
			name: "Poems".into(),
			contributors: vec![
				account(3),
				account(2),
				account(3),
				account(4),
				account(4),
				account(4),
			],
		};
		let texts = Trained { name: "Licences".into(), contributors: vec![account(9)] };
		BTreeMap::from([(7, poems), (8, texts)])
	}

	#[test]
	fn a_tree_goes_down_to_the_contributors() {
		let owner = show_account(&account(1));
		let poems = |indent: &str| {
			format!(
				"{indent}    ├── {}: 2\n{indent}    └── and 2 more contributors",
				show_account(&account(3)),
			)
		};
		let expected = [
			format!("agent (model 5, version 1, agent): cc-by, by {owner}"),
			format!("├── adapter (model 7, version 1, adapter), takes 10% of its share: cc-by, by {owner}"),
			"│   ├── datanet 7 \"Poems\", its first 4 contributions".into(),
			poems("│   │").replace("│   │    ", "│   │   "),
			format!("│   └── base (model 4, version 1, base), takes 5% of that: cc-by, by {owner}"),
			"│       ├── datanet 7 \"Poems\", its first 4 contributions".into(),
			poems("│       │").replace("│       │    ", "│       │   "),
			"│       └── reference datanet 8 \"Licences\", its first 1 contributions".into(),
			format!("│           └── {}: 1", show_account(&account(9))),
			format!("└── base (model 4, version 1, base), takes 20% of its share: cc-by, by {owner}"),
			"    └── datanet 7 \"Poems\", its first 4 contributions".into(),
			poems("    "),
		];
		let tree = tree(&agent(), 0, &datanets(), 1).unwrap();
		assert_eq!(tree.render(), expected.join("\n"));
	}

	#[test]
	fn without_contributors_only_datanets_are_named() {
		let tree = tree(&agent(), 0, &datanets(), 0).unwrap().render();
		assert_eq!(tree.lines().count(), 8);
		assert!(!tree.contains("more contributors"));
	}

	#[test]
	fn programs_get_every_contributor_of_a_snapshot_and_no_later_one() {
		let json = ingredient_json(&agent()[1], &datanets());
		let contributors = json["snapshots"][0]["contributors"].as_array().unwrap().clone();
		let counts: Vec<_> =
			contributors.iter().map(|one| one["contributions"].as_u64().unwrap()).collect();
		assert_eq!(counts, [2, 1, 1]);
		assert_eq!(contributors[0]["contributor"], show_account(&account(3)));
		assert_eq!(json["usedBy"]["royalty"], "10%");
	}
}
