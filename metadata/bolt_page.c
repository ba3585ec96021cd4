/* bolt_page.c - the pages of a bolt file: where they are, and whether they are whole. */
#include "metadata/bolt_page.h"

#include <inttypes.h>

static void bolt_page_read_header(struct bolt_page *page, const unsigned char *bytes)
{
	*page = (struct bolt_page){ .bytes = bytes,
		                    .id = bolt_u64(bytes),
		                    .flags = bolt_u16(bytes + 8),
		                    .count = bolt_u16(bytes + 10),
		                    .overflow = bolt_u32(bytes + 12) };
}

int bolt_page_fetch(const struct bolt *bolt, uint64_t id, struct bolt_page *page, struct err *err)
{
	const uint64_t size = bolt->info.page_size;
	const uint64_t in_file = bolt->len / size;
	struct bolt_page found;

	if (id < 2 || id >= bolt->info.page_count)
		return err_set(err, ERR_CORRUPT, "there is no such page: 2 to %" PRIu64 " are",
		               bolt->info.page_count - 1);
	if (id >= in_file)
		return err_set(err, ERR_CORRUPT, "the file ends after %" PRIu64 " pages", in_file);
	bolt_page_read_header(&found, bolt_page_at(bolt, id));
	if (found.id != id)
		return err_set(err, ERR_CORRUPT, "its header says page %" PRIu64, found.id);
	if (found.overflow >= bolt->info.page_count - id || found.overflow >= in_file - id)
		return err_set(
		    err, ERR_CORRUPT, "its %" PRIu32 " overflow pages pass the end of the %s",
		    found.overflow, found.overflow >= in_file - id ? "file" : "pages in use");
	found.len = (size_t)((found.overflow + (uint64_t)1) * size);
	*page = found;
	return 0;
}

int bolt_page_inline(const struct bolt_element *element, struct bolt_page *page, struct err *err)
{
	struct bolt_page found;

	if (element->value_len < BOLT_BUCKET_SIZE + BOLT_HEADER_SIZE)
		return err_set(err, ERR_CORRUPT,
		               "inline bucket of %zu bytes: has no room for its page",
		               element->value_len);
	bolt_page_read_header(&found, element->value + BOLT_BUCKET_SIZE);
	if (found.id != 0 || found.flags != BOLT_PAGE_LEAF || found.overflow != 0)
		return err_set(err, ERR_CORRUPT,
		               "inline bucket: id %" PRIu64 ", flags 0x%02x, overflow %" PRIu32
		               ", not 0, 0x02, 0",
		               found.id, found.flags, found.overflow);
	found.len = element->value_len - BOLT_BUCKET_SIZE;
	*page = found;
	return 0;
}

struct bolt_element bolt_page_element(const unsigned char *page, uint32_t at)
{
	const unsigned char *from = page + BOLT_HEADER_SIZE + (size_t)at * BOLT_ELEMENT_SIZE;
	struct bolt_element element = { 0 };

	if (bolt_u16(page + 8) == BOLT_PAGE_BRANCH) {
		element.key = from + bolt_u32(from);
		element.key_len = bolt_u32(from + 4);
		element.child = bolt_u64(from + 8);
	} else {
		element.is_bucket = bolt_u32(from) != 0;
		element.key = from + bolt_u32(from + 4);
		element.key_len = bolt_u32(from + 8);
		element.value = element.key + element.key_len;
		element.value_len = bolt_u32(from + 12);
	}
	return element;
}

/*
 * Checks element AT, whose data must begin at *DATA, and moves *DATA to its end. bbolt writes the
 * data of all elements one after the other, so a gap means that a count or a size is wrong, and
 * that a key may be hidden.
 */
static int bolt_page_verify_element(const struct bolt_page *page, uint32_t at, uint64_t *data,
                                    struct err *err)
{
	const uint64_t from = BOLT_HEADER_SIZE + (uint64_t)at * BOLT_ELEMENT_SIZE;
	const unsigned char *bytes = page->bytes + from;
	const bool is_branch = page->flags == BOLT_PAGE_BRANCH;
	const uint64_t begin = from + bolt_u32(is_branch ? bytes : bytes + 4);
	const uint64_t key_len = bolt_u32(is_branch ? bytes + 4 : bytes + 8);
	const uint64_t value_len = is_branch ? 0 : bolt_u32(bytes + 12);

