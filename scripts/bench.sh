#!/usr/bin/env bash
# Benchmarks of the whole node; each prints one line of JSON, kept in docs/benchmarks.md.
#
# Usage: scripts/bench.sh throughput | record | settlement | bridge
#
#   throughput   floods one development node with signed transfers until ten consecutive blocks are full: transfers_per_second,
#                fill (the emptiest of the ten, as a share of the normal limit of computing time), import_ms_median,
#                rss_mib, db_bytes_per_transfer
#   record       takes one contribution, and a batch as large as may be, through commit, reveal and acceptance: bytes of state
#                and computing time of each contribution, alone and in the batch; the head of e2e/bench/record.ts explains all
#   settlement   settles batches of a thousand to a million receipts: what an inference takes of blocks, what building the
#                largest takes; exit code 1 if more than it may be; the head of e2e/bench/settlement.ts explains all
#
#   bridge       gas on Ethereum for 4, 21, 50 and 100 validators: update, handover, lock, unlock, each with its calldata and the
#                21,000 of a transaction; exit code 1 if one is above what docs/benchmarks.md allows. Needs no node
#
# For throughput the node has sessions of full length: a fast runtime turns one every ten blocks, and the block in which it
# turns takes no transfers. For the others it has a fast runtime, in which a reveal period is over in seconds. OPENLEDGER_BIN
# names another node, e.g. the production build for throughput.
# Everything else it says goes to standard error, so that the line can be piped.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "$0")/lib/common.sh"

case ${1:-} in
throughput | record | settlement | bridge) ;;
-h | --help) help && exit ;;
'') fail "Which benchmark?" "scripts/bench.sh --help lists them." ;;
*) fail "Unknown benchmark $1." "scripts/bench.sh --help lists them." ;;
esac

scripts/setup.sh --clients
if [ "$1" = bridge ]; then exec npm --prefix contracts run --silent gas; fi
if [ "$1" != throughput ]; then
	need_node
elif [ -z "${OPENLEDGER_BIN:-}" ]; then
	need_build_disk
	step "Building a node with full-length sessions" aside full-length \
		cargo_locked build --profile "$PROFILE" --workspace --features try-runtime,metadata-hash >&2
	NODE_BIN=$NODE_BUILT-full-length
fi
export OPENLEDGER_BIN=$NODE_BIN
cd e2e
exec node --import tsx "bench/$1.ts"
