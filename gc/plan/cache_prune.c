/* cache_prune.c - BuildKit's prune of its cache, played on the records (bolt-buildkit.md §3.1). */
#include "gc/plan/cache_prune.h"

#include "gc/plan/cache_facts.h"
#include "gc/plan/filter.h"
#include "metadata/base/mem.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

struct cache_pruner {
	struct selection *selection;
	const struct cache *cache;
	const struct cache_facts *facts;
	size_t *use_count; /* per record: records that stay and name it as a parent */
	bool *is_used_now; /* per record: the last of these went */
	regex_t id_pattern;
	bool has_id_pattern;
};

/* ---- who needs whom ---- */

/* Counts the record as one that needs its parents, or takes it out again. */
static void cache_pruner_count(struct cache_pruner *pruner, size_t item, bool is_needed)
{
	const struct cache_record *record = &pruner->cache->records[item];
	size_t parent;

	for (size_t i = 0; i < record->parent_count; i++) {
		if (!map_get(&pruner->cache->record_by_id, record->parents[i], &parent))
			continue;
		if (is_needed)
			pruner->use_count[parent]++;
		else if (--pruner->use_count[parent] == 0)
			pruner->is_used_now[parent] = true;
	}
}

static bool cache_pruner_is_leaf(const struct cache_pruner *pruner, size_t head)
{
	size_t twin = pruner->facts->twin[head];

	return pruner->use_count[head] == 0 &&
	       (twin == CACHE_NOBODY || pruner->use_count[twin] == 0);
}

/* ---- filters ---- */

/*
 * As in dockerd: `id` is a pattern, `type` is compared. The others are compared with texts that
 * BuildKit's records do not have while it prunes, so none has them (seen with 20.10, 26.1, 28.5).
 */
static bool cache_pruner_takes_values(const struct cache_pruner *pruner,
                                      const struct cache_record *record)
{
	static const char *const others[] = { "parent",    "description", "inuse",  "mutable",
		                              "immutable", "shared",      "private" };
	const struct filter_set *filters = pruner->selection->scope.filters;
	const char *type = filter_value(filters, "type", 0);

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (filter_value(filters, others[i], 0))
			return false;
	}
	if (type && strcmp(type, record->type) != 0)
		return false;
	if (filter_value(filters, "id", 0))
		return pruner->has_id_pattern &&
		       regexec(&pruner->id_pattern, record->id, 0, NULL, 0) == 0;
	return true;
}

/* Types that go without -a. BuildKit has no others but internal and frontend; one that it does not
 * have is damage. */
static bool cache_pruner_takes_type(const char *type)
{
	static const char *const types[] = { "regular", "source.local", "source.git.checkout",
		                             "exec.cachemount" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(type, types[i]) == 0)
			return true;
	}
	return false;
}

/*
 * Says whether the unit was used after the moment of the filter. For BuildKit since 2021 (in
 * dockerd 23.0 and later) the prune that takes the last child of a record away is a use of the
 * record, so that it stays (cache/manager.go hands its option NoUpdateLastUsed on in vain).
 */
static bool cache_pruner_is_new(const struct cache_pruner *pruner, size_t head)
{
	const struct filter_set *filters = pruner->selection->scope.filters;
	size_t twin = pruner->facts->twin[head];
	int64_t until;

	if (!filter_until(filters, &until))
		return false;
	if (pruner->cache->has_history && filter_until_is_past(filters) &&
	    (pruner->is_used_now[head] || (twin != CACHE_NOBODY && pruner->is_used_now[twin])))
		return true;
	return pruner->cache->records[head].last_used_ns > until;
}

static bool cache_pruner_takes(const struct cache_pruner *pruner, size_t head)
{
	const struct cache_record *record = &pruner->cache->records[head];
	const struct selection_scope *scope = &pruner->selection->scope;

	if (!scope->all_cache &&
	    (!cache_pruner_takes_type(record->type) || cache_facts_is_shared(pruner->facts, head)))
		return false;
	return !cache_pruner_is_new(pruner, head) && cache_pruner_takes_values(pruner, record);
}

/* ---- dropping ---- */

