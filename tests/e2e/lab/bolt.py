#!/usr/bin/env python3
"""bolt.py - every key of bolt databases as a line, and a check of their pages.

usage: bolt.py FILE...

Independent of drydock's reader and writer, and as simple as can be: real files only. A line is the
file, the path of the key and its value, tabs between them; bytes that are no ASCII text are \\xNN. Exit
status 1, and a word about the page, when a file is not what bbolt's own check would accept.
"""
import struct
import sys

BRANCH, LEAF, FREELIST = 1, 2, 16
META = struct.Struct("<IIIIQQQQQQ")  # magic version pagesize flags root sequence freelist hw txid sum


class Damage(Exception):
    pass


def fail(words):
    raise Damage(words)


def fnv(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def text(data):
    return "".join(chr(b) if 32 <= b < 127 and b != 92 else "\\x%02x" % b for b in data)


class Bolt:
    def __init__(self, data):
        self.data = data
        metas = []
        for at in (0, struct.unpack_from("<I", data, 24)[0]):
            meta = META.unpack_from(data, at + 16)
            if meta[:2] == (0xED0CDAED, 2) and meta[9] == fnv(data[at + 16 : at + 72]):
                metas.append(meta)
        if not metas:
            fail("no valid meta page")
        _, _, self.size, _, self.root, _, self.freelist, self.pages, _, _ = max(metas, key=lambda m: m[8])
        self.seen = {0, 1}

    def page(self, number):
        """Marks a page as used; its place, flags, count and end."""
        at = number * self.size
        identity, flags, count, overflow = struct.unpack_from("<QHHI", self.data, at)
        if identity != number:
            fail("page %d calls itself %d" % (number, identity))
        for used in range(number, number + overflow + 1):
            if used in self.seen or used >= self.pages:
                fail("page %d is used twice, or past the end" % used)
            self.seen.add(used)
        return at, flags, count, at + (overflow + 1) * self.size

    def free(self):
        if self.freelist == 2**64 - 1:
            return None
        at, flags, count, _ = self.page(self.freelist)
        if flags != FREELIST:
            fail("page %d is no freelist" % self.freelist)
        if count == 0xFFFF:
            count = struct.unpack_from("<Q", self.data, at + 16)[0]
            at += 8
        return set(struct.unpack_from("<%dQ" % count, self.data, at + 16))

    def tree(self, number, path, out):
        at, flags, count, _ = self.page(number)
        if flags == LEAF:
            self.leaf(at, count, path, out)
        elif flags == BRANCH:
            for i in range(count):
                self.tree(struct.unpack_from("<Q", self.data, at + 16 + 16 * i + 8)[0], path, out)
        else:
            fail("page %d has flags %d" % (number, flags))

    def leaf(self, at, count, path, out):
        last = b""
        for i in range(count):
            element = at + 16 + 16 * i
            flags, pos, klen, vlen = struct.unpack_from("<IIII", self.data, element)
            key = self.data[element + pos : element + pos + klen]
            start = element + pos + klen
            if key <= last or len(key) != klen:
                fail("keys out of order in %s" % path)
            last = key
            if not flags & 1:
                out.append("%s%s\t%s" % (path, text(key), text(self.data[start : start + vlen])))
                continue
            below = "%s%s/" % (path, text(key))
            out.append(below)
            root = struct.unpack_from("<Q", self.data, start)[0]
            if root:
                self.tree(root, below, out)
            else:
                self.leaf(start + 16, struct.unpack_from("<H", self.data, start + 26)[0], below, out)


def dump(name):
    with open(name, "rb") as file:
        bolt = Bolt(file.read())
    out = []
    bolt.tree(bolt.root, "", out)
    free = bolt.free()
    if free is not None and (free & bolt.seen or len(free | bolt.seen) != bolt.pages):
        fail("used and free pages are not all pages: %s" % sorted(set(range(bolt.pages)) ^ (free ^ bolt.seen)))
    sys.stdout.write("".join("%s\t%s\n" % (name, line) for line in out))


for argument in sys.argv[1:]:
    try:
        dump(argument)
    except Damage as damage:
        sys.exit("%s: %s" % (argument, damage))
