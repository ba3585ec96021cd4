/* bolt_maker.h - bolt files for tests: any page size, branches, inline buckets, overflow pages and
 * free pages, in a layout that a test can rely on. */
#ifndef TESTS_UNIT_BOLT_MAKER_H
#define TESTS_UNIT_BOLT_MAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Pages: 0 and 1 metas (txid is that of the newer one, on page txid % 2), 2 the freelist with its
 * overflow pages, then the pages of the trees, children before parents and buckets in the order of
 * their names, the root page last; then the free pages.
 */
struct bolt_maker {
	size_t page_size;
	uint64_t txid;        /* 7 by default */
	size_t element_max;   /* most elements of a page; 0: as many as its size allows */
	bool has_inline;      /* small buckets are inline; true by default */
	bool has_no_freelist; /* freelist of all ones */
	size_t free_count;    /* pages behind the trees */
	struct maker_bucket *root;
};

struct maker_bucket;

struct bolt_maker *bolt_maker_new(size_t page_size);
void bolt_maker_free(struct bolt_maker *maker);

/* The bucket NAME in PARENT (NULL: in the root bucket), made when there is none. */
struct maker_bucket *bolt_maker_bucket(struct bolt_maker *maker, struct maker_bucket *parent,
                                       const char *name);

/* Gives the bucket a sequence. */
void bolt_maker_sequence(struct maker_bucket *bucket, uint64_t sequence);

/* Puts a value into BUCKET; keys must differ. */
void bolt_maker_put(struct maker_bucket *bucket, const char *key, const char *value);
void bolt_maker_put_bytes(struct maker_bucket *bucket, const void *key, size_t key_len,
                          const void *value, size_t value_len);

/* The file, of *LEN bytes; the caller frees. */
unsigned char *bolt_maker_build(struct bolt_maker *maker, size_t *len);

/* Builds, writes the file PATH below DIR and frees MAKER. */
void bolt_maker_save(struct bolt_maker *maker, const char *dir, const char *path);

/* Writes the WIDTH lowest bytes of VALUE at byte AT. */
void bolt_maker_poke(unsigned char *bytes, size_t at, unsigned width, uint64_t value);

/* Computes the checksum of the meta page at byte AT anew. */
void bolt_maker_seal(unsigned char *bytes, size_t at);

#endif
