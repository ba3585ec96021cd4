/* verify_part.h - what the parts of the comparison after a run share; for verify*.c only. */
#ifndef GC_VERIFY_VERIFY_PART_H
#define GC_VERIFY_VERIFY_PART_H

#include "gc/verify/verify.h"
#include "metadata/base/map.h"

#include <stdbool.h>

struct verify {
	struct lines *lines;
	const struct verify_view *before, *after;
	const struct run *run;
	struct map moved;    /* paths that steps have moved away; for edits verify_edit_key() */
	struct map restored; /* paths that steps have brought back, and keys of marks */
	char **keys;         /* of edits, in `moved`; one per step, others NULL */
};

bool verify_is_same(const char *a, const char *b);

/* Says whether a step has moved away the object whose path has this NAME. */
bool verify_is_moved(const struct verify *verify, enum action_kind kind, const char *name);

/*
 * Of an entry of a file that stays; apart from every path: those have no newline in front. VALUE is
 * that of a tag, else "". The caller frees.
 */
char *verify_edit_key(enum action_kind kind, const char *name, const char *value) MUST_USE;

/* Says that an item is gone, or still there. Returns true when it is there and should be. */
bool verify_presence(const struct verify *verify, const char *what, const char *name, bool is_moved,
                     bool is_there);

/* Says that an item is not what it was, unless IS_EQUAL. */
void verify_equal(const struct verify *verify, const char *what, const char *name, bool is_equal);

/* Records, leases and snapshots of the build cache: verify_cache.c. */
void verify_cache(const struct verify *verify);

#endif
