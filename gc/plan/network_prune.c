/* network_prune.c - which networks a prune takes (docker-data-root.md §4.4, bolt-buildkit.md §4.1).
 */
#include "gc/plan/network_prune.h"

#include "gc/plan/filter.h"

static bool network_is_prunable(const struct network *network)
{
	return !network->is_predefined && !network->is_config_only && !network->is_special &&
	       !network->is_unreadable && !network->is_in_delete && !network->has_sandbox;
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
		                         network->created != 0);
	}
}
