/* line.h - the one-line files of layerdb: an ID, a digest or a number. */
#ifndef METADATA_LINE_H
#define METADATA_LINE_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum line_outcome {
	LINE_OK,
	LINE_ABSENT, /* no such file; *ERR is empty */
	LINE_BROKEN, /* *ERR (ERR_CORRUPT) says why: "parent: is empty", "diff: has a NUL at byte 3"
	              */
	LINE_FAILED, /* *ERR (ERR_SYSTEM): give up */
};

enum line_space {
	LINE_TRIMMED, /* white space around the text is cut off, as dockerd does */
	LINE_AS_IS,
};

/*
 * The text that the LEN bytes of a file hold (a NUL stands after them). The caller frees. NULL with
 * ERR_CORRUPT when there is none or a NUL in it.
 */
char *line_parse(const char *bytes, size_t len, enum line_space space, struct err *err) MUST_USE;

/* Reads the whole of TEXT as Go's strconv.ParseInt does: a sign and digits, nothing else, within 64
 * bits. Returns false, *NUMBER untouched, if it is anything else. */
bool line_parse_integer(const char *text, int64_t *number) MUST_USE;

/*
 * Reads the file NAME in the directory DIRFD. *TEXT, which the caller frees, is
 * set for LINE_OK only; it is never empty and has no NUL.
 */
enum line_outcome line_read(int dirfd, const char *name, enum line_space space, char **text,
                            struct err *err) MUST_USE;

/* The same for a file that must be "sha256:<64 hex>"; *HEX gets the hex digits. */
enum line_outcome line_read_digest(int dirfd, const char *name, char **hex,
                                   struct err *err) MUST_USE;

/* The same for a file that must be the name of a directory in overlay2 (id_is_dir). */
enum line_outcome line_read_dir_id(int dirfd, const char *name, char **id,
                                   struct err *err) MUST_USE;

#endif
