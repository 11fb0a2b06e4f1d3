//! What each type of proxy can and cannot do.

use frame_support::traits::InstanceFilter;
use openledger_primitives::{records::ContributionRef, units::OPEN, Balance};
use openledger_runtime::{configs::utilities::ProxyType, Runtime, RuntimeCall, RuntimeEvent};
use openledger_tests::Chain;
use pallet_datanets::{Admission, Policy};
use sp_keyring::Sr25519Keyring as Account;
use sp_runtime::{DispatchError, MultiAddress, Permill};

const TYPES: [ProxyType; 9] = [
	ProxyType::Any,
	ProxyType::NonTransfer,
	ProxyType::Governance,
	ProxyType::Staking,
	ProxyType::NominationPools,
	ProxyType::CancelProxy,
	ProxyType::Contribution,
	ProxyType::Models,
	ProxyType::Lanes,
];

/// Reveals into a datanet that asks this bond.
fn reveal(bond: Balance) -> RuntimeCall {
	let agreed = Policy { admission: Admission::Open, bond, curator_share: Permill::zero() };
	pallet_datanets::Call::reveal { datanet: 0, agreed, reveals: Default::default() }.into()
}

fn sample() -> Vec<(RuntimeCall, &'static [ProxyType])> {
	use ProxyType::*;
	vec![
		(
			pallet_balances::Call::transfer_keep_alive {
				dest: MultiAddress::Id(Account::Bob.to_account_id()),
				value: OPEN,
			}
			.into(),
			&[Any],
		),
		(pallet_staking::Call::chill {}.into(), &[Any, NonTransfer, Staking]),
		(RuntimeCall::Session(pallet_session::Call::purge_keys {}), &[Any, NonTransfer, Staking]),
		(pallet_nomination_pools::Call::claim_payout {}.into(), &[Any, NominationPools]),
		(pallet_referenda::Call::cancel { index: 0 }.into(), &[Any, NonTransfer, Governance]),
		(
			pallet_vesting::Call::vested_transfer {
				target: MultiAddress::Id(Account::Bob.to_account_id()),
				schedule: pallet_vesting::VestingInfo::new(OPEN, 1, 0),
			}
			.into(),
			&[Any],
		),
		(
			pallet_proxy::Call::reject_announcement {
				delegate: MultiAddress::Id(Account::Bob.to_account_id()),
				call_hash: Default::default(),
			}
			.into(),
			&[Any, NonTransfer, CancelProxy],
		),
		(
			pallet_datanets::Call::close_datanet { datanet: 0 }.into(),
			&[Any, NonTransfer, Contribution],
		),
		(reveal(OPEN), &[Any, NonTransfer, Contribution]),
		(reveal(OPEN + 1), &[Any]),
		(
			pallet_datanets::Call::transfer_right {
				contributions: Default::default(),
				earner: Account::Bob.to_account_id(),
			}
			.into(),
			&[Any],
		),
		(
			pallet_datanets::Call::flag {
				contribution: ContributionRef { datanet: 0, index: 0 },
				ground: pallet_datanets::Ground::LowQuality,
			}
			.into(),
			&[Any],
		),
		(
			pallet_datanets::Call::set_payee { payee: Some(Account::Bob.to_account_id()) }.into(),
			&[Any],
		),
		(
			pallet_datanets::Call::transfer_datanet {
				datanet: 0,
				owner: Account::Bob.to_account_id(),
			}
			.into(),
			&[Any],
		),
		(pallet_model_registry::Call::deprecate { model: 0 }.into(), &[Any, NonTransfer, Models]),
		(
			pallet_model_registry::Call::transfer_model {
				model: 0,
				owner: Account::Bob.to_account_id(),
			}
			.into(),
			&[Any],
		),
		(pallet_attribution::Call::finalise { model: 0, batch: 0, most: 1 }.into(), &[Any, Lanes]),
		(pallet_attribution::Call::attest { model: 0, batch: 0 }.into(), &[Any, Lanes]),
		(pallet_attribution::Call::demand { model: 0, batch: 0, receipt: 0 }.into(), &[Any]),
		(pallet_attribution::Call::stake { amount: OPEN }.into(), &[Any]),
		(pallet_attribution::Call::leave {}.into(), &[Any]),
		(
			pallet_rewards::Call::claim_account { accounts: Default::default() }.into(),
			&[Any, Lanes],
		),
		(pallet_rewards::Call::open_entry { model: 0, amount: 1, signer: None }.into(), &[Any]),
		(pallet_rewards::Call::withdraw { model: 0, amount: 1 }.into(), &[Any]),
		(
			pallet_rewards::Call::set_signer { model: 0, signer: Account::Bob.to_account_id() }
				.into(),
			&[Any],
		),
	]
}

#[test]
fn a_proxy_type_allows_its_calls_and_no_others() {
	for (call, allowed) in sample() {
		for kind in TYPES {
			assert_eq!(kind.filter(&call), allowed.contains(&kind), "{kind:?} {call:?}");
		}
	}
}

#[test]
fn a_superset_allows_at_least_as_much() {
	for outer in TYPES {
		for inner in TYPES.iter().filter(|inner| outer.is_superset(inner)) {
			for (call, _) in sample() {
				assert!(
					!inner.filter(&call) || outer.filter(&call),
					"{outer:?} {inner:?} {call:?}"
				);
			}
		}
	}
}

#[test]
fn a_wrapper_does_not_widen_a_proxy() {
	let mut chain = Chain::development();
	let bob = MultiAddress::Id(Account::Bob.to_account_id());
	chain.must(
		Account::Alice,
		pallet_proxy::Call::add_proxy { delegate: bob, proxy_type: ProxyType::Staking, delay: 0 },
	);
	let transfer = RuntimeCall::from(pallet_balances::Call::transfer_keep_alive {
		dest: MultiAddress::Id(Account::Bob.to_account_id()),
		value: OPEN,
	});
	for call in [
		transfer.clone(),
		pallet_utility::Call::batch_all { calls: vec![transfer] }.into(),
		pallet_proxy::Call::add_proxy {
			delegate: MultiAddress::Id(Account::Bob.to_account_id()),
			proxy_type: ProxyType::Any,
			delay: 0,
		}
		.into(),
	] {
		chain.must(
			Account::Bob,
			pallet_proxy::Call::proxy {
				real: MultiAddress::Id(Account::Alice.to_account_id()),
				force_proxy_type: None,
				call: Box::new(call),
			},
		);
		let result = chain.events().into_iter().find_map(|event| match event {
			RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result }) => Some(result),
			_ => None,
		});
		let filtered: DispatchError = frame_system::Error::<Runtime>::CallFiltered.into();
		assert_eq!(result, Some(Err(filtered)));
	}
}
