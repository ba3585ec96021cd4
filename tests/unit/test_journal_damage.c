/* test_journal_damage.c - what is no journal, or is damaged, is refused and harmless. */
#include "tests/unit/check.h"

#include "gc/run/journal.h"
#include "metadata/base/mem.h"
#include "tests/unit/journal_fixture.h"
#include "tests/unit/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void garbage_is_no_journal(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, ".drydock/journal.db", "%01000d", 7);
	journal_fixture_refuse(f, JOURNAL_WRITE, ERR_CORRUPT, "not a database");
	journal_fixture_refuse(f, JOURNAL_READ, ERR_CORRUPT, "not a database");
}

static void another_program_s_database_is_no_journal(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, ".drydock");
	journal_fixture_meddle(f, "CREATE TABLE other(x)");
	journal_fixture_refuse(f, JOURNAL_WRITE, ERR_CORRUPT, "is no journal; move it away");
	journal_fixture_refuse(f, JOURNAL_READ, ERR_CORRUPT, "is no journal; move it away");
}

static void a_newer_schema_is_left_alone(void **state)
{
	struct fixture *f = *state;

	journal_fixture_open(f, JOURNAL_WRITE);
	journal_fixture_meddle(f, "PRAGMA user_version=3");
	journal_fixture_refuse(f, JOURNAL_WRITE, ERR_STATE,
	                       "newer drydock (schema 3, this one knows 2)");
	journal_fixture_refuse(f, JOURNAL_READ, ERR_STATE, "newer drydock");
}

static void every_cut_of_the_file_is_noticed_or_harmless(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *path = mem_print("%s/.drydock/journal.db", f->dir);
	struct stat st;

	journal_fixture_open(f, JOURNAL_WRITE);
	journal_fixture_begin(f, 1, RUN_PLANNED);
	journal_close(f->journal);
	f->journal = NULL;
	assert_int_equal(stat(path, &st), 0);
	for (off_t size = st.st_size - 512; size > 0; size -= 512) {
		assert_int_equal(truncate(path, size), 0);
		assert_int_equal(journal_open(&f->journal, &f->root, NULL, JOURNAL_READ, &f->err),
		                 -1);
		assert_int_equal(f->err.kind, ERR_CORRUPT);
		assert_non_null(strstr(f->err.text, "/.drydock/journal.db: "));
		err_clear(&f->err);
	}
}

/* Reads everything that the journal holds; what kind of failure there was. */
static enum err_kind read_all(struct fixture *f)
{
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;
	AUTO(run) struct run *run = NULL;
	enum err_kind kind;

	if (journal_open(&f->journal, &f->root, NULL, JOURNAL_READ, &f->err) == 0 &&
	    journal_list(f->journal, &runs, &f->err) == 0 &&
	    journal_unfinished(f->journal, &run, &f->err) == 0)
		assert_false(err_is_set(&f->err));
	kind = f->err.kind;
	journal_close(TAKE(f->journal, NULL));
	if (kind != ERR_NONE)
		assert_non_null(strstr(f->err.text, "/.drydock/journal.db: "));
	err_clear(&f->err);
	return kind;
}

static void a_changed_byte_is_an_error_or_harmless(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *path = mem_print("%s/.drydock/journal.db", f->dir);
	size_t refused = 0;
	struct stat st;
	int fd;

	journal_fixture_open(f, JOURNAL_WRITE);
	journal_fixture_begin(f, 1, RUN_PLANNED);
	journal_close(TAKE(f->journal, NULL));
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(fstat(fd, &st), 0);
	for (off_t at = 0; at < st.st_size; at += at < 200 ? 1 : 17) {
		unsigned char old;
		unsigned char changed;
		enum err_kind kind;

		assert_int_equal(pread(fd, &old, 1, at), 1);
		changed = old ^ 0xff;
		assert_int_equal(pwrite(fd, &changed, 1, at), 1);
		kind = read_all(f);
		refused += kind == ERR_CORRUPT || kind == ERR_STATE;
		assert_true(kind == ERR_NONE || kind == ERR_CORRUPT || kind == ERR_STATE ||
		            kind == ERR_SYSTEM);
		assert_int_equal(pwrite(fd, &old, 1, at), 1);
	}
	assert_true(refused > 20);
	assert_int_equal(read_all(f), ERR_NONE); /* all bytes are back */
	(void)close(fd);
}

