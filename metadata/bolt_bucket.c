/* bolt_bucket.c - buckets of a bolt file, and the keys in them. */
#include "metadata/bolt_page.h"

struct bolt_bucket bolt_root(const struct bolt *bolt)
{
	return (struct bolt_bucket){ bolt, NULL, bolt->root, bolt->info.sequence };
}

struct bolt_bucket bolt_bucket_of(const struct bolt *bolt, const struct bolt_entry *entry)
{
	const unsigned char *header = (const unsigned char *)entry->value;
	const uint64_t root = bolt_u64(header);

	return (struct bolt_bucket){ bolt, root == 0 ? header + BOLT_BUCKET_SIZE : NULL, root,
		                     bolt_u64(header + 8) };
}

bool bolt_bucket_find(const struct bolt_bucket *bucket, const char *key, struct bolt_entry *entry)
{
	return bolt_bucket_find_bytes(bucket, key, strlen(key), entry);
}

bool bolt_bucket_find_bytes(const struct bolt_bucket *bucket, const char *key, size_t len,
                            struct bolt_entry *entry)
{
	struct bolt_cursor cursor;
	struct bolt_entry found;

	bolt_cursor_seek(&cursor, bucket, key, len);
	if (!bolt_cursor_next(&cursor, &found) ||
	    bolt_key_compare(found.key, found.key_len, key, len) != 0)
		return false;
	*entry = found;
	return true;
}

bool bolt_bucket_enter(const struct bolt_bucket *bucket, const char *name,
                       struct bolt_bucket *child)
{
	struct bolt_entry entry;

	if (!bolt_bucket_find(bucket, name, &entry) || !entry.is_bucket)
		return false;
	*child = bolt_bucket_of(bucket->bolt, &entry);
	return true;
}

static void bolt_cursor_push(struct bolt_cursor *cursor, const unsigned char *page, uint32_t next)
{
	cursor->levels[cursor->depth++] = (struct bolt_level){ page, next };
}

/* The page at which a bucket begins; NULL: an empty database. */
static const unsigned char *bolt_bucket_page(const struct bolt_bucket *bucket)
{
	if (bucket->inline_page || bucket->root == 0)
		return bucket->inline_page;
	return bolt_page_at(bucket->bolt, bucket->root);
}

static bool bolt_page_is_branch(const unsigned char *page)
{
	return bolt_u16(page + 8) == BOLT_PAGE_BRANCH;
}

static uint32_t bolt_page_count(const unsigned char *page)
{
	return bolt_u16(page + 10);
}

void bolt_cursor_start(struct bolt_cursor *cursor, const struct bolt_bucket *bucket)
{
	const unsigned char *page = bolt_bucket_page(bucket);

	cursor->bolt = bucket->bolt;
	cursor->depth = 0;
	if (page)
		bolt_cursor_push(cursor, page, 0);
}

/* The first element of PAGE whose key is not less than KEY; the count of elements if none is. */
static uint32_t bolt_page_lower_bound(const unsigned char *page, const char *key, size_t key_len)
{
	uint32_t low = 0;
	uint32_t high = bolt_page_count(page);

	while (low < high) {
		uint32_t middle = (low + high) / 2;
		struct bolt_element element = bolt_page_element(page, middle);

		if (bolt_key_compare(element.key, element.key_len, key, key_len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The child of a branch page below which KEY belongs: the last whose key is not greater. */
static uint32_t bolt_page_child(const unsigned char *page, const char *key, size_t key_len)
{
	uint32_t at = bolt_page_lower_bound(page, key, key_len);
	struct bolt_element element;

	if (at < bolt_page_count(page)) {
		element = bolt_page_element(page, at);
		if (bolt_key_compare(element.key, element.key_len, key, key_len) == 0)
			return at;
	}
	return at > 0 ? at - 1 : 0;
}

void bolt_cursor_seek(struct bolt_cursor *cursor, const struct bolt_bucket *bucket, const char *key,
                      size_t key_len)
{
	const unsigned char *page = bolt_bucket_page(bucket);

	cursor->bolt = bucket->bolt;
	cursor->depth = 0;
	if (!page)
		return;
	while (bolt_page_is_branch(page)) {
		uint32_t at = bolt_page_child(page, key, key_len);

		bolt_cursor_push(cursor, page, at + 1);
		page = bolt_page_at(cursor->bolt, bolt_page_element(page, at).child);
	}
	bolt_cursor_push(cursor, page, bolt_page_lower_bound(page, key, key_len));
}

bool bolt_cursor_next(struct bolt_cursor *cursor, struct bolt_entry *entry)
{
	while (cursor->depth > 0) {
		struct bolt_level *level = &cursor->levels[cursor->depth - 1];
		struct bolt_element element;

		if (level->next >= bolt_page_count(level->page)) {
			cursor->depth--;
			continue;
		}
		element = bolt_page_element(level->page, level->next++);
		if (bolt_page_is_branch(level->page)) {
			bolt_cursor_push(cursor, bolt_page_at(cursor->bolt, element.child), 0);
			continue;
		}
		*entry = (struct bolt_entry){ (const char *)element.key, element.key_len,
			                      (const char *)element.value, element.value_len,
			                      element.is_bucket };
		return true;
	}
	return false;
}
