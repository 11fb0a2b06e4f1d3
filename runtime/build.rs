//! Builds the runtime's Wasm blob.

fn main() {
	#[cfg(feature = "std")]
	{
		let builder = substrate_wasm_builder::WasmBuilder::init_with_defaults();
		// Panic messages name source files: without this the blob would depend on whose home it was
		// built in.
		let builder = match cargo_home() {
			Some(home) => {
				builder.append_to_rust_flags(format!("--remap-path-prefix={home}=/cargo"))
			}
			None => builder,
		};
		#[cfg(feature = "metadata-hash")]
		let builder = builder.enable_metadata_hash("OPEN", 18);
		builder.build();
	}
}

#[cfg(feature = "std")]
fn cargo_home() -> Option<String> {
	let named = std::env::var("CARGO_HOME").ok();
	named.or_else(|| std::env::var("HOME").ok().map(|home| format!("{home}/.cargo")))
}
