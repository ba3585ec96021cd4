#!/bin/sh
# lib.sh - what every command-line test needs: TAP, a scratch directory, runs of drydock.
#
# A test sources this file, calls `plan N`, then checks. BIN is the program, SRCDIR the source tree;
# both come from the Makefile. Everything is made below $T, which goes away at the end.
set -u

: "${BIN:?path of drydock}" "${SRCDIR:?path of the sources}"

T=$(mktemp -d "${TMPDIR:-/tmp}/drydock-cli.XXXXXX") || exit 1
trap 'rm -rf "$T"' EXIT
tests_done=0
tests_failed=0

plan() { echo "1..$1"; }

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

# ok "what holds" COMMAND...: COMMAND succeeds.
ok() {
	tests_done=$((tests_done + 1))
	ok_words=$1
	shift
	if "$@" >"$T/ok.log" 2>&1; then
		echo "ok $tests_done - $ok_words"
	else
		tests_failed=$((tests_failed + 1))
		echo "not ok $tests_done - $ok_words"
		echo "# failed: $*"
		sed 's/^/# /' "$T/ok.log"
		[ -e "$T/out" ] && sed 's/^/# stdout: /' "$T/out"
		[ -e "$T/err" ] && sed 's/^/# stderr: /' "$T/err"
	fi
}

# run ARG...: runs drydock without a terminal; $status, $T/out, $T/err are what came of it.
run() {
	status=0
	"$BIN" "$@" </dev/null >"$T/out" 2>"$T/err" || status=$?
}

# run_as_nobody ARG...: the same as a user who is nobody.
run_as_nobody() {
	status=0
	setpriv --reuid=65534 --regid=65534 --clear-groups "$BIN" "$@" \
		</dev/null >"$T/out" 2>"$T/err" || status=$?
}

# exits N: the last run ended with this status.
exits() { [ "$status" -eq "$1" ] || { echo "exit status $status, not $1"; return 1; }; }

# says STREAM TEXT: STREAM (out or err) contains the fixed TEXT.
says() { grep -F -q -e "$2" "$T/$1"; }
says_not() { ! grep -F -q -e "$2" "$T/$1"; }

# is_empty STREAM: nothing was written there.
is_empty() { [ ! -s "$T/$1" ]; }

# has_lines STREAM N
has_lines() { [ "$(wc -l <"$T/$1")" -eq "$2" ]; }

# A picture of a tree: every byte, mode, owner and time but access times, which looking changes.
snapshot() {
	(cd "$1" && find . -printf '%p %y %m %U %G %s %i %n %T@ %l\n' | sort
		find . -type f -exec sha256sum {} + | sort)
}

# unchanged DIR SNAPSHOT_FILE: DIR still looks as in the file.
unchanged() { snapshot "$1" | diff "$2" -; }

# same FILE FILE, shown when they differ
same() { diff "$1" "$2"; }

# fixture NAME DIR: unpacks the captured data root NAME into DIR, or skips the whole test.
fixture() {
	[ "$(id -u)" -eq 0 ] || skip_all "needs root to unpack a data root"
	[ -x "$SRCDIR/tests/fixture.sh" ] || skip_all "no fixtures"
	"$SRCDIR/tests/fixture.sh" "$1" "$2" || skip_all "fixture $1 cannot be unpacked"
}

# json FILE: it is one valid JSON document; jsonl FILE: every line is one.
json() { python3 -c 'import json,sys; json.load(open(sys.argv[1]))' "$1"; }
jsonl() { python3 -c 'import json,sys; [json.loads(l) for l in open(sys.argv[1])]' "$1"; }

done_testing() { [ "$tests_failed" -eq 0 ]; }
