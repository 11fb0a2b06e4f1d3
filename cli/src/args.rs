//! How values are written: on the command line, and where answers are meant to be pasted back into it.

use std::{ops::RangeInclusive, path::PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use openledger_primitives::{
	content::ContentId,
	records::{
		ContributionIndex, ContributionKind, ContributionRef, DatanetId, Licence, ModelId,
		ModelKind, Standing, Terms,
	},
	units::{Nano, DECIMALS},
	AccountId, Balance,
};
use pallet_datanets::{Ground, Reason};
use pallet_model_registry::Method;
use sp_core::{crypto::Ss58Codec, H256};
use sp_runtime::Permill;

/// The address format of the chain.
const SS58: u16 = 42;

/// The decimals of nano-OPEN.
const NANO_DECIMALS: u8 = 9;

/// Words for values of the record.
pub type Words<T> = &'static [(&'static str, T)];

/// What a contribution is.
pub const KINDS: Words<ContributionKind> = &[
	("data", ContributionKind::Data),
	("label", ContributionKind::Label),
	("correction", ContributionKind::Correction),
	("feedback", ContributionKind::Feedback),
	("prompt", ContributionKind::Prompt),
	("evaluation", ContributionKind::Evaluation),
];

/// What a model is.
pub const MODEL_KINDS: Words<ModelKind> = &[
	("base", ModelKind::Base),
	("fine-tune", ModelKind::FineTune),
	("adapter", ModelKind::Adapter),
	("agent", ModelKind::Agent),
];

/// Why a reviewer keeps a contribution out.
pub const REASONS: Words<Reason> = &[
	("off-topic", Reason::OffTopic),
	("low-quality", Reason::LowQuality),
	("redundant", Reason::Redundant),
	("rights", Reason::Rights),
	("harmful", Reason::Harmful),
	("unavailable", Reason::Unavailable),
];

/// Why a contribution is flagged.
pub const GROUNDS: Words<Ground> = &[
	("low-quality", Ground::LowQuality),
	("biased", Ground::Biased),
	("redundant", Ground::Redundant),
	("adversarial", Ground::Adversarial),
	("unavailable", Ground::Unavailable),
];

/// Where a contribution stands.
pub const STANDINGS: Words<Standing> =
	&[("valid", Standing::Valid), ("flagged", Standing::Flagged), ("voided", Standing::Voided)];

/// Whether a flag is right.
pub const VERDICTS: Words<bool> = &[("upheld", true), ("rejected", false)];

/// The licences with a name; the first name of each is the one that is shown.
const LICENCES: Words<Licence> = &[
	("public-domain", Licence::PublicDomain),
	("cc0-1.0", Licence::PublicDomain),
	("cc-by", Licence::CcBy),
	("cc-by-4.0", Licence::CcBy),
	("cc-by-sa", Licence::CcBySa),
	("cc-by-sa-4.0", Licence::CcBySa),
	("cc-by-nc", Licence::CcByNc),
	("cc-by-nc-4.0", Licence::CcByNc),
	("cc-by-nc-sa", Licence::CcByNcSa),
	("cc-by-nc-sa-4.0", Licence::CcByNcSa),
	("permissive", Licence::Permissive),
	("apache-2.0", Licence::Permissive),
	("mit", Licence::Permissive),
];

/// The terms of a custom licence.
const TERMS: [&str; 3] = ["commercial", "share-alike", "attribution"];

/// Parses one of these words.
pub fn one_of<T>(words: Words<T>) -> impl TypedValueParser<Value = T>
where
	T: Clone + Send + Sync + 'static,
{
	PossibleValuesParser::new(words.iter().map(|(word, _)| *word))
		.try_map(move |given| value_of(words, &given).ok_or("There is no such word."))
}

fn value_of<T: Clone>(words: Words<T>, given: &str) -> Option<T> {
	words.iter().find(|(word, _)| *word == given).map(|(_, value)| value.clone())
}

/// The word for a value.
pub fn word<T: PartialEq>(words: Words<T>, value: &T) -> &'static str {
	words.iter().find(|(_, other)| other == value).map_or("unknown", |(word, _)| word)
}

/// Reads a decimal number as an integer of its `decimals`-th parts.
fn decimal(given: &str, decimals: u8) -> Result<u128, String> {
	let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
	let (whole, part) = given.split_once('.').unwrap_or((given, "0"));
	if whole.is_empty() || part.is_empty() || !digits(whole) || !digits(part) {
		return Err("This is no number; write it like 12 or 12.5.".into());
	}
	let part = part.trim_end_matches('0');
	if part.len() > usize::from(decimals) {
		return Err(format!("There are at most {decimals} digits after the point."));
	}
	format!("{whole}{part:0<width$}", width = usize::from(decimals))
		.parse()
		.map_err(|_| "The number is too large.".into())
}

/// Writes an integer of `decimals`-th parts as the shortest decimal number.
fn show_decimal(value: u128, decimals: u8) -> String {
	let width = usize::from(decimals);
	let digits = format!("{value:0>least$}", least = width.saturating_add(1));
	let (whole, part) = digits.split_at(digits.len().saturating_sub(width));
	match part.trim_end_matches('0') {
		"" => whole.into(),
		part => format!("{whole}.{part}"),
	}
}

