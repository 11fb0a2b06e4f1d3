//! What somebody would try, and what it meets.

use super::*;
use frame_support::traits::fungible::Mutate;
use frame_support::traits::tokens::Preservation;

#[test]
fn an_operator_who_leaves_before_answering_leaves_the_bond_behind() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		operate(model, OPERATOR, MIN_BOND);
		// A bad batch is out; the operator goes at once.
		assert_ok!(Registry::end_operation(signed(OPERATOR), model));
		for _ in 0..=UNBONDING {
			assert_eq!(bonded(OPERATOR), MIN_BOND);
			assert_noop!(
				Registry::release_operator(signed(OPERATOR), model, OPERATOR),
				Error::<Test>::StillAnswerable
			);
			// Nor can the bond be spent.
			assert!(Balances::transfer(
				&OPERATOR,
				&STRANGER,
				ENDOWMENT - MIN_BOND + 1,
				Preservation::Expendable
			)
			.is_err());
			pass(1);
		}
		assert_ok!(Registry::release_operator(signed(OPERATOR), model, OPERATOR));
	});
}

#[test]
fn an_operator_cannot_leave_twice_to_shorten_or_to_lose_the_first_bond() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		operate(model, OPERATOR, 5 * MIN_BOND);
		assert_ok!(Registry::end_operation(signed(OPERATOR), model));
		let retired = RetiredOperators::<Test>::get(model, OPERATOR);
		// A second, smaller operation would overwrite what the first answers for.
		assert_noop!(
			Registry::appoint_operator(signed(OWNER), model, OPERATOR),
			Error::<Test>::ReleaseFirst
		);
		assert_noop!(
			Registry::accept_operation(signed(OPERATOR), model, MIN_BOND),
			Error::<Test>::NotAppointed
		);
		assert_noop!(Registry::end_operation(signed(OPERATOR), model), Error::<Test>::NoOperator);
		pass(UNBONDING + 1);
		// The time is over, but the record is still in the way until somebody clears it.
		assert_noop!(
			Registry::appoint_operator(signed(OWNER), model, OPERATOR),
			Error::<Test>::ReleaseFirst
		);
		assert_eq!(RetiredOperators::<Test>::get(model, OPERATOR), retired);
		assert_ok!(Registry::release_operator(signed(STRANGER), model, OPERATOR));
		operate(model, OPERATOR, MIN_BOND);
		assert_eq!(bonded(OPERATOR), MIN_BOND);
	});
}

#[test]
fn one_bond_does_not_answer_for_two_models() {
	build_and_execute(|| {
		let [one, two] = [(); 2].map(|()| register(OWNER, ModelKind::Base, &[]));
		let all = ENDOWMENT - EXISTENTIAL_DEPOSIT;
		operate(one, OPERATOR, all - MIN_BOND + 1);
		assert_ok!(Registry::appoint_operator(signed(OWNER), two, OPERATOR));
		assert_noop!(Registry::accept_operation(signed(OPERATOR), two, MIN_BOND), too_poor());
		assert_ok!(Registry::end_operation(signed(OPERATOR), one));
		// Still not: it answers for the first model's batches.
		assert_noop!(Registry::accept_operation(signed(OPERATOR), two, MIN_BOND), too_poor());
		pass(UNBONDING + 1);
		assert_ok!(Registry::release_operator(signed(OPERATOR), one, OPERATOR));
		assert_ok!(Registry::accept_operation(signed(OPERATOR), two, MIN_BOND));
		assert_eq!(bonded(OPERATOR), MIN_BOND);
	});
}

