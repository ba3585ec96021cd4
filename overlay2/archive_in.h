/* archive_in.h - an archive that is being read: entry by entry, compared with its manifests. */
#ifndef OVERLAY2_ARCHIVE_IN_H
#define OVERLAY2_ARCHIVE_IN_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"
#include "overlay2/inode.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct archive_in;

enum archive_item_kind {
	ARCHIVE_ITEM_INODE, /* an entry of a tree */
	ARCHIVE_ITEM_LINK,  /* another name of `target`, which was before it */
	ARCHIVE_ITEM_OWN,   /* a file of drydock's own */
};

/* What archive_in_next() gives; the reader's, good until the next call. */
struct archive_item {
	enum archive_item_kind kind;
	const char *path;   /* relative, every component passes id_is_name() */
	const char *target; /* ARCHIVE_ITEM_LINK: such a path */
	struct inode inode; /* ARCHIVE_ITEM_INODE; for ARCHIVE_ITEM_OWN only its size */
};

/*
 * Opens the archive FD (borrowed), which messages call NAME (copied). The caller frees. Its first
 * entry is MANIFEST_HEAD. Returns 0, or -1: ERR_CORRUPT when it is no archive of drydock. All
 * errors of this file begin with NAME.
 */
int archive_in_new(struct archive_in **in, int fd, const char *name, struct err *err) MUST_USE;

void archive_in_free(struct archive_in *in);

OWN_DEFINE(archive_in, struct archive_in *, archive_in_free)

/*
 * Reads on to the next entry: *ITEM, or NULL at the end of a whole archive. Every MANIFEST_PART
 * entries, and at the end, all that was read is compared with what was written; only then is an
 * entry known to be right. Content that nobody has asked for is read all the same. Returns 0, or
 * -1: ERR_CORRUPT with the first entry that is damaged, missing, or not understood; ERR_SYSTEM.
 */
int archive_in_next(struct archive_in *in, const struct archive_item **item,
                    struct err *err) MUST_USE;

/*
 * The next piece of the content of the entry: *LEN bytes at *BYTES (the reader's) that belong at
 * *OFFSET; what is in no piece is a hole. *LEN is 0 at the end. 0 or -1.
 */
int archive_in_data(struct archive_in *in, const void **bytes, size_t *len, uint64_t *offset,
                    struct err *err) MUST_USE;

/* All of the content of the entry, at most MAX bytes, with a NUL after them; the caller frees. 0 or
 * -1. */
int archive_in_content(struct archive_in *in, size_t max, char **bytes, size_t *len,
                       struct err *err) MUST_USE;

/* The name for messages; borrowed. */
const char *archive_in_name(const struct archive_in *in);

#endif
