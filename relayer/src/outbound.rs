//! From the chain to L1: its signed roots, then withdrawals.

use std::{
	collections::{BTreeMap, BTreeSet},
	time::Duration,
};

use alloy::{
	primitives::{Address, B256},
	sol_types::SolCall,
};
use anyhow::{anyhow, bail, ensure, Context, Error, Result};
use tokio::time::sleep;
use tracing::{info, warn};

use crate::{
	chain,
	chain_types::WithdrawalProof,
	contracts::{Direction, OpenBeefyClient, OpenVault, Update, ValidatorSet},
	ethereum::Reverted,
	metrics::Gauge,
	node::{At, Connection},
	plan::{
		beefy::{self, Chain, Light, Posted, Wanted},
		withdrawals::{self, Step, Vault, Withdrawal},
	},
	relay::{now, Contracts, Relay, Timing},
	says::Says,
	sessions::{self, Session},
	trouble::Trouble,
};

/// How many withdrawals are looked after at once: the lowest ones.
const OPEN: usize = 1_024;

/// How many of the newest withdrawals are looked at for a root that somebody waits for.
const RECENT: u64 = 256;

/// How many withdrawals are looked at in one round, after a start.
const SCAN: u64 = 10_000;

/// How many withdrawals are looked at again, because a reorganisation of L1 may have undone their unlocking.
const REORGANISATION: u64 = 64;

/// After how many seconds they are.
const LOOK_AGAIN: u64 = 600;

/// How far back posted handovers are searched: two veto periods.
const HORIZON: u64 = 250_000;

/// After how many seconds a withdrawal that failed is tried again.
const AFTER_FAILURE: u64 = 300;

/// How many updates a round sends at most, so that withdrawals get their turn.
const UPDATES: usize = 32;

/// What is done for others.
#[derive(Clone, Copy, Debug, Default)]
pub struct Service {
	/// Whether withdrawals are unlocked, too.
	pub unlock: bool,
	/// Whether L1 is shown handovers alone, and no roots that a withdrawal waits for.
	pub handovers_only: bool,
	/// After how many blocks L1 is shown a root in any case.
	pub every: Option<u32>,
}

/// What is kept between rounds. All of it can be found again.
#[derive(Default)]
pub struct Outbound {
	/// Withdrawals that L1 has not unlocked.
	open: BTreeMap<u64, Option<Withdrawal>>,
	/// Up to which nonce withdrawals were looked at.
	scanned: u64,
	/// Sessions by their sets, of which posted handovers are checked.
	sessions: BTreeMap<u64, Session>,
	/// Posted handovers that are not of this chain.
	foreign: BTreeSet<B256>,
	/// The time on L1 at the last look.
	time: u64,
	/// When it was looked again at what was unlocked, in seconds.
	looked_again: u64,
	says: Says,
}

/// Both sides, at one moment.
pub struct Moment {
	pub chain: Chain,
	pub light: Light,
	pub current: ValidatorSet,
	pub next: ValidatorSet,
}

/// Looks at the client on L1 and at BEEFY.
pub async fn look(relay: &Relay, connection: &Connection, client: Address) -> Result<Moment> {
	let l1 = &relay.ethereum;
	let current = l1.view(client, OpenBeefyClient::currentSetCall {}).await?;
	let next = l1.view(client, OpenBeefyClient::nextSetCall {}).await?;
	let block = l1.view(client, OpenBeefyClient::latestBlockCall {}).await?;
	let root = l1.view(client, OpenBeefyClient::rootOfCall { blockNumber: block }).await?;
	let Timing { session, max_age, veto } = relay.timing(client).await?;
	let light = Light {
		set: current.id,
		block,
		has_root: root != B256::ZERO,
		office_since: l1.view(client, OpenBeefyClient::officeSinceCall {}).await?.to(),
		session,
		max_age,
		veto,
		now: l1.latest().await?.timestamp(),
	};
	let chain = sessions::head(connection).await?;
	relay.metrics.set(Gauge::BeefyBlock, chain.block.into());
	relay.metrics.set(Gauge::BeefySet, chain.set as f64);
	relay.metrics.set(Gauge::L1Block, light.block.into());
	relay.metrics.set(Gauge::L1Set, light.set as f64);
	relay.metrics.set(Gauge::L1Age, light.now.saturating_sub(light.office_since) as f64);
	Ok(Moment { chain, light, current, next })
}

