//! From Ethereum to the chain: beacon updates, then deposits.

use std::{collections::BTreeMap, time::Duration};

use alloy::primitives::Address;
use anyhow::{anyhow, bail, Context, Error, Result};
use subxt::dynamic;
use tokio::time::sleep;
use tracing::{info, warn};

use crate::{
	beacon::{Clock, LightUpdate},
	chain::{self, ClientState, Ring},
	chain_types::{BridgeState, DepositStatus, Update},
	contracts::OpenVault,
	ethereum::Deposit,
	metrics::Gauge,
	node::{At, Connection, Refused},
	plan::{
		beacon::{self, Offer},
		deposits::{self, missing, wanted_slot, Place, Sides, Step},
	},
	proofs,
	relay::{now, Relay},
	run::passing,
	says::Says,
	ssz::{period, PERIOD},
	trouble::Trouble,
};

/// How many deposits are looked after at once: the lowest ones.
const OPEN: usize = 1_024;

/// How far back deposits are searched: longer than the chain could verify them.
const HORIZON: u64 = 250_000;

/// How many blocks one step of a search takes.
const STRIDE: u64 = 10_000;

/// How many blocks are searched again, because a reorganisation may have moved what was in them.
const REORGANISATION: u64 = 100;

/// After how many seconds a deposit that the chain refuses is tried again.
const AFTER_REFUSAL: u64 = 300;

/// After how many seconds one is that could not be proven.
const AFTER_FAILURE: u64 = 60;

/// How many updates a round submits at most, so that deposits get their turn.
const UPDATES: usize = 8;

/// What is kept between rounds. All of it can be found again.
#[derive(Default)]
pub struct Inbound {
	/// Whether the runtime takes the calls that are made here.
	understood: bool,
	/// Words of the bitmap below this one are complete for good.
	complete_words: u64,
	/// Open deposits whose logs were found.
	found: BTreeMap<u64, Found>,
	/// Up to which block was searched for the rest.
	searched: u64,
	says: Says,
}

struct Found {
	deposit: Deposit,
	/// The slot of its block.
	slot: u64,
	/// Whether its block is final.
	settled: bool,
	/// When it may be tried again.
	not_before: u64,
}

/// The two sides, at one moment.
pub struct Moment {
	pub state: ClientState,
	pub clock: Clock,
	pub latest: LightUpdate,
	pub bridge: BridgeState,
}

impl Moment {
	/// The last block that Ethereum has finalised.
	pub fn final_block(&self) -> u64 {
		self.latest.finalized_header.execution.as_ref().map_or(0, |header| header.block_number)
	}
}

/// Looks at both sides.
pub async fn look(relay: &Relay, connection: &Connection, best: &At) -> Result<Moment> {
	let state = chain::client(connection, best).await?;
	let bridge = chain::bridge(best).await?;
	relay.beacon.must_have_caught_up().await?;
	let clock = relay.clock(&state).await?;
	let latest = relay.beacon.finality_update(&state.forks).await?;
	let latest = latest.context("It has no finality to show yet").context(Trouble::Beacon)?;
	let age = now().saturating_sub(clock.time_of(state.client.slot));
	relay.metrics.set(Gauge::ParkedOpen, bridge.parked as f64 / 1e18);
	relay.metrics.set(Gauge::ClientSlot, state.client.slot as f64);
	relay.metrics.set(Gauge::ClientAge, age as f64);
	relay.metrics.set(Gauge::BeaconFinalizedSlot, latest.finalized_header.beacon.slot as f64);
	Ok(Moment { state, clock, latest, bridge })
}

fn offer(update: &LightUpdate) -> Offer {
	Offer {
		attested: update.attested_header.beacon.slot,
		finalized: update.finalized_header.beacon.slot,
		signature: update.signature_slot,
		signers: update.signers(),
	}
}

