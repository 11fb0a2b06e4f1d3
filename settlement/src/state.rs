//! The working state of a batch: a trie that starts from what payers had bought before, and ends with
//! what they have bought, what contributions have earned, and totals.
//!
//! ```text
//! key                                       value (SCALE, fixed length)
//! 0x00 ‖ payer's position as u16 BE         Bought: count, cumulative, head
//! 0x01 ‖ datanet ‖ index, each as u32 BE    Earned: disclosed, private
//! 0x02                                      Totals
//! ```
//!
//! It is a Substrate trie: layout version 1 over Blake2-256. The totals are written with the first
//! step; a contribution is written when it first earns.

use crate::{voucher::Bought, Nano};
use alloc::{collections::BTreeMap, vec::Vec};
use codec::{Decode, Encode};
use core::convert::Infallible;
use openledger_primitives::{records::ContributionRef, stored};
use sp_core::H256;
use sp_runtime::traits::BlakeTwo256;
use sp_trie::{LayoutV1, TrieConfiguration, TrieDBMut, TrieMut};

/// How the working state is hashed.
pub type Layout = LayoutV1<BlakeTwo256>;

stored! {
	/// What a contribution has earned in a batch.
	#[derive(Copy, Default)]
	pub struct Earned {
		/// From receipts whose output anybody may ask for.
		#[codec(compact)]
		pub disclosed: Nano,
		/// From private ones: it needs attestation.
		#[codec(compact)]
		pub private: Nano,
	}
}

stored! {
	/// What a batch adds up to, beside what contributions have earned.
	#[derive(Copy, Default)]
	pub struct Totals {
		/// How many receipts.
		#[codec(compact)]
		pub receipts: u64,
		/// What they cost together.
		#[codec(compact)]
		pub fees: Nano,
		/// For the platform.
		#[codec(compact)]
		pub platform: Nano,
		/// For stakers.
		#[codec(compact)]
		pub stakers: Nano,
		/// For the model.
		#[codec(compact)]
		pub model: Nano,
		/// For the commons: what belongs to nobody in particular.
		#[codec(compact)]
		pub commons: Nano,
	}
}

/// The key of a payer.
pub fn payer_key(position: u16) -> Vec<u8> {
	[&[0][..], &position.to_be_bytes()].concat()
}

/// The key of a contribution.
pub fn contribution_key(contribution: ContributionRef) -> Vec<u8> {
	let ContributionRef { datanet, index } = contribution;
	[&[1][..], &datanet.to_be_bytes(), &index.to_be_bytes()].concat()
}

/// The key of the totals.
pub const TOTALS_KEY: &[u8] = &[2];

// Values in the trie have a fixed length, so that a proof's size does not depend on amounts.

pub(crate) fn payer_value(bought: &Bought) -> Vec<u8> {
	bought.encode()
}

pub(crate) fn contribution_value(earned: &Earned) -> Vec<u8> {
	(earned.disclosed, earned.private).encode()
}

pub(crate) fn totals_value(totals: &Totals) -> Vec<u8> {
	let Totals { receipts, fees, platform, stakers, model, commons } = *totals;
	(receipts, fees, platform, stakers, model, commons).encode()
}

/// The root of a state that is at hand. On chain the host computes it.
pub fn root<'a>(
	payers: impl IntoIterator<Item = &'a Bought>,
	earned: impl IntoIterator<Item = (ContributionRef, Earned)>,
	totals: Option<&Totals>,
) -> H256 {
	let payers =
		(0..=u16::MAX).zip(payers).map(|(at, bought)| (payer_key(at), payer_value(bought)));
	let earned =
		earned.into_iter().map(|(at, earned)| (contribution_key(at), contribution_value(&earned)));
	let totals = totals.map(|totals| (TOTALS_KEY.to_vec(), totals_value(totals)));
	let entries: Vec<_> = payers.chain(earned).chain(totals).collect();
	use sp_runtime::traits::Hash;
	BlakeTwo256::trie_root(entries, sp_runtime::StateVersion::V1)
}

