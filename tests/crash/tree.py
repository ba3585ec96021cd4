"""tree - pictures of whole trees, and what must be true of one between two others."""
import hashlib
import os
import re
import stat

import boltfile

TRASH = re.compile(r"(overlay2/)?\.drydock(/|\Z)")
# What drydock writes beside a file that it replaces; removed by the run that made it.
TEMPORARY = re.compile(r"(\.tmp-repositories\.json|[^/]*\.new-drydock)\d+\Z")


class Node:
    """One file: what a look at it shows, and its content when that is asked for."""

    def __init__(self, root, path, status):
        self.full = os.path.join(root, path)
        self.path = path
        self.mode = status.st_mode
        self.time = status.st_mtime_ns
        is_dir = stat.S_ISDIR(status.st_mode)
        self.facts = (status.st_mode, status.st_uid, status.st_gid, status.st_rdev,
                      None if is_dir else (status.st_size, status.st_nlink, status.st_mtime_ns))
        self.more = None

    def whole(self):
        """All that can be known of it but the times of directories, which removing changes."""
        if self.more is None:
            content = None
            if stat.S_ISREG(self.mode):
                with open(self.full, "rb") as file:
                    content = hashlib.blake2b(file.read()).digest()
            elif stat.S_ISLNK(self.mode):
                content = os.readlink(self.full)
            attributes = tuple((name, os.getxattr(self.full, name, follow_symlinks=False))
                               for name in sorted(os.listxattr(self.full, follow_symlinks=False)))
            self.more = (content, attributes)
        return self.facts + self.more

    def untimed(self):
        """The same of a file that is written anew: without time and number of names, and without
        what only tells that drydock took the last tag, which it does where it can."""
        content, attributes = self.whole()[-2:]
        return self.facts[:4] + (content, tuple(pair for pair in attributes
                                                if pair[0] != "trusted.drydock.emptied"))


def picture(root):
    """{path: Node} of all below ROOT but drydock's own directories."""
    nodes = {}
    waiting = [""]
    while waiting:
        at = waiting.pop()
        with os.scandir(os.path.join(root, at)) as entries:
            for entry in entries:
                path = os.path.join(at, entry.name)
                if TRASH.match(path):
                    continue
                nodes[path] = Node(root, path, entry.stat(follow_symlinks=False))
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(path)
    return nodes


def keep(nodes):
    """Reads everything now, so that the tree itself is not needed any more."""
    for node in nodes.values():
        node.whole()
    return nodes


def database(node):
    """The entries of a bolt file, or None when it is no such file."""
    try:
        return boltfile.read(node.full) if node.path.endswith(".db") else None
    except boltfile.Broken:
        return None


class Story:
    """A run that nothing has disturbed: the tree before it, and the one after it."""

    def __init__(self, start, end):
        self.start, self.end = start, end
        self.edited = {path for path in end if path in start
                       and not stat.S_ISDIR(end[path].mode)
                       and start[path].whole() != end[path].whole()}
        self.databases = {path: (database(start[path]), database(end[path]))
                          for path in self.edited}
        # what goes, by the topmost path of each: one thing, which is there as a whole or not at all
        gone = {path for path in start if path not in end}
        self.units = {path: [] for path in gone if os.path.dirname(path) not in gone}
        for path in gone:
            top = path
            while top not in self.units:
                top = os.path.dirname(top)
            self.units[top].append(path)

    def between(self, nodes):
        """Faults of a tree that a run was cut off in: lines."""
        yield from self.kept_faults(nodes)
        for unit, paths in self.units.items():
            if unit in nodes:
                for path in paths:
                    if path not in nodes:
                        yield f"{unit} is half gone: {path} is missing"
                    elif nodes[path].facts != self.start[path].facts:
                        yield f"{path} has changed"
        for path in nodes:
            if path not in self.start and path not in self.end and \
                    not TEMPORARY.search(path):
                yield f"{path} is new"

    def kept_faults(self, nodes):
        for path, node in self.end.items():
            if path not in nodes:
                yield f"{path} is lost"
            elif path in self.edited:
                yield from self.edit_faults(nodes[path])
            elif nodes[path].whole() != node.whole():
                yield f"{path} is not what it was"

    def edit_faults(self, node):
        """A file that is edited is the old one, the new one, or one between them."""
        olds = (self.start[node.path].untimed(), self.end[node.path].untimed())
        if node.untimed() in olds:
            return
        before, after = self.databases[node.path]
        now = database(node)
        if now is None or before is None:
            yield f"{node.path} is neither the old nor the new one"
            return
        for key, value in after.items():
            if key in before and before[key] == value and now.get(key, 0) != value:
                yield f"{node.path}: key {key} is lost or changed"
        for key, value in now.items():
            is_known = value in (before.get(key, 0), after.get(key, 0))
            if not is_known and key[-1] != b"cache.deleted":
                yield f"{node.path}: key {key} is none of its own"

    def same_as_start(self, nodes, is_exact=True):
        """Faults of a tree that should be the one before the run, with the time of every directory:
        lines. Not exact: files that are edited are other ones, directories have other times."""
        for path, node in self.start.items():
            if path not in nodes:
                yield f"{path} has not come back"
            elif not is_exact and path in self.edited:
                if nodes[path].untimed() != node.untimed() and \
                        database(nodes[path]) != self.databases[path][0]:
                    yield f"{path} is not as it was"
            elif nodes[path].whole() != node.whole():
                yield f"{path} is not as it was"
            elif is_exact and nodes[path].time != node.time:
                yield f"{path} has another time"
        yield from (f"{path} is new" for path in nodes if path not in self.start)

    def same_as_end(self, nodes, is_exact=True):
        """Faults of a tree that should be the one after the run, byte for byte: lines. Not exact:
        a database may be another file with the same entries."""
        for path, node in self.end.items():
            if path not in nodes:
                yield f"{path} is lost"
                continue
            now = nodes[path]
            if path not in self.edited:
                is_same = now.whole() == node.whole()
            else:
                is_same = now.untimed() == node.untimed() or not is_exact and \
                    self.databases[path][1] is not None and \
                    database(now) == self.databases[path][1]
            if not is_same:
                yield f"{path} is not as the undisturbed run leaves it"
        for path in nodes:
            if path not in self.end:
                yield f"{path} is left"


def marks(root):
    """What changes when anything below ROOT does, drydock's own directories included: a tuple."""
    found = []
    for at, directories, files in os.walk(root):
        directories.sort()
        for name in ("", *directories, *sorted(files)):
            status = os.lstat(os.path.join(at, name))
            found.append((name, status.st_ino, status.st_mode, status.st_nlink, status.st_size,
                          status.st_mtime_ns, status.st_ctime_ns))
    return tuple(found)


def trash(root):
    """What lies in drydock's own directories beyond its journal and lock: paths."""
    found = []
    for home in (".drydock", "overlay2/.drydock"):
        for at, directories, files in os.walk(os.path.join(root, home)):
            found += [os.path.join(at, name) for name in directories]
            found += [os.path.join(at, name) for name in files
                      if at != os.path.join(root, ".drydock") or
                      name != "journal.db"]
    return [os.path.relpath(path, root) for path in found]
