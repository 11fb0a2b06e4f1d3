#!/usr/bin/env bash
# Measures weights with the node's benchmarks and writes them into runtime/src/weights/.
#
# Usage: scripts/weights.sh COMMAND
#
#   pallets [NAME...]   measure the calls of these pallets, or of all (a file per pallet); the environment's STEPS and
#                       REPEAT say at how many points (50) and how often (20)
#   overhead            measure an empty block and an empty extrinsic (block_weights.rs, extrinsic_weights.rs)
#   storage [FOLDER]    measure reads and writes of ParityDB and print them, to compare with the SDK's constants that the
#                       runtime uses; FOLDER is the --base-path of a stopped node with a real state: a fresh chain has too
#                       few keys for figures that mean something
#   block               author 20 blocks and compare the time their execution takes with the weight they were charged
#   check               run every benchmark once, briefly, and write nothing
#   list                the pallets that have benchmarks
#
# Weights for a release are measured on the reference hardware that docs/validator.md asks of validators, with nothing
# else running. The build has the features runtime-benchmarks and metadata-hash, and full-length periods.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "$0")/lib/common.sh"

OUT=runtime/src/weights
COMMAND=${1:-}
case $COMMAND in
pallets | overhead | storage | block | check | list) shift ;;
-h | --help) help && exit ;;
'') fail "What is to be measured?" "scripts/weights.sh --help lists the commands." ;;
*) fail "Unknown command $COMMAND." "scripts/weights.sh --help lists the commands." ;;
esac

scripts/setup.sh
need_disk "$CARGO_TARGET_DIR" 15 "the benchmark build"
# A test runtime of the benchmark commands, for chains whose blocks carry storage proofs. The Wasm builder cannot find it
# where the target folder lies outside the checkout.
export SKIP_FRAME_STORAGE_ACCESS_TEST_RUNTIME_WASM_BUILD=1
step "Building the node with its benchmarks" aside benchmarks \
	cargo_locked build --profile "$PROFILE" --workspace --features runtime-benchmarks,metadata-hash >&2
NODE_BIN=$NODE_BUILT-benchmarks
WORK=$(mktemp -d)
NODE=
trap '[ -z "$NODE" ] || kill "$NODE" 2>/dev/null || true; rm -rf "$WORK"' EXIT
mkdir -p "$OUT"

case $COMMAND in
list) "$NODE_BIN" benchmark pallet --chain dev --list=pallets --no-csv-header ;;
check)
	step "Running every benchmark once" "$NODE_BIN" benchmark pallet --chain dev --pallet '*' --extrinsic '*' \
		--steps 2 --repeat 1 --min-duration 0 --quiet --no-storage-info
	;;
pallets)
	names='*'
	if [ $# -gt 0 ]; then names=$(IFS=,; echo "$*"); fi
	# The chain limits no proof size, so recording proofs would only distort the times.
	step "Measuring $names" "$NODE_BIN" benchmark pallet --chain dev --pallet "$names" --extrinsic '*' \
		--steps "${STEPS:-50}" --repeat "${REPEAT:-20}" --disable-proof-recording --no-storage-info --output "$OUT"
	;;
overhead)
	step "Measuring an empty block and an empty extrinsic" "$NODE_BIN" benchmark overhead --chain dev \
		--warmup 10 --repeat 100 --weight-path "$OUT"
	;;
storage)
	folder=$(from_caller "${1:-$WORK/chain}")
	# A thousand writes are what a full block has; the default of a hundred thousand would share the root's cost among more.
	step "Measuring the database in $folder" "$NODE_BIN" benchmark storage --chain dev --base-path "$folder" \
		--state-version 1 --warmups 1 --batch-size 1000 --weight-path "$WORK"
	cat "$WORK/paritydb_weights.rs"
	;;
block)
	port=$(free_port 19944)
	"$NODE_BIN" --dev --base-path "$WORK/chain" --rpc-port "$port" --port "$(free_port 31333)" --no-prometheus \
		--state-pruning archive --no-hardware-benchmarks >"$WORK/log" 2>&1 </dev/null &
	NODE=$!
	wait_rpc "$port" "$NODE" 60 || not_started "$NODE" "$WORK/log"
	best() { printf '%d' "$(rpc "http://127.0.0.1:$port" chain_getHeader | jq -r .result.number)"; }
	deadline=$((SECONDS + 240))
	until [ "$(best)" -ge 20 ]; do
		[ "$SECONDS" -lt "$deadline" ] || fail "The node authored only $(best) blocks in 240 seconds."
		sleep 1
	done
	kill -TERM "$NODE"
	wait "$NODE" || true
	NODE=
	"$NODE_BIN" benchmark block --chain dev --base-path "$WORK/chain" --from 1 --to 20
	;;
esac

# Where the node lies is nobody's business, and generated code is formatted like all other.
sed -i "s|$NODE_BIN|openledger|" "$OUT"/*.rs
cargo fmt -p openledger-runtime
