//! Tracks, origins, clamps and spending caps, and a referendum through all its stages.

use frame_support::{
	assert_noop, assert_ok,
	traits::{EnsureOriginWithArg, UnfilteredDispatchable},
};
use openledger_primitives::units::OPEN;
use openledger_runtime::{
	configs::parameters::{
		clamps,
		dynamic_params::{
			inference::{self, Parameters as Fees, ParametersKey as FeeKeys},
			issuance,
		},
		effective, within_clamps, Admin, RuntimeParameters, RuntimeParametersKey,
	},
	governance::{origins::Origin, tracks::Tracks},
	OriginCaller, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, Treasury,
};
use openledger_tests::Chain;
use pallet_conviction_voting::{AccountVote, Conviction, Vote};
use pallet_referenda::TracksInfo;
use sp_keyring::Sr25519Keyring as Account;
use sp_runtime::{
	traits::{BlakeTwo256, Dispatchable, Hash},
	DispatchError, MultiAddress, Perbill,
};

const ORIGINS: [(Origin, u16, &str); 13] = [
	(Origin::WhitelistedCaller, 1, "whitelisted_caller"),
	(Origin::StakingAdmin, 10, "staking_admin"),
	(Origin::Treasurer, 11, "treasurer"),
	(Origin::AttributionAdmin, 12, "attribution_admin"),
	(Origin::BridgeAdmin, 13, "bridge_admin"),
	(Origin::GeneralAdmin, 14, "general_admin"),
	(Origin::ReferendumCanceller, 20, "referendum_canceller"),
	(Origin::ReferendumKiller, 21, "referendum_killer"),
	(Origin::SmallTipper, 30, "small_tipper"),
	(Origin::BigTipper, 31, "big_tipper"),
	(Origin::SmallSpender, 32, "small_spender"),
	(Origin::MediumSpender, 33, "medium_spender"),
	(Origin::BigSpender, 34, "big_spender"),
];

fn set(parameter: issuance::Parameters) -> RuntimeCall {
	let key_value = RuntimeParameters::Issuance(parameter);
	pallet_parameters::Call::set_parameter { key_value }.into()
}

fn fee_share(value: Option<Perbill>) -> RuntimeCall {
	set(issuance::Parameters::StakersFeeShare(issuance::StakersFeeShare, value))
}

fn payout_share(value: Option<Perbill>) -> RuntimeCall {
	set(issuance::Parameters::EraPayoutShare(issuance::EraPayoutShare, value))
}

#[test]
fn every_origin_has_the_track_of_its_name() {
	assert_ok!(Tracks::check_integrity());
	let root = OriginCaller::system(frame_system::RawOrigin::Root);
	assert_eq!(Tracks::track_for(&root), Ok(0));
	for (origin, id, name) in ORIGINS {
		assert_eq!(Tracks::track_for(&OriginCaller::Origins(origin)), Ok(id));
		let info = Tracks::info(id).expect("the track exists");
		let named = String::from_utf8(info.name.to_vec()).expect("a name is text");
		assert_eq!(named.trim_end_matches('\0'), name);
	}
	assert_eq!(Tracks::tracks().count(), ORIGINS.len() + 1);
	let nobody = OriginCaller::system(frame_system::RawOrigin::None);
	assert_eq!(Tracks::track_for(&nobody), Err(()));
}

#[test]
fn no_track_passes_without_a_majority_and_root_needs_the_most() {
	// Curves are rounded to a billionth here and there.
	let half = Perbill::from_parts(499_990_000);
	for track in Tracks::tracks() {
		let info = &track.info;
		for percent in [0, 50, 100] {
			let at = Perbill::from_percent(percent);
			assert!(info.min_approval.threshold(at) >= half, "{}", track.id);
		}
		assert!(info.min_support.threshold(Perbill::zero()) > Perbill::from_percent(15));
		assert!(info.decision_deposit >= OPEN && info.max_deciding > 0);
	}
	let root = Tracks::info(0).expect("there is root");
	for track in Tracks::tracks().filter(|t| t.id != 0) {
		assert!(root.decision_deposit >= track.info.decision_deposit);
		assert!(root.max_deciding <= track.info.max_deciding);
	}
}

