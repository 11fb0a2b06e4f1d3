//! Bad input for every call: a named error, and nothing has changed.

use super::*;
use core::cell::RefCell;
use frame_support::traits::GetCallName;
use sp_runtime::{traits::BadOrigin, ModuleError, TokenError};

thread_local! {
	/// The errors and the calls that refused, so far in this thread.
	static SEEN: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
}

/// An id that nothing has.
const ABSENT: ModelId = 1_000;

/// A refused call: the error, and that nothing has changed.
fn refuse(who: u64, refused: Call<Test>, error: impl Into<DispatchError>) {
	let error = error.into();
	let name = refused.get_call_name();
	assert_noop!(call(who, refused), error);
	SEEN.with_borrow_mut(|seen| {
		seen.insert(name);
		if let DispatchError::Module(ModuleError { message: Some(name), .. }) = error {
			seen.insert(name);
		}
	});
}

/// Refuses a call on a model that is not there, that is another's, and that has come to its end.
fn refuse_all_but_owners(on: impl Fn(ModelId) -> Call<Test>) {
	let model = register(OWNER, ModelKind::Base, &[]);
	for absent in [ABSENT, NextModel::<Test>::get(), ID_LIMIT, ModelId::MAX] {
		refuse(OWNER, on(absent), Error::NoSuchModel::<Test>);
	}
	for other in [STRANGER, TREASURY, NOBODY] {
		refuse(other, on(model), Error::NotOwner::<Test>);
	}
	assert_ok!(Registry::deprecate(signed(OWNER), model));
	refuse(OWNER, on(model), Error::Deprecated::<Test>);
	refuse(STRANGER, on(model), Error::NotOwner::<Test>);
}

/// A text that is a byte too long.
fn too_long(most: u32) -> Vec<u8> {
	vec![b'x'; most as usize + 1]
}

