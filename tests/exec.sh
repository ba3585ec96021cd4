#!/bin/bash
# exec.sh TEST - runs one test for prove. Unit tests under sanitizers repeat those of the default
# build, which work on the disk: they make their trees in memory, where a barrier costs nothing.
# The thread sanitizer has nothing to see where no thread is started.
case $1 in
build/asan/tests/unit/* | build/tsan/tests/unit/*)
	free=$(df -Pk /dev/shm 2>/dev/null | awk 'END { print $4 }')
	if [ -w /dev/shm ] && [ "${free:-0}" -gt 1000000 ]; then
		TMPDIR=/dev/shm
		export TMPDIR
	fi
	;;
esac
case $1 in
build/tsan/tests/unit/*)
	if ! nm -D "$1" | grep -q ' U pthread_create'; then
		echo "1..0 # SKIP starts no threads"
		exit 0
	fi
	;;
esac
# What it says goes into a file, too, for failed.sh.
if [ -n "${LOGS:-}" ]; then
	log=$LOGS/${1//\//-}
	: >"$log"
	exec > >(exec tee -a "$log") 2> >(exec tee -a "$log" >&2)
fi
# In the background of a shell, or under nohup, signals are ignored, which tests send.
exec env --default-signal "$@"
