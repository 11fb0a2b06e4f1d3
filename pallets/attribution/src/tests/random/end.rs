//! How a life ends: everything runs out, and everybody leaves.

use super::*;

impl World {
	/// All batches are closed or void.
	pub fn run_out(&mut self) {
		for block in 0..600 {
			let open: Vec<_> =
				Batches::<Test>::iter().map(|(model, batch, _)| (model, batch)).collect();
			if open.is_empty() {
				return;
			}
			match block % 10 {
				0 => change_epoch(),
				_ => pass(1),
			}
			self.read(None);
			for (model, batch) in open {
				self.settle(model, batch);
			}
			self.check();
		}
		unreachable!("there are batches that do not end");
	}

	/// Whoever cares for a batch does what can be done about it.
	fn settle(&mut self, model: ModelId, batch: BatchNumber) {
		self.challenge_batch(model, batch);
		self.answer_batch(model, batch, who("watcher"), true);
		self.expire_batch(model, batch, true);
		let Some(record) = Batches::<Test>::get(model, batch) else { return };
		if Attribution::orphaned(model, &record).is_some() {
			match <Registry as Operators<_>>::operator(model) {
				Some(operator) => {
					self.call(operator, Call::adopt { model, batch });
				}
				None => self.operate_model(model),
			}
			return;
		}
		let due = Attribution::now() >= record.deadline;
		let most = MAX_PAYEES;
		match record.status {
			Status::Paid if due => self.call(who("stranger"), Call::close { model, batch }),
			Status::Pending if !due => true,
			Status::Paid => true,
			_ => self.call(who("stranger"), Call::finalise { model, batch, most }),
		};
	}

	fn must(&mut self, who: AccountId, call: impl Into<RuntimeCall>) {
		let call = call.into();
		assert!(self.call(who, call.clone()), "{call:?}");
	}

	/// Everybody takes back what is theirs.
	pub fn leave(&mut self) {
		let anyone = who("stranger");
		for ((model, batch, receipt), _) in Demands::<Test>::iter().collect::<Vec<_>>() {
			self.must(anyone.clone(), Call::release_demand { model, batch, receipt });
		}
		for (attestor, record) in Attestors::<Test>::iter().collect::<Vec<_>>() {
			if record.leaving.is_none() {
				self.must(attestor, Call::leave {});
			}
		}
		for model in MODELS {
			if pallet_model_registry::Operators::<Test>::contains_key(model) {
				let end = pallet_model_registry::Call::<Test>::end_operation { model };
				self.must(owner_of(model), end);
			}
		}
		for (model, payer, entry) in pallet_rewards::Payers::<Test>::iter().collect::<Vec<_>>() {
			if entry.balance > 0 {
				let amount = entry.balance;
				self.must(payer, pallet_rewards::Call::<Test>::withdraw { model, amount });
			}
		}
		self.leave_datanets();
		// Longer than any bond or stake answers for anything.
		pass(201);
		self.read(None);
		for (model, payer, entry) in pallet_rewards::Payers::<Test>::iter().collect::<Vec<_>>() {
			if entry.leaving.is_some() {
				self.must(
					anyone.clone(),
					pallet_rewards::Call::<Test>::take_withdrawn { model, payer },
				);
			}
		}
		for attestor in Attestors::<Test>::iter_keys().collect::<Vec<_>>() {
			self.must(anyone.clone(), Call::release_attestor { attestor });
		}
		let retired = pallet_model_registry::RetiredOperators::<Test>::iter();
		for (model, operator, _) in retired.collect::<Vec<_>>() {
			let release = pallet_model_registry::Call::<Test>::release_operator { model, operator };
			self.must(anyone.clone(), release);
		}
		// What was made from another goes before it.
		for model in [MODEL, ANCESTOR] {
			self.must(owner_of(model), pallet_model_registry::Call::<Test>::deprecate { model });
		}
		self.release_datanets();
		self.claim_all();
	}

