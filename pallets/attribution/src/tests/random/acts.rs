//! What people do when they do whatever comes to their mind.

use super::*;
use frame_support::traits::fungible::Inspect;
use openledger_settlement::parties::Voucher;
use openledger_settlement::{
	chain::Chain,
	opening::{check as executes, Verdict},
	price::Price,
	retrieval::Evidence,
	split::Terms,
	voucher::Bought,
};
use pallet_datanets::Ground;

type Act = fn(&mut World);

/// What people do, and how often.
pub const ACTS: [(u32, Act); 36] = [
	(24, World::submit),
	(3, World::submit_what_is_refused),
	(1, World::replay),
	(60, World::answer),
	(6, World::demand),
	(3, World::challenge),
	(3, World::challenge_honest),
	(4, World::expire),
	(30, World::finalise),
	(6, World::close),
	(12, World::adopt),
	(6, World::release_demand),
	(12, World::stake),
	(24, World::attest),
	(1, World::leave_attesting),
	(8, World::release_attestor),
	(14, World::operate),
	(1, World::end_operation),
	(4, World::release_operator),
	(4, World::open_entry),
	(4, World::top_up),
	(3, World::set_signer),
	(4, World::withdraw),
	(4, World::take_withdrawn),
	(4, World::flag),
	(3, World::rule),
	(2, World::transfer_right),
	(2, World::set_payee),
	(10, World::claim),
	(10, World::claim_curation),
	(6, World::claim_account),
	(2, World::set_terms),
	(1, World::set_window),
	(1, World::set_deposit),
	(3, World::set_price),
	(1, World::transfer_model),
];

impl World {
	/// Something that is not sensible.
	fn wild(&mut self) -> bool {
		self.random.chance(6)
	}

	fn someone(&mut self) -> AccountId {
		let name = match self.random.below(2) {
			0 => self.random.pick(&PEOPLE).unwrap().to_string(),
			_ => self.random.pick(names()).unwrap(),
		};
		who(&name)
	}

	/// A batch that is not closed, of those with a status like this.
	fn open_batch(
		&mut self,
		wanted: impl Fn(&Batch<AccountId>) -> bool,
	) -> Option<(ModelId, BatchNumber, Batch<AccountId>)> {
		let all: Vec<_> = Batches::<Test>::iter().filter(|(.., record)| wanted(record)).collect();
		self.random.pick(&all)
	}

	// Operators.

	/// What an operator has sold lately.
	fn order(&mut self) -> Option<(AccountId, Order)> {
		let model = self.random.pick(&MODELS)?;
		let retired = pallet_model_registry::RetiredOperators::<Test>::iter_key_prefix(model);
		let operators: Vec<_> =
			<Registry as Operators<_>>::operator(model).into_iter().chain(retired).collect();
		let operator = self.random.pick(&operators)?;
		let version = self.random.pick(&[0, TRAINED, TRAINED])?;
		let epochs = pallet_model_registry::Models::<Test>::get(model)?.epochs;
		let in_force = |epoch: &u32| <Registry as Models<_>>::price(model, *epoch).is_some();
		let epoch = self.random.pick(&(0..epochs).filter(in_force).collect::<Vec<_>>())?;
		let (latest, _) = Rewards::terms_in_force();
		let in_force = |number: &u32| <Rewards as Ledger<_>>::terms(*number).is_some();
		let terms = self.random.pick(&(0..=latest).filter(in_force).collect::<Vec<_>>())?;
		let mut payers: Vec<_> = pallet_rewards::Payers::<Test>::iter_prefix(model)
			.filter(|(_, entry)| entry.held() > nano(1_000))
			.map(|(payer, _)| payer)
			.collect();
		self.random.shuffle(&mut payers);
		payers.truncate(1 + self.random.below(5) as usize);
		payers.sort();
		if payers.is_empty() {
			return None;
		}
		let receipts = match self.random.below(12) {
			0 => 288 + self.random.below(40),
			_ => 5 + self.random.below(90),
		};
		let private = self.random.chance(60);
		Some((operator, Order { model, version, epoch, terms, payers, receipts, private }))
	}

