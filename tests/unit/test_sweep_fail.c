/* test_sweep_fail.c - what cannot be moved or erased: what stays because of it, and what is said.
 */
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "tests/unit/drill.h"
#include "tests/unit/tree.h"

#include <string.h>

/* Sweeps while the object cannot be moved. The run comes to its end, with problems. */
static void sweep_with_pin(struct drill *drill, enum action_kind kind, const char *word)
{
	AUTO(str) char *path = yard_path(drill->yard, kind, word);

	if (!drill_pin(drill, path))
		skip();
	drill_sweep(drill, DRILL_SCOPE);
	drill_unpin(drill, path);
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_true(drill->run->problem_count > 0);
	assert_int_equal(drill_step(drill, kind, word)->state, STEP_FAILED);
	assert_non_null(strstr(drill_step(drill, kind, word)->error, "Device or resource busy"));
	assert_false(yard_has(drill->yard, ".drydock/1"));
	drill_expect_kept(drill);
	drill_expect_startable(drill);
}

/* A second sweep does what was left. */
static void sweep_the_rest(struct drill *drill)
{
	drill_sweep(drill, DRILL_SCOPE);
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_int_equal(drill->run->problem_count, 0);
	drill_expect_kept(drill);
	drill_expect_swept(drill);
}

static void a_layer_that_stays_keeps_its_parents_and_all_directories(void **state)
{
	struct drill *drill = *state;

	sweep_with_pin(drill, ACTION_LAYER, "app");
	drill_expect_layer(drill, "app", true);
	drill_expect_layer(drill, "middle", true);
	drill_expect_layer(drill, "old", false);
	drill_expect_layer(drill, "lost", false);
	assert_int_equal(drill_step(drill, ACTION_LAYER, "middle")->state, STEP_HELD);
	assert_int_equal(drill_step(drill, ACTION_DIR, "app")->state, STEP_HELD);
	assert_int_equal(drill_step(drill, ACTION_LINK, "middle")->state, STEP_HELD);
	assert_non_null(strstr(drill_step(drill, ACTION_DIR, "middle")->error, "layer sha256:"));
	sweep_the_rest(drill);
}

static void a_container_that_stays_keeps_mount_image_and_layers(void **state)
{
	struct drill *drill = *state;

	sweep_with_pin(drill, ACTION_CONTAINER, "job");
	assert_true(yard_has_object(drill->yard, ACTION_MOUNT, "job"));
	assert_true(yard_has_object(drill->yard, ACTION_IMAGE, "app"));
	assert_true(yard_has_object(drill->yard, ACTION_IMAGE_METADATA, "app"));
	assert_true(yard_has_object(drill->yard, ACTION_IMAGE, "middle"));
	drill_expect_layer(drill, "app", true);
	drill_expect_layer(drill, "middle", true);
	drill_expect_layer(drill, "old", false);
	assert_false(yard_has_object(drill->yard, ACTION_IMAGE, "old"));
	sweep_the_rest(drill);
}

static void a_mount_that_stays_keeps_its_directories_and_layers(void **state)
{
	struct drill *drill = *state;
	size_t dirs = 0;

	sweep_with_pin(drill, ACTION_MOUNT, "job");
	drill_expect_layer(drill, "app", true);
	for (size_t i = 0; i < drill->run->step_count; i++)
		dirs += drill->run->steps[i].kind == ACTION_DIR &&
		        drill->run->steps[i].state == STEP_HELD;
	assert_int_equal(dirs, 4); /* its own, its init layer, app, middle */
	assert_false(yard_has_object(drill->yard, ACTION_IMAGE, "app"));
	sweep_the_rest(drill);
}

static void an_image_that_stays_keeps_its_layers(void **state)
{
	struct drill *drill = *state;

	sweep_with_pin(drill, ACTION_IMAGE, "old");
	drill_expect_layer(drill, "old", true);
	drill_expect_layer(drill, "app", false);
	assert_false(yard_has_object(drill->yard, ACTION_IMAGE, "app"));
	sweep_the_rest(drill);
}

static void metadata_that_stays_keeps_the_image_and_its_parent(void **state)
{
	struct drill *drill = *state;

	sweep_with_pin(drill, ACTION_IMAGE_METADATA, "app");
	assert_true(yard_has_object(drill->yard, ACTION_IMAGE, "app"));
	assert_true(yard_has_object(drill->yard, ACTION_IMAGE, "middle"));
	drill_expect_layer(drill, "app", true);
	drill_expect_layer(drill, "old", false);
	sweep_the_rest(drill);
}

static void a_directory_that_stays_keeps_what_it_lies_on(void **state)
{
	struct drill *drill = *state;

	sweep_with_pin(drill, ACTION_DIR, "lost");
	assert_true(yard_has_object(drill->yard, ACTION_DIR, "lost"));
	assert_false(yard_has_object(drill->yard, ACTION_LAYER, "lost"));
	drill_expect_layer(drill, "app", false);
	sweep_the_rest(drill);
}

static void tags_that_stay_keep_their_images(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *before = drill_tags(drill);
	AUTO(str) char *after = NULL;

	sweep_with_pin(drill, ACTION_UNTAG, "");
	after = drill_tags(drill);
	assert_string_equal(after, before);
	assert_false(yard_has(drill->yard, "image/overlay2/.tmp-repositories.json1"));
	assert_true(yard_has_object(drill->yard, ACTION_IMAGE, "app"));
	assert_true(yard_has_object(drill->yard, ACTION_IMAGE, "old"));
	drill_expect_layer(drill, "app", true);
	drill_expect_layer(drill, "old", true);
	drill_expect_layer(drill, "lost", false);
	assert_false(yard_has_object(drill->yard, ACTION_CONTAINER, "job"));
	sweep_the_rest(drill);
}

