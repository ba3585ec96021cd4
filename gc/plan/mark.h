/* mark.h - what stays: everything that a root reaches, and through what. */
#ifndef GC_PLAN_MARK_H
#define GC_PLAN_MARK_H

#include "gc/graph/graph.h"
#include "gc/plan/selection.h"

#define MARK_ROOT UINT32_MAX       /* via: the node is itself a root */
#define MARK_DEAD (UINT32_MAX - 1) /* via: nothing reaches the node */

struct mark {
	uint32_t *via;     /* per node: the node that reached it first, MARK_ROOT or MARK_DEAD */
	uint8_t *via_kind; /* per node: enum edge_kind of that step */
	uint32_t node_count;
};

/*
 * What is reachable when nothing is removed: marks from every tag, container, image and
 * build-cache object, and from mounted directories, along all edges. What is dead here is
 * seen by drydock only. Linear in nodes and edges. The caller frees.
 */
struct mark *mark_baseline(const struct graph *graph) MUST_USE;

/*
 * The same without what SELECTION drops. When its scope does not include the layers that
 * only drydock sees, everything that is dead in BASELINE is a root, as it is for
 * dockerd: what is not asked for stays, and so does what it refers to.
 */
struct mark *mark_selection(const struct graph *graph, const struct selection *selection,
                            const struct mark *baseline) MUST_USE;

/*
 * Adds a finding for each node that is alive in MARK and cannot be read, so that what it could need
 * is kept.
 */
void mark_find_blocks(const struct mark *mark, const struct graph *graph,
                      struct finding_list *findings);

void mark_free(struct mark *mark);

OWN_DEFINE(mark, struct mark *, mark_free)

static inline bool mark_is_live(const struct mark *mark, uint32_t node)
{
	return mark->via[node] != MARK_DEAD;
}

#endif
