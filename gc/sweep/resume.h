/* resume.h - what of an interrupted run may still be done. */
#ifndef GC_SWEEP_RESUME_H
#define GC_SWEEP_RESUME_H

#include "gc/graph/graph.h"
#include "gc/plan/plan.h"
#include "gc/run/run.h"
#include "gc/trash/trash.h"

/*
 * Notes which of the objects that RUN has removed are there again (is_back): dockerd has run in
 * between and has made them anew. GRAPH is of the root as it is now. 0 or -1 (ERR_SYSTEM).
 */
int resume_find_back(struct run *run, const struct graph *graph, struct trash *trash,
                     struct err *err) MUST_USE;

/*
 * Goes through the steps of RUN that are not done: one that is in the trash already, or not there
 * any more, or in the plan FRESH, too (same kind, path and object; for a tag also the same image),
 * is STEP_PLANNED again; any other is needed again and becomes STEP_DROPPED, as does a volume that
 * has another size than when the user was asked (both plans are measured). GRAPH is of the root
 * as it is now. Changes nothing on disk. Returns 0 or -1 (ERR_SYSTEM).
 */
int resume_decide(struct run *run, const struct plan *fresh, const struct graph *graph,
                  struct trash *trash, struct err *err) MUST_USE;

#endif