static void cache_pruner_drop_snapshot(const struct cache_pruner *pruner, const char *id)
{
	size_t item;

	while (id && map_get(&pruner->cache->snapshot_by_id, id, &item) &&
	       !pruner->selection->drop_snapshot[item]) {
		pruner->selection->drop_snapshot[item] = true;
		id = pruner->cache->snapshots[item].committed;
	}
}

static void cache_pruner_drop_lease(const struct cache_pruner *pruner, const char *id)
{
	size_t item;

	if (!map_get(&pruner->cache->lease_by_id, id, &item))
		return;
	pruner->selection->drop_lease[item] = true;
	for (size_t i = 0; i < pruner->cache->leases[item].snapshot_count; i++)
		cache_pruner_drop_snapshot(pruner, pruner->cache->leases[item].snapshot_ids[i]);
}

static void cache_pruner_drop_record(struct cache_pruner *pruner, size_t item)
{
	const struct cache_record *record = &pruner->cache->records[item];
	AUTO(str) char *variants = mem_print("%s-variants", record->id);

	pruner->selection->drop_record[item] = true;
	cache_pruner_count(pruner, item, false);
	cache_pruner_drop_lease(pruner, record->id);
	cache_pruner_drop_lease(pruner, variants);
	cache_pruner_drop_snapshot(pruner, record->id);
	cache_pruner_drop_snapshot(pruner, record->snapshot_id);
}

static void cache_pruner_drop(struct cache_pruner *pruner, size_t head)
{
	struct selection *selection = pruner->selection;
	size_t twin = pruner->facts->twin[head];

	selection->record_order[selection->record_count++] = head;
	cache_pruner_drop_record(pruner, head);
	if (twin == CACHE_NOBODY)
		return;
	selection->record_order[selection->record_count++] = twin;
	cache_pruner_drop_record(pruner, twin);
}

/*
 * One round: all units that nothing needs as it begins. Those that were marked as deleted go
 * whatever the filters say: BuildKit removes them when it starts.
 */
static bool cache_pruner_round(struct cache_pruner *pruner)
{
	const struct cache *cache = pruner->cache;
	size_t *heads = mem_zalloc(cache->record_count, sizeof(*heads));
	size_t count = 0;

	for (size_t i = 0; i < cache->record_count; i++) {
		if (pruner->facts->is_twin[i] || pruner->selection->drop_record[i] ||
		    !cache_pruner_is_leaf(pruner, i))
			continue;
		if (cache->records[i].is_deleted || cache_pruner_takes(pruner, i))
			heads[count++] = i;
	}
	for (size_t i = 0; i < count; i++)
		cache_pruner_drop(pruner, heads[i]);
	free(heads);
	return count > 0;
}

static void cache_pruner_open(struct cache_pruner *pruner)
{
	const char *id = filter_value(pruner->selection->scope.filters, "id", 0);
	size_t count = pruner->cache->record_count;

	pruner->use_count = mem_zalloc(count, sizeof(*pruner->use_count));
	pruner->is_used_now = mem_zalloc(count, sizeof(*pruner->is_used_now));
	pruner->has_id_pattern =
	    id && regcomp(&pruner->id_pattern, id, REG_EXTENDED | REG_NOSUB) == 0;
	for (size_t i = 0; i < count; i++)
		cache_pruner_count(pruner, i, true);
}

static void cache_pruner_close(struct cache_pruner *pruner)
{
	if (pruner->has_id_pattern)
		regfree(&pruner->id_pattern);
	free(pruner->use_count);
	free(pruner->is_used_now);
}

void cache_prune(struct selection *selection, const struct state *state)
{
	const struct cache *cache = &state->cache;
	AUTO(cache_facts)
	struct cache_facts *facts = cache_facts_make(state, selection->drop_image);
	struct cache_pruner pruner = { .selection = selection, .cache = cache, .facts = facts };

	if (cache->is_unreadable || cache->is_old_format || cache->is_snapshots_gone)
		return;
	cache_pruner_open(&pruner);
	while (cache_pruner_round(&pruner))
		;
	cache_pruner_close(&pruner);
}