#[test]
fn a_model_is_not_deprecated_under_its_operator_and_no_bond_gets_lost_by_it() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		operate(model, OPERATOR, MIN_BOND);
		assert_noop!(Registry::deprecate(signed(OWNER), model), Error::<Test>::HasOperator);
		assert_ok!(Registry::end_operation(signed(OWNER), model));
		assert_ok!(Registry::deprecate(signed(OWNER), model));
		// The end of the model is no end of its operator's duty, nor of their claim.
		assert_noop!(
			Registry::release_operator(signed(OPERATOR), model, OPERATOR),
			Error::<Test>::StillAnswerable
		);
		pass(UNBONDING + 1);
		assert_ok!(Registry::release_operator(signed(OPERATOR), model, OPERATOR));
		assert_eq!((free(OPERATOR), bonded(OPERATOR)), (ENDOWMENT, 0));
	});
}

#[test]
fn an_appointment_that_was_taken_back_cannot_be_accepted() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		assert_ok!(Registry::appoint_operator(signed(OWNER), model, OPERATOR));
		assert_ok!(Registry::appoint_operator(signed(OWNER), model, SUCCESSOR));
		for who in [OPERATOR, STRANGER, OWNER] {
			assert_noop!(
				Registry::accept_operation(signed(who), model, MIN_BOND),
				Error::<Test>::NotAppointed
			);
		}
		assert_ok!(Registry::appoint_operator(signed(OWNER), model, OPERATOR));
		assert_ok!(Registry::deprecate(signed(OWNER), model));
		assert_noop!(
			Registry::accept_operation(signed(OPERATOR), model, MIN_BOND),
			Error::<Test>::NotAppointed
		);
	});
}

#[test]
fn a_payer_buys_at_the_price_it_saw() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		let asked = Now::get();
		let (epoch, seen) = Registry::price_at(model, asked).unwrap();
		// The owner sees the question coming and asks a thousand times as much.
		assert_ok!(Registry::set_price(signed(OWNER), model, price(1_000_000, 2_000_000)));
		for block in asked..asked + DELAY {
			assert_eq!(Registry::price_at(model, block), Some((epoch, seen)));
		}
		pass(DELAY);
		assert_ne!(Registry::price_at(model, Now::get()), Some((epoch, seen)));
		// What was bought before settles at its own price until the grace is over, whatever the
		// owner announces meanwhile to push it out.
		for rate in 0.. {
			if Registry::set_price(signed(OWNER), model, price(rate, rate)).is_err() {
				break;
			}
		}
		for _ in 0..GRACE {
			assert_eq!(Registry::price_at(model, asked), Some((epoch, seen)));
			assert_noop!(
				Registry::set_price(signed(OWNER), model, price(9, 9)),
				Error::<Test>::TooManyPrices
			);
			pass(1);
		}
	});
}

#[test]
fn a_parent_who_asks_more_reaches_nobody_who_is_registered() {
	build_and_execute(|| {
		let parent = register_for(OWNER, ModelKind::Base, &[], royalty(1));
		assert_ok!(add_version(parent, plain_version()));
		let child = register(OTHER, ModelKind::FineTune, &[parent]);
		for terms in [royalty(30), DerivativeTerms { allowed: false, ..royalty(0) }] {
			assert_ok!(Registry::set_terms(signed(OWNER), parent, terms));
			let lineage = Models::<Test>::get(child).unwrap().lineage;
			assert_eq!(lineage[0].royalty, Permill::from_percent(1));
			let made = version(Licence::Permissive, &[(PUBLIC_DOMAIN, 10)], &[0]);
			assert_ok!(add_version(child, made));
		}
	});
}

