//! The contracts on L1, as far as they are used here.

use alloy::sol_types::SolInterface;

alloy::sol! {
	#![sol(all_derives)]

	struct ValidatorSet {
		uint64 id;
		uint32 length;
		bytes32 root;
	}

	struct MmrLeaf {
		uint8 version;
		uint32 parentNumber;
		bytes32 parentHash;
		uint64 nextSetId;
		uint32 nextSetLength;
		bytes32 nextSetRoot;
		bytes32 extra;
	}

	struct Update {
		bytes32 mmrRoot;
		uint32 blockNumber;
		uint64 setId;
		address[] validators;
		uint256 signers;
		bytes signatures;
		MmrLeaf leaf;
		bytes32[] leafProof;
	}

	struct Handover {
		bytes32 signersRoot;
		bytes32 nextRoot;
		bytes32 mmrRoot;
		uint64 setId;
		uint32 signersLength;
		uint32 nextLength;
		uint32 blockNumber;
		uint48 postedAt;
		bool vetoed;
	}

	struct Withdrawal {
		uint64 nonce;
		address recipient;
		uint256 amount;
		bytes32[] proof;
		MmrLeaf leaf;
		uint32 blockNumber;
		bytes32[] leafProof;
	}

	enum Direction {
		Inbound,
		Outbound
	}

	interface OpenBeefyClient {
		function submit(Update update) external;
		function post(bytes32 base, Update update) external returns (bytes32 id);
		function activate(bytes32[] path) external;

		function currentSet() external view returns (ValidatorSet);
		function nextSet() external view returns (ValidatorSet);
		function latestBlock() external view returns (uint32);
		function officeSince() external view returns (uint48);
		function sessionSeconds() external view returns (uint48);
		function maxAge() external view returns (uint48);
		function vetoPeriod() external view returns (uint48);
		function rootOf(uint32 blockNumber) external view returns (bytes32);
		function posted(bytes32 id) external view returns (Handover);

		event Posted(bytes32 id, bytes32 base, uint32 blockNumber, uint64 setId);

		error InvalidSet(uint32 length, bytes32 root);
		error WrongSet(uint64 setId);
		error WrongNextSet(uint64 setId);
		error WrongValidators();
		error SignersOutsideSet();
		error WrongSignatureCount();
		error WrongSignature(address validator);
		error NoQuorum(uint256 signed, uint256 quorum);
		error ZeroRoot();
		error NotNewer(uint32 latestBlock);
		error InvalidLeafProof();
		error TooOld(uint256 deadline);
		error NotTooOld(uint256 deadline);
		error NotPosted(bytes32 id);
		error AlreadyPosted(bytes32 id);
		error IsVetoed(bytes32 id);
		error VetoPeriodRuns(bytes32 id, uint256 until);
		error NotNext(bytes32 id);
		error EmptyPath();
		error UnknownRoot(uint32 blockNumber);
	}

	interface OpenVault {
		function unlock(Withdrawal withdrawal) external;

		function client() external view returns (address);
		function domain() external view returns (bytes32);
		function nextNonce() external view returns (uint64);
		function isUnlocked(uint64 nonce) external view returns (bool);
		function available() external view returns (uint256);
		function haltedUntil(Direction direction) external view returns (uint48);

		event Locked(uint64 indexed nonce, address indexed from, bytes32 indexed recipient, uint256 amount);

		error DirectionHalted(Direction direction, uint48 until);
		error InvalidRecipient();
		error AlreadyUnlocked(uint64 nonce);
		error InvalidProof();
		error AboveLimit(uint256 amount, uint256 available);
	}
}

/// Names the error that a contract reverts with.
pub fn name_of_error(data: &[u8]) -> Option<String> {
	let of_client =
		OpenBeefyClient::OpenBeefyClientErrors::abi_decode(data).map(|error| format!("{error:?}"));
	let of_vault =
		|| OpenVault::OpenVaultErrors::abi_decode(data).map(|error| format!("{error:?}"));
	// Debug writes the name twice: once for the variant, once for what is in it.
	let twice = of_client.or_else(|_| of_vault()).ok()?;
	let once = twice.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
	Some(once.unwrap_or(&twice).to_string())
}

#[cfg(test)]
mod tests {
	use std::collections::BTreeMap;

	use alloy::{
		primitives::{keccak256, U256},
		sol_types::{SolCall, SolError, SolEvent, SolStruct, SolType},
	};
	use serde_json::Value;

	use super::*;

