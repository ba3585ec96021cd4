/* archive_item.h - an entry as libarchive has read it, checked; for archive_in.c only. */
#ifndef OVERLAY2_ARCHIVE_ITEM_H
#define OVERLAY2_ARCHIVE_ITEM_H

#include "overlay2/archive_in.h"

struct archive_entry;

/*
 * Reads ENTRY into *ITEM (kind and inode, which is INODE_INIT before) and the strings *PATH and
 * *TARGET (NULL: it is no hard link), which the caller frees. Returns NULL, or what is wrong with
 * it in words; *PATH may be set then.
 */
const char *archive_item_read(struct archive_item *item, char **path, char **target,
                              struct archive_entry *entry) MUST_USE;

#endif