	/// Executes what was sold as the operator likes.
	fn deal(&mut self, order: Order) -> Option<(&'static str, Deal)> {
		let mut sales = order.sell(&mut self.random);
		let at = self.random.below(order.receipts) as usize;
		let output = sales.receipts[at].core.output.0;
		let mut miscredited = None;
		let (name, way) = match self.random.below(36) {
			0 => ("Stingy", Way::Stingy),
			1 => ("Indiscreet", Way::Indiscreet),
			2 => ("Backwards", Way::Backwards),
			3 | 4 => ("Stealing", Way::Stealing(output)),
			5 => {
				sales.receipts[at].core.fee += 1;
				("Overcharging", Way::Overcharging(output))
			}
			6 | 7 if !sales.receipts[at].core.private => {
				sales.receipts[at].credits[0].weight += 1;
				miscredited = Some(at as u32);
				("miscredited", Way::Honest)
			}
			_ => ("Honest", Way::Honest),
		};
		let trade = Trade::build(order, sales, way)?;
		let batch = &trade.batch;
		let before = trade.before.clone();
		let wrong = challenge(batch.context(), before, batch.receipts(), batch.leaves());
		Some((name, Deal { trade, wrong, miscredited }))
	}

	fn submit(&mut self) {
		let Some((operator, order)) = self.order() else { return };
		let model = order.model;
		let Some((name, deal)) = self.deal(order) else { return };
		let mut call = deal.trade.submit();
		self.let_former_signers_sign(&mut call);
		let operator = if self.wild() { self.someone() } else { operator };
		let number = Lanes::<Test>::get(model).next;
		if self.call(operator.clone(), call.clone()) {
			self.table.done(name);
			self.deals.insert((model, number), deal);
			self.submitted.push((operator, call));
		}
	}

	/// Their vouchers count for a while.
	fn let_former_signers_sign(&mut self, call: &mut Call<Test>) {
		let Call::submit_batch { model, submission } = call else { return };
		for voucher in submission.vouchers.iter_mut() {
			let entry = pallet_rewards::Payers::<Test>::get(*model, &voucher.payer).unwrap();
			if let Some(former) = entry.former_signer {
				if Attribution::now() <= former.until && self.random.chance(50) {
					let Voucher { payer, bought, .. } = voucher.clone();
					*voucher = voucher_by(*model, &payer, &former.account, bought);
				}
			}
		}
	}

	/// Submissions with something in them that is not so.
	fn submit_what_is_refused(&mut self) {
		let Some((operator, order)) = self.order() else { return };
		let Some((_, deal)) = self.deal(order) else { return };
		let mut submission = deal.trade.submission();
		let model = deal.trade.order.model;
		let resign = |submission: &mut Submission<AccountId>, bought: Bought| {
			let payer = submission.vouchers[0].payer.clone();
			let entry = pallet_rewards::Payers::<Test>::get(model, &payer).unwrap();
			submission.vouchers[0] = voucher_by(model, &payer, &entry.signer, bought);
		};
		let bought = submission.vouchers[0].bought;
		match self.random.below(9) {
			0 => submission.totals.model += 1,
			1 => submission.diff[0].earned.disclosed += 1,
			2 => submission.trace.root = self.random.hash(),
			3 => submission.epoch = 99,
			4 => submission.terms = 99,
			5 => resign(&mut submission, Bought { count: bought.count + 1, ..bought }),
			6 => {
				let cumulative = bought.cumulative + 1;
				resign(&mut submission, Bought { cumulative, ..bought });
			}
			7 => submission.vouchers[0].bought.cumulative += 1,
			_ => {
				let payer = submission.vouchers[0].payer.clone();
				let forger = who("challenger");
				submission.vouchers[0] = voucher_by(model, &payer, &forger, bought);
			}
		}
		let submission = Box::new(submission);
		assert!(!self.call(operator, Call::submit_batch { model, submission }));
	}

