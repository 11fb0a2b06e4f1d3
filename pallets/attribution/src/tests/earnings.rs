//! An indexer. It reads the calls of blocks and their events, never the state, and knows what every
//! contribution has earned and by which model, what everybody can claim, what payers have left, and
//! how far every batch is.

use super::{market::*, *};
use frame_support::assert_ok;
use openledger_primitives::records::ContributionRef;
use openledger_settlement::{sample::Random, state::Earned};
use pallet_rewards::{Event as Money, Owed, Sold};
use std::thread;

/// A call of a block, if it is not what the block does by itself, and its events.
pub type Extrinsic = (Option<RuntimeCall>, Vec<RuntimeEvent>);

/// How far a batch is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Far {
	/// It was submitted.
	Pending,
	/// It is final, and was paid or is being paid.
	Final { attested: bool, early: bool },
	/// It is paid and over.
	Closed,
	/// It fell.
	Void,
}

/// A batch that was submitted once.
#[derive(Clone, Debug)]
pub struct Followed {
	pub operator: AccountId,
	pub version: VersionNumber,
	pub diff: Diff,
	pub totals: Totals,
	/// How many contributions were paid.
	pub paid: u32,
	pub far: Far,
}

/// What a contribution has earned so far, claimed or not.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Parts {
	pub earner: Nano,
	pub curators: Nano,
	pub commons: Nano,
}

/// A payer's entry: what it can spend, and what leaves.
pub type Left = (Nano, Nano);

/// What calls and events say.
#[derive(Default)]
pub struct Index {
	pub batches: BTreeMap<(ModelId, BatchNumber), Followed>,
	pub earned: BTreeMap<ContributionRef, Parts>,
	pub owed: BTreeMap<ContributionRef, Owed>,
	pub claimable: BTreeMap<AccountId, Nano>,
	pub left: BTreeMap<(ModelId, AccountId), Left>,
	/// Who made what by which version: the attribution graph.
	pub graph: BTreeMap<(ModelId, VersionNumber), BTreeMap<ContributionRef, Nano>>,
	sold: BTreeMap<(ModelId, VersionNumber), Sold>,
	/// What the call that is being read has paid.
	page: Vec<(ContributionRef, Nano)>,
}

impl Index {
	pub fn read(&mut self, (call, events): &Extrinsic) {
		for event in events {
			match event {
				RuntimeEvent::Attribution(event) => self.read_lane(call, event),
				RuntimeEvent::Rewards(event) => self.read_money(event),
				_ => {}
			}
		}
	}

	fn batch(&mut self, model: ModelId, batch: BatchNumber) -> &mut Followed {
		self.batches.get_mut(&(model, batch)).expect("it was submitted")
	}

	fn read_lane(&mut self, call: &Option<RuntimeCall>, event: &Event<Test>) {
		match event {
			Event::BatchSubmitted { model, batch, operator, version, totals, .. } => {
				let Some(RuntimeCall::Attribution(Call::submit_batch { submission, .. })) = call
				else {
					unreachable!("nothing else submits")
				};
				let followed = Followed {
					operator: operator.clone(),
					version: *version,
					diff: submission.diff.clone(),
					totals: *totals,
					paid: 0,
					far: Far::Pending,
				};
				assert!(self.batches.insert((*model, *batch), followed).is_none());
			}
			Event::Adopted { model, batch, operator } => {
				self.batch(*model, *batch).operator = operator.clone();
			}
			Event::Final { model, batch, attested, early } => {
				self.batch(*model, *batch).far = Far::Final { attested: *attested, early: *early };
			}
			Event::ContributionsPaid { model, batch, paid } => {
				let page = core::mem::take(&mut self.page);
				let followed = self.batch(*model, *batch);
				let before = core::mem::replace(&mut followed.paid, *paid) as usize;
				let version = followed.version;
				let submitted = followed.diff[before..*paid as usize].iter().map(|increase| {
					let Earned { disclosed, private } = increase.earned;
					(increase.contribution(), disclosed + private)
				});
				assert_eq!(submitted.collect::<Vec<_>>(), page, "paid is what was submitted");
				let edges = self.graph.entry((*model, version)).or_default();
				for (contribution, amount) in page {
					*edges.entry(contribution).or_default() += amount;
				}
			}
			Event::Closed { model, batch } => self.batch(*model, *batch).far = Far::Closed,
			Event::Voided { model, batch, .. } => self.batch(*model, *batch).far = Far::Void,
			_ => {}
		}
	}

	fn entry(&mut self, model: &ModelId, payer: &AccountId) -> &mut Left {
		self.left.entry((*model, payer.clone())).or_default()
	}

