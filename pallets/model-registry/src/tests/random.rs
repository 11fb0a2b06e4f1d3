//! Ten accounts do what they like for thousands of blocks. Every call succeeds often, every error
//! and every event occurs, all invariants hold after each block, and in the end everybody gets out
//! with everything.

use super::*;
use frame_support::traits::{GetCallName, Imbalance};
use openledger_settlement::parties::Operators as _;
use sp_runtime::ModuleError;

/// For how long.
const BLOCKS: u32 = 2_000;
/// How many models there can be: the ids end there.
const MODELS: u32 = 100;
/// How often every call must succeed.
const OFTEN: u32 = 50;
/// The reference datanets; they grow like all others.
const REFERENCE_DATANETS: [DatanetId; 2] = [50, 51];

/// The accounts, and what became of what they did.
struct Crowd {
	random: Random,
	/// The models that were not deprecated when the block began.
	living: Vec<ModelId>,
	/// What was slashed.
	slashed: Balance,
	done: BTreeMap<&'static str, u32>,
	refused: BTreeMap<&'static str, u32>,
}

impl Crowd {
	/// Mostly a model that lives, sometimes any, rarely none. The same few are in fashion for a
	/// while, so that things happen to a model in a row.
	fn model(&mut self) -> ModelId {
		let next = NextModel::<Test>::get();
		let living = self.living.len() as u32;
		match self.random.below(100) {
			0..2 => next,
			5..45 if living > 0 => {
				let fashion = Now::get() / 60 * 7 + self.random.below(2);
				self.living[(fashion % living) as usize]
			}
			45.. if living > 0 => self.random.pick(&self.living),
			_ => ID_LIMIT - MODELS + self.random.below(next + MODELS - ID_LIMIT),
		}
	}

	/// Mostly the one who may, sometimes anyone.
	fn one_who_may(&mut self, may: Option<u64>) -> u64 {
		let anyone = self.random.pick(&ACCOUNTS.collect::<Vec<_>>());
		may.filter(|_| self.random.chance(95)).unwrap_or(anyone)
	}

	/// A text that is rarely too long, or empty.
	fn text(&mut self, most: u32) -> Vec<u8> {
		match self.random.below(40) {
			0 => vec![b'x'; most as usize + 1],
			1 => Vec::new(),
			_ => vec![b'x'; 1 + self.random.below(most) as usize],
		}
	}

	fn terms(&mut self) -> DerivativeTerms {
		let royalty = match self.random.below(40) {
			0 => Permill::from_parts(300_001),
			1..15 => Permill::from_percent(30),
			_ => Permill::from_percent(self.random.below(31)),
		};
		DerivativeTerms { allowed: self.random.chance(90), royalty }
	}

	fn price(&mut self) -> Price {
		match self.random.below(40) {
			0 => price(u64::MAX, 0),
			_ => price(self.random.next() >> 28, self.random.next() >> 28),
		}
	}

	fn registration(&mut self) -> Call<Test> {
		let kind = self.random.pick(&[
			ModelKind::Base,
			ModelKind::Base,
			ModelKind::Base,
			ModelKind::FineTune,
			ModelKind::Adapter,
			ModelKind::Agent,
		]);
		let count = match kind {
			_ if self.random.chance(3) => self.random.below(3),
			ModelKind::Base => 0,
			ModelKind::FineTune | ModelKind::Adapter => 1,
			ModelKind::Agent => 1 + self.random.below(8),
		};
		let mut models: Vec<_> = (0..count).map(|_| self.model()).collect();
		if self.random.chance(75) {
			models.sort();
			models.dedup();
		}
		// A few agree to anything, or to too little.
		let agreed = match self.random.below(20) {
			0 => models.iter().map(|model| (*model, Permill::zero())).collect(),
			1 => models.iter().map(|model| (*model, Permill::one())).collect(),
			_ => models.iter().map(|model| (*model, asked(*model))).collect::<Vec<_>>(),
		};
		Call::register {
			kind,
			parents: parents(agreed),
			terms: self.terms(),
			price: self.price(),
			name: self.text(MAX_NAME),
			description: self.text(MAX_DESCRIPTION),
			uri: self.text(MAX_URI),
		}
	}