/// Decides what the beacon client needs next; with the update that names its missing committee, if there is one.
pub async fn decide(
	relay: &Relay,
	moment: &Moment,
	wanted: Option<u64>,
) -> Result<(beacon::Step, Option<LightUpdate>)> {
	let Moment { state: ClientState { client, forks, .. }, latest, .. } = moment;
	let (now, newest) = (period(client.slot), offer(latest));
	let committee = match (client.next_known, period(newest.finalized) > now) {
		(false, _) => relay.beacon.committee_update(now, forks).await?,
		(true, true) => relay.beacon.committee_update(now + 1, forks).await?,
		(true, false) => None,
	};
	Ok((beacon::next(*client, newest, committee.as_ref().map(offer), wanted), committee))
}

impl Inbound {
	/// Does what can be done now.
	pub async fn round(&mut self, relay: &Relay) -> Result<()> {
		let connection = relay.node.connection().await?;
		let best = connection.best().await?;
		if !self.understood {
			chain::understands(&best)?;
			self.understood = true;
		}
		if let Some(key) = &relay.key {
			let balance = connection.balance(&best, key).await?;
			relay.metrics.set(Gauge::SubstrateBalance, balance as f64 / 1e18);
		}
		let moment = look(relay, &connection, &best).await?;
		// What is wrong with deposits must not keep the client from following, nor the other way round.
		let steps = self.plan(relay, &connection, &best, &moment).await;
		let wanted = steps.as_ref().ok().and_then(|steps| wanted_slot(steps.values()));
		let followed = self.follow(relay, &connection, wanted).await;
		if steps?.is_empty() {
			return followed;
		}
		self.prove(relay, &connection).await.and(followed)
	}

	/// Brings the client forward, as far as that is free or needed.
	pub async fn follow(
		&mut self,
		relay: &Relay,
		connection: &Connection,
		wanted: Option<u64>,
	) -> Result<()> {
		for _ in 0..UPDATES {
			let best = connection.best().await?;
			let moment = look(relay, connection, &best).await?;
			let (step, committee) = decide(relay, &moment, wanted).await?;
			let Moment { state: ClientState { client, forks, .. }, latest, .. } = &moment;
			let newest = offer(latest);
			let (what, update) = match (step, committee) {
				(beacon::Step::Header, _) => (
					format!("beacon header of slot {}", newest.finalized),
					proofs::update(&relay.beacon, forks, latest, false).await?,
				),
				(beacon::Step::Committee { period }, Some(update)) => (
					format!("sync committee after period {period}"),
					proofs::update(&relay.beacon, forks, &update, true).await?,
				),
				(beacon::Step::Between { from, to }, _) => (
					format!("beacon header between slots {from} and {to}"),
					proofs::between(&relay.beacon, forks, from, to, newest.attested).await?,
				),
				(beacon::Step::Wait(wait), _) => {
					let text = format!("beacon client at slot {}: {wait}", client.slot);
					self.says.info(("beacon", 0), text);
					return Ok(());
				}
				(beacon::Step::Stuck(stuck), _) => {
					let text = format!("The beacon client cannot go on: {stuck}.");
					self.says.warn(("beacon", 0), text);
					return Ok(());
				}
				(beacon::Step::Committee { .. }, None) => return Ok(()),
			};
			submit(relay, connection, &what, update).await?;
		}
		Ok(())
	}

	/// Decides about every deposit that the chain lacks.
	pub async fn plan(
		&mut self,
		relay: &Relay,
		connection: &Connection,
		best: &At,
		moment: &Moment,
	) -> Result<BTreeMap<u64, Step>> {
		if moment.bridge.vault.is_none() {
			let text =
				"Deposits wait: governance has named no vault yet (EthereumBridge.set_vault).";
			self.says.warn(("deposits", 0), text.into());
			return Ok(BTreeMap::new());
		}
		let vault = relay.contracts(&moment.bridge).await?.vault;
		let last = last_deposit(relay, vault).await?;
		let open = self.open(connection, best, last).await?;
		relay.metrics.set(Gauge::DepositsLocked, last as f64);
		relay.metrics.set(Gauge::DepositsWaiting, open.len() as f64);
		let next = open.first().copied().unwrap_or_else(|| last.saturating_add(1));
		relay.metrics.set(Gauge::DepositNext, next as f64);
		self.plan_for(relay, vault, best, moment, &open).await
	}

