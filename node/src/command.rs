//! Carries out what the command line asks for.

use std::{env, sync::Arc};

use openledger_runtime::opaque::Block;
use sc_cli::{Result, SubstrateCli};

use crate::{
	cli::{Cli, Subcommand},
	database, ports,
	service::{self, Backend, Client, Partial},
};

/// Parses the arguments of the process and does what they say.
pub fn run() -> Result<()> {
	let cli = Cli::parse_arguments(env::args_os())?;
	match &cli.subcommand {
		None => run_node(&cli),
		Some(Subcommand::Key(cmd)) => cmd.run(&cli),
		Some(Subcommand::Sign(cmd)) => cmd.run(),
		Some(Subcommand::Verify(cmd)) => cmd.run(),
		Some(Subcommand::Vanity(cmd)) => cmd.run(),
		Some(Subcommand::BuildSpec(cmd)) => {
			cli.create_runner(cmd)?.sync_run(|config| cmd.run(config.chain_spec, config.network))
		}
		Some(Subcommand::ExportChainSpec(cmd)) => cmd.run(cli.load_spec(&cmd.chain)?),
		Some(Subcommand::CheckBlock(cmd)) => cli.create_runner(cmd)?.async_run(|mut config| {
			database::require(&config)?;
			let Partial { client, task_manager, import_queue, .. } =
				service::new_partial(&mut config)?;
			Ok((cmd.run(client, import_queue), task_manager))
		}),
		Some(Subcommand::ExportBlocks(cmd)) => cli.create_runner(cmd)?.async_run(|mut config| {
			database::require(&config)?;
			let Partial { client, task_manager, .. } = service::new_partial(&mut config)?;
			Ok((cmd.run(client, config.database), task_manager))
		}),
		Some(Subcommand::ExportState(cmd)) => cli.create_runner(cmd)?.async_run(|mut config| {
			database::require(&config)?;
			let Partial { client, task_manager, .. } = service::new_partial(&mut config)?;
			Ok((cmd.run(client, config.chain_spec), task_manager))
		}),
		Some(Subcommand::ImportBlocks(cmd)) => cli.create_runner(cmd)?.async_run(|mut config| {
			let Partial { client, task_manager, import_queue, .. } =
				service::new_partial(&mut config)?;
			Ok((cmd.run(client, import_queue), task_manager))
		}),
		Some(Subcommand::Revert(cmd)) => cli.create_runner(cmd)?.async_run(|mut config| {
			database::require(&config)?;
			let Partial { client, backend, task_manager, .. } = service::new_partial(&mut config)?;
			// The engines keep their own records of blocks; they go back together with the chain.
			let engines = Box::new(|client: Arc<Client>, backend: Arc<Backend>, blocks| {
				sc_consensus_babe::revert(client.clone(), backend, blocks)?;
				sc_consensus_grandpa::revert(client, blocks)?;
				Ok(())
			});
			Ok((cmd.run(client, backend, Some(engines)), task_manager))
		}),
		Some(Subcommand::PurgeChain(cmd)) => {
			cli.create_runner(cmd)?.sync_run(|config| cmd.run(config.database))
		}
		Some(Subcommand::ChainInfo(cmd)) => cli.create_runner(cmd)?.sync_run(|config| {
			database::require(&config)?;
			cmd.run::<Block>(&config).map_err(|error| match error {
				sc_cli::Error::Client(error) => database::explain(&error, &config).into(),
				other => other,
			})
		}),
		#[cfg(feature = "runtime-benchmarks")]
		Some(Subcommand::Benchmark(cmd)) => crate::benchmarking::run(&cli, cmd),
	}
}

fn run_node(cli: &Cli) -> Result<()> {
	let mut runner = cli.create_runner(&cli.run.base)?;
	// Whoever describes endpoints in detail may ask for a random port; nobody else wants one.
	if cli.run.base.rpc_params.experimental_rpc_endpoint.is_empty() {
		for endpoint in runner.config_mut().rpc.addr.iter_mut().flatten() {
			endpoint.retry_random_port = false;
		}
		ports::require_free(runner.config())?;
	}

	let options = service::Options {
		hardware_benchmarks: !cli.run.no_hardware_benchmarks,
		storage_monitor: cli.run.storage_monitor.clone(),
	};
	runner.run_node_until_exit(|config| async move {
		service::new_full(config, options).map_err(sc_cli::Error::Service)
	})
}
