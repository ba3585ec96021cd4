#!/bin/bash
# Nothing to complain about in any shell script, says shellcheck.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"
fault_lines < <(scripts | xargs -r shellcheck -x -P SCRIPTDIR:. -f gcc || true)
verdict "shell scripts are clean"
