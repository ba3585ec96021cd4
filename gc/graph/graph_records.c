/* graph_records.c - edges of tags, containers, images and mounts (docker-data-root.md §2.1). */
#include "gc/graph/graph_build.h"

#include "metadata/base/digest.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define LAYERS (1u << NODE_LAYER)
#define DIRS (1u << NODE_DIR)
#define IMAGES (1u << NODE_IMAGE)
#define MOUNTS (1u << NODE_MOUNT)

static void graph_build_refs(struct graph_builder *builder)
{
	const struct ref_list *refs = &builder->graph->state->refs;
	const struct image_list *images = &builder->graph->state->images;
	bool is_empty = refs->count == 0 && images->count > 0 && !refs->is_emptied;

	for (size_t i = 0; i < refs->count; i++) {
		const struct ref *ref = &refs->items[i];
		uint32_t from = graph_node(builder->graph, NODE_REF, i);

		if (!ref->image_id) /* a value that is no image ID: any image may be meant */
			graph_build_wildcard(builder, from, IMAGES);
		else if (!graph_build_to_image(builder, from, ref->image_id, EDGE_NAMES))
			finding_add(builder->findings, FINDING_REF_STALE,
			            "image/overlay2/repositories.json", "%s names %s", ref->name,
			            ref->value);
	}
	/*
	 * A lost repositories.json turns every image into a dangling one
	 * (docker-data-root.md §5, L27): that is no reason to remove them.
	 */
	if (is_empty && !refs->is_unreadable)
		finding_add(builder->findings, FINDING_REFS_EMPTY,
		            "image/overlay2/repositories.json", "%s, but there are %zu images",
		            refs->is_missing ? "does not exist" : "has no entry", images->count);
	if (refs->is_unreadable || is_empty)
		graph_build_wildcard(builder, graph_node(builder->graph, NODE_IMAGES, 0), IMAGES);
}

/*
 * Mounts of a container: the one of its name, the image mounts that its config names, and those of
 * 28.x, whose names begin with its ID and a dash (docker-data-root.md §2.5).
 */
