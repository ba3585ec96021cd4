# shellcheck shell=bash
# profiles.sh - "lab populate": each profile fills the data root of a running daemon.
# Sourced by lab; RUN is the state directory of the daemon, TMP a scratch directory.

cmd_populate() {
	[ $# -ge 3 ] || die "usage: lab populate VERSION DATA_ROOT PROFILE [ARG...]"
	local VERSION=$1 ROOT PROFILE=$3 RUN TMP
	ROOT=$(realpath -m "$2")
	shift 3
	RUN=$(run_dir "$ROOT")
	declare -F "profile_$PROFILE" >/dev/null || die "unknown profile '$PROFILE' (known: $(cmd_profiles))"
	mkdir -p "$LAB_DIR"
	TMP=$(mktemp -d "$LAB_DIR/populate.XXXXXX")
	# shellcheck disable=SC2064 # the directory of now is the one to remove
	trap "[ \$? -eq 0 ] || { say 'failed:'; tail -n 20 '$RUN/populate.log' >&3; }
		cmd_kill '$ROOT' 2>/dev/null; rm -rf --one-file-system '$TMP'" EXIT
	cmd_start "$VERSION" "$ROOT"
	say "populating $ROOT with $PROFILE (Docker $VERSION), output in $RUN/populate.log"
	exec 3>&2 # progress; everything else goes to the log
	"profile_$PROFILE" "$@" >"$RUN/populate.log" 2>&1
	! daemon_alive "$RUN" || cmd_stop "$ROOT"
}

cmd_profiles() { declare -F | sed -n 's/^declare -f profile_//p' | paste -sd ' '; }

dk() { client "$RUN" "$@"; }
classic() { DOCKER_BUILDKIT=0 dk build --network=none "$@"; }
kit() { DOCKER_BUILDKIT=1 dk build --network=none --progress=plain "$@"; }

# Root file system of the base image: a static busybox and nothing else.
base_tree() {
	local dir=$LAB_DIR/base applet
	if [ ! -e "$dir/.complete" ]; then
		mkdir -p "$dir"/{bin,dev,etc,proc,sys,tmp,usr}
		cp "$TOOLS/bin/busybox" "$dir/bin/busybox"
		for applet in $("$TOOLS/bin/busybox" --list); do
			[ "$applet" = busybox ] || ln -sf busybox "$dir/bin/$applet"
		done
		echo 'root:x:0:0:root:/:/bin/sh' >"$dir/etc/passwd"
		touch "$dir/.complete"
	fi
	echo "$dir"
}

import_base() {
	tar -C "$(base_tree)" --exclude=./.complete -c . | dk import -c 'CMD ["/bin/sh"]' - "$1" >/dev/null
}

# ctx NAME < Dockerfile: a build context holding it; prints the directory.
ctx() {
	mkdir -p "$TMP/$1"
	cat >"$TMP/$1/Dockerfile"
	echo "$TMP/$1"
}

# small_files DIR COUNT [TAG]: COUNT small files, 100 to a directory.
small_files() {
	mkdir -p "$1"
	awk -v n="$2" -v d="$1" -v t="${3:-x}" 'BEGIN {
		for (i = 0; i < n; i++) {
			if (i % 100 == 0) system("mkdir -p " d "/" int(i / 100))
			f = d "/" int(i / 100) "/" i
			for (j = 0; j < 1 + i % 40; j++) print t, i, j, "some small file content" >f
			close(f)
		}
	}'
}

# ------------------------------------------------------------------- seed

# One image built, its Dockerfile changed, built again: the first is dangling.
profile_seed() {
	local dir
	import_base base:latest
	dir=$(ctx seed <<-'DOCKERFILE'
		FROM base:latest
		RUN echo 'Hello World' > /hello.txt
		CMD ["cat", "/hello.txt"]
	DOCKERFILE
	)
	dk build --network=none -t my-image "$dir"
	sed -i 's/Hello World/Hello, World!/' "$dir/Dockerfile"
	dk build --network=none -t my-image "$dir"
}

# ------------------------------------------------------------------- rich

