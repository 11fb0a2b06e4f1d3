//! The node put together: database, client, pool, network, consensus, RPC.

use std::sync::Arc;

use futures::StreamExt;
use openledger_runtime::{opaque::Block, RuntimeApi};
use sc_client_api::Backend as _;
use sc_consensus::DefaultImportQueue;
use sc_consensus_grandpa::{
	warp_proof::NetworkProvider as WarpSyncProvider, FinalityProofProvider, SharedVoterState,
};
use sc_executor::{HeapAllocStrategy, DEFAULT_HEAP_ALLOC_STRATEGY};
use sc_network::{Event, NetworkEventStream};
use sc_offchain::{OffchainWorkerOptions, OffchainWorkers};
use sc_service::{Configuration, Error, SpawnTasksParams, TaskManager};
use sc_storage_monitor::{StorageMonitorParams, StorageMonitorService};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_keystore::KeystorePtr;

use crate::{
	consensus::{self, Consensus, Workers},
	database,
	network::{self, Network},
	rpc,
};

/// Functions the runtime may call beside the usual ones: those that measure weights.
#[cfg(feature = "runtime-benchmarks")]
pub type ExtraHostFunctions = frame_benchmarking::benchmarking::HostFunctions;
/// Functions the runtime may call beside the usual ones: none.
#[cfg(not(feature = "runtime-benchmarks"))]
pub type ExtraHostFunctions = ();

/// All functions the runtime may call.
pub type HostFunctions = (sp_io::SubstrateHostFunctions, ExtraHostFunctions);
/// Runs the runtime.
pub type Executor = sc_executor::WasmExecutor<HostFunctions>;
/// The chain.
pub type Client = sc_service::TFullClient<Block, RuntimeApi, Executor>;
/// The database.
pub type Backend = sc_service::TFullBackend<Block>;
/// Picks the best chain; BABE's weights are already in the client's notion of best.
pub type SelectChain = sc_consensus::LongestChain<Backend, Block>;
/// Pending transactions.
pub type TransactionPool = sc_transaction_pool::TransactionPoolHandle<Block, Client>;

/// The parts that need no network; commands on the database use them too.
pub struct Partial {
	/// The chain.
	pub client: Arc<Client>,
	/// Its database.
	pub backend: Arc<Backend>,
	/// Runs the tasks.
	pub task_manager: TaskManager,
	/// Session keys.
	pub keystore: KeystorePtr,
	/// Picks the best chain.
	pub select_chain: SelectChain,
	/// Pending transactions.
	pub transaction_pool: Arc<TransactionPool>,
	/// Where blocks of others go.
	pub import_queue: DefaultImportQueue<Block>,
	/// Ends of the consensus engines.
	pub consensus: Consensus,
	/// Sends events to telemetry servers, if there are any.
	pub telemetry: Option<Telemetry>,
}

/// Options of our own, beside those in the configuration.
pub struct Options {
	/// Measure this machine first and print the result.
	pub hardware_benchmarks: bool,
	/// When to stop before the disk is full.
	pub storage_monitor: StorageMonitorParams,
}