#[test]
fn a_parent_who_asks_more_just_before_a_registration_gets_nothing() {
	build_and_execute(|| {
		let parent = register_for(OWNER, ModelKind::Base, &[], royalty(1));
		let other = register_for(STRANGER, ModelKind::Base, &[], royalty(2));
		for (kind, models) in
			[(ModelKind::FineTune, &[parent][..]), (ModelKind::Agent, &[other, parent])]
		{
			// The parent's owner sees the registration in the pool, and pays more to come first:
			// once registered, the child would owe 30 % for ever.
			let seen = registration(kind, models, royalty(0));
			for dearer in [Permill::from_parts(10_001), Permill::from_percent(30)] {
				let terms = DerivativeTerms { allowed: true, royalty: dearer };
				assert_ok!(Registry::set_terms(signed(OWNER), parent, terms));
				assert_noop!(call(OTHER, seen.clone()), Error::<Test>::RoyaltyNotAgreed);
			}
			// One who asks less meanwhile is taken at their word.
			let terms = DerivativeTerms { allowed: true, royalty: Permill::from_parts(9_999) };
			assert_ok!(Registry::set_terms(signed(OWNER), parent, terms));
			let child = NextModel::<Test>::get();
			assert_ok!(call(OTHER, seen));
			let lineage = Models::<Test>::get(child).unwrap().lineage;
			assert_eq!(lineage.last().unwrap().royalty, Permill::from_parts(9_999));
			assert_ok!(Registry::set_terms(signed(OWNER), parent, royalty(1)));
		}
		assert_eq!(free(OTHER), ENDOWMENT - 2 * (FEE + MODEL_DEPOSIT));
	});
}

#[test]
fn a_child_that_leaves_out_its_parents_data_is_no_version() {
	build_and_execute(|| {
		// Base contributors would earn nothing from a fine-tune that names only its own data.
		let parent = register(OWNER, ModelKind::Base, &[]);
		let of_parent = version(Licence::Permissive, &[(PUBLIC_DOMAIN, 90), (CC_BY, 90)], &[]);
		assert_ok!(add_version(parent, of_parent));
		datanet(30, Licence::PublicDomain, 5);
		let child = register(OTHER, ModelKind::FineTune, &[parent]);
		let attempts: [&[_]; 5] = [
			&[(30, 5)],
			&[(PUBLIC_DOMAIN, 90), (30, 5)],
			&[(CC_BY, 90), (30, 5)],
			&[(PUBLIC_DOMAIN, 90), (CC_BY, 1), (30, 5)],
			&[(PUBLIC_DOMAIN, 1), (CC_BY, 90), (30, 5)],
		];
		for snapshots in attempts {
			assert_noop!(
				add_version(child, version(Licence::Permissive, snapshots, &[0])),
				Error::<Test>::LacksParentSnapshot
			);
		}
		// Nor does it help to name no parent's version, or one that is still to come.
		for parents in [&[][..], &[1]] {
			assert_noop!(
				add_version(child, version(Licence::Permissive, &[(30, 5)], parents)),
				Error::<Test>::BadParentVersion
			);
		}
		assert!(Versions::<Test>::iter_prefix(child).next().is_none());
	});
}

#[test]
fn a_licence_is_not_washed_off_in_generations() {
	build_and_execute(|| {
		// From non-commercial data to a commercial model, over as many children as one likes.
		let mut newest = register(OWNER, ModelKind::Base, &[]);
		let non_commercial = 3;
		let snapshots = [(non_commercial, 5)];
		assert_ok!(add_version(newest, version(Licence::CcByNc, &snapshots, &[])));
		for kind in [ModelKind::FineTune, ModelKind::Adapter] {
			newest = register(OWNER, kind, &[newest]);
			for commercial in [Licence::Permissive, Licence::CcBy, Licence::PublicDomain] {
				assert_noop!(
					add_version(newest, version(commercial, &snapshots, &[0])),
					Error::<Test>::LicenceMismatch
				);
			}
			assert_ok!(add_version(newest, version(Licence::CcByNc, &snapshots, &[0])));
		}
		// An agent owes nothing of that, so nothing may be trained from it: it would owe nothing too.
		let agent = register(OWNER, ModelKind::Agent, &[newest]);
		assert_ok!(add_version(agent, agent_version(Licence::Permissive, &[], &[0])));
		for kind in [ModelKind::FineTune, ModelKind::Adapter] {
			assert_noop!(
				call(OWNER, registration(kind, &[agent], royalty(0))),
				Error::<Test>::WrongParents
			);
		}
	});
}

