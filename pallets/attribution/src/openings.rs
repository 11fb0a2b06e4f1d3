//! Openings: demanded or drawn, executed again, and what follows.

use super::*;
use frame_support::{
	dispatch::PostDispatchInfo,
	traits::{
		fungible::hold::Mutate as _,
		tokens::{Fortitude, Precision, Restriction},
	},
};
use openledger_primitives::content::ContentTree;
use openledger_settlement::{
	chain::Chain,
	execute::Wrong,
	opening::{authenticate, check, Malformed, Verdict},
	receipt::Receipt,
	retrieval::{credits, judge, matches},
	MAX_CREDITS, STEP,
};

/// The least bytes of a trie proof that a receipt with all its credits brings: proofs that are larger
/// than their receipts account for are charged as if they had more receipts.
const PROOF_PER_RECEIPT: u32 = 2_048;

impl<T: Config> From<Malformed> for Error<T> {
	fn from(malformed: Malformed) -> Self {
		match malformed {
			Malformed::NoSuchStep => Self::NoSuchStep,
			Malformed::NotInTrace => Self::NotInTrace,
			Malformed::NotBefore => Self::NotBefore,
			Malformed::BadProof => Self::BadProof,
		}
	}
}

/// What a challenge costs: nothing.
pub(crate) fn free() -> DispatchResultWithPostInfo {
	Ok(PostDispatchInfo { actual_weight: None, pays_fee: Pays::No })
}

impl<T: Config> Pallet<T> {
	/// What an opening weighs that holds.
	pub fn holding(opening: &Opening, disclosures: &[Disclosure]) -> Weight {
		T::WeightInfo::open(Self::opened(opening), Self::disclosed(disclosures))
	}

	/// How many full receipts an opening weighs as much as.
	fn opened(opening: &Opening) -> u32 {
		let by_proof = (opening.proof_size() as u32).div_ceil(PROOF_PER_RECEIPT);
		(opening.receipts.len() as u32).max(by_proof)
	}

	/// How many kibibytes are disclosed.
	fn disclosed(disclosures: &[Disclosure]) -> u32 {
		disclosures.iter().fold(0, |sum: u32, disclosure| {
			let bytes = disclosure.output.len().saturating_add(disclosure.citations.encoded_size());
			sum.saturating_add((bytes as u32).div_ceil(1_024))
		})
	}

	pub(crate) fn do_demand(
		who: T::AccountId,
		model: ModelId,
		batch: BatchNumber,
		receipt: u32,
	) -> DispatchResult {
		let mut record = Self::challengeable(model, batch)?;
		let now = Self::now();
		ensure!(now < record.deadline, Error::<T>::TooLate);
		ensure!(u64::from(receipt) < record.trace.receipts, Error::<T>::NoSuchReceipt);
		let key = (model, batch, receipt);
		ensure!(!Demands::<T>::contains_key(key), Error::<T>::AlreadyDemanded);
		let deposit = T::DemandDeposit::get();
		T::Currency::hold(&HoldReason::Demand.into(), &who, deposit)?;
		record.demands = record.demands.saturating_add(1);
		record.asked = record.asked.saturating_add(1);
		let until = now.saturating_add(Self::time_to_answer(record.demands));
		Demands::<T>::insert(key, Demand { by: who.clone(), deposit, until });
		Batches::<T>::insert(model, batch, record);
		Self::deposit_event(Event::Demanded { model, batch, receipt, by: who, until });
		Ok(())
	}

	pub(crate) fn do_open(
		who: T::AccountId,
		model: ModelId,
		batch: BatchNumber,
		opening: Opening,
		disclosures: Vec<Disclosure>,
	) -> DispatchResultWithPostInfo {
		let record = Self::challengeable(model, batch)?;
		ensure!(opening.proof_size() <= MAX_PROOF, Error::<T>::BadProof);
		let (context, top) = Self::context(model, &record)?;
		let chain = Chain::default();
		let step = opening.step;
		let mut verdict =
			check(&opening, &record.trace, &context, &chain).map_err(Error::<T>::from)?;
		for disclosure in &disclosures {
			let receipt = Self::receipt(&opening, disclosure.receipt)?;
			Self::check_disclosure(receipt, disclosure)?;
			let right = credits(&disclosure.citations, top)
				.is_some_and(|right| right == (receipt.credits.clone(), receipt.rest));
			if !right && verdict == Verdict::Holds {
				verdict = Verdict::Wrong(Wrong::Sum);
			}
		}
		if let Verdict::Wrong(wrong) = verdict {
			let fault = Fault::Wrong { step, wrong };
			Self::void(model, batch, record, fault, Some(who))?;
			return free();
		}
		let weight = Self::holding(&opening, &disclosures);
		let disclosed: Vec<u8> = disclosures.iter().map(|disclosure| disclosure.receipt).collect();
		let drawn = Self::answer(&who, model, batch, record, &opening, &disclosed)?;
		let pays_fee = if drawn { Pays::No } else { Pays::Yes };
		Ok(PostDispatchInfo { actual_weight: Some(weight), pays_fee })
	}

	fn receipt(opening: &Opening, place: u8) -> Result<&Receipt, Error<T>> {
		opening.receipts.get(usize::from(place)).ok_or(Error::<T>::NoSuchReceipt)
	}

	/// The output and the matches are the receipt's.
	fn check_disclosure(receipt: &Receipt, disclosure: &Disclosure) -> Result<(), Error<T>> {
		let Disclosure { output, citations, .. } = disclosure;
		let named = ContentTree::of(output).id() == Some(receipt.core.output);
		ensure!(output.len() <= MAX_OUTPUT && named, Error::<T>::BadOutput);
		ensure!(matches(citations) == receipt.matches, Error::<T>::BadMatches);
		Ok(())
	}

