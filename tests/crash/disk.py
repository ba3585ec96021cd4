"""disk - file systems in a file, to cut off and to fill."""
import ctypes
import os
import shutil
import subprocess
import sys

import stage

MAKE = {
    "ext4": ("mkfs.ext4", "-q", "-F", "-b", "4096"),
    "xfs": ("mkfs.xfs", "-q", "-f"),
    "btrfs": ("mkfs.btrfs", "-q", "-f"),
}


def need(*kinds):
    """Runs this program again with mounts of its own, which are gone with it; skips it, saying why,
    where that or a loop device cannot be had."""
    stage.need_root()
    for kind in kinds:
        if not shutil.which(MAKE[kind][0]):
            stage.skip_all(f"{MAKE[kind][0]} is not installed")
    if os.environ.get("CRASH_UNSHARED"):
        return
    if kinds and subprocess.run(("losetup", "-f"), capture_output=True,
                                check=False).returncode != 0:
        stage.skip_all("there is no free loop device here (losetup -f fails)")
    if subprocess.run(("unshare", "-m", "true"), capture_output=True, check=False).returncode != 0:
        stage.skip_all("mounting is not allowed here (unshare -m fails)")
    os.environ["CRASH_UNSHARED"] = "1"
    os.execvp("unshare", ("unshare", "-m", "--propagation", "private", sys.executable, "-B",
                          *sys.argv))


ELSEWHERE = "/run/drydock"  # where a journal goes for which the root has no room
CLONE_NEWNS = 0x20000


def own_run():
    """Gives this process an empty /run of its own, in mounts of its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    stage.call("mount", "-t", "tmpfs", "run", "/run")


class Disk:
    """A file system of KIND in a file; the data root is a directory in it."""

    def __init__(self, place, kind, name, megabytes, *options):
        self.kind, self.image = kind, place.at(name + ".img")
        self.mountpoint = place.at(name)
        self.root = os.path.join(self.mountpoint, "root")
        if megabytes:
            with open(self.image, "wb") as file:
                file.truncate(megabytes << 20)
            stage.call(*MAKE[kind], *options, self.image)
        os.makedirs(self.mountpoint, exist_ok=True)

    def fill(self, source):
        """Puts the data root SOURCE there; nothing is mounted before and after."""
        self.mount()
        stage.copy(source, self.root)
        self.unmount()

    def mount(self):
        options = "loop,nouuid" if self.kind == "xfs" else "loop"  # copies have the same one
        stage.call("mount", "-t", self.kind, "-o", options, self.image, self.mountpoint)

    def unmount(self):
        stage.call("umount", self.mountpoint)

    def copy(self, place, name):
        """Another one like this, which is not mounted."""
        other = Disk(place, self.kind, name, 0)
        stage.call("cp", "--sparse=always", self.image, other.image)
        return other

    def remove(self):
        subprocess.run(("umount", "-q", self.mountpoint), check=False)
        os.unlink(self.image)
        os.rmdir(self.mountpoint)


class Pair:
    """A data root on one file system whose overlay2 is on another. Cut off are those in LOST: what
    the other one has got is on disk, however late it came."""

    def __init__(self, disks, lost):
        self.disks, self.lost = disks, lost
        self.root = disks[0].root
        self.mountpoint = ":".join(disks[i].mountpoint for i in lost)

    def fill(self, source):
        """Puts the data root SOURCE there; nothing is mounted before and after."""
        for one in self.disks:
            one.mount()
        stage.copy(source, self.root)
        stage.call("mv", os.path.join(self.root, "overlay2"), self.disks[1].root)
        os.mkdir(os.path.join(self.root, "overlay2"))
        for one in self.disks:
            one.unmount()

    def mount(self):
        for one in self.disks:
            one.mount()
        stage.call("mount", "--bind", self.disks[1].root, os.path.join(self.root, "overlay2"))

    def unmount(self):
        stage.call("umount", os.path.join(self.root, "overlay2"))
        for one in self.disks:
            one.unmount()

    def copy(self, place, name):
        return Pair([one.copy(place, f"{name}-{i}") for i, one in enumerate(self.disks)],
                    self.lost)

    def remove(self):
        subprocess.run(("umount", "-q", os.path.join(self.root, "overlay2")), check=False)
        for one in self.disks:
            one.remove()
