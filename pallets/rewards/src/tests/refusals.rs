//! Bad input for every call, and for what lanes do: a named error, and nothing has changed.

use super::*;
use core::cell::RefCell;
use frame_support::traits::GetCallName;
use sp_runtime::{traits::BadOrigin, ModuleError, TokenError};

thread_local! {
	/// The errors and the calls that refused, so far in this thread.
	static SEEN: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
}

fn see(error: DispatchError) {
	if let DispatchError::Module(ModuleError { message: Some(name), .. }) = error {
		SEEN.with_borrow_mut(|seen| seen.insert(name));
	}
}

/// A refused call: the error, and that nothing has changed.
fn refuse(who: AccountId, refused: Call, error: impl Into<DispatchError>) {
	let error = error.into();
	let name = refused.get_call_name();
	assert_noop!(call(who, refused), error);
	SEEN.with_borrow_mut(|seen| seen.insert(name));
	see(error);
}

/// The same of what a lane does.
fn refuse_lane<R: PartialEq + core::fmt::Debug>(
	refused: impl FnOnce() -> Result<R, DispatchError>,
	error: impl Into<DispatchError>,
) {
	let error = error.into();
	assert_noop!(refused(), error);
	see(error);
}

const ABSENT: [ModelId; 3] = [0, 1_000, ModelId::MAX];

fn open_entry_refuses() {
	let with = |model, amount| Call::open_entry { model, amount, signer: None };
	let who = payer().account();
	for absent in ABSENT {
		refuse(who.clone(), with(absent, 1), Error::NoSuchModel);
	}
	refuse(who.clone(), with(MODEL, 0), Error::NoAmount);
	for much in [LIMIT, Nano::MAX] {
		refuse(who.clone(), with(MODEL, much), Error::AmountTooLarge);
	}
	refuse(who.clone(), with(MODEL, LIMIT - 1), ArithmeticError::Underflow);
	refuse(who.clone(), with(MODEL, ENDOWMENT), TokenError::FundsUnavailable);
	refuse(NOBODY, with(MODEL, 1), TokenError::FundsUnavailable);
	assert_ok!(call(who.clone(), with(MODEL, 1)));
	refuse(who, with(MODEL, 1), Error::AlreadyOpen);
}

fn top_up_refuses() {
	let with = |model, payer, amount| Call::top_up { model, payer, amount };
	let key = payer();
	let who = key.account();
	refuse(who.clone(), with(MODEL, who.clone(), 1), Error::NoSuchEntry);
	open(&key, MODEL, 10);
	refuse(who.clone(), with(OTHER_MODEL, who.clone(), 1), Error::NoSuchEntry);
	refuse(who.clone(), with(MODEL, ANYONE, 1), Error::NoSuchEntry);
	refuse(ANYONE, with(MODEL, who.clone(), 0), Error::NoAmount);
	for much in [LIMIT - 10, LIMIT, Nano::MAX] {
		refuse(ANYONE, with(MODEL, who.clone(), much), Error::AmountTooLarge);
	}
	refuse(NOBODY, with(MODEL, who.clone(), 1), TokenError::FundsUnavailable);
	refuse(ANYONE, with(MODEL, who, ENDOWMENT), TokenError::NotExpendable);
}

fn set_signer_refuses() {
	let with = |model, signer| Call::set_signer { model, signer };
	let key = payer();
	let who = key.account();
	refuse(who.clone(), with(MODEL, BOB), Error::NoSuchEntry);
	open(&key, MODEL, 10);
	refuse(who.clone(), with(OTHER_MODEL, BOB), Error::NoSuchEntry);
	refuse(BOB, with(MODEL, BOB), Error::NoSuchEntry);
	refuse(who.clone(), with(MODEL, who.clone()), Error::SameSigner);
	assert_ok!(call(who.clone(), with(MODEL, BOB)));
	refuse(who.clone(), with(MODEL, BOB), Error::SameSigner);
	// The signer signs vouchers, and decides nothing.
	refuse(BOB, with(MODEL, ALICE), Error::NoSuchEntry);
	pass(DELAY);
	for next in [who.clone(), ALICE] {
		refuse(who.clone(), with(MODEL, next), Error::FormerSignerCounts);
	}
}

fn withdraw_refuses() {
	let with = |model, amount| Call::withdraw { model, amount };
	let key = payer();
	let who = key.account();
	refuse(who.clone(), with(MODEL, 1), Error::NoSuchEntry);
	open(&key, MODEL, 10);
	refuse(who.clone(), with(OTHER_MODEL, 1), Error::NoSuchEntry);
	refuse(BOB, with(MODEL, 1), Error::NoSuchEntry);
	refuse(who.clone(), with(MODEL, 0), Error::NoAmount);
	for much in [11, LIMIT, Nano::MAX] {
		refuse(who.clone(), with(MODEL, much), Error::BalanceTooLow);
	}
	assert_ok!(call(who.clone(), with(MODEL, 4)));
	refuse(who, with(MODEL, 7), Error::BalanceTooLow);
}

