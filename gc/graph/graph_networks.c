/* graph_networks.c - edges from containers to networks and volumes (bolt-buildkit.md §4.1, §5). */
#include "gc/graph/graph_build.h"

#include "gc/graph/near.h"

#include <string.h>

/*
 * WORD is what a container calls a network: its name, its ID or the beginning of that. When there
 * is none, those that are nearly called so may be meant: the word may be damaged. That is nothing
 * to speak of, because containers whose network was removed are common.
 */
static void graph_to_network(struct graph_builder *builder, uint32_t from, const char *word)
{
	const struct network_list *networks = &builder->graph->state->networks;
	bool is_found = false;

	if (!word || *word == '\0')
		return;
	for (size_t i = 0; i < networks->count; i++) {
		if (!network_is_named(&networks->items[i], word))
			continue;
		edge_list_add(&builder->edges, from, graph_node(builder->graph, NODE_NETWORK, i),
		              EDGE_NETWORK);
		is_found = true;
	}
	for (size_t i = 0; i < networks->count && !is_found; i++) {
		if (near_is(word, networks->items[i].name) || near_is(word, networks->items[i].id))
			edge_list_add(&builder->edges, from,
			              graph_node(builder->graph, NODE_NETWORK, i), EDGE_NETWORK);
	}
}

/* The same for a volume. */
static void graph_to_volume(struct graph_builder *builder, uint32_t from, const char *name)
{
	const struct volume_list *volumes = &builder->graph->state->volumes;
	size_t item;

	if (!name || *name == '\0')
		return;
	if (map_get(&volumes->by_name, name, &item)) {
		edge_list_add(&builder->edges, from, graph_node(builder->graph, NODE_VOLUME, item),
		              EDGE_VOLUME);
		return;
	}
	for (size_t i = 0; i < volumes->count; i++) {
		if (near_is(name, volumes->items[i].name))
			edge_list_add(&builder->edges, from,
			              graph_node(builder->graph, NODE_VOLUME, i), EDGE_VOLUME);
	}
}

static void graph_build_container(struct graph_builder *builder, uint32_t from,
                                  const struct container *container)
{
	for (size_t i = 0; i < container->network_count; i++) {
		graph_to_network(builder, from, container->networks[i].name);
		graph_to_network(builder, from, container->networks[i].network_id);
	}
	graph_to_network(builder, from, container->network_mode);
	/* of any type: a bind has the name of its volume, too */
	for (size_t i = 0; i < container->mount_count; i++)
		graph_to_volume(builder, from, container->mounts[i].name);
	if (container->is_unreadable)
		graph_build_wildcard(builder, from, 1U << NODE_NETWORK | 1U << NODE_VOLUME);
}

void graph_build_networks(struct graph_builder *builder)
{
	const struct graph *graph = builder->graph;
	const struct container_list *containers = &graph->state->containers;
	const struct network_list *networks = &graph->state->networks;

	for (size_t i = 0; i < containers->count; i++)
		graph_build_container(builder, graph_node(graph, NODE_CONTAINER, i),
		                      &containers->items[i]);
	for (size_t i = 0; i < networks->count; i++)
		graph_to_network(builder, graph_node(graph, NODE_NETWORK, i),
		                 networks->items[i].config_from);
}
