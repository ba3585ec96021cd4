# shellcheck shell=bash disable=SC2153,SC2154 # names of random.sh
# random_images.sh - the steps of random.sh that make images and build cache, or take them away.
# Sourced by lab.

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
		tried commit "${args[@]}" "$CHOICE"
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
	dk save -o "$TMP/save.tar" "$CHOICE" || return 0
	tried rmi -f "$CHOICE"
	tried load -q -i "$TMP/save.tar"
}

# Digests come from a registry, which lives inside the daemon's namespaces.
op_pull() {
	[ "$REGISTRY_UP" = yes ] || { start_registry && REGISTRY_UP=yes; }
	choose "${RUNNABLE[@]}" && local from=$CHOICE
	a_tag localhost:5000/app localhost:5000/pulled
	did tag "$from" "$TAG" && did push -q "$TAG" || return 0
	add RUNNABLE "$TAG"
	! percent 60 || tried rmi "$TAG"
	tried pull -q "$TAG"
}
