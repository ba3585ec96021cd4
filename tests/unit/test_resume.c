/* test_resume.c - what a run that was cut off has emptied itself is no loss. */
#include "tests/unit/check.h"

#include "gc/run/resume.h"
#include "metadata/base/mem.h"
#include "tests/unit/drill.h"
#include "tests/unit/snapshot.h"
#include "tests/unit/tree.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The story without keep:1: the last tags go, images that are in use stay. */
static void again_with_tags_that_all_go(struct drill *drill)
{
	static const char *const tags[] = { "app:1", "app", "old:1", "old", NULL };

	drill_again(drill);
	yard_tags(drill->yard, tags);
}

static void a_run_that_takes_the_last_tag_is_resumed_from_every_step(void **state)
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

/* Cuts a run off after it has taken the last tag, and reads root and journal again. */
static void cut_off_without_tags(struct drill *drill)
{
	again_with_tags_that_all_go(drill);
	drill_kill_before(drill, ACTION_IMAGE, "app");
	yard_load(drill->yard);
	if (journal_open(&drill->journal, drill->yard->session.root, NULL, JOURNAL_WRITE,
	                 &drill->err) < 0 ||
	    journal_unfinished(drill->journal, &drill->run, &drill->err) < 0)
		fail_msg("%s", drill->err.text);
	assert_non_null(drill->run);
}

static bool is_explained(struct drill *drill)
{
	struct session *session = &drill->yard->session;

	if (resume_explain(drill->run, session->state, session->root->fd, &drill->err) < 0)
		fail_msg("%s", drill->err.text);
	return session->state->refs.is_emptied;
}

static void tags_that_the_run_took_are_no_loss(void **state)
{
	struct drill *drill = *state;

	cut_off_without_tags(drill);
	assert_int_equal(drill->yard->session.state->refs.count, 0);
	assert_true(is_explained(drill));
}

static void a_missing_file_is_a_loss(void **state)
{
	struct drill *drill = *state;

	cut_off_without_tags(drill);
	drill->yard->session.state->refs.is_missing = true;
	assert_false(is_explained(drill));
}

static void tags_that_the_run_did_not_mean_are_a_loss(void **state)
{
	struct drill *drill = *state;

	cut_off_without_tags(drill);
	drill_step(drill, ACTION_UNTAG, "old:1")->object[0] = 'x';
	assert_false(is_explained(drill));
}

static void without_the_old_file_it_is_a_loss(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *path = NULL;

	cut_off_without_tags(drill);
	path = mem_print("%s/%s", drill->yard->dir, drill->run->steps[0].place);
	assert_int_equal(drill->run->steps[0].kind, ACTION_UNTAG);
	assert_int_equal(unlink(path), 0);
	assert_false(is_explained(drill));
}

static void an_old_file_that_cannot_be_read_explains_nothing(void **state)
{
	struct drill *drill = *state;

	cut_off_without_tags(drill);
	tree_write(drill->yard->dir, drill->run->steps[0].place, "garbage", 7);
	assert_false(is_explained(drill));
}

static void a_place_that_is_none_of_the_runs_is_not_looked_at(void **state)
{
	struct drill *drill = *state;

	cut_off_without_tags(drill);
	drill->run->steps[0].place[0] = 'x';
	assert_false(is_explained(drill));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, drill_setup, drill_teardown)

/* Cuts a prune of three volumes off when one of them is away. */
static void cut_off_between_volumes(struct drill *drill)
{
	static const char *const files[] = { "volumes/a/_data/x", "volumes/b/_data/x",
		                             "volumes/c/_data/x" };

	drill_again(drill);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		tree_print(drill->yard->dir, files[i], "old\n");
	drill->is_stop = true;
	drill->cut_line = mem_text("rename volumes/a");
	assert_int_equal(drill_start(drill, "V"), 0);
	free(TAKE(drill->cut_line, NULL));
	drill->is_stop = drill->stop = false;
	assert_false(yard_has(drill->yard, "volumes/a"));
	assert_true(yard_has(drill->yard, "volumes/b/_data/x"));
}

static void a_volume_that_has_changed_since_stays(void **state)
{
	struct drill *drill = *state;

	cut_off_between_volumes(drill);
	tree_print(drill->yard->dir, "volumes/b/_data/y", "new\n");
	assert_true(drill_resume(drill));
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_true(yard_has(drill->yard, "volumes/b/_data/x"));
	assert_true(yard_has(drill->yard, "volumes/b/_data/y"));
	assert_false(yard_has(drill->yard, "volumes/c"));
	assert_int_equal(drill->run->steps[1].state, STEP_DROPPED);
	assert_string_equal(drill->run->steps[1].error, "has changed since it was planned");
}

static void volumes_as_they_were_go(void **state)
{
	struct drill *drill = *state;

	cut_off_between_volumes(drill);
	assert_true(drill_resume(drill));
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_false(yard_has(drill->yard, "volumes/b"));
	assert_false(yard_has(drill->yard, "volumes/c"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_run_that_takes_the_last_tag_is_resumed_from_every_step),
		TEST(tags_that_the_run_took_are_no_loss),
		TEST(a_missing_file_is_a_loss),
		TEST(tags_that_the_run_did_not_mean_are_a_loss),
		TEST(without_the_old_file_it_is_a_loss),
		TEST(an_old_file_that_cannot_be_read_explains_nothing),
		TEST(a_place_that_is_none_of_the_runs_is_not_looked_at),
		TEST(a_volume_that_has_changed_since_stays),
		TEST(volumes_as_they_were_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
