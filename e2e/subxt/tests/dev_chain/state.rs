//! The metadata is enough to read everything that the chain stores.

use anyhow::{ensure, Context, Result};
use subxt::{
	dynamic::{self, Value},
	ext::scale_encode::EncodeAsType,
	storage::StorageValue,
	Metadata,
};

use crate::chain::{Chain, OPEN};

const PALLETS: [&str; 20] = [
	"System",
	"Babe",
	"Balances",
	"TransactionPayment",
	"Staking",
	"Session",
	"Grandpa",
	"Beefy",
	"Mmr",
	"BeefyMmr",
	"NominationPools",
	"Referenda",
	"ConvictionVoting",
	"TechnicalCommittee",
	"Treasury",
	"SafeMode",
	"Utility",
	"Multisig",
	"Proxy",
	"Identity",
];

/// A map of a thousand accounts shows no more than its first ones do.
const ENTRIES_OF_A_MAP: usize = 10;

/// The development chain begins with many more values than this.
const LEAST_VALUES: usize = 100;

pub async fn metadata_names_the_chain(chain: &Chain) -> Result<()> {
	println!("- the metadata names pallets, extensions and constants");
	let head = chain.head().await?;
	let metadata = head.metadata_ref();
	for name in PALLETS {
		ensure!(metadata.pallet_by_name(name).is_some(), "There is no pallet {name}.");
	}
	ensure!(metadata.pallet_by_name("Sudo").is_none(), "There is a pallet Sudo.");
	let mut extensions = metadata.extrinsic().transaction_extensions_to_use_for_encoding();
	let hash_checked = extensions.any(|extension| extension.identifier() == "CheckMetadataHash");
	ensure!(hash_checked, "Transactions cannot commit to the metadata.");
	let deposit = dynamic::constant::<u128>("Balances", "ExistentialDeposit");
	let deposit = head.constants().entry(deposit)?;
	ensure!(deposit == OPEN / 100, "The existential deposit is {deposit} instead of 0.01 OPEN.");
	Ok(())
}

pub async fn every_storage_item_decodes(chain: &Chain) -> Result<()> {
	println!("- every storage item decodes to the bytes it is");
	let head = chain.head().await?;
	let metadata = head.metadata_ref();
	let mut count = 0;
	for item in head.storage().entries() {
		let name = format!("{}.{}", item.pallet_name(), item.entry_name());
		let failed = || format!("{name} does not decode.");
		let item = item.entry()?;
		if item.is_plain() {
			if let Some(value) = item.try_fetch(Vec::new()).await? {
				survives_decoding(&value, metadata).with_context(failed)?;
				count += 1;
			}
			continue;
		}
		let mut entries = item.iter(Vec::<Value>::new()).await?;
		for _ in 0..ENTRIES_OF_A_MAP {
			let Some(entry) = entries.next().await else { break };
			let entry = entry?;
			entry.key().with_context(failed)?;
			survives_decoding(entry.value(), metadata).with_context(failed)?;
			count += 1;
		}
	}
	println!("  {count} values");
	ensure!(count >= LEAST_VALUES, "There are only {count} values to decode.");
	Ok(())
}

fn survives_decoding(value: &StorageValue<'_, Value>, metadata: &Metadata) -> Result<()> {
	let encoded = value.decode()?.encode_as_type(value.type_id(), metadata.types())?;
	ensure!(encoded == value.bytes(), "It decodes to something else.");
	Ok(())
}
