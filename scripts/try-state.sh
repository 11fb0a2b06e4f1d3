#!/usr/bin/env bash
# Checks the invariants (try_state) of every pallet, and that the whole state decodes, on the state of a running node.
#
# Usage: scripts/try-state.sh [URL] [--at BLOCK_HASH] [--upgrade]
#
#   URL          RPC of the node (http://127.0.0.1:9944); its runtime must have the feature try-runtime, as in run.sh
#   --at HASH    the state after this block; default: the best and the last finalised block
#   --upgrade    also run each migration's checks before and after it
#
# The node runs the checks itself, on its own copy of the state, and throws the result away: nothing changes on chain.
# A chain on a production runtime is checked by a full node of it that is started with --wasm-runtime-overrides FOLDER,
# where FOLDER holds the same runtime built with try-runtime.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "$0")/lib/common.sh"

URL=http://127.0.0.1:9944
AT=
# UpgradeCheckSelect: 1 is all checks, 3 those of the state alone.
CHECKS=0x03
while [ $# -gt 0 ]; do
	case $1 in
	--at)
		[[ ${2:-} =~ ^0x[0-9a-f]{64}$ ]] || fail "--at needs a block hash, 0x and 64 hexadecimal digits."
		AT=$2
		shift
		;;
	--upgrade) CHECKS=0x01 ;;
	-h | --help) help && exit ;;
	http://* | https://*) URL=$1 ;;
	ws://* | wss://*) URL=http${1#ws} ;;
	*) fail "Unknown option $1." "scripts/try-state.sh --help lists the options." ;;
	esac
	shift
done
scripts/setup.sh

# ask METHOD [PARAMS] -> the result
ask() {
	local answer
	answer=$(rpc "$URL" "$@" 2>/dev/null) || fail "No node answers at $URL." "Start one with scripts/run.sh, or name another URL."
	jq -er .result <<<"$answer" 2>/dev/null ||
		fail "The node at $URL did not answer $1 ${2:-}: $(jq -r '.error.message // "it knows no such block"' <<<"$answer")."
}

version=$(ask state_getRuntimeVersion)
# The id of a runtime interface is the blake2b-64 hash of its name.
try_runtime=0x$(printf TryRuntime | b2sum -l 64 | cut -d' ' -f1)
[ "$(jq --arg id "$try_runtime" '[.apis[] | select(.[0] == $id)] | length' <<<"$version")" -eq 1 ] ||
	fail "The runtime at $URL ($(jq -r .specName <<<"$version")) was built without the feature try-runtime." \
		"Use a node of scripts/run.sh, or see scripts/try-state.sh --help for production runtimes."

if [ -n "$AT" ]; then
	blocks=$AT
else
	blocks=$(ask chain_getBlockHash)
	blocks+=" $(ask chain_getFinalizedHead)"
fi
for block in $blocks; do
	header=$(ask chain_getHeader "[\"$block\"]")
	number=$(printf '%d' "$(jq -r .number <<<"$header")")
	answer=$(rpc "$URL" state_call "[\"TryRuntime_on_runtime_upgrade\",\"$CHECKS\",\"$block\"]") ||
		fail "The node at $URL did not finish the checks of block $number." "Its log tells why."
	jq -e .result <<<"$answer" >/dev/null ||
		fail "Block $number ($block): the checks failed. $(jq -r '.error | "\(.message) \(.data // "")"' <<<"$answer" | tr '\n' ' ')" \
			"The node's log names each pallet and invariant, on the lines of the target try-runtime."
	say "Block $number ($block): the invariants of every pallet hold, and the whole state decodes."
done
