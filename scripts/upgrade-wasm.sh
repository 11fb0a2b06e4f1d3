#!/usr/bin/env bash
# Builds the runtime that the governance tests upgrade a running network to, and prints the path of its Wasm.
#
# Usage: scripts/upgrade-wasm.sh
#
# It is the runtime of this checkout with a higher spec_version and the migrations of runtime/src/migrations/rehearsal.rs
# (feature upgrade-rehearsal). Only the runtime itself is compiled again: the Wasm builder's own project is used, whose
# dependencies the node's build has left behind. About two minutes.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "$0")/lib/common.sh"

case ${1:-} in
'') ;;
-h | --help) help && exit ;;
*) fail "Unknown option $1." "scripts/upgrade-wasm.sh --help tells what it does." ;;
esac
have zstd || scripts/setup.sh
OPENLEDGER_BIN='' need_node

PROJECT=$CARGO_TARGET_DIR/$PROFILE/wbuild/openledger-runtime
UPGRADE=$CARGO_TARGET_DIR/upgrade
mkdir -p "$UPGRADE"

# The flags of the Wasm builder: with others, cargo would compile the dependencies again.
flags="-C link-arg=--export-table --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
flags+=" -C link-arg=--export=__heap_base -C link-arg=--import-memory --cfg substrate_runtime "
step "Building the runtime to upgrade to" env -u CARGO_ENCODED_RUSTFLAGS RUSTFLAGS="$flags" \
	CARGO_TARGET_DIR="$PROJECT/target" cargo rustc --target wasm32v1-none --profile release \
	--manifest-path "$PROJECT/Cargo.toml" --features wasm-project/upgrade-rehearsal >&2

# What the chain accepts as compressed code: a magic number, then zstd.
{
	printf '\x52\xbc\x53\x76\x46\xdb\x8e\x05'
	zstd -q -3 -c "$PROJECT/target/wasm32v1-none/release/openledger_runtime.wasm"
} >"$UPGRADE/runtime.wasm"
echo "$UPGRADE/runtime.wasm"
