#!/bin/sh
# --quarantine moves away and erases nothing; run rollback puts all of it back as it was, run commit
# erases it; what has been made since is left alone.
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"

count=0
check() {
	ok "$@"
	count=$((count + 1))
}
drydock() { run --root "$T/root" "$@"; }
fresh() {
	rm -rf "$T/root"
	cp -a "$T/$1" "$T/root"
}
picture() { python3 "$SRCDIR/tests/cli/picture.py" "$T/root"; }
looks_as() { picture | diff "$1" -; }
inodes() { find "$T/root" -path "$T/root/.drydock/journal.db" -prune -o -print | wc -l; }
# state N WORD: run N is in that state.
state() {
	drydock run ls --format json
	python3 - "$T/out" "$1" "$2" <<-'PYTHON'
		import json, sys
		rows = {row["run"]: row["state"] for row in json.load(open(sys.argv[1]))["runs"]}
		sys.exit(rows.get(int(sys.argv[2])) != sys.argv[3])
	PYTHON
}

# --- everything back
for name in rich-20.10 kit-28.5 nets-28.5 leaky-20.10; do
	fixture "$name" "$T/$name"
	fresh "$name"
	mkdir "$T/root/.drydock" # or making it changes the time of the root
	drydock system df
	picture >"$T/before"
	before=$(inodes)
	drydock system prune -af --volumes --quarantine
	check "$name: --quarantine exits 0" exits 0
	check "$name: it lists what went" says out 'Deleted '
	check "$name: it does not say that it has reclaimed anything" says_not out "reclaimed space"
	check "$name: it says what frees it, and what brings it back" says err "'drydock run commit 1' frees that, 'drydock run rollback 1' puts everything back"
	check "$name: nothing has been erased" [ "$(inodes)" -ge "$before" ]
	check "$name: it is in quarantine" state 1 quarantined
	drydock system prune -af --volumes
	check "$name: a second prune finds nothing" says out 'Total reclaimed space: 0B'
	check "$name: and says what waits" says err 'run 1 (system prune --all --volumes) is in quarantine and takes its space'
	drydock system df
	check "$name: so does system df" says err "'drydock run rollback 1' puts everything back"

	snapshot "$T/root" >"$T/waiting"
	drydock run rollback 1 --dry-run
	check "$name: a dry run of a rollback exits 0" exits 0
	check "$name: it says what would come back" says out 'Would restore '
	check "$name: and changes nothing" unchanged "$T/root" "$T/waiting"
	drydock run rollback 1
	check "$name: a rollback exits 0" exits 0
	check "$name: it says nothing on stderr" is_empty err
	check "$name: everything is as it was" looks_as "$T/before"
	check "$name: nothing is left in the trash" [ ! -e "$T/root/.drydock/1" ]
	check "$name: the run is over" state 1 rolled-back
	drydock run rollback 1
	check "$name: a second rollback is refused" exits 8
	check "$name: with the reason" says err 'run 1 is rolled-back: there is nothing to take back'
done

# --- beside a record that is damaged now: it keeps nothing away from what comes back
fresh rich-20.10
drydock system prune -af --volumes --quarantine
kept=$(find "$T/root/containers" -name config.v2.json | LC_ALL=C sort | head -n 1)
echo garbage >"$kept"
drydock system prune -af --dry-run
check "a damaged record: a prune exits 4" exits 4
drydock run rollback 1
check "a damaged record: it is said" says err container-unreadable
check "a damaged record: all is back, a rollback exits 0" exits 0

# --- erased after all
fresh rich-20.10
drydock system prune -af
picture >"$T/swept"
fresh rich-20.10
drydock system prune -af --quarantine
drydock run commit 1
check "commit asks" exits 16
drydock run commit 1 --dry-run
check "a dry run of a commit exits 0" exits 0
check "and erases nothing" [ -e "$T/root/.drydock/1" ]
drydock run commit 1 -f
check "commit -f exits 0" exits 0
check "it says what that has freed" says out 'Freed on disk: '
check "and Docker's total" says out 'Total reclaimed space: '
check "nothing is left in the trash" [ ! -e "$T/root/.drydock/1" ]
check "what stays is what a prune leaves" sh -c "python3 '$SRCDIR/tests/cli/picture.py' '$T/root' | cut -d' ' -f1-3 >'$T/now'; cut -d' ' -f1-3 '$T/swept' | diff - '$T/now'"
drydock run commit 1 -f
check "a second commit is refused" exits 8
check "with the reason" says err 'run 1 is done: there is nothing to commit'
drydock run rollback 1
check "so is a rollback" says err 'run 1 is done: there is nothing to take back'
drydock run rollback 7
check "a run that is not there is refused" says err 'there is no run 7'
drydock run rollback x
check "and what is no number" exits 16

# --- what is in the way
fresh rich-20.10
drydock system prune -af --volumes --quarantine --format json
container=$(python3 - "$T/out" <<-'PYTHON'
	import json, sys
	print([a["path"] for a in json.load(open(sys.argv[1]))["actions"] if a["kind"] == "container"][0])
PYTHON
)
mkdir "$T/root/$container"
echo mine >"$T/root/$container/mine"
drydock run rollback 1
check "what is in the way: exit status 4" exits 4
check "it is said" says err 'exists already'
check "and what can be done" says err "could not be put back and wait: 'drydock run rollback 1' tries again"
check "it is left alone" grep -qx mine "$T/root/$container/mine"
check "the rest is back" [ "$("$BIN" --root "$T/root" -q image ls -a --format jsonl 2>/dev/null | wc -l)" -gt 5 ]
check "what waits is in quarantine" state 1 quarantined
rm -r "${T:?}/root/$container"
drydock run rollback 1
check "once the way is free it goes back, too" exits 0
check "all of it" state 1 rolled-back

# --- two runs, the later one first
fresh rich-20.10
mkdir "$T/root/.drydock"
drydock system df
picture >"$T/before"
drydock container prune -f --quarantine
drydock image prune -af --quarantine
drydock run rollback 1
check "a container whose image is in another quarantine waits" exits 4
check "with the reason" says err 'needs '
drydock run rollback 2
check "the later run goes back" exits 0
drydock run rollback 1
check "and then the earlier one" exits 0
check "both: all that was there is there" sh -c "python3 '$SRCDIR/tests/cli/picture.py' '$T/root' | cut -d' ' -f1-3 >'$T/now'; cut -d' ' -f1-3 '$T/before' | diff - '$T/now'"

# --- a run that was cut off
if command -v strace >/dev/null; then
	fresh rich-20.10
	mkdir "$T/root/.drydock"
	drydock system df
	picture >"$T/before"
	strace -f -qq -o /dev/null -e trace=renameat2 -e inject=renameat2:signal=KILL:when=40 \
		"$BIN" --root "$T/root" system prune -af --volumes >"$T/out" 2>"$T/err"
	drydock run rollback 1
	check "cut off while it moved things: a rollback exits 0" exits 0
	check "everything is as it was" looks_as "$T/before"
else
	check "SKIP strace is not installed: nothing can be killed" true
fi
plan "$count"
done_testing
