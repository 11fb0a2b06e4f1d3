//! The chain as it follows the execution node, and what tests do to it.

use std::{
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::{Duration, Instant},
};

use anyhow::{bail, ensure, Result};
use beacon_kit::{
	period, BeaconChain, ExecutionPayloadHeader, Signing, COMMITTEE_SIZE, SLOTS_PER_PERIOD,
};
use sp_core::H256;

use crate::execution::Execution;

/// A light client needs a block at least this often, with room to spare.
const WIDE_GAP: u64 = SLOTS_PER_PERIOD / 2;

/// How long a jump may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How the chain grows.
pub struct Settings {
	pub seconds_per_slot: u64,
	/// Zero leaves the execution node's clock alone.
	pub slots_per_block: u64,
	pub finality_lag: u64,
	/// Whether wide gaps are filled.
	pub fill: bool,
}

/// Over how many periods a jump may go.
const MAX_PERIODS: u64 = 1000;

/// What stands still.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stall {
	None,
	Head,
	Finality,
}

/// The chain and what happens to it.
pub struct Kit {
	pub chain: BeaconChain,
	pub settings: Settings,
	pub stall: Stall,
	/// Why the chain does not follow the execution node.
	pub problem: Option<String>,
	/// Whether the execution node answered last.
	pub online: bool,
	/// Execution blocks from before the first slot.
	left_out: u64,
	/// Gaps up to this slot stay open.
	open_until: u64,
	/// Blocks that replaced others; it tells them apart.
	replaced: u64,
}

/// One of the execution node's blocks.
#[derive(Clone, Copy)]
struct Tip {
	number: u64,
	hash: H256,
}

impl Tip {
	/// The block in a beacon block; the first one has none.
	fn of(payload: &ExecutionPayloadHeader) -> Option<Self> {
		let (number, hash) = (payload.block_number, payload.block_hash);
		(!hash.is_zero()).then_some(Self { number, hash })
	}
}

impl Kit {
	/// A kit that has followed nothing yet.
	pub fn new(chain: BeaconChain, settings: Settings) -> Self {
		Self {
			chain,
			settings,
			stall: Stall::None,
			problem: None,
			online: false,
			left_out: 0,
			open_until: 0,
			replaced: 0,
		}
	}

	/// The last block of the execution node that the chain has.
	fn tip(&self) -> Option<Tip> {
		Tip::of(&self.chain.head().payload)
	}

	/// The number of the execution block that comes next.
	fn next(&self) -> u64 {
		self.tip().map_or(self.left_out, |tip| tip.number + 1)
	}

	/// Whether a block is the next one.
	fn fits(&self, payload: &ExecutionPayloadHeader) -> bool {
		payload.block_number == self.next()
			&& self.tip().is_none_or(|tip| tip.hash == payload.parent_hash)
	}

	/// The slot of a time, if slot 0 is not after it.
	fn slot_of(&self, time: u64) -> Option<u64> {
		let age = time.checked_sub(self.chain.config().genesis_time)?;
		Some(age / self.settings.seconds_per_slot)
	}

	fn time_of(&self, slot: u64) -> u64 {
		self.chain.config().genesis_time + slot * self.settings.seconds_per_slot
	}

	/// Appends the next execution block.
	pub fn append(&mut self, payload: ExecutionPayloadHeader) -> Result<()> {
		let head = self.chain.head().header.slot;
		let natural = self.slot_of(payload.timestamp);
		if self.tip().is_none() && natural.is_none_or(|slot| slot <= head) {
			self.left_out = payload.block_number + 1;
			self.problem = Some(format!(
				"Execution block {} is of {}, but the chain's first slot {head} of {}: start anvil with a \
				 later --timestamp, or this with an earlier --genesis-time",
				payload.block_number,
				payload.timestamp,
				self.time_of(head),
			));
			return Ok(());
		}
		let slot = natural.unwrap_or(0).max(head + 1);
		if natural != Some(slot) {
			eprintln!(
				"Execution block {} is of a slot that has a block: it gets slot {slot}, where nobody who \
				 goes by its time finds it",
				payload.block_number
			);
		}
		if self.stall != Stall::Finality {
			if self.settings.fill && slot > self.open_until && self.is_wide(head, slot) {
				self.chain.bridge_gap(slot)?;
			}
			self.finalise()?;
		}
		self.chain.append(slot, payload)?;
		self.problem = None;
		Ok(())
	}

