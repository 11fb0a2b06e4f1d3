//! What a version may say of itself.

use super::*;

/// A base model with one version of these snapshots.
fn base(licence: Licence, snapshots: &[(DatanetId, u32)]) -> ModelId {
	let model = register(OWNER, ModelKind::Base, &[]);
	assert_ok!(add_version(model, version(licence, snapshots, &[])));
	model
}

/// Refuses a version, and leaves everything as it was.
fn refuse(model: ModelId, version: NewVersion, error: Error<Test>) {
	assert_noop!(add_version(model, version), error);
}

#[test]
fn snapshots_ascend_by_datanet() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		let with = |snapshots: &[_]| version(Licence::Permissive, snapshots, &[]);
		refuse(model, with(&[(1, 5), (0, 5)]), Error::SnapshotsNotSorted);
		refuse(model, with(&[(1, 5), (1, 5)]), Error::SnapshotsNotSorted);
		refuse(model, with(&[(1, 5), (1, 6)]), Error::SnapshotsNotSorted);
		refuse(model, with(&[(0, 5), (5, 5), (1, 5)]), Error::SnapshotsNotSorted);
		assert_ok!(add_version(model, with(&[(0, 5), (1, 5), (5, 5)])));
		assert_ok!(add_version(model, with(&[])));
	});
}

#[test]
fn snapshots_exist() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		let with = |datanet, length| version(Licence::Permissive, &[(datanet, length)], &[]);
		refuse(model, with(6, 1), Error::NoSuchSnapshot);
		refuse(model, with(DatanetId::MAX, 1), Error::NoSuchSnapshot);
		refuse(model, with(0, LENGTH + 1), Error::NoSuchSnapshot);
		refuse(model, with(0, u32::MAX), Error::NoSuchSnapshot);
		assert_ok!(add_version(model, with(0, LENGTH)));
		// Once the datanet has grown, so may a version.
		datanet(0, Licence::PublicDomain, LENGTH + 1);
		assert_ok!(add_version(model, with(0, LENGTH + 1)));
	});
}

#[test]
fn snapshots_hold_something() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		let with = |snapshots: &[_]| version(Licence::Permissive, snapshots, &[]);
		datanet(20, Licence::PublicDomain, 0);
		refuse(model, with(&[(20, 0)]), Error::NoSuchSnapshot);
		refuse(model, with(&[(20, 1)]), Error::NoSuchSnapshot);
		refuse(model, with(&[(0, 0)]), Error::NoSuchSnapshot);
		refuse(model, with(&[(0, 1), (1, 0)]), Error::NoSuchSnapshot);
		datanet(20, Licence::PublicDomain, 1);
		assert_ok!(add_version(model, with(&[(0, 1), (20, 1)])));
	});
}

#[test]
fn sixty_four_snapshots_are_the_most() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		let snapshots: Vec<_> = (100..165).map(|id| (id, 1)).collect();
		for (id, length) in &snapshots {
			datanet(*id, Licence::PublicDomain, *length);
		}
		let with = |snapshots| version(Licence::Permissive, snapshots, &[]);
		refuse(model, with(&snapshots), Error::TooManySnapshots);
		assert_ok!(add_version(model, with(&snapshots[1..])));
		assert_eq!(Users::<Test>::iter().count(), 64);
	});
}

#[test]
fn a_fine_tune_includes_its_parents_snapshots() {
	build_and_execute(|| {
		let parent = base(Licence::Permissive, &[(0, 10), (1, 20)]);
		for kind in [ModelKind::FineTune, ModelKind::Adapter] {
			let child = register(OTHER, kind, &[parent]);
			let with = |snapshots: &[_]| version(Licence::Permissive, snapshots, &[0]);
			refuse(child, with(&[]), Error::LacksParentSnapshot);
			refuse(child, with(&[(0, 10)]), Error::LacksParentSnapshot);
			refuse(child, with(&[(0, 10), (5, 20)]), Error::LacksParentSnapshot);
			refuse(child, with(&[(0, 10), (1, 19)]), Error::LacksParentSnapshot);
			assert_ok!(add_version(child, with(&[(0, 10), (1, 20)])));
			assert_ok!(add_version(child, with(&[(0, 10), (1, 21), (5, 1)])));
			// What a version inherits, its own children inherit too.
			let grandchild = register(STRANGER, ModelKind::Adapter, &[child]);
			let with = |snapshots: &[_]| version(Licence::Permissive, snapshots, &[1]);
			refuse(grandchild, with(&[(0, 10), (1, 20), (5, 1)]), Error::LacksParentSnapshot);
			refuse(grandchild, with(&[(0, 10), (1, 21)]), Error::LacksParentSnapshot);
			assert_ok!(add_version(grandchild, with(&[(0, 10), (1, 21), (5, 1)])));
		}
	});
}

