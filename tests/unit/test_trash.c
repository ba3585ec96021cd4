/* test_trash.c - what is detached lies on its own mount, and is found again. */
#include "tests/unit/check.h"

#include "gc/trash/trash.h"
#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "tests/unit/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
	char *dir;
	int fd;
	struct trash *trash;
	struct err err;
};

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->dir = tree_new("trash");
	f->fd = tree_open(f->dir, "");
	f->trash = trash_new(f->fd, 7, NULL);
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	trash_free(f->trash);
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

static char *place_of(struct fixture *f, const char *path, size_t seq)
{
	char *place = NULL;

	assert_int_equal(trash_place(f->trash, path, seq, &place, &f->err), 0);
	return place;
}

static enum trash_result move(struct fixture *f, const char *path, const char *place)
{
	enum trash_result result = TRASH_GONE;

	assert_int_equal(trash_move(f->trash, path, place, &result, &f->err), 0);
	return result;
}

static void a_thing_is_moved_below_the_number_of_the_run(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *place = NULL;
	struct stat st;

	tree_print(f->dir, "overlay2/abc/diff/file", "x");
	tree_print(f->dir, "overlay2/abd/diff/file", "x");
	place = place_of(f, "overlay2/abc", 12);
	assert_string_equal(place, ".drydock/7/12");
	assert_false(exists(f, ".drydock")); /* nothing is made before it is needed */
	assert_int_equal(move(f, "overlay2/abc", place), TRASH_MOVED);
	assert_false(exists(f, "overlay2/abc"));
	assert_true(exists(f, ".drydock/7/12/diff/file"));
	assert_true(exists(f, "overlay2/abd/diff/file"));
	assert_int_equal(fstatat(f->fd, ".drydock", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(fstatat(f->fd, ".drydock/7", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void a_symbolic_link_is_moved_itself(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "overlay2/abc/diff");
	tree_link(f->dir, "overlay2/l/LINK", "../abc/diff");
	assert_int_equal(move(f, "overlay2/l/LINK", ".drydock/7/1"), TRASH_MOVED);
	assert_false(exists(f, "overlay2/l/LINK"));
	assert_true(exists(f, "overlay2/abc/diff"));
	assert_true(exists(f, ".drydock/7/1"));
}

static void the_second_move_finds_it_done(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, "a/x", "x");
	assert_int_equal(move(f, "a/x", ".drydock/7/1"), TRASH_MOVED);
	assert_int_equal(move(f, "a/x", ".drydock/7/1"), TRASH_MOVED_BEFORE);
	assert_true(exists(f, ".drydock/7/1"));
}

static void what_is_nowhere_is_gone(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "a");
	assert_int_equal(move(f, "a/x", ".drydock/7/1"), TRASH_GONE);
	assert_int_equal(move(f, "no/such/dir/x", ".drydock/7/2"), TRASH_GONE);
}

static void what_was_made_again_stays(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, "a/x", "old");
	assert_int_equal(move(f, "a/x", ".drydock/7/1"), TRASH_MOVED);
	tree_print(f->dir, "a/x", "new");
	assert_int_equal(move(f, "a/x", ".drydock/7/1"), TRASH_REAPPEARED);
	assert_true(exists(f, "a/x"));
	assert_true(exists(f, ".drydock/7/1"));
}

static void a_link_on_the_way_is_not_followed(void **state)
{
	struct fixture *f = *state;
	enum trash_result result;

	tree_print(f->dir, "elsewhere/x", "x");
	tree_link(f->dir, "overlay2", "elsewhere");
	assert_int_equal(trash_move(f->trash, "overlay2/x", ".drydock/7/1", &result, &f->err), -1);
	assert_non_null(strstr(f->err.text, "overlay2: is not a directory"));
	assert_true(exists(f, "elsewhere/x"));
}

static void a_failed_move_names_both_ends_and_changes_nothing(void **state)
{
	struct fixture *f = *state;
	enum trash_result result;

	tree_print(f->dir, "a/x", "x");
	tree_print(f->dir, ".drydock/7", "a file in the way");
	assert_int_equal(trash_move(f->trash, "a/x", ".drydock/7/1", &result, &f->err), -1);
	assert_non_null(strstr(f->err.text, ".drydock: 7: open"));
	assert_true(exists(f, "a/x"));
}

static void only_places_of_this_run_and_thing_are_its_own(void **state)
{
	struct fixture *f = *state;

	assert_true(trash_owns(f->trash, "overlay2/abc", 3, ".drydock/7/3"));
	assert_true(trash_owns(f->trash, "overlay2/abc", 3, "overlay2/.drydock/7/3"));
	assert_true(trash_owns(f->trash, "image/overlay2/x/y", 3, "image/overlay2/.drydock/7/3"));
	assert_false(trash_owns(f->trash, "overlay2/abc", 3, ".drydock/8/3"));
	assert_false(trash_owns(f->trash, "overlay2/abc", 3, ".drydock/7/4"));
	assert_false(trash_owns(f->trash, "overlay2/abc", 3, "containers/.drydock/7/3"));
	assert_false(trash_owns(f->trash, "overlay2/abc", 3, "over/.drydock/7/3"));
	assert_false(trash_owns(f->trash, "overlay2/abc", 3, "../.drydock/7/3"));
	assert_false(trash_owns(f->trash, "overlay2/abc", 3, "/.drydock/7/3"));
	assert_false(trash_owns(f->trash, "overlay2/abc", 3, ".drydock/7/3/x"));
	assert_false(trash_owns(f->trash, "overlay2/abc", 3, "overlay2/x"));
	assert_false(trash_owns(f->trash, "overlay2/abc", 3, ""));
}

static void saving_gives_a_file_a_second_name(void **state)
{
	struct fixture *f = *state;
	struct stat one;
	struct stat two;

	tree_print(f->dir, "image/tags", "old");
	assert_int_equal(trash_save(f->trash, "image/tags", ".drydock/7/1", &f->err), 0);
	assert_int_equal(fstatat(f->fd, "image/tags", &one, 0), 0);
	assert_int_equal(fstatat(f->fd, ".drydock/7/1", &two, 0), 0);
	assert_int_equal(one.st_ino, two.st_ino);
}

static void saving_again_saves_what_is_there_now(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *bytes = NULL;
	size_t len;

	tree_print(f->dir, "image/tags", "old");
	assert_int_equal(trash_save(f->trash, "image/tags", ".drydock/7/1", &f->err), 0);
	assert_int_equal(unlinkat(f->fd, "image/tags", 0), 0);
	tree_print(f->dir, "image/tags", "newer");
	assert_int_equal(trash_save(f->trash, "image/tags", ".drydock/7/1", &f->err), 0);
	assert_int_equal(file_read(f->fd, ".drydock/7/1", 100, &bytes, &len, &f->err), 0);
	assert_string_equal(bytes, "newer");
}

static void the_directory_of_a_run_is_removed_when_it_is_empty(void **state)
{
	struct fixture *f = *state;
	bool is_empty;

	tree_print(f->dir, "a/x", "x");
	assert_int_equal(move(f, "a/x", ".drydock/7/1"), TRASH_MOVED);
	assert_int_equal(trash_remove(f->trash, &is_empty, &f->err), 0);
	assert_false(is_empty);
	assert_true(exists(f, ".drydock/7/1"));
	assert_int_equal(unlinkat(f->fd, ".drydock/7/1", 0), 0);
	assert_int_equal(trash_remove(f->trash, &is_empty, &f->err), 0);
	assert_true(is_empty);
	assert_false(exists(f, ".drydock/7"));
	assert_true(exists(f, ".drydock")); /* the journal and the lock are in it */
}

static void every_run_is_found_in_every_part(void **state)
{
	struct fixture *f = *state;
	AUTO(trash_dirs) struct trash_dirs dirs = TRASH_DIRS_INIT;

	tree_print(f->dir, ".drydock/journal.db", "x");
	tree_print(f->dir, ".drydock/99", "a file is no trash");
	tree_mkdir(f->dir, ".drydock/12x");
	tree_mkdir(f->dir, ".drydock/12/1");
	tree_mkdir(f->dir, "overlay2/.drydock/3");
	tree_mkdir(f->dir, "image/overlay2/layerdb/.drydock/3");
	tree_print(f->dir, "containers", "no directory");
	assert_int_equal(trash_find(&dirs, f->fd, &f->err), 0);
	assert_int_equal(dirs.count, 3);
	assert_int_equal(dirs.items[0].run, 3);
	assert_string_equal(dirs.items[0].path, "image/overlay2/layerdb/.drydock/3");
	assert_string_equal(dirs.items[1].path, "overlay2/.drydock/3");
	assert_int_equal(dirs.items[2].run, 12);
	assert_string_equal(dirs.items[2].path, ".drydock/12");
}

/* Gives this process mounts of its own, before anything is opened; without the right to do so the
 * tests that mount are skipped. */
static int unshare_mounts(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNS) == 0)
		assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	return 0;
}

