/* cache_facts.h - what BuildKit knows of the records of its cache, for du and prune. */
#ifndef GC_PLAN_CACHE_FACTS_H
#define GC_PLAN_CACHE_FACTS_H

#include "metadata/base/own.h"
#include "metadata/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CACHE_NOBODY SIZE_MAX

/*
 * A unit is a record, or a mutable record (its head) with the immutable one (its twin) that shares
 * its data: they go together, and BuildKit looks at the mutable one.
 */
struct cache_facts {
	const struct state *state; /* borrowed */
	size_t *twin;              /* per record: its twin, or CACHE_NOBODY */
	bool *is_twin;             /* per record: it is one */
	bool *is_used;             /* per layer: an image contains it */
	bool is_unsure;            /* an image or layer is damaged: any layer may be in use */
};

/* DROP (NULL: none) says which images do not count. The caller frees. Linear in the records. */
struct cache_facts *cache_facts_make(const struct state *state, const bool *drop) MUST_USE;

void cache_facts_free(struct cache_facts *facts);

OWN_DEFINE(cache_facts, struct cache_facts *, cache_facts_free)

/*
 * Says whether the record is "shared": its own snapshot is a layer that an image has. Also when
 * that may be so, because something is damaged.
 */
bool cache_facts_is_shared(const struct cache_facts *facts, size_t record);

/*
 * The size of the unit of the record ITEM as BuildKit has it: what is noted with the record, else
 * with its twin, else the size of its layer, else what is noted with its snapshot (when it was
 * measured last, and not again since: dockerd counts it all the same); a record without a snapshot
 * of its own (cache.blobonly: layers of base images) has 0. Returns -1 and the directory of
 * overlay2 in *DIR when its diff/ has to be measured; *DIR (borrowed) is NULL in all other cases,
 * also when nothing is known: -1.
 */
int64_t cache_facts_size(const struct cache_facts *facts, size_t item, const char **dir);

#endif
