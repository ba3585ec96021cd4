#!/bin/bash
# drydock against dockerd on a root that a seed makes, with 20.10: every verb without a filter, and
# every third one with filters; 22-random-28.sh has other ones. "make oracle" is the long run.
# shellcheck source=tests/e2e/oracle.sh
. "$(dirname "$0")/oracle.sh"

lab install 20.10 2>/dev/null
ORACLE_SHARE=0/3
seed 20.10 1
found_out 20.10 "image prune -f"
exceptions_told
done_testing
