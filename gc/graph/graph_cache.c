/* graph_cache.c - edges of the build cache (bolt-buildkit.md §2.2, docker-data-root.md §2.6). */
#include "gc/graph/graph_build.h"

#include "gc/graph/near.h"
#include "metadata/base/id.h"
#include "metadata/base/mem.h"

#include <stdlib.h>

static void graph_tell_damaged(struct graph_builder *builder, uint32_t from, const char *id,
                               const char *name)
{
	AUTO(str) char *owner = graph_name(builder->graph, from);

	finding_add(builder->findings, FINDING_ID_DAMAGED, owner, "%s does not exist, %s does", id,
	            name);
}

/* Adds FROM -> snapshot ID, or -> the layer when the ID is "sha256:<chain ID>" and has no more than
 * a trace of a bucket. Returns false if it leads nowhere. */
static bool graph_to_snapshot(struct graph_builder *builder, uint32_t from, const char *id,
                              enum edge_kind kind)
{
	const struct graph *graph = builder->graph;
	const char *chain_id = id_digest_hex(id);
	size_t item;
	bool is_found = map_get(&graph->state->cache.snapshot_by_id, id, &item);

	if (is_found)
		edge_list_add(&builder->edges, from, graph_node(graph, NODE_SNAPSHOT, item), kind);
	if (chain_id)
		(void)graph_build_to_layer(builder, from, chain_id, EDGE_DATA);
	return is_found || chain_id;
}

/*
 * A record stays as long as something needs its snapshot: BuildKit removes the one with the other.
 */
static void graph_from_snapshot(struct graph_builder *builder, const char *id, uint32_t record)
{
	size_t item;

	if (map_get(&builder->graph->state->cache.snapshot_by_id, id, &item))
		edge_list_add(&builder->edges, graph_node(builder->graph, NODE_SNAPSHOT, item),
		              record, EDGE_OWNER);
}

/*
 * The same; an ID that leads nowhere, but nearly to a snapshot, is that one with damage. A record
 * that may have lost its snapshot so stays with it.
 */
static void graph_to_near_snapshot(struct graph_builder *builder, uint32_t from, const char *id,
                                   enum edge_kind kind)
{
	const char *name;

	if (graph_to_snapshot(builder, from, id, kind))
		return;
	name = near_snapshot(&builder->graph->state->cache, id);
	if (!name)
		return;
	graph_tell_damaged(builder, from, id, name);
	(void)graph_to_snapshot(builder, from, name, EDGE_UNKNOWN);
	if (graph_kind(builder->graph, from, NULL) == NODE_RECORD)
		graph_from_snapshot(builder, name, from);
}

/* Adds FROM -> record ID, or the one that this nearly is; ID may be NULL. */
static void graph_to_record(struct graph_builder *builder, uint32_t from, const char *id)
{
	const struct graph *graph = builder->graph;
	const struct cache *cache = &graph->state->cache;
	enum edge_kind kind = EDGE_PARENT;
	size_t item;

	if (!id)
		return;
	if (!map_get(&cache->record_by_id, id, &item)) {
		const char *name = near_record(cache, id);

		if (!name || !map_get(&cache->record_by_id, name, &item))
			return;
		graph_tell_damaged(builder, from, id, name);
		kind = EDGE_UNKNOWN;
	}
	edge_list_add(&builder->edges, from, graph_node(graph, NODE_RECORD, item), kind);
}

/* The leases of a record: of its ID, and since 23.0 one for its compression variants
 * (bolt-buildkit.md §2.3). */
static void graph_to_leases(struct graph_builder *builder, uint32_t from, const char *id)
{
	const struct graph *graph = builder->graph;
	AUTO(str) char *variants = mem_print("%s-variants", id);
	const char *const ids[] = { id, variants };
	size_t item;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (map_get(&graph->state->cache.lease_by_id, ids[i], &item))
			edge_list_add(&builder->edges, from, graph_node(graph, NODE_LEASE, item),
			              EDGE_SNAPSHOT);
	}
}

