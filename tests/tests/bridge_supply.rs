//! Money over the bridge: whatever comes in, waits, leaves, is halted, paid out, slashed and swept up, in
//! whatever order, there is never more OPEN here than the vault on Ethereum holds for it.

use frame_support::{assert_ok, traits::fungible::Inspect};
use openledger_primitives::{
	accounts::{account, STAKERS_POT},
	units::{EXISTENTIAL_DEPOSIT, MILLI_OPEN, OPEN},
	AccountId, Balance,
};
use openledger_runtime::{
	configs::bridge::{InitialLimits, ETHEREUM_SUPPLY},
	genesis::SUPPLY,
	governance::origins::Origin,
	Balances, Executive, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, Staking,
};
use openledger_settlement::sample::Random;
use openledger_tests::{
	ethereum::{recipient, submit, submit_deposit, withdraw, Ethereum, CAROL, RELAYER},
	signed, stranger, Chain,
};
use pallet_ethereum_bridge::{Direction, Event, Limits, Moved, Totals};
use pallet_staking::RewardDestination;
use sp_core::H256;
use sp_keyring::Sr25519Keyring as Account;
use sp_runtime::{traits::Dispatchable, MultiAddress, Perbill};
use sp_staking::offence::OffenceDetails;
use std::collections::{BTreeMap, BTreeSet};

type Call = pallet_ethereum_bridge::Call<Runtime>;

/// Eras that a life has.
const ERAS: u32 = 10;
/// The era in which a validator is caught.
const OFFENCE: u32 = 3;
const VALIDATORS: [Account; 4] = [Account::Alice, Account::Bob, Account::Charlie, Account::Dave];
/// Who have OPEN from genesis on.
const RICH: [Account; 6] =
	[Account::Alice, Account::Bob, Account::Charlie, Account::Dave, Account::Eve, Account::Ferdie];
/// Who have only what comes over the bridge.
const POOR: [Account; 4] =
	[Account::Two, Account::AliceStash, Account::EveStash, Account::FerdieStash];

/// What an auditor on Ethereum writes down, from what was locked there and from the messages.
#[derive(Default)]
struct Books {
	/// Everything that was ever locked, by nonce.
	locked: BTreeMap<u64, (H256, Balance)>,
	/// What this chain has executed of it.
	executed: BTreeSet<u64>,
	pre_locked: Balance,
	minted: Balance,
	waiting: BTreeMap<u64, Balance>,
	/// Messages so far, and what they took out: all of them are paid at once.
	messages: u64,
	paid: Balance,
}

impl Books {
	fn read(&mut self, genesis: H256, event: &Event<Runtime>) {
		match event {
			Event::PreLocked { nonce, amount } => {
				self.execute(*nonce, genesis, *amount);
				self.pre_locked += amount;
			}
			Event::DepositMinted { nonce, recipient, amount, tip, .. } => {
				self.execute(*nonce, H256(recipient.clone().into()), *amount);
				assert!(*tip <= amount / 100, "a tip of {tip} of {amount}");
				self.minted += amount;
			}
			Event::DepositParked { nonce, recipient, amount, .. } => {
				self.execute(*nonce, H256(recipient.clone().into()), *amount);
				self.waiting.insert(*nonce, *amount);
			}
			Event::ParkedClaimed { nonce, amount, left, .. } => {
				assert_eq!(self.waiting.remove(nonce), Some(amount + left), "deposit {nonce}");
				if *left > 0 {
					self.waiting.insert(*nonce, *left);
				}
				self.minted += amount;
			}
			Event::WithdrawalQueued { nonce, amount, .. } => {
				self.messages += 1;
				assert_eq!(*nonce, self.messages, "messages are numbered without gaps");
				self.paid += amount;
			}
			_ => {}
		}
	}

	fn execute(&mut self, nonce: u64, recipient: H256, amount: Balance) {
		assert_eq!(self.locked.get(&nonce), Some(&(recipient, amount)), "deposit {nonce}");
		assert!(self.executed.insert(nonce), "deposit {nonce} came twice");
	}

	/// What is locked for deposits that this chain knows of, less what it has sent back.
	fn vault(&self) -> Balance {
		let locked: Balance = self.executed.iter().map(|nonce| self.locked[nonce].1).sum();
		locked.checked_sub(self.paid).expect("the vault pays what it holds")
	}

	/// What must be true after every block.
	fn audit(&self, height: u32) {
		let parked = self.waiting.values().sum();
		let Self { pre_locked, minted, paid, .. } = *self;
		assert_eq!(Moved::<Runtime>::get(), Totals { pre_locked, minted, burned: paid, parked });
		let issuance = Balances::total_issuance();
		assert!(issuance <= SUPPLY + minted - paid, "block {height}: {issuance} are issued");
		if pre_locked < SUPPLY {
			assert_eq!(paid, 0, "block {height}: something left before genesis was locked");
		} else {
			assert!(
				issuance + parked <= self.vault(),
				"block {height}: the vault holds too little"
			);
		}
	}
}

