/* world_cache.c - the build cache of a data root in memory. */
#include "tests/unit/world.h"

#include "metadata/base/mem.h"

static struct cache_record *world_record(struct world *world, const char *id)
{
	struct cache *cache = &world->state.cache;
	struct cache_record record = { .id = mem_text(id),
		                       .snapshot_id = mem_text(id),
		                       .type = mem_text("regular"),
		                       .description = mem_text(""),
		                       .size_bytes = -1,
		                       .is_committed = true };

	cache->exists = cache->has_record_list = true;
	cache->records =
	    mem_grow(cache->records, cache->record_count, &cache->record_capacity, sizeof(record));
	cache->records[cache->record_count] = record;
	return &cache->records[cache->record_count++];
}

struct cache_record *world_cache(struct world *world, const char *id, const char *dir,
                                 const char *chain)
{
	struct cache *cache = &world->state.cache;
	struct cache_lease lease = { .id = mem_text(id), .snapshot_count = 1, .is_plain = true };
	struct cache_snapshot snapshot = { .id = mem_text(id),
		                           .committed = mem_text(dir),
		                           .chain_id = world_dup_id(chain),
		                           .size_bytes = -1 };

	lease.snapshot_ids = mem_zalloc(1, sizeof(char *));
	lease.snapshot_ids[0] = mem_text(id);
	cache->leases =
	    mem_grow(cache->leases, cache->lease_count, &cache->lease_capacity, sizeof(lease));
	cache->leases[cache->lease_count++] = lease;
	cache->snapshots = mem_grow(cache->snapshots, cache->snapshot_count,
	                            &cache->snapshot_capacity, sizeof(snapshot));
	cache->snapshots[cache->snapshot_count++] = snapshot;
	if (dir)
		world_named_dir(world, dir, NULL);
	return world_record(world, id);
}

struct cache_record *world_cache_twin(struct world *world, const char *id, const char *mutable)
{
	struct cache_record *record = world_record(world, id);

	record->equal_mutable = mem_text(mutable);
	return record;
}

void world_cache_parent(struct cache_record *record, const char *parent)
{
	record->parents =
	    mem_resize(record->parents, record->parent_count + 1, sizeof(*record->parents));
	record->parents[record->parent_count++] = mem_text(parent);
}