	/// Ends all flags, and gives up all that is bonded for contributions.
	fn leave_datanets(&mut self) {
		let anyone = who("stranger");
		while pallet_datanets::Flags::<Test>::iter().next().is_some() {
			pass(13);
			self.read(None);
			for (datanet, index, _) in pallet_datanets::Flags::<Test>::iter().collect::<Vec<_>>() {
				let contribution = ContributionRef { datanet, index };
				let advance = pallet_datanets::Call::<Test>::advance_flag { contribution };
				self.must(anyone.clone(), advance);
			}
		}
		for (datanet, record) in pallet_datanets::Datanets::<Test>::iter().collect::<Vec<_>>() {
			self.must(record.owner, pallet_datanets::Call::<Test>::close_datanet { datanet });
		}
		for (datanet, reviewer, _) in pallet_datanets::SeatOf::<Test>::iter().collect::<Vec<_>>() {
			let remove = pallet_datanets::Call::<Test>::remove_reviewer {
				datanet,
				reviewer: reviewer.clone(),
			};
			self.must(reviewer, remove);
		}
		for earner in pallet_datanets::Payees::<Test>::iter_keys().collect::<Vec<_>>() {
			self.must(earner, pallet_datanets::Call::<Test>::set_payee { payee: None });
		}
	}

	fn release_datanets(&mut self) {
		let anyone = who("stranger");
		for (datanet, seat, _) in pallet_datanets::Reviewers::<Test>::iter().collect::<Vec<_>>() {
			let release = pallet_datanets::Call::<Test>::release_reviewer { datanet, seat };
			self.must(anyone.clone(), release);
		}
		let records = pallet_datanets::Contributions::<Test>::iter();
		for (datanet, index, record) in records.collect::<Vec<_>>() {
			if record.bond > 0 {
				let contributions = vec![ContributionRef { datanet, index }].try_into().unwrap();
				let release = pallet_datanets::Call::<Test>::release_bonds { contributions };
				self.must(anyone.clone(), release);
			}
		}
	}

	fn claim_all(&mut self) {
		let anyone = who("stranger");
		let owed = pallet_rewards::Earnings::<Test>::iter();
		for (datanet, index, owed) in owed.collect::<Vec<_>>() {
			let one = || vec![ContributionRef { datanet, index }].try_into().unwrap();
			if owed.earner > 0 {
				self.must(
					anyone.clone(),
					pallet_rewards::Call::<Test>::claim { contributions: one() },
				);
			}
			if owed.curators > 0 {
				let claim = pallet_rewards::Call::<Test>::claim_curation { contributions: one() };
				self.must(anyone.clone(), claim);
			}
		}
		for account in pallet_rewards::Claimable::<Test>::iter_keys().collect::<Vec<_>>() {
			let accounts = vec![account].try_into().unwrap();
			self.must(anyone.clone(), pallet_rewards::Call::<Test>::claim_account { accounts });
		}
	}

	/// Pots are empty, nothing is held, and all that this pallet remembers is how far its lanes are.
	pub fn nothing_is_left(&self) {
		for number in [101, 102, 103] {
			assert_eq!(in_pot(number), 0, "pot {number}");
		}
		for account in frame_system::Account::<Test>::iter_keys() {
			assert_eq!(Balances::total_balance_on_hold(&account), 0);
		}
		assert!(pallet_rewards::Payers::<Test>::iter_values().all(|entry| entry.held() == 0));
		assert_eq!(pallet_rewards::Earnings::<Test>::iter().count(), 0);
		assert_eq!(pallet_rewards::Claimable::<Test>::iter().count(), 0);
		let stored = [
			Batches::<Test>::iter().count(),
			Costs::<Test>::iter().count(),
			Diffs::<Test>::iter().count(),
			Demands::<Test>::iter().count(),
			Exposures::<Test>::iter().count(),
			Attestors::<Test>::iter().count(),
		];
		assert_eq!(stored, [0; 6]);
		assert_eq!(TotalStake::<Test>::get(), 0);
		assert_eq!((EarlyFinal::<Test>::get(), Reserve::<Test>::get()), (0, 0));
		assert!(Lanes::<Test>::iter_values().all(|lane| lane.open == 0));
		let over = |far| matches!(far, Far::Closed | Far::Void);
		assert!(self.index.batches.values().all(|followed| over(followed.far)));
	}
}
