#!/bin/sh
# Keep rules: images that stay whatever the prune says, and what is said of them.
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
refused() {
	refused_words=$1
	shift
	run --root "$T/none" "$@"
	check "'$*' exits 16" exits 16
	check "'$*' says: $refused_words" says err "drydock: $refused_words"
	check "'$*' says nothing else" eval 'has_lines err 2 && is_empty out'
}
printf 'app\n[\n' >"$T/bad"
printf 'app\0\n' >"$T/binary"
: >"$T/empty"
head -c 2000000 /dev/zero | tr '\0' '\n' >"$T/huge"
refused "--keep '': it is empty" image prune -af --keep ""
refused "--keep 'app[': a set without its ']'" image prune -af --keep "app["
refused "--keep '!app': a line of a --keep-from file can take back" image prune -af --keep "!app"
refused "--keep-from $T/bad: line 2: '[': a set without its ']'" system prune -af --keep-from "$T/bad"
refused "--keep-from $T/missing: No such file or directory" image prune -af --keep-from "$T/missing"
refused "--keep-from $T/none: is a directory" image prune -af --keep-from "$T/none"
refused "--keep-from $T/binary: is no text: it holds NUL bytes" image prune -af --keep-from "$T/binary"
refused "--keep-from $T/empty: is empty" image prune -af --keep-from "$T/empty"
refused "--keep-from $T/huge: is larger than 1 MiB" image prune -af --keep-from "$T/huge"
refused "invalid argument \"0\" for \"--keep-last\" flag" image prune -af --keep-last 0
refused "unknown flag: --keep" container prune -f --keep app
refused "unknown flag: --keep-last" layer prune -f --keep-last 1
check "nothing of this has made anything in the data root" sh -c "! ls -A '$T/none' | grep ."

# --- what is kept
drydock image prune -a --dry-run --keep kit
check "a kept repository stays" says_not out "kit:side"
check "that of another registry is another one" says out "untagged: localhost:5000/team/kit:2"
check "how many are kept is said" says err \
	"drydock: note: 3 images that would go are kept by keep rules (-v names them)"
drydock image prune -a --dry-run --keep docker.io/library/kit:side -v
check "full names are names, too" eval 'says_not out "kit:side" && says out "untagged: kit:1"'
check "-v names the image and the rule" says err \
	"drydock: note: kept by --keep 'docker.io/library/kit:side': kit:side sha256:2fde23044850"
drydock image prune -a --dry-run --keep 'localhost:5000/*' --keep 'teapot:*'
check "wildcards cross slashes" says_not out "localhost:5000/team"
check "a rule that means nothing is told" says err \
	"drydock: note: --keep 'teapot:*' means no image that is here"
check "others are not" says_not err "localhost"
drydock image prune -a --dry-run --keep teapot -q
check "with -q nothing is said" is_empty err
drydock image prune -a --dry-run --keep sha256:66ac01c1f0f4
check "an ID keeps an image without a name" says_not out 66ac01c1f0f4
check "and what it was built on" says_not out 9dfc1f9a8507
drydock image prune -a --dry-run --keep-last 1
check "the newest of a repository stays" says_not out "kit:inline"
check "older ones go" eval 'says out "kit:side" && says out "untagged: kit:1"'
drydock image prune -a --dry-run --keep-last 2
check "or the two newest" eval 'says_not out "kit:side" && says out "untagged: kit:1"'
printf '# ours\nkit\n!kit:side' >"$T/list"
drydock image prune -a --dry-run --keep-from "$T/list" -v
check "a list keeps" says_not out "untagged: kit:1"
check "a list takes back" says out "untagged: kit:side"
check "file and line are named" says err \
	"drydock: note: kept by --keep-from $T/list line 2 'kit': kit:1 sha256:"
drydock image prune -a --dry-run --keep kit:1 --format json
check "JSON has what is kept, and why" python3 -c '
import json, sys
kept = json.load(open(sys.argv[1]))["kept"]
assert [(k["name"], k["rule"]) for k in kept] == [("kit:1", "--keep '\''kit:1'\''")], kept
assert kept[0]["image"].startswith("sha256:0694cb5cc3b5"), kept' "$T/out"
check "nothing of this has changed the data root" unchanged "$T/root" "$T/before"

# --- removing
drydock system prune -af --keep 'kit:*' --keep-from "$T/list" --format json
check "a prune with keep rules exits 0" exits 0
check "the JSON of a run has what was kept" python3 -c '
import json, sys
run = json.load(open(sys.argv[1]))
assert run["state"] == "done", run["state"]
assert [k["name"] for k in run["kept"]] == ["kit:1", "kit:side", "kit:inline"], run["kept"]' "$T/out"
drydock image ls
check "what is kept is there" eval 'says out "kit " && says out side && says out inline'
check "what is not kept is gone" says_not out "scratch"
drydock image prune -af
check "without the rules it goes" says out "untagged: kit:side"
plan $count

done_testing
