/* image_prune.c - dockerd's ImagesPrune and ImageDelete, played on the records (docker-data-root.md
 * §4.2). */
#include "gc/plan/image_prune.h"

#include "metadata/base/mem.h"
#include "metadata/reference.h"

#include <stdlib.h>
#include <string.h>

struct prune_image {
	size_t *refs; /* indices into state.refs, in dockerd's order; all of them, dropped or not */
	size_t ref_count, ref_capacity;
	size_t parent;      /* index, or SIZE_MAX */
	size_t child_count; /* children that are still there; for dockerd only loaded ones count */
	bool is_loaded;     /* dockerd knows it */
	bool is_used;       /* by a container that stays */
};

struct prune {
	struct selection *selection;
	const struct state *state;
	struct prune_image *images;
	const struct keep_marks *keep; /* NULL: nothing is kept */
};

/* Says whether dockerd loads the layer: its record and those of all its parents are whole. */
static bool prune_loads_layers(const struct layer_list *layers, const char *chain_id)
{
	/* no chain is longer than the list: a circle ends, too */
	for (size_t steps = 0; chain_id && steps <= layers->count; steps++) {
		size_t item;

		if (!map_get(&layers->by_chain_id, chain_id, &item) || layers->items[item].broken)
			return false;
		chain_id = layers->items[item].parent;
	}
	return !chain_id;
}

static int prune_compare_refs(const void *a, const void *b, void *prune)
{
	const struct ref *items = ((const struct prune *)prune)->state->refs.items;

	return reference_compare(items[*(const size_t *)a].name, items[*(const size_t *)b].name);
}

/* Which tag of a used image is the last to stay depends on the order. */
static void prune_link_refs(struct prune *prune)
{
	const struct ref_list *refs = &prune->state->refs;
	size_t item;

	for (size_t i = 0; i < refs->count; i++) {
		struct prune_image *image;

		if (!refs->items[i].image_id ||
		    !map_get(&prune->state->images.by_id, refs->items[i].image_id, &item))
			continue;
		image = &prune->images[item];
		image->refs = mem_grow(image->refs, image->ref_count, &image->ref_capacity,
		                       sizeof(*image->refs));
		image->refs[image->ref_count++] = i;
	}
	for (size_t i = 0; i < prune->state->images.count; i++) {
		struct prune_image *image = &prune->images[i];

		if (image->ref_count > 1)
			qsort_r(image->refs, image->ref_count, sizeof(*image->refs),
			        prune_compare_refs, prune);
	}
}

static void prune_mark_used(struct prune *prune, const char *image_id)
{
	size_t item;

	if (image_id && map_get(&prune->state->images.by_id, image_id, &item))
		prune->images[item].is_used = true;
}

static void prune_link_containers(struct prune *prune)
{
	const struct container_list *containers = &prune->state->containers;

	for (size_t i = 0; i < containers->count; i++) {
		const struct container *container = &containers->items[i];

		if (prune->selection->drop_container[i])
			continue;
		prune_mark_used(prune, container->image_id);
		/* dockerd forgets image mounts here (docker-data-root.md §2.5); they need the image
		 * all the same */
		for (size_t k = 0; k < container->mount_count; k++)
			prune_mark_used(prune, container->mounts[k].image_id);
	}
}

static void prune_link_images(struct prune *prune)
{
	const struct image_list *images = &prune->state->images;

	for (size_t i = 0; i < images->count; i++) {
		struct prune_image *image = &prune->images[i];

		image->is_loaded =
		    !images->items[i].is_unreadable &&
		    prune_loads_layers(&prune->state->layers, images->items[i].chain_id);
		if (!images->items[i].parent ||
		    !map_get(&images->by_id, images->items[i].parent, &image->parent))
			image->parent = SIZE_MAX;
	}
	for (size_t i = 0; i < images->count; i++) {
		if (prune->images[i].parent != SIZE_MAX)
			prune->images[prune->images[i].parent].child_count++;
	}
}

static const struct ref *prune_ref(const struct prune *prune, const struct prune_image *image,
                                   size_t at)
{
	return &prune->state->refs.items[image->refs[at]];
}