	/// What was submitted is never submitted again.
	fn replay(&mut self) {
		if let Some((operator, call)) = self.random.pick(&self.submitted) {
			assert!(!self.call(operator, call));
		}
	}

	fn operate(&mut self) {
		let model = self.random.pick(&MODELS).unwrap();
		self.operate_model(model);
	}

	/// Somebody becomes the operator of a model that has none; who is raises the bond.
	pub fn operate_model(&mut self, model: ModelId) {
		let bond = BOND + Balance::from(self.random.below(20_000)) * OPEN;
		if let Some(operator) = <Registry as Operators<_>>::operator(model) {
			let amount = Balance::from(self.random.below(100)) * OPEN;
			self.call(operator, pallet_model_registry::Call::<Test>::raise_bond { model, amount });
			return;
		}
		// Who was slashed could submit nothing.
		let slashed =
			|operator: &AccountId| Exposures::<Test>::get(model, operator).slashed.is_some();
		let operators: Vec<_> =
			OPERATORS.into_iter().map(who).filter(|operator| !slashed(operator)).collect();
		let Some(operator) = self.random.pick(&operators) else { return };
		let appoint = pallet_model_registry::Call::<Test>::appoint_operator {
			model,
			operator: operator.clone(),
		};
		if self.call(owner_of(model), appoint) {
			self.call(
				operator,
				pallet_model_registry::Call::<Test>::accept_operation { model, bond },
			);
		}
	}

	fn end_operation(&mut self) {
		let Some(model) = self.random.pick(&MODELS) else { return };
		let end = pallet_model_registry::Call::<Test>::end_operation { model };
		self.call(owner_of(model), end);
	}

	fn release_operator(&mut self) {
		let now = Attribution::now();
		let retired: Vec<_> = pallet_model_registry::RetiredOperators::<Test>::iter()
			.filter(|(.., retired)| retired.until < now)
			.collect();
		let Some((model, operator, _)) = self.random.pick(&retired) else { return };
		let by = self.someone();
		self.call(by, pallet_model_registry::Call::<Test>::release_operator { model, operator });
	}

	fn adopt(&mut self) {
		let mut orphans: Vec<_> = Batches::<Test>::iter()
			.filter(|(model, _, record)| Attribution::orphaned(*model, record).is_some())
			.collect();
		self.random.shuffle(&mut orphans);
		for (model, batch, _) in orphans.into_iter().take(4) {
			let operator = <Registry as Operators<_>>::operator(model);
			let by = if self.wild() { Some(self.someone()) } else { operator };
			if let Some(by) = by {
				self.call(by, Call::adopt { model, batch });
			}
		}
	}

	// Openings, demands, challenges.

	fn answer(&mut self) {
		let mut open: Vec<_> = Batches::<Test>::iter().collect();
		self.random.shuffle(&mut open);
		for (model, batch, record) in open.into_iter().take(4) {
			let by = if self.random.chance(80) { record.operator } else { self.someone() };
			let everything = self.random.chance(80);
			self.answer_batch(model, batch, by, everything);
		}
	}

