/* plan_layers.c - actions on mounts, layer records and strays (docker-data-root.md §3.5). */
#include "gc/plan/plan_build.h"

#include "metadata/base/id.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define LAYERDB "image/overlay2/layerdb"

/* The length of the first component of a mount's name. */
static size_t plan_mount_top_len(const char *name)
{
	return strcspn(name, "/");
}

/* The end of the run of mounts, from FIRST on, that have the same first component. */
static size_t plan_mount_group_end(const struct mount_list *mounts, size_t first)
{
	const char *name = mounts->items[first].name;
	size_t len = plan_mount_top_len(name);
	size_t end = first + 1;

	while (end < mounts->count && plan_mount_top_len(mounts->items[end].name) == len &&
	       strncmp(mounts->items[end].name, name, len) == 0)
		end++;
	return end;
}

static void plan_mount(const struct plan_builder *builder, size_t item, size_t len)
{
	const char *name = builder->graph->state->mounts.items[item].name;
	struct action *action =
	    plan_add(builder->plan, ACTION_MOUNT, plan_reason(builder, NODE_MOUNT, item));

	action->object = mem_copy(name, len);
	action->path = mem_print(LAYERDB "/mounts/%s", action->object);
	action->detail = mem_text("");
}

/*
 * An image mount of 28.x whose reference has a slash lies deeper: the whole first directory goes
 * when all in it is dead, else just the dead part.
 */
static void plan_mounts(const struct plan_builder *builder)
{
	const struct mount_list *mounts = &builder->graph->state->mounts;
	size_t end;

	for (size_t first = 0; first < mounts->count; first = end) {
		size_t dead = 0;

		end = plan_mount_group_end(mounts, first);
		for (size_t i = first; i < end; i++)
			dead += plan_is_dead(builder, NODE_MOUNT, i);
		if (dead == end - first) {
			plan_mount(builder, first, plan_mount_top_len(mounts->items[first].name));
			continue;
		}
		for (size_t i = first; i < end; i++) {
			if (plan_is_dead(builder, NODE_MOUNT, i))
				plan_mount(builder, i, strlen(mounts->items[i].name));
		}
	}
}

/* How many layers lie below each; a parent that does not exist is none. A circle never is dead. */
static uint32_t *plan_layer_depths(const struct plan_builder *builder)
{
	const struct layer_list *layers = &builder->graph->state->layers;
	uint32_t *depths = mem_zalloc(layers->count, sizeof(*depths));
	size_t *path = mem_zalloc(layers->count, sizeof(*path));

	for (size_t i = 0; i < layers->count; i++) {
		size_t len = 0;
		size_t at = i;

		while (depths[at] == 0 && plan_is_dead(builder, NODE_LAYER, at)) {
			path[len++] = at;
			depths[at] = 1;
			if (!layers->items[at].parent ||
			    !map_get(&layers->by_chain_id, layers->items[at].parent, &at))
				break;
		}
		for (uint32_t depth = len > 0 && at != path[len - 1] ? depths[at] : 0; len > 0;)
			depths[path[--len]] = ++depth;
	}
	free(path);
	return depths;
}

struct plan_layer {
	uint32_t depth;
	uint32_t item;
};

static int plan_layer_compare(const void *left, const void *right)
{
	const struct plan_layer *a = left;
	const struct plan_layer *b = right;

	if (a->depth != b->depth)
		return a->depth > b->depth ? -1 : 1;
	return a->item < b->item ? -1 : a->item > b->item;
}

/* Sets the flag of the layer and of all below it. */
static void plan_flag_layers(const struct layer_list *layers, const char *chain_id, char *flags,
                             char flag)
{
	size_t layer;

	while (chain_id && map_get(&layers->by_chain_id, chain_id, &layer) &&
	       flags[layer] != flag) {
		flags[layer] = flag;
		chain_id = layers->items[layer].parent;
	}
}

/*
 * Says of each layer whether Docker tells that it goes: with the last image that has it. It is
 * silent about those that go with a container whose image is gone, and about those that the build
 * cache holds longer, which it counts by its records. Owned by the caller.
 */
static char *plan_told_layers(const struct plan_builder *builder)
{
	const struct state *state = builder->graph->state;
	const struct layer_list *layers = &state->layers;
	const struct cache *cache = &state->cache;
	char *is_told = mem_zalloc(layers->count, 1);

	for (size_t i = 0; i < state->images.count; i++) {
		if (builder->selection->drop_image[i])
			plan_flag_layers(layers, state->images.items[i].chain_id, is_told, 1);
	}
	for (size_t i = 0; i < cache->snapshot_count; i++) {
		if (builder->selection->drop_snapshot[i])
			plan_flag_layers(layers,
			                 cache_place(cache, cache->snapshots[i].id).chain_id,
			                 is_told, 0);
	}
	for (size_t i = 0; i < cache->lease_count; i++) {
		const struct cache_lease *lease = &cache->leases[i];

		for (size_t k = 0; k < lease->snapshot_count && builder->selection->drop_lease[i];
		     k++)
			plan_flag_layers(layers, id_digest_hex(lease->snapshot_ids[k]), is_told, 0);
	}
	return is_told;
}

static void plan_layer(const struct plan_builder *builder, size_t item, bool is_told)
{
	const struct layer *layer = &builder->graph->state->layers.items[item];
	struct action *action =
	    plan_add(builder->plan, ACTION_LAYER, plan_reason(builder, NODE_LAYER, item));

	action->object = mem_print("sha256:%s", layer->chain_id);
	action->path = mem_print(LAYERDB "/sha256/%s", layer->chain_id);
	action->detail = mem_text(layer->cache_id ? layer->cache_id : "");
	action->size_bytes = layer->size_bytes > 0 ? layer->size_bytes : 0;
	if (!is_told && action->reason == REASON_PRUNED)
		action->size_bytes = -1;
}

/* The deepest first, so that no parent goes before its children. */
static void plan_layer_records(const struct plan_builder *builder)
{
	const struct layer_list *layers = &builder->graph->state->layers;
	uint32_t *depths = plan_layer_depths(builder);
	AUTO(str) char *is_told = plan_told_layers(builder);
	struct plan_layer *order = mem_zalloc(layers->count, sizeof(*order));
	size_t count = 0;

	for (size_t i = 0; i < layers->count; i++) {
		if (plan_is_dead(builder, NODE_LAYER, i))
			order[count++] = (struct plan_layer){ depths[i], (uint32_t)i };
	}
	qsort(order, count, sizeof(*order), plan_layer_compare);
	for (size_t i = 0; i < count; i++)
		plan_layer(builder, order[i].item, is_told[order[i].item]);
	free(order);
	free(depths);
}

static void plan_strays(const struct plan_builder *builder)
{
	const struct stray_list *strays = &builder->graph->state->strays;
	bool is_cache_whole = plan_cache_is_whole(builder);

	if (!builder->selection->scope.layers)
		return;
	for (size_t i = 0; i < strays->count; i++) {
		struct action *action;

		if (is_cache_whole && strncmp(strays->items[i].path, "buildkit/", 9) == 0)
			continue; /* it goes with it */
		action = plan_add(builder->plan, ACTION_STRAY, REASON_ORPHAN);

		action->object = mem_text(strays->items[i].path);
		action->path = mem_text(strays->items[i].path);
		action->detail = mem_text(stray_kind_words(strays->items[i].kind));
	}
}

void plan_build_layers(const struct plan_builder *builder)
{
	plan_mounts(builder);
	plan_layer_records(builder);
	plan_strays(builder);
}
