//! Turns errors into sentences for people: what happened, where, and what to do about it.

use std::io;

/// The sentence printed when the node cannot go on.
pub fn explain(error: &sc_cli::Error) -> String {
	match error {
		sc_cli::Error::Input(sentence) => sentence.clone(),
		sc_cli::Error::Service(error) => explain_service(error),
		sc_cli::Error::Io(error) => explain_io(error),
		sc_cli::Error::Application(error) => explain_any(error.as_ref()),
		sc_cli::Error::NetworkKeyNotFound(path) => format!(
			"A validator needs a network key that stays the same, and there is none at `{}`: run \
			 `openledger key generate-node-key` once with the node's --chain and --base-path (or with \
			 --default-base-path). For a test network, --unsafe-force-node-key-generation makes one \
			 at start.",
			path.display(),
		),
		other => other.to_string(),
	}
}

fn explain_service(error: &sc_service::Error) -> String {
	match error {
		sc_service::Error::Other(reason) if reason == "Essential task failed." => {
			"A part the node cannot work without has stopped: the lines above name it and its \
			 reason."
				.into()
		}
		sc_service::Error::Other(sentence) => sentence.clone(),
		sc_service::Error::Application(error) => explain_any(error.as_ref()),
		sc_service::Error::Io(error) => explain_io(error),
		other => other.to_string(),
	}
}

fn explain_any(error: &(dyn std::error::Error + Send + Sync + 'static)) -> String {
	if let Some(sc_storage_monitor::Error::StorageOutOfSpace(available, required)) =
		error.downcast_ref()
	{
		return format!(
			"The disk of the database has {available} MiB left and the node asks for {required} MiB: \
			 free some space, or lower --db-storage-threshold.",
		);
	}
	match error.downcast_ref::<io::Error>() {
		Some(error) => explain_io(error),
		None => error.to_string(),
	}
}

fn explain_io(error: &io::Error) -> String {
	match error.kind() {
		io::ErrorKind::AddrInUse => {
			"A port the node listens on is used by another process: stop that process, or choose \
			 others with --port, --rpc-port and --prometheus-port."
				.into()
		}
		io::ErrorKind::PermissionDenied => format!(
			"The node may not use a file or a port ({error}): check who owns the folder given as \
			 --base-path.",
		),
		_ => error.to_string(),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_busy_port_is_named_wherever_it_appears() {
		let busy = || io::Error::from(io::ErrorKind::AddrInUse);
		for error in [
			sc_cli::Error::Io(busy()),
			sc_cli::Error::Application(Box::new(busy())),
			sc_cli::Error::Service(sc_service::Error::Io(busy())),
			sc_cli::Error::Service(sc_service::Error::Application(Box::new(busy()))),
		] {
			assert!(explain(&error).contains("--rpc-port"), "{error:?}");
		}
	}

	#[test]
	fn a_full_disk_says_how_much_is_missing() {
		let error = sc_storage_monitor::Error::StorageOutOfSpace(10, 1024);
		let sentence = explain(&sc_cli::Error::Application(Box::new(error)));
		assert!(sentence.contains("10 MiB") && sentence.contains("1024 MiB"), "{sentence}");
	}

	#[test]
	fn a_sentence_of_ours_is_printed_as_it_is() {
		let error = sc_cli::Error::Service(sc_service::Error::Other("Do this.".into()));
		assert_eq!(explain(&error), "Do this.");
		assert_eq!(explain(&sc_cli::Error::Input("Do that.".into())), "Do that.");
	}
}
