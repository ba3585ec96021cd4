/* plan_cache.c - actions on the build cache, in the order that survives a crash (bolt-buildkit.md
 * §3.4): records are marked as deleted, leases of layers go, then the layers and directories, other
 * leases, snapshots and records. */
#include "gc/plan/plan_build.h"

#include "gc/plan/cache_facts.h"
#include "metadata/base/mem.h"

#include <stdlib.h>

static struct action *plan_cache_add(const struct plan_builder *builder, enum action_kind kind,
                                     enum action_reason reason, const char *database,
                                     const char *id)
{
	struct action *action = plan_add(builder->plan, kind, reason);

	action->object = mem_text(id);
	action->path = mem_print("buildkit/%s", database);
	action->detail = mem_text("");
	return action;
}

static void plan_cache_size(const struct plan_builder *builder, const struct cache_facts *facts,
                            size_t record, struct action *action)
{
	const char *dir;
	int64_t size = cache_facts_size(facts, record, &dir);

	action->size_bytes = size > 0 ? size : 0;
	if (dir && map_get(&builder->graph->inventory->dir_by_name, dir, NULL))
		action->content_path = mem_print("overlay2/%s/diff", dir);
}

/* Records are marked in the order in which BuildKit names them; it names one of each unit. */
static void plan_cache_marks(const struct plan_builder *builder)
{
	const struct selection *selection = builder->selection;
	const struct cache_record *records = builder->graph->state->cache.records;
	AUTO(cache_facts) struct cache_facts *facts = cache_facts_make(builder->graph->state, NULL);

	for (size_t i = 0; i < selection->record_count; i++) {
		size_t item = selection->record_order[i];
		struct action *action;

		if (!plan_is_dead(builder, NODE_RECORD, item))
			continue;
		action = plan_cache_add(builder, ACTION_CACHE_MARK, REASON_PRUNED, "metadata_v2.db",
		                        records[item].id);
		if (facts->is_twin[item]) {
			free(action->detail);
			action->detail = mem_text(records[item].equal_mutable);
		} else {
			plan_cache_size(builder, facts, item, action);
		}
	}
}

/* Says whether the lease holds a layer that goes. */
static bool plan_cache_holds_layer(const struct plan_builder *builder,
                                   const struct cache_lease *lease)
{
	const struct state *state = builder->graph->state;
	size_t layer;

	for (size_t i = 0; i < lease->snapshot_count; i++) {
		struct cache_place place = cache_place(&state->cache, lease->snapshot_ids[i]);

		if (place.chain_id && map_get(&state->layers.by_chain_id, place.chain_id, &layer) &&
		    plan_is_dead(builder, NODE_LAYER, layer))
			return true;
	}
	return false;
}

/*
 * Leases go after the directories, so that BuildKit, started in between, removes those that are
 * left; but those of layers before the layers, which it would miss ("failed to remove snapshot").
 */
static void plan_cache_leases(const struct plan_builder *builder, bool of_layers)
{
	const struct cache *cache = &builder->graph->state->cache;

	for (size_t i = 0; i < cache->lease_count; i++) {
		if ((builder->selection->drop_lease[i] || builder->graph->lost.leases[i]) &&
		    plan_is_dead(builder, NODE_LEASE, i) &&
		    plan_cache_holds_layer(builder, &cache->leases[i]) == of_layers)
			(void)plan_cache_add(builder, ACTION_CACHE_LEASE,
			                     plan_reason(builder, NODE_LEASE, i),
			                     "containerdmeta.db", cache->leases[i].id);
	}
}

void plan_build_cache_marks(const struct plan_builder *builder)
{
	plan_cache_marks(builder);
	plan_cache_leases(builder, true);
}

void plan_build_cache_records(const struct plan_builder *builder)
{
	const struct cache *cache = &builder->graph->state->cache;

	plan_cache_leases(builder, false);
	for (size_t i = 0; i < cache->snapshot_count; i++) {
		if ((builder->selection->drop_snapshot[i] || builder->graph->lost.snapshots[i]) &&
		    plan_is_dead(builder, NODE_SNAPSHOT, i))
			(void)plan_cache_add(builder, ACTION_CACHE_SNAPSHOT,
			                     plan_reason(builder, NODE_SNAPSHOT, i), "snapshots.db",
			                     cache->snapshots[i].id);
	}
	for (size_t i = 0; i < builder->selection->record_count; i++) {
		size_t item = builder->selection->record_order[i];

		if (plan_is_dead(builder, NODE_RECORD, item))
			(void)plan_cache_add(builder, ACTION_CACHE_RECORD, REASON_PRUNED,
			                     "metadata_v2.db", cache->records[item].id);
	}
}
