#!/usr/bin/python3 -B
"""05-checks - the checks of the crash tests see what they are for: each rule and each comparison
fails on a root that is broken in just its way, and none on one that real daemons left."""
import glob
import json
import os
import shutil
import sys

import rules
import stage
import tree
from case import PRUNE, Case

DB = "image/overlay2/layerdb"
IMAGES = "image/overlay2/imagedb/content/sha256"


class Yard:
    """A data root to break."""

    def __init__(self, path):
        self.path = path

    def at(self, *parts):
        return os.path.join(self.path, *parts)

    def names(self, *parts):
        return sorted(os.listdir(self.at(*parts)))

    def read(self, *parts):
        with open(self.at(*parts), encoding="utf-8") as file:
            return file.read()

    def write(self, text, *parts):
        with open(self.at(*parts), "w", encoding="utf-8") as file:
            file.write(text)

    def drop(self, *parts):
        path = self.at(*parts)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)

    # -- what there is

    def layer(self):
        """A layer that others need."""
        return self.read(DB, "sha256", self.child(), "parent")[7:]

    def child(self):
        return next(name for name in self.names(DB, "sha256")
                    if os.path.exists(self.at(DB, "sha256", name, "parent")))

    def directory(self):
        return self.read(DB, "sha256", self.layer(), "cache-id")

    def container(self):
        """One with a volume and a network."""
        return next(name for name in self.names("containers")
                    if '"Type":"volume"' in self.read("containers", name, "config.v2.json"))

    def config(self):
        return json.loads(self.read("containers", self.container(), "config.v2.json"))


def break_removing(yard):
    layer = yard.layer()
    name = f"{layer}-{'0' * 64}-removing"
    os.mkdir(yard.at(DB, "sha256", name))
    yard.write(yard.directory(), DB, "sha256", name, "cache-id")


def break_tag(yard):
    tags = json.loads(yard.read("image/overlay2/repositories.json"))
    image = next(iter(next(iter(tags["Repositories"].values())).values()))
    yard.drop(IMAGES, image[7:])


def break_volume(yard):
    mounts = yard.config()["MountPoints"].values()
    yard.drop("volumes", next(mount["Name"] for mount in mounts if mount["Type"] == "volume"))


def break_database(yard):
    path = yard.at("buildkit/metadata_v2.db")
    with open(path, "r+b") as file:
        file.seek(0)
        file.write(b"\0" * 8192)


# what is broken, how, words of the rule
RULES = (
    ("overlay2/l", lambda yard: yard.drop("overlay2/l"), "overlay2/l is gone"),
    ("tags lost", lambda yard: yard.drop("image/overlay2/repositories.json"), "is gone"),
    ("tags empty", lambda yard: yard.write("", "image/overlay2/repositories.json"), "not whole"),
    ("a tag's image", break_tag, "lacks its image"),
    ("an image", lambda yard: yard.write("{}", IMAGES, yard.names(IMAGES)[0]), "its name says"),
    ("a layer record", lambda yard: yard.drop(DB, "sha256", yard.layer()), "lacks its parent"),
    ("an image's layer", lambda yard: yard.drop(DB, "sha256", yard.layer()), "lacks layer"),
    ("a torn layer", lambda yard: yard.drop(DB, "sha256", yard.layer(), "size"), "is not whole"),
    ("a tar-split", lambda yard: yard.drop(DB, "sha256", yard.layer(), "tar-split.json.gz"),
     "tar-split"),
    ("a directory", lambda yard: yard.drop("overlay2", yard.directory()), "lacks its directory"),
    ("a link file", lambda yard: yard.drop("overlay2", yard.directory(), "link"), "link file"),
    ("a link", lambda yard: yard.drop("overlay2/l", yard.read("overlay2", yard.directory(), "link")),
     "a lower directory is not there"),
    ("a -removing one with a live directory", break_removing, "has the directory of a layer"),
    ("a container's config", lambda yard: yard.write("{", "containers", yard.container(),
                                                     "config.v2.json"), "is not whole"),
    ("a mount", lambda yard: yard.drop(DB, "mounts", yard.container()), "lacks its mount"),
    ("an init layer", lambda yard: yard.drop("overlay2", yard.read(DB, "mounts", yard.container(),
                                                                   "init-id")), "directory"),
    ("a container's volume", break_volume, "lacks volume"),
    ("the networks", lambda yard: yard.drop("network/files/local-kv.db"), "lacks network"),
    ("a database", break_database, "cannot be read"),
    ("leases", lambda yard: yard.drop("buildkit/containerdmeta.db"), "lacks its lease"),
    ("snapshots", lambda yard: yard.drop("buildkit/snapshots.db"), "lacks its snapshot"),
)


