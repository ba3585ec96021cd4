/* plan_records.c - actions on tags, containers and image configs (docker-data-root.md §3.5). */
#include "gc/plan/plan_build.h"

#include "metadata/base/mem.h"

#include <stdlib.h>

#define IMAGEDB "image/overlay2/imagedb"

static void plan_refs(const struct plan_builder *builder)
{
	const struct state *state = builder->graph->state;

	for (size_t i = 0; i < state->refs.count; i++) {
		const struct ref *ref = &state->refs.items[i];
		struct action *action;

		if (!builder->selection->drop_ref[i])
			continue;
		action =
		    plan_add(builder->plan, ACTION_UNTAG,
		             map_get(&state->images.by_id, ref->image_id, NULL) ? REASON_PRUNED
		                                                                : REASON_ORPHAN);
		action->object = mem_text(ref->name);
		action->path = mem_text("image/overlay2/repositories.json");
		action->detail = mem_text(ref->value);
	}
}

static void plan_container(const struct plan_builder *builder, size_t item)
{
	const struct state *state = builder->graph->state;
	const struct container *container = &state->containers.items[item];
	bool is_loaded =
	    !container->is_empty && map_get(&state->mounts.by_name, container->id, NULL);
	struct action *action;

	if (!plan_is_dead(builder, NODE_CONTAINER, item) ||
	    (container->is_empty && !builder->selection->scope.layers))
		return;
	action =
	    plan_add(builder->plan, ACTION_CONTAINER, is_loaded ? REASON_PRUNED : REASON_ORPHAN);
	action->object = mem_text(container->id);
	action->path = mem_print("containers/%s", container->id);
	action->detail = mem_text(container->name ? container->name : "");
}

struct plan_age {
	int64_t seconds;
	uint32_t nanoseconds;
	size_t item;
};

static int plan_age_compare(const void *left, const void *right)
{
	const struct plan_age *a = left;
	const struct plan_age *b = right;

	if (a->seconds != b->seconds)
		return a->seconds > b->seconds ? -1 : 1;
	if (a->nanoseconds != b->nanoseconds)
		return a->nanoseconds > b->nanoseconds ? -1 : 1;
	return a->item < b->item ? -1 : a->item > b->item;
}

/* The newest first, as Docker has them. */
static void plan_containers(const struct plan_builder *builder)
{
	const struct container_list *containers = &builder->graph->state->containers;
	struct plan_age *order = mem_zalloc(containers->count, sizeof(*order));

	for (size_t i = 0; i < containers->count; i++)
		order[i] = (struct plan_age){ containers->items[i].created,
			                      containers->items[i].created_nanoseconds, i };
	if (containers->count > 0)
		qsort(order, containers->count, sizeof(*order), plan_age_compare);
	for (size_t i = 0; i < containers->count; i++)
		plan_container(builder, order[i].item);
	free(order);
}

/* Says whether image ITEM goes; one that a kept object still leads to stays, whatever the
 * selection. */
static bool plan_drops_image(const struct plan_builder *builder, size_t item)
{
	return builder->selection->drop_image[item] && plan_is_dead(builder, NODE_IMAGE, item);
}

static void plan_image_action(const struct plan_builder *builder, enum action_kind kind,
                              const char *id, char *path)
{
	struct action *action = plan_add(builder->plan, kind, REASON_PRUNED);

	action->object = mem_print("sha256:%s", id);
	action->path = path;
	action->detail = mem_text("");
}

/*
 * Children come before parents, and their metadata (which names the parent) before any config:
 * dockerd reports an error for a child whose parent is gone (docker-data-root.md §0 rule 7).
 */
static void plan_images(const struct plan_builder *builder)
{
	const struct selection *selection = builder->selection;
	const struct image_list *images = &builder->graph->state->images;

	for (size_t i = 0; i < selection->image_count; i++) {
		const struct image *image = &images->items[selection->image_order[i]];

		if (plan_drops_image(builder, selection->image_order[i]) && image->has_metadata)
			plan_image_action(builder, ACTION_IMAGE_METADATA, image->id,
			                  mem_print(IMAGEDB "/metadata/sha256/%s", image->id));
	}
	for (size_t i = 0; i < selection->image_count; i++) {
		const struct image *image = &images->items[selection->image_order[i]];

		if (plan_drops_image(builder, selection->image_order[i]))
			plan_image_action(builder, ACTION_IMAGE, image->id,
			                  mem_print(IMAGEDB "/content/sha256/%s", image->id));
	}
}

void plan_build_records(const struct plan_builder *builder)
{
	plan_refs(builder);
	plan_containers(builder);
	plan_images(builder);
}
