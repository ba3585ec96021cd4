# shellcheck shell=bash
# lib.sh - databases of a data root written anew by drydock's writer; needs e2e/lib.sh.

rewriter=$(dirname "$BIN")/tests/e2e/bolt/rewrite

# rewrite FILE: with the changes on stdin, in place, as drydock does it.
rewrite() {
	"$rewriter" "$1" "$1.new" &&
		chmod --reference="$1" "$1.new" && chown --reference="$1" "$1.new" && mv "$1.new" "$1"
}

# hex WORD...: a path of keys as the changes have it.
hex() {
	local word sep=
	for word in "$@"; do
		printf '%s%s' "$sep" "$(printf '%s' "$word" | od -An -v -tx1 | tr -d ' \n')"
		sep=/
	done
}
