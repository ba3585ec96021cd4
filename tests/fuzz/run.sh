#!/bin/bash
# run.sh - every fuzz target for FUZZ_SECONDS, each one test of TAP; `make fuzz` builds them.
# What is found stays in build/fuzz/tests/fuzz/TARGET.crash/, the corpus beside it.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${FUZZ_SECONDS:-10}
targets=()
for source in tests/fuzz/fuzz_*.c; do [ ! -e "$source" ] || targets+=("$(basename "$source" .c)"); done
[ ${#targets[@]} -gt 0 ] || { echo "1..0 # SKIP there is no fuzz target"; exit 0; }

fuzz_one() {
	local name=$1 place=build/fuzz/tests/fuzz/$1
	local -a seeds=()
	[ ! -d "fixtures/fuzz/$name" ] || seeds=("fixtures/fuzz/$name")
	mkdir -p "$place.corpus" "$place.crash"
	"$place" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$place.crash/" "$place.corpus" "${seeds[@]}" >"$place.log" 2>&1
}

echo "1..${#targets[@]}"
failed=0 n=0
for name in "${targets[@]}"; do
	n=$((n + 1))
	log=build/fuzz/tests/fuzz/$name.log
	if fuzz_one "$name"; then
		echo "ok $n - $name: $(awk '/number_of_executed_units/ { print $2 }' "$log") runs, nothing found"
	else
		failed=1
		echo "not ok $n - $name"
		tail -n 30 "$log" | sed 's/^/# /'
	fi
done
exit $failed
