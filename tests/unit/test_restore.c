/* test_restore.c - what a run has archived and removed comes back as it was. */
#include "tests/unit/check.h"

#include "gc/back/restore.h"
#include "gc/edit/edit_cache.h"
#include "gc/edit/rewrite.h"
#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "tests/unit/drill_restore.h"
#include "tests/unit/hostile.h"
#include "tests/unit/portrait.h"
#include "tests/unit/tree.h"
#include "tests/unit/yard_cache.h"
#include "tests/unit/yard_networks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void story_with_networks(struct yard *yard)
{
	yard_story(yard);
	yard_networks_story(yard);
	tree_print(yard->dir, "volumes/free/_data/precious", "data");
}

/* All that SCOPE takes from the STORY comes back. */
static void expect_comes_back(struct drill *drill, void (*story)(struct yard *yard),
                              const char *scope)
{
	AUTO(str) char *before = NULL;
	AUTO(str) char *between = NULL;
	AUTO(str) char *after = NULL;

	drill->story = story;
	drill_again(drill);
	drill_forget_archive(drill);
	before = drill_portrait(drill);
	drill_archive_and_sweep(drill, scope);
	between = portrait_root(drill->yard->dir);
	assert_string_not_equal(before, between);
	drill_must_restore(drill);
	assert_int_equal(drill->run->state, RUN_DONE);
	drill_expect_all_restored(drill);
	after = portrait_root(drill->yard->dir);
	portrait_expect_same(before, after);
	assert_false(yard_has(drill->yard, ".drydock/2"));
}

/* Marks the records of the run as deleted, as it does before anything of them goes. */
static void mark_records(struct drill *drill)
{
	static const char path[] = "buildkit/metadata_v2.db";
	const struct cut none = { NULL, NULL };
	AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
	AUTO(close) int fd = tree_open(drill->yard->dir, "");
	AUTO(trash) struct trash *trash = trash_new(fd, 99, &none);
	AUTO(bolt) struct bolt *old = NULL;
	AUTO(close) int dirfd = tree_open(drill->yard->dir, "buildkit");

	assert_int_equal(bolt_open(&old, dirfd, "metadata_v2.db", &drill->err), 0);
	for (size_t i = 0; i < drill->run->step_count; i++) {
		struct run_step step = drill->run->steps[i];

		step.state = STEP_PLANNED;
		if (step.kind == ACTION_CACHE_MARK)
			edit_cache_marks(edit, old, &step, 1);
	}
	assert_int_equal(rewrite_apply(trash, path, edit, NULL, &drill->err), 0);
}

static size_t count_marked(const struct drill *drill)
{
	const struct cache *cache = &drill->yard->session.state->cache;
	size_t count = 0;

	for (size_t i = 0; i < cache->record_count; i++)
		count += cache->records[i].is_deleted;
	return count;
}

/* A run was cut off after its first step, or a restore before its last. */
static void records_that_are_there_lose_their_marks(void **state)
{
	struct drill *drill = *state;

	expect_comes_back(drill, yard_cache_story, "cailb");
	mark_records(drill);
	drill_reopen(drill);
	assert_int_equal(count_marked(drill), 5);
	drill_must_restore(drill);
	drill_reopen(drill);
	assert_int_equal(count_marked(drill), 0);
}

static void what_was_archived_comes_back(void **state)
{
	static const struct {
		void (*story)(struct yard *yard);
		const char *scope;
	} rows[] = {
		{ yard_story, "cail" },       { yard_story, "ai" },
		{ yard_story, "c" },          { story_with_networks, "cainVl" },
		{ story_with_networks, "n" }, { story_with_networks, "V" },
		{ yard_cache_story, "b" },    { yard_cache_story, "cailb" },
		{ yard_cache_story, "B" },    { yard_cache_story, "cailB" },
	};
	struct drill *drill = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)printf("# %s\n", rows[i].scope);
		expect_comes_back(drill, rows[i].story, rows[i].scope);
	}
}

