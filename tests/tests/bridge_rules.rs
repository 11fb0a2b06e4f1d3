//! The bridge among the other pallets: what leaves is in the next MMR leaf, who may halt it and set what
//! it does, safe mode and proxies, that the largest of it fits into a block, and that a chain which was
//! there before it can take it up.

use beacon_kit::{receipts, CheckpointUpdate};
use codec::Encode;
use frame_support::{
	assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo},
	storage::unhashed::clear_prefix,
	traits::{
		fungible::{Inspect, Mutate},
		Get, InstanceFilter,
	},
};
use frame_system::{LastRuntimeUpgrade, LastRuntimeUpgradeInfo};
use openledger_primitives::{time::SESSION, units::OPEN};
use openledger_runtime::{
	bridge::WithdrawalProof,
	configs::{
		bridge::{InitialLimits, IssuedAtGenesis, ETHEREUM_SUPPLY},
		utilities::ProxyType,
	},
	genesis::SUPPLY,
	governance::{origins::Origin, TechnicalCollective},
	issuance::pallet::GenesisIssuance,
	Balances, Executive, Hash, Mmr, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, System,
	VERSION,
};
use openledger_tests::{
	ethereum::{
		bridge_state, bridged, locked, recipient, submit, submit_deposit, withdraw, Ethereum,
		CAROL, RELAYER, VAULT,
	},
	signed, stranger, Chain, Leaf,
};
use pallet_ethereum_bridge::{messages, Direction, Limits, Vault, WeightInfo};
use serde_json::json;
use snowbridge_merkle_tree::verify_proof;
use sp_core::{Bytes, H256};
use sp_io::hashing::twox_128;
use sp_keyring::Sr25519Keyring as Account;
use sp_mmr_primitives::{EncodableOpaqueLeaf, Error as MmrError, LeafProof};
use sp_runtime::{
	traits::{BlakeTwo256, Dispatchable, Hash as _, Keccak256},
	DispatchError, DispatchResult, MultiAddress,
};
use std::{collections::BTreeSet, time::Instant};

type Bridge = pallet_ethereum_bridge::Error<Runtime>;
type Call = pallet_ethereum_bridge::Call<Runtime>;
fn filtered() -> DispatchError {
	frame_system::Error::<Runtime>::CallFiltered.into()
}

fn proof_of(chain: &mut Chain, nonce: u64) -> Option<WithdrawalProof> {
	chain.call("EthereumBridgeApi_prove_withdrawal", nonce)
}

/// A development chain that follows Ethereum, where all that it issued is locked.
fn pre_locked(preset: &str) -> (Chain, Ethereum) {
	let (mut chain, mut ethereum) = bridged(preset);
	ethereum.pre_lock(&mut chain);
	(chain, ethereum)
}

/// The leaf of the block after this one, which the root of the chain's head proves.
fn next_leaf(chain: &mut Chain, block: u32) -> Leaf {
	let head = chain.height();
	let (leaf, proof) = chain.leaf(block + 1, head);
	assert_eq!(leaf.parent_number_and_hash.0, block);
	assert_eq!(leaf.encoded_size(), 113, "Ethereum hashes as many bytes");
	// One leaf for each block from the first on.
	let place = (proof.leaf_indices.clone(), proof.leaf_count);
	assert_eq!(place, (vec![u64::from(block)], u64::from(head)));
	let root = chain.state(Mmr::mmr_root);
	assert_eq!(verify(chain, root, &leaf, proof.clone()), Ok(()));
	let other = Leaf { leaf_extra: H256::repeat_byte(1), ..leaf.clone() };
	assert_eq!(verify(chain, root, &other, proof), Err(MmrError::Verify));
	leaf
}

fn verify(
	chain: &mut Chain,
	root: Hash,
	leaf: &Leaf,
	proof: LeafProof<Hash>,
) -> Result<(), MmrError> {
	let leaves = vec![EncodableOpaqueLeaf::from_leaf(leaf)];
	chain.call("MmrApi_verify_proof_stateless", (root, leaves, proof))
}

// --- What leaves

