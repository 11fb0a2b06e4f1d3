//! The life of a model, from its registration to its end.

use super::*;

#[test]
fn a_model_is_registered_for_a_fee_and_a_deposit() {
	build_and_execute(|| {
		let issuance = Balances::total_issuance();
		assert_ok!(Registry::register(
			signed(OWNER),
			ModelKind::Base,
			Parents::default(),
			royalty(10),
			price(1_000, 2_000),
			b"Ledger 7B".to_vec(),
			b"Answers".to_vec(),
			b"https://example.org".to_vec(),
		));

		assert_eq!(free(OWNER), ENDOWMENT - FEE - MODEL_DEPOSIT);
		assert_eq!(deposited(OWNER), MODEL_DEPOSIT);
		assert_eq!(free(TREASURY), EXISTENTIAL_DEPOSIT + FEE);
		assert_eq!(Balances::total_issuance(), issuance);
		let expected = Model {
			owner: OWNER,
			kind: ModelKind::Base,
			terms: royalty(10),
			lineage: Lineage::default(),
			versions: 0,
			active: None,
			epochs: 1,
			deposit: MODEL_DEPOSIT,
			deprecated: false,
		};
		assert_eq!(Models::<Test>::get(0), Some(expected));
		let metadata = Metadatas::<Test>::get(0).unwrap();
		assert_eq!(metadata.name.as_slice(), b"Ledger 7B");
		assert_eq!(metadata.description.as_slice(), b"Answers");
		assert_eq!(metadata.uri.as_slice(), b"https://example.org");
		System::assert_has_event(
			Event::Registered {
				model: 0,
				owner: OWNER,
				kind: ModelKind::Base,
				lineage: Lineage::default(),
			}
			.into(),
		);
		// There is nobody yet whom the first price could surprise.
		let first = PriceEpoch { price: price(1_000, 2_000), from: Now::get() };
		assert_eq!(Registry::price_at(0, Now::get()), Some((0, first)));
	});
}

#[test]
fn models_of_every_kind_are_registered() {
	build_and_execute(|| {
		let base = register(OWNER, ModelKind::Base, &[]);
		let fine_tune = register(OTHER, ModelKind::FineTune, &[base]);
		let adapter = register(OWNER, ModelKind::Adapter, &[fine_tune]);
		let agent = register(OTHER, ModelKind::Agent, &[base, adapter]);
		assert_eq!([base, fine_tune, adapter, agent], [0, 1, 2, 3]);
		assert_eq!(NextModel::<Test>::get(), 4);
		assert_eq!(free(TREASURY), EXISTENTIAL_DEPOSIT + 4 * FEE);
		let kinds: Vec<_> = (0..4).map(|model| Models::<Test>::get(model).unwrap().kind).collect();
		let expected = [ModelKind::Base, ModelKind::FineTune, ModelKind::Adapter, ModelKind::Agent];
		assert_eq!(kinds, expected);
	});
}

#[test]
fn terms_and_description_are_the_owners_to_change() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		let terms = DerivativeTerms { allowed: false, royalty: Permill::from_parts(1) };
		assert_ok!(Registry::set_terms(signed(OWNER), model, terms));
		reported(Event::TermsSet { model, terms });
		assert_eq!(Models::<Test>::get(model).unwrap().terms, terms);

		let [name, description, uri] =
			[MAX_NAME, MAX_DESCRIPTION, MAX_URI].map(|most| vec![b'x'; most as usize]);
		assert_ok!(Registry::set_metadata(
			signed(OWNER),
			model,
			name.clone(),
			description.clone(),
			uri.clone()
		));
		reported(Event::MetadataSet { model });
		let metadata = Metadatas::<Test>::get(model).unwrap();
		assert_eq!(metadata.name.into_inner(), name);
		assert_eq!(metadata.description.into_inner(), description);
		assert_eq!(metadata.uri.into_inner(), uri);
	});
}