/// Fails unless the node and L1 mean the same validators.
fn same_set(validators: &crate::beefy::Validators, on_l1: &ValidatorSet) -> Result<()> {
	ensure!(
		validators.set == on_l1.id
			&& validators.root() == on_l1.root
			&& validators.addresses.len() as u64 == u64::from(on_l1.length),
		anyhow!(
			"The client on L1 holds others to be validator set {} than the node does. Either the node is of another \
			 chain, or L1 was deceived: guardians should halt the vault until that is clear",
			on_l1.id,
		)
		.context(Trouble::Mismatch)
	);
	Ok(())
}

impl Outbound {
	/// Does what can be done now.
	pub async fn round(&mut self, relay: &Relay, service: Service) -> Result<()> {
		let connection = relay.node.connection().await?;
		let finalized = connection.finalized().await?;
		let bridge = chain::bridge(&finalized).await?;
		let contracts = relay.contracts(&bridge).await?;
		if let Some(account) = relay.ethereum.account() {
			let balance = relay.ethereum.balance(account).await?;
			relay.metrics.set(Gauge::EthereumBalance, f64::from(balance) / 1e18);
		}
		relay.metrics.set(Gauge::WithdrawalsQueued, bridge.withdrawals as f64);
		// What is wrong with withdrawals must not keep L1 from following the validators.
		let wanted = match service {
			Service { handovers_only: true, .. } => Ok(None),
			Service { unlock: true, .. } => self
				.plan(relay, &finalized, contracts, bridge.withdrawals)
				.await
				.map(|steps| lowest_root(&steps)),
			_ => newest_root(relay, &finalized, contracts, bridge.withdrawals).await,
		};
		let block = *wanted.as_ref().unwrap_or(&None);
		let root = Wanted { block, every: service.every };
		let followed = self.follow(relay, &connection, contracts.client, root).await;
		wanted?;
		if service.unlock && !self.open.is_empty() {
			self.unlock(relay, &connection, &finalized, contracts, bridge.withdrawals).await?;
		}
		followed
	}

	/// Shows L1 what it needs.
	pub async fn follow(
		&mut self,
		relay: &Relay,
		connection: &Connection,
		client: Address,
		wanted: Wanted,
	) -> Result<()> {
		for _ in 0..UPDATES {
			let (moment, step) = self.decide(relay, connection, client, wanted).await?;
			let Moment { chain, light, current, next } = &moment;
			match step {
				beefy::Step::Handover { set } => {
					let session = sessions::session(connection, set, chain.block).await?;
					same_set(&session.validators, next)?;
					let update = session.handover(connection, *chain).await?;
					let what = format!("handover to validator set {set}");
					if !submit(relay, client, "handover", &what, update).await? {
						return Ok(());
					}
				}
				beefy::Step::Update => {
					let session = sessions::session(connection, light.set, chain.block).await?;
					same_set(&session.validators, current)?;
					let update = session.newest(connection, *chain).await?;
					let what = format!("root of block {}", update.blockNumber);
					if !submit(relay, client, "root", &what, update).await? {
						return Ok(());
					}
				}
				beefy::Step::Post { set, base } => {
					let session = sessions::session(connection, set, chain.block).await?;
					let update = session.handover(connection, *chain).await?;
					let data = OpenBeefyClient::postCall { base: base.unwrap_or_default(), update }
						.abi_encode();
					let what = format!(
						"posting of the handover to validator set {set} (the client on L1 is too old for it to take effect \
						 at once)"
					);
					relay.send("post", &what, client, data).await?;
				}
				beefy::Step::Activate { path } => {
					let what = format!("activation of {} handovers", path.len());
					let data = OpenBeefyClient::activateCall { path }.abi_encode();
					relay.send("activate", &what, client, data).await?;
				}
				beefy::Step::Wait(wait) => {
					let text =
						format!("client on L1 at set {}, block {}: {wait}", light.set, light.block);
					match wait {
						beefy::Wait::Nothing | beefy::Wait::Beefy { .. } => {
							self.says.info(("l1", 0), text);
						}
						_ => self.says.warn(("l1", 0), text),
					}
					return Ok(());
				}
			}
		}
		Ok(())
	}

