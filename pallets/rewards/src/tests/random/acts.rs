//! What people do when they do whatever comes to their mind.

use super::*;
use frame_support::storage::{with_transaction, TransactionOutcome};
use openledger_settlement::{chain::Head, split::split};

type Act = fn(&mut World);

/// What people do, and how often.
pub const ACTS: [(u32, Act); 19] = [
	(4, World::open_entry),
	(8, World::top_up),
	(4, World::set_signer),
	(6, World::withdraw),
	(5, World::take_withdrawn),
	(16, World::submit),
	(1, World::replay),
	(12, World::finalise),
	(3, World::void),
	(4, World::contribute),
	(4, World::judge),
	(10, World::claim),
	(8, World::claim_curation),
	(8, World::claim_account),
	(2, World::set_terms),
	(1, World::set_stream),
	(1, World::donate),
	(1, World::inherit),
	(1, World::break_lineage),
];

/// A model beside those of all tests.
pub const THIRD_MODEL: ModelId = 9;
const MODELS: [ModelId; 3] = [MODEL, OTHER_MODEL, THIRD_MODEL];

impl World {
	/// Something that is not sensible.
	fn wild(&mut self) -> bool {
		self.random.chance(6)
	}

	/// Everybody but the pots.
	pub fn people(&self) -> Vec<AccountId> {
		let named = [OWNER, PARENT, GRANDPARENT, OPERATOR, ALICE, BOB, ANYONE];
		let payers = self.keys.iter().map(Key::account);
		named.into_iter().chain(REVIEWERS).chain(payers).collect()
	}

	fn someone(&mut self) -> AccountId {
		let people = self.people();
		self.random.pick(&people).unwrap()
	}

	fn model(&mut self) -> ModelId {
		if self.wild() {
			return 99;
		}
		self.random.pick(&MODELS).unwrap()
	}

	/// One of those who pay; the other keys only sign.
	fn payer(&mut self) -> AccountId {
		self.keys[self.random.below(6) as usize].account()
	}

	fn key(&self, account: &AccountId) -> Option<&Key> {
		self.keys.iter().find(|key| key.account() == *account)
	}

	/// An entry as it should be for something, if there is one.
	fn entry(&mut self, wanted: impl Fn(&Entry) -> bool) -> Option<(ModelId, AccountId, Entry)> {
		let any = self.wild();
		let all: Vec<_> =
			Payers::<Test>::iter().filter(|(_, _, entry)| any || wanted(entry)).collect();
		self.random.pick(&all)
	}

	fn amount(&mut self) -> Nano {
		match self.random.below(50) {
			0 => 0,
			1 => LIMIT + Nano::from(self.random.below(100)),
			_ => 1 + Nano::from(self.random.below(100_000)),
		}
	}

	fn open_entry(&mut self) {
		let (who, model, amount) = (self.payer(), self.model(), self.amount());
		let signer = if self.random.chance(30) { Some(self.any_key()) } else { None };
		self.call(who, Call::open_entry { model, amount, signer });
	}

	fn any_key(&mut self) -> AccountId {
		self.keys[self.random.below(10) as usize].account()
	}

	fn top_up(&mut self) {
		let amount = self.amount();
		let (model, payer) = match self.entry(|_| true) {
			Some((model, payer, _)) if !self.wild() => (model, payer),
			_ => (self.model(), self.payer()),
		};
		let by = if self.random.chance(60) { payer.clone() } else { self.someone() };
		self.call(by, Call::top_up { model, payer, amount });
	}

	fn set_signer(&mut self) {
		let Some((model, payer, entry)) =
			self.entry(|entry| Rewards::former_signer(entry).is_none())
		else {
			return;
		};
		let signer = if self.wild() { entry.signer } else { self.any_key() };
		let who = if self.wild() { self.someone() } else { payer };
		self.call(who, Call::set_signer { model, signer });
	}

	fn withdraw(&mut self) {
		let Some((model, payer, entry)) = self.entry(|entry| entry.balance > 0) else { return };
		let amount = match self.random.below(10) {
			0 => entry.balance,
			1 => self.amount(),
			_ => Nano::from(self.random.below(1 + entry.balance as u32 / 2)),
		};
		let who = if self.wild() { self.someone() } else { payer };
		self.call(who, Call::withdraw { model, amount });
	}

	fn take_withdrawn(&mut self) {
		let now = Rewards::now();
		let early = self.random.chance(10);
		let due =
			move |entry: &Entry| entry.leaving.is_some_and(|leaving| early || leaving.at <= now);
		let Some((model, payer, _)) = self.entry(due) else { return };
		let who = self.someone();
		self.call(who, Call::take_withdrawn { model, payer });
	}

