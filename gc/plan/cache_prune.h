/* cache_prune.h - BuildKit's prune of its cache, played on the records (bolt-buildkit.md §3.1). */
#ifndef GC_PLAN_CACHE_PRUNE_H
#define GC_PLAN_CACHE_PRUNE_H

#include "gc/plan/selection.h"

/*
 * Decides which records `docker builder prune` (with scope.all_cache: -a) removes once the images
 * in SELECTION are gone, and fills drop_record, drop_lease, drop_snapshot and record_order. Nothing
 * is dropped when the cache cannot be read completely.
 */
void cache_prune(struct selection *selection, const struct state *state);

#endif
