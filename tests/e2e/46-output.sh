#!/bin/bash
# What drydock prints is what docker's client prints: the same prunes, one after another, on two
# copies of a root, by both. The order within a list is random in Docker, so lists are sorted; that
# of containers is not.
# shellcheck source=tests/e2e/lib.sh disable=SC2016 # eval expands them
. "$(dirname "$0")/lib.sh"

command -v script >/dev/null || { echo "1..0 # SKIP needs script, to answer questions"; exit 0; }

# Sorts the lines of each list, but that of containers.
lists() {
	awk '/^Deleted / { list = $0; print; next }
	     /^$/ { close("LC_ALL=C sort"); list = ""; print; next }
	     list ~ /^Deleted [^C]/ { print | "LC_ALL=C sort"; next }
	     { print }'
}

# What drydock says and docker does not: what that is on the disk.
ours() { sed '/^Freed on disk: [0-9.]*[kMG]\{0,1\}B, [0-9]* inodes\{0,1\}$/d' "$T/out" | lists; }

# prune NAME WORDS [OUR WORDS]: on $T/theirs, where dockerd runs, and on $T/ours.
prune() {
	local -a words
	read -ra words <<<"$2"
	DOCKER_BUILDKIT=0 lab docker "$T/theirs" "${words[@]}" 2>/dev/null | lists >"$T/their.text"
	read -ra words <<<"${3:-$2}"
	drydock "$T/ours" "${words[@]}"
	ok "$1: ${3:-$2}: exit status 0" exits 0
	ok "$1: ${3:-$2}: prints what docker's $2 prints" eval 'ours | diff "$T/their.text" -'
}

# warns NAME WORDS: what stands above the question.
warns() {
	local -a words
	read -ra words <<<"$2"
	{ lab docker "$T/theirs" "${words[@]}" </dev/null 2>&1; echo; } |
		sed 's/ *Are you sure you want to continue.*//; /^$/d' >"$T/their.text"
	printf 'n\n' | script -qec "$BIN --root $T/ours $2" /dev/null | tr -d '\r' >"$T/out"
	ok "$1: $2: warns as docker does" eval \
		'sed -n "/^WARNING/,/^Would/{/^Would/d; /nothing needs\.*$/d; /^$/d; p}" "$T/out" | diff "$T/their.text" -'
}

# uses NAME: system df, but for what Docker calls reclaimable of images (see the README).
uses() {
	local rows='s/ *$//; s/  */ /g; s/^\(Images\( [^ ]*\)\{3\}\).*/\1/; /^\(Images\|Containers\|Local\|Build\)/p'
	lab docker "$T/theirs" system df | sed -n "$rows" >"$T/their.text"
	drydock "$T/ours" system df
	ok "$1: system df: has docker's numbers" eval \
		'sed "s/ *[^ ]* *[^ ]* *$//" "$T/out" | sed -n "$rows" | diff "$T/their.text" -'
}

# both VERSION NAME: unpacks the root for both and starts its dockerd.
both() {
	fixture "$2" "$T/ours"
	copy "$T/ours" "$T/theirs"
	lab start "$1" "$T/theirs"
}

end() {
	lab stop "$T/theirs"
	rm -rf --one-file-system "$T/ours" "$T/theirs"
}

lab install 20.10 2>/dev/null
both 20.10 rich-20.10
uses rich-20.10
prune rich-20.10 "container prune -f --filter label=release=2"
prune rich-20.10 "container prune -f"
prune rich-20.10 "network prune -f" "network prune -f --docker-compat"
prune rich-20.10 "network prune -f"
prune rich-20.10 "volume prune -f" "volume prune -af" # what 20.10 means
prune rich-20.10 "image prune -f"
prune rich-20.10 "builder prune -f"
prune rich-20.10 "system prune -f"
prune rich-20.10 "system prune -af"
end

case $(lab install 28.5 2>&1 | tail -n 1) in
*"version 28.5"*)
	both 28.5 kit-28.5
	uses kit-28.5
	for words in "system prune" "system prune -a --volumes" "container prune" "image prune" \
		"image prune -a" "volume prune" "volume prune -a" "builder prune" "builder prune -a"; do
		warns kit-28.5 "$words"
	done
	prune kit-28.5 "volume prune -f"
	prune kit-28.5 "system prune -af --volumes"
	prune kit-28.5 "system prune -af --volumes"
	end
	;;
*)
	n=$((n + 1))
	echo "ok $n - kit-28.5 # SKIP its suite has another release now"
	;;
esac
done_testing