	if (!is_branch && bolt_u32(bytes) > 1)
		return err_set(err, ERR_CORRUPT, "flags 0x%02" PRIx32 ", neither value nor bucket",
		               bolt_u32(bytes));
	if (begin != *data)
		return err_set(err, ERR_CORRUPT,
		               "its data begin at byte %" PRIu64 " of the page, not at %" PRIu64,
		               begin, *data);
	if (key_len < 1 || key_len > BOLT_KEY_MAX)
		return err_set(err, ERR_CORRUPT, "key of %" PRIu64 " bytes", key_len);
	if (begin + key_len + value_len > page->len)
		return err_set(err, ERR_CORRUPT,
		               "key of %" PRIu64 " and value of %" PRIu64
		               " bytes pass the end of the page",
		               key_len, value_len);
	*data = begin + key_len + value_len;
	return 0;
}

/* bbolt clears the buffer of a page before it writes it, and an inline page has no rest at all. */
static int bolt_page_verify_rest(const struct bolt_page *page, uint64_t data, struct err *err)
{
	const unsigned char *rest = page->bytes + data;
	const size_t len = page->len - (size_t)data;

	if (len == 0)
		return 0;
	if (page->id == 0)
		return err_set(err, ERR_CORRUPT, "%zu bytes after the last element", len);
	if (rest[0] != 0 || memcmp(rest, rest + 1, len - 1) != 0)
		return err_set(err, ERR_CORRUPT, "the bytes after the last element are not zero");
	return 0;
}

/* Checks that KEY lies between the one before it (or the lower bound) and the upper bound. */
static int bolt_page_verify_order(const struct bolt_element *element,
                                  const struct bolt_element *before, const struct bolt_range *range,
                                  struct err *err)
{
	if (before &&
	    bolt_key_compare(before->key, before->key_len, element->key, element->key_len) >= 0)
		return err_set(err, ERR_CORRUPT, "key not greater than the one before it");
	if (!before && range->min &&
	    bolt_key_compare(element->key, element->key_len, range->min, range->min_len) < 0)
		return err_set(err, ERR_CORRUPT, "key less than the branch page allows");
	if (range->max &&
	    bolt_key_compare(element->key, element->key_len, range->max, range->max_len) >= 0)
		return err_set(err, ERR_CORRUPT, "key greater than the branch page allows");
	return 0;
}

int bolt_page_verify(const struct bolt_page *page, const struct bolt_range *range, struct err *err)
{
	uint64_t data = BOLT_HEADER_SIZE + (uint64_t)page->count * BOLT_ELEMENT_SIZE;
	struct bolt_element before = { 0 };

	if (page->flags != BOLT_PAGE_BRANCH && page->flags != BOLT_PAGE_LEAF)
		return err_set(err, ERR_CORRUPT, "flags 0x%02x, neither leaf nor branch",
		               page->flags);
	if (page->count == 0 && page->flags == BOLT_PAGE_BRANCH)
		return err_set(err, ERR_CORRUPT, "branch without a child");
	if (page->count == 0 && range->min)
		return err_set(err, ERR_CORRUPT, "leaf without a key below a branch");
	if (page->count == UINT16_MAX || data > page->len)
		return err_set(err, ERR_CORRUPT, "has no room for its %u elements", page->count);
	for (uint32_t i = 0; i < page->count; i++) {
		struct bolt_element element;

		if (bolt_page_verify_element(page, i, &data, err) < 0)
			return err_wrap(err, "element %" PRIu32, i);
		element = bolt_page_element(page->bytes, i);
		if (bolt_page_verify_order(&element, i > 0 ? &before : NULL, range, err) < 0)
			return err_wrap(err, "element %" PRIu32, i);
		before = element;
	}
	return bolt_page_verify_rest(page, data, err);
}
