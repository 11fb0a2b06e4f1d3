//! Lives at random: accounts do whatever comes to their mind, most of it sensible. After every
//! block the invariants hold; in the end everybody leaves, and nothing is held of anybody.

mod acts;
mod table;

use super::*;
use crate::mock::{PausedBlocks, RuntimeEvent, RuntimeHoldReason};
use acts::{Random, Secret, ACTS, EDGES};
use frame_support::traits::GetCallName;
use std::thread;
use table::Table;

/// Each of these worlds has references of its own, of which there are few in one.
const SEEDS: [u64; 4] = [1, 2, 3, 4];
const BLOCKS: u32 = 500;
const CALLS_PER_BLOCK: u32 = 8;
const ACCOUNTS: AccountId = 12;
/// Where most things happen: an open datanet and three with reviewers.
const BUSY: u32 = 4;
/// How often every call must succeed.
const ENOUGH: u32 = 50;

const REASONS: [HoldReason; 6] = [
	HoldReason::Commitment,
	HoldReason::ContributionBond,
	HoldReason::Datanet,
	HoldReason::ReviewerBond,
	HoldReason::Flag,
	HoldReason::Payee,
];

struct World {
	random: Random,
	table: Table,
	secrets: Vec<Secret>,
	texts: u64,
}

impl World {
	/// What is held for each reason.
	fn held() -> [Balance; 6] {
		REASONS.map(|reason| (1..=ACCOUNTS).map(|who| held(who, reason)).sum())
	}

	/// Makes a call and counts what comes of it.
	fn call(&mut self, origin: RuntimeOrigin, call: Call) {
		let name = call.get_call_name();
		let slashes = matches!(call, Call::rule { .. } | Call::advance_flag { .. });
		let before = slashes.then(Self::held);
		System::reset_events();
		match dispatch(origin, call) {
			Ok(()) => *self.table.calls.entry(name.into()).or_default() += 1,
			Err(error) => {
				let name: &'static str = error.into();
				*self.table.errors.entry(name.into()).or_default() += 1;
				return;
			}
		}
		let mut gone = before.map_or([0; 6], |before| {
			let after = Self::held();
			core::array::from_fn(|reason| before[reason] as i128 - after[reason] as i128)
		});
		for record in System::events() {
			self.count_event(record.event, &mut gone);
		}
		// Whatever went otherwise than by release or payment was slashed.
		for (reason, slashed) in REASONS.iter().zip(gone) {
			assert!(slashed >= 0 || before.is_none());
			if slashed > 0 {
				*self.table.holds.entry(format!("{reason:?} slashed")).or_default() += 1;
			}
		}
	}

	fn count_event(&mut self, event: RuntimeEvent, gone: &mut [i128; 6]) {
		let (reason, amount, how) = match event {
			RuntimeEvent::Datanets(event) => {
				let name = variants::<Event>()[&event.encode()[0]];
				*self.table.events.entry(name.into()).or_default() += 1;
				return;
			}
			RuntimeEvent::Balances(pallet_balances::Event::Released { reason, amount, .. }) => {
				(reason, amount, "released")
			}
			RuntimeEvent::Balances(pallet_balances::Event::TransferOnHold {
				reason,
				amount,
				..
			}) => (reason, amount, "to another"),
			_ => return,
		};
		let RuntimeHoldReason::Datanets(reason) = reason;
		gone[reason as usize] -= amount as i128;
		*self.table.holds.entry(format!("{reason:?} {how}")).or_default() += 1;
	}

	fn live_a_block(&mut self) {
		pass(1);
		// Seldom the chain is paused: blocks pass, deadlines do not, and nobody can do anything.
		if self.random.chance(5) {
			PausedBlocks::mutate(|paused| *paused += 1);
			return;
		}
		let weights = ACTS.iter().map(|(weight, _)| weight).sum();
		for _ in 0..CALLS_PER_BLOCK {
			let mut roll = self.random.below(weights);
			let (_, act) = ACTS
				.iter()
				.find(|(weight, _)| {
					let found = roll < *weight;
					roll = roll.wrapping_sub(*weight);
					found
				})
				.unwrap();
			if let Some((origin, call)) = act(self) {
				self.call(origin, call);
			}
		}
		if self.wild() {
			let edge = self.random.pick(&EDGES).unwrap();
			edge(self);
		}
		let now = Datanets::now();
		let old = |commitment: &Commitment| {
			now > commitment.at + 2 * <Test as Config>::RevealPeriod::get()
		};
		self.secrets.retain(|secret| {
			secret.commitment().is_some_and(|commitment| !old(&commitment))
				|| secret.text + 8 > self.texts
		});
	}