/* Mounts FROM (or a new file system, with NULL) on PATH; false where that is not allowed. */
static bool mount_on(const struct fixture *f, const char *from, const char *path)
{
	AUTO(str) char *source = mem_print("%s/%s", f->dir, from ? from : "");
	AUTO(str) char *full = mem_print("%s/%s", f->dir, path);

	if (from)
		return mount(source, full, NULL, MS_BIND, NULL) == 0;
	return mount("tmpfs", full, "tmpfs", 0, "size=1m") == 0;
}

static void unmount(const struct fixture *f, const char *path)
{
	AUTO(str) char *full = mem_print("%s/%s", f->dir, path);

	assert_int_equal(umount2(full, MNT_DETACH), 0);
}

static void a_part_on_a_mount_of_its_own_has_its_own_trash(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *place = NULL;
	AUTO(str) char *other = NULL;
	bool is_empty;

	tree_print(f->dir, "containers/c", "x");
	tree_mkdir(f->dir, "overlay2");
	if (!mount_on(f, NULL, "overlay2"))
		skip();
	tree_print(f->dir, "overlay2/l/LINK", "x");
	place = place_of(f, "overlay2/l/LINK", 1);
	other = place_of(f, "containers/c", 2);
	assert_string_equal(place, "overlay2/.drydock/7/1");
	assert_string_equal(other, ".drydock/7/2");
	assert_int_equal(move(f, "overlay2/l/LINK", place), TRASH_MOVED);
	assert_int_equal(move(f, "containers/c", other), TRASH_MOVED);
	assert_true(exists(f, "overlay2/.drydock/7/1"));
	assert_int_equal(trash_sync(f->trash, &f->err), 0);
	assert_int_equal(unlinkat(f->fd, "overlay2/.drydock/7/1", 0), 0);
	assert_int_equal(unlinkat(f->fd, ".drydock/7/2", 0), 0);
	assert_int_equal(trash_remove(f->trash, &is_empty, &f->err), 0);
	assert_true(is_empty);
	assert_false(exists(f, "overlay2/.drydock")); /* it held nothing but the run */
	unmount(f, "overlay2");
}

