#!/usr/bin/env bash
# Runs the tests, suite by suite; a suite that fails does not stop the others.
#
# Usage: scripts/test.sh [NAME... | all] [--list]
#
# Without a name: lint build unit settlement specs clients smoke, what every change must pass. NAME runs that suite alone,
# all runs everything but fuzz. Each suite's output is also kept in a file, named at the end. The last line is "N passed, N failed",
# counted in suites, and the exit code is 1 if one failed.
#
#   lint        format, clippy, shell scripts; taplo, zepter and cargo-deny where they are installed
#   build       the node, as run.sh builds it
#   unit        tests of every crate, of the runtime and of the node's command line
#   settlement  the rule of settlement in Python and TypeScript agrees with its vectors
#   specs       chain-specs/ is what this runtime generates
#   clients     polkadot.js and polkadot-api against a node; bad input and its exact errors
#   smoke       four validators finalise, one is killed and comes back
#   record      (long) the life of datanets and models with openledger-cli and a dApp's library; copiers; refusals
#   lanes       (long) batches of 100,000 receipts and fewer with openledger-cli, recomputed from blocks in Python; refusals
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

QUICK=(lint build unit settlement specs clients smoke)
LONG=(record lanes network governance resilience zombienet subxt docs)
# An hour that looks for what nobody thought of: its finds are replayed by the suite unit.
ALONE=(fuzz)

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
	for manifest in Cargo.toml fuzz/Cargo.toml zombienet/Cargo.toml e2e/subxt/Cargo.toml; do
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

# rust_client FOLDER: a workspace of its own, because its SDK versions are others than the node's.
rust_client() {
	need_node
	OPENLEDGER_BIN=$NODE_BIN CARGO_TARGET_DIR=$CARGO_TARGET_DIR/clients \
		cargo_locked test --manifest-path "$1/Cargo.toml" -- --nocapture
}

suite_zombienet() { rust_client zombienet; }
suite_subxt() { rust_client e2e/subxt; }

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

current=
started=$SECONDS
# A time limit from outside still gets its counts: the suite that was running has failed.
trap '[ -z "$current" ] || record "$current" 1 $((SECONDS - started)); finish' INT TERM

setup_status=0
scripts/setup.sh || setup_status=$?
if [ "$setup_status" -ne 0 ]; then
	for current in "${wanted[@]}"; do record "$current" 1 0; done
	finish
fi

for current in "${wanted[@]}"; do
	started=$SECONDS
	printf '\n=== %s\n' "$current"
	set +e
	(
		set -e
		"suite_$current"
	) 2>&1 </dev/null | tee "$LOGS/$current.log"
	status=${PIPESTATUS[0]}
	set -e
	record "$current" "$status" $((SECONDS - started))
	if [ "$status" -eq 0 ]; then outcome=passed; else outcome="FAILED (exit code $status), its output is in $LOGS/$current.log"; fi
	printf '=== %s %s after %s\n' "$current" "$outcome" "$(elapsed $((SECONDS - started)))"
done
current=
finish
