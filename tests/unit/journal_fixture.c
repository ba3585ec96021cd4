/* journal_fixture.c - a data root with nothing but a journal, for the tests of the journal. */
#include "tests/unit/journal_fixture.h"

#include "metadata/base/mem.h"
#include "tests/unit/check.h"
#include "tests/unit/tree.h"

#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int journal_fixture_make(void **state)
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

int journal_fixture_unmake(void **state)
{
	struct fixture *f = *state;

	journal_close(f->journal);
	(void)close(f->root.fd);
	tree_remove(f->dir);
	free(f);
	return 0;
}

void journal_fixture_open(struct fixture *f, enum journal_access access)
{
	journal_close(f->journal);
	f->journal = NULL;
	assert_int_equal(journal_open(&f->journal, &f->root, NULL, access, &f->err), 0);
}

void journal_fixture_refuse(struct fixture *f, enum journal_access access, enum err_kind kind,
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

static struct run_step make_step(enum action_kind kind, const char *object, const char *path,
                                 const char *place)
{
	return (struct run_step){ .kind = kind,
		                  .object = mem_text(object),
		                  .path = mem_text(path),
		                  .detail = mem_text("words \xff"),
		                  .place = mem_text(place) };
}

struct run *journal_fixture_run(const struct fixture *f, int64_t id)
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
	dir_times_add(&run->dirs, "overlay2", 8, &(struct timespec){ 1700000000, 123456789 });
	return run;
}

void journal_fixture_begin(struct fixture *f, int64_t id, enum run_state state)
{
	AUTO(run) struct run *run = journal_fixture_run(f, id);

	run->state = state;
	assert_int_equal(journal_begin(f->journal, run, &f->err), 0);
}

void journal_fixture_meddle(const struct fixture *f, const char *sql)
{
	AUTO(str) char *path = mem_print("%s/.drydock/journal.db", f->dir);
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}
