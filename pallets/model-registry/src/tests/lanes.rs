//! What lanes ask about models, and what becomes of bonds.

use super::*;
use frame_support::traits::Imbalance;
use openledger_settlement::parties::{self, Operators as _, Trained};

fn trained(model: ModelId, version: VersionNumber) -> Option<Trained> {
	<Registry as parties::Models<u64>>::trained(model, version)
}

fn price_of(model: ModelId, epoch: Epoch) -> Option<Price> {
	<Registry as parties::Models<u64>>::price(model, epoch)
}

fn lineage(model: ModelId) -> Option<parties::Lineage<u64>> {
	<Registry as parties::Models<u64>>::lineage(model)
}

/// Slashes, and gives it to the treasury.
fn slash(model: ModelId, operator: u64) -> Balance {
	let slashed = Registry::slash(model, &operator);
	let amount = slashed.peek();
	<Test as Config>::Fees::on_unbalanced(slashed);
	amount
}

#[test]
fn a_version_may_credit_its_snapshots_and_the_references_by_ascending_datanet() {
	build_and_execute(|| {
		for id in [0, 3, 9] {
			datanet(id, Licence::PublicDomain, 10 + id);
		}
		References::set(vec![9, 3]);
		let model = register(OWNER, ModelKind::Base, &[]);
		let of = |method| NewVersion {
			method,
			..version(Licence::Permissive, &[(0, 2), (1, 5), (5, 7)], &[])
		};
		let methods = [
			(Method::Spans { window: 32 }, None),
			(Method::Sketch { sketches: H256::zero(), dimensions: 1, clip: 1 }, None),
			(Method::Retrieval { table: H256::zero(), top: 4 }, Some(4)),
		];
		let expected = [(0, 2), (1, 5), (3, 13), (5, 7), (9, 19)];
		let expected = expected.map(|(datanet, length)| snapshot(datanet, length)).to_vec();
		for (number, (method, retrieval)) in (0..).zip(methods) {
			assert_ok!(add_version(model, of(method)));
			let snapshots = expected.clone();
			assert_eq!(trained(model, number), Some(Trained { snapshots, retrieval }));
		}
		// References that come or grow later are not this version's.
		datanet(3, Licence::PublicDomain, 100);
		References::set(vec![9]);
		assert_eq!(trained(model, 0).unwrap().snapshots, expected);
		assert_eq!(trained(model, 3), None);
		assert_eq!(trained(model + 1, 0), None);
	});
}

#[test]
fn a_price_is_taken_from_its_beginning_until_lately() {
	build_and_execute(|| {
		let start = Now::get();
		let model = register(OWNER, ModelKind::Base, &[]);
		assert_ok!(Registry::set_price(signed(OWNER), model, price(7, 7)));
		pass(2);
		// Two in a block: the first of them is never in force.
		for rate in [8, 9] {
			assert_ok!(Registry::set_price(signed(OWNER), model, price(rate, rate)));
		}
		let (second, last) = (start + DELAY, start + 2 + DELAY);
		let usable = |from, to: Option<BlockNumber>| {
			move |now| from <= now && to.is_none_or(|to| now < to + GRACE)
		};
		let never = |_| false;
		let oracles: [(u64, &dyn Fn(BlockNumber) -> bool); 4] = [
			(1_000, &usable(start, Some(second))),
			(7, &usable(second, Some(last))),
			(8, &never),
			(9, &usable(last, None)),
		];
		while Now::get() < last + GRACE + 5 {
			for (epoch, (rate, usable)) in (0..).zip(oracles) {
				let found = price_of(model, epoch).map(|price| price.rate_in);
				assert_eq!(found, usable(Now::get()).then_some(rate), "{epoch} at {}", Now::get());
			}
			pass(1);
			// Paused blocks do not count.
			pause(10);
		}
		assert_eq!(price_of(model, 4), None);
		assert_eq!(price_of(model, Epoch::MAX), None);
		assert_eq!(price_of(model + 1, 0), None);
	});
}

#[test]
fn the_owners_of_ancestors_are_those_of_now() {
	build_and_execute(|| {
		let base = register_for(OWNER, ModelKind::Base, &[], royalty(30));
		let middle = register_for(OTHER, ModelKind::FineTune, &[base], royalty(20));
		let model = register(STRANGER, ModelKind::Adapter, &[middle]);
		let of = |owner, first, second| parties::Lineage {
			owner,
			ancestors: vec![
				(first, Permill::from_percent(20), 0),
				(second, Permill::from_percent(30), 1),
			],
		};
		assert_eq!(lineage(model), Some(of(STRANGER, OTHER, OWNER)));
		assert_ok!(Registry::transfer_model(signed(OWNER), base, OPERATOR));
		assert_ok!(Registry::transfer_model(signed(STRANGER), model, OWNER));
		assert_eq!(lineage(model), Some(of(OWNER, OTHER, OPERATOR)));
		// Terms of now are for others.
		assert_ok!(Registry::set_terms(signed(OTHER), middle, royalty(1)));
		assert_ok!(Registry::deprecate(signed(OTHER), middle));
		assert_eq!(lineage(model), Some(of(OWNER, OTHER, OPERATOR)));
		let alone = parties::Lineage { owner: OPERATOR, ancestors: vec![] };
		assert_eq!(lineage(base), Some(alone));
		assert_eq!(lineage(model + 1), None);
	});
}

