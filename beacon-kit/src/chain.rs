//! The chain, and what a light client is shown of it.

use std::{collections::HashMap, fmt, sync::Arc};

use snowbridge_beacon_primitives::{
	AncestryProof, ExecutionProof, Fork, ForkVersion, ForkVersions, NextSyncCommitteeUpdate,
};
use sp_core::H256;

use crate::{
	block::{gindex, Block, Draft, BLOCK_ROOTS_DEPTH},
	committee::{signing_root, Committee},
	period, CheckpointUpdate, ExecutionPayloadHeader, SyncAggregate, Update, COMMITTEE_SIZE,
	SLOTS_PER_EPOCH, SLOTS_PER_HISTORICAL_ROOT, VALIDATORS_ROOT,
};

/// How far apart [`BeaconChain::bridge_gap`] puts its blocks: two finalised ones in every period, so a
/// client's own 8,192 slots from one to the next are never used up.
const BRIDGE_STEP: u64 = SLOTS_PER_HISTORICAL_ROOT / 2;

/// What the chain is like.
#[derive(Clone, Debug)]
pub struct Config {
	/// Versions and epochs of its forks. Trees are those of Electra and Fulu whatever this says.
	pub forks: ForkVersions,
	/// The time of slot 0, in seconds since 1970. It is in every state.
	pub genesis_time: u64,
}

impl Default for Config {
	/// The forks that a fast runtime knows: Electra from the beginning, Fulu never.
	fn default() -> Self {
		let fork = |number, epoch| Fork { version: [number, 0, 0, 0], epoch };
		let forks = ForkVersions {
			genesis: fork(0, 0),
			altair: fork(1, 0),
			bellatrix: fork(2, 0),
			capella: fork(3, 0),
			deneb: fork(4, 0),
			electra: fork(5, 0),
			fulu: fork(6, u64::MAX),
		};
		Self { forks, genesis_time: 1_800_000_000 }
	}
}

impl Config {
	/// The fork version at a slot.
	pub fn version(&self, slot: u64) -> ForkVersion {
		let forks = &self.forks;
		[&forks.fulu, &forks.electra, &forks.deneb, &forks.capella, &forks.bellatrix, &forks.altair]
			.into_iter()
			.find(|fork| slot / SLOTS_PER_EPOCH >= fork.epoch)
			.unwrap_or(&forks.genesis)
			.version
	}
}

/// Who signs an attested block, and as what. All that is not set is as it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signing {
	/// The slot of the block with the signature; the attested block's child, or the next slot.
	pub slot: Option<u64>,
	/// How many of the 512 sign; a light client wants 342.
	pub signers: Option<usize>,
	/// The period whose committee signs.
	pub committee: Option<u64>,
	/// The version that is signed for.
	pub version: Option<ForkVersion>,
	/// The chain that is signed for.
	pub validators_root: Option<H256>,
}

/// Why the chain cannot do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
	/// A block must come after the head.
	NotAfterHead {
		/// The slot asked for.
		slot: u64,
		/// The slot of the head.
		head: u64,
	},
	/// The slot has no block.
	NoBlock(u64),
	/// The slot is not final.
	NotFinal {
		/// The slot asked for.
		slot: u64,
		/// The last final slot.
		finalized: u64,
	},
	/// What is final stays.
	Final {
		/// The slot asked for.
		slot: u64,
		/// The last final slot.
		finalized: u64,
	},
	/// The state of this slot's block has nothing final in it.
	NothingFinal(u64),
	/// The anchor's state does not have the root of this slot.
	OutOfReach {
		/// The slot asked for.
		slot: u64,
		/// The slot whose state should have it.
		anchor: u64,
	},
	/// No block of this period attests to a final one of the same period and is signed in it.
	NoUpdate(u64),
	/// SSZ cannot hold the execution block.
	Payload(String),
	/// The block has no such receipt or log, or other receipts.
	Receipt(String),
}