static bool prune_has_ref(const struct prune *prune, const struct prune_image *image, size_t at)
{
	return !prune->selection->drop_ref[image->refs[at]];
}

static size_t prune_ref_count(const struct prune *prune, const struct prune_image *image)
{
	size_t count = 0;

	for (size_t i = 0; i < image->ref_count; i++)
		count += prune_has_ref(prune, image, i);
	return count;
}

/* dockerd's isSingleReference: at most one, or one tag and digests all in its repository. */
static bool prune_is_single_ref(const struct prune *prune, const struct prune_image *image)
{
	const char *repository = NULL; /* of the tag, else of the first digest */
	const char *digests = NULL;    /* repository of the digests */
	size_t tags = 0;

	if (prune_ref_count(prune, image) <= 1)
		return true;
	for (size_t i = 0; i < image->ref_count; i++) {
		const struct ref *ref = prune_ref(prune, image, i);

		if (!prune_has_ref(prune, image, i))
			continue;
		if (ref->kind != REF_DIGEST) {
			tags++;
			repository = ref->repository;
		} else if (digests && strcmp(digests, ref->repository) != 0) {
			return false;
		} else {
			digests = ref->repository;
		}
	}
	if (tags > 1 || !digests)
		return false;
	return tags == 0 || strcmp(repository, digests) == 0;
}

/* After the last tag of a repository went, its digests go, too. */
static void prune_drop_digests(struct prune *prune, const struct prune_image *image,
                               const char *repository)
{
	for (size_t i = 0; i < image->ref_count; i++) {
		const struct ref *ref = prune_ref(prune, image, i);

		if (prune_has_ref(prune, image, i) && ref->kind != REF_DIGEST &&
		    strcmp(ref->repository, repository) == 0)
			return;
	}
	for (size_t i = 0; i < image->ref_count; i++) {
		const struct ref *ref = prune_ref(prune, image, i);

		if (ref->kind == REF_DIGEST && strcmp(ref->repository, repository) == 0)
			prune->selection->drop_ref[image->refs[i]] = true;
	}
}

static bool prune_is_kept(const struct prune *prune, size_t item)
{
	return prune->keep && prune->keep->image_rule[item] != KEEP_NONE;
}

/*
 * dockerd's imageDeleteHelper without force: an image with children, tags or a container stays;
 * after one is gone, its parent is tried.
 */
static void prune_delete(struct prune *prune, size_t item)
{
	while (item != SIZE_MAX) {
		struct prune_image *image = &prune->images[item];

		if (!image->is_loaded || prune->selection->drop_image[item] ||
		    prune_is_kept(prune, item) || image->child_count > 0 || image->is_used ||
		    prune_ref_count(prune, image) > 0)
			return;
		prune->selection->drop_image[item] = true;
		prune->selection->image_order[prune->selection->image_count++] = item;
		item = image->parent;
		if (item != SIZE_MAX)
			prune->images[item].child_count--;
	}
}

/* dockerd's ImageDelete(ref): conflict, untag, and the image when that was the last reference. */
static void prune_untag(struct prune *prune, size_t item, size_t at)
{
	struct prune_image *image = &prune->images[item];
	const struct ref *ref = prune_ref(prune, image, at);

	if (!prune_has_ref(prune, image, at))
		return; /* went with the last tag of its repository */
	if (ref->kind == REF_INVALID)
		return; /* dockerd does not see it; what it means is unknown */
	if (image->is_used && prune_is_single_ref(prune, image))
		return;
	prune->selection->drop_ref[image->refs[at]] = true;
	if (ref->kind != REF_DIGEST)
		prune_drop_digests(prune, image, ref->repository);
	if (prune_ref_count(prune, image) == 0)
		prune_delete(prune, item);
}

/* Says whether some reference is more than a digest: `image prune` without -a leaves the image
 * then. */
static bool prune_has_tag(const struct prune *prune, const struct prune_image *image)
{
	for (size_t i = 0; i < image->ref_count; i++) {
		if (prune_ref(prune, image, i)->kind != REF_DIGEST)
			return true;
	}
	return false;
}