static void steps_that_failed_are_tried_again_when_the_run_is_resumed(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *path = yard_path(drill->yard, ACTION_LAYER, "app");
	AUTO(str) char *dir = yard_path(drill->yard, ACTION_DIR, "stray");

	if (!drill_pin(drill, path))
		skip();
	drill->cut_line = mem_print("rename %s", dir);
	drill->is_stop = true;
	drill_sweep(drill, DRILL_SCOPE);
	drill->stop = false;
	free(TAKE(drill->cut_line, NULL));
	drill_unpin(drill, path);
	assert_true(run_is_unfinished(drill->run));
	assert_int_equal(drill_step(drill, ACTION_LAYER, "app")->state, STEP_FAILED);
	assert_true(drill_resume(drill));
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_int_equal(drill->run->problem_count, 0);
	drill_expect_kept(drill);
	drill_expect_swept(drill);
}

static void what_cannot_be_erased_waits_for_another_try(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *path = yard_path(drill->yard, ACTION_DIR, "old");
	AUTO(str) char *inside = mem_print("%s/diff/etc", path);
	AUTO(str) char *waiting = NULL;
	AUTO(run) struct run *run = NULL;

	if (!drill_pin(drill, inside)) /* a mount in it: it moves along, but is not entered */
		skip();
	drill_sweep(drill, DRILL_SCOPE);
	assert_int_equal(drill->run->state, RUN_INCOMPLETE);
	assert_int_equal(drill->run->problem_count, 1);
	assert_non_null(strstr(drill->run->note, "1 could not be erased: "));
	assert_int_equal(drill_step(drill, ACTION_DIR, "old")->state, STEP_DETACHED);
	assert_non_null(drill_step(drill, ACTION_DIR, "old")->error);
	assert_false(yard_has(drill->yard, path));
	drill_expect_kept(drill);
	waiting = mem_print("%s/diff/etc", drill_step(drill, ACTION_DIR, "old")->place);
	assert_true(yard_has(drill->yard, waiting));

	assert_int_equal(journal_unfinished(drill->journal, &run, &drill->err), 0);
	assert_null(run); /* it does not stand in the way of other runs */
	drill_unpin(drill, waiting);
	assert_int_equal(drill_resume_run(drill), 0);
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_int_equal(drill->run->problem_count, 0);
	assert_null(drill->run->note);
	drill_expect_kept(drill);
	drill_expect_swept(drill);
}

static void strangers_in_the_trash_stay(void **state)
{
	struct drill *drill = *state;

	drill_kill_before(drill, ACTION_LAYER, "middle");
	tree_print(drill->yard->dir, ".drydock/1/notes", "someone's");
	tree_print(drill->yard->dir, ".drydock/1/9999", "x");
	assert_true(drill_resume(drill));
	assert_int_equal(drill->run->state, RUN_INCOMPLETE);
	assert_non_null(strstr(drill->run->note, "2 in its trash are none of its own"));
	assert_true(yard_has(drill->yard, ".drydock/1/notes"));
	assert_true(yard_has(drill->yard, ".drydock/1/9999"));
	drill_expect_kept(drill);
	drill_expect_layer(drill, "old", false);
}

static void a_journal_that_cannot_be_written_stops_before_anything(void **state)
{
	struct drill *drill = *state;
	struct sweep_request request = { .command = "" };
	const struct sweep_options options = { .jobs = 1 };

	yard_plan(drill->yard, DRILL_SCOPE);
	request.plan = drill->yard->plan;
	assert_int_equal(journal_open(&drill->journal, drill->yard->session.root, NULL,
	                              JOURNAL_WRITE, &drill->err),
	                 0);
	/* a directory where SQLite wants its rollback journal */
	tree_print(drill->yard->dir, ".drydock/journal.db-journal/in", "the way");
	assert_int_equal(sweep_run(&drill->run, drill->journal, &drill->yard->session, &request,
	                           &options, &drill->err),
	                 -1);
	assert_non_null(strstr(drill->err.text, "/.drydock/journal.db: "));
	assert_null(drill->run);
	assert_true(yard_has_object(drill->yard, ACTION_CONTAINER, "job"));
	drill_expect_layer(drill, "lost", true);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, drill_setup, drill_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_layer_that_stays_keeps_its_parents_and_all_directories),
		TEST(a_container_that_stays_keeps_mount_image_and_layers),
		TEST(a_mount_that_stays_keeps_its_directories_and_layers),
		TEST(an_image_that_stays_keeps_its_layers),
		TEST(metadata_that_stays_keeps_the_image_and_its_parent),
		TEST(a_directory_that_stays_keeps_what_it_lies_on),
		TEST(tags_that_stay_keep_their_images),
		TEST(steps_that_failed_are_tried_again_when_the_run_is_resumed),
		TEST(what_cannot_be_erased_waits_for_another_try),
		TEST(strangers_in_the_trash_stay),
		TEST(a_journal_that_cannot_be_written_stops_before_anything),
	};

	return cmocka_run_group_tests(tests, drill_unshare, NULL);
}