impl fmt::Display for Error {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::NotAfterHead { slot, head } => {
				write!(f, "Slot {slot} does not come after the head, slot {head}")
			}
			Self::NoBlock(slot) => write!(f, "Slot {slot} has no block"),
			Self::NotFinal { slot, finalized } => {
				write!(f, "Slot {slot} is not final; the last that is, is slot {finalized}")
			}
			Self::Final { slot, finalized } => {
				write!(f, "Slot {slot} is before slot {finalized}, which is final")
			}
			Self::NothingFinal(slot) => {
				write!(
					f,
					"The state after the block of slot {slot} says of no block that it is final"
				)
			}
			Self::OutOfReach { slot, anchor } => {
				write!(f, "The state of slot {anchor} does not have the block root of slot {slot}")
			}
			Self::NoUpdate(period) => {
				write!(f, "Period {period} has no finality within itself yet: append blocks to it")
			}
			Self::Payload(what) => write!(f, "SSZ cannot hold {what}"),
			Self::Receipt(what) => f.write_str(what),
		}
	}
}

impl std::error::Error for Error {}

/// A beacon chain. Clones share their blocks.
#[derive(Clone, Debug)]
pub struct BeaconChain {
	config: Config,
	/// By slot.
	canonical: Vec<Arc<Block>>,
	/// By root, with those that were dropped.
	known: HashMap<H256, Arc<Block>>,
	finalized: Arc<Block>,
	signers: usize,
}

impl BeaconChain {
	/// A chain whose first block, at `slot`, is final and the checkpoint.
	pub fn new(slot: u64) -> Self {
		Self::with_config(slot, Config::default())
	}

	/// The same with other forks or another genesis.
	pub fn with_config(slot: u64, config: Config) -> Self {
		let draft = Draft {
			slot,
			graffiti: H256::zero(),
			sync_aggregate: Committee::of(period(slot)).sign(H256::zero(), 0),
			payload: crate::payload(),
			finalized: None,
			genesis_time: config.genesis_time,
			version: config.version(slot),
		};
		let first = Arc::new(draft.build(None).expect("an empty payload fits"));
		Self {
			config,
			canonical: vec![first.clone()],
			known: HashMap::from([(first.root, first.clone())]),
			finalized: first,
			signers: COMMITTEE_SIZE,
		}
	}

	/// What the chain is like.
	pub fn config(&self) -> &Config {
		&self.config
	}

	/// The blocks from the first to the head.
	pub fn blocks(&self) -> impl DoubleEndedIterator<Item = &Block> {
		self.canonical.iter().map(Arc::as_ref)
	}

	/// The last block.
	pub fn head(&self) -> &Block {
		self.canonical.last().expect("a chain has its first block")
	}

	/// The last final block.
	pub fn finalized(&self) -> &Block {
		&self.finalized
	}

	/// The block at a slot.
	pub fn at(&self, slot: u64) -> Option<&Block> {
		Some(self.canonical[self.index(slot)?].as_ref())
	}

	/// The block after that of a slot.
	pub fn child(&self, slot: u64) -> Option<&Block> {
		self.canonical.get(self.index(slot)? + 1).map(Arc::as_ref)
	}

	/// A block, also one that the chain dropped.
	pub fn by_root(&self, root: H256) -> Option<&Block> {
		self.known.get(&root).map(Arc::as_ref)
	}

	/// All blocks ever, in no order.
	pub fn known(&self) -> impl Iterator<Item = &Block> {
		self.known.values().map(Arc::as_ref)
	}

	/// Whether a block is part of the chain.
	pub fn is_canonical(&self, block: &Block) -> bool {
		self.at(block.header.slot).is_some_and(|ours| ours.root == block.root)
	}

	/// How many of the 512 sign the blocks from now on.
	pub fn set_signers(&mut self, signers: usize) {
		self.signers = signers;
	}

	/// Appends a block, in which the committee signs the head. Returns its root.
	pub fn append(&mut self, slot: u64, payload: ExecutionPayloadHeader) -> Result<H256, Error> {
		self.append_with(slot, payload, H256::zero())
	}