def overwrite(yard):
    """A byte of a file, with the same size and time."""
    path = sorted(glob.glob(yard.at("overlay2/*/diff/bin/busybox")))[0]
    before = os.stat(path)
    with open(path, "r+b") as file:
        file.seek(1000)
        file.write(b"!!")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def some(yard, story):
    """The first file in something that goes."""
    unit = next(path for path in sorted(story.units) if path.startswith("containers/"))
    return yard.at(unit, "hostname")


# what is done to a root that a run was cut off in, words of what is seen
BETWEEN = (
    ("a kept file is lost", lambda yard, story: yard.drop("engine-id"), "is lost"),
    ("a kept file is written", lambda yard, story: yard.write("x", "engine-id"), "not what it was"),
    ("a kept file has another owner", lambda yard, story: os.chown(yard.at("engine-id"), 5, 5),
     "not what it was"),
    ("what goes is half gone", lambda yard, story: os.unlink(some(yard, story)), "half gone"),
    ("what goes has changed", lambda yard, story: os.truncate(some(yard, story), 1),
     "has changed"),
    ("something is new", lambda yard, story: yard.write("x", "volumes/new"), "is new"),
    ("tags are half written", lambda yard, story: os.truncate(
        yard.at("image/overlay2/repositories.json"), 9), "neither the old nor the new"),
)


def expect(found, words):
    """Faults of a check that should say WORDS."""
    found = list(found)
    return [] if any(words in line for line in found) else [f"no '{words}' in {found[:3]}"]


def check_rules(tap, place, name):
    whole, root = place.at(name), place.at("broken")
    stage.fixture(name, whole)
    tap.check(f"{name}: no rule is broken", rules.broken(whole))
    for words, damage, rule in RULES:
        stage.copy(whole, root)
        damage(Yard(root))
        tap.check(f"{words}: the rule is seen", expect(rules.broken(root), rule))


def check_between(tap, place):
    case = Case(place, "kit-28.5", PRUNE)
    root = place.at("cut")
    for words, damage, said in BETWEEN:
        stage.copy(case.whole, root)
        tap.check(f"{words}: not before", case.faults(root))
        damage(Yard(root), case.story)
        tap.check(f"{words}: it is seen", expect(case.faults(root), said))
    tap.check("a root that nothing was done to is not the end",
              expect(case.story.same_as_end(tree.picture(case.whole)), "is left"))


def check_bytes(tap, place):
    """A layer stays in `image prune`; two bytes of it change."""
    case = Case(place, "kit-28.5", ("image", "prune", "-f"))
    root = place.at("bytes")
    stage.copy(place.at("end"), root)
    tap.check("the end is the end", case.story.same_as_end(tree.picture(root)))
    overwrite(Yard(root))
    tap.check("two bytes of a kept layer: it is seen",
              expect(case.story.same_as_end(tree.picture(root)), "busybox is not as"))


def main():
    stage.need_root()
    tap = stage.Tap()
    for check in (lambda tap, place: check_rules(tap, place, "kit-28.5"), check_between,
                  check_bytes):
        with stage.Stage() as place:
            check(tap, place)
    for name in ("seed-20.10", "killed-copy-20.10", "killed-rmi-20.10", "killed-kit-20.10"):
        with stage.Stage() as place:
            stage.fixture(name, place.at("root"))
            tap.check(f"{name}: no rule is broken", rules.broken(place.at("root")))
    tap.end()


if __name__ == "__main__":
    sys.exit(main())
