/* journal_away.h - the journal of runs that began while the data root had no room for one. */
#ifndef GC_JOURNAL_AWAY_H
#define GC_JOURNAL_AWAY_H

#include "gc/run/journal.h"

/* Where it is: in memory, so that a power cut loses it (what has been moved away by then is garbage
 * that a later prune names). Data roots share it; never used with --state-dir. */
#define JOURNAL_AWAY_DIR "/run/drydock"

/* Opens it to look at it; *JOURNAL stays NULL when nobody lets us. The caller closes. 0 or -1. */
int journal_away_look(struct journal **journal, const struct root *root, struct err *err) MUST_USE;

/* All runs of this data root, by number, at home (STATE_DIR, as for journal_open) or away; the
 * caller frees. 0 or -1. */
int journal_away_runs(struct run_list *runs, const struct root *root, const char *state_dir,
                      struct err *err) MUST_USE;

/* Says in *IS_AWAY whether the record of run ID that counts is there: it is at work, or not at
 * home. 0 or -1. */
int journal_away_holds(const struct root *root, const char *state_dir, int64_t id, bool *is_away,
                       struct err *err) MUST_USE;

/* Opens the journal in which that record is, the one at home if neither has it. The caller closes.
 * 0 or -1. */
int journal_away_open(struct journal **journal, const struct root *root, const char *state_dir,
                      int64_t id, enum journal_access access, struct err *err) MUST_USE;

#endif
