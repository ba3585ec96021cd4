/* bolt_tree.h - the pages of a new database file, for bolt*.c only (bolt-buildkit.md §1.3 to §1.5).
 */
#ifndef METADATA_BOLT_TREE_H
#define METADATA_BOLT_TREE_H

#include "metadata/bolt_page.h"

/* An element of a page that is written. */
struct bolt_item {
	const char *key;
	size_t key_len;
	const char *value; /* of a leaf */
	size_t value_len;
	char *owned;    /* the value, when it was made for this item */
	uint64_t child; /* of a branch: the page */
	bool is_bucket;
};

/* The entries of a bucket, sorted by key, or the children of a branch. */
struct bolt_items {
	struct bolt_item *items;
	size_t count, capacity;
	size_t size;     /* bytes of one page that holds all of them */
	bool has_bucket; /* one of them is a bucket */
	unsigned height; /* most pages below one of them, on the way to any key */
};

#define BOLT_ITEMS_INIT                                                                            \
	{                                                                                          \
		.size = BOLT_HEADER_SIZE                                                           \
	}

/* Appends an item; its `owned` is the list's. */
void bolt_items_add(struct bolt_items *items, const struct bolt_item *item);

/* Writes the items (leaf or branch) as one page of items->size bytes, all but id and overflow. */
void bolt_items_encode(const struct bolt_items *items, enum bolt_page_flags flags,
                       unsigned char *page);

void bolt_items_done(struct bolt_items *items);

static inline void bolt_items_cleanup(struct bolt_items *items)
{
	bolt_items_done(items);
}

/* A file that is being made, or what is added to one. */
struct bolt_image {
	unsigned char *bytes; /* owned */
	size_t capacity;
	size_t page_size;
	uint64_t first_page; /* the number of that which the bytes begin with */
	uint64_t page_count; /* of the file: the number of the next page */
};

/*
 * Appends a page of SIZE bytes with its overflow pages, zeroed but for its header, which has a
 * count of 0. *ID is its number. Returns 0, or -1: ERR_STATE, the file would be too large.
 */
int bolt_image_add(struct bolt_image *image, size_t size, enum bolt_page_flags flags, uint64_t *id,
                   struct err *err) MUST_USE;

/* Where page ID begins; good until the next bolt_image_add(). */
unsigned char *bolt_image_page(const struct bolt_image *image, uint64_t id);

/*
 * Appends the tree of a bucket: leaf pages, and branch pages above them until one page is left,
 * *ROOT. *HEIGHT is the most pages on the way from there to any key. Returns 0 or -1 (ERR_STATE:
 * too large, or too deep).
 */
int bolt_image_tree(struct bolt_image *image, const struct bolt_items *entries, uint64_t *root,
                    unsigned *height, struct err *err) MUST_USE;

#endif
