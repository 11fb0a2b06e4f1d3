//! What relayers and wallets ask about the bridge.

use crate::{answers::answer, AccountId, Balance, BlockNumber, EthereumBridge, Runtime};
use alloc::vec::Vec;
use pallet_ethereum_bridge::{
	CurrentLimits, Halted, Halts, Limits, Moved, Parked, ParkedDeposits, TheVault, Totals, Vault,
	Withdrawal, WithdrawalCount,
};
use sp_core::{H160, H256};

answer! {
	/// A withdrawal, and the way from its message to the root that the next block's MMR leaf carries.
	pub struct WithdrawalProof {
		/// Which withdrawal it is.
		pub nonce: u64,
		/// Who gets it on Ethereum.
		pub recipient: H160,
		/// How much.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub amount: Balance,
		/// The block that has it; the leaf after it, of this parent, carries the root.
		pub block: BlockNumber,
		/// The root of that block's messages.
		pub root: H256,
		/// The siblings on the way there.
		pub proof: Vec<H256>,
	}
}

answer! {
	/// Where the bridge stands.
	pub struct BridgeState {
		/// The vault, once it is named.
		pub vault: Option<VaultInfo>,
		/// What messages to Ethereum are for.
		pub domain: Option<H256>,
		/// Whether deposits stand still.
		pub inbound_halted: bool,
		/// Whether withdrawals do.
		pub outbound_halted: bool,
		/// What was issued at genesis, and must be pre-locked before anything can be withdrawn.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub genesis_issuance: Balance,
		/// What was pre-locked.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub pre_locked: Balance,
		/// What was minted for deposits.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub minted: Balance,
		/// What was burned for withdrawals.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub burned: Balance,
		/// What was deposited and not minted yet.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub parked: Balance,
		/// How many withdrawals there were: their nonces are 1 to this.
		pub withdrawals: u64,
		/// What could be minted in this block.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub mintable: Balance,
		/// What could be withdrawn in this block.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub withdrawable: Balance,
		/// The least that a withdrawal may be.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub min_withdrawal: Balance,
		/// The most.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub max_withdrawal: Balance,
	}
}

answer! {
	/// The contract that holds OPEN on Ethereum.
	#[derive(Copy)]
	pub struct VaultInfo {
		/// The id of the Ethereum chain.
		pub chain_id: u64,
		/// The contract.
		pub address: H160,
		/// The token that it holds.
		pub token: H160,
	}
}

answer! {
	/// What became of a deposit.
	pub enum DepositStatus {
		/// Nobody has proven it yet.
		Unknown,
		/// It was executed: minted, or pre-locked.
		Executed,
		/// Some of it waits.
		Parked {
			/// Who gets it.
			recipient: AccountId,
			/// What is left of it.
			#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
			amount: Balance,
		},
	}
}

sp_api::decl_runtime_apis! {
	/// The bridge to Ethereum.
	pub trait EthereumBridgeApi {
		/// The proof of a withdrawal; none before its block is complete.
		fn prove_withdrawal(nonce: u64) -> Option<WithdrawalProof>;

		/// Where the bridge stands.
		fn bridge_state() -> BridgeState;

		/// What became of the deposit with this nonce.
		fn deposit_status(nonce: u64) -> DepositStatus;
	}
}

pub(crate) fn prove_withdrawal(nonce: u64) -> Option<WithdrawalProof> {
	let (Withdrawal { recipient, amount, block }, root, proof) =
		EthereumBridge::prove_withdrawal(nonce)?;
	Some(WithdrawalProof { nonce, recipient, amount, block, root, proof })
}

pub(crate) fn bridge_state() -> BridgeState {
	let Halts { inbound, outbound } = Halted::<Runtime>::get();
	let Totals { pre_locked, minted, burned, parked } = Moved::<Runtime>::get();
	let Limits { min_withdrawal, max_withdrawal, .. } = CurrentLimits::<Runtime>::get();
	BridgeState {
		vault: TheVault::<Runtime>::get().map(|Vault { chain_id, address, token }| VaultInfo {
			chain_id,
			address,
			token,
		}),
		domain: EthereumBridge::domain(),
		inbound_halted: inbound,
		outbound_halted: outbound,
		genesis_issuance: crate::issuance::pallet::GenesisIssuance::<Runtime>::get(),
		pre_locked,
		minted,
		burned,
		parked,
		withdrawals: WithdrawalCount::<Runtime>::get(),
		mintable: EthereumBridge::mintable(),
		withdrawable: EthereumBridge::withdrawable(),
		min_withdrawal,
		max_withdrawal,
	}
}

pub(crate) fn deposit_status(nonce: u64) -> DepositStatus {
	if let Some(Parked { recipient, amount }) = ParkedDeposits::<Runtime>::get(nonce) {
		DepositStatus::Parked { recipient, amount }
	} else if EthereumBridge::is_executed(nonce) {
		DepositStatus::Executed
	} else {
		DepositStatus::Unknown
	}
}