/* One image of dockerd's loop over its candidates. */
static void prune_candidate(struct prune *prune, size_t item)
{
	struct prune_image *image = &prune->images[item];

	if (image->ref_count == 0) {
		prune_delete(prune, item);
		return;
	}
	if (!prune->selection->scope.all_images && prune_has_tag(prune, image))
		return;
	for (size_t i = 0; i < image->ref_count; i++)
		prune_untag(prune, item, i);
}

/*
 * Says whether the filters mean the image. Labels are those of its config: an image without one
 * goes, as it does for dockerd. One that an interrupted run has chosen is not asked again, as long
 * as nobody has tagged it since.
 */
static bool prune_takes(const struct prune *prune, size_t item)
{
	const struct selection_scope *scope = &prune->selection->scope;
	const struct image *image = &prune->state->images.items[item];

	if (scope->decided && prune->images[item].ref_count == 0 &&
	    map_get(scope->decided, image->id, NULL))
		return true;
	return filter_takes_created(scope->filters, image->created, image->created_nanoseconds,
	                            image->has_created) &&
	       (!image->has_config ||
	        filter_takes_labels(scope->filters, image->labels, image->label_count));
}

/*
 * dockerd takes its candidates before it removes the first one: with -a every image but untagged
 * ones with children, else those without children, and of those what the filters mean. It visits
 * them in random order; here in the order of their IDs.
 */
static void prune_candidates(struct prune *prune)
{
	size_t count = prune->state->images.count;
	AUTO(str) char *candidates = mem_zalloc(count, 1); /* one byte each: 1 or 0 */

	for (size_t i = 0; i < count; i++) {
		const struct prune_image *image = &prune->images[i];

		if (image->is_loaded &&
		    (image->child_count == 0 ||
		     (prune->selection->scope.all_images && image->ref_count > 0)) &&
		    !prune_is_kept(prune, i) && prune_takes(prune, i))
			candidates[i] = 1;
	}
	for (size_t i = 0; i < count; i++) {
		if (candidates[i])
			prune_candidate(prune, i);
	}
}

static void prune_run(struct selection *selection, const struct state *state,
                      const struct keep_marks *keep)
{
	struct prune prune = { selection, state,
		               mem_zalloc(state->images.count, sizeof(struct prune_image)), keep };

	prune_link_images(&prune);
	prune_link_refs(&prune);
	prune_link_containers(&prune);
	prune_candidates(&prune);
	for (size_t i = 0; i < state->images.count; i++)
		free(prune.images[i].refs);
	free(prune.images);
}

/* Notes which of the images that rules keep have something in the selection, made without them. */
static void prune_note_kept(struct selection *selection, const struct state *state)
{
	const struct keep_marks *keep = selection->keep;
	bool *is_touched = mem_zalloc(state->images.count, sizeof(*is_touched));
	size_t item;

	for (size_t i = 0; i < state->refs.count; i++) {
		if (selection->drop_ref[i] &&
		    map_get(&state->images.by_id, state->refs.items[i].image_id, &item))
			is_touched[item] = true;
	}
	selection->kept = mem_zalloc(state->images.count, sizeof(*selection->kept));
	for (size_t i = 0; i < state->images.count; i++) {
		if (keep->image_rule[i] != KEEP_NONE && (is_touched[i] || selection->drop_image[i]))
			selection->kept[selection->kept_count++] =
			    (struct selection_kept){ i, keep->image_rule[i] };
	}
	free(is_touched);
}

/* Undoes what prune_run() has selected. */
static void prune_forget(struct selection *selection, const struct state *state)
{
	for (size_t i = 0; i < state->refs.count; i++)
		selection->drop_ref[i] = false;
	for (size_t i = 0; i < state->images.count; i++)
		selection->drop_image[i] = false;
	selection->image_count = 0;
}

void image_prune(struct selection *selection, const struct state *state)
{
	if (selection->keep) {
		prune_run(selection, state, NULL);
		prune_note_kept(selection, state);
		prune_forget(selection, state);
	}
	prune_run(selection, state, selection->keep);
}
