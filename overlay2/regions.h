/* regions.h - where a file holds data: between the regions are holes. */
#ifndef OVERLAY2_REGIONS_H
#define OVERLAY2_REGIONS_H

#include "metadata/base/err.h"
#include "metadata/base/own.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct region {
	off_t start, end; /* bytes START to END - 1 */
};

struct regions {
	struct region *items; /* in the order of the file, not touching each other */
	size_t count, capacity;
};

#define REGIONS_INIT                                                                               \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

/*
 * Lists the data of the file FD, SIZE bytes long, into *REGIONS; the caller frees. Where the file
 * system does not know of holes all of it is one region. Moves the offset of FD. Returns 0, or -1:
 * ERR_SYSTEM; ERR_STATE: the file changed meanwhile.
 */
int regions_find(struct regions *regions, int fd, off_t size, struct err *err) MUST_USE;

/* Says whether something of SIZE bytes is in no region. */
bool regions_have_holes(const struct regions *regions, off_t size);

void regions_done(struct regions *regions);

static inline void regions_cleanup(struct regions *regions)
{
	regions_done(regions);
}

#endif
