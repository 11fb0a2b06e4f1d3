#!/usr/bin/env bash
# Writes the chain specifications that the runtime generates, or checks that the committed ones are those.
#
# Usage: scripts/chain-specs.sh [--check | --raw FOLDER]
#
#   (nothing)      write chain-specs/: a plain specification per network, without the runtime's code
#   --check        compare chain-specs/ with what this build generates, and change nothing
#   --raw FOLDER   for a release: write raw specifications, with the code, of the production build (build-production.sh)
#                  and their checksums into FOLDER
# shellcheck source=scripts/lib/common.sh
source "$(dirname "$0")/lib/common.sh"

CHAINS=(dev local staging)
MODE="write"
RAW=
case ${1:-} in
'') ;;
--check) MODE=check ;;
--raw)
	MODE=raw
	RAW=${2:-}
	[ -n "$RAW" ] || fail "--raw needs the folder to write into." "For example: scripts/chain-specs.sh --raw release"
	RAW=$(from_caller "$RAW")
	;;
-h | --help) help && exit ;;
*) fail "Unknown option $1." "scripts/chain-specs.sh --help lists the options." ;;
esac
scripts/setup.sh

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# export_spec CHAIN FILE [--raw]
export_spec() {
	"$NODE_BIN" export-chain-spec --chain "$1" ${3:+"$3"} >"$2" 2>"$WORK/log" ||
		fail "The node could not export the specification of $1: $(tail -n 1 "$WORK/log")" "The runtime's preset of that network is the place to look."
}

if [ "$MODE" = raw ]; then
	[ -n "${OPENLEDGER_BIN:-}" ] || NODE_BIN=$PRODUCTION_BIN
	[ -x "$NODE_BIN" ] || fail "There is no production build at $NODE_BIN." "Build it first: scripts/build-production.sh"
	[ "$(code_hash "$NODE_BIN")" = "$(jq -r .blake2_256 chain-specs/runtime.json)" ] ||
		fail "The runtime in $NODE_BIN is not the one of chain-specs/runtime.json." "Build the commit that recorded it: scripts/build-production.sh"
	mkdir -p "$RAW"
	for chain in "${CHAINS[@]}"; do
		export_spec "$chain" "$WORK/raw.json" --raw
		mv "$WORK/raw.json" "$RAW/openledger_$chain.raw.json"
	done
	(cd "$RAW" && sha256sum openledger_*.raw.json >SHA256SUMS)
	say "Wrote the raw specifications and SHA256SUMS into $RAW."
	exit
fi

need_node

mkdir -p "$WORK/specs"
for chain in "${CHAINS[@]}"; do
	export_spec "$chain" "$WORK/whole.json"
	# Not with jq: Debian's rounds balances to doubles.
	sed '/^ *"code": "0x/d' "$WORK/whole.json" >"$WORK/specs/openledger_$chain.json"
	jq empty "$WORK/specs/openledger_$chain.json"
done
if [ "$MODE" = write ]; then
	mkdir -p chain-specs
	mv "$WORK"/specs/*.json chain-specs/
	say "Wrote chain-specs/: read the difference with git diff, then commit it."
	exit
fi

different=
for chain in "${CHAINS[@]}"; do
	diff -u "chain-specs/openledger_$chain.json" "$WORK/specs/openledger_$chain.json" >&2 || different+=" openledger_$chain.json"
done
[ -z "$different" ] || fail "These files of chain-specs/ are not what this build generates:$different." \
	"If the change is meant, run scripts/chain-specs.sh and commit the result."
say "chain-specs/ is what this build generates."
