/* test_sweep_cut.c - runs that are killed or stopped at every step, and what resuming them does. */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "tests/unit/drill.h"
#include "tests/unit/snapshot.h"
#include "tests/unit/tree.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the root is after a run that nothing has disturbed; the caller frees. */
static char *undisturbed_end(struct drill *drill)
{
	char *end;

	drill_sweep(drill, DRILL_SCOPE);
	end = snapshot_new(drill->yard->dir);
	drill_again(drill);
	return end;
}

/* Finishes what is left of a run that was cut off; the root is as EXPECTED then. */
static void expect_resumed(struct drill *drill, const char *expected)
{
	AUTO(str) char *found = NULL;

	drill_expect_startable(drill);
	if (!drill_resume(drill)) /* it was cut off before it began, or after its end */
		drill_sweep(drill, DRILL_SCOPE);
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_int_equal(drill->run->problem_count, 0);
	found = snapshot_new(drill->yard->dir);
	assert_string_equal(found, expected);
	drill_expect_swept(drill);
	assert_false(drill_resume(drill));
}

static void kill_at_every_step(struct drill *drill)
{
	AUTO(str) char *expected = undisturbed_end(drill);
	int at = 0;

	while (drill_kill_at(drill, at, false)) {
		expect_resumed(drill, expected);
		drill_again(drill);
		at++;
	}
	assert_true(at > 40);
}

static void a_kill_at_every_step_resumes_to_the_same_end(void **state)
{
	kill_at_every_step(*state);
}

/*
 * The image "middle" is none that the filter means: it goes because its last child, "app", goes,
 * whose record may be in the trash when the run is planned again.
 */
static void the_same_with_a_parent_that_no_filter_means(void **state)
{
	struct drill *drill = *state;

	filter_set_add(&drill->rules.filters, "label!", "word=middle");
	kill_at_every_step(drill);
}

/* The story without keep:1: the last tags go, images that are in use stay. */
static void again_with_tags_that_all_go(struct drill *drill)
{
	static const char *const tags[] = { "app:1", "app", "old:1", "old", NULL };

	drill_again(drill);
	yard_tags(drill->yard, tags);
}

/* What is left looks as after a lost repositories.json, but it is not. */
static void the_same_with_a_run_that_takes_the_last_tag(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *expected = NULL;
	bool is_killed = true;

	again_with_tags_that_all_go(drill);
	drill_sweep(drill, DRILL_SCOPE);
	assert_false(yard_has_object(drill->yard, ACTION_IMAGE, "app"));
	assert_true(yard_has_object(drill->yard, ACTION_IMAGE, "keep"));
	expected = snapshot_new(drill->yard->dir);
	for (int at = 0; is_killed; at++) {
		AUTO(str) char *found = NULL;

		again_with_tags_that_all_go(drill);
		is_killed = drill_kill_at(drill, at, false);
		if (!drill_resume(drill) && is_killed)
			drill_sweep(drill, DRILL_SCOPE);
		found = snapshot_new(drill->yard->dir);
		assert_string_equal(found, expected);
	}
}

static void a_second_run_after_the_last_tag_finds_nothing(void **state)
{
	struct drill *drill = *state;

	again_with_tags_that_all_go(drill);
	drill_sweep(drill, DRILL_SCOPE);
	yard_plan(drill->yard, DRILL_SCOPE);
	assert_int_equal(drill->yard->plan->count, 0);
	assert_int_equal(finding_list_count(&drill->yard->session.findings, FINDING_BLOCK), 0);
}

