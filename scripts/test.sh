#!/usr/bin/env bash
# Runs the tests, suite by suite; a suite that fails does not stop the others.
#
# Usage: scripts/test.sh [NAME... | all] [--list]
#
# Without a name: lint build unit settlement contracts specs clients smoke, what every change must pass. NAME runs that suite alone,
# all runs everything but fuzz. Each suite's output is also kept in a file, named at the end. The last line is "N passed, N failed",
# counted in suites, and the exit code is 1 if one failed.
#
#   lint        format, clippy, shell scripts; taplo, zepter and cargo-deny where they are installed
#   build       the node, as run.sh builds it
#   unit        tests of every crate, of the runtime and of the node's command line
#   settlement  the rule of settlement in Python and TypeScript agrees with its vectors
#   contracts   the contracts on Ethereum: format, linter, unit, fuzz and invariant tests, vectors of the Rust side
#   specs       chain-specs/ is what this runtime generates
#   clients     polkadot.js and polkadot-api against a node; bad input and its exact errors
#   smoke       four validators finalise, one is killed and comes back
#   record      (long) the life of datanets and models with openledger-cli and a dApp's library; copiers; refusals
#   lanes       (long) batches of 100,000 receipts and fewer with openledger-cli, recomputed from blocks in Python; refusals
#   bridge      (long) OPEN both ways over four validators, a development Ethereum, the beacon kit and relayers
#   relayer     (long) tests of the relayer's own crate; what it lives through when nodes, gas, pools and chains misbehave
#   network     (long) lost validators, elections, warp sync, equivocation; smoke too, unless it is a suite of the run
#   governance  (long) referenda, a treasury spend, safe mode and a runtime upgrade on a running network
#   resilience  (long) SIGKILL during heavy import, twenty times
#   zombienet   (long) the network of zombienet/
#   subxt       (long) the Rust client of e2e/subxt
#   docs        (long) the dApp quickstart of the documentation runs
#   fuzz        (by itself) what decodes and executes batches, proofs and answers, 10 minutes for each of six targets
# shellcheck disable=SC2317 # suites are called by their names
# shellcheck source=scripts/lib/common.sh
source "$(dirname "$0")/lib/common.sh"

QUICK=(lint build unit settlement contracts specs clients smoke)
# The longest first: two at a time, they take half as long.
LONG=(network bridge record relayer lanes governance resilience zombienet subxt docs)
# An hour that looks for what nobody thought of: its finds are replayed by the suite unit.
ALONE=(fuzz)
# How many long suites run at a time: they wait for slots most of the time.
AT_ONCE=2

wanted=()
for argument in "$@"; do
	case $argument in
	-h | --help) help && exit ;;
	--list) printf '%s\n' "${QUICK[@]}" "${LONG[@]}" "${ALONE[@]}" && exit ;;
	all) wanted+=("${QUICK[@]}" "${LONG[@]}") ;;
	*)
		[[ " ${QUICK[*]} ${LONG[*]} ${ALONE[*]} " == *" $argument "* ]] ||
			fail "There is no test suite named $argument." "scripts/test.sh --help describes them."
		wanted+=("$argument")
		;;
	esac
