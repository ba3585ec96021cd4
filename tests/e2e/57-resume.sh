#!/bin/bash
# A prune is interrupted while it moves things away; dockerd runs, loads an image again that was to
# go, builds one, and stops; run resume finishes the rest, drops what is needed again, and all works.
# shellcheck source=tests/e2e/lib.sh disable=SC2016 # eval expands them
. "$(dirname "$0")/lib.sh"

dk() { lab docker "$T/try" "$@"; }
orphans() { "$BIN" --root "$1" layer ls --orphans --format jsonl -q 2>/dev/null | wc -l; }
# The tag of the image that goes with most of its layers.
going() {
	"$BIN" --root "$T/root" system prune -a --dry-run --format json -q 2>/dev/null | python3 -c '
import hashlib, json, sys
plan = json.load(sys.stdin)["actions"]
gone = {(action["kind"], action["object"]) for action in plan}
def chain(image):
    path = sys.argv[1] + "/image/overlay2/imagedb/content/sha256/" + image[7:]
    above = None
    for diff in json.load(open(path))["rootfs"].get("diff_ids") or []:
        above = diff if not above else "sha256:" + hashlib.sha256((above + " " + diff).encode()).hexdigest()
        yield above
tags = [(sum(("layer", layer) in gone for layer in chain(action["detail"])), action["object"]) for action in plan
        if action["kind"] == "untag" and "@" not in action["object"] and ("image", action["detail"]) in gone]
print(max(tags)[1])' "$T/root"
}

# interrupted SIGNAL N: a prune of all on $T/try ends as it moves the N-th thing.
interrupted() {
	status=0
	strace -qq -f -o /dev/null -e trace=renameat2 -e "inject=renameat2:signal=$1:when=$2" \
		"$BIN" --root "$T/try" --jobs 1 system prune -af </dev/null >"$T/out" 2>"$T/err" || status=$?
}

works() {
	lab start "$1" "$T/try" && dk run --rm --network none "$image" true && dk run --rm --network none built:1 true &&
		dk save "$image" built:1 | cat >/dev/null && lab stop "$T/try"
}

# resume_after VERSION NAME SIGNAL N
resume_after() {
	local version=$1 name="$2, $3 at rename $4"
	image=$(going)
	copy "$T/root" "$T/try"
	{
		lab start "$version" "$T/try"
		dk save -o "$T/image.tar" "$image"
		lab stop "$T/try"
	} >"$T/made.log" 2>&1 || note <"$T/made.log" >&2
	interrupted "$3" "$4"
	ok "$name: the run is unfinished" eval '[ "$status" -ne 0 ] && [ -d "$T/try/.drydock/1" ]'
	ok "$name: nothing new in dockerd's log" nothing_new "$version" "$T/try"
	mkdir -p "$T/context"
	printf 'FROM %s\nCOPY file /\nENV made=again\n' "$image" >"$T/context/Dockerfile"
	date >"$T/context/file"
	{
		lab start "$version" "$T/try"
		dk load -i "$T/image.tar"
		DOCKER_BUILDKIT=0 dk build --network none -t built:1 - < <(tar -C "$T/context" -c .)
		dk create --name again "$image" true
		lab stop "$T/try"
	} >"$T/made.log" 2>&1 || note <"$T/made.log" >&2
	drydock "$T/try" run resume
	ok "$name: resume after a daemon has loaded $image again and built on it" exits 0 4
	note <"$T/err"
	drydock "$T/try" run show 1 --format jsonl
	ok "$name: the run is done" grep -q '"state": *"done"' "$T/out"
	ok "$name: what is needed again is said to be dropped" grep -q '"dropped"' "$T/out"
	ok "$name: the loaded image and the built one work" works "$version"
	ok "$name: nothing new in dockerd's log after it" nothing_new "$version" "$T/try"
	lab inventory "$version" "$T/try" >"$T/must-stay"
	ok "$name: all that is there works ($(wc -l <"$T/must-stay") things)" verified "$version" "$T/try"
	drydock "$T/try" layer prune -f
	ok "$name: nothing is left that nobody needs" eval '[ "$(orphans "$T/try")" -eq 0 ]'
	rm -rf --one-file-system "$T/try" "$T/context" "$T/image.tar"
}

command -v strace >/dev/null || { echo "1..0 # SKIP strace is not installed"; exit 0; }
if lab install 20.10 2>"$T/install.err"; then
	root 20.10 rich-20.10
	resume_after 20.10 rich-20.10 TERM 60
	resume_after 20.10 rich-20.10 KILL 105
else
	echo "# SKIP 20.10: $(tail -n 1 "$T/install.err")"
fi
done_testing