	fn read_money(&mut self, event: &Money<Test>) {
		match event {
			Money::EntryOpened { model, payer, amount, .. }
			| Money::ToppedUp { model, payer, amount, .. }
			| Money::GivenBack { model, payer, amount } => self.entry(model, payer).0 += amount,
			Money::WithdrawalBegun { model, payer, amount, .. } => {
				let (balance, leaving) = self.entry(model, payer);
				*balance -= amount;
				*leaving += amount;
			}
			Money::Withdrawn { model, payer, amount } => {
				assert_eq!(core::mem::take(&mut self.entry(model, payer).1), *amount);
			}
			Money::Spent { model, payer, cost, .. } => {
				let (balance, leaving) = self.entry(model, payer);
				let from_balance = (*balance).min(*cost);
				*balance -= from_balance;
				*leaving -= cost - from_balance;
			}
			Money::TotalsPaid { model, version, totals } => {
				let sold = self.sold.entry((*model, *version)).or_default();
				sold.receipts += totals.receipts;
				sold.fees += u128::from(totals.fees);
			}
			Money::Credited { account, amount } => {
				*self.claimable.entry(account.clone()).or_default() += amount;
			}
			Money::AccountClaimed { account, amount } => {
				assert_eq!(self.claimable.remove(account), Some(*amount));
			}
			Money::Earned { contribution, earner, curators, commons } => {
				let parts = self.earned.entry(*contribution).or_default();
				parts.earner += earner;
				parts.curators += curators;
				parts.commons += commons;
				let owed = self.owed.entry(*contribution).or_default();
				owed.earner += earner;
				owed.curators += curators;
				self.page.push((*contribution, earner + curators + commons));
			}
			Money::Claimed { contribution, amount, .. } => {
				let owed = self.owed.get_mut(contribution).unwrap();
				assert_eq!(core::mem::take(&mut owed.earner), *amount);
			}
			Money::CurationClaimed { contribution, .. } => {
				let owed = self.owed.get_mut(contribution).unwrap();
				assert!(core::mem::take(&mut owed.curators) > 0);
			}
			_ => {}
		}
	}

	/// The chain knows the same.
	pub fn check(&self) {
		let mut owed = self.owed.clone();
		owed.retain(|_, owed| *owed != Owed::default());
		let there = pallet_rewards::Earnings::<Test>::iter()
			.map(|(datanet, index, owed)| (ContributionRef { datanet, index }, owed));
		assert_eq!(there.collect::<BTreeMap<_, _>>(), owed);
		let there = pallet_rewards::Claimable::<Test>::iter();
		assert_eq!(there.collect::<BTreeMap<_, _>>(), self.claimable);
		let there = pallet_rewards::Payers::<Test>::iter().map(|(model, payer, entry)| {
			let leaving = entry.leaving.map_or(0, |leaving| leaving.amount);
			((model, payer), (entry.balance, leaving))
		});
		assert_eq!(there.collect::<BTreeMap<_, _>>(), self.left);
		let there = pallet_rewards::Revenue::<Test>::iter()
			.map(|(model, version, sold)| ((model, version), sold));
		assert_eq!(there.collect::<BTreeMap<_, _>>(), self.sold);
		self.check_batches();
		self.check_graph();
	}

	fn check_batches(&self) {
		let mut there: BTreeMap<_, _> = Batches::<Test>::iter()
			.map(|(model, batch, record)| ((model, batch), record))
			.collect();
		for (at, followed) in &self.batches {
			let record = there.remove(at);
			let paid = followed.paid;
			let status = match followed.far {
				Far::Pending => Some(Status::Pending),
				Far::Final { early: true, .. } if paid as usize == followed.diff.len() => {
					Some(Status::Paid)
				}
				Far::Final { attested, early } => Some(Status::Paying { paid, attested, early }),
				Far::Closed | Far::Void => None,
			};
			assert_eq!(record.as_ref().map(|record| record.status), status);
			if let Some(record) = record {
				assert_eq!(record.operator, followed.operator);
				assert_eq!(record.totals, followed.totals);
				assert_eq!(Diffs::<Test>::get(at.0, at.1), followed.diff);
			}
		}
		assert!(there.is_empty(), "batches that nobody submitted");
		for (model, lane) in Lanes::<Test>::iter() {
			let mine = self.batches.iter().filter(|((of, _), _)| *of == model);
			let over = |far| matches!(far, Far::Closed | Far::Void);
			assert_eq!(mine.clone().count(), lane.next as usize);
			let open = mine.filter(|(_, followed)| !over(followed.far)).count();
			assert_eq!(open, lane.open as usize);
		}
	}

