/* test_erase.c - what is named goes, and what is gone is counted. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "overlay2/erase.h"
#include "tests/unit/hostile.h"
#include "tests/unit/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
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

static void assert_same(struct usage a, struct usage b)
{
	assert_int_equal(a.apparent_bytes, b.apparent_bytes);
	assert_int_equal(a.allocated_bytes, b.allocated_bytes);
	assert_int_equal(a.inodes, b.inodes);
}

static void assert_done(const struct erase_item *item)
{
	assert_string_equal(item->err.text, "");
	assert_true(item->is_done);
}

static void a_hostile_tree_goes_and_is_counted_exactly(void **state)
{
	static const unsigned jobs[] = { 0, 1, 2, 8 };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		struct erase_item item;
		struct usage usage;

		hostile_make(f->dir, "tree");
		tree_print(f->dir, "beside", "x");
		usage = hostile_count(f->dir, "tree");
		item = erase_one(f, "tree", jobs[i]);
		assert_done(&item);
		assert_same(item.freed, usage);
		assert_false(hostile_exists(f->dir, "tree"));
		assert_true(hostile_exists(f->dir, "outside/kept"));
		assert_true(hostile_exists(f->dir, "beside"));
	}
}

static void anything_can_be_an_item(void **state)
{
	struct fixture *f = *state;
	struct erase_item items[] = {
		{ .dirfd = f->fd, .name = "file" },      { .dirfd = f->fd, .name = "fifo" },
		{ .dirfd = f->fd, .name = "link" },      { .dirfd = f->fd, .name = "empty" },
		{ .dirfd = f->fd, .name = "new\nline" },
	};

	tree_print(f->dir, "file", "12345");
	tree_print(f->dir, "new\nline/file", "x");
	tree_print(f->dir, "kept/file", "x");
	tree_link(f->dir, "link", "kept");
	tree_mkdir(f->dir, "empty");
	assert_int_equal(mkfifoat(f->fd, "fifo", 0600), 0);
	erase(items, 5, 2, NULL, NULL, NULL);
	for (size_t i = 0; i < 5; i++) {
		assert_done(&items[i]);
		assert_int_equal(items[i].freed.inodes, i < 4 ? 1 : 2);
		assert_false(hostile_exists(f->dir, items[i].name));
	}
	assert_int_equal(items[0].freed.apparent_bytes, 5);
	assert_true(hostile_exists(f->dir, "kept/file"));
}

static void what_is_missing_is_done(void **state)
{
	struct fixture *f = *state;
	struct erase_item item = { .dirfd = f->fd, .name = "gone", .freed = { 1, 2, 3 } };

	erase(&item, 1, 2, NULL, NULL, NULL);
	assert_done(&item);
	assert_int_equal(item.freed.inodes + item.freed.apparent_bytes, 0);
	erase(NULL, 0, 0, NULL, NULL, NULL);
}

static void an_inode_is_freed_with_its_last_name(void **state)
{
	struct fixture *f = *state;
	struct erase_item item;

	tree_print(f->dir, "tree/file", "12345");
	assert_int_equal(linkat(f->fd, "tree/file", f->fd, "kept", 0), 0);
	item = erase_one(f, "tree", 2);
	assert_done(&item);
	assert_int_equal(item.freed.inodes, 1); /* the directory */
	assert_int_equal(item.freed.apparent_bytes, 0);
	assert_true(hostile_exists(f->dir, "kept"));
	item = erase_one(f, "kept", 2);
	assert_int_equal(item.freed.apparent_bytes, 5);
}

static void links_between_items_are_freed_once(void **state)
{
	struct fixture *f = *state;

	for (unsigned round = 0; round < 20; round++) {
		struct erase_item items[] = {
			{ .dirfd = f->fd, .name = "tree-0" },
			{ .dirfd = f->fd, .name = "tree-1" },
			{ .dirfd = f->fd, .name = "tree-2" },
			{ .dirfd = f->fd, .name = "tree-3" },
		};
		struct usage sum = { 0, 0, 0 };

		for (unsigned i = 0; i < 400; i++) {
			AUTO(str) char *first = mem_print("tree-0/%u", i);
			AUTO(str) char *other = mem_print("tree-%u/%u", i % 4, i + 1000);

			tree_print(f->dir, i < 4 ? other : first, "12345");
			assert_int_equal(
			    linkat(f->fd, i < 4 ? other : first, f->fd, i < 4 ? first : other, 0),
			    0);
		}
		erase(items, 4, 4, NULL, NULL, NULL);
		for (size_t i = 0; i < 4; i++) {
			assert_done(&items[i]);
			usage_add(&sum, &items[i].freed);
		}
		assert_int_equal(sum.apparent_bytes, 400 * 5);
		assert_int_equal(sum.inodes, 400 + 4);
	}
}

static void depth_needs_neither_stack_nor_descriptors(void **state)
{
	struct fixture *f = *state;
	struct rlimit before;
	struct rlimit few;
	struct erase_item item;

	hostile_make_deep(f->dir, "deep", 3000, 255);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = (struct rlimit){ 32, before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	item = erase_one(f, "deep", 4);
	(void)setrlimit(RLIMIT_NOFILE, &before);
	assert_done(&item);
	assert_int_equal(item.freed.inodes, 3001 + 3000);
	assert_false(hostile_exists(f->dir, "deep"));
}

static void a_large_directory_goes(void **state)
{
	struct fixture *f = *state;
	struct erase_item item;
	struct usage usage;

	tree_mkdir(f->dir, "large");
	for (unsigned i = 0; i < 6000; i++) {
		AUTO(str) char *name = mem_print("large/entry-of-a-large-directory-%u", i);

		if (i % 3 == 0)
			tree_mkdir(f->dir, name);
		else
			assert_int_equal(symlinkat("12345", f->fd, name), 0);
	}
	usage = hostile_count(f->dir, "large");
	item = erase_one(f, "large", 8);
	assert_done(&item);
	assert_same(item.freed, usage);
}

static void many_small_items_go(void **state)
{
	enum { COUNT = 2000 };
	struct fixture *f = *state;
	struct erase_item *items = mem_zalloc(COUNT, sizeof(*items));
	char(*names)[16] = mem_zalloc(COUNT, sizeof(*names));

	for (size_t i = 0; i < COUNT; i++) {
		AUTO(str) char *file = mem_print("item-%zu/file", i);

		(void)snprintf(names[i], sizeof(names[i]), "item-%zu", i);
		tree_print(f->dir, file, "x");
		items[i] = (struct erase_item){ .dirfd = f->fd, .name = names[i] };
	}
	erase(items, COUNT, 4, NULL, NULL, NULL);
	for (size_t i = 0; i < COUNT; i++) {
		assert_done(&items[i]);
		assert_int_equal(items[i].freed.inodes, 2);
		assert_false(hostile_exists(f->dir, names[i]));
	}
	free(items);
	free(names);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_hostile_tree_goes_and_is_counted_exactly),
		TEST(anything_can_be_an_item),
		TEST(what_is_missing_is_done),
		TEST(an_inode_is_freed_with_its_last_name),
		TEST(links_between_items_are_freed_once),
		TEST(depth_needs_neither_stack_nor_descriptors),
		TEST(a_large_directory_goes),
		TEST(many_small_items_go),
	};

	return cmocka_run_group_tests_name("erase", tests, NULL, NULL);
}
