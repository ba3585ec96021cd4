# shellcheck shell=bash
# leaks.sh - "lab populate": profiles that cut the power in the middle of an operation.
# Sourced by lab. leaky cuts at known points, storm at random ones, big leaks nothing.

# ------------------------------------------------------------------ leaky

# cut_when CONDITION...: kills the daemon when the condition holds. Looks as often as the shell
# can, so conditions start no process. Returns 1 if the job in the background ended first.
cut_when() {
	until "$@"; do
		kill -0 $! 2>/dev/null || return 1
	done
	cmd_kill "$ROOT"
}

exists() { compgen -G "$1" >/dev/null; }
missing() { [ ! -e "$1" ] && [ ! -L "$1" ]; }
LAYERDB=image/overlay2/layerdb

# A read-write layer of the classic builder: it has a mount-id, but no init-id.
builder_mount() {
	local dir
	for dir in "$ROOT/$LAYERDB"/mounts/*/; do
		if [ -s "$dir/mount-id" ] && [ ! -e "$dir/init-id" ] && exists "$ROOT/overlay2/$(<"$dir/mount-id")/diff/data/*"; then
			return 0
		fi
	done
	return 1
}

# L1: a layer half extracted, its transaction open. The rest of the tar never comes.
cut_import() {
	exec 7> >(dk import - leak:import)
	tar -C "$TMP/leak" -c data >&7
	cut_when exists "$ROOT/overlay2/*/diff/data/9/999"
	exec 7>&-
	exists "$ROOT/$LAYERDB/tmp/write-set-*"
}

# L13: the classic builder's own read-write layer, in the middle of COPY.
cut_copy() {
	classic --no-cache -t leak:copy "$TMP/leak" &
	cut_when builder_mount
}

# L14: a container of the classic builder, in the middle of RUN.
cut_run() {
	classic -t leak:run - <<<$'FROM base:latest\nRUN echo x > /started-run && sleep 1000' &
	cut_when exists "$ROOT/overlay2/*/diff/started-run"
}

# L16: BuildKit in the middle of RUN.
cut_kit() {
	kit -t leak:kit - <<<$'FROM base:latest\nRUN echo x > /started-kit && sleep 1000' &
	cut_when exists "$ROOT/overlay2/*/diff/started-kit"
}

# L6: a container being removed: its link is gone, its directory partly, its record not.
cut_rm() {
	local id mount link
	id=$(dk create --network=none keep:1 cp -a /data /mine)
	dk start -a "$id"
	mount=$(<"$ROOT/$LAYERDB/mounts/$id/mount-id")
	link=$(<"$ROOT/overlay2/$mount/link")
	dk rm "$id" &
	cut_when missing "$ROOT/overlay2/l/$link" || return
	[ -e "$ROOT/overlay2/$mount" ] && [ -e "$ROOT/containers/$id/config.v2.json" ]
}

