#!/bin/bash
# What is in quarantine stays out of dockerd's way while that runs; a rollback afterwards brings all
# of it back beside what has been made since, and dockerd works with both.
# shellcheck source=tests/e2e/lib.sh disable=SC2016 # eval expands them
. "$(dirname "$0")/lib.sh"

dk() { lab docker "$T/try" "$@"; }
# The first image of the fixture that has a tag and layers.
tagged() { dk images --format '{{.Repository}}:{{.Tag}}' | grep -v '<none>' | LC_ALL=C sort | head -n 1; }
orphans() { "$BIN" --root "$T/try" layer ls --orphans --format jsonl -q 2>/dev/null | wc -l; }
has_new() {
	lab start "$1" "$T/try" && dk image inspect made:1 >/dev/null && dk inspect later >/dev/null &&
		dk volume inspect mine >/dev/null && dk start later >/dev/null && lab stop "$T/try"
}

# available VERSION: it can be had; else says why not.
available() {
	lab install "$1" 2>"$T/install.err" && return 0
	echo "# SKIP $1: $(tail -n 1 "$T/install.err")"
	return 1
}

# A daemon has run between the two, and something has been made.
make_between() {
	local version=$1 name=$2
	root "$version" "$name"
	mkdir -p "$T/base/bin"
	cp "$LAB_DIR/tools/bin/busybox" "$T/base/bin/sh"
	copy "$T/root" "$T/try"
	drydock "$T/try" system prune -af --volumes --quarantine
	ok "$name: in quarantine" exits 0
	ok "$name: nothing new in dockerd's log" nothing_new "$version" "$T/try"
	{
		lab start "$version" "$T/try"
		tar -C "$T/base" -c . | dk import - made:1
		dk volume create mine
		dk create --name later -v mine:/data made:1 sh
		lab stop "$T/try"
	} >"$T/made.log" 2>&1 || note <"$T/made.log" >&2
	drydock "$T/try" run rollback 1
	ok "$name: a rollback after a daemon has run" exits 0
	note <"$T/err"
	cp "$T/inventory" "$T/must-stay"
	ok "$name: all that was there works ($(wc -l <"$T/must-stay") things)" verified "$version" "$T/try"
	ok "$name: so does what was made since" has_new "$version"
	ok "$name: there are no orphans" [ "$(orphans)" -eq "$("$BIN" --root "$T/root" layer ls --orphans --format jsonl -q 2>/dev/null | wc -l)" ]
	rm -rf --one-file-system "$T/try"
}

# What does not go back, and why: as a dry run lists it, and as the run itself says it.
foreseen() { sed '1,/^Cannot be restored:$/d; /^$/,$d; s/^tag /untag /' | LC_ALL=C sort; }
said() { sed -nE 's/^drydock: warning: [a-z]+: ([a-z ]+ .*: .*)/\1/p' "$T/err" | LC_ALL=C sort; }

# The same image comes back by another way, and a network has the addresses of one that went.
load_between() {
	local version=$1 name=$2 image subnet
	root "$version" "$name"
	copy "$T/root" "$T/try"
	{
		lab start "$version" "$T/try"
		image=$(tagged)
		dk save -o "$T/image.tar" "$image"
		subnet=$(dk network inspect -f '{{(index .IPAM.Config 0).Subnet}}' backend)
		lab stop "$T/try"
	} >"$T/made.log" 2>&1
	drydock "$T/try" system prune -af --volumes --quarantine
	{
		lab start "$version" "$T/try"
		dk load -i "$T/image.tar"
		dk network create --subnet "$subnet" other
		lab stop "$T/try"
	} >"$T/made.log" 2>&1 || note <"$T/made.log" >&2
	drydock "$T/try" run rollback 1 --dry-run
	ok "$name: $image was loaded again: a dry run of a rollback" exits 0
	foreseen <"$T/out" >"$T/foreseen"
	drydock "$T/try" run rollback 1 -v
	ok "$name: a rollback says what waits" exits 4
	ok "$name: that a network has its addresses, too" grep -q 'network other has its addresses now' "$T/err"
	ok "$name: the dry run had said it all" diff "$T/foreseen" <(said)
	note <"$T/err"
	{
		lab start "$version" "$T/try"
		dk network rm other
		lab stop "$T/try"
	} >"$T/made.log" 2>&1
	drydock "$T/try" run rollback 1
	ok "$name: without that network the old one goes back, too" eval \
		'[ "$status" -eq 4 ] && ! grep -q "warning: .*: network" "$T/err"'
	drydock "$T/try" run commit 1 -f
	ok "$name: $image: the rest is erased" exits 0
	cp "$T/inventory" "$T/must-stay"
	ok "$name: $image: all that was there works" verified "$version" "$T/try"
	drydock "$T/try" layer prune -f
	ok "$name: $image: nothing is left that nobody needs but what was there before" eval \
		'[ "$(orphans)" -eq 0 ]'
	rm -rf --one-file-system "$T/try"
}

! available 20.10 || make_between 20.10 rich-20.10
! available 28.5 || load_between 28.5 kit-28.5
done_testing
