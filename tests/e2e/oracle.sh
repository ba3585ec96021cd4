# shellcheck shell=bash
# oracle.sh - dockerd is the oracle: on two copies of one root the same command is given to drydock
# and to dockerd, then a daemon starts on both, and all that it lists, all that lies on the disk and
# all that was said is compared. Sourced by tests; lib.sh comes with it.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Comparisons at a time: a daemon that stops mostly waits.
ORACLE_JOBS=${ORACLE_JOBS:-4}
# "yes": dockerd on both copies, to see what is chance in what it does itself.
ORACLE_CHANCE=${ORACLE_CHANCE:-no}
# Only the verbs that match this; seeds and releases are the caller's.
ORACLE_VERBS=${ORACLE_VERBS:-}
# "N/M": of the verbs with filters only every Mth, from the Nth on.
ORACLE_SHARE=${ORACLE_SHARE:-0/1}
# "yes" for a root that has what Docker has lost.
ORACLE_LOST=${ORACLE_LOST:-no}
# The moment half-way through the making of the root, Unix seconds.
MIDDLE=0

# What is compared: drydock's words; dockerd's where they are others; the releases, when not all.
# MIDDLE is a moment half-way through the making of the root, AGE the same as a duration.
verbs() {
	cat <<-'TABLE'
		container prune -f
		container prune -f --filter label=stage
		container prune -f --filter label=stage=one --filter label=keep
		container prune -f --filter label!=stage
		container prune -f --filter label!=stage --filter label!=keep=yes
		container prune -f --filter label=note=a=b
		container prune -f --filter label=
		container prune -f --filter until=MIDDLE
		container prune -f --filter until=24h
		container prune -f --filter until=AGE --filter label=stage
		image prune -f
		image prune -af
		image prune -f --filter until=2020-01-01
		image prune -af --filter until=2020-01-01T12:00:00Z
		image prune -af --filter until=MIDDLE
		image prune -f --filter until=AGE
		image prune -f --filter label=stage
		image prune -af --filter label=stage=two
		image prune -af --filter label!=stage
		image prune -af --filter label!=keep --filter until=MIDDLE
		image prune -f --filter dangling=true
		image prune -af --filter dangling=false
		network prune -f
		network prune -f --docker-compat                      ; network prune -f
		network prune -f --docker-compat --filter label=stage ; network prune -f --filter label=stage
		network prune -f --docker-compat --filter label!=keep ; network prune -f --filter label!=keep
		network prune -f --docker-compat --filter until=MIDDLE; network prune -f --filter until=MIDDLE
		network prune -f --filter label=stage=one
		volume prune -f
		volume prune -af                                      ; volume prune -f                           ; 20.10
		volume prune -af                                      ;                                           ; 26.1 28.5
		volume prune -af --filter label=stage                 ; volume prune -f --filter label=stage      ; 20.10
		volume prune -af --filter label=stage                 ;                                           ; 26.1 28.5
		volume prune -af --filter label!=stage                ; volume prune -f --filter label!=stage     ; 20.10
		volume prune -f --filter label!=keep                  ;                                           ; 26.1 28.5
		volume prune -f --filter all=1                        ;                                           ; 26.1 28.5
		builder prune -f
		builder prune -af
		builder prune -f --filter until=AGE
		builder prune -af --filter until=AGE
		builder prune -f --filter until=24h
		builder prune -af --filter type=exec.cachemount
		builder prune -f --filter type=source.local
		builder prune -af --filter type=regular
		builder prune -f --filter shared=true
		builder prune -af --filter private=true
		system prune -f
		system prune -af
		system prune -af --volumes
		system prune -f --docker-compat                       ; system prune -f
		system prune -af --docker-compat                      ; system prune -af
		system prune -f --filter until=AGE
		system prune -af --filter until=AGE
		system prune -af --filter until=MIDDLE                ;                                           ; 26.1 28.5
		system prune -f --filter label=stage
		system prune -af --filter label!=stage
		system prune -af --volumes --filter label!=keep
	TABLE
}