	/// Whether light clients could not follow over a gap.
	fn is_wide(&self, head: u64, slot: u64) -> bool {
		let leaves_nothing = || {
			period(slot) > period(head)
				&& self.chain.committee_update(period(head), &Signing::default()).is_err()
		};
		slot - head > WIDE_GAP || leaves_nothing()
	}

	/// Makes final what is deep enough with the next block on top.
	fn finalise(&mut self) -> Result<()> {
		let depth = self.settings.finality_lag as usize - 1;
		let slot = self.chain.blocks().rev().nth(depth).map_or(0, |block| block.header.slot);
		if slot > self.chain.finalized().header.slot {
			self.chain.finalise(slot)?;
		}
		Ok(())
	}

	/// Drops the blocks that carry what the execution node dropped: all after its block `hash`, or all.
	fn rewind(&mut self, hash: Option<H256>) -> Result<()> {
		let kept = match hash {
			Some(hash) => self.chain.blocks().rfind(|block| block.payload.block_hash == hash),
			None => self.chain.blocks().next(),
		};
		let slot = kept.map_or(0, |block| block.header.slot);
		self.chain.truncate(slot)?;
		Ok(())
	}

	/// Replaces the last `depth` blocks by others at the same slots.
	pub fn reorganise(&mut self, depth: usize) -> Result<()> {
		let last: Vec<(u64, ExecutionPayloadHeader)> = self
			.chain
			.blocks()
			.rev()
			.take(depth)
			.map(|block| (block.header.slot, block.payload.clone()))
			.collect();
		let Some((first, _)) = last.last() else { return Ok(()) };
		ensure!(
			*first > self.chain.finalized().header.slot,
			"Among the last {depth} blocks are final ones"
		);
		self.chain.truncate(first - 1)?;
		for (slot, payload) in last.into_iter().rev() {
			self.replaced += 1;
			let graffiti = H256::from_low_u64_be(self.replaced);
			self.chain.append_with(slot, payload, graffiti)?;
		}
		Ok(())
	}

	/// Lets fewer, or more, members sign.
	pub fn set_signers(&mut self, signers: u64) -> Result<()> {
		ensure!(signers <= COMMITTEE_SIZE as u64, "A committee has {COMMITTEE_SIZE} members");
		self.chain.set_signers(signers as usize);
		Ok(())
	}
}

/// The kit for all who use it.
pub struct Shared {
	kit: Mutex<Kit>,
	execution: Execution,
}

impl Shared {
	pub fn new(kit: Kit, execution: Execution) -> Self {
		Self { kit: Mutex::new(kit), execution }
	}

	pub fn kit(&self) -> MutexGuard<'_, Kit> {
		self.kit.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Takes one step after the execution node. Says whether there may be another.
	async fn step(&self) -> Result<bool> {
		let (next, tip) = {
			let kit = self.kit();
			if kit.stall == Stall::Head {
				return Ok(false);
			}
			(kit.next(), kit.tip())
		};
		if let Some(block) = self.execution.block(next).await? {
			let mut kit = self.kit();
			if kit.fits(&block) {
				kit.append(block)?;
				return Ok(true);
			}
		}
		let Some(tip) = tip else { return Ok(false) };
		let gone = !self.has(tip).await?;
		if gone {
			self.rewind().await?;
		}
		Ok(gone)
	}

	/// Whether the execution node still has a block.
	async fn has(&self, tip: Tip) -> Result<bool> {
		let block = self.execution.block(tip.number).await?;
		Ok(block.is_some_and(|block| block.block_hash == tip.hash))
	}

	/// Goes back to the last block that the execution node still has.
	async fn rewind(&self) -> Result<()> {
		let carried: Vec<Tip> = {
			let kit = self.kit();
			kit.chain.blocks().filter_map(|block| Tip::of(&block.payload)).collect()
		};
		let mut kept = None;
		for tip in carried.into_iter().rev() {
			if self.has(tip).await? {
				kept = Some(tip.hash);
				break;
			}
		}
		if let Err(error) = self.kit().rewind(kept) {
			bail!("The execution node dropped what is final here ({error}): start both anew");
		}
		Ok(())
	}

	/// Lets the execution node's clock run to the beginning of a later period.
	pub async fn jump(&self, periods: u64) -> Result<()> {
		ensure!((1..=MAX_PERIODS).contains(&periods), "Jump over 1 to {MAX_PERIODS} periods");
		let slot = (period(self.kit().chain.head().header.slot) + periods) * SLOTS_PER_PERIOD;
		self.run_to(slot).await
	}

