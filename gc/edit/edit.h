/* edit.h - steps that change entries of a file that stays: one replacement of the file for all. */
#ifndef GC_EDIT_EDIT_H
#define GC_EDIT_EDIT_H

#include "gc/graph/graph.h"
#include "gc/run/run.h"
#include "gc/trash/trash.h"
#include "metadata/base/err.h"
#include "metadata/bolt_edit.h"
#include "metadata/network.h"

#include <stdbool.h>
#include <stddef.h>

/* Where edits are taken back (edit_undo.h, retag.h). */
struct edit_site {
	struct trash *trash;       /* with the old file */
	const struct graph *graph; /* of the root as it is now */
	bool is_trial;             /* steps become what they would, and nothing is written */
};

/*
 * Does the steps FIRST to END-1 of RUN that are STEP_PLANNED, all edits of one kind (run_group()):
 * the old file gets a second name at their place in the trash, and a new one without (or with) what
 * the steps say takes its name, in one rename. GRAPH is of the root as it is now. Entries that are
 * as they should be are done already; when all are, nothing is written. Returns 0, or -1: the old
 * file is in place. States of steps are the caller's.
 */
int edit_apply(struct trash *trash, const struct graph *graph, const struct run *run, size_t first,
               size_t end, struct err *err) MUST_USE;

/*
 * Adds to EDIT what the COUNT STEPS that are STEP_PLANNED, edits of one kind and of a database,
 * change in it; OLD is its content, NETWORKS what is in it (for ACTION_NETWORK only).
 */
void edit_collect(struct bolt_edit *edit, const struct bolt *old,
                  const struct network_list *networks, const struct run_step *steps, size_t count);

/* Removes the new version of the file of STEP, an edit, that a killed drydock has left beside it. 0
 * or -1. */
int edit_clean(struct trash *trash, const struct run_step *step, struct err *err) MUST_USE;

/*
 * Says whether the entry of STEP, an edit, still stands as it was planned: a step that is not
 * planned any more and whose entry stands is one to drop.
 */
bool edit_is_open(const struct graph *graph, const struct run_step *step);

#endif
