/* plan.c - what a run will do: the list of actions, its digest and its sums. */
#include "gc/plan/plan.h"

#include "gc/plan/plan_build.h"
#include "metadata/base/mem.h"
#include "overlay2/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

const char *action_kind_name(enum action_kind kind)
{
	static const char *const names[ACTION_KIND_COUNT] = {
		[ACTION_UNTAG] = "untag",
		[ACTION_CONTAINER] = "container",
		[ACTION_IMAGE_METADATA] = "image-metadata",
		[ACTION_IMAGE] = "image",
		[ACTION_CACHE] = "build-cache",
		[ACTION_CACHE_MARK] = "build-cache-mark",
		[ACTION_NETWORK] = "network",
		[ACTION_VOLUME] = "volume",
		[ACTION_MOUNT] = "mount",
		[ACTION_LAYER] = "layer",
		[ACTION_STRAY] = "leftover",
		[ACTION_LINK] = "link",
		[ACTION_DIR] = "directory",
		[ACTION_CACHE_LEASE] = "build-cache-lease",
		[ACTION_CACHE_SNAPSHOT] = "build-cache-snapshot",
		[ACTION_CACHE_RECORD] = "build-cache-record",
	};

	return names[kind];
}

bool action_is_edit(enum action_kind kind)
{
	static const bool is_edit[ACTION_KIND_COUNT] = {
		[ACTION_UNTAG] = true,          [ACTION_CACHE_MARK] = true,
		[ACTION_NETWORK] = true,        [ACTION_CACHE_LEASE] = true,
		[ACTION_CACHE_SNAPSHOT] = true, [ACTION_CACHE_RECORD] = true,
	};

	return is_edit[kind];
}

struct action *plan_add(struct plan *plan, enum action_kind kind, enum action_reason reason)
{
	struct action *action;

	plan->actions =
	    mem_grow(plan->actions, plan->count, &plan->capacity, sizeof(*plan->actions));
	action = &plan->actions[plan->count++];
	*action = (struct action){ .kind = kind, .reason = reason };
	return action;
}

/* The digest covers everything that an action does; sizes are only reported. */
static void plan_seal(struct plan *plan)
{
	XXH3_state_t *hash = XXH3_createState();
	XXH128_canonical_t canonical;

	if (!hash || XXH3_128bits_reset(hash) != XXH_OK)
		abort(); /* no memory */
	for (size_t i = 0; i < plan->count; i++) {
		const struct action *action = &plan->actions[i];
		AUTO(str)
		char *line = mem_print("%d %s %s %s", (int)action->kind, action->object,
		                       action->path, action->detail);
		size_t len = strlen(line) + 1; /* the NUL ends each action */

		(void)XXH3_128bits_update(hash, line, len);
	}
	XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(hash));
	(void)XXH3_freeState(hash);
	for (size_t i = 0; i < sizeof(canonical.digest); i++)
		(void)snprintf(plan->digest + 2 * i, 3, "%02x", canonical.digest[i]);
}

struct plan *plan_make(const struct graph *graph, const struct selection *selection,
                       const struct mark *baseline, const struct mark *mark)
{
	struct plan *plan = mem_zalloc(1, sizeof(*plan));
	const struct plan_builder builder = { plan, graph, selection, baseline, mark };

	plan_build_records(&builder);
	plan_build_cache_marks(&builder);
	plan_build_networks(&builder);
	plan_build_volumes(&builder);
	plan_build_layers(&builder);
	plan_build_dirs(&builder);
	plan_build_cache_records(&builder);
	plan_seal(plan);
	plan->kept = kept_list_make(selection, graph->state);
	return plan;
}

uint64_t plan_counted_bytes(enum action_reason reason, int64_t size_bytes,
                            const struct usage *usage)
{
	if (reason == REASON_ORPHAN)
		return usage->apparent_bytes;
	return size_bytes > 0 ? (uint64_t)size_bytes : 0;
}

/* Measures what the actions with a content_path have in it. */
static int plan_measure_contents(struct plan *plan, int root_fd, unsigned jobs, struct err *err)
{
	struct measure_item *items = mem_zalloc(plan->count, sizeof(*items));
	size_t count = 0;
	int result;

	for (size_t i = 0; i < plan->count; i++) {
		if (plan->actions[i].content_path)
			items[count++] =
			    (struct measure_item){ .dirfd = root_fd,
				                   .path = plan->actions[i].content_path };
	}
	result = measure(items, count, jobs, err);
	count = 0;
	for (size_t i = 0; i < plan->count && result == 0; i++) {
		if (plan->actions[i].content_path)
			plan->actions[i].size_bytes = (int64_t)items[count++].usage.apparent_bytes;
	}
	free(items);
	return result;
}

static int plan_measure_items(struct plan *plan, struct measure_item *items, int root_fd,
                              unsigned jobs, struct err *err)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->count; i++) {
		if (!action_is_edit(plan->actions[i].kind))
			items[count++] = (struct measure_item){ .dirfd = root_fd,
				                                .path = plan->actions[i].path };
	}
	if (measure(items, count, jobs, err) < 0 ||
	    plan_measure_contents(plan, root_fd, jobs, err) < 0)
		return -1;
	count = 0;
	plan->freed = (struct usage){ 0, 0, 0 };
	plan->reclaimed_bytes = 0;
	for (size_t i = 0; i < plan->count; i++) {
		struct action *action = &plan->actions[i];

		if (!action_is_edit(action->kind))
			action->usage = items[count++].usage;
		usage_add(&plan->freed, &action->usage);
		plan->reclaimed_bytes +=
		    plan_counted_bytes(action->reason, action->size_bytes, &action->usage);
	}
	return 0;
}

int plan_measure(struct plan *plan, int root_fd, unsigned jobs, struct err *err)
{
	struct measure_item *items = mem_zalloc(plan->count, sizeof(*items));
	int result = plan_measure_items(plan, items, root_fd, jobs, err);

	free(items);
	return result;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->count; i++) {
		free(plan->actions[i].object);
		free(plan->actions[i].path);
		free(plan->actions[i].detail);
		free(plan->actions[i].content_path);
	}
	free(plan->actions);
	kept_list_done(&plan->kept);
	free(plan);
}
