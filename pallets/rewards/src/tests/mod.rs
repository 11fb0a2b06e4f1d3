//! Stories about money, and the words to tell them in. Every one ends with a check of all invariants.

#![allow(clippy::arithmetic_side_effects)]

mod cheats;
mod claims;
mod entries;
mod paying;
mod random;
mod refusals;
mod terms;
mod vouchers;

use crate::{mock::*, types::*, *};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec,
	vec::Vec,
};
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	accounts::{account, COMMONS, COMMUNITY_POOL, EARNINGS, ESCROW, PAYERS, STAKERS_POT, TREASURY},
	records::ContributionRef,
};
use openledger_settlement::{diff::Diff, parties::Lineage, voucher};
use scale_info::{TypeDef, TypeInfo};
use sp_runtime::{traits::Dispatchable, DispatchError, Permill};

type Error = crate::Error<Test>;
type Event = crate::Event<Test>;
type Call = crate::Call<Test>;
type Batch<Item> = ClaimsOf<Test, Item>;

/// The origin of an account.
fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// What a call does when `who` signs it.
fn call(who: AccountId, call: Call) -> DispatchResult {
	RuntimeCall::from(call).dispatch(signed(who)).map(drop).map_err(|error| error.error)
}

/// The names of the variants of an enumeration, by their index.
fn variants<Enumeration: TypeInfo + 'static>() -> BTreeMap<u8, &'static str> {
	let TypeDef::Variant(all) = Enumeration::type_info().type_def else { return BTreeMap::new() };
	let named = all.variants.into_iter().filter(|variant| variant.name != "__Ignore");
	named.map(|variant| (variant.index, variant.name)).collect()
}

fn happened(event: Event) {
	System::assert_has_event(event.into());
}

/// The payer that most stories are about.
fn payer() -> Key {
	Key::new(1)
}

/// What an account has beyond the beginning, or lacks, in nano-OPEN. It must be a whole number.
fn gain(who: &AccountId) -> i64 {
	let had = match POTS.iter().find(|pot| account(**pot) == *who) {
		Some(&COMMUNITY_POOL) => EXISTENTIAL_DEPOSIT + POOL,
		Some(_) => EXISTENTIAL_DEPOSIT,
		None if *who == NOBODY => 0,
		None => money::units(ENDOWMENT),
	};
	let gain = Balances::total_balance(who) as i128 - had as i128;
	assert_eq!(gain % UNITS_PER_NANO as i128, 0, "a part of a nano-OPEN has moved");
	(gain / UNITS_PER_NANO as i128) as i64
}

/// The same of a pot.
fn in_pot(pot: openledger_primitives::accounts::PotId) -> i64 {
	gain(&account(pot))
}

/// What opening an entry costs, in nano-OPEN.
const OPENING: i64 = (FEE / UNITS_PER_NANO) as i64;

fn open(key: &Key, model: ModelId, amount: Nano) {
	assert_ok!(Rewards::open_entry(signed(key.account()), model, amount, None));
}

fn entry(key: &Key, model: ModelId) -> Entry {
	Payers::<Test>::get(model, key.account()).unwrap()
}

/// Cashes a voucher.
fn take(model: ModelId, voucher: &Voucher<AccountId>) -> Result<Purchase, DispatchError> {
	<Rewards as Ledger<AccountId>>::take(model, voucher)
}

fn give_back(model: ModelId, payer: &AccountId, amount: Nano) -> DispatchResult {
	<Rewards as Ledger<AccountId>>::give_back(model, payer, amount)
}

fn pay_totals(model: ModelId, totals: &Totals) -> DispatchResult {
	<Rewards as Ledger<AccountId>>::pay_totals(model, 0, &OPERATOR, &TERMS, totals)
}

fn pay_contributions(increases: &[Increase], attested: bool) -> DispatchResult {
	<Rewards as Ledger<AccountId>>::pay_contributions(increases, attested)
}

/// A voucher for one inference more, at this cost.
fn next_voucher(key: &Key, model: ModelId, cost: Nano) -> Voucher<AccountId> {
	let before = entry(key, model).bought;
	let after = bought(before.count + 1, before.cumulative + cost);
	key.voucher(model, key.account(), after)
}

