//! Relaying until stopped: a loop for each direction, which never wait for each other.

use std::{future::Future, sync::Arc, time::Duration};

use anyhow::{Context, Error, Result};
use tokio::{
	signal::unix::{signal, SignalKind},
	time::sleep,
};
use tracing::{info, warn};

use crate::{
	cli::Run,
	inbound::Inbound,
	metrics::{Count, Metrics},
	outbound::{Outbound, Service},
	relay::Relay,
	trouble::Trouble,
};

/// The longest pause after errors.
const PAUSE: Duration = Duration::from_secs(60);

/// How long to pause after so many errors in a row.
fn pause(poll: Duration, errors: u32) -> Duration {
	poll.saturating_mul(1 << errors.min(6)).min(PAUSE.max(poll))
}

/// Tells of errors: each once in a row, until all is well again.
#[derive(Default)]
struct Trail {
	last: String,
	count: u32,
}

impl Trail {
	/// How many errors there were in a row.
	fn note(&mut self, direction: &str, outcome: Result<()>, metrics: &Metrics) -> u32 {
		match outcome {
			Ok(()) => {
				if self.count > 0 {
					info!("{direction}: going on");
				}
				*self = Self::default();
			}
			Err(error) => {
				metrics.error(&error);
				let text = sentence(&error);
				if text != self.last {
					warn!("{direction}: {text}");
				}
				*self = Self { last: text, count: self.count.saturating_add(1) };
			}
		}
		self.count
	}
}

/// An error with its causes, and what to do.
pub fn sentence(error: &Error) -> String {
	let advice = match Trouble::of(error) {
		Trouble::Node => " Look after the node (--node); trying again.",
		Trouble::Pool => " Trying again.",
		Trouble::Ethereum => " Look after the Ethereum node (--ethereum); trying again.",
		Trouble::Beacon => " Look after the beacon node (--beacon); trying again.",
		Trouble::Funds => " Fund the account.",
		_ => "",
	};
	let text = format!("{error:#}");
	let stop = if text.ends_with('.') { "" } else { "." };
	format!("{text}{stop}{advice}")
}

/// The outcome of a step that is wanted once; nothing if the pool stopped it, so that it has to be taken again.
pub fn passing<T>(outcome: Result<T>) -> Result<Option<T>> {
	match outcome {
		Err(error) if Trouble::of(&error) == Trouble::Pool => {
			warn!("{}", sentence(&error));
			Ok(None)
		}
		outcome => outcome.map(Some),
	}
}

async fn direction<Round>(
	name: &'static str,
	relay: &Relay,
	poll: Duration,
	mut round: impl FnMut() -> Round,
) where
	Round: Future<Output = Result<()>>,
{
	let mut trail = Trail::default();
	loop {
		let outcome = round().await;
		if outcome.is_ok() {
			relay.metrics.count(Count::Rounds(name));
		}
		let errors = trail.note(name, outcome, &relay.metrics);
		sleep(pause(poll, errors)).await;
	}
}

/// Relays until it is told to stop.
pub async fn run(relay: Arc<Relay>, options: Run, poll: Duration) -> Result<()> {
	let mut ended = signal(SignalKind::terminate()).context("Signals cannot be waited for.")?;
	let listener = match options.metrics {
		Some(address) => Some(Metrics::listen(address).await?),
		None => None,
	};
	let numbers = {
		let relay = relay.clone();
		async move {
			match listener {
				Some(listener) => relay.metrics.serve(listener).await,
				None => std::future::pending().await,
			}
		}
	};
	let inbound = {
		let relay = relay.clone();
		async move {
			if relay.key.is_none() {
				warn!("No key for the chain: beacon updates and deposits are left to others.");
				return std::future::pending().await;
			}
			let state = Arc::new(tokio::sync::Mutex::new(Inbound::default()));
			direction("ethereum-to-chain", &relay, poll, || {
				let (relay, state) = (relay.clone(), state.clone());
				async move { state.lock().await.round(&relay).await }
			})
			.await
		}
	};
	let outbound = {
		let relay = relay.clone();
		let Run { unlock, handovers_only, beefy_every: every, .. } = options;
		async move {
			if relay.ethereum.account().is_none() {
				warn!("No key for Ethereum: roots and withdrawals are left to others.");
				return std::future::pending().await;
			}
			let service = Service { unlock, handovers_only, every };
			let state = Arc::new(tokio::sync::Mutex::new(Outbound::default()));
			direction("chain-to-ethereum", &relay, poll, || {
				let (relay, state) = (relay.clone(), state.clone());
				async move { state.lock().await.round(&relay, service).await }
			})
			.await
		}
	};
	info!("relaying; stop it with Ctrl-C at any time");
	let tasks = [tokio::spawn(numbers), tokio::spawn(inbound), tokio::spawn(outbound)];
	tokio::select! {
		_ = tokio::signal::ctrl_c() => {}
		_ = ended.recv() => {}
	}
	for task in tasks {
		task.abort();
	}
	info!("stopped");
	Ok(())
}

#[cfg(test)]
mod tests {
	use anyhow::anyhow;

	use super::*;

	#[test]
	fn pauses_grow_to_a_minute() {
		let poll = Duration::from_secs(6);
		let all: Vec<_> = (0..6).map(|errors| pause(poll, errors).as_secs()).collect();
		assert_eq!(all, [6, 12, 24, 48, 60, 60]);
		assert_eq!(pause(Duration::from_secs(90), 3).as_secs(), 90);
	}

	#[test]
	fn errors_are_counted_until_all_is_well() {
		let (mut trail, metrics) = (Trail::default(), Metrics::default());
		let error = || anyhow!("gone").context(Trouble::Node);
		assert_eq!(trail.note("x", Err(error()), &metrics), 1);
		assert_eq!(trail.note("x", Err(error()), &metrics), 2);
		assert_eq!(trail.note("x", Ok(()), &metrics), 0);
		assert!(metrics.text().contains("errors_total{kind=\"node\"} 2"));
	}

	#[test]
	fn a_step_that_the_pool_stopped_is_taken_again_and_no_other() {
		let failed = |trouble| passing::<()>(Err(anyhow!("stopped").context(trouble)));
		assert_eq!(failed(Trouble::Pool).unwrap(), None);
		for trouble in Trouble::ALL.into_iter().filter(|trouble| *trouble != Trouble::Pool) {
			assert_eq!(Trouble::of(&failed(trouble).unwrap_err()), trouble);
		}
		assert_eq!(passing(Ok(3)).unwrap(), Some(3));
	}

	#[test]
	fn an_error_says_what_to_do() {
		let error = anyhow!("ws://x cannot be reached").context(Trouble::Node);
		let text = sentence(&error);
		assert_eq!(
			text,
			"The node of the chain: ws://x cannot be reached. Look after the node (--node); trying again."
		);
	}
}
