//! Transactions on L1: one at a time, replaced by a higher bid when it hangs.
//!
//! A nonce is always the number of transactions that are in blocks, so what is sent next takes the place of whatever hangs
//! there. Two transactions for one purpose can never both be carried out by one account.

use std::time::Duration;

use alloy::{
	primitives::{Address, Bytes, B256},
	rpc::types::TransactionReceipt,
};
use anyhow::{anyhow, bail, ensure, Context, Error, Result};
use tokio::{
	sync::Mutex,
	time::{sleep, Instant},
};
use tracing::{info, warn};

use crate::{
	ethereum::{Ethereum, Reverted},
	gas::{gwei, Bid},
	trouble::Trouble,
};

/// How often it is looked whether a transaction is in a block.
const GLANCE: Duration = Duration::from_secs(2);

/// How often in a row a bid is raised at once because the node holds a higher one.
const RAISES: usize = 30;

/// How often in a row a nonce may be used without a receipt: nodes that answer may not be the same one.
const SLACK: u32 = 5;

/// What is known of the nonce that comes next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Remembered {
	nonce: u64,
	/// The last bid there; none if it was made before this program was started.
	bid: Option<Bid>,
	/// When it was first seen to hang.
	since: Instant,
}

/// The place that a transaction would take.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
	/// Nothing is there.
	Free,
	/// A transaction of ours hangs there.
	Ours(Bid),
	/// One of an earlier run hangs there, for long enough to be replaced.
	Stuck,
	/// One of an earlier run is there, and may still get into a block.
	Busy,
}

fn place(
	mined: u64,
	pending: u64,
	known: Option<Remembered>,
	now: Instant,
	patience: Duration,
) -> Place {
	match known.filter(|known| known.nonce == mined) {
		Some(Remembered { bid: Some(bid), .. }) => Place::Ours(bid),
		_ if pending <= mined => Place::Free,
		Some(known) if now.duration_since(known.since) >= patience => Place::Stuck,
		_ => Place::Busy,
	}
}

/// What may be spent.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
	/// The most that is bid for a unit of gas, in wei.
	pub cap: u128,
	/// After how long a transaction is replaced.
	pub patience: Duration,
}

/// Sends transactions of one account.
pub struct Sender {
	terms: Terms,
	known: Mutex<Option<Remembered>>,
}

impl Sender {
	/// Sends on these terms.
	pub fn new(terms: Terms) -> Self {
		Self { terms, known: Mutex::new(None) }
	}

	/// Sends a call and waits until it is in a block.
	pub async fn send(
		&self,
		ethereum: &Ethereum,
		what: &str,
		contract: Address,
		data: Bytes,
	) -> Result<TransactionReceipt> {
		let account = ethereum.account().context("There is no account on Ethereum to pay with.")?;
		let mut known = self.known.lock().await;
		let (nonce, pending) = ethereum.nonces(account).await?;
		let last = match place(nonce, pending, *known, Instant::now(), self.terms.patience) {
			Place::Free | Place::Stuck => None,
			Place::Ours(bid) => Some(bid),
			Place::Busy => {
				let since = known
					.filter(|known| known.nonce == nonce)
					.map_or_else(Instant::now, |it| it.since);
				*known = Some(Remembered { nonce, bid: None, since });
				bail!(
					"A transaction of an earlier run waits at nonce {nonce} of {account}. It is replaced if it is in \
					 no block after {:?}; an account should serve one relayer only.",
					self.terms.patience,
				);
			}
		};
		// A fifth more than was needed in the trial: the next block may be another.
		let gas = ethereum.estimate(contract, &data).await?;
		let gas = gas.saturating_add(gas / 5);
		let chain_id = ethereum.chain_id().await?;
		let mut bid = self.bid(ethereum, last).await?;
		let mut hashes = Vec::new();
		loop {
			let (hash, accepted) =
				self.offer(ethereum, (chain_id, nonce, gas), contract, &data, bid).await?;
			bid = accepted;
			hashes.push(hash);
			*known = Some(Remembered { nonce, bid: Some(bid), since: Instant::now() });
			info!("{what}: sent {hash} with nonce {nonce} for up to {} gwei", gwei(bid.max));
			loop {
				if let Some(receipt) = self.landed(ethereum, account, nonce, &hashes).await? {
					*known = None;
					caught_up(ethereum, receipt.block_number.unwrap_or_default()).await?;
					return successful(receipt, what);
				}
				// What others have done meanwhile need not be done again; the next call replaces this one.
				ethereum.estimate(contract, &data).await.with_context(|| {
					format!("{what} hung for {:?} and is given up", self.terms.patience)
				})?;
				match self.bid(ethereum, Some(bid)).await {
					Ok(higher) => {
						bid = higher;
						break;
					}
					Err(error) => warn!("{what} hangs at {} gwei. {error:#}", gwei(bid.max)),
				}
			}
		}
	}

	async fn bid(&self, ethereum: &Ethereum, last: Option<Bid>) -> Result<Bid> {
		let market = ethereum.market().await?;
		let bid = match last {
			None => Bid::first(market, self.terms.cap),
			Some(last) => Bid::above(last, market, self.terms.cap),
		};
		bid.context(Trouble::Gas)
	}

