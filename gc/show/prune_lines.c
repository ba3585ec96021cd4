/* prune_lines.c - the lines of a prune's report, in the order of Docker's output. */
#include "gc/show/prune_lines.h"

#include "gc/plan/cache_facts.h"
#include "metadata/base/map.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define NOBODY SIZE_MAX

/* Which list an action is shown in: pruned, or an orphan. Images are put together from three kinds
 * of actions. */
static const enum prune_section sections[ACTION_KIND_COUNT][2] = {
	[ACTION_UNTAG] = { PRUNE_IMAGES, PRUNE_STALE_TAGS },
	[ACTION_CONTAINER] = { PRUNE_CONTAINERS, PRUNE_HALF_CONTAINERS },
	[ACTION_IMAGE_METADATA] = { PRUNE_NONE, PRUNE_NONE },
	[ACTION_IMAGE] = { PRUNE_IMAGES, PRUNE_IMAGES },
	[ACTION_CACHE] = { PRUNE_CACHE, PRUNE_CACHE },
	[ACTION_CACHE_MARK] = { PRUNE_CACHE, PRUNE_CACHE },
	[ACTION_NETWORK] = { PRUNE_NETWORKS, PRUNE_NETWORKS },
	[ACTION_VOLUME] = { PRUNE_VOLUMES, PRUNE_VOLUMES },
	[ACTION_MOUNT] = { PRUNE_NONE, PRUNE_MOUNTS },
	[ACTION_LAYER] = { PRUNE_IMAGES, PRUNE_LAYERS },
	[ACTION_STRAY] = { PRUNE_LEFTOVERS, PRUNE_LEFTOVERS },
	[ACTION_LINK] = { PRUNE_NONE, PRUNE_LINKS },
	[ACTION_DIR] = { PRUNE_NONE, PRUNE_DIRS },
	[ACTION_CACHE_LEASE] = { PRUNE_NONE, PRUNE_LEFTOVERS },
	[ACTION_CACHE_SNAPSHOT] = { PRUNE_NONE, PRUNE_LEFTOVERS },
	[ACTION_CACHE_RECORD] = { PRUNE_NONE, PRUNE_NONE },
};

/* What the lines are made from. */
struct prune_source {
	const struct plan *plan;
	const struct state *state;
	const bool *is_done;
	struct map dirs;     /* object of each ACTION_DIR -> action */
	struct map layers;   /* object of each pruned ACTION_LAYER -> action */
	struct map images;   /* object of each ACTION_IMAGE -> action */
	size_t *layer_image; /* per state.layers: the ACTION_IMAGE that it is shown with */
	size_t *next_tag;    /* per action: the next ACTION_UNTAG of the same image */
	size_t *first_tag;   /* per action: the first ACTION_UNTAG of an ACTION_IMAGE */
	bool *is_shown;      /* per action */
	struct prune_lines *lines;
};

static bool source_has(const struct prune_source *source, size_t at)
{
	return !source->is_done || source->is_done[at];
}

static enum prune_section source_section(const struct prune_source *source, size_t at)
{
	const struct action *action = &source->plan->actions[at];

	/* of a pair of records Docker names one, and some layers it does not tell */
	if ((action->kind == ACTION_CACHE_MARK && *action->detail) ||
	    (action->kind == ACTION_LAYER && action->size_bytes < 0))
		return PRUNE_NONE;
	return sections[action->kind][action->reason];
}

/* TEXT moves in. */
static void source_add(struct prune_source *source, size_t at, char *text, int64_t size_bytes)
{
	struct prune_lines *lines = source->lines;

	lines->items =
	    mem_grow(lines->items, lines->count, &lines->capacity, sizeof(*lines->items));
	lines->items[lines->count++] =
	    (struct prune_line){ source_section(source, at),
		                 source->plan->actions[at].kind == ACTION_UNTAG, text, size_bytes };
	source->is_shown[at] = true;
}

