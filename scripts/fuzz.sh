#!/usr/bin/env bash
# Fuzzes what decodes and executes batches, proofs and answers, target by target.
#
# Usage: scripts/fuzz.sh [SECONDS] [TARGET...]
#
# Each target runs for so many seconds, 600 without a number; without a name all of them do. It begins with its inputs in
# fuzz/corpus and what earlier runs on this machine have found. An input that fails ends the run: it is kept in a file, named
# at the end. fuzz/README.md says what the targets are, and what to do with such a file. Needs cargo-fuzz, and installs it.
# shellcheck source=scripts/lib/common.sh
source "$(dirname "$0")/lib/common.sh"

ALL=(answer call execute opening retrieval submission)
CARGO_FUZZ=0.13.1
# Those that are worth keeping go to fuzz/corpus.
FOUND=$CACHE_DIR/fuzz

seconds=600
targets=()
for argument in "$@"; do
	case $argument in
	-h | --help) help && exit ;;
	*[!0-9]*)
		[[ " ${ALL[*]} " == *" $argument "* ]] || fail "There is no target named $argument." "There are: ${ALL[*]}."
		targets+=("$argument")
		;;
	*) seconds=$argument ;;
	esac
done
[ ${#targets[@]} -gt 0 ] || targets=("${ALL[@]}")

have cargo-fuzz || step "Installing cargo-fuzz" cargo install --quiet --locked "cargo-fuzz@$CARGO_FUZZ"

# The compiler is the one of every build; sanitizers need another, and look for what safe Rust has not. The signatures of
# libraries that see they are fuzzed are not checked: they must not see it.
TARGET_DIR=$CARGO_TARGET_DIR/fuzz
FLAGS=(--fuzz-dir fuzz --target-dir "$TARGET_DIR" --sanitizer none --no-cfg-fuzzing)
need_disk "$TARGET_DIR" 10 "the fuzzers"
# cargo-fuzz itself would write another lock file.
cargo_locked metadata --format-version 1 --manifest-path fuzz/Cargo.toml >/dev/null
step "Building the fuzzers" cargo fuzz build "${FLAGS[@]}" >&2

fuzz() {
	local target=$1 log=$FOUND/$1.log
	mkdir -p "$FOUND/corpus/$target"
	cargo fuzz run "${FLAGS[@]}" "$target" "$FOUND/corpus/$target" "fuzz/corpus/$target" -- \
		-artifact_prefix="$FOUND/$target-" -max_len=65536 -max_total_time="$seconds" -print_final_stats=1 \
		-rss_limit_mb=4096 -timeout=20 >"$log" 2>&1 || {
		tail -n 30 "$log" >&2
		fail "$target found something: see $log." "Reproduce it as fuzz/README.md says."
	}
	sed -n 's/^stat::number_of_executed_units: *//p' "$log" | while read -r executed; do
		say "    $executed inputs, $((executed / seconds)) a second"
	done
}

for target in "${targets[@]}"; do step "$target" fuzz "$target"; done
