/* hold.h - what must stay because a step failed: everything that the object it left behind needs.
 */
#ifndef GC_RUN_HOLD_H
#define GC_RUN_HOLD_H

#include "gc/graph/graph.h"
#include "gc/run/run.h"

#include <stdbool.h>

/*
 * The rule. An object that could not be moved away stays, so whatever it refers to must stay as
 * well, along all edges of the graph: a container that stays needs its mount, its image and their
 * layers; a layer record needs its parents' records and the directories of all of them
 * (docker-data-root.md §0 rule 3); tags that stay need their images. A directory or link that stays
 * holds what its `lower` names, and a directory stays with its links. Steps on held objects are not
 * done. Steps run top-down, so what a failed step needs has not been moved yet.
 */
struct hold;

/* GRAPH is borrowed. The caller frees. */
struct hold *hold_new(const struct graph *graph) MUST_USE;

void hold_free(struct hold *hold);

OWN_DEFINE(hold, struct hold *, hold_free)

/* The object of STEP stays. Linear in what it needs. STEP must live as long as the hold. */
void hold_add(struct hold *hold, const struct run_step *step);

/* The step that makes the object of STEP stay, or NULL. A stray holds nothing and is never held. */
const struct run_step *hold_find(struct hold *hold, const struct run_step *step);

#endif