static void graph_build_snapshot(struct graph_builder *builder, size_t item)
{
	const struct cache *cache = &builder->graph->state->cache;
	const struct cache_snapshot *snapshot = &cache->snapshots[item];
	const struct cache_place place = cache_place(cache, snapshot->id);
	uint32_t from = graph_node(builder->graph, NODE_SNAPSHOT, item);

	if (snapshot->parent)
		graph_to_near_snapshot(builder, from, snapshot->parent, EDGE_PARENT);
	if (snapshot->committed) {
		graph_to_near_snapshot(builder, from, snapshot->committed, EDGE_PARENT);
		/* exported: also a layer's cache-id, the same directory */
		if (id_is_dir(snapshot->committed))
			(void)graph_build_to_dir(builder, from, snapshot->committed, EDGE_DATA);
	}
	(void)graph_build_to_layer(builder, from, place.chain_id, EDGE_DATA);
	if (!graph_build_to_dir(builder, from, place.dir, EDGE_DATA) &&
	    !builder->graph->lost.snapshots[item])
		finding_add(builder->findings, FINDING_CACHE_DIR_GONE, "buildkit/snapshots.db",
		            "snapshot %s: no directory overlay2/%s", snapshot->id, place.dir);
}

/* What records do not lead to: garbage that only drydock finds, or kept because an ID is damaged.
 */
static void graph_find_lost(struct graph_builder *builder)
{
	const struct cache *cache = &builder->graph->state->cache;
	const struct cache_lost *lost = &builder->graph->lost;

	for (size_t i = 0; i < cache->lease_count; i++) {
		if (lost->leases[i])
			finding_add(builder->findings, FINDING_CACHE_LOST,
			            "buildkit/containerdmeta.db", "lease %s", cache->leases[i].id);
	}
	for (size_t i = 0; i < cache->snapshot_count; i++) {
		if (lost->snapshots[i] || lost->unsure[i])
			finding_add(builder->findings,
			            lost->unsure[i] ? FINDING_CACHE_NO_RECORD : FINDING_CACHE_LOST,
			            "buildkit/snapshots.db", "snapshot %s", cache->snapshots[i].id);
	}
}

static void graph_build_record(struct graph_builder *builder, size_t item)
{
	const struct graph *graph = builder->graph;
	const struct cache_record *record = &graph->state->cache.records[item];
	uint32_t from = graph_node(graph, NODE_RECORD, item);
	bool has_data = graph_to_snapshot(builder, from, record->id, EDGE_SNAPSHOT);
	size_t head;

	has_data |= graph_to_snapshot(builder, from, record->snapshot_id, EDGE_SNAPSHOT);
	if (record->equal_mutable)
		has_data |= graph_to_snapshot(builder, from, record->equal_mutable, EDGE_SNAPSHOT);
	if (!has_data) { /* its own ID may be the damaged one */
		graph_to_near_snapshot(builder, from, record->id, EDGE_SNAPSHOT);
		graph_to_near_snapshot(builder, from, record->snapshot_id, EDGE_SNAPSHOT);
	}
	graph_to_leases(builder, from, record->id);
	graph_from_snapshot(builder, record->id, from);
	graph_from_snapshot(builder, record->snapshot_id, from);
	graph_to_record(builder, from, record->equal_mutable);
	if (record->equal_mutable &&
	    map_get(&graph->state->cache.record_by_id, record->equal_mutable, &head))
		edge_list_add(&builder->edges, graph_node(graph, NODE_RECORD, head), from,
		              EDGE_OWNER); /* the two go together */
	for (size_t i = 0; i < record->parent_count; i++) {
		graph_to_record(builder, from, record->parents[i]);
		(void)graph_to_snapshot(builder, from, record->parents[i], EDGE_PARENT);
	}
}

void graph_build_cache(struct graph_builder *builder)
{
	const struct graph *graph = builder->graph;
	const struct cache *cache = &graph->state->cache;

	cache_lost_find(&builder->graph->lost, cache);
	for (size_t i = 0; i < cache->record_count; i++)
		graph_build_record(builder, i);
	for (size_t i = 0; i < cache->lease_count; i++) {
		for (size_t k = 0; k < cache->leases[i].snapshot_count; k++)
			graph_to_near_snapshot(builder, graph_node(graph, NODE_LEASE, i),
			                       cache->leases[i].snapshot_ids[k], EDGE_SNAPSHOT);
	}
	for (size_t i = 0; i < cache->snapshot_count; i++)
		graph_build_snapshot(builder, i);
	if (!cache->is_unreadable && !cache->is_old_format)
		graph_find_lost(builder);
	if (cache->is_unreadable || cache->is_old_format || cache->is_snapshots_gone) {
		graph_build_wildcard(builder, graph_node(graph, NODE_CACHE, 0),
		                     1U << NODE_LAYER | GRAPH_CACHE_DIRS);
		builder->graph->wildcards[graph->wildcard_count - 1].is_expected =
		    !cache->is_unreadable && !cache->is_snapshots_gone;
	}
}