	/// Decides about some deposits.
	async fn plan_for(
		&mut self,
		relay: &Relay,
		vault: Address,
		best: &At,
		moment: &Moment,
		open: &[u64],
	) -> Result<BTreeMap<u64, Step>> {
		self.search(relay, vault, open, &moment.clock).await?;
		self.settle(relay, moment.final_block()).await?;
		let Moment { state, bridge, .. } = moment;
		let old = |found: &Found| found.slot.saturating_add(PERIOD) < state.client.slot;
		let oldest_slot = match self.found.values().any(old) {
			true => Ring::new(best).await?.oldest_slot().await?,
			false => 0,
		};
		let sides = Sides {
			halted: bridge.inbound_halted,
			vault_set: bridge.vault.is_some(),
			final_block: moment.final_block(),
			client_slot: state.client.slot,
			oldest_slot,
			now: now(),
		};
		let mut steps = BTreeMap::new();
		for nonce in open {
			let found = self.found.get(nonce);
			let place = found.map(|found| Place { block: found.deposit.block, slot: found.slot });
			let not_before = found.map_or(0, |found| found.not_before);
			let step = deposits::next(&deposits::Deposit { place, not_before }, &sides);
			match &step {
				Step::Prove | Step::WaitAfterFailure { .. } => {}
				Step::TooOld { .. } => {
					self.says.warn(("deposit", *nonce), format!("Deposit {nonce} {step}."));
				}
				step => self.says.info(("deposit", *nonce), format!("deposit {nonce} {step}")),
			}
			steps.insert(*nonce, step);
		}
		Ok(steps)
	}

	/// The lowest nonces up to the last one that the chain has not executed.
	async fn open(&mut self, connection: &Connection, best: &At, last: u64) -> Result<Vec<u64>> {
		let mut open = Vec::new();
		for word in self.complete_words..=last / 128 {
			let lacking: Vec<u64> =
				missing(word, chain::executed(best, word).await?, last).collect();
			// A word is left behind only when no reorganisation can bring it back.
			if word == self.complete_words && lacking.is_empty() && word < last / 128 {
				let bits = chain::executed(&connection.finalized().await?, word).await?;
				self.complete_words += u64::from(missing(word, bits, last).next().is_none());
			}
			open.extend(lacking);
			if open.len() >= OPEN {
				open.truncate(OPEN);
				break;
			}
		}
		self.found.retain(|nonce, _| open.binary_search(nonce).is_ok());
		self.says.forget("deposit", &open);
		Ok(open)
	}

	/// Finds the logs of open deposits, in new blocks first and then further and further back.
	async fn search(
		&mut self,
		relay: &Relay,
		vault: Address,
		open: &[u64],
		clock: &Clock,
	) -> Result<()> {
		let head = relay.ethereum.latest().await?.number();
		let mut left: Vec<u64> =
			open.iter().copied().filter(|nonce| !self.found.contains_key(nonce)).collect();
		let floor = relay.named.from_block.unwrap_or_else(|| head.saturating_sub(HORIZON));
		// What was searched need not be searched again, but for what a reorganisation may have moved.
		let lowest = floor.max(self.searched.saturating_sub(REORGANISATION));
		let mut end = head;
		while !left.is_empty() && end >= lowest {
			let start = lowest.max(end.saturating_sub(STRIDE - 1));
			for deposit in relay.ethereum.deposits(vault, &left, start, end).await? {
				self.keep(relay, deposit, clock).await?;
			}
			left.retain(|nonce| !self.found.contains_key(nonce));
			match start.checked_sub(1) {
				Some(before) => end = before,
				None => break,
			}
		}
		if let Some(nonce) = left.first() {
			let text = format!(
				"The log of deposit {nonce} is not in blocks {floor} to {head} of the Ethereum node; if it is older, \
				 say --from-block"
			);
			self.says.info(("logs", 0), text);
		}
		self.searched = head;
		Ok(())
	}

