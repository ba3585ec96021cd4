/* sizing.c - exact sizes for a list of things of which some have nothing on disk. */
#include "gc/show/sizing.h"

#include "metadata/base/mem.h"
#include "overlay2/measure.h"

#include <stdlib.h>

struct sizing *sizing_new(size_t count)
{
	struct sizing *sizing = mem_zalloc(1, sizeof(*sizing));

	sizing->slots = mem_zalloc(count, sizeof(*sizing->slots));
	sizing->count = count;
	return sizing;
}

int sizing_measure(struct sizing *sizing, unsigned jobs, struct err *err)
{
	struct measure_item *items = mem_zalloc(sizing->count, sizeof(*items));
	size_t *slots = mem_zalloc(sizing->count, sizeof(*slots)); /* of each item */
	size_t used = 0;
	int result = 0;

	for (size_t i = 0; i < sizing->count; i++) {
		if (!sizing->slots[i].path || sizing->slots[i].dirfd < 0)
			continue;
		items[used].dirfd = sizing->slots[i].dirfd;
		items[used].path = sizing->slots[i].path;
		slots[used++] = i;
	}
	if (used > 0)
		result = measure(items, used, jobs, err);
	for (size_t i = 0; i < used && result == 0; i++)
		sizing->slots[slots[i]].usage = items[i].usage;
	free(items);
	free(slots);
	return result;
}

void sizing_free(struct sizing *sizing)
{
	if (!sizing)
		return;
	for (size_t i = 0; i < sizing->count; i++)
		free(sizing->slots[i].path);
	free(sizing->slots);
	free(sizing);
}
