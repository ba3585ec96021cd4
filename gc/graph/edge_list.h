/* edge_list.h - edges while they are collected, before they are sorted by where they start. */
#ifndef GC_GRAPH_EDGE_LIST_H
#define GC_GRAPH_EDGE_LIST_H

#include "gc/graph/graph.h"

struct edge_list {
	struct edge_item {
		uint32_t from;
		uint32_t to;
		uint8_t kind;
	} * items;
	size_t count, capacity;
};

#define EDGE_LIST_INIT                                                                             \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

/* Adds an edge. */
void edge_list_add(struct edge_list *edges, uint32_t from, uint32_t to, enum edge_kind kind);

/* Moves the edges into GRAPH's compressed rows, in the order in which they were added; *EDGES is
 * empty then. */
void edge_list_move(struct edge_list *edges, struct graph *graph);

#endif
