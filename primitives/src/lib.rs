//! What every crate of the chain agrees on: the basic types, money units, time, the accounts that
//! belong to nobody, how contents are named, the record by which pallets meet, how they write
//! down what they store and give back what they hold. No storage of its own.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod accounts;
pub mod content;
pub mod holds;
pub mod records;
pub mod storage;
pub mod time;
pub mod tree;
pub mod units;

use sp_runtime::{
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	MultiAddress, MultiSignature, OpaqueExtrinsic,
};

/// A signature by any of the key types that wallets use.
pub type Signature = MultiSignature;

/// An account, identified by the public key behind it.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;

/// How an account is named in an extrinsic.
pub type Address = MultiAddress<AccountId, ()>;

/// An amount of OPEN in its smallest unit, 10⁻¹⁸.
pub type Balance = u128;

/// The height of a block.
pub type BlockNumber = u32;

/// How many extrinsics an account has signed.
pub type Nonce = u32;

/// The hash that addresses blocks and storage.
pub type Hash = sp_core::H256;

/// A block header.
pub type Header = sp_runtime::generic::Header<BlockNumber, BlakeTwo256>;

/// A block whose extrinsics stay undecoded: what the node handles.
pub type OpaqueBlock = sp_runtime::generic::Block<Header, OpaqueExtrinsic>;
