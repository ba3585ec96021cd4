/* test_restore_disk.c - archives that are damaged, disks that are full, mounts and hard links. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "tests/unit/drill_restore.h"
#include "tests/unit/portrait.h"
#include "tests/unit/tree.h"
#include "tests/unit/yard_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void a_damaged_archive_changes_nothing(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *before = NULL;
	AUTO(str) char *after = NULL;
	struct stat st;

	drill_archive_and_sweep(drill, DRILL_SCOPE);
	before = portrait_root(drill->yard->dir);
	assert_int_equal(stat(drill->archive, &st), 0);
	assert_int_equal(truncate(drill->archive, st.st_size - 10), 0);
	assert_int_equal(drill_restore(drill), -1);
	assert_int_equal(drill->err.kind, ERR_CORRUPT);
	assert_ptr_equal(strstr(drill->err.text, drill->archive), drill->err.text);
	err_clear(&drill->err);
	assert_false(drill_resume_restore(drill));
	after = portrait_root(drill->yard->dir);
	portrait_expect_same(before, after);
	assert_false(yard_has(drill->yard, ".drydock/2"));
}

/* A directory of a file system of its own has another time once the trash has been in it. */
static void forget_time(const struct drill *drill, const char *name)
{
	AUTO(str) char *path = mem_print("%s/%s", drill->yard->dir, name);
	const struct timespec times[2] = { { 1, 0 }, { 1, 0 } };

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* The disk is too small for it: all is as before, and nothing is left behind. */
static void a_full_disk_leaves_all_as_it_was(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *large = NULL;
	AUTO(str) char *before = NULL;
	AUTO(str) char *after = NULL;
	AUTO(str) char *filler = NULL;
	AUTO(str) char *bytes = mem_zalloc(1, 3 << 20);
	unsigned random = 1;

	if (!drill_again_mounted(drill)) /* overlay2 has 8 MiB */
		skip();
	for (size_t i = 0; i < 3 << 20; i++)
		bytes[i] = (char)((random = random * 1103515245 + 12345) >> 16 & 0x7f);
	large = yard_path(drill->yard, ACTION_DIR, "old");
	filler = mem_print("%s/diff/large", large);
	tree_write(drill->yard->dir, filler, bytes, 3 << 20);
	drill_archive_and_sweep(drill, DRILL_SCOPE);
	tree_write(drill->yard->dir, "overlay2/filler1", bytes, 3 << 20);
	tree_write(drill->yard->dir, "overlay2/filler2", bytes, 3 << 20);
	forget_time(drill, "overlay2");
	before = drill_portrait(drill);
	assert_int_equal(drill_restore(drill), -1);
	assert_true(err_has_code(&drill->err, ENOSPC));
	assert_non_null(strstr(drill->err.text, "large: write"));
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_non_null(strstr(drill->run->note, "nothing was restored"));
	forget_time(drill, "overlay2");
	after = portrait_root(drill->yard->dir);
	portrait_expect_same(before, after);
	err_clear(&drill->err);
	assert_false(drill_resume_restore(drill));
	assert_false(yard_has(drill->yard, "overlay2/.drydock"));
	yard_unload(drill->yard);
	drill_unpin(drill, "overlay2");
}

static void overlay2_on_its_own_file_system_comes_back(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *before = NULL;
	AUTO(str) char *after = NULL;

	if (!drill_again_mounted(drill))
		skip();
	before = drill_portrait(drill);
	drill_archive_and_sweep(drill, DRILL_SCOPE);
	drill_must_restore(drill);
	assert_int_equal(drill->run->problem_count, 0);
	after = portrait_root(drill->yard->dir);
	portrait_expect_same(before, after);
	yard_unload(drill->yard);
	drill_unpin(drill, "overlay2");
}

/* Two objects share an inode, and one of them, whichever has its content in the archive, is there
 * again. */
static void hard_links_into_what_stays_out_come_back(void **state)
{
	struct drill *drill = *state;

	for (int i = 0; i < 2; i++) {
		AUTO(str) char *one = NULL;
		AUTO(str) char *two = NULL;
		AUTO(str) char *from = NULL;
		AUTO(str) char *to = NULL;
		AUTO(str) char *relative = NULL;
		struct stat st;

		drill_again(drill);
		drill_forget_archive(drill);
		one = yard_path(drill->yard, ACTION_DIR, i == 0 ? "old" : "app");
		two = yard_path(drill->yard, ACTION_DIR, i == 0 ? "app" : "old");
		from = mem_print("%s/%s/diff/shared", drill->yard->dir, one);
		to = mem_print("%s/%s/diff/shared", drill->yard->dir, two);
		relative = mem_print("%s/diff/shared", one);
		tree_print(drill->yard->dir, relative, "in both");
		assert_int_equal(link(from, to), 0);
		drill_archive_and_sweep(drill, DRILL_SCOPE);
		tree_mkdir(drill->yard->dir, one);
		drill_must_restore(drill);
		assert_int_equal(stat(to, &st), 0);
		assert_int_equal(st.st_size, 7);
	}
}

static size_t count_steps(const struct drill *drill, enum action_kind kind, enum step_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < drill->run->step_count; i++)
		count += drill->run->steps[i].kind == kind && drill->run->steps[i].state == state;
	return count;
}

