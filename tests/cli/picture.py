#!/usr/bin/env python3
"""picture.py DIR - everything about a tree that must come back, a line an entry: type, mode, owner,
size, time to the nanosecond, device, target, names of one inode, attributes, content, holes.
Directories .drydock are left out."""
import hashlib
import os
import stat
import sys

top = os.fsencode(sys.argv[1])
inodes = {}


def data(fd, size):
    """Where the file is not a hole."""
    at, pieces = 0, []
    while at < size:
        try:
            start = os.lseek(fd, at, os.SEEK_DATA)
        except OSError:
            break
        at = os.lseek(fd, start, os.SEEK_HOLE)
        pieces.append("%d-%d" % (start, at))
    return ",".join(pieces)


def show(path):
    st = os.lstat(path)
    words = [os.path.relpath(path, top).decode("latin-1").encode("unicode_escape").decode(),
             "%o" % st.st_mode, "%d:%d" % (st.st_uid, st.st_gid),
             "%d" % st.st_mtime_ns]
    if not stat.S_ISDIR(st.st_mode):
        first = inodes.setdefault((st.st_dev, st.st_ino), words[0])
        words += ["size %d" % st.st_size, "links %d" % st.st_nlink, "as " + first]
    if stat.S_ISCHR(st.st_mode) or stat.S_ISBLK(st.st_mode):
        words.append("device %d:%d" % (os.major(st.st_rdev), os.minor(st.st_rdev)))
    if stat.S_ISLNK(st.st_mode):
        words.append("-> %r" % os.readlink(path))
    for name in sorted(os.listxattr(path, follow_symlinks=False)):
        words.append("%s=%s" % (name, os.getxattr(path, name, follow_symlinks=False).hex()))
    if stat.S_ISREG(st.st_mode):
        fd = os.open(path, os.O_RDONLY | os.O_NOATIME)
        with os.fdopen(fd, "rb") as file:
            words.append(hashlib.sha256(file.read()).hexdigest())
            if st.st_blocks * 512 < st.st_size:
                words.append("data " + data(fd, st.st_size))
    print(" ".join(words))


for where, dirs, files in os.walk(top):
    dirs[:] = sorted(name for name in dirs if name != b".drydock")
    show(where)
    for name in sorted(files + [name for name in dirs if os.path.islink(os.path.join(where, name))]):
        show(os.path.join(where, name))