static void source_index(struct prune_source *source)
{
	const struct plan *plan = source->plan;

	for (size_t i = plan->count; i-- > 0;) {
		const struct action *action = &plan->actions[i];
		size_t image;

		source->first_tag[i] = source->next_tag[i] = NOBODY;
		if (action->kind == ACTION_DIR)
			(void)map_set(&source->dirs, action->object, i);
		if (action->kind == ACTION_LAYER && action->reason == REASON_PRUNED &&
		    action->size_bytes >= 0)
			(void)map_set(&source->layers, action->object, i);
		if (action->kind == ACTION_IMAGE)
			(void)map_set(&source->images, action->object, i);
		/* tags come first in a plan, so their images are known by now; backwards makes
		 * each list of tags stand in the plan's order */
		if (action->kind == ACTION_UNTAG &&
		    map_get(&source->images, action->detail, &image)) {
			source->next_tag[i] = source->first_tag[image];
			source->first_tag[image] = i;
		}
	}
}

/* The layer of layerdb that the image's chain begins with, or that is below LAYER. */
static bool source_layer(const struct prune_source *source, const char *chain_id, size_t *layer)
{
	return chain_id && map_get(&source->state->layers.by_chain_id, chain_id, layer);
}

static bool source_image_top(const struct prune_source *source, size_t at, size_t *layer)
{
	const struct image_list *images = &source->state->images;
	size_t image;

	/* the object is "sha256:<hex>" */
	return map_get(&images->by_id, source->plan->actions[at].object + 7, &image) &&
	       source_layer(source, images->items[image].chain_id, layer);
}

/* Docker frees a layer with the last image that has it: the last one in the plan claims it. */
static void source_claim_layers(struct prune_source *source)
{
	const struct layer_list *layers = &source->state->layers;

	for (size_t i = 0; i < layers->count; i++)
		source->layer_image[i] = NOBODY;
	for (size_t at = source->plan->count; at-- > 0;) {
		size_t layer;
		bool more;

		if (source->plan->actions[at].kind != ACTION_IMAGE)
			continue;
		for (more = source_image_top(source, at, &layer);
		     more && source->layer_image[layer] == NOBODY;
		     more = source_layer(source, layers->items[layer].parent, &layer))
			source->layer_image[layer] = at;
	}
}

static void source_add_image(struct prune_source *source, size_t at)
{
	const struct layer_list *layers = &source->state->layers;
	const struct action *actions = source->plan->actions;
	size_t layer;
	size_t action;
	bool more;

	for (size_t tag = source->first_tag[at]; tag != NOBODY; tag = source->next_tag[tag]) {
		if (source_has(source, tag))
			source_add(source, tag, mem_text(actions[tag].object), -1);
	}
	if (source_has(source, at))
		source_add(source, at, mem_text(actions[at].object), -1);
	for (more = source_image_top(source, at, &layer); more && source->layer_image[layer] == at;
	     more = source_layer(source, layers->items[layer].parent, &layer)) {
		AUTO(str) char *object = mem_print("sha256:%s", layers->items[layer].chain_id);

		if (map_get(&source->layers, object, &action) && source_has(source, action) &&
		    !source->is_shown[action])
			source_add(source, action, TAKE(object, NULL), actions[action].size_bytes);
		source->layer_image[layer] = NOBODY; /* a circle ends here */
	}
}

static int64_t source_dir_size(const struct prune_source *source, const char *dir)
{
	size_t action;

	return dir && map_get(&source->dirs, dir, &action)
	           ? (int64_t)source->plan->actions[action].usage.apparent_bytes
	           : 0;
}

/* What goes with a container: its files and the two directories of its mount. */
static int64_t source_container_size(const struct prune_source *source, size_t at)
{
	const struct mount_list *mounts = &source->state->mounts;
	const struct action *action = &source->plan->actions[at];
	int64_t size = (int64_t)action->usage.apparent_bytes;
	size_t mount;

	if (map_get(&mounts->by_name, action->object, &mount))
		size += source_dir_size(source, mounts->items[mount].mount_id) +
		        source_dir_size(source, mounts->items[mount].init_id);
	return size;
}

/* What the line of anything but an image's layer says that it frees; -1: nothing of its own. */
static int64_t source_size(const struct prune_source *source, size_t at)
{
	const struct action *action = &source->plan->actions[at];

	if (action->kind == ACTION_CONTAINER)
		return source_container_size(source, at);
	if (action->kind == ACTION_CACHE_MARK)
		return action->size_bytes;
	if (action_is_edit(action->kind))
		return -1;
	/* Docker's numbers, so that the lines add up to its total */
	if (action->reason == REASON_PRUNED &&
	    (action->kind == ACTION_LAYER || action->kind == ACTION_VOLUME))
		return action->size_bytes;
	return (int64_t)action->usage.apparent_bytes;
}

