//! Price epochs: a price never changes while somebody relies on it.

use super::*;

impl<T: Config> Pallet<T> {
	/// Writes a price that begins after a delay, and forgets what no batch may use any more.
	pub(crate) fn announce(
		model: ModelId,
		mut record: Model<T::AccountId>,
		price: Price,
		delay: BlockNumber,
	) -> DispatchResult {
		ensure!(
			fee(price, u32::MAX, u32::MAX, T::PlatformFee::get()).is_some(),
			Error::<T>::BadPrice
		);
		let now = Self::now();
		let from = now.saturating_add(delay);
		let epoch = record.epochs;
		ensure!(epoch < ID_LIMIT, Error::<T>::NoMoreIds);
		if let Some(oldest) = epoch.checked_sub(MAX_EPOCHS) {
			let ended = Prices::<T>::get(model, oldest.saturating_add(1))
				.is_some_and(|next| next.from.saturating_add(T::PriceGrace::get()) < now);
			ensure!(ended, Error::<T>::TooManyPrices);
			Prices::<T>::remove(model, oldest);
		}
		record.epochs = epoch.saturating_add(1);
		Prices::<T>::insert(model, epoch, PriceEpoch { price, from });
		Models::<T>::insert(model, record);
		Self::deposit_event(Event::PriceAnnounced { model, epoch, price, from });
		Ok(())
	}

	/// The price in force at a block: the last that had begun.
	pub fn price_at(model: ModelId, block: BlockNumber) -> Option<(Epoch, PriceEpoch)> {
		let epochs = Models::<T>::get(model)?.epochs;
		(epochs.saturating_sub(MAX_EPOCHS)..epochs)
			.rev()
			.filter_map(|epoch| Some((epoch, Prices::<T>::get(model, epoch)?)))
			.find(|(_, price)| price.from <= block)
	}
}
