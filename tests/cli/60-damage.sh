#!/bin/sh
# Records that are broken, one at a time: a line on stderr that names the file, the right exit
# status, nothing changed by looking, and after a prune everything is there that the undamaged root
# would have kept.
# It is made a hundred times: in memory, if the caller has no other wish.
[ -n "${TMPDIR:-}" ] || [ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"
command -v python3 >/dev/null || skip_all "needs python3"
fixture rich-20.10 "$T/whole"

count=0
check() {
	ok "$@"
	count=$((count + 1))
}

# What is in the layers is no matter here.
find "$T/whole"/overlay2/*/diff -mindepth 1 -delete

R=$T/root   # the copy that is damaged
away=$T/away # where the things are that symlinks lead to
layerdb=image/overlay2/layerdb
imagedb=image/overlay2/imagedb

# What looking must not change: all but the access times of directories, which find itself changes.
# Files get an old access time first, so that relatime has no excuse.
age() { find "$R" -type f -exec touch -a -d 2001-01-01 {} +; }
picture() {
	find "$R" -type f -printf '%p %m %s %i %T@ %C@ %A@\n' -o -printf '%p %y %m %i %T@ %C@\n' | sort
}

# The paths that must survive a prune: all but those of the undamaged root's plan.
cp -a "$T/whole" "$R"
run --root "$R" system prune --dry-run --format json
check "the undamaged root has no finding that blocks" exits 0
python3 - "$T/out" >"$T/goes" <<'PY'
import json, sys
for action in json.load(open(sys.argv[1]))["actions"]:
    print(action["path"])
PY
check "the undamaged root has a plan" test -s "$T/goes"
listing() { (cd "$R" && find . -path ./.drydock -prune -o -printf '%P\0') | tr '\n\0' '?\n' | LC_ALL=C sort; }
listing | awk 'NR == FNR { goes[$0]; next }
	{ p = ""; n = split($0, part, "/"); for (i = 1; i <= n; i++) { p = p (i > 1 ? "/" : "") part[i];
		if (p in goes) next } print }' "$T/goes" - >"$T/stays"

# nothing_lost [PREFIX]: everything that stays is there, except at the damage itself.
nothing_lost() {
	listing >"$T/after"
	LC_ALL=C comm -23 "$T/stays" "$T/after" |
		awk -v p="${1:-.}" '$0 != p && index($0, p "/") != 1' >"$T/lost"
	[ ! -s "$T/lost" ] || { echo "lost:"; head -n 5 "$T/lost"; return 1; }
}

# every line on stderr is drydock's, and none has a byte that a terminal would obey
is_plain() { iconv -f utf-8 -t utf-8 "$1" >"$T/utf8" && ! LC_ALL=C grep -q '[[:cntrl:]]' "$1"; }
well_said() { ! grep -v '^drydock: ' "$T/err" && is_plain "$T/err"; }

# Undo what a case has done, for the next one.
whole() {
	rm -rf "$R" "$away"
	cp -a "$T/whole" "$R"
}

# damaged "WORDS" STATUS NAMED [PATH]: $R is damaged at PATH; stderr is to contain NAMED ("": no
# word is said).
damaged() {
	damaged_what="$1 exits $2, names it, is only looked at by a dry run, and costs nothing"
	check "$damaged_what" damaged_checks "$2" "$3" "${4:-.}"
	whole
}
damaged_checks() {
	age
	picture >"$T/before"
	[ ! -e "$away" ] || snapshot "$away" >"$T/away.before"
	run --root "$R" system prune --dry-run
	cat "$T/err"
	exits "$1" || return 1
	[ -z "$2" ] || says err "$2" || says err "${2%/*}: ${2##*/}" || { echo "not named: $2"; return 1; }
	well_said || { echo "a line that is none"; return 1; }
	picture | diff "$T/before" - || return 1
	cp "$R/image/overlay2/repositories.json" "$T/tags" 2>/dev/null || : >"$T/tags"
	run --root "$R" system prune -f
	exits "$1" || return 1
	nothing_lost "$3" || return 1
	[ ! -e "$away" ] || unchanged "$away" "$T/away.before" || return 1
	[ ! -e "$R/image/overlay2/repositories.json" ] || [ ! -s "$T/tags" ] ||
		cmp "$T/tags" "$R/image/overlay2/repositories.json"
}

