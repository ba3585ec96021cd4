/* volume_prune.h - which volumes a prune takes (docker-data-root.md §4.5, bolt-buildkit.md §5). */
#ifndef GC_PLAN_VOLUME_PRUNE_H
#define GC_PLAN_VOLUME_PRUNE_H

#include "gc/plan/selection.h"

/*
 * Fills drop_volume: local, without driver options, taken by the filters, and anonymous unless
 * scope.all_volumes. Those that a container that stays mounts stay through the graph. Nothing goes
 * when a volume's record cannot be read.
 */
void volume_prune(struct selection *selection, const struct state *state);

/*
 * How many volumes may be anonymous, and no container that stays mounts them: they have the name of
 * one, but dockerd before 23.0 did not mark those that it made.
 */
size_t volume_prune_unmarked(const struct selection *selection, const struct state *state);

#endif
