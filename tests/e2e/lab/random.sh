# shellcheck shell=bash
# random.sh - "lab populate VERSION ROOT random SEED [STEPS]": Docker operations chosen by a seed.
# Sourced by lab. Every choice comes from the seed and from what the steps before it achieved, and
# every step is a line on standard error, so that a root can be made again.

# Numbers of its own: those of bash differ from release to release.
SEEDED=0
PICK=0
CHOICE=''
random() { # N: PICK is 0 to N-1
	SEEDED=$(((SEEDED * 1103515245 + 12345) & 0x7fffffff))
	PICK=$(((SEEDED >> 12) % $1))
}
choose() { # WORD...: CHOICE is one of them
	random $#
	CHOICE=${*:PICK+1:1}
}
percent() { random 100 && [ "$PICK" -lt "$1" ]; }

# What is there, by name. RUNNABLE images have a shell, LOADED and DATA images have nothing to run.
RUNNABLE=(base:1)
DATA=()
CONTAINERS=()
NETWORKS=()
CONFIGS=()
VOLUMES=()
STEP=0
SERIAL=0 # of names that are never used twice
REGISTRY_UP=no

# drop ARRAY WORD: takes it out.
drop() {
	local -n array=$1
	local -a rest=()
	local word
	for word in "${array[@]}"; do [ "$word" = "$2" ] || rest+=("$word"); done
	array=("${rest[@]}")
}
# add ARRAY WORD: once.
add() { drop "$1" "$2" && local -n array=$1 && array+=("$2"); }

# did DOCKER_ARG...: one step: the command runs, and is told with its outcome.
did() {
	local status=0
	dk "$@" || status=$?
	say "step $STEP: docker $* -> $status" 2>&3
	return "$status"
}

LABELS=('' '' stage=one stage=two keep=yes stage=one,keep=yes 'note=a=b')
# labels OPTION: LABEL_ARGS is some labels for a command line.
labels() {
	local word
	LABEL_ARGS=()
	choose "${LABELS[@]}"
	for word in ${CHOICE//,/ }; do LABEL_ARGS+=(--label "$word"); done
}

# a_tag REPOSITORY...: TAG is one of few names, so that tags move and leave images dangling.
a_tag() {
	choose "$@"
	TAG=$CHOICE
	random 3
	TAG=$TAG:$((PICK + 1))
}

# a_context: CONTEXT is one of two build contexts; small, and changed now and then.
a_context() {
	choose one two
	CONTEXT=$TMP/$CHOICE
	mkdir -p "$CONTEXT/data"
	[ -e "$CONTEXT/data/file" ] && ! percent 30 || echo "version $((SERIAL += 1))" >"$CONTEXT/data/file"
	echo same >"$CONTEXT/data/other"
}

# instructions N: Dockerfile lines on standard output; the same few again and again.
instructions() {
	local i
	for ((i = 0; i < $1; i++)); do
		random 4
		local n=$PICK
		choose "RUN echo $n > /run-$n" "RUN rm -f /run-$n; mkdir -p /dir-$n" 'COPY data /data' \
			"COPY data/file /copy-$n" "ENV N=$n" "LABEL stage=one" "LABEL keep=yes stage=two" 'VOLUME /srv' \
			"RUN head -c $((n * 3000 + 10)) /dev/zero > /zero-$n" "WORKDIR /work-$n"
		LINES_OUT+=("$CHOICE")
	done
}

# ------------------------------------------------------------------ images

op_classic() {
	local -a args=()
	a_context
	choose "${RUNNABLE[@]}"
	LINES_OUT=("FROM $CHOICE")
	random 3
	instructions $((PICK + 1))
	! percent 5 || LINES_OUT+=('RUN false')
	printf '%s\n' "${LINES_OUT[@]}" >"$CONTEXT/Dockerfile"
	labels && args+=("${LABEL_ARGS[@]}")
	! percent 10 || args+=(--no-cache)
	TAG=''
	percent 15 || { a_tag app team/app && args+=(-t "$TAG"); }
	DOCKER_BUILDKIT=0 did build --network=none "${args[@]}" "$CONTEXT" || return 0
	[ -z "$TAG" ] || add RUNNABLE "$TAG"
}

op_scratch() {
	a_context
	LINES_OUT=("FROM scratch" 'COPY data /data')
	instructions 1
	case ${LINES_OUT[2]} in RUN*) unset 'LINES_OUT[2]' ;; esac
	printf '%s\n' "${LINES_OUT[@]}" >"$CONTEXT/Dockerfile"
	a_tag data
	random 2
	DOCKER_BUILDKIT=$PICK did build -q -t "$TAG" "$CONTEXT" && add DATA "$TAG"
	return 0
}