# Files that are hard on anything that walks a tree.
odd_tree() {
	local d=$1 name
	mkdir -p "$d/odd/deep" "$d/odd/closed" "$d/odd/replaced" "$d/odd/gone"
	echo one >"$d/odd/link-a"
	ln "$d/odd/link-a" "$d/odd/link-b"
	ln -s /nowhere "$d/odd/dangling-link"
	ln -s loop "$d/odd/loop"
	printf 'x' >"$d/odd/"$'new\nline'
	printf 'x' >"$d/odd/"$'tab\tback\\slash'
	printf 'x' >"$d/odd/"$'\xff\xfe-not-utf8'
	printf 'x' >"$d/odd/-leading-dash"
	printf 'x' >"$d/odd/ spaces  and 'quotes\" "
	printf 'x' >"$d/odd/größe-日本語-🐳"
	printf 'x' >"$d/odd/$(printf 'n%.0s' {1..255})"
	name=$d/odd/deep
	for _ in {1..60}; do name=$name/directory; done
	mkdir -p "$name"
	echo bottom >"$name/file"
	mkfifo "$d/odd/fifo"
	mknod "$d/odd/null" c 1 3
	mknod "$d/odd/loop0" b 7 0
	truncate -s 64M "$d/odd/sparse"
	echo attr >"$d/odd/attr"
	setfattr -n user.note -v text "$d/odd/attr"
	setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 "$d/odd/attr"
	echo setuid >"$d/odd/setuid" && chmod 4755 "$d/odd/setuid"
	echo old >"$d/odd/old" && touch -d '1970-01-01 00:00:01 UTC' "$d/odd/old"
	echo future >"$d/odd/future" && touch -d '2099-01-01' "$d/odd/future"
	echo owner >"$d/odd/owner" && chown 12345:54321 "$d/odd/owner"
	echo x >"$d/odd/closed/file" && chmod 000 "$d/odd/closed"
	echo x >"$d/odd/replaced/file"
	echo x >"$d/odd/gone/file"
}

