/* cache_lost.h - what of the build cache no record has: BuildKit prunes by its records only, and
 * never finds it again (docker-data-root.md §5, L17 and L19). */
#ifndef GC_GRAPH_CACHE_LOST_H
#define GC_GRAPH_CACHE_LOST_H

#include "metadata/cache.h"

#include <stdbool.h>

struct cache_lost {
	bool *leases;    /* per cache.leases: garbage */
	bool *snapshots; /* per cache.snapshots: garbage that has, or had, a directory */
	/* Per cache.snapshots: no record leads to it, but one that was damaged may: it stays. */
	bool *unsure;
};

/*
 * Finds leases of no record and snapshots that neither records nor other leases lead to. An ID that
 * nearly is one that exists, and everything when the cache cannot be read completely, is none.
 * Linear in the cache, and in it for each one found. The caller frees with cache_lost_done().
 */
void cache_lost_find(struct cache_lost *lost, const struct cache *cache);

void cache_lost_done(struct cache_lost *lost);

#endif