static char *source_text(const struct action *action, enum prune_section section)
{
	if (action->kind == ACTION_NETWORK)
		return mem_text(action->detail);
	if (section == PRUNE_LEFTOVERS && action_is_edit(action->kind)) /* an entry of a file */
		return mem_print("%s: %s", action->path, action->object);
	return mem_text(action->object);
}

/* The cache went as a whole: Docker names its records. A run that is resumed does not know them. */
static void source_add_cache(struct prune_source *source, size_t at)
{
	const struct cache *cache = &source->state->cache;
	AUTO(cache_facts) struct cache_facts *facts = cache_facts_make(source->state, NULL);

	for (size_t i = 0; i < cache->record_count; i++) {
		const char *dir;
		int64_t size = cache_facts_size(facts, i, &dir);
		size_t action;

		if (facts->is_twin[i])
			continue;
		if (dir && map_get(&source->dirs, dir, &action)) /* it was measured */
			size = source->plan->actions[action].size_bytes;
		source_add(source, at, mem_text(cache->records[i].id), size);
	}
	if (cache->record_count == 0)
		source_add(source, at, mem_text(source->plan->actions[at].object), -1);
}

/* Everything that is not told with an image. */
static void source_add_other(struct prune_source *source, size_t at)
{
	const struct action *action = &source->plan->actions[at];
	enum prune_section section = source_section(source, at);

	if (section == PRUNE_NONE || source->is_shown[at] || !source_has(source, at))
		return;
	if (action->kind == ACTION_CACHE) {
		source_add_cache(source, at);
		return;
	}
	if (section == PRUNE_LINKS && map_get(&source->dirs, action->detail, NULL))
		return; /* goes with its directory */
	source_add(source, at, source_text(action, section), source_size(source, at));
}

/* Puts the lines in the order of sections; those of a section stay in their order. */
static void prune_lines_sort(struct prune_lines *lines)
{
	struct prune_line *sorted = mem_zalloc(lines->count, sizeof(*sorted));
	size_t count = 0;

	for (enum prune_section section = 0; section < PRUNE_SECTION_COUNT; section++) {
		for (size_t i = 0; i < lines->count; i++) {
			if (lines->items[i].section == section)
				sorted[count++] = lines->items[i];
		}
	}
	free(lines->items);
	lines->items = sorted;
	lines->capacity = lines->count;
}

struct prune_lines *prune_lines_make(const struct plan *plan, const struct state *state,
                                     const bool *is_done)
{
	struct prune_source source = {
		.plan = plan,
		.state = state,
		.is_done = is_done,
		.layer_image = mem_zalloc(state->layers.count, sizeof(size_t)),
		.next_tag = mem_zalloc(plan->count, sizeof(size_t)),
		.first_tag = mem_zalloc(plan->count, sizeof(size_t)),
		.is_shown = mem_zalloc(plan->count, sizeof(bool)),
		.lines = mem_zalloc(1, sizeof(struct prune_lines)),
	};

	source_index(&source);
	source_claim_layers(&source);
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->actions[i].kind == ACTION_UNTAG &&
		    !map_get(&source.images, plan->actions[i].detail, NULL))
			source_add_other(&source, i); /* the image stays, or there is none */
	}
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->actions[i].kind == ACTION_IMAGE)
			source_add_image(&source, i);
	}
	for (size_t i = 0; i < plan->count; i++)
		source_add_other(&source, i);
	prune_lines_sort(source.lines);
	map_done(&source.dirs);
	map_done(&source.layers);
	map_done(&source.images);
	free(source.layer_image);
	free(source.next_tag);
	free(source.first_tag);
	free(source.is_shown);
	return source.lines;
}

const char *prune_line_prefix(const struct prune_line *line)
{
	if (line->section != PRUNE_IMAGES)
		return "";
	return line->is_untagged ? "untagged: " : "deleted: ";
}

void prune_lines_free(struct prune_lines *lines)
{
	if (!lines)
		return;
	for (size_t i = 0; i < lines->count; i++)
		free(lines->items[i].text);
	free(lines->items);
	free(lines);
}
