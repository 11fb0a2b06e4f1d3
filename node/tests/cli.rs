//! Runs the built binary as its users do: commands, and the sentences they get when input is bad.

// A test stops at the first surprise; clippy knows that of test functions, not of their helpers.
#![allow(clippy::expect_used, clippy::panic)]

use std::{
	fs,
	net::TcpListener,
	path::Path,
	process::{Command, Output, Stdio},
};

use serde_json::Value;

const CHAINS: [(&str, &str); 3] =
	[("dev", "openledger_dev"), ("local", "openledger_local"), ("staging", "openledger_staging")];

fn openledger(arguments: &[&str]) -> Output {
	Command::new(env!("CARGO_BIN_EXE_openledger"))
		.args(arguments)
		.stdin(Stdio::null())
		.output()
		.expect("the binary was built for this test and can be started")
}

fn text(bytes: &[u8]) -> String {
	String::from_utf8_lossy(bytes).into_owned()
}

fn path(path: &Path) -> &str {
	path.to_str().expect("temporary folders have readable names")
}

#[track_caller]
fn succeeds(arguments: &[&str]) -> String {
	let output = openledger(arguments);
	assert!(output.status.success(), "{arguments:?} failed: {}", text(&output.stderr));
	text(&output.stdout)
}

/// Asserts that the command fails with code 1 and one line that contains all of `words`.
#[track_caller]
fn fails_with(arguments: &[&str], words: &[&str]) {
	let output = openledger(arguments);
	let errors = text(&output.stderr);
	assert_eq!(output.status.code(), Some(1), "{arguments:?} wrote {errors}");

	let sentence = errors
		.lines()
		.find(|line| line.starts_with("Error: "))
		.unwrap_or_else(|| panic!("{arguments:?} gave no sentence, but {errors}"));
	for word in words {
		assert!(sentence.contains(word), "`{word}` is missing in: {sentence}");
	}
	assert!(!errors.contains("panicked"), "{arguments:?} panicked: {errors}");
}

fn export(chain: &str) -> Value {
	serde_json::from_str(&succeeds(&["export-chain-spec", "--chain", chain]))
		.expect("a specification is JSON")
}

/// Creates a database for the chain, by importing a file without blocks.
fn import_nothing<'a>(chain: &'a str, base_path: &'a str, no_blocks: &'a str) -> [&'a str; 7] {
	["import-blocks", no_blocks, "--binary", "--chain", chain, "--base-path", base_path]
}

#[test]
fn version_names_the_binary() {
	let version = succeeds(&["--version"]);
	assert!(version.starts_with(concat!("openledger ", env!("CARGO_PKG_VERSION"))), "{version}");
}

#[test]
fn help_teaches_by_examples() {
	let help = succeeds(&["--help"]);
	for word in ["Examples:", "--dev", "--sync warp", "generate-node-key", "ParityDB"] {
		assert!(help.contains(word), "`{word}` is missing");
	}
}

#[test]
fn every_chain_is_exported_under_its_id() {
	for (name, id) in CHAINS {
		let spec = export(name);
		assert_eq!(spec["id"], id);
		assert_eq!(spec["protocolId"], "openledger");
		assert_eq!(spec["properties"]["tokenSymbol"], "OPEN");
		assert_eq!(spec["properties"]["tokenDecimals"], 18);
		assert_eq!(spec["properties"]["ss58Format"], 42);
	}
}

#[test]
fn a_raw_specification_is_a_chain_of_its_own() {
	let folder = tempfile::tempdir().expect("a temporary folder");
	let raw = folder.path().join("raw.json");
	succeeds(&["export-chain-spec", "--chain", "dev", "--raw", "--output", path(&raw)]);

	let spec = export(path(&raw));
	assert_eq!(spec["id"], "openledger_dev");
	assert!(spec["genesis"]["raw"]["top"].is_object());
}

#[test]
fn build_spec_adds_this_machine_as_boot_node() {
	let folder = tempfile::tempdir().expect("a temporary folder");
	let output = succeeds(&["build-spec", "--chain", "local", "--base-path", path(folder.path())]);
	let spec: Value = serde_json::from_str(&output).expect("a specification is JSON");
	assert_eq!(spec["bootNodes"].as_array().map(Vec::len), Some(1));
}

#[test]
fn purging_what_is_not_there_is_no_fault() {
	let folder = tempfile::tempdir().expect("a temporary folder");
	let output =
		openledger(&["purge-chain", "-y", "--chain", "dev", "--base-path", path(folder.path())]);
	assert!(output.status.success());
	assert!(text(&output.stderr).contains("did not exist"));
}

