//! Every pallet is accounted for here: it uses benchmarked weights and its benchmarks are listed,
//! or it is named with the reason why not. A pallet that is added and forgotten fails the test.

use frame_support::{
	dispatch::DispatchClass,
	traits::{Get, PalletsInfoAccess},
	weights::Weight,
};
use openledger_primitives::time::SLOT_MILLIS;
use openledger_runtime::{AllPalletsWithSystem, Runtime};
use pallet_bags_list::Instance1 as Bags;
use pallet_collective::Instance1 as Committee;
use std::{any::type_name, collections::BTreeSet};

/// The name in the runtime, the name in the list of benchmarks, the weights in use.
fn benchmarked() -> Vec<(&'static str, &'static str, &'static str)> {
	macro_rules! weights {
		($($name:literal, $pallet:ident $(<$instance:ty>)?;)*) => {
			vec![$((
				$name,
				stringify!($pallet),
				type_name::<<Runtime as $pallet::Config$(<$instance>)?>::WeightInfo>(),
			)),*]
		};
	}
	let mut all = weights! {
		"Timestamp", pallet_timestamp;
		"Balances", pallet_balances;
		"TransactionPayment", pallet_transaction_payment;
		"Vesting", pallet_vesting;
		"ElectionProviderMultiPhase", pallet_election_provider_multi_phase;
		"VoterList", pallet_bags_list<Bags>;
		"NominationPools", pallet_nomination_pools;
		"Staking", pallet_staking;
		"Session", pallet_session;
		"Referenda", pallet_referenda;
		"ConvictionVoting", pallet_conviction_voting;
		"TechnicalCommittee", pallet_collective<Committee>;
		"Whitelist", pallet_whitelist;
		"Treasury", pallet_treasury;
		"Bounties", pallet_bounties;
		"ChildBounties", pallet_child_bounties;
		"Preimage", pallet_preimage;
		"Scheduler", pallet_scheduler;
		"SafeMode", pallet_safe_mode;
		"Utility", pallet_utility;
		"Multisig", pallet_multisig;
		"Proxy", pallet_proxy;
		"Identity", pallet_identity;
		"MultiBlockMigrations", pallet_migrations;
		"Datanets", pallet_datanets;
		"ModelRegistry", pallet_model_registry;
		"Rewards", pallet_rewards;
		"Attribution", pallet_attribution;
		"EthereumBeaconClient", snowbridge_pallet_ethereum_client;
		"EthereumBridge", pallet_ethereum_bridge;
	};
	all.push((
		"System",
		"frame_system",
		type_name::<<Runtime as frame_system::Config>::SystemWeightInfo>(),
	));
	all.push((
		"System",
		"frame_system_extensions",
		type_name::<<Runtime as frame_system::Config>::ExtensionsWeightInfo>(),
	));
	all
}

/// Pallets whose SDK crate exports no weights but its own default, which a chain cannot replace
/// with anything but its own benchmarks. They are in the list of benchmarks all the same.
const SDK_DEFAULT: [(&str, &str); 5] = [
	("Babe", "pallet_babe"),
	("Grandpa", "pallet_grandpa"),
	("Mmr", "pallet_mmr"),
	("BeefyMmr", "pallet_beefy_mmr"),
	("Parameters", "pallet_parameters"),
];

/// Pallets whose benchmarks cannot run here; the SDK's weights are those of its own chains.
const NOT_LISTED: [(&str, &str); 1] = [(
	"pallet_nomination_pools",
	"the SDK's benchmarks of this release stake with pallet-staking-async",
)];

/// Pallets that have nothing to weigh, or whose benchmarks live elsewhere.
const NO_WEIGHTS: [(&str, &str); 9] = [
	("Authorship", "has no calls; its hook reads the digest"),
	("AuthorityDiscovery", "has no calls"),
	("Beefy", "its SDK crate has no benchmarks; weights are computed from the validator count"),
	("DelegatedStaking", "has no calls; pools weigh what it does"),
	("Emergency", "has no calls; safe mode weighs entering and leaving"),
	("Historical", "has no calls"),
	("Issuance", "has no calls; its hook counts its accesses"),
	("Offences", "has no calls; reports are weighed by the engines"),
	("Origins", "only declares origins"),
];

#[test]
fn every_pallet_is_accounted_for() {
	let in_runtime: BTreeSet<_> =
		AllPalletsWithSystem::infos().into_iter().map(|info| info.name).collect();
	let accounted: BTreeSet<_> = benchmarked()
		.iter()
		.map(|(name, ..)| *name)
		.chain(SDK_DEFAULT.iter().map(|(name, _)| *name))
		.chain(NO_WEIGHTS.iter().map(|(name, _)| *name))
		.collect();
	assert_eq!(in_runtime, accounted);
}

#[test]
fn benchmarked_weights_are_used() {
	for (name, _, weights) in benchmarked() {
		assert!(
			weights.contains("SubstrateWeight") || weights.contains("openledger_runtime::weights"),
			"{name} uses {weights}"
		);
		assert!(weights.contains("openledger_runtime::Runtime"), "{name} weighs another runtime");
	}
}

#[test]
fn benchmarks_are_listed() {
	let list = include_str!("../../runtime/src/benchmarks.rs");
	let listed = |pallet: &str| list.contains(&format!("[{pallet}, "));
	for (name, pallet, _) in benchmarked() {
		let excused = NOT_LISTED.iter().any(|(excused, _)| *excused == pallet);
		assert!(listed(pallet) != excused, "{name}: [{pallet}, …] is missing in benchmarks.rs");
	}
	for (name, pallet) in SDK_DEFAULT {
		assert!(listed(pallet), "{name}: [{pallet}, …] is missing in benchmarks.rs");
	}
}

#[test]
fn a_thousand_contributions_fit_in_a_block() {
	use pallet_datanets::{Config, WeightInfo};
	type Weights = <Runtime as Config>::WeightInfo;
	type OfItems = fn(u32) -> Weight;
	let batches: [(&str, OfItems); 8] = [
		("commit", Weights::commit),
		("forget", Weights::forget),
		("reveal", Weights::reveal),
		("vote", Weights::vote),
		("accept", Weights::accept),
		("withdraw", Weights::withdraw),
		("transfer_right", Weights::transfer_right),
		("release_bonds", Weights::release_bonds),
	];
	let limits = <Runtime as frame_system::Config>::BlockWeights::get();
	let limit = limits.get(DispatchClass::Normal).max_extrinsic.expect("there is a limit");
	// A block of a production runtime has as much more time as its slot is longer.
	let production = limit.ref_time() / SLOT_MILLIS * 6_000;
	for (name, weight) in batches {
		let here = weight(<Runtime as Config>::MaxBatch::get()).ref_time();
		assert!(here <= limit.ref_time(), "{name}: {here} ps of {}", limit.ref_time());
		let thousand = weight(1_000).ref_time();
		assert!(thousand <= production, "{name}: {thousand} ps of {production}");
	}
}