	async fn keep(&mut self, relay: &Relay, deposit: Deposit, clock: &Clock) -> Result<()> {
		let block = relay.ethereum.block(deposit.block).await?;
		// A block that has gone since is found again in its new place.
		let Some(block) = block.filter(|block| block.hash == deposit.block_hash) else {
			return Ok(());
		};
		let slot = clock
			.slot_at(block.timestamp())
			.with_context(|| format!("Block {} is older than the beacon chain.", deposit.block))?;
		info!("deposit {} found in block {}, slot {slot}", deposit.nonce, deposit.block);
		let found = Found { slot, settled: false, not_before: 0, deposit };
		self.found.insert(found.deposit.nonce, found);
		Ok(())
	}

	/// Makes sure that logs are still where they were found, once their blocks are final.
	async fn settle(&mut self, relay: &Relay, final_block: u64) -> Result<()> {
		let mut gone = Vec::new();
		for (nonce, found) in &mut self.found {
			let Deposit { block, block_hash, .. } = found.deposit;
			if found.settled || block > final_block {
				continue;
			}
			found.settled =
				relay.ethereum.block(block).await?.is_some_and(|now| now.hash == block_hash);
			if !found.settled {
				gone.push(*nonce);
			}
		}
		for nonce in gone {
			info!("deposit {nonce}: a reorganisation has moved it; looking for it again");
			self.lose(nonce);
		}
		Ok(())
	}

	/// Forgets where a log is.
	fn lose(&mut self, nonce: u64) {
		if let Some(found) = self.found.remove(&nonce) {
			self.searched = self.searched.min(found.deposit.block);
		}
	}

	/// Proves whatever can be proven now, lowest nonce first.
	async fn prove(&mut self, relay: &Relay, connection: &Connection) -> Result<()> {
		let best = connection.best().await?;
		let moment = look(relay, connection, &best).await?;
		let steps = self.plan(relay, connection, &best, &moment).await?;
		for (nonce, _) in steps.into_iter().filter(|(_, step)| *step == Step::Prove) {
			match self.prove_one(relay, connection, nonce).await {
				Ok(()) => info!("deposit {nonce}: executed"),
				Err(error) => self.failed(relay, nonce, error)?,
			}
		}
		Ok(())
	}

	async fn prove_one(&self, relay: &Relay, connection: &Connection, nonce: u64) -> Result<()> {
		let Found { deposit, slot, .. } =
			self.found.get(&nonce).context("Its log was lost meanwhile.")?;
		let best = connection.best().await?;
		let ClientState { anchor, forks, .. } = chain::client(connection, &best).await?;
		let anchor = match anchor.slot.saturating_sub(*slot) <= PERIOD {
			true => Some(anchor),
			false => Ring::new(&best).await?.anchor_of(*slot).await?,
		};
		let anchor = anchor.context("The chain has forgotten the headers after it.")?;
		let proof =
			proofs::deposit(&relay.beacon, &relay.ethereum, &forks, deposit, *slot, anchor).await?;
		let call = dynamic::tx("EthereumBridge", "submit_deposit", (proof,));
		relay.perform(connection, "deposit", &format!("deposit {nonce}"), &call).await
	}

	/// Decides what a failure means: for this deposit, or for all of them.
	fn failed(&mut self, relay: &Relay, nonce: u64, error: Error) -> Result<()> {
		let after = match (Refused::name_in(&error), Trouble::of(&error)) {
			(Some("EthereumBridge.AlreadyProcessed"), _) => {
				info!("deposit {nonce}: another relayer was quicker");
				return Ok(());
			}
			(Some("EthereumBridge.Halted" | "EthereumBridge.VaultNotSet"), _) => return Err(error),
			(Some(_), _) => AFTER_REFUSAL,
			(None, Trouble::Mismatch) => {
				self.lose(nonce);
				AFTER_FAILURE
			}
			// An old state may be missing for this one only.
			(None, Trouble::Beacon | Trouble::Other) => AFTER_FAILURE,
			(None, _) => return Err(error),
		};
		warn!("deposit {nonce} failed and is tried again in {after} s: {error:#}");
		relay.metrics.error(&error);
		if let Some(found) = self.found.get_mut(&nonce) {
			found.not_before = now().saturating_add(after);
		}
		Ok(())
	}

