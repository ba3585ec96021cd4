#!/bin/sh
# Listings of a real data root (profile rich of dockerd 20.10), in all formats; nothing changes.
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"
fixture rich-20.10 "$T/root"
snapshot "$T/root" >"$T/before"

count=0
check() {
	ok "$@"
	count=$((count + 1))
}

list() { run --root "$T/root" "$@"; }

for command in 'system df' 'system df -v' 'image ls' 'image ls -a' 'container ls' 'network ls' \
	'volume ls' 'builder du' 'layer ls' 'layer ls --orphans' 'system prune --dry-run' \
	'system prune -a --dry-run' 'layer prune --dry-run'; do
	# shellcheck disable=SC2086 # split at blanks
	list $command
	cp "$T/out" "$T/first"
	check "$command exits 0" exits 0
	check "$command prints something" test -s "$T/out"
	# shellcheck disable=SC2086
	list $command
	check "$command prints the same again" same "$T/first" "$T/out"
	# shellcheck disable=SC2086
	list --format json $command
	check "$command --format json is JSON" json "$T/out"
	# shellcheck disable=SC2086
	list --format jsonl $command
	check "$command --format jsonl is JSON lines" jsonl "$T/out"
done
check "nothing has changed" unchanged "$T/root" "$T/before"

# Docker's own numbers for this profile, where they do not depend on the day.
list system df
check "df: images, containers and volumes are counted as by docker" \
	sh -c "awk '{print \$1,\$2}' '$T/out' | grep -q '^Images 21' &&
		grep -q '^Containers *19 ' '$T/out' && grep -q '^Local Volumes *4 *2 *102B' '$T/out'"
check "df: the build cache is counted as by docker" grep -q '^Build Cache *31 *0 *199.3kB' "$T/out"
list image ls
check "image ls: 28 rows as docker" has_lines out 29
check "image ls: a registry with a port" says out "localhost:5000/team/app"
check "image ls: a digest without tag is a row" \
	grep -q '^localhost:5000/team/app *<none> ' "$T/out"
list image ls -a
check "image ls -a: 44 rows as docker" has_lines out 45
list container ls
check "container ls: 19 rows as docker" has_lines out 20
check "container ls: exit codes" says out "Exited (137)"
check "container ls: what dockerd starts again" says out "restarts with dockerd"
list network ls
check "network ls: docker's and the user's" has_lines out 6
list volume ls
check "volume ls: 4 rows as docker" has_lines out 5
list layer ls --no-trunc
check "layer ls: whole names on demand" grep -E -q '^[0-9a-f]{64} ' "$T/out"

plan "$count"
done_testing
