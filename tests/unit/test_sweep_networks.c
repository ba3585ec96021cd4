/* test_sweep_networks.c - networks and volumes in a run: killed, failing, resumed, verified. */
#include "tests/unit/check.h"

#include "gc/verify/verify.h"
#include "metadata/base/mem.h"
#include "tests/unit/drill.h"
#include "tests/unit/snapshot.h"
#include "tests/unit/tree.h"
#include "tests/unit/yard_networks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCOPE "cailnV"

static void again(struct drill *drill)
{
	drill_again(drill);
	drill->scope = SCOPE;
	yard_networks_story(drill->yard);
}

static int setup(void **state)
{
	int result = drill_setup(state);

	again(*state);
	return result;
}

static bool has_volume(const struct drill *drill, const char *name)
{
	AUTO(str) char *path = mem_print("volumes/%s/_data/file", name);

	return yard_has(drill->yard, path);
}

static struct run_step *step(const struct drill *drill, enum action_kind kind, const char *object)
{
	for (size_t i = 0; i < drill->run->step_count; i++) {
		if (drill->run->steps[i].kind == kind &&
		    strcmp(drill->run->steps[i].object, object) == 0)
			return &drill->run->steps[i];
	}
	fail_msg("no step on %s", object);
	return NULL;
}

/* What must be there at every moment: what stays, and what containers that are there need. */
static void expect_usable(const struct drill *drill)
{
	assert_true(yard_has_network(drill->yard, "bridge"));
	assert_true(yard_has_network(drill->yard, "front"));
	assert_true(yard_has_network(drill->yard, "conf"));
	assert_true(has_volume(drill, "kept"));
	assert_int_equal(yard_conf_count(drill->yard), yard_has_network(drill->yard, "made"));
	if (yard_has_object(drill->yard, ACTION_CONTAINER, "job")) {
		assert_true(yard_has_network(drill->yard, "back"));
		assert_true(has_volume(drill, "data"));
	}
	assert_true(yard_has(drill->yard, YARD_VOLUMES));
}

static void expect_gone(const struct drill *drill)
{
	expect_usable(drill);
	assert_false(yard_has_network(drill->yard, "back"));
	assert_false(yard_has_network(drill->yard, "lone"));
	assert_false(yard_has_network(drill->yard, "made"));
	assert_false(yard_has(drill->yard, "volumes/data"));
	assert_false(yard_has(drill->yard, "volumes/free"));
}

static void networks_and_volumes_that_nothing_uses_go(void **state)
{
	struct drill *drill = *state;

	drill_sweep(drill, SCOPE);
	assert_int_equal(drill->run->state, RUN_DONE);
	assert_int_equal(drill->run->problem_count, 0);
	expect_gone(drill);
	drill_expect_swept(drill);
	assert_int_equal(step(drill, ACTION_NETWORK, yard_network_id("lone"))->state, STEP_ERASED);
	assert_int_equal(step(drill, ACTION_VOLUME, "free")->state, STEP_ERASED);
	assert_true(step(drill, ACTION_VOLUME, "free")->freed.inodes == 3);
}

static void those_of_a_container_that_stays_stay(void **state)
{
	struct drill *drill = *state;

	drill_sweep(drill, "nV");
	expect_usable(drill);
	assert_true(yard_has_network(drill->yard, "back"));
	assert_false(yard_has_network(drill->yard, "lone"));
	assert_true(has_volume(drill, "data"));
	assert_false(has_volume(drill, "free"));
}

static void a_kill_at_every_step_resumes_to_the_same_end(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *expected = NULL;
	int at;

	drill_sweep(drill, SCOPE);
	expected = snapshot_new(drill->yard->dir);
	again(drill);
	for (at = 0; drill_kill_at(drill, at, false); at++) {
		AUTO(str) char *found = NULL;

		expect_usable(drill);
		if (!drill_resume(drill))
			drill_sweep(drill, SCOPE);
		assert_int_equal(drill->run->state, RUN_DONE);
		assert_int_equal(drill->run->problem_count, 0);
		found = snapshot_new(drill->yard->dir);
		assert_string_equal(found, expected);
		expect_gone(drill);
		again(drill);
	}
	assert_true(at > 50);
}

/* No power cut may bring the container back and not its volume. */
static void a_barrier_is_between_a_container_and_its_volume(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *path = yard_path(drill->yard, ACTION_CONTAINER, "job");
	const char *container;
	const char *sync;
	const char *volume;

	drill_sweep(drill, SCOPE);
	container = strstr(drill->log.data, path);
	volume = strstr(drill->log.data, "rename volumes/data");
	assert_non_null(container);
	sync = strstr(container, "sync \n");
	assert_non_null(sync);
	assert_non_null(volume);
	assert_true(container < sync && sync < volume);
}

static void a_container_that_stays_holds_its_network_and_volume(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *path = yard_path(drill->yard, ACTION_CONTAINER, "job");

	if (!drill_pin(drill, path))
		skip();
	drill_sweep(drill, SCOPE);
	drill_unpin(drill, path);
	expect_usable(drill);
	assert_int_equal(step(drill, ACTION_NETWORK, yard_network_id("back"))->state, STEP_HELD);
	assert_int_equal(step(drill, ACTION_VOLUME, "data")->state, STEP_HELD);
	assert_false(yard_has_network(drill->yard, "lone"));
	assert_false(has_volume(drill, "free"));
	drill_sweep(drill, SCOPE);
	assert_int_equal(drill->run->problem_count, 0);
	expect_gone(drill);
}

