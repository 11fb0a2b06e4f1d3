//! The `benchmark` commands, by which weights are measured on the machine that runs them.

use std::time::Duration;

use frame_benchmarking_cli::{
	BenchmarkCmd, ExtrinsicFactory, SubstrateRemarkBuilder, SUBSTRATE_REFERENCE_HARDWARE,
};
use openledger_runtime::opaque::Block;
use sc_cli::{Result, SubstrateCli};
use sp_inherents::{InherentData, InherentDataProvider};
use sp_runtime::traits::HashingFor;

use crate::{
	cli::Cli,
	service::{self, Partial},
};

/// Runs one benchmark command.
pub fn run(cli: &Cli, command: &BenchmarkCmd) -> Result<()> {
	let runner = cli.create_runner(command)?;
	runner.sync_run(|mut config| match command {
		BenchmarkCmd::Pallet(cmd) => {
			cmd.run_with_spec::<HashingFor<Block>, ()>(Some(config.chain_spec))
		}
		BenchmarkCmd::Overhead(cmd) => cmd
			.run_with_default_builder_and_spec::<Block, service::ExtraHostFunctions>(Some(
				config.chain_spec,
			)),
		BenchmarkCmd::Machine(cmd) => cmd.run(&config, SUBSTRATE_REFERENCE_HARDWARE.clone()),
		BenchmarkCmd::Block(cmd) => {
			let Partial { client, .. } = service::new_partial(&mut config)?;
			cmd.run(client)
		}
		BenchmarkCmd::Storage(cmd) => {
			let Partial { client, backend, .. } = service::new_partial(&mut config)?;
			let database = backend.expose_db();
			let storage = backend.expose_storage();
			let cache = backend.expose_shared_trie_cache();
			cmd.run(config, client, database, storage, cache)
		}
		BenchmarkCmd::Extrinsic(cmd) => {
			let Partial { client, .. } = service::new_partial(&mut config)?;
			let remark = SubstrateRemarkBuilder::new_from_client(client.clone())?;
			let factory = ExtrinsicFactory(vec![Box::new(remark)]);
			cmd.run(client, first_inherents()?, Vec::new(), &factory)
		}
	})
}

/// Time zero: without a slot in the header, BABE expects that of slot zero.
fn first_inherents() -> Result<InherentData> {
	let mut data = InherentData::new();
	let timestamp = sp_timestamp::InherentDataProvider::new(Duration::ZERO.into());
	futures::executor::block_on(timestamp.provide_inherent_data(&mut data))
		.map_err(|error| format!("The time of the first block cannot be encoded: {error}."))?;
	Ok(data)
}
