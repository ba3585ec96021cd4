/* cache_facts.c - what BuildKit knows of the records of its cache, for du and prune. */
#include "gc/plan/cache_facts.h"

#include "gc/graph/near.h"
#include "metadata/base/mem.h"

#include <stdlib.h>

static void cache_facts_pair(struct cache_facts *facts)
{
	const struct cache *cache = &facts->state->cache;
	size_t head;

	for (size_t i = 0; i < cache->record_count; i++)
		facts->twin[i] = CACHE_NOBODY;
	for (size_t i = 0; i < cache->record_count; i++) {
		const char *id = cache->records[i].equal_mutable;

		if (!id || !map_get(&cache->record_by_id, id, &head) || head == i ||
		    cache->records[head].equal_mutable || facts->twin[head] != CACHE_NOBODY)
			continue;
		facts->twin[head] = i;
		facts->is_twin[i] = true;
	}
}

/* Finds the layer; one that does not exist, but nearly, is damage. */
static bool cache_facts_layer(struct cache_facts *facts, const char *chain_id, size_t *layer)
{
	const struct layer_list *layers = &facts->state->layers;

	if (!chain_id)
		return false;
	if (map_get(&layers->by_chain_id, chain_id, layer))
		return true;
	facts->is_unsure = facts->is_unsure || near_layer(layers, chain_id);
	return false;
}

static void cache_facts_use(struct cache_facts *facts, const struct image *image)
{
	const struct layer *layers = facts->state->layers.items;
	const char *chain_id = image->chain_id;
	size_t layer;

	facts->is_unsure = facts->is_unsure || image->is_unreadable;
	while (cache_facts_layer(facts, chain_id, &layer) && !facts->is_used[layer]) {
		facts->is_used[layer] = true;
		facts->is_unsure = facts->is_unsure || layers[layer].broken & LAYER_BAD_PARENT;
		chain_id = layers[layer].parent;
	}
}

struct cache_facts *cache_facts_make(const struct state *state, const bool *drop)
{
	struct cache_facts *facts = mem_zalloc(1, sizeof(*facts));

	facts->state = state;
	facts->twin = mem_zalloc(state->cache.record_count, sizeof(*facts->twin));
	facts->is_twin = mem_zalloc(state->cache.record_count, sizeof(*facts->is_twin));
	facts->is_used = mem_zalloc(state->layers.count, sizeof(*facts->is_used));
	cache_facts_pair(facts);
	for (size_t i = 0; i < state->images.count; i++) {
		if (!drop || !drop[i])
			cache_facts_use(facts, &state->images.items[i]);
	}
	return facts;
}

void cache_facts_free(struct cache_facts *facts)
{
	if (!facts)
		return;
	free(facts->twin);
	free(facts->is_twin);
	free(facts->is_used);
	free(facts);
}

bool cache_facts_is_shared(const struct cache_facts *facts, size_t record)
{
	const struct state *state = facts->state;
	const char *id = state->cache.records[record].id;
	struct cache_place place = cache_place(&state->cache, id);
	size_t layer;

	if (!place.chain_id)
		return !map_get(&state->cache.snapshot_by_id, id, NULL) &&
		       near_snapshot(&state->cache, id);
	if (!map_get(&state->layers.by_chain_id, place.chain_id, &layer))
		return near_layer(&state->layers, place.chain_id) != NULL;
	return facts->is_unsure || facts->is_used[layer];
}

int64_t cache_facts_size(const struct cache_facts *facts, size_t item, const char **dir)
{
	const struct state *state = facts->state;
	const struct cache_record *record = &state->cache.records[item];
	struct cache_place place = cache_place(&state->cache, record->snapshot_id);
	size_t twin = facts->twin[item];
	size_t layer;
	size_t snapshot;

	*dir = NULL;
	if (record->size_bytes >= 0)
		return record->size_bytes;
	if (twin != CACHE_NOBODY && state->cache.records[twin].size_bytes >= 0)
		return state->cache.records[twin].size_bytes;
	if (record->is_blob_only)
		return 0;
	if (place.chain_id && map_get(&state->layers.by_chain_id, place.chain_id, &layer))
		return state->layers.items[layer].size_bytes;
	if (map_get(&state->cache.snapshot_by_id, record->snapshot_id, &snapshot) &&
	    state->cache.snapshots[snapshot].size_bytes >= 0)
		return state->cache.snapshots[snapshot].size_bytes;
	*dir = place.dir;
	return -1;
}
