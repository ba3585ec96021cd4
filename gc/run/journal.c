/* journal.c - the record of all runs: writing it. */
#include "gc/run/journal.h"

#include "gc/run/journal_db.h"
#include "gc/run/run_scope.h"

#include <assert.h>
#include <stdlib.h>

int journal_open(struct journal **journal, const struct root *root, const char *state_dir,
                 enum journal_access access, struct err *err)
{
	return journal_db_open(journal, root, state_dir, access, err);
}

void journal_close(struct journal *journal)
{
	journal_db_close(journal);
}

const char *journal_path(const struct journal *journal)
{
	return journal->path;
}

/* Binding fails only for want of memory, or by a mistake in the table of statements. */
static void journal_bind_text(sqlite3_stmt *statement, int at, const char *text)
{
	int code = sqlite3_bind_text(statement, at, text, -1, SQLITE_TRANSIENT);

	if (code == SQLITE_NOMEM)
		abort();
	assert(code == SQLITE_OK);
}

static void journal_bind_number(sqlite3_stmt *statement, int at, int64_t number)
{
	int code = sqlite3_bind_int64(statement, at, number);

	assert(code == SQLITE_OK);
	(void)code; /* NDEBUG */
}

static void journal_bind_usage(sqlite3_stmt *statement, int at, const struct usage *usage)
{
	journal_bind_number(statement, at, (int64_t)usage->apparent_bytes);
	journal_bind_number(statement, at + 1, (int64_t)usage->allocated_bytes);
	journal_bind_number(statement, at + 2, (int64_t)usage->inodes);
}

int journal_next_id(struct journal *journal, int64_t *id, struct err *err)
{
	AUTO(cursor) sqlite3_stmt *statement = journal_db_statement(journal, SQL_RUN_MAX);
	bool has_row;

	if (journal_db_step(journal, statement, &has_row, err) < 0)
		return -1;
	*id = sqlite3_column_int64(statement, 0) + 1;
	return 0;
}

static int journal_insert_run(struct journal *journal, const struct run *run, struct err *err)
{
	sqlite3_stmt *statement = journal_db_statement(journal, SQL_RUN_INSERT);
	AUTO(str) char *scope = run_scope_text(&run->scope);

	journal_bind_number(statement, 1, run->id);
	journal_bind_text(statement, 2, run_state_name(run->state));
	journal_bind_text(statement, 3, run->command);
	journal_bind_text(statement, 4, scope);
	journal_bind_text(statement, 5, run->digest);
	journal_bind_text(statement, 6, run->root_path);
	journal_bind_number(statement, 7, (int64_t)run->device);
	journal_bind_number(statement, 8, (int64_t)run->inode);
	journal_bind_number(statement, 9, run->started);
	journal_bind_number(statement, 10, (int64_t)run->reclaimed_bytes);
	journal_bind_number(statement, 11, (int64_t)run->step_count);
	journal_bind_text(statement, 12, run_work_name(run->work));
	journal_bind_text(statement, 13, run->archive);
	return journal_db_execute(journal, SQL_RUN_INSERT, err);
}

static int journal_insert_step(struct journal *journal, const struct run *run, size_t index,
                               struct err *err)
{
	sqlite3_stmt *statement = journal_db_statement(journal, SQL_STEP_INSERT);
	const struct run_step *step = &run->steps[index];

	journal_bind_number(statement, 1, run->id);
	journal_bind_number(statement, 2, (int64_t)index + 1);
	journal_bind_text(statement, 3, action_kind_name(step->kind));
	journal_bind_number(statement, 4, step->reason);
	journal_bind_text(statement, 5, step->object);
	journal_bind_text(statement, 6, step->path);
	journal_bind_text(statement, 7, step->detail);
	journal_bind_text(statement, 8, step->place);
	journal_bind_number(statement, 9, step->size_bytes);
	journal_bind_usage(statement, 10, &step->usage);
	journal_bind_text(statement, 13, step_state_name(step->state));
	return journal_db_execute(journal, SQL_STEP_INSERT, err);
}

static int journal_insert_dir(struct journal *journal, const struct run *run,
                              const struct dir_time *dir, struct err *err)
{
	sqlite3_stmt *statement = journal_db_statement(journal, SQL_DIR_INSERT);

	journal_bind_number(statement, 1, run->id);
	journal_bind_text(statement, 2, dir->path);
	journal_bind_number(statement, 3, dir->mtime.tv_sec);
	journal_bind_number(statement, 4, dir->mtime.tv_nsec);
	return journal_db_execute(journal, SQL_DIR_INSERT, err);
}

static int journal_update_run(struct journal *journal, const struct run *run, struct err *err)
{
	sqlite3_stmt *statement = journal_db_statement(journal, SQL_RUN_UPDATE);

	journal_bind_number(statement, 1, run->id);
	journal_bind_text(statement, 2, run_state_name(run->state));
	journal_bind_number(statement, 3, run->finished);
	journal_bind_number(statement, 4, (int64_t)run->problem_count);
	journal_bind_usage(statement, 5, &run->freed);
	journal_bind_text(statement, 8, run->note);
	journal_bind_text(statement, 9, run->archive);
	return journal_db_execute(journal, SQL_RUN_UPDATE, err);
}

static int journal_update_step(struct journal *journal, const struct run *run, size_t index,
                               struct err *err)
{
	sqlite3_stmt *statement = journal_db_statement(journal, SQL_STEP_UPDATE);
	const struct run_step *step = &run->steps[index];

	journal_bind_number(statement, 1, run->id);
	journal_bind_number(statement, 2, (int64_t)index + 1);
	journal_bind_text(statement, 3, step_state_name(step->state));
	journal_bind_usage(statement, 4, &step->freed);
	journal_bind_text(statement, 7, step->error);
	return journal_db_execute(journal, SQL_STEP_UPDATE, err);
}

int journal_begin(struct journal *journal, const struct run *run, struct err *err)
{
	int result;

	(void)journal_db_statement(journal, SQL_BEGIN);
	if (journal_db_execute(journal, SQL_BEGIN, err) < 0)
		return -1;
	result = journal_insert_run(journal, run, err);
	for (size_t i = 0; result == 0 && i < run->step_count; i++)
		result = journal_insert_step(journal, run, i, err);
	for (size_t i = 0; result == 0 && i < run->dirs.count; i++)
		result = journal_insert_dir(journal, run, &run->dirs.items[i], err);
	return journal_db_end(journal, result, err);
}

int journal_save(struct journal *journal, const struct run *run, size_t first, size_t count,
                 struct err *err)
{
	int result;

	(void)journal_db_statement(journal, SQL_BEGIN);
	if (journal_db_execute(journal, SQL_BEGIN, err) < 0)
		return -1;
	result = journal_update_run(journal, run, err);
	for (size_t i = first; result == 0 && i < first + count; i++)
		result = journal_update_step(journal, run, i, err);
	return journal_db_end(journal, result, err);
}

int journal_forget(struct journal *journal, int64_t id, struct err *err)
{
	sqlite3_stmt *statement = journal_db_statement(journal, SQL_RUN_FORGET);

	journal_bind_number(statement, 1, id);
	if (journal_db_execute(journal, SQL_RUN_FORGET, err) < 0)
		return -1;
	if (sqlite3_changes(journal->db) == 0)
		return err_set(err, ERR_STATE, "%s: there is no run %lld", journal->path,
		               (long long)id);
	return 0;
}
