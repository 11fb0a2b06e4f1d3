//! What people do when they do whatever comes to their mind. An act says whether it succeeded: a
//! cheat, whether it was refused.

use super::*;
use crate::messages::Locked;
use sp_core::U256;

pub type Act = fn(&mut World) -> bool;

/// What people do, and how often.
pub const ACTS: [(u128, &str, Act); 21] = [
	(12, "lock and prove", World::deposit),
	(8, "lock", World::lock),
	(9, "prove what waits", World::prove_waiting),
	(4, "a tiny deposit", World::dust),
	(1, "a huge deposit", World::whale),
	(3, "a deposit to somebody new", World::stranger),
	(3, "pre-lock", World::pre_lock),
	(5, "replay", World::replay),
	(8, "forge", World::forge),
	(10, "claim", World::claim),
	(16, "withdraw", World::withdraw),
	(1, "withdraw in a rush", World::rush),
	(9, "unlock on Ethereum", World::unlock),
	(2, "unlock again", World::unlock_again),
	(1, "halt", World::halt),
	(6, "resume", World::resume),
	(2, "set limits", World::set_limits),
	(2, "name the vault", World::set_vault),
	(1, "name another vault", World::set_other_vault),
	(6, "transfer", World::transfer),
	(2, "burn", World::burn),
];

impl World {
	/// Something that is not sensible.
	fn wild(&mut self) -> bool {
		self.random.chance(5)
	}

	fn someone(&mut self) -> AccountId {
		self.random.pick(&self.people).expect("there are people")
	}

	/// Root, or in rare cases somebody who is not.
	fn governance(&mut self) -> Caller {
		if self.wild() {
			Caller::Account(self.someone())
		} else {
			Caller::Root
		}
	}

	/// Somebody has this locked on Ethereum, and somebody proves it here.
	fn lock_and_prove(&mut self, recipient: AccountId, amount: Balance) -> bool {
		let locked = self.l1.lock(H256(recipient.into()), amount);
		locked.is_some_and(|locked| self.prove(&locked))
	}

	fn prove(&mut self, locked: &Locked) -> bool {
		self.submit(log_of(VAULT.address, locked), no_proof())
	}

	fn submit(&mut self, event_log: Log, proof: Proof) -> bool {
		let submitter = self.someone();
		let proof = Box::new(EventProof { event_log, proof });
		self.call(Caller::Account(submitter), Call::submit_deposit { proof })
	}

	fn deposit(&mut self) -> bool {
		let (recipient, amount) = (self.someone(), self.random.between(100, 800));
		self.lock_and_prove(recipient, amount)
	}

	fn lock(&mut self) -> bool {
		let (recipient, amount) = (self.someone(), self.random.between(1, 800));
		self.l1.lock(H256(recipient.into()), amount).is_some()
	}

	/// In no order.
	fn prove_waiting(&mut self) -> bool {
		let waiting: Vec<_> = self.waiting().cloned().collect();
		self.random.pick(&waiting).is_some_and(|locked| self.prove(&locked))
	}

	fn dust(&mut self) -> bool {
		let (recipient, amount) = (self.someone(), self.random.between(1, 2 * EXISTENTIAL_DEPOSIT));
		self.lock_and_prove(recipient, amount)
	}

	fn whale(&mut self) -> bool {
		let (recipient, amount) = (self.someone(), self.random.between(10_000, 100_000));
		self.lock_and_prove(recipient, amount)
	}

	fn stranger(&mut self) -> bool {
		let recipient = AccountId::new([self.random.between(10, 30) as u8; 32]);
		let amount = self.random.between(1, 1_500);
		if !self.people.contains(&recipient) {
			self.people.push(recipient.clone());
		}
		self.lock_and_prove(recipient, amount)
	}

	fn pre_lock(&mut self) -> bool {
		let amount = self.random.between(1, 50_000);
		self.lock_and_prove(CHAIN.0.into(), amount)
	}

	fn replay(&mut self) -> bool {
		let executed: Vec<_> = self.model.executed.iter().copied().collect();
		let Some(nonce) = self.random.pick(&executed) else { return false };
		let again = self.l1.deposits[nonce as usize - 1].clone();
		let other = Locked { amount: again.amount + 1, ..again.clone() };
		let event = if self.random.chance(50) { again } else { other };
		!self.prove(&event)
	}

	/// What the vault never emitted, or no light client believes. A nonce is not lost by it.
	fn forge(&mut self) -> bool {
		let waiting: Vec<_> = self.waiting().map(|deposit| deposit.nonce).collect();
		let fresh = self.l1.deposits.len() as u64 + 1 + self.random.below(1_000) as u64;
		let nonce = self.random.pick(&waiting).unwrap_or(fresh);
		let event = locked(nonce, &self.someone(), self.random.between(1, 50_000));
		let (mut event, mut proof) = (event, no_proof());
		let kind = self.random.below(12);
		match kind {
			0 => event.recipient = H256::zero(),
			1 => event.amount = U256::zero(),
			2 => event.amount = U256::from(SUPPLY) + self.random.between(1, SUPPLY),
			3 => event.amount += U256::one() << 128,
			4 => proof.receipt_proof = vec![vec![0; 30_000]; 5],
			5 | 6 => Believed::set(false),
			_ => {}
		}
		let mut log = log_of(VAULT.address, &event);
		match kind {
			7 => log.address = VAULT.token,
			8 => log.topics[0] = H256::repeat_byte(1),
			9 => log.topics[2] = H256::repeat_byte(1),
			10 => log.topics[1].0[self.random.below(24) as usize] = 1,
			11 if self.random.chance(50) => log.topics.truncate(3),
			11 => log.data.push(0),
			_ => {}
		}
		let taken = self.submit(log, proof);
		Believed::set(true);
		!taken
	}

