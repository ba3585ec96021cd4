"""boltfile - every key of a bbolt file, with the checks that bbolt itself would panic about."""
import struct

MAGIC, VERSION = 0xED0CDAED, 2
BRANCH, LEAF = 1, 2


class Broken(Exception):
    """The file is no bbolt file that dockerd would open."""


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


class Meta:
    """Page header u64 id, u16 flags, u16 count, u32 overflow; then the meta (64 bytes)."""

    def __init__(self, data, at):
        if len(data) < at + 80:
            raise Broken("too small")
        (magic, version, self.page_size, _, self.root, _, self.freelist, self.high_water,
         self.txid, checksum) = struct.unpack_from("<IIIIQQQQQQ", data, at + 16)
        if magic != MAGIC or version != VERSION or checksum != fnv1a(data[at + 16:at + 72]):
            raise Broken("meta page is invalid")


class Reader:
    def __init__(self, data):
        metas = []
        page_size = struct.unpack_from("<I", data, 24)[0] if len(data) >= 80 else 0
        for at in (0, page_size):
            try:
                metas.append(Meta(data, at))
            except Broken:
                pass
        if not metas:
            raise Broken("no valid meta page")
        self.data = data
        self.meta = max(metas, key=lambda meta: meta.txid)
        self.seen = set()
        self.entries = {}

    def page(self, number):
        """The bytes of a page, after the checks."""
        size = self.meta.page_size
        if not 2 <= number < self.meta.high_water or (number + 1) * size > len(self.data):
            raise Broken(f"page {number} is outside of the file")
        own, _, _, overflow = struct.unpack_from("<QHHI", self.data, number * size)
        if own != number:
            raise Broken(f"page {number} says it is page {own}")
        numbers = set(range(number, number + overflow + 1))
        if number + overflow >= self.meta.high_water or numbers & self.seen:
            raise Broken(f"page {number} overlaps another")
        self.seen |= numbers
        return self.data[number * size:(number + overflow + 1) * size]

    def walk(self, page, path):
        _, flags, count, _ = struct.unpack_from("<QHHI", page, 0)
        last = None
        for i in range(count):
            at = 16 + 16 * i
            if flags == BRANCH:
                _, _, child = struct.unpack_from("<IIQ", page, at)
                self.walk(self.page(child), path)
            elif flags == LEAF:
                is_bucket, pos, key_len, value_len = struct.unpack_from("<IIII", page, at)
                start = at + pos
                if not key_len or start + key_len + value_len > len(page):
                    raise Broken("an element is outside of its page")
                key = page[start:start + key_len]
                if last is not None and key <= last:
                    raise Broken("keys are not sorted")
                last = key
                self.element(path + (key,), page[start + key_len:start + key_len + value_len],
                             is_bucket & 1)
            else:
                raise Broken(f"page has flags {flags}")

    def element(self, path, value, is_bucket):
        if not is_bucket:
            self.entries[path] = value
            return
        self.entries[path] = None
        root, _ = struct.unpack_from("<QQ", value, 0)
        self.walk(self.page(root) if root else value[16:], path)


def read(path):
    """All of a file: {(bucket, ..., key): value}, values of buckets None. An empty file is one
    that dockerd makes anew."""
    with open(path, "rb") as file:
        data = file.read()
    if not data:
        return {}
    try:
        reader = Reader(data)
        reader.walk(reader.page(reader.meta.root), ())
    except (struct.error, RecursionError) as error:
        raise Broken(str(error)) from error
    return reader.entries
