/* amend.h - a database changed in place: for the one that is never replaced. */
#ifndef GC_EDIT_AMEND_H
#define GC_EDIT_AMEND_H

#include "gc/trash/cut.h"
#include "metadata/base/err.h"
#include "metadata/bolt.h"
#include "metadata/bolt_edit.h"

/*
 * dockerd waits for the lock on volumes/metadata.db: if the file were replaced, it would go on with
 * the old one. So the database NAME under DIRFD, whose content is OLD and whose lock the caller
 * holds, is changed as bbolt does it: new pages behind the old ones, a barrier, the meta page, a
 * barrier (bolt_append()). Before anything is written the outcome is read and compared. A kill or
 * power cut leaves one or the other. Returns 0, or -1: OLD is what counts.
 */
int amend(int dirfd, const char *name, const struct bolt *old, const struct bolt_edit *edit,
          const struct cut *cut, struct err *err) MUST_USE;

#endif
