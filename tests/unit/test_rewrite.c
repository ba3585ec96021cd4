/* test_rewrite.c - a database is replaced whole, or not at all. */
#include "tests/unit/bolt_expect.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"
#include "tests/unit/tree.h"

#include "gc/run/rewrite.h"
#include "metadata/base/file.h"
#include "metadata/base/mem.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define DB "buildkit/snapshots.db"
#define PLACE ".drydock/7/1"
#define NEW DB ".new-drydock7"

struct fixture {
	char *dir;
	int fd;
	struct cut cut;
	struct trash *trash;
	struct bolt_edit *edit;
	struct err err;
	struct text log; /* every cut */
};

static void fixture_cut(void *context, const char *what, const char *path)
{
	struct fixture *f = context;

	text_print(&f->log, "%s %s\n", what, path);
}

/* A database with the buckets "a" and "b" of two values each. */
static void fixture_make_db(const struct fixture *f)
{
	struct bolt_maker *maker = bolt_maker_new(4096);

	for (const char *name = "a\0b"; *name; name += 2) {
		struct maker_bucket *bucket = bolt_maker_bucket(maker, NULL, name);

		bolt_maker_put(bucket, "parent", "x");
		bolt_maker_put(bucket, "size", "12");
	}
	bolt_maker_save(maker, f->dir, DB);
}

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->dir = tree_new("rewrite");
	f->fd = tree_open(f->dir, "");
	f->cut = (struct cut){ fixture_cut, f };
	f->trash = trash_new(f->fd, 7, &f->cut);
	f->edit = bolt_edit_new();
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

/* Asserts which keys the database at PATH has. */
static void expect_db(const struct fixture *f, const char *path, const char *dump)
{
	AUTO(bolt) struct bolt *bolt = NULL;
	AUTO(text) struct text text = TEXT_INIT;
	struct err err = ERR_INIT;

	if (bolt_open(&bolt, f->fd, path, &err) < 0)
		assert_string_equal(err.text, "");
	bolt_expect_dump(&text, bolt);
	assert_string_equal(text.data, dump);
}

#define BOTH "a/ seq=0\n  parent = x\n  size = 12\nb/ seq=0\n  parent = x\n  size = 12\n"
#define ONLY_B "b/ seq=0\n  parent = x\n  size = 12\n"

static void the_new_database_takes_the_place_of_the_old_one(void **state)
{
	struct fixture *f = *state;

	bolt_edit_drop(bolt_edit_root(f->edit), "a", 1);
	assert_int_equal(rewrite_apply(f->trash, DB, f->edit, PLACE, &f->err), 0);
	expect_db(f, DB, ONLY_B);
	expect_db(f, PLACE, BOTH);
	assert_false(exists(f, NEW));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_new_database_takes_the_place_of_the_old_one,
		                                make, unmake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
