//! The way of contents on a chain in memory, with breaks at every point.

use std::{
	cell::{Cell, RefCell},
	collections::BTreeMap,
};

use anyhow::bail;
use futures::executor::block_on;
use openledger_primitives::{content::ContentId, records::Precedence};
use sp_core::H256;

use super::*;

const PERIOD: BlockNumber = 20;
const DATANET: DatanetId = 3;

fn me() -> AccountId {
	AccountId::new([1; 32])
}

fn other() -> AccountId {
	AccountId::new([2; 32])
}

fn rules() -> Rules {
	Rules { account: me(), datanet: DATANET, reveal_period: PERIOD }
}

fn entries(count: u8) -> Vec<Entry> {
	let entry = |nth| Entry {
		name: format!("{nth}"),
		content: ContentId(H256::repeat_byte(nth)),
		size: 1,
		salt: H256::repeat_byte(nth),
		revealed: None,
	};
	(0..count).map(entry).collect()
}

fn place(contributor: AccountId, precedence: Precedence, index: Option<u32>) -> Registered {
	Registered { datanet: DATANET, index, precedence, contributor }
}

/// When the connection breaks: before or after an operation has its effect.
#[derive(Clone, Copy, PartialEq)]
enum Break {
	Before,
	After,
}

/// A chain whose every operation takes a block.
#[derive(Default)]
struct Fake {
	clock: Cell<BlockNumber>,
	operations: Cell<usize>,
	breaks_at: Cell<Option<(usize, Break)>>,
	commitments: RefCell<BTreeMap<ContentId, Commitment>>,
	places: RefCell<BTreeMap<ContentId, Registered>>,
	/// How often each content was committed to and revealed.
	commits: RefCell<BTreeMap<ContentId, usize>>,
	reveals: RefCell<BTreeMap<ContentId, usize>>,
	refuses: RefCell<Option<Refused>>,
}

impl Fake {
	fn operate<T>(&self, effect: impl FnOnce() -> Result<T>) -> Result<T> {
		self.clock.set(self.clock.get() + 1);
		let now = self.operations.get();
		self.operations.set(now + 1);
		let breaks = |when| self.breaks_at.get() == Some((now, when));
		if breaks(Break::Before) {
			bail!("a break");
		}
		let done = effect()?;
		if breaks(Break::After) {
			bail!("a break");
		}
		Ok(done)
	}

	fn counts(&self) -> (Vec<usize>, Vec<usize>) {
		let of = |counts: &RefCell<BTreeMap<ContentId, usize>>| {
			counts.borrow().values().copied().collect()
		};
		(of(&self.commits), of(&self.reveals))
	}

	fn drive(&self, entries: &[Entry], wave: usize) -> Result<Tally> {
		block_on(drive(self, &rules(), entries, wave, |_| {}))
	}
}

fn count(counts: &RefCell<BTreeMap<ContentId, usize>>, content: ContentId) {
	*counts.borrow_mut().entry(content).or_default() += 1;
}

fn refused(name: &str) -> Refused {
	Refused { name: name.into(), reason: String::new() }
}

impl Ledger for Fake {
	async fn look(&self, entries: &[&Entry]) -> Result<(BlockNumber, Vec<Seen>)> {
		self.operate(|| {
			let seen = |entry: &&Entry| Seen {
				commitment: self.commitments.borrow().get(&entry.content).cloned(),
				place: self.places.borrow().get(&entry.content).cloned(),
			};
			Ok((self.clock.get(), entries.iter().map(seen).collect()))
		})
	}

	async fn settled(&self, _: BlockNumber, _: BlockNumber) -> Result<bool> {
		Ok(true)
	}

	async fn commit(&self, entries: &[&Entry]) -> Result<()> {
		self.operate(|| {
			for (position, entry) in (0..).zip(entries) {
				let at = self.clock.get();
				let commitment = Commitment { precedence: Precedence::new(at, position), at };
				let before = self.commitments.borrow_mut().insert(entry.content, commitment);
				assert!(before.is_none(), "{} is committed to twice", entry.name);
				count(&self.commits, entry.content);
			}
			Ok(())
		})
	}

