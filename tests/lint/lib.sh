# shellcheck shell=bash
# lib.sh - what every lint shares: the tree to look at, and its verdict as TAP.
# A lint is `NN-name.sh [TREE]`: one test, which fails with a line for each fault.
set -euo pipefail
lint_home=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "${1:-$lint_home/../..}"
faults=0

sources() { find gc overlay2 metadata tests -name '*.[ch]' 2>/dev/null | LC_ALL=C sort; }
scripts() {
	{
		find tests .ci fixtures -type f -name '*.sh' 2>/dev/null
		grep -rlIE --exclude-dir=.git --exclude-dir=build --exclude='*.*' '^#!/bin/(ba)?sh' . 2>/dev/null | sed 's,^\./,,'
	} | LC_ALL=C sort -u
}

# code FILE: the file without comments and without the text of its strings; lines stay lines.
code() { gcc -fpreprocessed -dD -E "$1" 2>/dev/null | grep -v '^# ' | sed -E 's/"([^"\\]|\\.)*"/""/g'; }

fault() { printf '# %s\n' "$*" >&2; faults=$((faults + 1)); }
# Reads "FILE:LINE:..." lines or any other text; every line is a fault.
fault_lines() { local line; while IFS= read -r line; do fault "$line"; done; }

verdict() {
	echo 1..1
	if [ "$faults" -eq 0 ]; then echo "ok 1 - $1"; else echo "not ok 1 - $1 ($faults faults)"; fi
	[ "$faults" -eq 0 ]
}
