/* test_measure.c - sizes are exact, whatever the tree. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "overlay2/measure.h"
#include "tests/unit/hostile.h"
#include "tests/unit/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
	char *dir;
	int fd;
	struct err err;
};

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->dir = tree_new("measure");
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

static struct usage measure_one(struct fixture *f, const char *path, unsigned jobs)
{
	struct measure_item item = { .dirfd = f->fd, .path = path };

	assert_int_equal(measure(&item, 1, jobs, &f->err), 0);
	assert_false(item.is_missing);
	return item.usage;
}

static void assert_same(struct usage a, struct usage b)
{
	assert_int_equal(a.apparent_bytes, b.apparent_bytes);
	assert_int_equal(a.allocated_bytes, b.allocated_bytes);
	assert_int_equal(a.inodes, b.inodes);
}

static void a_hostile_tree_is_counted_exactly(void **state)
{
	static const unsigned jobs[] = { 0, 1, 2, 8 };
	struct fixture *f = *state;

	hostile_make(f->dir, "tree");
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++)
		assert_same(measure_one(f, "tree", jobs[i]), hostile_count(f->dir, "tree"));
}

static void bytes_are_those_of_files_and_symlinks(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, "tree/file", "12345");
	tree_link(f->dir, "tree/link", "abc");
	assert_int_equal(mkfifoat(f->fd, "tree/fifo", 0600), 0);
	assert_int_equal(measure_one(f, "tree", 1).apparent_bytes, 8);
	assert_int_equal(measure_one(f, "tree", 1).inodes, 4);
}

static void a_file_and_a_symlink_are_trees_too(void **state)
{
	struct fixture *f = *state;

	tree_print(f->dir, "below/file", "12345");
	tree_print(f->dir, "big/file", "%10000s", "");
	tree_link(f->dir, "link", "big");
	assert_same(measure_one(f, "below/file", 1), hostile_count(f->dir, "below/file"));
	assert_same(measure_one(f, "link", 1), hostile_count(f->dir, "link"));
	assert_int_equal(measure_one(f, "link", 1).inodes, 1);
}

static void what_is_missing_is_said(void **state)
{
	struct fixture *f = *state;
	struct measure_item items[] = {
		{ .dirfd = f->fd, .path = "gone", .usage = { 1, 2, 3 } },
		{ .dirfd = f->fd, .path = "there", .is_missing = true },
		{ .dirfd = f->fd, .path = "gone/below" },
	};

	tree_print(f->dir, "there/file", "x");
	assert_int_equal(measure(items, 3, 2, &f->err), 0);
	assert_true(items[0].is_missing);
	assert_int_equal(items[0].usage.inodes + items[0].usage.allocated_bytes, 0);
	assert_false(items[1].is_missing);
	assert_int_equal(items[1].usage.inodes, 2);
	assert_true(items[2].is_missing);
}

static void no_items_are_no_work(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(measure(NULL, 0, 0, &f->err), 0);
}

static void a_hard_link_counts_in_the_first_item(void **state)
{
	struct fixture *f = *state;
	struct measure_item items[] = {
		{ .dirfd = f->fd, .path = "none" },
		{ .dirfd = f->fd, .path = "first" },
		{ .dirfd = f->fd, .path = "second" },
	};

	tree_mkdir(f->dir, "none");
	tree_print(f->dir, "first/file", "12345");
	tree_mkdir(f->dir, "second/below");
	assert_int_equal(linkat(f->fd, "first/file", f->fd, "second/below/file", 0), 0);
	assert_int_equal(linkat(f->fd, "first/file", f->fd, "first/again", 0), 0);
	for (unsigned jobs = 1; jobs <= 8; jobs++) {
		assert_int_equal(measure(items, 3, jobs, &f->err), 0);
		assert_int_equal(items[0].usage.apparent_bytes, 0);
		assert_int_equal(items[1].usage.apparent_bytes, 5);
		assert_int_equal(items[1].usage.inodes, 2);
		assert_int_equal(items[2].usage.apparent_bytes, 0);
		assert_int_equal(items[2].usage.inodes, 2);
	}
}

static void another_file_system_below_does_not_count(void **state)
{
	struct fixture *f = *state;
	struct usage before;
	struct usage mounted;

	tree_print(f->dir, "tree/file", "12345");
	tree_mkdir(f->dir, "tree/point");
	before = measure_one(f, "tree", 2);
	if (!hostile_mount(f->dir, "tree/point"))
		skip();
	mounted = measure_one(f, "tree", 2);
	hostile_unmount(f->dir, "tree/point");
	before.inodes--; /* the directory under the mount cannot be seen */
	assert_int_equal(mounted.inodes, before.inodes);
	assert_int_equal(mounted.apparent_bytes, before.apparent_bytes);
}

static void a_bind_mount_of_the_same_file_system_does_not_count(void **state)
{
	struct fixture *f = *state;
	AUTO(str) char *from = mem_print("%s/elsewhere", f->dir);
	AUTO(str) char *to = mem_print("%s/tree/point", f->dir);
	AUTO(str) char *from_file = mem_print("%s/elsewhere/file", f->dir);
	AUTO(str) char *to_file = mem_print("%s/tree/file", f->dir);
	struct usage mounted;

	tree_print(f->dir, "elsewhere/file", "%10000s", "");
	tree_mkdir(f->dir, "tree/point");
	tree_print(f->dir, "tree/file", "12345");
	if (mount(from, to, NULL, MS_BIND, NULL) < 0)
		skip();
	assert_int_equal(mount(from_file, to_file, NULL, MS_BIND, NULL), 0);
	mounted = measure_one(f, "tree", 2);
	(void)umount2(to_file, MNT_DETACH);
	(void)umount2(to, MNT_DETACH);
	assert_int_equal(mounted.inodes, 1);
	assert_int_equal(mounted.apparent_bytes, 0);
}

