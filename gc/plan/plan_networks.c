/* plan_networks.c - actions on networks and volumes (bolt-buildkit.md §4.2, §5). */
#include "gc/plan/plan_build.h"

#include "gc/plan/volume_prune.h"
#include "metadata/base/mem.h"

void plan_build_networks(const struct plan_builder *builder)
{
	const struct network_list *networks = &builder->graph->state->networks;

	for (size_t i = 0; i < networks->count; i++) {
		const struct network *network = &networks->items[i];
		struct action *action;

		if (!builder->selection->drop_network[i] || !plan_is_dead(builder, NODE_NETWORK, i))
			continue;
		action = plan_add(builder->plan, ACTION_NETWORK, REASON_PRUNED);
		action->object = mem_text(network->id);
		action->path = mem_text("network/files/local-kv.db");
		action->detail = mem_text(network->name);
	}
}

void plan_build_volumes(const struct plan_builder *builder)
{
	const struct volume_list *volumes = &builder->graph->state->volumes;
	const struct selection_scope *scope = &builder->selection->scope;

	if (scope->volumes && !scope->all_volumes)
		builder->plan->unmarked_volume_count =
		    volume_prune_unmarked(builder->selection, builder->graph->state);

	for (size_t i = 0; i < volumes->count; i++) {
		const struct volume *volume = &volumes->items[i];
		struct action *action;

		if (!builder->selection->drop_volume[i] || !plan_is_dead(builder, NODE_VOLUME, i))
			continue;
		action = plan_add(builder->plan, ACTION_VOLUME, REASON_PRUNED);
		action->object = mem_text(volume->name);
		action->path = mem_print("volumes/%s", volume->name);
		action->content_path = mem_print("%s/_data", action->path);
		/* once its directory is gone dockerd forgets it */
		action->detail = mem_text(volume->record ? volume->record : "");
	}
}
