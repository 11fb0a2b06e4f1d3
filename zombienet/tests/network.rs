//! Four validators of the local chain and a full node, as real processes that zombienet starts:
//! they finalise, can be measured, and go on when one of them fails.

use std::{
	env, fs,
	path::{Path, PathBuf},
	process::Command,
};

use anyhow::{anyhow, bail, ensure, Context, Result};
use futures::future::try_join_all;
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::{sleep, Duration, Instant};
use zombienet_sdk::{
	subxt::{
		dynamic,
		ext::{
			codec::{Compact, Decode},
			subxt_rpcs::{client::RpcParams, rpc_params},
		},
		PolkadotConfig,
	},
	AddNodeOptions, Arg, LocalFileSystem, NetworkConfigBuilder, NetworkConfigExt, NetworkNode,
};

type Network = zombienet_sdk::Network<LocalFileSystem>;

const CHAIN: &str = "openledger_local";
const VALIDATORS: [&str; 4] = ["alice", "bob", "charlie", "dave"];
const FULL_NODE: &str = "full";

/// The session keys, which zombienet derives from a validator's name as the genesis does.
const KEY_TYPES: [&str; 4] = ["babe", "gran", "beef", "audi"];

/// Without mDNS, which would find other networks of this chain on this machine.
const ARGUMENTS: [&str; 2] = ["--no-mdns", "--no-hardware-benchmarks"];

const BEST: &str = "substrate_block_height{status=\"best\"}";
const FINALIZED: &str = "substrate_block_height{status=\"finalized\"}";

/// Longer than a session of a fast runtime (10 blocks), so that the authority sets have changed.
const CHAIN_LENGTH: f64 = 15.0;

/// How many blocks show that a chain goes on.
const PROGRESS: f64 = 5.0;

/// Validators vote for a block two below the best one, and a round of votes takes a moment.
const MAX_FINALITY_LAG: f64 = 8.0;

const START_SECONDS: u32 = 240;
const WAIT_SECONDS: u32 = 120;
const LOG_TAIL_LINES: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn four_validators_finalise_and_survive_the_loss_of_one() -> Result<()> {
	let directory = TempDir::with_prefix("openledger-zombienet-")?;
	let nodes = directory.path().join("network");
	let outcome = scenario(directory.path(), &nodes).await;
	if outcome.is_err() {
		show_logs(&nodes);
	}
	outcome
}

async fn scenario(directory: &Path, nodes: &Path) -> Result<()> {
	let mut network = start(&export_specification(directory)?, nodes).await?;
	all_finalise(&network).await?;
	every_engine_has_four_authorities(&network).await?;
	every_validator_is_measured(&network).await?;
	finality_follows_the_best_block(&network).await?;
	a_full_node_warp_syncs(&mut network).await?;
	the_loss_of_one_stops_nothing(&network).await?;
	the_lost_one_comes_back(&network).await?;
	network.destroy().await.context("The network did not end.")
}

async fn all_finalise(network: &Network) -> Result<()> {
	step("the validators finalise beyond a session, with GRANDPA and with BEEFY");
	let nodes = validators(network)?;
	try_join_all(nodes.iter().map(|node| finalises(node, CHAIN_LENGTH))).await?;
	let beefy = beefy_height(nodes[0]).await?;
	beefy_goes_beyond(nodes[0], beefy).await
}

async fn every_engine_has_four_authorities(network: &Network) -> Result<()> {
	step("every engine has four authorities");
	let alice = network.get_node("alice")?;
	for (pallet, entry) in [
		("Session", "Validators"),
		("Babe", "Authorities"),
		("Grandpa", "Authorities"),
		("Beefy", "Authorities"),
	] {
		let count = length(alice, pallet, entry).await?;
		ensure!(count == 4, "{pallet}.{entry} has {count} entries instead of 4.");
	}
	let round = rpc(alice, "grandpa_roundState", rpc_params![]).await?;
	let votes = (&round["best"]["totalWeight"], &round["best"]["thresholdWeight"]);
	ensure!(votes == (&4.into(), &3.into()), "GRANDPA counts other votes: {round}");
	Ok(())
}

async fn every_validator_is_measured(network: &Network) -> Result<()> {
	step("every validator reports its metrics");
	for node in validators(network)? {
		for metric in [
			BEST,
			FINALIZED,
			"substrate_beefy_best_block",
			"substrate_finality_grandpa_round",
			"substrate_block_verification_and_import_time_count",
		] {
			let value = node.reports(metric).await?;
			ensure!(value > 0.0, "{} reports {value} as {metric}.", node.name());
		}
		let peers = node.reports("substrate_sub_libp2p_peers_count").await?;
		ensure!(peers == 3.0, "{} has {peers} peers instead of 3.", node.name());
	}
	Ok(())
}