#[test]
fn a_fine_tune_that_passes_for_an_agent_must_hide_its_weights() {
	build_and_execute(|| {
		// As a fine-tune it would have to name its parent's data, and pay those who contributed it.
		let parent = register(OWNER, ModelKind::Base, &[]);
		let of_parent = version(Licence::CcByNc, &[(PUBLIC_DOMAIN, 90), (3, 90)], &[]);
		assert_ok!(add_version(parent, of_parent));
		let fine_tune = register(OTHER, ModelKind::FineTune, &[parent]);
		let disguised = register(OTHER, ModelKind::Agent, &[parent]);
		let made = version(Licence::Permissive, &[(CC_BY, 5)], &[0]);
		assert_noop!(add_version(fine_tune, made.clone()), Error::<Test>::LicenceMismatch);
		assert_noop!(add_version(disguised, made), Error::<Test>::AgentHasWeights);
		// What is left names no weights: whoever runs some for it serves what is not on record.
		let hidden = agent_version(Licence::Permissive, &[(CC_BY, 5)], &[0]);
		assert_ok!(add_version(disguised, hidden));
		assert!(Versions::<Test>::get(disguised, 0).unwrap().weights.is_zero());
	});
}

#[test]
fn the_users_of_a_datanet_are_not_spammed_for_nothing() {
	build_and_execute(|| {
		// A spammer wants to stand in the list of every datanet, among those who pay there.
		let model = register(STRANGER, ModelKind::Base, &[]);
		datanet(20, Licence::PublicDomain, 0);
		let ids = [PUBLIC_DOMAIN, CC_BY, 20];
		let before = free(STRANGER);
		for empty in [&ids.map(|id| (id, 0))[..], &[(PUBLIC_DOMAIN, 1), (CC_BY, 0)], &[(20, 0)]] {
			assert_noop!(
				add_version(model, version(Licence::CcBy, empty, &[])),
				Error::<Test>::NoSuchSnapshot
			);
		}
		assert!(ids.into_iter().all(|id| Registry::users_of(id, None).is_empty()));

		// Each line costs a version that names something, and no fee ever comes back: repeating it
		// adds none, and another model costs its registration too.
		for times in 1..=3 {
			assert_ok!(add_version(model, version(Licence::CcBy, &[(CC_BY, 1)], &[])));
			assert_eq!(before - free(STRANGER), times * VERSION_FEE);
			assert_eq!(Registry::users_of(CC_BY, None).len(), 1);
		}
		assert_ok!(Registry::deprecate(signed(STRANGER), model));
		assert_eq!(ENDOWMENT - free(STRANGER), FEE + 3 * VERSION_FEE);
	});
}

#[test]
fn a_deposit_is_returned_once() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		register(OWNER, ModelKind::Base, &[]);
		assert_ok!(Registry::deprecate(signed(OWNER), model));
		assert_noop!(Registry::deprecate(signed(OWNER), model), Error::<Test>::Deprecated);
		assert_noop!(
			Registry::transfer_model(signed(OWNER), model, OTHER),
			Error::<Test>::Deprecated
		);
		assert_eq!(deposited(OWNER), MODEL_DEPOSIT);
	});
}

#[test]
fn whoever_cannot_pay_leaves_no_trace() {
	build_and_execute(|| {
		let needed = FEE + MODEL_DEPOSIT + EXISTENTIAL_DEPOSIT;
		let register = || call(STRANGER, registration(ModelKind::Base, &[], royalty(0)));
		for left in [EXISTENTIAL_DEPOSIT, FEE + EXISTENTIAL_DEPOSIT, needed - 1] {
			Balances::set_balance(&STRANGER, left);
			assert_noop!(register(), too_poor());
		}
		Balances::set_balance(&STRANGER, needed);
		assert_ok!(register());
		assert_noop!(add_version(0, plain_version()), too_poor());
	});
}
