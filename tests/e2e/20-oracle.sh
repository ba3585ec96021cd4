#!/bin/bash
# What drydock removes is what dockerd removes: both get the same command, on copies of the same
# root, and then all that the daemon lists and all that lies on the disk is compared. What only
# drydock sees is listed by name.
# shellcheck source=tests/e2e/lib.sh disable=SC2016 # eval expands them
. "$(dirname "$0")/lib.sh"

# both NAME OURS THEIRS...: lists what is left after drydock's command and after dockerd's.
both() {
	local name=$1 command
	local -a words
	read -ra words <<<"$2"
	copy "$T/root" "$T/theirs"
	copy "$T/root" "$T/ours"
	drydock "$T/ours" "${words[@]}"
	ok "$name: $2: exit status 0 or 1" exits 0 1
	shift 2
	lab start 20.10 "$T/theirs"
	for command; do
		read -ra words <<<"$command"
		lab docker "$T/theirs" "${words[@]}" >/dev/null
	done
	lab stop "$T/theirs"
	lab listing 20.10 "$T/theirs" | LC_ALL=C sort >"$T/their.list"
	lab listing 20.10 "$T/ours" | LC_ALL=C sort >"$T/our.list"
	rm -rf --one-file-system "$T/theirs" "$T/ours"
}

same() {
	both "$1" "$2" "$2"
	ok "$1: $2: leaves what dockerd's leaves" diff "$T/their.list" "$T/our.list"
}

# What drydock finds beyond dockerd is on the disk; dockerd lists none of it.
more() {
	both "$@"
	LC_ALL=C comm -23 "$T/their.list" "$T/our.list" >"$T/more"
	sed 's/^/only drydock removes /' "$T/more" | note
	ok "$1: $2: keeps nothing that dockerd removes" eval '! LC_ALL=C comm -13 "$T/their.list" "$T/our.list" | grep .'
	ok "$1: $2: dockerd lists nothing of what only drydock removes" eval '! grep -vE "^(disk|db|stale)-" "$T/more"'
}

lab install 20.10 2>/dev/null
for name in seed-20.10 rich-20.10 leaky-20.10; do
	rm -rf --one-file-system "$T/root"
	fixture "$name" "$T/root"
	[ "$name" = leaky-20.10 ] || know_sizes 20.10 "$T/root" # a start would mend it
	same "$name" "container prune -f"
	same "$name" "image prune -f"
	same "$name" "image prune -af"
	more "$name" "system prune -f" "system prune -f"
	more "$name" "system prune -af" "system prune -af"
done
done_testing