	/// What L1 needs next.
	pub async fn decide(
		&mut self,
		relay: &Relay,
		connection: &Connection,
		client: Address,
		wanted: Wanted,
	) -> Result<(Moment, beefy::Step)> {
		let moment = look(relay, connection, client).await?;
		let Moment { chain, light, .. } = moment;
		let posted = match light.is_too_old() && chain.set > light.set {
			true => self.posted(relay, connection, client, &moment).await?,
			false => Vec::new(),
		};
		let step = beefy::next(light, chain, &posted, wanted);
		Ok((moment, step))
	}

	/// The posted handovers that are this chain's. Names the others: guardians must know of them.
	async fn posted(
		&mut self,
		relay: &Relay,
		connection: &Connection,
		client: Address,
		moment: &Moment,
	) -> Result<Vec<Posted>> {
		let head = relay.ethereum.latest().await?.number();
		let floor = relay.named.from_block.unwrap_or_else(|| head.saturating_sub(HORIZON));
		let events: Vec<OpenBeefyClient::Posted> =
			relay.ethereum.events(client, floor, head).await?;
		let calls = events.iter().map(|posted| OpenBeefyClient::postedCall { id: posted.id });
		let handovers = relay.ethereum.views(client, calls).await?;
		let mut good = Vec::new();
		for (OpenBeefyClient::Posted { id, setId: set, .. }, handover) in
			events.into_iter().zip(handovers)
		{
			if set <= moment.light.set || handover.vetoed {
				continue;
			}
			let known = set <= moment.chain.set;
			if known && !self.sessions.contains_key(&set) {
				let session = sessions::session(connection, set, moment.chain.block).await?;
				self.sessions.insert(set, session);
			}
			let ours = self.sessions.get(&set).filter(|_| known).is_some_and(|session| {
				session.validators.root() == handover.signersRoot
					&& session.leaf.leaf.nextSetRoot == handover.nextRoot
			});
			if ours {
				good.push(Posted { id, set, at: handover.postedAt.to() });
			} else if self.foreign.insert(id) {
				warn!(
					"Handover {id} to validator set {set} was posted on L1 and is not of this chain. If it is not vetoed, it \
					 can be activated: tell the guardians, who must call veto({id})."
				);
			}
		}
		relay.metrics.set(Gauge::ForeignHandovers, self.foreign.len() as f64);
		Ok(good)
	}

	/// Decides about every withdrawal that L1 has not unlocked.
	pub async fn plan(
		&mut self,
		relay: &Relay,
		finalized: &At,
		contracts: Contracts,
		last: u64,
	) -> Result<BTreeMap<u64, (Withdrawal, Step)>> {
		self.scan(relay, contracts.vault, last).await?;
		for (nonce, withdrawal) in &mut self.open {
			if withdrawal.is_none() {
				*withdrawal =
					chain::withdrawal(finalized, *nonce).await?.map(|proof| known(&proof));
			}
		}
		relay.metrics.set(Gauge::WithdrawalsWaiting, self.open.len() as f64);
		let next = self.open.keys().next().copied().unwrap_or_else(|| last.saturating_add(1));
		relay.metrics.set(Gauge::WithdrawalNext, next as f64);
		if self.open.is_empty() {
			return Ok(BTreeMap::new());
		}
		let vault = vault(relay, contracts).await?;
		self.time = vault.now;
		let mut steps = BTreeMap::new();
		for (nonce, withdrawal) in &self.open {
			let Some(withdrawal) = withdrawal else { continue };
			let step = withdrawals::next(withdrawal, &vault);
			if !matches!(step, Step::Unlock | Step::WaitAfterFailure { .. }) {
				self.says.info(("withdrawal", *nonce), format!("withdrawal {nonce} {step}"));
			}
			steps.insert(*nonce, (*withdrawal, step));
		}
		Ok(steps)
	}

	/// Finds out which withdrawals are not unlocked: new ones, and those that were not before.
	async fn scan(&mut self, relay: &Relay, vault: Address, last: u64) -> Result<()> {
		let due = now().saturating_sub(self.looked_again) >= LOOK_AGAIN;
		if due {
			self.looked_again = now();
		}
		let again = self.scanned.saturating_sub(if due { REORGANISATION } else { 0 });
		let upto = last.min(self.scanned.saturating_add(SCAN));
		let kept = self.open.range(..=again).map(|(nonce, _)| *nonce);
		let asked: Vec<u64> = kept.chain(again.saturating_add(1)..=upto).collect();
		let calls = asked.iter().map(|nonce| OpenVault::isUnlockedCall { nonce: *nonce });
		let answers = relay.ethereum.views(vault, calls).await?;
		for (nonce, unlocked) in asked.into_iter().zip(answers) {
			if unlocked {
				self.open.remove(&nonce);
			} else if self.open.len() < OPEN || self.open.contains_key(&nonce) {
				self.open.entry(nonce).or_default();
			} else {
				// The rest has its turn when these are done.
				break;
			}
			self.scanned = self.scanned.max(nonce);
		}
		let open: Vec<u64> = self.open.keys().copied().collect();
		self.says.forget("withdrawal", &open);
		Ok(())
	}

