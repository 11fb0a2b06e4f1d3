//! Stories about datanets, and the words to tell them in.

#![allow(clippy::arithmetic_side_effects)]

mod cheats;
mod earning;
mod flags;
mod front_running;
mod lifecycle;
mod random;
mod refusals;

use crate::{
	mock::{
		build_and_execute, AccountId, Balances, Datanets, RuntimeCall, RuntimeOrigin, System, Test,
		COMMONS, EXISTENTIAL_DEPOSIT, TREASURY, WEALTH,
	},
	*,
};
use alloc::collections::BTreeMap;
use frame_support::{
	assert_noop, assert_ok,
	traits::fungible::{InspectHold, Mutate},
};
use openledger_primitives::{content::ContentTree, records::ContributionKind};
use scale_info::TypeInfo;
use sp_runtime::{traits::Dispatchable, DispatchError};

type Error = crate::Error<Test>;
type Event = crate::Event<Test>;
type Call = crate::Call<Test>;
type Batch<Item> = BatchOf<Test, Item>;

const OWNER: AccountId = 1;
const ALICE: AccountId = 2;
const BOB: AccountId = 3;
const COPIER: AccountId = 4;
const REPORTER: AccountId = 5;
/// Who has nothing to do with it, and calls what anyone may.
const ANYONE: AccountId = 6;
const REVIEWERS: [AccountId; 9] = [11, 12, 13, 14, 15, 16, 17, 18, 19];

/// What contributors bond here.
const BOND: Balance = 500;
const REVIEW: BlockNumber = 20;
const CURATORS: Permill = Permill::from_percent(10);
const SALT: H256 = H256::repeat_byte(7);

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

fn dispatch(origin: RuntimeOrigin, call: Call) -> DispatchResult {
	RuntimeCall::from(call).dispatch(origin).map(drop).map_err(|error| error.error)
}

/// The names of the variants of an enumeration, by their index.
fn variants<Enumeration: TypeInfo>() -> BTreeMap<u8, &'static str> {
	let scale_info::TypeDef::Variant(variants) = Enumeration::type_info().type_def else {
		panic!("no enumeration");
	};
	variants.variants.iter().map(|variant| (variant.index, variant.name)).collect()
}

fn batch<Item>(items: impl IntoIterator<Item = Item>) -> Batch<Item> {
	Batch::truncate_from(items.into_iter().collect())
}

fn one<Item>(item: Item) -> Batch<Item> {
	batch([item])
}

/// The policy as a contributor reads it just before the reveal.
fn agreed(datanet: DatanetId) -> Policy {
	let nothing = Policy { admission: Admission::Open, bond: 0, curator_share: Permill::zero() };
	crate::Datanets::<Test>::get(datanet).map_or(nothing, |record| record.policy)
}

fn pass(blocks: BlockNumber) {
	System::run_to_block::<crate::mock::AllPalletsWithSystem>(System::block_number() + blocks);
}

/// Lets the reveal period of everything committed so far pass.
fn mature() {
	pass(<Test as Config>::RevealPeriod::get() + 1);
}

/// Lets pass what bonds answer for.
fn answer_for_bonds() {
	pass(<Test as Config>::BondPeriod::get() + 1);
}

fn free(who: AccountId) -> Balance {
	Balances::free_balance(who)
}

fn held(who: AccountId, reason: HoldReason) -> Balance {
	Balances::balance_on_hold(&reason.into(), &who)
}

/// What an account has gained, or lost, since the first block; what is held of it counts.
fn gain(who: AccountId) -> i128 {
	let had = match who {
		COMMONS | TREASURY => EXISTENTIAL_DEPOSIT,
		_ => WEALTH,
	};
	Balances::total_balance(&who) as i128 - had as i128
}

fn fund(who: AccountId) {
	let before = Balances::total_issuance();
	assert_ok!(<Balances as Mutate<_>>::transfer(
		&ANYONE,
		&who,
		5_000,
		frame_support::traits::tokens::Preservation::Preserve,
	));
	assert_eq!(Balances::total_issuance(), before);
}

fn happened(event: Event) {
	System::assert_has_event(event.into());
}

const fn open() -> Policy {
	Policy { admission: Admission::Open, bond: BOND, curator_share: Permill::zero() }
}

const fn reviewed(quorum: u8) -> Policy {
	Policy {
		admission: Admission::Reviewed { quorum, period: REVIEW },
		bond: BOND,
		curator_share: CURATORS,
	}
}

fn create(policy: Policy) -> DatanetId {
	let datanet = NextDatanet::<Test>::get();
	assert_ok!(Datanets::create_datanet(
		signed(OWNER),
		Licence::CcBy,
		policy,
		b"Sentences".to_vec(),
		b"What people say".to_vec(),
		vec![b"text".to_vec()],
		b"https://example.org/".to_vec(),
	));
	datanet
}

fn open_datanet() -> DatanetId {
	create(open())
}

