/* hold.c - what must stay because a step failed: everything that the object it left behind needs.
 */
#include "gc/run/hold.h"

#include "gc/run/target.h"
#include "metadata/base/id.h"
#include "metadata/base/map.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct hold {
	const struct graph *graph;
	const struct run_step **because; /* per node: the failed step, NULL: not held */
	const struct run_step **links;   /* the same per link of the inventory */
	uint32_t *wildcard_kinds;        /* per node: what it may need because it cannot be read */
	uint32_t held_kinds;             /* kinds of which everything is held already */
	uint32_t *queue;
	uint32_t head, tail;
	bool is_empty;
};

struct hold *hold_new(const struct graph *graph)
{
	struct hold *hold = mem_zalloc(1, sizeof(*hold));
	uint32_t nodes = graph_node_count(graph);

	hold->graph = graph;
	hold->is_empty = true;
	hold->because = mem_zalloc(nodes, sizeof(const struct run_step *));
	hold->links = mem_zalloc(graph->inventory->link_count, sizeof(const struct run_step *));
	hold->wildcard_kinds = mem_zalloc(nodes, sizeof(*hold->wildcard_kinds));
	hold->queue = mem_zalloc(nodes, sizeof(*hold->queue));
	for (size_t i = 0; i < graph->wildcard_count; i++)
		hold->wildcard_kinds[graph->wildcards[i].from] |= graph->wildcards[i].kinds;
	return hold;
}

void hold_free(struct hold *hold)
{
	if (!hold)
		return;
	free(hold->because);
	free(hold->links);
	free(hold->wildcard_kinds);
	free(hold->queue);
	free(hold);
}

/* The map of names and the kind of node of actions whose object is one node; others have none. */
static bool hold_find_node(const struct graph *graph, const struct run_step *step, uint32_t *node)
{
	const struct state *state = graph->state;
	const struct {
		const struct map *map;
		enum node_kind kind;
	} nodes[ACTION_KIND_COUNT] = {
		[ACTION_CONTAINER] = { &state->containers.by_id, NODE_CONTAINER },
		[ACTION_IMAGE_METADATA] = { &state->images.by_id, NODE_IMAGE },
		[ACTION_IMAGE] = { &state->images.by_id, NODE_IMAGE },
		[ACTION_NETWORK] = { &state->networks.by_id, NODE_NETWORK },
		[ACTION_VOLUME] = { &state->volumes.by_name, NODE_VOLUME },
		[ACTION_CACHE_MARK] = { &state->cache.record_by_id, NODE_RECORD },
		[ACTION_CACHE_RECORD] = { &state->cache.record_by_id, NODE_RECORD },
		[ACTION_CACHE_LEASE] = { &state->cache.lease_by_id, NODE_LEASE },
		[ACTION_CACHE_SNAPSHOT] = { &state->cache.snapshot_by_id, NODE_SNAPSHOT },
		[ACTION_LAYER] = { &state->layers.by_chain_id, NODE_LAYER },
		[ACTION_DIR] = { &graph->inventory->dir_by_name, NODE_DIR },
	};
	const char *name =
	    action_is_edit(step->kind) ? step->object : target_name(step->kind, step->path);
	size_t item;

	if (!name || !nodes[step->kind].map || !map_get(nodes[step->kind].map, name, &item))
		return false;
	*node = graph_node(graph, nodes[step->kind].kind, item);
	return true;
}

