#!/bin/sh
# The bridge that a removed network leaves in the kernel: what is this machine's own goes with -f,
# everything else stays and is said. Each run has a network namespace to itself.
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"
fixture rich-20.10 "$T/whole"
unshare -n ip link add br-test type bridge 2>/dev/null || skip_all "no bridge can be made here"

count=0
check() {
	ok "$@"
	count=$((count + 1))
}

network=$("$BIN" --root "$T/whole" network ls --no-trunc | awk '$2 == "unused-net" { print $1 }')
link=br-$(echo "$network" | cut -c 1-12)
address=$(grep -ao '"AddressIPv4":"[^"]*","BridgeIfaceCreator":1,"BridgeName":"'"$link" \
	"$T/whole/network/files/local-kv.db" | head -n 1 | cut -d '"' -f 4)
cp "$(command -v sleep)" "$T/dockerd"

cat >"$T/with-bridge" <<'SCRIPT'
set -u
T=$1 link=$2 address=$3 with=$4
shift 4
pid=
ip link add "$link" type bridge || exit 9
[ "$address" = none ] || ip addr add "$address" dev "$link" || exit 9
ip link set "$link" up || exit 9
case $with in
port) ip link add eth type veth peer name eth-peer && ip link set eth master "$link" || exit 9 ;;
daemon)
	"$T/dockerd" 60 &
	pid=$!
	;;
esac
"$@" >"$T/out" 2>"$T/err"
[ $? -eq 0 ] || exit 9
[ -z "$pid" ] || kill "$pid"
ip link show "$link" >"$T/link" 2>&1
SCRIPT

# with_bridge NAME ADDRESS WITH ARG...: network prune beside such a bridge; 0: it is still there, 1:
# it is gone. WITH: "port", "daemon" or "".
with_bridge() {
	name=$1 at=$2 with=$3
	shift 3
	rm -rf "$T/root"
	cp -a "$T/whole" "$T/root"
	unshare -n sh "$T/with-bridge" "$T" "$name" "$at" "$with" \
		"$BIN" --root "$T/root" network prune "$@"
	[ $? -le 1 ]
}
stays() { with_bridge "$@" && [ -s "$T/link" ] && ! grep -q 'does not exist' "$T/link"; }
goes() { with_bridge "$@" && grep -q 'does not exist' "$T/link"; }

check "the bridge of a network that went goes with -f" goes "$link" "$address" "" -f
check "without a word" is_empty err
check "a dry run leaves it" stays "$link" "$address" "" --dry-run
check "one with another address is none of ours" stays "$link" 10.99.0.1/24 "" -f
check "and nothing to speak of" is_empty err
check "nor is one with another name" stays br-000000000000 "$address" "" -f
check "one that something is connected to stays" stays "$link" "$address" port -f
check "it is said, with the command that removes it" says err ": ip link del $link"
check "one that may be a living daemon's stays" stays "$link" "$address" daemon -f
check "that is said, too" says err ": ip link del $link"
rm -rf "$T/root"
cp -a "$T/whole" "$T/root"
if command -v script >/dev/null; then
	cat >"$T/asked" <<'SCRIPT'
ip link add "$2" type bridge && ip addr add "$3" dev "$2" || exit 9
echo y | script -qec "$4 --root $1/root network prune" /dev/null >"$1/out"
ip link show "$2" >"$1/link" 2>&1
SCRIPT
	check "without -f it stays" unshare -n sh "$T/asked" "$T" "$link" "$address" "$BIN"
	check "and the command is named" says out ": ip link del $link"
fi
run --root "$T/root" network prune -f
check "where there is none, nothing is said" is_empty err

plan "$count"
done_testing
