//! What every part of a relayer shares: both sides, the accounts that pay, and that all of them belong together.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alloy::primitives::{keccak256, Address};
use anyhow::{anyhow, ensure, Context, Result};
use subxt::tx::Payload;
use subxt_signer::sr25519::Keypair;
use tokio::{sync::OnceCell, time::sleep};
use tracing::{debug, warn};

use crate::{
	beacon::{Beacon, Clock, Start},
	chain::ClientState,
	chain_types::BridgeState,
	contracts::{OpenBeefyClient, OpenVault},
	ethereum::Ethereum,
	metrics::{Count, Metrics},
	node::{Connection, Node},
	sender::Sender,
	ssz::EPOCH,
	trouble::Trouble,
};

/// Seconds since 1970.
pub fn now() -> u64 {
	SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The contracts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contracts {
	pub vault: Address,
	pub client: Address,
}

/// What the command line names.
#[derive(Clone, Copy, Debug, Default)]
pub struct Named {
	pub vault: Option<Address>,
	pub client: Option<Address>,
	/// The first block on Ethereum that is searched.
	pub from_block: Option<u64>,
	/// Over how long relayers spread what they would do at once.
	pub stagger: Duration,
}

/// Both sides, and who pays.
pub struct Relay {
	pub node: Node,
	pub ethereum: Ethereum,
	pub beacon: Beacon,
	pub sender: Sender,
	pub key: Option<Keypair>,
	pub named: Named,
	pub metrics: Metrics,
	clock: OnceCell<Clock>,
	contracts: OnceCell<Contracts>,
	timing: OnceCell<Timing>,
}

/// The clocks of the client on L1, which never change.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
	pub session: u64,
	pub max_age: u64,
	pub veto: u64,
}

impl Relay {
	/// Puts them together; nothing is asked yet.
	pub fn new(
		node: Node,
		ethereum: Ethereum,
		beacon: Beacon,
		sender: Sender,
		key: Option<Keypair>,
		named: Named,
	) -> Self {
		Self {
			node,
			ethereum,
			beacon,
			sender,
			key,
			named,
			metrics: Metrics::default(),
			clock: OnceCell::new(),
			contracts: OnceCell::new(),
			timing: OnceCell::new(),
		}
	}

	/// When slots begin, on the Ethereum that the chain follows.
	pub async fn clock(&self, state: &ClientState) -> Result<Clock> {
		let clock = self.clock.get_or_try_init(|| async {
			let Start { clock, validators_root, forks } = self.beacon.start().await?;
			ensure!(
				validators_root == state.validators_root,
				anyhow!(
					"The beacon node follows another Ethereum than the chain's beacon client does."
				)
				.context(Trouble::Mismatch)
			);
			for (name, epoch) in forks {
				if epoch < u64::MAX && !state.forks.knows(&name) {
					warn!(
						"Ethereum plans the fork \"{name}\" for epoch {epoch} ({} seconds since 1970), which the \
						 runtime does not know. From then on nothing can be brought from Ethereum, unless a runtime \
						 upgrade comes before.",
						clock.time_of(epoch.saturating_mul(EPOCH)),
					);
				}
			}
			Ok(clock)
		});
		clock.await.copied()
	}

	/// The contracts, once it is certain that they are those of this chain.
	pub async fn contracts(&self, state: &BridgeState) -> Result<Contracts> {
		self.contracts.get_or_try_init(|| self.find_contracts(state)).await.copied()
	}

	/// The clocks of the client on L1.
	pub async fn timing(&self, client: Address) -> Result<Timing> {
		let l1 = &self.ethereum;
		let timing = self.timing.get_or_try_init(|| async {
			anyhow::Ok(Timing {
				session: l1.view(client, OpenBeefyClient::sessionSecondsCall {}).await?.to(),
				max_age: l1.view(client, OpenBeefyClient::maxAgeCall {}).await?.to(),
				veto: l1.view(client, OpenBeefyClient::vetoPeriodCall {}).await?.to(),
			})
		});
		timing.await.copied()
	}

