#!/usr/bin/python3 -B
"""30-cuts - the power goes before the N-th call that changes a file: the file system is shut down,
nothing that was not on disk gets there. Mounted again, the root is one that dockerd starts from,
nothing that stays is touched, and `run resume` reaches the end. What a finished run has said is
true after a cut, too.

The bounded part takes a sample of the calls, the same one for a seed; CRASH_WHOLE=1 all of them.
"""
import fcntl
import os
import struct
import sys

import disk
import stage
from case import ONE, PRUNE, QUARANTINE, RESUME, ROLLBACK, Case, Way, guarded, sample

SHUTDOWN = 0x8004587D  # FS_IOC_SHUTDOWN, XFS_IOC_GOINGDOWN
NOLOGFLUSH = 2

# file system: megabytes of it, options of its mkfs
DISKS = {"ext4": (160, "-N", "20000"), "xfs": (320,)}
# words, what the data root is on; two: overlay2 is on the second; and which of them are cut off
PLACES = (
    ("ext4", ("ext4",), (0,)),
    ("xfs", ("xfs",), (0,)),
    ("overlay2 apart, cut off", ("ext4", "ext4"), (1,)),
    ("overlay2 apart, the rest cut off", ("ext4", "ext4"), (0,)),
    ("overlay2 apart, both cut off", ("ext4", "xfs"), (0, 1)),
)
# fixture, way, how many cuts the bounded part makes on each, on how many of the places
PRUNED = Way("prune", (), PRUNE, (RESUME, PRUNE), False)
CASES = (
    ("kit-28.5", PRUNED, 16, 5),
    ("rich-20.10", PRUNED, 4, 5),
    ("kit-28.5", Way("quarantine", (), QUARANTINE, (RESUME, ROLLBACK), True), 6, 2),
    ("kit-28.5", Way("rollback", (QUARANTINE,), ROLLBACK, (RESUME, ROLLBACK), True), 12, 2),
)


class Cut:
    """Cuts the power at one call; called in a worker."""

    def __init__(self, case, way, base):
        self.case, self.way, self.base = case, way, base

    @guarded
    def __call__(self, job):
        number, jobs = job
        here = self.base.copy(self.case.place, f"cut-{number}-{len(jobs)}")
        try:
            return [f"cut at call {number} {' '.join(jobs)}: {fault}"
                    for fault in list(self.faults(here, number, jobs))[:8]]
        finally:
            here.remove()

    def faults(self, here, number, jobs):
        way = self.way
        here.mount()
        result = way.on(here.root, way.command, *jobs, do=f"cut:{here.mountpoint}", at=number,
                        under=here.root, changes=1)
        if not result.is_killed:
            for path in here.mountpoint.split(":"):
                cut_off(path)
        here.unmount()
        here.mount()
        if not result.is_killed:  # it was through before, and said so
            yield from [] if result.status in (0, 1) else [f"not cut: {result}"]
            if way.command != QUARANTINE:
                yield from way.unreached(self.case, here.root)
        yield from way.faults(self.case, here.root)
        yield from way.go_on(self.case, here.root)


def cut_off(path):
    handle = os.open(path, os.O_RDONLY)
    fcntl.ioctl(handle, SHUTDOWN, struct.pack("I", NOLOGFLUSH))
    os.close(handle)


def make(place, kinds, lost):
    disks = [disk.Disk(place, kind, f"base-{i}", *DISKS[kind]) for i, kind in enumerate(kinds)]
    return disks[0] if len(disks) == 1 else disk.Pair(disks, lost)


def run(tap, where, fixture, way, most):
    words, kinds, lost = where
    with stage.Stage() as place:
        case = Case(place, fixture, PRUNE)
        base = make(place, kinds, lost)
        base.fill(case.whole)
        base.mount()
        for command in way.first:
            stage.drydock(base.root, *command)
        base.unmount()
        count = len(way.calls(case, under=place.at("count"), changes=1))
        numbers = sample(range(1, count + 1), most)
        jobs = [(number, ONE) for number in numbers] + [(count + 1000, ONE)]
        jobs += [(number, ()) for number in sample(range(1, count), most // 4)]
        tap.check(f"{words}: {fixture}: {way.words}: the power cut {len(jobs)} times, at "
                  f"{len(numbers)} of {count} calls and with many threads",
                  (fault for some in stage.spread(Cut(case, way, base), jobs) for fault in some))


def main():
    disk.need(*DISKS)
    tap = stage.Tap()
    for fixture, way, most, places in CASES:
        for where in PLACES[:places]:
            if len(sys.argv) < 2 or sys.argv[1] in f"{where[0]}: {fixture}: {way.words}":
                run(tap, where, fixture, way, most)
    tap.end()


if __name__ == "__main__":
    main()
