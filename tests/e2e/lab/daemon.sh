# shellcheck shell=bash
# daemon.sh - start, stop and kill the daemon of a data root, and talk to it.
# Sourced by lab.

# State of the daemon of a data root (short: a socket path has 108 bytes).
run_dir() {
	local root
	root=$(realpath -m "$1")
	echo "$LAB_DIR/run/$(printf %s "$root" | sha256sum | cut -c1-10)"
}

daemon_alive() {
	local pid
	pid=$(cat "$1/init.pid" 2>/dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null &&
		grep -qzxF "$LAB_SELF" "/proc/$pid/cmdline" 2>/dev/null # not some other process with an old number
}

# Runs inside the namespaces made by in_tree ("exec") and cmd_start ("daemon").
cmd__init() {
	local mode=$1
	shift
	case $mode in
	exec) exec_in_tree "$@" ;;
	daemon) init_daemon "$@" ;;
	esac
}

# Process 1 of a new process namespace: killing it kills the daemon, its containerd, all
# shims and all containers at one instant, and takes their mounts along, which is what a
# power cut leaves behind (short of lost disk writes).
init_daemon() {
	local run=$1 version=$2 root=$3 at=$4 child='' status=0 outer
	shift 4
	read -r outer _ </proc/self/stat
	echo "$outer" >"$run/init.pid"
	mount -t proc proc /proc
	mount -t tmpfs -o mode=755 tmpfs /run
	ip link set lo up
	hostname lab
	[ "$at" = "$root" ] || show_root_at "$root" "$at"
	trap 'kill -TERM "$child" 2>/dev/null || true' TERM INT
	(exec_in_tree "$version" dockerd "$@") &
	child=$!
	while kill -0 "$child" 2>/dev/null; do
		status=0
		wait "$child" || status=$?
	done
	echo "$status" >"$run/exit"
}

# Makes the data root appear at the path that its own records name; only in this mount
# namespace, and on a tmpfs when the host has no such directory.
show_root_at() {
	local root=$1 at=$2 top=$2
	while [ ! -d "$top" ]; do top=$(dirname "$top"); done
	if [ "$top" != "$at" ]; then
		case $root/ in "$top"/*) die "cannot show $root at $at: $top is above both" ;; esac
		mount -t tmpfs -o mode=755 tmpfs "$top"
		mkdir -p "$at"
	fi
	mount --bind "$root" "$at"
	[ "$(stat -c %d:%i "$root")" = "$(stat -c %d:%i "$at")" ] || die "could not show $root at $at"
}

# LAB_AT is the path at which the daemon sees DATA_ROOT (default: where it is).
cmd_start() {
	[ $# -ge 2 ] || die "usage: lab start VERSION DATA_ROOT [ARG...]"
	local version=$1 root run at
	root=$(realpath -m "$2")
	at=${LAB_AT:-$root}
	shift 2
	[ "$root" != /var/lib/docker ] || die "this is the machine's own data root: never touched"
	[ -e "$(tree_of "$version")/.complete" ] || die "not installed: $version (run lab install)"
	run=$(run_dir "$root")
	[ ${#run} -le 90 ] || die "LAB_DIR is too long for the sockets below it: $LAB_DIR"
	! daemon_alive "$run" || die "already running on $root"
	mkdir -p "$root" "$run/cli"
	rm -f "$run/init.pid" "$run/exit" "$run/docker.sock" "$run/docker.pid"
	echo "$version" >"$run/version"
	echo "$root" >"$run/root"
	echo "$at" >"$run/at"
	[ -e "$run/daemon.json" ] || echo '{}' >"$run/daemon.json"
	: >"$run/log"
	setsid unshare --mount --pid --net --ipc --uts --fork --propagation private -- \
		"$LAB_SELF" _init daemon "$run" "$version" "$root" "$at" \
		--config-file "$run/daemon.json" --data-root "$at" \
		--pidfile "$run/docker.pid" --host "unix://$run/docker.sock" \
		--iptables=false --ip6tables=false --storage-driver overlay2 \
		--dns 192.0.2.53 --dns-search example.org \
		"$@" </dev/null >>"$run/log" 2>&1 &
	await_ready "$run" "$version"
}

await_ready() {
	local run=$1 version=$2 deadline=$((SECONDS + LAB_TIMEOUT))
	until [ -S "$run/docker.sock" ] && client "$run" version >/dev/null 2>&1; do
		if [ -e "$run/exit" ]; then
			tail -n 5 "$run/log" >&2
			die "dockerd $version exited, see $run/log"
		fi
		[ "$SECONDS" -lt "$deadline" ] || die "dockerd $version not ready after $LAB_TIMEOUT s, see $run/log"
		sleep 0.1
	done
}

await_gone() {
	local deadline=$((SECONDS + LAB_TIMEOUT))
	while daemon_alive "$1"; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		sleep 0.05
	done
	rm -f "$1/init.pid"
}

cmd_stop() {
	local run
	run=$(run_dir "$1")
	daemon_alive "$run" || { say "not running: $1"; return 0; }
	kill -TERM "$(cat "$run/init.pid")"
	await_gone "$run" || die "dockerd did not stop in $LAB_TIMEOUT s, see $run/log"
}

cmd_kill() {
	local run
	run=$(run_dir "$1")
	daemon_alive "$run" || { say "not running: $1"; return 0; }
	kill -KILL "$(cat "$run/init.pid")"
	await_gone "$run" || die "processes of $1 did not die"
}

# For traps: kills the daemons of the roots below DIR (default: all of this LAB_DIR), by
# pid, and removes their state. Mounts go with the namespaces; what was downloaded stays.
cmd_cleanup() {
	local run below=${1:-}
	for run in "$LAB_DIR"/run/*/; do
		run=${run%/}
		case $(cat "$run/root" 2>/dev/null) in "${below%/}"/*) ;; *) continue ;; esac
		if daemon_alive "$run"; then cmd_kill "$(cat "$run/root")"; fi
		rm -rf --one-file-system "$run"
	done
}

cmd_status() {
	local run state=stopped
	run=$(run_dir "$1")
	daemon_alive "$run" && state="running, pid $(cat "$run/init.pid")"
	printf 'root %s\nseen at %s\nversion %s\nstate %s\nsocket %s\nlog %s\n' \
		"$(realpath -m "$1")" "$(cat "$run/at" 2>/dev/null || echo -)" \
		"$(cat "$run/version" 2>/dev/null || echo -)" "$state" "$run/docker.sock" "$run/log"
}

client() {
	local run=$1 version
	shift
	version=$(cat "$run/version")
	DOCKER_HOST=unix://$run/docker.sock DOCKER_CONFIG=$run/cli in_tree "$version" docker "$@"
}

cmd_docker() {
	[ $# -ge 2 ] || die "usage: lab docker DATA_ROOT ARG..."
	local run
	run=$(run_dir "$1")
	shift
	daemon_alive "$run" || die "no daemon on this data root"
	client "$run" "$@"
}