	/// Opens what is asked for and follows the rule, as far as it must be shown.
	pub fn answer_batch(
		&mut self,
		model: ModelId,
		batch: BatchNumber,
		by: AccountId,
		everything: bool,
	) {
		let Some(deal) = self.deals.get(&(model, batch)) else { return };
		let draws = Attribution::draws(model, batch).map_or(Vec::new(), |(draws, _)| draws);
		let mut asked = BTreeMap::<u32, BTreeSet<u32>>::new();
		for DrawnStep { step, receipt, .. } in draws.into_iter().filter(|drawn| !drawn.answered) {
			asked.entry(step).or_default().insert(receipt);
		}
		for receipt in Demands::<Test>::iter_key_prefix((model, batch)) {
			asked.entry(receipt / STEP).or_default().insert(receipt % STEP);
		}
		let trade = &deal.trade;
		let mut calls = Vec::new();
		for (step, places) in asked {
			let miscredited = |place: &u32| deal.miscredited == Some(step * STEP + place);
			let disclosed: Vec<_> =
				places.into_iter().filter(|place| !miscredited(place)).take(4).collect();
			let opening = trade.batch.open(step).unwrap();
			let context = trade.batch.context();
			let verdict = executes(&opening, &trade.batch.trace(), context, &Chain::default());
			if verdict == Ok(Verdict::Holds) && !disclosed.is_empty() {
				calls.push(trade.open(batch, step, &disclosed));
			}
		}
		let most = if everything { usize::MAX } else { 1 };
		for call in calls.into_iter().take(most) {
			self.call(by.clone(), call);
		}
	}

	fn demand(&mut self) {
		let Some((model, batch, record)) = self.open_batch(|_| true) else { return };
		// Who demands what is right pays for it.
		let doubted = self.deals.get(&(model, batch)).and_then(Deal::doubted);
		let receipt = match doubted {
			Some(receipt) if self.random.chance(70) => receipt,
			_ => self.random.below(record.totals.receipts as u32 + 1),
		};
		let by = self.someone();
		self.call(by, Call::demand { model, batch, receipt });
	}

	fn challenge(&mut self) {
		let Some((model, batch, _)) = self.open_batch(|_| true) else { return };
		self.challenge_batch(model, batch);
	}

	/// Brings a batch down that is wrong, if it can still fall.
	pub fn challenge_batch(&mut self, model: ModelId, batch: BatchNumber) {
		let Some(deal) = self.deals.get(&(model, batch)) else { return };
		let challengeable = Attribution::challengeable(model, batch).is_ok();
		let call = if let Some(wrong) = &deal.wrong {
			let opening = Box::new(wrong.clone());
			Call::open { model, batch, opening, disclosures: Default::default() }
		} else if let Some(receipt) = deal.miscredited {
			let (step, place) = (receipt / STEP, receipt % STEP);
			if self.random.chance(50) {
				deal.trade.open(batch, step, &[place])
			} else {
				self.sum_is_wrong(model, batch, receipt)
			}
		} else {
			return;
		};
		assert_eq!(self.call(who("challenger"), call), challengeable, "{model}, {batch}");
	}

	fn sum_is_wrong(&self, model: ModelId, batch: BatchNumber, receipt: u32) -> Call<Test> {
		let trade = &self.deals[&(model, batch)].trade;
		let opening = trade.batch.open(receipt / STEP).unwrap();
		let challenge = CreditChallenge {
			receipt: (receipt % STEP) as u8,
			citations: trade.sales.citations[receipt as usize].clone(),
			evidence: Evidence::Sum,
		};
		Call::wrong_credit {
			model,
			batch,
			opening: Box::new(Opening { nodes: vec![], ..opening }),
			challenge: Box::new(challenge),
		}
	}

