/* graph_cache.c - edges of the build cache (bolt-buildkit.md §2.2, docker-data-root.md §2.6). */
#include "gc/graph/graph_build.h"

#include "metadata/base/id.h"
#include "metadata/base/mem.h"

#include <stdlib.h>

/* Adds FROM -> snapshot ID, or -> the layer when the ID is "sha256:<chain ID>" and has no more than
 * a trace of a bucket. */
static void graph_to_snapshot(struct graph_builder *builder, uint32_t from, const char *id,
                              enum edge_kind kind)
{
	const struct graph *graph = builder->graph;
	const char *chain_id = id_digest_hex(id);
	size_t item;

	if (map_get(&graph->state->cache.snapshot_by_id, id, &item))
		edge_list_add(&builder->edges, from, graph_node(graph, NODE_SNAPSHOT, item), kind);
	if (chain_id)
		(void)graph_build_to_layer(builder, from, chain_id, EDGE_DATA);
}

static void graph_to_record(struct graph_builder *builder, uint32_t from, const char *id)
{
	const struct graph *graph = builder->graph;
	size_t item;

	if (id && map_get(&graph->state->cache.record_by_id, id, &item))
		edge_list_add(&builder->edges, from, graph_node(graph, NODE_RECORD, item),
		              EDGE_PARENT);
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

static void graph_build_snapshot(struct graph_builder *builder, size_t item)
{
	const struct cache *cache = &builder->graph->state->cache;
	const struct cache_snapshot *snapshot = &cache->snapshots[item];
	const struct cache_place place = cache_place(cache, snapshot->id);
	uint32_t from = graph_node(builder->graph, NODE_SNAPSHOT, item);

	if (snapshot->parent)
		graph_to_snapshot(builder, from, snapshot->parent, EDGE_PARENT);
	if (snapshot->committed) {
		graph_to_snapshot(builder, from, snapshot->committed, EDGE_PARENT);
		/* exported: also a layer's cache-id, the same directory */
		if (id_is_dir(snapshot->committed))
			(void)graph_build_to_dir(builder, from, snapshot->committed, EDGE_DATA);
	}
	(void)graph_build_to_layer(builder, from, place.chain_id, EDGE_DATA);
	if (!graph_build_to_dir(builder, from, place.dir, EDGE_DATA))
		finding_add(builder->findings, FINDING_CACHE_DIR_GONE, "buildkit/snapshots.db",
		            "snapshot %s: no directory overlay2/%s", snapshot->id, place.dir);
}

/*
 * Marks snapshot ID and all that lie below it; the parent of a committed one is that of its
 * directory.
 */
static void graph_mark_recorded(const struct cache *cache, char *is_recorded, const char *id)
{
	size_t item;

	while (id && map_get(&cache->snapshot_by_id, id, &item) && !is_recorded[item]) {
		const struct cache_snapshot *snapshot = &cache->snapshots[item];

		is_recorded[item] = 1;
		id = snapshot->committed &&
		             map_get(&cache->snapshot_by_id, snapshot->committed, NULL)
		         ? snapshot->committed
		         : snapshot->parent;
	}
}

/*
 * BuildKit prunes by its records only: a directory that just a snapshot or a lease leads to stays
 * for ever (docker-data-root.md §5, L17 and L19).
 */
static void graph_find_unrecorded(const struct graph_builder *builder)
{
	const struct cache *cache = &builder->graph->state->cache;
	AUTO(str) char *is_recorded = mem_zalloc(cache->snapshot_count, 1);

	for (size_t i = 0; i < cache->record_count; i++) {
		const struct cache_record *record = &cache->records[i];

		graph_mark_recorded(cache, is_recorded, record->id);
		graph_mark_recorded(cache, is_recorded, record->snapshot_id);
		graph_mark_recorded(cache, is_recorded, record->equal_mutable);
		for (size_t k = 0; k < record->parent_count; k++)
			graph_mark_recorded(cache, is_recorded, record->parents[k]);
	}
	for (size_t i = 0; i < cache->snapshot_count; i++) {
		const char *dir = cache_place(cache, cache->snapshots[i].id).dir;

		if (!is_recorded[i] && dir &&
		    map_get(&builder->graph->inventory->dir_by_name, dir, NULL))
			finding_add(builder->findings, FINDING_CACHE_NO_RECORD,
			            "buildkit/snapshots.db", "snapshot %s: overlay2/%s",
			            cache->snapshots[i].id, dir);
	}
}

void graph_build_cache(struct graph_builder *builder)
{
	const struct graph *graph = builder->graph;
	const struct cache *cache = &graph->state->cache;

	for (size_t i = 0; i < cache->record_count; i++) {
		const struct cache_record *record = &cache->records[i];
		uint32_t from = graph_node(graph, NODE_RECORD, i);

		graph_to_snapshot(builder, from, record->snapshot_id, EDGE_SNAPSHOT);
		graph_to_snapshot(builder, from, record->id, EDGE_SNAPSHOT);
		graph_to_leases(builder, from, record->id);
		graph_from_snapshot(builder, record->id, from);
		graph_from_snapshot(builder, record->snapshot_id, from);
		if (record->equal_mutable) {
			graph_to_snapshot(builder, from, record->equal_mutable, EDGE_SNAPSHOT);
			graph_to_record(builder, from, record->equal_mutable);
		}
		for (size_t k = 0; k < record->parent_count; k++) {
			graph_to_record(builder, from, record->parents[k]);
			graph_to_snapshot(builder, from, record->parents[k], EDGE_PARENT);
		}
	}
	for (size_t i = 0; i < cache->lease_count; i++) {
		for (size_t k = 0; k < cache->leases[i].snapshot_count; k++)
			graph_to_snapshot(builder, graph_node(graph, NODE_LEASE, i),
			                  cache->leases[i].snapshot_ids[k], EDGE_SNAPSHOT);
	}
	for (size_t i = 0; i < cache->snapshot_count; i++)
		graph_build_snapshot(builder, i);
	if (!cache->is_unreadable && !cache->is_old_format)
		graph_find_unrecorded(builder);
	if (cache->is_unreadable || cache->is_old_format || cache->is_snapshots_gone) {
		graph_build_wildcard(builder, graph_node(graph, NODE_CACHE, 0),
		                     1U << NODE_LAYER | GRAPH_CACHE_DIRS);
		builder->graph->wildcards[graph->wildcard_count - 1].is_expected =
		    !cache->is_unreadable && !cache->is_snapshots_gone;
	}
}
