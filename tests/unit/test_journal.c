/* test_journal.c - what is written is read back, and what is no journal is refused. */
#include "tests/unit/check.h"

#include "gc/run/journal.h"
#include "metadata/base/file.h"
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

static void a_run_is_read_back_as_it_was_written(void **state)
{
	struct fixture *f = *state;
	AUTO(run) struct run *run = NULL;

	journal_fixture_open(f, JOURNAL_WRITE);
	journal_fixture_begin(f, 3, RUN_PLANNED);
	journal_fixture_open(f, JOURNAL_READ);
	assert_int_equal(journal_load(f->journal, 3, &run, &f->err), 0);
	assert_int_equal(run->state, RUN_PLANNED);
	assert_string_equal(run->command, "system prune --all");
	assert_true(run->scope.containers && run->scope.all_images);
	assert_false(run->scope.images || run->scope.layers);
	assert_string_equal(run->digest, "0123456789abcdef0123456789abcdef");
	assert_string_equal(run->root_path, f->dir);
	assert_int_equal(run->started, 1000);
	assert_int_equal(run->finished, 0);
	assert_int_equal(run->reclaimed_bytes, 77);
	assert_null(run->note);
	assert_int_equal(run->step_count, 2);
	assert_int_equal(run->steps[0].kind, ACTION_LAYER);
	assert_int_equal(run->steps[0].reason, REASON_ORPHAN);
	assert_string_equal(run->steps[0].object, "sha256:ab\ncd");
	assert_string_equal(run->steps[0].path, "image/x");
	assert_string_equal(run->steps[0].detail, "words \xff");
	assert_string_equal(run->steps[0].place, ".drydock/3/1");
	assert_int_equal(run->steps[0].size_bytes, -5);
	assert_true(run->steps[0].usage.allocated_bytes == UINT64_MAX);
	assert_int_equal(run->steps[1].kind, ACTION_DIR);
	assert_int_equal(run->steps[1].state, STEP_PLANNED);
	assert_null(run->steps[1].error);
	assert_int_equal(run->dirs.count, 1);
	assert_string_equal(run->dirs.items[0].path, "overlay2");
	assert_int_equal(run->dirs.items[0].mtime.tv_sec, 1700000000);
	assert_int_equal(run->dirs.items[0].mtime.tv_nsec, 123456789);
}

static void saving_changes_only_the_steps_that_are_named(void **state)
{
	struct fixture *f = *state;
	AUTO(run) struct run *run = journal_fixture_run(f, 1);
	AUTO(run) struct run *read = NULL;

	journal_fixture_open(f, JOURNAL_WRITE);
	assert_int_equal(journal_begin(f->journal, run, &f->err), 0);
	run_step_set(&run->steps[0], STEP_FAILED, "never written");
	run_step_set(&run->steps[1], STEP_DETACHED, "busy");
	run->steps[1].freed = (struct usage){ 4, 5, 6 };
	run->state = RUN_INCOMPLETE;
	run->note = mem_text("1 could not be erased");
	run->finished = 2000;
	run_count(run);
	assert_int_equal(journal_save(f->journal, run, 1, 1, &f->err), 0);
	assert_int_equal(journal_load(f->journal, 1, &read, &f->err), 0);
	assert_int_equal(read->state, RUN_INCOMPLETE);
	assert_string_equal(read->note, "1 could not be erased");
	assert_int_equal(read->finished, 2000);
	assert_int_equal(read->problem_count, 2);
	assert_int_equal(read->freed.inodes, 6);
	assert_int_equal(read->steps[0].state, STEP_PLANNED);
	assert_null(read->steps[0].error);
	assert_int_equal(read->steps[1].state, STEP_DETACHED);
	assert_string_equal(read->steps[1].error, "busy");
	assert_int_equal(read->steps[1].freed.allocated_bytes, 5);
}

