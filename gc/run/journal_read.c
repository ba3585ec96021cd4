/* journal_read.c - the record of all runs: reading it. */
#include "gc/run/journal.h"

#include "gc/run/journal_db.h"
#include "gc/run/run_scope.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* A text column, copied; "" for NULL. */
static char *journal_column(sqlite3_stmt *statement, int at)
{
	const char *text = (const char *)sqlite3_column_text(statement, at);

	return mem_text(text ? text : "");
}

static void journal_column_usage(sqlite3_stmt *statement, int at, struct usage *usage)
{
	usage->apparent_bytes = (uint64_t)sqlite3_column_int64(statement, at);
	usage->allocated_bytes = (uint64_t)sqlite3_column_int64(statement, at + 1);
	usage->inodes = (uint64_t)sqlite3_column_int64(statement, at + 2);
}

/* Finds the number of a stable name among COUNT; returns false if it is none of them. */
static bool journal_parse_name(const char *name, const char *(*name_of)(unsigned), unsigned count,
                               unsigned *value)
{
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(name_of(i), name) == 0) {
			*value = i;
			return true;
		}
	}
	return false;
}

static const char *journal_run_state(unsigned value)
{
	return run_state_name((enum run_state)value);
}

static const char *journal_run_work(unsigned value)
{
	return run_work_name((enum run_work)value);
}

static const char *journal_step_state(unsigned value)
{
	return step_state_name((enum step_state)value);
}

static const char *journal_action_kind(unsigned value)
{
	return action_kind_name((enum action_kind)value);
}

/* Reads a row of RUN_COLUMNS; *RUN owns texts even after a failure. */
static int journal_read_run(const struct journal *journal, sqlite3_stmt *statement, struct run *run,
                            struct err *err)
{
	AUTO(str) char *state = journal_column(statement, 1);
	AUTO(str) char *scope = journal_column(statement, 3);
	AUTO(str) char *digest = journal_column(statement, 4);
	AUTO(str) char *work = journal_column(statement, 17);
	unsigned value;
	unsigned work_value;

	run->id = sqlite3_column_int64(statement, 0);
	run->command = journal_column(statement, 2);
	(void)strncpy(run->digest, digest, sizeof(run->digest) - 1);
	run->root_path = journal_column(statement, 5);
	run->device = (uint64_t)sqlite3_column_int64(statement, 6);
	run->inode = (uint64_t)sqlite3_column_int64(statement, 7);
	run->started = sqlite3_column_int64(statement, 8);
	run->finished = sqlite3_column_int64(statement, 9);
	run->reclaimed_bytes = (uint64_t)sqlite3_column_int64(statement, 10);
	run->step_count = (size_t)sqlite3_column_int64(statement, 11);
	run->problem_count = (size_t)sqlite3_column_int64(statement, 12);
	journal_column_usage(statement, 13, &run->freed);
	if (sqlite3_column_type(statement, 16) != SQLITE_NULL)
		run->note = journal_column(statement, 16);
	if (sqlite3_column_type(statement, 18) != SQLITE_NULL)
		run->archive = journal_column(statement, 18);
	if (!journal_parse_name(state, journal_run_state, RUN_STATE_COUNT, &value) ||
	    !journal_parse_name(work, journal_run_work, RUN_WORK_COUNT, &work_value) ||
	    !run_scope_parse(run, scope) || run->id < 1)
		return err_set(err, ERR_CORRUPT,
		               "%s: run %lld: state %s, work %s or scope %s is not known" ADVICE,
		               journal->path, (long long)run->id, state, work, scope);
	run->state = (enum run_state)value;
	run->work = (enum run_work)work_value;
	return 0;
}