# Stages that several builds share, cache mounts, a context that changes.
op_kit() {
	local -a args=()
	local base side
	a_context
	choose "${RUNNABLE[@]}" && base=$CHOICE
	random 3 && side=$PICK
	LINES_OUT=("FROM $base AS tool")
	random 2
	instructions $((PICK + 1))
	LINES_OUT+=("RUN --mount=type=cache,target=/cache,id=cache-$side date >> /cache/log; echo $side > /tool")
	LINES_OUT+=("FROM base:1 AS side" "RUN echo $side > /side")
	choose base:1 "$base" side && LINES_OUT+=("FROM $CHOICE AS last")
	LINES_OUT+=('ARG WHO=world' 'COPY --from=tool /tool /usr/tool')
	! percent 40 || LINES_OUT+=('RUN --mount=type=bind,from=side,source=/,target=/from cat /from/side > /copied')
	instructions 1
	# shellcheck disable=SC2016 # the builder expands it
	LINES_OUT+=('RUN echo "hello $WHO" > /hello')
	! percent 5 || LINES_OUT+=('RUN false')
	printf '%s\n' "${LINES_OUT[@]}" >"$CONTEXT/Dockerfile"
	labels && args+=("${LABEL_ARGS[@]}")
	choose a b && args+=(--build-arg "WHO=$CHOICE")
	! percent 10 || args+=(--no-cache)
	! percent 10 || args+=(--build-arg BUILDKIT_INLINE_CACHE=1)
	! percent 15 || { choose tool side && args+=(--target "$CHOICE"); }
	TAG=''
	percent 15 || { a_tag kit team/app && args+=(-t "$TAG"); }
	DOCKER_BUILDKIT=1 did build --network=none --progress=plain "${args[@]}" "$CONTEXT" || return 0
	[ -z "$TAG" ] || add RUNNABLE "$TAG"
}

op_tag() {
	local from
	choose "${RUNNABLE[@]}" && from=$CHOICE
	a_tag app kit alias localhost:5000/app
	did tag "$from" "$TAG" && add RUNNABLE "$TAG"
	return 0
}

