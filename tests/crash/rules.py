#!/usr/bin/python3 -B
"""rules - the rules by which dockerd starts from a data root, and what it loads works.

    rules.py ROOT           prints each rule that is broken, and where; exit status 1 if one is

Reads the root on its own, not as drydock does. A root may have broken rules to begin with; what
counts is that none is added.
"""
import hashlib
import json
import os
import re
import sys

import boltfile

HEX = re.compile(r"[0-9a-f]{64}\Z")
LINK = re.compile(r"[A-Z2-7]{26}\Z")
IMAGE = "image/overlay2"
DATABASES = ("volumes/metadata.db", "network/files/local-kv.db", "buildkit/snapshots.db",
             "buildkit/containerdmeta.db", "buildkit/metadata_v2.db", "buildkit/cache.db",
             "buildkit/history.db", "buildkit/history_c8d.db")
NETWORK = "docker/network/v1.0/"
BUILT_IN_NETWORKS = ("", "default", "bridge", "host", "none")


class Root:
    def __init__(self, path):
        self.path = path
        self.faults = []
        self.databases = {}

    def fault(self, *words):
        self.faults.append(" ".join(words))

    def at(self, *parts):
        return os.path.join(self.path, *parts)

    def has(self, *parts):
        return os.path.lexists(self.at(*parts))

    def names(self, *parts):
        try:
            return sorted(os.listdir(self.at(*parts)))
        except OSError:
            return []

    def read(self, *parts):
        """The text of a small file, or None."""
        try:
            with open(self.at(*parts), encoding="utf-8", errors="replace", newline="") as file:
                return file.read()
        except OSError:
            return None

    def parse(self, *parts):
        try:
            return json.loads(self.read(*parts) or "")
        except ValueError:
            return None

    # -- overlay2

    def directory(self, name, who):
        """A directory of overlay2 that WHO needs: whole, with its link and all below it."""
        link = self.read("overlay2", name, "link")
        if not name or not os.path.isdir(self.at("overlay2", name, "diff")):
            self.fault(who, "lacks its directory", name or "")
            return
        if not link or not LINK.match(link):
            self.fault(who, "directory without link file", name)
        elif self.target(link) != f"../{name}/diff":
            self.fault(who, "the link of its directory is not there", link)
        for lower in (self.read("overlay2", name, "lower") or "").split(":"):
            if lower and not os.path.isdir(self.at("overlay2", lower)):
                self.fault(who, "a lower directory is not there", lower)

    def target(self, link):
        try:
            return os.readlink(self.at("overlay2/l", link))
        except OSError:
            return None

    def check_driver(self):
        if not os.path.isdir(self.at("overlay2/l")):
            self.fault("overlay2/l is gone")

    # -- layers

    def check_layers(self):
        layers = f"{IMAGE}/layerdb/sha256"
        if not os.path.isdir(self.at(layers)):
            self.fault(layers, "is gone")
        for chain in self.names(layers):
            if not HEX.match(chain):
                continue
            who = f"layer {chain}"
            diff = self.read(layers, chain, "diff") or ""
            size = self.read(layers, chain, "size") or ""
            parent = self.read(layers, chain, "parent")
            if not HEX.match(diff.strip()[7:]) or not re.match(r"\d+\Z", size):
                self.fault(who, "is not whole")
            if not self.has(layers, chain, "tar-split.json.gz"):
                self.fault(who, "has lost its tar-split")
            if parent is not None and not self.has(layers, parent.strip()[7:]):
                self.fault(who, "lacks its parent", parent)
            self.directory((self.read(layers, chain, "cache-id") or "").strip(), who)

    def check_removing(self):
        """dockerd removes the directory of every such entry, whoever else has it."""
        layers = f"{IMAGE}/layerdb/sha256"
        live = {self.read(layers, chain, "cache-id") for chain in self.names(layers)
                if HEX.match(chain)}
        for name in self.names(layers):
            cache_id = self.read(layers, name, "cache-id")
            if name.endswith("-removing") and cache_id in live:
                self.fault("half-removed", name, "has the directory of a layer")

    def has_layer(self, chain):
        return self.has(f"{IMAGE}/layerdb/sha256", chain[7:])

    def check_mount(self, name, who):
        mount = f"{IMAGE}/layerdb/mounts/{name}"
        mount_id = (self.read(mount, "mount-id") or "").strip()
        parent = self.read(mount, "parent")
        init = self.read(mount, "init-id")
        if not mount_id:
            self.fault(who, "lacks its mount")
            return
        self.directory(mount_id, who)
        if init is not None:
            self.directory(init.strip(), who)
        if parent is not None and not self.has_layer(parent.strip()):
            self.fault(who, "lacks the layer of its mount", parent)

    # -- images and tags

    def check_images(self):
        images = f"{IMAGE}/imagedb/content/sha256"
        if not os.path.isdir(self.at(images)):
            self.fault(images, "is gone")
        for name in self.names(images):
            if not HEX.match(name):
                continue
            who = f"image {name}"
            with open(self.at(images, name), "rb") as file:
                if hashlib.sha256(file.read()).hexdigest() != name:
                    self.fault(who, "is not what its name says")
                    continue
            chain = None
            for diff in self.parse(images, name).get("rootfs", {}).get("diff_ids") or []:
                chain = diff if chain is None else "sha256:" + hashlib.sha256(
                    f"{chain} {diff}".encode()).hexdigest()
                if not self.has_layer(chain):
                    self.fault(who, "lacks layer", chain)
            parent = self.read(f"{IMAGE}/imagedb/metadata/sha256", name, "parent")
            if parent is not None and not self.has(images, parent[7:]):
                self.fault(who, "lacks its parent", parent)

    def check_tags(self):
        text = self.read(IMAGE, "repositories.json")
        tags = self.parse(IMAGE, "repositories.json")
        if text is None:
            self.fault("repositories.json is gone")
        elif not isinstance(tags, dict) or not isinstance(tags.get("Repositories"), dict):
            self.fault("repositories.json is not whole")
        else:
            for entries in tags["Repositories"].values():
                for tag, image in entries.items():
                    if not self.has(f"{IMAGE}/imagedb/content/sha256", image[7:]):
                        self.fault("tag", tag, "lacks its image", image)

    # -- containers

    def check_containers(self):
        for name in self.names("containers"):
            who = f"container {name}"
            config = self.parse("containers", name, "config.v2.json")
            if not isinstance(config, dict) or not config.get("Config") or not config.get("State"):
                self.fault(who, "is not whole")
                continue
            self.check_mount(name, who)
            image = config.get("Image") or ""
            if image and not self.has(f"{IMAGE}/imagedb/content/sha256", image[7:]):
                self.fault(who, "lacks its image", image)
            for mount in (config.get("MountPoints") or {}).values():
                if mount.get("Type") == "volume" and mount.get("Driver") == "local" and \
                        not self.has("volumes", mount["Name"], "_data"):
                    self.fault(who, "lacks volume", mount["Name"])
            for network in (config.get("NetworkSettings") or {}).get("Networks") or {}:
                if network not in BUILT_IN_NETWORKS and network not in self.networks():
                    self.fault(who, "lacks network", network)

    # -- databases

    def database(self, path):
        if path not in self.databases:
            self.databases[path] = {}
            try:
                if self.has(path):
                    self.databases[path] = boltfile.read(self.at(path))
            except (boltfile.Broken, OSError) as error:
                self.fault(path, "cannot be read:", str(error))
        return self.databases[path]

    def check_databases(self):
        for path in DATABASES:
            self.database(path)

    def networks(self):
        """Names and IDs of the networks that are stored."""
        names = set()
        for key, value in self.database("network/files/local-kv.db").items():
            path = key[-1].decode()
            if path.startswith(NETWORK + "network/"):
                names |= {path.split("/")[-2], json.loads(value[8:])["name"]}
        return names

    def check_networks(self):
        for key in self.database("network/files/local-kv.db"):
            parts = key[-1].decode()[len(NETWORK):].split("/")
            if parts[0] == "bridge" and parts[1] not in self.networks():
                self.fault("bridge", parts[1], "comes back at each start, without a network")

    def check_volumes(self):
        for name in self.names("volumes"):
            if os.path.isdir(self.at("volumes", name)) and \
                    not self.has("volumes", name, "_data"):
                self.fault("volume", name, "is not whole")
            if self.has("volumes", name, "opts.json") and \
                    self.parse("volumes", name, "opts.json") is None:
                self.fault("volume", name, "has options that cannot be read")

    def check_snapshot(self, snapshot, who):
        """What a record of the build cache needs on disk."""
        buckets = self.database("buildkit/snapshots.db")
        key = snapshot.encode()
        chain = (buckets.get((key, b"chainid")) or b"").decode()
        if snapshot.startswith("sha256:"):
            chain = snapshot
        elif (key,) not in buckets:
            self.fault(who, "lacks its snapshot", snapshot)
            return
        if chain:
            if not self.has_layer(chain):
                self.fault(who, "lacks layer", chain)
            return
        self.directory((buckets.get((key, b"committed")) or key).decode(), who)
        parent = (buckets.get((key, b"parent")) or b"").decode()
        if parent:
            self.check_snapshot(parent, who)

    def check_cache(self):
        """Records marked as deleted are finished by BuildKit when it starts."""
        records = {}
        for path, value in self.database("buildkit/metadata_v2.db").items():
            if path[0] == b"_main" and len(path) == 3:
                data = json.loads(value)["value"] if value else None
                records.setdefault(path[1].decode(), {})[path[2].decode()] = data
        leases = {path[3].decode(): set() for path in self.database("buildkit/containerdmeta.db")
                  if path[:3] == (b"v1", b"buildkit", b"leases") and len(path) == 4}
        for path in self.database("buildkit/containerdmeta.db"):
            if path[:3] == (b"v1", b"buildkit", b"leases") and len(path) == 7 and \
                    path[4] == b"snapshots":
                leases[path[3].decode()].add(path[6].decode())
        for name, record in records.items():
            who = f"cache record {name}"
            if record.get("cache.deleted"):
                continue
            if name not in leases and not record.get("cache.equalMutable"):
                self.fault(who, "lacks its lease")
            parent = record.get("cache.parent")
            if parent and (parent not in records or records[parent].get("cache.deleted")):
                self.fault(who, "lacks its parent", parent)
            for snapshot in leases.get(name, ()):
                self.check_snapshot(snapshot, who)

    def check(self):
        for rule in (self.check_driver, self.check_tags, self.check_images, self.check_layers,
                     self.check_removing, self.check_databases, self.check_networks,
                     self.check_volumes, self.check_containers, self.check_cache):
            rule()
        return set(self.faults)


def broken(path):
    """The rules that the root at PATH breaks, as a set of lines."""
    return Root(path).check()


if __name__ == "__main__":
    lines = sorted(broken(sys.argv[1]))
    print("".join(line + "\n" for line in lines), end="")
    sys.exit(1 if lines else 0)