	/// Has unlocked whatever can be, lowest nonce first.
	async fn unlock(
		&mut self,
		relay: &Relay,
		connection: &Connection,
		finalized: &At,
		contracts: Contracts,
		last: u64,
	) -> Result<()> {
		let steps = self.plan(relay, finalized, contracts, last).await?;
		for nonce in
			steps.into_iter().filter(|(_, (_, step))| *step == Step::Unlock).map(|(nonce, _)| nonce)
		{
			match unlock(relay, connection, contracts, nonce).await {
				Ok(()) => info!("withdrawal {nonce}: unlocked"),
				Err(error) => self.failed(relay, nonce, error)?,
			}
		}
		Ok(())
	}

	/// Decides what a failure means: for this withdrawal, or for all of them.
	fn failed(&mut self, relay: &Relay, nonce: u64, error: Error) -> Result<()> {
		match Reverted::name_in(&error) {
			Some(name) if name.starts_with("AlreadyUnlocked") => {
				info!("withdrawal {nonce}: another relayer was quicker");
				return Ok(());
			}
			// The limit refills; the next plan knows how much there is.
			Some(name) if name.starts_with("AboveLimit") || name.starts_with("DirectionHalted") => {
				self.says.info(("withdrawal", nonce), format!("withdrawal {nonce} waits: {name}"));
				return Ok(());
			}
			Some(_) => {}
			None => return Err(error),
		}
		warn!("withdrawal {nonce} failed and is tried again in {AFTER_FAILURE} s: {error:#}");
		relay.metrics.error(&error);
		if let Some(Some(withdrawal)) = self.open.get_mut(&nonce) {
			withdrawal.not_before = self.time.saturating_add(AFTER_FAILURE);
		}
		Ok(())
	}
}

fn known(proof: &WithdrawalProof) -> Withdrawal {
	Withdrawal { amount: proof.amount, block: proof.block, not_before: 0 }
}

/// The lowest block whose root somebody waits for.
pub fn lowest_root(steps: &BTreeMap<u64, (Withdrawal, Step)>) -> Option<u32> {
	let root = |(_, step): &(Withdrawal, Step)| match step {
		Step::WaitForRoot { block } => Some(*block),
		_ => None,
	};
	steps.values().filter_map(root).min()
}

/// The lowest block above the newest root that has a withdrawal, looking at the newest ones only.
async fn newest_root(
	relay: &Relay,
	finalized: &At,
	contracts: Contracts,
	last: u64,
) -> Result<Option<u32>> {
	let root = vault(relay, contracts).await?.root.unwrap_or_default();
	let mut lowest = None;
	for nonce in (last.saturating_sub(RECENT) + 1..=last).rev() {
		let Some(proof) = chain::withdrawal(finalized, nonce).await? else { continue };
		let block = known(&proof).root_from();
		if block <= root {
			break;
		}
		lowest = Some(block);
	}
	Ok(lowest)
}

/// Looks at the vault.
pub async fn vault(relay: &Relay, contracts: Contracts) -> Result<Vault> {
	let Contracts { vault, client } = contracts;
	let l1 = &relay.ethereum;
	let block = l1.view(client, OpenBeefyClient::latestBlockCall {}).await?;
	let root = l1.view(client, OpenBeefyClient::rootOfCall { blockNumber: block }).await?;
	let halted = OpenVault::haltedUntilCall { direction: Direction::Outbound };
	Ok(Vault {
		halted_until: l1.view(vault, halted).await?.to(),
		root: (root != B256::ZERO).then_some(block),
		available: l1.view(vault, OpenVault::availableCall {}).await?,
		now: l1.latest().await?.timestamp(),
	})
}