async fn finality_follows_the_best_block(network: &Network) -> Result<()> {
	step("finality follows the best block");
	let nodes = validators(network)?;
	for (node, lag) in nodes.iter().zip(try_join_all(nodes.iter().map(|n| worst_lag(n))).await?) {
		println!("  {}: at most {lag} blocks behind", node.name());
		ensure!(lag <= MAX_FINALITY_LAG, "{} finalised {lag} blocks too late.", node.name());
	}
	Ok(())
}

async fn a_full_node_warp_syncs(network: &mut Network) -> Result<()> {
	step("a full node joins by warp sync");
	let mut args = ARGUMENTS.map(Arg::from).to_vec();
	args.push(("--sync", "warp").into());
	network.add_node(FULL_NODE, AddNodeOptions { args, ..Default::default() }).await?;
	let full = network.get_node(FULL_NODE)?;
	logs(full, "Warp sync is complete").await?;
	logs(full, "State sync is complete").await?;
	follows(full, network.get_node("alice")?).await?;
	let count = length(full, "Session", "Validators").await?;
	ensure!(count == 4, "The synced state has {count} validators instead of 4.");
	Ok(())
}

async fn the_loss_of_one_stops_nothing(network: &Network) -> Result<()> {
	step("one validator stops answering, and the others finalise on");
	network.get_node("dave")?.pause().await?;
	let alice = network.get_node("alice")?;
	let beefy = beefy_height(alice).await?;
	// Beyond what was on its way when it stopped.
	let target = alice.reports(BEST).await? + PROGRESS;
	for name in ["alice", "bob", "charlie", FULL_NODE] {
		finalises(network.get_node(name)?, target).await?;
	}
	beefy_goes_beyond(alice, beefy).await
}

async fn the_lost_one_comes_back(network: &Network) -> Result<()> {
	step("it is killed, starts again on its database and catches up");
	let (alice, dave) = (network.get_node("alice")?, network.get_node("dave")?);
	// SIGKILL, then the same command in the same folder.
	dave.restart(None).await?;
	follows(dave, alice).await?;
	let beefy = beefy_height(alice).await?;
	beefy_goes_beyond(dave, beefy).await
}

/// Writes the specification of the local chain, as the binary under test knows it. It is raw,
/// because zombienet rewrites the genesis of plain ones.
fn export_specification(directory: &Path) -> Result<PathBuf> {
	let (binary, specification) = (binary()?, directory.join("specification.json"));
	let export = Command::new(&binary)
		.args(["export-chain-spec", "--chain", CHAIN, "--raw", "--output"])
		.arg(&specification)
		.output()
		.with_context(|| format!("{} cannot be run.", binary.display()))?;
	ensure!(
		export.status.success(),
		"{} exported no specification: {}",
		binary.display(),
		String::from_utf8_lossy(&export.stderr),
	);
	Ok(specification)
}

async fn start(specification: &Path, nodes: &Path) -> Result<Network> {
	let binary = binary()?;
	let command = binary.to_str().context("The path of the node is not in UTF-8.")?;
	let [first, others @ ..] = VALIDATORS;
	let config = NetworkConfigBuilder::new()
		.with_relaychain(|chain| {
			let chain = chain
				.with_chain(CHAIN)
				.with_chain_spec_path(specification.to_path_buf())
				.with_default_command(command)
				.with_default_args(ARGUMENTS.map(Arg::from).to_vec())
				.with_validator(|node| {
					node.with_name(first).with_keystore_key_types(KEY_TYPES.to_vec())
				});
			others.into_iter().fold(chain, |chain, name| {
				chain.with_validator(|node| {
					node.with_name(name).with_keystore_key_types(KEY_TYPES.to_vec())
				})
			})
		})
		.with_global_settings(|settings| {
			settings
				.with_base_dir(nodes)
				.with_network_spawn_timeout(START_SECONDS)
				// The test stops nodes itself.
				.with_tear_down_on_failure(false)
		})
		.build()
		.map_err(|errors| anyhow!("The network is configured wrongly: {errors:?}"))?;
	config.spawn_native().await.context("The network did not start.")
}

/// The node under test: `OPENLEDGER_BIN`, or what a build leaves in the default target folder.
fn binary() -> Result<PathBuf> {
	let given = env::var_os("OPENLEDGER_BIN").map(PathBuf::from);
	let cache = env::var_os("XDG_CACHE_HOME")
		.map(PathBuf::from)
		.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
	let path = given
		.or_else(|| Some(cache?.join("openledger/target/release/openledger")))
		.context("Neither OPENLEDGER_BIN nor HOME is set, so there is no node to test.")?;
	ensure!(
		path.is_file(),
		"There is no node at {}. Build it with scripts/run.sh --build-only, or set OPENLEDGER_BIN.",
		path.display(),
	);
	// Nodes run in folders of their own, where a relative path leads elsewhere.
	Ok(path.canonicalize()?)
}