	/// A voucher of this payer, good in most cases.
	fn voucher(
		&mut self,
		model: ModelId,
		payer: AccountId,
		entry: &Entry,
	) -> Option<Voucher<AccountId>> {
		let Bought { count, cumulative, .. } = entry.bought;
		let held = entry.held() as u32;
		let cost = match self.random.below(12) {
			0 => held,
			1 => held + 1,
			_ => self.random.below(1 + held / 2),
		};
		let more = if self.wild() { 0 } else { 1 + u64::from(self.random.below(50)) };
		let mut what = Bought {
			head: Head([self.random.below(0x7f) as u8; 32]),
			..bought(count + more, cumulative + Nano::from(cost))
		};
		match self.random.below(40) {
			0 => what.head = Head([0xff; 32]),
			1 => what.cumulative = LIMIT,
			2 => what.cumulative = cumulative.saturating_sub(1),
			_ => {}
		}
		let signer = match &entry.former_signer {
			Some(former) if self.random.chance(40) => former.account.clone(),
			_ => entry.signer.clone(),
		};
		let signer = if self.wild() { self.any_key() } else { signer };
		let key = self.key(&signer)?;
		let bare = key.voucher(model, payer.clone(), what);
		if self.random.chance(70) {
			return Some(bare);
		}
		let message = voucher::wrapped(&Rewards::voucher_message(model, &payer, &what));
		let signature = self.key(&signer)?.sign(&message);
		Some(Voucher { signature, ..bare })
	}

	/// An operator submits a batch.
	fn submit(&mut self) {
		let Some(model) = self.random.pick(&MODELS) else { return };
		let mut entries: Vec<_> = Payers::<Test>::iter_prefix(model).collect();
		self.random.shuffle(&mut entries);
		let mut spent = Vec::new();
		let count = 1 + self.random.below(3) as usize;
		for (payer, entry) in entries.into_iter().take(count) {
			let Some(voucher) = self.voucher(model, payer.clone(), &entry) else { continue };
			if let Some(purchase) = self.cash(model, &voucher) {
				spent.push((payer, purchase.cost().unwrap()));
				self.cashed.push((model, voucher));
			}
		}
		if self.wild() {
			// One who never signed anything.
			let voucher = self.keys[0].voucher(model, ALICE, bought(1, 1));
			assert!(self.cash(model, &voucher).is_none());
		}
		if !spent.is_empty() {
			self.open.push(Open { model, spent });
		}
	}

	fn cash(&mut self, model: ModelId, voucher: &Voucher<AccountId>) -> Option<Purchase> {
		let taken = take(model, voucher);
		self.count("take", taken.map(drop));
		taken.ok()
	}

	/// What was cashed is never cashed again.
	fn replay(&mut self) {
		let Some((model, voucher)) = self.random.pick(&self.cashed) else { return };
		assert!(self.cash(model, &voucher).is_none());
	}

	fn any_open(&mut self) -> Option<Open> {
		let count = self.open.len() as u32;
		(count > 0).then(|| self.open.swap_remove(self.random.below(count) as usize))
	}

	fn finalise(&mut self) {
		if let Some(batch) = self.any_open() {
			self.conclude(batch);
		}
	}

	/// Pays a batch by the rule: whatever its payers have spent is split.
	pub fn conclude(&mut self, batch: Open) {
		let fees = batch.sum();
		let terms = Rewards::terms_in_force().1;
		let mut totals = Totals { receipts: batch.spent.len() as u64, fees, ..Totals::default() };
		let mut increases = BTreeMap::<_, Earned>::new();
		match split(fees, &terms) {
			Some(parts) => {
				totals.platform = parts.platform;
				totals.stakers = parts.stakers;
				totals.model = parts.model;
				totals.commons = parts.contributors;
				let known: Vec<_> = Works::get().into_keys().collect();
				for _ in 0..self.random.below(6) {
					let unknown = at(50, self.random.below(3));
					let known = self.random.pick(&known).filter(|_| !self.wild());
					let part = Nano::from(self.random.below(1 + totals.commons as u32));
					let earned = increases.entry(known.unwrap_or(unknown)).or_default();
					let of = if self.random.chance(30) {
						&mut earned.private
					} else {
						&mut earned.disclosed
					};
					*of += part;
					totals.commons -= part;
				}
			}
			None => totals.commons = fees,
		}
		let version = self.random.below(2);
		let operator = self.someone();
		let paid =
			<Rewards as Ledger<_>>::pay_totals(batch.model, version, &operator, &terms, &totals);
		assert_ok!(paid);
		self.count("pay_totals", paid);
		let increases: Vec<_> = increases
			.into_iter()
			.map(|(work, earned)| increase(work, earned.disclosed, earned.private))
			.collect();
		let paid = pay_contributions(&increases, self.random.chance(50));
		assert_ok!(paid);
		self.count("pay_contributions", paid);
	}