/// A datanet in which a quorum of these reviewers decides.
fn reviewed_datanet(quorum: u8, reviewers: &[AccountId]) -> DatanetId {
	let datanet = create(reviewed(quorum));
	for reviewer in reviewers {
		invite_and_join(datanet, *reviewer);
	}
	datanet
}

fn invite_and_join(datanet: DatanetId, reviewer: AccountId) {
	assert_ok!(Datanets::invite_reviewer(signed(OWNER), datanet, reviewer));
	assert_ok!(Datanets::join_reviewers(signed(reviewer), datanet));
}

fn reference_datanet() -> DatanetId {
	let datanet = NextDatanet::<Test>::get();
	let (name, uri) = (b"Licences".to_vec(), b"https://example.org/".to_vec());
	assert_ok!(Datanets::create_reference(
		root(),
		Licence::PublicDomain,
		name,
		vec![],
		vec![],
		uri,
	));
	datanet
}

fn referring(text: u64) -> Reference {
	Reference { content: content(text), size: 8, kind: ContributionKind::Data, uri: vec![] }
}

fn bytes(text: u64) -> [u8; 8] {
	text.to_le_bytes()
}

fn content(text: u64) -> ContentId {
	ContentTree::of(&bytes(text)).id().unwrap()
}

fn hash(who: AccountId, text: u64) -> H256 {
	commitment_hash(content(text), SALT, &who)
}

fn revealing(text: u64) -> Reveal {
	Reveal {
		content: content(text),
		salt: SALT,
		size: 8,
		kind: ContributionKind::Data,
		licence: Licence::CcBy,
		uri: vec![],
		subject: None,
	}
}

fn commit(who: AccountId, text: u64) -> Precedence {
	assert_ok!(Datanets::commit(signed(who), one(hash(who, text))));
	Commitments::<Test>::get(who, hash(who, text)).unwrap().precedence
}

fn reveal(who: AccountId, datanet: DatanetId, text: u64) -> DispatchResult {
	Datanets::reveal(signed(who), datanet, agreed(datanet), one(revealing(text)))
}

fn contribute(who: AccountId, datanet: DatanetId, text: u64) -> Precedence {
	let precedence = commit(who, text);
	assert_ok!(reveal(who, datanet, text));
	precedence
}

fn vote(
	reviewer: AccountId,
	datanet: DatanetId,
	precedence: Precedence,
	vote: Vote,
) -> DispatchResult {
	Datanets::vote(signed(reviewer), datanet, one((precedence, vote)))
}

const NO: Vote = Vote::Reject(Reason::LowQuality);

fn accept(datanet: DatanetId, precedence: Precedence) -> DispatchResult {
	Datanets::accept(signed(ANYONE), datanet, one(precedence))
}

fn withdraw(who: AccountId, datanet: DatanetId, precedence: Precedence) -> DispatchResult {
	Datanets::withdraw(signed(who), datanet, one(precedence))
}

/// A contribution from its commitment to its acceptance, by these reviewers if there are any.
fn accepted_by(
	reviewers: &[AccountId],
	who: AccountId,
	datanet: DatanetId,
	text: u64,
) -> ContributionRef {
	let precedence = contribute(who, datanet, text);
	for reviewer in reviewers {
		assert_ok!(vote(*reviewer, datanet, precedence, Vote::Approve));
	}
	mature();
	let index = datanet_of(datanet).length;
	assert_ok!(accept(datanet, precedence));
	ContributionRef { datanet, index }
}

fn accepted(who: AccountId, datanet: DatanetId, text: u64) -> ContributionRef {
	accepted_by(&[], who, datanet, text)
}

fn flag(who: AccountId, contribution: ContributionRef, ground: Ground) -> DispatchResult {
	Datanets::flag(signed(who), contribution, ground)
}

fn judge(reviewer: AccountId, contribution: ContributionRef, upheld: bool) -> DispatchResult {
	Datanets::judge(signed(reviewer), contribution, upheld)
}

fn advance(contribution: ContributionRef) -> DispatchResult {
	Datanets::advance_flag(signed(ANYONE), contribution)
}

fn datanet_of(datanet: DatanetId) -> Datanet<AccountId> {
	crate::Datanets::<Test>::get(datanet).unwrap()
}

fn pending(datanet: DatanetId, precedence: Precedence) -> Option<Pending<AccountId>> {
	PendingContributions::<Test>::get(datanet, precedence)
}

fn contribution(at: ContributionRef) -> Contribution<AccountId> {
	Contributions::<Test>::get(at.datanet, at.index).unwrap()
}

fn standing(at: ContributionRef) -> Standing {
	contribution(at).standing
}

fn place(text: u64) -> Option<Place> {
	Contents::<Test>::get(content(text))
}

fn reputation(who: AccountId) -> Reputation {
	Reputations::<Test>::get(who)
}

fn seat(datanet: DatanetId, who: AccountId) -> SeatId {
	SeatOf::<Test>::get(datanet, who).unwrap()
}

fn reviewer(datanet: DatanetId, seat: SeatId) -> Option<Reviewer<AccountId>> {
	Reviewers::<Test>::get(datanet, seat)
}
