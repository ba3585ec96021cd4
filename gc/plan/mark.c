/* mark.c - what stays: everything that a root reaches, and through what. */
#include "gc/plan/mark.h"

#include "metadata/base/id.h"
#include "metadata/base/mem.h"

#include <stdlib.h>

/* A breadth-first walk: nodes that are reached wait in `queue` until their edges are followed. */
struct mark_walk {
	const struct graph *graph;
	struct mark *mark;
	uint32_t *queue; /* every node enters once */
	uint32_t head, tail;
	uint32_t *wildcard_kinds; /* per node: what it may need because it cannot be read */
	uint32_t swept_kinds;     /* kinds of which everything is marked already */
	bool needs_running; /* only containers that run need their networks (--docker-compat) */
};

static void mark_reach(struct mark_walk *walk, uint32_t node, uint32_t via, enum edge_kind kind)
{
	if (walk->mark->via[node] != MARK_DEAD)
		return;
	walk->mark->via[node] = via;
	walk->mark->via_kind[node] = (uint8_t)kind;
	walk->queue[walk->tail++] = node;
}

static void mark_root(struct mark_walk *walk, enum node_kind kind, size_t item)
{
	mark_reach(walk, graph_node(walk->graph, kind, item), MARK_ROOT, EDGE_NAMES);
}

/* Marks every directory whose name is of the form that BuildKit gives. */
static void mark_cache_dirs(struct mark_walk *walk, uint32_t via)
{
	const struct inventory *inventory = walk->graph->inventory;

	for (size_t i = 0; i < inventory->dir_count; i++) {
		if (id_is_cache(inventory->dirs[i].name))
			mark_reach(walk, graph_node(walk->graph, NODE_DIR, i), via, EDGE_UNKNOWN);
	}
}

/* NODE cannot be read and may need anything of KINDS: marks all of them, once per kind. */
static void mark_wildcard(struct mark_walk *walk, uint32_t node, uint32_t kinds)
{
	uint32_t fresh = kinds & ~walk->swept_kinds;

	walk->swept_kinds |= fresh;
	for (int kind = 0; kind < NODE_KIND_COUNT; kind++) {
		if (!(fresh & 1u << kind))
			continue;
		for (uint32_t other = walk->graph->first[kind];
		     other < walk->graph->first[kind + 1]; other++)
			mark_reach(walk, other, node, EDGE_UNKNOWN);
	}
	if (fresh & GRAPH_CACHE_DIRS)
		mark_cache_dirs(walk, node);
}

/* Says whether NODE is a container whose networks dockerd would prune: it does not run. */
static bool mark_ignores_networks(const struct mark_walk *walk, uint32_t node)
{
	const struct graph *graph = walk->graph;
	uint32_t first = graph->first[NODE_CONTAINER];

	return walk->needs_running && node >= first && node < graph->first[NODE_CONTAINER + 1] &&
	       !container_will_run(&graph->state->containers.items[node - first]);
}

static void mark_follow(struct mark_walk *walk)
{
	const struct graph *graph = walk->graph;

	while (walk->head < walk->tail) {
		uint32_t node = walk->queue[walk->head++];
		bool ignores_networks = mark_ignores_networks(walk, node);

		for (uint32_t i = graph->edge_start[node]; i < graph->edge_start[node + 1]; i++) {
			uint32_t to = graph->edges[i].to;

			if (ignores_networks && to >= graph->first[NODE_NETWORK] &&
			    to < graph->first[NODE_NETWORK + 1])
				continue;
			mark_reach(walk, to, node, (enum edge_kind)graph->edges[i].kind);
		}
		if (walk->wildcard_kinds[node])
			mark_wildcard(walk, node, walk->wildcard_kinds[node]);
	}
}

static void mark_tags_and_containers(struct mark_walk *walk, const struct selection *selection)
{
	const struct state *state = walk->graph->state;

	for (size_t i = 0; i < state->refs.count; i++) {
		if (!selection || !selection->drop_ref[i])
			mark_root(walk, NODE_REF, i);
	}
	mark_follow(walk);
	for (size_t i = 0; i < state->containers.count; i++) {
		/* without any file it is a create that was cut off: dockerd never loads it */
		if (!state->containers.items[i].is_empty &&
		    (!selection || !selection->drop_container[i]))
			mark_root(walk, NODE_CONTAINER, i);
	}
	mark_follow(walk);
	for (size_t i = 0; i < state->images.count; i++) {
		if (!selection || !selection->drop_image[i])
			mark_root(walk, NODE_IMAGE, i);
	}
	mark_follow(walk);
}

/*
 * Snapshots that no record and no lease leads to: traces of layers that BuildKit has
 * touched (no root), what a crash left (none either, cache_lost.h), and those with a directory that
 * cannot be told from damage.
 */
static void mark_lone_snapshots(struct mark_walk *walk, const struct selection *selection)
{
	const struct cache *cache = &walk->graph->state->cache;

	for (size_t i = 0; i < cache->snapshot_count; i++) {
		const struct cache_place place = cache_place(cache, cache->snapshots[i].id);

		if (walk->graph->lost.snapshots[i] || (selection && selection->drop_snapshot[i]))
			continue;
		if (place.dir && map_get(&walk->graph->inventory->dir_by_name, place.dir, NULL))
			mark_root(walk, NODE_SNAPSHOT, i);
	}
}

