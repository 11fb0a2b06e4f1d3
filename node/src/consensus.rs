//! Consensus: BABE makes blocks, GRANDPA makes them final, BEEFY signs what Ethereum can verify.
//!
//! A block passes through BABE, BEEFY and GRANDPA in this order before the client stores it. All
//! three report equivocations through the transaction pool, which is why the pool comes first.

use std::{marker::PhantomData, sync::Arc, time::Duration};

use openledger_runtime::{opaque::Block, Hash};
use sc_consensus::DefaultImportQueue;
use sc_consensus_babe::{
	BabeBlockImport, BabeLink, BabeParams, BabeWorkerHandle, ImportQueueParams, SlotProportion,
};
use sc_consensus_beefy::{
	communication::request_response::BeefyJustifsRequestHandler, import::BeefyBlockImport,
	BeefyNetworkParams, BeefyParams, BeefyRPCLinks, BeefyVoterLinks,
};
use sc_consensus_grandpa::{
	GrandpaBlockImport, GrandpaParams, LinkHalf, SharedVoterState, VotingRulesBuilder,
};
use sc_network::{config::Role, service::traits::NetworkService};
use sc_network_sync::SyncingService;
use sc_service::{Error, TaskManager};
use sc_telemetry::TelemetryHandle;
use sc_transaction_pool_api::{OffchainTransactionPoolFactory, RejectAllTxPool};
use sp_consensus_babe::{
	inherents::{BabeCreateInherentDataProviders, InherentDataProvider as BabeInherent},
	SlotDuration,
};
use sp_consensus_beefy::{ecdsa_crypto::AuthorityId as BeefyId, mmr::MmrRootProvider};
use sp_keystore::KeystorePtr;
use sp_mmr_primitives::INDEXING_PREFIX;
use sp_timestamp::InherentDataProvider as TimestampInherent;
use substrate_prometheus_endpoint::Registry;

use crate::{
	equivocation::Watch,
	network::Gossip,
	service::{Backend, Client, SelectChain, TransactionPool},
};

/// At most so many blocks pass without a stored proof of finality.
const JUSTIFICATION_PERIOD: u32 = 512;
/// How long a GRANDPA vote needs to reach everyone.
const GOSSIP_DURATION: Duration = Duration::from_millis(333);
/// BEEFY signs at most every eighth block, and the first of each session.
const BEEFY_MIN_BLOCK_DELTA: u32 = 8;
/// The part of a slot for making its block; the rest is for sending it.
const PROPOSAL_PORTION: f32 = 2.0 / 3.0;

type GrandpaImport = GrandpaBlockImport<Backend, Block, Client, SelectChain>;
type BeefyImport = BeefyBlockImport<Block, Backend, Client, GrandpaImport, BeefyId>;
type Inherents = BabeCreateInherentDataProviders<Block>;
type BabeImport = Watch<BabeBlockImport<Block, Client, BeefyImport, Inherents, SelectChain>>;

/// The import of blocks, and the ends that authoring, voting and RPC connect to.
pub struct Consensus {
	/// Imports blocks made by this node.
	pub block_import: BabeImport,
	/// Epochs and configuration, for authoring.
	pub babe_link: BabeLink<Block>,
	/// Answers questions about epochs.
	pub babe_worker: BabeWorkerHandle<Block>,
	/// State of GRANDPA, for voting.
	pub grandpa_link: LinkHalf<Block, Client, SelectChain>,
	/// Channels of the BEEFY voter.
	pub beefy_voter: BeefyVoterLinks<Block, BeefyId>,
	/// What the BEEFY voter tells RPC.
	pub beefy_rpc: BeefyRPCLinks<Block, BeefyId>,
}