#[test]
fn spenders_spend_up_to_their_cap() {
	let mut chain = Chain::development();
	let caps = [
		(Origin::SmallTipper, 10),
		(Origin::BigTipper, 100),
		(Origin::SmallSpender, 1_000),
		(Origin::MediumSpender, 10_000),
		(Origin::BigSpender, 100_000),
	];
	chain.block(|| {
		for (origin, cap) in caps {
			let spend = |amount| {
				Treasury::spend(
					origin.clone().into(),
					Box::new(()),
					amount,
					Box::new(Account::Bob.to_account_id()),
					None,
				)
			};
			assert_ok!(spend(cap * OPEN));
			assert_noop!(
				spend(cap * OPEN + 1),
				pallet_treasury::Error::<Runtime>::InsufficientPermission
			);
		}
		// Other origins spend nothing at all.
		for origin in [Origin::StakingAdmin, Origin::WhitelistedCaller, Origin::ReferendumKiller] {
			assert_noop!(
				Treasury::spend(
					origin.into(),
					Box::new(()),
					1,
					Box::new(Account::Bob.to_account_id()),
					None
				),
				DispatchError::BadOrigin
			);
		}
	});
}

#[test]
fn parameters_out_of_their_clamps_are_refused_when_set() {
	let mut chain = Chain::development();
	let admin = || RuntimeOrigin::from(Origin::StakingAdmin);
	let one = Perbill::from_parts(1);
	let refused = |call: RuntimeCall| {
		let error = call.dispatch(admin()).expect_err("out of its clamps").error;
		assert_eq!(error, frame_system::Error::<Runtime>::CallFiltered.into());
	};
	chain.block(|| {
		for (call, range) in [
			(fee_share as fn(Option<Perbill>) -> RuntimeCall, clamps::STAKERS_FEE_SHARE),
			(payout_share, clamps::ERA_PAYOUT_SHARE),
		] {
			assert_ok!(call(Some(*range.start())).dispatch(admin()));
			assert_ok!(call(Some(*range.end())).dispatch(admin()));
			refused(call(Some(*range.start() - one)));
			refused(call(Some(*range.end() + one)));
			refused(call(Some(Perbill::zero())));
			refused(call(Some(Perbill::one())));
			// A wrapper does not carry it past the filter.
			let bad = call(Some(Perbill::one()));
			let batch: RuntimeCall = pallet_utility::Call::batch_all { calls: vec![bad] }.into();
			let error = batch.dispatch(admin()).expect_err("out of its clamps").error;
			assert_eq!(error, frame_system::Error::<Runtime>::CallFiltered.into());
			assert_ok!(call(None).dispatch(admin()));
		}
		assert_eq!(effective::stakers_fee_share(), Perbill::from_percent(80));
		assert_eq!(effective::era_payout_share(), Perbill::from_rational(1u32, 30u32));
	});
}

#[test]
fn root_does_not_set_parameters_past_the_filter() {
	let mut chain = Chain::development();
	chain.block(|| {
		let bad = || fee_share(Some(Perbill::zero()));
		let error = bad().dispatch(RuntimeOrigin::root()).expect_err("not root's").error;
		assert_eq!(error, DispatchError::BadOrigin);
		// Root can write what it likes, by acting as the admin or into storage itself: that is what
		// the clamps at the reader are for.
		let as_admin = |call| -> RuntimeCall {
			pallet_utility::Call::dispatch_as {
				as_origin: Box::new(OriginCaller::Origins(Origin::StakingAdmin)),
				call: Box::new(call),
			}
			.into()
		};
		assert_ok!(as_admin(bad()).dispatch(RuntimeOrigin::root()));
		assert_eq!(effective::stakers_fee_share(), *clamps::STAKERS_FEE_SHARE.start());
		assert_ok!(
			as_admin(fee_share(Some(Perbill::from_percent(60)))).dispatch(RuntimeOrigin::root())
		);
		assert_eq!(effective::stakers_fee_share(), Perbill::from_percent(60));
	});
}

