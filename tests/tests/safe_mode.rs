//! Safe mode: who enters, what stops, what goes on, how it ends.

use frame_support::traits::Contains;
use openledger_primitives::{records::ContributionRef, units::OPEN};
use openledger_runtime::{
	governance::emergency::{ActiveBlocks, COOLDOWN, PAUSE},
	Runtime, RuntimeCall, SafeMode,
};
use openledger_tests::Chain;
use pallet_conviction_voting::{AccountVote, Conviction, Vote};
use sp_keyring::Sr25519Keyring as Account;
use sp_runtime::{
	traits::{BlakeTwo256, BlockNumberProvider, Hash},
	DispatchError, MultiAddress,
};

/// Passes a motion of the technical committee with two votes of three.
fn motion(
	chain: &mut Chain,
	index: u32,
	call: impl Into<RuntimeCall>,
) -> Result<(), DispatchError> {
	let call = call.into();
	let length_bound = codec::Encode::encoded_size(&call) as u32;
	let proposal_hash = BlakeTwo256::hash_of(&call);
	chain.must(
		Account::Alice,
		pallet_collective::Call::propose { threshold: 2, proposal: Box::new(call), length_bound },
	);
	for member in [Account::Alice, Account::Bob] {
		chain.must(
			member,
			pallet_collective::Call::vote { proposal: proposal_hash, index, approve: true },
		);
	}
	chain.must(
		Account::Alice,
		pallet_collective::Call::close {
			proposal_hash,
			index,
			proposal_weight_bound: frame_support::weights::Weight::from_parts(
				50_000_000_000,
				1_000_000,
			),
			length_bound,
		},
	);
	chain
		.events()
		.into_iter()
		.find_map(|event| match event {
			openledger_runtime::RuntimeEvent::TechnicalCommittee(
				pallet_collective::Event::Executed { result, .. },
			) => Some(result),
			_ => None,
		})
		.expect("the motion was executed")
}

fn transfer() -> RuntimeCall {
	pallet_balances::Call::transfer_keep_alive {
		dest: MultiAddress::Id(Account::Bob.to_account_id()),
		value: OPEN,
	}
	.into()
}

fn filtered() -> DispatchError {
	frame_system::Error::<Runtime>::CallFiltered.into()
}

#[test]
fn the_committee_pauses_transfers_for_a_while_and_not_again_at_once() {
	let mut chain = Chain::development();
	chain.must(Account::Alice, transfer());

	// GIVEN safe mode, entered by two of three,
	assert_eq!(motion(&mut chain, 0, pallet_safe_mode::Call::force_enter {}), Ok(()));
	let entered = chain.height();

	// THEN transfers stop, bare and wrapped,
	chain.must_fail(Account::Alice, transfer(), filtered());
	chain.must_fail(
		Account::Alice,
		pallet_utility::Call::batch_all { calls: vec![transfer()] },
		filtered(),
	);
	let remark: RuntimeCall = frame_system::Call::remark { remark: vec![1] }.into();
	chain.must_fail(Account::Alice, remark, filtered());

	// AND votes go on, also through wrappers,
	let vote = RuntimeCall::from(pallet_conviction_voting::Call::delegate {
		class: 0,
		to: MultiAddress::Id(Account::Bob.to_account_id()),
		conviction: Conviction::None,
		balance: OPEN,
	});
	chain.must(Account::Alice, pallet_utility::Call::batch_all { calls: vec![vote] });

	// AND the committee cannot extend it,
	assert_eq!(
		motion(&mut chain, 1, pallet_safe_mode::Call::force_extend {}),
		Err(DispatchError::BadOrigin)
	);

	// AND it ends by itself.
	while chain.state(SafeMode::is_entered) {
		assert!(chain.height() <= entered + PAUSE, "it lasts no longer than {PAUSE} blocks");
		chain.blocks(1);
	}
	let exited = chain.height();
	chain.must(Account::Alice, transfer());

	// The committee must wait before it can enter again,
	let again = motion(&mut chain, 2, pallet_safe_mode::Call::force_enter {});
	assert_eq!(again, Err(DispatchError::BadOrigin));
	chain.blocks(exited + COOLDOWN - chain.height());
	// and then it can.
	assert_eq!(motion(&mut chain, 3, pallet_safe_mode::Call::force_enter {}), Ok(()));
	// A majority ends it early.
	assert_eq!(motion(&mut chain, 4, pallet_safe_mode::Call::force_exit {}), Ok(()));
	chain.must(Account::Alice, transfer());
	chain.try_state();
}

#[test]
fn elections_and_rewards_go_on_in_safe_mode() {
	let mut chain = Chain::local();
	assert_eq!(motion(&mut chain, 0, pallet_safe_mode::Call::force_enter {}), Ok(()));
	// Keep it up across an era, as a root referendum could.
	chain.state(|| pallet_safe_mode::EnteredUntil::<Runtime>::put(u32::MAX));
	let era = chain.next_era();
	let next = chain.next_era();
	assert_eq!(next, era + 1);
	chain.state(|| {
		assert!(SafeMode::is_entered());
		assert_eq!(pallet_session::Validators::<Runtime>::get().len(), 4);
		let earned = pallet_staking::ErasValidatorReward::<Runtime>::get(era);
		assert!(earned.unwrap_or(0) > OPEN);
	});
	chain.try_state();
}

