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
add() {
	drop "$1" "$2"
	local -n into=$1
	into+=("$2")
}

# did DOCKER_ARG...: one step: the command runs, and is told with its outcome.
did() {
	local status=0
	dk "$@" || status=$?
	say "step $STEP: docker $* -> $status" 2>&3
	return "$status"
}

# tried DOCKER_ARG...: the same, where nothing depends on the outcome.
tried() { did "$@" || true; }

LABELS=('' '' stage=one stage=two keep=yes 'stage=one keep=yes' 'note=a=b')
# labels OPTION: LABEL_ARGS is some labels for a command line.
labels() {
	local word
	LABEL_ARGS=()
	choose "${LABELS[@]}"
	for word in $CHOICE; do LABEL_ARGS+=(--label "$word"); done
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
	if [ "$VERSION" = 28.5 ] && percent 2; then
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
	tried run -d "${ARGS[@]}" --restart "$restart" --stop-signal KILL "$image" sleep 100000
	dk container inspect "$NAME" >/dev/null 2>&1 && add CONTAINERS "$NAME"
	return 0
}

op_stop() {
	[ ${#CONTAINERS[@]} -gt 0 ] || return 0
	choose "${CONTAINERS[@]}"
	tried stop -t 1 "$CHOICE"
}

op_start() {
	[ ${#CONTAINERS[@]} -gt 0 ] || return 0
	choose "${CONTAINERS[@]}"
	tried start "$CHOICE"
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
	choose "${CONTAINERS[@]}"
	tried export -o "$TMP/export.tar" "$CHOICE"
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
	choose connect connect disconnect
	tried network "$CHOICE" "$network" "$container"
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
		tried volume create "${args[@]}" # the daemon names it
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
	tried builder prune -f --filter "$CHOICE"
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

# half_way: tells a moment for the filter "until". Nothing is made around it, since a duration names
# it only as exactly as the command that has it is quick.
half_way() {
	local moment
	sleep 1.1
	moment=$(date +%s)
	say "middle $moment" 2>&3
	op_restart
	while [ "$(date +%s)" -lt $((moment + 5)) ]; do sleep 0.2; done
}

# SEED [STEPS]
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
		[ "$STEP" -ne $((steps / 2)) ] || half_way
		choose "${bag[@]}"
		"op_$CHOICE"
	done
	[ "$REGISTRY_UP" = no ] || stop_registry
	# BuildKit makes records when it first tells sizes: here, and not in one copy and the other.
	client "$RUN" system df >/dev/null
	op_restart
	client "$RUN" system df >/dev/null
}
