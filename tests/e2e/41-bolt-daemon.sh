#!/bin/bash
# dockerd does not notice that its databases have been written anew, and goes on with them; what was
# taken out of them is gone, what was set is set.
# shellcheck source=tests/e2e/lib.sh disable=SC2016 # eval expands them
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/bolt/lib.sh
. "$here/bolt/lib.sh"

databases="buildkit/metadata_v2.db buildkit/snapshots.db buildkit/cache.db buildkit/containerdmeta.db
	network/files/local-kv.db"

# change ROOT RECORD NETWORK: all are written anew; a record is marked deleted, so that dockerd does it
# when it starts; a network goes with all its keys.
change() {
	local db prefix=docker/network/v1.0
	for db in $databases; do rewrite "$1/$db" </dev/null || return 1; done
	printf 'put %s %s\n' "$(hex _main "$2" cache.deleted)" "$(hex '{"value":true}')" |
		rewrite "$1/buildkit/metadata_v2.db" &&
		printf 'drop %s\n' "$(hex libnetwork "$prefix/network/$3/")" "$(hex libnetwork "$prefix/bridge/$3/")" \
			"$(hex libnetwork "$prefix/endpoint_count/$3/")" "$(hex libnetwork "$prefix/nothing/")" |
		rewrite "$1/network/files/local-kv.db"
}

# try_bolt VERSION NETWORK: one that no container uses ("none": there is none).
try_bolt() {
	local version=$1 name=$2 root=$T/try network record
	copy "$T/root" "$root"
	network=$(awk -v n="$name" '$1 == "network" && $2 == n { print $3 }' "$T/inventory")
	drydock "$root" builder du
	record=$(awk '/source.local/ { print $1; exit }' "$T/out")
	ok "$version: all databases are written anew" change "$root" "$record" "$network"
	ok "$version: nothing new in dockerd's log" nothing_new "$version" "$root"
	lab start "$version" "$root"
	ok "$version: the record is gone" eval '! lab docker "$root" system df -v | grep "$record"'
	ok "$version: the cache works" eval 'lab docker "$root" builder prune -f | grep -i "^total.*[1-9]"'
	if [ "$name" != none ]; then
		ok "$version: the network is gone" eval '! lab docker "$root" network inspect "$name"'
		ok "$version: one of that name can be made" lab docker "$root" network create "$name"
	fi
	lab stop "$root"
	grep -v "^network $name " "$T/inventory" >"$T/must-stay"
	ok "$version: all else is there and works ($(wc -l <"$T/must-stay") things)" verified "$version" "$root"
	rm -rf --one-file-system "$root"
}

lab install 20.10 2>/dev/null
root 20.10 rich-20.10
try_bolt 20.10 unused-net

said=$(lab install 28.5 2>&1 | tail -n 1)
case $said in
*"version 28.5"*)
	root 28.5 kit-28.5
	try_bolt 28.5 none
	;;
*) echo "# 28.5: its suite has another release now: $said" ;;
esac
done_testing