	/// The same by slots, with a gap that nobody fills.
	pub async fn skip(&self, slots: u64) -> Result<()> {
		let most = MAX_PERIODS * SLOTS_PER_PERIOD;
		ensure!((1..=most).contains(&slots), "Skip 1 to {most} slots");
		let slot = {
			let mut kit = self.kit();
			let slot = kit.chain.head().header.slot + slots;
			kit.open_until = slot;
			slot
		};
		self.run_to(slot).await
	}

	/// Mines a block at a slot, and as many more as make it final for light clients.
	async fn run_to(&self, slot: u64) -> Result<()> {
		let (time, step, more) = {
			let kit = self.kit();
			ensure!(kit.stall == Stall::None, "The chain is stalled: end that first");
			let settings = &kit.settings;
			// Where its clock has an interval, the node may mine by itself in between.
			let step = (settings.slots_per_block == 0).then_some(settings.seconds_per_slot);
			(kit.time_of(slot), step, settings.finality_lag + 1)
		};
		self.execution.mine(Some(time)).await?;
		for block in 1..=more {
			self.execution.mine(step.map(|step| time + block * step)).await?;
		}
		let start = Instant::now();
		while self.blocks_since(slot) <= more {
			ensure!(start.elapsed() < PATIENCE, "The chain does not follow to slot {slot}");
			tokio::time::sleep(Duration::from_millis(20)).await;
		}
		Ok(())
	}

	fn blocks_since(&self, slot: u64) -> u64 {
		let kit = self.kit();
		kit.chain.blocks().rev().take_while(|block| block.header.slot >= slot).count() as u64
	}
}

/// Follows the execution node for ever.
pub async fn follow(shared: Arc<Shared>, poll: Duration) {
	let mut interval_set = false;
	let mut said = None;
	loop {
		let interval = {
			let settings = &shared.kit().settings;
			settings.seconds_per_slot * settings.slots_per_block
		};
		let step = shared.step().await;
		if step.is_ok() && interval > 0 && !interval_set {
			interval_set = true;
			if let Err(error) = shared.execution.set_interval(interval).await {
				eprintln!("The execution node's clock stays its own: {error:#}");
			}
		}
		let problem = {
			let mut kit = shared.kit();
			kit.online = step.is_ok();
			if let Err(error) = &step {
				kit.problem = Some(format!("{error:#}"));
			} else if !matches!(step, Ok(true)) && kit.tip().is_some() {
				kit.problem = None;
			}
			kit.problem.clone()
		};
		if said != problem {
			problem.iter().for_each(|problem| eprintln!("{problem}"));
			said = problem;
		}
		if !matches!(step, Ok(true)) {
			tokio::time::sleep(poll).await;
		}
	}
}

#[cfg(test)]
pub mod tests {
	use super::*;
	use beacon_kit::Config;

	const GENESIS: u64 = 1000;

	pub fn kit() -> Kit {
		let config = Config { genesis_time: GENESIS, ..Config::default() };
		let settings =
			Settings { seconds_per_slot: 12, slots_per_block: 1, finality_lag: 2, fill: true };
		Kit::new(BeaconChain::with_config(64, config), settings)
	}

	fn hash(number: u64, branch: u8) -> H256 {
		let mut hash = H256::from_low_u64_be(number + 1);
		hash.0[0] = branch;
		hash
	}

	/// A block at the time of a slot, whose hash names its branch.
	pub fn block(number: u64, slot: u64, branch: u8) -> ExecutionPayloadHeader {
		ExecutionPayloadHeader {
			block_number: number,
			block_hash: hash(number, branch),
			parent_hash: number.checked_sub(1).map_or(H256::zero(), |parent| hash(parent, branch)),
			timestamp: GENESIS + slot * 12,
			..beacon_kit::payload()
		}
	}

	fn slots(kit: &Kit) -> Vec<u64> {
		kit.chain.blocks().map(|block| block.header.slot).collect()
	}

	#[test]
	fn blocks_get_the_slot_of_their_time_and_become_final() {
		let mut kit = kit();
		for (number, slot) in [(0, 70), (1, 71), (2, 75), (3, 76)] {
			kit.append(block(number, slot, 0)).unwrap();
		}
		let mut late = block(4, 77, 0);
		late.timestamp += 11;
		kit.append(late).unwrap();
		assert_eq!(slots(&kit), [64, 70, 71, 75, 76, 77]);
		assert_eq!(kit.chain.finalized().header.slot, 75);
		assert_eq!(kit.chain.head().finalized.unwrap().1, 75);
	}

