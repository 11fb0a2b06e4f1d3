//! The staging network: production periods, keys that only its operators have.
//!
//! `scripts/staging-keys.sh` makes the keys and prints the table below; the secrets stay with
//! whoever ran it and are kept nowhere here. A new staging network starts with new keys.

use super::{evenly, Validator, ACCOUNTS_SHARE};
use crate::{opaque::SessionKeys, AccountId};
use alloc::vec::Vec;
use hex_literal::hex;
use openledger_primitives::units::OPEN;
use sp_core::{ecdsa, ed25519, sr25519};

/// The public keys of a validator.
struct PublicKeys {
	account: [u8; 32],
	babe: [u8; 32],
	grandpa: [u8; 32],
	beefy: [u8; 33],
	authority_discovery: [u8; 32],
}

const VALIDATORS: [PublicKeys; 4] = [
	PublicKeys {
		account: hex!("e4d590857d571afa053174d6966b5e14f8fe9830116c5b760ebd7b677ecfe56a"),
		babe: hex!("e6a18e2b01f05b4dc4c5ad5bc0065b9008a1c5b112a5944edaa20d784823d557"),
		grandpa: hex!("a9f213e06b709b608a6d63e2993aa3089927a2408a8784f38978ce0d8a714955"),
		beefy: hex!("033801765915eda4369f28aa83a625f3a92aa7c331707278a410f1b3340014b58c"),
		authority_discovery: hex!(
			"4c426a7036c6e9d379f14dbb97822b2fd05a1c5ba620aa2460bc4e6959630e4b"
		),
	},
	PublicKeys {
		account: hex!("baa403c8e2faad9cb0ad4a5b1bb73ce63d8dd834bd757ca48311619eaf7f8e36"),
		babe: hex!("8a0024025b3bae512588666bdbf9faef71e34556b1c61985f6371f8bf3a3ae1c"),
		grandpa: hex!("f3df49f9a137a0fd086c8375d04647465b5f77428a695fcb9faa9fdadfd5950f"),
		beefy: hex!("0256c5e20e5a05564bfe0da34270a390f2046c1d4e659d479b969d073ad65ad719"),
		authority_discovery: hex!(
			"a8087ac970e15e100dd26973756af53cd7130ad3b67647fb61c2477766364926"
		),
	},
	PublicKeys {
		account: hex!("f638314e5e872c1782c815b1ee6c2a91a54b8ae3f1fbdd57b1cfb63389b60d45"),
		babe: hex!("b01a4b55a40dd68f405117c88caa89827eae35c0dffa3a0dd893112865814b53"),
		grandpa: hex!("c9709b61f9cf86a3e5b91ab544e1c2a0235b4dff75d678f7aaddbaf7d7113886"),
		beefy: hex!("027c9ecfe74681db1d0780ffcb7eb797f116e7278c9d08ca4d0ddbd884404e1e61"),
		authority_discovery: hex!(
			"dc6512f74f5fb7f0e26b371d6f388f794ab271be4e2ed9ad0e77268740d90739"
		),
	},
	PublicKeys {
		account: hex!("a098affea237667f1323a732cbebc5e34195b64e55f4c73d7998fc9b1bed305f"),
		babe: hex!("7c341a2719ef4eb46001e55e247e2699fdb01ba605ac4cb3fd02c982afba5232"),
		grandpa: hex!("85891cd9d52af19da6c2b80e9a7281abeb4b633449c1c5c28b35304f126a68c5"),
		beefy: hex!("033787b2c1e5e8c6aab45d7ea6a6ea3941fddf02a6023ef8a89dca8ef5a967ae9e"),
		authority_discovery: hex!(
			"aea6c3759ff893e8a89d2b21e25f8eed08b6599ebeb2d8b1930301276c664809"
		),
	},
];

pub(super) fn genesis() -> serde_json::Value {
	let accounts: Vec<AccountId> =
		VALIDATORS.iter().map(|keys| AccountId::from(keys.account)).collect();
	let validators = VALIDATORS
		.iter()
		.map(|keys| Validator {
			account: AccountId::from(keys.account),
			keys: SessionKeys {
				babe: sr25519::Public::from_raw(keys.babe).into(),
				grandpa: ed25519::Public::from_raw(keys.grandpa).into(),
				beefy: ecdsa::Public::from_raw(keys.beefy).into(),
				authority_discovery: sr25519::Public::from_raw(keys.authority_discovery).into(),
			},
			bond: 1_000_000 * OPEN,
		})
		.collect();
	super::genesis(
		validators,
		accounts.iter().take(3).cloned().collect(),
		evenly(ACCOUNTS_SHARE, accounts),
	)
}
