#!/usr/bin/env bash
# Builds the node for real networks and checks that it is one: full-length periods, no test interfaces.
#
# Usage: scripts/build-production.sh
#
# Profile production (whole-program optimisation) and only the feature metadata-hash: about an hour and a half on two
# cores. The result is $CARGO_TARGET_DIR/production/openledger (default ~/.cache/openledger/target).
# shellcheck source=scripts/lib/common.sh
source "$(dirname "$0")/lib/common.sh"

case ${1:-} in
'') ;;
-h | --help) help && exit ;;
*) fail "Unknown option $1." "scripts/build-production.sh --help tells what it does." ;;
esac

scripts/setup.sh
NODE_BIN=$CARGO_TARGET_DIR/production/openledger
need_disk "$CARGO_TARGET_DIR" 25 "the production build"
step "Building for production" cargo_locked build --profile production -p openledger-node --features metadata-hash >&2

WORK=$(mktemp -d)
PORT=$(free_port 19944)
"$NODE_BIN" --dev --tmp --rpc-port "$PORT" --port "$(free_port 31333)" --no-prometheus --no-hardware-benchmarks >"$WORK/log" 2>&1 </dev/null &
NODE=$!
trap 'kill "$NODE" 2>/dev/null || true; wait "$NODE" 2>/dev/null || true; rm -rf "$WORK"' EXIT
wait_rpc "$PORT" "$NODE" 60 || not_started "$NODE" "$WORK/log"

version=$(rpc "http://127.0.0.1:$PORT" state_getRuntimeVersion)
name=$(jq -r .result.specName <<<"$version")
[ "$name" = openledger ] || fail "The production node's spec_name is $name, not openledger." \
	"Only a build with the feature fast-runtime has another name: look for it in the workspace's default features."
# The id of a runtime interface is the blake2b-64 hash of its name.
try_runtime=0x$(printf TryRuntime | b2sum -l 64 | cut -d' ' -f1)
[ "$(jq --arg id "$try_runtime" '[.result.apis[] | select(.[0] == $id)] | length' <<<"$version")" -eq 0 ] ||
	fail "The production runtime has the interface TryRuntime." "The feature try-runtime must not be a default anywhere."
# BABE's configuration begins with the slot duration in milliseconds, a little-endian u64.
configuration=$(rpc "http://127.0.0.1:$PORT" state_call '["BabeApi_configuration","0x"]' | jq -r .result)
[ "${configuration:0:18}" = 0x7017000000000000 ] ||
	fail "The production node's slots do not last 6 seconds (BABE's configuration begins ${configuration:0:18})." \
		"primitives' constants of time are the place to look."

say "The production node is ready: $NODE_BIN"
say "  version $("$NODE_BIN" --version), spec $name $(jq -r .result.specVersion <<<"$version")"
say "  sha256  $(sha256sum "$NODE_BIN" | cut -d' ' -f1)"