static void a_state_that_is_not_known_is_damage(void **state)
{
	struct fixture *f = *state;
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;
	AUTO(run) struct run *run = NULL;

	journal_fixture_open(f, JOURNAL_WRITE);
	journal_fixture_begin(f, 1, RUN_PLANNED);
	journal_fixture_meddle(f, "UPDATE step SET kind='teapot' WHERE seq=2");
	assert_int_equal(journal_load(f->journal, 1, &run, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_CORRUPT);
	assert_non_null(strstr(f->err.text, "step 2: kind teapot"));
	err_clear(&f->err);
	journal_fixture_meddle(f, "UPDATE run SET state='teapot'");
	assert_int_equal(journal_list(f->journal, &runs, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_CORRUPT);
}

static void a_missing_step_is_damage(void **state)
{
	struct fixture *f = *state;
	AUTO(run) struct run *run = NULL;

	journal_fixture_open(f, JOURNAL_WRITE);
	journal_fixture_begin(f, 1, RUN_PLANNED);
	journal_fixture_meddle(f, "DELETE FROM step WHERE seq=1");
	assert_int_equal(journal_load(f->journal, 1, &run, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_CORRUPT);
	assert_non_null(strstr(f->err.text, "run 1: step 1 is missing"));
}

static void a_link_in_place_of_the_journal_is_not_followed(void **state)
{
	struct fixture *f = *state;

	tree_link(f->dir, ".drydock/journal.db", "/dev/null");
	journal_fixture_refuse(f, JOURNAL_WRITE, ERR_SYSTEM, "open");
	assert_int_equal(unlinkat(f->root.fd, ".drydock/journal.db", 0), 0);
	assert_int_equal(unlinkat(f->root.fd, ".drydock", AT_REMOVEDIR), 0);
	tree_link(f->dir, ".drydock", "/tmp");
	assert_int_equal(journal_open(&f->journal, &f->root, NULL, JOURNAL_WRITE, &f->err), -1);
}

static void a_write_that_was_cut_off_is_undone_by_the_next_writer(void **state)
{
	struct fixture *f = *state;
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;
	AUTO(str) char *path = mem_print("%s/.drydock/journal.db", f->dir);
	pid_t child;
	int status;

	journal_fixture_open(f, JOURNAL_WRITE);
	journal_fixture_begin(f, 1, RUN_DONE);
	journal_close(f->journal);
	f->journal = NULL;
	child = fork();
	if (child == 0) {
		sqlite3 *db;

		/* a tiny cache makes the transaction reach the file before it is committed */
		if (sqlite3_open(path, &db) == SQLITE_OK &&
		    sqlite3_exec(db,
		                 "PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN;"
		                 "UPDATE run SET state='forgotten';"
		                 "CREATE TABLE big AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
		                 "SELECT i+1 FROM n WHERE i<500) SELECT randomblob(2000) FROM n",
		                 NULL, NULL, NULL) == SQLITE_OK)
			(void)raise(SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	journal_fixture_refuse(f, JOURNAL_READ, ERR_STATE, "was cut off");
	journal_fixture_open(f, JOURNAL_WRITE);
	assert_int_equal(journal_list(f->journal, &runs, &f->err), 0);
	assert_int_equal(runs.count, 1);
	assert_int_equal(runs.items[0].state, RUN_DONE);
	journal_fixture_open(f, JOURNAL_READ);
}

static void an_empty_file_is_an_empty_journal(void **state)
{
	struct fixture *f = *state;
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;

	tree_write(f->dir, ".drydock/journal.db", "", 0);
	journal_fixture_open(f, JOURNAL_READ);
	assert_int_equal(journal_list(f->journal, &runs, &f->err), 0);
	assert_int_equal(runs.count, 0);
	journal_fixture_open(f, JOURNAL_WRITE);
	journal_fixture_begin(f, 1, RUN_PLANNED);
}

static void a_write_that_was_cut_off_before_it_began_is_none(void **state)
{
	struct fixture *f = *state;
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;

	journal_fixture_open(f, JOURNAL_WRITE);
	journal_fixture_begin(f, 1, RUN_DONE);
	tree_write(f->dir, ".drydock/journal.db-journal", "", 0);
	journal_fixture_open(f, JOURNAL_READ);
	assert_int_equal(unlinkat(f->root.fd, ".drydock/journal.db-journal", 0), 0);
	tree_write(f->dir, ".drydock/journal.db-journal", "\0\0\0\0", 4);
	journal_fixture_open(f, JOURNAL_READ);
	assert_int_equal(journal_list(f->journal, &runs, &f->err), 0);
	assert_int_equal(runs.count, 1);
	journal_fixture_open(f, JOURNAL_WRITE);
	journal_fixture_begin(f, 2, RUN_DONE);
}

int main(void)
{
#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, journal_fixture_make, journal_fixture_unmake)
	const struct CMUnitTest tests[] = {
		TEST(garbage_is_no_journal),
		TEST(another_program_s_database_is_no_journal),
		TEST(a_newer_schema_is_left_alone),
		TEST(every_cut_of_the_file_is_noticed_or_harmless),
		TEST(a_changed_byte_is_an_error_or_harmless),
		TEST(a_state_that_is_not_known_is_damage),
		TEST(a_missing_step_is_damage),
		TEST(a_link_in_place_of_the_journal_is_not_followed),
		TEST(a_write_that_was_cut_off_is_undone_by_the_next_writer),
		TEST(a_write_that_was_cut_off_before_it_began_is_none),
		TEST(an_empty_file_is_an_empty_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