/// Who does what.
struct Act {
	name: &'static str,
	/// Signed and paid for, with a tip; or dispatched, free of charge.
	by: Result<(Account, Balance), RuntimeOrigin>,
	call: RuntimeCall,
}

/// A life of the chain.
struct Life {
	chain: Chain,
	ethereum: Ethereum,
	genesis: H256,
	random: Random,
	books: Books,
	/// Deposits that nobody has proven yet.
	unproven: Vec<u64>,
	/// Which deposits lock what was issued at genesis.
	pre_locks: [u64; 3],
	/// How often what happened.
	seen: BTreeMap<&'static str, u32>,
}

impl Life {
	fn new(seed: u64) -> Self {
		let mut ethereum = Ethereum::new();
		let mut chain = Chain::patched("local_testnet", ethereum.genesis());
		chain.blocks(1);
		let genesis = chain.genesis_hash();
		let mut random = Random(seed);
		let mut books = Books::default();

		// Everything is locked at once: one update of the light client is enough for all proofs.
		let third = SUPPLY / 3;
		let pre_locks = [third, third, SUPPLY - 2 * third].map(|amount| (genesis, amount));
		let mut lock = |deposits: &[(H256, Balance)]| {
			let nonces = ethereum.lock(deposits);
			books.locked.extend(nonces.iter().copied().zip(deposits.iter().copied()));
			nonces
		};
		let pre_locks: [u64; 3] = lock(&pre_locks).try_into().expect("there are three");
		let mut unproven = Vec::new();
		for _ in 0..8 {
			let deposits: Vec<_> = (0..40).map(|_| deposit(&mut random)).collect();
			unproven.extend(lock(&deposits));
		}
		chain.must(RELAYER, submit(ethereum.finalise()));
		let seen = BTreeMap::new();
		Self { chain, ethereum, genesis, random, books, unproven, pre_locks, seen }
	}

	/// Validators with each destination of rewards, a nominator and a pool behind them.
	fn settle_stakers(&mut self) {
		let chain = &mut self.chain;
		let pot = account(STAKERS_POT);
		for (who, payee) in [
			(Account::Alice, RewardDestination::Staked),
			(Account::Bob, RewardDestination::Stash),
			(Account::Charlie, RewardDestination::Account(stranger(7))),
			(Account::Dave, RewardDestination::Account(pot)),
		] {
			chain.must(who, pallet_staking::Call::set_payee { payee });
		}
		let (value, payee) = (500_000 * OPEN, RewardDestination::Staked);
		chain.must(Account::Eve, pallet_staking::Call::bond { value, payee });
		let targets = VALIDATORS.map(|who| MultiAddress::Id(who.to_account_id())).to_vec();
		chain.must(Account::Eve, pallet_staking::Call::nominate { targets });
		let ferdie = MultiAddress::Id(Account::Ferdie.to_account_id());
		let create = pallet_nomination_pools::Call::create {
			amount: 100_000 * OPEN,
			root: ferdie.clone(),
			nominator: ferdie.clone(),
			bouncer: ferdie,
		};
		chain.must(Account::Ferdie, create);
		let validators = vec![Account::Alice.to_account_id(), Account::Bob.to_account_id()];
		let nominate = pallet_nomination_pools::Call::nominate { pool_id: 1, validators };
		chain.must(Account::Ferdie, nominate);
		chain.must(Account::Alice, transfer(Account::One, 2_000 * OPEN));
		let join = pallet_nomination_pools::Call::join { amount: 1_000 * OPEN, pool_id: 1 };
		chain.must(Account::One, join);
	}

	fn era(&mut self) -> u32 {
		self.chain.state(|| pallet_staking::ActiveEra::<Runtime>::get().map_or(0, |era| era.index))
	}

	fn saw(&mut self, what: &'static str) {
		*self.seen.entry(what).or_default() += 1;
	}

