//! Refuses to start on a port that another process uses.
//!
//! Left alone, the SDK would serve RPC on a random port, go without metrics or without peers.

use std::{
	io::ErrorKind,
	net::{IpAddr, SocketAddr, TcpListener},
};

use sc_network::{multiaddr::Protocol, Multiaddr};
use sc_service::Configuration;

/// Checks every TCP port the node is about to listen on.
pub fn require_free(config: &Configuration) -> sc_cli::Result<()> {
	for endpoint in config.rpc.addr.iter().flatten() {
		// IPv6 is optional: a machine without it still serves RPC.
		if !endpoint.is_optional {
			require(endpoint.listen_addr, "RPC", "choose another with --rpc-port")?;
		}
	}
	if let Some(prometheus) = &config.prometheus_config {
		require(
			prometheus.port,
			"Prometheus",
			"choose another with --prometheus-port, or use --no-prometheus",
		)?;
	}
	for address in config.network.listen_addresses.iter().filter_map(tcp_address) {
		require(address, "peer-to-peer", "choose another with --port")?;
	}
	Ok(())
}

fn require(address: SocketAddr, purpose: &str, remedy: &str) -> sc_cli::Result<()> {
	match TcpListener::bind(address) {
		Err(error) if error.kind() == ErrorKind::AddrInUse => Err(format!(
			"The {purpose} port {} on {} is used by another process: stop that process, or {remedy}.",
			address.port(),
			address.ip(),
		)
		.into()),
		// Other faults, like a missing IPv6, are for the SDK to judge.
		_ => Ok(()),
	}
}

fn tcp_address(address: &Multiaddr) -> Option<SocketAddr> {
	let mut parts = address.iter();
	let ip: IpAddr = match parts.next()? {
		Protocol::Ip4(ip) => ip.into(),
		Protocol::Ip6(ip) => ip.into(),
		_ => return None,
	};
	match parts.next()? {
		Protocol::Tcp(port) => Some(SocketAddr::new(ip, port)),
		_ => None,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn only_tcp_addresses_are_checked() {
		let parse = |text: &str| text.parse::<Multiaddr>().ok().as_ref().and_then(tcp_address);

		assert_eq!(parse("/ip4/127.0.0.1/tcp/30333"), "127.0.0.1:30333".parse().ok());
		assert_eq!(parse("/ip6/::1/tcp/30333/ws"), "[::1]:30333".parse().ok());
		assert_eq!(parse("/ip4/127.0.0.1/udp/30333/webrtc-direct"), None);
	}

	#[test]
	fn a_busy_port_is_named_with_a_remedy() -> std::io::Result<()> {
		let other_process = TcpListener::bind("127.0.0.1:0")?;
		let address = other_process.local_addr()?;

		let sentence = require(address, "RPC", "choose another with --rpc-port")
			.err()
			.map(|error| crate::errors::explain(&error))
			.unwrap_or_default();
		assert!(sentence.contains(&address.port().to_string()) && sentence.contains("--rpc-port"));

		drop(other_process);
		assert!(require(address, "RPC", "").is_ok());
		Ok(())
	}
}
