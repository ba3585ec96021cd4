#!/usr/bin/python3 -B
"""40-full - not a byte and not an inode is free: `system prune -f` works without help, the journal
comes home, a kill in the middle of it is resumed. On a file system that cannot be written, looking
works and pruning says why it does not.
"""
import os
import sys

import disk
import rules
import stage
import tree
from case import ONE, PRUNE, Case, guarded, sample

# file system: megabytes and options of its mkfs, by what it lacks in the end
DISKS = {
    ("ext4", "bytes"): (64, "-m", "0", "-N", "20000"),
    ("ext4", "inodes"): (64, "-m", "0", "-N", "1200"),
    ("ext4", "bytes and inodes"): (64, "-m", "0", "-N", "1200"),
    ("xfs", "bytes"): (320,),
    ("xfs", "inodes"): (320, "-i", "maxpct=1"),
    ("btrfs", "bytes"): (160, "-M"),
}
FIXTURE = "kit-28.5"


def fill_bytes(path):
    """Writes until nothing fits, in ever smaller pieces."""
    for i, size in enumerate((1 << 20, 1 << 16, 4096, 512, 1)):
        handle = os.open(os.path.join(path, f"ballast-{i}"), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            while os.write(handle, b"x" * size):
                os.fsync(handle)
        except OSError:
            pass
        finally:
            os.close(handle)


def fill_inodes(path):
    """Makes files until there is no inode; the directory has had its blocks before."""
    count = 0
    try:
        while True:
            os.close(os.open(os.path.join(path, f"inode-{count}"), os.O_WRONLY | os.O_CREAT, 0o600))
            count += 1
    except OSError:
        pass


def fill(path, what):
    ballast = os.path.join(path, "ballast")
    os.mkdir(ballast)
    if "bytes" in what:
        fill_bytes(ballast)
    if "inodes" in what:
        fill_inodes(ballast)


class Full:
    def __init__(self, case, base):
        self.case, self.base = case, base

    @guarded
    def __call__(self, job):
        number, arguments = job
        here = self.base.copy(self.case.place, f"full-{number}-{len(arguments)}")
        try:
            here.mount()
            if number < 0:
                return list(self.through(here.root, arguments))
            return [f"killed at call {number}: {fault}"
                    for fault in self.killed(here.root, number)][:8]
        finally:
            here.remove()

    def through(self, root, arguments):
        result = stage.drydock(root, *arguments, *self.case.command)
        yield from self.case.faults(root)
        if result.status not in (0, 1):
            yield f"exit status: {result}"
        yield from self.case.story.same_as_end(tree.picture(root), False)
        yield from (f"{path} is left" for path in tree.trash(root))
        if not arguments:
            listed = stage.drydock(root, "run", "ls")
            if "done" not in listed.said or not os.path.exists(f"{root}/.drydock/journal.db"):
                yield f"the journal is not at home: {listed.said} {listed}"

    def killed(self, root, number):
        result = stage.drydock(root, *ONE, *self.case.command, do="kill", at=number, under=root,
                               changes=1)
        if not result.is_killed:
            yield f"not killed: {result}"
        yield from self.case.faults(root)
        yield from self.case.finish(root, False)


def run(tap, kind, lacks, options):
    with stage.Stage() as place:
        case = Case(place, FIXTURE, PRUNE)
        base = disk.Disk(place, kind, "base", *options)
        base.fill(case.whole)
        base.mount()
        fill(base.mountpoint, lacks)
        words = f"{kind} without {lacks} free: system prune"
        base.unmount()
        state = place.at("state")
        os.mkdir(state)
        test = Full(case, base)
        tap.check(f"{words} with --state-dir elsewhere", test((-1, ("--state-dir", state))))
        tap.check(f"{words} without help", test((-1, ())))
        root = base.root
        base.mount()
        count = len(case.calls_here(root, under=root, changes=1))
        base.unmount()
        numbers = sample(range(1, count + 1), 6)
        faults = [fault for some in stage.spread(test, [(number, ()) for number in numbers])
                  for fault in some]
        tap.check(f"{words}: killed at {len(numbers)} of {count} calls", faults)


def main():
    disk.need(*{kind for kind, _ in DISKS})
    stage.call("mount", "-t", "tmpfs", "run", "/run")  # nobody else's journals
    tap = stage.Tap()
    for (kind, lacks), options in DISKS.items():
        if len(sys.argv) < 2 or sys.argv[1] in f"{kind} {lacks}":
            run(tap, kind, lacks, options)
    tap.end()


if __name__ == "__main__":
    main()
