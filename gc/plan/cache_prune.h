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

/*
 * Says for each layer of STATE whether an image contains it: what makes a record "shared". DROP
 * (NULL: none) says which images do not count. The caller frees. Linear in layers and images.
 */
bool *cache_prune_image_layers(const struct state *state, const bool *drop) MUST_USE;

/* Says whether the record is shared: its own snapshot is a layer that IS_USED (of the above). */
bool cache_prune_is_shared(const struct state *state, const bool *is_used,
                           const struct cache_record *record);

/*
 * The size of a unit as BuildKit has it: that of RECORD, else of the immutable TWIN (NULL: none)
 * that shares its data, else of its layer; a record without a snapshot of its own (cache.blobonly:
 * layers of base images) has 0. Returns -1 and the directory of overlay2 in *DIR when its diff/ has
 * to be measured; *DIR (borrowed) is NULL in all other cases, also when nothing is known: -1.
 */
int64_t cache_prune_size(const struct state *state, const struct cache_record *record,
                         const struct cache_record *twin, const char **dir);

#endif