/// An amount of OPEN.
pub fn amount(given: &str) -> Result<Balance, String> {
	decimal(given, DECIMALS)
}

/// Writes an amount of OPEN.
pub fn show_amount(amount: Balance) -> String {
	show_decimal(amount, DECIMALS)
}

/// An amount of OPEN that counts in nano-OPEN.
pub fn nano(given: &str) -> Result<Nano, String> {
	decimal(given, NANO_DECIMALS)?.try_into().map_err(|_| "The number is too large.".into())
}

/// Writes such an amount, in OPEN.
pub fn show_nano(nano: Nano) -> String {
	show_decimal(nano.into(), NANO_DECIMALS)
}

/// A share, as a percentage.
pub fn share(given: &str) -> Result<Permill, String> {
	let number = given.strip_suffix('%').ok_or("A share is a percentage, such as 20%.")?;
	// A millionth is a ten-thousandth of a hundredth.
	match decimal(number, 4)?.try_into() {
		Ok(parts) if parts <= 1_000_000 => Ok(Permill::from_parts(parts)),
		_ => Err("A share is at most 100%.".into()),
	}
}

/// Writes a share.
pub fn show_share(share: Permill) -> String {
	format!("{}%", show_decimal(share.deconstruct().into(), 4))
}

/// An account of this chain.
pub fn account(given: &str) -> Result<AccountId, String> {
	if given.starts_with("0x") {
		return hash(given).map(|bytes| AccountId::new(bytes.0));
	}
	let (account, format) = AccountId::from_ss58check_with_version(given).map_err(|_| {
		"This is no account: it takes an SS58 address, or 0x and 64 hex digits.".to_string()
	})?;
	if format.prefix() != SS58 {
		return Err(format!(
			"This is an address of another network (prefix {}); here they begin with 5. The same key \
			 as 0x and 64 hex digits is understood everywhere.",
			format.prefix(),
		));
	}
	Ok(account)
}

/// Writes an account.
pub fn show_account(account: &AccountId) -> String {
	account.to_ss58check_with_version(SS58.into())
}

/// 32 bytes in hex.
pub fn hash(given: &str) -> Result<H256, String> {
	// Fewer digits would be read as if zeros stood before them.
	let whole = given.starts_with("0x") && given.len() == 66;
	let bytes = whole.then(|| sp_core::bytes::from_hex(given).ok()).flatten();
	let bytes: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.try_into().ok());
	bytes.map(H256).ok_or("It takes 0x and 64 hex digits.".into())
}

/// Writes 32 bytes.
pub fn show_hash(hash: H256) -> String {
	format!("{hash:?}")
}

/// An accepted contribution.
pub fn contribution(given: &str) -> Result<ContributionRef, String> {
	given
		.split_once('/')
		.and_then(|(datanet, index)| {
			Some(ContributionRef { datanet: datanet.parse().ok()?, index: index.parse().ok()? })
		})
		.ok_or("A contribution is a datanet and an index in it, such as 0/17.".into())
}

/// Writes an accepted contribution.
pub fn show_contribution(at: ContributionRef) -> String {
	format!("{}/{}", at.datanet, at.index)
}

/// Contributions of a datanet that stand side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
	/// The datanet.
	pub datanet: DatanetId,
	/// Their places.
	pub indices: RangeInclusive<ContributionIndex>,
}

impl Range {
	/// Each of them.
	pub fn contributions(&self) -> impl Iterator<Item = ContributionRef> + '_ {
		self.indices.clone().map(|index| ContributionRef { datanet: self.datanet, index })
	}
}

/// One contribution, or several side by side.
pub fn range(given: &str) -> Result<Range, String> {
	let parsed = match given.rsplit_once('-') {
		None => contribution(given).ok().map(|at| (at, at.index)),
		Some((first, last)) => contribution(first).ok().zip(last.parse().ok()),
	};
	parsed
		.filter(|(first, last)| first.index <= *last)
		.map(|(first, last)| Range { datanet: first.datanet, indices: first.index..=last })
		.ok_or("Contributions are written like 0/17, or 0/17-99 with both ends.".into())
}

/// Places in a datanet that stand side by side, both ends included.
pub fn places(given: &str) -> Result<RangeInclusive<ContributionIndex>, String> {
	let (first, last) = given.split_once("..").unwrap_or((given, given));
	first
		.parse()
		.ok()
		.zip(last.parse().ok())
		.filter(|(first, last)| first <= last)
		.map(|(first, last)| first..=last)
		.ok_or("Places are written like 17, or 0..99 with both ends.".into())
}

/// A contribution by its place or by its content.
#[derive(Clone, Debug, PartialEq)]
pub enum Named {
	/// By its place.
	Place(ContributionRef),
	/// By its content.
	Content(ContentId),
}

