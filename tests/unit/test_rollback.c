/* test_rollback.c - what is in quarantine goes back as it was, or is erased after all. */
#include "tests/unit/check.h"

#include "gc/back/rollback.h"
#include "metadata/base/mem.h"
#include "tests/unit/drill_rollback.h"
#include "tests/unit/hostile.h"
#include "tests/unit/portrait.h"
#include "tests/unit/tree.h"
#include "tests/unit/yard_cache.h"
#include "tests/unit/yard_networks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void story_with_networks(struct yard *yard)
{
	yard_story(yard);
	yard_networks_story(yard);
	tree_print(yard->dir, "volumes/free/_data/precious", "data");
}

static void what_is_in_quarantine_goes_back(void **state)
{
	static const struct {
		void (*story)(struct yard *yard);
		const char *scope;
	} rows[] = {
		{ yard_story, "cail" },
		{ yard_story, "c" },
		{ story_with_networks, "cainVl" },
		{ story_with_networks, "n" },
		{ story_with_networks, "V" },
		{ yard_cache_story, "b" },
		{ yard_cache_story, "cailb" },
		{ yard_cache_story, "B" },
		{ yard_cache_story, "cailB" },
	};
	struct drill *drill = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO(str) char *before = NULL;
		AUTO(str) char *between = NULL;
		AUTO(str) char *after = NULL;

		(void)printf("# %s\n", rows[i].scope);
		drill->story = rows[i].story;
		drill_again(drill);
		before = drill_portrait(drill);
		drill_quarantine(drill, rows[i].scope);
		between = portrait_root(drill->yard->dir);
		assert_string_not_equal(before, between);
		assert_int_equal(drill->run->freed.inodes, 0);
		drill_must_rollback(drill);
		assert_int_equal(drill->run->state, RUN_RETURNED);
		drill_expect_all_restored(drill);
		after = portrait_root(drill->yard->dir);
		portrait_expect_same(before, after);
		assert_false(yard_has(drill->yard, ".drydock/1"));
	}
}

static void a_run_that_is_killed_is_taken_back(void **state)
{
	struct drill *drill = *state;
	bool is_killed = true;
	int count = 0;

	for (int at = 0; is_killed; at += DRILL_STRIDE) {
		AUTO(str) char *before = NULL;
		AUTO(str) char *after = NULL;

		drill_again(drill);
		before = drill_portrait(drill);
		is_killed = drill_kill_at(drill, at, false);
		if (drill_rollback(drill))
			count++;
		drill_expect_startable(drill);
		after = portrait_root(drill->yard->dir);
		if (!is_killed || !drill->run)
			continue; /* all of it had been done, or nothing had begun */
		if (drill->run->state == RUN_RETURNED && drill->run->problem_count == 0 &&
		    run_count_state(drill->run, STEP_ERASED) == 0)
			portrait_expect_same(before, after);
		else if (run_count_state(drill->run, STEP_ERASED) == 0)
			fail_msg("killed at %d: %s, %zu problems", at,
			         run_state_name(drill->run->state), drill->run->problem_count);
	}
	assert_true(count > 20 / DRILL_STRIDE);
}

static void a_rollback_that_is_killed_goes_on(void **state)
{
	static void (*const stories[])(struct yard * yard) = { yard_story, yard_cache_story };
	static const char *const scopes[] = { "cail", "cailb" };
	struct drill *drill = *state;

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		bool is_killed = true;
		int count = 0;

		drill->story = stories[i];
		for (int at = 0; is_killed; at += DRILL_STRIDE, count++) {
			AUTO(str) char *before = NULL;
			AUTO(str) char *after = NULL;

			drill_again(drill);
			before = drill_portrait(drill);
			drill_quarantine(drill, scopes[i]);
			is_killed = drill_kill_rollback_at(drill, at);
			drill_expect_startable(drill);
			if (is_killed && at % 3 == 0)
				(void)drill_kill_rollback_at(drill, at / 2);
			(void)drill_rollback(drill);
			after = portrait_root(drill->yard->dir);
			portrait_expect_same(before, after);
			assert_false(drill_rollback(drill));
		}
		assert_true(count > 20 / DRILL_STRIDE);
	}
}

static void a_rollback_that_is_stopped_goes_on(void **state)
{
	struct drill *drill = *state;
	size_t stopped = 0;

	for (int at = 0;; at += DRILL_STRIDE) {
		AUTO(str) char *before = NULL;
		AUTO(str) char *after = NULL;
		bool was_stopped;

		drill_again(drill);
		before = drill_portrait(drill);
		drill_quarantine(drill, DRILL_SCOPE);
		drill_stop_at(drill, at);
		assert_true(drill_rollback(drill));
		was_stopped = drill_go_on(drill);
		stopped += run_is_unfinished(drill->run);
		drill_expect_startable(drill);
		(void)drill_rollback(drill);
		after = portrait_root(drill->yard->dir);
		portrait_expect_same(before, after);
		if (!was_stopped)
			break;
	}
	assert_true(stopped > 10 / DRILL_STRIDE);
}

