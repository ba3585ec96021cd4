/* world.c - data roots in memory for tests of the decider: records and directories by short names.
 */
#include "tests/unit/world.h"

#include "metadata/base/digest.h"
#include "metadata/base/mem.h"
#include "tests/unit/scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *world_id(const char *word)
{
	static char ring[8][DIGEST_HEX_SIZE];
	static unsigned next;
	char *id = ring[next++ % 8];

	digest_sha256(word, strlen(word), id);
	return id;
}

char *world_dup_id(const char *word)
{
	return word ? mem_text(world_id(word)) : NULL;
}

struct world *world_new(void)
{
	return mem_zalloc(1, sizeof(struct world));
}

#define ADD(list, item)                                                                            \
	({                                                                                         \
		(list)->items = mem_grow((list)->items, (list)->count, &(list)->capacity,          \
		                         sizeof(*(list)->items));                                  \
		(list)->items[(list)->count] = (item);                                             \
		&(list)->items[(list)->count++];                                                   \
	})

/* A directory under a name of its own; the link is made of the name. */
void world_named_dir(struct world *world, const char *name, const char *lowers)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	struct inventory *inventory = &world->inventory;
	struct inventory_dir dir = { .name = mem_text(name), .has_diff = true };
	struct inventory_link link = { .target = mem_text(name) };
	char hash[DIGEST_HEX_SIZE];

	digest_sha256(name, strlen(name), hash);
	for (size_t i = 0; i < ID_LINK_LEN; i++)
		dir.link[i] = digits[(unsigned char)hash[i] % 32];
	(void)memcpy(link.name, dir.link, sizeof(link.name));
	/* resolved in world_seal(), when every directory is there */
	dir.lowers = (uint32_t *)(void *)mem_text(lowers ? lowers : "");
	inventory->dirs = mem_grow(inventory->dirs, inventory->dir_count, &inventory->dir_capacity,
	                           sizeof(*inventory->dirs));
	inventory->dirs[inventory->dir_count++] = dir;
	inventory->links = mem_grow(inventory->links, inventory->link_count,
	                            &inventory->link_capacity, sizeof(*inventory->links));
	inventory->links[inventory->link_count++] = link;
}

void world_dir(struct world *world, const char *word, const char *lowers)
{
	world_named_dir(world, world_id(word), lowers);
}

struct layer *world_layer(struct world *world, const char *word, const char *parent)
{
	struct layer layer = { .chain_id = world_dup_id(word),
		               .diff_id = world_dup_id(word),
		               .parent = world_dup_id(parent),
		               .cache_id = world_dup_id(word),
		               .size_bytes = 1000 };

	world_dir(world, word, parent);
	return ADD(&world->state.layers, layer);
}

struct image *world_image(struct world *world, const char *word, const char *top,
                          const char *parent)
{
	struct image image = { .id = world_dup_id(word),
		               .parent = world_dup_id(parent),
		               .chain_id = world_dup_id(top),
		               .os = mem_text("linux"),
		               .has_metadata = parent != NULL };

	return ADD(&world->state.images, image);
}

void world_ref(struct world *world, const char *name, const char *image)
{
	const char *slash = strrchr(name, '/');
	const char *last = slash ? slash : name; /* what is before it may have a port */
	size_t len = (size_t)(last - name) + strcspn(last, ":@");
	struct ref ref = { .name = mem_text(name),
		           .repository = mem_copy(name, len),
		           .image_id = world_dup_id(image),
		           .value = mem_print("sha256:%s", world_id(image)),
		           .kind = strchr(name, '@') ? REF_DIGEST : REF_TAG };

	(void)ADD(&world->state.refs, ref);
}

struct mount *world_mount(struct world *world, const char *name, const char *dir,
                          const char *parent)
{
	struct mount mount = { .name = mem_text(name),
		               .mount_id = world_dup_id(dir),
		               .parent = world_dup_id(parent) };

	if (dir)
		world_dir(world, dir, parent);
	return ADD(&world->state.mounts, mount);
}

struct container *world_container(struct world *world, const char *word, const char *image,
                                  const char *top)
{
	struct container container = { .id = world_dup_id(word),
		                       .name = mem_text(word),
		                       .image_id = world_dup_id(image),
		                       .image_name = mem_text(""),
		                       .driver = mem_text("overlay2"),
		                       .network_mode = mem_text(""),
		                       .restart_policy = mem_text(""),
		                       .has_started = true,
		                       .has_networks = true,
		                       .has_mounts = true,
		                       .has_mode = true,
		                       .has_config = true };
	AUTO(str) char *init = mem_print("%s-init", world_id(word));
	struct mount *mount = world_mount(world, container.id, word, top);

	mount->init_id = mem_text(init);
	world_named_dir(world, init, top);
	return ADD(&world->state.containers, container);
}

/* Every item of every list begins with its name. */
static int world_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int world_compare_links(const void *a, const void *b)
{
	return strcmp(((const struct inventory_link *)a)->name,
	              ((const struct inventory_link *)b)->name);
}

/* Sorts COUNT items of SIZE bytes and maps their names. */
static void world_index(void *items, size_t count, size_t size, struct map *map)
{
	if (count == 0)
		return;
	qsort(items, count, size, world_compare);
	for (size_t i = 0; map && i < count; i++)
		(void)map_set(map, *(char *const *)((char *)items + i * size), i);
}

