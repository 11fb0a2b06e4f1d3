#!/usr/bin/env bash
# Runs a network of four validators (Alice, Bob, Charlie, Dave) on this machine, until Ctrl-C. It is kept between runs.
#
# Usage: scripts/localnet.sh [--purge] [--rpc-port PORT] [--port PORT] [--prometheus-port PORT]
#
#   --purge                 forget the network that is there and begin a new one
#   --rpc-port PORT         of Alice; the others follow on the next ports (9944)
#   --port PORT             of Alice, for the peers; the others follow (30333)
#   --prometheus-port PORT  of Alice; the others follow (9615)
#
# The chain is openledger_local, with 2-second slots (feature fast-runtime). The databases and logs lie in
# $XDG_DATA_HOME/openledger/local (default ~/.local/share).
# shellcheck source=scripts/lib/common.sh
source "$(dirname "$0")/lib/common.sh"

BASE=$DATA_DIR/local
NAMES=(alice bob charlie dave)
PURGE=
RPC_PORT=9944
P2P_PORT=30333
PROMETHEUS_PORT=9615
while [ $# -gt 0 ]; do
	case $1 in
	--purge) PURGE=1 ;;
	--rpc-port | --port | --prometheus-port)
		is_port "${2:-}" || fail "$1 needs a port number between 1 and 65535." "For example: scripts/localnet.sh $1 10000"
		case $1 in
		--rpc-port) RPC_PORT=$2 ;;
		--port) P2P_PORT=$2 ;;
		--prometheus-port) PROMETHEUS_PORT=$2 ;;
		esac
		shift
		;;
	-h | --help) help && exit ;;
	*) fail "Unknown option $1." "scripts/localnet.sh --help lists the options." ;;
	esac
	shift
done

scripts/setup.sh
need_node
for i in "${!NAMES[@]}"; do
	need_port $((RPC_PORT + i)) "RPC of ${NAMES[i]}" --rpc-port
	need_port $((P2P_PORT + i)) "peers of ${NAMES[i]}" --port
	need_port $((PROMETHEUS_PORT + i)) "metrics of ${NAMES[i]}" --prometheus-port
done

mkdir -p "$DATA_DIR"
exec 9>"$BASE.lock"
flock -n 9 || fail "Another localnet.sh is using the network in $BASE." "Stop it first (Ctrl-C), or give this one its own folder with XDG_DATA_HOME."
[ -z "$PURGE" ] || rm -rf -- "$BASE"
mkdir -p "$BASE"
need_disk "$BASE" 4 "four development databases"

NODES=()
# shellcheck disable=SC2317 # the traps call it
stop() {
	[ ${#NODES[@]} -eq 0 ] || kill -TERM "${NODES[@]}" 2>/dev/null || true
	wait
}
trap 'stop; exit 0' INT TERM
trap stop EXIT

# Alice's network key is hers for good, so that the others find her again.
mkdir -p "$BASE/alice"
[ -e "$BASE/alice/node-key" ] || "$NODE_BIN" key generate-node-key --file "$BASE/alice/node-key" 2>/dev/null
BOOTNODE=/ip4/127.0.0.1/tcp/$P2P_PORT/p2p/$("$NODE_BIN" key inspect-node-key --file "$BASE/alice/node-key")

for i in "${!NAMES[@]}"; do
	name=${NAMES[i]}
	if [ "$name" = alice ]; then
		own=(--node-key-file "$BASE/alice/node-key")
	else
		own=(--unsafe-force-node-key-generation --bootnodes "$BOOTNODE")
	fi
	mkdir -p "$BASE/$name"
	"$NODE_BIN" --chain local "--$name" --base-path "$BASE/$name" "${own[@]}" \
		--rpc-port $((RPC_PORT + i)) --port $((P2P_PORT + i)) --prometheus-port $((PROMETHEUS_PORT + i)) \
		--rpc-cors all --no-hardware-benchmarks >"$BASE/$name.log" 2>&1 </dev/null &
	NODES+=($!)
done
for i in "${!NAMES[@]}"; do
	wait_rpc $((RPC_PORT + i)) "${NODES[i]}" 120 ||
		not_started "${NODES[i]}" "$BASE/${NAMES[i]}.log" "A new network begins with: scripts/localnet.sh --purge"
done

printf '\n  The local OpenLedger network is running.\n\n'
for i in "${!NAMES[@]}"; do
	printf '  %-8s ws://127.0.0.1:%d   metrics http://127.0.0.1:%d/metrics   log %s\n' \
		"${NAMES[i]}" $((RPC_PORT + i)) $((PROMETHEUS_PORT + i)) "$BASE/${NAMES[i]}.log"
done
printf '\n  polkadot.js Apps  https://polkadot.js.org/apps/?rpc=ws://127.0.0.1:%d\n' "$RPC_PORT"
printf '\n  Ctrl-C stops all four and keeps the network. Alice'\''s log follows.\n\n'
tail -n +1 -F --pid="${NODES[0]}" "$BASE/alice.log" 2>/dev/null 9>&- &
wait -n "${NODES[@]}" || true
fail "A node of the network stopped by itself; the logs are in $BASE." "Start the network again with scripts/localnet.sh."