	/// What versions have paid contributions is what contributions have earned.
	fn check_graph(&self) {
		let mut sums = BTreeMap::<_, Nano>::new();
		for (contribution, amount) in self.graph.values().flatten() {
			*sums.entry(*contribution).or_default() += amount;
		}
		let earned = self.earned.iter().map(|(contribution, parts)| {
			(*contribution, parts.earner + parts.curators + parts.commons)
		});
		assert_eq!(sums, earned.collect());
	}
}

/// Blocks as they are published.
#[derive(Default)]
struct Published(Vec<Extrinsic>);

impl Published {
	fn call(&mut self, name: &str, call: impl Into<RuntimeCall>) {
		let call = call.into();
		assert_ok!(dispatch(name, call.clone()));
		self.0.push((Some(call), take_events()));
	}

	fn blocks(&mut self) {
		self.0.push((None, take_events()));
	}
}

/// Two lanes: a batch that is final by time and one early, one that falls, one that is not final.
fn live(published: &mut Published) {
	open_market(Permill::from_percent(10));
	published.blocks();
	let mut random = Random(1);
	published.call("attestor-1", Call::stake { amount: MIN_STAKE * 10 });
	let mut trades = Vec::new();
	for model in [ANCESTOR, MODEL, MODEL, ANCESTOR] {
		let number = Lanes::<Test>::get(model).next;
		let order = Order::of(model, 70);
		let sales = order.sell(&mut random);
		let way = if trades.len() == 3 { Way::Stingy } else { Way::Honest };
		let trade = Trade::build(order, sales, way).unwrap();
		published.call("operator", trade.submit());
		trades.push((model, number, trade));
	}
	draw();
	published.blocks();
	let (model, batch, ref wrong) = trades[3];
	published.call("challenger", wrong.open(batch, 1, &[]));
	// The operator of both has lost the bond of one.
	appoint(ANCESTOR, "successor", BOND);
	published.call("successor", Call::adopt { model, batch: 0 });
	for (model, batch, trade) in &trades[..2] {
		for DrawnStep { step, receipt, .. } in Attribution::draws(*model, *batch).unwrap().0 {
			published.call("successor", trade.open(*batch, step, &[receipt]));
		}
	}
	let finalise = |model, most| Call::finalise { model, batch: 0, most };
	published.call("attestor-1", Call::attest { model: MODEL, batch: 0 });
	published.call("stranger", finalise(MODEL, 25));
	pass(WINDOW);
	published.blocks();
	published.call("stranger", finalise(MODEL, 100));
	published.call("stranger", finalise(ANCESTOR, 7));
	published.call("stranger", finalise(ANCESTOR, 45));
	let some = contributions().into_iter().step_by(2).collect::<Vec<_>>();
	let claim =
		pallet_rewards::Call::<Test>::claim { contributions: some.clone().try_into().unwrap() };
	published.call("stranger", claim);
	let claim =
		pallet_rewards::Call::<Test>::claim_curation { contributions: some.try_into().unwrap() };
	published.call("stranger", claim);
	let accounts = vec![who("operator"), who("owner")].try_into().unwrap();
	published.call("stranger", pallet_rewards::Call::<Test>::claim_account { accounts });
}

#[test]
fn who_reads_calls_and_events_knows_what_everybody_has() {
	build_and_execute(|| {
		let mut published = Published::default();
		published.blocks();
		live(&mut published);
		// Another thread has no state to look at.
		let blocks = published.0;
		let read = || {
			let mut index = Index::default();
			blocks.iter().for_each(|extrinsic| index.read(extrinsic));
			index
		};
		let index = thread::scope(|scope| scope.spawn(read).join().unwrap());
		index.check();
		let far = |model, batch| index.batches[&(model, batch)].far;
		assert_eq!(far(ANCESTOR, 0), Far::Final { attested: false, early: false });
		assert_eq!(far(MODEL, 0), Far::Final { attested: true, early: true });
		assert_eq!(far(MODEL, 1), Far::Pending);
		assert_eq!(far(ANCESTOR, 1), Far::Void);
		let sum = |model| index.graph[&(model, TRAINED)].values().sum::<Nano>();
		let diff = &index.batches[&(MODEL, 0)].diff;
		let all = diff.iter().map(|increase| increase.earned.disclosed + increase.earned.private);
		assert_eq!(sum(MODEL), all.sum::<Nano>());
		assert!(sum(ANCESTOR) > 0);
		assert!(index.earned.values().any(|parts| parts.curators > 0 && parts.commons > 0));
	});
}
