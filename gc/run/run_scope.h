/* run_scope.h - what a run was asked for, kept so that the same can be planned again. */
#ifndef GC_RUN_RUN_SCOPE_H
#define GC_RUN_RUN_SCOPE_H

#include "gc/plan/selection.h"
#include "gc/run/run.h"
#include "metadata/base/map.h"

/* Gives RUN its own copy of SCOPE, with the filters and keep rules. */
void run_scope_set(struct run *run, const struct selection_scope *scope);

/* Frees the filters and keep rules. */
void run_scope_done(struct run *run);

/* The scope as words: "containers,all-images,filter=label=x". The caller frees. */
char *run_scope_text(const struct selection_scope *scope) MUST_USE;

/* Reads such words into RUN, which has no scope yet; false if there is one that only another
 * drydock knows. */
bool run_scope_parse(struct run *run, const char *words) MUST_USE;

/*
 * What is planned anew to finish RUN. Whatever it was asked for, what it has cut loose already (a
 * layer without its image, a directory without its layer) is an orphan by now: the fresh plan must
 * see those, or the run would leave them behind. And the images that it has chosen, put into
 * DECIDED (empty; RUN must outlive it), are not held against the filters again: a parent goes with
 * its last child whether a filter means it or not, and that child may be gone by now. Only steps of
 * the run are taken from the fresh plan.
 */
struct selection_scope run_scope_again(const struct run *run, struct map *decided);

#endif
