# shellcheck shell=bash
# shellcheck disable=SC2034 # variables are for the scripts that source this
# What every script shares: where things are, the one build they agree on, and how they speak. Source it, never run it.
set -euo pipefail

SELF=$(realpath "$0")
CALLER=$PWD
ROOT=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
cd "$ROOT"

# Paths that people give are relative to where they stand.
from_caller() { (cd "$CALLER" && realpath -m -- "$1"); }

# A shell opened before rustup was installed does not know its folder yet.
PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin

CACHE_DIR=${XDG_CACHE_HOME:-$HOME/.cache}/openledger
DATA_DIR=${XDG_DATA_HOME:-$HOME/.local/share}/openledger
# Outside the checkout, so that a fresh clone on a machine that has built before is warm.
CARGO_TARGET_DIR=$(from_caller "${CARGO_TARGET_DIR:-$CACHE_DIR/target}")
export CARGO_TARGET_DIR
# Names the checkout that was built there last.
LAST_BUILT=$CARGO_TARGET_DIR/checkout

# One profile and one feature set for the node, the lints and every test: each other combination compiles the SDK again.
PROFILE=release
FEATURES=fast-runtime,try-runtime,metadata-hash
NODE_BUILT=$CARGO_TARGET_DIR/$PROFILE/openledger
# Releases are built in one place on every machine, by build-production.sh.
RELEASE_DIR=/var/tmp/openledger-release
PRODUCTION_BIN=$RELEASE_DIR/target/production/openledger
# A node built elsewhere can stand in for it, e.g. the production build.
NODE_BIN=$(from_caller "${OPENLEDGER_BIN:-$NODE_BUILT}")

# The keys that the development and local chains give OPEN to; everyone knows them, so they guard nothing.
DEV_ACCOUNTS="\
Alice    5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY  //Alice
Bob      5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty  //Bob
Charlie  5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y  //Charlie
Dave     5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy  //Dave
Eve      5HGjWAeFDfFCWPsjFQdVV2Msvz2XtMktvgocEZcCj68kUMaw  //Eve
Ferdie   5CiPPseXPECbkjWCa6MnjNokrgYjMqmKndv2rSnekmSK2DjL  //Ferdie"

say() { printf '%s\n' "$*" >&2; }

