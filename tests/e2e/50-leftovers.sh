#!/bin/sh
# Every removable kind of leftover at once on one root: seven real crashes and what else can be made
# up. After a prune a real dockerd starts from it and all that is kept works.
# shellcheck source=tests/cli/lib.sh
. "$SRCDIR/tests/cli/lib.sh"
EXPECT=$T/expect
mkdir "$EXPECT"
# shellcheck source=tests/leftovers.sh
. "$SRCDIR/tests/leftovers.sh"
lab=$SRCDIR/tests/e2e/lab/lab
LAB_DIR=${LAB_DIR:-${TMPDIR:-/tmp}/drydock-lab}
LAB_AT=/var/lib/docker # where the fixture was captured
export LAB_DIR LAB_AT
R=$LAB_DIR/leftovers.$$
trap 'rm -rf --one-file-system "$T" "$R"' EXIT
mkdir -p "$LAB_DIR"
fixture leaky-20.10 "$R"
"$lab" install 20.10 >"$T/install" 2>&1 || skip_all "dockerd 20.10 cannot be installed"

drydock() { run --root "$R" "$@"; }

make_all() {
	expect_nothing
	for kind in $MADE_UP; do "make_$kind" || return; done
}

exists() { [ -e "$R/$1" ] || [ -L "$R/$1" ]; }
all_there() { while read -r path; do exists "$path" || { echo "$path" && return 1; }; done <"$EXPECT/gone"; }
all_gone() { while read -r path; do ! exists "$path" || { echo "$path" && return 1; }; done <"$EXPECT/gone"; }
names_all() { while read -r word; do says out "$word" || { echo "$word" && return 1; }; done <"$EXPECT/named"; }
nothing_leaks() { "$lab" census "$R" && [ -z "$(orphan_dirs)" ]; }
images_kept() { [ -n "$(image_of base:latest)" ] && [ -n "$(image_of keep:1)" ]; }
verify() {
	"$lab" verify 20.10 "$R" >"$T/verify" 2>&1 || { grep -v ^PASS "$T/verify"; return 1; }
	grep -q '^PASS image runs' "$T/verify" && grep -q '^PASS BuildKit build' "$T/verify"
}

ok 'every kind of leftover is there at once' make_all
ok 'all of it lies on the disk' all_there
drydock system prune -f
ok 'one prune exits 0' exits 0
ok 'all of it is named' names_all
ok 'all of it is gone' all_gone
ok 'no directory is left that nothing leads to' nothing_leaks
ok 'the tagged images are there' images_kept
drydock system prune -f
ok 'a second prune finds nothing' sh -c "[ \"\$(cat '$T/out')\" = 'Total reclaimed space: 0B' ]"
ok 'dockerd 20.10 starts, every image runs and saves, both builders build' verify
sed -n 's/^PASS /# /p' "$T/verify"

plan "$tests_done"
done_testing
