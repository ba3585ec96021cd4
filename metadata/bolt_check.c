/* bolt_check.c - one visit to every page of a bolt file (bolt-buildkit.md §1.8). */
#include "metadata/bolt_page.h"

#include "metadata/base/mem.h"

#include <inttypes.h>

struct bolt_visit {
	const struct bolt *bolt;
	unsigned char *seen;  /* a bit per page of the file; owned */
	uint64_t seen_limit;  /* pages that SEEN has room for */
	uint64_t known_count; /* pages that are used or free */
};

static int bolt_visit_tree(struct bolt_visit *visit, uint64_t id, const struct bolt_range *range,
                           unsigned depth, struct err *err);

/* Puts the place of a page before the words of an error. */
static int bolt_visit_wrap(const struct bolt_visit *visit, uint64_t id, struct err *err)
{
	uint64_t byte;

	if (__builtin_mul_overflow(id, (uint64_t)visit->bolt->info.page_size, &byte))
		return err_wrap(err, "page %" PRIu64, id);
	return err_wrap(err, "page %" PRIu64 ", byte %" PRIu64, id, byte);
}

/* Notes that page ID is used or free; false: it has been before. */
static bool bolt_visit_mark(struct bolt_visit *visit, uint64_t id)
{
	const unsigned char bit = (unsigned char)(1U << id % 8);

	visit->known_count++;
	if (id >= visit->seen_limit) /* a free page behind the end of the file */
		return true;
	if (visit->seen[id / 8] & bit)
		return false;
	visit->seen[id / 8] |= bit;
	return true;
}

/* Fetches a page and marks it with its overflow pages. */
static int bolt_visit_page(struct bolt_visit *visit, uint64_t id, struct bolt_page *page,
                           struct err *err)
{
	if (bolt_page_fetch(visit->bolt, id, page, err) < 0)
		return -1;
	for (uint64_t i = 0; i <= page->overflow; i++) {
		if (!bolt_visit_mark(visit, id + i))
			return err_set(err, ERR_CORRUPT, "page %" PRIu64 " is used twice", id + i);
	}
	return 0;
}

/* Visits an inline bucket: one leaf page in a value, with values only. */
static int bolt_visit_inline(const struct bolt_element *element, struct err *err)
{
	static const struct bolt_range any = { 0 };
	struct bolt_page page;

	if (bolt_page_inline(element, &page, err) < 0)
		return -1;
	if (bolt_page_verify(&page, &any, err) < 0)
		return err_wrap(err, "inline bucket");
	for (uint32_t i = 0; i < page.count; i++) {
		if (bolt_page_element(page.bytes, i).is_bucket)
			return err_set(
			    err, ERR_CORRUPT,
			    "inline bucket: element %" PRIu32 ": a bucket in an inline bucket", i);
	}
	return 0;
}

/* Checks the value of a bucket's element, but not the pages of its own that it may have. */
static int bolt_visit_header(const struct bolt_element *element, struct err *err)
{
	if (element->value_len < BOLT_BUCKET_SIZE)
		return err_set(err, ERR_CORRUPT, "bucket of %zu bytes: has no room for its header",
		               element->value_len);
	if (bolt_u64(element->value) == 0)
		return bolt_visit_inline(element, err);
	if (element->value_len != BOLT_BUCKET_SIZE)
		return err_set(err, ERR_CORRUPT, "bucket with page %" PRIu64 " and %zu bytes",
		               bolt_u64(element->value), element->value_len);
	return 0;
}

static int bolt_visit_leaf(struct bolt_visit *visit, const struct bolt_page *page, unsigned depth,
                           struct err *err)
{
	static const struct bolt_range any = { 0 };

	for (uint32_t i = 0; i < page->count; i++) {
		struct bolt_element element = bolt_page_element(page->bytes, i);
		uint64_t root;

		if (!element.is_bucket)
			continue;
		if (bolt_visit_header(&element, err) < 0) {
			(void)err_wrap(err, "element %" PRIu32, i);
			return bolt_visit_wrap(visit, page->id, err);
		}
		root = bolt_u64(element.value);
		if (root != 0 && bolt_visit_tree(visit, root, &any, depth + 1, err) < 0)
			return -1;
	}
	return 0;
}

