# shellcheck shell=bash
# lib.sh - what every end-to-end test shares: TAP, the lab, fixtures, runs of drydock.
# BIN is the program. Roots lie below $T; whatever still runs on one at the end is killed.
set -euo pipefail
: "${BIN:?path of drydock}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP needs root: it starts real daemons"; exit 0; }

export LAB_DIR=${LAB_DIR:-${TMPDIR:-/tmp}/drydock-lab} LAB_AT=/var/lib/docker
mkdir -p "$LAB_DIR"
T=$(mktemp -d "$LAB_DIR/e2e.XXXXXX")
trap 'lab cleanup "$T"; rm -rf --one-file-system "$T"' EXIT
n=0

lab() { "$here/lab/lab" "$@"; }
fixture() { "$here/../fixture.sh" "$1" "$2"; }
copy() { cp -a --reflink=auto "$1" "$2"; }
note() { sed 's/^/# /'; }

# ok "what holds" COMMAND...: COMMAND succeeds; its words are shown when it does not.
ok() {
	local words=$1
	shift
	n=$((n + 1))
	if "$@" >"$T/ok.out" 2>&1; then
		echo "ok $n - $words"
	else
		echo "not ok $n - $words"
		note <"$T/ok.out" >&2
	fi
}

done_testing() { echo "1..$n"; }

# drydock ROOT ARG...: $status is its exit status, $T/out and $T/err what it says.
drydock() {
	local root=$1
	shift
	status=0
	"$BIN" --root "$root" "$@" </dev/null >"$T/out" 2>"$T/err" || status=$?
}

# exits N...: the last run ended with one of these statuses.
exits() {
	case " $* " in *" $status "*) return 0 ;; esac
	echo "exit status $status, not $*"
	cat "$T/out" "$T/err"
	return 1
}

# Of the lines on stdin, those that name nothing that $T/out says was deleted.
not_deleted() {
	awk 'NR == FNR { if ($1 == "deleted:" || $1 == "untagged:") gone[$2] = 1
			 else if (NF == 1) gone[$1] = 1; next }
	     { for (i = 2; i <= NF; i++) if ($i in gone) next; print }' "$T/out" -
}

# try VERSION NAME COMMAND...: on a copy of $T/root.
try() {
	local version=$1 name=$2 root=$T/try
	shift 2
	copy "$T/root" "$root"
	drydock "$root" "$@"
	ok "$name: $*: exit status 0 or 1" exits 0 1
	note <"$T/out" | tail -n 1
	not_deleted <"$T/inventory" >"$T/must-stay"
	ok "$name: $*: nothing new in dockerd's log" nothing_new "$version" "$root"
	ok "$name: $*: all that stays works ($(wc -l <"$T/must-stay") things)" verified "$version" "$root"
	drydock "$root" "$@"
	ok "$name: $*: a second run succeeds" exits 0
	ok "$name: $*: a second run finds nothing" grep -qx 'Total reclaimed space: 0B' "$T/out"
	rm -rf --one-file-system "$root"
}

# startlog VERSION ROOT: what dockerd says when it starts and stops; not what fits $noise.
startlog() { lab startlog "$1" "$2" | sed -E "/${noise:-^$}/d"; }

# nothing_new VERSION ROOT: dockerd says nothing of the root that is not in $T/log-before. What it
# says of processes depends on their timing: new is what it says at a second start, too.
nothing_new() {
	startlog "$1" "$2" >"$T/log-after" || return 1
	LC_ALL=C comm -13 "$T/log-before" "$T/log-after" >"$T/log-new"
	[ -s "$T/log-new" ] || return 0
	startlog "$1" "$2" >"$T/log-after" || return 1
	! LC_ALL=C comm -12 "$T/log-new" "$T/log-after" | grep .
}

verified() {
	LAB_INVENTORY=$T/must-stay lab verify "$1" "$2" >"$T/verify.out" 2>&1 && return 0
	grep -E '^(FAIL|lab:)' "$T/verify.out"
	return 1
}

# root VERSION NAME: unpacks a fixture, and notes what a user would miss.
root() {
	rm -rf --one-file-system "$T/root"
	fixture "$2" "$T/root"
	copy "$T/root" "$T/seen"
	lab inventory "$1" "$T/seen" >"$T/inventory"
	rm -rf --one-file-system "$T/seen"
	startlog "$1" "$T/root" >"$T/log-before"
}

# BuildKit makes records when it first tells the sizes of cache mounts: before a root is copied,
# and not in one copy and the other.
know_sizes() {
	lab start "$1" "$2"
	lab docker "$2" system df >/dev/null
	lab stop "$2"
}
