# shellcheck shell=bash
# verify.sh - what a data root holds, and the proof that a real daemon can use it.
# Sourced by lab.

# One line for everything a user could miss; the daemon must be running.
list_inventory() {
	local run=$1 id
	client "$run" images -a --no-trunc --digests --format 'image {{.ID}}' | LC_ALL=C sort -u
	client "$run" images --no-trunc --format 'tag {{.Repository}}:{{.Tag}} {{.ID}}' |
		grep -v '<none>' | LC_ALL=C sort || true
	client "$run" ps -a --no-trunc --format 'container {{.ID}} {{.Names}}' | LC_ALL=C sort
	client "$run" volume ls --format 'volume {{.Name}}' | LC_ALL=C sort
	client "$run" network ls --no-trunc --format 'network {{.Name}} {{.ID}}' |
		grep -vE '^network (bridge|host|none) ' | LC_ALL=C sort || true
	# Content of stopped containers; running ones would differ every time.
	while read -r id; do
		[ -n "$id" ] || continue
		printf 'content %s %s\n' "$id" "$(client "$run" export "$id" | sha256sum | cut -d' ' -f1)"
	done < <(client "$run" ps -aq --no-trunc --filter status=exited --filter status=created)
}

cmd_inventory() {
	[ $# -ge 2 ] || die "usage: lab inventory VERSION DATA_ROOT [ARG...]"
	cmd_start "$@"
	list_inventory "$(run_dir "$2")"
	cmd_stop "$2"
}

# One line for every entry of a tree: type, mode, owner, size, links, times, name; then
# extended attributes and contents. Two runs differ if anything but an atime changed.
cmd_fingerprint() {
	[ $# -eq 1 ] || die "usage: lab fingerprint DIR"
	cd "$1" || die "$1: no such directory"
	find . -printf '%y %m %U:%G %s %n %T@ %C@ %p -> %l\0' | LC_ALL=C sort -z | tr '\n\0' '?\n'
	find . -print0 | LC_ALL=C sort -z | xargs -0 getfattr -h -d -m - -e hex --
	find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum --
}

# ------------------------------------------------------------------ verify

FAILED=0
pass() { printf 'PASS %s\n' "$*"; }
fail() { printf 'FAIL %s\n' "$*"; FAILED=$((FAILED + 1)); }
# check NAME COMMAND...: one line with the outcome, and the reason when it failed.
check() {
	local name=$1 out
	shift
	if out=$("$@" 2>&1 >/dev/null </dev/null); then pass "$name"; else fail "$name: $(tail -n 1 <<<"$out")"; fi
}

# Reads every layer; dockerd compares each with its digest. No layers, no export.
save_image() {
	[ "$(client "$1" image inspect -f '{{len .RootFS.Layers}}' "$2")" = 0 ] ||
		client "$1" save "$2" | tar -t >/dev/null
}

export_container() { client "$1" export "$2" | tar -t >/dev/null; }

# The functions below run as a condition, where the shell does not stop at errors.

# An image works when its own busybox runs; one without a shell when it unpacks.
run_image() {
	local run=$1 id=$2 cid shell
	cid=$(client "$run" create --network=none --entrypoint /bin/busybox "$id" true) || return
	shell=$(client "$run" export "$cid" | tar -t | grep -cx 'bin/busybox')
	[ "$shell" -eq 0 ] || client "$run" start -a "$cid" || return
	client "$run" rm -v "$cid"
}

build_on() {
	local run=$1 kit=$2 base=$3 word=$RANDOM
	printf 'FROM %s\nUSER 0:0\nRUN echo %s > /lab-verify\n' "$base" "$word" |
		DOCKER_BUILDKIT=$kit client "$run" build --no-cache --network=none -t "lab-verify:$kit" - &&
		client "$run" run --rm --network=none --pull=never --entrypoint /bin/busybox \
			"lab-verify:$kit" grep -x "$word" /lab-verify &&
		client "$run" rmi "lab-verify:$kit"
}

# First tag whose busybox runs: something to build on.
build_base() {
	local name
	while read -r name; do
		if client "$1" run --rm --network=none --pull=never --entrypoint /bin/busybox "$name" true \
			>/dev/null 2>&1 </dev/null; then
			echo "$name"
			break
		fi
	done
}

# Lines of the daemon's log that a healthy data root does not produce. The noise is
# about processes, not about the data root: a task that a power cut took away, an
# event stream that ends with the daemon, an export of nothing.
LOG_NOISE='not cleaned up from containerd|failed sending message on channel|empty export'
LOG_NOISE="$LOG_NOISE|Failed to get event"
# The same for starts and stops that are compared: containerd and its streams come and go.
TIMING_NOISE='module=grpc|cleanup warnings|shim disconnected|containerd API is ready'
log_errors() { grep -E 'level=(error|fatal)|panic:' "$1/log" | grep -vE "$LOG_NOISE" || true; }

# Warnings and errors of a start, without times and ids: what a root says by itself.
cmd_startlog() {
	[ $# -eq 2 ] || die "usage: lab startlog VERSION DATA_ROOT"
	local copy run
	copy=$(scratch_copy "$2")
	run=$(run_dir "$copy")
	cmd_start "$1" "$copy"
	cmd_stop "$copy"
	# Left out: words about processes, which depend on their timing.
	grep -E 'level=(warning|error|fatal)|panic:' "$run/log" | grep -vE "$LOG_NOISE|$TIMING_NOISE" |
		sed -E "s|$run|RUN|g"'; s/^time="[^"]*" //; s/[0-9.]+(µs|ms|s)\>/T/g; s/0x[0-9a-f]+/N/g; s/[0-9a-f]{12,}/ID/g; s/[0-9]{3,}/N/g' |
		LC_ALL=C sort -u || true
	drop_copy "$copy"
}

# Checks work on a copy that the daemon sees at the path of the original.
scratch_copy() {
	local copy
	copy=$(mktemp -d "$LAB_DIR/copy.XXXXXX")
	cp -a --reflink=auto "$1/." "$copy/"
	echo "$copy"
}

drop_copy() {
	! daemon_alive "$(run_dir "$1")" || cmd_kill "$1"
	rm -rf --one-file-system "$(run_dir "$1")" "$1"
}

cmd_verify() {
	[ $# -ge 2 ] || die "usage: lab verify VERSION DATA_ROOT [ARG...]"
	local version=$1 root run copy
	root=$(realpath "$2")
	shift 2
	! daemon_alive "$(run_dir "$root")" || die "stop the daemon on $root first"
	export LAB_AT=${LAB_AT:-$root}
	copy=$(scratch_copy "$root")
	# shellcheck disable=SC2064 # the directory of now is the one to remove
	trap "drop_copy '$copy'" EXIT
	run=$(run_dir "$copy")
	cmd_start "$version" "$copy" "$@"
	pass "daemon $version starts"
	[ -z "${LAB_INVENTORY:-}" ] || verify_inventory "$run"
	verify_use "$run"
	cmd_stop "$copy"
	verify_log "$run"

	cmd_start "$version" "$copy" "$@"
	check "remove all containers" remove_containers "$run"
	check "prune everything" client "$run" system prune -af --volumes
	check "no image left" no_images "$run"
	cmd_stop "$copy"
	verify_log "$run"
	if [ "$FAILED" -eq 0 ]; then say "verify: all passed"; else die "verify: $FAILED failed"; fi
}

verify_inventory() {
	local line
	list_inventory "$1" >"$1/inventory"
	while read -r line; do
		if grep -qxF -- "$line" "$1/inventory"; then pass "kept: $line"; else fail "kept: $line"; fi
	done <"$LAB_INVENTORY"
}

verify_use() {
	local run=$1 id name base
	while read -r id; do
		check "image runs: $id" run_image "$run" "$id"
		check "image saves: $id" save_image "$run" "$id"
	done < <(client "$run" images -aq --no-trunc | sort -u)
	while read -r name; do
		check "tag saves: $name" save_image "$run" "$name"
	done < <(list_tags "$run")
	base=$(list_tags "$run" | build_base "$run")
	while read -r id; do
		check "container starts: $id" client "$run" start "$id"
		check "container exports: $id" export_container "$run" "$id"
	done < <(client "$run" ps -aq --no-trunc --filter status=exited --filter status=created | sort)
	if [ -n "$base" ]; then
		check "classic build on $base" build_on "$run" 0 "$base"
		check "BuildKit build on $base" build_on "$run" 1 "$base"
	fi
	check "disk usage" client "$run" system df -v
}

verify_log() {
	local line
	while read -r line; do fail "log: $line"; done < <(log_errors "$1")
}

list_tags() { client "$1" images --format '{{.Repository}}:{{.Tag}}' | { grep -v '<none>' || true; } | sort; }

no_images() { [ "$(client "$1" images -aq | wc -l)" -eq 0 ]; }

remove_containers() {
	local -a ids
	mapfile -t ids < <(client "$1" ps -aq)
	[ ${#ids[@]} -eq 0 ] || client "$1" rm -f "${ids[@]}"
}
