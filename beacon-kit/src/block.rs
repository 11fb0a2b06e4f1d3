//! Blocks and states as Merkle trees, with the fields that a light client looks at.

use snowbridge_beacon_primitives::{BeaconHeader, ForkVersion, VersionedExecutionPayloadHeader};
use sp_core::H256;

use crate::{
	committee::Committee, period, tree::Node, ExecutionPayloadHeader, SyncAggregate,
	SLOTS_PER_EPOCH, SLOTS_PER_HISTORICAL_ROOT, VALIDATORS_ROOT,
};

/// Places in the tree of a state, since Electra.
pub mod gindex {
	/// `block_roots` in a state.
	pub const BLOCK_ROOTS: u64 = 69;
	/// `current_sync_committee` in a state.
	pub const CURRENT_SYNC_COMMITTEE: u64 = 86;
	/// `next_sync_committee` in a state.
	pub const NEXT_SYNC_COMMITTEE: u64 = 87;
	/// `finalized_checkpoint.root` in a state.
	pub const FINALIZED_ROOT: u64 = 169;
	/// `execution_payload` in the body of a block.
	pub const EXECUTION_PAYLOAD: u64 = 25;
}

/// The depth of `block_roots`.
pub(crate) const BLOCK_ROOTS_DEPTH: u32 = SLOTS_PER_HISTORICAL_ROOT.ilog2();

/// A block and the state after it.
#[derive(Clone, Debug)]
pub struct Block {
	/// Its header.
	pub header: BeaconHeader,
	/// The hash of the header, and of the block.
	pub root: H256,
	/// Arbitrary bytes; what tells two blocks with the same content apart.
	pub graffiti: H256,
	/// Who signed the parent.
	pub sync_aggregate: SyncAggregate,
	/// The execution block in it.
	pub payload: ExecutionPayloadHeader,
	/// Root and slot of the block that is finalised in the state after this one.
	pub finalized: Option<(H256, u64)>,
	/// The tree of the block, from [`Block::root`] down.
	pub tree: Node,
	/// The tree of the state, from the header's `state_root` down.
	pub state: Node,
}

/// What a block is made from.
pub(crate) struct Draft {
	pub slot: u64,
	pub graffiti: H256,
	pub sync_aggregate: SyncAggregate,
	pub payload: ExecutionPayloadHeader,
	pub finalized: Option<(H256, u64)>,
	pub genesis_time: u64,
	pub version: ForkVersion,
}

impl Draft {
	/// The block, on top of `parent` if there is one.
	pub fn build(self, parent: Option<&Block>) -> Result<Block, String> {
		let payload = payload_node(&self.payload)?;
		let body = self.body(payload.clone());
		let parent_root = parent.map_or(H256::zero(), |parent| parent.root);
		let mut header = BeaconHeader {
			slot: self.slot,
			proposer_index: self.slot % 8,
			parent_root,
			state_root: H256::zero(),
			body_root: body.root(),
		};
		let state = self.state(&header, payload, parent);
		header.state_root = state.root();
		let tree = block_node(&header, body);
		Ok(Block {
			header,
			root: tree.root(),
			graffiti: self.graffiti,
			sync_aggregate: self.sync_aggregate,
			payload: self.payload,
			finalized: self.finalized,
			tree,
			state,
		})
	}

	/// The body: all its lists are empty.
	fn body(&self, payload: Node) -> Node {
		let aggregate = &self.sync_aggregate;
		Node::container(vec![
			Node::bytes(&[0; 96]), // randao_reveal
			Node::zero(2),         // eth1_data
			Node::leaf(self.graffiti),
			Node::empty_list(4), // proposer_slashings
			Node::empty_list(0), // attester_slashings
			Node::empty_list(3), // attestations
			Node::empty_list(4), // deposits
			Node::empty_list(4), // voluntary_exits
			Node::container(vec![
				Node::bytes(&aggregate.sync_committee_bits),
				Node::bytes(&aggregate.sync_committee_signature.0),
			]),
			payload,
			Node::empty_list(4),  // bls_to_execution_changes
			Node::empty_list(12), // blob_kzg_commitments
			// execution_requests: deposits, withdrawals, consolidations
			Node::container([13, 4, 1].map(Node::empty_list).to_vec()),
		])
	}

	/// The state: fields that no light client asks for stay zero.
	fn state(&self, header: &BeaconHeader, payload: Node, parent: Option<&Block>) -> Node {
		let empty = Node::zero(0);
		let block_roots = parent.map_or(Node::zero(BLOCK_ROOTS_DEPTH), |parent| {
			with_root(&parent.block_roots(), parent, self.slot)
		});
		let (finalized_root, finalized_slot) = self.finalized.unwrap_or_default();
		let epoch = finalized_slot.div_ceil(SLOTS_PER_EPOCH);
		let mut fields = vec![empty.clone(); 37];
		fields[0] = Node::number(self.genesis_time);
		fields[1] = Node::leaf(VALIDATORS_ROOT);
		fields[2] = Node::number(self.slot);
		fields[3] =
			Node::container(vec![Node::bytes(&self.version), Node::bytes(&self.version), empty]);
		fields[4] = block_node(header, Node::leaf(header.body_root));
		fields[5] = block_roots;
		fields[20] = Node::pair(Node::number(epoch), Node::leaf(finalized_root));
		fields[22] = Committee::of(period(self.slot)).node.clone();
		fields[23] = Committee::of(period(self.slot) + 1).node.clone();
		fields[24] = payload;
		Node::container(fields)
	}
}