rich_images() {
	local dir id
	import_base base:latest
	dk tag base:latest base:1.0
	dk tag base:latest registry.example:5000/team/base:v1

	# Classic builder: intermediates, shared layers, a dangling image.
	dir=$(ctx classic <<-'DOCKERFILE'
		FROM base:latest
		ENV KIND=classic
		COPY data /data
		RUN echo one > /one && rm /data/0/1
		RUN echo two > /two
		LABEL release=1
		CMD ["cat", "/one", "/two"]
	DOCKERFILE
	)
	small_files "$dir/data" 200
	classic -t app:1 "$dir"
	dk tag app:1 app:stable
	sed -i 's/two/TWO/' "$dir/Dockerfile"
	classic -t app:2 "$dir"
	sed -i 's/release=1/release=2/' "$dir/Dockerfile"
	classic -t app:2 "$dir" # the first app:2 becomes dangling

	# Odd files through import, then whiteouts, opaque and replaced directories.
	# The base goes below it so that the result can run.
	mkdir -p "$TMP/odd-tree"
	odd_tree "$TMP/odd-tree"
	cp -a "$(base_tree)/." "$TMP/odd-tree/"
	rm "$TMP/odd-tree/.complete"
	tar -C "$TMP/odd-tree" --xattrs --xattrs-include='*' -c . |
		dk import -c 'CMD ["/bin/sh"]' -m 'odd files' - odd:base
	dir=$(ctx odd <<-'DOCKERFILE'
		FROM odd:base
		RUN rm /odd/link-a && echo changed >> /odd/link-b
		RUN rm -r /odd/gone && rm -r /odd/replaced && mkdir /odd/replaced && echo new > /odd/replaced/other
		RUN mknod /odd/zero c 1 5 && mkfifo /odd/fifo2 && ln /odd/owner /odd/owner2 && chmod 700 /odd/closed
		RUN mv /odd/deep /odd/moved && rm /odd/attr && mkdir /odd/attr && echo x > /odd/attr/x
		RUN : > /odd/.wh-not-a-whiteout && echo x > "/odd/späte-datei"
		CMD ["ls", "/odd"]
	DOCKERFILE
	)
	classic -t odd:classic "$dir"
	kit -t odd:kit "$dir"

	# A volume declared in the image.
	dir=$(ctx vol <<-'DOCKERFILE'
		FROM base:latest
		RUN mkdir /srv && echo seed > /srv/seed
		VOLUME /srv
		CMD ["sh", "-c", "date >> /srv/log; cat /srv/seed"]
	DOCKERFILE
	)
	classic -t vol:1 "$dir"

	# BuildKit: stages, cache mounts, unused stages, a failed build, untagged results.
	dir=$(ctx kit <<-'DOCKERFILE'
		FROM base:latest AS tool
		COPY data /src
		RUN --mount=type=cache,target=/cache,id=lab-cache date >> /cache/log && cp /cache/log /tool
		FROM base:latest AS side
		RUN echo side > /side
		FROM base:latest
		ARG WHO=world
		COPY --from=tool /tool /usr/tool
		RUN --mount=type=bind,from=tool,source=/src,target=/src cat /src/0/* > /usr/all
		RUN echo "hello $WHO" > /hello
		CMD ["cat", "/hello"]
	DOCKERFILE
	)
	small_files "$dir/data" 150 kit
	kit -t kit:1 "$dir"
	kit -t kit:2 --build-arg WHO=two "$dir"
	kit -t kit:2 --build-arg WHO=three "$dir" # the first kit:2 becomes dangling
	kit -t kit:side --target side "$dir"
	kit --build-arg WHO=nobody "$dir" # never tagged
	kit -t kit:inline --build-arg BUILDKIT_INLINE_CACHE=1 --build-arg WHO=inline "$dir"
	echo 'RUN false' >>"$dir/Dockerfile"
	kit -t kit:failed "$dir" && die "the failing build succeeded"
	classic -t classic:failed "$(ctx failed <<<$'FROM base:latest\nRUN echo x > /x\nRUN false')" &&
		die "the failing build succeeded"

	# Commit, save and load, import; a loaded image that takes a tag over.
	dk run --network=none --name committed base:latest sh -c 'echo kept > /kept'
	dk commit -m 'by hand' -c 'CMD ["cat","/kept"]' committed committed:1 >/dev/null
	dk run --network=none --name again committed:1 sh -c 'rm /kept; echo more > /more'
	id=$(dk commit again) # never tagged
	say "untagged commit $id"
	dk save app:1 kit:1 odd:kit >"$TMP/saved.tar"
	dk rmi app:1 kit:1 >/dev/null
	dk load <"$TMP/saved.tar"
	dk tag base:latest odd:kit
	dk load <"$TMP/saved.tar"
	tar -C "$TMP/odd" -c . | dk import - scratch:context >/dev/null # nothing in it can run
	dk build -q -t empty:1 - <<<$'FROM scratch\nLABEL empty=yes' >/dev/null # no layer at all
}

# A registry inside the daemon's namespaces, so that it dies with the daemon. It
# answers on localhost:5000.
REGISTRY_PID=''
start_registry() {
	cat >"$TMP/registry.yml" <<-YAML
		version: 0.1
		storage: {filesystem: {rootdirectory: $TMP/registry}}
		http: {addr: 127.0.0.1:5000}
	YAML
	nsenter --target "$(cat "$RUN/init.pid")" --net --pid -- \
		"$TOOLS/usr/bin/docker-registry" serve "$TMP/registry.yml" >"$RUN/registry.log" 2>&1 &
	REGISTRY_PID=$!
	disown "$REGISTRY_PID" # no message when a crash takes it along
	local deadline=$((SECONDS + LAB_TIMEOUT))
	until nsenter --target "$(cat "$RUN/init.pid")" --net -- \
		bash -c ': </dev/tcp/127.0.0.1/5000' 2>/dev/null; do
		[ "$SECONDS" -lt "$deadline" ] || die "registry did not come up, see $RUN/registry.log"
		sleep 0.05
	done
}

stop_registry() {
	local -a children # nsenter forks to enter the process namespace
	read -ra children <"/proc/$REGISTRY_PID/task/$REGISTRY_PID/children" || true
	[ ${#children[@]} -eq 0 ] || kill "${children[@]}" || true
}

# Push to and pull from it: digests and distribution metadata.
rich_registry() {
	start_registry
	dk tag app:2 localhost:5000/team/app:2
	dk tag kit:2 localhost:5000/team/kit:2
	dk push localhost:5000/team/app:2 >/dev/null
	dk push localhost:5000/team/kit:2 >/dev/null
	dk rmi localhost:5000/team/kit:2 kit:2 >/dev/null
	dk pull localhost:5000/team/kit:2 >/dev/null
	# A digest without a tag, as left behind by a newer pull of the same tag.
	dk tag base:latest localhost:5000/team/app:2
	dk push localhost:5000/team/app:2 >/dev/null
	dk tag kit:1 localhost:5000/team/app:2
	dk pull localhost:5000/team/app:2 >/dev/null
	stop_registry
}

rich_containers() {
	dk volume create used >/dev/null
	dk volume create --label keep=yes unused >/dev/null
	dk network create used-net >/dev/null
	dk network create --internal unused-net >/dev/null

	dk create --name created app:2 >/dev/null
	dk run --name exited-ok app:1 >/dev/null
	dk run --name exited-bad base:latest sh -c 'echo bad > /bad; exit 3' || true
	dk run --name odd-changes odd:classic sh -c \
		'rm -r /odd/replaced; mkdir /odd/replaced; echo z > "/odd/zwölf"; rm /odd/zero; chmod 711 /odd' || true
	dk run --name with-volume -v used:/srv vol:1 >/dev/null
	dk run --name anonymous-volume vol:1 >/dev/null
	dk run --name lost vol:1 >/dev/null
	dk rm lost >/dev/null # leaves its anonymous volume behind
	dk run --name on-net --network used-net base:latest true
	dk run --name bind -v /usr/share/base-files:/host:ro base:latest true
	dk run --name tmpfs --read-only --tmpfs /t --network=none base:latest true
	dk run -d --name restarted --stop-signal KILL base:latest sleep 100000 >/dev/null
	dk restart restarted >/dev/null
	dk run -d --name always --restart=always --stop-signal KILL app:stable sleep 100000 >/dev/null
	dk run -d --name stopped --stop-signal KILL base:latest sh -c 'echo s > /s; sleep 100000' >/dev/null
	dk stop stopped >/dev/null
	dk run -d --rm --name transient --stop-signal KILL base:latest sleep 100000 >/dev/null
	dk rename bind bind-renamed

	# Containers whose image lost its tag, or was removed by force.
	local dir
	for builder in classic kit; do
		dir=$(ctx "victim-$builder" <<<$'FROM base:latest\nRUN echo '"$builder"$' > /v\nCMD ["cat","/v"]')
		"$builder" -t "untagged:$builder" "$dir"
		dk run --name "of-untagged-$builder" "untagged:$builder"
		dk tag base:latest "untagged:$builder"
		echo 'RUN echo more > /more' >>"$dir/Dockerfile"
		"$builder" -t "forced:$builder" "$dir"
		dk run --name "of-forced-$builder" "forced:$builder"
		dk rmi -f "forced:$builder"
	done
}

rich_plugin() {
	mkdir -p "$TMP/plugin/rootfs"
	cp -a "$(base_tree)/bin" "$TMP/plugin/rootfs/"
	cat >"$TMP/plugin/config.json" <<-'JSON'
		{"description":"disabled plugin","documentation":"","entrypoint":["/bin/true"],
		 "interface":{"types":["docker.volumedriver/1.0"],"socket":"p.sock"},
		 "network":{"type":"none"},"linux":{"capabilities":[]}}
	JSON
	dk plugin create lab/plugin "$TMP/plugin" >/dev/null
}

profile_rich() {
	rich_images
	rich_registry
	rich_containers
	rich_plugin
}

# -------------------------------------------------------------------- kit

# A small root of a release whose default builder is BuildKit: the seed's story, build
# cache of several kinds, a named and an anonymous volume, a network, a container.
profile_kit() {
	local dir
	profile_seed
	dir=$(ctx kit <<-'DOCKERFILE'
		FROM base:latest AS tool
		RUN --mount=type=cache,target=/cache,id=lab-cache date >> /cache/log && cp /cache/log /tool
		FROM base:latest
		COPY --from=tool /tool /tool
		COPY local /local
		VOLUME /srv
		CMD ["cat", "/local"]
	DOCKERFILE
	)
	echo local >"$dir/local"
	kit -t service:1 "$dir"
	dk volume create named
	dk network create backend
	dk run --name web --network backend -v named:/data service:1
	dk run --name other my-image
	dk run --name lost service:1
	dk rm lost # leaves its anonymous volume behind
}

# ------------------------------------------------------------------- nets

# Networks and volumes in every state of use: by name, ID and beginning of the ID, by containers that
# run, have stopped, were never started, and by none.
profile_nets() {
	local name
	sleeper() { dk run -d --stop-signal KILL --name "$@" base:latest sleep 1000; }
	import_base base:latest
	for name in plain conn byid lone lone2; do dk network create "$name"; done
	dk network create --label a=b --subnet 10.77.0.0/16 subnet
	dk network create -o com.docker.network.bridge.name=mybr0 custom
	dk network create --internal inner
	dk network create --config-only conf
	dk network create --config-from conf made
	dk network create --config-from conf made2
	dk create --name created --network plain base:latest
	dk network connect conn created
	dk create --name by-id --network "$(dk network inspect -f '{{.Id}}' byid)" base:latest
	dk create --name by-beginning --network "$(dk network inspect -f '{{.Id}}' byid | cut -c 1-8)" base:latest
	sleeper stopped --network subnet
	sleeper always --network inner --restart always
	sleeper joined --network container:always
	sleeper with-config --network made
	sleeper host --network host

	for name in named bound free; do dk volume create "$name"; done
	dk volume create --label x=y labelled
	dk volume create -o type=tmpfs -o device=tmpfs options
	dk volume create --label com.docker.volume.anonymous= marked
	dk create --name v-named -v named:/data base:latest
	dk create --name v-mount --mount type=volume,src=labelled,dst=/data base:latest
	dk create --name v-anonymous -v /data base:latest
	dk create --name v-from --volumes-from v-anonymous:ro base:latest
	dk create --name v-bound -v "${LAB_AT:-$ROOT}/volumes/bound/_data:/data" base:latest
	dk run --name v-run -v /data base:latest sh -c 'echo content > /data/file'
	dk run --name v-lost -v /data base:latest sh -c 'echo lost > /data/file'
	dk rm v-lost # leaves its anonymous volume behind
}
