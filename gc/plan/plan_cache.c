/* plan_cache.c - actions on the build cache, in the order that survives a crash (bolt-buildkit.md
 * §3.4): records are marked as deleted, the directories go, then leases, snapshots and records. */
#include "gc/plan/plan_build.h"

#include "gc/plan/cache_prune.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

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

static void plan_cache_size(const struct plan_builder *builder, struct action *action,
                            const struct cache_record *record, const struct cache_record *twin)
{
	const char *dir;
	int64_t size = cache_prune_size(builder->graph->state, record, twin, &dir);

	action->size_bytes = size > 0 ? size : 0;
	if (dir && map_get(&builder->graph->inventory->dir_by_name, dir, NULL))
		action->content_path = mem_print("overlay2/%s/diff", dir);
}

/* The record at place AT of the order is the second of its unit. */
static bool plan_cache_is_twin(const struct plan_builder *builder, size_t at)
{
	const struct selection *selection = builder->selection;
	const struct cache_record *records = builder->graph->state->cache.records;
	const char *head = at < selection->record_count
	                       ? records[selection->record_order[at]].equal_mutable
	                       : NULL;

	return head && at > 0 && strcmp(records[selection->record_order[at - 1]].id, head) == 0;
}

/* Records are marked in the order in which BuildKit names them; it names one of each unit. */
void plan_build_cache_marks(const struct plan_builder *builder)
{
	const struct selection *selection = builder->selection;
	const struct cache_record *records = builder->graph->state->cache.records;

	for (size_t i = 0; i < selection->record_count; i++) {
		const struct cache_record *record = &records[selection->record_order[i]];
		struct action *action;

		if (!plan_is_dead(builder, NODE_RECORD, selection->record_order[i]))
			continue;
		action = plan_cache_add(builder, ACTION_CACHE_MARK, REASON_PRUNED, "metadata_v2.db",
		                        record->id);
		if (plan_cache_is_twin(builder, i)) {
			free(action->detail);
			action->detail = mem_text(record->equal_mutable);
			continue;
		}
		plan_cache_size(builder, action, record,
		                plan_cache_is_twin(builder, i + 1)
		                    ? &records[selection->record_order[i + 1]]
		                    : NULL);
	}
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
	for (size_t i = 0; i < builder->selection->record_count; i++) {
		size_t item = builder->selection->record_order[i];

		if (plan_is_dead(builder, NODE_RECORD, item))
			(void)plan_cache_add(builder, ACTION_CACHE_RECORD, REASON_PRUNED,
			                     "metadata_v2.db", cache->records[item].id);
	}
}