	/// Counts an opening that holds as the answer to what was asked. Says whether it answers a draw.
	fn answer(
		who: &T::AccountId,
		model: ModelId,
		batch: BatchNumber,
		mut record: Batch<T::AccountId>,
		opening: &Opening,
		disclosed: &[u8],
	) -> Result<bool, DispatchError> {
		let step = opening.step;
		// What is private need not be shown.
		let shown: Vec<u8> = (0_u8..)
			.zip(&opening.receipts)
			.filter(|(place, receipt)| receipt.core.private || disclosed.contains(place))
			.map(|(place, _)| place)
			.collect();
		let mut answered = 0;
		for place in &shown {
			let receipt = step.saturating_mul(STEP).saturating_add((*place).into());
			if let Some(demand) = Demands::<T>::take((model, batch, receipt)) {
				Self::pay_demand(&record.operator, who, demand)?;
				answered = u32::saturating_add(answered, 1);
			}
		}
		record.demands = record.demands.saturating_sub(answered);

		let drawn = Self::draws_of(model, batch, &record).and_then(|(draws, _)| {
			let nth = draws.iter().position(|draw| draw.step == step)?;
			let draw = draws.get(nth)?;
			let bit = 1_u8.checked_shl(nth as u32)?;
			let shown = shown.iter().any(|place| u32::from(*place) == draw.receipt);
			(shown && record.drawn & bit == 0).then_some(bit)
		});
		record.drawn |= drawn.unwrap_or_default();
		let drawn = drawn.is_some();
		ensure!(answered > 0 || drawn, Error::<T>::NotAsked);
		record.answered = Self::now();
		Batches::<T>::insert(model, batch, record);
		Self::deposit_event(Event::Opened { model, batch, step, demands: answered, drawn });
		Ok(drawn)
	}

	/// Pays the deposit of a demand for its answer, by force: a lock on it, for votes say, keeps nothing.
	/// For half of the time it is the operator's, so that nobody gains by repeating its answer; then it
	/// is of whoever answers for a silent operator, an attestor who would lose by the silence say.
	fn pay_demand(
		operator: &T::AccountId,
		answerer: &T::AccountId,
		demand: Demand<T::AccountId>,
	) -> DispatchResult {
		let late = demand.until.saturating_sub(Self::now()) < T::AnswerTime::get() / 2;
		T::Currency::transfer_on_hold(
			&HoldReason::Demand.into(),
			&demand.by,
			if late { answerer } else { operator },
			demand.deposit,
			Precision::BestEffort,
			Restriction::Free,
			Fortitude::Force,
		)?;
		Ok(())
	}

	pub(crate) fn do_wrong_credit(
		who: T::AccountId,
		model: ModelId,
		batch: BatchNumber,
		opening: Opening,
		challenge: CreditChallenge,
	) -> DispatchResultWithPostInfo {
		let record = Self::challengeable(model, batch)?;
		let (context, top) = Self::context(model, &record)?;
		ensure!(opening.nodes.is_empty(), Error::<T>::BadProof);
		authenticate(&opening, &record.trace).map_err(Error::<T>::from)?;
		let receipt = Self::receipt(&opening, challenge.receipt)?;
		let CreditChallenge { citations, evidence, .. } = &challenge;
		let content = T::Contributions::content;
		let wrong = judge(&context, top, receipt, citations, evidence, content)
			.ok_or(Error::<T>::ShowsNothing)?;
		let fault = Fault::Wrong { step: opening.step, wrong };
		Self::void(model, batch, record, fault, Some(who))?;
		free()
	}

	pub(crate) fn do_expire_demand(
		model: ModelId,
		batch: BatchNumber,
		receipt: u32,
	) -> DispatchResultWithPostInfo {
		let record = Self::challengeable(model, batch)?;
		let demand = Demands::<T>::get((model, batch, receipt)).ok_or(Error::<T>::NoSuchDemand)?;
		ensure!(Self::now() > demand.until, Error::<T>::NotOverdue);
		Self::void(model, batch, record, Fault::NoAnswer { receipt }, Some(demand.by))?;
		free()
	}

	pub(crate) fn do_expire_draws(
		who: T::AccountId,
		model: ModelId,
		batch: BatchNumber,
	) -> DispatchResultWithPostInfo {
		let record = Self::challengeable(model, batch)?;
		let (_, until) = Self::draws_of(model, batch, &record).ok_or(Error::<T>::NotOverdue)?;
		let open = !Self::all_drawn(&record);
		ensure!(open && Self::now() > until, Error::<T>::NotOverdue);
		Self::void(model, batch, record, Fault::NoDraws, Some(who))?;
		free()
	}

	pub(crate) fn do_release_demand(
		model: ModelId,
		batch: BatchNumber,
		receipt: u32,
	) -> DispatchResult {
		ensure!(!Batches::<T>::contains_key(model, batch), Error::<T>::BatchStands);
		let demand = Demands::<T>::take((model, batch, receipt)).ok_or(Error::<T>::NoSuchDemand)?;
		T::Currency::give_back(HoldReason::Demand, &demand.by, demand.deposit);
		Self::deposit_event(Event::DemandReleased { model, batch, receipt });
		Ok(())
	}
}

/// A step of full receipts fits what an opening may bring.
const _: () = assert!(STEP * PROOF_PER_RECEIPT <= MAX_PROOF as u32 && MAX_CREDITS > 0);