static void an_item_may_be_a_mount_point(void **state)
{
	struct fixture *f = *state;
	struct usage mounted;

	tree_mkdir(f->dir, "point");
	if (!hostile_mount(f->dir, "point"))
		skip();
	mounted = measure_one(f, "point", 2);
	hostile_unmount(f->dir, "point");
	assert_int_equal(mounted.inodes, 2);
	assert_int_equal(mounted.apparent_bytes, strlen("under the mount"));
}

/* Allows COUNT descriptors; returns what was allowed. */
static struct rlimit allow_files(rlim_t count)
{
	struct rlimit before;
	struct rlimit few;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = (struct rlimit){ count, before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	return before;
}

static void depth_needs_neither_stack_nor_descriptors(void **state)
{
	struct fixture *f = *state;
	struct rlimit before;
	struct usage usage;

	hostile_make_deep(f->dir, "deep", 3000, 255);
	before = allow_files(32);
	usage = measure_one(f, "deep", 4);
	(void)setrlimit(RLIMIT_NOFILE, &before);
	assert_int_equal(usage.inodes, 3001 + 3000);
	assert_int_equal(usage.apparent_bytes, 3000 * 4);
	assert_same(usage, measure_one(f, "deep", 1));
	hostile_remove_deep(f->dir, "deep");
}

static void a_large_directory_is_read_by_many(void **state)
{
	struct fixture *f = *state;
	struct usage usage;

	tree_mkdir(f->dir, "large");
	for (unsigned i = 0; i < 6000; i++) {
		AUTO(str) char *name = mem_print("large/entry-of-a-large-directory-%u", i);

		if (i % 3 == 0)
			tree_mkdir(f->dir, name);
		else
			assert_int_equal(symlinkat("12345", f->fd, name), 0);
	}
	usage = measure_one(f, "large", 8);
	assert_int_equal(usage.inodes, 6001);
	assert_int_equal(usage.apparent_bytes, 4000 * 5);
	assert_same(usage, hostile_count(f->dir, "large"));
}

static void many_small_items_have_each_its_own(void **state)
{
	struct fixture *f = *state;
	struct measure_item items[1000];
	char names[1000][16];

	for (size_t i = 0; i < 1000; i++) {
		AUTO(str) char *target = mem_zalloc(1, i / 10 + 2);

		(void)memset(target, 't', i / 10 + 1);
		(void)snprintf(names[i], sizeof(names[i]), "item-%zu", i);
		assert_int_equal(symlinkat(target, f->fd, names[i]), 0);
		items[i] = (struct measure_item){ .dirfd = f->fd, .path = names[i] };
	}
	assert_int_equal(measure(items, 1000, 4, &f->err), 0);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(items[i].usage.apparent_bytes, i / 10 + 1);
}

static void no_atime_changes(void **state)
{
	struct fixture *f = *state;
	static const struct timespec old[2] = { { 1000, 0 }, { 2000, 0 } };
	struct stat st;

	tree_print(f->dir, "tree/below/file", "x");
	assert_int_equal(utimensat(f->fd, "tree/below", old, 0), 0);
	assert_int_equal(utimensat(f->fd, "tree", old, 0), 0);
	(void)measure_one(f, "tree", 2);
	assert_int_equal(fstatat(f->fd, "tree", &st, 0), 0);
	assert_int_equal(st.st_atim.tv_sec, 1000);
	assert_int_equal(fstatat(f->fd, "tree/below", &st, 0), 0);
	assert_int_equal(st.st_atim.tv_sec, 1000);
}

/* As a user who may not look into it; exits 0 if that is what the error says. */
static void measure_as_nobody(struct fixture *f)
{
	struct measure_item items[] = { { .dirfd = f->fd, .path = "tree" } };

	if (setuid(65534) < 0)
		_exit(2);
	_exit(measure(items, 1, 2, &f->err) == -1 && err_has_code(&f->err, EACCES) &&
	              strncmp(f->err.text, "tree/closed: open: ", 19) == 0
	          ? 0
	          : 1);
}

static void what_cannot_be_read_is_an_error_with_its_path(void **state)
{
	struct fixture *f = *state;
	int status = -1;
	pid_t child;

	if (geteuid() != 0)
		skip();
	tree_print(f->dir, "tree/closed/file", "x");
	assert_int_equal(fchmodat(f->fd, "tree/closed", 0700, 0), 0);
	assert_int_equal(fchmodat(f->fd, "tree", 0755, 0), 0);
	assert_int_equal(fchmod(f->fd, 0755), 0);
	child = fork();
	if (child == 0)
		measure_as_nobody(f);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_hostile_tree_is_counted_exactly),
		TEST(bytes_are_those_of_files_and_symlinks),
		TEST(a_file_and_a_symlink_are_trees_too),
		TEST(what_is_missing_is_said),
		TEST(no_items_are_no_work),
		TEST(a_hard_link_counts_in_the_first_item),
		TEST(another_file_system_below_does_not_count),
		TEST(a_bind_mount_of_the_same_file_system_does_not_count),
		TEST(an_item_may_be_a_mount_point),
		TEST(depth_needs_neither_stack_nor_descriptors),
		TEST(a_large_directory_is_read_by_many),
		TEST(many_small_items_have_each_its_own),
		TEST(no_atime_changes),
		TEST(what_cannot_be_read_is_an_error_with_its_path),
	};

	return cmocka_run_group_tests_name("measure", tests, NULL, NULL);
}