	#[test]
	fn blocks_before_the_first_slot_are_left_out_and_missed() {
		let mut kit = kit();
		let mut early = block(0, 0, 0);
		early.timestamp = 0;
		kit.append(early).unwrap();
		kit.append(block(1, 64, 0)).unwrap();
		let problem = kit.problem.clone().unwrap();
		assert!(problem.contains("--genesis-time"), "{problem}");
		assert_eq!((slots(&kit), kit.next()), (vec![64], 2));
		kit.append(block(2, 65, 0)).unwrap();
		assert_eq!((slots(&kit), kit.problem.clone()), (vec![64, 65], None));
	}

	#[test]
	fn two_blocks_of_a_slot_get_two_slots() {
		let mut kit = kit();
		for (number, slot) in [(0, 70), (1, 70), (2, 70), (3, 73)] {
			kit.append(block(number, slot, 0)).unwrap();
		}
		assert_eq!(slots(&kit), [64, 70, 71, 72, 73]);
	}

	#[test]
	fn only_the_next_block_of_the_same_chain_fits() {
		let mut kit = kit();
		assert!(kit.fits(&block(0, 70, 0)) && !kit.fits(&block(1, 70, 0)));
		kit.append(block(0, 70, 0)).unwrap();
		assert!(kit.fits(&block(1, 71, 0)) && !kit.fits(&block(1, 71, 1)));
		assert!(!kit.fits(&block(2, 71, 0)) && !kit.fits(&block(0, 71, 0)));
	}

	#[test]
	fn wide_gaps_are_filled_unless_they_are_wanted() {
		let filled = |change: fn(&mut Kit)| {
			let mut kit = kit();
			change(&mut kit);
			kit.append(block(0, 3 * SLOTS_PER_PERIOD, 0)).unwrap();
			kit.chain.blocks().count() > 2
		};
		assert!(filled(|_| ()));
		assert!(!filled(|kit| kit.settings.fill = false));
		assert!(!filled(|kit| kit.stall = Stall::Finality));
		assert!(!filled(|kit| kit.open_until = 3 * SLOTS_PER_PERIOD));
		let mut kit = kit();
		kit.append(block(0, 4000, 0)).unwrap();
		assert_eq!(slots(&kit), [64, 4000]);
	}

	#[test]
	fn a_period_is_not_left_without_an_update() {
		let mut kit = kit();
		kit.append(block(0, 4100, 0)).unwrap();
		assert_eq!(slots(&kit), [64, 4100]);
		kit.append(block(1, SLOTS_PER_PERIOD + 1, 0)).unwrap();
		assert!(kit.chain.committee_update(0, &Signing::default()).is_ok());
	}

	#[test]
	fn stalled_finality_catches_up() {
		let mut kit = kit();
		kit.append(block(0, 70, 0)).unwrap();
		kit.stall = Stall::Finality;
		(1..6).for_each(|number| kit.append(block(number, 70 + number, 0)).unwrap());
		assert_eq!(kit.chain.finalized().header.slot, 64);
		kit.stall = Stall::None;
		kit.append(block(6, 76, 0)).unwrap();
		assert_eq!(kit.chain.finalized().header.slot, 74);
	}

	#[test]
	fn reorganised_blocks_have_other_roots_and_the_same_content() {
		let mut kit = kit();
		(0..4).for_each(|number| kit.append(block(number, 70 + number, 0)).unwrap());
		let before: Vec<H256> = kit.chain.blocks().map(|block| block.root).collect();
		let refused = kit.reorganise(3).unwrap_err().to_string();
		assert!(refused.contains("final"), "{refused}");
		kit.reorganise(0).unwrap();
		kit.reorganise(2).unwrap();
		let after: Vec<H256> = kit.chain.blocks().map(|block| block.root).collect();
		assert_eq!(after[..3], before[..3]);
		assert!(after[3] != before[3] && after[4] != before[4]);
		assert_eq!(slots(&kit), [64, 70, 71, 72, 73]);
		assert_eq!(kit.chain.head().payload.block_number, 3);
		kit.reorganise(2).unwrap();
		assert!(kit.chain.blocks().all(|block| block.root != after[4]));
	}

	#[test]
	fn rewinding_keeps_what_is_final() {
		let mut kit = kit();
		(0..5).for_each(|number| kit.append(block(number, 70 + number, 0)).unwrap());
		kit.rewind(Some(hash(3, 0))).unwrap();
		assert_eq!((kit.chain.head().payload.block_number, kit.next()), (3, 4));
		kit.append(block(4, 80, 0)).unwrap();
		assert!(kit.rewind(Some(hash(0, 0))).is_err());
		assert!(kit.rewind(None).is_err());
		assert_eq!(kit.chain.head().header.slot, 80);
	}
}
