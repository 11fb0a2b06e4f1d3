//! What receipts are executed under, as the chain says.

use anyhow::{bail, Context as _, Result};
use openledger_primitives::records::{Epoch, ModelId, Snapshot, VersionNumber};
use openledger_runtime::{AccountId, ModelRegistry, Runtime};
use openledger_settlement::{
	execute::Context,
	parties::{Models as _, TermsNumber},
	price::Price,
	split::Terms,
	voucher::Bought,
};
use pallet_attribution::Batch as Record;
use pallet_model_registry::{Models, Prices, Versions};
use pallet_rewards::{Entry, Payers, TermsHistory, TermsInForceViewFunction, TermsPeriod};

use crate::{args::show_account, cli::lane::Under, state::State};

/// What the receipts of a model's version may credit.
pub struct Trained {
	/// The version.
	pub version: VersionNumber,
	/// What it was trained on.
	pub snapshots: Vec<Snapshot>,
	/// The most chunks that its method cites.
	pub top: u8,
}

/// That of a version, or of the active one.
pub async fn trained(
	state: &State<'_>,
	model: ModelId,
	version: Option<VersionNumber>,
) -> Result<Trained> {
	let record = state.map::<Models<Runtime>, _, _>(model).await?;
	let record = record.with_context(|| format!("There is no model {model}."))?;
	let version = version.or(record.active);
	let version = version.with_context(|| format!("Model {model} has no active version."))?;
	let key = Versions::<Runtime>::hashed_key_for(model, version);
	let trained = state.run(vec![key], || ModelRegistry::trained(model, version)).await?;
	let trained =
		trained.with_context(|| format!("There is no version {version} of model {model}."))?;
	let top = trained.retrieval.with_context(|| {
		format!(
			"Version {version} of model {model} has a method without evidence: only what is sold by a \
			 version of the method `retrieval` settles in batches."
		)
	})?;
	Ok(Trained { version, snapshots: trained.snapshots, top })
}

/// The terms of a number, or those in force with theirs.
pub async fn terms(state: &State<'_>, number: Option<TermsNumber>) -> Result<(TermsNumber, Terms)> {
	let Some(number) = number else {
		return state.view(TermsInForceViewFunction::<Runtime>::new()).await;
	};
	let key = TermsHistory::<Runtime>::hashed_key().to_vec();
	let history: Vec<TermsPeriod> = state.one(key).await?.unwrap_or_default();
	match history.iter().find(|period| period.number == number) {
		Some(period) => Ok((number, period.terms)),
		None => bail!(
			"The chain remembers no terms {number}; it does {}.",
			history.iter().map(|one| one.number.to_string()).collect::<Vec<_>>().join(", "),
		),
	}
}

/// The price of an epoch.
pub async fn price(state: &State<'_>, model: ModelId, epoch: Epoch) -> Result<Price> {
	let price = state.double::<Prices<Runtime>, _, _, _>(model, epoch).await?;
	let price =
		price.with_context(|| {
			format!("The chain knows no price epoch {epoch} of model {model}: it is to come, or long over.")
		})?;
	Ok(price.price)
}

/// What receipts are executed under that are to be submitted.
pub async fn context(
	state: &State<'_>,
	model: ModelId,
	trained: &Trained,
	epoch: Epoch,
	under: &Under,
) -> Result<(Context, TermsNumber)> {
	let (number, terms) = terms(state, under.terms).await?;
	let price = price(state, model, epoch).await?;
	let snapshots = trained.snapshots.clone();
	Ok((Context { version: trained.version, epoch, price, terms, snapshots }, number))
}

/// What the receipts of a batch were executed under, and the most chunks that its method cites.
pub async fn of_batch(
	state: &State<'_>,
	model: ModelId,
	record: &Record<AccountId>,
) -> Result<(Context, u8)> {
	let Trained { version, snapshots, top } = trained(state, model, Some(record.version)).await?;
	let Record { epoch, price, terms, .. } = *record;
	Ok((Context { version, epoch, price, terms, snapshots }, top))
}

/// The entries of payers, all of which must be there.
pub async fn entries(
	state: &State<'_>,
	model: ModelId,
	payers: &[AccountId],
) -> Result<Vec<Entry>> {
	let keys = payers.iter().map(|payer| (model, payer));
	let entries = state.doubles::<Payers<Runtime>, _, _, _>(keys).await?;
	let found = payers.iter().zip(entries).map(|(payer, entry)| {
		entry.with_context(|| {
			format!("{} has no entry with model {model}: `payer open`.", show_account(payer))
		})
	});
	found.collect()
}

/// What payers have bought.
pub fn bought(entries: &[Entry]) -> Vec<Bought> {
	entries.iter().map(|entry| entry.bought).collect()
}
