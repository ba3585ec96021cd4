#!/bin/sh
# Filters: what Docker takes, what it refuses and in which words, what goes and what stays.
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"
fixture rich-20.10 "$T/root"

count=0
check() {
	ok "$@"
	count=$((count + 1))
}

drydock() { run --root "$T/root" "$@"; }
snapshot "$T/root" >"$T/before"

# --- what is refused, before anything is looked at
mkdir "$T/none"
# refused "WORDS" GROUP ARG...
refused() {
	refused_words=$1
	shift
	run --root "$T/none" "$@"
	check "'$*' exits 16" exits 16
	check "'$*' says: $refused_words" says err "drydock: $refused_words"
	check "'$*' says where help is" says err "See 'drydock $1 $2 --help'"
	check "'$*' says nothing else" eval 'has_lines err 2 && is_empty out'
}
refused "invalid argument \"label\" for \"--filter\" flag: bad format of filter (expected name=value)" \
	image prune -f --filter label
refused "invalid filter 'bad'" image prune -f --filter bad=1
refused "invalid filter 'dangling'" container prune -f --filter dangling=true
refused "invalid filter 'dangling'" system prune -f --filter label=x --filter dangling=true
refused "invalid filter 'until'" volume prune -f --filter until=1h
refused "invalid filter 'all'" network prune -f --filter all=1
refused "invalid filter 'name'" builder prune -f --filter name=x
refused "failed to parse value as time or duration: \"1d\"" container prune -f --filter until=1d
refused "parsing time \"2006-13-02\": month out of range" image prune -f --filter until=2006-13-02
refused "more than one until filter specified" image prune -f --filter until=1h --filter until=2h
refused "ERROR: The \"until\" filter is not supported with \"--volumes\"" \
	system prune -f --volumes --filter until=1h
refused "invalid filter 'dangling=[false true]'" image prune -f --filter dangling=false
refused "conflicting options: cannot specify both --all and --filter all=1" \
	volume prune -af --filter all=1
refused "filters expect only one value" builder prune -f --filter id=a --filter id=b
refused "unknown flag: --filter" layer prune -f --filter label=x
refused "unknown flag: --filter" image ls --filter label=x
check "nothing of this has made anything in the data root" sh -c "! ls -A '$T/none' | grep ."

# --- containers
drydock container prune --dry-run --filter label=release=2
check "a label takes what has it" sh -c "grep -c '^[0-9a-f]\{64\}' '$T/out' | grep -qx 1"
check "and nothing else" says out 534e4d76165b
drydock container prune --dry-run --filter label!=release
check "label! leaves out what has it" eval 'says_not out 534e4d76165b && says_not out 302433d979b8'
check "and takes the others" says out 5760f5db3bbe
drydock container prune --dry-run --filter label=release --filter label=release=1
check "all labels must be there" eval 'says out 302433d979b8 && says_not out 534e4d76165b'
# 9cf7a8a46918 was created at 06:52:43.272059146, 0121af4a166f at 06:52:43.599495318
drydock container prune --dry-run --filter until=2026-11-24T06:52:43.3Z
check "until takes what is older" says out 9cf7a8a46918
check "until leaves what is younger, even in the same second" says_not out 0121af4a166f
drydock container prune --dry-run --filter until=2026-11-24T08:52:43.599495318+02:00
check "until takes what was created at that moment" says out 0121af4a166f
drydock container prune --dry-run --filter until=1795503163.599495317
check "and not what was created a nanosecond later" eval \
	'says out 9cf7a8a46918 && says_not out 0121af4a166f'
TZ=Asia/Kolkata drydock container prune --dry-run --filter until=2026-11-24T12:22:43.3
check "without a zone the local one is meant" eval 'says out 9cf7a8a46918 && says_not out 0121af4a166f'
drydock container prune --dry-run --filter until=876000h
check "nothing is that old" sh -c "[ \"\$(cat '$T/out')\" = 'Total reclaimable space: 0B' ]"
drydock container prune --dry-run --filter until=-876000h
check "a negative duration is in the future" says out 5760f5db3bbe

# --- images
drydock image prune -a --dry-run --filter label=release=1 --filter label!=none
check "images are filtered by label" says out "deleted: sha256:66ac01c1f0f4"
# its config has the label, but another image is built on it: it goes with that one
check "a parent goes with its last child" says out "deleted: sha256:9dfc1f9a8507"
check "images without the label stay" says_not out "kit:1"
drydock image prune -a --dry-run --filter until=2026-11-24T06:52:32Z
check "images are filtered by age" eval 'says out "untagged: kit:1" && says_not out "kit:side"'
drydock image prune --dry-run --filter dangling=1 --filter label=release
check "dangling=1 says nothing new" eval 'says out 66ac01c1f0f4 && says_not out 6bc1e79a498c'
check "nothing of this has changed the data root" unchanged "$T/root" "$T/before"

# --- the question names the filters, as docker's does
if command -v script >/dev/null; then
	printf 'n\n' | script -qec "$BIN --root $T/root system prune --filter until=1h --filter label=x" \
		/dev/null | tr -d '\r' >"$T/out"
	check "the question names the filters" sh -c \
		"grep -A 2 '^  Items to be pruned will be filtered with:' '$T/out' | sed 1d >'$T/filters'
		printf '  - label=x\n  - until=1h\n' | diff '$T/filters' -"
fi

# --- removing, and the journal
drydock image prune -af --filter label=release=1 --filter 'label!=it is'
check "a filtered prune exits 0" exits 0
drydock image ls
check "what the filter meant is gone" says_not out 66ac01c1f0f4
check "the others stay" eval 'says out "kit " && says out d357fa6a6d53'
drydock run ls --format json
check "the journal has the command as it was typed" says out \
	"image prune --all --filter label=release=1 --filter 'label!=it is'"
drydock image prune -af --filter label=release=1 --filter 'label!=it is'
check "a second run finds nothing" sh -c "[ \"\$(cat '$T/out')\" = 'Total reclaimed space: 0B' ]"
plan $count

done_testing
