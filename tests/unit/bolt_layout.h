/* bolt_layout.h - the pages of a file that bolt_write() has made, looked at byte by byte. */
#ifndef TESTS_UNIT_BOLT_LAYOUT_H
#define TESTS_UNIT_BOLT_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

/* What has been found. */
struct bolt_layout {
	size_t page_size;
	uint64_t page_count;
	uint64_t txid;                                   /* of the newer meta page */
	size_t leaf_count, branch_count, overflow_count; /* pages */
	size_t inline_count;                             /* buckets */
	unsigned level_max;                              /* most pages above one leaf of a bucket */
};

/*
 * Asserts all that bolt-buildkit.md §1.9 says: two sealed metas of transactions in a row with the
 * same content, an empty freelist on page 2, every other page used once and as full as can be, at
 * least two entries on each if its bucket has them, the key of a child is its first key, buckets
 * are inline when they can be, overflow pages only where needed, nothing behind the last page.
 */
struct bolt_layout bolt_layout_check(const unsigned char *bytes, size_t len);

#endif
