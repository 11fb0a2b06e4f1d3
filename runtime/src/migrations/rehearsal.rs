//! The upgrade that tests perform on a running network, with both kinds of migration. Only the
//! feature `upgrade-rehearsal` compiles it, and only for a fast runtime.

use crate::{AccountId, Emergency, Runtime, System};
use frame_support::{
	migrations::{MigrationId, SteppedMigration, SteppedMigrationError, VersionedMigration},
	traits::{Get, UncheckedOnRuntimeUpgrade},
	weights::{Weight, WeightMeter},
};

/// Takes the emergency pallet from storage version 0 to 1.
pub type SingleBlock = VersionedMigration<
	0,
	1,
	ForgetPastCooldown,
	Emergency,
	<Runtime as frame_system::Config>::DbWeight,
>;

/// Walks all accounts, a few a block.
pub type MultiBlock = (VisitAccounts,);

/// Removes a cooldown that is over.
pub struct ForgetPastCooldown;

impl UncheckedOnRuntimeUpgrade for ForgetPastCooldown {
	fn on_runtime_upgrade() -> Weight {
		let cooldown = crate::governance::emergency::pallet::CooldownUntil::<Runtime>::get();
		if cooldown <= System::block_number() {
			crate::governance::emergency::pallet::CooldownUntil::<Runtime>::kill();
		}
		<Runtime as frame_system::Config>::DbWeight::get().reads_writes(2, 1)
	}
}

/// Reads every account, so that the walk takes several blocks.
pub struct VisitAccounts;

/// Accounts that one step reads; few, so that a test network needs several steps.
const ACCOUNTS_PER_STEP: usize = 4;

impl SteppedMigration for VisitAccounts {
	type Cursor = AccountId;
	type Identifier = MigrationId<20>;

	fn id() -> Self::Identifier {
		MigrationId { pallet_id: *b"openledger/rehearsal", version_from: 0, version_to: 1 }
	}

	fn step(
		cursor: Option<AccountId>,
		meter: &mut WeightMeter,
	) -> Result<Option<AccountId>, SteppedMigrationError> {
		// One step fills a block, whatever the block could hold.
		let required = meter.remaining();
		meter.consume(required);
		let mut accounts = match cursor {
			Some(last) => frame_system::Account::<Runtime>::iter_keys_from(
				frame_system::Account::<Runtime>::hashed_key_for(last),
			),
			None => frame_system::Account::<Runtime>::iter_keys(),
		};
		Ok(accounts.nth(ACCOUNTS_PER_STEP.saturating_sub(1)))
	}
}
