//! The bridge once more, written from its documentation and for nothing but clearness.

use super::{
	l1::{climb, root_of},
	*,
};
use crate::messages::{domain, leaf, Locked};
use sp_core::U256;
use sp_runtime::TokenError;
use std::collections::{BTreeMap, BTreeSet};

/// A call's event, or its error.
pub type Outcome = Result<Event<Test>, DispatchError>;

/// Who calls.
#[derive(Clone, Debug)]
pub enum Caller {
	Root,
	Account(AccountId),
}

impl Caller {
	pub fn origin(&self) -> RuntimeOrigin {
		match self {
			Self::Root => RuntimeOrigin::root(),
			Self::Account(who) => signed(who.clone()),
		}
	}

	fn account(&self) -> Result<&AccountId, DispatchError> {
		match self {
			Self::Root => Err(DispatchError::BadOrigin),
			Self::Account(who) => Ok(who),
		}
	}

	fn must_be_root(&self) -> DispatchResult {
		ensure!(matches!(self, Self::Root), DispatchError::BadOrigin);
		Ok(())
	}
}

/// What moved lately. A capacity drains in a period, evenly.
#[derive(Default)]
struct Level {
	used: Balance,
	at: BlockNumber,
}

impl Level {
	fn used(&self, capacity: Balance, now: BlockNumber) -> Balance {
		let (passed, period) = (Balance::from(now - self.at), Balance::from(PERIOD));
		if passed < period {
			self.used.saturating_sub(capacity * passed / period)
		} else {
			0
		}
	}

	fn free(&self, capacity: Balance, now: BlockNumber) -> Balance {
		capacity.saturating_sub(self.used(capacity, now))
	}

	fn fill(&mut self, amount: Balance, capacity: Balance, now: BlockNumber) {
		*self = Self { used: self.used(capacity, now) + amount, at: now };
	}
}

pub struct Model {
	pub now: BlockNumber,
	/// Of accounts that exist.
	pub balances: BTreeMap<AccountId, Balance>,
	pub limits: Limits,
	/// Nonces of deposits.
	pub executed: BTreeSet<u64>,
	pub parked: BTreeMap<u64, Parked>,
	/// The first has nonce 1.
	pub withdrawals: Vec<Withdrawal>,
	/// Burned without a word to Ethereum.
	pub lost: Balance,
	pub vault: Option<Vault>,
	halts: Halts,
	moved: Totals,
	minted: Level,
	withdrawn: Level,
	/// How many withdrawals earlier blocks had.
	committed: usize,
}

impl Model {
	pub fn new() -> Self {
		Self {
			now: 1,
			balances: [ALICE, BOB, RELAYER].map(|who| (who, ENDOWMENT)).into(),
			limits: LIMITS,
			executed: BTreeSet::new(),
			parked: BTreeMap::new(),
			withdrawals: vec![],
			lost: 0,
			vault: None,
			halts: Halts::default(),
			moved: Totals::default(),
			minted: Level::default(),
			withdrawn: Level::default(),
			committed: 0,
		}
	}

	pub fn balance(&self, who: &AccountId) -> Balance {
		self.balances.get(who).copied().unwrap_or_default()
	}

	pub fn issued(&self) -> Balance {
		self.balances.values().sum()
	}

	/// Whether an account can get as much.
	fn can_take(&self, who: &AccountId, amount: Balance) -> bool {
		self.balance(who) + amount >= EXISTENTIAL_DEPOSIT
	}

	fn give(&mut self, who: &AccountId, amount: Balance) {
		*self.balances.entry(who.clone()).or_default() += amount;
	}

	/// Takes from an account, and what is too little to stay is lost.
	fn take(&mut self, who: &AccountId, amount: Balance) {
		let left = self.balance(who) - amount;
		if left < EXISTENTIAL_DEPOSIT {
			self.balances.remove(who);
			self.lost += left;
		} else {
			self.balances.insert(who.clone(), left);
		}
	}