#[test]
fn what_leaves_is_in_the_leaf_of_the_next_block() {
	// GIVEN a chain whose genesis is not locked yet,
	let (mut chain, mut ethereum) = bridged("development");
	let ten = withdraw(CAROL, 10 * OPEN);
	chain.must_fail(Account::Alice, ten.clone(), Bridge::InsufficientBacking);
	ethereum.pre_lock(&mut chain);
	let answer = bridge_state(&mut chain);
	assert_eq!((answer.pre_locked, answer.minted, answer.withdrawals), (SUPPLY, 0, 0));
	assert_eq!(chain.state(Balances::total_issuance), SUPPLY, "pre-locking mints nothing");

	// WHEN somebody leaves, his OPEN is gone,
	let alice = Account::Alice.to_account_id();
	let before = chain.state(|| Balances::total_balance(&alice));
	chain.must(Account::Alice, ten);
	let block = chain.height();
	assert!(chain.state(|| Balances::total_balance(&alice)) < before - 10 * OPEN);
	assert_eq!(chain.state(Balances::total_issuance), SUPPLY - 10 * OPEN);

	// THEN the next leaf has the root of the message, and those around it have none.
	chain.blocks(3);
	let proof = proof_of(&mut chain, 1).expect("its block is complete");
	assert_eq!((proof.nonce, proof.recipient, proof.amount), (1, CAROL, 10 * OPEN));
	assert_eq!((proof.block, proof.proof.len()), (block, 0));
	let domain = messages::domain(&VAULT, chain.genesis_hash());
	assert_eq!(proof.root, messages::leaf(domain, 1, CAROL, 10 * OPEN));
	assert_eq!(next_leaf(&mut chain, block).leaf_extra, proof.root);
	assert_eq!(next_leaf(&mut chain, block - 1).leaf_extra, H256::zero());
	assert_eq!(next_leaf(&mut chain, block + 1).leaf_extra, H256::zero());
	assert_eq!(proof_of(&mut chain, 2), None);
	let answer = bridge_state(&mut chain);
	assert_eq!((answer.burned, answer.withdrawals), (10 * OPEN, 1));
	chain.try_state();
}

#[test]
fn nothing_is_lost_when_a_session_turns() {
	let (mut chain, _) = pre_locked("local_testnet");
	let first = chain.height() + 1;
	// The block in which a session turns has no room for extrinsics, but motions may withdraw in it.
	for nth in 0..2 * SESSION {
		let who = RuntimeOrigin::signed(Account::Alice.to_account_id());
		chain.block(|| {
			for more in 0..nth % 4 {
				let amount = 10 * OPEN + u128::from(more);
				assert_ok!(withdraw(CAROL, amount).dispatch(who.clone()));
			}
		});
	}
	let last = chain.height();
	chain.blocks(1);

	let domain = messages::domain(&VAULT, chain.genesis_hash());
	let (mut nonce, mut sets) = (0, BTreeSet::new());
	for block in first..=last {
		let leaf = next_leaf(&mut chain, block);
		let count = u64::from((block - first) % 4);
		if count == 0 {
			assert_eq!(leaf.leaf_extra, H256::zero());
		}
		for index in 0..count {
			nonce += 1;
			let proof = proof_of(&mut chain, nonce).expect("it was made");
			assert_eq!((proof.block, proof.root), (block, leaf.leaf_extra));
			let message = messages::leaf(domain, nonce, CAROL, proof.amount);
			assert!(verify_proof::<Keccak256, _, _>(
				&proof.root,
				proof.proof,
				count,
				index,
				message
			));
		}
		assert_eq!(leaf.beefy_next_authority_set.len, 4);
		sets.insert(leaf.beefy_next_authority_set.id);
	}
	assert!(sets.len() >= 3, "every session has a set of its own: {sets:?}");
	assert_eq!(
		sets.last().copied().map(|last| last + 1 - sets.len() as u64),
		sets.first().copied()
	);
	assert_eq!(bridge_state(&mut chain).withdrawals, nonce);
	chain.try_state();
}

