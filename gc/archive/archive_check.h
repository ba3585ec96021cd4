/* archive_check.h - an archive read from end to end: it is whole, and it holds what it says. */
#ifndef GC_ARCHIVE_ARCHIVE_CHECK_H
#define GC_ARCHIVE_ARCHIVE_CHECK_H

#include "gc/archive/archive_head.h"
#include "metadata/base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Called after every entry with the bytes of content so far; may be NULL. */
typedef void archive_check_progress(void *context, uint64_t content_bytes);

struct archive_check {
	const char *name;          /* of the archive, for messages */
	int fd;                    /* it is read from where this stands */
	const volatile bool *stop; /* becomes true: end with EINTR. May be NULL */
	archive_check_progress *progress;
	void *context;
};

/* Reads what the archive says of itself into *HEAD (ARCHIVE_HEAD_INIT; the caller frees). All
 * errors of this file begin with the name of the archive. 0 or -1. */
int archive_check_head(const struct archive_check *check, struct archive_head *head,
                       struct err *err) MUST_USE;

/*
 * The same, and all the rest: every entry is as it was written (XXH3), belongs to the object of a
 * step, and no object is missing. Returns 0, or -1: ERR_CORRUPT; ERR_STATE; ERR_SYSTEM.
 */
int archive_check(const struct archive_check *check, struct archive_head *head,
                  struct err *err) MUST_USE;

#endif
