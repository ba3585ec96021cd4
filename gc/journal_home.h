/* journal_home.h - which journal a run is written to: at home, or elsewhere while there is no room.
 */
#ifndef GC_JOURNAL_HOME_H
#define GC_JOURNAL_HOME_H

#include "gc/command.h"
#include "gc/run/journal.h"

struct journal_home {
	struct journal *journal;
	bool is_elsewhere; /* it is the one of journal_away.h; with --state-dir that is home */
	int64_t first_id;  /* a new run has this number, or a greater one */
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
