/* execution.h - carrying out a plan for the user: journal, signals, progress, report. */
#ifndef GC_EXECUTION_H
#define GC_EXECUTION_H

#include "gc/command.h"
#include "gc/plan/plan.h"
#include "gc/plan/selection.h"

/*
 * Carries out PLAN as a new run and reports what was removed. Refuses while an earlier run is
 * unfinished. SIGINT and SIGTERM end it between two steps. Returns bits of exit_status.h,
 * or -1 with *ERR set (ERR_STATE, ERR_SYSTEM, ...).
 */
int execution_start(const struct command_call *call, const struct plan *plan,
                    const struct selection_scope *scope, struct err *err) MUST_USE;

/* Goes on with run NUMBER, or with 0 with the one that was cut off, and reports. Returns as
 * execution_start(). */
int execution_resume(const struct command_call *call, int64_t number, struct err *err) MUST_USE;

#endif
