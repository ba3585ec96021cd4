/* discard.h - the second half of a run: the trash is erased, and the journal follows. */
#ifndef GC_SWEEP_DISCARD_H
#define GC_SWEEP_DISCARD_H

#include "gc/run/journal.h"
#include "gc/run/run.h"
#include "gc/sweep/sweep.h"
#include "gc/trash/trash.h"

/*
 * Erases what is in the directories of TRASH (all known, see trash_know()) for the steps of RUN
 * that are STEP_DETACHED: they become STEP_ERASED, or keep their state with an error. One that is
 * not in the trash any more was erased before the journal could say so: what it freed is taken from
 * the plan. Names in the trash that are no step's stay. At the end RUN is RUN_DONE or
 * RUN_INCOMPLETE, in the journal, too; when *OPTIONS->stop becomes true it stays RUN_DETACHED.
 * Returns 0, or -1 (journal, barrier, directory): resumable.
 */
int discard(struct run *run, struct journal *journal, struct trash *trash,
            const struct sweep_options *options, struct err *err) MUST_USE;

/*
 * The first part of that, when there is more to detach: RUN keeps its state and its directories.
 * *IS_STOPPED: not all of it was erased, because of *OPTIONS->stop. Returns as discard().
 */
int discard_early(struct run *run, struct journal *journal, struct trash *trash,
                  const struct sweep_options *options, bool *is_stopped, struct err *err) MUST_USE;

#endif
