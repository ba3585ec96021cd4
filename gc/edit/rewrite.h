/* rewrite.h - changes to a database of dockerd, in one replacement of its file. */
#ifndef GC_EDIT_REWRITE_H
#define GC_EDIT_REWRITE_H

#include "gc/trash/trash.h"
#include "metadata/bolt_edit.h"

/*
 * Replaces the database PATH ("buildkit/metadata_v2.db") by one that is as EDIT wants it
 * (bolt_write.h), with its owner and mode; the old file gets a second name at PLACE in the trash
 * (NULL: it is not kept). When it is that way already nothing is written. The new file is read
 * again from disk and compared with what was meant before it takes the old one's name. Returns 0,
 * or -1: the old file is in place, and nothing is left beside it. ERR_CORRUPT for a database that
 * cannot be read, ERR_STATE for a change that cannot be made.
 *
 * Locks: dockerd locks a database when it has opened it, so one that starts now waits for the lock
 * of the file that it has opened: were that the old one, it would go on with a file without a name,
 * and lose all that it writes. That cannot be: it opens volumes/metadata.db before any database of
 * buildkit/ and network/ (20.10 to 28.5), which is locked as long as the session (guard.h), and
 * which this function must never be used for. The new file is locked as well before it has its
 * name, until the trash is freed: for whoever else asks the lock of one database only.
 */
int rewrite_apply(struct trash *trash, const char *path, const struct bolt_edit *edit,
                  const char *place, struct err *err) MUST_USE;

/*
 * Lets the database at PLACE in the trash, a whole one, take the place of PATH again, locked as
 * above. 0 or -1.
 */
int rewrite_return(struct trash *trash, const char *path, const char *place,
                   struct err *err) MUST_USE;

/* Removes what a rewrite_apply() of this run that was killed has left beside PATH. 0 or -1. */
int rewrite_clean(struct trash *trash, const char *path, struct err *err) MUST_USE;

#endif