	/// Something that somebody does.
	fn act(&mut self) -> Act {
		let random = &mut self.random;
		let mut pick = |from: &[Account]| from[random.below(from.len() as u32) as usize];
		let (rich, poor, validator) = (pick(&RICH), pick(&POOR), pick(&VALIDATORS));
		let paid = |name, who, call: RuntimeCall| Act { name, by: Ok((who, 0)), call };
		let free =
			|name, origin: RuntimeOrigin, call: RuntimeCall| Act { name, by: Err(origin), call };
		let admin = || RuntimeOrigin::from(Origin::BridgeAdmin);
		match random.below(100) {
			0..24 if !self.unproven.is_empty() => {
				let at = random.below(self.unproven.len() as u32) as usize;
				let nonce = self.unproven[at];
				paid("deposit", rich, submit_deposit(self.ethereum.proof(nonce)))
			}
			24..27 => match self.books.executed.first() {
				Some(nonce) => {
					paid("deposit again", rich, submit_deposit(self.ethereum.proof(*nonce)))
				}
				None => self.act(),
			},
			27..35 => {
				let waiting: Vec<_> = self.books.waiting.keys().copied().collect();
				let nonce = waiting.get(random.below(waiting.len() as u32) as usize).copied();
				paid("claim", rich, Call::claim_parked { nonce: nonce.unwrap_or(1) }.into())
			}
			35..52 => {
				let most = [5, 100, 5_000, 90_000, 120_000][random.below(5) as usize];
				let amount =
					Balance::from(random.below(most) + 5) * OPEN + Balance::from(random.next());
				paid("withdraw", rich, withdraw(CAROL, amount))
			}
			52..57 => paid("withdraw", poor, withdraw(CAROL, 10 * OPEN)),
			57..61 => {
				// All but less than an account may hold.
				let all = self.chain.state(|| Balances::total_balance(&poor.to_account_id()));
				let amount = all.saturating_sub(EXISTENTIAL_DEPOSIT / 2);
				let origin = RuntimeOrigin::signed(poor.to_account_id());
				free("leave", origin, withdraw(CAROL, amount))
			}
			61..68 => {
				let value = Balance::from(random.below(1_000)) * OPEN / 7;
				Act { by: Ok((rich, OPEN)), ..paid("transfer", rich, transfer(poor, value)) }
			}
			68..72 => {
				let all = self.chain.state(|| Balances::total_balance(&poor.to_account_id()));
				let value = all.saturating_sub(EXISTENTIAL_DEPOSIT / 3);
				free("die", RuntimeOrigin::signed(poor.to_account_id()), transfer(rich, value))
			}
			72..80 => {
				let back = random.below(3) + 1;
				let era = self.era().saturating_sub(back);
				let validator_stash = validator.to_account_id();
				let payout = pallet_staking::Call::payout_stakers { validator_stash, era };
				paid("payout", rich, payout.into())
			}
			80..82 => paid(
				"pool payout",
				Account::One,
				pallet_nomination_pools::Call::claim_payout {}.into(),
			),
			82..86 => free("halt", admin(), Call::halt { direction: direction(random) }.into()),
			86..94 => free("resume", admin(), Call::resume { direction: direction(random) }.into()),
			_ => free("limits", admin(), Call::set_limits { limits: limits(random) }.into()),
		}
	}

	/// A block of what chance decides, and what the auditor says to it.
	fn block(&mut self) {
		let mut acts: Vec<_> = (0..self.random.below(5)).map(|_| self.act()).collect();
		for (nonce, since) in self.pre_locks.into_iter().zip([30, 40, 50]) {
			if self.chain.height() >= since && !self.books.executed.contains(&nonce) {
				let call = submit_deposit(self.ethereum.proof(nonce));
				acts.push(Act { name: "pre-lock", by: Ok((RELAYER, 0)), call });
			}
		}
		let done = self.chain.block(|| {
			let apply = |Act { name, by, call }: Act| {
				let done = match by {
					// What the block has no room for, or nobody can pay for, does not count.
					Ok((who, tip)) => match Executive::apply_extrinsic(signed(who, call, tip)) {
						Ok(outcome) => outcome.is_ok(),
						Err(_) => return (name, None),
					},
					Err(origin) => call.dispatch(origin).is_ok(),
				};
				(name, Some(done))
			};
			acts.into_iter().map(apply).collect::<Vec<_>>()
		});
		for (name, outcome) in done {
			match outcome {
				Some(true) => self.saw(name),
				Some(false) => self.saw("refused"),
				None => self.saw("not included"),
			}
		}
		for event in self.chain.events() {
			match event {
				RuntimeEvent::EthereumBridge(event) => {
					self.books.read(self.genesis, &event);
					if matches!(event, Event::DepositParked { .. }) {
						self.saw("parked");
					}
				}
				RuntimeEvent::Balances(pallet_balances::Event::DustLost { .. }) => self.saw("dust"),
				RuntimeEvent::Staking(pallet_staking::Event::Rewarded { .. }) => self.saw("reward"),
				RuntimeEvent::Staking(pallet_staking::Event::Slashed { .. }) => self.saw("slash"),
				_ => {}
			}
		}
		let executed = &self.books.executed;
		self.unproven.retain(|nonce| !executed.contains(nonce));
		let height = self.chain.height();
		self.chain.state(|| self.books.audit(height));
	}

