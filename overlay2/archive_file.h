/* archive_file.h - the file that an archive is written to: whole under its name, or not there. */
#ifndef OVERLAY2_ARCHIVE_FILE_H
#define OVERLAY2_ARCHIVE_FILE_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"
#include "overlay2/checksum.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARCHIVE_FILE_STDOUT "-"
#define ARCHIVE_FILE_PARTIAL ".partial"

struct archive_file {
	char *path;    /* as it was given; owned */
	char *name;    /* under dirfd; owned; NULL: standard output */
	char *partial; /* its name while it is written; owned */
	int dirfd, fd;
	bool is_named;         /* it has its own name now */
	uint64_t size_bytes;   /* so far */
	struct checksum *hash; /* of all bytes; owned */
	struct err err;        /* the first failure of archive_file_write() */
};

/*
 * Makes PATH.partial, mode 0600, or takes one over that a killed drydock has left; PATH
 * ARCHIVE_FILE_STDOUT is standard output. The caller frees with archive_file_free(). Returns 0, or
 * -1: ERR_SYSTEM; ERR_STATE when something is at PATH already (unless MAY_EXIST) or another drydock
 * is writing it; ERR_USAGE: standard output is a terminal. All errors begin with PATH.
 */
int archive_file_new(struct archive_file **file, const char *path, bool may_exist,
                     struct err *err) MUST_USE;

/* Removes what has no name of its own yet, closes, frees. */
void archive_file_free(struct archive_file *file);

OWN_DEFINE(archive_file, struct archive_file *, archive_file_free)

/* Appends LEN bytes. Returns 0, or -1 with the failure in FILE->err. */
int archive_file_write(struct archive_file *file, const void *bytes, size_t len) MUST_USE;

/* All that was written is on disk for good, as far as standard output has that. 0 or -1. */
int archive_file_sync(struct archive_file *file, struct err *err) MUST_USE;

/* Opens what was written to read it again, from the disk and not from memory where the system lets
 * us. Not for standard output. Returns a descriptor that the caller closes, or -1. */
int archive_file_reopen(const struct archive_file *file, struct err *err) MUST_USE;

/* Gives the file its name, for good; with MAY_EXIST in place of what has it. 0 or -1. */
int archive_file_name(struct archive_file *file, bool may_exist, struct err *err) MUST_USE;

#endif
