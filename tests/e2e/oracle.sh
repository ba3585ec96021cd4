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

# Documented differences: name; verbs; releases; lines (+ only after drydock, - only after dockerd);
# why. What is compared is otherwise the same, to the byte. A line that is excused and that drydock
# alone has was there before, too: it can keep more, not make anything up.
exceptions() {
	cat <<-'TABLE'
		freed-on-disk ; .* ; .* ; ^\+ said Freed on disk: ; drydock also tells blocks and inodes
		cache-used ; (builder|system) prune ; .* ; ^[-+] cache-used ; for BuildKit its own prune is a use of the parents of what goes
		stale-snapshots ; (builder|system) prune ; .* ; ^[-+] stale-buildkit/snapshots ; BuildKit forgets some, by chance; nothing leads there
	TABLE
}

# One comparison, in a process of its own: $dir/differences is what is left, $dir/exceptions how
# much was excused by which name.
compare() {
	local dir=$1 version=$2 ours=$3 theirs=$4
	copy "$T/root" "$dir/ours"
	copy "$T/root" "$dir/theirs"
	ask_dockerd "$dir" "$version" "$theirs" theirs &
	if [ "$ORACLE_CHANCE" = yes ]; then
		ask_dockerd "$dir" "$version" "$theirs" ours
	else
		ask_drydock "$dir" "$version" "$ours"
	fi
	wait $!
	rm -rf --one-file-system "$dir/ours" "$dir/theirs"
	{
		LC_ALL=C comm -13 "$dir/theirs.list" "$dir/ours.list" | sed 's/^/+ /'
		LC_ALL=C comm -23 "$dir/theirs.list" "$dir/ours.list" | sed 's/^/- /'
	} >"$dir/differences"
	excuse "$dir" "$version" "$ours"
}

# words COMMAND: WORDS is it, with moments filled in.
words() {
	local text=${1//MIDDLE/$MIDDLE}
	text=${text//AGE/$(($(date +%s) - MIDDLE))s}
	read -ra WORDS <<<"$text"
}

ask_drydock() {
	local dir=$1 version=$2
	words "$3"
	echo "drydock ${WORDS[*]}" >"$dir/ours.command"
	status=0
	"$BIN" --root "$dir/ours" "${WORDS[@]}" </dev/null >"$dir/ours.out" 2>"$dir/ours.err" || status=$?
	case $status in 0 | 1) ;; *) echo "said exit status $status: $(cat "$dir/ours.err")" >>"$dir/ours.extra" ;; esac
	listing "$dir" "$version" ours
}

ask_dockerd() {
	local dir=$1 version=$2 side=$4 status=0
	lab start "$version" "$dir/$side"
	words "$3"
	echo "docker ${WORDS[*]}" >"$dir/$side.command"
	# not buildx, whose table has no ids that stand alone
	DOCKER_BUILDKIT=0 lab docker "$dir/$side" "${WORDS[@]}" >"$dir/$side.out" 2>"$dir/$side.err" || status=$?
	[ "$status" -eq 0 ] || echo "said exit status $status: $(cat "$dir/$side.err")" >>"$dir/$side.extra"
	lab stop "$dir/$side"
	listing "$dir" "$version" "$side"
}

listing() {
	{
		lab listing "$2" "$1/$3"
		sed -n 's/^./said &/p' "$1/$3.out"
		# the newest first; of the others the order is chance
		sed -n '/^Deleted Containers:/,/^$/p' "$1/$3.out" | cut -c1-12 | paste -sd ' ' | sed -n 's/^Deleted Con/said order:/p'
		cat "$1/$3.extra" 2>/dev/null || true
	} | LC_ALL=C sort >"$1/$3.list"
}

excuse() {
	local dir=$1 version=$2 verb=$3 name verbs releases pattern
	: >"$dir/exceptions"
	while IFS=';' read -r name verbs releases pattern _; do
		trim name verbs releases pattern
		[[ $verb =~ ^$verbs && $version =~ ^$releases$ ]] || continue
		awk -v before="$T/before.list" -v pattern="$pattern" -v left="$dir/left" '
			BEGIN { while ((getline line <before) > 0) was["+ " line] = 1; printf "" >left }
			$0 ~ pattern && (!/^\+/ || /^\+ said / || $0 in was) { count++; next }
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
	local version=$1 ours theirs releases
	verbs | while IFS=';' read -r ours theirs releases; do
		trim ours theirs releases
		case " ${releases:-$version} " in *" $version "*) ;; *) continue ;; esac
		[ -z "$ORACLE_VERBS" ] || [[ $ours =~ $ORACLE_VERBS ]] || continue
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
		{ compare "$T/$i" "$version" "$ours" "$theirs" >"$T/$i/log" 2>&1 || true; touch "$T/$i/over"; } &
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
declare -A EXCUSED=()

tell() {
	local dir=$1 name count
	COMPARED=$((COMPARED + 1))
	ok "$2: as dockerd's" same "$dir"
	if ! same "$dir" >/dev/null; then
		DIFFERED=$((DIFFERED + 1))
		echo "again: $3" | note >&2
		[ -z "${ORACLE_KEEP:-}" ] || keep "$dir"
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

exceptions_told() {
	local name why
	while IFS=';' read -r name _ _ _ why; do
		trim name why
		[ -z "${EXCUSED[$name]:-}" ] || echo "# exception $name: ${EXCUSED[$name]} lines: $why"
	done < <(exceptions)
}
