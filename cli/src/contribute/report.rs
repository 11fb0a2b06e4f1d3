//! The report: what became of every file.

use std::collections::BTreeMap;

use openledger_runtime::record::Registered;
use serde_json::{json, Value};

use super::{
	folder::Folder,
	journal::Entry,
	live::Live,
	steps::{End, Tally},
};
use crate::{
	args::{show_account, show_amount, show_hash},
	talk::Answer,
};

/// How many names a line holds.
const NAMED: usize = 5;

/// Why nothing is to be done for a content.
pub fn reason(end: &End) -> String {
	match end {
		End::Ours(Registered { index: Some(_), .. }) => "it is accepted".into(),
		End::Ours(_) => "it is revealed and waits".into(),
		End::Taken(at) => {
			format!("{} has registered it in datanet {}", show_account(&at.contributor), at.datanet)
		}
		End::Gone => "it was rejected or taken back".into(),
	}
}

/// A line for each reason, with the first names it holds for.
pub fn by_reason<'a>(reasons: impl IntoIterator<Item = (String, &'a str)>) -> Vec<String> {
	let mut names = BTreeMap::<String, Vec<&str>>::new();
	for (reason, name) in reasons {
		names.entry(reason).or_default().push(name);
	}
	let line = |(reason, names): (String, Vec<&str>)| {
		let first = names.get(..NAMED.min(names.len())).unwrap_or_default().join(", ");
		match names.len().saturating_sub(NAMED) {
			0 => format!("  {reason}: {first}"),
			more => format!("  {reason}: {first} and {more} more"),
		}
	};
	names.into_iter().map(line).collect()
}

/// The answer of the command.
pub fn report(
	live: &Live<'_>,
	journal: String,
	folder: &Folder,
	entries: &[Entry],
	tally: &Tally,
) -> Answer {
	let files: Vec<_> = entries.iter().zip(&tally.ends).map(file_json).collect();
	let count = |state| tally.ends.iter().filter(|end| state_of(end.as_ref()) == state).count();
	let (accepted, waiting) = (count("accepted"), count("waiting"));
	let not_ours = entries.iter().zip(&tally.ends).filter_map(|(entry, end)| match end {
		Some(End::Ours(_)) | None => None,
		Some(end) => Some((reason(end), entry.name.as_str())),
	});
	let skipped = folder.skipped.iter().map(|one| (one.reason.clone(), one.name.as_str()));
	let mut lines = vec![format!(
		"{} committed and {} revealed now. Of {} files {accepted} are accepted and {waiting} wait (fees {} \
		 OPEN).",
		tally.committed,
		tally.revealed,
		files.len().saturating_add(folder.skipped.len()),
		show_amount(live.fees.get()),
	)];
	lines.extend(by_reason(not_ours.chain(skipped)));
	let json = json!({
		"datanet": live.manner.datanet,
		"account": show_account(live.actor.account()),
		"journal": journal,
		"bytes": folder.bytes,
		"committed": tally.committed,
		"revealed": tally.revealed,
		"forgotten": tally.forgotten,
		"accepted": accepted,
		"waiting": waiting,
		"files": files,
		"skipped": folder.skipped.iter().map(|one| {
			json!({ "file": one.name, "reason": one.reason })
		}).collect::<Vec<_>>(),
		"fee": show_amount(live.fees.get()),
		"transactions": Value::Array(live.transactions.take()),
	});
	Answer { text: lines.join("\n"), json }
}

fn state_of(end: Option<&End>) -> &'static str {
	match end {
		Some(End::Ours(place)) if place.index.is_some() => "accepted",
		Some(End::Ours(_)) => "waiting",
		Some(End::Taken(_)) => "taken",
		Some(End::Gone) => "gone",
		None => "open",
	}
}

fn file_json((entry, end): (&Entry, &Option<End>)) -> Value {
	let place = match end {
		Some(End::Ours(place) | End::Taken(place)) => Some(place),
		_ => None,
	};
	json!({
		"file": entry.name,
		"content": show_hash(entry.content.0),
		"size": entry.size,
		"state": state_of(end.as_ref()),
		"contributor": place.map(|place| show_account(&place.contributor)),
		"precedence": place.map(|place| place.precedence),
		"contribution": place.and_then(|place| Some(format!("{}/{}", place.datanet, place.index?))),
		"reason": end.as_ref().map(reason),
	})
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn names_are_gathered_by_reason() {
		let names: Vec<_> = (0..7).map(|nth| format!("{nth}.txt")).collect();
		let reasons = names.iter().map(|name| ("it is empty".to_string(), name.as_str()));
		let lines = by_reason(reasons.chain([("it is accepted".to_string(), "x")]));
		let expected =
			["  it is accepted: x", "  it is empty: 0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 2 more"];
		assert_eq!(lines, expected);
	}
}