# broken "WORDS" PATH CUT GARBAGE EMPTY: the exit statuses of the three ways to break the file; with
# a dash nothing is said about it, because dockerd would take the file for a new one.
broken() {
	[ -s "$R/$2" ] || { check "there is $1 ($2)" false; return; }
	broken_size=$(wc -c <"$R/$2")
	broken_cut=$((broken_size * 2 / 3 - 2))
	case $2 in
	*.db) broken_cut=9000 ;; # in a database the first two pages say where the rest is
	esac
	[ "$broken_cut" -gt 0 ] || broken_cut=0
	truncate -s "$broken_cut" "$R/$2"
	damaged "$1, truncated" "${3%-}" "$2" "$2"
	head -c "$broken_size" /dev/zero | tr '\0' '\351' >"$R/$2"
	damaged "$1, garbage" "${4%-}" "$2" "$2"
	broken_named=$2
	[ "${5%-}" = "$5" ] || broken_named=
	: >"$R/$2"
	damaged "$1, of zero length" "${5%-}" "$broken_named" "$2"
}

# text PATH FORMAT: the record gets this content.
# shellcheck disable=SC2059 # the format is the content
text() { printf "$2" >"$R/$1"; }

# --- the things that are damaged, found in the root
pick=$(python3 - "$T/whole" "$T/goes" <<'PY'
import glob, json, os, sys
root, goes = sys.argv[1], set(open(sys.argv[2]).read().split("\n"))
os.chdir(root)
layers = sorted(glob.glob("image/overlay2/layerdb/sha256/*"))
with_parent = [l for l in layers if os.path.exists(l + "/parent")]
print("live=" + [l for l in with_parent if l not in goes][0])
print("dead=" + [l for l in with_parent if l in goes][0])
print("image=" + [i for i in sorted(glob.glob("image/overlay2/imagedb/content/sha256/*")) if i not in goes][0])
print("dead_image=" + [i for i in sorted(glob.glob("image/overlay2/imagedb/content/sha256/*")) if i in goes][0])
print("parent=" + [p for p in sorted(glob.glob("image/overlay2/imagedb/metadata/sha256/*/parent")) if os.path.dirname(p) not in goes][0])
containers = sorted(glob.glob("containers/*"))
print("kept=" + [c for c in containers if c not in goes][0])
print("gone=" + [c for c in containers if c in goes][0])
print("dir=" + [os.path.dirname(p) for p in sorted(glob.glob("overlay2/*/lower")) if os.path.dirname(p) not in goes][0])
print("link=" + [p for p in sorted(glob.glob("overlay2/l/*")) if p not in goes][0])
PY
)
live='' dead='' image='' dead_image='' parent='' kept='' gone='' dir='' link=''
eval "$pick"
kept_mount=$layerdb/mounts/${kept#*/} gone_mount=$layerdb/mounts/${gone#*/}
live_id=${live##*/}

# --- every file that is read, in three ways
broken "the tags" image/overlay2/repositories.json 4 4 4
broken "the config of a tagged image" "$image" 4 4 4
broken "the config of a dangling image" "$dead_image" 4 4 4
broken "the parent of an image" "$parent" 4 4 4
# What dockerd does not load it does not need; what it could have kept alive is known.
for part in diff size; do
	broken "the $part of a layer in use" "$live/$part" 0 0 0
	broken "the $part of a layer that goes" "$dead/$part" 0 0 0
done
for part in cache-id parent; do
	broken "the $part of a layer in use" "$live/$part" 4 4 4
	broken "the $part of a layer that goes" "$dead/$part" 4 4 4
done
for part in mount-id init-id parent; do
	broken "the $part of a kept container" "$kept_mount/$part" 4 4 4
	broken "the $part of a container that goes" "$gone_mount/$part" 4 4 4
done
broken "the config of a kept container" "$kept/config.v2.json" 4 4 4
broken "the config of a container that goes" "$gone/config.v2.json" 4 4 4
broken "the host config of a kept container" "$kept/hostconfig.json" 4 4 4
broken "the host config of a container that goes" "$gone/hostconfig.json" 4 4 4
broken "the build cache's snapshots" buildkit/snapshots.db 4 4 4
broken "the build cache's records" buildkit/metadata_v2.db 4 4 0-
broken "the build cache's leases" buildkit/containerdmeta.db 4 4 0-
broken "the database of volumes" volumes/metadata.db 0 0 0-
broken "the database of networks" network/files/local-kv.db 0 0 0-
broken "the link file of a directory" "$dir/link" 0 0 0
broken "the lower file of a directory" "$dir/lower" 4 4 4

# --- circles
text "$live/parent" "sha256:$live_id"
damaged "a layer that is its own parent" 4 "$live_id" "$live/parent"
other=$(sed 's/sha256://' "$R/$live/parent")
text "$layerdb/sha256/$other/parent" "sha256:$live_id"
damaged "two layers that are each other's parent" 4 "$live_id" "$layerdb/sha256/$other/parent"
text "$dir/lower" "l/$(cat "$R/$dir/link")"
damaged "a directory that lies on itself" 0 "$dir" "$dir/lower"
below=$(readlink "$R/overlay2/$(sed 's/:.*//' "$R/$dir/lower")" | cut -d/ -f2)
text "overlay2/$below/lower" "l/$(cat "$R/$dir/link")"
damaged "two directories that lie on each other" 0 "lower-cycle: overlay2/" "overlay2/$below/lower"
for db in snapshots metadata_v2 containerdmeta; do
	python3 - "$R/buildkit/$db.db" <<'PY'
import struct, sys
with open(sys.argv[1], "r+b") as f:
    data = f.read()
    size = struct.unpack_from("<I", data, 24)[0]
    metas = [struct.unpack_from("<QQQQQ", data, page * size + 32) for page in (0, 1)]
    root = max(metas, key=lambda meta: meta[4])[0]
    count = struct.unpack_from("<H", data, root * size + 10)[0]
    for i in range(count):
        at = root * size + 16 + i * 16
        flags, pos, key_len, _ = struct.unpack_from("<IIII", data, at)
        if flags & 1:
            f.seek(at + pos + key_len)
            f.write(struct.pack("<Q", root))
PY
	damaged "a circle of pages in $db.db" 4 "buildkit/$db.db" "buildkit/$db.db"
done

# --- names that lead out
text "$live/cache-id" "../../volumes"
damaged "a cache-id with slashes" 4 "$live" "$live/cache-id"
text "$dead/cache-id" ".."
damaged "a cache-id of two dots" 4 "$dead" "$dead/cache-id"
text "$live/parent" "sha256:../../../../containers"
damaged "a parent with slashes" 4 "$live" "$live/parent"
text "$kept_mount/mount-id" "../containers"
damaged "a mount-id with slashes" 4 "$kept_mount" "$kept_mount/mount-id"
text "$kept_mount/init-id" ".."
damaged "an init-id of two dots" 4 "$kept_mount" "$kept_mount/init-id"
text "$dir/lower" "l/../../containers:/etc"
damaged "a lower that leads out" 4 "$dir/lower" "$dir/lower"
text "$dir/link" "../../containers"
damaged "a link that leads out" 0 "$dir" "$dir/link"
ln -sfn ../../../../etc/diff "$R/$link"
damaged "a link in l/ that leads out" 4 "$link" "$link"
text image/overlay2/repositories.json '{"Repositories":{"a":{"a:1":"sha256:../../../../containers"}}}'
damaged "a tag of an image with slashes" 4 image/overlay2/repositories.json

# --- symlinks where directories should be
# moved PATH: a symlink leads to it
moved() {
	mkdir -p "$away"
	mv "$R/$1" "$away/it"
	ln -s "$away/it" "$R/$1"
}
for part in image overlay2 $layerdb $imagedb image/overlay2; do
	moved "$part"
	damaged "$part as a symlink" 4 "$part" "$part"
done
moved "$live"
damaged "a layer record as a symlink" 4 "$live" "$live"
moved "$dir"
damaged "a directory of overlay2 as a symlink" 0 "$dir" "$dir"
moved "$kept"
damaged "a container as a symlink" 4 "$kept" "$kept"
moved "$gone"
damaged "a container that goes as a symlink" 4 "$gone" "$gone"
moved overlay2/l
damaged "overlay2/l as a symlink" 4 overlay2/l overlay2/l

# --- names that a terminal or a parser would stumble over
bad=$(printf 'new\nline\377\033[31m')
python3 - "$R/$gone/config.v2.json" "$R/$kept/config.v2.json" <<'PY'
import re, sys
for path in sys.argv[1:]:
    data = open(path, "rb").read()
    data = re.sub(rb'"Name":"/[^"]*"', b'"Name":"/new\\\\nline\xff\\\\u001b[31m"', data)
    open(path, "wb").write(data)
PY
run --root "$R" container ls --format jsonl
check "names with newlines are valid JSON" jsonl "$T/out"
run --root "$R" container ls -a
check "names with newlines are escaped in tables" is_plain "$T/out"
damaged "container names with a newline and bytes that are no UTF-8" 0 ""
python3 - "$R/image/overlay2/repositories.json" <<'PY'
import sys
data = open(sys.argv[1], "rb").read()
image = data[data.index(b"sha256:"):][:71]
data = data.replace(b'{"Repositories":{', b'{"Repositories":{"new\\nline\xff\\u001b":{"new\\nline\xff\\u001b:1":"' + image + b'"},')
open(sys.argv[1], "wb").write(data)
PY
run --root "$R" image ls
check "tags with newlines are escaped in tables" is_plain "$T/out"
run --root "$R" image ls --format json
check "tags with newlines are valid JSON" json "$T/out"
damaged "tags with a newline and bytes that are no UTF-8" 0 ""
mkdir "$R/overlay2/$bad" && ln -s "../$bad/diff" "$R/overlay2/l/$bad"
damaged "names in overlay2 with a newline and bytes that are no UTF-8" 0 'new\nline'
mkdir "$R/$layerdb/sha256/$bad" "$R/$layerdb/mounts/$bad" "$R/containers/$bad"
: >"$R/$imagedb/content/sha256/$bad"
damaged "names of records with a newline and bytes that are no UTF-8" 0 'new\nline'

# --- chains of 200 layers: one has an image, the other one lost it
rm -rf "$R"
python3 - "$R" <<'PY'
import hashlib, json, os, sys
root = sys.argv[1]
sha = lambda text: hashlib.sha256(text.encode()).hexdigest()
def put(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    open(path, "w").write(text)
os.makedirs(root)
os.chdir(root)
for path in ("containers", "image/overlay2/layerdb/tmp", "image/overlay2/layerdb/mounts", "overlay2/l",
             "image/overlay2/imagedb/metadata/sha256", "image/overlay2/imagedb/content/sha256"):
    os.makedirs(path)
for chain_name in ("kept", "lost"):
    diffs, lower, chain = [], [], None
    for i in range(200):
        diff, directory = sha(f"{chain_name} diff {i}"), sha(f"{chain_name} dir {i}")
        link = (chain_name.upper() + "%022d" % i).translate(str.maketrans("0189", "WXYZ"))
        parent, chain = chain, sha(f"sha256:{chain} sha256:{diff}") if chain else diff
        record = "image/overlay2/layerdb/sha256/" + chain
        put(record + "/diff", "sha256:" + diff)
        put(record + "/size", "4")
        put(record + "/cache-id", directory)
        if parent:
            put(record + "/parent", "sha256:" + parent)
            # no more than dockerd stacks and the kernel mounts
            put(f"overlay2/{directory}/lower", ":".join(lower[:128]))
        put(f"overlay2/{directory}/link", link)
        put(f"overlay2/{directory}/diff/file", "text")
        os.symlink(f"../{directory}/diff", "overlay2/l/" + link)
        diffs.append("sha256:" + diff)
        lower.insert(0, "l/" + link)
    if chain_name == "kept":
        config = json.dumps({"architecture": "amd64", "os": "linux", "config": {},
                             "rootfs": {"type": "layers", "diff_ids": diffs}})
        put("image/overlay2/imagedb/content/sha256/" + sha(config), config)
        put("image/overlay2/repositories.json",
            json.dumps({"Repositories": {"deep": {"deep:1": "sha256:" + sha(config)}}}))
PY
run --root "$R" system prune -f
check "of two chains of 200 layers one goes" exits 0
check "nothing is wrong with 200 layers" is_empty err
things() { find "$R/$1" -mindepth 1 -maxdepth 1 | wc -l; }
check "200 layer records stay" test "$(things $layerdb/sha256)" -eq 200
check "200 links stay" test "$(things overlay2/l)" -eq 200
check "200 directories stay, and l" test "$(things overlay2)" -eq 201

long=$(find "$R/overlay2" -name lower -size +3k | head -n 1)
lower=$(cat "$long")
text "${long#"$R/"}" "$lower:$lower"
snapshot "$R" >"$T/before"
run --root "$R" system prune --dry-run
check "a lower file of more than dockerd stacks exits 4" exits 4
check "a lower file of more than dockerd stacks is named" says err "${long#"$R/"}"
check "a lower file of more than dockerd stacks changes nothing" unchanged "$R" "$T/before"

# --- a process that has ended but was not waited for has no mounts to read
whole
(
	true &
	exec sleep 20
) &
zombie=$!
run --root "$R" system prune --dry-run
kill "$zombie"
check "a zombie does not stop drydock" exits 0

plan "$count"
done_testing
