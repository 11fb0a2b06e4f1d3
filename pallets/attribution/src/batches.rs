//! Batches: submitted under a bond, adopted when it is gone, void when they are wrong.

use super::*;
use frame_support::traits::{fungible::hold::Balanced as _, Imbalance};
use openledger_settlement::{
	diff::{commit, ends, Purchase, Unsound},
	execute::Context,
	trace::Trace,
};
use sp_runtime::traits::Zero;

/// The most demand deposits that a challenger gets.
const REWARD_DEPOSITS: Balance = 50;

/// An amount in the smallest unit.
pub(crate) fn units(nano: Nano) -> Balance {
	Balance::from(nano).saturating_mul(UNITS_PER_NANO)
}

impl<T: Config> Pallet<T> {
	/// Now, by the clock of deadlines.
	pub(crate) fn now() -> BlockNumber {
		T::Clock::current_block_number()
	}

	pub(crate) fn existing(
		model: ModelId,
		batch: BatchNumber,
	) -> Result<Batch<T::AccountId>, Error<T>> {
		Batches::<T>::get(model, batch).ok_or(Error::<T>::NoSuchBatch)
	}

	/// What the receipts of a batch are executed under.
	pub(crate) fn context(
		model: ModelId,
		record: &Batch<T::AccountId>,
	) -> Result<(Context, u8), Error<T>> {
		let trained = T::Models::trained(model, record.version).ok_or(Error::<T>::NoSuchVersion)?;
		let context = Context {
			version: record.version,
			epoch: record.epoch,
			price: record.price,
			terms: record.terms,
			snapshots: trained.snapshots,
		};
		Ok((context, trained.retrieval.ok_or(Error::<T>::MethodWithoutEvidence)?))
	}

	pub(crate) fn do_submit(
		operator: T::AccountId,
		model: ModelId,
		submission: Submission<T::AccountId>,
	) -> DispatchResult {
		let Submission { version, epoch, terms: number, vouchers, diff, totals, trace } =
			submission;
		let trained = T::Models::trained(model, version).ok_or(Error::<T>::NoSuchVersion)?;
		ensure!(trained.retrieval.is_some(), Error::<T>::MethodWithoutEvidence);
		let price = T::Models::price(model, epoch).ok_or(Error::<T>::PriceNotInForce)?;
		let terms = T::Ledger::terms(number).ok_or(Error::<T>::TermsNotInForce)?;

		ensure!(vouchers.is_sorted_by(|a, b| a.payer < b.payer), Error::<T>::PayersNotSorted);
		let purchases = vouchers
			.iter()
			.map(|voucher| T::Ledger::take(model, voucher))
			.collect::<Result<Vec<Purchase>, DispatchError>>()?;
		let trace = Self::check(&purchases, &diff, &totals, &trace)?;
		Self::expose(model, &operator, totals.fees, trace.steps())?;

		let mut lane = Lanes::<T>::get(model);
		let batch = lane.next;
		lane.next = batch.checked_add(1).ok_or(Error::<T>::NoMoreIds)?;
		lane.open = lane.open.saturating_add(1);
		Lanes::<T>::insert(model, lane);
		let costs = vouchers.into_iter().zip(&purchases);
		let costs = costs.map(|(voucher, purchase)| (voucher.payer, purchase.cost().unwrap_or(0)));
		Costs::<T>::insert(model, batch, BoundedVec::truncate_from(costs.collect::<Vec<_>>()));
		Diffs::<T>::insert(model, batch, diff);
		let now = Self::now();
		let deadline = now.saturating_add(T::Window::get());
		let root = trace.root;
		let record = Batch {
			operator: operator.clone(),
			version,
			epoch,
			price,
			terms,
			totals,
			trace,
			seeds: SeedChanges::<T>::get(),
			deadline,
			drawn: 0,
			demands: 0,
			asked: 0,
			answered: now,
			signers: BoundedVec::new(),
			status: Status::Pending,
		};
		Batches::<T>::insert(model, batch, record);
		Self::deposit_event(Event::BatchSubmitted {
			model,
			batch,
			operator,
			version,
			terms: number,
			totals,
			trace: root,
			deadline,
		});
		Ok(())
	}

	/// Checks that what was submitted adds up, and that the trace ends where it does.
	fn check(
		purchases: &[Purchase],
		diff: &Diff,
		totals: &Totals,
		submitted: &openledger_settlement::trace::Submitted,
	) -> Result<Trace, Error<T>> {
		let ends = ends(purchases, diff, totals).map_err(|unsound| match unsound {
			Unsound::Purchase => Error::<T>::BadPurchase,
			Unsound::Diff => Error::<T>::BadDiff,
			Unsound::Sum => Error::<T>::DoesNotAddUp,
			Unsound::Count => Error::<T>::BadCount,
		})?;
		commit(ends, totals, submitted).ok_or(Error::<T>::TraceEndsElsewhere)
	}

