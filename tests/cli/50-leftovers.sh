#!/bin/sh
# Every kind of leftover: made on a copy of a captured data root, named, removed, and nothing else.
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"
EXPECT=$T/expect
mkdir "$EXPECT"
# shellcheck source=tests/leftovers.sh
. "$SRCDIR/tests/leftovers.sh"
for tool in jq xxd; do
	command -v $tool >/dev/null || skip_all "needs $tool"
done

R=$T/root
count=0
check() {
	ok "$@"
	count=$((count + 1))
}

drydock() { run --root "$R" "$@"; }

for name in seed-20.10 killed-run-20.10 killed-kit-20.10 kit-28.5; do
	fixture "$name" "$T/$name"
done
# clean NAME: the root without what a prune takes anyway, so that only the state made on it goes.
clean() {
	cp -a "$T/$1" "$T/clean-$1"
	run --root "$T/clean-$1" system prune -f
	rm -r "$T/clean-$1/.drydock"
}

for name in killed-run-20.10 killed-kit-20.10 kit-28.5; do clean "$name"; done
mv "$T/clean-killed-run-20.10" "$T/clean"

# root NAME: R is a fresh copy of this root.
root() {
	rm -rf "$R"
	if [ -d "$T/$1" ]; then cp -a "$T/$1" "$R"; else fixture "$1" "$R"; fi
	expect_nothing
}

# All that is there, but drydock's own and what is written anew: contents, and what is no file.
listing() {
	(cd "$R" && {
		find . -path ./.drydock -prune -o ! -type f -printf '%p\t%y %m %U:%G %l\n'
		find . -path ./.drydock -prune -o -type f -exec sha256sum {} + | sed 's/\([^ ]*\)  \(.*\)/\2\t\1/'
	}) | awk -F '\t' 'FILENAME != "-" { skip[$1] = 1; next } !($1 in skip)' "$EXPECT/changed" - | sort
}

# The listing in the file without what must go; a path that was not there is a fault of the test.
without_gone() {
	awk -F '\t' 'FILENAME == ARGV[1] { gone[$1] = 1; next }
		{
			for (path = $1; path != "."; sub("/[^/]*$", "", path))
				if (path in gone) { used[path] = 1; next }
			print
		}
		END { for (path in gone) if (!(path in used)) print "never was: " path }' "$EXPECT/gone" "$1"
}

names_all() {
	[ -s "$EXPECT/named" ] && while read -r word; do
		says out "$word" || { echo "not named: $word"; return 1; }
	done <"$EXPECT/named"
}

only_gone() {
	[ -s "$EXPECT/gone" ] || [ -s "$EXPECT/changed" ] || return
	listing >"$T/after"
	without_gone "$T/before" | diff - "$T/after"
}

nothing_gone() { listing | diff "$T/before" -; }
says_total_zero() { [ "$(cat "$T/out")" = 'Total reclaimed space: 0B' ]; }

# removed ROW WORDS ROOT MAKE COMMAND: the state that MAKE makes on ROOT goes, and nothing else.
removed() {
	root "$3"
	check "$1: $2: the state is there" "$4"
	listing >"$T/before"
	drydock "$5" prune -f
	check "$1: exits 0" exits 0
	check "$1: all of it is named" names_all
	check "$1: all of it is gone, and nothing else" only_gone
	drydock "$5" prune -f
	check "$1: then there is nothing to do" exits 0
	check "$1: and drydock says so" says_total_zero
}

# kept ROW WORDS ROOT MAKE STATUS TEXT: the state stays as it is, and TEXT is said.
kept() {
	root "$3"
	check "$1: $2: the state is there" "$4"
	listing >"$T/before"
	for command in system layer; do
		drydock "$command" prune -f
		check "$1: $command prune exits $5" exits "$5"
		[ -z "$6" ] || check "$1: $command prune says $6" says err "$6"
		check "$1: $command prune removes nothing" nothing_gone
	done
}

# --- states that are kept

keep_L3() { rm "$R/$DB/mounts/$(live_container)/parent"; }
keep_L5() { new_mount "$(hex L5)" L5 init && put "containers/$(hex L5)/hosts" x; }
keep_L21() { rm "$R/buildkit/snapshots.db"; }
keep_L22() { : >"$R/$DB/sha256/$(top_chain)/size"; }
keep_L23() { new_mount "$(live_container)-user/app:1" L23; }
keep_L24() {
	put aufs/diff/x/file x
	put image/aufs/repositories.json '{"Repositories":{}}'
}
keep_L25() { cp -a "$T/seed-20.10" "$R/100000.100000"; }
keep_L27() { rm "$R/image/overlay2/repositories.json"; }
keep_L30() { # as the driver removes: the link first
	dir=$(cache_of "$(top_chain)")
	rm "$R/overlay2/l/$(cat "$R/overlay2/$dir/link")" && rm -r "$R/overlay2/$dir"
}
keep_L32() { put "containerd/daemon/io.containerd.content.v1.content/blobs/sha256/$(hex L32)" x; }

