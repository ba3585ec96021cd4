#!/bin/bash
# All that `system prune -a --volumes --archive` takes comes back after a dockerd has run without it:
# the daemon lists the same, containers start, images run and save, builds find their cache.
# shellcheck source=tests/e2e/lib.sh disable=SC2016 # `eval` expands what it is given
. "$(dirname "$0")/lib.sh"

version=${ARCHIVE_VERSION:-20.10}
lab install "$version" 2>/dev/null

dk() { lab docker "$@"; }
build() { DOCKER_BUILDKIT=1 dk "$1" build --network=none --progress=plain -t "$2" "$3"; }

context() {
	mkdir -p "$1"
	seq 2000 >"$1/numbers"
	cat >"$1/Dockerfile" <<-'DOCKERFILE'
		FROM base:latest AS tool
		COPY numbers /src
		RUN --mount=type=cache,target=/cache,id=c date >>/cache/log && cp /src /tool
		FROM base:latest
		COPY --from=tool /tool /usr/tool
		RUN echo one >/one && rm /bin/date
		CMD ["tail", "-n", "1", "/usr/tool"]
	DOCKERFILE
}

# Images of both builders, a container that has written, one on a network of its own with a volume of
# each kind, and an image, a container and a network that stay.
make_root() {
	local dir=$T/base name
	mkdir -p "$dir/bin"
	cp "$LAB_DIR/tools/bin/busybox" "$dir/bin/busybox"
	for name in sh date cp echo tail cat rm sleep; do ln -s busybox "$dir/bin/$name"; done
	lab start "$version" "$T/root"
	tar -C "$dir" -c . | dk "$T/root" import - base:latest >/dev/null
	context "$T/context"
	build "$T/root" app:1 "$T/context"
	dk "$T/root" tag app:1 registry.example:5000/team/app:1
	printf 'FROM base:latest\nRUN echo classic >/classic\n' | DOCKER_BUILDKIT=0 dk "$T/root" build -t classic:1 -
	dk "$T/root" network create --subnet 10.9.0.0/24 --label why=test private
	dk "$T/root" volume create --label keep=no named
	dk "$T/root" run --name writer app:1 sh -c 'echo written >/file; rm -f /one'
	dk "$T/root" run --name user --network private -v named:/named -v /anonymous classic:1 \
		sh -c 'echo precious >/named/data; echo too >/anonymous/data'
	dk "$T/root" network create stays
	dk "$T/root" run -d --restart always --network stays --name stays base:latest sleep 100000
	dk "$T/root" system df -v # BuildKit notes the sizes
	lab stop "$T/root"
}
make_root >"$T/make.log" 2>&1 || { note <"$T/make.log"; exit 1; }

# What the daemon and its databases say.
listing() { lab listing "$version" "$1" | grep -v '^stale-' | LC_ALL=C sort; }
listing "$T/root" >"$T/before"
ok "there is something to lose" grep -q named "$T/before"
startlog "$version" "$T/root" >"$T/log-before"

copy "$T/root" "$T/seen"
lab inventory "$version" "$T/seen" >"$T/inventory"
rm -rf --one-file-system "$T/seen"

drydock "$T/root" system prune -af --volumes --archive "$T/a.tar.zst"
ok "prune --archive: exit status 0" exits 0
drydock "$T/root" volume prune -af --archive "$T/v.tar.zst" # 20.10 does not say which are anonymous
ok "volume prune --archive: exit status 0" exits 0
listing "$T/root" >"$T/pruned"
ok "a dockerd runs without it" eval '! grep -q -e registry.example -e named -e private "$T/pruned"'
copy "$T/root" "$T/without"

drydock "$T/root" run restore "$T/v.tar.zst" -f
ok "restore of volumes: exit status 0" exits 0
drydock "$T/root" run restore "$T/a.tar.zst" -f
ok "restore: exit status 0" exits 0
ok "restore: nothing is in the way" [ ! -s "$T/err" ]
ok "nothing new in dockerd's log" nothing_new "$version" "$T/root"
listing "$T/root" >"$T/after"
ok "the daemon lists what it did" diff "$T/before" "$T/after"
cp "$T/inventory" "$T/must-stay"
ok "all of it works ($(wc -l <"$T/inventory") things)" verified "$version" "$T/root"

