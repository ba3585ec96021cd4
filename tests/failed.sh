#!/bin/bash
# failed.sh LOGS - what the tests that failed have said, once more and together: it is lost among
# thousands of lines where it was said. LOGS has a file for each test (exec.sh).
cd "$1" || exit
for log in ./*; do
	# no check failed: all that was planned was done
	if ! grep -q '^not ok' "$log"; then
		planned=$(sed -n 's/^1\.\.\([0-9]*\).*/\1/p' "$log")
		[ "${planned:-none}" != "$(grep -c '^ok' "$log")" ] || continue
		printf '\n%s ended early:\n' "${log#./}"
		tail -n 20 "$log"
		continue
	fi
	printf '\n%s:\n' "${log#./}"
	# a check, and the words that come with it, before or after
	grep -B 3 -A 12 '^not ok' "$log" | grep -v '^ok' | head -n 60
done
