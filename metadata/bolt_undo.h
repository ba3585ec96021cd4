/* bolt_undo.h - the changes that take back other changes to a database. */
#ifndef METADATA_BOLT_UNDO_H
#define METADATA_BOLT_UNDO_H

#include "metadata/bolt.h"
#include "metadata/bolt_edit.h"

#include <stdbool.h>

/*
 * Adds to UNDO what gives NOW back the keys and buckets that EDIT has dropped from OLD, and the
 * values that it has replaced or put there. What NOW has again, as it was, needs nothing; what it
 * has otherwise is left alone, and false is returned. A bucket without any value in it is not made
 * again. Linear in the changes and what they drop.
 */
bool bolt_undo(struct bolt_edit *undo, const struct bolt_edit *edit, const struct bolt *old,
               const struct bolt *now) MUST_USE;

/* Adds to BACK everything that OLD has and NOW has not; what NOW has otherwise stays as it is. */
void bolt_undo_lost(struct bolt_edit *back, const struct bolt *old, const struct bolt *now);

#endif
