//! Opens the database, and makes sure that it belongs to the chain that was asked for.

use std::{path::Path, sync::Arc};

use openledger_runtime::{opaque::Block, Hash};
use sc_chain_spec::{get_extension, BuildGenesisBlock, ChainSpec, GenesisBlockBuilder};
use sc_client_api::Backend as _;
use sc_consensus_grandpa::GrandpaPruningFilter;
use sc_service::{Configuration, Error};
use sp_blockchain::HeaderBackend;
use sp_runtime::traits::Block as _;

use crate::{
	chain_spec::GenesisSource,
	service::{Backend, Executor},
};

/// Where the database keeps the digest of what its first block was made from.
const GENESIS_SOURCE_KEY: &[u8] = b"openledger/genesis-source";

/// Opens the database of the configured chain, or creates it.
pub fn open(config: &Configuration) -> Result<Arc<Backend>, Error> {
	let mut settings = config.db_config();
	// A node that prunes blocks still serves warp sync: it keeps those that prove a new validator set.
	settings.pruning_filters = vec![Arc::new(GrandpaPruningFilter)];
	sc_service::new_db_backend(settings).map_err(|error| Error::Other(explain(&error, config)))
}

/// Fails unless there is a database to read from.
pub fn require(config: &Configuration) -> sc_cli::Result<()> {
	if config.database.path().is_some_and(Path::exists) {
		return Ok(());
	}
	Err(format!(
		"There is no database of chain `{}` at `{}`: check --chain and --base-path, or start the \
		 node once to create it.",
		config.chain_spec.id(),
		location(config),
	)
	.into())
}

/// The first block of the configured chain, built when the client asks for it: only an empty
/// database needs it, and building it runs the runtime.
pub struct Genesis {
	spec: Box<dyn ChainSpec>,
	commit_state: bool,
	backend: Arc<Backend>,
	executor: Executor,
}

impl Genesis {
	/// Describes the first block, without building it.
	pub fn new(config: &Configuration, backend: &Arc<Backend>, executor: &Executor) -> Self {
		Self {
			spec: config.chain_spec.cloned_box(),
			commit_state: !config.no_genesis(),
			backend: backend.clone(),
			executor: executor.clone(),
		}
	}
}

impl BuildGenesisBlock<Block> for Genesis {
	type BlockImportOperation = <Backend as sc_client_api::Backend<Block>>::BlockImportOperation;

	fn build_genesis_block(self) -> sp_blockchain::Result<(Block, Self::BlockImportOperation)> {
		let storage = self.spec.as_storage_builder().build_storage().map_err(|error| {
			sp_blockchain::Error::Application(
				format!(
					"The first block of chain specification `{}` cannot be built ({error}): get a \
					 fresh copy, or write it again with `openledger export-chain-spec`.",
					self.spec.id(),
				)
				.into(),
			)
		})?;
		GenesisBlockBuilder::new_with_storage(
			storage,
			self.commit_state,
			self.backend,
			self.executor,
		)?
		.build_genesis_block()
	}
}

/// Fails if the database starts with another first block than the configured chain.
pub fn check_chain(
	config: &Configuration,
	backend: &Arc<Backend>,
	executor: &Executor,
) -> Result<(), Error> {
	let stored = backend.blockchain().info().genesis_hash;
	// All zeros: nothing is stored yet.
	if stored == Hash::default() || is_remembered(config, backend)? {
		return Ok(());
	}
	let (block, _) = Genesis::new(config, backend, executor).build_genesis_block()?;
	let asked = block.hash();
	if stored == asked {
		return Ok(());
	}
	Err(Error::Other(format!(
		"The database at `{}` belongs to another chain: its first block is {stored:?}, that of \
		 specification `{}` is {asked:?} (a rebuilt runtime changes the chains built into the \
		 binary). Give the specification the database was made with, choose another --base-path, or \
		 delete the database with `openledger purge-chain`.",
		location(config),
		config.chain_spec.id(),
	)))
}

/// Notes that the database was made from this specification, so that the next start need not
/// build the first block to find out.
pub fn remember_chain(config: &Configuration, backend: &Arc<Backend>) -> Result<(), Error> {
	if let (false, Some(source)) = (is_remembered(config, backend)?, genesis_source(config)) {
		backend.insert_aux(&[(GENESIS_SOURCE_KEY, source)], &[])?;
	}
	Ok(())
}

fn is_remembered(config: &Configuration, backend: &Arc<Backend>) -> Result<bool, Error> {
	let remembered = backend.get_aux(GENESIS_SOURCE_KEY)?;
	Ok(remembered.is_some() && remembered.as_deref() == genesis_source(config))
}

fn genesis_source(config: &Configuration) -> Option<&[u8]> {
	get_extension::<GenesisSource>(config.chain_spec.extensions()).map(|source| source.0.as_ref())
}

/// Says why the database cannot be opened.
pub fn explain(error: &sp_blockchain::Error, config: &Configuration) -> String {
	let reason = error.to_string();
	let path = location(config);
	if reason.contains("Database file is in use") {
		format!(
			"The database at `{path}` is used by another process: stop the node that runs there, or \
			 choose another --base-path."
		)
	} else if reason.contains("Incompatible pruning modes") {
		format!(
			"The database at `{path}` was made with another --state-pruning ({reason}): leave the \
			 option out, or delete the database with `openledger purge-chain` and sync again."
		)
	} else {
		format!("The database at `{path}` cannot be opened: {reason}.")
	}
}

fn location(config: &Configuration) -> std::path::Display<'_> {
	config.database.path().unwrap_or(Path::new("memory")).display()
}
