#!/usr/bin/python3 -B
"""35-archive - killed before its N-th call that changes a file: a prune that writes an archive, and
a restore. The root is one that dockerd starts from, everything is there as a whole or not at all,
`run resume` goes on, and in the end everything is back, byte for byte.

The bounded part takes a sample of the calls, the same ones for a seed; CRASH_WHOLE=1 all of them.
"""
import os
import sys

import rules
import stage
import tree
from case import ONE, PRUNE, guarded, sample

# fixture, command, how many calls of each the bounded part takes
CASES = (
    ("kit-28.5", PRUNE, 20),
    ("rich-20.10", PRUNE, 6),
    ("rich-20.10", ("builder", "prune", "-f"), 4),
    ("nets-20.10", ("network", "prune", "-f"), 4),
)


class Archive:
    """A root before a prune that writes an archive, and after it."""

    def __init__(self, place, fixture, command):
        self.place, self.command = place, command
        self.whole, self.pruned = place.at("whole"), place.at("pruned")
        self.file = place.at("archive.tar.zst")
        stage.fixture(fixture, self.whole)
        os.mkdir(os.path.join(self.whole, ".drydock"), 0o700)
        stage.copy(self.whole, self.pruned)
        self.undisturbed = stage.drydock(self.pruned, *command, "--archive", self.file)
        self.start = tree.keep(tree.picture(self.whole))
        self.story = tree.Story(self.start, tree.keep(tree.picture(self.pruned)))
        self.broken = rules.broken(self.whole) | rules.broken(self.pruned)

    def scene(self, name, is_restore):
        """A directory with a root and an archive; the command, and where its calls count."""
        home = self.place.at(name)
        root, file = os.path.join(home, "root"), os.path.join(home, "a.tar.zst")
        os.mkdir(home)
        if is_restore:
            stage.copy(self.pruned, root)
            os.link(self.file, file)
            return home, root, file, ("run", "restore", "-f", file), root
        stage.copy(self.whole, root)
        return home, root, file, (*self.command, "--archive", file), home

    def count(self, is_restore):
        """How many calls of a run change something, and the numbers of those that write."""
        home, root, _, command, under = self.scene("count", is_restore)
        log = self.place.at("log")
        stage.drydock(root, *ONE, *command, log=log, under=under, changes=1)
        with open(log, encoding="utf-8", errors="replace") as file:
            lines = [line.rstrip("\n").split("\t") for line in file]
        stage.remove(home)
        stage.remove(log)
        return len(lines), [int(line[0]) for line in lines if "write" in line[2]]

    def faults(self, root):
        """What is wrong with a root that a run was cut off in."""
        yield from (f"rule: {line}" for line in rules.broken(root) - self.broken)
        yield from self.story.between(tree.picture(root))

    def is_whole(self, root):
        return not list(self.differences(root))

    def differences(self, root):
        """What is not as it was before the prune, times of directories excepted."""
        nodes = tree.picture(root)
        yield from (f"{path} is new" for path in nodes if path not in self.start)
        for path, node in self.start.items():
            if path not in nodes:
                yield f"{path} is not there"
            elif nodes[path].whole() != node.whole():
                yield f"{path} is not what it was"

    def finish(self, root, file):
        """Brings everything back, and yields what is wrong on the way."""
        result = stage.drydock(root, "run", "resume")
        if result.status not in (0, 1):
            yield f"resume: {result}"
        if not self.is_whole(root):
            result = stage.drydock(root, "run", "restore", "-f", file)
            if result.status not in (0, 1):
                yield f"restore: {result}"
        yield from self.differences(root)
        # a run that was cut off while it began leaves SQLite's file for the next one
        yield from (f"{path} is left" for path in tree.trash(root)
                    if path != ".drydock/journal.db-journal")


class Kill:
    """Kills at one call; called in a worker."""

    def __init__(self, archive, is_restore, act="kill"):
        self.archive, self.is_restore, self.act = archive, is_restore, act

    @guarded
    def __call__(self, number):
        home, root, file, command, under = self.archive.scene(
            f"{self.act}-{number}-{self.is_restore}", self.is_restore)
        result = stage.drydock(root, *ONE, *command, do=self.act, at=number, under=under,
                               changes=1)
        faults = [] if result.is_killed else [f"not killed: {result}"]
        faults += self.archive.faults(root)
        faults += self.archive.finish(root, file)
        stage.remove(home)
        return [f"{self.act} at call {number}: {fault}" for fault in faults[:8]]


def check(tap, words, kill, numbers):
    tap.check(words, (fault for some in stage.spread(kill, numbers) for fault in some))


def run(tap, fixture, command, most):
    with stage.Stage() as place:
        archive = Archive(place, fixture, command)
        words = f"{fixture}: {' '.join(command)}"
        tap.check(f"{words} --archive: undisturbed, it succeeds",
                  [] if archive.undisturbed.status in (0, 1) else [archive.undisturbed])
        root = place.at("back")
        stage.copy(archive.pruned, root)
        tap.check(f"{words}: restored, everything is as it was",
                  archive.finish(root, archive.file))
        stage.remove(root)
        count, writes = archive.count(True)
        numbers = sample(range(1, count + 1), most)
        check(tap, f"{words}: its restore killed at {len(numbers)} of {count} calls",
              Kill(archive, True), numbers)
        numbers = sample(writes, most // 4)
        check(tap, f"{words}: its restore killed in {len(numbers)} of {len(writes)} writes",
              Kill(archive, True, "torn"), numbers)
        count, writes = archive.count(False)
        numbers = sample(range(1, count + 1), most)
        check(tap, f"{words} --archive: killed at {len(numbers)} of {count} calls",
              Kill(archive, False), numbers)
        numbers = sample(writes, most // 4)
        check(tap, f"{words} --archive: killed in {len(numbers)} of {len(writes)} writes",
              Kill(archive, False, "torn"), numbers)


def main():
    stage.need_root()
    tap = stage.Tap()
    for fixture, command, most in CASES:
        if len(sys.argv) < 2 or sys.argv[1] in " ".join((fixture, *command)):
            run(tap, fixture, command, most)
    tap.end()


if __name__ == "__main__":
    main()
