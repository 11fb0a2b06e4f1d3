//! Benchmarks of every call at its worst case: batches have as many receipts, payers, contributions
//! and signers as they may have, and nobody finds what another has read already. What a batch falls by
//! weighs most where it was final early: attestors are slashed too, and what was paid is replaced.

mod setup;

use super::*;
use alloc::boxed::Box;
use frame_benchmarking::v2::*;
use frame_system::RawOrigin;
use openledger_primitives::content::ContentId;
use openledger_settlement::STEP;
use setup::*;

/// The most kibibytes of outputs that an opening discloses.
const MAX_KIB: u32 = MAX_DISCLOSURES * (MAX_OUTPUT / 1_024) as u32;

#[benchmarks]
mod benchmarks {
	use super::*;

	/// Vouchers are signed by former signers, and wrapped: each is tried in all four ways.
	#[benchmark]
	fn submit_batch(
		p: Linear<1, MAX_PAYERS>,
		c: Linear<0, MAX_PAYEES>,
	) -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let model = T::BenchmarkHelper::model();
		T::BenchmarkHelper::operate(model, &caller);
		let submission = submission::<T>(model, payers::<T>(model, p)?, c)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), model, Box::new(submission));

		assert_eq!(Lanes::<T>::get(model).open, 1);
		Ok(())
	}

	#[benchmark]
	fn demand() -> Result<(), BenchmarkError> {
		let (model, batch) = largest::<T>()?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller::<T>()), model, batch, 0);

		assert!(Demands::<T>::contains_key((model, batch, 0)));
		Ok(())
	}

	/// All receipts were demanded, each by somebody else, and all that are not disclosed are private: so
	/// all demands are paid. The draws are looked at; to be one of them would cost nothing more.
	/// What is disclosed has as many citations as may be, whatever the outputs are.
	#[benchmark]
	fn open(r: Linear<1, STEP>, k: Linear<0, MAX_KIB>) -> Result<(), BenchmarkError> {
		let (model, batch) = largest::<T>()?;
		let (opening, disclosures) = last_step::<T>(model, batch, r, k)?;
		know_seed::<T>();
		for nth in 0..r {
			let receipt = opening.step.saturating_mul(STEP).saturating_add(nth);
			Pallet::<T>::do_demand(funded::<T>("demander", nth), model, batch, receipt)?;
		}

		#[extrinsic_call]
		_(RawOrigin::Signed(caller::<T>()), model, batch, Box::new(opening), disclosures);

		assert_eq!(Demands::<T>::iter().count(), 0);
		Ok(())
	}

	/// The evidence is a chunk of the largest content; it is shown in a full step.
	#[benchmark]
	fn wrong_credit() -> Result<(), BenchmarkError> {
		let (model, batch) = final_early::<T>(MAX_PAYERS)?;
		let (opening, challenge) = wrong_step::<T>(model, batch)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller::<T>()), model, batch, Box::new(opening), Box::new(challenge));

		assert!(!Batches::<T>::contains_key(model, batch));
		Ok(())
	}

	/// By a demand that was not answered: who made it is rewarded, and not the caller.
	#[benchmark]
	fn void(p: Linear<1, MAX_PAYERS>) -> Result<(), BenchmarkError> {
		let (model, batch) = final_early::<T>(p)?;
		Pallet::<T>::do_demand(funded::<T>("demander", 0), model, batch, 0)?;
		pass::<T>(Pallet::<T>::time_to_answer(1));

		#[extrinsic_call]
		expire_demand(RawOrigin::Signed(caller::<T>()), model, batch, 0);

		assert!(!Batches::<T>::contains_key(model, batch));
		Ok(())
	}

	#[benchmark]
	fn release_demand() -> Result<(), BenchmarkError> {
		let (model, batch) = largest::<T>()?;
		Pallet::<T>::do_demand(funded::<T>("demander", 0), model, batch, 0)?;
		Pallet::<T>::forget(model, batch);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller::<T>()), model, batch, 0);

		assert!(!Demands::<T>::contains_key((model, batch, 0)));
		Ok(())
	}

	/// It becomes final by time, pays all, and is over. To pay only a part takes less: more of the diff is
	/// read than paid, but no signer is written.
	#[benchmark]
	fn finalise(n: Linear<1, MAX_PAYEES>) -> Result<(), BenchmarkError> {
		(0..n).for_each(|nth| T::BenchmarkHelper::accept(nth, ContentId::default(), 1));
		let (model, batch) = submitted::<T>(accounts::<T>(MAX_PAYERS), n)?;
		amend::<T>(model, batch, |record| record.drawn = u8::MAX);
		pass::<T>(T::Window::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller::<T>()), model, batch, n);

		assert!(!Batches::<T>::contains_key(model, batch));
		Ok(())
	}

	#[benchmark]
	fn close() -> Result<(), BenchmarkError> {
		let (model, batch) = final_early::<T>(MAX_PAYERS)?;
		amend::<T>(model, batch, |record| record.status = Status::Paid);
		pass::<T>(T::Window::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller::<T>()), model, batch);

		assert!(!Batches::<T>::contains_key(model, batch));
		Ok(())
	}

	#[benchmark]
	fn adopt() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let (model, batch) = largest::<T>()?;
		let operator = operator::<T>();
		Exposures::<T>::mutate(model, operator, |exposure| {
			exposure.slashed = Some(Pallet::<T>::now());
		});
		T::BenchmarkHelper::operate(model, &caller);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), model, batch);

		assert_eq!(Exposures::<T>::get(model, caller).batches, 1);
		Ok(())
	}

	#[benchmark]
	fn stake() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let amount = T::MinAttestorStake::get();
		Pallet::<T>::do_stake(caller.clone(), amount)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), amount);

		assert!(Attestors::<T>::get(caller).is_some_and(|attestor| attestor.stake > amount));
		Ok(())
	}

	/// The smallest of all signers is displaced.
	#[benchmark]
	fn attest() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let (model, batch) = largest::<T>()?;
		Pallet::<T>::do_stake(caller.clone(), T::MinAttestorStake::get().saturating_mul(2))?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), model, batch);

		assert_eq!(Attestors::<T>::get(caller).map(|attestor| attestor.signed), Some(1));
		Ok(())
	}

	#[benchmark]
	fn leave() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		Pallet::<T>::do_stake(caller.clone(), T::MinAttestorStake::get())?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller));

		assert_eq!(TotalStake::<T>::get(), 0);
		Ok(())
	}

	#[benchmark]
	fn release_attestor() -> Result<(), BenchmarkError> {
		let attestor = funded::<T>("attestor", 0);
		Pallet::<T>::do_stake(attestor.clone(), T::MinAttestorStake::get())?;
		Pallet::<T>::do_leave(attestor.clone())?;
		pass::<T>(T::AttestorUnbonding::get().max(T::Window::get()));

		#[extrinsic_call]
		_(RawOrigin::Signed(caller::<T>()), attestor.clone());

		assert!(!Attestors::<T>::contains_key(attestor));
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_chain(), crate::mock::Test);
}