# The snapshots, and their directories, that the root had before its build cache was pruned.
make_L19() {
	old=$T/killed-kit-20.10
	cp "$old/buildkit/snapshots.db" "$R/buildkit/"
	changed buildkit/snapshots.db
	for dir in "$old/overlay2"/?????????????????????????; do
		dir=${dir##*/}
		if [ ! -e "$R/overlay2/$dir" ] && grep -aq "$dir" "$old/buildkit/snapshots.db"; then
			cp -a "$old/overlay2/$dir" "$R/overlay2/"
			ln -s "../$dir/diff" "$R/overlay2/l/$(cat "$old/overlay2/$dir/link")"
			named "$dir"
			gone_dir "$dir"
		fi
	done
}
make_L17() { # and their leases
	make_L19 && cp "$T/killed-kit-20.10/buildkit/containerdmeta.db" "$R/buildkit/"
	changed buildkit/containerdmeta.db
}
make_L21() { # an admin has removed the whole build cache
	rm -r "$R/buildkit"
	for chain in $(orphan_chains); do gone_layer "$chain"; done
	for dir in $(names_in overlay2 '[0-9a-z]{25}'); do
		grep -qx "$dir" "$R/$DB"/sha256/*/cache-id || { named "$dir" && gone_dir "$dir"; }
	done
}

# --- the table

removed L1 'killed while a layer is extracted (captured)' killed-import-20.10 seen_L1 layer
removed L1 'a transaction alone' clean make_L1 layer
removed L2 'killed before the mount record' clean make_L2 system
removed L2 'an init directory alone' clean make_L2_init layer
kept L3 'torn mount of a container' clean keep_L3 0 mount-torn
removed L3 'torn mount of nothing' clean make_L3_dead system
removed L4 'a create that failed' clean make_L4 system
removed L5 'a mount before its container' clean make_L5 system
kept L5 'a container without a config' clean keep_L5 0 container-no-config
removed L6,L7 'killed in rm (captured)' killed-rm-20.10 seen_L6_L7 system
removed L8 'a layer that could not be removed' clean make_L8 system
removed L8 'the same up to 19.03' clean make_L8_old system
removed L9 'killed in rmi (captured)' killed-rmi-20.10 seen_L9 layer
removed L10 'half-removed, cache-id gone' clean make_L10 system
removed L11 'an image without its config' clean make_L11 system
removed L11 'a tag of an image that is gone' clean make_L11_tag system
removed L12 'killed in pull (captured)' killed-pull-20.10 seen_L12 layer
removed L13 'classic builder killed in COPY (captured)' killed-copy-20.10 seen_L13 layer
removed L14 'classic builder killed in RUN (captured)' clean seen_L14 system
removed L15 'BuildKit killed before its record' clean make_L15 system
removed L16 'BuildKit killed in RUN (captured)' killed-kit-20.10 seen_L16 layer
removed L17 'a build cache bucket without a record' clean-killed-kit-20.10 make_L17 system
removed L18 'BuildKit killed in remove' clean make_L18 system
removed L19 'a bucket without record and lease' clean-killed-kit-20.10 make_L19 layer
removed L20 'a view of BuildKit' clean make_L20 system
removed L21 'the build cache was removed by hand' kit-28.5 make_L21 layer
kept L21 'only snapshots.db was' clean-kit-28.5 keep_L21 4 cache-db-gone
kept L22 'a truncated layer record of an image' clean keep_L22 0 layer-unreadable
removed L22 'one of no image' clean make_L22_orphan system
removed L23 'an image mount of 28 with a slash' clean make_L23 system
kept L24 'another driver' clean keep_L24 0 other-driver
kept L25 'a userns root' clean keep_L25 0 userns-root
removed L26 'a dangling link' clean make_L26 layer
kept L27 'the tags are lost' clean keep_L27 4 tags-empty
removed L28 'files of atomic writers' clean make_L28 system
removed L29 'temporary files' clean make_L29 system
echo '# L29: with DOCKER_TMPDIR elsewhere they are not in the data root: not seen, not removed'
kept L30 'the directory of a layer of an image is gone' clean keep_L30 0 layer-dir-gone
removed L30 'that of a layer of no image' clean make_L30_orphan system
removed L31 'a plugin half removed' clean make_L31 system
kept L32 'a blob in the content store of containerd' clean keep_L32 0 ''
kept L23 'an image mount of a container that is kept' clean keep_L23 0 ''

# L7: what cannot be erased (EPERM here) is out of overlay2 all the same, and said; later it goes.
root clean
make_L15
if chattr +i "$R/overlay2/$(kit_id L15)/diff/file" 2>/dev/null; then
	listing >"$T/before"
	drydock system prune -f
	check 'L7: a file that cannot be erased: exits 4' exits 4
	check 'L7: it is said' says err 'Operation not permitted'
	check 'L7: the directory is away from overlay2, and nothing else' only_gone
	drydock run ls
	check 'L7: the run is incomplete' says out incomplete
	find "$R/.drydock" -name file -exec chattr -i {} +
	drydock run resume
	check 'L7: run resume finds it' exits 0
	check 'L7: then the file is gone' sh -c "[ -z \"\$(find '$R/.drydock' -name file)\" ]"
else
	echo '# L7: this file system has no immutable files: EPERM is not tried'
fi

plan "$count"
done_testing
