/* cache.c - BuildKit's build cache in memory. */
#include "metadata/cache.h"

#include "metadata/base/id.h"

#include <stdlib.h>

bool cache_is_empty(const struct cache *cache)
{
	return cache->record_count == 0 && cache->lease_count == 0 && cache->snapshot_count == 0 &&
	       !cache->is_unreadable && !cache->is_old_format && !cache->has_more;
}

struct cache_place cache_place(const struct cache *cache, const char *snapshot_id)
{
	struct cache_place place = { id_digest_hex(snapshot_id), NULL };
	const struct cache_snapshot *snapshot;
	size_t item;

	if (!map_get(&cache->snapshot_by_id, snapshot_id, &item))
		return place;
	snapshot = &cache->snapshots[item];
	if (snapshot->chain_id)
		place.chain_id = snapshot->chain_id;
	if (!place.chain_id)
		place.dir = snapshot->committed ? snapshot->committed : snapshot->id;
	if (place.dir && !id_is_dir(place.dir))
		place.dir = NULL;
	return place;
}

static void cache_free_texts(char **texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
}

void cache_record_done(struct cache_record *record)
{
	free(record->id);
	free(record->snapshot_id);
	free(record->equal_mutable);
	cache_free_texts(record->parents, record->parent_count);
	free(record->type);
	free(record->description);
	free(record->chain_id);
	free(record->diff_id);
}

void cache_lease_done(struct cache_lease *lease)
{
	free(lease->id);
	cache_free_texts(lease->snapshot_ids, lease->snapshot_count);
}

void cache_snapshot_done(struct cache_snapshot *snapshot)
{
	free(snapshot->id);
	free(snapshot->parent);
	free(snapshot->committed);
	free(snapshot->chain_id);
}

void cache_done(struct cache *cache)
{
	for (size_t i = 0; i < cache->record_count; i++)
		cache_record_done(&cache->records[i]);
	for (size_t i = 0; i < cache->lease_count; i++)
		cache_lease_done(&cache->leases[i]);
	for (size_t i = 0; i < cache->snapshot_count; i++)
		cache_snapshot_done(&cache->snapshots[i]);
	free(cache->records);
	free(cache->leases);
	free(cache->snapshots);
	map_done(&cache->record_by_id);
	map_done(&cache->lease_by_id);
	map_done(&cache->snapshot_by_id);
	*cache = (struct cache)CACHE_INIT;
}