#[test]
fn only_the_bridge_burns() {
	let (mut chain, _) = pre_locked("development");
	let burn = RuntimeCall::from(pallet_balances::Call::burn { value: OPEN, keep_alive: true });
	chain.must_fail(Account::Alice, burn.clone(), filtered());
	let batch = pallet_utility::Call::batch_all { calls: vec![withdraw(CAROL, 10 * OPEN), burn] };
	chain.must_fail(Account::Alice, batch, filtered());
	assert_eq!(bridge_state(&mut chain).burned, 0, "the whole batch is undone");
}

#[test]
fn try_state_notices_open_that_nothing_backs() {
	let (mut chain, _) = bridged("development");
	chain.state(|| {
		let check = pallet_ethereum_bridge::Pallet::<Runtime>::do_try_state;
		assert_ok!(check());
		assert_ok!(<Balances as Mutate<_>>::mint_into(&stranger(1), OPEN));
		assert!(check().is_err());
	});
}

// --- Who halts it and sets what it does

const SEVEN: [Account; 7] = [
	Account::Alice,
	Account::Bob,
	Account::Charlie,
	Account::Dave,
	Account::Eve,
	Account::Ferdie,
	Account::One,
];

/// Makes the technical committee as large as it can be.
fn seat_seven(chain: &mut Chain) {
	let dest = MultiAddress::Id(Account::One.to_account_id());
	let fees = pallet_balances::Call::transfer_keep_alive { dest, value: 100 * OPEN };
	chain.must(Account::Alice, fees);
	let new_members = SEVEN.map(|member| member.to_account_id()).to_vec();
	let seats: pallet_collective::Call<Runtime, TechnicalCollective> =
		pallet_collective::Call::set_members { new_members, prime: None, old_count: 3 };
	assert_ok!(chain.dispatch(Origin::GeneralAdmin, seats));
}

/// Passes a motion with the votes of these members, and of no others.
fn motion(chain: &mut Chain, members: &[Account], call: impl Into<RuntimeCall>) -> DispatchResult {
	let call = call.into();
	let length_bound = call.encoded_size() as u32;
	let proposal_hash = BlakeTwo256::hash_of(&call);
	let index = chain.state(pallet_collective::ProposalCount::<Runtime, TechnicalCollective>::get);
	let threshold = members.len() as u32;
	let proposal = Box::new(call);
	let propose = pallet_collective::Call::propose { threshold, proposal, length_bound };
	chain.must(members[0], propose);
	if threshold > 1 {
		for member in members {
			let vote =
				pallet_collective::Call::vote { proposal: proposal_hash, index, approve: true };
			chain.must(*member, vote);
		}
		let proposal_weight_bound =
			frame_support::weights::Weight::from_parts(50_000_000_000, 1_000_000);
		let close = pallet_collective::Call::close {
			proposal_hash,
			index,
			proposal_weight_bound,
			length_bound,
		};
		chain.must(members[0], close);
	}
	let mut results = chain.events().into_iter().rev().filter_map(|event| match event {
		RuntimeEvent::TechnicalCommittee(pallet_collective::Event::Executed { result, .. }) => {
			Some(result)
		}
		_ => None,
	});
	results.next().expect("the motion was executed")
}

fn halts(chain: &mut Chain) -> (bool, bool) {
	let answer = bridge_state(chain);
	(answer.inbound_halted, answer.outbound_halted)
}

