#!/usr/bin/env bash
# Builds the node for real networks from the last commit, and checks that it is one: full-length periods, no test
# interfaces, no checkpoint of a beacon chain with public keys, and the runtime that this version is known by.
#
# Usage: scripts/build-production.sh [--record]
#
#   --record   write what the runtime is into chain-specs/runtime.json, to be committed; for a release
#
# Profile production (whole-program optimisation) and only the feature metadata-hash: about an hour and a half on two
# cores. The runtime's bytes depend on where its sources lie, so they are built in the same folder on every machine,
# /var/tmp/openledger-release: who builds the same commit gets the same runtime, and sees that others run nothing else.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "$0")/lib/common.sh"

RECORD=
case ${1:-} in
'') ;;
--record) RECORD=1 ;;
-h | --help) help && exit ;;
*) fail "Unknown option $1." "scripts/build-production.sh --help tells what it does." ;;
esac

scripts/setup.sh
[ -z "$(git status --porcelain)" ] || say "Note: only what is committed is built; this checkout has other changes."
need_disk "$RELEASE_DIR" 25 "the production build"
mkdir -p "$RELEASE_DIR"
[ -O "$RELEASE_DIR" ] || fail "$RELEASE_DIR belongs to another user." "Only its owner can build a release on this machine."
exec 9>"$RELEASE_DIR/lock"
flock -n 9 || fail "Another build-production.sh is running in $RELEASE_DIR." "Wait until it has ended."

# Files get the time of now: the time of the commit could be older than a build of other contents.
rm -rf "$RELEASE_DIR/source"
mkdir "$RELEASE_DIR/source"
git archive HEAD | tar -xm -C "$RELEASE_DIR/source"
NODE_BIN=$PRODUCTION_BIN
COMMIT=$(git rev-parse --short=11 HEAD)
production() {
	cd "$RELEASE_DIR/source"
	SUBSTRATE_CLI_GIT_COMMIT_HASH=$COMMIT CARGO_TARGET_DIR=$RELEASE_DIR/target \
		cargo_locked build --profile production --package openledger-node --features metadata-hash
}
step "Building $COMMIT for production" production >&2
cd "$ROOT"

WORK=$(mktemp -d)
PORT=$(free_port 19944)
"$NODE_BIN" --dev --tmp --rpc-port "$PORT" --port "$(free_port 31333)" --no-prometheus --no-hardware-benchmarks >"$WORK/log" 2>&1 </dev/null 9>&- &
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

# Whoever follows a beacon chain whose validators' keys everybody knows can be told that anything was locked.
public=$(cat beacon-kit/vectors/checkpoint.hex)
"$NODE_BIN" export-chain-spec --chain dev 2>/dev/null |
	sed "s/\"patch\": {/&\"ethereumBridge\": {\"checkpoint\": \"$public\"},/" >"$WORK/public.json"
# The newer command, export-chain-spec, does not say why a genesis cannot be built.
! "$NODE_BIN" build-spec --chain "$WORK/public.json" --raw >/dev/null 2>"$WORK/refusal" ||
	fail "The production node takes a checkpoint of the beacon kit, whose keys are public." \
		"BeaconCheckpoint in runtime/src/configs/bridge.rs must refuse it."
grep -q "keys everybody knows" "$WORK/refusal" ||
	fail "The production node refuses a spec with a checkpoint for another reason: $(cat "$WORK/refusal")"

jq --arg hash "$(code_hash "$NODE_BIN")" '.result | {specName, specVersion, blake2_256: $hash}' <<<"$version" >"$WORK/runtime.json"
if [ -n "$RECORD" ]; then
	cp "$WORK/runtime.json" chain-specs/runtime.json
	say "Wrote chain-specs/runtime.json; commit it."
elif [ "$(jq .specVersion chain-specs/runtime.json)" = "$(jq .specVersion "$WORK/runtime.json")" ] &&
	! diff -u chain-specs/runtime.json "$WORK/runtime.json" >&2; then
	fail "This is not the runtime that chain-specs/runtime.json knows by this version." \
		"Whatever changes after a release raises spec_version in runtime/src/lib.rs; a release is recorded with --record."
fi

say "The production node is ready: $NODE_BIN"
say "  version $("$NODE_BIN" --version), spec $name $(jq -r .result.specVersion <<<"$version")"
say "  sha256  $(sha256sum "$NODE_BIN" | cut -d' ' -f1)"
say "  runtime $(jq -r .blake2_256 "$WORK/runtime.json") (blake2-256 of its code)"
