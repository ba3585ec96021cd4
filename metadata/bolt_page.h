/* bolt_page.h - the pages of a bolt file, for bolt*.c only (bolt-buildkit.md §1.1 to §1.6). */
#ifndef METADATA_BOLT_PAGE_H
#define METADATA_BOLT_PAGE_H

#include "metadata/bolt.h"

#include <string.h>

#define BOLT_PAGE_MIN 512U
#define BOLT_PAGE_MAX (16U << 20)
/* A page begins with: id u64, flags u16, count u16, overflow u32. */
#define BOLT_HEADER_SIZE 16U
/* A leaf element: flags u32, pos u32, ksize u32, vsize u32. A branch element: pos u32, ksize u32,
 * child u64. pos counts from the start of the element. */
#define BOLT_ELEMENT_SIZE 16U
/* The value of a bucket's element: root u64, sequence u64, and an inline page when root is 0. */
#define BOLT_BUCKET_SIZE 16U
#define BOLT_KEY_MAX 32768U
#define BOLT_NO_FREELIST UINT64_MAX
#define BOLT_SHOWN_MAX 128

enum bolt_page_flags {
	BOLT_PAGE_BRANCH = 0x01,
	BOLT_PAGE_LEAF = 0x02,
	BOLT_PAGE_META = 0x04,
	BOLT_PAGE_FREELIST = 0x10
};

struct bolt {
	char *bytes; /* owned */
	size_t len;
	struct bolt_info info;
	uint64_t root;     /* page of the root bucket; 0: an empty database */
	uint64_t freelist; /* page; BOLT_NO_FREELIST: none */
};

/* What a meta page says. */
struct bolt_meta {
	bool is_valid;
	const char *why; /* it is not valid */
	uint32_t page_size;
	uint64_t root, sequence, freelist, page_count, txid;
};

/* A page with its overflow pages; borrowed. */
struct bolt_page {
	const unsigned char *bytes;
	size_t len;
	uint64_t id; /* 0: inline */
	uint32_t overflow;
	uint16_t flags;
	uint16_t count;
};

/* An element of a page; borrowed. */
struct bolt_element {
	const unsigned char *key;
	size_t key_len;
	const unsigned char *value; /* leaf */
	size_t value_len;
	uint64_t child; /* branch */
	bool is_bucket;
};

/* Which keys a page may hold: MIN <= key < MAX; NULL: no bound. */
struct bolt_range {
	const unsigned char *min;
	size_t min_len;
	const unsigned char *max;
	size_t max_len;
};

/* Files of big-endian machines are refused by their magic, so everything is little-endian. */
static inline uint16_t bolt_u16(const unsigned char *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t bolt_u32(const unsigned char *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static inline uint64_t bolt_u64(const unsigned char *at)
{
	return (uint64_t)bolt_u32(at) | (uint64_t)bolt_u32(at + 4) << 32;
}

static inline void bolt_put_u16(unsigned char *at, uint16_t value)
{
	at[0] = (unsigned char)value;
	at[1] = (unsigned char)(value >> 8);
}

static inline void bolt_put_u32(unsigned char *at, uint32_t value)
{
	bolt_put_u16(at, (uint16_t)value);
	bolt_put_u16(at + 2, (uint16_t)(value >> 16));
}

static inline void bolt_put_u64(unsigned char *at, uint64_t value)
{
	bolt_put_u32(at, (uint32_t)value);
	bolt_put_u32(at + 4, (uint32_t)(value >> 32));
}

/* As much of a key as an error shows: "%.*s". */
static inline int bolt_shown_len(size_t key_len)
{
	return key_len < BOLT_SHOWN_MAX ? (int)key_len : BOLT_SHOWN_MAX;
}

/* Order of keys: bytewise, the shorter first. */
static inline int bolt_key_compare(const void *a, size_t a_len, const void *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	if (order != 0 || a_len == b_len)
		return order;
	return a_len < b_len ? -1 : 1;
}

/* Bytes of page ID of the file, which has been checked. */
static inline const unsigned char *bolt_page_at(const struct bolt *bolt, uint64_t id)
{
	return (const unsigned char *)bolt->bytes + id * bolt->info.page_size;
}

/*
 * Chooses the meta page of the file and sets info, root and freelist. Returns 0 or -1
 * (ERR_CORRUPT). bolt_meta.c.
 */
int bolt_meta_choose(struct bolt *bolt, struct err *err) MUST_USE;

/* Writes a meta page, all but its header. bolt_meta.c. */
void bolt_meta_encode(const struct bolt_meta *meta, unsigned char *page);

/*
 * Visits every page that can be reached and the freelist: each page once, all in their bounds, keys
 * in order, and no page below the high-water mark that is neither used nor free. Returns 0 or -1
 * (ERR_CORRUPT "page N, byte B: ..."). bolt_check.c.
 */
int bolt_check(const struct bolt *bolt, struct err *err) MUST_USE;

/* Stores page ID of the file after checking that it and its overflow pages exist. 0 or -1. */
int bolt_page_fetch(const struct bolt *bolt, uint64_t id, struct bolt_page *page,
                    struct err *err) MUST_USE;

/* Stores the inline page in the value of a bucket's element. 0 or -1. */
int bolt_page_inline(const struct bolt_element *element, struct bolt_page *page,
                     struct err *err) MUST_USE;

/* Checks the elements of a leaf or branch page: bounds, layout, order of keys. 0 or -1. */
int bolt_page_verify(const struct bolt_page *page, const struct bolt_range *range,
                     struct err *err) MUST_USE;

/* Element AT of a verified leaf or branch page, which begins at PAGE. */
struct bolt_element bolt_page_element(const unsigned char *page, uint32_t at);

#endif
