/* plan_cache.c - actions on the build cache, in the order that survives a crash (bolt-buildkit.md
 * §3.4): records are marked as deleted, the directories go, then leases, snapshots and records. */
#include "gc/plan/plan_build.h"

#include "metadata/base/mem.h"

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

/* Actions of KIND for all records that go, in the order in which BuildKit names them. */
static void plan_cache_records(const struct plan_builder *builder, enum action_kind kind)
{
	const struct cache *cache = &builder->graph->state->cache;
	const struct selection *selection = builder->selection;

	for (size_t i = 0; i < selection->record_count; i++) {
		size_t item = selection->record_order[i];

		if (plan_is_dead(builder, NODE_RECORD, item))
			(void)plan_cache_add(builder, kind, REASON_PRUNED, "metadata_v2.db",
			                     cache->records[item].id);
	}
}

void plan_build_cache_marks(const struct plan_builder *builder)
{
	plan_cache_records(builder, ACTION_CACHE_MARK);
}

void plan_build_cache_records(const struct plan_builder *builder)
{
	const struct cache *cache = &builder->graph->state->cache;

	for (size_t i = 0; i < cache->lease_count; i++) {
		if (builder->selection->drop_lease[i] && plan_is_dead(builder, NODE_LEASE, i))
			(void)plan_cache_add(builder, ACTION_CACHE_LEASE,
			                     plan_reason(builder, NODE_LEASE, i),
			                     "containerdmeta.db", cache->leases[i].id);
	}
	for (size_t i = 0; i < cache->snapshot_count; i++) {
		if (builder->selection->drop_snapshot[i] && plan_is_dead(builder, NODE_SNAPSHOT, i))
			(void)plan_cache_add(builder, ACTION_CACHE_SNAPSHOT,
			                     plan_reason(builder, NODE_SNAPSHOT, i), "snapshots.db",
			                     cache->snapshots[i].id);
	}
	plan_cache_records(builder, ACTION_CACHE_RECORD);
}
