//! The ledger, as lanes use it.

use super::*;
use frame_support::defensive;

impl<T: Config> Ledger<AccountId> for Pallet<T> {
	fn terms(number: TermsNumber) -> Option<Terms> {
		Self::terms_of(number)
	}

	fn take(model: ModelId, voucher: &Voucher<AccountId>) -> Result<Purchase, DispatchError> {
		Self::do_take(model, voucher)
	}

	fn escrowed() -> Nano {
		Self::escrowed()
	}

	fn forfeit(amount: Nano) {
		if Self::transfer(&T::EscrowPot::get(), &T::Treasury::get(), amount).is_err() {
			defensive!("escrow has what was kept there");
		}
	}

	fn give_back(model: ModelId, payer: &AccountId, amount: Nano) -> DispatchResult {
		Self::do_give_back(model, payer, amount)
	}

	fn pay_totals(
		model: ModelId,
		version: VersionNumber,
		operator: &AccountId,
		terms: &Terms,
		totals: &Totals,
	) -> DispatchResult {
		Self::do_pay_totals(model, version, operator, terms, totals)
	}

	fn pay_contributions(increases: &[Increase], attested: bool) -> DispatchResult {
		Self::do_pay_contributions(increases, attested)
	}
}
