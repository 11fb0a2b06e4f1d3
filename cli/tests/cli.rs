//! Runs the built binary as its users do, without a node: help, contents, and the sentences that bad
//! input gets.

// A test stops at the first surprise; clippy knows that of test functions, not of their helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::{
	fs,
	net::TcpListener,
	path::Path,
	process::{Command, Output, Stdio},
};

use serde_json::Value;

fn cli(arguments: &[&str]) -> Output {
	Command::new(env!("CARGO_BIN_EXE_openledger-cli"))
		.args(arguments)
		.env_remove("OPENLEDGER_URL")
		.env_remove("OPENLEDGER_KEY")
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
	let output = cli(arguments);
	assert!(output.status.success(), "{arguments:?} failed: {}", text(&output.stderr));
	text(&output.stdout)
}

/// Asserts that the command ends with this code, says all of `words`, and prints no answer.
#[track_caller]
fn fails_with(code: i32, arguments: &[&str], words: &[&str]) {
	let output = cli(arguments);
	let errors = text(&output.stderr);
	assert_eq!(output.status.code(), Some(code), "{arguments:?} wrote {errors}");
	for word in words {
		assert!(errors.contains(word), "`{word}` is missing in: {errors}");
	}
	assert!(!errors.contains("panicked"), "{arguments:?} panicked: {errors}");
	assert_eq!(text(&output.stdout), "");
}

#[test]
fn help_teaches_by_examples() {
	let help = succeeds(&["--help"]);
	for word in ["Examples:", "content id", "--accept", "Exit codes:", "BLOCK-POSITION"] {
		assert!(help.contains(word), "`{word}` is missing");
	}
	for command in [
		["contribute", "--help"].as_slice(),
		&["accept", "--help"],
		&["datanet", "create", "--help"],
		&["review", "reject", "--help"],
		&["contribution", "transfer-right", "--help"],
		&["flag", "raise", "--help"],
		&["model", "register", "--help"],
		&["model", "version", "--help"],
		&["provenance", "--help"],
		&["content", "verify", "--help"],
		&["payer", "open", "--help"],
		&["payer", "sign", "--help"],
		&["batch", "build", "--help"],
		&["batch", "submit", "--help"],
		&["batch", "answer", "--help"],
		&["batch", "check", "--help"],
		&["batch", "expire", "--help"],
		&["attestor", "attest", "--help"],
		&["claim", "contributions", "--help"],
	] {
		let help = succeeds(command);
		assert!(help.contains("openledger-cli"), "{command:?} has no example: {help}");
	}
}

#[test]
fn every_command_of_the_readme_is_there() {
	let readme = include_str!("../README.md").split("## How").next().unwrap_or_default();
	let rows = readme.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
	let mut known = 0;
	for (row, _) in rows {
		let words: Vec<_> = row.split(", ").flat_map(str::split_whitespace).collect();
		let Some((first, rest)) = words.split_first() else { continue };
		for second in rest {
			if cli(&[first, second, "--help"]).status.success() {
				known += 1;
			} else {
				panic!("the README names `{first} {second}`, which is no command");
			}
		}
	}
	assert!(known > 15, "only {known} commands were found in the README");
}

