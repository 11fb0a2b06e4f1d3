//! What happened how often, and what should have.

use super::*;
use codec::Encode;
use scale_info::{TypeDef, TypeInfo};
use std::collections::BTreeMap;

/// How often every act must succeed.
const ENOUGH: u32 = 20;

type Counts = BTreeMap<&'static str, u32>;

#[derive(Default)]
pub struct Table {
	done: Counts,
	errors: Counts,
	events: Counts,
}

/// The names of the variants of an enumeration, by their index.
fn variants<Enumeration: TypeInfo + 'static>() -> BTreeMap<u8, &'static str> {
	let TypeDef::Variant(all) = Enumeration::type_info().type_def else { return BTreeMap::new() };
	let named = all.variants.into_iter().filter(|variant| variant.name != "__Ignore");
	named.map(|variant| (variant.index, variant.name)).collect()
}

impl Table {
	pub fn done(&mut self, act: &'static str) {
		*self.done.entry(act).or_default() += 1;
	}

	pub fn error(&mut self, error: DispatchError) {
		*self.errors.entry(error.into()).or_default() += 1;
	}

	pub fn event(&mut self, event: &Event<Test>) {
		let name = variants::<Event<Test>>()[&event.encode()[0]];
		*self.events.entry(name).or_default() += 1;
	}

	fn parts(&mut self) -> [(&'static str, &mut Counts); 3] {
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
		let acts = ACTS.iter().map(|(_, name, _)| *name).collect();
		let expected = [
			(acts, ENOUGH),
			(every(variants::<Error<Test>>()), 1),
			(every(variants::<Event<Test>>()), 1),
		];
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
