#!/bin/bash
# builder prune offline: it leaves what BuildKit's own prune leaves, and BuildKit can use what is
# left, also where drydock was killed between two of its steps and dockerd started before the rest.
# shellcheck source=tests/e2e/lib.sh disable=SC2016 # awk expands them
. "$(dirname "$0")/lib.sh"

version=${CACHE_VERSION:-20.10}
command -v strace >/dev/null || { echo "1..0 # SKIP strace is not installed: nothing can be killed"; exit 0; }
lab install "$version" 2>/dev/null

dk() { lab docker "$@"; }

# The context of the image "app": stages, a cache mount, a step that must come from the cache.
context() {
	mkdir -p "$1/data"
	seq 2000 >"$1/data/numbers"
	cat >"$1/Dockerfile" <<-'DOCKERFILE'
		FROM base:latest AS tool
		COPY data /src
		RUN --mount=type=cache,target=/cache,id=c date >>/cache/log && cp /src/numbers /tool
		FROM base:latest
		COPY --from=tool /tool /usr/tool
		RUN echo one >/one
		RUN echo two >/two
		CMD ["tail", "-n", "1", "/usr/tool"]
	DOCKERFILE
}

build() { DOCKER_BUILDKIT=1 dk "$1" build --network=none --progress=plain -t "$2" "$3"; }

# The cache of an image that stays, and of one that is gone: only BuildKit holds its layers.
make_root() {
	local dir=$T/base name
	mkdir -p "$dir/bin"
	cp "$LAB_DIR/tools/bin/busybox" "$dir/bin/busybox"
	for name in sh date cp echo tail; do ln -s busybox "$dir/bin/$name"; done
	lab start "$version" "$T/root"
	tar -C "$dir" -c . | dk "$T/root" import - base:latest >/dev/null
	context "$T/context"
	build "$T/root" app:1 "$T/context"
	mkdir "$T/gone"
	printf 'FROM base:latest\nRUN echo gone >/gone\nRUN echo gone >/too\n' >"$T/gone/Dockerfile"
	build "$T/root" gone:1 "$T/gone"
	dk "$T/root" rmi gone:1
	dk "$T/root" system df -v # BuildKit notes the sizes, which a prune would do, too
	lab stop "$T/root"
}
make_root >"$T/make.log" 2>&1 || { note <"$T/make.log"; exit 1; }

listing() { lab listing "$version" "$1" | LC_ALL=C sort; }

# same COMMAND: drydock and dockerd leave the same, but for what BuildKit forgets by chance.
same() {
	local -a words
	read -ra words <<<"$1"
	copy "$T/root" "$T/ours"
	copy "$T/root" "$T/theirs"
	drydock "$T/ours" "${words[@]}"
	ok "$1: exit status 0 or 1" exits 0 1
	grep '^Total reclaimed' "$T/out" >"$T/our.total"
	lab start "$version" "$T/theirs"
	DOCKER_BUILDKIT=0 dk "$T/theirs" "${words[@]}" 2>/dev/null | grep '^Total reclaimed' >"$T/their.total"
	lab stop "$T/theirs"
	listing "$T/ours" | grep -v '^stale-' >"$T/our.list"
	listing "$T/theirs" | grep -v '^stale-' >"$T/their.list"
	ok "$1: leaves what dockerd's leaves" diff "$T/their.list" "$T/our.list"
	ok "$1: frees what dockerd's frees" diff "$T/their.total" "$T/our.total"
	rm -rf --one-file-system "$T/ours" "$T/theirs"
}
same "builder prune -f"
same "builder prune -af"
same "system prune -f"

# ---- killed in between

CALLS=renameat,renameat2,unlinkat

# trace COMMAND...: $T/calls has each renaming or removing call of the run as "call:number: words".
trace() {
	copy "$T/root" "$T/try"
	strace -qq -f -o "$T/strace" -e "trace=$CALLS" "$BIN" --root "$T/try" --jobs 1 "$@" >"$T/out" 2>&1
	rm -rf --one-file-system "$T/try"
	awk '{ sub(/^[0-9]+ +/, ""); call = $1; sub(/\(.*/, "", call); print call ":" ++count[call] ": " $0 }' \
		"$T/strace" >"$T/calls"
}

# call PATTERN N: the N-th call that matches.
call() { grep -E -- "$1" "$T/calls" | sed -n "$2p" | cut -d: -f1,2; }

renames() { echo "\"$1.db.new-drydock1\", [0-9]+, \"$1.db\""; }

usable() {
	local root=$1 expected=$2
	lab start "$version" "$root"
	dk "$root" system df -v >/dev/null || return
	build "$root" app:2 "$T/context" >"$T/build.log" 2>&1 || { cat "$T/build.log"; return 1; }
	[ "$(dk "$root" run --rm --network=none app:2)" = 2000 ] || return
	dk "$root" save app:1 | tar -t >/dev/null || return
	lab stop "$root"
	[ "$(grep -c CACHED "$T/build.log")" -ge "$expected" ] || { cat "$T/build.log"; return 1; }
}

no_orphans() {
	"$BIN" --root "$1" --read-only --format jsonl layer ls --orphans | grep . && return 1
	lab census "$1" | awk '$1 == "unreferenced" { print; bad += $2 } END { exit bad > 0 }'
}

# killed CALL ROOT COMMAND...: the command is killed when it enters that call.
killed() {
	local call=${1%:*} number=${1#*:} root=$2
	shift 2
	(! strace -qq -f -o /dev/null -e "trace=$CALLS" -e "inject=$call:signal=KILL:when=$number" \
		"$BIN" --root "$root" --jobs 1 "$@" >"$T/out" 2>&1) 2>/dev/null
}

# cut_at CALL CACHED WHEN COMMAND...: there, and then dockerd starts.
cut_at() {
	local point=$1 cached=$2 what="${*:4}: killed $3" root=$T/cut
	shift 3
	copy "$T/root" "$root"
	ok "$what" killed "${point:-none}" "$root" "$@"
	ok "$what: dockerd has nothing new in its log" nothing_new "$version" "$root"
	ok "$what: the build takes what is left, images run and save" usable "$root" "$cached"
	drydock "$root" run resume
	ok "$what: the rest is done after that" exits 0 1
	ok "$what: and nothing is lost" no_orphans "$root"
	rm -rf --one-file-system "$root"
}

startlog "$version" "$T/root" >"$T/log-before"
trace builder prune -f
cut_at "$(call "$(renames containerdmeta)" 1)" 4 "when records are marked" builder prune -f
cut_at "$(call 'renameat2.*"[0-9a-f]{64}"' 2)" 4 "between two layers" builder prune -f
cut_at "$(call 'renameat2.*"[a-z0-9]{25}"' 2)" 4 "between two directories" builder prune -f
cut_at "$(call "$(renames snapshots)" 1)" 4 "when leases are gone" builder prune -f
if [ "$version" = 20.10 ]; then # later ones have a history of builds in buildkit/
	trace builder prune -af
	cut_at "$(call 'renameat2.*"[0-9a-f]{64}"' 1)" 0 "when buildkit/ is gone" builder prune -af
fi
done_testing
