/* selection.c - what the user's command takes away: Docker's prune rules, applied to the records.
 */
#include "gc/plan/selection.h"

#include "gc/graph/near.h"
#include "gc/plan/cache_prune.h"
#include "gc/plan/image_prune.h"
#include "gc/plan/network_prune.h"
#include "gc/plan/volume_prune.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

/*
 * Containers that `docker container prune` would remove after dockerd has started: those that it
 * loads and that do not run then. One that is recorded as running although no daemon is alive was
 * cut off by a crash; Docker would call it exited and remove it. Here it stays: nobody has stopped
 * it.
 */
static bool selection_is_stopped(const struct container *container)
{
	return container->has_config && !container->is_unreadable &&
	       strcmp(container->driver, "overlay2") == 0 && !container_will_run(container);
}

/* A `docker rm` that was cut off after the mount went: invisible to dockerd for ever
 * (docker-data-root.md §5, L6). */
static bool selection_is_half_removed(const struct state *state, const struct container *container)
{
	return container->has_config && !container->is_unreadable &&
	       strcmp(container->driver, "overlay2") == 0 &&
	       (container->is_dead || container->is_removing) &&
	       !map_get(&state->mounts.by_name, container->id, NULL);
}

static bool selection_takes_container(const struct filter_set *filters,
                                      const struct container *container)
{
	return filter_takes_created(filters, container->created, container->created_nanoseconds,
	                            container->created != 0) &&
	       filter_takes_labels(filters, container->labels, container->label_count);
}

static void selection_containers(struct selection *selection, const struct state *state)
{
	for (size_t i = 0; i < state->containers.count; i++) {
		const struct container *container = &state->containers.items[i];

		selection->drop_container[i] =
		    (selection->scope.containers && selection_is_stopped(container) &&
		     selection_takes_container(selection->scope.filters, container)) ||
		    (selection->scope.layers && selection_is_half_removed(state, container));
	}
}

/* Entries that name images that do not exist: silent in dockerd, and there for ever. */
static void selection_stale_refs(struct selection *selection, const struct state *state)
{
	for (size_t i = 0; i < state->refs.count; i++) {
		const struct ref *ref = &state->refs.items[i];

		if (selection->keep && selection->keep->ref_rule[i] != KEEP_NONE)
			continue;
		if (ref->image_id && ref->kind != REF_INVALID &&
		    !map_get(&state->images.by_id, ref->image_id, NULL) &&
		    !near_image(&state->images, ref->image_id))
			selection->drop_ref[i] = true;
	}
}

/* Says whether ID leads to no image although it is not meant to: it was damaged. */
static bool selection_is_damaged(const struct image_list *images, const char *id)
{
	return id && !map_get(&images->by_id, id, NULL) && near_image(images, id);
}

static bool selection_knows_refs(const struct state *state)
{
	for (size_t i = 0; i < state->refs.count; i++) {
		const char *id = state->refs.items[i].image_id;

		if (!id || selection_is_damaged(&state->images, id))
			return false;
	}
	return (state->refs.count > 0 || state->refs.is_emptied) && !state->refs.is_unreadable;
}

static bool selection_knows_container(const struct state *state, const struct container *container)
{
	if (container->is_unreadable)
		return false;
	if (!container->has_config || strcmp(container->driver, "overlay2") != 0)
		return true;
	return container->image_id && !selection_is_damaged(&state->images, container->image_id);
}

/* Says whether what decides about images has been read completely: else none goes. */
static bool selection_knows_images(const struct state *state)
{
	if (!selection_knows_refs(state))
		return false;
	for (size_t i = 0; i < state->containers.count; i++) {
		if (!selection_knows_container(state, &state->containers.items[i]))
			return false;
	}
	for (size_t i = 0; i < state->images.count; i++) {
		const struct image *image = &state->images.items[i];

		if (image->is_parent_unknown || selection_is_damaged(&state->images, image->parent))
			return false;
	}
	return true;
}

struct selection *selection_make(const struct state *state, const struct selection_scope *scope)
{
	struct selection *selection = mem_zalloc(1, sizeof(*selection));

	selection->scope = *scope;
	selection->drop_ref = mem_zalloc(state->refs.count, sizeof(bool));
	selection->drop_image = mem_zalloc(state->images.count, sizeof(bool));
	selection->image_order = mem_zalloc(state->images.count, sizeof(size_t));
	selection->drop_container = mem_zalloc(state->containers.count, sizeof(bool));
	selection->drop_network = mem_zalloc(state->networks.count, sizeof(bool));
	selection->drop_volume = mem_zalloc(state->volumes.count, sizeof(bool));
	selection->drop_record = mem_zalloc(state->cache.record_count, sizeof(bool));
	selection->record_order = mem_zalloc(state->cache.record_count, sizeof(size_t));
	selection->drop_lease = mem_zalloc(state->cache.lease_count, sizeof(bool));
	selection->drop_snapshot = mem_zalloc(state->cache.snapshot_count, sizeof(bool));
	if (scope->keep)
		selection->keep = keep_marks_make(scope->keep, state);
	selection_containers(selection, state);
	if (scope->networks)
		network_prune(selection, state);
	if (scope->volumes)
		volume_prune(selection, state);
	if (scope->images && selection_knows_images(state))
		image_prune(selection, state);
	if (scope->cache)
		cache_prune(selection, state); /* after the images: they share layers with it */
	if (scope->layers && !state->refs.is_unreadable)
		selection_stale_refs(selection, state);
	return selection;
}

void selection_free(struct selection *selection)
{
	if (!selection)
		return;
	free(selection->drop_ref);
	free(selection->drop_image);
	free(selection->drop_container);
	free(selection->drop_network);
	free(selection->drop_volume);
	free(selection->drop_record);
	free(selection->record_order);
	free(selection->drop_lease);
	free(selection->drop_snapshot);
	free(selection->image_order);
	free(selection->kept);
	keep_marks_free(selection->keep);
	free(selection);
}
