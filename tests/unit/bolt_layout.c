/* bolt_layout.c - the pages of a file that bolt_write() has made, looked at byte by byte. */
#include "tests/unit/bolt_layout.h"

#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"

#include "metadata/base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct layout {
	const unsigned char *bytes;
	struct bolt_layout found;
	bool *used; /* by page */
};

static uint64_t peek(const unsigned char *at, unsigned width)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < width; i++)
		value |= (uint64_t)at[i] << 8 * i;
	return value;
}

static const unsigned char *layout_page(const struct layout *layout, uint64_t id)
{
	return layout->bytes + id * layout->found.page_size;
}

/* Bytes of the elements with their keys and values, as they are counted for every rule. */
static size_t layout_size(const unsigned char *page)
{
	const bool is_branch = peek(page + 8, 2) == 1;
	size_t size = 16;

	for (size_t i = 0; i < peek(page + 10, 2); i++) {
		const unsigned char *element = page + 16 + 16 * i;

		size += 16 + peek(element + (is_branch ? 4 : 8), 4);
		size += is_branch ? 0 : peek(element + 12, 4);
	}
	return size;
}

/* Takes page ID with its overflow pages, of which there are no more than it needs. */
static const unsigned char *layout_take(struct layout *layout, uint64_t id, unsigned flags)
{
	const unsigned char *page = layout_page(layout, id);
	const size_t size = layout->found.page_size;
	uint64_t overflow;

	assert_in_range(id, 3, layout->found.page_count - 1);
	overflow = peek(page + 12, 4);
	assert_int_equal(peek(page, 8), id);
	assert_int_equal(peek(page + 8, 2), flags);
	assert_int_equal(overflow, (layout_size(page) - 1) / size);
	for (uint64_t i = 0; i <= overflow; i++) {
		assert_false(layout->used[id + i]);
		layout->used[id + i] = true;
	}
	layout->found.overflow_count += overflow;
	return page;
}

static void layout_tree(struct layout *layout, uint64_t id, unsigned level, bool is_only);

/* Checks a bucket in a bucket: inline if it can be, otherwise not. */
static void layout_bucket(struct layout *layout, const unsigned char *value, size_t len)
{
	const uint64_t root = peek(value, 8);
	const size_t limit = layout->found.page_size / 4;
	const unsigned char *page = value + 16;
	bool has_bucket = false;

	if (root == 0) {
		assert_int_equal(len, 16 + layout_size(page));
		assert_in_range(layout_size(page), 16, limit);
		layout->found.inline_count++;
		return;
	}
	assert_int_equal(len, 16);
	page = layout_page(layout, root);
	if (peek(page + 8, 2) == 2) {
		for (size_t i = 0; i < peek(page + 10, 2); i++)
			has_bucket |= peek(page + 16 + 16 * i, 4) == 1;
		assert_true(has_bucket || layout_size(page) > limit);
	}
	layout_tree(layout, root, 1, true);
}

static void layout_leaf(struct layout *layout, const unsigned char *page)
{
	layout->found.leaf_count++;
	for (size_t i = 0; i < peek(page + 10, 2); i++) {
		const unsigned char *element = page + 16 + 16 * i;
		const unsigned char *key = element + peek(element + 4, 4);

		if (peek(element, 4) == 1)
			layout_bucket(layout, key + peek(element + 8, 4), peek(element + 12, 4));
	}
}

/* The first entry of the page after this one would not have fitted, unless one had to be left over
 * for it: the last two pages share. */
static void layout_full(const struct layout *layout, const unsigned char *page,
                        const unsigned char *next, bool is_next_last)
{
	const bool is_branch = peek(page + 8, 2) == 1;
	const unsigned char *first = next + 16;
	const size_t more =
	    16 + peek(first + (is_branch ? 4 : 8), 4) + (is_branch ? 0 : peek(first + 12, 4));

	if (is_next_last && peek(next + 10, 2) == 2)
		return;
	assert_true(layout_size(page) + more > layout->found.page_size ||
	            peek(page + 10, 2) == 65534);
}