static void the_list_has_all_runs_by_number(void **state)
{
	struct fixture *f = *state;
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;

	journal_fixture_open(f, JOURNAL_WRITE);
	journal_fixture_begin(f, 7, RUN_DONE);
	journal_fixture_begin(f, 2, RUN_PLANNED);
	assert_int_equal(journal_list(f->journal, &runs, &f->err), 0);
	assert_int_equal(runs.count, 2);
	assert_int_equal(runs.items[0].id, 2);
	assert_int_equal(runs.items[1].id, 7);
	assert_int_equal(runs.items[1].state, RUN_DONE);
	assert_int_equal(runs.items[1].step_count, 2);
	assert_null(runs.items[1].steps);
}

static void the_next_number_is_greater_than_all(void **state)
{
	struct fixture *f = *state;
	int64_t id = 0;

	journal_fixture_open(f, JOURNAL_WRITE);
	assert_int_equal(journal_next_id(f->journal, &id, &f->err), 0);
	assert_int_equal(id, 1);
	journal_fixture_begin(f, 7, RUN_DONE);
	journal_fixture_begin(f, 2, RUN_DONE);
	assert_int_equal(journal_next_id(f->journal, &id, &f->err), 0);
	assert_int_equal(id, 8);
}

static void a_number_is_given_out_once(void **state)
{
	struct fixture *f = *state;
	AUTO(run) struct run *run = journal_fixture_run(f, 1);
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;

	journal_fixture_open(f, JOURNAL_WRITE);
	journal_fixture_begin(f, 1, RUN_PLANNED);
	assert_int_equal(journal_begin(f->journal, run, &f->err), -1);
	err_clear(&f->err);
	journal_fixture_begin(f, 2, RUN_PLANNED); /* the failed transaction is over */
	assert_int_equal(journal_list(f->journal, &runs, &f->err), 0);
	assert_int_equal(runs.count, 2);
}

static void the_newest_run_that_was_cut_off_is_found(void **state)
{
	struct fixture *f = *state;
	AUTO(run) struct run *run = NULL;

	journal_fixture_open(f, JOURNAL_WRITE);
	assert_int_equal(journal_unfinished(f->journal, &run, &f->err), 0);
	assert_null(run);
	journal_fixture_begin(f, 1, RUN_PLANNED);
	journal_fixture_begin(f, 2, RUN_DETACHED);
	journal_fixture_begin(f, 3, RUN_DONE);
	journal_fixture_begin(f, 4, RUN_INCOMPLETE);
	journal_fixture_begin(f, 5, RUN_FORGOTTEN);
	assert_int_equal(journal_unfinished(f->journal, &run, &f->err), 0);
	assert_non_null(run);
	assert_int_equal(run->id, 2);
	assert_int_equal(run->step_count, 2);
}

