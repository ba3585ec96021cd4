/* test_rewrite.c - a database is replaced whole, or not at all. */
#include "tests/unit/bolt_change.h"
#include "tests/unit/bolt_expect.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"
#include "tests/unit/tree.h"

#include "gc/edit/rewrite.h"
#include "metadata/base/file.h"
#include "metadata/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define DB "buildkit/snapshots.db"
#define PLACE ".drydock/7/1"
#define NEW DB ".new-drydock7"

#define BOTH "a/ seq=0\n  parent = x\n  size = 12\nb/ seq=0\n  parent = x\n  size = 12\n"
#define ONLY_B "b/ seq=0\n  parent = x\n  size = 12\n"

struct fixture {
	char *dir;
	int fd;
	struct cut cut;
	struct trash *trash;
	struct bolt_edit *edit; /* "a" goes */
	struct err err;
	struct text log;    /* every cut */
	int cut_at;         /* the process ends at this one; -1: at none */
	size_t damage_at;   /* byte of the new file that changes before it is looked at; 0: none */
	bool is_name_taken; /* a directory is where the new file shall be */
	bool was_locked;    /* the new file, before its rename */
};

/* Says whether somebody has locked the file. */
static bool is_locked(const struct fixture *f, const char *path)
{
	AUTO(close) int fd = openat(f->fd, path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

static void fixture_cut(void *context, const char *what, const char *path)
{
	struct fixture *f = context;

	text_print(&f->log, "%s %s\n", what, path);
	if (strcmp(what, "rename") == 0)
		f->was_locked = is_locked(f, NEW);
	if (f->cut_at-- == 0)
		_exit(0);
	if (f->damage_at > 0 && strcmp(what, "check") == 0) {
		AUTO(close) int fd = openat(f->fd, NEW, O_RDWR);
		char byte;

		assert_int_equal(pread(fd, &byte, 1, (off_t)f->damage_at), 1);
		byte ^= 1;
		assert_int_equal(pwrite(fd, &byte, 1, (off_t)f->damage_at), 1);
	}
	if (f->is_name_taken && strcmp(what, "write") == 0)
		tree_mkdir(f->dir, NEW);
}

/* A database with the buckets "a" and "b" of two values each. */
static void fixture_make_db(const struct fixture *f)
{
	static const char *const names[] = { "a", "b" };
	struct bolt_maker *maker = bolt_maker_new(4096);

	for (size_t i = 0; i < 2; i++) {
		struct maker_bucket *bucket = bolt_maker_bucket(maker, NULL, names[i]);

		bolt_maker_put(bucket, "parent", "x");
		bolt_maker_put(bucket, "size", "12");
	}
	bolt_maker_save(maker, f->dir, DB);
}

static void fixture_open(struct fixture *f)
{
	f->cut_at = -1;
	f->trash = trash_new(f->fd, 7, &f->cut);
}

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->dir = tree_new("rewrite");
	f->fd = tree_open(f->dir, "");
	f->cut = (struct cut){ fixture_cut, f };
	fixture_open(f);
	f->edit = bolt_edit_new();
	change_drop(bolt_edit_root(f->edit), "a");
	fixture_make_db(f);
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	trash_free(f->trash);
	bolt_edit_free(f->edit);
	text_done(&f->log);
	(void)close(f->fd);
	tree_remove(f->dir);
	free(f);
	return 0;
}

static bool exists(const struct fixture *f, const char *path)
{
	struct stat st;

	return fstatat(f->fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static struct stat stat_of(const struct fixture *f, const char *path)
{
	struct stat st;

	assert_int_equal(fstatat(f->fd, path, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st;
}

/* What the database at PATH holds; the caller frees. */
static char *content(const struct fixture *f, const char *path)
{
	AUTO(bolt) struct bolt *bolt = NULL;
	AUTO(text) struct text text = TEXT_INIT;
	struct err err = ERR_INIT;

	if (bolt_open(&bolt, f->fd, path, &err) < 0)
		assert_string_equal(err.text, "");
	bolt_expect_dump(&text, bolt);
	return text_take(&text);
}

static void expect_db(const struct fixture *f, const char *path, const char *dump)
{
	AUTO(str) char *text = content(f, path);

	assert_string_equal(text, dump);
}

static int apply(struct fixture *f)
{
	err_clear(&f->err);
	return rewrite_apply(f->trash, DB, f->edit, PLACE, &f->err);
}

/* Asserts that it fails in these words, and that nothing has changed then. */
static void expect_failure(struct fixture *f, enum err_kind kind, const char *words)
{
	const ino_t before = stat_of(f, DB).st_ino;

	assert_int_equal(apply(f), -1);
	assert_int_equal(f->err.kind, kind);
	if (!strstr(f->err.text, words))
		assert_string_equal(f->err.text, words); /* fails, and shows both */
	assert_int_equal(stat_of(f, DB).st_ino, before);
	assert_int_equal(exists(f, NEW), f->is_name_taken);
}

static void the_new_database_takes_the_place_of_the_old_one(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(apply(f), 0);
	expect_db(f, DB, ONLY_B);
	expect_db(f, PLACE, BOTH);
	assert_false(exists(f, NEW));
	assert_string_equal(f->log.data, "mkdir .drydock\nmkdir 7\n"
	                                 "unlink .drydock/7/1\nlink " DB "\n"
	                                 "unlink snapshots.db.new-drydock7\n"
	                                 "write snapshots.db.new-drydock7\n"
	                                 "check snapshots.db.new-drydock7\n"
	                                 "rename " DB "\nsync " DB "\n");
}

static void owner_and_mode_are_those_of_the_old_one(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	assert_int_equal(fchmodat(f->fd, DB, 0644, 0), 0);
	if (geteuid() == 0)
		assert_int_equal(fchownat(f->fd, DB, 1234, 5678, 0), 0);
	assert_int_equal(apply(f), 0);
	st = stat_of(f, DB);
	assert_int_equal(st.st_mode, S_IFREG | 0644);
	assert_int_equal(st.st_uid, geteuid() == 0 ? 1234 : geteuid());
	assert_int_equal(st.st_gid, geteuid() == 0 ? 5678 : getegid());
}

static void when_nothing_changes_nothing_is_written(void **state)
{
	struct fixture *f = *state;
	const ino_t before = stat_of(f, DB).st_ino;

	bolt_edit_free(f->edit);
	f->edit = bolt_edit_new();
	change_drop(bolt_edit_root(f->edit), "absent");
	change_put(change_enter(bolt_edit_root(f->edit), "a"), "size", "12");
	assert_int_equal(apply(f), 0);
	assert_int_equal(stat_of(f, DB).st_ino, before);
	assert_false(exists(f, ".drydock"));
	assert_string_equal(f->log.data, "unlink snapshots.db.new-drydock7\n");
}

static void one_run_may_change_a_database_twice(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(apply(f), 0);
	change_drop(change_enter(bolt_edit_root(f->edit), "b"), "size");
	assert_int_equal(rewrite_apply(f->trash, DB, f->edit, ".drydock/7/2", &f->err), 0);
	expect_db(f, PLACE, BOTH);
	expect_db(f, ".drydock/7/2", ONLY_B);
	expect_db(f, DB, "b/ seq=0\n  parent = x\n");
}

static void the_new_database_is_locked_from_before_it_has_its_name_until_the_end(void **state)
{
	struct fixture *f = *state;

	assert_false(is_locked(f, DB));
	assert_int_equal(apply(f), 0);
	assert_true(f->was_locked);
	assert_true(is_locked(f, DB));
	trash_free(f->trash);
	assert_false(is_locked(f, DB));
	fixture_open(f);
}

static void what_a_killed_one_has_left_is_removed(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, NEW, "half");
	assert_int_equal(rewrite_clean(f->trash, DB, &f->err), 0);
	assert_false(exists(f, NEW));
	tree_print(f->dir, NEW, "half");
	tree_print(f->dir, DB ".new-drydock8", "of another run");
	assert_int_equal(apply(f), 0);
	assert_false(exists(f, NEW));
	assert_true(exists(f, DB ".new-drydock8"));
	assert_int_equal(rewrite_clean(f->trash, "absent/x.db", &f->err), 0);
}

/* Runs it in a process that ends at cut AT; false when there is none. */
static bool killed_at(struct fixture *f, int at)
{
	const pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		f->cut_at = at;
		_exit(apply(f) < 0 ? 2 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status) == 0;
}

static void killed_at_any_step_it_is_the_old_one_or_the_new_one(void **state)
{
	struct fixture *f = *state;
	int at = 0;
	bool was_new = false;

	for (; killed_at(f, at); at++) {
		AUTO(str) char *text = content(f, DB);
		const bool is_new = strcmp(text, ONLY_B) == 0;

		if (!is_new)
			assert_string_equal(text, BOTH);
		assert_true(is_new || !was_new);
		was_new = is_new;
		assert_int_equal(apply(f), 0); /* as resume does */
		expect_db(f, DB, ONLY_B);
		expect_db(f, PLACE, BOTH);
		assert_false(exists(f, NEW));
		trash_free(f->trash);
		tree_remove(f->dir);
		f->dir = tree_new("rewrite");
		(void)close(f->fd);
		f->fd = tree_open(f->dir, "");
		fixture_open(f);
		fixture_make_db(f);
	}
	assert_int_equal(at, 9);
	assert_true(was_new);
}

static void a_database_that_is_damaged_or_missing_is_left_alone(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, DB, "%09000d", 7);
	expect_failure(f, ERR_CORRUPT, "buildkit: snapshots.db: no meta page");
	assert_false(exists(f, ".drydock"));
	assert_int_equal(unlinkat(f->fd, DB, 0), 0);
	assert_int_equal(apply(f), -1);
	assert_true(err_has_code(&f->err, ENOENT));
}

static void a_change_that_cannot_be_made_changes_nothing(void **state)
{
	struct fixture *f = *state;

	change_put(bolt_edit_root(f->edit), "b", "value");
	expect_failure(f, ERR_STATE,
	               "buildkit/snapshots.db: key b: is a bucket and shall become a value");
	assert_false(exists(f, ".drydock"));
}

static void a_new_file_that_is_not_what_was_meant_is_thrown_away(void **state)
{
	struct fixture *f = *state;

	/* the second meta page, by which the first one is used; the number of the freelist page;
	 * the last byte of the root page's data, which is a value */
	static const struct {
		size_t at;
		const char *words;
	} damages[] = {
		{ 4096 + 64, "the new file is not as it should be: "
		             "transaction 8 in place of 9" },
		{ (size_t)2 * 4096, "read the new file: snapshots.db.new-drydock7: page 2" },
		{ (size_t)3 * 4096 + 109, "bucket b: key size: has another value" },
	};

	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		f->damage_at = damages[i].at;
		expect_failure(f, ERR_CORRUPT, damages[i].words);
		expect_db(f, DB, BOTH);
	}
}

static void a_new_file_that_cannot_be_made_changes_nothing(void **state)
{
	struct fixture *f = *state;

	f->is_name_taken = true;
	expect_failure(f, ERR_SYSTEM,
	               "buildkit/snapshots.db: snapshots.db.new-drydock7: make: File exists");
	expect_failure(f, ERR_SYSTEM, "buildkit/snapshots.db: remove snapshots.db.new-drydock7");
}

static void a_full_disk_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct rlimit limit, small;

	(void)signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is as good as a full disk */
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 5000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	expect_failure(f, ERR_SYSTEM, "snapshots.db.new-drydock7: write: File too large");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	expect_db(f, DB, BOTH);
	assert_int_equal(apply(f), 0);
	expect_db(f, DB, ONLY_B);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_new_database_takes_the_place_of_the_old_one),
		TEST(owner_and_mode_are_those_of_the_old_one),
		TEST(when_nothing_changes_nothing_is_written),
		TEST(one_run_may_change_a_database_twice),
		TEST(the_new_database_is_locked_from_before_it_has_its_name_until_the_end),
		TEST(what_a_killed_one_has_left_is_removed),
		TEST(killed_at_any_step_it_is_the_old_one_or_the_new_one),
		TEST(a_database_that_is_damaged_or_missing_is_left_alone),
		TEST(a_change_that_cannot_be_made_changes_nothing),
		TEST(a_new_file_that_is_not_what_was_meant_is_thrown_away),
		TEST(a_new_file_that_cannot_be_made_changes_nothing),
		TEST(a_full_disk_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
