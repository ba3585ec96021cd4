/* graph.c - who needs whom: the words for nodes and edges, and access to them. */
#include "gc/graph/graph.h"

#include "metadata/base/mem.h"

#include <stdlib.h>

enum node_kind graph_kind(const struct graph *graph, uint32_t node, size_t *item)
{
	int kind = 0;

	while (node >= graph->first[kind + 1])
		kind++;
	if (item)
		*item = node - graph->first[kind];
	return (enum node_kind)kind;
}

const char *graph_kind_words(enum node_kind kind)
{
	static const char *const words[NODE_KIND_COUNT] = {
		[NODE_REF] = "tag",
		[NODE_CONTAINER] = "container",
		[NODE_IMAGE] = "image",
		[NODE_RECORD] = "build cache record",
		[NODE_LEASE] = "build cache lease",
		[NODE_SNAPSHOT] = "build cache snapshot",
		[NODE_CACHE] = "build cache",
		[NODE_IMAGES] = "tags",
		[NODE_NETWORK] = "network",
		[NODE_VOLUME] = "volume",
		[NODE_MOUNT] = "mount",
		[NODE_LAYER] = "layer",
		[NODE_DIR] = "directory",
	};

	return words[kind];
}

const char *graph_edge_words(enum edge_kind kind)
{
	static const char *const words[] = {
		[EDGE_NAMES] = "names",
		[EDGE_OF_IMAGE] = "was made from",
		[EDGE_PARENT_IMAGE] = "was built on",
		[EDGE_MOUNT] = "has",
		[EDGE_TOP_LAYER] = "is made of",
		[EDGE_PARENT] = "has the parent",
		[EDGE_DATA] = "has its data in",
		[EDGE_INIT] = "has its init layer in",
		[EDGE_SNAPSHOT] = "holds",
		[EDGE_NETWORK] = "is connected to",
		[EDGE_VOLUME] = "mounts",
		[EDGE_CONFIG] = "takes its options from",
		[EDGE_LOWER] = "lies on",
		[EDGE_OWNER] = "is the data of",
		[EDGE_UNKNOWN] = "cannot be read and may need",
		[EDGE_MOUNTED] = "is mounted",
	};

	return words[kind];
}

char *graph_name(const struct graph *graph, uint32_t node)
{
	const struct state *state = graph->state;
	size_t item;

	switch (graph_kind(graph, node, &item)) {
	case NODE_REF:
		return mem_text(state->refs.items[item].name);
	case NODE_CONTAINER:
		return mem_text(state->containers.items[item].id);
	case NODE_IMAGE:
		return mem_print("sha256:%s", state->images.items[item].id);
	case NODE_RECORD:
		return mem_text(state->cache.records[item].id);
	case NODE_LEASE:
		return mem_text(state->cache.leases[item].id);
	case NODE_SNAPSHOT:
		return mem_text(state->cache.snapshots[item].id);
	case NODE_CACHE:
		return mem_text("buildkit");
	case NODE_IMAGES:
		return mem_text("repositories.json");
	case NODE_NETWORK:
		return mem_text(state->networks.items[item].name);
	case NODE_VOLUME:
		return mem_text(state->volumes.items[item].name);
	case NODE_MOUNT:
		return mem_text(state->mounts.items[item].name);
	case NODE_LAYER:
		return mem_print("sha256:%s", state->layers.items[item].chain_id);
	case NODE_DIR:
		return mem_text(graph->inventory->dirs[item].name);
	case NODE_KIND_COUNT:
		break;
	}
	abort(); /* graph_kind() returns nothing else */
}

void graph_free(struct graph *graph)
{
	if (!graph)
		return;
	free(graph->edge_start);
	free(graph->edges);
	free(graph->wildcards);
	cache_lost_done(&graph->lost);
	free(graph);
}