static void a_restore_that_is_killed_is_resumed(void **state)
{
	struct drill *drill = *state;
	bool is_killed = true;
	int at;

	for (at = 0; is_killed; at += DRILL_STRIDE) {
		AUTO(str) char *before = NULL;
		AUTO(str) char *after = NULL;

		drill_again(drill);
		drill_forget_archive(drill);
		before = drill_portrait(drill);
		drill_archive_and_sweep(drill, DRILL_SCOPE);
		is_killed = drill_kill_restore_at(drill, at);
		drill_expect_startable(drill);
		if (is_killed && at % 3 == 0) { /* the resumed one is killed, too */
			(void)drill_kill_resumed_restore_at(drill, at / 2);
			drill_expect_startable(drill);
		}
		if (!drill_resume_restore(drill) && is_killed) {
			/* it was cut off before it began, or after its end */
			if (!yard_has_object(drill->yard, ACTION_IMAGE, "app"))
				drill_must_restore(drill);
		}
		after = portrait_root(drill->yard->dir);
		portrait_expect_same(before, after);
		assert_false(drill_resume_restore(drill));
		assert_false(yard_has(drill->yard, ".drydock/2"));
		assert_false(yard_has(drill->yard, ".drydock/3"));
	}
	assert_true(at > 60);
}

static void a_restore_that_is_stopped_is_resumed(void **state)
{
	struct drill *drill = *state;
	size_t stopped = 0;

	for (int at = 0;; at += 4 * DRILL_STRIDE) {
		AUTO(str) char *before = NULL;
		AUTO(str) char *after = NULL;
		bool was_stopped;

		drill_again(drill);
		drill_forget_archive(drill);
		before = drill_portrait(drill);
		drill_archive_and_sweep(drill, DRILL_SCOPE);
		drill_stop_at(drill, at);
		drill_must_restore(drill);
		was_stopped = drill_go_on(drill);
		stopped += run_is_unfinished(drill->run);
		drill_expect_startable(drill);
		(void)drill_resume_restore(drill);
		after = portrait_root(drill->yard->dir);
		portrait_expect_same(before, after);
		if (!was_stopped)
			break;
	}
	assert_true(stopped > 10 / DRILL_STRIDE);
}

static void what_exists_is_left_alone_and_said(void **state)
{
	static const char *const tags[] = { "old:1", "keep", "keep:1", "keep", NULL };
	struct drill *drill = *state;
	AUTO(str) char *container = yard_path(drill->yard, ACTION_CONTAINER, "job");
	AUTO(str) char *file = mem_print("%s/config.v2.json", container);
	AUTO(str) char *path = NULL;
	AUTO(str) char *bytes = NULL;
	AUTO(str) char *now = NULL;
	size_t len;

	drill_archive_and_sweep(drill, DRILL_SCOPE);
	tree_print(drill->yard->dir, file, "another container of that ID");
	yard_tags(drill->yard, tags); /* old:1 is "keep" now */
	drill_must_restore(drill);
	assert_int_equal(drill->run->state, RUN_DONE);
	/* the tag; the container, and with it its mount, two directories and their links */
	assert_int_equal(drill->run->problem_count, 7);
	assert_string_equal(drill_expect_step(drill, ACTION_CONTAINER, "job", STEP_FAILED)->error,
	                    "exists already");
	path = mem_print("%s/%s", drill->yard->dir, file);
	assert_int_equal(file_read(AT_FDCWD, path, 1000, &bytes, &len, &drill->err), 0);
	assert_string_equal(bytes, "another container of that ID");
	now = drill_tags(drill);
	assert_non_null(strstr(now, "\"app:1\"")); /* has come back */
	(void)drill_expect_step(drill, ACTION_IMAGE, "old", STEP_RESTORED);
	drill_expect_layer(drill, "app", true);
	drill_expect_layer(drill, "old", true);
	drill_expect_kept(drill);
	assert_false(yard_has(drill->yard, ".drydock/2"));
	for (size_t i = 0; i < drill->run->step_count; i++) {
		if (strcmp(drill->run->steps[i].object, "old:1") == 0) {
			assert_int_equal(drill->run->steps[i].state, STEP_FAILED);
			assert_non_null(strstr(drill->run->steps[i].error, "sha256:"));
		}
	}
}

/* The first of them, which names their place in the trash. */
static void a_tag_that_is_taken_does_not_keep_out_the_others(void **state)
{
	static const char *const tags[] = { "app:1", "keep", "keep:1", "keep", NULL };
	struct drill *drill = *state;
	AUTO(str) char *now = NULL;

	drill_archive_and_sweep(drill, DRILL_SCOPE);
	yard_tags(drill->yard, tags);
	drill_must_restore(drill);
	assert_int_equal(drill->run->problem_count, 1);
	now = drill_tags(drill);
	assert_non_null(strstr(now, "\"old:1\""));
}

