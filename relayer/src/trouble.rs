//! What can go wrong, sorted by whose it is: for people, who must know where to look, and for the metrics.

use std::fmt;

use anyhow::Error;

/// Where an error comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
	/// The node of the chain does not answer as it should.
	Node,
	/// The chain's pool of transactions: a fork, an older transaction, too many of them. It passes.
	Pool,
	/// The Ethereum node does not.
	Ethereum,
	/// The beacon node does not.
	Beacon,
	/// Ethereum had a fork that the runtime does not know.
	Fork,
	/// The chain refused a transaction.
	Refused,
	/// A contract would revert, or did.
	Reverted,
	/// Gas costs more than may be paid.
	Gas,
	/// An account has too little.
	Funds,
	/// Two sources contradict each other: a reorganisation, or nodes of different chains.
	Mismatch,
	/// Something else.
	Other,
}

impl Trouble {
	/// All of them.
	pub const ALL: [Self; 11] = [
		Self::Node,
		Self::Pool,
		Self::Ethereum,
		Self::Beacon,
		Self::Fork,
		Self::Refused,
		Self::Reverted,
		Self::Gas,
		Self::Funds,
		Self::Mismatch,
		Self::Other,
	];

	/// For metrics.
	pub fn label(self) -> &'static str {
		match self {
			Self::Node => "node",
			Self::Pool => "pool",
			Self::Ethereum => "ethereum",
			Self::Beacon => "beacon",
			Self::Fork => "fork",
			Self::Refused => "refused",
			Self::Reverted => "reverted",
			Self::Gas => "gas",
			Self::Funds => "funds",
			Self::Mismatch => "mismatch",
			Self::Other => "other",
		}
	}

	/// Where an error comes from, if that was said.
	pub fn of(error: &Error) -> Self {
		error.downcast_ref::<Self>().copied().unwrap_or(Self::Other)
	}
}

impl fmt::Display for Trouble {
	fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
		to.write_str(match self {
			Self::Node => "The node of the chain",
			Self::Pool => "The chain's pool of transactions",
			Self::Ethereum => "The Ethereum node",
			Self::Beacon => "The beacon node",
			Self::Fork => "An unknown fork of Ethereum",
			Self::Refused => "The chain refuses it",
			Self::Reverted => "The contract refuses it",
			Self::Gas => "Gas is too dear",
			Self::Funds => "Too little in an account",
			Self::Mismatch => "Two sources disagree",
			Self::Other => "Something went wrong",
		})
	}
}

#[cfg(test)]
mod tests {
	use anyhow::anyhow;

	use super::*;

	#[test]
	fn an_error_keeps_its_source_below_other_words() {
		let error = anyhow!("no route").context(Trouble::Beacon).context("While reading a header");
		assert_eq!(Trouble::of(&error), Trouble::Beacon);
		assert_eq!(format!("{error:#}"), "While reading a header: The beacon node: no route");
		assert_eq!(Trouble::of(&anyhow!("no route")), Trouble::Other);
	}

	#[test]
	fn every_source_has_a_label_of_its_own() {
		let labels: std::collections::BTreeSet<_> =
			Trouble::ALL.iter().map(|one| one.label()).collect();
		assert_eq!(labels.len(), Trouble::ALL.len());
	}
}