	/// What the chain cannot check, because commitments are secret: nothing is accepted that an
	/// earlier commitment could still claim.
	fn check_order(&self) {
		let now = Datanets::now();
		for secret in &self.secrets {
			let Some(commitment) = secret.commitment() else { continue };
			if now > commitment.at + <Test as Config>::RevealPeriod::get() {
				continue;
			}
			if let Some(Place::Accepted(at)) = Contents::<Test>::get(secret.content) {
				assert!(contribution(at).precedence < commitment.precedence);
			}
		}
	}

	fn must(&mut self, who: AccountId, call: Call) {
		assert_ok!(dispatch(signed(who), call));
	}

	/// Everybody takes back what is theirs.
	fn leave(&mut self) {
		for (datanet, record) in crate::Datanets::<Test>::iter().collect::<Vec<_>>() {
			if record.open && !record.reference {
				self.must(record.owner, Call::close_datanet { datanet });
			}
		}
		for (datanet, precedence, pending) in
			PendingContributions::<Test>::iter().collect::<Vec<_>>()
		{
			let contributions = one(precedence);
			self.must(pending.contributor, Call::withdraw { datanet, contributions });
		}
		for (owner, hash, _) in Commitments::<Test>::iter().collect::<Vec<_>>() {
			self.must(owner, Call::forget { owner, commitments: one(hash) });
		}
		for who in Payees::<Test>::iter_keys().collect::<Vec<_>>() {
			self.must(who, Call::set_payee { payee: None });
		}
		for (datanet, reviewer, _) in SeatOf::<Test>::iter().collect::<Vec<_>>() {
			self.must(reviewer, Call::remove_reviewer { datanet, reviewer });
		}
		while Flags::<Test>::iter().next().is_some() {
			pass(<Test as Config>::RulePeriod::get() + 1);
			for (datanet, index, _) in Flags::<Test>::iter().collect::<Vec<_>>() {
				let contribution = ContributionRef { datanet, index };
				self.must(ANYONE, Call::advance_flag { contribution });
			}
		}
		answer_for_bonds();
		for (datanet, seat, _) in Reviewers::<Test>::iter().collect::<Vec<_>>() {
			self.must(ANYONE, Call::release_reviewer { datanet, seat });
		}
		for (datanet, index, record) in Contributions::<Test>::iter().collect::<Vec<_>>() {
			if record.bond > 0 {
				let contributions = one(ContributionRef { datanet, index });
				self.must(ANYONE, Call::release_bonds { contributions });
			}
		}
	}

	fn live(seed: u64) -> Table {
		let mut world =
			Self { random: Random(seed), table: Table::default(), secrets: vec![], texts: 0 };
		build_and_execute(|| {
			let issued = Balances::total_issuance();
			open_datanet();
			for quorum in [1, 1, 2] {
				let reviewers = (1..=6).map(|_| world.someone()).collect::<Vec<_>>();
				let datanet = create(reviewed(quorum));
				for reviewer in reviewers {
					if !SeatOf::<Test>::contains_key(datanet, reviewer) {
						invite_and_join(datanet, reviewer);
					}
				}
			}
			for _ in 0..BLOCKS {
				world.live_a_block();
				assert_ok!(Datanets::do_try_state());
				world.check_order();
				assert_eq!(Balances::total_issuance(), issued);
			}
			world.leave();
			assert_ok!(Datanets::do_try_state());
			for who in frame_system::Account::<Test>::iter_keys() {
				assert_eq!(Balances::total_balance_on_hold(&who), 0);
			}
		});
		world.table
	}
}

#[test]
fn thousands_of_blocks_of_random_life_and_then_everybody_leaves() {
	let worlds = SEEDS.map(|seed| thread::spawn(move || World::live(seed)));
	let mut table = Table::default();
	for world in worlds {
		table.add(world.join().unwrap());
	}
	let holes = table.holes();
	assert!(holes.is_empty(), "these did not happen, or not often enough: {holes:?}");
}
