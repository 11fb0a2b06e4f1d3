//! A connection to the chain: calls and values by name, sending, reading, and the names of errors.

use std::{str::FromStr, time::Duration};

use anyhow::{bail, Context, Result};
use subxt::{
	client::{OnlineClientAtBlock, OnlineClientAtBlockImpl},
	dynamic::{self, At, Value},
	error::{DispatchError, TransactionEventsError},
	ext::{
		futures::future::try_join_all,
		scale_value::{Composite, ValueDef},
	},
	extrinsics::ExtrinsicEvents,
	tx::{DynamicPayload, TransactionInBlock},
	OnlineClient, SubstrateConfig,
};
use subxt_signer::{sr25519::Keypair, SecretUri};
use tokio::time::timeout;

/// A call that is put together from the metadata when it is sent.
pub type Call = DynamicPayload<Composite<()>>;
pub type Block = OnlineClientAtBlock<SubstrateConfig>;
pub type Events = ExtrinsicEvents<SubstrateConfig>;
type InBlock = TransactionInBlock<SubstrateConfig, OnlineClientAtBlockImpl<SubstrateConfig>>;

/// From a transaction's way into the pool to its finality: a few blocks of two seconds.
const FINALITY: Duration = Duration::from_secs(90);

/// One OPEN.
pub const OPEN: u128 = 1_000_000_000_000_000_000;

/// The key behind a derivation path of the development phrase, such as `//Alice`.
pub fn account(path: &str) -> Result<Keypair> {
	Ok(Keypair::from_uri(&SecretUri::from_str(path)?)?)
}

/// An account, as storage keys and lists of accounts name it.
pub fn id(key: &Keypair) -> Value {
	Value::from_bytes(key.public_key())
}

/// An account, as most calls name it.
pub fn address(key: &Keypair) -> Value {
	variant("Id", [id(key)])
}

/// A variant without field names, such as `None` or `Some(5)`.
pub fn variant<const N: usize>(name: &str, fields: [Value; N]) -> Value {
	Value::unnamed_variant(name, fields)
}

pub fn call<const N: usize>(pallet: &str, name: &str, arguments: [(&str, Value); N]) -> Call {
	dynamic::tx(pallet, name, Composite::named(arguments))
}

fn name_of_call(call: &Call) -> String {
	format!("{}.{}", call.pallet_name(), call.call_name())
}

/// The name of a decoded variant.
pub fn variant_name(value: Option<&Value>) -> &str {
	match value.map(|value| &value.value) {
		Some(ValueDef::Variant(variant)) => &variant.name,
		_ => "no variant",
	}
}

/// The fields of the first event of that name among those of a transaction.
pub fn event(events: &Events, pallet: &str, name: &str) -> Result<Composite<()>> {
	for event in events.iter() {
		let event = event?;
		if (event.pallet_name(), event.event_name()) == (pallet, name) {
			return Ok(event.decode_fields_unchecked_as()?);
		}
	}
	bail!("There is no event {pallet}.{name} of the transaction {:?}.", events.extrinsic_hash());
}

/// An error by its name in the metadata, as `Pallet.Error`, or as its variant.
fn name_of(error: &DispatchError) -> Result<String> {
	Ok(match error {
		DispatchError::Module(error) => {
			let details = error.details()?;
			format!("{}.{}", details.pallet.name(), details.variant.name)
		}
		DispatchError::Token(error) => format!("Token.{error:?}"),
		DispatchError::Arithmetic(error) => format!("Arithmetic.{error:?}"),
		DispatchError::Transactional(error) => format!("Transactional.{error:?}"),
		error => format!("{error:?}"),
	})
}

pub struct Chain {
	client: OnlineClient<SubstrateConfig>,
}

impl Chain {
	pub async fn connect(url: &str) -> Result<Self> {
		Ok(Chain { client: OnlineClient::from_insecure_url(url).await? })
	}

	/// The last finalised block.
	pub async fn head(&self) -> Result<Block> {
		Ok(self.client.at_current_block().await?)
	}

	pub async fn block(&self, height: u64) -> Result<Block> {
		Ok(self.client.at_block(height).await?)
	}

	/// Reads a value of the last finalised state, or the value that stands for none.
	pub async fn read<const N: usize>(
		&self,
		pallet: &str,
		entry: &str,
		keys: [Value; N],
	) -> Result<Value> {
		let head = self.head().await?;
		let value = head.storage().fetch((pallet, entry), keys.to_vec()).await;
		let value = value.with_context(|| format!("{pallet}.{entry} cannot be read."))?;
		Ok(value.decode()?)
	}

	pub async fn free_balance(&self, key: &Keypair) -> Result<u128> {
		let account = self.read("System", "Account", [id(key)]).await?;
		account.at("data").at("free").and_then(Value::as_u128).context("An account has no balance.")
	}

	/// Sends a call and waits until it has succeeded in a finalised block.
	pub async fn send(&self, signer: &Keypair, call: &Call) -> Result<Events> {
		let block = self.submit(signer, call).await?;
		block.wait_for_success().await.with_context(|| format!("{} failed.", name_of_call(call)))
	}

	/// Sends calls, each by another signer, all at once, and returns the names of their errors.
	pub async fn errors(&self, calls: &[(Keypair, Call)]) -> Result<Vec<String>> {
		try_join_all(calls.iter().map(|(signer, call)| self.error(signer, call))).await
	}

	async fn error(&self, signer: &Keypair, call: &Call) -> Result<String> {
		match self.submit(signer, call).await?.wait_for_success().await {
			Ok(_) => Ok("no error".into()),
			Err(TransactionEventsError::ExtrinsicFailed(error)) => name_of(&error),
			Err(error) => Err(error.into()),
		}
	}

	async fn submit(&self, signer: &Keypair, call: &Call) -> Result<InBlock> {
		let name = name_of_call(call);
		let mut transactions = self.head().await?.tx();
		let progress = transactions.sign_and_submit_then_watch_default(call, signer).await;
		let progress = progress.with_context(|| format!("{name} was refused."))?;
		let block = timeout(FINALITY, progress.wait_for_finalized()).await;
		let block = block.with_context(|| format!("{name} was not finalised in {FINALITY:?}."))?;
		block.with_context(|| format!("{name} is in no block."))
	}
}
