/* bolt_merge.h - a bucket with changes, entry by entry, for bolt*.c only. */
#ifndef METADATA_BOLT_MERGE_H
#define METADATA_BOLT_MERGE_H

#include "metadata/bolt_edit_item.h"

/* A position in a bucket as it shall be. */
struct bolt_merge {
	struct bolt_cursor cursor; /* in the old bucket */
	struct bolt_entry old;     /* its next entry */
	bool has_old;
	struct bolt_edit_items changes;
	size_t at; /* the next of them */
};

/* An entry of a bucket as it shall be. */
struct bolt_merged {
	struct bolt_entry entry;   /* borrowed from the old database or from the edit */
	struct bolt_bucket bucket; /* of a bucket's entry: what is in it; nothing, if it is new */
	const struct bolt_edit_bucket *inside; /* the changes in it; NULL: none */
};

/* Sets MERGE before the first entry of OLD as changed by EDIT (may be NULL); both are borrowed. The
 * caller frees with _done. */
void bolt_merge_start(struct bolt_merge *merge, const struct bolt_bucket *old,
                      const struct bolt_edit_bucket *edit);

void bolt_merge_done(struct bolt_merge *merge);

static inline void bolt_merge_cleanup(struct bolt_merge *merge)
{
	bolt_merge_done(merge);
}

/*
 * Stores the next entry, in the order of the keys. Returns 1, 0 at the end, or -1: ERR_STATE "key
 * K:
 * ...", the change cannot be made.
 */
int bolt_merge_next(struct bolt_merge *merge, struct bolt_merged *merged, struct err *err) MUST_USE;

#endif
