//! Numbers that must agree across pallets, and hooks that must run in one order.

use frame_support::traits::{Get, PalletsInfoAccess as _};
use openledger_primitives::{accounts, time};
use openledger_runtime::{
	configs::{consensus::MAX_VALIDATORS, record::RULE_PERIOD},
	governance::tracks::Tracks,
	opaque::SessionKeys,
	AllPalletsWithSystem, Runtime, VERSION,
};
use pallet_referenda::TracksInfo;
use sp_runtime::traits::OpaqueKeys;

fn get<T: Get<u32>>() -> u32 {
	T::get()
}

#[test]
fn all_engines_are_sized_for_the_largest_validator_set() {
	// An engine with less would silently drop validators from its set.
	assert_eq!(get::<<Runtime as pallet_babe::Config>::MaxAuthorities>(), MAX_VALIDATORS);
	assert_eq!(get::<<Runtime as pallet_grandpa::Config>::MaxAuthorities>(), MAX_VALIDATORS);
	assert_eq!(get::<<Runtime as pallet_beefy::Config>::MaxAuthorities>(), MAX_VALIDATORS);
	assert_eq!(
		get::<<Runtime as pallet_authority_discovery::Config>::MaxAuthorities>(),
		MAX_VALIDATORS
	);
	assert_eq!(get::<<Runtime as pallet_staking::Config>::MaxValidatorSet>(), MAX_VALIDATORS);
	assert_eq!(
		get::<<Runtime as pallet_election_provider_multi_phase::Config>::MaxWinners>(),
		MAX_VALIDATORS
	);
}

#[test]
fn equivocations_stay_reportable_while_stake_is_bonded() {
	let bonded = time::BONDING_ERAS * time::SESSIONS_PER_ERA;
	assert_eq!(
		<<Runtime as pallet_grandpa::Config>::MaxSetIdSessionEntries as Get<u64>>::get(),
		u64::from(bonded)
	);
	assert_eq!(
		<<Runtime as pallet_beefy::Config>::MaxSetIdSessionEntries as Get<u64>>::get(),
		u64::from(bonded)
	);
	// A slash must find the stake: deferral ends before unbonding does.
	const { assert!(time::SLASH_DEFER_ERAS < time::BONDING_ERAS) };
	const { assert!(time::BONDING_ERAS < time::HISTORY_ERAS) };
}

#[test]
fn governance_has_time_to_rule_on_a_flag() {
	let track = Tracks::tracks().find(|track| track.id == 12).expect("attribution admin");
	let info = &track.info;
	let referendum = info.prepare_period
		+ info.decision_period
		+ info.confirm_period
		+ info.min_enactment_period;
	assert!(RULE_PERIOD > referendum, "{referendum} blocks are more than {RULE_PERIOD}");
}

#[test]
fn session_keys_come_in_their_order() {
	let ids: Vec<_> = SessionKeys::key_ids().iter().map(|id| id.0).collect();
	assert_eq!(ids, [*b"babe", *b"gran", *b"beef", *b"audi"]);
}

#[test]
fn hooks_run_in_the_order_that_consensus_needs() {
	let order: Vec<_> = AllPalletsWithSystem::infos().into_iter().map(|info| info.name).collect();
	let at = |name: &str| order.iter().position(|n| *n == name).expect("the pallet exists");
	assert!(at("System") == 0 && at("Babe") < at("Timestamp"), "BABE reads the slot first");
	assert!(at("Authorship") < at("Session"), "the author is found in the set that authored");
	assert!(at("Staking") < at("Session"), "an era's points are final before the session turns");
	assert!(at("Session") < at("Beefy") && at("Beefy") < at("Mmr"), "leaves carry the next set");
	assert!(at("Balances") < at("Issuance"), "genesis issuance is complete when it is noted");
	assert!(at("Session") < at("Attribution"), "a seed is copied in the block of the new epoch");
	assert!(at("Mmr") < at("EthereumBridge"), "a leaf carries the messages of the block before");
	assert!(at("Rewards") < at("Attribution"), "terms are noted before batches name them");
}

#[test]
fn pallet_indices_lie_in_their_ranges() {
	let ranges = [
		(0..10, ["System", "Babe", "Timestamp"].as_slice()),
		(
			10..20,
			&[
				"Balances",
				"TransactionPayment",
				"Vesting",
				"Issuance",
				"ElectionProviderMultiPhase",
				"VoterList",
				"DelegatedStaking",
				"NominationPools",
			],
		),
		(60..70, &["Datanets", "ModelRegistry", "Rewards", "Attribution"]),
		(70..80, &["EthereumBeaconClient", "EthereumBridge"]),
	];
	for info in AllPalletsWithSystem::infos() {
		for (range, names) in &ranges {
			assert_eq!(range.contains(&info.index), names.contains(&info.name), "{}", info.name);
		}
	}
}

#[test]
fn no_call_reads_like_a_voucher() {
	// Else what a payer signs might be a transaction.
	let first = openledger_settlement::voucher::TAG[0];
	assert!(AllPalletsWithSystem::infos().into_iter().all(|info| info.index != usize::from(first)));
}

#[test]
fn pots_are_different_accounts() {
	let pots = [
		accounts::TREASURY,
		accounts::STAKERS_POT,
		accounts::ERA_PAYABLE,
		accounts::COMMUNITY_POOL,
		accounts::COMMONS,
		accounts::PAYERS,
		accounts::ESCROW,
		accounts::EARNINGS,
		accounts::NOMINATION_POOLS,
		accounts::DELEGATED_STAKING,
	];
	let distinct: std::collections::BTreeSet<_> =
		pots.iter().map(|pot| accounts::account(*pot)).collect();
	assert_eq!(distinct.len(), pots.len());
}

#[test]
fn a_fast_runtime_has_a_name_of_its_own() {
	// This crate builds the fast runtime; the production build checks the other name.
	assert_eq!(VERSION.spec_name, "openledger-fast");
	assert_eq!(time::SLOT_MILLIS, 2_000);
}
