//! Lineage and royalties, against an oracle that draws every family as a tree.

use super::*;

/// The way from a model to one of its ancestors: every model on it, with what it takes of the one
/// before.
type Way = Vec<(ModelId, Permill)>;

/// The ways that a model's record describes, by its nested indices.
fn recorded(model: ModelId) -> Vec<Way> {
	let lineage = Models::<Test>::get(model).unwrap().lineage;
	let mut ways: Vec<Way> = lineage
		.iter()
		.map(|ancestor| {
			let mut way = vec![(ancestor.model, ancestor.royalty)];
			let mut of = ancestor.of;
			while of > 0 {
				let nearer = lineage[usize::from(of) - 1];
				way.push((nearer.model, nearer.royalty));
				of = nearer.of;
			}
			way.reverse();
			way
		})
		.collect();
	ways.sort();
	ways
}

/// What the ancestor at the end of a way takes of a share, before it pays its own ancestors.
fn takes(way: &Way, share: Balance) -> Balance {
	way.iter().fold(share, |share, (_, royalty)| royalty.mul_floor(share))
}

/// A family as one knows it who remembers what was agreed at each birth, and no indices.
#[derive(Default)]
struct Family {
	terms: BTreeMap<ModelId, DerivativeTerms>,
	ways: BTreeMap<ModelId, Vec<Way>>,
	agents: BTreeSet<ModelId>,
}

impl Family {
	/// All ways from a child of these parents, if it were born now.
	fn ways_from(&self, parents: &[ModelId]) -> Vec<Way> {
		let mut ways = Vec::new();
		for parent in parents {
			let step = (*parent, self.terms[parent].royalty);
			ways.push(vec![step]);
			ways.extend(self.ways[parent].iter().map(|way| [&[step], way.as_slice()].concat()));
		}
		ways.sort();
		ways
	}

	/// Remembers a birth.
	fn born(
		&mut self,
		model: ModelId,
		kind: ModelKind,
		parents: &[ModelId],
		terms: DerivativeTerms,
	) {
		self.ways.insert(model, self.ways_from(parents));
		self.terms.insert(model, terms);
		if kind == ModelKind::Agent {
			self.agents.insert(model);
		}
	}

	/// Registers a model, and checks it against the oracle.
	fn register(&mut self, kind: ModelKind, parents: &[ModelId], percent: u32) -> ModelId {
		let model = register_for(OWNER, kind, parents, royalty(percent));
		self.born(model, kind, parents, royalty(percent));
		assert_eq!(recorded(model), self.ways[&model]);
		model
	}
}

#[test]
fn royalties_nest_from_base_to_agent() {
	build_and_execute(|| {
		let mut family = Family::default();
		let base = family.register(ModelKind::Base, &[], 10);
		let fine_tune = family.register(ModelKind::FineTune, &[base], 20);
		let adapter = family.register(ModelKind::Adapter, &[fine_tune], 30);
		let other = family.register(ModelKind::Base, &[], 5);
		let agent = family.register(ModelKind::Agent, &[other, adapter, base], 0);

		let ancestor =
			|model, percent, of| Ancestor { model, royalty: Permill::from_percent(percent), of };
		let expected = [
			ancestor(other, 5, 0),
			ancestor(adapter, 30, 0),
			ancestor(fine_tune, 20, 2),
			ancestor(base, 10, 3),
			ancestor(base, 10, 0),
		];
		let record = Models::<Test>::get(agent).unwrap();
		assert_eq!(record.lineage.as_slice(), expected);
		let parents: Vec<_> = record.parents().map(|parent| parent.model).collect();
		assert_eq!(parents, [other, adapter, base], "in the order in which they were named");

		// Of 1,000,000 the adapter takes 300,000, of which the fine-tune takes 60,000, of which the
		// base takes 6,000: the adapter keeps 240,000 and the fine-tune 54,000.
		let gross: BTreeMap<_, _> =
			recorded(agent).iter().map(|way| (way.clone(), takes(way, 1_000_000))).collect();
		let mut amounts: Vec<_> = gross.values().copied().collect();
		amounts.sort();
		assert_eq!(amounts, [6_000, 50_000, 60_000, 100_000, 300_000]);
		let paid: Balance =
			gross.iter().filter(|(way, _)| way.len() == 1).map(|(_, sum)| sum).sum();
		assert_eq!(paid, 450_000, "only parents are paid from the model's own share");
	});
}

