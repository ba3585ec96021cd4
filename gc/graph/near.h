/* near.h - IDs that were damaged: they lead nowhere, but nearly to one that exists. */
#ifndef GC_GRAPH_NEAR_H
#define GC_GRAPH_NEAR_H

#include "metadata/cache.h"
#include "metadata/image.h"
#include "metadata/layer.h"
#include "overlay2/inventory.h"

#include <stdbool.h>

/*
 * An ID that differs from one that exists in a character or two, or is its beginning, is that one
 * with damage: IDs are random, so no two of them are that near by chance.
 */

/* The ID that exists and that ID nearly is, borrowed; NULL if there is none. Linear in the list. */
const char *near_image(const struct image_list *images, const char *id);
const char *near_layer(const struct layer_list *layers, const char *chain_id);
const char *near_dir(const struct inventory *inventory, const char *name);
const char *near_record(const struct cache *cache, const char *id);
const char *near_snapshot(const struct cache *cache, const char *id);

/* Says whether the two are that near, and not the same. */
bool near_is(const char *id, const char *other);

#endif
