#!/bin/bash
# While a daemon is alive on a root, drydock does nothing there and says so.
# shellcheck source=tests/e2e/lib.sh disable=SC2016 # eval expands them
. "$(dirname "$0")/lib.sh"

# refused WORDS COMMAND...: on the live root.
refused() {
	local words=$1
	shift
	drydock "$T/root" "$@"
	ok "$words exits 64 while dockerd runs" exits 64
	ok "$words says who holds the root" grep -q dockerd "$T/err"
	lab fingerprint "$T/root" >"$T/after"
	ok "$words changes nothing while dockerd runs" diff "$T/before" "$T/after"
}

# A daemon goes on writing for a while after it answers.
settle() {
	local try
	for ((try = 0; try < 60; try++)); do
		lab fingerprint "$T/root" >"$T/before"
		sleep 1
		lab fingerprint "$T/root" | cmp -s - "$T/before" && return
	done
}

lab install 20.10 2>/dev/null
fixture seed-20.10 "$T/root"
lab start 20.10 "$T/root"
settle
refused "system prune -f" system prune -f
refused "image prune -af" image prune -af
refused "layer prune -f" layer prune -f
lab stop "$T/root"
drydock "$T/root" system prune -f
ok "once dockerd has stopped, the same prune works" exits 0 1

# The lock is held from the other side, too: no dockerd starts while drydock works.
exec 6<"$T/root/volumes/metadata.db"
flock 6
ok "dockerd does not start while its lock is held" eval '! lab start 20.10 "$T/root"'
exec 6<&-
lab start 20.10 "$T/root"
ok "dockerd starts when it is free again" lab docker "$T/root" version
done_testing