#[test]
fn version_names_the_binary() {
	let version = succeeds(&["--version"]);
	assert_eq!(version.trim(), concat!("openledger-cli ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn files_are_named() {
	let folder = tempfile::tempdir().expect("a temporary folder");
	let (one, two) = (folder.path().join("one"), folder.path().join("two"));
	fs::write(&one, "abc").expect("the temporary folder is writable");
	fs::write(&two, vec![7; 2_049]).expect("the temporary folder is writable");

	let text = succeeds(&["content", "id", path(&one), path(&two)]);
	let lines: Vec<_> = text.lines().collect();
	assert_eq!(lines.len(), 2);
	assert!(lines[1].contains("2049 bytes  3 chunks"), "{text}");

	let json: Value = serde_json::from_str(&succeeds(&["--json", "content", "id", path(&one)]))
		.expect("the output is JSON");
	assert_eq!((&json[0]["size"], &json[0]["chunks"]), (&3.into(), &1.into()));
	let content = json[0]["content"].as_str().expect("a content id is a string");
	assert!(lines[0].starts_with(content) && content.len() == 66, "{text}");
}

#[test]
fn a_chunk_is_proven_and_nothing_else() {
	let folder = tempfile::tempdir().expect("a temporary folder");
	let (file, proof) = (folder.path().join("file"), folder.path().join("proof.json"));
	let bytes: Vec<u8> = (0..3_000).map(|index| (index / 11) as u8).collect();
	fs::write(&file, bytes).expect("the temporary folder is writable");

	let said = succeeds(&["content", "prove", path(&file), "1", "--out", path(&proof)]);
	assert!(said.contains(path(&proof)), "{said}");
	let holds = succeeds(&["content", "verify", path(&proof)]);
	assert!(holds.contains("1024 bytes are chunk 1"), "{holds}");

	let written = fs::read_to_string(&proof).expect("the proof was written");
	let printed = succeeds(&["content", "prove", path(&file), "1"]);
	assert_eq!(written, printed.trim_end());

	let json: Value = serde_json::from_str(&written).expect("a proof is JSON");
	for (field, value) in
		[("index", 0.into()), ("size", 3_001.into()), ("chunk", Value::from("0x0102"))]
	{
		let mut forged = json.clone();
		forged[field] = value;
		fs::write(&proof, forged.to_string()).expect("the temporary folder is writable");
		fails_with(1, &["content", "verify", path(&proof)], &["Error: ", "does not hold"]);
	}
}

#[test]
fn what_is_no_file_or_no_proof_is_refused() {
	let folder = tempfile::tempdir().expect("a temporary folder");
	let (none, empty) = (folder.path().join("none"), folder.path().join("empty"));
	fs::write(&empty, "").expect("the temporary folder is writable");
	fails_with(1, &["content", "id", path(&none)], &["cannot be read", path(&none)]);
	fails_with(1, &["content", "id", path(&empty)], &["is empty", path(&empty)]);
	fails_with(1, &["content", "prove", path(&empty), "0"], &["0 chunks", "no chunk 0"]);
	fails_with(1, &["content", "verify", path(&empty)], &["no proof", path(&empty)]);
	fails_with(1, &["content", "verify", path(&none)], &["cannot be read", path(&none)]);
}

#[test]
fn a_wrong_command_line_ends_with_code_2() {
	for (arguments, word) in [
		(&["datanet", "show", "x"][..], "invalid digit"),
		(&["datanet", "create", "--name", "x"], "--licence"),
		(&["datanet", "create", "--name", "x", "--licence", "gpl"], "cc-by-sa"),
		(&["datanet", "set-policy", "0", "--bond", "1,5"], "12.5"),
		(&["datanet", "set-policy", "0", "--curator-share", "20"], "20%"),
		(&["datanet", "set-policy", "0", "--open", "--quorum", "2"], "cannot be used with"),
		(&["contribute", "0", ".", "--kind", "poem", "--licence", "cc-by"], "evaluation"),
		(&["contribute", "0", ".", "--kind", "data"], "--licence"),
		(&["accept", "0"], "PRECEDENCE"),
		(&["accept", "0", "123"], "123-7"),
		(&["accept", "0", "123-7", "--all"], "cannot be used with"),
		(&["review", "reject", "0", "--all"], "--reason"),
		(&["contribution", "show", "17"], "0/17"),
		(&["contribution", "set-payee"], "ACCOUNT"),
		(&["contribution", "transfer-right", "5Grw", "0/1"], "SS58"),
		(&["contribution", "release-bonds", "0/9-1"], "0/17-99"),
		(&["flag", "raise", "0/1", "--ground", "ugly"], "adversarial"),
		(&["flag", "judge", "0/1", "yes"], "upheld"),
		(&["record", "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5"], "another network"),
		(&["model", "fee", "1", "2"], "TOKENS_OUT"),
		(&["model", "operator", "accept", "0", "many"], "no number"),
		(&["provenance"], "MODEL"),
		(
			&["model", "register", "--kind", "base", "--name", "x", "--price-in", "0.0000000001"],
			"9 digits",
		),
		(&["payer", "open", "0", "0.0000000001"], "9 digits"),
		(&["payer", "open", "0", "5", "--signer", "5Grw"], "SS58"),
		(&["payer", "sign", "0"], "SALES"),
		(&["batch", "submit", "0", "may.sales"], "VOUCHERS"),
		(
			&["batch", "answer", "0", "3", "may.sales", "--step", "1", "--wait"],
			"cannot be used with",
		),
		(&["batch", "check", "0", "3", "may.sales", "--block", "0x12"], "64 hex digits"),
		(&["batch", "demand", "0", "3"], "RECEIPT"),
		(&["attestor", "stake", "1,000"], "12.5"),
		(&["attestor", "attest", "0", "3", "--block", "0x12"], "64 hex digits"),
		(&["claim", "contributions", "0", "9..1"], "0..99"),
		(&["claim", "account", "5Grw"], "SS58"),
		(&["nonsense"], "nonsense"),
	] {
		fails_with(2, arguments, &[word]);
	}
}

#[test]
fn a_node_that_is_not_there_is_named() {
	// A port that was free a moment ago.
	let free = TcpListener::bind("127.0.0.1:0").expect("some port is free");
	let url = format!("ws://{}", free.local_addr().expect("the port is bound"));
	drop(free);
	fails_with(
		1,
		&["--url", &url, "datanet", "list"],
		&["Error: ", "No node answers", &url, "--url"],
	);

	let output = cli(&["--json", "--url", &url, "datanet", "list"]);
	assert_eq!(output.status.code(), Some(1));
	let error: Value = serde_json::from_slice(&output.stderr).expect("the error is JSON");
	assert!(error["error"].as_str().is_some_and(|error| error.contains(&url)), "{error}");
	assert_eq!(error["name"], Value::Null);
}
