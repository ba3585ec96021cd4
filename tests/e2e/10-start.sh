#!/bin/bash
# After drydock dockerd starts with no new word in its log, everything that was not announced as
# deleted is still there, and all that is there works: images run, save and build, containers start.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

lab install 20.10 2>/dev/null

root 20.10 seed-20.10
try 20.10 seed system prune -f
try 20.10 seed system prune -af

root 20.10 leaky-20.10
try 20.10 leaky system prune -f
try 20.10 leaky layer prune -f
try 20.10 leaky image prune -af
done_testing