#[test]
fn a_third_of_the_committee_halts_and_all_of_it_cannot_resume() {
	use Direction::{Inbound, Outbound};
	let (mut chain, mut ethereum) = pre_locked("development");
	let bad = Err(DispatchError::BadOrigin);
	seat_seven(&mut chain);
	let halt = |direction| Call::halt { direction };
	let resume = |direction| Call::resume { direction };

	// Two of seven are less than a third, three are more,
	assert_eq!(motion(&mut chain, &SEVEN[..1], halt(Inbound)), bad);
	assert_eq!(motion(&mut chain, &SEVEN[..2], halt(Inbound)), bad);
	assert_eq!(halts(&mut chain), (false, false));
	assert_eq!(motion(&mut chain, &SEVEN[..3], halt(Inbound)), Ok(()));
	assert_eq!(halts(&mut chain), (true, false));
	assert_eq!(motion(&mut chain, &SEVEN[4..], halt(Outbound)), Ok(()));
	assert_eq!(halts(&mut chain), (true, true));

	// and what is halted stands still,
	let nonces = ethereum.lock(&[(recipient(stranger(2)), OPEN)]);
	let update = ethereum.finalise();
	chain.must(RELAYER, submit(update));
	let deposit = submit_deposit(ethereum.proof(nonces[0]));
	chain.must_fail(RELAYER, deposit.clone(), Bridge::Halted);
	chain.must_fail(Account::Alice, withdraw(CAROL, 10 * OPEN), Bridge::Halted);
	let claim = Call::claim_parked { nonce: 1 };
	chain.must_fail(Account::Alice, claim, Bridge::Halted);

	// until governance says otherwise: the committee cannot, nor can another track.
	assert_eq!(motion(&mut chain, &SEVEN, resume(Inbound)), bad);
	for origin in [Origin::GeneralAdmin, Origin::WhitelistedCaller, Origin::Treasurer] {
		assert_eq!(chain.dispatch(origin, resume(Inbound)), bad);
	}
	chain.must_fail(Account::Alice, resume(Inbound), DispatchError::BadOrigin);
	assert_eq!(halts(&mut chain), (true, true));
	assert_ok!(chain.dispatch(Origin::BridgeAdmin, resume(Inbound)));
	assert_eq!(halts(&mut chain), (false, true));
	assert_ok!(chain.dispatch(RuntimeOrigin::root(), resume(Outbound)));
	assert_eq!(halts(&mut chain), (false, false));
	chain.must(RELAYER, deposit);
	chain.must(Account::Alice, withdraw(CAROL, 10 * OPEN));

	// The bridge's own track can halt as well, and so can one of three.
	assert_ok!(chain.dispatch(Origin::BridgeAdmin, halt(Inbound)));
	let three = SEVEN[..3].iter().map(|member| member.to_account_id()).collect();
	let seats: pallet_collective::Call<Runtime, TechnicalCollective> =
		pallet_collective::Call::set_members { new_members: three, prime: None, old_count: 7 };
	assert_ok!(chain.dispatch(Origin::GeneralAdmin, seats));
	assert_eq!(motion(&mut chain, &SEVEN[2..3], halt(Outbound)), Ok(()));
	assert_eq!(halts(&mut chain), (true, true));
	for call in [halt(Inbound), halt(Outbound)] {
		chain.must_fail(Account::Alice, call, DispatchError::BadOrigin);
	}
}

#[test]
fn the_bridge_admin_names_the_vault_once_and_sets_limits_within_bounds() {
	let checkpoint = Bytes(Ethereum::new().beacon.checkpoint().encode());
	let patch = json!({ "ethereumBridge": { "checkpoint": checkpoint } });
	let mut chain = Chain::patched("development", patch);
	chain.blocks(1);
	let Vault { chain_id, address, token } = VAULT;
	let name = || Call::set_vault { chain_id, vault: address, token };
	let limits = InitialLimits::get();
	let set = |limits: Limits| Call::set_limits { limits };

	// Nobody else may,
	for origin in [Origin::GeneralAdmin, Origin::WhitelistedCaller, Origin::StakingAdmin] {
		assert_eq!(chain.dispatch(origin.clone(), name()), Err(DispatchError::BadOrigin));
		assert_eq!(chain.dispatch(origin, set(limits)), Err(DispatchError::BadOrigin));
	}
	chain.must_fail(Account::Alice, name(), DispatchError::BadOrigin);
	chain.must_fail(Account::Alice, set(limits), DispatchError::BadOrigin);
	let all = &SEVEN[..3];
	assert_eq!(motion(&mut chain, all, name()), Err(DispatchError::BadOrigin));
	assert_eq!(motion(&mut chain, all, set(limits)), Err(DispatchError::BadOrigin));

	// the vault is named once,
	assert_ok!(chain.dispatch(Origin::BridgeAdmin, name()));
	assert_eq!(bridge_state(&mut chain).vault.map(|vault| vault.address), Some(address));
	let again = Call::set_vault { chain_id: 1, vault: CAROL, token };
	let named = Err(Bridge::VaultAlreadySet.into());
	assert_eq!(chain.dispatch(Origin::BridgeAdmin, again.clone()), named);
	assert_eq!(chain.dispatch(RuntimeOrigin::root(), again), named);

	// and limits stay within what there is.
	let lower = Limits { min_withdrawal: 20 * OPEN, max_withdrawal: 30 * OPEN, ..limits };
	assert_ok!(chain.dispatch(Origin::BridgeAdmin, set(lower)));
	let answer = bridge_state(&mut chain);
	assert_eq!((answer.min_withdrawal, answer.max_withdrawal), (20 * OPEN, 30 * OPEN));
	chain.must_fail(Account::Alice, withdraw(CAROL, 10 * OPEN), Bridge::BelowMinimum);
	chain.must_fail(Account::Alice, withdraw(CAROL, 31 * OPEN), Bridge::AboveMaximum);
	assert_ok!(
		chain.dispatch(Origin::BridgeAdmin, set(Limits { supply_cap: ETHEREUM_SUPPLY, ..limits }))
	);
	for wrong in [
		Limits { supply_cap: ETHEREUM_SUPPLY + 1, ..limits },
		Limits { deposit_capacity: ETHEREUM_SUPPLY + 1, ..limits },
		Limits { withdrawal_capacity: limits.max_withdrawal - 1, ..limits },
	] {
		for origin in [RuntimeOrigin::from(Origin::BridgeAdmin), RuntimeOrigin::root()] {
			let refused = chain.dispatch(origin, set(wrong));
			assert_eq!(refused, Err(Bridge::LimitsOutOfRange.into()));
		}
	}
	chain.try_state();
}