#[test]
fn the_clock_of_deadlines_stands_still_meanwhile() {
	let clock = |chain: &mut Chain| chain.state(ActiveBlocks::current_block_number);
	let mut chain = Chain::development();
	assert_eq!(clock(&mut chain), chain.height());

	// GIVEN safe mode, entered in a block in which the clock still moved,
	assert_eq!(motion(&mut chain, 0, pallet_safe_mode::Call::force_enter {}), Ok(()));
	let stopped = clock(&mut chain);
	assert_eq!(stopped, chain.height());

	// THEN the clock stands still until it ends,
	while chain.state(SafeMode::is_entered) {
		assert_eq!(clock(&mut chain), stopped);
		chain.blocks(1);
	}
	// AND goes on from there, for good.
	let (behind, now) = (chain.height() - stopped, clock(&mut chain));
	assert_eq!(now, stopped);
	chain.blocks(7);
	assert_eq!(clock(&mut chain), chain.height() - behind);
	assert_eq!(clock(&mut chain), stopped + 7);
}

#[test]
fn nobody_else_enters() {
	let mut chain = Chain::development();
	chain.must_fail(
		Account::Alice,
		pallet_safe_mode::Call::enter {},
		pallet_safe_mode::Error::<Runtime>::NotConfigured,
	);
	chain.must_fail(
		Account::Alice,
		pallet_safe_mode::Call::force_enter {},
		DispatchError::BadOrigin,
	);
	assert!(!chain.state(SafeMode::is_entered));
}

#[test]
fn what_safe_mode_lets_through_is_exactly_this() {
	use frame_support::traits::GetCallMetadata;
	use openledger_runtime::governance::emergency::WhileSafe;

	// Wrappers and governance go on, and what keeps the chain alive.
	let go_on = [
		"Timestamp",
		"ElectionProviderMultiPhase",
		"Session",
		"Babe",
		"Grandpa",
		"Beefy",
		"Referenda",
		"ConvictionVoting",
		"TechnicalCommittee",
		"Whitelist",
		"Treasury",
		"Bounties",
		"ChildBounties",
		"Preimage",
		"Scheduler",
		"Parameters",
		"Utility",
		"Multisig",
		"Proxy",
	];
	let calls: Vec<RuntimeCall> = vec![
		transfer(),
		pallet_timestamp::Call::set { now: 1 }.into(),
		pallet_vesting::Call::vest {}.into(),
		pallet_staking::Call::chill {}.into(),
		RuntimeCall::Session(pallet_session::Call::purge_keys {}),
		pallet_nomination_pools::Call::claim_payout {}.into(),
		pallet_referenda::Call::cancel { index: 0 }.into(),
		pallet_conviction_voting::Call::vote {
			poll_index: 0,
			vote: AccountVote::Standard {
				vote: Vote { aye: true, conviction: Conviction::None },
				balance: 1,
			},
		}
		.into(),
		pallet_treasury::Call::payout { index: 0 }.into(),
		pallet_bounties::Call::propose_bounty { value: 1, description: vec![] }.into(),
		pallet_preimage::Call::note_preimage { bytes: vec![] }.into(),
		pallet_utility::Call::batch { calls: vec![] }.into(),
		pallet_proxy::Call::remove_proxies {}.into(),
		RuntimeCall::Identity(pallet_identity::Call::clear_identity {}),
		pallet_datanets::Call::close_datanet { datanet: 0 }.into(),
		pallet_model_registry::Call::deprecate { model: 0 }.into(),
		pallet_rewards::Call::open_entry { model: 0, amount: 1, signer: None }.into(),
		pallet_rewards::Call::top_up { model: 0, payer: Account::Bob.to_account_id(), amount: 1 }
			.into(),
	];
	for call in calls {
		let name = call.get_call_metadata().pallet_name;
		assert_eq!(WhileSafe::contains(&call), go_on.contains(&name), "{name}");
	}
	let upgrade = frame_system::Call::apply_authorized_upgrade { code: vec![] };
	assert!(WhileSafe::contains(&upgrade.into()));
	// Who can be shown to be wrong, can be shown it now.
	use pallet_attribution::Call;
	let (model, batch, receipt) = (0, 0, 0);
	let (challenges, others) = (
		[
			Call::demand { model, batch, receipt },
			Call::expire_demand { model, batch, receipt },
			Call::expire_draws { model, batch },
			Call::expire_orphan { model, batch },
		],
		[
			Call::finalise { model, batch, most: 1 },
			Call::close { model, batch },
			Call::adopt { model, batch },
			Call::attest { model, batch },
			Call::leave {},
			Call::stake { amount: OPEN },
		],
	);
	assert!(challenges.into_iter().all(|call| WhileSafe::contains(&call.into())));
	assert!(!others.into_iter().any(|call| WhileSafe::contains(&call.into())));
	let contribution = ContributionRef { datanet: 0, index: 0 };
	let ruling = pallet_datanets::Call::rule { contribution, upheld: true };
	assert!(WhileSafe::contains(&ruling.into()));
}
