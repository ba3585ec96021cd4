#!/bin/sh
# Directories that are no data root: one line on stderr that names the directory, the right exit
# status, nothing on stdout, nothing changed; whatever the command.
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"

count=0
commands='system df:image ls:container ls:network ls:volume ls:builder du:layer ls:system prune -f:'\
'image prune -f:container prune -f:layer prune -f:system prune --dry-run:run ls:run resume'

# refused STATUS "TEXT" ROOT: every command refuses ROOT.
refused() {
	refused_status=$1
	refused_text=$2
	refused_root=$3
	IFS=:
	# shellcheck disable=SC2086 # split at colons
	set -- $commands
	unset IFS
	for refused_command; do
		# shellcheck disable=SC2086 # split at blanks
		${runner:-run} --root "$refused_root" $refused_command
		ok "$refused_command of $refused_words exits $refused_status" exits "$refused_status"
		ok "$refused_command of $refused_words says why" says err "$refused_text"
		ok "$refused_command of $refused_words prints one line, on stderr" \
			eval 'has_lines err 1 && is_empty out'
		count=$((count + 3))
	done
}

# stays "WORDS" DIR: nothing in it has changed since `snapshot DIR >$T/before`.
stays() {
	ok "$1 is as it was" unchanged "$2" "$T/before"
	count=$((count + 1))
}

refused_words="a missing directory"
refused 8 "$T/missing: No such file or directory" "$T/missing"

refused_words="a file"
echo 1 >"$T/file"
refused 8 "$T/file: is not a directory" "$T/file"

refused_words="an empty directory"
mkdir "$T/empty"
snapshot "$T/empty" >"$T/before"
refused 8 "$T/empty: is not a Docker data root" "$T/empty"
stays "the empty directory" "$T/empty"

refused_words="a home directory"
mkdir -p "$T/home/src" && echo hello >"$T/home/src/a.c"
snapshot "$T/home" >"$T/before"
refused 8 "$T/home: is not a Docker data root" "$T/home"
stays "the home directory" "$T/home"

refused_words="another driver's root"
mkdir -p "$T/aufs/aufs/diff" "$T/aufs/image/aufs/imagedb" "$T/aufs/containers"
snapshot "$T/aufs" >"$T/before"
refused 8 "aufs" "$T/aufs"
stays "the other driver's root" "$T/aufs"

refused_words="a name with a newline"
refused 8 'line\nfeed: No such file or directory' "$T/line
feed"

if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null && [ -r "$BIN" ]; then
	refused_words="a root that may not be read"
	mkdir -p "$T/closed/overlay2" "$T/closed/image/overlay2"
	chmod 700 "$T/closed"
	chmod 755 "$T"
	snapshot "$T/closed" >"$T/before"
	runner=run_as_nobody
	refused 8 "Permission denied" "$T/closed"
	runner=
	stays "the root that may not be read" "$T/closed"
fi

run --root "$T/missing" image ls --format json
ok "a failing listing prints no half JSON" is_empty out
"$BIN" --help >/dev/full 2>"$T/err"
status=$?
ok "a full standard output is a failure" exits 8
ok "a full standard output is told" says err "drydock: write standard output: No space left on device"

plan $((count + 3))
done_testing
