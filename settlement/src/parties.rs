//! The traits by which pallets meet around a batch. They speak this crate's words, so they stand here
//! and not with those of the record in `primitives`.

use crate::{
	diff::{Increase, Purchase},
	price::Price,
	split::{TakenFrom, Terms},
	state::Totals,
	voucher::Bought,
	Nano,
};
use alloc::vec::Vec;
use openledger_primitives::{
	records::{Epoch, ModelId, Snapshot, VersionNumber},
	stored, Balance, Signature,
};
use sp_runtime::{DispatchError, DispatchResult, Permill};

/// Numbers the terms of splitting that governance has set, from zero.
pub type TermsNumber = u32;

/// What a version's receipts are checked against.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Trained {
	/// What may be credited: its snapshots and references, by ascending datanet.
	pub snapshots: Vec<Snapshot>,
	/// How many chunks are retrieved for an answer; none if its method is another, whose evidence does
	/// not exist yet.
	pub retrieval: Option<u8>,
}

/// Who gets the model's share.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Lineage<AccountId> {
	/// Who owns the model.
	pub owner: AccountId,
	/// The owners of its ancestors, with what they take and of whose share.
	pub ancestors: Vec<(AccountId, Permill, TakenFrom)>,
}

/// The models, as lanes see them.
pub trait Models<AccountId> {
	/// What a version may credit; none if there is no such version.
	fn trained(model: ModelId, version: VersionNumber) -> Option<Trained>;

	/// The price of an epoch, if it is in force or was until lately.
	fn price(model: ModelId, epoch: Epoch) -> Option<Price>;

	/// Who gets the model's share.
	fn lineage(model: ModelId) -> Option<Lineage<AccountId>>;
}

/// The operators of models, and their bonds.
pub trait Operators<AccountId> {
	/// What a slash takes.
	type Slashed;

	/// Who operates the model, bonded.
	fn operator(model: ModelId) -> Option<AccountId>;

	/// What answers for an account's batches there: also for a while after its operation.
	fn bond(model: ModelId, operator: &AccountId) -> Balance;

	/// Takes the whole bond; its operation has ended.
	fn slash(model: ModelId, operator: &AccountId) -> Self::Slashed;
}

/// Says what an operator's bond still answers for.
pub trait Answerable<AccountId> {
	/// Whether batches of the operator are open there.
	fn answers(model: ModelId, operator: &AccountId) -> bool;
}

impl<AccountId> Answerable<AccountId> for () {
	fn answers(_: ModelId, _: &AccountId) -> bool {
		false
	}
}

stored! {
	/// A payer's signature over what it has bought so far from a model.
	pub struct Voucher<AccountId> {
		/// Who has bought.
		pub payer: AccountId,
		/// What.
		pub bought: Bought,
		/// By the payer's signer.
		pub signature: Signature,
	}
}

/// The money of lanes.
pub trait Ledger<AccountId> {
	/// Terms of splitting, if they are in force or were until lately.
	fn terms(number: TermsNumber) -> Option<Terms>;

	/// Checks a voucher, and moves what it costs from the payer's entry into escrow.
	fn take(model: ModelId, voucher: &Voucher<AccountId>) -> Result<Purchase, DispatchError>;

	/// What is in escrow.
	fn escrowed() -> Nano;

	/// Gives back to a payer's entry what is in escrow. What it has bought stays bought.
	fn give_back(model: ModelId, payer: &AccountId, amount: Nano) -> DispatchResult;

	/// Pays out of escrow to the treasury what was slashed and kept there, and is not needed.
	fn forfeit(amount: Nano);

	/// Pays what a batch adds up to out of escrow, beside what contributions earn.
	fn pay_totals(
		model: ModelId,
		version: VersionNumber,
		operator: &AccountId,
		terms: &Terms,
		totals: &Totals,
	) -> DispatchResult;

	/// Pays contributions out of escrow. What was earned from private receipts goes to the commons
	/// unless the batch was attested.
	fn pay_contributions(increases: &[Increase], attested: bool) -> DispatchResult;
}