#[test]
fn what_a_child_agreed_to_stays_although_its_parent_asks_more_later() {
	build_and_execute(|| {
		let mut family = Family::default();
		let base = family.register(ModelKind::Base, &[], 10);
		let early = family.register(ModelKind::FineTune, &[base], 0);
		let before = Models::<Test>::get(early).unwrap();
		let dearer = royalty(30);
		assert_ok!(Registry::set_terms(signed(OWNER), base, dearer));
		family.terms.insert(base, dearer);
		assert_eq!(Models::<Test>::get(early), Some(before), "nothing is retroactive");

		let late = family.register(ModelKind::FineTune, &[base], 0);
		assert_eq!(recorded(late), [vec![(base, Permill::from_percent(30))]]);
		// A grandchild pays what its parent had agreed to, not what the grandparent asks now.
		let grandchild = family.register(ModelKind::Adapter, &[early], 0);
		let through = vec![(early, Permill::zero()), (base, Permill::from_percent(10))];
		assert!(recorded(grandchild).contains(&through));
	});
}

#[test]
fn a_model_may_forbid_others_and_allow_them_again() {
	build_and_execute(|| {
		let base = register(OWNER, ModelKind::Base, &[]);
		let child = register(OTHER, ModelKind::FineTune, &[base]);
		let closed = DerivativeTerms { allowed: false, royalty: Permill::zero() };
		assert_ok!(Registry::set_terms(signed(OWNER), base, closed));
		for kind in [ModelKind::FineTune, ModelKind::Adapter, ModelKind::Agent] {
			// Not even its owner goes around that.
			assert_noop!(
				call(OWNER, registration(kind, &[base], royalty(0))),
				Error::<Test>::DerivativesForbidden
			);
		}
		// A child that is there already decides for itself.
		register(STRANGER, ModelKind::Adapter, &[child]);
		assert_ok!(Registry::set_terms(signed(OWNER), base, royalty(0)));
		register(STRANGER, ModelKind::Agent, &[base]);
	});
}

#[test]
fn royalties_of_parents_add_up_to_the_whole_at_most() {
	build_and_execute(|| {
		MaxRoyalty::set(Permill::from_percent(50));
		let halves = [(); 2].map(|()| register_for(OWNER, ModelKind::Base, &[], royalty(50)));
		let whole = register(OTHER, ModelKind::Agent, &halves);
		assert_eq!(recorded(whole).iter().map(|way| takes(way, 1_000)).sum::<Balance>(), 1_000);

		let [least, nothing] = [1, 0].map(|parts| {
			let terms = DerivativeTerms { allowed: true, royalty: Permill::from_parts(parts) };
			register_for(OWNER, ModelKind::Base, &[], terms)
		});
		let with = |more| registration(ModelKind::Agent, &[halves[0], halves[1], more], royalty(0));
		assert_noop!(call(OTHER, with(least)), Error::<Test>::RoyaltiesExceedShare);
		assert_ok!(call(OTHER, with(nothing)));
	});
}

#[test]
fn royalties_of_grandparents_come_out_of_the_parents_part() {
	build_and_execute(|| {
		// Four generations at 30 % each: far more than the whole, were they not nested.
		let mut newest = register_for(OWNER, ModelKind::Base, &[], royalty(30));
		for _ in 0..4 {
			newest = register_for(OWNER, ModelKind::FineTune, &[newest], royalty(30));
		}
		let all: Vec<_> = recorded(newest).iter().map(|way| takes(way, 1_000_000)).collect();
		let mut sorted = all.clone();
		sorted.sort();
		assert_eq!(sorted, [8_100, 27_000, 90_000, 300_000]);
	});
}

#[test]
fn eight_ancestors_are_the_most_in_a_chain() {
	build_and_execute(|| {
		let mut newest = register(OWNER, ModelKind::Base, &[]);
		for _ in 0..MAX_ANCESTORS {
			newest = register(OWNER, ModelKind::Adapter, &[newest]);
		}
		assert_eq!(Models::<Test>::get(newest).unwrap().lineage.len(), 8);
		assert_noop!(
			call(OWNER, registration(ModelKind::Adapter, &[newest], royalty(0))),
			Error::<Test>::TooManyAncestors
		);
	});
}

#[test]
fn eight_ancestors_are_the_most_side_by_side() {
	build_and_execute(|| {
		let bases: Vec<_> = (0..8).map(|_| register(OWNER, ModelKind::Base, &[])).collect();
		let agent = register(OTHER, ModelKind::Agent, &bases);
		assert_eq!(Models::<Test>::get(agent).unwrap().parents().count(), 8);
		let child = register(OWNER, ModelKind::FineTune, &[bases[0]]);
		let nine = [&[child], &bases[1..]].concat();
		assert_noop!(
			call(OTHER, registration(ModelKind::Agent, &nine, royalty(0))),
			Error::<Test>::TooManyAncestors
		);
		// An ancestor that is reached in two ways is paid in both, and counts in both.
		let twice = register(OTHER, ModelKind::Agent, &[bases[0], child]);
		assert_eq!(Models::<Test>::get(twice).unwrap().lineage.len(), 3);
	});
}

