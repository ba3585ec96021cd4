/* bolt_maker.c - bolt files for tests (bolt-buildkit.md §1.9). */
#include "tests/unit/bolt_maker.h"

#include "metadata/base/mem.h"
#include "tests/unit/tree.h"

#include <stdlib.h>
#include <string.h>

#define HEADER 16U
#define ELEMENT 16U
#define FLAG_BRANCH 1U
#define FLAG_LEAF 2U
#define FLAG_META 4U
#define FLAG_FREELIST 16U

/* An entry of a bucket, or a child of a branch page. */
struct maker_item {
	unsigned char *key;
	size_t key_len;
	unsigned char *value;
	size_t value_len;
	struct maker_bucket *bucket; /* owned; NULL: a value */
	uint64_t child;
};

struct maker_bucket {
	struct maker_item *items;
	size_t count, capacity;
	uint64_t sequence;
};

struct maker_file {
	const struct bolt_maker *maker;
	unsigned char *bytes;
	uint64_t pages;
	size_t capacity; /* pages */
};

struct bolt_maker *bolt_maker_new(size_t page_size)
{
	struct bolt_maker *maker = mem_zalloc(1, sizeof(*maker));

	maker->page_size = page_size;
	maker->txid = 7;
	maker->has_inline = true;
	maker->root = mem_zalloc(1, sizeof(*maker->root));
	return maker;
}

static void maker_bucket_free(struct maker_bucket *bucket)
{
	for (size_t i = 0; i < bucket->count; i++) {
		free(bucket->items[i].key);
		free(bucket->items[i].value);
		if (bucket->items[i].bucket)
			maker_bucket_free(bucket->items[i].bucket);
	}
	free(bucket->items);
	free(bucket);
}

void bolt_maker_free(struct bolt_maker *maker)
{
	maker_bucket_free(maker->root);
	free(maker);
}

static struct maker_item *maker_add(struct maker_bucket *bucket, const void *key, size_t key_len)
{
	struct maker_item *item;

	bucket->items =
	    mem_grow(bucket->items, bucket->count, &bucket->capacity, sizeof(*bucket->items));
	item = &bucket->items[bucket->count++];
	*item = (struct maker_item){ .key = (unsigned char *)mem_copy(key, key_len),
		                     .key_len = key_len };
	return item;
}

struct maker_bucket *bolt_maker_bucket(struct bolt_maker *maker, struct maker_bucket *parent,
                                       const char *name)
{
	struct maker_bucket *in = parent ? parent : maker->root;
	const size_t len = strlen(name);
	struct maker_item *item;

	for (size_t i = 0; i < in->count; i++) {
		if (in->items[i].key_len == len && memcmp(in->items[i].key, name, len) == 0)
			return in->items[i].bucket;
	}
	item = maker_add(in, name, len);
	item->bucket = mem_zalloc(1, sizeof(*item->bucket));
	return item->bucket;
}

void bolt_maker_sequence(struct maker_bucket *bucket, uint64_t sequence)
{
	bucket->sequence = sequence;
}

void bolt_maker_put_bytes(struct maker_bucket *bucket, const void *key, size_t key_len,
                          const void *value, size_t value_len)
{
	struct maker_item *item = maker_add(bucket, key, key_len);

	item->value = (unsigned char *)mem_copy(value, value_len);
	item->value_len = value_len;
}

void bolt_maker_put(struct maker_bucket *bucket, const char *key, const char *value)
{
	bolt_maker_put_bytes(bucket, key, strlen(key), value, strlen(value));
}

void bolt_maker_poke(unsigned char *bytes, size_t at, unsigned width, uint64_t value)
{
	for (unsigned i = 0; i < width; i++)
		bytes[at + i] = (unsigned char)(value >> 8 * i);
}

void bolt_maker_seal(unsigned char *bytes, size_t at)
{
	uint64_t sum = 0xcbf29ce484222325U;

	for (size_t i = 16; i < 72; i++)
		sum = (sum ^ bytes[at + i]) * 0x100000001b3U;
	bolt_maker_poke(bytes, at + 72, 8, sum);
}

static size_t maker_size(const struct maker_item *items, size_t count)
{
	size_t size = HEADER;

	for (size_t i = 0; i < count; i++)
		size += ELEMENT + items[i].key_len + items[i].value_len;
	return size;
}

