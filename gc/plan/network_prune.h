/* network_prune.h - which networks a prune takes (docker-data-root.md §4.4, bolt-buildkit.md §4.1).
 */
#ifndef GC_PLAN_NETWORK_PRUNE_H
#define GC_PLAN_NETWORK_PRUNE_H

#include "gc/plan/selection.h"

/*
 * Fills drop_network: made by users, local, of a driver that drydock knows, taken by the filters.
 * Those that a container that stays is connected to stay through the graph: dockerd would remove
 * the network of a stopped container, which could not be started again then. With
 * scope.docker_compat they go, too (mark.c): only networks of containers that run when dockerd has
 * started stay. A removal that dockerd has begun is left to it: it ends that when it starts.
 * Nothing goes when a network cannot be read.
 */
void network_prune(struct selection *selection, const struct state *state);

#endif