#[test]
fn the_platform_fee_is_the_attribution_admins_and_has_a_cap() {
	let fee =
		|value| RuntimeParameters::Inference(Fees::PlatformFee(inference::PlatformFee, value));
	let cap = *clamps::PLATFORM_FEE.end();
	assert!(within_clamps(&fee(None)) && within_clamps(&fee(Some(0))));
	assert!(within_clamps(&fee(Some(cap))) && !within_clamps(&fee(Some(cap + 1))));

	let key = RuntimeParametersKey::Inference(FeeKeys::PlatformFee(inference::PlatformFee));
	for (origin, may) in [
		(Origin::AttributionAdmin, true),
		(Origin::StakingAdmin, false),
		(Origin::GeneralAdmin, false),
	] {
		assert_eq!(Admin::try_origin(origin.into(), &key).is_ok(), may);
	}
	// What is stored past the filter takes effect clamped.
	Chain::development().state(|| {
		assert_eq!(effective::platform_fee(), 100_000);
		let call =
			pallet_parameters::Call::<Runtime>::set_parameter { key_value: fee(Some(cap + 1)) };
		assert_ok!(call.dispatch_bypass_filter(Origin::AttributionAdmin.into()));
		assert_eq!(effective::platform_fee(), cap);
	});
}

#[test]
fn only_the_staking_admin_sets_the_flow_to_stakers() {
	let mut chain = Chain::development();
	chain.block(|| {
		let call = || fee_share(Some(Perbill::from_percent(70)));
		for (origin, _, name) in ORIGINS {
			let done = call().dispatch(origin.clone().into()).is_ok();
			assert_eq!(done, origin == Origin::StakingAdmin, "{name}");
		}
		assert!(call().dispatch(RuntimeOrigin::signed(Account::Alice.to_account_id())).is_err());
	});
}

/// Submits a call on the track of an origin, decides it with Alice's vote, and waits for enactment.
fn enact(chain: &mut Chain, origin: OriginCaller, call: RuntimeCall) -> Vec<RuntimeEvent> {
	let bytes = codec::Encode::encode(&call);
	let hash = BlakeTwo256::hash(&bytes);
	let len = bytes.len() as u32;
	chain.must(Account::Bob, pallet_preimage::Call::note_preimage { bytes });
	chain.must(
		Account::Bob,
		pallet_referenda::Call::submit {
			proposal_origin: Box::new(origin),
			proposal: frame_support::traits::Bounded::Lookup { hash, len },
			enactment_moment: frame_support::traits::schedule::DispatchTime::After(1),
		},
	);
	let index = chain.state(pallet_referenda::ReferendumCount::<Runtime>::get) - 1;
	chain.must(Account::Charlie, pallet_referenda::Call::place_decision_deposit { index });
	let class = Tracks::track_for(&origin_of(chain, index)).expect("a track");
	// Ferdie's vote counts through Alice.
	chain.must(
		Account::Ferdie,
		pallet_conviction_voting::Call::delegate {
			class,
			to: MultiAddress::Id(Account::Alice.to_account_id()),
			conviction: Conviction::Locked1x,
			balance: 7_000_000 * OPEN,
		},
	);
	chain.must(
		Account::Alice,
		pallet_conviction_voting::Call::vote {
			poll_index: index,
			vote: AccountVote::Standard {
				vote: Vote { aye: true, conviction: Conviction::Locked6x },
				balance: 7_000_000 * OPEN,
			},
		},
	);
	let tally = chain.state(|| match pallet_referenda::ReferendumInfoFor::<Runtime>::get(index) {
		Some(pallet_referenda::ReferendumInfo::Ongoing(status)) => status.tally,
		other => panic!("not ongoing: {other:?}"),
	});
	assert_eq!(tally.ayes, 49_000_000 * OPEN, "six times hers and once the delegated");
	assert_eq!(tally.support, 14_000_000 * OPEN);

	for _ in 0..120 {
		chain.blocks(1);
		let events = chain.events();
		let dispatched = events.iter().any(|event| {
			// Enactments are named tasks; the others are the referenda's own alarms.
			matches!(
				event,
				RuntimeEvent::Scheduler(pallet_scheduler::Event::Dispatched {
					id: Some(_),
					result: Ok(()),
					..
				})
			)
		});
		if dispatched {
			return events;
		}
	}
	panic!(
		"not enacted: {:?}",
		chain.state(|| pallet_referenda::ReferendumInfoFor::<Runtime>::get(index))
	);
}

