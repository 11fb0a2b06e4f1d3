use super::*;
use sp_runtime::BuildStorage;

fn build(checkpoint: Option<Vec<u8>>, vault: Option<GenesisVault>) {
	Installed::set(None);
	let config =
		BridgeConfig { checkpoint: checkpoint.map(Into::into), vault, ..Default::default() };
	RuntimeGenesisConfig { bridge: config, ..Default::default() }
		.build_storage()
		.expect("genesis builds");
}

#[test]
fn a_chain_spec_names_the_checkpoint_and_the_vault() {
	build(Some(vec![1, 2, 3]), None);
	assert_eq!(Installed::get(), Some(3));
	build(None, None);
	assert_eq!(Installed::get(), None);
}

#[test]
#[should_panic(expected = "ethereumBridge.checkpoint of the chain spec: it is empty")]
fn a_checkpoint_that_cannot_be_used_stops_the_chain() {
	build(Some(vec![]), None);
}

#[test]
#[should_panic(expected = "can be no vault")]
fn a_vault_that_cannot_be_one_stops_the_chain() {
	build(None, Some(GenesisVault { chain_id: 1, address: H160::zero(), token: VAULT.token }));
}

#[test]
fn chain_specs_are_written_in_camel_case_and_hexadecimal() {
	let config: BridgeConfig = serde_json::from_str(
		r#"{ "checkpoint": "0x0102", "vault": { "chainId": 5,
			"address": "0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			"token": "0xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" } }"#,
	)
	.expect("the configuration reads");
	assert_eq!(config.checkpoint, Some(vec![1, 2].into()));
	assert_eq!(
		config.vault,
		Some(GenesisVault { chain_id: 5, address: VAULT.address, token: VAULT.token })
	);
}