fn take_withdrawn_refuses() {
	let with = |model, payer| Call::take_withdrawn { model, payer };
	let key = payer();
	let who = key.account();
	refuse(ANYONE, with(MODEL, who.clone()), Error::NoSuchEntry);
	open(&key, MODEL, 10);
	refuse(ANYONE, with(OTHER_MODEL, who.clone()), Error::NoSuchEntry);
	refuse(ANYONE, with(MODEL, who.clone()), Error::NothingLeaving);
	assert_ok!(call(who.clone(), Call::withdraw { model: MODEL, amount: 10 }));
	for _ in 0..DELAY {
		refuse(who.clone(), with(MODEL, who.clone()), Error::TooEarly);
		pass(1);
	}
	// A payer whose account is gone, and too little to make it again.
	let all = Balances::total_balance(&who);
	assert_ok!(Balances::transfer_all(signed(who.clone()), ANYONE, false));
	assert_eq!(Balances::total_balance(&who), 0);
	refuse(ANYONE, with(MODEL, who.clone()), TokenError::BelowMinimum);
	assert_ok!(Balances::transfer_allow_death(signed(ANYONE), who.clone(), all));
	assert_ok!(call(ANYONE, with(MODEL, who)));
}

fn claims_refuse() {
	let claims: [fn(ContributionRef) -> Call; 2] = [
		|at| Call::claim { contributions: batch([at]) },
		|at| Call::claim_curation { contributions: batch([at]) },
	];
	for (one, claim) in [at(0, 0), at(1, 0)].into_iter().zip(claims) {
		refuse(ANYONE, claim(one), Error::NothingToClaim);
		contribute(one, ALICE, Permill::from_percent(20), Permill::zero(), &REVIEWERS);
		refuse(ANYONE, claim(one), Error::NothingToClaim);
		earn(one, 10);
		stand(one, Standing::Flagged);
		refuse(ANYONE, claim(one), Error::NothingToClaim);
		refuse(ANYONE, claim(at(9, 9)), Error::NothingToClaim);
		stand(one, Standing::Valid);
		assert_ok!(call(ANYONE, claim(one)));
		refuse(ALICE, claim(one), Error::NothingToClaim);
	}
	refuse(ANYONE, Call::claim { contributions: batch([]) }, Error::NothingToClaim);
	refuse(ANYONE, Call::claim_curation { contributions: batch([]) }, Error::NothingToClaim);
	for accounts in [vec![], vec![ALICE], vec![NOBODY, Commons::get()]] {
		let accounts = batch(accounts);
		refuse(ANYONE, Call::claim_account { accounts }, Error::NothingToClaim);
	}
}

fn lanes_are_refused() {
	let key = payer();
	let voucher = |what| key.voucher(MODEL, key.account(), what);
	refuse_lane(|| take(MODEL, &voucher(bought(1, 1))), Error::NoSuchEntry);
	open(&key, MODEL, 10);
	refuse_lane(|| take(MODEL, &voucher(bought(0, 0))), Error::StaleVoucher);
	refuse_lane(|| take(MODEL, &voucher(bought(1, LIMIT))), Error::AmountTooLarge);
	let high = Bought { head: openledger_settlement::chain::Head([0xff; 32]), ..bought(1, 1) };
	refuse_lane(|| take(MODEL, &voucher(high)), Error::BadHead);
	let stolen = Voucher { bought: bought(2, 1), ..voucher(bought(1, 1)) };
	refuse_lane(|| take(MODEL, &stolen), Error::BadSignature);
	refuse_lane(|| take(MODEL, &voucher(bought(1, 11))), Error::NotCovered);
	refuse_lane(|| give_back(MODEL, &BOB, 1), Error::NoSuchEntry);
	refuse_lane(|| pay_totals(0, &Totals::default()), Error::NoSuchModel);
	let lineage = Lineage { owner: OWNER, ancestors: vec![(PARENT, Permill::one(), 9)] };
	Lineages::mutate(|table| table.insert(MODEL, lineage));
	refuse_lane(|| pay_totals(MODEL, &Totals::default()), Error::BadLineage);
}

#[test]
fn every_call_and_every_error_refuses_without_a_trace() {
	SEEN.with_borrow_mut(BTreeSet::clear);
	let refusals = [
		open_entry_refuses,
		top_up_refuses,
		set_signer_refuses,
		withdraw_refuses,
		take_withdrawn_refuses,
		claims_refuse,
		lanes_are_refused,
	];
	for refusal in refusals {
		build_and_execute(refusal);
	}
	let mut expected: BTreeSet<_> = variants::<Error>().into_values().collect();
	expected.extend(Call::get_call_names());
	let missing: Vec<_> = SEEN.with_borrow(|seen| expected.difference(seen).copied().collect());
	assert!(missing.is_empty(), "never refused: {missing:?}");
}

#[test]
fn every_call_needs_a_signature() {
	build_and_execute(|| {
		let (model, payer) = (MODEL, payer().account());
		let calls = [
			Call::open_entry { model, amount: 1, signer: None },
			Call::top_up { model, payer: payer.clone(), amount: 1 },
			Call::set_signer { model, signer: BOB },
			Call::withdraw { model, amount: 1 },
			Call::take_withdrawn { model, payer },
			Call::claim { contributions: batch([at(0, 0)]) },
			Call::claim_curation { contributions: batch([at(0, 0)]) },
			Call::claim_account { accounts: batch([ALICE]) },
		];
		let named: Vec<_> = calls.iter().map(GetCallName::get_call_name).collect();
		assert_eq!(named, Call::get_call_names(), "one of each");
		for call in calls {
			for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
				let refused = || RuntimeCall::from(call.clone()).dispatch(origin);
				assert_noop!(refused().map(drop).map_err(|error| error.error), BadOrigin);
			}
		}
	});
}
