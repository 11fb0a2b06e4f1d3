//! Says what is waited for once, and again when it changes or after a while, instead of in every round.

use std::{
	collections::BTreeMap,
	time::{Duration, Instant},
};

use tracing::{info, warn};

/// After how long the same is said again.
const AGAIN: Duration = Duration::from_secs(1_800);

/// What is spoken of: a subject, and which of its kind.
pub type Topic = (&'static str, u64);

/// Remembers what was said.
#[derive(Default)]
pub struct Says {
	said: BTreeMap<Topic, (String, Instant)>,
}

impl Says {
	/// Whether this is news.
	fn is_news(&mut self, topic: Topic, text: &str, now: Instant) -> bool {
		let old = self.said.get(&topic);
		let known =
			old.is_some_and(|(said, when)| said == text && now.duration_since(*when) < AGAIN);
		if !known {
			self.said.insert(topic, (text.into(), now));
		}
		!known
	}

	/// Tells what is waited for.
	pub fn info(&mut self, topic: Topic, text: String) {
		if self.is_news(topic, &text, Instant::now()) {
			info!("{text}");
		}
	}

	/// Tells what somebody must do something about.
	pub fn warn(&mut self, topic: Topic, text: String) {
		if self.is_news(topic, &text, Instant::now()) {
			warn!("{text}");
		}
	}

	/// Forgets a subject, but for some of its kind, which are sorted.
	pub fn forget(&mut self, subject: &str, but: &[u64]) {
		self.said.retain(|(of, which), _| *of != subject || but.binary_search(which).is_ok());
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_same_is_said_again_only_after_a_while() {
		let (mut says, start) = (Says::default(), Instant::now());
		assert!(says.is_news(("deposit", 1), "waits", start));
		assert!(!says.is_news(("deposit", 1), "waits", start + AGAIN / 2));
		assert!(says.is_news(("deposit", 2), "waits", start));
		assert!(says.is_news(("deposit", 1), "can be proven", start));
		assert!(says.is_news(("deposit", 1), "can be proven", start + AGAIN));
	}

	#[test]
	fn what_is_over_is_forgotten() {
		let (mut says, start) = (Says::default(), Instant::now());
		for topic in [("deposit", 1), ("deposit", 2), ("withdrawal", 1)] {
			says.is_news(topic, "waits", start);
		}
		says.forget("deposit", &[2]);
		assert_eq!(
			says.said.keys().copied().collect::<Vec<_>>(),
			[("deposit", 2), ("withdrawal", 1)]
		);
	}
}