	/// A version that keeps the rules, but for a slip now and then.
	fn version(&mut self, model: ModelId) -> NewVersion {
		let mut snapshots = BTreeMap::new();
		for _ in 0..self.random.below(3) {
			let id = self.random.below(STANDARD.len() as u32);
			snapshots.insert(id, 1 + self.random.below(Table::get()[&id].1));
		}
		let mut parents = Vec::new();
		for parent in Models::<Test>::get(model).iter().flat_map(|record| record.parents()) {
			let versions = Models::<Test>::get(parent.model).unwrap().versions;
			let number = self.random.below(versions);
			parents.push(number);
			for theirs in
				Versions::<Test>::get(parent.model, number).iter().flat_map(|each| &each.snapshots)
			{
				let ours = snapshots.entry(theirs.datanet).or_default();
				*ours = theirs.length.max(*ours);
			}
		}
		let mut snapshots: Vec<_> = snapshots.into_iter().collect();
		match self.random.below(25) {
			0 => snapshots.reverse(),
			1 => snapshots = vec![(0, 0); 65],
			2 => snapshots.push((70, 1)),
			3 => snapshots.push((50, 1)),
			4 => snapshots.iter_mut().for_each(|(_, length)| *length = 0),
			5..12 => snapshots.iter_mut().for_each(|(_, length)| *length = 1),
			12 => parents.push(0),
			13 => parents.iter_mut().for_each(|number| *number += 1),
			_ => {}
		}
		let method = match self.random.below(40) {
			0 => Method::Retrieval { table: H256::zero(), top: 0 },
			1 => Method::Spans { window: MIN_WINDOW - 1 },
			2..20 => Method::Spans { window: 32 },
			_ => Method::Sketch { sketches: H256::zero(), dimensions: 64, clip: 1 },
		};
		// Mostly a licence that everything goes into, if there is one.
		let all_allow = |licence: &Licence| {
			let asks = |id| Table::get().get(id).is_none_or(|(theirs, _)| theirs.allows(licence));
			snapshots.iter().all(|(id, _)| asks(id))
		};
		let fitting: Vec<_> = STANDARD.into_iter().filter(all_allow).collect();
		let any = self.random.chance(10) || fitting.is_empty();
		let licence = self.random.pick(if any { &STANDARD } else { &fitting });
		let uri = self.text(MAX_URI);
		let made = match Models::<Test>::get(model) {
			Some(record) if record.kind == ModelKind::Agent && self.random.chance(80) => {
				agent_version(licence, &snapshots, &parents)
			}
			_ => version(licence, &snapshots, &parents),
		};
		NewVersion { method, uri, ..made }
	}

	/// Somebody does something.
	fn act(&mut self) {
		let model = self.model();
		let record = Models::<Test>::get(model);
		let owner = self.one_who_may(record.as_ref().map(|record| record.owner));
		let appointed = Operators::<Test>::get(model).map(|operator| operator.account);
		let operator = self.one_who_may(appointed);
		let anyone = self.one_who_may(None);
		let (who, call) = match self.random.below(100) {
			0..9 => (anyone, self.registration()),
			9..13 => (owner, Call::set_terms { model, terms: self.terms() }),
			13..18 => {
				let name = self.text(MAX_NAME);
				let [description, uri] = [MAX_DESCRIPTION, MAX_URI].map(|most| self.text(most));
				(owner, Call::set_metadata { model, name, description, uri })
			}
			18..26 => (owner, Call::add_version { model, version: self.version(model) }),
			26..34 => {
				let versions = record.map_or(0, |record| record.versions);
				(owner, Call::activate_version { model, version: self.random.below(versions + 1) })
			}
			34..48 => {
				// Some cannot decide.
				for _ in 0..if self.random.chance(3) { MAX_EPOCHS } else { 0 } {
					let price = self.price();
					self.sign(owner, Call::set_price { model, price });
				}
				(owner, Call::set_price { model, price: self.price() })
			}
			48..60 => (owner, Call::appoint_operator { model, operator: anyone }),
			60..72 => {
				let bond = MIN_BOND - 20 + u128::from(self.random.below(500));
				(operator, Call::accept_operation { model, bond })
			}
			72..78 => {
				let amount = u128::from(self.random.below(50));
				(operator, Call::raise_bond { model, amount })
			}
			78..85 => (operator, Call::end_operation { model }),
			85..93 => {
				let retired: Vec<_> = RetiredOperators::<Test>::iter_keys().collect();
				let (model, operator) = match retired.is_empty() || self.random.chance(5) {
					true => (model, anyone),
					false => self.random.pick(&retired),
				};
				(anyone, Call::release_operator { model, operator })
			}
			93..97 => (owner, Call::transfer_model { model, owner: anyone }),
			_ => (owner, Call::deprecate { model }),
		};
		self.sign(who, call);
	}

	/// Signs a call and notes what became of it.
	fn sign(&mut self, who: u64, signed: Call<Test>) {
		let name = signed.get_call_name();
		match call(who, signed) {
			Ok(()) => *self.done.entry(name).or_default() += 1,
			Err(DispatchError::Module(ModuleError { message: Some(name), .. })) => {
				*self.refused.entry(name).or_default() += 1
			}
			Err(other) => panic!("{name} refused with {other:?}, which is no error of the pallet"),
		}
	}