	/// What a call of the bridge does.
	pub fn bridge(&mut self, caller: &Caller, call: &Call<Test>) -> Outcome {
		match call {
			Call::submit_deposit { proof } => self.submit(caller.account()?, proof),
			Call::claim_parked { nonce } => caller.account().and_then(|_| self.claim(*nonce)),
			Call::withdraw { recipient, amount } => {
				self.withdraw(caller.account()?, *recipient, *amount)
			}
			Call::halt { direction } => {
				ensure!(caller.account()? == &GUARD, DispatchError::BadOrigin);
				*self.halts.of_mut(*direction) = true;
				Ok(Event::DirectionHalted { direction: *direction })
			}
			Call::resume { direction } => {
				caller.must_be_root()?;
				*self.halts.of_mut(*direction) = false;
				Ok(Event::DirectionResumed { direction: *direction })
			}
			Call::set_vault { chain_id, vault, token } => {
				caller.must_be_root()?;
				ensure!(self.vault.is_none(), Error::<Test>::VaultAlreadySet);
				let different = [H160::zero(), *vault, *token];
				let valid = *chain_id > 0 && BTreeSet::from(different).len() == 3;
				ensure!(valid, Error::<Test>::InvalidVault);
				let vault = Vault { chain_id: *chain_id, address: *vault, token: *token };
				self.vault = Some(vault);
				Ok(Event::VaultSet { vault })
			}
			Call::set_limits { limits } => {
				caller.must_be_root()?;
				ensure!(sensible(limits), Error::<Test>::LimitsOutOfRange);
				self.limits = *limits;
				Ok(Event::LimitsSet { limits: *limits })
			}
			Call::__Ignore(..) => unreachable!("it has no value"),
		}
	}

	fn submit(&mut self, submitter: &AccountId, proof: &EventProof) -> Outcome {
		let Log { address, topics, data, .. } = &proof.event_log;
		ensure!(!self.halts.inbound, Error::<Test>::Halted);
		let vault = self.vault.ok_or(Error::<Test>::VaultNotSet)?;
		ensure!(*address == vault.address, Error::<Test>::WrongEmitter);
		ensure!(topics.first() == Some(&Locked::signature()), Error::<Test>::WrongTopic);
		ensure!(topics.len() == 4 && data.len() == 32, Error::<Test>::InvalidLog);
		let [nonce, from] = [1, 2].map(|topic| U256::from_big_endian(&topics[topic].0));
		let fits = nonce.bits() <= 64 && from.bits() <= 160;
		ensure!(fits, Error::<Test>::InvalidLog);
		let (nonce, recipient) = (nonce.as_u64(), topics[3]);
		ensure!(!self.executed.contains(&nonce), Error::<Test>::AlreadyProcessed);
		ensure!(!recipient.is_zero(), Error::<Test>::InvalidRecipient);
		let amount = U256::from_big_endian(data);
		let exists = !amount.is_zero() && amount <= U256::from(SUPPLY);
		ensure!(exists, Error::<Test>::AmountOverflow);
		let length: usize = proof.proof.receipt_proof.iter().map(Vec::len).sum();
		ensure!(length <= 100_000, Error::<Test>::ProofTooLarge);
		let refused = Error::<Test>::Verification(VerificationError::InvalidProof);
		ensure!(Believed::get(), refused);

		let amount = amount.as_u128();
		self.executed.insert(nonce);
		if recipient == CHAIN {
			self.moved.pre_locked += amount;
			return Ok(Event::PreLocked { nonce, amount });
		}
		let recipient = AccountId::new(recipient.0);
		let (room, bound) = self.room();
		if amount > room {
			return Ok(self.park(nonce, recipient, amount, bound));
		}
		if !self.can_take(&recipient, amount) {
			return Ok(self.park(nonce, recipient, amount, ParkReason::Refused));
		}
		// Who cannot take a tip gets none.
		let tip = self.limits.tip.min(amount / 100);
		let tip = if self.can_take(submitter, tip) { tip } else { 0 };
		if tip > 0 {
			self.give(submitter, tip);
		}
		self.give(&recipient, amount - tip);
		self.mint(amount);
		Ok(Event::DepositMinted { nonce, recipient, amount, tip, submitter: submitter.clone() })
	}