/// What the import of blocks is built from.
pub struct ImportParts<'a> {
	/// The chain.
	pub client: Arc<Client>,
	/// Its database.
	pub backend: Arc<Backend>,
	/// Picks the best chain.
	pub select_chain: SelectChain,
	/// Takes the reports of equivocations.
	pub transaction_pool: Arc<TransactionPool>,
	/// Runs the tasks.
	pub task_manager: &'a TaskManager,
	/// Where metrics go.
	pub registry: Option<&'a Registry>,
	/// Where events go.
	pub telemetry: Option<TelemetryHandle>,
}

/// Builds the import of blocks, and the queue through which blocks of peers reach it.
pub fn import(parts: ImportParts) -> Result<(DefaultImportQueue<Block>, Consensus), Error> {
	let ImportParts {
		client,
		backend,
		select_chain,
		transaction_pool,
		task_manager,
		registry,
		telemetry,
	} = parts;

	let (grandpa_import, grandpa_link) = sc_consensus_grandpa::block_import(
		client.clone(),
		JUSTIFICATION_PERIOD,
		&client,
		select_chain.clone(),
		telemetry.clone(),
	)?;

	let (beefy_import, beefy_voter, beefy_rpc) =
		sc_consensus_beefy::beefy_block_import_and_links::<_, _, _, _, BeefyId>(
			grandpa_import.clone(),
			backend,
			client.clone(),
			registry.cloned(),
		);

	let config = sc_consensus_babe::configuration(&*client)?;
	let slot_duration = config.slot_duration();
	// BABE's own reports are broken, and in the pool they would compete with those of `Watch`.
	let broken_reports = OffchainTransactionPoolFactory::new(RejectAllTxPool::default());
	let (babe_import, babe_link) = sc_consensus_babe::block_import(
		config,
		beefy_import,
		client.clone(),
		inherents(slot_duration),
		select_chain,
		broken_reports,
	)?;
	let reports = OffchainTransactionPoolFactory::new(transaction_pool);
	let block_import = Watch::new(babe_import, client.clone(), reports);

	let (queue, babe_worker) = sc_consensus_babe::import_queue(ImportQueueParams {
		link: babe_link.clone(),
		block_import: block_import.clone(),
		justification_import: Some(Box::new(grandpa_import)),
		client,
		slot_duration,
		spawner: &task_manager.spawn_essential_handle(),
		registry,
		telemetry,
	})?;

	let consensus =
		Consensus { block_import, babe_link, babe_worker, grandpa_link, beefy_voter, beefy_rpc };
	Ok((queue, consensus))
}

/// The time and the slot, which every block states.
fn inherents(slot_duration: SlotDuration) -> Inherents {
	Arc::new(move |_parent: Hash, (): ()| async move {
		let timestamp = TimestampInherent::from_system_time();
		let slot = BabeInherent::from_timestamp_and_slot_duration(*timestamp, slot_duration);
		Ok::<_, Box<dyn std::error::Error + Send + Sync>>((slot, timestamp))
	})
}

/// What the workers of all three engines need from the running node.
pub struct Workers<'a> {
	/// The chain.
	pub client: Arc<Client>,
	/// Its database.
	pub backend: Arc<Backend>,
	/// Pending transactions.
	pub transaction_pool: Arc<TransactionPool>,
	/// Peers.
	pub network: Arc<dyn NetworkService>,
	/// Synchronisation of blocks.
	pub sync: Arc<SyncingService<Block>>,
	/// Session keys.
	pub keystore: KeystorePtr,
	/// Whether this node validates.
	pub role: Role,
	/// The node's name.
	pub name: String,
	/// Runs the tasks.
	pub task_manager: &'a TaskManager,
	/// Where metrics go.
	pub registry: Option<Registry>,
	/// Where events go.
	pub telemetry: Option<TelemetryHandle>,
}