impl Block {
	/// The execution block, as the client wants it.
	pub fn versioned_payload(&self) -> VersionedExecutionPayloadHeader {
		VersionedExecutionPayloadHeader::Deneb(self.payload.clone())
	}

	/// The siblings from the execution block up to the body's root.
	pub fn execution_branch(&self) -> Vec<H256> {
		let body = self.tree.at(12).expect("a block has a body");
		body.branch(gindex::EXECUTION_PAYLOAD).expect("a body has a payload")
	}

	/// The root of a field of the state, and the siblings up to the state's root.
	pub(crate) fn prove(&self, gindex: u64) -> (H256, Vec<H256>) {
		let node = self.state.at(gindex).expect("states have these fields");
		(node.root(), self.state.branch(gindex).expect("states have these fields"))
	}

	/// The last 8,192 roots before this block.
	pub(crate) fn block_roots(&self) -> Node {
		self.state.at(gindex::BLOCK_ROOTS).expect("states have these roots").clone()
	}
}

/// `roots` for a block at `slot` on top of `parent`: a slot without a block repeats the root before it.
fn with_root(roots: &Node, parent: &Block, slot: u64) -> Node {
	let length = SLOTS_PER_HISTORICAL_ROOT;
	let from = parent.header.slot % length;
	let until = from + (slot - parent.header.slot).min(length);
	let roots = roots.fill(BLOCK_ROOTS_DEPTH, from..until.min(length), parent.root);
	roots.fill(BLOCK_ROOTS_DEPTH, 0..until.saturating_sub(length), parent.root)
}

fn block_node(header: &BeaconHeader, body: Node) -> Node {
	Node::container(vec![
		Node::number(header.slot),
		Node::number(header.proposer_index),
		Node::leaf(header.parent_root),
		Node::leaf(header.state_root),
		body,
	])
}

fn payload_node(payload: &ExecutionPayloadHeader) -> Result<Node, String> {
	let wrong = |what: &str, length: usize| format!("{what} of {length} bytes in a payload");
	if payload.logs_bloom.len() != 256 {
		return Err(wrong("logs_bloom", payload.logs_bloom.len()));
	}
	if payload.extra_data.len() > 32 {
		return Err(wrong("extra_data", payload.extra_data.len()));
	}
	let header = VersionedExecutionPayloadHeader::Deneb(payload.clone());
	header.hash_tree_root().map(Node::leaf).map_err(|error| format!("{error:?} in a payload"))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::BeaconChain;

	#[test]
	fn headers_hash_as_the_client_hashes_them() {
		let mut chain = BeaconChain::new(64);
		chain.append(70, ExecutionPayloadHeader { block_number: 5, ..crate::payload() }).unwrap();
		for block in chain.blocks() {
			assert_eq!(block.root, block.header.hash_tree_root().unwrap());
			assert_eq!(block.tree.at(11).unwrap().root(), block.header.state_root);
			assert_eq!(block.tree.at(12).unwrap().root(), block.header.body_root);
			let aggregate = block.tree.at(12 * 16 + 8).unwrap().root();
			assert_eq!(aggregate, block.sync_aggregate.hash_tree_root().unwrap());
		}
	}

	#[test]
	fn slots_without_a_block_repeat_the_root_before() {
		let mut chain = BeaconChain::new(8190);
		chain.append(8195, crate::payload()).unwrap();
		chain.append(8197, crate::payload()).unwrap();
		let roots: Vec<H256> = chain.blocks().map(|block| block.root).collect();
		let head = chain.head().block_roots();
		let at = |slot: u64| head.at((1 << 13) + slot % 8192).unwrap().root();
		let seen: Vec<H256> = (8189..8198).map(at).collect();
		let zero = H256::zero();
		let [first, second, _] = roots[..] else { panic!("three blocks") };
		assert_eq!(seen, [zero, first, first, first, first, first, second, second, zero]);
	}

	#[test]
	fn a_gap_of_a_whole_vector_fills_it() {
		let mut chain = BeaconChain::new(100);
		chain.append(100 + 3 * 8192 + 7, crate::payload()).unwrap();
		let first = chain.blocks().next().unwrap().root;
		let whole = Node::zero(13).fill(13, 0..8192, first);
		assert_eq!(chain.head().block_roots().root(), whole.root());
	}

	#[test]
	fn a_payload_that_ssz_cannot_hold_is_refused() {
		let mut chain = BeaconChain::new(64);
		let short = ExecutionPayloadHeader { logs_bloom: vec![0; 255], ..crate::payload() };
		assert!(chain.append(65, short).is_err());
		let long = ExecutionPayloadHeader { extra_data: vec![0; 33], ..crate::payload() };
		assert!(chain.append(65, long).is_err());
		assert_eq!(chain.head().header.slot, 64);
	}
}