static void the_same_with_overlay2_on_its_own_file_system(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *expected = NULL;
	bool is_killed = true;

	for (int at = -1; is_killed; at += 3) { /* the first is not disturbed */
		AUTO(str) char *found = NULL;

		if (!drill_again_mounted(drill))
			skip();
		is_killed = at < 0 || drill_kill_at(drill, at, false);
		drill_expect_startable(drill);
		if (is_killed && !drill_resume(drill))
			drill_sweep(drill, DRILL_SCOPE);
		found = snapshot_new(drill->yard->dir);
		if (!expected)
			expected = TAKE(found, NULL);
		else
			assert_string_equal(found, expected);
		drill_expect_kept(drill);
		drill_expect_swept(drill);
		yard_unload(drill->yard);
		drill_unpin(drill, "overlay2");
	}
}

static void a_resume_that_is_killed_is_resumed(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *expected = undisturbed_end(drill);
	bool is_killed = true;
	int at;

	for (at = 0; is_killed; at += 4) {
		drill_again(drill);
		assert_true(drill_kill_at(drill, 25, false));
		is_killed = drill_kill_at(drill, at, true);
		expect_resumed(drill, expected);
	}
	assert_true(at > 20);
}

static void a_stop_at_every_step_resumes_to_the_same_end(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *expected = undisturbed_end(drill);
	size_t stopped = 0;

	for (int at = 0;; at += 2) {
		drill_again(drill);
		drill->is_stop = true;
		drill->cut_at = at;
		drill_sweep(drill, DRILL_SCOPE);
		if (!drill->stop)
			break;
		stopped += run_is_unfinished(drill->run);
		drill->stop = false;
		drill->cut_at = -1;
		expect_resumed(drill, expected);
	}
	assert_true(stopped > 20);
}

static void a_stopped_run_says_what_is_detached(void **state)
{
	struct drill *drill = *state;
	AUTO(run) struct run *run = NULL;

	drill->is_stop = true;
	drill->cut_at = 15;
	drill_sweep(drill, DRILL_SCOPE);
	assert_int_equal(drill->run->state, RUN_PLANNED);
	assert_int_equal(drill->run->finished, 0);
	assert_int_equal(journal_load(drill->journal, 1, &run, &drill->err), 0);
	assert_true(run_count_state(run, STEP_DETACHED) > 3);
	assert_true(run_count_state(run, STEP_PLANNED) > 3);
	assert_true(yard_has(drill->yard, ".drydock/1/1"));
}

static void the_old_tags_wait_in_the_trash(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *old = drill_tags(drill);
	AUTO(str) char *saved = mem_print("%s/.drydock/1/1", drill->yard->dir);
	AUTO(str) char *now = NULL;
	AUTO(str) char *tags = mem_print("%s/image/overlay2/repositories.json", drill->yard->dir);

	drill_kill_before(drill, ACTION_LAYER, "app");
	now = drill_tags(drill);
	assert_string_not_equal(now, old);
	assert_int_equal(rename(saved, tags), 0);
	free(now);
	now = drill_tags(drill);
	assert_string_equal(now, old);
}

static void what_is_needed_again_is_dropped(void **state)
{
	static const char *const tags[] = { "app:2", "app", "keep:1", "keep", NULL };
	struct drill *drill = *state;

	drill_kill_before(drill, ACTION_IMAGE_METADATA, "app");
	yard_tags(drill->yard, tags); /* dockerd has run in between */
	yard_container(drill->yard, "again", "app", "app", true);
	assert_true(drill_resume(drill));
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_int_equal(drill->run->problem_count, 0);
	assert_int_equal(drill_step(drill, ACTION_IMAGE, "app")->state, STEP_DROPPED);
	assert_int_equal(drill_step(drill, ACTION_LAYER, "app")->state, STEP_DROPPED);
	assert_int_equal(drill_step(drill, ACTION_DIR, "middle")->state, STEP_DROPPED);
	assert_non_null(drill_step(drill, ACTION_DIR, "middle")->error);
	assert_int_equal(drill_step(drill, ACTION_IMAGE, "old")->state, STEP_ERASED);
	drill_expect_kept(drill);
	drill_expect_layer(drill, "app", true);
	drill_expect_layer(drill, "middle", true);
	drill_expect_layer(drill, "old", false);
	assert_true(yard_has_object(drill->yard, ACTION_IMAGE, "app"));
	assert_true(yard_has_object(drill->yard, ACTION_IMAGE_METADATA, "app"));
	assert_true(yard_has_object(drill->yard, ACTION_MOUNT, "again"));
}

