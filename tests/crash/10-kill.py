#!/usr/bin/python3 -B
"""10-kill - killed before its N-th call that changes a file, for every N: the root is one that
dockerd starts from, nothing that stays is touched, and `run resume` reaches the end of a run that
nothing has disturbed, byte for byte.

The bounded part takes a sample of the calls, the same ones for a seed; CRASH_WHOLE=1 all of them.
"""
import sys

import stage
from case import ONE, PRUNE, Case, guarded, sample

# fixture, command, how many calls of it the bounded part takes (all when there are fewer)
CASES = (
    ("kit-28.5", PRUNE, 60),
    ("rich-20.10", PRUNE, 60),
    ("leaky-20.10", PRUNE, 20),
    ("rich-20.10", ("image", "prune", "-f"), 10),
    ("rich-20.10", ("container", "prune", "-f"), 10),
    ("rich-20.10", ("builder", "prune", "-af"), 10),
    ("rich-20.10", ("volume", "prune", "-af"), 10),
    ("rich-20.10", ("network", "prune", "-f"), 10),
    ("leaky-20.10", ("layer", "prune", "-f"), 10),
)


class Kill:
    """Kills at one call; called in a worker."""

    def __init__(self, case, act, jobs=ONE):
        self.case, self.act, self.jobs = case, act, jobs

    @guarded
    def __call__(self, number):
        root = self.case.place.at(f"{self.act}-{number}")
        stage.copy(self.case.whole, root)
        result = stage.drydock(root, *self.jobs, *self.case.command, do=self.act, at=number,
                               under=root, changes=1)
        faults = [] if result.is_killed else [f"not killed: {result}"]
        faults += self.case.faults(root)
        faults += self.case.finish(root)
        stage.remove(root)
        return [f"{self.act} at call {number}: {fault}" for fault in faults[:8]]


def run(tap, fixture, command, most):
    with stage.Stage() as place:
        case = Case(place, fixture, command)
        words = f"{fixture}: {' '.join(command)}"
        tap.check(f"{words}: undisturbed, it succeeds",
                  [] if case.undisturbed.status in (0, 1) else [case.undisturbed])
        root = place.at("count")
        lines = case.calls(root, under=root, changes=1)
        numbers = sample(range(1, len(lines) + 1), most)
        faults = [fault for some in stage.spread(Kill(case, "kill"), numbers) for fault in some]
        tap.check(f"{words}: killed at {len(numbers)} of {len(lines)} calls", faults)
        writes = [int(line[0]) for line in lines if "write" in line[2]]
        numbers = sample(writes, most // 4)
        faults = [fault for some in stage.spread(Kill(case, "torn"), numbers) for fault in some]
        tap.check(f"{words}: killed in the middle of {len(numbers)} of {len(writes)} writes",
                  faults)


def main():
    stage.need_root()
    tap = stage.Tap()
    for fixture, command, most in CASES:
        if len(sys.argv) > 1 and sys.argv[1] not in " ".join((fixture, *command)):
            continue
        run(tap, fixture, command, most)
    tap.end()


if __name__ == "__main__":
    main()