/* Writes a leaf or branch page (not its id and overflow) to PAGE. */
static void maker_write_page(unsigned char *page, const struct maker_item *items, size_t count,
                             unsigned flags)
{
	size_t data = HEADER + ELEMENT * count;

	bolt_maker_poke(page, 8, 2, flags);
	bolt_maker_poke(page, 10, 2, count);
	for (size_t i = 0; i < count; i++) {
		const struct maker_item *item = &items[i];
		const size_t at = HEADER + ELEMENT * i;

		if (flags == FLAG_BRANCH) {
			bolt_maker_poke(page, at, 4, data - at);
			bolt_maker_poke(page, at + 4, 4, item->key_len);
			bolt_maker_poke(page, at + 8, 8, item->child);
		} else {
			bolt_maker_poke(page, at, 4, item->bucket != NULL);
			bolt_maker_poke(page, at + 4, 4, data - at);
			bolt_maker_poke(page, at + 8, 4, item->key_len);
			bolt_maker_poke(page, at + 12, 4, item->value_len);
		}
		(void)memcpy(page + data, item->key, item->key_len);
		data += item->key_len;
		if (item->value_len > 0)
			(void)memcpy(page + data, item->value, item->value_len);
		data += item->value_len;
	}
}

/* Makes room for SIZE bytes in pages of the file; returns the first. */
static uint64_t maker_allocate(struct maker_file *file, size_t size, unsigned flags)
{
	const size_t page_size = file->maker->page_size;
	const uint64_t id = file->pages;
	const size_t count = (size + page_size - 1) / page_size;

	if (file->capacity < id + count) {
		file->capacity = 2 * ((size_t)id + count);
		file->bytes = mem_resize(file->bytes, file->capacity, page_size);
	}
	(void)memset(file->bytes + id * page_size, 0, count * page_size);
	file->pages += count;
	bolt_maker_poke(file->bytes, id * page_size, 8, id);
	bolt_maker_poke(file->bytes, id * page_size + 8, 2, flags);
	bolt_maker_poke(file->bytes, id * page_size + 12, 4, count - 1);
	return id;
}

static size_t maker_group(const struct maker_file *file, const struct maker_item *items,
                          size_t count)
{
	size_t take = count < 2 ? count : 2;

	if (file->maker->element_max > 0)
		return count < file->maker->element_max ? count : file->maker->element_max;
	while (take < count && maker_size(items, take + 1) <= file->maker->page_size)
		take++;
	return take;
}

/* Writes one level of a tree and then those above it; returns the root page. */
static uint64_t maker_write_level(struct maker_file *file, const struct maker_item *items,
                                  size_t count, unsigned flags)
{
	struct maker_item *above = mem_zalloc(count + 1, sizeof(*above));
	size_t above_count = 0;
	size_t at = 0;
	uint64_t root;

	do {
		const size_t take = maker_group(file, items + at, count - at);
		const uint64_t id = maker_allocate(file, maker_size(items + at, take), flags);

		maker_write_page(file->bytes + id * file->maker->page_size, items + at, take,
		                 flags);
		above[above_count++] =
		    (struct maker_item){ .key = count ? items[at].key : NULL,
			                 .key_len = count ? items[at].key_len : 0,
			                 .child = id };
		at += take;
	} while (at < count);
	root = above[0].child;
	if (above_count > 1)
		root = maker_write_level(file, above, above_count, FLAG_BRANCH);
	free(above);
	return root;
}

static int maker_compare(const void *a, const void *b)
{
	const struct maker_item *left = a;
	const struct maker_item *right = b;
	const size_t len = left->key_len < right->key_len ? left->key_len : right->key_len;
	const int order = memcmp(left->key, right->key, len);

	return order ? order : (left->key_len > right->key_len) - (left->key_len < right->key_len);
}

static uint64_t maker_write_bucket(struct maker_file *file, struct maker_bucket *bucket);

