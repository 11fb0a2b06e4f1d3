//! The bridge at random: depositors, relayers, cheats, guards and governance do whatever comes to
//! their mind. Of each call a model, written from the documentation, says what must come of it: the
//! event, or the exact error. After every block the invariants hold, the model knows what the chain
//! knows, and Ethereum's vault holds what this chain owes. In the end everybody leaves, and the vault
//! is empty but for what was lost here.

mod acts;
mod model;
mod table;

use super::{l1::L1, *};
use acts::{Act, ACTS};
use frame_support::dispatch::DispatchResultWithPostInfo;
use model::{Caller, Model, Outcome};
use sp_runtime::traits::Dispatchable;
use std::thread;
use table::Table;

const SEEDS: [u64; 8] = [1, 2, 3, 4, 5, 6, 7, 8];
const BLOCKS: u32 = 400;
const ACTS_PER_BLOCK: u32 = 8;

pub struct Random(pub u64);

impl Random {
	pub fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		mixed ^ (mixed >> 31)
	}

	pub fn below(&mut self, limit: u128) -> u128 {
		u128::from(self.next()) % limit.max(1)
	}

	pub fn between(&mut self, least: u128, most: u128) -> u128 {
		least + self.below(most.saturating_sub(least) + 1)
	}

	fn chance(&mut self, percent: u128) -> bool {
		self.below(100) < percent
	}

	fn pick<Item: Clone>(&mut self, items: &[Item]) -> Option<Item> {
		(!items.is_empty()).then(|| items[self.below(items.len() as u128) as usize].clone())
	}
}

/// A block as limits see it.
struct Past {
	number: BlockNumber,
	/// Minted and withdrawn in it.
	moved: [Balance; 2],
	/// The largest capacities that were in force.
	capacities: [Balance; 2],
}

struct World {
	random: Random,
	table: Table,
	model: Model,
	l1: L1,
	/// Accounts that the story knows.
	people: Vec<AccountId>,
	past: Vec<Past>,
}

impl World {
	/// A chain that does not know its vault yet.
	fn new(seed: u64) -> Self {
		TheVault::<Test>::kill();
		let random = Random(seed);
		let people = vec![ALICE, BOB, RELAYER, NOBODY];
		let mut world = Self {
			random,
			table: Table::default(),
			model: Model::new(),
			l1: L1::default(),
			people,
			past: vec![],
		};
		world.begin_block();
		world
	}

	/// Makes a call: the model knows what comes of it.
	fn call(&mut self, caller: Caller, call: Call<Test>) -> bool {
		let expected = self.model.bridge(&caller, &call);
		System::reset_events();
		let result = RuntimeCall::from(call.clone()).dispatch(caller.origin());
		assert_eq!(outcome(&result, events()), expected, "{caller:?} {call:?}");
		let free = matches!(call, Call::submit_deposit { .. }) && expected.is_ok();
		let pays = result.map_or_else(|error| error.post_info.pays_fee, |post| post.pays_fee);
		assert_eq!(pays, if free { Pays::No } else { Pays::Yes });
		self.after(&expected);
		expected.is_ok()
	}

	/// The same for a call of `Balances`, whose events do not matter.
	fn money(&mut self, who: AccountId, call: pallet_balances::Call<Test>) -> bool {
		let expected = self.model.money(&who, &call);
		let result = RuntimeCall::from(call.clone()).dispatch(signed(who.clone()));
		let result = result.map(drop).map_err(|refused| refused.error);
		assert_eq!(result, expected, "{who:?} {call:?}");
		self.holds();
		expected.is_ok()
	}

	fn after(&mut self, outcome: &Outcome) {
		match outcome {
			Ok(event) => self.happened(event),
			Err(error) => self.table.error(*error),
		}
		self.holds();
	}

	fn happened(&mut self, event: &Event<Test>) {
		self.table.event(event);
		let Some(block) = self.past.last_mut() else { return };
		match event {
			Event::DepositMinted { amount, .. } | Event::ParkedClaimed { amount, .. } => {
				block.moved[0] += amount;
			}
			Event::WithdrawalQueued { amount, .. } => block.moved[1] += amount,
			Event::LimitsSet { limits } => {
				let Limits { deposit_capacity, withdrawal_capacity, .. } = limits;
				block.capacities[0] = block.capacities[0].max(*deposit_capacity);
				block.capacities[1] = block.capacities[1].max(*withdrawal_capacity);
			}
			_ => {}
		}
	}

