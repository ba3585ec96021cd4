#!/bin/sh
# The real program, killed at a file-system call in the middle of each kind of prune: run resume
# reaches the end of a run that nothing has disturbed, tree and bytes, and finds nothing after it.
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"

KILLS=${KILLS:-6} # for each command, spread over all its calls
CALLS=renameat2,renameat,unlinkat,linkat

count=0
check() {
	ok "$@"
	count=$((count + 1))
}

command -v strace >/dev/null || skip_all "strace is not installed: nothing can be killed at a call"
strace -qq -o /dev/null true 2>/dev/null || skip_all "strace may not trace here"
fixture rich-20.10 "$T/whole"

fresh() {
	rm -rf "$T/root"
	cp -a "$T/whole" "$T/root"
}

# Everything but drydock's own directory, and without times, which a kill changes.
listing() {
	(cd "$T/root" && find . -path ./.drydock -prune -o ! -type f -printf '%p %y %m %U:%G %l\n' &&
		find . -path ./.drydock -prune -o -type f -exec sha256sum {} +) | LC_ALL=C sort
}

# killed N COMMAND...: the run is killed when it enters its N-th call.
killed() {
	number=$1
	shift
	! strace -qq -f -o /dev/null -e "trace=$CALLS" -e "inject=$CALLS:signal=KILL:when=$number" \
		"$BIN" --root "$T/root" --jobs 1 "$@" >/dev/null 2>&1
}

for command in "image prune -f" "image prune -af" "container prune -f" "system prune -af" \
	"system prune -af --filter label!=release=1 --keep kit:* --keep-last 1"; do
	fresh
	# shellcheck disable=SC2086 # the words of the command
	strace -qq -f -o "$T/calls" -e "trace=$CALLS" "$BIN" --root "$T/root" --jobs 1 $command \
		>/dev/null 2>&1
	total=$(grep -c -E 'renameat|unlinkat|linkat' "$T/calls")
	listing >"$T/end"
	number=1
	kills=0
	fresh
	# strace counts the calls of each thread: past the last of the first one, nothing is killed
	# shellcheck disable=SC2086 # the words of the command
	while killed "$number" $command; do
		run --root "$T/root" run resume
		check "$command: killed at call $number: resume exits 0" exits 0
		# killed before it was in the journal: there was nothing to resume
		# shellcheck disable=SC2086
		run --root "$T/root" $command
		listing >"$T/now"
		check "$command: killed at call $number: the end is the same" same "$T/end" "$T/now"
		check "$command: killed at call $number: no trash is left" sh -c \
			"[ -z \"\$(find '$T/root' -path '*/.drydock/*' -type d)\" ]"
		kills=$((kills + 1))
		number=$((number + (total + KILLS - 1) / KILLS))
		fresh
	done
	check "$command: was killed more than twice" [ "$kills" -gt 2 ]
done

plan "$count"
done_testing
