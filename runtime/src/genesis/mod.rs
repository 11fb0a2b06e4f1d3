//! The first block of each network, as presets that tools and the node ask the runtime for.
//!
//! Every genesis issues exactly [`SUPPLY`]: half of it to the community pool, a part to the
//! stakers' pot and the treasury, the existential deposit to each other pot, the rest as the network
//! says. Nothing mints later.

mod development;
mod local_testnet;
mod staging;

use crate::{
	configs::consensus::BABE_GENESIS_EPOCH_CONFIG, opaque::SessionKeys, AccountId, BabeConfig,
	Balance, BalancesConfig, NominationPoolsConfig, RuntimeGenesisConfig, SessionConfig,
	StakingConfig, TechnicalCommitteeConfig,
};
use alloc::{vec, vec::Vec};
use frame_support::build_struct_json_patch;
use openledger_primitives::{
	accounts::{
		account, PotId, COMMONS, COMMUNITY_POOL, EARNINGS, ERA_PAYABLE, ESCROW, PAYERS,
		STAKERS_POT, TREASURY,
	},
	units::{EXISTENTIAL_DEPOSIT, OPEN},
};
use pallet_staking::StakerStatus;
use sp_authority_discovery::AuthorityId as AuthorityDiscoveryId;
use sp_consensus_babe::AuthorityId as BabeId;
use sp_consensus_beefy::ecdsa_crypto::AuthorityId as BeefyId;
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use sp_core::crypto::get_public_from_string_or_panic;
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::Sr25519Keyring;
use sp_runtime::Perbill;

/// The preset of the staging network.
pub const STAGING_RUNTIME_PRESET: &str = "staging";

/// All OPEN at genesis. It counts as locked on L1 before the bridge opens.
pub const SUPPLY: Balance = 100_000_000 * OPEN;

/// Half of the supply is streamed to the community over the years.
const COMMUNITY_POOL_SHARE: Balance = SUPPLY / 2;

/// What stakers earn from before there are fees.
const STAKERS_POT_SHARE: Balance = 1_000_000 * OPEN;

/// What the treasury can spend from the first day.
const TREASURY_SHARE: Balance = 1_000_000 * OPEN;

/// Pots that begin empty, but for the existential deposit.
pub const EMPTY_POTS: [PotId; 5] = [ERA_PAYABLE, COMMONS, PAYERS, ESCROW, EARNINGS];

/// What is left for the accounts of a network.
const ACCOUNTS_SHARE: Balance = SUPPLY
	- COMMUNITY_POOL_SHARE
	- STAKERS_POT_SHARE
	- TREASURY_SHARE
	- EMPTY_POTS.len() as Balance * EXISTENTIAL_DEPOSIT;

/// How many validators to elect, once that many stand.
const VALIDATOR_COUNT: u32 = 21;

/// The least that a validator, a nominator, a pool and its members put up.
const MIN_VALIDATOR_BOND: Balance = 1_000 * OPEN;
const MIN_NOMINATOR_BOND: Balance = 10 * OPEN;
const MIN_POOL_BOND: Balance = 10 * OPEN;
const MIN_POOL_JOIN: Balance = OPEN;

/// A validator of the first era.
struct Validator {
	account: AccountId,
	keys: SessionKeys,
	bond: Balance,
}

/// Accounts that tests and examples know, funded on development networks only.
fn well_known_accounts() -> Vec<AccountId> {
	[
		Sr25519Keyring::Alice,
		Sr25519Keyring::Bob,
		Sr25519Keyring::Charlie,
		Sr25519Keyring::Dave,
		Sr25519Keyring::Eve,
		Sr25519Keyring::Ferdie,
	]
	.into_iter()
	.map(|key| key.to_account_id())
	.collect()
}

/// A validator whose keys all derive from a name that everybody knows.
fn well_known_validator(name: &str, bond: Balance) -> Validator {
	Validator {
		account: get_public_from_string_or_panic::<sp_core::sr25519::Public>(name).into(),
		keys: SessionKeys {
			babe: get_public_from_string_or_panic::<BabeId>(name),
			grandpa: get_public_from_string_or_panic::<GrandpaId>(name),
			beefy: get_public_from_string_or_panic::<BeefyId>(name),
			authority_discovery: get_public_from_string_or_panic::<AuthorityDiscoveryId>(name),
		},
		bond,
	}
}

/// Splits an amount evenly; the last account gets what does not divide.
fn evenly(amount: Balance, accounts: Vec<AccountId>) -> Vec<(AccountId, Balance)> {
	let mut rest = amount;
	let shares: Vec<Balance> = (1..=accounts.len() as Balance)
		.rev()
		.map(|left| {
			let share = rest.checked_div(left).unwrap_or_default();
			rest = rest.saturating_sub(share);
			share
		})
		.collect();
	accounts.into_iter().zip(shares).collect()
}

/// The genesis of a network: `accounts` share what the pots leave.
fn genesis(
	validators: Vec<Validator>,
	committee: Vec<AccountId>,
	accounts: Vec<(AccountId, Balance)>,
) -> serde_json::Value {
	let mut balances = vec![
		(account(COMMUNITY_POOL), COMMUNITY_POOL_SHARE),
		(account(STAKERS_POT), STAKERS_POT_SHARE),
		(account(TREASURY), TREASURY_SHARE),
	];
	balances.extend(EMPTY_POTS.map(|pot| (account(pot), EXISTENTIAL_DEPOSIT)));
	balances.extend(accounts);

	build_struct_json_patch!(RuntimeGenesisConfig {
		balances: BalancesConfig { balances, dev_accounts: None },
		babe: BabeConfig { epoch_config: BABE_GENESIS_EPOCH_CONFIG },
		session: SessionConfig {
			keys: validators
				.iter()
				.map(|v| (v.account.clone(), v.account.clone(), v.keys.clone()))
				.collect(),
		},
		staking: StakingConfig {
			validator_count: VALIDATOR_COUNT,
			minimum_validator_count: 1,
			slash_reward_fraction: Perbill::from_percent(10),
			stakers: validators
				.iter()
				.map(|v| {
					(
						v.account.clone(),
						v.account.clone(),
						v.bond,
						StakerStatus::<AccountId>::Validator,
					)
				})
				.collect(),
			min_validator_bond: MIN_VALIDATOR_BOND,
			min_nominator_bond: MIN_NOMINATOR_BOND,
		},
		nomination_pools: NominationPoolsConfig {
			min_create_bond: MIN_POOL_BOND,
			min_join_bond: MIN_POOL_JOIN,
			max_pools: Some(256),
			max_members_per_pool: None,
			max_members: None,
			global_max_commission: Some(Perbill::from_percent(20)),
		},
		technical_committee: TechnicalCommitteeConfig { members: committee },
	})
}

/// The names of all presets.
pub fn preset_names() -> Vec<PresetId> {
	[DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET, STAGING_RUNTIME_PRESET]
		.into_iter()
		.map(PresetId::from)
		.collect()
}

/// The preset of that name, as a JSON patch of the default genesis.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	let patch = match id.as_str() {
		DEV_RUNTIME_PRESET => development::genesis(),
		LOCAL_TESTNET_RUNTIME_PRESET => local_testnet::genesis(),
		STAGING_RUNTIME_PRESET => staging::genesis(),
		_ => return None,
	};
	serde_json::to_vec(&patch).ok()
}