static void a_second_restore_changes_nothing(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *before = drill_portrait(drill);
	AUTO(str) char *after = NULL;

	drill_archive_and_sweep(drill, DRILL_SCOPE);
	drill_must_restore(drill);
	drill_must_restore(drill);
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_true(drill->run->problem_count > 10);
	after = portrait_root(drill->yard->dir);
	portrait_expect_same(before, after);
}

/* dockerd has removed the parent of a layer since: nothing that needs it comes back. */
static void what_lacks_what_it_needs_is_held(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *path = yard_path(drill->yard, ACTION_LAYER, "base");
	AUTO(str)
	char *words = mem_print("mv '%s/%s' '%s/gone'", drill->yard->dir, path, drill->yard->dir);

	drill_archive_and_sweep(drill, DRILL_SCOPE);
	assert_int_equal(system(words), 0); /* NOLINT(cert-env33-c) */
	drill_must_restore(drill);
	assert_non_null(strstr(drill_expect_step(drill, ACTION_LAYER, "middle", STEP_HELD)->error,
	                       "needs layer"));
	(void)drill_expect_step(drill, ACTION_LAYER, "app", STEP_HELD);
	(void)drill_expect_step(drill, ACTION_IMAGE, "app", STEP_HELD);
	(void)drill_expect_step(drill, ACTION_IMAGE_METADATA, "app", STEP_HELD);
	(void)drill_expect_step(drill, ACTION_MOUNT, "job", STEP_HELD);
	(void)drill_expect_step(drill, ACTION_CONTAINER, "job", STEP_HELD);
	assert_false(yard_has_object(drill->yard, ACTION_LAYER, "app"));
	assert_false(yard_has_object(drill->yard, ACTION_IMAGE, "app"));
	(void)drill_expect_step(drill, ACTION_LAYER, "lost",
	                        STEP_RESTORED); /* of no image: as it was */
	assert_false(yard_has(drill->yard, ".drydock/2"));
}

/* A network has been made since that has the name, or the addresses. */
static void networks_do_not_get_into_each_others_way(void **state)
{
	struct drill *drill = *state;
	size_t count = 0;

	drill->story = story_with_networks;
	drill_again(drill);
	drill_archive_and_sweep(drill, "n");
	yard_networks_write(drill->yard);
	drill_must_restore(drill);
	for (size_t i = 0; i < drill->run->step_count; i++)
		count += drill->run->steps[i].state == STEP_FAILED &&
		         strcmp(drill->run->steps[i].error, "exists already") == 0;
	assert_int_equal(count, drill->run->step_count); /* they are the same: nothing to do */
}

static void changes_since_stay_beside_what_comes_back(void **state)
{
	struct drill *drill = *state;
	static const char *const tags[] = { "keep:1", "keep", "keep:2", "keep", NULL };
	AUTO(str) char *now = NULL;

	drill->story = story_with_networks;
	drill_again(drill);
	drill_archive_and_sweep(drill, "cainl");
	yard_tags(drill->yard, tags);
	drill_must_restore(drill);
	assert_int_equal(drill->run->problem_count, 0);
	now = drill_tags(drill);
	assert_non_null(strstr(now, "\"keep:2\""));
	assert_non_null(strstr(now, "\"app:1\""));
	assert_non_null(strstr(now, "\"old:1\""));
	assert_true(yard_has_network(drill->yard, "lone"));
	assert_true(yard_has_network(drill->yard, "made"));
	assert_int_equal(yard_conf_count(drill->yard), 1);
}

int main(void)
{
#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, drill_restore_setup, drill_restore_teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_was_archived_comes_back),
		TEST(a_restore_that_is_killed_is_resumed),
		TEST(a_restore_that_is_stopped_is_resumed),
		TEST(what_exists_is_left_alone_and_said),
		TEST(a_tag_that_is_taken_does_not_keep_out_the_others),
		TEST(a_second_restore_changes_nothing),
		TEST(records_that_are_there_lose_their_marks),
		TEST(what_lacks_what_it_needs_is_held),
		TEST(networks_do_not_get_into_each_others_way),
		TEST(changes_since_stay_beside_what_comes_back),
	};

	return cmocka_run_group_tests(tests, drill_unshare, NULL);
}