/* Reads a row of STEP_COLUMNS; *STEP owns texts even after a failure. */
static int journal_read_step(const struct journal *journal, sqlite3_stmt *statement,
                             struct run_step *step, long long run_id, struct err *err)
{
	AUTO(str) char *kind = journal_column(statement, 1);
	AUTO(str) char *state = journal_column(statement, 11);
	long long seq = sqlite3_column_int64(statement, 0);
	int64_t reason = sqlite3_column_int64(statement, 2);
	unsigned kind_value;
	unsigned state_value;

	step->object = journal_column(statement, 3);
	step->path = journal_column(statement, 4);
	step->detail = journal_column(statement, 5);
	step->place = journal_column(statement, 6);
	step->size_bytes = sqlite3_column_int64(statement, 7);
	journal_column_usage(statement, 8, &step->usage);
	journal_column_usage(statement, 12, &step->freed);
	if (sqlite3_column_type(statement, 15) != SQLITE_NULL)
		step->error = journal_column(statement, 15);
	if (!journal_parse_name(kind, journal_action_kind, ACTION_KIND_COUNT, &kind_value) ||
	    !journal_parse_name(state, journal_step_state, STEP_STATE_COUNT, &state_value) ||
	    (reason != REASON_PRUNED && reason != REASON_ORPHAN))
		return err_set(err, ERR_CORRUPT,
		               "%s: step %lld: kind %s, state %s or reason %lld is not known; "
		               "`drydock run forget %lld` gives the run up",
		               journal->path, seq, kind, state, (long long)reason, run_id);
	step->kind = (enum action_kind)kind_value;
	step->state = (enum step_state)state_value;
	step->reason = (enum action_reason)reason;
	return 0;
}

static int journal_read_steps(struct journal *journal, struct run *run, struct err *err)
{
	AUTO(cursor) sqlite3_stmt *statement = journal_db_statement(journal, SQL_STEP_LIST);
	size_t expected = run->step_count;
	size_t capacity = 0;
	bool has_row;

	run->step_count = 0;
	(void)sqlite3_bind_int64(statement, 1, run->id); /* parameter 1 exists */
	for (;;) {
		if (journal_db_step(journal, statement, &has_row, err) < 0)
			return -1;
		if (!has_row)
			break;
		if (sqlite3_column_int64(statement, 0) != (int64_t)run->step_count + 1)
			break;
		run->steps = mem_grow(run->steps, run->step_count, &capacity, sizeof(*run->steps));
		run->steps[run->step_count] = (struct run_step){ 0 };
		if (journal_read_step(journal, statement, &run->steps[run->step_count++],
		                      (long long)run->id, err) < 0)
			return err_wrap(err, "run %lld", (long long)run->id);
	}
	if (has_row || run->step_count != expected)
		return err_set(
		    err, ERR_CORRUPT,
		    "%s: run %lld: step %zu is missing; `drydock run forget %lld` gives the run up",
		    journal->path, (long long)run->id, run->step_count + 1, (long long)run->id);
	return 0;
}

static int journal_read_dirs(struct journal *journal, struct run *run, struct err *err)
{
	AUTO(cursor) sqlite3_stmt *statement = journal_db_statement(journal, SQL_DIR_LIST);
	bool has_row;

	(void)sqlite3_bind_int64(statement, 1, run->id); /* parameter 1 exists */
	while (journal_db_step(journal, statement, &has_row, err) == 0) {
		AUTO(str) char *path = has_row ? journal_column(statement, 0) : NULL;
		struct timespec mtime;

		if (!has_row)
			return 0;
		mtime = (struct timespec){ (time_t)sqlite3_column_int64(statement, 1),
			                   (long)sqlite3_column_int64(statement, 2) };
		dir_times_add(&run->dirs, path, strlen(path), &mtime);
	}
	return -1;
}

void run_list_done(struct run_list *runs)
{
	for (size_t i = 0; i < runs->count; i++)
		run_done(&runs->items[i]);
	free(runs->items);
	*runs = (struct run_list)RUN_LIST_INIT;
}

