# shellcheck shell=bash
# census.sh - what points at what in a data root, judged from its files alone.
# Sourced by lab. Deliberately simple, and independent of the collector that it checks.
# BuildKit's databases are only searched for the bare names, so a stale mention in
# a free page counts as a reference: the numbers of garbage are lower bounds.

words() { find "$1" -type f \( "${@:2}" \) -exec awk 1 {} + 2>/dev/null || true; }

# Layer directories that no live record leads to: no registered layer, no mount of an
# existing container, no BuildKit record.
unreferenced_dirs() {
	local root=$1 image=$1/image/overlay2/layerdb
	LC_ALL=C comm -23 \
		<(find "$root/overlay2" -mindepth 1 -maxdepth 1 -type d ! -name l -printf '%f\n' | LC_ALL=C sort) \
		<({
			words "$image/sha256" -name cache-id ! -path '*-removing/*'
			while read -r id; do
				words "$image/mounts/$id" -name mount-id -o -name init-id
			done < <(container_mounts "$root" yes)
			mentioned "$root" < <(find "$root/overlay2" -mindepth 1 -maxdepth 1 -type d -printf '%f\n')
		} | LC_ALL=C sort -u)
}

# container_mounts ROOT yes|no: mounts whose container exists, or does not.
container_mounts() {
	local dir id has
	for dir in "$1"/image/overlay2/layerdb/mounts/*/; do
		id=$(basename "$dir")
		has=no
		[ ! -e "$1/containers/$id/config.v2.json" ] || has=yes
		[ "$has" != "$2" ] || [ ! -d "$dir" ] || echo "$id"
	done
}

# One line of totals, for progress messages.
garbage() {
	echo "$(unreferenced_dirs "$1" | wc -l) dirs, $(container_mounts "$1" no | wc -l) mounts," \
		"$(orphan_layers "$1" | wc -l) layers," \
		"$(count "$1/image/overlay2/layerdb/tmp" -mindepth 1 -maxdepth 1) unfinished"
}

# Those names on stdin that occur in a BuildKit database.
mentioned() {
	local dbs=("$1"/buildkit/*.db)
	[ -e "${dbs[0]}" ] || { cat >/dev/null; return 0; }
	LC_ALL=C grep -aohF -f /dev/stdin "${dbs[@]}" | LC_ALL=C sort -u || true
}

# Chain of the top layer of every image.
image_tops() {
	local file chain diff
	for file in "$1"/image/overlay2/imagedb/content/sha256/*; do
		[ -s "$file" ] || continue
		chain=''
		while read -r diff; do
			if [ -z "$chain" ]; then chain=$diff; else
				chain=sha256:$(printf '%s %s' "$chain" "$diff" | sha256sum | cut -d' ' -f1)
			fi
		done < <(jq -r '.rootfs.diff_ids[]?' "$file")
		[ -z "$chain" ] || echo "$chain"
	done
}

# Registered layers that no image, container or BuildKit record leads to.
orphan_layers() {
	local db=$1/image/overlay2/layerdb chain parent
	local -A live=()
	while read -r chain; do
		while [ -n "$chain" ] && [ -z "${live[$chain]:-}" ]; do
			live[$chain]=1
			parent=$(cat "$db/sha256/${chain#sha256:}/parent" 2>/dev/null || true)
			chain=$parent
		done
	done < <(
		image_tops "$1"
		while read -r chain; do
			words "$db/mounts/$chain" -name parent
		done < <(container_mounts "$1" yes)
		find "$db/sha256" -mindepth 1 -maxdepth 1 -printf 'sha256:%f\n' | mentioned "$1"
	)
	while read -r chain; do
		[ -n "${live[$chain]:-}" ] || echo "$chain"
	done < <(find "$db/sha256" -mindepth 1 -maxdepth 1 ! -name '*-removing' -printf 'sha256:%f\n')
}

count() { find "$@" 2>/dev/null | wc -l; }

cmd_census() {
	local root db dirs=() name
	root=$(realpath "$1")
	db=$root/image/overlay2
	while read -r name; do dirs+=("$root/overlay2/$name"); done < <(unreferenced_dirs "$root")
	printf '%-28s %s\n' \
		'layer directories' "$(count "$root/overlay2" -mindepth 1 -maxdepth 1 -type d ! -name l)" \
		'  unreferenced' "${#dirs[@]}" \
		'  unreferenced, KiB' "$(du -skc "${dirs[@]:-/dev/null}" | tail -n 1 | cut -f1)" \
		'registered layers' "$(count "$db/layerdb/sha256" -mindepth 1 -maxdepth 1 ! -name '*-removing')" \
		'  unreferenced' "$(orphan_layers "$root" | wc -l)" \
		'layerdb/tmp entries' "$(count "$db/layerdb/tmp" -mindepth 1 -maxdepth 1)" \
		'layers being removed' "$(count "$db/layerdb/sha256" -name '*-removing')" \
		'image configurations' "$(count "$db/imagedb/content/sha256" -type f)" \
		'container mounts' "$(count "$db/layerdb/mounts" -mindepth 1 -maxdepth 1)" \
		'  without container' "$(container_mounts "$root" no | wc -l)" \
		'containers' "$(count "$root/containers" -mindepth 1 -maxdepth 1)" \
		'short links' "$(count "$root/overlay2/l" -type l)" \
		'  dangling' "$(count "$root/overlay2/l" -xtype l)" \
		'files in tmp' "$(count "$root/tmp" -mindepth 1)"
}
