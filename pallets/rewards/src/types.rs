//! What the pallet stores.

use openledger_primitives::{stored, AccountId, BlockNumber};
use openledger_settlement::{parties::TermsNumber, split::Terms, voucher::Bought, Nano};

/// The terms that are remembered: those in force, and those before them.
pub const MAX_TERMS: u32 = 8;

stored! {
	/// What is on its way out of a payer's entry. Vouchers can still draw on it.
	#[derive(Copy)]
	pub struct Leaving {
		/// How much.
		pub amount: Nano,
		/// From which block on it can be taken, by the clock of deadlines.
		pub at: BlockNumber,
	}
}

stored! {
	/// Who signed vouchers before.
	pub struct FormerSigner {
		/// Who it is.
		pub account: AccountId,
		/// The last block in which a voucher of theirs counts, by the clock of deadlines.
		pub until: BlockNumber,
	}
}

stored! {
	/// What a payer has with a model.
	pub struct Entry {
		/// What can be spent or withdrawn.
		pub balance: Nano,
		/// What is being withdrawn.
		pub leaving: Option<Leaving>,
		/// What was bought so far, over all batches, void ones included.
		pub bought: Bought,
		/// Who signs vouchers.
		pub signer: AccountId,
		/// Who signed them before.
		pub former_signer: Option<FormerSigner>,
	}
}

impl Entry {
	/// Everything that is held for the payer here.
	pub fn held(&self) -> Nano {
		self.balance.saturating_add(self.leaving.map_or(0, |leaving| leaving.amount))
	}

	/// The entry after paying this, from the balance first; none if there is not enough.
	pub(crate) fn less(mut self, cost: Nano) -> Option<Self> {
		let from_balance = cost.min(self.balance);
		self.balance = self.balance.checked_sub(from_balance)?;
		let rest = cost.checked_sub(from_balance)?;
		if rest > 0 {
			let Leaving { amount, at } = self.leaving?;
			let amount = amount.checked_sub(rest)?;
			self.leaving = (amount > 0).then_some(Leaving { amount, at });
		}
		Some(self)
	}
}

stored! {
	/// What a contribution has earned and nobody has claimed.
	#[derive(Copy, Default)]
	pub struct Owed {
		/// For who has the right to earn.
		pub earner: Nano,
		/// For the reviewers who accepted it.
		pub curators: Nano,
	}
}

stored! {
	/// What a version of a model has sold, in batches that became final.
	#[derive(Copy, Default)]
	pub struct Sold {
		/// How many inferences.
		pub receipts: u64,
		/// What they cost together, in nano-OPEN.
		pub fees: u128,
	}
}

stored! {
	/// Terms that governance has set, and whether they still are.
	#[derive(Copy)]
	pub struct TermsPeriod {
		/// Their number.
		pub number: TermsNumber,
		/// The terms.
		pub terms: Terms,
		/// The first block in which they were not in force any more, by the clock of deadlines.
		pub ended: Option<BlockNumber>,
	}
}
