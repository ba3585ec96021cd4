/* archive_out.h - an archive that is being written: pax and zstd, entry by entry. */
#ifndef OVERLAY2_ARCHIVE_OUT_H
#define OVERLAY2_ARCHIVE_OUT_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"
#include "overlay2/inode.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct archive_file;

/* What has been put into an archive. */
struct archive_sum {
	uint64_t entry_count;   /* of trees; hard links included */
	uint64_t content_bytes; /* of files, holes included */
};

struct archive_out;

/*
 * Begins an archive in FILE (borrowed), compressed by THREADS threads (0: one per processor). The
 * caller frees; what was not ended with archive_out_end() is no whole archive. 0 or -1.
 */
int archive_out_new(struct archive_out **out, struct archive_file *file, unsigned threads,
                    struct err *err) MUST_USE;

void archive_out_free(struct archive_out *out);

OWN_DEFINE(archive_out, struct archive_out *, archive_out_free)

/* Adds a file of drydock's own (manifest.h) with LEN bytes. 0 or -1. */
int archive_out_own(struct archive_out *out, const char *name, const char *bytes, size_t len,
                    struct err *err) MUST_USE;

/*
 * Adds PATH with all that INODE says; FD is a regular file's open descriptor, from which its
 * content is read, holes left out. Returns 0 or -1: ERR_SYSTEM; ERR_STATE when the file changed
 * meanwhile. Errors of writing begin with the name of the archive, those of reading do not: the
 * caller puts the path in front of them.
 */
int archive_out_add(struct archive_out *out, const char *path, const struct inode *inode, int fd,
                    struct err *err) MUST_USE;

/* Adds PATH as another name of TARGET, which was added before. 0 or -1. */
int archive_out_link(struct archive_out *out, const char *path, const char *target,
                     struct err *err) MUST_USE;

/* Writes the last manifest and the end; everything has been handed to the file then. *SUM may be
 * NULL. 0 or -1. */
int archive_out_end(struct archive_out *out, struct archive_sum *sum, struct err *err) MUST_USE;

/* Says whether it was writing that failed. */
bool archive_out_has_failed(const struct archive_out *out);

#endif
