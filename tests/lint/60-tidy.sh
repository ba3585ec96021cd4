#!/bin/bash
# clang-tidy finds nothing. One file a process: several in one give false alarms (version 14).
# A file that was clean is not looked at again until it, a header or the checks change.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

stamps=${B:-build/default}/tidy
default="-std=gnu11 -I. -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DVERSION='\"x\"'"
flags=${TIDY_FLAGS:-$default}
mkdir -p "$stamps"
rules=$({ clang-tidy --version; cat .clang-tidy; } | sha256sum)

tidy_one() {
	local file=$1 key
	local -a args
	eval "args=($flags)"
	key=$({ echo "$rules"; clang -E -C "${args[@]}" "$file" 2>&1 || true; } | sha256sum | cut -c1-32)
	[ ! -e "$stamps/$key" ] || return 0
	if clang-tidy --quiet "$file" -- "${args[@]}" >"$stamps/$key.out" 2>/dev/null; then
		mv "$stamps/$key.out" "$stamps/$key"
	else
		grep -E '^[^ ]+:[0-9]+:[0-9]+: (error|warning)' "$stamps/$key.out" | sed "s,^$PWD/,,"
		rm -f "$stamps/$key.out"
	fi
}
tidy_report() { tidy_one "$1" || echo "$1: clang-tidy could not run"; }
export -f tidy_one tidy_report
export stamps flags rules
# shellcheck disable=SC2016 # the inner shell expands it
fault_lines < <(sources | grep '\.c$' |
	xargs -r -n 1 -P "$(nproc)" bash -c 'tidy_report "$0"')
verdict "clang-tidy finds nothing"
