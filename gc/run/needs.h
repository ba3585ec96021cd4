/* needs.h - what an object must find in the data root when it comes back to it. */
#ifndef GC_RUN_NEEDS_H
#define GC_RUN_NEEDS_H

#include "gc/run/run.h"
#include "gc/run/trash.h"

/*
 * Looks at the object of STEP, a step of RUN, at its place in the trash, and says what is missing
 * in the data root: a layer needs its parent and its directory, a mount its layer and directories,
 * a container its mount, an image its layers, metadata its image, a link its directory, a tag its
 * image (docker-data-root.md §0, §1). What no dockerd could use (REASON_ORPHAN) needs nothing.
 * Returns NULL, or the words; the caller frees.
 */
char *needs_missing(struct trash *trash, int root_fd, const struct run *run,
                    const struct run_step *step) MUST_USE;

#endif