static void graph_build_container_mounts(struct graph_builder *builder, uint32_t from,
                                         const struct container *container)
{
	const struct mount_list *mounts = &builder->graph->state->mounts;
	size_t id_len = strlen(container->id);
	size_t low = 0;
	size_t high = mounts->count;
	size_t item;

	while (low < high) { /* the first mount whose name is not below the ID */
		size_t middle = low + (high - low) / 2;

		if (strcmp(mounts->items[middle].name, container->id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < mounts->count && strncmp(mounts->items[low].name, container->id, id_len) == 0;
	     low++) {
		char after = mounts->items[low].name[id_len];

		if (after == '\0' || after == '-' || after == '/')
			edge_list_add(&builder->edges, from,
			              graph_node(builder->graph, NODE_MOUNT, low), EDGE_MOUNT);
	}
	for (size_t i = 0; i < container->mount_count; i++) {
		const struct container_mount *mount = &container->mounts[i];

		if (mount->type != CONTAINER_MOUNT_IMAGE)
			continue;
		if (mount->mount_id && map_get(&mounts->by_name, mount->mount_id, &item))
			edge_list_add(&builder->edges, from,
			              graph_node(builder->graph, NODE_MOUNT, item), EDGE_MOUNT);
		(void)graph_build_to_image(builder, from, mount->image_id, EDGE_OF_IMAGE);
	}
}

/* A mount whose record was torn does not pin its layers in dockerd (docker-data-root.md §5, L3). */
static void graph_find_torn(struct graph_builder *builder, const struct container *container)
{
	const struct state *state = builder->graph->state;
	const struct mount *mount;
	size_t item;

	if (!container->image_id || !map_get(&state->mounts.by_name, container->id, &item))
		return;
	mount = &state->mounts.items[item];
	if (mount->parent || mount->is_empty || (mount->broken & MOUNT_BAD_PARENT) ||
	    !map_get(&state->images.by_id, container->image_id, &item) ||
	    !state->images.items[item].chain_id)
		return;
	AUTO(str) char *path = mem_print("image/overlay2/layerdb/mounts/%s", mount->name);

	finding_add(builder->findings, FINDING_MOUNT_TORN, path,
	            "has no parent, image sha256:%s has layers", container->image_id);
}

/* Findings and wildcards of a container that has no mount of its own. */
static void graph_build_mountless(struct graph_builder *builder, uint32_t from,
                                  const struct container *container)
{
	if (!container->has_config || container->is_unreadable ||
	    strcmp(container->driver, "overlay2") != 0 ||
	    map_get(&builder->graph->state->mounts.by_name, container->id, NULL))
		return;
	finding_add(builder->findings, FINDING_CONTAINER_NO_MOUNT, "containers", "%s (%s)",
	            container->id, container->name);
	/* A `docker rm` that was cut off has marked it first; else its layers may be anywhere. */
	if (!container->is_dead && !container->is_removing)
		graph_build_wildcard(builder, from, LAYERS | DIRS);
}

static void graph_build_containers(struct graph_builder *builder)
{
	const struct container_list *containers = &builder->graph->state->containers;

	for (size_t i = 0; i < containers->count; i++) {
		const struct container *container = &containers->items[i];
		uint32_t from = graph_node(builder->graph, NODE_CONTAINER, i);

		(void)graph_build_to_image(builder, from, container->image_id, EDGE_OF_IMAGE);
		if (!container->image_id && container->has_config && !container->is_unreadable &&
		    strcmp(container->driver, "overlay2") == 0)
			graph_build_wildcard(builder, from, IMAGES);
		graph_build_container_mounts(builder, from, container);
		graph_find_torn(builder, container);
		graph_build_mountless(builder, from, container);
		if (container
		        ->is_unreadable) /* its image, and image mounts with names of their own */
			graph_build_wildcard(builder, from, IMAGES | MOUNTS);
	}
}

/*
 * An image whose top layer is gone does not load, but what is left of its chain is
 * still what a pull or a repair would go on from.
 */
static void graph_build_partial_chain(struct graph_builder *builder, uint32_t from,
                                      const struct image *image)
{
	AUTO(str) char *path = mem_print("image/overlay2/imagedb/content/sha256/%s", image->id);
	char chain[DIGEST_HEX_SIZE];
	size_t present = 0;

	for (size_t i = 0; i < image->diff_id_count; i++) {
		digest_chain_id(i > 0 ? chain : NULL, image->diff_ids[i], chain);
		present += graph_build_to_layer(builder, from, chain, EDGE_TOP_LAYER);
	}
	finding_add(builder->findings, FINDING_IMAGE_LAYERS_GONE, path,
	            "%zu of its %zu layers exist, layer sha256:%s does not", present,
	            image->diff_id_count, image->chain_id);
}

static void graph_build_images(struct graph_builder *builder)
{
	const struct image_list *images = &builder->graph->state->images;

	for (size_t i = 0; i < images->count; i++) {
		const struct image *image = &images->items[i];
		uint32_t from = graph_node(builder->graph, NODE_IMAGE, i);

		(void)graph_build_to_image(builder, from, image->parent, EDGE_PARENT_IMAGE);
		if (image->is_parent_unknown)
			graph_build_wildcard(builder, from, IMAGES);
		if (image->is_unreadable)
			graph_build_wildcard(builder, from, LAYERS);
		else if (!graph_build_to_layer(builder, from, image->chain_id, EDGE_TOP_LAYER))
			graph_build_partial_chain(builder, from, image);
	}
}

static void graph_build_mounts(struct graph_builder *builder)
{
	const struct mount_list *mounts = &builder->graph->state->mounts;

	for (size_t i = 0; i < mounts->count; i++) {
		const struct mount *mount = &mounts->items[i];
		uint32_t from = graph_node(builder->graph, NODE_MOUNT, i);

		(void)graph_build_to_layer(builder, from, mount->parent, EDGE_PARENT);
		(void)graph_build_to_dir(builder, from, mount->mount_id, EDGE_DATA);
		(void)graph_build_to_dir(builder, from, mount->init_id, EDGE_INIT);
		if (mount->broken & (MOUNT_BAD_MOUNT_ID | MOUNT_BAD_INIT_ID))
			graph_build_wildcard(builder, from, DIRS);
		if (mount->broken & MOUNT_BAD_PARENT)
			graph_build_wildcard(builder, from, LAYERS);
	}
}

void graph_build_records(struct graph_builder *builder)
{
	graph_build_refs(builder);
	graph_build_containers(builder);
	graph_build_images(builder);
	graph_build_mounts(builder);
}
