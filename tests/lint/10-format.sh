#!/bin/bash
# Every C file is as clang-format would write it.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"
fault_lines < <(sources | xargs -r clang-format --dry-run --Werror 2>&1 | grep -E '^[^ ]+:[0-9]+:' || true)
verdict "C files are formatted"