	/// The same with bytes that make another block of the same content.
	pub fn append_with(
		&mut self,
		slot: u64,
		payload: ExecutionPayloadHeader,
		graffiti: H256,
	) -> Result<H256, Error> {
		let parent = self.head();
		if slot <= parent.header.slot {
			return Err(Error::NotAfterHead { slot, head: parent.header.slot });
		}
		let draft = Draft {
			slot,
			graffiti,
			sync_aggregate: self.sign(parent, slot, self.signers, &Signing::default()),
			payload,
			finalized: Some((self.finalized.root, self.finalized.header.slot)),
			genesis_time: self.config.genesis_time,
			version: self.config.version(slot),
		};
		let block = Arc::new(draft.build(Some(parent)).map_err(Error::Payload)?);
		self.canonical.push(block.clone());
		self.known.insert(block.root, block.clone());
		Ok(block.root)
	}

	/// Makes the block at `slot` final. The states of the blocks after this call say so.
	pub fn finalise(&mut self, slot: u64) -> Result<(), Error> {
		let finalized = self.finalized.header.slot;
		if slot < finalized {
			return Err(Error::Final { slot, finalized });
		}
		self.finalized = self.canonical[self.index(slot).ok_or(Error::NoBlock(slot))?].clone();
		Ok(())
	}

	/// Makes the head final, appends an empty block that says so, and returns the update to it.
	pub fn settle(&mut self) -> Result<Update, Error> {
		let head = self.head().header.slot;
		self.finalise(head)?;
		self.append(head + 1, crate::payload())?;
		self.finality_update(head + 1, &Signing::default())
	}

	/// Appends the fewest blocks that let a light client follow from the head to a block at `slot`.
	/// They repeat the head's execution block.
	pub fn bridge_gap(&mut self, slot: u64) -> Result<(), Error> {
		let head = self.head().header.slot;
		let payload = self.head().payload.clone();
		let steps = (head / BRIDGE_STEP + 1..).map(|step| step * BRIDGE_STEP);
		let steps = std::iter::once(head + 1).chain(steps);
		for step in steps.take_while(|step| step + 2 < slot) {
			let within_a_period = period(step) == period(step + 2);
			if within_a_period && step > self.head().header.slot {
				self.append(step, payload.clone())?;
				self.finalise(step)?;
				self.append(step + 1, payload.clone())?;
				self.append(step + 2, payload.clone())?;
			}
		}
		Ok(())
	}

	/// Drops the blocks after `slot`; none of them may be final.
	pub fn truncate(&mut self, slot: u64) -> Result<(), Error> {
		let finalized = self.finalized.header.slot;
		if slot < finalized {
			return Err(Error::Final { slot, finalized });
		}
		self.canonical.retain(|block| block.header.slot <= slot);
		Ok(())
	}

	/// Another chain that is the same up to `slot`, by the same keys. What is final in this one after
	/// `slot` is not in that one: it is what a client must not be taken to.
	pub fn fork_at(&self, slot: u64) -> Result<Self, Error> {
		let mut fork = self.clone();
		fork.canonical.retain(|block| block.header.slot <= slot);
		let head = fork.canonical.last().ok_or(Error::NoBlock(slot))?;
		if head.header.slot < fork.finalized.header.slot {
			fork.finalized = match head.finalized {
				Some((root, _)) => fork.known[&root].clone(),
				None => head.clone(),
			};
		}
		Ok(fork)
	}

	/// A checkpoint at the chain's first block.
	pub fn checkpoint(&self) -> CheckpointUpdate {
		checkpoint_at(&self.canonical[0])
	}

	/// A checkpoint at another slot.
	pub fn checkpoint_at(&self, slot: u64) -> Result<CheckpointUpdate, Error> {
		self.at(slot).map(checkpoint_at).ok_or(Error::NoBlock(slot))
	}

	/// What the block at `attested` says about finality, signed.
	pub fn finality_update(&self, attested: u64, signing: &Signing) -> Result<Update, Error> {
		let block = self.at(attested).ok_or(Error::NoBlock(attested))?;
		let (finalized, _) = block.finalized.ok_or(Error::NothingFinal(attested))?;
		let finalized = &self.known[&finalized];
		let (sync_aggregate, signature_slot) = self.signature(block, signing);
		let (block_roots_root, block_roots_branch) = finalized.prove(gindex::BLOCK_ROOTS);
		let (_, finality_branch) = block.prove(gindex::FINALIZED_ROOT);
		Ok(Update {
			attested_header: block.header,
			sync_aggregate,
			signature_slot,
			next_sync_committee_update: None,
			finalized_header: finalized.header,
			finality_branch,
			block_roots_root,
			block_roots_branch,
		})
	}

