//! Every unit that payers spend is in exactly one place, and nobody can change that by the order in
//! which batches are paid and claims are made, or by the size of the pages.

use super::{market::*, *};
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::records::{ContributionRef, Shares, Standing};
use openledger_settlement::{
	sample::Random,
	split::{split_earned, split_model},
	state::Earned,
};
use pallet_rewards::Error as LedgerError;
use std::thread;

/// Claims anybody can make, of a contribution, its curators or an account.
#[derive(Clone)]
enum Claim {
	Work(ContributionRef),
	Curation(ContributionRef),
	Account(AccountId),
}

impl Claim {
	fn all() -> Vec<Self> {
		let works = || contributions().into_iter();
		let accounts =
			["operator", "successor", "ancestor", "owner"].map(|name| Self::Account(who(name)));
		works().map(Self::Work).chain(works().map(Self::Curation)).chain(accounts).collect()
	}

	fn make(&self) -> DispatchResult {
		let call = match self.clone() {
			Self::Work(work) => pallet_rewards::Call::<Test>::claim {
				contributions: vec![work].try_into().unwrap(),
			},
			Self::Curation(work) => pallet_rewards::Call::<Test>::claim_curation {
				contributions: vec![work].try_into().unwrap(),
			},
			Self::Account(account) => pallet_rewards::Call::<Test>::claim_account {
				accounts: vec![account].try_into().unwrap(),
			},
		};
		dispatch("stranger", call)
	}

	/// All of them once, in this order; then none again.
	fn make_all(claims: &[Self]) {
		for claim in claims {
			let made = claim.make();
			assert!(made.is_ok() || made == Err(LedgerError::<Test>::NothingToClaim.into()));
			assert_noop!(claim.make(), LedgerError::<Test>::NothingToClaim);
		}
		for claim in claims {
			assert_noop!(claim.make(), LedgerError::<Test>::NothingToClaim);
		}
	}
}

/// What everybody has, held or not; of payers what is in their entries, too.
fn places() -> BTreeMap<AccountId, Balance> {
	use frame_support::traits::fungible::Inspect;
	let accounts = frame_system::Account::<Test>::iter_keys();
	let mut places: BTreeMap<_, _> =
		accounts.map(|account| (account.clone(), Balances::total_balance(&account))).collect();
	for (_, payer, entry) in pallet_rewards::Payers::<Test>::iter() {
		*places.entry(payer).or_default() += units(entry.held());
		*places.get_mut(&pot(101)).unwrap() -= units(entry.held());
	}
	places
}

/// A batch of the world that is lived through in several orders.
struct Lived {
	model: ModelId,
	batch: BatchNumber,
	trade: Trade,
	attested: bool,
}

/// Batches of two lanes, with private receipts, two of them attested, one of these final early, and
/// one that fell. Four are to be paid.
fn before_anybody_is_paid() -> Vec<Lived> {
	open_market(Permill::from_percent(13));
	// The second contributor has penalties: two of its works are void.
	for index in [0, 1] {
		let contribution = ContributionRef { datanet: REVIEWED, index };
		let ground = pallet_datanets::Ground::Adversarial;
		assert_ok!(dispatch(
			"stranger",
			pallet_datanets::Call::<Test>::flag { contribution, ground }
		));
		assert_ok!(Datanets::rule(RuntimeOrigin::root(), contribution, true));
	}
	let mut random = Random(7);
	assert_ok!(dispatch("attestor-1", Call::stake { amount: 10 * MIN_STAKE }));
	let mut lived = Vec::new();
	for (nth, model) in [ANCESTOR, MODEL, MODEL, ANCESTOR, MODEL].into_iter().enumerate() {
		let batch = Lanes::<Test>::get(model).next;
		let order = Order { private: nth != 2, ..Order::of(model, 40 + 10 * nth as u32) };
		let sales = order.sell(&mut random);
		let way = if nth == 4 { Way::Stingy } else { Way::Honest };
		let trade = Trade::build(order, sales, way).unwrap();
		assert_ok!(dispatch("operator", trade.submit()));
		let attested = matches!(nth, 1 | 3);
		if attested {
			assert_ok!(dispatch("attestor-1", Call::attest { model, batch }));
		}
		lived.push(Lived { model, batch, trade, attested });
	}
	let fallen = lived.pop().unwrap();
	draw();
	for Lived { model, batch, trade, .. } in &lived {
		for DrawnStep { step, receipt, .. } in Attribution::draws(*model, *batch).unwrap().0 {
			assert_ok!(dispatch("operator", trade.open(*batch, step, &[receipt])));
		}
	}
	let Lived { model, batch, trade, .. } = fallen;
	assert_ok!(dispatch("attestor-1", Call::finalise { model: MODEL, batch: 0, most: 3 }));
	pass(WINDOW - 10);
	assert_ok!(dispatch("challenger", trade.open(batch, 0, &[])));
	appoint(model, "successor", BOND);
	assert_ok!(dispatch("successor", Call::adopt { model, batch: 1 }));
	pass(10);
	lived
}