	fn void(&mut self) {
		let Some(batch) = self.any_open() else { return };
		for (payer, cost) in batch.spent {
			let given = give_back(batch.model, &payer, cost);
			assert_ok!(given);
			self.count("give_back", given);
		}
	}

	fn contribute(&mut self) {
		let work = at(self.random.below(4), self.random.below(40));
		let payee = if self.random.chance(10) { NOBODY } else { self.someone() };
		let mut curators = REVIEWERS.to_vec();
		curators.push(NOBODY);
		self.random.shuffle(&mut curators);
		curators.truncate(self.random.below(5) as usize);
		let share = Permill::from_parts(self.random.below(200_001));
		let penalty = Permill::from_percent(10 * self.random.below(6));
		contribute(work, payee, share, penalty, &curators);
	}

	/// A flag, its end, or another payee.
	fn judge(&mut self) {
		let known: Vec<_> = Works::get().into_keys().collect();
		let Some(work) = self.random.pick(&known) else { return };
		let standings = [Standing::Flagged, Standing::Valid, Standing::Valid, Standing::Voided];
		match self.random.pick(&standings) {
			Some(standing) if self.random.chance(70) => stand(work, standing),
			_ => {
				let payee = self.someone();
				Works::mutate(|table| table.get_mut(&work).unwrap().payee = payee);
			}
		}
	}

	fn owed(&mut self) -> Vec<ContributionRef> {
		let mut all: Vec<_> =
			Earnings::<Test>::iter_keys().map(|(datanet, index)| at(datanet, index)).collect();
		if self.wild() {
			all.push(at(50, 50));
		}
		self.random.shuffle(&mut all);
		all.truncate(self.random.below(5) as usize);
		all
	}

	fn claim(&mut self) {
		let (who, works) = (self.someone(), self.owed());
		self.call(who, Call::claim { contributions: batch(works) });
	}

	fn claim_curation(&mut self) {
		let (who, works) = (self.someone(), self.owed());
		self.call(who, Call::claim_curation { contributions: batch(works) });
	}

	fn claim_account(&mut self) {
		let who = self.someone();
		let mut accounts: Vec<_> = Claimable::<Test>::iter_keys().collect();
		self.random.shuffle(&mut accounts);
		accounts.truncate(self.random.below(3) as usize);
		self.call(who, Call::claim_account { accounts: batch(accounts) });
	}

	fn set_terms(&mut self) {
		let part = |limit, random: &mut Random| Permill::from_percent(random.below(limit));
		TermsSet::set(Terms {
			platform_fee: Nano::from(self.random.below(100)),
			stakers: part(31, &mut self.random),
			model: part(61, &mut self.random),
			operator: part(101, &mut self.random),
		});
	}

	fn set_stream(&mut self) {
		StreamAmount::set(Balance::from(self.random.below(5_000)));
	}

	/// Somebody sends OPEN to a pot, for no reason.
	fn donate(&mut self) {
		let amount = Balance::from(self.random.below(1_000_000));
		let pot = self.random.pick(&[PAYERS, EARNINGS]).unwrap();
		if Balances::transfer_allow_death(signed(ANYONE), account(pot), amount).is_ok() {
			Donated::mutate(|donated| *donated += amount);
		}
	}

	/// Models get other owners.
	fn inherit(&mut self) {
		let owners = [(); 3].map(|()| self.someone());
		let [owner, parent, grandparent] = owners;
		let ancestors = vec![
			(parent, Permill::from_percent(self.random.below(31)), 0),
			(grandparent, Permill::from_percent(self.random.below(31)), 1),
		];
		Lineages::mutate(|table| table.insert(MODEL, Lineage { owner, ancestors }));
	}

	/// What no registry says: it is refused, and all is as before.
	fn break_lineage(&mut self) {
		let before = Lineages::get();
		let ancestors = vec![(PARENT, Permill::from_percent(1), 1)];
		Lineages::mutate(|table| table.insert(MODEL, Lineage { owner: OWNER, ancestors }));
		let model = self.model();
		let result = with_transaction(|| -> TransactionOutcome<DispatchResult> {
			TransactionOutcome::Rollback(pay_totals(model, &Totals::default()))
		});
		if result.is_err() {
			self.count("pay_totals", result);
		}
		Lineages::set(before);
	}
}