	async fn reveal(&self, entries: &[&Entry]) -> Result<Option<Refused>> {
		self.operate(|| {
			if let Some(refused) = self.refuses.borrow().clone() {
				return Ok(Some(refused));
			}
			let (mut commitments, mut places) =
				(self.commitments.borrow_mut(), self.places.borrow_mut());
			for entry in entries {
				let commitment = commitments.get(&entry.content).expect("it is committed to");
				assert!(self.clock.get() <= commitment.at + PERIOD, "{} is late", entry.name);
				let stays = |place: &Registered| {
					place.index.is_some() || place.precedence < commitment.precedence
				};
				if places.get(&entry.content).is_some_and(stays) {
					return Ok(Some(refused("Datanets.AlreadyRegistered")));
				}
			}
			for entry in entries {
				let commitment = commitments.remove(&entry.content).expect("seen above");
				places.insert(entry.content, place(me(), commitment.precedence, None));
				count(&self.reveals, entry.content);
			}
			Ok(None)
		})
	}

	async fn forget(&self, entries: &[&Entry]) -> Result<()> {
		self.operate(|| {
			for entry in entries {
				let before = self.commitments.borrow_mut().remove(&entry.content);
				assert!(before.is_some(), "{} is not committed to", entry.name);
			}
			Ok(())
		})
	}
}

#[test]
fn everything_is_committed_and_revealed_once_in_waves() {
	for wave in [1, 2, 3, 7, 100] {
		let (fake, entries) = (Fake::default(), entries(7));
		let tally = fake.drive(&entries, wave).unwrap();
		assert_eq!((tally.committed, tally.revealed, tally.forgotten), (7, 7, 0));
		assert!(tally.ends.iter().all(|end| matches!(end, Some(End::Ours(_)))));
		assert_eq!(fake.counts(), (vec![1; 7], vec![1; 7]));
		assert!(fake.drive(&entries, wave).unwrap().is_idle());
	}
}

#[test]
fn a_break_at_any_point_commits_and_reveals_nothing_twice() {
	let entries = entries(5);
	for when in [Break::Before, Break::After] {
		for at in 0.. {
			let fake = Fake::default();
			fake.breaks_at.set(Some((at, when)));
			let unbroken = fake.drive(&entries, 2).is_ok();
			if unbroken {
				assert!(at > 12, "there were {at} points to break at");
				break;
			}
			let tally = fake.drive(&entries, 2).unwrap();
			assert!(tally.ends.iter().all(|end| matches!(end, Some(End::Ours(_)))));
			assert_eq!(fake.counts(), (vec![1; 5], vec![1; 5]), "after a break at {at}");
			assert!(fake.commitments.borrow().is_empty());
		}
	}
}

#[test]
fn after_a_long_break_expired_commitments_are_made_anew() {
	let (fake, entries) = (Fake::default(), entries(4));
	// Look, look at the wave, commit: then the break.
	fake.breaks_at.set(Some((2, Break::After)));
	assert!(fake.drive(&entries, 3).is_err());
	assert_eq!(fake.commitments.borrow().len(), 3);
	fake.clock.set(fake.clock.get() + PERIOD);
	let tally = fake.drive(&entries, 3).unwrap();
	assert_eq!((tally.committed, tally.revealed, tally.forgotten), (4, 4, 3));
	assert_eq!(fake.counts(), (vec![2, 2, 2, 1], vec![1; 4]));
}