static int bolt_visit_branch(struct bolt_visit *visit, const struct bolt_page *page,
                             const struct bolt_range *range, unsigned depth, struct err *err)
{
	for (uint32_t i = 0; i < page->count; i++) {
		struct bolt_element element = bolt_page_element(page->bytes, i);
		struct bolt_range below = { element.key, element.key_len, range->max,
			                    range->max_len };

		if (i + 1U < page->count) {
			struct bolt_element after = bolt_page_element(page->bytes, i + 1);

			below.max = after.key;
			below.max_len = after.key_len;
		}
		if (bolt_visit_tree(visit, element.child, &below, depth + 1, err) < 0)
			return -1;
	}
	return 0;
}

static int bolt_visit_tree(struct bolt_visit *visit, uint64_t id, const struct bolt_range *range,
                           unsigned depth, struct err *err)
{
	struct bolt_page page;

	if (depth > BOLT_DEPTH_MAX) {
		(void)err_set(err, ERR_CORRUPT, "more than %d pages above it", BOLT_DEPTH_MAX);
		return bolt_visit_wrap(visit, id, err);
	}
	if (bolt_visit_page(visit, id, &page, err) < 0 || bolt_page_verify(&page, range, err) < 0)
		return bolt_visit_wrap(visit, id, err);
	if (page.flags == BOLT_PAGE_BRANCH)
		return bolt_visit_branch(visit, &page, range, depth, err);
	return bolt_visit_leaf(visit, &page, depth, err);
}

/* Notes the pages that the freelist has: u64 each, in order; a count of 0xFFFF means that the true
 * count is the first of them. */
static int bolt_visit_freelist(struct bolt_visit *visit, const struct bolt_page *page,
                               struct err *err)
{
	const unsigned char *ids = page->bytes + BOLT_HEADER_SIZE;
	const size_t room = (page->len - BOLT_HEADER_SIZE) / 8;
	const bool is_long = page->count == UINT16_MAX;
	uint64_t count = page->count;
	uint64_t before = 1;

	if (page->flags != BOLT_PAGE_FREELIST)
		return err_set(err, ERR_CORRUPT, "flags 0x%02x, not a freelist", page->flags);
	if (is_long)
		count = bolt_u64(ids);
	if (count > room - is_long)
		return err_set(err, ERR_CORRUPT, "has no room for its %" PRIu64 " free pages",
		               count);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t id = bolt_u64(ids + (i + is_long) * 8);

		if (id <= before || id >= visit->bolt->info.page_count)
			return err_set(err, ERR_CORRUPT,
			               "free page %" PRIu64 " out of order or bounds", id);
		if (!bolt_visit_mark(visit, id))
			return err_set(err, ERR_CORRUPT, "page %" PRIu64 " is free and used", id);
		before = id;
	}
	return 0;
}

static int bolt_visit_all(struct bolt_visit *visit, struct err *err)
{
	static const struct bolt_range any = { 0 };
	const struct bolt *bolt = visit->bolt;
	struct bolt_page page;

	if (bolt_visit_tree(visit, bolt->root, &any, 1, err) < 0)
		return -1;
	if (!bolt->info.has_freelist)
		return 0;
	if (bolt_visit_page(visit, bolt->freelist, &page, err) < 0 ||
	    bolt_visit_freelist(visit, &page, err) < 0)
		return bolt_visit_wrap(visit, bolt->freelist, err);
	/* a count or page number that is wrong may hide keys; their pages are left over then */
	if (visit->known_count + 2 != bolt->info.page_count)
		return err_set(
		    err, ERR_CORRUPT, "%" PRIu64 " of %" PRIu64 " pages are neither used nor free",
		    bolt->info.page_count - 2 - visit->known_count, bolt->info.page_count);
	return 0;
}

int bolt_check(const struct bolt *bolt, struct err *err)
{
	const uint64_t in_file = bolt->len / bolt->info.page_size;
	AUTO(str) char *seen = mem_zalloc((size_t)(in_file / 8 + 1), 1);
	struct bolt_visit visit = { .bolt = bolt,
		                    .seen = (unsigned char *)seen,
		                    .seen_limit = in_file };

	return bolt_visit_all(&visit, err);
}
