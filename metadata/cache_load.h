/* cache_load.h - the parts of cache_load(), for cache*.c only. */
#ifndef METADATA_CACHE_LOAD_H
#define METADATA_CACHE_LOAD_H

#include "metadata/bolt.h"
#include "metadata/cache.h"

/* Most findings about one database; the rest is counted. */
#define CACHE_FINDINGS_MAX 20

struct cache_loader {
	struct cache *cache;
	int fd; /* buildkit/ */
	struct finding_list *findings;
	const char *shown_path; /* of the database that is being read, below the data root */
	size_t broken_count;    /* things in it that cannot be understood */
};

/* Reads the records of metadata_v2.db. cache_records.c */
void cache_records_read(struct cache_loader *loader, const struct bolt *bolt);

/* Reads the leases of containerdmeta.db. cache_leases.c */
void cache_leases_read(struct cache_loader *loader, const struct bolt *bolt);

/* Reads the buckets of snapshots.db. cache_snapshots.c */
void cache_snapshots_read(struct cache_loader *loader, const struct bolt *bolt);

/* Says in cache.has_more what buildkit/ holds beside the cache. 0 or -1. cache_rest.c */
int cache_rest_look(struct cache_loader *loader, int root_fd, struct err *err) MUST_USE;

/* Notes that something in the database that is being read cannot be understood: a finding, and
 * cache.is_unreadable. cache_load.c */
void cache_loader_note(struct cache_loader *loader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * A copy of the LEN bytes at BYTES as the ID of a record, lease or snapshot; NULL when they cannot
 * be one: not id_is_name(), or bytes that are not printable ASCII. The caller frees. cache_load.c
 */
char *cache_loader_id(const char *bytes, size_t len) MUST_USE;

/* A copy of the key of ENTRY as an ID; NULL, and noted, when it is none or no bucket. */
char *cache_loader_bucket_id(struct cache_loader *loader, const struct bolt_entry *entry,
                             const char *where) MUST_USE;

/* Says whether the key of ENTRY is nearly NAME: that one, damaged. cache_load.c */
bool cache_loader_is_near(const struct bolt_entry *entry, const char *name);

/* Notes the entries of BUCKET whose key is nearly one of COUNT NAMES. WHERE is said of it.
 * cache_load.c */
void cache_loader_check_names(struct cache_loader *loader, const struct bolt_bucket *bucket,
                              const char *const *names, size_t count, const char *where);

#endif
