"""case - one command on one fixture: what it starts from, and what must come of it."""
import random
import re

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


QUARANTINE = (*PRUNE, "--quarantine")
ROLLBACK = ("run", "rollback", "1")
COMMIT = ("run", "commit", "-f", "1")
ARCHIVED = (*PRUNE, "--archive", "ARCHIVE")
RESTORE = ("run", "restore", "-f", "ARCHIVE")
RESUME = ("run", "resume")
# Before the journal had the run there is nothing to take back, and after the end nothing to do.
NOTHING = ("there is no run", "nothing to ", "waits for nothing", "No such file")
# What dockerd makes again when it is missing: borrowed while there is no room to make a directory.
LENT = r"(tmp|runtimes|trust|swarm)(/\d+ is new| is (lost|not what it was))"
# What could not come back, and waits, keeps out more: dockerd forgets a build cache record without
# its layer, and does not start a container without its network.
WAITING = re.compile(r"rule: cache record .*|rule: container .* lacks network .*|"
                     r".* is neither the old nor the new one")


class Way:
    """A command that is disturbed, those before it and those that go on after it, and where that
    leads to: the end of an undisturbed prune, or back to the start."""

    def __init__(self, words, first, command, then, is_back):
        self.words, self.first, self.command = words, first, command
        self.then, self.is_back = then, is_back

    @staticmethod
    def on(root, command, *options, **shim):
        """Runs COMMAND; the archive lies beside the root."""
        return stage.drydock(root, *options,
                             *(word.replace("ARCHIVE", root + ".tar.zst") for word in command),
                             **shim)

    @staticmethod
    def remove(root):
        stage.remove(root)
        stage.remove(root + ".tar.zst")

    def begin(self, case, root):
        """Makes ROOT what the command begins with; yields what fails."""
        stage.copy(case.whole, root)
        for command in self.first:
            result = self.on(root, command)
            if result.status not in (0, 1):
                yield f"{' '.join(command)}: {result}"

    def calls(self, case, **shim):
        """The calls of the command that count for SHIM: lines of number, site, call, path."""
        root, log = case.place.at("count"), case.place.at("log")
        list(self.begin(case, root))
        self.on(root, self.command, *ONE, log=log, **shim)
        with open(log, encoding="utf-8", errors="replace") as file:
            lines = [line.rstrip("\n").split("\t") for line in file]
        self.remove(root)
        stage.remove(log)
        return lines

    def faults(self, case, root):
        """What is wrong after the command was disturbed. A restore makes what is new to it."""
        if self.command == RESTORE:
            return []
        return [fault for fault in case.faults(root) if self.command != ROLLBACK or
                not WAITING.fullmatch(fault)]

    def go_on(self, case, root, is_exact=True):
        """Runs the commands after it; yields what is wrong then."""
        for command in self.then:
            result = self.on(root, command)
            if command == RESTORE and result.status == 4:
                continue  # what is there is left alone and said
            if result.status not in (0, 1) and not any(word in result.words for word in NOTHING):
                yield f"{' '.join(command)}: {result}"
        yield from self.unreached(case, root, is_exact)

    def unreached(self, case, root, is_exact=True):
        """What is not as it should be in the end."""
        nodes = tree.picture(root)
        if self.is_back:
            yield from case.story.same_as_start(nodes, is_exact)
        else:
            yield from case.story.same_as_end(nodes, is_exact)
        # a journal in which nothing had been written when it was cut off may have that beside it
        yield from (f"{path} is left" for path in tree.trash(root)
                    if path != ".drydock/journal.db-journal")


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
