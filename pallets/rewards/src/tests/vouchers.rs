//! Vouchers: who may sign what, and that it is paid once.

use super::*;
use openledger_primitives::Signature;
use openledger_settlement::chain::Head;

fn sign(key: &Key, message: &[u8], bought: Bought) -> Voucher<AccountId> {
	Voucher { payer: key.account(), bought, signature: key.sign(message) }
}

/// The bytes to be signed.
fn message(key: &Key, bought: &Bought) -> Vec<u8> {
	voucher::message(System::block_hash(0), MODEL, &key.account(), bought)
}

/// Gives somebody enough to open an entry.
fn enrich(who: &AccountId) {
	let amount = money::units(10_000) + FEE;
	assert_ok!(Balances::transfer_allow_death(signed(ANYONE), who.clone(), amount));
}

#[test]
fn keys_of_every_kind_sign_bare_bytes_and_as_wallets_wrap_them() {
	build_and_execute(|| {
		for key in Key::of_all_kinds(99) {
			enrich(&key.account());
			open(&key, MODEL, 1_000);
			let [first, second] = [bought(3, 100), bought(4, 250)];
			let bare = sign(&key, &message(&key, &first), first);
			let purchase = Purchase { before: Bought::default(), after: first };
			assert_eq!(take(MODEL, &bare), Ok(purchase));
			let payer = key.account();
			happened(Event::Spent { model: MODEL, payer, bought: first, cost: 100 });

			let wrapped = [b"<Bytes>", &message(&key, &second)[..], b"</Bytes>"].concat();
			let purchase = Purchase { before: first, after: second };
			assert_eq!(take(MODEL, &sign(&key, &wrapped, second)), Ok(purchase));
			assert_eq!(entry(&key, MODEL).bought, second);
			assert_eq!(Rewards::left(MODEL, key.account()), 750);
		}
		assert_eq!((Rewards::escrowed(), in_pot(PAYERS)), (1_000, 3_000));
	});
}

#[test]
fn a_voucher_is_good_for_nothing_else_than_what_was_signed() {
	build_and_execute(|| {
		let genesis = System::block_hash(0);
		for key in Key::of_all_kinds(99) {
			enrich(&key.account());
			open(&key, MODEL, 1_000);
			let (who, what) = (key.account(), bought(3, 100));
			let good = message(&key, &what);
			let twice = voucher::wrapped(&voucher::wrapped(&good));
			let mut cut = good.clone();
			cut.pop();
			let wrong = [
				voucher::message(foreign(), MODEL, &who, &what),
				voucher::message(genesis, OTHER_MODEL, &who, &what),
				voucher::message(genesis, MODEL, &BOB, &what),
				voucher::message(genesis, MODEL, &who, &bought(4, 100)),
				voucher::message(genesis, MODEL, &who, &bought(3, 99)),
				voucher::message(genesis, MODEL, &who, &Bought { head: head(9), ..what }),
				good[1..].to_vec(),
				good[voucher::TAG.len()..].to_vec(),
				cut,
				twice,
				vec![],
			];
			for message in wrong {
				let refused = take(MODEL, &sign(&key, &message, what));
				assert_noop!(refused, Error::BadSignature);
			}
			// By another key, or for another payer.
			let other = Key::new(2);
			let voucher = Voucher { payer: who.clone(), ..sign(&other, &good, what) };
			assert_noop!(take(MODEL, &voucher), Error::BadSignature);
			let voucher = Voucher { payer: other.account(), ..sign(&key, &good, what) };
			assert_noop!(take(MODEL, &voucher), Error::NoSuchEntry);
			assert_noop!(take(OTHER_MODEL, &sign(&key, &good, what)), Error::NoSuchEntry);
			// Bytes that are a signature of no kind.
			let signature = Signature::Sr25519(Default::default());
			let voucher = Voucher { payer: who, bought: what, signature };
			assert_noop!(take(MODEL, &voucher), Error::BadSignature);
			assert_ok!(take(MODEL, &sign(&key, &good, what)));
		}
	});
}

#[test]
fn a_signature_of_one_kind_is_none_of_another() {
	build_and_execute(|| {
		let [sr, ed, ecdsa, eth] = Key::of_all_kinds(99);
		let what = bought(1, 1);
		for key in [&ecdsa, &eth] {
			enrich(&key.account());
			open(key, MODEL, 10);
		}
		// The same secret, hashed and addressed otherwise.
		assert_ne!(ecdsa.account(), eth.account());
		for (key, other) in [(&ecdsa, &eth), (&eth, &ecdsa)] {
			let voucher = other.voucher(MODEL, key.account(), what);
			assert_noop!(take(MODEL, &voucher), Error::BadSignature);
		}
		for (key, other) in [(&sr, &ed), (&ed, &sr)] {
			enrich(&key.account());
			open(key, MODEL, 10);
			let voucher = other.voucher(MODEL, key.account(), what);
			assert_noop!(take(MODEL, &voucher), Error::BadSignature);
		}
	});
}

