#!/usr/bin/python3 -B
"""40-full - not a byte, or not an inode, is free: `system prune -f` works without help, ends as on a
roomy disk, and the journal comes home; killed at the N-th call it is resumed from the journal in
/run. A journal that cannot come home, a /run that is lost or full, a file system that cannot be
written: each is said, and nothing is lost.

The bounded part takes a sample of the calls, the same one for a seed; CRASH_WHOLE=1 all of them.
"""
import errno
import os
import re
import sys

import disk
import stage
import tree
from case import LENT, ONE, PRUNE, Case, guarded, sample
from disk import ELSEWHERE

# file system: megabytes and options of its mkfs, by what it lacks in the end
DISKS = {
    ("ext4", "bytes"): (160, "-m", "0", "-N", "20000"),
    ("ext4", "inodes"): (64, "-m", "0", "-N", "1200"),
    ("ext4", "bytes and inodes"): (64, "-m", "0", "-N", "1200"),
    ("xfs", "bytes"): (320,),
    ("xfs", "inodes"): (320, "-i", "maxpct=1"),
    ("btrfs", "bytes"): (320,),
}
IMAGES = ("image", "prune", "-af")
READ_ONLY = (("ext4", "bytes"), ("xfs", "bytes"), ("btrfs", "bytes"))


def write_to(root, name, size):
    """SIZE bytes in a directory of overlay2."""
    with open(os.path.join(root, "overlay2", name, "diff/large"), "wb") as file:
        file.write(os.urandom(size))


def by_container(root):
    """What filled the disk: a stopped container."""
    mounts = os.path.join(root, "image/overlay2/layerdb/mounts")
    with open(os.path.join(mounts, sorted(os.listdir(mounts))[0], "mount-id"),
              encoding="utf-8") as file:
        write_to(root, file.read(), 4 << 20)


def by_images(root):
    """What filled the disk: images, all with tags."""
    layers = os.path.join(root, "image/overlay2/layerdb/sha256")
    for layer in os.listdir(layers):
        with open(os.path.join(layers, layer, "cache-id"), encoding="utf-8") as file:
            write_to(root, file.read(), 1 << 18)


def make_files(path):
    """Makes files until there is no inode."""
    count = 0
    try:
        while True:
            os.close(os.open(os.path.join(path, f"inode-{count}"), os.O_WRONLY | os.O_CREAT, 0o600))
            count += 1
    except OSError:
        pass


def write(path, what, size):
    """Writes pieces until none fits. A file that has room of its own goes on in it."""
    handle = os.open(os.path.join(path, what), os.O_WRONLY | os.O_APPEND)
    try:
        while os.write(handle, bytes(size)):
            os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def fill(path, what):
    """Leaves not one byte, or inode: the files for that are made before there is nothing to make
    them of, and the last free ones are looked for in ever smaller pieces."""
    ballast = os.path.join(path, "ballast")
    os.mkdir(ballast)
    sizes = (1 << 20, 1 << 16, 4096, 512, 1)
    for size in sizes:
        with open(os.path.join(ballast, str(size)), "wb"):
            pass
    if "inodes" in what:
        make_files(ballast)
    if "bytes" in what:
        for size in sizes:
            write(ballast, str(size), size)


SAID_OF_ROLLBACK = ("there is no run", "there is nothing", "had been erased already",
                    "`drydock run resume` puts it right")
# command: the fixture, and what has filled the disk
WHAT = {PRUNE: ("kit-28.5", by_container), IMAGES: ("rich-20.10", by_images)}
# A tag stays without its image while there is no room for another repositories.json.
HARMLESS = re.compile(LENT + r"|rule: tag .* lacks its image .*")


