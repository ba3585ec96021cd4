/* needs.h - what an object must find in the data root when it comes back to it. */
#ifndef GC_BACK_NEEDS_H
#define GC_BACK_NEEDS_H

#include "gc/graph/graph.h"
#include "gc/run/run.h"
#include "gc/trash/trash.h"
#include "metadata/base/own.h"

#include <stdbool.h>

/* What is asked on the way back of one run. Everything is borrowed; RUN keeps its steps. */
struct needs;

/* GRAPH is of the root as it is now. In a trial what steps that are STEP_RESTORED move counts as
 * there. The caller frees. */
struct needs *needs_new(struct trash *trash, int root_fd, const struct graph *graph,
                        const struct run *run, bool is_trial) MUST_USE;

void needs_free(struct needs *needs);

OWN_DEFINE(needs, struct needs *, needs_free)

/*
 * Looks at the object of STEP, a step of the run, at its place in the trash, and says what is
 * missing in the data root: a layer needs its parent and its directory with its link, a mount its
 * layer and directories, a container its mount and image, an image its layers, metadata its image,
 * a directory the links that its `lower` names (there, or still to come), a link its directory, a
 * tag its image, a build cache record must be back before it loses its mark (docker-data-root.md
 * §0, §1). What no dockerd could use (REASON_ORPHAN) needs nothing. Returns NULL, or the words; the
 * caller frees.
 */
char *needs_missing(const struct needs *needs, const struct run_step *step) MUST_USE;

#endif