// --- Safe mode and proxies

#[test]
fn safe_mode_stops_what_moves_open_and_lets_the_client_follow() {
	let (mut chain, mut ethereum) = pre_locked("development");
	let nonces = ethereum.lock(&[(recipient(stranger(2)), 1)]);
	let update = ethereum.finalise();
	let calls = [
		submit_deposit(ethereum.proof(nonces[0])),
		Call::claim_parked { nonce: nonces[0] }.into(),
		withdraw(CAROL, 10 * OPEN),
	];
	// As long as a test lasts.
	chain.state(|| pallet_safe_mode::EnteredUntil::<Runtime>::put(u32::MAX));

	// The client follows Ethereum,
	chain.must(RELAYER, submit(update));
	// nothing moves, bare or wrapped,
	for call in &calls {
		chain.must_fail(Account::Alice, call.clone(), filtered());
		let batch = pallet_utility::Call::batch_all { calls: vec![call.clone()] };
		chain.must_fail(Account::Alice, batch, filtered());
	}
	// governance of the bridge goes on.
	let limits = InitialLimits::get();
	let direction = Direction::Outbound;
	assert_eq!(motion(&mut chain, &SEVEN[..1], Call::halt { direction }), Ok(()));
	assert_ok!(chain.dispatch(Origin::BridgeAdmin, Call::resume { direction }));
	assert_ok!(chain.dispatch(Origin::BridgeAdmin, Call::set_limits { limits }));
	let Vault { chain_id, address, token } = VAULT;
	let name = Call::set_vault { chain_id, vault: address, token };
	// It gets through to the pallet, which has a vault.
	let refused = chain.dispatch(Origin::BridgeAdmin, name);
	assert_eq!(refused, Err(Bridge::VaultAlreadySet.into()));

	// AND afterwards everything does.
	chain.state(pallet_safe_mode::EnteredUntil::<Runtime>::kill);
	let [deposit, claim, leave] = calls;
	chain.must(RELAYER, deposit);
	// One unit is too little for a new account.
	assert_eq!(bridge_state(&mut chain).parked, 1);
	let refused = chain.submit(Account::Alice, claim).expect("the extrinsic is valid");
	assert!(refused.is_err());
	chain.must(Account::Alice, leave);
	chain.try_state();
}