fn register_refuses() {
	let base = register_for(OWNER, ModelKind::Base, &[], royalty(0));
	let other = register_for(OWNER, ModelKind::Base, &[], royalty(0));
	let plain = |kind, parents: &[_]| registration(kind, parents, royalty(0));

	// Each kind with a wrong number of parents.
	let wrong: [(_, &[_]); 7] = [
		(ModelKind::Base, &[base]),
		(ModelKind::FineTune, &[]),
		(ModelKind::FineTune, &[base, other]),
		(ModelKind::Adapter, &[]),
		(ModelKind::Adapter, &[base, other]),
		(ModelKind::Agent, &[]),
		(ModelKind::FineTune, &[base, base]),
	];
	for (kind, parents) in wrong {
		refuse(OWNER, plain(kind, parents), Error::WrongParents::<Test>);
	}
	for absent in [ABSENT, ModelId::MAX] {
		refuse(OWNER, plain(ModelKind::Adapter, &[absent]), Error::NoSuchModel::<Test>);
		refuse(OWNER, plain(ModelKind::Agent, &[base, absent]), Error::NoSuchModel::<Test>);
	}
	let agent = register(OWNER, ModelKind::Agent, &[base]);
	for kind in [ModelKind::FineTune, ModelKind::Adapter] {
		refuse(OWNER, plain(kind, &[agent]), Error::WrongParents::<Test>);
	}
	let twice = plain(ModelKind::Agent, &[base, other, base]);
	refuse(OWNER, twice, Error::DuplicateParent::<Test>);

	// Terms and prices beyond what they may be.
	for royalty in [Permill::from_parts(300_001), Permill::one()] {
		let terms = DerivativeTerms { allowed: true, royalty };
		refuse(OWNER, registration(ModelKind::Base, &[], terms), Error::RoyaltyTooLarge::<Test>);
	}
	let with = |price, name, description, uri| Call::register {
		kind: ModelKind::Base,
		parents: Parents::default(),
		terms: royalty(0),
		price,
		name,
		description,
		uri,
	};
	let fair = price(1, 1);
	let name = || b"x".to_vec();
	for dear in [price(u64::MAX, 0), price(0, u64::MAX), price(u64::MAX, u64::MAX)] {
		refuse(OWNER, with(dear, name(), vec![], vec![]), Error::BadPrice::<Test>);
	}
	refuse(OWNER, with(fair, vec![], vec![], vec![]), Error::NoName::<Test>);
	let long = [
		with(fair, too_long(MAX_NAME), vec![], vec![]),
		with(fair, name(), too_long(MAX_DESCRIPTION), vec![]),
		with(fair, name(), vec![], too_long(MAX_URI)),
	];
	for call in long {
		refuse(OWNER, call, Error::TextTooLong::<Test>);
	}
	for poor in [NOBODY, TREASURY] {
		refuse(poor, plain(ModelKind::Base, &[]), too_poor());
	}

	// What parents do not want, or cannot give.
	let closed = DerivativeTerms { allowed: false, ..royalty(0) };
	let forbids = register_for(OWNER, ModelKind::Base, &[], closed);
	let made = plain(ModelKind::Adapter, &[forbids]);
	refuse(OWNER, made, Error::DerivativesForbidden::<Test>);
	let asks = register_for(OWNER, ModelKind::Base, &[], royalty(1));
	for at_most in [Permill::zero(), Permill::from_parts(9_999)] {
		let little = registration_at(ModelKind::Adapter, parents([(asks, at_most)]), royalty(0));
		refuse(OWNER, little, Error::RoyaltyNotAgreed::<Test>);
	}
	let dear = [(); 4].map(|()| register_for(OWNER, ModelKind::Base, &[], royalty(30)));
	refuse(OWNER, plain(ModelKind::Agent, &dear), Error::RoyaltiesExceedShare::<Test>);
	let mut deep = other;
	for _ in 0..MAX_ANCESTORS {
		deep = register(OWNER, ModelKind::Adapter, &[deep]);
	}
	refuse(OWNER, plain(ModelKind::Adapter, &[deep]), Error::TooManyAncestors::<Test>);
	assert_ok!(Registry::deprecate(signed(OWNER), base));
	refuse(OWNER, plain(ModelKind::Adapter, &[base]), Error::Deprecated::<Test>);
	let next = NextModel::<Test>::get();
	for none_left in [ID_LIMIT, ModelId::MAX] {
		NextModel::<Test>::put(none_left);
		refuse(OWNER, plain(ModelKind::Base, &[]), Error::NoMoreIds::<Test>);
	}
	NextModel::<Test>::put(next);
}

fn set_terms_refuses() {
	refuse_all_but_owners(|model| Call::set_terms { model, terms: royalty(0) });
	let model = register(OWNER, ModelKind::Base, &[]);
	for royalty in [Permill::from_parts(300_001), Permill::one()] {
		let terms = DerivativeTerms { allowed: true, royalty };
		refuse(OWNER, Call::set_terms { model, terms }, Error::RoyaltyTooLarge::<Test>);
	}
}

fn set_metadata_refuses() {
	let with = |model, name, description, uri| Call::set_metadata { model, name, description, uri };
	let name = || b"x".to_vec();
	refuse_all_but_owners(|model| with(model, name(), vec![], vec![]));
	let model = register(OWNER, ModelKind::Base, &[]);
	refuse(OWNER, with(model, vec![], name(), name()), Error::NoName::<Test>);
	let long = [
		with(model, too_long(MAX_NAME), vec![], vec![]),
		with(model, name(), too_long(MAX_DESCRIPTION), vec![]),
		with(model, name(), vec![], too_long(MAX_URI)),
	];
	for call in long {
		refuse(OWNER, call, Error::TextTooLong::<Test>);
	}
}