# L9: a layer being removed.
cut_rmi() {
	local -a removing
	date +%s%N >"$TMP/leak/unique"
	classic -q --no-cache -t leak:rmi "$TMP/leak"
	dk rmi leak:rmi &
	cut_when exists "$ROOT/$LAYERDB/sha256/*-removing" || return
	removing=("$ROOT/$LAYERDB"/sha256/*-removing)
	[ -s "${removing[0]}/cache-id" ] && [ -e "$ROOT/overlay2/$(<"${removing[0]}/cache-id")" ]
}

# L12: a pull that has registered its first layers and not yet its last.
cut_pull() {
	local -a layers
	date +%s%N >"$TMP/leak/unique"
	classic -q --no-cache -t localhost:5000/leak:pull "$TMP/leak"
	start_registry
	dk push localhost:5000/leak:pull
	dk rmi localhost:5000/leak:pull
	layers=("$ROOT/$LAYERDB"/sha256/*)
	dk pull localhost:5000/leak:pull &
	cut_when more_layers "${#layers[@]}" || return
	exists "$ROOT/$LAYERDB/tmp/write-set-*"
}

more_layers() {
	local -a layers=("$ROOT/$LAYERDB"/sha256/*)
	[ ${#layers[@]} -gt "$1" ]
}

# What is kept beside every leak: an image with a container, and a build context.
leak_base() {
	import_base base:latest
	ctx leak <<-'DOCKERFILE' >/dev/null
		FROM base:latest
		COPY unique /unique
		COPY data /data
	DOCKERFILE
	small_files "$TMP/leak/data" 1500 leak
	echo kept >"$TMP/leak/unique"
	classic -q -t keep:1 "$TMP/leak"
	dk run --network=none --name keeper keep:1 sh -c 'rm -r /data/3 && echo kept > /kept'
}

# [KIND...]: ends in the state of the last cut, without a clean stop. A cut that came
# too late to leave anything is tried again, on what the last one left.
profile_leaky() {
	local kind try
	[ $# -gt 0 ] || set -- import copy run kit rm rmi pull
	leak_base
	for kind; do
		for ((try = 0; ; try++)); do
			[ "$try" -lt 20 ] || die "leaky $kind: always came too late"
			daemon_alive "$RUN" || cmd_start "$VERSION" "$ROOT"
			! "cut_$kind" || break
		done
		wait
		say "leaky $kind: $(garbage "$ROOT")" 2>&3
	done
}

# ------------------------------------------------------------------ storm

# crash KIND COMMAND...: the first time let COMMAND run to its end, to learn how long
# it takes; from then on cut the power at a random moment of it.
declare -A DURATION=()
crash() {
	local kind=$1 pid start ms
	shift
	start=$(date +%s%N)
	if [ -z "${DURATION[$kind]:-}" ]; then
		"$@" || die "$kind failed, see $RUN/populate.log"
		DURATION[$kind]=$((($(date +%s%N) - start) / 1000000))
		return
	fi
	"$@" &
	pid=$!
	ms=$((RANDOM % DURATION[$kind]))
	sleep "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
	cmd_kill "$ROOT"
	wait "$pid" || true
}

leak_import() { small_tar | dk import - "leak:import-$RANDOM"; }
leak_load() { dk load <"$TMP/load.tar"; }
leak_classic() { uniq_ctx && classic --no-cache -t leak:classic "$TMP/leak"; }
leak_kit() { uniq_ctx && kit --no-cache -t leak:kit "$TMP/leak"; }
leak_rmi() { dk rmi -f leak:rmi; }
leak_commit() { dk commit leaker leak:commit; }
leak_run() { dk run --name "run-$RANDOM" --network=none base:latest sh -c 'echo x > /x'; }
leak_rm() { dk ps -aq --filter name=many | xargs -r "$LAB_SELF" docker "$ROOT" rm -f; }
# Needs no power cut: 26.1 forgets to release the layer of a container once exported.
leak_export() {
	local id
	id=$(dk create leak:keep) && dk export "$id" | tar -t >/dev/null && dk rm "$id"
}
leak_pull() { dk pull localhost:5000/leak:pull; }

small_tar() { tar -C "$TMP/leak/data" -c .; }
uniq_ctx() { echo "$RANDOM$RANDOM" >"$TMP/leak/unique"; }

# What a round needs that the operation under test consumes.
leak_prepare() {
	local i
	case $1 in
	load) dk rmi -f leak:load || true ;;
	pull)
		start_registry
		if [ ! -e "$TMP/registry/docker" ]; then
			dk push localhost:5000/leak:pull
			dk rmi leak:pull
		fi
		dk rmi -f localhost:5000/leak:pull || true
		;;
	rmi) uniq_ctx && classic -q -t leak:rmi "$TMP/leak" ;;
	rm)
		for i in {1..4}; do
			dk run --name "many-$RANDOM-$i" --network=none leak:keep cp -a /copy /mine
		done
		;;
	esac
}

# ROUNDS [KIND...]: ends in the state of the last crash, without a clean stop.
profile_storm() {
	local rounds=${1:-4} round kind dir
	shift || true
	[ $# -gt 0 ] || set -- load import pull classic kit commit run export rm rmi
	import_base base:latest
	# Two images with nothing but the base in common: keep stays, pull and load go.
	ctx leak <<-'DOCKERFILE' >/dev/null
		FROM base:latest
		COPY data /data
		COPY unique /data/unique
		RUN cp -a /data /copy
		RUN rm -r /data && echo done > /done
	DOCKERFILE
	small_files "$TMP/leak/data" 3000 leak
	for dir in load pull keep; do
		uniq_ctx
		classic -q --no-cache -t "leak:$dir" "$TMP/leak"
	done
	dk save leak:load >"$TMP/load.tar"
	dk tag leak:pull localhost:5000/leak:pull
	dk rmi leak:load >/dev/null
	dk run --network=none --name leaker leak:keep sh -c 'cp -a /copy /third'
	for kind; do
		for ((round = 0; round <= rounds; round++)); do
			daemon_alive "$RUN" || cmd_start "$VERSION" "$ROOT"
			leak_prepare "$kind"
			crash "$kind" "leak_$kind"
			say "storm $kind $round: $(garbage "$ROOT")" 2>&3
		done
	done
}

# -------------------------------------------------------------------- big

# N images of LAB_BIG_FILES small files each; every second one loses its tag.
profile_big() {
	local n=${1:-50} files=${LAB_BIG_FILES:-500} i
	import_base base:latest
	ctx big <<-'DOCKERFILE' >/dev/null
		FROM base:latest
		COPY data /data
		RUN echo layer > /layer
	DOCKERFILE
	for ((i = 0; i < n; i++)); do
		rm -rf "$TMP/big/data"
		small_files "$TMP/big/data" "$files" "image $i"
		classic -q -t "big:$((i / 2))" "$TMP/big" >/dev/null
	done
}
