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

/* Says whether the two IDs are that near. */
bool near_is(const char *id, const char *other);

/*
 * The same for names that people give: one character differs, no more, because they are not random.
 * What a byte that is no text was read as (U+FFFD) is one character.
 */
bool near_is_name(const char *name, const char *other);

/* Says whether NAME has a character that no name of a network or volume has: it is damaged. */
bool near_is_mangled(const char *name);

#endif
