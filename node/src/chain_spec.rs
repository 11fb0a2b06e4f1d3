//! The chains the binary knows by name, and specifications read from files.
//!
//! What is in the first block stands in the runtime (`openledger_runtime::genesis`); here only the
//! name of a preset is chosen.

use std::path::Path;

use openledger_runtime::{genesis::STAGING_RUNTIME_PRESET, opaque::Block, Hash, WASM_BINARY};
use sc_chain_spec::{ChainSpecExtension, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sc_service::{ChainType, Properties};
use serde::{Deserialize, Serialize};
use sp_runtime::traits::{BlakeTwo256, Hash as _};

use crate::service::ExtraHostFunctions;

/// A specification of an OpenLedger chain.
pub type ChainSpec = sc_service::GenericChainSpec<Extensions, ExtraHostFunctions>;

const PROTOCOL_ID: &str = "openledger";

/// Fields of a specification that only the node reads.
#[derive(Clone, Default, Serialize, Deserialize, ChainSpecExtension)]
#[serde(rename_all = "camelCase")]
pub struct Extensions {
	/// Blocks that must be part of the chain.
	pub fork_blocks: sc_client_api::ForkBlocks<Block>,
	/// Blocks that must not be part of the chain.
	pub bad_blocks: sc_client_api::BadBlocks<Block>,
	/// Where light clients start; `sync_state_genSyncSpec` fills it.
	pub light_sync_state: sc_sync_state_rpc::LightSyncStateExtension,
	/// What the first block is made from; not part of the file.
	#[serde(skip)]
	pub genesis_source: GenesisSource,
}

/// A digest of everything the first block is made from. Equal digests mean equal first blocks, and
/// it takes no run of the runtime to compare them.
#[derive(Clone, Default)]
pub struct GenesisSource(pub Hash);

impl GenesisSource {
	fn of(parts: &[&[u8]]) -> Self {
		Self(BlakeTwo256::hash(&parts.concat()))
	}
}

/// Finds the specification that `--chain` names: a chain built in, or a file.
pub fn load(id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
	let spec = match id {
		"dev" | "development" | "openledger_dev" => preset(
			"openledger_dev",
			"OpenLedger Development",
			ChainType::Development,
			DEV_RUNTIME_PRESET,
		),
		"" | "local" | "openledger_local" => preset(
			"openledger_local",
			"OpenLedger Local",
			ChainType::Local,
			LOCAL_TESTNET_RUNTIME_PRESET,
		),
		"staging" | "openledger_staging" => preset(
			"openledger_staging",
			"OpenLedger Staging",
			ChainType::Live,
			STAGING_RUNTIME_PRESET,
		),
		path => from_file(Path::new(path)),
	}?;
	Ok(Box::new(spec))
}

fn preset(id: &str, name: &str, chain_type: ChainType, preset: &str) -> Result<ChainSpec, String> {
	let code = WASM_BINARY.ok_or(
		"This binary was built without the runtime, so it knows no chain by name: build it again \
		 without SKIP_WASM_BUILD, or give a raw specification as `--chain FILE`.",
	)?;
	let genesis_source = GenesisSource::of(&[code, preset.as_bytes()]);
	Ok(ChainSpec::builder(code, Extensions { genesis_source, ..Default::default() })
		.with_name(name)
		.with_id(id)
		.with_chain_type(chain_type)
		.with_protocol_id(PROTOCOL_ID)
		.with_properties(properties())
		.with_genesis_config_preset_name(preset)
		.build())
}

/// What wallets need to show addresses and amounts.
fn properties() -> Properties {
	Properties::from_iter([
		("ss58Format".into(), 42.into()),
		("tokenSymbol".into(), "OPEN".into()),
		("tokenDecimals".into(), 18.into()),
	])
}

fn from_file(path: &Path) -> Result<ChainSpec, String> {
	if !path.is_file() {
		return Err(format!(
			"No chain is called `{0}`, and there is no file `{0}` either: use dev, local or staging, \
			 or give the path of a chain specification.",
			path.display(),
		));
	}
	let unreadable = |error: String| {
		format!(
			"The chain specification `{}` cannot be read ({}): get a fresh copy, or write it again \
			 with `openledger export-chain-spec`.",
			path.display(),
			error.trim_start_matches("Error parsing spec file: "),
		)
	};
	let mut spec = ChainSpec::from_json_file(path.to_path_buf()).map_err(unreadable)?;
	let content = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
	spec.extensions_mut().genesis_source = GenesisSource::of(&[&content]);
	Ok(spec)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn names_and_ids_lead_to_the_same_chain() {
		for (name, id) in [
			("dev", "openledger_dev"),
			("local", "openledger_local"),
			("staging", "openledger_staging"),
		] {
			for asked in [name, id] {
				let spec = load(asked).map(|spec| spec.id().to_string());
				assert!(WASM_BINARY.is_none() || spec.as_deref() == Ok(id), "{asked}: {spec:?}");
			}
		}
	}

	#[test]
	fn an_unknown_name_is_refused_with_the_names_there_are() {
		let error = load("no-such-chain").err().unwrap_or_default();
		assert!(error.contains("no-such-chain") && error.contains("dev, local or staging"));
	}
}
