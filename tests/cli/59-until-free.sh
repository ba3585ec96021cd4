#!/bin/sh
# --until-free removes only as much as is needed, what was last used longest ago first; on a file
# system of its own, because others would write to this one meanwhile.
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"

mkdir "$T/disk"
mount -t tmpfs -o size=400m,mode=0755 drydock-test "$T/disk" 2>"$T/mount.err" ||
	skip_all "cannot mount a file system: $(cat "$T/mount.err")"
trap 'umount "$T/disk"; rm -rf "$T"' EXIT
fixture rich-20.10 "$T/disk/root"
cp -a "$T/disk/root" "$T/whole"

count=0
check() {
	ok "$@"
	count=$((count + 1))
}
drydock() { run --root "$T/disk/root" "$@"; }
fresh() {
	rm -rf "$T/disk/root"
	cp -a "$T/whole" "$T/disk/root"
}
available() { df -B1 --output=avail "$T/disk" | tail -n 1 | tr -d ' '; }
# objects: what the last run in JSON has removed, or would.
objects() { python3 -c 'import json, sys
for row in json.load(open(sys.argv[1]))["objects"]: print(row["type"], row["object"])' "$T/out" | LC_ALL=C sort; }
frees() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["totals"]["allocated_bytes"])' "$T/out"; }
is_part() { [ -z "$(LC_ALL=C comm -23 "$1" "$2")" ]; }

# --- what is asked for
for size in 10X 0 -1 1e3 0x10 '' 0% 101% '1 0GB'; do
	drydock system prune -a --dry-run --until-free "$size"
	check "'$size' is no size" exits 16
done
for size in 1 1b 1.5k 1KB 1MiB '1 MB' 1% 0.5%; do
	drydock system prune -a --dry-run --until-free "$size"
	check "'$size' is one" exits 0
	check "'$size' is free already" says out 'Total reclaimable space: 0B'
	check "'$size': it is said" says err 'is free already'
done
drydock system prune -a --volumes --dry-run --until-free 1GB
check "volumes have no age" exits 16
drydock system prune -a --filter until=1h --dry-run --until-free 1GB
check "nor is there another moment" exits 16
drydock volume prune -a --dry-run --until-free 1GB
check "volume prune does not know it" exits 16

# --- how much goes
drydock system prune -af --dry-run --format json
objects >"$T/all"
all=$(frees)
free=$(available)
last=0
: >"$T/before"
for part in 1 10 50 90; do
	wanted=$((all * part / 100))
	drydock system prune -a --dry-run --format json --until-free $((free + wanted))
	objects >"$T/part"
	check "$part % of it: it exits 0" exits 0
	check "$part %: that frees enough ($(frees) of $wanted)" [ "$(frees)" -ge "$wanted" ]
	check "$part %: no more than all goes" is_part "$T/part" "$T/all"
	check "$part %: and not less than for less" [ "$(frees)" -ge "$last" ]
	check "$part %: what goes for less goes for more" is_part "$T/before" "$T/part"
	last=$(frees)
	cp "$T/part" "$T/before"
	[ "$part" -ne 1 ] || check "$part %: not all goes" [ "$(frees)" -lt "$all" ]
done
drydock system prune -a --dry-run --until-free $((free + all * 2))
check "more than there is: it is said" says err 'all of it is not enough'
check "and all goes" says out 'Would delete'

# --- doing it
drydock system prune -a --dry-run --format json --until-free $((free + all / 100))
objects >"$T/planned"
drydock system prune -af --format json --until-free $((free + all / 100))
check "it is done" exits 0
objects >"$T/done"
check "what was planned has gone" same "$T/planned" "$T/done"
check "so much is free" [ "$(available)" -ge $((free + all / 100)) ]
drydock run ls
check "the journal has what was asked for" says out '--until-free'
drydock system prune -af --until-free $((free + all / 100))
check "a second run finds enough" says err 'is free already'

# --- cut off, and resumed
if command -v strace >/dev/null; then
	fresh
	free=$(available)
	strace -f -qq -o /dev/null -e trace=renameat2 -e inject=renameat2:signal=KILL:when=3 \
		"$BIN" --root "$T/disk/root" system prune -af --until-free $((free + all / 100)) >"$T/out" 2>"$T/err"
	drydock run resume --format json
	check "cut off: run resume exits 0" exits 0
	drydock system prune -a --dry-run --format json
	objects >"$T/left"
	LC_ALL=C comm -23 "$T/all" "$T/planned" >"$T/should-be-left"
	check "and removes nothing else" is_part "$T/should-be-left" "$T/left"
fi
plan "$count"
done_testing