class Full:
    """Does something on a full copy of BASE."""

    def __init__(self, case, base):
        self.case, self.base = case, base

    @guarded
    def __call__(self, what, *arguments):
        here = self.base.copy(self.case.place, "full")
        stage.remove(ELSEWHERE)
        try:
            here.mount()
            return [" ".join(map(str, (what.__name__, *arguments, fault)))
                    for fault in what(self, here.root, *arguments)][:8]
        finally:
            here.remove()

    def prune(self, root, *options, **shim):
        return stage.drydock(root, *options, *self.case.command, **shim)

    def faults(self, root):
        return (fault for fault in self.case.faults(root) if not HARMLESS.fullmatch(fault))

    def calls(self):
        """The changing calls of a run on the full disk, those in /run among them."""
        here = self.base.copy(self.case.place, "count")
        stage.remove(ELSEWHERE)
        here.mount()
        try:
            return self.case.calls_here(here.root, changes=1)
        finally:
            here.remove()

    def through(self, root, *options):
        """It works, and ends as with room."""
        result = self.prune(root, *options)
        yield from self.faults(root)
        if result.status != self.case.undisturbed.status:
            yield f"exit status: {result}"
        yield from self.case.story.same_as_end(tree.picture(root), False)
        yield from (f"{path} is left" for path in tree.trash(root))
        if "--state-dir" not in options:
            yield from at_home(root, "done")

    def killed(self, root, number, does_show=True):
        result = self.prune(root, *ONE, do="kill", at=number, changes=1)
        if not result.is_killed:
            yield f"not killed: {result}"
        yield from self.faults(root)
        yield from self.case.finish(root, False)
        yield from at_home(root, "done")

    def rolled_back(self, root, number):
        """What has been erased is gone; all that comes back is whole."""
        result = self.prune(root, *ONE, do="kill", at=number, changes=1)
        if not result.is_killed:
            yield f"not killed: {result}"
        result = stage.drydock(root, "run", "rollback", "1")
        if result.status not in (0, 1) and \
                not any(words in result.words for words in SAID_OF_ROLLBACK):
            yield f"run rollback: {result}"
        yield from self.faults(root)

    def rebooted(self, root, number):
        """The journal is lost with /run: the next run says what lies where."""
        result = self.prune(root, *ONE, do="kill", at=number, changes=1)
        if not result.is_killed:
            yield f"not killed: {result}"
        stage.remove(ELSEWHERE)
        yield from self.faults(root)
        result = self.prune(root)
        yield from self.faults(root)
        if result.status not in (0, 1, 4):
            yield f"after the reboot: {result}"
        yield from (fault for fault in self.case.story.same_as_end(tree.picture(root), False)
                    if not HARMLESS.fullmatch(fault))
        lost = [path for path in tree.trash(root) if path.startswith(".drydock/") and path[9:].isdigit()]
        yield from (f"{path} is not named: {result}" for path in lost if path not in result.words)

    def away(self, root):
        """The journal cannot come home: it stays, and is found."""
        home = os.path.join(root, ".drydock/journal.db")
        result = self.prune(root, *ONE, do=errno.ENOSPC, at=1, stay=1, changes=1, under=home)
        if result.status != self.case.undisturbed.status or ELSEWHERE not in result.words:
            yield f"not said: {result}"
        yield from self.case.story.same_as_end(tree.picture(root), False)
        for words in (("run", "ls"), ("run", "show", "1")):
            listed = stage.drydock(root, *words)
            if listed.status != 0 or "done" not in listed.said:
                yield f"not listed: {listed.said} {listed}"

    def nowhere(self, root, size):
        """Neither here nor there: said, and nothing has changed."""
        stage.call("mount", "-t", "tmpfs", "-o", size, "run", "/run")
        result = self.prune(root)
        stage.call("umount", "/run")
        lines = [line for line in result.words.splitlines() if "note:" not in line]
        if result.status != 8 or len(lines) != 1 or "--state-dir" not in lines[0]:
            yield f"not said: {result}"
        yield from unchanged(self.case, root)