static void world_resolve_lowers(struct inventory *inventory, struct inventory_dir *dir)
{
	AUTO(str) char *words = (char *)(void *)dir->lowers;
	char *rest = NULL;

	dir->lowers = NULL;
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		size_t lower;
		size_t link;

		if (!map_get(&inventory->dir_by_name, world_id(word), &lower) ||
		    !map_get(&inventory->link_by_name, inventory->dirs[lower].link, &link))
			continue;
		dir->lowers = mem_resize(dir->lowers, dir->lower_count + 1, sizeof(uint32_t));
		dir->lower_links =
		    mem_resize(dir->lower_links, dir->lower_count + 1, sizeof(uint32_t));
		dir->lowers[dir->lower_count] = (uint32_t)lower;
		dir->lower_links[dir->lower_count++] = (uint32_t)link;
	}
}

static void world_seal_inventory(struct inventory *inventory)
{
	world_index(inventory->dirs, inventory->dir_count, sizeof(*inventory->dirs),
	            &inventory->dir_by_name);
	if (inventory->link_count > 0)
		qsort(inventory->links, inventory->link_count, sizeof(*inventory->links),
		      world_compare_links);
	for (size_t i = 0; i < inventory->link_count; i++) {
		size_t dir;

		(void)map_set(&inventory->link_by_name, inventory->links[i].name, i);
		inventory->links[i].dir =
		    map_get(&inventory->dir_by_name, inventory->links[i].target, &dir)
			? (int64_t)dir
			: -1;
	}
	for (size_t i = 0; i < inventory->dir_count; i++)
		world_resolve_lowers(inventory, &inventory->dirs[i]);
}

void world_seal(struct world *world)
{
	struct state *state = &world->state;
	struct cache *cache = &state->cache;

	world_index(state->refs.items, state->refs.count, sizeof(struct ref), NULL);
	world_index(state->images.items, state->images.count, sizeof(struct image),
	            &state->images.by_id);
	world_index(state->layers.items, state->layers.count, sizeof(struct layer),
	            &state->layers.by_chain_id);
	world_index(state->mounts.items, state->mounts.count, sizeof(struct mount),
	            &state->mounts.by_name);
	world_index(state->containers.items, state->containers.count, sizeof(struct container),
	            &state->containers.by_id);
	world_index(state->networks.items, state->networks.count, sizeof(struct network),
	            &state->networks.by_id);
	world_index(state->volumes.items, state->volumes.count, sizeof(struct volume),
	            &state->volumes.by_name);
	world_index(cache->records, cache->record_count, sizeof(struct cache_record),
	            &cache->record_by_id);
	world_index(cache->leases, cache->lease_count, sizeof(struct cache_lease),
	            &cache->lease_by_id);
	world_index(cache->snapshots, cache->snapshot_count, sizeof(struct cache_snapshot),
	            &cache->snapshot_by_id);
	world_seal_inventory(&world->inventory);
	world->graph = graph_build(state, &world->inventory, &world->findings);
	world->baseline = mark_baseline(world->graph);
}

static void world_forget_plan(struct world *world)
{
	plan_free(world->plan);
	mark_free(world->mark);
	selection_free(world->selection);
}

void world_plan(struct world *world, const char *scope)
{
	const struct selection_scope wanted = scope_ruled(scope, &world->rules);

	world_forget_plan(world);
	world->selection = selection_make(&world->state, &wanted);
	world->mark = mark_selection(world->graph, world->selection, world->baseline);
	world->plan = plan_make(world->graph, world->selection, world->baseline, world->mark);
}

size_t world_count(const struct world *world, enum action_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < world->plan->count; i++)
		count += world->plan->actions[i].kind == kind;
	return count;
}

bool world_goes(const struct world *world, enum action_kind kind, const char *object)
{
	for (size_t i = 0; i < world->plan->count; i++) {
		if (world->plan->actions[i].kind == kind &&
		    strcmp(world->plan->actions[i].object, object) == 0)
			return true;
	}
	return false;
}

bool world_goes_id(const struct world *world, enum action_kind kind, const char *prefix,
                   const char *word)
{
	AUTO(str) char *object = mem_print("%s%s", prefix, world_id(word));

	return world_goes(world, kind, object);
}

bool world_has_finding(const struct world *world, enum finding_code code)
{
	for (size_t i = 0; i < world->findings.count; i++) {
		if (world->findings.items[i].code == code)
			return true;
	}
	return false;
}

void world_free(struct world *world)
{
	struct inventory *inventory = &world->inventory;

	rules_done(&world->rules);
	world_forget_plan(world);
	mark_free(world->baseline);
	graph_free(world->graph);
	ref_list_done(&world->state.refs);
	image_list_done(&world->state.images);
	layer_list_done(&world->state.layers);
	mount_list_done(&world->state.mounts);
	container_list_done(&world->state.containers);
	network_list_done(&world->state.networks);
	volume_list_done(&world->state.volumes);
	cache_done(&world->state.cache);
	for (size_t i = 0; i < inventory->dir_count; i++) {
		free(inventory->dirs[i].name);
		free(inventory->dirs[i].lowers);
		free(inventory->dirs[i].lower_links);
	}
	for (size_t i = 0; i < inventory->link_count; i++)
		free(inventory->links[i].target);
	free(inventory->dirs);
	free(inventory->links);
	map_done(&inventory->dir_by_name);
	map_done(&inventory->link_by_name);
	finding_list_done(&world->findings);
	free(world);
}
