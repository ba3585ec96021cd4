/* conflict.h - what cannot go back to its place: something else is there by now. */
#ifndef GC_BACK_CONFLICT_H
#define GC_BACK_CONFLICT_H

#include "gc/graph/graph.h"
#include "gc/run/run.h"
#include "gc/trash/trash.h"
#include "metadata/base/err.h"

/*
 * Looks at the steps of RUN that are STEP_DETACHED, whose objects are in TRASH, and at the data
 * root, whose descriptor is ROOT_FD and whose GRAPH is of now. What dockerd or the user has made
 * since is left alone:
 *   - an object whose place is taken becomes STEP_FAILED, "exists already"; buildkit/ as a whole
 *     does not when the one that is there holds nothing (cache_is_empty());
 *   - a container whose name another one has now becomes STEP_FAILED: dockerd would forget it;
 *   - what only such an object would use becomes STEP_HELD: the mount of a container, the
 *     directories of a layer, mount or build cache with their links, unless the `lower` of another
 *     directory that goes back names them.
 * Edits are not looked at, they find their own conflicts. Changes nothing on disk. 0 or -1.
 */
int conflict_find(struct run *run, struct trash *trash, int root_fd, const struct graph *graph,
                  struct err *err) MUST_USE;

#endif