# Documented differences: name; verbs; releases; lines (+ only after drydock, - only after dockerd),
# or "@" and the function that makes the pattern; why. What is compared is otherwise the same, to
# the byte. A line that is excused and that drydock alone has was there before, too: it can keep more,
# not make anything up.
exceptions() {
	cat <<-'TABLE'
		freed-on-disk   ; .*                           ; .*    ; ^\+ said Freed on disk:              ; drydock also tells blocks and inodes
		network-total   ; network prune                ; .*    ; ^\+ said Total reclaimed space: 0B$  ; drydock ends every prune with the total
		cache-used      ; (builder|system) prune       ; .*    ; ^[-+] cache-used                     ; for BuildKit its own prune is a use of the parents of what goes
		stale-snapshots ; (builder|system) prune       ; .*    ; ^[-+] stale-buildkit/snapshots       ; BuildKit forgets some, by chance; nothing leads there
		leftovers       ; system prune                 ; .*    ; ^\+ said (Deleted leftovers:|tmp/)   ; drydock also removes what dockerd leaves or clears at its next start
		lost            ; system prune                 ; .*    ; @lost                                ; what Docker has lost; dockerd lists none of it
		stopped-network ; (network|system) prune       ; .*    ; @stopped_networks                    ; a container that stays keeps its network, without --docker-compat
		unmarked-volume ; (volume prune -f|.*--volumes) ; 20.10 ; @unmarked_volumes                   ; 20.10 does not say which volumes are anonymous: they stay without -a
		container-layer ; (container|system) prune     ; .*    ; @container_layers                    ; layers that only a container held go without a word in dockerd
		ageless-image   ; (image|system) prune .*until=; 20.10 ; @ageless_images                      ; an image without a date is no older than any moment, as for 28.5
		leased-layer    ; (builder|system) prune .*--  ; .*    ; @leased_layers                       ; layers that a cache record which stays needs, and that dockerd removes from under it
		mounted-image   ; (image|system) prune         ; 28.5  ; @mounted_images                      ; dockerd forgets that images are mounted into containers
	TABLE
}