/// Has one withdrawal unlocked.
async fn unlock(
	relay: &Relay,
	connection: &Connection,
	contracts: Contracts,
	nonce: u64,
) -> Result<()> {
	let finalized = connection.finalized().await?;
	let proof =
		chain::withdrawal(&finalized, nonce).await?.context("The chain has no proof of it.")?;
	let root = vault(relay, contracts).await?.root.context("L1 knows no root yet.")?;
	let leaf = connection.leaf_proof(known(&proof).root_from(), root).await?;
	ensure!(
		leaf.leaf.parentNumber == proof.block && leaf.leaf.extra == B256::from(proof.root),
		anyhow!(
			"The leaf after block {} does not carry the root of its messages. Is the node of this chain and \
			 synced?",
			proof.block,
		)
		.context(Trouble::Mismatch)
	);
	let withdrawal = crate::contracts::Withdrawal {
		nonce,
		recipient: proof.recipient.into(),
		amount: alloy::primitives::U256::from(proof.amount),
		proof: proof.proof.into_iter().map(B256::from).collect(),
		leaf: leaf.leaf,
		blockNumber: root,
		leafProof: leaf.items,
	};
	let data = OpenVault::unlockCall { withdrawal }.abi_encode();
	relay.send("unlock", &format!("withdrawal {nonce}"), contracts.vault, data).await
}

/// Shows the client on L1 an update; false if another relayer was quicker, whose own may still wait for its block.
async fn submit(
	relay: &Relay,
	client: Address,
	kind: &'static str,
	what: &str,
	update: Update,
) -> Result<bool> {
	let data = OpenBeefyClient::submitCall { update }.abi_encode();
	match relay.send(kind, what, client, data).await {
		Err(error)
			if Reverted::name_in(&error).is_some_and(|name| {
				name.starts_with("NotNewer") || name.starts_with("WrongSet")
			}) =>
		{
			info!("{what}: another relayer was quicker");
			Ok(false)
		}
		outcome => outcome.map(|()| true),
	}
}

/// Has one withdrawal unlocked, however long that takes.
pub async fn redeem(relay: &Relay, nonce: u64, poll: Duration) -> Result<String> {
	let mut outbound = Outbound::default();
	loop {
		let connection = relay.node.connection().await?;
		let finalized = connection.finalized().await?;
		let bridge = chain::bridge(&finalized).await?;
		let contracts = relay.contracts(&bridge).await?;
		if relay.ethereum.view(contracts.vault, OpenVault::isUnlockedCall { nonce }).await? {
			return Ok(format!("Withdrawal {nonce} is unlocked."));
		}
		let best = chain::bridge(&connection.best().await?).await?;
		if nonce == 0 || nonce > best.withdrawals {
			bail!("There is no withdrawal {nonce}; the last one is {}.", best.withdrawals);
		}
		match chain::withdrawal(&finalized, nonce).await? {
			None => {
				let text = format!("withdrawal {nonce} waits until its block is final");
				outbound.says.info(("withdrawal", nonce), text);
			}
			Some(proof) => match withdrawals::next(&known(&proof), &vault(relay, contracts).await?)
			{
				Step::Unlock => {
					unlock(relay, &connection, contracts, nonce).await?;
					continue;
				}
				step => {
					outbound.says.info(("withdrawal", nonce), format!("withdrawal {nonce} {step}"));
					if let Step::WaitForRoot { block } = step {
						let wanted = Wanted { block: Some(block), every: None };
						outbound.follow(relay, &connection, contracts.client, wanted).await?;
					}
				}
			},
		}
		sleep(poll).await;
	}
}

/// Brings the client on L1 up to what BEEFY has made final.
pub async fn update(relay: &Relay) -> Result<String> {
	let connection = relay.node.connection().await?;
	let bridge = chain::bridge(&connection.finalized().await?).await?;
	let client = relay.contracts(&bridge).await?.client;
	let Moment { chain, light, .. } = look(relay, &connection, client).await?;
	let wanted = Wanted { block: Some(chain.block), every: None };
	let (mut outbound, mut before) = (Outbound::default(), light.set);
	loop {
		outbound.follow(relay, &connection, client, wanted).await?;
		let Moment { chain, light, .. } = look(relay, &connection, client).await?;
		if light.set >= chain.set || light.set == before {
			return Ok(format!(
				"The client on L1 is at validator set {}, block {}; BEEFY is at set {}, block {}.",
				light.set, light.block, chain.set, chain.block,
			));
		}
		before = light.set;
	}
}