	/// What must hold at any time.
	fn holds(&self) {
		let Totals { pre_locked, minted, burned, parked } = Moved::<Test>::get();
		assert!(issued() <= GENESIS + minted - burned);
		// The vault holds what is here, what waits here or on its way, and what was burned and is not
		// paid. More of it was locked for nothing, or lost here; less was not pre-locked yet.
		let waiting: Balance = self.waiting().map(|deposit| deposit.amount.as_u128()).sum();
		let unpaid = burned - self.paid();
		let owed = issued() + parked + waiting + unpaid;
		assert_eq!(self.l1.locked + GENESIS, owed + pre_locked + self.model.lost);
		assert!(self.l1.locked >= owed || pre_locked < GENESIS);
	}

	/// Locked on Ethereum, and not executed here.
	fn waiting(&self) -> impl Iterator<Item = &messages::Locked> {
		let executed = &self.model.executed;
		self.l1.deposits.iter().filter(|deposit| !executed.contains(&deposit.nonce))
	}

	fn paid(&self) -> Balance {
		let amount = |nonce: &u64| self.model.withdrawals[*nonce as usize - 1].amount;
		self.l1.unlocked.iter().map(amount).sum()
	}

	fn begin_block(&mut self) {
		System::set_block_number(self.model.now);
		Bridge::on_initialize(self.model.now);
		let Limits { deposit_capacity, withdrawal_capacity, .. } = self.model.limits;
		self.past.push(Past {
			number: self.model.now,
			moved: [0; 2],
			capacities: [deposit_capacity, withdrawal_capacity],
		});
	}

	fn end_block(&mut self) {
		System::reset_events();
		Bridge::on_finalize(self.model.now);
		let (root, event) = self.model.commit();
		let committed = events();
		assert_eq!(committed, event.into_iter().collect::<Vec<_>>());
		committed.iter().for_each(|event| self.table.event(event));
		assert_eq!(MessagesRoot::<Test>::get(), root);
		self.l1.roots.insert(self.model.now, root);
		Bridge::do_try_state().expect("invariants hold");
		self.model.check();
		for nonce in [0, 1, 2, 3].map(|_| self.random.below(self.l1.deposits.len() as u128 + 9)) {
			let nonce = nonce as u64;
			assert_eq!(Bridge::is_executed(nonce), self.model.executed.contains(&nonce));
		}
	}

	fn next_block(&mut self) {
		self.end_block();
		self.model.now += match self.random.below(20) {
			0 => self.random.between(2, 150) as u32,
			1 | 2 => self.random.between(2, 9) as u32,
			_ => 1,
		};
		self.begin_block();
	}

	fn act(&mut self) {
		let weights = ACTS.iter().map(|(weight, ..)| weight).sum();
		let mut roll = self.random.below(weights);
		let found = ACTS.iter().find(|(weight, ..)| {
			let found = roll < *weight;
			roll = roll.wrapping_sub(*weight);
			found
		});
		let (_, name, act): &(u128, &str, Act) = found.expect("the roll is below the sum");
		if act(self) {
			self.table.done(name);
		}
	}

	/// In any period at most two capacities have moved.
	fn check_limits(&self) {
		for (at, first) in self.past.iter().enumerate() {
			let within = |block: &&Past| block.number < first.number + PERIOD;
			let window: Vec<_> = self.past[at..].iter().take_while(within).collect();
			for way in [0, 1] {
				let moved: Balance = window.iter().map(|block| block.moved[way]).sum();
				let capacity = window.iter().map(|block| block.capacities[way]).max();
				assert!(moved <= 2 * capacity.unwrap_or_default(), "from block {}", first.number);
			}
		}
	}

	fn live(seed: u64) -> Table {
		new_test_ext().execute_with(|| {
			let mut world = Self::new(seed);
			for _ in 0..BLOCKS {
				(0..ACTS_PER_BLOCK).for_each(|_| world.act());
				world.next_block();
			}
			world.check_limits();
			world.leave();
			world.table
		})
	}
}

/// What came of a call: its one event, or its error and no event.
fn outcome(result: &DispatchResultWithPostInfo, mut events: Vec<Event<Test>>) -> Outcome {
	match result {
		Ok(_) => {
			assert_eq!(events.len(), 1);
			Ok(events.remove(0))
		}
		Err(refused) => {
			assert!(events.is_empty());
			Err(refused.error)
		}
	}
}

#[test]
fn thousands_of_blocks_of_random_life_and_then_everybody_leaves() {
	println!("seeds {SEEDS:?}, {BLOCKS} blocks each");
	let worlds = SEEDS.map(|seed| (seed, thread::spawn(move || World::live(seed))));
	let mut table = Table::default();
	for (seed, world) in worlds {
		table.add(world.join().unwrap_or_else(|_| panic!("seed {seed}")));
	}
	let holes = table.holes();
	assert!(holes.is_empty(), "these did not happen, or not often enough: {holes:?}");
}