used() {
	lab start "$version" "$T/root"
	dk "$T/root" start -a writer || return
	[ "$(dk "$T/root" run --rm app:1)" = 2000 ] || return
	[ "$(dk "$T/root" run --rm --volumes-from user base:latest cat /named/data /anonymous/data | tr '\n' ' ')" = "precious too " ] || return
	dk "$T/root" start -a user || return
	build "$T/root" app:2 "$T/context" >"$T/build.log" 2>&1 || { cat "$T/build.log"; return 1; }
	dk "$T/root" system df -v >/dev/null || return
	dk "$T/root" volume create --label new=yes new || return
	[ "$(dk "$T/root" volume ls -q --filter label=keep=no)" = named ] || return
	lab stop "$T/root"
	[ "$(grep -c CACHED "$T/build.log")" -ge 4 ] || { cat "$T/build.log"; return 1; }
}
ok "containers start, images run, volumes have their data, the build takes everything from its cache" used

# Build cache that goes record by record: a dockerd forgets which steps those were the results of.
rebuilt() {
	lab start "$version" "$T/root"
	build "$T/root" app:3 "$T/context" >"$T/build.log" 2>&1 || { cat "$T/build.log"; return 1; }
	lab stop "$T/root"
	[ "$(grep -c CACHED "$T/build.log")" -ge 4 ] || { cat "$T/build.log"; return 1; }
}
lab start "$version" "$T/root"
dk "$T/root" rmi -f app:1 app:2 registry.example:5000/team/app:1 >/dev/null
dk "$T/root" system df -v >/dev/null
lab stop "$T/root"
drydock "$T/root" builder prune -af --filter type=regular --archive "$T/b.tar.zst"
ok "builder prune --archive: exit status 0" exits 0
ok "builder prune --archive: layers went" grep -q '^deleted: ' <(tar --zstd -tf "$T/b.tar.zst" 2>/dev/null | sed -n 's,^overlay2/[^/]*/diff/$,deleted: &,p')
lab start "$version" "$T/root"
lab stop "$T/root"
drydock "$T/root" run restore "$T/b.tar.zst" -f
ok "restore of build cache: exit status 0" exits 0
ok "the build takes everything from its cache" rebuilt

# In the meantime a user has made things of the same names.
meanwhile() {
	lab start "$version" "$T/without"
	dk "$T/without" tag base:latest app:1 || return
	dk "$T/without" network create --subnet 10.9.0.0/16 private || return
	dk "$T/without" volume create named || return
	dk "$T/without" create --name writer base:latest sh || return
	lab stop "$T/without"
}
ok "names are taken" meanwhile
startlog "$version" "$T/without" >"$T/log-before"
listing "$T/without" | grep -v -e ^image-shared -e ^layers-size >"$T/before"
drydock "$T/without" run restore "$T/v.tar.zst" -f
ok "names are taken: exit status 4" exits 4
ok "names are taken: the volume is said" grep -q 'volume named: exists already' "$T/out" "$T/err"
drydock "$T/without" run restore "$T/a.tar.zst" -f -v
ok "names are taken: exit status 4" exits 4
ok "names are taken: the tag is said" grep -q 'untag app:1: is sha256:' "$T/err"
ok "names are taken: the network is said" grep -q 'another network is called private now' "$T/err"
ok "names are taken: the container is said" grep -q 'another container is called writer now' "$T/err"
ok "names are taken: nothing new in dockerd's log" nothing_new "$version" "$T/without"
listing "$T/without" >"$T/after"
ok "names are taken: what was there is there" eval '! LC_ALL=C comm -23 "$T/before" "$T/after" | grep .'
ok "names are taken: the rest is back" grep -q 'registry.example:5000/team/app:1' "$T/after"
drydock "$T/without" system df
ok "names are taken: nothing is broken" exits 0
done_testing
