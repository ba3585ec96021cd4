#!/bin/sh
# A prune from the question to the second run, on the story of the README: my-image was built, its
# Dockerfile changed, it was built again, the old one dangles.
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"
fixture seed-20.10 "$T/root"

count=0
check() {
	ok "$@"
	count=$((count + 1))
}

drydock() { run --root "$T/root" "$@"; }

# on_terminal ANSWER ARG...: runs drydock on a terminal of its own; what it shows is in $T/out.
on_terminal() {
	answer=$1
	shift
	status=0
	: >"$T/err"
	printf '%s\n' "$answer" | script -qec "$BIN --root $T/root $*" /dev/null >"$T/out" ||
		status=$?
}

drydock image ls --format json
cp "$T/out" "$T/images"
snapshot "$T/root" >"$T/before"

# --- a dry run writes nothing and says what would go
drydock system prune --dry-run
check "a dry run exits 0" exits 0
check "a dry run lists images" says out "Would delete images:"
check "a dry run ends with the total" sh -c "tail -n 1 '$T/out' | grep -q '^Total reclaimable space: '"
drydock system prune --dry-run --exit-code
check "a dry run with --exit-code tells that there is something" exits 4
drydock system prune --dry-run --format json
check "a dry run prints the plan as JSON" json "$T/out"
check "the plan has a digest" grep -E -q '"digest":"[0-9a-f]{32}"' "$T/out"
check "a dry run has changed nothing" unchanged "$T/root" "$T/before"

# --- the question
if command -v script >/dev/null; then
	on_terminal n system prune
	check "no is no: exit 0" exits 0
	check "warning, list and question come in this order" sh -c \
		"sed -n '/WARNING! This will remove:/,\$p' '$T/out' | sed -n '/Would delete images:/,\$p' |
			grep -F -q 'Are you sure you want to continue? [y/N]'"
	check "no is no: it says so" says out "nothing was removed"
	drydock image ls --format json
	check "no is no: all images are there" same "$T/images" "$T/out"
fi

# --- removing
drydock system prune -f
check "prune exits 0" exits 0
check "prune says nothing on stderr" is_empty err
check "prune lists the images as docker does" grep -E -q '^deleted: sha256:[0-9a-f]{64}$' "$T/out"
check "prune ends with docker's total" sh -c \
	"tail -n 1 '$T/out' | grep -E -q '^Total reclaimed space: [0-9.]+[kMGT]?B$'"
drydock image ls
check "no image dangles" says_not out "<none>"
check "the rebuilt image stays" says out "my-image"
check "its base stays" says out "base"
drydock layer ls --orphans
check "no directory is an orphan" has_lines out 1

# --- and again
drydock system prune -f
check "a second run exits 0" exits 0
check "a second run finds nothing" sh -c "[ \"\$(cat '$T/out')\" = 'Total reclaimed space: 0B' ]"
drydock system prune --dry-run --exit-code
check "nor does a dry run" exits 0

# --- the journal
drydock run ls
check "run ls exits 0" exits 0
check "run ls has the one run that did something" has_lines out 2
check "run ls says that it is done" says out "done"
drydock run show 1
check "run show exits 0" exits 0
check "run show lists the steps" says out "STEP"
drydock run show 1 --format json
check "run show prints JSON" json "$T/out"
drydock run show 99
check "run show of a run that is none fails" exits 8
drydock run show x
check "run show of a word is a usage error" exits 16
drydock run resume
check "there is nothing to resume" exits 0

plan "$count"
done_testing