	async fn find_contracts(&self, state: &BridgeState) -> Result<Contracts> {
		let known = state.vault.as_ref().map(|vault| Address::from(vault.address));
		let vault = agreed("vault", "the chain's", known, self.named.vault)?.context(
			"The chain knows no vault yet: governance must name it (EthereumBridge.set_vault). To bring it roots \
			 before that, name one with --vault.",
		)?;
		if let Some(known) = &state.vault {
			let id = self.ethereum.chain_id().await?;
			ensure!(
				id == known.chain_id,
				anyhow!(
					"The Ethereum node is of chain {id}, the vault is on chain {}.",
					known.chain_id
				)
				.context(Trouble::Mismatch)
			);
		}
		let domain = self.ethereum.view(vault, OpenVault::domainCall {}).await?;
		ensure!(
			state.domain.is_none_or(|expected| domain == expected),
			anyhow!("The vault {vault} was made for another chain than this one.")
				.context(Trouble::Mismatch)
		);
		let client = self.ethereum.view(vault, OpenVault::clientCall {}).await?;
		let client = agreed("client", "the vault's", Some(client), self.named.client)?;
		Ok(Contracts { vault, client: client.context("There is no client.")? })
	}

	/// Waits for this account's turn, so that relayers seldom do the same work twice.
	async fn turn(&self, account: &[u8], what: &str) {
		let whole = u64::try_from(self.named.stagger.as_millis()).unwrap_or(u64::MAX);
		if whole > 0 {
			let [a, b, c, d, ..] = keccak256([account, what.as_bytes()].concat()).0;
			sleep(Duration::from_millis(u64::from(u32::from_be_bytes([a, b, c, d])) % whole)).await;
		}
	}

	/// Has the chain carry out a call.
	pub async fn perform<Call: Payload>(
		&self,
		connection: &Connection,
		kind: &'static str,
		what: &str,
		call: &Call,
	) -> Result<()> {
		let key = self.key.as_ref().context(
			"This needs an account of the chain, which holds the fee until a call has succeeded: name the file with \
			 its secret with --substrate-key-file (or OPENLEDGER_RELAYER_SUBSTRATE_KEY_FILE).",
		)?;
		self.turn(&key.public_key().0, what).await;
		debug!("{what}: trying");
		connection.perform(key, call).await.with_context(|| what.to_string())?;
		self.metrics.count(Count::Done(kind));
		Ok(())
	}

	/// Has a contract carry out a call.
	pub async fn send(
		&self,
		kind: &'static str,
		what: &str,
		contract: Address,
		data: Vec<u8>,
	) -> Result<()> {
		let account = self.ethereum.account().unwrap_or_default();
		self.turn(account.as_slice(), what).await;
		let sent = self.sender.send(&self.ethereum, what, contract, data.into()).await;
		sent.with_context(|| what.to_string())?;
		self.metrics.count(Count::Done(kind));
		Ok(())
	}
}

/// What is known and what is named must be the same.
fn agreed(
	what: &str,
	whose: &str,
	known: Option<Address>,
	named: Option<Address>,
) -> Result<Option<Address>> {
	if let (Some(known), Some(named)) = (known, named) {
		ensure!(
			known == named,
			anyhow!("--{what} names {named}, but {whose} {what} is {known}.")
				.context(Trouble::Mismatch)
		);
	}
	Ok(known.or(named))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_named_must_be_what_is_known() {
		let [one, other] = [1, 2].map(Address::repeat_byte);
		let of = |known, named| agreed("vault", "the chain's", known, named);
		assert_eq!(of(Some(one), None).unwrap(), Some(one));
		assert_eq!(of(None, Some(other)).unwrap(), Some(other));
		assert_eq!(of(Some(one), Some(one)).unwrap(), Some(one));
		let error = of(Some(one), Some(other)).unwrap_err();
		assert_eq!(Trouble::of(&error), Trouble::Mismatch);
	}
}