/* buildkit/ as a dockerd makes it that finds none. */
static void make_vacant_cache(const struct drill *drill)
{
	tree_write(drill->yard->dir, "buildkit/metadata_v2.db", "", 0);
	tree_write(drill->yard->dir, "buildkit/snapshots.db", "", 0);
	tree_mkdir(drill->yard->dir, "buildkit/content");
}

/* The build cache went as a whole, dockerd has run and made an empty one. */
static void a_vacant_build_cache_gives_way(void **state)
{
	struct drill *drill = *state;
	bool is_killed = true;

	drill->story = yard_cache_story;
	for (int at = 0; is_killed; at += 3) {
		AUTO(str) char *before = NULL;
		AUTO(str) char *after = NULL;

		drill_again(drill);
		drill_forget_archive(drill);
		before = drill_portrait(drill);
		drill_archive_and_sweep(drill, "cailB");
		assert_int_equal(count_steps(drill, ACTION_CACHE, STEP_ERASED), 1);
		make_vacant_cache(drill);
		is_killed = drill_kill_restore_at(drill, at);
		if (!drill_resume_restore(drill) && is_killed) {
			if (!yard_has_object(drill->yard, ACTION_IMAGE, "app"))
				drill_must_restore(drill); /* it had not begun */
		}
		after = portrait_root(drill->yard->dir);
		portrait_expect_same(before, after);
		assert_false(yard_has(drill->yard, ".drydock/2"));
	}
}

static void a_build_cache_with_something_in_it_stays(void **state)
{
	struct drill *drill = *state;

	drill->story = yard_cache_story;
	drill_again(drill);
	drill_archive_and_sweep(drill, "cailB");
	make_vacant_cache(drill);
	tree_print(drill->yard->dir, "buildkit/what-is-this", "unknown");
	drill_must_restore(drill);
	assert_int_equal(count_steps(drill, ACTION_CACHE, STEP_FAILED), 1);
	assert_true(yard_has(drill->yard, "buildkit/what-is-this"));
	assert_true(count_steps(drill, ACTION_DIR, STEP_RESTORED) > 0);
}

int main(void)
{
#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, drill_restore_setup, drill_restore_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_damaged_archive_changes_nothing),
		TEST(a_full_disk_leaves_all_as_it_was),
		TEST(overlay2_on_its_own_file_system_comes_back),
		TEST(a_vacant_build_cache_gives_way),
		TEST(a_build_cache_with_something_in_it_stays),
		TEST(hard_links_into_what_stays_out_come_back),
	};

	return cmocka_run_group_tests(tests, drill_unshare, NULL);
}