	/// Whatever is said about an honest batch, it stands.
	fn challenge_honest(&mut self) {
		let honest: Vec<_> = self
			.deals
			.iter()
			.filter(|((model, batch), _)| Batches::<Test>::contains_key(model, batch))
			.filter(|(_, deal)| deal.honest())
			.map(|(at, deal)| (*at, deal.trade.order.receipts))
			.collect();
		let Some(((model, batch), receipts)) = self.random.pick(&honest) else { return };
		let receipt = self.random.below(receipts);
		let mut call = match self.random.below(2) {
			0 => self.sum_is_wrong(model, batch, receipt),
			_ => self.deals[&(model, batch)].trade.open(batch, receipt / STEP, &[receipt % STEP]),
		};
		match &mut call {
			Call::open { opening, .. } => {
				let nodes = opening.nodes.len() as u32;
				match self.random.below(5) {
					0 => opening.before = None,
					1 => opening.state = self.random.hash(),
					2 => opening.receipts[0].core.fee += 1,
					3 => drop(opening.nodes.remove(self.random.below(nodes) as usize)),
					_ => opening.nodes.reverse(),
				}
			}
			Call::wrong_credit { challenge, .. } => match self.random.below(3) {
				0 => challenge.evidence = Evidence::Absent { citation: 0 },
				1 => drop(challenge.citations.pop()),
				_ => {}
			},
			_ => unreachable!("it is one of the two"),
		}
		self.call(who("challenger"), call);
		assert!(Batches::<Test>::contains_key(model, batch), "an honest batch fell");
	}

	fn expire(&mut self) {
		let Some((model, batch, _)) = self.open_batch(|_| true) else { return };
		let sure = !self.wild();
		self.expire_batch(model, batch, sure);
	}

	/// Lets a batch fall that is overdue in some way, or tries to.
	pub fn expire_batch(&mut self, model: ModelId, batch: BatchNumber, sure: bool) {
		let now = Attribution::now();
		let Ok(record) = Attribution::challengeable(model, batch) else { return };
		let by = self.someone();
		let demand = Demands::<Test>::iter_prefix((model, batch))
			.find(|(_, demand)| !sure || demand.until < now);
		if let Some((receipt, _)) = demand {
			self.call(by, Call::expire_demand { model, batch, receipt });
			return;
		}
		let until = Attribution::draws(model, batch).map(|(_, until)| until);
		if !sure || until.is_some_and(|until| until < now && !Attribution::all_drawn(&record)) {
			self.call(by, Call::expire_draws { model, batch });
			return;
		}
		let since = Attribution::orphaned(model, &record);
		if since.is_some_and(|since| since + ADOPT_TIME < now) {
			self.call(by, Call::expire_orphan { model, batch });
		}
	}

	fn finalise(&mut self) {
		let now = Attribution::now();
		let early = self.random.chance(40);
		let due = |record: &Batch<AccountId>| match record.status {
			Status::Pending => early || now >= record.deadline,
			Status::Paying { .. } => true,
			Status::Paid => false,
		};
		let Some((model, batch, _)) = self.open_batch(due) else { return };
		let most = self.random.pick(&[0, 1, 7, 7, MAX_PAYEES, MAX_PAYEES, u32::MAX]).unwrap();
		let by = self.someone();
		self.call(by, Call::finalise { model, batch, most });
	}

	fn close(&mut self) {
		let any = self.wild();
		let paid = |record: &Batch<AccountId>| any || record.status == Status::Paid;
		let Some((model, batch, _)) = self.open_batch(paid) else { return };
		let by = self.someone();
		self.call(by, Call::close { model, batch });
	}

	fn release_demand(&mut self) {
		let any = self.wild();
		let of_void: Vec<_> = Demands::<Test>::iter_keys()
			.filter(|(model, batch, _)| any || !Batches::<Test>::contains_key(model, batch))
			.collect();
		let Some((model, batch, receipt)) = self.random.pick(&of_void) else { return };
		let by = self.someone();
		self.call(by, Call::release_demand { model, batch, receipt });
	}

	// Attestors.

	fn stake(&mut self) {
		let Some(name) = self.random.pick(&ATTESTORS) else { return };
		let amount = match self.random.below(4) {
			0 => Balance::from(self.random.below(10)) * OPEN,
			_ => MIN_STAKE * Balance::from(1 + self.random.below(4)),
		};
		if Balances::balance(&who(name)) > 2 * amount {
			self.call(who(name), Call::stake { amount });
		}
	}

