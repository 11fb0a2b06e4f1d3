//! Checks the invariants at the head of the crate.

use super::*;
use crate::batches::units;
use alloc::collections::BTreeMap;
use frame_support::traits::fungible::InspectHold;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks the invariants.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_exposures()?;
		Self::check_lanes()?;
		Self::check_escrow()?;
		Self::check_demands()?;
		Self::check_attestors()
	}

	/// 1.
	fn check_exposures() -> Result<(), TryRuntimeError> {
		let mut exposures = BTreeMap::<_, (Nano, u32, u32)>::new();
		for (model, _, batch) in Batches::<T>::iter() {
			let (pending, steps, batches) = exposures.entry((model, batch.operator)).or_default();
			*steps = steps.saturating_add(batch.trace.steps());
			*batches = batches.saturating_add(1);
			if batch.status == Status::Pending {
				*pending = pending.saturating_add(batch.totals.fees);
			}
		}
		let mut known = 0;
		for (model, operator, exposure) in Exposures::<T>::iter() {
			let bond = T::Operators::bond(model, &operator);
			let inner = (exposure.pending, exposure.steps, exposure.batches);
			ensure!(
				exposure.slashed.is_some() || units(exposure.pending) <= bond,
				"a bond answers for more than it is"
			);
			ensure!(
				exposures.get(&(model, operator)) == Some(&inner),
				"an exposure is not that of its batches"
			);
			known = usize::saturating_add(known, 1);
		}
		ensure!(known == exposures.len(), "a batch has nobody who answers for it");
		Ok(())
	}

	fn check_lanes() -> Result<(), TryRuntimeError> {
		let mut open = BTreeMap::<ModelId, u32>::new();
		for (model, batch, record) in Batches::<T>::iter() {
			let count = open.entry(model).or_default();
			*count = count.saturating_add(1);
			ensure!(batch < Lanes::<T>::get(model).next, "a batch has a number that is to come");
			let has_diff = Diffs::<T>::contains_key(model, batch);
			ensure!(has_diff || record.status == Status::Paid, "a batch has lost its diff");
			let costs = Costs::<T>::get(model, batch).into_iter().map(|(_, cost)| cost);
			let costs = openledger_settlement::split::sum(costs);
			ensure!(costs == Some(record.totals.fees), "a batch has lost what it cost");
		}
		for (model, lane) in Lanes::<T>::iter() {
			let count = open.get(&model).copied().unwrap_or_default();
			ensure!(lane.open == count, "a lane has another number of batches");
		}
		Ok(())
	}

	/// 2. and 5.
	fn check_escrow() -> Result<(), TryRuntimeError> {
		let mut escrow = Reserve::<T>::get();
		let mut early: Nano = 0;
		for (model, batch, record) in Batches::<T>::iter() {
			let fees = record.totals.fees;
			let paid = match record.status {
				Status::Pending => 0,
				Status::Paying { .. } | Status::Paid => Self::paid_of(model, batch, &record),
			};
			escrow = escrow.saturating_add(fees.saturating_sub(paid));
			let could_fall = match record.status {
				Status::Paying { early, .. } => early,
				Status::Paid => true,
				Status::Pending => false,
			};
			early = early.saturating_add(if could_fall { fees } else { 0 });
		}
		// Anybody may send something to the pot.
		ensure!(escrow <= T::Ledger::escrowed(), "escrow is less than batches have not paid");
		ensure!(early == EarlyFinal::<T>::get(), "what was final early is not what it is");
		Ok(())
	}

	/// 3. and 4.
	fn check_demands() -> Result<(), TryRuntimeError> {
		let mut demands = BTreeMap::<_, u32>::new();
		let mut deposits = BTreeMap::<_, Balance>::new();
		for ((model, batch, _), demand) in Demands::<T>::iter() {
			let count = demands.entry((model, batch)).or_default();
			*count = count.saturating_add(1);
			let deposit = deposits.entry(demand.by).or_default();
			*deposit = deposit.saturating_add(demand.deposit);
		}
		for (model, batch, record) in Batches::<T>::iter() {
			let count = demands.get(&(model, batch)).copied().unwrap_or_default();
			ensure!(record.demands == count, "a batch has another number of demands");
		}
		let reason = HoldReason::Demand.into();
		for (account, deposit) in deposits {
			let held = T::Currency::balance_on_hold(&reason, &account);
			ensure!(held == deposit, "a demand's deposit is not held");
		}
		Ok(())
	}

	/// 3. and 4.
	fn check_attestors() -> Result<(), TryRuntimeError> {
		let mut signed = BTreeMap::<_, u32>::new();
		for (_, _, record) in Batches::<T>::iter() {
			for signer in record.signers {
				let count = signed.entry(signer).or_default();
				*count = count.saturating_add(1);
			}
		}
		let mut total: Balance = 0;
		let reason = HoldReason::AttestorStake.into();
		for (account, attestor) in Attestors::<T>::iter() {
			let count = signed.remove(&account).unwrap_or_default();
			ensure!(attestor.signed == count, "an attestor has signed other batches");
			let held = T::Currency::balance_on_hold(&reason, &account);
			ensure!(held == attestor.stake, "an attestor's stake is not held");
			if attestor.leaving.is_none() {
				total = total.saturating_add(attestor.stake);
			}
		}
		ensure!(signed.is_empty(), "somebody signed who is no attestor");
		ensure!(total == TotalStake::<T>::get(), "the stake is not the sum of stakes");
		Ok(())
	}
}
