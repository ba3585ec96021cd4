/* archive_item.h - how an inode stands in an entry of tar, both ways; for archive_*.c only. */
#ifndef OVERLAY2_ARCHIVE_ITEM_H
#define OVERLAY2_ARCHIVE_ITEM_H

#include "overlay2/archive_in.h"

struct archive_entry;
struct regions;

/* Makes ENTRY, whatever it was, PATH with all that INODE says. */
void archive_item_write(struct archive_entry *entry, const char *path, const struct inode *inode);

/* Adds to it that only REGIONS of the file are data. *RENAMED_COUNT counts those for which another
 * name is needed (MANIFEST_XATTR_PATH). */
void archive_item_write_holes(struct archive_entry *entry, const char *path,
                              const struct regions *regions, uint64_t *renamed_count);

/*
 * Reads ENTRY into *ITEM (kind and inode, which is INODE_INIT before) and the strings *PATH and
 * *TARGET (NULL: it is no hard link), which the caller frees. Returns NULL, or what is wrong with
 * it in words; *PATH may be set then.
 */
const char *archive_item_read(struct archive_item *item, char **path, char **target,
                              struct archive_entry *entry) MUST_USE;

#endif
