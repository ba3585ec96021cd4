/* network_prune.c - which networks a prune takes (docker-data-root.md §4.4, bolt-buildkit.md §4.1).
 */
#include "gc/plan/network_prune.h"

#include "gc/plan/filter.h"

/* Of containers that run as soon as dockerd has started. */
static bool network_has_running(const struct network *network, const struct container *container)
{
	if (!container->is_running && !container->is_paused && !container->is_restarting &&
	    !container_will_restart(container))
		return false;
	for (size_t i = 0; i < container->network_count; i++) {
		if (network_is_named(network, container->networks[i].name) ||
		    network_is_named(network, container->networks[i].network_id))
			return true;
	}
	return network_is_named(network, container->network_mode);
}

/* As dockerd sees it: only what runs has an endpoint. A container that cannot be read may run. */
static bool network_is_in_use(const struct selection *selection, const struct state *state,
                              const struct network *network)
{
	for (size_t i = 0; i < state->containers.count; i++) {
		const struct container *container = &state->containers.items[i];

		if (selection->drop_container[i])
			continue;
		if (container->is_unreadable || network_has_running(network, container))
			return true;
	}
	return false;
}

static bool network_is_prunable(const struct network *network)
{
	return !network->is_predefined && !network->is_config_only && !network->is_special &&
	       !network->is_unreadable && !network->has_sandbox;
}

void network_prune(struct selection *selection, const struct state *state)
{
	const struct network_list *networks = &state->networks;
	const struct filter_set *filters = selection->scope.filters;

	if (networks->is_unreadable)
		return;
	for (size_t i = 0; i < networks->count; i++) {
		const struct network *network = &networks->items[i];

		selection->drop_network[i] =
		    network_is_prunable(network) &&
		    filter_takes_labels(filters, network->labels, network->label_count) &&
		    filter_takes_created(filters, network->created, network->created_nanoseconds,
		                         network->created != 0) &&
		    !(selection->scope.docker_compat &&
		      network_is_in_use(selection, state, network));
	}
}
