#!/bin/bash
# A lint that cannot fail is no lint: each is run on a tiny tree with nothing wrong, and then
# with one thing wrong at a time.
set -euo pipefail
lint_dir=$(cd "$(dirname "$0")" && pwd)
top=$lint_dir/../..
T=$(mktemp -d "${TMPDIR:-/tmp}/drydock-lint.XXXXXX")
trap 'rm -rf "$T"' EXIT
export B=build/default
unset TIDY_FLAGS
n=0 failed=0

result() { # result OK WORDS
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else
		failed=$((failed + 1))
		echo "not ok $n - $2"
		sed 's/^/# /' "$T/out"
	fi
}

good_tree() {
	rm -rf "$T/tree"
	mkdir -p "$T/tree"/{gc,overlay2,metadata/base,tests/cli,.ci}
	cp "$top"/.clang-format "$top"/.clang-tidy "$T/tree/"
	write metadata/base/id.h '/* id.h - names. */' '#ifndef ID_H' '#define ID_H' 'int id_ok(int id);' '#endif'
	write metadata/base/id.c '/* id.c - names. */' '#include "metadata/base/id.h"' '' \
		'int id_ok(int id)' '{' $'\treturn id > 0;' '}'
	write tests/cli/lib.sh '#!/bin/sh' 'echo ok'
}

write() { local file=$1; shift; printf '%s\n' "$@" >"$T/tree/$file"; }

# The table of the real tree names files that this one has not: only the rest is judged.
run_lint() {
	local object source
	for source in "$T"/tree/{gc,overlay2,metadata/base}/*.c; do
		[ -e "$source" ] || continue
		object=$T/tree/$B/${source#"$T/tree/"}
		mkdir -p "${object%/*}"
		gcc -I"$T/tree" -D_GNU_SOURCE -w -c -o "${object%.c}.o" "$source" 2>/dev/null || continue
		touch -d '+1 second' "${object%.c}.o"
	done
	"$lint_dir/$1" "$T/tree" >"$T/out" 2>&1
}

passes() {
	good_tree
	local status=0
	run_lint "$1" || status=1
	result "$status" "$1 has nothing against a good tree"
}

# fails LINT WORDS FILE LINE...: LINT fails on the good tree with FILE added, and names FILE.
fails() {
	local lint=$1 words=$2 file=$3 status=0
	shift 2
	good_tree
	write "$@"
	! run_lint "$lint" && grep -q "^# $file" "$T/out" || status=1
	result "$status" "$lint sees $words"
}

for lint in "$lint_dir"/[0-8]*.sh; do passes "${lint##*/}"; done

head='/* bad.c - bad. */'
fails 10-format.sh "a misplaced brace" gc/bad.c "$head" 'int bad(void) { return 1; }'
# shellcheck disable=SC2016 # it is the flaw
fails 20-shell.sh "an unquoted variable" tests/cli/bad.sh '#!/bin/sh' 'rm $1'
fails 30-layers.sh "an arrow from metadata to gc" metadata/bad.c "$head" '#include "gc/graph/graph.h"'
fails 30-layers.sh "an arrow from metadata to overlay2" metadata/bad.c "$head" '#include "overlay2/erase.h"'
fails 30-layers.sh "an arrow from overlay2 to metadata" overlay2/bad.c "$head" '#include "metadata/layer.h"'
fails 30-layers.sh "an arrow from the base to what is above it" metadata/base/bad.c "$head" '#include "metadata/layer.h"'
fails 30-layers.sh "an include that is not named from the top" gc/bad.c "$head" '#include "graph.h"'
fails 30-layers.sh "SQLite outside the journal" gc/bad.c "$head" '#include <sqlite3.h>'
fails 30-layers.sh "libcrypto outside the digest" gc/bad.c "$head" '# include <openssl/evp.h>'
fails 40-destructive.sh "unlinkat" metadata/base/bad.c "$head" '#include <unistd.h>' 'int bad(void) { return unlinkat(3, "x", 0); }'
fails 40-destructive.sh "rmdir through a pointer" gc/bad.c "$head" '#include <unistd.h>' 'int (*bad)(const char *) = rmdir;'
fails 40-destructive.sh "O_CREAT" gc/bad.c "$head" '#include <fcntl.h>' 'int bad(void) { return openat(3, "x", O_CREAT, 0600); }'
fails 40-destructive.sh "system" gc/bad.c "$head" '#include <stdlib.h>' 'int bad(void) { return system("rm x"); }'
fails 50-shape.sh "a first line that does not say what for" gc/bad.c '/* something */'
fails 50-shape.sh "a first line with another name" gc/bad.c '/* good.c - something. */'
# shellcheck disable=SC2046 # one word a line
fails 50-shape.sh "a long file" gc/bad.c "$head" $(seq 400)
fails 50-shape.sh "a name that says nothing" gc/util.c '/* util.c - this and that. */'
fails 50-shape.sh "a test that cannot be executed" tests/cli/10-bad.sh "#!/bin/sh"
fails 50-shape.sh "a path of one machine" tests/cli/bad.sh '#!/bin/sh' "cd ""/work/main"
fails 60-tidy.sh "six levels of nesting" gc/bad.c "$head" 'int bad(int a);' 'int bad(int a)' \
	'{ if (a) { if (a > 1) { if (a > 2) { if (a > 3) { if (a > 4) { if (a > 5) { return 1; } } } } } } return 0; }'
echo "1..$n"
[ "$failed" -eq 0 ]