/// A contribution by its place or by its content.
pub fn named(given: &str) -> Result<Named, String> {
	match hash(given) {
		Ok(hash) => Ok(Named::Content(ContentId(hash))),
		Err(_) => {
			contribution(given)
				.map(Named::Place)
				.map_err(|_| {
					"A contribution is written like 0/17, or by its content id: 0x and 64 hex digits.".into()
				})
		}
	}
}

/// A licence.
pub fn licence(given: &str) -> Result<Licence, String> {
	let lower = given.to_ascii_lowercase();
	if let Some(custom) = lower.strip_prefix("custom:") {
		return custom_licence(custom);
	}
	value_of(LICENCES, &lower).ok_or_else(|| {
		let names = LICENCES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
		format!(
			"The licences are {names}, or custom:HASH[:TERM,…], with the Blake2-256 hash of the text and \
			 terms among {}.",
			TERMS.join(", "),
		)
	})
}

fn custom_licence(given: &str) -> Result<Licence, String> {
	let (text, terms) = given.split_once(':').unwrap_or((given, ""));
	let given: Vec<_> = terms.split(',').filter(|term| !term.is_empty()).collect();
	if let Some(other) = given.iter().find(|term| !TERMS.contains(term)) {
		return Err(format!("{other} is none of the terms {}.", TERMS.join(", ")));
	}
	let [commercial, share_alike, attribution] = TERMS.map(|term| given.contains(&term));
	let terms = Terms { commercial, share_alike, attribution };
	Ok(Licence::Custom { text: hash(text)?, terms })
}

/// Writes a licence.
pub fn show_licence(licence: &Licence) -> String {
	let Licence::Custom { text, terms } = licence else {
		return word(LICENCES, licence).into();
	};
	let asked = [terms.commercial, terms.share_alike, terms.attribution];
	let asked = TERMS.iter().zip(asked).filter(|(_, asked)| *asked).map(|(term, _)| *term);
	format!("custom:{}:{}", show_hash(*text), asked.collect::<Vec<_>>().join(","))
}

/// A parent of a new model.
#[derive(Clone, Debug, PartialEq)]
pub struct ParentArg {
	/// The model.
	pub model: ModelId,
	/// The most royalty that is agreed to; what it asks now if it is not named.
	pub at_most: Option<Permill>,
}

/// A parent of a new model.
pub fn parent(given: &str) -> Result<ParentArg, String> {
	let (model, at_most) = with_option(given, share)?;
	Ok(ParentArg { model, at_most })
}

/// What a version was trained on.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotArg {
	/// The datanet.
	pub datanet: DatanetId,
	/// How many of its contributions; all there are if it is not named.
	pub length: Option<u32>,
}

/// What a version was trained on.
pub fn snapshot(given: &str) -> Result<SnapshotArg, String> {
	let length = |length: &str| length.parse().map_err(|_| format!("{length} is no length."));
	let (datanet, length) = with_option(given, length)?;
	Ok(SnapshotArg { datanet, length })
}

/// An id, and what may follow it after a colon.
fn with_option<T>(
	given: &str,
	parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<(u32, Option<T>), String> {
	let (id, option) = match given.split_once(':') {
		Some((id, option)) => (id, Some(parse(option)?)),
		None => (given, None),
	};
	Ok((id.parse().map_err(|_| format!("{id} is no id."))?, option))
}

/// Something that is recorded by its hash.
#[derive(Clone, Debug, PartialEq)]
pub enum HashOf {
	/// The hash itself.
	Hash(H256),
	/// A file, which is named by its content id.
	File(PathBuf),
}

/// A hash, or a file to be hashed.
pub fn hash_of(given: &str) -> Result<HashOf, String> {
	if given.starts_with("0x") {
		return hash(given).map(HashOf::Hash);
	}
	Ok(HashOf::File(given.into()))
}

/// How influence is calculated.
pub fn method(given: &str) -> Result<Method, String> {
	let number = |number: &str| number.parse::<u32>().ok();
	let small = |text: &str| number(text).and_then(|number| number.try_into().ok());
	let parts: Vec<_> = given.split(':').collect();
	let method = match parts.as_slice() {
		["spans", window] => small(window).map(|window| Method::Spans { window }),
		["sketch", root, dimensions, clip] => hash(root)
			.ok()
			.zip(small(dimensions))
			.zip(number(clip))
			.map(|((sketches, dimensions), clip)| Method::Sketch { sketches, dimensions, clip }),
		["retrieval", table, top] => hash(table)
			.ok()
			.zip(top.parse().ok())
			.map(|(table, top)| Method::Retrieval { table, top }),
		_ => None,
	};
	method.ok_or(
		"The methods are spans:WINDOW, sketch:ROOT:DIMENSIONS:CLIP and retrieval:TABLE:TOP.".into(),
	)
}

/// Writes a method.
pub fn show_method(method: &Method) -> String {
	match method {
		Method::Spans { window } => format!("spans:{window}"),
		Method::Sketch { sketches, dimensions, clip } => {
			format!("sketch:{}:{dimensions}:{clip}", show_hash(*sketches))
		}
		Method::Retrieval { table, top } => format!("retrieval:{}:{top}", show_hash(*table)),
	}
}

#[cfg(test)]
mod tests;