#[test]
fn what_others_have_is_left_out_and_the_rest_goes_on() {
	let (fake, entries) = (Fake::default(), entries(4));
	let theirs = place(other(), Precedence::new(0, 0), Some(17));
	fake.places.borrow_mut().insert(entries[1].content, theirs.clone());
	let tally = fake.drive(&entries, 10).unwrap();
	assert_eq!((tally.committed, tally.revealed, tally.forgotten), (3, 3, 0));
	assert_eq!(tally.ends[1], Some(End::Taken(theirs)));
}

#[test]
fn what_others_register_meanwhile_does_not_hold_up_its_batch() {
	let (fake, entries) = (Fake::default(), entries(4));
	fake.breaks_at.set(Some((2, Break::After)));
	assert!(fake.drive(&entries, 4).is_err());
	// Accepted from an earlier commitment, just before our reveal.
	let theirs = place(other(), Precedence::new(0, 0), Some(17));
	fake.places.borrow_mut().insert(entries[2].content, theirs.clone());
	let tally = fake.drive(&entries, 4).unwrap();
	assert_eq!((tally.revealed, tally.forgotten), (3, 1));
	assert_eq!(tally.ends[2], Some(End::Taken(theirs)));
	assert!(fake.commitments.borrow().is_empty());
}

#[test]
fn whoever_waits_under_a_later_commitment_gives_way() {
	let (fake, entries) = (Fake::default(), entries(1));
	fake.breaks_at.set(Some((2, Break::After)));
	assert!(fake.drive(&entries, 1).is_err());
	let later = place(other(), Precedence::new(100, 0), None);
	fake.places.borrow_mut().insert(entries[0].content, later);
	let tally = fake.drive(&entries, 1).unwrap();
	assert!(matches!(&tally.ends[0], Some(End::Ours(place)) if place.contributor == me()));
}

#[test]
fn a_refusal_of_everything_is_passed_on_and_not_tried_again() {
	let (fake, entries) = (Fake::default(), entries(3));
	*fake.refuses.borrow_mut() = Some(refused("Datanets.PolicyChanged"));
	let error = fake.drive(&entries, 3).unwrap_err();
	assert_eq!(error.downcast_ref::<Refused>(), Some(&refused("Datanets.PolicyChanged")));
	// Look, look, commit, look, reveal, look.
	assert_eq!(fake.operations.get(), 6);
	*fake.refuses.borrow_mut() = None;
	assert_eq!(fake.drive(&entries, 3).unwrap().committed, 0);
	assert_eq!(fake.counts(), (vec![1; 3], vec![1; 3]));
}

#[test]
fn what_was_registered_and_is_no_longer_is_not_brought_back() {
	let (fake, mut entries) = (Fake::default(), entries(2));
	entries[0].revealed = Some(Precedence::new(5, 5));
	let tally = fake.drive(&entries, 2).unwrap();
	assert_eq!(tally.ends[0], Some(End::Gone));
	assert_eq!(tally.committed, 1);
}

#[test]
fn ones_own_content_in_another_datanet_stays_there() {
	let entry = &entries(1)[0];
	let elsewhere =
		Registered { datanet: DATANET + 1, ..place(me(), Precedence::new(90, 0), None) };
	let early = Commitment { precedence: Precedence::new(50, 0), at: 50 };
	let seen = Seen { commitment: Some(early), place: Some(elsewhere.clone()) };
	assert_eq!(rules().step(entry, &seen, 51), Step::Forget);
	let seen = Seen { commitment: None, place: Some(elsewhere.clone()) };
	assert_eq!(rules().step(entry, &seen, 51), Step::End(End::Taken(elsewhere)));
}

#[test]
fn a_commitment_is_not_revealed_at_the_last_moment() {
	let entry = &entries(1)[0];
	let commitment = Commitment { precedence: Precedence::new(50, 0), at: 50 };
	let seen = Seen { commitment: Some(commitment.clone()), place: None };
	let last = 50 + PERIOD - LAST_CALL;
	assert_eq!(rules().step(entry, &seen, last), Step::Reveal(commitment));
	assert_eq!(rules().step(entry, &seen, last + 1), Step::Forget);
}
