#!/bin/sh
# What a prune removes goes to an archive first, and comes back as it was: every owner, mode, time,
# attribute, device, hole and link. An archive that cannot be written, or is damaged, changes nothing.
# shellcheck disable=SC2016 # what `eval` is given is expanded there
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"
fixture rich-20.10 "$T/whole"

count=0
check() {
	ok "$@"
	count=$((count + 1))
}
drydock() { run --root "$T/root" "$@"; }
picture() { python3 "$SRCDIR/tests/cli/picture.py" "$1"; }
fresh() {
	rm -rf "$T/root" "$T/a.tar.zst"
	cp -a "$T/whole" "$T/root"
}
# is_as FILE: the root looks as in that picture.
is_as() { picture "$T/root" | diff "$1" -; }
# is_nearly FILE: the same but for times of directories that hold something which went.
is_nearly() {
	sed -E 's/^([^ ]+ 4[0-7]+ [0-9:]+) [0-9-]+/\1/' "$1" >"$T/nearly"
	picture "$T/root" | sed -E 's/^([^ ]+ 4[0-7]+ [0-9:]+) [0-9-]+/\1/' | diff "$T/nearly" -
}
lacks() { [ ! -e "$1" ] && [ ! -e "$1.partial" ]; }
# has_no_trash: no directory of a run is left.
has_no_trash() { [ -z "$(find "$T/root" -path '*/.drydock/*' -type d)" ]; }

# --- two directories that go get one of everything
"$BIN" --root "$T/whole" system prune -a --volumes --dry-run --format json -q |
	python3 -c 'import json, sys
for action in json.load(sys.stdin)["actions"]:
    if action["kind"] == "directory":
        print(action["object"])' >"$T/dirs"
