/* why.h - why an object is kept: the path from a root to it, or what it lacks. */
#ifndef GC_PLAN_WHY_H
#define GC_PLAN_WHY_H

#include "gc/graph/graph.h"
#include "gc/plan/mark.h"
#include "metadata/base/err.h"

#include <stddef.h>

struct why_step {
	enum node_kind kind;
	char *name;           /* owned; as graph_name() */
	const char *relation; /* what leads here from the step before: "names", ...; "" in the
	                         first; constant */
};

struct why {
	enum node_kind kind; /* of the object that was asked for */
	char *name;          /* owned; its full name */
	bool is_kept;
	/*
	 * Kept: the path from a root (first) to the object (last). Not kept: the
	 * objects that refer to it and are needed by nothing themselves, each with its relation to
	 * it; maybe none.
	 */
	struct why_step *steps;
	size_t count, capacity;
	const char *lacks; /* not kept and no steps: what could have named it and does not;
	                      constant. Else "" */
};

/*
 * Finds the object ID: the name, ID or a unique prefix (4 characters or more) of an overlay2
 * directory, a layer (chain ID, with or without "sha256:"), an image, a container (its name as a
 * whole), a mount, a tag, a build cache object, a network (also its ID) or a volume, in this order,
 * whole names before prefixes; stores its node. Returns 0, or -1 with ERR_USAGE: no such object, or
 * the words of the error list what the prefix fits.
 */
int why_find(const struct graph *graph, const char *id, uint32_t *node, struct err *err) MUST_USE;

/* Explains the node by MARK (mark_baseline). *WHY is freed with why_done. */
void why_explain(struct why *why, const struct graph *graph, const struct mark *mark,
                 uint32_t node);

void why_done(struct why *why);

static inline void why_cleanup(struct why *why)
{
	why_done(why);
}

#endif
