# shellcheck shell=sh
# leftovers.sh - puts every kind of leftover of a dead dockerd into a data root. Sourced by tests.
#
# R is the data root. A make_* function adds one state and says what must become of it: gone PATH
# (below R; it and all in it must go), named WORD (the output must name it), changed PATH (a file
# that is written anew). The rows are L1 to L32, the ways in which layers leak.

DB=image/overlay2/layerdb
IMAGES=image/overlay2/imagedb

: "${EXPECT:?directory for what is expected}"
expect_nothing() { : >"$EXPECT/gone" && : >"$EXPECT/named" && : >"$EXPECT/changed"; }
gone() { printf './%s\n' "$@" >>"$EXPECT/gone"; }
named() { printf '%s\n' "$@" >>"$EXPECT/named"; }
changed() { printf './%s\n' "$@" >>"$EXPECT/changed"; }

# --- names: what dockerd takes at random comes from a word here

hex() { printf '%s' "$1" | sha256sum | cut -c -64; }
kit_id() { hex "$1" | cut -c -25; }
link_id() { hex "$1" | xxd -r -p | base32 | cut -c -26; }

# --- what is there

names_in() { (cd "$R/$1" && find . -mindepth 1 -maxdepth 1 | cut -c 3- | grep -Ex "$2" | sort); }

# chain_ids IMAGE_ID: chain IDs of its layers, the base first.
chain_ids() {
	chain=
	jq -r '.rootfs.diff_ids[]?' "$R/$IMAGES/content/sha256/$1" | while read -r diff; do
		if [ -z "$chain" ]; then chain=${diff#sha256:}; else chain=$(hex "sha256:$chain $diff"); fi
		echo "$chain"
	done
}

image_of() { # TAG: hex of its image ID
	jq -r --arg tag "$1" '.Repositories[][$tag] // empty' "$R/image/overlay2/repositories.json" |
		cut -d: -f2 | head -n 1
}

base_chain() { chain_ids "$(image_of base:latest)" | head -n 1; }
top_chain() { chain_ids "$(image_of keep:1)" | tail -n 1; }
cache_of() { cat "$R/$DB/sha256/$1/cache-id"; }

containers() { # JQ_FILTER: IDs of containers for which it is true
	for config in "$R"/containers/*/config.v2.json; do
		[ -e "$config" ] || continue
		jq -r "select($1) | .ID" "$config"
	done
}

live_container() { containers '.State.Running' | head -n 1; }

# Every chain ID that an image or a mount needs, and what lies below it.
needed_chains() {
	for image in "$R/$IMAGES"/content/sha256/*; do chain_ids "${image##*/}"; done
	for parent in "$R/$DB"/mounts/*/parent; do
		[ -e "$parent" ] || continue
		chain=$(cut -d: -f2 "$parent")
		while [ -n "$chain" ]; do
			echo "$chain"
			chain=$(cut -d: -f2 "$R/$DB/sha256/$chain/parent" 2>/dev/null)
		done
	done
}

orphan_chains() {
	needed_chains | sort -u >"$EXPECT/needed"
	names_in "$DB/sha256" '[0-9a-f]{64}' | comm -23 - "$EXPECT/needed"
}

# Directories with a name of dockerd's (not BuildKit's) that no record names.
orphan_dirs() {
	cat "$R/$DB"/sha256/*/cache-id "$R/$DB"/mounts/*/mount-id "$R/$DB"/mounts/*/init-id 2>/dev/null |
		sed 's/[0-9a-f]\{64\}\(-init\)\{0,1\}/&\n/g; s/\b[0-9a-z]\{25\}\b/&\n/g' | sort -u >"$EXPECT/records"
	names_in overlay2 '[0-9a-f]{64}(-init)?' | comm -23 - "$EXPECT/records"
}

# --- what must go

gone_dir() { # NAME: of overlay2, with its links
	gone "overlay2/$1"
	for link in "$R"/overlay2/l/*; do
		[ "$(readlink "$link")" != "../$1/diff" ] || gone "overlay2/l/${link##*/}"
	done
}

gone_mount() { # NAME
	gone "$DB/mounts/$1"
	for file in mount-id init-id; do
		[ ! -e "$R/$DB/mounts/$1/$file" ] || gone_dir "$(cat "$R/$DB/mounts/$1/$file")"
	done
}

gone_container() { # ID
	named "$1"
	gone "containers/$1"
	gone_mount "$1"
}

gone_layer() { # CHAIN_ID
	named "sha256:$1"
	gone "$DB/sha256/$1"
	gone_dir "$(cache_of "$1")"
}

gone_file() { # PATH...: leftovers are named by their path
	named "$@"
	gone "$@"
}

gone_files() { # DIRECTORY PATTERN: all that fit, one at least
	(cd "$R" && find "$1" -mindepth 1 -maxdepth 1 -name "$2") | grep . >"$EXPECT/found" || return 1
	while read -r found; do gone_file "$found"; done <"$EXPECT/found"
}

gone_orphan_dirs() {
	for dir in $(orphan_dirs); do
		named "$dir"
		gone_dir "$dir"
	done
}