#[test]
fn a_model_pays_what_is_asked_and_no_more_than_was_agreed() {
	build_and_execute(|| {
		let asking = |percent| register_for(OWNER, ModelKind::Base, &[], royalty(percent));
		let called = [10, 20].map(asking);
		let with = |agreed: [u32; 2]| {
			let agreed = called.into_iter().zip(agreed.map(Permill::from_parts));
			registration_at(ModelKind::Agent, parents(agreed), royalty(0))
		};
		for little in [[99_999, 200_000], [100_000, 199_999], [200_000, 100_000], [0, 1_000_000]] {
			assert_noop!(call(OTHER, with(little)), Error::<Test>::RoyaltyNotAgreed);
		}
		for enough in [[100_000, 200_000], [1_000_000, 1_000_000]] {
			let model = NextModel::<Test>::get();
			assert_ok!(call(OTHER, with(enough)));
			let royalties: Vec<_> =
				Models::<Test>::get(model).unwrap().parents().map(|each| each.royalty).collect();
			assert_eq!(royalties, [10, 20].map(Permill::from_percent));
		}
	});
}

#[test]
fn nothing_is_trained_from_an_agent() {
	build_and_execute(|| {
		let base = register(OWNER, ModelKind::Base, &[]);
		let agent = register(OTHER, ModelKind::Agent, &[base]);
		for kind in [ModelKind::FineTune, ModelKind::Adapter] {
			assert_noop!(
				call(STRANGER, registration(kind, &[agent], royalty(0))),
				Error::<Test>::WrongParents
			);
		}
		let caller = register(STRANGER, ModelKind::Agent, &[agent]);
		assert_eq!(recorded(caller).len(), 2, "agents call agents, and all that those call");
	});
}

#[test]
fn nobody_descends_from_itself_or_from_what_is_not_there_yet() {
	build_and_execute(|| {
		let base = register(OWNER, ModelKind::Base, &[]);
		let own = NextModel::<Test>::get();
		for not_yet in [own, own + 1, ModelId::MAX] {
			assert_noop!(
				call(OWNER, registration(ModelKind::Agent, &[base, not_yet], royalty(0))),
				Error::<Test>::NoSuchModel
			);
		}
	});
}

#[test]
fn random_families_are_as_the_oracle_draws_them() {
	let mut random = Random(5);
	let mut outcomes = BTreeMap::<&str, u32>::new();
	for _ in 0..60 {
		build_and_execute(|| {
			let mut family = Family::default();
			for model in 0..30 {
				let models: Vec<_> = family.terms.keys().copied().collect();
				let kind = random.pick(&[
					ModelKind::Base,
					ModelKind::Base,
					ModelKind::FineTune,
					ModelKind::Adapter,
					ModelKind::Agent,
					ModelKind::Agent,
				]);
				let count = match kind {
					_ if model < 8 => 0,
					ModelKind::Base => 0,
					ModelKind::Agent => 2 + random.below(5),
					_ => 1,
				};
				let kind = if count == 0 { ModelKind::Base } else { kind };
				let with_weights = |model: &ModelId| !family.agents.contains(model);
				let eligible: Vec<_> = match kind {
					ModelKind::Agent => models.clone(),
					_ => models.iter().copied().filter(with_weights).collect(),
				};
				let parents: BTreeSet<_> = (0..count).map(|_| random.pick(&eligible)).collect();
				let parents: Vec<_> = parents.into_iter().collect();
				let terms = royalty(random.pick(&[0, 10, 30, 30, 30]));

				let ways = family.ways_from(&parents);
				let asked: u32 =
					parents.iter().map(|parent| family.terms[parent].royalty.deconstruct()).sum();
				let fits = ways.len() <= MAX_ANCESTORS as usize;
				let done = call(OWNER, registration(kind, &parents, terms));
				let outcome = match (asked <= 1_000_000, fits) {
					(true, true) => {
						assert_ok!(done);
						let model = NextModel::<Test>::get() - 1;
						family.born(model, kind, &parents, terms);
						assert_eq!(recorded(model), ways);
						"born"
					}
					(false, true) => {
						assert_eq!(done, Err(Error::<Test>::RoyaltiesExceedShare.into()));
						"too dear"
					}
					(true, false) => {
						assert_eq!(done, Err(Error::<Test>::TooManyAncestors.into()));
						"too many"
					}
					(false, false) => {
						assert!(done.is_err());
						"both"
					}
				};
				*outcomes.entry(outcome).or_default() += 1;
				// Somebody changes their mind, which must not reach anybody who is born already.
				if let Some(model) = (!models.is_empty()).then(|| random.pick(&models)) {
					let terms = royalty(random.pick(&[0, 5, 30, 30]));
					assert_ok!(Registry::set_terms(signed(OWNER), model, terms));
					family.terms.insert(model, terms);
				}
			}
			for (model, ways) in &family.ways {
				assert_eq!(recorded(*model), *ways);
			}
		});
	}
	for outcome in ["born", "too dear", "too many"] {
		assert!(outcomes.get(outcome).is_some_and(|times| *times >= 10), "{outcomes:?}");
	}
}