/// What everybody must have more in the end than before anybody was paid, by the split alone.
fn due(lived: &[Lived]) -> BTreeMap<AccountId, Balance> {
	let mut due = BTreeMap::<_, Nano>::new();
	let mut add = |account: AccountId, nano| *due.entry(account).or_default() += nano;
	// What the attestors of the one that was final early answer for, until it is closed.
	add(pot(104), Reserve::<Test>::get());
	let mut curation = BTreeMap::<ContributionRef, Nano>::new();
	for Lived { model, batch, trade, attested } in lived {
		let totals = trade.batch.totals();
		add(pot(104), totals.platform);
		add(pot(105), totals.stakers);
		add(pot(106), totals.commons);
		let operator = Attribution::batch(*model, *batch).unwrap().operator;
		let royalties: &[_] = if *model == MODEL { &[(Permill::from_percent(20), 0)] } else { &[] };
		let parts = split_model(totals.model, default_terms().operator, royalties).unwrap();
		add(operator, parts.operator);
		add(owner_of(*model), parts.owner);
		parts.ancestors.iter().for_each(|part| add(who("ancestor"), *part));
		for increase in trade.batch.diff() {
			let contribution = increase.contribution();
			let Earned { disclosed, private } = increase.earned;
			let (amount, unattested) =
				if *attested { (disclosed + private, 0) } else { (disclosed, private) };
			add(pot(106), unattested);
			let (standing, payee) =
				<Datanets as InspectContributions<_>>::payee(contribution).unwrap();
			if standing == Standing::Voided {
				add(pot(106), amount);
				continue;
			}
			let Shares { curators, penalty, .. } =
				<Datanets as InspectContributions<_>>::shares(contribution).unwrap();
			let parts = split_earned(amount, curators, penalty);
			add(payee, parts.earner);
			add(pot(106), parts.commons);
			*curation.entry(contribution).or_default() += parts.curators;
		}
	}
	for (contribution, part) in curation {
		let curators = <Datanets as InspectContributions<_>>::curators(contribution);
		let each = part.checked_div(curators.len() as Nano).unwrap_or_default();
		add(pot(106), part - each * curators.len() as Nano);
		curators.into_iter().for_each(|curator| add(curator, each));
	}
	due.into_iter().map(|(account, nano)| (account, units(nano))).collect()
}

/// What is not in anybody's hands: in escrow, or earned and not claimed.
fn on_the_way() -> Balance {
	in_pot(102) + in_pot(103)
}

/// Pays all batches in pages of this size, in an order that this seed gives.
fn pay(random: &mut Random, lived: &[Lived], most: u32) {
	let mut open: Vec<_> = lived.iter().map(|lived| (lived.model, lived.batch)).collect();
	while !open.is_empty() {
		let (model, batch) = random.pick(&open).unwrap();
		let before = places();
		let moving = on_the_way();
		assert_ok!(dispatch("stranger", Call::finalise { model, batch, most }));
		// What has left escrow has arrived.
		let gained: Balance = places()
			.iter()
			.filter(|(account, _)| ![pot(102), pot(103)].contains(account))
			.map(|(account, balance)| balance - before[account])
			.sum();
		assert_eq!(moving - on_the_way(), gained);
		let paid =
			Attribution::batch(model, batch).is_none_or(|record| record.status == Status::Paid);
		if paid {
			open.retain(|at| *at != (model, batch));
		}
	}
	close();
}

/// Closes the batch that was final early.
fn close() {
	assert_ok!(dispatch("stranger", Call::close { model: MODEL, batch: 0 }));
}

/// What everybody has in the end, which is what the split says they must have.
fn live(seed: u64, most: u32) -> BTreeMap<AccountId, Balance> {
	let mut ends = BTreeMap::new();
	build_and_execute(|| {
		let lived = before_anybody_is_paid();
		let mut random = Random(seed);
		let mut whole = before_any_page(&lived);
		for (account, more) in due(&lived) {
			*whole.get_mut(&account).unwrap() += more;
		}
		pay(&mut random, &lived, most);
		let mut claims = Claim::all();
		random.shuffle(&mut claims);
		Claim::make_all(&claims);
		assert_eq!((in_pot(102), in_pot(103)), (0, 0));
		ends = places();
		assert_eq!(ends, whole);
		check();
	});
	ends
}

