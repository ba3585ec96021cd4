#!/bin/sh
# A journal that cannot be used never blocks for ever: the error names the file and what to do, and
# that works. One of an older drydock is brought up to date, one of a copied root is told apart.
# shellcheck disable=SC2016 # what `eval` is given is expanded there
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"

count=0
check() {
	ok "$@"
	count=$((count + 1))
}
drydock() { run --root "$T/root" "$@"; }
journal=$T/root/.drydock/journal.db
sql() { python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.executescript(sys.argv[2])' "$journal" "$1"; }

command -v strace >/dev/null || skip_all "strace is not installed: nothing can be stopped at a call"
strace -qq -o /dev/null true 2>/dev/null || skip_all "strace may not trace here"
fixture rich-20.10 "$T/root"
strace -qq -f -o /dev/null -e trace=renameat2 -e inject=renameat2:signal=INT:when=30 \
	"$BIN" --root "$T/root" --jobs 1 system prune -af >"$T/out" 2>"$T/err"
status=$?
check "a run is interrupted" exits 32
check "what it has moved is there" [ -d "$T/root/.drydock/1" ]
cp -a "$T/root/.drydock" "$T/state"
again() {
	rm -rf "$T/root/.drydock"
	cp -a "$T/state" "$T/root/.drydock"
}
# refused STATUS WORDS: by all that need the journal; what only looks at the root goes on
refused() {
	refused_status=$1
	shift
	snapshot "$T/root/.drydock" >"$T/before"
	for command in "system prune -f" "run resume" "run ls"; do
		# shellcheck disable=SC2086 # the words of the command
		drydock $command
		check "$case: '$command' exits $refused_status" exits "$refused_status"
		check "$case: '$command' names the file" says err "$journal: "
		for words in "$@"; do
			check "$case: '$command' says: $words" says err "$words"
		done
	done
	drydock system df
	check "$case: 'system df' works" exits 0
	check "$case: nothing has been written" unchanged "$T/root/.drydock" "$T/before"
}

case="a damaged page"
python3 -c 'import os, sys
with open(sys.argv[1], "r+b") as file:
    file.seek(4096)
    file.write(os.urandom(4096))' "$journal"
refused 4 "move it away to go on without it"
case="no database"
head -c 20000 /dev/urandom >"$journal"
refused 4 "file is not a database" "move it away to go on without it"
case="a newer drydock's"
again
sql "PRAGMA user_version=99"
refused 8 "was made by a newer drydock (schema 99, this one knows" "another --state-dir"

# --- --state-dir
again
head -c 20000 /dev/urandom >"$journal"
cp -a "$T/root" "$T/saved"
mkdir "$T/elsewhere"
drydock --state-dir "$T/elsewhere" system prune -af
check "--state-dir: prune works beside a damaged journal" exits 4 # what is lost is left
check "--state-dir: what the lost run has moved is named" says err "$T/root/.drydock/1: was moved there by a run that no journal knows"
check "--state-dir: and stays" [ -d "$T/root/.drydock/1" ]
drydock --state-dir "$T/elsewhere" system prune -af --dry-run --exit-code
check "--state-dir: nothing is left to do" eval 'exits 0 && says err "no journal knows"'

# --- moving it away
rm -rf "$T/root"
mv "$T/saved" "$T/root"
printf '%04096d' 7 >"$journal-journal" # as a write that was cut off leaves one
mv "$journal" "$journal.damaged"
drydock system prune -af
check "moved away: prune works" exits 4
check "moved away: what the lost run has moved is named" says err "$T/root/.drydock/1: was moved there by a run that no journal knows"
check "moved away: its directory is not the new run's" eval '[ -d "$T/root/.drydock/1" ] && [ ! -e "$T/root/.drydock/2" ]'
drydock run ls --format json
check "moved away: the new run has a number of its own" grep -q -E '"run": ?2' "$T/out"
rm -r "$T/root/.drydock/1"
drydock system prune -af
check "moved away: without that directory nothing is said" eval 'exits 0 && says_not err "no journal knows"'

# --- one run that cannot be read
rm -rf "$T/root"
fixture rich-20.10 "$T/root"
strace -qq -f -o /dev/null -e trace=renameat2 -e inject=renameat2:signal=INT:when=30 \
	"$BIN" --root "$T/root" --jobs 1 system prune -af >"$T/out" 2>"$T/err"
cp -a "$T/root" "$T/copy"
sql "UPDATE step SET kind='teapot' WHERE seq=9"
drydock system prune -f
check "a damaged step: prune is refused, and says how to go on" eval \
	'exits 4 && says err "$journal: " && says err "\`drydock run forget 1\` gives the run up"'
drydock run forget 1
check "a damaged step: run forget works" exits 0
drydock system prune -af
check "a damaged step: then prune works, and says what is left" eval \
	'exits 4 && says err "$T/root/.drydock/1: is what run 1, which was given up, had moved away; it can be removed by hand"'
drydock system prune -af --dry-run --exit-code
check "a damaged step: nothing is left to do" exits 0
rm -r "$T/root/.drydock/1"
drydock system prune -af
check "a damaged step: nor to say" eval 'exits 0 && says_not err .drydock/1'

# --- a copy of the root
rm -rf "$T/root"
mv "$T/copy" "$T/root"
drydock run resume
check "a copied root: the run of the other one is not resumed" eval \
	'exits 8 && says err "was interrupted on another data root" && says err "\`drydock run forget 1\` gives it up"'
drydock system prune -af
check "a copied root: prune is refused with the same words" eval 'exits 8 && says err "run forget 1"'
drydock run forget 1
check "a copied root: run forget works" exits 0

# --- an older drydock's
sql "ALTER TABLE run DROP COLUMN work; ALTER TABLE run DROP COLUMN archive; DROP TABLE dir; PRAGMA user_version=1;"
cp "$journal" "$T/older"
drydock run ls --format json
check "an older drydock's: is read" eval 'exits 0 && grep -q -E "\"state\": ?\"forgotten\"" "$T/out"'
check "an older drydock's: looking changes nothing" cmp "$T/older" "$journal"
drydock system prune -af
check "an older drydock's: prune works" exits 4
drydock run ls --format json
check "an older drydock's: has both runs then" eval \
	'grep -q -E "\"run\": ?1" "$T/out" && grep -q -E "\"run\": ?2" "$T/out"'

plan "$count"
done_testing
