/* test_erase_trouble.c - what must not or cannot go stays, and the rest goes. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "overlay2/erase.h"
#include "tests/unit/hostile.h"
#include "tests/unit/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
	char *dir;
	int fd;
};

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->dir = tree_new("erase");
	f->fd = tree_open(f->dir, "");
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	(void)close(f->fd);
	tree_remove(f->dir);
	free(f);
	return 0;
}

static struct erase_item erase_one(const struct fixture *f, const char *name, unsigned jobs)
{
	struct erase_item item = { .dirfd = f->fd, .name = name };

	erase(&item, 1, jobs, NULL, NULL, NULL);
	return item;
}

static void assert_done(const struct erase_item *item)
{
	assert_string_equal(item->err.text, "");
	assert_true(item->is_done);
}

static void only_one_component_is_a_name(void **state)
{
	static const char *const names[] = { "", ".", "..", "/", "/etc", "a/b", "../outside" };
	struct fixture *f = *state;
	AUTO(close) int inner = -1;

	tree_print(f->dir, "inner/a/b", "x");
	tree_print(f->dir, "outside", "x");
	inner = tree_open(f->dir, "inner");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct erase_item item = { .dirfd = inner, .name = names[i] };

		erase(&item, 1, 2, NULL, NULL, NULL);
		assert_false(item.is_done);
		assert_int_equal(item.err.kind, ERR_STATE);
	}
	assert_true(hostile_exists(f->dir, "inner/a/b"));
	assert_true(hostile_exists(f->dir, "outside"));
}

static void what_is_under_a_mount_stays(void **state)
{
	struct fixture *f = *state;
	struct erase_item items[] = {
		{ .dirfd = f->fd, .name = "before" },
		{ .dirfd = f->fd, .name = "tree" },
		{ .dirfd = f->fd, .name = "after" },
	};
	bool is_inside;

	tree_print(f->dir, "before/file", "x");
	tree_print(f->dir, "after/file", "x");
	tree_print(f->dir, "tree/a/file", "x");
	tree_mkdir(f->dir, "tree/b/point");
	tree_print(f->dir, "tree/b/file", "x");
	if (!hostile_mount(f->dir, "tree/b/point"))
		skip();
	erase(items, 3, 2, NULL, NULL, NULL);
	is_inside = hostile_exists(f->dir, "tree/b/point/inside");
	hostile_unmount(f->dir, "tree/b/point");
	assert_true(is_inside);
	assert_false(items[1].is_done);
	assert_true(err_has_code(&items[1].err, EBUSY));
	assert_memory_equal(items[1].err.text, "tree/b/point: ", 14);
	assert_int_equal(items[1].freed.inodes, 3); /* a, a/file, b/file */
	assert_false(hostile_exists(f->dir, "tree/b/file"));
	assert_done(&items[0]);
	assert_done(&items[2]);
}

static void a_mount_point_is_no_item(void **state)
{
	struct fixture *f = *state;
	struct erase_item item;
	bool is_inside;

	tree_mkdir(f->dir, "point");
	if (!hostile_mount(f->dir, "point"))
		skip();
	item = erase_one(f, "point", 2);
	is_inside = hostile_exists(f->dir, "point/inside");
	hostile_unmount(f->dir, "point");
	assert_true(is_inside);
	assert_false(item.is_done);
	assert_true(err_has_code(&item.err, EBUSY));
	assert_int_equal(item.freed.inodes, 0);
}

/* Sets or takes away what `chattr +i` sets; false: this file system has no such thing. */
static bool set_immutable(const struct fixture *f, const char *path, bool is_immutable)
{
	AUTO(close) int fd = openat(f->fd, path, O_RDONLY | O_CLOEXEC);
	int flags = 0;

	assert_true(fd >= 0);
	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return false;
	flags = is_immutable ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
	return ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
}

static void an_immutable_file_stays_and_the_rest_goes(void **state)
{
	struct fixture *f = *state;
	struct erase_item items[] = {
		{ .dirfd = f->fd, .name = "tree" },
		{ .dirfd = f->fd, .name = "other" },
	};

	tree_print(f->dir, "tree/a/fixed", "12345");
	tree_print(f->dir, "tree/a/file", "x");
	tree_print(f->dir, "tree/b/file", "x");
	tree_print(f->dir, "other/file", "x");
	if (!set_immutable(f, "tree/a/fixed", true)) {
		(void)printf("# no immutable files on this file system, or for this user\n");
		skip();
	}
	erase(items, 2, 2, NULL, NULL, NULL);
	assert_true(set_immutable(f, "tree/a/fixed", false));
	assert_false(items[0].is_done);
	assert_true(err_has_code(&items[0].err, EPERM));
	assert_memory_equal(items[0].err.text, "tree/a/fixed: ", 14);
	assert_int_equal(items[0].freed.inodes, 3); /* a/file, b/file, b */
	assert_false(hostile_exists(f->dir, "tree/b"));
	assert_done(&items[1]);
	assert_done(&(struct erase_item[]){ erase_one(f, "tree", 2) }[0]);
}

/* Exits 0 if a user removes everything that is its own, closed directories included. */
static void erase_as_nobody(const struct fixture *f)
{
	struct erase_item items[] = {
		{ .dirfd = f->fd, .name = "own" },
		{ .dirfd = f->fd, .name = "other" },
	};

	if (setgid(65534) < 0 || setuid(65534) < 0)
		_exit(2);
	erase(items, 2, 2, NULL, NULL, NULL);
	if (!items[0].is_done || items[0].freed.inodes != 6)
		_exit(3);
	_exit(!items[1].is_done && err_has_code(&items[1].err, EACCES) ? 0 : 4);
}