	/// The same with the committee of the next period.
	pub fn update_with_committee(&self, attested: u64, signing: &Signing) -> Result<Update, Error> {
		let mut update = self.finality_update(attested, signing)?;
		let block = self.at(attested).ok_or(Error::NoBlock(attested))?;
		let (_, next_sync_committee_branch) = block.prove(gindex::NEXT_SYNC_COMMITTEE);
		update.next_sync_committee_update = Some(NextSyncCommitteeUpdate {
			next_sync_committee: Committee::of(period(attested) + 1).committee.clone(),
			next_sync_committee_branch,
		});
		Ok(update)
	}

	/// The first update with which a light client gets through a period: finalised, attested and signed
	/// within it.
	pub fn committee_update(&self, wanted: u64, signing: &Signing) -> Result<Update, Error> {
		let start = self.canonical.partition_point(|block| period(block.header.slot) < wanted);
		let attested = self.canonical[start..]
			.windows(2)
			.take_while(|pair| period(pair[1].header.slot) == wanted)
			.find(|pair| pair[0].finalized.is_some_and(|(_, slot)| period(slot) == wanted))
			.ok_or(Error::NoUpdate(wanted))?;
		self.update_with_committee(attested[0].header.slot, signing)
	}

	/// Proves the execution block at `slot` to a client that knows the last final block.
	pub fn execution_proof(&self, slot: u64) -> Result<ExecutionProof, Error> {
		let finalized = self.finalized.header.slot;
		if slot > finalized {
			return Err(Error::NotFinal { slot, finalized });
		}
		self.execution_proof_at(slot, (slot < finalized).then_some(finalized))
	}

	/// The same to a client that knows the block at `anchor`, or the block itself. Whether these are
	/// final is not asked.
	pub fn execution_proof_at(
		&self,
		slot: u64,
		anchor: Option<u64>,
	) -> Result<ExecutionProof, Error> {
		let block = self.at(slot).ok_or(Error::NoBlock(slot))?;
		let ancestry_proof = anchor.map(|anchor| self.ancestry(slot, anchor)).transpose()?;
		Ok(ExecutionProof {
			header: block.header,
			ancestry_proof,
			execution_header: block.versioned_payload(),
			execution_branch: block.execution_branch(),
		})
	}

	fn ancestry(&self, slot: u64, anchor: u64) -> Result<AncestryProof, Error> {
		let block = self.at(anchor).ok_or(Error::NoBlock(anchor))?;
		if !(slot < anchor && anchor <= slot + SLOTS_PER_HISTORICAL_ROOT) {
			return Err(Error::OutOfReach { slot, anchor });
		}
		let place = (1 << BLOCK_ROOTS_DEPTH) + slot % SLOTS_PER_HISTORICAL_ROOT;
		let header_branch = block.block_roots().branch(place).expect("block roots are known");
		Ok(AncestryProof { header_branch, finalized_block_root: block.root })
	}

	/// The aggregate of the child, or another one.
	fn signature(&self, block: &Block, signing: &Signing) -> (SyncAggregate, u64) {
		let child = self.child(block.header.slot);
		if let Some(child) = child.filter(|_| *signing == Signing::default()) {
			return (child.sync_aggregate.clone(), child.header.slot);
		}
		let natural = child.map_or(block.header.slot + 1, |child| child.header.slot);
		let slot = signing.slot.unwrap_or(natural);
		(self.sign(block, slot, signing.signers.unwrap_or(COMMITTEE_SIZE), signing), slot)
	}

	fn sign(&self, block: &Block, slot: u64, signers: usize, signing: &Signing) -> SyncAggregate {
		let version = signing.version.unwrap_or(self.config.version(slot.saturating_sub(1)));
		let validators_root = signing.validators_root.unwrap_or(VALIDATORS_ROOT);
		let committee = Committee::of(signing.committee.unwrap_or(period(slot)));
		committee.sign(signing_root(block.root, version, validators_root), signers)
	}

