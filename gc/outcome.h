/* outcome.h - what has become of a run, told to the user. */
#ifndef GC_OUTCOME_H
#define GC_OUTCOME_H

#include "gc/archive/archiving.h"
#include "gc/command.h"
#include "gc/plan/kept.h"
#include "gc/run/journal.h"
#include "gc/run/run.h"

/* Reports what has become of RUN, a prune, and what rules have KEPT from it. Returns bits of
 * exit_status.h. */
int outcome_report(const struct command_call *call, const struct run *run,
                   const struct kept_list *kept);

/* Notes where what RUN (NULL: it never began) removes has been archived, if ARCHIVING has done
 * that. */
void outcome_archived(const struct command_call *call, const struct run *run,
                      const struct archiving *archiving);

/* Tells what finishes RUN if it was stopped. Returns bits of exit_status.h. */
int outcome_unfinished(const struct command_call *call, const struct run *run);

/* Warns of the steps that have an error, and of the run's note. */
void outcome_problems(const struct command_call *call, const struct run *run);

/* Looks whether the root is what the run should have left, and warns if not. Returns bits of
 * exit_status.h, or -1 when it cannot be read. */
int outcome_verify(const struct command_call *call, struct journal *journal, const struct run *run,
                   struct err *err) MUST_USE;

#endif
