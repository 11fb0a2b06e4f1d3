//! Vouchers files: what payers have signed, as JSON, so that payers and operators of any make can pass
//! them on.

use std::{collections::BTreeMap, fs, io, path::Path};

use anyhow::{anyhow, Context, Result};
use openledger_primitives::{records::ModelId, AccountId, BlockNumber, Hash, Signature};
use openledger_settlement::{
	chain::Head,
	parties::Voucher,
	voucher::{message, wrapped, Bought},
};
use pallet_rewards::{Entry, FormerSigner};
use serde::{Deserialize, Serialize};
use sp_core::{Bytes, H256};
use sp_runtime::traits::Verify;

use crate::args::{account, show_account};

/// Vouchers, one of each payer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vouchers(BTreeMap<AccountId, Voucher<AccountId>>);

/// A voucher as it is written.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
	payer: String,
	count: u64,
	/// Digits: JavaScript reads numbers of that size wrongly.
	cumulative: String,
	head: H256,
	signature: Signed,
}

/// A signature, by the kind of its key.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Signed {
	Ed25519(Bytes),
	Sr25519(Bytes),
	Ecdsa(Bytes),
	Eth(Bytes),
}

impl From<&Signature> for Signed {
	fn from(signature: &Signature) -> Self {
		let bytes = |bytes: &[u8]| Bytes(bytes.to_vec());
		match signature {
			Signature::Ed25519(signature) => Self::Ed25519(bytes(signature.as_ref())),
			Signature::Sr25519(signature) => Self::Sr25519(bytes(signature.as_ref())),
			Signature::Ecdsa(signature) => Self::Ecdsa(bytes(signature.as_ref())),
			Signature::Eth(signature) => Self::Eth(bytes(signature.as_ref())),
		}
	}
}

impl TryFrom<Signed> for Signature {
	type Error = String;

	fn try_from(signed: Signed) -> Result<Self, String> {
		let read = match &signed {
			Signed::Ed25519(bytes) => bytes.0.as_slice().try_into().map(Self::Ed25519),
			Signed::Sr25519(bytes) => bytes.0.as_slice().try_into().map(Self::Sr25519),
			Signed::Ecdsa(bytes) => bytes.0.as_slice().try_into().map(Self::Ecdsa),
			Signed::Eth(bytes) => bytes.0.as_slice().try_into().map(Self::Eth),
		};
		read.map_err(|()| "its signature has another length than such signatures have".into())
	}
}

impl From<&Voucher<AccountId>> for Written {
	fn from(voucher: &Voucher<AccountId>) -> Self {
		let Bought { count, cumulative, head } = voucher.bought;
		Self {
			payer: show_account(&voucher.payer),
			count,
			cumulative: cumulative.to_string(),
			head: H256(head.0),
			signature: (&voucher.signature).into(),
		}
	}
}

impl TryFrom<Written> for Voucher<AccountId> {
	type Error = String;

	fn try_from(written: Written) -> Result<Self, String> {
		let Written { payer, count, cumulative, head, signature } = written;
		let digits = !cumulative.is_empty() && cumulative.bytes().all(|byte| byte.is_ascii_digit());
		let cumulative = digits.then(|| cumulative.parse().ok()).flatten();
		let cumulative =
			cumulative.ok_or("its `cumulative` is no amount of nano-OPEN, in digits")?;
		let bought = Bought { count, cumulative, head: Head(head.0) };
		Ok(Self { payer: account(&payer)?, bought, signature: signature.try_into()? })
	}
}

impl Vouchers {
	/// Reads a file.
	pub fn read(path: &Path) -> Result<Self> {
		let written = fs::read(path)
			.with_context(|| format!("The vouchers file {} cannot be read", path.display()))?;
		Self::parse(&written).with_context(|| format!("{} is no file of vouchers", path.display()))
	}

	/// The same; no vouchers if there is no such file.
	pub fn read_or_new(path: &Path) -> Result<Self> {
		match fs::metadata(path) {
			Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
			_ => Self::read(path),
		}
	}

	fn parse(written: &[u8]) -> Result<Self> {
		let mut vouchers = Self::default();
		for (nth, written) in
			serde_json::from_slice::<Vec<Written>>(written)?.into_iter().enumerate()
		{
			let voucher = Voucher::try_from(written)
				.map_err(|error| anyhow!("voucher {nth}, counted from 0: {error}"))?;
			// Of two of one payer the one over more counts.
			if vouchers
				.of(&voucher.payer)
				.is_none_or(|had| had.bought.count <= voucher.bought.count)
			{
				vouchers.put(voucher);
			}
		}
		Ok(vouchers)
	}

	/// Puts a voucher in, instead of one that its payer may have there.
	pub fn put(&mut self, voucher: Voucher<AccountId>) {
		self.0.insert(voucher.payer.clone(), voucher);
	}

	/// That of a payer.
	pub fn of(&self, payer: &AccountId) -> Option<&Voucher<AccountId>> {
		self.0.get(payer)
	}

	/// As JSON, for people to read.
	pub fn to_json(&self) -> Result<String> {
		let written: Vec<_> = self.0.values().map(Written::from).collect();
		Ok(serde_json::to_string_pretty(&written)?)
	}

	/// Writes a file.
	pub fn write(&self, path: &Path) -> Result<()> {
		fs::write(path, self.to_json()? + "\n")
			.with_context(|| format!("The vouchers cannot be written to {}", path.display()))
	}
}

