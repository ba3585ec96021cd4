/* cache_lost.c - what of the build cache no record has. */
#include "gc/graph/cache_lost.h"

#include "gc/graph/near.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define VARIANTS "-variants" /* lease of a record's compression variants, since 23.0 */

struct cache_finder {
	const struct cache *cache;
	bool *is_owned; /* per snapshot: a record or a lease leads to it */
};

/* Marks snapshot ID and all that lie below it; the parent of a committed one is that of its
 * directory. */
static void cache_finder_own(struct cache_finder *finder, const char *id)
{
	const struct cache *cache = finder->cache;
	size_t item;

	while (id && map_get(&cache->snapshot_by_id, id, &item) && !finder->is_owned[item]) {
		const struct cache_snapshot *snapshot = &cache->snapshots[item];

		finder->is_owned[item] = true;
		id = snapshot->committed &&
		             map_get(&cache->snapshot_by_id, snapshot->committed, NULL)
		         ? snapshot->committed
		         : snapshot->parent;
	}
}

/* Calls VISIT with every snapshot that the record names; true ends it. */
typedef bool cache_visit(struct cache_finder *finder, const char *id, const char *other);

static bool cache_finder_each(struct cache_finder *finder, const struct cache_record *record,
                              cache_visit *visit, const char *other)
{
	bool is_over = visit(finder, record->id, other) ||
	               visit(finder, record->snapshot_id, other) ||
	               (record->equal_mutable && visit(finder, record->equal_mutable, other));

	for (size_t i = 0; i < record->parent_count && !is_over; i++)
		is_over = visit(finder, record->parents[i], other);
	return is_over;
}

static bool cache_visit_own(struct cache_finder *finder, const char *id, const char *other)
{
	(void)other;
	cache_finder_own(finder, id);
	return false;
}

static bool cache_visit_near(struct cache_finder *finder, const char *id, const char *other)
{
	(void)finder;
	return near_is(id, other) || near_is(other, id);
}

/* Says whether anything names an ID that nearly is this one: then it may mean this one. */
static bool cache_finder_is_near(struct cache_finder *finder, const char *id)
{
	const struct cache *cache = finder->cache;

	for (size_t i = 0; i < cache->record_count; i++) {
		if (cache_finder_each(finder, &cache->records[i], cache_visit_near, id))
			return true;
	}
	for (size_t i = 0; i < cache->snapshot_count; i++) {
		const struct cache_snapshot *snapshot = &cache->snapshots[i];

		if ((snapshot->parent && near_is(snapshot->parent, id)) ||
		    (snapshot->committed && near_is(snapshot->committed, id)))
			return true;
	}
	for (size_t i = 0; i < cache->lease_count; i++) {
		for (size_t k = 0; k < cache->leases[i].snapshot_count; k++) {
			if (near_is(cache->leases[i].snapshot_ids[k], id))
				return true;
		}
	}
	return false;
}

/* ---- leases ---- */

static bool cache_finder_has_record(struct cache_finder *finder, const char *id)
{
	size_t len = strlen(id);
	size_t end = strlen(VARIANTS);
	AUTO(str) char *record = mem_text(id);

	if (len > end && strcmp(id + len - end, VARIANTS) == 0)
		record[len - end] = '\0';
	return map_get(&finder->cache->record_by_id, record, NULL) ||
	       cache_finder_is_near(finder, record);
}

static void cache_finder_leases(struct cache_finder *finder, struct cache_lost *lost)
{
	const struct cache *cache = finder->cache;

	for (size_t i = 0; i < cache->lease_count; i++) {
		const struct cache_lease *lease = &cache->leases[i];

		lost->leases[i] = lease->is_plain && !lease->is_temporary &&
		                  !cache_finder_has_record(finder, lease->id);
		for (size_t k = 0; k < lease->snapshot_count && !lost->leases[i]; k++)
			cache_finder_own(finder, lease->snapshot_ids[k]);
	}
}

/* ---- snapshots ---- */

/* Says whether the snapshot was made with a directory, which may also be a layer's, or be gone; the
 * others are traces of layers that BuildKit has touched. */
static bool cache_finder_has_data(const struct cache_snapshot *snapshot)
{
	return snapshot->is_active || snapshot->committed || snapshot->is_committed_elsewhere;
}

static void cache_finder_snapshots(struct cache_finder *finder, struct cache_lost *lost)
{
	const struct cache *cache = finder->cache;

	for (size_t i = 0; i < cache->snapshot_count; i++) {
		const struct cache_snapshot *snapshot = &cache->snapshots[i];

		if (finder->is_owned[i] || !cache_finder_has_data(snapshot) ||
		    !cache_finder_is_near(finder, snapshot->id))
			continue;
		lost->unsure[i] = true;
		cache_finder_own(finder, snapshot->id); /* and all that it needs */
	}
	for (size_t i = 0; i < cache->snapshot_count; i++)
		lost->snapshots[i] =
		    !finder->is_owned[i] && cache_finder_has_data(&cache->snapshots[i]);
}

void cache_lost_find(struct cache_lost *lost, const struct cache *cache)
{
	AUTO(str) char *is_owned = mem_zalloc(cache->snapshot_count, sizeof(bool));
	struct cache_finder finder = { cache, (bool *)is_owned };
	bool is_known = !cache->is_unreadable && !cache->is_old_format &&
	                !cache->is_snapshots_gone && cache->has_record_list;

	lost->leases = mem_zalloc(cache->lease_count, sizeof(bool));
	lost->snapshots = mem_zalloc(cache->snapshot_count, sizeof(bool));
	lost->unsure = mem_zalloc(cache->snapshot_count, sizeof(bool));
	for (size_t i = 0; i < cache->record_count; i++)
		(void)cache_finder_each(&finder, &cache->records[i], cache_visit_own, NULL);
	if (is_known) {
		cache_finder_leases(&finder, lost);
		cache_finder_snapshots(&finder, lost);
		return;
	}
	for (size_t i = 0; i < cache->lease_count; i++) {
		for (size_t k = 0; k < cache->leases[i].snapshot_count; k++)
			cache_finder_own(&finder, cache->leases[i].snapshot_ids[k]);
	}
	for (size_t i = 0; i < cache->snapshot_count; i++)
		lost->unsure[i] =
		    !finder.is_owned[i] && cache_finder_has_data(&cache->snapshots[i]);
}

void cache_lost_done(struct cache_lost *lost)
{
	free(lost->leases);
	free(lost->snapshots);
	free(lost->unsure);
	*lost = (struct cache_lost){ NULL, NULL, NULL };
}
