/* edge_list.c - edges while they are collected, before they are sorted by where they start. */
#include "gc/graph/edge_list.h"

#include "metadata/base/mem.h"

#include <stdlib.h>

void edge_list_add(struct edge_list *edges, uint32_t from, uint32_t to, enum edge_kind kind)
{
	edges->items =
	    mem_grow(edges->items, edges->count, &edges->capacity, sizeof(*edges->items));
	edges->items[edges->count++] = (struct edge_item){ from, to, (uint8_t)kind };
}

void edge_list_move(struct edge_list *edges, struct graph *graph)
{
	uint32_t nodes = graph_node_count(graph);
	uint32_t *start = mem_zalloc((size_t)nodes + 2, sizeof(*start));
	struct edge *sorted = mem_zalloc(edges->count, sizeof(*sorted));

	/* counting sort: row n is counted in start[n + 2] and filled through start[n + 1] */
	for (size_t i = 0; i < edges->count; i++)
		start[edges->items[i].from + 2]++;
	for (uint32_t node = 1; node <= nodes + 1; node++)
		start[node] += start[node - 1];
	for (size_t i = 0; i < edges->count; i++) {
		const struct edge_item *item = &edges->items[i];

		sorted[start[item->from + 1]++] = (struct edge){ item->to, item->kind };
	}
	graph->edge_start = start;
	graph->edges = sorted;
	free(edges->items);
	*edges = (struct edge_list)EDGE_LIST_INIT;
}