/// What everybody had before any of these batches was paid; pots that money passes are empty.
fn before_any_page(lived: &[Lived]) -> BTreeMap<AccountId, Balance> {
	let mut places = places();
	let totals = lived[1].trade.batch.totals();
	for (number, part) in [(104, totals.platform), (105, totals.stakers), (106, totals.commons)] {
		*places.get_mut(&pot(number)).unwrap() -= units(part);
	}
	for number in [102, 103] {
		places.insert(pot(number), EXISTENTIAL_DEPOSIT);
	}
	places
}

#[test]
fn neither_the_order_nor_the_size_of_pages_matters() {
	let lives = [(1, 1), (2, 7), (3, 7), (4, 4_096), (5, 4_096)];
	let ends = lives.map(|(seed, most)| thread::spawn(move || live(seed, most)));
	let ends = ends.map(|end| end.join().unwrap());
	assert!(ends.iter().all(|end| *end == ends[0]));
}

/// Curators' equal parts are rounded whenever they are claimed: an order can change nothing else.
#[test]
fn claims_between_pages_move_less_than_a_nano_for_each_curator_and_claim() {
	let at_once = live(1, 4_096);
	let mut claims = 0;
	let mut ends = BTreeMap::new();
	build_and_execute(|| {
		let lived = before_anybody_is_paid();
		let mut random = Random(9);
		for most in [20, 50, 4_096] {
			for Lived { model, batch, .. } in &lived {
				let done = Attribution::batch(*model, *batch)
					.is_none_or(|record| record.status == Status::Paid);
				if !done {
					let (model, batch) = (*model, *batch);
					assert_ok!(dispatch("stranger", Call::finalise { model, batch, most }));
				}
			}
			let mut all = Claim::all();
			random.shuffle(&mut all);
			Claim::make_all(&all);
			claims += 1;
		}
		close();
		ends = places();
	});
	let works = Balance::from(REVIEWED_LENGTH);
	let most = UNITS_PER_NANO * works * claims;
	for (account, end) in &ends {
		let other = at_once[account];
		let commons = *account == pot(106);
		let curator = CURATORS.iter().any(|name| who(name) == *account);
		let most = if commons || curator { most * 2 } else { 0 };
		assert!(end.abs_diff(other) <= most, "{account} has {end}, not {other}");
	}
}

#[test]
fn all_that_payers_have_spent_is_somewhere_at_every_moment() {
	build_and_execute(|| {
		open_market(Permill::from_percent(13));
		let mut random = Random(11);
		// Without slashes, what pots and accounts gain comes from payers.
		let start = places();
		let mut lived = Vec::new();
		let spent = || -> Balance {
			let entries = pallet_rewards::Payers::<Test>::iter_values();
			entries.map(|entry| units(entry.bought.cumulative)).sum()
		};
		let somewhere = || -> Balance {
			let is_payer = |account: &AccountId| names().iter().any(|name| who(name) == *account);
			let gains = places().into_iter().filter(|(account, _)| !is_payer(account));
			gains.map(|(account, balance)| balance - start[&account]).sum()
		};
		for model in [ANCESTOR, MODEL, ANCESTOR] {
			let batch = Lanes::<Test>::get(model).next;
			let trade = Trade::honest(Order::of(model, 50), &mut random);
			assert_ok!(dispatch("operator", trade.submit()));
			assert_eq!(in_pot(102), spent());
			assert_eq!(somewhere(), spent());
			lived.push((model, batch, trade));
		}
		draw();
		for (model, batch, trade) in &lived {
			for DrawnStep { step, receipt, .. } in Attribution::draws(*model, *batch).unwrap().0 {
				assert_ok!(dispatch("operator", trade.open(*batch, step, &[receipt])));
			}
		}
		pass(WINDOW);
		for (model, batch, _) in lived {
			while Batches::<Test>::contains_key(model, batch) {
				assert_ok!(dispatch("stranger", Call::finalise { model, batch, most: 7 }));
				assert_eq!(somewhere(), spent());
			}
		}
		assert_eq!(in_pot(102), 0);
		for claim in Claim::all() {
			let _ = claim.make();
			assert_eq!(somewhere(), spent());
		}
		assert_eq!((in_pot(102), in_pot(103)), (0, 0));
	});
}