#[test]
fn of_all_proxies_only_those_that_may_do_anything_use_the_bridge() {
	let (mut chain, ethereum) = pre_locked("development");
	let kinds = [
		ProxyType::NonTransfer,
		ProxyType::Governance,
		ProxyType::Staking,
		ProxyType::NominationPools,
		ProxyType::CancelProxy,
		ProxyType::Contribution,
		ProxyType::Models,
		ProxyType::Lanes,
	];
	let calls = [
		withdraw(CAROL, 10 * OPEN),
		Call::claim_parked { nonce: 1 }.into(),
		submit_deposit(ethereum.proof(1)),
	];
	for call in &calls {
		assert!(ProxyType::Any.filter(call));
		assert!(kinds.iter().all(|kind| !kind.filter(call)), "{call:?}");
	}
	for (proxy_type, withdrawn) in [(ProxyType::NonTransfer, 0), (ProxyType::Any, 10 * OPEN)] {
		let delegate = MultiAddress::Id(Account::Bob.to_account_id());
		let proxy = pallet_proxy::Call::add_proxy { delegate, proxy_type, delay: 0 };
		chain.must(Account::Alice, proxy);
		let real = MultiAddress::Id(Account::Alice.to_account_id());
		let call = Box::new(withdraw(CAROL, 10 * OPEN));
		let force_proxy_type = Some(proxy_type);
		chain.must(Account::Bob, pallet_proxy::Call::proxy { real, force_proxy_type, call });
		assert_eq!(bridge_state(&mut chain).burned, withdrawn, "{proxy_type:?}");
	}
}

// --- What fits into a block

fn most<T: Get<u32>>() -> u32 {
	T::get()
}

#[test]
fn the_largest_deposit_fits_into_a_block_and_a_larger_one_is_refused() {
	type Max = <Runtime as pallet_ethereum_bridge::Config>::MaxReceiptProof;
	let most = most::<Max>();
	// What else a proof has, besides the receipt that is filled up here.
	let rest = 8 * 1_024;
	let (mut chain, mut ethereum) = bridged("development");
	let mut with_filler = |chain: &mut Chain, nonce: u64, filler: u32| {
		let event = locked(nonce, recipient(stranger(5)), 1_000 * OPEN);
		let (topics, data) = event.write();
		let logs = vec![
			receipts::log(CAROL, vec![], vec![1; filler as usize]),
			receipts::log(VAULT.address, topics, data),
		];
		let receipts = receipts::block(&[vec![], logs, vec![]]);
		let beacon = &mut ethereum.beacon;
		let slot = beacon.head().header.slot + 32;
		beacon.append(slot, receipts::payload(slot, &receipts)).expect("it comes next");
		chain.must(RELAYER, submit(Box::new(beacon.settle().expect("a block can follow"))));
		let proof = receipts::event_proof(beacon, slot, &receipts, 1, 1).expect("it is final");
		submit_deposit(Box::new(proof))
	};

	let call = with_filler(&mut chain, 1, most - rest);
	let (info, length) = (call.get_dispatch_info(), call.encoded_size() as u32);
	let limits = <Runtime as frame_system::Config>::BlockWeights::get();
	let limit = limits.get(DispatchClass::Normal).max_extrinsic.expect("there is a limit");
	assert!(info.call_weight.all_lte(limit), "{:?} of {limit:?}", info.call_weight);
	let bytes = <Runtime as frame_system::Config>::BlockLength::get();
	let room = *bytes.max.get(DispatchClass::Normal);
	let fee = chain
		.state(|| pallet_transaction_payment::Pallet::<Runtime>::compute_fee(length, &info, 0));
	let started = Instant::now();
	chain.must(RELAYER, call);
	println!(
		"the largest deposit: {length} of {room} bytes, {} of {} us by weight, {} us here and now \
		with its block; its submitter must have {} milli-OPEN for the fee, which comes back",
		info.call_weight.ref_time() / 1_000_000,
		limit.ref_time() / 1_000_000,
		started.elapsed().as_micros(),
		fee / (OPEN / 1_000),
	);
	assert_eq!(bridge_state(&mut chain).minted, 1_000 * OPEN);

	let call = with_filler(&mut chain, 2, most);
	chain.must_fail(RELAYER, call, Bridge::ProofTooLarge);
}