	fn park(
		&mut self,
		nonce: u64,
		recipient: AccountId,
		amount: Balance,
		reason: ParkReason,
	) -> Event<Test> {
		self.moved.parked += amount;
		self.parked.insert(nonce, Parked { recipient: recipient.clone(), amount });
		Event::DepositParked { nonce, recipient, amount, reason }
	}

	fn mint(&mut self, amount: Balance) {
		self.moved.minted += amount;
		self.minted.fill(amount, self.limits.deposit_capacity, self.now);
	}

	/// What may be minted now, and what bounds it.
	fn room(&self) -> (Balance, ParkReason) {
		let free = self.minted.free(self.limits.deposit_capacity, self.now);
		let below_cap = self.limits.supply_cap.saturating_sub(self.issued());
		if below_cap < free {
			(below_cap, ParkReason::SupplyCapReached)
		} else {
			(free, ParkReason::RateLimited)
		}
	}

	fn claim(&mut self, nonce: u64) -> Outcome {
		ensure!(!self.halts.inbound, Error::<Test>::Halted);
		let deposit = self.parked.get(&nonce).cloned().ok_or(Error::<Test>::NothingParked)?;
		let Parked { recipient, amount } = deposit;
		let (room, bound) = self.room();
		let capped = bound == ParkReason::SupplyCapReached;
		ensure!(room > 0 || !capped, Error::<Test>::SupplyCapExceeded);
		ensure!(room > 0, Error::<Test>::RateLimited);
		let part = amount.min(room);
		ensure!(self.can_take(&recipient, part), TokenError::BelowMinimum);
		let left = amount - part;
		self.parked.remove(&nonce);
		if left > 0 {
			self.parked.insert(nonce, Parked { recipient: recipient.clone(), amount: left });
		}
		self.moved.parked -= part;
		self.give(&recipient, part);
		self.mint(part);
		Ok(Event::ParkedClaimed { nonce, recipient, amount: part, left })
	}

	fn withdraw(&mut self, who: &AccountId, recipient: H160, amount: Balance) -> Outcome {
		let Limits { min_withdrawal, max_withdrawal, withdrawal_capacity, .. } = self.limits;
		ensure!(!self.halts.outbound, Error::<Test>::Halted);
		let vault = self.vault.ok_or(Error::<Test>::VaultNotSet)?;
		let nobody = recipient.is_zero() || recipient == vault.address || recipient == vault.token;
		ensure!(!nobody, Error::<Test>::InvalidRecipient);
		ensure!(amount >= min_withdrawal, Error::<Test>::BelowMinimum);
		ensure!(amount <= max_withdrawal, Error::<Test>::AboveMaximum);
		ensure!(amount <= self.backing(), Error::<Test>::InsufficientBacking);
		let free = self.withdrawn.free(withdrawal_capacity, self.now);
		ensure!(amount <= free, Error::<Test>::RateLimited);
		let full = self.withdrawals.len() - self.committed == MESSAGES as usize;
		ensure!(!full, Error::<Test>::QueueFull);
		ensure!(amount <= self.balance(who), TokenError::FundsUnavailable);
		self.take(who, amount);
		self.moved.burned += amount;
		self.withdrawn.fill(amount, withdrawal_capacity, self.now);
		self.withdrawals.push(Withdrawal { recipient, amount, block: self.now });
		let nonce = self.withdrawals.len() as u64;
		Ok(Event::WithdrawalQueued { nonce, who: who.clone(), recipient, amount })
	}

	fn backing(&self) -> Balance {
		let Totals { pre_locked, minted, burned, .. } = self.moved;
		if pre_locked < GENESIS {
			0
		} else {
			pre_locked + minted - burned
		}
	}