one=$T/whole/overlay2/$(sed -n 1p "$T/dirs")/diff
two=$T/whole/overlay2/$(sed -n 2p "$T/dirs")/diff
check "there are directories that go" [ -d "$one" -a -d "$two" ]
mkdir -p "$one/empty" "$one/opaque"
printf content >"$one/plain"
ln "$one/plain" "$one/empty/second-name"
ln "$one/plain" "$two/name-in-another-directory"
mknod "$one/whiteout" c 0 0
mknod "$one/block" b 7 300
mkfifo -m 0622 "$one/fifo"
python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$one/s" 2>/dev/null ||
	(cd "$one" && python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("s")')
truncate -s 40M "$one/sparse"
printf middle | dd of="$one/sparse" bs=1M seek=20 conv=notrunc status=none
ln -s "../$(printf 't%.0s' $(seq 200))" "$one/link"
touch "$one/$(printf 'n%.0s' $(seq 255))" "$one/$(printf 'new\nline')" "$one/$(printf 'latin-\351')"
cp /bin/true "$one/setuid"
setfattr -n trusted.overlay.opaque -v y "$one/opaque"
setfattr -n user.note -v 'a note' "$one/plain"
# cap_net_bind_service=ep, and an ACL: user 1000 may read
setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 "$one/setuid"
setfattr -n system.posix_acl_access \
	-v 0x0200000001000600ffffffff02000400e803000004000400ffffffff10000400ffffffff20000000ffffffff \
	"$one/plain" 2>/dev/null || echo "# no ACLs here"
chown -R 12345:54321 "$one/empty"
chown -h 7:8 "$one/link"
chown 100000:100000 "$one/setuid"
setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 "$one/setuid"
chmod 6755 "$one/setuid"
chmod 1773 "$one/opaque"
touch -h -d '1969-12-31T23:59:58.987654321Z' "$one/link"
touch -d '2038-01-19T03:14:08.000000001Z' "$one/plain" "$one/empty"
mkdir -m 0700 "$T/whole/.drydock" # or making it changes the time of the root
picture "$T/whole" >"$T/before"
check "the picture has attributes that only root sees" grep -q 'trusted.overlay.opaque=79' "$T/before"
check "the picture has capabilities" grep -q security.capability= "$T/before"

# --- there and back
fresh
drydock system prune -af --volumes --archive "$T/a.tar.zst"
check "prune --archive exits 0" exits 0
check "it says where the archive is" says err "archived to $T/a.tar.zst ("
check "it lists what is gone, as ever" says out "Deleted Containers:"
check "only its owner can read the archive" [ "$(stat -c %a "$T/a.tar.zst")" = 600 ]
check "nothing partial is left" [ ! -e "$T/a.tar.zst.partial" ]
check "the directories are gone" [ ! -e "$T/root/overlay2/$(sed -n 1p "$T/dirs")" ]
check "GNU tar lists it" sh -c "tar --zstd -tf '$T/a.tar.zst' 2>/dev/null | grep -q '/diff/whiteout\$'"
check "GNU tar unpacks a file of it" sh -c \
	"[ \"\$(tar --zstd -xOf '$T/a.tar.zst' --wildcards '*/diff/sparse' 2>/dev/null | wc -c)\" -eq 41943040 ]"
check "run ls shows it" sh -c "'$BIN' --root '$T/root' run ls | grep -q '$T/a.tar.zst\$'"
check "run show has it in JSON" sh -c \
	"'$BIN' --root '$T/root' run show 1 --format json | grep -F -q '\"archive\":\"$T/a.tar.zst\"'"
picture "$T/root" >"$T/pruned"
drydock run restore "$T/a.tar.zst"
check "nobody can be asked: exit 16" exits 16
drydock run restore "$T/a.tar.zst" --dry-run
check "restore --dry-run exits 0" exits 0
check "it lists what would come back" says out "Would restore containers:"
check "it says what that takes" says out "Would take on disk: "
drydock run restore "$T/a.tar.zst" --dry-run --format json
check "the same as JSON" json "$T/out"
check "restore --dry-run changes nothing" is_as "$T/pruned"
cp "$T/a.tar.zst" "$T/kept.tar.zst"
drydock run restore "$T/a.tar.zst" -f
check "restore exits 0" exits 0
check "restore says nothing on stderr" is_empty err
check "it lists what is back" says out "Restored Containers:"
check "everything is back, as it was" is_as "$T/before"
check "no trash is left" has_no_trash
check "the archive is not changed" cmp "$T/kept.tar.zst" "$T/a.tar.zst"
drydock run restore "$T/a.tar.zst" -f
check "a second restore: exit 4" exits 4
check "a second restore says what is in its way" says out "tag app:1: exists already"
check "a second restore changes nothing" is_as "$T/before"
drydock system prune -af --volumes --archive "$T/a.tar.zst"
check "a file that exists is not replaced: exit 8" exits 8
check "it says so" says err "$T/a.tar.zst: exists already"
check "nothing was removed then" is_as "$T/before"

# --- the question
# on_terminal ANSWER ARG...: runs drydock on a terminal of its own; what it shows is in $T/out.
on_terminal() {
	answer=$1
	shift
	status=0
	: >"$T/err"
	printf '%s\n' "$answer" | script -qec "$BIN --root $T/root $*" /dev/null >"$T/out" || status=$?
}
if command -v script >/dev/null; then
	drydock image prune -af --archive "$T/asked.tar.zst"
	picture "$T/root" >"$T/asked"
	on_terminal n run restore "$T/asked.tar.zst"
	check "it shows and asks, no is no" eval \
		'exits 0 && says out "Would restore images:" && says out "continue? [y/N]" && says out "nothing was restored"'
	check "no is no: nothing is changed" is_as "$T/asked"
	on_terminal y run restore "$T/asked.tar.zst"
	check "yes is yes" eval 'exits 0 && says out "Restored Images:" && is_as "$T/before"'
fi

# --- tags that mean something else now
drydock image prune -af --archive "$T/tags.tar.zst"
check "image prune --archive exits 0" exits 0
(cd "$T" && run --root "$T/root" --format json run restore tags.tar.zst -f)
run --root "$T/root" --format json run restore "$T/tags.tar.zst" --dry-run
check "what is there already is told in JSON" grep -q '"error":"exists already"' "$T/out"

# --- standard output
fresh
status=0
"$BIN" --root "$T/root" system prune -af --volumes --archive - >"$T/piped" 2>"$T/err" || status=$?
check "--archive - exits 0" exits 0
check "--archive - reports on stderr" says err "Deleted Containers:"
check "--archive - writes nothing but the archive" zstd -q -t --no-progress "$T/piped"
drydock run restore "$T/piped" -f
check "what was piped comes back" eval 'exits 0 && is_as "$T/before"'
drydock run restore -
check "a pipe cannot be restored from: exit 16" exits 16
if command -v script >/dev/null; then
	on_terminal y system prune -af --archive -
	check "a terminal is refused: exit 16" eval 'exits 16 && says out "is a terminal"'
	check "nothing was removed then" is_as "$T/before"
fi
{
	"$BIN" --root "$T/root" system prune -af --archive - 2>"$T/err"
	echo $? >"$T/status"
} | true
status=$(cat "$T/status")
check "a reader that went away: exit 8, nothing removed" eval \
	'exits 8 && says err "nothing was removed" && is_as "$T/before"'
status=0
"$BIN" --root "$T/root" system prune -af --archive - >/dev/full 2>"$T/err" || status=$?
check "a full device: exit 8, nothing removed" eval \
	'exits 8 && says err "No space left on device" && is_as "$T/before"'

# --- an archive that cannot be written
drydock system prune -af --archive "$T/root/volumes/a.tar.zst"
check "an archive in the data root: exit 8" eval 'exits 8 && says err "is in the data root itself"'
check "nothing of it stays there" lacks "$T/root/volumes/a.tar.zst"
drydock system prune -af --archive "$T/nowhere/a.tar.zst"
check "no such directory: exit 8" eval 'exits 8 && says err "$T/nowhere/a.tar.zst"'
check "nothing was removed by all that" is_as "$T/before"
cat >"$T/tiny.sh" <<'END'
mount -t tmpfs -o size=256k tmpfs "$1" || exit 99
"$2" --root "$3" system prune -af --volumes --archive "$1/a.tar.zst"
status=$?
ls -A "$1" >&2
exit $status
END
mkdir "$T/tiny"
if unshare -m true 2>/dev/null; then
	status=0
	unshare -m sh "$T/tiny.sh" "$T/tiny" "$BIN" "$T/root" >"$T/out" 2>"$T/err" || status=$?
	check "a full file system: exit 8" exits 8
	check "it says so, and that nothing was removed" eval \
		'says err "No space left on device" && says err "nothing was removed"'
	check "no part of the archive stays" says_not err a.tar.zst.partial
	check "everything is there" is_as "$T/before"
fi

# --- one that is damaged, or another one
restore_changes_nothing() {
	fresh_words=$1
	shift
	check "$fresh_words: exit $1, and why" eval "exits $1 && says err '$2'"
	check "$fresh_words: nothing is changed" eval 'is_as "$T/pruned" && has_no_trash'
}
fresh
drydock system prune -af --volumes --archive "$T/a.tar.zst"
picture "$T/root" >"$T/pruned"
size=$(stat -c %s "$T/a.tar.zst")
for at in 40 $((size / 3)) $((size / 2)) $((size - 30)); do
	cp "$T/a.tar.zst" "$T/damaged"
	python3 -c 'import sys
with open(sys.argv[1], "r+b") as file:
    file.seek(int(sys.argv[2]))
    byte = file.read(1)
    file.seek(int(sys.argv[2]))
    file.write(bytes([byte[0] ^ 0x55]))' "$T/damaged" "$at"
	drydock run restore "$T/damaged" -f
	restore_changes_nothing "a byte of it changed" 4 "$T/damaged"
done
head -c $((size / 2)) "$T/a.tar.zst" >"$T/damaged"
drydock run restore "$T/damaged" -f
restore_changes_nothing "cut in half" 4 "$T/damaged"
: >"$T/damaged"
drydock run restore "$T/damaged" -f
restore_changes_nothing "empty" 4 "$T/damaged"
tar --zstd -cf "$T/damaged" -C "$T" dirs
drydock run restore "$T/damaged" -f
restore_changes_nothing "an archive of something else" 4 "$T/damaged"
zstd -dcq "$T/a.tar.zst" | sed '0,/"drydock_archive":1,/s//"drydock_archive":9,/' | zstd -q >"$T/damaged"
drydock run restore "$T/damaged" -f
restore_changes_nothing "of a newer drydock" 8 "newer drydock"
drydock run restore "$T/nowhere" -f
restore_changes_nothing "no file" 8 "$T/nowhere"

# --- another data root
"$SRCDIR/tests/fixture.sh" seed-20.10 "$T/other" || exit 1
run --root "$T/other" image ls --format json
cp "$T/out" "$T/images"
run --root "$T/other" run restore "$T/a.tar.zst" -f
check "into another data root: it says so" says err "warning: the archive is of another data root, $T/root"
run --root "$T/other" image ls --format json
check "what was there is there" python3 -c 'import json, sys
old, new = (json.load(open(name))["images"] for name in sys.argv[1:])
sys.exit(any(image not in new for image in old))' "$T/images" "$T/out"
check "and more" sh -c "[ \"\$(wc -l <'$T/out')\" -gt \"\$(wc -l <'$T/images')\" ]"
run --root "$T/other" system df
check "and nothing is broken" exits 0

# --- cut off, and finished
if ! strace -qq -o /dev/null true 2>/dev/null; then
	echo "# strace cannot be used: nothing is cut off"
	plan "$count"
	done_testing
	exit
fi
# traced INJECT ARG...: runs drydock, to which strace does that
traced() {
	inject=$1
	shift
	status=0
	strace -qq -f -o /dev/null -e trace="${inject%%:*}" -e inject="$inject" "$BIN" --root "$T/root" \
		--jobs 1 "$@" >"$T/out" 2>"$T/err" || status=$?
}
fresh
traced write:error=EIO:when=3 system prune -af --archive "$T/a.tar.zst"
check "an error of the archive's disk: exit 8, nothing removed, no part left" eval \
	'exits 8 && says err "$T/a.tar.zst: write: Input/output error" && is_as "$T/before" && lacks "$T/a.tar.zst"'
traced write:signal=INT:when=3 system prune -af --archive "$T/a.tar.zst"
check "a signal meanwhile: exit 32, nothing removed, no part left" eval \
	'exits 32 && says err "nothing was removed" && is_as "$T/before" && lacks "$T/a.tar.zst"'
status=0
strace -qq -f -o /dev/null -P "$T/root/overlay2/$(sed -n 1p "$T/dirs")/diff/setuid" -e trace=read,pread64 \
	-e inject=read,pread64:error=EIO "$BIN" --root "$T/root" system prune -af --archive "$T/a.tar.zst" \
	>"$T/out" 2>"$T/err" || status=$?
check "a file that cannot be read: exit 8, named, nothing removed, no part left" eval \
	'exits 8 && says err "diff/setuid: read" && is_as "$T/before" && lacks "$T/a.tar.zst"'

for at in 40 200; do
	fresh
	traced renameat2:signal=KILL:when=$at system prune -af --volumes --archive "$T/a.tar.zst"
	drydock run resume
	check "killed at rename $at: resume exits 0" eval 'exits 0 && has_no_trash'
	drydock run restore "$T/a.tar.zst" -f
	drydock run restore "$T/a.tar.zst" --dry-run
	check "killed at rename $at: all is in the archive" is_as "$T/before"
done
fresh
status=0
strace -qq -f -o /dev/null -e trace=renameat2 -e inject=renameat2:signal=KILL:when=40 "$BIN" --root "$T/root" \
	--jobs 1 system prune -af --volumes --archive - >"$T/piped" 2>"$T/err" || status=$?
drydock run resume
check "a run that had piped its archive is not resumed without one" eval \
	'exits 8 && says err "standard output" && says err "run resume --archive FILE"'
drydock run resume --archive "$T/a.tar.zst"
check "it is with one" eval 'exits 0 && has_no_trash'
drydock run restore "$T/a.tar.zst" -f
check "and all of it comes back" eval 'exits 0 && is_nearly "$T/before"'

for at in 60 200; do
	fresh
	drydock system prune -af --volumes --archive "$T/b.tar.zst"
	traced renameat2:signal=KILL:when=$at run restore "$T/b.tar.zst" -f
	drydock run resume
	check "a restore killed at rename $at: resume exits 0" exits 0
	check "a restore killed at rename $at: all is as it was" eval 'is_as "$T/before" && has_no_trash'
	rm -f "$T/b.tar.zst"
done
fresh
drydock system prune -af --volumes --archive "$T/b.tar.zst"
traced mknodat:signal=INT:when=1 run restore "$T/b.tar.zst" -f
check "a restore that is interrupted: exit 32" eval 'exits 32 && says err "run resume"'
drydock run resume
check "and it is finished" eval 'exits 0 && is_as "$T/before" && has_no_trash'

fresh
rm -f "$T/b.tar.zst"
drydock system prune -af --volumes --archive "$T/b.tar.zst"
traced mknodat:signal=KILL:when=1 run restore "$T/b.tar.zst" -f
mv "$T/b.tar.zst" "$T/c.tar.zst"
drydock run resume
check "a restore that lacks its archive: exit 8, and it is named" eval 'exits 8 && says err "$T/b.tar.zst"'
mv "$T/c.tar.zst" "$T/b.tar.zst"
drydock run resume
check "with the archive it is finished" eval 'exits 0 && is_as "$T/before" && has_no_trash'

plan "$count"
done_testing
