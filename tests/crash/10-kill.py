#!/usr/bin/python3 -B
"""10-kill - killed before its N-th call that changes a file, for every N: the root is one that
dockerd starts from, nothing that stays is touched, and `run resume` reaches the end of a run that
nothing has disturbed, byte for byte.

The bounded part takes a sample of the calls, the same ones for a seed; CRASH_WHOLE=1 all of them.
"""
import random
import sys

import stage
from case import ONE, PRUNE, Case, guarded, sample

# fixture, command, how many calls of it the bounded part takes (all when there are fewer)
CASES = (
    ("kit-28.5", PRUNE, 60),
    ("rich-20.10", PRUNE, 24),
    ("leaky-20.10", PRUNE, 8),
    ("rich-20.10", ("image", "prune", "-f"), 4),
    ("rich-20.10", ("container", "prune", "-f"), 4),
    ("rich-20.10", ("builder", "prune", "-af"), 4),
    ("rich-20.10", ("volume", "prune", "-af"), 4),
    ("rich-20.10", ("network", "prune", "-f"), 4),
    ("leaky-20.10", ("layer", "prune", "-f"), 4),
)


class Kill:
    """Kills at one call; called in a worker."""

    def __init__(self, case, act="kill", jobs=ONE):
        self.case, self.act, self.jobs = case, act, jobs

    @guarded
    def __call__(self, job):
        number, again = job if isinstance(job, tuple) else (job, 0)
        root = self.case.place.at(f"{self.act}-{number}-{again}-{len(self.jobs)}")
        stage.copy(self.case.whole, root)
        result = self.run(root, self.case.command, self.act, number)
        faults = [] if result.is_killed or not self.jobs else [f"not killed: {result}"]
        faults += self.case.faults(root)
        if again:
            self.run(root, ("run", "resume"), "kill", again)
            faults += (f"resume killed at {again}: {fault}" for fault in self.case.faults(root))
        faults += self.case.finish(root)
        stage.remove(root)
        return [f"{self.act} at call {number}: {fault}" for fault in faults[:8]]

    def run(self, root, command, act, number):
        return stage.drydock(root, *self.jobs, *command, do=act, at=number, under=root, changes=1)


def pairs(count, most):
    """Where a run is killed, and where its resume is."""
    dice = random.Random(stage.SEED)
    return [(dice.randint(1, count), dice.randint(1, 1 + count // 4)) for _ in range(most)]


def run(tap, fixture, command, most):
    with stage.Stage() as place:
        case = Case(place, fixture, command)
        words = f"{fixture}: {' '.join(command)}"

        def check(what, kill, jobs):
            tap.check(f"{words}: {what}",
                      (fault for some in stage.spread(kill, jobs) for fault in some))

        tap.check(f"{words}: undisturbed, it succeeds",
                  [] if case.undisturbed.status in (0, 1) else [case.undisturbed])
        root = place.at("count")
        lines = case.calls(root, under=root, changes=1)
        count = len(lines)
        numbers = sample(range(1, count + 1), most)
        check(f"killed at {len(numbers)} of {count} calls", Kill(case), numbers)
        writes = [int(line[0]) for line in lines if "write" in line[2]]
        numbers = sample(writes, most // 4)
        check(f"killed in the middle of {len(numbers)} of {len(writes)} writes",
              Kill(case, "torn"), numbers)
        numbers = sample(range(1, count + 1), min(most // 4, 200))
        check(f"killed {len(numbers)} times with many threads", Kill(case, jobs=()), numbers)
        jobs = pairs(count, 300 if stage.WHOLE else most // 4 * stage.TIMES)
        check(f"killed, and the resume, too, {len(jobs)} times", Kill(case), jobs)


def main():
    stage.need_root()
    tap = stage.Tap()
    for fixture, command, most in CASES:
        if len(sys.argv) < 2 or sys.argv[1] in " ".join((fixture, *command)):
            run(tap, fixture, command, most)
    tap.end()


if __name__ == "__main__":
    main()