bool journal_owns(const struct journal *journal, const struct run *run)
{
	const struct root *root = journal->root;

	return run->inode == root->inode && (journal->is_resident || run->device == root->device ||
	                                     strcmp(run->root_path, root->path) == 0);
}

int journal_list(struct journal *journal, struct run_list *runs, struct err *err)
{
	AUTO(run_list) struct run_list list = RUN_LIST_INIT;
	AUTO(cursor) sqlite3_stmt *statement = NULL;
	bool has_row;

	if (!journal->db) {
		*runs = list;
		return 0;
	}
	statement = journal_db_statement(journal, SQL_RUN_LIST);
	for (;;) {
		struct run *run;

		if (journal_db_step(journal, statement, &has_row, err) < 0)
			return -1;
		if (!has_row)
			break;
		list.items = mem_grow(list.items, list.count, &list.capacity, sizeof(*list.items));
		run = &list.items[list.count++];
		*run = (struct run){ 0 };
		if (journal_read_run(journal, statement, run, err) < 0)
			return -1;
		if (!journal->is_resident && !journal_owns(journal, run)) {
			run_done(run);
			list.count--;
		}
	}
	*runs = TAKE(list, (struct run_list)RUN_LIST_INIT);
	return 0;
}

int journal_load(struct journal *journal, int64_t id, struct run **run, struct err *err)
{
	AUTO(run) struct run *loaded = mem_zalloc(1, sizeof(*loaded));
	AUTO(cursor) sqlite3_stmt *statement = NULL;
	bool has_row = false;

	if (journal->db) {
		statement = journal_db_statement(journal, SQL_RUN_LOAD);
		(void)sqlite3_bind_int64(statement, 1, id); /* parameter 1 exists */
		if (journal_db_step(journal, statement, &has_row, err) < 0)
			return -1;
		if (has_row && journal_read_run(journal, statement, loaded, err) < 0)
			return -1;
	}
	if (!has_row)
		return err_set(err, ERR_STATE, "%s: there is no run %lld", journal->path,
		               (long long)id);
	if (!journal->is_resident && !journal_owns(journal, loaded))
		return err_set(err, ERR_STATE, "%s: run %lld belongs to another data root, %s",
		               journal->path, (long long)id, loaded->root_path);
	if (journal_read_steps(journal, loaded, err) < 0 ||
	    journal_read_dirs(journal, loaded, err) < 0)
		return -1;
	*run = TAKE(loaded, NULL);
	return 0;
}

/* Looks through the unfinished runs, newest first, for one of this root; *ID stays 0 if there is
 * none. */
static int journal_find_unfinished(struct journal *journal, int64_t *id, struct err *err)
{
	AUTO(cursor) sqlite3_stmt *statement = journal_db_statement(journal, SQL_RUN_UNFINISHED);
	bool has_row;

	for (;;) {
		struct run run = { 0 };
		bool is_own;
		int result;

		if (journal_db_step(journal, statement, &has_row, err) < 0)
			return -1;
		if (!has_row)
			return 0;
		result = journal_read_run(journal, statement, &run, err);
		is_own = result == 0 && journal_owns(journal, &run);
		if (is_own)
			*id = run.id;
		else if (result == 0 && journal->is_resident)
			result = err_set(err, ERR_STATE,
			                 "%s: run %lld was interrupted on another data root, %s, "
			                 "of which this is a copy; `drydock run forget %lld` gives "
			                 "it up",
			                 journal->path, (long long)run.id, run.root_path,
			                 (long long)run.id);
		run_done(&run);
		if (is_own || result < 0)
			return result;
	}
}

int journal_unfinished(struct journal *journal, struct run **run, struct err *err)
{
	int64_t id = 0;

	if (journal->db && journal_find_unfinished(journal, &id, err) < 0)
		return -1;
	if (id == 0) {
		*run = NULL;
		return 0;
	}
	return journal_load(journal, id, run, err);
}
