/* attach.h - the way back: what is in the trash of a run goes to where it was, bottom-up. */
#ifndef GC_BACK_ATTACH_H
#define GC_BACK_ATTACH_H

#include "gc/graph/graph.h"
#include "gc/run/run.h"
#include "gc/trash/trash.h"
#include "metadata/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Called after each step with how many are through; may be NULL. */
typedef void attach_progress(void *context, size_t done_count);

struct attach {
	struct run *run;           /* borrowed; states and errors of its steps change */
	const struct graph *graph; /* borrowed; of the root as it is now */
	struct trash *trash;       /* borrowed */
	int root_fd;
	const volatile bool *stop; /* becomes true: end after the step that is being done. May be
	                              NULL */
	bool is_trial;             /* nothing is done on disk: steps become what they would */
	attach_progress *progress;
	void *context;
};

/*
 * Does all steps that are STEP_DETACHED, last first: exactly the way of detach() backwards, so that
 * dockerd starts after every single one. One rename each, which replaces nothing; entries of files
 * that stayed are put back into them (edit_undo.h). A step becomes STEP_RESTORED; STEP_FAILED with
 * the reason when something else is at its place, which is left alone (conflict.h); STEP_HELD when
 * only such an object would use it, or something that it needs is not there (needs.h). Links and
 * directories are on disk for good before the records that lead to them. Last comes what a
 * dockerd has forgotten of them (volume_record.h, cache_links.h). *IS_STOPPED says whether
 * *STOP ended it. Returns 0, or -1 when a barrier fails: the run is resumable.
 */
int attach(const struct attach *attach, bool *is_stopped, struct err *err) MUST_USE;

#endif