/// Who may have signed a payer's vouchers now.
pub fn signers(entry: &Entry, clock: BlockNumber) -> impl Iterator<Item = &AccountId> {
	let former = entry.former_signer.iter().filter(move |former| clock <= former.until);
	std::iter::once(&entry.signer).chain(former.map(|FormerSigner { account, .. }| account))
}

/// Whether one of them has signed it for this chain and model, as it is or as wallets in browsers
/// wrap it.
pub fn is_signed<'a>(
	voucher: &Voucher<AccountId>,
	genesis: Hash,
	model: ModelId,
	mut signers: impl Iterator<Item = &'a AccountId>,
) -> bool {
	let plain = message(genesis, model, &voucher.payer, &voucher.bought);
	let wrapped = wrapped(&plain);
	let signed = |bytes: &[u8], by: &AccountId| voucher.signature.verify(bytes, by);
	signers.any(|signer| signed(&plain, signer) || signed(&wrapped, signer))
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_core::{ecdsa, ed25519, sr25519, Pair};

	const GENESIS: Hash = H256([7; 32]);
	const MODEL: ModelId = 3;

	fn pair() -> sr25519::Pair {
		sr25519::Pair::from_string("//Alice", None).unwrap()
	}

	fn bought(count: u64) -> Bought {
		Bought { count, cumulative: u64::MAX / 3, head: Head([1; 32]) }
	}

	fn voucher(count: u64) -> Voucher<AccountId> {
		let payer = AccountId::from(pair().public());
		let message = message(GENESIS, MODEL, &payer, &bought(count));
		Voucher { payer, bought: bought(count), signature: pair().sign(&message).into() }
	}

	fn entry() -> Entry {
		Entry {
			balance: 0,
			leaving: None,
			bought: Bought::default(),
			signer: AccountId::from(pair().public()),
			former_signer: None,
		}
	}

	#[test]
	fn what_was_written_is_read() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("may.vouchers");
		let mut vouchers = Vouchers::read_or_new(&path).unwrap();
		assert_eq!(vouchers, Vouchers::default());
		vouchers.put(voucher(5));
		let other = AccountId::new([9; 32]);
		for signature in [
			Signature::Ed25519(ed25519::Signature::from_raw([1; 64])),
			Signature::Ecdsa(ecdsa::Signature::from_raw([2; 65])),
			Signature::Eth(ecdsa::KeccakSignature::from_raw([3; 65])),
		] {
			let payer = other.clone();
			vouchers.put(Voucher { payer, bought: bought(1), signature });
			vouchers.write(&path).unwrap();
			assert_eq!(Vouchers::read(&path).unwrap(), vouchers);
			assert_eq!(Vouchers::read_or_new(&path).unwrap(), vouchers);
		}
		let json = vouchers.to_json().unwrap();
		for word in [r#""count": 5"#, r#""cumulative": "6148914691236517205""#, r#""sr25519": "0x"#]
		{
			assert!(json.contains(word), "{word} is missing in {json}");
		}
	}

	#[test]
	fn of_two_of_a_payer_the_one_over_more_counts() {
		let written = [2, 5, 3].map(|count| Written::from(&voucher(count)));
		let vouchers = Vouchers::parse(&serde_json::to_vec(&written).unwrap()).unwrap();
		let payer = voucher(0).payer;
		assert_eq!(vouchers.of(&payer).unwrap().bought.count, 5);
		assert_eq!(vouchers.of(&AccountId::new([0; 32])), None);
	}

	#[test]
	fn what_is_wrong_is_named() {
		let mut vouchers = Vouchers::default();
		vouchers.put(voucher(1));
		let json = vouchers.to_json().unwrap();
		for (from, to, word) in [
			(r#""count": 1"#, r#""count": "1""#, "line"),
			(r#""cumulative": "6"#, r#""cumulative": "+6"#, "voucher 0"),
			(r#""cumulative": "6"#, r#""cumulative": "66666666666666"#, "nano-OPEN"),
			(r#""payer": "5"#, r#""payer": "6"#, "no account"),
			("sr25519", "rsa", "rsa"),
			("sr25519", "ecdsa", "another length"),
			("count", "number", "number"),
			("[", "", "list"),
		] {
			let forged = json.replacen(from, to, 1);
			let error = format!("{:#}", Vouchers::parse(forged.as_bytes()).unwrap_err());
			assert!(word == "list" || error.contains(word), "{word}: {error}");
		}
	}

	#[test]
	fn only_who_may_has_signed_and_only_for_this() {
		let (voucher, mut entry) = (voucher(4), entry());
		let signed = |voucher: &Voucher<AccountId>, entry: &Entry, genesis, model| {
			is_signed(voucher, genesis, model, signers(entry, 10))
		};
		assert!(signed(&voucher, &entry, GENESIS, MODEL));
		assert!(!signed(&voucher, &entry, H256([8; 32]), MODEL));
		assert!(!signed(&voucher, &entry, GENESIS, MODEL + 1));
		let more = Voucher { bought: bought(5), ..voucher.clone() };
		assert!(!signed(&more, &entry, GENESIS, MODEL));

		let plain = message(GENESIS, MODEL, &voucher.payer, &voucher.bought);
		let signature = pair().sign(&wrapped(&plain)).into();
		assert!(signed(&Voucher { signature, ..voucher.clone() }, &entry, GENESIS, MODEL));

		let account = std::mem::replace(&mut entry.signer, AccountId::new([5; 32]));
		assert!(!signed(&voucher, &entry, GENESIS, MODEL));
		for (until, counts) in [(9, false), (10, true)] {
			entry.former_signer = Some(FormerSigner { account: account.clone(), until });
			assert_eq!(signed(&voucher, &entry, GENESIS, MODEL), counts);
		}
	}
}
