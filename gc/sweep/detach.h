/* detach.h - the first half of a run: everything that goes is moved into the trash, top-down. */
#ifndef GC_SWEEP_DETACH_H
#define GC_SWEEP_DETACH_H

#include "gc/run/run.h"
#include "gc/trash/trash.h"

#include <stdbool.h>

/* Called after each step with how many are through; may be NULL. */
typedef void detach_progress(void *context, size_t done_count);

struct detach {
	struct run *run;           /* borrowed; states and errors of its steps change */
	const struct graph *graph; /* borrowed; of the root as it is now */
	struct trash *trash;       /* borrowed */
	const volatile bool *stop; /* becomes true: end after the step that is being done. May be
	                              NULL */
	detach_progress *progress;
	void *context;
	/* A tag that finds no room to be removed does not hold its image: dockerd starts with a tag
	 * whose image is gone, and goes on without it. */
	bool may_leave_tags;
};

/*
 * Does all steps that are STEP_PLANNED, in order, one rename each; edits of a kind in one
 * replacement of their file. A step that cannot be done becomes STEP_FAILED with
 * the reason, those that must not be done because of it STEP_HELD (hold.h); what is not there any
 * more is no error. What has been made again since it was moved (is_back) stays with all it needs.
 * Between records and what they lead to (volumes, the links and directories of overlay2) is a
 * barrier: no power cut can leave a record whose directory is gone, or forget a directory that is
 * left. *IS_STOPPED says whether *STOP ended it. Returns 0, or -1 when a barrier fails: the run is
 * resumable.
 */
int detach(const struct detach *detach, bool *is_stopped, struct err *err) MUST_USE;

/* Says whether KIND is what records lead to: containers to volumes, layers to links and
 * directories. */
bool detach_is_storage(enum action_kind kind);

#endif
