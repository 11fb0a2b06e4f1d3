//! Vouchers: what is signed is paid, once.

use super::*;
use alloc::{borrow::ToOwned, vec::Vec};
use openledger_primitives::Signature;
use openledger_settlement::voucher::{message, wrapped};
use sp_runtime::traits::Verify;

impl<T: Config> Pallet<T> {
	/// The bytes that a payer signs here, over what it has bought so far from a model.
	pub fn voucher_message(model: ModelId, payer: &AccountId, bought: &Bought) -> Vec<u8> {
		let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		message(genesis, model, payer, bought)
	}

	/// Whether one who may has signed the voucher, as it is or as browser wallets wrap it.
	fn is_signed(model: ModelId, voucher: &Voucher<AccountId>, entry: &Entry) -> bool {
		let plain = Self::voucher_message(model, &voucher.payer, &voucher.bought);
		let wrapped = wrapped(&plain);
		let mut signers = core::iter::once(&entry.signer).chain(Self::former_signer(entry));
		let signed = |signature: &Signature, by| {
			signature.verify(&plain[..], by) || signature.verify(&wrapped[..], by)
		};
		signers.any(|signer| signed(&voucher.signature, signer))
	}

	pub(crate) fn do_take(
		model: ModelId,
		voucher: &Voucher<AccountId>,
	) -> Result<Purchase, DispatchError> {
		let Voucher { payer, bought, .. } = voucher;
		let entry = Self::entry_or_error(model, payer)?;
		let purchase = Purchase { before: entry.bought, after: *bought };
		let cost = purchase.cost().ok_or(Error::<T>::StaleVoucher)?;
		ensure!(bought.cumulative < LIMIT, Error::<T>::AmountTooLarge);
		ensure!(bought.head.is_canonical(), Error::<T>::BadHead);
		ensure!(Self::is_signed(model, voucher, &entry), Error::<T>::BadSignature);
		let entry = entry.less(cost).ok_or(Error::<T>::NotCovered)?;
		Self::transfer(&T::PayersPot::get(), &T::EscrowPot::get(), cost)?;
		Payers::<T>::insert(model, payer, Entry { bought: *bought, ..entry });
		let (payer, bought) = (payer.to_owned(), *bought);
		Self::deposit_event(Event::Spent { model, payer, bought, cost });
		Ok(purchase)
	}

	pub(crate) fn do_give_back(model: ModelId, payer: &AccountId, amount: Nano) -> DispatchResult {
		let mut entry = Self::entry_or_error(model, payer)?;
		entry.balance = entry.balance.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		Self::transfer(&T::EscrowPot::get(), &T::PayersPot::get(), amount)?;
		Payers::<T>::insert(model, payer, entry);
		Self::deposit_event(Event::GivenBack { model, payer: payer.to_owned(), amount });
		Ok(())
	}
}
