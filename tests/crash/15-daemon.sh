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

# A rollback that is killed: half of all is back, and dockerd starts from that, too.
back() { # VERSION FIXTURE
	local version=$1 name=$2 last at
	root "$version" "$name"
	copy "$T/root" "$T/try"
	drydock "$T/try" "${COMMAND[@]}" --quarantine
	not_deleted <"$T/inventory" >"$T/must-stay"
	copy "$T/try" "$T/quarantine"
	: >"$T/calls"
	shimmed "$T/try" LOG="$T/calls" -- run rollback 1 || true
	last=$(awk -F '\t' '$3 == "renameat2" { at = $1 } END { print at }' "$T/calls")
	COMMAND=(run rollback 1)
	for at in $(seq "$((last / KILLS))" "$((last / KILLS))" "$last"); do
		rm -rf --one-file-system "$T/try"
		copy "$T/quarantine" "$T/try"
		ok "$name: rollback killed at call $at" killed "$T/try" "$at"
		ok "$name: rollback, call $at: nothing new in dockerd's log" nothing_new "$version" "$T/try"
		ok "$name: rollback, call $at: all that stays works" verified "$version" "$T/try"
	done
	drydock "$T/try" run rollback 1
	ok "$name: rolled back" exits 0 1 4
	cp "$T/inventory" "$T/must-stay"
	ok "$name: rolled back: all works again ($(wc -l <"$T/must-stay") things)" verified "$version" "$T/try"
}

lab install 20.10 2>/dev/null
campaign 20.10 rich-20.10
if [ -n "${CRASH_WHOLE:-}" ]; then
	campaign 20.10 leaky-20.10
	back 20.10 rich-20.10
fi
done_testing