static void a_commit_erases(void **state)
{
	struct drill *drill = *state;
	bool is_killed = true;

	for (int at = 0; is_killed; at += DRILL_STRIDE) {
		drill_again(drill);
		drill_quarantine(drill, DRILL_SCOPE);
		is_killed = drill_kill_commit_at(drill, at);
		if (is_killed && !drill_resume(drill))
			drill_must_commit(drill); /* it had not begun */
		drill_expect_swept(drill);
		drill_expect_kept(drill);
		drill_expect_startable(drill);
	}
}

static void what_is_over_is_refused(void **state)
{
	struct drill *drill = *state;

	drill_quarantine(drill, DRILL_SCOPE);
	assert_int_equal(drill_resume_run(drill), -1);
	assert_non_null(strstr(drill->err.text, "is quarantined: there is nothing to resume"));
	drill->err = (struct err)ERR_INIT;
	drill_must_rollback(drill);
	assert_int_equal(drill_rollback_run(drill), -1);
	assert_int_equal(drill->err.kind, ERR_STATE);
	assert_non_null(strstr(drill->err.text, "is rolled-back: there is nothing to take back"));
	drill->err = (struct err)ERR_INIT;
	assert_int_equal(drill_commit_run(drill), -1);
	assert_non_null(strstr(drill->err.text, "is rolled-back: there is nothing to commit"));
	drill->err = (struct err)ERR_INIT;
	drill_sweep(drill, DRILL_SCOPE);
	assert_int_equal(drill_rollback_run(drill), -1);
	assert_non_null(strstr(drill->err.text, "is done: there is nothing to take back"));
}

/* What dockerd or the user has made since stays, and what it is in the way of waits. */
static void what_exists_is_left_alone_and_waits(void **state)
{
	static const char *const tags[] = { "old:1", "keep", "keep:1", "keep", NULL };
	struct drill *drill = *state;
	AUTO(str) char *container = yard_path(drill->yard, ACTION_CONTAINER, "job");
	AUTO(str) char *file = mem_print("%s/config.v2.json", container);
	AUTO(str) char *words = NULL;

	drill_quarantine(drill, DRILL_SCOPE);
	tree_print(drill->yard->dir, file, "another container of that ID");
	yard_tags(drill->yard, tags); /* old:1 is "keep" now */
	drill_must_rollback(drill);
	assert_int_equal(drill->run->state, RUN_QUARANTINED);
	assert_string_equal(drill_expect_step(drill, ACTION_CONTAINER, "job", STEP_DETACHED)->error,
	                    "exists already");
	(void)drill_expect_step(drill, ACTION_IMAGE, "old", STEP_RESTORED);
	assert_non_null(strstr(drill_expect_step(drill, ACTION_MOUNT, "job", STEP_DETACHED)->error,
	                       "does not go back"));
	drill_expect_layer(drill, "app", true);
	drill_expect_kept(drill);
	/* once the way is free, the rest goes back, too */
	words = mem_print("rm -r '%s/%s'", drill->yard->dir, container);
	assert_int_equal(system(words), 0); /* NOLINT(cert-env33-c) */
	yard_tags(drill->yard, tags + 2);
	drill_must_rollback(drill);
	assert_int_equal(drill->run->state, RUN_RETURNED);
	drill_expect_all_restored(drill);
	drill_expect_startable(drill);
	assert_false(yard_has(drill->yard, ".drydock/1"));
}

static void a_name_that_is_taken_is_said(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *other = yard_path(drill->yard, ACTION_CONTAINER, "other");
	AUTO(str) char *file = mem_print("%s/config.v2.json", other);

	drill_quarantine(drill, DRILL_SCOPE);
	tree_print(drill->yard->dir, file,
	           "{\"ID\":\"%s\",\"Name\":\"/job\",\"Driver\":\"overlay2\",\"State\":{},"
	           "\"Config\":{}}",
	           strchr(other, '/') + 1);
	drill_must_rollback(drill);
	assert_non_null(
	    strstr(drill_expect_step(drill, ACTION_CONTAINER, "job", STEP_DETACHED)->error,
	           "another container is called"));
	(void)drill_expect_step(drill, ACTION_MOUNT, "job", STEP_DETACHED);
	drill_expect_startable(drill);
}

