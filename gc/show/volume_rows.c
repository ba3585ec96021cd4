/* volume_rows.c - the listing of volumes: who uses them, how large they are. */
#include "gc/show/volume_rows.h"

#include "metadata/base/map.h"
#include "metadata/base/mem.h"

#include <stdlib.h>

static const struct row_column list_columns[] = {
	{ "DRIVER", "driver", ROW_TEXT },
	{ "VOLUME NAME", "name", ROW_TEXT },
	{ "LINKS", "links", ROW_COUNT },
	{ NULL, "is_anonymous", ROW_BOOL },
};

static const struct row_column usage_columns[] = {
	{ "VOLUME NAME", "name", ROW_TEXT }, { "LINKS", "links", ROW_COUNT },
	{ "SIZE", "size_bytes", ROW_SIZE },  { "ALLOCATED", "allocated_bytes", ROW_SIZE },
	{ "INODES", "inodes", ROW_COUNT },
};

static void volume_rows_count(const struct container *container, const struct map *by_name,
                              size_t *links)
{
	size_t volume;

	for (size_t i = 0; i < container->mount_count; i++) {
		if (container->mounts[i].type == CONTAINER_MOUNT_VOLUME &&
		    map_get(by_name, container->mounts[i].name, &volume))
			links[volume]++;
	}
}

size_t *volume_rows_links(const struct state *state)
{
	size_t *links = mem_zalloc(state->volumes.count, sizeof(*links));

	for (size_t i = 0; i < state->containers.count; i++)
		volume_rows_count(&state->containers.items[i], &state->volumes.by_name, links);
	return links;
}

int volume_rows_measure(struct sizing **sizes, const struct session *session, struct err *err)
{
	const struct volume_list *volumes = &session->state->volumes;
	AUTO(sizing) struct sizing *sizing = sizing_new(volumes->count);

	for (size_t i = 0; i < volumes->count; i++) {
		if (!volumes->items[i].has_dir)
			continue;
		sizing->slots[i].dirfd = session->root->fd;
		sizing->slots[i].path = mem_print("volumes/%s/_data", volumes->items[i].name);
	}
	if (sizing_measure(sizing, session->settings->jobs, err) < 0)
		return -1;
	*sizes = TAKE(sizing, NULL);
	return 0;
}

struct row_list volume_rows_make(const struct state *state, const size_t *links,
                                 const struct sizing *sizes)
{
	struct row_list list = ROW_LIST("volumes", NULL, list_columns);

	if (sizes)
		list = (struct row_list)ROW_LIST("volumes",
		                                 "Local Volumes space usage:", usage_columns);
	for (size_t i = 0; i < state->volumes.count; i++) {
		const struct volume *volume = &state->volumes.items[i];

		if (!volume_is_listed(volume))
			continue;
		if (!sizes)
			row_add_text(&list, volume->driver);
		row_add_text(&list, volume->name);
		row_add_count(&list, (int64_t)links[i]);
		if (!sizes) {
			row_add_bool(&list, volume->is_anonymous);
			continue;
		}
		row_add_size(&list, (int64_t)sizes->slots[i].usage.apparent_bytes);
		row_add_size(&list, (int64_t)sizes->slots[i].usage.allocated_bytes);
		row_add_count(&list, (int64_t)sizes->slots[i].usage.inodes);
	}
	return list;
}
