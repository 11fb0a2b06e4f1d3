//! From this chain to Ethereum.

use super::*;

impl<T: Config> Pallet<T> {
	/// What a withdrawal weighs, its part of the commitment at the end of the block included.
	pub(crate) fn withdrawal_weight() -> Weight {
		T::WeightInfo::withdraw()
			.saturating_add(T::WeightInfo::commit(1))
			.saturating_sub(T::WeightInfo::commit(0))
	}

	pub(crate) fn do_withdraw(who: AccountId, recipient: H160, amount: Balance) -> DispatchResult {
		ensure!(!Halted::<T>::get().outbound, Error::<T>::Halted);
		let vault = TheVault::<T>::get().ok_or(Error::<T>::VaultNotSet)?;
		ensure!(
			![H160::zero(), vault.address, vault.token].contains(&recipient),
			Error::<T>::InvalidRecipient
		);
		let limits = CurrentLimits::<T>::get();
		ensure!(amount >= limits.min_withdrawal, Error::<T>::BelowMinimum);
		ensure!(amount <= limits.max_withdrawal, Error::<T>::AboveMaximum);
		ensure!(amount <= Self::backing(), Error::<T>::InsufficientBacking);
		let used = WithdrawnLately::<T>::get()
			.using(amount, limits.withdrawal_capacity, T::LimitPeriod::get(), Self::now())
			.ok_or(Error::<T>::RateLimited)?;

		let nonce = WithdrawalCount::<T>::get().saturating_add(1);
		let leaf = messages::leaf(
			messages::domain(&vault, Self::genesis_hash()),
			nonce,
			recipient,
			amount,
		);
		Queue::<T>::try_append(leaf).map_err(|()| Error::<T>::QueueFull)?;
		WithdrawalCount::<T>::put(nonce);
		Withdrawals::<T>::insert(nonce, Withdrawal { recipient, amount, block: Self::now() });
		WithdrawnLately::<T>::put(used);
		T::Currency::burn_from(
			&who,
			amount,
			Preservation::Expendable,
			Precision::Exact,
			Fortitude::Polite,
		)?;
		Moved::<T>::mutate(|moved| moved.burned = moved.burned.saturating_add(amount));
		Self::deposit_event(Event::WithdrawalQueued { nonce, who, recipient, amount });
		Ok(())
	}

	/// What the vault holds for OPEN that exists here; nothing counts before all that was issued at
	/// genesis is pre-locked.
	fn backing() -> Balance {
		let moved = Moved::<T>::get();
		if moved.pre_locked < T::GenesisIssuance::get() {
			return 0;
		}
		moved.locked().saturating_sub(moved.parked)
	}

	/// What could be withdrawn now, over all withdrawals.
	pub fn withdrawable() -> Balance {
		let limits = CurrentLimits::<T>::get();
		WithdrawnLately::<T>::get()
			.free_at(limits.withdrawal_capacity, T::LimitPeriod::get(), Self::now())
			.min(Self::backing())
	}

	/// Puts the root of this block's messages where the next block's MMR leaf reads it.
	pub(crate) fn commit() {
		let queue = Queue::<T>::take();
		let count: u32 = queue.len().saturated_into();
		if count == 0 {
			MessagesRoot::<T>::kill();
			return;
		}
		let root = messages::root(queue.into_iter());
		MessagesRoot::<T>::put(root);
		let first = WithdrawalCount::<T>::get().saturating_sub(count.into()).saturating_add(1);
		Commitments::<T>::insert(Self::now(), Committed { first, count });
		Self::deposit_event(Event::MessagesCommitted { root, first, count });
	}

	/// The leaves of a block's messages.
	pub(crate) fn leaves(committed: Committed) -> Option<Vec<H256>> {
		let domain = messages::domain(&TheVault::<T>::get()?, Self::genesis_hash());
		let Committed { first, count } = committed;
		(first..first.saturating_add(count.into()))
			.map(|nonce| {
				let Withdrawal { recipient, amount, .. } = Withdrawals::<T>::get(nonce)?;
				Some(messages::leaf(domain, nonce, recipient, amount))
			})
			.collect()
	}

	/// A withdrawal, the root of its block's messages and the way there; none if there is none, or
	/// its block is not complete.
	pub fn prove_withdrawal(nonce: u64) -> Option<(Withdrawal, H256, Vec<H256>)> {
		let withdrawal = Withdrawals::<T>::get(nonce)?;
		let committed = Commitments::<T>::get(withdrawal.block)?;
		let index = nonce.checked_sub(committed.first)?.try_into().ok()?;
		let (root, proof) = messages::proof(Self::leaves(committed)?, index)?;
		Some((withdrawal, root, proof))
	}

	/// What messages are for; none before the vault is named.
	pub fn domain() -> Option<H256> {
		Some(messages::domain(&TheVault::<T>::get()?, Self::genesis_hash()))
	}
}
