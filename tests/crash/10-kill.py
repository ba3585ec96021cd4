#!/usr/bin/python3 -B
"""10-kill - killed before its N-th call that changes a file, for every N: the root is one that
dockerd starts from, nothing that stays is touched, and `run resume` reaches the end of a run that
nothing has disturbed, byte for byte.

The bounded part takes a sample of the calls, the same ones for a seed; CRASH_WHOLE=1 all of them.
"""
import random
import sys

import rules
import stage
import tree

PRUNE = ("system", "prune", "-af", "--volumes")

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


class Case:
    """One command on one fixture: what it starts from, and what it makes of it undisturbed."""

    def __init__(self, place, fixture, command):
        self.place, self.command = place, command
        self.whole = place.at("whole")
        stage.fixture(fixture, self.whole)
        self.broken = rules.broken(self.whole)
        stage.copy(self.whole, place.at("end"))
        self.undisturbed = stage.drydock(place.at("end"), *command)
        self.story = tree.Story(tree.picture(self.whole), tree.keep(tree.picture(place.at("end"))))

    def count(self):
        """The calls of a run, as lines: number, site, call, path."""
        root, log = self.place.at("count"), self.place.at("log")
        stage.copy(self.whole, root)
        stage.drydock(root, "--jobs", "1", *self.command, under=root, changes=1, log=log)
        stage.remove(root)
        with open(log, encoding="utf-8", errors="replace") as file:
            lines = [line.rstrip("\n").split("\t") for line in file]
        stage.remove(log)
        return lines

    def faults(self, root):
        """What is wrong with a root that a run was cut off in."""
        yield from (f"rule: {line}" for line in rules.broken(root) - self.broken)
        yield from self.story.between(tree.picture(root))

    def finish(self, root):
        """Brings the root to the end, and yields what is wrong on the way."""
        result = stage.drydock(root, "run", "resume")
        if result.status not in (0, 1):
            yield f"resume: {result}"
        result = stage.drydock(root, *self.command)  # when the journal had no run yet
        if result.status not in (0, 1):
            yield f"again: {result}"
        yield from self.story.same_as_end(tree.picture(root))
        yield from (f"{path} is left" for path in tree.trash(root))
        yield from (f"rule, at the end: {line}" for line in rules.broken(root) - self.broken)


class Kill:
    """Kills at one call; called in a worker."""

    def __init__(self, case, act, jobs=("--jobs", "1")):
        self.case, self.act, self.jobs = case, act, jobs

    def __call__(self, number):
        root = self.case.place.at(f"{self.act}-{number}")
        try:
            stage.copy(self.case.whole, root)
            result = stage.drydock(root, *self.jobs, *self.case.command, do=self.act, at=number,
                                   under=root, changes=1)
            faults = [] if result.is_killed else [f"not killed: {result}"]
            faults += self.case.faults(root)
            faults += self.case.finish(root)
        except Exception as error:  # a worker's words would be lost
            faults = [f"{type(error).__name__}: {error}"]
        finally:
            stage.remove(root)
        return [f"{self.act} at call {number}: {fault}" for fault in faults[:8]]


def sample(numbers, most):
    """All, or MOST of them, the same ones for a seed."""
    numbers = list(numbers)
    if stage.WHOLE or len(numbers) <= most:
        return numbers
    return sorted(random.Random(stage.SEED).sample(numbers, most))


def run(tap, fixture, command, most):
    with stage.Stage() as place:
        case = Case(place, fixture, command)
        words = f"{fixture}: {' '.join(command)}"
        tap.check(f"{words}: undisturbed, it succeeds",
                  [] if case.undisturbed.status in (0, 1) else [case.undisturbed])
        lines = case.count()
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
