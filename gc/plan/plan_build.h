/* plan_build.h - what the parts of the planner share; for plan*.c only. */
#ifndef GC_PLAN_PLAN_BUILD_H
#define GC_PLAN_PLAN_BUILD_H

#include "gc/plan/plan.h"

struct plan_builder {
	struct plan *plan;
	const struct graph *graph;
	const struct selection *selection;
	const struct mark *baseline;
	const struct mark *mark;
};

/* Appends an action with everything else empty; the caller fills object, path and detail. */
struct action *plan_add(struct plan *plan, enum action_kind kind, enum action_reason reason);

/* Says whether the item is needed by nothing any more. */
static inline bool plan_is_dead(const struct plan_builder *builder, enum node_kind kind,
                                size_t item)
{
	return !mark_is_live(builder->mark, graph_node(builder->graph, kind, item));
}

/* Why an item goes: because of the selection, or because nothing needed it before. */
static inline enum action_reason plan_reason(const struct plan_builder *builder,
                                             enum node_kind kind, size_t item)
{
	return mark_is_live(builder->baseline, graph_node(builder->graph, kind, item))
	           ? REASON_PRUNED
	           : REASON_ORPHAN;
}

/* Tags, containers, images: plan_records.c. */
void plan_build_records(const struct plan_builder *builder);

/* The build cache before its directories go, and after: plan_cache.c. */
bool plan_cache_is_whole(const struct plan_builder *builder);
void plan_build_cache_marks(const struct plan_builder *builder);
void plan_build_cache_records(const struct plan_builder *builder);

/* Networks and volumes: plan_networks.c. */
void plan_build_networks(const struct plan_builder *builder);
void plan_build_volumes(const struct plan_builder *builder);

/* Mounts, layers and strays: plan_layers.c. */
void plan_build_layers(const struct plan_builder *builder);

/* Links and directories of overlay2: plan_dirs.c. */
void plan_build_dirs(const struct plan_builder *builder);

#endif