static void a_bind_mount_of_the_same_file_system_is_a_part(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *place = NULL;

	tree_print(f->dir, "elsewhere/abc/file", "x");
	tree_mkdir(f->dir, "overlay2");
	if (!mount_on(f, "elsewhere", "overlay2"))
		skip();
	place = place_of(f, "overlay2/abc", 1);
	assert_string_equal(place, "overlay2/.drydock/7/1");
	assert_int_equal(move(f, "overlay2/abc", place), TRASH_MOVED);
	assert_true(exists(f, "elsewhere/.drydock/7/1/file"));
	trash_free(f->trash);
	f->trash = NULL;
	unmount(f, "overlay2");
}

static void a_part_that_is_not_mounted_any_more_stops(void **state)
{
	struct fixture *f = *state;

	tree_mkdir(f->dir, "overlay2");
	assert_int_equal(trash_know(f->trash, "overlay2/.drydock/7/1", &f->err), -1);
	assert_int_equal(f->err.kind, ERR_STATE);
	assert_non_null(strstr(f->err.text, "overlay2: is not mounted"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(a_thing_is_moved_below_the_number_of_the_run),
		TEST(a_symbolic_link_is_moved_itself),
		TEST(the_second_move_finds_it_done),
		TEST(what_is_nowhere_is_gone),
		TEST(what_was_made_again_stays),
		TEST(a_link_on_the_way_is_not_followed),
		TEST(a_failed_move_names_both_ends_and_changes_nothing),
		TEST(only_places_of_this_run_and_thing_are_its_own),
		TEST(saving_gives_a_file_a_second_name),
		TEST(saving_again_saves_what_is_there_now),
		TEST(the_directory_of_a_run_is_removed_when_it_is_empty),
		TEST(every_run_is_found_in_every_part),
		TEST(a_part_on_a_mount_of_its_own_has_its_own_trash),
		TEST(a_bind_mount_of_the_same_file_system_is_a_part),
		TEST(a_part_that_is_not_mounted_any_more_stops),
	};

	return cmocka_run_group_tests(tests, unshare_mounts, NULL);
}