	/// Sends a bid, and higher ones while the node holds one that is not beaten.
	async fn offer(
		&self,
		ethereum: &Ethereum,
		(chain_id, nonce, gas): (u64, u64, u64),
		contract: Address,
		data: &Bytes,
		mut bid: Bid,
	) -> Result<(B256, Bid)> {
		for _ in 0..RAISES {
			let (hash, raw) = ethereum.sign(chain_id, nonce, contract, data.clone(), gas, bid)?;
			let Err(error) = ethereum.send(&raw).await else { return Ok((hash, bid)) };
			match answer(&error) {
				Answer::Known => return Ok((hash, bid)),
				Answer::Underpriced => bid = self.bid(ethereum, Some(bid)).await?,
				Answer::Poor => return Err(error.context(Trouble::Funds)),
				Answer::Other => return Err(error),
			}
		}
		Err(anyhow!("The node holds a transaction at nonce {nonce} that no bid replaces")
			.context(Trouble::Gas))
	}

	/// The receipt of one of these, as soon as there is one; none if it takes too long.
	async fn landed(
		&self,
		ethereum: &Ethereum,
		account: Address,
		nonce: u64,
		hashes: &[B256],
	) -> Result<Option<TransactionReceipt>> {
		let started = Instant::now();
		let mut used = 0;
		while started.elapsed() < self.terms.patience {
			for hash in hashes.iter().rev() {
				if let Some(receipt) = ethereum.receipt(*hash).await? {
					return Ok(Some(receipt));
				}
			}
			let (mined, _) = ethereum.nonces(account).await?;
			used += u32::from(mined > nonce);
			ensure!(
				used < SLACK,
				"Nonce {nonce} of {account} was used by another transaction; an account should serve one relayer \
				 only."
			);
			sleep(GLANCE).await;
		}
		Ok(None)
	}
}

/// Waits until what is read next is not older than a block: several nodes may answer at one address.
async fn caught_up(ethereum: &Ethereum, block: u64) -> Result<()> {
	for _ in 0..SLACK {
		if ethereum.latest().await?.number() >= block {
			break;
		}
		sleep(GLANCE).await;
	}
	Ok(())
}

/// What a node says to a transaction that it does not take.
#[derive(Debug, PartialEq)]
enum Answer {
	Known,
	Underpriced,
	Poor,
	Other,
}

fn answer(error: &Error) -> Answer {
	let text = format!("{error:#}").to_lowercase();
	let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
	if says(&["already known", "already imported", "known transaction"]) {
		Answer::Known
	} else if says(&["underpriced", "fee too low", "replacement", "replace existing"]) {
		Answer::Underpriced
	} else if says(&["insufficient funds", "insufficient balance"]) {
		Answer::Poor
	} else {
		Answer::Other
	}
}

fn successful(receipt: TransactionReceipt, what: &str) -> Result<TransactionReceipt> {
	if receipt.inner.is_success() {
		info!(
			"{what}: done in block {}, {} gas",
			receipt.block_number.unwrap_or_default(),
			receipt.gas_used
		);
		return Ok(receipt);
	}
	let name = format!(
		"{what}: {} reverted; somebody else was quicker, or the state changed",
		receipt.transaction_hash
	);
	Err(Error::new(Reverted { name }).context(Trouble::Reverted))
}

#[cfg(test)]
mod tests {
	use super::*;

	const PATIENCE: Duration = Duration::from_secs(60);

	fn known(nonce: u64, bid: Option<Bid>, age: u64) -> Option<Remembered> {
		let since = Instant::now() - Duration::from_secs(age);
		Some(Remembered { nonce, bid, since })
	}

	fn at(mined: u64, pending: u64, known: Option<Remembered>) -> Place {
		place(mined, pending, known, Instant::now(), PATIENCE)
	}

	#[tokio::test]
	async fn a_free_nonce_is_taken() {
		assert_eq!(at(5, 5, None), Place::Free);
		// What hung at an earlier nonce is in a block now.
		let bid = Bid { max: 9, tip: 1 };
		assert_eq!(at(6, 6, known(5, Some(bid), 900)), Place::Free);
	}

	#[tokio::test]
	async fn a_transaction_of_ours_is_outbid_even_if_the_node_has_forgotten_it() {
		let bid = Bid { max: 9, tip: 1 };
		assert_eq!(at(5, 6, known(5, Some(bid), 0)), Place::Ours(bid));
		assert_eq!(at(5, 5, known(5, Some(bid), 0)), Place::Ours(bid));
	}

	#[tokio::test]
	async fn a_transaction_of_an_earlier_run_gets_its_time_and_is_replaced_then() {
		assert_eq!(at(5, 6, None), Place::Busy);
		assert_eq!(at(5, 7, known(5, None, 59)), Place::Busy);
		assert_eq!(at(5, 7, known(5, None, 60)), Place::Stuck);
		// The one that was seen is in a block; the next one gets its own time.
		assert_eq!(at(6, 7, known(5, None, 900)), Place::Busy);
	}

	#[test]
	fn what_nodes_say_is_understood() {
		for (text, expected) in [
			("already known", Answer::Known),
			("replacement transaction underpriced", Answer::Underpriced),
			("transaction underpriced: tip needed 1", Answer::Underpriced),
			("Insufficient funds for gas * price + value", Answer::Poor),
			("nonce too low", Answer::Other),
		] {
			assert_eq!(answer(&anyhow!("{text}").context("The Ethereum node")), expected, "{text}");
		}
	}
}
