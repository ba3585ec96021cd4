/* test_treedir.c - directories of any depth with few descriptors, and never another one. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "overlay2/treedir.h"
#include "tests/unit/hostile.h"
#include "tests/unit/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH 50u

struct fixture {
	char *path;
	int fd;
	struct treedir_cache cache;
	struct treedir *dirs[DEPTH + 1]; /* the top and what is below it */
	struct err err;
};

static int make(void **state)
{
	struct fixture *f = mem_zalloc(1, sizeof(*f));

	f->path = tree_new("treedir");
	hostile_make_deep(f->path, "top", DEPTH, 1);
	f->fd = tree_open(f->path, "");
	treedir_cache_init(&f->cache, 3, treedir_open);
	f->dirs[0] = treedir_new(NULL, "top", 0, f->fd);
	for (unsigned i = 1; i <= DEPTH; i++)
		f->dirs[i] = treedir_new(f->dirs[i - 1], "d", 0, -1);
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i <= DEPTH; i++) {
		treedir_close(&f->cache, f->dirs[i]);
		free(f->dirs[i]);
	}
	treedir_cache_done(&f->cache);
	(void)close(f->fd);
	tree_remove(f->path);
	free(f);
	return 0;
}

/* The inode of the directory AT levels below the top. */
static ino_t inode_at(const struct fixture *f, unsigned at)
{
	AUTO(str) char *path = mem_print("%s/top", f->path);
	struct stat st;

	while (at-- > 0) {
		char *below = mem_print("%s/d", path);

		free(path);
		path = below;
	}
	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

/* Pins directory AT and lets it go; returns its inode. */
static ino_t visit(struct fixture *f, unsigned at)
{
	struct stat st;
	int fd = treedir_pin(&f->cache, f->dirs[at], &f->err);

	assert_string_equal(f->err.text, "");
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	treedir_unpin(&f->cache, f->dirs[at]);
	return st.st_ino;
}

static void every_depth_is_reached_with_three_descriptors(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i <= DEPTH; i++) {
		assert_int_equal(visit(f, i), inode_at(f, i));
		assert_true(f->cache.count <= 3);
	}
	assert_int_equal(f->dirs[0]->fd, -1); /* closed for others */
	for (unsigned i = DEPTH; i-- > 0;) {
		assert_int_equal(visit(f, i), inode_at(f, i));
		assert_true(f->cache.count <= 4); /* one and its parents, pinned */
	}
}

static void an_open_directory_is_not_opened_again(void **state)
{
	struct fixture *f = *state;
	int first = treedir_pin(&f->cache, f->dirs[0], &f->err);
	int second = treedir_pin(&f->cache, f->dirs[0], &f->err);

	assert_int_equal(first, second);
	assert_int_equal(f->cache.count, 1);
	treedir_unpin(&f->cache, f->dirs[0]);
	treedir_unpin(&f->cache, f->dirs[0]);
}

static void a_pinned_directory_stays_open(void **state)
{
	struct fixture *f = *state;
	int fd = treedir_pin(&f->cache, f->dirs[0], &f->err);

	for (unsigned i = 0; i <= DEPTH; i++)
		(void)visit(f, i);
	assert_int_equal(f->dirs[0]->fd, fd);
	treedir_unpin(&f->cache, f->dirs[0]);
}

static void another_directory_in_its_place_is_refused(void **state)
{
	struct fixture *f = *state;

	(void)visit(f, 1);
	treedir_close(&f->cache, f->dirs[1]);
	assert_int_equal(renameat(f->fd, "top/d", f->fd, "aside"), 0);
	tree_mkdir(f->path, "top/d");
	assert_int_equal(treedir_pin(&f->cache, f->dirs[1], &f->err), -1);
	assert_int_equal(f->err.kind, ERR_CORRUPT);
	assert_non_null(strstr(f->err.text, "replaced"));
}