#[test]
fn an_operator_is_one_who_has_bonded_and_the_bond_answers_for_a_while() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		let state = || (Registry::operator(model), Registry::bond(model, &OPERATOR));
		assert_eq!(state(), (None, 0));
		assert_ok!(Registry::appoint_operator(signed(OWNER), model, OPERATOR));
		assert_eq!(state(), (None, 0), "appointed only");
		assert_ok!(Registry::accept_operation(signed(OPERATOR), model, MIN_BOND));
		assert_ok!(Registry::raise_bond(signed(OPERATOR), model, 5));
		assert_eq!(state(), (Some(OPERATOR), MIN_BOND + 5));
		assert_ok!(Registry::end_operation(signed(OPERATOR), model));
		assert_eq!(state(), (None, MIN_BOND + 5));
		operate(model, SUCCESSOR, 2 * MIN_BOND);
		assert_eq!(state(), (Some(SUCCESSOR), MIN_BOND + 5));
		assert_eq!(Registry::bond(model, &SUCCESSOR), 2 * MIN_BOND);
		assert_eq!(Registry::bond(model, &STRANGER), 0);
		assert_eq!(Registry::bond(model + 1, &OPERATOR), 0);
		pass(UNBONDING + 1);
		assert_ok!(Registry::release_operator(signed(STRANGER), model, OPERATOR));
		assert_eq!(state(), (Some(SUCCESSOR), 0));
	});
}

#[test]
fn a_bond_stays_as_long_as_a_batch_is_open() {
	build_and_execute(|| {
		let [model, other] = [(); 2].map(|()| register(OWNER, ModelKind::Base, &[]));
		for model in [model, other] {
			operate(model, OPERATOR, MIN_BOND);
			assert_ok!(Registry::end_operation(signed(OPERATOR), model));
		}
		OpenBatches::set(vec![(model, OPERATOR), (other, SUCCESSOR)]);
		pass(UNBONDING + 100);
		assert_ok!(Registry::release_operator(signed(STRANGER), other, OPERATOR));
		let release = || Registry::release_operator(signed(STRANGER), model, OPERATOR);
		assert_noop!(release(), Error::<Test>::StillAnswerable);
		OpenBatches::set(vec![]);
		assert_ok!(release());
		assert_eq!(bonded(OPERATOR), 0);
	});
}

#[test]
fn a_slash_takes_the_whole_bond_and_ends_the_operation() {
	build_and_execute(|| {
		let issuance = Balances::total_issuance();
		let [model, other] = [(); 2].map(|()| register(OWNER, ModelKind::Base, &[]));
		let fees = free(TREASURY);
		for model in [model, other] {
			operate(model, OPERATOR, MIN_BOND + 7);
		}
		assert_eq!(slash(model, OPERATOR), MIN_BOND + 7);
		reported_slash(model, OPERATOR, MIN_BOND + 7);
		assert_eq!(free(TREASURY), fees + MIN_BOND + 7);
		assert_eq!((Registry::operator(model), Registry::bond(model, &OPERATOR)), (None, 0));
		// The bond of another model is another bond.
		assert_eq!(Registry::operator(other), Some(OPERATOR));
		assert_eq!(bonded(OPERATOR), MIN_BOND + 7);
		// Nothing is left to slash, release, or wait for.
		assert_eq!(slash(model, OPERATOR), 0);
		let release = Registry::release_operator(signed(STRANGER), model, OPERATOR);
		assert_noop!(release, Error::<Test>::NotRetired);
		operate(model, OPERATOR, MIN_BOND);
		assert_eq!(Registry::operator(model), Some(OPERATOR));
		assert_eq!(Balances::total_issuance(), issuance);
	});
}

#[test]
fn a_former_operator_is_slashed_and_the_present_one_stays() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		operate(model, OPERATOR, MIN_BOND);
		assert_ok!(Registry::end_operation(signed(OWNER), model));
		operate(model, SUCCESSOR, MIN_BOND);
		assert_eq!(slash(model, OPERATOR), MIN_BOND);
		reported_slash(model, OPERATOR, MIN_BOND);
		assert_eq!((bonded(OPERATOR), bonded(SUCCESSOR)), (0, MIN_BOND));
		assert_eq!(Registry::operator(model), Some(SUCCESSOR));
		pass(UNBONDING + 1);
		let release = Registry::release_operator(signed(STRANGER), model, OPERATOR);
		assert_noop!(release, Error::<Test>::NotRetired);
	});
}

#[test]
fn who_was_appointed_or_has_nothing_to_do_with_it_is_not_slashed() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		assert_ok!(Registry::appoint_operator(signed(OWNER), model, OPERATOR));
		for who in [OPERATOR, STRANGER, NOBODY] {
			assert_eq!(slash(model, who), 0);
			assert_eq!(slash(model + 1, who), 0);
		}
		assert_ok!(Registry::accept_operation(signed(OPERATOR), model, MIN_BOND));
		assert_eq!(slash(model, STRANGER), 0);
		assert_eq!(bonded(OPERATOR), MIN_BOND);
	});
}

fn reported_slash(model: ModelId, operator: u64, bond: Balance) {
	System::assert_has_event(Event::OperatorSlashed { model, operator, bond }.into());
}