impl Workers<'_> {
	/// Makes blocks in the slots that this node's keys win.
	pub fn author(
		&self,
		select_chain: SelectChain,
		block_import: BabeImport,
		babe_link: BabeLink<Block>,
		force_authoring: bool,
	) -> Result<(), Error> {
		let slot_duration = babe_link.config().slot_duration();
		let babe = sc_consensus_babe::start_babe(BabeParams {
			keystore: self.keystore.clone(),
			client: self.client.clone(),
			select_chain,
			env: sc_basic_authorship::ProposerFactory::new(
				self.task_manager.spawn_handle(),
				self.client.clone(),
				self.transaction_pool.clone(),
				self.registry.as_ref(),
				self.telemetry.clone(),
			),
			block_import,
			sync_oracle: self.sync.clone(),
			justification_sync_link: self.sync.clone(),
			create_inherent_data_providers: inherents(slot_duration),
			force_authoring,
			// Sessions and eras are counted in slots: they go on even while finality waits.
			backoff_authoring_blocks: None::<()>,
			babe_link,
			block_proposal_slot_portion: SlotProportion::new(PROPOSAL_PORTION),
			max_block_proposal_slot_portion: None,
			telemetry: self.telemetry.clone(),
		})?;
		self.task_manager.spawn_essential_handle().spawn_blocking(
			"babe-proposer",
			Some("block-authoring"),
			babe,
		);
		Ok(())
	}

	/// Votes on finality; a node without keys of the voters follows the votes.
	pub fn finalize(
		&self,
		link: LinkHalf<Block, Client, SelectChain>,
		gossip: Gossip,
		voter_state: SharedVoterState,
	) -> Result<(), Error> {
		let voter = sc_consensus_grandpa::run_grandpa_voter(GrandpaParams {
			config: sc_consensus_grandpa::Config {
				gossip_duration: GOSSIP_DURATION,
				justification_generation_period: JUSTIFICATION_PERIOD,
				observer_enabled: false,
				local_role: self.role,
				name: Some(self.name.clone()),
				keystore: self.voting_keys(),
				telemetry: self.telemetry.clone(),
				protocol_name: gossip.protocol,
			},
			link,
			network: self.network.clone(),
			sync: self.sync.clone(),
			notification_service: gossip.notifications,
			voting_rule: VotingRulesBuilder::default().build(),
			prometheus_registry: self.registry.clone(),
			shared_voter_state: voter_state,
			telemetry: self.telemetry.clone(),
			offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(
				self.transaction_pool.clone(),
			),
		})?;
		self.task_manager.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
		Ok(())
	}

	/// Signs final blocks for the bridge, and keeps the tree from which its proofs are made.
	pub fn sign_for_bridge(
		&self,
		links: BeefyVoterLinks<Block, BeefyId>,
		gossip: Gossip,
		justifications: BeefyJustifsRequestHandler<Block, Client>,
	) {
		let spawner = self.task_manager.spawn_essential_handle();
		let voter =
			sc_consensus_beefy::start_beefy_gadget::<_, _, _, _, _, _, _, BeefyId>(BeefyParams {
				client: self.client.clone(),
				backend: self.backend.clone(),
				payload_provider: MmrRootProvider::new(self.client.clone()),
				runtime: self.client.clone(),
				key_store: self.voting_keys(),
				network_params: BeefyNetworkParams {
					network: Arc::new(self.network.clone()),
					sync: self.sync.clone(),
					notification_service: gossip.notifications,
					gossip_protocol_name: gossip.protocol,
					justifications_protocol_name: justifications.protocol_name(),
					_phantom: PhantomData,
				},
				min_block_delta: BEEFY_MIN_BLOCK_DELTA,
				prometheus_registry: self.registry.clone(),
				links,
				on_demand_justifications_handler: justifications,
				is_authority: self.role.is_authority(),
			});
		spawner.spawn_blocking("beefy-gadget", None, voter);

		let tree = mmr_gadget::MmrGadget::start(
			self.client.clone(),
			self.backend.clone(),
			INDEXING_PREFIX.to_vec(),
		);
		spawner.spawn_blocking("mmr-gadget", None, tree);
	}

	/// The keys to vote with; only a validator votes, whatever its keystore holds.
	fn voting_keys(&self) -> Option<KeystorePtr> {
		self.role.is_authority().then(|| self.keystore.clone())
	}
}
