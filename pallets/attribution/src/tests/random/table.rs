//! What happened how often, and what should have.

use super::*;

/// What happens beside calls.
const BESIDE: [&str; 18] = [
	"pause",
	"terms",
	"window",
	"deposit",
	"rule",
	"Honest",
	"Stingy",
	"Indiscreet",
	"Backwards",
	"Stealing",
	"Overcharging",
	"miscredited",
	"wrong",
	"no answer",
	"no draws",
	"orphaned",
	"final early",
	"final, attested",
];

/// Calls of the other pallets.
const OTHERS: [&str; 10] = [
	"appoint_operator",
	"accept_operation",
	"raise_bond",
	"end_operation",
	"release_operator",
	"set_price",
	"transfer_model",
	"flag",
	"transfer_right",
	"set_payee",
];

/// How often what happened: what succeeded, errors, events of this pallet.
#[derive(Default)]
pub struct Table {
	pub done: BTreeMap<&'static str, u32>,
	pub errors: BTreeMap<&'static str, u32>,
	pub events: BTreeMap<&'static str, u32>,
}

impl Table {
	pub fn done(&mut self, name: &'static str) {
		*self.done.entry(name).or_default() += 1;
	}

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

	/// Prints it, and returns what should have happened and did not.
	pub fn holes(&mut self) -> Vec<&'static str> {
		let calls = Call::<Test>::get_call_names().iter();
		let money = pallet_rewards::Call::<Test>::get_call_names().iter();
		let done: Vec<_> = calls.chain(money).chain(&BESIDE).chain(&OTHERS).copied().collect();
		let events = variants::<Event<Test>>().into_values().collect();
		let mut holes = Vec::new();
		for ((part, counts), names) in self.parts().into_iter().zip([done, vec![], events]) {
			println!("\n{part}");
			for name in names {
				if *counts.entry(name).or_default() == 0 {
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
