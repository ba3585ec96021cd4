/* graph_layers.c - edges of layers and of the directories in overlay2 (docker-data-root.md §2.1).
 */
#include "gc/graph/graph_build.h"

#include "metadata/base/mem.h"

#include <stdlib.h>

#define LAYERS (1u << NODE_LAYER)
#define DIRS (1u << NODE_DIR)

static void graph_layer_finding(struct graph_builder *builder, enum finding_code code,
                                const struct layer *layer, const char *what, const char *name)
{
	AUTO(str) char *path = mem_print("image/overlay2/layerdb/sha256/%s", layer->chain_id);

	finding_add(builder->findings, code, path, "%s %s", what, name);
}

static void graph_build_layer(struct graph_builder *builder, size_t item)
{
	const struct layer *layer = &builder->graph->state->layers.items[item];
	uint32_t from = graph_node(builder->graph, NODE_LAYER, item);
	size_t dir;

	if (!graph_build_to_layer(builder, from, layer->parent, EDGE_PARENT))
		graph_layer_finding(builder, FINDING_LAYER_PARENT_GONE, layer, "parent: no layer",
		                    layer->parent);
	if (!graph_build_to_dir(builder, from, layer->cache_id, EDGE_DATA))
		graph_layer_finding(builder, FINDING_LAYER_DIR_GONE, layer,
		                    "cache-id: no directory", layer->cache_id);
	if (layer->broken & LAYER_BAD_CACHE_ID)
		graph_build_wildcard(builder, from, DIRS);
	if (layer->broken & LAYER_BAD_PARENT)
		graph_build_wildcard(builder, from, LAYERS);
	/* A directory that some kept one lies on keeps the record that makes it usable. */
	if (layer->cache_id &&
	    map_get(&builder->graph->inventory->dir_by_name, layer->cache_id, &dir))
		edge_list_add(&builder->edges, graph_node(builder->graph, NODE_DIR, dir), from,
		              EDGE_OWNER);
}

static void graph_build_dir(struct graph_builder *builder, size_t item)
{
	const struct inventory_dir *dir = &builder->graph->inventory->dirs[item];
	uint32_t from = graph_node(builder->graph, NODE_DIR, item);

	for (uint32_t i = 0; i < dir->lower_count + dir->unlinked_count; i++)
		edge_list_add(&builder->edges, from,
		              graph_node(builder->graph, NODE_DIR, dir->lowers[i]), EDGE_LOWER);
	if (dir->is_lower_invalid)
		graph_build_wildcard(builder, from, DIRS);
}

enum walk_state { WALK_NEW, WALK_OPEN, WALK_DONE };

/*
 * Follows the parents from LAYER and stops where it has been. Returns true when it comes back to a
 * layer of this very walk: the parents form a circle.
 */
static bool graph_walk_parents(const struct layer_list *layers, size_t start, uint8_t *walked)
{
	size_t at = start;
	bool is_circle;

	for (;;) {
		if (walked[at] != WALK_NEW)
			break;
		walked[at] = WALK_OPEN;
		if (!layers->items[at].parent ||
		    !map_get(&layers->by_chain_id, layers->items[at].parent, &at))
			break;
	}
	is_circle = walked[at] == WALK_OPEN && layers->items[at].parent &&
	            map_get(&layers->by_chain_id, layers->items[at].parent, NULL);
	for (at = start; walked[at] == WALK_OPEN;) {
		walked[at] = WALK_DONE;
		if (!layers->items[at].parent ||
		    !map_get(&layers->by_chain_id, layers->items[at].parent, &at))
			break;
	}
	return is_circle;
}

/*
 * A circle of parents cannot come from dockerd (a chain ID is the hash of its
 * parent's): nothing can be concluded from such records, so no layer and no directory goes.
 */
static void graph_find_circles(struct graph_builder *builder)
{
	const struct layer_list *layers = &builder->graph->state->layers;
	AUTO(str) char *walked = mem_zalloc(layers->count, 1);

	for (size_t i = 0; i < layers->count; i++) {
		if (!graph_walk_parents(layers, i, (uint8_t *)walked))
			continue;
		graph_layer_finding(builder, FINDING_LAYER_CYCLE, &layers->items[i],
		                    "parent: leads back to layer", layers->items[i].chain_id);
		graph_build_wildcard(builder, graph_node(builder->graph, NODE_IMAGES, 0),
		                     LAYERS | DIRS);
	}
}

void graph_build_layers(struct graph_builder *builder)
{
	const struct graph *graph = builder->graph;

	for (size_t i = 0; i < graph->state->layers.count; i++)
		graph_build_layer(builder, i);
	for (size_t i = 0; i < graph->inventory->dir_count; i++)
		graph_build_dir(builder, i);
	graph_find_circles(builder);
}