	fn index(&self, slot: u64) -> Option<usize> {
		self.canonical.binary_search_by_key(&slot, |block| block.header.slot).ok()
	}
}

fn checkpoint_at(block: &Block) -> CheckpointUpdate {
	let (_, current_sync_committee_branch) = block.prove(gindex::CURRENT_SYNC_COMMITTEE);
	let (block_roots_root, block_roots_branch) = block.prove(gindex::BLOCK_ROOTS);
	CheckpointUpdate {
		header: block.header,
		current_sync_committee: Committee::of(period(block.header.slot)).committee.clone(),
		current_sync_committee_branch,
		validators_root: VALIDATORS_ROOT,
		block_roots_root,
		block_roots_branch,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::payload;

	fn extend(chain: &mut BeaconChain, slots: std::ops::Range<u64>) {
		for slot in slots {
			chain.append(slot, payload()).unwrap();
		}
	}

	#[test]
	fn blocks_follow_each_other() {
		let mut chain = BeaconChain::new(64);
		chain.append(70, payload()).unwrap();
		let refused = Error::NotAfterHead { slot: 70, head: 70 };
		assert_eq!(chain.append(70, payload()), Err(refused));
		let [first, second] = [chain.at(64).unwrap(), chain.at(70).unwrap()];
		assert_eq!(second.header.parent_root, first.root);
		assert_eq!(chain.child(64).unwrap().root, second.root);
		assert!(chain.at(65).is_none() && chain.child(70).is_none());
	}

	#[test]
	fn chains_are_the_same_every_time() {
		assert_eq!(BeaconChain::new(64).head().root, BeaconChain::new(64).head().root);
		let later = Config { genesis_time: 1, ..Config::default() };
		assert_ne!(
			BeaconChain::with_config(64, later).head().root,
			BeaconChain::new(64).head().root
		);
		assert_ne!(BeaconChain::new(65).head().root, BeaconChain::new(64).head().root);
	}

	#[test]
	fn finality_is_in_the_states_after_it() {
		let mut chain = BeaconChain::new(64);
		chain.append(65, payload()).unwrap();
		chain.finalise(65).unwrap();
		chain.append(66, payload()).unwrap();
		let finalized = |slot| chain.at(slot).unwrap().prove(gindex::FINALIZED_ROOT).0;
		assert_eq!(finalized(64), H256::zero());
		assert_eq!(finalized(65), chain.at(64).unwrap().root);
		assert_eq!(finalized(66), chain.at(65).unwrap().root);
		let nothing = chain.finality_update(64, &Signing::default()).unwrap_err();
		assert_eq!(nothing, Error::NothingFinal(64));
	}

	#[test]
	fn what_is_final_stays() {
		let mut chain = BeaconChain::new(64);
		extend(&mut chain, 65..70);
		chain.finalise(67).unwrap();
		let refused = Err(Error::Final { slot: 66, finalized: 67 });
		assert_eq!(chain.truncate(66), refused);
		assert_eq!(chain.finalise(66), refused);
		assert_eq!(chain.finalise(80), Err(Error::NoBlock(80)));
		let dropped = chain.at(68).unwrap().root;
		chain.truncate(67).unwrap();
		chain.append_with(68, payload(), H256::repeat_byte(1)).unwrap();
		assert_ne!(chain.at(68).unwrap().root, dropped);
		let dropped = chain.by_root(dropped).unwrap();
		assert!(!chain.is_canonical(dropped) && chain.is_canonical(chain.head()));
	}

	#[test]
	fn a_fork_forgets_the_finality_after_it() {
		let mut chain = BeaconChain::new(64);
		extend(&mut chain, 65..70);
		chain.finalise(68).unwrap();
		let mut fork = chain.fork_at(66).unwrap();
		assert_eq!(fork.finalized().header.slot, 64);
		fork.append_with(67, payload(), H256::repeat_byte(1)).unwrap();
		assert_eq!(fork.at(66).unwrap().root, chain.at(66).unwrap().root);
		assert_ne!(fork.at(67).unwrap().root, chain.at(67).unwrap().root);
		assert_eq!(chain.fork_at(69).unwrap().finalized().header.slot, 68);
		assert_eq!(chain.fork_at(63).unwrap_err(), Error::NoBlock(63));
	}

	#[test]
	fn a_bridge_has_an_update_in_every_period_and_no_wide_gap() {
		for (from, to) in [(64, 5 * 8192), (8180, 3 * 8192 + 1), (4095, 4099), (8190, 8191)] {
			let mut chain = BeaconChain::new(from);
			chain.bridge_gap(to).unwrap();
			assert!(chain.head().header.slot < to);
			for period in period(from) + 1..period(to) {
				chain.committee_update(period, &Signing::default()).unwrap();
			}
			let finals: Vec<u64> = chain
				.blocks()
				.filter_map(|block| block.finalized)
				.map(|(_, slot)| slot)
				.chain([to + 2 * 32])
				.collect();
			let widest = finals.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0);
			assert!(widest <= 8192, "{from}..{to}: {widest}");
		}
	}

	#[test]
	fn committee_updates_stay_within_their_period() {
		let mut chain = BeaconChain::new(8000);
		for slot in [8100, 8191, 8192, 8193, 8200] {
			chain.append(slot, payload()).unwrap();
			chain.finalise(slot).unwrap();
		}
		let update = |period| chain.committee_update(period, &Signing::default());
		let slots = |update: Update| {
			(update.finalized_header.slot, update.attested_header.slot, update.signature_slot)
		};
		assert_eq!(update(0).map(slots), Ok((8000, 8100, 8191)));
		assert_eq!(update(1).map(slots), Ok((8192, 8193, 8200)));
		assert_eq!(update(2).unwrap_err(), Error::NoUpdate(2));
	}

	#[test]
	fn execution_proofs_reach_8192_slots_back() {
		let mut chain = BeaconChain::new(64);
		chain.append(65, payload()).unwrap();
		for slot in [66, 64 + 8192, 65 + 8192] {
			chain.append(slot, payload()).unwrap();
			chain.finalise(slot).unwrap();
		}
		let far = Error::OutOfReach { slot: 64, anchor: 65 + 8192 };
		assert_eq!(chain.execution_proof(64).unwrap_err(), far);
		assert!(chain.execution_proof_at(64, Some(64 + 8192)).is_ok());
		assert!(chain.execution_proof(65).unwrap().ancestry_proof.is_some());
		assert!(chain.execution_proof(65 + 8192).unwrap().ancestry_proof.is_none());
		assert_eq!(chain.execution_proof(67).unwrap_err(), Error::NoBlock(67));
		chain.append(9000, payload()).unwrap();
		let early = Error::NotFinal { slot: 9000, finalized: 65 + 8192 };
		assert_eq!(chain.execution_proof(9000).unwrap_err(), early);
		let own = Error::OutOfReach { slot: 9000, anchor: 9000 };
		assert_eq!(chain.execution_proof_at(9000, Some(9000)).unwrap_err(), own);
	}

	#[test]
	fn forks_change_the_version_that_is_signed_for() {
		let mut config = Config::default();
		config.forks.fulu.epoch = 4;
		assert_eq!(config.version(4 * 32 - 1), [5, 0, 0, 0]);
		assert_eq!(config.version(4 * 32), [6, 0, 0, 0]);
		let mut chain = BeaconChain::with_config(4 * 32 - 2, config);
		chain.append(4 * 32 - 1, payload()).unwrap();
		chain.append(4 * 32, payload()).unwrap();
		// The block at the fork's first slot carries a signature of the slot before it.
		let signed = |version| {
			let signing = Signing { version: Some(version), ..Signing::default() };
			chain.finality_update(4 * 32 - 1, &signing).unwrap().sync_aggregate
		};
		assert_eq!(chain.head().sync_aggregate, signed([5, 0, 0, 0]));
		assert_ne!(chain.head().sync_aggregate, signed([6, 0, 0, 0]));
	}
}
