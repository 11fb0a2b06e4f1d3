//! Writes the version the binary reports.
//!
//! Release builds name their commit in `SUBSTRATE_CLI_GIT_COMMIT_HASH`. Development builds carry
//! none, so that a new commit alone does not compile the node again.

fn main() {
	println!("cargo:rerun-if-changed=build.rs");
	println!("cargo:rerun-if-env-changed=SUBSTRATE_CLI_GIT_COMMIT_HASH");

	let package = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
	let version = match std::env::var("SUBSTRATE_CLI_GIT_COMMIT_HASH") {
		Ok(commit) if !commit.trim().is_empty() => format!("{package}-{}", commit.trim()),
		_ => package,
	};
	println!("cargo:rustc-env=OPENLEDGER_VERSION={version}");
}
