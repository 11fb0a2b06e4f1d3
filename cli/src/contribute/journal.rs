//! The journal: what was committed and how to reveal it, kept where a break cannot reach it.
//!
//! A salt is written before its commitment is sent, and never changed: whatever happens, what is on
//! chain can be revealed. The file is replaced as a whole, so it is never half written.

use std::{
	collections::BTreeMap,
	ffi::OsString,
	fs::{self, File, OpenOptions},
	io::{self, Write},
	path::{Path, PathBuf},
};

use anyhow::{anyhow, bail, Context, Result};
use codec::{Decode, Encode};
use openledger_primitives::{
	content::ContentId,
	records::{DatanetId, Precedence},
};
use openledger_runtime::{AccountId, Hash};
use pallet_datanets::Policy;
use serde::{Deserialize, Serialize};
use sp_core::{Bytes, H256};

use crate::args::show_account;

const VERSION: u32 = 1;

/// A content and what is needed to reveal it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Entry {
	/// The file, by its path in the folder.
	pub name: String,
	/// Its content.
	pub content: ContentId,
	/// Its bytes.
	pub size: u64,
	/// The random bytes of the commitment.
	pub salt: H256,
	/// Its precedence, once its registration was final: if it is gone later, somebody took it back.
	pub revealed: Option<Precedence>,
}

/// Whose journal it is, and for what.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Purpose {
	/// The chain, by its first block.
	pub genesis: Hash,
	/// The datanet.
	pub datanet: DatanetId,
	/// Who contributes.
	pub account: AccountId,
}

/// What a contribution consists of, and how far it is.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
	version: u32,
	#[serde(rename = "for")]
	purpose: Purpose,
	/// The policy that was agreed to, as the chain encodes it.
	policy: Bytes,
	entries: Vec<Entry>,
	#[serde(skip)]
	path: PathBuf,
}

/// Where the journal of a folder lies, if nobody says otherwise: beside it. Inside, it would be published
/// with the contents; and each datanet has one of its own.
pub fn default_path(folder: &Path, datanet: DatanetId) -> Result<PathBuf> {
	let folder = fs::canonicalize(folder)
		.with_context(|| format!("The folder {} cannot be read", folder.display()))?;
	let name = folder.file_name().context("Nothing lies beside that folder: name a --state.")?;
	let mut journal = OsString::from(".");
	journal.push(name);
	journal.push(format!(".openledger-{datanet}.json"));
	Ok(folder.with_file_name(journal))
}

/// Random bytes from the system.
fn salt() -> Result<H256> {
	let mut salt = H256::zero();
	getrandom::fill(salt.as_bytes_mut())
		.map_err(|error| anyhow!("The system gives no random bytes ({error})."))?;
	Ok(salt)
}

impl Journal {
	/// Opens a journal, or begins one.
	pub fn open(path: &Path, purpose: Purpose, policy: Policy) -> Result<Self> {
		let unreadable = || format!("The journal {} cannot be read", path.display());
		let written = match fs::read(path) {
			Ok(written) => written,
			Err(error) if error.kind() == io::ErrorKind::NotFound => {
				return Ok(Self {
					version: VERSION,
					purpose,
					policy: Bytes(policy.encode()),
					entries: Vec::new(),
					path: path.into(),
				});
			}
			Err(error) => return Err(error).with_context(unreadable),
		};
		let mut journal: Self = serde_json::from_slice(&written).with_context(unreadable)?;
		journal.path = path.into();
		journal.check(&purpose)?;
		Ok(journal)
	}

	fn check(&self, purpose: &Purpose) -> Result<()> {
		let Purpose { genesis, datanet, account } = &self.purpose;
		let other = if self.version != VERSION {
			"another version of this program".into()
		} else if *genesis != purpose.genesis {
			"another chain".into()
		} else if *datanet != purpose.datanet {
			format!("datanet {datanet}")
		} else if account != &purpose.account {
			format!("the account {}", show_account(account))
		} else {
			return Ok(());
		};
		bail!(
			"The journal {} is of {other}: name another with --state. Do not delete it before everything in \
			 it is revealed.",
			self.path.display(),
		)
	}

	/// Where it lies.
	pub fn path(&self) -> &Path {
		&self.path
	}

	/// The policy that was agreed to before; none if it cannot be read.
	pub fn policy(&self) -> Option<Policy> {
		Policy::decode(&mut self.policy.0.as_slice()).ok()
	}

	/// Notes the policy that is agreed to now.
	pub fn agree(&mut self, policy: Policy) {
		self.policy = Bytes(policy.encode());
	}

	/// The entries of these files, in their order: those known, and new ones with salts.
	pub fn entries_of(&mut self, files: &[(String, ContentId, u64)]) -> Result<Vec<Entry>> {
		let known: BTreeMap<_, _> =
			(0..).zip(&self.entries).map(|(at, e)| (e.content, at)).collect();
		let mut entries = Vec::with_capacity(files.len());
		for (name, content, size) in files {
			let at: Option<usize> = known.get(content).copied();
			let entry = match at.and_then(|at| self.entries.get_mut(at)) {
				Some(entry) => {
					entry.name.clone_from(name);
					entry.clone()
				}
				None => {
					let (name, content, size) = (name.clone(), *content, *size);
					let entry = Entry { name, content, size, salt: salt()?, revealed: None };
					self.entries.push(entry.clone());
					entry
				}
			};
			entries.push(entry);
		}
		Ok(entries)
	}

