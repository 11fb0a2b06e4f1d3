//! Accounts without a key: the pots that the runtime's rules pay into and out of.

use crate::AccountId;
use sp_runtime::traits::AccountIdConversion;

/// The identifier from which a pot's account derives.
pub type PotId = frame_support::PalletId;

/// The treasury: platform fees, registration fees, slashes and dust; spent by governance.
pub const TREASURY: PotId = frame_support::PalletId(*b"ol/trsry");

/// What stakers are going to earn: transaction fees, their share of inferences, the stream.
pub const STAKERS_POT: PotId = frame_support::PalletId(*b"ol/stpot");

/// What stakers have earned in ended eras and not claimed yet.
pub const ERA_PAYABLE: PotId = frame_support::PalletId(*b"ol/erpay");

/// The pre-locked supply that is streamed to the community over the years.
pub const COMMUNITY_POOL: PotId = frame_support::PalletId(*b"ol/cmpol");

/// Credit that belongs to nobody in particular; funds grants for datanets.
pub const COMMONS: PotId = frame_support::PalletId(*b"ol/cmmns");

/// What payers have deposited for inferences and not spent.
pub const PAYERS: PotId = frame_support::PalletId(*b"ol/payrs");

/// What payers have spent in batches that are not final.
pub const ESCROW: PotId = frame_support::PalletId(*b"ol/escrw");

/// What models and contributions have earned and nobody has claimed yet.
pub const EARNINGS: PotId = frame_support::PalletId(*b"ol/erngs");

/// Nomination pools: bonded and reward accounts derive from it.
pub const NOMINATION_POOLS: PotId = frame_support::PalletId(*b"ol/npols");

/// Stake delegated to pools: proxy accounts derive from it.
pub const DELEGATED_STAKING: PotId = frame_support::PalletId(*b"ol/dlstk");

/// The account of a pot.
pub fn account(pot: PotId) -> AccountId {
	pot.into_account_truncating()
}
