/* cache_rows.h - the listing of the build cache, with BuildKit's idea of what is shared. */
#ifndef GC_SHOW_CACHE_ROWS_H
#define GC_SHOW_CACHE_ROWS_H

#include "gc/session/session.h"
#include "gc/show/row.h"
#include "gc/show/sizing.h"

enum {
	CACHE_ROWS_USAGE = 1, /* tables have the columns of `docker system df -v` */
};

/* What the records of the cache add up to. */
struct cache_sum {
	int64_t record_count;
	int64_t private_bytes; /* Docker's SIZE: what is not shared with an image */
	int64_t shared_bytes;
};

/*
 * Measures the directories of records whose size BuildKit has not noted. *SIZES gets one slot for
 * each of state.cache.records; the caller frees. Returns 0 or -1 (ERR_SYSTEM).
 */
int cache_rows_measure(struct sizing **sizes, const struct session *session,
                       struct err *err) MUST_USE;

/* The list "build_cache", most recently used first; *SUM gets the totals. The caller frees. */
struct row_list cache_rows_make(const struct state *state, const struct sizing *sizes,
                                unsigned flags, struct cache_sum *sum);

#endif
