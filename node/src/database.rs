//! Opens the database, and makes sure that it belongs to the chain that was asked for.

use std::{path::Path, sync::Arc};

use openledger_runtime::{opaque::Block, Hash};
use sc_chain_spec::BuildGenesisBlock;
use sc_client_api::Backend as _;
use sc_consensus_grandpa::GrandpaPruningFilter;
use sc_service::{Configuration, Error};
use sp_blockchain::HeaderBackend;
use sp_runtime::traits::Block as _;

use crate::service::{Backend, Executor};

type GenesisBlockBuilder = sc_chain_spec::GenesisBlockBuilder<Block, Backend, Executor>;

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

/// Builds the first block, after checking that a database in use starts with the same one.
pub fn genesis(
	config: &Configuration,
	backend: &Arc<Backend>,
	executor: &Executor,
) -> Result<GenesisBlockBuilder, Error> {
	let storage = config.chain_spec.as_storage_builder().build_storage().map_err(|error| {
		Error::Other(format!(
			"The first block of chain specification `{}` cannot be built ({error}): get a fresh copy, \
			 or write it again with `openledger export-chain-spec`.",
			config.chain_spec.id(),
		))
	})?;
	let builder = |storage, commit| {
		GenesisBlockBuilder::new_with_storage(storage, commit, backend.clone(), executor.clone())
	};

	let stored = backend.blockchain().info().genesis_hash;
	// All zeros: nothing is stored yet.
	if stored != Hash::default() {
		let (block, _) = builder(storage.clone(), false)?.build_genesis_block()?;
		let asked = block.header().hash();
		if stored != asked {
			return Err(Error::Other(format!(
				"The database at `{}` belongs to another chain: its first block is {stored:?}, that \
				 of specification `{}` is {asked:?} (a rebuilt runtime changes the chains built into \
				 the binary). Give the specification the database was made with, choose another \
				 --base-path, or delete the database with `openledger purge-chain`.",
				location(config),
				config.chain_spec.id(),
			)));
		}
	}
	Ok(builder(storage, !config.no_genesis())?)
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