/* Pulled again, a layer has another directory; the old one goes back only if it is still needed. */
static void a_layer_that_was_pulled_again_keeps_its_new_directory(void **state)
{
	static const char *const words[] = { "middle", "old" };
	struct drill *drill = *state;

	drill_quarantine(drill, DRILL_SCOPE);
	for (size_t i = 0; i < 2; i++) {
		AUTO(str) char *layer = yard_path(drill->yard, ACTION_LAYER, words[i]);
		AUTO(str) char *file = mem_print("%s/cache-id", layer);

		tree_print(drill->yard->dir, file, "%064zx", i + 1);
	}
	drill_must_rollback(drill);
	assert_int_equal(drill->run->state, RUN_QUARANTINED);
	(void)drill_expect_step(drill, ACTION_LAYER, "middle", STEP_DETACHED);
	(void)drill_expect_step(drill, ACTION_LAYER, "old", STEP_DETACHED);
	/* "app" is on it */
	(void)drill_expect_step(drill, ACTION_DIR, "middle", STEP_RESTORED);
	(void)drill_expect_step(drill, ACTION_LINK, "middle", STEP_RESTORED);
	(void)drill_expect_step(drill, ACTION_DIR, "old", STEP_DETACHED);
	(void)drill_expect_step(drill, ACTION_LINK, "old", STEP_DETACHED);
	(void)drill_expect_step(drill, ACTION_IMAGE, "app", STEP_RESTORED);
	(void)drill_expect_step(drill, ACTION_IMAGE, "old", STEP_RESTORED); /* its layer is there */
	(void)drill_expect_step(drill, ACTION_CONTAINER, "job", STEP_RESTORED);
	drill_must_commit(drill);
	assert_int_equal(drill->run->state, RUN_DONE);
	(void)drill_expect_step(drill, ACTION_DIR, "old", STEP_ERASED);
	drill_expect_layer(drill, "app", true);
	assert_false(yard_has(drill->yard, ".drydock/1"));
}

/* A daemon that starts makes buildkit/ anew. */
static void a_fresh_build_cache_makes_way(void **state)
{
	struct drill *drill = *state;
	bool is_killed = true;

	drill->story = yard_cache_story;
	for (int at = 0; is_killed; at += DRILL_STRIDE) {
		AUTO(str) char *before = NULL;
		AUTO(str) char *after = NULL;

		drill_again(drill);
		before = drill_portrait(drill);
		drill_quarantine(drill, "cailB");
		assert_false(yard_has(drill->yard, "buildkit"));
		tree_mkdir(drill->yard->dir, "buildkit");
		is_killed = drill_kill_rollback_at(drill, at);
		(void)drill_rollback(drill);
		if (!is_killed)
			break;
		after = portrait_root(drill->yard->dir);
		portrait_expect_same(before, after);
		assert_int_equal(drill->run->state, RUN_RETURNED);
		assert_false(yard_has(drill->yard, ".drydock/1"));
	}
}

static void records_that_come_back_late_lose_their_marks(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *before = NULL;
	AUTO(str) char *after = NULL;

	drill->story = yard_cache_story;
	drill_again(drill);
	before = drill_portrait(drill);
	drill_quarantine(drill, "cailb");
	/* the file that records are in cannot be replaced */
	if (!drill_pin(drill, "buildkit/metadata_v2.db"))
		skip();
	assert_true(drill_rollback(drill));
	drill_unpin(drill, "buildkit/metadata_v2.db");
	assert_int_equal(drill->run->state, RUN_QUARANTINED);
	drill_must_rollback(drill);
	drill_expect_all_restored(drill);
	after = portrait_root(drill->yard->dir);
	portrait_expect_same(before, after);
}

static void another_build_cache_stays(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *words = NULL;
	AUTO(str) char *back = NULL;

	drill->story = yard_cache_story;
	drill_again(drill);
	words = mem_print("cp -a '%s/buildkit' '%s/other'", drill->yard->dir, drill->yard->dir);
	back = mem_print("mv '%s/other' '%s/buildkit'", drill->yard->dir, drill->yard->dir);
	assert_int_equal(system(words), 0); /* NOLINT(cert-env33-c) */
	drill_quarantine(drill, "cailB");
	assert_int_equal(system(back), 0); /* NOLINT(cert-env33-c) */
	drill_must_rollback(drill);
	assert_int_equal(drill->run->state, RUN_QUARANTINED);
	(void)drill_expect_step(drill, ACTION_DIR, "lower-dir", STEP_DETACHED);
	(void)drill_expect_step(drill, ACTION_IMAGE, "app", STEP_RESTORED);
	(void)drill_expect_step(drill, ACTION_DIR, "app", STEP_RESTORED);
	(void)drill_expect_step(drill, ACTION_DIR, "stray",
	                        STEP_RESTORED); /* nothing claims it, as before */
	drill_expect_startable(drill);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, drill_setup, drill_teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_is_in_quarantine_goes_back),
		TEST(a_run_that_is_killed_is_taken_back),
		TEST(a_rollback_that_is_killed_goes_on),
		TEST(a_rollback_that_is_stopped_goes_on),
		TEST(a_commit_erases),
		TEST(what_is_over_is_refused),
		TEST(what_exists_is_left_alone_and_waits),
		TEST(a_name_that_is_taken_is_said),
		TEST(a_layer_that_was_pulled_again_keeps_its_new_directory),
		TEST(a_fresh_build_cache_makes_way),
		TEST(records_that_come_back_late_lose_their_marks),
		TEST(another_build_cache_stays),
	};

	return cmocka_run_group_tests(tests, drill_unshare, NULL);
}
