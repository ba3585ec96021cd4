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

/* ---- the whole of it ---- */

/* Says whether a snapshot is the trace of a layer that BuildKit has touched, and no more. */
static bool plan_cache_is_trace(const struct cache_snapshot *snapshot)
{
	return !snapshot->is_active && !snapshot->committed && !snapshot->is_committed_elsewhere;
}

/*
 * With -a and nothing to keep buildkit/ goes in one rename: nothing of the cache can be left then
 * that needs anything of the rest (bolt-buildkit.md §3.3, A).
 */
bool plan_cache_is_whole(const struct plan_builder *builder)
{
	const struct selection_scope *scope = &builder->selection->scope;
	const struct cache *cache = &builder->graph->state->cache;
	bool is_whole = scope->all_cache && (!scope->filters || scope->filters->count == 0) &&
	                cache->record_count > 0 && !cache->has_more;

	for (size_t i = 0; i < cache->record_count && is_whole; i++)
		is_whole =
		    builder->selection->drop_record[i] && plan_is_dead(builder, NODE_RECORD, i);
	for (size_t i = 0; i < cache->lease_count && is_whole; i++)
		is_whole = plan_is_dead(builder, NODE_LEASE, i) ||
		           (cache->leases[i].is_temporary && cache->leases[i].snapshot_count == 0);
	for (size_t i = 0; i < cache->snapshot_count && is_whole; i++)
		is_whole = plan_is_dead(builder, NODE_SNAPSHOT, i) ||
		           plan_cache_is_trace(&cache->snapshots[i]);
	return is_whole;
}

static void plan_cache_whole(const struct plan_builder *builder)
{
	AUTO(cache_facts) struct cache_facts *facts = cache_facts_make(builder->graph->state, NULL);
	struct action *action = plan_add(builder->plan, ACTION_CACHE, REASON_PRUNED);

	action->object = mem_text("buildkit");
	action->path = mem_text("buildkit");
	action->detail = mem_text("");
	for (size_t i = 0; i < builder->graph->state->cache.record_count; i++) {
		const char *dir;
		int64_t size = facts->is_twin[i] ? 0 : cache_facts_size(facts, i, &dir);

		action->size_bytes += size > 0 ? size : 0;
	}
}

/* Sizes that BuildKit has not noted are measured with the directories. */
static void plan_cache_whole_dirs(const struct plan_builder *builder)
{
	const struct cache *cache = &builder->graph->state->cache;
	AUTO(cache_facts) struct cache_facts *facts = cache_facts_make(builder->graph->state, NULL);
	AUTO(map) struct map dirs = MAP_INIT;
	size_t item;

	for (size_t i = 0; i < builder->plan->count; i++) {
		if (builder->plan->actions[i].kind == ACTION_DIR)
			(void)map_set(&dirs, builder->plan->actions[i].object, i);
	}
	for (size_t i = 0; i < cache->record_count; i++) {
		const char *dir;

		if (facts->is_twin[i] || cache_facts_size(facts, i, &dir) >= 0 || !dir ||
		    !map_get(&dirs, dir, &item))
			continue;
		free(builder->plan->actions[item].content_path);
		builder->plan->actions[item].content_path = mem_print("overlay2/%s/diff", dir);
	}
}

void plan_build_cache_marks(const struct plan_builder *builder)
{
	if (plan_cache_is_whole(builder)) {
		plan_cache_whole(builder);
		return;
	}
	plan_cache_marks(builder);
	plan_cache_leases(builder, true);
}

void plan_build_cache_records(const struct plan_builder *builder)
{
	const struct cache *cache = &builder->graph->state->cache;

	if (plan_cache_is_whole(builder)) {
		plan_cache_whole_dirs(builder);
		return;
	}
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