/* Makes the value of a bucket's item: its header, and its page when it is inline. */
static void maker_write_item(struct maker_file *file, struct maker_item *item)
{
	struct maker_bucket *bucket = item->bucket;
	const size_t size = maker_size(bucket->items, bucket->count);
	bool is_inline = file->maker->has_inline && size <= file->maker->page_size / 4;

	for (size_t i = 0; i < bucket->count; i++)
		is_inline = is_inline && !bucket->items[i].bucket;
	free(item->value);
	item->value_len = is_inline ? 16 + size : 16;
	item->value = mem_zalloc(item->value_len, 1);
	bolt_maker_poke(item->value, 8, 8, bucket->sequence);
	if (!is_inline) {
		bolt_maker_poke(item->value, 0, 8, maker_write_bucket(file, bucket));
		return;
	}
	if (bucket->count > 0)
		qsort(bucket->items, bucket->count, sizeof(*bucket->items), maker_compare);
	maker_write_page(item->value + 16, bucket->items, bucket->count, FLAG_LEAF);
}

static uint64_t maker_write_bucket(struct maker_file *file, struct maker_bucket *bucket)
{
	if (bucket->count > 0)
		qsort(bucket->items, bucket->count, sizeof(*bucket->items), maker_compare);
	for (size_t i = 0; i < bucket->count; i++) {
		if (bucket->items[i].bucket)
			maker_write_item(file, &bucket->items[i]);
	}
	return maker_write_level(file, bucket->items, bucket->count, FLAG_LEAF);
}

static void maker_write_meta(struct maker_file *file, uint64_t txid, uint64_t root)
{
	const size_t at = (txid % 2) * file->maker->page_size;
	unsigned char *bytes = file->bytes;

	bolt_maker_poke(bytes, at, 8, txid % 2);
	bolt_maker_poke(bytes, at + 8, 2, FLAG_META);
	bolt_maker_poke(bytes, at + 16, 4, 0xED0CDAEDU);
	bolt_maker_poke(bytes, at + 20, 4, 2);
	bolt_maker_poke(bytes, at + 24, 4, file->maker->page_size);
	bolt_maker_poke(bytes, at + 32, 8, root);
	bolt_maker_poke(bytes, at + 40, 8, file->maker->root->sequence);
	bolt_maker_poke(bytes, at + 48, 8, file->maker->has_no_freelist ? UINT64_MAX : 2);
	bolt_maker_poke(bytes, at + 56, 8, file->pages);
	bolt_maker_poke(bytes, at + 64, 8, txid);
	bolt_maker_seal(bytes, at);
}

/* Writes the ids of the free pages, which come last, to the freelist on page 2. */
static void maker_write_freelist(struct maker_file *file)
{
	const size_t count = file->maker->free_count;
	const bool is_long = count >= UINT16_MAX;
	const size_t at = 2 * file->maker->page_size;
	uint64_t id;

	if (count == 0)
		return;
	id = maker_allocate(file, count * file->maker->page_size, 0);
	bolt_maker_poke(file->bytes, at + 10, 2, is_long ? UINT16_MAX : count);
	if (is_long)
		bolt_maker_poke(file->bytes, at + HEADER, 8, count);
	for (size_t i = 0; i < count; i++)
		bolt_maker_poke(file->bytes, at + HEADER + (i + is_long) * 8, 8, id + i);
}

unsigned char *bolt_maker_build(struct bolt_maker *maker, size_t *len)
{
	struct maker_file file = { .maker = maker,
		                   .bytes = mem_zalloc(16, maker->page_size),
		                   .capacity = 16 };
	uint64_t root;

	(void)maker_allocate(&file, 2 * maker->page_size, 0);
	(void)memset(file.bytes, 0, 2 * maker->page_size);
	if (!maker->has_no_freelist)
		(void)maker_allocate(&file, HEADER + 8 + maker->free_count * 8, FLAG_FREELIST);
	root = maker_write_bucket(&file, maker->root);
	if (!maker->has_no_freelist)
		maker_write_freelist(&file);
	maker_write_meta(&file, maker->txid - 1, root);
	maker_write_meta(&file, maker->txid, root);
	*len = (size_t)file.pages * maker->page_size;
	return file.bytes;
}

void bolt_maker_save(struct bolt_maker *maker, const char *dir, const char *path)
{
	size_t len;
	unsigned char *bytes = bolt_maker_build(maker, &len);

	tree_write(dir, path, bytes, len);
	free(bytes);
	bolt_maker_free(maker);
}
