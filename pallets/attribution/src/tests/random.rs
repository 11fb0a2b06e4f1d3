//! Lives at random: payers, operators honest and not, challengers, attestors, contributors and
//! governance do whatever comes to their mind, most of it sensible. After every act the invariants
//! hold and no money was made or lost, and an indexer knows what the chain knows. In the end
//! everything runs out and everybody leaves; nothing is left, and nothing is held of anybody.

mod acts;
mod end;
mod table;

use super::{
	earnings::{Far, Index},
	market::*,
	*,
};
use acts::ACTS;
use codec::Encode;
use frame_support::traits::{fungible::InspectHold, GetCallMetadata, GetCallName};
use openledger_primitives::{records::ContributionRef, units::OPEN};
use openledger_settlement::{build::challenge, sample::Random, STEP};
use std::thread;
use table::Table;

const SEEDS: [u64; 4] = [1, 2, 3, 4];
const BLOCKS: u32 = 400;
const ACTS_PER_BLOCK: u32 = 5;
/// Who operates, and who attests.
const OPERATORS: [&str; 5] = ["operator", "successor", "stranger", "contributor", "datanet-owner"];
const ATTESTORS: [&str; 3] = ["attestor-1", "attestor-2", "attestor-3"];

/// A batch that was submitted, with what its operator knows.
struct Deal {
	trade: Trade,
	/// What shows that a step is wrong, if one is.
	wrong: Option<Opening>,
	/// The receipt whose credits were made up, if one is.
	miscredited: Option<u32>,
}

impl Deal {
	fn honest(&self) -> bool {
		self.doubted().is_none()
	}

	/// A receipt that its operator had better not show.
	fn doubted(&self) -> Option<u32> {
		let wrong = self.wrong.as_ref().map(|opening| opening.step * STEP);
		self.miscredited.or(wrong)
	}
}

struct World {
	random: Random,
	table: Table,
	index: Index,
	deals: BTreeMap<(ModelId, BatchNumber), Deal>,
	/// Submissions that went through, with who made them.
	submitted: Vec<(AccountId, Call<Test>)>,
	issued: Balance,
}

impl World {
	/// Makes a call, counts what comes of it, and reads its events. Says whether it was done.
	fn call(&mut self, who: AccountId, call: impl Into<RuntimeCall>) -> bool {
		let call = call.into();
		let name = call.get_call_metadata().function_name;
		let done = dispatch_by(who, call.clone());
		match done {
			Ok(()) => self.table.done(name),
			Err(error) => {
				let error: &'static str = error.into();
				*self.table.errors.entry(error).or_default() += 1;
			}
		}
		self.read(Some(call));
		self.check();
		done.is_ok()
	}

	fn read(&mut self, call: Option<RuntimeCall>) {
		let events = take_events();
		for event in &events {
			if let RuntimeEvent::Attribution(event) = event {
				let name = variants::<Event<Test>>()[&event.encode()[0]];
				*self.table.events.entry(name).or_default() += 1;
				match event {
					Event::Voided { fault, .. } => self.table.done(match fault {
						Fault::Wrong { .. } => "wrong",
						Fault::NoAnswer { .. } => "no answer",
						Fault::NoDraws => "no draws",
						Fault::Orphaned => "orphaned",
					}),
					Event::Final { early: true, .. } => self.table.done("final early"),
					Event::Final { attested: true, .. } => self.table.done("final, attested"),
					Event::Final { .. } => self.table.done("final by time"),
					_ => {}
				}
			}
		}
		self.index.read(&(call, events));
	}

	/// The invariants, and that nothing was made or lost.
	fn check(&self) {
		check();
		assert_eq!(Balances::total_issuance(), self.issued);
	}

	fn live_a_block(&mut self) {
		match self.random.below(20) {
			// The chain is paused: blocks pass, deadlines do not.
			0 => {
				for _ in 0..1 + self.random.below(50) {
					System::set_block_number(System::block_number() + 1);
					Attribution::on_initialize(System::block_number());
				}
				self.table.done("pause");
			}
			1 | 2 => change_epoch(),
			_ => pass(1),
		}
		self.read(None);
		self.check();
		let weights = ACTS.iter().map(|(weight, _)| weight).sum();
		for _ in 0..ACTS_PER_BLOCK {
			let mut roll = self.random.below(weights);
			let (_, act) = ACTS
				.iter()
				.find(|(weight, _)| {
					let found = roll < *weight;
					roll = roll.wrapping_sub(*weight);
					found
				})
				.unwrap();
			act(self);
		}
		self.index.check();
		// What is over is no deal any more.
		self.deals.retain(|(model, batch), _| Batches::<Test>::contains_key(model, batch));
	}

	fn live(seed: u64) -> Table {
		let mut table = Table::default();
		build_and_execute(|| {
			let mut world = Self {
				random: Random(seed),
				table: Table::default(),
				index: Index::default(),
				deals: BTreeMap::new(),
				submitted: Vec::new(),
				issued: Balances::total_issuance(),
			};
			open_market(Permill::from_percent(10));
			world.read(None);
			for _ in 0..BLOCKS {
				world.live_a_block();
			}
			world.run_out();
			world.leave();
			world.index.check();
			world.nothing_is_left();
			table = world.table;
		});
		table
	}
}

#[test]
fn thousands_of_acts_of_random_life_and_then_everybody_takes_what_is_theirs() {
	let worlds = SEEDS.map(|seed| thread::spawn(move || World::live(seed)));
	let mut table = Table::default();
	for world in worlds {
		table.add(world.join().unwrap());
	}
	let holes = table.holes();
	assert!(holes.is_empty(), "these did not happen: {holes:?}");
}
