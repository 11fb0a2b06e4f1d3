//! Transactions: what they cost, signing, sending, and what became of them.

use std::{
	collections::{btree_map::Entry, BTreeMap},
	env, fs,
};

use anyhow::{bail, Context, Error, Result};
use codec::Encode;
use openledger_primitives::Signature;
use openledger_runtime::{
	configs::system::tx_extension, AccountId, Balance, BlockNumber, Hash, Nonce, Runtime,
	RuntimeCall, RuntimeEvent, SignedPayload, UncheckedExtrinsic,
};
use pallet_transaction_payment::RuntimeDispatchInfo;
use serde_json::{json, Value};
use sp_core::{sr25519, Pair};
use sp_runtime::generic::Era;

use crate::{
	args::{show_account, show_amount, show_hash},
	chain::{Block, Chain, Status, Watched},
	cli::Global,
	metadata::Refused,
	state::State,
	talk::Talk,
};

/// For how many blocks a transaction may wait: long enough for a full pool, short enough to be given up.
const MORTALITY: u64 = 128;

/// How many transactions of one account wait in the pool at once.
pub const PIPELINE: usize = 16;

/// The key of the account that acts.
pub struct Signer {
	pair: sr25519::Pair,
	/// The account.
	pub account: AccountId,
}

impl Signer {
	/// Reads the secret that the command line names.
	pub fn load(global: &Global) -> Result<Self> {
		let file = global.key.clone().or_else(|| env::var_os("OPENLEDGER_KEY").map(Into::into));
		let secret = match (&global.suri, file) {
			(Some(suri), _) => suri.clone(),
			(None, Some(file)) => fs::read_to_string(&file)
				.with_context(|| format!("The key file {} cannot be read", file.display()))?,
			(None, None) => bail!(
				"This needs an account that acts: name the file with its secret with --key (or \
				 OPENLEDGER_KEY); for development, --suri //Alice."
			),
		};
		let pair = sr25519::Pair::from_string(secret.trim(), None).ok().context(
			"The secret cannot be read: it is a phrase of 12 to 24 words, or 0x and 64 hex digits, with or \
			 without a path such as //me after it.",
		)?;
		let account = AccountId::from(pair.public());
		Ok(Self { pair, account })
	}

	/// Signs bytes.
	pub fn sign(&self, bytes: &[u8]) -> Signature {
		self.pair.sign(bytes).into()
	}
}

/// A call that was carried out.
#[derive(Clone, Debug)]
pub struct Included {
	/// The block.
	pub hash: Hash,
	/// Its height.
	pub number: BlockNumber,
	/// What the call caused.
	pub events: Vec<RuntimeEvent>,
}

impl Included {
	/// What it cost.
	pub fn fee(&self) -> Balance {
		let fee = |event: &RuntimeEvent| match event {
			RuntimeEvent::TransactionPayment(
				pallet_transaction_payment::Event::TransactionFeePaid { actual_fee, .. },
			) => Some(*actual_fee),
			_ => None,
		};
		self.events.iter().find_map(fee).unwrap_or_default()
	}

	/// For programs.
	pub fn json(&self) -> Value {
		json!({ "block": self.number, "blockHash": show_hash(self.hash), "fee": show_amount(self.fee()) })
	}
}

/// Something that is paid or held.
pub struct Cost {
	/// How much.
	pub amount: Balance,
	/// What for, and when it comes back.
	pub what: String,
}

impl Cost {
	/// Something that is paid or held.
	pub fn new(amount: Balance, what: impl Into<String>) -> Self {
		Self { amount, what: what.into() }
	}
}

/// An account that acts on a chain.
pub struct Actor<'a> {
	/// The chain.
	pub chain: &'a Chain,
	/// Who is asked.
	pub talk: &'a Talk,
	/// The account.
	pub signer: Signer,
	/// Whether to return before blocks are final.
	pub in_block: bool,
}