#[test]
fn a_voucher_is_for_more_than_what_was_bought() {
	build_and_execute(|| {
		let key = payer();
		open(&key, MODEL, 1_000);
		let try_it = |what| take(MODEL, &key.voucher(MODEL, key.account(), what));
		assert_noop!(try_it(bought(0, 0)), Error::StaleVoucher);
		assert_noop!(try_it(bought(0, 5)), Error::StaleVoucher);
		assert_ok!(try_it(bought(5, 100)));
		for (count, cumulative) in [(5, 100), (5, 101), (4, 200), (0, 0), (6, 99), (u64::MAX, 0)] {
			assert_noop!(try_it(bought(count, cumulative)), Error::StaleVoucher);
		}
		// What costs nothing is bought all the same.
		assert_ok!(try_it(bought(6, 100)));
		assert_eq!((Rewards::escrowed(), Rewards::left(MODEL, key.account())), (100, 900));
		assert_ok!(try_it(bought(u64::MAX, 101)));
		assert_noop!(try_it(bought(u64::MAX, 102)), Error::StaleVoucher);
	});
}

#[test]
fn a_head_must_be_a_possible_one() {
	build_and_execute(|| {
		let key = payer();
		open(&key, MODEL, 1_000);
		let order = 0x7f00_0001_u32;
		for position in 0..8 {
			for word in [order, order + 1, u32::MAX] {
				let mut bytes = [0; 32];
				bytes[4 * position..4 * position + 4].copy_from_slice(&word.to_le_bytes());
				let what = Bought { head: Head(bytes), ..bought(1, 1) };
				let voucher = key.voucher(MODEL, key.account(), what);
				assert_noop!(take(MODEL, &voucher), Error::BadHead);
			}
		}
		let largest = [(order - 1).to_le_bytes(); 8].concat().try_into().unwrap();
		let what = Bought { head: Head(largest), ..bought(1, 1) };
		assert_ok!(take(MODEL, &key.voucher(MODEL, key.account(), what)));
	});
}

#[test]
fn what_was_bought_stays_a_possible_amount() {
	build_and_execute(|| {
		let key = payer();
		open(&key, MODEL, 1_000);
		let near = Entry { bought: bought(7, LIMIT - 3), ..entry(&key, MODEL) };
		Payers::<Test>::insert(MODEL, key.account(), near);
		for cumulative in [LIMIT, LIMIT + 5] {
			let voucher = key.voucher(MODEL, key.account(), bought(8, cumulative));
			assert_noop!(take(MODEL, &voucher), Error::AmountTooLarge);
		}
		assert_ok!(take(MODEL, &key.voucher(MODEL, key.account(), bought(8, LIMIT - 1))));
		assert_eq!(Rewards::escrowed(), 2);
	});
}

#[test]
fn a_voucher_is_paid_from_the_balance_and_then_from_what_leaves() {
	build_and_execute(|| {
		let key = payer();
		open(&key, MODEL, 1_000);
		assert_ok!(Rewards::withdraw(signed(key.account()), MODEL, 300));
		let at = entry(&key, MODEL).leaving.unwrap().at;
		let state = || {
			let entry = entry(&key, MODEL);
			(entry.balance, entry.leaving, Rewards::escrowed())
		};
		buy(&key, MODEL, 600);
		assert_eq!(state(), (100, Some(Leaving { amount: 300, at }), 600));
		buy(&key, MODEL, 150);
		assert_eq!(state(), (0, Some(Leaving { amount: 250, at }), 750));
		let voucher = next_voucher(&key, MODEL, 251);
		assert_noop!(take(MODEL, &voucher), Error::NotCovered);
		buy(&key, MODEL, 249);
		assert_eq!(state(), (0, Some(Leaving { amount: 1, at }), 999));
		buy(&key, MODEL, 1);
		assert_eq!(state(), (0, None, 1_000));
		pass(DELAY);
		let taken = Rewards::take_withdrawn(signed(ANYONE), MODEL, key.account());
		assert_noop!(taken, Error::NothingLeaving);
	});
}

#[test]
fn a_withdrawal_does_not_outrun_a_voucher() {
	build_and_execute(|| {
		let key = payer();
		open(&key, MODEL, 1_000);
		// GIVEN a voucher in the operator's hands,
		let voucher = next_voucher(&key, MODEL, 700);
		// WHEN the payer withdraws everything,
		assert_ok!(Rewards::withdraw(signed(key.account()), MODEL, 1_000));
		assert_eq!(Rewards::left(MODEL, key.account()), 0, "no more credit");
		// THEN it is paid all the same, up to the last block before the money can be gone.
		pass(DELAY - 1);
		assert_ok!(take(MODEL, &voucher));
		pass(1);
		assert_ok!(Rewards::take_withdrawn(signed(ANYONE), MODEL, key.account()));
		assert_eq!(gain(&key.account()), -700 - OPENING);
	});
}

