//! Files: walking a folder, and naming what is in it.

use std::{
	fs::{self, File},
	io::Read,
	path::{Path, PathBuf},
};

use anyhow::{bail, Context, Result};
use openledger_primitives::content::{ContentId, ContentTree, MAX_SIZE};

/// How much of a file is in memory at once.
const PIECE: usize = 1 << 20;

/// A file of a folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
	/// Its path in the folder, with `/` between the parts.
	pub name: String,
	/// Where it is.
	pub path: PathBuf,
	/// Its bytes.
	pub size: u64,
}

/// Reads a file into the tree of its chunks, piece by piece; `progress` learns how much was read.
pub fn tree(path: &Path, mut progress: impl FnMut(u64)) -> Result<ContentTree> {
	let unreadable = || format!("The file {} cannot be read", path.display());
	let mut file = File::open(path).with_context(unreadable)?;
	let mut tree = ContentTree::default();
	let mut piece = vec![0; PIECE];
	loop {
		let read = file.read(&mut piece).with_context(unreadable)?;
		let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
		tree.feed(bytes);
		progress(read as u64);
	}
	Ok(tree)
}

/// The name of a file's content, and its size.
pub fn name(path: &Path, progress: impl FnMut(u64)) -> Result<(ContentId, u64)> {
	let tree = tree(path, progress)?;
	match tree.id() {
		Some(content) => Ok((content, tree.size())),
		None if tree.size() > MAX_SIZE => {
			bail!("The file {} is larger than 4 TiB.", path.display())
		}
		None => bail!("The file {} is empty: nothing has no content id.", path.display()),
	}
}

/// The regular files in a folder and below, sorted by their names; neither hidden ones nor links.
pub fn walk(folder: &Path) -> Result<Vec<Found>> {
	let mut found = Vec::new();
	collect(folder, "", &mut found)
		.with_context(|| format!("The folder {} cannot be read", folder.display()))?;
	found.sort_by(|one, other| one.name.cmp(&other.name));
	Ok(found)
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<Found>) -> Result<()> {
	for entry in fs::read_dir(folder)? {
		let entry = entry?;
		let path = entry.path();
		let file_name = entry.file_name();
		let Some(name) = file_name.to_str() else {
			bail!("the name of {} is no text that others could read: rename it", path.display());
		};
		if name.starts_with('.') {
			continue;
		}
		let name = format!("{prefix}{name}");
		let kind = entry.file_type()?;
		if kind.is_dir() {
			collect(&path, &format!("{name}/"), found)?;
		} else if kind.is_file() {
			found.push(Found { name, path, size: entry.metadata()?.len() });
		}
	}
	Ok(())
}

/// The URI of a file under a prefix: whatever a URI cannot hold is written as `%XX`.
pub fn uri(prefix: &str, name: &str) -> String {
	let mut uri = String::from(prefix);
	for byte in name.bytes() {
		if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
			uri.push(byte.into());
		} else {
			uri.push_str(&format!("%{byte:02X}"));
		}
	}
	uri
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_folder_is_walked_in_order_without_hidden_files_and_links() {
		let folder = tempfile::tempdir().unwrap();
		let write = |name: &str, text: &str| {
			let path = folder.path().join(name);
			fs::create_dir_all(path.parent().unwrap()).unwrap();
			fs::write(path, text).unwrap();
		};
		write("b.txt", "b");
		write("a/z.txt", "zz");
		write("a/empty", "");
		write("a-b", "before a/ in the order of names");
		write(".hidden", "x");
		write(".git/config", "x");
		std::os::unix::fs::symlink(folder.path().join("b.txt"), folder.path().join("link"))
			.unwrap();
		let found = walk(folder.path()).unwrap();
		let found: Vec<_> = found.iter().map(|file| (file.name.as_str(), file.size)).collect();
		assert_eq!(found, [("a-b", 31), ("a/empty", 0), ("a/z.txt", 2), ("b.txt", 1)]);
		assert!(walk(&folder.path().join("none")).is_err());
	}

	#[test]
	fn a_file_is_named_as_its_bytes_are() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("large");
		let bytes: Vec<u8> = (0..PIECE * 2 + 77).map(|index| (index / 7) as u8).collect();
		fs::write(&path, &bytes).unwrap();
		let mut read = 0;
		let named = name(&path, |bytes| read += bytes).unwrap();
		assert_eq!(named, (ContentTree::of(&bytes).id().unwrap(), bytes.len() as u64));
		assert_eq!(read, bytes.len() as u64);
		fs::write(&path, "").unwrap();
		assert!(name(&path, drop).unwrap_err().to_string().contains("is empty"));
	}

	#[test]
	fn uris_hold_any_name() {
		assert_eq!(uri("https://x.org/p/", "a/b c#ü.txt"), "https://x.org/p/a/b%20c%23%C3%BC.txt");
		assert_eq!(uri("ipfs://", "plain-1.0_~"), "ipfs://plain-1.0_~");
	}
}
