#!/bin/bash
# Only the files of this table change anything on a disk. What a file calls is read from its
# object file, so that no macro, pointer or odd spelling hides a call; build first.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

# file, the calls below that it may make -- why
allowed='
gc/session/holder.c fopen -- reads /proc
gc/edit/amend.c      pwrite open-for-writing -- volumes/metadata.db, which is never replaced
gc/sweep/bridge.c     ioctl -- takes down the bridge in the kernel of a network that is gone
gc/run/journal_db.c mkdirat sqlite3_open_v2 open-for-writing -- the journal
gc/trash/loan.c       fchmod fchown fsetxattr fremovexattr mkdirat renameat2 -- an empty directory of dockerd as the trash
gc/trash/newfile.c    fchmod fchown fsetxattr write open-for-writing -- the new version of one file, beside it
gc/trash/replace.c    renameat unlinkat -- the new version of one file in place of the old
gc/trash/room.c       fallocate open-for-writing -- a file without a name, to see whether it fits
gc/trash/trash.c      linkat renameat renameat2 unlinkat syncfs -- detach
gc/trash/trash_return.c futimens renameat renameat2 -- detached things go back to their places
gc/trash/trash_part.c mkdirat -- where detached things go
overlay2/archive_file.c fchmod ftruncate renameat renameat2 unlinkat write open-for-writing -- the archive itself
overlay2/archive_make.c ftruncate linkat mkdirat mknodat pwrite symlinkat open-for-writing -- trees made anew from an archive
overlay2/erase.c    chmod fchmod unlinkat -- erase what was detached
overlay2/inode_read.c ioctl -- reads flags
overlay2/inode_set.c fchmod fchmodat fchown fchownat fsetxattr futimens ioctl lsetxattr utimensat -- what a new inode must have
overlay2/treedir.c  fopen -- reads /proc
'

# Calls that change a file system, run a program, or could do either.
calls='unlink unlinkat rmdir remove rename renameat renameat2 link linkat symlink symlinkat
	mkdir mkdirat mknod mknodat mkfifo mkfifoat creat truncate ftruncate fallocate posix_fallocate
	chmod fchmod fchmodat lchmod chown fchown fchownat lchown
	utime utimes utimensat futimens futimes lutimes futimesat
	setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
	write writev pwrite pwritev pwritev2 copy_file_range sendfile splice
	fopen freopen fdopen tmpfile mkstemp mkostemp mkdtemp dprintf vdprintf
	mount umount umount2 ioctl syscall syncfs sync swapoff
	system popen fork vfork execl execlp execle execv execve execvp execvpe posix_spawn posix_spawnp
	sqlite3_open sqlite3_open_v2'
# Flags that let open(2) write or create.
flags='O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|O_TMPFILE'

# Undefined symbols of an object under the names of their calls: without version, without the
# 64 of large files, without fortify's dress.
called() { nm -u "$1" | awk '{ print $2 }' | sed -E 's/@.*//; s/^__(.*)_chk$/\1/; s/64(_2)?$//; s/^__(.*)_2$/\1/'; }

grants() { awk -v f="$1" '$1 == f { for (i = 2; i <= NF && $i != "--"; i++) print $i }' <<<"$allowed"; }

while read -r file; do
	object=${B:-build/default}/${file%.c}.o
	if [ ! "$object" -nt "$file" ]; then
		fault "$file: not built since it changed"
		continue
	fi
	fault_lines < <(LC_ALL=C comm -12 <(called "$object" | LC_ALL=C sort -u) <(tr -s ' \n\t' '\n' <<<"$calls" | LC_ALL=C sort -u) |
		LC_ALL=C comm -23 - <(grants "$file" | LC_ALL=C sort -u) | sed "s,.*,$file: calls &(); see the table in ${0##*/},")
	if ! grants "$file" | grep -qx open-for-writing; then
		fault_lines < <(code "$file" | grep -owE "$flags" | sort -u | sed "s,.*,$file: & may open for writing,")
	fi
done < <(sources | grep '^\(gc\|overlay2\|metadata\)/.*\.c$')
# A grant that nobody uses any more is an open door.
while read -r file rest; do
	[ -e "${file:-none}" ] || continue
	for call in ${rest%%--*}; do
		if [ "$call" = open-for-writing ]; then
			code "$file" | grep -wE "$flags" >/dev/null || fault "$file: the table grants $call, which it does not need"
		else
			called "${B:-build/default}/${file%.c}.o" | grep -x "$call" >/dev/null ||
				fault "$file: the table grants $call, which it does not call"
		fi
	done
done <<<"$allowed"
verdict "only known files change anything on a disk"