	/// How many of its entries are neither revealed nor among these contents: their files are gone.
	pub fn orphans(&self, entries: &[Entry]) -> usize {
		let there: std::collections::BTreeSet<_> =
			entries.iter().map(|entry| entry.content).collect();
		let gone = |entry: &&Entry| entry.revealed.is_none() && !there.contains(&entry.content);
		self.entries.iter().filter(gone).count()
	}

	/// Notes what is registered for good.
	pub fn note_revealed(&mut self, revealed: &BTreeMap<ContentId, Precedence>) {
		for entry in &mut self.entries {
			if let Some(precedence) = revealed.get(&entry.content) {
				entry.revealed = Some(*precedence);
			}
		}
	}

	/// Writes it, as a whole or not at all, readable by its owner only: until the reveal, salts are
	/// nobody else's business.
	pub fn save(&self) -> Result<()> {
		let mut draft = self.path.clone().into_os_string();
		draft.push(".new");
		let draft = PathBuf::from(draft);
		self.write(&draft)
			.with_context(|| format!("The journal {} cannot be written", self.path.display()))
	}

	fn write(&self, draft: &Path) -> Result<()> {
		let mut options = OpenOptions::new();
		options.write(true).create(true).truncate(true);
		#[cfg(unix)]
		std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
		let mut file = options.open(draft)?;
		file.write_all(&serde_json::to_vec(self)?)?;
		file.sync_all()?;
		fs::rename(draft, &self.path)?;
		// A power cut must not undo the renaming after something was committed.
		let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
		File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use pallet_datanets::Admission;
	use sp_runtime::Permill;

	fn purpose() -> Purpose {
		Purpose { genesis: H256::repeat_byte(1), datanet: 3, account: AccountId::new([7; 32]) }
	}

	fn policy(bond: u128) -> Policy {
		Policy { admission: Admission::Open, bond, curator_share: Permill::zero() }
	}

	fn files(count: u8) -> Vec<(String, ContentId, u64)> {
		(0..count)
			.map(|nth| {
				(format!("{nth}.txt"), ContentId(H256::repeat_byte(nth)), u64::from(nth) + 1)
			})
			.collect()
	}

	#[test]
	fn salts_are_random_and_stay() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("journal");
		let mut journal = Journal::open(&path, purpose(), policy(5)).unwrap();
		let two = journal.entries_of(&files(2)).unwrap();
		assert_ne!(two[0].salt, two[1].salt);
		assert!(two.iter().all(|entry| !entry.salt.is_zero()));
		journal.save().unwrap();

		let mut again = Journal::open(&path, purpose(), policy(9)).unwrap();
		assert_eq!(again, journal);
		assert_eq!(again.policy(), Some(policy(5)));
		let three = again.entries_of(&files(3)).unwrap();
		assert_eq!(three[..2], two);
		assert_eq!(again.orphans(&three), 0);
		assert_eq!(again.orphans(&three[1..]), 1);
	}

	#[test]
	fn a_renamed_file_keeps_its_salt() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("journal");
		let mut journal = Journal::open(&path, purpose(), policy(5)).unwrap();
		let before = journal.entries_of(&files(1)).unwrap();
		let mut renamed = files(1);
		renamed[0].0 = "other.txt".into();
		let after = journal.entries_of(&renamed).unwrap();
		assert_eq!(after[0].name, "other.txt");
		assert_eq!(after[0].salt, before[0].salt);
	}

	#[test]
	fn what_is_noted_as_revealed_is_written() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("journal");
		let mut journal = Journal::open(&path, purpose(), policy(5)).unwrap();
		let entries = journal.entries_of(&files(2)).unwrap();
		let precedence = Precedence::new(9, 1);
		journal.note_revealed(&BTreeMap::from([(entries[1].content, precedence)]));
		journal.agree(policy(6));
		journal.save().unwrap();
		let mut again = Journal::open(&path, purpose(), policy(5)).unwrap();
		assert_eq!(again.policy(), Some(policy(6)));
		let again = again.entries_of(&files(2)).unwrap();
		assert_eq!((again[0].revealed, again[1].revealed), (None, Some(precedence)));
	}

	#[cfg(unix)]
	#[test]
	fn only_its_owner_reads_it() {
		use std::os::unix::fs::PermissionsExt;
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("journal");
		Journal::open(&path, purpose(), policy(5)).unwrap().save().unwrap();
		assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
		assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
	}

	#[test]
	fn a_journal_of_something_else_is_refused() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("journal");
		Journal::open(&path, purpose(), policy(5)).unwrap().save().unwrap();
		for (other, word) in [
			(Purpose { genesis: H256::zero(), ..purpose() }, "another chain"),
			(Purpose { datanet: 4, ..purpose() }, "datanet 3"),
			(Purpose { account: AccountId::new([8; 32]), ..purpose() }, "the account 5"),
		] {
			let error = Journal::open(&path, other, policy(5)).unwrap_err().to_string();
			assert!(error.contains(word) && error.contains("--state"), "{error}");
		}
		fs::write(&path, "{").unwrap();
		let error = Journal::open(&path, purpose(), policy(5)).unwrap_err().to_string();
		assert!(error.contains("cannot be read"), "{error}");
	}

	#[test]
	fn it_lies_beside_the_folder() {
		let folder = tempfile::tempdir().unwrap();
		let poems = folder.path().join("poems");
		fs::create_dir(&poems).unwrap();
		let beside = fs::canonicalize(folder.path()).unwrap().join(".poems.openledger-3.json");
		assert_eq!(default_path(&poems, 3).unwrap(), beside);
		assert_eq!(default_path(&poems.join("../poems/."), 3).unwrap(), beside);
	}
}