	/// What is checked once in an era.
	fn close_era(&mut self) {
		self.chain.try_state();
		self.chain.state(|| {
			let held: Balance = frame_system::Account::<Runtime>::iter_values()
				.map(|account| account.data.free + account.data.reserved)
				.sum();
			assert_eq!(held, Balances::total_issuance(), "every unit is somebody's");
		});
	}

	/// A validator is caught; the slash comes eras later.
	fn catch(&mut self, who: Account) {
		// He does not author the block that disables him: that block would be invalid.
		self.chain.offline = vec![self.chain.authority_index(who)];
		self.chain.block(|| {
			let session = pallet_session::CurrentIndex::<Runtime>::get();
			let offender = who.to_account_id();
			let reporters = vec![RELAYER.to_account_id()];
			let offence = std::iter::once(OffenceDetails { offender, reporters });
			Staking::on_offence(offence, &[Perbill::from_percent(10)], session);
		});
		self.chain.offline.clear();
	}
}

fn transfer(to: Account, value: Balance) -> RuntimeCall {
	let dest = MultiAddress::Id(to.to_account_id());
	pallet_balances::Call::transfer_allow_death { dest, value }.into()
}

fn direction(random: &mut Random) -> Direction {
	if random.below(2) == 0 {
		Direction::Inbound
	} else {
		Direction::Outbound
	}
}

/// What somebody locks, dust and too much of it included.
fn deposit(random: &mut Random) -> (H256, Balance) {
	let unit = [1, EXISTENTIAL_DEPOSIT / 10, OPEN, OPEN, 100 * OPEN, 20_000 * OPEN];
	let amount =
		unit[random.below(unit.len() as u32) as usize] * Balance::from(random.below(60) + 1);
	let who: AccountId = match random.below(10) {
		0..6 => POOR[random.below(4) as usize].to_account_id(),
		6 => RICH[random.below(6) as usize].to_account_id(),
		7 => account(STAKERS_POT),
		_ => stranger(random.below(200) as u8 + 20),
	};
	(recipient(who), amount)
}

/// Limits, some of which are out of their bounds.
fn limits(random: &mut Random) -> Limits {
	let mut pick = |from: [Balance; 4]| from[random.below(4) as usize];
	Limits {
		deposit_capacity: pick([1_000, 100_000, 1_000_000, 5_000_000]) * OPEN,
		withdrawal_capacity: pick([50_000, 100_000, 1_000_000, 2_000_000]) * OPEN,
		min_withdrawal: pick([1, 5, 10, 20]) * OPEN,
		max_withdrawal: pick([1_000, 10_000, 100_000, 100_000]) * OPEN,
		supply_cap: pick([SUPPLY, SUPPLY + 500_000 * OPEN, SUPPLY + SUPPLY / 10, ETHEREUM_SUPPLY]),
		tip: pick([0, MILLI_OPEN, 100 * MILLI_OPEN, OPEN]),
	}
}

#[test]
fn there_is_never_more_open_than_the_vault_holds() {
	for seed in [1, 2, 3] {
		let mut life = Life::new(seed);
		life.settle_stakers();
		let (mut era, mut caught) = (life.era(), false);
		let last = era + ERAS;
		while era < last {
			life.block();
			if era == OFFENCE && !caught {
				life.catch(Account::Dave);
				caught = true;
			}
			let now = life.era();
			if now > era {
				life.close_era();
				era = now;
			}
		}
		println!("seed {seed}: {} blocks, {:?}", life.chain.height(), life.seen);
		// All of it has happened, and more than once where chance decides.
		for (what, least) in [
			("deposit", 50),
			("parked", 5),
			("claim", 1),
			("pre-lock", 3),
			("withdraw", 20),
			("leave", 1),
			("transfer", 10),
			("die", 1),
			("dust", 2),
			("payout", 5),
			("reward", 10),
			("slash", 1),
			("halt", 5),
			("resume", 5),
			("limits", 5),
			("refused", 20),
		] {
			let seen = life.seen.get(what).copied().unwrap_or_default();
			assert!(seen >= least, "seed {seed}: {what} {seen} times");
		}
		let books = &life.books;
		assert!(books.minted > 0 && books.paid > 0 && books.pre_locked == SUPPLY);

		// AND who has anything left can leave, once it stands open again.
		let limits = Limits { supply_cap: ETHEREUM_SUPPLY, ..InitialLimits::get() };
		assert_ok!(life.chain.dispatch(Origin::BridgeAdmin, Call::set_limits { limits }));
		for direction in [Direction::Inbound, Direction::Outbound] {
			assert_ok!(life.chain.dispatch(Origin::BridgeAdmin, Call::resume { direction }));
		}
		life.chain.must(Account::Bob, withdraw(CAROL, 10 * OPEN));
		life.close_era();
	}
}
