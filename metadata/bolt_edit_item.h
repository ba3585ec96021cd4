/* bolt_edit_item.h - what an edit holds, for bolt*.c only. */
#ifndef METADATA_BOLT_EDIT_ITEM_H
#define METADATA_BOLT_EDIT_ITEM_H

#include "metadata/bolt_edit.h"

enum bolt_change {
	BOLT_CHANGE_INSIDE, /* none but those inside of the bucket */
	BOLT_CHANGE_DROP,
	BOLT_CHANGE_PUT,
};

struct bolt_edit_bucket {
	void *tree; /* of struct bolt_edit_item, for tsearch(3); owned */
	size_t count;
};

/* What happens to one key. */
struct bolt_edit_item {
	const char *key; /* behind the struct */
	size_t key_len;
	enum bolt_change change;
	char *value; /* BOLT_CHANGE_PUT; owned */
	size_t value_len;
	struct bolt_edit_bucket inside; /* nothing in it: count is 0 */
};

/* The items of a bucket, sorted by key. */
struct bolt_edit_items {
	const struct bolt_edit_item **items; /* the array is owned */
	size_t count;
};

#define BOLT_EDIT_ITEMS_INIT                                                                       \
	{                                                                                          \
		NULL, 0                                                                            \
	}

/* Lists the changes of BUCKET (NULL: none); the caller frees with _done. */
void bolt_edit_list(struct bolt_edit_items *items, const struct bolt_edit_bucket *bucket);

void bolt_edit_items_done(struct bolt_edit_items *items);

static inline void bolt_edit_items_cleanup(struct bolt_edit_items *items)
{
	bolt_edit_items_done(items);
}

/* What happens to KEY; NULL: nothing. BUCKET may be NULL. */
const struct bolt_edit_item *bolt_edit_find(const struct bolt_edit_bucket *bucket, const char *key,
                                            size_t key_len);

/* The changes in the root bucket. */
const struct bolt_edit_bucket *bolt_edit_top(const struct bolt_edit *edit);

/* Says whether a value is put into BUCKET or into a bucket in it: it must be there then. */
bool bolt_edit_adds(const struct bolt_edit_bucket *bucket);

#endif
