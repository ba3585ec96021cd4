#!/bin/bash
# What drydock removes is what dockerd removes: both get the same command, on copies of captured
# roots, and all that the daemon lists, that lies on the disk and that was said is compared. What only
# drydock sees is listed by name.
# shellcheck source=tests/e2e/oracle.sh
. "$(dirname "$0")/oracle.sh"

lab install 20.10 2>/dev/null
ORACLE_VERBS='^(container|image|system) prune -a?f$'
: >"$T/steps"
for name in seed-20.10 rich-20.10 leaky-20.10; do
	rm -rf --one-file-system "$T/root"
	fixture "$name" "$T/root"
	[ "$name" = leaky-20.10 ] || know_sizes 20.10 "$T/root" # a start would mend it
	[ "$name" = seed-20.10 ] || ORACLE_LOST=yes
	compare_all 20.10 "$name" "make e2e"
done
exceptions_told
done_testing
