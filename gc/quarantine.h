/* quarantine.h - runs that wait in the trash: erased after all, or put back, for the user. */
#ifndef GC_QUARANTINE_H
#define GC_QUARANTINE_H

#include "gc/command.h"
#include "gc/journal_home.h"
#include "gc/run/run.h"

#include <stdint.h>

/* Tells what a run that has just gone into quarantine waits for. */
void quarantine_tell(const struct command_call *call, const struct run *run);

/*
 * `run commit N`: shows what waits, asks unless told not to, erases it and reports. With --dry-run
 * it ends after showing. Returns bits of exit_status.h, or -1 with *ERR set (ERR_STATE: it waits
 * for nothing).
 */
int quarantine_commit(const struct command_call *call, int64_t number, struct err *err) MUST_USE;

/* `run rollback N`: puts everything back and reports; with --dry-run it shows what would go back
 * and what is in the way. Returns as quarantine_commit(). */
int quarantine_rollback(const struct command_call *call, int64_t number, struct err *err) MUST_USE;

/* Goes on with RUN of the journal HOME, whose rollback was cut off. Returns as quarantine_commit().
 */
int quarantine_resume(const struct command_call *call, struct journal_home *home, struct run *run,
                      struct err *err) MUST_USE;

#endif
