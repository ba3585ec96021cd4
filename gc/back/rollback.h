/* rollback.h - second thoughts about a run: everything goes back, or is erased after all. */
#ifndef GC_BACK_ROLLBACK_H
#define GC_BACK_ROLLBACK_H

#include "gc/run/journal.h"
#include "gc/run/run.h"
#include "gc/session/session.h"
#include "gc/sweep/sweep.h"
#include "metadata/base/err.h"

/*
 * Puts back what RUN (of journal_load(), with its steps) has moved away and what is still in its
 * trash: of a run in quarantine everything, of one that was cut off or could not erase everything
 * what is left. SESSION was opened with SESSION_WRITE since.
 *   1. the journal says "returning";
 *   2. everything goes back, bottom-up, in the order of attach.h;
 *   3. a barrier; what is in the trash besides (old versions of files) is erased, directories get
 *      the times that they had if all of it went back, and the journal says "rolled-back".
 * What could not go back stays in the trash, STEP_DETACHED with the reason, and the run is
 * RUN_QUARANTINED (again): rollback() may be called once more, or rollback_commit().
 * Returns 0, also when *OPTIONS->stop ended it early: RUN_RETURNING then, and calling this again
 * goes on. Returns -1 when the journal or a barrier failed: resumable; also with ERR_STATE, nothing
 * changed: the run is over, or belongs to another data root, or is a restore.
 */
int rollback(struct run *run, struct journal *journal, const struct session *session,
             const struct sweep_options *options, struct err *err) MUST_USE;

/*
 * What rollback() would do: steps whose objects would go back become STEP_PLANNED, those that
 * could not because something is in their way STEP_FAILED or STEP_HELD. RUN is good for nothing
 * else then. Changes nothing on disk. 0 or -1, as rollback().
 */
int rollback_look(struct run *run, struct journal *journal, const struct session *session,
                  struct err *err) MUST_USE;

/* Says whether rollback_commit() may be called: 0, or -1 with ERR_STATE. */
int rollback_check_commit(const struct run *run, const struct journal *journal,
                          struct err *err) MUST_USE;

/*
 * Erases what RUN, which must be RUN_QUARANTINED, has in its trash: discard.h. Returns as
 * sweep_run(), and -1 with ERR_STATE as rollback().
 */
int rollback_commit(struct run *run, struct journal *journal, const struct session *session,
                    const struct sweep_options *options, struct err *err) MUST_USE;

#endif