#[test]
fn a_fine_tune_includes_those_of_the_version_it_was_made_from() {
	build_and_execute(|| {
		let parent = base(Licence::Permissive, &[(0, 10)]);
		assert_ok!(add_version(parent, version(Licence::Permissive, &[(1, 30)], &[])));
		let child = register(OTHER, ModelKind::FineTune, &[parent]);
		let with = |snapshots: &[_], parent| version(Licence::Permissive, snapshots, &[parent]);
		refuse(child, with(&[(1, 30)], 0), Error::LacksParentSnapshot);
		refuse(child, with(&[(0, 10)], 1), Error::LacksParentSnapshot);
		assert_ok!(add_version(child, with(&[(0, 10)], 0)));
		// Whether the parent's version serves at the moment does not matter.
		assert_ok!(add_version(child, with(&[(1, 30)], 1)));
	});
}

#[test]
fn an_agent_need_not_repeat_what_it_calls() {
	build_and_execute(|| {
		let called = [base(Licence::Permissive, &[(0, 10)]), base(Licence::CcBy, &[(1, 10)])];
		let agent = register(OTHER, ModelKind::Agent, &called);
		let with = |snapshots: &[_]| agent_version(Licence::Permissive, snapshots, &[0, 0]);
		assert_ok!(add_version(agent, with(&[])));
		assert_ok!(add_version(agent, with(&[(5, 1)])));
		assert!(Registry::users_of(0, None).iter().all(|(user, _)| *user != agent));
		assert_eq!(Registry::users_of(5, None), [(agent, 1)], "what it retrieves from, it uses");
	});
}

#[test]
fn an_agent_has_no_weights() {
	build_and_execute(|| {
		let called = base(Licence::Permissive, &[(0, 10)]);
		let agent = register(OTHER, ModelKind::Agent, &[called]);
		let with = |weights| NewVersion { weights, ..agent_version(Licence::CcBy, &[], &[0]) };
		refuse(agent, with(H256::repeat_byte(1)), Error::AgentHasWeights);
		refuse(agent, with(H256::from_low_u64_be(1)), Error::AgentHasWeights);
		assert_ok!(add_version(agent, with(H256::zero())));
		assert_eq!(Versions::<Test>::get(agent, 0).unwrap().weights, H256::zero());
	});
}

#[test]
fn the_version_of_every_parent_is_named_in_order() {
	build_and_execute(|| {
		let one = base(Licence::Permissive, &[]);
		let two = register(OWNER, ModelKind::FineTune, &[one]);
		let made = |parents: &[_]| version(Licence::Permissive, &[], parents);
		for _ in 0..2 {
			assert_ok!(add_version(two, made(&[0])));
		}
		let agent = register(OTHER, ModelKind::Agent, &[two, one]);
		for wrong in [&[][..], &[0], &[0, 0, 0], &[0, 1], &[2, 0], &[1, u32::MAX]] {
			let made = agent_version(Licence::Permissive, &[], wrong);
			refuse(agent, made, Error::BadParentVersion);
		}
		assert_ok!(add_version(agent, agent_version(Licence::Permissive, &[], &[1, 0])));
		assert_eq!(Versions::<Test>::get(agent, 0).unwrap().parents.as_slice(), [1, 0]);
		refuse(one, made(&[0]), Error::BadParentVersion);
		// A child cannot be made from a parent that has nothing yet.
		let empty = register(OWNER, ModelKind::Base, &[]);
		let child = register(OTHER, ModelKind::Adapter, &[empty]);
		refuse(child, made(&[0]), Error::BadParentVersion);
	});
}

/// Which licence (row) may go into which (column), in the order of [`STANDARD`]: a table made by
/// hand from the licences' texts.
const INTO: [[bool; 6]; 6] = [
	[true, true, true, true, true, true], // public domain: into anything
	[false, true, true, true, true, true], // CC-BY: the name must be kept
	[false, false, true, false, false, false], // CC-BY-SA: into itself only
	[false, false, false, true, true, false], // CC-BY-NC: nothing commercial
	[false, false, false, false, true, false], // CC-BY-NC-SA: into itself only
	[false, true, true, true, true, true], // permissive: like CC-BY
];

/// What the table says of a version.
fn expect(allowed: bool, model: ModelId, made: NewVersion) {
	if allowed {
		assert_ok!(add_version(model, made));
	} else {
		refuse(model, made, Error::LicenceMismatch);
	}
}

#[test]
fn every_datanets_licence_meets_every_versions() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		assert_ok!(add_version(model, version(Licence::Permissive, &[], &[])));
		let agent = register(OTHER, ModelKind::Agent, &[model]);
		for (id, row) in (0..).zip(INTO) {
			for (licence, allowed) in STANDARD.into_iter().zip(row) {
				expect(allowed, model, version(licence, &[(id, 1)], &[]));
				// What an agent itself retrieves from binds it like any other.
				expect(allowed, agent, agent_version(licence, &[(id, 1)], &[0]));
			}
		}
	});
}