/// Buys an inference: its cost is in escrow.
fn buy(key: &Key, model: ModelId, cost: Nano) {
	assert_ok!(take(model, &next_voucher(key, model, cost)));
}

/// Has this much in escrow.
fn fill_escrow(amount: Nano) {
	let key = payer();
	if Payers::<Test>::contains_key(MODEL, key.account()) {
		assert_ok!(Rewards::top_up(signed(key.account()), MODEL, key.account(), amount));
	} else {
		open(&key, MODEL, amount);
	}
	buy(&key, MODEL, amount);
}

fn at(datanet: DatanetId, index: ContributionIndex) -> ContributionRef {
	ContributionRef { datanet, index }
}

/// Writes down a contribution.
fn contribute(
	contribution: ContributionRef,
	payee: AccountId,
	curators: Permill,
	penalty: Permill,
	reviewers: &[AccountId],
) {
	let shares = Shares { standing: Standing::Valid, curators, penalty };
	let work = Work { shares, payee, curators: reviewers.to_vec() };
	Works::mutate(|table| table.insert(contribution, work));
}

/// A contribution from which nothing is taken off.
fn plain(contribution: ContributionRef, payee: AccountId) {
	contribute(contribution, payee, Permill::zero(), Permill::zero(), &[]);
}

fn stand(contribution: ContributionRef, standing: Standing) {
	Works::mutate(|table| table.get_mut(&contribution).unwrap().shares.standing = standing);
}

fn increase(contribution: ContributionRef, disclosed: Nano, private: Nano) -> Increase {
	let ContributionRef { datanet, index } = contribution;
	Increase { datanet, index, earned: Earned { disclosed, private } }
}

/// Pays a contribution what a payer has spent.
fn earn(contribution: ContributionRef, amount: Nano) {
	fill_escrow(amount);
	assert_ok!(pay_contributions(&[increase(contribution, amount, 0)], false));
}

fn owed(contribution: ContributionRef) -> (Nano, Nano) {
	let Owed { earner, curators } = Earnings::<Test>::get(contribution.datanet, contribution.index);
	(earner, curators)
}

fn batch<Item>(items: impl IntoIterator<Item = Item>) -> Batch<Item> {
	Batch::try_from(items.into_iter().collect::<Vec<_>>()).ok().expect("few enough")
}

fn claim(contributions: impl IntoIterator<Item = ContributionRef>) -> DispatchResult {
	Rewards::claim(signed(ANYONE), batch(contributions))
}

fn claim_curation(contributions: impl IntoIterator<Item = ContributionRef>) -> DispatchResult {
	Rewards::claim_curation(signed(ANYONE), batch(contributions))
}

fn claim_account(accounts: impl IntoIterator<Item = AccountId>) -> DispatchResult {
	Rewards::claim_account(signed(ANYONE), batch(accounts))
}

/// How much OPEN moved how often since events were last forgotten.
fn transfers() -> usize {
	let transfer = |record: &frame_system::EventRecord<RuntimeEvent, _>| {
		matches!(record.event, RuntimeEvent::Balances(pallet_balances::Event::Transfer { .. }))
	};
	System::events().iter().filter(|record| transfer(record)).count()
}

/// SplitMix64.
struct Random(u64);

impl Random {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		mixed ^ (mixed >> 31)
	}

	fn below(&mut self, limit: u32) -> u32 {
		(self.next() % u64::from(limit.max(1))) as u32
	}

	fn chance(&mut self, percent: u32) -> bool {
		self.below(100) < percent
	}

	fn pick<Item: Clone>(&mut self, items: &[Item]) -> Option<Item> {
		(!items.is_empty()).then(|| items[self.below(items.len() as u32) as usize].clone())
	}

	fn shuffle<Item>(&mut self, items: &mut [Item]) {
		for left in (1..items.len()).rev() {
			items.swap(left, self.below(left as u32 + 1) as usize);
		}
	}
}
