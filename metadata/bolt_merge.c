/* bolt_merge.c - a bucket with changes, entry by entry. */
#include "metadata/bolt_merge.h"

#include "metadata/bolt_page.h"

void bolt_merge_start(struct bolt_merge *merge, const struct bolt_bucket *old,
                      const struct bolt_edit_bucket *edit)
{
	merge->at = 0;
	bolt_edit_list(&merge->changes, edit);
	bolt_cursor_start(&merge->cursor, old);
	merge->has_old = bolt_cursor_next(&merge->cursor, &merge->old);
}

void bolt_merge_done(struct bolt_merge *merge)
{
	bolt_edit_items_done(&merge->changes);
}

static struct bolt_bucket bolt_merge_new_bucket(const struct bolt_merge *merge)
{
	return (struct bolt_bucket){ merge->cursor.bolt, NULL, 0, 0 };
}

/* Stores what a change makes of a key that the old bucket has (OLD) or has not (NULL). Returns 1,
 * or 0: nothing is left of it, or -1. */
static int bolt_merge_change(const struct bolt_merge *merge, const struct bolt_edit_item *item,
                             const struct bolt_entry *old, struct bolt_merged *merged,
                             struct err *err)
{
	const bool is_put = item->change == BOLT_CHANGE_PUT;
	const bool has_bucket = old && old->is_bucket;

	if (item->change == BOLT_CHANGE_DROP)
		return 0;
	if (!is_put && (has_bucket || !bolt_edit_adds(&item->inside))) {
		if (!old)
			return 0;
		*merged = (struct bolt_merged){ .entry = *old };
		if (has_bucket) {
			merged->bucket = bolt_bucket_of(merge->cursor.bolt, old);
			merged->inside = &item->inside;
		}
		return 1;
	}
	if (is_put && (has_bucket || item->inside.count > 0))
		return err_set(err, ERR_STATE, "is a bucket and shall become a value");
	if (!is_put && old)
		return err_set(err, ERR_STATE, "is a value and shall become a bucket");
	if (item->key_len < 1 || item->key_len > BOLT_KEY_MAX)
		return err_set(err, ERR_STATE, "a key of %zu bytes", item->key_len);
	*merged = (struct bolt_merged){
		.entry = { item->key, item->key_len, item->value, item->value_len, !is_put },
		.bucket = bolt_merge_new_bucket(merge),
		.inside = is_put ? NULL : &item->inside,
	};
	return 1;
}

static void bolt_merge_keep(const struct bolt_merge *merge, struct bolt_merged *merged)
{
	*merged = (struct bolt_merged){ .entry = merge->old };
	if (merge->old.is_bucket)
		merged->bucket = bolt_bucket_of(merge->cursor.bolt, &merge->old);
}

/* Which comes first: below 0 the old entry, above 0 the change, 0 both are of the same key. */
static int bolt_merge_order(const struct bolt_merge *merge)
{
	const struct bolt_edit_item *item;

	if (merge->at >= merge->changes.count)
		return -1;
	if (!merge->has_old)
		return 1;
	item = merge->changes.items[merge->at];
	return bolt_key_compare(merge->old.key, merge->old.key_len, item->key, item->key_len);
}

int bolt_merge_next(struct bolt_merge *merge, struct bolt_merged *merged, struct err *err)
{
	while (merge->has_old || merge->at < merge->changes.count) {
		const int order = bolt_merge_order(merge);
		const struct bolt_entry old = merge->old;
		int is_left = 1;

		if (order < 0) {
			bolt_merge_keep(merge, merged);
		} else {
			const struct bolt_edit_item *item = merge->changes.items[merge->at++];

			is_left =
			    bolt_merge_change(merge, item, order == 0 ? &old : NULL, merged, err);
			if (is_left < 0)
				return err_wrap(err, "key %.*s", bolt_shown_len(item->key_len),
				                item->key);
		}
		if (order <= 0)
			merge->has_old = bolt_cursor_next(&merge->cursor, &merge->old);
		if (is_left)
			return 1;
	}
	return 0;
}
