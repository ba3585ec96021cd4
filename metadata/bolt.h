/* bolt.h - Docker's databases (bbolt files), read only and checked whole (bolt-buildkit.md §1). */
#ifndef METADATA_BOLT_H
#define METADATA_BOLT_H

#include "metadata/base/err.h"
#include "metadata/base/finding.h"
#include "metadata/base/own.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Largest file that is read: real ones have some MiB. */
#define BOLT_SIZE_MAX ((size_t)1 << 30)
/* Most pages on the way from the root to any key, buckets in buckets included. */
#define BOLT_DEPTH_MAX 64

/*
 * A database: a private copy of the file, of which every page that can be reached has been checked,
 * so that reading it cannot fail. Threads may share it.
 */
struct bolt;

/* What a writer of the same file has to keep. All zero for an empty file. */
struct bolt_info {
	uint32_t page_size;  /* bytes */
	uint64_t txid;       /* of the last transaction */
	uint64_t page_count; /* pages in use or free, metas too: the high-water mark */
	uint64_t sequence;   /* of the root bucket */
	bool has_freelist;   /* false: NoFreelistSync, bbolt finds the free pages itself */
	bool is_meta_lost;   /* one of the two meta pages is damaged: it may have been that of a
	                        later transaction, of which dockerd will not know either */
};

/*
 * Reads the file PATH under DIRFD, chooses its meta page and checks the whole of it. A file
 * without bytes is an empty database, as for bbolt. The caller frees with bolt_close.
 * Returns 0, or -1: ERR_SYSTEM (ENOENT is told by err_has_code), ERR_CORRUPT "PATH: page N, byte B:
 * what is wrong". Linear in the size of the file.
 */
int bolt_open(struct bolt **bolt, int dirfd, const char *path, struct err *err) MUST_USE;

/* The same for LEN bytes in memory, which are copied; the error's words begin with the page. */
int bolt_parse(struct bolt **bolt, const void *bytes, size_t len, struct err *err) MUST_USE;

/* What bolt_load found. */
enum bolt_outcome {
	BOLT_READ,   /* *BOLT is the database */
	BOLT_ABSENT, /* no such file */
	BOLT_BROKEN, /* no bolt file, or a damaged one: a finding has been added */
	BOLT_FAILED, /* *ERR (ERR_SYSTEM) is set */
};

/* Where a loader reads from, and what it says of a database that cannot be understood. */
struct bolt_source {
	int dirfd;
	const char *path;       /* under DIRFD */
	const char *shown_path; /* below the data root, for the finding */
	enum finding_code code;
	struct finding_list *findings;
};

/* bolt_open() for the loaders of records; *BOLT is NULL for all but BOLT_READ. */
enum bolt_outcome bolt_load(struct bolt **bolt, const struct bolt_source *source,
                            struct err *err) MUST_USE;

const struct bolt_info *bolt_info(const struct bolt *bolt);

void bolt_close(struct bolt *bolt);

OWN_DEFINE(bolt, struct bolt *, bolt_close)

/* A bucket of a database that stays open; plain data, nothing to free. */
struct bolt_bucket {
	const struct bolt *bolt;
	const unsigned char *inline_page; /* NULL: its pages are those of the file */
	uint64_t root;                    /* page; 0: inline, or an empty database */
	uint64_t sequence;
};

/* A key with its value, or a bucket in a bucket. Borrowed from the database; no NUL at the ends. */
struct bolt_entry {
	const char *key;
	size_t key_len; /* 1 to 32768 */
	const char *value;
	size_t value_len;
	bool is_bucket; /* the value is its header then */
};

/* The bucket that holds all others. */
struct bolt_bucket bolt_root(const struct bolt *bolt);

/* Finds KEY in BUCKET; returns false, *ENTRY untouched, if there is none. Logarithmic. */
bool bolt_bucket_find(const struct bolt_bucket *bucket, const char *key, struct bolt_entry *entry);

/* The same for a key of LEN bytes, of which any may be NUL. */
bool bolt_bucket_find_bytes(const struct bolt_bucket *bucket, const char *key, size_t len,
                            struct bolt_entry *entry);

/*
 * Finds the bucket NAME in BUCKET. Returns false, *CHILD untouched, when there is none (or a plain
 * value). CHILD may be BUCKET.
 */
bool bolt_bucket_enter(const struct bolt_bucket *bucket, const char *name,
                       struct bolt_bucket *child);

/* The bucket that an entry with `is_bucket` is. */
struct bolt_bucket bolt_bucket_of(const struct bolt *bolt, const struct bolt_entry *entry);

/* A position between two entries of a bucket; plain data, nothing to free. */
struct bolt_cursor {
	const struct bolt *bolt;
	struct bolt_level {
		const unsigned char *page;
		uint32_t next; /* element of the page */
	} levels[BOLT_DEPTH_MAX];
	unsigned depth;
};

/* Sets CURSOR before the first entry of BUCKET. */
void bolt_cursor_start(struct bolt_cursor *cursor, const struct bolt_bucket *bucket);

/* Sets CURSOR before the first entry whose key is not less than KEY. Logarithmic. */
void bolt_cursor_seek(struct bolt_cursor *cursor, const struct bolt_bucket *bucket, const char *key,
                      size_t key_len);

/* Stores the next entry, in the order of the keys (bytewise); returns false at the end. */
bool bolt_cursor_next(struct bolt_cursor *cursor, struct bolt_entry *entry);

#endif
