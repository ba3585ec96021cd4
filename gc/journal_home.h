/* journal_home.h - which journal a run is written to: at home, or elsewhere while there is no room.
 */
#ifndef GC_JOURNAL_HOME_H
#define GC_JOURNAL_HOME_H

#include "gc/command.h"
#include "gc/run/journal.h"

/* Where the journal of a run is while the file system of the root is full: in memory, so that a
 * power cut loses it (what has been detached by then is garbage that a later prune names). */
#define JOURNAL_HOME_ELSEWHERE "/run/drydock"

struct journal_home {
	struct journal *journal;
	/* What of it is JOURNAL_HOME_ELSEWHERE; never with --state-dir, which is home then. */
	bool is_elsewhere;
	int64_t first_id; /* a new run has this number, or a greater one */
};

#define JOURNAL_HOME_INIT                                                                          \
	{                                                                                          \
		.journal = NULL                                                                    \
	}

void journal_home_close(struct journal_home *home);

static inline void journal_home_cleanup(struct journal_home *home)
{
	journal_home_close(home);
}

/*
 * Opens a journal for a new run of STEP_COUNT steps; ERR_STATE when an earlier one of this root is
 * unfinished, here or there. The caller closes. 0 or -1.
 */
int journal_home_start(struct journal_home *home, const struct command_call *call,
                       size_t step_count, struct err *err) MUST_USE;

/*
 * All runs of this data root, by number, those elsewhere among them (not with STATE_DIR); the
 * caller frees. 0 or -1.
 */
int journal_home_list(struct run_list *runs, const struct root *root, const char *state_dir,
                      struct err *err) MUST_USE;

/* Opens the journal in which run ID is, the one at home if neither has it. The caller closes. 0 or
 * -1. */
int journal_home_open(struct journal **journal, const struct root *root, const char *state_dir,
                      int64_t id, enum journal_access access, struct err *err) MUST_USE;

/*
 * Opens the journal with run NUMBER; with 0 the one that was interrupted, else the newest that
 * could not erase everything. *RUN, the caller's to free, is NULL if there is none. The caller
 * closes. 0 or -1.
 */
int journal_home_find(struct journal_home *home, struct run **run, const struct command_call *call,
                      int64_t number, struct err *err) MUST_USE;

/* Moves RUN, which has come to its end elsewhere, to the journal at home, which is the open one
 * then. Says so when that cannot be. */
void journal_home_return(struct journal_home *home, const struct command_call *call,
                         const struct run *run);

#endif
