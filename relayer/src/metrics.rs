//! Numbers for Prometheus, in its text format, over the smallest HTTP server that it accepts.

use std::{
	collections::BTreeMap,
	fmt::Write,
	net::SocketAddr,
	sync::{Mutex, PoisonError},
	time::Duration,
};

use anyhow::{Context, Result};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{TcpListener, TcpStream},
	time::timeout,
};

use crate::trouble::Trouble;

/// How long a reader may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A number that goes up and down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gauge {
	BeaconFinalizedSlot,
	ClientSlot,
	ClientAge,
	DepositsLocked,
	DepositNext,
	DepositsWaiting,
	ParkedOpen,
	WithdrawalsQueued,
	WithdrawalNext,
	WithdrawalsWaiting,
	BeefyBlock,
	BeefySet,
	L1Block,
	L1Set,
	L1Age,
	ForeignHandovers,
	SubstrateBalance,
	EthereumBalance,
}

impl Gauge {
	const ALL: [Self; 18] = [
		Self::BeaconFinalizedSlot,
		Self::ClientSlot,
		Self::ClientAge,
		Self::DepositsLocked,
		Self::DepositNext,
		Self::DepositsWaiting,
		Self::ParkedOpen,
		Self::WithdrawalsQueued,
		Self::WithdrawalNext,
		Self::WithdrawalsWaiting,
		Self::BeefyBlock,
		Self::BeefySet,
		Self::L1Block,
		Self::L1Set,
		Self::L1Age,
		Self::ForeignHandovers,
		Self::SubstrateBalance,
		Self::EthereumBalance,
	];

	fn describe(self) -> (&'static str, &'static str) {
		match self {
			Self::BeaconFinalizedSlot => {
				("beacon_finalized_slot", "The slot that Ethereum has finalised")
			}
			Self::ClientSlot => {
				("client_slot", "The last slot that the chain's beacon client knows")
			}
			Self::ClientAge => ("client_age_seconds", "How old that slot is"),
			Self::DepositsLocked => {
				("deposits_locked", "The nonce of the last deposit on Ethereum")
			}
			Self::DepositNext => {
				("deposit_next", "The lowest nonce of a deposit that the chain has not executed")
			}
			Self::DepositsWaiting => {
				("deposits_waiting", "Deposits that the chain has not executed")
			}
			Self::ParkedOpen => ("parked_open", "OPEN in deposits that wait to be minted"),
			Self::WithdrawalsQueued => {
				("withdrawals_queued", "The nonce of the last withdrawal on the chain")
			}
			Self::WithdrawalNext => (
				"withdrawal_next",
				"The lowest nonce of a withdrawal that is known not to be unlocked",
			),
			Self::WithdrawalsWaiting => {
				("withdrawals_waiting", "Withdrawals that are known not to be unlocked")
			}
			Self::BeefyBlock => ("beefy_block", "The last block that BEEFY has made final"),
			Self::BeefySet => ("beefy_set", "The validator set of that block"),
			Self::L1Block => ("l1_block", "The block of the newest root that L1 knows"),
			Self::L1Set => ("l1_set", "The validator set that L1 holds to be in office"),
			Self::L1Age => {
				("l1_age_seconds", "How long ago, at most, that set's session was on the chain")
			}
			Self::ForeignHandovers => (
				"foreign_handovers",
				"Posted handovers that are not of this chain: guardians must veto them",
			),
			Self::SubstrateBalance => {
				("substrate_balance_open", "What the account on the chain has")
			}
			Self::EthereumBalance => ("ethereum_balance_eth", "What the account on Ethereum has"),
		}
	}
}