static void mark_networks_and_volumes(struct mark_walk *walk, const struct selection *selection)
{
	const struct state *state = walk->graph->state;

	for (size_t i = 0; i < state->networks.count; i++) {
		if (!selection || !selection->drop_network[i])
			mark_root(walk, NODE_NETWORK, i);
	}
	for (size_t i = 0; i < state->volumes.count; i++) {
		if (!selection || !selection->drop_volume[i])
			mark_root(walk, NODE_VOLUME, i);
	}
	mark_follow(walk);
}

static void mark_cache_and_mounted(struct mark_walk *walk, const struct selection *selection)
{
	const struct cache *cache = &walk->graph->state->cache;
	const struct inventory *inventory = walk->graph->inventory;

	for (size_t i = 0; i < cache->record_count; i++) {
		if (!selection || !selection->drop_record[i])
			mark_root(walk, NODE_RECORD, i);
	}
	for (size_t i = 0; i < cache->lease_count; i++) {
		if (!walk->graph->lost.leases[i] && (!selection || !selection->drop_lease[i]))
			mark_root(walk, NODE_LEASE, i);
	}
	mark_follow(walk);
	mark_lone_snapshots(walk, selection);
	mark_follow(walk);
	mark_root(walk, NODE_CACHE, 0);
	mark_root(walk, NODE_IMAGES, 0);
	for (size_t i = 0; i < inventory->dir_count; i++) {
		if (inventory->dirs[i].is_mounted)
			mark_reach(walk, graph_node(walk->graph, NODE_DIR, i), MARK_ROOT,
			           EDGE_MOUNTED);
	}
	mark_follow(walk);
}

/*
 * Garbage stays for a command that removes no layers, with what it lies on. What is torn in it
 * holds nothing, nor does a trace of a layer in the build cache: dockerd, too, removes such a
 * layer.
 */
static void mark_garbage(struct mark_walk *walk, uint32_t node)
{
	walk->wildcard_kinds[node] = 0;
	if (graph_kind(walk->graph, node, NULL) != NODE_SNAPSHOT)
		mark_reach(walk, node, MARK_ROOT, EDGE_NAMES);
	else if (walk->mark->via[node] == MARK_DEAD)
		walk->mark->via[node] = MARK_ROOT;
}

static struct mark *mark_run(const struct graph *graph, const struct selection *selection,
                             const struct mark *baseline)
{
	uint32_t nodes = graph_node_count(graph);
	struct mark *mark = mem_zalloc(1, sizeof(*mark));
	struct mark_walk walk = { .graph = graph, .mark = mark };

	walk.needs_running = selection && selection->scope.docker_compat;
	mark->node_count = nodes;
	mark->via = mem_zalloc(nodes, sizeof(*mark->via));
	mark->via_kind = mem_zalloc(nodes, sizeof(*mark->via_kind));
	walk.queue = mem_zalloc(nodes, sizeof(*walk.queue));
	walk.wildcard_kinds = mem_zalloc(nodes, sizeof(*walk.wildcard_kinds));
	for (uint32_t i = 0; i < nodes; i++)
		mark->via[i] = MARK_DEAD;
	for (size_t i = 0; i < graph->wildcard_count; i++)
		walk.wildcard_kinds[graph->wildcards[i].from] |= graph->wildcards[i].kinds;
	mark_tags_and_containers(&walk, selection);
	mark_networks_and_volumes(&walk, selection);
	mark_cache_and_mounted(&walk, selection);
	if (baseline) {
		for (uint32_t i = 0; i < nodes; i++) {
			if (!mark_is_live(baseline, i))
				mark_garbage(&walk, i);
		}
		mark_follow(&walk);
	}
	free(walk.queue);
	free(walk.wildcard_kinds);
	return mark;
}

struct mark *mark_baseline(const struct graph *graph)
{
	return mark_run(graph, NULL, NULL);
}

struct mark *mark_selection(const struct graph *graph, const struct selection *selection,
                            const struct mark *baseline)
{
	return mark_run(graph, selection, selection->scope.layers ? NULL : baseline);
}

void mark_find_blocks(const struct mark *mark, const struct graph *graph,
                      struct finding_list *findings)
{
	AUTO(str) char *seen = mem_zalloc(graph_node_count(graph), 1);

	for (size_t i = 0; i < graph->wildcard_count; i++) {
		uint32_t node = graph->wildcards[i].from;
		AUTO(str) char *name = graph_name(graph, node);

		if (seen[node] || !mark_is_live(mark, node) || graph->wildcards[i].is_expected)
			continue;
		seen[node] = 1;
		finding_add(findings, FINDING_KEPT_UNKNOWN, name, "%s",
		            graph_kind_words(graph_kind(graph, node, NULL)));
	}
}

void mark_free(struct mark *mark)
{
	if (!mark)
		return;
	free(mark->via);
	free(mark->via_kind);
	free(mark);
}