	fn claim(&mut self) -> bool {
		let parked: Vec<_> = self.model.parked.keys().copied().collect();
		let nonce = self.random.pick(&parked).filter(|_| !self.random.chance(5));
		let nonce = nonce.unwrap_or(self.random.below(100) as u64);
		let who = self.someone();
		self.call(Caller::Account(who), Call::claim_parked { nonce })
	}

	fn withdraw(&mut self) -> bool {
		let who = self.someone();
		let has = self.model.balance(&who);
		let Limits { min_withdrawal, max_withdrawal, .. } = self.model.limits;
		let amount = match self.random.below(20) {
			0 => min_withdrawal - 1,
			1 => max_withdrawal + 1,
			2 => max_withdrawal,
			3 => has,
			4 => has + 1,
			5 => has.saturating_sub(self.random.below(EXISTENTIAL_DEPOSIT)),
			_ => self.random.between(min_withdrawal, (min_withdrawal + has) / 4),
		};
		let mut recipient = H160::repeat_byte(self.random.between(1, 99) as u8);
		if self.wild() {
			let nobody = [H160::zero(), VAULT.address, VAULT.token];
			recipient = nobody[self.random.below(3) as usize];
		}
		self.call(Caller::Account(who), Call::withdraw { recipient, amount })
	}

	/// More than a block has room for.
	fn rush(&mut self) -> bool {
		let amount = self.model.limits.min_withdrawal;
		let went = (0..MESSAGES + 2).filter(|_| {
			let who = self.someone();
			self.call(Caller::Account(who), Call::withdraw { recipient: CAROL, amount })
		});
		went.count() > 0
	}

	/// Somebody is paid on Ethereum, if the block of his withdrawal is complete.
	fn unlock(&mut self) -> bool {
		let count = self.model.withdrawals.len() as u128;
		let nonce = self.random.between(1, count) as u64;
		if count == 0 || self.l1.unlocked.contains(&nonce) {
			return false;
		}
		self.pay(nonce)
	}

	fn pay(&mut self, nonce: u64) -> bool {
		let Some((withdrawal, _, proof)) = Bridge::prove_withdrawal(nonce) else {
			let made = self.model.withdrawals[nonce as usize - 1].block;
			assert_eq!(made, self.model.now, "an old withdrawal cannot be proven");
			return false;
		};
		assert_eq!(withdrawal, self.model.withdrawals[nonce as usize - 1]);
		let more = Withdrawal { amount: withdrawal.amount + 1, ..withdrawal };
		assert!(!self.l1.unlock(nonce, &more, &proof));
		assert!(!self.l1.unlock(nonce + 1, &withdrawal, &proof));
		assert!(self.l1.unlock(nonce, &withdrawal, &proof));
		self.holds();
		true
	}

	fn unlock_again(&mut self) -> bool {
		let paid: Vec<_> = self.l1.unlocked.iter().copied().collect();
		let Some(nonce) = self.random.pick(&paid) else { return false };
		let (withdrawal, _, proof) = Bridge::prove_withdrawal(nonce).expect("it was proven once");
		!self.l1.unlock(nonce, &withdrawal, &proof)
	}

	fn direction(&mut self) -> Direction {
		if self.random.chance(50) {
			Direction::Inbound
		} else {
			Direction::Outbound
		}
	}

	fn halt(&mut self) -> bool {
		let caller = if self.wild() { Caller::Root } else { Caller::Account(GUARD) };
		let direction = self.direction();
		self.call(caller, Call::halt { direction })
	}

	fn resume(&mut self) -> bool {
		let caller = if self.wild() { Caller::Account(GUARD) } else { Caller::Root };
		let direction = self.direction();
		self.call(caller, Call::resume { direction })
	}