	/// Everybody looks which models live.
	fn look(&mut self) {
		let lives = |(model, record): (_, Model<u64>)| (!record.deprecated).then_some(model);
		self.living = Models::<Test>::iter().filter_map(lives).collect();
	}

	/// Somebody contributes.
	fn grow(&mut self) {
		let grown = self.random.below(20);
		Table::mutate(|table| {
			if let Some((_, length)) = table.values_mut().nth(grown as usize) {
				*length += 1;
			}
		});
	}

	/// Now and then, a bond is lost.
	fn slash(&mut self) {
		if !self.random.chance(8) {
			return;
		}
		let bonded = Operators::<Test>::iter().map(|(model, operator)| (model, operator.account));
		let all: Vec<_> = bonded.chain(RetiredOperators::<Test>::iter_keys()).collect();
		if all.is_empty() {
			return;
		}
		let (model, operator) = self.random.pick(&all);
		let slashed = Registry::slash(model, &operator);
		self.slashed += slashed.peek();
		<Test as Config>::Fees::on_unbalanced(slashed);
	}

	/// Everybody ends everything.
	fn exit(&mut self) {
		for (model, operator) in Operators::<Test>::iter().collect::<Vec<_>>() {
			self.sign(operator.account, Call::end_operation { model });
		}
		pass(UNBONDING + 1);
		for (model, operator, _) in RetiredOperators::<Test>::iter().collect::<Vec<_>>() {
			self.sign(STRANGER, Call::release_operator { model, operator });
		}
		for (model, record) in Models::<Test>::iter().collect::<Vec<_>>() {
			if !record.deprecated {
				self.sign(record.owner, Call::deprecate { model });
			}
		}
	}
}

/// Prints a table, and returns what occurred too seldom.
fn table(
	title: &str,
	all: impl IntoIterator<Item = &'static str>,
	counts: &BTreeMap<&str, u32>,
	least: u32,
) -> Vec<&'static str> {
	println!("{title}");
	let seldom = |name: &&str| {
		let count = counts.get(name).copied().unwrap_or(0);
		println!("  {name:24} {count:6}");
		count < least
	};
	all.into_iter().filter(seldom).collect()
}

#[test]
fn a_crowd_does_what_it_likes() {
	build_and_execute(|| {
		NextModel::<Test>::put(ID_LIMIT - MODELS);
		for id in REFERENCE_DATANETS {
			datanet(id, Licence::PublicDomain, 1);
		}
		References::set(REFERENCE_DATANETS.to_vec());
		let issuance = Balances::total_issuance();
		let mut crowd = Crowd {
			random: Random(8),
			living: Vec::new(),
			slashed: 0,
			done: BTreeMap::new(),
			refused: BTreeMap::new(),
		};
		let event_names = variants::<Event<Test>>();
		let mut events = BTreeMap::<_, u32>::new();
		let mut count_events = || {
			for event in System::read_events_for_pallet::<Event<Test>>() {
				*events.entry(event_names[&event.encode()[0]]).or_default() += 1;
			}
			System::reset_events();
		};
		for _ in 0..BLOCKS {
			pass(1);
			crowd.look();
			for _ in 0..1 + crowd.random.below(4) {
				crowd.act();
			}
			crowd.grow();
			crowd.slash();
			count_events();
			assert_ok!(Registry::do_try_state());
			assert_eq!(Balances::total_issuance(), issuance);
		}
		let mut holes =
			table("calls", Call::<Test>::get_call_names().iter().copied(), &crowd.done, OFTEN);
		holes.extend(table("errors", variants::<Error<Test>>().into_values(), &crowd.refused, 1));
		holes.extend(table("events", event_names.into_values(), &events, OFTEN));
		assert!(holes.is_empty(), "too seldom: {holes:?}");

		crowd.exit();
		for who in ACCOUNTS {
			assert_eq!((deposited(who), bonded(who)), (0, 0));
			assert_eq!(Balances::reserved_balance(who), 0, "for no reason at all");
		}
		let fees = Balance::from(crowd.done["register"]) * FEE
			+ Balance::from(crowd.done["add_version"]) * VERSION_FEE;
		let lost = fees + crowd.slashed;
		assert_eq!(free(TREASURY), EXISTENTIAL_DEPOSIT + lost);
		let all: Balance = ACCOUNTS.map(free).sum();
		assert_eq!(all, 10 * ENDOWMENT - lost, "nothing else was lost");
		assert_eq!(Operators::<Test>::iter().count() + RetiredOperators::<Test>::iter().count(), 0);
	});
}
