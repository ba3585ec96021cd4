/* prune_lines.h - the lines of a prune's report, in the order of Docker's output. */
#ifndef GC_SHOW_PRUNE_LINES_H
#define GC_SHOW_PRUNE_LINES_H

#include "gc/plan/plan.h"
#include "metadata/base/own.h"
#include "metadata/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order in which reports show them: first what Docker's prune removes, too. */
enum prune_section {
	PRUNE_CONTAINERS,
	PRUNE_NETWORKS,
	PRUNE_VOLUMES,
	PRUNE_IMAGES,
	PRUNE_CACHE,
	PRUNE_STALE_TAGS,
	PRUNE_HALF_CONTAINERS,
	PRUNE_MOUNTS,
	PRUNE_LAYERS,
	PRUNE_DIRS,
	PRUNE_LINKS,
	PRUNE_LEFTOVERS,
	PRUNE_SECTION_COUNT,
	PRUNE_NONE = PRUNE_SECTION_COUNT /* goes with something that has a line */
};

struct prune_line {
	enum prune_section section;
	bool is_untagged;   /* just a name goes, not what it names */
	char *text;         /* owned; may hold any byte */
	int64_t size_bytes; /* -1: nothing of its own */
};

struct prune_lines {
	struct prune_line *items; /* sorted by section; within it in the order of the plan, images
	                             in Docker's */
	size_t count, capacity;
};

/*
 * Makes a line of each action of PLAN for which IS_DONE (NULL: all) is true and which has one.
 * Images: their tags first, then the image, then its layers from the top down (chain IDs), each
 * with the last image that contains it. Linear. The caller frees.
 */
struct prune_lines *prune_lines_make(const struct plan *plan, const struct state *state,
                                     const bool *is_done) MUST_USE;

/* What Docker writes before the text: "untagged: " or "deleted: " in the list of images, else "".
 */
const char *prune_line_prefix(const struct prune_line *line);

void prune_lines_free(struct prune_lines *lines);

OWN_DEFINE(prune_lines, struct prune_lines *, prune_lines_free)

#endif
