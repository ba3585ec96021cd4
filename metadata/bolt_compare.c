/* bolt_compare.c - whether a database that was written anew holds what it shall. */
#include "metadata/bolt_write.h"

#include "metadata/bolt_edit_item.h"
#include "metadata/bolt_page.h"

#include <inttypes.h>

/* Buckets that belong together: what NEW shall be is OLD as changed by EDIT. */
struct bolt_trio {
	struct bolt_bucket new;
	struct bolt_bucket old;
	const struct bolt_edit_bucket *edit; /* NULL: no change */
};

static int bolt_compare_bucket(const struct bolt_trio *trio, struct err *err);

static int bolt_compare_key(const char *key, size_t key_len, const char *what, struct err *err)
{
	return err_set(err, ERR_CORRUPT, "key %.*s: %s", bolt_shown_len(key_len), key, what);
}

/* Compares the buckets that two entries of one key are; OLD is NULL for a bucket that was added. */
static int bolt_compare_inside(const struct bolt_trio *trio, const struct bolt_entry *new,
                               const struct bolt_entry *old, const struct bolt_edit_bucket *edit,
                               struct err *err)
{
	struct bolt_trio inside = { bolt_bucket_of(trio->new.bolt, new), { 0 }, edit };

	inside.old.bolt = trio->old.bolt;
	if (old)
		inside.old = bolt_bucket_of(trio->old.bolt, old);
	if (inside.new.sequence != inside.old.sequence)
		(void)err_set(err, ERR_CORRUPT, "sequence %" PRIu64 " in place of %" PRIu64,
		              inside.new.sequence, inside.old.sequence);
	else if (bolt_compare_bucket(&inside, err) == 0)
		return 0;
	return err_wrap(err, "bucket %.*s", bolt_shown_len(new->key_len), new->key);
}

/* Compares an entry that no drop or put is about: it is in both. */
static int bolt_compare_entry(const struct bolt_trio *trio, const struct bolt_entry *new,
                              const struct bolt_entry *old, struct err *err)
{
	const struct bolt_edit_item *item = bolt_edit_find(trio->edit, old->key, old->key_len);

	if (new->is_bucket != old->is_bucket)
		return bolt_compare_key(old->key, old->key_len,
		                        old->is_bucket ? "was a bucket and is a value"
		                                       : "was a value and is a bucket",
		                        err);
	if (old->is_bucket)
		return bolt_compare_inside(trio, new, old, item ? &item->inside : NULL, err);
	if (bolt_key_compare(new->value, new->value_len, old->value, old->value_len) != 0)
		return bolt_compare_key(old->key, old->key_len, "has another value", err);
	return 0;
}

/* Stores the next entry of CURSOR that no drop or put of EDIT is about, nor is a bucket that EDIT
 * makes; those bolt_compare_changes() looks at. */
static bool bolt_compare_next(struct bolt_cursor *cursor, const struct bolt_trio *trio,
                              struct bolt_entry *entry)
{
	while (bolt_cursor_next(cursor, entry)) {
		const struct bolt_edit_item *item =
		    bolt_edit_find(trio->edit, entry->key, entry->key_len);
		struct bolt_entry old;

		if (!item)
			return true;
		if (item->change == BOLT_CHANGE_INSIDE &&
		    bolt_bucket_find_bytes(&trio->old, entry->key, entry->key_len, &old))
			return true;
	}
	return false;
}