#[test]
fn versions_are_appended_and_the_first_serves_at_once() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		pass(3);
		pause(4);
		let first = plain_version();
		assert_ok!(add_version(model, first.clone()));
		System::assert_has_event(Event::VersionAdded { model, version: 0 }.into());
		reported(Event::VersionActivated { model, version: 0 });
		let stored = Versions::<Test>::get(model, 0).unwrap();
		assert_eq!(stored.weights, first.weights);
		assert_eq!(stored.config, first.config);
		assert_eq!(stored.training_log, first.training_log);
		assert_eq!(stored.licence, first.licence);
		assert_eq!(stored.snapshots.to_vec(), first.snapshots);
		assert_eq!(stored.method, first.method);
		assert_eq!(stored.uri.to_vec(), first.uri);
		assert_eq!(stored.added, 8, "the block, not the clock of deadlines");

		assert_ok!(add_version(model, plain_version()));
		reported(Event::VersionAdded { model, version: 1 });
		let record = Models::<Test>::get(model).unwrap();
		assert_eq!((record.versions, record.active), (2, Some(0)));
		assert_eq!(deposited(OWNER), MODEL_DEPOSIT, "a version has no deposit, but a fee");
		assert_eq!(free(OWNER), ENDOWMENT - MODEL_DEPOSIT - FEE - 2 * VERSION_FEE);
		assert_eq!(free(TREASURY), EXISTENTIAL_DEPOSIT + FEE + 2 * VERSION_FEE);

		for version in [1, 0] {
			assert_ok!(Registry::activate_version(signed(OWNER), model, version));
			reported(Event::VersionActivated { model, version });
			assert_eq!(Models::<Test>::get(model).unwrap().active, Some(version));
		}
		assert_eq!(Versions::<Test>::get(model, 0), Some(stored), "a version never changes");
	});
}

#[test]
fn the_users_of_a_datanet_are_known_with_their_last_version() {
	build_and_execute(|| {
		let [one, two] = [(); 2].map(|()| register(OWNER, ModelKind::Base, &[]));
		assert_ok!(add_version(one, version(Licence::CcBy, &[(0, 5), (1, 5)], &[])));
		assert_ok!(add_version(one, version(Licence::CcBy, &[(1, 6)], &[])));
		assert_ok!(add_version(two, version(Licence::CcBy, &[(1, 7)], &[])));
		assert_eq!(Registry::users_of(0, None), vec![(one, 0)]);
		let users: BTreeMap<_, _> = Registry::users_of(1, None).into_iter().collect();
		assert_eq!(users, BTreeMap::from([(one, 1), (two, 0)]));
		assert!(Registry::users_of(2, None).is_empty());
	});
}

#[test]
fn the_users_of_a_datanet_come_in_pages() {
	build_and_execute(|| {
		let all: BTreeSet<_> = (0..230)
			.map(|_| {
				let model = register(OWNER, ModelKind::Base, &[]);
				assert_ok!(add_version(model, plain_version()));
				model
			})
			.collect();
		let mut read = Vec::new();
		let mut pages = Vec::new();
		loop {
			let page = Registry::users_of(PUBLIC_DOMAIN, read.last().copied());
			pages.push(page.len());
			read.extend(page.iter().map(|(model, _)| *model));
			if page.is_empty() {
				break;
			}
		}
		assert_eq!(pages, [100, 100, 30, 0]);
		assert_eq!(read.into_iter().collect::<BTreeSet<_>>(), all);
	});
}

