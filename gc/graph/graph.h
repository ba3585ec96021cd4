/* graph.h - who needs whom: nodes for every object of a data root, edges for every reference. */
#ifndef GC_GRAPH_GRAPH_H
#define GC_GRAPH_GRAPH_H

#include "gc/graph/cache_lost.h"
#include "metadata/base/own.h"
#include "metadata/state.h"
#include "overlay2/inventory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A node is an item of one of the lists of struct state or of the inventory. */
enum node_kind {
	NODE_REF,       /* state.refs */
	NODE_CONTAINER, /* state.containers */
	NODE_IMAGE,     /* state.images */
	NODE_RECORD,    /* state.cache.records */
	NODE_LEASE,     /* state.cache.leases */
	NODE_SNAPSHOT,  /* state.cache.snapshots */
	NODE_CACHE,     /* one node: the build cache as a whole, when parts of it cannot be known */
	NODE_IMAGES,    /* one node: the tags as a whole, when they cannot be known */
	NODE_NETWORK,   /* state.networks */
	NODE_VOLUME,    /* state.volumes */
	NODE_MOUNT,     /* state.mounts */
	NODE_LAYER,     /* state.layers */
	NODE_DIR,       /* inventory.dirs */
	NODE_KIND_COUNT
};

/* What an edge says; the words are graph_edge_words(). */
enum edge_kind {
	EDGE_NAMES,        /* tag -> image */
	EDGE_OF_IMAGE,     /* container -> image */
	EDGE_PARENT_IMAGE, /* image -> image */
	EDGE_MOUNT,        /* container -> mount */
	EDGE_TOP_LAYER,    /* image -> layer */
	EDGE_PARENT,   /* layer -> layer, mount -> layer, snapshot -> snapshot, record -> record */
	EDGE_DATA,     /* layer -> dir, mount -> dir, snapshot -> dir or layer */
	EDGE_INIT,     /* mount -> init dir */
	EDGE_SNAPSHOT, /* record or lease -> snapshot, record -> lease */
	EDGE_NETWORK,  /* container -> network */
	EDGE_VOLUME,   /* container -> volume */
	EDGE_CONFIG,   /* network -> config-only network */
	EDGE_LOWER,    /* dir -> dir */
	EDGE_OWNER,    /* dir -> layer or mount that it is the data of */
	EDGE_UNKNOWN,  /* cannot be read: it could be meant */
	EDGE_MOUNTED   /* root only: a mount of some process */
};

struct edge {
	uint32_t to;
	uint8_t kind; /* enum edge_kind */
};

/* A node whose record cannot be read and that may therefore need any node of some kinds. */
struct graph_wildcard {
	uint32_t from;
	uint32_t kinds;   /* bits 1u << enum node_kind, and GRAPH_CACHE_DIRS */
	bool is_expected; /* nothing is wrong: an old format, say */
};

/* Bit of graph_wildcard.kinds: directories whose names BuildKit makes, not all of NODE_DIR. */
#define GRAPH_CACHE_DIRS (1u << NODE_KIND_COUNT)

struct graph {
	const struct state *state;           /* borrowed */
	const struct inventory *inventory;   /* borrowed */
	uint32_t first[NODE_KIND_COUNT + 1]; /* node of item i of kind k is first[k] + i */
	uint32_t *edge_start;                /* node_count + 1 entries into edges */
	struct edge *edges;
	struct graph_wildcard *wildcards;
	size_t wildcard_count, wildcard_capacity;
	struct cache_lost lost; /* of the build cache: what only drydock finds */
};

/* Builds the graph; linear in records and references. STATE and INVENTORY must outlive it. Adds
 * findings about references that lead nowhere. The caller frees. Never fails: what could not be
 * read is in the findings and wildcards. */
struct graph *graph_build(const struct state *state, const struct inventory *inventory,
                          struct finding_list *findings) MUST_USE;

void graph_free(struct graph *graph);

OWN_DEFINE(graph, struct graph *, graph_free)

static inline uint32_t graph_node(const struct graph *graph, enum node_kind kind, size_t item)
{
	return graph->first[kind] + (uint32_t)item;
}

static inline uint32_t graph_node_count(const struct graph *graph)
{
	return graph->first[NODE_KIND_COUNT];
}

/* The kind of a node; *ITEM (may be NULL) gets the index in its list. */
enum node_kind graph_kind(const struct graph *graph, uint32_t node, size_t *item);

/* "tag", "container", "image", ... */
const char *graph_kind_words(enum node_kind kind);

/* "names", "has parent", ... as in "layer X has parent layer Y". */
const char *graph_edge_words(enum edge_kind kind);

/* What the user knows the node by: tag, "sha256:...", container ID, directory name. Owned by the
 * caller. */
char *graph_name(const struct graph *graph, uint32_t node) MUST_USE;

#endif
