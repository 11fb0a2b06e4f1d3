//! The terms of splitting: numbered as governance changes them, remembered while batches may name
//! them.

use super::*;

impl<T: Config> Pallet<T> {
	/// Notes a change. One that would make the pallet forget terms that batches may still name waits
	/// until they may not.
	pub(crate) fn note_terms() {
		let terms = T::Terms::get();
		let mut history = TermsHistory::<T>::get();
		let number = match history.last_mut() {
			Some(last) if last.terms == terms => return,
			Some(last) => {
				let Some(next) = last.number.checked_add(1) else { return };
				last.ended = Some(Self::now());
				next
			}
			None => 0,
		};
		if history.is_full() {
			if history.first().is_some_and(Self::may_be_named) {
				return;
			}
			history.remove(0);
		}
		if history.try_push(TermsPeriod { number, terms, ended: None }).is_ok() {
			TermsHistory::<T>::put(history);
			Self::deposit_event(Event::TermsSet { number, terms });
		}
	}

	/// Whether batches may name these terms: in force, or lately.
	fn may_be_named(period: &TermsPeriod) -> bool {
		let now = Self::now();
		period.ended.is_none_or(|ended| now < ended.saturating_add(T::TermsGrace::get()))
	}

	/// The terms of a number, as long as batches may name it.
	pub(crate) fn terms_of(number: TermsNumber) -> Option<Terms> {
		let history = TermsHistory::<T>::get();
		if history.is_empty() {
			return (number == 0).then(T::Terms::get);
		}
		let period = history.iter().find(|period| period.number == number)?;
		Self::may_be_named(period).then_some(period.terms)
	}

	/// The number of the terms in force, and the terms.
	pub(crate) fn latest_terms() -> (TermsNumber, Terms) {
		TermsHistory::<T>::get()
			.last()
			.map_or_else(|| (0, T::Terms::get()), |period| (period.number, period.terms))
	}
}