	/// Lets an operator's bond answer for one more batch.
	fn expose(model: ModelId, operator: &T::AccountId, fees: Nano, steps: u32) -> DispatchResult {
		let bond = T::Operators::bond(model, operator);
		ensure!(!bond.is_zero(), Error::<T>::NotOperator);
		let mut exposure = Exposures::<T>::get(model, operator);
		ensure!(exposure.slashed.is_none(), Error::<T>::OperatorSlashed);
		exposure.pending = exposure.pending.saturating_add(fees);
		exposure.batches = exposure.batches.saturating_add(1);
		exposure.steps = exposure.steps.saturating_add(steps);
		ensure!(units(exposure.pending) <= bond, Error::<T>::ExceedsBond);
		// Else to demand all that a silent operator withholds would cost more than there is to win.
		let demands = T::DemandDeposit::get().saturating_mul(exposure.steps.into());
		ensure!(demands <= bond, Error::<T>::TooManySteps);
		Exposures::<T>::insert(model, operator, exposure);
		Ok(())
	}

	/// The bond does not answer for these fees any more.
	pub(crate) fn less_pending(model: ModelId, operator: &T::AccountId, fees: Nano) {
		Exposures::<T>::mutate(model, operator, |exposure| {
			exposure.pending = exposure.pending.saturating_sub(fees);
		});
	}

	/// The bond does not answer for a batch any more.
	pub(crate) fn unexpose(model: ModelId, record: &Batch<T::AccountId>) {
		if record.status == Status::Pending {
			Self::less_pending(model, &record.operator, record.totals.fees);
		}
		Exposures::<T>::mutate_exists(model, &record.operator, |exposure| {
			let Some(inner) = exposure else { return };
			inner.steps = inner.steps.saturating_sub(record.trace.steps());
			inner.batches = inner.batches.saturating_sub(1);
			if inner.batches == 0 {
				*exposure = None;
			}
		});
	}

	/// Since when a pending batch has nobody's bond behind it.
	pub(crate) fn orphaned(model: ModelId, record: &Batch<T::AccountId>) -> Option<BlockNumber> {
		Exposures::<T>::get(model, &record.operator)
			.slashed
			.filter(|_| record.status == Status::Pending)
	}

	pub(crate) fn do_adopt(
		who: T::AccountId,
		model: ModelId,
		batch: BatchNumber,
	) -> DispatchResult {
		let mut record = Self::existing(model, batch)?;
		ensure!(Self::orphaned(model, &record).is_some(), Error::<T>::NotOrphan);
		ensure!(T::Operators::operator(model).as_ref() == Some(&who), Error::<T>::NotOperator);
		Self::unexpose(model, &record);
		Self::expose(model, &who, record.totals.fees, record.trace.steps())?;
		record.operator = who.clone();
		Batches::<T>::insert(model, batch, record);
		Self::deposit_event(Event::Adopted { model, batch, operator: who });
		Ok(())
	}

	pub(crate) fn do_expire_orphan(
		model: ModelId,
		batch: BatchNumber,
	) -> DispatchResultWithPostInfo {
		let record = Self::existing(model, batch)?;
		let since = Self::orphaned(model, &record).ok_or(Error::<T>::NotOrphan)?;
		ensure!(Self::now() > since.saturating_add(T::AdoptTime::get()), Error::<T>::NotOverdue);
		Self::void(model, batch, record, Fault::Orphaned, None)?;
		crate::openings::free()
	}

	/// A batch that can still fall.
	pub(crate) fn challengeable(
		model: ModelId,
		batch: BatchNumber,
	) -> Result<Batch<T::AccountId>, Error<T>> {
		let record = Self::existing(model, batch)?;
		let by_time = matches!(record.status, Status::Paying { early: false, .. });
		ensure!(!by_time, Error::<T>::AlreadyFinal);
		Ok(record)
	}

