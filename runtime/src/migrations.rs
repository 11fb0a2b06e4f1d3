//! Changes to stored data that an upgrade brings along.
//!
//! A migration is named after what it does, may run twice without harm (most are guarded by a storage
//! version), and is removed once every network has run it. What does not fit into one block goes to
//! [`MultiBlock`].

#[cfg(feature = "upgrade-rehearsal")]
pub mod rehearsal;

use crate::{genesis::EMPTY_POTS, Balances, Runtime};
use frame_support::{
	defensive,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::Preservation,
		OnRuntimeUpgrade,
	},
	weights::Weight,
};
use openledger_primitives::{
	accounts::{account, TREASURY},
	units::EXISTENTIAL_DEPOSIT,
};

/// Migrations that run within the block of the upgrade.
#[cfg(not(feature = "upgrade-rehearsal"))]
pub type SingleBlock = (OpenPots,);

/// Migrations that run in steps over many blocks, while no other extrinsics are accepted.
#[cfg(not(any(feature = "runtime-benchmarks", feature = "upgrade-rehearsal")))]
pub type MultiBlock = ();

#[cfg(feature = "upgrade-rehearsal")]
pub use rehearsal::{MultiBlock, SingleBlock};

/// Gives pots that are younger than their chain what they would have had at genesis, out of the
/// treasury: a pot without its existential deposit would refuse small amounts. To be removed after
/// release 2.
pub struct OpenPots;

impl OnRuntimeUpgrade for OpenPots {
	fn on_runtime_upgrade() -> Weight {
		for pot in EMPTY_POTS.map(account) {
			if Balances::total_balance(&pot) >= EXISTENTIAL_DEPOSIT {
				continue;
			}
			let from = account(TREASURY);
			if Balances::transfer(&from, &pot, EXISTENTIAL_DEPOSIT, Preservation::Preserve).is_err()
			{
				defensive!("the treasury has this little");
			}
		}
		let pots = EMPTY_POTS.len() as u64;
		<Runtime as frame_system::Config>::DbWeight::get()
			.reads_writes(pots.saturating_add(1), pots.saturating_add(1))
	}

	#[cfg(feature = "try-runtime")]
	fn post_upgrade(_: alloc::vec::Vec<u8>) -> Result<(), sp_runtime::TryRuntimeError> {
		let open = |pot| Balances::total_balance(&account(pot)) >= EXISTENTIAL_DEPOSIT;
		frame_support::ensure!(EMPTY_POTS.into_iter().all(open), "a pot is not open");
		Ok(())
	}
}
