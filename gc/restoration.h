/* restoration.h - putting back what a run has removed, for the user: progress, question, report. */
#ifndef GC_RESTORATION_H
#define GC_RESTORATION_H

#include "gc/command.h"
#include "gc/journal_home.h"
#include "gc/run/run.h"

/*
 * `run restore FILE`: reads the archive from end to end, shows what it would bring back and what is
 * in its way, asks unless told not to, puts it back and reports. With --dry-run it ends after
 * showing. Returns bits of exit_status.h or -1 with *ERR set: ERR_CORRUPT and ERR_STATE when the
 * archive is damaged or too new, ERR_STATE, ERR_SYSTEM.
 */
int restoration_start(const struct command_call *call, const char *file, struct err *err) MUST_USE;

/* Goes on with RUN, a RUN_RESTORE in the journal of HOME that was cut off. Returns as
 * restoration_start(). */
int restoration_resume(const struct command_call *call, struct journal_home *home, struct run *run,
                       struct err *err) MUST_USE;

#endif
