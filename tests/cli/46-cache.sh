#!/bin/sh
# The build cache: what builder prune takes, with -a and filters; what stays; damage stops it. The
# rich root is of 20.10, the kit root of 28.5, which also keeps a history of builds.
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"
fixture rich-20.10 "$T/rich"
fixture kit-28.5 "$T/kit"

count=0
check() {
	ok "$@"
	count=$((count + 1))
}

drydock() { run --root "$T/root" "$@"; }
again() {
	rm -rf "$T/root"
	cp -a "$T/$1" "$T/root"
}

# records WHAT: how many lines of `builder du` have it; all: every line.
records() {
	"$BIN" --root "$T/root" --read-only --format json builder du >"$T/du"
	python3 - "$T/du" "$1" <<-'PYTHON'
		import json, sys
		rows = json.load(open(sys.argv[1]))["build_cache"]
		print(len([r for r in rows if sys.argv[2] == "all" or r.get(sys.argv[2]) is True or r["type"] == sys.argv[2]]))
	PYTHON
}
has_records() { [ "$(records "$1")" -eq "$2" ] || { echo "$(records "$1") records that are $1, not $2"; return 1; }; }
dir_count() { find "$T/root/overlay2" -mindepth 1 -maxdepth 1 -type d ! -name l | wc -l; }
no_orphans() {
	"$BIN" --root "$T/root" --read-only --format jsonl layer ls --orphans >"$T/orphans" && [ ! -s "$T/orphans" ]
}

for name in rich kit; do
	again "$name"
	shared=$(records is_shared)
	total=$(records all)
	before=$(dir_count)
	check "$name: there is something to keep, and something to prune" [ "$shared" -gt 0 -a "$total" -gt "$shared" ]
	check "$name: there are no orphans" no_orphans

	snapshot "$T/root" >"$T/before"
	drydock builder prune --dry-run
	check "$name: a dry run exits 0" exits 0
	check "$name: a dry run says what would go" says out 'Would delete build cache objects:'
	check "$name: a dry run changes nothing" unchanged "$T/root" "$T/before"

	drydock builder prune -f
	check "$name: builder prune exits 0" exits 0
	check "$name: it says nothing on stderr" is_empty err
	check "$name: it lists what went as docker does" sh -c "head -n 1 '$T/out' | grep -qx 'Deleted build cache objects:'"
	check "$name: one line for each that du had" sh -c "[ \"\$(grep -cE '^[a-z0-9]{25}\$' '$T/out')\" -eq $((total - shared)) ]"
	check "$name: what images share stays" has_records is_shared "$shared"
	check "$name: nothing else does" has_records all "$shared"
	check "$name: directories are gone" [ "$(dir_count)" -lt "$before" ]
	check "$name: no orphan is left" no_orphans
	drydock image ls -a
	cp "$T/out" "$T/images"
	drydock builder prune -f
	check "$name: a second run finds nothing" grep -qx 'Total reclaimed space: 0B' "$T/out"
	drydock image ls -a
	check "$name: every image is there" same "$T/images" "$T/out"

	drydock builder prune -af
	check "$name: builder prune -a exits 0" exits 0
	check "$name: no record is left" has_records all 0
	check "$name: no layer of an image is lost" no_orphans
	drydock builder prune -af
	check "$name: a second run of it finds nothing" grep -qx 'Total reclaimed space: 0B' "$T/out"

	again "$name"
	drydock builder prune -af
	check "$name: -a takes all at once, too" has_records all 0
	check "$name: and leaves no orphan" no_orphans
	check "$name: $total lines say so" sh -c "[ \"\$(grep -cE '^[a-z0-9]{25}\$' '$T/out')\" -eq $total ]"
done
again rich
drydock builder prune -af
check "without a history of builds buildkit/ goes as a whole" [ ! -e "$T/root/buildkit" ]
again kit
cp "$T/root/buildkit/history.db" "$T/history.db"
drydock builder prune -af
check "a history of builds stays" cmp "$T/history.db" "$T/root/buildkit/history.db"
check "with all that it names" sh -c \
	"diff -r '$T/kit/buildkit/content' '$T/root/buildkit/content'"

# --- filters
again rich
drydock builder prune -af --filter type=source.local
check "a filter by type takes this type" has_records source.local 0
check "and no other" has_records exec.cachemount 1
again rich
snapshot "$T/root/buildkit" >"$T/before"
drydock builder prune -af --filter until=876000h
check "until keeps what was used since" grep -qx 'Total reclaimed space: 0B' "$T/out"
check "and writes nothing" unchanged "$T/root/buildkit" "$T/before"

# --- with the other prunes
again kit
drydock system prune -f
check "system prune takes dangling build cache, too" says out 'Deleted build cache objects:'
check "and keeps what images share" [ "$(records all)" -gt 0 ]
again kit
total=$(records all)
drydock image prune -af
check "image prune leaves the build cache alone" has_records all "$total"
again kit
drydock system prune -af
check "system prune -a takes all of it" has_records all 0
check "layers that only the cache held go with it" sh -c \
	"[ -z \"\$(find '$T/root/image/overlay2/layerdb/sha256' -mindepth 1 -maxdepth 1)\" ]"
check "and all directories" [ "$(dir_count)" -eq 0 ]

# --- damage
again rich
printf 'damage' | dd of="$T/root/buildkit/snapshots.db" bs=1 seek=8200 conv=notrunc 2>/dev/null
printf 'damage' | dd of="$T/root/buildkit/snapshots.db" bs=1 seek=12300 conv=notrunc 2>/dev/null
before=$(dir_count)
drydock builder prune -af
check "a cache that cannot be read exits 4" exits 4
check "it is named" says err snapshots.db
check "nothing of it goes" [ "$(dir_count)" -eq "$before" ]
plan "$count"
done_testing
