/* graph_build.h - what the parts of the graph's builder share; for graph_*.c only. */
#ifndef GC_GRAPH_GRAPH_BUILD_H
#define GC_GRAPH_GRAPH_BUILD_H

#include "gc/graph/edge_list.h"
#include "gc/graph/graph.h"

struct graph_builder {
	struct graph *graph;
	struct edge_list edges;
	struct finding_list *findings;
};

/* Notes that the record of FROM cannot be read and may need any node of KINDS (see struct
 * graph_wildcard). */
void graph_build_wildcard(struct graph_builder *builder, uint32_t from, uint32_t kinds);

/* Adds FROM -> layer CHAIN_ID; returns false if there is no such layer. CHAIN_ID may be NULL: true.
 */
bool graph_build_to_layer(struct graph_builder *builder, uint32_t from, const char *chain_id,
                          enum edge_kind kind);

/* Adds FROM -> directory NAME; returns false if there is no such directory. NAME may be NULL: true.
 */
bool graph_build_to_dir(struct graph_builder *builder, uint32_t from, const char *name,
                        enum edge_kind kind);

/* Adds FROM -> image ID; returns false if ID is NULL or there is no such image. */
bool graph_build_to_image(struct graph_builder *builder, uint32_t from, const char *id,
                          enum edge_kind kind);

/* Tags, containers, images and mounts: graph_records.c. */
void graph_build_records(struct graph_builder *builder);

/* The build cache: graph_cache.c. */
void graph_build_cache(struct graph_builder *builder);

/* Networks and volumes: graph_networks.c. */
void graph_build_networks(struct graph_builder *builder);

/* Layers and directories: graph_layers.c. */
void graph_build_layers(struct graph_builder *builder);

#endif
