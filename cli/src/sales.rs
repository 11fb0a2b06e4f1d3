//! Sales files: what an operator has sold, with what must be shown of it when somebody asks.
//!
//! ```text
//! olsales1 ‖ SCALE list of payers, ascending ‖ SCALE of one Sale after the other, to the end
//! ```
//!
//! A million receipts with outputs and citations are hundreds of megabytes: only receipts are kept in
//! memory, the rest is read again where it is asked for.

use std::{
	ffi::OsString,
	fs::{self, File},
	io::{BufReader, Read, Seek, SeekFrom},
	path::{Path, PathBuf},
};

use anyhow::{anyhow, bail, Context, Result};
use codec::{Decode, DecodeAll, Encode, Input};
use indicatif::ProgressBar;
use openledger_primitives::{
	content::ContentTree,
	records::{Epoch, ModelId, VersionNumber},
	AccountId, Hash,
};
use openledger_settlement::{
	parties::TermsNumber,
	receipt::Receipt,
	retrieval::{credits, matches, Citations},
	trace::Leaf,
	voucher::Bought,
	MAX_PAYERS, MAX_RECEIPTS,
};
use pallet_attribution::MAX_OUTPUT;

use crate::{args::show_account, talk::Talk};

/// What every sales file begins with.
const TAG: &[u8; 8] = b"olsales1";

/// How much of a file is in memory at once.
const PIECE: usize = 1 << 20;

/// After how many receipts progress is shown.
const SHOWN_EVERY: usize = 4_096;

/// One inference, with what is shown of it.
#[derive(Clone, Debug, Decode, Encode, PartialEq)]
pub struct Sale {
	/// The receipt.
	pub receipt: Receipt,
	/// The output; nothing if it is private and the payer keeps it.
	pub output: Vec<u8>,
	/// What its credits follow from; nothing likewise.
	pub citations: Citations,
}

impl Sale {
	/// Why its output is not what was bought, if so; the payer of a private one may keep it.
	pub fn wrong_output(&self) -> Option<String> {
		let Receipt { core, .. } = &self.receipt;
		if core.private && self.output.is_empty() {
			return None;
		}
		match ContentTree::of(&self.output).id() {
			None => Some("its output is empty".into()),
			Some(name) if name != core.output => {
				Some("the output is not the one that it names".into())
			}
			Some(_) => None,
		}
	}

	/// Whether the citations are those that the receipt commits to, but its credits do not follow from
	/// them by a method that cites `top` chunks.
	pub fn has_wrong_credits(&self, top: u8) -> bool {
		let Receipt { credits: given, rest, .. } = &self.receipt;
		let follow =
			|| credits(&self.citations, top).is_some_and(|right| right == (given.clone(), *rest));
		matches(&self.citations) == self.receipt.matches && !follow()
	}

	/// Why it could not be shown when it is asked for, or would show the batch to be wrong. What is
	/// private need not be shown, but may be.
	pub fn unshowable(&self, top: u8) -> Option<String> {
		let wrong = "its credits do not follow from its citations";
		if self.receipt.core.private {
			return self.has_wrong_credits(top).then(|| wrong.into());
		}
		if let Some(why) = self.wrong_output() {
			return Some(why);
		}
		if self.output.len() > MAX_OUTPUT {
			return Some(format!(
				"its output has more than {MAX_OUTPUT} bytes: sell it in parts, or as private"
			));
		}
		if matches(&self.citations) != self.receipt.matches {
			return Some("the citations are not those that it commits to".into());
		}
		self.has_wrong_credits(top).then(|| wrong.into())
	}
}

/// What was read of a sales file.
#[derive(Debug)]
pub struct Sales {
	/// The payers, ascending.
	pub payers: Vec<AccountId>,
	/// The receipts, in their order.
	pub receipts: Vec<Receipt>,
	/// Where the rest is.
	pub shown: Shown,
}

/// Where outputs and citations are.
#[derive(Debug)]
pub struct Shown {
	path: PathBuf,
	places: Vec<u64>,
}

impl Shown {
	/// The output and the citations of a receipt.
	pub fn of(&self, receipt: u32) -> Result<(Vec<u8>, Citations)> {
		let place = self.places.get(receipt as usize);
		let place = place.with_context(|| format!("There is no receipt {receipt}."))?;
		let mut reader = Reader::open(&self.path)?;
		reader.seek(*place)?;
		<(Vec<u8>, Citations)>::decode(&mut reader).map_err(|error| self.changed(receipt, &error))
	}

	fn changed(&self, receipt: u32, error: &codec::Error) -> anyhow::Error {
		let path = self.path.display();
		anyhow!("Receipt {receipt} cannot be read again in {path} ({}).", one_line(error))
	}
}

impl Sales {
	/// Reads a sales file; `look` sees every sale, with its place, once.
	pub fn read(
		path: &Path,
		talk: &Talk,
		mut look: impl FnMut(u32, &Sale) -> Result<()>,
	) -> Result<Self> {
		let mut reader = Reader::open(path)?;
		let bar = talk.bar(reader.size, "Reading sales {bytes} of {total_bytes} {wide_bar} {eta}");
		let payers = reader.payers(path)?;
		let (mut receipts, mut places) = (Vec::new(), Vec::new());
		while reader.at < reader.size {
			let nth = receipts.len();
			if nth as u64 >= MAX_RECEIPTS {
				bail!("{} has more than {MAX_RECEIPTS} receipts.", path.display());
			}
			let sale = reader.sale(path, nth, &payers, &mut places)?;
			look(nth as u32, &sale)
				.with_context(|| format!("Receipt {nth} of {}", path.display()))?;
			receipts.push(sale.receipt);
			progress(&bar, nth, reader.at);
		}
		bar.finish_and_clear();
		let shown = Shown { path: path.into(), places };
		Ok(Self { payers, receipts, shown })
	}