fn add_version_refuses() {
	let with = |model, version| Call::add_version { model, version };
	refuse_all_but_owners(|model| with(model, plain_version()));
	let model = register(OWNER, ModelKind::Base, &[]);
	let of = |snapshots: &[_]| version(Licence::Permissive, snapshots, &[]);
	let many: Vec<_> = (0..MAX_SNAPSHOTS + 1).map(|id| (id, 1)).collect();
	datanet(20, Licence::PublicDomain, 1);
	References::set(vec![20]);
	let wrong: [(_, Error<Test>); 12] = [
		(of(&[(1, 1), (0, 1)]), Error::SnapshotsNotSorted),
		(of(&[(1, 1), (1, 1)]), Error::SnapshotsNotSorted),
		(of(&many), Error::TooManySnapshots),
		(of(&[(6, 1)]), Error::NoSuchSnapshot),
		(of(&[(0, 0)]), Error::NoSuchSnapshot),
		(of(&[(0, u32::MAX)]), Error::NoSuchSnapshot),
		(of(&[(20, 1)]), Error::NamesReference),
		(of(&[(2, 1)]), Error::LicenceMismatch),
		(version(Licence::Permissive, &[], &[0]), Error::BadParentVersion),
		(NewVersion { method: Method::Spans { window: 0 }, ..of(&[]) }, Error::BadMethod),
		(NewVersion { method: Method::Spans { window: 15 }, ..of(&[]) }, Error::BadMethod),
		(NewVersion { uri: too_long(MAX_URI), ..of(&[]) }, Error::TextTooLong),
	];
	for (version, error) in wrong {
		refuse(OWNER, with(model, version), error);
	}

	assert_ok!(add_version(model, of(&[(0, 5)])));
	let child = register(OWNER, ModelKind::FineTune, &[model]);
	let made = |snapshots: &[_], parents: &[_]| version(Licence::Permissive, snapshots, parents);
	refuse(OWNER, with(child, made(&[(0, 4)], &[0])), Error::LacksParentSnapshot::<Test>);
	for parents in [&[][..], &[1], &[u32::MAX], &[0, 0], &[0; 100]] {
		refuse(OWNER, with(child, made(&[(0, 5)], parents)), Error::BadParentVersion::<Test>);
	}
	let unnamed = version(Licence::PublicDomain, &[(0, 5)], &[0]);
	refuse(OWNER, with(child, unnamed), Error::LicenceMismatch::<Test>);

	let agent = register(OWNER, ModelKind::Agent, &[model]);
	refuse(OWNER, with(agent, made(&[], &[0])), Error::AgentHasWeights::<Test>);

	let record = Models::<Test>::get(child).unwrap();
	Models::<Test>::insert(child, Model { versions: ID_LIMIT, ..record.clone() });
	refuse(OWNER, with(child, made(&[(0, 5)], &[0])), Error::NoMoreIds::<Test>);
	Models::<Test>::insert(child, record);
	let given = register(OWNER, ModelKind::Base, &[]);
	Balances::force_set_balance(RuntimeOrigin::root(), NOBODY, EXISTENTIAL_DEPOSIT).unwrap();
	assert_ok!(Registry::transfer_model(signed(OWNER), given, NOBODY));
	refuse(NOBODY, with(given, of(&[])), too_poor());
}

fn activate_version_refuses() {
	let with = |model, version| Call::activate_version { model, version };
	refuse_all_but_owners(|model| with(model, 0));
	let model = register(OWNER, ModelKind::Base, &[]);
	refuse(OWNER, with(model, 0), Error::NoSuchVersion::<Test>);
	assert_ok!(add_version(model, plain_version()));
	for absent in [1, u32::MAX] {
		refuse(OWNER, with(model, absent), Error::NoSuchVersion::<Test>);
	}
}

fn set_price_refuses() {
	let with = |model, price| Call::set_price { model, price };
	refuse_all_but_owners(|model| with(model, price(1, 1)));
	let model = register(OWNER, ModelKind::Base, &[]);
	for dear in [price(u64::MAX, 0), price(0, u64::MAX), price(u64::MAX, u64::MAX)] {
		refuse(OWNER, with(model, dear), Error::BadPrice::<Test>);
	}
	for _ in 1..MAX_EPOCHS {
		assert_ok!(call(OWNER, with(model, price(0, 0))));
	}
	refuse(OWNER, with(model, price(0, 0)), Error::TooManyPrices::<Test>);
	let record = Models::<Test>::get(model).unwrap();
	for none_left in [ID_LIMIT, u32::MAX] {
		Models::<Test>::insert(model, Model { epochs: none_left, ..record.clone() });
		refuse(OWNER, with(model, price(0, 0)), Error::NoMoreIds::<Test>);
	}
	Models::<Test>::insert(model, record);
}