static void layout_branch(struct layout *layout, const unsigned char *page, unsigned level)
{
	const size_t count = peek(page + 10, 2);

	layout->found.branch_count++;
	for (size_t i = 0; i < count; i++) {
		const unsigned char *element = page + 16 + 16 * i;
		const unsigned char *child = layout_page(layout, peek(element + 8, 8));
		const bool is_branch = peek(child + 8, 2) == 1;
		const size_t key_len = peek(element + 4, 4);

		layout_tree(layout, peek(element + 8, 8), level + 1, false);
		assert_int_equal(peek(child + 16 + (is_branch ? 4 : 8), 4), key_len);
		assert_memory_equal(child + 16 + peek(child + 16 + (is_branch ? 0 : 4), 4),
		                    element + peek(element, 4), key_len);
		if (i + 1 < count)
			layout_full(layout, child, layout_page(layout, peek(element + 24, 8)),
			            i + 2 == count);
	}
}

static void layout_tree(struct layout *layout, uint64_t id, unsigned level, bool is_only)
{
	const bool is_branch = peek(layout_page(layout, id) + 8, 2) == 1;
	const unsigned char *page = layout_take(layout, id, is_branch ? 1 : 2);
	const size_t count = peek(page + 10, 2);

	if (is_branch || !is_only)
		assert_in_range(count, 2, 65534);
	/* more than a page only where less than three entries are on it, or there is no fourth */
	if (layout_size(page) > layout->found.page_size)
		assert_in_range(count, 1, 3);
	if (layout->found.level_max < level)
		layout->found.level_max = level;
	if (is_branch)
		layout_branch(layout, page, level);
	else
		layout_leaf(layout, page);
}

/* Checks the meta page at AT and returns its transaction. */
static uint64_t layout_meta(const struct layout *layout, uint64_t at)
{
	const unsigned char *page = layout_page(layout, at);
	unsigned char copy[80];

	(void)memcpy(copy, page, sizeof(copy));
	bolt_maker_seal(copy, 0);
	assert_memory_equal(copy, page, sizeof(copy));
	assert_int_equal(peek(page, 8), at);
	assert_int_equal(peek(page + 8, 2), 4);
	assert_int_equal(peek(page + 10, 6), 0);
	assert_int_equal(peek(page + 64, 8) % 2, at);
	return peek(page + 64, 8);
}

struct bolt_layout bolt_layout_check(const unsigned char *bytes, size_t len)
{
	struct layout layout = { .bytes = bytes };
	uint64_t first, second;

	layout.found.page_size = peek(bytes + 24, 4);
	layout.found.page_count = peek(bytes + 56, 8);
	assert_in_range(layout.found.page_count, 4, SIZE_MAX / layout.found.page_size);
	assert_int_equal(layout.found.page_count * layout.found.page_size, len);
	first = layout_meta(&layout, 0);
	second = layout_meta(&layout, 1);
	layout.found.txid = first > second ? first : second;
	assert_int_equal(first > second ? first - second : second - first, 1);
	assert_memory_equal(bytes + 16, layout_page(&layout, 1) + 16, 48);
	assert_int_equal(peek(layout_page(&layout, 2), 8), 2);
	assert_int_equal(peek(layout_page(&layout, 2) + 8, 8), 0x10); /* count and overflow are 0 */
	if (peek(bytes + 48, 8) != UINT64_MAX)
		assert_int_equal(peek(bytes + 48, 8), 2);
	layout.used = mem_zalloc(layout.found.page_count, sizeof(*layout.used));
	layout_tree(&layout, peek(bytes + 32, 8), 1, true);
	for (uint64_t i = 3; i < layout.found.page_count; i++)
		assert_true(layout.used[i]);
	free(layout.used);
	return layout.found;
}