/// A number that only goes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Count {
	Rounds(&'static str),
	Done(&'static str),
	Errors(&'static str),
}

impl Count {
	fn describe(&self) -> (&'static str, &'static str, &'static str, &'static str) {
		match self {
			Self::Rounds(of) => {
				("rounds_total", "Rounds that ended without an error", "direction", of)
			}
			Self::Done(what) => ("done_total", "What was carried out", "what", what),
			Self::Errors(kind) => ("errors_total", "What went wrong", "kind", kind),
		}
	}
}

/// All of them.
#[derive(Default)]
pub struct Metrics {
	gauges: Mutex<BTreeMap<Gauge, f64>>,
	counts: Mutex<BTreeMap<Count, u64>>,
}

impl Metrics {
	/// Sets a number.
	pub fn set(&self, gauge: Gauge, value: f64) {
		self.gauges.lock().unwrap_or_else(PoisonError::into_inner).insert(gauge, value);
	}

	/// Counts one.
	pub fn count(&self, count: Count) {
		*self.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(count).or_default() += 1;
	}

	/// Counts an error.
	pub fn error(&self, error: &anyhow::Error) {
		self.count(Count::Errors(Trouble::of(error).label()));
	}

	/// As Prometheus reads it.
	pub fn text(&self) -> String {
		let mut text = String::new();
		let gauges = self.gauges.lock().unwrap_or_else(PoisonError::into_inner);
		for gauge in Gauge::ALL {
			let Some(value) = gauges.get(&gauge) else { continue };
			let (name, help) = gauge.describe();
			// Writing to a string cannot fail.
			let _ = write!(
				text,
				"# HELP openledger_relayer_{name} {help}\n# TYPE openledger_relayer_{name} gauge\n\
				 openledger_relayer_{name} {value}\n"
			);
		}
		let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone();
		// An error that never was is a zero, so that the first one is a rise.
		for kind in Trouble::ALL {
			counts.entry(Count::Errors(kind.label())).or_default();
		}
		let mut last = "";
		for (count, value) in &counts {
			let (name, help, label, of) = count.describe();
			if name != last {
				let _ = write!(
					text,
					"# HELP openledger_relayer_{name} {help}\n# TYPE openledger_relayer_{name} counter\n"
				);
				last = name;
			}
			let _ = writeln!(text, "openledger_relayer_{name}{{{label}=\"{of}\"}} {value}");
		}
		text
	}

	/// Opens the address.
	pub async fn listen(address: SocketAddr) -> Result<TcpListener> {
		TcpListener::bind(address)
			.await
			.with_context(|| format!("--metrics {address} cannot be opened; is it in use?"))
	}

	/// Answers whoever asks, for ever, one after the other.
	pub async fn serve(&self, listener: TcpListener) {
		loop {
			if let Ok((stream, _)) = listener.accept().await {
				// Who does not read has gone; nobody else is concerned.
				let _ = timeout(PATIENCE, self.answer(stream)).await;
			}
		}
	}

	async fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
		let (mut request, mut length) = ([0; 4096], 0);
		while !request.windows(4).any(|four| four == b"\r\n\r\n") {
			match request.get_mut(length..) {
				Some(rest) if !rest.is_empty() => match stream.read(rest).await? {
					0 => return Ok(()),
					read => length += read,
				},
				_ => return Ok(()),
			}
		}
		let (status, body) = if request.starts_with(b"GET /metrics ") {
			("200 OK", self.text())
		} else {
			("404 Not Found", "It is /metrics.\n".into())
		};
		let head = format!(
			"HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\n\
			 Connection: close\r\n\r\n",
			body.len(),
		);
		stream.write_all(head.as_bytes()).await?;
		stream.write_all(body.as_bytes()).await?;
		stream.shutdown().await
	}
}

#[cfg(test)]
mod tests {
	use std::{collections::BTreeSet, sync::Arc};

	use anyhow::anyhow;

	use super::*;

	#[test]
	fn numbers_are_written_as_prometheus_reads_them() {
		let metrics = Metrics::default();
		metrics.set(Gauge::ClientSlot, 7.0);
		metrics.set(Gauge::ClientSlot, 8.0);
		metrics.count(Count::Done("deposit"));
		metrics.count(Count::Done("deposit"));
		metrics.error(&anyhow!("gone").context(Trouble::Beacon));
		let text = metrics.text();
		assert!(text.contains(
			"# TYPE openledger_relayer_client_slot gauge\nopenledger_relayer_client_slot 8\n"
		));
		assert!(text.contains("openledger_relayer_done_total{what=\"deposit\"} 2\n"));
		assert!(text.contains("openledger_relayer_errors_total{kind=\"beacon\"} 1\n"));
		assert!(text.contains("openledger_relayer_errors_total{kind=\"gas\"} 0\n"));
		assert_eq!(text.matches("# TYPE openledger_relayer_errors_total counter\n").count(), 1);
		assert!(!text.contains("l1_block"), "what was never measured is not shown");
	}

	#[test]
	fn every_number_has_a_name_of_its_own() {
		let names: BTreeSet<_> = Gauge::ALL.iter().map(|gauge| gauge.describe().0).collect();
		assert_eq!(names.len(), Gauge::ALL.len());
	}

	#[tokio::test]
	async fn they_are_served_over_http() {
		let metrics = Arc::new(Metrics::default());
		metrics.set(Gauge::L1Block, 5.0);
		let listener = Metrics::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
		let address = listener.local_addr().unwrap();
		let server = tokio::spawn({
			let metrics = metrics.clone();
			async move { metrics.serve(listener).await }
		});
		for (path, expected) in [("/metrics", "l1_block 5\n"), ("/", "404 Not Found")] {
			let mut stream = TcpStream::connect(address).await.unwrap();
			stream
				.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes())
				.await
				.unwrap();
			let mut answer = String::new();
			stream.read_to_string(&mut answer).await.unwrap();
			assert!(answer.contains(expected), "{answer}");
		}
		server.abort();
	}
}
