//! Benchmarks of every call and hook, at their worst case: contributions have as many curators as they
//! may have, and nobody finds what another has read already. What lanes do by the ledger is part of
//! the calls of lanes, which are measured whole.

use super::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_system::RawOrigin;

/// What is paid in.
const AMOUNT: Nano = 1_000_000;

fn funded<T: Config>(name: &'static str, nth: u32) -> AccountId {
	let account = account(name, nth, 0);
	T::BenchmarkHelper::fund(&account);
	account
}

fn caller<T: Config>() -> AccountId {
	let caller = whitelisted_caller();
	T::BenchmarkHelper::fund(&caller);
	caller
}

/// Lets time pass, so that a period of this many blocks is over.
fn pass<T: Config>(period: BlockNumber) {
	T::BenchmarkHelper::set_clock(Pallet::<T>::now().saturating_add(period).saturating_add(1));
}

fn claims<T: Config, Item>(items: Vec<Item>) -> Result<ClaimsOf<T, Item>, BenchmarkError> {
	items.try_into().map_err(|_| BenchmarkError::Stop("more items than a call may claim"))
}

fn entry_of<T: Config>(model: ModelId, payer: &AccountId) -> Result<Entry, BenchmarkError> {
	Payers::<T>::get(model, payer).ok_or(BenchmarkError::Stop("there is no such entry"))
}

/// An entry of this payer.
fn opened<T: Config>(payer: &AccountId) -> Result<ModelId, BenchmarkError> {
	let model = T::BenchmarkHelper::model();
	Pallet::<T>::do_open(payer.clone(), model, AMOUNT, None)?;
	Ok(model)
}

/// Has something in escrow, whosever it is.
fn fill<T: Config>() {
	T::BenchmarkHelper::fund(&T::EscrowPot::get());
}

/// Increases of contributions that have earned before, as much as they may in all.
fn increases<T: Config>(count: u32) -> Vec<Increase> {
	let earned = Earned { disclosed: 1_000, private: 1_000 };
	let each = |nth| {
		let ContributionRef { datanet, index } = T::BenchmarkHelper::contribution(nth);
		Increase { datanet, index, earned }
	};
	(0..count).map(each).collect()
}

/// Contributions that are owed something.
fn earned<T: Config>(count: u32) -> Result<ClaimsOf<T, ContributionRef>, BenchmarkError> {
	fill::<T>();
	// So much that every part makes an account.
	let much = T::Currency::minimum_balance().checked_div(UNITS_PER_NANO).unwrap_or_default();
	let much = much.saturating_mul(100).saturated_into::<Nano>();
	let mut increases = increases::<T>(count);
	for increase in &mut increases {
		increase.earned.disclosed = much;
	}
	Pallet::<T>::do_pay_contributions(&increases, false)?;
	claims::<T, _>(increases.iter().map(Increase::contribution).collect())
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn open_entry() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let model = T::BenchmarkHelper::model();
		let signer = funded::<T>("signer", 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), model, AMOUNT, Some(signer));

		assert_eq!(entry_of::<T>(model, &caller)?.balance, AMOUNT);
		Ok(())
	}

	#[benchmark]
	fn top_up() -> Result<(), BenchmarkError> {
		let payer = funded::<T>("payer", 0);
		let model = opened::<T>(&payer)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller::<T>()), model, payer.clone(), AMOUNT);

		assert_eq!(entry_of::<T>(model, &payer)?.balance, AMOUNT.saturating_mul(2));
		Ok(())
	}

	#[benchmark]
	fn set_signer() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let model = opened::<T>(&caller)?;
		let signer = funded::<T>("signer", 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), model, signer.clone());

		assert_eq!(entry_of::<T>(model, &caller)?.signer, signer);
		Ok(())
	}

	#[benchmark]
	fn withdraw() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let model = opened::<T>(&caller)?;
		Pallet::<T>::do_withdraw(caller.clone(), model, 1)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), model, AMOUNT.saturating_sub(1));

		assert_eq!(entry_of::<T>(model, &caller)?.balance, 0);
		Ok(())
	}

	#[benchmark]
	fn take_withdrawn() -> Result<(), BenchmarkError> {
		let payer = funded::<T>("payer", 0);
		let model = opened::<T>(&payer)?;
		Pallet::<T>::do_withdraw(payer.clone(), model, AMOUNT)?;
		pass::<T>(T::WithdrawalDelay::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller::<T>()), model, payer.clone());

		assert_eq!(entry_of::<T>(model, &payer)?.held(), 0);
		Ok(())
	}

	/// Each contribution has a payee of its own, whose account is made.
	#[benchmark]
	fn claim(n: Linear<1, { T::MaxClaims::get() }>) -> Result<(), BenchmarkError> {
		let contributions = earned::<T>(n)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller::<T>()), contributions);

		assert!(Earnings::<T>::iter_values().all(|owed| owed.earner == 0));
		Ok(())
	}

	/// Each contribution has curators of its own, who are paid as accounts later: that takes the
	/// attempt and what comes after it.
	#[benchmark]
	fn claim_curation(n: Linear<1, { T::MaxClaims::get() }>) -> Result<(), BenchmarkError> {
		fill::<T>();
		let increases = increases::<T>(n);
		Pallet::<T>::do_pay_contributions(&increases, false)?;
		let contributions = claims::<T, _>(increases.iter().map(Increase::contribution).collect())?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller::<T>()), contributions);

		assert!(Earnings::<T>::iter_values().all(|owed| owed.curators == 0));
		Ok(())
	}

	#[benchmark]
	fn claim_account(n: Linear<1, { T::MaxClaims::get() }>) -> Result<(), BenchmarkError> {
		T::BenchmarkHelper::fund(&T::EarningsPot::get());
		let much = T::Currency::minimum_balance().checked_div(UNITS_PER_NANO).unwrap_or_default();
		let much = much.saturating_add(1).saturated_into::<Nano>();
		let accounts: Vec<AccountId> = (0..n).map(|nth| account("earner", nth, 0)).collect();
		for account in &accounts {
			Pallet::<T>::credit(account.clone(), much)?;
		}
		let accounts = claims::<T, _>(accounts)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller::<T>()), accounts);

		assert_eq!(Claimable::<T>::iter().count(), 0);
		Ok(())
	}

	/// Governance has changed them, and the oldest are forgotten.
	#[benchmark]
	fn note_terms() {
		let last = T::Terms::get();
		let period = |number| {
			let ended = (number < MAX_TERMS.saturating_sub(1)).then_some(0);
			TermsPeriod { number, terms: last, ended }
		};
		let history: Vec<_> = (0..MAX_TERMS).map(period).collect();
		TermsHistory::<T>::put(BoundedVec::truncate_from(history));
		T::BenchmarkHelper::change_terms();
		pass::<T>(T::TermsGrace::get());

		#[block]
		{
			Pallet::<T>::note_terms();
		}

		assert_eq!(Pallet::<T>::latest_terms().0, MAX_TERMS);
	}

	#[benchmark]
	fn stream() {
		T::BenchmarkHelper::fund(&T::CommunityPool::get());
		T::BenchmarkHelper::start_stream();
		let before = T::Currency::balance(&T::CommunityPool::get());

		#[block]
		{
			Pallet::<T>::do_stream();
		}

		assert!(T::Currency::balance(&T::CommunityPool::get()) < before);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_chain(), crate::mock::Test);
}
