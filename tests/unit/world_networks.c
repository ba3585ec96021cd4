/* world_networks.c - networks and volumes of a data root in memory. */
#include "tests/unit/world.h"

#include "metadata/base/mem.h"

#include <stdlib.h>

struct network *world_network(struct world *world, const char *word)
{
	struct network_list *list = &world->state.networks;
	struct network network = { .id = mem_text(world_id(word)),
		                   .name = mem_text(word),
		                   .type = mem_text("bridge"),
		                   .scope = mem_text("local"),
		                   .config_from = mem_text(""),
		                   .bridge_name = mem_print("br-%.12s", world_id(word)),
		                   .bridge_address = mem_text("172.18.0.1/16"),
		                   .is_bridge_made = true,
		                   .created = 1000 };

	list->items = mem_grow(list->items, list->count, &list->capacity, sizeof(*list->items));
	list->items[list->count] = network;
	return &list->items[list->count++];
}

struct volume *world_volume(struct world *world, const char *name)
{
	struct volume_list *list = &world->state.volumes;
	struct volume volume = { .name = mem_text(name),
		                 .driver = mem_text("local"),
		                 .has_dir = true,
		                 .has_record = true };

	list->items = mem_grow(list->items, list->count, &list->capacity, sizeof(*list->items));
	list->items[list->count] = volume;
	return &list->items[list->count++];
}

void world_connect(struct container *container, const char *name, const char *network_id)
{
	size_t count = container->network_count++;

	container->networks =
	    mem_resize(container->networks, count + 1, sizeof(*container->networks));
	container->networks[count] =
	    (struct container_network){ mem_text(name), mem_text(network_id) };
}

struct container_mount *world_mount_volume(struct container *container, const char *name)
{
	size_t count = container->mount_count++;

	container->mounts = mem_resize(container->mounts, count + 1, sizeof(*container->mounts));
	container->mounts[count] = (struct container_mount){ .type = CONTAINER_MOUNT_VOLUME,
		                                             .name = mem_text(name),
		                                             .driver = mem_text("local"),
		                                             .mount_id = mem_text(""),
		                                             .source = mem_text(""),
		                                             .spec_source = mem_text("") };
	return &container->mounts[count];
}

void world_set(char **text, const char *value)
{
	free(*text);
	*text = mem_text(value);
}