static void a_symlink_in_its_place_is_not_followed(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(renameat(f->fd, "top/d", f->fd, "aside"), 0);
	tree_link(f->path, "top/d", "../aside");
	assert_int_equal(treedir_pin(&f->cache, f->dirs[1], &f->err), -1);
	assert_true(err_has_code(&f->err, ENOTDIR) || err_has_code(&f->err, ELOOP));
	err_clear(&f->err);
	assert_int_equal(treedir_pin(&f->cache, f->dirs[2], &f->err), -1);
	assert_true(err_has_code(&f->err, ENOTDIR) || err_has_code(&f->err, ELOOP));
}

static void another_mount_is_refused(void **state)
{
	struct fixture *f = *state;
	int fd;

	if (!hostile_mount(f->path, "top/d"))
		skip();
	fd = treedir_pin(&f->cache, f->dirs[1], &f->err);
	hostile_unmount(f->path, "top/d");
	assert_int_equal(fd, -1);
	assert_true(err_has_code(&f->err, EXDEV));
}

static void the_old_way_finds_the_same_mount(void **state)
{
	struct fixture *f = *state;
	AUTO(close) int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t by_statx = 0;
	uint64_t by_proc = 0;
	uint64_t other = 0;

	assert_int_equal(treedir_mount_id(f->fd, &by_statx), 0);
	assert_int_equal(treedir_mount_id_old(f->fd, &by_proc), 0);
	assert_int_equal(by_statx, by_proc);
	assert_int_equal(treedir_mount_id_old(proc, &other), 0);
	assert_int_not_equal(by_proc, other);
	assert_int_equal(treedir_mount_id_old(-1, &other), -1);
}

static void a_path_names_every_level(void **state)
{
	struct fixture *f = *state;
	char path[512];

	treedir_path(path, sizeof(path), f->dirs[0], NULL);
	assert_string_equal(path, "top");
	treedir_path(path, sizeof(path), f->dirs[0], "name");
	assert_string_equal(path, "top/name");
	treedir_path(path, sizeof(path), f->dirs[2], "name");
	assert_string_equal(path, "top/d/d/name");
	treedir_path(path, sizeof(path), f->dirs[2], NULL);
	assert_string_equal(path, "top/d/d");
}

static void a_long_path_keeps_its_ends(void **state)
{
	char path[512];
	char name[256];
	struct treedir *top = treedir_new(NULL, "top", 0, -1);
	struct treedir *middle;
	struct treedir *last;

	(void)state;
	(void)memset(name, 'n', 255);
	name[255] = '\0';
	middle = treedir_new(top, name, 0, -1);
	last = treedir_new(middle, "last", 0, -1);
	treedir_path(path, sizeof(path), last, "name");
	assert_string_equal(path + 4 + 255, "/last/name");
	treedir_path(path, sizeof(path), last, name);
	assert_memory_equal(path, "top/.../last/nnn", 16);
	assert_int_equal(strlen(path), strlen("top/.../last/") + 255);
	free(last);
	free(middle);
	free(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_depth_is_reached_with_three_descriptors, make,
		                                unmake),
		cmocka_unit_test_setup_teardown(an_open_directory_is_not_opened_again, make,
		                                unmake),
		cmocka_unit_test_setup_teardown(a_pinned_directory_stays_open, make, unmake),
		cmocka_unit_test_setup_teardown(another_directory_in_its_place_is_refused, make,
		                                unmake),
		cmocka_unit_test_setup_teardown(a_symlink_in_its_place_is_not_followed, make,
		                                unmake),
		cmocka_unit_test_setup_teardown(another_mount_is_refused, make, unmake),
		cmocka_unit_test_setup_teardown(the_old_way_finds_the_same_mount, make, unmake),
		cmocka_unit_test_setup_teardown(a_path_names_every_level, make, unmake),
		cmocka_unit_test(a_long_path_keeps_its_ends),
	};

	return cmocka_run_group_tests_name("treedir", tests, NULL, NULL);
}
