#!/bin/sh
# mutate.sh - promise 6 on captured data roots: any byte of any record changed gives an error that
# names the file, or a plan that removes nothing more (see mutate.c).
# MUTATE_MAX bytes of each file are changed (default 3; 0: all), the same ones for a MUTATE_SEED.
set -u
: "${B:?folder of the build}" "${SRCDIR:?path of the sources}"
[ -n "${TMPDIR:-}" ] || [ ! -w /dev/shm ] || export TMPDIR=/dev/shm
max=${MUTATE_MAX:-3} seed=${MUTATE_SEED:-1}
[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP needs root to unpack a data root"; exit 0; }
dir=$(mktemp -d "${TMPDIR:-/tmp}/drydock-mutate.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0
number=0

echo 1..4
for name in seed-20.10 rich-20.10 killed-run-20.10 nets-28.5; do
	number=$((number + 1))
	"$SRCDIR/tests/fixture.sh" "$name" "$dir/$name" || exit 1
	find "$dir/$name"/overlay2/*/diff -mindepth 1 -delete # what is in the layers is no matter
	result=ok
	"$B/tests/fuzz/mutate" "$dir/$name" "$max" "$seed" >"$dir/out" 2>&1 || result="not ok"
	sed 's/^\([^#]\)/# \1/' "$dir/out"
	echo "$result $number - no changed byte of $name costs anything that is needed"
	[ "$result" = ok ] || failed=1
	rm -rf "${dir:?}/$name"
done
exit "$failed"