#[test]
fn reading_a_database_that_is_not_there_is_refused() {
	let folder = tempfile::tempdir().expect("a temporary folder");
	let base_path = path(folder.path());
	for command in ["chain-info", "export-blocks", "export-state", "revert"] {
		fails_with(
			&[command, "--chain", "dev", "--base-path", base_path],
			&["no database", "openledger_dev", base_path],
		);
	}
	assert!(!folder.path().join("chains/openledger_dev/paritydb").exists());
}

#[test]
fn an_unknown_chain_is_refused_with_the_names_there_are() {
	fails_with(
		&["export-chain-spec", "--chain", "no-such-chain"],
		&["no-such-chain", "dev, local or staging"],
	);
}

#[test]
fn a_corrupt_specification_is_refused() {
	let folder = tempfile::tempdir().expect("a temporary folder");
	let file = folder.path().join("corrupt.json");
	for content in ["", "{ \"name\": \"half a", "{ \"name\": \"nothing else\" }"] {
		fs::write(&file, content).expect("the temporary folder is writable");
		fails_with(
			&["--chain", path(&file), "--base-path", path(folder.path())],
			&["chain specification", path(&file), "export-chain-spec"],
		);
	}
}

#[test]
fn a_specification_without_a_usable_runtime_is_refused() {
	let folder = tempfile::tempdir().expect("a temporary folder");
	let file = folder.path().join("spec.json");
	let no_blocks = folder.path().join("no-blocks");
	fs::write(&no_blocks, 0u64.to_le_bytes()).expect("the temporary folder is writable");

	let mut spec = export("dev");
	spec["genesis"] = serde_json::json!({ "runtimeGenesis": { "code": "0x00", "patch": {} } });
	fs::write(&file, spec.to_string()).expect("the temporary folder is writable");
	fails_with(
		&import_nothing(path(&file), path(folder.path()), path(&no_blocks)),
		&["first block", "openledger_dev", "export-chain-spec"],
	);
}

#[test]
fn a_database_of_another_chain_is_refused() {
	let folder = tempfile::tempdir().expect("a temporary folder");
	let base_path = path(folder.path());
	let no_blocks = folder.path().join("no-blocks");
	fs::write(&no_blocks, 0u64.to_le_bytes()).expect("the temporary folder is writable");
	succeeds(&import_nothing("dev", base_path, path(&no_blocks)));

	// The same id, and so the same folder, with another first block.
	let mut foreign = export("local");
	foreign["id"] = "openledger_dev".into();
	let file = folder.path().join("foreign.json");
	fs::write(&file, foreign.to_string()).expect("the temporary folder is writable");
	fails_with(
		&import_nothing(path(&file), base_path, path(&no_blocks)),
		&["another chain", base_path, "--base-path", "purge-chain"],
	);

	// The raw form is the same chain, and so is the chain by its name afterwards.
	let raw = folder.path().join("raw.json");
	succeeds(&["export-chain-spec", "--chain", "dev", "--raw", "--output", path(&raw)]);
	succeeds(&import_nothing(path(&raw), base_path, path(&no_blocks)));
	succeeds(&import_nothing("dev", base_path, path(&no_blocks)));
	let info = succeeds(&["chain-info", "--chain", "dev", "--base-path", base_path]);
	let info: Value = serde_json::from_str(&info).expect("chain-info prints JSON");
	assert_eq!(info["best_number"], 0);
	assert_eq!(info["best_hash"], info["genesis_hash"]);
}

#[test]
fn rocksdb_is_refused() {
	for database in ["rocksdb", "RocksDB"] {
		fails_with(&["--dev", "--database", database], &["ParityDB", "--database paritydb"]);
	}
}

#[test]
fn busy_ports_are_refused() {
	let folder = tempfile::tempdir().expect("a temporary folder");
	let other = TcpListener::bind("127.0.0.1:0").expect("some port is free");
	let port = other.local_addr().expect("the port is bound").port().to_string();

	for option in ["--rpc-port", "--prometheus-port", "--port"] {
		let mut arguments = vec!["--dev", "--base-path", path(folder.path())];
		for listener in ["--rpc-port", "--prometheus-port", "--port"] {
			arguments.extend([listener, if listener == option { &port } else { "0" }]);
		}
		fails_with(&arguments, &[&port, option]);
	}
}

#[test]
fn a_validator_without_a_network_key_is_told_how_to_make_one() {
	let folder = tempfile::tempdir().expect("a temporary folder");
	fails_with(
		&["--chain", "local", "--validator", "--base-path", path(folder.path())],
		&["network key", "key generate-node-key"],
	);
}