fn appoint_operator_refuses() {
	let with = |model, operator| Call::appoint_operator { model, operator };
	refuse_all_but_owners(|model| with(model, OPERATOR));
	let model = register(OWNER, ModelKind::Base, &[]);
	operate(model, OPERATOR, MIN_BOND);
	for who in [OPERATOR, SUCCESSOR] {
		refuse(OWNER, with(model, who), Error::HasOperator::<Test>);
	}
	assert_ok!(Registry::end_operation(signed(OPERATOR), model));
	refuse(OWNER, with(model, OPERATOR), Error::ReleaseFirst::<Test>);
}

fn accept_operation_refuses() {
	let with = |model, bond| Call::accept_operation { model, bond };
	let model = register(OWNER, ModelKind::Base, &[]);
	for absent in [ABSENT, ModelId::MAX, model] {
		refuse(OPERATOR, with(absent, MIN_BOND), Error::NotAppointed::<Test>);
	}
	assert_ok!(Registry::appoint_operator(signed(OWNER), model, OPERATOR));
	for other in [OWNER, STRANGER] {
		refuse(other, with(model, MIN_BOND), Error::NotAppointed::<Test>);
	}
	for little in [0, 1, MIN_BOND - 1] {
		refuse(OPERATOR, with(model, little), Error::BondTooSmall::<Test>);
	}
	for much in [ENDOWMENT - EXISTENTIAL_DEPOSIT + 1, Balance::MAX] {
		refuse(OPERATOR, with(model, much), too_poor());
	}
	assert_ok!(call(OPERATOR, with(model, MIN_BOND)));
	refuse(OPERATOR, with(model, MIN_BOND), Error::NotAppointed::<Test>);
}

fn raise_bond_refuses() {
	let with = |model, amount| Call::raise_bond { model, amount };
	let model = register(OWNER, ModelKind::Base, &[]);
	for absent in [ABSENT, ModelId::MAX, model] {
		refuse(OPERATOR, with(absent, 1), Error::NoOperator::<Test>);
	}
	assert_ok!(Registry::appoint_operator(signed(OWNER), model, OPERATOR));
	refuse(OPERATOR, with(model, MIN_BOND), Error::NotOperator::<Test>);
	assert_ok!(Registry::accept_operation(signed(OPERATOR), model, MIN_BOND));
	for other in [OWNER, STRANGER] {
		refuse(other, with(model, 1), Error::NotOperator::<Test>);
	}
	refuse(OPERATOR, with(model, 0), Error::BondTooSmall::<Test>);
	for much in [ENDOWMENT - MIN_BOND - EXISTENTIAL_DEPOSIT + 1, Balance::MAX] {
		refuse(OPERATOR, with(model, much), too_poor());
	}
	assert_ok!(Registry::end_operation(signed(OPERATOR), model));
	refuse(OPERATOR, with(model, 1), Error::NoOperator::<Test>);
}

fn end_operation_refuses() {
	let with = |model| Call::end_operation { model };
	let model = register(OWNER, ModelKind::Base, &[]);
	for absent in [ABSENT, ModelId::MAX] {
		refuse(OWNER, with(absent), Error::NoSuchModel::<Test>);
	}
	refuse(OWNER, with(model), Error::NoOperator::<Test>);
	operate(model, OPERATOR, MIN_BOND);
	for other in [STRANGER, SUCCESSOR, NOBODY] {
		refuse(other, with(model), Error::NotOperator::<Test>);
	}
	assert_ok!(call(OPERATOR, with(model)));
	refuse(OPERATOR, with(model), Error::NoOperator::<Test>);
}

