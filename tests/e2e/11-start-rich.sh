#!/bin/bash
# The same as 10-start.sh on the root that has about everything: a file of its own, since it takes
# minutes and runs beside the others.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

lab install 20.10 2>/dev/null
root 20.10 rich-20.10
try 20.10 rich system prune -f
try 20.10 rich image prune -af
try 20.10 rich system prune -af
done_testing