	/// Lets a batch fall: its payers are made whole; unless it is an orphan, its operator loses the bond
	/// and its signers their stakes.
	pub(crate) fn void(
		model: ModelId,
		batch: BatchNumber,
		record: Batch<T::AccountId>,
		fault: Fault,
		challenger: Option<T::AccountId>,
	) -> DispatchResult {
		// What was paid early on the word of attestors, their stakes replace.
		let (missing, early) = match record.status {
			Status::Pending => (0, 0),
			Status::Paying { .. } | Status::Paid => {
				(Self::paid_of(model, batch, &record), record.totals.fees)
			}
		};
		let mut slashed = CreditOf::<T>::zero();
		if fault != Fault::Orphaned {
			slashed.subsume(Self::slash_operator(model, &record.operator));
		}
		// Attestors answer for what they signed, not for an operator's silence: unless the batch was
		// final on their word, when they have its receipts and can speak for it.
		if matches!(fault, Fault::Wrong { .. }) || early > 0 {
			for signer in &record.signers {
				slashed.subsume(Self::slash_attestor(signer));
			}
		}
		Self::unsign(&record);
		let total = slashed.peek();
		let slashed = Self::replace_paid(missing, early, slashed);
		for (payer, cost) in Costs::<T>::take(model, batch) {
			// What is slashed replaces what was paid; were it ever less, the cheat falls all the same.
			if T::Ledger::give_back(model, &payer, cost).is_err() {
				frame_support::defensive!("escrow has what the batch cost");
			}
		}
		let reward = Self::reward(total, challenger.as_ref(), slashed);

		Self::unexpose(model, &record);
		Self::forget(model, batch);
		Self::deposit_event(Event::Voided {
			model,
			batch,
			fault,
			slashed: total,
			challenger,
			reward,
		});
		Ok(())
	}

	/// Puts into escrow what was paid of a batch that falls after it was final early, out of what is
	/// slashed. The same attestors may answer for other batches that were final early: what these
	/// would need is kept, else the first to fall would leave nothing for the payers of the second.
	fn replace_paid(missing: Nano, early: Nano, slashed: CreditOf<T>) -> CreditOf<T> {
		let (back, slashed) = slashed.split(units(missing));
		let replaced = (back.peek() / UNITS_PER_NANO) as Nano;
		T::Escrow::on_unbalanced(back);
		let others = EarlyFinal::<T>::get().saturating_sub(early);
		let reserve = Reserve::<T>::get().saturating_sub(missing.saturating_sub(replaced));
		let keep = others.saturating_sub(reserve);
		let keep = keep.min((slashed.peek() / UNITS_PER_NANO) as Nano);
		let (kept, slashed) = slashed.split(units(keep));
		T::Escrow::on_unbalanced(kept);
		Reserve::<T>::put(reserve.saturating_add(keep));
		Self::less_early(early);
		slashed
	}

	/// These fees cannot be challenged any more, or have been replaced.
	pub(crate) fn less_early(fees: Nano) {
		let left = EarlyFinal::<T>::mutate(|sum| {
			*sum = sum.saturating_sub(fees);
			*sum
		});
		if left == 0 {
			T::Ledger::forfeit(Reserve::<T>::take());
		}
	}

	/// Pays a challenger its part of all that was slashed, as far as it is left; the rest goes to the
	/// treasury.
	fn reward(total: Balance, challenger: Option<&T::AccountId>, slashed: CreditOf<T>) -> Balance {
		let Some(challenger) = challenger else {
			T::Slashed::on_unbalanced(slashed);
			return 0;
		};
		let most = T::DemandDeposit::get().saturating_mul(REWARD_DEPOSITS);
		let reward = T::ChallengerShare::get().mul_floor(total).min(most);
		let (reward, slashed) = slashed.split(reward);
		T::Slashed::on_unbalanced(slashed);
		let amount = reward.peek();
		match T::Currency::resolve(challenger, reward) {
			Ok(()) => amount,
			// Too little to open the challenger's account.
			Err(reward) => {
				T::Slashed::on_unbalanced(reward);
				0
			}
		}
	}

	/// Takes an operator's bond. Its pending batches wait to be adopted.
	fn slash_operator(model: ModelId, operator: &T::AccountId) -> CreditOf<T> {
		Exposures::<T>::mutate(model, operator, |exposure| {
			exposure.slashed = exposure.slashed.or(Some(Self::now()));
		});
		T::Operators::slash(model, operator)
	}

	/// Takes an attestor's stake. It attests no longer, and not again before the batches it signed are
	/// over.
	fn slash_attestor(attestor: &T::AccountId) -> CreditOf<T> {
		let Some(mut record) = Attestors::<T>::get(attestor) else { return CreditOf::<T>::zero() };
		if record.leaving.is_none() {
			TotalStake::<T>::mutate(|total| *total = total.saturating_sub(record.stake));
			record.leaving = Some(Self::now());
		}
		let stake = core::mem::take(&mut record.stake);
		Attestors::<T>::insert(attestor, record);
		let (slashed, _) = T::Currency::slash(&HoldReason::AttestorStake.into(), attestor, stake);
		let stake = slashed.peek();
		Self::deposit_event(Event::AttestorSlashed { attestor: attestor.clone(), stake });
		slashed
	}

	/// Removes what is stored of a batch.
	pub(crate) fn forget(model: ModelId, batch: BatchNumber) {
		Batches::<T>::remove(model, batch);
		Costs::<T>::remove(model, batch);
		Diffs::<T>::remove(model, batch);
		Lanes::<T>::mutate(model, |lane| lane.open = lane.open.saturating_sub(1));
	}
}
