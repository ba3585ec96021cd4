/* archive_make.h - trees made anew from an archive, each at a place that is given for it. */
#ifndef OVERLAY2_ARCHIVE_MAKE_H
#define OVERLAY2_ARCHIVE_MAKE_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"
#include "overlay2/archive_in.h"

#include <stdbool.h>
#include <stdint.h>

struct archive_maker;

/* The caller frees. */
struct archive_maker *archive_maker_new(void) MUST_USE;

void archive_maker_free(struct archive_maker *maker);

OWN_DEFINE(archive_maker, struct archive_maker *, archive_maker_free)

/*
 * The tree PATH of the archive will be NAME (one component) under DIRFD, which stays the caller's
 * until the maker is freed. Nothing may be there. Both are copied.
 */
void archive_maker_add(struct archive_maker *maker, const char *path, int dirfd, const char *name);

/*
 * Makes ITEM, which IN has just given, if it is in one of the trees; entries come as archive_tree.h
 * writes them. Everything is as it was but ctime: content with its holes, owner, mode, attributes,
 * times, flags, hard links also between trees. Relative to descriptors, no symlink followed.
 * Nothing is synced. 0 or -1: ERR_SYSTEM; ERR_CORRUPT when the archive makes no sense.
 */
int archive_maker_item(struct archive_maker *maker, struct archive_in *in,
                       const struct archive_item *item, struct err *err) MUST_USE;

/* After the last item: directories get their times, and flags that forbid changes are set. 0 or -1.
 */
int archive_maker_end(struct archive_maker *maker, struct err *err) MUST_USE;

/* The bytes of content so far. */
uint64_t archive_maker_bytes(const struct archive_maker *maker);

#endif