	fn set_limits(&mut self) -> bool {
		let random = &mut self.random;
		let min_withdrawal = random.between(EXISTENTIAL_DEPOSIT, 300);
		let withdrawal_capacity = random.between(10_000, 60_000);
		let near = self.model.issued() + random.below(3_000);
		let mut limits = Limits {
			deposit_capacity: random.between(5_000, 100_000),
			withdrawal_capacity,
			min_withdrawal,
			max_withdrawal: random.between(5_000, withdrawal_capacity),
			supply_cap: if random.chance(25) { near } else { random.between(GENESIS, SUPPLY) },
			tip: random.between(0, min_withdrawal),
		};
		if self.random.chance(20) {
			match self.random.below(8) {
				0 => limits.min_withdrawal = self.random.below(EXISTENTIAL_DEPOSIT),
				1 => limits.min_withdrawal = limits.max_withdrawal + 1,
				2 => limits.max_withdrawal = limits.withdrawal_capacity + 1,
				3 => limits.withdrawal_capacity = SUPPLY + 1,
				4 => limits.deposit_capacity = SUPPLY + 1,
				5 => limits.deposit_capacity = limits.min_withdrawal - 1,
				6 => limits.supply_cap = SUPPLY + 1,
				_ => limits.tip = limits.min_withdrawal + 1,
			}
		}
		let caller = self.governance();
		self.call(caller, Call::set_limits { limits })
	}

	/// It succeeds once.
	fn set_vault(&mut self) -> bool {
		let Vault { chain_id, address, token } = VAULT;
		let caller = self.governance();
		let first = self.model.vault.is_none();
		let named = self.call(caller, Call::set_vault { chain_id, vault: address, token });
		named || !first
	}

	/// It never succeeds.
	fn set_other_vault(&mut self) -> bool {
		let Vault { chain_id, address, token } = VAULT;
		let zero = H160::zero();
		let other = match self.random.below(4) {
			0 => (0, address, token),
			1 => (chain_id, zero, token),
			2 => (chain_id, address, zero),
			_ => (chain_id, token, token),
		};
		let (chain_id, vault, token) = other;
		!self.call(Caller::Root, Call::set_vault { chain_id, vault, token })
	}

	fn transfer(&mut self) -> bool {
		let (who, dest) = (self.someone(), self.someone());
		let has = self.model.balance(&who);
		let value = match self.random.below(8) {
			0 => has,
			1 => has + 1,
			2 => has.saturating_sub(self.random.below(EXISTENTIAL_DEPOSIT)),
			3 => self.random.between(1, EXISTENTIAL_DEPOSIT),
			_ => self.random.between(1, has / 3),
		};
		let value = value.max(1);
		let call = if self.random.chance(50) {
			pallet_balances::Call::transfer_allow_death { dest, value }
		} else {
			pallet_balances::Call::transfer_keep_alive { dest, value }
		};
		self.money(who, call)
	}

	/// Mostly what makes an account die of dust.
	fn burn(&mut self) -> bool {
		let who = self.someone();
		let has = self.model.balance(&who);
		let value = match self.random.below(10) {
			0 => has.saturating_sub(self.random.between(1, EXISTENTIAL_DEPOSIT)),
			1 => has + 1,
			_ => self.random.between(1, 20),
		};
		self.money(who, pallet_balances::Call::burn { value: value.max(1), keep_alive: false })
	}

	/// The vault is named, all is locked, proven, claimed, withdrawn and paid.
	pub fn leave(&mut self) {
		if self.model.vault.is_none() {
			let Vault { chain_id, address, token } = VAULT;
			self.must(Caller::Root, Call::set_vault { chain_id, vault: address, token });
		}
		for direction in [Direction::Inbound, Direction::Outbound] {
			self.must(Caller::Root, Call::resume { direction });
		}
		let limits = Limits {
			deposit_capacity: SUPPLY,
			withdrawal_capacity: SUPPLY,
			min_withdrawal: EXISTENTIAL_DEPOSIT,
			max_withdrawal: SUPPLY,
			supply_cap: SUPPLY,
			tip: 0,
		};
		self.must(Caller::Root, Call::set_limits { limits });
		let missing = GENESIS.saturating_sub(Moved::<Test>::get().pre_locked);
		assert!(missing == 0 || self.l1.lock(CHAIN, missing).is_some());
		for recipient in self.people.clone() {
			// Who has too little to exist, gets enough.
			assert!(self.l1.lock(H256(recipient.into()), EXISTENTIAL_DEPOSIT).is_some());
		}
		let waiting: Vec<_> = self.waiting().cloned().collect();
		waiting.iter().for_each(|locked| assert!(self.prove(locked)));
		for nonce in self.model.parked.keys().copied().collect::<Vec<_>>() {
			self.must(Caller::Account(BOB), Call::claim_parked { nonce });
		}
		let everybody: Vec<_> = self.model.balances.clone().into_iter().collect();
		for few in everybody.chunks(MESSAGES as usize) {
			for (who, amount) in few {
				let caller = Caller::Account(who.clone());
				self.must(caller, Call::withdraw { recipient: CAROL, amount: *amount });
			}
			self.next_block();
		}
		for nonce in 1..=self.model.withdrawals.len() as u64 {
			assert!(self.l1.unlocked.contains(&nonce) || self.pay(nonce));
		}
		assert_eq!(issued(), 0);
		let Totals { pre_locked, parked, .. } = Moved::<Test>::get();
		assert_eq!(parked, 0);
		assert_eq!(self.l1.locked, pre_locked - GENESIS + self.model.lost);
	}

	fn must(&mut self, caller: Caller, call: Call<Test>) {
		assert!(self.call(caller, call));
	}
}