#[test]
fn every_parents_licence_meets_every_childs() {
	build_and_execute(|| {
		for (parents, row) in STANDARD.into_iter().zip(INTO) {
			let parent = base(parents, &[]);
			for kind in [ModelKind::FineTune, ModelKind::Adapter] {
				let child = register(OTHER, kind, &[parent]);
				for (licence, allowed) in STANDARD.into_iter().zip(row) {
					expect(allowed, child, version(licence, &[], &[0]));
				}
			}
			// An agent is not made from what it calls.
			let agent = register(OTHER, ModelKind::Agent, &[parent]);
			for licence in STANDARD {
				expect(true, agent, agent_version(licence, &[], &[0]));
			}
		}
	});
}

#[test]
fn a_version_keeps_every_licence_at_once() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		for a in 0..6 {
			for b in a + 1..6 {
				for (licence, goes) in STANDARD.into_iter().zip(0..) {
					let allowed = INTO[a as usize][goes] && INTO[b as usize][goes];
					expect(allowed, model, version(licence, &[(a, 1), (b, 1)], &[]));
				}
			}
		}
	});
}

#[test]
fn a_custom_licence_binds_as_it_says() {
	build_and_execute(|| {
		let custom = |text, share_alike| Licence::Custom {
			text: H256::repeat_byte(text),
			terms: Terms { commercial: true, share_alike, attribution: true },
		};
		datanet(10, custom(1, true), 1);
		datanet(11, custom(1, false), 1);
		let model = register(OWNER, ModelKind::Base, &[]);
		expect(true, model, version(custom(1, true), &[(10, 1)], &[]));
		expect(false, model, version(custom(2, true), &[(10, 1)], &[]));
		expect(false, model, version(Licence::CcBySa, &[(10, 1)], &[]));
		expect(true, model, version(Licence::CcBySa, &[(11, 1)], &[]));
		expect(true, model, version(custom(2, true), &[(11, 1)], &[]));
		expect(false, model, version(Licence::PublicDomain, &[(11, 1)], &[]));
	});
}

#[test]
fn references_are_recorded_as_they_were_and_need_not_be_named() {
	build_and_execute(|| {
		datanet(20, Licence::PublicDomain, 3);
		datanet(21, Licence::PublicDomain, 4);
		References::set(vec![20, 21]);
		let model = register(OWNER, ModelKind::Base, &[]);
		assert_ok!(add_version(model, plain_version()));
		datanet(21, Licence::PublicDomain, 40);
		assert_ok!(add_version(model, plain_version()));
		let recorded = |number| Versions::<Test>::get(model, number).unwrap().references.to_vec();
		assert_eq!(recorded(0), [snapshot(20, 3), snapshot(21, 4)]);
		assert_eq!(recorded(1), [snapshot(20, 3), snapshot(21, 40)]);
		for length in [0, 3, 4] {
			let naming = version(Licence::Permissive, &[(0, 10), (20, length)], &[]);
			refuse(model, naming, Error::NamesReference);
		}
		assert!(Registry::users_of(20, None).is_empty());
	});
}

#[test]
fn there_are_no_more_references_than_a_version_records() {
	build_and_execute(|| {
		let ids: Vec<_> = (20..=20 + MAX_REFERENCES).collect();
		for id in &ids {
			datanet(*id, Licence::PublicDomain, 1);
		}
		let model = register(OWNER, ModelKind::Base, &[]);
		References::set(ids.clone());
		refuse(model, plain_version(), Error::TooManySnapshots);
		References::set(ids[1..].to_vec());
		assert_ok!(add_version(model, plain_version()));
	});
}

#[test]
fn methods_have_parameters_that_work() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		let with = |method| NewVersion { method, ..plain_version() };
		let sketch = |dimensions, clip| Method::Sketch { sketches: H256::zero(), dimensions, clip };
		let retrieval = |top| Method::Retrieval { table: H256::zero(), top };
		let spans = |window| Method::Spans { window };
		let wrong = [
			spans(0),
			spans(1),
			spans(MIN_WINDOW - 1),
			sketch(0, 1),
			sketch(1, 0),
			sketch(0, 0),
			retrieval(0),
		];
		for method in wrong {
			refuse(model, with(method), Error::BadMethod);
		}
		let right = [
			spans(MIN_WINDOW),
			spans(u16::MAX),
			sketch(1, 1),
			sketch(u16::MAX, u32::MAX),
			retrieval(1),
			retrieval(u8::MAX),
		];
		for (number, method) in (0..).zip(right) {
			assert_ok!(add_version(model, with(method)));
			assert_eq!(Versions::<Test>::get(model, number).unwrap().method, method);
		}
	});
}

#[test]
fn a_versions_uri_has_an_end() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		let with = |length| NewVersion { uri: vec![b'x'; length], ..plain_version() };
		assert_ok!(add_version(model, with(0)));
		assert_ok!(add_version(model, with(MAX_URI as usize)));
		refuse(model, with(MAX_URI as usize + 1), Error::TextTooLong);
	});
}
