/* journal.h - the record of all runs, safe from a kill and a power cut at any moment. */
/*
 * SQLite with a rollback journal (journal_mode=DELETE) and synchronous=EXTRA: a transaction is on
 * disk for good when the call returns, the directory entry included. Not WAL, because it needs two
 * more files and shared memory, cannot be read without writing, and gains nothing where there are
 * a handful of transactions a run.
 */
#ifndef GC_RUN_JOURNAL_H
#define GC_RUN_JOURNAL_H

#include "gc/run/run.h"
#include "metadata/base/err.h"
#include "metadata/base/own.h"
#include "metadata/root.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOURNAL_FILE "journal.db"

struct journal; /* an open journal of one data root */

enum journal_access {
	JOURNAL_READ,  /* changes nothing, not even an atime; no journal is an empty one */
	JOURNAL_WRITE, /* creates it where needed; the caller holds GUARD_WRITE */
};

/*
 * Opens the journal of ROOT (borrowed, must outlive it): STATE_DIR/journal.db, which several data
 * roots may share and whose last component is created, or with STATE_DIR NULL
 * <root>/.drydock/journal.db. The caller closes with journal_close. Returns 0 or -1: ERR_SYSTEM;
 * ERR_CORRUPT (no database, damaged, or not drydock's); ERR_STATE (made by a newer drydock, or
 * JOURNAL_READ while the last write to it was cut off); ERR_BUSY (another process writes to it).
 * All errors of this file begin with the path of the journal.
 */
int journal_open(struct journal **journal, const struct root *root, const char *state_dir,
                 enum journal_access access, struct err *err) MUST_USE;

void journal_close(struct journal *journal);

OWN_DEFINE(journal, struct journal *, journal_close)

/* Stores a number in *ID that no run has, greater than all of theirs. 0 or -1. */
int journal_next_id(struct journal *journal, int64_t *id, struct err *err) MUST_USE;

/*
 * Writes RUN, with its id, its dirs and all its steps in one transaction: it is on disk for good
 * before anything is touched. 0 or -1.
 */
int journal_begin(struct journal *journal, const struct run *run, struct err *err) MUST_USE;

/*
 * Writes what has changed, in one transaction: of the run its state, finish, note, archive and
 * sums, and of COUNT steps from index FIRST on their state, freed and error. 0 or -1.
 */
int journal_save(struct journal *journal, const struct run *run, size_t first, size_t count,
                 struct err *err) MUST_USE;

struct run_list {
	struct run *items; /* by id; without steps */
	size_t count;
	size_t capacity;
};

#define RUN_LIST_INIT                                                                              \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

void run_list_done(struct run_list *runs);

static inline void run_list_cleanup(struct run_list *runs)
{
	run_list_done(runs);
}

/*
 * Says whether RUN, of this journal, was on this very data root: the same inode, and the same
 * device or path unless the journal lies in the root (which may be mounted elsewhere today).
 */
bool journal_owns(const struct journal *journal, const struct run *run);

/* All runs of this data root; the caller frees. 0 or -1. */
int journal_list(struct journal *journal, struct run_list *runs, struct err *err) MUST_USE;

/* Run ID with its steps; the caller frees. 0 or -1, ERR_STATE if this root has no such run. */
int journal_load(struct journal *journal, int64_t id, struct run **run, struct err *err) MUST_USE;

/*
 * The newest run of this data root that was cut off, with its steps, or NULL; the caller frees.
 * 0 or -1; ERR_STATE when the journal lies in this root but such a run in it belongs to
 * another one (the root is a copy): `run forget` gets past that.
 */
int journal_unfinished(struct journal *journal, struct run **run, struct err *err) MUST_USE;

/* Gives up run ID, of whatever root: it is not unfinished any more. 0 or -1 (ERR_STATE). */
int journal_forget(struct journal *journal, int64_t id, struct err *err) MUST_USE;

/* Where the journal is (or would be), for messages; borrowed. */
const char *journal_path(const struct journal *journal);

#endif