#[test]
fn an_operator_bonds_works_and_leaves() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		assert_ok!(Registry::appoint_operator(signed(OWNER), model, OPERATOR));
		reported(Event::OperatorAppointed { model, operator: OPERATOR });
		assert_eq!(bonded(OPERATOR), 0, "nobody is bound by another's word");

		assert_ok!(Registry::accept_operation(signed(OPERATOR), model, MIN_BOND));
		reported(Event::OperatorBonded { model, operator: OPERATOR, bond: MIN_BOND });
		assert_ok!(Registry::raise_bond(signed(OPERATOR), model, 234));
		let bond = MIN_BOND + 234;
		reported(Event::OperatorBonded { model, operator: OPERATOR, bond });
		assert_eq!(Operators::<Test>::get(model), Some(Operator { account: OPERATOR, bond }));
		assert_eq!(bonded(OPERATOR), bond);

		pass(7);
		assert_ok!(Registry::end_operation(signed(OPERATOR), model));
		let until = Now::get() + UNBONDING;
		reported(Event::OperationEnded { model, operator: OPERATOR, until });
		assert_eq!(Operators::<Test>::get(model), None);
		assert_eq!(RetiredOperators::<Test>::get(model, OPERATOR), Some(Retired { bond, until }));
		assert_eq!(bonded(OPERATOR), bond);

		pass(UNBONDING + 1);
		// Anybody may clear up.
		assert_ok!(Registry::release_operator(signed(STRANGER), model, OPERATOR));
		reported(Event::OperatorReleased { model, operator: OPERATOR, bond });
		assert_eq!((free(OPERATOR), bonded(OPERATOR)), (ENDOWMENT, 0));
		assert_eq!(RetiredOperators::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_successor_starts_while_the_former_operator_still_answers() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		operate(model, OPERATOR, MIN_BOND);
		pass(1);
		assert_ok!(Registry::end_operation(signed(OWNER), model));
		operate(model, SUCCESSOR, MIN_BOND + 1);
		assert_eq!((bonded(OPERATOR), bonded(SUCCESSOR)), (MIN_BOND, MIN_BOND + 1));
		assert_ok!(Registry::end_operation(signed(OWNER), model));
		assert_eq!(RetiredOperators::<Test>::iter_prefix(model).count(), 2);
		pass(UNBONDING + 1);
		// Once released, the former operator may come back.
		assert_ok!(Registry::release_operator(signed(OPERATOR), model, OPERATOR));
		operate(model, OPERATOR, MIN_BOND);
		assert_ok!(Registry::release_operator(signed(SUCCESSOR), model, SUCCESSOR));
		assert_eq!((bonded(OPERATOR), bonded(SUCCESSOR)), (MIN_BOND, 0));
	});
}

#[test]
fn an_appointment_is_replaced_withdrawn_or_declined_without_a_bond() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		assert_ok!(Registry::appoint_operator(signed(OWNER), model, STRANGER));
		assert_ok!(Registry::appoint_operator(signed(OWNER), model, OPERATOR));
		let appointed = Operator { account: OPERATOR, bond: 0 };
		assert_eq!(Operators::<Test>::get(model), Some(appointed.clone()));
		for who in [OWNER, OPERATOR] {
			assert_ok!(Registry::end_operation(signed(who), model));
			let until = Now::get();
			reported(Event::OperationEnded { model, operator: OPERATOR, until });
			assert_eq!(Operators::<Test>::get(model), None);
			assert_eq!(RetiredOperators::<Test>::iter().count(), 0, "there is nothing to release");
			assert_ok!(Registry::appoint_operator(signed(OWNER), model, OPERATOR));
		}
		assert_eq!(Operators::<Test>::get(model), Some(appointed));
	});
}

#[test]
fn an_owner_may_operate_a_model_too() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		operate(model, OWNER, MIN_BOND);
		assert_eq!((deposited(OWNER), bonded(OWNER)), (MODEL_DEPOSIT, MIN_BOND));
	});
}

#[test]
fn a_bond_outlasts_blocks_that_do_not_count() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		operate(model, OPERATOR, MIN_BOND);
		assert_ok!(Registry::end_operation(signed(OPERATOR), model));
		pass(UNBONDING);
		pause(1_000);
		assert_noop!(
			Registry::release_operator(signed(OPERATOR), model, OPERATOR),
			Error::<Test>::StillAnswerable
		);
		pass(1);
		assert_ok!(Registry::release_operator(signed(OPERATOR), model, OPERATOR));
	});
}

