/* volume_prune.c - which volumes a prune takes (docker-data-root.md §4.5, bolt-buildkit.md §5). */
#include "gc/plan/volume_prune.h"

#include "gc/plan/filter.h"
#include "metadata/base/id.h"
#include "metadata/base/map.h"

#include <string.h>

static bool volume_is_prunable(const struct volume *volume)
{
	return volume->has_dir && !volume->has_options && strcmp(volume->driver, "local") == 0;
}

void volume_prune(struct selection *selection, const struct state *state)
{
	const struct volume_list *volumes = &state->volumes;

	if (volumes->is_unreadable)
		return;
	for (size_t i = 0; i < volumes->count; i++) {
		const struct volume *volume = &volumes->items[i];

		selection->drop_volume[i] =
		    volume_is_prunable(volume) &&
		    (selection->scope.all_volumes || volume->is_anonymous) &&
		    filter_takes_labels(selection->scope.filters, volume->labels,
		                        volume->label_count);
	}
}

size_t volume_prune_unmarked(const struct selection *selection, const struct state *state)
{
	AUTO(map) struct map mounted = MAP_INIT;
	size_t count = 0;

	for (size_t i = 0; i < state->containers.count; i++) {
		const struct container *container = &state->containers.items[i];

		for (size_t k = 0; k < container->mount_count && !selection->drop_container[i]; k++)
			(void)map_set(&mounted, container->mounts[k].name, i);
	}
	for (size_t i = 0; i < state->volumes.count; i++) {
		const struct volume *volume = &state->volumes.items[i];

		count += volume_is_prunable(volume) && !volume->is_anonymous &&
		         volume->label_count == 0 && id_is_hex(volume->name) &&
		         !map_get(&mounted, volume->name, NULL);
	}
	return count;
}