done
[ ${#wanted[@]} -gt 0 ] || wanted=("${QUICK[@]}")

# --- lint

LINT_FAILED=
# check "name" COMMAND...: all of them run, so that one pass shows everything there is to repair.
check() { step "$@" || LINT_FAILED=1; }

# optional TOOL "name" COMMAND...: where OPENLEDGER_ALL_LINTS is set (CI on GitHub), a missing tool is a failure.
optional() {
	local tool=$1
	shift
	if have "$tool"; then
		check "$@"
	elif [ -n "${OPENLEDGER_ALL_LINTS:-}" ]; then
		say "==> $1: $tool is not installed"
		LINT_FAILED=1
	else
		say "==> $1: skipped, $tool is not installed"
	fi
}

# `cargo clippy` would check a thousand dependencies again in its own mode. Clippy as the wrapper of an ordinary build
# reuses those that the node and the tests are built from; cargo keeps the wrapped artefacts of our crates apart. Their
# code is not run, so it is not optimised, and the runtime needs no Wasm.
clippy() {
	local member flags=()
	need_build_disk || return 1
	for member in $(cargo metadata --locked --no-deps --format-version 1 | jq -r '.packages[].name'); do
		flags+=(--config "profile.$PROFILE.package.$member.opt-level=0")
	done
	RUSTC_WORKSPACE_WRAPPER=$(dirname "$(rustup which rustc)")/clippy-driver \
		CLIPPY_ARGS="-Dwarnings__CLIPPY_HACKERY__" SKIP_WASM_BUILD=1 \
		aside "" cargo_locked build --profile "$PROFILE" --workspace --all-targets --features "$FEATURES" "${flags[@]}"
}

formatted() {
	local manifest
	for manifest in Cargo.toml fuzz/Cargo.toml relayer/Cargo.toml zombienet/Cargo.toml e2e/subxt/Cargo.toml; do
		[ ! -e "$manifest" ] || cargo fmt --all --check --manifest-path "$manifest" || return 1
	done
}

# The pallet macro's own `expect` makes clippy's rule useless inside pallets, so this one reads the sources.
no_expect() {
	local sources
	mapfile -t sources < <(find primitives runtime pallets settlement -path '*/src' -type d 2>/dev/null)
	! grep -rnE '\.(expect|unwrap)\(' --include=*.rs --exclude=mock.rs --exclude=benchmarking.rs \
		--exclude-dir=fuzzing --exclude-dir=tests "${sources[@]}" |
		grep -v 'runtime/src/apis.rs:.*try_state check failed' >&2
}

suite_lint() {
	local shell_scripts
	mapfile -t shell_scripts < <(find scripts .ci -type f \( -name '*.sh' -o -name run \))
	check "Rust format" formatted
	optional shellcheck "shell scripts" shellcheck -x "${shell_scripts[@]}"
	optional taplo "TOML format" taplo fmt --check --config .config/taplo.toml
	optional zepter "features reach every dependency" zepter run --config .config/zepter.yaml check
	optional cargo-deny "licences and advisories" cargo deny --locked check
	check "no panics in runtime code" no_expect
	check "clippy" clippy
	[ -z "$LINT_FAILED" ]
}

# --- the others

suite_build() { build_node; }

suite_unit() {
	need_build_disk
	cargo_locked test --profile "$PROFILE" --workspace --features "$FEATURES" --no-fail-fast
}

# Without a node, and without Rust: what they share with the crate is the vectors alone.
suite_settlement() {
	scripts/setup.sh --clients
	step "in Python" python3 -m unittest discover e2e/oracle
	step "in TypeScript" npm --prefix e2e run --silent test:settlement
}

# Without a node: forge runs the compiler and the tests by itself.
suite_contracts() {
	scripts/setup.sh --clients
	step "format and linter" npm --prefix contracts run --silent lint
	step "forge" npm --prefix contracts run --silent test
}

suite_specs() { scripts/chain-specs.sh --check; }

# e2e SCRIPT...: scripts of e2e/package.json
e2e() {
	local script
	scripts/setup.sh --clients
	need_node
	for script in "$@"; do
		step "$script" env OPENLEDGER_BIN="$NODE_BIN" npm --prefix e2e run --silent "$script"
	done
}

suite_clients() { e2e test:clients test:invalid; }
suite_record() { e2e test:record; }
suite_lanes() { e2e test:lanes; }
suite_smoke() { e2e test:smoke; }
suite_network() {
	local scripts=(test:smoke test:network)
	# Smoke belongs to it, but is not run twice.
	[[ " ${wanted[*]} " != *" smoke "* ]] || scripts=(test:network)
	e2e "${scripts[@]}"
}
suite_governance() {
	OPENLEDGER_UPGRADE_WASM=$(scripts/upgrade-wasm.sh)
	export OPENLEDGER_UPGRADE_WASM
	e2e test:governance test:upgrade
}
suite_resilience() { e2e test:resilience; }
suite_docs() { e2e test:docs; }
suite_fuzz() { scripts/fuzz.sh 600; }

# rust_client COMMAND FOLDER [OPTIONS]: cargo in a workspace of its own, whose SDK versions are others than the node's.
rust_client() {
	local command=$1 folder=$2
	shift 2
	OPENLEDGER_BIN=$NODE_BIN CARGO_TARGET_DIR=$CARGO_TARGET_DIR/clients \
		cargo_locked "$command" --manifest-path "$folder/Cargo.toml" "$@"
}

suite_zombienet() { need_node && rust_client test zombienet -- --nocapture; }
suite_subxt() { need_node && rust_client test e2e/subxt -- --nocapture; }

# over_bridge SCRIPT: a script of e2e/ with the relayer and the contracts, which two suites do not build at once.
over_bridge() {
	scripts/setup.sh --clients
	{
		flock 9
		step "Building the relayer" rust_client build relayer
		step "Compiling the contracts" npm --prefix contracts run --silent build
	} 9>"$CACHE_DIR/bridge.lock"
	OPENLEDGER_RELAYER=$CARGO_TARGET_DIR/clients/debug/openledger-relayer e2e "$1"
}
suite_bridge() { over_bridge test:bridge; }
suite_relayer() {
	rust_client test relayer
	over_bridge test:relayer
}

# --- run them

LOGS=$CACHE_DIR/test-logs/$(date +%Y%m%d-%H%M%S)-$$
mkdir -p "$LOGS"
passed=0
failed=0
summary=
record() {
	local result=passed
	if [ "$2" -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)) result=FAILED; fi
	summary+=$(printf '  %-11s %s  %s' "$1" "$result" "$(elapsed "$3")")$'\n'
}
finish() {
	printf '\n%slogs: %s\n%d passed, %d failed\n' "$summary" "$LOGS" "$passed" "$failed"
	[ "$failed" -eq 0 ]
	exit
}

# run SUITE: its output goes to its log as well; the exit code is the suite's. Call it under set +e and outside of any
# condition: bash ignores the suite's own set -e there.
run() {
	(
		set -e
		"suite_$1"
	) 2>&1 </dev/null | tee "$LOGS/$1.log"
	return "${PIPESTATUS[0]}"
}

# Suites that are running: their process groups, nothing for one that has this shell's; and when they began.
declare -A running=() began=()
# begin SUITE [GROUP]
begin() {
	began[$1]=$SECONDS
	running[$1]=${2:-}
}
# ended SUITE STATUS
ended() {
	local took=$((SECONDS - began[$1])) outcome=passed
	record "$1" "$2" "$took"
	[ "$2" -eq 0 ] || outcome="FAILED (exit code $2), its output is in $LOGS/$1.log"
	printf '=== %s %s after %s\n' "$1" "$outcome" "$(elapsed "$took")"
	unset "running[$1]"
}
# until_fewer_than COUNT: waits for suites beside each other, and shows what each has written when it has ended.
until_fewer_than() {
	local suite status
	while [ ${#running[@]} -ge "$1" ]; do
		wait -n "${running[@]}" || true
		for suite in "${!running[@]}"; do
			! kill -0 "${running[$suite]}" 2>/dev/null || continue
			status=0
			wait "${running[$suite]}" || status=$?
			printf '\n=== %s\n' "$suite"
			cat "$LOGS/$suite.log"
			ended "$suite" "$status"
		done
	done
}

# A time limit from outside still gets its counts: the suites that were running have failed, and end.
interrupted() {
	local suite
	for suite in "${!running[@]}"; do
		record "$suite" 1 $((SECONDS - began[$suite]))
		[ -z "${running[$suite]}" ] || kill -- "-${running[$suite]}" 2>/dev/null || true
	done
	finish
}
trap interrupted INT TERM

setup_status=0
scripts/setup.sh || setup_status=$?
if [ "$setup_status" -ne 0 ]; then
	for suite in "${wanted[@]}"; do record "$suite" 1 0; done
	finish
fi

for suite in "${wanted[@]}"; do
	if [ ${#wanted[@]} -gt 1 ] && [[ " ${LONG[*]} " == *" $suite "* ]]; then
		until_fewer_than "$AT_ONCE"
		printf '\n=== %s begins; its output follows when it has ended\n' "$suite"
		# With job control, a process group of its own: whatever it has started can be ended with it.
		set +e -m
		run "$suite" >/dev/null &
		set -e +m
		begin "$suite" "$!"
	else
		until_fewer_than 1
		printf '\n=== %s\n' "$suite"
		begin "$suite"
		set +e
		run "$suite"
		status=$?
		set -e
		ended "$suite" "$status"
	fi
done
until_fewer_than 1
finish
