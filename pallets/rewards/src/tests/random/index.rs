//! An indexer: it reads events, and knows what everybody has.

use super::*;

/// What events say of a payer's entry.
#[derive(Clone, Debug, Default, PartialEq)]
struct Account {
	balance: Nano,
	leaving: Nano,
	bought: Bought,
	signer: Option<AccountId>,
}

/// What events say.
#[derive(Default)]
pub struct Index {
	entries: BTreeMap<(ModelId, AccountId), Account>,
	owed: BTreeMap<ContributionRef, Owed>,
	claimable: BTreeMap<AccountId, Nano>,
	sold: BTreeMap<(ModelId, VersionNumber), Sold>,
	terms: Option<(TermsNumber, Terms)>,
}

impl Index {
	fn entry(&mut self, model: ModelId, payer: AccountId) -> &mut Account {
		self.entries.entry((model, payer)).or_default()
	}

	pub fn read(&mut self, event: Event) {
		match event {
			Event::EntryOpened { model, payer, amount, signer } => {
				let entry = self.entry(model, payer);
				assert_eq!(*entry, Account::default(), "opened once");
				*entry = Account { balance: amount, signer: Some(signer), ..Account::default() };
			}
			Event::ToppedUp { model, payer, amount, .. }
			| Event::GivenBack { model, payer, amount } => self.entry(model, payer).balance += amount,
			Event::SignerSet { model, payer, signer, .. } => {
				self.entry(model, payer).signer = Some(signer);
			}
			Event::WithdrawalBegun { model, payer, amount, leaving, .. } => {
				let entry = self.entry(model, payer);
				entry.balance -= amount;
				entry.leaving += amount;
				assert_eq!(entry.leaving, leaving);
			}
			Event::Withdrawn { model, payer, amount } => {
				let left = core::mem::take(&mut self.entry(model, payer).leaving);
				assert_eq!(left, amount);
			}
			Event::Spent { model, payer, bought, cost } => {
				let entry = self.entry(model, payer);
				assert_eq!(bought.cumulative - entry.bought.cumulative, cost);
				entry.bought = bought;
				let from_balance = cost.min(entry.balance);
				entry.balance -= from_balance;
				entry.leaving -= cost - from_balance;
			}
			Event::TermsSet { number, terms } => {
				let expected = self.terms.map_or(0, |(number, _)| number + 1);
				assert_eq!(number, expected);
				self.terms = Some((number, terms));
			}
			Event::TotalsPaid { model, version, totals } => {
				let sold = self.sold.entry((model, version)).or_default();
				sold.receipts += totals.receipts;
				sold.fees += u128::from(totals.fees);
			}
			Event::Credited { account, amount } => {
				*self.claimable.entry(account).or_default() += amount;
			}
			Event::Earned { contribution, earner, curators, .. } => {
				let owed = self.owed.entry(contribution).or_default();
				owed.earner += earner;
				owed.curators += curators;
			}
			Event::Claimed { contribution, amount, .. } => {
				let owed = self.owed.get_mut(&contribution).unwrap();
				assert_eq!(core::mem::take(&mut owed.earner), amount);
			}
			Event::CurationClaimed { contribution, each, commons } => {
				let owed = self.owed.get_mut(&contribution).unwrap();
				let part = core::mem::take(&mut owed.curators);
				let curators = part - commons;
				assert!(part > 0 && (each == 0 || curators.is_multiple_of(each)));
			}
			Event::AccountClaimed { account, amount } => {
				assert_eq!(self.claimable.remove(&account), Some(amount));
			}
			Event::ContributionsPaid { .. } | Event::Streamed { .. } => {}
			Event::__Ignore(..) => unreachable!("it has no value"),
		}
	}

	/// It knows what the chain knows.
	pub fn check(&self) {
		let entries = Payers::<Test>::iter().map(|(model, payer, entry)| {
			let Entry { balance, leaving, bought, signer, .. } = entry;
			let leaving = leaving.map_or(0, |leaving| leaving.amount);
			((model, payer), Account { balance, leaving, bought, signer: Some(signer) })
		});
		assert_eq!(entries.collect::<BTreeMap<_, _>>(), self.entries);
		let mut owed = self.owed.clone();
		owed.retain(|_, owed| *owed != Owed::default());
		let there =
			Earnings::<Test>::iter().map(|(datanet, index, owed)| (at(datanet, index), owed));
		assert_eq!(there.collect::<BTreeMap<_, _>>(), owed);
		assert_eq!(Claimable::<Test>::iter().collect::<BTreeMap<_, _>>(), self.claimable);
		let sold = Revenue::<Test>::iter().map(|(model, version, sold)| ((model, version), sold));
		assert_eq!(sold.collect::<BTreeMap<_, _>>(), self.sold);
		// The first terms are noted in the first block, whose events nobody reads.
		assert_eq!(self.terms.unwrap_or((0, TERMS)), Rewards::terms_in_force());
	}
}