def at_home(root, state):
    listed = stage.drydock(root, "run", "ls")
    if state not in listed.said or not os.path.exists(f"{root}/.drydock/journal.db"):
        yield f"the journal is not at home: {listed.said} {listed}"
    stage.remove(ELSEWHERE)
    if stage.drydock(root, "run", "ls").said != listed.said:
        yield "a part of the journal is not at home"


def unchanged(case, root):
    now = tree.picture(root)
    for path, node in case.story.start.items():
        if path not in now or now[path].whole() != node.whole():
            yield f"{path} has changed"
    yield from (f"{path} is new" for path in now if path not in case.story.start)


def is_full(base, lacks):
    """Faults of a file system that should be full."""
    base.mount()
    state = os.statvfs(base.mountpoint)
    if "bytes" in lacks:
        try:
            write(os.path.join(base.mountpoint, "ballast"), "4096", 4096)
        except OSError:
            pass
        now = os.statvfs(base.mountpoint)
        if now.f_bavail >= 8 or now.f_bfree != state.f_bfree:
            yield f"{now.f_bavail} blocks are free"
    if "inodes" in lacks:
        try:
            os.mkdir(os.path.join(base.mountpoint, "one"))
            yield f"a directory can be made, {state.f_ffree} inodes are free"
        except OSError:
            pass
    base.unmount()


def read_only(case, base):
    """Looking works, pruning says why it does not."""
    base.mount()
    stage.call("mount", "-o", "remount,ro", base.mountpoint)
    looks = [("system", "df"), ("system", "df", "-v"), (*case.command, "--dry-run"),
             ("run", "ls")]
    looks += [(group, "ls") for group in ("image", "container", "network", "volume", "layer")]
    for words in looks:
        result = stage.drydock(base.root, *words)
        if result.status not in (0, case.undisturbed.status) or not result.said:
            yield f"{' '.join(words)}: {result}"
    result = stage.drydock(base.root, *case.command)
    lines = [line for line in result.words.splitlines() if "note:" not in line]
    if result.status != 8 or len(lines) != 1 or "Read-only file system" not in lines[0] or \
            base.root not in lines[0]:
        yield f"prune: {result}"
    base.unmount()


def run(tap, kind, lacks, options, command=PRUNE):
    with stage.Stage() as place:
        fixture, prepare = WHAT[command]
        case = Case(place, fixture, command, prepare)
        base = disk.Disk(place, kind, "base", *options)
        base.fill(case.whole)
        words = f"{kind} without {lacks} free: {' '.join(command)}"
        if (kind, lacks) in READ_ONLY and command == PRUNE:
            tap.check(f"{kind} that is read-only: looking works, pruning says so",
                      read_only(case, base))
        base.mount()
        fill(base.mountpoint, lacks)
        base.unmount()
        tap.check(f"{words}", is_full(base, lacks))
        test = Full(case, base)
        state = place.at("state")
        os.mkdir(state)
        tap.check(f"{words}: without help", test(Full.through))
        tap.check(f"{words}: with --state-dir elsewhere",
                  test(Full.through, "--state-dir", state))
        tap.check(f"{words}: and no room in /run", test(Full.nowhere, "size=4k"))
        count = len(test.calls())
        for what, most in ((Full.killed, 4), (Full.rolled_back, 3), (Full.rebooted, 2)):
            numbers = sample(range(1, count + 1), most)
            tap.check(f"{words}: {what.__name__} at {len(numbers)} of {count} calls",
                      (fault for number in numbers for fault in test(what, number)))
        tap.check(f"{words}: and the journal cannot come home", test(Full.away))


def main():
    disk.need(*{kind for kind, _ in DISKS})
    disk.own_run()  # nobody else's journals
    tap = stage.Tap()
    for (kind, lacks), options in DISKS.items():
        if len(sys.argv) < 2 or sys.argv[1] in f"{kind} {lacks}":
            run(tap, kind, lacks, options)
            if lacks == "bytes" and (stage.WHOLE or kind == "xfs"):
                run(tap, kind, lacks, options, IMAGES)
    tap.end()


if __name__ == "__main__":
    main()