	/// Who attests has mostly looked.
	fn attest(&mut self) {
		let Some((model, batch, _)) = self.open_batch(|record| record.status == Status::Pending)
		else {
			return;
		};
		let honest = self.deals.get(&(model, batch)).is_none_or(Deal::honest);
		if !honest && self.random.chance(80) {
			return;
		}
		for name in ATTESTORS {
			let signed = Attribution::batch(model, batch)
				.is_none_or(|record| record.signers.contains(&who(name)));
			let attests =
				Attestors::<Test>::get(who(name)).is_some_and(|record| record.leaving.is_none());
			if attests && !signed || self.wild() {
				self.call(who(name), Call::attest { model, batch });
			}
		}
	}

	fn leave_attesting(&mut self) {
		let Some(name) = self.random.pick(&ATTESTORS) else { return };
		self.call(who(name), Call::leave {});
	}

	fn release_attestor(&mut self) {
		let leaving: Vec<_> = Attestors::<Test>::iter()
			.filter(|(_, record)| record.leaving.is_some())
			.map(|(attestor, _)| attestor)
			.collect();
		let Some(attestor) = self.random.pick(&leaving) else { return };
		let by = self.someone();
		self.call(by, Call::release_attestor { attestor });
	}

	// Payers.

	fn a_payer(&mut self) -> AccountId {
		who(&self.random.pick(names()).unwrap())
	}

	fn open_entry(&mut self) {
		// The payers of the beginning have entries already: others join them.
		let by = if self.wild() { self.a_payer() } else { self.someone() };
		let model = self.random.pick(&MODELS).unwrap();
		let amount = nano(1 + u64::from(self.random.below(2_000)));
		let signer = self.random.chance(30).then(|| who("delegate-1"));
		self.call(by, pallet_rewards::Call::<Test>::open_entry { model, amount, signer });
	}

	fn entry(&mut self) -> Option<(ModelId, AccountId, pallet_rewards::Entry)> {
		let all: Vec<_> = pallet_rewards::Payers::<Test>::iter().collect();
		self.random.pick(&all)
	}

	fn top_up(&mut self) {
		let Some((model, payer, _)) = self.entry() else { return };
		let amount = nano(self.random.below(2_000).into());
		self.call(payer.clone(), pallet_rewards::Call::<Test>::top_up { model, payer, amount });
	}

	fn set_signer(&mut self) {
		let Some((model, payer, _)) = self.entry() else { return };
		let delegates = ["delegate-1", "delegate-2"].map(who);
		let signer = if self.random.chance(40) {
			payer.clone()
		} else {
			self.random.pick(&delegates).unwrap()
		};
		self.call(payer, pallet_rewards::Call::<Test>::set_signer { model, signer });
	}

	fn withdraw(&mut self) {
		let Some((model, payer, entry)) = self.entry() else { return };
		let amount = entry.balance / Nano::from(1 + self.random.below(20));
		self.call(payer, pallet_rewards::Call::<Test>::withdraw { model, amount });
	}

	fn take_withdrawn(&mut self) {
		let Some((model, payer, _)) = self.entry() else { return };
		let by = self.someone();
		self.call(by, pallet_rewards::Call::<Test>::take_withdrawn { model, payer });
	}

	// Contributions and what they earn.

	fn a_contribution(&mut self) -> ContributionRef {
		self.random.pick(&contributions()).unwrap()
	}

	fn flag(&mut self) {
		let contribution = self.a_contribution();
		let grounds = [Ground::LowQuality, Ground::Biased, Ground::Redundant, Ground::Adversarial];
		let ground = self.random.pick(&grounds).unwrap();
		let by = self.someone();
		self.call(by, pallet_datanets::Call::<Test>::flag { contribution, ground });
	}