static void a_volume_that_cannot_be_moved_holds_nothing(void **state)
{
	struct drill *drill = *state;

	if (!drill_pin(drill, "volumes/data"))
		skip();
	drill_sweep(drill, SCOPE);
	drill_unpin(drill, "volumes/data");
	assert_int_equal(drill->run->problem_count, 1);
	assert_int_equal(step(drill, ACTION_VOLUME, "data")->state, STEP_FAILED);
	assert_true(has_volume(drill, "data"));
	assert_false(has_volume(drill, "free"));
	assert_false(yard_has_network(drill->yard, "back"));
}

static void networks_that_cannot_be_removed_all_stay(void **state)
{
	struct drill *drill = *state;

	if (!drill_pin(drill, YARD_NETWORKS))
		skip();
	drill_sweep(drill, SCOPE);
	drill_unpin(drill, YARD_NETWORKS);
	assert_int_equal(drill->run->problem_count, 3);
	assert_int_equal(step(drill, ACTION_NETWORK, yard_network_id("lone"))->state, STEP_FAILED);
	expect_usable(drill);
	assert_true(yard_has_network(drill->yard, "lone"));
	assert_true(yard_has_network(drill->yard, "made"));
	assert_false(yard_has(drill->yard, "volumes/data"));
	drill_sweep(drill, SCOPE);
	assert_int_equal(drill->run->problem_count, 0);
	expect_gone(drill);
}

static void what_is_used_again_is_dropped(void **state)
{
	struct drill *drill = *state;

	drill->cut_line = mem_text("journal begin");
	drill->is_stop = true; /* before the first step */
	drill_sweep(drill, SCOPE);
	drill->stop = false;
	free(TAKE(drill->cut_line, NULL));
	yard_container(drill->yard, "again", "keep", "keep", true); /* by a dockerd in between */
	yard_attach(drill->yard, "again", "lone", "free");
	assert_true(drill_resume(drill));
	assert_int_equal(drill->run->problem_count, 0);
	assert_int_equal(step(drill, ACTION_NETWORK, yard_network_id("lone"))->state, STEP_DROPPED);
	assert_int_equal(step(drill, ACTION_VOLUME, "free")->state, STEP_DROPPED);
	assert_true(yard_has_network(drill->yard, "lone"));
	assert_true(has_volume(drill, "free"));
	assert_false(yard_has_network(drill->yard, "made"));
	assert_false(yard_has(drill->yard, "volumes/data"));
	expect_usable(drill);
}

/* ---- verify ---- */

static void expect_line(struct drill *drill, const char *words)
{
	AUTO(lines) struct lines lines = LINES_INIT;

	if (verify_root(&lines, &drill->yard->session, drill->run, &drill->err) < 0)
		fail_msg("%s", drill->err.text);
	if (!words && lines.count > 0)
		fail_msg("a line: %s", lines.items[0]);
	for (size_t i = 0; i < lines.count; i++) {
		if (words && strstr(lines.items[i], words))
			return;
	}
	if (words)
		fail_msg("no line with: %s", words);
}

static void a_good_run_has_no_lines(void **state)
{
	struct drill *drill = *state;

	drill_sweep(drill, SCOPE);
	expect_line(drill, NULL);
}

static void a_kept_network_that_is_gone_is_told(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *path = mem_print("%s/%s", drill->yard->dir, YARD_NETWORKS);

	drill_sweep(drill, SCOPE);
	assert_int_equal(remove(path), 0);
	expect_line(drill, "network front is gone");
}

static void a_network_that_is_still_there_is_told(void **state)
{
	struct drill *drill = *state;

	drill_sweep(drill, SCOPE);
	yard_networks_write(drill->yard);
	expect_line(drill, "network lone is still there");
	expect_line(drill, "volume free is still there");
}

static void a_kept_volume_that_is_gone_is_told(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *from = mem_print("%s/volumes/kept", drill->yard->dir);
	AUTO(str) char *to = mem_print("%s/kept", drill->yard->dir);

	drill_sweep(drill, SCOPE);
	assert_int_equal(rename(from, to), 0);
	expect_line(drill, "volume kept is gone");
}

static void a_kept_volume_that_has_lost_its_record_is_told(void **state)
{
	struct drill *drill = *state;
	AUTO(str) char *path = mem_print("%s/%s", drill->yard->dir, YARD_VOLUMES);

	drill_sweep(drill, SCOPE);
	assert_int_equal(remove(path), 0);
	expect_line(drill, "volume kept is not what it was");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, drill_teardown)
	const struct CMUnitTest tests[] = {
		TEST(networks_and_volumes_that_nothing_uses_go),
		TEST(those_of_a_container_that_stays_stay),
		TEST(a_kill_at_every_step_resumes_to_the_same_end),
		TEST(a_barrier_is_between_a_container_and_its_volume),
		TEST(a_container_that_stays_holds_its_network_and_volume),
		TEST(a_volume_that_cannot_be_moved_holds_nothing),
		TEST(networks_that_cannot_be_removed_all_stay),
		TEST(what_is_used_again_is_dropped),
		TEST(a_good_run_has_no_lines),
		TEST(a_kept_network_that_is_gone_is_told),
		TEST(a_network_that_is_still_there_is_told),
		TEST(a_kept_volume_that_is_gone_is_told),
		TEST(a_kept_volume_that_has_lost_its_record_is_told),
	};

	return cmocka_run_group_tests(tests, drill_unshare, NULL);
}