#[test]
fn a_block_full_of_withdrawals_fits() {
	type Weights = <Runtime as pallet_ethereum_bridge::Config>::WeightInfo;
	type Max = <Runtime as pallet_ethereum_bridge::Config>::MaxMessages;
	let most = most::<Max>();
	let (mut chain, _) = pre_locked("development");
	// A session turns in every tenth block, which has no room.
	chain.blocks(SESSION - (chain.height() - 1) % SESSION);

	let limits = <Runtime as frame_system::Config>::BlockWeights::get();
	let limit = limits.get(DispatchClass::Normal).max_total.expect("there is a limit").ref_time();
	let call = withdraw(CAROL, 10 * OPEN);
	let used = chain.block(|| {
		for nth in 0..most {
			let extrinsic = signed(Account::Alice, call.clone(), 0);
			assert_eq!(Executive::apply_extrinsic(extrinsic), Ok(Ok(())), "withdrawal {nth}");
		}
		let one_more = Executive::apply_extrinsic(signed(Account::Alice, call.clone(), 0));
		assert_eq!(one_more, Ok(Err(Bridge::QueueFull.into())));
		System::block_weight().get(DispatchClass::Normal).ref_time()
	});
	let commit = Weights::commit(most).ref_time();
	println!(
		"{most} withdrawals: {} of {} us by weight, {} us of it to commit to them",
		used / 1_000_000,
		limit / 1_000_000,
		commit / 1_000_000,
	);
	assert!(used <= limit);
	let block = chain.height();
	chain.blocks(2);
	let last = proof_of(&mut chain, most.into()).expect("it is in the block");
	assert_eq!(last.block, block);
	assert_eq!(next_leaf(&mut chain, block).leaf_extra, last.root);
	assert_eq!(bridge_state(&mut chain).withdrawals, u64::from(most));
	chain.try_state();
}

// --- A chain that was there before

#[test]
fn a_chain_from_before_the_bridge_takes_it_up() {
	// GIVEN a chain without anything of the bridge's, which has been upgraded,
	let mut chain = Chain::development();
	chain.blocks(3);
	chain.state(|| {
		for pallet in ["EthereumBridge", "EthereumBeaconClient"] {
			let _ = clear_prefix(&twox_128(pallet.as_bytes()), None, None);
		}
		let before =
			LastRuntimeUpgradeInfo { spec_version: 1.into(), spec_name: VERSION.spec_name };
		LastRuntimeUpgrade::<Runtime>::put(before);
	});
	chain.blocks(2);
	let upgraded = chain.state(LastRuntimeUpgrade::<Runtime>::get).expect("it is noted");
	assert_eq!(upgraded.spec_version.0, VERSION.spec_version);
	chain.try_state();

	// THEN it knows what was issued at its genesis, and nothing moves,
	let issued = chain.state(|| (IssuedAtGenesis::get(), GenesisIssuance::<Runtime>::get()));
	assert_eq!(issued, (SUPPLY, SUPPLY));
	let answer = bridge_state(&mut chain);
	assert_eq!((answer.genesis_issuance, answer.vault), (SUPPLY, None));
	chain.must_fail(Account::Alice, withdraw(CAROL, 10 * OPEN), Bridge::VaultNotSet);

	// until governance names the vault and a checkpoint.
	let mut ethereum = Ethereum::new();
	let Vault { chain_id, address, token } = VAULT;
	assert_ok!(
		chain.dispatch(Origin::BridgeAdmin, Call::set_vault { chain_id, vault: address, token })
	);
	let checkpoint: Box<CheckpointUpdate> = Box::new(ethereum.beacon.checkpoint());
	let start = || {
		let update = checkpoint.clone();
		RuntimeCall::from(snowbridge_pallet_ethereum_client::Call::force_checkpoint { update })
	};
	let bad = Err(DispatchError::BadOrigin);
	assert_eq!(chain.dispatch(Origin::BridgeAdmin, start()), bad, "only root starts a client");
	assert_ok!(chain.dispatch(RuntimeOrigin::root(), start()));
	ethereum.pre_lock(&mut chain);
	let who = Account::Alice.to_account_id();
	ethereum.bring(&mut chain, &[(recipient(who), 100 * OPEN)]);
	chain.must(Account::Alice, withdraw(CAROL, 50 * OPEN));
	let answer = bridge_state(&mut chain);
	let moved = (answer.pre_locked, answer.minted, answer.burned);
	assert_eq!(moved, (SUPPLY, 100 * OPEN, 50 * OPEN));
	chain.try_state();
}