/// A working state, wherever it is kept.
pub trait State {
	/// Why it could not be read or written.
	type Error;
	/// What a payer has bought; none if there is no such payer.
	fn bought(&self, position: u16) -> Result<Option<Bought>, Self::Error>;
	/// Writes it.
	fn set_bought(&mut self, position: u16, bought: Bought) -> Result<(), Self::Error>;
	/// What a contribution has earned.
	fn earned(&self, contribution: ContributionRef) -> Result<Earned, Self::Error>;
	/// Writes it.
	fn set_earned(
		&mut self,
		contribution: ContributionRef,
		earned: Earned,
	) -> Result<(), Self::Error>;
	/// The totals.
	fn totals(&self) -> Result<Totals, Self::Error>;
	/// Writes them.
	fn set_totals(&mut self, totals: Totals) -> Result<(), Self::Error>;
}

/// A state in memory, as tables.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tables {
	/// What each payer has bought, by position.
	pub payers: Vec<Bought>,
	/// What contributions have earned.
	pub earned: BTreeMap<ContributionRef, Earned>,
	/// The totals, from the first step on.
	pub totals: Option<Totals>,
}

impl Tables {
	/// The state before the first step.
	pub fn new(payers: Vec<Bought>) -> Self {
		Self { payers, ..Self::default() }
	}

	/// Its root.
	pub fn root(&self) -> H256 {
		let earned = self.earned.iter().map(|(at, earned)| (*at, *earned));
		root(&self.payers, earned, self.totals.as_ref())
	}
}

impl State for Tables {
	type Error = Infallible;

	fn bought(&self, position: u16) -> Result<Option<Bought>, Infallible> {
		Ok(self.payers.get(usize::from(position)).copied())
	}

	fn set_bought(&mut self, position: u16, bought: Bought) -> Result<(), Infallible> {
		if let Some(place) = self.payers.get_mut(usize::from(position)) {
			*place = bought;
		}
		Ok(())
	}

	fn earned(&self, contribution: ContributionRef) -> Result<Earned, Infallible> {
		Ok(self.earned.get(&contribution).copied().unwrap_or_default())
	}

	fn set_earned(
		&mut self,
		contribution: ContributionRef,
		earned: Earned,
	) -> Result<(), Infallible> {
		self.earned.insert(contribution, earned);
		Ok(())
	}

	fn totals(&self) -> Result<Totals, Infallible> {
		Ok(self.totals.unwrap_or_default())
	}

	fn set_totals(&mut self, totals: Totals) -> Result<(), Infallible> {
		self.totals = Some(totals);
		Ok(())
	}
}

/// A state in a trie: a whole one, or as much of it as a proof has.
pub struct InTrie<'a>(pub TrieDBMut<'a, Layout>);

/// A trie lacks a node that was needed, or has one that is no part of a working state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Incomplete;

impl InTrie<'_> {
	fn read<Value: Decode>(&self, key: &[u8]) -> Result<Option<Value>, Incomplete> {
		let value = self.0.get(key).map_err(|_| Incomplete)?;
		value.map(|value| Value::decode(&mut &value[..]).map_err(|_| Incomplete)).transpose()
	}

	fn write(&mut self, key: &[u8], value: &[u8]) -> Result<(), Incomplete> {
		self.0.insert(key, value).map(drop).map_err(|_| Incomplete)
	}
}

impl State for InTrie<'_> {
	type Error = Incomplete;

	fn bought(&self, position: u16) -> Result<Option<Bought>, Incomplete> {
		self.read(&payer_key(position))
	}

	fn set_bought(&mut self, position: u16, bought: Bought) -> Result<(), Incomplete> {
		self.write(&payer_key(position), &payer_value(&bought))
	}

	fn earned(&self, contribution: ContributionRef) -> Result<Earned, Incomplete> {
		let earned = self.read(&contribution_key(contribution))?;
		let (disclosed, private) = earned.unwrap_or_default();
		Ok(Earned { disclosed, private })
	}

	fn set_earned(
		&mut self,
		contribution: ContributionRef,
		earned: Earned,
	) -> Result<(), Incomplete> {
		self.write(&contribution_key(contribution), &contribution_value(&earned))
	}

	fn totals(&self) -> Result<Totals, Incomplete> {
		let totals = self.read(TOTALS_KEY)?;
		let (receipts, fees, platform, stakers, model, commons) = totals.unwrap_or_default();
		Ok(Totals { receipts, fees, platform, stakers, model, commons })
	}

	fn set_totals(&mut self, totals: Totals) -> Result<(), Incomplete> {
		self.write(TOTALS_KEY, &totals_value(&totals))
	}
}

/// The root of the empty trie.
pub fn empty_root() -> H256 {
	Layout::trie_root::<[(&[u8], &[u8]); 0], _, _>([])
}
