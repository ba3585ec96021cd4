# shellcheck shell=bash
# listing.sh - all that a daemon lists and all that lies on the disk, a line a fact, so that two
# copies of a root can be compared after something was done to each. Sourced by lab.

names() { find "$2" -mindepth 1 -maxdepth 1 "${@:3}" -printf "$1 %f\n" 2>/dev/null || true; }

# The daemon's own words, over its socket. Left out is what changes with time, and the networks
# that every start makes anew.
# shellcheck disable=SC2016 # jq expands them
LISTING_JQ='
def words: map(tostring) | join(" ");
def part($path): .[$path];
def predefined: .Name == "bridge" or .Name == "host" or .Name == "none";
(part("/images/json?all=1")[] |
	["image", .Id, "created=\(.Created)", "size=\(.Size)", "parent=\(.ParentId)", (.Labels | tojson)],
	((.RepoTags // [])[] as $tag | ["tag", $tag, .Id]),
	((.RepoDigests // [])[] as $digest | ["digest", $digest, .Id])),
(part("/system/df") |
	(.Images[] | ["image-shared", .Id, "shared=\(.SharedSize)", "containers=\(.Containers)"]),
	(.Containers[] | ["container", .Id, .Names[0], .Image, .ImageID, .State, "rw=\(.SizeRw // 0)",
		"networks=\(.NetworkSettings.Networks | keys | join(","))",
		"volumes=\([.Mounts[] | .Name // empty] | sort | join(","))", (.Labels | tojson)]),
	(.Volumes // [] | .[] | ["volume", .Name, .Driver, "size=\(.UsageData.Size)", (.Labels | tojson),
		(.Options | tojson)]),
	(.BuildCache // [] | .[] | ["cache", .ID, .Type, "size=\(.Size)", "shared=\(.Shared)",
		"in-use=\(.InUse)", "parents=\([.Parent // empty, (.Parents // [])[]] | join(","))",
		(.Description | tojson)], ["cache-used", .ID, .LastUsedAt, .UsageCount]),
	["layers-size", .LayersSize]),
(part("/networks")[] | select(predefined | not) |
	["network", .Name, .Id, .Driver, "internal=\(.Internal)", "config-only=\(.ConfigOnly)",
		"config-from=\(.ConfigFrom.Network)", (.IPAM.Config | tojson), (.Options | tojson), (.Labels | tojson)])
| words'

list_daemon() {
	python3 "$LAB_HOME/api.py" "$1/docker.sock" '/images/json?all=1' /system/df /networks | jq -r "$LISTING_JQ"
}

list_disk() {
	local root=$1 image=$1/image/overlay2
	names disk-image "$image/imagedb/content/sha256"
	names disk-layer "$image/layerdb/sha256"
	names disk-mount "$image/layerdb/mounts"
	names disk-transaction "$image/layerdb/tmp"
	names disk-container "$root/containers"
	names disk-overlay2 "$root/overlay2" -type d
	names disk-link "$root/overlay2/l"
	names disk-volume "$root/volumes" -type d
	jq -r '.Repositories | to_entries[].value | to_entries[] | "disk-ref \(.key) \(.value)"' \
		"$image/repositories.json"
	list_sizes "$root" overlay2 ! -name l
	list_sizes "$root" volumes -type d
}

# Bytes of files and number of entries of each directory below PART of the root. Not blocks: those
# differ between copies of one root, with the room that the file system had when each was made.
list_sizes() {
	local root=$1 part=$2
	shift 2
	[ -d "$root/$part" ] || return 0
	find "$root/$part" -mindepth 1 -maxdepth 1 "$@" -printf '%f\0' >"$RUN_LISTING.names"
	(cd "$root/$part" && xargs -0r sh -c 'find "$@" -printf "%H\t%y\t%s\0"' sh <"$RUN_LISTING.names") |
		tr '\n\0' '_\n' | awk -F'\t' -v part="$part" '
			{ count[$1]++; bytes[$1] += $2 == "f" ? $3 : 0 }
			END { for (dir in count) printf "disk-bytes %s/%s %d entries %d\n", part, dir, bytes[dir], count[dir] }'
	rm -f "$RUN_LISTING.names"
}

# Contents of the databases, which must be the same once a daemon has been there. Left out: what
# BuildKit remembers of layers (markers, never removed by it), its cache of digests, what it tells
# over the socket anyway, and content that nothing leases, which it collects when it likes; buckets
# that it makes for its first record; the order in which networks were written.
list_databases() (
	local -a files=()
	local file
	cd "$1" || return
	for file in volumes/metadata network/files/local-kv buildkit/{metadata_v2,snapshots,containerdmeta,cache}; do
		[ ! -e "$file.db" ] || files+=("$file.db")
	done
	python3 "$LAB_HOME/bolt.py" "${files[@]}" >"$RUN_LISTING.db" || die "$1: a database is damaged"
	grep -vE '^buildkit/(cache.db|snapshots.db	sha256:[0-9a-f]*/$|containerdmeta.db	v1/(buildkit/(leases/)?)?$|containerdmeta.db	v1/buildkit(_history)?/(content/|ingests)|metadata_v2.db	(_external/|_(main|index)/$|_main/.*/cache\.(lastUsedAt|usageCount)	))' \
		"$RUN_LISTING.db" | sed -E 's/^(network[^\t]*\t[^\t]*\t)(\\x..|.){8}/\1/; s/^/db-/' |
		own_networks | tell_stale
	rm -f "$RUN_LISTING.db"
)

# Snapshots that no lease leads to: garbage, which BuildKit collects or not.
tell_stale() {
	awk -F'\t' '
		{ line[NR] = $0 }
		match($2, /\/snapshots\/default\/./) { live[substr($2, RSTART + RLENGTH - 1)] = 1 }
		/^db-buildkit\/snapshots/ { split($2, part, "/"); key[NR] = part[1] }
		/^db-buildkit\/snapshots/ && (part[2] == "committed" || part[2] == "parent") { to[NR] = $3 }
		END {
			do { grown = 0
				for (i in to) if (key[i] in live && to[i] != "" && !(to[i] in live)) {
					live[to[i]] = 1; grown = 1 }
			} while (grown)
			for (i = 1; i <= NR; i++) {
				if (i in key && !(key[i] in live)) sub(/^db-/, "stale-", line[i])
				print line[i]
			}
		}'
}

# Without the networks that every start makes anew.
own_networks() {
	awk -F'\t' '
		{ line[NR] = $0 }
		$3 ~ /"name":"(bridge|host|none)"/ && match($2, /network\/[0-9a-f]+\/$/) {
			skip[substr($2, RSTART + 8, RLENGTH - 9)] = 1 }
		END { for (i = 1; i <= NR; i++) {
			kept = 1
			for (id in skip) if (index(line[i], id)) kept = 0
			if (kept) print line[i] } }'
}

cmd_listing() {
	[ $# -eq 2 ] || die "usage: lab listing VERSION DATA_ROOT"
	local root run RUN_LISTING
	root=$(realpath "$2")
	run=$(run_dir "$root")
	RUN_LISTING=$run/listing
	cmd_start "$@"
	list_daemon "$run" >"$RUN_LISTING"
	cmd_stop "$root"
	list_disk "$root" >>"$RUN_LISTING"
	list_databases "$root" >>"$RUN_LISTING"
	LC_ALL=C sort "$RUN_LISTING"
	rm -f "$RUN_LISTING"
}