fn step(title: &str) {
	println!("- {title}");
}

fn validators(network: &Network) -> Result<Vec<&NetworkNode>> {
	VALIDATORS.iter().map(|name| network.get_node(*name)).collect()
}

/// Waits until a node has finalised the block at a height.
async fn finalises(node: &NetworkNode, height: f64) -> Result<()> {
	node.wait_metric_with_timeout(FINALIZED, |finalized| finalized >= height, WAIT_SECONDS)
		.await
		.with_context(|| format!("{} did not finalise block {height}.", node.name()))
}

/// Waits until a node has finalised what another one has and some more, and compares their chains.
async fn follows(node: &NetworkNode, leader: &NetworkNode) -> Result<()> {
	let height = leader.reports(FINALIZED).await?;
	finalises(node, height + PROGRESS).await?;
	let (own, expected) = (hash_at(node, height).await?, hash_at(leader, height).await?);
	ensure!(own == expected, "{} has another block {height}: {own}, {expected}.", node.name());
	Ok(())
}

/// The most blocks that finality is behind while a node imports some.
async fn worst_lag(node: &NetworkNode) -> Result<f64> {
	let mut worst: f64 = 0.0;
	let mut best = node.reports(BEST).await?;
	let end = best + PROGRESS;
	while best < end {
		node.wait_metric_with_timeout(BEST, |height| height > best, WAIT_SECONDS).await?;
		// Read before the best block: a block in between makes the lag look longer, never shorter.
		let finalized = node.reports(FINALIZED).await?;
		best = node.reports(BEST).await?;
		worst = worst.max(best - finalized);
	}
	Ok(worst)
}

/// The height of the last block that BEEFY finalised.
async fn beefy_height(node: &NetworkNode) -> Result<u64> {
	let hash = rpc(node, "beefy_getFinalizedHead", rpc_params![]).await?;
	let header = rpc(node, "chain_getHeader", rpc_params![&hash]).await?;
	let number = header["number"].as_str().and_then(|number| number.strip_prefix("0x"));
	let number = number.with_context(|| format!("{} has no block {hash}.", node.name()))?;
	Ok(u64::from_str_radix(number, 16)?)
}

/// Waits until BEEFY has finalised a block beyond a height.
async fn beefy_goes_beyond(node: &NetworkNode, height: u64) -> Result<()> {
	let deadline = Instant::now() + Duration::from_secs(WAIT_SECONDS.into());
	loop {
		// A node that starts has no BEEFY head yet, which is an error of its RPC.
		let reached = beefy_height(node).await;
		if matches!(reached, Ok(reached) if reached > height) {
			return Ok(());
		}
		if Instant::now() > deadline {
			bail!("BEEFY did not finalise beyond block {height} at {}: {reached:?}", node.name());
		}
		sleep(Duration::from_secs(1)).await;
	}
}

async fn hash_at(node: &NetworkNode, height: f64) -> Result<Value> {
	rpc(node, "chain_getBlockHash", rpc_params![height as u64]).await
}

async fn rpc(node: &NetworkNode, method: &str, parameters: RpcParams) -> Result<Value> {
	let client = node.rpc().await?;
	let answer = client.request(method, parameters).await;
	answer.with_context(|| format!("{} did not answer {method}.", node.name()))
}

/// The length of a list in the last finalised state.
async fn length(node: &NetworkNode, pallet: &str, entry: &str) -> Result<u32> {
	let client = node.wait_client_with_timeout::<PolkadotConfig>(WAIT_SECONDS).await?;
	let storage = client.storage().at_latest().await?;
	let list = storage.fetch(&dynamic::storage(pallet, entry, ())).await?;
	let list = list.with_context(|| format!("{pallet}.{entry} is empty."))?;
	// Every SCALE list begins with its length.
	Ok(Compact::<u32>::decode(&mut list.encoded())?.0)
}

/// Waits until a node has written a line.
async fn logs(node: &NetworkNode, line: &str) -> Result<()> {
	let deadline = Instant::now() + Duration::from_secs(WAIT_SECONDS.into());
	while !node.logs().await?.contains(line) {
		ensure!(Instant::now() < deadline, "{} did not log \"{line}\".", node.name());
		sleep(Duration::from_secs(1)).await;
	}
	Ok(())
}

fn show_logs(network: &Path) {
	for name in VALIDATORS.into_iter().chain([FULL_NODE]) {
		let Ok(log) = fs::read_to_string(network.join(name).join(format!("{name}.log"))) else {
			continue;
		};
		let lines: Vec<&str> = log.lines().collect();
		let tail = &lines[lines.len().saturating_sub(LOG_TAIL_LINES)..];
		eprintln!("--- the last lines of {name}:\n{}", tail.join("\n"));
	}
}
