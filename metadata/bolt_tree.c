/* bolt_tree.c - the pages of a new database file. */
#include "metadata/bolt_tree.h"

#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* 0xFFFF means something else in a freelist, and bbolt refuses it everywhere. */
#define TREE_COUNT_MAX ((size_t)UINT16_MAX - 1)
/* bbolt's minKeysPerPage: a page with fewer is merged with its neighbour when it is touched. */
#define TREE_COUNT_MIN ((size_t)2)

static size_t bolt_item_size(const struct bolt_item *item)
{
	return BOLT_ELEMENT_SIZE + item->key_len + item->value_len;
}

void bolt_items_add(struct bolt_items *items, const struct bolt_item *item)
{
	items->items =
	    mem_grow(items->items, items->count, &items->capacity, sizeof(*items->items));
	items->items[items->count++] = *item;
	items->size += bolt_item_size(item);
	items->has_bucket |= item->is_bucket;
}

void bolt_items_done(struct bolt_items *items)
{
	for (size_t i = 0; i < items->count; i++)
		free(items->items[i].owned);
	free(items->items);
	*items = (struct bolt_items)BOLT_ITEMS_INIT;
}

void bolt_items_encode(const struct bolt_items *items, enum bolt_page_flags flags,
                       unsigned char *page)
{
	unsigned char *element = page + BOLT_HEADER_SIZE;
	unsigned char *data = element + items->count * BOLT_ELEMENT_SIZE;

	bolt_put_u16(page + 8, flags);
	bolt_put_u16(page + 10, (uint16_t)items->count);
	for (size_t i = 0; i < items->count; i++, element += BOLT_ELEMENT_SIZE) {
		const struct bolt_item *item = &items->items[i];
		const uint32_t pos = (uint32_t)(data - element);

		if (flags == BOLT_PAGE_BRANCH) {
			bolt_put_u32(element, pos);
			bolt_put_u32(element + 4, (uint32_t)item->key_len);
			bolt_put_u64(element + 8, item->child);
		} else {
			bolt_put_u32(element, item->is_bucket);
			bolt_put_u32(element + 4, pos);
			bolt_put_u32(element + 8, (uint32_t)item->key_len);
			bolt_put_u32(element + 12, (uint32_t)item->value_len);
		}
		(void)memcpy(data, item->key, item->key_len);
		data += item->key_len;
		if (item->value_len > 0)
			(void)memcpy(data, item->value, item->value_len);
		data += item->value_len;
	}
}

unsigned char *bolt_image_page(const struct bolt_image *image, uint64_t id)
{
	return image->bytes + (size_t)(id - image->first_page) * image->page_size;
}

/* Makes room for COUNT more pages. */
static int bolt_image_reserve(struct bolt_image *image, size_t count, struct err *err)
{
	const size_t limit = BOLT_SIZE_MAX / image->page_size;
	size_t needed;

	if (count > limit || image->page_count > limit - count)
		return err_set(err, ERR_STATE, "the new file would have more than %zu bytes",
		               BOLT_SIZE_MAX);
	needed = ((size_t)(image->page_count - image->first_page) + count) * image->page_size;
	if (needed <= image->capacity)
		return 0;
	image->capacity = needed < BOLT_SIZE_MAX / 2 ? needed * 2 : BOLT_SIZE_MAX;
	image->bytes = mem_resize(image->bytes, image->capacity, 1);
	return 0;
}

int bolt_image_add(struct bolt_image *image, size_t size, enum bolt_page_flags flags, uint64_t *id,
                   struct err *err)
{
	const size_t count = size / image->page_size + (size % image->page_size > 0);
	unsigned char *page;

	if (bolt_image_reserve(image, count, err) < 0)
		return -1;
	page = bolt_image_page(image, image->page_count);
	(void)memset(page, 0, count * image->page_size);
	bolt_put_u64(page, image->page_count);
	bolt_put_u16(page + 8, flags);
	bolt_put_u32(page + 12, (uint32_t)(count - 1));
	*id = image->page_count;
	image->page_count += count;
	return 0;
}

/*
 * How many of COUNT items the next page gets: as many as fit, but at least two, for which it gets
 * overflow pages, and never so many that a single one is left for the page after it.
 */
static size_t bolt_tree_take(const struct bolt_item *items, size_t count, size_t page_size)
{
	size_t size = BOLT_HEADER_SIZE;
	size_t take = 0;

	while (take < count && take < TREE_COUNT_MAX) {
		size += bolt_item_size(&items[take]);
		if (size > page_size && take >= TREE_COUNT_MIN)
			break;
		take++;
	}
	if (take + 1 == count)
		return take > TREE_COUNT_MIN ? take - 1 : count;
	return take;
}

/* Appends the page of the items, and adds it to those ABOVE. */
static int bolt_tree_page(struct bolt_image *image, const struct bolt_items *items,
                          enum bolt_page_flags flags, struct bolt_items *above, struct err *err)
{
	struct bolt_item parent = { 0 };

	if (bolt_image_add(image, items->size, flags, &parent.child, err) < 0)
		return -1;
	bolt_items_encode(items, flags, bolt_image_page(image, parent.child));
	if (items->count > 0) {
		parent.key = items->items[0].key;
		parent.key_len = items->items[0].key_len;
	}
	bolt_items_add(above, &parent);
	return 0;
}

/* Appends a level of the tree and those above it. */
static int bolt_tree_level(struct bolt_image *image, const struct bolt_items *level,
                           enum bolt_page_flags flags, uint64_t *root, unsigned *height,
                           struct err *err)
{
	AUTO(bolt_items) struct bolt_items above = BOLT_ITEMS_INIT;
	size_t at = 0;

	above.height = level->height + 1;
	if (above.height > BOLT_DEPTH_MAX)
		return err_set(err, ERR_STATE, "more than %d pages above a key", BOLT_DEPTH_MAX);
	do {
		struct bolt_items page = BOLT_ITEMS_INIT; /* a part of LEVEL, borrowed */

		page.items = at > 0 ? level->items + at : level->items; /* NULL, if empty */
		page.count = bolt_tree_take(page.items, level->count - at, image->page_size);
		for (size_t i = 0; i < page.count; i++)
			page.size += bolt_item_size(&page.items[i]);
		if (bolt_tree_page(image, &page, flags, &above, err) < 0)
			return -1;
		at += page.count;
	} while (at < level->count);
	if (above.count > 1)
		return bolt_tree_level(image, &above, BOLT_PAGE_BRANCH, root, height, err);
	*root = above.items[0].child;
	*height = above.height;
	return 0;
}

int bolt_image_tree(struct bolt_image *image, const struct bolt_items *entries, uint64_t *root,
                    unsigned *height, struct err *err)
{
	return bolt_tree_level(image, entries, BOLT_PAGE_LEAF, root, height, err);
}
