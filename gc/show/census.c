/* census.c - the layer directories of a data root: what each is, what keeps it, how large it is. */
#include "gc/show/census.h"

#include "gc/show/sizing.h"
#include "metadata/base/mem.h"

#include <stdlib.h>

const char *census_kind_words(enum census_kind kind)
{
	static const char *const words[CENSUS_KIND_COUNT] = {
		[CENSUS_LAYER] = "image layer",
		[CENSUS_CONTAINER] = "container",
		[CENSUS_CONTAINER_INIT] = "container init",
		[CENSUS_MOUNT] = "mount",
		[CENSUS_MOUNT_INIT] = "mount init",
		[CENSUS_CACHE] = "build cache",
		[CENSUS_ORPHAN] = "orphan",
		[CENSUS_OTHER] = "other",
	};

	return words[kind];
}

uint32_t census_keeper(const struct mark *mark, uint32_t node)
{
	if (!mark_is_live(mark, node))
		return CENSUS_NOBODY;
	while (mark->via[node] != MARK_ROOT)
		node = mark->via[node];
	return node;
}

/* What NODE makes of a directory that an edge of kind EDGE leads to. */
static enum census_kind census_kind_of(const struct session *session, uint32_t node,
                                       enum edge_kind edge)
{
	size_t item;
	enum node_kind kind = graph_kind(session->graph, node, &item);
	bool is_init = edge == EDGE_INIT;

	if (kind == NODE_LAYER)
		return CENSUS_LAYER;
	if (kind == NODE_SNAPSHOT)
		return CENSUS_CACHE;
	if (map_get(&session->state->containers.by_id, session->state->mounts.items[item].name,
	            NULL))
		return is_init ? CENSUS_CONTAINER_INIT : CENSUS_CONTAINER;
	return is_init ? CENSUS_MOUNT_INIT : CENSUS_MOUNT;
}

/* Enters NODE as owner of the directories it has as data; the first owner stays. */
static void census_claim(struct census *census, const struct session *session, uint32_t node)
{
	const struct graph *graph = session->graph;

	for (uint32_t i = graph->edge_start[node]; i < graph->edge_start[node + 1]; i++) {
		const struct edge *edge = &graph->edges[i];
		struct census_dir *dir;
		size_t item;

		if ((edge->kind != EDGE_DATA && edge->kind != EDGE_INIT) ||
		    graph_kind(graph, edge->to, &item) != NODE_DIR)
			continue;
		dir = &census->dirs[item];
		if (dir->owner != CENSUS_NOBODY)
			continue;
		dir->owner = node;
		dir->kind = census_kind_of(session, node, (enum edge_kind)edge->kind);
	}
}

struct census *census_make(const struct session *session)
{
	static const enum node_kind owners[] = { NODE_LAYER, NODE_MOUNT, NODE_SNAPSHOT };
	struct census *census = mem_zalloc(1, sizeof(*census));
	const struct graph *graph = session->graph;

	census->count = session->inventory->dir_count;
	census->dirs = mem_zalloc(census->count, sizeof(*census->dirs));
	for (size_t i = 0; i < census->count; i++) {
		struct census_dir *dir = &census->dirs[i];

		dir->owner = CENSUS_NOBODY;
		dir->keeper = census_keeper(session->baseline, graph_node(graph, NODE_DIR, i));
		dir->kind = dir->keeper == CENSUS_NOBODY ? CENSUS_ORPHAN : CENSUS_OTHER;
	}
	for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++) {
		for (uint32_t node = graph->first[owners[i]]; node < graph->first[owners[i] + 1];
		     node++)
			census_claim(census, session, node);
	}
	return census;
}

int census_measure(struct census *census, const struct session *session, struct err *err)
{
	AUTO(sizing) struct sizing *sizing = sizing_new(census->count);

	for (size_t i = 0; i < census->count; i++) {
		sizing->slots[i].dirfd = session->root->overlay2_fd;
		sizing->slots[i].path = mem_text(session->inventory->dirs[i].name);
	}
	if (sizing_measure(sizing, session->settings->jobs, err) < 0)
		return err_wrap(err, "overlay2");
	for (size_t i = 0; i < census->count; i++)
		census->dirs[i].usage = sizing->slots[i].usage;
	return 0;
}

void census_free(struct census *census)
{
	if (!census)
		return;
	free(census->dirs);
	free(census);
}
