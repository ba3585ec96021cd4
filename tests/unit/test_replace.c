/* test_replace.c - a file gets a new version in one rename, or keeps the old one. */
#include "tests/unit/check.h"
#include "tests/unit/tree.h"

#include "gc/trash/replace.h"
#include "metadata/base/file.h"
#include "metadata/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct fixture {
	char *dir;
	int fd;
	struct trash *trash;
	struct replacement replacement; /* of dir/file, which holds "old", by "new" */
	struct err err;
	char *seen; /* what the check has seen; owned */
	bool refuse;
};

static char *read_file(const struct fixture *f, const char *path)
{
	struct err err = ERR_INIT;
	char *bytes = NULL;
	size_t len;

	return file_read(f->fd, path, 100, &bytes, &len, &err) == 0 ? bytes : NULL;
}

static int check(void *context, int dirfd, const char *name, struct err *err)
{
	struct fixture *f = context;
	size_t len;

	assert_int_equal(file_read(dirfd, name, 100, &f->seen, &len, err), 0);
	return f->refuse ? err_set(err, ERR_CORRUPT, "no") : 0;
}

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->dir = tree_new("replace");
	f->fd = tree_open(f->dir, "");
	f->trash = trash_new(f->fd, 7, NULL);
	tree_print(f->dir, "dir/file", "old");
	assert_int_equal(fchmodat(f->fd, "dir/file", 0640, 0), 0);
	f->replacement = (struct replacement){ .path = "dir/file",
		                               .temporary = "file.new",
		                               .place = ".drydock/7/3",
		                               .bytes = "new",
		                               .len = 3 };
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	trash_free(f->trash);
	(void)close(f->fd);
	tree_remove(f->dir);
	free(f->seen);
	free(f);
	return 0;
}

static void expect(const struct fixture *f, const char *path, const char *content)
{
	AUTO(str) char *bytes = read_file(f, path);

	if (content)
		assert_string_equal(bytes, content);
	else
		assert_null(bytes);
}

static mode_t mode_of(const struct fixture *f)
{
	struct stat st;

	assert_int_equal(fstatat(f->fd, "dir/file", &st, 0), 0);
	return st.st_mode & 07777;
}

static void the_new_file_takes_the_name_and_the_old_one_is_kept(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(replace_file(f->trash, &f->replacement, &f->err), 0);
	expect(f, "dir/file", "new");
	expect(f, ".drydock/7/3", "old");
	expect(f, "dir/file.new", NULL);
	assert_int_equal(mode_of(f), 0640);
}

static void the_mode_may_be_another(void **state)
{
	struct fixture *f = *state;

	f->replacement.mode = 0600;
	assert_int_equal(replace_file(f->trash, &f->replacement, &f->err), 0);
	assert_int_equal(mode_of(f), 0600);
}

static void the_check_sees_the_new_file_before_it_has_the_name(void **state)
{
	struct fixture *f = *state;

	f->replacement.check = check;
	f->replacement.context = f;
	assert_int_equal(replace_file(f->trash, &f->replacement, &f->err), 0);
	assert_string_equal(f->seen, "new");
	expect(f, "dir/file", "new");
}

static void what_the_check_refuses_is_thrown_away(void **state)
{
	struct fixture *f = *state;

	f->replacement.check = check;
	f->replacement.context = f;
	f->refuse = true;
	assert_int_equal(replace_file(f->trash, &f->replacement, &f->err), -1);
	assert_string_equal(f->err.text, "dir/file: no");
	expect(f, "dir/file", "old");
	expect(f, "dir/file.new", NULL);
}

static void a_file_that_is_not_there_is_not_made(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(unlinkat(f->fd, "dir/file", 0), 0);
	assert_int_equal(replace_file(f->trash, &f->replacement, &f->err), -1);
	assert_true(err_has_code(&f->err, ENOENT));
	expect(f, "dir/file", NULL);
	expect(f, "dir/file.new", NULL);
}

static void leftovers_are_removed_and_nothing_else(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, "dir/file.new", "half");
	tree_print(f->dir, "dir/file.new2", "whole");
	assert_int_equal(replace_clean(f->trash, "dir/file", "file.new", &f->err), 0);
	assert_int_equal(replace_clean(f->trash, "dir/file", "file.new", &f->err), 0);
	assert_int_equal(replace_clean(f->trash, "absent/file", "file.new", &f->err), 0);
	expect(f, "dir/file.new", NULL);
	expect(f, "dir/file.new2", "whole");
	expect(f, "dir/file", "old");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_new_file_takes_the_name_and_the_old_one_is_kept),
		TEST(the_mode_may_be_another),
		TEST(the_check_sees_the_new_file_before_it_has_the_name),
		TEST(what_the_check_refuses_is_thrown_away),
		TEST(a_file_that_is_not_there_is_not_made),
		TEST(leftovers_are_removed_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