# --- making

put() { # PATH TEXT
	mkdir -p "$R/${1%/*}"
	printf '%s' "$2" >"$R/$1"
}

new_dir() { # NAME [LOWER_DIR]: as the driver makes it
	link=$(link_id "$1")
	put "overlay2/$1/diff/file" "$1"
	put "overlay2/$1/link" "$link"
	ln -s "../$1/diff" "$R/overlay2/l/$link"
	[ $# -gt 1 ] || return 0
	mkdir "$R/overlay2/$1/work"
	put "overlay2/$1/lower" "l/$(cat "$R/overlay2/$2/link")"
	[ ! -e "$R/overlay2/$2/lower" ] || printf ':%s' "$(cat "$R/overlay2/$2/lower")" >>"$R/overlay2/$1/lower"
}

new_layer() { # WORD [PARENT_CHAIN]: prints its chain ID
	new=$(hex "diff $1")
	[ $# -eq 1 ] || new=$(hex "sha256:$2 sha256:$(hex "diff $1")")
	put "$DB/sha256/$new/diff" "sha256:$(hex "diff $1")"
	put "$DB/sha256/$new/size" 64
	put "$DB/sha256/$new/cache-id" "$(hex "cache $1")"
	printf '' | gzip >"$R/$DB/sha256/$new/tar-split.json.gz"
	if [ $# -eq 1 ]; then
		new_dir "$(hex "cache $1")"
	else
		put "$DB/sha256/$new/parent" "sha256:$2"
		new_dir "$(hex "cache $1")" "$(cache_of "$2")"
	fi
	echo "$new"
}

new_mount() { # NAME WORD [init]: on the base image
	put "$DB/mounts/$1/mount-id" "$(hex "mount $2")"
	put "$DB/mounts/$1/parent" "sha256:$(base_chain)"
	if [ $# -gt 2 ]; then
		put "$DB/mounts/$1/init-id" "$(hex "mount $2")-init"
		new_dir "$(hex "mount $2")-init" "$(cache_of "$(base_chain)")"
	fi
	new_dir "$(hex "mount $2")" "$(cache_of "$(base_chain)")"
}

# --- captured: says only what must become of it

seen_L1() { # dockerd killed while it extracts a layer
	gone_files $DB/tmp 'write-set-*'
	gone_orphan_dirs
}
seen_L6_L7() { # killed in `docker rm`: the directory has lost its link and its link file
	[ "$(containers '.State.Dead or .State.RemovalInProgress' | wc -l)" -ge 1 ] || return
	for id in $(containers '.State.Running | not'); do gone_container "$id"; done
}
seen_L9() { # killed in `docker rmi`
	gone_files $DB/sha256 '*-removing'
	for removing in "$R/$DB"/sha256/*-removing; do
		named "$(cat "$removing/cache-id")"
		gone_dir "$(cat "$removing/cache-id")"
	done
}
seen_L12() { # killed in `docker pull`: some layers are registered, one is half extracted
	seen_L1
	gone_files tmp 'GetImageBlob*'
	for chain in $(orphan_chains); do gone_layer "$chain"; done
	[ -s "$EXPECT/needed" ]
}
seen_L13() { # the classic builder killed in COPY: a mount of its own
	for mount in "$R/$DB"/mounts/*; do
		[ ! -e "$R/containers/${mount##*/}" ] || continue
		named "${mount##*/}"
		gone_mount "${mount##*/}"
	done
	gone_files tmp 'docker-builder*'
}
seen_L14() { # the classic builder killed in RUN; the next start of dockerd sees that it has exited
	id=$(live_container)
	jq -c '.State.Running = false | .State.Pid = 0 | .State.ExitCode = 255' \
		"$R/containers/$id/config.v2.json" >"$EXPECT/config"
	cat "$EXPECT/config" >"$R/containers/$id/config.v2.json"
	gone_container "$id"
}
seen_L16() { # BuildKit killed in RUN
	gone_files buildkit/executor 'hosts.*' # resolv.conf is used again
	gone_files buildkit/executor '?????????????????????????'
}

# --- made up

make_L1() { gone_file "$DB/tmp/write-set-1" && put "$DB/tmp/write-set-1/diff" "sha256:$(hex x)"; }
make_L2() {
	new_dir "$(hex L2)-init" "$(cache_of "$(base_chain)")"
	new_dir "$(hex L2)" "$(cache_of "$(base_chain)")"
	mkdir "$R/overlay2/$(hex L2)/merged"
	named "$(hex L2)" "$(hex L2)-init"
	gone_dir "$(hex L2)"
	gone_dir "$(hex L2)-init"
}
make_L2_init() {
	new_dir "$(hex L2i)-init" "$(cache_of "$(base_chain)")"
	named "$(hex L2i)-init"
	gone_dir "$(hex L2i)-init"
}
make_L3_dead() {
	new_mount "$(hex L3)" L3
	rm "$R/$DB/mounts/$(hex L3)/parent"
	named "$(hex L3)"
	gone_mount "$(hex L3)"
}
make_L4() {
	ln -s "../$(hex L4)/diff" "$R/overlay2/l/$(link_id L4)"
	named "$(link_id L4)"
	gone "overlay2/l/$(link_id L4)"
	new_dir "$(hex L4)-init" "$(cache_of "$(base_chain)")"
	named "$(hex L4)-init"
	gone_dir "$(hex L4)-init"
}
make_L5() {
	new_mount "$(hex L5)" L5 init
	named "$(hex L5)"
	gone_mount "$(hex L5)"
}
make_L8() {
	chain=$(new_layer L8)
	mv "$R/$DB/sha256/$chain" "$R/$DB/sha256/$chain-$(hex rnd)-removing"
	gone_file "$DB/sha256/$chain-$(hex rnd)-removing"
	named "$(hex "cache L8")"
	gone_dir "$(hex "cache L8")"
}
make_L8_old() {
	chain=$(new_layer L8old "$(base_chain)")
	gone_layer "$chain"
	rm "$R/overlay2/$(cache_of "$chain")/link" "$R/overlay2/$(cache_of "$chain")/lower"
}
make_L10() {
	chain=$(new_layer L10)
	mv "$R/$DB/sha256/$chain" "$R/$DB/sha256/$chain-$(hex rnd)-removing"
	rm "$R/$DB/sha256/$chain-$(hex rnd)-removing/cache-id"
	gone_file "$DB/sha256/$chain-$(hex rnd)-removing"
	named "$(hex "cache L10")"
	gone_dir "$(hex "cache L10")"
}
make_L11() {
	chain=$(new_layer L11a "$(top_chain)")
	gone_layer "$(new_layer L11b "$chain")"
	gone_layer "$chain"
	put "$IMAGES/metadata/sha256/$(hex L11)/lastUpdated" x
	gone_file "$IMAGES/metadata/sha256/$(hex L11)"
}
make_L11_tag() {
	jq -c --arg id "sha256:$(hex L11)" '.Repositories.lost = {"lost:1": $id}' \
		"$R/image/overlay2/repositories.json" >"$EXPECT/refs"
	cat "$EXPECT/refs" >"$R/image/overlay2/repositories.json"
	named lost:1
	changed image/overlay2/repositories.json
}
make_L15() {
	new_dir "$(kit_id L15)" "$(cache_of "$(base_chain)")"
	named "$(kit_id L15)"
	gone_dir "$(kit_id L15)"
}
make_L18() {
	put "overlay2/$(kit_id L18)/diff/file" rest
	named "$(kit_id L18)"
	gone_dir "$(kit_id L18)"
}
make_L20() {
	new_mount "$(kit_id L20)" L20
	named "$(kit_id L20)"
	gone_mount "$(kit_id L20)"
}
make_L22_orphan() {
	chain=$(new_layer L22 "$(base_chain)")
	gone_layer "$chain"
	: >"$R/$DB/sha256/$chain/size"
}
make_L23() {
	new_mount "$(hex L23)-user/app:1" L23
	named "$(hex L23)-user"
	gone_mount "$(hex L23)-user/app:1"
	gone "$DB/mounts/$(hex L23)-user"
}
make_L26() {
	ln -s "../$(hex L26)/diff" "$R/overlay2/l/$(link_id L26)"
	named "$(link_id L26)"
	gone "overlay2/l/$(link_id L26)"
}
make_L28() {
	image=$(image_of base:latest)
	container=$(live_container)
	for path in image/overlay2/.tmp-repositories.json4071362951 \
		"$IMAGES/content/sha256/.tmp-$(hex L28)2" \
		"$IMAGES/metadata/sha256/$image/.tmp-lastUpdated3" \
		"image/overlay2/distribution/diffid-by-digest/sha256/.tmp-$(hex L28)4" \
		"image/overlay2/distribution/v2metadata-by-diffid/sha256/.tmp-$(hex L28)5" \
		${container:+"containers/$container/.tmp-config.v2.json6"}; do
		put "$path" x
		gone_file "$path"
	done
}
make_L29() {
	for name in GetImageBlob1 docker-import-2 docker-builder3 docker-tarsplit4; do
		put "tmp/$name" x
		gone_file "tmp/$name"
	done
}
make_L30_orphan() {
	chain=$(new_layer L30 "$(base_chain)")
	rm -r "$R/overlay2/$(cache_of "$chain")" # by hand: its link stays
	named "sha256:$chain" "$(link_id "$(cache_of "$chain")")"
	gone "$DB/sha256/$chain" "overlay2/l/$(link_id "$(cache_of "$chain")")"
}
make_L31() {
	put "plugins/$(hex L31)-removing/config.json" '{}'
	gone_file "plugins/$(hex L31)-removing"
}

# All states that can be added to a root of dockerd 20.10 and must go.
# shellcheck disable=SC2034 # for who sources this
MADE_UP='L1 L2 L2_init L3_dead L4 L5 L8 L8_old L10 L11 L11_tag L15 L18 L20 L22_orphan L23 L26 L28 L29
L30_orphan L31'
