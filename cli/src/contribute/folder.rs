//! The folder: every content in it, once.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{bail, Result};
use openledger_primitives::content::ContentId;
use pallet_datanets::MAX_URI;

use crate::{
	files::{self, Found},
	talk::Talk,
};

/// A file that is left out, and why.
#[derive(Debug, PartialEq)]
pub struct Skipped {
	/// The file.
	pub name: String,
	/// Why.
	pub reason: String,
}

/// The contents of a folder.
#[derive(Default)]
pub struct Folder {
	/// Name, content and size of each.
	pub files: Vec<(String, ContentId, u64)>,
	/// What is left out.
	pub skipped: Vec<Skipped>,
	/// All bytes together.
	pub bytes: u64,
}

impl Folder {
	/// Names every file, but not the journal, wherever it lies.
	pub fn read(
		path: &Path,
		journal: &Path,
		uri_prefix: Option<&str>,
		talk: &Talk,
	) -> Result<Self> {
		let found = files::walk(path)?;
		let total = found.iter().map(|file| file.size).sum();
		let bar =
			talk.bar(total, "Naming files {binary_bytes} of {binary_total_bytes} {wide_bar} {eta}");
		let mut folder = Self::default();
		let mut first = BTreeMap::<ContentId, String>::new();
		for Found { name, path, size } in found {
			let reason = match size {
				0 => Some("it is empty"),
				_ if is_same(&path, journal) => Some("it is the journal"),
				_ => None,
			};
			if let Some(reason) = reason {
				folder.skipped.push(Skipped { name, reason: reason.into() });
				continue;
			}
			let (content, size) = files::name(&path, |bytes| bar.inc(bytes))?;
			if let Some(other) = first.get(&content) {
				let reason = format!("it has the same content as {other}");
				folder.skipped.push(Skipped { name, reason });
				continue;
			}
			let uri = uri_prefix.map(|prefix| files::uri(prefix, &name));
			if let Some(uri) = uri.filter(|uri| uri.len() > MAX_URI as usize) {
				bail!(
					"The URI {uri} is longer than {MAX_URI} bytes: shorten the prefix or the file's name."
				);
			}
			first.insert(content, name.clone());
			folder.bytes = folder.bytes.saturating_add(size);
			folder.files.push((name, content, size));
		}
		bar.finish_and_clear();
		if folder.files.is_empty() {
			bail!("There is nothing to contribute in {}.", path.display());
		}
		Ok(folder)
	}
}

fn is_same(one: &Path, other: &Path) -> bool {
	one.file_name() == other.file_name()
		&& fs::canonicalize(one).ok().is_some_and(|one| fs::canonicalize(other).ok() == Some(one))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn each_content_is_taken_once_and_nothing_empty() {
		let folder = tempfile::tempdir().unwrap();
		for (name, text) in [("a", "same"), ("b", "same"), ("c", ""), ("d", "other"), ("j", "{}")] {
			fs::write(folder.path().join(name), text).unwrap();
		}
		let talk = Talk::new(true, true);
		let journal = folder.path().join("j");
		let read = Folder::read(folder.path(), &journal, Some("https://x.org/"), &talk).unwrap();
		let names: Vec<_> = read.files.iter().map(|(name, ..)| name.as_str()).collect();
		assert_eq!(names, ["a", "d"]);
		assert_eq!(read.bytes, 9);
		let reasons: Vec<_> = read.skipped.iter().map(|one| one.reason.as_str()).collect();
		assert_eq!(reasons, ["it has the same content as a", "it is empty", "it is the journal"]);
		let long = "x".repeat(MAX_URI as usize);
		let error = Folder::read(folder.path(), &journal, Some(&long), &talk).err().unwrap();
		let error = error.to_string();
		assert!(error.contains("128 bytes"), "{error}");
	}

	#[test]
	fn a_folder_without_contents_is_refused() {
		let folder = tempfile::tempdir().unwrap();
		fs::write(folder.path().join("empty"), "").unwrap();
		let error = Folder::read(folder.path(), Path::new("j"), None, &Talk::new(true, true))
			.err()
			.unwrap();
		assert!(error.to_string().contains("nothing to contribute"), "{error}");
	}
}