/* Compares what is not changed, both in their order. */
static int bolt_compare_kept(const struct bolt_trio *trio, struct err *err)
{
	struct bolt_cursor new_cursor, old_cursor;
	struct bolt_entry new, old;

	bolt_cursor_start(&new_cursor, &trio->new);
	bolt_cursor_start(&old_cursor, &trio->old);
	for (;;) {
		const bool has_new = bolt_compare_next(&new_cursor, trio, &new);
		const bool has_old = bolt_compare_next(&old_cursor, trio, &old);
		int order;

		if (!has_new && !has_old)
			return 0;
		if (has_new && has_old)
			order = bolt_key_compare(new.key, new.key_len, old.key, old.key_len);
		else
			order = has_new ? -1 : 1;
		if (order < 0)
			return bolt_compare_key(new.key, new.key_len, "nobody has put it there",
			                        err);
		if (order > 0)
			return bolt_compare_key(old.key, old.key_len, "is missing", err);
		if (bolt_compare_entry(trio, &new, &old, err) < 0)
			return -1;
	}
}

/* Says whether a change was carried out. */
static int bolt_compare_change(const struct bolt_trio *trio, const struct bolt_edit_item *item,
                               struct err *err)
{
	struct bolt_entry new, old;
	const bool has_new = bolt_bucket_find_bytes(&trio->new, item->key, item->key_len, &new);

	if (item->change == BOLT_CHANGE_INSIDE) {
		if (bolt_bucket_find_bytes(&trio->old, item->key, item->key_len, &old))
			return 0; /* bolt_compare_kept() has been there */
		if (has_new != bolt_edit_adds(&item->inside))
			return bolt_compare_key(item->key, item->key_len,
			                        has_new ? "nobody has put it there" : "is missing",
			                        err);
		if (has_new && !new.is_bucket)
			return bolt_compare_key(item->key, item->key_len, "is no bucket", err);
		return has_new ? bolt_compare_inside(trio, &new, NULL, &item->inside, err) : 0;
	}
	if (item->change == BOLT_CHANGE_DROP)
		return has_new ? bolt_compare_key(item->key, item->key_len, "is still there", err)
		               : 0;
	if (!has_new || new.is_bucket ||
	    bolt_key_compare(new.value, new.value_len, item->value, item->value_len) != 0)
		return bolt_compare_key(item->key, item->key_len, "has not got its new value", err);
	return 0;
}

static int bolt_compare_changes(const struct bolt_trio *trio, struct err *err)
{
	AUTO(bolt_edit_items) struct bolt_edit_items items = BOLT_EDIT_ITEMS_INIT;

	bolt_edit_list(&items, trio->edit);
	for (size_t i = 0; i < items.count; i++) {
		if (bolt_compare_change(trio, items.items[i], err) < 0)
			return -1;
	}
	return 0;
}

static int bolt_compare_bucket(const struct bolt_trio *trio, struct err *err)
{
	return bolt_compare_kept(trio, err) < 0 ? -1 : bolt_compare_changes(trio, err);
}

int bolt_compare_content(const struct bolt *new, const struct bolt *old,
                         const struct bolt_edit *edit, struct err *err)
{
	const struct bolt_trio root = { bolt_root(new), bolt_root(old), bolt_edit_top(edit) };

	if (root.new.sequence != root.old.sequence)
		return err_set(err, ERR_CORRUPT, "sequence %" PRIu64 " in place of %" PRIu64,
		               root.new.sequence, root.old.sequence);
	return bolt_compare_bucket(&root, err);
}

int bolt_compare(const struct bolt *new, const struct bolt *old, const struct bolt_edit *edit,
                 struct err *err)
{
	if (new->info.page_size != old->info.page_size)
		return err_set(err, ERR_CORRUPT, "pages of %" PRIu32 " bytes in place of %" PRIu32,
		               new->info.page_size, old->info.page_size);
	if (new->info.has_freelist != old->info.has_freelist)
		return err_set(err, ERR_CORRUPT, "%s a freelist",
		               new->info.has_freelist ? "with" : "without");
	if (old->len > 0 && new->info.txid != old->info.txid + 2)
		return err_set(err, ERR_CORRUPT, "transaction %" PRIu64 " in place of %" PRIu64,
		               new->info.txid, old->info.txid + 2);
	return bolt_compare_content(new, old, edit, err);
}