	/// Governance rules, or a flag runs out.
	fn rule(&mut self) {
		let flags: Vec<_> = pallet_datanets::Flags::<Test>::iter_keys().collect();
		let Some((datanet, index)) = self.random.pick(&flags) else { return };
		let contribution = ContributionRef { datanet, index };
		if self.random.chance(40) {
			let by = self.someone();
			self.call(by, pallet_datanets::Call::<Test>::advance_flag { contribution });
			return;
		}
		let upheld = self.random.chance(30);
		if Datanets::rule(RuntimeOrigin::root(), contribution, upheld).is_ok() {
			self.table.done("rule");
		}
		self.read(None);
		self.check();
	}

	fn transfer_right(&mut self) {
		let contribution = self.a_contribution();
		let ContributionRef { datanet, index } = contribution;
		let record = pallet_datanets::Contributions::<Test>::get(datanet, index).unwrap();
		let (owner, earner) = (record.earner().clone(), self.someone());
		let contributions = vec![contribution].try_into().unwrap();
		self.call(owner, pallet_datanets::Call::<Test>::transfer_right { contributions, earner });
	}

	fn set_payee(&mut self) {
		let by = self.random.pick(&[who(SECOND), who("contributor")]).unwrap();
		let payee = self.random.chance(60).then(|| self.someone());
		self.call(by, pallet_datanets::Call::<Test>::set_payee { payee });
	}

	fn some_contributions(&mut self) -> Vec<ContributionRef> {
		let mut some: Vec<_> = pallet_rewards::Earnings::<Test>::iter_keys()
			.map(|(datanet, index)| ContributionRef { datanet, index })
			.collect();
		self.random.shuffle(&mut some);
		some.truncate(1 + self.random.below(8) as usize);
		some
	}

	fn claim(&mut self) {
		let (by, contributions) = (self.someone(), self.some_contributions());
		let contributions = contributions.try_into().unwrap();
		self.call(by, pallet_rewards::Call::<Test>::claim { contributions });
	}

	fn claim_curation(&mut self) {
		let (by, contributions) = (self.someone(), self.some_contributions());
		let contributions = contributions.try_into().unwrap();
		self.call(by, pallet_rewards::Call::<Test>::claim_curation { contributions });
	}

	fn claim_account(&mut self) {
		let (by, account) = (self.someone(), self.someone());
		let accounts: Vec<_> = pallet_rewards::Claimable::<Test>::iter_keys().take(1).collect();
		let accounts = accounts.into_iter().chain([account]).collect::<Vec<_>>();
		let accounts = accounts.try_into().unwrap();
		self.call(by, pallet_rewards::Call::<Test>::claim_account { accounts });
	}

	// Governance and owners.

	fn set_terms(&mut self) {
		let part = |limit, random: &mut Random| Permill::from_percent(random.below(limit));
		TermsSet::set(Terms {
			platform_fee: Nano::from(self.random.below(200_000)),
			stakers: part(31, &mut self.random),
			model: part(61, &mut self.random),
			operator: part(101, &mut self.random),
		});
		self.table.done("terms");
	}

	fn set_window(&mut self) {
		// As long as stakes stay, at most.
		WindowSet::set(60 + self.random.below(WINDOW - 59));
		self.table.done("window");
	}

	fn set_deposit(&mut self) {
		DemandSet::set(OPEN / 2 + Balance::from(self.random.below(100)) * (OPEN / 100));
		self.table.done("deposit");
	}

	fn set_price(&mut self) {
		let model = self.random.pick(&MODELS).unwrap();
		let rate = |random: &mut Random| Nano::from(random.below(4_000_000)) * 1_000;
		let price = Price { rate_in: rate(&mut self.random), rate_out: rate(&mut self.random) };
		self.call(owner_of(model), pallet_model_registry::Call::<Test>::set_price { model, price });
	}

	fn transfer_model(&mut self) {
		let model = self.random.pick(&MODELS).unwrap();
		let owner = self.someone();
		let give = pallet_model_registry::Call::<Test>::transfer_model { model, owner };
		self.call(owner_of(model), give);
	}
}
