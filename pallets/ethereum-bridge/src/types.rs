//! What the pallet stores and is told.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_primitives::{stored, AccountId, Balance, BlockNumber};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::H160;

/// The way that OPEN takes.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub enum Direction {
	/// From Ethereum to this chain.
	Inbound,
	/// From this chain to Ethereum.
	Outbound,
}

stored! {
	/// Which directions stand still.
	#[derive(Copy, Default)]
	pub struct Halts {
		/// Deposits and claims of what is parked.
		pub inbound: bool,
		/// Withdrawals.
		pub outbound: bool,
	}
}

impl Halts {
	/// Whether this direction stands still.
	pub fn of(&self, direction: Direction) -> bool {
		match direction {
			Direction::Inbound => self.inbound,
			Direction::Outbound => self.outbound,
		}
	}

	pub(crate) fn of_mut(&mut self, direction: Direction) -> &mut bool {
		match direction {
			Direction::Inbound => &mut self.inbound,
			Direction::Outbound => &mut self.outbound,
		}
	}
}

stored! {
	/// The contract that holds OPEN on Ethereum.
	#[derive(Copy)]
	pub struct Vault {
		/// The id of the Ethereum chain.
		pub chain_id: u64,
		/// The contract.
		pub address: H160,
		/// The token that it holds.
		pub token: H160,
	}
}

stored! {
	/// What may move, as governance has set it.
	#[derive(Copy)]
	pub struct Limits {
		/// What may be minted in a burst; as much becomes free again in a day.
		pub deposit_capacity: Balance,
		/// What may be withdrawn in a burst; as much becomes free again in a day.
		pub withdrawal_capacity: Balance,
		/// The least that a withdrawal may be.
		pub min_withdrawal: Balance,
		/// The most that a withdrawal may be: no more than the vault can ever pay at once.
		pub max_withdrawal: Balance,
		/// What total issuance may reach by deposits.
		pub supply_cap: Balance,
		/// What who submits a deposit gets of it, but never more than a hundredth.
		pub tip: Balance,
	}
}

stored! {
	/// What has moved since the beginning.
	#[derive(Copy, Default)]
	pub struct Totals {
		/// Locked on L1 for what was issued at genesis.
		pub pre_locked: Balance,
		/// Minted for deposits.
		pub minted: Balance,
		/// Burned for withdrawals.
		pub burned: Balance,
		/// Deposited, and not minted yet.
		pub parked: Balance,
	}
}

impl Totals {
	/// What the vault holds for this chain, once all withdrawals are paid.
	pub fn locked(&self) -> Balance {
		self.pre_locked
			.saturating_add(self.minted)
			.saturating_add(self.parked)
			.saturating_sub(self.burned)
	}
}

stored! {
	/// A deposit that waits.
	pub struct Parked {
		/// Who gets it.
		pub recipient: AccountId,
		/// What is left of it.
		pub amount: Balance,
	}
}

/// Why a deposit waits.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub enum ParkReason {
	/// It is more than may be minted now.
	RateLimited,
	/// Issuance would pass its cap.
	SupplyCapReached,
	/// The account cannot take it: it does not exist, and this is less than the existential deposit.
	Refused,
}

stored! {
	/// A withdrawal; it is never removed, so that it can be proven for ever.
	#[derive(Copy)]
	pub struct Withdrawal {
		/// Who gets it on Ethereum.
		pub recipient: H160,
		/// How much.
		pub amount: Balance,
		/// The block whose messages it is among.
		pub block: BlockNumber,
	}
}

stored! {
	/// The withdrawals of a block, which have consecutive nonces.
	#[derive(Copy)]
	pub struct Committed {
		/// The first nonce.
		pub first: u64,
		/// How many there are.
		pub count: u32,
	}
}

/// The vault, as chain specs name it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisVault {
	/// The id of the Ethereum chain.
	pub chain_id: u64,
	/// The contract.
	pub address: H160,
	/// The token that it holds.
	pub token: H160,
}
