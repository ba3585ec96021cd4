#!/usr/bin/python3 -B
"""20-errors - each call fails once, with each error, at every place in the program that makes it:
nothing that stays is touched, success is said only when all is done, the words name the file, and
a run without errors reaches the end afterwards.

Then all changing calls fail from the N-th on, as on a file system that is full or gets read-only.
The bounded part takes a sample, the same one for a seed; CRASH_WHOLE=1 takes all.
"""
import errno
import os
import random
import re
import sys

import disk
import stage
import tree
from case import (ARCHIVED, COMMIT, LENT, ONE, PRUNE, QUARANTINE, RESTORE, RESUME, ROLLBACK, Case,
                  Way, guarded, sample)

ERRORS = ("EIO", "ENOSPC", "EMFILE", "ENOMEM", "EROFS", "EACCES", "EBUSY", "EINTR")
STAYING = ("EIO", "ENOSPC", "EROFS")
# of each place: the first, the last, and some between
OCCURRENCES = int(os.environ.get("CRASH_OCCURRENCES", "3"))

# fixture, way, how many errors the bounded part injects, how many that stay
PRUNED = Way("prune", (), PRUNE, (RESUME, PRUNE), False)
CASES = (
    ("kit-28.5", PRUNED, 100, 30),
    ("rich-20.10", PRUNED, 16, 8),
    ("leaky-20.10", PRUNED, 8, 4),
    ("kit-28.5", Way("quarantine", (), QUARANTINE, (RESUME, ROLLBACK), True), 16, 8),
    ("kit-28.5", Way("rollback", (QUARANTINE,), ROLLBACK, (RESUME, ROLLBACK), True), 24, 12),
    ("kit-28.5", Way("commit", (QUARANTINE,), COMMIT, (RESUME, COMMIT), False), 8, 4),
    ("kit-28.5", Way("archive", (), ARCHIVED, (RESUME, PRUNE), False), 24, 12),
    ("kit-28.5", Way("restore", (ARCHIVED,), RESTORE, (RESUME, RESTORE), True), 24, 12),
)


class Failure:
    """Runs with one error (or one from which on all fail); called in a worker."""

    def __init__(self, case, way):
        self.case, self.way = case, way
        self.has_own_run = False  # each worker gets its own, for journals of its own
        self.has_gone_on = False  # from a root that the error had left untouched

    @guarded
    def __call__(self, job):
        if not self.has_own_run:
            disk.own_run()
            self.has_own_run = True
        stage.remove(disk.ELSEWHERE)
        error, number, shim = job
        case, way = self.case, self.way
        name = f"{error}-{number}-{shim.get('site', 'stay')}"
        root, hit = case.place.at(name), case.place.at(name + ".hit")
        faults = list(way.begin(case, root))
        if shim.get("stay"):
            shim = shim | {"under": root}
        before = tree.marks(root)
        result = way.on(root, way.command, *ONE, do=getattr(errno, error), at=number, hit=hit,
                        **shim)
        line = first_line(hit)
        is_touched = tree.marks(root) != before or os.path.exists(disk.ELSEWHERE)
        if line:
            faults += self.faults(root, result, line, error, "stay" in shim, is_touched)
        if is_touched or not self.has_gone_on:  # from an untouched root it is the same each time
            faults += way.go_on(case, root, is_exact=False)
            self.has_gone_on |= not is_touched
        way.remove(root)
        stage.remove(hit)
        if not line:
            return None  # a place in /proc that was not passed this time
        call = f"{line[2]} {os.path.relpath(line[3], root) if line[3] else ''}"
        return [f"{error} number {number} at {call} ({shim.get('site', 'and on')}): {fault}"
                for fault in faults[:4]]

    def faults(self, root, result, line, error, is_staying, is_touched):
        """What is wrong after the error. Of errors that stay a later one may be told."""
        for fault in self.way.faults(self.case, root) if is_touched else ():
            if error != "ENOSPC" or not re.fullmatch(LENT, fault):
                yield fault
        for number in ("1", "2"):  # where the rest of a long list is
            if f"drydock run show {number}" in result.words:
                result.words += stage.drydock(root, "run", "show", number).said
        if result.status < 0:
            yield f"died: {result}"
        elif result.status in (0, 1) and self.way.command != QUARANTINE:
            left = list(self.way.unreached(self.case, root, False))
            if left:
                yield f"exit status {result.status}, but {left[0]}"
        elif result.status not in (0, 1) and not is_named(line[3], root, result.words) and \
                not (is_staying and is_named(".drydock", root, result.words)):
            yield f"the file is not named: {result}"


def first_line(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            line = file.readline().rstrip("\n").split("\t")
    except OSError:
        return None
    return line if len(line) == 4 else None


def is_named(path, root, words):
    """Whether WORDS name the file, or the thing that it is in."""
    path = path.removesuffix(" (deleted)").removesuffix(".partial")
    parts = os.path.relpath(path, root).split("/")
    if parts[-1] in (".", "..") or parts[-1][0] == "#":  # the root, above it, or without a name
        return any(word in words for word in (root, "data root", ".drydock: sync", "after the run: "))
    if ".drydock" in parts:  # in the trash the number of its step comes next
        parts = parts[parts.index(".drydock"):]
        return any(part in words for part in parts)
    return parts[-1] in words or (len(parts) > 1 and parts[-2] in words)


def places(lines):
    """{site: how often} of what may fail: all but what libraries do for themselves."""
    counts = {}
    for line in lines:
        counts[line[1]] = counts.get(line[1], 0) + 1
    return counts


def jobs_for(lines, most):
    """Which errors to inject, and where."""
    dice = random.Random(stage.SEED)
    jobs = []
    for site, count in places(lines).items():
        numbers = {1, count} if OCCURRENCES > 1 else {dice.randint(1, count)}
        while len(numbers) < min(count, OCCURRENCES):
            numbers.add(dice.randint(1, count))
        jobs += [(error, number, {"site": site}) for number in sorted(numbers)
                 for error in ERRORS]
    return sample(jobs, most)


def report(tap, words, failure, jobs):
    missed = []

    def faults():
        for job, result in zip(jobs, stage.spread(failure, jobs)):
            if result is None:
                missed.append(job)
            yield from result or ()

    tap.check(f"{words} ({len(jobs)})", faults())
    if missed:
        tap.note(f"{len(missed)} places were not come to this time")


def run(tap, fixture, way, most, most_staying):
    with stage.Stage() as place:
        case = Case(place, fixture, PRUNE)
        words = f"{fixture}: {way.words}"
        lines = way.calls(case, sites=1)
        jobs = jobs_for(lines, most)
        report(tap, f"{words}: {len(places(lines))} places in the program, errors at some",
               Failure(case, way), jobs)
        count = len(way.calls(case, under=place.at("count"), changes=1))
        jobs = [(error, number, {"changes": 1, "stay": 1}) for number in range(1, count + 1)
                for error in STAYING]
        report(tap, f"{words}: {count} changing calls, all fail from some on",
               Failure(case, way), sample(jobs, most_staying))


def main():
    disk.need()
    disk.own_run()  # when calls are counted, too
    tap = stage.Tap()
    for fixture, way, *rest in CASES:
        if len(sys.argv) < 2 or sys.argv[1] in f"{fixture}: {way.words}":
            run(tap, fixture, way, *rest)
    tap.end()


if __name__ == "__main__":
    main()