static void a_tag_that_names_another_image_now_stays(void **state)
{
	static const char *const tags[] = {
		"app:1", "keep", "keep:1", "keep", "old:1", "old", NULL
	};
	struct drill *drill = *state;
	AUTO(str) char *now = NULL;

	drill->cut_line = mem_text("journal begin");
	drill->is_stop = true; /* before the first step */
	drill_sweep(drill, DRILL_SCOPE);
	drill->stop = false;
	assert_int_equal(drill->run->state, RUN_PLANNED);
	yard_tags(drill->yard, tags);
	free(TAKE(drill->cut_line, NULL));
	assert_true(drill_resume(drill));
	now = drill_tags(drill);
	assert_non_null(strstr(now, "\"app:1\""));
	assert_null(strstr(now, "\"old:1\""));
	drill_expect_kept(drill);
	drill_expect_layer(drill, "old", false);
}

static void what_was_made_again_stays_with_what_it_needs(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *record = yard_path(drill->yard, ACTION_LAYER, "app");
	AUTO(str) char *parent = yard_path(drill->yard, ACTION_LAYER, "middle");
	AUTO(str) char *path = mem_print("%s/parent", record);
	AUTO(str) char *cache_id = mem_print("%s/cache-id", record);
	AUTO(str) char *diff = mem_print("%s/diff", record);
	AUTO(str) char *size = mem_print("%s/size", record);

	drill_kill_before(drill, ACTION_LAYER, "middle");
	assert_false(yard_has(drill->yard, record));
	/* dockerd has registered the layer again, on a directory of its own */
	tree_print(drill->yard->dir, path, "sha256:%s", strrchr(parent, '/') + 1);
	tree_print(drill->yard->dir, diff, "sha256:%064d", 7);
	tree_print(drill->yard->dir, size, "1");
	tree_print(drill->yard->dir, cache_id, "%064d", 8);
	assert_true(drill_resume(drill));
	assert_true(yard_has(drill->yard, path));
	drill_expect_layer(drill, "middle", true);
	assert_true(drill_step(drill, ACTION_LAYER, "app")->is_back);
	assert_int_equal(drill_step(drill, ACTION_LAYER, "app")->state, STEP_ERASED);
	assert_int_equal(drill_step(drill, ACTION_LAYER, "middle")->state, STEP_HELD);
	assert_int_equal(drill_step(drill, ACTION_DIR, "middle")->state, STEP_HELD);
	drill_expect_layer(drill, "old", false);
	drill_expect_kept(drill);
}

/* The journal knows that the layer is away; dockerd has registered it again since, on the parent
 * that was still there. */
static void what_was_made_again_after_a_stop_stays_with_what_it_needs(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *record = yard_path(drill->yard, ACTION_LAYER, "app");
	AUTO(str) char *parent = yard_path(drill->yard, ACTION_LAYER, "middle");
	AUTO(str) char *path = mem_print("%s/parent", record);
	AUTO(str) char *cache_id = mem_print("%s/cache-id", record);
	AUTO(str) char *diff = mem_print("%s/diff", record);
	AUTO(str) char *size = mem_print("%s/size", record);

	drill->cut_line = mem_print("rename %s", record);
	drill->is_stop = true;
	drill_sweep(drill, DRILL_SCOPE);
	drill->stop = false;
	free(TAKE(drill->cut_line, NULL));
	assert_int_equal(drill_step(drill, ACTION_LAYER, "app")->state, STEP_DETACHED);
	assert_int_equal(drill_step(drill, ACTION_LAYER, "middle")->state, STEP_PLANNED);
	tree_print(drill->yard->dir, path, "sha256:%s", strrchr(parent, '/') + 1);
	tree_print(drill->yard->dir, diff, "sha256:%064d", 7);
	tree_print(drill->yard->dir, size, "1");
	tree_print(drill->yard->dir, cache_id, "%064d", 8);
	assert_true(drill_resume(drill));
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_true(yard_has(drill->yard, path));
	assert_true(drill_step(drill, ACTION_LAYER, "app")->is_back);
	assert_int_equal(drill_step(drill, ACTION_LAYER, "middle")->state, STEP_DROPPED);
	assert_int_equal(drill_step(drill, ACTION_DIR, "middle")->state, STEP_DROPPED);
	drill_expect_layer(drill, "middle", true);
	drill_expect_layer(drill, "old", false);
	drill_expect_kept(drill);
}

