/* lower.h - the file `lower` of a layer directory: l/LINK(:l/LINK)*, the top one first
 * (docker-data-root.md §1.6). */
#ifndef OVERLAY2_LOWER_H
#define OVERLAY2_LOWER_H

#include "metadata/base/id.h"

#include <stddef.h>

#define LOWER_LINKS_MAX 128 /* dockerd's maxDepth */
#define LOWER_BYTES_MAX ((size_t)LOWER_LINKS_MAX * (sizeof("l/:") - 1 + ID_LINK_LEN) - 1)

/* How far a `lower` has been read. Start with { text, len, 0, 0 }. */
struct lower {
	const char *text; /* borrowed; any bytes */
	size_t len;
	size_t at; /* byte offset of what comes next, or of what is wrong */
	unsigned count;
};

enum lower_step {
	LOWER_LINK, /* one more link */
	LOWER_END,
	LOWER_INVALID, /* what is at `at` cannot be understood; there are no more steps */
};

/* Reads the name of the next link. An empty file is LOWER_INVALID: dockerd cannot read it. */
enum lower_step lower_next(struct lower *lower, char link[ID_LINK_LEN + 1]);

#endif
