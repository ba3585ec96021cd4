#!/bin/bash
# Killed at some calls: the real dockerd starts from what is there without a new word in its log, and
# all that is kept works; the same once more when the run has been resumed.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"

SHIM=${SHIM:-$(dirname "$BIN")/tests/crash/shim.so}
KILLS=${CRASH_WHOLE:+24}
KILLS=${KILLS:-2} # for each root, spread over the calls up to the last that moves
COMMAND=(system prune -af --volumes)

# shimmed ROOT NAME=VALUE... -- ARG...: drydock in one thread under the shim.
shimmed() {
	local root=$1
	local -a settings=("CRASH_UNDER=$1" CRASH_CHANGES=1 "LD_PRELOAD=$SHIM")
	shift
	while [ "$1" != -- ]; do
		settings+=("CRASH_$1")
		shift
	done
	shift
	env "${settings[@]}" "$BIN" --root "$root" --jobs 1 "$@" </dev/null >"$T/out" 2>"$T/err"
}

killed() { # ROOT N
	local result=0
	shimmed "$1" DO=kill "AT=$2" -- "${COMMAND[@]}" || result=$?
	[ "$result" -eq 137 ] || { echo "exit status $result"; cat "$T/err"; return 1; }
}

campaign() { # VERSION FIXTURE
	local version=$1 name=$2 total last at
	root "$version" "$name"
	copy "$T/root" "$T/try"
	: >"$T/calls"
	shimmed "$T/try" LOG="$T/calls" -- "${COMMAND[@]}" || true
	rm -rf --one-file-system "$T/try"
	not_deleted <"$T/inventory" >"$T/must-stay"
	total=$(wc -l <"$T/calls")
	last=$(awk -F '\t' '$3 == "renameat2" { at = $1 } END { print at }' "$T/calls")
	for at in $(seq "$((last / KILLS))" "$((last / KILLS))" "$last") ${CRASH_WHOLE:+"$(((last + total) / 2))"}; do
		copy "$T/root" "$T/try"
		ok "$name: killed at call $at of $total" killed "$T/try" "$at"
		ok "$name: call $at: nothing new in dockerd's log" nothing_new "$version" "$T/try"
		ok "$name: call $at: all that stays works ($(wc -l <"$T/must-stay") things)" verified "$version" "$T/try"
		drydock "$T/try" run resume
		ok "$name: call $at: resume succeeds" exits 0 1
		ok "$name: call $at: nothing new in dockerd's log then" nothing_new "$version" "$T/try"
		rm -rf --one-file-system "$T/try"
	done
}

lab install 20.10 2>/dev/null
campaign 20.10 rich-20.10
[ -z "${CRASH_WHOLE:-}" ] || campaign 20.10 leaky-20.10
done_testing
