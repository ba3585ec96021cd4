/* bolt_undo.c - the changes that take back other changes to a database. */
#include "metadata/bolt_undo.h"

#include "metadata/bolt_edit_item.h"
#include "metadata/bolt_page.h"

/* Buckets that belong together. */
struct undo_place {
	struct bolt_edit_bucket *undo;
	struct bolt_bucket old;
	struct bolt_bucket now;
	bool has_now; /* NOW has this bucket */
};

static bool undo_find_now(const struct undo_place *place, const struct bolt_entry *old,
                          struct bolt_entry *now)
{
	return place->has_now && bolt_bucket_find_bytes(&place->now, old->key, old->key_len, now);
}

/* The place of the bucket that OLD, an entry of PLACE, is. */
static struct undo_place undo_enter(const struct undo_place *place, const struct bolt_entry *old)
{
	struct undo_place inside = { .old = bolt_bucket_of(place->old.bolt, old) };
	struct bolt_entry now;

	inside.undo = bolt_edit_enter(place->undo, old->key, old->key_len);
	inside.now.bolt = place->now.bolt;
	inside.has_now = undo_find_now(place, old, &now) && now.is_bucket;
	if (inside.has_now)
		inside.now = bolt_bucket_of(place->now.bolt, &now);
	return inside;
}

static bool undo_put_all(const struct undo_place *place);

/* Puts OLD back with all that is in it. Returns false if there is something else now. */
static bool undo_put(const struct undo_place *place, const struct bolt_entry *old)
{
	struct bolt_entry now;

	if (undo_find_now(place, old, &now)) {
		if (now.is_bucket != old->is_bucket)
			return false;
		if (!old->is_bucket)
			return bolt_key_compare(now.value, now.value_len, old->value,
			                        old->value_len) == 0;
	} else if (!old->is_bucket) {
		bolt_edit_put(place->undo, old->key, old->key_len, old->value, old->value_len);
		return true;
	}
	const struct undo_place inside = undo_enter(place, old);

	return undo_put_all(&inside);
}

static bool undo_put_all(const struct undo_place *place)
{
	struct bolt_cursor cursor;
	struct bolt_entry entry;
	bool is_whole = true;

	bolt_cursor_start(&cursor, &place->old);
	while (bolt_cursor_next(&cursor, &entry))
		is_whole &= undo_put(place, &entry);
	return is_whole;
}

/* Takes back a value that was put. */
static bool undo_replaced(const struct undo_place *place, const struct bolt_edit_item *item)
{
	const struct bolt_entry key = { .key = item->key, .key_len = item->key_len };
	struct bolt_entry now;
	struct bolt_entry old;
	bool is_there = undo_find_now(place, &key, &now);
	bool was_there = bolt_bucket_find_bytes(&place->old, item->key, item->key_len, &old);

	if (is_there == was_there &&
	    (!is_there ||
	     (!now.is_bucket && !old.is_bucket &&
	      bolt_key_compare(now.value, now.value_len, old.value, old.value_len) == 0)))
		return true; /* that has been done */
	if (!is_there || now.is_bucket ||
	    bolt_key_compare(now.value, now.value_len, item->value, item->value_len) != 0)
		return false;
	if (was_there)
		bolt_edit_put(place->undo, old.key, old.key_len, old.value, old.value_len);
	else
		bolt_edit_drop(place->undo, item->key, item->key_len);
	return true;
}

static bool undo_bucket(const struct undo_place *place, const struct bolt_edit_bucket *edit)
{
	AUTO(bolt_edit_items) struct bolt_edit_items items = BOLT_EDIT_ITEMS_INIT;
	bool is_whole = true;

	bolt_edit_list(&items, edit);
	for (size_t i = 0; i < items.count; i++) {
		const struct bolt_edit_item *item = items.items[i];
		struct bolt_entry old;

		if (item->change == BOLT_CHANGE_PUT) {
			is_whole &= undo_replaced(place, item);
		} else if (bolt_bucket_find_bytes(&place->old, item->key, item->key_len, &old)) {
			struct undo_place inside;

			if (item->change == BOLT_CHANGE_DROP) {
				is_whole &= undo_put(place, &old);
			} else if (old.is_bucket) {
				inside = undo_enter(place, &old);
				is_whole &= undo_bucket(&inside, &item->inside);
			}
		}
	}
	return is_whole;
}

bool bolt_undo(struct bolt_edit *undo, const struct bolt_edit *edit, const struct bolt *old,
               const struct bolt *now)
{
	const struct undo_place place = { .undo = bolt_edit_root(undo),
		                          .old = bolt_root(old),
		                          .now = bolt_root(now),
		                          .has_now = true };

	return undo_bucket(&place, bolt_edit_top(edit));
}

void bolt_undo_lost(struct bolt_edit *back, const struct bolt *old, const struct bolt *now)
{
	const struct undo_place place = { .undo = bolt_edit_root(back),
		                          .old = bolt_root(old),
		                          .now = bolt_root(now),
		                          .has_now = true };

	(void)undo_put_all(&place); /* what is there otherwise is newer */
}