fn origin_of(chain: &mut Chain, index: u32) -> OriginCaller {
	chain.state(|| match pallet_referenda::ReferendumInfoFor::<Runtime>::get(index) {
		Some(pallet_referenda::ReferendumInfo::Ongoing(status)) => status.origin,
		other => panic!("not ongoing: {other:?}"),
	})
}

#[test]
fn a_root_referendum_is_enacted() {
	let mut chain = Chain::development();
	let root = OriginCaller::system(frame_system::RawOrigin::Root);
	let value = b"decided by vote".to_vec();
	let items = vec![(b"openledger-test".to_vec(), value.clone())];
	enact(&mut chain, root, frame_system::Call::set_storage { items }.into());
	let stored = chain.state(|| frame_support::storage::unhashed::get_raw(b"openledger-test"));
	assert_eq!(stored, Some(value));
	chain.try_state();
}

#[test]
fn a_parameter_is_changed_by_the_staking_admins_track() {
	let mut chain = Chain::development();
	let admin = OriginCaller::Origins(Origin::StakingAdmin);
	enact(&mut chain, admin, fee_share(Some(Perbill::from_percent(55))));
	assert_eq!(chain.state(effective::stakers_fee_share), Perbill::from_percent(55));
}

#[test]
fn the_committee_whitelists_and_the_track_dispatches_as_root() {
	let mut chain = Chain::development();
	let call: RuntimeCall = frame_system::Call::set_storage {
		items: vec![(b"openledger-test".to_vec(), b"hurried".to_vec())],
	}
	.into();
	let hash = BlakeTwo256::hash_of(&call);
	let whitelist: RuntimeCall = pallet_whitelist::Call::whitelist_call { call_hash: hash }.into();

	// Nobody alone whitelists, not even a member.
	chain.must_fail(Account::Alice, whitelist.clone(), DispatchError::BadOrigin);
	let length_bound = codec::Encode::encoded_size(&whitelist) as u32;
	chain.must(
		Account::Alice,
		pallet_collective::Call::propose {
			threshold: 2,
			proposal: Box::new(whitelist.clone()),
			length_bound,
		},
	);
	let proposal_hash = BlakeTwo256::hash_of(&whitelist);
	for member in [Account::Alice, Account::Bob] {
		chain.must(
			member,
			pallet_collective::Call::vote { proposal: proposal_hash, index: 0, approve: true },
		);
	}
	chain.must(
		Account::Alice,
		pallet_collective::Call::close {
			proposal_hash,
			index: 0,
			proposal_weight_bound: frame_support::weights::Weight::from_parts(
				50_000_000_000,
				1_000_000,
			),
			length_bound,
		},
	);
	assert!(chain.state(|| pallet_whitelist::WhitelistedCall::<Runtime>::contains_key(hash)));
	enact(
		&mut chain,
		OriginCaller::Origins(Origin::WhitelistedCaller),
		pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage { call: Box::new(call) }
			.into(),
	);
	let stored = chain.state(|| frame_support::storage::unhashed::get_raw(b"openledger-test"));
	assert_eq!(stored, Some(b"hurried".to_vec()));
}

#[test]
fn nobody_is_root_but_a_referendum() {
	use frame_support::traits::GetCallMetadata;
	// No pallet with a call that hands out root: sudo has one in every form of it.
	for module in RuntimeCall::get_module_names() {
		assert_ne!(module.to_lowercase(), "sudo");
	}
	let mut chain = Chain::development();
	for call in [
		RuntimeCall::from(frame_system::Call::set_heap_pages { pages: 1 }),
		pallet_staking::Call::set_validator_count { new: 1 }.into(),
		pallet_referenda::Call::cancel { index: 0 }.into(),
	] {
		chain.must_fail(Account::Alice, call, DispatchError::BadOrigin);
	}
	assert!(Admin::try_origin(
		RuntimeOrigin::root(),
		&RuntimeParametersKey::Issuance(issuance::ParametersKey::StakersFeeShare(
			issuance::StakersFeeShare
		))
	)
	.is_err());
	assert!(within_clamps(&RuntimeParameters::Issuance(issuance::Parameters::StakersFeeShare(
		issuance::StakersFeeShare,
		None
	))));
}
