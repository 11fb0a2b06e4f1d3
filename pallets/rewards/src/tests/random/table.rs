//! What happened how often, and what should have.

use super::*;

/// How often what happened: what succeeded, errors, events.
#[derive(Default)]
pub struct Table {
	pub done: BTreeMap<&'static str, u32>,
	pub errors: BTreeMap<&'static str, u32>,
	pub events: BTreeMap<&'static str, u32>,
}

impl Table {
	fn parts(&mut self) -> [(&'static str, &mut BTreeMap<&'static str, u32>); 3] {
		[("done", &mut self.done), ("errors", &mut self.errors), ("events", &mut self.events)]
	}

	pub fn add(&mut self, mut other: Self) {
		for ((_, mine), (_, theirs)) in self.parts().into_iter().zip(other.parts()) {
			for (name, count) in theirs {
				*mine.entry(name).or_default() += *count;
			}
		}
	}

	/// Prints it, and returns what should have happened and did not, or not often enough.
	pub fn holes(&mut self) -> Vec<&'static str> {
		let every = |names: BTreeMap<u8, &'static str>| names.into_values().collect::<Vec<_>>();
		let done = Call::get_call_names().iter().chain(&LANES).copied().collect();
		let expected =
			[(done, ENOUGH), (every(variants::<Error>()), 1), (every(variants::<Event>()), 1)];
		let mut holes = Vec::new();
		for ((part, counts), (names, least)) in self.parts().into_iter().zip(expected) {
			println!("\n{part}");
			for name in names {
				if *counts.entry(name).or_default() < least {
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
