//! From Ethereum to this chain.

use super::*;
use messages::Locked;
use snowbridge_beacon_primitives::VersionedExecutionPayloadHeader;

/// What may be minted, and what stands in the way of more.
struct Room {
	amount: Balance,
	bound: ParkReason,
}

impl<T: Config> Pallet<T> {
	/// Bytes of the proof, as its weight counts them: all of it is read, hashed or compared. A node of
	/// a trie counts as no less than the hash that names it, so that many empty ones are not free.
	pub(crate) fn size(proof: &EventProof) -> u32 {
		let EventProof { event_log, proof } = proof;
		let hashes = proof
			.execution_proof
			.ancestry_proof
			.as_ref()
			.map_or(0, |ancestry| ancestry.header_branch.len())
			.saturating_add(proof.execution_proof.execution_branch.len())
			.saturating_add(event_log.topics.len());
		let of_any_length = match &proof.execution_proof.execution_header {
			VersionedExecutionPayloadHeader::Capella(header) => {
				[header.logs_bloom.len(), header.extra_data.len()]
			}
			VersionedExecutionPayloadHeader::Deneb(header) => {
				[header.logs_bloom.len(), header.extra_data.len()]
			}
		};
		let nodes = proof.receipt_proof.iter().map(|node| node.len().max(size_of::<H256>()));
		nodes
			.chain(of_any_length)
			.fold(event_log.data.len(), usize::saturating_add)
			.saturating_add(hashes.saturating_mul(size_of::<H256>()))
			.saturated_into()
	}

	pub(crate) fn do_submit_deposit(submitter: AccountId, proof: &EventProof) -> DispatchResult {
		ensure!(!Halted::<T>::get().inbound, Error::<T>::Halted);
		let vault = TheVault::<T>::get().ok_or(Error::<T>::VaultNotSet)?;
		let log = &proof.event_log;
		ensure!(log.address == vault.address, Error::<T>::WrongEmitter);
		ensure!(log.topics.first() == Some(&Locked::signature()), Error::<T>::WrongTopic);
		let Locked { nonce, recipient, amount, .. } =
			Locked::read(&log.topics, &log.data).ok_or(Error::<T>::InvalidLog)?;
		ensure!(!Self::is_executed(nonce), Error::<T>::AlreadyProcessed);
		ensure!(!recipient.is_zero(), Error::<T>::InvalidRecipient);
		let amount = Balance::try_from(amount).map_err(|_| Error::<T>::AmountOverflow)?;
		ensure!(amount > 0 && amount <= T::MaxSupply::get(), Error::<T>::AmountOverflow);
		ensure!(Self::size(proof) <= T::MaxReceiptProof::get(), Error::<T>::ProofTooLarge);

		T::Verifier::verify(log, &proof.proof).map_err(Error::<T>::Verification)?;

		SparseBitmapImpl::<Executed<T>>::set(nonce);
		if recipient == Self::genesis_hash() {
			Moved::<T>::mutate(|moved| {
				moved.pre_locked = moved.pre_locked.saturating_add(amount);
			});
			Self::deposit_event(Event::PreLocked { nonce, amount });
			return Ok(());
		}
		Self::execute(nonce, recipient.0.into(), amount, submitter);
		Ok(())
	}

	/// Mints a deposit, or parks it. The tip is given if both can take what they get, so that no
	/// submitter can keep a deposit from its recipient.
	fn execute(nonce: u64, recipient: AccountId, amount: Balance, submitter: AccountId) {
		let Room { amount: room, bound } = Self::room();
		let tip = CurrentLimits::<T>::get().tip.min(MAX_TIP.mul_floor(amount));
		let mint = |tip| Self::mint(&recipient, amount, Some((&submitter, tip))).map(|()| tip);
		let reason = if room < amount {
			bound
		} else if let Ok(tip) = mint(tip).or_else(|_| mint(0)) {
			Self::deposit_event(Event::DepositMinted { nonce, recipient, amount, tip, submitter });
			return;
		} else {
			ParkReason::Refused
		};
		ParkedDeposits::<T>::insert(nonce, Parked { recipient: recipient.clone(), amount });
		Moved::<T>::mutate(|moved| moved.parked = moved.parked.saturating_add(amount));
		Self::deposit_event(Event::DepositParked { nonce, recipient, amount, reason });
	}

	pub(crate) fn do_claim_parked(nonce: u64) -> DispatchResult {
		ensure!(!Halted::<T>::get().inbound, Error::<T>::Halted);
		let Parked { recipient, amount } =
			ParkedDeposits::<T>::get(nonce).ok_or(Error::<T>::NothingParked)?;
		let Room { amount: room, bound } = Self::room();
		let part = amount.min(room);
		ensure!(
			part > 0,
			match bound {
				ParkReason::SupplyCapReached => Error::<T>::SupplyCapExceeded,
				_ => Error::<T>::RateLimited,
			}
		);
		Self::mint(&recipient, part, None)?;
		let left = amount.saturating_sub(part);
		if left == 0 {
			ParkedDeposits::<T>::remove(nonce);
		} else {
			ParkedDeposits::<T>::insert(
				nonce,
				Parked { recipient: recipient.clone(), amount: left },
			);
		}
		Moved::<T>::mutate(|moved| moved.parked = moved.parked.saturating_sub(part));
		Self::deposit_event(Event::ParkedClaimed { nonce, recipient, amount: part, left });
		Ok(())
	}

	/// What limits let through now.
	fn room() -> Room {
		let limits = CurrentLimits::<T>::get();
		let below_cap = limits.supply_cap.saturating_sub(T::Currency::total_issuance());
		let free = MintedLately::<T>::get().free_at(
			limits.deposit_capacity,
			T::LimitPeriod::get(),
			Self::now(),
		);
		if below_cap < free {
			Room { amount: below_cap, bound: ParkReason::SupplyCapReached }
		} else {
			Room { amount: free, bound: ParkReason::RateLimited }
		}
	}

	/// What could be minted now.
	pub fn mintable() -> Balance {
		Self::room().amount
	}

	/// Mints an amount, a part of it as a tip, all or nothing.
	#[frame_support::transactional]
	fn mint(
		recipient: &AccountId,
		amount: Balance,
		tip: Option<(&AccountId, Balance)>,
	) -> DispatchResult {
		let limits = CurrentLimits::<T>::get();
		let used = MintedLately::<T>::get()
			.using(amount, limits.deposit_capacity, T::LimitPeriod::get(), Self::now())
			.ok_or(Error::<T>::RateLimited)?;
		MintedLately::<T>::put(used);
		let mut net = amount;
		if let Some((submitter, tip)) = tip.filter(|(_, tip)| *tip > 0) {
			T::Currency::mint_into(submitter, tip)?;
			net = amount.saturating_sub(tip);
		}
		T::Currency::mint_into(recipient, net)?;
		Moved::<T>::mutate(|moved| moved.minted = moved.minted.saturating_add(amount));
		Ok(())
	}

	/// Whether a deposit was executed.
	pub fn is_executed(nonce: u64) -> bool {
		SparseBitmapImpl::<Executed<T>>::get(nonce)
	}
}