#[test]
fn a_model_changes_hands_with_its_deposit_and_its_operator() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		assert_ok!(add_version(model, plain_version()));
		operate(model, OPERATOR, MIN_BOND);

		assert_ok!(Registry::transfer_model(signed(OWNER), model, OTHER));
		reported(Event::ModelTransferred { model, owner: OTHER });
		assert_eq!((deposited(OWNER), deposited(OTHER)), (0, MODEL_DEPOSIT));
		assert_eq!(free(OWNER), ENDOWMENT - FEE - VERSION_FEE - MODEL_DEPOSIT);
		assert_eq!(free(OTHER), ENDOWMENT);
		assert_eq!(Operators::<Test>::get(model).unwrap().account, OPERATOR);

		assert_noop!(
			Registry::set_terms(signed(OWNER), model, royalty(0)),
			Error::<Test>::NotOwner
		);
		assert_noop!(Registry::end_operation(signed(OWNER), model), Error::<Test>::NotOperator);
		assert_ok!(Registry::set_terms(signed(OTHER), model, royalty(0)));
		assert_ok!(Registry::end_operation(signed(OTHER), model));
		assert_ok!(Registry::deprecate(signed(OTHER), model));
		assert_eq!((free(OTHER), deposited(OTHER)), (ENDOWMENT + MODEL_DEPOSIT, 0));
	});
}

#[test]
fn a_model_given_to_its_owner_stays_as_it_is() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		let before = Models::<Test>::get(model);
		assert_ok!(Registry::transfer_model(signed(OWNER), model, OWNER));
		assert_eq!(Models::<Test>::get(model), before);
		assert_eq!(deposited(OWNER), MODEL_DEPOSIT);
	});
}

#[test]
fn a_deprecated_model_returns_its_deposit_to_the_unit() {
	build_and_execute(|| {
		let [model, another] = [(); 2].map(|()| register(OWNER, ModelKind::Base, &[]));
		for _ in 0..3 {
			assert_ok!(add_version(model, plain_version()));
		}
		assert_ok!(Registry::appoint_operator(signed(OWNER), model, OPERATOR));
		assert_ok!(Registry::deprecate(signed(OWNER), model));
		reported(Event::Deprecated { model });

		assert_eq!(free(OWNER), ENDOWMENT - 2 * FEE - 3 * VERSION_FEE - MODEL_DEPOSIT);
		assert_eq!(deposited(OWNER), MODEL_DEPOSIT, "the other model's");
		assert_eq!(Operators::<Test>::get(model), None, "an appointment ends with its model");
		let record = Models::<Test>::get(model).unwrap();
		assert!(record.deprecated && record.deposit == 0);
		assert_eq!(Versions::<Test>::iter_prefix(model).count(), 3, "the record stays");
		assert!(Metadatas::<Test>::contains_key(model));
		assert!(!Models::<Test>::get(another).unwrap().deprecated);
	});
}

#[test]
fn what_was_made_from_a_deprecated_model_lives_on() {
	build_and_execute(|| {
		let parent = register(OWNER, ModelKind::Base, &[]);
		assert_ok!(add_version(parent, plain_version()));
		let child = register(OTHER, ModelKind::FineTune, &[parent]);
		assert_ok!(Registry::deprecate(signed(OWNER), parent));
		let made = version(Licence::Permissive, &[(PUBLIC_DOMAIN, 20)], &[0]);
		assert_ok!(add_version(child, made));
		let grandchild = register(STRANGER, ModelKind::Adapter, &[child]);
		assert_eq!(Models::<Test>::get(grandchild).unwrap().lineage.len(), 2);
		assert_noop!(
			call(OTHER, registration(ModelKind::FineTune, &[parent], royalty(0))),
			Error::<Test>::Deprecated
		);
	});
}
