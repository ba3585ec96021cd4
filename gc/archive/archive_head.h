/* archive_head.h - what an archive says of itself first: the run that made it, step by step. */
#ifndef GC_ARCHIVE_ARCHIVE_HEAD_H
#define GC_ARCHIVE_ARCHIVE_HEAD_H

#include "gc/run/run.h"
#include "metadata/base/err.h"
#include "overlay2/manifest.h"

#include <stdbool.h>
#include <stddef.h>

/* Where the copy of buildkit/cache.db stands in an archive (cache_links.h). */
#define ARCHIVE_HEAD_LINKS MANIFEST_EDITED "build-cache-links/buildkit/cache.db"

/*
 * The text is JSON lines: one about the run, one for each step, one for each
 * directory (dir_times.h); strings as
 * quote.h has them. A step's object is in the archive under archive_head_path().
 */
struct archive_head {
	/* Of an archive that was read: everything but id and places, a RUN_RESTORE, everything
	 * STEP_PLANNED. Owned. */
	struct run *run;
	char *file; /* where it was read from; owned; NULL: it was not */
	/* One a step, once all of the archive has been read (archive_check()): another object has a
	 * hard link to something in this one. Owned. */
	bool *is_linked;
};

#define ARCHIVE_HEAD_INIT                                                                          \
	{                                                                                          \
		.run = NULL                                                                        \
	}

void archive_head_done(struct archive_head *head);

static inline void archive_head_cleanup(struct archive_head *head)
{
	archive_head_done(head);
}

/* Where the object of STEP stands in an archive: its own path, or for an edit a place for the old
 * file, one for all edits of its kind. The caller frees. */
char *archive_head_path(const struct run_step *step) MUST_USE;

/* The text about RUN, its dirs and those of its steps for which IS_IN is true; *LEN bytes, the
 * caller frees. */
char *archive_head_write(const struct run *run, const bool *is_in, size_t *len) MUST_USE;

/*
 * Reads LEN BYTES into *HEAD (ARCHIVE_HEAD_INIT; the caller frees). Returns 0, or -1: ERR_CORRUPT
 * when it makes no sense (kinds, paths that no such step can have, ...), ERR_STATE when a newer
 * drydock wrote it.
 */
int archive_head_read(struct archive_head *head, const char *bytes, size_t len,
                      struct err *err) MUST_USE;

#endif
