/* bolt_edit.c - changes to a database: which keys and buckets go, which values are set. */
#include "metadata/bolt_edit.h"

#include "metadata/base/mem.h"
#include "metadata/bolt_edit_item.h"
#include "metadata/bolt_page.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

struct bolt_edit {
	struct bolt_edit_bucket root;
};

struct bolt_edit *bolt_edit_new(void)
{
	return mem_zalloc(1, sizeof(struct bolt_edit));
}

static void bolt_edit_item_free(void *node)
{
	struct bolt_edit_item *item = node;

	tdestroy(item->inside.tree, bolt_edit_item_free);
	free(item->value);
	free(item);
}

void bolt_edit_free(struct bolt_edit *edit)
{
	if (!edit)
		return;
	tdestroy(edit->root.tree, bolt_edit_item_free);
	free(edit);
}

struct bolt_edit_bucket *bolt_edit_root(struct bolt_edit *edit)
{
	return &edit->root;
}

const struct bolt_edit_bucket *bolt_edit_top(const struct bolt_edit *edit)
{
	return &edit->root;
}

static int bolt_edit_compare(const void *left, const void *right)
{
	const struct bolt_edit_item *a = left;
	const struct bolt_edit_item *b = right;

	return bolt_key_compare(a->key, a->key_len, b->key, b->key_len);
}

const struct bolt_edit_item *bolt_edit_find(const struct bolt_edit_bucket *bucket, const char *key,
                                            size_t key_len)
{
	const struct bolt_edit_item wanted = { .key = key, .key_len = key_len };
	struct bolt_edit_item **found;

	if (!bucket)
		return NULL;
	found = tfind(&wanted, &bucket->tree, bolt_edit_compare);
	return found ? *found : NULL;
}

/* The item of KEY, made when there is none. */
static struct bolt_edit_item *bolt_edit_item(struct bolt_edit_bucket *bucket, const char *key,
                                             size_t key_len)
{
	struct bolt_edit_item *item = mem_zalloc(1, sizeof(*item) + key_len);
	struct bolt_edit_item **found;

	(void)memcpy(item + 1, key, key_len);
	item->key = (const char *)(item + 1);
	item->key_len = key_len;
	found = tsearch(item, &bucket->tree, bolt_edit_compare);
	if (!found)
		abort(); /* as mem_zalloc() does without memory */
	if (*found != item)
		free(item);
	else
		bucket->count++;
	return *found;
}

static void bolt_edit_change(struct bolt_edit_item *item, enum bolt_change change, char *value,
                             size_t value_len)
{
	free(item->value);
	item->change = change;
	item->value = value;
	item->value_len = value_len;
}

struct bolt_edit_bucket *bolt_edit_enter(struct bolt_edit_bucket *bucket, const char *key,
                                         size_t key_len)
{
	return &bolt_edit_item(bucket, key, key_len)->inside;
}

void bolt_edit_drop(struct bolt_edit_bucket *bucket, const char *key, size_t key_len)
{
	bolt_edit_change(bolt_edit_item(bucket, key, key_len), BOLT_CHANGE_DROP, NULL, 0);
}

void bolt_edit_put(struct bolt_edit_bucket *bucket, const char *key, size_t key_len,
                   const char *value, size_t value_len)
{
	bolt_edit_change(bolt_edit_item(bucket, key, key_len), BOLT_CHANGE_PUT,
	                 mem_copy(value, value_len), value_len);
}

static void bolt_edit_visit(const void *node, VISIT visit, void *context)
{
	struct bolt_edit_items *items = context;

	if (visit == postorder || visit == leaf) /* postorder is glibc's word for "in order" */
		items->items[items->count++] = *(const struct bolt_edit_item *const *)node;
}

void bolt_edit_list(struct bolt_edit_items *items, const struct bolt_edit_bucket *bucket)
{
	*items = (struct bolt_edit_items)BOLT_EDIT_ITEMS_INIT;
	if (!bucket || bucket->count == 0)
		return;
	items->items = mem_zalloc(bucket->count, sizeof(struct bolt_edit_item *));
	twalk_r(bucket->tree, bolt_edit_visit, items);
}

void bolt_edit_items_done(struct bolt_edit_items *items)
{
	free((void *)items->items);
	*items = (struct bolt_edit_items)BOLT_EDIT_ITEMS_INIT;
}

bool bolt_edit_adds(const struct bolt_edit_bucket *bucket)
{
	AUTO(bolt_edit_items) struct bolt_edit_items items = BOLT_EDIT_ITEMS_INIT;

	bolt_edit_list(&items, bucket);
	for (size_t i = 0; i < items.count; i++) {
		const struct bolt_edit_item *item = items.items[i];

		if (item->change == BOLT_CHANGE_PUT ||
		    (item->change == BOLT_CHANGE_INSIDE && bolt_edit_adds(&item->inside)))
			return true;
	}
	return false;
}

static bool bolt_edit_bucket_is_done(const struct bolt_edit_bucket *edit,
                                     const struct bolt_bucket *old);

static bool bolt_edit_item_is_done(const struct bolt_edit_item *item, const struct bolt_bucket *old)
{
	struct bolt_bucket child;
	struct bolt_entry entry;
	const bool is_there = bolt_bucket_find_bytes(old, item->key, item->key_len, &entry);

	if (item->change == BOLT_CHANGE_DROP)
		return !is_there;
	if (item->change == BOLT_CHANGE_PUT)
		return is_there && !entry.is_bucket && item->inside.count == 0 &&
		       bolt_key_compare(entry.value, entry.value_len, item->value,
		                        item->value_len) == 0;
	if (!is_there || !entry.is_bucket)
		return !bolt_edit_adds(&item->inside);
	child = bolt_bucket_of(old->bolt, &entry);
	return bolt_edit_bucket_is_done(&item->inside, &child);
}

static bool bolt_edit_bucket_is_done(const struct bolt_edit_bucket *edit,
                                     const struct bolt_bucket *old)
{
	AUTO(bolt_edit_items) struct bolt_edit_items items = BOLT_EDIT_ITEMS_INIT;

	bolt_edit_list(&items, edit);
	for (size_t i = 0; i < items.count; i++) {
		if (!bolt_edit_item_is_done(items.items[i], old))
			return false;
	}
	return true;
}

bool bolt_edit_is_done(const struct bolt_edit *edit, const struct bolt *old)
{
	const struct bolt_bucket root = bolt_root(old);

	return bolt_edit_bucket_is_done(&edit->root, &root);
}
