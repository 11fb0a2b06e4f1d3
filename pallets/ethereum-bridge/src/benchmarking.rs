//! Benchmarks of every call and of the commitment, at their worst case: the largest receipt, made of
//! the smallest logs; the deposit that is minted to a new account with a tip; the fullest block.

use super::*;
use frame_benchmarking::v2::*;
use frame_system::RawOrigin;
use messages::Locked;
use sp_core::U256;

const VAULT: Vault =
	Vault { chain_id: 1, address: H160::repeat_byte(1), token: H160::repeat_byte(2) };

/// Names the vault and makes the limits as wide as they can be.
fn open<T: Config>() -> Limits {
	TheVault::<T>::put(VAULT);
	let supply = T::MaxSupply::get();
	let unit = T::Currency::minimum_balance();
	let limits = Limits {
		deposit_capacity: supply,
		withdrawal_capacity: supply,
		min_withdrawal: unit,
		max_withdrawal: supply,
		supply_cap: supply,
		tip: unit,
	};
	CurrentLimits::<T>::put(limits);
	limits
}

fn funded<T: Config>() -> Result<AccountId, BenchmarkError> {
	let caller: AccountId = whitelisted_caller();
	T::Currency::mint_into(&caller, T::Currency::minimum_balance().saturating_mul(1_000))?;
	Ok(caller)
}

/// Withdrawals enough for a block, and all that was issued pre-locked.
fn queue<T: Config>(count: u32) -> Result<AccountId, BenchmarkError> {
	let Limits { min_withdrawal, .. } = open::<T>();
	let who = funded::<T>()?;
	T::Currency::mint_into(&who, min_withdrawal.saturating_mul(count.saturating_add(2).into()))?;
	Moved::<T>::put(Totals { pre_locked: T::MaxSupply::get(), ..Default::default() });
	for _ in 0..count {
		Pallet::<T>::do_withdraw(who.clone(), H160::repeat_byte(9), min_withdrawal)?;
	}
	Ok(who)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn submit_deposit(
		b: Linear<4_096, { T::MaxReceiptProof::get() }>,
	) -> Result<(), BenchmarkError> {
		open::<T>();
		let submitter = funded::<T>()?;
		let amount = T::Currency::minimum_balance().saturating_mul(1_000);
		let recipient: AccountId = account("recipient", 0, 0);
		let locked = Locked {
			nonce: 1,
			from: H160::repeat_byte(3),
			recipient: H256(recipient.clone().into()),
			amount: U256::from(amount),
		};
		let proof = Box::new(T::BenchmarkHelper::deposit(VAULT.address, locked, b));

		#[extrinsic_call]
		_(RawOrigin::Signed(submitter), proof);

		assert!(Pallet::<T>::is_executed(1));
		assert!(T::Currency::balance(&recipient) > 0);
		Ok(())
	}

	#[benchmark]
	fn claim_parked() -> Result<(), BenchmarkError> {
		open::<T>();
		let caller = funded::<T>()?;
		let recipient: AccountId = account("recipient", 0, 0);
		let amount = T::Currency::minimum_balance().saturating_mul(10);
		ParkedDeposits::<T>::insert(1, Parked { recipient: recipient.clone(), amount });
		Moved::<T>::mutate(|moved| moved.parked = amount);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), 1);

		assert_eq!(T::Currency::balance(&recipient), amount);
		Ok(())
	}

	#[benchmark]
	fn withdraw() -> Result<(), BenchmarkError> {
		let queued = T::MaxMessages::get().saturating_sub(1);
		let who = queue::<T>(queued)?;
		let amount = CurrentLimits::<T>::get().min_withdrawal;

		#[extrinsic_call]
		_(RawOrigin::Signed(who), H160::repeat_byte(9), amount);

		assert_eq!(WithdrawalCount::<T>::get(), u64::from(T::MaxMessages::get()));
		Ok(())
	}

	#[benchmark]
	fn halt() -> Result<(), BenchmarkError> {
		let origin =
			T::HaltOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, Direction::Outbound);

		assert!(Halted::<T>::get().outbound);
		Ok(())
	}

	#[benchmark]
	fn resume() -> Result<(), BenchmarkError> {
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
		Halted::<T>::put(Halts { inbound: true, outbound: true });

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, Direction::Outbound);

		assert!(!Halted::<T>::get().outbound);
		Ok(())
	}

	#[benchmark]
	fn set_vault() -> Result<(), BenchmarkError> {
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
		TheVault::<T>::kill();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, VAULT.chain_id, VAULT.address, VAULT.token);

		assert_eq!(TheVault::<T>::get(), Some(VAULT));
		Ok(())
	}

	#[benchmark]
	fn set_limits() -> Result<(), BenchmarkError> {
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
		let limits = open::<T>();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, limits);

		assert_eq!(CurrentLimits::<T>::get(), limits);
		Ok(())
	}

	#[benchmark]
	fn commit(n: Linear<0, { T::MaxMessages::get() }>) -> Result<(), BenchmarkError> {
		queue::<T>(n)?;

		#[block]
		{
			Pallet::<T>::commit();
		}

		assert_eq!(MessagesRoot::<T>::exists(), n > 0);
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
