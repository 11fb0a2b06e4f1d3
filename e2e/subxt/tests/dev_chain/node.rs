//! One development node as a real process, which ends with the test.

use std::{
	env,
	fs::{self, File},
	net::TcpListener,
	path::PathBuf,
	process::{Child, Command, Stdio},
	time::Duration,
};

use anyhow::{bail, ensure, Context, Result};
use subxt::rpcs::RpcClient;
use tempfile::TempDir;
use tokio::time::{sleep, Instant};

const START_SECONDS: u64 = 90;
const LOG_TAIL_LINES: usize = 60;

pub struct DevNode {
	process: Child,
	directory: TempDir,
	url: String,
	served: bool,
}

impl DevNode {
	/// Starts the node on a chain that begins now, and returns once its RPC answers.
	pub async fn start() -> Result<Self> {
		let directory = TempDir::with_prefix("openledger-subxt-")?;
		// Both are taken before one is given back: two ports, not twice the same.
		let free = [TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?];
		let [rpc_port, port] = [free[0].local_addr()?.port(), free[1].local_addr()?.port()];
		drop(free);

		let binary = binary()?;
		let log = File::create(directory.path().join("node.log"))?;
		let process = Command::new(&binary)
			.arg("--dev")
			.arg("--base-path")
			.arg(directory.path().join("data"))
			.args(["--rpc-port", &rpc_port.to_string(), "--port", &port.to_string()])
			// The events of all blocks are read at the end.
			.args(["--state-pruning", "archive"])
			.args(["--no-prometheus", "--no-telemetry", "--no-hardware-benchmarks"])
			.stdin(Stdio::null())
			.stdout(log.try_clone()?)
			.stderr(log)
			.spawn()
			.with_context(|| format!("{} cannot be run.", binary.display()))?;
		let url = format!("ws://127.0.0.1:{rpc_port}");
		let mut node = DevNode { process, directory, url, served: false };
		node.answers().await?;
		Ok(node)
	}

	pub fn url(&self) -> &str {
		&self.url
	}

	/// Ends the node without showing its log.
	pub fn has_served(mut self) {
		self.served = true;
	}

	async fn answers(&mut self) -> Result<()> {
		let deadline = Instant::now() + Duration::from_secs(START_SECONDS);
		while let Err(error) = RpcClient::from_insecure_url(&self.url).await {
			if let Some(status) = self.process.try_wait()? {
				bail!("The node ended at once ({status}).");
			}
			ensure!(Instant::now() < deadline, "The node did not answer: {error}");
			sleep(Duration::from_millis(200)).await;
		}
		Ok(())
	}

	fn show_log(&self) {
		let log = fs::read_to_string(self.directory.path().join("node.log")).unwrap_or_default();
		let lines: Vec<&str> = log.lines().collect();
		let tail = &lines[lines.len().saturating_sub(LOG_TAIL_LINES)..];
		eprintln!("--- the last lines of the node:\n{}", tail.join("\n"));
	}
}

impl Drop for DevNode {
	fn drop(&mut self) {
		// It may have ended by itself.
		let _ = self.process.kill();
		let _ = self.process.wait();
		if !self.served {
			self.show_log();
		}
	}
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
	Ok(path)
}
