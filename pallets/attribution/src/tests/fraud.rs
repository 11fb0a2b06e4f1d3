//! Every way to cheat, and what stops it.

use crate::{mock::*, *};
use frame_support::assert_ok;
use openledger_settlement::{
	build::{Batch as Built, Rule},
	chain::Chain,
	execute::{execute, Context, Failure, Wrong},
	receipt::Receipt,
	state::State,
};

/// Executes the rule, and then bends the state.
struct Bend<F>(F);

impl<F: Fn(&mut dyn Bendable) + Sync> Rule for Bend<F> {
	fn execute<S: State>(
		&self,
		context: &Context,
		chain: &Chain,
		state: &mut S,
		receipts: &[Receipt],
	) -> Result<(), Failure<S::Error>> {
		execute(context, chain, state, receipts)?;
		let mut totals = state.totals()?;
		(self.0)(&mut totals);
		state.set_totals(totals)?;
		Ok(())
	}
}

/// What a cheat bends.
trait Bendable {
	fn totals(&mut self) -> &mut Totals;
}

impl Bendable for Totals {
	fn totals(&mut self) -> &mut Totals {
		self
	}
}

/// The batch falls by this opening, as this wrong; its payers are whole, its operator is slashed, the
/// challenger is paid.
fn falls<R: Rule>(number: BatchNumber, batch: &Built<R>, step: u32, wrong: Wrong) {
	let paid = Balances::free_balance(account("challenger"));
	assert_ok!(Attribution::open(
		signed("challenger"),
		MODEL,
		number,
		Box::new(batch.open(step).unwrap()),
		Default::default(),
	));
	let voided = System::events().into_iter().rev().find_map(|record| match record.event {
		RuntimeEvent::Attribution(Event::Voided { fault, slashed, reward, .. }) => {
			Some((fault, slashed, reward))
		}
		_ => None,
	});
	assert_eq!(voided, Some((Fault::Wrong { step, wrong }, BOND, 50 * DEMAND)));
	assert_eq!(Balances::free_balance(account("challenger")) - paid, 50 * DEMAND);
	assert_eq!(Balances::free_balance(pot(102)), EXISTENTIAL_DEPOSIT);
	check();
}

#[test]
fn the_commons_cheated_for_the_model_falls() {
	build_and_execute(|| {
		// The model takes a unit of the dust, in every step.
		let bend = Bend(|state: &mut dyn Bendable| {
			let totals = state.totals();
			if totals.commons > 0 {
				totals.commons -= 1;
				totals.model += 1;
			}
		});
		let batch = build_by(bend, &sell(100, false, 1));
		let number = submit(&batch);
		falls(number, &batch, 1, Wrong::Root);
	});
}
