/* archive_tree.h - whole directory trees put into an archive, whatever is in them. */
#ifndef OVERLAY2_ARCHIVE_TREE_H
#define OVERLAY2_ARCHIVE_TREE_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"

#include <stdbool.h>
#include <stdint.h>

struct archive_out;

/* Called after every entry with the bytes of content that have been read; may be NULL. */
typedef void archive_tree_progress(void *context, uint64_t content_bytes);

/* What goes into one archive: an inode that several trees have names of is put into it once. */
struct archive_trees;

/* Trees for OUT (borrowed). When *STOP (may be NULL) becomes true, archive_trees_add() fails with
 * EINTR. The caller frees. */
struct archive_trees *archive_trees_new(struct archive_out *out,
                                        const volatile bool *stop) MUST_USE;

void archive_trees_free(struct archive_trees *trees);

OWN_DEFINE(archive_trees, struct archive_trees *, archive_trees_free)

/* Lets EACH know how far it is. */
void archive_trees_watch(struct archive_trees *trees, archive_tree_progress *each, void *context);

/*
 * Adds NAME (one component) under DIRFD, a directory with all that is in it or anything else, as
 * PATH; entries sorted, a directory before what is in it. Relative to descriptors, no symlink
 * followed; a mount inside is an error (EBUSY), as is whatever cannot be read. Trees of any depth.
 * 0 or -1: the words begin with the path of what failed, or with the name of the archive.
 */
int archive_trees_add(struct archive_trees *trees, int dirfd, const char *name, const char *path,
                      struct err *err) MUST_USE;

#endif
