/* test_journal_damage.c - what is no journal, or damaged, is refused with the name of the file. */
#include "tests/unit/check.h"

#include "gc/journal.h"
#include "metadata/base/mem.h"
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

struct fixture {
	char *dir;
	struct root root;
	struct journal *journal;
	struct err err;
};

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));
	struct stat st;

	f->dir = tree_new("journal");
	f->root.path = f->dir;
	f->root.fd = tree_open(f->dir, "");
	assert_int_equal(fstat(f->root.fd, &st), 0);
	f->root.device = st.st_dev;
	f->root.inode = st.st_ino;
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	journal_close(f->journal);
	(void)close(f->root.fd);
	tree_remove(f->dir);
	free(f);
	return 0;
}

static void open_journal(struct fixture *f, enum journal_access access)
{
	journal_close(f->journal);
	f->journal = NULL;
	assert_int_equal(journal_open(&f->journal, &f->root, NULL, access, &f->err), 0);
}

static struct run_step make_step(enum action_kind kind, const char *object, const char *path,
                                 const char *place)
{
	return (struct run_step){ .kind = kind,
		                  .object = mem_text(object),
		                  .path = mem_text(path),
		                  .detail = mem_text("words \xff"),
		                  .place = mem_text(place) };
}

/* A run of two steps, the first with every field set. */
static struct run *make_run(const struct fixture *f, int64_t id)
{
	const struct plan plan = { .reclaimed_bytes = 77,
		                   .digest = "0123456789abcdef0123456789abcdef" };
	const struct selection_scope scope = { .containers = true, .all_images = true };
	struct run *run = run_new(&plan, &f->root, "system prune --all", &scope);

	run->id = id;
	run->started = 1000;
	run->steps = mem_resize(run->steps, 2, sizeof(*run->steps));
	run->step_count = 2;
	run->steps[0] = make_step(ACTION_LAYER, "sha256:ab\ncd", "image/x", ".drydock/3/1");
	run->steps[0].reason = REASON_ORPHAN;
	run->steps[0].size_bytes = -5;
	run->steps[0].usage = (struct usage){ 1, UINT64_MAX, 3 };
	run->steps[1] = make_step(ACTION_DIR, "dir", "overlay2/dir", "overlay2/.drydock/3/2");
	return run;
}

static void begin(struct fixture *f, int64_t id, enum run_state state)
{
	AUTO(run) struct run *run = make_run(f, id);

	run->state = state;
	assert_int_equal(journal_begin(f->journal, run, &f->err), 0);
}

/* Opens and expects a failure of this kind whose text holds WORDS and the name of the file. */
static void refuse(struct fixture *f, enum journal_access access, enum err_kind kind,
                   const char *words)
{
	journal_close(f->journal);
	f->journal = NULL;
	assert_int_equal(journal_open(&f->journal, &f->root, NULL, access, &f->err), -1);
	assert_int_equal(f->err.kind, kind);
	assert_non_null(strstr(f->err.text, words));
	assert_non_null(strstr(f->err.text, "/.drydock/journal.db"));
	err_clear(&f->err);
}

static void garbage_is_no_journal(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, ".drydock/journal.db", "%01000d", 7);
	refuse(f, JOURNAL_WRITE, ERR_CORRUPT, "not a database");
	refuse(f, JOURNAL_READ, ERR_CORRUPT, "not a database");
}

/* Executes SQL on the journal behind its back. */
static void meddle(const struct fixture *f, const char *sql)
{
	AUTO(str) char *path = mem_print("%s/.drydock/journal.db", f->dir);
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void another_program_s_database_is_no_journal(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, ".drydock");
	meddle(f, "CREATE TABLE other(x)");
	refuse(f, JOURNAL_WRITE, ERR_CORRUPT, "is no journal of drydock");
	refuse(f, JOURNAL_READ, ERR_CORRUPT, "is no journal of drydock");
}

static void a_newer_schema_is_left_alone(void **state)
{
	struct fixture *f = *state;

	open_journal(f, JOURNAL_WRITE);
	meddle(f, "PRAGMA user_version=2");
	refuse(f, JOURNAL_WRITE, ERR_STATE, "newer drydock (schema 2, this one knows 1)");
	refuse(f, JOURNAL_READ, ERR_STATE, "newer drydock");
}

static void every_cut_of_the_file_is_noticed_or_harmless(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *path = mem_print("%s/.drydock/journal.db", f->dir);
	struct stat st;

	open_journal(f, JOURNAL_WRITE);
	begin(f, 1, RUN_PLANNED);
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

	open_journal(f, JOURNAL_WRITE);
	begin(f, 1, RUN_PLANNED);
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

	open_journal(f, JOURNAL_WRITE);
	begin(f, 1, RUN_PLANNED);
	meddle(f, "UPDATE step SET kind='teapot' WHERE seq=2");
	assert_int_equal(journal_load(f->journal, 1, &run, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_CORRUPT);
	assert_non_null(strstr(f->err.text, "step 2: kind teapot"));
	err_clear(&f->err);
	meddle(f, "UPDATE run SET state='teapot'");
	assert_int_equal(journal_list(f->journal, &runs, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_CORRUPT);
}

static void a_missing_step_is_damage(void **state)
{
	struct fixture *f = *state;
	AUTO(run) struct run *run = NULL;

	open_journal(f, JOURNAL_WRITE);
	begin(f, 1, RUN_PLANNED);
	meddle(f, "DELETE FROM step WHERE seq=1");
	assert_int_equal(journal_load(f->journal, 1, &run, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_CORRUPT);
	assert_non_null(strstr(f->err.text, "run 1: step 1 is missing"));
}

static void a_link_in_place_of_the_journal_is_not_followed(void **state)
{
	struct fixture *f = *state;

	tree_link(f->dir, ".drydock/journal.db", "/dev/null");
	refuse(f, JOURNAL_WRITE, ERR_SYSTEM, "open");
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

	open_journal(f, JOURNAL_WRITE);
	begin(f, 1, RUN_DONE);
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
	refuse(f, JOURNAL_READ, ERR_STATE, "was cut off");
	open_journal(f, JOURNAL_WRITE);
	assert_int_equal(journal_list(f->journal, &runs, &f->err), 0);
	assert_int_equal(runs.count, 1);
	assert_int_equal(runs.items[0].state, RUN_DONE);
	open_journal(f, JOURNAL_READ);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