#[test]
fn who_cashes_too_late_finds_nothing() {
	build_and_execute(|| {
		let key = payer();
		open(&key, MODEL, 1_000);
		let voucher = next_voucher(&key, MODEL, 700);
		assert_ok!(Rewards::withdraw(signed(key.account()), MODEL, 1_000));
		pass(DELAY);
		// Until somebody takes it, it is there.
		let cashed = frame_support::storage::with_transaction(|| {
			sp_runtime::TransactionOutcome::Rollback(take(MODEL, &voucher))
		});
		assert_ok!(cashed);
		assert_ok!(Rewards::take_withdrawn(signed(ANYONE), MODEL, key.account()));
		assert_noop!(take(MODEL, &voucher), Error::NotCovered);
		// The voucher itself is as good as before.
		assert_ok!(Rewards::top_up(signed(ANYONE), MODEL, key.account(), 700));
		assert_ok!(take(MODEL, &voucher));
	});
}

#[test]
fn a_former_signers_vouchers_count_for_as_long_as_a_withdrawal_takes() {
	build_and_execute(|| {
		let (key, hot, next) = (payer(), Key::new(2), Key::new(3));
		open(&key, MODEL, 1_000);
		let set =
			|signer: &Key| Rewards::set_signer(signed(key.account()), MODEL, signer.account());
		let by = |signer: &Key| {
			let before = entry(&key, MODEL).bought;
			let what = bought(before.count + 1, before.cumulative + 1);
			take(MODEL, &signer.voucher(MODEL, key.account(), what))
		};
		assert_noop!(set(&key), Error::SameSigner);
		assert_ok!(set(&hot));
		let until = System::block_number() + DELAY;
		let (model, payer, signer) = (MODEL, key.account(), hot.account());
		happened(Event::SignerSet { model, payer, signer, until });
		// Both count, and nobody else does.
		assert_ok!(by(&hot));
		assert_ok!(by(&key));
		assert_noop!(by(&next), Error::BadSignature);
		// A third would make the first one's vouchers worthless.
		assert_noop!(set(&next), Error::FormerSignerCounts);
		assert_noop!(set(&key), Error::FormerSignerCounts);

		pass(DELAY);
		assert_ok!(by(&key));
		assert_noop!(set(&next), Error::FormerSignerCounts);
		pass(1);
		assert_noop!(by(&key), Error::BadSignature);
		assert_ok!(by(&hot));
		assert_ok!(set(&next));
		assert_ok!(by(&hot));
		assert_ok!(by(&next));
		assert_noop!(by(&key), Error::BadSignature);
	});
}

#[test]
fn a_former_signer_may_wrap_too() {
	build_and_execute(|| {
		let (key, hot) = (payer(), Key::new(2));
		open(&key, MODEL, 1_000);
		assert_ok!(Rewards::set_signer(signed(key.account()), MODEL, hot.account()));
		let what = bought(1, 10);
		let wrapped = voucher::wrapped(&message(&key, &what));
		assert_ok!(take(MODEL, &sign(&key, &wrapped, what)));
	});
}

#[test]
fn of_a_void_batch_the_money_comes_back_and_the_vouchers_do_not() {
	build_and_execute(|| {
		let key = payer();
		open(&key, MODEL, 1_000);
		assert_ok!(Rewards::withdraw(signed(key.account()), MODEL, 900));
		let voucher = next_voucher(&key, MODEL, 400);
		assert_ok!(take(MODEL, &voucher));
		assert_eq!(entry(&key, MODEL).balance, 0);
		assert_ok!(give_back(MODEL, &key.account(), 400));
		happened(Event::GivenBack { model: MODEL, payer: key.account(), amount: 400 });
		// Into the balance: it can be spent again, or withdrawn with a delay of its own.
		let after = entry(&key, MODEL);
		assert_eq!((after.balance, after.leaving.unwrap().amount), (400, 600));
		assert_eq!(after.bought, voucher.bought);
		assert_eq!((Rewards::escrowed(), in_pot(PAYERS)), (0, 1_000));
		assert_noop!(take(MODEL, &voucher), Error::StaleVoucher);
		buy(&key, MODEL, 1);
	});
}

#[test]
fn only_what_is_in_escrow_is_given_back_and_only_to_who_has_an_entry() {
	build_and_execute(|| {
		let key = payer();
		open(&key, MODEL, 1_000);
		buy(&key, MODEL, 400);
		assert_noop!(give_back(MODEL, &BOB, 1), Error::NoSuchEntry);
		assert_noop!(give_back(OTHER_MODEL, &key.account(), 1), Error::NoSuchEntry);
		let unavailable = DispatchError::from(sp_runtime::TokenError::FundsUnavailable);
		assert_noop!(give_back(MODEL, &key.account(), 10_000), unavailable);
		let overflow = DispatchError::from(ArithmeticError::Overflow);
		assert_noop!(give_back(MODEL, &key.account(), Nano::MAX), overflow);
		// The existential deposit of escrow is not the batches'.
		let not_expendable = DispatchError::from(sp_runtime::TokenError::NotExpendable);
		assert_noop!(give_back(MODEL, &key.account(), 401), not_expendable);
		assert_ok!(give_back(MODEL, &key.account(), 400));
	});
}
