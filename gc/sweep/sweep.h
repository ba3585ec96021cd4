/* sweep.h - carrying out a plan: detach, barrier, erase; and finishing what was cut off. */
#ifndef GC_SWEEP_SWEEP_H
#define GC_SWEEP_SWEEP_H

#include "gc/archive/archiving.h"
#include "gc/plan/plan.h"
#include "gc/run/journal.h"
#include "gc/run/run.h"
#include "gc/session/session.h"
#include "gc/trash/cut.h"
#include "gc/trash/trash.h"

#include <stdbool.h>

enum sweep_phase {
	SWEEP_ARCHIVE, /* freed->apparent_bytes of content are written */
	SWEEP_CHECK,   /* the same are read again */
	SWEEP_DETACH,  /* done and total are steps */
	SWEEP_RETURN,  /* the same, for rollback.h */
	SWEEP_ERASE    /* done and total are things in the trash; freed is what that has given */
};

/* Called now and then, from one thread; may be NULL. */
typedef void sweep_progress(void *context, enum sweep_phase phase, size_t done_count,
                            size_t total_count, const struct usage *freed);

struct sweep_options {
	unsigned jobs;             /* threads that erase; 0: one per processor */
	const volatile bool *stop; /* becomes true (stop.h): finish the current step, write the
	                              journal, return. May be NULL */
	sweep_progress *progress;
	void *context;
	/* Where everything is written to before it goes, with what became of that; NULL: nowhere.
	 * Jobs, stop and progress in it are set from these. */
	struct archiving *archiving;
	struct cut cut; /* for tests */
};

/* What is to be done; borrowed. */
struct sweep_request {
	const struct plan *plan;
	/* Kept in the journal, to show and to plan again. */
	const char *command; /* "system prune --all" */
	bool is_quarantine;  /* erase nothing: what goes waits in the trash (rollback.h) */
	struct selection_scope scope;
	int64_t first_id; /* its number is not below that: another journal has those */
};

/*
 * Carries out a plan that was made from SESSION (opened with SESSION_WRITE: its guard stays held):
 *   0. what goes is written to an archive, if one is wanted (archiving.h): a run that cannot do
 *      that, or is stopped meanwhile, never begins;
 *   1. the run and all its steps are written to the journal;
 *   2. everything is moved into the trash, in the order of the plan (detach.h);
 *   3. a barrier, then the journal says "detached", or "quarantined" and the run waits there; when
 *      there was no room for something, what is in the trash is erased first, and 2. begins again
 *      for the rest (nothing that may have to come back, see rollback.h and archiving.h);
 *   4. the trash is erased in parallel, and the journal follows in batches;
 *   5. the directories of the run are removed, a barrier, then the journal says "done".
 * *RUN, the caller's to free, tells what became of each step.
 *
 * Returns 0 when the run came to an end of its own, or, stopped, with *RUN NULL before it began:
 *   RUN_DONE        `problem_count` steps could not be done;
 *   RUN_QUARANTINED all is in the trash;
 *   RUN_INCOMPLETE  things in the trash could not be erased, `note` says how many; sweep_resume()
 *                   tries again;
 *   unfinished      (run_is_unfinished()) it was stopped; sweep_resume() goes on.
 * Returns -1 with *ERR set when the journal or a barrier failed: nothing is lost, and what had
 * begun can be resumed. *RUN is set whenever its number was given out, else NULL.
 */
int sweep_run(struct run **run, struct journal *journal, const struct session *session,
              const struct sweep_request *request, const struct sweep_options *options,
              struct err *err) MUST_USE;

/*
 * Goes on with *RUN (journal_unfinished() or journal_load(); also RUN_INCOMPLETE). SESSION has been
 * opened since, and FRESH is a plan made from it with the scope of the run and that of orphans: a
 * step that had not been done is done only if FRESH holds it, too; else it becomes STEP_DROPPED,
 * because dockerd has run in between and the object is needed again. The journal is brought to the
 * same end as by sweep_run(). What has not been detached may have changed since it was archived: it
 * all is archived anew, which OPTIONS must ask for. Returns as sweep_run(); also -1 with ERR_STATE,
 * nothing changed, when the run is over or belongs to another data root.
 */
int sweep_resume(struct run *run, struct journal *journal, const struct session *session,
                 const struct plan *fresh, const struct sweep_options *options,
                 struct err *err) MUST_USE;

#endif