	/// Only its payers.
	pub fn payers_of(path: &Path) -> Result<Vec<AccountId>> {
		Reader::open(path)?.payers(path)
	}
}

fn progress(bar: &ProgressBar, nth: usize, at: u64) {
	if nth.is_multiple_of(SHOWN_EVERY) {
		bar.set_position(at);
	}
}

/// A file that is decoded piece by piece, and knows where it is.
struct Reader {
	file: BufReader<File>,
	at: u64,
	size: u64,
}

impl Reader {
	fn open(path: &Path) -> Result<Self> {
		let unreadable = || format!("The sales file {} cannot be read", path.display());
		let file = File::open(path).with_context(unreadable)?;
		let size = file.metadata().with_context(unreadable)?.len();
		Ok(Self { file: BufReader::with_capacity(PIECE, file), at: 0, size })
	}

	fn seek(&mut self, to: u64) -> Result<()> {
		self.file.seek(SeekFrom::Start(to))?;
		self.at = to;
		Ok(())
	}

	fn payers(&mut self, path: &Path) -> Result<Vec<AccountId>> {
		let path = path.display();
		let mut tag = [0; TAG.len()];
		if self.read(&mut tag).is_err() || &tag != TAG {
			bail!("{path} is no sales file: it does not begin with olsales1.");
		}
		let payers = Vec::<AccountId>::decode(self).map_err(|error| {
			anyhow!("The payers of {path} cannot be read ({}).", one_line(&error))
		})?;
		if payers.len() > MAX_PAYERS as usize {
			bail!("{path} has {} payers: a batch has at most {MAX_PAYERS}.", payers.len());
		}
		let unsorted = payers.windows(2).find_map(|pair| match pair {
			[one, other] if one >= other => Some((one, other)),
			_ => None,
		});
		if let Some((one, other)) = unsorted {
			bail!(
				"The payers of {path} do not ascend: {} comes before {}.",
				show_account(one),
				show_account(other),
			);
		}
		Ok(payers)
	}

	/// The next sale; notes where its output begins.
	fn sale(
		&mut self,
		path: &Path,
		nth: usize,
		payers: &[AccountId],
		places: &mut Vec<u64>,
	) -> Result<Sale> {
		let begins = self.at;
		let failed = |error: codec::Error| {
			anyhow!(
				"Receipt {nth} of {}, from byte {begins} on, cannot be read ({}).",
				path.display(),
				one_line(&error),
			)
		};
		let receipt = Receipt::decode(self).map_err(failed)?;
		places.push(self.at);
		let (output, citations) = <(Vec<u8>, Citations)>::decode(self).map_err(failed)?;
		if usize::from(receipt.payer) >= payers.len() {
			bail!(
				"Receipt {nth} of {} is of payer {}: the file has {}, counted from 0.",
				path.display(),
				receipt.payer,
				payers.len(),
			);
		}
		Ok(Sale { receipt, output, citations })
	}
}

impl Input for Reader {
	fn remaining_len(&mut self) -> Result<Option<usize>, codec::Error> {
		Ok(usize::try_from(self.size.saturating_sub(self.at)).ok())
	}

	fn read(&mut self, into: &mut [u8]) -> Result<(), codec::Error> {
		self.file.read_exact(into).map_err(|_| codec::Error::from("the file ends there"))?;
		self.at = self.at.saturating_add(into.len() as u64);
		Ok(())
	}
}

/// What cannot be decoded, in one line.
fn one_line(error: &codec::Error) -> String {
	error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What payers had bought before a batch, and what it was built under: the chain forgets the former
/// once the batch is submitted.
#[derive(Clone, Debug, Decode, Encode, PartialEq)]
pub struct Before {
	/// The model.
	pub model: ModelId,
	/// The chain, by its first block.
	pub genesis: Hash,
	/// What each payer had bought, by position.
	pub payers: Vec<Bought>,
	/// The version that answered.
	pub version: VersionNumber,
	/// The price epoch.
	pub epoch: Epoch,
	/// The number of the terms.
	pub terms: TermsNumber,
}

/// A file beside a sales file.
fn beside(sales: &Path, what: &str) -> PathBuf {
	let mut name = OsString::from(sales);
	name.push(what);
	name.into()
}

/// Where [`Before`] is.
pub fn before_path(sales: &Path) -> PathBuf {
	beside(sales, ".before")
}

/// Where the leaves of the trace are.
pub fn leaves_path(sales: &Path) -> PathBuf {
	beside(sales, ".leaves")
}

/// Writes both.
pub fn write_beside(sales: &Path, before: &Before, leaves: &[Leaf]) -> Result<()> {
	for (path, bytes) in
		[(before_path(sales), before.encode()), (leaves_path(sales), leaves.encode())]
	{
		fs::write(&path, bytes)
			.with_context(|| format!("The file {} cannot be written", path.display()))?;
	}
	Ok(())
}

/// Reads one of them; none if it is not there.
pub fn read_beside<T: Decode>(path: &Path) -> Result<Option<T>> {
	if !path.exists() {
		return Ok(None);
	}
	let unreadable = || format!("The file {} cannot be read", path.display());
	let bytes = fs::read(path).with_context(unreadable)?;
	T::decode_all(&mut bytes.as_slice())
		.map(Some)
		.map_err(|error| anyhow!("{} ({}).", unreadable(), one_line(&error)))
}

#[cfg(test)]
pub mod tests;