/// Builds everything but the network.
pub fn new_partial(config: &mut Configuration) -> Result<Partial, Error> {
	// The runtime writes the nodes of BEEFY's tree there; without them no proof can be made later.
	config.offchain_worker.indexing_enabled = true;

	let executor = executor(config)?;
	let backend = database::open(config)?;
	database::check_chain(config, &backend, &executor)?;
	let genesis = database::Genesis::new(config, &backend, &executor);

	let telemetry = config
		.telemetry_endpoints
		.clone()
		.filter(|endpoints| !endpoints.is_empty())
		.map(|endpoints| -> Result<_, sc_telemetry::Error> {
			let worker = TelemetryWorker::new(16)?;
			let telemetry = worker.handle().new_telemetry(endpoints);
			Ok((worker, telemetry))
		})
		.transpose()?;

	let (client, backend, keystore, task_manager) =
		sc_service::new_full_parts_with_genesis_builder::<Block, RuntimeApi, _, _>(
			config,
			telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
			executor,
			backend,
			genesis,
			false,
		)?;
	let client = Arc::new(client);
	database::remember_chain(config, &backend)?;

	let telemetry = telemetry.map(|(worker, telemetry)| {
		task_manager.spawn_handle().spawn("telemetry", None, worker.run());
		telemetry
	});

	let select_chain = SelectChain::new(backend.clone());
	let transaction_pool = Arc::new(
		sc_transaction_pool::Builder::new(
			task_manager.spawn_essential_handle(),
			client.clone(),
			config.role.is_authority().into(),
		)
		.with_options(config.transaction_pool.clone())
		.with_prometheus(config.prometheus_registry())
		.build(),
	);

	let (import_queue, consensus) = consensus::import(consensus::ImportParts {
		client: client.clone(),
		backend: backend.clone(),
		select_chain: select_chain.clone(),
		transaction_pool: transaction_pool.clone(),
		task_manager: &task_manager,
		registry: config.prometheus_registry(),
		telemetry: telemetry.as_ref().map(Telemetry::handle),
	})?;

	Ok(Partial {
		client,
		backend,
		task_manager,
		keystore: keystore.keystore(),
		select_chain,
		transaction_pool,
		import_queue,
		consensus,
		telemetry,
	})
}

/// Runs the runtime. Compiling it takes seconds, so what was compiled is kept in the base path.
fn executor(config: &Configuration) -> Result<Executor, Error> {
	let heap = config.executor.default_heap_pages.map_or(DEFAULT_HEAP_ALLOC_STRATEGY, |pages| {
		HeapAllocStrategy::Static { extra_pages: pages as u32 }
	});
	// The compiler's cache asks for an absolute path.
	let cache = std::path::absolute(config.base_path.path().join("compiled-runtimes"))?;
	Ok(Executor::builder()
		.with_execution_method(config.executor.wasm_method)
		.with_onchain_heap_alloc_strategy(heap)
		.with_offchain_heap_alloc_strategy(heap)
		.with_max_runtime_instances(config.executor.max_runtime_instances)
		.with_runtime_cache_size(config.executor.runtime_cache_size)
		.with_cache_path(cache)
		.build())
}