static void a_run_that_is_over_is_not_resumed(void **state)
{
	struct drill *drill = *state;

	drill_sweep(drill, DRILL_SCOPE);
	assert_int_equal(drill_resume_run(drill), -1);
	assert_int_equal(drill->err.kind, ERR_STATE);
	assert_non_null(strstr(drill->err.text, "run 1 is done"));
}

static void a_run_of_another_root_is_not_resumed(void **state)
{
	struct drill *drill = *state;

	drill->is_stop = true;
	drill->cut_at = 15;
	drill_sweep(drill, DRILL_SCOPE);
	drill->stop = false;
	drill->run->inode++;
	assert_int_equal(drill_resume_run(drill), -1);
	assert_int_equal(drill->err.kind, ERR_STATE);
	assert_non_null(strstr(drill->err.text, "another data root"));
	drill_expect_layer(drill, "old", true);
}

static void paths_that_a_damaged_journal_gives_are_not_used(void **state)
{
	struct drill *drill = *state;
	struct run_step *step;

	tree_print(drill->yard->dir, "volumes/precious/_data/file", "x");
	drill->is_stop = true;
	drill->cut_line = mem_text("journal begin");
	drill_sweep(drill, DRILL_SCOPE);
	drill->stop = false;
	step = drill_step(drill, ACTION_DIR, "old");
	free(step->path);
	step->path = mem_text("volumes/precious");
	step = drill_step(drill, ACTION_DIR, "app");
	free(step->place);
	step->place = mem_text("../elsewhere");
	assert_int_equal(drill_resume_run(drill), 0);
	assert_true(yard_has(drill->yard, "volumes/precious/_data/file"));
	assert_true(yard_has_object(drill->yard, ACTION_DIR, "old"));
	assert_int_equal(drill_step(drill, ACTION_DIR, "app")->state, STEP_FAILED);
	assert_true(yard_has_object(drill->yard, ACTION_DIR, "app"));
	drill_expect_kept(drill);
	drill_expect_layer(drill, "lost", false);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, drill_setup, drill_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_kill_at_every_step_resumes_to_the_same_end),
		TEST(the_same_with_a_parent_that_no_filter_means),
		TEST(the_same_with_a_run_that_takes_the_last_tag),
		TEST(a_second_run_after_the_last_tag_finds_nothing),
		TEST(the_same_with_overlay2_on_its_own_file_system),
		TEST(a_resume_that_is_killed_is_resumed),
		TEST(a_stop_at_every_step_resumes_to_the_same_end),
		TEST(a_stopped_run_says_what_is_detached),
		TEST(the_old_tags_wait_in_the_trash),
		TEST(what_is_needed_again_is_dropped),
		TEST(a_tag_that_names_another_image_now_stays),
		TEST(what_was_made_again_stays_with_what_it_needs),
		TEST(what_was_made_again_after_a_stop_stays_with_what_it_needs),
		TEST(a_run_that_is_over_is_not_resumed),
		TEST(a_run_of_another_root_is_not_resumed),
		TEST(paths_that_a_damaged_journal_gives_are_not_used),
	};

	return cmocka_run_group_tests(tests, drill_unshare, NULL);
}
