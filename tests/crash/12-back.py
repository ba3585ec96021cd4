#!/usr/bin/python3 -B
"""12-back - killed, and taken back: `run rollback` after a kill at the N-th call of a run, or of
`run rollback` itself, makes the tree what it was at first, with every time; a quarantine that was
killed is resumed or committed to the end of a run that nothing has disturbed; and what an archived
run that was killed has removed comes back with `run restore`.

The bounded part takes a sample of the calls, the same ones for a seed; CRASH_WHOLE=1 all of them.
"""
import sys

import stage
from case import (ARCHIVED, COMMIT, ONE, PRUNE, QUARANTINE, RESTORE, RESUME, ROLLBACK, Case, Way,
                  guarded, sample)

# and how many calls the bounded part takes
WAYS = (
    (Way("killed before anything is erased, rolled back", (), PRUNE,
         (ROLLBACK,), True), 24),
    (Way("quarantine, killed, rolled back", (), QUARANTINE,
         (ROLLBACK,), True), 40),
    (Way("quarantine, killed, resumed and committed", (), QUARANTINE,
         (RESUME, COMMIT, PRUNE), False), 16),
    (Way("rollback killed, and resumed", (QUARANTINE,), ROLLBACK,
         (RESUME, ROLLBACK), True), 40),
    (Way("rollback killed, and rolled back", (QUARANTINE,), ROLLBACK,
         (ROLLBACK,), True), 8),
    (Way("commit killed, and resumed", (QUARANTINE,), COMMIT,
         (RESUME, COMMIT), False), 16),
    (Way("archived, killed, resumed", (), ARCHIVED,
         (RESUME, PRUNE), False), 16),
    (Way("archived, killed, resumed and restored", (), ARCHIVED,
         (RESUME, RESTORE), True), 16),
    (Way("restore killed, and resumed", (ARCHIVED,), RESTORE,
         (RESUME, RESTORE), True), 24),
)
FIXTURES = (("kit-28.5", 1), ("rich-20.10", 8))  # and by how much the sample is smaller


class Back:
    """Kills the command of a WAY; called in a worker."""

    def __init__(self, case, way):
        self.case, self.way = case, way

    @guarded
    def __call__(self, number):
        case, way = self.case, self.way
        root = case.place.at(f"back-{number}")
        faults = list(way.begin(case, root))
        result = way.on(root, way.command, *ONE, do="kill", at=number, under=root, changes=1)
        if not result.is_killed:
            faults.append(f"not killed: {result}")
        faults += way.faults(case, root)
        faults += way.go_on(case, root)
        way.remove(root)
        return [f"killed at call {number}: {fault}" for fault in faults[:8]]


def before_the_erasing(lines):
    """How many calls there are up to the last rename: nothing has been erased then."""
    return max(int(line[0]) for line in lines if line[2].startswith("renameat"))


def run(tap, fixture, part):
    with stage.Stage() as place:
        case = Case(place, fixture, PRUNE)
        for way, most in WAYS:
            if len(sys.argv) > 1 and sys.argv[1] not in f"{fixture}: {way.words}":
                continue
            lines = way.calls(case, under=place.at("count"), changes=1)
            count = before_the_erasing(lines) if way.command == PRUNE else len(lines)
            numbers = sample(range(1, count + 1), max(most // part, 2))
            tap.check(f"{fixture}: {way.words}: at {len(numbers)} of {count} calls",
                      (fault for some in stage.spread(Back(case, way), numbers) for fault in some))


def main():
    stage.need_root()
    tap = stage.Tap()
    for fixture, part in FIXTURES:
        run(tap, fixture, part)
    tap.end()


if __name__ == "__main__":
    main()
