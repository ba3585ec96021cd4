"""case - one command on one fixture: what it starts from, and what must come of it."""
import random

import rules
import stage
import tree

PRUNE = ("system", "prune", "-af", "--volumes")
ONE = ("--jobs", "1")  # one thread: the N-th call is the same one each time


class Case:
    """One command on one fixture: what it starts from, and what it makes of it undisturbed."""

    def __init__(self, place, fixture, command, prepare=None):
        self.place, self.command = place, command
        self.whole = place.at("whole")
        stage.fixture(fixture, self.whole)
        if prepare:
            prepare(self.whole)
        self.broken = rules.broken(self.whole)
        stage.copy(self.whole, place.at("end"))
        self.undisturbed = stage.drydock(place.at("end"), *command)
        self.story = tree.Story(tree.picture(self.whole), tree.keep(tree.picture(place.at("end"))))

    def calls(self, root, **shim):
        """The calls of a run in ROOT that count for SHIM: lines of number, site, call, path."""
        stage.copy(self.whole, root)
        lines = self.calls_here(root, **shim)
        stage.remove(root)
        return lines

    def calls_here(self, root, **shim):
        """The same in a root that is there and may change."""
        log = self.place.at("log")
        stage.drydock(root, *ONE, *self.command, log=log, **shim)
        with open(log, encoding="utf-8", errors="replace") as file:
            lines = [line.rstrip("\n").split("\t") for line in file]
        stage.remove(log)
        return lines

    def faults(self, root):
        """What is wrong with a root that a run was cut off in."""
        yield from (f"rule: {line}" for line in rules.broken(root) - self.broken)
        yield from self.story.between(tree.picture(root))

    def finish(self, root, is_exact=True):
        """Brings the root to the end, and yields what is wrong on the way."""
        result = stage.drydock(root, "run", "resume")
        if result.status not in (0, 1):
            yield f"resume: {result}"
        result = stage.drydock(root, *self.command)  # when the journal had no run yet
        if result.status not in (0, 1):
            yield f"again: {result}"
        yield from self.story.same_as_end(tree.picture(root), is_exact)
        yield from (f"{path} is left" for path in tree.trash(root))
        yield from (f"rule, at the end: {line}" for line in rules.broken(root) - self.broken)


def sample(numbers, most):
    """All, or MOST of them, the same ones for a seed."""
    numbers = list(numbers)
    most *= stage.TIMES
    if stage.WHOLE or len(numbers) <= most:
        return numbers
    chosen = set(random.Random(stage.SEED).sample(range(len(numbers)), most))
    return [number for i, number in enumerate(numbers) if i in chosen]


def guarded(function):
    """FUNCTION, for a worker: an exception becomes a fault."""
    def call(*arguments):
        try:
            return function(*arguments)
        except Exception as error:
            return [f"{arguments[1:]}: {type(error).__name__}: {error}"]
    return call