/// Starts the node; it runs until the task manager is dropped.
pub fn new_full(mut config: Configuration, options: Options) -> Result<TaskManager, Error> {
	if options.hardware_benchmarks {
		print_hardware_benchmarks(&config);
	}

	let Partial {
		client,
		backend,
		mut task_manager,
		keystore,
		select_chain,
		transaction_pool,
		import_queue,
		consensus,
		mut telemetry,
	} = new_partial(&mut config)?;
	let Consensus { block_import, babe_link, babe_worker, grandpa_link, beefy_voter, beefy_rpc } =
		consensus;

	if let Some(path) = config.database.path() {
		StorageMonitorService::try_spawn(
			options.storage_monitor,
			path.to_path_buf(),
			&task_manager.spawn_essential_handle(),
		)
		.map_err(|error| Error::Application(Box::new(error)))?;
	}

	let authorities = grandpa_link.shared_authority_set().clone();
	let Network { service, sync, system_rpc, transactions, grandpa, beefy, beefy_justifications } =
		network::start(network::Parts {
			config: &config,
			client: client.clone(),
			transaction_pool: transaction_pool.clone(),
			import_queue,
			warp_sync: WarpSyncProvider::new(backend.clone(), authorities.clone(), Vec::new()),
			task_manager: &task_manager,
		})?;

	let role = config.role;
	if config.offchain_worker.enabled {
		let workers = OffchainWorkers::new(OffchainWorkerOptions {
			runtime_api_provider: client.clone(),
			keystore: Some(keystore.clone()),
			offchain_db: backend.offchain_storage(),
			transaction_pool: Some(OffchainTransactionPoolFactory::new(transaction_pool.clone())),
			network_provider: Arc::new(service.clone()),
			is_validator: role.is_authority(),
			enable_http_requests: true,
			custom_extensions: |_| Vec::new(),
		})?;
		task_manager.spawn_handle().spawn(
			"offchain-workers-runner",
			Some("offchain-worker"),
			workers.run(client.clone(), task_manager.spawn_handle()),
		);
	}
	if role.is_authority() {
		discover_authorities(&config, &client, &service, &keystore, &task_manager);
	}

	let voter_state = SharedVoterState::empty();
	let sources = rpc::Sources {
		client: client.clone(),
		backend: backend.clone(),
		transaction_pool: transaction_pool.clone(),
		select_chain: select_chain.clone(),
		chain_spec: config.chain_spec.cloned_box(),
		keystore: keystore.clone(),
		babe: babe_worker,
		grandpa: rpc::GrandpaSources {
			voter_state: voter_state.clone(),
			authorities: authorities.clone(),
			justifications: grandpa_link.justification_stream(),
			proofs: FinalityProofProvider::new_for_service(backend.clone(), Some(authorities)),
		},
		beefy: beefy_rpc,
	};

	let name = config.network.node_name.clone();
	let force_authoring = config.force_authoring;
	let grandpa_enabled = !config.disable_grandpa;
	let registry = config.prometheus_registry().cloned();
	sc_service::spawn_tasks(SpawnTasksParams {
		config,
		client: client.clone(),
		backend: backend.clone(),
		task_manager: &mut task_manager,
		keystore: keystore.clone(),
		transaction_pool: transaction_pool.clone(),
		rpc_builder: Box::new(move |executor| Ok(rpc::create(&sources, executor)?)),
		network: service.clone(),
		system_rpc_tx: system_rpc,
		tx_handler_controller: transactions,
		sync_service: sync.clone(),
		telemetry: telemetry.as_mut(),
		tracing_execute_block: None,
	})?;

	let workers = Workers {
		client,
		backend,
		transaction_pool,
		network: service,
		sync,
		keystore,
		role,
		name,
		task_manager: &task_manager,
		registry,
		telemetry: telemetry.as_ref().map(Telemetry::handle),
	};
	if role.is_authority() {
		workers.author(select_chain, block_import, babe_link, force_authoring)?;
	}
	if grandpa_enabled {
		workers.finalize(grandpa_link, grandpa, voter_state)?;
	}
	workers.sign_for_bridge(beefy_voter, beefy, beefy_justifications);

	Ok(task_manager)
}

/// Publishes the validator's addresses and finds those of the others, so that votes go directly.
fn discover_authorities(
	config: &Configuration,
	client: &Arc<Client>,
	network: &Arc<dyn sc_network::service::traits::NetworkService>,
	keystore: &KeystorePtr,
	task_manager: &TaskManager,
) {
	let events = network.event_stream("authority-discovery").filter_map(|event| async move {
		match event {
			Event::Dht(event) => Some(event),
			_ => None,
		}
	});
	let (worker, _) = sc_authority_discovery::new_worker_and_service_with_config(
		sc_authority_discovery::WorkerConfig {
			publish_non_global_ips: config.network.allow_non_globals_in_dht,
			public_addresses: config.network.public_addresses.clone(),
			strict_record_validation: true,
			persisted_cache_directory: config.network.net_config_path.clone(),
			..Default::default()
		},
		client.clone(),
		Arc::new(network.clone()),
		Box::pin(events),
		sc_authority_discovery::Role::PublishAndDiscover(keystore.clone()),
		config.prometheus_registry().cloned(),
		task_manager.spawn_handle(),
	);
	task_manager.spawn_handle().spawn(
		"authority-discovery-worker",
		Some("networking"),
		worker.run(),
	);
}

/// Measures this machine. Nothing depends on the result.
fn print_hardware_benchmarks(config: &Configuration) {
	let disk = config.database.path().filter(|path| std::fs::create_dir_all(path).is_ok());
	let no_requirements = sc_sysinfo::Requirements(Vec::new());
	sc_sysinfo::print_hwbench(&sc_sysinfo::gather_hwbench(disk, &no_requirements));
}