	#[test]
	fn errors_are_named_with_what_they_say() {
		let error = OpenBeefyClient::TooOld { deadline: U256::from(7) }.abi_encode();
		assert_eq!(name_of_error(&error).unwrap(), "TooOld { deadline: 7 }");
		let error = OpenVault::AlreadyUnlocked { nonce: 3 }.abi_encode();
		assert_eq!(name_of_error(&error).unwrap(), "AlreadyUnlocked { nonce: 3 }");
		assert_eq!(name_of_error(&[1, 2, 3, 4]), None);
	}

	/// The type of a value in a signature.
	fn type_of(value: &Value) -> String {
		let name = value["type"].as_str().unwrap();
		match name.strip_prefix("tuple") {
			Some(rest) => format!("{}{rest}", tuple(&value["components"])),
			None => name.to_string(),
		}
	}

	fn tuple(values: &Value) -> String {
		let types: Vec<String> = values.as_array().unwrap().iter().map(type_of).collect();
		format!("({})", types.join(","))
	}

	/// What the compiler says of a contract: the signature of everything of a kind, and what functions return.
	fn compiled(abi: &str, kind: &str) -> BTreeMap<[u8; 4], (String, Value)> {
		let abi: Value = serde_json::from_str(abi).unwrap();
		let mut found = BTreeMap::new();
		for entry in abi.as_array().unwrap().iter().filter(|entry| entry["type"] == kind) {
			let signature =
				format!("{}{}", entry["name"].as_str().unwrap(), tuple(&entry["inputs"]));
			let selector = keccak256(&signature).0[..4].try_into().unwrap();
			found.insert(selector, (signature, entry["outputs"].clone()));
		}
		found
	}

	const CLIENT: &str = include_str!("../../contracts/abi/OpenBeefyClient.json");
	const VAULT: &str = include_str!("../../contracts/abi/OpenVault.json");

	#[test]
	fn everything_used_here_is_in_the_contracts() {
		use OpenBeefyClient::{OpenBeefyClientCalls, OpenBeefyClientErrors};
		use OpenVault::{OpenVaultCalls, OpenVaultErrors};
		for (abi, calls, errors) in [
			(CLIENT, OpenBeefyClientCalls::SELECTORS, OpenBeefyClientErrors::SELECTORS),
			(VAULT, OpenVaultCalls::SELECTORS, OpenVaultErrors::SELECTORS),
		] {
			let (functions, reverts) = (compiled(abi, "function"), compiled(abi, "error"));
			assert!(calls.iter().all(|selector| functions.contains_key(selector)));
			assert!(errors.iter().all(|selector| reverts.contains_key(selector)));
		}
		for (abi, event) in
			[(CLIENT, OpenBeefyClient::Posted::SIGNATURE), (VAULT, OpenVault::Locked::SIGNATURE)]
		{
			assert!(compiled(abi, "event").values().any(|(signature, _)| signature == event));
		}
	}

	fn returns<Call: SolCall>(abi: &str) -> bool {
		let (_, outputs) = &compiled(abi, "function")[&Call::SELECTOR];
		<Call::ReturnTuple<'_> as SolType>::SOL_NAME == tuple(outputs)
	}

	fn returns_struct<Call: SolCall<Return = Struct>, Struct: SolStruct>(abi: &str) -> bool {
		let (_, outputs) = &compiled(abi, "function")[&Call::SELECTOR];
		let field =
			|field: &Value| format!("{} {}", type_of(field), field["name"].as_str().unwrap());
		let fields: Vec<String> =
			outputs[0]["components"].as_array().unwrap().iter().map(field).collect();
		Struct::eip712_root_type() == format!("{}({})", Struct::NAME, fields.join(","))
	}

	#[test]
	fn answers_have_the_types_of_the_contracts() {
		use OpenBeefyClient::*;
		assert!(returns_struct::<currentSetCall, ValidatorSet>(CLIENT));
		assert!(returns_struct::<nextSetCall, ValidatorSet>(CLIENT));
		assert!(returns_struct::<postedCall, Handover>(CLIENT));
		assert!(returns::<latestBlockCall>(CLIENT) && returns::<rootOfCall>(CLIENT));
		assert!(returns::<officeSinceCall>(CLIENT) && returns::<sessionSecondsCall>(CLIENT));
		assert!(returns::<maxAgeCall>(CLIENT) && returns::<vetoPeriodCall>(CLIENT));
		use OpenVault::*;
		assert!(returns::<clientCall>(VAULT) && returns::<domainCall>(VAULT));
		assert!(returns::<nextNonceCall>(VAULT) && returns::<isUnlockedCall>(VAULT));
		assert!(returns::<availableCall>(VAULT) && returns::<haltedUntilCall>(VAULT));
	}
}
