//! The peer-to-peer network, with the protocols of the three consensus engines.

use std::sync::Arc;

use openledger_runtime::{opaque::Block, Hash};
use sc_client_api::UsageProvider;
use sc_consensus::DefaultImportQueue;
use sc_consensus_beefy::communication::{
	beefy_peers_set_config, request_response::BeefyJustifsRequestHandler,
};
use sc_consensus_grandpa::warp_proof::NetworkProvider as WarpSyncProvider;
use sc_network::{
	config::{FullNetworkConfiguration, NetworkBackendType},
	service::traits::NetworkService,
	Litep2pNetworkBackend, NetworkBackend, NetworkWorker, NotificationService, ProtocolName,
};
use sc_network_sync::SyncingService;
use sc_network_transactions::TransactionsHandlerController;
use sc_service::{BuildNetworkParams, Configuration, Error, TaskManager, WarpSyncConfig};
use sc_utils::mpsc::TracingUnboundedSender;

use crate::service::{Backend, Client, TransactionPool};

/// A running network.
pub struct Network {
	/// Peers, addresses, requests and the distributed hash table.
	pub service: Arc<dyn NetworkService>,
	/// Synchronisation of blocks.
	pub sync: Arc<SyncingService<Block>>,
	/// Answers the `system_*` calls of RPC.
	pub system_rpc: TracingUnboundedSender<sc_rpc::system::Request<Block>>,
	/// Spreads transactions.
	pub transactions: TransactionsHandlerController<Hash>,
	/// Gossip of GRANDPA votes.
	pub grandpa: Gossip,
	/// Gossip of BEEFY votes.
	pub beefy: Gossip,
	/// Serves BEEFY justifications to peers that ask for one.
	pub beefy_justifications: BeefyJustifsRequestHandler<Block, Client>,
}

/// A gossip protocol.
pub struct Gossip {
	/// Its name, which holds the hash of the first block.
	pub protocol: ProtocolName,
	/// Its messages.
	pub notifications: Box<dyn NotificationService>,
}

/// What the network is built from.
pub struct Parts<'a> {
	/// The node's configuration.
	pub config: &'a Configuration,
	/// The chain.
	pub client: Arc<Client>,
	/// Transactions to spread.
	pub transaction_pool: Arc<TransactionPool>,
	/// Where downloaded blocks go.
	pub import_queue: DefaultImportQueue<Block>,
	/// Proofs of finality for nodes that sync by jumps.
	pub warp_sync: WarpSyncProvider<Block, Backend>,
	/// Runs the tasks.
	pub task_manager: &'a TaskManager,
}

/// Starts the network with the configured backend.
pub fn start(parts: Parts) -> Result<Network, Error> {
	match parts.config.network.network_backend {
		NetworkBackendType::Litep2p => start_with::<Litep2pNetworkBackend>(parts),
		NetworkBackendType::Libp2p => start_with::<NetworkWorker<Block, Hash>>(parts),
	}
}

fn start_with<N: NetworkBackend<Block, Hash>>(parts: Parts) -> Result<Network, Error> {
	let Parts { config, client, transaction_pool, import_queue, warp_sync, task_manager } = parts;
	let registry = config.prometheus_registry();
	let metrics = N::register_notification_metrics(registry);
	let mut protocols =
		FullNetworkConfiguration::<Block, Hash, N>::new(&config.network, registry.cloned());
	let peers = protocols.peer_store_handle();

	let genesis_hash = client.usage_info().chain.genesis_hash;
	let fork_id = config.chain_spec.fork_id();

	let grandpa = sc_consensus_grandpa::protocol_standard_name(&genesis_hash, &config.chain_spec);
	let (protocol, grandpa_notifications) = sc_consensus_grandpa::grandpa_peers_set_config::<
		Block,
		N,
	>(grandpa.clone(), metrics.clone(), peers.clone());
	protocols.add_notification_protocol(protocol);

	let beefy = sc_consensus_beefy::gossip_protocol_name(genesis_hash, fork_id);
	let (protocol, beefy_notifications) =
		beefy_peers_set_config::<Block, N>(beefy.clone(), metrics.clone(), peers);
	protocols.add_notification_protocol(protocol);

	let (beefy_justifications, protocol) = BeefyJustifsRequestHandler::new::<_, N>(
		genesis_hash,
		fork_id,
		client.clone(),
		registry.cloned(),
	);
	protocols.add_request_response_protocol(protocol);

	let (service, system_rpc, transactions, sync, _) =
		sc_service::build_network(BuildNetworkParams {
			config,
			net_config: protocols,
			client,
			transaction_pool,
			spawn_handle: task_manager.spawn_handle(),
			spawn_essential_handle: task_manager.spawn_essential_handle(),
			import_queue,
			block_announce_validator_builder: None,
			warp_sync_config: Some(WarpSyncConfig::WithProvider(Arc::new(warp_sync))),
			block_relay: None,
			metrics,
			gap_sync_body_policy: None,
		})?;

	Ok(Network {
		service,
		sync,
		system_rpc,
		transactions,
		grandpa: Gossip { protocol: grandpa, notifications: grandpa_notifications },
		beefy: Gossip { protocol: beefy, notifications: beefy_notifications },
		beefy_justifications,
	})
}