# either WORD...: a pattern for any of them, or nothing.
either() { [ $# -eq 0 ] || (IFS='|' && echo "($*)"); }

# What drydock names as lost, with what that holds: all that dockerd lists must be the same, what lies
# on the disk may be less.
lost() {
	[ "$ORACLE_LOST" = no ] || { echo '^- (disk-|stale-)|^[-+] said ' && return; }
	local -a names
	mapfile -t names < <(sed -nE '/^Deleted (orphan|dangling|stale|half)/,/^$/p' "$1/ours.out" | grep .)
	[ ${#names[@]} -eq 0 ] || echo "^- (disk-(mount|layer|overlay2|link|bytes|transaction)|stale-)|^\\+ said $(either "${names[@]}")\$|^[-+] said Total reclaimed space:"
}

# Networks that containers which stay name, for "system prune" those of a restart policy, too.
stopped_networks() {
	local -a names ids
	case $(<"$1/ours.command") in *--docker-compat*) return ;; esac
	mapfile -t names < <(sed -nE 's/^container .* networks=([^ ]*) .*/\1/p' "$1/ours.list" | tr , '\n' |
		grep -vxE 'bridge|host|none|' | sort -u)
	[ ${#names[@]} -gt 0 ] || return 0
	mapfile -t ids < <(awk -v names=" ${names[*]} " '$1 == "network" && index(names, " " $2 " ") { print $3 }' "$T/before.list")
	echo "^\+ network [^ ]+ $(either "${ids[@]}") |^\+ db-network.*/$(either "${ids[@]}")/|^- said ($(either "${names[@]}")|Deleted Networks:)\$"
}

unmarked_volumes() {
	local -a names
	mapfile -t names < <(LC_ALL=C comm -13 "$1/theirs.list" "$1/ours.list" | awk '$1 == "volume" { print $2 }')
	[ ${#names[@]} -eq 0 ] || echo "^\+ (volume|disk-volume|disk-bytes volumes/|db-volumes/[^ ]*/)[ ]?$(either "${names[@]}")|^- said ($(either "${names[@]}")|Deleted Volumes:)\$|^[-+] said Total reclaimed space:"
}

# Layers that drydock alone names, and that are gone on both sides.
container_layers() {
	local -a layers
	mapfile -t layers < <(LC_ALL=C comm -23 \
		<(sed -n 's/^+ said deleted: sha256:/disk-layer /p' "$1/differences" | LC_ALL=C sort) \
		<(sed -n 's/^disk-image /disk-layer /p' "$T/before.list"; cat "$1/theirs.list") | LC_ALL=C sort | sed 's/disk-layer //')
	[ ${#layers[@]} -eq 0 ] || echo "^\+ said (deleted: sha256:$(either "${layers[@]}")|Deleted Images:)|^[-+] said Total reclaimed space:"
}

# Layers that a lease still names and dockerd has not any more, with all below them.
leased_layers() {
	local -a layers=() dirs=() links=()
	local chain db=$T/root/image/overlay2/layerdb/sha256 id
	while read -r chain; do
		while [ -n "$chain" ]; do
			id=$(<"$db/$chain/cache-id")
			layers+=("$chain") dirs+=("$id") links+=("$(<"$T/root/overlay2/$id/link")")
			chain=$(sed 's/^sha256://' "$db/$chain/parent" 2>/dev/null || true)
		done
	done < <(LC_ALL=C comm -12 \
		<(sed -nE 's,^db-.*/leases/.*/default/sha256:([0-9a-f]+).*,disk-layer \1,p' "$1/theirs.list" | LC_ALL=C sort -u) \
		<(LC_ALL=C comm -13 "$1/theirs.list" "$1/ours.list") | sed 's/disk-layer //')
	[ ${#layers[@]} -eq 0 ] || echo "^\\+ (disk-(overlay2|bytes|link|layer)|layers-size) .*($(either "${layers[@]}" "${dirs[@]}" "${links[@]}")|layers-size)|^[-+] layers-size"
}

ageless_images() {
	local -a ids
	mapfile -t ids < <(awk '$1 == "image" && $3 ~ /^created=-62135596800$/ { print $2 }' "$T/before.list")
	[ ${#ids[@]} -gt 0 ] || return 0
	local tags
	tags=$(awk -v ids=" ${ids[*]} " '$1 == "tag" && index(ids, " " $3 " ") { print $2 }' "$T/before.list" | sort -u)
	# shellcheck disable=SC2086 # tags have no blanks
	echo "^[-+] (tag|digest|image|image-shared|disk-ref) .*$(either "${ids[@]}")|^- said (untagged: $(either $tags)|deleted: $(either "${ids[@]}")|Deleted Images:)"
}

# Where images are mounted, what they and the build cache share with others is kept, too.
mounted_images() {
	grep -q 'type=image' "$T/steps" || return 0
	echo '^\+ (image|image-shared|disk-image|disk-layer|disk-link|disk-overlay2|disk-bytes overlay2/|disk-ref|tag|layers-size|cache|db-buildkit)|^- (image-shared|layers-size)|^[-+] said '
}

# One comparison, in a process of its own: $dir/differences is what is left, $dir/exceptions how
# much was excused by which name.
compare() {
	local dir=$1 version=$2 ours=$3 theirs=$4 ask=ask_drydock
	[ "$ORACLE_CHANCE" != yes ] || { ask=ask_dockerd && ours=$theirs; }
	side "$dir" "$version" theirs ask_dockerd "$theirs" &
	side "$dir" "$version" ours "$ask" "$ours" || { wait && return 1; }
	wait $! || return
	{
		LC_ALL=C comm -13 "$dir/theirs.list" "$dir/ours.list" | sed 's/^/+ /'
		LC_ALL=C comm -23 "$dir/theirs.list" "$dir/ours.list" | sed 's/^/- /'
	} >"$dir/differences"
	excuse "$dir" "$version" "$ours"
}

# compare_twice DIR VERSION OURS THEIRS: what differs by chance (a container that dockerd could not
# start, on a machine with too much to do) does not differ again on the same root: it is told, with
# its words, and counted, and what differs both times is what counts.
compare_twice() {
	local first=$1/differences.first
	compare "$@" || true
	same "$1" >"$1/first" && return
	[ -e "$1/exceptions" ] && mv "$1/differences" "$first" && rm "$1/exceptions"
	lab kill "$1/ours"
	lab kill "$1/theirs"
	touch "$1/chance"
	compare "$@" || return
	[ -e "$first" ] || return 0
	LC_ALL=C comm -12 "$first" "$1/differences" >"$1/both"
	mv "$1/both" "$1/differences"
}

# side DIR VERSION NAME ASK COMMAND: gives the command on a copy, and lists what is left. A command
# with a duration must be quick, or the duration has meant another moment: then again.
side() {
	local dir=$1 version=$2 name=$3 ask=$4 try begin text
	for try in 1 2 3 4 5; do
		rm -rf --one-file-system "${dir:?}/$name"
		copy "$T/root" "$dir/$name"
		[ "$ask" != ask_dockerd ] || lab start "$version" "$dir/$name" || return
		begin=$(date +%s)
		text=${5//MIDDLE/$MIDDLE}
		text=${text//AGE/$((begin - MIDDLE))s}
		"$ask" "$dir" "$name" "$text"
		[[ $5 == *AGE* && $(date +%s) -gt $((begin + 3)) ]] || break
		[ "$try" -lt 5 ] || { echo "never quick enough for a duration" && return 1; }
		[ "$ask" != ask_dockerd ] || lab kill "$dir/$name"
	done
	[ "$ask" != ask_dockerd ] || lab stop "$dir/$name" || return
	listing "$dir" "$version" "$name" || return
	rm -rf --one-file-system "${dir:?}/$name"
}

ask_drydock() {
	local dir=$1 name=$2 status=0
	local -a words
	read -ra words <<<"$3"
	echo "drydock $3" >"$dir/$name.command"
	"$BIN" --root "$dir/$name" "${words[@]}" </dev/null >"$dir/$name.out" 2>"$dir/$name.err" || status=$?
	case $status in 0 | 1) : >"$dir/$name.extra" ;; *) echo "said exit status $status: $(cat "$dir/$name.err")" >"$dir/$name.extra" ;; esac
}

ask_dockerd() {
	local dir=$1 name=$2 status=0
	local -a words
	read -ra words <<<"$3"
	echo "docker $3" >"$dir/$name.command"
	# not buildx, whose table has no ids that stand alone
	DOCKER_BUILDKIT=0 lab docker "$dir/$name" "${words[@]}" >"$dir/$name.out" 2>"$dir/$name.err" || status=$?
	case $status in 0) : >"$dir/$name.extra" ;; *) echo "said exit status $status: $(cat "$dir/$name.err")" >"$dir/$name.extra" ;; esac
}

listing() {
	lab listing "$2" "$1/$3" >"$1/$3.state" || return
	{
		cat "$1/$3.state"
		sed -n 's/^./said &/p' "$1/$3.out"
		# the newest first; of the others the order is chance
		sed -n '/^Deleted Containers:/,/^$/p' "$1/$3.out" | cut -c1-12 | paste -sd ' ' | sed -n 's/^Deleted Cont/said order:/p'
		cat "$1/$3.extra"
	} | LC_ALL=C sort >"$1/$3.list"
}

excuse() {
	local dir=$1 version=$2 verb=$3 name verbs releases pattern
	: >"$dir/exceptions"
	while IFS=';' read -r name verbs releases pattern _; do
		trim name verbs releases pattern
		[[ $verb =~ ^$verbs && $version =~ ^$releases$ ]] || continue
		case $pattern in @*) pattern=$("${pattern#@}" "$dir") ;; esac
		[ -n "$pattern" ] || continue
		# not -v, which would eat the backslashes
		BEFORE=$T/before.list PATTERN=$pattern LEFT=$dir/left awk '
			BEGIN { pattern = ENVIRON["PATTERN"]; left = ENVIRON["LEFT"]; printf "" >left
				while ((getline line <ENVIRON["BEFORE"]) > 0) was["+ " line] = 1 }
			$0 ~ pattern && (!/^\+/ || /^\+ (said|image-shared|layers-size) / || $0 in was) { count++; next }
			{ print >left }
			END { if (count) print count }' "$dir/differences" | sed "s/^/$name /" >>"$dir/exceptions"
		mv "$dir/left" "$dir/differences"
	done < <(exceptions)
}

# trim NAME...: no blanks around the values of these variables.
trim() {
	local variable
	for variable; do
		local -n value=$variable
		value=${value#"${value%%[! ]*}"}
		value=${value%"${value##*[! ]}"}
	done
}

# The verbs of a release: a line with drydock's words, a tab, dockerd's.
verbs_of() {
	local version=$1 ours theirs releases nth=-1
	verbs | while IFS=';' read -r ours theirs releases; do
		trim ours theirs releases
		case " ${releases:-$version} " in *" $version "*) ;; *) continue ;; esac
		[ -z "$ORACLE_VERBS" ] || [[ $ours =~ $ORACLE_VERBS ]] || continue
		case $ours in *--filter*)
			nth=$((nth + 1))
			[ $((nth % ${ORACLE_SHARE#*/})) -eq "${ORACLE_SHARE%/*}" ] || continue
			;;
		esac
		printf '%s\t%s\n' "$ours" "${theirs:-$ours}"
	done
}

# compare_all VERSION NAME REPLAY: every verb on $T/root, some at a time, told in order.
compare_all() {
	local version=$1 name=$2 replay=$3 ours theirs i told=0
	local -a rows
	mapfile -t rows < <(verbs_of "$version")
	rm -rf --one-file-system "$T/before"
	copy "$T/root" "$T/before"
	lab listing "$version" "$T/before" >"$T/before.list"
	for ((i = 0; i < ${#rows[@]}; i++)); do
		[ "$i" -lt "$ORACLE_JOBS" ] || wait -n || true
		IFS=$'\t' read -r ours theirs <<<"${rows[i]}"
		mkdir "$T/$i"
		{ (compare_twice "$T/$i" "$version" "$ours" "$theirs") >"$T/$i/log" 2>&1 || true; touch "$T/$i/over"; } &
		tell_finished
	done
	wait
	tell_finished
}

# Those that are over and whose turn it is; with the variables of compare_all.
tell_finished() {
	local words
	while [ -e "$T/$told/over" ]; do
		words=${rows[told]%%$'\t'*}
		tell "$T/$told" "$version $name: $words" "$replay VERBS='^$words\$'"
		rm -rf --one-file-system "${T:?}/$told"
		told=$((told + 1))
	done
}

COMPARED=0
DIFFERED=0
CHANCE=0
declare -A EXCUSED=()

tell() {
	local dir=$1 name count
	COMPARED=$((COMPARED + 1))
	ok "$2: as dockerd's" same "$dir"
	if ! same "$dir" >/dev/null; then
		DIFFERED=$((DIFFERED + 1))
		echo "again: $3" | note >&2
		[ -z "${ORACLE_KEEP:-}" ] || keep "$dir"
	elif [ -e "$dir/chance" ]; then
		CHANCE=$((CHANCE + 1))
		note <"$dir/first"
	fi
	while read -r name count; do
		EXCUSED[$name]=$((${EXCUSED[$name]:-0} + count))
	done <"$dir/exceptions"
}

same() {
	[ -e "$1/exceptions" ] || { echo "the comparison failed:"; tail -n 5 "$1/log"; return 1; }
	[ -s "$1/differences" ] || return 0
	cat "$1"/*.command
	head -n 40 "$1/differences"
	return 1
}

keep() {
	rm -rf "${ORACLE_KEEP:?}/$COMPARED"
	mkdir -p "$ORACLE_KEEP/$COMPARED"
	cp "$1"/*.* "$1/differences" "$1/log" "$T/steps" "$ORACLE_KEEP/$COMPARED/" 2>/dev/null || true
}

# seed VERSION SEED [STEPS]: all verbs on the root that the seed makes.
seed() {
	local version=$1 seed=$2
	rm -rf --one-file-system "$T/root"
	lab populate "$version" "$T/root" random "${@:2}" 2>"$T/steps" || { cat "$T/steps" >&2; return 1; }
	MIDDLE=$(sed -n 's/^lab: middle //p' "$T/steps")
	compare_all "$version" "seed $seed" "make oracle SEED=$seed VERSIONS=$version"
}

# found_out VERSION VERB: the comparison sees a drydock that does nothing.
found_out() {
	mkdir "$T/blind"
	BIN=/bin/true compare "$T/blind" "$1" "$2" "$2" >"$T/blind/log" 2>&1 || true
	ok "$1: $2: a program that does nothing is found out" test -s "$T/blind/differences"
	rm -rf "$T/blind"
}

exceptions_told() {
	local name why
	while IFS=';' read -r name _ _ _ why; do
		trim name why
		[ -z "${EXCUSED[$name]:-}" ] || echo "# exception $name: ${EXCUSED[$name]} lines: $why"
	done < <(exceptions)
	[ "$CHANCE" -eq 0 ] || echo "# chance: $CHANCE comparisons differed once, and not again: their words are above"
}