fn release_operator_refuses() {
	let with = |model, operator| Call::release_operator { model, operator };
	let model = register(OWNER, ModelKind::Base, &[]);
	operate(model, OPERATOR, MIN_BOND);
	for (model, operator) in [(ABSENT, OPERATOR), (ModelId::MAX, OPERATOR), (model, OPERATOR)] {
		refuse(STRANGER, with(model, operator), Error::NotRetired::<Test>);
	}
	assert_ok!(Registry::end_operation(signed(OPERATOR), model));
	refuse(STRANGER, with(model, SUCCESSOR), Error::NotRetired::<Test>);
	refuse(OPERATOR, with(model, OPERATOR), Error::StillAnswerable::<Test>);
	pass(UNBONDING);
	refuse(OPERATOR, with(model, OPERATOR), Error::StillAnswerable::<Test>);
	pass(1);
	OpenBatches::set(vec![(model, OPERATOR)]);
	refuse(OPERATOR, with(model, OPERATOR), Error::StillAnswerable::<Test>);
	OpenBatches::set(vec![]);
	assert_ok!(call(OPERATOR, with(model, OPERATOR)));
	refuse(OPERATOR, with(model, OPERATOR), Error::NotRetired::<Test>);
}

fn transfer_model_refuses() {
	let with = |model, owner| Call::transfer_model { model, owner };
	refuse_all_but_owners(|model| with(model, OTHER));
	let model = register(OWNER, ModelKind::Base, &[]);
	// An account that is not there cannot hold the deposit.
	refuse(OWNER, with(model, NOBODY), TokenError::CannotCreateHold);
}

fn deprecate_refuses() {
	let with = |model| Call::deprecate { model };
	refuse_all_but_owners(with);
	let model = register(OWNER, ModelKind::Base, &[]);
	operate(model, OPERATOR, MIN_BOND);
	refuse(OWNER, with(model), Error::HasOperator::<Test>);
	refuse(OPERATOR, with(model), Error::NotOwner::<Test>);
}

/// One of each call.
fn one_of_each(model: ModelId) -> Vec<Call<Test>> {
	let operator = OPERATOR;
	vec![
		registration(ModelKind::Base, &[], royalty(0)),
		Call::set_terms { model, terms: royalty(0) },
		Call::set_metadata { model, name: b"x".to_vec(), description: vec![], uri: vec![] },
		Call::add_version { model, version: plain_version() },
		Call::activate_version { model, version: 0 },
		Call::set_price { model, price: price(0, 0) },
		Call::appoint_operator { model, operator },
		Call::accept_operation { model, bond: MIN_BOND },
		Call::raise_bond { model, amount: 1 },
		Call::end_operation { model },
		Call::release_operator { model, operator },
		Call::transfer_model { model, owner: OTHER },
		Call::deprecate { model },
	]
}

/// Each call's refusals.
const REFUSALS: [fn(); 13] = [
	register_refuses,
	set_terms_refuses,
	set_metadata_refuses,
	add_version_refuses,
	activate_version_refuses,
	set_price_refuses,
	appoint_operator_refuses,
	accept_operation_refuses,
	raise_bond_refuses,
	end_operation_refuses,
	release_operator_refuses,
	transfer_model_refuses,
	deprecate_refuses,
];

#[test]
fn every_call_and_every_error_refuses_without_a_trace() {
	SEEN.with_borrow_mut(BTreeSet::clear);
	for refusals in REFUSALS {
		build_and_execute(refusals);
	}
	let mut expected: BTreeSet<_> = variants::<Error<Test>>().into_values().collect();
	expected.extend(Call::<Test>::get_call_names());
	let missing: Vec<_> = SEEN.with_borrow(|seen| expected.difference(seen).copied().collect());
	assert!(missing.is_empty(), "never refused: {missing:?}");
}

#[test]
fn every_call_needs_a_signature() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		let calls = one_of_each(model);
		let named: Vec<_> = calls.iter().map(GetCallName::get_call_name).collect();
		assert_eq!(named, Call::<Test>::get_call_names(), "one of each");
		for call in calls {
			for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
				assert_noop!(call_as(origin, call.clone()), BadOrigin);
			}
		}
	});
}

#[test]
fn more_parents_than_there_may_be_ancestors_do_not_even_decode() {
	let parent = |model| Parent { model, at_most: Permill::zero() };
	let parents = |count| (0..count).map(parent).collect::<Vec<_>>().encode();
	assert!(Parents::decode(&mut parents(MAX_ANCESTORS).as_slice()).is_ok());
	assert!(Parents::decode(&mut parents(MAX_ANCESTORS + 1).as_slice()).is_err());
}
