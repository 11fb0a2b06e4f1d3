//! Secrets of the accounts that pay: out of files or variables, never out of the command line, where others see them.

use std::{env, fs, path::PathBuf, str::FromStr};

use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, Result};
use subxt_signer::{sr25519::Keypair, SecretUri};

const SUBSTRATE: &str = "OPENLEDGER_RELAYER_SUBSTRATE_KEY";
const ETHEREUM: &str = "OPENLEDGER_RELAYER_ETHEREUM_KEY";

fn secret(file: Option<&PathBuf>, variable: &str) -> Result<Option<String>> {
	let text = match file {
		Some(file) => Some(
			fs::read_to_string(file)
				.with_context(|| format!("The key file {} cannot be read", file.display()))?,
		),
		None => env::var(variable).ok(),
	};
	Ok(text.map(|text| text.trim().to_string()).filter(|text| !text.is_empty()))
}

/// The account on the chain.
pub fn substrate(file: Option<&PathBuf>) -> Result<Option<Keypair>> {
	secret(file, SUBSTRATE)?.map(|text| parse_substrate(&text)).transpose()
}

fn parse_substrate(text: &str) -> Result<Keypair> {
	// What goes wrong may repeat the secret, so it is not shown.
	let uri = SecretUri::from_str(text).ok();
	uri.and_then(|uri| Keypair::from_uri(&uri).ok()).context(
		"The secret of the chain's account cannot be read: it is a phrase of 12 to 24 words, or 0x and 64 hex digits, \
		 with or without a path such as //me after it.",
	)
}

/// The account on Ethereum.
pub fn ethereum(file: Option<&PathBuf>) -> Result<Option<PrivateKeySigner>> {
	secret(file, ETHEREUM)?.map(|text| parse_ethereum(&text)).transpose()
}

fn parse_ethereum(text: &str) -> Result<PrivateKeySigner> {
	let key = PrivateKeySigner::from_str(text).ok();
	key.context("The secret of the account on Ethereum cannot be read: it is 64 hex digits, with or without 0x.")
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn secrets_are_read_in_the_forms_of_their_chains() {
		let alice = "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
		let read = parse_substrate("//Alice").unwrap().public_key().0;
		assert_eq!(alloy::hex::encode_prefixed(read), alice);
		let hex = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
		for text in [hex.to_string(), format!("0x{hex}")] {
			let address = parse_ethereum(&text).unwrap().address().to_string();
			assert_eq!(address, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
		}
	}

	#[test]
	fn what_cannot_be_read_is_not_repeated() {
		let secret = "bottom drive obey lake curtain smoke basket hold race lonely fit wal";
		for error in [parse_substrate(secret).err().unwrap(), parse_ethereum(secret).unwrap_err()] {
			assert!(!format!("{error:#}").contains("bottom"));
		}
		let error = super::secret(Some(&"/nowhere/key".into()), "NONE").unwrap_err();
		assert!(format!("{error:#}").contains("/nowhere/key"));
	}
}