static void closed_directories_are_opened_by_their_owner_only(void **state)
{
	static const char *const own[] = {
		"own",           "own/closed",        "own/closed/below", "own/closed/below/file",
		"own/read-only", "own/read-only/file"
	};
	struct fixture *f = *state;
	int status = -1;
	pid_t child;

	if (geteuid() != 0)
		skip();
	tree_print(f->dir, "own/closed/below/file", "x");
	tree_print(f->dir, "own/read-only/file", "x");
	tree_print(f->dir, "other/closed/file", "x");
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		assert_int_equal(fchownat(f->fd, own[i], 65534, 65534, 0), 0);
	assert_int_equal(fchmodat(f->fd, "own/closed/below", 0, 0), 0);
	assert_int_equal(fchmodat(f->fd, "own/closed", 0, 0), 0);
	assert_int_equal(fchmodat(f->fd, "own/read-only", 0500, 0), 0);
	assert_int_equal(fchmodat(f->fd, "other", 0755, 0), 0);
	assert_int_equal(fchmod(f->fd, 01777), 0);
	child = fork();
	if (child == 0)
		erase_as_nobody(f);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_false(hostile_exists(f->dir, "own"));
	assert_true(hostile_exists(f->dir, "other/closed/file"));
}

static void a_stop_before_the_start_leaves_everything(void **state)
{
	struct fixture *f = *state;
	struct erase_item item = { .dirfd = f->fd, .name = "tree" };
	volatile bool stop = true;

	tree_print(f->dir, "tree/file", "x");
	erase(&item, 1, 2, &stop, NULL, NULL);
	assert_false(item.is_done);
	assert_false(err_is_set(&item.err));
	assert_true(hostile_exists(f->dir, "tree/file"));
}

/* Waits for the first removal and stops the run then. */
struct stopper {
	const struct fixture *f;
	volatile bool stop;
};

static void *stop_soon(void *argument)
{
	struct stopper *stopper = argument;
	struct stat st;

	while (fstatat(stopper->f->fd, "tree/0", &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_nlink > 3)
		;
	__atomic_store_n(&stopper->stop, true, __ATOMIC_RELAXED);
	return NULL;
}

static void what_a_stop_left_goes_the_next_time(void **state)
{
	struct fixture *f = *state;
	struct stopper stopper = { f, false };
	struct erase_item item = { .dirfd = f->fd, .name = "tree" };
	struct usage usage;
	struct usage sum;
	pthread_t thread;

	for (unsigned i = 0; i < 3000; i++) {
		AUTO(str) char *name = mem_print("tree/%u/%u/file", i % 3, i);

		tree_print(f->dir, name, "12345");
	}
	usage = hostile_count(f->dir, "tree");
	assert_int_equal(pthread_create(&thread, NULL, stop_soon, &stopper), 0);
	erase(&item, 1, 2, &stopper.stop, NULL, NULL);
	(void)pthread_join(thread, NULL);
	assert_false(err_is_set(&item.err));
	assert_int_equal(item.is_done, !hostile_exists(f->dir, "tree"));
	sum = item.freed;
	item = erase_one(f, "tree", 2);
	assert_done(&item);
	usage_add(&sum, &item.freed);
	assert_int_equal(sum.apparent_bytes, usage.apparent_bytes);
	assert_int_equal(sum.inodes, usage.inodes);
}

/* Changes a directory for a symlink and back, as long as the run lasts. */
struct swapper {
	const struct fixture *f;
	volatile bool stop;
};

static void *swap_on(void *argument)
{
	struct swapper *swapper = argument;

	while (!__atomic_load_n(&swapper->stop, __ATOMIC_RELAXED))
		(void)renameat2(swapper->f->fd, "trap", swapper->f->fd, "tree/a/b",
		                RENAME_EXCHANGE);
	return NULL;
}

static void a_directory_that_becomes_a_symlink_is_not_followed(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, "outside/kept", "x");
	for (unsigned round = 0; round < 100; round++) {
		struct swapper swapper = { f, false };
		pthread_t thread;

		for (unsigned i = 0; i < 20; i++) {
			AUTO(str) char *name = mem_print("tree/a/b/%u/file", i);

			tree_print(f->dir, name, "x");
		}
		tree_link(f->dir, "trap", "../../outside");
		assert_int_equal(pthread_create(&thread, NULL, swap_on, &swapper), 0);
		(void)erase_one(f, "tree", 2);
		__atomic_store_n(&swapper.stop, true, __ATOMIC_RELAXED);
		(void)pthread_join(thread, NULL);
		assert_true(hostile_exists(f->dir, "outside/kept"));
		assert_done(&(struct erase_item[]){ erase_one(f, "tree", 2) }[0]);
		assert_done(&(struct erase_item[]){ erase_one(f, "trap", 2) }[0]);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_one_component_is_a_name),
		TEST(what_is_under_a_mount_stays),
		TEST(a_mount_point_is_no_item),
		TEST(an_immutable_file_stays_and_the_rest_goes),
		TEST(closed_directories_are_opened_by_their_owner_only),
		TEST(a_stop_before_the_start_leaves_everything),
		TEST(what_a_stop_left_goes_the_next_time),
		TEST(a_directory_that_becomes_a_symlink_is_not_followed),
	};

	return cmocka_run_group_tests_name("erase trouble", tests, NULL, NULL);
}