# base:1 stays: everything is built on it.
op_rmi() {
	local -a args=() tags=("${DATA[@]}")
	local tag
	for tag in "${RUNNABLE[@]}"; do [ "$tag" = base:1 ] || tags+=("$tag"); done
	[ ${#tags[@]} -gt 0 ] || return 0
	choose "${tags[@]}" && tag=$CHOICE
	! percent 25 || args+=(-f)
	! percent 10 || args+=(--no-prune)
	did rmi "${args[@]}" "$tag" || return 0
	drop RUNNABLE "$tag"
	drop DATA "$tag"
}

op_commit() {
	local -a args=()
	[ ${#CONTAINERS[@]} -gt 0 ] || return 0
	choose "${CONTAINERS[@]}"
	! percent 30 || args+=(-c 'LABEL stage=one')
	if percent 40; then
		did commit "${args[@]}" "$CHOICE" || true
	else
		local from=$CHOICE
		a_tag commit
		did commit "${args[@]}" "$from" "$TAG" && add RUNNABLE "$TAG"
	fi
	return 0
}

op_import() {
	local -a args=()
	a_context
	a_tag data
	! percent 50 || args+=(-c 'LABEL stage=two')
	percent 20 && TAG=''
	# shellcheck disable=SC2086 # no name at all
	tar -C "$CONTEXT" --sort=name -c data | did import "${args[@]}" - $TAG || return 0
	[ -z "$TAG" ] || add DATA "$TAG"
}

# An image of another age: made by hand, since containers and builds are always of today. Its
# layers are those of base:1 and one of few more.
op_load() {
	local dir=$TMP/load created repo labels='null' diff
	rm -rf "$dir" && mkdir -p "$dir/tree"
	choose 2015-03-01T00:00:00Z 2019-06-01T12:00:00.123456789+02:00 2023-01-01T00:00:00Z \
		0001-01-01T00:00:00Z 2099-01-01T00:00:00Z now absent && created=$CHOICE
	random 3 && echo "loaded $PICK" >"$dir/tree/loaded"
	touch -d @1000000000 "$dir/tree/loaded" "$dir/tree"
	tar -C "$(base_tree)" --exclude=./.complete -c . >"$dir/base.tar"
	tar -C "$dir/tree" --sort=name -c . >"$dir/more.tar"
	choose null '{"stage":"one"}' '{"stage":"two","keep":"yes"}' '{}' && labels=$CHOICE
	case $created in
	now) created="\"$(date -u +%FT%T.%NZ)\"" ;;
	absent) created=null ;;
	*) created="\"$created\"" ;;
	esac
	diff="\"sha256:$(sha256sum <"$dir/base.tar" | cut -d' ' -f1)\",\"sha256:$(sha256sum <"$dir/more.tar" | cut -d' ' -f1)\""
	printf '{"architecture":"amd64","os":"linux","created":%s,"config":{"Cmd":["/bin/sh"],"Labels":%s},"rootfs":{"type":"layers","diff_ids":[%s]}}' \
		"$created" "$labels" "$diff" >"$dir/config.json"
	TAG=''
	repo=null
	percent 25 || { a_tag old app && repo="[\"$TAG\"]"; }
	printf '[{"Config":"config.json","RepoTags":%s,"Layers":["base.tar","more.tar"]}]' "$repo" >"$dir/manifest.json"
	tar -C "$dir" -cf "$dir/load.tar" base.tar more.tar config.json manifest.json
	did load -q -i "$dir/load.tar" || return 0
	say "step $STEP: loaded ${TAG:-an image without a name}, created $created, labels $labels" 2>&3
	[ -z "$TAG" ] || add RUNNABLE "$TAG"
}

op_save() {
	choose "${RUNNABLE[@]}"
	[ "$CHOICE" != base:1 ] || return 0
	dk save -o "$TMP/save.tar" "$CHOICE" && did rmi -f "$CHOICE" && did load -q -i "$TMP/save.tar" || true
}

# Digests come from a registry, which lives inside the daemon's namespaces.
op_pull() {
	[ "$REGISTRY_UP" = yes ] || { start_registry && REGISTRY_UP=yes; }
	choose "${RUNNABLE[@]}" && local from=$CHOICE
	a_tag localhost:5000/app localhost:5000/pulled
	did tag "$from" "$TAG" && did push -q "$TAG" && add RUNNABLE "$TAG" || return 0
	! percent 60 || did rmi "$TAG" || true
	did pull -q "$TAG" || true
}

# -------------------------------------------------------------- containers

# container_args: ARGS is the options of a new container NAME.
container_args() {
	local mount
	NAME=c$((SERIAL += 1))
	labels
	ARGS=(--name "$NAME" "${LABEL_ARGS[@]}")
	if percent 55 || [ ${#NETWORKS[@]} -eq 0 ]; then
		choose none none bridge host && ARGS+=(--network "$CHOICE")
		if [ ${#CONTAINERS[@]} -gt 0 ] && percent 10; then
			choose "${CONTAINERS[@]}" && ARGS[-1]=container:$CHOICE
		fi
	else
		choose "${NETWORKS[@]}" && ARGS+=(--network "$CHOICE")
	fi
	if [ ${#VOLUMES[@]} -gt 0 ] && percent 35; then
		choose "${VOLUMES[@]}" && mount=$CHOICE
		ARGS+=(-v "$mount:/mounted")
	fi
	! percent 20 || ARGS+=(-v /anonymous)
	! percent 8 || { mount=v$((SERIAL += 1)) && ARGS+=(-v "$mount:/created") && VOLUMES+=("$mount"); }
	! percent 5 || ARGS+=(--tmpfs /t)
	if [ ${#CONTAINERS[@]} -gt 0 ] && percent 8; then
		choose "${CONTAINERS[@]}" && ARGS+=(--volumes-from "$CHOICE")
	fi
	if [ "$VERSION" = 28.5 ] && percent 5; then
		choose "${RUNNABLE[@]}" && ARGS+=(--mount "type=image,source=$CHOICE,target=/image")
	fi
}

op_run() {
	container_args
	choose "${RUNNABLE[@]}" && local image=$CHOICE
	random 3 && did run "${ARGS[@]}" "$image" sh -c "echo $PICK > /written; mkdir -p /mounted; echo x > /mounted/x" &&
		add CONTAINERS "$NAME"
	dk container inspect "$NAME" >/dev/null 2>&1 && add CONTAINERS "$NAME" # a start that failed leaves it, too
	return 0
}

op_create() {
	container_args
	choose "${RUNNABLE[@]}" "${DATA[@]}"
	did create "${ARGS[@]}" "$CHOICE" true && add CONTAINERS "$NAME"
	return 0
}

op_daemon() {
	local image restart
	container_args
	choose no no no always unless-stopped on-failure && restart=$CHOICE
	choose "${RUNNABLE[@]}" && image=$CHOICE
	did run -d "${ARGS[@]}" --restart "$restart" --stop-signal KILL "$image" sleep 100000 || true
	dk container inspect "$NAME" >/dev/null 2>&1 && add CONTAINERS "$NAME"
	return 0
}

op_stop() {
	[ ${#CONTAINERS[@]} -gt 0 ] || return 0
	choose "${CONTAINERS[@]}" && did stop -t 1 "$CHOICE" || true
}

op_start() {
	[ ${#CONTAINERS[@]} -gt 0 ] || return 0
	choose "${CONTAINERS[@]}" && did start "$CHOICE" || true
}

op_rm() {
	local -a args=()
	[ ${#CONTAINERS[@]} -gt 0 ] || return 0
	choose "${CONTAINERS[@]}" && local name=$CHOICE
	! percent 60 || args+=(-f)
	! percent 40 || args+=(-v)
	did rm "${args[@]}" "$name" && drop CONTAINERS "$name"
	return 0
}

op_rename() {
	[ ${#CONTAINERS[@]} -gt 0 ] || return 0
	choose "${CONTAINERS[@]}" && local name=$CHOICE new=n$((SERIAL += 1))
	did rename "$name" "$new" && drop CONTAINERS "$name" && add CONTAINERS "$new"
	return 0
}

op_export() {
	[ ${#CONTAINERS[@]} -gt 0 ] || return 0
	choose "${CONTAINERS[@]}" && did export -o "$TMP/export.tar" "$CHOICE" || true
}

# ------------------------------------------------------ networks, volumes

op_network() {
	local name=net$((SERIAL += 1))
	labels
	local -a args=("${LABEL_ARGS[@]}")
	choose plain plain plain subnet internal config from macvlan ipv6 attachable
	case $CHOICE in
	subnet) args+=(--subnet "10.$((SERIAL % 200)).0.0/24" --gateway "10.$((SERIAL % 200)).0.9") ;;
	internal) args+=(--internal) ;;
	attachable) args+=(--attachable -o com.docker.network.bridge.enable_icc=false) ;;
	ipv6) args+=(--ipv6 --subnet "fd00:$SERIAL::/64") ;;
	macvlan) args+=(-d macvlan) ;; # where the kernel can
	config)
		did network create --config-only "${args[@]}" "$name" && CONFIGS+=("$name")
		return 0
		;;
	from)
		[ ${#CONFIGS[@]} -gt 0 ] || return 0
		choose "${CONFIGS[@]}" && args+=(--config-from "$CHOICE")
		;;
	esac
	did network create "${args[@]}" "$name" && NETWORKS+=("$name")
	return 0
}

op_connect() {
	[ ${#CONTAINERS[@]} -gt 0 ] && [ ${#NETWORKS[@]} -gt 0 ] || return 0
	choose "${CONTAINERS[@]}" && local container=$CHOICE
	choose "${NETWORKS[@]}" && local network=$CHOICE
	choose connect connect disconnect && did network "$CHOICE" "$network" "$container" || true
}

op_network_rm() {
	[ ${#NETWORKS[@]} -gt 0 ] || return 0
	choose "${NETWORKS[@]}" && did network rm "$CHOICE" && drop NETWORKS "$CHOICE"
	return 0
}

op_volume() {
	labels
	local name=v$((SERIAL += 1))
	local -a args=("${LABEL_ARGS[@]}")
	! percent 15 || args+=(--opt type=tmpfs --opt device=tmpfs --opt o=size=1m)
	! percent 10 || args+=(--label com.docker.volume.anonymous)
	if percent 10; then
		did volume create "${args[@]}" || true # the daemon names it
	else
		did volume create "${args[@]}" "$name" && VOLUMES+=("$name")
	fi
	return 0
}

op_volume_rm() {
	[ ${#VOLUMES[@]} -gt 0 ] || return 0
	choose "${VOLUMES[@]}" && did volume rm "$CHOICE" && drop VOLUMES "$CHOICE"
	return 0
}

# ------------------------------------------------------------- the daemon

op_builder_prune() {
	choose 'type=exec.cachemount' 'type=source.local' 'type=regular' 'until=24h'
	did builder prune -f --filter "$CHOICE" || true
}

op_restart() {
	REGISTRY_UP=no
	cmd_stop "$ROOT"
	cmd_start "$VERSION" "$ROOT"
	say "step $STEP: daemon restarted" 2>&3
}

# Operations and how often each comes.
OPERATIONS='
	classic 7  kit 9  scratch 2  tag 4  rmi 5  commit 4  import 2  load 5  save 1  pull 2
	run 7  create 4  daemon 4  stop 2  start 1  rm 4  rename 1  export 1
	network 6  connect 3  network_rm 1  volume 5  volume_rm 1  builder_prune 1'

# SEED [STEPS]: the line with "middle" tells a moment half-way for the filter "until", with a gap on
# both sides, since builders and users can name it by a duration only.
profile_random() {
	local seed=$1 steps=${2:-70} name weight
	local -a bag=()
	SEEDED=$seed
	random 2 && random 2 # small seeds are alike at first
	while read -r name weight; do
		for ((; weight > 0; weight--)); do bag+=("$name"); done
	done < <(xargs -n 2 <<<"$OPERATIONS")
	import_base base:1
	for ((STEP = 1; STEP <= steps; STEP++)); do
		if [ "$STEP" -eq $((steps / 2)) ]; then
			sleep 2 # so that no record is as old as the moment
			say "middle $(date +%s)" 2>&3
			op_restart
			sleep 1
		fi
		choose "${bag[@]}"
		"op_$CHOICE"
	done
	[ "$REGISTRY_UP" = no ] || stop_registry
	# BuildKit makes records when it first tells sizes: here, and not in one copy and the other.
	client "$RUN" system df >/dev/null
	op_restart
	client "$RUN" system df >/dev/null
}