	/// What a call of `Balances` does.
	pub fn money(&mut self, who: &AccountId, call: &pallet_balances::Call<Test>) -> DispatchResult {
		use pallet_balances::Call::*;
		match call {
			transfer_allow_death { dest, value } => self.transfer(who, dest, *value, false),
			transfer_keep_alive { dest, value } => self.transfer(who, dest, *value, true),
			burn { value, .. } => {
				ensure!(*value <= self.balance(who), TokenError::FundsUnavailable);
				self.take(who, *value);
				self.lost += *value;
				Ok(())
			}
			_ => unreachable!("nobody makes this call"),
		}
	}

	fn transfer(
		&mut self,
		from: &AccountId,
		to: &AccountId,
		amount: Balance,
		keep_alive: bool,
	) -> DispatchResult {
		let has = self.balance(from);
		ensure!(amount <= has, TokenError::FundsUnavailable);
		let dies = has - amount < EXISTENTIAL_DEPOSIT;
		ensure!(!(dies && keep_alive), TokenError::NotExpendable);
		ensure!(self.can_take(to, amount), TokenError::BelowMinimum);
		if from != to {
			self.take(from, amount);
			self.give(to, amount);
		}
		Ok(())
	}

	/// The root of this block's messages and the event that names it. Each of them can be proven.
	pub fn commit(&mut self) -> (H256, Option<Event<Test>>) {
		let first = self.committed as u64 + 1;
		let messages: Vec<_> = (first..).zip(&self.withdrawals[self.committed..]).collect();
		let leaves: Vec<_> = messages
			.iter()
			.map(|(nonce, withdrawal)| {
				leaf(domain(&VAULT, CHAIN), *nonce, withdrawal.recipient, withdrawal.amount)
			})
			.collect();
		let root = root_of(leaves.clone());
		for ((nonce, withdrawal), leaf) in messages.into_iter().zip(&leaves) {
			let (proven, to, proof) = Bridge::prove_withdrawal(nonce).expect("it can be proven");
			assert_eq!((proven, to, climb(*leaf, &proof)), (*withdrawal, root, root));
		}
		self.committed = self.withdrawals.len();
		let count = leaves.len() as u32;
		(root, (count > 0).then_some(Event::MessagesCommitted { root, first, count }))
	}

	/// It knows what the chain knows.
	pub fn check(&self) {
		for (who, balance) in &self.balances {
			assert_eq!(super::balance(who), *balance, "{who:?}");
		}
		assert_eq!(super::issued(), self.issued());
		assert_eq!(Moved::<Test>::get(), self.moved);
		assert_eq!(Halted::<Test>::get(), self.halts);
		assert_eq!(CurrentLimits::<Test>::get(), self.limits);
		assert_eq!(TheVault::<Test>::get(), self.vault);
		assert_eq!(ParkedDeposits::<Test>::iter().collect::<BTreeMap<_, _>>(), self.parked);
		assert_eq!(WithdrawalCount::<Test>::get(), self.withdrawals.len() as u64);
		assert_eq!(Bridge::mintable(), self.room().0);
		let free = self.withdrawn.free(self.limits.withdrawal_capacity, self.now);
		assert_eq!(Bridge::withdrawable(), free.min(self.backing()));
	}
}

/// Whether limits do not contradict each other.
fn sensible(limits: &Limits) -> bool {
	let Limits {
		deposit_capacity,
		withdrawal_capacity,
		min_withdrawal,
		max_withdrawal,
		supply_cap,
		tip,
	} = *limits;
	let all = [deposit_capacity, withdrawal_capacity, max_withdrawal, supply_cap];
	all.iter().all(|amount| *amount <= SUPPLY)
		&& min_withdrawal >= EXISTENTIAL_DEPOSIT
		&& [max_withdrawal, deposit_capacity].iter().all(|amount| *amount >= min_withdrawal)
		&& max_withdrawal <= withdrawal_capacity
		&& tip <= min_withdrawal
}