# fail "what happened, and where" "what to do"
fail() {
	printf 'error: %s\n' "$1" >&2
	[ $# -lt 2 ] || printf '       %s\n' "$2" >&2
	exit 1
}

# Prints the comment block at the head of the calling script: its help text.
help() { awk 'NR == 1 || /^# shellcheck / { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "$SELF"; }

have() { command -v "$1" >/dev/null 2>&1; }

# elapsed SECONDS -> "3m07s"
elapsed() { printf '%dm%02ds' $(($1 / 60)) $(($1 % 60)); }

# step "what is done" COMMAND...: announces it and says how long it took.
step() {
	local what=$1 start=$SECONDS status=0
	shift
	say "==> $what"
	"$@" || status=$?
	[ "$status" -eq 0 ] || { say "==> $what: failed after $(elapsed $((SECONDS - start)))"; return "$status"; }
	say "==> $what: done in $(elapsed $((SECONDS - start)))"
}

# need_disk FOLDER GIGABYTES "for what"
need_disk() {
	local folder=$1 free
	while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
	free=$(df -Pk "$folder" | awk 'NR == 2 { print int($4 / 1048576) }')
	[ "$free" -ge "$2" ] || fail "The disk of $1 has $free GB free; $3 needs $2 GB." \
		"Free some space, or put the folder on another disk (builds: CARGO_TARGET_DIR, chains: XDG_DATA_HOME)."
}

is_port() { [[ $1 =~ ^[0-9]{1,5}$ ]] && [ "$1" -ge 1 ] && [ "$1" -le 65535 ]; }

port_busy() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# need_port PORT "what listens there" "the option that moves it"
need_port() {
	! port_busy "$1" || fail "Port $1 ($2) is already in use on this machine." \
		"Stop the program that listens there (ss -ltnp 'sport = :$1' names it), or choose another port with $3."
}

# free_port FIRST -> the first free port from there on
free_port() {
	local port=$1
	while port_busy "$port"; do port=$((port + 1)); done
	echo "$port"
}

# Cargo takes the crates of two checkouts that share a target folder for the same, and builds what is younger than the
# last build. So whatever another checkout has built is older than ours.
ours_are_younger() {
	[ "$(cat "$LAST_BUILT" 2>/dev/null)" != "$ROOT" ] || return 0
	(cd "$ROOT" && find primitives settlement pallets runtime node cli tests beacon-kit -name '*.rs' -exec touch {} +)
	mkdir -p "$(dirname "$LAST_BUILT")"
	echo "$ROOT" >"$LAST_BUILT"
}

cargo_locked() {
	local command=$1
	shift
	ours_are_younger
	cargo "$command" --locked "$@"
}

# A disk that fills up in the middle of a build leaves errors that name everything but the disk.
need_build_disk() {
	if [ -x "$NODE_BUILT" ]; then
		need_disk "$CARGO_TARGET_DIR" 4 "building again"
	else
		need_disk "$CARGO_TARGET_DIR" 25 "the first build"
		say "The first build compiles the whole SDK: about 40 minutes on two cores."
	fi
}

# Cargo alone decides whether there is anything to do.
build_node() {
	need_build_disk
	step "Building the node" cargo_locked build --profile "$PROFILE" --workspace --features "$FEATURES" >&2
}

# The node of this checkout, unless OPENLEDGER_BIN names another.
need_node() {
	[ -n "${OPENLEDGER_BIN:-}" ] || build_node
	[ -x "$NODE_BIN" ] || fail "There is no node at $NODE_BIN." "Unset OPENLEDGER_BIN to build one, or correct it."
}

# aside NAME COMMAND...: cargo puts every build's node at the same path. The one COMMAND builds is moved to
# openledger-NAME, or dropped when NAME is empty, and the node that was there stays.
aside() {
	local name=$1 status=0
	shift
	rm -f "$NODE_BUILT.kept"
	[ ! -e "$NODE_BUILT" ] || ln "$NODE_BUILT" "$NODE_BUILT.kept"
	"$@" || status=$?
	if [ "$status" -eq 0 ] && [ -n "$name" ]; then mv -f "$NODE_BUILT" "$NODE_BUILT-$name"; fi
	rm -f "$NODE_BUILT"
	[ ! -e "$NODE_BUILT.kept" ] || mv "$NODE_BUILT.kept" "$NODE_BUILT"
	return "$status"
}

# code_hash NODE -> blake2-256 of the runtime that the node begins chains with, as upgrades are authorised by it
code_hash() {
	"$1" export-chain-spec --chain dev --raw 2>/dev/null | jq -r '.genesis.raw.top["0x3a636f6465"]' |
		tr -d '\n' | sed 's/^0x//' | tr a-f A-F | basenc -d --base16 | b2sum -l 256 | sed 's/ .*//; s/^/0x/'
}

# rpc URL METHOD [PARAMS] -> the whole JSON answer
rpc() {
	curl -sS --max-time 120 -H 'Content-Type: application/json' \
		-d "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$2\",\"params\":${3:-[]}}" "$1"
}

# wait_rpc PORT PID SECONDS: until the node answers; fails when it ends or the time is over.
wait_rpc() {
	local deadline=$((SECONDS + $3))
	until rpc "http://127.0.0.1:$1" system_health >/dev/null 2>&1; do
		kill -0 "$2" 2>/dev/null || return 1
		[ "$SECONDS" -lt "$deadline" ] || return 1
		sleep 0.2
	done
}

# not_started PID LOG ["what to do"]: says why, in the node's own words where it has any.
not_started() {
	local sentence
	kill -TERM "$1" 2>/dev/null || true
	sentence=$(sed -n 's/^Error: //p' "$2" | tail -n 1)
	[ -n "$sentence" ] || tail -n 15 "$2" >&2
	fail "The node did not start. ${sentence:-Its last lines are above, the whole log is in $2.}" "${@:3}"
}
