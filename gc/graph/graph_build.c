/* graph_build.c - builds the graph of who needs whom. */
#include "gc/graph/graph_build.h"

#include "gc/graph/near.h"
#include "metadata/base/mem.h"

void graph_build_wildcard(struct graph_builder *builder, uint32_t from, uint32_t kinds)
{
	struct graph *graph = builder->graph;

	graph->wildcards = mem_grow(graph->wildcards, graph->wildcard_count,
	                            &graph->wildcard_capacity, sizeof(*graph->wildcards));
	graph->wildcards[graph->wildcard_count++] = (struct graph_wildcard){ from, kinds, false };
}

/* FROM has an ID that is nearly NAME's, which exists: it may mean any node of the kind. */
static void graph_build_damaged(struct graph_builder *builder, uint32_t from, const char *id,
                                const char *name, enum node_kind kind)
{
	AUTO(str) char *owner = graph_name(builder->graph, from);

	finding_add(builder->findings, FINDING_ID_DAMAGED, owner, "%s %s does not exist, %s does",
	            graph_kind_words(kind), id, name);
	graph_build_wildcard(builder, from, 1U << kind);
}

bool graph_build_to_layer(struct graph_builder *builder, uint32_t from, const char *chain_id,
                          enum edge_kind kind)
{
	size_t item;

	if (!chain_id)
		return true;
	if (!map_get(&builder->graph->state->layers.by_chain_id, chain_id, &item)) {
		const char *name = near_layer(&builder->graph->state->layers, chain_id);

		if (name)
			graph_build_damaged(builder, from, chain_id, name, NODE_LAYER);
		return false;
	}
	edge_list_add(&builder->edges, from, graph_node(builder->graph, NODE_LAYER, item), kind);
	return true;
}

bool graph_build_to_dir(struct graph_builder *builder, uint32_t from, const char *name,
                        enum edge_kind kind)
{
	size_t item;

	if (!name)
		return true;
	if (!map_get(&builder->graph->inventory->dir_by_name, name, &item)) {
		const char *other = near_dir(builder->graph->inventory, name);

		if (other)
			graph_build_damaged(builder, from, name, other, NODE_DIR);
		return false;
	}
	edge_list_add(&builder->edges, from, graph_node(builder->graph, NODE_DIR, item), kind);
	return true;
}

bool graph_build_to_image(struct graph_builder *builder, uint32_t from, const char *id,
                          enum edge_kind kind)
{
	const struct image_list *images = &builder->graph->state->images;
	const char *name;
	size_t item;

	if (!id)
		return false;
	if (map_get(&images->by_id, id, &item)) {
		edge_list_add(&builder->edges, from, graph_node(builder->graph, NODE_IMAGE, item),
		              kind);
		return true;
	}
	name = near_image(images, id);
	if (name)
		graph_build_damaged(builder, from, id, name, NODE_IMAGE);
	return false;
}

/* Gives every item of every list its node number. */
static void graph_number_nodes(struct graph *graph)
{
	const struct state *state = graph->state;
	const size_t counts[NODE_KIND_COUNT] = {
		[NODE_REF] = state->refs.count,
		[NODE_CONTAINER] = state->containers.count,
		[NODE_IMAGE] = state->images.count,
		[NODE_RECORD] = state->cache.record_count,
		[NODE_LEASE] = state->cache.lease_count,
		[NODE_SNAPSHOT] = state->cache.snapshot_count,
		[NODE_CACHE] = 1,
		[NODE_IMAGES] = 1,
		[NODE_NETWORK] = state->networks.count,
		[NODE_VOLUME] = state->volumes.count,
		[NODE_MOUNT] = state->mounts.count,
		[NODE_LAYER] = state->layers.count,
		[NODE_DIR] = graph->inventory->dir_count,
	};

	for (int kind = 0; kind < NODE_KIND_COUNT; kind++)
		graph->first[kind + 1] = graph->first[kind] + (uint32_t)counts[kind];
}

struct graph *graph_build(const struct state *state, const struct inventory *inventory,
                          struct finding_list *findings)
{
	struct graph *graph = mem_zalloc(1, sizeof(*graph));
	struct graph_builder builder = { graph, EDGE_LIST_INIT, findings };

	graph->state = state;
	graph->inventory = inventory;
	graph_number_nodes(graph);
	graph_build_records(&builder);
	graph_build_networks(&builder);
	graph_build_cache(&builder);
	graph_build_layers(&builder);
	edge_list_move(&builder.edges, graph);
	return graph;
}
