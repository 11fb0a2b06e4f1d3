//! What happened how often, and what should have.

use super::*;

/// How often what happened: calls that succeeded, errors, events, and what was done with holds.
#[derive(Default)]
pub struct Table {
	pub calls: BTreeMap<String, u32>,
	pub errors: BTreeMap<String, u32>,
	pub events: BTreeMap<String, u32>,
	pub holds: BTreeMap<String, u32>,
}

impl Table {
	fn parts(&mut self) -> [(&'static str, &mut BTreeMap<String, u32>); 4] {
		[
			("calls", &mut self.calls),
			("errors", &mut self.errors),
			("events", &mut self.events),
			("holds", &mut self.holds),
		]
	}

	pub fn add(&mut self, mut other: Self) {
		for ((_, mine), (_, theirs)) in self.parts().into_iter().zip(other.parts()) {
			for (name, count) in theirs {
				*mine.entry(name.clone()).or_default() += *count;
			}
		}
	}

	/// Prints it, and returns what should have happened and did not, or not often enough.
	pub fn holes(&mut self) -> Vec<String> {
		let every =
			|names: BTreeMap<u8, &str>| names.into_values().map(String::from).collect::<Vec<_>>();
		let slashed = [HoldReason::ContributionBond, HoldReason::ReviewerBond, HoldReason::Flag];
		let paid = [HoldReason::Datanet, HoldReason::Flag];
		let holds = REASONS
			.map(|reason| format!("{reason:?} released"))
			.into_iter()
			.chain(slashed.map(|reason| format!("{reason:?} slashed")))
			.chain(paid.map(|reason| format!("{reason:?} to another")))
			.collect();
		let expected = [
			(every(variants::<Call>()), ENOUGH),
			(every(variants::<Error>()), 1),
			(every(variants::<Event>()), 1),
			(holds, 1),
		];
		let mut holes = Vec::new();
		for ((part, counts), (names, least)) in self.parts().into_iter().zip(expected) {
			println!("\n{part}");
			for name in names {
				if *counts.entry(name.clone()).or_default() < least {
					holes.push(name);
				}
			}
			for (name, count) in counts {
				println!("{count:>8}  {name}");
			}
		}
		holes
	}
}