	/// Takes one deposit as far as it goes now; says what has become of it once that is decided.
	async fn attempt(&mut self, relay: &Relay, nonce: u64) -> Result<Option<String>> {
		let connection = relay.node.connection().await?;
		let best = connection.best().await?;
		match chain::deposit_status(&best, nonce).await? {
			DepositStatus::Unknown => {}
			DepositStatus::Executed => return Ok(Some(format!("Deposit {nonce} is executed."))),
			DepositStatus::Parked { .. } => {
				return Ok(Some(format!(
					"Deposit {nonce} is proven and parked: it could not be minted at that moment. Anyone can have it \
					 minted later with EthereumBridge.claim_parked({nonce})."
				)))
			}
		}
		let moment = look(relay, &connection, &best).await?;
		let vault = relay.contracts(&moment.bridge).await?.vault;
		let last = last_deposit(relay, vault).await?;
		if nonce == 0 || nonce > last {
			bail!("There is no deposit {nonce}; the last one is {last}.");
		}
		let steps = self.plan_for(relay, vault, &best, &moment, &[nonce]).await?;
		match steps.get(&nonce).context("Nothing was decided.")? {
			Step::Prove => {
				self.prove_one(relay, &connection, nonce).await?;
			}
			Step::WaitForClient { slot } => self.follow(relay, &connection, Some(*slot)).await?,
			Step::Find | Step::WaitForFinality { .. } | Step::WaitAfterFailure { .. } => {}
			step @ (Step::Stopped | Step::TooOld { .. }) => {
				return Err(anyhow!("Deposit {nonce} {step}."))
			}
		}
		Ok(None)
	}
}

/// The nonce of the last deposit.
pub async fn last_deposit(relay: &Relay, vault: Address) -> Result<u64> {
	Ok(relay.ethereum.view(vault, OpenVault::nextNonceCall {}).await?.saturating_sub(1))
}

/// Brings one deposit to the chain, however long that takes.
pub async fn deliver(relay: &Relay, nonce: u64, poll: Duration) -> Result<String> {
	let mut inbound = Inbound::default();
	let mut acted = true;
	loop {
		if !acted {
			sleep(poll).await;
		}
		let before = inbound.found.len();
		if let Some(outcome) = passing(inbound.attempt(relay, nonce).await)?.flatten() {
			return Ok(outcome);
		}
		// What was just found may be proven at once.
		acted = inbound.found.len() != before;
	}
}

async fn submit(relay: &Relay, connection: &Connection, what: &str, update: Update) -> Result<()> {
	let call = dynamic::tx("EthereumBeaconClient", "submit", (update,));
	match relay.perform(connection, "beacon", what, &call).await {
		Err(error) if Refused::name_in(&error) == Some("EthereumBeaconClient.IrrelevantUpdate") => {
			info!("{what}: another relayer was quicker");
			Ok(())
		}
		outcome => {
			outcome?;
			info!("{what}: accepted");
			Ok(())
		}
	}
}

/// Brings the chain's beacon client up to what Ethereum has finalised.
pub async fn update(relay: &Relay, poll: Duration) -> Result<String> {
	let connection = relay.node.connection().await?;
	let mut inbound = Inbound::default();
	let Moment { state, latest, .. } = look(relay, &connection, &connection.best().await?).await?;
	let (mut before, target) = (state.client, latest.finalized_header.beacon.slot);
	loop {
		if passing(inbound.follow(relay, &connection, Some(target)).await)?.is_none() {
			sleep(poll).await;
			continue;
		}
		let after = chain::client(&connection, &connection.best().await?).await?.client;
		if after.slot >= target || after == before {
			return Ok(format!(
				"The beacon client is at slot {}; Ethereum had finalised slot {target}.",
				after.slot,
			));
		}
		before = after;
	}
}
