#!/usr/bin/env bash
# Installs what this machine lacks to build and test the chain. Says nothing when nothing is missing.
#
# Usage: scripts/setup.sh [--clients]
#
#   --clients   also Node.js, Python, and the packages of the clients in e2e/ and of the contracts
#
# Needs rustup, and on Debian or Ubuntu apt-get (with sudo when you are not root). run.sh and test.sh call it themselves.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "$0")/lib/common.sh"

CLIENTS=
for option in "$@"; do
	case $option in
	--clients) CLIENTS=1 ;;
	-h | --help) help && exit ;;
	*) fail "Unknown option $option." "scripts/setup.sh --help lists the options." ;;
	esac
done

# --- packages of the system
missing=()
lack() {
	missing+=("$1")
	reasons+="  $1: $2"$'\n'
}
reasons=
{ have cc && have c++ && have make; } || lack build-essential "compiles the parts of the SDK that are written in C and C++"
have pkg-config || lack pkg-config "finds the system's libraries"
[ -e /usr/include/openssl/ssl.h ] || { have pkg-config && pkg-config --exists openssl; } ||
	lack libssl-dev "used by the network layer, so that OpenSSL need not be compiled"
have protoc || lack protobuf-compiler "generates the network messages"
have jq || lack jq "reads JSON in these scripts"
have zstd || lack zstd "compresses the runtime that upgrade tests use"
have curl || lack curl "asks the node from these scripts"
if [ -n "$CLIENTS" ]; then
	have node || lack nodejs "runs the client tests"
	have npm || lack npm "installs the client libraries"
	have python3 || lack python3 "recomputes settlements in the tests"
fi

if [ ${#missing[@]} -gt 0 ]; then
	command="apt-get install -y ${missing[*]}"
	have apt-get || fail "This machine lacks ${missing[*]}, and has no apt-get to install them." \
		"Install the packages of your system that correspond to them, then run this again."
	as_root=()
	if [ "$(id -u)" -ne 0 ]; then
		have sudo || fail "This machine lacks ${missing[*]}, and only root can install them." "Run as root: $command"
		as_root=(sudo)
	fi
	say "This machine lacks packages that the build needs:"
	say "${reasons%$'\n'}"
	say "Installing them with: ${as_root[*]:+sudo }$command"
	export DEBIAN_FRONTEND=noninteractive
	"${as_root[@]}" apt-get update -q >&2 ||
		fail "apt-get update did not work (its message is above)." "Repair the package sources of this machine, then run this again."
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2 ||
		fail "apt-get could not install ${missing[*]} (its message is above)." "Install them by hand, then run this again."
fi

# --- the Rust toolchain that rust-toolchain.toml names
# list KEY -> its values, one per line
list() { sed -n "s/^$1 *= *\[\(.*\)\]/\1/p" rust-toolchain.toml | tr ',' '\n' | tr -d '" '; }

have rustup || fail "rustup is not installed; it brings the Rust compiler." "Follow https://rustup.rs, then run this again."
channel=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' rust-toolchain.toml)
toolchain_complete() {
	local home name
	for home in "${RUSTUP_HOME:-$HOME/.rustup}/toolchains/$channel"-*; do
		[ -x "$home/bin/cargo" ] || continue
		for name in $(list targets); do [ -d "$home/lib/rustlib/$name" ] || return 1; done
		for name in $(list components); do
			case $name in
			rust-src) [ -d "$home/lib/rustlib/src/rust/library" ] || return 1 ;;
			clippy) [ -x "$home/bin/clippy-driver" ] || return 1 ;;
			*) [ -x "$home/bin/$name" ] || return 1 ;;
			esac
		done
		return 0
	done
	return 1
}
if ! toolchain_complete; then
	arguments=(--profile minimal --no-self-update)
	for name in $(list components); do arguments+=(--component "$name"); done
	for name in $(list targets); do arguments+=(--target "$name"); done
	say "Installing Rust $channel with $(list components | xargs) and the target $(list targets | xargs), as rust-toolchain.toml asks."
	rustup toolchain install "$channel" "${arguments[@]}" >&2 ||
		fail "rustup could not install Rust $channel (its message is above)." "Check the network, then run this again."
fi

# --- the clients
[ -n "$CLIENTS" ] || exit 0
node_version=$(node --version)
node_number=$(sed -E 's/v([0-9]+)\.([0-9]+).*/\1 \2/' <<<"$node_version")
read -r major minor <<<"$node_number"
[ "$major" -gt 18 ] || { [ "$major" -eq 18 ] && [ "$minor" -ge 19 ]; } ||
	fail "Node.js $node_version is too old for the client tests; they need 18.19 or newer." \
		"Install a newer one, see https://nodejs.org/en/download, then run this again."
# packages FOLDER "what they are"
packages() {
	[ ! "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] || return 0
	step "Installing $2" npm --prefix "$1" ci --no-audit --no-fund >&2 ||
		fail "npm could not install $2 (its message is above)." "Check the network, then run this again."
	touch "$1/node_modules/.package-lock.json"
}
# Suites that run beside each other begin here.
mkdir -p "$CACHE_DIR"
exec 9>"$CACHE_DIR/setup.lock"
flock 9
packages e2e "the client libraries"
packages contracts "the compiler and the libraries of the contracts"
