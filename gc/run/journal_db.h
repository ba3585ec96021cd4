/* journal_db.h - the database under the journal: opening, checking, statements; for journal*.c
 * only. */
#ifndef GC_RUN_JOURNAL_DB_H
#define GC_RUN_JOURNAL_DB_H

#include "gc/run/journal.h"

#include <stdbool.h>

#include <sqlite3.h>

/* Rows of the table of statements in journal_db.c. */
enum journal_sql {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_RUN_INSERT,
	SQL_RUN_UPDATE,
	SQL_RUN_FORGET,
	SQL_RUN_MAX,
	SQL_RUN_LIST,
	SQL_RUN_LOAD,
	SQL_RUN_UNFINISHED,
	SQL_STEP_INSERT,
	SQL_STEP_UPDATE,
	SQL_STEP_LIST,
	SQL_DIR_INSERT,
	SQL_DIR_LIST,
	SQL_COUNT
};

/* What to do about a journal that is damaged. */
#define ADVICE                                                                                     \
	"; move it away to go on without it (what interrupted runs had moved stays in .drydock "   \
	"and is named)"

struct journal {
	sqlite3 *db; /* NULL: there is no journal to read */
	sqlite3_stmt *statements[SQL_COUNT];
	const struct root *root; /* borrowed */
	char *path;
	bool is_copy;     /* JOURNAL_READ: the database is a copy in memory */
	bool is_resident; /* it lies in the data root itself */
};

/* Opens as journal_open() says. *JOURNAL is freed with journal_db_close(). 0 or -1. */
int journal_db_open(struct journal **journal, const struct root *root, const char *state_dir,
                    enum journal_access access, struct err *err) MUST_USE;

void journal_db_close(struct journal *journal);

/*
 * The statement SQL, reset and with nothing bound; borrowed. One that gives rows is declared
 * AUTO(cursor), so that it holds no lock on the file afterwards.
 */
sqlite3_stmt *journal_db_statement(struct journal *journal, enum journal_sql sql);

static inline void journal_db_reset(sqlite3_stmt *statement)
{
	(void)sqlite3_reset(statement); /* repeats an old failure */
}

OWN_DEFINE(cursor, sqlite3_stmt *, journal_db_reset)

/* Steps the statement; *HAS_ROW says whether there is a row. 0 or -1. */
int journal_db_step(struct journal *journal, sqlite3_stmt *statement, bool *has_row,
                    struct err *err) MUST_USE;

/* Executes the statement SQL with what is bound to it; it gives no rows. 0 or -1. */
int journal_db_execute(struct journal *journal, enum journal_sql sql, struct err *err) MUST_USE;

/* Ends a transaction: commits when RESULT is 0, else rolls back. Returns 0 or -1. */
int journal_db_end(struct journal *journal, int result, struct err *err) MUST_USE;

#endif