static void a_forgotten_run_is_not_unfinished(void **state)
{
	struct fixture *f = *state;
	AUTO(run) struct run *run = NULL;

	journal_fixture_open(f, JOURNAL_WRITE);
	journal_fixture_begin(f, 1, RUN_PLANNED);
	assert_int_equal(journal_forget(f->journal, 1, &f->err), 0);
	assert_int_equal(journal_unfinished(f->journal, &run, &f->err), 0);
	assert_null(run);
	assert_int_equal(journal_forget(f->journal, 9, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_STATE);
}

static void a_run_that_does_not_exist_is_said(void **state)
{
	struct fixture *f = *state;
	AUTO(run) struct run *run = NULL;

	journal_fixture_open(f, JOURNAL_WRITE);
	assert_int_equal(journal_load(f->journal, 4, &run, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_STATE);
	assert_non_null(strstr(f->err.text, "there is no run 4"));
}

static void reading_makes_no_file(void **state)
{
	struct fixture *f = *state;
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;
	AUTO(run) struct run *run = NULL;

	journal_fixture_open(f, JOURNAL_READ);
	assert_int_equal(journal_list(f->journal, &runs, &f->err), 0);
	assert_int_equal(runs.count, 0);
	assert_int_equal(journal_unfinished(f->journal, &run, &f->err), 0);
	assert_null(run);
	assert_int_equal(faccessat(f->root.fd, ".drydock", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	tree_mkdir(f->dir, ".drydock");
	journal_fixture_open(f, JOURNAL_READ);
	assert_int_equal(rmdir(journal_path(f->journal)), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(unlinkat(f->root.fd, ".drydock", AT_REMOVEDIR), 0); /* it is empty */
}

static void reading_changes_no_byte_and_no_atime(void **state)
{
	struct fixture *f = *state;
	const struct timespec long_ago[2] = { { .tv_sec = 1000 }, { .tv_sec = 2000 } };
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;
	struct stat before;
	struct stat after;

	journal_fixture_open(f, JOURNAL_WRITE);
	journal_fixture_begin(f, 1, RUN_DONE);
	assert_int_equal(utimensat(f->root.fd, ".drydock/journal.db", long_ago, 0), 0);
	assert_int_equal(fstatat(f->root.fd, ".drydock/journal.db", &before, 0), 0);
	journal_fixture_open(f, JOURNAL_READ);
	assert_int_equal(journal_list(f->journal, &runs, &f->err), 0);
	assert_int_equal(runs.count, 1);
	assert_int_equal(fstatat(f->root.fd, ".drydock/journal.db", &after, 0), 0);
	assert_int_equal(before.st_atim.tv_sec, after.st_atim.tv_sec);
	assert_int_equal(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
	assert_int_equal(before.st_ctim.tv_nsec, after.st_ctim.tv_nsec);
}

static void only_root_may_read_the_journal(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	journal_fixture_open(f, JOURNAL_WRITE);
	assert_int_equal(fstatat(f->root.fd, ".drydock/journal.db", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(fstatat(f->root.fd, ".drydock", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

/* Opens STATE in another directory, where several data roots have their runs. */
static void open_shared(struct fixture *f, enum journal_access access)
{
	AUTO(str) char *dir = mem_print("%s/shared", f->dir);

	journal_close(f->journal);
	f->journal = NULL;
	assert_int_equal(journal_open(&f->journal, &f->root, dir, access, &f->err), 0);
}

static void a_shared_journal_keeps_the_roots_apart(void **state)
{
	struct fixture *f = *state;
	AUTO(run_list) struct run_list runs = RUN_LIST_INIT;
	AUTO(run) struct run *run = NULL;
	int64_t id;

	open_shared(f, JOURNAL_WRITE);
	journal_fixture_begin(f, 1, RUN_PLANNED);
	f->root.inode++;
	journal_fixture_begin(f, 2, RUN_PLANNED);
	f->root.inode--;
	assert_int_equal(journal_list(f->journal, &runs, &f->err), 0);
	assert_int_equal(runs.count, 1);
	assert_int_equal(journal_unfinished(f->journal, &run, &f->err), 0);
	assert_int_equal(run->id, 1);
	run_free(TAKE(run, NULL));
	assert_int_equal(journal_load(f->journal, 2, &run, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_STATE);
	assert_non_null(strstr(f->err.text, "belongs to another data root"));
	err_clear(&f->err);
	assert_int_equal(journal_next_id(f->journal, &id, &f->err), 0);
	assert_int_equal(id, 3);
}

static void a_root_mounted_elsewhere_is_the_same_root(void **state)
{
	struct fixture *f = *state;
	AUTO(run) struct run *run = NULL;

	journal_fixture_open(f, JOURNAL_WRITE);
	journal_fixture_begin(f, 1, RUN_PLANNED);
	f->root.device++; /* another name of the disk, and another path */
	journal_fixture_meddle(f, "UPDATE run SET root_path='/var/lib/docker'");
	assert_int_equal(journal_unfinished(f->journal, &run, &f->err), 0);
	assert_non_null(run);
}

static void a_copy_of_a_root_is_another_root(void **state)
{
	struct fixture *f = *state;
	AUTO(run) struct run *run = NULL;

	journal_fixture_open(f, JOURNAL_WRITE);
	journal_fixture_begin(f, 1, RUN_PLANNED);
	f->root.inode++;
	assert_int_equal(journal_unfinished(f->journal, &run, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_STATE);
	assert_non_null(strstr(f->err.text, "of which this is a copy"));
	assert_non_null(strstr(f->err.text, "run forget 1"));
	err_clear(&f->err);
	assert_int_equal(journal_forget(f->journal, 1, &f->err), 0);
	assert_int_equal(journal_unfinished(f->journal, &run, &f->err), 0);
	assert_null(run);
}

static void a_restore_and_its_archive_are_kept(void **state)
{
	struct fixture *f = *state;
	AUTO(run) struct run *run = journal_fixture_run(f, 1);
	AUTO(run) struct run *read = NULL;
	AUTO(run) struct run *again = NULL;

	run->work = RUN_RESTORE;
	run->archive = mem_text("/mnt/a.tar.zst");
	journal_fixture_open(f, JOURNAL_WRITE);
	assert_int_equal(journal_begin(f->journal, run, &f->err), 0);
	assert_int_equal(journal_load(f->journal, 1, &read, &f->err), 0);
	assert_int_equal(read->work, RUN_RESTORE);
	assert_string_equal(read->archive, "/mnt/a.tar.zst");
	free(run->archive);
	run->archive = mem_text("/elsewhere");
	run_step_set(&run->steps[0], STEP_RESTORED, NULL);
	assert_int_equal(journal_save(f->journal, run, 0, 2, &f->err), 0);
	assert_int_equal(journal_load(f->journal, 1, &again, &f->err), 0);
	assert_string_equal(again->archive, "/elsewhere");
	assert_int_equal(again->steps[0].state, STEP_RESTORED);
}

/* The journal of drydock 0.1.0 before it knew archives. */
static void a_journal_of_the_first_schema_is_read_and_brought_up_to_date(void **state)
{
	struct fixture *f = *state;
	AUTO(run) struct run *run = NULL;
	AUTO(run) struct run *again = NULL;
	AUTO(str) char *before = NULL;
	AUTO(str) char *after = NULL;
	size_t before_len;
	size_t len;

	journal_fixture_open(f, JOURNAL_WRITE);
	journal_fixture_begin(f, 7, RUN_DETACHED);
	journal_close(TAKE(f->journal, NULL));
	journal_fixture_meddle(f, "ALTER TABLE run DROP COLUMN work;"
	                          "ALTER TABLE run DROP COLUMN archive; DROP TABLE dir;"
	                          "PRAGMA user_version=1");
	assert_int_equal(
	    file_read(f->root.fd, ".drydock/journal.db", 1 << 20, &before, &before_len, &f->err),
	    0);
	for (int i = 0; i < 2; i++) {
		journal_fixture_open(f, JOURNAL_READ);
		run_free(TAKE(run, NULL));
		assert_int_equal(journal_load(f->journal, 7, &run, &f->err), 0);
		assert_int_equal(run->state, RUN_DETACHED);
		assert_int_equal(run->work, RUN_PRUNE);
		assert_null(run->archive);
	}
	assert_int_equal(
	    file_read(f->root.fd, ".drydock/journal.db", 1 << 20, &after, &len, &f->err), 0);
	assert_int_equal(len, before_len);
	assert_memory_equal(before, after, len);
	journal_fixture_open(f, JOURNAL_WRITE);
	journal_fixture_begin(f, 8, RUN_PLANNED);
	assert_int_equal(journal_load(f->journal, 7, &again, &f->err), 0);
	assert_int_equal(again->step_count, 2);
}

int main(void)
{
#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, journal_fixture_make, journal_fixture_unmake)
	const struct CMUnitTest tests[] = {
		TEST(a_run_is_read_back_as_it_was_written),
		TEST(saving_changes_only_the_steps_that_are_named),
		TEST(the_list_has_all_runs_by_number),
		TEST(the_next_number_is_greater_than_all),
		TEST(a_number_is_given_out_once),
		TEST(the_newest_run_that_was_cut_off_is_found),
		TEST(a_forgotten_run_is_not_unfinished),
		TEST(a_run_that_does_not_exist_is_said),
		TEST(reading_makes_no_file),
		TEST(reading_changes_no_byte_and_no_atime),
		TEST(only_root_may_read_the_journal),
		TEST(a_shared_journal_keeps_the_roots_apart),
		TEST(a_root_mounted_elsewhere_is_the_same_root),
		TEST(a_copy_of_a_root_is_another_root),
		TEST(a_restore_and_its_archive_are_kept),
		TEST(a_journal_of_the_first_schema_is_read_and_brought_up_to_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
