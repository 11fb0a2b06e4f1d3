//! Builds the runtime's Wasm blob.

fn main() {
	#[cfg(feature = "std")]
	{
		let mut builder = substrate_wasm_builder::WasmBuilder::init_with_defaults();
		// Panic messages name source files: without this the blob would depend on whose home it was
		// built in.
		for (folder, name) in folders::in_messages() {
			builder = builder.append_to_rust_flags(format!("--remap-path-prefix={folder}={name}"));
		}
		#[cfg(feature = "metadata-hash")]
		let builder = builder.enable_metadata_hash("OPEN", 18);
		builder.build();
	}
}

#[cfg(feature = "std")]
mod folders {
	use std::{env::var, process::Command};

	/// Folders of this machine, and how messages call them.
	pub fn in_messages() -> impl Iterator<Item = (String, &'static str)> {
		let manifest = var("CARGO_MANIFEST_DIR").ok();
		let workspace = manifest.and_then(|path| path.strip_suffix("/runtime").map(String::from));
		let named = [(cargo_home(), "/cargo"), (library(), "/rust"), (workspace, "/openledger")];
		// The flags are separated by spaces: a folder that has one cannot be among them.
		named
			.into_iter()
			.filter_map(|(folder, name)| Some((folder?, name)))
			.filter(|(folder, _)| !folder.contains(char::is_whitespace))
	}

	fn cargo_home() -> Option<String> {
		var("CARGO_HOME").or_else(|_| var("HOME").map(|home| format!("{home}/.cargo"))).ok()
	}

	/// The sources of the standard library, which come with the compiler.
	fn library() -> Option<String> {
		let output = Command::new(var("RUSTC").ok()?).args(["--print", "sysroot"]).output().ok()?;
		let sysroot = String::from_utf8(output.stdout).ok()?;
		Some(format!("{}/lib/rustlib/src/rust", sysroot.trim()))
	}
}
