#!/usr/bin/env bash
# Builds the node and runs a development chain of one validator on this machine. The chain is kept between runs.
#
# Usage: scripts/run.sh [--purge] [--rpc-port PORT] [--port PORT] [--prometheus-port PORT] [--build-only]
#
#   --purge                 forget the chain that is there and begin a new one
#   --rpc-port PORT         where clients connect (9944)
#   --port PORT             where other nodes connect (30333)
#   --prometheus-port PORT  where the metrics are read (9615)
#   --build-only            only install what is missing and build
#
# The first run compiles the whole SDK (about 40 minutes on two cores, 25 GB of disk); later runs start in seconds.
# Slots last 2 seconds and every governance period is short (feature fast-runtime). Ctrl-C stops the node.
# The chain lies in $XDG_DATA_HOME/openledger/dev (default ~/.local/share), the build in $CARGO_TARGET_DIR (default
# ~/.cache/openledger/target).
# shellcheck source=scripts/lib/common.sh
source "$(dirname "$0")/lib/common.sh"

BASE=$DATA_DIR/dev
LOG=$BASE/node.log
PURGE=
BUILD_ONLY=
RPC_PORT=9944
P2P_PORT=30333
PROMETHEUS_PORT=9615
while [ $# -gt 0 ]; do
	case $1 in
	--purge) PURGE=1 ;;
	--build-only) BUILD_ONLY=1 ;;
	--rpc-port | --port | --prometheus-port)
		is_port "${2:-}" || fail "$1 needs a port number between 1 and 65535." "For example: scripts/run.sh $1 10000"
		case $1 in
		--rpc-port) RPC_PORT=$2 ;;
		--port) P2P_PORT=$2 ;;
		--prometheus-port) PROMETHEUS_PORT=$2 ;;
		esac
		shift
		;;
	-h | --help) help && exit ;;
	*) fail "Unknown option $1." "scripts/run.sh --help lists the options." ;;
	esac
	shift
done

# Before the build, so that nobody waits for a node that cannot start.
if [ -z "$BUILD_ONLY" ]; then
	need_port "$RPC_PORT" RPC --rpc-port
	need_port "$P2P_PORT" "peer to peer" --port
	need_port "$PROMETHEUS_PORT" metrics --prometheus-port
fi

scripts/setup.sh
need_node
[ -z "$BUILD_ONLY" ] || exit 0

# Held by the node as long as it lives, so that no second run writes or purges the same chain.
mkdir -p "$DATA_DIR"
exec 9>"$BASE.lock"
flock -n 9 || fail "Another run.sh is using the chain in $BASE." "Stop it first (Ctrl-C), or give this one its own folder with XDG_DATA_HOME."
[ -z "$PURGE" ] || rm -rf -- "$BASE"
mkdir -p "$BASE"
need_disk "$BASE" 2 "the development chain"

"$NODE_BIN" --dev --alice --base-path "$BASE" --no-hardware-benchmarks \
	--rpc-port "$RPC_PORT" --port "$P2P_PORT" --prometheus-port "$PROMETHEUS_PORT" >"$LOG" 2>&1 </dev/null &
NODE=$!
trap 'kill -TERM "$NODE" 2>/dev/null || true; wait "$NODE" 2>/dev/null || true; exit 0' INT TERM
wait_rpc "$RPC_PORT" "$NODE" 120 || not_started "$NODE" "$LOG" "A new chain begins with: scripts/run.sh --purge"

cat <<TXT

  The OpenLedger development chain is running.

  polkadot.js Apps  https://polkadot.js.org/apps/?rpc=ws://127.0.0.1:$RPC_PORT
  endpoint          ws://127.0.0.1:$RPC_PORT   (HTTP on the same port)
  metrics           http://127.0.0.1:$PROMETHEUS_PORT/metrics
  chain and log     $BASE

  Accounts with OPEN, each with the secret that signs for it:
    ${DEV_ACCOUNTS//$'\n'/$'\n    '}

  Ctrl-C stops the node and keeps the chain; scripts/run.sh --purge begins a new one. Its log follows.

TXT
tail -n +1 -F --pid="$NODE" "$LOG" 2>/dev/null 9>&- &
wait "$NODE" && status=0 || status=$?
fail "The node stopped by itself (exit code $status); its log is in $LOG." "Start it again with scripts/run.sh."
