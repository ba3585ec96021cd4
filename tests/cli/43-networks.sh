#!/bin/sh
# Networks and volumes: what goes and what stays. The root has a network and a volume of a stopped
# container, the same without one, and two anonymous volumes of a dockerd that did not mark those.
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"
fixture rich-20.10 "$T/whole"

count=0
check() {
	ok "$@"
	count=$((count + 1))
}

drydock() { run --root "$T/root" "$@"; }
again() {
	rm -rf "$T/root"
	cp -a "$T/whole" "$T/root"
}
again
unused=$("$BIN" --root "$T/root" network ls --no-trunc | awk '$2 == "unused-net" { print $1 }')
anonymous='[0-9a-f]{64}'

# --- networks
drydock network prune --dry-run
check "a network that nothing uses would go" says out unused-net
check "that of a stopped container would not" sh -c "! grep -qx used-net '$T/out'"
drydock network prune --dry-run --docker-compat
check "as Docker does, it would" grep -qx used-net "$T/out"
drydock network prune -f
check "network prune exits 0" exits 0
check "network prune says nothing on stderr" is_empty err
check "network prune lists what went as docker does" sh -c \
	"head -n 2 '$T/out' | tr '\n' ' ' | grep -qx 'Deleted Networks: unused-net '"
check "no key of it is left" sh -c "! grep -aq '$unused' '$T/root/network/files/local-kv.db'"
drydock network ls
check "the others are there" sh -c \
	"awk 'NR > 1 { print \$2 }' '$T/out' | tr '\n' ' ' | grep -qx 'bridge host none used-net '"
snapshot "$T/root/network" >"$T/before"
drydock network prune -f
check "a second run finds nothing" says_not out Deleted
check "and writes nothing there" unchanged "$T/root/network" "$T/before"

# --- volumes
cp -a "$T/root/volumes/metadata.db" "$T/metadata.db"
drydock volume prune -f
check "no volume is anonymous for sure" says_not out Deleted
check "that it cannot be known is said" says err "-a"
drydock volume prune -f -q
check "but not with -q" is_empty err
drydock volume prune -a --dry-run
check "-a would take the named one, too" grep -Eq '^unused  0B$' "$T/out"
check "each is shown with its size" grep -Eq "^$anonymous  34B\$" "$T/out"
check "none that a container mounts" says_not out used$
if command -v script >/dev/null; then
	echo n | script -qec "$BIN --root $T/root volume prune -a" /dev/null >"$T/out"
	check "the question comes after their names and sizes" sh -c \
		"sed -n '/^unused  0B/,\$p' '$T/out' | grep -F -q 'Are you sure you want to continue? [y/N]'"
	check "no is no" test -d "$T/root/volumes/unused/_data"
fi
drydock volume prune -af
check "volume prune -a exits 0" exits 0
check "volume prune -a lists what went as docker does" sh -c \
	"head -n 3 '$T/out' | tr '\n' ' ' | grep -Eqx 'Deleted Volumes: $anonymous unused '"
check "the total is of their contents" grep -qx 'Total reclaimed space: 34B' "$T/out"
check "the directories are gone" sh -c "[ \"\$(ls -d '$T/root'/volumes/*/ | wc -l)\" = 2 ]"
check "dockerd's own list of volumes is as it was: it is locked" cmp "$T/metadata.db" \
	"$T/root/volumes/metadata.db"
drydock volume ls
check "no volume is listed that has only its entry there" has_lines out 3
drydock volume prune -af
check "a second run finds nothing" says_not out Deleted

# --- all of them
again
drydock system prune -f
check "system prune takes networks whose containers go with it" grep -qx used-net "$T/out"
check "and no volumes" test -d "$T/root/volumes/unused"
drydock system prune -f --volumes
check "--volumes takes no named one" test -d "$T/root/volumes/unused"

# --- damage
again
printf x | dd of="$T/root/network/files/local-kv.db" conv=notrunc bs=1 seek=16 2>/dev/null
printf x | dd of="$T/root/network/files/local-kv.db" conv=notrunc bs=1 seek=4112 2>/dev/null
drydock network prune -f --docker-compat
check "nothing goes when the networks cannot be read" says_not out Deleted
check "the file is named" says err network/files/local-kv.db

plan "$count"
done_testing
