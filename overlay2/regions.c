/* regions.c - where a file holds data: between the regions are holes. */
#include "overlay2/regions.h"

#include "metadata/base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

void regions_done(struct regions *regions)
{
	free(regions->items);
	*regions = (struct regions)REGIONS_INIT;
}

static void regions_add(struct regions *regions, off_t start, off_t end)
{
	if (regions->count > 0 && regions->items[regions->count - 1].end == start) {
		regions->items[regions->count - 1].end = end;
		return;
	}
	regions->items =
	    mem_grow(regions->items, regions->count, &regions->capacity, sizeof(*regions->items));
	regions->items[regions->count++] = (struct region){ start, end };
}

int regions_find(struct regions *regions, int fd, off_t size, struct err *err)
{
	for (off_t at = 0; at < size;) {
		off_t start = lseek(fd, at, SEEK_DATA);
		off_t end;

		if (start < 0 && errno == ENXIO) /* the rest is a hole */
			return 0;
		if (start < 0 && (errno == EINVAL || errno == EOPNOTSUPP)) {
			regions_add(regions, at, size);
			return 0;
		}
		if (start < 0)
			return err_errno(err, "find data");
		if (start >= size)
			return 0;
		end = lseek(fd, start, SEEK_HOLE);
		if (end < 0)
			return err_errno(err, "find holes");
		if (end <= start)
			return err_set(err, ERR_STATE, "changed while it was read");
		regions_add(regions, start, end < size ? end : size);
		at = end;
	}
	return 0;
}

bool regions_have_holes(const struct regions *regions, off_t size)
{
	return size > 0 && (regions->count != 1 || regions->items[0].start != 0 ||
	                    regions->items[0].end < size);
}
