//! Lives at random: payers, operators, contributors and governance do whatever comes to their mind,
//! most of it sensible. After every block the invariants hold, an indexer that reads nothing but events
//! knows what the chain knows, and no money was made or lost; in the end everybody takes what is
//! theirs, and nothing is left.

mod acts;
mod index;
mod table;

use super::*;
use acts::{ACTS, THIRD_MODEL};
use frame_support::traits::GetCallName;
use index::Index;
use std::thread;
use table::Table;

const SEEDS: [u64; 4] = [1, 2, 3, 4];
const BLOCKS: u32 = 300;
const ACTS_PER_BLOCK: u32 = 6;
/// How often every call and everything that lanes do must succeed.
const ENOUGH: u32 = 50;
/// What lanes do.
const LANES: [&str; 4] = ["take", "give_back", "pay_totals", "pay_contributions"];

/// A batch that is not final.
struct Open {
	model: ModelId,
	/// Who has spent what in it.
	spent: Vec<(AccountId, Nano)>,
}

impl Open {
	fn sum(&self) -> Nano {
		self.spent.iter().map(|(_, cost)| cost).sum()
	}
}

struct World {
	random: Random,
	table: Table,
	index: Index,
	/// The keys of payers, and of who signs for them.
	keys: Vec<Key>,
	open: Vec<Open>,
	/// Vouchers that were cashed once.
	cashed: Vec<(ModelId, Voucher<AccountId>)>,
}

impl World {
	fn new(seed: u64) -> Self {
		Self {
			random: Random(seed),
			table: Table::default(),
			index: Index::default(),
			keys: (1..=10).map(Key::new).collect(),
			open: vec![],
			cashed: vec![],
		}
	}

	/// Makes a call and counts what comes of it.
	fn call(&mut self, who: AccountId, made: Call) {
		let name = made.get_call_name();
		let result = call(who, made);
		self.count(name, result);
	}

	fn count(&mut self, name: &'static str, result: DispatchResult) {
		match result {
			Ok(()) => *self.table.done.entry(name).or_default() += 1,
			Err(error) => {
				let name: &'static str = error.into();
				*self.table.errors.entry(name).or_default() += 1;
			}
		}
	}

	/// What events say.
	fn read_events(&mut self) {
		let names = variants::<Event>();
		for event in System::read_events_for_pallet::<Event>() {
			*self.table.events.entry(names[&event.encode()[0]]).or_default() += 1;
			self.index.read(event);
		}
		System::reset_events();
	}

	fn live_a_block(&mut self) {
		if self.random.chance(5) {
			pause(1);
		} else {
			pass(1);
		}
		// Events are forgotten at the beginning of a block, and its hooks have some.
		self.read_events();
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
		self.read_events();
	}

	fn check(&self) {
		check();
		self.index.check();
		let open: Nano = self.open.iter().map(Open::sum).sum();
		assert_eq!(Rewards::escrowed(), open, "escrow is what open batches have cost");
	}

	fn must(&mut self, who: AccountId, made: Call) {
		assert_ok!(call(who, made));
	}

	/// Everything becomes final, and everybody takes what is theirs.
	fn leave(&mut self) {
		while let Some(batch) = self.open.pop() {
			self.conclude(batch);
		}
		let known: Vec<_> = Works::get().into_keys().collect();
		known.into_iter().for_each(|work| stand(work, Standing::Valid));
		for (model, payer, entry) in Payers::<Test>::iter().collect::<Vec<_>>() {
			if entry.balance > 0 {
				self.must(payer, Call::withdraw { model, amount: entry.balance });
			}
		}
		// Who has no account gets one.
		let amount = EXISTENTIAL_DEPOSIT;
		assert_ok!(Balances::transfer_allow_death(signed(ANYONE), NOBODY, amount));
		pass(DELAY);
		for (model, payer, entry) in Payers::<Test>::iter().collect::<Vec<_>>() {
			if entry.leaving.is_some() {
				self.must(ANYONE, Call::take_withdrawn { model, payer });
			}
		}
		let all: Vec<_> =
			Earnings::<Test>::iter().map(|(datanet, index, _)| at(datanet, index)).collect();
		for some in all.chunks(100) {
			// A part of them may have nothing for one of the two.
			let contributions = || batch(some.iter().copied());
			let _ = call(ANYONE, Call::claim { contributions: contributions() });
			let _ = call(ANYONE, Call::claim_curation { contributions: contributions() });
		}
		let accounts = batch(Claimable::<Test>::iter_keys());
		let _ = call(ANYONE, Call::claim_account { accounts });
	}

	fn live(seed: u64) -> Table {
		let mut world = Self::new(seed);
		build_and_execute(|| {
			let issued = Balances::total_issuance();
			let alone = Lineage { owner: BOB, ancestors: vec![] };
			Lineages::mutate(|table| table.insert(THIRD_MODEL, alone));
			world.read_events();
			for _ in 0..BLOCKS {
				world.live_a_block();
				world.check();
				assert_eq!(Balances::total_issuance(), issued);
			}
			world.leave();
			world.read_events();
			world.check();
			assert_eq!(Earnings::<Test>::iter().count() + Claimable::<Test>::iter().count(), 0);
			assert!(Payers::<Test>::iter_values().all(|entry| entry.held() == 0));
			let left = [PAYERS, EARNINGS].map(|pot| Rewards::in_pot(&account(pot)));
			assert_eq!(left.into_iter().sum::<Balance>(), Donated::get());
			assert_eq!(Rewards::in_pot(&account(ESCROW)), 0);
		});
		world.table
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
	assert!(holes.is_empty(), "these did not happen, or not often enough: {holes:?}");
}