/* The first of COUNT items, sorted by the name that each begins with, that is not below NAME. */
static size_t hold_lower_bound(const void *items, size_t count, size_t size, const char *name)
{
	size_t low = 0;

	while (low < count) {
		size_t middle = low + (count - low) / 2;

		if (strcmp(*(char *const *)((const char *)items + middle * size), name) < 0)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

/* Does something to a node that STEP is about; what is not NULL ends the walk and is its result. */
typedef const struct run_step *hold_visit(struct hold *hold, uint32_t node,
                                          const struct run_step *step);

static const struct run_step *hold_each_ref(struct hold *hold, const struct run_step *step,
                                            hold_visit *visit)
{
	const struct run_step *found = NULL;
	const struct ref_list *refs = &hold->graph->state->refs;
	size_t i = hold_lower_bound(refs->items, refs->count, sizeof(*refs->items), step->object);

	for (; !found && i < refs->count && strcmp(refs->items[i].name, step->object) == 0; i++) {
		if (strcmp(refs->items[i].value, step->detail) == 0)
			found = visit(hold, graph_node(hold->graph, NODE_REF, i), step);
	}
	return found;
}

/* The mount of that name, and those in the directory of that name (docker-data-root.md §2.5). */
static const struct run_step *hold_each_mount(struct hold *hold, const struct run_step *step,
                                              hold_visit *visit)
{
	const struct run_step *found = NULL;
	const struct mount_list *mounts = &hold->graph->state->mounts;
	const char *top = target_name(ACTION_MOUNT, step->path);
	size_t len = top ? strlen(top) : 0;
	size_t i = top ? hold_lower_bound(mounts->items, mounts->count, sizeof(*mounts->items), top)
	               : mounts->count;

	for (; !found && i < mounts->count && strncmp(mounts->items[i].name, top, len) == 0; i++) {
		char end = mounts->items[i].name[len];

		if (end == '\0' || end == '/')
			found = visit(hold, graph_node(hold->graph, NODE_MOUNT, i), step);
	}
	return found;
}

/* All records, leases and snapshots of the build cache. */
static const struct run_step *hold_each_cached(struct hold *hold, const struct run_step *step,
                                               hold_visit *visit)
{
	static const enum node_kind kinds[] = { NODE_RECORD, NODE_LEASE, NODE_SNAPSHOT };
	const struct run_step *found = NULL;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		uint32_t end = hold->graph->first[kinds[i] + 1];

		for (uint32_t node = hold->graph->first[kinds[i]]; !found && node < end; node++)
			found = visit(hold, node, step);
	}
	return found;
}

static const struct run_step *hold_each_node(struct hold *hold, const struct run_step *step,
                                             hold_visit *visit)
{
	uint32_t node;

	if (step->kind == ACTION_UNTAG)
		return hold_each_ref(hold, step, visit);
	if (step->kind == ACTION_MOUNT)
		return hold_each_mount(hold, step, visit);
	if (step->kind == ACTION_CACHE)
		return hold_each_cached(hold, step, visit);
	return hold_find_node(hold->graph, step, &node) ? visit(hold, node, step) : NULL;
}

/* A directory stays with the links of its lower directories. */
static void hold_lower_links(struct hold *hold, const struct inventory_dir *dir,
                             const struct run_step *step)
{
	for (uint32_t i = 0; i < dir->lower_count + dir->dangling_count; i++) {
		if (!hold->links[dir->lower_links[i]])
			hold->links[dir->lower_links[i]] = step;
	}
}

static const struct run_step *hold_reach(struct hold *hold, uint32_t node,
                                         const struct run_step *step)
{
	const struct graph *graph = hold->graph;

	if (hold->because[node])
		return NULL;
	hold->because[node] = step;
	hold->queue[hold->tail++] = node;
	if (node >= graph->first[NODE_DIR] && node < graph->first[NODE_DIR + 1])
		hold_lower_links(hold, &graph->inventory->dirs[node - graph->first[NODE_DIR]],
		                 step);
	return NULL;
}

/* NODE cannot be read and may need anything of its kinds. */
static void hold_wildcard(struct hold *hold, uint32_t node)
{
	const struct graph *graph = hold->graph;
	uint32_t kinds = hold->wildcard_kinds[node] & ~hold->held_kinds;

	hold->held_kinds |= kinds;
	for (int kind = 0; kind < NODE_KIND_COUNT; kind++) {
		for (uint32_t other = graph->first[kind];
		     kinds & 1u << kind && other < graph->first[kind + 1]; other++)
			(void)hold_reach(hold, other, hold->because[node]);
	}
	for (size_t i = 0; kinds & GRAPH_CACHE_DIRS && i < graph->inventory->dir_count; i++) {
		if (id_is_cache(graph->inventory->dirs[i].name))
			(void)hold_reach(hold, graph_node(graph, NODE_DIR, i), hold->because[node]);
	}
}

static void hold_link(struct hold *hold, const struct run_step *step)
{
	const struct inventory *inventory = hold->graph->inventory;
	const char *name = target_name(ACTION_LINK, step->path);
	size_t link;

	if (!name || !map_get(&inventory->link_by_name, name, &link))
		return;
	hold->links[link] = step;
	if (inventory->links[link].dir >= 0)
		(void)hold_reach(
		    hold, graph_node(hold->graph, NODE_DIR, (size_t)inventory->links[link].dir),
		    step);
}

void hold_add(struct hold *hold, const struct run_step *step)
{
	const struct graph *graph = hold->graph;

	hold->is_empty = false;
	if (step->kind == ACTION_LINK)
		hold_link(hold, step);
	else
		(void)hold_each_node(hold, step, hold_reach);
	while (hold->head < hold->tail) {
		uint32_t node = hold->queue[hold->head++];

		for (uint32_t i = graph->edge_start[node]; i < graph->edge_start[node + 1]; i++)
			(void)hold_reach(hold, graph->edges[i].to, step);
		if (hold->wildcard_kinds[node])
			hold_wildcard(hold, node);
	}
}

static const struct run_step *hold_because(struct hold *hold, uint32_t node,
                                           const struct run_step *step)
{
	(void)step;
	return hold->because[node];
}

/* A link is held by a directory that names it in `lower`, and by the one that it leads to. */
static const struct run_step *hold_find_link(const struct hold *hold, const struct run_step *step)
{
	const struct inventory *inventory = hold->graph->inventory;
	const char *name = target_name(ACTION_LINK, step->path);
	size_t link;

	if (!name || !map_get(&inventory->link_by_name, name, &link))
		return NULL;
	if (hold->links[link] || inventory->links[link].dir < 0)
		return hold->links[link];
	return hold->because[graph_node(hold->graph, NODE_DIR, (size_t)inventory->links[link].dir)];
}

const struct run_step *hold_find(struct hold *hold, const struct run_step *step)
{
	if (hold->is_empty)
		return NULL;
	return step->kind == ACTION_LINK ? hold_find_link(hold, step)
	                                 : hold_each_node(hold, step, hold_because);
}