impl Actor<'_> {
	/// The account.
	pub fn account(&self) -> &AccountId {
		&self.signer.account
	}

	/// Shows what a call costs, asks, and has it carried out.
	pub async fn perform(
		&self,
		call: impl Into<RuntimeCall>,
		costs: Vec<Cost>,
	) -> Result<Included> {
		let included = self.perform_all(vec![call.into()], costs).await?;
		included.into_iter().next().context("Nothing was sent.")
	}

	/// The same for several calls, which are sent one after the other.
	pub async fn perform_all(
		&self,
		calls: Vec<RuntimeCall>,
		mut costs: Vec<Cost>,
	) -> Result<Vec<Included>> {
		let mut fees: Balance = 0;
		for call in &calls {
			fees = fees.saturating_add(self.quote(call).await?.partial_fee);
		}
		costs.insert(0, Cost::new(fees, "for fees, estimated"));
		let needed = costs.iter().fold(0, |sum: Balance, cost| sum.saturating_add(cost.amount));
		self.agree(&costs, needed).await?;
		let mut included = Vec::new();
		for some in calls.chunks(PIPELINE) {
			let outcomes = self.send(some, !self.in_block).await?;
			let (done, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
			included.extend(done.into_iter().flatten());
			if let Some(Err(refused)) = refused.into_iter().next() {
				let error = Error::from(refused);
				return Err(match included.len() {
					0 => error,
					done => error.context(format!(
						"{done} of {} transactions were carried out, then one was not",
						calls.len(),
					)),
				});
			}
		}
		Ok(included)
	}

	/// Has a call carried out that was agreed to.
	pub async fn carry_out(&self, call: RuntimeCall) -> Result<Included> {
		let outcome = self.send(&[call], !self.in_block).await?.pop();
		Ok(outcome.context("Nothing was sent.")??)
	}

	/// Shows costs, makes sure that what is needed at once is there, and asks.
	pub async fn agree(&self, costs: &[Cost], needed: Balance) -> Result<()> {
		self.talk.say(format!("{} needs:", show_account(self.account())));
		for Cost { amount, what } in costs.iter().filter(|cost| cost.amount > 0) {
			self.talk.say(format!("  {} OPEN {what}", show_amount(*amount)));
		}
		let usable = self.usable().await?;
		self.talk.say(format!("  and has {} OPEN to use", show_amount(usable)));
		if let Some(missing) = needed.checked_sub(usable).filter(|missing| *missing > 0) {
			bail!(
				"{} has {} OPEN to use and needs {}: {} OPEN are missing. Nothing was sent.",
				show_account(self.account()),
				show_amount(usable),
				show_amount(needed),
				show_amount(missing),
			);
		}
		self.talk.confirm()
	}

	/// What the account can pay or have held without being reaped.
	async fn usable(&self) -> Result<Balance> {
		let best = self.chain.best().await?;
		let account = best.map::<frame_system::Account<Runtime>, _, _>(self.account()).await?;
		let least: Balance = self.chain.constant("Balances", "ExistentialDeposit")?;
		Ok(account.map_or(0, |account| account.data.free).saturating_sub(least))
	}

	/// What the node says a call weighs and costs.
	pub async fn quote(&self, call: &RuntimeCall) -> Result<RuntimeDispatchInfo<Balance>> {
		let best = self.chain.best().await?;
		let mut arguments = self.sign(&best, call, 0);
		(arguments.len() as u32).encode_to(&mut arguments);
		best.ask_raw("TransactionPaymentApi_query_info", arguments).await
	}

	/// Sends calls one after the other and waits for all of them: until they are in a block, or until
	/// that is final.
	pub async fn send(
		&self,
		calls: &[RuntimeCall],
		until_final: bool,
	) -> Result<Vec<Result<Included, Refused>>> {
		let spinner = self.talk.spinner(match (calls, until_final) {
			([_], true) => "Waiting for a final block".into(),
			([_], false) => "Waiting for a block".into(),
			(calls, _) => format!("Waiting for blocks with {} transactions", calls.len()),
		});
		let start = self.chain.finalized().await?;
		let first = self.chain.next_nonce(&show_account(self.account())).await?;
		let mut sent = Vec::new();
		for (nonce, call) in (first..).zip(calls) {
			let transaction = self.sign(&start, call, nonce);
			sent.push((self.chain.submit(&transaction).await?, transaction));
		}
		let mut blocks = BTreeMap::<Hash, Block>::new();
		let mut outcomes = Vec::new();
		for (watched, transaction) in sent {
			let hash = self.landed(watched, until_final).await?;
			let block = match blocks.entry(hash) {
				Entry::Occupied(known) => known.into_mut(),
				Entry::Vacant(new) => new.insert(self.chain.block(hash).await?),
			};
			outcomes.push(self.outcome(hash, block, &transaction)?);
		}
		spinner.finish_and_clear();
		Ok(outcomes)
	}

	/// A signed transaction, which can wait for a while from a block on.
	fn sign(&self, start: &State<'_>, call: &RuntimeCall, nonce: Nonce) -> Vec<u8> {
		let Chain { version, genesis, .. } = self.chain;
		let extension = tx_extension(Era::mortal(MORTALITY, start.number.into()), nonce, 0);
		let (spec, transaction) = (version.spec_version, version.transaction_version);
		let implicit = ((), (), spec, transaction, *genesis, start.hash, (), (), (), None, ());
		let payload = SignedPayload::from_raw(call.clone(), extension.clone(), implicit);
		let signature = payload.using_encoded(|bytes| self.signer.pair.sign(bytes));
		let address = self.account().clone().into();
		UncheckedExtrinsic::new_signed(call.clone(), address, signature.into(), extension).encode()
	}

	/// The block that a transaction gets into.
	async fn landed(&self, watched: Watched, until_final: bool) -> Result<Hash> {
		loop {
			match self.chain.status(&watched).await? {
				Status::InBlock(hash) if !until_final => {
					self.chain.unwatch(watched).await?;
					return Ok(hash);
				}
				Status::Final(hash) => return Ok(hash),
				Status::Waits | Status::InBlock(_) => {}
				Status::GivenUp(why) => bail!(
					"The node gave up the transaction ({why}). Look whether it was carried out, then say the \
					 same again."
				),
			}
		}
	}

	/// What a transaction has done in a block.
	fn outcome(
		&self,
		hash: Hash,
		block: &Block,
		transaction: &[u8],
	) -> Result<Result<Included, Refused>> {
		let events = block.events_of(transaction)?;
		let failed = events.iter().find_map(|event| match event {
			RuntimeEvent::System(frame_system::Event::ExtrinsicFailed {
				dispatch_error, ..
			}) => Some(*dispatch_error),
			_ => None,
		});
		Ok(match failed {
			Some(error) => Err(self.chain.refused(error)),
			None => Ok(Included { hash, number: block.number, events }),
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn global(suri: Option<&str>, key: Option<std::path::PathBuf>) -> Global {
		Global {
			url: None,
			json: false,
			yes: false,
			in_block: false,
			key,
			suri: suri.map(Into::into),
		}
	}

	#[test]
	fn a_secret_is_read_from_the_command_line_or_from_a_file() {
		let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
		let phrase = "bottom drive obey lake curtain smoke basket hold race lonely fit walk//Alice";
		let folder = tempfile::tempdir().unwrap();
		let file = folder.path().join("key");
		fs::write(&file, format!("{phrase}\n")).unwrap();
		for global in [global(Some("//Alice"), None), global(None, Some(file))] {
			assert_eq!(show_account(&Signer::load(&global).ok().unwrap().account), alice);
		}
	}

	#[test]
	fn without_a_usable_secret_it_says_what_to_do() {
		let folder = tempfile::tempdir().unwrap();
		for (global, word) in [
			(global(None, None), "--key"),
			(global(Some("one two three"), None), "12 to 24 words"),
			(global(None, Some(folder.path().join("none"))), "key file"),
		] {
			let error = Signer::load(&global).err().unwrap().to_string();
			assert!(error.contains(word), "{error}");
		}
	}
}
